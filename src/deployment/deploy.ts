import { existsSync, statSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

import {
  type DeploymentParameters,
  isDeploymentFuture,
  isFunctionCallFuture,
  status,
  trackTransaction,
  wipe,
} from "@nomicfoundation/ignition-core";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import rankModule from "../../ignition/modules/rank.js";
import { suiteOn } from "../../ignition/modules/suite.js";
import { deployedUniswap, existingUniswap } from "../../ignition/modules/uniswap.js";
import xeModule from "../../ignition/modules/xe.js";
import { xmeOn } from "../../ignition/modules/xme.js";
import { xpOn } from "../../ignition/modules/xp.js";
import { uniswapArtifact } from "../uniswap/index.js";
import { type AccountNames, readAuthority } from "./authority.js";
import {
  type Beginning,
  checkUnchanged,
  readBeginning,
  type Section,
  writeBeginning,
  type XpGovernanceKind,
} from "./beginning.js";
import { BUILD_ANEW, readBuildFile, readingOnce } from "./builds.js";
import {
  type ChainState,
  checkInstructions,
  checkSameChain,
  isLocalChain,
  nextTimestamp,
  readChainState,
  type RpcProvider,
} from "./chains.js";
import { forgetCodes, recordCodes } from "./codes.js";
import { allRecords, ECONOMIES, type Economy } from "./contracts.js";
import { checkSigns, chooseDeployer, type Deployer } from "./deployer.js";
import { explain } from "./explain.js";
import { ExplainedError } from "./explained-error.js";
import { type Address, DeploymentFolder, type Hash, readJson, writeJson } from "./folder.js";
import { type AnyModule, BuiltArtifacts, futuresIn, runIgnition, type SentTransaction } from "./ignition.js";
import { expectStanding, inspect, type Standing } from "./inspection.js";
import { readInterpreted } from "./interpreted.js";
import {
  countConfirmed,
  type FutureProgress,
  isRecordedBeside,
  mendJournal,
  moduleNamed,
  readProgress,
} from "./journal.js";
import { alone } from "./lock.js";
import { accountNames } from "./names.js";
import { Deployment } from "./open.js";
import {
  datedSteps,
  type ParameterFile,
  readParameterFile,
  readXmeParameters,
  type RootBuilder,
  type XmeParameters,
  xmeToIgnition,
} from "./parameters.js";
import { PATIENCE, persist } from "./patience.js";
import { checkBlocks, checkFunds, type Plan, planOf } from "./plan.js";
import { recoverTransactions } from "./recovery.js";
import { rehearse } from "./rehearsal.js";
import { readUniswap, type UniswapParameters, uniswapToIgnition } from "./uniswap.js";
import { wiringOf } from "./wiring.js";
import { readXeParameters, type XeParameters, xeToIgnition } from "./xe-parameters.js";
import { readXpParameters, type XpParameters, xpToIgnition } from "./xp-parameters.js";

/** What can be deployed: one economy, or all of them. */
export const DEPLOYABLE = [...ECONOMIES, "suite"] as const;
export type Deployable = (typeof DEPLOYABLE)[number];

/** The part of Hardhat's runtime environment that a deployment needs. */
export type DeploymentHost = Pick<HardhatRuntimeEnvironment, "artifacts" | "network" | "config">;

export interface DeployOptions {
  readonly economy: Deployable;
  /** A parameter file; `ignition/parameters/<network>.json`, or `default.json` on local chains, unless given. */
  readonly parameters?: string | undefined;
  /** The deployment's folder. Without it nothing is written, for chains that end with the process. */
  readonly directory?: string | undefined;
  /**
   * Who deploys: an index among the network's accounts, or an address of these; the first one unless given. What goes on comes from the
   * account that began it.
   */
  readonly account?: string | undefined;
  /** Hash of a transaction that an earlier run sent but could not record. */
  readonly track?: string | undefined;
  /** Called before the first transaction, with what there is to do; nothing is sent where it throws. */
  readonly confirm?: ((plan: Plan) => Promise<void>) | undefined;
  /** Milliseconds to wait for what passes by itself, such as a lost connection; unless given, `PATIENCE`. */
  readonly patience?: number | undefined;
  /** Called with one line for each thing that happens. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

export interface DeployOutcome {
  readonly deployment: Deployment;
  /** Transactions that this run sent: none when everything stood already. */
  readonly transactions: readonly SentTransaction[];
  /**
   * Whether the chain's rights and wiring were compared with a rehearsal's: once after each economy's last step, since governance may change
   * them then.
   */
  readonly isCompared: boolean;
  /** Parameters of X.me as they were interpreted, when it is part of the deployment. */
  readonly xme: XmeParameters | undefined;
  /** Parameters of XP as they were interpreted, when it is part of the deployment. */
  readonly xp: XpParameters | undefined;
  /** Parameters of XE as they were interpreted, when it is part of the deployment. */
  readonly xe: XeParameters | undefined;
}

/**
 * Deploys an economy or the suite to the connection's chain, or goes on where an earlier run was stopped, or finds that there
 * is nothing to do. Every check comes before the first transaction; on chains that last, so does a rehearsal of the whole
 * deployment on a simulated chain, which measures its cost and shows who will have which rights. What stands at the end is compared with that.
 * @throws ExplainedError for everything that a person can put right.
 */
export async function deploy(
  host: DeploymentHost,
  connection: NetworkConnection,
  options: DeployOptions,
): Promise<DeployOutcome> {
  const { directory, patience = PATIENCE, onProgress: report = () => undefined } = options;
  const folder = directory === undefined ? undefined : new DeploymentFolder(directory);
  const transactions: SentTransaction[] = [];
  let agreed = false;
  let moves = 0;
  const tracked = new Set<string>();
  const onSent = (transaction: SentTransaction): void => {
    transactions.push(transaction);
  };
  const run = async (): Promise<DeployOutcome> => {
    const prepared = await prepare(host, connection, options, directory, tracked);
    if (prepared.plan) checkFunds(prepared.plan);
    // Where everything is sent, and only has to be waited for, there is nothing to agree to.
    if (prepared.plan && prepared.plan.steps.length > 0 && !agreed) await options.confirm?.(prepared.plan);
    agreed = true;
    // The rehearsal took its time, and so did whoever was asked: what an earlier run sent may show by now.
    if (prepared.plan && moves < MOST_MOVES && (await hasMoved(connection, prepared, options, onSent))) {
      moves++;
      return run();
    }
    moves = 0;
    return carryOut(host, connection, prepared, options, { transactions, onSent });
  };
  try {
    checkTrack(options);
    const toTheEnd = () =>
      persist(run, {
        provider: connection.provider,
        patience,
        report,
        progress: () => (folder?.isStarted ? countConfirmed(folder) : undefined),
      });
    return await (directory === undefined ? toTheEnd() : alone(directory, toTheEnd));
  } catch (error) {
    throw explain(error, { network: connection.networkName, folder: directory });
  }
}

/**
 * Finds out what `deploy` would do, and does nothing: nothing is sent and nothing is written.
 * @returns undefined when everything stands already
 * @throws ExplainedError for everything that would stop the deployment.
 */
export async function planDeployment(
  host: DeploymentHost,
  connection: NetworkConnection,
  options: DeployOptions,
): Promise<Plan | undefined> {
  const context = { network: connection.networkName, folder: options.directory };
  // What is put right in a folder before a deployment goes on is put right in a copy.
  const scratch = await mkdtemp(join(tmpdir(), "xonomy-plan-"));
  const directory = join(scratch, "deployment");
  try {
    if (options.directory !== undefined && existsSync(options.directory))
      await cp(options.directory, directory, { recursive: true });
    return (await prepare(host, connection, { ...options, directory }, options.directory ?? "memory")).plan;
  } catch (error) {
    const explained = explain(error, context);
    if (!(explained instanceof ExplainedError) || options.directory === undefined) throw explained;
    // The person knows nothing of the copy.
    throw new ExplainedError(explained.message.replaceAll(directory, options.directory), { cause: error });
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** Looks for lost transactions once more, and sends again what nobody has, without a rehearsal; true where the records have changed with that. */
async function hasMoved(
  connection: NetworkConnection,
  prepared: Prepared,
  options: DeployOptions,
  again: (transaction: SentTransaction) => void,
): Promise<boolean> {
  const { folder } = prepared;
  if (!folder?.isStarted) return false;
  const before = lengthOf(folder);
  await settle({ ...prepared, folder }, connection, options, again);
  return lengthOf(folder) !== before;
}

/**
 * Puts the records of earlier runs right, by the chain.
 * @param options.shown where it really is, where a copy of the folder is looked at
 * @param again is told what is sent again because the network has lost it; nothing is without it, as long as the person has not agreed
 */
async function settle(
  { folder, state, artifacts, who, modules }: Prepared & { readonly folder: DeploymentFolder },
  { provider, networkName: network }: NetworkConnection,
  {
    patience = PATIENCE,
    onProgress: report = () => undefined,
    shown = folder.path,
  }: DeployOptions & { readonly shown?: string | undefined },
  again?: (transaction: SentTransaction) => void,
): Promise<Settled> {
  if (!folder.isStarted) return { done: new Set(), lowestLost: Infinity };
  const startBlock = folder.readChain()?.startBlock ?? state.blockNumber;
  const doubt = isLocalChain(state.chainId) ? 0 : Math.min(DOUBT, patience);
  const confirmations = isLocalChain(state.chainId) ? 1 : CONFIRMATIONS;
  const lowestLost =
    (await recoverTransactions(folder, {
      ...{ provider, network, startBlock, patience, doubt, confirmations, report },
      again,
      isOthers: (hash) => isRecordedBeside(shown, hash),
      concerns: (future, sender) =>
        modules.includes(moduleNamed(future)) || sender.toLowerCase() === who.spelled.toLowerCase(),
    })) ?? Infinity;
  return { done: await settledFutures(folder, artifacts, provider, lowestLost), lowestLost };
}

interface Settled {
  /** The futures that need no further transaction. */
  readonly done: ReadonlySet<string>;
  /** From this nonce on what is on record as sent is not with the network. */
  readonly lowestLost: number;
}

/**
 * Milliseconds for which a public network is asked again for a transaction that it does not know, before the step is taken for unsent. Choice: a
 * few blocks, since one node of many behind a URL may lag behind another that took it.
 */
const DOUBT = 30_000;

/** How often the records may change before Ignition is asked to go on: a network that forgets all that it is sent would hold a run up for ever. */
const MOST_MOVES = 5;

/** Blocks on a public network after which what took a nonce is taken to have it for good: as many as Ignition waits for. */
const CONFIRMATIONS = 5;

/** How much of a deployment is on record; undefined while nothing is. */
function lengthOf({ journalFile }: DeploymentFolder): number | undefined {
  return existsSync(journalFile) ? statSync(journalFile).size : undefined;
}

/** A deployment that was found to be possible. */
interface Prepared {
  readonly state: ChainState;
  readonly folder: DeploymentFolder | undefined;
  readonly beginning: Beginning;
  readonly resolved: ResolvedParameters;
  readonly module: AnyModule;
  readonly artifacts: BuiltArtifacts;
  readonly who: Deployer;
  /** The modules whose steps it takes. */
  readonly modules: readonly string[];
  readonly names: AccountNames;
  /** The steps that are not on record as done, whether or not something was sent for them. */
  readonly open: readonly string[];
  /** What is left to be done; undefined when nothing is, and for chains that end with the process. */
  readonly plan: Plan | undefined;
}

/**
 * @param shown the folder's name in messages, where a copy of it is looked at
 * @param tracked what this run has recorded already
 */
async function prepare(
  host: DeploymentHost,
  connection: NetworkConnection,
  options: DeployOptions,
  shown = options.directory,
  tracked = new Set<string>(),
): Promise<Prepared> {
  const { provider, networkName } = connection;
  const report = options.onProgress ?? (() => undefined);
  const folder = options.directory === undefined ? undefined : new DeploymentFolder(options.directory);

  await checkConfiguredChain(connection);
  const state = await readChainState(provider);
  const began = folder ? readBeginning(folder) : undefined;
  const scope = scopeOf(options.economy, began);
  if (folder) {
    await mend(folder);
    await checkFolder(folder, state, provider);
  }

  const sections = sectionsOf(scope.economies);
  const modules = modulesOf(scope.economies, sections);
  const choose = () => chooseDeployer(connection, options.account ?? "", folder, modules);
  const who = await choose();
  const deployer = who.address;
  const start = began?.start ?? state.timestamp;
  // One that is named is read even where nothing of it is needed, so that a wrong name does not pass for a right one.
  const file =
    sections.length > 0 || options.parameters !== undefined
      ? parameterFile(host, options, networkName, state)
      : undefined;
  for (const section of sections) {
    if (file && began?.given[section] !== undefined)
      checkUnchanged(began.given[section], file.content[section], `${file.path}: ${section}`, shown);
  }
  const localAccounts = isLocalChain(state.chainId)
    ? ((await provider.request({ method: "eth_accounts" })) as Address[])
    : undefined;
  const resolved = file
    ? await resolveParameters(
        file,
        scope,
        {
          connection,
          chainId: state.chainId,
          start,
          localAccounts,
          deployer,
          begun: new Set(Object.keys(began?.given ?? {})),
        },
        sameRoot(folder && readInterpreted(folder)?.xme?.airdrop.root, shown),
      )
    : {};

  const module = moduleOf(scope, resolved);
  const artifacts = new BuiltArtifacts(host.artifacts);
  const given = Object.fromEntries(sections.map((section) => [section, file?.content[section]]));
  const beginning = { start, given: { ...began?.given, ...given } };
  const names = accountNames(resolved, deployer);
  const prepared = {
    state,
    folder,
    beginning,
    resolved,
    module,
    artifacts,
    who,
    modules,
    names,
    open: [],
    plan: undefined,
  };
  if (!folder) return prepared;

  if (options.track !== undefined && !tracked.has(options.track)) {
    await trackTransaction(folder.path, options.track, provider, 1);
    tracked.add(options.track);
    report(`Recorded transaction ${options.track}.`);
  }
  const { done, lowestLost } = await settle({ ...prepared, folder }, connection, { ...options, shown });
  // What an earlier run sent and did not record shows only now, and with it who began.
  if ((await choose()).address !== deployer) return prepare(host, connection, options, shown, tracked);
  const open = stepsOf(module).filter(({ id }) => !done.has(id));
  if (open.length === 0) return prepared;
  checkSigns(who, networkName, shown);
  await checkInstructions(provider, networkName);
  if (resolved.xme) await checkDates(resolved.xme, open, provider, began?.given.xme === undefined ? undefined : shown);
  report(`${done.size === 0 ? "Rehearsing" : "Going on: rehearsing"} on a simulated chain …`);
  const onEmptyChain = withoutForeign(resolved);
  const nonce = (await provider.request({
    method: "eth_getTransactionCount",
    params: [deployer, "pending"],
  })) as string;
  const { gas, seen } = await rehearse(
    host,
    moduleOf(scope, onEmptyChain),
    toIgnition(onEmptyChain),
    artifacts,
    { deployer: who.spelled, nonce, timestamp: start },
    (rehearsal, addresses) => standingAfter(rehearsal, addresses, prepared),
  );
  const progress = folder.isStarted ? readProgress(folder) : new Map<string, FutureProgress>();
  const isSent = (id: string): boolean => {
    const { stage, nonce = 0 } = progress.get(id) ?? { stage: "begun" };
    return stage === "confirmed" || (stage === "sent" && nonce < lowestLost);
  };
  const steps = open.flatMap(({ id, sends }) => {
    // What only reads is a call to Ignition too.
    const measured = gas.get(id);
    return sends && measured && !isSent(id) ? [{ future: id, gas: measured }] : [];
  });
  const plan = await planOf(provider, {
    deployer,
    steps,
    standing: seen,
    chainId: state.chainId,
    network: networkName,
  });
  await checkBlocks(provider, plan);
  return { ...prepared, open: open.map(({ id }) => id), plan };
}

/** Seconds that a deployment must have from its beginning to its last step; one that was begun is tried to the last. Choice: networks can be slow. */
const TIME_TO_DEPLOY = 3_600n;

/**
 * The rehearsal is of the moment at which the deployment began: what comes too late since would show only once it is paid for, and genesis
 * would keep every token for ever.
 * @param begun the folder of a deployment that goes on
 */
async function checkDates(
  parameters: XmeParameters,
  open: readonly Step[],
  provider: RpcProvider,
  begun: string | undefined,
): Promise<void> {
  const now = await nextTimestamp(provider);
  const late = datedSteps(parameters).find(
    ({ future, until }) =>
      now + (begun === undefined ? TIME_TO_DEPLOY : 0n) >= until && open.some(({ id }) => id === future),
  );
  if (!late) return;
  const { future, field, date } = late;
  if (begun === undefined) {
    throw new ExplainedError(
      `${field} is ${formatMoment(date)}, and it is ${formatMoment(now)} on the chain: ${future} could come too late for that, and what was ` +
        `sent before would be lost. Nothing was sent. Write a later date.`,
    );
  }
  throw new ExplainedError(
    `X.me's deployment in ${begun} can no longer be completed: ${field} is ${formatMoment(date)}, it is ` +
      `${formatMoment(now)} on the chain, and ${future} is still to come and would fail. This run sent nothing. Write later dates and ` +
      `give another folder with --deployment to start anew; what stands of X.me here has no use.`,
  );
}

function formatMoment(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().replace(".000Z", "Z");
}

/** How things stand on a chain to which all was deployed. */
async function standingAfter(
  connection: NetworkConnection,
  addresses: ReadonlyMap<string, Address>,
  { names, artifacts }: Pick<Prepared, "names" | "artifacts">,
): Promise<Standing> {
  const deployment = await Deployment.attach(connection, 0n, 0, addresses, (future, contract) =>
    abiOf(future, contract, artifacts, undefined),
  );
  return standingOf(deployment, connection.provider, names);
}

async function standingOf(deployment: Deployment, provider: RpcProvider, names: AccountNames): Promise<Standing> {
  return { rights: await readAuthority(deployment, provider, names), wiring: await wiringOf(deployment) };
}

async function carryOut(
  host: DeploymentHost,
  connection: NetworkConnection,
  { state, folder, beginning, resolved, module, modules, artifacts, who, names, open, plan }: Prepared,
  { onProgress: report = () => undefined }: DeployOptions,
  {
    transactions,
    onSent,
  }: { readonly transactions: readonly SentTransaction[]; readonly onSent: (sent: SentTransaction) => void },
): Promise<DeployOutcome> {
  if (folder) {
    if (!folder.readChain()) {
      const { chainId, genesisHash, blockNumber: startBlock } = state;
      const { networkName: network } = connection;
      await folder.writeChain({ network, chainId, genesisHash, startBlock }, isLocalChain(chainId));
    }
    await writeBeginning(folder, beginning, resolved);
    await forgetCodes(folder, open);
    if (plan) await expectStanding(folder, { open, standing: plan.standing });
  }
  const { addresses } = await runIgnition({
    connection,
    module,
    deployer: who.spelled,
    parameters: toIgnition(resolved),
    artifacts,
    directory: folder?.path,
    local: isLocalChain(state.chainId),
    onSent,
    onConfirmed: ({ future, hash }) => {
      report(`${future}  ${hash}`);
    },
  });
  const startBlock = folder?.readChain()?.startBlock ?? state.blockNumber;
  const attach = (contracts: ReadonlyMap<string, Address>): Promise<Deployment> =>
    Deployment.attach(
      connection,
      state.chainId,
      startBlock,
      contracts,
      (future, contract) => abiOf(future, contract, artifacts, folder),
      folder && basename(folder.path),
    );
  const deployment = await attach(addresses);
  let isCompared = false;
  if (folder) {
    await writeAbis(folder, addresses, artifacts);
    await writeDocumentation(folder, addresses, host.artifacts);
    // What the folder has beside it had no name in the rehearsal either.
    const own = new Set(stepsOf(module).map(({ id }) => id));
    const alone = await attach(new Map([...addresses].filter(([future]) => own.has(future))));
    isCompared = await inspect(folder, addresses, connection.provider, (compared) =>
      standingOf(compared.every((one) => modules.includes(one)) ? alone : deployment, connection.provider, names),
    );
    await recordCodes(folder, addresses, connection.provider);
  }
  return { deployment, transactions, isCompared, xme: resolved.xme, xp: resolved.xp, xe: resolved.xe };
}

/** The root of a CSV's airdrop. The proofs are `hardhat airdrop build`'s work: a deployment needs the root alone. */
const buildRoot: RootBuilder = async (csvFile) => {
  // Loaded only when a CSV is given: the hashing of a million rows is a heavy thing to import.
  const [{ AIRDROP_ALLOCATION, AIRDROP_ENCODING, readAirdropList }, { buildTree, hashRows, rootOf, toHex }] =
    await Promise.all([import("../airdrop/index.js"), import("../merkle/index.js")]);
  const list = readAirdropList(csvFile, AIRDROP_ALLOCATION);
  return toHex(rootOf(buildTree(hashRows(list.rows, AIRDROP_ENCODING.size))));
};

/** Builds the root that a deployment was begun with, which the list must still have; a list that is gone is not needed any more. */
function sameRoot(begun: Hash | undefined, folder: string | undefined): RootBuilder {
  if (begun === undefined) return buildRoot;
  return async (csvFile) => {
    if (!existsSync(csvFile)) return begun;
    const root = await buildRoot(csvFile);
    if (root === begun) return root;
    throw new ExplainedError(
      `${csvFile} changed since the deployment in ${folder ?? "memory"} was begun, whose root is ${begun}: restore the list, or give ` +
        `another folder with --deployment to start anew.`,
    );
  };
}

/** What is deployed, and whom XP answers to. */
interface Scope {
  readonly economy: Deployable;
  /** The economies whose contracts it takes. */
  readonly economies: readonly Economy[];
  readonly governance: XpGovernanceKind;
}

/**
 * XP answers to X.me's timelock where the suite is deployed, and to whom the parameters name where XP is deployed alone. What it was
 * begun with stays: a suite that comes later leaves its administrator, and XP alone goes on with the suite that it was begun in.
 */
function scopeOf(economy: Deployable, began: Beginning | undefined): Scope {
  const governance = began?.governance ?? (economy === "suite" ? "timelock" : "parameters");
  if (economy === "suite") return { economy, economies: ECONOMIES, governance };
  const needsXme = economy === "xp" && governance === "timelock";
  return { economy, economies: needsXme ? ["xme", "xp"] : [economy], governance };
}

/** The parts of a parameter file that economies need. */
function sectionsOf(economies: readonly Economy[]): readonly Section[] {
  const own = economies.filter((economy) => economy !== "rank");
  return own.some((economy) => economy !== "xe") ? ["uniswap", ...own] : own;
}

/** The modules that the steps of economies are of, by the beginning of Ignition's future ids. */
function modulesOf(economies: readonly Economy[], sections: readonly Section[]): readonly string[] {
  const names = [...economies, ...(sections.includes("uniswap") ? ["uniswap"] : [])];
  return names.map((name) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`);
}

/** Parameters as they were interpreted, of the economies that are deployed. */
interface ResolvedParameters {
  readonly uniswap?: UniswapParameters;
  readonly xme?: XmeParameters;
  readonly xp?: XpParameters;
  readonly xe?: XeParameters;
}

async function resolveParameters(
  file: ParameterFile,
  { economies, governance }: Scope,
  environment: {
    readonly connection: NetworkConnection;
    readonly chainId: bigint;
    readonly start: bigint;
    readonly localAccounts: readonly Address[] | undefined;
    readonly deployer: Address;
    readonly begun: ReadonlySet<string>;
  },
  rootOf: RootBuilder,
): Promise<ResolvedParameters> {
  const { provider, networkName: network } = environment.connection;
  const xme = economies.includes("xme") ? await readXmeParameters(file, environment, rootOf) : undefined;
  const xp = economies.includes("xp")
    ? await readXpParameters(file, { ...environment, provider, network, governance })
    : undefined;
  const xe = economies.includes("xe") ? readXeParameters(file, environment) : undefined;
  const uniswap = xme || xp ? await readUniswap(file, environment, provider, network) : undefined;
  return { ...(uniswap ? { uniswap } : {}), ...(xme ? { xme } : {}), ...(xp ? { xp } : {}), ...(xe ? { xe } : {}) };
}

function toIgnition({ uniswap, xme, xp, xe }: ResolvedParameters): DeploymentParameters {
  return {
    ...(uniswap === undefined ? {} : uniswapToIgnition(uniswap)),
    ...(xme ? xmeToIgnition(xme) : {}),
    ...(xp ? xpToIgnition(xp) : {}),
    ...(xe ? xeToIgnition(xe) : {}),
  };
}

/**
 * The rehearsal's parameters. Its chain is empty: what the live chain has of Uniswap, and the payment token, are deployed to it
 * first, and are not to be paid for.
 */
function withoutForeign({ xme, xp, xe }: ResolvedParameters): ResolvedParameters {
  return {
    uniswap: "deploy",
    ...(xme ? { xme } : {}),
    ...(xp ? { xp: { ...xp, paymentToken: "deploy" } } : {}),
    ...(xe ? { xe } : {}),
  };
}

function moduleOf({ economy, governance }: Scope, parameters: ResolvedParameters): AnyModule {
  const uniswap =
    parameters.uniswap === undefined || parameters.uniswap === "deploy" ? deployedUniswap : existingUniswap;
  const paymentToken = parameters.xp === undefined || parameters.xp.paymentToken === "deploy" ? "deployed" : "existing";
  const governed = governance === "timelock";
  switch (economy) {
    case "rank":
      return rankModule;
    case "xme":
      return xmeOn(uniswap);
    case "xp":
      return xpOn({ uniswap, paymentToken, xme: governed ? xmeOn(uniswap) : undefined });
    case "xe":
      return xeModule;
    case "suite":
      return suiteOn({ uniswap, paymentToken, governed });
  }
}

interface Step {
  /** Ignition's future id. */
  readonly id: string;
  /** Whether it takes a transaction; a contract that only is named takes none. */
  readonly sends: boolean;
}

/** What a module consists of, the modules that it uses included. */
function stepsOf(module: AnyModule): readonly Step[] {
  return futuresIn(module).map((future) => ({
    id: future.id,
    sends: isDeploymentFuture(future) || isFunctionCallFuture(future),
  }));
}

function checkTrack({ track, directory }: DeployOptions): void {
  if (track === undefined) return;
  if (!/^0x[0-9a-fA-F]{64}$/.test(track)) {
    throw new ExplainedError(`--track is "${track}": write the hash of a transaction, 0x and 64 hexadecimal digits.`);
  }
  if (directory === undefined) {
    throw new ExplainedError(
      "--track is for a deployment that was interrupted, but the in-process chain ends with each command: leave it out, or give " +
        "the --network of that deployment.",
    );
  }
}

/** Asks for the id alone first: Hardhat refuses anything else on a wrong chain, in words of its own. */
async function checkConfiguredChain({ provider, networkConfig, networkName }: NetworkConnection): Promise<void> {
  const chainId = BigInt((await provider.request({ method: "eth_chainId" })) as string);
  const expected = networkConfig.chainId;
  if (expected !== undefined && BigInt(expected) !== chainId) {
    throw new ExplainedError(
      `Network "${networkName}" is configured as chain ${String(expected)} but its RPC answers as chain ${String(chainId)}: ` +
        `correct its URL, or choose another --network.`,
    );
  }
}

/** Puts right what a kill in the middle of writing left: half a line in the journal, and addresses that only the journal has. */
async function mend(folder: DeploymentFolder): Promise<void> {
  await mendJournal(folder);
  if (!folder.isStarted) return;
  const { contracts } = await status(folder.path);
  const recorded = Object.fromEntries(Object.values(contracts).map(({ id, address }) => [id, address]));
  if (!isDeepStrictEqual(folder.readWholeAddresses(), recorded)) await writeJson(folder.addressesFile, recorded);
}

async function checkFolder(folder: DeploymentFolder, state: ChainState, provider: RpcProvider): Promise<void> {
  const record = folder.readChain();
  if (record) {
    await checkSameChain(folder, record, state, provider);
  } else if (folder.isStarted) {
    throw new ExplainedError(
      `${folder.path} holds a journal but no chain.json, so nobody can tell which chain it is of: restore that file from version ` +
        `control, or move the folder away to start anew.`,
    );
  }
}

function parameterFile(host: DeploymentHost, options: DeployOptions, network: string, state: ChainState) {
  const folder = join(host.config.paths.ignition, "parameters");
  if (options.parameters !== undefined) return readParameterFile(resolve(options.parameters));
  return readParameterFile(join(folder, isLocalChain(state.chainId) ? "default.json" : `${network}.json`));
}

/**
 * The futures that need no further transaction. Steps that failed on an earlier run, and steps that it was killed in before it
 * sent anything for them, are cleared, so that the same command does them again: nothing can have been built on them.
 */
async function settledFutures(
  folder: DeploymentFolder,
  artifacts: BuiltArtifacts,
  provider: RpcProvider,
  lowestLost: number,
): Promise<ReadonlySet<string>> {
  const { successful, failed, started } = await status(folder.path);
  const progress = readProgress(folder);
  for (const { futureId } of failed) await wipe(folder.path, artifacts, futureId);
  for (const future of started) {
    const made = progress.get(future);
    // A node holds back what comes after a nonce that is lost, and does not count it.
    if (made?.stage === "prepared" && (made.nonce ?? 0) > lowestLost) continue;
    if (made && (await isUnsent(made, provider))) await wipe(folder.path, artifacts, future);
  }
  return new Set(successful);
}

/**
 * Whether nothing was sent for a future, so that beginning it anew cannot do it twice. A nonce that the node, its pending
 * transactions included, has not come to yet was not used; of a nonce that was used nobody here can tell by what.
 */
async function isUnsent({ stage, sender, nonce }: FutureProgress, provider: RpcProvider): Promise<boolean> {
  if (stage === "begun") return true;
  if (stage !== "prepared" || nonce === undefined) return false;
  const used = await provider.request({ method: "eth_getTransactionCount", params: [sender, "pending"] });
  return BigInt(used as string) <= BigInt(nonce);
}

async function abiOf(
  future: string,
  contract: string,
  artifacts: BuiltArtifacts,
  folder: DeploymentFolder | undefined,
) {
  const recorded = folder && (readJson(folder.artifactFile(future)) as { abi: object[] } | undefined);
  if (recorded) return recorded.abi;
  // Uniswap's contracts are not compiled here; this project's interfaces say all that its users call.
  if (contract === "SwapRouter") return uniswapArtifact("router").abi;
  const name = (await artifacts.artifacts.artifactExists(contract)) ? contract : FOREIGN_INTERFACES[contract];
  return (await artifacts.loadArtifact(name ?? contract)).abi as object[];
}

const FOREIGN_INTERFACES: Readonly<Record<string, string>> = {
  UniswapV3Pool: "IUniswapV3Pool",
  UniswapV3Factory: "IUniswapV3Factory",
  NonfungiblePositionManager: "IUniswapV3PositionManager",
};

async function writeAbis(
  folder: DeploymentFolder,
  addresses: ReadonlyMap<string, Address>,
  artifacts: BuiltArtifacts,
): Promise<void> {
  for (const { future, contract } of allRecords()) {
    if (!addresses.has(future)) continue;
    await writeJson(folder.abiFile(contract), await abiOf(future, contract, artifacts, folder));
  }
}

/** What NatSpec says of each contract of a build, by source and name. */
type Documentation = Readonly<
  Record<string, Readonly<Record<string, { readonly userdoc: object; readonly devdoc: object }>>>
>;

const readDocumentation = readingOnce(async (file): Promise<Documentation> => {
  const { output } = (await readBuildFile(file, BUILD_ANEW)) as { readonly output: { contracts: Documentation } };
  const onlySaid = <T extends { userdoc: object; devdoc: object }>({ userdoc, devdoc }: T) => ({ userdoc, devdoc });
  return mapValues(output.contracts, (contracts) => mapValues(contracts, onlySaid));
});

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/**
 * Writes what NatSpec says of each contract, taken from the very build that was deployed. What was not compiled here
 * (Uniswap), or whose build is gone since, gets no file: better none than that of another version.
 */
async function writeDocumentation(
  folder: DeploymentFolder,
  addresses: ReadonlyMap<string, Address>,
  artifacts: DeploymentHost["artifacts"],
): Promise<void> {
  for (const { future, contract, foreign } of allRecords()) {
    if (foreign || !addresses.has(future)) continue;
    const deployed = readJson(folder.artifactFile(future)) as
      { readonly buildInfoId?: string; readonly inputSourceName?: string } | undefined;
    if (deployed?.buildInfoId === undefined || deployed.inputSourceName === undefined) continue;
    const file = await artifacts.getBuildInfoOutputPath(deployed.buildInfoId);
    if (file === undefined) continue;
    const documented = (await readDocumentation(file))[deployed.inputSourceName]?.[contract];
    if (!documented) continue;
    await writeJson(folder.docFile(contract), { userdoc: documented.userdoc, devdoc: documented.devdoc });
  }
}
