import { zeroPadValue } from "ethers";

import { type LogFilter, LogReader } from "../../src/chain/logs.js";
import type { Address, Hash } from "../../src/deployment/folder.js";
import { BlockType } from "../../src/xe/block.js";
import type { Session } from "../support/session.js";
import { inTurns } from "../support/turns.js";

/** What a send left for its destination. */
export interface PendingSend {
  /** The send's block. */
  readonly source: Hash;
  /** The asset's identifier. */
  readonly asset: string;
  /** In wei. */
  readonly amount: bigint;
}

/**
 * Finds by the ledger's events what was sent to an account and not received since, and asks the ledger for each of these.
 *
 * @returns what is pending, the largest amounts of either asset first and equal ones as they were sent, so that nobody's dust hides what somebody waits for
 */
export async function findPending({ connection, deployment }: Session, to: Address): Promise<readonly PendingSend[]> {
  const { ledger } = deployment.xe;
  const { provider } = connection.ethers;
  const { topicHash } = ledger.interface.getEvent("BlockAdded");
  const whose = zeroPadValue(to, 32);
  const last = await provider.getBlockNumber();
  const blocksOf = async (
    topics: NonNullable<LogFilter["topics"]>,
    type: number,
    part: "hash" | "link",
  ): Promise<Set<Hash>> => {
    const found = new Set<Hash>();
    const filter = { address: String(ledger.target), topics };
    for await (const { logs } of new LogReader(provider).read(filter, deployment.startBlock, last)) {
      for (const log of logs) {
        const args = ledger.interface.parseLog(log)?.args;
        if (args && Number(args.blockType) === type) found.add(args[part] as Hash);
      }
    }
    return found;
  };
  const sent = await blocksOf([topicHash, null, null, whose], BlockType.Send, "hash");
  const received = await blocksOf([topicHash, whose], BlockType.Receive, "link");
  const open = [...sent].filter((source) => !received.has(source));
  const found = await inTurns(open, async (source) => {
    const { asset, amount } = await ledger.pendingOf(to, source);
    return { source, asset, amount };
  });
  return found
    .filter(({ amount }) => amount !== 0n)
    .sort((a, b) => Number(b.amount > a.amount) - Number(b.amount < a.amount));
}
