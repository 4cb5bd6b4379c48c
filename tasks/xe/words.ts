import { type ErrorDescription, getAddress } from "ethers";

import { formatAmount, formatCount } from "../../src/format.js";
import { type AssetName, decodeAsset } from "../../src/xe/asset.js";
import { BlockType } from "../../src/xe/block.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";

/** @returns wei as XE */
export function xe(amount: bigint): string {
  return tokens(amount, "XE");
}

/** @returns wei as XUSD */
export function xusd(amount: bigint): string {
  return tokens(amount, "XUSD");
}

/** @returns wei of an asset, whose identifier or name is given */
export function amountOf(amount: bigint, asset: string): string {
  return tokens(amount, nameOf(asset));
}

/** @returns wei of an asset to the last one, for what is about a difference: "1,000.000000000000000001 XUSD" */
export function exactly(amount: bigint, asset: string): string {
  return `${formatAmount(amount, 18, 18).replace(/\.?0+$/, "")} ${nameOf(asset)}`;
}

/** @returns the name of an asset that is given by its identifier or its name */
export function nameOf(asset: string): AssetName {
  return (asset.startsWith("0x") ? decodeAsset(asset as `0x${string}`) : asset) as AssetName;
}

/** States of a lease, as the contract counts them. */
export const LEASE_STATES = ["none", "open", "running", "objected", "settled", "cancelled", "upheld"] as const;
export type LeaseStateName = (typeof LEASE_STATES)[number];

/** @returns the name of a lease's state */
export function leaseState(state: bigint): LeaseStateName {
  return LEASE_STATES[Number(state)] ?? "none";
}

const STANDS: Readonly<Record<LeaseStateName, string>> = {
  none: "was never opened: see `hardhat xe leases` for those there are",
  open: "waits for a provider",
  running: "is running",
  objected: "waits for the arbiter",
  settled: "is settled",
  cancelled: "was cancelled",
  upheld: "ended with an objection that was upheld",
};

/** @returns where a lease stands, to go on a sentence with */
export function standing(state: LeaseStateName): string {
  return STANDS[state];
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);
const m = (a: Arguments, i: number): string => formatMoment(n(a, i));
const wait = (a: Arguments, i: number): string =>
  n(a, i) > n(a, i + 1) ? `in ${formatDuration(n(a, i) - n(a, i + 1))}` : "now";
const above = (what: string, unit: string) => (a: Arguments) =>
  `${formatCount(n(a, 0))}${unit} of ${what} are more than one lease can have, ${formatCount(n(a, 1))}${unit}: ask for less, or open several leases.`;
/** @returns the address that the link of a send is */
const destination = (link: string): string => getAddress(`0x${link.slice(26)}`);

/** What a block is about, by its type; those of leases are told by the leases' own events. */
const BLOCKS: Readonly<Record<number, ((a: Arguments) => string) | undefined>> = {
  [BlockType.Send]: (a) => `${t(a, 0)} sent to ${destination(t(a, 2))} by the block ${t(a, 1)}`,
  [BlockType.Receive]: (a) => `${t(a, 0)} received what ${t(a, 2)} had sent, by the block ${t(a, 1)}`,
  [BlockType.Claim]: (a) => `${t(a, 0)} claimed 100 XUSD from the faucet`,
  [BlockType.Mint]: (a) => `${t(a, 0)} got new XUSD`,
  [BlockType.LeaseBond]: (a) => `${t(a, 0)} was paid the bond of the lease ${t(a, 2)}`,
};

