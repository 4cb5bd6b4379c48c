import {
  type Artifact,
  type ArtifactResolver,
  type BuildInfo,
  deploy,
  type DeploymentParameters,
  type DeploymentResult,
  DeploymentResultType,
  type ExecutionEventListener,
  type IgnitionModule,
  type IgnitionModuleResult,
  type Future,
  isContractFuture,
  status,
} from "@nomicfoundation/ignition-core";
import { type Fragment, Interface, type InterfaceAbi } from "ethers";
import type { ArtifactManager } from "hardhat/types/artifacts";

import { BUILD_ANEW, readBuildFile, readingOnce } from "./builds.js";
import type { RpcProvider } from "./chains.js";
import { ExplainedError } from "./explained-error.js";
import type { Address, Hash } from "./folder.js";
import { refusalTold } from "./refusal.js";

export type AnyModule = IgnitionModule<string, string, IgnitionModuleResult<string>>;

const readBuildInfo = readingOnce(async (file) => (await readBuildFile(file, BUILD_ANEW)) as BuildInfo);

/**
 * Ignition makes an interface of a contract's ABI several times for each step, which takes longer than all that the chain does: an ABI of parsed
 * fragments is not parsed again. Where it is written down it is as the compiler gave it.
 */
function parsed<A extends readonly unknown[]>(abi: A): A {
  const fragments = [...Interface.from(abi as unknown as InterfaceAbi).fragments];
  Object.defineProperty(fragments, "toJSON", { value: () => abi });
  return fragments as unknown as A;
}

/** Lets Ignition find the artifacts and compiler inputs of Hardhat's build. */
export class BuiltArtifacts implements ArtifactResolver {
  readonly #loaded = new Map<string, Promise<Artifact>>();

  constructor(readonly artifacts: ArtifactManager) {}

  async loadArtifact(contractName: string): Promise<Artifact> {
    const known = this.#loaded.get(contractName);
    if (known) return known;
    const loading = this.artifacts
      .readArtifact(contractName)
      .then((artifact) => ({ ...artifact, abi: parsed(artifact.abi) }));
    this.#loaded.set(contractName, loading);
    return loading;
  }

  async getBuildInfo(contractName: string): Promise<BuildInfo | undefined> {
    const id = await this.artifacts.getBuildInfoId(contractName);
    const file = id === undefined ? undefined : await this.artifacts.getBuildInfoPath(id);
    return file === undefined ? undefined : readBuildInfo(file);
  }
}

/** A transaction that Ignition sent for one of its futures. */
export interface SentTransaction {
  readonly future: string;
  readonly hash: Hash;
}

export interface IgnitionRun {
  readonly connection: { readonly provider: RpcProvider };
  readonly module: AnyModule;
  /** Who sends every step. */
  readonly deployer: Address;
  readonly parameters: DeploymentParameters;
  readonly artifacts: ArtifactResolver;
  /** Where the journal goes; without it nothing is written. */
  readonly directory?: string | undefined;
  /** Whether the chain is a simulated one that only shows what would happen. */
  readonly rehearsal?: boolean;
  /** One confirmation and fast polling, for chains that end with the day. */
  readonly local?: boolean;
  /** Called when a future's transaction was sent. */
  readonly onSent?: ((transaction: SentTransaction) => void) | undefined;
  /** Called when a future's transaction is confirmed. */
  readonly onConfirmed?: ((transaction: SentTransaction) => void) | undefined;
}

export interface IgnitionOutcome {
  readonly addresses: ReadonlyMap<string, Address>;
  readonly transactions: readonly SentTransaction[];
}

/**
 * Runs a module to its end, continuing its journal where there is one.
 * @throws ExplainedError if a step failed; whatever the node or Ignition throws passes through.
 */
export async function runIgnition(run: IgnitionRun): Promise<IgnitionOutcome> {
  const transactions: SentTransaction[] = [];
  const result = await deploy({
    // eth_accounts and the rest: Ignition asks for the same method as RpcProvider has.
    provider: run.connection.provider,
    accounts: [run.deployer],
    ignitionModule: run.module,
    deploymentParameters: run.parameters,
    artifactResolver: run.artifacts,
    ...(run.directory === undefined ? {} : { deploymentDir: run.directory }),
    config: run.local === false ? {} : { requiredConfirmations: 1, blockPollingInterval: 50 },
    executionEventListener: listenTo({
      transactionSend: ({ futureId, hash }) => {
        const sent = { future: futureId, hash: hash as Hash };
        transactions.push(sent);
        run.onSent?.(sent);
      },
      transactionConfirm: ({ futureId, hash }) => run.onConfirmed?.({ future: futureId, hash: hash as Hash }),
    }),
  });
  const contracts = Object.values(await contractsOf(run, result));
  return { addresses: new Map(contracts.map(({ id, address }) => [id, address as Address])), transactions };
}

