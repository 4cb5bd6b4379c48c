/**
 * Lists for trials: random, of believable sizes, and the same for the same seed on every machine.
 */

import { ExplainedError } from "../deployment/explained-error.js";
import { HASH_SIZE, keccak256 } from "../merkle/keccak.js";
import { writeFileAtomically } from "../merkle/atomic-file.js";
import { checksumAddress } from "./address.js";
import { AIRDROP_ALLOCATION, LIST_HEADER } from "./list.js";

/** Wei in a hundredth of an XME: amounts are whole cents, as a campaign would give them. */
const CENT = 10n ** 16n;
/** Choice: 400 XME for each account on average; a list of a million rows is held to nine tenths of the allocation. */
const AVERAGE_CENTS = 40_000;
const MAX_CENTS = Number((AIRDROP_ALLOCATION * 9n) / 10n / CENT);
/** Choice: flattens the top of Zipf's law, so that the first account gets some hundred times the average and not a fifth of everything. */
const ZIPF_SHIFT = 10;
const ROWS_AT_ONCE = 16_384;

/** Pseudo-random bytes for each row: keccak256(keccak256(seed) ‖ row as 8 bytes, big-endian), the row counting from 0. */
function randomRows(seed: string, rows: number): (row: number) => Buffer {
  const input = Buffer.alloc(HASH_SIZE + 8);
  input.set(keccak256(Buffer.from(seed, "utf8")));
  const bytes = Buffer.allocUnsafe(rows * HASH_SIZE);
  for (let row = 0; row < rows; row++) {
    input.writeBigUInt64BE(BigInt(row), HASH_SIZE);
    bytes.set(keccak256(input), row * HASH_SIZE);
  }
  return (row) => bytes.subarray(row * HASH_SIZE, (row + 1) * HASH_SIZE);
}

/**
 * Amounts after Zipf's law in random order: few large ones, many small ones. Only divisions and sums of doubles are used, which all machines
 * round alike.
 * @returns hundredths of XME, at least one each, their sum at most nine tenths of the airdrop's allocation and 400 XME × rows
 */
function zipfCents(rows: number, random: (row: number) => Buffer): Float64Array {
  const budget = Math.min(MAX_CENTS, rows * AVERAGE_CENTS);
  let weights = 0;
  for (let rank = 0; rank < rows; rank++) weights += 1 / (rank + ZIPF_SHIFT);
  const cents = new Float64Array(rows);
  for (let rank = 0; rank < rows; rank++) {
    cents[rank] = Math.max(1, Math.floor((budget - rows) / (rank + ZIPF_SHIFT) / weights));
  }
  for (let row = rows - 1; row > 0; row--) {
    const other = random(row).readUIntBE(20, 6) % (row + 1);
    [cents[row], cents[other]] = [cents[other] as number, cents[row] as number];
  }
  return cents;
}

/**
 * @returns `rows`
 * @throws ExplainedError when it isn't from 1 to 10,000,000
 */
export function sampleSize(rows: number): number {
  if (Number.isInteger(rows) && rows >= 1 && rows <= 10_000_000) return rows;
  throw new ExplainedError(`A sample of ${String(rows)} rows can't be made: ask for 1 to 10,000,000.`);
}

/**
 * @param rows how many, from 1 to 10,000,000
 * @param seed any text
 * @param accounts addresses to use instead of random ones, at least `rows` of them
 * @returns the CSV's text in pieces
 */
export function* sampleList(rows: number, seed: string, accounts?: readonly string[]): Generator<string> {
  sampleSize(rows);
  const random = randomRows(seed, rows);
  const cents = zipfCents(rows, random);
  let text = `${LIST_HEADER}\n`;
  for (let row = 0; row < rows; row++) {
    const account = accounts === undefined ? checksumAddress(random(row)) : accounts[row];
    if (account === undefined) throw new RangeError("There are fewer accounts than rows.");
    text += `${account},${String(cents[row])}${"0".repeat(16)}\n`;
    if (row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) {
      yield text;
      text = "";
    }
  }
  yield text;
}

/**
 * Writes a sample list, whole or not at all.
 * @param input as `sampleList` takes them, `out` being the file's path
 * @throws ExplainedError for a number of rows out of range, or when the file can't be written
 */
export async function writeSampleList(
  { rows, seed, accounts, out }: { rows: number; seed: string; accounts?: readonly string[] | undefined; out: string },
  onProgress?: (rows: number, total: number) => void,
): Promise<void> {
  function* chunks(): Generator<Uint8Array> {
    let done = 0;
    for (const text of sampleList(rows, seed, accounts)) {
      onProgress?.(Math.min(rows, done++ * ROWS_AT_ONCE), rows);
      yield Buffer.from(text, "latin1");
    }
  }
  await writeFileAtomically(out, chunks());
}
