/**
 * Compiles a contract of `bench/contracts/` as Hardhat compiles ours: the same compiler with the same settings.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { InterfaceAbi } from "ethers";

const require = createRequire(import.meta.url);

/** What npm's `solc` offers that is needed here; it comes without types. */
interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } | { error: string } }): string;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<string, Record<string, { abi: InterfaceAbi; evm: { bytecode: { object: string } } }>>
  >;
}

/** A contract ready to be deployed. */
export interface Compiled {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

function readImport(path: string): { contents: string } | { error: string } {
  try {
    return { contents: readFileSync(require.resolve(path), "utf8") };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * @param name of the contract and of its file
 * @throws with the compiler's errors; its warnings are the authors' business
 */
export function compileBenchContract(hre: HardhatRuntimeEnvironment, name: string): Compiled {
  const settings = hre.config.solidity.profiles.default?.compilers[0]?.settings as Record<string, unknown> | undefined;
  if (settings === undefined) throw new Error("The Hardhat configuration has no compiler in its default profile.");
  const file = `${name}.sol`;
  const content = readFileSync(fileURLToPath(new URL(`contracts/${file}`, import.meta.url)), "utf8");
  const input = {
    language: "Solidity",
    sources: { [file]: { content } },
    settings: { ...settings, outputSelection: { [file]: { [name]: ["abi", "evm.bytecode.object"] } } },
  };
  const compiler = require("solc") as Compiler;
  const output = JSON.parse(compiler.compile(JSON.stringify(input), { import: readImport })) as Output;
  const contract = output.contracts?.[file]?.[name];
  if (contract === undefined || contract.evm.bytecode.object === "") {
    const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
    throw new Error(`${file} does not compile:\n${errors.map(({ formattedMessage }) => formattedMessage).join("\n")}`);
  }
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}
