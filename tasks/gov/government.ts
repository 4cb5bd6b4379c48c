import { type BaseContract, type ContractTransactionResponse } from "ethers";

import { inCurrency } from "../../src/deployment/chains.js";
import type { XmeContracts } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { revertDataOf } from "../../src/deployment/revert.js";
import type { Token } from "../support/outcome.js";
import { type Call, callOf, explaining, refusalIn, type Speaker } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";
import { Book, type Intended } from "./book.js";
import { GOV_WORDS } from "./words.js";

const CALLED = ["governor", "votes", "badge", "buybackBurner", "policyRegistry"] as const;

/** X.me's government: its contracts, connected to who signs where there is one, and how they read. */
export interface Government extends Pick<XmeContracts, (typeof CALLED)[number]> {
  readonly session: Session;
  readonly book: Book;
  readonly vxme: Token;
}

export function governmentOf(session: Session): Government {
  const { signer, deployment } = session;
  const contracts = { ...deployment.xme };
  const connected = signer
    ? Object.fromEntries(CALLED.map((name) => [name, deployment.xme[name].connect(signer)] as const))
    : {};
  const { governor, votes, badge, buybackBurner, policyRegistry } = { ...contracts, ...connected } as XmeContracts;
  const vxme: Token = { symbol: "vXME", decimals: 18, balanceOf: (account) => votes.balanceOf(account) };
  return { session, book: new Book(session), vxme, governor, votes, badge, buybackBurner, policyRegistry };
}

/** The same for a flow that sends. @throws ExplainedError if nobody here can sign for the account. */
export function signedGovernment(session: Session): Government {
  signerOf(session);
  return governmentOf(session);
}

type Method<A extends unknown[], R> = {
  (...args: A): Promise<ContractTransactionResponse>;
  staticCall(...args: A): Promise<R>;
};

/**
 * @param carried calls that are carried out by it, where it reaches other contracts
 * @returns a call of one of the government's contracts, in which all of them are heard
 */
export function governmentCall<A extends unknown[], R>(
  { book }: Government,
  contract: BaseContract,
  carried: readonly Intended[],
  method: Method<A, R>,
  ...args: A
): Call<R> {
  const own = GOV_WORDS[book.at(String(contract.target))?.kind ?? ""] ?? { refusals: {}, events: {} };
  const beyond = book
    .speakers(carried)
    .filter((speaker) => speaker.contract.target !== contract.target || speaker.words !== own);
  return { ...callOf(contract, own, method, ...args), beyond };
}

/** Reads a view that the contracts may refuse. */
export function reading<T>({ book }: Government, view: () => Promise<T>): Promise<T> {
  return explaining(book.speakers([]), view);
}

/** What became of a call that was tried as if the treasury made it. */
export interface Trial {
  /** What it was refused with, in words. */
  readonly refusal: string;
  /** The same as the contract said it; undefined where it said nothing. */
  readonly data: string | undefined;
}

/** Tries a call without effect, from the treasury. @returns why it would be refused now; nothing where it would not be */
export async function tryFromTreasury({ book, session }: Government, call: Intended): Promise<Trial | undefined> {
  const { provider } = session.connection.ethers;
  const speakers: readonly Speaker[] = book.speakers([call]);
  try {
    if (call.data !== "0x" && (await provider.getCode(call.target)) === "0x") {
      return { refusal: `There is no contract at ${call.target}.`, data: undefined };
    }
    await provider.call({ from: book.treasury, to: call.target, value: call.value, data: call.data });
    return undefined;
  } catch (error) {
    const data = revertDataOf(error);
    const refusal = refusalIn(speakers, error);
    if (refusal !== undefined) return { refusal, data };
    if (data !== undefined) return { refusal: `${book.who(call.target)} refuses with ${data}.`, data };
    if (/revert/i.test(String(error)))
      return { refusal: `${book.who(call.target)} refuses and does not say why.`, data };
    throw error;
  }
}

/** @throws ExplainedError where the treasury has less of the chain's currency than calls spend */
export async function requireEther({ book, session }: Government, calls: readonly Intended[]): Promise<void> {
  const needed = calls.reduce((sum, { value }) => sum + value, 0n);
  if (needed === 0n) return;
  const held = await session.connection.ethers.provider.getBalance(book.treasury);
  if (held >= needed) return;
  const { chainId } = session.deployment;
  throw new ExplainedError(
    `The treasury holds ${inCurrency(chainId, held)}, and the calls take ${inCurrency(chainId, needed)}: send it more, or wait for it.`,
  );
}
