import { readFile } from "node:fs/promises";

import { ExplainedError } from "./explained-error.js";

/** Reading builds, whose files are large, and named by the hash of what went into them: what one says stays. */

/**
 * @returns `read`, which reads a file once in a process, and again where it failed
 */
export function readingOnce<T>(read: (file: string) => Promise<T>): (file: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (file) => {
    const reading =
      known.get(file) ??
      read(file).catch((error: unknown) => {
        known.delete(file);
        throw error;
      });
    known.set(file, reading);
    return reading;
  };
}

/**
 * @param advice what a person is told who has a file that is not JSON
 * @returns the parsed file of a build
 * @throws ExplainedError if it is not JSON, such as where a kill left half of it
 */
export async function readBuildFile(file: string, advice: string): Promise<unknown> {
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ExplainedError(`${file} is not JSON (${(cause as Error).message}): ${advice}.`, { cause });
  }
}

/** For the builds of this checkout. */
export const BUILD_ANEW = "a build was stopped while it wrote it. Run `hardhat build --force`, which writes it anew";
