/**
 * What was published beside a proof store: what it was made from, so that anybody can make it again.
 */

import { readFileSync } from "node:fs";

import { ExplainedError } from "../deployment/explained-error.js";
import type { Hex } from "../merkle/index.js";
import { epochBounds, WEIGHTED_BEHAVIOURS, type WeightedBehaviour } from "./behaviours.js";
import type { FactCounts } from "./facts.js";
import type { LogFormat } from "./log.js";

const FORMAT = "xonomy-mining-epoch";
const VERSION = 1;

export interface Manifest {
  epoch: bigint;
  /** The log's own name, and which file it was. */
  log: { name: string; format: LogFormat; bytes: number; rows: number; keccak256: Hex; sha256: Hex };
  /** In the order of `WEIGHTED_BEHAVIOURS`. */
  weights: readonly bigint[];
  facts: FactCounts;
  /** keccak256 of `rules.sql`. */
  rules: Hex;
  accounts: number;
  total: bigint;
  root: Hex;
}

/** @returns the file's text; amounts are texts, since not all readers of JSON keep 64 bits */
export function manifestText(manifest: Manifest): string {
  const { starts, ends } = epochBounds(manifest.epoch);
  const weights = Object.fromEntries(WEIGHTED_BEHAVIOURS.map((name, i) => [name, Number(manifest.weights[i])]));
  const document = {
    format: FORMAT,
    version: VERSION,
    epoch: Number(manifest.epoch),
    from: Number(starts),
    to: Number(ends - 1n),
    log: manifest.log,
    weights,
    facts: manifest.facts,
    rules: manifest.rules,
    accounts: manifest.accounts,
    totalPoints: manifest.total.toString(),
    root: manifest.root,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

const isHash = (value: unknown): value is Hex => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** @throws Error naming the entry that is not as it must be */
function parse(text: string): Manifest {
  const document = record(JSON.parse(text));
  const must = (isRight: boolean, entry: string): void => {
    if (!isRight) throw new Error(`its "${entry}" is missing or wrong`);
  };
  must(document["format"] === FORMAT, "format");
  must(document["version"] === VERSION, "version");
  const [log, weights, facts] = [record(document["log"]), record(document["weights"]), record(document["facts"])];
  for (const entry of ["epoch", "accounts"]) must(isCount(document[entry]), entry);
  for (const entry of ["root", "rules"]) must(isHash(document[entry]), entry);
  must(typeof document["totalPoints"] === "string" && /^\d{1,20}$/.test(document["totalPoints"]), "totalPoints");
  must(typeof log["name"] === "string", "log.name");
  must(log["format"] === "parquet" || log["format"] === "csv", "log.format");
  for (const entry of ["bytes", "rows"]) must(isCount(log[entry]), `log.${entry}`);
  for (const entry of ["keccak256", "sha256"]) must(isHash(log[entry]), `log.${entry}`);
  for (const entry of WEIGHTED_BEHAVIOURS) must(isCount(weights[entry]), `weights.${entry}`);
  for (const entry of ["checkIns", "invitations", "contents", "multipliers"])
    must(isCount(facts[entry]), `facts.${entry}`);
  return {
    epoch: BigInt(document["epoch"] as number),
    log: log as Manifest["log"],
    weights: WEIGHTED_BEHAVIOURS.map((name: WeightedBehaviour) => BigInt(weights[name] as number)),
    facts: facts as unknown as FactCounts,
    rules: document["rules"] as Hex,
    accounts: document["accounts"] as number,
    total: BigInt(document["totalPoints"] as string),
    root: document["root"] as Hex,
  };
}

/**
 * @param path of a manifest that `buildEpoch` wrote
 * @throws ExplainedError when it can't be read or isn't one
 */
export function readManifest(path: string): Manifest {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ExplainedError(
      `${path} is no manifest of an epoch (${(error as Error).message}): give the .json file that was published with the store.`,
      { cause: error },
    );
  }
}
