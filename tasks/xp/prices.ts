import { revertDataOf } from "../../src/deployment/revert.js";
import { sqrtPriceAtTick } from "../../src/uniswap/math.js";
import { paymentFor } from "../../src/xp/orders.js";
import type { Session } from "../support/session.js";
import { type Flywheel, inTurns, partOf } from "./flywheel.js";

const ONE_XP = 10n ** 18n;
const Q192 = 1n << 192n;

/** Seconds of the time-weighted price. Choice: what the deployment makes room for in the pool's oracle. */
export const AVERAGE_OVER = 1_800n;

/** An open order at the P2P market; the price in payment units for one XP. */
export interface OpenOrder {
  readonly order: bigint;
  readonly maker: string;
  readonly sells: boolean;
  readonly remaining: bigint;
  readonly price: bigint;
}

/** What the pool says XP costs, in payment units for one XP; undefined where it says nothing. Only a small trade is at such a price. */
export interface PoolPrices {
  /** Now; a trade pays the pool's fee beside it. */
  readonly spot: bigint | undefined;
  /** The average over the last half hour. */
  readonly average: bigint | undefined;
}

/** What can be bought in one place of an amount of XP; all in base units. */
export interface Depth {
  /** How much of it there is. */
  readonly available: bigint;
  /** What that costs in all; undefined where the place does not say. */
  readonly payment: bigint | undefined;
}

const POOL = [
  "function fee() view returns (uint24)",
  "function observe(uint32[] secondsAgos) view returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s)",
] as const;

/** @returns payment units for one XP at the pool's √price, to the nearest */
function priceAt(sqrtPriceX96: bigint, xpIsToken0: boolean): bigint {
  const square = sqrtPriceX96 * sqrtPriceX96;
  const [dividend, divisor] = xpIsToken0 ? [square, Q192] : [Q192, square];
  return (ONE_XP * dividend + divisor / 2n) / divisor;
}

/** A pool of XP and what it is paid in; what is told of it is true of any two tokens, the first with 18 decimals. */
export interface Pair {
  readonly pool: Pick<Flywheel["pool"], "getAddress" | "slot0" | "liquidity">;
  readonly xpToken: { readonly address: string };
  readonly payment: { readonly address: string };
}

/** Reads the pool's fee in millionths, and its prices. */
export async function readPool(
  session: Session,
  { pool, xpToken, payment }: Pair,
): Promise<PoolPrices & { readonly fee: bigint }> {
  const xpIsToken0 = BigInt(xpToken.address) < BigInt(payment.address);
  const part = partOf(session, await pool.getAddress(), POOL);
  const [fee, { sqrtPriceX96 }, liquidity, ticks] = await Promise.all([
    part.getFunction("fee").staticCall() as Promise<bigint>,
    pool.slot0(),
    pool.liquidity(),
    // Refuses where the pool is younger.
    part
      .getFunction("observe")
      .staticCallResult([AVERAGE_OVER, 0n])
      .then(
        (answer) => answer[0] as readonly bigint[],
        () => undefined,
      ),
  ]);
  if (liquidity === 0n) return { fee, spot: undefined, average: undefined };
  const [before, now] = ticks ?? [];
  const average =
    before === undefined || now === undefined
      ? undefined
      : priceAt(sqrtPriceAtTick(floorDivide(now - before, AVERAGE_OVER)), xpIsToken0);
  return { fee, spot: priceAt(sqrtPriceX96, xpIsToken0), average };
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

/** Reads the open ones of the latest `most` orders. */
export async function readOrders(
  { xpMarket: market }: Flywheel,
  most: bigint,
): Promise<{
  readonly orders: readonly OpenOrder[];
  readonly looked: bigint;
  readonly count: bigint;
}> {
  const count = await market.orderCount();
  const looked = count < most ? count : most;
  const ids = Array.from({ length: Number(looked) }, (_, i) => count - BigInt(i));
  const found = await inTurns(ids, async (order) =>
    market.orderOf(order).then(
      ({ maker, isBid, remaining, price }): OpenOrder[] => [{ order, maker, sells: !isBid, remaining, price }],
      (error: unknown) => {
        if (closed(market, error)) return [];
        throw error;
      },
    ),
  );
  return { orders: found.flat(), looked, count };
}

function closed({ interface: abi }: Flywheel["xpMarket"], error: unknown): boolean {
  const data = revertDataOf(error);
  return data !== undefined && abi.parseError(data)?.name === "XPMarket_OrderClosed";
}

/**
 * What an amount of XP costs from the orders that sell it, those first that are cheapest for what is left of them. A buyer pays each order
 * rounded up, so an order for next to nothing is dear whatever its price says, and comes last.
 * @param buyer whose own orders are not for sale to it
 */
export function depthOf(orders: readonly OpenOrder[], amount: bigint, buyer: string): Depth {
  const asks = orders
    .filter(({ sells, maker }) => sells && maker !== buyer)
    .map(({ remaining, price }) => ({ remaining, price, whole: paymentFor(remaining, price) }))
    .sort((a, b) => compare(a.whole * b.remaining, b.whole * a.remaining));
  let [available, payment] = [0n, 0n];
  for (const { remaining, price } of asks) {
    const wanted = amount - available;
    if (wanted === 0n) break;
    const taken = remaining < wanted ? remaining : wanted;
    available += taken;
    payment += paymentFor(taken, price);
  }
  return { available, payment };
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
