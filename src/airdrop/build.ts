/**
 * From a list to a proof store, and back: does this store hold exactly this list?
 */

import { checksumAddress } from "../common/address.js";
import type { OnProgress as OnProgressOf } from "../common/progress-bar.js";
import { checkStorePath, isOfKind, type StoreKind } from "../common/output.js";
import { writeStore, MerkleStore, type StoreContent } from "../merkle/store.js";
import { hashRows } from "../merkle/encoding.js";
import { type Hex, toHex } from "../merkle/bytes.js";
import { buildTree, rootOf } from "../merkle/tree.js";
import { HASH_SIZE } from "../merkle/keccak.js";
import { ACCOUNT_COLUMN, AIRDROP_ALLOCATION, AIRDROP_ENCODING, type AirdropList, readAirdropList } from "./list.js";

/** What an airdrop's proof store holds. */
const AIRDROP_STORE: StoreKind = { owner: "an airdrop's", types: AIRDROP_ENCODING.types, keyColumn: ACCOUNT_COLUMN };

/** The steps of a run, in their order. */
export type Phase =
  "reading the list" | "hashing the rows" | "building the tree" | "writing the store" | "comparing with the store";

/** Told how far a step has come, some hundred times a step. */
export type OnProgress = OnProgressOf<Phase>;

/** What a list came to. */
export interface AirdropSummary {
  rows: number;
  /** Wei of XME in all rows. */
  total: bigint;
  /** Wei of XME that the total may not exceed. */
  allocation: bigint;
  root: Hex;
}

function contentOf(list: AirdropList, onProgress?: OnProgress): StoreContent {
  const hashes = hashRows(list.rows, AIRDROP_ENCODING.size, (done, total) =>
    onProgress?.("hashing the rows", done, total),
  );
  const tree = buildTree(hashes, (done, total) => onProgress?.("building the tree", done, total));
  return { encoding: AIRDROP_ENCODING, rows: list.rows, tree, keyColumn: ACCOUNT_COLUMN, order: list.order };
}

/**
 * Builds the tree of a list and writes its proof store, whole or not at all; an earlier store is replaced, no other file.
 *
 * @param input `csv` and `out` are paths; `allocation` in wei of XME, the airdrop's share of Genesis unless given
 * @returns the root to deploy `MerkleAirdrop` with, and what it stands for
 * @throws AirdropListError naming each bad line; ExplainedError when a file can't be read or written, or `out` is a file that is no
 *   airdrop's store
 */
export async function buildAirdrop(
  { csv, out, allocation = AIRDROP_ALLOCATION }: { csv: string; out: string; allocation?: bigint | undefined },
  onProgress?: OnProgress,
): Promise<AirdropSummary> {
  checkStorePath(out, csv, "list", AIRDROP_STORE);
  const list = readAirdropList(csv, allocation, (done, total) => onProgress?.("reading the list", done, total));
  const content = contentOf(list, onProgress);
  await writeStore(out, content, (done, total) => onProgress?.("writing the store", done, total));
  return { rows: list.count, total: list.total, allocation, root: toHex(rootOf(content.tree)) };
}

/** What a comparison found. */
export interface AirdropComparison extends AirdropSummary {
  storeRoot: Hex;
  storeRows: number;
  equal: boolean;
  /** The first differences in plain words, at most ten. */
  differences: string[];
  /** How many there are. */
  differenceCount: number;
}

const SHOWN_DIFFERENCES = 10;
const NODES_AT_ONCE = 65_536;
const ACCOUNT_AT = 44;

function describe(row: Uint8Array): string {
  const [index, , amount] = AIRDROP_ENCODING.decode(row);
  return `row ${String(index)} with ${String(amount)} wei`;
}

/** What a row of the store says, or that it is no row. */
function describeStored(row: Uint8Array): string {
  try {
    return describe(row);
  } catch {
    return "bytes that are no row";
  }
}

/**
 * Builds the tree of a list again and compares the store with it: every row, every hash.
 *
 * @param input `csv` and `store` are paths; `allocation` in wei of XME
 * @throws AirdropListError naming each bad line; ExplainedError when a file can't be read, or the store's header is damaged
 */
