import { expect } from "chai";
import { network } from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import type { Deployment } from "../../src/deployment/open.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";
import { startProxy } from "./proxy.js";

/** Blocks of which some public nodes tell the events in one answer. */
const BLOCKS = 500;
/** Blocks that pass before, so that no answer is about all of a deployment's. */
const AGE = 1_000;

/** A chain behind a node that limits the blocks of an answer. */
export interface Narrow {
  /** The session of an account there, as `sessionOf` finds it. */
  session(account: string): Promise<Session>;
  /** Blocks of each request for events. */
  readonly asked: readonly number[];
}

/**
 * Lets many blocks pass, and runs a body on a free loopback port where the same chain answers as a public node does: with the events of some
 * blocks, and with a refusal where they are more. Expects that it had to refuse.
 */
export async function onNarrow(
  { connection, deployment }: { readonly connection: NetworkConnection; readonly deployment: Deployment },
  body: (narrow: Narrow) => Promise<void>,
): Promise<void> {
  await connection.networkHelpers.mine(AGE);
  const asked: number[] = [];
  const proxy = await startProxy("", async ({ method, params }) => {
    try {
      if (method === "eth_getLogs") {
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
        const last = toBlock === "latest" ? await connection.ethers.provider.getBlockNumber() : Number(toBlock);
        asked.push(last - Number(fromBlock) + 1);
        if ((asked.at(-1) ?? 0) > BLOCKS) return { refused: `query exceeds max block range ${String(BLOCKS)}` };
      }
      return { answered: await connection.provider.request({ method, params: [...params] }) };
    } catch (error) {
      return { refused: (error as Error).message };
    }
  });
  const there = await network.create({ network: "localhost", override: { url: proxy.url } });
  try {
    const seen = deployment.connect(there.ethers.provider);
    await body({ session: (account) => sessionOf(there, seen, account), asked });
    expect(Math.max(...asked), "blocks of a request").to.be.above(BLOCKS);
  } finally {
    await there.close();
    await proxy.stop();
  }
}
