/**
 * Lists for trials: random, of believable sizes, and the same for the same seed on every machine.
 */

import { ADDRESS_DIGITS, ChecksumBatch } from "../common/address.js";
import { checkFreePath } from "../common/output.js";
import { ExplainedError } from "../deployment/explained-error.js";
import { HASH_SIZE, keccak256 } from "../merkle/keccak.js";
import { BATCH_SIZE, KeccakBatch } from "../merkle/keccak-batch.js";
import { writeFileAtomically } from "../merkle/atomic-file.js";
import { AIRDROP_ALLOCATION, LIST_HEADER } from "./list.js";

/** Wei in a hundredth of an XME: amounts are whole cents, as a campaign would give them. */
const CENT = 10n ** 16n;
/** Choice: 400 XME for each account on average; a list of a million rows is held to nine tenths of the allocation. */
const AVERAGE_CENTS = 40_000;
const MAX_CENTS = Number((AIRDROP_ALLOCATION * 9n) / 10n / CENT);
/** Choice: flattens the top of Zipf's law, so that the first account gets some hundred times the average and not a fifth of everything. */
const ZIPF_SHIFT = 10;
/** A cent's wei behind a number of cents. */
const WEI_OF_CENT = CENT.toString().slice(1);

/** Pseudo-random bytes for each row: keccak256(keccak256(seed) ‖ row as 8 bytes, big-endian), the row counting from 0. */
function randomRows(seed: string, rows: number): Buffer {
  const batch = new KeccakBatch(HASH_SIZE + 8);
  const { input, output, messageSize } = batch;
  const view = new DataView(input.buffer, input.byteOffset);
  const start = keccak256(Buffer.from(seed, "utf8"));
  for (let i = 0; i < BATCH_SIZE; i++) input.set(start, i * messageSize);
  const bytes = Buffer.allocUnsafe(rows * HASH_SIZE);
  for (let first = 0; first < rows; first += BATCH_SIZE) {
    const count = Math.min(BATCH_SIZE, rows - first);
    for (let i = 0; i < count; i++) view.setUint32((i + 1) * messageSize - 4, first + i);
    batch.hash(count);
    bytes.set(output.subarray(0, count * HASH_SIZE), first * HASH_SIZE);
  }
  return bytes;
}

/**
 * Amounts after Zipf's law in random order: few large ones, many small ones. Only divisions and sums of doubles are used, which all machines
 * round alike.
 * @returns hundredths of XME, at least one each, their sum at most nine tenths of the airdrop's allocation and 400 XME × rows
 */
function zipfCents(rows: number, random: Buffer): Float64Array {
  const budget = Math.min(MAX_CENTS, rows * AVERAGE_CENTS);
  let weights = 0;
  for (let rank = 0; rank < rows; rank++) weights += 1 / (rank + ZIPF_SHIFT);
  const cents = new Float64Array(rows);
  for (let rank = 0; rank < rows; rank++) {
    cents[rank] = Math.max(1, Math.floor((budget - rows) / (rank + ZIPF_SHIFT) / weights));
  }
  for (let row = rows - 1; row > 0; row--) {
    const other = random.readUIntBE(row * HASH_SIZE + 20, 6) % (row + 1);
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
  if (accounts !== undefined && accounts.length < rows) throw new RangeError("There are fewer accounts than rows.");
  yield `${LIST_HEADER}\n`;
  const checksums = new ChecksumBatch();
  for (let first = 0; first < rows; first += BATCH_SIZE) {
    const count = Math.min(BATCH_SIZE, rows - first);
    const digits = Buffer.from(random.toString("hex", first * HASH_SIZE, (first + count) * HASH_SIZE), "latin1");
    checksums.clear();
    for (let i = 0; i < count; i++) checksums.add(digits, i * 2 * HASH_SIZE);
    checksums.hash();
    for (let i = 0; i < count; i++) checksums.write(i, digits, i * 2 * HASH_SIZE);
    let text = "";
    for (let i = 0; i < count; i++) {
      const at = i * 2 * HASH_SIZE;
      const account = accounts?.[first + i] ?? `0x${digits.toString("latin1", at, at + ADDRESS_DIGITS)}`;
      text += `${account},${String(cents[first + i])}${WEI_OF_CENT}\n`;
    }
    yield text;
  }
}

/**
 * Writes a sample list, whole or not at all, to a path where nothing is.
 * @param input as `sampleList` takes them, `out` being the file's path
 * @throws ExplainedError for a number of rows out of range, when `out` exists, or when it can't be written
 */
export async function writeSampleList(
  { rows, seed, accounts, out }: { rows: number; seed: string; accounts?: readonly string[] | undefined; out: string },
  onProgress?: (rows: number, total: number) => void,
): Promise<void> {
  checkFreePath(out);
  function* chunks(): Generator<Uint8Array> {
    let done = 0;
    for (const text of sampleList(rows, seed, accounts)) {
      if (done++ % 16 === 0) onProgress?.(Math.min(rows, done * BATCH_SIZE), rows);
      yield Buffer.from(text, "latin1");
    }
  }
  await writeFileAtomically(out, chunks());
}
