/**
 * The behaviour log: a Parquet or CSV file of account, behaviour, subject, time and duration. Every row is checked before any is counted.
 */

import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { open } from "node:fs/promises";

import { createKeccak } from "hash-wasm";

import { checksumAddress, readAddress } from "../common/address.js";
import { ExplainedError } from "../deployment/explained-error.js";
import { formatCount } from "../format.js";
import { type Hex, toHex } from "../merkle/index.js";
import { CHAIN_BEHAVIOURS, epochBounds, LOG_BEHAVIOURS } from "./behaviours.js";
import { type Engine, PLAIN, quoted, quotedFile } from "./engine.js";

/** The columns, in the order of a CSV file's header. */
export const LOG_COLUMNS = ["account", "behaviour", "subject", "time", "duration"] as const;

/** The first line of a CSV log. */
export const LOG_HEADER = LOG_COLUMNS.join(",");

const ADDRESS = /^0x[0-9a-f]{40}$/;
const ZERO_ADDRESS = `0x${"0".repeat(40)}`;
const CONTENT = /^(?:0|[1-9][0-9]{0,77})$/;
/** Shorter ones are below 2^256 in any case. */
const SHORT_CONTENT = "0|[1-9][0-9]{0,76}";
const MAX_CONTENT = 2n ** 256n - 1n;
const TASK = "[a-z][a-z0-9_-]{0,63}";
const TASK_NAME = new RegExp(`^${TASK}$`);
const WHOLE = /^(?:0|[1-9][0-9]{0,15})$/;
const TEXT_TYPES = /^(?:VARCHAR|ENUM\(.*\))$/s;
const INTEGER_TYPES = new Set(["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"]);

const SHOWN_PROBLEMS = 10;
const PIECE = 1 << 20;
/** No row comes near; it bounds what is kept of a file that is no CSV. */
const MAX_LINE = 4096;
/** Right spellings that are remembered, so that an account's checksum is not computed for each of its rows. */
const KNOWN_SPELLINGS = 500_000;

export type LogFormat = "parquet" | "csv";

/** What is wrong with one row of a log. */
export interface LogProblem {
  /** Parquet: the row's number from 1. CSV: the line's from 1, the header's. */
  row: number;
  reason: string;
}

/** A log with bad rows. Its message names the first ten by their numbers and counts the rest. */
export class MiningLogError extends ExplainedError {
  readonly problems: readonly LogProblem[];
  readonly count: number;

  /** @param problems the first ones, in the order of the file, at least one */
  constructor(path: string, format: LogFormat, problems: readonly LogProblem[], count = problems.length) {
    const unit = format === "csv" ? "line" : "row";
    const shown = problems
      .slice(0, SHOWN_PROBLEMS)
      .map(({ row, reason }) => `  ${row === 0 ? "columns" : `${unit} ${formatCount(row)}`}: ${reason}`);
    const more = count > shown.length ? [`  … and ${formatCount(count - shown.length)} more`] : [];
    const rows = count === 1 ? `1 ${unit} is` : `${formatCount(count)} ${unit}s are`;
    const what = problems[0]?.row === 0 ? "its columns are" : rows;
    super([`${path} is refused and nothing was written: ${what} wrong.`, ...shown, ...more].join("\n"));
    this.name = "MiningLogError";
    this.problems = problems;
    this.count = count;
  }
}

/** Which file it was, byte for byte. */
export interface LogIdentity {
  format: LogFormat;
  bytes: number;
  keccak256: Hex;
  sha256: Hex;
}

/** A log that has passed every check; the engine has it as the view log_rows. */
export interface CheckedLog extends LogIdentity {
  rows: number;
  /** @throws ExplainedError when the file is no longer what was checked */
  confirmUnchanged: () => void;
}

/** A row as it stands in the file; undefined is what is missing. */
interface RawRow {
  account: string | undefined;
  behaviour: string | undefined;
  subject: string | undefined;
  /** A text where the file has text. */
  time: bigint | string | undefined;
  duration: bigint | string | undefined;
}

