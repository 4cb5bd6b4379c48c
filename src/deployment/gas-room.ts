import type { HardhatPlugin } from "hardhat/types/plugins";

import { MOST_GAS } from "./chains.js";

/**
 * Gas beyond a fifth more than the estimate. Choice: four checkpoints of votes, each 22,457 gas where it is new and next to nothing where the
 * estimate found one of the same second, and the streams that settle.
 */
const ROOM = 100_000n;

/**
 * Gas to send a transaction with. Most nodes estimate as of the latest block's time, and what happens comes a second later at least: votes that
 * changed in the latest block, of the account or of anybody, need another checkpoint then, and streams settle. What is not used is not paid.
 *
 * @param estimate gas that the node says it takes
 * @param blockLimit gas that the latest block has; 0 where that is not known
 * @returns a fifth more than the estimate and 100,000, but not more than the next block, which may be a little smaller, or EIP-7825 lets a
 * transaction have; never less than the estimate
 */
export function withRoom(estimate: bigint, blockLimit: bigint): bigint {
  const wanted = (estimate * 6n) / 5n + ROOM;
  // A chain that estimates more than EIP-7825 allows does not have it.
  const limits = [blockLimit - blockLimit / 1_024n, estimate > MOST_GAS ? 0n : MOST_GAS].filter((limit) => limit > 0n);
  const most = limits.reduce((lowest, limit) => (limit < lowest ? limit : lowest), wanted);
  return most > estimate ? most : estimate;
}

/**
 * Transactions over HTTP that say no gas are sent with `withRoom`. What cannot be estimated is left to Hardhat, which asks once more and refuses it
 * before it is sent.
 */
export const gasRoom: HardhatPlugin = {
  id: "xonomy-gas-room",
  hookHandlers: {
    network: async () => ({
      default: async () => ({
        onRequest: async (context, connection, request, next) => {
          if (request.method !== "eth_sendTransaction" || connection.networkConfig.type !== "http")
            return next(context, connection, request);
          const [transaction] = request.params as [{ readonly gas?: string }];
          if (transaction.gas !== undefined) return next(context, connection, request);
          const { provider } = connection;
          const [estimated, block] = await Promise.allSettled([
            provider.request({ method: "eth_estimateGas", params: [transaction] }),
            provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] }),
          ]);
          if (estimated.status === "rejected") return next(context, connection, request);
          const { gasLimit = "0x0" } =
            block.status === "fulfilled" ? ((block.value ?? {}) as { gasLimit?: string }) : {};
          const gas = withRoom(BigInt(estimated.value as string), BigInt(gasLimit));
          return next(context, connection, { ...request, params: [{ ...transaction, gas: `0x${gas.toString(16)}` }] });
        },
      }),
    }),
  },
};
