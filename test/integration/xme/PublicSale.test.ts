import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { ZeroAddress, id } from "ethers";
import hre, { network } from "hardhat";

import { SaleModel, saleAmountFor, saleCost } from "../../../src/xme/sale.js";
import type { PublicSale } from "../../../typechain-types/index.js";

const { ethers, networkHelpers } = await network.create();

const DAY = 86_400n;
const ONE = 10n ** 18n;
const TWO_YEARS = 2n * 365n * DAY;

/** A price that divides nothing evenly. */
const PRICE = 333_333_333_333_333n;
const CAP = 1_000n * ONE;
const FUNDED = 2_500n * ONE;

/** The change policies of `SaleContractBuyer`. */
const OnChange = { Take: 0, Refuse: 1, BuyAgain: 2, WithdrawProceeds: 3, SweepUnsold: 4 } as const;

describe("PublicSale", () => {
  async function deploySale(funded = FUNDED) {
    const [deployer, alice, bob, carol] = await ethers.getSigners();
    if (!deployer || !alice || !bob || !carol) throw new Error("too few accounts");
    const xme = await ethers.deployContract("XME");
    const treasury = await ethers.deployContract("TimelockController", [1n, [], [], ZeroAddress]);
    const start = BigInt(await networkHelpers.time.latest()) + DAY;
    const end = start + 30n * DAY;
    const sale = await ethers.deployContract("PublicSale", [xme, treasury, PRICE, CAP, start, end]);
    await xme.transfer(sale, funded);
    return { deployer, alice, bob, carol, xme, treasury, start, end, sale };
  }

  async function openSale(funded = FUNDED) {
    const world = await deploySale(funded);
    await networkHelpers.time.increaseTo(world.start);
    return world;
  }

  const announced = () => deploySale();
  const open = () => openSale();
  const unfunded = () => openSale(0n);

  /** Sells all but `left`: two wallets take their caps, a third the rest of it. */
  async function sellAllBut(left: bigint, { sale, alice, bob, deployer }: Awaited<ReturnType<typeof openSale>>) {
    for (const [buyer, wanted] of [
      [alice, CAP],
      [bob, CAP],
      [deployer, FUNDED - 2n * CAP - left],
    ] as const) {
      await sale.connect(buyer).buy(buyer, wanted, wanted, { value: saleCost(wanted, PRICE) });
    }
  }

  describe("constructor", () => {
    it("refuses a token without code", async () => {
      const { sale, alice, treasury, start, end } = await networkHelpers.loadFixture(announced);
      await expect(ethers.deployContract("PublicSale", [alice, treasury, PRICE, CAP, start, end]))
        .to.be.revertedWithCustomError(sale, "PublicSale_TokenHasNoCode")
        .withArgs(alice.address);
    });

    it("refuses a treasury, a price or a cap of zero", async () => {
      const { sale, xme, treasury, start, end } = await networkHelpers.loadFixture(announced);
      await expect(
        ethers.deployContract("PublicSale", [xme, ZeroAddress, PRICE, CAP, start, end]),
      ).to.be.revertedWithCustomError(sale, "PublicSale_TreasuryIsZero");
      await expect(
        ethers.deployContract("PublicSale", [xme, treasury, 0n, CAP, start, end]),
      ).to.be.revertedWithCustomError(sale, "PublicSale_PriceIsZero");
      await expect(
        ethers.deployContract("PublicSale", [xme, treasury, PRICE, 0n, start, end]),
      ).to.be.revertedWithCustomError(sale, "PublicSale_WalletCapIsZero");
    });

    it("refuses an end that is not after the start", async () => {
      const { sale, xme, treasury, start } = await networkHelpers.loadFixture(announced);
      for (const end of [start, start - 1n]) {
        await expect(ethers.deployContract("PublicSale", [xme, treasury, PRICE, CAP, start, end]))
          .to.be.revertedWithCustomError(sale, "PublicSale_EndNotAfterStart")
          .withArgs(start, end);
      }
    });

    it("refuses an end that has passed or lies more than two years ahead, and takes the furthest", async () => {
      const { sale, xme, treasury } = await networkHelpers.loadFixture(announced);
      const deployAt = async (now: bigint, end: bigint) => {
        await networkHelpers.time.setNextBlockTimestamp(now);
        return ethers.deployContract("PublicSale", [xme, treasury, PRICE, CAP, now - 10n, end]);
      };
      let now = BigInt(await networkHelpers.time.latest());
      for (const distance of [0n, -1n, TWO_YEARS + 1n]) {
        now += 100n;
        await expect(deployAt(now, now + distance))
          .to.be.revertedWithCustomError(sale, "PublicSale_EndOutOfRange")
          .withArgs(now + distance, now, now + TWO_YEARS);
      }
      for (const distance of [1n, TWO_YEARS]) {
        now += 100n;
        expect(await (await deployAt(now, now + distance)).end()).to.equal(now + distance);
      }
    });

    it("shows its terms", async () => {
      const { sale, xme, treasury, start, end } = await networkHelpers.loadFixture(announced);
      expect(await sale.token()).to.equal(await xme.getAddress());
      expect(await sale.treasury()).to.equal(await treasury.getAddress());
      expect(await sale.price()).to.equal(PRICE);
      expect(await sale.walletCap()).to.equal(CAP);
      expect(await sale.start()).to.equal(start);
      expect(await sale.end()).to.equal(end);
      expect(await sale.remaining()).to.equal(FUNDED);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("PublicSale");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("buy", () => {
    it("refuses one second before the start and sells at the start", async () => {
      const { sale, alice, start } = await networkHelpers.loadFixture(announced);
      await networkHelpers.time.setNextBlockTimestamp(start - 1n);
      await expect(sale.buy(alice, ONE, ONE, { value: PRICE }))
        .to.be.revertedWithCustomError(sale, "PublicSale_NotStarted")
        .withArgs(start);
      await networkHelpers.time.setNextBlockTimestamp(start);
      await sale.buy(alice, ONE, ONE, { value: PRICE });
      expect(await sale.bought(alice)).to.equal(ONE);
    });

    it("sells one second before the end and refuses at the end", async () => {
      const { sale, alice, end } = await networkHelpers.loadFixture(open);
      await networkHelpers.time.setNextBlockTimestamp(end - 1n);
      await sale.buy(alice, ONE, ONE, { value: PRICE });
      await networkHelpers.time.setNextBlockTimestamp(end);
      await expect(sale.buy(alice, ONE, ONE, { value: PRICE }))
        .to.be.revertedWithCustomError(sale, "PublicSale_Ended")
        .withArgs(end);
    });

    it("refuses while it has not been funded, and says so", async () => {
      const { sale, alice } = await networkHelpers.loadFixture(unfunded);
      await expect(sale.buy(alice, ONE, ONE, { value: PRICE })).to.be.revertedWithCustomError(
        sale,
        "PublicSale_NotFunded",
      );
    });

    it("refuses the zero address and itself as beneficiary", async () => {
      const { sale } = await networkHelpers.loadFixture(open);
      for (const beneficiary of [ZeroAddress, await sale.getAddress()]) {
        await expect(sale.buy(beneficiary, ONE, ONE, { value: PRICE }))
          .to.be.revertedWithCustomError(sale, "PublicSale_InvalidBeneficiary")
          .withArgs(beneficiary);
      }
    });

    it("refuses a purchase of nothing", async () => {
      const { sale, alice } = await networkHelpers.loadFixture(open);
      await expect(sale.buy(alice, 0n, 0n, { value: PRICE })).to.be.revertedWithCustomError(
        sale,
        "PublicSale_NothingWanted",
      );
    });

    it("sells what the cap leaves to who accepts it and returns the change", async () => {
      const { sale, alice, bob, xme } = await networkHelpers.loadFixture(open);
      const value = saleCost(2n * CAP, PRICE);
      const cost = saleCost(CAP, PRICE);
      await expect(sale.connect(alice).buy(alice, CAP + 1n, CAP, { value })).to.changeEtherBalances(
        ethers,
        [alice, sale],
        [-cost, cost],
      );
      await sale.connect(bob).buy(bob, CAP - 5n, 0n, { value });
      await expect(sale.connect(bob).buy(bob, 2n ** 256n - 1n, 5n, { value }))
        .to.emit(sale, "Bought")
        .withArgs(bob.address, bob.address, 5n, 1n);
      for (const buyer of [alice, bob]) {
        expect(await xme.balanceOf(buyer)).to.equal(CAP);
        expect(await sale.roomOf(buyer)).to.equal(0n);
      }
    });

    it("refuses who does not accept what the cap leaves", async () => {
      const { sale, alice } = await networkHelpers.loadFixture(open);
      await sale.buy(alice, CAP - 5n, CAP - 5n, { value: saleCost(CAP, PRICE) });
      await expect(sale.buy(alice, 6n, 6n, { value: ONE }))
        .to.be.revertedWithCustomError(sale, "PublicSale_BelowMinimum")
        .withArgs(5n, 6n);
    });

    it("refuses when the cap is reached, and says so", async () => {
      const { sale, alice } = await networkHelpers.loadFixture(open);
      await sale.buy(alice, CAP, CAP, { value: saleCost(CAP, PRICE) });
      for (const wanted of [1n, CAP]) {
        await expect(sale.buy(alice, wanted, 0n, { value: ONE }))
          .to.be.revertedWithCustomError(sale, "PublicSale_WalletCapReached")
          .withArgs(alice.address, CAP);
      }
    });

    it("sells one wei less, at its price, after somebody gave the beneficiary one wei", async () => {
      const { sale, alice, bob, xme } = await networkHelpers.loadFixture(open);
      const { cost: value } = await sale.quote(alice, CAP);
      await expect(sale.connect(bob).buy(alice, 1n, 1n, { value: 1n })).to.changeEtherBalance(ethers, bob, -1n);
      const purchase = sale.connect(alice).buy(alice, CAP, CAP - 1n, { value });
      await expect(purchase)
        .to.emit(sale, "Bought")
        .withArgs(alice.address, alice.address, CAP - 1n, saleCost(CAP - 1n, PRICE));
      await expect(purchase).to.changeEtherBalance(ethers, alice, -saleCost(CAP - 1n, PRICE));
      expect(await xme.balanceOf(alice)).to.equal(CAP);
      expect(await sale.bought(alice)).to.equal(CAP);
      expect(await sale.roomOf(bob)).to.equal(CAP);
    });

    it("counts the beneficiary against the cap, not the buyer", async () => {
      const { sale, alice, bob, carol, xme } = await networkHelpers.loadFixture(open);
      const value = saleCost(CAP, PRICE);
      await sale.connect(carol).buy(alice, CAP, CAP, { value });
      await sale.connect(carol).buy(bob, CAP, CAP, { value });
      expect(await xme.balanceOf(alice)).to.equal(CAP);
      expect(await xme.balanceOf(bob)).to.equal(CAP);
      expect(await xme.balanceOf(carol)).to.equal(0n);
      expect(await sale.roomOf(carol)).to.equal(CAP);
      await expect(sale.connect(bob).buy(bob, 1n, 1n, { value: 1n })).to.be.revertedWithCustomError(
        sale,
        "PublicSale_WalletCapReached",
      );
    });

    it("refuses one wei below the cost", async () => {
      const { sale, alice } = await networkHelpers.loadFixture(open);
      for (const [wanted, cost] of [
        [7n * ONE, 7n * PRICE],
        [1n, 1n],
        [ONE + 1n, PRICE + 1n],
      ] as const) {
        await expect(sale.buy(alice, wanted, wanted, { value: cost - 1n }))
          .to.be.revertedWithCustomError(sale, "PublicSale_PaymentTooLow")
          .withArgs(cost - 1n, cost);
        await sale.buy(alice, wanted, wanted, { value: cost });
      }
    });

    it("sends the XME for the exact cost, counts it and tells", async () => {
      const { sale, alice, bob, xme } = await networkHelpers.loadFixture(open);
      const wanted = 123n * ONE + 456n;
      const cost = saleCost(wanted, PRICE);
      const purchase = sale.connect(bob).buy(alice, wanted, wanted, { value: cost });
      await expect(purchase).to.emit(sale, "Bought").withArgs(bob.address, alice.address, wanted, cost);
      await expect(purchase).to.changeEtherBalances(ethers, [bob, sale], [-cost, cost]);
      expect(await xme.balanceOf(alice)).to.equal(wanted);
      expect(await sale.bought(alice)).to.equal(wanted);
      expect(await sale.totalSold()).to.equal(wanted);
      expect(await sale.remaining()).to.equal(FUNDED - wanted);
    });

    it("returns the change", async () => {
      const { sale, alice } = await networkHelpers.loadFixture(open);
      await expect(sale.connect(alice).buy(alice, ONE, ONE, { value: ONE })).to.changeEtherBalances(
        ethers,
        [alice, sale],
        [-PRICE, PRICE],
      );
    });

    it("sells the rest to who accepts it and returns the change", async () => {
      const world = await networkHelpers.loadFixture(open);
      const { sale, carol, xme } = world;
      await sellAllBut(7n * ONE, world);
      const value = saleCost(10n * ONE, PRICE);
      await expect(sale.connect(carol).buy(carol, 10n * ONE, 7n * ONE, { value })).to.changeEtherBalance(
        ethers,
        carol,
        -7n * PRICE,
      );
      expect(await xme.balanceOf(carol)).to.equal(7n * ONE);
    });

    it("refuses who does not accept the rest", async () => {
      const world = await networkHelpers.loadFixture(open);
      const { sale, carol } = world;
      await sellAllBut(7n * ONE, world);
      await expect(sale.connect(carol).buy(carol, 10n * ONE, 7n * ONE + 1n, { value: ONE }))
        .to.be.revertedWithCustomError(sale, "PublicSale_BelowMinimum")
        .withArgs(7n * ONE, 7n * ONE + 1n);
    });

    it("refuses when all is sold, and says so", async () => {
      const world = await networkHelpers.loadFixture(open);
      const { sale, carol } = world;
      await sellAllBut(0n, world);
      await expect(sale.buy(carol, ONE, 0n, { value: ONE })).to.be.revertedWithCustomError(sale, "PublicSale_SoldOut");
    });

    it("sells for the exact cost to a contract that takes no currency", async () => {
      const { sale, xme } = await networkHelpers.loadFixture(open);
      const wallet = await ethers.deployContract("SaleContractBuyer");
      await wallet.buy(sale, 3n * ONE, OnChange.Refuse, { value: 3n * PRICE });
      expect(await xme.balanceOf(wallet)).to.equal(3n * ONE);
    });

    it("refuses change to a contract that takes no currency, and keeps nothing", async () => {
      const { sale, xme } = await networkHelpers.loadFixture(open);
      const wallet = await ethers.deployContract("SaleContractBuyer");
      await expect(wallet.buy(sale, 3n * ONE, OnChange.Refuse, { value: 3n * PRICE + 1n }))
        .to.be.revertedWithCustomError(sale, "PublicSale_ChangeRefused")
        .withArgs(await wallet.getAddress(), 1n);
      expect(await xme.balanceOf(wallet)).to.equal(0n);
      expect(await ethers.provider.getBalance(sale)).to.equal(0n);
      expect(await sale.totalSold()).to.equal(0n);
    });

    it("lets no call back in while it returns change", async () => {
      const { sale } = await networkHelpers.loadFixture(open);
      const guarded = ethers.id("ReentrancyGuardReentrantCall()").slice(0, 10);
      for (const policy of [OnChange.BuyAgain, OnChange.WithdrawProceeds, OnChange.SweepUnsold]) {
        const wallet = await ethers.deployContract("SaleContractBuyer");
        await wallet.buy(sale, ONE, policy, { value: 2n * PRICE });
        expect(await wallet.answerToReentry()).to.equal(guarded);
        expect(await ethers.provider.getBalance(wallet)).to.equal(PRICE);
        expect(await sale.bought(wallet)).to.equal(ONE);
      }
    });
  });

  describe("quote", () => {
    it("equals the purchase in the same block, and refuses with the same errors", async () => {
      const world = await networkHelpers.loadFixture(open);
      const { sale, alice, carol, end } = world;
      await sellAllBut(7n * ONE, world);
      const value = ONE;
      for (const wanted of [1n, ONE, 7n * ONE, 7n * ONE + 1n, CAP, CAP + 1n]) {
        const quoted = await sale.quote(carol, wanted);
        expect(await sale.buy.staticCall(carol, wanted, 0n, { value })).to.deep.equal(quoted);
        expect(quoted.xmeOut).to.equal(wanted < 7n * ONE ? wanted : 7n * ONE);
        expect(quoted.cost).to.equal(saleCost(quoted.xmeOut, PRICE));
      }
      await expect(sale.quote(alice, 1n)).to.be.revertedWithCustomError(sale, "PublicSale_WalletCapReached");
      await expect(sale.quote(carol, 0n)).to.be.revertedWithCustomError(sale, "PublicSale_NothingWanted");
      await expect(sale.quote(ZeroAddress, 1n)).to.be.revertedWithCustomError(sale, "PublicSale_InvalidBeneficiary");
      await sale.buy(carol, 7n * ONE, 0n, { value });
      await expect(sale.quote(carol, 1n)).to.be.revertedWithCustomError(sale, "PublicSale_SoldOut");
      await networkHelpers.time.increaseTo(end);
      await expect(sale.quote(carol, 1n)).to.be.revertedWithCustomError(sale, "PublicSale_Ended");
    });

    it("gives the least of what is wanted, what the cap leaves and what is left", async () => {
      const world = await networkHelpers.loadFixture(open);
      const { sale, carol } = world;
      await sale.buy(carol, CAP - 3n * ONE, 0n, { value: saleCost(CAP, PRICE) });
      const out = async (wanted: bigint) => (await sale.quote(carol, wanted)).xmeOut;
      expect([await out(2n * ONE), await out(4n * ONE)]).to.deep.equal([2n * ONE, 3n * ONE]);
      const [, , , , last] = await ethers.getSigners();
      for (const [buyer, wanted] of [
        [world.alice, CAP],
        [last, 502n * ONE],
      ] as const) {
        if (!buyer) throw new Error("too few accounts");
        await sale.buy(buyer, wanted, wanted, { value: saleCost(wanted, PRICE) });
      }
      expect(await sale.remaining()).to.equal(ONE);
      expect([await out(ONE / 2n), await out(4n * ONE)]).to.deep.equal([ONE / 2n, ONE]);
    });
  });

  it("refuses a plain payment with a sentence", async () => {
    const { sale, alice } = await networkHelpers.loadFixture(open);
    await expect(alice.sendTransaction({ to: sale, value: 1n })).to.be.revertedWithCustomError(
      sale,
      "PublicSale_PlainTransfer",
    );
  });

  describe("withdrawProceeds", () => {
    it("fails while the treasury refuses, stops no purchase, and works later", async () => {
      const { xme, alice, start, end } = await networkHelpers.loadFixture(open);
      const treasury = await ethers.deployContract("SaleStubbornTreasury");
      const sale = await ethers.deployContract("PublicSale", [xme, treasury, PRICE, CAP, start, end]);
      await xme.transfer(sale, FUNDED);
      await sale.buy(alice, ONE, ONE, { value: PRICE });
      await expect(sale.withdrawProceeds())
        .to.be.revertedWithCustomError(sale, "PublicSale_TreasuryRefused")
        .withArgs(await treasury.getAddress(), PRICE);
      await sale.buy(alice, ONE, ONE, { value: PRICE });
      await treasury.relent();
      await expect(sale.withdrawProceeds()).to.changeEtherBalance(ethers, treasury, 2n * PRICE);
    });

    it("sends everything to the treasury, forced currency too, whoever calls", async () => {
      const { sale, alice, carol, treasury } = await networkHelpers.loadFixture(open);
      await sale.buy(alice, ONE, ONE, { value: PRICE });
      await networkHelpers.setBalance(await sale.getAddress(), PRICE + 5n);
      const withdrawal = sale.connect(carol).withdrawProceeds();
      await expect(withdrawal)
        .to.emit(sale, "ProceedsWithdrawn")
        .withArgs(PRICE + 5n);
      await expect(withdrawal).to.changeEtherBalances(ethers, [sale, treasury], [-PRICE - 5n, PRICE + 5n]);
    });

    it("sends nothing where there is nothing", async () => {
      const { sale, treasury } = await networkHelpers.loadFixture(open);
      await expect(sale.withdrawProceeds()).to.changeEtherBalance(ethers, treasury, 0n);
    });
  });

  describe("sweepUnsold", () => {
    it("refuses before the end", async () => {
      const { sale, end } = await networkHelpers.loadFixture(open);
      await networkHelpers.time.setNextBlockTimestamp(end - 1n);
      await expect(sale.sweepUnsold()).to.be.revertedWithCustomError(sale, "PublicSale_NotEnded").withArgs(end);
    });

    it("sends the rest to the treasury after the end, whoever calls, again if more comes in", async () => {
      const { sale, alice, carol, deployer, end, treasury, xme } = await networkHelpers.loadFixture(open);
      await sale.buy(alice, 5n * ONE, 5n * ONE, { value: 5n * PRICE });
      await networkHelpers.time.setNextBlockTimestamp(end);
      const rest = FUNDED - 5n * ONE;
      await expect(sale.connect(carol).sweepUnsold()).to.emit(sale, "UnsoldSwept").withArgs(rest);
      await xme.connect(deployer).transfer(sale, 3n);
      await sale.sweepUnsold();
      expect(await xme.balanceOf(treasury)).to.equal(rest + 3n);
      expect(await xme.balanceOf(sale)).to.equal(0n);
    });
  });

  it("agrees with the model at every step of random purchases, to the wei", async () => {
    const { sale, start, end, xme, treasury } = await networkHelpers.loadFixture(announced);
    const buyers = (await ethers.getSigners()).slice(4, 12);
    const model = new SaleModel({ price: PRICE, walletCap: CAP, start, end }, FUNDED);
    const answers = new Map<string, number>();
    let now = start - (4n * DAY) / 5n;
    for (let step = 0; step < 280; step++) {
      const dice = BigInt(id(`sale step ${step}`));
      const buyer = buyers[Number(dice % 8n)] as HardhatEthersSigner;
      const beneficiary = buyers[Number((dice >> 8n) % 3n)] as HardhatEthersSigner;
      const wanted = ((dice >> 16n) % 9n) * ((dice >> 32n) % (30n * ONE));
      const cost = saleCost(wanted, PRICE);
      const value = (dice >> 120n) % 8n === 0n ? cost / 2n : cost + ((dice >> 128n) % ONE) / 100n;
      const minimum = (dice >> 200n) % 2n === 0n ? wanted : 0n;
      now += 1n + ((dice >> 216n) % (DAY / 4n));
      await networkHelpers.time.setNextBlockTimestamp(now);
      const purchase = sale.connect(buyer).buy(beneficiary, wanted, minimum, { value });
      const expected = model.buy(beneficiary.address, wanted, minimum, value, now);
      if (typeof expected === "string") {
        await expect(purchase).to.be.revertedWithCustomError(sale, `PublicSale_${expected}`);
        answers.set(expected, (answers.get(expected) ?? 0) + 1);
      } else {
        const { xmeOut, cost: paid } = expected;
        await expect(purchase).to.emit(sale, "Bought").withArgs(buyer.address, beneficiary.address, xmeOut, paid);
        const answer = xmeOut < wanted ? "in part" : "bought";
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    }
    for (const buyer of buyers) {
      expect(await sale.bought(buyer)).to.equal(model.bought(buyer.address));
      expect(await xme.balanceOf(buyer)).to.equal(model.bought(buyer.address));
    }
    expect(await sale.totalSold()).to.equal(model.sold);
    expect(await sale.remaining()).to.equal(model.remaining);
    await expect(sale.withdrawProceeds()).to.changeEtherBalance(ethers, treasury, model.raised);
    for (const answer of [
      "bought",
      "NotStarted",
      "NothingWanted",
      "in part",
      "SoldOut",
      "WalletCapReached",
      "BelowMinimum",
      "PaymentTooLow",
      "Ended",
    ]) {
      expect(answers.get(answer) ?? 0, `${answer} of ${JSON.stringify([...answers])}`).to.be.at.least(1);
    }
  });

  it("never asks more for the XME that a payment covers than the payment", () => {
    for (const value of [0n, 1n, PRICE - 1n, PRICE, 10n ** 18n + 7n, 10n ** 24n + 1n]) {
      const xme = saleAmountFor(value, PRICE);
      expect(saleCost(xme, PRICE) <= value).to.equal(true);
      expect(saleCost(xme + ONE, PRICE) > value).to.equal(true);
    }
  });

  it("sells within its budget of gas", async () => {
    const { sale, alice, bob } = await networkHelpers.loadFixture(open);
    const gasOf = async (buy: ReturnType<PublicSale["buy"]>) => (await (await buy).wait())?.gasUsed ?? 0n;
    await sale.connect(bob).buy(bob, ONE, ONE, { value: PRICE });
    const first = await gasOf(sale.connect(alice).buy(alice, ONE, ONE, { value: PRICE }));
    const next = await gasOf(sale.connect(alice).buy(alice, ONE, ONE, { value: PRICE }));
    if (hre.globalOptions.coverage) return;
    expect(first, "the first purchase of a wallet").to.be.below(88_000n);
    expect(next, "a later purchase of a wallet").to.be.below(54_000n);
  });
});
