/**
 * Small communities for the tests of the rules, and the three ways to count them: DuckDB through the whole pipeline, PostgreSQL with the same
 * file of SQL, and the model.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { DuckDBInstance } from "@duckdb/node-api";
import type { PGlite } from "@electric-sql/pglite";
import { getAddress } from "ethers";

import { toHex } from "../../src/merkle/index.js";
import {
  buildEpoch,
  epochBounds,
  type EpochFacts,
  LOG_HEADER,
  type LogRow,
  type Manifest,
  openStore,
  readRules,
} from "../../src/mining/index.js";
import type { ModelFacts } from "../../src/mining/model.js";

export const EPOCH = 2961n;
export const STARTS = epochBounds(EPOCH).starts;
export const DAY = 86_400n;

/** Weights that tell the behaviours apart in a sum: 1, 2, 4, … */
export const POWERS = Array.from({ length: 13 }, (_, i) => 2n ** BigInt(i));

/** Account number `n`, in lower case; letters enough for a checksum to matter. */
export function accountOf(n: number): string {
  return `0x${(0xabcdefn * 16n ** 34n + BigInt(n)).toString(16).padStart(40, "0")}`;
}

/** A row; times count from the epoch's start. */
export function row(
  account: number,
  behaviour: LogRow["behaviour"],
  subject: string | number,
  at: bigint | number = 0n,
  duration?: number,
): LogRow {
  return {
    account: accountOf(account),
    behaviour,
    subject: String(subject),
    time: STARTS + BigInt(at),
    duration: duration === undefined ? undefined : BigInt(duration),
  };
}

export function factsWith(some: Partial<ModelFacts> = {}): ModelFacts {
  const none = { checkIns: [], invitations: [], contents: [], multipliers: [] };
  return { epoch: EPOCH, weights: POWERS, ...none, ...some };
}

export function csvOf(rows: readonly LogRow[]): string {
  const line = ({ account, behaviour, subject, time, duration }: LogRow): string =>
    [account, behaviour, subject, String(time), duration === undefined ? "" : String(duration)].join(",");
  return `${[LOG_HEADER, ...rows.map(line)].join("\n")}\n`;
}

