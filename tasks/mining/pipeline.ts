import { basename } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { progressBar } from "../../src/common/progress-bar.js";
import { explain } from "../../src/deployment/explain.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { formatCount } from "../../src/format.js";
import {
  buildEpoch,
  type ChainAddresses,
  type ChainFacts,
  type ChainProvider,
  CONFIRMATIONS,
  EPOCH_SECONDS,
  type EpochComparison,
  type Manifest,
  manifestPath,
  MiningChain,
  type MiningOptions,
  type PublishedRoot,
  readManifest,
  verifyEpoch,
} from "../../src/mining/index.js";
import { givenAddress, required, wholeNumber } from "../support/inputs.js";
import { type Session, type SessionArguments, withSession } from "../support/session.js";

/** What commands that count a log take, as it was typed. */
export interface CountInput {
  readonly log: string;
  readonly store: string;
  readonly epoch: string;
  /** How many blocks must lie on the epoch's last. */
  readonly confirmations: string;
}

/** Where an epoch's facts are read. */
export interface MiningGround {
  readonly provider: ChainProvider;
  readonly addresses: ChainAddresses;
  /** A block before which none of the contracts existed. */
  readonly fromBlock: number;
}

/** What a stranger names who has no record of the deployment. */
export interface AddressInput {
  readonly mining: string;
  readonly content: string;
}

/** @returns where the facts of a deployment are read */
export async function groundOf({ deployment, connection }: Session): Promise<MiningGround> {
  const { socialMining, contentRegistry, userGrowth } = deployment.xme;
  return {
    provider: connection.ethers.provider,
    addresses: {
      socialMining: await socialMining.getAddress(),
      contentRegistry: await contentRegistry.getAddress(),
      userGrowth: await userGrowth.getAddress(),
    },
    fromBlock: deployment.startBlock,
  };
}

/** Opens a recorded deployment, or, where addresses are given, the chain alone. */
export async function withGround<T>(
  hre: HardhatRuntimeEnvironment,
  input: AddressInput & Omit<SessionArguments, "account">,
  body: (ground: MiningGround) => Promise<T>,
): Promise<T> {
  const { mining, content } = input;
  if (mining === "" && content === "") return withSession(hre, input, async (session) => body(await groundOf(session)));
  const socialMining = givenAddress(
    "mining",
    mining,
    "give the address of SocialMining beside that of ContentRegistry",
  );
  const contentRegistry = givenAddress("content", content, "give the address of ContentRegistry beside --mining");
  try {
    const { ethers } = await hre.network.create();
    return await body({ provider: ethers.provider, addresses: { socialMining, contentRegistry }, fromBlock: 0 });
  } catch (error) {
    throw explain(error, { network: hre.globalOptions.network ?? "default" });
  }
}

function chainOf({ provider, addresses, fromBlock }: MiningGround, confirmations: string): MiningChain {
  const advice = "write how many blocks, such as 64";
  return new MiningChain(provider, addresses, {
    fromBlock,
    confirmations: confirmations === "" ? CONFIRMATIONS : Number(wholeNumber("confirmations", confirmations, advice)),
  });
}

/** Counts with a progress bar on the terminal. */
async function counting<T>(body: (options: MiningOptions) => Promise<T>): Promise<T> {
  const bar = progressBar(process.stderr);
  try {
    return await body({ onProgress: bar.onProgress });
  } finally {
    bar.clear();
  }
}

/** The epoch that was given, or the last that is over. */
async function givenEpoch({ provider }: MiningGround, text: string): Promise<bigint> {
  if (text !== "") return wholeNumber("epoch", text, "write the number of a week since 1970, such as 2960");
  const latest = await provider.getBlock("latest");
  return BigInt(latest?.timestamp ?? 0) / EPOCH_SECONDS - 1n;
}

/** What was built. */
export interface Built {
  readonly manifest: Manifest;
  readonly store: string;
  readonly facts: Pick<ChainFacts, "lastBlock" | "lastHash">;
}

