/**
 * A DuckDB database in a folder of its own, which is gone when the run is over, however it ends.
 */

import { mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import type * as DuckDB from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBValue } from "@duckdb/node-api";

import { onInterruption, removeLeftovers, unfinishedName } from "../common/interruption.js";
import { ExplainedError } from "../deployment/explained-error.js";

/**
 * Megabytes that DuckDB may hold. Choice: with Node's own memory and the tree, which comes when DuckDB is closed, a run of a million accounts
 * stays below 3 GB; more rows than fit are put aside on disk.
 */
export const MEMORY_MEGABYTES = 2048;

/** Milliseconds between two looks at how far a statement is. */
const POLL = 200;
const ENDING = "work";

/** @returns the text as an SQL literal */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** @returns the path as an SQL literal that `read_parquet` takes for this one file, whatever its name */
export function quotedFile(path: string): string {
  return quoted(resolve(path).replace(/[[*?]/g, "[$&]"));
}

/** For readers of files: a folder's name, such as `account=0x…`, is not taken for a column. */
export const PLAIN = "hive_partitioning = false";

/**
 * DuckDB is large and only counting needs it: a project that imports this one as a package installs it itself.
 * @throws ExplainedError if it is not there, or not for this machine
 */
async function loadDuckDB(): Promise<typeof DuckDB> {
  try {
    return await import("@duckdb/node-api");
  } catch (error) {
    throw new ExplainedError(
      `Counting takes DuckDB, which could not be loaded (${(error as Error).message}): run \`npm install @duckdb/node-api\` and try again.`,
      { cause: error },
    );
  }
}

/** An open database. */
export class Engine {
  /** For files of this run. */
  readonly folder: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #aside: DuckDBConnection | undefined;
  #isOpen = true;

  private constructor(folder: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.folder = folder;
    this.#instance = instance;
    this.#connection = connection;
  }

  /**
   * @param output the working folder is beside it, hidden, and takes about as much room as the log
   * @param memoryMegabytes that DuckDB may hold
   * @param body gets the database, which is closed and removed afterwards
   * @returns what `body` returns
   * @throws ExplainedError when the folder can't be made, or the database runs out of memory or disk
   */
  static async use<T>(output: string, memoryMegabytes: number, body: (engine: Engine) => Promise<T>): Promise<T> {
    const target = resolve(output);
    const folder = join(dirname(target), unfinishedName(basename(target), ENDING));
    let isMade = false;
    const remove = (): void => {
      if (isMade) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    };
    const end = onInterruption(remove);
    let engine: Engine | undefined;
    try {
      try {
        removeLeftovers(dirname(target), basename(target), ENDING);
        mkdirSync(folder);
        isMade = true;
      } catch (error) {
        throw new ExplainedError(
          `No working folder could be made beside ${output} (${(error as Error).message}): check that its folder exists and can be written to.`,
          { cause: error },
        );
      }
      const { DuckDBInstance } = await loadDuckDB();
      const instance = await DuckDBInstance.create(join(folder, "epoch.duckdb"), {
        memory_limit: `${String(memoryMegabytes)}MB`,
        temp_directory: join(folder, "temporary"),
        preserve_insertion_order: "false",
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
      });
      engine = new Engine(folder, instance, await instance.connect());
      return await body(engine);
    } catch (error) {
      const message = error instanceof Error ? error.message : "";
      if (!/^(Out of Memory|IO) Error/.test(message)) throw error;
      throw new ExplainedError(
        `The rows could not be counted (${(message.split("\n")[0] ?? "").trim()}): give the run more memory, or more room on the disk of ${dirname(target)}.`,
        { cause: error },
      );
    } finally {
      engine?.close();
      remove();
      end();
    }
  }

  /** Gives memory and files back. Nothing can be asked afterwards. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#aside?.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /**
   * Runs one statement.
   * @param onProgress told which part of it is done, from 0 to 1
   */
  async run(sql: string, onProgress?: (part: number) => void): Promise<void> {
    const poll =
      onProgress &&
      setInterval(() => {
        const { percentage } = this.#connection.progress;
        onProgress(Math.min(1, Math.max(0, percentage / 100)));
      }, POLL);
    try {
      await this.#connection.run(sql);
    } finally {
      clearInterval(poll);
    }
  }

  /** Runs one statement while a long answer is read, which `run` would cut off. */
  async runAside(sql: string): Promise<void> {
    this.#aside ??= await this.#instance.connect();
    await this.#aside.run(sql);
  }

  /**
   * @returns all rows of a short answer
   * @internal its type is of a package that not everybody installs
   */
  async rows(sql: string): Promise<DuckDBValue[][]> {
    return (await this.#connection.runAndReadAll(sql)).getRows();
  }

  /**
   * The rows of a long answer by the thousand, each good until the next. Meanwhile nothing else is asked but by `runAside`.
   * @internal like `rows`
   */
  async *chunks(sql: string): AsyncGenerator<DuckDBDataChunk> {
    const result = await this.#connection.stream(sql);
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
      yield chunk;
  }
}
