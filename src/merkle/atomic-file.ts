/**
 * A file is there whole or not at all: it is written beside its place under another name, flushed to the disk, then renamed.
 */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";

import { onInterruption, removeLeftovers, unfinishedName } from "../common/interruption.js";
import { ExplainedError } from "../deployment/explained-error.js";

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

/** A file that is to be there whole or not at all. */
export interface AtomicFile {
  path: string;
  chunks: Iterable<Uint8Array>;
  /** Who may do what with it, such as 0o600; as the system has it for new files unless given. */
  mode?: number;
}

/**
 * Writes each file's chunks to its path, replacing what was there only once all of all files is on the disk. A failure, SIGINT, SIGTERM or
 * SIGHUP leaves nothing behind; a kill that cannot be caught leaves a hidden `.<name>.<pid>.partial`, which the next run for the same path
 * removes.
 *
 * @param onProgress told the bytes written so far, of all files
 * @throws ExplainedError when the folder is missing, the disk full or the file in use
 */
export async function writeFilesAtomically(
  files: readonly AtomicFile[],
  onProgress?: (bytes: number) => void,
): Promise<void> {
  const targets = files.map(({ path }) => resolve(path));
  const partials = targets.map((target) => join(dirname(target), unfinishedName(basename(target), "partial")));
  let file: number | undefined;
  const discard = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
    for (const partial of partials) rmSync(partial, { force: true });
  };
  const end = onInterruption(discard);
  let path = "";
  try {
    let bytes = 0;
    for (const [i, { chunks, mode }] of files.entries()) {
      const [target, partial] = [targets[i] as string, partials[i] as string];
      path = files[i]?.path ?? "";
      removeLeftovers(dirname(target), basename(target), "partial");
      file = openSync(partial, "w", mode);
      for (const chunk of chunks) {
        for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done);
        bytes += chunk.length;
        onProgress?.(bytes);
        await setImmediate(); // lets a signal in
      }
      fsyncSync(file);
      closeSync(file);
      file = undefined;
    }
    for (const [i, target] of targets.entries()) {
      path = files[i]?.path ?? "";
      renameSync(partials[i] as string, target);
    }
    for (const folder of new Set(targets.map(dirname))) flushFolder(folder);
  } catch (error) {
    discard();
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new ExplainedError(
      `${path} could not be written (${(error as Error).message}): check that its folder exists, that the disk has room and that no other program holds the file.`,
      { cause: error },
    );
  } finally {
    end();
  }
}

/** `writeFilesAtomically` for one file. */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
): Promise<void> {
  await writeFilesAtomically([{ path, chunks }], onProgress);
}
