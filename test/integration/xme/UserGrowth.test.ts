import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import { type ContractTransactionResponse, ZeroAddress, id } from "ethers";
import hre, { network } from "hardhat";

import { EMISSION_ALLOCATION, EMISSION_STREAM, EmissionModel } from "../../../src/xme/emission.js";
import {
  ADVANCED_TASKS_LEVEL,
  CHECK_IN,
  CONTRIBUTION,
  DEFAULT_INVITATION_REWARDS,
  GROWTH_LEVELS,
  GROWTH_PRIVILEGE,
  GROWTH_THRESHOLDS,
  type GrowthEvent,
  GrowthModel,
  type GrowthPrivileges,
  type GrowthRecord,
  GrowthRefusal,
  type GrowthStanding,
  IDLE_DAYS_PER_LEVEL,
  INVITATION,
  MAX_PAID_DAYS,
  NO_GROWTH,
  STAKE_TIERS,
  afterGrowthEvent,
  growthLevel,
  growthPrivileges,
  idleDaysOn,
  lastDayOfEpoch,
  levelOn,
  stakeTier,
} from "../../../src/xme/growth.js";
import { MINING_WEEK, STRIKE_WINDOW, creditFor } from "../../../src/xme/mining.js";
import { effort } from "../../support/effort.js";

const { ethers, networkHelpers } = await network.create();

/** Printed where a test fails; set it to see that run again. */
const SEED = process.env.XONOMY_SEED ?? ethers.hexlify(ethers.randomBytes(4));

const DAY = 86_400n;
const WEEK = MINING_WEEK;
const XMEX = 10n ** 18n;
const GWEI = 10n ** 9n;
const STREAM = BigInt(EMISSION_STREAM.userGrowth);
const MINING_STREAM = BigInt(EMISSION_STREAM.socialMining);
const SHARES: [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint] = [
  6_000n,
  1_000n,
  2_000n,
  1_000n,
  0n,
  0n,
  0n,
  0n,
];
const REWARDS = { inviter: 30n * XMEX, invitee: 20n * XMEX };
const FLOOR = 1_000_000n * XMEX;
const SPENDER = 4n;

const standingTuple = ({ points, level, idleDays, stakeTier: tier, effectiveLevel }: GrowthStanding) => [
  points,
  level,
  idleDays,
  tier,
  effectiveLevel,
];
const privilegesTuple = (privileges: GrowthPrivileges) => [
  privileges.growthPercent,
  privileges.incentivePercent,
  privileges.highValuePercent,
  privileges.dailyLimitPercent,
  privileges.exposurePercent,
  privileges.testPriority,
  privileges.advancedTasksUnlocked,
];

