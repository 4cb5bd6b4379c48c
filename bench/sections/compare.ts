/** Runs one scene with each contestant, ours first, from the same state of the chain. */

import type { BenchChain, Call, Measured } from "../chain.js";
import type { GasRow } from "../report.js";

/** A row to be: what it is called, and how one contestant plays it. */
export interface Scene<Contestant> {
  readonly call: string;
  readonly given: string;
  readonly limit?: bigint;
  readonly play: (contestant: Contestant) => Promise<Measured>;
}

/**
 * @param contestants ours and then the peers; `undefined` for a peer that has no such call
 * @returns the row
 */
export async function compare<Contestant>(
  chain: BenchChain,
  contestants: readonly [Contestant, ...(Contestant | undefined)[]],
  { call, given, limit, play }: Scene<Contestant>,
): Promise<GasRow> {
  const [us, ...others] = contestants;
  const ours = await chain.aside(() => play(us));
  const peers: (bigint | undefined)[] = [];
  for (const other of others) {
    peers.push(other === undefined ? undefined : (await chain.aside(() => play(other))).gas);
  }
  return { call, given, ours, peers, ...(limit === undefined ? {} : { limit }) };
}

/** Several transactions, one after the other, as if they were one: what a contestant needs for what another does at once. */
export async function inSequence(chain: BenchChain, calls: readonly Call[]): Promise<Measured> {
  const sum = { gas: 0n, floor: 0n };
  for (const call of calls) {
    const { gas, floor } = await chain.measure(call);
    sum.gas += gas;
    sum.floor += floor;
  }
  return sum;
}

/** As `compare`, for many scenes. */
export async function compareAll<Contestant>(
  chain: BenchChain,
  contestants: readonly [Contestant, ...(Contestant | undefined)[]],
  scenes: readonly Scene<Contestant>[],
): Promise<GasRow[]> {
  const rows: GasRow[] = [];
  for (const scene of scenes) rows.push(await compare(chain, contestants, scene));
  return rows;
}

/** One way to play a row; a peer without such a call has none. */
export type Way = (() => Promise<Measured>) | undefined;

/** Collects the rows of a section whose calls have nothing in common but their peers. */
export class Rows {
  readonly rows: GasRow[] = [];

  constructor(readonly chain: BenchChain) {}

  /** Plays a row, ours first and then each peer. */
  async add(
    name: string,
    given: string,
    ways: readonly [() => Promise<Measured>, ...Way[]],
    limit?: bigint,
  ): Promise<void> {
    const [ours, ...peers] = ways;
    const play = (way: () => Promise<Measured>): Promise<Measured> => way();
    const scene = { call: name, given, play, ...(limit === undefined ? {} : { limit }) };
    this.rows.push(await compare(this.chain, [ours, ...peers], scene));
  }
}
