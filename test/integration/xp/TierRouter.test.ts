import { expect } from "chai";
import { MaxUint256, Signature } from "ethers";
import { network } from "hardhat";

import { swapExactOutput, uniswapContract, type Address } from "../../../src/uniswap/index.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import {
  addressOf,
  deployPool,
  POOL_FEE,
  provideLiquidity,
  TOKEN_ORDERS,
  type TokenOrder,
} from "../../support/xpPool.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const SEED = process.env.XONOMY_SEED ?? ethers.hexlify(ethers.randomBytes(4));
const XP = 10n ** 18n;
const DOLLAR = 10n ** 6n;
const DAY = 86_400n;
/** XP in the pool: four times what the dearest tier of the source costs. */
const LIQUIDITY = 20_000_000n * XP;
/** The source's Gold. */
const COST = 250_000n * XP;
const TIER = 3n;
/** Basic's: no tier has a higher one. */
const ANY_FEE = 250n;
const PLENTY = 10_000_000n * DOLLAR;
const ROUTER = 3n;

describe("TierRouter", () => {
  async function worldOf(order: TokenOrder) {
    const world = await deployPool(connection, order, () => ethers.deployContract("TestDollar"));
    const { xp, payment, uniswap, provider, alice } = world;
    const tiers = await ethers.deployContract("RouterTiers", [xp]);
    const router = await ethers.deployContract("TierRouter", [xp, payment, tiers, uniswap.factory, POOL_FEE]);
    await payment.faucet(provider, PLENTY);
    await provideLiquidity(world, LIQUIDITY);
    await payment.faucet(alice, PLENTY);
    await payment.connect(alice).approve(router, MaxUint256);
    await tiers.setCost(COST, 0n);
    return { ...world, tiers, router };
  }

  async function hostileWorld() {
    const world = await deployPool(connection, "XP first", () => ethers.deployContract("RouterToken"));
    const { xp, payment, uniswap, provider, alice } = world;
    const tiers = await ethers.deployContract("RouterTiers", [xp]);
    const router = await ethers.deployContract("TierRouter", [xp, payment, tiers, uniswap.factory, POOL_FEE]);
    for (const who of [provider, alice]) await payment.mint(who, PLENTY);
    await provideLiquidity(world, LIQUIDITY);
    await payment.connect(alice).approve(router, MaxUint256);
    await tiers.setCost(COST, 0n);
    return { ...world, tiers, router };
  }

  // One function for each fixture, because a fixture is known by its function.
  const worlds = {
    "XP first": () => worldOf("XP first"),
    "payment first": () => worldOf("payment first"),
  };
  type World = Awaited<ReturnType<typeof worldOf>>;

  /** What the pool's state says that `amountOut` of XP costs. */
  async function modelCost({ pool, order }: Pick<World, "pool" | "order">, amountOut: bigint): Promise<bigint> {
    const [{ sqrtPriceX96 }, liquidity] = (await Promise.all([
      pool.getFunction("slot0")(),
      pool.getFunction("liquidity")(),
    ])) as [{ sqrtPriceX96: bigint }, bigint];
    return swapExactOutput({ liquidity, sqrtPriceX96, fee: POOL_FEE, zeroForOne: order === "payment first", amountOut })
      .amountIn;
  }

  /** Everything that a purchase could leave behind or take from somebody. */
  async function holdings({ xp, payment, router, alice, pool }: World) {
    const of = async (who: string) => [await xp.balanceOf(who), await payment.balanceOf(who)] as const;
    return {
      router: await of(await router.getAddress()),
      alice: await of(alice.address),
      pool: await of(await addressOf(pool)),
      supply: await xp.totalSupply(),
    };
  }

  const later = async (): Promise<bigint> => BigInt(await networkHelpers.time.latest()) + DAY;

  describe("when it is deployed", () => {
    it("given an address that must be a contract and is none, should refuse", async () => {
      const { xp, payment, tiers, uniswap, alice } = await networkHelpers.loadFixture(worlds["XP first"]);
      const creator = await ethers.getContractFactory("TierRouter");
      const nobody = alice.address;
      for (const [a, b, c, d] of [
        [nobody, payment, tiers, uniswap.factory],
        [xp, nobody, tiers, uniswap.factory],
        [xp, payment, nobody, uniswap.factory],
        [xp, payment, tiers, nobody],
      ] as const) {
        await expect(creator.deploy(a, b, c, d, POOL_FEE))
          .to.be.revertedWithCustomError(creator, "TierRouter_NoCode")
          .withArgs(nobody);
      }
    });

    it("given the factory has no pool of the two tokens with the fee, should refuse", async () => {
      const { xp, payment, tiers, uniswap } = await networkHelpers.loadFixture(worlds["XP first"]);
      const creator = await ethers.getContractFactory("TierRouter");
      await expect(creator.deploy(xp, payment, tiers, uniswap.factory, 500n))
        .to.be.revertedWithCustomError(creator, "TierRouter_NoPool")
        .withArgs(await xp.getAddress(), await payment.getAddress(), 500n);
    });

    it("given sound parts, should show tokens, tiers and pool", async () => {
      const { xp, payment, tiers, router, pool } = await networkHelpers.loadFixture(worlds["XP first"]);
      expect(await router.xp()).to.equal(await xp.getAddress());
      expect(await router.paymentToken()).to.equal(await payment.getAddress());
      expect(await router.feeTiers()).to.equal(await tiers.getAddress());
      expect(await router.pool()).to.equal(await addressOf(pool));
    });
  });

  for (const order of TOKEN_ORDERS) {
    describe(`when a tier is bought (${order})`, () => {
      it("should pay what the model and Uniswap's quoter say, burn what the tier costs and keep nothing", async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { xp, payment, router, tiers, alice, pool, uniswap, deployer } = world;
        expect(BigInt(await xp.getAddress()) < BigInt(await payment.getAddress())).to.equal(order === "XP first");
        const expected = await modelCost(world, COST);
        const [quoted] = (await uniswapContract("quoter", uniswap.quoter, deployer)
          .getFunction("quoteExactOutputSingle")
          .staticCall({ tokenIn: payment, tokenOut: xp, amount: COST, fee: POOL_FEE, sqrtPriceLimitX96: 0n })) as [
          bigint,
        ];
        expect(quoted).to.equal(expected);
        // A quarter million at two cents, the pool's fee, and the price that so much moves.
        expect(expected).to.be.within(5_015n * DOLLAR, 5_100n * DOLLAR);

        const before = await holdings(world);
        const purchase = router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, await later());
        await expect(purchase).to.emit(router, "BoughtAndBurned").withArgs(alice.address, TIER, expected, COST);
        await expect(purchase).to.emit(tiers, "Burned").withArgs(alice.address, TIER, ANY_FEE, COST, COST);
        const after = await holdings(world);
        expect(after.router).to.deep.equal([0n, 0n]);
        expect(after.alice).to.deep.equal([0n, before.alice[1] - expected]);
        expect(after.pool).to.deep.equal([before.pool[0] - COST, before.pool[1] + expected]);
        expect(after.supply).to.equal(before.supply - COST);
        expect(await addressOf(pool)).to.equal(await router.pool());
      });

      it(`given any cost, should pay the model's amount to the unit (seed ${SEED})`, async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { router, tiers, alice } = world;
        const deadline = await later();
        const costs = Array.from({ length: 24 }, (_, index) => {
          const dice = BigInt(ethers.id(`${SEED} ${order} ${String(index)}`));
          const magnitude = 10n ** (dice % 24n);
          return magnitude + ((dice >> 64n) % (9n * magnitude));
        });
        let spent = 0n;
        // One after the other in the same pool, so that the price wanders too.
        for (const cost of [1n, ...costs]) {
          await tiers.setCost(cost, 0n);
          const expected = await modelCost(world, cost);
          const before = await world.payment.balanceOf(alice);
          await router.connect(alice).buyAndBurn(TIER, ANY_FEE, MaxUint256, deadline);
          expect(before - (await world.payment.balanceOf(alice)), String(cost)).to.equal(expected);
          expect((await holdings(world)).router).to.deep.equal([0n, 0n]);
          spent += expected;
        }
        expect(spent).to.be.greaterThan(0n);
      });

      it("given tokens that somebody sent here before, should leave them as they are", async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { xp, payment, router, deployer, alice } = world;
        const gift = [COST, 9_000n * DOLLAR] as const;
        await xp.connect(deployer).mint(router, gift[0]);
        await payment.faucet(router, gift[1]);
        const expected = await modelCost(world, COST);
        const before = await holdings(world);
        await router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, await later());
        const after = await holdings(world);
        expect(after.router).to.deep.equal(gift);
        expect(after.alice[1]).to.equal(before.alice[1] - expected);
        expect(after.supply).to.equal(before.supply - COST);
      });

      it("given a payment of exactly the maximum, should buy; of one unit more, should refuse", async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { router, alice } = world;
        const expected = await modelCost(world, COST);
        const deadline = await later();
        await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, expected - 1n, deadline))
          .to.be.revertedWithCustomError(router, "TierRouter_PaymentAboveMaximum")
          .withArgs(expected, expected - 1n);
        await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, expected, deadline))
          .to.emit(router, "BoughtAndBurned")
          .withArgs(alice.address, TIER, expected, COST);
      });

      it("given the deadline's own second, should buy; one later, should refuse", async () => {
        const { router, alice } = await networkHelpers.loadFixture(worlds[order]);
        const deadline = await later();
        await networkHelpers.time.setNextBlockTimestamp(deadline);
        await router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, deadline);
        await networkHelpers.time.setNextBlockTimestamp(deadline + 1n);
        await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, deadline))
          .to.be.revertedWithCustomError(router, "TierRouter_DeadlinePassed")
          .withArgs(deadline, deadline + 1n);
      });

      it("given a pool that holds less than the tier costs, should refuse and say how much there was", async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { xp, router, tiers, alice, pool } = world;
        const held = await xp.balanceOf(await addressOf(pool));
        await tiers.setCost(held + 1n, 0n);
        const refused = router.connect(alice).buyAndBurn(TIER, ANY_FEE, MaxUint256, await later());
        // The last of the XP is beyond the last usable price, so the pool gives a little less than it holds.
        const nearly = (given: bigint): boolean => given <= held && given > (held * 99_999n) / 100_000n;
        await expect(refused)
          .to.be.revertedWithCustomError(router, "TierRouter_NotEnoughLiquidity")
          .withArgs(held + 1n, nearly);
      });

      it("given a pool without liquidity, should refuse", async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { xp, payment, uniswap, tiers, alice } = world;
        await ethers.deployContract("PoolOpener", [uniswap.factory, xp, payment, 20_000n, 10_000n, 1n]);
        const router = await ethers.deployContract("TierRouter", [xp, payment, tiers, uniswap.factory, 10_000n]);
        await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, MaxUint256, await later()))
          .to.be.revertedWithCustomError(router, "TierRouter_NotEnoughLiquidity")
          .withArgs(COST, 0n);
      });

      it("given a credit that covers the tier, should buy nothing and need no allowance", async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { payment, router, tiers, alice } = world;
        await tiers.setCost(0n, COST);
        await payment.connect(alice).approve(router, 0n);
        const before = await holdings(world);
        const purchase = router.connect(alice).buyAndBurn(TIER, ANY_FEE, 0n, await later());
        await expect(purchase).to.emit(router, "BoughtAndBurned").withArgs(alice.address, TIER, 0n, 0n);
        await expect(purchase).to.emit(tiers, "Burned").withArgs(alice.address, TIER, ANY_FEE, 0n, 0n);
        expect(await holdings(world)).to.deep.equal(before);
      });

      it("given a buyer who allowed too little or has too little, should fail with the token's error", async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { payment, router, alice, bob } = world;
        const expected = await modelCost(world, COST);
        const deadline = await later();
        await payment.connect(alice).approve(router, expected - 1n);
        await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, deadline))
          .to.be.revertedWithCustomError(payment, "ERC20InsufficientAllowance")
          .withArgs(await router.getAddress(), expected - 1n, expected);
        await payment.faucet(bob, expected - 1n);
        await payment.connect(bob).approve(router, expected);
        await expect(router.connect(bob).buyAndBurn(TIER, ANY_FEE, PLENTY, deadline))
          .to.be.revertedWithCustomError(payment, "ERC20InsufficientBalance")
          .withArgs(bob.address, expected - 1n, expected);
      });

      it("given fee tiers that refuse, should fail with their error", async () => {
        const { router, tiers, alice } = await networkHelpers.loadFixture(worlds[order]);
        const deadline = await later();
        await expect(router.connect(alice).buyAndBurn(0n, ANY_FEE, PLENTY, deadline))
          .to.be.revertedWithCustomError(tiers, "RouterTiers_NotForSale")
          .withArgs(0n);
        await expect(router.quoteBuyAndBurn.staticCall(alice, 0n))
          .to.be.revertedWithCustomError(tiers, "RouterTiers_NotForSale")
          .withArgs(0n);
      });
    });

    describe(`when a price is asked for (${order})`, () => {
      it("should say what a purchase in the same block pays and burns, and move nothing", async () => {
        const world = await networkHelpers.loadFixture(worlds[order]);
        const { router, alice } = world;
        const expected = await modelCost(world, COST);
        const before = await holdings(world);
        expect(await router.quoteBuyAndBurn.staticCall(alice, TIER)).to.deep.equal([expected, COST]);
        // In a transaction it moves no more than in a call.
        await router.quoteBuyAndBurn(alice, TIER);
        expect(await holdings(world)).to.deep.equal(before);
        expect(await router.connect(alice).buyAndBurn.staticCall(TIER, ANY_FEE, PLENTY, MaxUint256)).to.deep.equal([
          expected,
          COST,
        ]);
      });

      it("given a credit that covers the tier, should say zero", async () => {
        const { router, tiers, alice } = await networkHelpers.loadFixture(worlds[order]);
        await tiers.setCost(0n, COST);
        expect(await router.quoteBuyAndBurn.staticCall(alice, TIER)).to.deep.equal([0n, 0n]);
      });

      it("given a pool that holds less, should refuse as the purchase does", async () => {
        const { router, tiers, alice } = await networkHelpers.loadFixture(worlds[order]);
        await tiers.setCost(2n * LIQUIDITY, 0n);
        await expect(router.quoteBuyAndBurn.staticCall(alice, TIER))
          .to.be.revertedWithCustomError(router, "TierRouter_NotEnoughLiquidity")
          .withArgs(2n * LIQUIDITY, (given: bigint) => given < LIQUIDITY);
      });

      it("given a pool without a price, should fail with the pool's error", async () => {
        const { xp, payment, tiers, uniswap, deployer, alice } = await networkHelpers.loadFixture(worlds[order]);
        await uniswapContract("factory", uniswap.factory, deployer).getFunction("createPool").send(xp, payment, 500n);
        const router = await ethers.deployContract("TierRouter", [xp, payment, tiers, uniswap.factory, 500n]);
        await expect(router.quoteBuyAndBurn.staticCall(alice, TIER)).to.be.revertedWith("LOK");
      });
    });
  }

  describe("when it is signed for instead of allowed", () => {
    async function signed() {
      const world = await worldOf("payment first");
      const { payment, router, alice } = world;
      await payment.connect(alice).approve(router, 0n);
      const maximum = 6_000n * DOLLAR;
      const deadline = await later();
      const domain = {
        name: "Xonomy Test Dollar",
        version: "1",
        chainId: 31_337n,
        verifyingContract: await payment.getAddress(),
      };
      const message = { owner: alice.address, spender: await router.getAddress(), value: maximum, nonce: 0n, deadline };
      const { v, r, s } = Signature.from(await alice.signTypedData(domain, PERMIT_TYPES, message));
      return { ...world, maximum, deadline, v, r, s };
    }

    it("should buy without an allowance", async () => {
      const { router, alice, maximum, deadline, v, r, s, ...world } = await networkHelpers.loadFixture(signed);
      const expected = await modelCost(world, COST);
      await expect(router.connect(alice).buyAndBurnWithPermit(TIER, ANY_FEE, maximum, deadline, v, r, s))
        .to.emit(router, "BoughtAndBurned")
        .withArgs(alice.address, TIER, expected, COST);
      expect(await world.payment.allowance(alice, router)).to.equal(maximum - expected);
    });

    it("given somebody used the signature first, should buy all the same", async () => {
      const { router, payment, alice, bob, maximum, deadline, v, r, s } = await networkHelpers.loadFixture(signed);
      await payment.connect(bob).permit(alice, router, maximum, deadline, v, r, s);
      await expect(router.connect(alice).buyAndBurnWithPermit(TIER, ANY_FEE, maximum, deadline, v, r, s)).to.emit(
        router,
        "BoughtAndBurned",
      );
    });

    it("given a signature that is none, should fail with the token's error unless enough is allowed", async () => {
      const { router, payment, alice, bob, maximum, deadline, v, r, s, ...world } =
        await networkHelpers.loadFixture(signed);
      const expected = await modelCost(world, COST);
      const buy = (by: typeof alice) =>
        router.connect(by).buyAndBurnWithPermit(TIER, ANY_FEE, maximum, deadline, v, r, s);
      // Alice's signature in Bob's hands allows nothing of Bob's, and nothing of Alice's is taken.
      await payment.faucet(bob, PLENTY);
      await expect(buy(bob))
        .to.be.revertedWithCustomError(payment, "ERC20InsufficientAllowance")
        .withArgs(await router.getAddress(), 0n, expected);
      await payment.connect(bob).approve(router, expected);
      const before = await payment.balanceOf(alice);
      await buy(bob);
      expect(await payment.balanceOf(alice)).to.equal(before);
      await expect(router.connect(alice).buyAndBurnWithPermit(TIER, ANY_FEE, maximum, deadline - 2n * DAY, v, r, s))
        .to.be.revertedWithCustomError(router, "TierRouter_DeadlinePassed")
        .withArgs(deadline - 2n * DAY, (time: bigint) => time > deadline - 2n * DAY);
    });
  });

  describe("given somebody hostile", () => {
    it("when anybody but the pool asks for payment, should refuse, another pool of the factory too", async () => {
      const world = await networkHelpers.loadFixture(worlds["XP first"]);
      const { xp, payment, router, alice, bob, uniswap, deployer } = world;
      // What the real callback would be told, with the victim as payer: Alice has allowed the router everything.
      const data = ethers.AbiCoder.defaultAbiCoder().encode(
        ["address", "uint256", "uint256"],
        [alice.address, 0n, MaxUint256],
      );
      await expect(router.connect(bob).uniswapV3SwapCallback(-1n, PLENTY, data))
        .to.be.revertedWithCustomError(router, "TierRouter_NotPool")
        .withArgs(bob.address);
      const other = await ethers.deployContract("PoolOpener", [uniswap.factory, xp, payment, 20_000n, 500n, 1n]);
      const stranger = await other.pool();
      await networkHelpers.impersonateAccount(stranger);
      await networkHelpers.setBalance(stranger, 10n ** 18n);
      await expect(router.connect(await ethers.getSigner(stranger)).uniswapV3SwapCallback(-1n, PLENTY, data))
        .to.be.revertedWithCustomError(router, "TierRouter_NotPool")
        .withArgs(stranger);
      expect(await payment.balanceOf(alice)).to.equal(PLENTY);
      // The real pool calls back whoever swaps, so nobody can make it call the router.
      await expect(
        uniswapContract("pool", (await router.pool()) as Address, deployer)
          .getFunction("swap")
          .send(
            await router.getAddress(),
            false,
            -1n,
            1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341n,
            data,
          ),
      ).to.revert(ethers);
    });

    it("when the payment token calls back in, should refuse", async () => {
      const { router, payment, alice } = await networkHelpers.loadFixture(hostileWorld);
      const deadline = await later();
      for (const call of [
        router.interface.encodeFunctionData("buyAndBurn", [TIER, ANY_FEE, PLENTY, deadline]),
        router.interface.encodeFunctionData("buyAndBurnWithPermit", [
          TIER,
          ANY_FEE,
          PLENTY,
          deadline,
          27,
          ethers.ZeroHash,
          ethers.ZeroHash,
        ]),
      ]) {
        await payment.setHook(router, call);
        await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, deadline)).to.be.revertedWithCustomError(
          router,
          "ReentrancyGuardReentrantCall",
        );
      }
      await payment.setHook(router, router.interface.encodeFunctionData("quoteBuyAndBurn", [alice.address, TIER]));
      await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, deadline)).to.be.revertedWith("LOK");
    });

    it("when the tier's cost changes while it is paid, should refuse", async () => {
      const { router, payment, tiers, alice } = await networkHelpers.loadFixture(hostileWorld);
      await payment.setHook(tiers, tiers.interface.encodeFunctionData("setCost", [COST - 1n, 1n]));
      await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, await later()))
        .to.be.revertedWithCustomError(router, "TierRouter_CostChanged")
        .withArgs(COST, COST - 1n);
    });

    it("when the payment token keeps a fee, the pool should refuse", async () => {
      const { router, payment, alice } = await networkHelpers.loadFixture(hostileWorld);
      await payment.setFee(1n);
      await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, await later())).to.be.revertedWith("IIA");
    });

    it("when the payment token says that it did not pay, should refuse", async () => {
      const { router, payment, alice } = await networkHelpers.loadFixture(hostileWorld);
      await payment.setSilent(true);
      await expect(router.connect(alice).buyAndBurn(TIER, ANY_FEE, PLENTY, await later()))
        .to.be.revertedWithCustomError(router, "SafeERC20FailedOperation")
        .withArgs(await payment.getAddress());
    });
  });

  describe("given the real fee tiers", () => {
    async function realWorld() {
      const world = await worldOf("payment first");
      const { xp, payment, uniswap, manager, alice } = world;
      const registry = await ethers.deployContract("AgentRegistry");
      const table = [
        { price: 10_000n * XP, feeBps: 200n },
        { price: 50_000n * XP, feeBps: 150n },
      ];
      const feeTiers = await ethers.deployContract("FeeTiers", [xp, registry, ethers.ZeroAddress, manager, table]);
      const router = await ethers.deployContract("TierRouter", [xp, payment, feeTiers, uniswap.factory, POOL_FEE]);
      await registry.connect(alice)["register()"]();
      await payment.connect(alice).approve(router, MaxUint256);
      await manager.setTargetFunctionRole(
        feeTiers,
        [feeTiers.interface.getFunction("burnForTierFor").selector],
        ROUTER,
      );
      return { ...world, feeTiers, router };
    }

    it("should buy a tier, then a better one for the rest of its price, for the caller", async () => {
      const world = await networkHelpers.loadFixture(realWorld);
      const { xp, router, feeTiers, manager, alice } = world;
      await manager.grantRole(ROUTER, router, 0n);
      const expected = await modelCost(world, 10_000n * XP);
      await expect(router.connect(alice).buyAndBurn(1n, ANY_FEE, expected, await later()))
        .to.emit(router, "BoughtAndBurned")
        .withArgs(alice.address, 1n, expected, 10_000n * XP);
      expect(await feeTiers.feeBpsOf(alice)).to.equal(200n);

      const { end } = await feeTiers.boughtTierOf(alice);
      // Half of what was paid for is unused.
      await networkHelpers.time.setNextBlockTimestamp(end - 15n * DAY);
      const second = await modelCost(world, 45_000n * XP);
      await expect(router.connect(alice).buyAndBurn(2n, ANY_FEE, second, end))
        .to.emit(router, "BoughtAndBurned")
        .withArgs(alice.address, 2n, second, 45_000n * XP);
      expect(await feeTiers.feeBpsOf(alice)).to.equal(150n);
      expect(await xp.balanceOf(router)).to.equal(0n);
      expect(await feeTiers.feeBpsOf(router)).to.equal(250n);
    });

    it("when the tier's fee is above the caller's maximum, should refuse with their error, whatever the table says by then", async () => {
      const world = await networkHelpers.loadFixture(realWorld);
      const { payment, xp, router, feeTiers, manager, alice, deployer } = world;
      await manager.grantRole(ROUTER, router, 0n);
      const { feeBps: shown } = await feeTiers.quote(alice, 2n, 0n, 0n);
      // Governance comes first, and what had number 1 has number 2.
      await feeTiers.connect(deployer).setTable([
        { price: XP, feeBps: 225n },
        { price: 10_000n * XP, feeBps: 200n },
      ]);
      const none = [27, ethers.ZeroHash, ethers.ZeroHash] as const;
      const deadline = await later();
      const before = await payment.balanceOf(alice);
      for (const buy of [
        () => router.connect(alice).buyAndBurn(2n, shown, PLENTY, deadline),
        () => router.connect(alice).buyAndBurnWithPermit(2n, shown, PLENTY, deadline, ...none),
      ]) {
        await expect(buy()).to.be.revertedWithCustomError(feeTiers, "FeeTiers_FeeAboveMaximum").withArgs(200n, 150n);
      }
      expect([await payment.balanceOf(alice), await xp.totalBurned()]).to.deep.equal([before, 0n]);
      await router.connect(alice).buyAndBurn(2n, 200n, PLENTY, deadline);
      expect(await feeTiers.feeBpsOf(alice)).to.equal(200n);
    });

    it("when the router has no role there, should fail with their error", async () => {
      const { router, feeTiers, alice } = await networkHelpers.loadFixture(realWorld);
      await expect(router.connect(alice).buyAndBurn(1n, ANY_FEE, PLENTY, await later()))
        .to.be.revertedWithCustomError(feeTiers, "AccessManagedUnauthorized")
        .withArgs(await router.getAddress());
    });
  });
});
