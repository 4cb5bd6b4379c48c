import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { isRunning, startOf } from "../common/interruption.js";
import { ExplainedError } from "./explained-error.js";

/** Milliseconds between signs of life, and after how many without one a run counts as dead. Choice. */
const [BEAT, DEAD] = [5_000, 30_000];

/** Milliseconds after which everybody who went for the same dead mark has put down their own. Choice. */
const SETTLING = 50;

/** Who works on a folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Where `pid` means that process; marks of elsewhere may lack it. */
  readonly numbers: string;
  readonly since: string;
}

/** @returns what all that has a process's number in common shares: a machine's name, and on Linux its boot, and its container */
export function numbersHere(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return [hostname(), boot, readlinkSync("/proc/self/ns/pid")].join(" ");
  } catch {
    return hostname();
  }
}

/**
 * Runs `body` while no other run works on the same folder: two of them would write to one journal. A run that was killed holds nobody up.
 * The mark lies beside the folder, which need not exist yet.
 * @throws ExplainedError if another run is at it
 */
export async function alone<T>(folder: string, body: () => Promise<T>): Promise<T> {
  const file = `${folder.replace(/[/\\]+$/, "")}.lock`;
  await mkdir(dirname(file), { recursive: true });
  const holder: Holder = {
    pid: process.pid,
    host: hostname(),
    numbers: numbersHere(),
    since: new Date().toISOString(),
  };
  const own = `${JSON.stringify({ ...holder, id: randomUUID() })}\n`;
  if (!(await take(file, own))) {
    await clear(file, folder);
    if (!(await take(file, own))) throw held(file, folder, await readText(file));
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
    if ((await readText(file)) === own) await rm(file, { force: true });
  }
}

/** @returns whether the mark is there now, and nobody else had it */
async function take(file: string, own: string): Promise<boolean> {
  try {
    await writeFile(file, own, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  // Several may have found a dead mark at the same moment: whose is there in the end has it.
  await wait(SETTLING);
  return (await readText(file)) === own;
}

/**
 * Takes away a dead mark, and no other.
 * @throws ExplainedError if it belongs to a run that lives
 */
async function clear(file: string, folder: string): Promise<void> {
  const found = await readText(file);
  if (found === undefined) return;
  if (await lives(file, found)) throw held(file, folder, found);
  const aside = `${file}.${String(process.pid)}`;
  try {
    await rename(file, aside);
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const taken = await readText(aside);
  if (taken !== found && taken !== undefined) await writeFile(file, taken, { flag: "wx" }).catch(() => undefined);
  await rm(aside, { force: true });
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * On this machine the process tells, which may have stood still for long; of a run of another machine, of another container or before a reboot
 * only the mark's age does. A process that began after the run has its number by chance. A mark that somebody still gives signs of life to is
 * never taken for that, since clocks are put right.
 */
async function lives(file: string, text: string): Promise<boolean> {
  const { numbers, pid, since } = holderIn(text);
  const isHere = numbers === numbersHere();
  if (isHere && !isRunning(pid)) return false;
  const age = await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Infinity,
  );
  if (age <= DEAD) return true;
  if (!isHere) return false;
  const began = await startOf(pid);
  return began === undefined || !(began > Date.parse(since) + DEAD);
}

/** What a kill left half written names nobody. */
function holderIn(text: string | undefined): Holder {
  try {
    return JSON.parse(text ?? "") as Holder;
  } catch {
    return { pid: 0, host: "", numbers: "", since: "a moment ago" };
  }
}

function held(file: string, folder: string, text: string | undefined): ExplainedError {
  const { pid, host, since } = holderIn(text);
  const who = pid === 0 ? "Another run" : `Another run (process ${String(pid)} on ${host}, since ${since})`;
  return new ExplainedError(
    `${who} is deploying to ${folder}: wait until it has ended, or give another folder with --deployment. If there is no such run any more, ` +
      `delete ${file}.`,
  );
}
