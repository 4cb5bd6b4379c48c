import { getAddress, isAddress, MaxUint256 } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";

/** @throws ExplainedError when an option that a command can't do without was not given */
export function required(option: string, value: string, advice = "see the same command with --help"): string {
  if (value === "") throw new ExplainedError(`--${option} is missing: ${advice}.`);
  return value;
}

function inWord(option: string, value: bigint, unit: string, advice: string): bigint {
  if (value <= MaxUint256) return value;
  throw new ExplainedError(`--${option} is above 2^256 − 1${unit}, the largest number of the chain: ${advice}.`);
}

/**
 * @param option the option's name, for the message
 * @returns a whole number that was given on the command line, at most 2^256 − 1
 * @throws ExplainedError if it is missing or anything else
 */
export function wholeNumber(option: string, value: string, advice = "write a whole number in digits alone"): bigint {
  if (!/^\d+$/.test(required(option, value, advice))) {
    throw new ExplainedError(`--${option} is "${value}": ${advice}.`);
  }
  return inWord(option, BigInt(value), "", advice);
}

/**
 * @returns an amount of tokens with 18 decimals, in the smallest unit, at most 2^256 − 1; nothing is rounded
 * @throws ExplainedError if it is missing, no decimal number, finer than the token, or larger than a token can count
 */
export function tokenAmount(option: string, value: string, symbol: string): bigint {
  const advice = `write how many ${symbol}, such as 12.5, with at most 18 decimals`;
  const [, whole, fraction = ""] = /^(\d+)(?:\.(\d{1,18}))?$/.exec(required(option, value, advice)) ?? [];
  if (whole === undefined) throw new ExplainedError(`--${option} is "${value}": ${advice}.`);
  // Not ethers' parseUnits: beyond 512 bits it fails with a message of its own.
  return inWord(option, BigInt(whole + fraction.padEnd(18, "0")), ` base units of ${symbol}`, "write a smaller amount");
}

/**
 * @returns the address with its checksum
 * @throws ExplainedError if it is missing, malformed, or its checksum wrong
 */
export function givenAddress(option: string, value: string, advice: string): Address {
  if (isAddress(required(option, value, advice))) return getAddress(value) as Address;
  throw new ExplainedError(`--${option} is "${value}": write an address with its checksum or in lower case.`);
}

/** @returns Unix seconds as "2027-01-31 12:00:00 UTC". */
export function formatMoment(seconds: bigint): string {
  return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
