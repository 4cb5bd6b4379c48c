import type { HardhatPlugin } from "hardhat/types/plugins";

import { ExplainedError } from "./explained-error.js";

/** The network of `hardhat.config.ts` that is described by variables alone. */
export const CUSTOM_NETWORK = "custom";

/** @returns the number that CUSTOM_CHAIN_ID says, or undefined where it says none, or what is no chain's */
export function customChainId(text: string): number | undefined {
  const chainId = Number(text);
  return /^[1-9]\d*$/.test(text) && Number.isSafeInteger(chainId) ? chainId : undefined;
}

/**
 * Explains a CUSTOM_CHAIN_ID that is none when its network is used: in place of the network's URL, without which nothing is asked. It hinders
 * nothing else.
 * @param text what the variable says; empty where it is not set, so that the chain is not checked
 */
export function customNetworkPlugin(text: string): HardhatPlugin {
  const refuse = () =>
    Promise.reject(
      new ExplainedError(
        `CUSTOM_CHAIN_ID is "${text}": write a chain's number in digits, such as 11155111, or leave it out.`,
      ),
    );
  return {
    id: "xonomy-custom-network",
    hookHandlers: {
      config: async () => ({
        default: async () => ({
          resolveUserConfig: async (userConfig, resolveVariable, next) => {
            const config = await next(userConfig, resolveVariable);
            const custom = config.networks[CUSTOM_NETWORK];
            if (text === "" || customChainId(text) !== undefined || custom?.type !== "http") return config;
            const url = { ...custom.url, get: refuse, getUrl: refuse };
            return { ...config, networks: { ...config.networks, [CUSTOM_NETWORK]: { ...custom, url } } };
          },
        }),
      }),
    },
  };
}
