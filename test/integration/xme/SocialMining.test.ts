import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import {
  type ContractTransactionResponse,
  Wallet,
  ZeroAddress,
  ZeroHash,
  id,
  keccak256,
  toBeHex,
  zeroPadValue,
} from "ethers";
import hre, { network } from "hardhat";

import {
  buildTree,
  fromHex,
  type Hex,
  hashRows,
  LeafEncoding,
  proofOf,
  rootOf,
  toHex,
} from "../../../src/merkle/index.js";
import { EMISSION_ALLOCATION, EMISSION_STREAM, EmissionModel } from "../../../src/xme/emission.js";
import {
  BEHAVIOURS,
  CLAIM_WINDOW,
  DEFAULT_DAILY_LIMIT,
  DEFAULT_MINING_PARAMETERS,
  DEFAULT_WEIGHTS,
  LEAST_DAILY_PART,
  MAX_LIMIT_PERCENT,
  MINING_UNIT,
  MINING_WEEK,
  MiningModel,
  type MiningParameters,
  MiningRefusal,
  PUBLISHING_WINDOW,
  REPUBLISHING_WINDOW,
  STRIKE_WINDOW,
  creditFor,
  leastBudget,
  miningEpoch,
  payableInDay,
  plannedBudget,
} from "../../../src/xme/mining.js";
import { effort } from "../../support/effort.js";

const { ethers, networkHelpers } = await network.create();

/** Printed where a test fails; set it to see that run again. */
const SEED = process.env.XONOMY_SEED ?? ethers.hexlify(ethers.randomBytes(4));

const DAY = 86_400n;
const WEEK = MINING_WEEK;
const XMEX = 10n ** 18n;
const GWEI = MINING_UNIT;
const STREAM = BigInt(EMISSION_STREAM.socialMining);
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
const MAX_64 = 2n ** 64n - 1n;
const LOG_HASH = id("log");
const URI = "ipfs://log";

const PUBLISHER = 2n;
const STRIKER = 3n;

/** 100,000 XMEX a week and more. */
const PARAMETERS: MiningParameters = {
  weeklyCap: 1_000_000n * XMEX,
  weeklyFloor: 100_000n * XMEX,
  consumptionRatioBps: 5_000n,
};
const LIMIT = 1_000n * XMEX;

type Weights = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
const WEIGHTS = [...DEFAULT_WEIGHTS] as Weights;
const OTHER_WEIGHTS = BEHAVIOURS.map((_, behaviour) => BigInt(behaviour) * 5_461n) as Weights;

const Kind = { Word: 0n, Bytes: 1n, Revert: 2n, RevertBytes: 3n, Burn: 4n, Demanding: 5n, Padded: 6n } as const;

type Row = readonly [account: string, points: bigint];

/** A published list: what the contract needs to know of it, and a proof for each row. */
function listOf(rows: readonly Row[]) {
  const tree = StandardMerkleTree.of(
    rows.map(([account, points]) => [account, points]),
    ["address", "uint256"],
  );
  return {
    root: tree.root,
    total: rows.reduce((total, [, points]) => total + points, 0n),
    proof: (row: number) => tree.getProof(row),
  };
}

const asTuple = ({ weeklyCap, weeklyFloor, consumptionRatioBps }: MiningParameters) =>
  [weeklyCap, weeklyFloor, consumptionRatioBps] as const;
const startOf = (epoch: bigint) => epoch * WEEK;
const endOf = (epoch: bigint) => (epoch + 1n) * WEEK;
const someAccount = (seed: string) => new Wallet(id(seed)).address;

