// Typechain's classes for ethers as JavaScript with their types, without those of contracts that only tests use.

import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

import ts from "typescript";

import { abiName } from "./abis.mjs";

/**
 * @param {string} from a typechain folder
 * @param {string} to
 * @throws {Error} with the compiler's words, if typechain's output is not what this expects
 */
export function writeTypechain(from, to) {
  const files = globSync("**/*.ts", { cwd: from, exclude: ["test/**", "factories/test/**", "hardhat.d.ts"] });
  for (const file of files.map((name) => name.replaceAll("\\", "/"))) {
    const source = readFileSync(join(from, file), "utf8");
    const { code, types } = file.endsWith("__factory.ts") ? factory(file, source) : plain(source);
    mkdirSync(dirname(join(to, file)), { recursive: true });
    writeFileSync(join(to, file.replace(/ts$/, "js")), code);
    writeFileSync(join(to, file.replace(/ts$/, "d.ts")), types);
  }
}

/**
 * Contracts are types alone and indexes name what others hold, so their source is their declaration.
 *
 * @param {string} source
 */
function plain(source) {
  const types = source
    .split("\n")
    .filter((line) => !/from ["']\.\/(factories\/)?test\/|^export type \{ test \};$/.test(line))
    .join("\n")
    // a semicolon behind an interface is a statement, which declarations may not have
    .replace(/^( *export interface \w+ \{.*\});$/gm, "$1");
  const code = /^export (\{|\* as)/m.test(types)
    ? ts.transpileModule(types, { compilerOptions }).outputText
    : "export {};\n";
  return { code, types };
}

/**
 * A factory holds its ABI and its bytecode: the first is taken from the ABI's own module, the second need not be told in its type.
 *
 * @param {string} file from typechain's folder
 * @param {string} source
 */
function factory(file, source) {
  const contract = basename(file, "__factory.ts");
  const abi = `${relative(dirname(file), `../abi/${contract}.js`).replaceAll("\\", "/")}`;
  const annotated = source
    .replace(/const _abi = \[\n.*\n\] as const;/s, `import { ${abiName(contract)} as _abi } from "${abi}";`)
    .replace("static readonly abi = _abi", "static readonly abi: typeof _abi = _abi")
    .replace("static readonly bytecode = _bytecode", "static readonly bytecode: `0x${string}` = _bytecode")
    .replace(
      /(override deploy\(.*\)) \{\n/,
      `$1: Promise<${contract} & { deploymentTransaction(): ContractTransactionResponse }> {\n`,
    );
  const declaration = ts.transpileDeclaration(annotated, { fileName: file, compilerOptions, reportDiagnostics: true });
  const problems = declaration.diagnostics ?? [];
  if (problems.length > 0) {
    const text = problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")).join("\n");
    throw new Error(`${file}: ${text}`);
  }
  return { code: ts.transpileModule(annotated, { compilerOptions }).outputText, types: declaration.outputText };
}

/** @type {ts.CompilerOptions} */
const compilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ES2022,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  declaration: true,
  strict: true,
  newLine: ts.NewLineKind.LineFeed,
};
