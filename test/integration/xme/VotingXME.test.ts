import { expect } from "chai";
import { type ContractTransactionResponse, MaxUint256, Signature, ZeroAddress, ZeroHash } from "ethers";
import hre, { network } from "hardhat";

import { STREAM_LIMIT } from "../../../src/common/streams.js";
import { EMISSION_ALLOCATION, EMISSION_DURATION, EmissionModel } from "../../../src/xme/emission.js";
import { DIVIDEND_MONTH, MIN_UNITS, UNSTAKE_DELAY, VotingModel } from "../../../src/xme/votes.js";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { effort } from "../../support/effort.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const TOKEN = 10n ** 18n;
const DAY = 86_400n;
const YEAR = 365n * DAY;
const MONTH = DIVIDEND_MONTH;
/** XMEX that streams at one whole XMEX a second. */
const MONTHLY = MONTH * TOKEN;
const STREAM = 2n;

type Shares = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
const SHARES: Shares = [4_000n, 1_000n, 3_000n, 2_000n, 0n, 0n, 0n, 0n];
const NO_SHARE: Shares = [7_000n, 1_000n, 0n, 2_000n, 0n, 0n, 0n, 0n];

const DELEGATION_TYPES = {
  Delegation: [
    { name: "delegatee", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "expiry", type: "uint256" },
  ],
};

