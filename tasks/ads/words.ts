import { type ErrorDescription, formatUnits } from "ethers";

import { formatCount } from "../../src/format.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";
import { percent, quoted } from "../support/text.js";

/** @returns wei as XME */
export function xme(amount: bigint): string {
  return tokens(amount, "XME");
}

/** @returns a price to the last digit, such as "0.5 XME" */
export function price(wei: bigint): string {
  return `${formatUnits(wei).replace(/\.0$/, "")} XME`;
}

/** @returns such as "1 impression" or "40,000 impressions" */
export function impressionsIn(count: bigint): string {
  return `${formatCount(count)} impression${count === 1n ? "" : "s"}`;
}

/** What a cost is shared in, in wei of XME. */
export interface Parts {
  readonly cost: bigint;
  readonly creators: bigint;
  readonly delegators: bigint;
  readonly burned: bigint;
  readonly treasury: bigint;
}

/** @returns such as "5 XME to creators, 2 XME to delegators, 2 XME burned, 1 XME to the treasury" */
export function partsIn({ creators, delegators, burned, treasury }: Parts): string {
  return `${xme(creators)} to creators, ${xme(delegators)} to delegators, ${xme(burned)} burned, ${xme(treasury)} to the treasury`;
}

/** How costs are shared, in basis points. */
export interface Split {
  readonly creatorsBps: bigint;
  readonly delegatorsBps: bigint;
  readonly burnBps: bigint;
  readonly treasuryBps: bigint;
}

/** @returns such as "50 % to creators, 20 % to delegators, 20 % burned, 10 % to the treasury" */
export function splitIn({ creatorsBps, delegatorsBps, burnBps, treasuryBps }: Split): string {
  return `${percent(creatorsBps)} to creators, ${percent(delegatorsBps)} to delegators, ${percent(burnBps)} burned, ${percent(treasuryBps)} to the treasury`;
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);
const id = (a: Arguments, i: number): string => formatCount(n(a, i));
/** Rows count from 0, lines from 1, and the first line is the header. */
const line = (a: Arguments): string => `Line ${formatCount(n(a, 0) + 2n)} of the file`;

