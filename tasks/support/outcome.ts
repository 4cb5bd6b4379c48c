import { formatAmount, formatCount } from "../../src/format.js";
import { explain } from "../../src/deployment/explain.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { draft } from "./draft.js";
import { type Call, send, type Sent } from "./send.js";
import type { Session } from "./session.js";

/** A token as people count it. */
export interface Token {
  readonly symbol: string;
  readonly decimals: number;
  readonly balanceOf: (account: Address) => Promise<bigint>;
}

/** What a command did: what was to be expected, what was sent, what is there now. */
export interface Outcome {
  readonly network: string;
  /** Whose balance the command is about. */
  readonly account: Address;
  /** In words, with figures from the contract's previews. */
  readonly expected: readonly string[];
  /** Transactions that gave allowances, where the token takes no signatures in their place. */
  readonly allowances: readonly Sent[];
  readonly transaction: Sent;
  /** Symbol of the balance's token. */
  readonly token: string;
  readonly decimals: number;
  /** Base units that the account holds afterwards; undefined where the network did not say. */
  readonly balance: bigint | undefined;
}

/** Tokens that commands are about: those with 18 decimals by their names. */
type Held = "XRANK" | "XME" | Token;

function tokenOf({ deployment }: Session, held: Held): Token {
  if (typeof held !== "string") return held;
  const contract = held === "XRANK" ? deployment.rank.xrank : deployment.xme.xme;
  return { symbol: held, decimals: 18, balanceOf: (account) => contract.balanceOf(account) };
}

/** @returns such as "1,234.500000 XME": as many decimals as tell something */
export function tokens(amount: bigint, symbol: string, decimals = 18): string {
  return `${formatAmount(amount, decimals, amount % 10n ** BigInt(decimals) === 0n ? 0 : 6)} ${symbol}`;
}

/**
 * Tries the call, announces what to expect, sends it, and looks at the balance that it was about; or writes it down, where nothing is to be sent.
 * @param expect finds what to announce, given what the call would return; asked once the contract allows the call, so its figures
 * may rely on that
 */
export async function carryOut<R>(
  session: Session,
  call: Call<R>,
  {
    token: held,
    account = session.account,
    allowances = [],
  }: { token: Held; account?: Address; allowances?: readonly Sent[] },
  expect: (probed: R) => readonly string[] | Promise<readonly string[]>,
): Promise<Outcome> {
  const { connection, announce, isDrafting = false } = session;
  if (isDrafting) return draft(session, [], call, expect);
  let expected: readonly string[] = [];
  const announcing = async (probed: R): Promise<void> => {
    expected = [...(await expect(probed)), ...(call.notes ?? [])];
    announce(expected);
  };
  const { symbol, decimals, balanceOf } = tokenOf(session, held);
  const transaction = await afterwards(session, allowances, () => send(call, announcing, session.patience));
  // It is done: a failure from here on would pass for one of the transaction.
  const balance = await balanceOf(account).catch(() => undefined);
  return {
    network: connection.networkName,
    account,
    expected,
    allowances,
    transaction,
    token: symbol,
    decimals,
    balance,
  };
}

/** Goes on after allowances that were given: whatever fails then is told with their hashes. */
export async function afterwards<T>(
  { connection: { networkName: network } }: Session,
  allowances: readonly Sent[],
  body: () => Promise<T>,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (allowances.length === 0) throw error;
    const failure = explain(error, { network });
    const before = allowances.map(
      ({ hash }) => `Transaction ${hash}, which was for the allowance, was sent and mined before that.`,
    );
    throw new ExplainedError([failure instanceof Error ? failure.message : String(failure), ...before].join(" "), {
      cause: error,
    });
  }
}

/** What a person reads after a transaction. What was expected was read before it. */
export function describeOutcome({
  account,
  allowances,
  transaction,
  token,
  decimals,
  balance,
  network,
}: Outcome): string {
  const line = ({ hash, block, gasUsed }: Sent): string =>
    `Transaction ${hash} in block ${formatCount(block)} on network "${network}", ${formatCount(gasUsed)} gas.`;
  return [
    ...allowances.flatMap(({ events }) => events),
    ...transaction.events,
    "",
    ...allowances.map(line),
    line(transaction),
    balance === undefined
      ? `What ${account} holds now the network did not say.`
      : `${account} now holds ${tokens(balance, token, decimals)}.`,
  ].join("\n");
}
