/**
 * What an account needs to claim: its row and its proof, from a store.
 */

import { checksumAddress, parseAddress } from "../common/address.js";
import { ExplainedError } from "../deployment/explained-error.js";
import type { Hex } from "../merkle/bytes.js";
import { MerkleStore } from "../merkle/store.js";
import type { AirdropRow } from "../xme/airdrop.js";
import { ACCOUNT_COLUMN, AIRDROP_ENCODING } from "./list.js";

/** The arguments of `MerkleAirdrop.claim`, and the root that they were checked against. */
export interface AirdropProof extends AirdropRow {
  proof: Hex[];
  root: Hex;
}

/** A proof store whose leaves are an airdrop's. Close it, or declare it with `using`. */
export class AirdropStore {
  readonly #store: MerkleStore;

  private constructor(store: MerkleStore) {
    this.#store = store;
  }

  /**
   * @param path of a store that `buildAirdrop` wrote
   * @throws ExplainedError when it can't be opened, is damaged, or holds another kind of tree
   */
  static open(path: string): AirdropStore {
    const store = MerkleStore.open(path);
    if (store.encoding.types.join() === AIRDROP_ENCODING.types.join() && store.keyColumn === ACCOUNT_COLUMN) {
      return new AirdropStore(store);
    }
    store.close();
    throw new ExplainedError(
      `${path} holds leaves (${store.encoding.types.join(", ")}), not an airdrop's (${AIRDROP_ENCODING.types.join(", ")}): give the airdrop's store.`,
    );
  }

  get root(): Hex {
    return this.#store.root;
  }

  /** Rows of the list. */
  get rows(): number {
    return this.#store.leafCount;
  }

  /**
   * @param account an address as `parseAddress` takes it
   * @returns its row with a proof that was checked against the root, or undefined when it is not on the list
   * @throws ExplainedError for a bad address, or when what was read is damaged
   */
  proofOf(account: string): AirdropProof | undefined {
    const found = this.#store.find(parseAddress(account));
    return found && toProof(found);
  }

  /**
   * @param rank from 0, in ascending order of the accounts
   * @returns that row with a proof that was checked against the root
   * @throws ExplainedError when what was read is damaged; RangeError when there is no such row
   */
  at(rank: number): AirdropProof {
    return toProof(this.#store.at(rank));
  }

  close(): void {
    this.#store.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function toProof({ values, proof, root }: ReturnType<MerkleStore["at"]>): AirdropProof {
  const [index, account, amount] = values as [bigint, Hex, bigint];
  return { index, account: checksumAddress(Buffer.from(account.slice(2), "hex")), amount, proof, root };
}