export function verifyAirdrop(
  {
    csv,
    store: path,
    allocation = AIRDROP_ALLOCATION,
  }: { csv: string; store: string; allocation?: bigint | undefined },
  onProgress?: OnProgress,
): AirdropComparison {
  using store = MerkleStore.open(path);
  const list = readAirdropList(csv, allocation, (done, total) => onProgress?.("reading the list", done, total));
  const content = contentOf(list, onProgress);
  const root = toHex(rootOf(content.tree));
  const differences: string[] = [];
  let differenceCount = 0;
  const differ = (text: string): void => {
    if (differenceCount++ < SHOWN_DIFFERENCES) differences.push(text);
  };

  if (!isOfKind(store, AIRDROP_STORE)) {
    differ(
      `the store's leaves are (${store.encoding.types.join(", ")}), an airdrop's (${AIRDROP_ENCODING.types.join(", ")})`,
    );
  } else {
    if (store.root !== root) differ(`the root is ${store.root} in the store and ${root} for the list`);
    compareRows(store, content, list, differ, onProgress);
    if (differenceCount === 0) compareNodes(store, content, differ);
  }
  const summary = { rows: list.count, total: list.total, allocation, root };
  const equal = differenceCount === 0;
  return { ...summary, storeRoot: store.root, storeRows: store.leafCount, equal, differences, differenceCount };
}

/** Walks both sides in the order of accounts. */
function compareRows(
  store: MerkleStore,
  { rows, tree }: StoreContent,
  { order, count }: AirdropList,
  differ: (text: string) => void,
  onProgress?: OnProgress,
): void {
  const size = AIRDROP_ENCODING.size;
  const listed = (rank: number): Uint8Array => {
    const row = order[rank] as number;
    return rows.subarray(row * size, (row + 1) * size);
  };
  const missing = (row: Uint8Array): void => {
    differ(`${checksumAddress(row, ACCOUNT_AT)} is in the list (${describe(row)}) and not in the store`);
  };
  let rank = 0;
  let seen = 0;
  for (const { row, place } of store.rows()) {
    if (seen++ % NODES_AT_ONCE === 0) onProgress?.("comparing with the store", seen, store.leafCount);
    const account = row.subarray(ACCOUNT_AT, ACCOUNT_AT + 20);
    const compare = (): number =>
      rank === count ? 1 : Buffer.compare(listed(rank).subarray(ACCOUNT_AT, ACCOUNT_AT + 20), account);
    for (; compare() < 0; rank++) missing(listed(rank));
    if (compare() > 0) {
      differ(`${checksumAddress(account)} is in the store (${describeStored(row)}) and not in the list`);
      continue;
    }
    const expected = listed(rank);
    if (Buffer.compare(expected, row) !== 0) {
      differ(
        `${checksumAddress(account)} has ${describe(expected)} in the list and ${describeStored(row)} in the store`,
      );
    } else if (store.leafCount === count && place !== tree.places[order[rank] as number]) {
      // With other rows in the tree every place is another one: only the rows are worth telling then.
      differ(
        `${checksumAddress(account)} has leaf ${String(tree.places[order[rank] as number])} in the list's tree and ${String(place)} in the store`,
      );
    }
    rank++;
  }
  for (; rank < count; rank++) missing(listed(rank));
}

function compareNodes(store: MerkleStore, { tree }: StoreContent, differ: (text: string) => void): void {
  const nodeCount = 2 * tree.leafCount - 1;
  for (let first = 0; first < nodeCount; first += NODES_AT_ONCE) {
    const count = Math.min(NODES_AT_ONCE, nodeCount - first);
    const stored = store.readNodes(first, count);
    const built = tree.nodes.subarray(first * HASH_SIZE, (first + count) * HASH_SIZE);
    if (Buffer.compare(stored, built) === 0) continue;
    for (let i = 0; i < count; i++) {
      const at = i * HASH_SIZE;
      if (Buffer.compare(stored.subarray(at, at + HASH_SIZE), built.subarray(at, at + HASH_SIZE)) !== 0) {
        differ(`hash ${String(first + i)} of the tree differs: the store is damaged`);
      }
    }
  }
}
