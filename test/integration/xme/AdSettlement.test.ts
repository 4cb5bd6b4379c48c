import { expect } from "chai";
import { AbiCoder, Signature, ZeroAddress, getCreateAddress, id, keccak256, toBeHex } from "ethers";
import hre, { network } from "hardhat";

import {
  AD_MAX_DURATION,
  AD_MAX_PRICE_PER_THOUSAND,
  AD_MAX_REPORTS,
  AD_MAX_START_DISTANCE,
  AD_PRICE_STEP,
  AD_SETTLEMENT_WINDOW,
  AdRefusal,
  type AdParts,
  type AdRow,
  AdSettlementModel,
  type AdSplit,
  adCost,
  adParts,
  adReached,
} from "../../../src/xme/ads.js";
import type { AdSettlement } from "../../../typechain-types/index.js";
import { effort } from "../../support/effort.js";
import { PERMIT_TYPES } from "../../support/permit.js";

const { ethers, networkHelpers } = await network.create();

const DAY = 86_400n;
const XME = 10n ** 18n;
const WEEK = AD_SETTLEMENT_WINDOW;
const MAX_UINT = 2n ** 256n - 1n;
const BRIEF = id("brief");
const REPORT_HASH = id("report");
const URI = "ipfs://report";

const SPLIT: AdSplit = { creatorsBps: 6_000n, delegatorsBps: 2_000n, burnBps: 1_000n, treasuryBps: 1_000n };
const OTHER_SPLIT: AdSplit = { creatorsBps: 3_333n, delegatorsBps: 3_334n, burnBps: 1n, treasuryBps: 3_332n };

/** Ten days at 40 XME for a thousand impressions: the budget buys 250,000 of them, 25,000 a day. */
const BUDGET = 10_000n * XME;
const PRICE = 40n * XME;
const RUN = 10n * DAY;

const asTuple = ({ cost, creators, delegators, burned, treasury }: AdParts) =>
  [cost, creators, delegators, burned, treasury] as const;
const row = (creator: string, impressions: bigint): AdRow => ({ creator, impressions });
const asTerms = ({ creatorsBps, delegatorsBps, burnBps, treasuryBps }: AdSplit) =>
  [creatorsBps, delegatorsBps, burnBps, treasuryBps] as const;

/** Makes it look as if campaign 1 had settled `reports`: the highest 24 bits of its second slot. */
async function rewindReports(ads: AdSettlement, reports: bigint): Promise<void> {
  const campaigns = 3n;
  const slot = BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["uint256", "uint256"], [1n, campaigns]))) + 1n;
  const address = await ads.getAddress();
  const stored = await networkHelpers.getStorageAt(address, slot);
  await networkHelpers.setStorageAt(address, slot, toBeHex((BigInt(stored) % 2n ** 232n) + (reports << 232n), 32));
  expect((await ads.campaignOf(1n)).reports).to.equal(reports);
}

