import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { expect } from "chai";
import hre from "hardhat";
import type { Result } from "hardhat/types/utils";

import type { Economy } from "../../src/deployment/contracts.js";
import { type Deployable, deploy } from "../../src/deployment/deploy.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";
import { type Anvil, startAnvil } from "./anvil.js";

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

async function fresh(economy: Deployable, first: number) {
  const connection = await network.create();
  const { deployment } = await deploy(hre, connection, { economy });
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
  readonly code: number;
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
  const [output, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { output, complaint, code };
}

/** An economy that is recorded under deployments/, on an anvil of its own. */
export interface Recorded {
  readonly anvil: Anvil;
  /** The folder's name under deployments/. */
  readonly id: string;
  /** Runs a task as from a shell; `seen` is told the output as it comes. */
  run(command: readonly string[], seen?: (output: string) => void): Promise<Ran>;
  remove(): Promise<void>;
}

export async function recorded(economy: Economy): Promise<Recorded> {
  const id = `${economy}-by-test-${String(process.pid)}`;
  const anvil = await startAnvil();
  const connection = await network.create({ network: "localhost", override: { url: anvil.url } });
  await deploy(hre, connection, { economy, directory: join(config.paths.root, "deployments", id) });
  return recordedOn(anvil, id);
}

/** @param id of a deployment that is recorded already */
export function recordedOn(anvil: Anvil, id: string): Recorded {
  const { root } = config.paths;
  return {
    anvil,
    id,
    run(command, seen) {
      const place = ["--network", "localhost", "--deployment", id];
      return shell([...command, ...place], { LOCALHOST_RPC_URL: anvil.url }, seen);
    },
    async remove() {
      await anvil.stop();
      rmSync(join(root, "deployments", id), { recursive: true });
    },
  };
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
  const connection = await network.create({ network: "localhost", override: { url: anvil.url } });
  const host = {
    config,
    globalOptions: { network: "localhost" },
    network: { create: () => Promise.resolve(connection) },
  };
  const { log, error } = console;
  const printed: string[] = [];
  console.log = (line: string) => void printed.push(line);
  console.error = () => undefined;
  try {
    const result = await action(watched, host as unknown as typeof hre);
    if (!result.success) throw result.error;
  } finally {
    [console.log, console.error] = [log, error];
  }
  return printed.join("\n");
}

type Action = (input: unknown, host: typeof hre) => Promise<Result<unknown, Error>>;
