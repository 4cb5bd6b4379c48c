/**
 * Merkle trees equal to those of OpenZeppelin's `StandardMerkleTree`: leaves sorted by hash, each parent the keccak256 of its two children
 * in ascending order, all 2n − 1 nodes in one array with the root first, the children of node i at 2i + 1 and 2i + 2, the leaves last.
 */

import { compareBytes } from "./bytes.js";
import { PROGRESS_STEP, type Progress } from "./encoding.js";
import { HASH_SIZE, keccak256 } from "./keccak.js";
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
  const order = sortedOrder(leafHashes, leafCount, HASH_SIZE, 0, HASH_SIZE);
  for (let rank = 0; rank < leafCount; rank++) {
    const leaf = order[rank] as number;
    const place = nodeCount - 1 - rank;
    nodes.set(leafHashes.subarray(leaf * HASH_SIZE, (leaf + 1) * HASH_SIZE), place * HASH_SIZE);
    places[leaf] = place;
  }
  for (let node = leafCount - 2; node >= 0; node--) {
    const left = (2 * node + 1) * HASH_SIZE;
    const right = left + HASH_SIZE;
    nodes.set(hashPair(nodes.subarray(left, right), nodes.subarray(right, right + HASH_SIZE)), node * HASH_SIZE);
    if (node % PROGRESS_STEP === 0) progress?.(leafCount - 1 - node, leafCount - 1);
  }
  return { leafCount, nodes, places };
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
