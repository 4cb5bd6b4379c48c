import { getAddress, id, isAddress, MaxUint256 } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address, Hash } from "../../src/deployment/folder.js";

export { formatMoment } from "../../src/format.js";

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
 * @param decimals of the token
 * @returns an amount of tokens in the smallest unit, at most 2^256 − 1; nothing is rounded
 * @throws ExplainedError if it is missing, no decimal number, finer than the token, or larger than a token can count
 */
export function tokenAmount(option: string, value: string, symbol: string, decimals = 18): bigint {
  const [example, finest] =
    decimals === 0 ? ["12", "without decimals"] : ["12.5", `with at most ${String(decimals)} decimals`];
  const advice = `write how many ${symbol}, such as ${example}, ${finest}`;
  const [, whole, fraction = ""] = /^(\d+)(?:\.(\d+))?$/.exec(required(option, value, advice)) ?? [];
  if (whole === undefined || fraction.length > decimals) {
    throw new ExplainedError(`--${option} is "${value}": ${advice}.`);
  }
  // Not ethers' parseUnits: beyond 512 bits it fails with a message of its own.
  return inWord(
    option,
    BigInt(whole + fraction.padEnd(decimals, "0")),
    ` base units of ${symbol}`,
    "write a smaller amount",
  );
}

/**
 * @returns percent, such as 2.5, in basis points
 * @throws ExplainedError if it is missing, no number with at most two decimals, or above 100
 */
export function basisPoints(option: string, value: string): bigint {
  const advice = "write a number of percent from 0 to 100, such as 2.5, with at most two decimals";
  const [, whole, fraction = ""] = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(required(option, value, advice)) ?? [];
  const bps = whole === undefined ? undefined : BigInt(whole + fraction.padEnd(2, "0"));
  if (bps === undefined || bps > 10_000n) throw new ExplainedError(`--${option} is "${value}": ${advice}.`);
  return bps;
}

const SECONDS: Readonly<Record<string, bigint>> = { d: 86_400n, h: 3_600n, m: 60n, s: 1n };

/**
 * @returns seconds
 * @throws ExplainedError if it is missing or anything but a whole number and a unit
 */
export function duration(option: string, value: string): bigint {
  const advice = "write a whole number and d, h, m or s, such as 3d or 12h";
  const [, count, unit = ""] = /^(\d{1,9})([dhms])$/.exec(required(option, value, advice)) ?? [];
  const seconds = SECONDS[unit];
  if (count === undefined || seconds === undefined) throw new ExplainedError(`--${option} is "${value}": ${advice}.`);
  return BigInt(count) * seconds;
}

/** @returns a hash as it was given, or the Keccak-256 hash of a text */
export function textHash(option: string, value: string, advice: string): Hash {
  required(option, value, advice);
  return (/^0x[0-9a-fA-F]{64}$/.test(value) ? value.toLowerCase() : id(value)) as Hash;
}

/** @returns seconds as the two largest units that tell something, such as "3 days 2 hours" */
export function formatDuration(seconds: bigint): string {
  const units: readonly (readonly [string, bigint])[] = [
    ["day", 86_400n],
    ["hour", 3_600n],
    ["minute", 60n],
    ["second", 1n],
  ];
  let rest = seconds;
  const parts = units.flatMap(([name, length]) => {
    const count = rest / length;
    rest %= length;
    return count === 0n ? [] : [`${String(count)} ${name}${count === 1n ? "" : "s"}`];
  });
  return parts.length === 0 ? "no time" : parts.slice(0, 2).join(" ");
}

/**
 * @returns the address with its checksum
 * @throws ExplainedError if it is missing, malformed, or its checksum wrong
 */
export function givenAddress(option: string, value: string, advice: string): Address {
  if (isAddress(required(option, value, advice))) return getAddress(value) as Address;
  throw new ExplainedError(`--${option} is "${value}": write an address with its checksum or in lower case.`);
}

/**
 * @returns a time in seconds, as a date in UTC with or without the time of day, or in Unix seconds
 * @throws ExplainedError if it is missing, no such date, or anything else
 */
export function givenMoment(option: string, value: string): bigint {
  const advice = "write a date in UTC such as 2027-01-31 or 2027-01-31T12:00:00Z, or Unix seconds";
  const refused = new ExplainedError(`--${option} is "${value}": ${advice}.`);
  if (/^\d{1,12}$/.test(required(option, value, advice))) return BigInt(value);
  const [, date, time = "00:00:00"] = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(?:Z| UTC))?$/.exec(value) ?? [];
  if (date === undefined) throw refused;
  const milliseconds = Date.parse(`${date}T${time}Z`);
  // Date.parse carries 31 April over to 1 May: only a date that comes back as it was written exists.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== `${date}T${time}.000Z`) throw refused;
  return BigInt(milliseconds / 1_000);
}
