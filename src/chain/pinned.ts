import type { HardhatEthersProvider } from "@nomicfoundation/hardhat-ethers/types";
import type { Block, BlockTag, Filter, FilterByBlockHash, Log, TransactionRequest } from "ethers";

import { type LogFilter, LogReader } from "./logs.js";

/** What a view is asked for; the same question to the same block has the same answer. */
type Question = readonly unknown[];

/** The whole number of a block that a filter names; undefined for "latest" and the like. */
function numbered(tag: BlockTag | undefined): number | undefined {
  if (typeof tag === "string" && !tag.startsWith("0x")) return undefined;
  return tag === undefined ? undefined : Number(tag);
}

/**
 * A provider for which a block is the latest: whatever is read through it is as it was in that block, however many blocks come meanwhile. What was
 * asked before is not asked again, and logs are asked for in ranges that the node accepts, so that readers need not know of either.
 * @param at number of the block
 */
export function pinnedTo(provider: HardhatEthersProvider, at: number): HardhatEthersProvider {
  const known = new Map<string, Promise<unknown>>();
  const reader = new LogReader(provider);
  const once = <T>(question: Question, ask: () => Promise<T>): Promise<T> => {
    const key = question.map(String).join();
    const asked = (known.get(key) as Promise<T> | undefined) ?? ask();
    known.set(key, asked);
    return asked;
  };
  const getLogs = async (filter: Filter | FilterByBlockHash): Promise<Log[]> => {
    if ("blockHash" in filter && filter.blockHash !== undefined) return provider.getLogs(filter);
    const { address, topics, fromBlock, toBlock } = filter as Filter;
    const wanted = { address, ...(topics ? { topics } : {}) } as LogFilter;
    const found: Log[] = [];
    const last = Math.min(at, numbered(toBlock) ?? at);
    for await (const { logs } of reader.read(wanted, numbered(fromBlock) ?? at, last)) found.push(...logs);
    return found;
  };
  const answers: Readonly<Record<string, unknown>> = {
    call: (tx: TransactionRequest) =>
      once(["call", tx.to, tx.data, tx.from, tx.value], () => provider.call({ ...tx, blockTag: at })),
    getBlockNumber: () => Promise.resolve(at),
    getBlock: (tag: BlockTag): Promise<Block | null> =>
      once(["block", numbered(tag) ?? at], () => provider.getBlock(numbered(tag) ?? at)),
    getBalance: (account: string) => once(["balance", account], () => provider.getBalance(account, at)),
    getCode: (account: string) => once(["code", account], () => provider.getCode(account, at)),
    getLogs,
  };
  const pinned: HardhatEthersProvider = new Proxy(provider, {
    get(target, key) {
      // Contracts look through a runner for its provider.
      if (key === "provider") return pinned;
      if (typeof key === "string" && key in answers) return answers[key];
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return pinned;
}
