/**
 * From a checked log and the chain's facts to the leaves of a tree: (account, points) in ascending order of the accounts.
 */

import { ExplainedError } from "../deployment/explained-error.js";
import { LeafEncoding } from "../merkle/index.js";
import type { Engine } from "./engine.js";
import { type EpochFacts, type FactCounts, loadFacts } from "./facts.js";
import { type CheckedLog, checkLog } from "./log.js";
import type { Rules } from "./rules.js";

/** The leaf's types, in order, as `StandardMerkleTree` and `SocialMining.claim` take them. */
export const MINING_LEAF_ENCODING = ["address", "uint256"] as const;
export const MINING_ENCODING = new LeafEncoding(MINING_LEAF_ENCODING);
/** The column of the account, which proofs are looked up by. */
export const ACCOUNT_COLUMN = 0;

/** Places of the account's 20 bytes and of the points' last 8 in a row. */
export const ACCOUNT_OFFSET = 12;
const POINTS_OFFSET = 56;

/** `SocialMining` keeps the total in 64 bits. */
const MAX_TOTAL = 2n ** 64n - 1n;

/** The steps up to the points, in their order. */
export type CountingPhase = "checking the log" | "reading the facts" | "counting";

/** What an epoch came to. */
export interface EpochPoints {
  log: CheckedLog;
  facts: FactCounts;
  /** How many accounts have points. */
  accounts: number;
  total: bigint;
  /** abi.encode(account, points) of each, 64 bytes each, in ascending order of the accounts. */
  rows: Uint8Array;
}

/** Address' bytes 0–7, 8–15 and 16–19 as numbers, which cost far less than a text for each. */
const ANSWER = [
  [3, 16, "UBIGINT"],
  [19, 16, "UBIGINT"],
  [35, 8, "UINTEGER"],
]
  .map(([from, digits, type]) => `CAST('0x' || substr(account, ${String(from)}, ${String(digits)}) AS ${String(type)})`)
  .join(", ");

async function readPoints(engine: Engine): Promise<Pick<EpochPoints, "accounts" | "total" | "rows">> {
  const [[accounts, total] = []] = await engine.rows("SELECT count(*), coalesce(sum(points), 0) FROM points");
  const count = Number(accounts);
  const sum = BigInt(String(total));
  if (count === 0) {
    throw new ExplainedError(
      "Nobody has a point in this epoch, so there is no tree to build: check the log and the weights.",
    );
  }
  if (sum > MAX_TOTAL) {
    throw new ExplainedError(
      `The points of the epoch sum to ${String(sum)}, above the chain's most of 2^64 - 1: lower the weights.`,
    );
  }
  const rows = new Uint8Array(count * MINING_ENCODING.size);
  const view = new DataView(rows.buffer);
  let at = 0;
  for await (const chunk of engine.chunks(`SELECT ${ANSWER}, points FROM points ORDER BY member`)) {
    const high = chunk.getColumnValues(0) as bigint[];
    const middle = chunk.getColumnValues(1) as bigint[];
    const low = chunk.getColumnValues(2) as number[];
    const points = chunk.getColumnValues(3) as bigint[];
    for (let i = 0; i < chunk.rowCount; i++, at += MINING_ENCODING.size) {
      view.setBigUint64(at + ACCOUNT_OFFSET, high[i] as bigint);
      view.setBigUint64(at + ACCOUNT_OFFSET + 8, middle[i] as bigint);
      view.setUint32(at + ACCOUNT_OFFSET + 16, low[i] as number);
      view.setBigUint64(at + POINTS_OFFSET, points[i] as bigint);
    }
  }
  return { accounts: count, total: sum, rows };
}

/**
 * Counts an epoch by the rules.
 * @throws MiningLogError naming each bad row; ExplainedError for a bad fact, or when nobody has a point
 */
export async function countEpoch(
  engine: Engine,
  { log: path, facts, rules }: { log: string; facts: EpochFacts; rules: Rules },
  onProgress?: (phase: CountingPhase, done: number, total: number) => void,
): Promise<EpochPoints> {
  const log = await checkLog(engine, path, facts.epoch, (part) => onProgress?.("checking the log", part, 1));
  const counts = await loadFacts(engine, facts, (done, total) => onProgress?.("reading the facts", done, total));
  const { statements } = rules;
  for (const [i, statement] of statements.entries()) {
    await engine.run(statement, (part) => onProgress?.("counting", i + part, statements.length));
  }
  log.confirmUnchanged();
  const points = await readPoints(engine);
  onProgress?.("counting", 1, 1);
  return { log, facts: counts, ...points };
}
