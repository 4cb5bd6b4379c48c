import { setTimeout as wait } from "node:timers/promises";

import type {
  BaseContract,
  ContractTransactionResponse,
  ErrorDescription,
  Log,
  LogDescription,
  Provider,
  TransactionReceipt,
  TransactionResponse,
} from "ethers";

import { isDisconnection } from "../../src/deployment/explain.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Hash } from "../../src/deployment/folder.js";
import { PATIENCE } from "../../src/deployment/patience.js";
import { plainRefusal } from "../../src/deployment/refusal.js";
import { revertDataOf } from "../../src/deployment/revert.js";
import { formatCount } from "../../src/format.js";
import { unlessStopped } from "./interruption.js";

/** Puts a refusal or an event of a contract into words; undefined where it is not worth any. */
export type Wording<D extends ErrorDescription | LogDescription> = Readonly<
  Record<string, (args: D["args"]) => string | undefined>
>;

/** A contract's function as typechain types it. */
interface Callable<A extends unknown[], R> {
  (...args: A): Promise<ContractTransactionResponse>;
  staticCall(...args: A): Promise<R>;
}

/** How a contract's refusals and events read. */
export interface Words {
  readonly refusals: Wording<ErrorDescription>;
  readonly events: Wording<LogDescription>;
}

/** A contract, and how what it says reads. */
export interface Speaker {
  readonly contract: BaseContract;
  readonly words: Words;
}

/** A call with its arguments: to be tried without effect, or sent. */
export interface Call<R = unknown> extends Speaker {
  /** Contracts that the called one goes on to call, where what they say is of interest too. */
  readonly beyond?: readonly Speaker[];
  /** What to know beforehand of the contract that is called, in sentences. */
  readonly notes?: readonly string[];
  readonly probe: () => Promise<R>;
  readonly transact: () => Promise<ContractTransactionResponse>;
  /** Reads what the transaction would return, where that is not what the contract's function returns. */
  readonly decode?: (returnData: string) => R;
}

/** @param args the function's arguments; for one that takes ether, `{ value }` comes last */
export function callOf<A extends unknown[], R>(
  contract: BaseContract,
  words: Words,
  method: Callable<A, R>,
  ...args: A
): Call<R> {
  return { contract, words, probe: () => method.staticCall(...args), transact: () => method(...args) };
}

/** An event by its name, for machines. */
export interface LoggedEvent {
  readonly event: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a transaction did. */
export interface Sent {
  readonly hash: Hash;
  readonly block: number;
  readonly gasUsed: bigint;
  /** The events, in words. */
  readonly events: readonly string[];
  /** The same events, by name. */
  readonly logs: readonly LoggedEvent[];
}

/**
 * Tries a call without effect, so that everything the contract would refuse is explained before anything is sent; then
 * announces what to expect, sends it and waits for its receipt. Whatever fails once it is sent is told with its hash.
 * @param announce runs once the call is known to be allowed, with what it would return; nothing is sent if it fails
 * @param patience milliseconds for which a network that fails to answer is asked again for the receipt
 */
export async function send<R>(
  call: Call<R>,
  announce: (probed: R) => void | Promise<void>,
  patience: number = PATIENCE,
): Promise<Sent> {
  const speakers = [call, ...(call.beyond ?? [])];
  await announce(await explaining(speakers, call.probe));
  const receipt = await receiptOf(await explaining(speakers, call.transact), patience);
  const told = hearing(speakers, receipt);
  return {
    hash: receipt.hash as Hash,
    block: receipt.blockNumber,
    gasUsed: receipt.gasUsed,
    events: told.map(({ words }) => words),
    logs: told.map(({ logged }) => logged),
  };
}

/** Milliseconds after which a person wants to know what is waited for. Choice. */
const LONG = 2_000;

/** @throws ExplainedError for everything but a transaction that did what it was tried for */
async function receiptOf(response: TransactionResponse, patience: number): Promise<TransactionReceipt> {
  const { hash, provider } = response;
  // Beside the answer, so that whoever stops waiting knows what to look for, however the answer is read.
  const telling = setTimeout(() => {
    process.stderr.write(`Transaction ${hash} was sent; waiting until it is mined …\n`);
  }, LONG);
  const stopped = `Transaction ${hash} was sent: look whether it is mined before you run the command again.`;
  const receipt = await unlessStopped(stopped, () => mined(provider, hash, patience)).finally(() => {
    clearTimeout(telling);
  });
  if (receipt.status !== 0) return receipt;
  const limit = await limitOf(provider, hash);
  // What runs out in a contract that another one calls leaves that one a little.
  const why =
    limit !== undefined && receipt.gasUsed * 10n >= limit * 9n
      ? `it ran out of the ${formatCount(limit)} gas that it was sent with`
      : "what the contract allowed when it was tried was no longer so by then";
  throw new ExplainedError(
    `Transaction ${hash} failed in block ${formatCount(receipt.blockNumber)} and cost ${formatCount(receipt.gasUsed)} gas: ${why}. ` +
      "Nothing else has changed; run the command again to see what it says now.",
  );
}

/** @returns the gas that a transaction was sent with, as far as the network says so */
async function limitOf(provider: Provider, hash: string): Promise<bigint | undefined> {
  try {
    return (await provider.getTransaction(hash))?.gasLimit;
  } catch {
    return undefined;
  }
}

/** Milliseconds between two looks at a transaction: soon at first, and then as often as the fastest public networks make blocks. Choice. */
const PAUSES = { first: 20, last: 1_000 } as const;

/**
 * Milliseconds after which a transaction whose nonce is used up, and of which there is no receipt, is taken to be replaced. Choice: a few blocks,
 * since one node of many behind a URL may lag behind another.
 */
const DOUBT = 30_000;

async function mined(provider: Provider, hash: string, patience: number): Promise<TransactionReceipt> {
  const isReplaced = replacementOf(provider, hash);
  let answered = Date.now();
  /** Since when the network says that there is no receipt, and that the nonce is used up. */
  let missing: number | undefined;
  for (let pause: number = PAUSES.first; ; pause = Math.min(2 * pause, PAUSES.last)) {
    let isMissing = false;
    try {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt) return receipt;
      isMissing = true;
      answered = Date.now();
    } catch (error) {
      if (Date.now() - answered >= patience) throw lostSight(hash, error);
    }
    if (!(await isReplaced())) missing = undefined;
    else if (isMissing) {
      missing ??= Date.now();
      if (Date.now() - missing >= Math.min(DOUBT, patience)) {
        throw new ExplainedError(
          `Transaction ${hash} was sent, and another one of the account took its place: see what your wallet sent before you run the command again.`,
        );
      }
    }
    await wait(pause);
  }
}

