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
 * @param blockLimit gas that a block has
 * @returns a fifth more than the estimate and 100,000, but not more than a transaction may have; never less than the estimate
 */
export function withRoom(estimate: bigint, blockLimit: bigint): bigint {
  const wanted = (estimate * 6n) / 5n + ROOM;
  const most = blockLimit < MOST_GAS ? blockLimit : MOST_GAS;
  if (wanted <= most) return wanted;
  return estimate > most ? estimate : most;
}

/** Transactions over HTTP that say no gas are sent with `withRoom`. What cannot be estimated is left to Hardhat, which refuses it before it is sent. */
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
          let gas: bigint;
          try {
            const { provider } = connection;
            const [estimate, block] = (await Promise.all([
              provider.request({ method: "eth_estimateGas", params: [transaction] }),
              provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] }),
            ])) as [string, { readonly gasLimit: string }];
            gas = withRoom(BigInt(estimate), BigInt(block.gasLimit));
          } catch {
            return next(context, connection, request);
          }
          return next(context, connection, { ...request, params: [{ ...transaction, gas: `0x${gas.toString(16)}` }] });
        },
      }),
    }),
  },
};
