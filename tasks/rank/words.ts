import type { ErrorDescription, LogDescription } from "ethers";
import { ZeroAddress } from "ethers";

import { formatCount } from "../../src/format.js";
import { formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Wording } from "../support/send.js";

/** @returns base units as XRANK */
export function xrank(amount: bigint): string {
  return tokens(amount, "XRANK");
}

/** @returns such as "1 day" or "100 days" */
export function days(count: bigint): string {
  return `${formatCount(count)} day${count === 1n ? "" : "s"}`;
}

type Arguments = ErrorDescription["args"];
const amountAt = (args: Arguments, i: number): bigint => args[i] as bigint;
const textAt = (args: Arguments, i: number): string => String(args[i]);

/** XRANK's refusals, each with what to do. */
export const RANK_REFUSALS: Wording<ErrorDescription> = {
  XRank_TermBelowMinimum: (a) =>
    `A mint takes at least ${days(amountAt(a, 1))}, not ${textAt(a, 0)}: give a longer --term.`,
  XRank_TermAboveMaximum: (a) =>
    `A mint takes at most ${days(amountAt(a, 1))} at the current global rank, not ${textAt(a, 0)}: give a shorter --term.`,
  XRank_MintInProgress: (a) =>
    `${textAt(a, 0)} has a mint under way already, with rank ${formatCount(amountAt(a, 1))}, mature after ` +
    `${formatMoment(amountAt(a, 2))}: end it with \`hardhat rank mint\` first, or use another account.`,
  XRank_NoMint: (a) => `${textAt(a, 0)} has no mint under way: start one with \`hardhat rank claim --term <days>\`.`,
  XRank_MintNotMature: (a) =>
    `The mint can be ended after ${formatMoment(amountAt(a, 0))}, and the chain's time is ${formatMoment(amountAt(a, 1))}: wait.`,
  XRank_ShareWithZeroAddress: () => "A reward cannot be shared with the zero address: give another --to.",
  XRank_ShareOfZeroPercent: () =>
    "A share of zero percent is none: give a higher --percent, or use `hardhat rank mint`.",
  XRank_ShareAbove100Percent: (a) => `At most 100 percent can be shared, not ${textAt(a, 0)}: give a lower --percent.`,
  XRank_StakeAbove100Percent: (a) =>
    `At most 100 percent can be staked, not ${textAt(a, 0)}: give a lower --stake-percent.`,
  XRank_StakeNotAboveMinimum: (a) =>
    `A stake must be above ${xrank(amountAt(a, 1))}, and this one would be ${xrank(amountAt(a, 0))}: stake more.`,
  XRank_StakeTermBelowMinimum: (a) =>
    `A stake takes at least ${days(amountAt(a, 1))}, not ${textAt(a, 0)}: give a longer term.`,
  XRank_StakeTermAboveMaximum: (a) =>
    `A stake takes at most ${days(amountAt(a, 1))}, not ${textAt(a, 0)}: give a shorter term.`,
  XRank_StakeExists: (a) =>
    `${textAt(a, 0)} has a stake of ${xrank(amountAt(a, 1))} already, mature after ${formatMoment(amountAt(a, 2))}: withdraw it ` +
    `first, or use another account.`,
  XRank_NoStake: (a) =>
    `${textAt(a, 0)} has no stake: start one with \`hardhat rank stake --amount <n> --term <days>\`.`,
  XRank_BurnNotAboveMinimum: (a) =>
    `A proof of burn must be above ${xrank(amountAt(a, 1))}, not ${xrank(amountAt(a, 0))}.`,
  XRank_CallerNotBurnRedeemable: (a) =>
    `${textAt(a, 0)} is no contract that redeems burned tokens, so it cannot burn for others.`,
  XRank_AllowanceBelowDecrease: (a) =>
    `${textAt(a, 0)} may spend ${xrank(amountAt(a, 1))}, which cannot be lowered by ${xrank(amountAt(a, 2))}.`,
  ERC20InsufficientBalance: (a) =>
    `${textAt(a, 0)} holds ${xrank(amountAt(a, 1))}, which is less than ${xrank(amountAt(a, 2))}: choose a smaller amount.`,
};

/** XRANK's events, as what happened. Movements between accounts are told only where tokens come or go. */
export const RANK_EVENTS: Wording<LogDescription> = {
  RankClaimed: (a) =>
    `${textAt(a, 0)} took rank ${formatCount(amountAt(a, 2))} and may mint after ${days(amountAt(a, 1))}.`,
  MintClaimed: (a) => `${textAt(a, 0)} ended a mint worth ${xrank(amountAt(a, 1))}.`,
  Staked: (a) => `${textAt(a, 0)} staked ${xrank(amountAt(a, 1))} for ${days(amountAt(a, 2))}.`,
  Withdrawn: (a) => `${textAt(a, 0)} got back ${xrank(amountAt(a, 1))} and ${xrank(amountAt(a, 2))} of yield.`,
  Transfer: (a) =>
    a[0] === ZeroAddress
      ? `${xrank(amountAt(a, 2))} were minted to ${textAt(a, 1)}.`
      : a[1] === ZeroAddress
        ? `${xrank(amountAt(a, 2))} of ${textAt(a, 0)} were burned.`
        : `${xrank(amountAt(a, 2))} went from ${textAt(a, 0)} to ${textAt(a, 1)}.`,
};
