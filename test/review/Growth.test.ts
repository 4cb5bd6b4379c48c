import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import { type ContractTransactionResponse, ZeroAddress, id } from "ethers";
import hre, { network } from "hardhat";

import { EMISSION_ALLOCATION, EMISSION_STREAM, EmissionModel } from "../../src/xme/emission.js";
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
} from "../../src/xme/growth.js";
import { MINING_WEEK, STRIKE_WINDOW, creditFor } from "../../src/xme/mining.js";

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

describe("Review: stake of a second", () => {
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


  const prepare = async () => {
    const world = await networkHelpers.loadFixture(told);
    const { ada, xme, xmex, staking, growth } = world;
    await givePoints(world, ada, 3_000n);
    await xme.transfer(ada, 1_000n * XMEX);
    await xme.connect(ada).approve(staking, 1_000n * XMEX);
    await staking.connect(ada).openNode(1_000n * XMEX, 0n, "");
    await xmex.transfer(ada, 100_000n * XMEX);
    await xmex.connect(ada).approve(staking, 100_000n * XMEX);
    await nextDays(95n);
    return world;
  };
  it("RED: 95 idle days cost three levels unless stake waits the unbonding period", async () => {
    const world = await prepare();
    const { ada, xmex, staking, growth } = world;
    const before = (await growth.standingOf(ada)).level;
    await ethers.provider.send("evm_setAutomine", [false]);
    const gas = { gasLimit: 1_000_000n };
    await staking.connect(ada).delegate(2n, 1_000n * XMEX, gas);
    await growth.connect(ada).checkIn(gas);
    await staking.connect(ada).closeNode(2n, gas);
    await staking.connect(ada).leaveClosedNode(2n, ada, gas);
    await networkHelpers.mine();
    await ethers.provider.send("evm_setAutomine", [true]);
    const after = (await growth.standingOf(ada)).level;
    console.log("    level before", before, "after", after, "xmex back", (await xmex.balanceOf(ada)) / XMEX, "principal", await staking.delegatedPrincipalOf(ada));
    expect(await xmex.balanceOf(ada)).to.equal(100_000n * XMEX);
    expect(after).to.equal(before);
  });
  it("RED: the daily limit is that of the level without stake that is there for one block", async () => {
    const world = await prepare();
    const { ada, xmex, staking, growth } = world;
    console.log("    percent before", await growth.dailyLimitPercentOf(ada));
    const before = await growth.dailyLimitPercentOf(ada);
    await staking.connect(ada).delegate(2n, 100_000n * XMEX);
    const during = await growth.dailyLimitPercentOf(ada);
    await staking.connect(ada).closeNode(2n);
    await staking.connect(ada).leaveClosedNode(2n, ada);
    console.log("    percent during", during, "xmex back", (await xmex.balanceOf(ada)) / XMEX);
    expect(during).to.equal(before);
  });
});
