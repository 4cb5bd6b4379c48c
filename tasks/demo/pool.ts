import {
  fullRange,
  liquidityForAmounts,
  sqrtPriceAtTick,
  sqrtPriceOfAmounts,
  TICK_SPACINGS,
} from "../../src/uniswap/index.js";
import { PoolModel } from "../../src/xme/pool.js";

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

/** The pool of XP and the payment token by the model of a Uniswap V3 pool: it never asks the chain how it stands. */
export class XpPoolModel {
  readonly #xpFirst: boolean;
  readonly #pool: PoolModel;

  constructor({ xpFirst, price, fee, at }: PoolOpening) {
    this.#xpFirst = xpFirst;
    const sqrtPriceX96 = xpFirst ? sqrtPriceOfAmounts(price, ONE_XP) : sqrtPriceOfAmounts(ONE_XP, price);
    this.#pool = new PoolModel(fee, sqrtPriceX96, at);
  }

  get liquidity(): bigint {
    return this.#pool.liquidity;
  }

  /** Units of the payment token for one whole XP, rounded down. */
  get price(): bigint {
    return priceOfXp(this.#pool.sqrtPriceX96, this.#xpFirst);
  }

  /**
   * Adds liquidity over the whole range at `at`, as much as both amounts suffice for.
   *
   * @returns what the pool takes of them
   */
  provide(at: bigint, amounts: PoolAmounts): PoolAmounts {
    const { tickLower, tickUpper } = fullRange(TICK_SPACINGS.get(this.#pool.fee) ?? 1n);
    const range = {
      sqrtPriceX96: this.#pool.sqrtPriceX96,
      sqrtLowerX96: sqrtPriceAtTick(tickLower),
      sqrtUpperX96: sqrtPriceAtTick(tickUpper),
    };
    const [wanted0, wanted1] = this.#xpFirst ? [amounts.xp, amounts.payment] : [amounts.payment, amounts.xp];
    const liquidity = liquidityForAmounts(range, wanted0, wanted1);
    const { amount0, amount1 } = this.#pool.changeLiquidity(at, tickLower, tickUpper, liquidity);
    return this.#xpFirst ? { xp: amount0, payment: amount1 } : { xp: amount1, payment: amount0 };
  }

  /** Sells `xp` at `at`; @returns units of the payment token */
  sell(at: bigint, xp: bigint): bigint {
    return this.#pool.swap(at, this.#xpFirst, xp).received;
  }

  /** What exactly `xp` costs now; @returns units of the payment token */
  cost(xp: bigint): bigint {
    return buyExactly(this.#pool.copy(), 0n, !this.#xpFirst, xp);
  }

  /** Buys exactly `xp` at `at`; @returns units of the payment token */
  buy(at: bigint, xp: bigint): bigint {
    return buyExactly(this.#pool, at, !this.#xpFirst, xp);
  }

  /** The mean price of the `seconds` before `at`, by the pool's oracle. */
  meanPrice(at: bigint, seconds: bigint): bigint {
    const mean = this.#pool.mean(at, seconds);
    if (mean === undefined) throw new RangeError(`the pool is younger than ${String(seconds)} seconds`);
    return priceOfXpAtTick(mean.tick, this.#xpFirst);
  }
}

function buyExactly(pool: PoolModel, at: bigint, zeroForOne: boolean, xp: bigint): bigint {
  const { paid, received } = pool.buy(at, zeroForOne, xp);
  if (received !== xp) throw new RangeError(`the pool holds no more than ${String(received)} wei of XP`);
  return paid;
}
