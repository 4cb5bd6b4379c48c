import type { ErrorDescription } from "ethers";

import { formatCount } from "../../src/format.js";
import { formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";
import { quoted } from "../support/text.js";

/** @returns wei as XMEX */
export function xmex(amount: bigint): string {
  return tokens(amount, "XMEX");
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);
const epoch = (a: Arguments): string => `Epoch ${t(a, 0)}`;

/** How social mining reads: its refusals, each with what to do, and its events. */
export const MINING_WORDS: Words = {
  refusals: {
    SocialMining_BeforeFirstEpoch: (a) => `${epoch(a)} is before ${t(a, 1)}, the first that counts: give a later one.`,
    SocialMining_EpochNotOver: (a) => `${epoch(a)} ends at ${formatMoment(n(a, 1))}: wait until it is over.`,
    SocialMining_PublishingClosed: (a) =>
      `${epoch(a)} could be published until ${formatMoment(n(a, 1))}: its budget stays in the stream.`,
    SocialMining_AlreadyPublished: (a) =>
      `${epoch(a)} has the root ${t(a, 1)} already: only a striker can take it away, in time.`,
    SocialMining_RootIsZero: () => "The root is zero: give the store that `hardhat mining build` wrote.",
    SocialMining_PointsAreZero: () => "The points sum to zero: there is nothing to publish.",
    SocialMining_NotPublished: (a) =>
      `${epoch(a)} has no root that stands: wait until it is published, \`hardhat mining status\` shows it.`,
    SocialMining_StrikingClosed: (a) => `${epoch(a)} could be struck until ${formatMoment(n(a, 1))}: its root stands.`,
    SocialMining_StrikingOpen: (a) => `${epoch(a)} can be struck until ${formatMoment(n(a, 1))}: wait until then.`,
    SocialMining_AlreadyDrawn: (a) => `${epoch(a)} has its budget already: claim from it.`,
    SocialMining_NoBudget: (a) =>
      `${epoch(a)} has no budget now, since its stream has too little for it: nothing is lost, try again later. \`hardhat mining status\` shows what it takes.`,
    SocialMining_Expired: (a) =>
      `${epoch(a)} could be claimed until ${formatMoment(n(a, 1))}: what nobody claimed goes back to the stream.`,
    SocialMining_AlreadyClaimed: (a) =>
      `${t(a, 1)} has claimed epoch ${t(a, 0)} already: what is not paid yet comes by \`hardhat mining withdraw\`.`,
    SocialMining_InvalidProof: (a) =>
      `${epoch(a)} does not know ${t(a, 1)} with ${formatCount(n(a, 2))} points: give the store that its root was published from.`,
    SocialMining_AboveTotalPoints: (a) =>
      `${epoch(a)} has only ${formatCount(n(a, 2))} points left to claim, less than ${formatCount(n(a, 1))}: its root does not keep its own sum.`,
    SocialMining_NothingToWithdraw: (a) =>
      `${t(a, 0)} can be paid nothing now: it has no credit, or had today's part of it. \`hardhat mining status\` shows both.`,
    SocialMining_NotExpired: (a) => `${epoch(a)} can be claimed until ${formatMoment(n(a, 1))}: wait until then.`,
    SocialMining_NothingToReturn: (a) => `${epoch(a)} has nothing to give back.`,
    SocialMining_TooLittleGas: (a) =>
      `The call had ${formatCount(n(a, 0))} gas left where it needs ${formatCount(n(a, 1))}: give it a higher gas limit.`,
    AccessManagedUnauthorized: (a) =>
      `${t(a, 0)} may not do that: \`hardhat roles\` shows who publishes and who strikes; choose one with --account.`,
  },
  events: {
    RootPublished: (a) =>
      `Epoch ${t(a, 0)} was published: ${formatCount(n(a, 2))} points under the root ${t(a, 1)}, from the log ${t(a, 3)} at ${quoted(t(a, 4))}. ` +
      `It can be struck until ${formatMoment(n(a, 5))}, and claimed from then on.`,
    RootStruck: (a) => `The root ${t(a, 1)} of epoch ${t(a, 0)} was struck: it pays nothing.`,
    BudgetDrawn: (a) => `Epoch ${t(a, 0)} has a budget of ${xmex(n(a, 1))}.`,
    Claimed: (a) =>
      `${t(a, 1)} was credited ${xmex(n(a, 3))} for ${formatCount(n(a, 2))} points in epoch ${t(a, 0)}, and paid ${xmex(n(a, 4))}.`,
    Withdrawn: (a) => `${t(a, 0)} was paid ${xmex(n(a, 1))}.`,
    UnclaimedReturned: (a) => `${xmex(n(a, 1))} of epoch ${t(a, 0)} went back to the stream.`,
  },
};
