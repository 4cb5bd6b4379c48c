import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import hre, { network } from "hardhat";

import {
  fullRange,
  MAX_TICK,
  sqrtPriceAtTick,
  sqrtPriceOfAmounts,
  swapExactInput,
  TICK_SPACINGS,
  tickAtSqrtPrice,
  uniswapContract,
  type Address,
} from "../../../src/uniswap/index.js";
import { openingPool, OPENING_PRICE_BOUNDS, XME_SUPPLY, XMEX_SUPPLY } from "../../../src/xme/genesis.js";
import { effort } from "../../support/effort.js";
import {
  accounts,
  addressOf,
  deployAllocated,
  deployGround,
  deployUnallocated,
  executeThroughTimelock,
  poolState,
  spendNoncesUntil,
  TWO_DAYS,
  type TokenOrder,
} from "../../support/xmeGenesis.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const SEED = process.env.XONOMY_SEED ?? ethers.hexlify(ethers.randomBytes(4));
const WAD = 10n ** 18n;
const FEE = 3_000n;
const MAX_UINT128 = (1n << 128n) - 1n;
const ORDERS = ["XME first", "XMEX first"] as const satisfies readonly TokenOrder[];
const TRANSACTION_GAS_CAP = 16_777_216n;
const XME_SHARE = XME_SUPPLY / 10n;
const XMEX_SHARE = XMEX_SUPPLY / 20n;

/** Opening prices at which rounding leaves exactly one unit of XME, or of XMEX, in either order of the tokens. */
const XME_LEFT_PRICE = 11_700_000_000_000_000n;
const XMEX_LEFT_PRICE = 50_005_000_000_000_000_000n;
/** The least gas with which `Genesis.allocate` starts. */
const MIN_ALLOCATE_GAS = 8_000_000n;

/** The lowest and the highest price that a pool can be given. */
const MIN_SQRT_PRICE = sqrtPriceAtTick(-MAX_TICK);
const MAX_SQRT_PRICE = sqrtPriceAtTick(MAX_TICK) - 1n;

