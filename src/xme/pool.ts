/**
 * Reference model of one Uniswap V3 pool with its oracle, in exact integers: what @uniswap/v3-core 1.0.1 computes for positions of any
 * range, swaps of an exact input or output and the two averages that `BuybackBurner` asks for. Amounts are in smallest units, times in seconds,
 * prices √(token1 per token0) × 2^96.
 */
import { MAX_TICK, sqrtPriceAtTick, TICK_SPACINGS, tickAtSqrtPrice } from "../uniswap/math.js";

const Q96 = 1n << 96n;
const Q128 = 1n << 128n;
const MILLION = 1_000_000n;
const WORD = 256n;

/** What the oracle wrote down at one time. */
interface Observation {
  readonly at: bigint;
  readonly tickCumulative: bigint;
  readonly secondsPerLiquidityX128: bigint;
}

/** Amounts of both tokens. */
export interface PoolAmounts {
  readonly amount0: bigint;
  readonly amount1: bigint;
}

/** What a swap took, with the fee, and gave. */
export interface PoolSwap {
  readonly paid: bigint;
  readonly received: bigint;
}

/** The averages of a pool over a time. */
export interface PoolMean {
  /** Rounded towards minus infinity. */
  readonly tick: bigint;
  /** The harmonic mean, rounded down. */
  readonly liquidity: bigint;
}

/** What a swap is for. */
type Wanted = { readonly amountIn: bigint } | { readonly amountOut: bigint };

/** A swap as far as one liquidity goes: where it ends, what it takes without and for the fee, and what it gives. */
interface Step {
  readonly price: bigint;
  readonly paid: bigint;
  readonly fee: bigint;
  readonly received: bigint;
}

/** The ends of prices that a swap may name as its limit, in the direction of its kind. */
export function extremeLimit(zeroForOne: boolean): bigint {
  return zeroForOne ? sqrtPriceAtTick(-MAX_TICK) + 1n : sqrtPriceAtTick(MAX_TICK) - 1n;
}

/** A pool, from its first price on. Every method that takes a time expects one that is not before the last. */
export class PoolModel {
  readonly fee: bigint;
  readonly #spacing: bigint;
  #sqrtPriceX96: bigint;
  #tick: bigint;
  #liquidity = 0n;
  #feeGrowth: readonly [bigint, bigint] = [0n, 0n];
  #net: ReadonlyMap<bigint, bigint> = new Map();
  #observations: readonly Observation[];

  /**
   * @param fee millionths, one that Uniswap's factory offers from its constructor
   * @param sqrtPriceX96 the first price
   * @param at seconds, the time of `initialize`
   */
  constructor(fee: bigint, sqrtPriceX96: bigint, at: bigint) {
    const spacing = TICK_SPACINGS.get(fee);
    if (spacing === undefined) throw new RangeError(`Uniswap V3 offers no fee of ${fee} millionths`);
    this.fee = fee;
    this.#spacing = spacing;
    this.#sqrtPriceX96 = sqrtPriceX96;
    this.#tick = tickAtSqrtPrice(sqrtPriceX96);
    this.#observations = [{ at, tickCumulative: 0n, secondsPerLiquidityX128: 0n }];
  }

