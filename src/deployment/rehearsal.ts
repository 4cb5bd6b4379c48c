import type { ArtifactResolver, DeploymentParameters } from "@nomicfoundation/ignition-core";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import type { Address } from "./folder.js";
import { type AnyModule, runIgnition } from "./ignition.js";

/** Gas of a future's transactions. */
export interface Gas {
  /** What nodes ask the account to be able to pay. */
  readonly limit: bigint;
  readonly used: bigint;
}

/** What a deployment costs and what comes of it, found out on a simulated chain. */
export interface Rehearsal<T> {
  /** By Ignition's future id. */
  readonly gas: ReadonlyMap<string, Gas>;
  readonly seen: T;
}

/** Who deploys in a rehearsal, and when. */
export interface Beginner {
  readonly deployer: Address;
  /** As on the live chain, in hexadecimal: a contract of the rehearsal has no address that one of the account's has there already. */
  readonly nonce: string;
  /** In seconds. */
  readonly timestamp: bigint;
}

/** More wei than anything costs. */
const PLENTY = `0x${(10n ** 30n).toString(16)}`;

/**
 * Runs the whole deployment on a fresh simulated chain that starts at `timestamp`, from the account that will deploy, so that a mistake
 * in the parameters shows before anything is sent, and what it costs is measured rather than guessed.
 * @param look at that chain once all is done
 * @throws ExplainedError if the deployment would fail.
 */
export async function rehearse<T>(
  hre: Pick<HardhatRuntimeEnvironment, "network">,
  module: AnyModule,
  parameters: DeploymentParameters,
  artifacts: ArtifactResolver,
  { deployer, nonce, timestamp }: Beginner,
  look: (connection: NetworkConnection, addresses: ReadonlyMap<string, Address>) => Promise<T>,
): Promise<Rehearsal<T>> {
  const connection = await hre.network.create({
    network: "default",
    override: { initialDate: new Date(Number(timestamp) * 1_000).toISOString() },
  });
  try {
    await connection.provider.request({ method: "hardhat_impersonateAccount", params: [deployer] });
    await connection.provider.request({ method: "hardhat_setBalance", params: [deployer, PLENTY] });
    await connection.provider.request({ method: "hardhat_setNonce", params: [deployer, nonce] });
    const { transactions, addresses } = await runIgnition({
      connection,
      module,
      deployer,
      parameters,
      artifacts,
      rehearsal: true,
    });
    const gas = new Map<string, Gas>();
    for (const { future, hash } of transactions) {
      const ask = (method: string) => connection.provider.request({ method, params: [hash] });
      const [sent, receipt] = await Promise.all([ask("eth_getTransactionByHash"), ask("eth_getTransactionReceipt")]);
      const before = gas.get(future) ?? { limit: 0n, used: 0n };
      gas.set(future, {
        limit: before.limit + BigInt((sent as { gas: string }).gas),
        used: before.used + BigInt((receipt as { gasUsed: string }).gasUsed),
      });
    }
    return { gas, seen: await look(connection, addresses) };
  } finally {
    await connection.close();
  }
}
