import { ExplainedError } from "../../src/deployment/explained-error.js";

/** @throws ExplainedError when an option that a command can't do without was not given */
export function required(name: string, value: string): string {
  if (value === "") throw new ExplainedError(`--${name} is missing: see the same command with --help.`);
  return value;
}

/**
 * @returns the whole number that the option gives, undefined when it was not given
 * @throws ExplainedError when it is none, or above 2^256 − 1
 */
export function wholeNumber(name: string, value: string): bigint | undefined {
  if (value === "") return undefined;
  if (!/^\d{1,78}$/.test(value) || BigInt(value) >= 2n ** 256n) {
    throw new ExplainedError(`--${name} is "${value}": give a whole number in digits alone, below 2^256.`);
  }
  return BigInt(value);
}
