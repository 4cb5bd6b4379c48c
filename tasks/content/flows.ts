import { ZeroAddress } from "ethers";

import { eventsOf } from "../../src/chain/events.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Hash } from "../../src/deployment/folder.js";
import {
  CONTENT_MAX_COMMITMENT_AGE,
  CONTENT_MAX_ROYALTY_BPS,
  CONTENT_MAX_UNLOCK_PRICE,
  CONTENT_MIN_COMMITMENT_AGE,
  CONTENT_PRICE_STEP,
} from "../../src/xme/content.js";
import type { ContentRegistry } from "../../typechain-types/index.js";
import { basisPoints, formatDuration, formatMoment, required, tokenAmount } from "../support/inputs.js";
import { carryOut, type Outcome, type Token } from "../support/outcome.js";
import { givenRecipient } from "../support/recipient.js";
import { attempt, type Call, callOf } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { percent, printable } from "../support/text.js";
import { type ContentOptions, type GivenContent, givenContent } from "./file.js";
import { findSalt, keepSalt, type Purpose, type SaltPlace } from "./salts.js";
import { CONTENT_WORDS, expired, price, refuse, tooYoung, whereabouts } from "./words.js";

/** What a command did, and to which content. */
export interface ContentOutcome extends Outcome {
  readonly content: Hash;
  /** Where the salt is kept, for commitments and registrations. */
  readonly saltFile?: string;
}

function signing(session: Session): ContentRegistry {
  return session.deployment.xme.contentRegistry.connect(signerOf(session));
}

/** The registry's tokens, as balances count them. */
function contents({ deployment }: Session): Token {
  const { contentRegistry } = deployment.xme;
  return { symbol: "CONTENT", decimals: 0, balanceOf: (account) => contentRegistry.balanceOf(account) };
}

/** What a commitment of the account to a content is bound to. */
export async function purposeOf({ account, deployment }: Session): Promise<Omit<Purpose, "hash">> {
  return { account, chainId: deployment.chainId, registry: await deployment.xme.contentRegistry.getAddress() };
}

/**
 * @returns the time that the next block has at least: the latest block may be old where blocks are only made for transactions
 */
export async function nextTime(session: Pick<Session, "connection">): Promise<bigint> {
  const latest = await chainTime(session);
  try {
    // Not ethers' getBlock: a block to come need not have a number.
    const block: unknown = await session.connection.ethers.provider.send("eth_getBlockByNumber", ["pending", false]);
    const pending = BigInt((block as { readonly timestamp: string }).timestamp);
    return pending > latest ? pending : latest;
  } catch {
    // Not every node tells of it.
    return latest;
  }
}

/** Who registered a content, and when. */
export interface Registration {
  readonly creator: string;
  readonly time: bigint;
}

/** All registrations, by hash, out of the logs: who asks the network's node for one tells it which content is to come. */
export async function registrations({ deployment }: Session): Promise<ReadonlyMap<string, Registration>> {
  const { contentRegistry } = deployment.xme;
  const made = await eventsOf(contentRegistry, contentRegistry.filters.ContentRegistered(), deployment.startBlock);
  return new Map(made.map(({ args: { contentHash, creator, time } }) => [contentHash, { creator, time }]));
}

/** What is known of registrations where the network's node refuses to tell of events: nothing, and the contract refuses what was registered. */
function untold(error: unknown): undefined {
  if (!(error instanceof ExplainedError)) throw error;
}

function refuseRegistered(account: string, hash: string, registration: Registration | undefined): void {
  if (!registration) return;
  const { creator, time } = registration;
  throw new ExplainedError(
    `${hash} was registered already, by ${creator === account ? `you, ${creator},` : creator} at ${formatMoment(time)}, for ever: ` +
      "`hardhat content show` tells more.",
  );
}

function givenPrice(text: string): bigint {
  const amount = tokenAmount("price", text, "XMEX");
  if (amount > CONTENT_MAX_UNLOCK_PRICE) refuse("ContentRegistry_PriceTooHigh", amount, CONTENT_MAX_UNLOCK_PRICE);
  if (amount % CONTENT_PRICE_STEP !== 0n) refuse("ContentRegistry_PriceNotInSteps");
  return amount;
}

