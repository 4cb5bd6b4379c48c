import { type ErrorDescription, toBeHex, ZeroAddress } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import { formatCount } from "../../src/format.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";
import { percent, printable } from "../support/text.js";

/** @returns the price of a content as people read it */
export function price(unlockPrice: bigint): string {
  return unlockPrice === 0n ? "nothing" : tokens(unlockPrice, "XMEX", 18);
}

/** @returns the hash that the number of a content is */
export function hashOf(contentId: bigint): `0x${string}` {
  return toBeHex(contentId, 32) as `0x${string}`;
}

/** @returns where a content's document is, which is whatever its owner wrote */
export function whereabouts(uri: string): string {
  return uri === "" ? "nowhere" : `at ${printable(uri)}`;
}

/** @returns why a commitment cannot be revealed yet */
export function tooYoung(from: bigint, now: bigint): string {
  return (
    `The commitment is too young: it can be registered from ${formatMoment(from)} on, in ${formatDuration(from > now ? from - now : 0n)}. Run the ` +
    "same command again then."
  );
}

/** @returns why a commitment cannot be revealed any more */
export function expired(until: bigint): string {
  return (
    `The commitment has expired: it could be registered until ${formatMoment(until)}. Run \`hardhat content commit\` again, which finds the salt again, and ` +
    "register a minute to a day later."
  );
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => printable(String(a[i]));
const content = (a: Arguments, i: number): string => hashOf(n(a, i));

/** How the registry of contents reads: its refusals, each with what to do, and its events. */
export const CONTENT_WORDS: Words = {
  refusals: {
    ContentRegistry_HashIsZero: () => "A hash of zero stands for no content: give the hash of a file, or the --file.",
    ContentRegistry_AlreadyRegistered: (a) =>
      `${content(a, 0)} was registered by ${t(a, 1)}, for ever: \`hardhat content show\` tells more.`,
    ContentRegistry_NotCommitted: (a) =>
      `${t(a, 0)} has made no commitment ${t(a, 1)}, or has revealed it: run \`hardhat content commit\` first.`,
    ContentRegistry_CommitmentTooYoung: (a) => tooYoung(n(a, 1), n(a, 2)),
    ContentRegistry_CommitmentExpired: (a) => expired(n(a, 1)),
    ContentRegistry_RoyaltyTooHigh: (a) =>
      `A royalty of ${percent(n(a, 0))} is above ${percent(n(a, 1))}, the highest: give a lower --royalty.`,
    ContentRegistry_PriceNotInSteps: () => "A price has at most nine decimals of XMEX: give another --price.",
    ContentRegistry_PriceTooHigh: (a) =>
      `A price of ${price(n(a, 0))} is above ${price(n(a, 1))}, the highest: give a lower --price.`,
    ContentRegistry_NotOwner: (a) =>
      `${content(a, 0)} belongs to ${t(a, 2)}, who alone changes its price and its document: ${t(a, 1)} cannot.`,
    PlainText_LengthOutOfRange: (a) =>
      `--uri has ${formatCount(n(a, 0))} characters: write 1 to ${formatCount(n(a, 1))}.`,
    PlainText_UnfitCharacter: (a) =>
      `--uri has a character that no URI has (${t(a, 0)}, after ${formatCount(n(a, 1))} others): write it percent-encoded.`,
    ERC721NonexistentToken: (a) =>
      `Nobody has registered ${content(a, 0)}: one changed bit makes another hash, so look for the file as it was registered.`,
    ERC721InsufficientApproval: (a) =>
      `${content(a, 1)} is not ${t(a, 0)}'s to transfer: its owner can, or whom the owner approved.`,
    ERC721IncorrectOwner: (a) => `${content(a, 1)} belongs to ${t(a, 2)}, and no longer to ${t(a, 0)}.`,
    ERC721InvalidReceiver: (a) =>
      t(a, 0) === ZeroAddress
        ? "Nothing can be transferred to nobody, the address of zeros: give another --to."
        : `${t(a, 0)} is a contract that takes no such tokens: give another --to.`,
  },
  events: {
    Committed: (a) =>
      `${t(a, 0)} committed at ${formatMoment(n(a, 2))}: it can be registered from ${formatMoment(n(a, 2) + 60n)} until ${formatMoment(n(a, 2) + 86_400n)}.`,
    ContentRegistered: (a) =>
      `${t(a, 1)} registered ${t(a, 2)} at ${formatMoment(n(a, 3))}, with a royalty of ${percent(n(a, 4))} for good.`,
    UnlockPriceChanged: (a) => `${content(a, 0)} is unlocked for ${price(n(a, 2))} from now on.`,
    DocumentMoved: (a) => `${content(a, 0)} is described ${whereabouts(String(a[2]))} from now on.`,
    Transfer: (a) =>
      t(a, 0) === ZeroAddress
        ? `${t(a, 1)} received the token ${String(n(a, 2))}.`
        : `${t(a, 0)} transferred ${content(a, 2)} to ${t(a, 1)}.`,
    Approval: (a) =>
      t(a, 1) === ZeroAddress
        ? `Nobody but ${t(a, 0)} may transfer ${content(a, 2)}.`
        : `${t(a, 1)} may transfer ${content(a, 2)} of ${t(a, 0)}.`,
    ApprovalForAll: (a) =>
      `${t(a, 1)} ${a[2] === true ? "may transfer all contents" : "may not transfer all contents any more"} of ${t(a, 0)}.`,
  },
};

/** @throws ExplainedError with the contract's own refusal, before it is asked. */
export function refuse(error: string, ...values: readonly unknown[]): never {
  throw new ExplainedError(CONTENT_WORDS.refusals[error]?.(values as never) ?? error);
}
