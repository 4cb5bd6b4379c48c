/**
 * Amounts as bytes of text, summed without a `bigint` for each row: numbers in limbs of 24 bits, the least first.
 */

const LIMB_BITS = 24;
const LIMB = 2 ** LIMB_BITS;
/** Limbs of a uint256, the last of which has 16 bits. */
const LIMBS = 11;
const TOP_LIMB = 2 ** (256 - LIMB_BITS * (LIMBS - 1));
/** Digits of the largest uint256. */
export const MAX_DIGITS = 78;
/** 10^7 × 2^24 is well below 2^53. */
const DIGITS_AT_ONCE = 7;

/** An unsigned number of at most 256 bits that rows are read into and added to. */
export class Amount {
  readonly #limbs = new Float64Array(LIMBS);

  /**
   * Reads the decimal digits of `text` from `start` to `end`.
   * @returns false when the number is above 2^256 − 1
   */
  read(text: Uint8Array, start: number, end: number): boolean {
    if (end - start > MAX_DIGITS) return false;
    const limbs = this.#limbs.fill(0);
    let used = 1;
    for (let at = start; at < end;) {
      let value = 0;
      let scale = 1;
      for (const stop = Math.min(at + DIGITS_AT_ONCE, end); at < stop; at++) {
        value = value * 10 + (text[at] as number) - 0x30;
        scale *= 10;
      }
      for (let i = 0; i < used; i++) {
        const sum = (limbs[i] as number) * scale + value;
        value = Math.floor(sum / LIMB);
        limbs[i] = sum - value * LIMB;
      }
      if (value > 0) {
        if (used === LIMBS) return false;
        limbs[used++] = value;
      }
    }
    return (limbs[LIMBS - 1] as number) < TOP_LIMB;
  }

  /**
   * Adds `other`.
   * @returns false when the sum is above 2^256 − 1
   */
  add(other: Amount): boolean {
    const limbs = this.#limbs;
    let carry = 0;
    for (let i = 0; i < LIMBS; i++) {
      const sum = (limbs[i] as number) + (other.#limbs[i] as number) + carry;
      carry = sum >= LIMB ? 1 : 0;
      limbs[i] = carry === 1 ? sum - LIMB : sum;
    }
    return carry === 0 && (limbs[LIMBS - 1] as number) < TOP_LIMB;
  }

  /** Whether this is above `other`. */
  exceeds(other: Amount): boolean {
    for (let i = LIMBS - 1; i >= 0; i--) {
      const difference = (this.#limbs[i] as number) - (other.#limbs[i] as number);
      if (difference !== 0) return difference > 0;
    }
    return false;
  }

  /** Writes the number as a 32-byte big-endian word. */
  writeWord(target: Uint8Array, offset: number): void {
    for (let i = 0; i < LIMBS; i++) {
      const limb = this.#limbs[i] as number;
      const end = offset + 32 - 3 * i;
      target[end - 1] = limb;
      target[end - 2] = limb >>> 8;
      if (i < LIMBS - 1) target[end - 3] = limb >>> 16;
    }
  }

  /** Takes the number back from a word that `writeWord` wrote. */
  readWord(source: Uint8Array, offset: number): void {
    for (let i = 0; i < LIMBS; i++) {
      const end = offset + 32 - 3 * i;
      const low = ((source[end - 2] as number) << 8) | (source[end - 1] as number);
      this.#limbs[i] = i < LIMBS - 1 ? ((source[end - 3] as number) << 16) | low : low;
    }
  }

  toBigInt(): bigint {
    return this.#limbs.reduceRight((value, limb) => (value << BigInt(LIMB_BITS)) | BigInt(limb), 0n);
  }

  /** @param value from 0 to 2^256 − 1 */
  static from(value: bigint): Amount {
    const amount = new Amount();
    const text = Buffer.from(value.toString(), "latin1");
    if (value < 0n || !amount.read(text, 0, text.length)) throw new RangeError(`${value.toString()} is no uint256.`);
    return amount;
  }
}
