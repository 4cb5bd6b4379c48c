/**
 * From a log and the chain to what is published, and back: is what was published what they give?
 */

import { lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { checksumAddress } from "../common/address.js";
import { checkStorePath, isOfKind, type StoreKind } from "../common/output.js";
import type { OnProgress } from "../common/progress-bar.js";
import { ExplainedError } from "../deployment/explained-error.js";
import {
  buildTree,
  hashRows,
  type Hex,
  type MerkleTree,
  MerkleStore,
  rootOf,
  storeChunks,
  type StoreContent,
  storeSize,
  toHex,
  writeFilesAtomically,
} from "../merkle/index.js";
import { WEIGHTED_BEHAVIOURS } from "./behaviours.js";
import { Engine, MEMORY_MEGABYTES } from "./engine.js";
import { checkFacts, type EpochFacts } from "./facts.js";
import { type Manifest, manifestText, readManifest } from "./manifest.js";
import {
  ACCOUNT_COLUMN,
  ACCOUNT_OFFSET,
  countEpoch,
  type CountingPhase,
  type EpochPoints,
  MINING_ENCODING,
  MINING_LEAF_ENCODING,
} from "./points.js";
import { readRules } from "./rules.js";

/** What an epoch's proof store holds. */
const EPOCH_STORE: StoreKind = { owner: "an epoch's", types: MINING_LEAF_ENCODING, keyColumn: ACCOUNT_COLUMN };

/** The steps of a run, in their order. */
export type MiningPhase =
  CountingPhase | "hashing the rows" | "building the tree" | "writing the store" | "comparing with the store";

/** @returns the manifest's path, beside its store */
export function manifestPath(store: string): string {
  return `${store}.json`;
}

function treeOf(rows: Uint8Array, onProgress?: OnProgress<MiningPhase>): MerkleTree {
  const hashes = hashRows(rows, MINING_ENCODING.size, (done, total) => onProgress?.("hashing the rows", done, total));
  return buildTree(hashes, (done, total) => onProgress?.("building the tree", done, total));
}

/** Refuses what is no manifest at the manifest's place. */
function checkManifestPath(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  try {
    readManifest(path);
  } catch (error) {
    throw new ExplainedError(
      `${path} exists and is no manifest, so it is not replaced: give another output, or move it away first.`,
      { cause: error },
    );
  }
}

/** How a run is carried out, whatever comes out of it. */
export interface MiningOptions {
  /** Megabytes that the counting may hold before it puts rows aside on disk; 2048 unless given. */
  memoryMegabytes?: number;
  onProgress?: OnProgress<MiningPhase> | undefined;
}

/**
 * Counts an epoch, builds its tree, and writes the proof store and, beside it as `<out>.json`, the manifest: both or neither. An earlier store
 * and manifest are replaced, no other file. A working folder beside `out` takes about as much room as the log while it runs.
 *
 * @param input `log` and `out` are paths, `facts` the chain's
 * @returns the manifest
 * @throws MiningLogError naming each bad row; ExplainedError for a bad fact, when the log changes meanwhile, when a file can't be read or
 *   written, or `out` is a file that is no store, or a store of something else. Nothing is written then.
 */
export async function buildEpoch(
  { log: path, facts, out }: { log: string; facts: EpochFacts; out: string },
  { memoryMegabytes = MEMORY_MEGABYTES, onProgress }: MiningOptions = {},
): Promise<Manifest> {
  checkFacts(facts);
  checkStorePath(out, path, "log", EPOCH_STORE);
  checkManifestPath(manifestPath(out));
  const rules = readRules();
  const { log, ...counted } = await Engine.use(out, memoryMegabytes, (engine) =>
    countEpoch(engine, { log: path, facts, rules }, onProgress),
  );
  const tree = treeOf(counted.rows, onProgress);
  const manifest: Manifest = {
    epoch: facts.epoch,
    log: {
      name: basename(path),
      format: log.format,
      bytes: log.bytes,
      rows: log.rows,
      keccak256: log.keccak256,
      sha256: log.sha256,
    },
    weights: [...facts.weights],
    facts: counted.facts,
    rules: rules.version,
    accounts: counted.accounts,
    total: counted.total,
    root: toHex(rootOf(tree)),
  };
  const content: StoreContent = {
    encoding: MINING_ENCODING,
    rows: counted.rows,
    tree,
    keyColumn: ACCOUNT_COLUMN,
    order: Uint32Array.from({ length: counted.accounts }, (_, i) => i),
  };
  const total = storeSize(counted.accounts, MINING_ENCODING.size);
  await writeFilesAtomically(
    [
      { path: out, chunks: storeChunks(content) },
      { path: manifestPath(out), chunks: [Buffer.from(manifestText(manifest), "utf8")] },
    ],
    (bytes) => onProgress?.("writing the store", Math.min(bytes, total), total),
  );
  return manifest;
}

/** What `SocialMining` says was published for an epoch. */
export interface PublishedEpoch {
  root: Hex;
  totalPoints: bigint;
  /** keccak256 of the log. */
  logHash: Hex;
}

/** One account whose points are not what they should be. */
export interface AccountDifference {
  account: Hex;
  /** Undefined: it is not in what was published. */
  published: bigint | undefined;
  /** Undefined: it has no points. */
  rebuilt: bigint | undefined;
}

/** What a comparison found. */
export interface EpochComparison {
  equal: boolean;
  /** In plain words, whole things first, then accounts; at most ten. */
  differences: string[];
  /** How many there are. */
  differenceCount: number;
  /** The first accounts that differ, at most ten, in ascending order; and how many do. */
  accounts: AccountDifference[];
  accountCount: number;
  /** What the log and the chain give. */
  rebuilt: Pick<Manifest, "accounts" | "total" | "root">;
}

const SHOWN = 10;
const ROWS_AT_ONCE = 65_536;

class Differences {
  readonly texts: string[] = [];
  readonly accounts: AccountDifference[] = [];
  count = 0;
  accountCount = 0;

  note(text: string): void {
    if (this.count++ < SHOWN) this.texts.push(text);
  }

  noteAccount({ account, published, rebuilt }: AccountDifference): void {
    if (this.accountCount++ < SHOWN) this.accounts.push({ account, published, rebuilt });
    if (published === undefined)
      this.note(`${account} is missing: it has ${String(rebuilt)} points and none were published`);
    else if (rebuilt === undefined)
      this.note(`${account} is extra: ${String(published)} points were published and it has none`);
    else this.note(`${account} has ${String(rebuilt)} points, and ${String(published)} were published`);
  }
}

/**
 * Counts an epoch again and compares it with what was published: the store, its manifest, what the chain says, or all of them. What differs is
 * told and the comparison goes on, so that a log that changed is named together with the accounts that it changes.
 *
 * @param input paths of the log, and of the store (its manifest is looked for beside it) or the manifest; `facts` the chain's now; `published`
 *   what the contract says; `workFolder` where rows are put aside, the system's temporary folder unless given
 * @throws MiningLogError naming each bad row; ExplainedError when facts and what was published are of different epochs, for a bad fact, when the
 *   log changes meanwhile, or when a file can't be read
 */
export async function verifyEpoch(
  {
    log: path,
    facts,
    store: storePath,
    manifest: manifestFile,
    published,
    workFolder = tmpdir(),
  }: {
    log: string;
    facts: EpochFacts;
    store?: string | undefined;
    manifest?: string | undefined;
    published?: PublishedEpoch | undefined;
    workFolder?: string | undefined;
  },
  { memoryMegabytes = MEMORY_MEGABYTES, onProgress }: MiningOptions = {},
): Promise<EpochComparison> {
  checkFacts(facts);
  const beside = storePath === undefined ? undefined : manifestPath(storePath);
  const manifestAt =
    manifestFile ??
    (beside !== undefined && lstatSync(beside, { throwIfNoEntry: false }) !== undefined ? beside : undefined);
  if (storePath === undefined && manifestAt === undefined && published === undefined) {
    throw new ExplainedError("There is nothing to compare with: give the store, its manifest, or what the chain says.");
  }
  using store = storePath === undefined ? undefined : openStore(storePath);
  const manifest = manifestAt === undefined ? undefined : readManifest(manifestAt);
  if (manifest !== undefined && manifest.epoch !== facts.epoch) {
    throw new ExplainedError(
      `${manifestAt ?? ""} is of epoch ${String(manifest.epoch)}, and the chain's facts are of epoch ${String(facts.epoch)}: compare one epoch.`,
    );
  }

  const rules = readRules();
  const counted = await Engine.use(join(workFolder, `verify-${basename(path)}`), memoryMegabytes, (engine) =>
    countEpoch(engine, { log: path, facts, rules }, onProgress),
  );
  const tree = treeOf(counted.rows, onProgress);
  const rebuilt = { accounts: counted.accounts, total: counted.total, root: toHex(rootOf(tree)) };
  const found = new Differences();
  if (manifest !== undefined) compareManifest(manifest, { counted, facts, rules: rules.version, ...rebuilt }, found);
  if (published !== undefined) comparePublished(published, counted, rebuilt.root, found);
  if (store !== undefined) {
    if (store.root !== rebuilt.root) found.note(`the root is ${rebuilt.root}, and the store's is ${store.root}`);
    compareRows(store, counted.rows, tree, found, onProgress);
    if (found.accountCount === 0) compareNodes(store, tree, found);
  }
  return {
    equal: found.count === 0,
    differences: found.texts,
    differenceCount: found.count,
    accounts: found.accounts,
    accountCount: found.accountCount,
    rebuilt,
  };
}

function compareManifest(
  manifest: Manifest,
  now: { counted: EpochPoints; facts: EpochFacts; rules: Hex } & EpochComparison["rebuilt"],
  found: Differences,
): void {
  const { log } = now.counted;
  if (
    manifest.log.keccak256 !== log.keccak256 ||
    manifest.log.sha256 !== log.sha256 ||
    manifest.log.bytes !== log.bytes
  ) {
    found.note(
      `the log is another one: keccak256 ${log.keccak256} of ${String(log.bytes)} bytes, ` +
        `and the manifest's is ${manifest.log.keccak256} of ${String(manifest.log.bytes)}`,
    );
  }
  for (const [i, name] of WEIGHTED_BEHAVIOURS.entries()) {
    if (manifest.weights[i] === now.facts.weights[i]) continue;
    found.note(
      `the weight of ${name} is ${String(now.facts.weights[i])} on the chain, and ${String(manifest.weights[i])} in the manifest`,
    );
  }
  if (manifest.rules !== now.rules) {
    found.note(`the rules are another version: ${now.rules} here, and ${manifest.rules} in the manifest`);
  }
  for (const kind of ["checkIns", "invitations", "contents", "multipliers"] as const) {
    const [there, here] = [manifest.facts[kind], now.counted.facts[kind]];
    if (there !== here) found.note(`the chain has ${String(here)} ${kind}, and the manifest ${String(there)}`);
  }
  if (manifest.accounts !== now.accounts)
    found.note(
      `there are ${String(now.accounts)} accounts with points, and ${String(manifest.accounts)} in the manifest`,
    );
  if (manifest.total !== now.total)
    found.note(`the points sum to ${String(now.total)}, and to ${String(manifest.total)} in the manifest`);
  if (manifest.root !== now.root) found.note(`the root is ${now.root}, and the manifest's is ${manifest.root}`);
}

function comparePublished(published: PublishedEpoch, counted: EpochPoints, root: Hex, found: Differences): void {
  if (published.logHash.toLowerCase() !== counted.log.keccak256)
    found.note(`the log's keccak256 is ${counted.log.keccak256}, and ${published.logHash} was published`);
  if (published.totalPoints !== counted.total)
    found.note(`the points sum to ${String(counted.total)}, and ${String(published.totalPoints)} were published`);
  if (published.root.toLowerCase() !== root) found.note(`the root is ${root}, and ${published.root} was published`);
}

/** @throws ExplainedError when the store holds another kind of tree */
export function openStore(path: string): MerkleStore {
  const store = MerkleStore.open(path);
  if (isOfKind(store, EPOCH_STORE)) return store;
  store.close();
  throw new ExplainedError(
    `${path} holds leaves (${store.encoding.types.join(", ")}), not an epoch's (${MINING_LEAF_ENCODING.join(", ")}): give the epoch's store.`,
  );
}

function pointsOf(row: Uint8Array): bigint {
  return BigInt(toHex(row.subarray(32)));
}

/** Walks both sides in the order of accounts. */
function compareRows(
  store: MerkleStore,
  rows: Uint8Array,
  tree: MerkleTree,
  found: Differences,
  onProgress?: OnProgress<MiningPhase>,
): void {
  const { size } = MINING_ENCODING;
  const count = rows.length / size;
  const at = (rank: number): Uint8Array => rows.subarray(rank * size, (rank + 1) * size);
  const missing = (row: Uint8Array): void => {
    found.noteAccount({ account: checksumAddress(row, ACCOUNT_OFFSET), published: undefined, rebuilt: pointsOf(row) });
  };
  let rank = 0;
  let seen = 0;
  for (const { row, place } of store.rows()) {
    if (seen++ % ROWS_AT_ONCE === 0) onProgress?.("comparing with the store", seen, store.leafCount);
    const account = row.subarray(0, 32);
    const compare = (): number => (rank === count ? 1 : Buffer.compare(at(rank).subarray(0, 32), account));
    for (; compare() < 0; rank++) missing(at(rank));
    if (compare() > 0) {
      found.noteAccount({
        account: checksumAddress(row, ACCOUNT_OFFSET),
        published: pointsOf(row),
        rebuilt: undefined,
      });
      continue;
    }
    const expected = at(rank);
    if (Buffer.compare(expected, row) !== 0) {
      const [published, rebuilt] = [pointsOf(row), pointsOf(expected)];
      found.noteAccount({ account: checksumAddress(row, ACCOUNT_OFFSET), published, rebuilt });
    } else if (store.leafCount === count && found.accountCount === 0 && place !== tree.places[rank]) {
      found.note(`${checksumAddress(row, ACCOUNT_OFFSET)} has another leaf in the store: the store is damaged`);
    }
    rank++;
  }
  for (; rank < count; rank++) missing(at(rank));
}

function compareNodes(store: MerkleStore, tree: MerkleTree, found: Differences): void {
  const nodeCount = 2 * tree.leafCount - 1;
  for (let first = 0; first < nodeCount; first += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, nodeCount - first);
    const built = tree.nodes.subarray(first * 32, (first + count) * 32);
    if (Buffer.compare(store.readNodes(first, count), built) === 0) continue;
    found.note(`hashes of the tree from ${String(first)} on differ: the store is damaged`);
    return;
  }
}
