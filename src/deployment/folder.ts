import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { ExplainedError } from "./explained-error.js";

export type Address = `0x${string}`;
export type Hash = `0x${string}`;

/** Names the chain that a deployment folder belongs to, so that a journal is never continued on another one. */
export interface ChainRecord {
  readonly network: string;
  readonly chainId: bigint;
  /** Hash of block 0: two chains with one id (every restarted local node) differ in it. */
  readonly genesisHash: Hash;
  /** The block at which the deployment began: no log of its contracts is older. */
  readonly startBlock: number;
}

/**
 * The files of one deployment. Ignition writes the journal, the addresses, the artifacts and the build-info
 * (compiler input and output); this project adds the chain's identity, the code's hashes, the resolved parameters, plain ABI files and the documentation.
 */
export class DeploymentFolder {
  constructor(readonly path: string) {}

  get chainFile(): string {
    return join(this.path, "chain.json");
  }

  get parametersFile(): string {
    return join(this.path, "parameters.json");
  }

  get addressesFile(): string {
    return join(this.path, "deployed_addresses.json");
  }

  /** What rights and wiring will be compared with at the end; there only while that has not been done. */
  get expectedFile(): string {
    return join(this.path, "expected.json");
  }

  /** By what code the contracts will be known again; there once something was deployed to its end. */
  get codesFile(): string {
    return join(this.path, "codes.json");
  }

  get journalFile(): string {
    return join(this.path, "journal.jsonl");
  }

  artifactFile(futureId: string): string {
    return join(this.path, "artifacts", `${futureId}.json`);
  }

  abiFile(contractName: string): string {
    return join(this.path, "abis", `${contractName}.json`);
  }

  docFile(contractName: string): string {
    return join(this.path, "docs", `${contractName}.json`);
  }

  /**
   * Addresses by Ignition's future id; empty when nothing was deployed.
   * @throws ExplainedError if a kill left half of the file
   */
  readAddresses(): ReadonlyMap<string, Address> {
    const advice =
      "a run of `hardhat deploy` was stopped while it wrote it. Give that command again as it was given, and it writes the file anew";
    return new Map(Object.entries((readJson(this.addressesFile, advice) ?? {}) as Record<string, Address>));
  }

  /** What that file says, or undefined if a kill left half of it. */
  readWholeAddresses(): object | undefined {
    try {
      return Object.fromEntries(this.readAddresses());
    } catch (error) {
      if (error instanceof ExplainedError) return undefined;
      throw error;
    }
  }

  /** The chain that the folder belongs to, or undefined for a folder that was never deployed to. */
  readChain(): ChainRecord | undefined {
    const stored = readJson(this.chainFile) as (Omit<ChainRecord, "chainId"> & { chainId: number }) | undefined;
    return stored && { ...stored, chainId: BigInt(stored.chainId) };
  }

  /** Also keeps folders of `local` chains, which end with the day, out of version control. */
  async writeChain(chain: ChainRecord, local: boolean): Promise<void> {
    await mkdir(this.path, { recursive: true });
    if (local) await writeFile(join(this.path, ".gitignore"), "*\n");
    await writeJson(this.chainFile, { ...chain, chainId: Number(chain.chainId) });
  }

  /** True once anything of a deployment is on record here. */
  get isStarted(): boolean {
    return existsSync(this.journalFile);
  }
}

/**
 * @param advice what a person is told who has a file that is not JSON
 * @returns the parsed file, or undefined if there is none
 * @throws ExplainedError if it is not JSON
 */
export function readJson(file: string, advice = "restore it from version control or move its folder away"): unknown {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ExplainedError(`${file} is not JSON (${(cause as Error).message}): ${advice}.`, { cause });
  }
}

/** Writes a file whole or not at all: beside it first, then renamed, so that a killed run never leaves half of it. */
export async function writeWhole(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${String(process.pid)}.draft`;
  await writeFile(draft, content);
  await rename(draft, file);
}

/** Writes a JSON file, whole or not at all. */
export async function writeJson(file: string, content: unknown): Promise<void> {
  await writeWhole(file, `${JSON.stringify(content, undefined, 2)}\n`);
}