/** How the ledger reads: its refusals, each with what to do, and its events. */
export const LEDGER_WORDS: Words = {
  refusals: {
    DualAssetLedger_UnknownAsset: (a) => `There is no asset ${t(a, 0)}: give --asset XE or --asset XUSD.`,
    DualAssetLedger_UnknownBlockType: () => "There is no block of this type.",
    DualAssetLedger_WrongAsset: (a) => `There is no block of this type in ${nameOf(t(a, 1))}.`,
    DualAssetLedger_AmountIsZero: () => "An amount of zero does nothing: give a higher --amount.",
    DualAssetLedger_InvalidDestination: (a) =>
      `Nothing can be sent to ${t(a, 0)}, where it would be nobody's: give another address.`,
    DualAssetLedger_BalanceTooLow: (a) =>
      `${t(a, 0)} has ${exactly(n(a, 2), t(a, 1))}, and ${exactly(n(a, 3), t(a, 1))} are needed: \`hardhat xe status\` shows what it has and what is ` +
      "pending for it.",
    DualAssetLedger_NothingPending: (a) =>
      `Nothing that ${t(a, 1)} sent is pending for ${t(a, 0)}: it was received already, or goes to another account.`,
    DualAssetLedger_NoFaucet: () => "This ledger has no faucet: XUSD comes from others, or from governance.",
    DualAssetLedger_ClaimTooEarly: (a) =>
      `${t(a, 0)} can claim again at ${m(a, 1)}, ${wait(a, 1)}: the faucet pays once in 24 hours.`,
    DualAssetLedger_MintedTooMuch: (a) => `${xusd(n(a, 0))} are more than can still be minted, ${xusd(n(a, 1))}.`,
    DualAssetLedger_RateTooHigh: (a) =>
      `${formatCount(n(a, 0))} thousandths of one XUSD an hour are more than a rate can be, ${formatCount(n(a, 1))}.`,
    DualAssetLedger_NothingLeased: () => "A lease of nothing is none: give --vcpus, --memory or --disk.",
    DualAssetLedger_TooManyVCpus: above("virtual CPUs", ""),
    DualAssetLedger_TooMuchMemory: above("memory", " MB"),
    DualAssetLedger_TooMuchDisk: above("disk", " GB"),
    DualAssetLedger_DurationOutOfRange: (a) =>
      `A term of ${formatDuration(n(a, 0))} is not possible: give a --duration from ${formatDuration(n(a, 1))} to ${formatDuration(n(a, 2))}.`,
    DualAssetLedger_CostAboveMaximum: (a) =>
      `It costs ${xusd(n(a, 0))}, more than ${xusd(n(a, 1))}: give a higher --max-cost, or leave it.`,
    DualAssetLedger_WrongLeaseState: (a) =>
      `That is not possible now: the lease ${t(a, 0)} ${standing(leaseState(n(a, 1)))}.`,
    DualAssetLedger_NotConsumer: (a) =>
      `Only its consumer ${t(a, 2)} can do that with the lease ${t(a, 0)}, not ${t(a, 1)}.`,
    DualAssetLedger_PartyCannotRule: (a) =>
      `${t(a, 1)} is a party of the lease ${t(a, 0)}, and an arbiter never rules on its own: another has to, or nobody, and the objection lapses.`,
    DualAssetLedger_NotProvider: (a) => `The lease ${t(a, 0)} is open to ${t(a, 2)} alone, not to ${t(a, 1)}.`,
    DualAssetLedger_TermNotOver: (a) => `The lease ${t(a, 0)} can be settled at ${m(a, 1)}, ${wait(a, 1)}.`,
    DualAssetLedger_TermIsOver: (a) =>
      `The term of the lease ${t(a, 0)} ended at ${m(a, 1)}: an objection is possible before that only.`,
    DualAssetLedger_RulingOpen: (a) =>
      `The arbiter can rule on the lease ${t(a, 0)} until ${m(a, 1)}: try again then, or when it has ruled.`,
    DualAssetLedger_RulingIsOver: (a) =>
      `The time to rule on the lease ${t(a, 0)} ended at ${m(a, 1)}: \`hardhat xe lapse\` gives the bond back.`,
    AccessManagedUnauthorized: (a) => `${t(a, 0)} has no right to this: \`hardhat roles\` names who has.`,
    VotesExpiredSignature: (a) => `The signature was valid until ${m(a, 0)}: sign a new one.`,
  },
  events: {
    BlockAdded: (a) => {
      const what = BLOCKS[Number(n(a, 3))]?.(a);
      return what && `${what}, and has ${amountOf(n(a, 5), t(a, 4))}.`;
    },
    LeaseOpened: (a) =>
      `${t(a, 1)} paid ${xusd(n(a, 7))} for the lease ${t(a, 0)}, open to ${isNobody(t(a, 2)) ? "anybody" : t(a, 2)}: ` +
      `${resources(n(a, 3), n(a, 4), n(a, 5))} for ${formatDuration(n(a, 6))}.`,
    LeaseCancelled: (a) => `The lease ${t(a, 0)} was cancelled, and its ${xusd(n(a, 1))} went back to the consumer.`,
    LeaseAccepted: (a) =>
      `${t(a, 1)} accepted the lease ${t(a, 0)} with a stake of ${xusd(n(a, 2))}. It ends at ${m(a, 4)}; the ${xusd(n(a, 3))} paid for it are burned.`,
    LeaseObjected: (a) =>
      `The consumer objects to the lease ${t(a, 0)} with a bond of ${xusd(n(a, 1))}; the arbiter can rule until ${m(a, 2)}.`,
    LeaseRuled: (a) =>
      a[1] === true
        ? `The objection to the lease ${t(a, 0)} was upheld: the bond of ${xusd(n(a, 2))} went back to the consumer, and the provider's stake is burned.`
        : `The objection to the lease ${t(a, 0)} was rejected: the provider got the bond of ${xusd(n(a, 2))}.`,
    LeaseObjectionLapsed: (a) =>
      `Nobody ruled on the objection to the lease ${t(a, 0)}: the bond of ${xusd(n(a, 1))} went back to the consumer.`,
    LeaseSettled: (a) =>
      `The lease ${t(a, 0)} is settled: ${t(a, 1)} earned ${xe(n(a, 2))} and got its stake of ${xusd(n(a, 3))} back.`,
    RatesSet: (a) => `New leases cost ${rates(n(a, 0), n(a, 1), n(a, 2))}.`,
    DelegateChanged: (a) =>
      isNobody(t(a, 2))
        ? `The XUSD of ${t(a, 0)} count for nobody any more.`
        : `The XUSD of ${t(a, 0)} count as votes of ${t(a, 2)} from now on.`,
    DelegateVotesChanged: (a) => `${t(a, 0)} has ${xusd(n(a, 2))} of votes, after ${xusd(n(a, 1))}.`,
  },
};

const isNobody = (address: string): boolean => /^0x0+$/.test(address);

/** @returns what is leased, such as "4 vCPUs, 8,192 MB of memory and 100 GB of disk" */
export function resources(vCpus: bigint, memoryMB: bigint, diskGB: bigint): string {
  return `${formatCount(vCpus)} vCPU${vCpus === 1n ? "" : "s"}, ${formatCount(memoryMB)} MB of memory and ${formatCount(diskGB)} GB of disk`;
}

/** @param milli thousandths of one XUSD per hour. @returns such as "0.02 XUSD an hour for a vCPU, …" */
export function rates(perVCpu: bigint, perMemoryGB: bigint, perDiskGB: bigint): string {
  const price = (milli: bigint): string => tokens(milli * 10n ** 15n, "XUSD").replace(/(\.\d*?)0+ /, "$1 ");
  return `${price(perVCpu)} an hour for a vCPU, ${price(perMemoryGB)} for a GB of memory and ${price(perDiskGB)} for a GB of disk`;
}
