/**
 * The rules as text, as values and as a version.
 */

import { readFileSync } from "node:fs";

import { type Hex, keccak256, toHex } from "../merkle/index.js";

const FILE = new URL("rules.sql", import.meta.url);

/** The values of one behaviour; `rules.sql` says what each means and why it is what it is. */
export interface Rule {
  code: number;
  behaviour: string;
  oncePer: bigint;
  perSubjectDay: number | undefined;
  perDay: number;
  minSeconds: bigint;
  weightOf: number;
  receivedAs: number | undefined;
}

/** The rules, read from their one file. */
export interface Rules {
  sql: string;
  /** The file's statements without their semicolons, in order. */
  statements: readonly string[];
  values: readonly Rule[];
  /** keccak256 of the file's bytes: two runs with the same version count alike. */
  version: Hex;
}

const VALUES = /^ {2}\( *(\d+), '(\w+)', *(\d+), *(\d+|NULL), *(\d+), *(\d+), *(\d+), *(\d+|NULL)\)/gm;

/** Reads `rules.sql`. */
export function readRules(): Rules {
  const bytes = readFileSync(FILE);
  const sql = bytes.toString("utf8");
  const number = (text: string | undefined): number | undefined => (text === "NULL" ? undefined : Number(text));
  const values = [...sql.matchAll(VALUES)].map(
    ([, code, behaviour, oncePer, perSubjectDay, perDay, minSeconds, weightOf, receivedAs]): Rule => ({
      code: Number(code),
      behaviour: behaviour ?? "",
      oncePer: BigInt(oncePer ?? ""),
      perSubjectDay: number(perSubjectDay),
      perDay: Number(perDay),
      minSeconds: BigInt(minSeconds ?? ""),
      weightOf: Number(weightOf),
      receivedAs: number(receivedAs),
    }),
  );
  const statements = sql
    .split("\n")
    .map((line) => line.replace(/--.*$/, ""))
    .join("\n")
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  return { sql, statements, values, version: toHex(keccak256(bytes)) };
}
