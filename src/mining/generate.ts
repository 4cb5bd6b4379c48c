/**
 * Logs and facts for trials: a community's week of any size, and the same for the same seed.
 */

import { createHash } from "node:crypto";
import { renameSync } from "node:fs";
import { join } from "node:path";

import { checkFreePath } from "../common/output.js";
import { ExplainedError } from "../deployment/explained-error.js";
import { epochBounds } from "./behaviours.js";
import { Engine, MEMORY_MEGABYTES, quoted } from "./engine.js";
import type { CheckIn, CompletedInvitation, EpochFacts, Multiplier, RegisteredContent } from "./facts.js";
import type { LogFormat } from "./log.js";

/** Rows of a session, in which one account does one thing after the other. Choice: ten minutes of browsing. */
const SESSION_ROWS = 10;
/** Seconds from one row of a session to the next. */
const SESSION_STEP = 60;

/**
 * How rows are spread over behaviours, per mille. Choice: far more is looked at than answered.
 * Behaviours of accounts and tasks have subjects of their own.
 */
const SHARES = {
  view: 620,
  like: 150,
  comment: 50,
  share: 30,
  follow: 40,
  bookmark: 60,
  task: 40,
  advanced_task: 10,
} as const;

/** Where the share of follows begins. */
const FOLLOW_FROM = SHARES.view + SHARES.like + SHARES.comment + SHARES.share;

/** Choice: a handful of tasks a week, and a few hard ones. */
const [TASKS, QUESTS] = [30, 10];
/** Seconds of the longest look. */
const LONGEST_VIEW = 180;

/** A community. */
export interface Sample {
  epoch: bigint;
  accounts: number;
  /** Half as many as accounts unless given. */
  contents?: number;
  seed: string;
}

/** A constant of 63 bits for each use of a seed. */
function constantOf(seed: string, use: string): bigint {
  return createHash("sha256").update(`${seed}:${use}`).digest().readBigUInt64BE() >> 1n;
}

const contentsOf = ({ accounts, contents }: Sample): number => contents ?? Math.max(10, Math.floor(accounts / 2));

/**
 * @param i from 0
 * @returns account number `i` of the community, in lower case
 */
export function sampleAccount(seed: string, i: number): string {
  return `0x${createHash("sha256")
    .update(`${seed}:account:${String(i)}`)
    .digest("hex")
    .slice(0, 40)}`;
}

function checkSize(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new ExplainedError(`A sample of ${String(value)} ${what} can't be made: ask for 1 to ${String(most)}.`);
}

/** SQL for the rows in the order of their times. */
function sampleQuery(sample: Sample, rows: number): string {
  const { epoch, accounts, seed } = sample;
  const { starts, ends } = epochBounds(epoch);
  const week = String(ends - starts);
  // So many sessions go on at once, their rows one after the other like cards that are dealt.
  const parallel = Math.max(1, Math.ceil((rows * SESSION_STEP) / Number(ends - starts)));
  const session = `((i // ${String(parallel * SESSION_ROWS)}) * ${String(parallel)} + i % ${String(parallel)})`;
  const random = (value: string, use: string): string => `hash(xor(${value}, ${String(constantOf(seed, use))}))`;
  let share = 0;
  const behaviour = Object.entries(SHARES).map(
    ([name, part]) => `WHEN pick < ${String((share += part))} THEN '${name}'`,
  );
  // Squares and fourth powers of even numbers between 0 and 1 fall off nearly as Zipf's law does, and round alike on all machines.
  return `
    SELECT a.account, g.behaviour,
      CASE WHEN g.behaviour = 'follow' THEN f.account
        WHEN g.behaviour = 'task' THEN 'task-' || (g.content % ${String(TASKS)})
        WHEN g.behaviour = 'advanced_task' THEN 'quest-' || (g.content % ${String(QUESTS)})
        ELSE CAST(g.content + 1 AS VARCHAR) END AS subject,
      g.time, g.duration
    FROM (
      SELECT i, time, who, CASE ${behaviour.join(" ")} END AS behaviour,
        CAST(floor(${String(contentsOf(sample))} * (u * u * u * u)) AS BIGINT) AS content,
        CASE WHEN pick >= ${String(FOLLOW_FROM)} AND pick < ${String(FOLLOW_FROM + SHARES.follow)} THEN CAST(floor(${String(accounts)} * (u * u)) AS BIGINT) END AS followed,
        CASE WHEN pick < ${String(SHARES.view)} THEN CAST(1 + (n >> 48) % ${String(LONGEST_VIEW)} AS BIGINT) END AS duration
      FROM (
        SELECT i, CAST(${String(starts)} + (i * ${week}) // ${String(rows)} AS BIGINT) AS time, n, CAST(n & 65535 AS INTEGER) % 1000 AS pick,
          ((n >> 16) & 4294967295) / 4294967296.0::DOUBLE AS u,
          CASE WHEN s % 2 = 0 THEN (s // 2) % ${String(accounts)}
            ELSE CAST(floor(${String(accounts)} * (v * v)) AS BIGINT) END AS who
        FROM (
          SELECT i, ${session} AS s, ${random("i", "rows")} AS n,
            (${random(session, "sessions")} >> 32) / 4294967296.0::DOUBLE AS v
          FROM range(${String(rows)}) AS r (i)
        )
      )
    ) AS g
    JOIN accounts AS a ON a.i = g.who
    LEFT JOIN accounts AS f ON f.i = g.followed
    ORDER BY g.i`;
}

