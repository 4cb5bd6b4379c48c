import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre, { network } from "hardhat";

import {
  BASE_FEE_BPS,
  FeeTiersModel,
  NO_CEILING,
  SOURCE_TIERS,
  TIER_DURATION,
  TIER_MAX_AHEAD,
  TierRefused,
  feeOn,
  grossSaving,
  tableRefusal,
  type Tier,
  type TierQuote,
} from "../../../src/xp/tiers.js";
import type { FeeTiers } from "../../../typechain-types/index.js";
import { effort } from "../../support/effort.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const ONE = 10n ** 18n;
const DOLLAR = 10n ** 6n;
const DAY = 86_400n;
const MONTH = 30n * DAY;
const NEVER = 2n ** 40n;
const UNLIMITED = 2n ** 256n - 1n;
/** What a buyer accepts who does not mind the fee: no tier has a higher one. */
const ANY_FEE = BASE_FEE_BPS;
const ROUTER = 3n;
const [BRONZE, SILVER, GOLD, PLATINUM, DIAMOND] = [1n, 2n, 3n, 4n, 5n];

/** The source's table as it stands there: dollars of guidance volume and of savings, fee in basis points, whole XP. */
const SOURCE_ROWS = [
  { tier: BRONZE, name: "Bronze", feeBps: 200n, xp: 10_000n, volume: 100_000n, saves: 500n },
  { tier: SILVER, name: "Silver", feeBps: 150n, xp: 50_000n, volume: 500_000n, saves: 5_000n },
  { tier: GOLD, name: "Gold", feeBps: 100n, xp: 250_000n, volume: 2_000_000n, saves: 30_000n },
  { tier: PLATINUM, name: "Platinum", feeBps: 50n, xp: 1_000_000n, volume: 10_000_000n, saves: 200_000n },
  { tier: DIAMOND, name: "Diamond", feeBps: 25n, xp: 5_000_000n, volume: 50_000_000n, saves: 1_125_000n },
] as const;

const tableOf = (tiers: readonly Tier[]) => tiers.map(({ price, feeBps }) => ({ price, feeBps }));
const SOURCE_TABLE = tableOf(SOURCE_TIERS);

