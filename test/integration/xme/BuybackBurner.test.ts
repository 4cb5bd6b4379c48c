import { expect } from "chai";
import {
  type Result,
  ContractFactory,
  MaxUint256,
  ZeroAddress,
  ZeroHash,
  id,
  type ContractTransactionResponse,
} from "ethers";
import hre, { network } from "hardhat";

import {
  MAX_TICK,
  sqrtPriceAtTick,
  TICK_SPACINGS,
  uniswapArtifact,
  uniswapContract,
  type Address,
} from "../../../src/uniswap/index.js";
import {
  attackRange,
  BLOCK_TIME,
  BuybackPlan,
  FAIR_PRICE,
  fairSqrtPrice,
  formatPatientTable,
  formatSandwichTable,
  largestSlice,
  MAX_BUYBACK_DURATION,
  MAX_TICK_DEVIATION,
  MIN_BUYBACK_INTERVAL,
  ORACLE_WINDOW,
  patientTable,
  providerGainPpm,
  SANDWICH_DEPTHS,
  sandwichTable,
  sliceTerms,
  tryAttack,
  type Attack,
  type AttackOutcome,
} from "../../../src/xme/buyback.js";
import { PoolModel } from "../../../src/xme/pool.js";
import type { BuybackAttacker } from "../../../typechain-types/index.js";
import { effort } from "../../support/effort.js";
import { addressOf, deployAllocated, poolState, TWO_DAYS } from "../../support/xmeGenesis.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const SEED = process.env.XONOMY_SEED ?? ethers.hexlify(ethers.randomBytes(4));
const WAD = 10n ** 18n;
const DAY = 86_400n;
const FEE = 3_000n;
const OBSERVATIONS = 150n;
const DEPTH = 5_000_000_000n * WAD;
const Q96 = 1n << 96n;

interface MarketOptions {
  readonly fee?: bigint;
  readonly depth?: bigint;
  readonly tokenIsToken0?: boolean;
}

const now = async (): Promise<bigint> => BigInt(await networkHelpers.time.latest());

/** Mines a block at `time`, so that calls without a transaction see it. */
const mineAt = (time: bigint): Promise<void> => networkHelpers.time.increaseTo(time);

/** X.me's tokens, timelock and access manager, Uniswap's factory and the burner: everything but a pool. */
async function deployGround(tokenIsToken0 = false) {
  const [deployer, stranger] = await ethers.getSigners();
  if (!deployer || !stranger) throw new Error("too few accounts");
  const xme = await ethers.deployContract("XME");
  const xmeAddress = BigInt(await addressOf(xme));
  let xmex = await ethers.deployContract("XMEX");
  while (BigInt(await addressOf(xmex)) < xmeAddress !== tokenIsToken0) xmex = await ethers.deployContract("XMEX");
  const timelock = await ethers.deployContract("TimelockController", [TWO_DAYS, [], [], ZeroAddress]);
  const manager = await ethers.deployContract("AccessManager", [timelock]);
  const { abi, bytecode } = uniswapArtifact("factory");
  const created = await new ContractFactory(abi as never, bytecode, deployer).deploy();
  const factory = uniswapContract("factory", (await created.getAddress()) as Address, deployer);
  const burner = await ethers.deployContract("BuybackBurner", [xme, factory, timelock, manager]);
  const treasury = await ethers.getImpersonatedSigner(await addressOf(timelock));
  await networkHelpers.setBalance(treasury.address, 10n ** 20n);
  return {
    deployer,
    stranger,
    xme,
    xmex,
    timelock,
    manager,
    factory,
    burner,
    treasury,
    governed: burner.connect(treasury),
  };
}

type Ground = Awaited<ReturnType<typeof deployGround>>;

/** A pool of XME and `token` at the fair price, with room for its observations, and its model. */
async function openPool(
  { deployer, xme, factory }: Ground,
  token: { getAddress(): Promise<string> },
  fee: bigint,
  depth: bigint,
) {
  const [tokenAddress, xmeAddress] = [await addressOf(token), await addressOf(xme)];
  const tokenIsToken0 = BigInt(tokenAddress) < BigInt(xmeAddress);
  await (await factory.getFunction("createPool").send(tokenAddress, xmeAddress, fee)).wait();
  const poolAddress = (await factory.getFunction("getPool").staticCall(tokenAddress, xmeAddress, fee)) as Address;
  const pool = uniswapContract("pool", poolAddress, deployer);
  await (await pool.getFunction("initialize").send(fairSqrtPrice(tokenIsToken0))).wait();
  const model = new PoolModel(fee, fairSqrtPrice(tokenIsToken0), await now());
  await (await pool.getFunction("increaseObservationCardinalityNext").send(OBSERVATIONS)).wait();
  const maker = await ethers.deployContract("BuybackAttacker", [tokenAddress, xmeAddress, poolAddress]);
  const erc20 = await ethers.getContractAt("XMEX", tokenAddress);
  await erc20.transfer(maker, (depth * 11n) / 10n);
  await xme.transfer(maker, (depth * 11n) / 1_000n);
  const { tickLower, tickUpper } = attackRange(fee);
  await maker.provide(tickLower, tickUpper, depth / 10n);
  model.changeLiquidity(await now(), tickLower, tickUpper, depth / 10n);
  return { pool, poolAddress, maker, model, fee, depth, tokenIsToken0, tickLower, tickUpper };
}

/** A pool with XMEX, open for an hour, and somebody with a stock of both tokens. */
async function deployMarket({ fee = FEE, depth = DEPTH, tokenIsToken0 = false }: MarketOptions = {}) {
  const ground = await deployGround(tokenIsToken0);
  const { xme, xmex, timelock, burner } = ground;
  const market = await openPool(ground, xmex, fee, depth);
  const trader = await ethers.deployContract("BuybackAttacker", [xmex, xme, market.poolAddress]);
  await xmex.transfer(trader, 60_000_000_000n * WAD);
  await xme.transfer(trader, 800_000_000n * WAD);
  await xmex.transfer(timelock, 30_000_000_000n * WAD);
  await xmex.connect(ground.treasury).approve(burner, MaxUint256);
  await mineAt((await now()) + 2n * ORACLE_WINDOW);
  return { ...ground, ...market, trader };
}

type Market = Awaited<ReturnType<typeof deployMarket>>;

/** Starts a plan that pays with XMEX, and its model. */
async function startPlan(
  { governed, xmex, model, tokenIsToken0, fee }: Market,
  { total = 1_000_000n * WAD, slice = 100_000n * WAD, interval = DAY, lasts = 60n * DAY } = {},
) {
  const end = (await now()) + lasts;
  await governed.startPlan(xmex, fee, total, slice, interval, end);
  const planId = await governed.planCount();
  return { planId, end, plan: new BuybackPlan(model, tokenIsToken0, { total, slice, interval, end }) };
}

/** A market as it was at first, with a model of its own, because a fixture restores the chain and not the objects beside it. */
async function load(fixture: () => Promise<Market>): Promise<Market> {
  const world = await networkHelpers.loadFixture(fixture);
  return { ...world, model: world.model.copy() };
}

/** What the pool says, as the model says it. */
async function stateOf({ pool }: Pick<Market, "pool">) {
  const [sqrtPriceX96, tick] = (await pool.getFunction("slot0").staticCall()) as [bigint, bigint];
  return { sqrtPriceX96, tick, liquidity: (await pool.getFunction("liquidity").staticCall()) as bigint };
}

const modelState = ({ sqrtPriceX96, tick, liquidity }: PoolModel) => ({ sqrtPriceX96, tick, liquidity });

