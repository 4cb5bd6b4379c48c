/**
 * Compiles a contract of `bench/contracts/` as Hardhat compiles ours: the same compiler with the same settings.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { InterfaceAbi } from "ethers";

import { importsOf } from "./legacy.js";
import type { Compiled, Job } from "./prebuilt.js";

const require = createRequire(import.meta.url);

/** What npm's `solc` offers that is needed here; it comes without types. */
interface Compiler {
  compile(input: string): string;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<string, Record<string, { abi: InterfaceAbi; evm: { bytecode: { object: string } } }>>
  >;
}

/**
 * @param name of the contract and of its file
 * @throws with the compiler's errors; its warnings are the authors' business
 */
export async function benchJob(hre: HardhatRuntimeEnvironment, name: string): Promise<Job> {
  const settings = hre.config.solidity.profiles.default?.compilers[0]?.settings as Record<string, unknown> | undefined;
  if (settings === undefined) throw new Error("The Hardhat configuration has no compiler in its default profile.");
  const file = `${name}.sol`;
  const content = readFileSync(fileURLToPath(new URL(`contracts/${file}`, import.meta.url)), "utf8");
  const imported = await importsOf(content);
  const input = {
    language: "Solidity",
    sources: Object.fromEntries([
      [file, { content }],
      ...[...imported].map(([path, text]) => [path, { content: text }]),
    ]),
    settings: { ...settings, outputSelection: { [file]: { [name]: ["abi", "evm.bytecode.object"] } } },
  };
  const { version } = require("solc/package.json") as { readonly version: string };
  return { contract: name, compiler: `solc ${version}`, input, compile: () => compile(input, file, name) };
}

function compile(input: object, file: string, name: string): Compiled {
  const compiler = require("solc") as Compiler;
  const output = JSON.parse(compiler.compile(JSON.stringify(input))) as Output;
  const contract = output.contracts?.[file]?.[name];
  if (contract === undefined || contract.evm.bytecode.object === "") {
    const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
    throw new Error(`${file} does not compile:\n${errors.map(({ formattedMessage }) => formattedMessage).join("\n")}`);
  }
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}
