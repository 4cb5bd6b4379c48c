/**
 * A tree on disk, laid out for one purpose: the proof of any row by a few dozen short reads, without loading the tree.
 * The layout is described byte by byte in docs/airdrop.md; all numbers are unsigned and big-endian.
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { ExplainedError } from "../deployment/explained-error.js";
import { writeFileAtomically } from "./atomic-file.js";
import { compareBytes, type Hex, toHex } from "./bytes.js";
import { leafHash, LeafEncoding, type LeafValue, WORD_SIZE } from "./encoding.js";
import { HASH_SIZE, keccak256 } from "./keccak.js";
import { MAX_LEAVES, type MerkleTree, proofPlaces, verifyProof } from "./tree.js";
import { sortedOrder } from "./sort.js";
import { copyItems } from "./words.js";

const MAGIC = "XONOMERK";
const VERSION = 1;
/** Bytes of the header: fields, types, checksum. */
const HEADER_SIZE = 512;
const TYPES_OFFSET = 64;
const CHECKSUM_OFFSET = HEADER_SIZE - HASH_SIZE;
/** Bytes of the number of a row's leaf node, which follows the row. */
const PLACE_SIZE = 4;
const CHUNK_ROWS = 65_536;

/** What a store is written from. */
export interface StoreContent {
  encoding: LeafEncoding;
  /** Encoded rows in the order of the tree's leaves. */
  rows: Uint8Array;
  tree: MerkleTree;
  /** The column that rows are looked up by, from 0. */
  keyColumn: number;
  /** The rows' numbers in ascending order of that column, where it is known already. */
  order?: Uint32Array;
}

/** A row with its proof, already checked against the root. */
export interface StoredProof {
  values: LeafValue[];
  leaf: Hex;
  /** From the leaf's sibling upwards, as `MerkleProof.verify` takes it. */
  proof: Hex[];
  root: Hex;
}

/**
 * @returns the rows' numbers in ascending order of the 32-byte word in `column`, equal ones in the order of the rows
 */
export function orderByColumn(encoding: LeafEncoding, rows: Uint8Array, column: number): Uint32Array {
  // An address' word starts with zeros, which would make the fast part of the sort useless.
  const skip = encoding.types[column] === "address" ? WORD_SIZE - 20 : 0;
  const offset = column * WORD_SIZE + skip;
  return sortedOrder(rows, rows.length / encoding.size, encoding.size, offset, WORD_SIZE - skip);
}

function header({ encoding, tree, keyColumn }: StoreContent): Buffer {
  const types = Buffer.from(encoding.types.join(","), "latin1");
  if (types.length > CHECKSUM_OFFSET - TYPES_OFFSET) throw new RangeError("The leaf has too many types for a store.");
  const bytes = Buffer.alloc(HEADER_SIZE);
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt32BE(VERSION, 8);
  bytes.writeUInt32BE(tree.leafCount, 12);
  bytes.writeUInt32BE(encoding.size, 16);
  bytes.writeUInt32BE(keyColumn, 20);
  bytes.writeUInt32BE(types.length, 24);
  bytes.set(tree.nodes.subarray(0, HASH_SIZE), 32);
  bytes.set(types, TYPES_OFFSET);
  bytes.set(keccak256(bytes.subarray(0, CHECKSUM_OFFSET)), CHECKSUM_OFFSET);
  return bytes;
}

/** The file's bytes, in pieces of a few megabytes. The same content gives the same bytes. */
export function* storeChunks(content: StoreContent): Generator<Uint8Array> {
  const { encoding, rows, tree, keyColumn } = content;
  if (rows.length !== tree.leafCount * encoding.size) throw new RangeError("A store needs one row for each leaf.");
  if (!(keyColumn in encoding.types)) throw new RangeError(`The rows have no column ${String(keyColumn)}.`);
  yield header(content);
  const step = CHUNK_ROWS * HASH_SIZE;
  for (let at = 0; at < tree.nodes.length; at += step) yield tree.nodes.subarray(at, at + step);

  const order = content.order ?? orderByColumn(encoding, rows, keyColumn);
  const stride = encoding.size + PLACE_SIZE;
  for (let from = 0; from < order.length; from += CHUNK_ROWS) {
    const items = order.subarray(from, from + CHUNK_ROWS);
    const chunk = new Uint8Array(items.length * stride);
    copyItems(rows, items, encoding.size, chunk, 0, stride);
    const view = new DataView(chunk.buffer);
    for (let i = 0; i < items.length; i++)
      view.setUint32((i + 1) * stride - PLACE_SIZE, tree.places[items[i] as number] as number);
    yield chunk;
  }
}

