/**
 * `abi.encode` of a tuple of static types: every value takes one 32-byte word, so rows have a fixed width and columns a fixed place.
 * It is what a leaf of OpenZeppelin's `StandardMerkleTree` hashes, twice.
 */

import { fromHex, type Hex, toBigInt, toHex } from "./bytes.js";
import { HASH_SIZE, keccak256 } from "./keccak.js";
import { BATCH_SIZE, MAX_BATCH_MESSAGE, sharedBatch } from "./keccak-batch.js";

/** Bytes of an ABI word. */
export const WORD_SIZE = 32;

/** A value of a static type: numbers as `bigint`, `address` and `bytesN` as hex, `bool` as boolean. */
export type LeafValue = bigint | boolean | Hex;

type Kind = "uint" | "int" | "address" | "bool" | "bytes";

interface StaticType {
  name: string;
  kind: Kind;
  /** Bytes of the word that the value itself takes. */
  size: number;
}

function parseType(name: string): StaticType {
  if (name === "address") return { name, kind: "address", size: 20 };
  if (name === "bool") return { name, kind: "bool", size: 1 };
  const match = /^(u?int|bytes)([1-9]\d*)$/.exec(name);
  const kind = match?.[1] as "uint" | "int" | "bytes" | undefined;
  const width = Number(match?.[2]);
  if (kind === "bytes" && width <= WORD_SIZE) return { name, kind, size: width };
  if ((kind === "uint" || kind === "int") && width % 8 === 0 && width <= 256) return { name, kind, size: width / 8 };
  throw new RangeError(
    `"${name}" is no static ABI type: use uint8 to uint256, int8 to int256, address, bool or bytes1 to bytes32, written in full.`,
  );
}

/** A leaf's types, and the way from values to bytes and back. */
export class LeafEncoding {
  readonly types: readonly string[];
  /** Bytes of one encoded row: 32 for each type. */
  readonly size: number;
  readonly #types: readonly StaticType[];

  /**
   * @param types static ABI types in the order of the tuple, such as ["uint256", "address", "uint256"]
   * @throws RangeError for a type that is unknown or of variable length
   */
  constructor(types: readonly string[]) {
    if (types.length === 0) throw new RangeError("A leaf needs at least one type.");
    this.#types = types.map(parseType);
    this.types = [...types];
    this.size = types.length * WORD_SIZE;
  }

  /**
   * Writes `abi.encode(values)` to `target` from `offset`.
   * @throws RangeError when a value does not fit its type; nothing of use is left in `target` then
   */
  write(values: readonly LeafValue[], target: Uint8Array, offset = 0): void {
    if (values.length !== this.#types.length) {
      throw new RangeError(
        `The leaf has ${String(this.#types.length)} values (${this.types.join(", ")}), not ${String(values.length)}.`,
      );
    }
    for (const [i, type] of this.#types.entries()) {
      target.set(encodeWord(type, values[i] as LeafValue), offset + i * WORD_SIZE);
    }
  }

  /** @returns `abi.encode(values)` */
  encode(values: readonly LeafValue[]): Uint8Array {
    const row = new Uint8Array(this.size);
    this.write(values, row);
    return row;
  }

  /**
   * @param row `abi.encode` of a tuple of these types
   * @throws RangeError when the padding of a word is not what `abi.encode` writes
   */
  decode(row: Uint8Array): LeafValue[] {
    if (row.length !== this.size)
      throw new RangeError(`A row has ${String(this.size)} bytes, not ${String(row.length)}.`);
    return this.#types.map((type, i) => decodeWord(type, row.subarray(i * WORD_SIZE, (i + 1) * WORD_SIZE)));
  }

  /** @returns the leaf as `StandardMerkleTree` hashes it: keccak256(keccak256(abi.encode(values))) */
  leafHash(values: readonly LeafValue[]): Uint8Array {
    return leafHash(this.encode(values));
  }
}

function encodeWord(type: StaticType, value: LeafValue): Uint8Array {
  const refuse = (): never => {
    throw new RangeError(`${String(value)} is no ${type.name}.`);
  };
  const word = new Uint8Array(WORD_SIZE);
  if (type.kind === "address" || type.kind === "bytes") {
    if (typeof value !== "string") return refuse();
    const bytes = fromHex(value);
    if (bytes.length !== type.size) refuse();
    word.set(bytes, type.kind === "address" ? WORD_SIZE - type.size : 0);
    return word;
  }
  if (type.kind === "bool") {
    if (typeof value !== "boolean") return refuse();
    word[WORD_SIZE - 1] = value ? 1 : 0;
    return word;
  }
  if (typeof value !== "bigint") return refuse();
  const bits = type.size * 8;
  const fits = type.kind === "uint" ? BigInt.asUintN(bits, value) === value : BigInt.asIntN(bits, value) === value;
  if (!fits) refuse();
  word.set(fromHex(`0x${BigInt.asUintN(256, value).toString(16).padStart(64, "0")}`));
  return word;
}

function decodeWord(type: StaticType, word: Uint8Array): LeafValue {
  const body = type.kind === "bytes" ? word.subarray(0, type.size) : word.subarray(WORD_SIZE - type.size);
  const value: LeafValue =
    type.kind === "address" || type.kind === "bytes"
      ? toHex(body)
      : type.kind === "bool"
        ? toBigInt(body) === 1n
        : type.kind === "int"
          ? BigInt.asIntN(type.size * 8, toBigInt(body))
          : toBigInt(body);
  if (Buffer.compare(encodeWord(type, value), word) !== 0) {
    throw new RangeError(`${toHex(word)} is not the encoding of a ${type.name}.`);
  }
  return value;
}

/** @returns keccak256(keccak256(row)): hashed twice, so that no inner node (64 bytes, hashed once) can be passed off as a row */
export function leafHash(row: Uint8Array): Uint8Array {
  return keccak256(keccak256(row));
}

/** How far a long step has come; called some hundred times at most. */
export type Progress = (done: number, total: number) => void;

/** How many items lie between two calls of a `Progress`: a multiple of `BATCH_SIZE`. */
export const PROGRESS_STEP = 16_384;

/**
 * @param rows encoded rows, one after the other
 * @param rowSize bytes of each
 * @returns their leaf hashes, one after the other
 */
export function hashRows(rows: Uint8Array, rowSize: number, progress?: Progress): Uint8Array {
  if (rows.length % rowSize !== 0)
    throw new RangeError(`${String(rows.length)} bytes are no whole number of ${String(rowSize)}-byte rows.`);
  const count = rows.length / rowSize;
  const hashes = new Uint8Array(count * HASH_SIZE);
  const isShort = rowSize <= MAX_BATCH_MESSAGE && rowSize % WORD_SIZE === 0;
  const outer = sharedBatch(HASH_SIZE);
  for (let first = 0; first < count; first += BATCH_SIZE) {
    const size = Math.min(BATCH_SIZE, count - first);
    if (isShort) {
      const inner = sharedBatch(rowSize);
      inner.input.set(rows.subarray(first * rowSize, (first + size) * rowSize));
      inner.hash(size);
      outer.input.set(inner.output);
    } else {
      for (let i = 0; i < size; i++)
        outer.input.set(keccak256(rows.subarray((first + i) * rowSize, (first + i + 1) * rowSize)), i * HASH_SIZE);
    }
    outer.hash(size);
    hashes.set(outer.output.subarray(0, size * HASH_SIZE), first * HASH_SIZE);
    if (first % PROGRESS_STEP === 0) progress?.(first, count);
  }
  return hashes;
}