  /** The same pool once more, to try something on. */
  copy(): PoolModel {
    const copy = new PoolModel(this.fee, this.#sqrtPriceX96, 0n);
    copy.#tick = this.#tick;
    copy.#liquidity = this.#liquidity;
    copy.#feeGrowth = this.#feeGrowth;
    copy.#net = this.#net;
    copy.#observations = this.#observations;
    return copy;
  }

  get sqrtPriceX96(): bigint {
    return this.#sqrtPriceX96;
  }

  get tick(): bigint {
    return this.#tick;
  }

  /** The liquidity in force at the present price. */
  get liquidity(): bigint {
    return this.#liquidity;
  }

  /** Fees of each token that one unit of liquidity earned since the beginning, times 2^128. */
  get feeGrowthX128(): readonly [bigint, bigint] {
    return this.#feeGrowth;
  }

  /** Adds `liquidity` between two ticks and says what it takes, rounded up; negative liquidity is removed, and the amounts are negative, rounded down. */
  changeLiquidity(at: bigint, tickLower: bigint, tickUpper: bigint, liquidity: bigint): PoolAmounts {
    const net = new Map(this.#net);
    net.set(tickLower, (net.get(tickLower) ?? 0n) + liquidity);
    net.set(tickUpper, (net.get(tickUpper) ?? 0n) - liquidity);
    const inside = tickLower <= this.#tick && this.#tick < tickUpper;
    if (inside && liquidity !== 0n) this.#observe(at);
    this.#net = new Map([...net].filter(([, change]) => change !== 0n));
    if (inside) this.#liquidity += liquidity;

    const [lower, upper] = [sqrtPriceAtTick(tickLower), sqrtPriceAtTick(tickUpper)];
    const price = this.#tick < tickLower ? lower : this.#tick >= tickUpper ? upper : this.#sqrtPriceX96;
    const [sign, size, up] = liquidity < 0n ? [-1n, -liquidity, false] : [1n, liquidity, true];
    return {
      amount0: sign * amount0Between(price, upper, size, up),
      amount1: sign * amount1Between(lower, price, size, up),
    };
  }

  /** Sells `amountIn` of token0 (`zeroForOne`) or token1, down or up to the price `limit`. */
  swap(at: bigint, zeroForOne: boolean, amountIn: bigint, limit = extremeLimit(zeroForOne)): PoolSwap {
    return this.#swap(at, zeroForOne, { amountIn }, limit);
  }

  /** Buys exactly `amountOut` of token1 (`zeroForOne`) or token0, or as much as there is down or up to the last price. */
  buy(at: bigint, zeroForOne: boolean, amountOut: bigint): PoolSwap {
    return this.#swap(at, zeroForOne, { amountOut }, extremeLimit(zeroForOne));
  }

  #swap(at: bigint, zeroForOne: boolean, wanted: Wanted, limit: bigint): PoolSwap {
    const [startTick, startLiquidity] = [this.#tick, this.#liquidity];
    let [paid, received, growth] = [0n, 0n, 0n];
    const left = (): bigint => ("amountIn" in wanted ? wanted.amountIn - paid : wanted.amountOut - received);
    while (left() > 0n && this.#sqrtPriceX96 !== limit) {
      const before = this.#sqrtPriceX96;
      const next = this.#nextTick(zeroForOne);
      const nextPrice = sqrtPriceAtTick(next);
      const target = (zeroForOne ? nextPrice < limit : nextPrice > limit) ? limit : nextPrice;
      const step =
        "amountIn" in wanted ? this.#stepIn(zeroForOne, left(), target) : this.#stepOut(zeroForOne, left(), target);
      paid += step.paid + step.fee;
      received += step.received;
      if (this.#liquidity > 0n) growth += (step.fee * Q128) / this.#liquidity;
      this.#sqrtPriceX96 = step.price;
      if (step.price === nextPrice) {
        const net = this.#net.get(next) ?? 0n;
        this.#liquidity += zeroForOne ? -net : net;
        this.#tick = zeroForOne ? next - 1n : next;
      } else if (step.price !== before) {
        this.#tick = tickAtSqrtPrice(step.price);
      }
    }
    const [growth0, growth1] = this.#feeGrowth;
    this.#feeGrowth = zeroForOne ? [growth0 + growth, growth1] : [growth0, growth1 + growth];
    if (this.#tick !== startTick) this.#observe(at, startTick, startLiquidity);
    return { paid, received };
  }

  /**
   * The averages over the last `window` seconds at the time `at`, as they follow from what the oracle interpolates.
   *
   * @returns undefined where the pool is younger than that
   */
  mean(at: bigint, window: bigint): PoolMean | undefined {
    const [then, now] = [this.#observedAt(at - window), this.#observedAt(at)];
    if (then === undefined || now === undefined) return undefined;
    return {
      tick: divideDown(now.tickCumulative - then.tickCumulative, window),
      liquidity: (window * Q128) / (now.secondsPerLiquidityX128 - then.secondsPerLiquidityX128),
    };
  }

  #last(): Observation {
    const last = this.#observations.at(-1);
    if (last === undefined) throw new Error("a pool has its first observation from the beginning");
    return last;
  }

  #observe(at: bigint, tick = this.#tick, liquidity = this.#liquidity): void {
    const last = this.#last();
    if (last.at !== at) this.#observations = [...this.#observations, extended(last, at, tick, liquidity)];
  }

  #observedAt(at: bigint): Observation | undefined {
    const last = this.#last();
    if (last.at <= at) return last.at === at ? last : extended(last, at, this.#tick, this.#liquidity);
    const position = this.#observations.findLastIndex((one) => one.at <= at);
    const [before, after] = [this.#observations[position], this.#observations[position + 1]];
    if (before === undefined || after === undefined) return undefined;
    if (before.at === at) return before;
    const [passed, span] = [at - before.at, after.at - before.at];
    return {
      at,
      tickCumulative: before.tickCumulative + ((after.tickCumulative - before.tickCumulative) / span) * passed,
      secondsPerLiquidityX128:
        before.secondsPerLiquidityX128 +
        ((after.secondsPerLiquidityX128 - before.secondsPerLiquidityX128) * passed) / span,
    };
  }

  /** The next tick that a swap stops at: an end of a position, or else the end of the 256 usable ticks that Uniswap looks through at once. */
  #nextTick(zeroForOne: boolean): bigint {
    const usable = divideDown(this.#tick, this.#spacing) + (zeroForOne ? 0n : 1n);
    const word = divideDown(usable, WORD) * WORD;
    const [lowest, highest] = zeroForOne ? [word, usable] : [usable, word + WORD - 1n];
    const found = [...this.#net.keys()].filter((tick) => {
      const index = tick / this.#spacing;
      return lowest <= index && index <= highest;
    });
    const end = (zeroForOne ? lowest : highest) * this.#spacing;
    const next = found.reduce((best, tick) => ((zeroForOne ? tick > best : tick < best) ? tick : best), end);
    return next < -MAX_TICK ? -MAX_TICK : next > MAX_TICK ? MAX_TICK : next;
  }

  /** SwapMath.computeSwapStep for an exact input. */
  #stepIn(zeroForOne: boolean, left: bigint, target: bigint): Step {
    const net = (left * (MILLION - this.fee)) / MILLION;
    const whole = this.#paidUntil(zeroForOne, target);
    const price = net >= whole ? target : priceAfter(this.#sqrtPriceX96, this.#liquidity, net, zeroForOne);
    const paid = price === target ? whole : this.#paidUntil(zeroForOne, price);
    const fee = price === target ? divideUp(paid * this.fee, MILLION - this.fee) : left - paid;
    return { price, paid, received: this.#receivedUntil(zeroForOne, price), fee };
  }

  /** SwapMath.computeSwapStep for an exact output. */
  #stepOut(zeroForOne: boolean, left: bigint, target: bigint): Step {
    const whole = this.#receivedUntil(zeroForOne, target);
    const price = left >= whole ? target : priceFor(this.#sqrtPriceX96, this.#liquidity, left, zeroForOne);
    const paid = this.#paidUntil(zeroForOne, price);
    const received = price === target ? whole : this.#receivedUntil(zeroForOne, price);
    const fee = divideUp(paid * this.fee, MILLION - this.fee);
    return { price, paid, received: received < left ? received : left, fee };
  }

  #paidUntil(zeroForOne: boolean, end: bigint): bigint {
    const [price, liquidity] = [this.#sqrtPriceX96, this.#liquidity];
    return zeroForOne ? amount0Between(end, price, liquidity, true) : amount1Between(price, end, liquidity, true);
  }

  #receivedUntil(zeroForOne: boolean, end: bigint): bigint {
    const [price, liquidity] = [this.#sqrtPriceX96, this.#liquidity];
    return zeroForOne ? amount1Between(end, price, liquidity, false) : amount0Between(price, end, liquidity, false);
  }
}

function extended(last: Observation, at: bigint, tick: bigint, liquidity: bigint): Observation {
  const passed = at - last.at;
  return {
    at,
    tickCumulative: last.tickCumulative + tick * passed,
    secondsPerLiquidityX128: last.secondsPerLiquidityX128 + (passed * Q128) / (liquidity > 0n ? liquidity : 1n),
  };
}

/** SqrtPriceMath.getAmount0Delta. */
function amount0Between(low: bigint, high: bigint, liquidity: bigint, up: boolean): bigint {
  const scaled = (liquidity << 96n) * (high - low);
  return up ? divideUp(divideUp(scaled, high), low) : scaled / high / low;
}

/** SqrtPriceMath.getAmount1Delta. */
function amount1Between(low: bigint, high: bigint, liquidity: bigint, up: boolean): bigint {
  return up ? divideUp(liquidity * (high - low), Q96) : (liquidity * (high - low)) / Q96;
}

/** SqrtPriceMath.getNextSqrtPriceFromInput. */
function priceAfter(price: bigint, liquidity: bigint, net: bigint, zeroForOne: boolean): bigint {
  if (!zeroForOne) return price + (net * Q96) / liquidity;
  const scaled = liquidity << 96n;
  return net === 0n ? price : divideUp(scaled * price, scaled + net * price);
}

/** SqrtPriceMath.getNextSqrtPriceFromOutput. */
function priceFor(price: bigint, liquidity: bigint, out: bigint, zeroForOne: boolean): bigint {
  if (zeroForOne) return price - divideUp(out * Q96, liquidity);
  const scaled = liquidity << 96n;
  return divideUp(scaled * price, scaled - out * price);
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function divideDown(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend < 0n && dividend % divisor !== 0n ? quotient - 1n : quotient;
}
