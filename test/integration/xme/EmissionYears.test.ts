import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import { network } from "hardhat";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import {
  EMISSION_ALLOCATION,
  EMISSION_DURATION,
  EMISSION_STREAMS,
  EmissionModel,
  emissionLine,
  emissionUnlocked,
} from "../../../src/xme/emission.js";
import { NODE_MAX_LEVEL, NODE_UNBONDING, NodesModel } from "../../../src/xme/nodes.js";
import { DIVIDEND_MONTH, UNSTAKE_DELAY, VotingModel } from "../../../src/xme/votes.js";
import { effort } from "../../support/effort.js";
import {
  DAY,
  FIRST_SHARES,
  MILLION,
  NODES_STREAM,
  TOKEN,
  VOTES_STREAM,
  type Shares,
  expectSame,
} from "../../support/government.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const YEAR = 365n * DAY;
const MONTH = DIVIDEND_MONTH;
const VOTES = Number(VOTES_STREAM);
const NODES = Number(NODES_STREAM);
/** Streams that no contract draws: one that accrues from the first day, and one that never does under the first shares. */
const [OTHER_STREAM, UNUSED_STREAM] = [0n, 6n];
const STREAMS = [...Array(EMISSION_STREAMS).keys()];

/** Eight shares that sum to 100 %, some of them zero. */
function randomShares(random: Random): Shares {
  let left = 10_000n;
  const shares = STREAMS.map((_, position) => {
    const share = position === EMISSION_STREAMS - 1 ? left : random.once(4n) ? 0n : random.between(0n, left / 2n);
    left -= share;
    return share;
  });
  return random.shuffled(shares) as Shares;
}

/** The first second of the month after `time`. */
const nextMonth = (time: bigint) => (time / MONTH + 1n) * MONTH;

/** What the operator of a node bonds: at the highest level, enough for all XMEX. */
const BOND = 50n * MILLION;

