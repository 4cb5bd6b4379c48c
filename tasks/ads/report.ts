import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";

import { getAddress, isAddress, keccak256, ZeroAddress } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address, Hash } from "../../src/deployment/folder.js";
import { formatCount } from "../../src/format.js";
import { quoted } from "../support/text.js";

/** The first line of every report. */
export const REPORT_HEADER = "creator,impressions";

/**
 * The most rows of a report. Choice: each credits a creator for less than 30,000 gas, so that a report fits in the 16,777,216 gas that a
 * transaction may have since EIP-7825.
 */
export const MAX_ROWS = 500;

/** Bytes of a file; the rows allowed have fewer than a tenth of them. */
const MAX_SIZE = 1 << 20;
const MAX_IMPRESSIONS = 2n ** 64n - 1n;
const SHOWN_PROBLEMS = 10;

/** Impressions of one creator's content. */
export interface ReportRow {
  readonly creator: Address;
  readonly impressions: bigint;
}

/** A report that has passed every check. */
export interface Report {
  /** In the order of the file: row number `i`, counted from 0, is on line `i + 2`. */
  readonly rows: readonly ReportRow[];
  readonly impressions: bigint;
  /** Keccak-256 of the file, byte by byte. */
  readonly hash: Hash;
}

/**
 * Reads and checks a report: UTF-8 with or without byte order mark, lines ended by LF or CRLF, the header `creator,impressions`, then an
 * address and a whole number on each line, each creator on one; empty lines only at the end. Choice: a creator on a second line is refused,
 * since a line that was copied twice looks the same.
 *
 * @throws ExplainedError naming each bad line, or when the file cannot be read
 */
export function readReport(path: string): Report {
  const bytes = readBytes(path);
  const lines = bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line) => line.replace(/\r$/, ""));
  while (lines.at(-1) === "") lines.pop();
  const [header, ...texts] = lines;
  if (header !== REPORT_HEADER) {
    throw refused(path, [
      `line 1: ${header === undefined ? "the file is empty" : `the header is ${quoted(header)}`}: the first line is exactly ${REPORT_HEADER}`,
    ]);
  }
  if (texts.length === 0) throw refused(path, ["line 1: no row follows the header: a report needs at least one"]);
  const problems: string[] = [];
  const rows: ReportRow[] = [];
  const lineOf = new Map<Address, number>();
  texts.forEach((text, i) => {
    const line = i + 2;
    const row = rowOf(text);
    const earlier = typeof row === "string" ? undefined : lineOf.get(row.creator);
    if (typeof row === "string") problems.push(`line ${String(line)}: ${row}`);
    else if (earlier !== undefined)
      problems.push(
        `line ${String(line)}: the creator ${row.creator} is a duplicate of line ${String(earlier)}: give each creator one line`,
      );
    else {
      lineOf.set(row.creator, line);
      rows.push(row);
    }
  });
  if (problems.length > 0) throw refused(path, problems);
  if (rows.length > MAX_ROWS) {
    throw new ExplainedError(
      `${path} has ${formatCount(rows.length)} rows, and one transaction settles at most ${formatCount(MAX_ROWS)}: make several reports.`,
    );
  }
  const impressions = rows.reduce((sum, row) => sum + row.impressions, 0n);
  return { rows, impressions, hash: keccak256(bytes) as Hash };
}

function readBytes(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw new ExplainedError(
      `${path} could not be opened (${(error as Error).message}): give a CSV file of ${REPORT_HEADER}.`,
      { cause: error },
    );
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new ExplainedError(`${path} is no file: give a CSV file of ${REPORT_HEADER}.`);
    if (stat.size > MAX_SIZE) {
      throw new ExplainedError(
        `${path} has ${formatCount(stat.size)} bytes, and a report at most ${formatCount(MAX_SIZE)}: make several.`,
      );
    }
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** @returns the row of a line, or what is wrong with it */
function rowOf(text: string): ReportRow | string {
  if (text === "") return "the line is empty: only the end of the file may have empty lines";
  if (text.includes('"')) return `there are quotes: write ${REPORT_HEADER} without any`;
  const [creator = "", impressions, ...more] = text.split(",");
  if (impressions === undefined) return `there is one column, ${quoted(text)}: write ${REPORT_HEADER}`;
  if (more.length > 0) return `there are more than two columns: write ${REPORT_HEADER}, and numbers without separators`;
  if (!/^0x[0-9a-fA-F]{40}$/.test(creator))
    return `the creator ${quoted(creator)} is malformed: write 0x and 40 hex digits`;
  const isSpelled: boolean = isAddress(creator);
  if (!isSpelled) {
    return (
      `the creator ${quoted(creator)} has a wrong checksum (EIP-55 writes it ${getAddress(creator.toLowerCase())}): a digit may be mistyped, so get ` +
      `it again`
    );
  }
  const address = getAddress(creator) as Address;
  if (address === ZeroAddress) return "the creator is the zero address: nobody could take the credit";
  const count = countOf(impressions);
  return typeof count === "string" ? count : { creator: address, impressions: count };
}

/** @returns a number of impressions, or what is wrong with it */
function countOf(text: string): bigint | string {
  const rule = "write a whole number in digits alone";
  if (text === "") return `the impressions are missing: ${rule}`;
  if (/^0+$/.test(text)) return "the impressions are zero: leave the line out";
  if (!/^[1-9]\d*$/.test(text)) return `the impressions ${quoted(text)} are no whole number: ${rule}`;
  if (text.length > 20 || BigInt(text) > MAX_IMPRESSIONS)
    return `the impressions ${quoted(text)} are above 2^64 − 1: nobody serves as many`;
  return BigInt(text);
}

function refused(path: string, problems: readonly string[]): ExplainedError {
  const shown = problems.slice(0, SHOWN_PROBLEMS).map((problem) => `  ${problem}`);
  const more =
    problems.length > SHOWN_PROBLEMS ? [`  … and ${formatCount(problems.length - SHOWN_PROBLEMS)} more`] : [];
  const lines = problems.length === 1 ? "1 line is" : `${formatCount(problems.length)} lines are`;
  return new ExplainedError([`${path} is refused: ${lines} wrong.`, ...shown, ...more].join("\n"));
}
