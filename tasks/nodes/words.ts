import type { ErrorDescription } from "ethers";

import { formatCount } from "../../src/format.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";
import { percent, quoted } from "../support/text.js";

/** Seconds of a month, as the contract counts them from the Unix epoch. */
export const MONTH = 30n * 86_400n;

/** @returns wei as XME */
export function xme(amount: bigint): string {
  return tokens(amount, "XME");
}

/** @returns wei as XMEX */
export function xmex(amount: bigint): string {
  return tokens(amount, "XMEX");
}

/** @returns shares of a node or of the pool, which have 18 decimals as XMEX has */
export function shares(amount: bigint): string {
  return tokens(amount, amount === 10n ** 18n ? "share" : "shares");
}

/** @returns when a month begins, which the contract counts from the Unix epoch */
export function monthStart(month: bigint): string {
  return formatMoment(month * MONTH);
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);
const id = (a: Arguments, i: number): string => formatCount(n(a, i));

/** How node staking reads: its refusals, each with what to do, and its events. */
export const NODE_WORDS: Words = {
  refusals: {
    NodeStaking_UnknownNode: (a) => `There is no node ${id(a, 0)}: \`hardhat nodes list\` shows those there are.`,
    NodeStaking_NodeIsClosed: (a) =>
      `Node ${id(a, 0)} is closed for good: its delegators take theirs with \`hardhat nodes leave --node ${t(a, 0)}\`.`,
    NodeStaking_NodeIsOpen: (a) =>
      `Node ${id(a, 0)} is open: ask for your XMEX with \`hardhat nodes undelegate --node ${t(a, 0)}\`.`,
    NodeStaking_NotOperator: (a) =>
      `${t(a, 1)} is not the operator of node ${id(a, 0)}, who is ${t(a, 2)}: choose the operator with --account.`,
    NodeStaking_CommissionTooHigh: (a) =>
      `A commission is at most ${percent(n(a, 1))}, not ${percent(n(a, 0))}: give a lower one.`,
    NodeStaking_BondTooSmall: (a) =>
      `An open node keeps a bond of at least ${xme(n(a, 1))}, and this would be ${xme(n(a, 0))}: bond more, or close the node to get all back.`,
    NodeStaking_AboveBond: (a) =>
      `The bond of node ${id(a, 0)} is ${xme(n(a, 2))}, less than ${xme(n(a, 1))}: give a lower --amount.`,
    NodeStaking_AmountIsZero: () => "An amount of zero does nothing: give a higher one.",
    NodeStaking_AmountTooSmall: (a) =>
      `${t(a, 0)} of the smallest units are so little that they round down to nothing: give a higher --amount, or give a delegation back with --all.`,
    NodeStaking_AboveCap: (a) =>
      `Delegations to node ${id(a, 0)} would be worth ${xmex(n(a, 1))}, above its cap of ${xmex(n(a, 2))}: give a lower --amount, or choose ` +
      `another node with \`hardhat nodes list\`.`,
    NodeStaking_AboveShares: (a) =>
      `There are ${shares(n(a, 3))} of node ${id(a, 0)} to give back, less than ${shares(n(a, 2))}: give a lower --shares, or --all.`,
    NodeStaking_NothingToTake: (a) => `There is nothing here for ${t(a, 0)} to take.`,
    NodeStaking_StillWaiting: (a) =>
      `It can be taken from ${formatMoment(n(a, 0))} on, and the chain's time is ${formatMoment(n(a, 1))}: wait.`,
    NodeStaking_RecipientIsNodeStaking: () => "What goes to node staking itself would be lost: give another --to.",
    NodeStates_ValueTooWide: () => "This is more than there is of the token: give a lower amount.",
    SafeCastOverflowedUintDowncast: (a) =>
      `${t(a, 1)} is more than the contract can keep (${t(a, 0)} bits): give a lower --amount.`,
  },
  events: {
    NodeOpened: (a) =>
      `Node ${id(a, 0)} was opened by ${t(a, 1)} with a bond of ${xme(n(a, 2))} and a commission of ${percent(n(a, 3))}, described at ` +
      `${quoted(t(a, 4))}.`,
    NodeDescribed: (a) => `Node ${id(a, 0)} is described at ${quoted(t(a, 1))} now.`,
    BondAdded: (a) => `The bond of node ${id(a, 0)} grew by ${xme(n(a, 1))}.`,
    BondRemoved: (a) =>
      `${xme(n(a, 1))} are leaving the bond of node ${id(a, 0)}; all that is leaving can be taken from ${formatMoment(n(a, 2))} on.`,
    BondWithdrawn: (a) => `${xme(n(a, 2))} that had left the bond of node ${id(a, 0)} went to ${t(a, 1)}.`,
    CommissionAnnounced: (a) =>
      `The commission of node ${id(a, 0)} is ${percent(n(a, 1))} from ${monthStart(n(a, 2))} on.`,
    CommissionUndelegated: (a) =>
      `${xmex(n(a, 2))} of commission of node ${id(a, 0)} are unbonding; all that is can be taken from ${formatMoment(n(a, 3))} on.`,
    NodeClosed: (a) =>
      `Node ${id(a, 0)} is closed: ${xmex(n(a, 1))} are there for its delegators, at once for those who have been there for an unbonding period, and ` +
      `for the operator ${xmex(n(a, 2))} of commission and ${xme(n(a, 3))} of bond from ${formatMoment(n(a, 4))} on.`,
    LevelChanged: (a) => `Node ${id(a, 0)} has level ${id(a, 1)} now.`,
    Delegated: (a) => `${t(a, 1)} delegated ${xmex(n(a, 2))} to node ${id(a, 0)} for ${shares(n(a, 3))} of it.`,
    Undelegated: (a) =>
      `${t(a, 1)} gave back ${shares(n(a, 2))} of node ${id(a, 0)} for ${xmex(n(a, 3))}; all that is unbonding can be taken from ` +
      `${formatMoment(n(a, 4))} on.`,
    Withdrawn: (a) => `${xmex(n(a, 2))} that had been unbonding went to ${t(a, 1)}.`,
    ClosedNodeLeft: (a) => `${xmex(n(a, 4))} of ${t(a, 1)} in the closed node ${id(a, 0)} went to ${t(a, 2)}.`,
    XmeClaimed: (a) => `${t(a, 0)} was paid ${xme(n(a, 2))}, to ${t(a, 1)}.`,
    XmexIncomeAdded: (a) => `${t(a, 0)} gave ${xmex(n(a, 1))}, which stream to delegators in the next month.`,
    XmeIncomeAdded: (a) => `${t(a, 0)} gave ${xme(n(a, 1))}, which stream to delegators in the next month.`,
    EmissionDrawn: (a) => `The emission vault gave ${xmex(n(a, 0))}, which stream to delegators in the next month.`,
    UnbondingPeriodChanged: (a) => `What is asked back from now on waits for ${formatDuration(n(a, 1))}.`,
  },
};
