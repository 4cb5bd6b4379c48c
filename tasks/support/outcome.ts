import { formatAmount, formatCount } from "../../src/format.js";
import type { Address } from "../../src/deployment/folder.js";
import { type Call, send, type Sent } from "./send.js";
import type { Session } from "./session.js";

/** What a command did: what was to be expected, what was sent, what is there now. */
export interface Outcome {
  readonly network: string;
  /** Whose balance the command is about. */
  readonly account: Address;
  /** In words, with figures from the contract's previews. */
  readonly expected: readonly string[];
  readonly transaction: Sent;
  /** Symbol of the balance's token. */
  readonly token: "XRANK" | "XME";
  /** Base units that the account holds afterwards. */
  readonly balance: bigint;
}

/** @returns such as "1,234.500000 XME": as many decimals as tell something */
export function tokens(amount: bigint, symbol: string): string {
  return `${formatAmount(amount, 18, amount % 10n ** 18n === 0n ? 0 : 6)} ${symbol}`;
}

/**
 * Tries the call, announces what to expect, sends it, and looks at the balance that it was about.
 * @param expect finds what to announce; asked once the contract allows the call, so its figures may rely on that
 */
export async function carryOut(
  session: Session,
  call: Call,
  { token, account = session.account }: { token: Outcome["token"]; account?: Address },
  expect: () => readonly string[] | Promise<readonly string[]>,
): Promise<Outcome> {
  const { connection, deployment, announce } = session;
  let expected: readonly string[] = [];
  const transaction = await send(call, async () => {
    expected = await expect();
    announce(expected);
  });
  const contract = token === "XRANK" ? deployment.rank.xrank : deployment.xme.xme;
  const balance = await contract.balanceOf(account);
  return { network: connection.networkName, account, expected, transaction, token, balance };
}

/** What a person reads after a transaction. What was expected was read before it. */
export function describeOutcome({ account, transaction, token, balance, network }: Outcome): string {
  const { hash, block, gasUsed, events } = transaction;
  return [
    ...events,
    "",
    `Transaction ${hash} in block ${formatCount(block)} on network "${network}", ${formatCount(gasUsed)} gas.`,
    `${account} now holds ${tokens(balance, token)}.`,
  ].join("\n");
}
