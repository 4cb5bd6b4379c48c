import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import { Interface } from "ethers";

import { mayCarryValue, type RpcProvider } from "./chains.js";
import type { ExplainedError } from "./explained-error.js";
import type { Address } from "./folder.js";
import type { ParameterFile } from "./parameters.js";
import { addressOf, either, object, Place, type ReadingEnvironment } from "./readers.js";

/** Where a chain's Uniswap V3 stands. */
export interface UniswapAddresses {
  readonly factory: Address;
  readonly positionManager: Address;
}

/** Uniswap V3's addresses on the chain, or "deploy" to bring an own one to a local chain or a testnet; all economies share it. */
export type UniswapParameters = "deploy" | UniswapAddresses;

const uniswapReader = either("deploy", object<UniswapAddresses>({ factory: addressOf, positionManager: addressOf }));

/**
 * Interprets the part of a parameter file that says which Uniswap V3 to use, and checks that the chain has it.
 * @throws ExplainedError with the file, the path of the field, its value and what to write instead.
 */
export async function readUniswap(
  file: ParameterFile,
  environment: Omit<ReadingEnvironment, "file"> & { readonly chainId: bigint },
  provider: RpcProvider,
  network: string,
): Promise<UniswapParameters> {
  const place = new Place({ ...environment, file: file.path }).at("uniswap");
  const uniswap = uniswapReader(file.content.uniswap, place);
  if (uniswap !== "deploy") await checkUniswap(provider, network, uniswap, place);
  else if (mayCarryValue(environment.chainId)) {
    throw place.refuse(
      uniswap,
      "nobody would trade in a Uniswap V3 of this deployment's own where tokens may have value: write factory and positionManager of the chain's",
    );
  }
  return uniswap;
}

/** The same parameters under the names that Ignition's module knows them by. */
export function uniswapToIgnition(uniswap: UniswapParameters): DeploymentParameters {
  if (uniswap === "deploy") return {};
  return { Uniswap: { factory: uniswap.factory, positionManager: uniswap.positionManager } };
}

const MANAGER = new Interface(["function factory() view returns (address)"]);

/**
 * Checks that a chain has the Uniswap V3 that the parameters name: the rehearsal cannot, it runs on a chain of its own.
 * @param place where in the parameter file the addresses stand
 * @throws ExplainedError if either address has no code, or if the position manager is not of that factory
 */
async function checkUniswap(
  provider: RpcProvider,
  network: string,
  uniswap: UniswapAddresses,
  place: Place,
): Promise<void> {
  const refuse = (field: keyof typeof uniswap, advice: string): ExplainedError =>
    place.at(field).refuse(uniswap[field], advice);
  for (const field of ["factory", "positionManager"] as const) {
    const code = await provider.request({ method: "eth_getCode", params: [uniswap[field], "latest"] });
    if (code === "0x") {
      throw refuse(
        field,
        `network "${network}" has no contract there; write the address of Uniswap V3's ${field} on that network`,
      );
    }
  }
  const factory = await factoryOf(provider, uniswap.positionManager);
  if (factory === undefined) {
    throw refuse(
      "positionManager",
      "the contract there names no factory; write the NonfungiblePositionManager's address",
    );
  }
  if (factory !== uniswap.factory) {
    throw refuse("positionManager", `the factory it names is ${factory}; write the manager of uniswap.factory`);
  }
}

/** @returns the factory of a position manager, or undefined if the contract at `manager` has no such function. */
async function factoryOf(provider: RpcProvider, manager: Address): Promise<Address | undefined> {
  try {
    const data = MANAGER.encodeFunctionData("factory");
    const answer = await provider.request({ method: "eth_call", params: [{ to: manager, data }, "latest"] });
    return MANAGER.decodeFunctionResult("factory", answer as string)[0] as Address;
  } catch {
    // The call reverted, or what came back is no address.
    return undefined;
  }
}
