import { expect } from "chai";
import { type ContractTransactionResponse, MaxUint256, Signature, ZeroAddress, ZeroHash, id } from "ethers";
import hre, { network } from "hardhat";

import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import {
  type Fill,
  MAX_ORDER_PAYMENT,
  MAX_ORDER_PRICE,
  MAX_ORDER_XP,
  OrderBookModel,
  paymentFor,
  type Side,
  withinLimit,
} from "../../../src/xp/orders.js";
import type { MisbehavingToken, TestDollar } from "../../../typechain-types/index.js";
import { effort } from "../../support/effort.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import { seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const XP = 10n ** 18n;
const DOLLAR = 10n ** 6n;
/** Source, "Market finds equilibrium": "Typically $0.02-0.05". */
const TWO_CENTS = DOLLAR / 50n;
/** A third of a unit of the payment token for a wei of XP, and a little: nothing comes out even. */
const ODD_PRICE = XP / 3n + 1n;
const XP_EACH = 10_000_000n * XP;
const UNKNOWN = [0n, 1_000n, MaxUint256];

/** The lowest limit that buys, or the highest that sells, by the rule of the model: found by halving. */
function tightest(side: Side, wanted: bigint, fill: Fill): bigint {
  let [passes, fails] = side === "ask" ? [MaxUint256, -1n] : [0n, MaxUint256];
  while (passes - fails !== 1n && fails - passes !== 1n) {
    const middle = (passes + fails) / 2n;
    if (withinLimit(side, wanted, middle, fill)) passes = middle;
    else fails = middle;
  }
  return passes;
}

/** The `index`-th of this run's random numbers named `name`. */
function roll(name: string, index: number | bigint): bigint {
  return BigInt(id(`${SEED} ${name} ${index}`));
}

