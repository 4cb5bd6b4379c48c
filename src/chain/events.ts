import { type BaseContract, EventLog } from "ethers";

import type { TypedContractEvent, TypedDeferredTopicFilter, TypedEventLog } from "../../typechain-types/common.js";
import { isDisconnection } from "../deployment/explain.js";
import { type LogProvider, LogReader } from "./logs.js";

/** Milliseconds after which whoever waits wants to know how far it is. Choice. */
const LONG = 5_000;

/** The reader of each provider: what it found out about the node's limits serves whoever asks next. */
const readers = new WeakMap<LogProvider, LogReader>();

/**
 * Events that a contract told, as ethers' queryFilter finds them, from a node that limits the blocks of an answer as well.
 *
 * @param contract attached to a provider; where a block is the latest for that, events are told up to it
 * @param filter of the contract's own, such as `contract.filters.Transfer(from)`
 * @param from the first block
 * @param to the last block; the latest unless given
 * @returns the events in the order of the chain
 * @throws ExplainedError when the node refuses the events of a single block
 */
export async function eventsOf<E extends TypedContractEvent>(
  contract: BaseContract,
  filter: TypedDeferredTopicFilter<E>,
  from: number,
  to?: number,
): Promise<readonly TypedEventLog<E>[]> {
  const provider = contract.runner?.provider;
  if (!provider) throw new Error("A contract whose events are read is attached to a provider");
  const reader = readers.get(provider) ?? new LogReader(provider);
  readers.set(provider, reader);
  const [address, topics, last] = await Promise.all([
    contract.getAddress(),
    filter.getTopicFilter(),
    to ?? provider.getBlockNumber(),
  ]);
  const event = contract.interface.getEvent(String(topics[0]));
  if (!event) throw new Error(`${address} has no event ${String(topics[0])}`);
  const found: EventLog[] = [];
  let told = Date.now();
  try {
    for await (const { logs, to: at } of reader.read({ address, topics }, from, last)) {
      found.push(...logs.map((log) => new EventLog(log, contract.interface, event)));
      if (at === last || Date.now() - told < LONG) continue;
      told = Date.now();
      // Beside the answer, however that is read.
      process.stderr.write(`Reading events up to block ${String(at)} of ${String(last)} …\n`);
    }
  } catch (error) {
    // It is not the node that refuses where nobody answers.
    throw error instanceof Error && isDisconnection(error) ? (error.cause ?? error) : error;
  }
  // Typings were generated from the same ABI; ethers' own type cannot say so.
  return found as unknown as readonly TypedEventLog<E>[];
}