describe("SocialMining", () => {
  /** In the first minute of a week, which is the first epoch. */
  async function deploy() {
    const [deployer, governance, publisher, striker, ada, ben, cleo, stranger] = await ethers.getSigners();
    if (!deployer || !governance || !publisher || !striker || !ada || !ben || !cleo || !stranger) {
      throw new Error("too few accounts");
    }
    const first = miningEpoch(BigInt(await networkHelpers.time.latest())) + 2n;
    await networkHelpers.time.increaseTo(startOf(first));
    const xmex = await ethers.deployContract("XMEX");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const asGovernance = manager.connect(governance);
    const start = BigInt(await networkHelpers.time.latest());
    const vault = await ethers.deployContract("EmissionVault", [xmex, manager, start, SHARES]);
    await xmex.transfer(vault, EMISSION_ALLOCATION);
    const mining = await ethers.deployContract("SocialMining", [
      xmex,
      vault,
      STREAM,
      asTuple(PARAMETERS),
      LIMIT,
      WEIGHTS,
      manager,
    ]);
    await vault.connect(governance).setDrawer(STREAM, mining);
    await asGovernance.grantRole(PUBLISHER, publisher, 0n);
    await asGovernance.grantRole(STRIKER, striker, 0n);
    const selector = (name: "publish" | "strike") => mining.interface.getFunction(name).selector;
    await asGovernance.setTargetFunctionRole(mining, [selector("publish")], PUBLISHER);
    await asGovernance.setTargetFunctionRole(mining, [selector("strike")], STRIKER);
    const source = await ethers.deployContract("MiningSource");
    return {
      deployer,
      governance,
      publisher,
      striker,
      ada,
      ben,
      cleo,
      stranger,
      xmex,
      manager,
      start,
      vault,
      mining,
      source,
      first,
      governed: mining.connect(governance),
      asPublisher: mining.connect(publisher),
      asStriker: mining.connect(striker),
      anybody: mining.connect(stranger),
    };
  }

  type World = Awaited<ReturnType<typeof deploy>>;

  const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);
  const goTo = (time: bigint) => networkHelpers.time.increaseTo(time);
  const now = async () => BigInt(await networkHelpers.time.latest());

  const publish = (world: World, epoch: bigint, list: { root: string; total: bigint }) =>
    world.asPublisher.publish(epoch, list.root, list.total, URI, LOG_HASH);

  const rowsOf = ({ ada, ben, cleo }: World): Row[] => [
    [ada.address, 1n],
    [ben.address, 2n],
    [cleo.address, 4n],
  ];

  /** The first epoch is over and its list published: seven points, which the budget of 100,000 XMEX does not divide by. */
  async function published() {
    const world = await deploy();
    const rows = rowsOf(world);
    const list = listOf(rows);
    const publishedAt = endOf(world.first) + 100n;
    await at(publishedAt);
    await publish(world, world.first, list);
    return { ...world, rows, list, publishedAt, claimableFrom: publishedAt + STRIKE_WINDOW };
  }

  /** The list can be claimed, and its budget is drawn. */
  async function drawn() {
    const world = await published();
    await at(world.claimableFrom);
    await world.anybody.drawBudget(world.first);
    return { ...world, budget: PARAMETERS.weeklyFloor };
  }

  /** Ben alone has all points, so that his credit is a hundred times the daily limit; growth answers. */
  async function rich() {
    const world = await deploy();
    await world.governed.setSources(world.source, ZeroAddress);
    const list = listOf([[world.ben.address, 10n]]);
    await at(endOf(world.first));
    await publish(world, world.first, list);
    const claimableFrom = endOf(world.first) + STRIKE_WINDOW;
    return { ...world, list, claimableFrom, budget: PARAMETERS.weeklyFloor };
  }

  describe("constructor", () => {
    const deployWith = (
      { xmex, vault, manager }: World,
      change: Partial<{
        xmex: string;
        vault: string;
        stream: bigint;
        parameters: MiningParameters;
        limit: bigint;
        weights: Weights;
        manager: string;
      }>,
    ) =>
      ethers.deployContract("SocialMining", [
        change.xmex ?? xmex,
        change.vault ?? vault,
        change.stream ?? STREAM,
        asTuple(change.parameters ?? PARAMETERS),
        change.limit ?? LIMIT,
        change.weights ?? WEIGHTS,
        change.manager ?? manager,
      ]);

    it("refuses XMEX, a vault or an authority without code", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { mining, stranger } = world;
      await expect(deployWith(world, { xmex: stranger.address }))
        .to.be.revertedWithCustomError(mining, "SocialMining_TokenHasNoCode")
        .withArgs(stranger.address);
      await expect(deployWith(world, { vault: stranger.address }))
        .to.be.revertedWithCustomError(mining, "SocialMining_VaultHasNoCode")
        .withArgs(stranger.address);
      await expect(deployWith(world, { manager: stranger.address }))
        .to.be.revertedWithCustomError(mining, "SocialMining_AuthorityHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses a vault of another token", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const other = await (await ethers.deployContract("XMEX")).getAddress();
      await expect(deployWith(world, { xmex: other }))
        .to.be.revertedWithCustomError(world.mining, "SocialMining_VaultTokenMismatch")
        .withArgs(await world.xmex.getAddress(), other);
    });

    it("refuses a stream that does not exist", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      await expect(deployWith(world, { stream: 8n }))
        .to.be.revertedWithCustomError(world.vault, "EmissionVault_UnknownStream")
        .withArgs(8n);
    });

    it("refuses parameters, limit and weights that governance could not set", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      await expect(deployWith(world, { parameters: { ...PARAMETERS, weeklyCap: 0n } })).to.be.revertedWithCustomError(
        world.mining,
        "SocialMining_CapOutOfRange",
      );
      await expect(deployWith(world, { limit: 0n })).to.be.revertedWithCustomError(
        world.mining,
        "SocialMining_DailyLimitOutOfRange",
      );
      await expect(deployWith(world, { weights: BEHAVIOURS.map(() => 0n) as Weights })).to.be.revertedWithCustomError(
        world.mining,
        "SocialMining_WeightsAreZero",
      );
    });

    it("shows what it was given, in force from the present epoch on, and announces it", async () => {
      const { mining, xmex, vault, manager, first } = await networkHelpers.loadFixture(deploy);
      expect(await mining.xmex()).to.equal(await xmex.getAddress());
      expect(await mining.vault()).to.equal(await vault.getAddress());
      expect(await mining.emissionStream()).to.equal(STREAM);
      expect(await mining.authority()).to.equal(await manager.getAddress());
      expect(await mining.firstEpoch()).to.equal(first);
      expect(await mining.currentEpoch()).to.equal(first);
      expect(await mining.dailyLimit()).to.equal(LIMIT);
      expect(await mining.growth()).to.equal(ZeroAddress);
      expect(await mining.consumptionAt(first)).to.equal(ZeroAddress);
      expect([...(await mining.parametersAt(first))]).to.deep.equal(asTuple(PARAMETERS));
      expect([...(await mining.weightsAt(first))]).to.deep.equal(WEIGHTS);
      expect([...(await mining.parametersAt(first - 1n))]).to.deep.equal([0n, 0n, 0n]);
      expect([...(await mining.weightsAt(first - 1n))]).to.deep.equal(BEHAVIOURS.map(() => 0n));
      const made = mining.deploymentTransaction();
      await expect(made).to.emit(mining, "ParametersChanged").withArgs(first, asTuple(PARAMETERS));
      await expect(made).to.emit(mining, "WeightsChanged").withArgs(first, WEIGHTS);
      await expect(made).to.emit(mining, "DailyLimitChanged").withArgs(LIMIT);
    });

    it("shows the constants of the model", async () => {
      const { mining } = await networkHelpers.loadFixture(deploy);
      expect(await mining.WEEK()).to.equal(MINING_WEEK);
      expect(await mining.BEHAVIOURS()).to.equal(BEHAVIOURS.length);
      expect(await mining.STRIKE_WINDOW()).to.equal(STRIKE_WINDOW);
      expect(await mining.PUBLISHING_WINDOW()).to.equal(PUBLISHING_WINDOW);
      expect(await mining.REPUBLISHING_WINDOW()).to.equal(REPUBLISHING_WINDOW);
      expect(await mining.CLAIM_WINDOW()).to.equal(CLAIM_WINDOW);
      expect(await mining.LEAST_DAILY_PART()).to.equal(LEAST_DAILY_PART);
      expect(await mining.MAX_LIMIT_PERCENT()).to.equal(MAX_LIMIT_PERCENT);
    });

    it("takes what the suite starts with", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const made = await deployWith(world, {
        parameters: DEFAULT_MINING_PARAMETERS,
        limit: DEFAULT_DAILY_LIMIT,
        weights: WEIGHTS,
      });
      expect(await made.plannedBudgetOf(world.first)).to.equal(DEFAULT_MINING_PARAMETERS.weeklyFloor);
      const weekly = (EMISSION_ALLOCATION * 6n * 7n) / (10n * 8n * 365n);
      expect(DEFAULT_MINING_PARAMETERS.weeklyCap < weekly, "the cap is above what six tenths accrue").to.equal(true);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("SocialMining");
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("publish", () => {
    it("refuses everybody but a publisher", async () => {
      const { mining, governance, striker, ada, first } = await networkHelpers.loadFixture(deploy);
      await goTo(endOf(first));
      for (const caller of [governance, striker, ada]) {
        await expect(mining.connect(caller).publish(first, id("root"), 1n, URI, LOG_HASH))
          .to.be.revertedWithCustomError(mining, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses an epoch before the first", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      await expect(publish(world, world.first - 1n, { root: id("root"), total: 1n }))
        .to.be.revertedWithCustomError(world.mining, "SocialMining_BeforeFirstEpoch")
        .withArgs(world.first - 1n, world.first);
    });

    it("refuses an epoch that is not over, by a second", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { mining, first } = world;
      await at(endOf(first) - 1n);
      await expect(publish(world, first, { root: id("root"), total: 1n }))
        .to.be.revertedWithCustomError(mining, "SocialMining_EpochNotOver")
        .withArgs(first, endOf(first));
      await at(endOf(first));
      await expect(publish(world, first, { root: id("root"), total: 1n })).to.emit(mining, "RootPublished");
    });

    it("refuses once four weeks have passed, and takes the second before", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { mining, first } = world;
      const closedAt = endOf(first) + PUBLISHING_WINDOW;
      expect(await mining.publishableUntil(first)).to.equal(closedAt);
      const before = await networkHelpers.takeSnapshot();
      await at(closedAt);
      await expect(publish(world, first, { root: id("root"), total: 1n }))
        .to.be.revertedWithCustomError(mining, "SocialMining_PublishingClosed")
        .withArgs(first, closedAt);
      await before.restore();
      await at(closedAt - 1n);
      await expect(publish(world, first, { root: id("root"), total: 1n })).to.emit(mining, "RootPublished");
    });

    it("refuses a second root", async () => {
      const world = await networkHelpers.loadFixture(published);
      const { mining, first, list } = world;
      await expect(publish(world, first, { root: id("other"), total: 1n }))
        .to.be.revertedWithCustomError(mining, "SocialMining_AlreadyPublished")
        .withArgs(first, list.root);
    });

    it("refuses a root of zero and no points", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      await goTo(endOf(world.first));
      await expect(publish(world, world.first, { root: ZeroHash, total: 1n })).to.be.revertedWithCustomError(
        world.mining,
        "SocialMining_RootIsZero",
      );
      await expect(publish(world, world.first, { root: id("root"), total: 0n })).to.be.revertedWithCustomError(
        world.mining,
        "SocialMining_PointsAreZero",
      );
    });

    it("keeps the root and tells", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { mining, first } = world;
      const time = endOf(first) + DAY;
      await at(time);
      await expect(publish(world, first, { root: id("root"), total: MAX_64 }))
        .to.emit(mining, "RootPublished")
        .withArgs(first, id("root"), MAX_64, LOG_HASH, URI, time + STRIKE_WINDOW);
      const claimableUntil = endOf(first) + CLAIM_WINDOW;
      expect([...(await mining.epochOf(first))]).to.deep.equal([
        id("root"),
        MAX_64,
        0n,
        0n,
        0n,
        time,
        0n,
        time + STRIKE_WINDOW,
        claimableUntil,
      ]);
      expect([...(await mining.epochOf(first + 1n))]).to.deep.equal([
        ZeroHash,
        0n,
        0n,
        0n,
        0n,
        0n,
        0n,
        0n,
        claimableUntil + WEEK,
      ]);
    });
  });

  describe("strike", () => {
    it("refuses everybody but a striker", async () => {
      const { mining, governance, publisher, ada, first } = await networkHelpers.loadFixture(published);
      for (const caller of [governance, publisher, ada]) {
        await expect(mining.connect(caller).strike(first))
          .to.be.revertedWithCustomError(mining, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses where there is no root, and a second time", async () => {
      const { asStriker, mining, first } = await networkHelpers.loadFixture(published);
      await expect(asStriker.strike(first + 1n))
        .to.be.revertedWithCustomError(mining, "SocialMining_NotPublished")
        .withArgs(first + 1n);
      await asStriker.strike(first);
      await expect(asStriker.strike(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_NotPublished")
        .withArgs(first);
    });

    it("refuses once 72 hours have passed, and takes the second before", async () => {
      const { asStriker, mining, first, list, claimableFrom } = await networkHelpers.loadFixture(published);
      const before = await networkHelpers.takeSnapshot();
      await at(claimableFrom);
      await expect(asStriker.strike(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_StrikingClosed")
        .withArgs(first, claimableFrom);
      await before.restore();
      await at(claimableFrom - 1n);
      await expect(asStriker.strike(first)).to.emit(mining, "RootStruck").withArgs(first, list.root);
    });

    it("makes a false root pay nothing, ever, and lets the true one be published and paid", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { mining, anybody, asStriker, stranger, ada, first, xmex, vault } = world;
      const [truth, falsehood] = [listOf(rowsOf(world)), listOf([[stranger.address, 7n]])];
      await at(endOf(first));
      await publish(world, first, falsehood);
      await at(endOf(first) + DAY);
      await asStriker.strike(first);
      expect([...(await mining.epochOf(first))].slice(0, 8)).to.deep.equal([
        ZeroHash,
        0n,
        0n,
        0n,
        0n,
        0n,
        endOf(first) + DAY,
        0n,
      ]);
      const claimFalsely = () => anybody.claim(first, stranger, 7n, falsehood.proof(0));
      await goTo(endOf(first) + DAY + STRIKE_WINDOW);
      await expect(claimFalsely()).to.be.revertedWithCustomError(mining, "SocialMining_NotPublished").withArgs(first);
      await expect(anybody.drawBudget(first)).to.be.revertedWithCustomError(mining, "SocialMining_NotPublished");
      const republishedAt = endOf(first) + 5n * DAY;
      await at(republishedAt);
      await publish(world, first, truth);
      await goTo(republishedAt + STRIKE_WINDOW - 2n);
      await expect(claimFalsely()).to.be.revertedWithCustomError(mining, "SocialMining_StrikingOpen");
      await goTo(republishedAt + STRIKE_WINDOW);
      await expect(claimFalsely())
        .to.be.revertedWithCustomError(mining, "SocialMining_InvalidProof")
        .withArgs(first, stranger.address, 7n);
      await anybody.claim(first, ada, 1n, truth.proof(0));
      expect(await xmex.balanceOf(stranger)).to.equal(0n);
      expect(await xmex.balanceOf(ada)).to.equal(LIMIT);
      expect(await vault.netDrawn(STREAM)).to.equal(PARAMETERS.weeklyFloor);
    });

    it("lets the true root be published for a week from the strike where the four weeks have passed", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { mining, asStriker, first } = world;
      const list = listOf(rowsOf(world));
      const closedAt = endOf(first) + PUBLISHING_WINDOW;
      await at(closedAt - 1n);
      await publish(world, first, { root: id("false"), total: 1n });
      await at(closedAt + 2n * DAY);
      await asStriker.strike(first);
      const closes = closedAt + 2n * DAY + REPUBLISHING_WINDOW;
      expect(await mining.publishableUntil(first)).to.equal(closes);
      const before = await networkHelpers.takeSnapshot();
      await at(closes);
      await expect(publish(world, first, list))
        .to.be.revertedWithCustomError(mining, "SocialMining_PublishingClosed")
        .withArgs(first, closes);
      await before.restore();
      await at(closes - 1n);
      await expect(publish(world, first, list)).to.emit(mining, "RootPublished");
    });

    it("never shortens the four weeks", async () => {
      const { mining, asStriker, first } = await networkHelpers.loadFixture(published);
      await asStriker.strike(first);
      expect(await mining.publishableUntil(first)).to.equal(endOf(first) + PUBLISHING_WINDOW);
    });
  });

  describe("drawBudget", () => {
    it("refuses where there is no root", async () => {
      const { anybody, mining, first } = await networkHelpers.loadFixture(deploy);
      await expect(anybody.drawBudget(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_NotPublished")
        .withArgs(first);
    });

    it("refuses while the root can be struck, by a second", async () => {
      const { anybody, mining, first, claimableFrom } = await networkHelpers.loadFixture(published);
      await at(claimableFrom - 1n);
      await expect(anybody.drawBudget(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_StrikingOpen")
        .withArgs(first, claimableFrom);
      await at(claimableFrom);
      await expect(anybody.drawBudget(first)).to.emit(mining, "BudgetDrawn");
    });

    it("refuses a second time", async () => {
      const { anybody, mining, first } = await networkHelpers.loadFixture(drawn);
      await expect(anybody.drawBudget(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_AlreadyDrawn")
        .withArgs(first);
    });

    it("refuses once 52 weeks have passed, and takes the second before", async () => {
      const { anybody, mining, first } = await networkHelpers.loadFixture(published);
      const expiredAt = endOf(first) + CLAIM_WINDOW;
      const before = await networkHelpers.takeSnapshot();
      await at(expiredAt);
      await expect(anybody.drawBudget(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_Expired")
        .withArgs(first, expiredAt);
      await before.restore();
      await at(expiredAt - 1n);
      await expect(anybody.drawBudget(first)).to.emit(mining, "BudgetDrawn");
    });

    it("refuses while another draws from the stream, and draws when it may again", async () => {
      const { anybody, mining, vault, governance, first, claimableFrom } = await networkHelpers.loadFixture(published);
      await vault.connect(governance).setDrawer(STREAM, governance);
      await goTo(claimableFrom);
      expect(await mining.budgetOf(first)).to.equal(0n);
      await expect(anybody.drawBudget(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_NoBudget")
        .withArgs(first);
      await vault.connect(governance).setDrawer(STREAM, mining);
      await expect(anybody.drawBudget(first)).to.emit(mining, "BudgetDrawn").withArgs(first, PARAMETERS.weeklyFloor);
    });

    /** The stream accrues no more and has `left`, and somebody has a gwei to give. */
    async function drained({ vault, governance, mining, xmex, stranger }: World, left: bigint) {
      const asGovernance = vault.connect(governance);
      await asGovernance.setShares([0n, 4_000n, 3_000n, 3_000n, 0n, 0n, 0n, 0n]);
      await asGovernance.setDrawer(STREAM, governance);
      await asGovernance.draw(STREAM, governance, (await vault.available(STREAM)) - left);
      await asGovernance.setDrawer(STREAM, mining);
      await xmex.connect(governance).approve(vault, PARAMETERS.weeklyFloor);
      await xmex.connect(governance).transfer(stranger, GWEI);
      await xmex.connect(stranger).approve(vault, GWEI);
      return { give: (amount: bigint) => asGovernance.returnTo(STREAM, amount) };
    }

    it("refuses while the stream has too little, whatever little anybody gives to it, and draws when it has enough", async () => {
      const world = await networkHelpers.loadFixture(published);
      const { anybody, mining, vault, xmex, stranger, ada, first, list, claimableFrom } = world;
      await goTo(claimableFrom);
      const { give } = await drained(world, GWEI - 1n);
      await vault.connect(stranger).returnTo(STREAM, GWEI);
      for (const refused of [anybody.drawBudget(first), anybody.claim(first, ada, 1n, list.proof(0))]) {
        await expect(refused).to.be.revertedWithCustomError(mining, "SocialMining_NoBudget").withArgs(first);
      }
      expect(await mining.budgetOf(first)).to.equal(0n);
      const least = leastBudget(PARAMETERS.weeklyFloor, (await now()) - endOf(first));
      expect(await mining.leastBudgetOf(first)).to.equal(least);
      expect(least > (PARAMETERS.weeklyFloor * 99n) / 100n).to.equal(true);
      await give(PARAMETERS.weeklyFloor);
      expect(await mining.budgetOf(first)).to.equal(PARAMETERS.weeklyFloor);
      await expect(anybody.drawBudget(first)).to.emit(mining, "BudgetDrawn").withArgs(first, PARAMETERS.weeklyFloor);
      expect(await xmex.balanceOf(mining)).to.equal(PARAMETERS.weeklyFloor);
      expect(await vault.available(STREAM)).to.equal(2n * GWEI - 1n);
    });

    it("takes what the stream has where what is short is no larger a part than has passed of 52 weeks, to the second", async () => {
      const world = await networkHelpers.loadFixture(published);
      const { anybody, mining, vault, xmex, first, claimableFrom } = world;
      await goTo(claimableFrom);
      const [planned, has] = [PARAMETERS.weeklyFloor, 12_345n * XMEX];
      await drained(world, has + 6n);
      const passed = ((planned - has) * CLAIM_WINDOW + planned - 1n) / planned;
      await goTo(endOf(first) + passed - 1n);
      expect(await mining.leastBudgetOf(first)).to.equal(leastBudget(planned, passed - 1n));
      expect(await mining.budgetOf(first)).to.equal(0n);
      await goTo(endOf(first) + passed);
      expect(await mining.leastBudgetOf(first)).to.equal(leastBudget(planned, passed));
      expect((await mining.leastBudgetOf(first)) <= has).to.equal(true);
      expect(await mining.budgetOf(first)).to.equal(has);
      await anybody.drawBudget(first);
      expect(await xmex.balanceOf(mining)).to.equal(has);
      expect(await vault.available(STREAM)).to.equal(6n);
    });

    it("needs all that is planned until the epoch is over, rounds up to a gwei, and needs nothing in the end", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { mining, governed, first } = world;
      await governed.setParameters({ weeklyCap: 3n * GWEI, weeklyFloor: 3n * GWEI, consumptionRatioBps: 0n });
      const needed = async (time: bigint) => {
        await goTo(time);
        return (await mining.leastBudgetOf(first + 1n)) / GWEI;
      };
      const [end, third] = [endOf(first + 1n), CLAIM_WINDOW / 3n];
      expect(await needed(startOf(first + 1n) + 1n)).to.equal(3n);
      const has = 2n;
      await drained(world, has * GWEI);
      for (const [passed, least] of [
        [0n, 3n],
        [third - 1n, 3n],
        [third, 2n],
        [third + 1n, 2n],
        [2n * third, 1n],
        [CLAIM_WINDOW - 1n, 1n],
        [CLAIM_WINDOW, 0n],
        [CLAIM_WINDOW + 1n, 0n],
      ] as const) {
        expect(await needed(end + passed), `${passed}`).to.equal(least);
        expect(leastBudget(3n * GWEI, passed), `${passed}`).to.equal(least * GWEI);
        const budget = has < least || least === 0n ? 0n : has;
        expect(await mining.budgetOf(first + 1n), `${passed}`).to.equal(budget * GWEI);
      }
    });

    it("draws the floor where nothing was consumed, and tells", async () => {
      const { anybody, mining, xmex, vault, first, claimableFrom } = await networkHelpers.loadFixture(published);
      await goTo(claimableFrom);
      const budget = PARAMETERS.weeklyFloor;
      expect(await mining.budgetOf(first)).to.equal(budget);
      expect(await anybody.drawBudget.staticCall(first)).to.equal(budget);
      await expect(anybody.drawBudget(first)).to.emit(mining, "BudgetDrawn").withArgs(first, budget);
      expect(await xmex.balanceOf(mining)).to.equal(budget);
      expect(await vault.netDrawn(STREAM)).to.equal(budget);
      expect((await mining.epochOf(first)).budget).to.equal(budget);
      expect(await mining.budgetOf(first)).to.equal(budget);
    });

    it("adds the ratio of what was consumed in the week before, up to the cap", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { governed, mining, source, first } = world;
      await governed.setSources(ZeroAddress, source);
      const epoch = first + 1n;
      const planned = async (consumed: bigint) => {
        await source.setConsumed(first, consumed);
        return mining.plannedBudgetOf(epoch);
      };
      expect(await planned(3n * XMEX + 1n)).to.equal(PARAMETERS.weeklyFloor + (3n * XMEX) / 2n);
      expect(await planned(2n * GWEI - 1n)).to.equal(PARAMETERS.weeklyFloor);
      expect(await planned(1_800_000n * XMEX - 1n)).to.equal(PARAMETERS.weeklyCap - GWEI);
      expect(await planned(1_800_000n * XMEX)).to.equal(PARAMETERS.weeklyCap);
      expect(await planned(10n ** 29n)).to.equal(PARAMETERS.weeklyCap);
      expect(await planned(2n ** 128n - 1n)).to.equal(PARAMETERS.weeklyCap);
      expect(await planned(2n ** 128n), "more than can be is no answer").to.equal(PARAMETERS.weeklyFloor);
      await source.setConsumed(first, 1_000n * XMEX);
      await source.setConsumed(epoch, 7_777n * XMEX);
      await goTo(endOf(epoch));
      await publish(world, epoch, listOf(rowsOf(world)));
      await goTo(endOf(epoch) + DAY + STRIKE_WINDOW);
      await mining.drawBudget(epoch);
      expect((await mining.epochOf(epoch)).budget).to.equal(PARAMETERS.weeklyFloor + 500n * XMEX);
    });

    it("counts the week by the source of that week, whatever is named later", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { governed, mining, source, first } = world;
      const successor = await ethers.deployContract("MiningSource");
      await governed.setSources(ZeroAddress, source);
      await source.setConsumed(first, 1_000n * XMEX);
      await successor.setConsumed(first, 9_999n * XMEX);
      await successor.setConsumed(first + 1n, 2_000n * XMEX);
      await goTo(startOf(first + 1n));
      await governed.setSources(ZeroAddress, successor);
      expect(await mining.plannedBudgetOf(first + 1n)).to.equal(PARAMETERS.weeklyFloor + 500n * XMEX);
      expect(await mining.plannedBudgetOf(first + 2n)).to.equal(PARAMETERS.weeklyFloor + 1_000n * XMEX);
      expect(await mining.consumptionAt(first)).to.equal(await source.getAddress());
      expect(await mining.consumptionAt(first + 1n)).to.equal(await successor.getAddress());
    });

    it("counts a source of consumption that fails as zero", async () => {
      const { governed, mining, source, first } = await networkHelpers.loadFixture(deploy);
      await governed.setSources(ZeroAddress, source);
      await source.setConsumed(first, 1_000n * XMEX);
      for (const [kind, value] of [
        [Kind.Revert, 0n],
        [Kind.RevertBytes, 10_000n],
        [Kind.Burn, 0n],
        [Kind.Bytes, 0n],
        [Kind.Bytes, 31n],
        [Kind.Bytes, 33n],
        [Kind.Bytes, 10_000n],
        [Kind.Padded, 1n],
        [Kind.Padded, 32n],
      ] as const) {
        await source.behave(kind, value);
        expect(await mining.plannedBudgetOf(first + 1n), `${kind} ${value}`).to.equal(PARAMETERS.weeklyFloor);
      }
      await source.behave(Kind.Word, 0n);
      expect(await mining.plannedBudgetOf(first + 1n)).to.equal(PARAMETERS.weeklyFloor + 500n * XMEX);
      await networkHelpers.setCode(await source.getAddress(), "0x");
      expect(await mining.plannedBudgetOf(first + 1n)).to.equal(PARAMETERS.weeklyFloor);
    });

    it("has no budget before the beginning of time", async () => {
      const { mining, governed, source } = await networkHelpers.loadFixture(deploy);
      await governed.setSources(ZeroAddress, source);
      expect(await mining.plannedBudgetOf(0n)).to.equal(0n);
    });
  });

  describe("claim", () => {
    it("refuses where there is no root, while it can be struck, and once 52 weeks have passed", async () => {
      const { anybody, mining, ada, first, list, claimableFrom } = await networkHelpers.loadFixture(published);
      const claim = (epoch: bigint) => anybody.claim(epoch, ada, 1n, list.proof(0));
      await expect(claim(first + 1n))
        .to.be.revertedWithCustomError(mining, "SocialMining_NotPublished")
        .withArgs(first + 1n);
      await at(claimableFrom - 1n);
      await expect(claim(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_StrikingOpen")
        .withArgs(first, claimableFrom);
      await at(claimableFrom);
      await anybody.claim(first, ada, 1n, list.proof(0));
      const expiredAt = endOf(first) + CLAIM_WINDOW;
      await at(expiredAt);
      await expect(claim(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_Expired")
        .withArgs(first, expiredAt);
    });

    it("takes the last second of the 52 weeks", async () => {
      const { anybody, mining, ada, first, list } = await networkHelpers.loadFixture(published);
      await at(endOf(first) + CLAIM_WINDOW - 1n);
      await expect(anybody.claim(first, ada, 1n, list.proof(0))).to.emit(mining, "Claimed");
    });

    it("refuses while there is no budget", async () => {
      const { anybody, mining, vault, governance, ada, first, list, claimableFrom } =
        await networkHelpers.loadFixture(published);
      await vault.connect(governance).setDrawer(STREAM, ZeroAddress);
      await goTo(claimableFrom);
      await expect(anybody.claim(first, ada, 1n, list.proof(0)))
        .to.be.revertedWithCustomError(mining, "SocialMining_NoBudget")
        .withArgs(first);
      await vault.connect(governance).setDrawer(STREAM, mining);
      await expect(anybody.claim(first, ada, 1n, list.proof(0))).to.emit(mining, "Claimed");
    });

    it("refuses other points, another account, another's proof and an inner node", async () => {
      const { anybody, mining, ada, ben, stranger, first, list, rows } = await networkHelpers.loadFixture(drawn);
      const refused = async (account: string, points: bigint, proof: string[]) => {
        await expect(anybody.claim(first, account, points, proof))
          .to.be.revertedWithCustomError(mining, "SocialMining_InvalidProof")
          .withArgs(first, account, points);
        await expect(anybody.previewClaim(first, account, points, proof)).to.be.revertedWithCustomError(
          mining,
          "SocialMining_InvalidProof",
        );
      };
      await refused(ada.address, 2n, list.proof(0));
      await refused(stranger.address, 1n, list.proof(0));
      await refused(ben.address, 2n, list.proof(0));
      await refused(ada.address, 1n, []);
      const inner = StandardMerkleTree.of(
        rows.map(([account, points]) => [account, points]),
        ["address", "uint256"],
      ).dump().tree;
      await refused(ada.address, BigInt(inner[1] ?? 0n), [inner[2] ?? ""]);
    });

    it("refuses the proof of another epoch", async () => {
      const world = await networkHelpers.loadFixture(drawn);
      const { anybody, mining, ada, first, list } = world;
      await goTo(endOf(first + 1n));
      await publish(world, first + 1n, listOf([[ada.address, 2n]]));
      await goTo(endOf(first + 1n) + STRIKE_WINDOW + DAY);
      await expect(anybody.claim(first + 1n, ada, 1n, list.proof(0))).to.be.revertedWithCustomError(
        mining,
        "SocialMining_InvalidProof",
      );
      await anybody.claim(first + 1n, ada, 2n, []);
    });

    it("refuses a second claim, also where the list has the account twice", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, ada, first } = world;
      const list = listOf([
        [ada.address, 3n],
        [ada.address, 4n],
      ]);
      await at(endOf(first));
      await publish(world, first, list);
      await goTo(endOf(first) + STRIKE_WINDOW);
      await anybody.claim(first, ada, 3n, list.proof(0));
      for (const [row, points] of [3n, 4n].entries()) {
        await expect(anybody.claim(first, ada, points, list.proof(row)))
          .to.be.revertedWithCustomError(mining, "SocialMining_AlreadyClaimed")
          .withArgs(first, ada.address);
      }
      expect(await mining.hasClaimedIn(ada, first)).to.equal(true);
    });

    it("pays no more than the budget of a root whose leaves sum to more than its total", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, first, xmex } = world;
      const rows = Array.from({ length: 20 }, (_, row): Row => [someAccount(`liar ${row}`), 30n]);
      const list = { ...listOf(rows), total: 100n };
      await at(endOf(first));
      await publish(world, first, list);
      await goTo(endOf(first) + STRIKE_WINDOW);
      for (let row = 0; row < 3; row++) await anybody.claim(first, rows[row]?.[0] ?? "", 30n, list.proof(row));
      for (let row = 3; row < 20; row++) {
        await expect(anybody.claim(first, rows[row]?.[0] ?? "", 30n, list.proof(row)))
          .to.be.revertedWithCustomError(mining, "SocialMining_AboveTotalPoints")
          .withArgs(first, 30n, 10n);
      }
      const { budget, credited, claimedPoints, totalPoints } = await mining.epochOf(first);
      expect([claimedPoints, totalPoints]).to.deep.equal([90n, 100n]);
      expect(credited).to.equal((budget * 9n) / 10n);
      expect(await xmex.balanceOf(mining)).to.equal(budget - 3n * LIMIT);
    });

    it("takes points of any width without overflow", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, ada, ben, first } = world;
      const rows: Row[] = [
        [ada.address, 2n ** 256n - 1n],
        [ben.address, MAX_64],
      ];
      const list = { ...listOf(rows), total: MAX_64 };
      await at(endOf(first));
      await publish(world, first, list);
      await goTo(endOf(first) + STRIKE_WINDOW);
      await expect(anybody.claim(first, ada, 2n ** 256n - 1n, list.proof(0)))
        .to.be.revertedWithCustomError(mining, "SocialMining_AboveTotalPoints")
        .withArgs(first, 2n ** 256n - 1n, MAX_64);
      await anybody.claim(first, ben, MAX_64, list.proof(1));
      expect((await mining.epochOf(first)).credited).to.equal(PARAMETERS.weeklyFloor);
    });

    it("draws with the first claim as drawBudget does", async () => {
      const { anybody, mining, xmex, vault, ada, first, list, claimableFrom } =
        await networkHelpers.loadFixture(published);
      await at(claimableFrom);
      const claim = anybody.claim(first, ada, 1n, list.proof(0));
      await expect(claim).to.emit(mining, "BudgetDrawn").withArgs(first, PARAMETERS.weeklyFloor);
      await expect(claim).to.emit(mining, "Claimed");
      expect(await vault.netDrawn(STREAM)).to.equal(PARAMETERS.weeklyFloor);
      expect(await xmex.balanceOf(mining)).to.equal(PARAMETERS.weeklyFloor - LIMIT);
    });

    it("credits budget × points ÷ total rounded down to a gwei, pays the account and tells, whoever calls", async () => {
      const { anybody, mining, xmex, ada, ben, stranger, first, list, budget } =
        await networkHelpers.loadFixture(drawn);
      const credited = creditFor(budget, 2n, 7n);
      expect(credited).to.equal(28_571_428_571_428n * GWEI);
      expect([...(await anybody.previewClaim(first, ben, 2n, list.proof(1)))]).to.deep.equal([credited, LIMIT]);
      expect([...(await anybody.claim.staticCall(first, ben, 2n, list.proof(1)))]).to.deep.equal([credited, LIMIT]);
      expect(await mining.hasClaimed(ben)).to.equal(false);
      await expect(anybody.claim(first, ben, 2n, list.proof(1)))
        .to.emit(mining, "Claimed")
        .withArgs(first, ben.address, 2n, credited, LIMIT);
      expect(await xmex.balanceOf(ben)).to.equal(LIMIT);
      expect(await xmex.balanceOf(stranger)).to.equal(0n);
      expect(await mining.creditOf(ben)).to.equal(credited - LIMIT);
      expect(await mining.creditedOf(ben)).to.equal(28_571n);
      expect(await mining.hasClaimed(ben)).to.equal(true);
      expect(await mining.hasClaimed(ada)).to.equal(false);
      expect([...(await mining.accountOf(ben))]).to.deep.equal([
        1n,
        first,
        (await now()) / DAY,
        (credited - LIMIT) / GWEI,
        LIMIT / GWEI,
        28_571n,
      ]);
      const { claimedPoints, credited: creditedOfEpoch } = await mining.epochOf(first);
      expect([claimedPoints, creditedOfEpoch]).to.deep.equal([2n, credited]);
    });

    it("credits exactly what the points say to an account whose level has risen since", async () => {
      const world = await networkHelpers.loadFixture(drawn);
      const { anybody, governed, source, mining, ada, ben, first, list, budget } = world;
      await governed.setSources(source, ZeroAddress);
      await source.setPercent(ben, 1_000n);
      expect((await anybody.previewClaim(first, ben, 2n, list.proof(1)))[0]).to.equal(creditFor(budget, 2n, 7n));
      await anybody.claim(first, ben, 2n, list.proof(1));
      await anybody.claim(first, ada, 1n, list.proof(0));
      const credited = async (account: string) => (await mining.creditedOf(account)) * XMEX;
      expect(await credited(ben.address)).to.equal(28_571n * XMEX);
      expect(await credited(ada.address)).to.equal(14_285n * XMEX);
    });

    it("credits nothing for points that are worth less than a gwei, and still once", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, ada, ben, first } = world;
      const list = listOf([
        [ada.address, 1n],
        [ben.address, 2n ** 62n],
      ]);
      await at(endOf(first));
      await publish(world, first, list);
      await goTo(endOf(first) + STRIKE_WINDOW);
      await expect(anybody.claim(first, ada, 1n, list.proof(0)))
        .to.emit(mining, "Claimed")
        .withArgs(first, ada.address, 1n, 0n, 0n);
      expect(await mining.hasClaimed(ada)).to.equal(true);
      expect((await mining.accountOf(ada)).lastPaidDay).to.equal(0n);
      await expect(anybody.claim(first, ada, 1n, list.proof(0))).to.be.revertedWithCustomError(
        mining,
        "SocialMining_AlreadyClaimed",
      );
    });

    it("remembers a year of claims in any order, and several go in one call", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, asPublisher, ada, first, xmex, vault } = world;
      const rows: Row[] = [
        [ada.address, 1n],
        [someAccount("other"), 1n],
      ];
      const list = listOf(rows);
      const last = first + 51n;
      for (let epoch = first; epoch <= last; epoch++) {
        await at(endOf(epoch));
        await asPublisher.publish(epoch, list.root, list.total, URI, LOG_HASH);
      }
      const claim = (epoch: bigint) =>
        mining.interface.encodeFunctionData("claim", [epoch, ada.address, 1n, list.proof(0)]);
      await goTo(endOf(last) + STRIKE_WINDOW);
      await anybody.multicall([claim(first + 30n), claim(last), claim(first)], { gasLimit: 10_000_000n });
      const claimed = new Set([first, first + 30n, last]);
      for (let epoch = first; epoch <= last; epoch++) {
        expect(await mining.hasClaimedIn(ada, epoch), `epoch ${epoch - first}`).to.equal(claimed.has(epoch));
        if (!claimed.has(epoch)) continue;
        await expect(anybody.claim(epoch, ada, 1n, list.proof(0))).to.be.revertedWithCustomError(
          mining,
          "SocialMining_AlreadyClaimed",
        );
      }
      const rest = [...Array(52).keys()].map((week) => first + BigInt(week)).filter((epoch) => !claimed.has(epoch));
      await anybody.multicall(rest.slice(0, 25).reverse().map(claim), { gasLimit: 50_000_000n });
      await anybody.multicall(rest.slice(25).map(claim), { gasLimit: 50_000_000n });
      for (let epoch = first; epoch <= last; epoch++) expect(await mining.hasClaimedIn(ada, epoch)).to.equal(true);
      expect(await mining.hasClaimedIn(ada, last + 1n)).to.equal(false);
      const credited = 26n * PARAMETERS.weeklyFloor;
      expect((await mining.creditOf(ada)) + (await xmex.balanceOf(ada))).to.equal(credited);
      expect(await vault.netDrawn(STREAM)).to.equal(2n * credited);
      await goTo(endOf(first) + CLAIM_WINDOW);
      await expect(anybody.claim(first, ada, 1n, list.proof(0))).to.be.revertedWithCustomError(
        mining,
        "SocialMining_Expired",
      );
    });

    it("forgets what can no longer be claimed, and only that", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, ada, first } = world;
      const list = listOf([[ada.address, 1n]]);
      const [near, far] = [first + 52n, first + 53n];
      for (const epoch of [first, near, far]) {
        await goTo(endOf(epoch));
        await publish(world, epoch, list);
        await goTo(endOf(epoch) + STRIKE_WINDOW + DAY);
        await anybody.claim(epoch, ada, 1n, []);
        if (epoch === near) expect(await mining.hasClaimedIn(ada, first)).to.equal(true);
      }
      expect(await mining.hasClaimedIn(ada, first)).to.equal(false);
      expect(await mining.hasClaimedIn(ada, near)).to.equal(true);
      await expect(anybody.claim(first, ada, 1n, [])).to.be.revertedWithCustomError(mining, "SocialMining_Expired");
    });
  });

  describe("the daily limit", () => {
    it("pays a small credit at once", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, xmex, governed, source, ada, ben, first } = world;
      await governed.setSources(source, ZeroAddress);
      await source.behave(Kind.Burn, 0n);
      const list = listOf([
        [ada.address, 1n],
        [ben.address, 99n],
      ]);
      await at(endOf(first));
      await publish(world, first, list);
      await goTo(endOf(first) + STRIKE_WINDOW);
      await anybody.drawBudget(first);
      // nobody asks user growth, which would spend a hundred thousand
      await anybody.claim(first, ada, 1n, list.proof(0), { gasLimit: 170_000n });
      expect(await xmex.balanceOf(ada)).to.equal(LIMIT);
      expect(await mining.creditOf(ada)).to.equal(0n);
    });

    it("pays the base limit, or a ninetieth of the credit where that is more, once a day", async () => {
      const { anybody, mining, xmex, ben, first, list, claimableFrom, budget } = await networkHelpers.loadFixture(rich);
      const least = ((budget / GWEI + LEAST_DAILY_PART - 1n) / LEAST_DAILY_PART) * GWEI;
      expect(least > LIMIT).to.equal(true);
      await at(claimableFrom);
      await anybody.claim(first, ben, 10n, list.proof(0));
      expect(await xmex.balanceOf(ben)).to.equal(least);
      await expect(anybody.withdraw(ben))
        .to.be.revertedWithCustomError(mining, "SocialMining_NothingToWithdraw")
        .withArgs(ben.address);
      expect(await mining.previewWithdraw(ben)).to.equal(0n);
      const midnight = (claimableFrom / DAY + 1n) * DAY;
      await at(midnight - 1n);
      await expect(anybody.withdraw(ben)).to.be.revertedWithCustomError(mining, "SocialMining_NothingToWithdraw");
      await at(midnight);
      const next = ((budget - least + (LEAST_DAILY_PART - 1n) * GWEI) / (LEAST_DAILY_PART * GWEI)) * GWEI;
      await expect(anybody.withdraw(ben)).to.emit(mining, "Withdrawn").withArgs(ben.address, next);
      expect(await xmex.balanceOf(ben)).to.equal(least + next);
      expect(await mining.creditOf(ben)).to.equal(budget - least - next);
    });

    it("pays all of a credit in the end, to the last gwei", async () => {
      const { anybody, mining, xmex, ben, first, list, claimableFrom, budget } = await networkHelpers.loadFixture(rich);
      await at(claimableFrom);
      await anybody.claim(first, ben, 10n, list.proof(0));
      let days = 1;
      for (; (await mining.creditOf(ben)) !== 0n; days++) {
        await at((claimableFrom / DAY + BigInt(days)) * DAY);
        await anybody.withdraw(ben);
      }
      expect(await xmex.balanceOf(ben)).to.equal(budget);
      expect(await xmex.balanceOf(mining)).to.equal(0n);
      let [left, expected] = [budget, 0];
      for (; left !== 0n; expected++) left -= payableInDay(left, LIMIT, 100n);
      expect(days).to.equal(expected);
      expect(days, "some months").to.be.within(90, 120);
    });

    it("rounds the ninetieth up, so that a gwei leaves", async () => {
      const world = await networkHelpers.loadFixture(rich);
      const { anybody, governed, mining, xmex, ben, first, list, claimableFrom, budget } = world;
      await governed.setDailyLimit(GWEI);
      await at(claimableFrom);
      await anybody.claim(first, ben, 10n, list.proof(0));
      let credit = budget - (await xmex.balanceOf(ben));
      for (let day = 1n; day <= 5n; day++) {
        await at((claimableFrom / DAY + day) * DAY);
        await anybody.withdraw(ben);
        credit -= payableInDay(credit, GWEI, 100n);
        expect(await mining.creditOf(ben)).to.equal(credit);
      }
    });

    it("pays more by the percent of the level, within a day too", async () => {
      const { anybody, mining, source, xmex, ben, first, list, claimableFrom } = await networkHelpers.loadFixture(rich);
      await source.setPercent(ben, 200n);
      await at(claimableFrom);
      await anybody.claim(first, ben, 10n, list.proof(0));
      expect(await xmex.balanceOf(ben)).to.equal(2n * LIMIT);
      await source.setPercent(ben, 333n);
      expect(await mining.previewWithdraw(ben)).to.equal((LIMIT * 133n) / 100n);
      await anybody.withdraw(ben);
      expect(await xmex.balanceOf(ben)).to.equal((LIMIT * 333n) / 100n);
      await source.setPercent(ben, 150n);
      expect(await mining.previewWithdraw(ben)).to.equal(0n);
      await expect(anybody.withdraw(ben)).to.be.revertedWithCustomError(mining, "SocialMining_NothingToWithdraw");
      await source.setPercent(ben, 1_000n);
      await anybody.withdraw(ben);
      expect(await xmex.balanceOf(ben)).to.equal(10n * LIMIT);
    });

    it("counts what several claims of a day are paid together", async () => {
      const world = await networkHelpers.loadFixture(rich);
      const { anybody, mining, source, xmex, ben, first, list, claimableFrom, budget } = world;
      await source.setPercent(ben, 700n);
      await goTo(endOf(first + 1n));
      await publish(world, first + 1n, list);
      await goTo(endOf(first + 1n) + (claimableFrom - endOf(first)) + 1n);
      await anybody.claim(first, ben, 10n, []);
      expect(await xmex.balanceOf(ben)).to.equal(7n * LIMIT);
      expect([...(await anybody.previewClaim(first + 1n, ben, 10n, []))]).to.deep.equal([budget, 0n]);
      await expect(anybody.claim(first + 1n, ben, 10n, []))
        .to.emit(mining, "Claimed")
        .withArgs(first + 1n, ben.address, 10n, budget, 0n);
      expect(await xmex.balanceOf(ben)).to.equal(7n * LIMIT);
      expect(await mining.creditOf(ben)).to.equal(2n * budget - 7n * LIMIT);
    });

    it("counts user growth that fails, spends its gas or answers anything else as 100 percent", async () => {
      const { anybody, source, ben, first, list, claimableFrom, budget } = await networkHelpers.loadFixture(rich);
      await goTo(claimableFrom);
      const least = payableInDay(budget, LIMIT, 100n);
      const paid = async () => (await anybody.previewClaim(first, ben, 10n, list.proof(0)))[1];
      await source.setPercent(ben, 500n);
      expect(await paid()).to.equal(5n * LIMIT);
      for (const [kind, value] of [
        [Kind.Revert, 0n],
        [Kind.RevertBytes, 10_000n],
        [Kind.Burn, 0n],
        [Kind.Bytes, 0n],
        [Kind.Bytes, 31n],
        [Kind.Bytes, 32n],
        [Kind.Bytes, 33n],
        [Kind.Bytes, 10_000n],
        [Kind.Padded, 1n],
        [Kind.Padded, 32n],
      ] as const) {
        await source.behave(kind, value);
        expect(await paid(), `${kind} ${value}`).to.equal(least);
        const before = await networkHelpers.takeSnapshot();
        await anybody.claim(first, ben, 10n, list.proof(0));
        await before.restore();
      }
      await source.behave(Kind.Word, 0n);
      for (const percent of [0n, 99n, 1_001n, 2n ** 256n - 1n]) {
        await source.setPercent(ben, percent);
        expect(await paid(), `${percent}`).to.equal(least);
      }
      for (const percent of [150n, 1_000n]) {
        await source.setPercent(ben, percent);
        expect(await paid(), `${percent}`).to.equal(percent === 150n ? 1_500n * XMEX : 10n * LIMIT);
      }
      await networkHelpers.setCode(await source.getAddress(), "0x");
      expect(await paid()).to.equal(least);
    });

    it("cannot be lowered by a caller who leaves too little gas for the answer", async () => {
      const { anybody, mining, source, xmex, ben, first, list, claimableFrom } = await networkHelpers.loadFixture(rich);
      await source.setPercent(ben, 500n);
      await source.behave(Kind.Demanding, 99_000n);
      await goTo(claimableFrom);
      await anybody.drawBudget(first);
      const before = await networkHelpers.takeSnapshot();
      let [refusals, claims] = [0, 0];
      for (let gasLimit = 40_000n; gasLimit < 330_000n; gasLimit += 5_000n) {
        const receipt = await anybody
          .claim(first, ben, 10n, list.proof(0), { gasLimit })
          .then((sent) => sent.wait())
          .catch(() => null);
        if (receipt === null) {
          refusals++;
          continue;
        }
        claims++;
        expect(await xmex.balanceOf(ben), `paid less with ${gasLimit} gas`).to.equal(5n * LIMIT);
        await before.restore();
      }
      expect(refusals > 10 && claims > 10, `${refusals} refusals, ${claims} claims`).to.equal(true);
      await expect(anybody.claim(first, ben, 10n, list.proof(0), { gasLimit: 150_000n })).to.be.revertedWithCustomError(
        mining,
        "SocialMining_TooLittleGas",
      );
      await expect(anybody.previewWithdraw(ben, { gasLimit: 100_000n })).not.to.revert(ethers);
    });

    it("follows governance at once", async () => {
      const { anybody, governed, mining, xmex, ben, first, list, claimableFrom, budget } =
        await networkHelpers.loadFixture(rich);
      await at(claimableFrom);
      await anybody.claim(first, ben, 10n, list.proof(0));
      const least = payableInDay(budget, LIMIT, 100n);
      await governed.setDailyLimit(2_000n * XMEX);
      expect(await mining.previewWithdraw(ben)).to.equal(2_000n * XMEX - least);
      await governed.setDailyLimit(GWEI);
      expect(await mining.previewWithdraw(ben)).to.equal(0n);
      await governed.setDailyLimit(MAX_64 * GWEI);
      await anybody.withdraw(ben);
      expect(await xmex.balanceOf(ben)).to.equal(budget);
    });
  });

  describe("withdraw", () => {
    it("refuses an account without credit", async () => {
      const { anybody, mining, ada } = await networkHelpers.loadFixture(drawn);
      await expect(anybody.withdraw(ada))
        .to.be.revertedWithCustomError(mining, "SocialMining_NothingToWithdraw")
        .withArgs(ada.address);
    });

    it("needs neither vault nor root: credit stays good for years, and under a successor", async () => {
      const { anybody, mining, vault, governance, xmex, ben, first, list, claimableFrom, budget } =
        await networkHelpers.loadFixture(rich);
      await at(claimableFrom);
      await anybody.claim(first, ben, 10n, list.proof(0));
      await vault.connect(governance).setDrawer(STREAM, governance);
      await goTo(claimableFrom + 30n * 365n * DAY);
      const before = await xmex.balanceOf(ben);
      const preview = await mining.previewWithdraw(ben);
      expect(await anybody.withdraw.staticCall(ben)).to.equal(preview);
      await anybody.withdraw(ben);
      expect((await xmex.balanceOf(ben)) - before).to.equal(preview);
      expect(await mining.creditOf(ben)).to.equal(budget - before - preview);
    });
  });

  describe("returnUnclaimed", () => {
    it("refuses while the epoch can be claimed, by a second", async () => {
      const { anybody, mining, first } = await networkHelpers.loadFixture(drawn);
      const expiresAt = endOf(first) + CLAIM_WINDOW;
      await at(expiresAt - 1n);
      await expect(anybody.returnUnclaimed(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_NotExpired")
        .withArgs(first, expiresAt);
      await at(expiresAt);
      await expect(anybody.returnUnclaimed(first)).to.emit(mining, "UnclaimedReturned");
    });

    it("refuses where nothing was drawn", async () => {
      const { anybody, mining, first } = await networkHelpers.loadFixture(published);
      await goTo(endOf(first) + CLAIM_WINDOW);
      await expect(anybody.returnUnclaimed(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_NothingToReturn")
        .withArgs(first);
    });

    it("gives back what was not claimed and what was rounded away, to the wei, once", async () => {
      const { anybody, mining, vault, xmex, ada, cleo, first, list, budget } = await networkHelpers.loadFixture(drawn);
      await anybody.claim(first, ada, 1n, list.proof(0));
      await anybody.claim(first, cleo, 4n, list.proof(2));
      const credited = creditFor(budget, 1n, 7n) + creditFor(budget, 4n, 7n);
      const held = await xmex.balanceOf(mining);
      await at(endOf(first) + CLAIM_WINDOW);
      const drawnBefore = await vault.netDrawn(STREAM);
      await expect(anybody.returnUnclaimed(first))
        .to.emit(mining, "UnclaimedReturned")
        .withArgs(first, budget - credited)
        .and.to.emit(vault, "Returned")
        .withArgs(STREAM, await mining.getAddress(), budget - credited);
      expect(await vault.netDrawn(STREAM)).to.equal(drawnBefore - (budget - credited));
      expect(await vault.netDrawn(STREAM)).to.equal(credited);
      expect(await xmex.balanceOf(mining)).to.equal(held - (budget - credited));
      expect(await xmex.balanceOf(mining)).to.equal((await mining.creditOf(ada)) + (await mining.creditOf(cleo)));
      expect(await xmex.allowance(mining, vault)).to.equal(0n);
      expect((await mining.epochOf(first)).budget).to.equal(credited);
      expect(await mining.budgetOf(first)).to.equal(credited);
      await expect(anybody.returnUnclaimed(first))
        .to.be.revertedWithCustomError(mining, "SocialMining_NothingToReturn")
        .withArgs(first);
    });

    it("gives back what is rounded away where everybody has claimed", async () => {
      const { anybody, rows, first, list, budget } = await networkHelpers.loadFixture(drawn);
      for (const [row, [account, points]] of rows.entries()) {
        await anybody.claim(first, account, points, list.proof(row));
      }
      const credited = rows.reduce((sum, [, points]) => sum + creditFor(budget, points, 7n), 0n);
      expect(budget - credited).to.equal(GWEI);
      await goTo(endOf(first) + CLAIM_WINDOW);
      expect(await anybody.returnUnclaimed.staticCall(first)).to.equal(GWEI);
      await anybody.returnUnclaimed(first);
    });

    it("gives back to the stream also where another draws from it by then", async () => {
      const { anybody, vault, governance, mining, first, budget } = await networkHelpers.loadFixture(drawn);
      await vault.connect(governance).setDrawer(STREAM, governance);
      await goTo(endOf(first) + CLAIM_WINDOW);
      await anybody.returnUnclaimed(first);
      expect(await vault.netDrawn(STREAM)).to.equal(0n);
      expect((await mining.epochOf(first)).budget).to.equal(0n);
      expect(budget > 0n).to.equal(true);
    });

    it("leaves no budget where nobody claimed, as none is left where nobody drew it in time", async () => {
      const { anybody, mining, first, budget } = await networkHelpers.loadFixture(drawn);
      await goTo(endOf(first) + CLAIM_WINDOW);
      expect(await mining.budgetOf(first)).to.equal(budget);
      await anybody.returnUnclaimed(first);
      expect(await mining.budgetOf(first)).to.equal(0n);
      const next = first + 1n;
      await goTo(endOf(next) + CLAIM_WINDOW - 1n);
      expect(await mining.budgetOf(next)).to.equal(PARAMETERS.weeklyFloor);
      await goTo(endOf(next) + CLAIM_WINDOW);
      expect(await mining.budgetOf(next)).to.equal(0n);
    });
  });

  describe("a plain transfer", () => {
    it("belongs to no epoch", async () => {
      const { anybody, deployer, mining, xmex, vault, first, budget } = await networkHelpers.loadFixture(drawn);
      await xmex.connect(deployer).transfer(mining, 5n * XMEX);
      await goTo(endOf(first) + CLAIM_WINDOW);
      await anybody.returnUnclaimed(first);
      expect(await xmex.balanceOf(mining)).to.equal(5n * XMEX);
      expect(await vault.netDrawn(STREAM)).to.equal(0n);
      expect(budget > 0n).to.equal(true);
    });
  });

  describe("governance", () => {
    it("alone sets parameters, weights, the limit and the sources", async () => {
      const { mining, publisher, striker, ada } = await networkHelpers.loadFixture(deploy);
      for (const caller of [publisher, striker, ada]) {
        const as = mining.connect(caller);
        for (const call of [
          () => as.setParameters(PARAMETERS),
          () => as.setWeights(WEIGHTS),
          () => as.setDailyLimit(LIMIT),
          () => as.setSources(ZeroAddress, ZeroAddress),
        ]) {
          await expect(call())
            .to.be.revertedWithCustomError(mining, "AccessManagedUnauthorized")
            .withArgs(caller.address);
        }
      }
    });

    it("cannot set what is out of range, and can at its edges", async () => {
      const { governed, mining, stranger, first } = await networkHelpers.loadFixture(deploy);
      const set = (change: Partial<MiningParameters>) => governed.setParameters({ ...PARAMETERS, ...change });
      const { weeklyCap, weeklyFloor } = PARAMETERS;
      const highest = MAX_64 * GWEI;
      await expect(set({ weeklyCap: weeklyCap + 1n }))
        .to.be.revertedWithCustomError(mining, "SocialMining_NotInGwei")
        .withArgs(weeklyCap + 1n);
      await expect(set({ weeklyFloor: weeklyFloor - 1n }))
        .to.be.revertedWithCustomError(mining, "SocialMining_NotInGwei")
        .withArgs(weeklyFloor - 1n);
      await expect(set({ weeklyCap: weeklyFloor - GWEI }))
        .to.be.revertedWithCustomError(mining, "SocialMining_CapOutOfRange")
        .withArgs(weeklyFloor - GWEI, weeklyFloor, highest);
      await expect(set({ weeklyCap: 0n, weeklyFloor: 0n }))
        .to.be.revertedWithCustomError(mining, "SocialMining_CapOutOfRange")
        .withArgs(0n, GWEI, highest);
      await expect(set({ weeklyCap: highest + GWEI }))
        .to.be.revertedWithCustomError(mining, "SocialMining_CapOutOfRange")
        .withArgs(highest + GWEI, weeklyFloor, highest);
      await expect(set({ consumptionRatioBps: 65_536n }))
        .to.be.revertedWithCustomError(mining, "SocialMining_RatioTooHigh")
        .withArgs(65_536n, 65_535n);
      const widest = { weeklyCap: highest, weeklyFloor: highest, consumptionRatioBps: 65_535n };
      for (const edge of [widest, { weeklyCap: GWEI, weeklyFloor: 0n, consumptionRatioBps: 0n }]) {
        await set(edge);
        expect([...(await mining.parametersAt(first + 1n))]).to.deep.equal(asTuple(edge));
      }
      await expect(governed.setDailyLimit(LIMIT + 1n))
        .to.be.revertedWithCustomError(mining, "SocialMining_NotInGwei")
        .withArgs(LIMIT + 1n);
      for (const limit of [0n, highest + GWEI]) {
        await expect(governed.setDailyLimit(limit))
          .to.be.revertedWithCustomError(mining, "SocialMining_DailyLimitOutOfRange")
          .withArgs(limit, highest);
      }
      await expect(governed.setWeights(BEHAVIOURS.map(() => 0n) as Weights)).to.be.revertedWithCustomError(
        mining,
        "SocialMining_WeightsAreZero",
      );
      for (const sources of [
        [stranger.address, ZeroAddress],
        [ZeroAddress, stranger.address],
      ] as const) {
        await expect(governed.setSources(...sources))
          .to.be.revertedWithCustomError(mining, "SocialMining_SourceHasNoCode")
          .withArgs(stranger.address);
      }
    });

    it("changes parameters and weights from the next epoch on, the last change of a week counting", async () => {
      const { governed, mining, first } = await networkHelpers.loadFixture(deploy);
      const other = { weeklyCap: 7n * XMEX, weeklyFloor: 3n * XMEX, consumptionRatioBps: 20_000n };
      await goTo(endOf(first) - 100n);
      await governed.setParameters({ weeklyCap: GWEI, weeklyFloor: 0n, consumptionRatioBps: 0n });
      await expect(governed.setParameters(other))
        .to.emit(mining, "ParametersChanged")
        .withArgs(first + 1n, asTuple(other));
      await governed.setWeights(BEHAVIOURS.map(() => 1n) as Weights);
      await expect(governed.setWeights(OTHER_WEIGHTS))
        .to.emit(mining, "WeightsChanged")
        .withArgs(first + 1n, OTHER_WEIGHTS);
      const expectFirst = async () => {
        expect([...(await mining.parametersAt(first))]).to.deep.equal(asTuple(PARAMETERS));
        expect([...(await mining.weightsAt(first))]).to.deep.equal(WEIGHTS);
        expect(await mining.plannedBudgetOf(first)).to.equal(PARAMETERS.weeklyFloor);
      };
      await expectFirst();
      await goTo(startOf(first + 1n));
      await expectFirst();
      for (const epoch of [first + 1n, first + 9n]) {
        expect([...(await mining.parametersAt(epoch))]).to.deep.equal(asTuple(other));
        expect([...(await mining.weightsAt(epoch))]).to.deep.equal(OTHER_WEIGHTS);
      }
      expect(await mining.plannedBudgetOf(first + 1n)).to.equal(other.weeklyFloor);
    });

    it("changes limit and levels at once, and tells", async () => {
      const { governed, mining, source, first } = await networkHelpers.loadFixture(deploy);
      await expect(governed.setDailyLimit(3n * GWEI))
        .to.emit(mining, "DailyLimitChanged")
        .withArgs(3n * GWEI);
      expect(await mining.dailyLimit()).to.equal(3n * GWEI);
      const address = await source.getAddress();
      await expect(governed.setSources(source, source))
        .to.emit(mining, "SourcesChanged")
        .withArgs(address, address, first);
      expect(await mining.growth()).to.equal(address);
      expect(await mining.consumptionAt(first)).to.equal(address);
      expect(await mining.dailyLimit()).to.equal(3n * GWEI);
      await governed.setSources(ZeroAddress, ZeroAddress);
      expect(await mining.growth()).to.equal(ZeroAddress);
      expect(await mining.consumptionAt(first)).to.equal(ZeroAddress);
    });
  });

  describe("publisher without striker", () => {
    it("can give a week's budget to whom it likes and no more: an honest limit", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, publisher, xmex, vault, first } = world;
      await at(endOf(first));
      await publish(world, first, listOf([[publisher.address, 1n]]));
      await goTo(endOf(first) + STRIKE_WINDOW);
      await anybody.claim(first, publisher, 1n, []);
      expect((await mining.creditOf(publisher)) + (await xmex.balanceOf(publisher))).to.equal(PARAMETERS.weeklyFloor);
      expect(await vault.netDrawn(STREAM)).to.equal(PARAMETERS.weeklyFloor);
    });
  });

  describe("many weeks of random calls", () => {
    it("agrees with the model at every step, to the wei, and gives back what nobody got", async () => {
      await networkHelpers.loadFixture(deploy).then((world) => randomWeeks(world, SEED));
    });

    /** A hundred weeks and more: several lists at once, some of them false, of one to nine accounts. */
    async function randomWeeks(world: World, seed: string): Promise<void> {
      const { mining, governed, asPublisher, asStriker, anybody, source, vault, xmex, governance, start, first } =
        world;
      let rolls = 0;
      const roll = (below: bigint) => BigInt(id(`${seed} ${rolls++}`)) % below;
      const emission = new EmissionModel(start, SHARES);
      const consumed = new Map<bigint, bigint>();
      const percents = new Map<string, bigint>();
      const model = new MiningModel(
        start,
        {
          available: (time) => emission.available(Number(STREAM), time),
          draw: (time, amount) => emission.draw(Number(STREAM), time, amount),
          returnTo: (amount) => emission.returnTo(Number(STREAM), amount),
          consumedIn: (week) => consumed.get(week) ?? 0n,
          limitPercentOf: (account) => percents.get(account) ?? 100n,
        },
        PARAMETERS,
        LIMIT,
        WEIGHTS,
      );
      await governed.setSources(source, source);
      const accounts = Array.from({ length: 9 }, (_, index) => someAccount(`${seed} account ${index}`));
      const lists = new Map<bigint, { rows: Row[]; list: ReturnType<typeof listOf> }>();
      const totals = { claims: 0, strikes: 0, refusals: 0, returned: 0n, withdrawals: 0, draws: 0, short: 0, waits: 0 };
      let time = await now();

      /** Sends at `time` and compares: refused by both with the same error and values, or by neither. */
      const both = async <T>(
        send: () => Promise<ContractTransactionResponse>,
        expected: () => T,
      ): Promise<T | undefined> => {
        await at(time);
        let result: T;
        try {
          result = expected();
        } catch (error) {
          if (!(error instanceof MiningRefusal)) throw error;
          totals.refusals++;
          const values = error.values.map((value) => value);
          const refused = expect(send()).to.be.revertedWithCustomError(mining, `SocialMining_${error.error}`);
          await (values.length === 0 ? refused : refused.withArgs(...values));
          return undefined;
        }
        const sent = await send();
        await sent.wait();
        return result;
      };

      /** Leaves the stream with less than an epoch asks for, by whatever else governance may draw it for. */
      const drain = async (target: bigint): Promise<void> => {
        const asGovernance = vault.connect(governance);
        await asGovernance.setDrawer(STREAM, governance);
        const drawnAt = (await now()) + 1n;
        const least = roll(2n) === 0n ? model.leastBudget(drawnAt, target) : 0n;
        const left = least + roll(model.planned(target) - least + GWEI);
        const amount = emission.available(Number(STREAM), drawnAt) - left;
        if (amount > 0n) {
          await at(drawnAt);
          await asGovernance.draw(STREAM, governance, amount);
          emission.draw(Number(STREAM), drawnAt, amount);
        }
        await asGovernance.setDrawer(STREAM, mining);
      };

      const everythingSeen = () => {
        const { claims, strikes, refusals, withdrawals, waits, short } = totals;
        return claims > 15 && strikes > 5 && refusals > 60 && withdrawals > 5 && waits > 3 && short > 0;
      };
      let week = 0n;
      for (; week < 70n || (week < 400n && !everythingSeen()); week++) {
        const epoch = first + week;
        for (let act = 0n; act < effort(2n + (week % 2n), 5n); act++) {
          time = startOf(epoch) + act * DAY + roll(DAY);
          if (time <= (await now())) time = (await now()) + 1n;
          // most weeks a list is published in time, and whatever the dice say, each tenth one is struck
          const isPlanned = act < 2n && week % 10n === 5n;
          const inTime = isPlanned || (act < 2n && roll(3n) !== 0n);
          const target = inTime ? epoch - 1n : epoch - 1n - (roll(4n) === 0n ? roll(60n) : roll(3n));
          const later = isPlanned || roll(6n) === 0n ? 1n : 3n;
          const kind = inTime ? (act === 0n ? 0n : later) : roll(6n);
          switch (kind) {
            case 0n: {
              const size = 1n + roll(9n);
              const rows = accounts
                .slice(0, Number(size))
                .map((account): Row => [account, 1n + roll(10n ** (1n + roll(12n)))]);
              const list = listOf(rows);
              const total = roll(5n) === 0n ? list.total / 2n + 1n : list.total;
              const done = await both(
                () => asPublisher.publish(target, list.root, total, URI, LOG_HASH),
                () => {
                  model.publish(time, target, list.root, total);
                  return true;
                },
              );
              if (done) lists.set(target, { rows, list });
              break;
            }
            case 1n:
              if (
                await both(
                  () => asStriker.strike(target),
                  () => {
                    model.strike(time, target);
                    return true;
                  },
                )
              ) {
                totals.strikes++;
              }
              break;
            case 2n:
              if (
                await both(
                  () => anybody.drawBudget(target),
                  () => model.drawBudget(time, target),
                )
              )
                totals.draws++;
              break;
            case 3n: {
              const account = accounts[Number(roll(9n))] ?? "";
              if (
                await both(
                  () => anybody.withdraw(account),
                  () => model.withdraw(time, account),
                )
              )
                totals.withdrawals++;
              break;
            }
            case 4n: {
              const old = first + roll(week + 1n);
              totals.returned +=
                (await both(
                  () => anybody.returnUnclaimed(old),
                  () => model.returnUnclaimed(time, old),
                )) ?? 0n;
              break;
            }
            default: {
              const change = {
                weeklyCap: (1n + roll(10n ** 6n)) * XMEX + GWEI,
                weeklyFloor: roll(10n ** 24n / GWEI) * GWEI,
                consumptionRatioBps: roll(65_536n),
              };
              const parameters = change.weeklyFloor > change.weeklyCap ? { ...change, weeklyFloor: 0n } : change;
              await both(
                () => governed.setParameters(parameters),
                () => model.setParameters(time, parameters),
              );
              const limit = (1n + roll(10n ** (3n + roll(14n)))) * GWEI;
              await governed.setDailyLimit(limit);
              model.dailyLimit = limit;
              const spent = roll(10n ** (1n + roll(27n)));
              await source.setConsumed(epoch, spent);
              consumed.set(epoch, spent);
              const account = accounts[Number(roll(9n))] ?? "";
              const percent = 100n + roll(901n);
              await source.setPercent(account, percent);
              percents.set(account, percent);
            }
          }
          const published = lists.get(target);
          if (published) {
            const { root, budget } = model.epoch(target);
            if (root !== undefined && budget === 0n && roll(3n) === 0n) {
              await drain(target);
              const has = model.budget((await now()) + 1n, target);
              if (has === 0n) totals.waits++;
              else if (has < model.planned(target)) totals.short++;
            }
            for (let row = Number(roll(2n)); row < published.rows.length; row += 1 + Number(roll(3n))) {
              const [account, points] = published.rows[row] ?? ["", 0n];
              time = (await now()) + 1n + roll(60n);
              const isTrue = roll(8n) !== 0n;
              const claimed = isTrue ? points : points + 1n;
              const send = () => anybody.claim(target, account, claimed, published.list.proof(row));
              if (await both(send, () => model.claim(time, target, account, claimed, isTrue))) totals.claims++;
            }
          }
          time = await now();
          await compare(target, `week ${week}, act ${act}, seed ${seed}`);
        }
      }
      time = startOf(first + week) + CLAIM_WINDOW + WEEK;
      for (const epoch of lists.keys()) {
        time += 10n;
        totals.returned +=
          (await both(
            () => anybody.returnUnclaimed(epoch),
            () => model.returnUnclaimed(time, epoch),
          )) ?? 0n;
      }
      let owed = 0n;
      for (const account of accounts) owed += await mining.creditOf(account);
      expect(await xmex.balanceOf(mining), "what is not credited has gone back").to.equal(owed);
      expect(everythingSeen() && totals.returned > 0n, `${Object.values(totals).join(", ")}, seed ${seed}`).to.equal(
        true,
      );

      async function compare(epoch: bigint, where: string): Promise<void> {
        const [seen, expected] = [await mining.epochOf(epoch), model.epoch(epoch)];
        expect([seen.root, seen.totalPoints, seen.claimedPoints, seen.budget, seen.credited].join(), where).to.equal(
          [
            expected.root ?? ZeroHash,
            expected.totalPoints,
            expected.claimedPoints,
            expected.budget,
            expected.credited,
          ].join(),
        );
        expect(seen.claimedPoints <= seen.totalPoints && seen.credited <= seen.budget, where).to.equal(true);
        expect(await mining.budgetOf(epoch), where).to.equal(model.budget(time, epoch));
        expect(await mining.plannedBudgetOf(epoch), where).to.equal(model.planned(epoch));
        expect(await mining.leastBudgetOf(epoch), where).to.equal(model.leastBudget(time, epoch));
        expect([...(await mining.parametersAt(epoch))], where).to.deep.equal(asTuple(model.parametersAt(epoch)));
        expect(await mining.publishableUntil(epoch), where).to.equal(model.publishableUntil(epoch));
        const account = accounts[Number(roll(9n))] ?? "";
        expect(await mining.creditOf(account), where).to.equal(model.creditOf(account));
        expect(await mining.creditedOf(account), where).to.equal(model.creditedOf(account));
        expect(await mining.hasClaimed(account), where).to.equal(model.hasClaimed(account));
        expect(await mining.previewWithdraw(account), where).to.equal(model.payable(time, account));
        expect(await xmex.balanceOf(mining), where).to.equal(model.balance());
        expect(await vault.netDrawn(STREAM), where).to.equal(emission.netDrawn(Number(STREAM)));
      }
    }

    it("plans the budget of random weeks as the model does", async () => {
      const { governed, mining, source, first } = await networkHelpers.loadFixture(deploy);
      await governed.setSources(ZeroAddress, source);
      const roll = (what: string, below: bigint) => BigInt(id(`${SEED} ${what}`)) % below;
      for (let week = 1n; week <= 40n; week++) {
        const epoch = first + week;
        const cap = (1n + roll(`cap ${week}`, 10n ** (1n + roll(`size ${week}`, 18n)))) * GWEI;
        const floor = roll(`floor ${week}`, cap / GWEI + 1n) * GWEI;
        const ratio = roll(`ratio ${week}`, 65_536n);
        const consumed = roll(`consumed ${week}`, 10n ** (1n + roll(`much ${week}`, 29n)));
        const parameters = { weeklyCap: cap, weeklyFloor: floor, consumptionRatioBps: ratio };
        await governed.setParameters(parameters);
        await source.setConsumed(epoch - 1n, consumed);
        await goTo(startOf(epoch));
        expect(await mining.plannedBudgetOf(epoch)).to.equal(plannedBudget(parameters, consumed));
      }
    });
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    /** A list of as many accounts as 20 hashes prove, of which one is known. */
    function millionth(account: string): { root: string; total: bigint; proof: string[] } {
      const leaf = keccak256(
        keccak256(`0x${zeroPadValue(account, 32).slice(2)}${zeroPadValue(toBeHex(7n), 32).slice(2)}`),
      );
      const proof = Array.from({ length: 20 }, (_, level) => id(`sibling ${level}`));
      const root = proof.reduce(
        (node, sibling) =>
          keccak256(BigInt(node) < BigInt(sibling) ? node + sibling.slice(2) : sibling + node.slice(2)),
        leaf,
      );
      return { root, total: 1_000_000n, proof };
    }

    it("keeps within its budget for a list of a million, and depends on nobody else", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, first, ben, xmex } = world;
      const account = someAccount("first claim");
      const list = millionth(account);
      const [second, third] = [first + 1n, first + 2n];
      for (const epoch of [first, second, third]) {
        await goTo(endOf(epoch));
        await publish(world, epoch, list);
      }
      await goTo(endOf(third) + STRIKE_WINDOW + DAY);
      const claim = (epoch: bigint) => gasOf(anybody.claim(epoch, account, 7n, list.proof));
      const costs: [name: string, gas: bigint, budget: bigint][] = [];
      costs.push(["drawing a budget", await gasOf(anybody.drawBudget(first)), 110_000n]);
      expect(await xmex.balanceOf(account)).to.equal(0n);
      costs.push(["first claim of an account without XMEX", await claim(first), 110_000n]);
      expect(await xmex.balanceOf(account)).to.equal(creditFor(PARAMETERS.weeklyFloor, 7n, list.total));
      await anybody.drawBudget(third);
      costs.push(["next claim", await claim(third), 76_000n]);
      costs.push(["next claim, which draws", await claim(second), 114_000n]);
      const rich = listOf([[ben.address, 1n]]);
      await goTo(endOf(first + 3n));
      const publishing = publish(world, first + 3n, rich);
      costs.push(["publication", await gasOf(publishing), 112_000n]);
      await goTo(endOf(first + 3n) + STRIKE_WINDOW + DAY);
      await anybody.claim(first + 3n, ben, 1n, []);
      await networkHelpers.time.increase(DAY);
      costs.push(["withdrawal", await gasOf(mining.withdraw(ben)), 50_000n]);
      if (process.env["SHOW_GAS"] !== undefined) console.log(costs);
      if (hre.globalOptions.coverage) return;
      for (const [name, gas, budget] of costs) expect(gas, name).to.be.at.most(budget);
    });

    it("proves a row of a tree built here as of any StandardMerkleTree", async () => {
      const world = await networkHelpers.loadFixture(deploy);
      const { anybody, mining, first } = world;
      const accounts = Array.from(
        { length: 1_000 },
        (_, index) => `0x${(0xabc000 + index).toString(16).padStart(40, "0")}`,
      );
      const rows: Row[] = accounts.map((account, index) => [account, BigInt(index) + 1n]);
      const standard = listOf(rows);
      const encoding = new LeafEncoding(["address", "uint256"]);
      const encoded = new Uint8Array(rows.length * encoding.size);
      for (const [row, [account, points]] of rows.entries()) {
        encoding.write([account as Hex, points], encoded, row * encoding.size);
      }
      const tree = buildTree(hashRows(encoded, encoding.size));
      expect(toHex(rootOf(tree))).to.equal(standard.root);
      await at(endOf(first));
      await publish(world, first, standard);
      await goTo(endOf(first) + STRIKE_WINDOW);
      for (const row of [0, 499, 999]) {
        const proof = proofOf(tree, row).map((hash) => toHex(hash));
        expect(proof).to.deep.equal(standard.proof(row));
        const [account, points] = rows[row] ?? ["", 0n];
        await expect(anybody.claim(first, account, points, proof)).to.emit(mining, "Claimed");
      }
      expect(fromHex(standard.root)).to.deep.equal(rootOf(tree));
    });
  });
});