describe("XPMarket", () => {
  /** A market whose three traders have XP and payment, both allowed. */
  async function deployWith<Token extends MisbehavingToken | TestDollar>(
    token: Token,
    fund: (to: string) => Promise<unknown>,
  ) {
    const [admin, ada, ben, cleo, stranger] = await ethers.getSigners();
    if (!admin || !ada || !ben || !cleo || !stranger) throw new Error("too few accounts");
    const manager = await ethers.deployContract("AccessManager", [admin]);
    const xp = await ethers.deployContract("XP", [manager]);
    const market = await ethers.deployContract("XPMarket", [xp, token]);
    for (const trader of [ada, ben, cleo]) {
      await xp.mint(trader, XP_EACH);
      await xp.connect(trader).approve(market, MaxUint256);
      await fund(trader.address);
      await (token as MisbehavingToken).connect(trader).approve(market, MaxUint256);
    }
    const as = (trader: HardhatEthersSigner) => market.connect(trader);
    const address = await market.getAddress();
    return { ada, ben, cleo, stranger, xp, token, market, address, as };
  }

  async function deploy() {
    const token = await ethers.deployContract("TestDollar");
    return deployWith(token, async (to) => token.faucet(to, await token.FAUCET_LIMIT()));
  }

  async function deployWithMisbehavingToken(decimals: bigint) {
    const token = await ethers.deployContract("MisbehavingToken", [decimals]);
    return deployWith(token, (to) => token.mint(to, 10n ** 12n * 10n ** decimals));
  }

  const misbehaving = () => deployWithMisbehavingToken(18n);

  /** Order 1 is Ada's ask of 5,000 XP at two cents, order 2 Ben's bid for 5,000 XP at two cents. */
  async function withOrders() {
    const world = await deploy();
    await world.as(world.ada).ask(5_000n * XP, TWO_CENTS);
    await world.as(world.ben).bid(5_000n * XP, TWO_CENTS);
    return world;
  }

  /** Order 1 is Ada's ask of 10 wei of XP, order 2 Ben's bid for 10 wei of XP, both at the odd price. */
  async function withDust() {
    const world = await deploy();
    await world.as(world.ada).ask(10n, ODD_PRICE);
    await world.as(world.ben).bid(10n, ODD_PRICE);
    return world;
  }

  describe("constructor", () => {
    it("refuses XP or a payment token without code", async () => {
      const { market, xp, token, stranger } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("XPMarket", [stranger, token]))
        .to.be.revertedWithCustomError(market, "XPMarket_XpHasNoCode")
        .withArgs(stranger.address);
      await expect(ethers.deployContract("XPMarket", [xp, stranger]))
        .to.be.revertedWithCustomError(market, "XPMarket_PaymentTokenHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses XP paid with XP", async () => {
      const { market, xp } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("XPMarket", [xp, xp])).to.be.revertedWithCustomError(
        market,
        "XPMarket_PaymentTokenIsXp",
      );
    });

    it("refuses a payment token with more than 18 decimals, or none to say", async () => {
      const { market, xp } = await networkHelpers.loadFixture(deploy);
      for (const [decimals, refused] of [
        [0n, false],
        [18n, false],
        [19n, true],
        [254n, true],
      ] as const) {
        const token = await ethers.deployContract("MisbehavingToken", [decimals]);
        const deployment = ethers.deployContract("XPMarket", [xp, token]);
        if (!refused) await deployment;
        else {
          await expect(deployment)
            .to.be.revertedWithCustomError(market, "XPMarket_TooManyDecimals")
            .withArgs(decimals, 18n);
        }
      }
      const silent = await ethers.deployContract("ReputationAgents");
      await expect(ethers.deployContract("XPMarket", [xp, silent])).to.be.revertedWithoutReason(ethers);
    });

    it("shows both tokens, its limits and no order", async () => {
      const { market, xp, token } = await networkHelpers.loadFixture(deploy);
      expect(await market.xp()).to.equal(await xp.getAddress());
      expect(await market.paymentToken()).to.equal(await token.getAddress());
      expect(await market.MAX_XP()).to.equal(MAX_ORDER_XP);
      expect(await market.MAX_PRICE()).to.equal(MAX_ORDER_PRICE);
      expect(await market.MAX_PAYMENT()).to.equal(MAX_ORDER_PAYMENT);
      expect(await market.MAX_DECIMALS()).to.equal(18n);
      expect(await market.orderCount()).to.equal(0n);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("XPMarket");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  /** What `ask`, `bid` and `previewBid` refuse alike: XP, price, error, its value and its maximum. */
  const OUT_OF_RANGE = [
    [0n, TWO_CENTS, "XPMarket_XpOutOfRange", 0n, MAX_ORDER_XP],
    [MAX_ORDER_XP + 1n, 1n, "XPMarket_XpOutOfRange", MAX_ORDER_XP + 1n, MAX_ORDER_XP],
    [MaxUint256, 1n, "XPMarket_XpOutOfRange", MaxUint256, MAX_ORDER_XP],
    [XP, 0n, "XPMarket_PriceOutOfRange", 0n, MAX_ORDER_PRICE],
    [1n, MAX_ORDER_PRICE + 1n, "XPMarket_PriceOutOfRange", MAX_ORDER_PRICE + 1n, MAX_ORDER_PRICE],
    [XP, MaxUint256, "XPMarket_PriceOutOfRange", MaxUint256, MAX_ORDER_PRICE],
    [XP, MAX_ORDER_PAYMENT + 1n, "XPMarket_PaymentAboveMaximum", MAX_ORDER_PAYMENT + 1n, MAX_ORDER_PAYMENT],
  ] as const;

  describe("ask", () => {
    it("refuses XP, prices and payments that are out of range by one", async () => {
      const { market, ada, as } = await networkHelpers.loadFixture(deploy);
      for (const [xpAmount, price, error, value, maximum] of OUT_OF_RANGE) {
        await expect(as(ada).ask(xpAmount, price))
          .to.be.revertedWithCustomError(market, error)
          .withArgs(value, maximum);
      }
      await as(ada).ask(1n, MAX_ORDER_PRICE);
      await as(ada).ask(XP, MAX_ORDER_PAYMENT);
      expect(await market.orderCount()).to.equal(2n);
    });

    it("fails in XP where the seller has not allowed it or does not have it", async () => {
      const { xp, address, ada, stranger, as } = await networkHelpers.loadFixture(deploy);
      await expect(as(stranger).ask(XP, TWO_CENTS))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientAllowance")
        .withArgs(address, 0n, XP);
      await expect(as(ada).ask(XP_EACH + 1n, TWO_CENTS))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientBalance")
        .withArgs(ada.address, XP_EACH, XP_EACH + 1n);
    });

    it("numbers it, keeps the XP and tells", async () => {
      const { market, xp, ada, ben, as } = await networkHelpers.loadFixture(deploy);
      expect(await as(ada).ask.staticCall(5_000n * XP, TWO_CENTS)).to.equal(1n);
      await expect(as(ada).ask(5_000n * XP, TWO_CENTS))
        .to.emit(market, "OrderMade")
        .withArgs(1n, ada.address, false, 5_000n * XP, TWO_CENTS);
      await expect(as(ben).ask(1n, 1n)).to.emit(market, "OrderMade").withArgs(2n, ben.address, false, 1n, 1n);
      expect([...(await market.orderOf(1n))]).to.deep.equal([ada.address, 5_000n * XP, false, TWO_CENTS]);
      expect([...(await market.previewCancel(1n))]).to.deep.equal([await xp.getAddress(), 5_000n * XP]);
      expect(await xp.balanceOf(market)).to.equal(5_000n * XP + 1n);
      expect(await xp.balanceOf(ada)).to.equal(XP_EACH - 5_000n * XP);
      expect(await market.orderCount()).to.equal(2n);
    });
  });

  describe("bid", () => {
    it("refuses XP, prices and payments that are out of range by one, as previewBid does", async () => {
      const { market, ada, as } = await networkHelpers.loadFixture(deploy);
      for (const [xpAmount, price, error, value, maximum] of OUT_OF_RANGE) {
        for (const call of [() => as(ada).bid(xpAmount, price), () => market.previewBid(xpAmount, price)]) {
          await expect(call()).to.be.revertedWithCustomError(market, error).withArgs(value, maximum);
        }
      }
      expect(await market.previewBid(XP, MAX_ORDER_PAYMENT)).to.equal(MAX_ORDER_PAYMENT);
      expect(await market.previewBid(MAX_ORDER_XP, 1n)).to.equal(MAX_ORDER_XP / XP + 1n);
      expect(await market.previewBid(1n, MAX_ORDER_PRICE)).to.equal(MAX_ORDER_PRICE / XP + 1n);
      await as(ada).bid(MAX_ORDER_XP, 1n);
    });

    it("fails in the token where the buyer has not allowed the payment", async () => {
      const { token, address, stranger, as } = await networkHelpers.loadFixture(deploy);
      await expect(as(stranger).bid(XP, TWO_CENTS))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(address, 0n, TWO_CENTS);
    });

    it("numbers it, keeps the payment, rounded up, and tells", async () => {
      const { market, token, ben, as } = await networkHelpers.loadFixture(deploy);
      const before = await token.balanceOf(ben);
      await expect(as(ben).bid(10n, ODD_PRICE))
        .to.emit(market, "OrderMade")
        .withArgs(1n, ben.address, true, 10n, ODD_PRICE);
      expect([...(await market.orderOf(1n))]).to.deep.equal([ben.address, 10n, true, ODD_PRICE]);
      expect(await market.previewBid(10n, ODD_PRICE)).to.equal(4n);
      expect([...(await market.previewCancel(1n))]).to.deep.equal([await token.getAddress(), 4n]);
      expect(await token.balanceOf(market)).to.equal(4n);
      expect(await token.balanceOf(ben)).to.equal(before - 4n);
    });
  });

  describe("fill, of an ask", () => {
    it("refuses a payment above the limit by one unit, and passes at the limit", async () => {
      const { market, cleo, as } = await networkHelpers.loadFixture(withOrders);
      await expect(as(cleo).fill(1n, 5_000n * XP, 100n * DOLLAR - 1n))
        .to.be.revertedWithCustomError(market, "XPMarket_PaymentAboveLimit")
        .withArgs(1n, 100n * DOLLAR, 100n * DOLLAR - 1n);
      await as(cleo).fill(1n, 5_000n * XP, 100n * DOLLAR);
    });

    it("moves both sides to the wei where part of it is taken, keeps the rest and tells", async () => {
      const { market, xp, token, ada, cleo, as } = await networkHelpers.loadFixture(withOrders);
      const before = { ada: await token.balanceOf(ada), cleo: await token.balanceOf(cleo) };
      const part = 1_234n * XP + 1n; // 24.68 dollars and a part of a unit
      expect(await market.previewFill(1n, part)).to.deep.equal([part, 24_680_001n]);
      expect(await as(cleo).fill.staticCall(1n, part, MaxUint256)).to.deep.equal([part, 24_680_001n]);
      await expect(as(cleo).fill(1n, part, MaxUint256))
        .to.emit(market, "OrderFilled")
        .withArgs(1n, ada.address, cleo.address, false, part, 24_680_001n, 5_000n * XP - part);
      expect(await token.balanceOf(ada)).to.equal(before.ada + 24_680_001n);
      expect(await token.balanceOf(cleo)).to.equal(before.cleo - 24_680_001n);
      expect(await xp.balanceOf(cleo)).to.equal(XP_EACH + part);
      expect(await xp.balanceOf(market)).to.equal(5_000n * XP - part);
      expect([...(await market.orderOf(1n))]).to.deep.equal([ada.address, 5_000n * XP - part, false, TWO_CENTS]);
    });

    it("is over where all of it is taken, and leaves no storage", async () => {
      const { market, xp, address, cleo, as } = await networkHelpers.loadFixture(withOrders);
      const slots = async () => {
        const start = BigInt(ethers.solidityPackedKeccak256(["uint256", "uint256"], [1n, 1n]));
        return Promise.all([0n, 1n].map((slot) => ethers.provider.getStorage(address, start + slot)));
      };
      expect(await slots(), "this looks at the order's slots").not.to.include(ZeroHash);
      await as(cleo).fill(1n, 4_000n * XP, MaxUint256);
      await as(cleo).fill(1n, 1_000n * XP, MaxUint256);
      await expect(market.orderOf(1n)).to.be.revertedWithCustomError(market, "XPMarket_OrderClosed").withArgs(1n);
      expect(await slots()).to.deep.equal([ZeroHash, ZeroHash]);
      expect(await xp.balanceOf(market)).to.equal(0n);
    });

    it("costs a unit each time where a wei at a time is taken", async () => {
      const { token, ada, cleo, as } = await networkHelpers.loadFixture(withDust);
      const before = await token.balanceOf(ada);
      for (let wei = 0n; wei < 10n; wei++) await as(cleo).fill(1n, 1n, 1n);
      expect(await token.balanceOf(ada), "all at once it would have been 4").to.equal(before + 10n);
    });

    it("fails in the token where the taker has not allowed the payment", async () => {
      const { token, address, stranger, as } = await networkHelpers.loadFixture(withOrders);
      await expect(as(stranger).fill(1n, XP, MaxUint256))
        .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
        .withArgs(address, 0n, TWO_CENTS);
    });
  });

  describe("fill, of a bid", () => {
    it("refuses a payment below the limit by one unit, and passes at the limit", async () => {
      const { market, cleo, as } = await networkHelpers.loadFixture(withOrders);
      await expect(as(cleo).fill(2n, 5_000n * XP, 100n * DOLLAR + 1n))
        .to.be.revertedWithCustomError(market, "XPMarket_PaymentBelowLimit")
        .withArgs(2n, 100n * DOLLAR, 100n * DOLLAR + 1n);
      await as(cleo).fill(2n, 5_000n * XP, 100n * DOLLAR);
    });

    it("moves both sides to the wei where part of it is taken, keeps the rest and tells", async () => {
      const { market, xp, token, ben, cleo, as } = await networkHelpers.loadFixture(withOrders);
      const before = await token.balanceOf(cleo);
      const part = 1_234n * XP + 1n; // the bid must go on holding 75.32 dollars for a wei less than 3,766 XP
      expect(await market.previewFill(2n, part)).to.deep.equal([part, 24_680_000n]);
      expect(await as(cleo).fill.staticCall(2n, part, 0n)).to.deep.equal([part, 24_680_000n]);
      await expect(as(cleo).fill(2n, part, 0n))
        .to.emit(market, "OrderFilled")
        .withArgs(2n, ben.address, cleo.address, true, part, 24_680_000n, 5_000n * XP - part);
      expect(await token.balanceOf(cleo)).to.equal(before + 24_680_000n);
      expect(await token.balanceOf(market)).to.equal(75_320_000n);
      expect(await xp.balanceOf(ben)).to.equal(XP_EACH + part);
      expect(await xp.balanceOf(cleo)).to.equal(XP_EACH - part);
      expect([...(await market.orderOf(2n))]).to.deep.equal([ben.address, 5_000n * XP - part, true, TWO_CENTS]);
    });

    it("has paid exactly what it held where all of it is taken, in any parts, and is over", async () => {
      const { market, token, ben, cleo, as } = await networkHelpers.loadFixture(deploy);
      const total = 1_000n * XP + 7n;
      const price = 123_457n;
      const before = await token.balanceOf(cleo);
      await as(ben).bid(total, price);
      const held = await token.balanceOf(market);
      expect(held).to.equal(paymentFor(total, price));
      let left = total;
      for (let part = 0; left > 0n; part++) {
        const size = part === 12 ? left : 1n + (roll("part", part) % left);
        const { payment } = await market.previewFill(1n, size);
        const exact = (size * price) / XP;
        expect(payment === exact || payment === exact + 1n, `${payment} for ${size}`).to.equal(true);
        await as(cleo).fill(1n, size, payment);
        left -= size;
        expect(await token.balanceOf(market)).to.equal(paymentFor(left, price));
      }
      expect(await token.balanceOf(cleo)).to.equal(before + held);
      await expect(market.orderOf(1n)).to.be.revertedWithCustomError(market, "XPMarket_OrderClosed").withArgs(1n);
    });

    it("pays to the unit what the parts make together where a wei at a time is taken, some of them nothing", async () => {
      const { market, token, cleo, as } = await networkHelpers.loadFixture(withDust);
      const before = await token.balanceOf(cleo);
      const payments: bigint[] = [];
      for (let wei = 0n; wei < 10n; wei++) {
        payments.push((await market.previewFill(2n, 1n)).payment);
        await as(cleo).fill(2n, 1n, 0n);
        const paid = (await token.balanceOf(cleo)) - before;
        const fair = (wei + 1n) * ODD_PRICE;
        expect(paid * XP - fair < XP, "less than a unit above its price").to.equal(true);
      }
      expect(payments).to.deep.equal([0n, 1n, 0n, 0n, 1n, 0n, 0n, 1n, 0n, 1n]);
      expect(await token.balanceOf(cleo)).to.equal(before + 4n);
      expect(await token.balanceOf(market)).to.equal(0n);
    });

    it("fails in XP where the taker has not allowed it", async () => {
      const { xp, address, stranger, as } = await networkHelpers.loadFixture(withOrders);
      await expect(as(stranger).fill(2n, XP, 0n))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientAllowance")
        .withArgs(address, 0n, XP);
    });
  });

  describe("fill, of either", () => {
    it("refuses an order that was never made, or is over, and tells which", async () => {
      const { market, ada, ben, cleo, as } = await networkHelpers.loadFixture(withOrders);
      for (const orderId of [...UNKNOWN, 3n]) {
        for (const call of [
          () => as(cleo).fill(orderId, XP, 0n),
          () => as(cleo).fillWithPermit(orderId, XP, 0n, 0n, 27, ZeroHash, ZeroHash),
          () => market.previewFill(orderId, XP),
          () => market.previewCancel(orderId),
          () => market.orderOf(orderId),
        ]) {
          await expect(call()).to.be.revertedWithCustomError(market, "XPMarket_UnknownOrder").withArgs(orderId);
        }
      }
      await as(cleo).fill(1n, 5_000n * XP, MaxUint256);
      await as(ben).cancel(2n, ben);
      for (const orderId of [1n, 2n]) {
        for (const call of [
          () => as(ada).fill(orderId, XP, 0n),
          () => market.previewFill(orderId, XP),
          () => market.previewCancel(orderId),
          () => market.orderOf(orderId),
        ]) {
          await expect(call()).to.be.revertedWithCustomError(market, "XPMarket_OrderClosed").withArgs(orderId);
        }
      }
    });

    it("refuses who wants nothing of it, at any limit", async () => {
      const { market, cleo, as } = await networkHelpers.loadFixture(withOrders);
      for (const orderId of [1n, 2n]) {
        for (const call of [
          () => as(cleo).fill(orderId, 0n, 0n),
          () => as(cleo).fill(orderId, 0n, MaxUint256),
          () => market.previewFill(orderId, 0n),
        ]) {
          await expect(call()).to.be.revertedWithCustomError(market, "XPMarket_NothingWanted").withArgs(orderId);
        }
      }
    });

    it("takes what is left where more is wanted, pays for that alone, and tells", async () => {
      const { market, xp, token, ada, ben, cleo, as } = await networkHelpers.loadFixture(withOrders);
      const left = 4_999n * XP;
      for (const wanted of [left, left + 1n, 5_000n * XP, MaxUint256]) {
        for (const [orderId, maker, isBid] of [
          [1n, ada, false],
          [2n, ben, true],
        ] as const) {
          const snapshot = await networkHelpers.takeSnapshot();
          const limit = isBid ? 0n : MaxUint256;
          await as(cleo).fill(orderId, XP, limit);
          expect(await market.previewFill(orderId, wanted)).to.deep.equal([left, 99_980_000n]);
          expect(await as(cleo).fill.staticCall(orderId, wanted, limit)).to.deep.equal([left, 99_980_000n]);
          const fill = as(cleo).fill(orderId, wanted, limit);
          await expect(fill)
            .to.emit(market, "OrderFilled")
            .withArgs(orderId, maker.address, cleo.address, isBid, left, 99_980_000n, 0n);
          const sign = isBid ? -1n : 1n;
          await expect(fill).to.changeTokenBalances(ethers, xp, [cleo, market], isBid ? [-left, 0n] : [left, -left]);
          await expect(fill).to.changeTokenBalances(ethers, token, [cleo], [-sign * 99_980_000n]);
          await expect(market.orderOf(orderId))
            .to.be.revertedWithCustomError(market, "XPMarket_OrderClosed")
            .withArgs(orderId);
          await snapshot.restore();
        }
      }
    });

    it("is not stopped by whoever takes a wei first: the rest goes through at the limit for the whole", async () => {
      const { market, xp, token, ada, ben, cleo, stranger, as } = await networkHelpers.loadFixture(deploy);
      const whole = 1_000n * XP + 7n;
      const price = 123_457n;
      await xp.connect(ben).transfer(stranger, 5n);
      await token.faucet(stranger, 10n);
      await xp.connect(stranger).approve(market, MaxUint256);
      await token.connect(stranger).approve(market, MaxUint256);
      for (const side of ["ask", "bid"] as const) {
        for (const dust of [1n, 5n]) {
          await as(ada)[side](whole, price);
          const orderId = await market.orderCount();
          const { payment: shown } = await market.previewFill(orderId, whole);
          expect(shown).to.equal(paymentFor(whole, price));
          await market.connect(stranger).fill(orderId, dust, side === "ask" ? 1n : 0n);
          const { filled, payment } = await market.previewFill(orderId, whole);
          expect(filled).to.equal(whole - dust);
          await expect(as(cleo).fill(orderId, whole, shown), `${side} after ${dust}`)
            .to.emit(market, "OrderFilled")
            .withArgs(orderId, ada.address, cleo.address, side === "bid", whole - dust, payment, 0n);
          expect(payment <= shown, "less costs no more").to.equal(true);
        }
      }
    });

    it("holds what is left to the limit's part of it, by a unit, rounded so that the order's own price passes", async () => {
      const { market, token, cleo, as } = await networkHelpers.loadFixture(withDust);
      // Of 10 wei at a third of a unit and a little, 7 are left, and cost 3 where all cost 4.
      for (const orderId of [1n, 2n]) await as(cleo).fill(orderId, 3n, orderId === 1n ? 2n : 0n);
      expect(await market.previewFill(1n, 10n)).to.deep.equal([7n, 3n]);
      expect(await market.previewFill(2n, 10n)).to.deep.equal([7n, 3n]);
      // For 10 wei at most 2 is at most ⌈1.4⌉ for 7; for 10 wei at least 6 is at least ⌊4.2⌋ for 7.
      await expect(as(cleo).fill(1n, 10n, 2n))
        .to.be.revertedWithCustomError(market, "XPMarket_PaymentAboveLimit")
        .withArgs(1n, 3n, 2n);
      await expect(as(cleo).fill(2n, 10n, 6n))
        .to.be.revertedWithCustomError(market, "XPMarket_PaymentBelowLimit")
        .withArgs(2n, 3n, 4n);
      // A limit of nothing is one of nothing for any part, and the largest number is no limit, nor too large.
      await expect(as(cleo).fill(1n, 10n, 0n))
        .to.be.revertedWithCustomError(market, "XPMarket_PaymentAboveLimit")
        .withArgs(1n, 3n, 0n);
      await expect(as(cleo).fill(2n, 10n, MaxUint256))
        .to.be.revertedWithCustomError(market, "XPMarket_PaymentBelowLimit")
        .withArgs(2n, 3n, (MaxUint256 * 7n) / 10n);
      for (const wanted of [10n, MaxUint256]) {
        expect(await as(cleo).fill.staticCall(1n, wanted, MaxUint256)).to.deep.equal([7n, 3n]);
      }
      // At most 3 is at most ⌈2.1⌉ = 3 for 7; at least 5 is at least ⌊3.5⌋ = 3 for 7.
      const before = await token.balanceOf(cleo);
      await as(cleo).fill(1n, 10n, 3n);
      await as(cleo).fill(2n, 10n, 5n);
      expect(await token.balanceOf(cleo)).to.equal(before);
    });

    it("is paid for to the last wei: the last of a bid never goes for nothing, and the last of an ask costs a unit", async () => {
      const { market, token, ada, ben, cleo, as } = await networkHelpers.loadFixture(withDust);
      for (const [orderId, maker] of [
        [1n, ada],
        [2n, ben],
      ] as const) {
        await as(cleo).fill(orderId, 9n, orderId === 1n ? 4n : 0n);
        expect(await market.previewFill(orderId, 10n)).to.deep.equal([1n, 1n]);
        const before = await token.balanceOf(maker);
        await as(cleo).fill(orderId, 10n, 4n);
        expect((await token.balanceOf(maker)) - before).to.equal(orderId === 1n ? 1n : 0n);
      }
      expect(await token.balanceOf(market)).to.equal(0n);
    });

    it("refuses makers who would trade with themselves, and changes nothing", async () => {
      const { market, ada, ben, as } = await networkHelpers.loadFixture(withOrders);
      for (const [orderId, maker, limit] of [
        [1n, ada, MaxUint256],
        [2n, ben, 0n],
      ] as const) {
        await expect(as(maker).fill(orderId, XP, limit))
          .to.be.revertedWithCustomError(market, "XPMarket_OwnOrder")
          .withArgs(orderId, maker.address);
        expect((await market.orderOf(orderId)).remaining).to.equal(5_000n * XP);
      }
    });
  });

  describe("cancel", () => {
    it("refuses an order that was never made, or is over, and tells which", async () => {
      const { market, ada, ben, cleo, as } = await networkHelpers.loadFixture(withOrders);
      for (const orderId of UNKNOWN) {
        await expect(as(ada).cancel(orderId, ada))
          .to.be.revertedWithCustomError(market, "XPMarket_UnknownOrder")
          .withArgs(orderId);
      }
      await as(ada).cancel(1n, ada);
      await as(cleo).fill(2n, 5_000n * XP, 0n);
      for (const [orderId, maker] of [
        [1n, ada],
        [2n, ben],
      ] as const) {
        await expect(as(maker).cancel(orderId, maker))
          .to.be.revertedWithCustomError(market, "XPMarket_OrderClosed")
          .withArgs(orderId);
      }
    });

    it("refuses anybody but the maker", async () => {
      const { market, ada, ben, stranger, as } = await networkHelpers.loadFixture(withOrders);
      for (const [orderId, caller, maker] of [
        [1n, ben, ada],
        [2n, ada, ben],
        [2n, stranger, ben],
      ] as const) {
        await expect(as(caller).cancel(orderId, caller))
          .to.be.revertedWithCustomError(market, "XPMarket_NotMaker")
          .withArgs(orderId, caller.address, maker.address);
      }
    });

    it("refuses to give it to the market, and fails in the token for the zero address", async () => {
      const { market, xp, token, ada, ben, as } = await networkHelpers.loadFixture(withOrders);
      for (const [orderId, maker, asset] of [
        [1n, ada, xp],
        [2n, ben, token],
      ] as const) {
        await expect(as(maker).cancel(orderId, market))
          .to.be.revertedWithCustomError(market, "XPMarket_RecipientIsMarket")
          .withArgs(orderId);
        await expect(as(maker).cancel(orderId, ZeroAddress))
          .to.be.revertedWithCustomError(asset, "ERC20InvalidReceiver")
          .withArgs(ZeroAddress);
        expect((await market.orderOf(orderId)).remaining).to.equal(5_000n * XP);
      }
    });

    it("gives back the XP that is left of an ask, anywhere, and tells", async () => {
      const { market, xp, ada, cleo, stranger, as } = await networkHelpers.loadFixture(withOrders);
      await as(cleo).fill(1n, 1n, MaxUint256);
      await as(cleo).fill(1n, 1_000n * XP, MaxUint256);
      const left = 4_000n * XP - 1n;
      expect([...(await market.previewCancel(1n))]).to.deep.equal([await xp.getAddress(), left]);
      expect(await as(ada).cancel.staticCall(1n, stranger)).to.equal(left);
      await expect(as(ada).cancel(1n, stranger))
        .to.emit(market, "OrderCancelled")
        .withArgs(1n, ada.address, stranger.address, false, left);
      expect(await xp.balanceOf(stranger)).to.equal(left);
      expect(await xp.balanceOf(market)).to.equal(0n);
    });

    it("gives back the payment that is left of a bid, anywhere, to the unit, and tells", async () => {
      const { market, token, ben, cleo, stranger, as } = await networkHelpers.loadFixture(withDust);
      const before = await token.balanceOf(cleo);
      await as(cleo).fill(2n, 5n, 0n);
      expect((await token.balanceOf(cleo)) - before).to.equal(2n);
      expect([...(await market.previewCancel(2n))]).to.deep.equal([await token.getAddress(), 2n]);
      expect(await as(ben).cancel.staticCall(2n, stranger)).to.equal(2n);
      await expect(as(ben).cancel(2n, stranger))
        .to.emit(market, "OrderCancelled")
        .withArgs(2n, ben.address, stranger.address, true, 2n);
      expect(await token.balanceOf(stranger)).to.equal(2n);
      expect(await token.balanceOf(market)).to.equal(0n);
    });
  });

  describe("the permit variants", () => {
    /** Nobody has allowed the market anything; each of the four ways to go through with a signature. */
    async function unallowed() {
      const world = await withOrders();
      const { ada, ben, cleo, xp, token, market, as } = world;
      for (const trader of [ada, ben, cleo]) {
        await xp.connect(trader).approve(market, 0n);
        await token.connect(trader).approve(market, 0n);
      }
      const { chainId } = await ethers.provider.getNetwork();
      const deadline = BigInt(await networkHelpers.time.latest()) + 86_400n;
      const sign = async (asset: typeof xp | typeof token, value: bigint) => {
        const verifyingContract = await asset.getAddress();
        const domain = { name: await asset.name(), version: "1", chainId, verifyingContract };
        const message = { owner: cleo.address, spender: world.address, value, nonce: 0n, deadline };
        const { v, r, s } = Signature.from(await cleo.signTypedData(domain, PERMIT_TYPES, message));
        return [deadline, v, r, s] as const;
      };
      type Permit = Awaited<ReturnType<typeof sign>>;
      const ways = [
        {
          name: "askWithPermit",
          asset: xp,
          value: 7n * XP,
          rest: 0n,
          go: (permit: Permit) => as(cleo).askWithPermit(7n * XP, TWO_CENTS, ...permit),
        },
        {
          name: "bidWithPermit",
          asset: token,
          value: 7n * TWO_CENTS,
          rest: 0n,
          go: (permit: Permit) => as(cleo).bidWithPermit(7n * XP, TWO_CENTS, ...permit),
        },
        {
          name: "fillWithPermit of an ask",
          asset: token,
          value: 8n * TWO_CENTS,
          rest: TWO_CENTS,
          go: (permit: Permit) => as(cleo).fillWithPermit(1n, 7n * XP, 8n * TWO_CENTS, ...permit),
        },
        {
          name: "fillWithPermit of a bid",
          asset: xp,
          value: 7n * XP,
          rest: 0n,
          go: (permit: Permit) => as(cleo).fillWithPermit(2n, 7n * XP, 7n * TWO_CENTS, ...permit),
        },
      ];
      return { ...world, ways, sign };
    }

    it("need no allowance with a good signature, and leave none but what a limit had over", async () => {
      const { ways, sign, cleo, market } = await networkHelpers.loadFixture(unallowed);
      for (const { name, asset, value, rest, go } of ways) {
        const snapshot = await networkHelpers.takeSnapshot();
        await expect(go(await sign(asset, value)), name).to.emit(
          market,
          name.startsWith("fill") ? "OrderFilled" : "OrderMade",
        );
        expect(await asset.allowance(cleo, market), name).to.equal(rest);
        await snapshot.restore();
      }
    });

    it("go through all the same where somebody used the signature first", async () => {
      const { ways, sign, cleo, stranger, address, market } = await networkHelpers.loadFixture(unallowed);
      for (const { name, asset, value, go } of ways) {
        const snapshot = await networkHelpers.takeSnapshot();
        const permit = await sign(asset, value);
        await asset.connect(stranger).permit(cleo, address, value, ...permit);
        await expect(go(permit), name).to.emit(market, name.startsWith("fill") ? "OrderFilled" : "OrderMade");
        await snapshot.restore();
      }
    });

    it("fail in the token with a bad signature and no allowance, and go through with one", async () => {
      const { ways, sign, cleo, address, market } = await networkHelpers.loadFixture(unallowed);
      for (const { name, asset, value, rest, go } of ways) {
        const snapshot = await networkHelpers.takeSnapshot();
        const permit = await sign(asset, value - 1n);
        await expect(go(permit), name)
          .to.be.revertedWithCustomError(asset, "ERC20InsufficientAllowance")
          .withArgs(address, 0n, value - rest);
        await asset.connect(cleo).approve(market, value - rest);
        await expect(go(permit), name).to.emit(market, name.startsWith("fill") ? "OrderFilled" : "OrderMade");
        await snapshot.restore();
      }
    });

    it("go through with an allowance of a token without permits", async () => {
      const { market, ada, ben, as } = await networkHelpers.loadFixture(misbehaving);
      const none = [0n, 27, ZeroHash, ZeroHash] as const;
      await as(ada).askWithPermit(XP, TWO_CENTS, ...none);
      await as(ada).bidWithPermit(XP, TWO_CENTS, ...none);
      await as(ben).fillWithPermit(1n, XP, MaxUint256, ...none);
      await as(ben).fillWithPermit(2n, XP, 0n, ...none);
      for (const orderId of [1n, 2n]) {
        await expect(market.orderOf(orderId)).to.be.revertedWithCustomError(market, "XPMarket_OrderClosed");
      }
    });
  });

  describe("a payment token that misbehaves", () => {
    /** Order 1 is Ada's ask of 100 XP, order 2 Ben's bid for 100 XP, both at 10 units for an XP. */
    async function withTwo() {
      const world = await misbehaving();
      await world.as(world.ada).ask(100n * XP, 10n);
      await world.as(world.ben).bid(100n * XP, 10n);
      return world;
    }

    it("that takes a fee is refused from bidders, from buyers and for sellers, and what is held can be taken back", async () => {
      const { market, xp, token, address, ada, ben, cleo, as } = await networkHelpers.loadFixture(withTwo);
      await token.distort(-5n);
      for (const [call, to, payment, received] of [
        [() => as(cleo).bid(50n * XP, 10n), address, 500n, 495n],
        [() => as(cleo).fill(1n, 50n * XP, MaxUint256), ada.address, 500n, 495n],
        [() => as(cleo).fill(2n, 50n * XP, 0n), cleo.address, 500n, 495n],
      ] as const) {
        await expect(call())
          .to.be.revertedWithCustomError(market, "XPMarket_PaymentFellShort")
          .withArgs(to, payment, received);
      }
      await token.distort(-500n);
      await expect(as(cleo).bid(50n * XP, 10n))
        .to.be.revertedWithCustomError(market, "XPMarket_PaymentFellShort")
        .withArgs(address, 500n, 0n);
      await token.distort(-5n);
      const before = await token.balanceOf(cleo);
      await as(ada).cancel(1n, ada);
      await as(ben).cancel(2n, cleo);
      expect(await xp.balanceOf(ada)).to.equal(XP_EACH);
      expect(await token.balanceOf(cleo)).to.equal(before + 995n);
    });

    it("that returns false is refused everywhere, and nothing moves", async () => {
      const { xp, token, market, ada, ben, cleo, as } = await networkHelpers.loadFixture(withTwo);
      await token.sayNo(true);
      for (const call of [
        () => as(cleo).bid(XP, 10n),
        () => as(cleo).fill(1n, XP, MaxUint256),
        () => as(cleo).fill(2n, XP, 0n),
        () => as(ben).cancel(2n, ben),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(market, "SafeERC20FailedOperation")
          .withArgs(await token.getAddress());
      }
      expect(await xp.balanceOf(cleo)).to.equal(XP_EACH);
      await as(ada).cancel(1n, ada);
      expect(await xp.balanceOf(ada)).to.equal(XP_EACH);
      await token.sayNo(false);
      await as(ben).cancel(2n, ben);
      expect(await token.balanceOf(market)).to.equal(0n);
    });

    it("that refuses a maker makes that ask alone unfillable, which cancels as ever", async () => {
      const { xp, token, ada, ben, cleo, as } = await networkHelpers.loadFixture(withTwo);
      await as(ben).ask(100n * XP, 10n);
      await token.freeze(ada, true);
      await expect(as(cleo).fill(1n, XP, MaxUint256))
        .to.be.revertedWithCustomError(token, "MisbehavingToken_Frozen")
        .withArgs(ada.address);
      await as(cleo).fill(3n, XP, MaxUint256);
      await as(cleo).fill(2n, XP, 0n);
      await as(ada).cancel(1n, ada);
      expect(await xp.balanceOf(ada)).to.equal(XP_EACH);
    });

    it("that refuses a maker lets that bid be taken, and cancel to another address", async () => {
      const { xp, token, ben, cleo, stranger, as } = await networkHelpers.loadFixture(withTwo);
      await token.freeze(ben, true);
      await as(cleo).fill(2n, 40n * XP, 400n);
      expect(await xp.balanceOf(ben)).to.equal(XP_EACH + 40n * XP);
      await expect(as(ben).cancel(2n, ben))
        .to.be.revertedWithCustomError(token, "MisbehavingToken_Frozen")
        .withArgs(ben.address);
      await as(ben).cancel(2n, stranger);
      expect(await token.balanceOf(stranger)).to.equal(600n);
    });

    it("that calls back does not get into fill, bid or cancel, not even for its own orders", async () => {
      const { market, xp, token, address, ada, cleo, as } = await networkHelpers.loadFixture(withTwo);
      const self = await token.getAddress();
      const call = (name: string, ...parameters: unknown[]) =>
        market.interface.encodeFunctionData(name as never, parameters as never);
      // the token trades on its own account, so that nothing but the guard can stand in its way
      await token.mint(self, 1_000n);
      await xp.connect(cleo).transfer(self, 10n * XP);
      for (const asset of [token, xp]) {
        await token.act(asset, asset.interface.encodeFunctionData("approve", [address, MaxUint256]));
      }
      await token.act(market, call("bid", 10n * XP, 10n)); // order 3
      await token.act(market, call("ask", XP, 10n)); // order 4
      const guarded = market.interface.getError("ReentrancyGuardReentrantCall")?.selector;
      for (const reentry of [
        call("cancel", 3n, self),
        call("cancel", 4n, self),
        call("fill", 1n, XP, MaxUint256),
        call("fill", 2n, XP, 0n),
        call("bid", XP, 10n),
        call("fillWithPermit", 1n, XP, MaxUint256, 0n, 27, ZeroHash, ZeroHash),
        call("bidWithPermit", XP, 10n, 0n, 27, ZeroHash, ZeroHash),
      ]) {
        const snapshot = await networkHelpers.takeSnapshot();
        for (const outer of [
          () => as(cleo).fill(1n, XP, MaxUint256),
          () => as(cleo).fill(2n, XP, 0n),
          () => as(cleo).bid(XP, 10n),
        ]) {
          await token.callBack(market, reentry);
          await outer();
          expect(await token.calledBack()).to.equal(false);
          expect(await token.callbackAnswer()).to.equal(guarded);
        }
        await token.act(market, reentry); // what was refused was refused for its moment alone
        await snapshot.restore();
      }
      await token.callBack(market, call("cancel", 4n, self));
      await as(cleo).bid(XP, 10n);
      await token.callBack(market, call("fill", 1n, XP, MaxUint256));
      await as(cleo).cancel(5n, cleo);
      expect(await token.callbackAnswer(), "nor during a cancel").to.equal(guarded);
      expect((await market.orderOf(1n)).maker).to.equal(ada.address);
    });
  });

  for (const decimals of [0n, 6n, 18n]) {
    const unit = 10n ** decimals;

    it(`agrees with the model over hundreds of random calls with ${decimals} decimals, to the wei and to the unit`, async () => {
      const { market, xp, token, ada, ben, cleo, as } = await deployWithMisbehavingToken(decimals);
      const model = new OrderBookModel();
      const traders = [ada, ben, cleo];
      const payments = await token.balanceOf(ada);
      const done = { ask: 0, bid: 0, part: 0, whole: 0, rest: 0, cancel: 0, own: 0 };
      const agree = async (replay: string) => {
        const held = model.held();
        expect(await xp.balanceOf(market), replay).to.equal(held.xp);
        expect(await token.balanceOf(market), replay).to.equal(held.payment);
        for (const trader of traders) {
          const purse = model.purse(trader.address);
          expect(await xp.balanceOf(trader), replay).to.equal(XP_EACH + purse.xp);
          expect(await token.balanceOf(trader), replay).to.equal(payments + purse.payment);
        }
      };
      const make = async (side: Side, maker: HardhatEthersSigner, amount: bigint, price: bigint) => {
        if (side === "bid") expect(await market.previewBid(amount, price)).to.equal(paymentFor(amount, price));
        await as(maker)[side](amount, price);
        model.make(side, maker.address, amount, price);
        expect(await market.orderCount()).to.equal(model.count);
        done[side]++;
      };
      const cancel = async (orderId: bigint) => {
        const { maker, side, held } = model.order(orderId);
        const signer = traders.find(({ address }) => address === maker) ?? ada;
        const back = side === "ask" ? [await xp.getAddress(), held.xp] : [await token.getAddress(), held.payment];
        expect([...(await market.previewCancel(orderId))]).to.deep.equal(back);
        await as(signer).cancel(orderId, maker);
        model.cancel(orderId, maker, maker);
        done.cancel++;
      };
      const everythingDone = () => Math.min(...Object.values(done)) >= 1;
      for (let step = 0; step < effort(48, 130) || (step < 1_000 && !everythingDone()); step++) {
        const dice = roll(`trade ${decimals}`, step);
        const replay = `step ${step} with XONOMY_SEED=${SEED}`;
        const trader = traders[Number(dice % 3n)] ?? ada;
        const orderId = model.open[Number((dice >> 16n) % BigInt(model.open.length || 1))];
        const turn = BigInt(step) % 8n;
        if (orderId === undefined || turn < 2n) {
          // from a few wei to thousands of XP, from far below a unit for an XP to a hundred
          const amount = 1n + ((dice >> 32n) % 10n ** (1n + ((dice >> 8n) % 22n)));
          const price = 1n + ((dice >> 128n) % (dice % 2n === 0n ? 100n * unit : 1n + unit / 50n));
          await make(turn === 0n ? "ask" : "bid", trader, amount, price);
        } else if (turn === 2n) {
          await cancel(orderId);
        } else {
          const { maker, side, remaining } = model.order(orderId);
          const amount = turn === 3n ? remaining : 1n + ((dice >> 32n) % remaining) / (1n + (dice % 3n));
          // Some want more than is left, up to far more.
          const wanted = turn === 4n ? remaining + 1n + ((dice >> 64n) % (remaining << ((dice >> 16n) % 40n))) : amount;
          const { filled, payment } = model.preview(orderId, wanted);
          expect(await market.previewFill(orderId, wanted), replay).to.deep.equal([filled, payment]);
          // The tightest limit for all that is wanted, found from the model's rule alone.
          const limit = tightest(side, wanted, { filled, payment });
          if (maker === trader.address) {
            await expect(as(trader).fill(orderId, wanted, limit)).to.be.revertedWithCustomError(
              market,
              "XPMarket_OwnOrder",
            );
            expect(() => model.fill(orderId, maker, wanted, limit)).to.throw(RangeError);
            done.own++;
          } else {
            const off = side === "ask" ? -1n : 1n;
            expect(() => model.fill(orderId, trader.address, wanted, limit + off), replay).to.throw(RangeError);
            await expect(as(trader).fill(orderId, wanted, limit + off), replay).to.be.revertedWithCustomError(
              market,
              side === "ask" ? "XPMarket_PaymentAboveLimit" : "XPMarket_PaymentBelowLimit",
            );
            await as(trader).fill(orderId, wanted, limit);
            model.fill(orderId, trader.address, wanted, limit);
            done[wanted > remaining ? "rest" : wanted === remaining ? "whole" : "part"]++;
          }
        }
        await agree(replay);
        for (const one of model.open.slice(-3)) {
          const { maker, remaining, side, price } = model.order(one);
          expect([...(await market.orderOf(one))], replay).to.deep.equal([maker, remaining, side === "bid", price]);
        }
      }
      for (const orderId of model.open) await cancel(orderId);
      await agree("the end");
      expect(await xp.balanceOf(market)).to.equal(0n);
      expect(await token.balanceOf(market)).to.equal(0n);
      expect(everythingDone(), `${JSON.stringify(done)} with XONOMY_SEED=${SEED}`).to.equal(true);
    });
  }

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    it("does not depend on how many orders there are", async () => {
      const { ada, cleo, as } = await networkHelpers.loadFixture(withOrders);
      const fill = async () => gasOf(as(cleo).fill(1n, XP, MaxUint256));
      await fill();
      const among = { two: await fill(), forty: 0n };
      for (let more = 0; more < 38; more++) await as(ada).ask(XP, TWO_CENTS);
      among.forty = await fill();
      expect(among.forty).to.equal(among.two);
    });

    it("keeps within its budget", async () => {
      const { ada, ben, cleo, as } = await networkHelpers.loadFixture(deploy);
      await as(ada).ask(XP, TWO_CENTS);
      await as(ada).bid(XP, TWO_CENTS);
      const costs: [name: string, gas: bigint, budget: bigint][] = [
        ["ask", await gasOf(as(ada).ask(5_000n * XP, TWO_CENTS)), 94_000n],
        ["bid", await gasOf(as(ben).bid(5_000n * XP, TWO_CENTS)), 97_000n],
        ["part of an ask", await gasOf(as(cleo).fill(3n, XP, MaxUint256)), 72_000n],
        ["part of a bid", await gasOf(as(cleo).fill(4n, XP, 0n)), 72_000n],
        ["the rest of an ask", await gasOf(as(cleo).fill(3n, 4_999n * XP, MaxUint256)), 65_000n],
        ["the rest of a bid", await gasOf(as(cleo).fill(4n, 4_999n * XP, 0n)), 65_000n],
      ];
      await as(ada).ask(5_000n * XP, TWO_CENTS);
      await as(ben).bid(5_000n * XP, TWO_CENTS);
      costs.push(
        ["cancel an ask", await gasOf(as(ada).cancel(5n, ada)), 44_000n],
        ["cancel a bid", await gasOf(as(ben).cancel(6n, ben)), 44_000n],
        ["an ask whole", await gasOf(as(cleo).fill(1n, XP, MaxUint256)), 60_000n],
        ["a bid whole", await gasOf(as(cleo).fill(2n, XP, 0n)), 60_000n],
      );
      if (hre.globalOptions.coverage) return;
      for (const [name, gas, budget] of costs) expect(gas, name).to.be.below(budget);
    });
  });
});
