/**
 * Addresses as bytes of text: hex digits to 20 bytes, and the mixed case that EIP-55 gives them.
 */

import { keccak256 } from "../merkle/keccak.js";

/** Hex digits of an address. */
export const ADDRESS_DIGITS = 40;

const NONE = 0xff;
const VALUE_OF = new Uint8Array(256).fill(NONE);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  VALUE_OF[digit.charCodeAt(0)] = value;
  VALUE_OF[digit.toUpperCase().charCodeAt(0)] = value;
}

const CASE_BIT = 0x20;
const LETTER_A = 0x41;
const digits = new Uint8Array(ADDRESS_DIGITS);

/**
 * Writes the EIP-55 spelling of 40 hex digits in any case to `target`.
 * EIP-55: a letter is a capital where the digit of the keccak256 of the lower-case text at its place is 8 or more.
 */
function writeChecksummed(text: Uint8Array, offset: number, target: Uint8Array, at: number): void {
  for (let i = 0; i < ADDRESS_DIGITS; i++) digits[i] = (text[offset + i] as number) | CASE_BIT;
  const hash = keccak256(digits);
  for (let i = 0; i < ADDRESS_DIGITS; i++) {
    const digit = digits[i] as number;
    const nibble = ((hash[i >> 1] as number) >> (i % 2 === 0 ? 4 : 0)) & 0xf;
    target[at + i] = digit > LETTER_A && nibble >= 8 ? digit & ~CASE_BIT : digit;
  }
}

const spelling = new Uint8Array(ADDRESS_DIGITS);

/** How the letters of an address are written. */
export type AddressCase = "malformed" | "plain" | "checksummed" | "wrong checksum";

/**
 * Reads "0x" and 40 digits from `text` at `offset`, and writes the address' 20 bytes to `target`.
 * @returns "plain" when all letters have one case, so that there is no checksum to check
 */
export function readAddress(text: Uint8Array, offset: number, target: Uint8Array, at: number): AddressCase {
  if (text[offset] !== 0x30 || text[offset + 1] !== 0x78) return "malformed";
  const start = offset + 2;
  let cases = 0;
  for (let i = 0; i < ADDRESS_DIGITS; i += 2) {
    const high = text[start + i] as number;
    const low = text[start + i + 1] as number;
    const highValue = VALUE_OF[high] as number;
    const lowValue = VALUE_OF[low] as number;
    if (highValue === NONE || lowValue === NONE) return "malformed";
    if (high > LETTER_A - 1) cases |= 1 << ((high & CASE_BIT) >> 5);
    if (low > LETTER_A - 1) cases |= 1 << ((low & CASE_BIT) >> 5);
    target[at + i / 2] = (highValue << 4) | lowValue;
  }
  if (cases !== 3) return "plain";
  writeChecksummed(text, start, spelling, 0);
  for (let i = 0; i < ADDRESS_DIGITS; i++) if (spelling[i] !== text[start + i]) return "wrong checksum";
  return "checksummed";
}

/** @returns "0x" and the EIP-55 spelling of the 20 bytes from `offset` */
export function checksumAddress(bytes: Uint8Array, offset = 0): `0x${string}` {
  const text = Buffer.from(Buffer.from(bytes.subarray(offset, offset + 20)).toString("hex"), "latin1");
  writeChecksummed(text, 0, text, 0);
  return `0x${text.toString("latin1")}`;
}