/** How advertising settlement reads: its refusals, each with what to do, and its events. */
export const AD_WORDS: Words = {
  refusals: {
    AdSettlement_SplitNotCurrent: (a) =>
      `Costs are shared by split ${id(a, 1)} now, and no more by split ${id(a, 0)}: look at \`hardhat ads split\` and run the command again.`,
    AdSettlement_UnknownSplit: (a) => `There is no split ${id(a, 0)}: \`hardhat ads split\` shows those there are.`,
    AdSettlement_AmountIsZero: () => "A budget of zero pays for nothing: give a higher one.",
    AdSettlement_PriceIsZero: () => "A price of zero pays nobody: give a higher --price.",
    AdSettlement_PriceNotInSteps: (a) =>
      `A price is a whole number of ${price(n(a, 1))}, which ${price(n(a, 0))} is not: give another --price.`,
    AdSettlement_PriceTooHigh: (a) =>
      `A thousand impressions cost at most ${price(n(a, 1))}, not ${price(n(a, 0))}: give a lower --price.`,
    AdSettlement_StartTooFar: (a) =>
      `A campaign starts at ${formatMoment(n(a, 1))} at the latest, not at ${formatMoment(n(a, 0))}: give an earlier --start.`,
    AdSettlement_EndNotAfterStart: (a) =>
      `The campaign would end at ${formatMoment(n(a, 1))}, which is not after its start at ${formatMoment(n(a, 0))}: give a later end.`,
    AdSettlement_TooLong: (a) =>
      `From ${formatMoment(n(a, 0))} to ${formatMoment(n(a, 1))} is longer than the ${formatDuration(n(a, 2))} that a campaign may run: give an ` +
      `earlier end, or make two.`,
    AdSettlement_UnknownCampaign: (a) =>
      `There is no campaign ${id(a, 0)}: \`hardhat ads list --all\` shows those there are.`,
    AdSettlement_NotAdvertiser: (a) =>
      `${t(a, 1)} is not the advertiser of campaign ${id(a, 0)}, who is ${t(a, 2)}: choose the advertiser with --account.`,
    AdSettlement_Ended: (a) =>
      `Campaign ${id(a, 0)} ended at ${formatMoment(n(a, 1))}: what is left of it comes back with \`hardhat ads refund --campaign ${t(a, 0)}\`.`,
    AdSettlement_NotStarted: (a) =>
      `Campaign ${id(a, 0)} starts at ${formatMoment(n(a, 1))}: nothing was served before that, so wait.`,
    AdSettlement_SettlementClosed: (a) =>
      `Campaign ${id(a, 0)} could be settled before ${formatMoment(n(a, 1))}: the rest of it is the advertiser's now.`,
    AdSettlement_SettlementOpen: (a) =>
      `Campaign ${id(a, 0)} can still be settled until ${formatMoment(n(a, 1))}, and refunded from then on: wait.`,
    AdSettlement_NotNextReport: (a) =>
      `The next report of campaign ${id(a, 0)} has the number ${id(a, 2)}, not ${id(a, 1)}: see with \`hardhat ads show --campaign ${t(a, 0)}\` ` +
      `whether this one was settled already.`,
    AdSettlement_NoRows: () => "The report has no rows.",
    AdSettlement_InvalidCreator: (a) => `${line(a)} names ${t(a, 1)}, who could never take what is credited.`,
    AdSettlement_NoImpressions: (a) => `${line(a)} has no impressions of ${t(a, 1)}: leave it out.`,
    AdSettlement_AboveSpendable: (a) =>
      `The report costs ${xme(n(a, 1))}, and budget and pace leave campaign ${id(a, 0)} ${xme(n(a, 2))} now: settle it later, or what it can pay.`,
    AdSettlement_NothingToRefund: (a) => `Nothing is left of campaign ${id(a, 0)} to refund.`,
    AdSettlement_NothingToWithdraw: (a) => `${t(a, 0)} has no credit for impressions.`,
    AdSettlement_RecipientIsSettlement: () => "What goes to the settlement itself would be lost: give another --to.",
    AdSettlement_NoIncome: () => "No module takes the delegators' part now: it waits until governance names one.",
    AdSettlement_IncomeNotTaken: (a) =>
      `${t(a, 0)} left ${xme(n(a, 1))} of the delegators' part untaken: all of it waits until governance names another module.`,
    AccessManagedUnauthorized: (a) =>
      `${t(a, 0)} has not the settler's role, which this takes: \`hardhat roles\` shows who has.`,
    AccessManagedRequiredDelay: (a) =>
      `${t(a, 0)} has to schedule this at the access manager ${formatDuration(n(a, 1))} before it may do it.`,
    ReentrancyGuardReentrantCall: () => "The contract is in the middle of another call: run the command again.",
    SafeCastOverflowedUintDowncast: (a) =>
      `${t(a, 1)} is more than the contract can keep (${t(a, 0)} bits): give a lower number.`,
  },
  events: {
    CampaignCreated: (a) =>
      `Campaign ${id(a, 0)} of ${t(a, 1)} has ${xme(n(a, 2))} in escrow and pays ${price(n(a, 3))} for a thousand impressions from ` +
      `${formatMoment(n(a, 4))} to ${formatMoment(n(a, 5))}, shared by split ${id(a, 6)}.`,
    BudgetRaised: (a) => `${t(a, 1)} added ${xme(n(a, 2))} to the budget of campaign ${id(a, 0)}.`,
    CampaignStopped: (a) =>
      `Campaign ${id(a, 0)} ended at ${formatMoment(n(a, 1))}, and ${xme(n(a, 2))} came back to its advertiser.`,
    Credited: (a) => `${t(a, 1)} was credited ${xme(n(a, 3))} for ${impressionsIn(n(a, 2))} in campaign ${id(a, 0)}.`,
    Settled: (a) => {
      const [cost, creators, delegators, burned, treasury] = a[2] as unknown as bigint[];
      const parts = { cost, creators, delegators, burned, treasury } as Parts;
      return `Report ${id(a, 1)} of campaign ${id(a, 0)} was settled for ${xme(parts.cost)}: ${partsIn(parts)}; its hash is ${t(a, 3)}, and it lies at ${quoted(t(a, 4))}.`;
    },
    Refunded: (a) => `${xme(n(a, 2))} that campaign ${id(a, 0)} did not spend went back to ${t(a, 1)}.`,
    Withdrawn: (a) => `${xme(n(a, 2))} of credit went to ${t(a, 1)}.`,
    Distributed: (a) => `${xme(n(a, 0))} were burned, and ${xme(n(a, 1))} went to the treasury.`,
    DelegatorsPaid: (a) => `${xme(n(a, 1))} of delegators' parts went to ${t(a, 0)}.`,
  },
};
