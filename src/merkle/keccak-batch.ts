/**
 * keccak256 of many messages of one short length, by a thousand at a time.
 */

import { HASH_SIZE, keccak256 } from "./keccak.js";
import { keccakProgram, RESERVED } from "./keccak-program.js";

/** Messages at once. Choice: messages and hashes stay within a processor's second cache. */
export const BATCH_SIZE = 1024;

/** Bytes of the longest message, which is a multiple of 8. */
export const MAX_BATCH_MESSAGE = 128;

interface Program {
  hash: (input: number, output: number, inputEnd: number) => void;
  memory: { buffer: ArrayBuffer };
}

/** The part of the WebAssembly JavaScript Interface that is used here; TypeScript knows it with a browser's library alone. */
interface WebAssemblyInterface {
  validate: (binary: Uint8Array) => boolean;
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface };

function compile(messageSize: number, memorySize: number): Program | undefined {
  const binary = keccakProgram(messageSize, memorySize);
  // A processor without vectors (an x86 one before SSE 4.1) refuses it.
  if (!WebAssembly.validate(binary)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as Program;
}

/** Put messages into `input`, call `hash`, take the hashes from `output`. Nothing is allocated by the way. */
export class KeccakBatch {
  /** Bytes of a message. */
  readonly messageSize: number;
  /** Room for `BATCH_SIZE` messages, one after the other; hashing leaves it as it is. */
  readonly input: Uint8Array<ArrayBuffer>;
  /** Room for as many hashes of 32 bytes. */
  readonly output: Uint8Array<ArrayBuffer>;
  readonly #program: Program | undefined;

  /**
   * @param messageSize bytes of a message: a multiple of 8 from 8 to `MAX_BATCH_MESSAGE`
   * @param isPlain hashes one by one, as where the processor has no vectors; for comparison
   * @throws RangeError for another size
   */
  constructor(messageSize: number, isPlain = false) {
    const inputSize = BATCH_SIZE * messageSize;
    const memorySize = RESERVED + inputSize + BATCH_SIZE * HASH_SIZE;
    const program = compile(messageSize, memorySize);
    this.messageSize = messageSize;
    this.#program = isPlain ? undefined : program;
    const buffer = this.#program?.memory.buffer ?? new ArrayBuffer(memorySize);
    this.input = new Uint8Array(buffer, RESERVED, inputSize);
    this.output = new Uint8Array(buffer, RESERVED + inputSize, BATCH_SIZE * HASH_SIZE);
  }

  /**
   * Hashes the first messages of `input`. What `output` holds behind their hashes afterwards is of no use.
   * @param count how many, from 0 to `BATCH_SIZE`
   */
  hash(count: number): void {
    if (!Number.isInteger(count) || count < 0 || count > BATCH_SIZE)
      throw new RangeError(`A batch has 0 to ${String(BATCH_SIZE)} messages, not ${String(count)}.`);
    const { input, output, messageSize } = this;
    if (this.#program === undefined) {
      for (let i = 0; i < count; i++)
        output.set(keccak256(input.subarray(i * messageSize, (i + 1) * messageSize)), i * HASH_SIZE);
    } else if (count > 0) {
      this.#program.hash(input.byteOffset, output.byteOffset, input.byteOffset + count * messageSize);
    }
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
