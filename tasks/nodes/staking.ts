import type { BaseContract, ContractTransactionResponse } from "ethers";

import type { XmeContracts } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { readToken, type SpendableToken } from "../support/allowance.js";
import { formatMoment, tokenAmount, wholeNumber } from "../support/inputs.js";
import { attempt, type Call, callOf } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { inTurns } from "../support/turns.js";
import { NODE_WORDS, xmex } from "./words.js";

/** Node staking, connected to who signs where there is one, and its two tokens. */
export interface Staking {
  readonly nodes: XmeContracts["nodes"];
  readonly xme: SpendableToken;
  readonly xmex: SpendableToken;
}

export async function stakingOf(session: Session): Promise<Staking> {
  const { signer, deployment } = session;
  const { nodes, xme, xmex } = deployment.xme;
  const [bonded, delegated] = await Promise.all(
    [xme, xmex].map(async (token) => readToken(session, await token.getAddress())),
  );
  if (!bonded || !delegated) throw new Error("X.me has two tokens");
  return { nodes: signer ? nodes.connect(signer) : nodes, xme: bonded, xmex: delegated };
}

/** The same for a flow that sends. @throws ExplainedError if nobody here can sign for the account. */
export async function signedStaking(session: Session): Promise<Staking> {
  signerOf(session);
  return stakingOf(session);
}

type Method<A extends unknown[], R> = {
  (...args: A): Promise<ContractTransactionResponse>;
  staticCall(...args: A): Promise<R>;
};

/** @returns a call of node staking */
export function stakingCall<A extends unknown[], R>(
  { nodes }: { readonly nodes: BaseContract },
  method: Method<A, R>,
  ...args: A
): Call<R> {
  return callOf(nodes, NODE_WORDS, method, ...args);
}

/** @returns a call of node staking that pays out a token, which is heard too */
export function payingCall<A extends unknown[], R>(
  staking: Staking,
  token: SpendableToken,
  method: Method<A, R>,
  ...args: A
): Call<R> {
  return { ...stakingCall(staking, method, ...args), beyond: [token] };
}

/** Reads a view that node staking may refuse. */
export function reading<T>({ nodes }: Pick<Staking, "nodes">, view: () => Promise<T>): Promise<T> {
  return attempt(nodes, NODE_WORDS.refusals, view);
}

/** @returns the number of a node as it was given */
export function givenNode(text: string): bigint {
  return wholeNumber("node", text, "write the node's number, such as 1; `hardhat nodes list` shows them");
}

/** @returns the numbers of nodes as they were given, each once */
export function givenNodes(text: string): readonly bigint[] {
  const advice = "write the nodes' numbers, such as 1,2; `hardhat nodes list` shows them";
  return [...new Set(text.split(",").map((part) => wholeNumber("nodes", part.trim(), advice)))];
}

/** @returns the numbers of all nodes that an account has shares of or operates */
export async function nodesOf({ account }: Session, { nodes }: Pick<Staking, "nodes">): Promise<readonly bigint[]> {
  const ids = Array.from({ length: Number(await nodes.nodeCount()) }, (_, i) => BigInt(i + 1));
  const found = await inTurns(ids, async (id) => {
    const [shares, { operator }] = await Promise.all([nodes.sharesOf(id, account), nodes.nodeOf(id)]);
    return shares !== 0n || operator === account ? [id] : [];
  });
  return found.flat();
}

/** When what is asked back now can be taken. */
export async function freeAt(session: Session, { nodes }: Staking): Promise<bigint> {
  const [now, period] = await Promise.all([chainTime(session), nodes.unbondingPeriod()]);
  return now + period;
}

/** From when on XMEX can be taken that are asked back now. */
export function waitLine(amount: bigint, unbonding: bigint, free: bigint): string {
  if (amount === 0n) return "They are worth less than can be paid, so there is nothing to wait for.";
  const all =
    unbonding === 0n
      ? "They"
      : `With the ${xmex(unbonding)} that are unbonding already, whose wait starts anew, ${xmex(amount + unbonding)}`;
  return `${all} can be taken from about ${formatMoment(free)} on with \`hardhat nodes withdraw\`.`;
}

/** How much of what an account has a command is about: exactly one of the three is given. */
export interface Part {
  readonly amount: string;
  readonly shares: string;
  readonly all: boolean;
}

/** What a part is taken of; amounts in wei of XMEX. */
export interface Whole {
  /** What the account has. */
  readonly shares: bigint;
  /** What they are worth. */
  readonly worth: bigint;
  /** All that the worth is reckoned by, and what those are worth. */
  readonly of: { readonly shares: bigint; readonly worth: bigint };
  /** Of a pool share, with 27 decimals. */
  readonly price: bigint;
  /** What to call it, such as "the delegation". */
  readonly name: string;
}

/** @returns the part that the options ask for: XMEX in wei, shares, or neither for all */
export function givenPart({ amount, shares, all }: Part): { readonly amount?: bigint; readonly shares?: bigint } {
  const given = [amount !== "" && "--amount", shares !== "" && "--shares", all && "--all"].filter(Boolean);
  if (given.length === 0) throw new ExplainedError("--amount is missing: write how many XMEX, such as 12.5, or --all.");
  if (given.length > 1)
    throw new ExplainedError(`${given.join(" and ")} say different things: give one of them alone.`);
  if (all) return {};
  return amount === ""
    ? { shares: tokenAmount("shares", shares, "shares") }
    : { amount: tokenAmount("amount", amount, "XMEX") };
}

/**
 * @returns the fewest shares that bring at least an amount, to a few wei: what they are worth is rounded down twice, to pool
 * shares and to wei
 * @throws ExplainedError if all of them bring less
 */
export function sharesWorth(amount: bigint, { shares, worth, of, price, name }: Whole): bigint {
  if (amount > worth) {
    throw new ExplainedError(`${name} is worth ${xmex(worth)}, less than ${xmex(amount)}: give a lower --amount.`);
  }
  if (amount === 0n || of.worth === 0n) return 0n;
  const poolShare = price / 10n ** 27n + 1n;
  const wanted = ((amount + 2n * poolShare) * of.shares + of.worth - 1n) / of.worth;
  return wanted < shares ? wanted : shares;
}
