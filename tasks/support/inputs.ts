import { parseUnits } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";

/**
 * @param option the option's name, for the message
 * @returns a whole number that was given on the command line
 * @throws ExplainedError if it is missing or anything else
 */
export function wholeNumber(option: string, value: string, advice: string): bigint {
  if (!/^\d{1,30}$/.test(value)) {
    throw new ExplainedError(
      value === "" ? `--${option} is missing: ${advice}.` : `--${option} is "${value}": ${advice}.`,
    );
  }
  return BigInt(value);
}

/**
 * @returns an amount of tokens with 18 decimals, in the smallest unit; nothing is rounded
 * @throws ExplainedError if it is missing, no decimal number, or finer than the token
 */
export function tokenAmount(option: string, value: string, symbol: string): bigint {
  if (!/^\d+(?:\.\d{1,18})?$/.test(value)) {
    const advice = `write how many ${symbol}, such as 12.5, with at most 18 decimals`;
    throw new ExplainedError(
      value === "" ? `--${option} is missing: ${advice}.` : `--${option} is "${value}": ${advice}.`,
    );
  }
  return parseUnits(value, 18);
}

/** @returns Unix seconds as "2027-01-31 12:00:00 UTC". */
export function formatMoment(seconds: bigint): string {
  return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
