import { type BaseContract, Contract, type ContractTransactionResponse } from "ethers";

import type { XpContracts } from "../../src/deployment/contracts.js";
import type { Address } from "../../src/deployment/folder.js";
import { readToken, type SpendableToken } from "../support/allowance.js";
import { givenAddress, wholeNumber } from "../support/inputs.js";
import { type Call, callOf, explaining, type Speaker } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";
import { wordsIn } from "./words.js";

/** The contracts of a deployment, connected to who signs where there is one, their tokens, and how they read. */
export interface Flywheel extends XpContracts {
  readonly payment: SpendableToken;
  readonly xpToken: SpendableToken;
  readonly words: ReturnType<typeof wordsIn>;
  /** Those that are heard in every call; a token's own movements are told by whoever moves it. */
  readonly speakers: readonly Speaker[];
}

/** Contracts that people call, by the names of the deployment. */
const USED = [
  "agentRegistry",
  "serviceMarket",
  "feeTiers",
  "redistributor",
  "reputation",
  "xpMarket",
  "tierRouter",
] as const;

/** Contracts that the flows call. */
const CALLED = [...USED, "paymentToken", "xp"] as const;

/** Contracts that are heard in every call. */
const HEARD = [...USED, "swapRouter"] as const;

export async function flywheelOf(session: Session): Promise<Flywheel> {
  const contracts = session.deployment.xp;
  const { signer } = session;
  const [payment, xpToken] = await Promise.all([
    contracts.serviceMarket.token().then((address) => readToken(session, address)),
    contracts.xp.getAddress().then((address) => readToken(session, address)),
  ]);
  const connected = signer
    ? Object.fromEntries(CALLED.map((name) => [name, contracts[name].connect(signer)] as const))
    : {};
  const flywheel = { ...contracts, ...connected } as XpContracts;
  const words = wordsIn(payment);
  const named = HEARD.flatMap((name) => {
    const contract = flywheel[name] as BaseContract | undefined;
    return contract ? [{ contract, words: words[name] }] : [];
  });
  return { ...flywheel, payment, xpToken, words, speakers: named };
}

/** The same for a flow that sends. @throws ExplainedError if nobody here can sign for the account. */
export async function signedFlywheel(session: Session): Promise<Flywheel> {
  signerOf(session);
  return flywheelOf(session);
}

type Method<A extends unknown[], R> = {
  (...args: A): Promise<ContractTransactionResponse>;
  staticCall(...args: A): Promise<R>;
};

/** @returns a call of one of the flywheel's contracts, in which all of them are heard */
export function flywheelCall<A extends unknown[], R>(
  { speakers }: Flywheel,
  contract: BaseContract,
  method: Method<A, R>,
  ...args: A
): Call<R> {
  const own = speakers.find((speaker) => speaker.contract.target === contract.target);
  const beyond = speakers.filter((speaker) => speaker !== own);
  return { ...callOf(contract, own?.words ?? { refusals: {}, events: {} }, method, ...args), beyond };
}

/** Reads a view that the contracts may refuse. */
export function reading<T>({ speakers }: Flywheel, view: () => Promise<T>): Promise<T> {
  return explaining(speakers, view);
}

/** @returns the number of an agent as it was given */
export function givenAgent(text: string): bigint {
  return wholeNumber("agent", text, "write the agent's number, such as 1");
}

/** @returns the address given, or the account where there is none */
export function givenRecipient({ account }: Session, to: string): Address {
  return to === "" ? account : givenAddress("to", to, "give the address that receives it");
}

/** Runs `read` for each of `items`, not all at once, so that a node is not asked for more than it answers. */
export async function inTurns<I, O>(items: readonly I[], read: (item: I) => Promise<O>): Promise<readonly O[]> {
  const results: O[] = [];
  for (let i = 0; i < items.length; i += 25) results.push(...(await Promise.all(items.slice(i, i + 25).map(read))));
  return results;
}

/** @returns a contract of which only a part is known */
export function partOf(session: Session, address: string, abi: readonly string[]): Contract {
  return new Contract(address, abi, session.connection.ethers.provider);
}
