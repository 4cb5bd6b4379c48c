/**
 * The published list of an airdrop: a CSV file of address,amount, read in one pass of fixed memory into the rows that leaves are made of.
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { ADDRESS_DIGITS, checksumAddress, ChecksumBatch, readAddress } from "../common/address.js";
import { ExplainedError } from "../deployment/explained-error.js";
import { formatCount } from "../format.js";
import { LeafEncoding, type Progress, WORD_SIZE } from "../merkle/encoding.js";
import { compareBytes } from "../merkle/bytes.js";
import { BATCH_SIZE } from "../merkle/keccak-batch.js";
import { orderByColumn } from "../merkle/store.js";
import { AIRDROP_LEAF_ENCODING } from "../xme/airdrop.js";
import { Amount, MAX_DIGITS } from "./amount.js";

/**
 * Wei of XME that Genesis gives to the airdrop: 15 % of 1,000,000,000 XME.
 * Source: X.me Dual-Token Economic Model Whitepaper, section 8, "User Incentive Airdrop 15%".
 */
export const AIRDROP_ALLOCATION = 150_000_000n * 10n ** 18n;

/** The first line of every list. */
export const LIST_HEADER = "address,amount";

/** The leaf of a row: (index, account, amount). */
export const AIRDROP_ENCODING = new LeafEncoding(AIRDROP_LEAF_ENCODING);
/** The column of the account, which proofs are looked up by. */
export const ACCOUNT_COLUMN = 1;

/** Place of the account's 20 bytes in a row. */
const ACCOUNT_OFFSET = 2 * WORD_SIZE - 20;
const AMOUNT_OFFSET = 2 * WORD_SIZE;
const CHUNK_SIZE = 1 << 20;
/** No row comes near; it bounds what is kept of a file that is no CSV. */
const MAX_LINE = 4096;
/** The shortest row: an address, a comma, a digit, a line feed. */
const MIN_ROW = ADDRESS_DIGITS + 5;
/** Line of the first row, the header being line 1. */
const FIRST_LINE = 2;
const SHOWN_PROBLEMS = 10;
const KEPT_PROBLEMS = 1000;

const [LF, CR, COMMA, QUOTE, MINUS, POINT, ZERO, NINE] = [0x0a, 0x0d, 0x2c, 0x22, 0x2d, 0x2e, 0x30, 0x39];

/** What is wrong with one line of a list. */
export interface ListProblem {
  /** From 1, the header's. */
  line: number;
  reason: string;
}

/** A list with bad rows. Its message names the first ten by their line numbers. */
export class AirdropListError extends ExplainedError {
  readonly problems: readonly ListProblem[];

  /** @param problems in the order of their lines, at least one */
  constructor(path: string, problems: readonly ListProblem[], count = problems.length) {
    const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ line, reason }) => `  line ${String(line)}: ${reason}`);
    const more = count > shown.length ? [`  … and ${formatCount(count - shown.length)} more`] : [];
    const lines = count === 1 ? "1 line is" : `${formatCount(count)} lines are`;
    super([`${path} is refused and nothing was written: ${lines} wrong.`, ...shown, ...more].join("\n"));
    this.name = "AirdropListError";
    this.problems = problems;
  }
}

/** A list that has passed every check. */
export interface AirdropList {
  count: number;
  /** abi.encode(index, account, amount) of each row, 96 bytes each, index counting from 0 in the order of the file. */
  rows: Uint8Array;
  /** The rows' numbers in ascending order of their accounts. */
  order: Uint32Array;
  /** Wei of XME in all rows. */
  total: bigint;
}

/** A cell as an error shows it: no control characters, not too long. */
function shown(text: Uint8Array): string {
  const cell = Buffer.from(text.subarray(0, 80)).toString("utf8");
  return JSON.stringify(text.length > 80 ? `${cell}…` : cell);
}

/** A line's place: the bytes of `text` from `start` to `end`, without the line's own end. */
interface Line {
  readonly text: Buffer;
  start: number;
  end: number;
}

