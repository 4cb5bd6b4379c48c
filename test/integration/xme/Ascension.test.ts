import { expect } from "chai";
import { type ContractTransactionResponse, Signature, id } from "ethers";
import hre, { network } from "hardhat";

import {
  ASCENSION_DEPOSIT_STEP,
  ASCENSION_MAX_BASE_BUDGET,
  ASCENSION_MAX_RATE_WAD,
  ASCENSION_MAX_WEEKS,
  ASCENSION_RATE_STEP,
  ASCENSION_ROUND,
  AscensionModel,
  AscensionRefusal,
  type AscensionRound,
  type AscensionTerms,
  ascensionCapacity,
  ascensionGuarantee,
  ascensionPaid,
  ascensionRoundAt,
  ascensionShare,
} from "../../../src/xme/ascension.js";
import { effort } from "../../support/effort.js";
import { PERMIT_TYPES } from "../../support/permit.js";

const { ethers, networkHelpers } = await network.create();

const TOKEN = 10n ** 18n;
const GWEI = ASCENSION_DEPOSIT_STEP;
const WEEK = ASCENSION_ROUND;
const MAX_UINT = 2n ** 256n - 1n;
const WAD = 10n ** 18n;

/** A thousand XME a week, a hundredth of an XME for an XMEX at most and a thousandth at least: a week takes a million XMEX. */
const TERMS: AscensionTerms = { baseBudget: 1_000n * TOKEN, maxRateWad: WAD / 100n, floorRateWad: WAD / 1_000n };
const FULL = 1_000_000n * TOKEN;
const FUNDED = 100_000n * TOKEN;

const asTerms = ({ baseBudget, maxRateWad, floorRateWad }: AscensionTerms) =>
  [baseBudget, maxRateWad, floorRateWad] as const;
const asRound = ({ budget, deposits, maxRateWad, floorRateWad, capacity, paid }: AscensionRound) =>
  [budget, deposits, maxRateWad, floorRateWad, capacity, paid] as const;
const NEVER = [0n, 0n, 0n, 0n, 0n, 0n];

type Account = Awaited<ReturnType<typeof ethers.getSigners>>[number];

