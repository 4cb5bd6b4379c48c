/**
 * Output and consumption of XMEX by week, from events alone: X.me Dual-Token Economic Model Whitepaper, section 6, "regularly publish output and
 * consumption data". Amounts in wei of XMEX; weeks of seven days, counted from the Unix epoch. Ads are paid in XME and are no part of it.
 */
import { type Log, type LogDescription, ZeroAddress, zeroPadValue } from "ethers";

import { type LogFilter, type LogProvider, LogReader, periodsOf } from "../chain/logs.js";
import type { XmeContracts } from "../deployment/contracts.js";
import { EMISSION_STREAMS } from "./emission.js";
import {
  SPENDING_CATEGORIES,
  SPENDING_PARTS,
  SPENDING_WEEK,
  type SpendingCategory,
  type SpendingPart,
  spendingParts,
  type SpendingParts,
  type SpendingSplit,
} from "./spending.js";

/** What a log says of the economy. */
export type EconomyEvent =
  | { readonly kind: "drawn" | "returned"; readonly stream: number; readonly amount: bigint }
  | { readonly kind: "budget" | "paid" | "unclaimed" | "locked" | "burned" | "minted"; readonly amount: bigint }
  | { readonly kind: "claimed"; readonly credited: bigint; readonly paid: bigint }
  | { readonly kind: "rewarded"; readonly amount: bigint }
  | { readonly kind: "income"; readonly of: "delegators" | "voters"; readonly amount: bigint }
  | {
      readonly kind: "split";
      readonly category: SpendingCategory;
      readonly fromWeek: bigint;
      readonly split: SpendingSplit;
    }
  | {
      readonly kind: "spent";
      readonly category: SpendingCategory;
      readonly amount: bigint;
      readonly hasCreator: boolean;
    }
  | {
      readonly kind: "distributed";
      readonly category: SpendingCategory;
      readonly spentIn: bigint;
      readonly amount: bigint;
    }
  | { readonly kind: "delivered"; readonly part: SpendingPart; readonly amount: bigint };

/** What was spent in a category. */
export interface CategoryFlow extends Record<"spent" | "distributed" | "purchases", bigint> {
  /** In what was shared, distributed or not. */
  readonly parts: Record<keyof SpendingParts, bigint>;
}

/** What happened in a week, or in all of them. */
export interface Flow {
  /** By stream of the emission vault. */
  readonly drawn: bigint[];
  readonly returned: bigint[];
  /** Social mining: budgets drawn, credits claimed, what was paid of credits, and what went back unclaimed. */
  readonly mining: Record<"budget" | "credited" | "paid" | "unclaimed", bigint>;
  /** Invitations' rewards, straight from the vault. */
  growth: bigint;
  /** Brought to stakers beside their emission and beside spending's part, which is in `delivered`. */
  readonly income: Record<"delegators" | "voters", bigint>;
  readonly spending: Record<SpendingCategory, CategoryFlow>;
  /** Parts that reached where they go, in whatever week they were spent. */
  readonly delivered: Record<SpendingPart, bigint>;
  /** Locked for ever by ascension to XME. */
  locked: bigint;
  /** Burned by anybody, spending's part included. */
  burned: bigint;
  minted: bigint;
}

/** The figures of a week. */
export interface WeekFlow extends Flow {
  readonly week: bigint;
}

const NO_PARTS = { creator: 0n, burn: 0n, buyback: 0n, delegators: 0n, voters: 0n, emission: 0n, treasury: 0n };

function nothing(): Flow {
  return {
    drawn: Array.from({ length: EMISSION_STREAMS }, () => 0n),
    returned: Array.from({ length: EMISSION_STREAMS }, () => 0n),
    mining: { budget: 0n, credited: 0n, paid: 0n, unclaimed: 0n },
    growth: 0n,
    income: { delegators: 0n, voters: 0n },
    spending: Object.fromEntries(
      SPENDING_CATEGORIES.map((name) => [name, { spent: 0n, distributed: 0n, purchases: 0n, parts: { ...NO_PARTS } }]),
    ) as Flow["spending"],
    delivered: Object.fromEntries(SPENDING_PARTS.map((part) => [part, 0n])) as Flow["delivered"],
    locked: 0n,
    burned: 0n,
    minted: 0n,
  };
}