/** Runs SQL in a DuckDB of its own. */
export async function duckdb(...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

/** Makes a Parquet file of a CSV log that has nothing wrong with its form. */
export async function toParquet(csv: string, parquet: string): Promise<void> {
  const columns =
    "{'account': 'VARCHAR', 'behaviour': 'VARCHAR', 'subject': 'VARCHAR', 'time': 'BIGINT', 'duration': 'BIGINT'}";
  await duckdb(
    `COPY (SELECT * FROM read_csv('${csv}', header = true, auto_detect = false, delim = ',', columns = ${columns})) TO '${parquet}' (FORMAT parquet)`,
  );
}

/** Points of a store by account in lower case, in its order. */
export function pointsOf(store: string): Map<string, bigint> {
  using open = openStore(store);
  const points = new Map<string, bigint>();
  for (const { row: bytes } of open.rows())
    points.set(toHex(bytes.subarray(12, 32)), BigInt(toHex(bytes.subarray(32))));
  return points;
}

/** What DuckDB makes of a log: the pipeline as users run it. */
export async function duckdbPoints(
  folder: string,
  log: readonly LogRow[],
  facts: EpochFacts,
  format: "csv" | "parquet",
): Promise<{ points: Map<string, bigint>; manifest: Manifest }> {
  const [csv, out] = [join(folder, "world.csv"), join(folder, "world.store")];
  writeFileSync(csv, csvOf(log));
  let path = csv;
  if (format === "parquet") await toParquet(csv, (path = join(folder, "world.parquet")));
  const manifest = await buildEpoch({ log: path, facts, out });
  return { points: pointsOf(out), manifest };
}

const text = (value: string): string => `'${value}'`;

/** What PostgreSQL makes of the same rows with the same file of SQL. */
export async function postgresPoints(
  postgres: PGlite,
  log: readonly LogRow[],
  facts: ModelFacts,
): Promise<Map<string, bigint>> {
  const table = (name: string, columns: string, rows: readonly (readonly string[])[]): string =>
    `CREATE TABLE ${name} (${columns}); ` +
    (rows.length === 0 ? "" : `INSERT INTO ${name} VALUES ${rows.map((cells) => `(${cells.join()})`).join()};`);
  const lower = (address: string): string => text(address.toLowerCase());
  await postgres.exec(
    [
      "DROP SCHEMA public CASCADE; CREATE SCHEMA public;",
      table(
        "log_rows",
        "account text, behaviour text, subject text, time bigint, duration bigint",
        log.map(({ account, behaviour, subject, time, duration }) => [
          lower(account),
          text(behaviour),
          lower(subject),
          String(time),
          duration === undefined ? "NULL" : String(duration),
        ]),
      ),
      table("epoch", "starts bigint", [[String(STARTS)]]),
      table(
        "weights",
        "code bigint, weight bigint",
        facts.weights.map((weight, code) => [String(code), String(weight)]),
      ),
      table(
        "check_ins",
        "account text, time bigint",
        facts.checkIns.map(({ account, time }) => [lower(account), String(time)]),
      ),
      table(
        "invitations",
        "inviter text, invitee text, time bigint",
        facts.invitations.map(({ inviter, invitee, time }) => [lower(inviter), lower(invitee), String(time)]),
      ),
      table(
        "contents",
        "content text, creator text, time bigint",
        facts.contents.map(({ content, creator, time }) => [text(String(content)), lower(creator), String(time)]),
      ),
      table(
        "multipliers",
        "account text, incentive bigint, high_value bigint, unlocked boolean",
        facts.multipliers.map(({ account, incentivePercent, highValuePercent, advancedTasksUnlocked }) => [
          lower(account),
          String(incentivePercent),
          String(highValuePercent),
          String(advancedTasksUnlocked),
        ]),
      ),
      readRules().sql,
    ].join("\n"),
  );
  const { rows } = await postgres.query<{ account: string; points: string }>(
    "SELECT account, CAST(points AS text) AS points FROM points ORDER BY member",
  );
  return new Map(rows.map(({ account, points }) => [account, BigInt(points)]));
}

/** Pseudo-random whole numbers below a bound: mulberry32. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const CONTENTS = ["0", "7", "10", "9", "70", "99", String(2n ** 256n - 1n), String(2n ** 255n)];
const TASKS = ["a", "b", "a-b", "a_b", "ab", "z9", "a1", "b-", "aa", "q", "r", "s", "t"];
const SECONDS = [0, 1, 4, 43_200, 86_399];

/** A community in which everything that the rules speak of happens, times meet and every cap is hit. */
export function randomWorld(seed: number): { log: LogRow[]; facts: ModelFacts } {
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
  const time = (): number => random(7) * 86_400 + (random(4) === 0 ? random(86_400) : pick(SECONDS));
  const member = (): number => random(6);
  const log: LogRow[] = [];
  const behaviours = ["view", "like", "comment", "share", "bookmark", "follow", "task", "advanced_task"] as const;
  const act = (who: number, behaviour: LogRow["behaviour"], what: number, at: number): void => {
    const isTask = behaviour === "task" || behaviour === "advanced_task";
    const subject = behaviour === "follow" ? accountOf(what) : isTask ? (TASKS[what % TASKS.length] ?? "") : what;
    const seconds =
      behaviour === "view"
        ? pick([4, 5, 5, 6, 6, 100, 100, 100, 100, 100, 100])
        : random(5) === 0
          ? random(9)
          : undefined;
    log.push(row(who, behaviour, subject, at, seconds));
  };
  for (let i = 0; i < 250; i++) {
    const behaviour = pick(behaviours);
    const isContent = behaviour !== "follow" && behaviour !== "task" && behaviour !== "advanced_task";
    const at = time();
    if (isContent) log.push(row(member(), behaviour, pick(CONTENTS), at, behaviour === "view" ? random(9) : undefined));
    else act(member(), behaviour, random(8), at);
  }
  // One account goes beyond a day's cap, in few seconds, so that the order within a second decides.
  const [busy, day] = [member(), random(7) * 86_400];
  const most = { view: 200, like: 100, comment: 30, share: 20, bookmark: 50, follow: 20, task: 10, advanced_task: 3 };
  const [flooded, second] = [pick(behaviours), pick(behaviours)];
  for (const behaviour of [flooded, second]) {
    const count = most[behaviour] + 30;
    const at = (): number => day + pick([5, 6, 7, 8, 3600]);
    for (let i = 0; i < count; i++) act(busy, behaviour, 100 + i, at());
    for (let i = 0; i < count; i++) act(busy, behaviour, 100 + random(count), at());
  }
  for (let i = log.length - 1; i > 0; i--) {
    const other = random(i + 1);
    [log[i], log[other]] = [log[other] as LogRow, log[i] as LogRow];
  }
  for (const entry of log) {
    const spell = random(3);
    if (spell === 1) entry.account = getAddress(entry.account);
    if (spell === 2) entry.account = `0x${entry.account.slice(2).toUpperCase()}`;
    if (entry.behaviour === "follow" && random(2) === 0) entry.subject = getAddress(entry.subject);
  }

  const registered = [
    ...CONTENTS.filter(() => random(3) > 0),
    ...Array.from({ length: 220 }, (_, i) => String(100 + i)),
  ];
  const when = (): bigint => STARTS + pick([-1_000_000n, -1n, 0n, BigInt(time()), BigInt(day + 6)]);
  const facts: ModelFacts = {
    epoch: EPOCH,
    weights: Array.from({ length: 13 }, () => pick([0n, 1n, 7n, 100n, BigInt(random(65_536)), 65_535n])),
    checkIns: Array.from({ length: 12 }, () => ({ account: accountOf(member()), time: STARTS + BigInt(time()) })),
    invitations: Array.from({ length: 30 }, (_, i) => ({
      inviter: accountOf(random(3)),
      invitee: accountOf(random(2) === 0 ? 50 + i : random(6)),
      time: STARTS + BigInt(random(2) * 86_400 + random(10)),
    })),
    contents: registered.map((content) => ({
      content: BigInt(content),
      creator: getAddress(accountOf(member())),
      time: when(),
    })),
    multipliers: [0, 1, 2, 3, 60].map((n) => ({
      account: accountOf(n),
      incentivePercent: BigInt(100 + random(201)),
      highValuePercent: BigInt(100 + random(201)),
      advancedTasksUnlocked: random(3) > 0,
    })),
  };
  return { log, facts };
}
