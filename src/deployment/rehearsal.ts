import type { ArtifactResolver, DeploymentParameters } from "@nomicfoundation/ignition-core";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { runIgnition, type AnyModule } from "./ignition.js";

/** What a deployment costs, found out on a simulated chain. */
export interface Rehearsal {
  /** Gas limits of each future's transactions, by Ignition's future id: what a node asks the account to be able to pay. */
  readonly gas: ReadonlyMap<string, bigint>;
}

/**
 * Runs the whole deployment on a fresh simulated chain that starts at `timestamp`, so that a mistake in the parameters shows
 * before anything is sent, and what it costs is measured rather than guessed.
 * @throws ExplainedError if the deployment would fail.
 */
export async function rehearse(
  hre: Pick<HardhatRuntimeEnvironment, "network">,
  module: AnyModule,
  parameters: DeploymentParameters,
  artifacts: ArtifactResolver,
  timestamp: bigint,
): Promise<Rehearsal> {
  const connection = await hre.network.create({
    network: "default",
    override: { initialDate: new Date(Number(timestamp) * 1_000).toISOString() },
  });
  try {
    const { transactions } = await runIgnition({ connection, module, parameters, artifacts, rehearsal: true });
    const gas = new Map<string, bigint>();
    for (const { future, hash } of transactions) {
      const sent = (await connection.provider.request({ method: "eth_getTransactionByHash", params: [hash] })) as {
        gas: string;
      };
      gas.set(future, (gas.get(future) ?? 0n) + BigInt(sent.gas));
    }
    return { gas };
  } finally {
    await connection.close();
  }
}
