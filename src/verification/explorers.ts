import { verifyContract, type VerifyContractArgs } from "@nomicfoundation/hardhat-verify/verify";
import { getCreateAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { isLocalChain } from "../deployment/chains.js";
import { ECONOMIES, type Economy } from "../deployment/contracts.js";
import { explain } from "../deployment/explain.js";
import { ExplainedError } from "../deployment/explained-error.js";
import { type Address, DeploymentFolder, type Hash } from "../deployment/folder.js";
import { openDeployment } from "../deployment/open.js";
import { type OwnRecord, readRecord, type RecordedContract } from "./record.js";

/** The services that hardhat-verify knows. */
export const EXPLORERS = ["etherscan", "blockscout", "sourcify"] as const;
export type Explorer = (typeof EXPLORERS)[number];

export interface PublishedContract {
  readonly economy: Economy;
  readonly name: string;
  readonly contract: string;
  readonly address: Address;
  readonly explorer: Explorer;
  /** Undefined where the service has the source now, or had it before. */
  readonly failure: string | undefined;
}

export interface PublishOptions {
  readonly directory: string;
  readonly economies?: readonly Economy[] | undefined;
  readonly explorers: readonly Explorer[];
  /** Told which contract is next. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

interface Subject extends RecordedContract {
  readonly own: OwnRecord;
}

/** What the constructors of contracts that others make are given: no journal tells of it. */
const MADE_WITH: Readonly<Record<string, readonly unknown[]>> = { "Xe#XE": ["XE"], "Xe#XUSD": ["XUSD"] };

/** The number of hardhat-verify's error for a contract that the service has verified already. */
const ALREADY_VERIFIED = 80_022;
/** And Hardhat's for a variable that is not set, the keystore's while tests run included: every other contract would fail of it, too. */
const MISSING_VARIABLE: readonly unknown[] = [7, 50_002];

/**
 * Gives explorers the sources of every contract of ours, with the official plugin, and goes on after one that fails.
 * @throws ExplainedError if there is no such deployment, if the chain is local, or if a variable is missing
 */
export async function publishSources(
  hre: HardhatRuntimeEnvironment,
  connection: NetworkConnection,
  { directory, economies = ECONOMIES, explorers, onProgress }: PublishOptions,
): Promise<readonly PublishedContract[]> {
  const { chainId } = await openDeployment(connection, { directory });
  if (isLocalChain(chainId)) {
    throw new ExplainedError(
      `Network "${connection.networkName}" is chain ${String(chainId)}, a local one, of which no explorer knows: use \`hardhat ` +
        `verify-local\`, or start the node with a public chain's id.`,
    );
  }
  const { contracts } = await readRecord(new DeploymentFolder(directory), economies);
  const ours = contracts.filter((contract): contract is Subject => contract.own !== undefined);
  // The plugin opens a connection for each contract; this one serves for all.
  const host = Object.create(hre, {
    network: { value: { create: () => Promise.resolve(connection) } },
  }) as HardhatRuntimeEnvironment;
  const published: PublishedContract[] = [];
  for (const explorer of explorers) {
    for (const subject of ours) {
      const { economy, name, contract, address } = subject;
      onProgress?.(`${explorer}: ${economy}.${name} …`);
      const failure = await publish(host, argumentsFor(subject, ours, explorer), connection.networkName);
      published.push({ economy, name, contract, address, explorer, failure });
    }
  }
  return published;
}

function argumentsFor(subject: Subject, ours: readonly Subject[], provider: Explorer): VerifyContractArgs {
  const { address, contract, future, own } = subject;
  const creationTxHash = own.deployment?.transaction ?? transactionOfMaker(subject, ours);
  return {
    address,
    contract: `${own.sourceName}:${contract}`,
    constructorArgs: [...(own.deployment?.args ?? MADE_WITH[future] ?? [])],
    provider,
    ...(creationTxHash === undefined ? {} : { creationTxHash }),
  };
}

/** @returns the transaction in which a contract of ours made this one */
function transactionOfMaker({ address }: Subject, ours: readonly Subject[]): Hash | undefined {
  return ours.find(({ address: from }) => [1, 2].some((nonce) => getCreateAddress({ from, nonce }) === address))?.own
    .deployment?.transaction;
}

async function publish(
  host: HardhatRuntimeEnvironment,
  what: VerifyContractArgs,
  network: string,
): Promise<string | undefined> {
  try {
    await verifyContract(what, host);
    return undefined;
  } catch (error) {
    const number = error instanceof Error && "number" in error ? error.number : undefined;
    if (number === ALREADY_VERIFIED) return undefined;
    if (MISSING_VARIABLE.includes(number)) throw explain(error, { network });
    return (error as Error).message.replaceAll(/\s+/g, " ").trim();
  }
}
