import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import { type Block, type BlockTag, type Filter, id, type Log, MaxUint256, parseEther, ZeroAddress } from "ethers";

import {
  type ChainFacts,
  type ChainOptions,
  type ChainProvider,
  type EpochFacts,
  epochBounds,
  EPOCH_SECONDS,
  type FactRows,
  MiningChain,
  type Multiplier,
} from "../../../src/mining/index.js";
import { contentCommitment, contentIdOf } from "../../../src/xme/content.js";
import { IDLE_DAYS_PER_LEVEL, stakeTier } from "../../../src/xme/growth.js";
import { DEFAULT_WEIGHTS, STRIKE_WINDOW } from "../../../src/xme/mining.js";
import { deployed, refusal } from "../../support/tasks.js";
import { asTreasury, buyXme, giveXmex } from "../../support/xmeTasks.js";

const DAY = 86_400n;
const HOUR = 3_600n;
const NAMES = ["lea", "ada", "ben", "cleo", "dan", "eva", "fay", "hal", "ivy", "kim"] as const;
type Name = (typeof NAMES)[number];
const [OPERATOR, FIRST, PUBLISHER, STRIKER] = [9, 10, 6, 7] as const;
const NEW_WEIGHTS = DEFAULT_WEIGHTS.map((weight, i) => weight + BigInt(i));