describe("Ascension", () => {
  const latest = async () => BigInt(await networkHelpers.time.latest());
  const nextAt = (at: bigint) => networkHelpers.time.setNextBlockTimestamp(at);

  /** Deployed an hour into a week, `week`, with nothing in it. */
  async function empty() {
    const [deployer, governance, alice, bob, carol, stranger] = await ethers.getSigners();
    if (!deployer || !governance || !alice || !bob || !carol || !stranger) throw new Error("too few accounts");
    const xme = await ethers.deployContract("XME");
    const xmex = await ethers.deployContract("XMEX");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const week = ascensionRoundAt(await latest()) + 2n;
    await nextAt(week * WEEK + 3_600n);
    const channel = await ethers.deployContract("Ascension", [xme, xmex, TERMS, manager]);
    await xme.approve(channel, MAX_UINT);
    for (const account of [alice, bob, carol]) {
      await xmex.transfer(account, 1_000n * FULL);
      await xmex.connect(account).approve(channel, MAX_UINT);
    }
    return {
      deployer,
      governance,
      alice,
      bob,
      carol,
      stranger,
      xme,
      xmex,
      manager,
      channel,
      week,
      governed: channel.connect(governance),
      asAlice: channel.connect(alice),
      asBob: channel.connect(bob),
      asCarol: channel.connect(carol),
    };
  }

  /** With a hundred weeks' XME. */
  async function ready() {
    const world = await empty();
    await world.channel.fund(FUNDED);
    return world;
  }

  /** Alice has put 30,000 XMEX and Bob 10,000 into the first round, which pays 400 XME for them, its maximum rate. */
  async function begun() {
    const world = await ready();
    await world.asAlice.deposit(30_000n * TOKEN, 0n);
    await world.asBob.deposit(10_000n * TOKEN, 0n);
    return world;
  }

  /** The first round is over. */
  async function over() {
    const world = await begun();
    await networkHelpers.time.increaseTo((world.week + 1n) * WEEK);
    return world;
  }

  type World = Awaited<ReturnType<typeof empty>>;

  async function sign(
    { xme, xmex, channel }: World,
    account: Account,
    token: "XME" | "XMEX",
    value: bigint,
    deadline = MAX_UINT,
  ): Promise<[bigint, bigint, string, string]> {
    const contract = token === "XME" ? xme : xmex;
    await contract.connect(account).approve(channel, 0n);
    const domain = {
      name: await contract.name(),
      version: "1",
      chainId: (await ethers.provider.getNetwork()).chainId,
      verifyingContract: await contract.getAddress(),
    };
    const message = {
      owner: account.address,
      spender: await channel.getAddress(),
      value,
      nonce: await contract.nonces(account),
      deadline,
    };
    const { v, r, s } = Signature.from(await account.signTypedData(domain, PERMIT_TYPES, message));
    return [deadline, BigInt(v), r, s];
  }

  describe("constructor", () => {
    it("refuses a token or an authority without code, and one token for both", async () => {
      const { channel, xme, xmex, manager, stranger } = await networkHelpers.loadFixture(empty);
      for (const [args, error] of [
        [[stranger, xmex, TERMS, manager], "XmeHasNoCode"],
        [[xme, stranger, TERMS, manager], "XmexHasNoCode"],
        [[xme, xmex, TERMS, stranger], "AuthorityHasNoCode"],
      ] as const) {
        await expect(ethers.deployContract("Ascension", [...args]))
          .to.be.revertedWithCustomError(channel, `Ascension_${error}`)
          .withArgs(stranger.address);
      }
      await expect(ethers.deployContract("Ascension", [xme, xme, TERMS, manager]))
        .to.be.revertedWithCustomError(channel, "Ascension_TokensAreTheSame")
        .withArgs(await xme.getAddress());
    });

    it("refuses terms out of range", async () => {
      const { channel, xme, xmex, manager } = await networkHelpers.loadFixture(empty);
      await expect(ethers.deployContract("Ascension", [xme, xmex, { ...TERMS, floorRateWad: 0n }, manager]))
        .to.be.revertedWithCustomError(channel, "Ascension_RatesOutOfRange")
        .withArgs(TERMS.maxRateWad, 0n, ASCENSION_MAX_RATE_WAD);
    });

    it("shows what it was given and tells", async () => {
      const { channel, xme, xmex, manager, week } = await networkHelpers.loadFixture(empty);
      expect(await channel.xme()).to.equal(await xme.getAddress());
      expect(await channel.xmex()).to.equal(await xmex.getAddress());
      expect(await channel.authority()).to.equal(await manager.getAddress());
      expect([...(await channel.terms())]).to.deep.equal(asTerms(TERMS));
      expect(await channel.currentRound()).to.equal(week);
      expect(await channel.ROUND()).to.equal(WEEK);
      expect(await channel.MAX_WEEKS()).to.equal(ASCENSION_MAX_WEEKS);
      expect(await channel.DEPOSIT_STEP()).to.equal(GWEI);
      expect(await channel.RATE_STEP()).to.equal(ASCENSION_RATE_STEP);
      expect(await channel.MAX_RATE_WAD()).to.equal(ASCENSION_MAX_RATE_WAD);
      expect(await channel.MAX_BASE_BUDGET()).to.equal(ASCENSION_MAX_BASE_BUDGET);
      expect([await channel.free(), await channel.openBudget(), await channel.reserved()]).to.deep.equal([0n, 0n, 0n]);
      await expect(channel.deploymentTransaction()).to.emit(channel, "TermsChanged").withArgs(asTerms(TERMS));
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("Ascension");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("fund", () => {
    it("refuses an amount of zero", async () => {
      const { channel } = await networkHelpers.loadFixture(empty);
      await expect(channel.fund(0n)).to.be.revertedWithCustomError(channel, "Ascension_AmountIsZero").withArgs();
    });

    it("fails in the token where it is not allowed, or there is too little", async () => {
      const { channel, xme, stranger, deployer } = await networkHelpers.loadFixture(empty);
      await expect(channel.connect(stranger).fund(1n))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientAllowance")
        .withArgs(await channel.getAddress(), 0n, 1n);
      const all = await xme.balanceOf(deployer);
      await expect(channel.fund(all + 1n))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientBalance")
        .withArgs(deployer.address, all, all + 1n);
      await expect(channel.fund(2n ** 96n))
        .to.be.revertedWithCustomError(channel, "SafeCastOverflowedUintDowncast")
        .withArgs(96n, 2n ** 96n);
    });

    it("makes it free for rounds to come, whoever gives it, and tells", async () => {
      const { channel, xme, deployer, stranger } = await networkHelpers.loadFixture(empty);
      await xme.transfer(stranger, 5n);
      await xme.connect(stranger).approve(channel, 5n);
      await expect(channel.fund(FUNDED)).to.emit(channel, "Funded").withArgs(deployer.address, FUNDED);
      await expect(channel.connect(stranger).fund(5n)).to.emit(channel, "Funded").withArgs(stranger.address, 5n);
      expect(await channel.free()).to.equal(FUNDED + 5n);
      expect(await xme.balanceOf(channel)).to.equal(FUNDED + 5n);
    });

    it("leaves a round as it is that has begun", async () => {
      const { channel, asAlice, week } = await networkHelpers.loadFixture(empty);
      await channel.fund(10n * TOKEN);
      await asAlice.deposit(TOKEN, 0n);
      const before = [...(await channel.roundOf(week))];
      expect(before[0]).to.equal(10n * TOKEN);
      await channel.fund(FUNDED);
      expect([...(await channel.roundOf(week))]).to.deep.equal(before);
      expect([await channel.free(), await channel.openBudget()]).to.deep.equal([FUNDED, 10n * TOKEN]);
    });

    it("needs no allowance with a signature, also where it is used already, and fails in the token where it is wrong", async () => {
      const world = await networkHelpers.loadFixture(empty);
      const { channel, xme, deployer } = world;
      await channel.fundWithPermit(7n, ...(await sign(world, deployer, "XME", 7n)));
      expect(await channel.free()).to.equal(7n);
      const signature = await sign(world, deployer, "XME", 8n);
      await xme.permit(deployer, channel, 8n, ...signature);
      await channel.fundWithPermit(8n, ...signature);
      expect(await channel.free()).to.equal(15n);
      await expect(channel.fundWithPermit(9n, ...(await sign(world, deployer, "XME", 8n))))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientAllowance")
        .withArgs(await channel.getAddress(), 0n, 9n);
    });
  });

  describe("deposit", () => {
    it("refuses zero and what is not a whole number of gwei", async () => {
      const { channel, asAlice } = await networkHelpers.loadFixture(ready);
      await expect(asAlice.deposit(0n, 0n)).to.be.revertedWithCustomError(channel, "Ascension_AmountIsZero").withArgs();
      for (const amount of [1n, GWEI - 1n, TOKEN + 1n]) {
        await expect(asAlice.deposit(amount, 0n))
          .to.be.revertedWithCustomError(channel, "Ascension_AmountNotInSteps")
          .withArgs(amount, GWEI);
      }
    });

    it("refuses with nothing free, or with a base of zero, and is possible later in the same week", async () => {
      const { channel, governed, asAlice, week } = await networkHelpers.loadFixture(empty);
      await expect(asAlice.deposit(TOKEN, 0n))
        .to.be.revertedWithCustomError(channel, "Ascension_NoBudget")
        .withArgs(week, 0n, TERMS.baseBudget);
      await channel.fund(FUNDED);
      await governed.setTerms({ ...TERMS, baseBudget: 0n });
      await expect(asAlice.deposit(TOKEN, 0n))
        .to.be.revertedWithCustomError(channel, "Ascension_NoBudget")
        .withArgs(week, FUNDED, 0n);
      await governed.setTerms(TERMS);
      await asAlice.deposit(TOKEN, 0n);
      expect(await channel.openBudget()).to.equal(TERMS.baseBudget);
    });

    it("refuses by a gwei what is above what the floor rate leaves, and takes the edge", async () => {
      const { channel, asAlice, asBob, week } = await networkHelpers.loadFixture(ready);
      await expect(asAlice.deposit(FULL + GWEI, 0n))
        .to.be.revertedWithCustomError(channel, "Ascension_AboveCapacity")
        .withArgs(week, FULL + GWEI, FULL);
      await asAlice.deposit(FULL - 5n * GWEI, 0n);
      await expect(asBob.deposit(6n * GWEI, 0n))
        .to.be.revertedWithCustomError(channel, "Ascension_AboveCapacity")
        .withArgs(week, 6n * GWEI, 5n * GWEI);
      await asBob.deposit(5n * GWEI, 0n);
      await expect(asBob.deposit(GWEI, 0n))
        .to.be.revertedWithCustomError(channel, "Ascension_AboveCapacity")
        .withArgs(week, GWEI, 0n);
    });

    it("refuses more steps than 80 bits hold, where the floor would let them in", async () => {
      const { channel, xme, governed, asAlice, deployer } = await networkHelpers.loadFixture(empty);
      await channel.fund(await xme.balanceOf(deployer));
      const least = { maxRateWad: ASCENSION_RATE_STEP, floorRateWad: ASCENSION_RATE_STEP };
      await governed.setTerms({ baseBudget: ASCENSION_MAX_BASE_BUDGET, ...least });
      await expect(asAlice.deposit(2n ** 80n * GWEI, 0n))
        .to.be.revertedWithCustomError(channel, "SafeCastOverflowedUintDowncast")
        .withArgs(80n, 2n ** 80n);
    });

    it("refuses by a wei what promises less than the depositor asks for", async () => {
      const { channel, asAlice, week } = await networkHelpers.loadFixture(ready);
      const amount = 12_345n * GWEI;
      const guaranteed = ascensionGuarantee(amount, TERMS.floorRateWad);
      await expect(asAlice.deposit(amount, guaranteed + 1n))
        .to.be.revertedWithCustomError(channel, "Ascension_BelowMinimum")
        .withArgs(week, guaranteed, guaranteed + 1n);
      await asAlice.deposit(amount, guaranteed);
      expect((await channel.roundOf(week)).deposits).to.equal(amount);
    });

    it("fails in the token where it is not allowed, or there is too little", async () => {
      const { channel, xmex, alice, asAlice, stranger } = await networkHelpers.loadFixture(ready);
      await expect(channel.connect(stranger).deposit(GWEI, 0n))
        .to.be.revertedWithCustomError(xmex, "ERC20InsufficientAllowance")
        .withArgs(await channel.getAddress(), 0n, GWEI);
      await xmex.connect(alice).transfer(stranger, (await xmex.balanceOf(alice)) - 1n);
      await expect(asAlice.deposit(GWEI, 0n))
        .to.be.revertedWithCustomError(xmex, "ERC20InsufficientBalance")
        .withArgs(alice.address, 1n, GWEI);
      expect(await channel.openBudget(), "nothing began").to.equal(0n);
    });

    it("takes the budget with the first deposit of a round, fixes both rates and tells", async () => {
      const { channel, xmex, alice, asAlice, week } = await networkHelpers.loadFixture(ready);
      const amount = 40_000n * TOKEN;
      const guaranteed = 40n * TOKEN;
      expect(await channel.previewDeposit(amount)).to.equal(guaranteed);
      expect(await asAlice.deposit.staticCall(amount, 0n)).to.equal(guaranteed);
      const { baseBudget, maxRateWad, floorRateWad } = TERMS;
      const first = asAlice.deposit(amount, guaranteed);
      await expect(first)
        .to.emit(channel, "RoundOpened")
        .withArgs(week, baseBudget, maxRateWad, floorRateWad, FUNDED - baseBudget);
      await expect(first).to.emit(channel, "Deposited").withArgs(week, alice.address, amount, guaranteed);
      await expect(first).not.to.emit(channel, "RoundSettled");
      expect([...(await channel.roundOf(week))]).to.deep.equal([
        baseBudget,
        amount,
        maxRateWad,
        floorRateWad,
        FULL,
        400n * TOKEN,
      ]);
      expect(await channel.free()).to.equal(FUNDED - baseBudget);
      expect(await xmex.balanceOf(channel)).to.equal(amount);
    });

    it("has the budgets of the weeks since the last round, four at most", async () => {
      const { channel, asAlice, week } = await networkHelpers.loadFixture(ready);
      let round = week;
      await asAlice.deposit(GWEI, 0n);
      for (const weeks of [1n, 2n, 3n, 4n, 5n, 52n]) {
        round += weeks;
        await networkHelpers.time.increaseTo(round * WEEK);
        const times = weeks < 4n ? weeks : 4n;
        expect((await channel.presentRound()).budget).to.equal(times * TERMS.baseBudget);
        await asAlice.deposit(GWEI, 0n);
        expect(await channel.openBudget(), `after ${weeks} weeks`).to.equal(times * TERMS.baseBudget);
      }
    });

    it("counts the first round's weeks from construction", async () => {
      const { channel, asAlice, week } = await networkHelpers.loadFixture(ready);
      await networkHelpers.time.increaseTo((week + 2n) * WEEK);
      await asAlice.deposit(GWEI, 0n);
      expect(await channel.openBudget()).to.equal(3n * TERMS.baseBudget);
    });

    it("takes no more than is free", async () => {
      const { channel, asAlice, asBob, week } = await networkHelpers.loadFixture(empty);
      await channel.fund(TERMS.baseBudget - 1n);
      await asAlice.deposit(GWEI, 0n);
      expect([await channel.openBudget(), await channel.free()]).to.deep.equal([TERMS.baseBudget - 1n, 0n]);
      // Rounded down, so that the floor holds: 999.999… XME take a million XMEX less a thousandth of a gwei.
      const { capacity } = await channel.roundOf(week);
      expect(capacity).to.equal(ascensionCapacity(TERMS.baseBudget - 1n, TERMS.floorRateWad));
      expect(capacity).to.equal(FULL - GWEI);
      await asBob.deposit(capacity - GWEI, 0n);
    });

    it("settles the round before, and takes back what that did not pay", async () => {
      const { channel, asCarol, week } = await networkHelpers.loadFixture(over);
      const paid = 400n * TOKEN;
      const returned = 600n * TOKEN;
      const freeBefore = FUNDED - TERMS.baseBudget + returned;
      expect([await channel.free(), await channel.openBudget(), await channel.reserved()]).to.deep.equal([
        freeBefore,
        0n,
        paid,
      ]);
      const next = asCarol.deposit(TOKEN, 0n);
      await expect(next)
        .to.emit(channel, "RoundSettled")
        .withArgs(week, 40_000n * TOKEN, paid, returned);
      await expect(next)
        .to.emit(channel, "RoundOpened")
        .withArgs(week + 1n, TERMS.baseBudget, TERMS.maxRateWad, TERMS.floorRateWad, freeBefore - TERMS.baseBudget);
      expect([await channel.free(), await channel.openBudget(), await channel.reserved()]).to.deep.equal([
        freeBefore - TERMS.baseBudget,
        TERMS.baseBudget,
        paid,
      ]);
    });

    it("adds later deposits to the round and to the account, and tells", async () => {
      const { channel, xmex, asAlice, alice, week } = await networkHelpers.loadFixture(begun);
      const more = asAlice.deposit(5_000n * TOKEN, 5n * TOKEN);
      await expect(more)
        .to.emit(channel, "Deposited")
        .withArgs(week, alice.address, 5_000n * TOKEN, 5n * TOKEN);
      await expect(more).not.to.emit(channel, "RoundOpened");
      expect((await channel.roundOf(week)).deposits).to.equal(45_000n * TOKEN);
      expect([...(await channel.positionOf(alice))]).to.deep.equal([week, 35_000n * TOKEN, 35n * TOKEN, 0n]);
      expect(await xmex.balanceOf(channel)).to.equal(45_000n * TOKEN);
    });

    it("keeps the round's terms where governance has changed them since it began", async () => {
      const { channel, governed, asAlice, alice, week } = await networkHelpers.loadFixture(begun);
      await governed.setTerms({ baseBudget: 1n, maxRateWad: ASCENSION_RATE_STEP, floorRateWad: ASCENSION_RATE_STEP });
      expect(await channel.previewDeposit(TOKEN)).to.equal(TOKEN / 1_000n);
      await asAlice.deposit(TOKEN, TOKEN / 1_000n);
      const { budget, maxRateWad, floorRateWad } = await channel.roundOf(week);
      expect([budget, maxRateWad, floorRateWad]).to.deep.equal(asTerms(TERMS));
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      expect(await channel.claimable(alice)).to.equal((30_001n * TOKEN) / 100n);
    });

    it("needs no allowance with a signature, also where it is used already, and fails in the token where it is wrong", async () => {
      const world = await networkHelpers.loadFixture(ready);
      const { channel, xmex, alice, asAlice, week } = world;
      await asAlice.depositWithPermit(TOKEN, 0n, ...(await sign(world, alice, "XMEX", TOKEN)));
      const signature = await sign(world, alice, "XMEX", 2n * TOKEN);
      await xmex.permit(alice, channel, 2n * TOKEN, ...signature);
      expect(await asAlice.depositWithPermit.staticCall(2n * TOKEN, 0n, ...signature)).to.equal(TOKEN / 500n);
      await asAlice.depositWithPermit(2n * TOKEN, 0n, ...signature);
      expect((await channel.roundOf(week)).deposits).to.equal(3n * TOKEN);
      await expect(asAlice.depositWithPermit(3n * TOKEN, 0n, ...(await sign(world, alice, "XMEX", TOKEN))))
        .to.be.revertedWithCustomError(xmex, "ERC20InsufficientAllowance")
        .withArgs(await channel.getAddress(), 0n, 3n * TOKEN);
      const signed = await sign(world, alice, "XMEX", TOKEN);
      await expect(asAlice.depositWithPermit(TOKEN, TOKEN / 1_000n + 1n, ...signed))
        .to.be.revertedWithCustomError(channel, "Ascension_BelowMinimum")
        .withArgs(week, TOKEN / 1_000n, TOKEN / 1_000n + 1n);
    });
  });

  describe("claim", () => {
    it("refuses before the week is over, twice, and for a stranger", async () => {
      const { channel, alice, stranger, week } = await networkHelpers.loadFixture(begun);
      const refuses = (account: Account) =>
        expect(channel.claim(account))
          .to.be.revertedWithCustomError(channel, "Ascension_NothingToClaim")
          .withArgs(account.address);
      await nextAt((week + 1n) * WEEK - 1n);
      await refuses(alice);
      await nextAt((week + 1n) * WEEK);
      await channel.claim(alice);
      await refuses(alice);
      await refuses(stranger);
    });

    it("pays the account, whoever asks, from the second on in which the week is over", async () => {
      const { channel, xme, alice, bob, stranger, week } = await networkHelpers.loadFixture(begun);
      await networkHelpers.time.increaseTo((week + 1n) * WEEK - 2n);
      await nextAt((week + 1n) * WEEK);
      await expect(channel.connect(stranger).claim(alice))
        .to.emit(channel, "Claimed")
        .withArgs(alice.address, 300n * TOKEN);
      expect(await xme.balanceOf(alice)).to.equal(300n * TOKEN);
      expect(await channel.claimable(bob)).to.equal(100n * TOKEN);
      expect(await channel.claim.staticCall(bob)).to.equal(100n * TOKEN);
      await channel.claim(bob);
      expect(await xme.balanceOf(bob)).to.equal(100n * TOKEN);
      expect(await xme.balanceOf(channel)).to.equal(await channel.free());
    });

    it("pays the maximum rate exactly where deposits are few", async () => {
      const { channel, asAlice, asBob, alice, bob, governed, week } = await networkHelpers.loadFixture(ready);
      await governed.setTerms({ ...TERMS, maxRateWad: 7_777_777n * ASCENSION_RATE_STEP });
      await asAlice.deposit(3n * GWEI, 0n);
      await asBob.deposit(7n * GWEI, 0n);
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      expect(await channel.claimable(alice)).to.equal(3n * 7_777_777n);
      expect(await channel.claimable(bob)).to.equal(7n * 7_777_777n);
      expect(await channel.reserved()).to.equal(10n * 7_777_777n);
    });

    it("shares the budget, rounded down, where deposits are many", async () => {
      const { channel, xme, asAlice, asBob, asCarol, alice, bob, carol, week } =
        await networkHelpers.loadFixture(ready);
      const amounts = [100_000n * TOKEN, 200_000n * TOKEN + GWEI, 33_333n * TOKEN];
      for (const [index, caller] of [asAlice, asBob, asCarol].entries()) await caller.deposit(amounts[index] ?? 0n, 0n);
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      const deposits = amounts.reduce((sum, amount) => sum + amount);
      let paid = 0n;
      for (const [index, account] of [alice, bob, carol].entries()) {
        const share = ascensionShare(TERMS.baseBudget, amounts[index] ?? 0n, deposits);
        await channel.claim(account);
        expect(await xme.balanceOf(account)).to.equal(share);
        paid += share;
      }
      expect(await channel.reserved()).to.equal(TERMS.baseBudget);
      const dust = TERMS.baseBudget - paid;
      expect(dust > 0n && dust < 3n, `${dust} wei left`).to.equal(true);
      expect(await xme.balanceOf(channel), "which stay as nobody's").to.equal((await channel.free()) + dust);
    });

    it("pays the floor rate to the wei where the round is full", async () => {
      const { channel, asAlice, asBob, alice, bob, week } = await networkHelpers.loadFixture(ready);
      await asAlice.deposit(GWEI, 0n);
      await asBob.deposit(FULL - GWEI, 0n);
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      expect(await channel.claimable(alice)).to.equal(ascensionGuarantee(GWEI, TERMS.floorRateWad));
      expect(await channel.claimable(bob)).to.equal(ascensionGuarantee(FULL - GWEI, TERMS.floorRateWad));
    });

    it("pays all of several rounds at once, at the cost of one", async () => {
      const { channel, xme, asAlice, alice, bob, week } = await networkHelpers.loadFixture(over);
      for (let round = week + 1n; round < week + 6n; round++) {
        await networkHelpers.time.increaseTo(round * WEEK + 5n);
        await asAlice.deposit(100n * TOKEN, 0n);
      }
      await networkHelpers.time.increaseTo((week + 60n) * WEEK);
      expect(await channel.claimable(alice)).to.equal(305n * TOKEN);
      const many = (await (await channel.claim(alice)).wait())?.gasUsed ?? 0n;
      const one = (await (await channel.claim(bob)).wait())?.gasUsed ?? 0n;
      expect(await xme.balanceOf(alice)).to.equal(305n * TOKEN);
      if (!hre.globalOptions.coverage) expect(many - one < 500n && one - many < 500n, `${many} ${one}`).to.equal(true);
    });

    it("pays what came before and leaves a deposit in the round of this week", async () => {
      const { channel, asAlice, alice, week } = await networkHelpers.loadFixture(over);
      await asAlice.deposit(2_000n * TOKEN, 0n);
      expect([...(await channel.positionOf(alice))]).to.deep.equal([
        week + 1n,
        2_000n * TOKEN,
        2n * TOKEN,
        300n * TOKEN,
      ]);
      await expect(channel.claim(alice))
        .to.emit(channel, "Claimed")
        .withArgs(alice.address, 300n * TOKEN);
      expect([...(await channel.positionOf(alice))]).to.deep.equal([week + 1n, 2_000n * TOKEN, 2n * TOKEN, 0n]);
      await expect(channel.claim(alice))
        .to.be.revertedWithCustomError(channel, "Ascension_NothingToClaim")
        .withArgs(alice.address);
      await networkHelpers.time.increaseTo((week + 2n) * WEEK);
      await expect(channel.claim(alice))
        .to.emit(channel, "Claimed")
        .withArgs(alice.address, 20n * TOKEN);
      expect([...(await channel.positionOf(alice))]).to.deep.equal([0n, 0n, 0n, 0n]);
    });

    it("waits for ever", async () => {
      const { channel, governed, asCarol, alice, bob, week } = await networkHelpers.loadFixture(over);
      await asCarol.deposit(FULL, 0n);
      await governed.setTerms({ baseBudget: 0n, maxRateWad: ASCENSION_RATE_STEP, floorRateWad: ASCENSION_RATE_STEP });
      await networkHelpers.time.increaseTo((week + 52n * 50n) * WEEK);
      for (const [account, amount] of [
        [alice, 300n * TOKEN],
        [bob, 100n * TOKEN],
      ] as const) {
        await expect(channel.claim(account)).to.emit(channel, "Claimed").withArgs(account.address, amount);
      }
    });
  });

  it("has no way out for XMEX that is locked", async () => {
    const { channel, xmex, governed, alice, bob, week } = await networkHelpers.loadFixture(over);
    const changing: string[] = [];
    channel.interface.forEachFunction((one) => {
      if (!one.constant) changing.push(one.name);
    });
    expect(changing.sort()).to.deep.equal([
      "claim",
      "deposit",
      "depositWithPermit",
      "fund",
      "fundWithPermit",
      "setAuthority",
      "setTerms",
    ]);
    await channel.claim(alice);
    await channel.claim(bob);
    await governed.setTerms({ ...TERMS, baseBudget: 0n });
    await networkHelpers.time.increaseTo((week + 100n) * WEEK);
    expect(await xmex.balanceOf(channel)).to.equal(40_000n * TOKEN);
    expect(await xmex.allowance(channel, alice)).to.equal(0n);
  });

  describe("views", () => {
    it("show a round before it begins, while it is open and when it is over", async () => {
      const { channel, asAlice, week } = await networkHelpers.loadFixture(ready);
      const { baseBudget, maxRateWad, floorRateWad } = TERMS;
      const offered = [baseBudget, 0n, maxRateWad, floorRateWad, FULL, 0n];
      expect([...(await channel.presentRound())]).to.deep.equal(offered);
      expect([...(await channel.roundOf(week))]).to.deep.equal(NEVER);
      await asAlice.deposit(TOKEN, 0n);
      const open = [baseBudget, TOKEN, maxRateWad, floorRateWad, FULL, TOKEN / 100n];
      expect([...(await channel.presentRound())]).to.deep.equal(open);
      expect([...(await channel.roundOf(week))]).to.deep.equal(open);
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      expect([...(await channel.roundOf(week))]).to.deep.equal(open);
      expect([...(await channel.presentRound())]).to.deep.equal(offered);
    });

    it("show nothing of a round that never began", async () => {
      const { channel, governed, week } = await networkHelpers.loadFixture(ready);
      for (const round of [0n, week - 1n, week, week + 1n, MAX_UINT]) {
        expect([...(await channel.roundOf(round))], `round ${round}`).to.deep.equal(NEVER);
      }
      await governed.setTerms({ ...TERMS, baseBudget: 0n });
      expect([...(await channel.presentRound())]).to.deep.equal([0n, 0n, TERMS.maxRateWad, TERMS.floorRateWad, 0n, 0n]);
    });

    it("show a position", async () => {
      const { channel, alice, stranger, week } = await networkHelpers.loadFixture(begun);
      expect([...(await channel.positionOf(alice))]).to.deep.equal([week, 30_000n * TOKEN, 30n * TOKEN, 0n]);
      expect([...(await channel.positionOf(stranger))]).to.deep.equal([0n, 0n, 0n, 0n]);
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      expect([...(await channel.positionOf(alice))]).to.deep.equal([week, 30_000n * TOKEN, 30n * TOKEN, 300n * TOKEN]);
    });

    it("say before it is settled what is free, open and reserved", async () => {
      const { channel, asCarol, week } = await networkHelpers.loadFixture(begun);
      const read = async () => [await channel.free(), await channel.openBudget(), await channel.reserved()];
      expect(await read()).to.deep.equal([FUNDED - 1_000n * TOKEN, 1_000n * TOKEN, 0n]);
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      expect(await read()).to.deep.equal([FUNDED - 400n * TOKEN, 0n, 400n * TOKEN]);
      await channel.fund(TOKEN);
      expect(await read()).to.deep.equal([FUNDED - 399n * TOKEN, 0n, 400n * TOKEN]);
      await asCarol.deposit(GWEI, 0n);
      expect(await read()).to.deep.equal([FUNDED - 1_399n * TOKEN, 1_000n * TOKEN, 400n * TOKEN]);
    });
  });

  it("refuses to preview what deposit refuses", async () => {
    const { channel, governed, week } = await networkHelpers.loadFixture(ready);
    const refuses = (amount: bigint, error: string, ...values: bigint[]) =>
      expect(channel.previewDeposit(amount))
        .to.be.revertedWithCustomError(channel, `Ascension_${error}`)
        .withArgs(...values);
    await refuses(0n, "AmountIsZero");
    await refuses(GWEI + 1n, "AmountNotInSteps", GWEI + 1n, GWEI);
    await refuses(FULL + GWEI, "AboveCapacity", week, FULL + GWEI, FULL);
    await governed.setTerms({ ...TERMS, baseBudget: 0n });
    await refuses(GWEI, "NoBudget", week, FUNDED, 0n);
  });

  it("counts a plain transfer as nobody's", async () => {
    const { channel, xme, xmex, alice, bob, week } = await networkHelpers.loadFixture(over);
    await xme.transfer(channel, 123n);
    await xmex.transfer(channel, 456n);
    expect(await channel.free()).to.equal(FUNDED - 400n * TOKEN);
    await channel.claim(alice);
    await channel.claim(bob);
    expect(await xme.balanceOf(channel)).to.equal((await channel.free()) + 123n);
    expect(await xmex.balanceOf(channel)).to.equal((await channel.roundOf(week)).deposits + 456n);
  });

  describe("setTerms", () => {
    it("refuses anybody but governance", async () => {
      const { channel, deployer, alice } = await networkHelpers.loadFixture(ready);
      for (const caller of [deployer, alice]) {
        await expect(channel.connect(caller).setTerms(TERMS))
          .to.be.revertedWithCustomError(channel, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses base and rates out of range or not in steps, and takes the edges", async () => {
      const { channel, governed } = await networkHelpers.loadFixture(ready);
      const highest = ASCENSION_MAX_RATE_WAD;
      const step = ASCENSION_RATE_STEP;
      for (const baseBudget of [ASCENSION_MAX_BASE_BUDGET + 1n, 2n ** 96n, MAX_UINT]) {
        await expect(governed.setTerms({ ...TERMS, baseBudget }))
          .to.be.revertedWithCustomError(channel, "Ascension_BaseBudgetTooHigh")
          .withArgs(baseBudget, ASCENSION_MAX_BASE_BUDGET);
      }
      for (const [maxRateWad, floorRateWad] of [
        [TERMS.maxRateWad, 0n],
        [0n, 0n],
        [step, 2n * step],
        [highest + step, step],
        [MAX_UINT, step],
      ] as const) {
        await expect(governed.setTerms({ ...TERMS, maxRateWad, floorRateWad }))
          .to.be.revertedWithCustomError(channel, "Ascension_RatesOutOfRange")
          .withArgs(maxRateWad, floorRateWad, highest);
      }
      for (const [maxRateWad, floorRateWad, odd] of [
        [highest - 1n, step, highest - 1n],
        [highest, step + 1n, step + 1n],
        [highest, 1n, 1n],
      ] as const) {
        await expect(governed.setTerms({ ...TERMS, maxRateWad, floorRateWad }))
          .to.be.revertedWithCustomError(channel, "Ascension_RateNotInSteps")
          .withArgs(odd, step);
      }
      for (const terms of [
        { baseBudget: 0n, maxRateWad: step, floorRateWad: step },
        { baseBudget: ASCENSION_MAX_BASE_BUDGET, maxRateWad: highest, floorRateWad: highest },
      ]) {
        await governed.setTerms(terms);
        expect([...(await channel.terms())]).to.deep.equal(asTerms(terms));
      }
    });

    it("holds for the next round, also in the week that has no deposit yet", async () => {
      const { channel, governed, asAlice, week } = await networkHelpers.loadFixture(ready);
      const other = { baseBudget: 7n * TOKEN, maxRateWad: WAD / 2n, floorRateWad: WAD / 4n };
      await expect(governed.setTerms(other)).to.emit(channel, "TermsChanged").withArgs(asTerms(other));
      await asAlice.deposit(TOKEN, TOKEN / 4n);
      const { budget, maxRateWad, floorRateWad } = await channel.roundOf(week);
      expect([budget, maxRateWad, floorRateWad]).to.deep.equal(asTerms(other));
      await governed.setTerms(TERMS);
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      expect([...(await channel.presentRound())].slice(2, 4)).to.deep.equal([TERMS.maxRateWad, TERMS.floorRateWad]);
    });
  });

  it("begins a round by a gwei as by a large deposit: an honest limit", async () => {
    const { channel, asBob, asAlice, week } = await networkHelpers.loadFixture(empty);
    await channel.fund(10n * TOKEN);
    await asBob.deposit(GWEI, 0n);
    await channel.fund(FUNDED);
    expect(await channel.openBudget(), "the funding is too late for this week").to.equal(10n * TOKEN);
    await networkHelpers.time.increaseTo((week + 1n) * WEEK);
    expect(await channel.reserved(), "and the gwei gets its maximum rate and no more").to.equal(10n ** 7n);
    await asAlice.deposit(GWEI, 0n);
    expect(await channel.openBudget(), "a week's budget").to.equal(TERMS.baseBudget);
  });

  it("agrees with the model over random calls for many weeks, to the wei, and leaves no more than a wei for each share", async () => {
    const world = await networkHelpers.loadFixture(empty);
    const { channel, xme, xmex, governed, alice, bob, carol, stranger, week } = world;
    const depositors = [alice, bob, carol];
    const model = new AscensionModel(week * WEEK, TERMS);
    const self = await channel.getAddress();
    const refused = new Map<string, number>();
    const done = new Map<string, number>();
    let shares = 0n;
    let lowest = 0;
    let highest = 0;
    let now = await latest();

    async function attempt<Answer>(
      what: string,
      predict: () => Answer,
      call: () => Promise<ContractTransactionResponse>,
      ask?: () => Promise<bigint>,
    ): Promise<void> {
      let answer: Answer;
      try {
        answer = predict();
      } catch (error) {
        if (!(error instanceof AscensionRefusal)) throw error;
        await expect(call(), what)
          .to.be.revertedWithCustomError(channel, `Ascension_${error.error}`)
          .withArgs(...error.values);
        await networkHelpers.mine(); // a refusal leaves no block behind
        refused.set(error.error, (refused.get(error.error) ?? 0) + 1);
        return;
      }
      if (ask) {
        expect(await ask(), `answer of ${what}`).to.equal(answer);
        await nextAt(now);
      }
      await call();
      done.set(what, (done.get(what) ?? 0) + 1);
    }

    for (let step = 0; step < effort(220, 420); step++) {
      const dice = BigInt(id(`ascension act ${step}`));
      const roll = (from: bigint, below: bigint) => (dice >> from) % below;
      now += 1n + roll(0n, (effort(3n, 2n) * WEEK) / 5n) + (roll(24n, 25n) === 0n ? 5n * WEEK : 0n);
      // Now and then exactly at the edge between two weeks, or a second before.
      const edge = (now / WEEK) * WEEK - roll(32n, 2n);
      if (roll(36n, 4n) === 0n && edge > (await latest())) now = edge;
      await nextAt(now);
      const account = depositors[Number(roll(40n, 3n))] ?? alice;
      const caller = channel.connect(account);
      const kind = roll(48n, 16n);
      if (kind < 2n) {
        const amount = roll(60n, 12n) === 0n ? 0n : roll(64n, 3_000n * TOKEN);
        await attempt(
          "fund",
          () => {
            model.fund(amount);
          },
          () => channel.fund(amount),
        );
      } else if (kind < 12n) {
        const { capacity, deposits } = model.presentRound(now);
        const left = capacity - deposits;
        const size = roll(60n, 10n);
        const part = (roll(64n, 2n ** 40n) * left) >> (40n + roll(58n, 6n));
        const amount =
          size === 0n ? left : size === 1n ? left + GWEI : size === 2n ? roll(64n, 2n) : part - (part % GWEI) + GWEI;
        const guaranteed = ascensionGuarantee(amount, model.presentRound(now).floorRateWad);
        const least = guaranteed + (roll(120n, 9n) === 0n ? 1n : 0n);
        await attempt(
          "deposit",
          () => model.deposit(now, account.address, amount, least),
          () => caller.deposit(amount, least),
          () => caller.deposit.staticCall(amount, least, { blockTag: "pending" }),
        );
      } else if (kind < 15n) {
        const by = roll(60n, 8n) === 0n ? stranger : account;
        await attempt(
          "claim",
          () => model.claim(now, by.address),
          () => channel.claim(by),
          () => channel.claim.staticCall(by, { blockTag: "pending" }),
        );
      } else {
        const floor = 1n + roll(64n, 10n ** 7n);
        const odd = roll(60n, 10n);
        const terms = {
          baseBudget: odd === 0n ? 0n : odd === 1n ? ASCENSION_MAX_BASE_BUDGET + 1n : roll(100n, 2_000n * TOKEN),
          maxRateWad: (floor + roll(130n, 10n ** 8n)) * ASCENSION_RATE_STEP + (odd === 2n ? 1n : 0n),
          floorRateWad: odd === 3n ? 0n : floor * ASCENSION_RATE_STEP,
        };
        await attempt(
          "setTerms",
          () => model.setTerms(terms),
          () => governed.setTerms(terms),
        );
      }
      now = await latest();
      const at = `at step ${step}`;
      expect(await channel.free(), `free ${at}`).to.equal(model.free(now));
      expect(await channel.openBudget(), `open ${at}`).to.equal(model.openBudget(now));
      expect(await channel.reserved(), `reserved ${at}`).to.equal(model.reserved(now));
      expect(await channel.claimable(account), `claimable ${at}`).to.equal(model.claimable(now, account.address));
      expect([...(await channel.presentRound())], `round ${at}`).to.deep.equal([...asRound(model.presentRound(now))]);
      expect(await xmex.balanceOf(self), `XMEX ${at}`).to.equal(model.locked);
      const owed = model.free(now) + model.openBudget(now) + model.reserved(now) - model.claimed;
      expect(await xme.balanceOf(self), `XME ${at}`).to.equal(owed);
    }

    now = (ascensionRoundAt(now) + 1n) * WEEK;
    await networkHelpers.time.increaseTo(now);
    for (let round = week; round < ascensionRoundAt(now); round++) {
      const expected = model.roundOf(round);
      expect([...(await channel.roundOf(round))], `round ${round}`).to.deep.equal([...asRound(expected)]);
      if (expected.budget === 0n) continue;
      shares += 3n;
      if (expected.paid < expected.budget) highest++;
      if (expected.deposits === expected.capacity) lowest++;
      expect(expected.paid <= ascensionPaid(MAX_UINT, expected.deposits, expected.maxRateWad)).to.equal(true);
      expect(expected.deposits <= expected.capacity).to.equal(true);
    }
    for (const account of depositors) {
      if (model.claimable(now, account.address) !== 0n) {
        model.claim(now, account.address);
        await channel.claim(account);
      }
    }
    const dust = (await xme.balanceOf(self)) - (await channel.free());
    expect(dust < shares, `${dust} wei of dust for ${shares} shares`).to.equal(true);
    expect(await xmex.balanceOf(self)).to.equal(model.locked);
    const seen = `${JSON.stringify([...done])} ${JSON.stringify([...refused])} ${lowest} ${highest}`;
    expect(shares > 90n, seen).to.equal(true);
    expect(lowest, `full rounds: ${seen}`).to.be.at.least(3);
    expect(highest, `rounds at their maximum rate: ${seen}`).to.be.at.least(3);
    for (const what of ["fund", "deposit", "claim", "setTerms"]) {
      expect(done.get(what) ?? 0, `${what}: ${seen}`).to.be.at.least(10);
    }
    for (const error of [
      "AboveCapacity",
      "AmountIsZero",
      "AmountNotInSteps",
      "BaseBudgetTooHigh",
      "BelowMinimum",
      "NoBudget",
      "NothingToClaim",
      "RateNotInSteps",
      "RatesOutOfRange",
    ]) {
      expect(refused.get(error) ?? 0, `${error}: ${seen}`).to.be.at.least(1);
    }
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    it("does not depend on weeks, rounds or depositors", async () => {
      const { channel, xmex, deployer, alice, asAlice, week } = await networkHelpers.loadFixture(over);
      const crowd = (await ethers.getSigners()).slice(6, 18);
      for (const account of crowd) {
        await xmex.connect(deployer).transfer(account, TOKEN);
        await xmex.connect(account).approve(channel, MAX_UINT);
      }
      const openings: bigint[] = [];
      const claims: bigint[] = [];
      let round = week + 1n;
      for (const idle of [1n, 2n, 30n, 520n]) {
        round += idle;
        await networkHelpers.time.increaseTo(round * WEEK);
        openings.push(await gasOf(asAlice.deposit(1_000n * TOKEN, 0n)));
        if (idle === 2n) for (const account of crowd) await channel.connect(account).deposit(TOKEN, 0n);
      }
      round += 1n;
      await networkHelpers.time.increaseTo(round * WEEK);
      for (const account of crowd) claims.push(await gasOf(channel.claim(account)));
      claims.push(await gasOf(channel.claim(alice)));
      if (hre.globalOptions.coverage) return;
      const spread = (gas: bigint[]) => {
        const sorted = [...gas].sort((one, two) => Number(one - two));
        return (sorted.at(-1) ?? 0n) - (sorted[0] ?? 0n);
      };
      expect(spread(openings), openings.join(", ")).to.be.at.most(100n);
      expect(spread(claims), claims.join(", ")).to.be.at.most(400n);
    });

    it("stays within its budget", async () => {
      const { channel, xme, deployer, asAlice, asBob, asCarol, alice, bob, week } =
        await networkHelpers.loadFixture(ready);
      const opening = await gasOf(asAlice.deposit(TOKEN, 0n));
      const first = await gasOf(asBob.deposit(TOKEN, 0n));
      const again = await gasOf(asBob.deposit(TOKEN, 0n));
      await networkHelpers.time.increaseTo((week + 1n) * WEEK);
      const next = await gasOf(asAlice.deposit(TOKEN, 0n));
      const later = await gasOf(asBob.deposit(TOKEN, 0n));
      await asCarol.deposit(TOKEN, 0n);
      await networkHelpers.time.increaseTo((week + 2n) * WEEK);
      const claim = await gasOf(channel.claim(alice));
      await xme.connect(deployer).transfer(bob, 1n);
      const claimAgain = await gasOf(channel.claim(bob));
      const fund = await gasOf(channel.fund(TOKEN));
      if (hre.globalOptions.coverage) return;
      expect(opening, "the first deposit of all").to.be.below(123_000n);
      expect(next, "the first deposit of a round, by an account of the round before").to.be.below(91_000n);
      expect(first, "an account's first deposit").to.be.below(73_500n);
      expect(later, "its first in a later round").to.be.below(59_000n);
      expect(again, "one more in the same round").to.be.below(56_000n);
      expect(claim, "an account's first XME").to.be.below(61_000n);
      expect(claimAgain, "a claim to a holder").to.be.below(44_000n);
      expect(fund, "funding").to.be.below(48_000n);
    });
  });
});
