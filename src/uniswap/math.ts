/**
 * Uniswap V3's arithmetic in exact integers, for pools as the contracts of @uniswap/v3-core 1.0.1 run them.
 * Prices are token1 per token0 in smallest units, kept as √price × 2^96 (`sqrtPriceX96`); ticks are powers of 1.0001.
 */

const Q96 = 1n << 96n;
const Q192 = 1n << 192n;
const MILLION = 1_000_000n;

/** The largest tick; its negative is the smallest. Source: TickMath.MAX_TICK. */
export const MAX_TICK = 887_272n;

/** The distance of usable ticks for each fee, in millionths, that Uniswap V3's factory offers from its constructor. */
export const TICK_SPACINGS: ReadonlyMap<bigint, bigint> = new Map([
  [500n, 10n],
  [3_000n, 60n],
  [10_000n, 200n],
]);

/** The largest integer whose square is at most `value`. */
export function squareRoot(value: bigint): bigint {
  if (value < 0n) throw new RangeError(`no square root of a negative number: ${String(value)}`);
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** ⌊√(amount1 / amount0) × 2^96⌋: the price at which `amount0` and `amount1` are worth the same. */
export function sqrtPriceOfAmounts(amount1: bigint, amount0: bigint): bigint {
  if (amount0 <= 0n || amount1 <= 0n) throw new RangeError("a price needs two positive amounts");
  return squareRoot((amount1 * Q192) / amount0);
}

/** √1.0001^(−2^i) for each bit i of a tick, times 2^128, to the nearest integer: TickMath's table, computed. */
const TICK_FACTORS: readonly bigint[] = (() => {
  const precision = 512n;
  const drop = precision - 128n;
  const factors: bigint[] = [];
  let factor = squareRoot(((1n << (2n * precision)) * 10_000n) / 10_001n);
  for (let bit = 0; bit < 20; bit++) {
    factors.push((factor + (1n << (drop - 1n))) >> drop);
    factor = (factor * factor) >> precision;
  }
  return factors;
})();

/** √1.0001^`tick` × 2^96 as TickMath.getSqrtRatioAtTick rounds it: each factor down, the result up. */
export function sqrtPriceAtTick(tick: bigint): bigint {
  const distance = tick < 0n ? -tick : tick;
  if (distance > MAX_TICK) throw new RangeError(`tick ${String(tick)} is beyond ±${String(MAX_TICK)}`);
  let ratio = 1n << 128n;
  TICK_FACTORS.forEach((factor, bit) => {
    if (((distance >> BigInt(bit)) & 1n) === 1n) ratio = (ratio * factor) >> 128n;
  });
  if (tick > 0n) ratio = ((1n << 256n) - 1n) / ratio;
  return divideUp(ratio, 1n << 32n);
}

/** The greatest tick whose price is at most `sqrtPriceX96`, as TickMath.getTickAtSqrtRatio defines it. */
export function tickAtSqrtPrice(sqrtPriceX96: bigint): bigint {
  if (sqrtPriceX96 < sqrtPriceAtTick(-MAX_TICK) || sqrtPriceX96 >= sqrtPriceAtTick(MAX_TICK)) {
    throw new RangeError(`price ${String(sqrtPriceX96)} is outside Uniswap V3's range`);
  }
  let low = -MAX_TICK;
  let high = MAX_TICK - 1n;
  while (low < high) {
    const middle = low + ((high - low + 1n) >> 1n);
    if (sqrtPriceAtTick(middle) <= sqrtPriceX96) low = middle;
    else high = middle - 1n;
  }
  return low;
}

/** The widest position of a pool whose usable ticks are `tickSpacing` apart. */
export function fullRange(tickSpacing: bigint): { readonly tickLower: bigint; readonly tickUpper: bigint } {
  const tickUpper = (MAX_TICK / tickSpacing) * tickSpacing;
  return { tickLower: -tickUpper, tickUpper };
}

/** A price and the two ends of a position around it. */
export interface PriceRange {
  readonly sqrtPriceX96: bigint;
  readonly sqrtLowerX96: bigint;
  readonly sqrtUpperX96: bigint;
}

/** The most liquidity that both amounts suffice for at a price inside the range: LiquidityAmounts.getLiquidityForAmounts, rounded down. */
export function liquidityForAmounts(range: PriceRange, amount0: bigint, amount1: bigint): bigint {
  const { sqrtPriceX96, sqrtLowerX96, sqrtUpperX96 } = requireInside(range);
  const product = (sqrtPriceX96 * sqrtUpperX96) / Q96;
  const liquidity0 = (amount0 * product) / (sqrtUpperX96 - sqrtPriceX96);
  const liquidity1 = (amount1 * Q96) / (sqrtPriceX96 - sqrtLowerX96);
  return liquidity0 < liquidity1 ? liquidity0 : liquidity1;
}

/** What the pool takes for `liquidity` at a price inside the range, rounded up in its favour: SqrtPriceMath's amount deltas. */
export function amountsForLiquidity(
  range: PriceRange,
  liquidity: bigint,
): { readonly amount0: bigint; readonly amount1: bigint } {
  const { sqrtPriceX96, sqrtLowerX96, sqrtUpperX96 } = requireInside(range);
  const scaled = divideUp((liquidity << 96n) * (sqrtUpperX96 - sqrtPriceX96), sqrtUpperX96);
  return {
    amount0: divideUp(scaled, sqrtPriceX96),
    amount1: divideUp(liquidity * (sqrtPriceX96 - sqrtLowerX96), Q96),
  };
}

/** What a swap does to a pool and gives. */
export interface SwapOutcome {
  readonly amountOut: bigint;
  readonly sqrtPriceX96: bigint;
}

/**
 * Sells `amountIn` of token0 (`zeroForOne`) or token1 into constant `liquidity`: SwapMath.computeSwapStep for a swap that crosses no
 * initialised tick and ends inside one step, so the fee is what the input loses to ⌊amountIn × (1e6 − fee) / 1e6⌋. The output rounds down.
 */
export function swapExactInput(swap: {
  readonly liquidity: bigint;
  readonly sqrtPriceX96: bigint;
  readonly fee: bigint;
  readonly zeroForOne: boolean;
  readonly amountIn: bigint;
}): SwapOutcome {
  const { liquidity, sqrtPriceX96, fee, zeroForOne, amountIn } = swap;
  const net = (amountIn * (MILLION - fee)) / MILLION;
  if (zeroForOne) {
    const scaled = liquidity << 96n;
    const next = divideUp(scaled * sqrtPriceX96, scaled + net * sqrtPriceX96);
    return { sqrtPriceX96: next, amountOut: (liquidity * (sqrtPriceX96 - next)) / Q96 };
  }
  const next = sqrtPriceX96 + (net * Q96) / liquidity;
  return { sqrtPriceX96: next, amountOut: ((liquidity << 96n) * (next - sqrtPriceX96)) / next / sqrtPriceX96 };
}

/** What an exact amount costs in a swap, and where it leaves the pool. */
export interface SwapCost {
  readonly amountIn: bigint;
  readonly sqrtPriceX96: bigint;
}

/**
 * Buys `amountOut` of token1 (`zeroForOne`) or token0 from constant `liquidity`: SwapMath.computeSwapStep for a swap that crosses no
 * initialised tick. The input rounds up, and the fee of it once more.
 *
 * @throws when the liquidity does not hold as much.
 */
export function swapExactOutput(swap: {
  readonly liquidity: bigint;
  readonly sqrtPriceX96: bigint;
  readonly fee: bigint;
  readonly zeroForOne: boolean;
  readonly amountOut: bigint;
}): SwapCost {
  const { liquidity, sqrtPriceX96, fee, zeroForOne, amountOut } = swap;
  const scaled = liquidity << 96n;
  const withFee = (net: bigint): bigint => net + divideUp(net * fee, MILLION - fee);
  if (zeroForOne) {
    const next = sqrtPriceX96 - divideUp(amountOut * Q96, liquidity);
    if (next <= 0n) throw new RangeError(`the pool does not hold ${String(amountOut)} of token1`);
    return {
      sqrtPriceX96: next,
      amountIn: withFee(divideUp(divideUp(scaled * (sqrtPriceX96 - next), sqrtPriceX96), next)),
    };
  }
  const left = scaled - amountOut * sqrtPriceX96;
  if (left <= 0n) throw new RangeError(`the pool does not hold ${String(amountOut)} of token0`);
  const next = divideUp(scaled * sqrtPriceX96, left);
  return { sqrtPriceX96: next, amountIn: withFee(divideUp(liquidity * (next - sqrtPriceX96), Q96)) };
}

function requireInside(range: PriceRange): PriceRange {
  const { sqrtPriceX96, sqrtLowerX96, sqrtUpperX96 } = range;
  if (sqrtLowerX96 >= sqrtPriceX96 || sqrtPriceX96 >= sqrtUpperX96) {
    throw new RangeError(`price ${String(sqrtPriceX96)} is not inside the position's range`);
  }
  return range;
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
