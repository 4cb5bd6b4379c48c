import { formatAmount, formatCount } from "../../src/format.js";
import type { Address } from "../../src/deployment/folder.js";
import type { Sent } from "./send.js";

/** What a command of X.me did: what was to be expected, what was sent, what is there now. */
export interface XmeOutcome {
  readonly network: string;
  readonly account: Address;
  /** In words, with figures from the contract's previews. */
  readonly expected: readonly string[];
  readonly transaction: Sent;
  /** Wei of XME that the account holds afterwards. */
  readonly xme: bigint;
}

/** @returns such as "1,234.500000 XME" */
export function tokens(amount: bigint, symbol: string): string {
  return `${formatAmount(amount, 18, amount % 10n ** 18n === 0n ? 0 : 6)} ${symbol}`;
}

/** What a person reads after a transaction. */
export function describeXmeOutcome({ account, expected, transaction, xme, network }: XmeOutcome): string {
  const { hash, block, gasUsed, events } = transaction;
  return [
    ...expected,
    "",
    ...events,
    "",
    `Transaction ${hash} in block ${formatCount(block)} on network "${network}", ${formatCount(gasUsed)} gas.`,
    `${account} now holds ${tokens(xme, "XME")}.`,
  ].join("\n");
}
