import type { Log } from "ethers";

import { ExplainedError } from "../deployment/explained-error.js";
import { formatCount } from "../format.js";

/** Whose logs, and which: as a node's eth_getLogs takes it. */
export interface LogFilter {
  readonly address: string | string[];
  readonly topics?: (string | string[] | null)[];
}

/** What is asked of a provider of logs. */
export interface LogProvider {
  getLogs(filter: LogFilter & { readonly fromBlock: number; readonly toBlock: number }): Promise<Log[]>;
}

/** Some blocks, and their logs in the order of the chain. */
export interface LogChunk {
  readonly from: number;
  readonly to: number;
  readonly logs: readonly Log[];
}

/** Blocks whose logs are asked for first. */
const FIRST_RANGE = 2_000;
/** Blocks of one request at most. */
const LARGEST_RANGE = 1_000_000;
/** Answers after a refusal, until more blocks are asked for again. */
const ANSWERS_BEFORE_MORE = 16;
/** Logs of one answer above which the next request is for fewer blocks, so that no answer grows with what there is. */
const MANY_LOGS = 10_000;

/** The first words of a failure, in one line. */
function shortly(error: unknown): string {
  const { shortMessage, message } = error as { shortMessage?: string; message?: string };
  return (shortMessage ?? message ?? String(error)).replace(/[\p{Cc}\p{Cf}]+/gu, " ").slice(0, 200);
}

/**
 * Reads logs from a node whose limits it finds out: public nodes limit blocks and logs of an answer, each in its own words. A range that is refused
 * is halved, down to single blocks, or to what was answered before; after an answer twice as many blocks are asked for. Once the node has refused,
 * it is a quarter more, and that only from some answers on, so that few of the requests are for what it refuses.
 */
export class LogReader {
  readonly #provider: LogProvider;
  /** Blocks of the next request. */
  #range: number;
  /** Blocks of the largest request that the node has answered. */
  #answered = 0;
  /** Answers to wait for until more blocks are asked for; undefined while the node has refused nothing. */
  #wait: number | undefined;

  /** @param range blocks whose logs are asked for first */
  constructor(provider: LogProvider, range = FIRST_RANGE) {
    this.#provider = provider;
    this.#range = range;
  }

  /**
   * All logs of a range of blocks, as many at once as an answer brings.
   *
   * @param from the first block
   * @param to the last block
   * @throws ExplainedError when the node refuses the logs of a single block
   */
  async *read(filter: LogFilter, from: number, to: number): AsyncGenerator<LogChunk, void, undefined> {
    for (let at = from; at <= to;) {
      const upTo = Math.min(to, at + this.#range - 1);
      let logs: Log[];
      try {
        logs = await this.#provider.getLogs({ ...filter, fromBlock: at, toBlock: upTo });
      } catch (error) {
        if (upTo === at) {
          throw new ExplainedError(
            `The node refuses the events of block ${formatCount(at)} alone (${shortly(error)}): use another RPC URL.`,
            { cause: error },
          );
        }
        this.#narrow(upTo - at + 1);
        continue;
      }
      logs.sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
      yield { from: at, to: upTo, logs };
      this.#widen(upTo - at + 1, logs.length);
      at = upTo + 1;
    }
  }

  /** @param refused blocks of a request that the node refused */
  #narrow(refused: number): void {
    const half = Math.ceil(refused / 2);
    const next = this.#answered < refused ? Math.max(half, this.#answered) : half;
    // Whoever reads with the same reader may have found out more meanwhile.
    this.#range = Math.min(this.#range, next);
    this.#wait = ANSWERS_BEFORE_MORE;
  }

  /** @param answered blocks of a request that the node answered, with `count` logs */
  #widen(answered: number, count: number): void {
    const range = this.#range;
    this.#answered = Math.max(this.#answered, answered);
    if (count > MANY_LOGS) this.#range = Math.ceil(range / 2);
    // The last blocks of a range say nothing of more.
    else if (answered < range) return;
    else if (this.#wait === undefined) this.#range = Math.min(LARGEST_RANGE, 2 * range);
    else if (this.#wait > 0) this.#wait -= 1;
    else this.#range = Math.min(LARGEST_RANGE, range + Math.ceil(range / 4));
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