/** Rows, all together. */
async function all<T>(rows: FactRows<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** Facts with their rows, to be compared. */
async function read(facts: EpochFacts) {
  const { epoch, weights } = facts;
  const checkIns = await all(facts.checkIns);
  const invitations = await all(facts.invitations);
  const contents = await all(facts.contents);
  const multipliers = new Map<string, Omit<Multiplier, "account">>();
  for (const { account, ...multiplier } of await all(facts.multipliers)) {
    expect(multipliers.has(account), `${account} once`).to.equal(false);
    multipliers.set(account, multiplier);
  }
  return { epoch, weights, checkIns, invitations, contents, multipliers };
}

/** A provider some of whose answers are others'. */
function instead(provider: ChainProvider, other: Partial<ChainProvider>): ChainProvider {
  return {
    call: (transaction) => provider.call(transaction),
    getBlock: (tag, prefetch) => provider.getBlock(tag, prefetch),
    getLogs: (filter) => provider.getLogs(filter),
    ...other,
  };
}

/** A node with limits: on the blocks of a request, and on the events of its answer. */
function limited(provider: ChainProvider, { blocks = Infinity, events = Infinity }) {
  const asked = { requests: 0, refused: 0, most: 0, largest: 0 };
  const limits = instead(provider, {
    async getLogs(filter) {
      const { fromBlock, toBlock } = filter as { fromBlock: number; toBlock: number };
      const size = toBlock - fromBlock + 1;
      asked.requests++;
      const found = size > blocks ? [] : await provider.getLogs(filter);
      if (size > blocks || found.length > events) {
        asked.refused++;
        throw new Error("query returned more than was allowed");
      }
      asked.most = Math.max(asked.most, found.length);
      asked.largest = Math.max(asked.largest, size);
      return found;
    },
  });
  return { limits, asked };
}

describe("MiningChain", () => {
  const local = deployed("xme", OPERATOR);
  const people = {} as Record<Name, HardhatEthersSigner>;
  /** The first of the weeks that something happens in. */
  let week: bigint;
  /** What was done, as its receipts say. */
  const done = {
    checkIns: [] as { account: string; time: bigint }[],
    contents: [] as { content: bigint; creator: string; time: bigint }[],
    completed: 0n,
  };

  const xme = () => local().deployment.xme;
  const provider = () => local().connection.ethers.provider;
  const now = async () => BigInt(await local().connection.networkHelpers.time.latest());
  const until = async (epoch: bigint, day = 0n, hour = 0n): Promise<void> => {
    await local().connection.networkHelpers.time.increaseTo(epochBounds(epoch).starts + day * DAY + hour * HOUR);
  };
  const signer = async (index: number): Promise<HardhatEthersSigner> => {
    const found = (await local().connection.ethers.getSigners())[index];
    if (!found) throw new Error("there are twenty accounts");
    return found;
  };
  const checkIn = async (...names: readonly Name[]): Promise<void> => {
    for (const name of names) {
      await xme().userGrowth.connect(people[name]).checkIn();
      done.checkIns.push({ account: people[name].address, time: await now() });
    }
  };
  const delegate = async (name: Name, amount: string, node = 1n) =>
    xme().nodes.connect(people[name]).delegate(node, parseEther(amount));
  const undelegate = async (name: Name, shares: bigint = MaxUint256) =>
    xme().nodes.connect(people[name]).undelegate(1n, shares);
  const register = async (name: Name, text: string): Promise<void> => {
    const { contentRegistry } = xme();
    const [hash, salt] = [id(text), id("salt")] as [`0x${string}`, `0x${string}`];
    const { chainId } = await provider().getNetwork();
    const [account, registry] = [people[name].address, await contentRegistry.getAddress()];
    const registrar = contentRegistry.connect(people[name]);
    await registrar.commit(contentCommitment({ hash, account, salt, chainId, registry }));
    await local().connection.networkHelpers.time.increase(60n);
    await registrar.register(hash, salt, "", 0n, 0n);
    done.contents.push({ content: contentIdOf(hash), creator: account, time: await now() });
  };
  /** Sells growth as only spending could. */
  const sold = async (sale: "accelerate" | "protect" | "unlockPrivilege", name: Name, value: bigint): Promise<void> => {
    const { impersonateAccount, setBalance, stopImpersonatingAccount } = local().connection.networkHelpers;
    const seller = await xme().spending.getAddress();
    await impersonateAccount(seller);
    await setBalance(seller, parseEther("10"));
    const growth = xme().userGrowth.connect(await local().connection.ethers.getSigner(seller));
    await growth[sale](people[name], value);
    await stopImpersonatingAccount(seller);
  };
  const publish = async (epoch: bigint, accounts: readonly Name[], uri = "ipfs://log") => {
    const rows = accounts.map((name): [string, bigint] => [people[name].address, 100n]);
    const tree = StandardMerkleTree.of(rows, ["address", "uint256"]);
    const mining = xme().socialMining.connect(await signer(PUBLISHER));
    await mining.publish(epoch, tree.root, 100n * BigInt(rows.length), uri, id(uri));
    return tree;
  };
  /** Whatever the chain's own views say in the last minute of an epoch, as they said it. */
  const endings = new Map<bigint, { block: number; multipliers: ReadonlyMap<Name, Omit<Multiplier, "account">> }>();
  const endOf = async (epoch: bigint): Promise<void> => {
    await local().connection.networkHelpers.time.increaseTo(epochBounds(epoch).ends - 30n);
    const multipliers = new Map<Name, Omit<Multiplier, "account">>();
    for (const name of NAMES) {
      const { incentivePercent, highValuePercent, advancedTasksUnlocked } = await xme().userGrowth.privilegesOf(
        people[name],
      );
      multipliers.set(name, { incentivePercent, highValuePercent, advancedTasksUnlocked });
    }
    endings.set(epoch, { block: await provider().getBlockNumber(), multipliers });
  };

  const addresses = async () => ({
    socialMining: await xme().socialMining.getAddress(),
    contentRegistry: await xme().contentRegistry.getAddress(),
  });
  const chain = async (options: ChainOptions = {}, from: ChainProvider = provider()): Promise<MiningChain> =>
    new MiningChain(from, await addresses(), { confirmations: 0, ...options });
  const factsOf = async (epoch: bigint, from?: ChainProvider) => read(await (await chain({}, from)).factsOf(epoch));

  /** What the reader must say of everybody: what the views said, but for the tiers of those whose smallest stake was smaller than their last. */
  async function expected(epoch: bigint): Promise<Map<string, Omit<Multiplier, "account">>> {
    const ending = endings.get(epoch);
    if (!ending) throw new Error("the epoch's end was not looked at");
    const { userGrowth, nodes } = xme();
    const facts = await (await chain()).factsOf(epoch);
    const found = new Map<string, Omit<Multiplier, "account">>();
    for (const name of NAMES) {
      const { address } = people[name];
      let least = MaxUint256;
      for (let block = facts.firstBlock - 1; block <= facts.lastBlock; block++) {
        const principal = await nodes.delegatedPrincipalOf(address, { blockTag: block });
        if (principal < least) least = principal;
      }
      const standing = await userGrowth.standingOf(address, { blockTag: ending.block });
      const { stakeTier: tier, idleDays } = standing;
      let multiplier = ending.multipliers.get(name);
      if (stakeTier(least) !== tier) {
        // A stake that was not there all the time keeps no level either.
        const lost = stakeTier(least) === 0n ? idleDays / IDLE_DAYS_PER_LEVEL : 0n;
        const level = lost < standing.level ? standing.level - lost : 1n;
        const effective = level + stakeTier(least);
        const privileges = await userGrowth.privilegesAt(effective > 10n ? 10n : effective);
        const { privileges: unlocked } = await userGrowth.accountOf(address, { blockTag: ending.block });
        multiplier = {
          incentivePercent: privileges.incentivePercent,
          highValuePercent: privileges.highValuePercent,
          advancedTasksUnlocked: privileges.advancedTasksUnlocked || unlocked % 2n === 1n,
        };
      }
      if (multiplier === undefined) throw new Error("everybody was looked at");
      const { incentivePercent, highValuePercent, advancedTasksUnlocked } = multiplier;
      if (incentivePercent + highValuePercent > 200n || advancedTasksUnlocked) found.set(address, multiplier);
    }
    return found;
  }

  /** Three weeks of a community and a long absence. */
  before(async function () {
    this.timeout(120_000);
    const { session, deployment, connection } = local();
    const { nodes, xmex, xme: xmeToken, userGrowth, socialMining } = deployment.xme;
    for (const [i, name] of NAMES.entries()) {
      people[name] = await signer(FIRST + i);
      await giveXmex(local(), people[name].address as `0x${string}`, "300000");
      await xmex.connect(people[name]).approve(nodes, MaxUint256);
    }
    await buyXme(session, "1000000");
    const operator = await signer(OPERATOR);
    await xmeToken.connect(operator).approve(nodes, MaxUint256);
    for (const bond of ["950000", "5000", "5000"]) await nodes.connect(operator).openNode(parseEther(bond), 1_000n, "");

    // What leaves a closed node on the last day of the week has been there for more than an unbonding period then.
    week = ((await now()) + 2n * DAY) / EPOCH_SECONDS + 1n;
    await delegate("dan", "10000");
    await delegate("eva", "1000.9995");
    await delegate("hal", "150000");
    await delegate("ivy", "99999", 2n);
    await delegate("ivy", "1");
    // Together a little more than the first tier, but each counts in thousandths.
    for (const amount of ["999.9995", "0.0009"]) await delegate("ben", amount);
    // What is left rounds down below the tier.
    await delegate("lea", "1000.001");
    await undelegate("lea", ((await nodes.sharesOf(1n, people.lea)) * 15n) / 10_000_010n);
    await register("ada", "before the first week");

    for (let day = 0n; day < 7n; day++) {
      await until(week, day, 6n);
      if (day === 0n) await sold("accelerate", "ada", 10n);
      await checkIn("ada");
      if (day < 3n) await checkIn("ben", "lea");
      if (day === 3n) await userGrowth.connect(people.cleo).acceptInvitation(people.ada);
      if (day > 2n && day < 6n) await checkIn("cleo");
      if (day === 1n) {
        await register("ben", "in the first week");
        // All of it and back at once; a part and back; what stays to the end; what leaves a closed node.
        await undelegate("eva");
        await delegate("eva", "1500");
        await undelegate("hal", (await nodes.sharesOf(1n, people.hal)) - parseEther("15000.5"));
        await delegate("hal", "140000");
        await delegate("fay", "100000");
        await nodes.connect(operator).closeNode(2n);
      }
      if (day === 6n) {
        await nodes.connect(people.ivy).leaveClosedNode(2n, people.ivy);
        await delegate("ivy", "123456");
      }
      if (day === 4n) {
        // In one block, in one second.
        await connection.provider.request({ method: "evm_setAutomine", params: [false] });
        await delegate("kim", "100000");
        await xme().nodes.connect(people.kim).undelegate(1n, MaxUint256, { gasLimit: 1_000_000n });
        await connection.networkHelpers.mine();
        await connection.provider.request({ method: "evm_setAutomine", params: [true] });
      }
    }
    await endOf(week);

    await until(week + 1n, 0n, 1n);
    const tree = await publish(week, ["cleo", "ada"]);
    await asTreasury({ connection, deployment }, async (treasury) => {
      await socialMining.connect(treasury).setWeights(NEW_WEIGHTS as never);
    });
    await sold("unlockPrivilege", "ben", 0n);
    await sold("protect", "lea", 3n);
    await until(week + 1n, 4n);
    await checkIn("ada", "lea");
    const anybody = people.kim;
    await socialMining.connect(anybody).claim(week, people.cleo, 100n, tree.getProof([people.cleo.address, 100n]));
    await userGrowth.connect(anybody).completeInvitation(people.cleo);
    done.completed = await now();
    await userGrowth.connect(anybody).collectContribution(people.cleo);
    await undelegate("dan", parseEther("1"));
    await endOf(week + 1n);

    await until(week + 2n, 1n);
    // The eighth week ends on Cleo's 29th idle day, and the seventh on Ada's 30th.
    await sold("protect", "cleo", 21n);
    await until(week + 2n, 4n);
    await checkIn("ada");
    await endOf(week + 2n);

    // Ada loses a level, Cleo is protected; then Ada and Lea stake when the epoch has begun, or is nearly over.
    await until(week + 6n);
    // When shares have become dearer, so that as many XMEX bring fewer of them.
    await delegate("dan", "10000", 3n);
    await endOf(week + 6n);
    await connection.networkHelpers.time.setNextBlockTimestamp(epochBounds(week + 7n).starts);
    await delegate("ada", "1000");
    await undelegate("dan");
    await connection.networkHelpers.time.increaseTo(epochBounds(week + 7n).ends - 40n);
    await delegate("lea", "100000");
    await endOf(week + 7n);
    await endOf(week + 8n);
    await until(week + 9n, 1n);
  });

  const inEpoch =
    (epoch: bigint) =>
    ({ time }: { time: bigint }): boolean =>
      time / EPOCH_SECONDS === epoch;

  describe("factsOf", () => {
    it("should say what the chain's own views said at each epoch's end, with the smallest stake of the epoch", async function () {
      this.timeout(60_000);
      for (const [epoch] of endings) {
        const facts = await factsOf(epoch);
        const multipliers = await expected(epoch);
        expect(Object.fromEntries(facts.multipliers), `multipliers of epoch ${String(epoch - week)}`).to.deep.equal(
          Object.fromEntries(multipliers),
        );
        expect(facts.checkIns).to.deep.equal(done.checkIns.filter(inEpoch(epoch)));
        expect(facts.contents).to.deep.equal(done.contents.filter(({ time }) => time < epochBounds(epoch).ends));
        expect(facts.weights).to.deep.equal(epoch < week + 2n ? DEFAULT_WEIGHTS : NEW_WEIGHTS);
        const completed = { inviter: people.ada.address, invitee: people.cleo.address, time: done.completed };
        expect(facts.invitations).to.deep.equal(epoch === week + 1n ? [completed] : []);
      }
      expect(done.checkIns.filter(inEpoch(week))).to.have.length(16);
    });

    it("should count for nothing what comes or goes within the epoch, and all of it in the next", async () => {
      const tierOf = async (epoch: bigint, name: Name): Promise<bigint | undefined> =>
        (await factsOf(epoch)).multipliers.get(people[name].address)?.incentivePercent;
      const at = (epoch: bigint) => (name: Name) => tierOf(epoch, name);
      const stakers = ["dan", "eva", "fay", "hal", "ivy", "kim"] as const;
      const views = stakers.map((name) => endings.get(week)?.multipliers.get(name)?.incentivePercent);
      expect(views, "what views say at the end").to.deep.equal([120n, 110n, 135n, 135n, 135n, 100n]);
      expect(await Promise.all(stakers.map(at(week)))).to.deep.equal([
        120n,
        undefined,
        undefined,
        120n,
        undefined,
        undefined,
      ]);
      // Dan fell below a tier in the second week.
      expect(await Promise.all(stakers.map(at(week + 1n)))).to.deep.equal([110n, 110n, 135n, 135n, 135n, undefined]);
    });

    it("should take the levels that idleness took, unless somebody paid or stood by with stake all the time", async () => {
      const of = async (epoch: bigint) => {
        const { multipliers } = await factsOf(epoch);
        return (name: Name) => multipliers.get(people[name].address)?.incentivePercent;
      };
      const [second, seventh, eighth] = [await of(week + 2n), await of(week + 6n), await of(week + 7n)];
      const level = async (name: Name) => (await xme().userGrowth.accountOf(people[name])).points;
      expect(await level("ada")).to.be.within(300n, 699n);
      expect([second("ada"), seventh("ada")]).to.deep.equal([120n, 110n]);
      expect([second("cleo"), seventh("cleo"), eighth("cleo")], "protected").to.deep.equal([135n, 135n, 135n]);
      // Ada's stake of the eighth week came after its first second.
      expect(endings.get(week + 7n)?.multipliers.get("ada")?.incentivePercent).to.equal(135n);
      expect(eighth("ada")).to.equal(110n);
      expect(endings.get(week + 7n)?.multipliers.get("lea")?.incentivePercent).to.equal(135n);
      expect(eighth("lea")).to.equal(undefined);
      const ninth = await of(week + 8n);
      expect([ninth("ada"), ninth("lea"), ninth("dan")], "staked all the time").to.deep.equal([135n, 135n, 120n]);
    });

    it("should not move with what is decided afterwards", async () => {
      const before = [await factsOf(week), await factsOf(week + 1n)];
      const { socialMining, userGrowth, xmex } = xme();
      await asTreasury(local(), async (treasury) => {
        await socialMining.connect(treasury).setWeights(DEFAULT_WEIGHTS.map(() => 1n) as never);
        await socialMining.connect(treasury).setSources(xmex, ZeroAddress);
        await userGrowth.connect(treasury).setSources(socialMining, xmex);
      });
      await userGrowth.connect(people.ben).checkIn();
      await undelegate("hal");
      await until(week + 10n, 1n);
      expect([await factsOf(week), await factsOf(week + 1n)]).to.deep.equal(before);
      expect((await (await chain()).factsOf(week + 7n)).userGrowth).to.equal(await userGrowth.getAddress());
      const { userGrowth: named, weights } = await (await chain()).factsOf(week + 9n).catch((error: unknown) => {
        expect(String(error)).to.contain("has no event from when it was made");
        return { userGrowth: "", weights: [] };
      });
      expect([named, weights]).to.deep.equal(["", []]);
    });

    it("should take the UserGrowth that it was given where SocialMining named none", async () => {
      const { socialMining, userGrowth, spending } = xme();
      await asTreasury(local(), async (treasury) => {
        await socialMining.connect(treasury).setSources(ZeroAddress, spending);
      });
      await until(week + 10n, 1n);
      const given = { ...(await addresses()), userGrowth: await userGrowth.getAddress() };
      const facts = await new MiningChain(provider(), given, { confirmations: 0 }).factsOf(week + 9n);
      expect(facts.userGrowth).to.equal(given.userGrowth);
      expect((await read(facts)).multipliers.size).to.be.above(0);
      expect(await refusal((await chain()).factsOf(week + 9n))).to.match(/named no UserGrowth by the end of the epoch/);
    });
  });

  describe("given a node that limits what it answers", () => {
    it("should find the limit, and read the same", async () => {
      const whole = await factsOf(week + 1n);
      for (const limits of [{ blocks: 7 }, { events: 3 }, { blocks: 1 }, { blocks: 50, events: 9 }]) {
        const node = limited(provider(), limits);
        expect(await factsOf(week + 1n, node.limits), JSON.stringify(limits)).to.deep.equal(whole);
        expect(node.asked.refused).to.be.above(0);
        expect(node.asked.largest).to.be.at.most(limits.blocks ?? Infinity);
        expect(node.asked.refused, "most of what is asked for is answered").to.be.below(node.asked.requests / 2 + 12);
      }
    });

    it("should grow what it asks for where nothing is refused", async () => {
      const node = limited(provider(), {});
      await read(await (await chain({ range: 1 }, node.limits)).factsOf(week));
      const head = await provider().getBlockNumber();
      expect(node.asked.requests).to.be.below(60);
      expect(node.asked.largest)
        .to.be.above(100)
        .and.at.most(head + 1);
    });

    it("should say so where it refuses even one block", async () => {
      const node = limited(provider(), { blocks: 0 });
      expect(await refusal((await chain({}, node.limits)).factsOf(week))).to.equal(
        "The node refuses the events of block 0 alone (query returned more than was allowed): use another RPC URL.",
      );
    });

    it("should start no earlier than it is told to", async () => {
      const { socialMining } = xme();
      const [made] = await socialMining.queryFilter(socialMining.filters.WeightsChanged());
      const fromBlock = made?.blockNumber ?? 0;
      let earliest = Infinity;
      const node = instead(provider(), {
        getLogs(filter) {
          earliest = Math.min(earliest, Number((filter as Filter).fromBlock));
          return provider().getLogs(filter);
        },
      });
      const facts = await (await chain({ fromBlock }, node)).factsOf(week);
      expect(await read(facts)).to.deep.equal(await factsOf(week));
      expect(earliest).to.equal(fromBlock).and.above(0);
    });
  });

  describe("given an epoch that is not over or not final", () => {
    it("should refuse it", async () => {
      const current = (await now()) / EPOCH_SECONDS;
      expect(await refusal((await chain()).factsOf(current))).to.match(
        /^Epoch \d+ ends at \d{4}-\d\d-\d\d 00:00:00 UTC, and the chain's latest block is of .* UTC: wait until it is over\.$/,
      );
      const { lastBlock } = await (await chain()).factsOf(current - 1n);
      const lying = (await provider().getBlockNumber()) - lastBlock;
      expect(await refusal((await chain({ confirmations: lying + 1 })).factsOf(current - 1n))).to.match(
        new RegExp(`on which ${String(lying)} blocks lie, and ${String(lying + 1)} are asked for so that it is final`),
      );
      expect((await (await chain({ confirmations: lying })).factsOf(current - 1n)).lastBlock).to.equal(lastBlock);
      const unsaid = new MiningChain(provider(), await addresses());
      expect(await refusal(unsaid.factsOf(current - 1n))).to.match(/and 64 are asked for/);
    });

    it("should find the second in which it is over", async () => {
      const current = (await now()) / EPOCH_SECONDS;
      const { ends } = epochBounds(current);
      const { setNextBlockTimestamp } = local().connection.networkHelpers.time;
      for (const second of [ends - 1n, ends]) {
        await setNextBlockTimestamp(second);
        await xme().userGrowth.connect(people.ada).checkIn();
      }
      expect((await factsOf(current)).checkIns).to.deep.equal([{ account: people.ada.address, time: ends - 1n }]);
      await until(current + 2n);
      expect((await factsOf(current + 1n)).checkIns).to.deep.equal([{ account: people.ada.address, time: ends }]);
    });

    it("should refuse one before the first, and an address that is none of SocialMining's", async () => {
      const first = await xme().socialMining.firstEpoch();
      expect(await refusal((await chain()).factsOf(first - 1n))).to.match(
        new RegExp(`^Epoch ${String(first - 1n)} is before ${String(first)}, the first of SocialMining at 0x`),
      );
      const none = { ...(await addresses()), socialMining: people.ada.address };
      expect(await refusal(new MiningChain(provider(), none).factsOf(week))).to.match(
        /^There is no SocialMining at 0x/,
      );
    });
  });

  describe("given answers that contradict each other", () => {
    const logs = (change: (found: Log[], filter: Filter) => Log[]): ChainProvider =>
      instead(provider(), {
        getLogs: async (filter) => change(await provider().getLogs(filter), filter as Filter),
      });
    const blocks = (change: (block: Block, asked: number) => Block | null): ChainProvider => {
      const asked = new Map<BlockTag, number>();
      return instead(provider(), {
        async getBlock(tag) {
          const block = (await provider().getBlock(tag)) as Block;
          asked.set(tag, (asked.get(tag) ?? 0) + 1);
          return change(block, asked.get(tag) ?? 0);
        },
      });
    };
    const altered = <T extends object>(original: T, some: Partial<T>): T => {
      const other: T = Object.create(original) as T;
      for (const [name, value] of Object.entries(some)) Object.defineProperty(other, name, { value });
      return other;
    };
    const contradicts = async (node: ChainProvider, what: RegExp): Promise<void> => {
      const said = await refusal(factsOf(week, node));
      expect(said)
        .to.match(/^The node's answers contradict each other: /)
        .and.match(what)
        .and.match(/run the command again/);
    };
    const topic = (name: "CheckedIn" | "Delegated"): string => {
      const contract = name === "CheckedIn" ? xme().userGrowth : xme().nodes;
      return contract.interface.getEvent(name as never)?.topicHash ?? "";
    };

    it("should notice check-ins and delegations that are missing, twice, removed or not asked for", async () => {
      const hides = (name: "CheckedIn" | "Delegated", account: string, which: number) =>
        logs((found) => {
          const mine = found.filter((log) => log.topics[0] === topic(name) && log.topics.join().includes(account));
          return found.filter((log) => log !== mine[which]);
        });
      const [ada, eva] = [people.ada.address, people.eva.address].map((text) => text.slice(2).toLowerCase());
      await contradicts(hides("CheckedIn", ada ?? "", 3), /a check-in of 0x\w+ before day \d+ is missing/);
      await contradicts(hides("Delegated", eva ?? "", 0), /gave back more of node 1/);
      await contradicts(
        logs((found) => [...found, ...found.slice(0, 1)]),
        /or one twice/,
      );
      await contradicts(
        logs((found) => found.map((log) => altered(log, { removed: true }))),
        /not asked for/,
      );
      await contradicts(
        logs((found) => found.map((log) => altered(log, { address: people.ada.address }))),
        /not asked for/,
      );
      await contradicts(
        logs((found, { toBlock }) => found.map((log) => altered(log, { blockNumber: Number(toBlock) + 1 }))),
        /not asked for/,
      );
    });

    it("should take them in any order", async () => {
      expect(
        await factsOf(
          week,
          logs((found) => [...found].reverse()),
        ),
      ).to.deep.equal(await factsOf(week));
    });

    it("should notice blocks that changed, are not known, or do not follow each other", async () => {
      const { lastBlock, firstBlock } = await (await chain()).factsOf(week);
      await contradicts(
        blocks((block, asked) =>
          block.number === lastBlock && asked > 2 ? altered(block, { hash: id("other") }) : block,
        ),
        /was 0x\w+ and is 0x/,
      );
      await contradicts(
        blocks((block) => (block.number === lastBlock + 1 ? altered(block, { parentHash: id("other") }) : block)),
        /do not follow each other/,
      );
      await contradicts(
        blocks((block) => (block.number === lastBlock ? null : block)),
        /it does not know block \d+, which it has told of/,
      );
      const log = (await provider().getLogs({ fromBlock: firstBlock, topics: [topic("CheckedIn")] }))[0];
      const other = blocks((block) =>
        block.number === log?.blockNumber ? altered(block, { hash: id("other") }) : block,
      );
      await contradicts(other, /events of block \d+ are of another one/);
      const later = blocks((block) =>
        block.number === log?.blockNumber ? altered(block, { timestamp: block.timestamp + Number(DAY) }) : block,
      );
      await contradicts(later, /is of another day/);
      const behind = instead(provider(), {
        getBlock: async (tag) => provider().getBlock(tag === "latest" ? 0 : tag),
      });
      const reader = await chain({ fromBlock: 1 }, behind);
      expect(await refusal(reader.factsOf(week))).to.match(
        /its latest block is 0, and the contracts are as old as block 1/,
      );
    });
  });

  describe("publishedRoot", () => {
    it("should tell what was published, struck and published again", async () => {
      const { socialMining } = xme();
      const reader = await chain();
      const found = await reader.publishedRoot(week);
      const { root, publishedAt } = await socialMining.epochOf(week);
      const claimableFrom = publishedAt + STRIKE_WINDOW;
      const common = { totalPoints: 200n, logHash: id("ipfs://log"), uri: "ipfs://log" };
      expect(found).to.deep.equal({ epoch: week, root, ...common, publishedAt, struckAt: undefined, claimableFrom });
      const epoch = week + 6n;
      expect(await reader.publishedRoot(epoch)).to.equal(undefined);
      const lie = await publish(epoch, ["kim", "lea"], "ipfs://lie");
      await publish(epoch + 1n, ["ben"], "ipfs://another");
      await local().connection.networkHelpers.time.increase(10n * HOUR);
      await socialMining.connect(await signer(STRIKER)).strike(epoch);
      const { struckAt } = await socialMining.epochOf(epoch);
      expect(await reader.publishedRoot(epoch)).to.include({ root: lie.root, uri: "ipfs://lie", struckAt });
      const truth = await publish(epoch, ["ada"], "ipfs://truth");
      expect(await reader.publishedRoot(epoch)).to.include({
        root: truth.root,
        totalPoints: 100n,
        logHash: id("ipfs://truth"),
        struckAt: undefined,
      });
      const silent = await chain({}, instead(provider(), { getLogs: () => Promise.resolve([]) }));
      expect(await refusal(silent.publishedRoot(epoch))).to.match(/is not among the events of its time/);
    });
  });

  it("should tell which blocks and contracts the facts are of", async () => {
    const { firstBlock, lastBlock, lastHash, userGrowth, nodeStaking }: ChainFacts = await (
      await chain()
    ).factsOf(week);
    const timeOf = async (number: number) => BigInt((await provider().getBlock(number))?.timestamp ?? 0);
    const { starts, ends } = epochBounds(week);
    expect((await timeOf(firstBlock - 1)) < starts && (await timeOf(firstBlock)) >= starts).to.equal(true);
    expect((await timeOf(lastBlock)) < ends && (await timeOf(lastBlock + 1)) >= ends).to.equal(true);
    expect(lastHash).to.equal((await provider().getBlock(lastBlock))?.hash);
    expect([userGrowth, nodeStaking]).to.deep.equal([
      await xme().userGrowth.getAddress(),
      await xme().nodes.getAddress(),
    ]);
  });
});
