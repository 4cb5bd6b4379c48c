import {
  Contract,
  ContractFactory,
  encodeBytes32String,
  getAddress,
  type ContractRunner,
  type InterfaceAbi,
  type Signer,
} from "ethers";

import { uniswapAbi, uniswapArtifact, type UniswapArtifact, type UniswapPart } from "./artifacts.js";
import type { Address, Hex } from "./types.js";

/** Where the parts of a Uniswap V3 stand. */
export interface UniswapV3 {
  readonly factory: Address;
  readonly positionDescriptor: Address;
  readonly positionManager: Address;
  readonly router: Address;
  readonly quoter: Address;
}

/** What a deployment of Uniswap V3 needs to know. */
export interface UniswapV3Options {
  /** The chain's wrapped ether. */
  readonly wrappedEther: Address;
  /** Who may add fee tiers and switch on the protocol's share of fees; the deploying account where it is left out. */
  readonly owner?: Address;
}

/**
 * Deploys the real Uniswap V3 from Uniswap's own bytecode: factory, position manager with its descriptor, router and quoter.
 * For local chains and testnets without one; elsewhere the addresses of the chain's own Uniswap V3 are used.
 */
export async function deployUniswapV3(signer: Signer, options: UniswapV3Options): Promise<UniswapV3> {
  const { wrappedEther } = options;
  const factory = await deployPart(signer, "factory", []);
  const nftDescriptor = await deployPart(signer, "nftDescriptor", []);
  const positionDescriptor = await deployPart(
    signer,
    "positionDescriptor",
    [wrappedEther, encodeBytes32String("ETH")],
    { NFTDescriptor: nftDescriptor },
  );
  const positionManager = await deployPart(signer, "positionManager", [factory, wrappedEther, positionDescriptor]);
  const router = await deployPart(signer, "router", [factory, wrappedEther]);
  const quoter = await deployPart(signer, "quoter", [factory, wrappedEther]);
  if (options.owner !== undefined) {
    const handOver = await uniswapContract("factory", factory, signer).getFunction("setOwner").send(options.owner);
    await handOver.wait();
  }
  return { factory, positionDescriptor, positionManager, router, quoter };
}

/** The contract of `part` at `address`, with its methods by name through `getFunction`. */
export function uniswapContract(part: UniswapPart, address: Address, runner: ContractRunner): Contract {
  return new Contract(address, uniswapAbi(part), runner);
}

/**
 * The creation code of `artifact` with the addresses of its libraries filled in.
 *
 * @throws when a library that it needs is not among `libraries`.
 */
export function linkBytecode(artifact: UniswapArtifact, libraries: Readonly<Record<string, Address>>): Hex {
  let bytecode: string = artifact.bytecode;
  for (const references of Object.values(artifact.linkReferences)) {
    for (const [library, places] of Object.entries(references)) {
      const address = libraries[library];
      if (address === undefined)
        throw new Error(`${artifact.contractName} needs the address of the library ${library}`);
      for (const { start, length } of places) {
        const from = 2 + start * 2;
        bytecode = bytecode.slice(0, from) + address.slice(2).toLowerCase() + bytecode.slice(from + length * 2);
      }
    }
  }
  return bytecode as Hex;
}

async function deployPart(
  signer: Signer,
  part: UniswapPart,
  constructorArguments: readonly unknown[],
  libraries: Readonly<Record<string, Address>> = {},
): Promise<Address> {
  const artifact = uniswapArtifact(part);
  const creator = new ContractFactory(artifact.abi as InterfaceAbi, linkBytecode(artifact, libraries), signer);
  const contract = await creator.deploy(...constructorArguments);
  await contract.waitForDeployment();
  return getAddress(await contract.getAddress()) as Address;
}
