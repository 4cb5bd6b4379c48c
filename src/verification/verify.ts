import {
  type CompilationTarget,
  setLibSourcifyLoggerLevel,
  type SolidityOutput,
  type SolidityOutputContract,
  Verification,
  VerificationError,
} from "@ethereum-sourcify/lib-sourcify";
import { AbiCoder, getCreateAddress, Interface, type ParamType, type Result } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { installedCompiler } from "../compiler/solc.js";
import { ECONOMIES, type Economy } from "../deployment/contracts.js";
import { ExplainedError } from "../deployment/explained-error.js";
import type { Address } from "../deployment/folder.js";
import { findDeployment, unfinishedEconomies } from "../deployment/open.js";
import { ConnectedChain } from "./chain.js";
import { RecordedCompilation } from "./compilation.js";
import { builtOutput, compileBuild } from "./compiler.js";
import { describeDifference, differences, overwritten, type Part } from "./difference.js";
import { declaredImmutables, type Immutable, immutableValue } from "./immutables.js";
import { type OwnRecord, readRecord, type RecordedBuild, type RecordedContract } from "./record.js";
import { compiledSayings, differingRecords, publishedSayings, type Sayings } from "./records.js";
import { type Replay, replay } from "./replay.js";
import { changedSources } from "./sources.js";

/**
 * How bytecode of the chain compares with what the recorded sources compile to. "exact" is byte for byte, with the hash of the sources
 * that the compiler appends; "partial" differs in that hash alone.
 */
export type Match = "exact" | "partial" | "none";

/** A value by its name, as people write it. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

export interface VerifiedContract {
  readonly economy: Economy;
  /** Its name among the economy's contracts. */
  readonly name: string;
  readonly contract: string;
  readonly address: Address;
  /** False for what this project did not compile: Uniswap's, and a payment token that the chain had. */
  readonly own: boolean;
  /** Undefined for what is not ours. */
  readonly runtime: Match | undefined;
  /** Of the transaction's input; for what another contract made, that contract's. */
  readonly creation: Match | undefined;
  /** The contract of the deployment that made it, where no transaction did so directly. */
  readonly createdBy: string | undefined;
  readonly constructorArguments: readonly NamedValue[];
  readonly immutables: readonly NamedValue[];
  /** Everything that is not as it should be, in words; empty for what is proven, and for what is not ours and is on record as its makers have it. */
  readonly problems: readonly string[];
}

export interface VerificationReport {
  readonly network: string;
  readonly chainId: bigint;
  readonly folder: string;
  readonly compiler: string;
  readonly contracts: readonly VerifiedContract[];
  /** Economies among them that `hardhat deploy` has not taken to their end. */
  readonly unfinished: readonly Economy[];
  /** Whether the checkout's own build was taken for what the compiler gives. */
  readonly built: boolean;
  /** Whether every contract of ours is proven, and every contract on record as it is. */
  readonly exact: boolean;
}