/** Hides a content in a commitment, whose salt is on the disk before anything is sent: `hardhat content commit`. */
export async function commit(session: Session, input: ContentOptions & SaltPlace): Promise<ContentOutcome> {
  const { account } = session;
  const registry = signing(session);
  const { hash, told } = await givenContent(input);
  const known = await registrations(session).catch(untold);
  refuseRegistered(account, hash, known?.get(hash));
  const { kept, isNew } = await keepSalt(input, { ...(await purposeOf(session)), hash });
  const [, until] = await registry.revealableBetween(account, kept.commitment);
  const call = callOf(registry, CONTENT_WORDS, registry.commit, kept.commitment);
  const outcome = await carryOut(session, call, { token: contents(session) }, () => [
    ...told,
    ...(known ? [] : ["The network's node does not look through its logs, so it may be registered already."]),
    isNew
      ? `Its salt is kept in ${kept.path}, which \`hardhat content register\` needs: show it to nobody before that.`
      : `The salt that is kept in ${kept.path} is used again.`,
    ...(until === 0n
      ? []
      : [
          `It was committed to at ${formatMoment(until - CONTENT_MAX_COMMITMENT_AGE)}: that ends, and the wait begins anew.`,
        ]),
    `The commitment tells nobody what it hides. From ${formatDuration(CONTENT_MIN_COMMITMENT_AGE)} to ` +
      `${formatDuration(CONTENT_MAX_COMMITMENT_AGE)} later \`hardhat content register\` can register ${hash}.`,
  ]);
  return { ...outcome, content: hash, saltFile: kept.path };
}

/** What a registration says beside the content. */
export interface Terms {
  readonly uri: string;
  readonly price: string;
  readonly royalty: string;
}

/** Registers a content that was committed to: `hardhat content register`. */
export async function register(session: Session, input: ContentOptions & SaltPlace & Terms): Promise<ContentOutcome> {
  const { account } = session;
  const registry = signing(session);
  const { uri } = input;
  const unlockPrice = input.price === "" ? 0n : givenPrice(input.price);
  const royaltyBps = input.royalty === "" ? 0n : basisPoints("royalty", input.royalty);
  if (royaltyBps > CONTENT_MAX_ROYALTY_BPS) {
    refuse("ContentRegistry_RoyaltyTooHigh", royaltyBps, CONTENT_MAX_ROYALTY_BPS);
  }
  const { hash, id, told } = await givenContent(input);
  refuseRegistered(account, hash, (await registrations(session).catch(untold))?.get(hash));
  const kept = findSalt(input, { ...(await purposeOf(session)), hash });
  if (!kept) {
    throw new ExplainedError(
      `No salt is kept for ${hash} of ${account}: run \`hardhat content commit\` first, or name the --salt-file that it wrote.`,
    );
  }
  const { commitment, salt, path } = kept;
  const [[from, until], now] = await Promise.all([registry.revealableBetween(account, commitment), nextTime(session)]);
  if (until === 0n) {
    throw new ExplainedError(
      `${account} has not committed to ${hash} yet, though its salt is kept in ${path}: run \`hardhat content commit\` first.`,
    );
  }
  // Known here, so that hash and salt stay hidden while nothing can be done with them.
  if (now < from) throw new ExplainedError(tooYoung(from, now));
  if (now > until) throw new ExplainedError(expired(until));
  const arguments_ = [hash, salt, uri, unlockPrice, royaltyBps] as const;
  const call: Call<bigint> = {
    contract: registry,
    words: CONTENT_WORDS,
    // As of the next block: the latest may be older than the commitment's wait.
    probe: () => registry.register.staticCall(...arguments_, { blockTag: "pending" }),
    transact: () => registry.register(...arguments_),
  };
  const outcome = await carryOut(session, call, { token: contents(session) }, () => [
    ...told,
    `${hash} becomes the token ${String(id)} of ${account}, its creator for ever: nobody can freeze, take away or delete it.`,
    `The creator is owed ${royaltyBps === 0n ? "no royalty" : `a royalty of ${percent(royaltyBps)} of each sale`}, which never changes.`,
    `It is unlocked for ${price(unlockPrice)} and described ${whereabouts(uri)}, both of which its owner can change.`,
  ]);
  return { ...outcome, content: hash, saltFile: path };
}

