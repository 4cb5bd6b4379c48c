import type { Log } from "ethers";

/** Whose logs, and which: as a node's eth_getLogs takes it. */
export interface LogFilter {
  readonly address: string | string[];
  readonly topics?: (string | string[] | null)[];
}

/** What is asked of a provider of logs. */
export interface LogProvider {
  getLogs(filter: LogFilter & { readonly fromBlock: number; readonly toBlock: number }): Promise<Log[]>;
}

/**
 * All logs of a range of blocks, in their order, a list for each answer. A range that the node refuses is halved, down to single blocks, since public
 * nodes limit blocks and logs of an answer, each in its own words; after two answers twice as much is asked for again.
 *
 * @param from the first block
 * @param to the last block
 * @throws what the node says of a single block
 */
export async function* logsInRange(
  provider: LogProvider,
  filter: LogFilter,
  from: number,
  to: number,
): AsyncGenerator<readonly Log[], void, undefined> {
  let [first, length, answers] = [from, to - from + 1, 0];
  while (first <= to) {
    const last = Math.min(to, first + length - 1);
    let logs: readonly Log[];
    try {
      logs = await provider.getLogs({ ...filter, fromBlock: first, toBlock: last });
    } catch (error) {
      if (last === first) throw error;
      [length, answers] = [Math.ceil((last - first + 1) / 2), 0];
      continue;
    }
    yield logs;
    first = last + 1;
    answers += 1;
    if (answers % 2 === 0) length *= 2;
  }
}

/**
 * Which period each of some blocks lies in, with the times of few of them: where the ends of a run lie in one period, all of it does.
 *
 * @param blocks numbers in ascending order
 * @param timeOf the time, in seconds, of a block
 * @param length of a period, in seconds, counted from the Unix epoch
 * @returns the period by block
 */
export async function periodsOf(
  blocks: readonly number[],
  timeOf: (block: number) => Promise<bigint>,
  length: bigint,
): Promise<ReadonlyMap<number, bigint>> {
  const periods = new Map<number, bigint>();
  const periodAt = async (index: number): Promise<bigint> => {
    const block = blocks[index] ?? 0;
    const known = periods.get(block) ?? (await timeOf(block)) / length;
    periods.set(block, known);
    return known;
  };
  const settle = async (first: number, last: number): Promise<void> => {
    const [begins, ends] = [await periodAt(first), await periodAt(last)];
    if (begins === ends) {
      for (const block of blocks.slice(first, last + 1)) periods.set(block, begins);
    } else if (last - first > 1) {
      const middle = (first + last) >> 1;
      await settle(first, middle);
      await settle(middle, last);
    }
  };
  if (blocks.length > 0) await settle(0, blocks.length - 1);
  return periods;
}