/**
 * Writes a log of a week's sessions, whole or not at all, to a path where nothing is: every other session in turn is one account's, the others
 * are those of few busy ones; few contents get most of the looks. The same for the same seed and version of DuckDB.
 *
 * @param input the community as `sampleFacts` takes it; `rows` of the log; `out` its path, `.csv` for CSV, Parquet otherwise
 * @throws ExplainedError for a size out of range, when `out` exists, or when it can't be written
 */
export async function generateLog(
  { rows, out, ...sample }: Sample & { rows: number; out: string },
  { memoryMegabytes = MEMORY_MEGABYTES }: { memoryMegabytes?: number } = {},
): Promise<void> {
  checkSize("rows", rows, 1_000_000_000);
  checkSize("accounts", sample.accounts, 100_000_000);
  checkFreePath(out);
  const format: LogFormat = out.toLowerCase().endsWith(".csv") ? "csv" : "parquet";
  await Engine.use(out, memoryMegabytes, async (engine) => {
    await engine.run("SET preserve_insertion_order = true");
    await engine.run(
      `CREATE TABLE accounts AS SELECT i, '0x' || left(sha256(${quoted(`${sample.seed}:account:`)} || i), 40) AS account ` +
        `FROM range(${String(sample.accounts)}) AS r (i)`,
    );
    const made = join(engine.folder, "log");
    const how = format === "csv" ? "FORMAT csv, HEADER true" : "FORMAT parquet, COMPRESSION zstd";
    await engine.run(`COPY (${sampleQuery(sample, rows)}) TO ${quoted(made)} (${how})`);
    checkFreePath(out);
    renameSync(made, out);
  });
}

/** What a trial weighs, in the order of `WEIGHTED_BEHAVIOURS`: the more effort, the more. */
export const SAMPLE_WEIGHTS: readonly bigint[] = [1n, 2n, 5n, 5n, 3n, 50n, 3n, 10n, 10n, 100n, 1n, 3n, 5n];

/** The chain's facts of the same community, made as they are read. */
export function sampleFacts(sample: Sample): EpochFacts {
  const { epoch, accounts, seed } = sample;
  const { starts, ends } = epochBounds(epoch);
  const account = (i: number): string => sampleAccount(seed, i);
  function* checkIns(): Generator<CheckIn> {
    for (let i = 0; i < accounts; i++) {
      const name = account(i);
      for (let day = 0; day < 7; day++) {
        if ((i * 31 + day * 17) % 7 < 3)
          yield { account: name, time: starts + BigInt(day * 86_400 + ((i * 97) % 86_400)) };
      }
    }
  }
  function* invitations(): Generator<CompletedInvitation> {
    for (let i = 1; i < accounts; i += 20)
      yield { inviter: account(i >> 2), invitee: account(i), time: starts + BigInt((i * 101) % 604_800) };
  }
  function* contents(): Generator<RegisteredContent> {
    for (let i = 0; i < contentsOf(sample); i++) {
      if (i % 10 === 9) continue; // not everything is registered
      const isNew = i % 50 === 0;
      const time = isNew
        ? starts + BigInt((i * 61) % Number(ends - starts))
        : starts - BigInt(86_400 * (1 + (i % 300)));
      yield { content: BigInt(i + 1), creator: account((i * 7919) % accounts), time };
    }
  }
  function* multipliers(): Generator<Multiplier> {
    for (let i = 0; i < accounts; i += 3) {
      yield {
        account: account(i),
        incentivePercent: 100n + 20n * BigInt(i % 11),
        highValuePercent: 100n + 50n * BigInt(i % 5),
        advancedTasksUnlocked: i % 2 === 0,
      };
    }
  }
  return {
    epoch,
    weights: SAMPLE_WEIGHTS,
    checkIns: checkIns(),
    invitations: invitations(),
    contents: contents(),
    multipliers: multipliers(),
  };
}