interface Owned extends GivenContent {
  readonly registry: ContentRegistry;
  readonly record: ContentRegistry.ContentStructOutput;
}

/** @throws ExplainedError where nobody has registered the content. */
async function registered(session: Session, input: ContentOptions): Promise<Owned> {
  const registry = signing(session);
  const given = await givenContent(input);
  const record = await attempt(registry, CONTENT_WORDS.refusals, async () => registry.contentOf(given.id));
  return { ...given, registry, record };
}

/** @throws ExplainedError where the content is unknown, or not the account's. */
async function owned(session: Session, input: ContentOptions): Promise<Owned> {
  const found = await registered(session, input);
  const { owner } = found.record;
  if (owner !== session.account) refuse("ContentRegistry_NotOwner", found.id, session.account, owner);
  return found;
}

/** Changes what unlocks a content: `hardhat content set-price`. */
export async function setPrice(
  session: Session,
  input: ContentOptions & { readonly price: string },
): Promise<ContentOutcome> {
  const unlockPrice = givenPrice(input.price);
  const { registry, hash, id, told, record } = await owned(session, input);
  const call = callOf(registry, CONTENT_WORDS, registry.setUnlockPrice, id, unlockPrice);
  const outcome = await carryOut(session, call, { token: contents(session) }, () => [
    ...told,
    `${hash} is unlocked for ${price(unlockPrice)} from now on, and no longer for ${price(record.unlockPrice)}. What was unlocked before stays so.`,
  ]);
  return { ...outcome, content: hash };
}

/** Moves the document of a content: `hardhat content set-uri`. */
export async function setUri(
  session: Session,
  input: ContentOptions & { readonly uri: string; readonly none: boolean },
): Promise<ContentOutcome> {
  const { none } = input;
  if (none && input.uri !== "") {
    throw new ExplainedError("--uri and --none say different things: give one of them alone.");
  }
  const uri = none ? "" : required("uri", input.uri, "write where the document is, or give --none");
  const { registry, hash, id, told, record } = await owned(session, input);
  const call = callOf(registry, CONTENT_WORDS, registry.setTokenURI, id, uri);
  const outcome = await carryOut(session, call, { token: contents(session) }, () => [
    ...told,
    `${hash} is described ${whereabouts(uri)} from now on, and no longer ${whereabouts(record.uri)}.`,
  ]);
  return { ...outcome, content: hash };
}

/** Gives a content to somebody: `hardhat content transfer`. */
export async function transfer(
  session: Session,
  input: ContentOptions & { readonly to: string },
): Promise<ContentOutcome> {
  const to = givenRecipient(session, "to", input.to, "write the address of the new owner");
  if (to === ZeroAddress) refuse("ERC721InvalidReceiver", to);
  const { registry, hash, id, told, record } = await registered(session, input);
  const { creator, owner, unlockPrice, uri, royaltyBps } = record;
  if (to === owner) throw new ExplainedError(`${hash} belongs to ${to} already: give another --to.`);
  const call = callOf(registry, CONTENT_WORDS, registry["safeTransferFrom(address,address,uint256)"], owner, to, id);
  const outcome = await carryOut(session, call, { token: contents(session) }, () => [
    ...told,
    `${hash} goes from ${owner} to ${to}, who alone can give it back.`,
    `Its price of ${price(unlockPrice)} and its document ${whereabouts(uri)} go along, for the new owner to change. ${printable(creator)} stays its creator` +
      `${royaltyBps === 0n ? "" : `, who is owed ${percent(royaltyBps)} of each sale`}.`,
  ]);
  return { ...outcome, content: hash };
}