/** @returns bytes of a store of `leafCount` rows of `rowSize` bytes */
export function storeSize(leafCount: number, rowSize: number): number {
  return HEADER_SIZE + (2 * leafCount - 1) * HASH_SIZE + leafCount * (rowSize + PLACE_SIZE);
}

/**
 * Writes the store whole or not at all.
 * @throws ExplainedError when the file cannot be written
 */
export async function writeStore(
  path: string,
  content: StoreContent,
  progress?: (done: number, total: number) => void,
): Promise<void> {
  const total = storeSize(content.tree.leafCount, content.encoding.size);
  await writeFileAtomically(path, storeChunks(content), (bytes) => progress?.(bytes, total));
}

/**
 * @returns whether the file at `path` says of itself that it is a store, whole and of this version or not
 * @throws the system's error when it can't be read
 */
export function holdsStore(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(MAGIC.length);
    readSync(file, bytes, 0, MAGIC.length, 0);
    return bytes.toString("latin1") === MAGIC;
  } finally {
    closeSync(file);
  }
}

/** A store that is open for reading. Close it, or declare it with `using`. */
export class MerkleStore {
  readonly path: string;
  readonly leafCount: number;
  readonly root: Hex;
  readonly encoding: LeafEncoding;
  readonly keyColumn: number;
  readonly #file: number;
  readonly #stride: number;
  readonly #rowsOffset: number;

