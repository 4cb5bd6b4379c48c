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
} from "../../src/merkle/index.js";
import { EMISSION_ALLOCATION, EMISSION_STREAM, EmissionModel } from "../../src/xme/emission.js";
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
  miningEpoch,
  payableInDay,
  plannedBudget,
} from "../../src/xme/mining.js";

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

const Kind = { Word: 0n, Bytes: 1n, Revert: 2n, RevertBytes: 3n, Burn: 4n, Demanding: 5n } as const;

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

describe("Review: mining", () => {
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


  it("RED: a gwei of anybody's does not fix the budget of a week at a gwei", async () => {
    const { anybody, mining, vault, governance, xmex, stranger, ada, first, claimableFrom, list } =
      await networkHelpers.loadFixture(published);
    const asGovernance = vault.connect(governance);
    await goTo(claimableFrom);
    await asGovernance.setShares([0n, 4_000n, 3_000n, 3_000n, 0n, 0n, 0n, 0n]);
    await asGovernance.setDrawer(STREAM, governance);
    await asGovernance.draw(STREAM, governance, await vault.available(STREAM));
    await asGovernance.setDrawer(STREAM, mining);
    await xmex.connect(governance).transfer(stranger, GWEI);
    await xmex.connect(stranger).approve(vault, GWEI);
    await vault.connect(stranger).returnTo(STREAM, GWEI);
    await anybody.drawBudget(first);
    await xmex.transfer(governance, PARAMETERS.weeklyFloor);
    await xmex.connect(governance).approve(vault, PARAMETERS.weeklyFloor);
    await asGovernance.returnTo(STREAM, PARAMETERS.weeklyFloor);
    const [credited] = await mining.previewClaim(first, ada, 1n, list.proof(0));
    console.log("    planned", await mining.plannedBudgetOf(first), "budget", await mining.budgetOf(first), "credited", credited);
    expect(credited).to.be.greaterThan(0n);
  });
  it("RED: budgetOf says zero once all of an unclaimed budget has gone back", async () => {
    const { anybody, mining, first } = await networkHelpers.loadFixture(drawn);
    await goTo(endOf(first) + CLAIM_WINDOW);
    await anybody.returnUnclaimed(first);
    console.log("    budgetOf", await mining.budgetOf(first), "epochOf.budget", (await mining.epochOf(first)).budget);
    expect(await mining.budgetOf(first)).to.equal(0n);
  });
});
