// Typed ABIs: a module for each contract with its ABI `as const`, from which viem and wagmi infer functions, arguments and answers.

import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * @param {string} name of a contract, such as "XRank" or "VotingXME"
 * @returns {string} what wagmi's command line calls its ABI, such as "xRankAbi" or "votingXmeAbi"
 */
export function abiName(name) {
  const [first = "", ...others] = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .map((word) => word.toLowerCase());
  return `${first}${others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}Abi`;
}

/**
 * @param {unknown} value a value of JSON
 * @returns {string} the type that TypeScript gives it `as const`
 */
export function constType(value) {
  if (Array.isArray(value)) return `readonly [${value.map(constType).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `readonly ${JSON.stringify(key)}: ${constType(field)}`);
  return `{ ${fields.join("; ")} }`;
}

/**
 * @param {string} artifacts the folder of the compiler's artifacts
 * @returns {Map<string, unknown[]>} ABIs of the contracts that are deployed or called, by name and in its order
 * @throws {Error} if two have one name, or nothing was compiled
 */
export function readAbis(artifacts) {
  const files = globSync("{contracts,@openzeppelin}/**/*.sol/*.json", { cwd: artifacts });
  const names = files.map((file) => basename(file, ".json"));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two contracts are called ${twice}: rename one, since each has a module.`);
  if (names.length === 0) throw new Error(`There is nothing in ${artifacts}: compile the contracts first.`);
  const read = files.map((file) => JSON.parse(readFileSync(join(artifacts, file), "utf8")));
  const all = names.map((name, index) => /** @type {[string, unknown[]]} */ ([name, read[index].abi]));
  return new Map(all.filter(([, abi]) => abi.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * @param {string} artifacts the folder of the compiler's artifacts
 * @param {string} outDir
 */
export function writeAbis(artifacts, outDir) {
  const abis = readAbis(artifacts);
  mkdirSync(outDir, { recursive: true });
  for (const [name, abi] of abis) {
    const values = abi.map((entry) => `  ${JSON.stringify(entry)},\n`).join("");
    const types = abi.map((entry) => `  ${constType(entry)},\n`).join("");
    const title = `/** The ABI of \`${name}\`. */\n`;
    writeFileSync(join(outDir, `${name}.js`), `${title}export const ${abiName(name)} = [\n${values}];\n`);
    writeFileSync(
      join(outDir, `${name}.d.ts`),
      `${title}export declare const ${abiName(name)}: readonly [\n${types}];\n`,
    );
  }
  const index = [...abis.keys()].map((name) => `export { ${abiName(name)} } from "./${name}.js";\n`).join("");
  for (const extension of ["js", "d.ts"]) writeFileSync(join(outDir, `index.${extension}`), index);
}