describe("UserGrowth", () => {
  /** At noon of the first day of a week. Social mining is real, and so is node staking; `stub` is a mining that credits what it is told to. */
  async function deploy() {
    const [deployer, governance, shop, operator, ada, ben, cleo, stranger] = await ethers.getSigners();
    if (!deployer || !governance || !shop || !operator || !ada || !ben || !cleo || !stranger) {
      throw new Error("too few accounts");
    }
    const first = BigInt(await networkHelpers.time.latest()) / WEEK + 2n;
    await networkHelpers.time.increaseTo(first * WEEK + DAY / 2n);
    const xmex = await ethers.deployContract("XMEX");
    const xme = await ethers.deployContract("XME");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const start = BigInt(await networkHelpers.time.latest());
    const vault = await ethers.deployContract("EmissionVault", [xmex, manager, start, SHARES]);
    await xmex.transfer(vault, EMISSION_ALLOCATION);
    const staking = await ethers.deployContract("NodeStaking", [xme, xmex, ZeroAddress, 0n, manager]);
    const mining = await ethers.deployContract("SocialMining", [
      xmex,
      vault,
      MINING_STREAM,
      [FLOOR, FLOOR, 0n],
      1_000n * XMEX,
      [1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n],
      manager,
    ]);
    const growth = await ethers.deployContract("UserGrowth", [
      xmex,
      vault,
      STREAM,
      mining,
      staking,
      REWARDS.inviter,
      REWARDS.invitee,
      manager,
    ]);
    const governVault = vault.connect(governance);
    await governVault.setDrawer(MINING_STREAM, mining);
    await governVault.setDrawer(STREAM, growth);
    const asGovernance = manager.connect(governance);
    await asGovernance.grantRole(SPENDER, shop, 0n);
    const selectors = (["accelerate", "protect", "unlockPrivilege"] as const).map(
      (name) => growth.interface.getFunction(name).selector,
    );
    await asGovernance.setTargetFunctionRole(growth, selectors, SPENDER);
    await xme.transfer(operator, 1_000_000n * XMEX);
    await xme.connect(operator).approve(staking, 1_000_000n * XMEX);
    await staking.connect(operator).openNode(1_000_000n * XMEX, 0n, "");
    const stub = await ethers.deployContract("GrowthMining");
    return {
      deployer,
      governance,
      shop,
      operator,
      ada,
      ben,
      cleo,
      stranger,
      xmex,
      xme,
      manager,
      start,
      vault,
      staking,
      mining,
      stub,
      growth,
      first,
      today: start / DAY,
      governed: growth.connect(governance),
      asShop: growth.connect(shop),
      anybody: growth.connect(stranger),
    };
  }

  type World = Awaited<ReturnType<typeof deploy>>;
  type Signer = World["ada"];

  /** With the mining that credits what it is told to. */
  async function told() {
    const world = await deploy();
    await world.governed.setSources(world.stub, world.staking);
    return world;
  }

  const goTo = (time: bigint) => networkHelpers.time.increaseTo(time);
  const now = async () => BigInt(await networkHelpers.time.latest());
  const nextDays = async (days: bigint) => goTo(((await now()) / DAY + days) * DAY + DAY / 2n);

  /** Points by contribution, without a check-in. */
  async function givePoints({ stub, growth }: World, account: Signer, points: bigint): Promise<void> {
    await stub.credit(account, (await stub.creditedOf(account)) + points * CONTRIBUTION.xmexPerPoint);
    const collect = growth.interface.encodeFunctionData("collectContribution", [account.address]);
    const calls = (points + CONTRIBUTION.maxPoints - 1n) / CONTRIBUTION.maxPoints;
    await growth.multicall(
      Array.from({ length: Number(calls) }, () => collect),
      { gasLimit: 30_000_000n },
    );
  }

  async function checkInDays({ growth }: World, account: Signer, days: number): Promise<void> {
    for (let day = 0; day < days; day++) {
      if (day !== 0) await nextDays(1n);
      await growth.connect(account).checkIn();
    }
  }

  async function delegate({ xmex, staking }: World, account: Signer, amount: bigint): Promise<void> {
    await xmex.transfer(account, amount);
    await xmex.connect(account).approve(staking, amount);
    await staking.connect(account).delegate(1n, amount);
  }

  /** Publishes a list of real social mining for the last epoch and claims it for all. */
  async function mine({ governance, mining }: World, accounts: readonly Signer[]): Promise<void> {
    const epoch = (await now()) / WEEK;
    await goTo((epoch + 1n) * WEEK);
    const rows = accounts.map(({ address }) => [address, 1n] as [string, bigint]);
    const tree = StandardMerkleTree.of(rows, ["address", "uint256"]);
    await mining.connect(governance).publish(epoch, tree.root, BigInt(rows.length), "", id(""));
    await goTo((epoch + 1n) * WEEK + STRIKE_WINDOW + DAY / 2n);
    for (const [row, [account, points]] of rows.entries()) {
      await mining.claim(epoch, account, points, tree.getProof(row));
    }
  }

  describe("constructor", () => {
    const deployWith = (
      { xmex, vault, mining, staking, manager }: World,
      change: Partial<{
        xmex: string;
        vault: string;
        stream: bigint;
        mining: string;
        staking: string;
        inviter: bigint;
        invitee: bigint;
        manager: string;
      }>,
    ) =>
      ethers.deployContract("UserGrowth", [
        change.xmex ?? xmex,
        change.vault ?? vault,
        change.stream ?? STREAM,
        change.mining ?? mining,
        change.staking ?? staking,
        change.inviter ?? REWARDS.inviter,
        change.invitee ?? REWARDS.invitee,
        change.manager ?? manager,
      ]);

    it("refuses XMEX, a vault, a source or an authority without code", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { address } = world.stranger;
      for (const [change, error] of [
        [{ xmex: address }, "UserGrowth_TokenHasNoCode"],
        [{ vault: address }, "UserGrowth_VaultHasNoCode"],
        [{ mining: address }, "UserGrowth_SourceHasNoCode"],
        [{ staking: address }, "UserGrowth_SourceHasNoCode"],
        [{ manager: address }, "UserGrowth_AuthorityHasNoCode"],
      ] as const) {
        await expect(deployWith(world, change)).to.be.revertedWithCustomError(world.growth, error).withArgs(address);
      }
    });

    it("refuses a vault of another token, and a stream that does not exist", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const xme = await world.xme.getAddress();
      await expect(deployWith(world, { xmex: xme }))
        .to.be.revertedWithCustomError(world.growth, "UserGrowth_VaultTokenMismatch")
        .withArgs(await world.xmex.getAddress(), xme);
      await expect(deployWith(world, { stream: 8n }))
        .to.be.revertedWithCustomError(world.vault, "EmissionVault_UnknownStream")
        .withArgs(8n);
    });

    it("refuses rewards that governance could not set", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      await expect(deployWith(world, { inviter: 1n })).to.be.revertedWithCustomError(
        world.growth,
        "UserGrowth_NotInGwei",
      );
      await expect(deployWith(world, { invitee: INVITATION.maxReward + GWEI })).to.be.revertedWithCustomError(
        world.growth,
        "UserGrowth_RewardTooHigh",
      );
    });

    it("shows what it was given, and announces it", async () => {
      const { growth, xmex, vault, mining, staking, manager, today } = await networkHelpers.loadFixture(deploy);
      expect(await growth.xmex()).to.equal(await xmex.getAddress());
      expect(await growth.vault()).to.equal(await vault.getAddress());
      expect(await growth.emissionStream()).to.equal(STREAM);
      expect(await growth.mining()).to.equal(await mining.getAddress());
      expect(await growth.staking()).to.equal(await staking.getAddress());
      expect(await growth.authority()).to.equal(await manager.getAddress());
      expect([...(await growth.rewards())]).to.deep.equal([REWARDS.inviter, REWARDS.invitee]);
      expect(await growth.currentDay()).to.equal(today);
      const made = growth.deploymentTransaction();
      await expect(made)
        .to.emit(growth, "SourcesChanged")
        .withArgs(await mining.getAddress(), await staking.getAddress());
      await expect(made).to.emit(growth, "RewardsChanged").withArgs(REWARDS.inviter, REWARDS.invitee);
    });

    it("takes what the suite starts with", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const made = await deployWith(world, DEFAULT_INVITATION_REWARDS);
      expect([...(await made.rewards())]).to.deep.equal(Object.values(DEFAULT_INVITATION_REWARDS));
    });

    it("shows the constants of the model", async () => {
      const { growth } = await networkHelpers.loadFixture(deploy);
      expect(await growth.LEVELS()).to.equal(GROWTH_LEVELS);
      expect(await growth.CHECK_IN_POINTS()).to.equal(CHECK_IN.points);
      expect(await growth.MAX_STREAK_BONUS()).to.equal(CHECK_IN.maxStreakBonus);
      expect(await growth.IDLE_DAYS_PER_LEVEL()).to.equal(IDLE_DAYS_PER_LEVEL);
      expect(await growth.INVITATION_DAYS()).to.equal(INVITATION.days);
      expect(await growth.INVITER_POINTS()).to.equal(INVITATION.inviterPoints);
      expect(await growth.INVITEE_POINTS()).to.equal(INVITATION.inviteePoints);
      expect(await growth.MAX_REWARD()).to.equal(INVITATION.maxReward);
      expect(await growth.XMEX_PER_POINT()).to.equal(CONTRIBUTION.xmexPerPoint);
      expect(await growth.MAX_COLLECTED_POINTS()).to.equal(CONTRIBUTION.maxPoints);
      expect(await growth.MAX_PAID_DAYS()).to.equal(MAX_PAID_DAYS);
      expect(await growth.PRIVILEGES()).to.equal(Object.keys(GROWTH_PRIVILEGE).length);
      expect(await growth.ADVANCED_TASKS_LEVEL()).to.equal(ADVANCED_TASKS_LEVEL);
      expect(await growth.STAKE_TIER()).to.equal(STAKE_TIERS[0]);
      expect(await growth.STAKE_TIERS()).to.equal(STAKE_TIERS.length);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("UserGrowth");
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("levels and privileges", () => {
    it("have the thresholds and tables of the model, which never fall from level to level", async () => {
      const { growth } = await networkHelpers.loadFixture(deploy);
      let before: bigint[] = [];
      for (let level = 1n; level <= GROWTH_LEVELS; level++) {
        const threshold = GROWTH_THRESHOLDS[Number(level) - 1] ?? 0n;
        expect(await growth.thresholdOf(level)).to.equal(threshold);
        expect(await growth.levelAt(threshold)).to.equal(level);
        if (level > 1n) expect(await growth.levelAt(threshold - 1n)).to.equal(level - 1n);
        const privileges = privilegesTuple(growthPrivileges(level));
        expect([...(await growth.privilegesAt(level))]).to.deep.equal(privileges);
        const numbers = privileges.map(BigInt);
        expect(numbers.every((number, index) => number >= (before[index] ?? 0n))).to.equal(true);
        before = numbers;
      }
      expect(before).to.deep.equal([200n, 300n, 300n, 1_000n, 150n, 3n, 1n]);
      expect([...(await growth.privilegesAt(1n))]).to.deep.equal([100n, 100n, 100n, 100n, 100n, 0n, false]);
      expect(await growth.levelAt(2n ** 256n - 1n)).to.equal(10n);
    });

    it("do not exist below 1 and above 10", async () => {
      const { growth } = await networkHelpers.loadFixture(deploy);
      for (const level of [0n, 11n, 2n ** 256n - 1n]) {
        for (const call of [() => growth.privilegesAt(level), () => growth.thresholdOf(level)]) {
          await expect(call()).to.be.revertedWithCustomError(growth, "UserGrowth_UnknownLevel").withArgs(level);
        }
        expect(() => growthPrivileges(level)).to.throw(RangeError, /no level/);
      }
    });

    it("rise by delegated stake in three tiers, ten at most", async () => {
      const world = await networkHelpers.loadFixture(told);
      const { growth, ada } = world;
      await givePoints(world, ada, 320n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([320n, 3n, 0n, 0n, 3n]);
      const steps = [
        [STAKE_TIERS[0] - 10n ** 15n, 0n],
        [10n ** 15n, 1n],
        [STAKE_TIERS[1] - STAKE_TIERS[0] - 10n ** 15n, 1n],
        [10n ** 15n, 2n],
        [STAKE_TIERS[2] - STAKE_TIERS[1] - 10n ** 15n, 2n],
        [10n ** 15n, 3n],
        [STAKE_TIERS[2] * 100n, 3n],
      ] as const;
      for (const [more, tier] of steps) {
        await delegate(world, ada, more);
        expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([320n, 3n, 0n, tier, 3n + tier]);
        const expected = growthPrivileges(3n, tier);
        expect([...(await growth.privilegesOf(ada))]).to.deep.equal(privilegesTuple(expected));
        expect(await growth.dailyLimitPercentOf(ada)).to.equal(expected.dailyLimitPercent);
        expect(expected.growthPercent).to.equal(110n);
      }
      await givePoints(world, ada, 24_700n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([25_020n, 9n, 0n, 3n, 10n]);
      expect(await growth.dailyLimitPercentOf(ada)).to.equal(1_000n);
    });

    it("begin with level 1 for an account that never did anything", async () => {
      const { growth, ada } = await networkHelpers.loadFixture(deploy);
      await nextDays(1_000n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([0n, 1n, 0n, 0n, 1n]);
      expect(await growth.dailyLimitPercentOf(ada)).to.equal(100n);
      expect([...(await growth.accountOf(ada))]).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n]);
    });

    it("raise the daily limit of social mining, and not what was credited", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { governance, mining, growth, stub, staking, xmex, ada } = world;
      await mining.connect(governance).setSources(growth, ZeroAddress);
      await world.governed.setSources(stub, staking);
      await mine(world, [ada]);
      const credited = creditFor(FLOOR, 1n, 1n);
      const least = credited / 90n + (GWEI - ((credited / 90n) % GWEI));
      expect(await xmex.balanceOf(ada)).to.equal(least);
      await mining.connect(governance).setDailyLimit(least - (least % XMEX) + XMEX);
      const limit = await mining.dailyLimit();
      await givePoints(world, ada, 1_500n);
      expect(await mining.previewWithdraw(ada)).to.equal((limit * 250n) / 100n - least);
      await mining.withdraw(ada);
      expect(await xmex.balanceOf(ada)).to.equal((limit * 250n) / 100n);
      expect(await mining.creditedOf(ada)).to.equal(FLOOR / XMEX);
    });
  });

  describe("checkIn", () => {
    it("brings ten points on the first day, and tells", async () => {
      const { growth, ada, today } = await networkHelpers.loadFixture(deploy);
      expect([...(await growth.previewCheckIn(ada))]).to.deep.equal([1n, 10n, 10n]);
      expect([...(await growth.connect(ada).checkIn.staticCall())]).to.deep.equal([1n, 10n]);
      await expect(growth.connect(ada).checkIn()).to.emit(growth, "CheckedIn").withArgs(ada.address, today, 1n, 10n);
      expect([...(await growth.accountOf(ada))]).to.deep.equal([10n, today, 1n, 1n, today, 0n, 0n, 0n, 0n, 0n]);
    });

    it("refuses a second time until midnight, and so does the preview", async () => {
      const { growth, ada, today } = await networkHelpers.loadFixture(deploy);
      await growth.connect(ada).checkIn();
      await goTo((today + 1n) * DAY - 2n);
      await networkHelpers.time.setNextBlockTimestamp((today + 1n) * DAY - 1n);
      await expect(growth.connect(ada).checkIn())
        .to.be.revertedWithCustomError(growth, "UserGrowth_AlreadyCheckedIn")
        .withArgs(ada.address, today);
      await expect(growth.previewCheckIn(ada)).to.be.revertedWithCustomError(growth, "UserGrowth_AlreadyCheckedIn");
      await networkHelpers.time.setNextBlockTimestamp((today + 1n) * DAY);
      await expect(growth.connect(ada).checkIn())
        .to.emit(growth, "CheckedIn")
        .withArgs(ada.address, today + 1n, 2n, 21n);
    });

    it("brings one point more for each day in a row before it, up to ten, × the percent of the level", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { growth, ada, today } = world;
      let points = 0n;
      for (let day = 0n; day < 40n; day++) {
        if (day !== 0n) await nextDays(1n);
        const bonus = day < 10n ? day : 10n;
        const { growthPercent } = growthPrivileges(growthLevel(points));
        const gained = ((10n + bonus) * growthPercent) / 100n;
        points += gained;
        expect([...(await growth.previewCheckIn(ada))]).to.deep.equal([day + 1n, gained, points]);
        await expect(growth.connect(ada).checkIn())
          .to.emit(growth, "CheckedIn")
          .withArgs(ada.address, today + day, day + 1n, points);
      }
      expect((await growth.standingOf(ada)).level).to.equal(4n);
    });

    it("begins a new streak after a day without one, and keeps the points", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { growth, ada } = world;
      await checkInDays(world, ada, 3);
      await nextDays(2n);
      expect([...(await growth.previewCheckIn(ada))]).to.deep.equal([1n, 10n, 43n]);
      await growth.connect(ada).checkIn();
      const { points, streak, daysCheckedIn } = await growth.accountOf(ada);
      expect([points, streak, daysCheckedIn]).to.deep.equal([43n, 1n, 4n]);
    });

    it("asks nobody before 30 idle days, and at the first level never", async () => {
      const world = await networkHelpers.loadFixture(told);
      const { growth, staking, ada, ben } = world;
      await givePoints(world, ada, 500n);
      await growth.connect(ada).checkIn();
      await growth.connect(ben).checkIn();
      await networkHelpers.setCode(await staking.getAddress(), "0xfe");
      await nextDays(29n);
      await growth.connect(ada).checkIn();
      await nextDays(30n);
      await expect(growth.connect(ada).checkIn()).to.revert(ethers);
      await growth.connect(ben).checkIn();
      await nextDays(300n);
      await growth.connect(ben).checkIn();
    });
  });

  describe("idleness", () => {
    /** Ada at the tenth level, checked in on the first day. */
    async function tenth() {
      const world = await told();
      await givePoints(world, world.ada, 60_000n);
      await world.growth.connect(world.ada).checkIn();
      return { ...world, points: 60_020n };
    }

    it("takes a level for each 30 days, as a day-by-day model says, and never the first", async () => {
      const { growth, ada, points, today } = await networkHelpers.loadFixture(tenth);
      let [level, idle, left] = [10n, 0n, points];
      for (let day = 1n; day <= 330n; day++) {
        await goTo((today + day) * DAY);
        if (++idle === 30n) {
          idle = 0n;
          if (level > 1n) left = GROWTH_THRESHOLDS[Number(--level) - 1] ?? 0n;
        }
        const { level: seen, points: seenPoints, idleDays } = await growth.standingOf(ada);
        expect([seen, seenPoints, idleDays], `day ${day}`).to.deep.equal([level, left, day]);
      }
      expect(level).to.equal(1n);
    });

    it("is clamped at the next check-in, which does not undo it", async () => {
      const { growth, ada } = await networkHelpers.loadFixture(tenth);
      await nextDays(95n);
      expect((await growth.standingOf(ada)).level).to.equal(7n);
      const gained = (10n * 140n) / 100n;
      expect([...(await growth.previewCheckIn(ada))]).to.deep.equal([1n, gained, 6_000n + gained]);
      await growth.connect(ada).checkIn();
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([6_000n + gained, 7n, 0n, 0n, 7n]);
      await nextDays(29n);
      expect((await growth.standingOf(ada)).level).to.equal(7n);
      await nextDays(1n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([3_000n, 6n, 30n, 0n, 6n]);
    });

    it("leaves the points of the first level alone", async () => {
      const world = await networkHelpers.loadFixture(told);
      const { growth, ada } = world;
      await givePoints(world, ada, 99n);
      await nextDays(400n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([99n, 1n, 400n, 0n, 1n]);
      await growth.connect(ada).checkIn();
      expect((await growth.accountOf(ada)).points).to.equal(109n);
    });

    it("does not count days that were paid for", async () => {
      const { growth, asShop, ada, today } = await networkHelpers.loadFixture(tenth);
      await nextDays(20n);
      await asShop.protect(ada, 15n);
      await nextDays(15n);
      expect((await growth.standingOf(ada)).idleDays).to.equal(20n);
      await nextDays(9n);
      expect((await growth.standingOf(ada)).level).to.equal(10n);
      await nextDays(1n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([25_000n, 9n, 30n, 0n, 9n]);
      await nextDays(5n);
      await asShop.protect(ada, 365n);
      await nextDays(365n);
      expect((await growth.standingOf(ada)).idleDays).to.equal(35n);
      expect((await growth.accountOf(ada)).protectedUntil).to.equal(today + 50n + 365n);
      await nextDays(24n);
      expect((await growth.standingOf(ada)).level).to.equal(9n);
      await nextDays(1n);
      expect((await growth.standingOf(ada)).level).to.equal(8n);
    });

    it("takes nothing from whoever delegates a thousand XMEX at the look, and all when it is gone", async () => {
      const world = await networkHelpers.loadFixture(tenth);
      const { growth, staking, ada, points } = world;
      await nextDays(65n);
      expect((await growth.standingOf(ada)).level).to.equal(8n);
      await delegate(world, ada, STAKE_TIERS[0]);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([points, 10n, 65n, 1n, 10n]);
      await staking.connect(ada).undelegate(1n, 10n ** 15n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([12_000n, 8n, 65n, 0n, 8n]);
      await delegate(world, ada, 10n ** 15n);
      await growth.connect(ada).checkIn();
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([points + 20n, 10n, 0n, 1n, 10n]);
    });

    it("keeps the stake for an unbonding period, also where the node is one's own and closed at once", async () => {
      const world = await networkHelpers.loadFixture(tenth);
      const { growth, staking, xme, xmex, ada } = world;
      await xme.transfer(ada, 1_000n * XMEX);
      await xme.connect(ada).approve(staking, 1_000n * XMEX);
      await staking.connect(ada).openNode(1_000n * XMEX, 0n, "");
      const [, , most] = STAKE_TIERS;
      await xmex.transfer(ada, most);
      await xmex.connect(ada).approve(staking, most);
      await nextDays(65n);
      const delegated = await staking.connect(ada).delegate(2n, most);
      const delegatedAt = BigInt((await delegated.getBlock())?.timestamp ?? 0);
      expect(await growth.dailyLimitPercentOf(ada)).to.equal(growthPrivileges(10n, 3n).dailyLimitPercent);
      await growth.connect(ada).checkIn();
      await staking.connect(ada).closeNode(2n);
      const leavableAt = await staking.leavableAt(2n, ada);
      expect(leavableAt >= delegatedAt + (await staking.unbondingPeriod())).to.equal(true);
      for (const time of [(await now()) + 1n, leavableAt - 2n]) {
        await networkHelpers.time.increaseTo(time);
        await expect(staking.connect(ada).leaveClosedNode(2n, ada)).to.be.revertedWithCustomError(
          staking,
          "NodeStaking_StillWaiting",
        );
      }
      expect(await xmex.balanceOf(ada)).to.equal(0n);
      await networkHelpers.time.increaseTo(leavableAt);
      await staking.connect(ada).leaveClosedNode(2n, ada);
      expect(await xmex.balanceOf(ada)).to.equal(most);
    });

    it("is taken for good when points come by another way, and the days go with it", async () => {
      const world = await networkHelpers.loadFixture(tenth);
      const { growth, stub, anybody, ada, today } = world;
      await nextDays(65n);
      await stub.credit(ada, 600_010n);
      await expect(anybody.collectContribution(ada))
        .to.emit(growth, "PointsAdded")
        .withArgs(ada.address, today + 65n, 1n, 12_001n, 5n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([12_001n, 8n, 5n, 0n, 8n]);
      await nextDays(25n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([6_000n, 7n, 30n, 0n, 7n]);
    });

    it("stays where stake protects while points come, and is counted on", async () => {
      const world = await networkHelpers.loadFixture(tenth);
      const { growth, stub, staking, anybody, ada, points } = world;
      await nextDays(65n);
      await delegate(world, ada, STAKE_TIERS[0]);
      await stub.credit(ada, 600_010n);
      await anybody.collectContribution(ada);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([points + 1n, 10n, 65n, 1n, 10n]);
      await staking.connect(ada).undelegate(1n, STAKE_TIERS[0]);
      await nextDays(25n);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([6_000n, 7n, 90n, 0n, 7n]);
    });
  });

  describe("collectContribution", () => {
    it("refuses what makes no point", async () => {
      const { growth, stub, anybody, ada } = await networkHelpers.loadFixture(told);
      for (const credited of [0n, 9n]) {
        await stub.credit(ada, credited);
        expect(await growth.previewContribution(ada)).to.equal(0n);
        await expect(anybody.collectContribution(ada))
          .to.be.revertedWithCustomError(growth, "UserGrowth_NothingToCollect")
          .withArgs(ada.address);
      }
    });

    it("brings a point for each ten whole XMEX, once, and keeps the rest", async () => {
      const { growth, stub, anybody, ada, today } = await networkHelpers.loadFixture(told);
      await stub.credit(ada, 59n);
      expect(await growth.previewContribution(ada)).to.equal(5n);
      expect(await anybody.collectContribution.staticCall(ada)).to.equal(5n);
      const collected = anybody.collectContribution(ada);
      await expect(collected).to.emit(growth, "ContributionCollected").withArgs(ada.address, 50n);
      await expect(collected).to.emit(growth, "PointsAdded").withArgs(ada.address, today, 5n, 5n, 0n);
      await expect(anybody.collectContribution(ada)).to.be.revertedWithCustomError(
        growth,
        "UserGrowth_NothingToCollect",
      );
      await stub.credit(ada, 60n);
      expect(await growth.previewContribution(ada)).to.equal(1n);
    });

    it("brings at most a thousand points in a call, and the rest in the next", async () => {
      const { growth, stub, anybody, ada } = await networkHelpers.loadFixture(told);
      await stub.credit(ada, 10_019n);
      expect(await growth.previewContribution(ada)).to.equal(1_000n);
      await anybody.collectContribution(ada);
      expect(await growth.previewContribution(ada)).to.equal(1n);
      await anybody.collectContribution(ada);
      expect((await growth.accountOf(ada)).points).to.equal(1_001n);
      expect((await growth.accountOf(ada)).contribution).to.equal(10_010n);
    });

    it("waits for a successor of social mining that has credited less", async () => {
      const { growth, stub, anybody, ada } = await networkHelpers.loadFixture(told);
      await stub.credit(ada, 1_000n);
      await anybody.collectContribution(ada);
      await stub.credit(ada, 500n);
      expect(await growth.previewContribution(ada)).to.equal(0n);
      await expect(anybody.collectContribution(ada)).to.be.revertedWithCustomError(
        growth,
        "UserGrowth_NothingToCollect",
      );
      await stub.credit(ada, 1_010n);
      await anybody.collectContribution(ada);
      expect((await growth.accountOf(ada)).points).to.equal(101n);
    });

    it("refuses more XMEX than there can be", async () => {
      const world = await networkHelpers.loadFixture(told);
      const { growth, stub, anybody, ada, today } = world;
      await networkHelpers.setStorageAt(
        await growth.getAddress(),
        await slotOf(growth, ada),
        2n ** 48n - 1n + (today << 96n),
      );
      expect((await growth.accountOf(ada)).points).to.equal(2n ** 48n - 1n);
      await stub.credit(ada, 10n);
      await expect(anybody.collectContribution(ada)).to.be.revertedWithCustomError(
        growth,
        "GrowthAccounts_ValueTooWide",
      );
    });

    it("counts what real social mining has credited", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { growth, mining, anybody, ada, ben, cleo } = world;
      await mine(world, [ada, ben, cleo]);
      expect(await mining.creditedOf(ada)).to.equal(333_333n);
      expect(await growth.previewContribution(ada)).to.equal(1_000n);
      await anybody.collectContribution(ada);
      expect((await growth.accountOf(ada)).points).to.equal(1_000n);
    });
  });

  /** The storage slot of an account: the mapping behind two addresses and the rewards. */
  async function slotOf(growth: World["growth"], account: Signer): Promise<bigint> {
    const address = await growth.getAddress();
    const before = await growth.accountOf(account);
    expect(before.points).to.equal(0n);
    for (let slot = 0n; slot < 10n; slot++) {
      const place = BigInt(
        ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [account.address, slot])),
      );
      await networkHelpers.setStorageAt(address, place, 7n);
      const isIt = (await growth.accountOf(account)).points === 7n;
      await networkHelpers.setStorageAt(address, place, 0n);
      if (isIt) return place;
    }
    throw new Error("the account's slot was not found");
  }

  describe("acceptInvitation", () => {
    /** Ada has checked in on three days and can invite. */
    async function inviting() {
      const world = await deploy();
      await checkInDays(world, world.ada, 3);
      return world;
    }

    it("refuses oneself", async () => {
      const { growth, ada } = await networkHelpers.loadFixture(inviting);
      await expect(growth.connect(ada).acceptInvitation(ada))
        .to.be.revertedWithCustomError(growth, "UserGrowth_InviterIsInvitee")
        .withArgs(ada.address);
    });

    it("refuses an inviter who checked in on fewer than three days", async () => {
      const world = await networkHelpers.loadFixture(inviting);
      const { growth, ben, cleo } = world;
      await checkInDays(world, cleo, 2);
      await expect(growth.connect(ben).acceptInvitation(cleo))
        .to.be.revertedWithCustomError(growth, "UserGrowth_TooFewDays")
        .withArgs(cleo.address, 2n, 3n);
      await expect(growth.connect(ben).acceptInvitation(ZeroAddress))
        .to.be.revertedWithCustomError(growth, "UserGrowth_TooFewDays")
        .withArgs(ZeroAddress, 0n, 3n);
    });

    it("refuses an invitee who has claimed from social mining", async () => {
      const world = await networkHelpers.loadFixture(inviting);
      const { growth, ada, ben } = world;
      await mine(world, [ben]);
      await expect(growth.connect(ben).acceptInvitation(ada))
        .to.be.revertedWithCustomError(growth, "UserGrowth_HasClaimed")
        .withArgs(ben.address);
    });

    it("refuses a second inviter, for ever", async () => {
      const world = await networkHelpers.loadFixture(inviting);
      const { growth, ada, ben, cleo } = world;
      await growth.connect(ben).acceptInvitation(ada);
      await checkInDays(world, cleo, 3);
      for (const inviter of [ada, cleo]) {
        await expect(growth.connect(ben).acceptInvitation(inviter))
          .to.be.revertedWithCustomError(growth, "UserGrowth_AlreadyInvited")
          .withArgs(ben.address, ada.address);
      }
    });

    it("promises the rewards of that moment, whatever governance sets later", async () => {
      const world = await networkHelpers.loadFixture(inviting);
      const { growth, governed, xmex, ada, ben } = world;
      await expect(growth.connect(ben).acceptInvitation(ada))
        .to.emit(growth, "InvitationAccepted")
        .withArgs(ben.address, ada.address, REWARDS.inviter, REWARDS.invitee);
      expect([...(await growth.invitationOf(ben))]).to.deep.equal([
        ada.address,
        REWARDS.inviter,
        REWARDS.invitee,
        false,
      ]);
      await governed.setRewards(GWEI, 0n);
      await checkInDays(world, ben, 3);
      await mine(world, [ben]);
      const before = await xmex.balanceOf(ben);
      await growth.completeInvitation(ben);
      expect(await xmex.balanceOf(ada)).to.equal(REWARDS.inviter);
      expect((await xmex.balanceOf(ben)) - before).to.equal(REWARDS.invitee);
    });
  });

  describe("completeInvitation", () => {
    /** Ada has invited Ben, who has checked in on three days and claimed. */
    async function due() {
      const world = await deploy();
      await checkInDays(world, world.ada, 3);
      await world.growth.connect(world.ben).acceptInvitation(world.ada);
      await checkInDays(world, world.ben, 3);
      await mine(world, [world.ben]);
      return world;
    }

    it("refuses who was not invited", async () => {
      const { growth, anybody, ada } = await networkHelpers.loadFixture(due);
      for (const call of [() => anybody.completeInvitation(ada), () => growth.previewInvitation(ada)]) {
        await expect(call()).to.be.revertedWithCustomError(growth, "UserGrowth_NotInvited").withArgs(ada.address);
      }
    });

    it("refuses before the invitee has checked in on three days and claimed", async () => {
      const world = await networkHelpers.loadFixture(due);
      const { growth, anybody, ada, cleo } = world;
      await growth.connect(cleo).acceptInvitation(ada);
      await checkInDays(world, cleo, 2);
      await expect(anybody.completeInvitation(cleo))
        .to.be.revertedWithCustomError(growth, "UserGrowth_TooFewDays")
        .withArgs(cleo.address, 2n, 3n);
      await nextDays(1n);
      await growth.connect(cleo).checkIn();
      await expect(anybody.completeInvitation(cleo))
        .to.be.revertedWithCustomError(growth, "UserGrowth_HasNotClaimed")
        .withArgs(cleo.address);
      await mine(world, [cleo]);
      await expect(anybody.completeInvitation(cleo)).to.emit(growth, "InvitationCompleted");
    });

    it("pays both sides and brings both points, once, whoever calls", async () => {
      const { growth, anybody, vault, xmex, ada, ben } = await networkHelpers.loadFixture(due);
      const before = await xmex.balanceOf(ben);
      const pointsOf = async (account: Signer) => (await growth.accountOf(account)).points;
      const [adas, bens] = [await pointsOf(ada), await pointsOf(ben)];
      const today = (await now()) / DAY;
      expect([...(await growth.previewInvitation(ben))]).to.deep.equal([REWARDS.inviter, REWARDS.invitee]);
      const completed = anybody.completeInvitation(ben);
      await expect(completed)
        .to.emit(growth, "InvitationCompleted")
        .withArgs(ben.address, ada.address, REWARDS.inviter, REWARDS.invitee);
      const idle = async (account: Signer) => (await growth.accountOf(account)).idleDays;
      await expect(completed)
        .to.emit(growth, "PointsAdded")
        .withArgs(ada.address, today, 100n, adas + 100n, await idle(ada));
      await expect(completed)
        .to.emit(growth, "PointsAdded")
        .withArgs(ben.address, today, 50n, bens + 50n, await idle(ben));
      expect(await pointsOf(ada)).to.equal(adas + 100n);
      expect(await pointsOf(ben)).to.equal(bens + 50n);
      expect(await xmex.balanceOf(ada)).to.equal(REWARDS.inviter);
      expect((await xmex.balanceOf(ben)) - before).to.equal(REWARDS.invitee);
      expect(await vault.netDrawn(STREAM)).to.equal(REWARDS.inviter + REWARDS.invitee);
      expect(await xmex.balanceOf(growth)).to.equal(0n);
      expect((await growth.invitationOf(ben)).isCompleted).to.equal(true);
      for (const call of [() => anybody.completeInvitation(ben), () => growth.previewInvitation(ben)]) {
        await expect(call()).to.be.revertedWithCustomError(growth, "UserGrowth_AlreadyCompleted").withArgs(ben.address);
      }
    });

    it("refuses while the stream cannot pay both, and pays when it can", async () => {
      const { growth, anybody, governance, vault, xmex, ben } = await networkHelpers.loadFixture(due);
      const asGovernance = vault.connect(governance);
      const both = REWARDS.inviter + REWARDS.invitee;
      await asGovernance.setDrawer(STREAM, governance);
      await expect(anybody.completeInvitation(ben))
        .to.be.revertedWithCustomError(growth, "UserGrowth_StreamCannotPay")
        .withArgs(both, 0n);
      await asGovernance.setShares([7_000n, 0n, 2_000n, 1_000n, 0n, 0n, 0n, 0n]);
      await asGovernance.draw(STREAM, governance, (await vault.available(STREAM)) - (both - 1n));
      await asGovernance.setDrawer(STREAM, growth);
      for (const call of [() => anybody.completeInvitation(ben), () => growth.previewInvitation(ben)]) {
        await expect(call())
          .to.be.revertedWithCustomError(growth, "UserGrowth_StreamCannotPay")
          .withArgs(both, both - 1n);
      }
      expect((await growth.invitationOf(ben)).isCompleted).to.equal(false);
      await xmex.connect(governance).approve(vault, 1n);
      await asGovernance.returnTo(STREAM, 1n);
      await anybody.completeInvitation(ben);
      expect(await vault.available(STREAM)).to.equal(0n);
    });

    it("needs no stream where nothing was promised, and pays one side where only one was", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { growth, governed, governance, vault, xmex, ada, ben, cleo, operator } = world;
      await checkInDays(world, ada, 3);
      await governed.setRewards(0n, 0n);
      await growth.connect(ben).acceptInvitation(ada);
      await governed.setRewards(0n, 5n * XMEX);
      await growth.connect(cleo).acceptInvitation(ada);
      await governed.setRewards(7n * XMEX, 0n);
      await growth.connect(operator).acceptInvitation(ada);
      for (let day = 0; day < 3; day++) {
        await nextDays(1n);
        for (const invitee of [ben, cleo, operator]) await growth.connect(invitee).checkIn();
      }
      await mine(world, [ben, cleo, operator]);
      await vault.connect(governance).setDrawer(STREAM, ZeroAddress);
      await growth.completeInvitation(ben);
      expect(await vault.netDrawn(STREAM)).to.equal(0n);
      await vault.connect(governance).setDrawer(STREAM, growth);
      await growth.completeInvitation(cleo);
      expect(await vault.netDrawn(STREAM)).to.equal(5n * XMEX);
      expect(await xmex.balanceOf(ada)).to.equal(0n);
      await growth.completeInvitation(operator);
      expect(await xmex.balanceOf(ada)).to.equal(7n * XMEX);
    });

    it("takes from an idle inviter what everybody sees, before it adds", async () => {
      const world = await networkHelpers.loadFixture(due);
      const { growth, anybody, ada, ben, stub, staking, governed } = world;
      await governed.setSources(stub, staking);
      await stub.credit(ben, 1n);
      await givePoints(world, ada, 300n);
      await nextDays(40n);
      const { level, idleDays } = await growth.standingOf(ada);
      expect(level).to.equal(2n);
      await anybody.completeInvitation(ben);
      expect(standingTuple(await growth.standingOf(ada))).to.deep.equal([200n, 2n, idleDays - 30n, 0n, 2n]);
    });
  });

  describe("what is bought", () => {
    it("is refused to everybody but who sells it", async () => {
      const { growth, governance, ada } = await networkHelpers.loadFixture(deploy);
      for (const caller of [governance, ada]) {
        const as = growth.connect(caller);
        for (const call of [
          () => as.accelerate(ada, 1n),
          () => as.protect(ada, 1n),
          () => as.unlockPrivilege(ada, 0n),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(growth, "AccessManagedUnauthorized")
            .withArgs(caller.address);
        }
      }
    });

    it("is refused for no days, and for more than a year ahead", async () => {
      const { growth, asShop, ada, today } = await networkHelpers.loadFixture(deploy);
      for (const sell of [asShop.accelerate, asShop.protect]) {
        await expect(sell(ada, 0n)).to.be.revertedWithCustomError(growth, "UserGrowth_DaysAreZero");
        await expect(sell(ada, 366n))
          .to.be.revertedWithCustomError(growth, "UserGrowth_TooManyDays")
          .withArgs(ada.address, today + 366n, today + 365n);
        await expect(sell(ada, 2n ** 256n - 1n))
          .to.be.revertedWithCustomError(growth, "UserGrowth_TooManyDays")
          .withArgs(ada.address, 2n ** 256n - 1n, today + 365n);
        await sell(ada, 300n);
        await expect(sell(ada, 66n))
          .to.be.revertedWithCustomError(growth, "UserGrowth_TooManyDays")
          .withArgs(ada.address, today + 366n, today + 365n);
        await sell(ada, 65n);
      }
      const { protectedUntil, acceleratedUntil } = await growth.accountOf(ada);
      expect([protectedUntil, acceleratedUntil]).to.deep.equal([today + 365n, today + 365n]);
    });

    it("doubles check-ins for the days that were accelerated, and tells", async () => {
      const world = await networkHelpers.loadFixture(told);
      const { growth, asShop, ada, today } = world;
      await expect(asShop.accelerate(ada, 1n))
        .to.emit(growth, "Accelerated")
        .withArgs(ada.address, today + 1n);
      await expect(asShop.accelerate(ada, 1n))
        .to.emit(growth, "Accelerated")
        .withArgs(ada.address, today + 2n);
      await growth.connect(ada).checkIn();
      expect((await growth.accountOf(ada)).points).to.equal(20n);
      await nextDays(1n);
      await growth.connect(ada).checkIn();
      expect((await growth.accountOf(ada)).points).to.equal(42n);
      await nextDays(1n);
      await growth.connect(ada).checkIn();
      expect((await growth.accountOf(ada)).points).to.equal(54n);
      await expect(asShop.accelerate(ada, 3n))
        .to.emit(growth, "Accelerated")
        .withArgs(ada.address, today + 2n + 3n);
      await givePoints(world, ada, 10n);
      expect((await growth.accountOf(ada)).points, "nothing but check-ins").to.equal(64n);
    });

    it("protects from today, or after what was bought before, and tells", async () => {
      const { growth, asShop, ada, today } = await networkHelpers.loadFixture(deploy);
      await growth.connect(ada).checkIn();
      await nextDays(4n);
      await expect(asShop.protect(ada, 3n))
        .to.emit(growth, "Protected")
        .withArgs(ada.address, today + 4n, today + 7n, 4n);
      await nextDays(1n);
      await expect(asShop.protect(ada, 3n))
        .to.emit(growth, "Protected")
        .withArgs(ada.address, today + 5n, today + 10n, 4n);
      await nextDays(7n);
      await expect(asShop.protect(ada, 3n))
        .to.emit(growth, "Protected")
        .withArgs(ada.address, today + 12n, today + 15n, 6n);
    });

    it("unlocks the two privileges for good, each once", async () => {
      const { growth, asShop, ada } = await networkHelpers.loadFixture(deploy);
      await expect(asShop.unlockPrivilege(ada, 2n))
        .to.be.revertedWithCustomError(growth, "UserGrowth_UnknownPrivilege")
        .withArgs(2n);
      const seen = async () => [...(await growth.privilegesOf(ada))].slice(-2);
      expect(await seen()).to.deep.equal([0n, false]);
      await expect(asShop.unlockPrivilege(ada, 1n)).to.emit(growth, "PrivilegeUnlocked").withArgs(ada.address, 1n);
      expect(await seen()).to.deep.equal([1n, false]);
      await asShop.unlockPrivilege(ada, 0n);
      expect(await seen()).to.deep.equal([1n, true]);
      for (const privilege of [0n, 1n]) {
        await expect(asShop.unlockPrivilege(ada, privilege))
          .to.be.revertedWithCustomError(growth, "UserGrowth_AlreadyUnlocked")
          .withArgs(ada.address, privilege);
      }
      await nextDays(1_000n);
      expect(await seen()).to.deep.equal([1n, true]);
    });

    it("never lowers a test priority that the level gives", async () => {
      const world = await networkHelpers.loadFixture(told);
      const { growth, asShop, ada } = world;
      await givePoints(world, ada, 6_000n);
      await asShop.unlockPrivilege(ada, 1n);
      expect((await growth.privilegesOf(ada)).testPriority).to.equal(2n);
    });
  });

  describe("governance", () => {
    it("alone sets rewards and sources", async () => {
      const { growth, mining, staking, shop, ada } = await networkHelpers.loadFixture(deploy);
      for (const caller of [shop, ada]) {
        const as = growth.connect(caller);
        for (const call of [() => as.setRewards(0n, 0n), () => as.setSources(mining, staking)]) {
          await expect(call())
            .to.be.revertedWithCustomError(growth, "AccessManagedUnauthorized")
            .withArgs(caller.address);
        }
      }
    });

    it("cannot set what is out of range, and can at its edges", async () => {
      const { growth, governed } = await networkHelpers.loadFixture(deploy);
      const { maxReward } = INVITATION;
      await expect(governed.setRewards(1n, 0n))
        .to.be.revertedWithCustomError(growth, "UserGrowth_NotInGwei")
        .withArgs(1n);
      await expect(governed.setRewards(0n, GWEI + 1n))
        .to.be.revertedWithCustomError(growth, "UserGrowth_NotInGwei")
        .withArgs(GWEI + 1n);
      for (const rewards of [
        [maxReward + GWEI, 0n],
        [0n, maxReward + GWEI],
      ] as const) {
        await expect(governed.setRewards(...rewards))
          .to.be.revertedWithCustomError(growth, "UserGrowth_RewardTooHigh")
          .withArgs(maxReward + GWEI, maxReward);
      }
      await expect(governed.setRewards(maxReward, maxReward - GWEI))
        .to.emit(growth, "RewardsChanged")
        .withArgs(maxReward, maxReward - GWEI);
      expect([...(await growth.rewards())]).to.deep.equal([maxReward, maxReward - GWEI]);
    });

    it("names sources with code, and tells", async () => {
      const { growth, governed, stub, staking, stranger } = await networkHelpers.loadFixture(deploy);
      for (const sources of [
        [stranger, staking],
        [stub, stranger],
      ] as const) {
        await expect(governed.setSources(...sources))
          .to.be.revertedWithCustomError(growth, "UserGrowth_SourceHasNoCode")
          .withArgs(stranger.address);
      }
      await expect(governed.setSources(stub, staking))
        .to.emit(growth, "SourcesChanged")
        .withArgs(await stub.getAddress(), await staking.getAddress());
      expect(await growth.mining()).to.equal(await stub.getAddress());
    });
  });

  describe("years of random calls", () => {
    it("agree with a day-by-day model at every step, and levels can be computed from the events alone", async () => {
      await randomYears(await networkHelpers.loadFixture(told), SEED);
    });

    async function randomYears(world: World, seed: string): Promise<void> {
      const { growth, governed, asShop, anybody, stub, staking, vault, xmex, start } = world;
      let rolls = 0;
      const roll = (below: bigint) => BigInt(id(`${seed} ${rolls++}`)) % below;
      const accounts = (await ethers.getSigners()).slice(8, 14);
      const emission = new EmissionModel(start, SHARES);
      const credited = new Map<string, bigint>();
      const claimed = new Set<string>();
      const principals = new Map<string, bigint>();
      const model = new GrowthModel(
        {
          creditedOf: (account) => credited.get(account) ?? 0n,
          hasClaimed: (account) => claimed.has(account),
          principalOf: (account) => principals.get(account) ?? 0n,
          available: (time) => emission.available(Number(STREAM), time),
          draw: (time, amount) => emission.draw(Number(STREAM), time, amount),
        },
        REWARDS.inviter,
        REWARDS.invitee,
      );
      const totals = {
        checkIns: 0,
        refusals: 0,
        collected: 0,
        completed: 0,
        accepted: 0,
        sold: 0,
        demotions: 0,
        staked: 0,
      };
      const deployedIn = growth.deploymentTransaction()?.blockNumber ?? 0;
      let time = await now();
      let paid = 0n;

      const both = async <T>(
        send: () => Promise<ContractTransactionResponse>,
        expected: () => T,
      ): Promise<T | undefined> => {
        time = (await now()) + 1n + roll(1_000n);
        await networkHelpers.time.setNextBlockTimestamp(time);
        let result: T;
        try {
          result = expected();
        } catch (error) {
          if (!(error instanceof GrowthRefusal)) throw error;
          totals.refusals++;
          const refused = expect(send()).to.be.revertedWithCustomError(growth, `UserGrowth_${error.error}`);
          await (error.values.length === 0 ? refused : refused.withArgs(...error.values));
          return undefined;
        }
        await (await send()).wait();
        return result;
      };

      for (const account of accounts) {
        await xmex.transfer(account, 1_000_000_000n * XMEX);
        await xmex.connect(account).approve(staking, 2n ** 256n - 1n);
      }
      // whatever the dice say, one goes the whole way of an invitation
      const [check, collect, accept, complete] = [10n, 2n, 3n, 4n];
      const plan = [
        ...[1n, 1n, 1n].flatMap((wait) => [
          { kind: check, member: 0, wait },
          { kind: check, member: 1, wait: 0n },
        ]),
        ...[accept, collect, complete].map((kind) => ({ kind, member: 1, wait: 0n })),
      ];
      const everythingSeen = () => {
        const { checkIns, refusals, collected, completed, accepted, sold, demotions, staked } = totals;
        return (
          checkIns > 30 &&
          refusals > 10 &&
          collected > 4 &&
          completed > 0 &&
          accepted > 0 &&
          sold > 5 &&
          demotions > 2 &&
          staked > 4
        );
      };
      for (let step = 0; step < effort(100, 260) || (step < 2_000 && !everythingSeen()); step++) {
        const planned = plan[step - effort(40, 100)];
        const wait = planned?.wait ?? [0n, 1n, 1n, 1n, roll(12n), roll(80n)][Number(roll(6n))] ?? 0n;
        if (wait !== 0n) await goTo(((await now()) / DAY + wait) * DAY + 60n + roll(80_000n));
        const account = accounts[planned?.member ?? Number(roll(6n))] ?? world.ada;
        const other = accounts[planned ? 0 : Number(roll(6n))] ?? world.ada;
        const { address } = account;
        const before = model.standing(await now(), address);
        switch (planned?.kind ?? roll(11n)) {
          case 0n: {
            const spent = await (roll(2n) === 0n ? sell("accelerate") : sell("protect"));
            if (spent) totals.sold++;
            break;
          }
          case 1n: {
            const privilege = roll(3n);
            const unlock = () => {
              model.unlockPrivilege(address, privilege);
              return true;
            };
            if (await both(() => asShop.unlockPrivilege(account, privilege), unlock)) totals.sold++;
            break;
          }
          case 2n: {
            const more = (credited.get(address) ?? 0n) + roll(10n ** (1n + roll(5n))) + (planned ? 10n : 0n);
            await stub.credit(account, more);
            credited.set(address, more);
            claimed.add(address);
            if (
              await both(
                () => anybody.collectContribution(account),
                () => model.collectContribution(time, address),
              )
            ) {
              totals.collected++;
            }
            break;
          }
          case 3n:
            if (planned || roll(2n) === 0n) {
              await stub.forget(account);
              claimed.delete(address);
            }
            if (
              await both(
                () => growth.connect(account).acceptInvitation(other),
                () => {
                  model.acceptInvitation(address, other.address);
                  return true;
                },
              )
            ) {
              totals.accepted++;
            }
            break;
          case 4n: {
            const completed = await both(
              () => anybody.completeInvitation(account),
              () => model.completeInvitation(time, address),
            );
            if (completed) {
              totals.completed++;
              paid += completed.inviterReward + completed.inviteeReward;
            }
            break;
          }
          case 5n: {
            const amount = roll(10n ** (19n + roll(6n))) + 10n ** 15n;
            const held = await staking.sharesOf(1n, account);
            if (held === 0n) await staking.connect(account).delegate(1n, amount % (900_000n * XMEX));
            else await staking.connect(account).undelegate(1n, roll(2n) === 0n ? held : held / 2n + 1n);
            principals.set(address, await staking.delegatedPrincipalOf(account));
            totals.staked++;
            break;
          }
          case 6n: {
            const [inviter, invitee] = [roll(10n ** 12n) * GWEI, roll(10n ** 12n) * GWEI];
            await both(
              () => governed.setRewards(inviter, invitee),
              () => model.setRewards(inviter, invitee),
            );
            break;
          }
          default: {
            const checkedIn = await both(
              () => growth.connect(account).checkIn(),
              () => model.checkIn(time, address),
            );
            if (checkedIn) totals.checkIns++;
          }
        }
        time = await now();
        await compare(account, before, `step ${step}, seed ${seed}`);

        async function sell(what: "accelerate" | "protect"): Promise<boolean> {
          const days = roll(3n) === 0n ? roll(400n) : 1n + roll(30n);
          return (
            (await both(
              () => asShop[what](account, days),
              () => model[what](time, address, days),
            )) !== undefined
          );
        }
      }
      await expectSameFromEvents();
      expect(await vault.netDrawn(STREAM)).to.equal(paid);
      expect(everythingSeen(), `${Object.values(totals).join(", ")}, seed ${seed}`).to.equal(true);

      async function compare(account: Signer, before: GrowthStanding, where: string): Promise<void> {
        const { address } = account;
        const life = model.life(address);
        const seen = await growth.accountOf(account);
        expect(
          [seen.points, seen.lastDay, seen.streak, seen.daysCheckedIn, seen.contribution, seen.privileges],
          where,
        ).to.deep.equal([
          life.points,
          life.lastDay,
          model.streakOf(address),
          BigInt(life.checkIns.size),
          life.contribution,
          life.privileges,
        ]);
        const standing = model.standing(time, address);
        expect(standingTuple(await growth.standingOf(account)), where).to.deep.equal(standingTuple(standing));
        expect([...(await growth.privilegesOf(account))], where).to.deep.equal(
          privilegesTuple(model.privileges(time, address)),
        );
        expect(await growth.dailyLimitPercentOf(account), where).to.equal(
          model.privileges(time, address).dailyLimitPercent,
        );
        expect(await growth.previewContribution(account), where).to.equal(model.collectable(address));
        const invitation = model.invitationOf(address);
        const shown = await growth.invitationOf(account);
        expect([shown.inviter, shown.inviterReward, shown.inviteeReward, shown.isCompleted], where).to.deep.equal(
          invitation
            ? [invitation.inviter, invitation.inviterReward, invitation.inviteeReward, invitation.isCompleted]
            : [ZeroAddress, 0n, 0n, false],
        );
        if (standing.level < before.level || before.idleDays >= 30n) totals.demotions++;
      }

      /** What somebody computes who has the events and nothing else of this contract. */
      async function expectSameFromEvents(): Promise<void> {
        const records = new Map<string, GrowthRecord>();
        const logs = await ethers.provider.getLogs({ address: await growth.getAddress(), fromBlock: deployedIn });
        for (const log of logs) {
          const parsed = growth.interface.parseLog(log);
          const event = { name: parsed?.name, ...(parsed?.args.toObject() as object) } as GrowthEvent & {
            account: string;
          };
          if (!["CheckedIn", "PointsAdded", "Protected", "PrivilegeUnlocked"].includes(event.name)) continue;
          records.set(event.account, afterGrowthEvent(records.get(event.account) ?? NO_GROWTH, event));
        }
        for (const account of accounts) {
          const record = records.get(account.address) ?? NO_GROWTH;
          const day = (await now()) / DAY;
          const tier = stakeTier(await staking.delegatedPrincipalOf(account));
          const { level, idleDays } = await growth.standingOf(account);
          expect(levelOn(record, day, tier)).to.equal(level);
          expect(idleDaysOn(record, day)).to.equal(idleDays);
          expect(record.privileges).to.equal((await growth.accountOf(account)).privileges);
        }
      }
    }

    it("reads an epoch's levels on its last day", () => {
      expect(lastDayOfEpoch(2_900n)).to.equal(20_306n);
      expect((lastDayOfEpoch(2_900n) * DAY) / WEEK).to.equal(2_900n);
      expect(((lastDayOfEpoch(2_900n) + 1n) * DAY) / WEEK).to.equal(2_901n);
    });
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    it("keeps within its budget, and does not depend on idle years", async () => {
      const world = await networkHelpers.loadFixture(told);
      const { growth, stub, governance, mining, asShop, ada, ben, cleo } = world;
      const costs: [name: string, gas: bigint, budget: bigint][] = [];
      costs.push(["first check-in", await gasOf(growth.connect(ada).checkIn()), 52_000n]);
      await nextDays(1n);
      costs.push(["check-in", await gasOf(growth.connect(ada).checkIn()), 35_000n]);
      await givePoints(world, ada, 60_000n);
      await nextDays(1n);
      costs.push(["check-in at the tenth level", await gasOf(growth.connect(ada).checkIn()), 35_000n]);
      await nextDays(400n);
      const idle = await networkHelpers.takeSnapshot();
      const idleYear = await gasOf(growth.connect(ada).checkIn());
      costs.push(["check-in after 400 idle days", idleYear, 45_000n]);
      await idle.restore();
      await nextDays(10_000n);
      expect(await gasOf(growth.connect(ada).checkIn())).to.equal(idleYear);
      await checkInDays(world, cleo, 3);
      costs.push(["accepting an invitation", await gasOf(growth.connect(ben).acceptInvitation(cleo)), 65_000n]);
      await checkInDays(world, ben, 3);
      await stub.credit(ben, 100_000n);
      costs.push(["completing an invitation", await gasOf(growth.completeInvitation(ben)), 165_000n]);
      costs.push(["collecting a contribution", await gasOf(growth.collectContribution(ben)), 48_000n]);
      costs.push(["protection", await gasOf(asShop.protect(ben, 30n)), 55_000n]);

      // a claim of social mining by an account that has a level and more credit than the daily limit
      await mining.connect(governance).setSources(growth, ZeroAddress);
      await delegate(world, ada, STAKE_TIERS[2]);
      const claimed = gasOf(mineFor(world, ada));
      costs.push(["claim that asks for the level", await claimed, 130_000n]);
      if (process.env["SHOW_GAS"] !== undefined) console.log(costs);
      if (hre.globalOptions.coverage) return;
      for (const [name, gas, budget] of costs) expect(gas, name).to.be.at.most(budget);
    });

    /** A claim with 20 hashes of an account that never had a claim. */
    async function mineFor({ governance, mining }: World, account: Signer): Promise<ContractTransactionResponse> {
      const epoch = (await now()) / WEEK;
      await goTo((epoch + 1n) * WEEK);
      const encoded = ethers.AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [account.address, 1n]);
      const proof = Array.from({ length: 20 }, (_, level) => id(`sibling ${level}`));
      const root = proof.reduce(
        (node, sibling) =>
          ethers.keccak256(BigInt(node) < BigInt(sibling) ? node + sibling.slice(2) : sibling + node.slice(2)),
        ethers.keccak256(ethers.keccak256(encoded)),
      );
      await mining.connect(governance).publish(epoch, root, 10n, "", id(""));
      await goTo((epoch + 1n) * WEEK + STRIKE_WINDOW);
      await mining.drawBudget(epoch);
      return mining.claim(epoch, account, 1n, proof);
    }
  });
});
