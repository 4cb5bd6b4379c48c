import { Interface } from "ethers";

import type { RpcProvider } from "./chains.js";
import type { ExplainedError } from "./explained-error.js";
import type { Address } from "./folder.js";
import type { Place } from "./readers.js";

const MANAGER = new Interface(["function factory() view returns (address)"]);

/**
 * Checks that a chain has the Uniswap V3 that the parameters name: the rehearsal cannot, it runs on a chain of its own.
 * @param place where in the parameter file the addresses stand
 * @throws ExplainedError if either address has no code, or if the position manager is not of that factory
 */
export async function checkUniswap(
  provider: RpcProvider,
  network: string,
  uniswap: { readonly factory: Address; readonly positionManager: Address },
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
    throw refuse("positionManager", `the factory it names is ${factory}; write the manager of xme.uniswap.factory`);
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
