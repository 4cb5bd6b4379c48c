import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { type BaseContract, ZeroAddress, ZeroHash, id } from "ethers";

import { buildEpoch, epochBounds, LOG_HEADER, type LogRow } from "../../../src/mining/index.js";
import { ascensionRoundAt, DEFAULT_ASCENSION_TERMS } from "../../../src/xme/ascension.js";
import { EMISSION_STREAM } from "../../../src/xme/emission.js";
import { DEFAULT_INVITATION_REWARDS } from "../../../src/xme/growth.js";
import {
  CLAIM_WINDOW,
  creditFor,
  DEFAULT_MINING_PARAMETERS,
  DEFAULT_WEIGHTS,
  MINING_WEEK,
  miningEpoch,
  STRIKE_WINDOW,
} from "../../../src/xme/mining.js";
import {
  DEFAULT_SPENDING_SPLITS,
  SPENDING_CATEGORIES,
  SPENDING_CATEGORY,
  type SpendingSplit,
} from "../../../src/xme/spending.js";
import { callOf, expectSame } from "../../support/government.js";
import { DAY, deployPeople, FUNDED, HOUR, listOf, OFFERS, People, TOKEN } from "../../support/people.js";
import { splitTuple } from "../../support/spending.js";

const UNLOCK_PRICE = 10n * TOKEN;

/** What a test of a block begins with: the state that `prepare` made once, put back after each test. */
function stage(prepare: () => Promise<People>): () => People {
  let prepared: People;
  let people: People;
  let restore: () => Promise<void>;
  let leave: () => Promise<void>;
  before(async () => {
    // What it is built on goes on from its own state afterwards.
    const { networkHelpers } = (await world()).connection;
    const outside = await networkHelpers.takeSnapshot();
    leave = () => outside.restore();
    prepared = await prepare();
  });
  beforeEach(async () => {
    const snapshot = await prepared.connection.networkHelpers.takeSnapshot();
    restore = () => snapshot.restore();
    people = prepared.again();
  });
  afterEach(() => restore());
  after(() => leave());
  return () => people;
}

let deployed: ReturnType<typeof deployPeople> | undefined;
const world = () => (deployed ??= deployPeople());

/** The week in which everybody contributed. */
let week: bigint;
let content: bigint;

/** A week of Ada, who creates, Ben and Cleo, who look, Cleo being invited by Ada, and Dan, who delegates. */
async function live(): Promise<People> {
  const people = await People.settle(await world());
  const { ada, ben, cleo, dan } = people.world;
  week = miningEpoch(await people.now());
  content = await people.register(ada, "what Ada wrote", UNLOCK_PRICE);
  const days: readonly (readonly HardhatEthersSigner[])[] = [
    [ada, ben],
    [ada, ben],
    [ada, ben],
    [ada, cleo],
    [ada, cleo],
    [ada, cleo],
    [ada, dan],
  ];
  for (const [day, present] of days.entries()) {
    await people.goTo(week, BigInt(day), 6n);
    if (day === 3) await people.acceptInvitation(cleo, ada);
    for (const who of present) await people.checkIn(who);
  }
  return people;
}

/** What the platform saw in that week. */
function logOf({ world: { ada, ben, cleo, dan, eva } }: People): LogRow[] {
  const { starts } = epochBounds(week);
  const row = (
    { address }: HardhatEthersSigner,
    behaviour: LogRow["behaviour"],
    subject: string | bigint,
    hours: bigint,
    duration?: bigint,
  ): LogRow => ({ account: address, behaviour, subject: String(subject), time: starts + hours * HOUR, duration });
  return [
    ...[ben, cleo, eva].map((who, i) => row(who, "view", content, 30n + BigInt(i), 60n)),
    row(ben, "like", content, 31n),
    row(ben, "bookmark", content, 31n),
    row(cleo, "like", content, 80n),
    row(cleo, "comment", content, 81n),
    row(cleo, "share", content, 82n),
    row(cleo, "follow", ada.address, 83n),
    row(dan, "task", "read_the_rules", 100n),
    // Not unlocked for Dan, whose stake lifts him to the third level.
    row(dan, "advanced_task", "label_a_thousand", 101n),
    // Nobody earns by looking at what is their own.
    row(ada, "view", content, 40n, 600n),
    row(ada, "like", content, 41n),
  ];
}

