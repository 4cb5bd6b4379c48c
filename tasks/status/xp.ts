import type { AgentRegistry } from "../../typechain-types/index.js";
import type { Session } from "../support/session.js";
import { type Flywheel, flywheelOf } from "../xp/flywheel.js";
import { readJobs } from "../xp/flows/jobs.js";
import { type EpochStatus, readEpoch } from "../xp/flows/weeks.js";
import { readOrders } from "../xp/prices.js";
import type { JobStateName, PaymentUnits } from "../xp/words.js";
import { type PoolState, readPoolState } from "./pool.js";

/** The XP flywheel; XP in wei, payments in base units of what jobs are paid in, times in seconds. */
export interface XpState {
  readonly supply: {
    readonly xp: bigint;
    readonly max: bigint;
    readonly minted: bigint;
    readonly burned: bigint;
  };
  readonly epoch: Pick<
    EpochStatus,
    "epoch" | "begins" | "ends" | "pool" | "kappa" | "fees" | "released" | "burned" | "minted"
  >;
  /** What each tier burns, and the fee that it brings; empty where the market asks no fee tiers. */
  readonly tiers: readonly { readonly price: bigint; readonly feeBps: bigint }[];
  readonly pool: PoolState;
  readonly market: {
    readonly jobs: bigint;
    readonly looked: bigint;
    readonly states: Readonly<Partial<Record<JobStateName, number>>>;
    /** Jobs of those looked at that somebody let pass the time for. */
    readonly overdue: number;
    /** Fees that wait to be passed to the treasury. */
    readonly feesOwed: bigint;
    readonly bondBps: bigint;
  };
  readonly orders: {
    readonly count: bigint;
    readonly looked: bigint;
    readonly asks: number;
    readonly bids: number;
    /** XP that is for sale, and that is wanted, of those looked at. */
    readonly offered: bigint;
    readonly wanted: bigint;
  };
  readonly agents: bigint;
  /** How the market differs from the deployment's record, in sentences. */
  readonly notes: readonly string[];
  readonly token: PaymentUnits;
}

/** Jobs and orders that are looked at. */
const LATEST = 25n;

export async function readXp(session: Session): Promise<XpState> {
  const flywheel = await flywheelOf(session);
  const { xp, agentRegistry, serviceMarket, modules, payment } = flywheel;
  const [minted, burned, max, epoch, tiers, pool, jobs, feesOwed, bondBps, orders, agents] = await Promise.all([
    xp.totalMinted(),
    xp.totalBurned(),
    xp.MAX_SUPPLY(),
    readEpoch(session, { epoch: "" }),
    modules.live.feeTiers?.table() ?? [],
    readXpPool(session, flywheel),
    readJobs(session, { last: String(LATEST), all: true }),
    serviceMarket.feesOwed(),
    serviceMarket.bondBps(),
    readOrderState(flywheel),
    countAgents(agentRegistry),
  ]);
  const { epoch: number, begins, ends, pool: pot, kappa, fees, released, supply } = epoch;
  const states: Partial<Record<JobStateName, number>> = {};
  for (const { state } of jobs.jobs) states[state] = (states[state] ?? 0) + 1;
  return {
    supply: { xp: supply, max, minted, burned },
    epoch: {
      epoch: number,
      begins,
      ends,
      pool: pot,
      kappa,
      fees,
      released,
      burned: epoch.burned,
      minted: epoch.minted,
    },
    tiers: tiers.map(({ price, feeBps }) => ({ price, feeBps })),
    pool,
    market: {
      jobs: jobs.count,
      looked: jobs.looked,
      states,
      overdue: jobs.jobs.filter(({ overdue }) => overdue).length,
      feesOwed,
      bondBps,
    },
    orders,
    agents,
    notes: modules.notes,
    token: { symbol: payment.symbol, decimals: payment.decimals },
  };
}

async function readXpPool(session: Session, { pool, xpToken, payment }: Flywheel): Promise<PoolState> {
  const [base, quote] = [xpToken, payment].map(({ address, balanceOf }) => ({
    address,
    balanceOf: (account: string) => balanceOf(account as `0x${string}`),
  }));
  if (!base || !quote) throw new Error("XP's pool has two tokens");
  return readPoolState(session, pool, [base, quote], undefined);
}

async function readOrderState(flywheel: Flywheel): Promise<XpState["orders"]> {
  const { orders, looked, count } = await readOrders(flywheel, LATEST);
  const [asks, bids] = [orders.filter(({ sells }) => sells), orders.filter(({ sells }) => !sells)];
  const sum = (of: typeof orders): bigint => of.reduce((total, { remaining }) => total + remaining, 0n);
  return { count, looked, asks: asks.length, bids: bids.length, offered: sum(asks), wanted: sum(bids) };
}

/** Finds the last agent by halving: the registry numbers agents from 1 without a gap, and tells no count. */
async function countAgents(registry: AgentRegistry): Promise<bigint> {
  const exists = async (agent: bigint): Promise<boolean> => (await registry.registeredAt(agent)) !== 0n;
  let [known, beyond] = [0n, 1n];
  while (await exists(beyond)) [known, beyond] = [beyond, beyond * 2n];
  while (beyond - known > 1n) {
    const middle = (known + beyond) / 2n;
    if (await exists(middle)) known = middle;
    else beyond = middle;
  }
  return known;
}
