/** Hex texts as ethers and `StandardMerkleTree` write them: "0x", then lower-case digits. */
export type Hex = `0x${string}`;

/** @returns the bytes as "0x" and two lower-case digits for each */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/**
 * @param hex "0x" and an even number of digits
 * @throws RangeError when it is not hex
 */
export function fromHex(hex: string): Uint8Array {
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(hex))
    throw new RangeError(`"${hex}" is not hex: write 0x and two digits for each byte.`);
  return new Uint8Array(Buffer.from(hex.slice(2), "hex"));
}

/** @returns the unsigned big-endian number that the bytes spell */
export function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

/**
 * Compares `length` bytes of `a` from `aOffset` with as many of `b` from `bOffset`, as unsigned big-endian numbers.
 * @returns below zero, zero or above zero, as a comparator does
 */
export function compareBytes(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, length: number): number {
  for (let i = 0; i < length; i++) {
    const difference = (a[aOffset + i] as number) - (b[bOffset + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
