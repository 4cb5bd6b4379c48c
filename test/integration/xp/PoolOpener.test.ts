import { expect } from "chai";
import { network } from "hardhat";

import { sqrtPriceAtTick, sqrtPriceOfAmounts, uniswapContract, type Address } from "../../../src/uniswap/index.js";
import { addressOf, deployPool, OBSERVATIONS, OPENING_PRICE, POOL_FEE, TOKEN_ORDERS } from "../../support/xpPool.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const SEED = process.env.XONOMY_SEED ?? ethers.hexlify(ethers.randomBytes(4));
const WAD = 10n ** 18n;
const MAX_OPENING_PRICE = 10n ** 36n;

describe("PoolOpener", () => {
  // One function for each fixture, because a fixture is known by its function.
  const worlds = {
    "XP first": () => deployPool(connection, "XP first", () => ethers.deployContract("TestDollar")),
    "payment first": () => deployPool(connection, "payment first", () => ethers.deployContract("TestDollar")),
  };

  async function slot0Of(pool: string) {
    return (await uniswapContract("pool", pool as Address, ethers.provider).getFunction("slot0")()) as {
      readonly sqrtPriceX96: bigint;
      readonly observationCardinality: bigint;
      readonly observationCardinalityNext: bigint;
    };
  }

  it("given terms that cannot be, should refuse", async () => {
    const { xp, payment, uniswap, alice } = await networkHelpers.loadFixture(worlds["XP first"]);
    const creator = await ethers.getContractFactory("PoolOpener");
    const nobody = alice.address;
    for (const [factory, first, second] of [
      [nobody, xp, payment],
      [uniswap.factory, nobody, payment],
      [uniswap.factory, xp, nobody],
    ] as const) {
      await expect(creator.deploy(factory, first, second, OPENING_PRICE, POOL_FEE, OBSERVATIONS))
        .to.be.revertedWithCustomError(creator, "PoolOpener_NoCode")
        .withArgs(nobody);
    }
    for (const price of [0n, MAX_OPENING_PRICE + 1n]) {
      await expect(creator.deploy(uniswap.factory, xp, payment, price, POOL_FEE, OBSERVATIONS))
        .to.be.revertedWithCustomError(creator, "PoolOpener_PriceOutOfBounds")
        .withArgs(price, MAX_OPENING_PRICE);
    }
    await expect(creator.deploy(uniswap.factory, xp, payment, OPENING_PRICE, 123n, OBSERVATIONS))
      .to.be.revertedWithCustomError(creator, "PoolOpener_FeeNotOffered")
      .withArgs(123n);
  });

  for (const order of TOKEN_ORDERS) {
    it(`given any price (${order}), should open the pool at the price that the model computes (seed ${SEED})`, async () => {
      const { xp, payment, uniswap, opener, pool } = await networkHelpers.loadFixture(worlds[order]);
      expect(await opener.pool()).to.equal(await addressOf(pool));
      const expected = (price: bigint): bigint =>
        order === "XP first" ? sqrtPriceOfAmounts(price, WAD) : sqrtPriceOfAmounts(WAD, price);
      expect((await slot0Of(await opener.pool())).sqrtPriceX96).to.equal(expected(OPENING_PRICE));
      const random = Array.from({ length: 8 }, (_, index) => {
        const dice = BigInt(ethers.id(`${SEED} ${String(index)}`));
        const magnitude = 10n ** (dice % 36n);
        return magnitude + ((dice >> 64n) % (9n * magnitude));
      });
      for (const price of [1n, MAX_OPENING_PRICE, ...random]) {
        const snapshot = await networkHelpers.takeSnapshot();
        const other = await ethers.deployContract("PoolOpener", [uniswap.factory, xp, payment, price, 500n, 1n]);
        const { sqrtPriceX96 } = await slot0Of(await other.pool());
        expect(sqrtPriceX96, String(price)).to.equal(expected(price));
        await snapshot.restore();
      }
    });
  }

  it("given room for 150 observations, the pool's oracle should remember as many", async () => {
    const { opener } = await networkHelpers.loadFixture(worlds["XP first"]);
    const transaction = opener.deploymentTransaction();
    await expect(transaction)
      .to.emit(opener, "PoolOpened")
      .withArgs(await opener.pool(), (await slot0Of(await opener.pool())).sqrtPriceX96, OBSERVATIONS, false);
    expect((await slot0Of(await opener.pool())).observationCardinalityNext).to.equal(OBSERVATIONS);
  });

  it("given somebody made the pool without a price, should give it the opening price", async () => {
    const { xp, payment, uniswap, bob } = await networkHelpers.loadFixture(worlds["XP first"]);
    await uniswapContract("factory", uniswap.factory, bob).getFunction("createPool").send(payment, xp, 500n);
    const opener = await ethers.deployContract("PoolOpener", [uniswap.factory, xp, payment, OPENING_PRICE, 500n, 2n]);
    const expected = sqrtPriceOfAmounts(OPENING_PRICE, WAD);
    await expect(opener.deploymentTransaction())
      .to.emit(opener, "PoolOpened")
      .withArgs(await opener.pool(), expected, 2n, false);
    expect((await slot0Of(await opener.pool())).sqrtPriceX96).to.equal(expected);
  });

  it("given somebody gave the pool a price, should leave it and make room for the oracle all the same", async () => {
    const { xp, payment, uniswap, bob } = await networkHelpers.loadFixture(worlds["XP first"]);
    const factory = uniswapContract("factory", uniswap.factory, bob);
    await factory.getFunction("createPool").send(payment, xp, 500n);
    const made = (await factory.getFunction("getPool")(xp, payment, 500n)) as Address;
    const theirs = sqrtPriceAtTick(800_000n);
    await uniswapContract("pool", made, bob).getFunction("initialize").send(theirs);
    const opener = await ethers.deployContract("PoolOpener", [uniswap.factory, xp, payment, OPENING_PRICE, 500n, 7n]);
    await expect(opener.deploymentTransaction()).to.emit(opener, "PoolOpened").withArgs(made, theirs, 7n, true);
    expect(await opener.pool()).to.equal(made);
    const { sqrtPriceX96, observationCardinalityNext } = await slot0Of(made);
    expect([sqrtPriceX96, observationCardinalityNext]).to.deep.equal([theirs, 7n]);
  });

  it("given a pool without liquidity, anybody should be able to move its price for nothing", async () => {
    const { payment, pool } = await networkHelpers.loadFixture(worlds["XP first"]);
    const target = sqrtPriceAtTick(12_345n);
    const mover = await ethers.deployContract("GenesisPoolMover");
    await mover.move(await addressOf(pool), target);
    expect((await slot0Of(await addressOf(pool))).sqrtPriceX96).to.equal(target);
    expect(await payment.totalSupply()).to.equal(0n);
  });
});
