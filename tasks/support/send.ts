import type {
  BaseContract,
  ContractTransactionReceipt,
  ContractTransactionResponse,
  ErrorDescription,
  LogDescription,
} from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Hash } from "../../src/deployment/folder.js";
import { revertDataOf } from "../../src/deployment/revert.js";

/** Puts a refusal or an event of a contract into words. */
export type Wording<D extends ErrorDescription | LogDescription> = Readonly<
  Record<string, (args: D["args"]) => string>
>;

/** A contract's function as typechain types it. */
interface Callable<A extends unknown[]> {
  (...args: A): Promise<ContractTransactionResponse>;
  staticCall(...args: A): Promise<unknown>;
}

/** How a contract's refusals and events read. */
export interface Words {
  readonly refusals: Wording<ErrorDescription>;
  readonly events: Wording<LogDescription>;
}

/** A call with its arguments: to be tried without effect, or sent. */
export interface Call {
  readonly contract: BaseContract;
  readonly words: Words;
  readonly probe: () => Promise<unknown>;
  readonly transact: () => Promise<ContractTransactionResponse>;
}

/** @param args the function's arguments; for one that takes ether, `{ value }` comes last */
export function callOf<A extends unknown[]>(
  contract: BaseContract,
  words: Words,
  method: Callable<A>,
  ...args: A
): Call {
  return { contract, words, probe: () => method.staticCall(...args), transact: () => method(...args) };
}

/** What a transaction did. */
export interface Sent {
  readonly hash: Hash;
  readonly block: number;
  readonly gasUsed: bigint;
  /** The contract's events, in words. */
  readonly events: readonly string[];
}

/**
 * Tries a call without effect, so that everything the contract would refuse is explained before anything is sent; then
 * announces what to expect, sends it and waits for its receipt.
 * @param announce runs once the call is known to be allowed; nothing is sent if it fails
 */
export async function send(
  { contract, words, probe, transact }: Call,
  announce: () => void | Promise<void>,
): Promise<Sent> {
  await attempt(contract, words.refusals, probe);
  await announce();
  const response = await attempt(contract, words.refusals, transact);
  const receipt = await response.wait();
  if (!receipt)
    throw new ExplainedError(`Transaction ${response.hash} was replaced by another one: see what your wallet sent.`);
  return {
    hash: receipt.hash as Hash,
    block: receipt.blockNumber,
    gasUsed: receipt.gasUsed,
    events: inWords(contract, receipt, words.events),
  };
}

/**
 * Runs a call or a view.
 * @throws ExplainedError with the contract's refusal in words
 */
export async function attempt<T>(
  contract: BaseContract,
  refusals: Wording<ErrorDescription>,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const data = revertDataOf(error);
    const refusal = data && contract.interface.parseError(data);
    if (refusal) {
      const words = refusals[refusal.name]?.(refusal.args);
      throw new ExplainedError(words ?? `The contract refuses: ${refusal.signature} with ${refusal.args.join(", ")}.`, {
        cause: error,
      });
    }
    if (error instanceof Error && /insufficient funds|doesn't have enough funds/i.test(error.message)) {
      throw new ExplainedError("The account cannot pay for the transaction: fund it and run the same command again.", {
        cause: error,
      });
    }
    throw error;
  }
}

function inWords(
  contract: BaseContract,
  receipt: ContractTransactionReceipt,
  events: Wording<LogDescription>,
): readonly string[] {
  return receipt.logs.flatMap((log) => {
    const event = contract.interface.parseLog(log);
    const words = event && events[event.name]?.(event.args);
    return words === undefined || words === null ? [] : [words];
  });
}
