import { join } from "node:path";

import { zeroPadValue } from "ethers";

import { LogReader } from "../../src/chain/logs.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { renderTable } from "../../src/format.js";
import type { ContentRegistry } from "../../typechain-types/index.js";
import { readToken } from "../support/allowance.js";
import { basisPoints, formatMoment, givenAddress, tokenAmount } from "../support/inputs.js";
import { carryOut, type Outcome, type Token } from "../support/outcome.js";
import { callOf } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { percent } from "../support/text.js";
import { inTurns } from "../support/turns.js";
import { type ContentOptions, givenContent, type GivenContent } from "./file.js";
import { findSalt, keepSalt, type Purpose, type SaltPlace, saltsOf } from "./salts.js";
import { CONTENT_WORDS, hashOf, price, whereabouts } from "./words.js";

/** What commands take that need the salt of a commitment. */
interface SaltOptions extends ContentOptions {
  readonly saltFile: string;
}

const registryOf = ({ deployment }: Session): ContentRegistry => deployment.xme.contentRegistry;
const signing = (session: Session): ContentRegistry => registryOf(session).connect(signerOf(session));
const tokenOf = async (session: Session): Promise<Token> =>
  readToken(session, await session.deployment.xme.xmex.getAddress());

function placeOf({ directory }: Session, saltFile: string): SaltPlace {
  if (saltFile === "" && directory === undefined) {
    throw new ExplainedError("--salt-file is missing: this deployment has no folder that a salt could be kept in.");
  }
  return { salts: join(directory ?? ".", "salts"), saltFile };
}

async function whoseOf(session: Session): Promise<Omit<Purpose, "hash">> {
  const { chainId } = await session.connection.ethers.provider.getNetwork();
  return { account: session.account, chainId, registry: await registryOf(session).getAddress() };
}

async function refuseRegistered(session: Session, { id }: GivenContent): Promise<void> {
  const registry = registryOf(session);
  if (!(await registry.isRegistered(id))) return;
  const { creator, registeredAt } = await registry.contentOf(id);
  throw new ExplainedError(
    `${hashOf(id)} was registered by ${creator} at ${formatMoment(registeredAt)}, for ever: \`hardhat content show\` tells more.`,
  );
}

/** Commits to a content, with a salt that is on the disk before anything is sent: `hardhat content commit`. */
export async function commit(session: Session, { saltFile, ...options }: SaltOptions): Promise<Outcome> {
  const content = await givenContent(options);
  const registry = signing(session);
  await refuseRegistered(session, content);
  const place = placeOf(session, saltFile);
  const purpose: Purpose = { ...(await whoseOf(session)), hash: content.hash };
  const { kept, isNew } = await keepSalt(place, purpose);
  const [from, until] = await registry.revealableBetween(session.account, kept.commitment);
  if (until > (await chainTime(session))) {
    throw new ExplainedError(
      `${session.account} has committed to it already, and can register it from ${formatMoment(from)} until ${formatMoment(until)}: a commitment made ` +
        "once more would begin its age anew.",
    );
  }
  const call = callOf(registry, CONTENT_WORDS, registry.commit, kept.commitment);
  return carryOut(session, call, { token: await tokenOf(session) }, () => [
    ...content.told,
    `${session.account} commits to it, and nobody else learns to what.`,
    `The salt is ${isNew ? "kept" : "the one that was kept"} in ${kept.path}: keep it until the content is registered, a minute to a day from now.`,
  ]);
}

