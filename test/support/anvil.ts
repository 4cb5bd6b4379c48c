import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import hre from "hardhat";

/** A running anvil. */
export interface Anvil {
  readonly url: string;
  /** @param signal SIGKILL unless given; on SIGTERM it writes down what it was told to keep */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Lets this process end while it runs, which ends it too. */
  unref(): void;
}

/**
 * Whether contracts on anvil hear what a hook answers that they read as plain return data, as the market does. The code of a coverage run
 * makes a call before each statement, and with it the return data of the call before is gone; Hardhat's own chains keep it.
 */
export const hooksAreHeard = !hre.globalOptions.coverage;

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = { darwin: "darwin", linux: "linux", win32: "win32" };

/** The binary of the npm package for this machine, or, where none is installed, the `anvil` on PATH. */
function binary(): string {
  const platform = PLATFORMS[process.platform] ?? process.platform;
  const name = `@foundry-rs/anvil-${platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), "bin", process.platform === "win32" ? "anvil.exe" : "anvil");
  } catch {
    return "anvil";
  }
}

/** What anvil says once it answers. It chooses the port itself: a port that was free a moment ago may be somebody else's by the time it listens. */
const LISTENING = /^Listening on 127\.0\.0\.1:(\d+)\r?\n/m;

/**
 * Starts anvil on a free loopback port; whoever starts it stops it in an `after` hook. It also ends with this process.
 * @param args further arguments, such as `--no-mining`
 */
export async function startAnvil(...args: string[]): Promise<Anvil> {
  // A coverage run deploys instrumented code, which is larger; Hardhat lifts the limit for its own chains then.
  const size = hre.globalOptions.coverage ? ["--disable-code-size-limit"] : [];
  const rules = args.includes("--hardfork") ? [] : ["--hardfork", "prague"];
  const child: ChildProcess = spawn(binary(), ["--port", "0", ...rules, ...size, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const exited = once(child, "exit");
  exited.catch(() => undefined);
  let missing: Error | undefined;
  child.once("error", (error) => (missing = error));
  let output = "";
  for await (const chunk of child.stdout ?? []) {
    output += String(chunk);
    if (LISTENING.test(output)) break;
  }
  const [, port] = LISTENING.exec(output) ?? [];
  if (port === undefined) {
    const cause = missing === undefined ? {} : { cause: missing };
    throw new Error(`anvil did not start; it comes with npm on Linux and with Foundry elsewhere. ${output}`, cause);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async stop(signal = "SIGKILL") {
      process.off("exit", kill);
      child.kill(signal);
      await exited;
    },
    unref() {
      child.unref();
    },
  };
}

/** One JSON-RPC call, without any library in between. */
export async function rpc(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

/**
 * Sends from an account that the node signs for, and waits for the block: anvil answers before it mines, also where it mines at once.
 *
 * @returns its hash and block
 */
export async function mined(
  url: string,
  transaction: Readonly<Record<string, unknown>>,
): Promise<{ hash: string; blockNumber: number }> {
  const hash = (await rpc(url, "eth_sendTransaction", transaction)) as string;
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await wait(5)) {
    const receipt = (await rpc(url, "eth_getTransactionReceipt", hash)) as { blockNumber: string } | null;
    if (receipt !== null) return { hash, blockNumber: Number(receipt.blockNumber) };
  }
  throw new Error(`The node at ${url} has not mined ${hash} in 20 seconds.`);
}
