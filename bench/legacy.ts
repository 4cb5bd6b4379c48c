/**
 * Compiles a published contract with the compiler of its time. npm's old compilers add handlers to the process that loads them, so
 * this one has a process of its own.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { posix } from "node:path";
import { text } from "node:stream/consumers";

import type { Compiled, Job } from "./prebuilt.js";

const require = createRequire(import.meta.url);

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<string, Record<string, { abi: Compiled["abi"]; evm: { bytecode: { object: string } } }>>
  >;
}

const IMPORT = /^import (?:.* from )?"(.*)";/gm;

/** A file and everything that it imports, by the names that the compiler knows them by: package and path. */
async function sourcesOf(file: string, found: Map<string, string> = new Map()): Promise<Map<string, string>> {
  if (found.has(file)) return found;
  const content = await readFile(require.resolve(file), "utf8");
  found.set(file, content);
  for (const [, path = ""] of content.matchAll(IMPORT)) {
    await sourcesOf(path.startsWith(".") ? posix.join(posix.dirname(file), path) : path, found);
  }
  return found;
}

/** @returns what a file of this project's imports from packages */
export async function importsOf(content: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [, path = ""] of content.matchAll(IMPORT)) await sourcesOf(path, found);
  return found;
}

/**
 * @param compiler an npm package of solc 0.5, such as "solc-0.5"
 * @param file package and path of the contract's file
 * @param runs what its authors gave the optimizer
 */
export async function legacyJob(compiler: string, file: string, contract: string, runs: number): Promise<Job> {
  const sources = Object.fromEntries([...(await sourcesOf(file))].map(([name, content]) => [name, { content }]));
  const input = {
    language: "Solidity",
    sources,
    settings: {
      optimizer: { enabled: true, runs },
      outputSelection: { [file]: { [contract]: ["abi", "evm.bytecode.object"] } },
    },
  };
  const { version } = require(`${compiler}/package.json`) as { readonly version: string };
  const compile = () => compileLegacy(compiler, input, file, contract);
  return { contract, compiler: `solc ${version}`, input, compile };
}

/** @throws with the compiler's errors; its warnings are the authors' business */
async function compileLegacy(compiler: string, input: object, file: string, contract: string): Promise<Compiled> {
  const child = spawn(process.execPath, [require.resolve(`${compiler}/solcjs`), "--standard-json"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  child.stdin.end(JSON.stringify(input));
  const printed = await text(child.stdout);
  await ended;
  // The old command says something else before its answer where it cannot read imports.
  const output = JSON.parse(printed.slice(printed.indexOf("{"))) as Output;
  const compiled = output.contracts?.[file]?.[contract];
  if (compiled === undefined || compiled.evm.bytecode.object === "") {
    const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
    throw new Error(`${file} does not compile:\n${errors.map(({ formattedMessage }) => formattedMessage).join("\n")}`);
  }
  return { abi: compiled.abi, bytecode: `0x${compiled.evm.bytecode.object}` };
}
