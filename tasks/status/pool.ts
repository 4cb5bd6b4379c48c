import type { Session } from "../support/session.js";
import { type Pair, readPool } from "../xp/prices.js";

/** A pool; prices in smallest units of the second token for one whole first one, depths in smallest units. */
export interface PoolState {
  /** Now; undefined where the pool has no liquidity, and so no price that means anything. */
  readonly price: bigint | undefined;
  /** Over the last half hour; undefined where the pool does not remember that long. */
  readonly average: bigint | undefined;
  /** At which it was opened, or was to be. */
  readonly opening: bigint | undefined;
  /** In millionths. */
  readonly fee: bigint;
  readonly depth: { readonly base: bigint; readonly quote: bigint };
}

interface Held {
  readonly address: string;
  readonly balanceOf: (account: string) => Promise<bigint>;
}

export async function readPoolState(
  session: Session,
  pool: Pair["pool"],
  [base, quote]: readonly [Held, Held],
  opening: bigint | undefined,
): Promise<PoolState> {
  const address = await pool.getAddress();
  const [{ fee, spot, average }, ofBase, ofQuote] = await Promise.all([
    readPool(session, { pool, xpToken: base, payment: quote }),
    base.balanceOf(address),
    quote.balanceOf(address),
  ]);
  return { price: spot, average, opening, fee, depth: { base: ofBase, quote: ofQuote } };
}
