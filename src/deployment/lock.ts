import { mkdir, open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";

import { ExplainedError } from "./explained-error.js";

/** Milliseconds between signs of life, and after how many without one a run counts as dead. Choice. */
const [BEAT, DEAD] = [5_000, 30_000];

/** Who works on a folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/**
 * Runs `body` while no other run works on the same folder: two of them would write to one journal. A run that was killed holds nobody up.
 * The mark lies beside the folder, which need not exist yet.
 * @throws ExplainedError if another run is at it
 */
export async function alone<T>(folder: string, body: () => Promise<T>): Promise<T> {
  const file = `${folder.replace(/[/\\]+$/, "")}.lock`;
  await mkdir(dirname(file), { recursive: true });
  if (!(await take(file))) {
    const holder = await livingHolder(file);
    if (holder) throw held(file, folder, holder);
    await rm(file, { force: true });
    if (!(await take(file))) throw held(file, folder, await readHolder(file));
  }
  const beating = setInterval(() => {
    const now = new Date();
    // Whoever deleted it said that there is no such run.
    utimes(file, now, now).catch(() => undefined);
  }, BEAT);
  beating.unref();
  try {
    return await body();
  } finally {
    clearInterval(beating);
    await rm(file, { force: true });
  }
}

/** @returns whether nobody had it before */
async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    await handle.writeFile(`${JSON.stringify(holder)}\n`);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** @returns who holds it; undefined if that one is dead */
async function livingHolder(file: string): Promise<Holder | undefined> {
  const age = await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Infinity,
  );
  if (age > DEAD) return undefined;
  const holder = await readHolder(file);
  if (holder.host === hostname() && !isAlive(holder.pid)) return undefined;
  return holder;
}

/** What a kill left half written names nobody. */
async function readHolder(file: string): Promise<Holder> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Holder;
  } catch {
    return { pid: 0, host: "", since: "a moment ago" };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function held(file: string, folder: string, { pid, host, since }: Holder): ExplainedError {
  const who = pid === 0 ? "Another run" : `Another run (process ${String(pid)} on ${host}, since ${since})`;
  return new ExplainedError(
    `${who} is deploying to ${folder}: wait until it has ended, or give another folder with --deployment. If there is no such run any more, ` +
      `delete ${file}.`,
  );
}