/** Adds what is in `added` to `sum`, whose shape is the same. */
function addTo(sum: Flow, added: Flow): void {
  const merge = (into: Record<string, unknown>, from: Record<string, unknown>): void => {
    for (const [key, value] of Object.entries(from)) {
      if (key === "week") continue;
      if (typeof value === "bigint") into[key] = (into[key] as bigint) + value;
      else merge(into[key] as Record<string, unknown>, value as Record<string, unknown>);
    }
  };
  merge(sum as unknown as Record<string, unknown>, added as unknown as Record<string, unknown>);
}

/** @returns the sum of some weeks */
export function totalOf(flows: readonly Flow[]): Flow {
  const total = nothing();
  for (const flow of flows) addTo(total, flow);
  return total;
}

/** @returns what left the emission vault and did not come back, negative where more came back */
export function outputOf({ drawn, returned }: Flow): bigint {
  return sum(drawn) - sum(returned);
}

/** @returns what was spent */
export function spentOf({ spending }: Flow): bigint {
  return sum(Object.values(spending).map(({ spent }) => spent));
}

/** @returns what was consumed as the contracts count it: burned, for buyback and to the treasury, and no creator's or staker's income */
export function consumptionOf({ spending }: Flow): bigint {
  return sum(Object.values(spending).map(({ parts }) => parts.burn + parts.buyback + parts.treasury));
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** Adds events up by week. Events of a contract come in their order; those of several may come in any. */
export class EconomyLedger {
  readonly #weeks = new Map<bigint, Flow>();
  readonly #splits: Extract<EconomyEvent, { kind: "split" }>[] = [];

  /** @param week in which it happened */
  add(event: EconomyEvent, week: bigint): void {
    const flow = this.#flowOf(week);
    switch (event.kind) {
      case "drawn":
      case "returned":
        flow[event.kind][event.stream] = (flow[event.kind][event.stream] ?? 0n) + event.amount;
        break;
      case "budget":
      case "paid":
      case "unclaimed":
        flow.mining[event.kind] += event.amount;
        break;
      case "claimed":
        flow.mining.credited += event.credited;
        flow.mining.paid += event.paid;
        break;
      case "rewarded":
        flow.growth += event.amount;
        break;
      case "income":
        flow.income[event.of] += event.amount;
        break;
      case "split":
        this.#splits.push(event);
        break;
      case "spent":
        this.#spend(flow.spending[event.category], event, week);
        break;
      case "distributed":
        this.#flowOf(event.spentIn).spending[event.category].distributed += event.amount;
        break;
      case "delivered":
        flow.delivered[event.part] += event.amount;
        break;
      case "locked":
      case "burned":
      case "minted":
        flow[event.kind] += event.amount;
    }
  }

  #spend(flow: CategoryFlow, { category, amount, hasCreator }: Extract<EconomyEvent, { kind: "spent" }>, week: bigint) {
    const holding = this.#splits.filter((change) => change.category === category && change.fromWeek <= week).at(-1);
    if (!holding) throw new RangeError(`No split of ${category} in week ${String(week)}`);
    const parts = spendingParts(amount, holding.split, hasCreator);
    for (const part of ["creator", ...SPENDING_PARTS] as const) flow.parts[part] += parts[part];
    flow.spent += amount;
    flow.purchases += 1n;
  }

  #flowOf(week: bigint): Flow {
    const flow = this.#weeks.get(week) ?? nothing();
    this.#weeks.set(week, flow);
    return flow;
  }

  /** @returns each week of a range, also those in which nothing happened */
  weeks(first: bigint, last: bigint): readonly WeekFlow[] {
    const count = last < first ? 0 : Number(last - first) + 1;
    return Array.from({ length: count }, (_, i) => {
      const week = first + BigInt(i);
      return { week, ...(this.#weeks.get(week) ?? nothing()) };
    });
  }
}

/** A sum of events beside what a contract says. */
export interface EconomyCheck {
  readonly what: string;
  readonly events: bigint;
  readonly contract: bigint;
  /** A contract may hold more than events account for, since anybody can send it XMEX. */
  readonly agrees: boolean;
}

/** An economy from its deployment to a block. */
export interface EconomyReport {
  readonly block: number;
  readonly time: bigint;
  /** All weeks, from the deployment's on. */
  readonly weeks: readonly WeekFlow[];
  readonly checks: readonly EconomyCheck[];
}

type Contracts = Pick<
  XmeContracts,
  "xmex" | "emissionVault" | "socialMining" | "userGrowth" | "nodes" | "votes" | "spending" | "ascension"
>;

/** What reading an economy needs of a chain. */
export interface EconomyProvider extends LogProvider {
  getBlock(block: number | "latest"): Promise<{ readonly number: number; readonly timestamp: number } | null>;
}

type Reader = (args: LogDescription["args"]) => EconomyEvent;

/** The events that count, by contract and name. */
function readersOf(spending: string): Readonly<Record<string, Readonly<Record<string, Reader>>>> {
  const amount =
    (kind: "budget" | "paid" | "unclaimed" | "locked", index: number): Reader =>
    (a) => ({ kind, amount: a[index] as bigint });
  const vault =
    (kind: "drawn" | "returned", index: number): Reader =>
    (a) => ({ kind, stream: Number(a[0]), amount: a[index] as bigint });
  const income =
    (of: "delegators" | "voters"): Reader =>
    (a) => ({ kind: "income", of, amount: a[0] === spending ? 0n : (a[1] as bigint) });
  const categoryAt = (a: LogDescription["args"], index: number): SpendingCategory => {
    const category = SPENDING_CATEGORIES[Number(a[index])];
    if (!category) throw new RangeError(`There is no category ${String(a[index])}`);
    return category;
  };
  return {
    emissionVault: { Drawn: vault("drawn", 3), Returned: vault("returned", 2) },
    socialMining: {
      BudgetDrawn: amount("budget", 1),
      Claimed: (a) => ({ kind: "claimed", credited: a[3] as bigint, paid: a[4] as bigint }),
      Withdrawn: amount("paid", 1),
      UnclaimedReturned: amount("unclaimed", 1),
    },
    userGrowth: {
      InvitationCompleted: (a) => ({ kind: "rewarded", amount: (a[2] as bigint) + (a[3] as bigint) }),
    },
    nodes: { XmexIncomeAdded: income("delegators") },
    votes: { XmexIncomeAdded: income("voters") },
    spending: {
      SplitChanged: (a) => ({
        kind: "split",
        category: categoryAt(a, 0),
        fromWeek: a[1] as bigint,
        split: (a[2] as { toObject(): unknown }).toObject() as SpendingSplit,
      }),
      Spent: (a) => ({
        kind: "spent",
        category: categoryAt(a, 1),
        amount: a[4] as bigint,
        hasCreator: a[5] !== ZeroAddress,
      }),
      Distributed: (a) => ({
        kind: "distributed",
        spentIn: a[0] as bigint,
        category: categoryAt(a, 1),
        amount: a[2] as bigint,
      }),
      Delivered: (a) => ({
        kind: "delivered",
        part: SPENDING_PARTS[Number(a[0])] ?? "treasury",
        amount: a[2] as bigint,
      }),
    },
    ascension: { Deposited: amount("locked", 2) },
  };
}

/**
 * Reads an economy from its events, and compares the sums with what the contracts say at the same block.
 *
 * @param startBlock at which the deployment began
 */
export async function readEconomy(
  contracts: Contracts,
  provider: EconomyProvider,
  startBlock: number,
): Promise<EconomyReport> {
  const head = await provider.getBlock("latest");
  if (!head) throw new RangeError("The chain has no block yet");
  const times = new Map<number, bigint>([[head.number, BigInt(head.timestamp)]]);
  const timeOf = async (block: number): Promise<bigint> => {
    const time = times.get(block) ?? BigInt((await provider.getBlock(block))?.timestamp ?? 0);
    times.set(block, time);
    return time;
  };
  const ledger = new EconomyLedger();
  const reader = new LogReader(provider);
  const count = async (filter: LogFilter, read: (log: Log) => EconomyEvent | undefined): Promise<void> => {
    for await (const { logs } of reader.read(filter, startBlock, head.number)) {
      const blocks = [...new Set(logs.map(({ blockNumber }) => blockNumber))];
      const weeks = await periodsOf(blocks, timeOf, SPENDING_WEEK);
      for (const log of logs) {
        const event = read(log);
        if (event) ledger.add(event, weeks.get(log.blockNumber) ?? 0n);
      }
    }
  };

  const readers = readersOf(await contracts.spending.getAddress());
  const modules = await Promise.all(
    Object.entries(readers).map(async ([name, events]) => {
      const contract = contracts[name as keyof Contracts];
      const topics = Object.keys(events).map((event) => contract.interface.getEvent(event as never)?.topicHash ?? "");
      return { address: await contract.getAddress(), contract, events, topics };
    }),
  );
  const byAddress = new Map(modules.map((module) => [module.address.toLowerCase(), module]));
  await count(
    { address: modules.map(({ address }) => address), topics: [modules.flatMap(({ topics }) => topics)] },
    (log) => {
      const module = byAddress.get(log.address.toLowerCase());
      const event = module?.contract.interface.parseLog(log);
      return event ? module?.events[event.name]?.(event.args) : undefined;
    },
  );
  const { xmex } = contracts;
  const transfer = xmex.interface.getEvent("Transfer").topicHash;
  const [token, nobody] = [await xmex.getAddress(), zeroPadValue(ZeroAddress, 32)];
  for (const kind of ["minted", "burned"] as const) {
    const topics = kind === "minted" ? [transfer, nobody] : [transfer, null, nobody];
    await count({ address: token, topics }, (log) => ({ kind, amount: BigInt(log.data) }));
  }

  const time = BigInt(head.timestamp);
  const weeks = ledger.weeks((await timeOf(startBlock)) / SPENDING_WEEK, time / SPENDING_WEEK);
  return { block: head.number, time, weeks, checks: await checksOf(contracts, head.number, weeks) };
}

/** Asks the contracts at a block for what the events sum to. */
async function checksOf(
  contracts: Contracts,
  blockTag: number,
  weeks: readonly WeekFlow[],
): Promise<readonly EconomyCheck[]> {
  const { xmex, emissionVault: vault, socialMining, spending, ascension } = contracts;
  const total = totalOf(weeks);
  const at = { blockTag };
  const checks: EconomyCheck[] = [];
  const equal = (what: string, events: bigint, contract: bigint): void => {
    checks.push({ what, events, contract, agrees: events === contract });
  };
  const covered = async (what: string, events: bigint, holder: { getAddress(): Promise<string> }): Promise<void> => {
    const contract = await xmex.balanceOf(await holder.getAddress(), at);
    checks.push({ what, events, contract, agrees: events <= contract });
  };
  equal("supply of XMEX", total.minted - total.burned, await xmex.totalSupply(at));
  for (const [stream, drawn] of total.drawn.entries()) {
    equal(
      `net drawn from stream ${String(stream)}`,
      drawn - (total.returned[stream] ?? 0n),
      await vault.netDrawn(stream, at),
    );
  }
  await covered("held by the vault", (await vault.ALLOCATION(at)) - outputOf(total), vault);
  const { budget, paid, unclaimed } = total.mining;
  await covered("held for credits", budget - paid - unclaimed, socialMining);
  const creators = sum(Object.values(total.spending).map(({ parts }) => parts.creator));
  await covered("held by spending", spentOf(total) - creators - sum(Object.values(total.delivered)), spending);
  await covered("locked by ascension", total.locked, ascension);
  for (const flow of weeks) {
    const week = String(flow.week);
    equal(`consumed in week ${week}`, consumptionOf(flow), await spending.consumedIn(flow.week, at));
    for (const [index, category] of SPENDING_CATEGORIES.entries()) {
      const { spent, distributed, parts } = flow.spending[category];
      if (spent === 0n) continue;
      const [told, shared] = await Promise.all([
        spending.spentIn(flow.week, index, at),
        spending.partsIn(flow.week, index, at),
      ]);
      const where = `${category} in week ${week}`;
      equal(`spent on ${where}`, spent, told.spent);
      equal(`distributed of ${where}`, distributed, told.distributed);
      equal(`for creators of ${where}`, parts.creator, shared.creator);
      equal(`burned of ${where}`, parts.burn, shared.burned);
      for (const part of ["buyback", "delegators", "voters", "emission", "treasury"] as const) {
        equal(`for ${part} of ${where}`, parts[part], shared[part]);
      }
    }
  }
  return checks;
}
