/**
 * Merkle trees equal to those of OpenZeppelin's `StandardMerkleTree`: leaves sorted by hash, each parent the keccak256 of its two children
 * in ascending order, all 2n − 1 nodes in one array with the root first, the children of node i at 2i + 1 and 2i + 2, the leaves last.
 */

import { compareBytes } from "./bytes.js";
import { PROGRESS_STEP, type Progress } from "./encoding.js";
import { copyItems, wordsOf } from "./words.js";
import { HASH_SIZE, keccak256 } from "./keccak.js";
import { BATCH_SIZE, sharedBatch } from "./keccak-batch.js";
import { sortedOrder } from "./sort.js";

/** More leaves than this would not fit the 32-bit places of a store. */
export const MAX_LEAVES = 2 ** 31;

/** A tree in memory. */
export interface MerkleTree {
  leafCount: number;
  /** All 2n − 1 nodes of 32 bytes, the root first. */
  nodes: Uint8Array;
  /** For each leaf in the order that it was given in, the number of its node. */
  places: Uint32Array;
}

const pair = new Uint8Array(2 * HASH_SIZE);

/** Copies the two hashes to `pair`, the smaller first, and hashes them. */
function hashPair(a: Uint8Array, b: Uint8Array): Uint8Array {
  const ordered = compareBytes(a, 0, b, 0, HASH_SIZE) <= 0;
  pair.set(ordered ? a : b, 0);
  pair.set(ordered ? b : a, HASH_SIZE);
  return keccak256(pair);
}

/**
 * @param leafHashes n hashes of 32 bytes, one after the other, in any order; left as they are
 * @returns the tree that `StandardMerkleTree` builds of the same leaves
 * @throws RangeError for no leaf, or for a length that is no multiple of 32
 */
export function buildTree(leafHashes: Uint8Array, progress?: Progress): MerkleTree {
  if (leafHashes.length === 0) throw new RangeError("A tree needs at least one leaf.");
  if (leafHashes.length % HASH_SIZE !== 0) throw new RangeError("Leaf hashes have 32 bytes each.");
  const leafCount = leafHashes.length / HASH_SIZE;
  if (leafCount > MAX_LEAVES)
    throw new RangeError(`A tree has at most ${String(MAX_LEAVES)} leaves, not ${String(leafCount)}.`);

  const nodeCount = 2 * leafCount - 1;
  const nodes = new Uint8Array(nodeCount * HASH_SIZE);
  const places = new Uint32Array(leafCount);
  // The smallest leaf is the last node.
  const order = sortedOrder(leafHashes, leafCount, HASH_SIZE, 0, HASH_SIZE).reverse();
  copyItems(leafHashes, order, HASH_SIZE, nodes, (leafCount - 1) * HASH_SIZE, HASH_SIZE);
  for (let i = 0; i < leafCount; i++) places[order[i] as number] = leafCount - 1 + i;
  hashUpwards(nodes, leafCount, progress);
  return { leafCount, nodes, places };
}

/** Fills the nodes above the leaves. The children of nodes that follow one another do so too, which makes a batch a copy. */
function hashUpwards(nodes: Uint8Array, leafCount: number, progress?: Progress): void {
  const batch = sharedBatch(2 * HASH_SIZE);
  const words = wordsOf(batch.input);
  let next = leafCount - PROGRESS_STEP;
  for (let last = leafCount - 2; last >= 0;) {
    // The children of `first` must lie behind `last`, or they would be of the same batch.
    const first = Math.max(last - BATCH_SIZE + 1, Math.ceil(last / 2));
    const count = last - first + 1;
    const children = (2 * first + 1) * HASH_SIZE;
    batch.input.set(nodes.subarray(children, children + count * 2 * HASH_SIZE));
    for (let i = 0; i < count; i++) orderPair(batch.input, words, i);
    batch.hash(count);
    nodes.set(batch.output.subarray(0, count * HASH_SIZE), first * HASH_SIZE);
    last = first - 1;
    if (first <= next) {
      progress?.(leafCount - 1 - first, leafCount - 1);
      next = first - PROGRESS_STEP;
    }
  }
}

/** Puts the smaller hash of pair `i` first. `words` is the same memory as `bytes`. */
function orderPair(bytes: Uint8Array, words: Uint32Array, i: number): void {
  const at = i * 2 * HASH_SIZE;
  if (compareBytes(bytes, at, bytes, at + HASH_SIZE, HASH_SIZE) <= 0) return;
  const size = HASH_SIZE / 4;
  const [left, right] = [i * 2 * size, i * 2 * size + size];
  for (let j = 0; j < size; j++) {
    const word = words[left + j] as number;
    words[left + j] = words[right + j] as number;
    words[right + j] = word;
  }
}

/** @returns the root's 32 bytes, in a buffer of their own */
export function rootOf(tree: MerkleTree): Uint8Array {
  return tree.nodes.slice(0, HASH_SIZE);
}

/**
 * The nodes whose hashes make up the proof of a node, from its sibling upwards.
 * @param place number of the node, 0 being the root
 */
export function proofPlaces(place: number): number[] {
  const places: number[] = [];
  for (let node = place; node > 0; node = (node - 1) >>> 1) places.push(node % 2 === 0 ? node - 1 : node + 1);
  return places;
}

/**
 * @param leaf number of the leaf, in the order that `buildTree` was given them in
 * @returns the hashes from the leaf's sibling upwards
 * @throws RangeError when there is no such leaf
 */
export function proofOf(tree: MerkleTree, leaf: number): Uint8Array[] {
  const place = tree.places[leaf];
  if (place === undefined) throw new RangeError(`Leaf ${String(leaf)} is not in a tree of ${String(tree.leafCount)}.`);
  return proofPlaces(place).map((node) => tree.nodes.slice(node * HASH_SIZE, (node + 1) * HASH_SIZE));
}

/** @returns the root that `proof`, from the leaf's sibling upwards, leads to from the leaf's hash */
export function processProof(leaf: Uint8Array, proof: readonly Uint8Array[]): Uint8Array {
  return proof.reduce(hashPair, leaf);
}

/** @returns whether `proof` leads from the leaf's hash to `root` */
export function verifyProof(root: Uint8Array, leaf: Uint8Array, proof: readonly Uint8Array[]): boolean {
  return Buffer.compare(processProof(leaf, proof), root) === 0;
}
