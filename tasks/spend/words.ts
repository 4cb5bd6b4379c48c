import type { ErrorDescription } from "ethers";
import { toBeHex } from "ethers";

import { formatCount } from "../../src/format.js";
import { GROWTH_PERKS, SPENDING_CATEGORIES, SPENDING_PARTS } from "../../src/xme/spending.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";
import { percent, printable, quoted } from "../support/text.js";

/** Seconds of a week and of a day, as the contracts count them from the Unix epoch. */
export const WEEK = 7n * 86_400n;
export const DAY = 86_400n;

/** @returns wei as XMEX */
export function xmex(amount: bigint): string {
  return tokens(amount, "XMEX");
}

/** @returns a content's number as its hash reads */
export function contentName(id: bigint): string {
  return `content ${toBeHex(id, 32)}`;
}

const CATEGORY_NAMES = [
  "unlocked content",
  "memberships",
  "tips",
  "boosts",
  "hot spots",
  "AI services",
  "goods",
  "collectibles",
  "tickets",
  "growth",
] as const;

/** @returns what a category is called in a sentence */
export function categoryName(category: bigint | number): string {
  return CATEGORY_NAMES[Number(category)] ?? `category ${String(category)}`;
}

/** @returns what a category is called on the command line */
export function categoryOption(category: bigint | number): string {
  return SPENDING_CATEGORIES[Number(category)] ?? String(category);
}

/** What a price is shared in, or a split says. */
export interface Shares {
  readonly creator: bigint;
  readonly burned: bigint;
  readonly buyback: bigint;
  readonly delegators: bigint;
  readonly voters: bigint;
  readonly emission: bigint;
  readonly treasury: bigint;
}

/** @returns what is not zero, such as "70 XMEX to the creator, 30 XMEX burned" */
export function sharesIn(
  { creator, burned, buyback, delegators, voters, emission, treasury }: Shares,
  figure: (share: bigint) => string = xmex,
): string {
  const named: readonly (readonly [bigint, string])[] = [
    [creator, "to the creator or seller"],
    [burned, "burned"],
    [buyback, "to buy XME back"],
    [delegators, "to delegators of nodes"],
    [voters, "to holders of vXME"],
    [emission, "back to the emission vault"],
    [treasury, "to the treasury"],
  ];
  const said = named.flatMap(([share, where]) => (share === 0n ? [] : [`${figure(share)} ${where}`]));
  return said.length === 0 ? "nothing" : said.join(", ");
}

/** A split, in basis points. */
export type SplitBps = Readonly<
  Record<`${"creator" | "burn" | "buyback" | "delegators" | "voters" | "emission" | "treasury"}Bps`, bigint>
>;

/** @returns a split in percent */
export function splitIn(split: SplitBps): string {
  return sharesIn(
    {
      creator: split.creatorBps,
      burned: split.burnBps,
      buyback: split.buybackBps,
      delegators: split.delegatorsBps,
      voters: split.votersBps,
      emission: split.emissionBps,
      treasury: split.treasuryBps,
    },
    percent,
  );
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);
const id = (a: Arguments, i: number): string => formatCount(n(a, i));
const part = (a: Arguments): string => SPENDING_PARTS[Number(n(a, 0))] ?? t(a, 0);
const SEE = "`hardhat spend catalogue` shows what is for sale";
const KEEPER = (a: Arguments): string =>
  `${t(a, 0)} is not the keeper of the platform's catalogue: choose who is with --account; \`hardhat roles\` shows who has that role.`;
const whole = (a: Arguments, i = 0): string =>
  `${t(a, i)} wei is no whole number of gwei: give an amount of XMEX with at most 9 decimals.`;
const period = (a: Arguments): string =>
  `A period of ${formatDuration(n(a, 0))} is not between ${formatDuration(n(a, 1))} and ${formatDuration(n(a, 2))}: give another --period.`;
const wide = (a: Arguments): string =>
  `${t(a, 1)} is more than the contract can keep (${t(a, 0)} bits): give a lower number.`;

