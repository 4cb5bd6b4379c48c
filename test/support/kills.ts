import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";

import { type Contract, getAddress, isAddress } from "ethers";
import hre from "hardhat";

import { type ContractRecord, CONTRACTS, ECONOMIES } from "../../src/deployment/contracts.js";
import type { Deployment } from "../../src/deployment/open.js";
import { type Fate, type RpcCall, sendsTransaction, startProxy } from "./proxy.js";

/** Where a kill falls: when a transaction is on its way to the node, when the node has it and the command does not know yet, or after some time. */
export type Place =
  | { readonly kind: "before broadcast" | "after broadcast"; readonly transaction: number }
  | { readonly kind: "time"; readonly milliseconds: number };

export interface KilledRun {
  readonly url: string;
  readonly economy: string;
  readonly deployment: string;
  readonly place: Place;
  /** What else the command is given. */
  readonly options?: readonly string[];
}

/** Arguments and environment with which `hardhat deploy` runs in a process of its own. */
export function spawnDeploy(url: string, economy: string, deployment: string, ...args: string[]) {
  const { root } = hre.config.paths;
  const command = join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
  const options = ["deploy", "--economy", economy, "--network", "localhost", "--deployment", deployment, ...args];
  return spawn(process.execPath, [command, ...options], {
    cwd: root,
    env: {
      ...process.env,
      LOCALHOST_RPC_URL: url,
      HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
      HARDHAT_NO_TYPECHAIN: "true",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/**
 * Runs `hardhat deploy` and kills it with SIGKILL at a place.
 * @returns how many transactions the node had got by then
 * @throws Error if the command ended before
 */
export async function killAt({ url, economy, deployment, place, options = [] }: KilledRun): Promise<number> {
  let sends = 0;
  let forwarded = 0;
  let sending: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (sending = resolve));
  const fateOf = async (call: RpcCall): Promise<Fate> => {
    if (!sendsTransaction(call)) return "passes";
    sends++;
    sending();
    if (place.kind === "time" || sends !== place.transaction) {
      forwarded++;
      return "passes";
    }
    if (place.kind === "before broadcast") {
      child.kill("SIGKILL");
      await exited;
      return "lost before";
    }
    forwarded++;
    await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(call),
    });
    child.kill("SIGKILL");
    await exited;
    return "lost before";
  };
  const proxy = await startProxy(url, fateOf);
  const child = spawnDeploy(proxy.url, economy, deployment, ...options);
  const exited = once(child, "exit");
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  try {
    if (place.kind === "time") {
      await Promise.race([begun, exited]);
      await Promise.race([wait(place.milliseconds), exited]);
      child.kill("SIGKILL");
    }
    await exited;
    if (child.signalCode !== "SIGKILL") throw new Error(`The command ended by itself: ${(await said).join("\n")}`);
    return forwarded;
  } finally {
    child.kill("SIGKILL");
    await proxy.stop();
  }
}

/**
 * What every contract of this project's says of the others: the value of each getter of an address, by the name of whose it is. It is not how
 * `hardhat deploy` reads them, so that what that forgets is not forgotten here.
 */
export async function linesOfWiring(deployment: Deployment): Promise<readonly string[]> {
  const names = new Map([...deployment.addresses].map(([future, address]) => [getAddress(address), future]));
  const lines: string[] = [];
  for (const economy of ECONOMIES.filter((one) => deployment.has(one))) {
    const records = Object.entries(CONTRACTS[economy]) as [string, ContractRecord][];
    for (const [name] of records.filter(([, { foreign }]) => foreign === undefined)) {
      const contract = deployment.contract(economy, name) as Contract | undefined;
      const getters = contract?.interface.fragments.filter(
        (one) => one.type === "function" && "outputs" in one && one.inputs.length === 0 && isAddressGetter(one.outputs),
      );
      for (const getter of getters ?? []) {
        const value = (await contract
          ?.getFunction(getter.format())
          .staticCall()
          .catch(() => "refused")) as string;
        lines.push(
          `${economy}.${name}.${getter.format()} = ${names.get(isAddress(value) ? getAddress(value) : "") ?? value}`,
        );
      }
    }
  }
  return lines.sort();
}

function isAddressGetter(outputs: unknown): boolean {
  const types = outputs as readonly { readonly type: string }[];
  return types.length === 1 && types[0]?.type === "address";
}