describe("EmissionYears", () => {
  const now = async () => BigInt(await networkHelpers.time.latest());
  const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);

  /**
   * The vault a day before its start; vXME and node staking draw theirs, and nobody the others yet. There are two nodes that take in as
   * much as there is; the operator of the first keeps a million XMEX there.
   */
  async function deploy() {
    const [deployer, governance, operator, second, ...others] = await ethers.getSigners();
    if (!deployer || !governance || !operator || !second) throw new Error("too few accounts");
    const [drawers, holders] = [others.slice(0, 4), others.slice(4, 9)];
    const xme = await ethers.deployContract("XME");
    const xmex = await ethers.deployContract("XMEX");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const start = (await now()) + DAY;
    const vault = await ethers.deployContract("EmissionVault", [xmex, manager, start, FIRST_SHARES]);
    const voting = await ethers.deployContract("VotingXME", [xme, xmex, vault, VOTES_STREAM]);
    const born = await now();
    await xmex.transfer(vault, EMISSION_ALLOCATION);
    const fundedIn = await ethers.provider.getBlockNumber();
    const governed = vault.connect(governance);
    const nodes = await ethers.deployContract("NodeStaking", [xme, xmex, vault, NODES_STREAM, manager]);
    const nodesBorn = await now();
    await governed.setDrawer(VOTES_STREAM, voting);
    await governed.setDrawer(NODES_STREAM, nodes);
    for (const holder of holders) {
      await xme.transfer(holder, 100n * MILLION);
      await xmex.transfer(holder, 1_000n * MILLION);
      await xme.connect(holder).approve(voting, MaxUint256);
      await xmex.connect(holder).approve(voting, MaxUint256);
      await xmex.connect(holder).approve(nodes, MaxUint256);
    }
    for (const account of [...holders, ...drawers]) await xmex.connect(account).approve(vault, MaxUint256);
    const operators = [operator, second];
    const opened: ((model: NodesModel) => void)[] = [];
    for (const [position, one] of operators.entries()) {
      const [nodeId, commission] = [position + 1, BigInt(position + 1) * 1_000n];
      await xme.transfer(one, BOND);
      await xme.connect(one).approve(nodes, MaxUint256);
      await nodes.connect(one).openNode(BOND, commission, "");
      const time = await now();
      await nodes.connect(governance).setLevel(nodeId, NODE_MAX_LEVEL);
      opened.push((model) => {
        model.openNode(time, one.address, BOND, commission);
        model.setLevel(nodeId, NODE_MAX_LEVEL);
      });
    }
    await xmex.transfer(operator, MILLION);
    await xmex.connect(operator).approve(nodes, MaxUint256);
    await nodes.connect(operator).delegate(1, MILLION);
    const delegated = await now();
    /** A model of node staking as it stands, which gets from the vault what `draw` says. */
    const nodesModel = (draw: (time: bigint) => bigint) => {
      const model = new NodesModel(nodesBorn, draw);
      for (const open of opened) open(model);
      model.delegate(delegated, 1, operator.address, MILLION);
      return model;
    };
    const lens = await ethers.deployContract("GovernmentLens");
    const votesLens = await ethers.deployContract("VotesLens");
    const nodeLens = await ethers.deployContract("NodeLens");
    return {
      ...{ governance, operators, drawers, holders, xme, xmex, manager, start, vault, governed, fundedIn },
      ...{ voting, born, nodes, nodesModel, lens, votesLens, nodeLens },
    };
  }

  type World = Awaited<ReturnType<typeof deploy>>;

  /**
   * Three quarters of vXME are the first holder's, a quarter the second's, until the end of all times. Both delegate to the second node
   * too, three to one.
   */
  async function staked() {
    const world = await deploy();
    const { holders, voting, nodes, born } = world;
    const [ada, ben] = holders;
    if (!ada || !ben) throw new Error("too few holders");
    const stakes: [string, bigint, bigint][] = [];
    for (const [holder, amount] of [
      [ada, 3n * MILLION],
      [ben, MILLION],
    ] as const) {
      await voting.connect(holder).stake(amount);
      stakes.push([holder.address, amount, await now()]);
    }
    const delegations: [bigint, number, string, bigint][] = [];
    for (const [holder, amount] of [
      [ada, 300n * MILLION],
      [ben, 100n * MILLION],
    ] as const) {
      await nodes.connect(holder).delegate(2, amount);
      delegations.push([await now(), 2, holder.address, amount]);
    }
    /** Models of the vault, of which vXME and node staking draw their streams, and of both. */
    const models = () => {
      const emission = new EmissionModel(world.start, FIRST_SHARES);
      const drawing = (stream: number) => (time: bigint) => {
        const amount = emission.available(stream, time);
        emission.draw(stream, time, amount);
        return amount;
      };
      const [votes, staking] = [new VotingModel(born, drawing(VOTES)), world.nodesModel(drawing(NODES))];
      for (const stake of stakes) votes.stake(...stake);
      for (const delegation of delegations) staking.delegate(...delegation);
      return { emission, votes, staking };
    };
    return { ...world, ada, ben, models };
  }

  type Staked = Awaited<ReturnType<typeof staked>>;

  /**
   * Replays every transfer of XMEX out of the vault and into it, as the token told it: what is out never crosses the line of its second.
   *
   * @returns wei of XMEX that went out, and that came in after the vault was funded
   */
  async function replayTransfers({ vault, xmex, start, fundedIn }: World): Promise<{ out: bigint; back: bigint }> {
    const itself = vault.target as string;
    const logs = await xmex.queryFilter(xmex.filters.Transfer(), fundedIn + 1);
    let [out, back] = [0n, 0n];
    for (const { args, blockNumber } of logs) {
      if (args.from !== itself && args.to !== itself) continue;
      if (args.from === itself) out += args.value;
      if (args.to === itself) back += args.value;
      const block = await ethers.provider.getBlock(blockNumber);
      const line = emissionLine(BigInt(block?.timestamp ?? 0) - start);
      expect(out - back <= line, `seed ${SEED}: above the line in block ${blockNumber}`).to.equal(true);
    }
    return { out, back };
  }

  describe("eight random years", () => {
    type Deed =
      | "stake"
      | "requestUnstake"
      | "withdraw"
      | "claim"
      | "addXmexIncome"
      | "advance"
      | "delegate"
      | "undelegate"
      | "take undelegated"
      | "setCommission"
      | "add income of nodes"
      | "collectIncome"
      | "draw"
      | "drawAvailable"
      | "draw too much"
      | "draw as another"
      | "returnTo"
      | "gift"
      | "setShares"
      | "setDrawer"
      | "close";
    const DEEDS: readonly Deed[] = [
      ...(["stake", "requestUnstake", "withdraw", "claim", "addXmexIncome", "advance", "advance", "draw"] as const),
      ...(["draw", "drawAvailable", "drawAvailable", "draw too much", "draw as another", "returnTo", "gift"] as const),
      ...(["delegate", "delegate", "undelegate", "take undelegated", "setCommission", "add income of nodes"] as const),
      ...(["collectIncome", "collectIncome", "setShares", "setShares", "setDrawer", "setDrawer", "close"] as const),
    ];
    const NODE_IDS = [1, 2];

    it("let no more leave than the line, nor a stream more than it accrued, and ninety billion less what was returned in the end", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { governance, operators, drawers, holders, xme, xmex, manager, start, vault, governed, voting } = world;
      const { nodes, born, lens } = world;
      const random = new Random(SEED);
      const emission = new EmissionModel(start, FIRST_SHARES);
      /** The contracts that draw a stream each, where governance lets them. */
      const contracts = new Map([
        [VOTES, await voting.getAddress()],
        [NODES, await nodes.getAddress()],
      ]);
      const drawerOf = STREAMS.map((stream) => contracts.get(stream) ?? ZeroAddress);
      const drawnByItsContract = (stream: number) => drawerOf[stream] === contracts.get(stream);
      const DRAWN = ["drawn by vXME", "drawn by node staking"] as const;
      type Done = Deed | (typeof DRAWN)[number];
      const done = new Map<Done, number>();
      const count = (what: Done) => done.set(what, (done.get(what) ?? 0) + 1);
      const drawing = (stream: number, what: Done) => (at: bigint) => {
        if (!drawnByItsContract(stream)) return 0n;
        const amount = emission.available(stream, at);
        emission.draw(stream, at, amount);
        if (amount > 0n) count(what);
        return amount;
      };
      const votes = new VotingModel(born, drawing(VOTES, "drawn by vXME"));
      const drawNodes = drawing(NODES, "drawn by node staking");
      /** Wei of XMEX that node staking holds. */
      let heldByNodes = MILLION;
      const staking = world.nodesModel((at) => {
        const amount = drawNodes(at);
        heldByNodes += amount;
        return amount;
      });
      let time = nextMonth(await now()); // so that a seed does the same on every day
      let [gifts, returned] = [0n, 0n];
      const end = start + EMISSION_DURATION;

      const later = () => {
        const month = nextMonth(time);
        const next = random.pick([
          time + random.magnitude(1n, DAY),
          time + random.between(1n, effort(2n, 1n) * MONTH),
          time + random.between(1n, effort(2n, 1n) * MONTH),
          month > time + 1n ? month - 1n : month,
          month,
        ]);
        // The last second before the end and the end itself are in every run.
        return time < end - 1n && next >= end - 1n ? end - 1n : time < end && next > end ? end : next;
      };

      /** The signer who draws one of `streams`, none of which a contract draws. */
      const drawerIn = (streams: readonly number[]) => {
        const stream = random.pick(streams);
        const signer = drawers.find(({ address }) => address === drawerOf[stream]);
        if (!signer) throw new Error(`stream ${stream} has no drawer among the accounts`);
        return { stream, signer };
      };
      const drawnByAccounts = () => STREAMS.filter((stream) => drawers.some((one) => one.address === drawerOf[stream]));

      /** Does `deed` at `time` where it can be done, in the contracts and in the models. */
      const act = async (deed: Deed): Promise<boolean> => {
        const holder = random.pick(holders);
        const who = holder.address;
        const as = voting.connect(holder);
        const [nodeId, delegating] = [random.pick(NODE_IDS), nodes.connect(holder)];
        await at(time);
        switch (deed) {
          case "stake": {
            const amount = random.magnitude(1n, 30n * MILLION);
            if (amount > (await xme.balanceOf(holder))) return false;
            await as.stake(amount);
            votes.stake(who, amount, time);
            break;
          }
          case "requestUnstake": {
            if (votes.staked(who) === 0n) return false;
            const amount = random.once(3n) ? votes.staked(who) : random.magnitude(1n, votes.staked(who));
            await as.requestUnstake(amount);
            votes.requestUnstake(who, amount, time);
            break;
          }
          case "withdraw":
            if (votes.withdrawable(who, time) === 0n) return false;
            await as.withdraw(holder);
            votes.withdraw(who, time);
            break;
          case "claim":
            if (votes.earned(who, time) === 0n) return false;
            await as.claim(holder);
            votes.claim(who, time);
            break;
          case "addXmexIncome": {
            const amount = random.magnitude(1n, MILLION);
            await as.addXmexIncome(amount);
            votes.addIncome(amount, time);
            break;
          }
          case "advance":
            await as.advance();
            votes.advance(time);
            break;
          case "delegate": {
            const amount = random.magnitude(TOKEN, 100n * MILLION);
            if (amount > (await xmex.balanceOf(holder))) return false;
            await delegating.delegate(nodeId, amount);
            staking.delegate(time, nodeId, who, amount);
            heldByNodes += amount;
            break;
          }
          case "undelegate": {
            const { shares } = staking.position(nodeId, who);
            if (shares === 0n) return false;
            const given = random.once(3n) ? shares : random.between((shares + 8n) / 9n, shares);
            await delegating.undelegate(nodeId, given);
            staking.undelegate(time, nodeId, who, given);
            break;
          }
          case "take undelegated": {
            const { unbonding, availableAt } = staking.account(who);
            if (unbonding === 0n || time < availableAt) return false;
            await delegating.withdraw(holder);
            heldByNodes -= staking.withdraw(time, who);
            break;
          }
          case "setCommission": {
            const [operator, commission] = [operators[nodeId - 1], random.between(0n, 2_000n)];
            if (!operator) throw new Error(`node ${nodeId} has no operator`);
            await nodes.connect(operator).setCommission(nodeId, commission);
            staking.setCommission(time, nodeId, operator.address, commission);
            break;
          }
          case "add income of nodes": {
            const amount = random.magnitude(1n, MILLION);
            if (amount > (await xmex.balanceOf(holder))) return false;
            await delegating.addXmexIncome(amount);
            staking.addXmexIncome(time, amount);
            heldByNodes += amount;
            break;
          }
          case "collectIncome":
            await delegating.collectIncome();
            staking.collectIncome(time);
            break;
          case "draw": {
            const { stream, signer } = drawerIn(drawnByAccounts());
            const available = emission.available(stream, time);
            const amount = random.pick([available, random.between(0n, available), random.between(0n, available / 9n)]);
            await vault.connect(signer).draw(stream, random.pick([signer, holder]), amount);
            emission.draw(stream, time, amount);
            break;
          }
          case "drawAvailable": {
            const { stream, signer } = drawerIn(drawnByAccounts());
            await vault.connect(signer).drawAvailable(stream, signer);
            emission.draw(stream, time, emission.available(stream, time));
            break;
          }
          case "draw too much": {
            const { stream, signer } = drawerIn(drawnByAccounts());
            const available = emission.available(stream, time);
            const amount = available + random.pick([1n, random.magnitude(1n, EMISSION_ALLOCATION)]);
            await expect(vault.connect(signer).draw(stream, signer, amount))
              .to.be.revertedWithCustomError(vault, "EmissionVault_AboveAvailable")
              .withArgs(stream, amount, available);
            break;
          }
          case "draw as another": {
            const stream = random.pick(STREAMS);
            const another = random.pick([...drawers, governance].filter(({ address }) => address !== drawerOf[stream]));
            await expect(vault.connect(another).drawAvailable(stream, another))
              .to.be.revertedWithCustomError(vault, "EmissionVault_NotDrawer")
              .withArgs(stream, another.address, drawerOf[stream]);
            break;
          }
          case "returnTo": {
            const [giver, stream] = [random.pick([...holders, ...drawers]), random.pick(STREAMS)];
            const balance = await xmex.balanceOf(giver);
            if (balance === 0n) return false;
            const amount = random.once(3n) ? balance / 3n : random.magnitude(1n, balance);
            await vault.connect(giver).returnTo(stream, amount);
            emission.returnTo(stream, amount);
            returned += amount;
            break;
          }
          case "gift": {
            const amount = random.between(1n, TOKEN);
            await xmex.connect(holder).transfer(vault, amount);
            gifts += amount;
            break;
          }
          case "setShares": {
            const shares = randomShares(random);
            await governed.setShares(shares);
            emission.setShares(time, shares);
            break;
          }
          case "setDrawer": {
            const stream = random.pick(random.once(2n) ? [...contracts.keys()] : STREAMS);
            const drawer = random.pick([...drawers.map(({ address }) => address), ZeroAddress]);
            drawerOf[stream] = random.once(4n) ? drawer : (contracts.get(stream) ?? drawer);
            await governed.setDrawer(stream, drawerOf[stream]);
            break;
          }
          case "close": {
            // A closed target stops governance's own calls, and no drawer.
            await manager.connect(governance).setTargetClosed(vault, true);
            await expect(governed.setShares(FIRST_SHARES))
              .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
              .withArgs(governance.address);
            const { stream, signer } = drawerIn(drawnByAccounts());
            time += 1n;
            await at(time);
            await vault.connect(signer).drawAvailable(stream, signer);
            emission.draw(stream, time, emission.available(stream, time));
            time += 1n;
            await at(time);
            await manager.connect(governance).setTargetClosed(vault, false);
          }
        }
        return true;
      };

      /** Holds the vault, vXME and node staking against the models, and the vault against the line. */
      const compare = async (note: string) => {
        const all = await lens.read(vault);
        expect(all.timestamp, note).to.equal(time);
        let net = 0n;
        for (const [stream, one] of all.streams.entries()) {
          const accrued = emission.accrued(stream, time);
          expect(one.accrued, `${note}: accrued by ${stream}`).to.equal(accrued);
          expect(one.netDrawn, `${note}: drawn from ${stream}`).to.equal(emission.netDrawn(stream));
          expect(one.available, `${note}: available in ${stream}`).to.equal(emission.available(stream, time));
          expect(one.drawer, `${note}: drawer of ${stream}`).to.equal(drawerOf[stream]);
          expect(one.netDrawn <= accrued, `${note}: more drawn from ${stream} than it accrued`).to.equal(true);
          net += one.netDrawn;
        }
        const unlocked = all.streams.reduce((sum, { accrued }) => sum + accrued, 0n);
        expect(all.unlocked, `${note}: unlocked`).to.equal(emissionUnlocked(time - start));
        expect(unlocked, `${note}: the streams together`).to.equal(all.unlocked);
        const outside = EMISSION_ALLOCATION + gifts - all.balance;
        expect(outside, `${note}: what is outside`).to.equal(net);
        expect(outside <= emissionLine(time - start), `${note}: above the line`).to.equal(true);
        const paid = await world.votesLens.read(
          voting,
          holders.map(({ address }) => address),
        );
        expect(paid.xmex, `${note}: XMEX of vXME`).to.equal(votes.xmexHeld());
        expect(paid.supply, `${note}: vXME`).to.equal(votes.supply());
        for (const [position, { address }] of holders.entries()) {
          expect(paid.holders[position]?.earned, `${note}: earned by ${address}`).to.equal(votes.earned(address, time));
        }
        const delegators = [...holders, ...operators].map(({ address }) => address);
        const seen = await world.nodeLens.look(
          nodes,
          NODE_IDS,
          delegators,
          delegators.map(() => NODE_IDS),
        );
        expect(seen.xmexBalance, `${note}: XMEX of node staking`).to.equal(heldByNodes);
        expect([...seen.pool], `${note}: pool of node staking`).to.deep.equal(Object.values(staking.pool(time)));
        for (const [position, nodeId] of NODE_IDS.entries()) {
          const shown = [...(seen.nodes[position] ?? [])];
          expect(shown, `${note}: node ${nodeId}`).to.deep.equal(Object.values(staking.node(time, nodeId)));
        }
        for (const [position, { unbonding, worths }] of seen.accounts.entries()) {
          const account = delegators[position] ?? "";
          expect([unbonding, ...worths], `${note}: delegated by ${account}`).to.deep.equal([
            staking.account(account).unbonding,
            ...NODE_IDS.map((nodeId) => staking.valueOf(time, nodeId, account)),
          ]);
        }
      };

      const everythingDone = () => [...new Set(DEEDS), ...DRAWN].every((deed) => done.has(deed));
      for (let step = 0; step < effort(60, 120) || time <= end || (step < 2_000 && !everythingDone()); step++) {
        time = later();
        // Somebody always draws one stream that no contract draws.
        const undone = DEEDS.filter((each) => !done.has(each));
        const deeds = undone.length > 0 && random.once(3n) ? undone : DEEDS;
        const deed = drawnByAccounts().length === 0 ? "setDrawer" : random.pick(deeds);
        const note = `seed ${SEED}, step ${step}, ${deed} at ${time}`;
        if (await act(deed)) count(deed);
        if (BigInt(await now()) < time) await networkHelpers.mine(); // a refusal leaves no block behind
        await compare(note);
      }
      expect(everythingDone(), `seed ${SEED}: ${JSON.stringify([...done])}`).to.equal(true);

      // Everything that is left is drawn; vXME and node staking take their parts in the next month, if they are still the drawers.
      time = nextMonth(time);
      await at(time);
      await voting.advance();
      votes.advance(time);
      time += 1n;
      await at(time);
      await nodes.collectIncome();
      staking.collectIncome(time);
      const [last] = drawers;
      if (!last) throw new Error("too few drawers");
      for (const stream of STREAMS) {
        if (contracts.has(stream) && drawnByItsContract(stream)) continue;
        drawerOf[stream] = last.address;
        await governed.setDrawer(stream, last);
        await vault.connect(last).drawAvailable(stream, last);
        emission.draw(stream, end, emission.available(stream, end));
      }
      time = await now();
      await compare(`seed ${SEED}: at the end`);
      expect(await xmex.balanceOf(vault), `seed ${SEED}: only what was given outright stays`).to.equal(gifts);
      const { out, back } = await replayTransfers(world);
      expect(back, `seed ${SEED}`).to.equal(returned + gifts);
      expect(out - returned, `seed ${SEED}: what left and did not come back`).to.equal(EMISSION_ALLOCATION);
    });
  });

  describe("eight years with other shares every year", () => {
    /** The shares of the years after the first, and the sum of what vXME's unlocked, worked out year by year. */
    const SHARES_BY_YEAR: readonly Shares[] = [
      [3_000n, 500n, 2_500n, 3_000n, 1_000n, 0n, 0n, 0n],
      [3_000n, 500n, 2_500n, 0n, 1_000n, 3_000n, 0n, 0n],
      [1_111n, 1_111n, 1_111n, 1_111n, 1_111n, 1_111n, 1_111n, 2_223n],
      [0n, 0n, 0n, 10_000n, 0n, 0n, 0n, 0n],
      [0n, 0n, 9_999n, 1n, 0n, 0n, 0n, 0n],
      [2_500n, 2_500n, 2_500n, 2_500n, 0n, 0n, 0n, 0n],
      FIRST_SHARES,
    ];
    const totalOf = (stream: number) =>
      [FIRST_SHARES, ...SHARES_BY_YEAR].reduce((sum, shares, year) => {
        const [from, to] = [BigInt(year) * YEAR, BigInt(year + 1) * YEAR];
        return sum + ((shares[stream] ?? 0n) * (emissionUnlocked(to) - emissionUnlocked(from))) / 10_000n;
      }, 0n);
    const [total, totalOfNodes] = [totalOf(VOTES), totalOf(NODES)];

    it("let vXME and node staking, called every month, draw exactly what their shares unlocked, and pay all of it but for dust", async () => {
      const world = await networkHelpers.loadFixture(staked);
      const { vault, governed, voting, nodes, xmex, ada, ben, start } = world;
      const { emission, votes, staking } = world.models();
      const events = SHARES_BY_YEAR.map((shares, year) => ({ time: start + BigInt(year + 1) * YEAR, shares }));
      const lastCall = nextMonth(start + EMISSION_DURATION);
      for (let month = nextMonth(await now()); month <= lastCall; month += MONTH) {
        for (const { time, shares } of events.filter((event) => event.time > month - MONTH && event.time <= month)) {
          await at(time);
          await governed.setShares(shares);
          emission.setShares(time, shares);
        }
        if (month > (await now())) await at(month);
        await voting.advance();
        votes.advance(await now());
        expect(await vault.netDrawn(VOTES_STREAM), `month ${month / MONTH}`).to.equal(emission.netDrawn(VOTES));
        expect(emission.netDrawn(VOTES)).to.equal(await vault.accrued(VOTES_STREAM));
        await nodes.collectIncome();
        staking.collectIncome(await now());
        expect(await vault.netDrawn(NODES_STREAM), `month ${month / MONTH}`).to.equal(emission.netDrawn(NODES));
        expect(emission.netDrawn(NODES)).to.equal(await vault.accrued(NODES_STREAM));
        const pool = [...(await nodes.poolState())];
        expect(pool, `month ${month / MONTH}`).to.deep.equal(Object.values(staking.pool(await now())));
      }
      expect(await vault.netDrawn(VOTES_STREAM), "year by year").to.equal(total);
      expect(await vault.netDrawn(NODES_STREAM), "year by year").to.equal(totalOfNodes);
      await networkHelpers.time.increaseTo(lastCall + 3n * MONTH);
      const before = await Promise.all([ada, ben].map((holder) => xmex.balanceOf(holder)));
      await voting.connect(ada).claim(ada);
      await voting.connect(ben).claim(ben);
      const [adas, bens] = [
        (await xmex.balanceOf(ada)) - (before[0] ?? 0n),
        (await xmex.balanceOf(ben)) - (before[1] ?? 0n),
      ];
      const dust = total - adas - bens;
      expect(dust >= 0n && dust < 1_000_000n, `dust of ${dust} wei`).to.equal(true);
      const difference = adas - 3n * bens;
      expect(difference > -10n && difference < 10n, `a quarter for Ben, within ${difference} wei`).to.equal(true);
      expect(await xmex.balanceOf(voting)).to.equal(dust);
      expect(votes.xmexHeld(), "what the model drew").to.equal(total);
      await allLeave(world, staking);
    });

    /** Everybody leaves the nodes: what all take is what all put in and what was drawn, but for dust. */
    async function allLeave({ nodes, xmex, ada, ben, operators }: Staked, staking?: NodesModel) {
      const [operator, second] = operators;
      if (!operator || !second) throw new Error("too few operators");
      let left = 0n;
      for (const [nodeId, account] of [
        [1, operator],
        [2, ada],
        [2, ben],
      ] as const) {
        await nodes.connect(account).undelegate(nodeId, MaxUint256);
        staking?.undelegate(await now(), nodeId, account.address, "all");
      }
      for (const [nodeId, account] of [
        [1, operator],
        [2, second],
      ] as const) {
        await nodes.connect(account).undelegateCommission(nodeId, MaxUint256);
        staking?.undelegateCommission(await now(), nodeId, account.address, "all");
      }
      await networkHelpers.time.increase(NODE_UNBONDING.first);
      for (const account of [operator, second, ada, ben]) {
        const [before, { amount: owed }] = [await xmex.balanceOf(account), await nodes.unbondingOf(account)];
        await nodes.connect(account).withdraw(account);
        const taken = (await xmex.balanceOf(account)) - before;
        expect(taken).to.equal(owed);
        if (staking) expect(taken, "to the wei").to.equal(staking.withdraw(await now(), account.address));
        left += taken;
      }
      const dust = 401n * MILLION + totalOfNodes - left;
      expect(dust >= 0n && dust < 1_000_000n, `dust of ${dust} wei`).to.equal(true);
      expect(await xmex.balanceOf(nodes)).to.equal(dust);
    }

    it("let vXME and node staking draw the same in one call where nobody calls them for eight years", async () => {
      const world = await networkHelpers.loadFixture(staked);
      const { vault, governed, voting, nodes, xmex, ada, ben, start } = world;
      for (const [year, shares] of SHARES_BY_YEAR.entries()) {
        await at(start + BigInt(year + 1) * YEAR);
        await governed.setShares(shares);
      }
      const call = nextMonth(start + EMISSION_DURATION) + 5n * DAY;
      await at(call);
      await expect(voting.advance())
        .to.emit(vault, "Drawn")
        .withArgs(VOTES_STREAM, await voting.getAddress(), await voting.getAddress(), total);
      await expect(nodes.collectIncome())
        .to.emit(vault, "Drawn")
        .withArgs(NODES_STREAM, await nodes.getAddress(), await nodes.getAddress(), totalOfNodes);
      expect((await nodes.poolState()).price, "nothing has streamed yet").to.equal(10n ** 27n);
      await networkHelpers.time.increaseTo(nextMonth(call));
      expect((await voting.earned(ada)) + (await voting.earned(ben)), "nothing has streamed yet").to.equal(0n);
      await networkHelpers.time.increaseTo(nextMonth(call) + MONTH);
      const dust = total - (await voting.earned(ada)) - (await voting.earned(ben));
      expect(dust >= 0n && dust < 1_000_000n, `dust of ${dust} wei`).to.equal(true);
      expect(await xmex.balanceOf(voting)).to.equal(total);
      await allLeave(world);
    });
  });

  describe("given vXME is replaced as the drawer", () => {
    it("draws no more, and its successor all that it left", async () => {
      const world = await networkHelpers.loadFixture(staked);
      const { vault, governed, voting, xme, xmex, ada, ben, start } = world;
      const { emission } = world.models();
      const successor = await ethers.deployContract("VotingXME", [xme, xmex, vault, VOTES_STREAM]);
      const firstCall = nextMonth(start + YEAR);
      await at(firstCall);
      await voting.advance();
      const byOld = emission.accrued(VOTES, firstCall);
      expect(await vault.netDrawn(VOTES_STREAM)).to.equal(byOld);
      const replacedAt = firstCall + MONTH + 3n * DAY;
      await at(replacedAt);
      await governed.setDrawer(VOTES_STREAM, successor);
      for (const month of [1n, 2n, 3n]) {
        await at(nextMonth(replacedAt) + month * MONTH);
        await voting.advance();
        await at(nextMonth(replacedAt) + month * MONTH + 1n);
        await voting.connect(ada).stake(1n);
      }
      expect(await vault.netDrawn(VOTES_STREAM), "the old one has drawn nothing since").to.equal(byOld);
      const call = (await now()) + 10n;
      await at(call);
      await successor.advance();
      expect(await xmex.balanceOf(successor)).to.equal(emission.accrued(VOTES, call) - byOld);
      expect(await xmex.balanceOf(voting)).to.equal(byOld);
      const owed = [await voting.previewClaim(ada), await voting.previewClaim(ben)];
      expect(byOld - (owed[0] ?? 0n) - (owed[1] ?? 0n) < 1_000_000n, "holders keep what was drawn for them").to.equal(
        true,
      );
      await voting.connect(ben).claim(ben);
      await voting.connect(ada).requestUnstake(3n * MILLION);
      await networkHelpers.time.increase(UNSTAKE_DELAY);
      await voting.connect(ada).withdraw(ada);
      expect(await vault.drawerOf(VOTES_STREAM)).to.equal(successor.target);
    });
  });

  describe("given the eight years are over", () => {
    const DRAWN_BY_HAND = STREAMS.filter((stream) => stream !== VOTES && stream !== NODES);

    /** vXME and node staking have drawn all of theirs, and one account all of the rest. */
    async function over() {
      const world = await staked();
      const { vault, governed, voting, nodes, drawers, start } = world;
      const [drawer] = drawers;
      if (!drawer) throw new Error("too few drawers");
      await networkHelpers.time.increaseTo(nextMonth(start + EMISSION_DURATION));
      await voting.advance();
      await nodes.collectIncome();
      for (const stream of DRAWN_BY_HAND) {
        await governed.setDrawer(stream, drawer);
        await vault.connect(drawer).drawAvailable(stream, drawer);
      }
      return { ...world, drawer, asDrawer: vault.connect(drawer) };
    }

    /** vXME and node staking ask for what the vault has for them, and get nothing. */
    async function getNothing({ voting, nodes, xmex }: World) {
      const holdings = () => Promise.all([voting, nodes].map((contract) => xmex.balanceOf(contract)));
      const before = await holdings();
      await networkHelpers.time.increaseTo(nextMonth(await now()));
      await voting.advance();
      await nodes.collectIncome();
      expect(await holdings()).to.deep.equal(before);
    }

    const netOf = async ({ lens, vault }: Pick<World, "lens" | "vault">) =>
      (await lens.read(vault)).streams.reduce((sum, { netDrawn }) => sum + netDrawn, 0n);

    it("releases again what is returned, and not a wei more a hundred years later", async () => {
      const world = await networkHelpers.loadFixture(over);
      const { vault, xmex, drawer, asDrawer } = world;
      expect(await netOf(world)).to.equal(EMISSION_ALLOCATION);
      expect(await xmex.balanceOf(vault)).to.equal(0n);
      const refuse = async (stream: bigint, amount: bigint, available: bigint, caller: HardhatEthersSigner) => {
        await expect(vault.connect(caller).draw(stream, caller, amount))
          .to.be.revertedWithCustomError(vault, "EmissionVault_AboveAvailable")
          .withArgs(stream, amount, available);
      };
      await refuse(OTHER_STREAM, 1n, 0n, drawer);
      // What is returned to a stream that never accrued anything can leave again by that stream alone.
      const given = 12_345n * TOKEN + 1n;
      expect(await vault.accrued(UNUSED_STREAM)).to.equal(0n);
      await asDrawer.returnTo(UNUSED_STREAM, given);
      expect(await netOf(world), "ninety billion less what was returned").to.equal(EMISSION_ALLOCATION - given);
      expect(await vault.netDrawn(UNUSED_STREAM)).to.equal(-given);
      for (const years of [0n, 100n]) {
        await networkHelpers.time.increase(years * YEAR + 1n);
        await refuse(UNUSED_STREAM, given + 1n, given, drawer);
        await refuse(OTHER_STREAM, 1n, 0n, drawer);
        await getNothing(world);
      }
      await asDrawer.draw(UNUSED_STREAM, drawer, given);
      expect(await netOf(world)).to.equal(EMISSION_ALLOCATION);
      expect(await xmex.balanceOf(vault)).to.equal(0n);
      const { out, back } = await replayTransfers(world);
      expectSame([out - back, back], [EMISSION_ALLOCATION, given]);
    });

    it("releases no more by other shares", async () => {
      const world = await networkHelpers.loadFixture(over);
      const { vault, governed, asDrawer, drawer } = world;
      const random = new Random(SEED);
      const before = (await world.lens.read(vault)).streams.map(({ accrued }) => accrued);
      for (let change = 0; change < 5; change++) {
        await governed.setShares(randomShares(random));
        await networkHelpers.time.increase(random.between(1n, 2n * YEAR));
        await getNothing(world);
        for (const stream of DRAWN_BY_HAND) await asDrawer.drawAvailable(stream, drawer);
      }
      const after = (await world.lens.read(vault)).streams.map(({ accrued }) => accrued);
      expectSame(after, before, `seed ${SEED}`);
      expect(await netOf(world)).to.equal(EMISSION_ALLOCATION);
    });
  });
});
