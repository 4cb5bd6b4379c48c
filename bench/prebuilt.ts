/**
 * Code of peers that npm has only as source. Compiling it takes longer than measuring it, so it is kept in `bench/prebuilt/` beside the hash of all
 * that the compiler was given, and compiled again wherever that has changed. `npm run bench -- --write` writes it; `npm run fuzz` compares it
 * with what the compiler gives.
 */

import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { type InterfaceAbi, keccak256, toUtf8Bytes } from "ethers";

/** A contract ready to be deployed. */
export interface Compiled {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

/** A contract and how it is compiled. */
export interface Job {
  readonly contract: string;
  /** The compiler's name and version. */
  readonly compiler: string;
  /** All that it is given: sources and settings. */
  readonly input: object;
  readonly compile: () => Compiled | Promise<Compiled>;
}

interface Prebuilt extends Compiled {
  readonly compiler: string;
  /** Keccak-256 of compiler and input. */
  readonly hash: string;
}

const FOLDER = fileURLToPath(new URL("prebuilt/", import.meta.url));

/** What was compiled in this process because no file had it. */
const compiled = new Map<string, Prebuilt>();

/** @returns the contract as it was compiled before where nothing of it has changed, and compiled now otherwise */
export async function prebuilt(job: Job): Promise<Compiled> {
  const hash = hashOf(job);
  const known = compiled.get(job.contract) ?? readPrebuilt(job.contract);
  if (known?.hash === hash) return known;
  const { abi, bytecode } = await job.compile();
  const made = { compiler: job.compiler, hash, abi, bytecode };
  compiled.set(job.contract, made);
  return made;
}

/** Writes down what had to be compiled. */
export async function writePrebuilt(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const [contract, made] of compiled) {
    await writeFile(`${FOLDER}${contract}.json`, `${JSON.stringify(made, undefined, 2)}\n`);
  }
}

/** @returns what the file of a contract says, whatever it was compiled from; undefined where there is none */
export function readPrebuilt(contract: string): Prebuilt | undefined {
  try {
    return JSON.parse(readFileSync(`${FOLDER}${contract}.json`, "utf8")) as Prebuilt;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** @returns Keccak-256 of the compiler and of all that it is given */
export function hashOf({ compiler, input }: Job): string {
  return keccak256(toUtf8Bytes(JSON.stringify([compiler, input])));
}
