import {
  amountsForLiquidity,
  fullRange,
  liquidityForAmounts,
  sqrtPriceAtTick,
  sqrtPriceOfAmounts,
  swapExactInput,
  swapExactOutput,
  tickAtSqrtPrice,
  TICK_SPACINGS,
} from "../../src/uniswap/index.js";

const ONE_XP = 10n ** 18n;
const Q192 = 1n << 192n;

/** Where a pool of XP and the payment token begins. */
export interface PoolOpening {
  /** Whether XP has the lower address of the two, which makes it token0. */
  readonly xpFirst: boolean;
  /** Units of the payment token for one whole XP. */
  readonly price: bigint;
  /** In millionths. */
  readonly fee: bigint;
  /** Seconds. */
  readonly at: bigint;
}

/** Amounts of both tokens, in their smallest units. */
export interface PoolAmounts {
  readonly xp: bigint;
  readonly payment: bigint;
}

/**
 * What one whole XP costs at a pool's price.
 *
 * @param sqrtPriceX96 √(token1 for token0) × 2^96
 * @param xpFirst whether XP is token0
 * @returns units of the payment token, rounded down
 */
export function priceOfXp(sqrtPriceX96: bigint, xpFirst: boolean): bigint {
  const squared = sqrtPriceX96 * sqrtPriceX96;
  return xpFirst ? (squared * ONE_XP) / Q192 : (ONE_XP * Q192) / squared;
}

/** The price that a pool kept on average, from its mean tick. */
export function priceOfXpAtTick(tick: bigint, xpFirst: boolean): bigint {
  return priceOfXp(sqrtPriceAtTick(tick), xpFirst);
}

/** Sum over sum, rounded down as Uniswap's oracle library rounds a mean tick, below zero too. */
export function meanTick(cumulative: bigint, seconds: bigint): bigint {
  const mean = cumulative / seconds;
  return cumulative < 0n && mean * seconds !== cumulative ? mean - 1n : mean;
}

/** The pool of XP and the payment token by the arithmetic of `src/uniswap`: it never asks the chain how it stands. */
export class PoolModel {
  readonly #xpFirst: boolean;
  readonly #fee: bigint;
  readonly #ticks: { readonly at: bigint; readonly tick: bigint }[] = [];
  #sqrtPriceX96: bigint;
  #liquidity = 0n;

  constructor({ xpFirst, price, fee, at }: PoolOpening) {
    this.#xpFirst = xpFirst;
    this.#fee = fee;
    this.#sqrtPriceX96 = xpFirst ? sqrtPriceOfAmounts(price, ONE_XP) : sqrtPriceOfAmounts(ONE_XP, price);
    this.#note(at);
  }

  get liquidity(): bigint {
    return this.#liquidity;
  }

  /** Units of the payment token for one whole XP, rounded down. */
  get price(): bigint {
    return priceOfXp(this.#sqrtPriceX96, this.#xpFirst);
  }

  /**
   * Adds liquidity over the whole range, as much as both amounts suffice for.
   *
   * @returns what the pool takes of them
   */
  provide(amounts: PoolAmounts): PoolAmounts {
    const { tickLower, tickUpper } = fullRange(TICK_SPACINGS.get(this.#fee) ?? 1n);
    const range = {
      sqrtPriceX96: this.#sqrtPriceX96,
      sqrtLowerX96: sqrtPriceAtTick(tickLower),
      sqrtUpperX96: sqrtPriceAtTick(tickUpper),
    };
    const [wanted0, wanted1] = this.#xpFirst ? [amounts.xp, amounts.payment] : [amounts.payment, amounts.xp];
    const liquidity = liquidityForAmounts(range, wanted0, wanted1);
    this.#liquidity += liquidity;
    const { amount0, amount1 } = amountsForLiquidity(range, liquidity);
    return this.#xpFirst ? { xp: amount0, payment: amount1 } : { xp: amount1, payment: amount0 };
  }

  /** Sells `xp` at `at`; @returns units of the payment token */
  sell(at: bigint, xp: bigint): bigint {
    const { amountOut, sqrtPriceX96 } = swapExactInput({ ...this.#state(this.#xpFirst), amountIn: xp });
    this.#sqrtPriceX96 = sqrtPriceX96;
    this.#note(at);
    return amountOut;
  }

  /** What exactly `xp` costs now; @returns units of the payment token */
  cost(xp: bigint): bigint {
    return this.#purchase(xp).amountIn;
  }

  /** Buys exactly `xp` at `at`; @returns units of the payment token */
  buy(at: bigint, xp: bigint): bigint {
    const { amountIn, sqrtPriceX96 } = this.#purchase(xp);
    this.#sqrtPriceX96 = sqrtPriceX96;
    this.#note(at);
    return amountIn;
  }

  /** The mean price of the `seconds` before `at`, by the time that each tick was in force. */
  meanPrice(at: bigint, seconds: bigint): bigint {
    let cumulative = 0n;
    this.#ticks.forEach(({ at: since, tick }, i) => {
      const from = since > at - seconds ? since : at - seconds;
      const to = this.#ticks[i + 1]?.at ?? at;
      if (to > from) cumulative += tick * (to - from);
    });
    return priceOfXpAtTick(meanTick(cumulative, seconds), this.#xpFirst);
  }

  #purchase(xp: bigint) {
    return swapExactOutput({ ...this.#state(!this.#xpFirst), amountOut: xp });
  }

  #state(zeroForOne: boolean) {
    return { liquidity: this.#liquidity, sqrtPriceX96: this.#sqrtPriceX96, fee: this.#fee, zeroForOne };
  }

  #note(at: bigint): void {
    this.#ticks.push({ at, tick: tickAtSqrtPrice(this.#sqrtPriceX96) });
  }
}