/** The file's lines, each good until the next; a byte order mark is left out. */
function* linesOf(file: number, size: number, progress?: Progress): Generator<Line> {
  const text = Buffer.allocUnsafe(CHUNK_SIZE + MAX_LINE + 2);
  const line: Line = { text, start: 0, end: 0 };
  const place = (start: number, stop: number): Line => {
    line.start = start;
    line.end = stop > start && text[stop - 1] === CR ? stop - 1 : stop;
    return line;
  };
  let kept = 0;
  let position = 0;
  for (;;) {
    const read = readSync(file, text, kept, CHUNK_SIZE, null);
    let start = position === 0 && read >= 3 && text.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0;
    position += read;
    const end = kept + read;
    for (let stop = text.indexOf(LF, start); stop !== -1 && stop < end; stop = text.indexOf(LF, start)) {
      yield place(start, stop);
      start = stop + 1;
    }
    if (read === 0) {
      if (end > start) yield place(start, end);
      return;
    }
    kept = end - start;
    if (kept > MAX_LINE) {
      // Too long for a row: given as it is, to be refused.
      line.start = start;
      line.end = end;
      yield line;
      return;
    }
    text.copy(text, 0, start, end);
    progress?.(position, size);
  }
}

/** Why a cell that should be an amount is none. */
function amountProblem(cell: Uint8Array): string {
  const rule = "write whole wei, the token's smallest unit (1 XME is 1000000000000000000), as digits alone";
  if (cell.length === 0) return `the amount is missing: ${rule}`;
  if (cell.every((byte) => byte === ZERO)) return "the amount is zero: leave the row out";
  if (cell[0] === MINUS) return `the amount ${shown(cell)} is negative: ${rule}`;
  if (cell.includes(POINT)) return `the amount ${shown(cell)} is fractional: ${rule}`;
  if (cell[0] === ZERO && cell.every((byte) => byte >= ZERO && byte <= NINE)) {
    return `the amount ${shown(cell)} starts with a zero: ${rule}`;
  }
  return `the amount ${shown(cell)} is no whole number: ${rule}`;
}

/** Told what is wrong with a line, in the order of the lines. */
type Note = (line: number, reason: string) => void;

/** Reads rows of the list into their binary form, checksums by the thousand. */
class RowReader {
  readonly #amount = new Amount();
  readonly #sum = new Amount();
  readonly #allocation: Amount;
  readonly #rows: Uint8Array;
  readonly #note: Note;
  /** Of the rows since the last `settle`: what is wrong with them, and the digits of those whose checksum is to be checked. */
  readonly #problems: (string | undefined)[] = [];
  readonly #checksums = new ChecksumBatch();
  readonly #spellings = new Uint8Array(BATCH_SIZE * ADDRESS_DIGITS);
  readonly #spellingOf = new Int32Array(BATCH_SIZE);
  #isOver = false;
  count = 0;

  constructor(rows: Uint8Array, allocation: bigint, note: Note) {
    this.#rows = rows;
    this.#allocation = Amount.from(allocation);
    this.#note = note;
  }

  get total(): bigint {
    return this.#sum.toBigInt();
  }

