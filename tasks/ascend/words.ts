import { type ErrorDescription, formatUnits } from "ethers";

import { formatCount } from "../../src/format.js";
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

/** @returns a rate with 18 decimals, such as "0.01 XME for an XMEX" */
export function rate(wad: bigint): string {
  return `${formatUnits(wad).replace(/\.0$/, "")} XME for an XMEX`;
}

/** Seconds of a round, as the contract counts them from the Unix epoch. */
export const ROUND = 7n * 86_400n;

/** @returns when a round is over */
export function overAt(round: bigint): string {
  return formatMoment((round + 1n) * ROUND);
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);
const round = (a: Arguments): string => `Round ${formatCount(n(a, 0))}`;

/** How the channel from XMEX to XME reads: its refusals, each with what to do, and its events. */
export const ASCENSION_WORDS: Words = {
  refusals: {
    Ascension_AmountIsZero: () => "An amount of zero does nothing: give a higher --amount.",
    Ascension_AmountNotInSteps: () => "A deposit has at most nine decimals of XMEX: give another --amount.",
    Ascension_NoBudget: (a) =>
      `${round(a)} cannot begin: ${xme(n(a, 1))} are free for rounds, and a week's budget is ${xme(n(a, 2))}. Wait until the channel is funded and ` +
      "open: `hardhat ascend status` shows it.",
    Ascension_AboveCapacity: (a) =>
      `${round(a)} takes only ${xmex(n(a, 2))} more, less than ${xmex(n(a, 1))}: give a lower --amount, or wait until ${overAt(n(a, 0))}.`,
    Ascension_BelowMinimum: (a) =>
      `${round(a)} promises ${xme(n(a, 1))}, less than the ${xme(n(a, 2))} asked for: give a lower --min, or deposit nothing.`,
    Ascension_NothingToClaim: (a) =>
      `${t(a, 0)} has nothing to claim now: a round pays when its week is over, see \`hardhat ascend status\`.`,
    SafeCastOverflowedUintDowncast: (a) =>
      `${t(a, 1)} is more than the contract can keep (${t(a, 0)} bits): give a lower --amount.`,
  },
  events: {
    Funded: (a) => `${t(a, 0)} funded the channel with ${xme(n(a, 1))}.`,
    RoundOpened: (a) =>
      `${round(a)} began with ${xme(n(a, 1))}: at most ${rate(n(a, 2))}, at least ${rate(n(a, 3))}. ${xme(n(a, 4))} are left for later rounds.`,
    RoundSettled: (a) =>
      `${round(a)} is over: it pays ${xme(n(a, 2))} for ${xmex(n(a, 1))}, and ${xme(n(a, 3))} are free again.`,
    Deposited: (a) =>
      `${t(a, 1)} locked ${xmex(n(a, 2))} for ever in round ${formatCount(n(a, 0))}, for ${xme(n(a, 3))} or more.`,
    Claimed: (a) => `${t(a, 0)} was paid ${xme(n(a, 1))}.`,
  },
};
