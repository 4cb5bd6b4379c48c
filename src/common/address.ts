/**
 * Addresses as bytes of text: hex digits to 20 bytes, and the mixed case that EIP-55 gives them.
 */

import { ExplainedError } from "../deployment/explained-error.js";
import { HASH_SIZE, keccak256 } from "../merkle/keccak.js";
import { KeccakBatch } from "../merkle/keccak-batch.js";

/** Hex digits of an address. */
export const ADDRESS_DIGITS = 40;

const NONE = 0xff;
const VALUE_OF = new Uint8Array(256).fill(NONE);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  VALUE_OF[digit.charCodeAt(0)] = value;
  VALUE_OF[digit.toUpperCase().charCodeAt(0)] = value;
}

/** 1 for a capital letter, 2 for a small one. */
const CASE_OF = new Uint8Array(256);
for (const letter of "abcdef") {
  CASE_OF[letter.charCodeAt(0)] = 2;
  CASE_OF[letter.toUpperCase().charCodeAt(0)] = 1;
}

const CASE_BIT = 0x20;
/** Set in letters and not in the digits from 0 to 9. */
const LETTER_BIT = 0x40;

/**
 * EIP-55's spelling of lower-case digits: a letter is a capital where the digit of their keccak256 at its place is 8 or more.
 * Without branches, since nothing could foretell which way they go.
 * @param i number of the digit
 * @param hash holds the keccak256 of the 40 digits from `hashAt`
 */
function spell(digit: number, i: number, hash: Uint8Array, hashAt: number): number {
  const pair = hash[hashAt + (i >> 1)] as number;
  const isCapital = i % 2 === 0 ? pair >> 2 : pair << 2; // in the place of CASE_BIT
  return digit ^ (((digit & LETTER_BIT) >> 1) & isCapital);
}

/** EIP-55 spellings of many addresses at once: add, hash, then ask. */
export class ChecksumBatch {
  readonly #batch = new KeccakBatch(ADDRESS_DIGITS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Adds the address whose 40 hex digits, in any case, begin at `offset`; at most `BATCH_SIZE` of them. */
  add(text: Uint8Array, offset: number): void {
    const { input } = this.#batch;
    const at = this.#count++ * ADDRESS_DIGITS;
    for (let i = 0; i < ADDRESS_DIGITS; i++) input[at + i] = (text[offset + i] as number) | CASE_BIT;
  }

  /** To be called before `isSpelled` and `write`. */
  hash(): void {
    this.#batch.hash(this.#count);
  }

  /** @returns whether the 40 digits of `text` from `offset` are the spelling of address number `item`, whose digits they are */
  isSpelled(item: number, text: Uint8Array, offset: number): boolean {
    const { input, output } = this.#batch;
    const [at, hashAt] = [item * ADDRESS_DIGITS, item * HASH_SIZE];
    for (let i = 0; i < ADDRESS_DIGITS; i++)
      if (spell(input[at + i] as number, i, output, hashAt) !== text[offset + i]) return false;
    return true;
  }

  /** Writes the spelling's 40 digits of address number `item` to `target` from `offset`. */
  write(item: number, target: Uint8Array, offset: number): void {
    const { input, output } = this.#batch;
    const [at, hashAt] = [item * ADDRESS_DIGITS, item * HASH_SIZE];
    for (let i = 0; i < ADDRESS_DIGITS; i++) target[offset + i] = spell(input[at + i] as number, i, output, hashAt);
  }
}

/** How the letters of an address are written: in one case, which says nothing, or in both, which is right or wrong by EIP-55. */
export type AddressCase = "malformed" | "plain" | "mixed";

/**
 * Reads "0x" and 40 digits from `text` at `offset`, and writes the address' 20 bytes to `target`.
 * @returns "mixed" when there is a checksum to check
 */
export function readAddress(text: Uint8Array, offset: number, target: Uint8Array, at: number): AddressCase {
  if (text[offset] !== 0x30 || text[offset + 1] !== 0x78) return "malformed";
  const start = offset + 2;
  let cases = 0;
  let seen = 0;
  for (let i = 0; i < ADDRESS_DIGITS; i += 2) {
    const high = text[start + i] as number;
    const low = text[start + i + 1] as number;
    const highValue = VALUE_OF[high] as number;
    const lowValue = VALUE_OF[low] as number;
    seen |= highValue | lowValue;
    cases |= (CASE_OF[high] as number) | (CASE_OF[low] as number);
    target[at + (i >> 1)] = (highValue << 4) | lowValue;
  }
  if (seen > 0xf) return "malformed";
  return cases === 3 ? "mixed" : "plain";
}

/** @returns "0x" and the EIP-55 spelling of the 20 bytes from `offset` */
export function checksumAddress(bytes: Uint8Array, offset = 0): `0x${string}` {
  const digits = Buffer.from(Buffer.from(bytes.subarray(offset, offset + 20)).toString("hex"), "latin1");
  const hash = keccak256(digits);
  return `0x${Buffer.from(digits.map((digit, i) => spell(digit, i, hash, 0))).toString("latin1")}`;
}

/**
 * @param text what somebody typed: "0x" and 40 digits in one case, or with the EIP-55 checksum
 * @returns the address with its EIP-55 checksum
 * @throws ExplainedError when it is malformed or has a wrong checksum
 */
export function parseAddress(text: string): `0x${string}` {
  const bytes = new Uint8Array(20);
  const isHex = /^0x[0-9a-f]{40}$/i.test(text);
  const spelling = isHex ? readAddress(Buffer.from(text, "latin1"), 0, bytes, 0) : "malformed";
  if (spelling === "malformed") throw new ExplainedError(`"${text}" is no address: write 0x and 40 hex digits.`);
  const address = checksumAddress(bytes);
  if (spelling === "mixed" && text !== address) {
    throw new ExplainedError(
      `"${text}" has a wrong checksum (EIP-55 writes it ${address}): a digit may be mistyped, so compare it with where it came from.`,
    );
  }
  return address;
}