/** A cell as an error shows it: no control characters, not too long. */
function shown(text: string): string {
  return JSON.stringify(text.length > 90 ? `${text.slice(0, 90)}…` : text);
}

/** What is wrong with an address, or undefined. */
function addressProblem(text: string, what: string): string | undefined {
  if (ADDRESS.test(text))
    return text === ZERO_ADDRESS ? `the ${what} is the zero address, which is nobody's` : undefined;
  const bytes = new Uint8Array(20);
  const spelling =
    text.length === ZERO_ADDRESS.length ? readAddress(Buffer.from(text, "latin1"), 0, bytes, 0) : "malformed";
  if (spelling === "malformed") return `the ${what} ${shown(text)} is malformed: write 0x and 40 hex digits`;
  const right = checksumAddress(bytes);
  return spelling === "mixed" && text !== right
    ? `the ${what} ${shown(text)} has a wrong checksum (EIP-55 writes it ${right})`
    : undefined;
}

/** Addresses' problems, remembering right spellings. */
class AddressChecker {
  readonly #known = new Set<string>();

  problemOf(text: string, what: string): string | undefined {
    if ((ADDRESS.test(text) && text !== ZERO_ADDRESS) || this.#known.has(text)) return undefined;
    const problem = addressProblem(text, what);
    if (problem === undefined) {
      if (this.#known.size >= KNOWN_SPELLINGS) this.#known.clear();
      this.#known.add(text);
    }
    return problem;
  }
}

function subjectProblem(kind: "content" | "task", subject: string): string | undefined {
  if (kind === "task") {
    if (TASK_NAME.test(subject)) return undefined;
    return `the task ${shown(subject)} is no task's name: a small letter, then at most 63 small letters, digits, _ and -`;
  }
  if (CONTENT.test(subject) && BigInt(subject) <= MAX_CONTENT) return undefined;
  return `the subject ${shown(subject)} is no content's id: write the token's id in decimal`;
}

function behaviourProblem(behaviour: string): string {
  const known = Object.keys(LOG_BEHAVIOURS).join(", ");
  return (CHAIN_BEHAVIOURS as readonly string[]).includes(behaviour)
    ? `the behaviour ${shown(behaviour)} is counted from the chain's events alone: leave its rows out`
    : `the behaviour ${shown(behaviour)} is unknown: use ${known}`;
}

/** Says what is wrong with rows of one epoch. */
class RowChecker {
  readonly #addresses = new AddressChecker();
  readonly #epoch: bigint;
  readonly #starts: bigint;
  readonly #ends: bigint;

  constructor(epoch: bigint) {
    this.#epoch = epoch;
    const { starts, ends } = epochBounds(epoch);
    this.#starts = starts;
    this.#ends = ends;
  }

  /** What is wrong first, from left to right, or undefined. */
  problemOf({ account, behaviour, subject, time, duration }: RawRow): string | undefined {
    if (account === undefined || account === "") return "the account is missing";
    const problem = this.#addresses.problemOf(account, "account");
    if (problem !== undefined) return problem;
    if (behaviour === undefined || behaviour === "") return "the behaviour is missing";
    if (!Object.hasOwn(LOG_BEHAVIOURS, behaviour)) return behaviourProblem(behaviour);
    if (subject === undefined || subject === "") return "the subject is missing";
    const kind = LOG_BEHAVIOURS[behaviour as keyof typeof LOG_BEHAVIOURS];
    const ofSubject =
      kind === "account" ? this.#addresses.problemOf(subject, "followed account") : subjectProblem(kind, subject);
    return ofSubject ?? this.#timeProblem(time) ?? durationProblem(behaviour, duration);
  }

  #timeProblem(time: bigint | string | undefined): string | undefined {
    if (time === undefined || time === "") return "the time is missing";
    if (typeof time === "string" && !WHOLE.test(time)) {
      return `the time ${shown(time)} is no whole number of Unix seconds`;
    }
    const seconds = BigInt(time);
    if (seconds >= this.#starts && seconds < this.#ends) return undefined;
    return (
      `the time ${String(seconds)} is outside epoch ${String(this.#epoch)}, ` +
      `which is from ${String(this.#starts)} to ${String(this.#ends - 1n)}`
    );
  }
}

function durationProblem(behaviour: string, duration: bigint | string | undefined): string | undefined {
  if (duration === undefined || duration === "")
    return behaviour === "view" ? "the duration is missing, and views need one" : undefined;
  if (typeof duration === "bigint" ? duration < 0n : /^-\d+$/.test(duration)) {
    return `the duration ${String(duration)} is negative`;
  }
  if (typeof duration === "bigint" || WHOLE.test(duration)) return undefined;
  return `the duration ${shown(duration)} is no whole number of seconds`;
}

/** The file's bytes in pieces, each good until the next, and in the end which file it was. */
async function readPieces(
  path: string,
  take: (piece: Buffer, position: number, size: number) => void,
): Promise<LogIdentity> {
  let file;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw new ExplainedError(
      `${path} could not be opened (${(error as Error).message}): give a Parquet or CSV file of ${LOG_HEADER}.`,
      { cause: error },
    );
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new ExplainedError(`${path} is no file: give a Parquet or CSV file of ${LOG_HEADER}.`);
    const keccak = (await createKeccak(256)).init();
    const sha = createHash("sha256");
    const buffer = Buffer.allocUnsafe(PIECE);
    let format: LogFormat = "csv";
    let position = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE, position);
      if (bytesRead === 0) break;
      const piece = buffer.subarray(0, bytesRead);
      if (position === 0 && piece.toString("latin1", 0, 4) === "PAR1") format = "parquet";
      keccak.update(piece);
      sha.update(piece);
      position += bytesRead;
      take(piece, position, stat.size);
    }
    return { format, bytes: position, keccak256: toHex(keccak.digest("binary")), sha256: toHex(sha.digest()) };
  } finally {
    await file.close();
  }
}