describe("VotingXME", () => {
  const at = async (timestamp: bigint) => networkHelpers.time.setNextBlockTimestamp(timestamp);
  const now = async () => BigInt(await networkHelpers.time.latest());

  /** At the beginning of a month, with a vault that names no drawer. */
  async function deploy() {
    const [governance, ada, ben, cleo, stranger] = await ethers.getSigners();
    if (!governance || !ada || !ben || !cleo || !stranger) throw new Error("too few accounts");
    const xme = await ethers.deployContract("XME");
    const xmex = await ethers.deployContract("XMEX");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const start = await now();
    const vault = await ethers.deployContract("EmissionVault", [xmex, manager, start, SHARES]);
    await xmex.transfer(vault, EMISSION_ALLOCATION);
    const voting = await ethers.deployContract("VotingXME", [xme, xmex, vault, STREAM]);
    for (const holder of [governance, ada, ben, cleo]) {
      await xme.transfer(holder, 1_000_000n * TOKEN);
      await xmex.transfer(holder, 1_000_000_000n * TOKEN);
      await xme.connect(holder).approve(voting, MaxUint256);
      await xmex.connect(holder).approve(voting, MaxUint256);
    }
    const begin = ((await now()) / MONTH + 1n) * MONTH;
    await networkHelpers.time.increaseTo(begin);
    const as = (holder: HardhatEthersSigner) => voting.connect(holder);
    const held = async (holder: HardhatEthersSigner) => {
      const [pending, availableAt] = await voting.pendingUnstake(holder);
      return [await voting.balanceOf(holder), pending, availableAt];
    };
    return { governance, ada, ben, cleo, stranger, xme, xmex, manager, start, vault, voting, begin, as, held };
  }

  /** Ada has 3,000 vXME and Ben 1,000, and a whole XMEX a second streams from `begin` on for a month. */
  async function streaming() {
    const world = await deploy();
    const { governance, ada, ben, as } = world;
    await as(ada).stake(3_000n * TOKEN);
    await as(ben).stake(1_000n * TOKEN);
    await as(governance).addXmexIncome(MONTHLY);
    const begin = world.begin + MONTH;
    await at(begin);
    await world.voting.advance();
    return { ...world, begin };
  }

  /** As before, a day later, when Ada asked 1,200 back. */
  async function asked() {
    const world = await streaming();
    const askedAt = world.begin + DAY;
    await at(askedAt);
    await world.as(world.ada).requestUnstake(1_200n * TOKEN);
    return { ...world, askedAt, availableAt: askedAt + UNSTAKE_DELAY };
  }

  /** As before the request, and the vault pays its stream to vXME. */
  async function drawing() {
    const world = await streaming();
    await world.vault.setDrawer(STREAM, world.voting);
    return world;
  }

  describe("constructor", () => {
    it("refuses XME, XMEX or a vault without code", async () => {
      const { voting, xme, xmex, vault, stranger } = await networkHelpers.loadFixture(deploy);
      for (const [parameters, error] of [
        [[stranger, xmex, vault, STREAM], "VotingXME_XmeHasNoCode"],
        [[xme, stranger, vault, STREAM], "VotingXME_XmexHasNoCode"],
        [[xme, xmex, stranger, STREAM], "VotingXME_VaultHasNoCode"],
      ] as const) {
        await expect(ethers.deployContract("VotingXME", [...parameters]))
          .to.be.revertedWithCustomError(voting, error)
          .withArgs(stranger.address);
      }
    });

    it("refuses XME and XMEX that are the same", async () => {
      const { voting, xmex, vault } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("VotingXME", [xmex, xmex, vault, STREAM]))
        .to.be.revertedWithCustomError(voting, "VotingXME_TokensAreTheSame")
        .withArgs(await xmex.getAddress());
    });

    it("refuses a vault that releases another token, or has no such stream", async () => {
      const { voting, xme, xmex, manager, vault, start } = await networkHelpers.loadFixture(deploy);
      const another = await ethers.deployContract("EmissionVault", [xme, manager, start + MONTH, SHARES]);
      await expect(ethers.deployContract("VotingXME", [xme, xmex, another, STREAM]))
        .to.be.revertedWithCustomError(voting, "VotingXME_VaultReleasesAnotherToken")
        .withArgs(await another.getAddress(), await xme.getAddress());
      for (const stream of [8n, MaxUint256]) {
        await expect(ethers.deployContract("VotingXME", [xme, xmex, vault, stream]))
          .to.be.revertedWithCustomError(voting, "VotingXME_UnknownEmissionStream")
          .withArgs(stream);
      }
      const last = await ethers.deployContract("VotingXME", [xme, xmex, vault, 7n]);
      expect(await last.emissionStream()).to.equal(7n);
    });

    it("shows tokens, vault, stream, name and numbers", async () => {
      const { voting, xme, xmex, vault } = await networkHelpers.loadFixture(deploy);
      expect(await voting.xme()).to.equal(await xme.getAddress());
      expect(await voting.xmex()).to.equal(await xmex.getAddress());
      expect(await voting.vault()).to.equal(await vault.getAddress());
      expect(await voting.emissionStream()).to.equal(STREAM);
      expect(await voting.name()).to.equal("X.me Voting Power");
      expect(await voting.symbol()).to.equal("vXME");
      expect(await voting.decimals()).to.equal(await xme.decimals());
      expect(await voting.MONTH()).to.equal(30n * DAY);
      expect(await voting.UNSTAKE_DELAY()).to.equal(7n * DAY);
      expect(await voting.MIN_UNITS()).to.equal(1_000n * TOKEN);
      expect([MONTH, UNSTAKE_DELAY, MIN_UNITS]).to.deep.equal([30n * DAY, 7n * DAY, 1_000n * TOKEN]);
      const [, name, version, , verifyingContract] = await voting.eip712Domain();
      expect([name, version, verifyingContract]).to.deep.equal(["X.me Voting Power", "1", await voting.getAddress()]);
    });

    it("takes no vault, with whatever stream", async () => {
      const { xme, xmex, ada } = await networkHelpers.loadFixture(deploy);
      const voting = await ethers.deployContract("VotingXME", [xme, xmex, ZeroAddress, MaxUint256]);
      const born = await now();
      await xme.connect(ada).approve(voting, MaxUint256);
      await at(born + 2n * MONTH);
      await voting.connect(ada).stake(TOKEN);
      expect(await voting.vault()).to.equal(ZeroAddress);
      const { active, next } = await voting.distribution();
      expect([active, next]).to.deep.equal([0n, 0n]);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("VotingXME");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("stake", () => {
    it("refuses nothing", async () => {
      const { voting, ada, as } = await networkHelpers.loadFixture(deploy);
      await expect(as(ada).stake(0n)).to.be.revertedWithCustomError(voting, "VotingXME_AmountIsZero").withArgs();
    });

    it("refuses what does not fit, is not allowed or not there, and changes nothing", async () => {
      const { voting, xme, ada, stranger, as, held } = await networkHelpers.loadFixture(deploy);
      for (const amount of [2n ** 104n, MaxUint256]) {
        await expect(as(ada).stake(amount))
          .to.be.revertedWithCustomError(voting, "SafeCastOverflowedUintDowncast")
          .withArgs(104, amount);
      }
      await expect(as(ada).stake(2n ** 104n - 1n)).to.be.revertedWithCustomError(xme, "ERC20InsufficientBalance");
      await expect(as(stranger).stake(1n))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientAllowance")
        .withArgs(await voting.getAddress(), 0n, 1n);
      expect(await held(ada)).to.deep.equal([0n, 0n, 0n]);
      expect(await voting.delegates(ada)).to.equal(ZeroAddress);
      expect(await voting.totalSupply()).to.equal(0n);
    });

    it("gives vXME one to one at first, makes the account its own delegate, and tells", async () => {
      const { voting, xme, ada, as, begin } = await networkHelpers.loadFixture(deploy);
      const amount = 12_345n * TOKEN + 6n;
      await at(begin + 10n);
      const staked = as(ada).stake(amount);
      await expect(staked).to.emit(voting, "Staked").withArgs(ada.address, amount);
      await expect(staked).to.emit(voting, "Transfer").withArgs(ZeroAddress, ada.address, amount);
      await expect(staked).to.emit(voting, "DelegateChanged").withArgs(ada.address, ZeroAddress, ada.address);
      await expect(staked).to.emit(voting, "DelegateVotesChanged").withArgs(ada.address, 0n, amount);
      await expect(staked)
        .to.emit(xme, "Transfer")
        .withArgs(ada.address, await voting.getAddress(), amount);
      expect(await voting.balanceOf(ada)).to.equal(amount);
      expect(await voting.totalSupply()).to.equal(amount);
      expect(await voting.getVotes(ada)).to.equal(amount);
      expect(await voting.delegates(ada)).to.equal(ada.address);
      expect(await xme.balanceOf(voting)).to.equal(amount);
    });

    it("leaves a delegate that was chosen before the first stake", async () => {
      const { voting, ada, ben, as } = await networkHelpers.loadFixture(deploy);
      await as(ada).delegate(ben);
      await expect(as(ada).stake(5n)).not.to.emit(voting, "DelegateChanged");
      expect(await voting.delegates(ada)).to.equal(ben.address);
      expect([await voting.getVotes(ada), await voting.getVotes(ben)]).to.deep.equal([0n, 5n]);
    });

    it("adds up, and leaves waiting what waits", async () => {
      const { voting, ada, as, held, availableAt } = await networkHelpers.loadFixture(asked);
      await expect(as(ada).stake(7n)).not.to.emit(voting, "DelegateChanged");
      expect(await held(ada)).to.deep.equal([1_800n * TOKEN + 7n, 1_200n * TOKEN, availableAt]);
      expect(await voting.getVotes(ada)).to.equal(1_800n * TOKEN + 7n);
    });

    it("leaves an account that delegates to nobody, until all of it is unstaked", async () => {
      const { voting, ada, as } = await networkHelpers.loadFixture(streaming);
      await as(ada).delegate(ZeroAddress);
      await as(ada).stake(5n);
      expect(await voting.delegates(ada)).to.equal(ZeroAddress);
      expect(await voting.getVotes(ada)).to.equal(0n);
      await as(ada).requestUnstake(3_000n * TOKEN + 5n);
      await expect(as(ada).restake(4n))
        .to.emit(voting, "DelegateChanged")
        .withArgs(ada.address, ZeroAddress, ada.address);
      expect(await voting.getVotes(ada)).to.equal(4n);
    });

    it("refuses a transfer, an approval and a transfer by somebody else, and shows no allowance", async () => {
      const { voting, ada, ben } = await networkHelpers.loadFixture(streaming);
      for (const call of [
        voting.connect(ada).transfer(ben, 1n),
        voting.connect(ada).transfer(ben, 0n),
        voting.connect(ada).approve(ben, 1n),
        voting.connect(ben).transferFrom(ada, ben, 1n),
        voting.connect(ada).transferFrom(ada, ben, 1n),
      ]) {
        await expect(call).to.be.revertedWithCustomError(voting, "VotingXME_NotTransferable").withArgs();
      }
      expect(await voting.allowance(ada, ben)).to.equal(0n);
      expect(await voting.balanceOf(ada)).to.equal(3_000n * TOKEN);
    });
  });

  describe("stakeWithPermit", () => {
    const AMOUNT = 50n * TOKEN;

    async function permitted() {
      const world = await deploy();
      const { xme, voting, ada, begin } = world;
      await xme.connect(ada).approve(voting, 0n);
      const { chainId } = await ethers.provider.getNetwork();
      const verifyingContract = await xme.getAddress();
      const domain = { name: "X.me Governance Token", version: "1", chainId, verifyingContract };
      const deadline = begin + YEAR;
      const spender = await voting.getAddress();
      const message = { owner: ada.address, spender, value: AMOUNT, nonce: 0n, deadline };
      const { v, r, s } = Signature.from(await ada.signTypedData(domain, PERMIT_TYPES, message));
      return { ...world, spender, permit: [deadline, v, r, s] as const };
    }

    it("stakes with a good signature without an allowance, and leaves none", async () => {
      const { voting, xme, ada, as, permit } = await networkHelpers.loadFixture(permitted);
      await expect(as(ada).stakeWithPermit(AMOUNT, ...permit))
        .to.emit(voting, "Staked")
        .withArgs(ada.address, AMOUNT);
      expect(await voting.getVotes(ada)).to.equal(AMOUNT);
      expect(await xme.allowance(ada, voting)).to.equal(0n);
    });

    it("stakes all the same where somebody used the signature first", async () => {
      const { voting, xme, ada, stranger, as, permit, spender } = await networkHelpers.loadFixture(permitted);
      await xme.connect(stranger).permit(ada, spender, AMOUNT, ...permit);
      await as(ada).stakeWithPermit(AMOUNT, ...permit);
      expect(await voting.balanceOf(ada)).to.equal(AMOUNT);
    });

    it("stakes all the same with a bad signature and an allowance", async () => {
      const { voting, ben, as } = await networkHelpers.loadFixture(permitted);
      await as(ben).stakeWithPermit(AMOUNT, 0n, 27, ZeroHash, ZeroHash);
      expect(await voting.balanceOf(ben)).to.equal(AMOUNT);
    });

    it("fails in the token with a bad signature and no allowance", async () => {
      const { xme, ada, as, permit, spender } = await networkHelpers.loadFixture(permitted);
      await expect(as(ada).stakeWithPermit(AMOUNT + 1n, ...permit))
        .to.be.revertedWithCustomError(xme, "ERC20InsufficientAllowance")
        .withArgs(spender, 0n, AMOUNT + 1n);
    });
  });

  describe("requestUnstake", () => {
    it("refuses nothing", async () => {
      const { voting, ada, as } = await networkHelpers.loadFixture(streaming);
      await expect(as(ada).requestUnstake(0n))
        .to.be.revertedWithCustomError(voting, "VotingXME_AmountIsZero")
        .withArgs();
    });

    it("refuses more than the caller has staked: by one wei, and to a stranger", async () => {
      const { voting, ada, stranger, as } = await networkHelpers.loadFixture(asked);
      for (const [caller, amount, staked] of [
        [ada, 1_800n * TOKEN + 1n, 1_800n * TOKEN],
        [ada, MaxUint256, 1_800n * TOKEN],
        [stranger, 1n, 0n],
      ] as const) {
        await expect(as(caller).requestUnstake(amount))
          .to.be.revertedWithCustomError(voting, "VotingXME_AboveStaked")
          .withArgs(caller.address, amount, staked);
      }
    });

    it("takes the votes at once, also a delegate's, waits seven days and tells", async () => {
      const { voting, xme, ada, ben, as, held, begin } = await networkHelpers.loadFixture(streaming);
      await as(ada).delegate(ben);
      await at(begin + DAY);
      const request = as(ada).requestUnstake(1_200n * TOKEN);
      await expect(request)
        .to.emit(voting, "UnstakeRequested")
        .withArgs(ada.address, 1_200n * TOKEN, begin + 8n * DAY);
      await expect(request)
        .to.emit(voting, "Transfer")
        .withArgs(ada.address, ZeroAddress, 1_200n * TOKEN);
      await expect(request)
        .to.emit(voting, "DelegateVotesChanged")
        .withArgs(ben.address, 4_000n * TOKEN, 2_800n * TOKEN);
      expect(await voting.getVotes(ben)).to.equal(2_800n * TOKEN);
      expect(await voting.totalSupply()).to.equal(2_800n * TOKEN);
      expect(await held(ada)).to.deep.equal([1_800n * TOKEN, 1_200n * TOKEN, begin + 8n * DAY]);
      expect(await xme.balanceOf(voting)).to.equal(4_000n * TOKEN);
      await as(ada).requestUnstake(1_800n * TOKEN);
      expect(await voting.getVotes(ben)).to.equal(1_000n * TOKEN);
    });

    it("ends the dividends at once, and keeps what was earned", async () => {
      const { voting, ada, ben, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + 1_000n);
      await as(ada).requestUnstake(3_000n * TOKEN);
      expect(await voting.earned(ada)).to.equal(750n * TOKEN);
      await networkHelpers.time.increaseTo(begin + MONTH);
      expect(await voting.earned(ada)).to.equal(750n * TOKEN);
      expect(await voting.earned(ben)).to.equal(MONTHLY - 750n * TOKEN);
    });

    it("starts the wait anew for all that waits, and tells what is asked now", async () => {
      const { voting, ada, as, held, askedAt } = await networkHelpers.loadFixture(asked);
      const again = askedAt + 8n * DAY;
      await at(again);
      await expect(as(ada).requestUnstake(300n * TOKEN), "it tells what is asked now, not all that waits")
        .to.emit(voting, "UnstakeRequested")
        .withArgs(ada.address, 300n * TOKEN, again + 7n * DAY);
      expect(await held(ada)).to.deep.equal([1_500n * TOKEN, 1_500n * TOKEN, again + 7n * DAY]);
    });
  });

  describe("restake", () => {
    it("refuses nothing", async () => {
      const { voting, ada, as } = await networkHelpers.loadFixture(asked);
      await expect(as(ada).restake(0n)).to.be.revertedWithCustomError(voting, "VotingXME_AmountIsZero").withArgs();
    });

    it("refuses more than the caller has waiting: by one wei, and to a stranger", async () => {
      const { voting, ada, stranger, as } = await networkHelpers.loadFixture(asked);
      for (const [caller, amount, pending] of [
        [ada, 1_200n * TOKEN + 1n, 1_200n * TOKEN],
        [stranger, 1n, 0n],
      ] as const) {
        await expect(as(caller).restake(amount))
          .to.be.revertedWithCustomError(voting, "VotingXME_AbovePending")
          .withArgs(caller.address, amount, pending);
      }
    });

    it("votes and earns at once, and leaves the rest waiting as before", async () => {
      const { voting, ada, as, held, askedAt, availableAt } = await networkHelpers.loadFixture(asked);
      const before = await voting.earned(ada);
      await at(askedAt + DAY);
      const restaked = as(ada).restake(200n * TOKEN);
      await expect(restaked)
        .to.emit(voting, "Restaked")
        .withArgs(ada.address, 200n * TOKEN);
      await expect(restaked)
        .to.emit(voting, "Transfer")
        .withArgs(ZeroAddress, ada.address, 200n * TOKEN);
      expect(await held(ada)).to.deep.equal([2_000n * TOKEN, 1_000n * TOKEN, availableAt]);
      expect(await voting.getVotes(ada)).to.equal(2_000n * TOKEN);
      expect(await voting.totalSupply()).to.equal(3_000n * TOKEN);
      const rested = await voting.earned(ada);
      expect(within(rested - before, (DAY * TOKEN * 18n) / 28n, 10n)).to.equal(true);
      await networkHelpers.time.increaseTo(askedAt + DAY + 300n);
      expect(within((await voting.earned(ada)) - rested, 200n * TOKEN, 10n)).to.equal(true);
    });

    it("forgets the wait with the last wei, also when it is over", async () => {
      const { voting, ada, as, held, availableAt } = await networkHelpers.loadFixture(asked);
      await networkHelpers.time.increaseTo(availableAt + DAY);
      expect(await voting.previewWithdraw(ada)).to.equal(1_200n * TOKEN);
      await as(ada).restake(1_200n * TOKEN);
      expect(await held(ada)).to.deep.equal([3_000n * TOKEN, 0n, 0n]);
      await expect(as(ada).withdraw(ada)).to.be.revertedWithCustomError(voting, "VotingXME_NothingPending");
    });
  });

  describe("withdraw", () => {
    it("refuses to pay the contract itself", async () => {
      const { voting, ada, as } = await networkHelpers.loadFixture(asked);
      await expect(as(ada).withdraw(voting))
        .to.be.revertedWithCustomError(voting, "VotingXME_RecipientIsVotingXME")
        .withArgs();
    });

    it("fails in the token for the zero address, and keeps it waiting", async () => {
      const { xme, ada, as, held, availableAt } = await networkHelpers.loadFixture(asked);
      await networkHelpers.time.increaseTo(availableAt);
      await expect(as(ada).withdraw(ZeroAddress)).to.be.revertedWithCustomError(xme, "ERC20InvalidReceiver");
      expect(await held(ada)).to.deep.equal([1_800n * TOKEN, 1_200n * TOKEN, availableAt]);
    });

    it("refuses where nothing waits", async () => {
      const { voting, ben, as } = await networkHelpers.loadFixture(asked);
      await expect(as(ben).withdraw(ben))
        .to.be.revertedWithCustomError(voting, "VotingXME_NothingPending")
        .withArgs(ben.address);
    });

    it("refuses in the last second and pays in the next, anywhere, once, and tells", async () => {
      const { voting, xme, ada, stranger, as, held, availableAt } = await networkHelpers.loadFixture(asked);
      await networkHelpers.time.increaseTo(availableAt - 2n);
      expect(await voting.previewWithdraw(ada)).to.equal(0n);
      await at(availableAt - 1n);
      await expect(as(ada).withdraw(stranger))
        .to.be.revertedWithCustomError(voting, "VotingXME_StillWaiting")
        .withArgs(ada.address, availableAt, availableAt - 1n);
      await at(availableAt);
      await expect(as(ada).withdraw(stranger))
        .to.emit(voting, "Withdrawn")
        .withArgs(ada.address, stranger.address, 1_200n * TOKEN);
      expect(await xme.balanceOf(stranger)).to.equal(1_200n * TOKEN);
      expect(await xme.balanceOf(voting)).to.equal(2_800n * TOKEN);
      expect(await held(ada)).to.deep.equal([1_800n * TOKEN, 0n, 0n]);
      await expect(as(ada).withdraw(stranger)).to.be.revertedWithCustomError(voting, "VotingXME_NothingPending");
    });

    it("pays a hundred years later too", async () => {
      const { voting, xme, ada, as, availableAt } = await networkHelpers.loadFixture(asked);
      await networkHelpers.time.increaseTo(availableAt + 100n * YEAR);
      expect(await voting.previewWithdraw(ada)).to.equal(1_200n * TOKEN);
      const before = await xme.balanceOf(ada);
      await as(ada).withdraw(ada);
      expect((await xme.balanceOf(ada)) - before).to.equal(1_200n * TOKEN);
    });
  });

  describe("claim", () => {
    it("refuses to pay the contract itself", async () => {
      const { voting, ada, as } = await networkHelpers.loadFixture(asked);
      await expect(as(ada).claim(voting))
        .to.be.revertedWithCustomError(voting, "VotingXME_RecipientIsVotingXME")
        .withArgs();
    });

    it("fails in the token for the zero address, and keeps it", async () => {
      const { voting, xmex, ada, as } = await networkHelpers.loadFixture(asked);
      const earned = await voting.earned(ada);
      await expect(as(ada).claim(ZeroAddress)).to.be.revertedWithCustomError(xmex, "ERC20InvalidReceiver");
      expect(await voting.earned(ada)).to.equal(earned);
    });

    it("refuses where nothing is earned", async () => {
      const { voting, ada, stranger, as } = await networkHelpers.loadFixture(streaming);
      await expect(as(stranger).claim(stranger))
        .to.be.revertedWithCustomError(voting, "VotingXME_NothingEarned")
        .withArgs(stranger.address);
      expect(await voting.previewClaim(stranger)).to.equal(0n);
      expect(await voting.previewClaim(ada), "the month has only begun").to.equal(0n);
    });

    it("pays all of it anywhere, once, and tells", async () => {
      const { voting, xmex, ada, stranger, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + 400n);
      await expect(as(ada).claim(stranger))
        .to.emit(voting, "Claimed")
        .withArgs(ada.address, stranger.address, 300n * TOKEN);
      expect(await xmex.balanceOf(stranger)).to.equal(300n * TOKEN);
      expect(await voting.earned(ada)).to.equal(0n);
      expect(await xmex.balanceOf(voting)).to.equal(MONTHLY - 300n * TOKEN);
      await at(begin + 404n);
      await expect(as(ada).claim(ada))
        .to.emit(voting, "Claimed")
        .withArgs(ada.address, ada.address, 3n * TOKEN);
    });

    it("pays a hundred years later too", async () => {
      const { voting, xmex, ada, ben, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + 400n);
      await as(ada).requestUnstake(3_000n * TOKEN);
      await networkHelpers.time.increaseTo(begin + 100n * YEAR);
      expect(await voting.previewClaim(ada)).to.equal(300n * TOKEN);
      const before = await xmex.balanceOf(ada);
      await as(ada).claim(ada);
      await as(ben).claim(ben);
      expect((await xmex.balanceOf(ada)) - before).to.equal(300n * TOKEN);
      expect(await xmex.balanceOf(voting)).to.equal(0n);
    });
  });

  describe("addXmexIncome", () => {
    it("refuses what does not fit or is not allowed, and changes nothing", async () => {
      const { voting, xmex, ada, stranger, as } = await networkHelpers.loadFixture(streaming);
      const { active } = await voting.distribution();
      await expect(as(ada).addXmexIncome(STREAM_LIMIT)).to.be.revertedWithCustomError(
        voting,
        "SafeCastOverflowedUintDowncast",
      );
      await expect(as(stranger).addXmexIncome(1n))
        .to.be.revertedWithCustomError(xmex, "ERC20InsufficientAllowance")
        .withArgs(await voting.getAddress(), 0n, 1n);
      const after = await voting.distribution();
      expect([after.active, after.next]).to.deep.equal([active, 0n]);
    });

    it("streams evenly over the next month, and tells", async () => {
      const { governance, ada, ben, voting, xmex, as, begin } = await networkHelpers.loadFixture(deploy);
      await as(ada).stake(3_000n * TOKEN);
      await as(ben).stake(1_000n * TOKEN);
      await at(begin + MONTH - 5n);
      const income = as(governance).addXmexIncome(MONTHLY);
      await expect(income).to.emit(voting, "XmexIncomeAdded").withArgs(governance.address, MONTHLY);
      await expect(income)
        .to.emit(xmex, "Transfer")
        .withArgs(governance.address, await voting.getAddress(), MONTHLY);
      expect([...(await voting.distribution())]).to.deep.equal([0n, MONTHLY, 0n, begin + MONTH]);
      expect(await voting.earned(ada)).to.equal(0n);
      await networkHelpers.time.increaseTo(begin + MONTH);
      expect([...(await voting.distribution())]).to.deep.equal([MONTHLY, 0n, TOKEN, begin + 2n * MONTH]);
      for (const seconds of [1n, 2n, 777n, MONTH / 2n, MONTH - 1n, MONTH]) {
        await networkHelpers.time.increaseTo(begin + MONTH + seconds);
        expect(await voting.earned(ada)).to.equal((seconds * TOKEN * 3n) / 4n);
        expect(await voting.earned(ben)).to.equal((seconds * TOKEN) / 4n);
        const { active, perSecond } = await voting.distribution();
        expect([active, perSecond]).to.deep.equal([MONTHLY - seconds * TOKEN, seconds < MONTH ? TOKEN : 0n]);
      }
      await networkHelpers.time.increaseTo(begin + 3n * MONTH);
      expect(await voting.earned(ada)).to.equal((MONTHLY * 3n) / 4n);
    });

    it("allows zero", async () => {
      const { voting, stranger, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      await expect(as(stranger).addXmexIncome(0n)).to.emit(voting, "XmexIncomeAdded").withArgs(stranger.address, 0n);
      const { active, next } = await voting.distribution();
      expect([active, next]).to.deep.equal([MONTHLY - DAY * TOKEN, 0n]);
    });

    it("credits a plain transfer to nobody", async () => {
      const { voting, xme, xmex, governance, ada, ben, as, begin } = await networkHelpers.loadFixture(streaming);
      await xmex.connect(governance).transfer(voting, 10n ** 20n);
      await xme.connect(governance).transfer(voting, 10n ** 20n);
      expect(await voting.totalSupply()).to.equal(4_000n * TOKEN);
      await networkHelpers.time.increaseTo(begin + 2n * MONTH);
      await as(ada).claim(ada);
      await as(ben).claim(ben);
      expect(await xmex.balanceOf(voting)).to.equal(10n ** 20n);
    });
  });

  describe("dividends", () => {
    it("pay somebody who stakes late their own seconds only", async () => {
      const { voting, ada, ben, cleo, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + MONTH - 100n);
      await as(cleo).stake(6_000n * TOKEN);
      await networkHelpers.time.increaseTo(begin + MONTH);
      expect(await voting.earned(cleo)).to.equal(60n * TOKEN);
      expect(await voting.earned(ada)).to.equal(((MONTHLY - 100n * TOKEN) * 3n) / 4n + 30n * TOKEN);
      expect(await voting.earned(ben)).to.equal((MONTHLY - 100n * TOKEN) / 4n + 10n * TOKEN);
    });

    it("pay who holds the stake, whoever votes with it", async () => {
      const { voting, ada, ben, stranger, as, begin } = await networkHelpers.loadFixture(streaming);
      await as(ada).delegate(stranger);
      await as(ben).delegate(ZeroAddress);
      await networkHelpers.time.increaseTo(begin + 4_000n);
      expect(await voting.getVotes(stranger)).to.equal(3_000n * TOKEN);
      expect(await voting.earned(ada)).to.equal(3_000n * TOKEN);
      expect(await voting.earned(ben)).to.equal(1_000n * TOKEN);
      expect(await voting.earned(stranger)).to.equal(0n);
    });

    it("pay less than a thousand its part of a thousand, and keep the rest for the month after", async () => {
      const { governance, voting, cleo, as, begin } = await networkHelpers.loadFixture(deploy);
      await as(cleo).stake(250n * TOKEN);
      await as(governance).addXmexIncome(MONTHLY);
      await at(begin + 2n * MONTH);
      await voting.advance();
      expect(await voting.earned(cleo)).to.equal(MONTHLY / 4n);
      const { active, next } = await voting.distribution();
      expect([active, next]).to.deep.equal([0n, MONTHLY - MONTHLY / 4n]);
      await networkHelpers.time.increaseTo(begin + 4n * MONTH);
      expect(await voting.earned(cleo)).to.equal(MONTHLY / 4n + (MONTHLY * 3n) / 16n);
    });

    it("pay a single wei no more than its part of a thousand either", async () => {
      const { governance, voting, cleo, as, begin } = await networkHelpers.loadFixture(deploy);
      await as(cleo).stake(1n);
      await as(governance).addXmexIncome(MONTHLY);
      await networkHelpers.time.increaseTo(begin + 2n * MONTH);
      expect(await voting.earned(cleo)).to.equal(MONTHLY / MIN_UNITS);
    });

    it("wait for the first who stakes, who earns from then on", async () => {
      const { governance, voting, ben, as, begin } = await networkHelpers.loadFixture(deploy);
      await as(governance).addXmexIncome(MONTHLY);
      await at(begin + MONTH + MONTH / 2n);
      await as(ben).stake(1_000n * TOKEN);
      const { active, next } = await voting.distribution();
      expect([active, next], "what passed unearned streams a month later").to.deep.equal([MONTHLY / 2n, MONTHLY / 2n]);
      await networkHelpers.time.increaseTo(begin + 2n * MONTH);
      expect(await voting.earned(ben)).to.equal(MONTHLY / 2n);
      await networkHelpers.time.increaseTo(begin + 3n * MONTH);
      expect(await voting.earned(ben)).to.equal(MONTHLY);
    });

    it("pay after idle years what was there, to those who were", async () => {
      const { governance, ada, ben, cleo, voting, as, begin } = await networkHelpers.loadFixture(streaming);
      await as(governance).addXmexIncome(4n * MONTHLY);
      await at(begin + 5n * YEAR);
      await as(cleo).stake(1_000_000n * TOKEN);
      expect(await voting.earned(ada)).to.equal((5n * MONTHLY * 3n) / 4n);
      expect(await voting.earned(ben)).to.equal((5n * MONTHLY) / 4n);
      await networkHelpers.time.increaseTo(begin + 10n * YEAR);
      expect(await voting.earned(cleo)).to.equal(0n);
      const { active, next } = await voting.distribution();
      expect([active, next]).to.deep.equal([0n, 0n]);
    });
  });

  describe("votes", () => {
    it("count by time", async () => {
      const { voting } = await networkHelpers.loadFixture(streaming);
      expect(await voting.clock()).to.equal(await now());
      expect(await voting.CLOCK_MODE()).to.equal("mode=timestamp");
      expect(await voting.delegates(ZeroAddress)).to.equal(ZeroAddress);
    });

    it("give XME that is lent for one transaction no past vote, and do not let it go", async () => {
      const { voting, xme, cleo, begin } = await networkHelpers.loadFixture(streaming);
      const borrower = await ethers.deployContract("VotesBorrower");
      await xme.connect(cleo).approve(borrower, MaxUint256);
      const amount = 900_000n * TOKEN;
      await at(begin + DAY);
      await borrower.connect(cleo).voteWith(voting, amount);
      expect(await borrower.votesNow()).to.equal(amount);
      expect(await borrower.votesBefore(), "in a vote that is open").to.equal(0n);
      expect(await borrower.answerToVote(), "in a vote that opens with this second").to.equal(
        voting.interface.encodeErrorResult("ERC5805FutureLookup", [begin + DAY, begin + DAY]),
      );
      expect(await borrower.votesAfterRequest()).to.equal(0n);
      const borrowing = await borrower.getAddress();
      expect(await borrower.answerToWithdrawal()).to.equal(
        voting.interface.encodeErrorResult("VotingXME_StillWaiting", [borrowing, begin + 8n * DAY, begin + DAY]),
      );
      await networkHelpers.mine();
      expect(await voting.getPastVotes(borrower, begin + DAY), "when that second is past").to.equal(0n);
      expect(await voting.getPastTotalSupply(begin + DAY)).to.equal(4_000n * TOKEN);
    });

    it("keep what was before each change of stake and delegate", async () => {
      const { voting, ada, ben, as, begin } = await networkHelpers.loadFixture(streaming);
      await at(begin + 10n);
      await as(ada).delegate(ben);
      await at(begin + 20n);
      await as(ada).requestUnstake(2_000n * TOKEN);
      await at(begin + 30n);
      await as(ben).delegate(ZeroAddress);
      await networkHelpers.mine();
      const past = async (seconds: bigint) => [
        await voting.getPastVotes(ada, begin + seconds),
        await voting.getPastVotes(ben, begin + seconds),
        await voting.getPastTotalSupply(begin + seconds),
      ];
      expect(await past(9n)).to.deep.equal([3_000n * TOKEN, 1_000n * TOKEN, 4_000n * TOKEN]);
      expect(await past(10n)).to.deep.equal([0n, 4_000n * TOKEN, 4_000n * TOKEN]);
      expect(await past(19n)).to.deep.equal([0n, 4_000n * TOKEN, 4_000n * TOKEN]);
      expect(await past(20n)).to.deep.equal([0n, 2_000n * TOKEN, 2_000n * TOKEN]);
      expect(await past(30n)).to.deep.equal([0n, 1_000n * TOKEN, 2_000n * TOKEN]);
      await expect(voting.getPastVotes(ada, await now()))
        .to.be.revertedWithCustomError(voting, "ERC5805FutureLookup")
        .withArgs(await now(), await now());
    });

    it("follow a good signed delegation once, and refuse a late, used or forged one", async () => {
      const { voting, ada, ben, cleo, stranger, begin } = await networkHelpers.loadFixture(streaming);
      const { chainId } = await ethers.provider.getNetwork();
      const verifyingContract = await voting.getAddress();
      const domain = { name: "X.me Voting Power", version: "1", chainId, verifyingContract };
      const expiry = begin + DAY;
      const message = { delegatee: ben.address, nonce: 0n, expiry };
      const { v, r, s } = Signature.from(await ada.signTypedData(domain, DELEGATION_TYPES, message));
      const send = async (delegatee: HardhatEthersSigner) =>
        voting.connect(stranger).delegateBySig(delegatee, 0n, expiry, v, r, s);
      await send(cleo);
      expect(await voting.delegates(ada), "forged, it is somebody else's").to.equal(ada.address);
      await expect(send(ben)).to.emit(voting, "DelegateChanged").withArgs(ada.address, ada.address, ben.address);
      expect([await voting.getVotes(ada), await voting.getVotes(ben)]).to.deep.equal([0n, 4_000n * TOKEN]);
      expect(await voting.nonces(ada)).to.equal(1n);
      await expect(send(ben)).to.be.revertedWithCustomError(voting, "InvalidAccountNonce").withArgs(ada.address, 1n);
      await networkHelpers.time.increaseTo(expiry);
      await expect(send(ben)).to.be.revertedWithCustomError(voting, "VotesExpiredSignature").withArgs(expiry);
    });
  });

  describe("the emission vault", () => {
    it("is drawn from in the first call of a month, for the month after", async () => {
      const { voting, vault, xmex, ada, begin, start } = await networkHelpers.loadFixture(drawing);
      const emission = new EmissionModel(start, SHARES);
      const first = emission.accrued(Number(STREAM), begin + MONTH + 60n);
      await at(begin + MONTH + 60n);
      const call = voting.advance();
      await expect(call)
        .to.emit(vault, "Drawn")
        .withArgs(STREAM, await voting.getAddress(), await voting.getAddress(), first);
      await expect(call)
        .to.emit(voting, "XmexIncomeAdded")
        .withArgs(await vault.getAddress(), first);
      const { active, next, perSecond } = await voting.distribution();
      expect([active, next, perSecond]).to.deep.equal([0n, first, 0n]);
      expect(await vault.available(STREAM)).to.equal(0n);
      const before = await voting.earned(ada);
      await networkHelpers.time.increaseTo(begin + 2n * MONTH);
      expect((await voting.distribution()).perSecond).to.equal(first / MONTH);
      await networkHelpers.time.increaseTo(begin + 3n * MONTH);
      expect(within((await voting.earned(ada)) - before, (first * 3n) / 4n, 5n)).to.equal(true);
      expect(await xmex.balanceOf(voting)).to.equal(MONTHLY + first);
    });

    it("is drawn from in whatever call that is", async () => {
      const { voting, vault, ada, as, begin, start } = await networkHelpers.loadFixture(drawing);
      await as(ada).requestUnstake(TOKEN);
      const amount = new EmissionModel(start, SHARES).accrued(Number(STREAM), begin + MONTH);
      const snapshot = await networkHelpers.takeSnapshot();
      for (const call of [
        async () => as(ada).stake(1n),
        async () => as(ada).stakeWithPermit(1n, 0n, 27, ZeroHash, ZeroHash),
        async () => as(ada).requestUnstake(1n),
        async () => as(ada).restake(1n),
        async () => as(ada).claim(ada),
        async () => as(ada).addXmexIncome(0n),
        async () => as(ada).advance(),
      ]) {
        await at(begin + MONTH);
        await expect(call())
          .to.emit(voting, "XmexIncomeAdded")
          .withArgs(await vault.getAddress(), amount);
        expect((await voting.distribution()).next).to.equal(amount);
        await snapshot.restore();
      }
    });

    it("is left alone in later calls of the same month", async () => {
      const { voting, vault, ada, as, begin } = await networkHelpers.loadFixture(drawing);
      await at(begin + MONTH - 1n);
      await expect(voting.advance()).not.to.emit(vault, "Drawn");
      await at(begin + MONTH);
      await expect(voting.advance()).to.emit(vault, "Drawn");
      const { next } = await voting.distribution();
      for (const second of [begin + MONTH + 1n, begin + 2n * MONTH - 1n]) {
        await at(second);
        await expect(as(ada).stake(1n)).not.to.emit(vault, "Drawn");
      }
      expect((await voting.distribution()).next).to.equal(next);
      await at(begin + 2n * MONTH);
      await expect(voting.advance()).to.emit(vault, "Drawn");
    });

    it("may name another drawer or none, and users go on without", async () => {
      const { voting, vault, xmex, ada, ben, stranger, as, begin } = await networkHelpers.loadFixture(drawing);
      let month = begin;
      for (const drawer of [stranger.address, ZeroAddress]) {
        await vault.setDrawer(STREAM, drawer);
        month += MONTH;
        await at(month);
        await expect(as(ada).stake(TOKEN)).not.to.emit(vault, "Drawn");
        for (const call of [
          async () => as(ada).requestUnstake(TOKEN),
          async () => as(ada).restake(TOKEN / 2n),
          async () => as(ben).addXmexIncome(MONTHLY),
          async () => as(ada).claim(ada),
          async () => voting.advance(),
          async () => as(ada).withdraw(ada),
        ]) {
          month += MONTH;
          await at(month);
          await expect(call()).not.to.emit(vault, "Drawn");
        }
      }
      const before = await vault.available(STREAM);
      expect(before > 0n).to.equal(true);
      await vault.setDrawer(STREAM, voting);
      await at(month + MONTH);
      await voting.advance();
      expect(await vault.available(STREAM)).to.equal(0n);
      expect((await voting.distribution()).next > before, "it draws what waited").to.equal(true);
      expect((await xmex.balanceOf(voting)) > before).to.equal(true);
    });

    it("may take its share away or come to its end: what was accrued streams, then nothing", async () => {
      const { voting, vault, xmex, governance, ada, ben, as, begin, start } = await networkHelpers.loadFixture(drawing);
      const emission = new EmissionModel(start, SHARES);
      const stream = Number(STREAM);
      await at(begin + DAY);
      await vault.connect(governance).setShares(NO_SHARE);
      emission.setShares(begin + DAY, NO_SHARE);
      const accrued = emission.accrued(stream, begin + MONTH);
      await at(begin + MONTH);
      await expect(voting.advance())
        .to.emit(voting, "XmexIncomeAdded")
        .withArgs(await vault.getAddress(), accrued);
      await at(begin + 2n * MONTH);
      await expect(as(ada).stake(1n)).not.to.emit(voting, "XmexIncomeAdded");
      await vault.connect(governance).setShares(SHARES);
      emission.setShares(await now(), SHARES);
      const rest = emission.accrued(stream, start + EMISSION_DURATION) - accrued;
      await at(start + 9n * YEAR);
      await expect(as(ada).requestUnstake(1n))
        .to.emit(voting, "XmexIncomeAdded")
        .withArgs(await vault.getAddress(), rest);
      await at(start + 10n * YEAR);
      await expect(as(ada).claim(ada)).not.to.emit(voting, "XmexIncomeAdded");
      await as(ben).claim(ben);
      expect((await xmex.balanceOf(voting)) < 10n, "all but dust is paid").to.equal(true);
    });

    it("may be unable to pay, which stops nobody, and is drawn from when it can", async () => {
      const { governance, ada, xme, xmex, manager } = await networkHelpers.loadFixture(deploy);
      const born = await now();
      const empty = await ethers.deployContract("EmissionVault", [xmex, manager, born, SHARES]);
      const voting = await ethers.deployContract("VotingXME", [xme, xmex, empty, STREAM]);
      await empty.connect(governance).setDrawer(STREAM, voting);
      await xme.connect(ada).approve(voting, MaxUint256);
      const month = (born / MONTH + 1n) * MONTH;
      await at(month);
      await voting.connect(ada).stake(2_000n * TOKEN);
      await at(month + MONTH);
      await voting.connect(ada).requestUnstake(TOKEN);
      await at(month + 2n * MONTH);
      await voting.connect(ada).withdraw(ada);
      await voting.advance();
      expect((await voting.distribution()).next).to.equal(0n);
      expect(await empty.netDrawn(STREAM)).to.equal(0n);
      await xmex.connect(governance).transfer(empty, 5_000_000_000n * TOKEN);
      await at(month + 3n * MONTH);
      const amount = new EmissionModel(born, SHARES).accrued(Number(STREAM), month + 3n * MONTH);
      await expect(voting.advance())
        .to.emit(voting, "XmexIncomeAdded")
        .withArgs(await empty.getAddress(), amount);
    });

    it("cannot be passed over by too little gas: a call fails as a whole", async () => {
      const { voting, vault, stranger, begin } = await networkHelpers.loadFixture(drawing);
      const snapshot = await networkHelpers.takeSnapshot();
      const most = hre.globalOptions.coverage ? 400_000n : 130_000n;
      const ends = { failed: 0, drawn: 0 };
      for (let gasLimit = 22_000n; gasLimit < most; gasLimit += (most - 22_000n) / 300n) {
        await at(begin + MONTH);
        const { hash } = await voting
          .connect(stranger)
          .advance({ gasLimit })
          .catch(() => ({ hash: undefined }));
        const done = hash === undefined ? 0 : (await ethers.provider.getTransactionReceipt(hash))?.status;
        if (done === 1) {
          expect(await vault.available(STREAM), `passed over with ${gasLimit} gas`).to.equal(0n);
          ends.drawn++;
        } else {
          ends.failed++;
        }
        await snapshot.restore();
      }
      expect(ends.failed, "failed").to.be.greaterThan(20);
      expect(ends.drawn, "drawn").to.be.greaterThan(20);
    });
  });

  describe("years of random calls", () => {
    type Call =
      "stake" | "requestUnstake" | "restake" | "withdraw" | "claim" | "addXmexIncome" | "advance" | "delegate";
    type Governed = "setShares" | "setDrawer";

    /** Eight actors with XME and XMEX, and the vault's stream. */
    async function arena() {
      const [governance, stranger, ...others] = await ethers.getSigners();
      if (!governance || !stranger) throw new Error("too few accounts");
      const actors = others.slice(0, 8);
      const xme = await ethers.deployContract("XME");
      const xmex = await ethers.deployContract("XMEX");
      const manager = await ethers.deployContract("AccessManager", [governance]);
      const start = await now();
      const vault = await ethers.deployContract("EmissionVault", [xmex, manager, start, SHARES]);
      await xmex.transfer(vault, EMISSION_ALLOCATION);
      const voting = await ethers.deployContract("VotingXME", [xme, xmex, vault, STREAM]);
      const born = await now();
      await vault.setDrawer(STREAM, voting);
      for (const actor of actors) {
        await xme.transfer(actor, 100_000_000n * TOKEN);
        await xmex.transfer(actor, 1_000_000_000n * TOKEN);
        await xme.connect(actor).approve(voting, MaxUint256);
        await xmex.connect(actor).approve(voting, MaxUint256);
      }
      const lens = await ethers.deployContract("VotesLens");
      return { governance, stranger, actors, xme, xmex, vault, voting, lens, start, born };
    }

    /** Some way ahead: seconds, days, months, to the edges of a month, now and then years. */
    function later(random: Random, time: bigint): bigint {
      const month = (time / MONTH + 1n) * MONTH;
      if (random.once(50n)) return time + random.between(YEAR, 3n * YEAR);
      return random.pick([
        time + 1n,
        time + random.magnitude(1n, DAY),
        time + random.between(1n, 7n * DAY),
        time + random.between(1n, 2n * MONTH),
        month > time + 1n ? month - 1n : month,
        month,
      ]);
    }

    async function play(seed: bigint, steps: number): Promise<Map<string, number>> {
      const world = await networkHelpers.loadFixture(arena);
      const { governance, stranger, actors, xme, xmex, vault, voting, lens, start, born } = world;
      const random = new Random(seed);
      const emission = new EmissionModel(start, SHARES);
      const itself = await voting.getAddress();
      let drawer = itself;
      const model = new VotingModel(born, (time) => {
        if (drawer !== itself) return 0n;
        const amount = emission.available(Number(STREAM), time);
        emission.draw(Number(STREAM), time, amount);
        if (amount > 0n) count("drawn");
        return amount;
      });
      const done = new Map<string, number>();
      const count = (what: string) => done.set(what, (done.get(what) ?? 0) + 1);
      // at the beginning of a month, so that a seed does the same on every day
      let time = ((await now()) / MONTH + 1n) * MONTH;
      await networkHelpers.time.increaseTo(time);

      /** Some of `whole`: often little, all of it, or a wei too much. */
      const some = (whole: bigint): bigint => {
        if (whole === 0n) return random.between(0n, 1n);
        return random.pick([whole, random.magnitude(1n, whole), random.between(1n, whole), whole + 1n, 0n]);
      };

      const prepare = async (call: Call, actor: HardhatEthersSigner) => {
        const who = actor.address;
        const as = voting.connect(actor);
        switch (call) {
          case "stake": {
            const amount = random.once(8n) ? 0n : random.magnitude(1n, (await xme.balanceOf(actor)) || 1n);
            return {
              error: "VotingXME_AmountIsZero",
              expected: () => model.stake(who, amount, time),
              send: async () => as.stake(amount),
            };
          }
          case "requestUnstake": {
            const amount = some(model.staked(who));
            return {
              error: amount === 0n ? "VotingXME_AmountIsZero" : "VotingXME_AboveStaked",
              expected: () => model.requestUnstake(who, amount, time),
              send: async () => as.requestUnstake(amount),
            };
          }
          case "restake": {
            const amount = some(model.pending(who));
            return {
              error: amount === 0n ? "VotingXME_AmountIsZero" : "VotingXME_AbovePending",
              expected: () => model.restake(who, amount, time),
              send: async () => as.restake(amount),
            };
          }
          case "withdraw":
            return {
              error: model.pending(who) === 0n ? "VotingXME_NothingPending" : "VotingXME_StillWaiting",
              expected: () => void model.withdraw(who, time),
              send: async () => as.withdraw(actor),
            };
          case "claim":
            return {
              error: "VotingXME_NothingEarned",
              expected: () => void model.claim(who, time),
              send: async () => as.claim(actor),
            };
          case "addXmexIncome": {
            const amount = random.magnitude(1n, (await xmex.balanceOf(actor)) / 20n + 1n);
            return {
              error: undefined,
              expected: () => model.addIncome(amount, time),
              send: async () => as.addXmexIncome(amount),
            };
          }
          case "advance":
            return { error: undefined, expected: () => model.advance(time), send: async () => as.advance() };
          case "delegate": {
            const delegatee = random.once(5n) ? undefined : random.pick([actor, ...actors]).address;
            return {
              error: undefined,
              expected: () => model.delegate(who, delegatee, time),
              send: async () => as.delegate(delegatee ?? ZeroAddress),
            };
          }
        }
      };

      const govern = async (call: Governed) => {
        count(call);
        if (call === "setShares") {
          const shares = random.pick([SHARES, NO_SHARE]);
          await vault.connect(governance).setShares(shares);
          emission.setShares(time, shares);
        } else {
          drawer = random.pick([itself, itself, itself, stranger.address, ZeroAddress]);
          await vault.connect(governance).setDrawer(STREAM, drawer);
        }
      };

      const perform = async (call: Call, actor: HardhatEthersSigner, where: string) => {
        const { error, expected, send } = await prepare(call, actor);
        let refused = false;
        try {
          expected();
        } catch (cause) {
          if (!(cause instanceof RangeError)) throw cause;
          refused = true;
        }
        if (!refused) {
          await send();
          count(call);
        } else if (error !== undefined) {
          await expect(send(), where).to.be.revertedWithCustomError(voting, error);
          await networkHelpers.mine(); // a refusal leaves no block behind
          count("refused");
        } else throw new Error(`the model refuses ${call} ${where}`);
      };

      const compare = async (where: string) => {
        const all = await lens.read(voting, actors);
        const then = all.timestamp;
        expect(then, where).to.equal(time);
        const { active, next, perSecond, endsAt } = model.distribution(then);
        expect([all.active, all.next, all.perSecond, all.endsAt], `distribution ${where}`).to.deep.equal([
          active,
          next,
          perSecond,
          endsAt,
        ]);
        expect([all.supply, all.xme, all.xmex], `totals ${where}`).to.deep.equal([
          model.supply(),
          model.xmeHeld(),
          model.xmexHeld(),
        ]);
        let [pending, earned, votes] = [0n, 0n, 0n];
        for (const [index, { address }] of actors.entries()) {
          const holder = all.holders[index];
          const claimable = model.earned(address, then);
          expect(holder && [...holder], `${address} ${where}`).to.deep.equal([
            model.staked(address),
            model.pending(address),
            model.availableAt(address),
            model.withdrawable(address, then),
            claimable,
            claimable,
            model.votes(address, then),
            model.delegateOf(address) ?? ZeroAddress,
          ]);
          pending += model.pending(address);
          earned += claimable;
          votes += model.votes(address, then);
        }
        expect(all.xme, `XME ${where}`).to.equal(all.supply + pending);
        expect(votes <= all.supply, `votes ${where}`).to.equal(true);
        const dust = all.xmex - earned - active - next;
        // less than a wei for each of two segments of a call, and one for each time somebody was settled
        expect(dust >= 0n && dust < 3n * BigInt(steps) + 50n, `dust of ${dust} wei ${where}`).to.equal(true);
        const past = random.between(start, then - 1n);
        const { address } = random.pick(actors);
        expect(await voting.getPastVotes(address, past), `votes at ${past} ${where}`).to.equal(
          model.votes(address, past),
        );
        expect(await voting.getPastTotalSupply(past), `supply at ${past} ${where}`).to.equal(model.supplyAt(past));
      };

      const calls: readonly (Call | Governed)[] = [
        ...(["stake", "stake", "stake", "requestUnstake", "requestUnstake", "restake", "restake"] as const),
        ...([
          "withdraw",
          "claim",
          "addXmexIncome",
          "addXmexIncome",
          "advance",
          "delegate",
          "setShares",
          "setDrawer",
        ] as const),
      ];
      for (let step = 0; step < steps; step++) {
        const where = `at step ${step} of seed ${seed}`;
        // Nobody calls for five years in the middle, whatever the seed.
        time = later(random, time) + (step === Math.floor(steps / 2) ? 5n * YEAR : 0n);
        await at(time);
        const call = random.pick(calls);
        const waiting = actors.filter(({ address }) => model.pending(address) > 0n);
        const most = call === "restake" && waiting.length > 0 ? waiting : actors;
        if (call === "setShares" || call === "setDrawer") await govern(call);
        else await perform(call, random.pick(most), where);
        await compare(where);
      }

      for (const { address } of actors) {
        if (model.staked(address) === 0n) continue;
        await at(++time);
        model.requestUnstake(address, model.staked(address), time);
        await voting.connect(await ethers.getSigner(address)).requestUnstake(await voting.balanceOf(address));
      }
      time += UNSTAKE_DELAY;
      for (const actor of actors) {
        for (const call of ["withdraw", "claim"] as const) {
          await at(++time);
          await perform(call, actor, `at the end of seed ${seed}`);
        }
      }
      await compare(`at the end of seed ${seed}`);
      expect(await xme.balanceOf(voting)).to.equal(0n);
      expect(time - born > 5n * YEAR, "years").to.equal(true);
      return done;
    }

    it("agree with the model at every step, to the wei", async () => {
      const done = await play(4n, effort(150, 300));
      const least = Math.min(...done.values());
      expect(done.size, JSON.stringify([...done])).to.equal(12);
      expect(least, JSON.stringify([...done])).to.be.at.least(5);
      await play(SEED, effort(40, 100));
    });
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    /** What Ada's claim, two stakes of Cleo, and Ada's request, second thought and withdrawal cost. */
    async function costsOf({ ada, cleo, as }: Awaited<ReturnType<typeof deploy>>): Promise<bigint[]> {
      const costs = [await gasOf(as(ada).claim(ada))];
      costs.push(await gasOf(as(cleo).stake(TOKEN + 1n)), await gasOf(as(cleo).stake(TOKEN + 1n)));
      costs.push(await gasOf(as(ada).requestUnstake(TOKEN + 1n)), await gasOf(as(ada).restake(TOKEN)));
      await networkHelpers.time.increase(UNSTAKE_DELAY);
      costs.push(await gasOf(as(ada).withdraw(ada)));
      return costs;
    }

    it("does not depend on how many stake", async () => {
      const world = await networkHelpers.loadFixture(streaming);
      const { governance, voting, xme, begin } = world;
      const crowd = await ethers.deployContract("VotesCrowd");
      await xme.connect(governance).transfer(crowd, 100_000n * TOKEN);
      await crowd.stake(voting, 8n, TOKEN);
      const ten = await networkHelpers.takeSnapshot();
      await at(begin + DAY);
      const ofTen = await costsOf(world);
      await ten.restore();
      for (let more = 0; more < 990; more += 45) await crowd.stake(voting, 45n, TOKEN, { gasLimit: 25_000_000n });
      expect(await voting.totalSupply()).to.equal(4_998n * TOKEN);
      await at(begin + DAY);
      const ofThousand = await costsOf(world);
      if (hre.globalOptions.coverage) return;
      expect(ofThousand).to.deep.equal(ofTen);
    });

    it("does not depend on idle months", async () => {
      const world = await networkHelpers.loadFixture(drawing);
      const { governance, cleo, as, begin } = world;
      await as(governance).addXmexIncome(MONTHLY);
      const idle = await networkHelpers.takeSnapshot();
      const costs: bigint[][] = [];
      for (const months of [1n, 2n, 3n, 36n]) {
        await at(begin + months * MONTH + DAY);
        const first = await gasOf(as(cleo).stake(TOKEN));
        await at(begin + (months + 1n) * MONTH + DAY);
        costs.push([first, ...(await costsOf(world))]);
        await idle.restore();
      }
      if (hre.globalOptions.coverage) return;
      // No slot is empty before or after in one case and not in the other: what differs is arithmetic that zeros make shorter.
      for (const cost of costs) {
        const apart = cost.map((gas, call) => gas - (costs[0]?.[call] ?? 0n));
        expect(
          apart.every((gas) => gas < 500n && gas > -500n),
          apart.join(", "),
        ).to.equal(true);
      }
    });

    it("keeps within its budget", async () => {
      const { governance, voting, ada, ben, cleo, stranger, vault, as, begin } =
        await networkHelpers.loadFixture(streaming);
      await at(begin + DAY);
      const costs: [name: string, gas: bigint, budget: bigint][] = [
        ["first stake", await gasOf(as(cleo).stake(2_500n * TOKEN + 1n)), 210_000n],
        ["next stake", await gasOf(as(cleo).stake(2_500n * TOKEN + 1n)), 135_000n],
        ["claim", await gasOf(as(ada).claim(ada)), 62_000n],
        ["requestUnstake", await gasOf(as(ada).requestUnstake(1_500n * TOKEN + 1n)), 120_000n],
        ["restake", await gasOf(as(ada).restake(500n * TOKEN + 1n)), 120_000n],
        ["addXmexIncome", await gasOf(as(ben).addXmexIncome(TOKEN)), 56_000n],
        ["advance", await gasOf(voting.advance()), 37_000n],
      ];
      await networkHelpers.time.increase(UNSTAKE_DELAY);
      costs.push(["withdraw to an account without XME", await gasOf(as(ada).withdraw(stranger)), 64_000n]);
      await vault.setDrawer(STREAM, voting);
      await at(begin + MONTH);
      costs.push(["first stake, with the first draw", await gasOf(as(governance).stake(TOKEN + 1n)), 260_000n]);
      await at(begin + 2n * MONTH);
      costs.push(["next stake, with a draw", await gasOf(as(governance).stake(TOKEN + 1n)), 168_000n]);
      await at(begin + 3n * MONTH);
      costs.push(["claim, with a draw", await gasOf(as(ada).claim(ada)), 88_000n]);
      if (hre.globalOptions.coverage) return;
      for (const [name, gas, budget] of costs) expect(gas, name).to.be.below(budget);
    });
  });
});

/** Whether two amounts lie at most `apart` wei apart. */
function within(one: bigint, other: bigint, apart: bigint): boolean {
  return one - other <= apart && other - one <= apart;
}