/** Counts a log with the chain's facts, and writes store and manifest: `hardhat mining build`. */
export async function build(ground: MiningGround, input: CountInput): Promise<Built> {
  const log = required("log", input.log, "give the epoch's log, a Parquet or CSV file");
  const out = required("store", input.store, "give a path for the proof store");
  const chain = chainOf(ground, input.confirmations);
  const facts = await chain.factsOf(await givenEpoch(ground, input.epoch));
  const manifest = await counting((options) => buildEpoch({ log, facts, out }, options));
  return { manifest, store: out, facts: { lastBlock: facts.lastBlock, lastHash: facts.lastHash } };
}

export function describeBuilt({ manifest, store, facts }: Built): string {
  const { log, accounts, total, root } = manifest;
  const { checkIns, invitations, contents, multipliers } = manifest.facts;
  return [
    `epoch     ${String(manifest.epoch)}`,
    `log       ${log.name}, ${formatCount(log.rows)} rows, keccak256 ${log.keccak256}`,
    `chain     ${formatCount(checkIns)} check-ins, ${formatCount(invitations)} invitations, ${formatCount(contents)} contents, ` +
      `${formatCount(multipliers)} raised accounts, up to block ${formatCount(facts.lastBlock)} (${facts.lastHash})`,
    `points    ${formatCount(total)} of ${formatCount(accounts)} accounts`,
    `root      ${root}`,
    `store     ${store}, and ${manifestPath(store)} beside it`,
  ].join("\n");
}

/** What a comparison said, with what it compared. */
export interface Verified extends EpochComparison {
  readonly epoch: bigint;
  readonly published: PublishedRoot | undefined;
  readonly store: string;
}

/**
 * Counts an epoch again, and compares it with a store, what is published, or both.
 * @param isAnew whether a root is about to be published, which is not held against one that was struck
 */
export async function compareEpoch(ground: MiningGround, input: CountInput, isAnew = false): Promise<Verified> {
  const log = required("log", input.log, "give the epoch's log, a Parquet or CSV file");
  const store = input.store === "" ? undefined : input.store;
  const epoch =
    input.epoch === "" && store !== undefined
      ? readManifest(manifestPath(store)).epoch
      : await givenEpoch(ground, input.epoch);
  const chain = chainOf(ground, input.confirmations);
  const known = await chain.publishedRoot(epoch);
  const published = isAnew && known?.struckAt !== undefined ? undefined : known;
  if (published === undefined && store === undefined) {
    throw new ExplainedError(
      `Nothing was published for epoch ${String(epoch)}: give the store to compare with by --store, or another --epoch.`,
    );
  }
  const facts = await chain.factsOf(epoch);
  const comparison = await counting((options) => verifyEpoch({ log, facts, store, published }, options));
  return { ...comparison, epoch, published, store: input.store };
}

/** @returns the differences in lines, with how many more there are */
export function differencesOf({ differences, differenceCount }: EpochComparison): string {
  const more = differenceCount - differences.length;
  return [...differences, ...(more > 0 ? [`… and ${formatCount(more)} more`] : [])].join("\n  ");
}

/** Says equal, or fails with what differs: `hardhat mining verify`. */
export async function verify(ground: MiningGround, input: CountInput): Promise<Verified> {
  const verified = await compareEpoch(ground, input);
  if (verified.equal) return verified;
  throw new ExplainedError(
    `Not equal: epoch ${String(verified.epoch)} of ${basename(input.log)} differs in ` +
      `${formatCount(verified.differenceCount)} ${verified.differenceCount === 1 ? "place" : "places"}${verified.published?.struckAt === undefined ? "" : "; what was published was struck"}.\n  ${differencesOf(verified)}`,
  );
}

export function describeVerified({ epoch, published, store, rebuilt }: Verified): string {
  const sides = [
    ...(store === "" ? [] : [store]),
    ...(published === undefined
      ? []
      : [published.struckAt === undefined ? "what is published" : "what was published and struck"]),
  ];
  return (
    `Equal: log and chain give epoch ${String(epoch)} ${formatCount(rebuilt.total)} points of ${formatCount(rebuilt.accounts)} accounts under the ` +
    `root ${rebuilt.root}, as ${sides.join(" and ")}.`
  );
}