/** How spending reads: its refusals, each with what to do, and its events. */
export const SPENDING_WORDS: Words = {
  refusals: {
    Spending_AmountIsZero: () => "An amount of zero buys nothing: give a higher one.",
    Spending_NotWholeGwei: (a) => whole(a),
    Spending_AboveMaxPrice: (a) =>
      `It costs ${xmex(n(a, 0))} now, more than the ${xmex(n(a, 1))} that were announced: run the command again to see the new price.`,
    Spending_InvalidCreator: (a) => `${t(a, 0)} cannot be paid as a creator: give another address.`,
    Spending_NotForSale: (a) => `This is not for sale (${categoryName(n(a, 0))}, number ${t(a, 1)}): ${SEE}.`,
    Spending_AlreadyUnlocked: (a) => `${t(a, 1)} has unlocked ${contentName(n(a, 0))} already, for good.`,
    Spending_PeriodTooShort: (a) =>
      `A period lasts ${formatDuration(n(a, 0))} now, less than the ${formatDuration(n(a, 1))} that were announced: run the command again.`,
    Spending_WeekOutOfRange: (a) =>
      `A boost can be bought for this week and the ${String(n(a, 2) - n(a, 1))} after it: give a lower --weeks-ahead.`,
    Spending_DayOutOfRange: (a) =>
      `A hot spot can be bought for today and the ${String(n(a, 2) - n(a, 1))} days after it: give a lower --days-ahead.`,
    Spending_NoHotSpotLeft: (a) => `All ${id(a, 1)} hot spots of that day are taken: give another --days-ahead.`,
    Spending_HoldsTooLittle: (a) =>
      `${t(a, 0)} holds ${xmex(n(a, 1))}, less than the ${xmex(n(a, 2))} that the service asks for: hold more, or pay with \`hardhat spend service\`.`,
    Spending_NoGrowthShop: () => "Nobody sells growth: governance has named no module that does.",
    Spending_TooLittleGas: () => "The transaction carries too little gas for all receivers: send it with more.",
    AccessManagedUnauthorized: (a) =>
      `${t(a, 0)} lacks the role that this takes: \`hardhat roles\` shows who has which.`,
    ReentrancyGuardReentrantCall: () => "A purchase cannot be made from within another.",
    SafeCastOverflowedUintDowncast: wide,
  },
  events: {
    Spent: (a) =>
      `${t(a, 0)} spent ${xmex(n(a, 4))} on ${categoryName(n(a, 1))}` +
      `${n(a, 6) === 0n ? "" : `, of which ${xmex(n(a, 6))} went to ${t(a, 5)} at once`}.`,
    MembershipRenewed: (a) => `${t(a, 2)} is a member by plan ${t(a, 1)} until ${formatMoment(n(a, 3))}.`,
    Boosted: (a) =>
      `${contentName(n(a, 0))} is boosted by ${xmex(n(a, 3))} in the week from ${formatMoment(n(a, 1) * WEEK)}.`,
    HotSpotTaken: (a) =>
      `${contentName(n(a, 2))} is in hot spot ${String(n(a, 1) + 1n)} of ${formatMoment(n(a, 0) * DAY).slice(0, 10)}.`,
    ServiceRequested: (a) =>
      n(a, 2) === 0n
        ? `${t(a, 1)} asked service ${t(a, 0)} by the XMEX that it holds, for request ${t(a, 3)}.`
        : `${t(a, 1)} paid for ${id(a, 2)} units of service ${t(a, 0)}, for request ${t(a, 3)}.`,
    ItemBought: (a) => `${t(a, 1)} bought ${id(a, 2)} of item ${t(a, 0)}.`,
    GrowthBought: (a) => {
      const perk = GROWTH_PERKS[Number(n(a, 1))] ?? t(a, 1);
      return perk === "privilege"
        ? `${t(a, 0)} bought the privilege ${t(a, 2)}.`
        : `${t(a, 0)} bought ${id(a, 2)} days of ${perk}.`;
    },
    Distributed: (a) =>
      `${xmex(n(a, 2))} spent on ${categoryName(n(a, 1))} in the week from ${formatMoment(n(a, 0) * WEEK)} are distributed.`,
    Delivered: (a) =>
      part(a) === "burn" ? `${xmex(n(a, 2))} were burned.` : `${t(a, 1)} took ${xmex(n(a, 2))} for ${part(a)}.`,
    LeftWaiting: (a) => `${xmex(n(a, 2))} for ${part(a)} wait: their receiver did not take them.`,
  },
};