  /** Reads the next row. A bad one leaves zeros for its account, which no good row has, so that rows and lines keep step. */
  read({ text, start, end }: Line): void {
    const offset = this.count++ * AIRDROP_ENCODING.size;
    this.#spellingOf[this.#problems.length] = -1;
    const isRow = this.#tryRead(text, start, end, offset);
    this.#problems.push(isRow ? undefined : this.#problemOf(text.subarray(start, end), offset));
    if (this.#problems.length === BATCH_SIZE) this.settle();
  }

  /** Checks the checksums and the sum up to the last row that was read. */
  settle(): void {
    this.#checksums.hash();
    const first = this.count - this.#problems.length;
    for (let i = 0; i < this.#problems.length; i++) {
      const offset = (first + i) * AIRDROP_ENCODING.size;
      const problem = this.#problems[i] ?? this.#checksumProblem(i, offset);
      if (problem !== undefined) this.#rows.fill(0, offset, offset + AIRDROP_ENCODING.size);
      const reason = problem ?? this.#take(offset);
      if (reason !== undefined) this.#note(first + i + FIRST_LINE, reason);
    }
    this.#problems.length = 0;
    this.#checksums.clear();
  }

  /** Writes the row of a line that is as it should be, its checksum aside. */
  #tryRead(text: Buffer, start: number, end: number, offset: number): boolean {
    const comma = start + ADDRESS_DIGITS + 2;
    const first = comma + 1;
    // Longer amounts than a uint256's are for #problemOf.
    if (first >= end || text[comma] !== COMMA || text[first] === ZERO || end - first > MAX_DIGITS) return false;
    for (let i = first; i < end; i++) {
      const byte = text[i] as number;
      if (byte < ZERO || byte > NINE) return false;
    }
    const account = offset + ACCOUNT_OFFSET;
    const spelling = readAddress(text, start, this.#rows, account);
    if (spelling === "malformed" || this.#isZero(account) || !this.#amount.read(text, first, end)) return false;
    if (spelling === "mixed") {
      const digits = start + 2;
      const at = this.#checksums.count * ADDRESS_DIGITS;
      for (let i = 0; i < ADDRESS_DIGITS; i++) this.#spellings[at + i] = text[digits + i] as number;
      this.#spellingOf[this.#problems.length] = this.#checksums.count;
      this.#checksums.add(text, digits);
    }
    this.#amount.writeWord(this.#rows, offset + AMOUNT_OFFSET);
    for (let rest = this.count - 1, at = offset + WORD_SIZE - 1; rest > 0; rest = Math.floor(rest / 256))
      this.#rows[at--] = rest % 256;
    return true;
  }

  #isZero(account: number): boolean {
    for (let i = 0; i < 20; i++) if (this.#rows[account + i] !== 0) return false;
    return true;
  }

  /** Adds a good row's amount to the sum, unless that is above the allocation already, which is told once. */
  #take(offset: number): string | undefined {
    if (this.#isOver) return undefined;
    this.#amount.readWord(this.#rows, offset + AMOUNT_OFFSET);
    this.#isOver = !this.#sum.add(this.#amount) || this.#sum.exceeds(this.#allocation);
    if (!this.#isOver) return undefined;
    const allocation = this.#allocation.toBigInt().toString();
    return `with this row the sum of the amounts is above the allocation of ${allocation} wei: lower the amounts, or give the right --allocation`;
  }

  #checksumProblem(i: number, offset: number): string | undefined {
    const item = this.#spellingOf[i] as number;
    const at = item * ADDRESS_DIGITS;
    if (item < 0 || this.#checksums.isSpelled(item, this.#spellings, at)) return undefined;
    return wrongChecksum(
      Buffer.from(`0x${Buffer.from(this.#spellings.subarray(at, at + ADDRESS_DIGITS)).toString("latin1")}`),
      checksumAddress(this.#rows, offset + ACCOUNT_OFFSET),
    );
  }

  /** What is wrong with a line that `#tryRead` refused. */
  #problemOf(line: Buffer, offset: number): string {
    if (line.length > MAX_LINE)
      return `the line is longer than ${String(MAX_LINE)} bytes: each row is an address, a comma and an amount`;
    const comma = line.indexOf(COMMA);
    if (line.includes(QUOTE)) return "there are quotes: write address,amount without any";
    if (comma === -1) {
      if (line.length === 0) return "the line is empty: only the end of the file may have empty lines";
      return `there is one column, ${shown(line)}: write address,amount`;
    }
    if (line.includes(COMMA, comma + 1))
      return "there are more than two columns: write address,amount, and amounts without separators";

    const account = offset + ACCOUNT_OFFSET;
    const address = line.subarray(0, comma);
    const spelling = comma === ADDRESS_DIGITS + 2 ? readAddress(line, 0, this.#rows, account) : "malformed";
    if (spelling === "malformed") return `the address ${shown(address)} is malformed: write 0x and 40 hex digits`;
    const right = checksumAddress(this.#rows, account);
    if (spelling === "mixed" && address.toString("latin1") !== right) return wrongChecksum(address, right);
    if (this.#isZero(account)) return "the address is zero: nobody could claim the row";

    const amount = line.subarray(comma + 1);
    const isNumber = amount.length > 0 && amount[0] !== ZERO && amount.every((byte) => byte >= ZERO && byte <= NINE);
    return isNumber ? `the amount ${shown(amount)} is above 2^256 - 1` : amountProblem(amount);
  }
}

function wrongChecksum(address: Uint8Array, right: string): string {
  return (
    `the address ${shown(address)} has a wrong checksum (EIP-55 writes it ${right}): ` +
    "a digit may be mistyped, so get it again from its owner"
  );
}

/** Later rows of an account that an earlier row has. */
function duplicates(rows: Uint8Array, order: Uint32Array): ListProblem[] {
  const problems: ListProblem[] = [];
  const at = (i: number): number => (order[i] as number) * AIRDROP_ENCODING.size + ACCOUNT_OFFSET;
  let first = 0;
  for (let i = 1; i < order.length; i++) {
    if (compareBytes(rows, at(i), rows, at(first), 20) !== 0) {
      first = i;
      continue;
    }
    const account = rows.subarray(at(i), at(i) + 20);
    if (account.every((byte) => byte === 0)) continue; // of a bad row
    const line = (order[i] as number) + FIRST_LINE;
    const earlier = (order[first] as number) + FIRST_LINE;
    const reason = `the address ${checksumAddress(account)} is a duplicate of line ${String(earlier)}: give each address one row`;
    problems.push({ line, reason });
  }
  return problems;
}

/**
 * Reads and checks a list: UTF-8 with or without byte order mark, lines ended by LF or CRLF, the header `address,amount`, then an address
 * (lower-case, upper-case or with its EIP-55 checksum) and a whole amount in wei on each line; empty lines only at the end.
 *
 * @param path of the CSV file
 * @param allocation wei of XME that the sum of the amounts may not exceed
 * @param progress told the bytes read
 * @throws AirdropListError naming each bad line: a malformed, wrongly checksummed, zero or duplicate address; a zero, negative,
 *   fractional or otherwise bad amount; a sum above `allocation`; a wrong header; no row at all. ExplainedError when the file can't be read.
 */
export function readAirdropList(path: string, allocation = AIRDROP_ALLOCATION, progress?: Progress): AirdropList {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw new ExplainedError(
      `${path} could not be opened (${(error as Error).message}): give a CSV file of address,amount.`,
      { cause: error },
    );
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new ExplainedError(`${path} is no file: give a CSV file of address,amount.`);
    return readRows(path, file, stat.size, allocation, progress);
  } finally {
    closeSync(file);
  }
}

function readRows(path: string, file: number, size: number, allocation: bigint, progress?: Progress): AirdropList {
  // Every line of a good list has at least MIN_ROW bytes, so only a list with bad lines can run out of room. Unused room takes no memory.
  const capacity = Math.floor(size / MIN_ROW) + 1;
  const rows = new Uint8Array(capacity * AIRDROP_ENCODING.size);
  const problems: ListProblem[] = [];
  let count = 0;
  const reader = new RowReader(rows, allocation, (line, reason) => {
    count++;
    if (problems.length < KEPT_PROBLEMS) problems.push({ line, reason });
  });

  let line = 0;
  let empty = 0;
  for (const place of linesOf(file, size, progress)) {
    const { text, start, end } = place;
    line++;
    if (line === 1) {
      const header = text.subarray(start, end);
      if (header.toString("latin1") !== LIST_HEADER)
        throw new AirdropListError(path, [{ line, reason: headerProblem(header) }]);
    } else if (start === end) {
      empty++;
    } else {
      for (; empty > 0 && reader.count < capacity; empty--) reader.read({ text, start, end: start });
      if (reader.count === capacity) break;
      reader.read(place);
    }
  }
  reader.settle();
  if (line === 0)
    throw new AirdropListError(path, [{ line: 1, reason: `the file is empty: its first line is ${LIST_HEADER}` }]);
  if (reader.count === 0) {
    throw new AirdropListError(path, [{ line: 1, reason: "no row follows the header: an airdrop needs at least one" }]);
  }
  if (reader.count === capacity && capacity * MIN_ROW > size && count === 0) {
    throw new ExplainedError(
      `${path} changed while it was read, and nothing was written: run the command again when it is complete.`,
    );
  }

  const used = rows.subarray(0, reader.count * AIRDROP_ENCODING.size);
  const order = orderByColumn(AIRDROP_ENCODING, used, ACCOUNT_COLUMN);
  const repeated = duplicates(used, order);
  if (count + repeated.length > 0) {
    throw new AirdropListError(
      path,
      [...problems, ...repeated].sort((a, b) => a.line - b.line),
      count + repeated.length,
    );
  }
  return { count: reader.count, rows: used, order, total: reader.total };
}

function headerProblem(text: Buffer): string {
  if (text.length >= 2 && [0xfffe, 0xfeff].includes(text.readUInt16BE(0)))
    return "the file is UTF-16: save it as UTF-8";
  if (text.length === 0) return `the header is missing: the first line is ${LIST_HEADER}`;
  return `the header is ${shown(text)}: the first line is exactly ${LIST_HEADER}`;
}
