import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { InterfaceAbi } from "ethers";

import type { Hex } from "./types.js";

/** A compiled contract of Uniswap's npm packages, in the form that both ethers and Ignition take. */
export interface UniswapArtifact {
  readonly contractName: string;
  readonly sourceName: string;
  readonly abi: readonly object[];
  readonly bytecode: Hex;
  readonly linkReferences: Readonly<Record<string, Readonly<Record<string, readonly LinkReference[]>>>>;
}

/** Where in a bytecode the address of a library belongs, in bytes. */
export interface LinkReference {
  readonly start: number;
  readonly length: number;
}

const LOCATIONS = {
  factory: "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
  pool: "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json",
  nftDescriptor: "@uniswap/v3-periphery/artifacts/contracts/libraries/NFTDescriptor.sol/NFTDescriptor.json",
  positionDescriptor:
    "@uniswap/v3-periphery/artifacts/contracts/NonfungibleTokenPositionDescriptor.sol/NonfungibleTokenPositionDescriptor.json",
  positionManager:
    "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
  router: "@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json",
  quoter: "@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json",
} as const;

/** The parts of Uniswap V3 that this project deploys or talks to. */
export type UniswapPart = keyof typeof LOCATIONS;

/**
 * The artifact of `part` as Uniswap published it: the bytecode is Uniswap's own build, nothing is recompiled.
 *
 * @throws when the package is missing or its file is no artifact.
 */
export function uniswapArtifact(part: UniswapPart): UniswapArtifact {
  const location = LOCATIONS[part];
  try {
    const path = createRequire(import.meta.url).resolve(location);
    return JSON.parse(readFileSync(path, "utf8")) as UniswapArtifact;
  } catch (cause) {
    throw new Error(`Uniswap's ${part} cannot be read from ${location}: run npm install and try again`, { cause });
  }
}

/** The ABI of `part`, for a contract that stands already. */
export function uniswapAbi(part: UniswapPart): InterfaceAbi {
  return uniswapArtifact(part).abi as InterfaceAbi;
}
