/**
 * A file is there whole or not at all: it is written beside its place under another name, flushed to the disk, then renamed.
 */

import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";

import { ExplainedError } from "../deployment/explained-error.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes what runs that were killed without warning left beside `path`; those of running processes stay. */
function removeLeftovers(directory: string, name: string): void {
  for (const entry of readdirSync(directory)) {
    if (!entry.startsWith(`.${name}.`) || !entry.endsWith(".partial")) continue;
    const pid = Number(entry.slice(name.length + 2, -".partial".length));
    if (Number.isSafeInteger(pid) && pid > 0 && !isRunning(pid)) rmSync(join(directory, entry), { force: true });
  }
}

/** Makes the rename itself survive a power cut, where the system lets a folder be flushed (Windows doesn't). */
function flushFolder(directory: string): void {
  try {
    const folder = openSync(directory, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (!["EPERM", "EISDIR", "EACCES", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/**
 * Writes `chunks` to `path`, replacing what was there only once all of it is on the disk. A failure, SIGINT, SIGTERM or SIGHUP leaves
 * nothing behind; a kill that cannot be caught leaves a hidden `.<name>.<pid>.partial`, which the next run for the same path removes.
 *
 * @param onProgress told the bytes written so far
 * @throws ExplainedError when the folder is missing, the disk full or the file in use
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
): Promise<void> {
  const target = resolve(path);
  const partial = join(dirname(target), `.${basename(target)}.${String(process.pid)}.partial`);
  let file: number | undefined;
  const discard = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    rmSync(partial, { force: true });
  };
  const stop = (signal: NodeJS.Signals): void => {
    discard();
    for (const name of SIGNALS) process.off(name, stop);
    process.kill(process.pid, signal);
  };
  for (const name of SIGNALS) process.on(name, stop);
  try {
    removeLeftovers(dirname(target), basename(target));
    file = openSync(partial, "w");
    let bytes = 0;
    for (const chunk of chunks) {
      for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done);
      bytes += chunk.length;
      onProgress?.(bytes);
      await setImmediate(); // lets a signal in
    }
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    renameSync(partial, target);
    flushFolder(dirname(target));
  } catch (error) {
    discard();
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new ExplainedError(
      `${path} could not be written (${(error as Error).message}): check that its folder exists, that the disk has room and that no other program holds the file.`,
      { cause: error },
    );
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}
