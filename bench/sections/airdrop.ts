/** The airdrop against Uniswap's Merkle distributor: the same token, the same rows, proofs of the same length. */

import { id, solidityPackedKeccak256 } from "ethers";

import { airdropLeaf, airdropParent, airdropRoot } from "../../src/xme/airdrop.js";
import type { BenchChain, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import { deployMerkleDistributor } from "../peers.js";
import type { GasRow, GasSection } from "../report.js";
import { compareAll, type Scene } from "./compare.js";

const TOKEN = 10n ** 18n;
const DAY = 86_400n;

/** What every row gets. */
const AMOUNT = 1_234n * TOKEN;

/** A row of the list with its way to the root. */
interface Entry {
  readonly index: bigint;
  readonly account: Hex;
  readonly amount: bigint;
  readonly proof: readonly Hex[];
}

/** A distributor with two neighbouring rows of its tree. */
interface Contestant {
  readonly distributor: Target;
  readonly first: Entry;
  readonly second: Entry;
}

type Leaf = (row: { index: bigint; account: Hex; amount: bigint }) => Hex;

/** Uniswap's leaf: keccak256(abi.encodePacked(index, account, amount)). */
const uniswapLeaf: Leaf = ({ index, account, amount }) =>
  solidityPackedKeccak256(["uint256", "address", "uint256"], [index, account, amount]) as Hex;

/**
 * The part of a full tree that two neighbouring rows need: the rest is hashes of fixed words, which a contract cannot tell
 * from hashes of rows. So a tree of a million leaves costs nothing to make and comes out the same everywhere.
 */
function treeOf(
  leaf: Leaf,
  accounts: readonly [Hex, Hex],
  index: bigint,
  depth: number,
): {
  root: Hex;
  first: Entry;
  second: Entry;
} {
  const [one, other] = accounts.map((account, i) => ({ index: index + BigInt(i), account, amount: AMOUNT })) as [
    Omit<Entry, "proof">,
    Omit<Entry, "proof">,
  ];
  const above = Array.from({ length: depth - 1 }, (_, level) => id(`the other half at level ${level + 1}`) as Hex);
  const [leafOfOne, leafOfOther] = [leaf(one), leaf(other)];
  return {
    root: airdropRoot(airdropParent(leafOfOne, leafOfOther), above),
    first: { ...one, proof: [leafOfOther, ...above] },
    second: { ...other, proof: [leafOfOne, ...above] },
  };
}

/** How large the list is, how deep its tree, and the first of two rows that share a word of the bitmap. */
const SIZES = [
  { leaves: 1_000, depth: 10, index: 700n },
  { leaves: 1_000_000, depth: 20, index: 700_000n },
] as const;

function scenesOf(chain: BenchChain, leaves: string, holds: (account: Hex) => Promise<void>): Scene<Contestant>[] {
  const claim = async (distributor: Target, { index, account, amount, proof }: Entry, measured: boolean) => {
    const call = { from: account, to: distributor, method: "claim", args: [index, account, amount, proof] };
    if (measured) return chain.measure(call);
    await chain.send(call);
    return { gas: 0n, floor: 0n };
  };
  const scene = (later: boolean, holder: boolean): Scene<Contestant> => ({
    call: `claim of ${leaves}`,
    given: `${later ? "later" : "first"} in its word, to ${holder ? "a holder" : "an empty account"}`,
    play: async ({ distributor, first, second }) => {
      if (later) await claim(distributor, second, false);
      if (holder) await holds(first.account);
      return claim(distributor, first, true);
    },
  });
  return [scene(false, true), scene(false, false), scene(true, true), scene(true, false)];
}

/** Measures the section on a chain of its own. */
export async function airdropSection(chain: BenchChain): Promise<GasSection> {
  const token = await chain.deploy("XME");
  const treasury = chain.account(9);
  const pay = (to: Hex, amount: bigint): Promise<void> =>
    chain.send({ from: chain.account(0), to: token, method: "transfer", args: [to, amount] });
  const accounts = [chain.account(1), chain.account(2)] as const;
  const rows: GasRow[] = [];
  for (const { leaves, depth, index } of SIZES) {
    const mine = treeOf(airdropLeaf, accounts, index, depth);
    const theirs = treeOf(uniswapLeaf, accounts, index, depth);
    const airdrop = await chain.deploy("MerkleAirdrop", [token.address, treasury, mine.root, chain.now + 365n * DAY]);
    const distributor = await deployMerkleDistributor(chain, token, theirs.root);
    for (const { address } of [airdrop, distributor]) await pay(address, 1_000_000n * TOKEN);
    const contestants: [Contestant, Contestant] = [
      { distributor: airdrop, ...mine },
      { distributor, ...theirs },
    ];
    const holds = (account: Hex): Promise<void> => pay(account, TOKEN);
    rows.push(...(await compareAll(chain, contestants, scenesOf(chain, leaves.toLocaleString("en-US"), holds))));
  }
  return {
    id: "airdrop",
    title: "Airdrop beside Uniswap's MerkleDistributor",
    note:
      "Both pay the same XME to the same account for the same row. The proof has 10 hashes for 1,000 leaves and 20 for 1,000,000; " +
      "the tree is made only where the two rows need it. A word of the bitmap holds 256 rows.",
    peers: ["MerkleDistributor"],
    rows,
  };
}
