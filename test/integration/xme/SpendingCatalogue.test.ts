import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

import { MAX_HOT_SPOTS, SPENDING_MAX_PERIOD, SPENDING_MIN_PERIOD } from "../../../src/xme/spending.js";
import { DAY, XMEX, deploySpending } from "../../support/spending.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const GWEI = 10n ** 9n;
const HIGHEST = (2n ** 64n - 1n) * GWEI;

describe("SpendingCatalogue", () => {
  const ready = () => deploySpending(connection);

  describe("constructor", () => {
    it("refuses an authority without code", async () => {
      const { catalogue, stranger } = await networkHelpers.loadFixture(ready);
      await expect(ethers.deployContract("SpendingCatalogue", [stranger]))
        .to.be.revertedWithCustomError(catalogue, "SpendingCatalogue_AuthorityHasNoCode")
        .withArgs(stranger.address);
    });

    it("begins with nothing for sale", async () => {
      const { catalogue, manager, creator } = await networkHelpers.loadFixture(ready);
      expect(await catalogue.authority()).to.equal(await manager.getAddress());
      expect([...(await catalogue.planOf(creator, 0n))]).to.deep.equal([0n, 0n]);
      expect([...(await catalogue.hotSpots())]).to.deep.equal([0n, 0n]);
      expect([...(await catalogue.serviceOf(0n))]).to.deep.equal([0n, 0n]);
      expect(await catalogue.growthPriceOf(0n, 0n)).to.equal(0n);
    });
  });

  describe("setPlan", () => {
    it("refuses a period that is too short or too long, by a second, and takes the edges", async () => {
      const { catalogue, creator } = await networkHelpers.loadFixture(ready);
      const own = catalogue.connect(creator);
      for (const period of [0n, SPENDING_MIN_PERIOD - 1n, SPENDING_MAX_PERIOD + 1n, 2n ** 32n + DAY]) {
        await expect(own.setPlan(1n, XMEX, period))
          .to.be.revertedWithCustomError(catalogue, "SpendingCatalogue_PeriodOutOfRange")
          .withArgs(period, SPENDING_MIN_PERIOD, SPENDING_MAX_PERIOD);
      }
      for (const period of [SPENDING_MIN_PERIOD, SPENDING_MAX_PERIOD]) {
        await own.setPlan(1n, XMEX, period);
        expect([...(await catalogue.planOf(creator, 1n))]).to.deep.equal([XMEX, period]);
      }
    });

    it("refuses a price that is not whole gwei, or above 64 bits of them", async () => {
      const { catalogue, creator } = await networkHelpers.loadFixture(ready);
      const own = catalogue.connect(creator);
      await expect(own.setPlan(1n, GWEI + 1n, DAY))
        .to.be.revertedWithCustomError(catalogue, "SpendingCatalogue_NotWholeGwei")
        .withArgs(GWEI + 1n);
      await expect(own.setPlan(1n, HIGHEST + GWEI, DAY))
        .to.be.revertedWithCustomError(catalogue, "SafeCastOverflowedUintDowncast")
        .withArgs(64n, 2n ** 64n);
      await own.setPlan(1n, HIGHEST, DAY);
      expect((await catalogue.planOf(creator, 1n)).price).to.equal(HIGHEST);
    });

    it("sets the caller's own plan alone, closes it by zero, and tells", async () => {
      const { catalogue, creator, other } = await networkHelpers.loadFixture(ready);
      await expect(catalogue.connect(creator).setPlan(1n, XMEX, 2n * DAY))
        .to.emit(catalogue, "PlanChanged")
        .withArgs(creator.address, 1n, XMEX, 2n * DAY);
      await catalogue.connect(other).setPlan(1n, 7n * XMEX, 3n * DAY);
      await catalogue.connect(creator).setPlan(2n, 5n * XMEX, 9n * DAY);
      expect([...(await catalogue.planOf(creator, 1n))]).to.deep.equal([XMEX, 2n * DAY]);
      expect([...(await catalogue.planOf(creator, 2n))]).to.deep.equal([5n * XMEX, 9n * DAY]);
      expect([...(await catalogue.planOf(other, 1n))]).to.deep.equal([7n * XMEX, 3n * DAY]);
      expect([...(await catalogue.planOf(ZeroAddress, 1n))]).to.deep.equal([0n, 0n]);
      await catalogue.connect(creator).setPlan(1n, 0n, 2n * DAY);
      expect((await catalogue.planOf(creator, 1n)).price).to.equal(0n);
    });
  });

  describe("setPlatformPlan", () => {
    it("refuses anybody but the catalogue's keeper, and what setPlan refuses", async () => {
      const { catalogue, keeps, governance, creator } = await networkHelpers.loadFixture(ready);
      for (const caller of [governance, creator]) {
        await expect(catalogue.connect(caller).setPlatformPlan(1n, XMEX, DAY))
          .to.be.revertedWithCustomError(catalogue, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
      await expect(keeps.setPlatformPlan(1n, XMEX, DAY - 1n)).to.be.revertedWithCustomError(
        catalogue,
        "SpendingCatalogue_PeriodOutOfRange",
      );
    });

    it("sets the platform's plan, and tells", async () => {
      const { catalogue, keeps, keeper } = await networkHelpers.loadFixture(ready);
      await expect(keeps.setPlatformPlan(1n, XMEX, DAY))
        .to.emit(catalogue, "PlanChanged")
        .withArgs(ZeroAddress, 1n, XMEX, DAY);
      expect([...(await catalogue.planOf(ZeroAddress, 1n))]).to.deep.equal([XMEX, DAY]);
      expect([...(await catalogue.planOf(keeper, 1n))]).to.deep.equal([0n, 0n]);
    });
  });

  describe("setHotSpots", () => {
    it("refuses anybody but the catalogue's keeper, more than a hundred, and a price that is not whole gwei", async () => {
      const { catalogue, keeps, governance } = await networkHelpers.loadFixture(ready);
      await expect(catalogue.connect(governance).setHotSpots(XMEX, 1n))
        .to.be.revertedWithCustomError(catalogue, "AccessManagedUnauthorized")
        .withArgs(governance.address);
      await expect(keeps.setHotSpots(XMEX, MAX_HOT_SPOTS + 1n))
        .to.be.revertedWithCustomError(catalogue, "SpendingCatalogue_TooManyHotSpots")
        .withArgs(MAX_HOT_SPOTS + 1n, MAX_HOT_SPOTS);
      await expect(keeps.setHotSpots(1n, 1n))
        .to.be.revertedWithCustomError(catalogue, "SpendingCatalogue_NotWholeGwei")
        .withArgs(1n);
    });

    it("sets the offer, and tells", async () => {
      const { catalogue, keeps } = await networkHelpers.loadFixture(ready);
      await expect(keeps.setHotSpots(HIGHEST, MAX_HOT_SPOTS))
        .to.emit(catalogue, "HotSpotsChanged")
        .withArgs(HIGHEST, MAX_HOT_SPOTS);
      expect([...(await catalogue.hotSpots())]).to.deep.equal([HIGHEST, MAX_HOT_SPOTS]);
    });
  });

  describe("setService", () => {
    it("refuses anybody but the catalogue's keeper, and what is not whole gwei", async () => {
      const { catalogue, keeps, governance } = await networkHelpers.loadFixture(ready);
      await expect(catalogue.connect(governance).setService(1n, XMEX, 0n))
        .to.be.revertedWithCustomError(catalogue, "AccessManagedUnauthorized")
        .withArgs(governance.address);
      for (const [price, hold] of [
        [GWEI + 1n, 0n],
        [0n, GWEI + 1n],
      ] as const) {
        await expect(keeps.setService(1n, price, hold))
          .to.be.revertedWithCustomError(catalogue, "SpendingCatalogue_NotWholeGwei")
          .withArgs(GWEI + 1n);
      }
      await expect(keeps.setService(1n, 0n, 2n ** 96n * GWEI))
        .to.be.revertedWithCustomError(catalogue, "SafeCastOverflowedUintDowncast")
        .withArgs(96n, 2n ** 96n);
    });

    it("sets both ways to have it, and tells", async () => {
      const { catalogue, keeps } = await networkHelpers.loadFixture(ready);
      const hold = (2n ** 96n - 1n) * GWEI;
      await expect(keeps.setService(1n, HIGHEST, hold))
        .to.emit(catalogue, "ServiceChanged")
        .withArgs(1n, HIGHEST, hold);
      expect([...(await catalogue.serviceOf(1n))]).to.deep.equal([HIGHEST, hold]);
      expect([...(await catalogue.serviceOf(2n))]).to.deep.equal([0n, 0n]);
    });
  });

  describe("setGrowthPrice", () => {
    it("refuses anybody but governance, and what is not whole gwei", async () => {
      const { catalogue, keeps, governance, keeper } = await networkHelpers.loadFixture(ready);
      await expect(keeps.setGrowthPrice(0n, 0n, XMEX))
        .to.be.revertedWithCustomError(catalogue, "AccessManagedUnauthorized")
        .withArgs(keeper.address);
      await expect(catalogue.connect(governance).setGrowthPrice(0n, 0n, 1n))
        .to.be.revertedWithCustomError(catalogue, "SpendingCatalogue_NotWholeGwei")
        .withArgs(1n);
    });

    it("sets the price of a day, or of a privilege, and tells", async () => {
      const { catalogue, governance } = await networkHelpers.loadFixture(ready);
      const asGovernance = catalogue.connect(governance);
      await expect(asGovernance.setGrowthPrice(2n, 1n, HIGHEST))
        .to.emit(catalogue, "GrowthPriceChanged")
        .withArgs(2n, 1n, HIGHEST);
      await asGovernance.setGrowthPrice(1n, 0n, XMEX);
      expect(await catalogue.growthPriceOf(2n, 1n)).to.equal(HIGHEST);
      expect(await catalogue.growthPriceOf(1n, 0n)).to.equal(XMEX);
      expect(await catalogue.growthPriceOf(0n, 0n)).to.equal(0n);
      expect(await catalogue.growthPriceOf(2n, 0n)).to.equal(0n);
    });
  });
});