describe("LiquiditySeeder", () => {
  // One function for each fixture, because a fixture is known by its function.
  const unallocated = {
    "XME first": () => deployUnallocated(connection, { order: "XME first" }),
    "XMEX first": () => deployUnallocated(connection, { order: "XMEX first" }),
  };
  const allocated = {
    "XME first": () => deployAllocated(connection, { order: "XME first" }),
    "XMEX first": () => deployAllocated(connection, { order: "XMEX first" }),
  };

  type World = Awaited<ReturnType<typeof deployUnallocated>>;

  /** The pool made by `attacker`, who gives it `sqrtPriceX96` unless that is zero. */
  async function makePool(
    world: Pick<World, "factory" | "xme" | "xmex" | "attacker">,
    fee: bigint,
    sqrtPriceX96: bigint,
  ) {
    const { factory, xme, xmex, attacker } = world;
    await factory.getFunction("createPool").send(xme, xmex, fee);
    const { address } = await poolState({ ...world, fee });
    const pool = uniswapContract("pool", address, attacker);
    if (sqrtPriceX96 !== 0n) await pool.getFunction("initialize").send(sqrtPriceX96);
    return { address, pool };
  }

  /** The pool must stand as the model says, with everything in its place. */
  async function expectOpened(world: Pick<World, "factory" | "xme" | "xmex" | "fee" | "model" | "timelock">) {
    const { model } = world;
    const { sqrtPriceX96, tick, liquidity, address } = await poolState(world);
    expect(sqrtPriceX96).to.equal(model.sqrtPriceX96);
    expect(tick).to.equal(model.tick);
    expect(liquidity).to.equal(model.liquidity);
    expect(await world.xme.balanceOf(address)).to.equal(model.xmeIn);
    expect(await world.xmex.balanceOf(address)).to.equal(model.xmexIn);
  }

  describe("when it is deployed", () => {
    async function ground() {
      const people = await accounts(connection);
      const parts = await deployGround(connection);
      const creator = await ethers.getContractFactory("LiquiditySeeder");
      const makers: Record<TokenOrder, string> = { "XME first": "", "XMEX first": "" };
      for (const order of ORDERS) {
        await spendNoncesUntil(order, people.deployer);
        makers[order] = await addressOf(await ethers.deployContract("GenesisStepByStep", [parts.timelock]));
      }
      return { ...people, ...parts, creator, makers };
    }

    it("given genesis or the position manager is no contract, should refuse", async () => {
      const { creator, makers, uniswap, alice } = await networkHelpers.loadFixture(ground);
      for (const [maker, manager] of [
        [alice.address, uniswap.positionManager],
        [makers["XME first"], alice.address],
      ] as const) {
        await expect(creator.deploy(maker, manager, WAD, FEE))
          .to.be.revertedWithCustomError(creator, "LiquiditySeeder_NoCode")
          .withArgs(alice.address);
      }
    });

    it("given a price out of bounds, should refuse", async () => {
      const { creator, makers, uniswap } = await networkHelpers.loadFixture(ground);
      const { minimum, maximum } = OPENING_PRICE_BOUNDS;
      for (const price of [0n, minimum - 1n, maximum + 1n]) {
        await expect(creator.deploy(makers["XME first"], uniswap.positionManager, price, FEE))
          .to.be.revertedWithCustomError(creator, "LiquiditySeeder_PriceOutOfBounds")
          .withArgs(price, minimum, maximum);
      }
    });

    it("given a fee that the factory does not offer, should refuse", async () => {
      const { creator, makers, uniswap } = await networkHelpers.loadFixture(ground);
      await expect(creator.deploy(makers["XME first"], uniswap.positionManager, WAD, 123n))
        .to.be.revertedWithCustomError(creator, "LiquiditySeeder_FeeNotOffered")
        .withArgs(123n);
    });

    it("given a fee whose usable ticks are too close, should refuse", async () => {
      const { creator, makers, factory, timelock, uniswap } = await networkHelpers.loadFixture(ground);
      const owner = await addressOf(timelock);
      await networkHelpers.setBalance(owner, WAD);
      await networkHelpers.impersonateAccount(owner);
      const asOwner = factory.connect(await ethers.getSigner(owner)) as typeof factory;
      for (const [fee, spacing] of [
        [100n, 1n],
        [400n, 9n],
      ] as const) {
        await asOwner.getFunction("enableFeeAmount").send(fee, spacing);
        await expect(creator.deploy(makers["XME first"], uniswap.positionManager, WAD, fee))
          .to.be.revertedWithCustomError(creator, "LiquiditySeeder_TickSpacingTooSmall")
          .withArgs(fee, spacing, 10n);
      }
      const closest = await creator.deploy(makers["XME first"], uniswap.positionManager, WAD, 500n);
      expect(await closest.MIN_TICK_SPACING()).to.equal(10n);
    });

    it("given sound terms, should show genesis, tokens, treasury, price, fee and range", async () => {
      const world = await networkHelpers.loadFixture(unallocated["XME first"]);
      const { liquiditySeeder: seeder, genesis, xme, xmex, timelock, uniswap } = world;
      expect(await seeder.genesis()).to.equal(await genesis.getAddress());
      expect(await seeder.positionManager()).to.equal(uniswap.positionManager);
      expect(await seeder.xme()).to.equal(await xme.getAddress());
      expect(await seeder.xmex()).to.equal(await xmex.getAddress());
      expect(await seeder.treasury()).to.equal(await timelock.getAddress());
      expect(await seeder.openingPriceWad()).to.equal(100n * WAD);
      expect(await seeder.fee()).to.equal(FEE);
      expect(await seeder.seeded()).to.equal(false);
      const range = { tickLower: await seeder.tickLower(), tickUpper: await seeder.tickUpper() };
      expect(range).to.deep.equal(fullRange(60n));
      expect(range).to.deep.equal({ tickLower: -887_220n, tickUpper: 887_220n });
    });

    it(`given any price, in both token orders, should keep the price as the model computes it (seed ${SEED})`, async () => {
      const { creator, makers, uniswap } = await networkHelpers.loadFixture(ground);
      const { minimum, maximum } = OPENING_PRICE_BOUNDS;
      // Spread over all orders of magnitude between the bounds.
      const random = Array.from({ length: effort(8, 30) }, (_, index) => {
        const dice = BigInt(ethers.id(`${SEED} ${String(index)}`));
        const magnitude = 10n ** (6n + (dice % 24n));
        return magnitude + ((dice >> 64n) % (9n * magnitude));
      });
      for (const price of [minimum, maximum, WAD, 100n * WAD, WAD / 100n, 123_456_789n * WAD + 1n, ...random]) {
        for (const order of ORDERS) {
          const seeder = await creator.deploy(makers[order], uniswap.positionManager, price, FEE);
          const [numerator, denominator] = order === "XME first" ? [price, WAD] : [WAD, price];
          expect(await seeder.openingSqrtPriceX96(), `${String(price)}, ${order}`).to.equal(
            sqrtPriceOfAmounts(numerator, denominator),
          );
        }
      }
    });
  });

  for (const order of ORDERS) {
    describe(`when the pool opens (${order})`, () => {
      it("should stand at the opening price with the model's liquidity", async () => {
        const world = await networkHelpers.loadFixture(allocated[order]);
        expect(world.model.xmeIsToken0).to.equal(order === "XME first");
        await expectOpened(world);
        // 100 XMEX for one XME, read off the pool: the square of the price, in whole numbers either way.
        const { sqrtPriceX96 } = await poolState(world);
        const square = sqrtPriceX96 ** 2n;
        const perXme = world.model.xmeIsToken0 ? (square * WAD) >> 192n : ((1n << 192n) * WAD) / square;
        expect(perXme).to.be.closeTo(100n * WAD, 10n);
      });

      it("should put in what the model says, and send the rest to the treasury", async () => {
        const world = await networkHelpers.loadFixture(unallocated[order]);
        const { genesis, recipients, liquiditySeeder, model, xme, xmex, timelock } = world;
        const allocation = await genesis.allocate(recipients);
        const { address } = await poolState(world);
        await expect(allocation)
          .to.emit(liquiditySeeder, "Seeded")
          .withArgs(address, 1n, model.liquidity, model.xmeIn, model.xmexIn, model.xmeLeft, model.xmexLeft);
        expect(model.xmeIn + model.xmeLeft).to.equal(XME_SHARE);
        expect(model.xmexIn + model.xmexLeft).to.equal(XMEX_SHARE);
        expect(await xme.balanceOf(address)).to.equal(model.xmeIn);
        expect(await xmex.balanceOf(address)).to.equal(model.xmexIn);
        expect(await xme.balanceOf(timelock)).to.equal((XME_SUPPLY * 25n) / 100n + model.xmeLeft);
        expect(await xmex.balanceOf(timelock)).to.equal((XMEX_SUPPLY * 5n) / 100n + model.xmexLeft);
        // At 100 XMEX for one XME all XMEX goes in, but for rounding, and half of the XME stays.
        expect(model.xmexLeft).to.be.lessThan(WAD);
        expect(model.xmeLeft).to.be.closeTo(XME_SHARE / 2n, WAD);
      });

      it("should leave nothing with itself, and no allowance", async () => {
        const { liquiditySeeder, xme, xmex, uniswap } = await networkHelpers.loadFixture(allocated[order]);
        for (const token of [xme, xmex]) {
          expect(await token.balanceOf(liquiditySeeder)).to.equal(0n);
          expect(await token.allowance(liquiditySeeder, uniswap.positionManager)).to.equal(0n);
        }
        expect(await liquiditySeeder.seeded()).to.equal(true);
      });

      it("should give the position to the timelock", async () => {
        const { positionManager, timelock, model } = await networkHelpers.loadFixture(allocated[order]);
        expect(await positionManager.getFunction("ownerOf").staticCall(1n)).to.equal(await timelock.getAddress());
        const position = (await positionManager.getFunction("positions").staticCall(1n)) as Record<string, bigint>;
        expect(position.liquidity).to.equal(model.liquidity);
        expect([position.tickLower, position.tickUpper]).to.deep.equal([model.tickLower, model.tickUpper]);
        expect(position.fee).to.equal(FEE);
      });

      it("should sell at the opening price less the fee, as the model says", async () => {
        const world = await networkHelpers.loadFixture(allocated[order]);
        const { model, alice, uniswap } = world;
        await fundFromTreasury(world, alice);
        const quoter = uniswapContract("quoter", uniswap.quoter, alice);
        let { sqrtPriceX96 } = model;
        for (const [sold, bought] of [
          [world.xme, world.xmex],
          [world.xmex, world.xme],
        ] as const) {
          const amountIn = 1_000n * WAD;
          const zeroForOne = (sold === world.xme) === model.xmeIsToken0;
          const outcome = swapExactInput({ liquidity: model.liquidity, sqrtPriceX96, fee: FEE, zeroForOne, amountIn });
          const quote = (await quoter.getFunction("quoteExactInputSingle").staticCall({
            tokenIn: sold,
            tokenOut: bought,
            amountIn,
            fee: FEE,
            sqrtPriceLimitX96: 0n,
          })) as [bigint, bigint];
          expect(quote.slice(0, 2)).to.deep.equal([outcome.amountOut, outcome.sqrtPriceX96]);
          const before = await bought.balanceOf(alice);
          await swap(world, alice, sold, bought, amountIn);
          expect((await bought.balanceOf(alice)) - before).to.equal(outcome.amountOut);
          sqrtPriceX96 = outcome.sqrtPriceX96;
          // 99.7 XMEX for each XME, and the other way round, within the little that the trade itself moves the price.
          const atOpening = sold === world.xme ? amountIn * 100n : amountIn / 100n;
          const fair = (atOpening * 997n) / 1_000n;
          expect(outcome.amountOut).to.be.closeTo(fair, fair / 10_000n);
        }
        expect((await poolState(world)).sqrtPriceX96).to.equal(sqrtPriceX96);
      });

      it("given swaps have paid fees, should let the timelock collect them, after its delay", async () => {
        const world = await networkHelpers.loadFixture(allocated[order]);
        const { alice, xme, xmex, timelock, positionManager, uniswap } = world;
        await fundFromTreasury(world, alice);
        await swap(world, alice, xme, xmex, 1_000n * WAD);
        const collect = positionManager.interface.encodeFunctionData("collect", [collectTo(await addressOf(timelock))]);
        const before = await xme.balanceOf(timelock);
        const args = [uniswap.positionManager, 0n, collect, ethers.ZeroHash, ethers.ZeroHash] as const;
        await expect(timelock.connect(alice).execute(...args)).to.be.revertedWithCustomError(
          timelock,
          "TimelockUnexpectedOperationState",
        );
        await executeThroughTimelock(connection, world, uniswap.positionManager, collect);
        // 0.3 % of what was sold, less the last unit, which rounding leaves in the pool.
        expect((await xme.balanceOf(timelock)) - before).to.be.closeTo(3n * WAD, 1n);
      });

      it("given swaps have paid fees, should let nobody else collect them", async () => {
        const world = await networkHelpers.loadFixture(allocated[order]);
        const { alice, attacker, deployer, xme, xmex, positionManager } = world;
        await fundFromTreasury(world, alice);
        await swap(world, alice, xme, xmex, 1_000n * WAD);
        for (const caller of [attacker, deployer]) {
          const asCaller = positionManager.connect(caller) as typeof positionManager;
          await expect(asCaller.getFunction("collect").staticCall(collectTo(caller.address))).to.be.revertedWith(
            "Not approved",
          );
        }
      });

      it("given the opening price of the supplies' liquidity shares, should leave nothing but rounding", async () => {
        const world = await deployAllocated(connection, { order, priceWad: 50n * WAD });
        await expectOpened(world);
        expect(world.model.xmeLeft).to.be.lessThan(WAD);
        expect(world.model.xmexLeft).to.be.lessThan(WAD);
      });
    });

    describe(`when the opening price leaves one unit on a side (${order})`, () => {
      for (const [side, priceWad] of [
        ["xmeLeft", XME_LEFT_PRICE],
        ["xmexLeft", XMEX_LEFT_PRICE],
      ] as const) {
        it(`should send it to the treasury (${side})`, async () => {
          const world = await deployAllocated(connection, { order, priceWad });
          const { model, liquiditySeeder, xme, xmex, timelock } = world;
          expect(model[side]).to.equal(1n);
          expect(await xme.balanceOf(liquiditySeeder)).to.equal(0n);
          expect(await xmex.balanceOf(liquiditySeeder)).to.equal(0n);
          expect(await xme.balanceOf(timelock)).to.equal((XME_SUPPLY * 25n) / 100n + model.xmeLeft);
          expect(await xmex.balanceOf(timelock)).to.equal((XMEX_SUPPLY * 5n) / 100n + model.xmexLeft);
        });
      }
    });

    describe(`when somebody else made the pool first (${order})`, () => {
      it("given it has no price, should give it the opening price", async () => {
        const world = await networkHelpers.loadFixture(unallocated[order]);
        await makePool(world, FEE, 0n);
        await world.genesis.allocate(world.recipients);
        await expectOpened(world);
      });

      it("given it has the opening price already, should use it", async () => {
        const world = await networkHelpers.loadFixture(unallocated[order]);
        await makePool(world, FEE, world.model.sqrtPriceX96);
        await expect(world.genesis.allocate(world.recipients)).to.not.emit(world.liquiditySeeder, "PriceCorrected");
        await expectOpened(world);
      });

      for (const fee of [FEE, 500n]) {
        it(`given its price moves while allocate is pending, should need no more gas than was estimated, for the fee ${String(fee)}`, async () => {
          const world = await deployUnallocated(connection, { order, fee });
          const { genesis, recipients, attacker, model } = world;
          const { address } = await makePool(world, fee, model.sqrtPriceX96);
          const gasLimit = await genesis.allocate.estimateGas(recipients);
          const mover = await ethers.deployContract("GenesisPoolMover");
          await mover.connect(attacker).move(address, order === "XME first" ? MIN_SQRT_PRICE + 1n : MAX_SQRT_PRICE);
          await genesis.allocate(recipients, { gasLimit });
          await expectOpened(world);
        });
      }

      it("given the longest way of a price, should need less gas than allocate asks for", async () => {
        // From the lowest price of the pool to the opening price that is highest for it, over the closest ticks.
        const { minimum, maximum } = OPENING_PRICE_BOUNDS;
        const priceWad = order === "XME first" ? maximum : minimum;
        const world = await deployUnallocated(connection, { order, fee: 500n, priceWad });
        const { genesis, recipients, liquiditySeeder } = world;
        const unmade = await networkHelpers.takeSnapshot();
        const creating = await (await genesis.allocate(recipients)).wait();
        await unmade.restore();
        await makePool(world, 500n, MIN_SQRT_PRICE);
        const allocation = await genesis.allocate(recipients);
        await expect(allocation).to.emit(liquiditySeeder, "PriceCorrected");
        const moving = await allocation.wait();
        if (hre.globalOptions.coverage === true) return;
        if (!creating || !moving) throw new Error("two receipts expected");
        for (const [what, { gasUsed }] of Object.entries({ creating, moving })) {
          // A third on top, for what the chain's prices of gas may become.
          expect((gasUsed * 4n) / 3n, what).to.be.lessThan(MIN_ALLOCATE_GAS);
        }
      });

      for (const fee of TICK_SPACINGS.keys()) {
        it(`given it has another price, should move it to the opening price, for the fee ${String(fee)}`, async () => {
          const world = await networkHelpers.loadFixture(unallocated[order]);
          const { genesis, uniswap, recipients, model } = world;
          const seeder = await ethers.deployContract("LiquiditySeeder", [
            genesis,
            uniswap.positionManager,
            100n * WAD,
            fee,
          ]);
          const { sqrtPriceX96: right } = model;
          const before = await networkHelpers.takeSnapshot();
          // The ends cost most, for any fee; what lies between does not depend on the fee.
          const between = fee === FEE ? [right / 10n, right - 1n, right + 1n, right * 10n] : [];
          for (const found of [MIN_SQRT_PRICE, ...between, MAX_SQRT_PRICE]) {
            const { address } = await makePool(world, fee, found);
            const allocation = await genesis.allocate({ ...recipients, liquiditySeeder: seeder });
            await expect(allocation).to.emit(seeder, "PriceCorrected").withArgs(address, found, right);
            await expectOpened({
              ...world,
              fee,
              model: openingPool({
                xme: await addressOf(world.xme),
                xmex: await addressOf(world.xmex),
                priceWad: 100n * WAD,
                fee,
                xmeAmount: XME_SHARE,
                xmexAmount: XMEX_SHARE,
              }),
            });
            const receipt = await allocation.wait();
            if (hre.globalOptions.coverage !== true) {
              expect(receipt?.gasUsed, `gas from ${String(found)}`).to.be.lessThan(TRANSACTION_GAS_CAP);
            }
            await before.restore();
          }
        });
      }

      it("given it has grown its list of observations, should open all the same", async () => {
        const world = await networkHelpers.loadFixture(unallocated[order]);
        const { pool } = await makePool(world, FEE, world.model.sqrtPriceX96 * 7n);
        await pool.getFunction("increaseObservationCardinalityNext").send(100n);
        await world.genesis.allocate(world.recipients);
        await expectOpened(world);
      });

      it("given somebody moves the price again and again before genesis, should move it back once", async () => {
        const world = await networkHelpers.loadFixture(unallocated[order]);
        const { model } = world;
        await makePool(world, FEE, model.sqrtPriceX96);
        // The attacker plays the seeder's own trick: a seeder of a genesis that never allocates moves the empty pool.
        for (const price of [7n, 1_000n, 3n]) {
          const mover = await ethers.deployContract("GenesisPoolMover");
          const { address } = await poolState(world);
          await mover.connect(world.attacker).move(address, model.sqrtPriceX96 * price);
          expect((await poolState(world)).sqrtPriceX96).to.equal(model.sqrtPriceX96 * price);
        }
        await world.genesis.allocate(world.recipients);
        await expectOpened(world);
      });
    });
  }

  describe("when somebody made the pool before the tokens existed", () => {
    it("should open at the opening price all the same", async () => {
      const { deployer, attacker } = await accounts(connection);
      const { timelock, uniswap, factory } = await deployGround(connection);
      const from = ethers.getCreateAddress({ from: deployer.address, nonce: (await deployer.getNonce()) + 2 });
      const [xme, xmex] = [1, 2].map((nonce) => ethers.getCreateAddress({ from, nonce }) as Address);
      if (xme === undefined || xmex === undefined) throw new Error("two addresses expected");
      const terms = { xme, xmex, priceWad: 100n * WAD, fee: FEE, xmeAmount: XME_SHARE, xmexAmount: XMEX_SHARE };
      const model = openingPool(terms);

      // Two transactions of the deployer's account, so that the next one creates genesis where it was foreseen.
      await factory.getFunction("createPool").send(xme, xmex, FEE);
      const pool = { factory, xme: { getAddress: async () => xme }, xmex: { getAddress: async () => xmex }, fee: FEE };
      const { address } = await poolState(pool);
      await uniswapContract("pool", address, deployer)
        .getFunction("initialize")
        .send(model.sqrtPriceX96 * 9n);
      // Without tokens the price cannot even be moved, because a pool asks its tokens for its balances.
      const mover = await ethers.getContractFactory("GenesisPoolMover", attacker);
      await expect((await mover.deploy()).move(address, model.sqrtPriceX96 * 7n)).to.be.revert(ethers);

      const maker = await ethers.deployContract("GenesisStepByStep", [timelock]);
      expect([await maker.xme(), await maker.xmex()]).to.deep.equal([xme, xmex]);
      const seeder = await ethers.deployContract("LiquiditySeeder", [maker, uniswap.positionManager, 100n * WAD, FEE]);
      await maker.fund(seeder, XME_SHARE, XMEX_SHARE);
      await maker.seed(seeder);
      const { sqrtPriceX96, liquidity } = await poolState(pool);
      expect([sqrtPriceX96, liquidity]).to.deep.equal([model.sqrtPriceX96, model.liquidity]);
    });
  });

  describe("when tokens got out before the pool opens, which genesis rules out", () => {
    async function stepByStep() {
      const people = await accounts(connection);
      const parts = await deployGround(connection);
      await spendNoncesUntil("XME first", people.deployer);
      const maker = await ethers.deployContract("GenesisStepByStep", [parts.timelock]);
      const xme = await ethers.getContractAt("XME", await maker.xme());
      const xmex = await ethers.getContractAt("XMEX", await maker.xmex());
      const seederFor = (fee: bigint) =>
        ethers.deployContract("LiquiditySeeder", [maker, parts.uniswap.positionManager, 100n * WAD, fee]);
      const seeder = await seederFor(FEE);
      await maker.fund(seeder, XME_SHARE, XMEX_SHARE);
      await maker.fund(people.attacker, 1_000n * WAD, 100_000n * WAD);
      const model = openingPool({
        xme: await addressOf(xme),
        xmex: await addressOf(xmex),
        priceWad: 100n * WAD,
        fee: FEE,
        xmeAmount: XME_SHARE,
        xmexAmount: XMEX_SHARE,
      });
      return { ...people, ...parts, maker, xme, xmex, seeder, seederFor, model, fee: FEE };
    }

    /** A position of the attacker between two ticks. */
    async function addLiquidity(
      world: Awaited<ReturnType<typeof stepByStep>>,
      tickLower: bigint,
      tickUpper: bigint,
    ): Promise<void> {
      const { attacker, xme, xmex, uniswap, model } = world;
      for (const token of [xme, xmex])
        await token.connect(attacker).approve(uniswap.positionManager, ethers.MaxUint256);
      const [token0, token1] = model.xmeIsToken0 ? [xme, xmex] : [xmex, xme];
      await uniswapContract("positionManager", uniswap.positionManager, attacker)
        .getFunction("mint")
        .send({
          token0,
          token1,
          fee: FEE,
          tickLower,
          tickUpper,
          amount0Desired: await token0.balanceOf(attacker),
          amount1Desired: await token1.balanceOf(attacker),
          amount0Min: 0n,
          amount1Min: 0n,
          recipient: attacker,
          deadline: 2n ** 40n,
        });
    }

    /** The usable tick at or below the tick of `sqrtPriceX96`. */
    function usableTick(sqrtPriceX96: bigint): bigint {
      const tick = tickAtSqrtPrice(sqrtPriceX96);
      return tick - (((tick % 60n) + 60n) % 60n);
    }

    it("given liquidity between the pool's price and the opening price, should refuse, and keep its tokens", async () => {
      const world = await networkHelpers.loadFixture(stepByStep);
      const { maker, seeder, xme, xmex, model } = world;
      await makePool(world, FEE, model.sqrtPriceX96 * 10n);
      const between = usableTick(model.sqrtPriceX96 * 3n);
      await addLiquidity(world, between, between + 60n);
      const priceBefore = (await poolState(world)).sqrtPriceX96;
      await expect(maker.seed(seeder)).to.be.revertedWithCustomError(seeder, "LiquiditySeeder_PoolNotEmpty");
      expect(await seeder.seeded()).to.equal(false);
      expect(await xme.balanceOf(seeder)).to.equal(XME_SHARE);
      expect(await xmex.balanceOf(seeder)).to.equal(XMEX_SHARE);
      expect((await poolState(world)).sqrtPriceX96).to.equal(priceBefore);
    });

    it("given liquidity between the prices, should open with a new seeder for another fee", async () => {
      const world = await networkHelpers.loadFixture(stepByStep);
      const { maker, seeder, seederFor, model } = world;
      await makePool(world, FEE, model.sqrtPriceX96 * 10n);
      const between = usableTick(model.sqrtPriceX96 * 3n);
      await addLiquidity(world, between, between + 60n);
      await expect(maker.seed(seeder)).to.be.revertedWithCustomError(seeder, "LiquiditySeeder_PoolNotEmpty");
      const other = await seederFor(10_000n);
      await maker.fund(other, XME_SHARE, XMEX_SHARE);
      await maker.seed(other);
      expect((await poolState({ ...world, fee: 10_000n })).sqrtPriceX96).to.equal(model.sqrtPriceX96);
    });

    it("given liquidity away from the path, should open at the opening price", async () => {
      const world = await networkHelpers.loadFixture(stepByStep);
      const { maker, seeder, model } = world;
      await makePool(world, FEE, model.sqrtPriceX96 * 10n);
      const beyond = usableTick(model.sqrtPriceX96 / 3n);
      await addLiquidity(world, beyond, beyond + 60n);
      await maker.seed(seeder);
      const { sqrtPriceX96, liquidity } = await poolState(world);
      expect(sqrtPriceX96).to.equal(model.sqrtPriceX96);
      expect(liquidity).to.equal(model.liquidity);
    });

    it("given liquidity at the opening price, should join it", async () => {
      const world = await networkHelpers.loadFixture(stepByStep);
      const { maker, seeder, model, positionManager, timelock } = world;
      await makePool(world, FEE, model.sqrtPriceX96);
      const around = usableTick(model.sqrtPriceX96);
      await addLiquidity(world, around - 60n, around + 120n);
      const { liquidity: theirs } = await poolState(world);
      expect(theirs).to.be.greaterThan(0n);
      await maker.seed(seeder);
      const { sqrtPriceX96, liquidity } = await poolState(world);
      expect(sqrtPriceX96).to.equal(model.sqrtPriceX96);
      expect(liquidity).to.equal(theirs + model.liquidity);
      expect(await positionManager.getFunction("ownerOf").staticCall(2n)).to.equal(await timelock.getAddress());
    });

    it("given genesis starts it a second time, should refuse", async () => {
      const { maker, seeder } = await networkHelpers.loadFixture(stepByStep);
      await maker.seed(seeder);
      await maker.fund(seeder, WAD, 100n * WAD);
      await expect(maker.seed(seeder)).to.be.revertedWithCustomError(seeder, "LiquiditySeeder_AlreadySeeded");
    });
  });

  describe("when somebody interferes", () => {
    it("given anybody but genesis starts it, should refuse", async () => {
      const { liquiditySeeder, deployer, attacker } = await networkHelpers.loadFixture(unallocated["XME first"]);
      for (const caller of [deployer, attacker]) {
        await expect(liquiditySeeder.connect(caller).seed())
          .to.be.revertedWithCustomError(liquiditySeeder, "LiquiditySeeder_NotGenesis")
          .withArgs(caller.address);
      }
    });

    it("given anybody calls the swap callback, should move nothing, and refuse to pay", async () => {
      const { liquiditySeeder: seeder, attacker } = await networkHelpers.loadFixture(unallocated["XME first"]);
      const callback = (amount0: bigint, amount1: bigint) =>
        seeder.connect(attacker).uniswapV3SwapCallback.staticCall(amount0, amount1, "0x");
      await callback(0n, 0n);
      for (const [amount0, amount1] of [
        [1n, 0n],
        [0n, 1n],
        [-1n, 0n],
      ] as const) {
        await expect(callback(amount0, amount1))
          .to.be.revertedWithCustomError(seeder, "LiquiditySeeder_PoolNotEmpty")
          .withArgs(amount0, amount1);
      }
    });
  });

  /** Everything that the position has earned, to `recipient`. */
  function collectTo(recipient: string) {
    return { tokenId: 1n, recipient, amount0Max: MAX_UINT128, amount1Max: MAX_UINT128 };
  }

  /** Gives `account` a million of either token, as a grant of the treasury. */
  async function fundFromTreasury(world: World, account: HardhatEthersSigner): Promise<void> {
    const { timelock, governor, xme, xmex } = world;
    const targets = [await addressOf(xme), await addressOf(xmex)];
    const transfer = xme.interface.encodeFunctionData("transfer", [account.address, 1_000_000n * WAD]);
    const { ZeroHash } = ethers;
    await timelock
      .connect(governor)
      .scheduleBatch(targets, [0n, 0n], [transfer, transfer], ZeroHash, ZeroHash, TWO_DAYS);
    await networkHelpers.time.increase(TWO_DAYS);
    await timelock.executeBatch(targets, [0n, 0n], [transfer, transfer], ZeroHash, ZeroHash);
  }

  /** Sells `amountIn` through Uniswap's router. */
  async function swap(
    world: World,
    account: HardhatEthersSigner,
    sold: World["xme"],
    bought: World["xme"],
    amountIn: bigint,
  ): Promise<void> {
    const router = uniswapContract("router", world.uniswap.router, account);
    await sold.connect(account).approve(world.uniswap.router, amountIn);
    await router.getFunction("exactInputSingle").send({
      tokenIn: sold,
      tokenOut: bought,
      fee: FEE,
      recipient: account,
      deadline: 2n ** 40n,
      amountIn,
      amountOutMinimum: 0n,
      sqrtPriceLimitX96: 0n,
    });
  }
});