/** The week's list, published on the second day of the next and paid on its sixth, when nobody has struck it. */
async function pay(people: People): Promise<People> {
  await people.goTo(week + 1n, 0n, 6n);
  const list = await people.count(week, logOf(people));
  await people.publish(week, list);
  await people.goTo(week + 1n, 3n, 7n);
  for (const account of list.points.keys()) await people.claim(week, list, { address: account });
  return people;
}

describe("People", () => {
  after(async () => {
    await (await world()).connection.close();
  });

  describe("given a week of contributions", () => {
    const lived = stage(live);

    it("pays its budget out of the vault, by a list that anybody can count again", async () => {
      const people = lived();
      const { socialMining, emissionVault } = people.contracts;
      const { ada, ben, cleo, dan, eva, anybody } = people.world;
      await people.goTo(week + 1n, 0n, 6n);
      const list = await people.count(week, logOf(people));
      expect([...list.points.keys()].sort()).to.deep.equal([ada, ben, cleo, dan, eva].map((who) => who.address).sort());
      await people.publish(week, list);

      const { claimableFrom } = await socialMining.epochOf(week);
      await people.connection.networkHelpers.time.setNextBlockTimestamp(claimableFrom - 1n);
      const points = list.points.get(ada.address) ?? 0n;
      const proof = list.tree.getProof([ada.address, points]);
      await expect(socialMining.connect(anybody).claim(week, ada, points, proof), "a second too early")
        .to.be.revertedWithCustomError(socialMining, "SocialMining_StrikingOpen")
        .withArgs(week, claimableFrom);
      await people.goTo(week + 1n, 3n, 7n);
      await people.agree();

      const budget = DEFAULT_MINING_PARAMETERS.weeklyFloor;
      expect(await socialMining.budgetOf(week), "nothing was consumed before").to.equal(budget);
      const before = await emissionVault.netDrawn(EMISSION_STREAM.socialMining);
      let credited = 0n;
      for (const [account, value] of list.points) {
        const claimed = await people.claim(week, list, { address: account });
        expect(claimed.credited).to.equal(creditFor(budget, value, list.total));
        credited += claimed.credited;
      }
      expect((await emissionVault.netDrawn(EMISSION_STREAM.socialMining)) - before).to.equal(budget);
      expect(credited <= budget && budget - credited < 5n * 10n ** 9n, "all but what was rounded away").to.equal(true);
      await people.agree();

      // Ada waits for her ninetieth of a day, then for all that a year of days allows.
      for (const day of [4n, 5n]) {
        await people.goTo(week + 1n, day);
        await people.withdraw(ada);
      }
      await people.goTo(week + 1n + CLAIM_WINDOW / MINING_WEEK, 0n);
      const { at } = await people.sent(socialMining.connect(anybody).returnUnclaimed(week));
      const returned = people.tell(at, (models) => models.mining.returnUnclaimed(at, week));
      expect(returned).to.equal(budget - credited);
      await people.withdraw(ada);
      await people.agree();
    });

    it("counts by OpenZeppelin's tree, by DuckDB and by the model the same, whatever levels do afterwards", async () => {
      const people = lived();
      const { ada, dan } = people.world;
      const log = logOf(people);
      await people.goTo(week + 1n, 0n, 6n);
      const list = await people.count(week, log);
      const facts = await people.factsOf(week);
      const folder = mkdtempSync(join(tmpdir(), "xonomy-people-"));
      try {
        const file = join(folder, "log.csv");
        const line = ({ account, behaviour, subject, time, duration }: LogRow): string =>
          [account, behaviour, subject, String(time), duration === undefined ? "" : String(duration)].join(",");
        writeFileSync(file, `${[LOG_HEADER, ...log.map(line)].join("\n")}\n`);
        const manifest = await buildEpoch({ log: file, facts, out: join(folder, "store") });
        expect([manifest.root, manifest.total]).to.deep.equal([list.tree.root, list.total]);
      } finally {
        rmSync(folder, { recursive: true });
      }
      const percentOf = (who: HardhatEthersSigner) =>
        facts.multipliers.find(({ account }) => account === who.address)?.incentivePercent;
      expect([percentOf(ada), percentOf(dan)], "Dan by his stake").to.deep.equal([100n, 120n]);

      // An eighth day lifts Ada to the second level: too late for the week before, in time for the next.
      await people.checkIn(ada);
      expect((await people.contracts.userGrowth.standingOf(ada)).level).to.equal(2n);
      expect((await people.count(week, log)).tree.root).to.equal(list.tree.root);
      await people.goTo(week + 2n, 0n);
      expect((await people.count(week, log)).tree.root).to.equal(list.tree.root);
      const next = await people.count(week + 1n, []);
      expect(next.points.get(ada.address)).to.equal((DEFAULT_WEIGHTS[8] ?? 0n) * 110n * 100n);
    });

    it("pays nothing by a false list that is struck in time, and all by the one after it", async () => {
      const people = lived();
      const { socialMining } = people.contracts;
      const { ada, dan, eva, striker, anybody } = people.world;
      await people.goTo(week + 1n, 0n, 6n);
      const honest = await people.count(week, logOf(people));
      const lie = listOf(new Map([[eva.address, honest.total]]));
      await people.publish(week, lie, "ipfs://lie");
      const proof = lie.tree.getProof(0);
      const { publishedAt } = await socialMining.epochOf(week);

      await people.connection.networkHelpers.time.setNextBlockTimestamp(publishedAt + STRIKE_WINDOW - 1n);
      await people.strike(week);
      await expect(socialMining.connect(anybody).claim(week, eva, honest.total, proof))
        .to.be.revertedWithCustomError(socialMining, "SocialMining_NotPublished")
        .withArgs(week);
      await people.publish(week, honest);
      await people.connection.networkHelpers.time.increase(STRIKE_WINDOW);
      await expect(socialMining.connect(striker).strike(week)).to.be.revertedWithCustomError(
        socialMining,
        "SocialMining_StrikingClosed",
      );
      await expect(socialMining.connect(anybody).claim(week, eva, honest.total, proof))
        .to.be.revertedWithCustomError(socialMining, "SocialMining_InvalidProof")
        .withArgs(week, eva.address, honest.total);
      for (const who of [ada, dan, eva]) await people.claim(week, honest, who);
      await people.agree();
    });

    it("pays by a false list that nobody struck no more than the week's budget, and for no more points than published", async () => {
      const people = lived();
      const { socialMining } = people.contracts;
      const { ada, ben, eva, anybody } = people.world;
      const points = new Map([ada, ben, eva].map((who) => [who.address, 60n]));
      const lie = { ...listOf(points), total: 100n };
      await people.goTo(week + 1n, 0n, 6n);
      await people.publish(week, lie);
      await people.goTo(week + 1n, 3n, 7n);
      await people.claim(week, lie, ada);
      await expect(socialMining.connect(anybody).claim(week, ben, 60n, lie.tree.getProof([ben.address, 60n])))
        .to.be.revertedWithCustomError(socialMining, "SocialMining_AboveTotalPoints")
        .withArgs(week, 60n, 40n);
      await people.agree();
    });

    it("rewards both sides of an invitation out of stream 1, once the invitee has been paid for contributing", async () => {
      const people = lived();
      const { userGrowth, emissionVault } = people.contracts;
      const { ada, cleo, anybody } = people.world;
      await expect(userGrowth.connect(anybody).completeInvitation(cleo))
        .to.be.revertedWithCustomError(userGrowth, "UserGrowth_HasNotClaimed")
        .withArgs(cleo.address);
      await pay(people);
      const before = await emissionVault.netDrawn(EMISSION_STREAM.userGrowth);
      await people.completeInvitation(cleo, ada);
      const { inviter, invitee } = DEFAULT_INVITATION_REWARDS;
      expect((await emissionVault.netDrawn(EMISSION_STREAM.userGrowth)) - before).to.equal(inviter + invitee);
      await expect(userGrowth.connect(anybody).completeInvitation(cleo))
        .to.be.revertedWithCustomError(userGrowth, "UserGrowth_AlreadyCompleted")
        .withArgs(cleo.address);
      await people.agree();

      await people.goTo(week + 2n, 0n);
      const { invitations } = await people.factsOf(week + 1n);
      expect(invitations.map(({ inviter: by, invitee: to }) => [by, to])).to.deep.equal([[ada.address, cleo.address]]);
    });

    it("lets each role do its own, and nobody anything else", async () => {
      const people = lived();
      const { deployer, publisher, striker, keeper, anybody, ada, connection, voters } = people.world;
      const { socialMining, userGrowth, spending, spendingCatalogue, platformItems, ascension } = people.contracts;
      const [, guardian] = await connection.ethers.getSigners();
      const [voter] = voters;
      if (!guardian || !voter?.signer) throw new Error("too few accounts");
      const terms = [SPENDING_CATEGORY.goods, ZeroAddress, TOKEN, 1n, false, 0n, 2n ** 39n, 0n, "ipfs://item"];
      const { baseBudget, maxRateWad, floorRateWad } = DEFAULT_ASCENSION_TERMS;
      const { weeklyCap, weeklyFloor, consumptionRatioBps } = DEFAULT_MINING_PARAMETERS;
      const reserved: readonly (readonly [BaseContract, string, readonly unknown[], HardhatEthersSigner?])[] = [
        [socialMining, "publish", [week - 1n, id("root"), 1n, "", ZeroHash], publisher],
        [socialMining, "strike", [week - 1n], striker],
        [socialMining, "setParameters", [[weeklyCap, weeklyFloor, consumptionRatioBps]]],
        [socialMining, "setWeights", [DEFAULT_WEIGHTS]],
        [socialMining, "setDailyLimit", [TOKEN]],
        [socialMining, "setSources", [ZeroAddress, ZeroAddress]],
        [userGrowth, "setRewards", [0n, 0n]],
        [userGrowth, "setSources", [socialMining, socialMining]],
        [userGrowth, "accelerate", [ada, 1n]],
        [userGrowth, "protect", [ada, 1n]],
        [userGrowth, "unlockPrivilege", [ada, 0n]],
        [spendingCatalogue, "setPlatformPlan", [2n, TOKEN, DAY], keeper],
        [spendingCatalogue, "setHotSpots", [TOKEN, 1n], keeper],
        [spendingCatalogue, "setService", [2n, TOKEN, TOKEN], keeper],
        [spendingCatalogue, "setGrowthPrice", [0n, 0n, TOKEN]],
        [platformItems, "list", [terms], keeper],
        [platformItems, "setSale", [1n, TOKEN, 2n ** 39n], keeper],
        [platformItems, "mint", [ada, 1n, 1n]],
        [spending, "setSplit", [0n, splitTuple(DEFAULT_SPENDING_SPLITS.boost)]],
        [spending, "setReceiver", [1n, anybody]],
        [spending, "setGrowthShop", [ZeroAddress]],
        [ascension, "setTerms", [[baseBudget, maxRateWad, floorRateWad]]],
      ];
      for (const [contract, name, args, holder] of reserved) {
        for (const who of [deployer, guardian, publisher, striker, keeper, anybody, voter.signer]) {
          const address = await who.getAddress();
          const call = (contract.connect(who) as BaseContract).getFunction(name).staticCall(...args);
          if (address !== holder?.address) {
            await expect(call, `${name} by ${address}`)
              .to.be.revertedWithCustomError(contract, "AccessManagedUnauthorized")
              .withArgs(address);
          } else if (name === "strike") {
            await expect(call)
              .to.be.revertedWithCustomError(contract, "SocialMining_NotPublished")
              .withArgs(week - 1n);
          } else {
            await call;
          }
        }
      }
    });
  });

  describe("given everybody was paid for it", () => {
    const paid = stage(async () => pay(await live()));

    it("shares what is spent in every category among all who are to get it, and the next budget counts what was consumed", async () => {
      const people = paid();
      const { spending, socialMining, xmex, nodes, votes, emissionVault, timelock } = people.contracts;
      const { ada, ben, anybody } = people.world;
      const now = week + 1n;
      await people.spendOnEverything(ben, ada, content);
      await people.agree();
      for (const category of SPENDING_CATEGORIES) {
        expect((await spending.spentIn(now, SPENDING_CATEGORY[category])).spent > 0n, category).to.equal(true);
      }

      // What was bought reads back.
      const { plan, service } = OFFERS;
      expect(await spending.isUnlocked(content, ben)).to.equal(true);
      for (const [creator, number] of [
        [ZeroAddress, plan.number],
        [ada.address, 7n],
      ] as const) {
        const seller = creator === ZeroAddress ? undefined : creator;
        const until = people.spending.membershipUntil(seller, number, ben.address);
        expect(await spending.membershipUntil(creator, number, ben)).to.equal(until);
        expect(until > (await people.now()) + plan.period - HOUR, "a period from now").to.equal(true);
      }
      expect(await spending.boostOf(content, now + 1n)).to.equal(40n * TOKEN);
      expectSame(await spending.hotSpotsOf((await people.now()) / DAY), [content]);
      expectSame(await spending.serviceUseOf(service.number, ben), [5n, 0n]);
      await spending.connect(ben).requestService(service.number, id("by holding"));
      for (const item of [1n, 2n, 3n]) {
        expect(await people.contracts.platformItems.balanceOf(ben, item)).to.equal(item);
      }
      expect((await people.contracts.userGrowth.privilegesOf(ben)).advancedTasksUnlocked).to.equal(true);
      await people.goTo(now, 4n, 6n);
      await people.checkIn(ben);

      // Month by month both stakings draw their emission; what reaches them now comes from spending alone.
      await nodes.connect(anybody).collectIncome();
      await votes.connect(anybody).advance();
      const [poolBefore, [, votersBefore], supply] = await Promise.all([
        nodes.poolState(),
        votes.distribution(),
        xmex.totalSupply(),
      ]);
      const [stream, treasury] = [EMISSION_STREAM.socialMining, await xmex.balanceOf(timelock)];
      const drawn = await emissionVault.netDrawn(stream);
      const sums = { burn: 0n, buyback: 0n, delegators: 0n, voters: 0n, emission: 0n, treasury: 0n };
      for (const category of SPENDING_CATEGORIES) {
        const parts = await people.distribute(now, category);
        for (const part of Object.keys(sums) as (keyof typeof sums)[]) sums[part] += parts[part];
      }
      expect(supply - (await xmex.totalSupply()), "burned").to.equal(sums.burn);
      expect((await xmex.balanceOf(timelock)) - treasury, "to the treasury").to.equal(sums.buyback + sums.treasury);
      expect((await nodes.poolState()).xmexNext - poolBefore.xmexNext, "to delegators").to.equal(sums.delegators);
      expect((await votes.distribution())[1] - votersBefore, "to holders of vXME").to.equal(sums.voters);
      expect(drawn - (await emissionVault.netDrawn(stream)), "back to the emission").to.equal(sums.emission);
      expect(await xmex.balanceOf(spending), "nothing is left").to.equal(0n);
      for (const [part, amount] of Object.entries(sums)) expect(amount > 0n, part).to.equal(true);
      await people.agree();

      // The week after: its budget is known as soon as it begins, and drawn when its list is.
      await people.goTo(now + 1n, 0n);
      const consumed = sums.burn + sums.buyback + sums.treasury;
      const { weeklyFloor, consumptionRatioBps } = DEFAULT_MINING_PARAMETERS;
      const budget = weeklyFloor + (consumed * consumptionRatioBps) / 10_000n;
      expect(await spending.consumedIn(now)).to.equal(consumed);
      expect(await socialMining.plannedBudgetOf(now + 1n)).to.equal(budget - (budget % 10n ** 9n));
      await people.checkIn(ben);
      await people.goTo(now + 2n, 0n, 6n);
      const list = await people.count(now + 1n, []);
      expect([...list.points.keys()]).to.deep.equal([ben.address]);
      await people.publish(now + 1n, list);
      await people.goTo(now + 2n, 3n, 7n);
      const { credited } = await people.claim(now + 1n, list, ben);
      expect(credited, "all of it to the only one who did anything").to.equal(budget - (budget % 10n ** 9n));
      await people.agree();
    });

    it("keeps the level of who paid for protection, and takes those of who stayed away", async () => {
      const people = paid();
      const { userGrowth } = people.contracts;
      const { ada, cleo } = people.world;
      await people.completeInvitation(cleo, ada);
      const levelOf = async (who: HardhatEthersSigner) => (await userGrowth.standingOf(who)).level;
      expect([await levelOf(ada), await levelOf(cleo)], "100 points each for the invitation").to.deep.equal([2n, 1n]);
      await people.buyGrowth(ada, "protection", 40n);
      const first = await people.now();
      await people.connection.networkHelpers.time.increaseTo(first + 60n * DAY);
      await people.agreeOn(ada);
      expect(await levelOf(ada), "fewer than 30 idle days that nothing protected").to.equal(2n);
      await people.connection.networkHelpers.time.increaseTo(first + 75n * DAY);
      await people.agreeOn(ada);
      expect(await levelOf(ada)).to.equal(1n);
      for (const who of [ada, cleo]) await people.checkIn(who);
      expect(await levelOf(ada), "a check-in undoes none of it").to.equal(1n);
    });

    it("turns XMEX into the treasury's XME at the round's highest rate, and locks it for ever", async () => {
      const people = paid();
      const { ascension, xme, xmex } = people.contracts;
      const { ada, ben, anybody } = people.world;
      const { maxRateWad, floorRateWad, baseBudget } = DEFAULT_ASCENSION_TERMS;
      const round = ascensionRoundAt(await people.now());
      for (const [who, amount] of [
        [ada, 3_000n * TOKEN],
        [ben, 1_000n * TOKEN],
      ] as const) {
        const least = (amount * floorRateWad) / TOKEN;
        const { at } = await people.sent(ascension.connect(who).deposit(amount, least));
        expect(people.tell(at, (models) => models.ascension.deposit(at, who.address, amount, least))).to.equal(least);
      }
      expect((await ascension.roundOf(round)).budget, "four quiet weeks").to.equal(4n * baseBudget);
      await people.agree();
      await expect(ascension.connect(anybody).claim(ada))
        .to.be.revertedWithCustomError(ascension, "Ascension_NothingToClaim")
        .withArgs(ada.address);

      await people.goTo(round + 1n, 0n);
      for (const [who, amount] of [
        [ada, 3_000n * TOKEN],
        [ben, 1_000n * TOKEN],
      ] as const) {
        const before = await xme.balanceOf(who);
        const { at } = await people.sent(ascension.connect(anybody).claim(who));
        const brought = people.tell(at, (models) => models.ascension.claim(at, who.address));
        expect((await xme.balanceOf(who)) - before).to.equal(brought);
        expect(brought).to.equal((amount * maxRateWad) / TOKEN);
      }
      expect(await ascension.free(), "what the round did not pay is free again").to.equal(FUNDED - 40n * TOKEN);
      expect(await xmex.balanceOf(ascension)).to.equal(4_000n * TOKEN);
      await people.agree();
    });

    it("weighs, shares, limits and offers by what a vote decided, from the next week on where it says so", async () => {
      const people = paid();
      const { socialMining, spending, userGrowth, ascension } = people.contracts;
      const { ada, ben } = people.world;
      const weights = DEFAULT_WEIGHTS.map((_, i) => BigInt(13 - i));
      const parameters = { weeklyCap: 9_000_000n * TOKEN, weeklyFloor: 5_000_000n * TOKEN, consumptionRatioBps: 0n };
      const tips: SpendingSplit = { ...DEFAULT_SPENDING_SPLITS.tip, creatorBps: 5_000n, treasuryBps: 4_500n };
      const terms = { baseBudget: 10n * TOKEN, maxRateWad: TOKEN / 50n, floorRateWad: TOKEN / 100n };
      const at = await people.enact("Other weights, other shares", [
        callOf(socialMining, "setWeights", [weights]),
        callOf(socialMining, "setParameters", [Object.values(parameters)]),
        callOf(socialMining, "setDailyLimit", [2_000n * TOKEN]),
        callOf(spending, "setSplit", [SPENDING_CATEGORY.tip, splitTuple(tips)]),
        callOf(userGrowth, "setRewards", [TOKEN, 2n * TOKEN]),
        callOf(ascension, "setTerms", [Object.values(terms)]),
      ]);
      people.tell(at, (models) => {
        models.mining.setWeights(at, weights);
        models.mining.setParameters(at, parameters);
        models.mining.dailyLimit = 2_000n * TOKEN;
        models.spending.setSplit(at, "tip", tips);
        models.growth.setRewards(TOKEN, 2n * TOKEN);
        models.ascension.setTerms(terms);
      });
      const then = miningEpoch(at);
      expectSame(await socialMining.weightsAt(then), DEFAULT_WEIGHTS);
      expectSame(await socialMining.weightsAt(then + 1n), weights);
      expect(await socialMining.plannedBudgetOf(then)).to.equal(DEFAULT_MINING_PARAMETERS.weeklyFloor);
      expect(await socialMining.plannedBudgetOf(then + 1n)).to.equal(parameters.weeklyFloor);
      expect(await socialMining.dailyLimit()).to.equal(2_000n * TOKEN);
      expectSame(await userGrowth.rewards(), [TOKEN, 2n * TOKEN]);
      expectSame(await ascension.terms(), Object.values(terms));

      const { xmex } = people.contracts;
      for (const [when, creatorBps] of [
        [then, DEFAULT_SPENDING_SPLITS.tip.creatorBps],
        [then + 1n, tips.creatorBps],
      ] as const) {
        if (when > then) await people.goTo(when, 0n);
        await people.checkIn(ben);
        const before = await xmex.balanceOf(ada);
        await people.spend(spending.connect(ben).tip(ada, 10n * TOKEN), (models, time) => {
          models.spending.tip(time, ben.address, ada.address, 10n * TOKEN);
        });
        expect((await xmex.balanceOf(ada)) - before).to.equal((10n * TOKEN * creatorBps) / 10_000n);
        await people.agree();
      }
      for (const when of [then, then + 1n]) await people.distribute(when, "tip");
      await people.goTo(then + 2n, 0n);
      for (const [when, weight] of [
        [then, DEFAULT_WEIGHTS[8]],
        [then + 1n, weights[8]],
      ] as const) {
        const list = await people.count(when, []);
        expect(list.points.get(ben.address), `week ${when}`).to.equal((weight ?? 0n) * 100n * 100n);
      }
      await people.agree();
    });
  });
});
