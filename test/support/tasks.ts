import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { format } from "node:util";

import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre from "hardhat";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatUserConfig, HttpNetworkUserConfig } from "hardhat/types/config";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";
import type { HardhatPlugin } from "hardhat/types/plugins";
import type { Result } from "hardhat/types/utils";
import { isResult } from "hardhat/utils/result";

import userConfig from "../../hardhat.config.js";
import {
  parseRawArguments,
  parseTask,
  parseTaskArguments,
} from "../../node_modules/hardhat/dist/src/internal/cli/parser.js";

import type { Economy } from "../../src/deployment/contracts.js";
import { type Deployable, deploy } from "../../src/deployment/deploy.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Hash } from "../../src/deployment/folder.js";
import { Deployment } from "../../src/deployment/open.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";
import { type Anvil, rpc, startAnvil } from "./anvil.js";
import { beginQuietly, quietMoment } from "./moment.js";
import { sendsTransaction, startProxy } from "./proxy.js";

const { config, network } = hre;
const DAY = 86_400;

/** @returns the sentence that a flow refuses with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "nothing was refused",
    (error: unknown) => {
      if (error instanceof ExplainedError) return error.message;
      throw error;
    },
  );
}

/** An economy on an in-process chain, and the way back to its first moment. */
interface Simulated {
  readonly connection: NetworkConnection;
  readonly deployment: Deployment;
  readonly start: { restore(): Promise<void> };
}

/** Each economy is deployed once for all test files that a process runs. */
const simulated = new Map<Deployable, Promise<Simulated>>();

async function simulate(economy: Deployable): Promise<Simulated> {
  const connection = await network.create();
  await beginQuietly(connection);
  const { deployment } = await deploy(hre, connection, { economy });
  return { connection, deployment, start: await connection.networkHelpers.takeSnapshot() };
}

async function fresh(economy: Deployable, first: number) {
  const known = simulated.get(economy) ?? simulate(economy);
  simulated.set(economy, known);
  const { connection, deployment, start } = await known;
  await start.restore();
  const session = await sessionOf(connection, deployment, String(first));
  const other = await sessionOf(connection, deployment, String(first + 1));
  const { time } = connection.networkHelpers;
  const later = (days: number): Promise<void> => time.increase(days * DAY + 60).then(() => undefined);
  return { connection, deployment, session, other, time, later };
}

/**
 * Deploys an economy on an in-process chain for the tests of a block, each of which starts from there.
 * @param first index of the account of `session`; the next is `other`'s
 * @returns what there is to use, from the block's tests on
 */
export function deployed(economy: Deployable, first: number): () => Awaited<ReturnType<typeof fresh>> {
  let local: Awaited<ReturnType<typeof fresh>>;
  let restore: () => Promise<void>;
  before(async () => {
    local = await fresh(economy, first);
  });
  beforeEach(async () => {
    const snapshot = await local.connection.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
  });
  afterEach(() => restore());
  return () => local;
}

/** @returns what a session would be if its deployment were on Polygon, whose currency is POL; the chain stays the same */
export async function onPolygon(
  { connection, deployment }: Pick<Simulated, "connection" | "deployment">,
  session: Session,
): Promise<Session> {
  const { addresses, startBlock } = deployment;
  const there = await Deployment.attach(connection, 137n, startBlock, addresses, (future) =>
    Promise.resolve(deployment.contractAt(addresses.get(future) ?? ZeroAddress)?.interface.fragments ?? []),
  );
  return { ...session, deployment: there };
}

/** Expects that a flow announces, and that it has sent nothing by then: it fails when the announcement does. */
export async function expectAnnouncedFirst(
  session: Session,
  flow: (session: Session) => Promise<unknown>,
): Promise<void> {
  const sent = (): Promise<number | undefined> | undefined => session.signer?.getNonce("pending");
  const nonce = await sent();
  const heard: string[] = [];
  const announce = (expected: readonly string[]): void => {
    heard.push(...expected);
    throw new Error("stopped at the announcement");
  };
  const failure = await flow({ ...session, announce }).catch((error: unknown) => error);
  expect(failure).to.have.property("message", "stopped at the announcement");
  expect(heard).to.have.length.above(0);
  expect(await sent(), "transactions sent").to.equal(nonce);
}

