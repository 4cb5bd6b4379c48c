import type { JsonRpcApiProvider } from "ethers";

import type { DeploymentConnection } from "./open.js";

/** @returns ethers' own provider of `networkName` as `openDeployment` takes it, for those who use no Hardhat. */
export function connectionOf(provider: JsonRpcApiProvider, networkName: string): DeploymentConnection {
  return {
    networkName,
    provider: {
      request: ({ method, params }) => provider.send(method, params ?? []) as Promise<unknown>,
    },
    ethers: { provider },
  };
}