  private constructor(path: string, file: number) {
    this.path = path;
    this.#file = file;
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(HEADER_SIZE);
    const read = readSync(file, bytes, 0, HEADER_SIZE, 0);
    if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) {
      throw new ExplainedError(`${path} is no proof store: give the store that was built from the list or the log.`);
    }
    const version = bytes.readUInt32BE(8);
    if (read === HEADER_SIZE && version !== VERSION) {
      throw new ExplainedError(
        `${path} is a proof store of version ${String(version)}; this program reads version ${String(VERSION)}: build it again.`,
      );
    }
    const checksum = keccak256(bytes.subarray(0, CHECKSUM_OFFSET));
    if (read < HEADER_SIZE || compareBytes(checksum, 0, bytes, CHECKSUM_OFFSET, HASH_SIZE) !== 0) {
      throw this.#damaged("its header does not match its checksum");
    }
    this.leafCount = bytes.readUInt32BE(12);
    this.keyColumn = bytes.readUInt32BE(20);
    this.root = toHex(bytes.subarray(32, TYPES_OFFSET));
    this.encoding = new LeafEncoding(
      bytes.toString("latin1", TYPES_OFFSET, TYPES_OFFSET + bytes.readUInt32BE(24)).split(","),
    );
    this.#stride = this.encoding.size + PLACE_SIZE;
    this.#rowsOffset = HEADER_SIZE + (2 * this.leafCount - 1) * HASH_SIZE;
    const expected = storeSize(this.leafCount, this.encoding.size);
    if (size !== expected || this.leafCount === 0 || this.leafCount > MAX_LEAVES) {
      throw this.#damaged(`it has ${String(size)} bytes where its header asks for ${String(expected)}`);
    }
  }

  /**
   * Opens a store and checks its header and size.
   * @throws ExplainedError when the file is missing, no store, of another version, cut short or damaged
   */
  static open(path: string): MerkleStore {
    let file: number;
    try {
      file = openSync(path, "r");
    } catch (error) {
      throw new ExplainedError(
        `${path} could not be opened (${(error as Error).message}): give the store that was built from the list or the log.`,
        {
          cause: error,
        },
      );
    }
    try {
      return new MerkleStore(path, file);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #damaged(what: string): ExplainedError {
    return new ExplainedError(`${this.path} is damaged: ${what}. Build it again from its list or log.`);
  }

  #read(position: number, size: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    for (let done = 0; done < size;) {
      const read = readSync(this.#file, bytes, done, size - done, position + done);
      if (read === 0) throw this.#damaged(`it ends at byte ${String(position + done)}`);
      done += read;
    }
    return bytes;
  }

  /** @returns `count` nodes of the tree, 32 bytes each, from number `first`; the root is number 0 */
  readNodes(first: number, count: number): Uint8Array {
    return this.#read(HEADER_SIZE + first * HASH_SIZE, count * HASH_SIZE);
  }

  /** @returns row number `rank` in the order of the key column with the number of its leaf's node, not yet checked */
  readRow(rank: number): { row: Uint8Array; place: number } {
    const bytes = this.#read(this.#rowsOffset + rank * this.#stride, this.#stride);
    return { row: bytes.subarray(0, this.encoding.size), place: bytes.readUInt32BE(this.encoding.size) };
  }

  /** Every row in the order of the key column, not yet checked. */
  *rows(): Generator<{ row: Uint8Array; place: number }> {
    for (let from = 0; from < this.leafCount; from += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, this.leafCount - from);
      const bytes = this.#read(this.#rowsOffset + from * this.#stride, count * this.#stride);
      for (let at = 0; at < bytes.length; at += this.#stride) {
        const place = bytes.readUInt32BE(at + this.encoding.size);
        yield { row: bytes.subarray(at, at + this.encoding.size), place };
      }
    }
  }

  /** Row number `rank`, checked against its leaf. */
  #checkedRow(rank: number): { row: Uint8Array; place: number; leaf: Uint8Array } {
    const { row, place } = this.readRow(rank);
    const leaf = leafHash(row);
    const isLeaf = place >= this.leafCount - 1 && place < 2 * this.leafCount - 1;
    if (!isLeaf || Buffer.compare(this.readNodes(place, 1), leaf) !== 0) {
      throw this.#damaged(`row ${String(rank)} does not hash to its leaf`);
    }
    return { row, place, leaf };
  }

  /**
   * Looks a row up by its key column and proves it. Every row that the search touches is checked against its leaf, and the proof against
   * the root, before anything is returned. Costs about 2·log2(n) short reads to find the row and log2(n) for the proof.
   *
   * @param key a value of the key column's type
   * @returns the first row with that key, or undefined when there is none
   * @throws ExplainedError when what was read is damaged; RangeError when `key` is no value of that type
   */
  find(key: LeafValue): StoredProof | undefined {
    const type = this.encoding.types[this.keyColumn] as string;
    const word = new LeafEncoding([type]).encode([key]);
    const offset = this.keyColumn * WORD_SIZE;
    let low = 0;
    let high = this.leafCount;
    let found: (ReturnType<MerkleStore["readRow"]> & { leaf: Uint8Array }) | undefined;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const candidate = this.#checkedRow(middle);
      const comparison = compareBytes(candidate.row, offset, word, 0, WORD_SIZE);
      if (comparison === 0) found = candidate;
      if (comparison < 0) low = middle + 1;
      else high = middle;
    }
    return found === undefined ? undefined : this.#prove(found);
  }

  /**
   * @param rank number of the row in the order of the key column
   * @returns the row and its proof, checked against the root
   * @throws ExplainedError when what was read is damaged; RangeError when there is no such row
   */
  at(rank: number): StoredProof {
    if (!Number.isInteger(rank) || rank < 0 || rank >= this.leafCount) {
      throw new RangeError(`Row ${String(rank)} is not in a store of ${String(this.leafCount)}.`);
    }
    return this.#prove(this.#checkedRow(rank));
  }

  #prove({ row, place, leaf }: { row: Uint8Array; place: number; leaf: Uint8Array }): StoredProof {
    const proof = proofPlaces(place).map((node) => this.readNodes(node, 1));
    if (!verifyProof(Buffer.from(this.root.slice(2), "hex"), leaf, proof)) {
      throw this.#damaged(`the hashes above leaf ${toHex(leaf)} do not lead to the root`);
    }
    return { values: this.encoding.decode(row), leaf: toHex(leaf), proof: proof.map(toHex), root: this.root };
  }
}
