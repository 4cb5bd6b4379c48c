/**
 * What the chain says about an epoch: everything that points depend on and that no log may claim.
 */

import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

import { parseAddress } from "../common/address.js";
import { ExplainedError } from "../deployment/explained-error.js";
import { formatCount } from "../format.js";
import { epochBounds, WEIGHTED_BEHAVIOURS } from "./behaviours.js";
import { type Engine, PLAIN, quoted } from "./engine.js";

/** Rows of one kind, read once from first to last and never held all together: an array, a generator, or one that waits for a node. */
export type FactRows<T> = Iterable<T> | AsyncIterable<T>;

/** `UserGrowth`'s CheckedIn. */
export interface CheckIn {
  account: string;
  /** The block's time, in Unix seconds, within the epoch. */
  time: bigint;
}

/** `UserGrowth`'s InvitationCompleted. */
export interface CompletedInvitation {
  inviter: string;
  invitee: string;
  /** The block's time, in Unix seconds, within the epoch. */
  time: bigint;
}

/** `ContentRegistry`'s registration. */
export interface RegisteredContent {
  /** The token's id. */
  content: bigint;
  /** Who registered it, whoever owns it now. */
  creator: string;
  /** The block's time, in Unix seconds, before the epoch's end. */
  time: bigint;
}

/** What an account's level and stake gave it at the epoch's end. */
export interface Multiplier {
  account: string;
  /** Percent that each of its behaviours counts, from 100 to 300. */
  incentivePercent: bigint;
  /** Percent that an advanced task counts beside that, from 100 to 300. */
  highValuePercent: bigint;
  /** Whether its advanced tasks count at all. */
  advancedTasksUnlocked: boolean;
}

/**
 * The facts of one epoch. Only `weights` and `epoch` are looked at before the rows are read; each iterable is read once, in the order of this
 * interface, and the order of its rows does not matter.
 */
export interface EpochFacts {
  /** Number of the week since the Unix epoch. */
  epoch: bigint;
  /** The 13 weights that hold in the epoch, in the order of `WEIGHTED_BEHAVIOURS`, each a uint16. */
  weights: readonly bigint[];
  /** Those of the epoch. */
  checkIns: FactRows<CheckIn>;
  /** Those of the epoch. */
  invitations: FactRows<CompletedInvitation>;
  /** All that were registered before the epoch's end, in this epoch or earlier, each once. */
  contents: FactRows<RegisteredContent>;
  /** Each account at most once; one that is not here has 100 %, 100 % and no advanced tasks. */
  multipliers: FactRows<Multiplier>;
}

/** How many facts there were. */
export interface FactCounts {
  checkIns: number;
  invitations: number;
  contents: number;
  multipliers: number;
}

const MAX_WEIGHT = 65_535n;
const [LEAST_PERCENT, MOST_PERCENT] = [100n, 300n];
const MAX_UINT256 = 2n ** 256n - 1n;
/** Characters that are written at once. */
const PIECE = 1 << 20;

function refuse(what: string): never {
  throw new ExplainedError(`The chain's facts are refused and nothing was written: ${what}.`);
}

/**
 * @throws ExplainedError when epoch or weights are out of range
 */
export function checkFacts({ epoch, weights }: Pick<EpochFacts, "epoch" | "weights">): void {
  if (epoch < 0n || epoch > 1_000_000n) refuse(`epoch ${String(epoch)} is none: give the number of a week since 1970`);
  if (weights.length !== WEIGHTED_BEHAVIOURS.length) {
    refuse(`there are ${String(weights.length)} weights, and the chain has ${String(WEIGHTED_BEHAVIOURS.length)}`);
  }
  for (const [i, weight] of weights.entries()) {
    if (weight < 0n || weight > MAX_WEIGHT) {
      refuse(`the weight of ${String(WEIGHTED_BEHAVIOURS[i])} is ${String(weight)}, and weights are 0 to 65535`);
    }
  }
}

/** Lower-case digits; what is malformed is refused with its place. */
function addressOf(text: string, place: () => string): string {
  if (/^0x[0-9a-f]{40}$/.test(text)) return text;
  try {
    return parseAddress(text).toLowerCase();
  } catch (error) {
    return refuse(`${place()}: ${(error as Error).message.replace(/\.$/, "")}`);
  }
}

/** Writes rows to a file that DuckDB reads faster than it takes them one by one. */
async function writeRows<T>(
  path: string,
  rows: FactRows<T>,
  line: (row: T, number: number) => string,
): Promise<number> {
  const file: FileHandle = await open(path, "w");
  let count = 0;
  let text = "";
  const flush = async (): Promise<void> => {
    const piece = text;
    text = "";
    await file.appendFile(piece); // write may take less than it was given
  };
  try {
    if (Symbol.asyncIterator in rows) {
      for await (const row of rows) {
        text += line(row, ++count);
        if (text.length >= PIECE) await flush();
      }
    } else {
      // Without a wait for each row, which would cost more than the row.
      for (const row of rows) {
        text += line(row, ++count);
        if (text.length >= PIECE) await flush();
      }
    }
    await flush();
  } finally {
    await file.close();
  }
  return count;
}

