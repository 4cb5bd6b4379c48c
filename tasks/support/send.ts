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

/** What a transaction did. */
export interface Sent {
  readonly hash: Hash;
  readonly block: number;
  readonly gasUsed: bigint;
  /** The contract's events, in words. */
  readonly events: readonly string[];
}

/**
 * Tries a call without effect, so that everything the contract would refuse is explained before anything is sent, then sends
 * it and waits for its receipt.
 */
export async function send<A extends unknown[]>(
  contract: BaseContract,
  call: Callable<A>,
  args: A,
  refusals: Wording<ErrorDescription>,
  events: Wording<LogDescription>,
): Promise<Sent> {
  return sendTried(
    contract,
    () => call.staticCall(...args),
    () => call(...args),
    refusals,
    events,
  );
}

/** The same for a call that carries ether: `probe` is the call without effect, `transact` the call itself. */
export async function sendTried(
  contract: BaseContract,
  probe: () => Promise<unknown>,
  transact: () => Promise<ContractTransactionResponse>,
  refusals: Wording<ErrorDescription>,
  events: Wording<LogDescription>,
): Promise<Sent> {
  await attempt(contract, refusals, probe);
  const response = await attempt(contract, refusals, transact);
  const receipt = await response.wait();
  if (!receipt)
    throw new ExplainedError(`Transaction ${response.hash} was replaced by another one: see what your wallet sent.`);
  return {
    hash: receipt.hash as Hash,
    block: receipt.blockNumber,
    gasUsed: receipt.gasUsed,
    events: inWords(contract, receipt, events),
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
