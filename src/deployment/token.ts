import { Interface } from "ethers";

import type { RpcProvider } from "./chains.js";
import type { Address } from "./folder.js";
import type { Place } from "./readers.js";

const TOKEN = new Interface(["function symbol() view returns (string)", "function decimals() view returns (uint8)"]);

/** What prices of a token are written in. */
export interface TokenUnits {
  readonly symbol: string;
  readonly decimals: number;
}

/**
 * Asks the token at `address` for its symbol and its decimals.
 * @param place where in the parameter file the address stands
 * @throws ExplainedError if there is no contract, or one that answers neither
 */
export async function readToken(
  provider: RpcProvider,
  network: string,
  address: Address,
  place: Place,
): Promise<TokenUnits> {
  if ((await provider.request({ method: "eth_getCode", params: [address, "latest"] })) === "0x") {
    throw place.refuse(
      address,
      `network "${network}" has no contract there; write the address of the token that jobs are paid in on that network`,
    );
  }
  const [symbol, decimals] = [await ask(provider, address, "symbol"), await ask(provider, address, "decimals")];
  if (typeof symbol !== "string" || symbol === "" || typeof decimals !== "bigint") {
    throw place.refuse(
      address,
      "the contract there names no symbol and decimals; write the address of an ERC-20 token that does",
    );
  }
  return { symbol, decimals: Number(decimals) };
}

/** @returns what the getter answers, or undefined if it reverts or answers something else. */
async function ask(provider: RpcProvider, address: Address, getter: "symbol" | "decimals"): Promise<unknown> {
  try {
    const data = TOKEN.encodeFunctionData(getter);
    const answer = await provider.request({ method: "eth_call", params: [{ to: address, data }, "latest"] });
    return TOKEN.decodeFunctionResult(getter, answer as string)[0] as unknown;
  } catch {
    return undefined;
  }
}
