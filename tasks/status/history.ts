import type { BaseContract, Result } from "ethers";

import { type LogProvider, LogReader } from "../../src/chain/logs.js";

/** A contract, and which of its events are wanted. */
export interface Source {
  readonly contract: BaseContract;
  readonly events: readonly string[];
}

/** An event as it was told. */
export interface Told {
  readonly event: string;
  readonly args: Result;
}

/** What contracts told that no view does, read for all of them in one go through the chain. */
export class History {
  readonly #told: ReadonlyMap<string, readonly Told[]>;

  private constructor(told: ReadonlyMap<string, readonly Told[]>) {
    this.#told = told;
  }

  /** @param from the first block, and `to` the last */
  static async read(provider: LogProvider, sources: readonly Source[], from: number, to: number): Promise<History> {
    const told = new Map<string, Told[]>(sources.map(({ contract }) => [keyOf(contract), []]));
    if (sources.length === 0) return new History(told);
    const topics = sources.flatMap(({ contract, events }) =>
      events.map((event) => contract.interface.getEvent(event)?.topicHash ?? ""),
    );
    const byAddress = new Map(sources.map((source) => [keyOf(source.contract), source]));
    const filter = {
      address: sources.map(({ contract }) => String(contract.target)),
      topics: [[...new Set(topics)]],
    };
    for await (const { logs } of new LogReader(provider).read(filter, from, to)) {
      for (const log of logs) {
        const source = byAddress.get(log.address.toLowerCase());
        const parsed = source?.contract.interface.parseLog(log);
        // A topic that is wanted of one contract may be of no interest at another.
        if (!source || !parsed || !source.events.includes(parsed.name)) continue;
        told.get(keyOf(source.contract))?.push({ event: parsed.name, args: parsed.args });
      }
    }
    return new History(told);
  }

  /** @returns what a contract told, the oldest first: all of it, or one kind of event */
  of(contract: BaseContract, event?: string): readonly Told[] {
    const told = this.#told.get(keyOf(contract)) ?? [];
    return event === undefined ? told : told.filter((one) => one.event === event);
  }
}

function keyOf({ target }: BaseContract): string {
  return String(target).toLowerCase();
}
