import type { ErrorDescription } from "ethers";

import { formatCount } from "../../src/format.js";
import { CONTRIBUTION } from "../../src/xme/growth.js";
import { formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";

/** @returns wei as XMEX */
export function xmex(amount: bigint): string {
  return tokens(amount, "XMEX");
}

/** @returns such as "1 point" or "2,000 points" */
export function counted(count: bigint, what: string): string {
  return `${formatCount(count)} ${what}${count === 1n ? "" : "s"}`;
}

/** Seconds of a day, as the contract counts days from the Unix epoch. */
export const DAY = 86_400n;

/** @returns a day by its date */
export function dateOf(day: bigint): string {
  return formatMoment(day * DAY).replace(/ 00:00:00 UTC$/, "");
}

/** What can be unlocked for good, by its number. */
export const PRIVILEGE_NAMES = ["advanced tasks", "test priority"] as const;

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);

/** How user growth reads: its refusals, each with what to do, and its events. */
export const GROWTH_WORDS: Words = {
  refusals: {
    UserGrowth_AlreadyCheckedIn: (a) =>
      `${t(a, 0)} checked in on ${dateOf(n(a, 1))} already: the next day begins at midnight UTC.`,
    UserGrowth_NothingToCollect: (a) =>
      `${t(a, 0)} has nothing to collect: each ${formatCount(CONTRIBUTION.xmexPerPoint)} whole XMEX that social mining credited bring a point, once.`,
    UserGrowth_InviterIsInvitee: (a) => `${t(a, 0)} cannot invite itself: give who invited you by --inviter.`,
    UserGrowth_AlreadyInvited: (a) => `${t(a, 0)} was invited by ${t(a, 1)}, once for ever.`,
    UserGrowth_TooFewDays: (a) =>
      `${t(a, 0)} has checked in on ${counted(n(a, 1), "day")}, and ${formatCount(n(a, 2))} are needed: wait for more.`,
    UserGrowth_HasClaimed: (a) =>
      `${t(a, 0)} has claimed from social mining, and an invitation is accepted before the first claim: it is too late.`,
    UserGrowth_HasNotClaimed: (a) =>
      `${t(a, 0)} has not claimed from social mining yet, which completes an invitation: see \`hardhat mining claim\`.`,
    UserGrowth_NotInvited: (a) => `${t(a, 0)} has accepted no invitation: see \`hardhat growth accept\`.`,
    UserGrowth_AlreadyCompleted: (a) => `The invitation of ${t(a, 0)} was completed and paid already.`,
    UserGrowth_StreamCannotPay: (a) =>
      `User growth can draw ${xmex(n(a, 1))} from its stream, less than the ${xmex(n(a, 0))} promised: nothing is lost, try again later.`,
  },
  events: {
    CheckedIn: (a) =>
      `${t(a, 0)} checked in on ${dateOf(n(a, 1))}, ${counted(n(a, 2), "day")} in a row, and has ${counted(n(a, 3), "point")}.`,
    PointsAdded: (a) => `${t(a, 0)} got ${counted(n(a, 2), "point")} and has ${formatCount(n(a, 3))}.`,
    ContributionCollected: (a) =>
      `${t(a, 0)} has turned ${formatCount(n(a, 1))} XMEX of social mining into points so far.`,
    InvitationAccepted: (a) =>
      `${t(a, 1)} invited ${t(a, 0)}: ${xmex(n(a, 2))} for the inviter and ${xmex(n(a, 3))} for who came, once it is completed.`,
    InvitationCompleted: (a) =>
      `The invitation of ${t(a, 0)} is completed: ${xmex(n(a, 2))} to ${t(a, 1)}, and ${xmex(n(a, 3))} to ${t(a, 0)}.`,
    Accelerated: (a) => `Check-ins of ${t(a, 0)} count twice before ${dateOf(n(a, 1))}.`,
    Protected: (a) => `No day of ${t(a, 0)} before ${dateOf(n(a, 2))} is idle.`,
    PrivilegeUnlocked: (a) => `${t(a, 0)} has ${PRIVILEGE_NAMES[Number(n(a, 1))] ?? `privilege ${t(a, 1)}`} for good.`,
  },
};
