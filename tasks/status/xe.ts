import type { Address } from "../../src/deployment/folder.js";
import { encodeAsset } from "../../src/xe/asset.js";
import type { Session } from "../support/session.js";
import type { LeaseStateName } from "../xe/words.js";
import type { History, Source } from "./history.js";
import { PROPOSED, type Proposals, readProposals } from "./proposals.js";

/** XE and XUSD; amounts in wei, times in seconds. */
export interface XeState {
  readonly supply: { readonly xe: bigint; readonly xusd: bigint };
  /** What is pending or in escrow. */
  readonly held: { readonly xe: bigint; readonly xusd: bigint };
  readonly faucet: boolean;
  /** Thousandths of one XUSD an hour. */
  readonly rates: { readonly perVCpu: bigint; readonly perMemoryGB: bigint; readonly perDiskGB: bigint };
  readonly leases: {
    readonly count: number;
    readonly states: Readonly<Partial<Record<LeaseStateName, number>>>;
    /** XUSD that providers have at stake. */
    readonly stakes: bigint;
    /** Running, and over. */
    readonly due: number;
    /** When the arbiter's time for each open objection ends. */
    readonly rulings: readonly bigint[];
  };
  readonly governance: {
    readonly governor: Address;
    readonly timelockDelay: bigint;
    readonly quorum: bigint;
    readonly threshold: bigint;
    readonly minQuorum: bigint;
    readonly proposals: Proposals;
  };
}

const LEASE_EVENTS = [
  "LeaseOpened",
  "LeaseCancelled",
  "LeaseAccepted",
  "LeaseObjected",
  "LeaseRuled",
  "LeaseObjectionLapsed",
  "LeaseSettled",
] as const;

export function xeSources({ deployment }: Session): readonly Source[] {
  const { ledger, governor } = deployment.xe;
  return [
    { contract: ledger, events: LEASE_EVENTS },
    { contract: governor, events: [PROPOSED] },
  ];
}

export async function readXe({ deployment }: Session, history: History, time: bigint): Promise<XeState> {
  const { ledger, governor, timelock } = deployment.xe;
  const [XE, XUSD] = [encodeAsset("XE"), encodeAsset("XUSD")];
  const own = await ledger.getAddress();
  const [xe, xusd, heldXe, heldXusd, faucet, rates, delay, quorum, threshold, minQuorum, proposals] = await Promise.all(
    [
      ledger.totalSupply(XE),
      ledger.totalSupply(XUSD),
      ledger.balanceOf(own, XE),
      ledger.balanceOf(own, XUSD),
      ledger.faucet(),
      ledger.rates(),
      timelock.getMinDelay(),
      governor.quorum(time - 1n),
      governor.proposalThreshold(),
      governor.minQuorum(),
      readProposals(governor, history, time),
    ],
  );
  const { perVCpu, perMemoryGB, perDiskGB } = rates;
  return {
    supply: { xe, xusd },
    held: { xe: heldXe, xusd: heldXusd },
    faucet,
    rates: { perVCpu, perMemoryGB, perDiskGB },
    leases: leasesIn(history, ledger, time),
    governance: {
      governor: (await governor.getAddress()) as Address,
      timelockDelay: delay,
      quorum,
      threshold,
      minQuorum,
      proposals,
    },
  };
}

interface Lease {
  state: LeaseStateName;
  stake: bigint;
  endsAt: bigint;
  rulingEndsAt: bigint;
}

/** Follows every lease through its events, since the ledger counts none. */
function leasesIn(history: History, ledger: Parameters<History["of"]>[0], time: bigint): XeState["leases"] {
  const leases = new Map<string, Lease>();
  for (const { event, args } of history.of(ledger)) {
    const told = args.toObject() as unknown as LeaseTold;
    const lease = leases.get(told.id) ?? { state: "open", stake: 0n, endsAt: 0n, rulingEndsAt: 0n };
    leases.set(told.id, { ...lease, ...after(event, told) });
  }
  const all = [...leases.values()];
  const states: Partial<Record<LeaseStateName, number>> = {};
  for (const { state } of all) states[state] = (states[state] ?? 0) + 1;
  const staked = all.filter(({ state }) => state === "running" || state === "objected");
  return {
    count: all.length,
    states,
    stakes: staked.reduce((sum, { stake }) => sum + stake, 0n),
    due: all.filter(({ state, endsAt }) => state === "running" && endsAt <= time).length,
    rulings: all.filter(({ state }) => state === "objected").map(({ rulingEndsAt }) => rulingEndsAt),
  };
}

/** What the events of a lease tell, each some of it. */
interface LeaseTold extends Pick<Lease, "stake" | "endsAt" | "rulingEndsAt"> {
  readonly id: string;
  readonly upheld: boolean;
}

function after(event: string, told: LeaseTold): Partial<Lease> {
  switch (event) {
    case "LeaseCancelled":
      return { state: "cancelled" };
    case "LeaseAccepted":
      return { state: "running", stake: told.stake, endsAt: told.endsAt };
    case "LeaseObjected":
      return { state: "objected", rulingEndsAt: told.rulingEndsAt };
    case "LeaseRuled":
      return { state: told.upheld ? "upheld" : "running" };
    case "LeaseObjectionLapsed":
      return { state: "running" };
    case "LeaseSettled":
      return { state: "settled" };
    default:
      return {};
  }
}
