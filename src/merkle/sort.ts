/**
 * Sorting of many short byte strings without an object for each: the order is an array of their numbers.
 */

import { compareBytes } from "./bytes.js";

const DIGIT_BITS = 16;
const BUCKETS = 1 << DIGIT_BITS;
const DIGIT_MASK = BUCKETS - 1;
/** Below, counting into so many buckets costs more than it saves. */
const FEW = BUCKETS / 4;

/** A stable counting pass: both arrays in the order of the 16 bits of `keys` from bit `shift`. */
function pass(keys: Uint32Array, order: Uint32Array, shift: number): { keys: Uint32Array; order: Uint32Array } {
  const starts = new Uint32Array(BUCKETS + 1);
  for (const key of keys) {
    const bucket = ((key >>> shift) & DIGIT_MASK) + 1;
    starts[bucket] = (starts[bucket] as number) + 1;
  }
  for (let i = 1; i <= BUCKETS; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const sorted = { keys: new Uint32Array(keys.length), order: new Uint32Array(keys.length) };
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    const bucket = (key >>> shift) & DIGIT_MASK;
    const place = starts[bucket] as number;
    starts[bucket] = place + 1;
    sorted.keys[place] = key;
    sorted.order[place] = order[i] as number;
  }
  return sorted;
}

/**
 * Orders fixed-width keys ascending, as unsigned big-endian numbers; equal keys keep their order.
 * Two counting passes over the first 32 bits, then an ordinary sort within each run that shares them: linear time for hashes.
 *
 * @param data holds the keys
 * @param count how many
 * @param stride bytes from one key to the next
 * @param offset of the first key in `data`
 * @param size bytes of a key, at least 4
 * @returns the numbers of the keys in ascending order
 */
export function sortedOrder(
  data: Uint8Array,
  count: number,
  stride: number,
  offset: number,
  size: number,
): Uint32Array {
  const compareAll = (a: number, b: number): number =>
    compareBytes(data, a * stride + offset, data, b * stride + offset, size) || a - b;

  const given = new Uint32Array(count);
  for (let i = 0; i < count; i++) given[i] = i;
  if (count < FEW) return given.sort(compareAll);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const heads = new Uint32Array(count);
  for (let i = 0; i < count; i++) heads[i] = view.getUint32(i * stride + offset);
  const byLowDigit = pass(heads, given, 0);
  const { keys, order } = pass(byLowDigit.keys, byLowDigit.order, DIGIT_BITS);
  for (let start = 0; start < count;) {
    let end = start + 1;
    while (end < count && keys[end] === keys[start]) end++;
    if (end - start > 1) order.subarray(start, end).sort(compareAll);
    start = end;
  }
  return order;
}