/** A table of the facts: its columns with their types, from one kind of rows. */
async function load<T>(
  engine: Engine,
  table: string,
  columns: Record<string, string>,
  rows: FactRows<T>,
  line: (row: T, number: number) => string,
): Promise<number> {
  const path = join(engine.folder, `${table}.csv`);
  const count = await writeRows(path, rows, line);
  const types = Object.entries(columns).map(([name, type]) => `'${name}': '${type}'`);
  await engine.run(
    `CREATE TABLE ${table} AS SELECT * FROM read_csv(${quoted(path)}, ${PLAIN}, auto_detect = false, header = false, delim = ',', ` +
      `quote = '', escape = '', new_line = '\\n', columns = {${types.join(", ")}})`,
  );
  return count;
}

/** Refuses a table in which `key` has a value twice. */
async function refuseDuplicates(engine: Engine, table: string, key: string, what: string): Promise<void> {
  const rows = await engine.rows(
    `SELECT ${key}, count(*) OVER () FROM ${table} GROUP BY ${key} HAVING count(*) > 1 ORDER BY ${key} LIMIT 1`,
  );
  const [first] = rows;
  if (first === undefined) return;
  const others = Number(first[1]) - 1;
  refuse(
    `${what} ${String(first[0])} is there more than once${others > 0 ? `, as are ${formatCount(others)} more` : ""}`,
  );
}

/**
 * Makes the tables epoch, weights, check_ins, invitations, contents and multipliers that `rules.sql` reads.
 * @throws ExplainedError for a fact that can't be one, with its kind and number
 */
export async function loadFacts(
  engine: Engine,
  facts: EpochFacts,
  onProgress?: (done: number, total: number) => void,
): Promise<FactCounts> {
  checkFacts(facts);
  const { starts, ends } = epochBounds(facts.epoch);
  const isInEpoch = (time: bigint): boolean => time >= starts && time < ends;
  const inEpoch = (time: bigint, place: () => string): bigint => {
    if (isInEpoch(time)) return time;
    return refuse(
      `${place()} is of second ${String(time)}, and epoch ${String(facts.epoch)} is from ${String(starts)} to ${String(ends - 1n)}`,
    );
  };
  const percent = (value: bigint, place: () => string): bigint => {
    if (value >= LEAST_PERCENT && value <= MOST_PERCENT) return value;
    return refuse(`${place()} is ${String(value)} %, and multipliers are 100 to 300 %`);
  };

  await engine.run(`CREATE TABLE epoch AS SELECT CAST(${String(starts)} AS bigint) AS starts`);
  const weights = facts.weights.map((weight, code) => `(${String(code)}, ${String(weight)})`);
  await engine.run(
    `CREATE TABLE weights AS SELECT CAST(code AS bigint) AS code, CAST(weight AS bigint) AS weight FROM (VALUES ${weights.join(", ")}) AS w (code, weight)`,
  );
  const text = "VARCHAR";
  const checkIns = await load(
    engine,
    "check_ins",
    { account: text, time: "BIGINT" },
    facts.checkIns,
    ({ account, time }, number) => {
      const place = (): string => `check-in ${String(number)}`;
      return `${addressOf(account, place)},${String(inEpoch(time, place))}\n`;
    },
  );
  onProgress?.(1, 4);
  const invitations = await load(
    engine,
    "invitations",
    { inviter: text, invitee: text, time: "BIGINT" },
    facts.invitations,
    ({ inviter, invitee, time }, number) => {
      const place = (): string => `invitation ${String(number)}`;
      return `${addressOf(inviter, place)},${addressOf(invitee, place)},${String(inEpoch(time, place))}\n`;
    },
  );
  onProgress?.(2, 4);
  const contents = await load(
    engine,
    "contents",
    { content: text, creator: text, time: "BIGINT" },
    facts.contents,
    ({ content, creator, time }, number) => {
      const place = (): string => `content ${String(number)}`;
      if (content < 0n || content > MAX_UINT256) refuse(`${place()} has id ${String(content)}, which is no uint256`);
      if (time < 0n || time >= ends) {
        refuse(`${place()} was registered at second ${String(time)}, and the epoch ended before ${String(ends)}`);
      }
      return `${String(content)},${addressOf(creator, place)},${String(time)}\n`;
    },
  );
  onProgress?.(3, 4);
  const multipliers = await load(
    engine,
    "multipliers",
    { account: text, incentive: "BIGINT", high_value: "BIGINT", unlocked: "BOOLEAN" },
    facts.multipliers,
    ({ account, incentivePercent, highValuePercent, advancedTasksUnlocked }, number) => {
      const place = (): string => `multiplier ${String(number)}`;
      const [incentive, highValue] = [percent(incentivePercent, place), percent(highValuePercent, place)];
      return `${addressOf(account, place)},${String(incentive)},${String(highValue)},${String(advancedTasksUnlocked)}\n`;
    },
  );
  await refuseDuplicates(engine, "contents", "content", "content");
  await refuseDuplicates(engine, "multipliers", "account", "the multiplier of");
  onProgress?.(4, 4);
  return { checkIns, invitations, contents, multipliers };
}
