import { expect } from "chai";
import { type Log, ZeroAddress } from "ethers";

import { type Asset, XE, XUSD } from "../../../src/xe/asset.js";
import { type Address, BlockType, type Hash } from "../../../src/xe/block.js";
import { LEASE_STATES } from "../../../src/xe/ledger.js";
import { type BlockEvent, LedgerLog, type LeaseEvent, readLedgerLog, REPLAYED_EVENTS } from "../../../src/xe/replay.js";
import { effort } from "../../support/effort.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";
import { XeLife } from "../../support/xeLife.js";

/** Of these some two thirds succeed. */
const STEPS = effort(900, 3_000);
const METHODS = [
  "send",
  "receivePending",
  "claim",
  "transfer",
  "transferFrom",
  "delegate",
  "lease",
  "acceptLease",
  "cancelLease",
  "objectToLease",
  "rule",
  "lapseObjection",
  "settleLease",
  "mint",
  "setRates",
];
const NO_HASH = `0x${"00".repeat(32)}`;

describe("XE's ledger, used by many at random", () => {
  const seed = seedOfThisRun();
  let life: XeLife;
  let log: LedgerLog;

  before(async () => {
    life = await XeLife.begin();
    const random = new Random(seed);
    try {
      const everythingDone = (): boolean =>
        METHODS.every((method) => life.done.has(method)) &&
        life.refused.size > 12 &&
        life.model.blocks.length > STEPS / 2;
      for (let step = 0; step < STEPS || (step < 9_000 && !everythingDone()); step++) await life.step(random);
      await life.wait(1n);
    } catch (error) {
      throw new Error(`With XONOMY_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
    const { provider } = life.connection.ethers;
    log = await readLedgerLog(provider, life.place.ledger, { from: 0, to: await provider.getBlockNumber() });
  });

  const told = `XONOMY_SEED=${seed}`;

  it("should have done everything that can be done, and have been refused in many ways", () => {
    for (const method of METHODS) {
      expect(life.done.get(method) ?? 0, `${method}, ${told}`).to.be.greaterThan(0);
    }
    expect(life.refused.size, told).to.be.greaterThan(12);
    expect(life.model.blocks.length, told).to.be.greaterThan(STEPS / 2);
  });

  it("should agree with the model in every head, balance, vote and supply", async () => {
    const { ledger, model, faces } = life;
    for (const account of [...life.accounts, life.place.ledger]) {
      for (const [asset, face] of [
        [XE, faces.xe],
        [XUSD, faces.xusd],
      ] as const) {
        const balance = model.balanceOf(account, asset);
        expect(await ledger.balanceOf(account, asset), told).to.equal(balance);
        expect(await face.balanceOf(account), told).to.equal(balance);
      }
      expect(await ledger.headOf(account), told).to.equal(model.headOf(account));
      expect(await ledger.delegates(account), told).to.equal(model.delegateOf(account));
      expect(await ledger.getVotes(account), told).to.equal(model.votesOf(account));
      expect(await ledger.claimableAt(account), told).to.equal(model.claimableAt(account));
    }
    for (const asset of [XE, XUSD] as const) {
      expect(await ledger.totalSupply(asset), told).to.equal(model.supplyOf(asset));
      const sum = life.accounts.reduce((all, account) => all + model.balanceOf(account, asset), 0n);
      expect(sum + model.heldOf(asset), told).to.equal(model.supplyOf(asset));
    }
    const settled = [...model.leases.values()].filter(({ state }) => state === "settled");
    expect(model.emitted, told).to.equal(settled.reduce((sum, { cost }) => sum + cost * 10n ** 18n, 0n));
    expect(await ledger.xusdMinted(), told).to.equal(model.minted);
  });

  it("should agree with the model in votes and supply of the past", async () => {
    const random = new Random(seed ^ 1n);
    for (let i = 0; i < 60; i++) {
      const at = random.pick(life.times) - random.between(1n, 2n);
      const account = random.pick(life.accounts);
      expect(await life.ledger.getPastVotes(account, at), told).to.equal(life.model.pastVotesOf(account, at));
      expect(await life.ledger.getPastTotalSupply(at), told).to.equal(life.model.pastSupply(at));
    }
  });

  it("should agree with the model in every lease", async () => {
    for (const lease of life.model.leases.values()) {
      const { consumer, cost, duration, state, provider, endsAt, since } = await life.ledger.leaseOf(lease.id);
      expect(
        { consumer, cost, duration, state: LEASE_STATES[Number(state)], provider, endsAt, since },
        told,
      ).to.deep.equal({
        consumer: lease.consumer,
        cost: lease.cost,
        duration: lease.duration,
        state: lease.state,
        provider: lease.provider,
        endsAt: lease.endsAt,
        since: lease.since,
      });
    }
  });

  it("should have announced every movement through the faces, as the model has", async () => {
    const { faces, model } = life;
    for (const [asset, face] of [
      [XE, faces.xe],
      [XUSD, faces.xusd],
    ] as const) {
      const logs = await face.queryFilter(face.filters.Transfer());
      const announced = logs.map(({ args: [from, to, amount] }) => ({ from, to, amount }));
      const meant = model.transfers.filter((each) => each.asset === asset);
      expect(announced, told).to.deep.equal(meant.map(({ from, to, amount }) => ({ from, to, amount })));
      const balances = new Map<string, bigint>();
      for (const { from, to, amount } of announced) {
        balances.set(from, (balances.get(from) ?? 0n) - amount);
        balances.set(to, (balances.get(to) ?? 0n) + amount);
      }
      for (const account of [...life.accounts, life.place.ledger]) {
        expect(balances.get(account) ?? 0n, told).to.equal(await face.balanceOf(account));
      }
      expect(-(balances.get(ZeroAddress) ?? 0n), told).to.equal(await face.totalSupply());
    }
  });

  it("should be rebuilt from logs for every account, to the head and both balances", async () => {
    expect(log.blocks, told).to.equal(life.model.blocks.length);
    expect([...log.accounts].sort(), told).to.deep.equal(
      [...new Set(life.model.blocks.map(({ block }) => block.account))].sort(),
    );
    for (const account of log.accounts) {
      const chain = log.replay(life.place, account);
      expect(chain.misfit, told).to.equal(undefined);
      expect(chain.blocks.length, told).to.equal(life.model.chainOf(account).length);
      expect(chain.head, told).to.equal(await life.ledger.headOf(account));
      expect(chain.xe, told).to.equal(await life.ledger.balanceOf(account, XE));
      expect(chain.xusd, told).to.equal(await life.ledger.balanceOf(account, XUSD));
    }
  });

  it("should be read the same from a node that answers few blocks at once", async () => {
    const { provider } = life.connection.ethers;
    const limited = {
      async getLogs(filter: {
        fromBlock: number;
        toBlock: number;
        address: string | string[];
        topics?: unknown;
      }): Promise<Log[]> {
        if (filter.toBlock - filter.fromBlock > 100) throw new Error("query exceeds the range of 100 blocks");
        return provider.getLogs(filter as never);
      },
    };
    const seen: number[] = [];
    const to = await provider.getBlockNumber();
    const again = await readLedgerLog(limited, life.place.ledger, { from: 0, to }, (block) => seen.push(block));
    expect(again.blocks).to.equal(log.blocks);
    expect(seen.at(-1)).to.equal(to);
    expect(seen.length).to.be.greaterThan(2);
  });

  describe("and its logs changed by somebody", () => {
    /** The log of an account with some of its events changed, and everybody else's as they are. */
    function changed(account: Address, change: (events: BlockEvent[]) => BlockEvent[]) {
      const copy = new LedgerLog();
      for (const lease of leases) copy.addLease(lease);
      for (const other of log.accounts) {
        const events = [...log.eventsOf(other)];
        for (const event of other === account ? change(events) : events) copy.addBlock(event);
      }
      return copy.replay(life.place, account);
    }

    let account: Address;
    let leases: readonly LeaseEvent[];
    let length: number;

    before(async () => {
      account = life.accounts[1] as Address;
      length = log.eventsOf(account).length;
      const opened = await life.ledger.queryFilter(life.ledger.filters.LeaseOpened());
      leases = opened.map(({ args: [id, consumer, provider, vCpus, memoryMB, diskGB, duration, cost] }) => ({
        id: id as Hash,
        consumer: consumer as Address,
        provider: provider as Address,
        terms: { vCpus, memoryMB, diskGB, duration },
        cost,
      }));
    });

    /** Changes one field of the block with this number. */
    const replaced = (number: number, fields: Partial<BlockEvent>) =>
      changed(account, (events) => events.map((event, i) => (i === number - 1 ? { ...event, ...fields } : event)));

    it("should fit where nothing was changed", () => {
      const chain = changed(account, (events) => events);
      expect(chain.misfit).to.equal(undefined);
      expect(chain.head).to.equal(life.model.headOf(account));
    });

    it("should point at a block whose balance, link, type, asset or account was changed", () => {
      const random = new Random(seed ^ 2n);
      for (let i = 0; i < 3; i++) {
        const number = Number(random.between(1n, BigInt(length)));
        const event = log.eventsOf(account)[number - 1] as BlockEvent;
        const otherType = event.blockType === BlockType.Send ? BlockType.Receive : BlockType.Send;
        for (const [fields, reason] of [
          [{ balance: event.balance + 1n }, /^its hash is/],
          [{ link: `0x${"5a".repeat(32)}` as Hash }, /^its hash is/],
          [{ blockType: otherType }, /^its hash is/],
          [{ asset: "0x5845000000000001" as Asset }, /^there is no asset/],
          [{ hash: `0x${"6b".repeat(32)}` as Hash }, /^its hash is/],
          [{ blockType: 0 }, /^there is no block of type 0/],
          [{ blockType: 11 }, /^there is no block of type 11/],
        ] as const) {
          const { misfit, blocks } = replaced(number, fields);
          expect(misfit?.number, told).to.equal(number);
          expect(misfit?.reason, told).to.match(reason);
          expect(blocks, told).to.have.length(number - 1);
        }
      }
    });

    it("should point at the block after one that was left out, doubled, or changed places", () => {
      const middle = Math.floor(length / 2);
      const without = changed(account, (events) => events.filter((_, i) => i !== middle - 1));
      expect(without.misfit?.number).to.equal(middle);
      const doubled = changed(account, (events) =>
        events.flatMap((event, i) => (i === middle - 1 ? [event, event] : [event])),
      );
      expect(doubled.misfit?.number).to.equal(middle + 1);
      const swapped = changed(account, (events) => {
        const [one, two] = [events[middle - 1] as BlockEvent, events[middle] as BlockEvent];
        return events.map((event, i) => (i === middle - 1 ? two : i === middle ? one : event));
      });
      expect(swapped.misfit?.number).to.equal(middle);
      const cut = changed(account, (events) => events.slice(0, -1));
      expect(cut.misfit).to.equal(undefined);
      expect(cut.head).to.not.equal(life.model.headOf(account));
    });

    it("should not fit on another chain, ledger or account", () => {
      const other = life.accounts[2] as Address;
      for (const place of [
        { ...life.place, chainId: 1n },
        { ...life.place, ledger: other },
      ]) {
        expect(log.replay(place, account).misfit?.number).to.equal(1);
      }
      const chain = new LedgerLog();
      for (const event of log.eventsOf(account)) chain.addBlock({ ...event, account: other });
      expect(chain.replay(life.place, other).misfit?.number).to.equal(1);
    });

    it("should point at a receive whose send nobody logged, and at a lease whose terms were changed", () => {
      const own = (account: Address, source: Hash) => log.eventsOf(account).some(({ hash }) => hash === source);
      const receive = log.accounts
        .flatMap((each) => log.eventsOf(each))
        .find(({ blockType, account: by, link }) => blockType === BlockType.Receive && !own(by, link)) as BlockEvent;
      const alone = new LedgerLog();
      for (const lease of leases) alone.addLease(lease);
      for (const event of log.eventsOf(receive.account)) alone.addBlock(event);
      // What others did to leases is known; what they sent is not.
      const others = log.accounts.filter((each) => each !== receive.account).flatMap((each) => log.eventsOf(each));
      for (const event of others) if (event.blockType !== BlockType.Send) alone.addBlock(event);
      const first = log
        .eventsOf(receive.account)
        .findIndex(({ blockType, link }) => blockType === BlockType.Receive && alone.send(link) === undefined);
      const { misfit } = alone.replay(life.place, receive.account);
      expect(misfit?.number).to.equal(first + 1);
      expect(misfit?.reason).to.match(/^nothing was sent by the block/);
      const [lease] = leases;
      if (!lease) throw new Error(`No lease was opened, ${told}.`);
      for (const [forged, reason] of [
        [{ ...lease, cost: lease.cost + 1n }, /^its link is not the hash/],
        [{ ...lease, terms: { ...lease.terms, vCpus: lease.terms.vCpus + 1n } }, /^its link is not the hash/],
        [
          { ...lease, consumer: receive.account === lease.consumer ? (ZeroAddress as Address) : receive.account },
          /^the lease is one of/,
        ],
      ] as const) {
        const copy = new LedgerLog();
        for (const each of leases) copy.addLease(each.id === lease.id ? forged : each);
        for (const each of log.accounts) for (const event of log.eventsOf(each)) copy.addBlock(event);
        const { misfit } = copy.replay(life.place, lease.consumer);
        expect(misfit?.hash, told).to.equal(lease.id);
        expect(misfit?.reason).to.match(reason);
      }
    });

    it("should take no notice of logs that are not the ledger's", () => {
      const copy = new LedgerLog();
      copy.add({ topics: [NO_HASH], data: "0x" });
      expect(copy.blocks).to.equal(0);
      expect(REPLAYED_EVENTS.fragments).to.have.length(2);
    });
  });
});