describe("BuybackBurner", () => {
  // One function for each fixture, because a fixture is known by its function.
  const ground = () => deployGround();
  const market = () => deployMarket();
  const mirrored = () => deployMarket({ tokenIsToken0: true });
  const markets = new Map(
    [...TICK_SPACINGS.keys()].flatMap((fee, position) =>
      [true, false].map((tokenIsToken0) => {
        const depth = SANDWICH_DEPTHS[(position + Number(tokenIsToken0)) % SANDWICH_DEPTHS.length] ?? DEPTH;
        const options = { fee, depth, tokenIsToken0 };
        const fixture = () => deployMarket(options);
        return [options, fixture] as const;
      }),
    ),
  );

  /** A burner whose factory and pool say what they are told, with a token that has the habits it is told. */
  async function staged() {
    const world = await deployGround();
    const { xme, timelock, manager, treasury } = world;
    const token = await ethers.deployContract("BuybackToken", [18]);
    const pool = await ethers.deployContract("BuybackPool", [token, xme]);
    const burner = await ethers.deployContract("BuybackBurner", [xme, pool, timelock, manager]);
    await xme.transfer(pool, 10n ** 26n);
    await token.transfer(timelock, 1n << 115n);
    await token.connect(treasury).approve(burner, MaxUint256);
    const tokenIsToken0 = BigInt(await addressOf(token)) < BigInt(await addressOf(xme));
    const state = { sqrtPriceX96: sqrtPriceAtTick(7n), tick: 7n, liquidity: 10n ** 24n, fee: FEE };
    await pool.setState(state.sqrtPriceX96, state.tick, state.liquidity);
    const inverse = (ORACLE_WINDOW << 128n) / state.liquidity;
    await pool.setOracle([0n, 7n * ORACLE_WINDOW], [0n, inverse], false);
    return { ...world, token, pool, burner, governed: burner.connect(treasury), tokenIsToken0, state, inverse };
  }

  /** The same with a plan of a million tokens that wants a thousand at a time. */
  async function stagedPlan() {
    const world = await staged();
    const end = (await now()) + 60n * DAY;
    await world.governed.startPlan(world.token, FEE, 1_000_000n * WAD, 1_000n * WAD, DAY, end);
    return { ...world, planId: 1n, end };
  }

  async function planned() {
    const world = await deployMarket();
    return { ...world, ...(await startPlan(world)) };
  }

  describe("constructor", () => {
    it("refuses each address that holds no contract", async () => {
      const { xme, factory, timelock, manager, burner, stranger } = await networkHelpers.loadFixture(ground);
      const good = [xme, factory, timelock, manager];
      for (const position of good.keys()) {
        const addresses = good.map((one, index) => (index === position ? stranger : one));
        await expect(ethers.deployContract("BuybackBurner", addresses as [typeof xme, string, string, string]))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_NoCode")
          .withArgs(stranger.address);
      }
    });

    it("shows what it works with, and has no plan", async () => {
      const { xme, factory, timelock, manager, burner, stranger } = await networkHelpers.loadFixture(ground);
      expect(await burner.xme()).to.equal(await addressOf(xme));
      expect(await burner.factory()).to.equal(await factory.getAddress());
      expect(await burner.treasury()).to.equal(await addressOf(timelock));
      expect(await burner.authority()).to.equal(await addressOf(manager));
      expect(await burner.ORACLE_WINDOW()).to.equal(ORACLE_WINDOW);
      expect(await burner.MAX_TICK_DEVIATION()).to.equal(MAX_TICK_DEVIATION);
      expect(await burner.MIN_INTERVAL()).to.equal(MIN_BUYBACK_INTERVAL);
      expect(await burner.MAX_DURATION()).to.equal(MAX_BUYBACK_DURATION);
      expect(await burner.planCount()).to.equal(0n);
      expect(await burner.lastPlanOf(stranger)).to.equal(0n);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("BuybackBurner");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("startPlan", () => {
    const terms = async () => ({
      total: 1_000n * WAD,
      slice: 100n * WAD,
      interval: DAY,
      end: (await now()) + 30n * DAY,
    });

    it("refuses everybody but governance", async () => {
      const { burner, xmex, stranger } = await load(market);
      const { total, slice, interval, end } = await terms();
      await expect(burner.connect(stranger).startPlan(xmex, FEE, total, slice, interval, end))
        .to.be.revertedWithCustomError(burner, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
    });

    it("refuses to pay with XME", async () => {
      const { burner, governed, xme } = await load(market);
      const { total, slice, interval, end } = await terms();
      await expect(governed.startPlan(xme, FEE, total, slice, interval, end)).to.be.revertedWithCustomError(
        burner,
        "BuybackBurner_TokenIsXme",
      );
    });

    it("refuses a slice of zero or above the total, and takes one of all of it", async () => {
      const { burner, governed, xmex } = await load(market);
      const { total, interval, end } = await terms();
      for (const [slice, all] of [
        [0n, total],
        [total + 1n, total],
        [0n, 0n],
      ] as const) {
        await expect(governed.startPlan(xmex, FEE, all, slice, interval, end))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_SliceOutOfRange")
          .withArgs(slice, all);
      }
      await governed.startPlan(xmex, FEE, total, total, interval, end);
      expect((await burner.plan(1n)).sliceAmount).to.equal(total);
    });

    it("refuses an interval below half an hour or above a year, and takes the two edges", async () => {
      const { burner, governed, xmex } = await load(market);
      const { total, slice, end } = await terms();
      for (const interval of [0n, MIN_BUYBACK_INTERVAL - 1n, MAX_BUYBACK_DURATION + 1n, MaxUint256]) {
        await expect(governed.startPlan(xmex, FEE, total, slice, interval, end))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_IntervalOutOfRange")
          .withArgs(interval, MIN_BUYBACK_INTERVAL, MAX_BUYBACK_DURATION);
      }
      for (const interval of [MIN_BUYBACK_INTERVAL, MAX_BUYBACK_DURATION]) {
        await governed.startPlan(xmex, FEE, total, slice, interval, end);
        const planId = await burner.planCount();
        expect((await burner.plan(planId)).interval).to.equal(interval);
        await governed.cancelPlan(planId);
      }
    });

    it("refuses an end that has come or lies more than a year ahead, and takes the two edges", async () => {
      const { burner, governed, xmex } = await load(market);
      const { total, slice, interval } = await terms();
      const startAt = async (time: bigint, end: bigint) => {
        await networkHelpers.time.setNextBlockTimestamp(time);
        return governed.startPlan(xmex, FEE, total, slice, interval, end);
      };
      let time = await now();
      for (const offset of [-1n, 0n, MAX_BUYBACK_DURATION + 1n]) {
        time += 100n;
        await expect(startAt(time, time + offset))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_EndOutOfRange")
          .withArgs(time + offset, time, time + MAX_BUYBACK_DURATION);
      }
      for (const offset of [1n, MAX_BUYBACK_DURATION]) {
        time += 100n;
        await startAt(time, time + offset);
        expect((await burner.plan(await burner.planCount())).end).to.equal(time + offset);
      }
    });

    it("refuses a token or a fee without a pool", async () => {
      const { burner, governed, xmex, timelock } = await load(market);
      const { total, slice, interval, end } = await terms();
      for (const [token, fee] of [
        [xmex, 500n],
        [timelock, FEE],
      ] as const) {
        await expect(governed.startPlan(await addressOf(token), fee, total, slice, interval, end))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_NoPool")
          .withArgs(await addressOf(token), fee);
      }
    });

    it("refuses a pool without a price, and one that opened less than half an hour ago", async () => {
      const { burner, governed, xme, xmex, factory, deployer } = await load(market);
      const { total, slice, interval, end } = await terms();
      await (await factory.getFunction("createPool").send(xmex, xme, 500n)).wait();
      const address = (await factory.getFunction("getPool").staticCall(xmex, xme, 500n)) as Address;
      const refused = async (time: bigint) => {
        await networkHelpers.time.setNextBlockTimestamp(time);
        await expect(governed.startPlan(xmex, 500n, total, slice, interval, end))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_OracleTooShort")
          .withArgs(address, ORACLE_WINDOW);
      };
      await refused((await now()) + 10n);
      const pool = uniswapContract("pool", address, deployer);
      await (await pool.getFunction("initialize").send(Q96)).wait();
      const opened = await now();
      await refused(opened + ORACLE_WINDOW - 1n);
      await networkHelpers.time.setNextBlockTimestamp(opened + ORACLE_WINDOW);
      await governed.startPlan(xmex, 500n, total, slice, interval, end);
    });

    it("refuses a second plan for a pool, and takes one when the first is spent, over or cancelled", async () => {
      const world = await load(market);
      const { burner, governed, xmex, poolAddress } = world;
      const { total, slice, interval, end } = await terms();
      const start = () => governed.startPlan(xmex, FEE, total, slice, interval, end);
      await startPlan(world, { total: WAD, slice: WAD, lasts: 3n * DAY });
      await expect(start())
        .to.be.revertedWithCustomError(burner, "BuybackBurner_PoolHasPlan")
        .withArgs(poolAddress, 1n);
      await burner.execute(1n);
      await startPlan(world, { lasts: 3n * DAY });
      expect(await burner.lastPlanOf(poolAddress)).to.equal(2n);
      const { end: over } = await burner.plan(2n);
      await networkHelpers.time.setNextBlockTimestamp(over - 1n);
      await expect(start())
        .to.be.revertedWithCustomError(burner, "BuybackBurner_PoolHasPlan")
        .withArgs(poolAddress, 2n);
      await networkHelpers.time.setNextBlockTimestamp(over);
      await start();
      await governed.cancelPlan(3n);
      await start();
      expect(await burner.lastPlanOf(poolAddress)).to.equal(4n);
    });

    it("waits from the last slice of the pool, whichever plan bought it", async () => {
      const world = await networkHelpers.loadFixture(planned);
      const { burner, governed } = world;
      await burner.execute(1n);
      const bought = await now();
      await governed.cancelPlan(1n);
      await startPlan(world, { interval: MIN_BUYBACK_INTERVAL });
      const due = bought + MIN_BUYBACK_INTERVAL;
      expect(await burner.dueAt(2n)).to.equal(due);
      // A plan that never bought hands on what it took over.
      await governed.cancelPlan(2n);
      await startPlan(world, { interval: MIN_BUYBACK_INTERVAL });
      await networkHelpers.time.setNextBlockTimestamp(due - 1n);
      await expect(burner.execute(3n)).to.be.revertedWithCustomError(burner, "BuybackBurner_NotDue").withArgs(3n, due);
      await networkHelpers.time.setNextBlockTimestamp(due);
      await burner.execute(3n);
    });

    it("refuses amounts beyond 128 bits", async () => {
      const { burner, governed, token } = await networkHelpers.loadFixture(staged);
      for (const slice of [1n, 1n << 128n]) {
        await expect(governed.startPlan(token, FEE, 1n << 128n, slice, DAY, (await now()) + DAY))
          .to.be.revertedWithCustomError(burner, "SafeCastOverflowedUintDowncast")
          .withArgs(128n, 1n << 128n);
      }
    });

    it("fails in the token when the treasury has not allowed it or has not got it", async () => {
      const { burner, governed, xmex, treasury } = await load(market);
      const { slice, interval, end } = await terms();
      const held = await xmex.balanceOf(treasury);
      await expect(governed.startPlan(xmex, FEE, held + 1n, slice, interval, end))
        .to.be.revertedWithCustomError(xmex, "ERC20InsufficientBalance")
        .withArgs(treasury.address, held, held + 1n);
      await xmex.connect(treasury).approve(burner, slice - 1n);
      await expect(governed.startPlan(xmex, FEE, slice, slice, interval, end))
        .to.be.revertedWithCustomError(xmex, "ERC20InsufficientAllowance")
        .withArgs(await addressOf(burner), slice - 1n, slice);
    });

    it("refuses a token that takes a fee on transfer", async () => {
      const { burner, governed, token } = await networkHelpers.loadFixture(staged);
      await token.setFee(1n);
      await expect(governed.startPlan(token, FEE, WAD, WAD, DAY, (await now()) + DAY))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_WrongAmountReceived")
        .withArgs(await addressOf(token), (WAD * 9_999n) / 10_000n, WAD);
    });

    it("takes the total from the treasury, keeps the terms and tells", async () => {
      for (const fixture of [market, mirrored]) {
        const { burner, governed, xmex, timelock, poolAddress, tokenIsToken0 } = await load(fixture);
        const { total, slice, interval, end } = await terms();
        const started = governed.startPlan(xmex, FEE, total, slice, interval, end);
        await expect(started).to.changeTokenBalances(ethers, xmex, [timelock, burner], [-total, total]);
        await expect(started)
          .to.emit(burner, "PlanStarted")
          .withArgs(1n, await addressOf(xmex), poolAddress, total, slice, interval, end);
        expect(
          await governed.startPlan.staticCall(xmex, FEE, total, slice, interval, end).catch(() => "refused"),
        ).to.equal("refused");
        expect(((await burner.plan(1n)) as unknown as Result).toObject()).to.deep.equal({
          token: await addressOf(xmex),
          end,
          interval,
          pool: poolAddress,
          poolFee: FEE,
          tokenIsToken0,
          lastSlice: 0n,
          sliceAmount: slice,
          left: total,
        });
        expect(await burner.dueAt(1n)).to.equal(0n);
        expect(await burner.lastPlanOf(poolAddress)).to.equal(1n);
      }
    });

    it("lets no plan spend another's tokens, though they are of one token", async () => {
      const world = await load(market);
      const { burner, governed, xmex, timelock } = world;
      await openPool(world, xmex, 500n, 1_000n * WAD);
      await mineAt((await now()) + ORACLE_WINDOW);
      const { end, plan: first } = await startPlan(world, { total: 3n * WAD, slice: 2n * WAD });
      await governed.startPlan(xmex, 500n, 5n * WAD, WAD / 100n, DAY, end);
      expect(await xmex.balanceOf(burner)).to.equal(8n * WAD);
      await burner.execute(1n);
      expect(first.execute(await now())).to.have.property("paid", 2n * WAD);
      await networkHelpers.time.increase(DAY);
      await burner.execute(1n);
      await burner.execute(2n);
      expect(await xmex.balanceOf(burner)).to.equal(5n * WAD - WAD / 100n);
      expect((await burner.plan(1n)).left).to.equal(0n);
      expect((await burner.plan(2n)).left).to.equal(5n * WAD - WAD / 100n);
      await expect(governed.cancelPlan(2n)).to.changeTokenBalance(ethers, xmex, timelock, 5n * WAD - WAD / 100n);
      expect(await xmex.balanceOf(burner)).to.equal(0n);
    });
  });

  describe("execute", () => {
    it("refuses a plan that was never started", async () => {
      const { burner, governed } = await networkHelpers.loadFixture(planned);
      for (const planId of [0n, 2n, MaxUint256]) {
        for (const call of [
          burner.execute,
          burner.plan,
          burner.dueAt,
          burner.quoteSlice,
          burner.close,
          governed.cancelPlan,
        ]) {
          await expect(call(planId))
            .to.be.revertedWithCustomError(burner, "BuybackBurner_UnknownPlan")
            .withArgs(planId);
        }
      }
    });

    it("refuses a plan that is spent or cancelled", async () => {
      const world = await load(market);
      const { burner, governed } = world;
      await startPlan(world, { total: WAD, slice: WAD });
      await burner.execute(1n);
      await networkHelpers.time.increase(DAY);
      await startPlan(world);
      await governed.cancelPlan(2n);
      for (const planId of [1n, 2n]) {
        await expect(burner.execute(planId))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_NothingLeft")
          .withArgs(planId);
      }
    });

    it("refuses a plan from its end on, and runs it the second before", async () => {
      const { burner, planId, end } = await networkHelpers.loadFixture(planned);
      const snapshot = await networkHelpers.takeSnapshot();
      await networkHelpers.time.setNextBlockTimestamp(end);
      await expect(burner.execute(planId))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_Ended")
        .withArgs(planId, end);
      await snapshot.restore();
      await networkHelpers.time.setNextBlockTimestamp(end - 1n);
      await expect(burner.execute(planId)).to.emit(burner, "SliceBurned");
    });

    it("refuses a slice before its interval is over, and makes up for no interval that was missed", async () => {
      const { burner, planId } = await networkHelpers.loadFixture(planned);
      await burner.execute(planId);
      let bought = await now();
      for (const late of [0n, 1n, 5n * DAY + 77n, 0n]) {
        const due = bought + DAY;
        expect(await burner.dueAt(planId)).to.equal(due);
        await networkHelpers.time.setNextBlockTimestamp(due - 1n);
        await expect(burner.execute(planId))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_NotDue")
          .withArgs(planId, due);
        bought = due + late;
        await networkHelpers.time.setNextBlockTimestamp(bought);
        await burner.execute(planId);
      }
      expect((await burner.plan(planId)).left).to.equal(500_000n * WAD);
    });

    it("refuses a pool that forgot, until it remembers half an hour again", async () => {
      const world = await networkHelpers.loadFixture(planned);
      const { burner, planId, poolAddress, trader } = world;
      // One more trade than there is room for, each in a block of its own.
      const first = await now();
      for (let trade = 0n; trade <= OBSERVATIONS; trade++) {
        const amount = (world.depth * 2n) / 1_000n;
        await (trade % 2n === 0n ? trader.buy(amount, 0n) : trader.sell(amount / FAIR_PRICE, 0n));
      }
      expect((await now()) - first).to.be.lessThan(ORACLE_WINDOW);
      await expect(burner.execute(planId))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_OracleTooShort")
        .withArgs(poolAddress, ORACLE_WINDOW);
      await networkHelpers.time.increase(ORACLE_WINDOW);
      await burner.execute(planId);
    });

    it("refuses a price more than 30 ticks off its average, and takes 30, on either side", async () => {
      const { burner, pool, planId, state, inverse, tokenIsToken0 } = await networkHelpers.loadFixture(stagedPlan);
      await pool.setSwap(1_000n * WAD, 2_000n * WAD, 1n);
      const snapshot = await networkHelpers.takeSnapshot();
      for (const mean of [-1_000n, 0n, 40n]) {
        await pool.setOracle([5n, 5n + mean * ORACLE_WINDOW], [0n, inverse], false);
        for (const offset of [-31n, 31n]) {
          await pool.setState(sqrtPriceAtTick(mean + offset), mean + offset, state.liquidity);
          await expect(burner.execute(planId))
            .to.be.revertedWithCustomError(burner, "BuybackBurner_PriceOffAverage")
            .withArgs(mean + offset, mean, MAX_TICK_DEVIATION);
        }
        for (const offset of [-30n, 30n]) {
          await pool.setState(sqrtPriceAtTick(mean + offset), mean + offset, state.liquidity);
          const terms = sliceTerms(
            { ...state, sqrtPriceX96: sqrtPriceAtTick(mean + offset), tick: mean + offset },
            { tick: mean, liquidity: (ORACLE_WINDOW << 128n) / inverse },
            tokenIsToken0,
            1_000n * WAD,
          );
          if (typeof terms === "string") throw new Error(terms);
          expect([...(await burner.quoteSlice(planId))]).to.deep.equal([terms.amountIn, terms.minXme(terms.amountIn)]);
        }
      }
      await snapshot.restore();
    });

    it("rounds the average tick down, also below zero", async () => {
      const { burner, pool, planId, state, inverse } = await networkHelpers.loadFixture(stagedPlan);
      await pool.setSwap(1_000n * WAD, 2_000n * WAD, 1n);
      for (const [sum, mean] of [
        [-1n, -1n],
        [-ORACLE_WINDOW, -1n],
        [-ORACLE_WINDOW - 1n, -2n],
        [ORACLE_WINDOW - 1n, 0n],
        [0n, 0n],
      ] as const) {
        await pool.setState(sqrtPriceAtTick(mean + 3n), mean + 3n, state.liquidity);
        await pool.setOracle([sum < 0n ? -sum : 0n, sum < 0n ? 0n : sum], [0n, inverse], false);
        await networkHelpers.time.increase(DAY);
        await expect(burner.execute(planId))
          .to.emit(burner, "SliceBurned")
          .withArgs(
            planId,
            (await ethers.getSigners())[0]?.address,
            1_000n * WAD,
            2_000n * WAD,
            (left: bigint) => left > 0n,
            mean + 3n,
            mean,
          );
      }
    });

    it("lets the sums of the oracle wrap around", async () => {
      const { burner, pool, planId, inverse } = await networkHelpers.loadFixture(stagedPlan);
      const quoted = await burner.quoteSlice(planId);
      const end = (1n << 55n) - 1n;
      await pool.setOracle(
        [end - 100n, 7n * ORACLE_WINDOW - (1n << 55n) - 101n],
        [(1n << 160n) - 5n, inverse - 5n],
        false,
      );
      expect([...(await burner.quoteSlice(planId))]).to.deep.equal([...quoted]);
    });

    it("refuses a pool with too little liquidity for a slice, and one that has none", async () => {
      const { burner, pool, planId, state } = await networkHelpers.loadFixture(stagedPlan);
      for (const liquidity of [0n, 600n]) {
        await pool.setState(state.sqrtPriceX96, state.tick, liquidity);
        await expect(burner.execute(planId))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_TooLittleLiquidity")
          .withArgs(await addressOf(pool), liquidity);
      }
    });

    it("refuses XME by one wei below the least for what was paid, and takes the least", async () => {
      const { burner, pool, planId, state, inverse, tokenIsToken0, xme } = await networkHelpers.loadFixture(stagedPlan);
      const mean = { tick: state.tick, liquidity: (ORACLE_WINDOW << 128n) / inverse };
      const terms = sliceTerms(state, mean, tokenIsToken0, 1_000n * WAD);
      if (typeof terms === "string") throw new Error(terms);
      for (const paid of [1n, 777n * WAD + 1n, 1_000n * WAD]) {
        const minimum = terms.minXme(paid);
        await pool.setSwap(paid, minimum - 1n, 1n);
        await expect(burner.execute(planId))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_BoughtTooLittle")
          .withArgs(minimum - 1n, minimum);
        await pool.setSwap(paid, minimum, 1n);
        const { left } = await burner.plan(planId);
        await expect(burner.execute(planId)).to.changeTokenBalance(ethers, xme, burner, 0n);
        expect((await burner.plan(planId)).left).to.equal(left - paid);
        expect(await pool.lastAmount()).to.equal(1_000n * WAD);
        expect(await pool.lastLimit()).to.equal(terms.sqrtPriceLimitX96);
        expect(await pool.lastZeroForOne()).to.equal(tokenIsToken0);
        await networkHelpers.time.increase(DAY);
      }
    });

    it("refuses a swap that pays more than the slice, though the plan has it", async () => {
      const { burner, pool, token, planId } = await networkHelpers.loadFixture(stagedPlan);
      await pool.setSwap(1_000n * WAD + 1n, 2_000n * WAD, 1n);
      await expect(burner.execute(planId))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_PaidTooMuch")
        .withArgs(1_000n * WAD + 1n, 1_000n * WAD);
      // A token that charges the sender on top comes to the same.
      await pool.setSwap(1_000n * WAD, 2_000n * WAD, 1n);
      await token.setSurcharge(5n);
      await expect(burner.execute(planId))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_PaidTooMuch")
        .withArgs(1_000n * WAD + 5n, 1_000n * WAD);
    });

    it("refuses an amount so small that it buys nothing", async () => {
      const world = await load(market);
      const { burner } = world;
      const { plan } = await startPlan(world, { total: 100n, slice: 50n });
      await expect(burner.execute(1n))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_BoughtTooLittle")
        .withArgs(0n, 1n);
      expect(plan.execute(await now())).to.equal("BoughtTooLittle");
    });

    it("lets no token call back into it", async () => {
      const { burner, pool, token, planId, governed, manager, treasury } = await networkHelpers.loadFixture(stagedPlan);
      await pool.setSwap(1_000n * WAD, 2_000n * WAD, 1n);
      await manager.connect(treasury).grantRole(0n, token, 0n);
      const reentered = burner.interface.getError("ReentrancyGuardReentrantCall")?.selector;
      const { interface: calls } = burner;
      const end = (await now()) + DAY;
      for (const call of [
        calls.encodeFunctionData("execute", [planId]),
        calls.encodeFunctionData("close", [planId]),
        calls.encodeFunctionData("cancelPlan", [planId]),
        calls.encodeFunctionData("startPlan", [await addressOf(token), FEE, 1n, 1n, DAY, end]),
      ]) {
        await token.setCall(burner, call);
        await burner.execute(planId);
        expect(await token.answer()).to.equal(reentered);
        await networkHelpers.time.increase(DAY);
      }
      await token.setCall(burner, calls.encodeFunctionData("execute", [planId]));
      await governed.cancelPlan(planId);
      expect(await token.answer()).to.equal(reentered);
      await token.setCall(burner, calls.encodeFunctionData("execute", [planId]));
      await governed.startPlan(token, FEE, WAD, WAD, DAY, (await now()) + DAY);
      expect(await token.answer()).to.equal(reentered);
      await networkHelpers.time.increase(DAY);
      await token.setCall(burner, calls.encodeFunctionData("execute", [planId]));
      await burner.close(2n);
      expect(await token.answer()).to.equal(reentered);
    });

    for (const [{ fee, tokenIsToken0, depth }, fixture] of markets) {
      it(`buys and burns what the model says, in the pool with ${fee} millionths where XMEX is token${tokenIsToken0 ? 0 : 1}`, async () => {
        const world = await load(fixture);
        const { burner, stranger, xme, xmex, model } = world;
        const most = largestSlice(fairSqrtPrice(tokenIsToken0), depth / 10n, fee, tokenIsToken0);
        const { planId, plan } = await startPlan(world, { total: 3n * depth, slice: 3n * depth });
        const supply = await xme.totalSupply();
        const time = (await now()) + 60n;
        await networkHelpers.time.setNextBlockTimestamp(time);
        const quoted = await burner.execute.staticCall(planId, { blockTag: "pending" });
        await networkHelpers.time.setNextBlockTimestamp(time);
        const executed = burner.connect(stranger).execute(planId);
        await executed;
        const expected = plan.execute(await now());
        if (typeof expected === "string") throw new Error(expected);
        // The averages of the oracle round, so the bound may lie a few units below the pool's own.
        expect(most - expected.paid >= 0n && most - expected.paid < most / 10n ** 12n).to.equal(true);
        expect([...quoted]).to.deep.equal([expected.paid, expected.burned]);
        const mean = model.mean(await now(), ORACLE_WINDOW);
        await expect(executed)
          .to.emit(burner, "SliceBurned")
          .withArgs(
            planId,
            stranger.address,
            expected.paid,
            expected.burned,
            plan.left,
            tokenIsToken0 ? -46_055n : 46_054n,
            mean?.tick,
          );
        await expect(executed).to.changeTokenBalances(
          ethers,
          xmex,
          [burner, world.poolAddress],
          [-expected.paid, expected.paid],
        );
        await expect(executed).to.changeTokenBalances(ethers, xme, [burner, stranger], [0n, 0n]);
        expect(await xme.totalSupply()).to.equal(supply - expected.burned);
        expect(await stateOf(world)).to.deep.equal(modelState(model));
        expect((await burner.plan(planId)).left).to.equal(plan.left);
        expect((await burner.plan(planId)).lastSlice).to.equal(await now());
      });
    }

    it("pays the least of the slice, of what is left and of what the pool bears", async () => {
      const world = await load(market);
      const { burner, governed, depth } = world;
      const bears = (depth * FEE) / 2_000_000n;
      const paidBy = async (planId: bigint) => (await burner.quoteSlice(planId)).amountIn;
      await startPlan(world, { total: 3n * WAD, slice: 2n * WAD });
      expect(await paidBy(1n)).to.equal(2n * WAD);
      await burner.execute(1n);
      await networkHelpers.time.increase(DAY);
      expect(await paidBy(1n)).to.equal(WAD);
      await burner.execute(1n);
      await networkHelpers.time.increase(DAY);
      await startPlan(world, { total: 2n * bears, slice: 2n * bears });
      const most = await paidBy(2n);
      expect(most <= bears + bears / 10n ** 6n && most > bears - bears / 10n ** 6n).to.equal(true);
      await governed.cancelPlan(2n);
    });

    it("is enlarged neither by liquidity that comes just before it nor by liquidity out of range", async () => {
      const world = await load(market);
      const { burner, trader, depth, tickLower, tickUpper } = world;
      await startPlan(world, { total: depth, slice: depth });
      const { amountIn } = await burner.quoteSlice(1n);
      await trader.provide(60_000n, 60_060n, depth);
      await trader.provide(tickLower, tickUpper, depth);
      const enlarged = (await burner.quoteSlice(1n)).amountIn;
      // The block that passed counts by the lesser liquidity, and no wei may come of the greater.
      expect(enlarged <= amountIn + amountIn / 100n).to.equal(true);
      expect(enlarged >= amountIn - amountIn / 10n ** 6n).to.equal(true);
    });

    it("is made smaller by liquidity that leaves just before it", async () => {
      const world = await load(market);
      const { burner, maker, model, depth, tickLower, tickUpper, tokenIsToken0 } = world;
      await startPlan(world, { total: depth, slice: depth });
      await maker.withdraw(tickLower, tickUpper, (depth / 100n) * 9n);
      const rest = largestSlice(model.sqrtPriceX96, depth / 10n - (depth / 100n) * 9n, FEE, tokenIsToken0);
      expect((await burner.quoteSlice(1n)).amountIn).to.equal(rest);
    });

    for (const [order, fixture] of [
      ["first", mirrored],
      ["second", market],
    ] as const) {
      it(`stops where the liquidity ends, and leaves the rest with the plan, where XMEX is the ${order} token`, async () => {
        const world = await load(fixture);
        const { burner, deployer, trader, maker, xme, model, depth, tickLower, tickUpper } = world;
        // Nearly all liquidity lies within the usable ticks around the price, and the price near their end.
        const inner: [bigint, bigint] = world.tokenIsToken0 ? [-46_080n, -46_020n] : [46_020n, 46_080n];
        await trader.provide(...inner, depth / 10n);
        model.changeLiquidity(await now(), ...inner, depth / 10n);
        await maker.withdraw(tickLower, tickUpper, (depth / 1_000n) * 99n);
        model.changeLiquidity(await now(), tickLower, tickUpper, (depth / 1_000n) * -99n);
        const near = sqrtPriceAtTick(world.tokenIsToken0 ? -46_079n : 46_079n);
        await trader.buy(depth, near);
        model.swap(await now(), world.tokenIsToken0, depth, near);
        await networkHelpers.time.increase(2n * ORACLE_WINDOW);
        const { planId, plan } = await startPlan(world, { total: depth, slice: depth });
        const quote = await burner.quoteSlice(planId);
        const supply = await xme.totalSupply();
        const { tick } = model;
        const executed = burner.execute(planId);
        await executed;
        const expected = plan.execute(await now());
        if (typeof expected === "string") throw new Error(expected);
        expect(expected.paid * 2n < quote.amountIn).to.equal(true);
        await expect(executed)
          .to.emit(burner, "SliceBurned")
          .withArgs(planId, deployer.address, expected.paid, expected.burned, depth - expected.paid, tick, tick);
        expect(supply - (await xme.totalSupply())).to.equal(expected.burned);
        expect((await burner.plan(planId)).left).to.equal(depth - expected.paid);
        expect(await stateOf(world)).to.deep.equal(modelState(model));
      });
    }

    it("touches neither XME nor tokens that somebody sent it", async () => {
      const world = await load(market);
      const { burner, deployer, xme, xmex, planId } = {
        ...world,
        ...(await startPlan(world, { total: WAD, slice: WAD })),
      };
      await xme.connect(deployer).transfer(burner, 5n);
      await xmex.connect(deployer).transfer(burner, 7n);
      await burner.execute(planId);
      expect(await xme.balanceOf(burner)).to.equal(5n);
      expect(await xmex.balanceOf(burner)).to.equal(7n);
    });

    it("spends a whole plan, slice by slice, and the supply falls by exactly what was bought", async () => {
      for (const fixture of [market, mirrored]) {
        const world = await load(fixture);
        const { burner, xme, xmex, model, stranger } = world;
        const total = 30_000_001n * WAD + 12_345n;
        const { planId, plan } = await startPlan(world, {
          total,
          slice: 2_500_000n * WAD,
          interval: MIN_BUYBACK_INTERVAL,
        });
        const supply = await xme.totalSupply();
        let [slices, paid, burned] = [0, 0n, 0n];
        while ((await burner.plan(planId)).left > 0n) {
          await burner.connect(stranger).execute(planId);
          const outcome = plan.execute(await now());
          if (typeof outcome === "string") throw new Error(outcome);
          slices++;
          paid += outcome.paid;
          burned += outcome.burned;
          expect(await xme.totalSupply()).to.equal(supply - burned);
          expect(await xmex.balanceOf(burner)).to.equal(plan.left);
          await networkHelpers.time.increase(MIN_BUYBACK_INTERVAL);
        }
        expect(slices).to.equal(13);
        expect(paid).to.equal(total);
        expect(await xme.balanceOf(burner)).to.equal(0n);
        expect(await xmex.balanceOf(burner)).to.equal(0n);
        expect(await stateOf(world)).to.deep.equal(modelState(model));
      }
    });

    it("works with a token of six decimals", async () => {
      const world = await networkHelpers.loadFixture(ground);
      const { burner, deployer, xme, factory, timelock, treasury, governed } = world;
      const dollar = await ethers.deployContract("BuybackToken", [6]);
      const [tokenAddress, xmeAddress] = [await addressOf(dollar), await addressOf(xme)];
      const tokenIsToken0 = BigInt(tokenAddress) < BigInt(xmeAddress);
      await (await factory.getFunction("createPool").send(tokenAddress, xmeAddress, FEE)).wait();
      const address = (await factory.getFunction("getPool").staticCall(tokenAddress, xmeAddress, FEE)) as Address;
      // A quarter of a dollar for one XME: 250,000 units for 1e18 wei.
      const sqrtPrice = tokenIsToken0 ? Q96 * 2n * 10n ** 6n : Q96 / (2n * 10n ** 6n);
      const pool = uniswapContract("pool", address, deployer);
      await (await pool.getFunction("initialize").send(sqrtPrice)).wait();
      const model = new PoolModel(FEE, sqrtPrice, await now());
      const maker = await ethers.deployContract("BuybackAttacker", [tokenAddress, xmeAddress, address]);
      await dollar.transfer(maker, 10n ** 13n);
      await xme.transfer(maker, 10n ** 25n);
      const { tickLower, tickUpper } = attackRange(FEE);
      const liquidity = 10n ** 12n * 2n * 10n ** 6n;
      await maker.provide(tickLower, tickUpper, liquidity);
      model.changeLiquidity(await now(), tickLower, tickUpper, liquidity);
      await networkHelpers.time.increase(ORACLE_WINDOW);
      await dollar.transfer(timelock, 10n ** 10n);
      await dollar.connect(treasury).approve(burner, 10n ** 10n);
      const end = (await now()) + 9n * DAY;
      await governed.startPlan(dollar, FEE, 10n ** 10n, 10n ** 6n, DAY, end);
      const plan = new BuybackPlan(model, tokenIsToken0, { total: 10n ** 10n, slice: 10n ** 6n, interval: DAY, end });
      const supply = await xme.totalSupply();
      await burner.execute(1n);
      const outcome = plan.execute(await now());
      if (typeof outcome === "string") throw new Error(outcome);
      expect(supply - (await xme.totalSupply())).to.equal(outcome.burned);
      // One dollar at a quarter each, less 0.3 %.
      expect(outcome.burned > (39n * WAD) / 10n && outcome.burned < 4n * WAD).to.equal(true);
    });

    it("costs about a swap of Uniswap V3, whatever plans there are", async () => {
      const world = await networkHelpers.loadFixture(planned);
      const { burner, planId, trader } = world;
      const gasOf = async (sent: ContractTransactionResponse) => (await sent.wait())?.gasUsed ?? 0n;
      await burner.execute(planId);
      const costs: bigint[] = [];
      for (let slice = 0; slice < 3; slice++) {
        await networkHelpers.time.increase(DAY);
        costs.push(await gasOf(await burner.execute(planId)));
      }
      const [first = 0n] = costs;
      const swap = await gasOf(await trader.buy(100_000n * WAD, 0n));
      if (process.env.XONOMY_SHOW_GAS) console.log("gas of a slice and of the swap alone", costs, swap);
      if (hre.globalOptions.coverage) return;
      expect(first).to.be.lessThan(190_000n);
      expect(costs.every((cost) => cost < first + 10_000n && cost > first - 10_000n)).to.equal(true);
    });
  });

  describe("uniswapV3SwapCallback", () => {
    it("pays nobody but the pool of the running swap", async () => {
      const { burner, stranger, xmex, poolAddress } = await networkHelpers.loadFixture(planned);
      const data = ethers.AbiCoder.defaultAbiCoder().encode(["address"], [await addressOf(xmex)]);
      await networkHelpers.setBalance(poolAddress, 10n ** 20n);
      for (const caller of [stranger, await ethers.getImpersonatedSigner(poolAddress)]) {
        await expect(burner.connect(caller).uniswapV3SwapCallback(1n, -1n, data))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_NotPool")
          .withArgs(caller.address);
      }
    });

    it("pays nobody else while the swap runs", async () => {
      const { burner, pool, token, planId } = await networkHelpers.loadFixture(stagedPlan);
      await pool.setSwap(500n * WAD, 2_000n * WAD, 1n);
      await pool.setTouches(true);
      const data = ethers.AbiCoder.defaultAbiCoder().encode(["address"], [await addressOf(token)]);
      await token.setCall(burner, burner.interface.encodeFunctionData("uniswapV3SwapCallback", [1n, 1n, data]));
      await expect(burner.execute(planId)).to.changeTokenBalances(
        ethers,
        token,
        [burner, pool, token],
        [-500n * WAD, 500n * WAD, 0n],
      );
      expect(await token.answer()).to.equal(
        burner.interface.encodeErrorResult("BuybackBurner_NotPool", [await addressOf(token)]),
      );
    });

    it("pays the pool once in a swap", async () => {
      const { burner, pool, planId } = await networkHelpers.loadFixture(stagedPlan);
      await pool.setSwap(500n * WAD, 2_000n * WAD, 2n);
      await expect(burner.execute(planId))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_NotPool")
        .withArgs(await addressOf(pool));
    });

    it("pays nothing where the pool asks for nothing", async () => {
      const { burner, pool, planId, token } = await networkHelpers.loadFixture(stagedPlan);
      await pool.setSwap(0n, 2_000n * WAD, 1n);
      await expect(burner.execute(planId)).to.changeTokenBalance(ethers, token, burner, 0n);
    });
  });

  describe("close", () => {
    it("refuses before the end", async () => {
      const { burner, planId, end } = await networkHelpers.loadFixture(planned);
      await networkHelpers.time.setNextBlockTimestamp(end - 1n);
      await expect(burner.close(planId))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_NotEnded")
        .withArgs(planId, end);
    });

    it("gives the treasury what is left from the end on, to anybody's call, and once", async () => {
      const { burner, planId, end, stranger, xmex, timelock } = await networkHelpers.loadFixture(planned);
      await burner.execute(planId);
      const left = 900_000n * WAD;
      await networkHelpers.time.setNextBlockTimestamp(end);
      const closed = burner.connect(stranger).close(planId);
      await expect(closed).to.changeTokenBalances(ethers, xmex, [burner, timelock, stranger], [-left, left, 0n]);
      await expect(closed).to.emit(burner, "PlanClosed").withArgs(planId, left);
      await expect(burner.close(planId))
        .to.be.revertedWithCustomError(burner, "BuybackBurner_NothingLeft")
        .withArgs(planId);
    });

    it("says how much without a transaction", async () => {
      const { burner, planId, end } = await networkHelpers.loadFixture(planned);
      await mineAt(end);
      expect(await burner.close.staticCall(planId)).to.equal(1_000_000n * WAD);
    });
  });

  describe("cancelPlan", () => {
    it("refuses everybody but governance", async () => {
      const { burner, planId, stranger } = await networkHelpers.loadFixture(planned);
      await expect(burner.connect(stranger).cancelPlan(planId))
        .to.be.revertedWithCustomError(burner, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
    });

    it("gives the treasury what is left, before and after the end, and once", async () => {
      const { burner, governed, planId, end, xmex, timelock } = await networkHelpers.loadFixture(planned);
      await burner.execute(planId);
      const left = 900_000n * WAD;
      const snapshot = await networkHelpers.takeSnapshot();
      for (const time of [(await now()) + 10n, end + DAY]) {
        await networkHelpers.time.setNextBlockTimestamp(time);
        const cancelled = governed.cancelPlan(planId);
        await expect(cancelled).to.changeTokenBalances(ethers, xmex, [burner, timelock], [-left, left]);
        await expect(cancelled).to.emit(burner, "PlanCancelled").withArgs(planId, left);
        await expect(governed.cancelPlan(planId))
          .to.be.revertedWithCustomError(burner, "BuybackBurner_NothingLeft")
          .withArgs(planId);
        if (time < end) await snapshot.restore();
      }
    });

    it("keeps a token's refusal of the treasury to the plan that pays with it", async () => {
      const { burner, governed, token, planId, timelock, pool } = await networkHelpers.loadFixture(stagedPlan);
      await token.setRefused(timelock);
      await expect(governed.cancelPlan(planId)).to.be.revertedWithCustomError(token, "BuybackToken_Refused");
      await pool.setSwap(1_000n * WAD, 2_000n * WAD, 1n);
      await burner.execute(planId);
      await token.setRefused(ZeroAddress);
      expect(await governed.cancelPlan.staticCall(planId)).to.equal(999_000n * WAD);
    });
  });

  describe("preview", () => {
    it("says what the slice pays and must give, or with which error it would be refused", async () => {
      const world = await load(market);
      const { burner, governed, poolAddress, trader, model, depth, tokenIsToken0 } = world;
      const refusalOf = async (planId: bigint) => {
        const { amountIn, minXme, refusal } = await burner.preview(planId);
        expect([amountIn, minXme]).to.deep.equal([0n, 0n]);
        const error = burner.interface.parseError(refusal);
        return [error?.name, ...(error?.args ?? [])] as unknown[];
      };
      expect(await refusalOf(1n)).to.deep.equal(["BuybackBurner_UnknownPlan", 1n]);
      const { plan } = await startPlan(world);
      const terms = plan.quote(await now());
      if (typeof terms === "string") throw new Error(terms);
      const minXme = terms.minXme(terms.amountIn);
      expect(((await burner.preview(1n)) as unknown as Result).toObject()).to.deep.equal({
        amountIn: terms.amountIn,
        minXme,
        refusal: "0x",
      });
      expect([...(await burner.quoteSlice(1n))]).to.deep.equal([terms.amountIn, minXme]);

      await burner.execute(1n);
      expect(await refusalOf(1n)).to.deep.equal(["BuybackBurner_NotDue", 1n, (await now()) + DAY]);
      await networkHelpers.time.increase(DAY);
      model.swap(await now(), tokenIsToken0, terms.amountIn, terms.sqrtPriceLimitX96);
      const snapshot = await networkHelpers.takeSnapshot();
      await trader.buy(depth / 100n, 0n);
      const { tick } = await stateOf(world);
      const [name, spot, mean] = await refusalOf(1n);
      expect([name, spot]).to.deep.equal(["BuybackBurner_PriceOffAverage", tick]);
      // The swap came one second after the block before it, so the average is what it was.
      expect(mean).to.equal(model.tick);
      await snapshot.restore();
      const { end } = await burner.plan(1n);
      await mineAt(end);
      expect(await refusalOf(1n)).to.deep.equal(["BuybackBurner_Ended", 1n, end]);
      await governed.cancelPlan(1n);
      expect(await refusalOf(1n)).to.deep.equal(["BuybackBurner_NothingLeft", 1n]);
      expect(await burner.lastPlanOf(poolAddress)).to.equal(1n);
    });

    it("names the oracle and the liquidity that are too little", async () => {
      const { burner, pool, planId, state, inverse } = await networkHelpers.loadFixture(stagedPlan);
      const refusalOf = async () => {
        const error = burner.interface.parseError((await burner.preview(planId)).refusal);
        return [error?.name, ...(error?.args ?? [])] as unknown[];
      };
      await pool.setState(state.sqrtPriceX96, state.tick, 1n);
      expect(await refusalOf()).to.deep.equal(["BuybackBurner_TooLittleLiquidity", await addressOf(pool), 1n]);
      await pool.setOracle([0n, 0n], [0n, inverse], true);
      expect(await refusalOf()).to.deep.equal(["BuybackBurner_OracleTooShort", await addressOf(pool), ORACLE_WINDOW]);
    });
  });

  describe(`days of random trades, liquidity and slices, seed ${SEED}`, () => {
    for (const [order, fixture] of [
      ["first", mirrored],
      ["second", market],
    ] as const) {
      it(`agrees with the model at every step, where XMEX is the ${order} token`, async () => {
        const world = await load(fixture);
        const { burner, deployer, trader, xme, model, depth, tokenIsToken0 } = world;
        const { planId, plan } = await startPlan(world, {
          total: 200_000_000n * WAD,
          slice: 4_000_000n * WAD,
          interval: MIN_BUYBACK_INTERVAL,
        });
        let supply = await xme.totalSupply();
        const positions: { range: [bigint, bigint]; liquidity: bigint }[] = [];
        const seen = new Map<string, number>();
        const slices = () => ({
          bought: seen.get("whole") ?? 0,
          refused: (seen.get("NotDue") ?? 0) + (seen.get("PriceOffAverage") ?? 0),
        });
        const everythingSeen = () => Math.min(...Object.values(slices())) > 5;
        for (let step = 0; step < effort(40, 160) || (step < 1_000 && !everythingSeen()); step++) {
          const roll = BigInt(id(`${SEED} ${order} ${step}`));
          const size = (roll >> 16n) % 1_000n;
          const kind = roll % 8n;
          if (kind <= 1n) {
            const amount = (depth * size) / 500_000n + 1n;
            const buys = ((roll >> 40n) & 1n) === 1n;
            const inXme = amount / FAIR_PRICE + 1n;
            if (buys && kind === 0n) {
              await trader.buyExactly(inXme);
              expect(model.buy(await now(), tokenIsToken0, inXme).received).to.equal(inXme);
            } else {
              await (buys ? trader.buy(amount, 0n) : trader.sell(inXme, 0n));
              model.swap(await now(), tokenIsToken0 === buys, buys ? amount : inXme);
            }
          } else if (kind === 2n) {
            const lower = (model.tick / 60n) * 60n - 60n * ((roll >> 50n) % 4n);
            const range: [bigint, bigint] = [lower, lower + 60n * (1n + ((roll >> 60n) % 5n))];
            const liquidity = (depth * (size + 1n)) / 5_000n;
            await trader.provide(...range, liquidity);
            model.changeLiquidity(await now(), ...range, liquidity);
            positions.push({ range, liquidity });
          } else if (kind === 3n) {
            const position = positions.pop();
            if (position === undefined) continue;
            await trader.withdraw(...position.range, position.liquidity);
            model.changeLiquidity(await now(), ...position.range, -position.liquidity);
          } else if (kind === 4n) {
            await networkHelpers.time.increase(60n * (1n + size));
          } else {
            const { amountIn, minXme, refusal } = await burner.preview(planId);
            const quoted = plan.quote(await now());
            if (typeof quoted === "string") {
              expect(burner.interface.parseError(refusal)?.name).to.equal(`BuybackBurner_${quoted}`);
            } else {
              expect([amountIn, minXme, refusal]).to.deep.equal([
                quoted.amountIn,
                quoted.minXme(quoted.amountIn),
                "0x",
              ]);
            }
            const time = (await now()) + 1n;
            await networkHelpers.time.setNextBlockTimestamp(time);
            const [spot, mean] = [model.tick, model.mean(time, ORACLE_WINDOW)];
            const outcome = plan.execute(time);
            const result = typeof outcome === "string" ? outcome : outcome.paid < amountIn ? "part" : "whole";
            seen.set(result, (seen.get(result) ?? 0) + 1);
            if (typeof outcome === "string") {
              await expect(burner.execute(planId)).to.be.revertedWithCustomError(burner, `BuybackBurner_${outcome}`);
              await mineAt(time + 1n);
            } else {
              await expect(burner.execute(planId))
                .to.emit(burner, "SliceBurned")
                .withArgs(planId, deployer.address, outcome.paid, outcome.burned, plan.left, spot, mean?.tick);
              supply -= outcome.burned;
              await networkHelpers.time.increase(MIN_BUYBACK_INTERVAL / 2n);
            }
            expect(await xme.totalSupply()).to.equal(supply);
            expect((await burner.plan(planId)).left).to.equal(plan.left);
            expect(await burner.dueAt(planId)).to.equal(plan.dueAt);
          }
          expect(await stateOf(world)).to.deep.equal(modelState(model));
        }
        expect(everythingSeen(), JSON.stringify(slices())).to.equal(true);
      });
    }
  });

  describe("a sandwich", () => {
    it("earns nothing in the model, for any capital, depth, fee, timing, liquidity and exit", () => {
      const rows = sandwichTable();
      // Depth and timing change nothing that is worth a line.
      const shown = rows.filter(({ depth, timing }) => depth === DEPTH && timing === "two blocks");
      console.log(`${formatSandwichTable(shown).replace(/^/gm, "      ")}\n`);
      expect(rows.length).to.equal(48);
      for (const row of rows) {
        expect(row.profit < 0n, `${row.fee} ${row.timing} ${row.providedPermille}`).to.equal(true);
        expect(row.providedPermille > 0n || row.provision === 0n).to.equal(true);
        // What providing liquidity earns is the pool's fee of a slice and no more.
        expect(row.provision * 1_000_000n <= row.outcome.slice.paid * row.fee).to.equal(true);
        expect(row.refused).to.be.greaterThan(0);
        expect(row.refused).to.be.lessThan(row.tries);
      }
    });

    it("would earn by a slice four times as large without a guard, in the same search", () => {
      for (const row of sandwichTable(4n)) expect(row.profit > 0n).to.equal(true);
    });

    for (const [options, fixture] of markets) {
      const { fee, depth, tokenIsToken0 } = options;
      const place = `with ${fee} millionths where XMEX is token${tokenIsToken0 ? 0 : 1}`;
      const kind = { fee, depth, tokenIsToken0 };

      /** How the contract is told an attack. */
      const told = ({ capital, providedPermille, exit }: Attack, boughtBefore = 0n): BuybackAttacker.AttackStruct => ({
        capital,
        boughtBefore,
        provided: ((depth / 10n) * providedPermille) / 1_000n,
        ...attackRange(fee),
        sellDownTo: exit === "what was bought" ? 0n : fairSqrtPrice(tokenIsToken0),
      });

      const gains = ({ tokenGained, xmeGained }: Pick<AttackOutcome, "tokenGained" | "xmeGained">) => [
        tokenGained,
        xmeGained,
      ];
      const capitals = [10n, 500n, 1_000n, 1_490n, 1_700n, 20_000n].map((ppm) => (depth * ppm) / 1_000_000n);

      it(`in one transaction is refused or earns nothing on Uniswap V3, as the model says, ${place}`, async () => {
        const world = await load(fixture);
        const { burner, trader, model: pool } = world;
        const { planId } = await startPlan(world, { total: depth, slice: depth });
        const call = burner.interface.encodeFunctionData("execute", [planId]);
        const found = { pool, at: await now() };
        let [refused, bought] = [0, 0];
        for (const providedPermille of [0n, 500n, 9_000n]) {
          const still: Attack = {
            ...kind,
            timing: "one transaction",
            capital: 0n,
            providedPermille,
            exit: "what was bought",
          };
          const provision = tryAttack(still, found).profit;
          for (const exit of ["what was bought", "down to the fair price"] as const) {
            for (const capital of [0n, ...capitals]) {
              const attack = { ...still, capital, exit };
              const expected = tryAttack(attack, found);
              const tried = trader.attack.staticCall(burner, call, told(attack));
              if (expected.refusal !== undefined) {
                await expect(tried).to.be.revertedWithCustomError(burner, `BuybackBurner_${expected.refusal}`);
                refused++;
                continue;
              }
              const { tokenGained, xmeGained, answer } = await tried;
              expect([tokenGained, xmeGained]).to.deep.equal(gains(expected));
              const [paid, burned] = ethers.AbiCoder.defaultAbiCoder().decode(
                ["uint256", "uint256"],
                answer,
              ) as unknown as bigint[];
              expect({ paid, burned }).to.deep.equal(expected.slice);
              expect(tokenGained + FAIR_PRICE * xmeGained - provision <= 0n, "an attack earned").to.equal(true);
              bought++;
            }
          }
        }
        expect([refused, bought]).to.deep.equal([12, 30]);
      });

      it(`across two blocks is refused or earns nothing on Uniswap V3, as the model says, ${place}`, async () => {
        const world = await load(fixture);
        const { burner, trader, xme, xmex, model: pool } = world;
        const { planId } = await startPlan(world, { total: depth, slice: depth });
        const call = burner.interface.encodeFunctionData("execute", [planId]);
        const stock = async () => [await xmex.balanceOf(trader), await xme.balanceOf(trader)] as const;
        const before = await stock();
        let refused = 0;
        for (const capital of capitals.slice(1, 5)) {
          const snapshot = await networkHelpers.takeSnapshot();
          await trader.buy(capital, 0n);
          const bought = (await stock())[1] - before[1];
          const found = { pool, at: await now() };
          const next = found.at + BLOCK_TIME;
          for (const providedPermille of [0n, 9_000n]) {
            const inner = await networkHelpers.takeSnapshot();
            const exit = providedPermille === 0n ? "what was bought" : "down to the fair price";
            const attack: Attack = { ...kind, timing: "two blocks", capital, providedPermille, exit };
            const expected = tryAttack(attack, found);
            const provision = tryAttack({ ...attack, capital: 0n, exit: "what was bought" }, found).profit;
            await networkHelpers.time.setNextBlockTimestamp(next);
            const tried = trader.attack(burner, call, told({ ...attack, capital: 0n }, bought));
            if (expected.refusal === undefined) {
              await tried;
              const after = await stock();
              const [tokenGained, xmeGained] = [after[0] - before[0], after[1] - before[1]];
              expect([tokenGained, xmeGained]).to.deep.equal(gains(expected));
              expect(tokenGained + FAIR_PRICE * xmeGained - provision <= 0n, "an attack earned").to.equal(true);
            } else {
              await expect(tried).to.be.revertedWithCustomError(burner, `BuybackBurner_${expected.refusal}`);
              refused++;
            }
            await inner.restore();
          }
          await snapshot.restore();
        }
        expect(refused).to.equal(2);
      });

      it(`earns by somebody who buys four times as much without a guard, on Uniswap V3 too, ${place}`, async () => {
        const { trader, maker, xmex } = await load(fixture);
        const unguarded = (4n * depth * fee) / 2_000_000n;
        await xmex.transfer(maker, unguarded);
        const call = maker.interface.encodeFunctionData("buy", [unguarded, 0n]);
        const attack: Attack = {
          ...kind,
          timing: "one transaction",
          capital: depth / 20n,
          providedPermille: 0n,
          exit: "what was bought",
          unguarded,
        };
        const expected = tryAttack(attack);
        const { tokenGained, xmeGained } = await trader.attack.staticCall(maker, call, told(attack));
        expect([tokenGained, xmeGained]).to.deep.equal(gains(expected));
        expect(expected.profit > 0n).to.equal(true);
      });
    }

    it("gives the plan no less XME where liquidity comes just for the slice", () => {
      for (const fee of TICK_SPACINGS.keys()) {
        for (const tokenIsToken0 of [true, false]) {
          const attack = {
            fee,
            depth: DEPTH,
            tokenIsToken0,
            timing: "one transaction",
            exit: "what was bought",
          } as const;
          const alone = tryAttack({ ...attack, capital: 0n, providedPermille: 0n });
          const provided = tryAttack({ ...attack, capital: 0n, providedPermille: 9_000n });
          const { paid, burned } = alone.slice;
          expect(provided.slice.burned * paid > burned * provided.slice.paid, "for each unit paid").to.equal(true);
          expect(provided.slice.burned > burned).to.equal(true);
        }
      }
    });
  });

  describe("a patient manipulator", () => {
    it("loses by one slice, earns nothing by two, and earns by several only where nobody trades in all that time: an honest limit", () => {
      const rows = patientTable();
      const shown = rows.filter(({ fee }) => fee === FEE);
      console.log(`${formatPatientTable(shown).replace(/^/gm, "      ")}\n`);
      expect(rows.length).to.equal(45);
      for (const { fee, raisedPpm, slices, gainPpm, lossToArbitragePpm, overpaidPpm } of rows) {
        if (slices === 1) expect(gainPpm < 0n).to.equal(true);
        if (slices === 2) expect(gainPpm <= 0n).to.equal(true);
        // What every holder of XME gains by the burn, he gains too: about the pool's fee for each slice, of which two pay for coming and going.
        expect(gainPpm * 20n <= BigInt(21 * slices - 39) * fee).to.equal(true);
        // Whoever trades first takes nearly half of what the price was raised by, and the fee.
        expect(lossToArbitragePpm > fee && lossToArbitragePpm < fee + raisedPpm / 2n).to.equal(true);
        expect(overpaidPpm > 0n).to.equal(true);
      }
    });

    it("has slices buy at the price that he holds for half an hour, and not before, on Uniswap V3 as in the model", async () => {
      const world = await load(market);
      const { burner, trader, xme, xmex, depth, model } = world;
      const { planId, plan } = await startPlan(world, { total: depth, slice: depth, interval: MIN_BUYBACK_INTERVAL });
      const raised = (fairSqrtPrice(false) * 105n) / 100n;
      const stock = async () => [await xmex.balanceOf(trader), await xme.balanceOf(trader)] as const;
      const before = await stock();
      await trader.buy(depth, raised);
      const bought = (await stock())[1] - before[1];
      const from = await now();
      model.swap(from, false, depth, raised);
      for (const passed of [12n, 600n, 1_200n, 1_700n]) {
        await networkHelpers.time.setNextBlockTimestamp(from + passed);
        await expect(burner.execute(planId)).to.be.revertedWithCustomError(burner, "BuybackBurner_PriceOffAverage");
        expect(plan.execute(from + passed)).to.equal("PriceOffAverage");
      }
      const gains: bigint[] = [];
      for (let slice = 1n; slice <= 4n; slice++) {
        await networkHelpers.time.setNextBlockTimestamp(from + slice * ORACLE_WINDOW);
        await burner.execute(planId);
        const outcome = plan.execute(await now());
        if (typeof outcome === "string") throw new Error(outcome);
        expect(outcome.paid > FAIR_PRICE * outcome.burned).to.equal(true);
        expect(await stateOf(world)).to.deep.equal(modelState(model));
        gains.push(before[0] * -1n + (await stock())[0] + (await trader.sell.staticCall(bought, 0n)));
      }
      expect(gains.map((gain) => gain > 0n)).to.deep.equal([false, false, true, true]);
    });

    it("loses what he raised the price by as soon as somebody else sells", async () => {
      const world = await load(market);
      const { burner, trader, maker, xme, xmex, depth } = world;
      await startPlan(world, { total: depth, slice: depth });
      const fair = fairSqrtPrice(false);
      const before = await xmex.balanceOf(trader);
      const xmeBefore = await xme.balanceOf(trader);
      await trader.buy(depth, (fair * 105n) / 100n);
      const bought = (await xme.balanceOf(trader)) - xmeBefore;
      await xme.transfer(maker, bought * 2n);
      await maker.sell(bought * 2n, fair);
      await networkHelpers.time.increase(ORACLE_WINDOW);
      await burner.execute(1n);
      const proceeds = await trader.sell.staticCall(bought, 0n);
      const spent = before - (await xmex.balanceOf(trader));
      expect(proceeds * 100n < spent * 96n).to.equal(true);
    });

    describe("who has provided liquidity for half an hour", () => {
      const capitals = [100n, 400n, 1_000n, 1_450n];

      it("earns nothing by moving the price around a slice where the own part is below one half, or below three quarters for half a slice", () => {
        for (const [fee] of TICK_SPACINGS) {
          for (const tokenIsToken0 of [true, false]) {
            for (const [slicePermille, half] of [
              [1_000n, 500n],
              [500n, 750n],
            ] as const) {
              for (const ppm of capitals) {
                const gainOf = (ownedPermille: bigint) => {
                  const capital = (DEPTH * ppm) / 1_000_000n;
                  return providerGainPpm({ fee, depth: DEPTH, tokenIsToken0, ownedPermille, slicePermille, capital });
                };
                for (const owned of [0n, 250n, half - 20n]) expect(gainOf(owned)).to.be.lessThan(0n);
                expect(gainOf(half)).to.be.at.most(0n);
              }
            }
          }
        }
      });

      it("takes at most the tolerance of a slice with more, in proportion to what the part is above one half: an honest limit", () => {
        for (const [fee] of TICK_SPACINGS) {
          for (const tokenIsToken0 of [true, false]) {
            for (const ownedPermille of [600n, 750n, 1_000n]) {
              const gains = capitals.map((ppm) => {
                const capital = (DEPTH * ppm) / 1_000_000n;
                return providerGainPpm({
                  fee,
                  depth: DEPTH,
                  tokenIsToken0,
                  ownedPermille,
                  slicePermille: 1_000n,
                  capital,
                });
              });
              const most = gains.reduce<bigint>((best, gain) => (gain !== undefined && gain > best ? gain : best), 0n);
              // 31 ticks of 0.01 %, for as much of the liquidity as is left when the others' part is taken off once more
              expect(most > 0n && most * 1_000n < 3_100n * (2n * ownedPermille - 1_000n)).to.equal(true);
            }
          }
        }
      });

      for (const ownedPermille of [450n, 600n, 990n]) {
        it(`gains or loses what the model says with ${ownedPermille} thousandths, on Uniswap V3`, async () => {
          const world = await load(market);
          const { burner, trader, maker, xme, xmex, depth, fee, tokenIsToken0, tickLower, tickUpper } = world;
          const owned = ((depth / 10n) * ownedPermille) / 1_000n;
          const most = largestSlice(fairSqrtPrice(tokenIsToken0), depth / 10n, fee, tokenIsToken0);
          const { planId } = await startPlan(world, { total: most, slice: most });
          await maker.withdraw(tickLower, tickUpper, owned);
          await trader.provide(tickLower, tickUpper, owned);
          await networkHelpers.time.increase(ORACLE_WINDOW);
          const gain = async (capital: bigint) => {
            const snapshot = await networkHelpers.takeSnapshot();
            const before = [await xmex.balanceOf(trader), await xme.balanceOf(trader)] as const;
            if (capital > 0n) await trader.buy(capital, 0n);
            const { amountIn } = await burner.quoteSlice(planId);
            await burner.execute(planId);
            await trader.sell(10n ** 26n, fairSqrtPrice(false));
            await trader.withdraw(tickLower, tickUpper, owned);
            const gained =
              (await xmex.balanceOf(trader)) - before[0] + FAIR_PRICE * ((await xme.balanceOf(trader)) - before[1]);
            await snapshot.restore();
            return { gained, amountIn };
          };
          const capital = (depth * 1_450n) / 1_000_000n;
          const [still, moved] = [await gain(0n), await gain(capital)];
          const gainPpm = ((moved.gained - still.gained) * 1_000_000n) / still.amountIn;
          const expected = providerGainPpm({
            fee,
            depth,
            tokenIsToken0,
            ownedPermille,
            slicePermille: 1_000n,
            capital,
          });
          if (expected === undefined) throw new Error("the slice was refused");
          expect(gainPpm - expected <= 1n && expected - gainPpm <= 1n, `${gainPpm} and ${expected}`).to.equal(true);
          expect(gainPpm > 0n).to.equal(ownedPermille > 500n);
        });
      }
    });
  });

  describe("TickMath", () => {
    const ticks = [
      ...[0n, 1n, 2n, MAX_TICK, MAX_TICK - 1n, 46_054n],
      ...Array.from({ length: 20 }, (_, bit) => 1n << BigInt(bit)).filter((tick) => tick <= MAX_TICK),
      ...Array.from({ length: effort(8, 24) }, (_, index) => BigInt(id(`${SEED} tick ${index}`)) % MAX_TICK),
    ].flatMap((tick) => [tick, -tick]);

    it("gives the prices that a pool of Uniswap V3 itself takes for these ticks, to the unit", async () => {
      const { factory, deployer, xme, xmex } = await networkHelpers.loadFixture(ground);
      const prober = await ethers.deployContract("BuybackTicks");
      await (await factory.getFunction("createPool").send(xme, xmex, 10_000n)).wait();
      const address = (await factory.getFunction("getPool").staticCall(xme, xmex, 10_000n)) as Address;
      const pool = uniswapContract("pool", address, deployer);
      await (await pool.getFunction("initialize").send(Q96)).wait();
      // The prices beyond both ends are none, so a pool cannot be moved to them.
      const inside = ticks.filter((tick) => tick > -MAX_TICK && tick < MAX_TICK);
      for (let from = 0; from < inside.length; from += 12) {
        const some = inside.slice(from, from + 12);
        const [at, below] = await prober.ask.staticCall(address, some);
        expect([...at]).to.deep.equal(some);
        expect([...below]).to.deep.equal(some.map((tick) => tick - 1n));
      }
    });

    it("gives the model's prices, and Uniswap V3's lowest and highest", async () => {
      const prober = await ethers.deployContract("BuybackTicks");
      for (const tick of ticks) expect(await prober.priceOf(tick)).to.equal(sqrtPriceAtTick(tick));
      expect(await prober.priceOf(-MAX_TICK)).to.equal(4_295_128_739n);
      expect(await prober.priceOf(MAX_TICK)).to.equal(
        1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n,
      );
    });

    it("refuses ticks beyond both ends", async () => {
      const prober = await ethers.deployContract("BuybackTicks");
      for (const tick of [MAX_TICK + 1n, -MAX_TICK - 1n, 1n << 200n]) {
        await expect(prober.priceOf(tick))
          .to.be.revertedWithCustomError(prober, "TickMath_TickOutOfRange")
          .withArgs(tick);
      }
    });
  });

  describe("a plan that holders voted for at genesis", () => {
    it("is approved and started in one proposal, run by anybody in the pool of genesis, and cancelled by another", async () => {
      const world = await deployAllocated(connection);
      const { timelock, governor, alice, xme, xmex, factory, manager, fee } = world;
      const burner = await ethers.deployContract("BuybackBurner", [xme, await factory.getAddress(), timelock, manager]);
      const { pool, address } = await poolState(world);
      await (await pool.getFunction("increaseObservationCardinalityNext").send(OBSERVATIONS)).wait();
      const [total, slice] = [500_000_000n * WAD, 5_000_000n * WAD];
      const end = (await now()) + 100n * DAY;
      const propose = async (targets: string[], calls: string[]) => {
        const values = targets.map(() => 0n);
        await timelock.connect(governor).scheduleBatch(targets, values, calls, ZeroHash, ZeroHash, TWO_DAYS);
        await networkHelpers.time.increase(TWO_DAYS);
        return timelock.connect(alice).executeBatch(targets, values, calls, ZeroHash, ZeroHash);
      };
      const { interface: calls } = burner;
      await propose(
        [await addressOf(xmex), await addressOf(burner)],
        [
          xmex.interface.encodeFunctionData("approve", [await addressOf(burner), total]),
          calls.encodeFunctionData("startPlan", [await addressOf(xmex), fee, total, slice, DAY, end]),
        ],
      );
      expect(await xmex.balanceOf(burner)).to.equal(total);
      expect(await burner.lastPlanOf(address)).to.equal(1n);
      const supply = await xme.totalSupply();
      const { paid, burned } = await burner.execute.staticCall(1n);
      await burner.connect(alice).execute(1n);
      expect(paid).to.equal(slice);
      expect(await xme.totalSupply()).to.equal(supply - burned);
      const before = await xmex.balanceOf(timelock);
      await propose([await addressOf(burner)], [calls.encodeFunctionData("cancelPlan", [1n])]);
      expect(await xmex.balanceOf(timelock)).to.equal(before + total - slice);
      expect(await xmex.balanceOf(burner)).to.equal(0n);
    });
  });
});
