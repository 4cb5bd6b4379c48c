import { expect } from "chai";
import { parseEther } from "ethers";
import { network } from "hardhat";

import { eventsOf } from "../../../src/chain/events.js";
import { LogReader, type LogProvider } from "../../../src/chain/logs.js";
import { pinnedTo } from "../../../src/chain/pinned.js";
import { explain } from "../../../src/deployment/explain.js";
import { startProxy } from "../../support/proxy.js";
import { deployed } from "../../support/tasks.js";
import { onNarrow } from "../../support/narrow.js";

describe("events of a node", () => {
  const local = deployed("xme", 5);

  /** Sends some XME, one transfer after the other. */
  async function transfer(...amounts: readonly bigint[]): Promise<void> {
    const { session, other, deployment } = local();
    const { publicSale, xme } = deployment.xme;
    if (!session.signer) throw new Error("the session's account is one of the chain");
    const value = parseEther("1");
    await publicSale.connect(session.signer).buy(session.account, parseEther("1"), 1n, { value });
    for (const amount of amounts) await xme.connect(session.signer).transfer(other.account, amount);
  }

  /** The chain's events with a limit on the blocks, or on the events, of an answer. */
  function limited({ blocks = Infinity, events = Infinity }) {
    const { provider } = local().connection.ethers;
    const asked = { requests: 0, refused: 0 };
    const getLogs: LogProvider["getLogs"] = async (filter) => {
      asked.requests += 1;
      const found = filter.toBlock - filter.fromBlock < blocks ? await provider.getLogs(filter) : undefined;
      if (found && found.length <= events) return found;
      asked.refused += 1;
      throw new Error("query returned more than was allowed");
    };
    return { asked, getLogs };
  }

  async function readWith(reader: LogReader, to: number): Promise<number> {
    const address = String(local().deployment.xme.xme.target);
    let count = 0;
    for await (const { logs } of reader.read({ address }, 0, to)) count += logs.length;
    return count;
  }

  it("should be asked for in few requests more than their limit takes, and in none of those once that is known", async () => {
    const { connection } = local();
    await transfer(1n, 2n);
    await connection.networkHelpers.mine(200_000);
    const to = await connection.ethers.provider.getBlockNumber();
    const all = await readWith(new LogReader(limited({})), to);
    for (const blocks of [500, 800, 1_024, 10_000]) {
      const node = limited({ blocks });
      const reader = new LogReader(node);
      expect(await readWith(reader, to)).to.equal(all);
      const { requests, refused } = node.asked;
      expect(refused / requests, `refused with ${String(blocks)} blocks`)
        .to.be.above(0)
        .and.below(0.15);
      expect(requests, `requests with ${String(blocks)} blocks`).to.be.below((1.35 * to) / blocks + 20);
      await readWith(reader, 400);
      expect(node.asked).to.deep.equal({ requests: requests + 1, refused });
    }
  });

  it("should be asked for in small ranges only where there are many", async () => {
    const { connection } = local();
    await connection.networkHelpers.mine(100_000);
    await transfer(...Array.from({ length: 30 }, (_, i) => BigInt(i + 1)));
    await connection.networkHelpers.mine(1_000_000);
    const to = await connection.ethers.provider.getBlockNumber();
    const node = limited({ events: 12 });
    expect(await readWith(new LogReader(node), to)).to.equal(await readWith(new LogReader(limited({})), to));
    expect(node.asked.refused).to.be.above(0);
    expect(node.asked.requests).to.be.below(120);
  });

  it("should be told with their arguments in the order of the chain, up to the latest block or another", async () => {
    const { connection, session, other, deployment } = local();
    const { xme } = deployment.xme;
    await transfer(1n, 2n);
    const { provider } = connection.ethers;
    const then = await provider.getBlockNumber();
    await transfer(3n);
    const filter = xme.filters.Transfer(session.account, other.account);
    const sums = async (...given: Parameters<typeof eventsOf>) =>
      (await eventsOf(...given)).map(({ args }) => (args as unknown as { value: bigint }).value);
    const from = deployment.startBlock;
    expect(await sums(xme, filter, from)).to.deep.equal([1n, 2n, 3n]);
    expect(await sums(xme, filter, from, then)).to.deep.equal([1n, 2n]);
    expect(await sums(xme, filter, then + 1)).to.deep.equal([3n]);
    const pinned = deployment.connect(pinnedTo(provider, then)).xme.xme;
    expect(await sums(pinned, pinned.filters.Transfer(session.account, other.account), from)).to.deep.equal([1n, 2n]);
    await onNarrow(local(), async (narrow) => {
      const { deployment: seen } = await narrow.session("5");
      expect(await sums(seen.xme.xme, filter, from)).to.deep.equal([1n, 2n, 3n]);
    });
    const [event] = await eventsOf(xme, filter, from);
    expect(event).to.include({ eventName: "Transfer", address: String(xme.target) });
    expect(event).to.deep.equal((await xme.queryFilter(filter, from))[0]);
  });

  it("should not be called refused by a node that does not answer", async () => {
    const { connection, deployment } = local();
    const { xme } = deployment.xme;
    const proxy = await startProxy("", async ({ method, params }) =>
      method === "eth_getLogs"
        ? "lost before"
        : { answered: await connection.provider.request({ method, params: [...params] }) },
    );
    try {
      const there = await network.create({ network: "localhost", override: { url: proxy.url } });
      const seen = xme.connect(there.ethers.provider);
      const failed: unknown = await eventsOf(seen, seen.filters.Transfer(), deployment.startBlock).catch(
        (error: unknown) => error,
      );
      expect((explain(failed, { network: "localhost" }) as Error).message).to.match(
        /^Network "localhost" does not answer/,
      );
    } finally {
      await proxy.stop();
    }
  });
});