/**
 * What stands at the end of a run. Ignition calls a run successful when nothing in the journal is left open; here it is when nothing of the module
 * is, since somebody else may have begun another one in the same folder.
 * @throws ExplainedError if something of the module was not done
 */
async function contractsOf(
  run: IgnitionRun,
  result: DeploymentResult,
): Promise<Readonly<Record<string, { readonly id: string; readonly address: string }>>> {
  if (result.type === DeploymentResultType.SUCCESSFUL_DEPLOYMENT) return result.contracts;
  if (result.type === DeploymentResultType.EXECUTION_ERROR && run.directory !== undefined) {
    const done = new Set(result.successful);
    if (futuresIn(run.module).every(({ id }) => done.has(id))) return (await status(run.directory)).contracts;
  }
  throw failureOf(result, afterFailure(run), await errorsOf(run));
}

/** @returns what a module consists of, the modules that it uses included; what several of these use comes once */
export function futuresIn(module: AnyModule): readonly Future[] {
  const futures = new Map<string, Future>();
  const collect = (one: AnyModule): void => {
    for (const used of one.submodules) collect(used);
    for (const future of one.futures) futures.set(future.id, future);
  };
  collect(module);
  return [...futures.values()];
}

type Handlers = {
  readonly [E in keyof ExecutionEventListener]?: (event: Parameters<ExecutionEventListener[E]>[0]) => void;
};

/** A listener that hears only what `handlers` name; Ignition wants one for each of its thirty events. */
function listenTo(handlers: Handlers): ExecutionEventListener {
  return new Proxy(handlers, {
    get: (target, event) => (detail: never) => {
      (target as Record<string | symbol, ((detail: never) => void) | undefined>)[event]?.(detail);
      return Promise.resolve();
    },
  }) as ExecutionEventListener;
}

/** What is left of a run that failed, and what to do. */
function afterFailure({ rehearsal, directory }: IgnitionRun): string {
  if (rehearsal)
    return "this was the rehearsal on a simulated chain, nothing was sent: put the cause right and run the same command again";
  if (directory === undefined)
    return "nothing was written down: put the cause right and run the same command on a new chain";
  return "what was done is recorded, so once the cause is gone the same command goes on from there";
}

/** @returns the errors of all contracts that a module deploys or uses by name */
async function errorsOf({ module, artifacts }: IgnitionRun): Promise<readonly Fragment[]> {
  const names = new Set(futuresIn(module).flatMap((future) => (isContractFuture(future) ? [future.contractName] : [])));
  const abis = await Promise.all(
    [...names].map((name) =>
      artifacts.loadArtifact(name).then(
        ({ abi }) => Interface.from(abi as unknown as InterfaceAbi).fragments,
        () => [],
      ),
    ),
  );
  return abis.flat();
}

function failureOf(
  result: Exclude<DeploymentResult, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>,
  after: string,
  known: readonly Fragment[],
): ExplainedError {
  switch (result.type) {
    case DeploymentResultType.EXECUTION_ERROR: {
      const failed = result.failed.map(({ futureId, error }) => `${futureId} failed (${refusalTold(error, known)})`);
      const late = result.timedOut.map(({ futureId }) => `${futureId} was not mined in time`);
      return new ExplainedError(`The deployment stopped: ${[...failed, ...late].join("; ")}; ${after}.`);
    }
    case DeploymentResultType.RECONCILIATION_ERROR:
      return new ExplainedError(
        `The deployment on record differs from what would be deployed now (${problems(result.errors)}): go back to the code and ` +
          `parameters it was begun with, or give another folder with --deployment.`,
      );
    case DeploymentResultType.PREVIOUS_RUN_ERROR:
      return new ExplainedError(
        `An earlier run is waiting for a transaction that was never mined (${problems(result.errors)}): wait for it, or give another ` +
          `folder with --deployment to start anew.`,
      );
    case DeploymentResultType.VALIDATION_ERROR:
      return new ExplainedError(`The deployment cannot be run: ${problems(result.errors)}.`);
  }
}

function problems(errors: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(errors)
    .flatMap(([future, messages]) => messages.map((message) => `${future}: ${message.replace(/\.$/, "")}`))
    .join("; ");
}
