/**
 * The contracts of others that ours stand beside, from the artifacts, or the source, that their authors published on npm.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import type { InterfaceAbi } from "ethers";

import type { BenchChain, Target } from "./chain.js";
import type { Hex } from "./floor.js";
import { legacyJob } from "./legacy.js";
import { type Job, prebuilt } from "./prebuilt.js";

const require = createRequire(import.meta.url);

interface PublishedArtifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

async function published(path: string): Promise<PublishedArtifact> {
  return JSON.parse(await readFile(require.resolve(path), "utf8")) as PublishedArtifact;
}

/** Truffle leaves this where the address of a library belongs: 40 characters, one for each digit of it. */
const XEN_MATH_PLACE = /__XENMath_{31}/g;

/**
 * XEN Crypto as published, linked with its own library. The published build is the one for Optimism: its amplifier starts at
 * 300 where the source says 3,000. That changes what a mint pays, not which instructions run.
 */
export async function deployXen(chain: BenchChain): Promise<Target> {
  const math = await published("@faircrypto/xen-crypto/build/contracts/XENMath.json");
  const library = await chain.deployCode(math.bytecode, math.abi);
  const xen = await published("@faircrypto/xen-crypto/build/contracts/XENCrypto.json");
  return chain.deployCode(xen.bytecode.replace(XEN_MATH_PLACE, library.address.slice(2)), xen.abi);
}

/** XEN Crypto's own test contract that gives 5,001 as its first rank. */
export async function deployXen5001(chain: BenchChain): Promise<Target> {
  const xen = await published("@faircrypto/xen-crypto/build/contracts/XENCrypto5001.json");
  return chain.deployCode(xen.bytecode, xen.abi);
}

/** Uniswap's distributor for `token` and the list behind `root`. */
export async function deployMerkleDistributor(chain: BenchChain, token: Target, root: Hex): Promise<Target> {
  const distributor = await published("@uniswap/merkle-distributor/build/MerkleDistributor.json");
  return chain.deployCode(`0x${distributor.bytecode.replace(/^0x/, "")}`, distributor.abi, [token.address, root]);
}

/** Synthetix's StakingRewards, from its published source and by the compiler that its source asks for. */
export async function deployStakingRewards(
  chain: BenchChain,
  owner: Hex,
  rewards: Target,
  stake: Target,
): Promise<Target> {
  const { abi, bytecode } = await prebuilt(await stakingRewardsJob());
  return chain.deployCode(bytecode, abi, [owner, owner, rewards.address, stake.address]);
}

/** Two hundred runs are what Synthetix's own build has where nothing else is said. */
export function stakingRewardsJob(): Promise<Job> {
  return legacyJob("solc-0.5", "synthetix/contracts/StakingRewards.sol", "StakingRewards", 200);
}