/** Registers a content by its commitment: `hardhat content register`. */
export async function register(
  session: Session,
  input: SaltOptions & { readonly uri: string; readonly price: string; readonly royalty: string },
): Promise<Outcome> {
  const { saltFile, uri, price: asked, royalty, ...options } = input;
  const content = await givenContent(options);
  const unlockPrice = asked === "" ? 0n : tokenAmount("price", asked, "XMEX");
  const royaltyBps = royalty === "" ? 0n : basisPoints("royalty", royalty);
  const registry = signing(session);
  await refuseRegistered(session, content);
  const kept = findSalt(placeOf(session, saltFile), { ...(await whoseOf(session)), hash: content.hash });
  if (kept === undefined) {
    throw new ExplainedError(
      `No salt is kept of a commitment of ${session.account} to ${content.hash}: run \`hardhat content commit\` first, or name its file with --salt-file.`,
    );
  }
  const call = callOf(
    registry,
    CONTENT_WORDS,
    registry.register,
    content.hash,
    kept.salt,
    uri,
    unlockPrice,
    royaltyBps,
  );
  return carryOut(session, call, { token: await tokenOf(session) }, () => [
    ...content.told,
    `${session.account} becomes its creator for ever, and its owner, with ${percent(royaltyBps)} of each sale.`,
    `It is unlocked for ${price(unlockPrice)}, and described ${whereabouts(uri)}.`,
  ]);
}

/** Changes what a content costs to unlock: `hardhat content set-price`. */
export async function setPrice(
  session: Session,
  { price: asked, ...options }: ContentOptions & { readonly price: string },
): Promise<Outcome> {
  const { id } = await givenContent(options);
  const unlockPrice = tokenAmount("price", asked, "XMEX");
  const registry = signing(session);
  const call = callOf(registry, CONTENT_WORDS, registry.setUnlockPrice, id, unlockPrice);
  return carryOut(session, call, { token: await tokenOf(session) }, async () => [
    `${hashOf(id)} is unlocked for ${price(unlockPrice)} from now on, and was for ${price(await registry.unlockPriceOf(id))}. Who has unlocked it keeps it.`,
  ]);
}

/** Moves the document that describes a content: `hardhat content set-uri`. */
export async function setUri(
  session: Session,
  { uri, ...options }: ContentOptions & { readonly uri: string },
): Promise<Outcome> {
  const { id } = await givenContent(options);
  const registry = signing(session);
  const call = callOf(registry, CONTENT_WORDS, registry.setTokenURI, id, uri);
  return carryOut(session, call, { token: await tokenOf(session) }, () => [
    `${hashOf(id)} is described ${whereabouts(uri)} from now on.`,
  ]);
}

/** Gives a content to somebody else: `hardhat content transfer`. */
export async function transfer(
  session: Session,
  { to: text, ...options }: ContentOptions & { readonly to: string },
): Promise<Outcome> {
  const { id } = await givenContent(options);
  const to = givenAddress("to", text, "give the address of the new owner");
  const registry = signing(session);
  const give = registry["safeTransferFrom(address,address,uint256)"];
  const call = callOf(registry, CONTENT_WORDS, give, session.account, to, id);
  return carryOut(session, call, { token: await tokenOf(session) }, async () => [
    `${hashOf(id)} belongs to ${to} then, who alone sets its price and document and is paid for it. ${await registry.creatorOf(id)} stays its creator.`,
  ]);
}

/** A content as it is registered; price in wei of XMEX, royalty in basis points, time in seconds. */
export interface ContentShown {
  readonly network: string;
  readonly id: bigint;
  readonly hash: string;
  readonly creator: string;
  readonly owner: string;
  readonly registeredAt: bigint;
  readonly unlockPrice: bigint;
  readonly royaltyBps: bigint;
  readonly uri: string;
}

async function readContent(session: Session, id: bigint): Promise<ContentShown> {
  const shown = await registryOf(session).contentOf(id);
  return {
    network: session.connection.networkName,
    id,
    hash: shown.contentHash,
    creator: shown.creator,
    owner: shown.owner,
    registeredAt: shown.registeredAt,
    unlockPrice: shown.unlockPrice,
    royaltyBps: shown.royaltyBps,
    uri: shown.uri,
  };
}

/** Reads a content: `hardhat content show`. */
export async function show(session: Session, options: ContentOptions): Promise<ContentShown> {
  const { id } = await givenContent(options);
  if (await registryOf(session).isRegistered(id)) return readContent(session, id);
  throw new ExplainedError(
    `Nobody has registered ${hashOf(id)}: one changed bit makes another hash, so look for the file as it was registered.`,
  );
}

