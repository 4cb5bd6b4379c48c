import { zeroPadValue } from "ethers";

import { LogReader } from "../../src/chain/logs.js";
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

/** @returns what is pending for an account, in the order in which it was sent: found by the ledger's events, asked of the ledger */
export async function findPending({ connection, deployment }: Session, to: Address): Promise<readonly PendingSend[]> {
  const { ledger } = deployment.xe;
  const { provider } = connection.ethers;
  const event = ledger.interface.getEvent("BlockAdded");
  const filter = { address: String(ledger.target), topics: [event.topicHash, null, null, zeroPadValue(to, 32)] };
  const sources: Hash[] = [];
  for await (const { logs } of new LogReader(provider).read(
    filter,
    deployment.startBlock,
    await provider.getBlockNumber(),
  )) {
    for (const log of logs) {
      const args = ledger.interface.parseLog(log)?.args;
      if (args && Number(args.blockType) === BlockType.Send) sources.push(args.hash as Hash);
    }
  }
  const found = await inTurns(sources, async (source) => {
    const { asset, amount } = await ledger.pendingOf(to, source);
    return { source, asset, amount };
  });
  return found.filter(({ amount }) => amount !== 0n);
}
