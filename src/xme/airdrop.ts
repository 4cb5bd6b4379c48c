/**
 * Reference model of `MerkleAirdrop`: how a row of the list becomes a leaf, how a proof leads to the root, and who has been paid.
 */

import { AbiCoder, concat, keccak256 } from "ethers";

/** One row of the list; `index` counts from 0, `amount` is in wei of XME. */
export interface AirdropRow {
  index: bigint;
  account: `0x${string}`;
  amount: bigint;
}

/** The leaf's types, in order, as `StandardMerkleTree` takes them. */
export const AIRDROP_LEAF_ENCODING = ["uint256", "address", "uint256"] as const;

/**
 * The leaf of a row: keccak256(keccak256(abi.encode(index, account, amount))), as OpenZeppelin's `StandardMerkleTree` makes it.
 * Hashed twice, so that an inner node (64 bytes, hashed once) can never be presented as a row.
 */
export function airdropLeaf(row: AirdropRow): `0x${string}` {
  const encoded = AbiCoder.defaultAbiCoder().encode(AIRDROP_LEAF_ENCODING, [row.index, row.account, row.amount]);
  return keccak256(keccak256(encoded)) as `0x${string}`;
}

/** The parent of two nodes: keccak256 of the smaller followed by the larger. */
export function airdropParent(one: `0x${string}`, other: `0x${string}`): `0x${string}` {
  const sorted = BigInt(one) < BigInt(other) ? [one, other] : [other, one];
  return keccak256(concat(sorted)) as `0x${string}`;
}

/** The root that `proof`, from the leaf's sibling upwards, leads to from `leaf`. */
export function airdropRoot(leaf: `0x${string}`, proof: readonly `0x${string}`[]): `0x${string}` {
  return proof.reduce(airdropParent, leaf);
}

/** Why a claim is refused: the contract's error without its prefix. */
export type AirdropRefusal = "Ended" | "AlreadyClaimed" | "InvalidProof";

/** An airdrop with its claims. */
export class AirdropModel {
  readonly #root: `0x${string}`;
  readonly #deadline: bigint;
  readonly #claimed = new Set<bigint>();
  #paid = 0n;

  /** @param deadline first second, in which nothing can be claimed any more */
  constructor(root: `0x${string}`, deadline: bigint) {
    this.#root = root;
    this.#deadline = deadline;
  }

  /** Wei of XME paid. */
  get paid(): bigint {
    return this.#paid;
  }

  /** Whether row `index` has been paid. */
  isClaimed(index: bigint): boolean {
    return this.#claimed.has(index);
  }

  /** Pays a row at `now`, in seconds; `undefined` where it was paid, else why not. */
  claim(row: AirdropRow, proof: readonly `0x${string}`[], now: bigint): AirdropRefusal | undefined {
    if (now >= this.#deadline) return "Ended";
    if (this.isClaimed(row.index)) return "AlreadyClaimed";
    if (airdropRoot(airdropLeaf(row), proof) !== this.#root) return "InvalidProof";
    this.#claimed.add(row.index);
    this.#paid += row.amount;
    return undefined;
  }
}
