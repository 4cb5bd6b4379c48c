/**
 * Sorting of many short byte strings without an object for each: the order is an array of their numbers.
 */

import { compareBytes } from "./bytes.js";

const DIGIT_BITS = 16;
const BUCKETS = 1 << DIGIT_BITS;
/** Below, counting into so many buckets costs more than it saves. */
const FEW = BUCKETS / 4;

/** One stable counting pass over a 16-bit digit of the keys. */
function pass(order: Uint32Array, digitAt: (item: number) => number): Uint32Array {
  const starts = new Uint32Array(BUCKETS + 1);
  for (const item of order) {
    const bucket = digitAt(item) + 1;
    starts[bucket] = (starts[bucket] as number) + 1;
  }
  for (let i = 1; i <= BUCKETS; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const sorted = new Uint32Array(order.length);
  for (const item of order) {
    const bucket = digitAt(item);
    const place = starts[bucket] as number;
    sorted[place] = item;
    starts[bucket] = place + 1;
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
  const byte = (item: number, i: number): number => data[item * stride + offset + i] as number;
  const compare = (a: number, b: number, length: number): number =>
    compareBytes(data, a * stride + offset, data, b * stride + offset, length);
  const compareAll = (a: number, b: number): number => compare(a, b, size) || a - b;

  const given = new Uint32Array(count);
  for (let i = 0; i < count; i++) given[i] = i;
  if (count < FEW) return given.sort(compareAll);
  const byLowDigit = pass(given, (item) => (byte(item, 2) << 8) | byte(item, 3));
  const order = pass(byLowDigit, (item) => (byte(item, 0) << 8) | byte(item, 1));
  for (let start = 0; start < count;) {
    const first = order[start] as number;
    let end = start + 1;
    while (end < count && compare(first, order[end] as number, 4) === 0) end++;
    if (end - start > 1) order.subarray(start, end).sort(compareAll);
    start = end;
  }
  return order;
}