export interface VerifyOptions {
  readonly directory: string;
  /** All that are deployed, unless given. */
  readonly economies?: readonly Economy[] | undefined;
  /** The checkout whose sources should be the deployment's. */
  readonly root: string;
  /** Take the checkout's own build where it is of the recorded input, instead of compiling that again. */
  readonly built?: boolean | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** The part of Hardhat's runtime environment that verification needs. */
export type VerificationHost = Pick<HardhatRuntimeEnvironment, "artifacts" | "network">;

/** A contract of ours with everything that is known of it before its bytecode is compared. */
interface Subject extends RecordedContract {
  readonly own: OwnRecord;
}

/**
 * Verifies every contract of a deployment: runtime code, creation code with constructor arguments, immutables, that the sources are the
 * checkout's, and that the folder's artifacts, ABIs and documentation say what these sources do.
 * @throws ExplainedError if there is no such deployment, or if it cannot be looked at; what is not proven is in the report
 */
export async function verifyDeployment(
  host: VerificationHost,
  connection: NetworkConnection,
  { directory, economies = ECONOMIES, root, built = false, onProgress }: VerifyOptions,
): Promise<VerificationReport> {
  const { networkName: network, provider } = connection;
  const { folder, record } = await findDeployment(connection, { directory }, "any");
  const { chainId, startBlock } = record;
  // What lib-sourcify would write to the console is in what it returns, too.
  setLibSourcifyLoggerLevel(-1);
  const { contracts, transactions } = await readRecord(folder, economies);
  const ours = contracts.filter((contract): contract is Subject => contract.own !== undefined);
  if (ours.length === 0) {
    throw new ExplainedError(
      `${directory} has no whole economy of ${economies.join(", ")}, so there is nothing to verify: run \`hardhat deploy\` to its end first.`,
    );
  }
  const [builds, replayed] = await Promise.all([
    readBuilds(host, contracts, built, onProgress),
    replay(
      host,
      connection,
      { chainId, startBlock },
      transactions,
      contracts.map(({ address }) => address),
    ),
  ]);
  const connected = new ConnectedChain(provider, network, chainId);
  const verified: VerifiedContract[] = [];
  for (const contract of contracts) {
    const { own } = contract;
    const subject = own && { ...contract, own };
    const sayings = sayingsOf(contract, builds);
    const altered = sayings === undefined ? [] : differingRecords(folder, contract, sayings);
    verified.push(
      subject
        ? await verifyOwn(subject, altered, { ours, builds, replayed, connected, root })
        : foreign(contract, altered),
    );
  }
  const settled = verified.map((contract) => withCreator(contract, verified));
  return {
    network,
    chainId,
    folder: directory,
    compiler: installedCompiler(),
    contracts: settled,
    unfinished: unfinishedEconomies(folder).filter((economy) => economies.includes(economy)),
    built,
    exact: settled.every(({ problems }) => problems.length === 0),
  };
}

/** What a build's compilation gave. */
interface CompiledBuild {
  readonly output: SolidityOutput;
  /** By the compiler's number; empty where the checkout has no build that tells. */
  readonly immutables: ReadonlyMap<string, Immutable>;
}

/** A contract whose artifact says what it was compiled from. */
interface Compiled {
  readonly contract: string;
  readonly artifact: RecordedContract["artifact"];
  readonly build: RecordedBuild;
}

/** Compiles each build once, several at a time. */
async function readBuilds(
  { artifacts }: VerificationHost,
  contracts: readonly RecordedContract[],
  built: boolean,
  onProgress: ((line: string) => void) | undefined,
): Promise<ReadonlyMap<string, CompiledBuild>> {
  const all = contracts.filter((contract): contract is RecordedContract & Compiled => contract.build !== undefined);
  const builds = new Map(all.map(({ build }) => [build.id, build]));
  const compiled = [...builds.values()].map(async (build) => {
    const inCheckout = await builtOutput(artifacts, build);
    const targets = all.filter((contract) => contract.build.id === build.id).map(targetOf);
    const output = built && inCheckout ? inCheckout : await compileBuild(build, distinct(targets), onProgress);
    checkCompiled(output, build, targets);
    return [build.id, { output, immutables: declaredImmutables(inCheckout?.sources ?? {}) }] as const;
  });
  return new Map(await Promise.all(compiled));
}

/** @throws ExplainedError if an artifact says that it was compiled from what its build does not have */
function checkCompiled(output: SolidityOutput, { id }: RecordedBuild, targets: readonly CompilationTarget[]): void {
  for (const { path, name } of targets) {
    const compiled = output.contracts[path]?.[name] as Partial<SolidityOutputContract> | undefined;
    if (compiled?.evm?.bytecode !== undefined) continue;
    throw new ExplainedError(
      `The artifact of ${name} says that it was compiled from ${path} in ${id}, which has no such contract: restore the deployment's ` +
        `artifacts and build-info folders from version control.`,
    );
  }
}

function distinct(targets: readonly CompilationTarget[]): readonly CompilationTarget[] {
  return [...new Map(targets.map((target) => [`${target.path}:${target.name}`, target])).values()];
}

function targetOf({ artifact, contract }: Pick<RecordedContract, "artifact" | "contract">): CompilationTarget {
  return { path: artifact.inputSourceName ?? "", name: contract };
}

/** @returns what the folder's files should say of a contract; undefined where nobody knows */
function sayingsOf(contract: RecordedContract, builds: ReadonlyMap<string, CompiledBuild>): Sayings | undefined {
  const { build } = contract;
  if (build === undefined) return publishedSayings(contract);
  const { path, name } = targetOf(contract);
  return compiledSayings(contract, builds.get(build.id)?.output.contracts[path]?.[name] as SolidityOutputContract);
}

function foreign(
  { economy, name, contract, address }: RecordedContract,
  problems: readonly string[],
): VerifiedContract {
  return {
    ...{ economy, name, contract, address, own: false, runtime: undefined, creation: undefined, createdBy: undefined },
    ...{ constructorArguments: [], immutables: [], problems },
  };
}

interface Context {
  readonly ours: readonly Subject[];
  readonly builds: ReadonlyMap<string, CompiledBuild>;
  readonly replayed: Replay;
  readonly connected: ConnectedChain;
  readonly root: string;
}

async function verifyOwn(subject: Subject, altered: readonly string[], context: Context): Promise<VerifiedContract> {
  const { economy, name, contract, address, own } = subject;
  const { build, deployment } = own;
  const { output, immutables } = context.builds.get(build.id) as CompiledBuild;
  const compilation = new RecordedCompilation(build, output, targetOf(subject));
  await compilation.compile();
  await compilation.generateCborAuxdataPositions();
  const status = await judge(new Verification(compilation, context.connected, address, deployment?.transaction));
  const runtime = await compareRuntime(subject, compilation, status.runtimeMatch, immutables, context);
  const creation = await compareCreation(subject, compilation, status.creationMatch, context);
  const changed = changedSources(context.root, build, compilation.sourceNames);
  return {
    ...{ economy, name, contract, address, own: true },
    runtime: runtime.match,
    creation: creation.match,
    createdBy: deployment ? undefined : creatorOf(subject, context.ours),
    constructorArguments: creation.args,
    immutables: runtime.immutables,
    problems: [
      ...runtime.problems,
      ...creation.problems,
      ...altered,
      ...(changed.length === 0 ? [] : [`source: this checkout has another text of ${changed.join(", ")}`]),
    ],
  };
}

type Status = Verification["status"];

/** lib-sourcify's verdict; where it gives up, it has none. */
async function judge(verification: Verification): Promise<Status> {
  try {
    await verification.verify();
    return verification.status;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return { runtimeMatch: null, creationMatch: null };
  }
}

interface RuntimeComparison {
  readonly match: Match;
  readonly immutables: readonly NamedValue[];
  readonly problems: readonly string[];
}

/** Compares with what was compiled, and its immutables with those of the replay: lib-sourcify takes any immutables for right. */
async function compareRuntime(
  { address }: Subject,
  compilation: RecordedCompilation,
  verdict: Status["runtimeMatch"],
  declared: ReadonlyMap<string, Immutable>,
  { connected, replayed }: Context,
): Promise<RuntimeComparison> {
  const found = await connected.getBytecode(address);
  const again = replayed.codes.get(address);
  const isReplayed = again?.length === compilation.runtimeBytecode.length;
  let expected = compilation.runtimeBytecode;
  const parts: Part[] = Object.values(compilation.runtimeBytecodeCborAuxdata).map(metadataPart);
  const values = new Map<string, string>();
  for (const [id, places] of Object.entries(compilation.immutableReferences)) {
    const { name, type } = declared.get(id) ?? { name: `#${id}`, type: "" };
    for (const { start, length } of places) {
      parts.push({ name: `immutable ${name}`, start, length });
      // Without a replay there is nothing to hold the chain's values against; a problem says so.
      const word = (isReplayed ? again : found).slice(2 + 2 * start, 2 + 2 * (start + length));
      expected = overwritten(expected, start, word);
      values.set(name, immutableValue(type, word));
    }
  }
  const differing = differences(found, expected, parts);
  const problems = differing.map((difference) => `runtime: ${describeDifference(difference)}`);
  if (values.size > 0 && !isReplayed) {
    problems.push(
      `immutables could not be computed again (${replayed.failure ?? "the deployment's transactions do not make this contract"})`,
    );
  }
  const isPerfect = differing.length === 0 && verdict === "perfect";
  if (differing.length === 0 && !isPerfect) problems.push(`runtime: lib-sourcify's verdict is ${String(verdict)}`);
  return {
    match: isPerfect ? "exact" : differing.every(({ part }) => part === METADATA) ? "partial" : "none",
    immutables: [...values].map(([name, value]) => ({ name, value })),
    problems,
  };
}

const METADATA = "metadata";

function metadataPart({ offset, value }: { readonly offset: number; readonly value: string }): Part {
  return { name: METADATA, start: offset, length: (value.length - 2) / 2 };
}

interface CreationComparison {
  readonly match: Match | undefined;
  readonly args: readonly NamedValue[];
  readonly problems: readonly string[];
}

async function compareCreation(
  subject: Subject,
  compilation: RecordedCompilation,
  verdict: Status["creationMatch"],
  { connected, ours }: Context,
): Promise<CreationComparison> {
  const { address, own } = subject;
  const { deployment } = own;
  if (!deployment) {
    if (creatorOf(subject, ours) !== undefined) return { match: undefined, args: [], problems: [] };
    return { match: "none", args: [], problems: [`creation: no contract of the deployment made ${address}`] };
  }
  const { abi } = compilation.contractCompilerOutput as SolidityOutputContract;
  const inputs = new Interface(abi).deploy.inputs;
  const args = deployment.args.map((value, i) => ({ name: nameOf(inputs, i), value: readable(value) }));
  if (deployment.transaction === undefined) {
    return { match: "none", args, problems: ["creation: the journal names no transaction that created it"] };
  }
  let found: string;
  try {
    found = (await connected.getContractCreationBytecodeAndReceipt(address, deployment.transaction)).creationBytecode;
  } catch (error) {
    return { match: "none", args, problems: [`creation: ${(error as Error).message}`] };
  }
  const compiled = compilation.creationBytecode;
  const appended = `0x${found.slice(compiled.length)}`;
  const parts = Object.values(compilation.creationBytecodeCborAuxdata).map(metadataPart);
  const inCode = differences(found.slice(0, compiled.length), compiled, parts);
  const problems = inCode.map((difference) => `creation: ${describeDifference(difference)}`);
  const inArguments = differingArguments(inputs, deployment.args, appended);
  problems.push(...inArguments.map((difference) => `constructor argument ${difference}`));
  const isExact = inCode.length === 0 && inArguments.length === 0;
  // Where the runtime code has changed lib-sourcify does not come to the creation code.
  const isPerfect = isExact && (verdict === "perfect" || verdict === null);
  if (isExact && !isPerfect) problems.push(`creation: lib-sourcify's verdict is ${String(verdict)}`);
  const onlyMetadata = inArguments.length === 0 && inCode.every(({ part }) => part === METADATA);
  return { match: isPerfect ? "exact" : onlyMetadata ? "partial" : "none", args, problems };
}

/** @returns what the chain was given where that is not what the journal says, in words */
function differingArguments(inputs: readonly ParamType[], args: readonly unknown[], appended: string): string[] {
  const coder = AbiCoder.defaultAbiCoder();
  if (coder.encode(inputs, args) === appended) return [];
  let given: Result;
  try {
    given = coder.decode(inputs, appended);
  } catch {
    return [`list: what the transaction appends to the code is no such list (${appended.slice(0, 66)}…)`];
  }
  const differing = inputs.flatMap((input, i) => {
    const same = coder.encode([input], [given[i]]) === coder.encode([input], [args[i]]);
    const value = (given as readonly unknown[])[i];
    return same ? [] : [`${nameOf(inputs, i)} is ${readable(value)} on chain, but ${readable(args[i])} in the journal`];
  });
  return differing.length > 0 ? differing : ["list: it says the same in another encoding"];
}

function nameOf(inputs: readonly ParamType[], index: number): string {
  const name = inputs[index]?.name ?? "";
  return name === "" ? `#${String(index + 1)}` : name;
}

function readable(value: unknown): string {
  if (typeof value !== "object") return String(value);
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part));
}

/** @returns the name of the contract of ours that made this one while it was constructed, or undefined if none did */
function creatorOf({ address }: RecordedContract, ours: readonly Subject[]): string | undefined {
  const creations = Array.from({ length: MOST_CHILDREN }, (_, i) => i + 1);
  return ours.find(
    ({ own, address: from }) =>
      own.deployment && creations.some((nonce) => getCreateAddress({ from, nonce }) === address),
  )?.name;
}

/** More than any constructor of ours makes. */
const MOST_CHILDREN = 8;

/** A contract that another made is created as exactly as that one: its creation code lies within. */
function withCreator(contract: VerifiedContract, all: readonly VerifiedContract[]): VerifiedContract {
  const { createdBy, economy } = contract;
  if (createdBy === undefined) return contract;
  const creator = all.find((other) => other.economy === economy && other.name === createdBy);
  const creation = creator?.creation ?? "none";
  const problems = creation === "exact" ? [] : [`creation: it was made by ${createdBy}, which is not proven`];
  return { ...contract, creation, problems: [...contract.problems, ...problems] };
}
