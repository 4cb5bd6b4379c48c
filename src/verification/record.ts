import { existsSync } from "node:fs";
import { join } from "node:path";

import { getAddress } from "ethers";

import { readBuildFile, readingOnce } from "../deployment/builds.js";
import { type ContractRecord, CONTRACTS, ECONOMIES, type Economy } from "../deployment/contracts.js";
import { ExplainedError } from "../deployment/explained-error.js";
import { type Address, type DeploymentFolder, type Hash, readJson } from "../deployment/folder.js";
import { readJournal } from "../deployment/journal.js";

/** What a compiler was given, as Hardhat records it. */
export interface RecordedBuild {
  readonly id: string;
  readonly solcLongVersion: string;
  readonly input: {
    readonly language: "Solidity";
    readonly sources: Readonly<Record<string, { readonly content: string }>>;
    readonly settings: Readonly<Record<string, unknown>>;
  };
}

/** A contract of a deployment as its folder tells of it. */
export interface RecordedContract {
  readonly economy: Economy;
  /** Its name among the economy's contracts. */
  readonly name: string;
  readonly future: string;
  readonly contract: string;
  readonly address: Address;
  /** What every command that uses the contract goes by. */
  readonly artifact: StoredArtifact;
  /** What its artifact was compiled from; undefined for Uniswap's, which were not compiled here. */
  readonly build: RecordedBuild | undefined;
  /** Undefined for what is not of this project: Uniswap's, and a payment token that the chain had. */
  readonly own: OwnRecord | undefined;
}

export interface OwnRecord {
  /** The source's name for the compiler, such as `project/contracts/rank/XRank.sol`. */
  readonly inputSourceName: string;
  /** The same for people and for Hardhat. */
  readonly sourceName: string;
  readonly build: RecordedBuild;
  /** Undefined for what a contract of the deployment created. */
  readonly deployment: RecordedDeployment | undefined;
}

export interface RecordedDeployment {
  /** What the constructor was given, in order. */
  readonly args: readonly unknown[];
  /** The transaction that was confirmed, undefined if the journal names none. */
  readonly transaction: Hash | undefined;
}

/** What the journal says of a deployment's transactions. */
interface Journal {
  readonly deployments: ReadonlyMap<string, RecordedDeployment>;
  /** Every confirmed transaction, in the order of their confirmation. */
  readonly transactions: readonly Hash[];
}

interface JournalLine {
  readonly type: string;
  readonly futureId?: string;
  readonly constructorArgs?: readonly unknown[];
  readonly hash?: Hash;
}

/** What is read here by name of an artifact. */
export interface StoredArtifact extends Readonly<Record<string, unknown>> {
  readonly sourceName: string;
  readonly inputSourceName?: string;
  readonly buildInfoId?: string;
}

const TORN_BUILD =
  "a run of `hardhat deploy` was stopped while it wrote it. Give that command again as it was given, and it writes the file anew with the step " +
  "that is still to come; where none is, restore the file from version control";

const readBuild = readingOnce(async (file) => (await readBuildFile(file, TORN_BUILD)) as RecordedBuild);

/** Everything of a deployment that verification compares with the chain. */
export interface RecordedDeploymentFolder {
  readonly contracts: readonly RecordedContract[];
  readonly transactions: readonly Hash[];
}

/**
 * @param economies those to look at; only what is deployed of them is returned
 * @throws ExplainedError if the folder lacks what it should hold
 */
export async function readRecord(
  folder: DeploymentFolder,
  economies: readonly Economy[] = ECONOMIES,
): Promise<RecordedDeploymentFolder> {
  const journal = readDeployments(folder);
  const addresses = folder.readAddresses();
  const contracts: RecordedContract[] = [];
  for (const economy of economies) {
    const ofEconomy: RecordedContract[] = [];
    for (const [name, record] of Object.entries(CONTRACTS[economy]) as [string, ContractRecord][]) {
      const address = addresses.get(record.future);
      if (address === undefined) continue;
      const read = await readArtifact(folder, record, journal);
      ofEconomy.push({ ...record, ...read, economy, name, address: getAddress(address) as Address });
    }
    // Economies share a Uniswap: it does not make one of them deployed.
    if (ofEconomy.some(({ own }) => own !== undefined)) contracts.push(...ofEconomy);
  }
  return { contracts, transactions: journal.transactions };
}

/** What a foreign record's future was deployed as is ours where this project compiled it: the test dollar. */
async function readArtifact(
  folder: DeploymentFolder,
  { future, foreign }: ContractRecord,
  { deployments }: Journal,
): Promise<Pick<RecordedContract, "artifact" | "build" | "own">> {
  const deployment = deployments.get(future);
  const artifact = readJson(folder.artifactFile(future)) as StoredArtifact | undefined;
  if (!artifact) throw incomplete(folder.artifactFile(future));
  const { sourceName, inputSourceName, buildInfoId } = artifact;
  if (inputSourceName === undefined || buildInfoId === undefined) {
    if (foreign) return { artifact, build: undefined, own: undefined };
    throw incomplete(`${folder.artifactFile(future)}'s build`);
  }
  const file = join(folder.path, "build-info", `${buildInfoId}.json`);
  if (!existsSync(file)) throw incomplete(file);
  const build = await readBuild(file);
  const isOurs = !foreign || deployment !== undefined;
  return { artifact, build, own: isOurs ? { inputSourceName, sourceName, build, deployment } : undefined };
}

function incomplete(missing: string): ExplainedError {
  return new ExplainedError(`${missing} is missing: restore the deployment's folder from version control.`);
}

function readDeployments(folder: DeploymentFolder): Journal {
  if (!folder.isStarted) throw incomplete(folder.journalFile);
  const deployments = new Map<string, RecordedDeployment>();
  const transactions: Hash[] = [];
  for (const { type, futureId = "", constructorArgs = [], hash } of readJournal<JournalLine>(folder)) {
    const known = deployments.get(futureId);
    if (type === "DEPLOYMENT_EXECUTION_STATE_INITIALIZE") {
      deployments.set(futureId, { args: constructorArgs.map(plainArgument), transaction: undefined });
    } else if (type === "WIPE_APPLY") {
      deployments.delete(futureId);
    } else if (type === "TRANSACTION_CONFIRM" && hash !== undefined) {
      transactions.push(hash);
      if (known) deployments.set(futureId, { ...known, transaction: hash });
    }
  }
  return { deployments, transactions };
}

/** Ignition writes whole numbers as objects that say so. */
function plainArgument(argument: unknown): unknown {
  if (Array.isArray(argument)) return argument.map(plainArgument);
  if (typeof argument !== "object" || argument === null) return argument;
  if ("_kind" in argument && argument._kind === "bigint" && "value" in argument) return BigInt(String(argument.value));
  return Object.fromEntries(Object.entries(argument).map(([key, part]) => [key, plainArgument(part)]));
}