describe("FeeTiers", () => {
  async function deployed() {
    const [governance, alice, bob, stranger, router] = await ethers.getSigners();
    if (!governance || !alice || !bob || !stranger || !router) throw new Error("too few accounts");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const xp = await ethers.deployContract("XP", [manager]);
    const agents = await ethers.deployContract("TiersAgents");
    const deploy = async (predecessor: string | FeeTiers = ZeroAddress, table = SOURCE_TABLE) => {
      const made = await ethers.deployContract("FeeTiers", [xp, agents, predecessor, manager, table]);
      await manager.setTargetFunctionRole(made, [made.interface.getFunction("burnForTierFor").selector], ROUTER);
      return made;
    };
    const tiers = await deploy();
    await manager.grantRole(ROUTER, router, 0n);
    await agents.register(alice);
    await agents.register(bob);
    for (const holder of [alice, bob, router, stranger]) {
      await xp.mint(holder, 20_000_000n * ONE);
      await xp.connect(holder).approve(tiers, UNLIMITED);
    }
    const asAlice = tiers.connect(alice);
    return { governance, alice, bob, stranger, router, manager, xp, agents, deploy, tiers, asAlice };
  }

  /** Alice has Bronze, bought at `start`. */
  async function bronze() {
    const world = await deployed();
    const start = BigInt(await networkHelpers.time.latest()) + 1_000n;
    await at(start);
    await world.asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED);
    return { ...world, start };
  }

  const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);
  const until = (time: bigint) => networkHelpers.time.increaseTo(time);

  async function boughtBy(tiers: FeeTiers, account: HardhatEthersSigner) {
    const [feeBps, since, end, prepaid] = await tiers.boughtTierOf(account);
    return { feeBps, since, end, prepaid };
  }

  async function signed(tiers: FeeTiers, owner: HardhatEthersSigner, value: bigint, deadline = NEVER) {
    const token = await ethers.getContractAt("XP", await tiers.xp());
    const { chainId } = await ethers.provider.getNetwork();
    const domain = { name: "Xonomy XP", version: "1", chainId, verifyingContract: await token.getAddress() };
    const nonce = await token.nonces(owner);
    const message = { owner: owner.address, spender: await tiers.getAddress(), value, nonce, deadline };
    const { v, r, s } = ethers.Signature.from(await owner.signTypedData(domain, PERMIT_TYPES, message));
    return [deadline, v, r, s] as const;
  }

  describe("the source's numbers", () => {
    it("are the model's table, which a deployment starts with", async () => {
      const { tiers } = await networkHelpers.loadFixture(deployed);
      expect(SOURCE_TIERS.length).to.equal(SOURCE_ROWS.length);
      const table = await tiers.table();
      for (const [position, { name, feeBps, xp, volume, saves }] of SOURCE_ROWS.entries()) {
        expect(SOURCE_TIERS[position]).to.deep.equal({ name, feeBps, price: xp * ONE, volume, saving: saves });
        expect([table[position]?.price, table[position]?.feeBps]).to.deep.equal([xp * ONE, feeBps]);
      }
      expect(await tiers.BASE_FEE_BPS()).to.equal(250n);
    });

    for (const { tier, name, feeBps, xp, volume, saves } of SOURCE_ROWS) {
      it(`${name}: ${xp} XP lower the fee to ${Number(feeBps) / 100} %, which saves $${saves} on $${volume}`, async () => {
        const { tiers, asAlice, alice, xp: token } = await networkHelpers.loadFixture(deployed);
        const { burn, credit, grossSaving: saving } = await tiers.quote(alice, tier, volume * DOLLAR, 0n);
        expect([burn, credit, saving]).to.deep.equal([xp * ONE, 0n, saves * DOLLAR]);
        expect(grossSaving(volume * DOLLAR, feeBps)).to.equal(saves * DOLLAR);
        expect(feeOn(volume * DOLLAR, BASE_FEE_BPS) - feeOn(volume * DOLLAR, feeBps)).to.equal(saves * DOLLAR);
        await expect(asAlice.burnForTier(tier, ANY_FEE, xp * ONE)).to.changeTokenBalances(
          ethers,
          token,
          [alice],
          [-xp * ONE],
        );
        expect(await tiers.feeBpsOf(alice)).to.equal(feeBps);
        expect(await token.totalBurned()).to.equal(xp * ONE);
      });
    }

    it("Basic: 250 of fee on the small operator's 10,000, 375 on Sarah's 15,000, for nothing burned", async () => {
      const { tiers, stranger } = await networkHelpers.loadFixture(deployed);
      const feeBps = await tiers.feeBpsOf(stranger);
      expect(feeOn(10_000n * DOLLAR, feeBps)).to.equal(250n * DOLLAR);
      expect(feeOn(15_000n * DOLLAR, feeBps)).to.equal(375n * DOLLAR);
    });

    it("MegaCorp: 625,000 at Basic, 62,500 after 5,000,000 XP at 0.02 for 100,000, saved 462,500", async () => {
      const { tiers, asAlice, alice } = await networkHelpers.loadFixture(deployed);
      const volume = 25_000_000n * DOLLAR;
      const baseFees = feeOn(volume, await tiers.feeBpsOf(alice));
      expect(baseFees).to.equal(625_000n * DOLLAR);
      // Half of Diamond's guidance volume: the volume is no condition.
      const quote = await tiers.quote(alice, DIAMOND, volume, DOLLAR / 50n);
      expect(quote.burn).to.equal(5_000_000n * ONE);
      expect(quote.cost).to.equal(100_000n * DOLLAR);
      expect(quote.worthwhile).to.equal(true);
      await asAlice.burnForTier(DIAMOND, ANY_FEE, quote.burn);
      const newFees = feeOn(volume, await tiers.feeBpsOf(alice));
      expect(newFees).to.equal(62_500n * DOLLAR);
      expect(baseFees - newFees - quote.cost).to.equal(462_500n * DOLLAR);
      expect(quote.grossSaving - quote.cost).to.equal(462_500n * DOLLAR);
    });

    it("1,000,000 XP buy the table's 0.5 % and not the sample's 0.25 %: the table wins", async () => {
      const { tiers, asAlice, alice } = await networkHelpers.loadFixture(deployed);
      const volume = 10_000_000n * DOLLAR;
      const before = feeOn(volume, await tiers.feeBpsOf(alice));
      expect(before).to.equal(250_000n * DOLLAR);
      await expect(asAlice.burnForTier(DIAMOND, ANY_FEE, 1_000_000n * ONE))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_AboveMaxBurn")
        .withArgs(5_000_000n * ONE, 1_000_000n * ONE);
      await asAlice.burnForTier(PLATINUM, ANY_FEE, 1_000_000n * ONE);
      const after = feeOn(volume, await tiers.feeBpsOf(alice));
      expect(after, "the sample says 25,000").to.equal(50_000n * DOLLAR);
      expect(((before - after) * 100n) / before, "the sample says 90 %").to.equal(80n);
    });

    it("the ceiling: 200,000 of savings for 1,000,000 XP make 0.20", async () => {
      const { tiers, alice } = await networkHelpers.loadFixture(deployed);
      const quote = (price: bigint) => tiers.quote(alice, PLATINUM, 10_000_000n * DOLLAR, price);
      expect((await quote(0n)).ceilingPrice).to.equal(DOLLAR / 5n);
      expect((await quote(DOLLAR / 5n - 1n)).worthwhile).to.equal(true);
      expect((await quote(DOLLAR / 5n)).worthwhile, "at the ceiling nothing is saved").to.equal(false);
      expect((await quote(DOLLAR / 5n)).cost).to.equal(200_000n * DOLLAR);
      expect((await quote(DOLLAR / 5n + 1n)).worthwhile).to.equal(false);
    });
  });

  describe("constructor", () => {
    it("refuses XP, registry, predecessor or authority without code", async () => {
      const { xp, agents, manager, tiers, stranger } = await networkHelpers.loadFixture(deployed);
      for (const [args, error] of [
        [[stranger, agents, ZeroAddress, manager, SOURCE_TABLE], "FeeTiers_XPHasNoCode"],
        [[xp, stranger, ZeroAddress, manager, SOURCE_TABLE], "FeeTiers_RegistryHasNoCode"],
        [[xp, agents, stranger, manager, SOURCE_TABLE], "FeeTiers_PredecessorHasNoCode"],
        [[xp, agents, ZeroAddress, stranger, SOURCE_TABLE], "FeeTiers_AuthorityHasNoCode"],
      ] as const) {
        const [xp_, agents_, predecessor, manager_, table] = args;
        await expect(ethers.deployContract("FeeTiers", [xp_, agents_, predecessor, manager_, table]))
          .to.be.revertedWithCustomError(tiers, error)
          .withArgs(stranger.address);
      }
    });

    it("refuses a table as setTable does", async () => {
      const { xp, agents, manager, tiers } = await networkHelpers.loadFixture(deployed);
      const table = [{ price: 0n, feeBps: 1n }];
      await expect(ethers.deployContract("FeeTiers", [xp, agents, ZeroAddress, manager, table]))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_PriceNotAbovePrevious")
        .withArgs(1n, 0n, 0n);
      const free = [...SOURCE_TABLE, { price: 6_000_000n * ONE, feeBps: 0n }];
      await expect(ethers.deployContract("FeeTiers", [xp, agents, ZeroAddress, manager, free]))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_FeeIsZero")
        .withArgs(6n);
    });

    it("shows what it was given, and announces the table", async () => {
      const { xp, agents, manager, tiers, deploy } = await networkHelpers.loadFixture(deployed);
      expect(await tiers.xp()).to.equal(await xp.getAddress());
      expect(await tiers.registry()).to.equal(await agents.getAddress());
      expect(await tiers.predecessor()).to.equal(ZeroAddress);
      expect(await (await deploy(tiers)).predecessor()).to.equal(await tiers.getAddress());
      expect(await tiers.authority()).to.equal(await manager.getAddress());
      expect(await tiers.tierCount()).to.equal(5n);
      expect([await tiers.DURATION(), await tiers.MAX_AHEAD(), await tiers.MAX_TIERS()]).to.deep.equal([
        TIER_DURATION,
        TIER_MAX_AHEAD,
        16n,
      ]);
      expect(TIER_DURATION).to.equal(MONTH);
      await expect(tiers.deploymentTransaction())
        .to.emit(tiers, "TableChanged")
        .withArgs(SOURCE_TABLE.map(({ price, feeBps }) => [price, feeBps]));
    });
  });

  describe("burnForTier", () => {
    it("refuses who owns no agent, and burns nothing", async () => {
      const { tiers, xp, stranger } = await networkHelpers.loadFixture(deployed);
      await expect(tiers.connect(stranger).burnForTier(BRONZE, ANY_FEE, UNLIMITED))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_NoAgent")
        .withArgs(stranger.address);
      expect(await xp.totalBurned()).to.equal(0n);
    });

    it("refuses Basic and tiers that are not in the table", async () => {
      const { tiers, asAlice } = await networkHelpers.loadFixture(deployed);
      for (const tier of [0n, 6n, UNLIMITED]) {
        await expect(asAlice.burnForTier(tier, ANY_FEE, UNLIMITED))
          .to.be.revertedWithCustomError(tiers, "FeeTiers_UnknownTier")
          .withArgs(tier, 5n);
      }
    });

    it("refuses to burn a wei more than the caller accepts", async () => {
      const { tiers, asAlice } = await networkHelpers.loadFixture(deployed);
      await expect(asAlice.burnForTier(BRONZE, ANY_FEE, 10_000n * ONE - 1n))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_AboveMaxBurn")
        .withArgs(10_000n * ONE, 10_000n * ONE - 1n);
    });

    it("refuses a fee a basis point above what the caller accepts, and sells at that fee", async () => {
      const { tiers, asAlice, alice, xp } = await networkHelpers.loadFixture(deployed);
      for (const { tier, feeBps } of SOURCE_ROWS) {
        for (const maxFeeBps of [feeBps - 1n, 0n]) {
          await expect(asAlice.burnForTier(tier, maxFeeBps, UNLIMITED))
            .to.be.revertedWithCustomError(tiers, "FeeTiers_FeeAboveMaximum")
            .withArgs(feeBps, maxFeeBps);
        }
      }
      expect(await xp.totalBurned()).to.equal(0n);
      await asAlice.burnForTier(BRONZE, 200n, UNLIMITED);
      expect(await tiers.feeBpsOf(alice)).to.equal(200n);
    });

    it("refuses another fee than was shown, which a change of the table that comes first has put under the tier's number", async () => {
      const { tiers, asAlice, alice, xp } = await networkHelpers.loadFixture(deployed);
      const shown = await tiers.quote(alice, GOLD, 0n, 0n);
      expect(shown.feeBps).to.equal(100n);
      const cheap = { price: ONE, feeBps: 225n };
      await tiers.setTable([cheap, ...SOURCE_TABLE.slice(0, 4)]);
      await expect(asAlice.burnForTier(GOLD, shown.feeBps, shown.burn))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_FeeAboveMaximum")
        .withArgs(150n, 100n);
      expect(await xp.totalBurned(), "the burn would have been within its bound").to.equal(0n);
      await asAlice.burnForTier(PLATINUM, shown.feeBps, shown.burn);
      expect(await tiers.feeBpsOf(alice)).to.equal(100n);
    });

    it("fails in XP without the allowance or the balance, and sells nothing", async () => {
      const { tiers, asAlice, alice, bob, xp } = await networkHelpers.loadFixture(deployed);
      await xp.connect(alice).approve(tiers, 9_999n * ONE);
      await expect(asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientAllowance")
        .withArgs(await tiers.getAddress(), 9_999n * ONE, 10_000n * ONE);
      await xp.connect(bob).transfer(alice, (await xp.balanceOf(bob)) - 7n);
      await expect(tiers.connect(bob).burnForTier(BRONZE, ANY_FEE, UNLIMITED))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientBalance")
        .withArgs(bob.address, 7n, 10_000n * ONE);
      expect([await tiers.feeBpsOf(alice), await tiers.feeBpsOf(bob)]).to.deep.equal([250n, 250n]);
    });

    describe("given no active tier", () => {
      it("burns the price for 30 days and tells", async () => {
        const { tiers, asAlice, alice, bob, xp } = await networkHelpers.loadFixture(deployed);
        const now = BigInt(await networkHelpers.time.latest()) + 5n;
        await at(now);
        await expect(asAlice.burnForTier(GOLD, ANY_FEE, 250_000n * ONE))
          .to.emit(tiers, "TierBought")
          .withArgs(alice.address, GOLD, 100n, 250_000n * ONE, 0n, 250_000n * ONE, now + MONTH)
          .and.to.emit(xp, "Transfer")
          .withArgs(alice.address, ZeroAddress, 250_000n * ONE);
        expect(await boughtBy(tiers, alice)).to.deep.equal({
          feeBps: 100n,
          since: now,
          end: now + MONTH,
          prepaid: 250_000n * ONE,
        });
        expect([await tiers.feeBpsOf(alice), await tiers.feeBpsOf(bob)]).to.deep.equal([100n, 250n]);
      });

      it("says what it burned", async () => {
        const { asAlice } = await networkHelpers.loadFixture(deployed);
        expect(await asAlice.burnForTier.staticCall(SILVER, ANY_FEE, UNLIMITED)).to.equal(50_000n * ONE);
      });

      it("gives the fee to the last second before the end, and at the end sells a first tier again", async () => {
        const { tiers, asAlice, alice, xp, start } = await networkHelpers.loadFixture(bronze);
        await until(start + MONTH - 1n);
        expect(await tiers.feeBpsOf(alice)).to.equal(200n);
        await at(start + MONTH);
        await asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED);
        expect(await boughtBy(tiers, alice)).to.deep.equal({
          feeBps: 200n,
          since: start + MONTH,
          end: start + 2n * MONTH,
          prepaid: 10_000n * ONE,
        });
        await until(start + 2n * MONTH);
        expect(await tiers.feeBpsOf(alice)).to.equal(250n);
        expect(await xp.totalBurned()).to.equal(20_000n * ONE);
      });
    });

    describe("given an active tier with the same fee", () => {
      it("adds 30 days at full price, and keeps what is unused", async () => {
        const { tiers, asAlice, alice, start } = await networkHelpers.loadFixture(bronze);
        await at(start + 10n * DAY + 1n);
        const unused = (10_000n * ONE * (20n * DAY - 1n)) / MONTH;
        await expect(asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED))
          .to.emit(tiers, "TierBought")
          .withArgs(alice.address, BRONZE, 200n, 10_000n * ONE, 0n, 10_000n * ONE + unused, start + 2n * MONTH);
        expect(await boughtBy(tiers, alice)).to.deep.equal({
          feeBps: 200n,
          since: start + 10n * DAY + 1n,
          end: start + 2n * MONTH,
          prepaid: 10_000n * ONE + unused,
        });
      });

      it("renews in the last second", async () => {
        const { tiers, asAlice, alice, start } = await networkHelpers.loadFixture(bronze);
        await at(start + MONTH - 1n);
        await asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED);
        expect((await boughtBy(tiers, alice)).end).to.equal(start + 2n * MONTH);
      });

      it("refuses an end more than 60 days ahead, to the second", async () => {
        const { tiers, asAlice, alice, start } = await networkHelpers.loadFixture(bronze);
        await asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED);
        await at(start + MONTH - 1n);
        await expect(asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED))
          .to.be.revertedWithCustomError(tiers, "FeeTiers_TooFarAhead")
          .withArgs(start + 3n * MONTH, start + 3n * MONTH - 1n);
        await at(start + MONTH);
        await asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED);
        expect((await boughtBy(tiers, alice)).end).to.equal(start + 3n * MONTH);
      });

      it("takes the price of now where the table changed, under whatever number the fee has", async () => {
        const { tiers, asAlice, alice, start } = await networkHelpers.loadFixture(bronze);
        await tiers.setTable([
          { price: 5n, feeBps: 225n },
          { price: 70_000n, feeBps: 200n },
        ]);
        await at(start + 15n * DAY);
        await expect(asAlice.burnForTier(2n, ANY_FEE, UNLIMITED))
          .to.emit(tiers, "TierBought")
          .withArgs(alice.address, 2n, 200n, 70_000n, 0n, 5_000n * ONE + 70_000n, start + 2n * MONTH);
      });
    });

    describe("given an active tier with a higher fee", () => {
      it("credits the unused part, rounded down, and runs 30 days from now", async () => {
        const { tiers, asAlice, alice, xp, start } = await networkHelpers.loadFixture(bronze);
        await at(start + 7n * DAY + 3n);
        const credit = (10_000n * ONE * (23n * DAY - 3n)) / MONTH;
        await expect(asAlice.burnForTier(GOLD, ANY_FEE, UNLIMITED))
          .to.emit(tiers, "TierBought")
          .withArgs(alice.address, GOLD, 100n, 250_000n * ONE - credit, credit, 250_000n * ONE, start + 37n * DAY + 3n);
        expect(await tiers.feeBpsOf(alice)).to.equal(100n);
        expect((await boughtBy(tiers, alice)).prepaid).to.equal(250_000n * ONE);
        expect(await xp.totalBurned()).to.equal(260_000n * ONE - credit);
      });

      it("credits all of it in the second of the purchase, next to nothing in the last and nothing at the end", async () => {
        for (const [elapsed, credit] of [
          [0n, 10_000n * ONE],
          [MONTH - 1n, (10_000n * ONE) / MONTH],
          [MONTH, 0n],
        ] as const) {
          const { tiers, asAlice, alice, start } = await networkHelpers.loadFixture(bronze);
          if (elapsed === 0n) {
            const quote = await tiers.quote(alice, SILVER, 0n, 0n);
            expect([quote.burn, quote.credit]).to.deep.equal([40_000n * ONE, credit]);
            continue;
          }
          await at(start + elapsed);
          await expect(asAlice.burnForTier(SILVER, ANY_FEE, UNLIMITED))
            .to.emit(tiers, "TierBought")
            .withArgs(
              alice.address,
              SILVER,
              150n,
              50_000n * ONE - credit,
              credit,
              50_000n * ONE,
              start + elapsed + MONTH,
            );
        }
      });

      it("credits both prices of a tier that was renewed", async () => {
        const { tiers, asAlice, alice, start } = await networkHelpers.loadFixture(bronze);
        await at(start + 15n * DAY);
        await asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED);
        expect((await tiers.quote(alice, SILVER, 0n, 0n)).credit).to.equal(15_000n * ONE);
        await until(start + 15n * DAY + MONTH / 2n);
        const quote = await tiers.quote(alice, SILVER, 0n, 0n);
        expect(quote.credit, "30 of the 45 days that 15,000 XP stood for are left").to.equal(10_000n * ONE);
      });

      it("credits no more than the price: what is left above it is lost, and nothing is burned", async () => {
        const { tiers, asAlice, alice, xp, start } = await networkHelpers.loadFixture(bronze);
        await tiers.setTable([{ price: 70_000n, feeBps: 1n }]);
        await xp.connect(alice).approve(tiers, 0n);
        await at(start + DAY);
        await expect(asAlice.burnForTier(1n, ANY_FEE, 0n))
          .to.emit(tiers, "TierBought")
          .withArgs(alice.address, 1n, 1n, 0n, 70_000n, 70_000n, start + 31n * DAY);
        expect(await xp.totalBurned()).to.equal(10_000n * ONE);
        expect(await tiers.feeBpsOf(alice)).to.equal(1n);
      });
    });

    describe("given an active tier with a lower fee", () => {
      it("refuses, to the last second before its end", async () => {
        const { tiers, asAlice, alice, start } = await networkHelpers.loadFixture(bronze);
        await at(start + DAY);
        await asAlice.burnForTier(DIAMOND, ANY_FEE, UNLIMITED);
        const end = start + DAY + MONTH;
        for (const time of [start + 2n * DAY, end - 1n]) {
          await at(time);
          await expect(asAlice.burnForTier(PLATINUM, ANY_FEE, UNLIMITED))
            .to.be.revertedWithCustomError(tiers, "FeeTiers_Downgrade")
            .withArgs(50n, 25n);
        }
        await at(end);
        await asAlice.burnForTier(PLATINUM, ANY_FEE, UNLIMITED);
        expect(await tiers.feeBpsOf(alice)).to.equal(50n);
      });
    });

    it("needs an agent at each burn, but none to keep the tier", async () => {
      const { tiers, asAlice, alice, stranger, agents } = await networkHelpers.loadFixture(bronze);
      await agents.connect(alice).transferFrom(alice, stranger, 1n);
      expect(await tiers.feeBpsOf(alice)).to.equal(200n);
      expect(await tiers.feeBpsOf(stranger), "the tier does not go with the agent").to.equal(250n);
      await expect(asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_NoAgent")
        .withArgs(alice.address);
      await tiers.connect(stranger).burnForTier(BRONZE, ANY_FEE, UNLIMITED);
    });

    it("counts as burned in its epoch", async () => {
      const { xp, asAlice, start } = await networkHelpers.loadFixture(bronze);
      expect(await xp.burnedIn(1n)).to.equal(10_000n * ONE);
      await at((await xp.start()) + 7n * DAY);
      await asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED);
      expect([await xp.burnedIn(1n), await xp.burnedIn(2n)]).to.deep.equal([10_000n * ONE, 10_000n * ONE]);
      expect(start < (await xp.start()) + 7n * DAY).to.equal(true);
    });
  });

  describe("burnForTierWithPermit", () => {
    async function withoutAllowance() {
      const world = await deployed();
      await world.xp.connect(world.alice).approve(world.tiers, 0n);
      return world;
    }

    it("needs a signature and no allowance", async () => {
      const { tiers, asAlice, alice, xp } = await networkHelpers.loadFixture(withoutAllowance);
      const maxBurn = 50_000n * ONE + 5n;
      await asAlice.burnForTierWithPermit(SILVER, ANY_FEE, maxBurn, ...(await signed(tiers, alice, maxBurn)));
      expect(await tiers.feeBpsOf(alice)).to.equal(150n);
      expect(await xp.allowance(alice, tiers), "what was accepted and not burned").to.equal(5n);
    });

    it("goes through where somebody has sent the permit before", async () => {
      const { tiers, asAlice, alice, stranger, xp } = await networkHelpers.loadFixture(withoutAllowance);
      const maxBurn = 50_000n * ONE;
      const signature = await signed(tiers, alice, maxBurn);
      await xp.connect(stranger).permit(alice, tiers, maxBurn, ...signature);
      expect(await asAlice.burnForTierWithPermit.staticCall(SILVER, ANY_FEE, maxBurn, ...signature)).to.equal(maxBurn);
      await asAlice.burnForTierWithPermit(SILVER, ANY_FEE, maxBurn, ...signature);
      expect(await tiers.feeBpsOf(alice)).to.equal(150n);
      expect(await xp.allowance(alice, tiers)).to.equal(0n);
    });

    it("falls back to the allowance where the permit is worth nothing", async () => {
      const { tiers, asAlice, alice, bob, xp } = await networkHelpers.loadFixture(withoutAllowance);
      const maxBurn = 50_000n * ONE;
      const late = await signed(tiers, alice, maxBurn, 1n);
      const others = await signed(tiers, bob, maxBurn);
      const less = await signed(tiers, alice, maxBurn - 1n);
      for (const signature of [late, others, less]) {
        await expect(asAlice.burnForTierWithPermit(SILVER, ANY_FEE, maxBurn, ...signature))
          .to.be.revertedWithCustomError(xp, "ERC20InsufficientAllowance")
          .withArgs(await tiers.getAddress(), 0n, maxBurn);
      }
      await xp.connect(alice).approve(tiers, maxBurn);
      await asAlice.burnForTierWithPermit(SILVER, ANY_FEE, maxBurn, ...late);
      expect(await tiers.feeBpsOf(alice)).to.equal(150n);
    });

    it("refuses as burnForTier does", async () => {
      const { tiers, asAlice, alice } = await networkHelpers.loadFixture(withoutAllowance);
      const signature = await signed(tiers, alice, ONE);
      await expect(asAlice.burnForTierWithPermit(BRONZE, ANY_FEE, ONE, ...signature))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_AboveMaxBurn")
        .withArgs(10_000n * ONE, ONE);
      await expect(asAlice.burnForTierWithPermit(0n, ANY_FEE, ONE, ...signature))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_UnknownTier")
        .withArgs(0n, 5n);
      await expect(asAlice.burnForTierWithPermit(SILVER, 149n, ONE, ...signature))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_FeeAboveMaximum")
        .withArgs(150n, 149n);
    });
  });

  describe("burnForTierFor", () => {
    it("refuses anybody but the router, governance too", async () => {
      const { tiers, governance, alice, stranger } = await networkHelpers.loadFixture(deployed);
      for (const caller of [governance, alice, stranger]) {
        await expect(tiers.connect(caller).burnForTierFor(alice, BRONZE, ANY_FEE, UNLIMITED))
          .to.be.revertedWithCustomError(tiers, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("burns the router's XP for the account's tier, with the account's credit", async () => {
      const { tiers, router, alice, xp, start } = await networkHelpers.loadFixture(bronze);
      await at(start + 15n * DAY);
      const purchase = tiers.connect(router).burnForTierFor(alice, SILVER, ANY_FEE, 45_000n * ONE);
      await expect(purchase)
        .to.emit(tiers, "TierBought")
        .withArgs(alice.address, SILVER, 150n, 45_000n * ONE, 5_000n * ONE, 50_000n * ONE, start + 45n * DAY);
      await expect(purchase).to.changeTokenBalances(ethers, xp, [router, alice], [-45_000n * ONE, 0n]);
      expect([await tiers.feeBpsOf(alice), await tiers.feeBpsOf(router)]).to.deep.equal([150n, 250n]);
    });

    it("asks for the account's agent, not the router's, and keeps to both maxima", async () => {
      const { tiers, router, alice, stranger, agents } = await networkHelpers.loadFixture(deployed);
      await agents.register(router);
      await expect(tiers.connect(router).burnForTierFor(stranger, BRONZE, ANY_FEE, UNLIMITED))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_NoAgent")
        .withArgs(stranger.address);
      await expect(tiers.connect(router).burnForTierFor(alice, BRONZE, ANY_FEE, 1n))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_AboveMaxBurn")
        .withArgs(10_000n * ONE, 1n);
      await expect(tiers.connect(router).burnForTierFor(alice, BRONZE, 199n, UNLIMITED))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_FeeAboveMaximum")
        .withArgs(200n, 199n);
    });
  });

  describe("quote", () => {
    it("refuses what the burn would refuse, an account without an agent apart", async () => {
      const { tiers, asAlice, alice, stranger, start } = await networkHelpers.loadFixture(bronze);
      await expect(tiers.quote(alice, 6n, 0n, 0n))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_UnknownTier")
        .withArgs(6n, 5n);
      await at(start + 10n);
      await asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED);
      await expect(tiers.quote(alice, BRONZE, 0n, 0n))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_TooFarAhead")
        .withArgs(start + 3n * MONTH, start + 10n + 2n * MONTH);
      await asAlice.burnForTier(SILVER, ANY_FEE, UNLIMITED);
      await expect(tiers.quote(alice, BRONZE, 0n, 0n))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_Downgrade")
        .withArgs(200n, 150n);
      expect((await tiers.quote(stranger, BRONZE, 0n, 0n)).burn).to.equal(10_000n * ONE);
    });

    it("rounds the cost up and the saving and the ceiling down", async () => {
      const { tiers, alice } = await networkHelpers.loadFixture(deployed);
      await tiers.setTable([{ price: 3n * ONE + 1n, feeBps: 225n }]);
      const quote = await tiers.quote(alice, 1n, 4_399n, 3n);
      expect(quote.grossSaving, "4,399 × 0.25 % = 10.9975").to.equal(10n);
      expect(quote.cost, "a wei above 3 XP at 3 cost a wei above 9").to.equal(10n);
      expect(quote.ceilingPrice, "10 ÷ 3.0…1 XP").to.equal(3n);
      expect(quote.worthwhile).to.equal(false);
    });

    it("has no ceiling where nothing is burned, and saves whatever the price", async () => {
      const { tiers, alice } = await networkHelpers.loadFixture(bronze);
      await tiers.setTable([{ price: 1n, feeBps: 100n }]);
      const quote = await tiers.quote(alice, 1n, 10_000n, 2n ** 128n);
      expect([quote.burn, quote.credit, quote.cost, quote.grossSaving]).to.deep.equal([0n, 1n, 0n, 150n]);
      expect(quote.ceilingPrice).to.equal(NO_CEILING);
      expect(quote.worthwhile).to.equal(true);
      expect((await tiers.quote(alice, 1n, 0n, 0n)).worthwhile, "nothing saved").to.equal(false);
    });
  });

  describe("setTable", () => {
    it("refuses anybody but governance", async () => {
      const { tiers, alice, router } = await networkHelpers.loadFixture(deployed);
      for (const caller of [alice, router]) {
        await expect(tiers.connect(caller).setTable([]))
          .to.be.revertedWithCustomError(tiers, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses more than sixteen tiers, and takes sixteen", async () => {
      const { tiers, alice } = await networkHelpers.loadFixture(deployed);
      const table = Array.from({ length: 17 }, (_, row) => ({ price: BigInt(row + 1), feeBps: BigInt(249 - row) }));
      await expect(tiers.setTable(table))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_TooManyTiers")
        .withArgs(17n, 16n);
      expect(tableRefusal(table)).to.deep.equal({ reason: "TooManyTiers", at: 17n });
      expect(tableRefusal(table.slice(0, 16))).to.equal(undefined);
      await tiers.setTable(table.slice(0, 16));
      expect((await tiers.table()).length).to.equal(16);
      expect((await tiers.quote(alice, 16n, 0n, 0n)).burn).to.equal(16n);
    });

    it("refuses prices that do not rise, fees that do not fall and fees of nothing, and changes nothing", async () => {
      const { tiers } = await networkHelpers.loadFixture(deployed);
      for (const [table, error, args] of [
        [[{ price: 0n, feeBps: 200n }], "FeeTiers_PriceNotAbovePrevious", [1n, 0n, 0n]],
        [[{ price: 1n, feeBps: 250n }], "FeeTiers_FeeNotBelowPrevious", [1n, 250n, 250n]],
        [
          [
            { price: 5n, feeBps: 200n },
            { price: 5n, feeBps: 100n },
          ],
          "FeeTiers_PriceNotAbovePrevious",
          [2n, 5n, 5n],
        ],
        [
          [
            { price: 5n, feeBps: 200n },
            { price: 6n, feeBps: 200n },
          ],
          "FeeTiers_FeeNotBelowPrevious",
          [2n, 200n, 200n],
        ],
        [[{ price: 1n, feeBps: 0n }], "FeeTiers_FeeIsZero", [1n]],
        [
          [
            { price: 5n, feeBps: 1n },
            { price: 6n, feeBps: 0n },
          ],
          "FeeTiers_FeeIsZero",
          [2n],
        ],
        [
          [
            { price: 5n, feeBps: 200n },
            { price: 5n, feeBps: 0n },
          ],
          "FeeTiers_PriceNotAbovePrevious",
          [2n, 5n, 5n],
        ],
      ] as const) {
        expect(tableRefusal(table)).to.deep.equal({ reason: error.replace("FeeTiers_", ""), at: args[0] });
        expect(() => new FeeTiersModel(table)).to.throw(RangeError);
        await expect(tiers.setTable([...table]))
          .to.be.revertedWithCustomError(tiers, error)
          .withArgs(...args);
      }
      expect((await tiers.table()).map(({ price, feeBps }) => ({ price, feeBps }))).to.deep.equal(SOURCE_TABLE);
    });

    it("sells the new table, of which nothing of a longer one is left", async () => {
      const { tiers, asAlice, alice } = await networkHelpers.loadFixture(deployed);
      await expect(tiers.setTable([{ price: 7n, feeBps: 240n }]))
        .to.emit(tiers, "TableChanged")
        .withArgs([[7n, 240n]]);
      for (const tier of [2n, 3n, 4n, 5n]) {
        await expect(asAlice.burnForTier(tier, ANY_FEE, UNLIMITED))
          .to.be.revertedWithCustomError(tiers, "FeeTiers_UnknownTier")
          .withArgs(tier, 1n);
      }
      await asAlice.burnForTier(1n, ANY_FEE, 7n);
      expect(await tiers.feeBpsOf(alice)).to.equal(240n);
    });

    it("ends the sale with an empty table", async () => {
      const { tiers, asAlice } = await networkHelpers.loadFixture(deployed);
      await tiers.setTable([]);
      expect((await tiers.table()).length).to.equal(0);
      await expect(asAlice.burnForTier(1n, ANY_FEE, UNLIMITED))
        .to.be.revertedWithCustomError(tiers, "FeeTiers_UnknownTier")
        .withArgs(1n, 0n);
    });

    it("leaves a bought tier its fee to its end", async () => {
      const { tiers, alice, start } = await networkHelpers.loadFixture(bronze);
      await tiers.setTable([{ price: 1n, feeBps: 249n }]);
      await until(start + MONTH - 1n);
      expect(await tiers.feeBpsOf(alice)).to.equal(200n);
      await until(start + MONTH);
      expect(await tiers.feeBpsOf(alice)).to.equal(250n);
    });
  });

  describe("given a replacement", () => {
    async function replaced() {
      const world = await bronze();
      const successor = await world.deploy(world.tiers);
      await world.tiers.setTable([]);
      await world.xp.connect(world.alice).approve(successor, UNLIMITED);
      return { ...world, successor };
    }

    it("keeps the fee of a tier bought before to its end, across two replacements", async () => {
      const { successor, deploy, alice, bob, start } = await networkHelpers.loadFixture(replaced);
      const second = await deploy(successor);
      await until(start + MONTH - 1n);
      expect([await successor.feeBpsOf(alice), await second.feeBpsOf(alice)]).to.deep.equal([200n, 200n]);
      expect(await second.feeBpsOf(bob)).to.equal(250n);
      await until(start + MONTH);
      expect([await successor.feeBpsOf(alice), await second.feeBpsOf(alice)]).to.deep.equal([250n, 250n]);
    });

    it("sells a lower fee without credit for what runs in the predecessor, which is back when that has ended first", async () => {
      const { tiers, successor, asAlice, alice, start } = await networkHelpers.loadFixture(replaced);
      await tiers.setTable(SOURCE_TABLE);
      await at(start + 20n * DAY);
      await asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED); // in the predecessor, to 60 days after the start
      await tiers.setTable([]);
      await at(start + 21n * DAY);
      await expect(successor.connect(alice).burnForTier(GOLD, ANY_FEE, UNLIMITED))
        .to.emit(successor, "TierBought")
        .withArgs(alice.address, GOLD, 100n, 250_000n * ONE, 0n, 250_000n * ONE, start + 51n * DAY);
      await until(start + 51n * DAY - 1n);
      expect(await successor.feeBpsOf(alice)).to.equal(100n);
      await until(start + 51n * DAY);
      expect(await successor.feeBpsOf(alice)).to.equal(200n);
      await until(start + 60n * DAY);
      expect(await successor.feeBpsOf(alice)).to.equal(250n);
    });

    it("refuses a tier that would be useless while the predecessor's runs, and sells it after", async () => {
      const { successor, alice, start } = await networkHelpers.loadFixture(replaced);
      await successor.setTable([{ price: 5n, feeBps: 225n }]);
      await at(start + MONTH - 1n);
      await expect(successor.connect(alice).burnForTier(1n, ANY_FEE, UNLIMITED))
        .to.be.revertedWithCustomError(successor, "FeeTiers_Downgrade")
        .withArgs(225n, 200n);
      await at(start + MONTH);
      await successor.connect(alice).burnForTier(1n, ANY_FEE, UNLIMITED);
      expect(await successor.feeBpsOf(alice)).to.equal(225n);
    });

    it("sells the fee that the predecessor's tier has, from now on and not from that one's end", async () => {
      const { successor, alice, start } = await networkHelpers.loadFixture(replaced);
      await at(start + 29n * DAY);
      await successor.connect(alice).burnForTier(BRONZE, ANY_FEE, UNLIMITED);
      expect((await boughtBy(successor, alice)).end).to.equal(start + 59n * DAY);
      await until(start + 59n * DAY - 1n);
      expect(await successor.feeBpsOf(alice)).to.equal(200n);
    });
  });

  it(`agrees with the model over years of random purchases; replay with XONOMY_SEED=${SEED}`, async () => {
    const { deploy, xp, alice, bob, router } = await networkHelpers.loadFixture(deployed);
    const random = new Random(SEED);
    const buyers = [alice, bob];
    const sell = async (table: readonly Tier[], predecessor?: { tiers: FeeTiers; model: FeeTiersModel }) => {
      const tiers = await deploy(predecessor?.tiers, tableOf(table));
      for (const holder of [...buyers, router]) await xp.connect(holder).approve(tiers, UNLIMITED);
      return { tiers, model: new FeeTiersModel(table, predecessor?.model) };
    };
    let newest = await sell(SOURCE_TIERS);
    const contracts = [newest];
    const done = { first: 0, renewal: 0, upgrade: 0, refused: 0, table: 0, replaced: 0 };
    let [prices, credits] = [0n, 0n];
    const burnedBefore = await xp.totalBurned();
    let now = BigInt(await networkHelpers.time.latest());
    const everythingDone = () => Math.min(...Object.values(done)) >= 3 && credits > 0n;
    for (let step = 0; step < effort(75, 180) || (step < 1_000 && !everythingDone()); step++) {
      now += random.pick([0n, 1n, random.between(1n, 20n * DAY), random.between(1n, 20n * DAY), MONTH]) + 1n;
      await at(now);
      const why = `step ${step}, XONOMY_SEED=${SEED}`;
      const { tiers, model } = random.once(5n) ? random.pick(contracts) : newest;
      const account = random.pick(buyers);
      // The source's tiers come back now and then: whatever the seed, there is a tier to renew for a while.
      if (step % 25 === 5 || (step % 50 !== 49 && random.once(12n))) {
        const table = step % 25 === 5 ? SOURCE_TABLE : randomTable(random);
        await tiers.setTable(table);
        model.setTable(table);
        done.table++;
      } else if (step % 50 === 49) {
        const table = random.once(2n) ? SOURCE_TABLE : randomTable(random);
        newest = await sell(table, newest);
        contracts.push(newest);
        now = BigInt(await networkHelpers.time.latest());
        done.replaced++;
      } else {
        const fee = model.feeBpsOf(account.address, now);
        const same = BigInt(model.table().findIndex(({ feeBps }) => feeBps === fee)) + 1n;
        const lower = BigInt(model.table().findIndex(({ feeBps }) => feeBps < fee)) + 1n;
        const tier = random.pick([same, lower, random.between(0n, 6n)]);
        const throughRouter = random.once(3n);
        const before = model.boughtTierOf(account.address);
        const buy = (maxFeeBps: bigint) =>
          throughRouter
            ? tiers.connect(router).burnForTierFor(account, tier, maxFeeBps, UNLIMITED)
            : tiers.connect(account).burnForTier(tier, maxFeeBps, UNLIMITED);
        try {
          const { burn, credit, bought } = model.burnForTier(account.address, tier, now);
          await expect(buy(bought.feeBps), why)
            .to.emit(tiers, "TierBought")
            .withArgs(account.address, tier, bought.feeBps, burn, credit, bought.prepaid, bought.end);
          prices += burn + credit;
          credits += credit;
          if (before === undefined || before.end <= now) done.first++;
          else done[before.feeBps === bought.feeBps ? "renewal" : "upgrade"]++;
        } catch (error) {
          if (!(error instanceof TierRefused)) throw error;
          await expect(buy(ANY_FEE), why).to.be.revertedWithCustomError(tiers, `FeeTiers_${error.reason}`);
          await networkHelpers.mine(); // a refusal leaves no block behind
          done.refused++;
        }
        await topUp(xp, [...buyers, router]);
        now = BigInt(await networkHelpers.time.latest());
      }
      for (const { tiers: each, model: its } of contracts) {
        for (const buyer of buyers) {
          expect(await each.feeBpsOf(buyer), why).to.equal(its.feeBpsOf(buyer.address, now));
          const none = { feeBps: 0n, since: 0n, end: 0n, prepaid: 0n };
          expect(await boughtBy(each, buyer), why).to.deep.equal(its.boughtTierOf(buyer.address) ?? none);
        }
      }
      const asked = [account.address, random.between(1n, 5n), random.magnitude(1n, 2n ** 96n)] as const;
      const price = random.magnitude(1n, 10n ** 9n);
      try {
        const expected = newest.model.quote(asked[0], asked[1], now, asked[2], price);
        const quote = await newest.tiers.quote(...asked, price);
        for (const [key, value] of Object.entries(expected)) {
          expect(quote[key as keyof TierQuote], `${key}, ${why}`).to.equal(value);
        }
      } catch (error) {
        if (!(error instanceof TierRefused)) throw error;
        await expect(newest.tiers.quote(...asked, price), why).to.be.revertedWithCustomError(
          tiers,
          `FeeTiers_${error.reason}`,
        );
      }
      expect((await xp.totalBurned()) - burnedBefore, why).to.equal(prices - credits);
    }
    expect(everythingDone(), `${JSON.stringify(done)}, XONOMY_SEED=${SEED}`).to.equal(true);

    async function topUp(token: typeof xp, holders: readonly HardhatEthersSigner[]) {
      for (const holder of holders) {
        const missing = 6_000_000n * ONE - (await token.balanceOf(holder));
        if (missing > 0n) await token.mint(holder, 10_000_000n * ONE);
      }
    }
  });

  /** One to five tiers, whose fees other tables often have too, at prices up to the source's. */
  function randomTable(random: Random): Tier[] {
    let [price, feeBps] = [0n, BASE_FEE_BPS];
    return Array.from({ length: Number(random.between(0n, 5n)) }, () => {
      price += random.magnitude(1n, 10n ** 24n);
      feeBps -= feeBps > 50n ? random.pick([25n, 50n]) : 25n;
      return { price, feeBps };
    });
  }

  describe("cost", () => {
    const gasOf = async (transaction: ReturnType<FeeTiers["burnForTier"]>) =>
      (await (await transaction).wait())?.gasUsed ?? 0n;

    it("burns for a tier within its budget, also for the first burn of an epoch", async () => {
      const { tiers, asAlice, alice, bob, xp, deploy } = await networkHelpers.loadFixture(deployed);
      const gas: Record<string, bigint> = {};
      const epoch = async (count: bigint) => at((await xp.start()) + (count - 1n) * 7n * DAY);
      await tiers.connect(bob).burnForTier(BRONZE, ANY_FEE, UNLIMITED);
      gas["first"] = await gasOf(asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED));
      gas["renewal"] = await gasOf(asAlice.burnForTier(BRONZE, ANY_FEE, UNLIMITED));
      gas["upgrade"] = await gasOf(asAlice.burnForTier(SILVER, ANY_FEE, UNLIMITED));
      await epoch(2n);
      gas["renewal, first burn of an epoch"] = await gasOf(asAlice.burnForTier(SILVER, ANY_FEE, UNLIMITED));
      await epoch(4n);
      gas["renewal, first burn after an epoch with burns and no mint"] = await gasOf(
        tiers.connect(bob).burnForTier(BRONZE, ANY_FEE, UNLIMITED),
      );
      await xp.connect(alice).approve(tiers, 0n);
      const permitted = async (tier: bigint, burn: bigint, holder = alice) => {
        const signature = await signed(tiers, holder, burn);
        return gasOf(tiers.connect(holder).burnForTierWithPermit(tier, ANY_FEE, burn, ...signature));
      };
      gas["upgrade, with permit"] = await permitted(GOLD, 250_000n * ONE);
      gas["renewal, with permit"] = await permitted(GOLD, 250_000n * ONE);
      const successor = await deploy(tiers);
      await xp.connect(alice).approve(successor, UNLIMITED);
      await successor.connect(alice).burnForTier(DIAMOND, ANY_FEE, UNLIMITED);
      gas["renewal, with a predecessor"] = await gasOf(
        successor.connect(alice).burnForTier(DIAMOND, ANY_FEE, UNLIMITED),
      );
      await epoch(60n);
      await xp.connect(bob).approve(tiers, 0n);
      gas["first again, with permit"] = await permitted(BRONZE, 10_000n * ONE, bob);
      gas["feeBpsOf"] = await tiers.feeBpsOf.estimateGas(alice);
      gas["feeBpsOf, with a predecessor"] = await successor.feeBpsOf.estimateGas(alice);
      if (hre.globalOptions.coverage) return;
      const said = JSON.stringify(gas, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value));
      expect(gas["renewal"], said).to.be.at.most(75_000n);
      expect(gas["renewal, first burn of an epoch"], said).to.be.at.most(75_000n);
      // Nothing was earned in that whole week, so the burns of it get a slot of their own.
      expect(gas["renewal, first burn after an epoch with burns and no mint"], said).to.be.at.most(92_000n);
      expect(gas["renewal, with a predecessor"], said).to.be.at.most(75_000n);
      expect(gas["upgrade"], said).to.be.at.most(75_000n);
      expect(gas["first"], said).to.be.at.most(90_000n);
    });
  });
});