export function describeContent(c: ContentShown): string {
  return [
    `Content ${c.hash} on network "${c.network}"`,
    `number    ${String(c.id)}`,
    `creator   ${c.creator}, since ${formatMoment(c.registeredAt)}`,
    `owner     ${c.owner}`,
    `unlocked  for ${price(c.unlockPrice)}`,
    `royalty   ${percent(c.royaltyBps)} of each sale`,
    `described ${whereabouts(c.uri)}`,
  ].join("\n");
}

/** What an account created or owns. */
export interface ContentList {
  readonly network: string;
  readonly account: Address;
  readonly contents: readonly ContentShown[];
}

/** Finds, by events, what an account created or owns: `hardhat content list`. */
export async function list(session: Session): Promise<ContentList> {
  const { account, connection, deployment } = session;
  const { provider } = connection.ethers;
  const registry = registryOf(session);
  const address = await registry.getAddress();
  const whose = zeroPadValue(account, 32);
  const head = await provider.getBlockNumber();
  const reader = new LogReader(provider);
  const found = new Set<bigint>();
  const created = registry.interface.getEvent("ContentRegistered").topicHash;
  const moved = registry.interface.getEvent("Transfer").topicHash;
  for (const [topics, place] of [
    [[created, null, whose], 1],
    [[moved, null, whose], 3],
  ] as const) {
    for await (const { logs } of reader.read({ address, topics: [...topics] }, deployment.startBlock, head)) {
      for (const log of logs) found.add(BigInt(log.topics[place] ?? 0));
    }
  }
  const all = await inTurns([...found], (id) => readContent(session, id));
  const contents = all.filter(({ creator, owner }) => creator === account || owner === account);
  return { network: connection.networkName, account, contents };
}

export function describeList({ network, account, contents }: ContentList): string {
  if (contents.length === 0) return `${account} has created nothing and owns nothing on network "${network}".`;
  const rows = contents.map((c) => [
    c.hash,
    c.creator === account ? "created" : "bought",
    c.owner === account ? "owned" : `belongs to ${c.owner}`,
    price(c.unlockPrice),
  ]);
  const columns = ["content", "", "", "unlocked for"].map((title) => ({ title, align: "left" as const }));
  return [`Contents of ${account} on network "${network}"`, renderTable(columns, rows)].join("\n");
}

/** Commitments of an account whose salts are kept here; times in seconds, zero where it is not committed. */
export interface ContentStatus {
  readonly network: string;
  readonly time: bigint;
  readonly account: Address;
  readonly commitments: readonly {
    readonly hash: string;
    readonly path: string;
    readonly registered: boolean;
    readonly from: bigint;
    readonly until: bigint;
  }[];
}

/** Shows what an account has committed to: `hardhat content status`. */
export async function readCommitments(
  session: Session,
  { saltFile }: { readonly saltFile: string },
): Promise<ContentStatus> {
  const { account, connection } = session;
  const registry = registryOf(session);
  const kept = saltsOf(placeOf(session, saltFile), await whoseOf(session));
  const commitments = await inTurns(kept, async ({ hash, path, commitment }) => {
    const [from, until] = await registry.revealableBetween(account, commitment);
    return { hash, path, registered: await registry.isRegistered(hash), from, until };
  });
  return { network: connection.networkName, time: await chainTime(session), account, commitments };
}

export function describeCommitments({ network, time, account, commitments }: ContentStatus): string {
  if (commitments.length === 0) return `No salt of a commitment of ${account} on network "${network}" is kept here.`;
  const lines = commitments.map(({ hash, path, registered, from, until }) => {
    const state = registered
      ? "registered, its salt is needed no more"
      : until === 0n
        ? "not committed yet: run `hardhat content commit` again"
        : time < from
          ? `can be registered from ${formatMoment(from)} on`
          : time <= until
            ? `can be registered until ${formatMoment(until)}`
            : "expired: run `hardhat content commit` again";
    return `${hash}  ${state} (${path})`;
  });
  return [`Commitments of ${account} on network "${network}" at ${formatMoment(time)}`, ...lines].join("\n");
}
