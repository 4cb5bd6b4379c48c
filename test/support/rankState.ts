import { AbiCoder, keccak256 } from "ethers";

import type { XRank } from "../../typechain-types/index.js";

/** XRANK's four counters. */
export interface RankCounters {
  /** The rank that the next mint gets. */
  readonly rank: bigint;
  readonly minters?: bigint;
  readonly stakes?: bigint;
  /** In base units. */
  readonly staked?: bigint;
}

/** Where XRANK keeps balances and supply, and its counters with the next rank in the lowest bits. */
const [BALANCES, SUPPLY] = [0n, 2n];
export const COUNTERS = 8n;

/** The part of a simulated chain that is needed here. */
interface Chain {
  setStorageAt(address: string, index: bigint | string, value: bigint): Promise<void>;
}

/** Sets the counters of an XRANK on a simulated chain, to reach states that take years or billions of users. */
export async function setCounters(chain: Chain, token: XRank, counters: RankCounters): Promise<void> {
  const { rank, minters = 0n, stakes = 0n, staked = 0n } = counters;
  await chain.setStorageAt(
    await token.getAddress(),
    COUNTERS,
    rank | (minters << 40n) | (stakes << 80n) | (staked << 120n),
  );
  const found = [token.globalRank(), token.activeMinters(), token.activeStakes(), token.totalXenStaked()];
  if (String(await Promise.all(found)) !== String([rank, minters, stakes, staked])) {
    throw new Error(`XRANK's counters are not in slot ${String(COUNTERS)} any more.`);
  }
}

/** Gives an account XRANK out of nothing on a simulated chain. */
export async function endow(chain: Chain, token: XRank, account: string, amount: bigint): Promise<void> {
  const [address, balance, supply] = [
    await token.getAddress(),
    await token.balanceOf(account),
    await token.totalSupply(),
  ];
  const place = keccak256(AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [account, BALANCES]));
  await chain.setStorageAt(address, place, balance + amount);
  await chain.setStorageAt(address, SUPPLY, supply + amount);
  if ((await token.balanceOf(account)) !== balance + amount || (await token.totalSupply()) !== supply + amount) {
    throw new Error("XRANK's balances and supply are not where they were any more.");
  }
}
