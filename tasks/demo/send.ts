import { type ContractTransaction, parseUnits, toQuantity } from "ethers";

import type { Connection } from "./world.js";

/** Above what a block of the story's chain can ask for; what is paid is the block's own base fee. */
const FEES = { maxFeePerGas: toQuantity(parseUnits("10", "gwei")), maxPriorityFeePerGas: "0x0" };

/**
 * Sends a call from an account of the chain in memory, which mines it at once and answers with an error where it reverts: so nothing has to
 * be asked about gas or fees before, or about the receipt after.
 *
 * @returns the transaction's hash
 */
export async function sendFrom(
  { ethers: { provider } }: Connection,
  from: string,
  { to, data, value }: ContractTransaction,
  gas: bigint,
): Promise<string> {
  const call = { from, to, data, value: toQuantity(value ?? 0n), gas: toQuantity(gas), ...FEES };
  return (await provider.send("eth_sendTransaction", [call])) as string;
}