/** How the catalogue reads. */
export const CATALOGUE_WORDS: Words = {
  refusals: {
    AccessManagedUnauthorized: KEEPER,
    SpendingCatalogue_NotWholeGwei: (a) => whole(a),
    SpendingCatalogue_PeriodOutOfRange: period,
    SpendingCatalogue_TooManyHotSpots: (a) =>
      `A day has at most ${t(a, 1)} hot spots, not ${t(a, 0)}: give fewer --slots.`,
    SafeCastOverflowedUintDowncast: wide,
  },
  events: {
    PlanChanged: (a) =>
      n(a, 2) === 0n
        ? `Plan ${t(a, 1)} of ${ownerOf(t(a, 0))} is closed.`
        : `Plan ${t(a, 1)} of ${ownerOf(t(a, 0))} costs ${xmex(n(a, 2))} for ${formatDuration(n(a, 3))}.`,
    HotSpotsChanged: (a) => `A day has ${id(a, 1)} hot spots for ${xmex(n(a, 0))} each.`,
    ServiceChanged: (a) =>
      `A unit of service ${t(a, 0)} costs ${xmex(n(a, 1))}, and ${xmex(n(a, 2))} are enough to hold; zero is not offered.`,
  },
};

/** @returns whose a plan is */
export function ownerOf(creator: string): string {
  return /^0x0+$/.test(creator) ? "the platform" : creator;
}

/** How items read. */
export const ITEM_WORDS: Words = {
  refusals: {
    AccessManagedUnauthorized: KEEPER,
    PlatformItems_UnknownItem: (a) => `There is no item ${t(a, 0)}: ${SEE}.`,
    PlatformItems_AmountIsZero: () => "An amount of zero does nothing: give a higher one.",
    PlatformItems_AboveSupply: (a) =>
      `Of item ${t(a, 0)} ${id(a, 2)} are left, less than ${id(a, 1)}: give a lower --amount.`,
    PlatformItems_OutsideSale: (a) =>
      n(a, 2) <= n(a, 1)
        ? `The sale of item ${t(a, 0)} was called off before it began.`
        : `Item ${t(a, 0)} is sold from ${formatMoment(n(a, 1))} until ${formatMoment(n(a, 2))} only.`,
    PlatformItems_NotItemCategory: (a) =>
      `There are no items of ${categoryName(n(a, 0))}: choose goods, collectible or ticket.`,
    PlatformItems_SupplyIsZero: () => "There would be none of the item: give a higher --supply.",
    PlatformItems_PriceIsZero: () => "An item has a price: give a higher --price.",
    PlatformItems_NotWholeGwei: (a) => whole(a),
    PlatformItems_EndNotAfterStart: (a) =>
      `The sale would end ${formatMoment(n(a, 1))}, not after its start, ${formatMoment(n(a, 0))}: give a later --end.`,
    PlatformItems_PeriodOfTransferable: () => "Only what cannot change hands can have a period: add --soulbound.",
    PlatformItems_PeriodOutOfRange: period,
    PlainText_LengthOutOfRange: (a) =>
      `A URI has between 1 and ${t(a, 1)} characters, not ${t(a, 0)}: give another --uri.`,
    PlainText_UnfitCharacter: (a) => `The character ${String(n(a, 1) + 1n)} of --uri is unfit for one: give another.`,
    ERC1155InvalidReceiver: (a) => `${t(a, 0)} is a contract that takes no items.`,
    SafeCastOverflowedUintDowncast: wide,
  },
  events: {
    ItemListed: (a) => `Item ${t(a, 0)} is listed, described at ${quoted(String((a[1] as { uri: string }).uri))}.`,
    SaleChanged: (a) => `Item ${t(a, 0)} costs ${xmex(n(a, 1))} and is sold until ${formatMoment(n(a, 2))}.`,
    Extended: (a) => `Item ${t(a, 0)} lasts until ${formatMoment(n(a, 2))} for ${t(a, 1)}.`,
  },
};

/** How the registry of content reads, as far as buyers meet it. */
export const CONTENT_WORDS: Words = {
  refusals: { ERC721NonexistentToken: (a) => `There is no ${contentName(n(a, 0))} in the registry.` },
  events: {},
};

/** How growth reads, as far as buyers meet it. */
export const GROWTH_WORDS: Words = {
  refusals: {
    UserGrowth_DaysAreZero: () => "No days would be bought: give a higher --days.",
    UserGrowth_TooManyDays: (a) => `${t(a, 0)} would have it for longer than can be bought ahead: give fewer --days.`,
    UserGrowth_UnknownPrivilege: (a) => `There is no privilege ${printable(t(a, 0))}: ${SEE}.`,
    UserGrowth_AlreadyUnlocked: (a) => `${t(a, 0)} has the privilege ${t(a, 1)} already, for good.`,
  },
  events: {},
};
