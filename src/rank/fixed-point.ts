/**
 * Signed 64.64 fixed point, bit for bit as ABDKMath64x64 computes it: a number is its value times 2^64, kept in 128 signed bits.
 * XEN's reward is defined by the roundings of these five operations.
 */

const ONE = 1n << 64n;
const MAX = (1n << 127n) - 1n;
const MIN = -(1n << 127n);
const MAX_INTEGER = (1n << 63n) - 1n;

/** An argument or a result that does not fit 64.64 fixed point: where this is thrown, the contract reverts without a reason. */
export class FixedPointError extends Error {
  override readonly name = "FixedPointError";
}

function checked(value: bigint, operation: string): bigint {
  if (value < MIN || value > MAX) throw new FixedPointError(`${operation} overflows 64.64 fixed point.`);
  return value;
}

/** The integer `value`, 0 to 2^63 − 1, as fixed point. Exact. */
export function fromUInt(value: bigint): bigint {
  if (value < 0n || value > MAX_INTEGER) throw new FixedPointError(`${value} is not between 0 and 2^63 − 1.`);
  return value * ONE;
}

/** The integer part of `value`, which must not be negative. Rounds down. */
export function toUInt(value: bigint): bigint {
  if (value < 0n) throw new FixedPointError("A negative number has no unsigned integer part.");
  return value >> 64n;
}

/** `left` × `right`, rounded down. */
export function mul(left: bigint, right: bigint): bigint {
  return checked((left * right) >> 64n, "The product");
}

/** `left` / `right`, rounded towards zero. */
export function div(left: bigint, right: bigint): bigint {
  if (right === 0n) throw new FixedPointError("Division by zero.");
  return checked((left << 64n) / right, "The quotient");
}

/**
 * The binary logarithm of `value`, which must be above zero. The integer part is the position of the highest bit; each of the 64 bits behind the
 * point comes from squaring the rest, whose own 128 bits are truncated every time: the result is at most a few units in the last place too low.
 */
export function log2(value: bigint): bigint {
  if (value <= 0n) throw new FixedPointError("Only a number above zero has a logarithm.");
  const highestBit = BigInt(value.toString(2).length - 1);
  let result = (highestBit - 64n) * ONE;
  let rest = value << (127n - highestBit);
  for (let bit = ONE >> 1n; bit > 0n; bit >>= 1n) {
    rest *= rest;
    if (rest >> 255n === 1n) {
      result += bit;
      rest >>= 128n;
    } else {
      rest >>= 127n;
    }
  }
  return result;
}