/** Checks a CSV file's lines as they come. */
class LineChecker {
  readonly problems: LogProblem[] = [];
  count = 0;
  /** Lines so far, the header's included. */
  lines = 0;
  endsInCrLf = false;
  hasMark = false;
  readonly #rows: RowChecker;
  #rest = "";

  constructor(epoch: bigint) {
    this.#rows = new RowChecker(epoch);
  }

  take(piece: Buffer): void {
    // Good rows are ASCII; one byte is one character here, whatever it is.
    const lines = (this.#rest + piece.toString("latin1")).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#check(line, false);
    // What is too long for a row is known to be wrong: its beginning is enough.
    if (this.#rest.length > MAX_LINE) this.#rest = this.#rest.slice(0, MAX_LINE);
  }

  end(): void {
    if (this.#rest !== "") this.#check(this.#rest, true);
  }

  #check(line: string, isLast: boolean): void {
    this.lines++;
    if (this.lines === 1) {
      this.hasMark = line.startsWith("\u00ef\u00bb\u00bf");
      this.endsInCrLf = line.endsWith("\r");
    }
    const reason = this.#problemOf(line, isLast);
    if (reason === undefined) return;
    if (this.count++ < SHOWN_PROBLEMS) this.problems.push({ row: this.lines, reason });
  }

  #problemOf(line: string, isLast: boolean): string | undefined {
    if (line.length >= MAX_LINE) return `the line is longer than ${String(MAX_LINE)} bytes`;
    const endsInCr = line.endsWith("\r");
    if (endsInCr !== this.endsInCrLf && (endsInCr || !isLast))
      return "the line ends otherwise than the first: use LF or CRLF throughout";
    const text = endsInCr ? line.slice(0, -1) : line;
    if (this.lines === 1) {
      const header = this.hasMark ? text.slice(3) : text;
      return header === LOG_HEADER ? undefined : headerProblem(header);
    }
    if (text === "") return "the line is empty";
    if (text.includes('"')) return "there are quotes: write the values without any";
    const cells = text.split(",");
    if (cells.length !== LOG_COLUMNS.length) {
      return `there ${cells.length === 1 ? "is 1 value" : `are ${String(cells.length)} values`}: write ${LOG_HEADER}`;
    }
    const [account, behaviour, subject, time, duration] = cells;
    return this.#rows.problemOf({ account, behaviour, subject, time, duration });
  }
}

function headerProblem(header: string): string {
  const missing = LOG_COLUMNS.filter((column) => !header.split(",").includes(column));
  const what = missing.length > 0 && missing.length < LOG_COLUMNS.length ? `lacks ${missing.join(", ")}` : "is wrong";
  return `the header ${what}: the first line is exactly ${LOG_HEADER}`;
}

/** What the engine reads a checked CSV file with. */
function csvSource(path: string, { endsInCrLf }: LineChecker): string {
  const types = ["VARCHAR", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT"];
  const columns = LOG_COLUMNS.map((column, i) => `'${column}': '${String(types[i])}'`);
  return (
    `read_csv(${quotedFile(path)}, ${PLAIN}, compression = 'none', auto_detect = false, header = true, delim = ',', quote = '', escape = '', nullstr = '', ` +
    `new_line = '${endsInCrLf ? "\\r\\n" : "\\n"}', columns = {${columns.join(", ")}})`
  );
}

const behaviours = (kinds: readonly string[]): string =>
  Object.entries(LOG_BEHAVIOURS)
    .filter(([, kind]) => kinds.includes(kind))
    .map(([behaviour]) => quoted(behaviour))
    .join(", ");

/** Rows that can be told to be wrong without looking at addresses and subjects; never null. */
function isBadRow(epoch: bigint): string {
  const { starts, ends } = epochBounds(epoch);
  return (
    `(account IS NULL OR subject IS NULL OR coalesce(behaviour NOT IN (${behaviours(["content", "account", "task"])}), true) ` +
    `OR coalesce(time < ${String(starts)} OR time >= ${String(ends)}, true) OR coalesce(duration < 0, behaviour = 'view', false))`
  );
}

const COLUMNS = LOG_COLUMNS.map((column, i) => `CAST(${column} AS ${i < 3 ? "VARCHAR" : "BIGINT"}) AS ${column}`).join(
  ", ",
);

async function checkColumns(engine: Engine, path: string): Promise<void> {
  const described = await engine.rows(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(${quotedFile(path)}, ${PLAIN}))`,
  );
  const types = new Map(described.map(([name, type]) => [String(name), String(type)]));
  const problems = LOG_COLUMNS.flatMap((column, i): LogProblem[] => {
    const type = types.get(column);
    if (type === undefined) return [{ row: 0, reason: `there is no column ${column}: a log has ${LOG_HEADER}` }];
    const isText = i < 3;
    if (isText ? TEXT_TYPES.test(type) : INTEGER_TYPES.has(type)) return [];
    const right = isText ? "text (a string of UTF-8)" : "whole numbers of at most 64 bits with a sign, or 32 without";
    return [{ row: 0, reason: `the column ${column} is of type ${type}, and it must be ${right}` }];
  });
  if (problems.length > 0) throw new MiningLogError(path, "parquet", problems);
}

/**
 * Checks a Parquet file. Addresses and subjects are looked at once each, not once a row.
 * @returns how many rows there are, and whether all addresses are in lower case
 */
async function checkParquet(
  engine: Engine,
  path: string,
  epoch: bigint,
  onProgress?: (part: number) => void,
): Promise<{ rows: number; isLower: boolean }> {
  await checkColumns(engine, path);
  await engine.run(`CREATE VIEW log_cells AS SELECT ${COLUMNS} FROM read_parquet(${quotedFile(path)}, ${PLAIN})`);
  const [counts] = await engine.rows(`SELECT count(*), count(*) FILTER (WHERE ${isBadRow(epoch)}) FROM log_cells`);
  const rows = Number(counts?.[0]);
  let isGood = Number(counts?.[1]) === 0;
  if (rows === 0)
    throw new MiningLogError(path, "parquet", [{ row: 1, reason: "there is no row: a log needs at least one" }]);
  onProgress?.(0.2);

  await engine.run("CREATE TABLE bad_cells (cell VARCHAR, kind VARCHAR)");
  const note = async (cells: readonly (readonly [cell: string, kind: string])[]): Promise<void> => {
    if (cells.length === 0) return;
    isGood = false;
    const values = cells.map(([cell, kind]) => `(${quoted(cell)}, ${quoted(kind)})`);
    await engine.runAside(`INSERT INTO bad_cells VALUES ${values.join(", ")}`);
  };
  let isLower = true;
  for await (const chunk of engine.chunks(
    "WITH spellings AS MATERIALIZED (SELECT DISTINCT cell FROM (SELECT account AS cell FROM log_cells " +
      "UNION ALL SELECT subject FROM log_cells WHERE behaviour = 'follow')) " +
      `SELECT cell FROM spellings WHERE NOT regexp_full_match(cell, '0x[0-9a-f]{40}') OR cell = '${ZERO_ADDRESS}'`,
  )) {
    isLower = false;
    const cells = chunk.getColumnValues(0) as string[];
    await note(
      cells.filter((cell) => addressProblem(cell, "account") !== undefined).map((cell) => [cell, "account"] as const),
    );
  }
  onProgress?.(0.6);
  const tasks = behaviours(["task"]);
  for await (const chunk of engine.chunks(
    `WITH spellings AS MATERIALIZED (SELECT DISTINCT subject AS cell, behaviour IN (${tasks}) AS is_task FROM log_cells ` +
      `WHERE behaviour IN (${behaviours(["content", "task"])})) SELECT cell, is_task FROM spellings ` +
      `WHERE NOT CASE WHEN is_task THEN regexp_full_match(cell, '${TASK}') ELSE regexp_full_match(cell, '${SHORT_CONTENT}') END`,
  )) {
    const isTask = chunk.getColumnValues(1) as boolean[];
    const cells = (chunk.getColumnValues(0) as string[]).map(
      (cell, i) => [cell, isTask[i] === true ? "task" : "content"] as const,
    );
    await note(cells.filter(([cell, kind]) => subjectProblem(kind, cell) !== undefined));
  }
  if (!isGood) await refuseRows(engine, path, epoch);
  return { rows, isLower };
}

/** Finds the rows of a Parquet file that are wrong. */
async function refuseRows(engine: Engine, path: string, epoch: bigint): Promise<never> {
  const isIn = (column: string, kind: string): string =>
    `coalesce(${column} IN (SELECT cell FROM bad_cells WHERE kind = '${kind}'), false)`;
  const of = (kind: "content" | "account" | "task"): string =>
    `(behaviour IN (${behaviours([kind])}) AND ${isIn("subject", kind)})`;
  const found = await engine.rows(
    `SELECT number, ${LOG_COLUMNS.join(", ")}, count(*) OVER () FROM (SELECT file_row_number + 1 AS number, ${COLUMNS} ` +
      `FROM read_parquet(${quotedFile(path)}, ${PLAIN}, file_row_number = true)) WHERE ${isBadRow(epoch)} ` +
      `OR ${isIn("account", "account")} OR ${of("account")} OR ${of("content")} OR ${of("task")} ` +
      `ORDER BY number LIMIT ${String(SHOWN_PROBLEMS)}`,
  );
  const checker = new RowChecker(epoch);
  const text = (value: unknown): string | undefined => (value === null ? undefined : (value as string));
  const number = (value: unknown): bigint | undefined => (value === null ? undefined : (value as bigint));
  const problems = found.map(([row, account, behaviour, subject, time, duration]): LogProblem => {
    const reason = checker.problemOf({
      account: text(account),
      behaviour: text(behaviour),
      subject: text(subject),
      time: number(time),
      duration: number(duration),
    });
    if (reason === undefined) throw new Error(`Row ${String(row)} of ${path} was found bad and is good.`);
    return { row: Number(row), reason };
  });
  throw new MiningLogError(path, "parquet", problems, Number(found[0]?.[6]));
}

/** Wall-clock time aside, what tells that a file was written to. */
function fingerprint(path: string): string {
  const { size, mtimeNs, ino } = statSync(path, { bigint: true });
  return [size, mtimeNs, ino].join();
}

/**
 * Hashes and checks a log, and makes it the engine's view log_rows, addresses in lower case.
 *
 * @param path Parquet (told by its first bytes) or CSV: UTF-8, LF or CRLF, the header `account,behaviour,subject,time,duration`, no quotes
 * @param onProgress told which part is done, from 0 to 1
 * @throws MiningLogError naming each bad row: a malformed, wrongly checksummed or zero address; an unknown behaviour, or one that belongs to the
 *   chain; a subject that is no content's id, account or task's name; a time outside the epoch; a missing or negative duration of a view; a
 *   missing column or value, a wrong type; no row at all. ExplainedError when the file can't be read.
 */
export async function checkLog(
  engine: Engine,
  path: string,
  epoch: bigint,
  onProgress?: (part: number) => void,
): Promise<CheckedLog> {
  const before = statSync(path, { bigint: true, throwIfNoEntry: false }) && fingerprint(path);
  let lines: LineChecker | undefined;
  let isParquet: boolean | undefined;
  const identity = await readPieces(path, (piece, position, size) => {
    isParquet ??= piece.toString("latin1", 0, 4) === "PAR1";
    if (!isParquet) (lines ??= new LineChecker(epoch)).take(piece);
    onProgress?.((isParquet ? 0.2 : 1) * Math.min(1, position / size));
  });
  const confirmUnchanged = (): void => {
    if (before === fingerprint(path)) return;
    throw new ExplainedError(
      `${path} changed while it was read, and nothing was written: run this again when it is complete.`,
    );
  };

  let source: string;
  let rows: number;
  let isLower = false;
  if (isParquet === true) {
    try {
      ({ rows, isLower } = await checkParquet(engine, path, epoch, (part) => onProgress?.(0.2 + 0.8 * part)));
    } catch (error) {
      if (error instanceof ExplainedError) throw error;
      const [reason = ""] = (error as Error).message.split("\n");
      throw new ExplainedError(
        `${path} could not be read as Parquet (${reason.trim()}): it may be cut short or damaged.`,
        {
          cause: error,
        },
      );
    }
    source = "log_cells";
  } else {
    if (lines === undefined)
      throw new MiningLogError(path, "csv", [{ row: 1, reason: `the file is empty: its first line is ${LOG_HEADER}` }]);
    lines.end();
    if (lines.count > 0) throw new MiningLogError(path, "csv", lines.problems, lines.count);
    rows = lines.lines - 1;
    if (rows === 0)
      throw new MiningLogError(path, "csv", [
        { row: 1, reason: "no row follows the header: a log needs at least one" },
      ]);
    source = csvSource(path, lines);
  }
  const lower = (column: string): string => (isLower ? column : `lower(${column}) AS ${column}`);
  await engine.run(
    `CREATE VIEW log_rows AS SELECT ${lower("account")}, behaviour, ${lower("subject")}, time, duration FROM ${source}`,
  );
  if (isParquet !== true) {
    const [counted] = await engine.rows("SELECT count(*), count(account), count(time) FROM log_rows");
    if (counted?.some((value) => Number(value) !== rows) !== false)
      throw new Error(`${path} has ${String(rows)} rows, and the engine reads ${String(counted)}.`);
  }
  onProgress?.(1);
  return { ...identity, rows, confirmUnchanged };
}
