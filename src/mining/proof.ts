/**
 * What an account needs to claim: its points and its proof, from a store that is not loaded.
 */

import { checksumAddress, parseAddress } from "../common/address.js";
import { fromHex, type Hex } from "../merkle/index.js";
import { openStore } from "./build.js";

/** The arguments of `SocialMining.claim` beside the epoch, and the root that they were checked against. */
export interface MiningProof {
  account: Hex;
  points: bigint;
  proof: Hex[];
  root: Hex;
}

/**
 * @param path of a store that `buildEpoch` wrote
 * @param account an address in one case or with its EIP-55 checksum
 * @returns its points with a proof that was checked against the root, or undefined when it has none
 * @throws ExplainedError for a bad address, when the store can't be opened or holds another kind of tree, or when what was read is damaged
 */
export function proofOf(path: string, account: string): MiningProof | undefined {
  using store = openStore(path);
  const found = store.find(parseAddress(account));
  if (found === undefined) return undefined;
  const [holder, points] = found.values as [Hex, bigint];
  return { account: checksumAddress(fromHex(holder)), points, proof: found.proof, root: found.root };
}
