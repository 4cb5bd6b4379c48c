import { type ErrorDescription, ZeroAddress } from "ethers";

import { formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";

/** @returns wei as XME */
export function xme(amount: bigint): string {
  return tokens(amount, "XME");
}

/** @returns wei as XMEX */
export function xmex(amount: bigint): string {
  return tokens(amount, "XMEX");
}

/** @returns wei as vXME, which are votes too */
export function vxme(amount: bigint): string {
  return tokens(amount, "vXME");
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);

/** What vXME refuses and tells. */
export const VOTES_WORDS: Words = {
  refusals: {
    VotingXME_AmountIsZero: () => "An amount of zero does nothing: give a higher --amount.",
    VotingXME_AboveStaked: (a) =>
      `${t(a, 0)} has ${xme(n(a, 2))} staked, less than ${xme(n(a, 1))}: give a lower --amount.`,
    VotingXME_AbovePending: (a) =>
      `${t(a, 0)} has ${xme(n(a, 2))} waiting, less than ${xme(n(a, 1))}: give a lower --amount.`,
    VotingXME_NothingPending: (a) => `${t(a, 0)} has no XME waiting: ask for it with \`hardhat stake request\` first.`,
    VotingXME_StillWaiting: (a) =>
      `The XME can be taken from ${formatMoment(n(a, 1))} on, and the chain's time is ${formatMoment(n(a, 2))}: wait, or stake it again ` +
      "with `hardhat stake restake`.",
    VotingXME_NothingEarned: (a) =>
      `${t(a, 0)} has earned no XMEX that was not claimed: \`hardhat stake status\` shows what streams.`,
    VotingXME_RecipientIsVotingXME: () => "What goes to vXME's own contract would be lost: give another --to.",
    VotingXME_NotTransferable: () => "vXME cannot be transferred: ask the XME back with `hardhat stake request`.",
    SafeCastOverflowedUintDowncast: (a) =>
      `${t(a, 1)} is more than the contract can keep (${t(a, 0)} bits): give a lower number.`,
    ERC5805FutureLookup: (a) =>
      `Votes at ${formatMoment(n(a, 0))} are not known before that time is over, and it is ${formatMoment(n(a, 1))}: run the command again.`,
  },
  events: {
    Staked: (a) => `${t(a, 0)} staked ${xme(n(a, 1))}.`,
    UnstakeRequested: (a) =>
      `${t(a, 0)} asked ${xme(n(a, 1))} back; all that waits can be taken from ${formatMoment(n(a, 2))} on.`,
    Restaked: (a) => `${t(a, 0)} staked ${xme(n(a, 1))} again.`,
    Withdrawn: (a) => `${xme(n(a, 2))} that ${t(a, 0)} had waiting went to ${t(a, 1)}.`,
    Claimed: (a) => `${xmex(n(a, 2))} that ${t(a, 0)} had earned went to ${t(a, 1)}.`,
    XmexIncomeAdded: (a) =>
      `${t(a, 0)} gave ${xmex(n(a, 1))}, which streams to all holders in the month after this one.`,
    DelegateChanged: (a) =>
      t(a, 2) === ZeroAddress
        ? `Nobody votes for ${t(a, 0)} now.`
        : t(a, 2) === t(a, 0)
          ? `${t(a, 0)} votes for itself now.`
          : `${t(a, 2)} votes for ${t(a, 0)} now.`,
    DelegateVotesChanged: (a) => `${t(a, 0)} has ${vxme(n(a, 2))} of votes now, after ${vxme(n(a, 1))}.`,
  },
};
