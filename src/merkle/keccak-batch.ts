/**
 * keccak256 of many messages of one short length, by a thousand at a time.
 */

import { HASH_SIZE, keccak256 } from "./keccak.js";

/** Messages at once. Choice: messages and hashes stay within a processor's second cache. */
export const BATCH_SIZE = 1024;

/** Bytes of the longest message: what fits one block of keccak, in whole words of 8 bytes. */
export const MAX_BATCH_MESSAGE = 128;

/** Put messages into `input`, call `hash`, take the hashes from `output`: callers copy whole blocks, never single messages. */
export class KeccakBatch {
  /** Bytes of a message. */
  readonly messageSize: number;
  /** Room for `BATCH_SIZE` messages, one after the other; hashing leaves it as it is. */
  readonly input: Uint8Array<ArrayBuffer>;
  /** Room for as many hashes of 32 bytes. */
  readonly output: Uint8Array<ArrayBuffer>;
  readonly #messages: readonly Uint8Array[];

  /**
   * @param messageSize bytes of a message: a multiple of 8 from 8 to `MAX_BATCH_MESSAGE`
   * @throws RangeError for another size
   */
  constructor(messageSize: number) {
    if (messageSize < 8 || messageSize > MAX_BATCH_MESSAGE || messageSize % 8 !== 0)
      throw new RangeError(`Messages of ${String(messageSize)} bytes can't be hashed in batches: 8, 16, … to 128 can.`);
    this.messageSize = messageSize;
    this.input = new Uint8Array(BATCH_SIZE * messageSize);
    this.output = new Uint8Array(BATCH_SIZE * HASH_SIZE);
    this.#messages = Array.from({ length: BATCH_SIZE }, (_, i) =>
      this.input.subarray(i * messageSize, (i + 1) * messageSize),
    );
  }

  /**
   * Hashes the first messages of `input`. What `output` holds behind their hashes afterwards is of no use.
   * @param count how many, from 0 to `BATCH_SIZE`
   */
  hash(count: number): void {
    if (!Number.isInteger(count) || count < 0 || count > BATCH_SIZE)
      throw new RangeError(`A batch has 0 to ${String(BATCH_SIZE)} messages, not ${String(count)}.`);
    for (let i = 0; i < count; i++) this.output.set(keccak256(this.#messages[i] as Uint8Array), i * HASH_SIZE);
  }
}

const batches = new Map<number, KeccakBatch>();

/**
 * The one batch for messages of that size: for code that fills, hashes and empties it before anything else can run.
 * @param messageSize a multiple of 8 from 8 to `MAX_BATCH_MESSAGE`
 */
export function sharedBatch(messageSize: number): KeccakBatch {
  let batch = batches.get(messageSize);
  if (batch === undefined) batches.set(messageSize, (batch = new KeccakBatch(messageSize)));
  return batch;
}