/** What a command printed, what it complained of, and how it ended. */
export interface Ran {
  readonly output: string;
  readonly complaint: string;
  /** What it said of transactions that were not mined at once: on a busy machine any block may take that long. */
  readonly waiting: string;
  readonly code: number;
}

/** Takes what is said while a transaction is not mined apart from what else a command writes on standard error. */
function apart(written: string): Pick<Ran, "complaint" | "waiting"> {
  const told = /^Transaction 0x\w{64} was sent; waiting until it is mined …\n/gm;
  return { complaint: written.replace(told, ""), waiting: written.match(told)?.join("") ?? "" };
}

/**
 * Runs Hardhat as from a shell.
 * @param seen is told the output as it comes
 */
export async function shell(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  seen?: (output: string) => void,
): Promise<Ran> {
  const { root } = config.paths;
  const cli = join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
  const child = spawn(process.execPath, [cli, ...command], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (seen)
    child.stdout.on("data", (chunk: Buffer) => {
      seen(chunk.toString());
    });
  const ended = new Promise<number>((resolve) =>
    child.once("close", (code) => {
      resolve(code ?? -1);
    }),
  );
  const [output, written, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { output, ...apart(written), code };
}

/** What a body printed on the console, and what it returned. */
interface Heard<T> {
  readonly value: T;
  readonly output: string;
  readonly complaint: string;
}

/** Whoever hears the console now: one at a time. */
let hearing: Promise<unknown> = Promise.resolve();

/** Is told what is said, as it comes. */
type Listener = (said: string) => void;

/** Runs a body with what it prints turned to a listener, and what it writes on standard error to another, after those before it. */
function heard<T>(body: () => Promise<T>, seen?: Listener, complained?: Listener): Promise<Heard<T>> {
  const turn = hearing.then(async () => {
    const { log } = console;
    const { stderr } = process;
    const write = stderr.write.bind(stderr);
    const [output, complaint]: [string[], string[]] = [[], []];
    console.log = (...said: unknown[]) => {
      const line = `${format(...said)}\n`;
      output.push(line);
      seen?.(line);
    };
    stderr.write = (said: string | Uint8Array): boolean => {
      complaint.push(String(said));
      complained?.(String(said));
      return true;
    };
    try {
      const value = await body();
      return { value, output: output.join(""), complaint: complaint.join("") };
    } finally {
      console.log = log;
      stderr.write = write;
    }
  });
  hearing = turn.catch(() => undefined);
  return turn;
}

/** Hardhat as it is with `--network localhost`, where that answers at a URL of its own. */
function environmentAt(url: string): Promise<HardhatRuntimeEnvironment> {
  const { root } = config.paths;
  const localhost = { ...(userConfig.networks?.localhost as HttpNetworkUserConfig), url };
  return createHardhatRuntimeEnvironment(
    { ...userConfig, networks: { ...userConfig.networks, localhost } },
    { network: "localhost", config: join(root, "hardhat.config.ts") },
    root,
  );
}

/** Hardhat as it is for a command that builds first, where types that nobody reads are not written again. */
export function environmentToBuild(): Promise<HardhatRuntimeEnvironment> {
  const { root } = config.paths;
  const { coverage } = hre.globalOptions;
  const options = { coverage, noTypechain: true, config: join(root, "hardhat.config.ts") };
  return createHardhatRuntimeEnvironment(userConfig, options, root);
}

/** Variables of the shell; undefined for those that are not to be set. */
export type Variables = Readonly<Record<string, string | undefined>>;

let configurations = 0;

/** Runs a body in Hardhat as it is with `--network` and these variables. */
export async function withVariables<T>(
  network: string,
  variables: Variables,
  body: (environment: HardhatRuntimeEnvironment) => Promise<T>,
  ...plugins: readonly HardhatPlugin[]
): Promise<T> {
  const { root } = config.paths;
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  const set = (values: Variables): void => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
  set(variables);
  try {
    // The configuration reads some of them while it is loaded.
    const file = `../../hardhat.config.js?variables=${String(++configurations)}`;
    const { default: own } = (await import(file)) as { readonly default: HardhatUserConfig };
    const all = { ...own, plugins: [...(own.plugins ?? []), ...plugins] };
    return await body(
      await createHardhatRuntimeEnvironment(all, { network, config: join(root, "hardhat.config.ts") }, root),
    );
  } finally {
    set(before);
  }
}

/**
 * Runs a command line in this process: what Hardhat's own parser makes of it, by the task that is registered, with the same exit code.
 * A start of Hardhat takes a second and more of a processor, far longer than what a command does on a local chain.
 */
export async function inProcess(
  environment: HardhatRuntimeEnvironment,
  command: readonly string[],
  seen?: Listener,
  complained?: Listener,
): Promise<Ran> {
  const words = parseRawArguments([...command]);
  const used = words.map(() => false);
  const task = parseTask(words, used, environment.tasks.rootTasks);
  if (Array.isArray(task)) throw new Error(`there is no task "${task.join(" ")}"`);
  const given = parseTaskArguments(words, used, task);
  const ran = async () => {
    const before = process.exitCode;
    process.exitCode = undefined;
    try {
      const result: unknown = await task.run(given);
      return isResult(result) && !result.success ? 1 : Number(process.exitCode ?? 0);
    } finally {
      process.exitCode = before;
    }
  };
  const { value: code, output, complaint } = await heard(ran, seen, complained);
  return { output, ...apart(complaint), code };
}

/** What a command that sends answers with --json, as far as all of them do. */
export interface SentAsJson {
  readonly expected: readonly string[];
  readonly balance: string;
  readonly transaction: { readonly hash: string };
}

/** An economy that is recorded under deployments/, on an anvil. */
export interface Recorded {
  readonly anvil: Anvil;
  /** The folder's name under deployments/. */
  readonly id: string;
  /**
   * Runs a command line in this process, one at a time; `seen` is told the output as it comes, and `complained` what goes to standard error.
   */
  run(command: readonly string[], seen?: Listener, complained?: Listener): Promise<Ran>;
  /**
   * Runs a command that sends as from a shell, with --json: once for an economy, since it takes long. Expects that the process ends well,
   * without a complaint.
   * @returns the one document on its standard output
   */
  shell(command: readonly string[]): Promise<SentAsJson>;
  remove(): Promise<void>;
}

const directoryOf = (id: string): string => join(config.paths.root, "deployments", id);

/**
 * @returns an anvil whose estimates are of the latest block's time, as those of most public nodes: what comes after it is a second later at
 * least, and may take more gas
 */
async function startPublicAnvil(): Promise<Anvil> {
  const anvil = await startAnvil();
  const { timestamp } = (await rpc(anvil.url, "eth_getBlockByNumber", "latest", false)) as LatestBlock;
  await rpc(anvil.url, "evm_increaseTime", quietMoment(Number(timestamp)) - Number(timestamp));
  const proxy = await startProxy(anvil.url, async (call) => {
    const {
      method,
      params: [transaction],
    } = call;
    if (sendsTransaction(call)) await rpc(anvil.url, "evm_increaseTime", 1);
    if (method !== "eth_estimateGas") return "passes";
    const { timestamp: time, number } = (await rpc(anvil.url, "eth_getBlockByNumber", "latest", false)) as LatestBlock;
    try {
      return { answered: await rpc(anvil.url, method, transaction, "latest", {}, { time, number }) };
    } catch {
      // What it refuses it refuses in its own words.
      return "passes";
    }
  });
  return {
    url: proxy.url,
    async stop(signal) {
      await proxy.stop();
      await anvil.stop(signal);
    },
    unref() {
      proxy.unref();
      anvil.unref();
    },
  };
}

async function record(economy: Economy, id: string): Promise<Anvil> {
  // What a run that was killed left, whose process had the same number.
  rmSync(directoryOf(id), { recursive: true, force: true });
  const anvil = await startPublicAnvil();
  try {
    const connection = await network.create({ network: "localhost", override: { url: anvil.url } });
    await deploy(hre, connection, { economy, directory: directoryOf(id) });
    return anvil;
  } catch (error) {
    // Or this process would wait for it.
    await anvil.stop();
    throw error;
  }
}

interface LatestBlock {
  readonly timestamp: Hash;
  readonly number: Hash;
}

/** Each economy is recorded once for all test files that a process runs, which takes seconds, and stays until the process ends. */
const records = new Map<Economy, Promise<Anvil>>();

/** @returns an economy as it is right after its deployment; `remove` takes its chain back there */
export async function recorded(economy: Economy): Promise<Recorded> {
  const id = `${economy}-by-test-${String(process.pid)}`;
  const isNew = !records.has(economy);
  const known = records.get(economy) ?? record(economy, id);
  records.set(economy, known);
  const anvil = await known;
  if (isNew) {
    anvil.unref();
    process.once("exit", () => {
      rmSync(directoryOf(id), { recursive: true, force: true });
    });
  }
  const start = await rpc(anvil.url, "evm_snapshot");
  const remove = async (): Promise<void> => {
    if ((await rpc(anvil.url, "evm_revert", start)) !== true) throw new Error("the chain's first moment is lost");
  };
  return { ...recordedOn(anvil, id), remove };
}

/** @returns an economy on an anvil of its own, for whoever does to it what cannot be taken back */
export async function recordedAlone(economy: Economy): Promise<Recorded> {
  const id = `${economy}-alone-by-test-${String(process.pid)}`;
  return recordedOn(await record(economy, id), id);
}

/** @param id of a deployment that is recorded already */
export function recordedOn(anvil: Anvil, id: string): Recorded {
  let environment: Promise<HardhatRuntimeEnvironment> | undefined;
  return {
    anvil,
    id,
    async run(command, seen, complained) {
      environment ??= environmentAt(anvil.url);
      return inProcess(await environment, [...command, "--deployment", id], seen, complained);
    },
    async shell(command) {
      const place = ["--network", "localhost", "--deployment", id];
      const ran = await shell([...command, "--json", ...place], { LOCALHOST_RPC_URL: anvil.url });
      expect({ code: ran.code, complaint: ran.complaint }, ran.output).to.deep.equal({ code: 0, complaint: "" });
      const sent = JSON.parse(ran.output) as SentAsJson;
      expect(sent.transaction.hash).to.match(/^0x[0-9a-f]{64}$/);
      return sent;
    },
    async remove() {
      await anvil.stop();
      rmSync(directoryOf(id), { recursive: true });
    },
  };
}

const connections = new Map<string, Promise<NetworkConnection>>();

/** @returns the one connection of this process to a node */
function connectTo(url: string): Promise<NetworkConnection> {
  const known = connections.get(url) ?? network.create({ network: "localhost", override: { url } });
  connections.set(url, known);
  return known;
}

type Tasks = readonly {
  readonly id: readonly string[];
  readonly options?: object;
  readonly positionalArguments?: readonly { readonly name: string; readonly defaultValue?: unknown }[];
  readonly action?: unknown;
}[];

/**
 * Runs the action of a task in this process, with what its options default to, on the chain of a recorded deployment.
 * @param given what to give instead, by option; a task that reads an option which it does not declare, or is given one, fails
 * @returns what it printed
 */
export async function act(
  { anvil, id }: Recorded,
  tasks: Tasks,
  name: string,
  given: Readonly<Record<string, string | boolean>> = {},
): Promise<string> {
  const definition = tasks.find((task) => task.id.join(" ") === name);
  if (!definition) throw new Error(`there is no task "${name}"`);
  const options = Object.entries(definition.options ?? {}) as [string, { defaultValue: unknown }][];
  const input: Record<string, unknown> = Object.fromEntries([
    ...options.map(([option, { defaultValue }]) => [option, defaultValue] as const),
    ...(definition.positionalArguments ?? []).map((argument) => [argument.name, argument.defaultValue] as const),
  ]);
  for (const option of Object.keys(given)) if (!(option in input)) throw new Error(`${name} has no option ${option}`);
  const values: Record<string, unknown> = { ...input, ...given, deployment: id };
  const watched = new Proxy(values, {
    get(target, key) {
      // Commands that look at no account lack its option.
      if (typeof key === "string" && key !== "account" && !(key in target))
        throw new Error(`${name} declares no ${key}`);
      return target[key as string];
    },
  });
  const { default: action } = await (definition.action as () => Promise<{ default: Action }>)();
  const connection = await connectTo(anvil.url);
  const host = {
    config,
    globalOptions: { network: "localhost" },
    network: { create: () => Promise.resolve(connection) },
  };
  const { value: result, output } = await heard(() => action(watched, host as unknown as typeof hre));
  if (!result.success) throw result.error;
  return output.replace(/\n$/, "");
}

type Action = (input: unknown, host: typeof hre) => Promise<Result<unknown, Error>>;