describe("AdSettlement", () => {
  async function deploySettlement(split = SPLIT) {
    const [deployer, governance, settler, treasury, advertiser, creator, other, stranger] = await ethers.getSigners();
    if (!deployer || !governance || !settler || !treasury || !advertiser || !creator || !other || !stranger) {
      throw new Error("too few accounts");
    }
    const xme = await ethers.deployContract("XME");
    const income = await ethers.deployContract("AdIncome", [xme]);
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const ads = await ethers.deployContract("AdSettlement", [xme, treasury, income, split, manager]);
    const asGovernance = manager.connect(governance);
    await asGovernance.grantRole(7n, settler, 0n);
    await asGovernance.setTargetFunctionRole(ads, [ads.interface.getFunction("settle").selector], 7n);
    await xme.transfer(advertiser, 100n * BUDGET);
    await xme.transfer(stranger, 100n * BUDGET);
    await xme.connect(advertiser).approve(ads, MAX_UINT);
    await xme.connect(stranger).approve(ads, MAX_UINT);
    return {
      deployer,
      governance,
      settler,
      treasury,
      advertiser,
      creator,
      other,
      stranger,
      xme,
      income,
      manager,
      ads,
      asAdvertiser: ads.connect(advertiser),
      asSettler: ads.connect(settler),
      governed: ads.connect(governance),
    };
  }

  const ready = () => deploySettlement();

  const nextSecond = async (seconds = 100n) => {
    const at = BigInt(await networkHelpers.time.latest()) + seconds;
    await networkHelpers.time.setNextBlockTimestamp(at);
    return at;
  };
  const nextAt = (at: bigint) => networkHelpers.time.setNextBlockTimestamp(at);

  const termsFrom = (start: bigint) => ({
    budget: BUDGET,
    pricePerThousand: PRICE,
    start,
    end: start + RUN,
    splitVersion: 1n,
    brief: BRIEF,
  });

  /** One campaign, number 1, that starts in a day. */
  async function withCampaign(split = SPLIT) {
    const world = await deploySettlement(split);
    const at = await nextSecond();
    const start = at + DAY;
    await world.asAdvertiser.create(termsFrom(start));
    return { ...world, start, end: start + RUN };
  }

  const booked = () => withCampaign();

  /** The campaign when it has ended: its whole budget can be spent. */
  async function ended() {
    const world = await withCampaign();
    await networkHelpers.time.increaseTo(world.end);
    return world;
  }

  /** An ended campaign of which 100,000 impressions are settled: 4,000 XME. */
  async function settled() {
    const world = await ended();
    await world.asSettler.settle(1n, 1n, [row(world.creator.address, 100_000n)], REPORT_HASH, URI);
    return world;
  }

  const settledParts = adParts(4_000n * XME, SPLIT);

  async function sign(
    world: Awaited<ReturnType<typeof ready>>,
    value: bigint,
    deadline = MAX_UINT,
  ): Promise<[bigint, bigint, string, string]> {
    const { advertiser, xme, ads } = world;
    await xme.connect(advertiser).approve(ads, 0n);
    const domain = {
      name: "X.me Governance Token",
      version: "1",
      chainId: (await ethers.provider.getNetwork()).chainId,
      verifyingContract: await xme.getAddress(),
    };
    const message = {
      owner: advertiser.address,
      spender: await ads.getAddress(),
      value,
      nonce: await xme.nonces(advertiser),
      deadline,
    };
    const { v, r, s } = Signature.from(await advertiser.signTypedData(domain, PERMIT_TYPES, message));
    return [deadline, BigInt(v), r, s];
  }

  describe("constructor", () => {
    it("refuses XME without code", async () => {
      const { ads, stranger, treasury, income, manager } = await networkHelpers.loadFixture(ready);
      await expect(ethers.deployContract("AdSettlement", [stranger, treasury, income, SPLIT, manager]))
        .to.be.revertedWithCustomError(ads, "AdSettlement_XmeHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses a treasury that is zero or the contract itself", async () => {
      const { ads, xme, deployer, income, manager } = await networkHelpers.loadFixture(ready);
      const next = getCreateAddress({ from: deployer.address, nonce: await deployer.getNonce() });
      for (const treasury of [ZeroAddress, next]) {
        await expect(ethers.deployContract("AdSettlement", [xme, treasury, income, SPLIT, manager]))
          .to.be.revertedWithCustomError(ads, "AdSettlement_InvalidTreasury")
          .withArgs(treasury);
      }
    });

    it("refuses an authority without code", async () => {
      const { ads, xme, treasury, income, stranger } = await networkHelpers.loadFixture(ready);
      await expect(ethers.deployContract("AdSettlement", [xme, treasury, income, SPLIT, stranger]))
        .to.be.revertedWithCustomError(ads, "AdSettlement_AuthorityHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses a module without code, and takes none", async () => {
      const { ads, xme, treasury, stranger, manager } = await networkHelpers.loadFixture(ready);
      await expect(ethers.deployContract("AdSettlement", [xme, treasury, stranger, SPLIT, manager]))
        .to.be.revertedWithCustomError(ads, "AdSettlement_IncomeHasNoCode")
        .withArgs(stranger.address);
      const without = await ethers.deployContract("AdSettlement", [xme, treasury, ZeroAddress, SPLIT, manager]);
      expect(await without.income()).to.equal(ZeroAddress);
      await expect(without.deploymentTransaction()).not.to.emit(without, "IncomeChanged");
    });

    it("refuses a split that does not sum to 100 %", async () => {
      const { ads, xme, treasury, income, manager } = await networkHelpers.loadFixture(ready);
      for (const creatorsBps of [5_999n, 6_001n, 65_535n]) {
        const split = { ...SPLIT, creatorsBps };
        await expect(ethers.deployContract("AdSettlement", [xme, treasury, income, split, manager]))
          .to.be.revertedWithCustomError(ads, "AdSettlement_SplitSumNot100Percent")
          .withArgs(creatorsBps + 4_000n);
      }
    });

    it("shows what it was given, and announces split and module", async () => {
      const { ads, xme, treasury, income, manager } = await networkHelpers.loadFixture(ready);
      expect(await ads.xme()).to.equal(await xme.getAddress());
      expect(await ads.treasury()).to.equal(treasury.address);
      expect(await ads.income()).to.equal(await income.getAddress());
      expect(await ads.authority()).to.equal(await manager.getAddress());
      expect(await ads.splitVersion()).to.equal(1n);
      expect([...(await ads.splitOf(1n))]).to.deep.equal(asTerms(SPLIT));
      expect(await ads.campaignCount()).to.equal(0n);
      expect([...(await ads.pending())]).to.deep.equal([0n, 0n, 0n]);
      expect(await ads.SETTLEMENT_WINDOW()).to.equal(AD_SETTLEMENT_WINDOW);
      expect(await ads.MAX_DURATION()).to.equal(AD_MAX_DURATION);
      expect(await ads.MAX_START_DISTANCE()).to.equal(AD_MAX_START_DISTANCE);
      expect(await ads.PRICE_STEP()).to.equal(AD_PRICE_STEP);
      expect(await ads.MAX_PRICE_PER_THOUSAND()).to.equal(AD_MAX_PRICE_PER_THOUSAND);
      expect(await ads.TOTAL_BPS()).to.equal(10_000n);
      const deployment = ads.deploymentTransaction();
      await expect(deployment).to.emit(ads, "SplitChanged").withArgs(1n, asTerms(SPLIT));
      await expect(deployment)
        .to.emit(ads, "IncomeChanged")
        .withArgs(ZeroAddress, await income.getAddress());
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("AdSettlement");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("create", () => {
    it("refuses a budget of zero or above 96 bits", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(ready);
      const terms = termsFrom(await nextSecond());
      await expect(asAdvertiser.create({ ...terms, budget: 0n }))
        .to.be.revertedWithCustomError(ads, "AdSettlement_AmountIsZero")
        .withArgs();
      await expect(asAdvertiser.create({ ...terms, budget: 2n ** 96n }))
        .to.be.revertedWithCustomError(ads, "SafeCastOverflowedUintDowncast")
        .withArgs(96n, 2n ** 96n);
    });

    it("refuses a price that is zero, above the highest or not in steps, and takes the two edges", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(ready);
      const terms = termsFrom((await nextSecond()) + DAY);
      const create = (pricePerThousand: bigint) => asAdvertiser.create({ ...terms, pricePerThousand });
      await expect(create(0n)).to.be.revertedWithCustomError(ads, "AdSettlement_PriceIsZero").withArgs();
      for (const price of [1n, AD_PRICE_STEP - 1n, AD_PRICE_STEP + 1n, AD_MAX_PRICE_PER_THOUSAND - 1n]) {
        await expect(create(price))
          .to.be.revertedWithCustomError(ads, "AdSettlement_PriceNotInSteps")
          .withArgs(price, AD_PRICE_STEP);
      }
      for (const price of [AD_MAX_PRICE_PER_THOUSAND + 1n, AD_MAX_PRICE_PER_THOUSAND + AD_PRICE_STEP, MAX_UINT]) {
        await expect(create(price))
          .to.be.revertedWithCustomError(ads, "AdSettlement_PriceTooHigh")
          .withArgs(price, AD_MAX_PRICE_PER_THOUSAND);
      }
      for (const price of [AD_PRICE_STEP, AD_MAX_PRICE_PER_THOUSAND]) {
        await create(price);
        expect((await ads.campaignOf(await ads.campaignCount())).pricePerThousand).to.equal(price);
      }
    });

    it("refuses a start more than 180 days ahead, and takes the edge", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(ready);
      let at = await nextSecond();
      for (const distance of [AD_MAX_START_DISTANCE + 1n, 1_000_000_000_000n]) {
        await expect(asAdvertiser.create(termsFrom(at + distance)))
          .to.be.revertedWithCustomError(ads, "AdSettlement_StartTooFar")
          .withArgs(at + distance, at + AD_MAX_START_DISTANCE);
        at = await nextSecond();
      }
      await asAdvertiser.create(termsFrom(at + AD_MAX_START_DISTANCE));
      expect((await ads.campaignOf(1n)).start).to.equal(at + AD_MAX_START_DISTANCE);
    });

    it("refuses an end that is not after the start, by a second", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(ready);
      let at = await nextSecond();
      for (const [start, end, from] of [
        [at + DAY, at + DAY, at + DAY],
        [at + DAY, 0n, at + DAY],
        [0n, at, at],
      ] as const) {
        await nextAt(at);
        await expect(asAdvertiser.create({ ...termsFrom(start), end }))
          .to.be.revertedWithCustomError(ads, "AdSettlement_EndNotAfterStart")
          .withArgs(from, end);
      }
      at = await nextSecond();
      await asAdvertiser.create({ ...termsFrom(at + DAY), end: at + DAY + 1n });
      expect((await ads.campaignOf(1n)).end).to.equal(at + DAY + 1n);
    });

    it("refuses to run longer than 180 days, by a second", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(ready);
      const start = (await nextSecond()) + DAY;
      for (const end of [start + AD_MAX_DURATION + 1n, MAX_UINT]) {
        await expect(asAdvertiser.create({ ...termsFrom(start), end }))
          .to.be.revertedWithCustomError(ads, "AdSettlement_TooLong")
          .withArgs(start, end, AD_MAX_DURATION);
      }
      await asAdvertiser.create({ ...termsFrom(start), end: start + AD_MAX_DURATION });
      expect((await ads.campaignOf(1n)).end).to.equal(start + AD_MAX_DURATION);
    });

    it("refuses a split other than the one in force, an older and a later one", async () => {
      const { ads, asAdvertiser, governed } = await networkHelpers.loadFixture(ready);
      const terms = termsFrom((await nextSecond()) + DAY);
      await governed.setSplit(OTHER_SPLIT);
      for (const splitVersion of [0n, 1n, 3n, 2n ** 32n + 2n]) {
        await expect(asAdvertiser.create({ ...terms, splitVersion }))
          .to.be.revertedWithCustomError(ads, "AdSettlement_SplitNotCurrent")
          .withArgs(splitVersion, 2n);
      }
      await asAdvertiser.create({ ...terms, splitVersion: 2n });
      expect((await ads.campaignOf(1n)).splitVersion).to.equal(2n);
    });

    it("fails in the token where the advertiser has not allowed it, or has too little", async () => {
      const { ads, xme, other, advertiser, asAdvertiser } = await networkHelpers.loadFixture(ready);
      const terms = termsFrom((await nextSecond()) + DAY);
      await expect(ads.connect(other).create(terms))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientAllowance")
        .withArgs(await ads.getAddress(), 0n, BUDGET);
      await expect(asAdvertiser.create({ ...terms, budget: 101n * BUDGET }))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientBalance")
        .withArgs(advertiser.address, 100n * BUDGET, 101n * BUDGET);
    });

    it("escrows the budget, keeps the terms and tells", async () => {
      const { ads, xme, advertiser, asAdvertiser } = await networkHelpers.loadFixture(ready);
      const start = (await nextSecond()) + DAY;
      await expect(asAdvertiser.create(termsFrom(start)))
        .to.emit(ads, "CampaignCreated")
        .withArgs(1n, advertiser.address, BUDGET, PRICE, start, start + RUN, 1n, BRIEF);
      expect(await xme.balanceOf(ads)).to.equal(BUDGET);
      expect(await xme.balanceOf(advertiser)).to.equal(99n * BUDGET);
      expect([...(await ads.campaignOf(1n))]).to.deep.equal([
        advertiser.address,
        BUDGET,
        0n,
        PRICE,
        start,
        start + RUN,
        1n,
        0n,
      ]);
    });

    it("begins now where the start has passed", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(ready);
      for (const back of [0n, 1n, 10n * DAY]) {
        const at = await nextSecond();
        await asAdvertiser.create({ ...termsFrom(at - back), end: at + DAY });
        expect((await ads.campaignOf(await ads.campaignCount())).start).to.equal(at);
      }
    });

    it("numbers campaigns from one", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(ready);
      const terms = termsFrom((await nextSecond()) + DAY);
      expect(await asAdvertiser.create.staticCall(terms)).to.equal(1n);
      await asAdvertiser.create(terms);
      expect(await asAdvertiser.create.staticCall(terms)).to.equal(2n);
      expect(await ads.campaignCount()).to.equal(1n);
      await expect(ads.campaignOf(2n)).to.be.revertedWithCustomError(ads, "AdSettlement_UnknownCampaign").withArgs(2n);
    });
  });

  describe("createWithPermit", () => {
    it("creates with a signature in place of an allowance", async () => {
      const world = await networkHelpers.loadFixture(ready);
      const { ads, xme, advertiser, asAdvertiser } = world;
      const permit = await sign(world, BUDGET);
      const terms = termsFrom((await nextSecond()) + DAY);
      expect(await asAdvertiser.createWithPermit.staticCall(terms, ...permit)).to.equal(1n);
      await expect(asAdvertiser.createWithPermit(terms, ...permit)).to.emit(ads, "CampaignCreated");
      expect((await ads.campaignOf(1n)).advertiser).to.equal(advertiser.address);
      expect(await xme.balanceOf(ads)).to.equal(BUDGET);
      expect(await xme.allowance(advertiser, ads)).to.equal(0n);
    });

    it("creates where somebody else has used the signature already, and fails in the token where it is wrong", async () => {
      const world = await networkHelpers.loadFixture(ready);
      const { ads, xme, advertiser, stranger, asAdvertiser } = world;
      const permit = await sign(world, BUDGET);
      const terms = termsFrom((await nextSecond()) + DAY);
      await expect(asAdvertiser.createWithPermit({ ...terms, budget: BUDGET + 1n }, ...permit))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientAllowance")
        .withArgs(await ads.getAddress(), 0n, BUDGET + 1n);
      await xme.connect(stranger).permit(advertiser, ads, BUDGET, ...permit);
      await asAdvertiser.createWithPermit(terms, ...permit);
      expect(await xme.balanceOf(ads)).to.equal(BUDGET);
    });
  });

  describe("topUp", () => {
    it("refuses an amount of zero, and a budget above 96 bits", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(booked);
      await expect(asAdvertiser.topUp(1n, 0n)).to.be.revertedWithCustomError(ads, "AdSettlement_AmountIsZero");
      await expect(asAdvertiser.topUp(1n, MAX_UINT))
        .to.be.revertedWithCustomError(ads, "SafeCastOverflowedUintDowncast")
        .withArgs(96n, MAX_UINT);
      await expect(asAdvertiser.topUp(1n, 2n ** 96n - BUDGET))
        .to.be.revertedWithCustomError(ads, "SafeCastOverflowedUintDowncast")
        .withArgs(96n, 2n ** 96n);
    });

    it("refuses a campaign that does not exist", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(booked);
      for (const unknown of [0n, 2n, MAX_UINT]) {
        await expect(asAdvertiser.topUp(unknown, 1n))
          .to.be.revertedWithCustomError(ads, "AdSettlement_UnknownCampaign")
          .withArgs(unknown);
      }
    });

    it("refuses from the second on in which the campaign ends", async () => {
      const { ads, asAdvertiser, end } = await networkHelpers.loadFixture(booked);
      await nextAt(end - 1n);
      await asAdvertiser.topUp(1n, 1n);
      for (const at of [end, end + 1n]) {
        await nextAt(at);
        await expect(asAdvertiser.topUp(1n, 1n))
          .to.be.revertedWithCustomError(ads, "AdSettlement_Ended")
          .withArgs(1n, end);
        await networkHelpers.mine();
      }
    });

    it("refuses a campaign that was stopped before its start", async () => {
      const { ads, asAdvertiser } = await networkHelpers.loadFixture(booked);
      const at = await nextSecond();
      await asAdvertiser.stop(1n);
      await expect(asAdvertiser.topUp(1n, 1n))
        .to.be.revertedWithCustomError(ads, "AdSettlement_Ended")
        .withArgs(1n, at);
    });

    it("raises budget and pace for anybody who adds, and refunds the advertiser", async () => {
      const { ads, xme, stranger, advertiser, start, end } = await networkHelpers.loadFixture(booked);
      await networkHelpers.time.increaseTo(start + RUN / 4n);
      expect(await ads.spendable(1n)).to.equal(BUDGET / 4n);
      await nextAt(start + RUN / 2n);
      await expect(ads.connect(stranger).topUp(1n, BUDGET))
        .to.emit(ads, "BudgetRaised")
        .withArgs(1n, stranger.address, BUDGET);
      expect((await ads.campaignOf(1n)).budget).to.equal(2n * BUDGET);
      expect(await ads.spendable(1n)).to.equal(BUDGET);
      expect(await xme.balanceOf(ads)).to.equal(2n * BUDGET);
      await networkHelpers.time.increaseTo(end + WEEK);
      await ads.refund(1n);
      expect(await xme.balanceOf(advertiser)).to.equal(101n * BUDGET);
    });

    it("needs no allowance with a signature", async () => {
      const world = await networkHelpers.loadFixture(booked);
      const { ads, xme, advertiser, asAdvertiser, stranger } = world;
      const permit = await sign(world, 5n);
      await expect(asAdvertiser.topUpWithPermit(1n, 6n, ...permit)).to.be.revertedWithCustomError(
        xme,
        "ERC20InsufficientAllowance",
      );
      await expect(asAdvertiser.topUpWithPermit(1n, 5n, ...permit))
        .to.emit(ads, "BudgetRaised")
        .withArgs(1n, advertiser.address, 5n);
      const used = await sign(world, 7n);
      await xme.connect(stranger).permit(advertiser, ads, 7n, ...used);
      await asAdvertiser.topUpWithPermit(1n, 7n, ...used);
      expect((await ads.campaignOf(1n)).budget).to.equal(BUDGET + 12n);
    });
  });

  describe("stop", () => {
    it("refuses a campaign that does not exist or has ended, and anybody but the advertiser", async () => {
      const { ads, asAdvertiser, governance, settler, advertiser, end } = await networkHelpers.loadFixture(booked);
      await expect(asAdvertiser.stop(2n))
        .to.be.revertedWithCustomError(ads, "AdSettlement_UnknownCampaign")
        .withArgs(2n);
      await expect(ads.previewStop(2n)).to.be.revertedWithCustomError(ads, "AdSettlement_UnknownCampaign").withArgs(2n);
      for (const caller of [governance, settler]) {
        await expect(ads.connect(caller).stop(1n))
          .to.be.revertedWithCustomError(ads, "AdSettlement_NotAdvertiser")
          .withArgs(1n, caller.address, advertiser.address);
      }
      for (const at of [end, end + 1n]) {
        await nextAt(at);
        await expect(asAdvertiser.stop(1n)).to.be.revertedWithCustomError(ads, "AdSettlement_Ended").withArgs(1n, end);
        await networkHelpers.mine();
        await expect(ads.previewStop(1n)).to.be.revertedWithCustomError(ads, "AdSettlement_Ended").withArgs(1n, end);
      }
    });

    it("sends all of it back before the start, and nothing later", async () => {
      const { ads, xme, asAdvertiser, asSettler, advertiser, creator, start } =
        await networkHelpers.loadFixture(booked);
      const at = start - 1n;
      expect(await ads.previewStop(1n)).to.equal(BUDGET);
      await nextAt(at);
      await expect(asAdvertiser.stop(1n)).to.emit(ads, "CampaignStopped").withArgs(1n, at, BUDGET);
      expect(await xme.balanceOf(advertiser)).to.equal(100n * BUDGET);
      const { budget, start: from, end } = await ads.campaignOf(1n);
      expect([budget, from, end]).to.deep.equal([0n, at, at]);
      await expect(asSettler.settle(1n, 1n, [row(creator.address, 1n)], REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "AdSettlement_AboveSpendable")
        .withArgs(1n, PRICE / 1_000n, 0n);
      await expect(asAdvertiser.stop(1n)).to.be.revertedWithCustomError(ads, "AdSettlement_Ended").withArgs(1n, at);
      await networkHelpers.time.increaseTo(at + WEEK);
      await expect(ads.refund(1n)).to.be.revertedWithCustomError(ads, "AdSettlement_NothingToRefund").withArgs(1n);
    });

    it("sends back what the pace has not reached, and leaves the rest to seven days of reports", async () => {
      const { ads, xme, asAdvertiser, asSettler, advertiser, creator, start, end } =
        await networkHelpers.loadFixture(booked);
      await networkHelpers.time.increaseTo(start + DAY);
      await asSettler.settle(1n, 1n, [row(creator.address, 10_000n)], REPORT_HASH, URI);
      const at = start + 3n * DAY + 1n;
      const reached = adReached(BUDGET, start, end, at);
      await nextAt(at);
      expect(await asAdvertiser.stop.staticCall(1n, { blockTag: "pending" })).to.equal(BUDGET - reached);
      await nextAt(at);
      await expect(asAdvertiser.stop(1n))
        .to.emit(ads, "CampaignStopped")
        .withArgs(1n, at, BUDGET - reached);
      expect(await xme.balanceOf(advertiser)).to.equal(100n * BUDGET - reached);
      const stopped = await ads.campaignOf(1n);
      expect([stopped.budget, stopped.start, stopped.end]).to.deep.equal([reached, start, at]);

      const left = reached - 400n * XME;
      await nextAt(at + WEEK - 1n);
      await asSettler.settle(1n, 2n, [row(creator.address, 5_000n)], REPORT_HASH, URI);
      expect(await ads.spendable(1n)).to.equal(left - 200n * XME);
      await nextAt(at + WEEK);
      await expect(ads.refund(1n))
        .to.emit(ads, "Refunded")
        .withArgs(1n, advertiser.address, left - 200n * XME);
      expect(await xme.balanceOf(advertiser)).to.equal(100n * BUDGET - 600n * XME);
    });

    it("sends back one wei at least, in the last second and of the smallest budget", async () => {
      const { ads, xme, asAdvertiser, advertiser } = await networkHelpers.loadFixture(ready);
      const start = (await nextSecond()) + DAY;
      await asAdvertiser.create({ ...termsFrom(start), budget: 2n });
      await nextAt(start + RUN - 1n);
      await expect(asAdvertiser.stop(1n))
        .to.emit(ads, "CampaignStopped")
        .withArgs(1n, start + RUN - 1n, 1n);
      expect(await xme.balanceOf(ads)).to.equal(1n);
      await nextAt(start + RUN - 1n + WEEK);
      await expect(ads.refund(1n)).to.emit(ads, "Refunded").withArgs(1n, advertiser.address, 1n);
    });
  });

  describe("settle", () => {
    it("refuses the advertiser, governance and a stranger", async () => {
      const { ads, advertiser, governance, stranger, creator } = await networkHelpers.loadFixture(ended);
      for (const caller of [advertiser, governance, stranger]) {
        await expect(ads.connect(caller).settle(1n, 1n, [row(creator.address, 1n)], REPORT_HASH, URI))
          .to.be.revertedWithCustomError(ads, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses a campaign that does not exist", async () => {
      const { ads, asSettler, creator } = await networkHelpers.loadFixture(ended);
      for (const unknown of [0n, 2n]) {
        await expect(asSettler.settle(unknown, 1n, [row(creator.address, 1n)], REPORT_HASH, URI))
          .to.be.revertedWithCustomError(ads, "AdSettlement_UnknownCampaign")
          .withArgs(unknown);
        for (const view of ["spendable", "refundable", "campaignOf"] as const) {
          await expect(ads.getFunction(view)(unknown))
            .to.be.revertedWithCustomError(ads, "AdSettlement_UnknownCampaign")
            .withArgs(unknown);
        }
      }
    });

    it("refuses a report that is sent twice, and one with a number left out", async () => {
      const { ads, asSettler, creator } = await networkHelpers.loadFixture(settled);
      for (const report of [0n, 1n, 3n, 2n ** 24n + 2n]) {
        await expect(asSettler.settle(1n, report, [row(creator.address, 100_000n)], REPORT_HASH, URI))
          .to.be.revertedWithCustomError(ads, "AdSettlement_NotNextReport")
          .withArgs(1n, report, 2n);
      }
      await asSettler.settle(1n, 2n, [row(creator.address, 1n)], REPORT_HASH, URI);
      expect((await ads.campaignOf(1n)).reports).to.equal(2n);
    });

    it("refuses report number 16,777,216", async () => {
      const { ads, asSettler, creator } = await networkHelpers.loadFixture(settled);
      await rewindReports(ads, AD_MAX_REPORTS - 1n);
      await asSettler.settle(1n, AD_MAX_REPORTS, [row(creator.address, 1n)], REPORT_HASH, URI);
      await expect(asSettler.settle(1n, AD_MAX_REPORTS + 1n, [row(creator.address, 1n)], REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "SafeCastOverflowedUintDowncast")
        .withArgs(24n, AD_MAX_REPORTS + 1n);
    });

    it("refuses a time before the start, by a second", async () => {
      const { ads, asSettler, creator, start } = await networkHelpers.loadFixture(booked);
      await nextAt(start - 1n);
      await expect(asSettler.settle(1n, 1n, [row(creator.address, 1n)], REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "AdSettlement_NotStarted")
        .withArgs(1n, start);
      await nextAt(start);
      await expect(asSettler.settle(1n, 1n, [row(creator.address, 1n)], REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "AdSettlement_AboveSpendable")
        .withArgs(1n, PRICE / 1_000n, 0n);
      await nextAt(start + 4n);
      await asSettler.settle(1n, 1n, [row(creator.address, 1n)], REPORT_HASH, URI);
    });

    it("refuses from seven days after the end on, and takes the second before", async () => {
      const { ads, asSettler, creator, end } = await networkHelpers.loadFixture(ended);
      await nextAt(end + WEEK - 1n);
      await asSettler.settle(1n, 1n, [row(creator.address, 1n)], REPORT_HASH, URI);
      expect(await ads.spendable(1n)).to.equal(BUDGET - PRICE / 1_000n);
      for (const at of [end + WEEK, end + WEEK + 1n]) {
        await nextAt(at);
        await expect(asSettler.settle(1n, 2n, [row(creator.address, 1n)], REPORT_HASH, URI))
          .to.be.revertedWithCustomError(ads, "AdSettlement_SettlementClosed")
          .withArgs(1n, end + WEEK);
        await networkHelpers.mine();
        expect(await ads.spendable(1n)).to.equal(0n);
      }
    });

    it("refuses a report without rows", async () => {
      const { ads, asSettler } = await networkHelpers.loadFixture(ended);
      await expect(asSettler.settle(1n, 1n, [], REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "AdSettlement_NoRows")
        .withArgs(1n);
    });

    it("refuses zero and the contract as a creator, and says in which row", async () => {
      const { ads, asSettler, creator } = await networkHelpers.loadFixture(ended);
      for (const invalid of [ZeroAddress, await ads.getAddress()]) {
        const rows: AdRow[] = [row(creator.address, 1n), row(invalid, 1n)];
        await expect(asSettler.settle(1n, 1n, rows, REPORT_HASH, URI))
          .to.be.revertedWithCustomError(ads, "AdSettlement_InvalidCreator")
          .withArgs(1n, invalid);
      }
    });

    it("refuses a row without impressions, and says which", async () => {
      const { ads, asSettler, creator, other } = await networkHelpers.loadFixture(ended);
      const rows: AdRow[] = [row(creator.address, 1n), row(creator.address, 2n), row(other.address, 0n)];
      await expect(asSettler.settle(1n, 1n, rows, REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "AdSettlement_NoImpressions")
        .withArgs(2n, other.address);
    });

    it("refuses one impression more than the pace has reached", async () => {
      const { ads, asSettler, creator, other, start } = await networkHelpers.loadFixture(booked);
      await nextAt(start + DAY);
      await expect(asSettler.settle(1n, 1n, [row(creator.address, 25_000n), row(other.address, 1n)], REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "AdSettlement_AboveSpendable")
        .withArgs(1n, 1_000n * XME + PRICE / 1_000n, 1_000n * XME);
      await nextAt(start + DAY);
      await asSettler.settle(1n, 1n, [row(creator.address, 25_000n)], REPORT_HASH, URI);
      expect(await ads.spendable(1n)).to.equal(0n);
      await nextAt(start + DAY + 3n);
      await expect(asSettler.settle(1n, 2n, [row(creator.address, 1n)], REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "AdSettlement_AboveSpendable")
        .withArgs(1n, PRICE / 1_000n, (BUDGET * 3n) / RUN);
    });

    it("refuses one impression more than the budget once it has ended", async () => {
      const { ads, asSettler, creator } = await networkHelpers.loadFixture(ended);
      await expect(asSettler.settle(1n, 1n, [row(creator.address, 250_001n)], REPORT_HASH, URI))
        .to.be.revertedWithCustomError(ads, "AdSettlement_AboveSpendable")
        .withArgs(1n, BUDGET + PRICE / 1_000n, BUDGET);
      const highest = 2n ** 64n - 1n;
      await expect(
        asSettler.settle(1n, 1n, [row(creator.address, highest), row(creator.address, highest)], REPORT_HASH, URI),
      )
        .to.be.revertedWithCustomError(ads, "AdSettlement_AboveSpendable")
        .withArgs(1n, adCost(2n * highest, PRICE), BUDGET);
      await asSettler.settle(1n, 1n, [row(creator.address, 250_000n)], REPORT_HASH, URI);
      expect((await ads.campaignOf(1n)).spent).to.equal(BUDGET);
    });

    it("credits creators, sets the parts aside to the wei and tells", async () => {
      const { ads, xme, asSettler, creator, other } = await networkHelpers.loadFixture(ended);
      const rows: AdRow[] = [row(creator.address, 70_000n), row(other.address, 30_000n)];
      expect([...(await ads.quote(1n, rows))]).to.deep.equal(asTuple(settledParts));
      expect([...(await asSettler.settle.staticCall(1n, 1n, rows, REPORT_HASH, URI))]).to.deep.equal(
        asTuple(settledParts),
      );
      const settlement = asSettler.settle(1n, 1n, rows, REPORT_HASH, URI);
      await expect(settlement)
        .to.emit(ads, "Settled")
        .withArgs(1n, 1n, [4_000n * XME, 2_400n * XME, 800n * XME, 400n * XME, 400n * XME], REPORT_HASH, URI);
      await expect(settlement)
        .to.emit(ads, "Credited")
        .withArgs(1n, creator.address, 70_000n, 1_680n * XME);
      await expect(settlement)
        .to.emit(ads, "Credited")
        .withArgs(1n, other.address, 30_000n, 720n * XME);
      expect(await ads.creditOf(creator)).to.equal(1_680n * XME);
      expect(await ads.creditOf(other)).to.equal(720n * XME);
      expect([...(await ads.pending())]).to.deep.equal([800n * XME, 400n * XME, 400n * XME]);
      const { spent, reports, budget } = await ads.campaignOf(1n);
      expect([spent, reports, budget]).to.deep.equal([4_000n * XME, 1n, BUDGET]);
      expect(await ads.spendable(1n)).to.equal(BUDGET - 4_000n * XME);
      expect(await xme.balanceOf(ads), "nothing moves").to.equal(BUDGET);
    });

    it("credits each of several rows of a creator", async () => {
      const { ads, asSettler, creator, other } = await networkHelpers.loadFixture(ended);
      const rows: AdRow[] = [row(creator.address, 1n), row(other.address, 10n), row(creator.address, 100n)];
      await asSettler.settle(1n, 1n, rows, REPORT_HASH, URI);
      expect(await ads.creditOf(creator)).to.equal((101n * PRICE * 6n) / 10_000n);
      expect(await ads.creditOf(other)).to.equal((10n * PRICE * 6n) / 10_000n);
    });

    it("does the same however impressions are cut into rows and reports", async () => {
      const outcomes: string[] = [];
      for (const cut of [[[1_001n]], [[1n, 1_000n]], [[333n], [334n, 1n], [333n]]]) {
        const { ads, asAdvertiser, asSettler, creator } = await deploySettlement(OTHER_SPLIT);
        const at = await nextSecond();
        await asAdvertiser.create({ ...termsFrom(at), pricePerThousand: 7n * AD_PRICE_STEP });
        await networkHelpers.time.increaseTo(at + RUN);
        for (const [position, rows] of cut.entries()) {
          const named = rows.map((impressions) => row(creator.address, impressions));
          await asSettler.settle(1n, BigInt(position) + 1n, named, REPORT_HASH, URI);
        }
        outcomes.push([await ads.creditOf(creator), ...(await ads.pending())].join(" "));
      }
      const { creators, delegators, burned, treasury } = adParts(7_007_000_000_000n, OTHER_SPLIT);
      expect(new Set(outcomes)).to.deep.equal(new Set([[creators, delegators, burned, treasury].join(" ")]));
    });

    it("shares among the others alone where the split lacks a part", async () => {
      for (const part of ["creatorsBps", "delegatorsBps", "burnBps", "treasuryBps"] as const) {
        const split = { creatorsBps: 0n, delegatorsBps: 0n, burnBps: 0n, treasuryBps: 0n, [part]: 10_000n };
        const { ads, asSettler, creator, end } = await withCampaign(split);
        await networkHelpers.time.increaseTo(end);
        await asSettler.settle(1n, 1n, [row(creator.address, 100_000n)], REPORT_HASH, URI);
        const cost = 4_000n * XME;
        expect([await ads.creditOf(creator), ...(await ads.pending())], part).to.deep.equal([
          part === "creatorsBps" ? cost : 0n,
          part === "delegatorsBps" ? cost : 0n,
          part === "burnBps" ? cost : 0n,
          part === "treasuryBps" ? cost : 0n,
        ]);
      }
    });

    it("shares by the split of the campaign where governance has changed it", async () => {
      const { ads, asAdvertiser, asSettler, governed, creator, end } = await networkHelpers.loadFixture(booked);
      await governed.setSplit(OTHER_SPLIT);
      await asAdvertiser.create({ ...termsFrom(end - 1n), splitVersion: 2n });
      await networkHelpers.time.increaseTo(end - 1n + RUN);
      await expect(asSettler.settle(2n, 1n, [row(creator.address, 10n)], REPORT_HASH, URI))
        .to.emit(ads, "Settled")
        .withArgs(2n, 1n, asTuple(adParts(adCost(10n, PRICE), OTHER_SPLIT)), REPORT_HASH, URI);
      const world = await networkHelpers.loadFixture(ended);
      await world.governed.setSplit(OTHER_SPLIT);
      await expect(world.asSettler.settle(1n, 1n, [row(creator.address, 10n)], REPORT_HASH, URI))
        .to.emit(world.ads, "Settled")
        .withArgs(1n, 1n, asTuple(adParts(adCost(10n, PRICE), SPLIT)), REPORT_HASH, URI);
    });
  });

  describe("refund", () => {
    it("refuses a campaign that does not exist", async () => {
      const { ads } = await networkHelpers.loadFixture(booked);
      await expect(ads.refund(2n)).to.be.revertedWithCustomError(ads, "AdSettlement_UnknownCampaign").withArgs(2n);
    });

    it("refuses until seven days after the end, by a second", async () => {
      const { ads, xme, end, stranger, advertiser } = await networkHelpers.loadFixture(booked);
      for (const at of [end - 1n, end, end + WEEK - 1n]) {
        await nextAt(at);
        await expect(ads.refund(1n))
          .to.be.revertedWithCustomError(ads, "AdSettlement_SettlementOpen")
          .withArgs(1n, end + WEEK);
        await networkHelpers.mine();
        expect(await ads.refundable(1n)).to.equal(0n);
      }
      await nextAt(end + WEEK);
      await expect(ads.connect(stranger).refund(1n)).to.emit(ads, "Refunded").withArgs(1n, advertiser.address, BUDGET);
      expect(await xme.balanceOf(advertiser)).to.equal(100n * BUDGET);
    });

    it("refuses where nothing is left, also a second time", async () => {
      const { ads, asSettler, creator, end } = await networkHelpers.loadFixture(ended);
      await asSettler.settle(1n, 1n, [row(creator.address, 250_000n)], REPORT_HASH, URI);
      await networkHelpers.time.increaseTo(end + WEEK);
      await expect(ads.refund(1n)).to.be.revertedWithCustomError(ads, "AdSettlement_NothingToRefund").withArgs(1n);
      const world = await networkHelpers.loadFixture(settled);
      await networkHelpers.time.increaseTo(world.end + WEEK);
      await world.ads.refund(1n);
      await expect(world.ads.refund(1n))
        .to.be.revertedWithCustomError(world.ads, "AdSettlement_NothingToRefund")
        .withArgs(1n);
    });

    it("sends the rest to the advertiser, whoever asks", async () => {
      const { ads, xme, stranger, advertiser, end } = await networkHelpers.loadFixture(settled);
      await networkHelpers.time.increaseTo(end + WEEK);
      expect(await ads.refundable(1n)).to.equal(6_000n * XME);
      expect(await ads.refund.staticCall(1n)).to.equal(6_000n * XME);
      await expect(ads.connect(stranger).refund(1n))
        .to.emit(ads, "Refunded")
        .withArgs(1n, advertiser.address, 6_000n * XME);
      expect(await xme.balanceOf(advertiser)).to.equal(99n * BUDGET + 6_000n * XME);
      expect(await ads.refundable(1n)).to.equal(0n);
      const { budget, spent } = await ads.campaignOf(1n);
      expect([budget, spent]).to.deep.equal([4_000n * XME, 4_000n * XME]);
      expect(await xme.balanceOf(ads)).to.equal(4_000n * XME);
    });
  });

  describe("withdraw", () => {
    it("refuses the contract and zero as recipients", async () => {
      const { ads, xme, creator } = await networkHelpers.loadFixture(settled);
      await expect(ads.connect(creator).withdraw(ads))
        .to.be.revertedWithCustomError(ads, "AdSettlement_RecipientIsSettlement")
        .withArgs();
      await expect(ads.connect(creator).withdraw(ZeroAddress))
        .to.be.revertedWithCustomError(xme, "ERC20InvalidReceiver")
        .withArgs(ZeroAddress);
    });

    it("refuses where there is no credit", async () => {
      const { ads, other } = await networkHelpers.loadFixture(settled);
      await expect(ads.connect(other).withdraw(other))
        .to.be.revertedWithCustomError(ads, "AdSettlement_NothingToWithdraw")
        .withArgs(other.address);
    });

    it("sends all of it, once", async () => {
      const { ads, xme, creator, other } = await networkHelpers.loadFixture(settled);
      expect(await ads.connect(creator).withdraw.staticCall(other)).to.equal(settledParts.creators);
      await expect(ads.connect(creator).withdraw(other))
        .to.emit(ads, "Withdrawn")
        .withArgs(creator.address, other.address, settledParts.creators);
      expect(await xme.balanceOf(other)).to.equal(settledParts.creators);
      expect(await ads.creditOf(creator)).to.equal(0n);
      await expect(ads.connect(creator).withdraw(other))
        .to.be.revertedWithCustomError(ads, "AdSettlement_NothingToWithdraw")
        .withArgs(creator.address);
    });
  });

  describe("distribute", () => {
    it("does nothing where nothing waits", async () => {
      const { ads, xme } = await networkHelpers.loadFixture(booked);
      expect([...(await ads.distribute.staticCall())]).to.deep.equal([0n, 0n]);
      const distribution = ads.distribute();
      await expect(distribution).not.to.emit(ads, "Distributed");
      await expect(distribution).not.to.emit(xme, "Transfer");
    });

    it("burns, pays the treasury and tells", async () => {
      const { ads, xme, stranger, treasury } = await networkHelpers.loadFixture(settled);
      const supply = await xme.totalSupply();
      const { burned, delegators, treasury: toTreasury } = settledParts;
      expect([...(await ads.distribute.staticCall())]).to.deep.equal([burned, toTreasury]);
      await expect(ads.connect(stranger).distribute()).to.emit(ads, "Distributed").withArgs(burned, toTreasury);
      expect(await xme.totalSupply()).to.equal(supply - burned);
      expect(await xme.balanceOf(treasury)).to.equal(toTreasury);
      expect(await xme.balanceOf(ads)).to.equal(BUDGET - burned - toTreasury);
      expect([...(await ads.pending())]).to.deep.equal([delegators, 0n, 0n]);
    });

    it("burns alone or pays alone where the split has only one of them", async () => {
      for (const [burnBps, treasuryBps] of [
        [10_000n, 0n],
        [0n, 10_000n],
      ] as const) {
        const world = await withCampaign({ creatorsBps: 0n, delegatorsBps: 0n, burnBps, treasuryBps });
        const { ads, xme, asSettler, creator, treasury, end } = world;
        const supply = await xme.totalSupply();
        await networkHelpers.time.increaseTo(end);
        await asSettler.settle(1n, 1n, [row(creator.address, 250_000n)], REPORT_HASH, URI);
        const receipt = await (await ads.distribute()).wait();
        expect(receipt?.logs.length, "what is told, and one movement").to.equal(2);
        expect(await xme.balanceOf(treasury)).to.equal((BUDGET * treasuryBps) / 10_000n);
        expect(await xme.totalSupply()).to.equal(supply - (BUDGET * burnBps) / 10_000n);
        expect(await xme.balanceOf(ads)).to.equal(0n);
      }
    });

    it("goes on where the module refuses", async () => {
      const { ads, xme, governed, asSettler, creator, treasury } = await networkHelpers.loadFixture(settled);
      await governed.setIncome(await ethers.deployContract("AdStubbornIncome", [xme, 0n]));
      await asSettler.settle(1n, 2n, [row(creator.address, 1n)], REPORT_HASH, URI);
      await ads.distribute();
      await ads.connect(creator).withdraw(creator);
      expect(await xme.balanceOf(treasury)).to.equal(settledParts.treasury + PRICE / 10_000n);
    });
  });

  describe("payDelegators", () => {
    it("refuses while there is no module, and the part waits", async () => {
      const { ads, governed } = await networkHelpers.loadFixture(settled);
      await governed.setIncome(ZeroAddress);
      await expect(ads.payDelegators()).to.be.revertedWithCustomError(ads, "AdSettlement_NoIncome").withArgs();
      expect((await ads.pending()).delegators).to.equal(settledParts.delegators);
    });

    it("does nothing where nothing waits", async () => {
      const { ads, xme } = await networkHelpers.loadFixture(booked);
      expect(await ads.payDelegators.staticCall()).to.equal(0n);
      const payment = ads.payDelegators();
      await expect(payment).not.to.emit(ads, "DelegatorsPaid");
      await expect(payment).not.to.emit(xme, "Approval");
    });

    it("gives all of it to the module, and leaves no allowance", async () => {
      const { ads, xme, income, stranger } = await networkHelpers.loadFixture(settled);
      const { delegators, burned, treasury } = settledParts;
      expect(await ads.payDelegators.staticCall()).to.equal(delegators);
      await expect(ads.connect(stranger).payDelegators())
        .to.emit(ads, "DelegatorsPaid")
        .withArgs(await income.getAddress(), delegators);
      expect(await income.received()).to.equal(delegators);
      expect(await xme.balanceOf(income)).to.equal(delegators);
      expect(await xme.allowance(ads, income)).to.equal(0n);
      expect([...(await ads.pending())]).to.deep.equal([0n, burned, treasury]);
    });

    it("fails with the module's error where it refuses, and the part waits for its successor", async () => {
      const { ads, xme, income, governed } = await networkHelpers.loadFixture(settled);
      const stubborn = await ethers.deployContract("AdStubbornIncome", [xme, 0n]);
      await governed.setIncome(stubborn);
      await expect(ads.payDelegators())
        .to.be.revertedWithCustomError(stubborn, "AdStubbornIncome_NotNow")
        .withArgs(settledParts.delegators);
      expect(await xme.allowance(ads, stubborn)).to.equal(0n);
      await governed.setIncome(income);
      await ads.payDelegators();
      expect(await income.received()).to.equal(settledParts.delegators);
    });

    it("refuses a module that leaves some of it, or makes the balance fall by another way", async () => {
      const { ads, xme, governed, asSettler } = await networkHelpers.loadFixture(settled);
      const lazy = await ethers.deployContract("AdStubbornIncome", [xme, 1n]);
      await governed.setIncome(lazy);
      await expect(ads.payDelegators())
        .to.be.revertedWithCustomError(ads, "AdSettlement_IncomeNotTaken")
        .withArgs(await lazy.getAddress(), 1n);

      const cheat = await ethers.deployContract("AdStubbornIncome", [xme, 2n]);
      await governed.setIncome(cheat);
      await asSettler.settle(1n, 2n, [row(await cheat.getAddress(), 50_000n)], REPORT_HASH, URI);
      const delegators = settledParts.delegators + 400n * XME;
      expect(await ads.creditOf(cheat)).to.equal(delegators);
      await expect(ads.payDelegators())
        .to.be.revertedWithCustomError(ads, "AdSettlement_IncomeNotTaken")
        .withArgs(await cheat.getAddress(), delegators);
      expect(await xme.balanceOf(ads)).to.equal(BUDGET);
    });

    it("refuses to be entered by the module again, and pays once", async () => {
      const { ads, xme, governed } = await networkHelpers.loadFixture(settled);
      const greedy = await ethers.deployContract("AdStubbornIncome", [xme, 3n]);
      await governed.setIncome(greedy);
      await ads.payDelegators();
      expect(await greedy.answerToReentry()).to.equal(ads.interface.getError("ReentrancyGuardReentrantCall")?.selector);
      expect(await xme.balanceOf(greedy)).to.equal(settledParts.delegators);
    });
  });

  it("refuses to quote what settle refuses", async () => {
    const { ads, creator, other, end } = await networkHelpers.loadFixture(ended);
    const refuses = (campaignId: bigint, rows: AdRow[], error: string, ...values: unknown[]) =>
      expect(ads.quote(campaignId, rows))
        .to.be.revertedWithCustomError(ads, `AdSettlement_${error}`)
        .withArgs(...values);
    await refuses(2n, [row(creator.address, 1n)], "UnknownCampaign", 2n);
    await refuses(1n, [], "NoRows", 1n);
    await refuses(1n, [row(ZeroAddress, 1n)], "InvalidCreator", 0n, ZeroAddress);
    await refuses(1n, [row(other.address, 0n)], "NoImpressions", 0n, other.address);
    await refuses(1n, [row(other.address, 250_001n)], "AboveSpendable", 1n, BUDGET + PRICE / 1_000n, BUDGET);
    await networkHelpers.time.increaseTo(end + WEEK);
    await refuses(1n, [row(creator.address, 1n)], "SettlementClosed", 1n, end + WEEK);
    const early = await networkHelpers.loadFixture(booked);
    await expect(early.ads.quote(1n, [row(creator.address, 1n)]))
      .to.be.revertedWithCustomError(early.ads, "AdSettlement_NotStarted")
      .withArgs(1n, early.start);
  });

  it("counts a plain transfer as nobody's", async () => {
    const { ads, xme, deployer, end } = await networkHelpers.loadFixture(settled);
    await xme.connect(deployer).transfer(ads, 123n);
    await networkHelpers.time.increaseTo(end + WEEK);
    await ads.refund(1n);
    await ads.distribute();
    await ads.payDelegators();
    expect((await xme.balanceOf(ads)) - settledParts.creators).to.equal(123n);
  });

  describe("setSplit", () => {
    it("refuses anybody but governance", async () => {
      const { ads, settler, deployer } = await networkHelpers.loadFixture(ready);
      for (const caller of [settler, deployer]) {
        await expect(ads.connect(caller).setSplit(OTHER_SPLIT))
          .to.be.revertedWithCustomError(ads, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses a split that does not sum to 100 %", async () => {
      const { ads, governed } = await networkHelpers.loadFixture(ready);
      for (const part of ["creatorsBps", "delegatorsBps", "burnBps", "treasuryBps"] as const) {
        for (const change of [-1n, 1n]) {
          await expect(governed.setSplit({ ...SPLIT, [part]: SPLIT[part] + change }))
            .to.be.revertedWithCustomError(ads, "AdSettlement_SplitSumNot100Percent")
            .withArgs(10_000n + change);
        }
      }
      const most = 65_535n;
      await expect(governed.setSplit({ creatorsBps: most, delegatorsBps: most, burnBps: most, treasuryBps: most }))
        .to.be.revertedWithCustomError(ads, "AdSettlement_SplitSumNot100Percent")
        .withArgs(4n * most);
      expect(await ads.splitVersion()).to.equal(1n);
    });

    it("gives the next number and leaves the old one readable", async () => {
      const { ads, governed } = await networkHelpers.loadFixture(ready);
      expect(await governed.setSplit.staticCall(OTHER_SPLIT)).to.equal(2n);
      await expect(governed.setSplit(OTHER_SPLIT)).to.emit(ads, "SplitChanged").withArgs(2n, asTerms(OTHER_SPLIT));
      expect(await ads.splitVersion()).to.equal(2n);
      expect([...(await ads.splitOf(1n))]).to.deep.equal(asTerms(SPLIT));
      expect([...(await ads.splitOf(2n))]).to.deep.equal(asTerms(OTHER_SPLIT));
    });

    it("shows no split that was never set", async () => {
      const { ads } = await networkHelpers.loadFixture(ready);
      for (const version of [0n, 2n, MAX_UINT]) {
        await expect(ads.splitOf(version))
          .to.be.revertedWithCustomError(ads, "AdSettlement_UnknownSplit")
          .withArgs(version);
      }
    });
  });

  describe("setIncome", () => {
    it("refuses anybody but governance, and a module without code", async () => {
      const { ads, governed, settler, deployer, income, stranger } = await networkHelpers.loadFixture(ready);
      for (const caller of [settler, deployer]) {
        await expect(ads.connect(caller).setIncome(income))
          .to.be.revertedWithCustomError(ads, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
      await expect(governed.setIncome(stranger))
        .to.be.revertedWithCustomError(ads, "AdSettlement_IncomeHasNoCode")
        .withArgs(stranger.address);
    });

    it("names the module, or none", async () => {
      const { ads, governed, income, xme } = await networkHelpers.loadFixture(ready);
      const successor = await ethers.deployContract("AdIncome", [xme]);
      await expect(governed.setIncome(successor))
        .to.emit(ads, "IncomeChanged")
        .withArgs(await income.getAddress(), await successor.getAddress());
      await expect(governed.setIncome(ZeroAddress))
        .to.emit(ads, "IncomeChanged")
        .withArgs(await successor.getAddress(), ZeroAddress);
      expect(await ads.income()).to.equal(ZeroAddress);
    });
  });

  it("lets the settler spend the pace on creators of its choice and no more: an honest limit", async () => {
    const { ads, xme, settler, asSettler, advertiser, asAdvertiser, start } = await networkHelpers.loadFixture(booked);
    await nextAt(start + DAY);
    await asSettler.settle(1n, 1n, [row(settler.address, 25_000n)], REPORT_HASH, URI);
    await ads.connect(settler).withdraw(settler);
    expect(await xme.balanceOf(settler)).to.equal(600n * XME);
    await nextAt(start + DAY + 60n);
    await asAdvertiser.stop(1n);
    const minute = (BUDGET * 60n) / RUN;
    expect(await ads.spendable(1n)).to.be.below(minute + 1n);
    expect(await xme.balanceOf(advertiser)).to.be.at.least(99n * BUDGET + 9_000n * XME - minute - 1n);
  });

  it("agrees with the model over random calls for many campaigns, to the wei, and accounts for every budget", async () => {
    const world = await networkHelpers.loadFixture(ready);
    const { ads, xme, income, manager, governance, settler, advertiser, stranger, creator, other, deployer } = world;
    const self = await ads.getAddress();
    const model = new AdSettlementModel(self, SPLIT);
    const advertisers = [advertiser, stranger];
    const creators = [creator, other, deployer, settler];
    const named = [...creators.map(({ address }) => address), ZeroAddress, self];
    const asSettler = ads.connect(settler);
    const governed = ads.connect(governance);
    let hasIncome = true;
    let now = BigInt(await networkHelpers.time.latest());
    const started = now;
    const refused = new Map<string, number>();
    const done = new Map<string, number>();
    expect(await ads.authority()).to.equal(await manager.getAddress());

    /** Carries an action out on both, and expects the model's refusal of the contract, or the model's answer. */
    async function attempt<Answer>(
      what: string,
      predict: () => Answer,
      call: () => Promise<unknown>,
      answers?: (answer: Answer) => Promise<void>,
    ): Promise<void> {
      let refusal: AdRefusal | undefined;
      let answer: Answer | undefined;
      try {
        answer = predict();
      } catch (error) {
        if (!(error instanceof AdRefusal)) throw error;
        refusal = error;
      }
      if (refusal) {
        await expect(call(), what)
          .to.be.revertedWithCustomError(ads, `AdSettlement_${refusal.error}`)
          .withArgs(...refusal.values);
        await networkHelpers.mine(); // a refusal leaves no block behind
        refused.set(refusal.error, (refused.get(refusal.error) ?? 0) + 1);
      } else {
        await answers?.(answer as Answer);
        await call();
        done.set(what, (done.get(what) ?? 0) + 1);
      }
    }

    const randomSplit = (dice: bigint): AdSplit => {
      const creatorsBps = (dice >> 8n) % 10_001n;
      const delegatorsBps = (dice >> 24n) % (10_001n - creatorsBps);
      const burnBps = (dice >> 40n) % (10_001n - creatorsBps - delegatorsBps);
      const treasuryBps = 10_000n - creatorsBps - delegatorsBps - burnBps - (dice % 5n === 0n ? 1n : 0n);
      return { creatorsBps, delegatorsBps, burnBps, treasuryBps: treasuryBps < 0n ? 1n : treasuryBps };
    };

    /** What must be done, and which of the cases below does it; in the end every campaign is refunded besides. */
    const wanted = [
      ...([
        [0, "create"],
        [3, "topUp"],
        [4, "stop"],
        [6, "withdraw"],
        [7, "distribute"],
        [7, "payDelegators"],
      ] as const),
      [9, "settle"] as const,
    ];
    const isSeen = (what: string) => (done.get(what) ?? 0) >= 8;
    const everythingSeen = () => wanted.every(([, what]) => isSeen(what)) && refused.size >= 16;

    for (let step = 0; step < effort(130, 420) || (step < 2_000 && !everythingSeen()); step++) {
      const dice = BigInt(id(`ads step ${step}`));
      const roll = (from: bigint, below: bigint) => (dice >> from) % below;
      now += 1n + roll(0n, DAY);
      const count = model.campaignCount;
      const recent = count > 8n && roll(16n, 5n) !== 0n ? 8n : count;
      const campaignId = count === 0n ? 1n : count + (step % 9 === 0 ? 1n : 0n) - roll(20n, recent);
      const exists = campaignId <= model.campaignCount;
      const campaign = exists ? model.campaign(campaignId) : undefined;
      // Now and then exactly at a campaign's own edges, a second before, or a second after.
      const edges = campaign ? [campaign.start, campaign.end, campaign.end + WEEK] : [];
      const near = edges.find((edge) => edge > now - DAY && edge < now + 2n * DAY);
      const latest = BigInt(await networkHelpers.time.latest());
      if (near !== undefined && roll(34n, 2n) === 0n && near > latest + 1n) now = near + roll(32n, 3n) - 1n;
      await nextAt(now);
      const asked = campaign && roll(44n, 8n) !== 0n ? campaign.advertiser : undefined;
      const caller = advertisers.find(({ address }) => address === asked) ?? advertisers[step % 2] ?? advertiser;
      // every third step is of what was done too seldom so far
      const seldom = wanted.filter(([, what]) => !isSeen(what));
      const [due] = (step % 3 === 2 ? seldom[Number(roll(52n, BigInt(seldom.length || 1)))] : undefined) ?? [];
      switch (due ?? Number(roll(48n, 14n))) {
        case 0:
        case 1:
        case 2: {
          const steps = 1n + roll(64n, 10n ** 9n);
          const terms = {
            budget: roll(110n, 50n) === 0n ? 0n : 1n + roll(110n, BUDGET / 100n),
            pricePerThousand: steps * AD_PRICE_STEP + (roll(60n, 12n) === 0n ? 1n : 0n),
            start: now + roll(150n, 6n * DAY) - DAY,
            end: now + roll(170n, 25n * DAY) - DAY + (roll(60n, 11n) === 1n ? AD_MAX_DURATION : 0n),
            splitVersion: model.splitVersion - (roll(60n, 11n) === 2n ? 1n : 0n),
          };
          await attempt(
            "create",
            () => model.create(now, caller.address, terms),
            () => ads.connect(caller).create({ ...terms, brief: BRIEF }),
          );
          break;
        }
        case 3: {
          const amount = roll(64n, 9n) === 0n ? 0n : roll(64n, 10n ** 18n);
          await attempt(
            "topUp",
            () => {
              model.topUp(now, campaignId, amount);
            },
            () => ads.connect(caller).topUp(campaignId, amount),
          );
          break;
        }
        case 4:
          await attempt(
            "stop",
            () => model.stop(now, campaignId, caller.address),
            () => ads.connect(caller).stop(campaignId),
          );
          break;
        case 5:
          await attempt(
            "refund",
            () => model.refund(now, campaignId),
            () => ads.refund(campaignId),
          );
          break;
        case 6: {
          const by = creators[Number(roll(64n, 4n))] ?? creator;
          await attempt(
            "withdraw",
            () => model.withdraw(by.address),
            () => ads.connect(by).withdraw(governance),
          );
          break;
        }
        case 7:
          await attempt(
            "distribute",
            () => model.distribute(),
            () => ads.distribute(),
          );
          await attempt(
            "payDelegators",
            () => model.payDelegators(hasIncome),
            () => ads.payDelegators(),
          );
          if (roll(60n, 3n) === 0n) {
            await governed.setIncome(hasIncome ? ZeroAddress : income);
            hasIncome = !hasIncome;
          }
          break;
        case 8: {
          if (roll(60n, 3n) !== 0n) break;
          const split = randomSplit(dice);
          await attempt(
            "setSplit",
            () => model.setSplit(split),
            () => governed.setSplit(split),
          );
          break;
        }
        default: {
          // Rows that take a random part of what can be spent, and now and then one impression too many, or a row that is refused.
          const price = campaign?.pricePerThousand ?? PRICE;
          const impressions = (((campaign ? model.spendable(now, campaignId) : 0n) * 1_000n) / price) as bigint;
          const odd = roll(60n, 10n);
          const rows: AdRow[] = [];
          let left = odd === 0n ? impressions + 1n : odd < 3n ? impressions : roll(100n, impressions + 1n);
          for (let count = roll(64n, 4n); left > 0n && count >= 0n; count--) {
            const share = count === 0n ? left : roll(120n + count, left) + 1n;
            rows.push({ creator: creators[Number(roll(180n + 2n * count, 4n))]?.address ?? "", impressions: share });
            left -= share;
          }
          if (odd === 3n) rows.push({ creator: named[Number(roll(70n, 6n))] ?? "", impressions: roll(80n, 2n) });
          const report = (campaign?.reports ?? 0n) + (odd === 4n ? roll(84n, 3n) : 1n);
          await attempt(
            "settle",
            () => model.settle(now, campaignId, report, rows),
            () => asSettler.settle(campaignId, report, rows, REPORT_HASH, URI),
            async (parts) => {
              const answer = await asSettler.settle.staticCall(campaignId, report, rows, REPORT_HASH, URI, {
                blockTag: "pending",
              });
              expect([...answer], `parts at step ${step}`).to.deep.equal(asTuple(parts));
              await nextAt(now);
            },
          );
        }
      }
      now = BigInt(await networkHelpers.time.latest());
      if (campaignId <= model.campaignCount) {
        const expected = model.campaign(campaignId);
        expect([...(await ads.campaignOf(campaignId))], `campaign at step ${step}`).to.deep.equal([
          expected.advertiser,
          expected.budget,
          expected.spent,
          expected.pricePerThousand,
          expected.start,
          expected.end,
          expected.splitVersion,
          expected.reports,
        ]);
        expect(await ads.spendable(campaignId), `spendable at step ${step}`).to.equal(model.spendable(now, campaignId));
        expect(await ads.refundable(campaignId), `refundable at step ${step}`).to.equal(
          model.refundable(now, campaignId),
        );
        if (now < expected.end) expect(await ads.previewStop(campaignId)).to.equal(model.previewStop(now, campaignId));
      }
      const { delegators, toBurn, toTreasury } = model.pending();
      expect([...(await ads.pending())], `pending at step ${step}`).to.deep.equal([delegators, toBurn, toTreasury]);
      expect(await xme.balanceOf(ads), `balance at step ${step}`).to.equal(model.balance());
    }

    now += 400n * DAY;
    await nextAt(now);
    for (let campaignId = 1n; campaignId <= model.campaignCount; campaignId++) {
      now += 1n;
      await nextAt(now);
      await attempt(
        "refund",
        () => model.refund(now, campaignId),
        () => ads.refund(campaignId),
      );
      const { escrowed, returned, parts } = model.account(campaignId);
      const { creators: toCreators, delegators, burned, treasury } = parts;
      expect(toCreators + delegators + burned + treasury + returned, `budget ${campaignId}`).to.equal(escrowed);
    }
    for (const each of creators) {
      expect(await ads.creditOf(each)).to.equal(model.creditOf(each.address));
      if (model.creditOf(each.address) !== 0n) await ads.connect(each).withdraw(governance);
    }
    await governed.setIncome(income);
    await ads.distribute();
    await ads.payDelegators();
    expect(await xme.balanceOf(ads), "nothing is left of anything").to.equal(0n);
    expect(now - started > 200n * DAY).to.equal(true);
    expect(
      everythingSeen() && isSeen("refund"),
      `${JSON.stringify([...done])} ${JSON.stringify([...refused])}`,
    ).to.equal(true);
  });

  describe("cost", () => {
    type Sent = Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>;
    const gasOf = async (sent: Sent) => (await (await sent).wait())?.gasUsed ?? 0n;
    const fresh = (number: bigint) => toBeHex(0xad00000000n + number, 20);

    it("does not depend on campaigns, reports or time", async () => {
      const gas: bigint[] = [];
      const { asAdvertiser, asSettler, creator } = await networkHelpers.loadFixture(settled);
      const at = await nextSecond();
      for (let count = 0n; count < 40n; count++) await asAdvertiser.create({ ...termsFrom(at + DAY), budget: XME });
      await networkHelpers.time.increaseTo(at + DAY + RUN);
      for (const campaignId of [2n, 40n]) {
        for (let report = 1n; report <= 8n; report++) {
          const used = await gasOf(asSettler.settle(campaignId, report, [row(creator.address, 1n)], REPORT_HASH, URI));
          if (report > 1n) gas.push(used);
        }
      }
      if (hre.globalOptions.coverage) return;
      const calldata = 12n; // a byte of the number of campaign or report that is zero or is not
      const sorted = [...gas].sort((one, two) => Number(one - two));
      expect((sorted.at(-1) ?? 0n) - (sorted[0] ?? 0n), gas.join(", ")).to.be.at.most(calldata);
    });

    it("stays within its budget", async () => {
      const { ads, xme, advertiser, asAdvertiser, asSettler, creator, end } = await networkHelpers.loadFixture(settled);
      const start = (await nextSecond()) + DAY;
      await xme.connect(advertiser).approve(ads, 2n * BUDGET);
      const create = await gasOf(asAdvertiser.create(termsFrom(start)));
      const topUp = await gasOf(asAdvertiser.topUp(2n, XME));
      const again = await gasOf(asAdvertiser.create({ ...termsFrom(start), budget: XME }));
      const rows = (creators: string[]) => creators.map((one) => row(one, 1n));
      const settle = (report: bigint, creators: string[]) =>
        gasOf(asSettler.settle(1n, report, rows(creators), REPORT_HASH, URI));
      const ten = Array.from({ length: 10 }, (_, number) => fresh(BigInt(number)));
      const known = await settle(2n, [creator.address]);
      const firstTen = await settle(3n, ten);
      const nextTen = await settle(4n, ten);
      const perFirst = (firstTen - nextTen) / 10n;
      const perKnown = (nextTen - known) / 9n;
      const base = known - perKnown;
      const withdraw = await gasOf(ads.connect(creator).withdraw(creator));
      const distribute = await gasOf(ads.distribute());
      const pay = await gasOf(ads.payDelegators());
      const stop = await gasOf(asAdvertiser.stop(2n));
      await networkHelpers.time.increaseTo(end + WEEK);
      const refund = await gasOf(ads.refund(1n));
      if (hre.globalOptions.coverage) return;
      expect(create, "a campaign").to.be.below(100_000n);
      expect(again, "another campaign").to.be.below(100_000n);
      expect(topUp, "more budget").to.be.below(54_000n);
      expect(base, "a report without its rows").to.be.below(62_000n);
      expect(perFirst + perKnown, "a creator's first row").to.be.below(27_000n);
      expect(perKnown, "a row of a creator with credit").to.be.below(9_500n);
      expect(withdraw, "a creator's first withdrawal").to.be.below(58_000n);
      expect(distribute, "burning and paying a treasury without XME").to.be.below(71_000n);
      expect(pay, "paying a module without XME, which keeps one slot of its own").to.be.below(95_000n);
      expect(stop, "a stop").to.be.below(52_000n);
      expect(refund, "a refund").to.be.below(49_000n);
    });
  });
});
