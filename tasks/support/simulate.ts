import { toQuantity } from "ethers";

import type { Session } from "./session.js";
import type { RecordedCall } from "./signers.js";

/** What a call came to that was tried. */
export interface Simulated {
  readonly returnData: string;
  readonly gas: bigint;
}

interface RpcResult {
  readonly status: string;
  readonly returnData: string;
  readonly gasUsed: string;
  readonly error?: { readonly message?: string; readonly data?: string };
}

/**
 * Tries calls of the session's account one after another, each as the one before it leaves the chain.
 * @returns undefined where the network's node knows no `eth_simulateV1`
 * @throws what a call reverts with, as a node tells it
 */
export async function tryTogether(
  { connection, account }: Session,
  calls: readonly RecordedCall[],
): Promise<readonly Simulated[] | undefined> {
  const requests = calls.map(({ to, value, data }) => ({ from: account, to, value: toQuantity(value), data }));
  let blocks: readonly { readonly calls: readonly RpcResult[] }[];
  try {
    blocks = (await connection.ethers.provider.send("eth_simulateV1", [
      { blockStateCalls: [{ calls: requests }], validation: false },
      "latest",
    ])) as typeof blocks;
  } catch {
    return undefined;
  }
  return (blocks[0]?.calls ?? []).map(({ status, returnData, gasUsed, error }) => {
    if (BigInt(status) === 1n) return { returnData, gas: BigInt(gasUsed) };
    const data = error?.data ?? returnData;
    throw Object.assign(new Error(`reverted: ${error?.message ?? "without a reason"}`), { data });
  });
}