/** @returns what tells whether the nonce of a transaction is used up, as far as the network says so */
function replacementOf(provider: Provider, hash: string): () => Promise<boolean> {
  let known: TransactionResponse | null = null;
  return async () => {
    try {
      // A network forgets a transaction that was replaced, and its nonce with it.
      known ??= await provider.getTransaction(hash);
      return known !== null && (await provider.getTransactionCount(known.from)) > known.nonce;
    } catch {
      return false;
    }
  };
}

function lostSight(hash: string, error: unknown): ExplainedError {
  const why = isDisconnection(error) ? "" : ` (it says "${(error as Error).message}")`;
  return new ExplainedError(
    `Transaction ${hash} was sent, and the network does not tell any more what became of it${why}: look whether it is mined before you run the command again.`,
    { cause: error },
  );
}

/** @returns what the speakers tell of a transaction that is mined: it is done, so whatever is wrong with the telling is told with its hash */
function hearing(speakers: readonly Speaker[], { hash, logs }: TransactionReceipt): ReturnType<typeof heard> {
  try {
    return logs.flatMap((log) => heard(speakers, log));
  } catch (error) {
    throw new ExplainedError(
      `Transaction ${hash} was sent and mined; what it did cannot be put into words (${String(error)}): look at it in a block explorer, and do not ` +
        "run the command again for it.",
      { cause: error },
    );
  }
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
  return explaining([{ contract, words: { refusals, events: {} } }], action);
}

/**
 * Runs a call or a view that several contracts may refuse.
 * @throws ExplainedError with the refusal in the words of the first that has any for it
 */
export async function explaining<T>(speakers: readonly Speaker[], action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const words = refusalIn(speakers, error) ?? unwordedIn(speakers, error);
    if (words !== undefined) throw new ExplainedError(words, { cause: error });
    if (error instanceof Error && /insufficient funds|doesn't have enough funds/i.test(error.message)) {
      throw new ExplainedError(
        "The account cannot pay for the transaction up to its gas limit, which is above what it is likely to use: fund it and run the same command again.",
        { cause: error },
      );
    }
    throw error;
  }
}

/** @returns the refusal that an error carries, in the words of the first that has any for it */
export function refusalIn(speakers: readonly Speaker[], error: unknown): string | undefined {
  const data = revertDataOf(error);
  if (data === undefined) return undefined;
  for (const { contract, words } of speakers) {
    const refusal = contract.interface.parseError(data);
    const sentence = refusal && words.refusals[refusal.name]?.(refusal.args);
    if (sentence !== undefined && sentence !== null) return sentence;
  }
  return undefined;
}

function unwordedIn(speakers: readonly Speaker[], error: unknown): string | undefined {
  const data = revertDataOf(error);
  if (data === undefined) return undefined;
  for (const { contract } of speakers) {
    const refusal = contract.interface.parseError(data);
    if (refusal) return plainRefusal(refusal);
  }
  return undefined;
}

/** @returns what a log tells, if one of the contracts wrote it and there are words for it */
function heard(
  speakers: readonly Speaker[],
  log: Log,
): readonly { readonly words: string; readonly logged: LoggedEvent }[] {
  return speakers.flatMap(({ contract, words }) => {
    if (contract.target !== log.address) return [];
    const event = contract.interface.parseLog(log);
    const sentence = event && words.events[event.name]?.(event.args);
    if (!event || sentence === undefined || sentence === null) return [];
    return [{ words: sentence, logged: { event: event.name, args: event.args.toObject() } }];
  });
}
