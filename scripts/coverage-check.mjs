// Reads coverage/lcov.info and docs/coverage.md: fails when too few lines of contracts/ are covered, or when an
// uncovered line is not explained there.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Smallest share of covered lines of contracts/, in percent. */
const MINIMUM_PERCENT = 98;

/**
 * @param {string} lcov text of an lcov tracefile
 * @returns {{ total: number, uncovered: { file: string, line: number }[] }} the lines below contracts/
 */
export function readLcov(lcov) {
  /** @type {{ file: string, line: number }[]} */
  const uncovered = [];
  let total = 0;
  let file = "";
  for (const row of lcov.split(/\r?\n/)) {
    if (row.startsWith("SF:")) file = row.slice(3).replaceAll("\\", "/");
    const data = /^DA:(\d+),(\d+)/.exec(row);
    if (data === null || !file.startsWith("contracts/")) continue;
    total += 1;
    if (data[2] === "0") uncovered.push({ file, line: Number(data[1]) });
  }
  return { total, uncovered };
}

/**
 * An explanation is a row of docs/coverage.md: | `contracts/xme/Genesis.sol` | `the code of the line` | why |.
 * It quotes the code, not the number, so that it stays true when lines move.
 *
 * @param {{ file: string, line: number }} place
 * @param {string} code the line's text
 * @param {string} explanations text of docs/coverage.md
 */
export function isExplained(place, code, explanations) {
  return explanations
    .split(/\r?\n/)
    .some((row) => row.includes(`\`${place.file}\``) && row.includes(`\`${code.trim()}\``));
}

/** @param {string} root */
function main(root) {
  const { total, uncovered } = readLcov(readFileSync(join(root, "coverage", "lcov.info"), "utf8"));
  const explanations = readFileSync(join(root, "docs", "coverage.md"), "utf8");
  const percent = total === 0 ? 0 : ((total - uncovered.length) * 100) / total;
  console.log(`contracts/: ${total - uncovered.length} of ${total} lines covered (${percent.toFixed(2)} %).`);
  if (percent < MINIMUM_PERCENT) {
    console.error(`Below the minimum of ${MINIMUM_PERCENT} %: write the missing tests.`);
    process.exitCode = 1;
  }
  for (const place of uncovered) {
    const code = readFileSync(join(root, place.file), "utf8").split(/\r?\n/)[place.line - 1] ?? "";
    const explained = isExplained(place, code, explanations);
    console.log(`${explained ? "explained  " : "unexplained"} ${place.file}:${place.line} ${code.trim()}`);
    if (!explained) process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(join(dirname(fileURLToPath(import.meta.url)), ".."));
}
