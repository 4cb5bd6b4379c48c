/**
 * What a run must not leave behind when it is asked to stop: a signal first clears up, then does what it would have done.
 */

import { execFile } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Calls `discard` on SIGINT, SIGTERM or SIGHUP, then lets the signal end the process.
 * @returns ends the watch, once there is nothing to discard any more
 */
export function onInterruption(discard: () => void): () => void {
  const end = (): void => {
    for (const name of SIGNALS) process.off(name, stop);
  };
  const stop = (signal: NodeJS.Signals): void => {
    end();
    discard();
    process.kill(process.pid, signal);
  };
  for (const name of SIGNALS) process.on(name, stop);
  return end;
}

/** @returns whether there is such a process on this machine */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** @returns when a process began, in milliseconds since 1970, to the second or so; undefined where there is none, or the system does not say */
export async function startOf(pid: number): Promise<number | undefined> {
  try {
    const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)], { env });
    const start = Date.parse(`${stdout.trim()} UTC`);
    return Number.isNaN(start) ? undefined : start;
  } catch {
    return undefined;
  }
}

/**
 * @param name of the output that a run makes
 * @param ending what kind of leftover it would be
 * @returns the hidden name beside the output for what is not finished, this process' own
 */
export function unfinishedName(name: string, ending: string): string {
  return `.${name}.${String(process.pid)}.${ending}`;
}

/** Removes what runs that were killed without warning left beside `name`; what running processes have there stays. */
export function removeLeftovers(directory: string, name: string, ending: string): void {
  for (const entry of readdirSync(directory)) {
    if (!entry.startsWith(`.${name}.`) || !entry.endsWith(`.${ending}`)) continue;
    const pid = Number(entry.slice(name.length + 2, -ending.length - 1));
    if (!Number.isSafeInteger(pid) || pid <= 0 || isRunning(pid)) continue;
    rmSync(join(directory, entry), { force: true, recursive: true });
  }
}
