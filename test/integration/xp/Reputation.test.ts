import { expect } from "chai";
import { type ContractTransactionResponse, MaxUint256, Signature, ZeroAddress, ZeroHash, id } from "ethers";
import hre, { network } from "hardhat";

import {
  MAX_BONUS_WAD,
  MAX_SUCCESS_WAD,
  ReputationModel,
  UNLOCK_DELAY,
  ageBonus,
  lockBonus,
  realLockBonus,
  successPart,
  trustParts,
  trustScore,
} from "../../../src/xp/trust.js";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { effort } from "../../support/effort.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import { seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const XP = 10n ** 18n;
const DAY = 86_400n;
const YEAR = 365n * DAY;
const AGENT = 1n;
const OTHER_AGENT = 7n;
const UNKNOWN_AGENT = 99n;

/** The `index`-th of this run's random numbers named `name`. */
function roll(name: string, index: number | bigint): bigint {
  return BigInt(id(`${SEED} ${name} ${index}`));
}

describe("Reputation", () => {
  async function deploy() {
    const [admin, ada, ben, cleo, stranger] = await ethers.getSigners();
    if (!admin || !ada || !ben || !cleo || !stranger) throw new Error("too few accounts");
    const manager = await ethers.deployContract("AccessManager", [admin]);
    const xp = await ethers.deployContract("XP", [manager]);
    const agents = await ethers.deployContract("ReputationAgents");
    const reputation = await ethers.deployContract("Reputation", [xp, agents, agents]);
    const birth = BigInt(await networkHelpers.time.latest()) + 1_000n;
    await agents.register(AGENT, birth);
    await agents.register(OTHER_AGENT, birth);
    for (const backer of [ada, ben, cleo]) {
      await xp.mint(backer, 1_000_000n * XP);
      await xp.connect(backer).approve(reputation, MaxUint256);
    }
    await networkHelpers.time.increaseTo(birth);
    const as = (backer: HardhatEthersSigner) => reputation.connect(backer);
    const backing = async (agentId: bigint, backer: HardhatEthersSigner) => [
      ...(await reputation.backingOf(agentId, backer)),
    ];
    const bonus = async (agentId: bigint) => (await reputation.partsOf(agentId)).bonusWad;
    return { ada, ben, cleo, stranger, birth, xp, agents, reputation, as, backing, bonus };
  }

  /** Ada has 60 XP locked and 40 waiting, Ben 100 locked. */
  async function backed() {
    const world = await deploy();
    const { ada, ben, birth, as } = world;
    await as(ada).lock(AGENT, 100n * XP);
    await as(ben).lock(AGENT, 100n * XP);
    const asked = birth + DAY;
    await networkHelpers.time.setNextBlockTimestamp(asked);
    await as(ada).unlock(AGENT, 40n * XP);
    return { ...world, asked, availableAt: asked + UNLOCK_DELAY };
  }

  describe("constructor", () => {
    it("refuses XP, a registry or a market without code", async () => {
      const { reputation, xp, agents, stranger } = await networkHelpers.loadFixture(deploy);
      for (const [parameters, error] of [
        [[stranger, agents, agents], "Reputation_XpHasNoCode"],
        [[xp, stranger, agents], "Reputation_RegistryHasNoCode"],
        [[xp, agents, stranger], "Reputation_MarketHasNoCode"],
      ] as const) {
        await expect(ethers.deployContract("Reputation", [...parameters]))
          .to.be.revertedWithCustomError(reputation, error)
          .withArgs(stranger.address);
      }
    });

    it("shows all three and the source's numbers", async () => {
      const { reputation, xp, agents } = await networkHelpers.loadFixture(deploy);
      const other = await ethers.deployContract("ReputationAgents");
      const apart = await ethers.deployContract("Reputation", [xp, agents, other]);
      expect(await apart.xp()).to.equal(await xp.getAddress());
      expect(await apart.registry()).to.equal(await agents.getAddress());
      expect(await apart.market()).to.equal(await other.getAddress());
      expect(await reputation.UNLOCK_DELAY()).to.equal(7n * DAY);
      expect(await reputation.MAX_SUCCESS_WAD()).to.equal(50n * XP);
      expect(await reputation.MAX_BONUS_WAD()).to.equal(30n * XP);
      expect(await reputation.MAX_AGE_WAD()).to.equal(20n * XP);
      expect(Number(await reputation.SECONDS_PER_POINT())).to.equal(18.25 * 86_400);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("Reputation");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("lock", () => {
    it("refuses nothing", async () => {
      const { reputation, ada, as } = await networkHelpers.loadFixture(deploy);
      await expect(as(ada).lock(AGENT, 0n))
        .to.be.revertedWithCustomError(reputation, "Reputation_AmountIsZero")
        .withArgs(AGENT);
    });

    it("refuses an agent that was never registered", async () => {
      const { reputation, ada, as } = await networkHelpers.loadFixture(deploy);
      for (const agentId of [0n, UNKNOWN_AGENT]) {
        await expect(as(ada).lock(agentId, 1n))
          .to.be.revertedWithCustomError(reputation, "Reputation_UnknownAgent")
          .withArgs(agentId);
      }
    });

    it("refuses what does not fit, is not allowed or is not there, and changes nothing", async () => {
      const { reputation, xp, ada, stranger, as, backing } = await networkHelpers.loadFixture(deploy);
      const address = await reputation.getAddress();
      await as(ada).lock(AGENT, XP);
      for (const amount of [2n ** 96n, MaxUint256]) {
        await expect(as(ada).lock(AGENT, amount))
          .to.be.revertedWithCustomError(reputation, "SafeCastOverflowedUintDowncast")
          .withArgs(96n, amount);
      }
      await expect(as(ada).lock(AGENT, 1_000_000n * XP))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientBalance")
        .withArgs(ada.address, 999_999n * XP, 1_000_000n * XP);
      await expect(as(stranger).lock(AGENT, 1n))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientAllowance")
        .withArgs(address, 0n, 1n);
      expect(await backing(AGENT, ada)).to.deep.equal([XP, 0n, 0n]);
      expect(await reputation.lockedTo(AGENT)).to.equal(XP);
    });

    it("counts it for the backer and the agent, moves it and tells", async () => {
      const { reputation, xp, ada, as, backing, bonus } = await networkHelpers.loadFixture(deploy);
      await expect(as(ada).lock(AGENT, 25n * XP))
        .to.emit(reputation, "Locked")
        .withArgs(AGENT, ada.address, 25n * XP);
      expect(await backing(AGENT, ada)).to.deep.equal([25n * XP, 0n, 0n]);
      expect(await reputation.lockedTo(AGENT)).to.equal(25n * XP);
      expect(await bonus(AGENT)).to.equal(lockBonus(25n * XP));
      expect(await xp.balanceOf(reputation)).to.equal(25n * XP);
      expect(await xp.balanceOf(ada)).to.equal(999_975n * XP);
    });

    it("adds up over backers, and keeps agents apart", async () => {
      const { reputation, ada, ben, as, backing, bonus } = await networkHelpers.loadFixture(deploy);
      await as(ada).lock(AGENT, 300n * XP);
      await as(ben).lock(AGENT, 500n * XP);
      await as(ada).lock(AGENT, 5n);
      await as(ben).lock(OTHER_AGENT, 2n * XP);
      expect(await backing(AGENT, ada)).to.deep.equal([300n * XP + 5n, 0n, 0n]);
      expect(await backing(AGENT, ben)).to.deep.equal([500n * XP, 0n, 0n]);
      expect(await backing(OTHER_AGENT, ada)).to.deep.equal([0n, 0n, 0n]);
      expect(await reputation.lockedTo(AGENT)).to.equal(800n * XP + 5n);
      expect(await reputation.lockedTo(OTHER_AGENT)).to.equal(2n * XP);
      expect(await bonus(AGENT)).to.equal(lockBonus(800n * XP + 5n));
      expect(await bonus(OTHER_AGENT)).to.equal(lockBonus(2n * XP));
    });

    it("leaves waiting what waits", async () => {
      const { ada, as, backing, availableAt } = await networkHelpers.loadFixture(backed);
      await networkHelpers.time.increase(DAY);
      await as(ada).lock(AGENT, 5n * XP);
      expect(await backing(AGENT, ada)).to.deep.equal([65n * XP, 40n * XP, availableAt]);
    });
  });

  describe("lockWithPermit", () => {
    const AMOUNT = 50n * XP;

    async function permitted() {
      const world = await deploy();
      const { xp, reputation, ada, birth } = world;
      await xp.connect(ada).approve(reputation, 0n);
      const { chainId } = await ethers.provider.getNetwork();
      const domain = { name: "Xonomy XP", version: "1", chainId, verifyingContract: await xp.getAddress() };
      const deadline = birth + YEAR;
      const spender = await reputation.getAddress();
      const message = { owner: ada.address, spender, value: AMOUNT, nonce: 0n, deadline };
      const { v, r, s } = Signature.from(await ada.signTypedData(domain, PERMIT_TYPES, message));
      return { ...world, spender, permit: [deadline, v, r, s] as const };
    }

    it("locks with a good signature without an allowance, and leaves none", async () => {
      const { reputation, xp, ada, as, permit, backing } = await networkHelpers.loadFixture(permitted);
      await expect(as(ada).lockWithPermit(AGENT, AMOUNT, ...permit))
        .to.emit(reputation, "Locked")
        .withArgs(AGENT, ada.address, AMOUNT);
      expect(await backing(AGENT, ada)).to.deep.equal([AMOUNT, 0n, 0n]);
      expect(await xp.allowance(ada, reputation)).to.equal(0n);
    });

    it("locks all the same where somebody used the signature first", async () => {
      const { xp, ada, stranger, as, permit, spender, backing } = await networkHelpers.loadFixture(permitted);
      await xp.connect(stranger).permit(ada, spender, AMOUNT, ...permit);
      await as(ada).lockWithPermit(AGENT, AMOUNT, ...permit);
      expect(await backing(AGENT, ada)).to.deep.equal([AMOUNT, 0n, 0n]);
    });

    it("locks all the same with a bad signature and an allowance", async () => {
      const { ben, as, backing } = await networkHelpers.loadFixture(permitted);
      await as(ben).lockWithPermit(AGENT, AMOUNT, 0n, 27, ZeroHash, ZeroHash);
      expect(await backing(AGENT, ben)).to.deep.equal([AMOUNT, 0n, 0n]);
    });

    it("fails in the token with a bad signature and no allowance", async () => {
      const { xp, ada, as, permit, spender } = await networkHelpers.loadFixture(permitted);
      await expect(as(ada).lockWithPermit(AGENT, AMOUNT + 1n, ...permit))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientAllowance")
        .withArgs(spender, 0n, AMOUNT + 1n);
    });
  });

  describe("unlock", () => {
    it("refuses nothing", async () => {
      const { reputation, ada, as } = await networkHelpers.loadFixture(backed);
      await expect(as(ada).unlock(AGENT, 0n))
        .to.be.revertedWithCustomError(reputation, "Reputation_AmountIsZero")
        .withArgs(AGENT);
    });

    it("refuses more than the backer has locked there: by one wei, to a stranger, to the backer of another agent", async () => {
      const { reputation, ada, ben, stranger, as } = await networkHelpers.loadFixture(backed);
      for (const [agentId, backer, amount, locked] of [
        [AGENT, ada, 60n * XP + 1n, 60n * XP],
        [AGENT, stranger, 1n, 0n],
        [OTHER_AGENT, ben, 1n, 0n],
        [UNKNOWN_AGENT, ben, MaxUint256, 0n],
      ] as const) {
        await expect(as(backer).unlock(agentId, amount))
          .to.be.revertedWithCustomError(reputation, "Reputation_AboveLocked")
          .withArgs(agentId, backer.address, amount, locked);
      }
    });

    it("stops counting at once, waits seven days and tells", async () => {
      const { reputation, xp, ada, ben, birth, as, backing, bonus } = await networkHelpers.loadFixture(backed);
      const now = birth + 2n * DAY;
      await networkHelpers.time.setNextBlockTimestamp(now);
      await expect(as(ben).unlock(AGENT, 70n * XP))
        .to.emit(reputation, "UnlockStarted")
        .withArgs(AGENT, ben.address, 70n * XP, now + 7n * DAY);
      expect(await backing(AGENT, ben)).to.deep.equal([30n * XP, 70n * XP, now + 7n * DAY]);
      expect(await reputation.lockedTo(AGENT)).to.equal(90n * XP);
      expect(await bonus(AGENT)).to.equal(lockBonus(90n * XP));
      expect(await xp.balanceOf(reputation), "nothing has left").to.equal(200n * XP);
      await as(ben).unlock(AGENT, 30n * XP);
      await as(ada).unlock(AGENT, 60n * XP);
      expect(await bonus(AGENT)).to.equal(0n);
    });

    it("starts the wait anew for all that waits there, and for nothing else", async () => {
      const { ada, ben, birth, as, backing } = await networkHelpers.loadFixture(backed);
      const now = birth + 6n * DAY;
      await as(ada).lock(OTHER_AGENT, XP);
      await networkHelpers.time.setNextBlockTimestamp(now - DAY);
      await as(ada).unlock(OTHER_AGENT, XP);
      await networkHelpers.time.setNextBlockTimestamp(now);
      await as(ada).unlock(AGENT, 1n);
      expect(await backing(AGENT, ada)).to.deep.equal([60n * XP - 1n, 40n * XP + 1n, now + 7n * DAY]);
      expect(await backing(OTHER_AGENT, ada)).to.deep.equal([0n, XP, now + 6n * DAY]);
      expect(await backing(AGENT, ben)).to.deep.equal([100n * XP, 0n, 0n]);
    });
  });

  describe("relock", () => {
    it("refuses nothing", async () => {
      const { reputation, ada, as } = await networkHelpers.loadFixture(backed);
      await expect(as(ada).relock(AGENT, 0n))
        .to.be.revertedWithCustomError(reputation, "Reputation_AmountIsZero")
        .withArgs(AGENT);
    });

    it("refuses more than the backer has waiting there: by one wei and to a stranger", async () => {
      const { reputation, ada, ben, as } = await networkHelpers.loadFixture(backed);
      for (const [backer, amount, pending] of [
        [ada, 40n * XP + 1n, 40n * XP],
        [ada, MaxUint256, 40n * XP],
        [ben, 1n, 0n],
      ] as const) {
        await expect(as(backer).relock(AGENT, amount))
          .to.be.revertedWithCustomError(reputation, "Reputation_AbovePending")
          .withArgs(AGENT, backer.address, amount, pending);
      }
    });

    it("counts at once, and leaves the rest waiting as before", async () => {
      const { reputation, ada, as, backing, bonus, availableAt } = await networkHelpers.loadFixture(backed);
      await networkHelpers.time.increase(DAY);
      await expect(as(ada).relock(AGENT, 15n * XP))
        .to.emit(reputation, "Relocked")
        .withArgs(AGENT, ada.address, 15n * XP);
      expect(await backing(AGENT, ada)).to.deep.equal([75n * XP, 25n * XP, availableAt]);
      expect(await reputation.lockedTo(AGENT)).to.equal(175n * XP);
      expect(await bonus(AGENT)).to.equal(lockBonus(175n * XP));
    });

    it("forgets the wait with the last wei", async () => {
      const { reputation, ada, as, backing } = await networkHelpers.loadFixture(backed);
      await as(ada).relock(AGENT, 40n * XP - 1n);
      expect((await backing(AGENT, ada))[2]).to.not.equal(0n);
      await as(ada).relock(AGENT, 1n);
      expect(await backing(AGENT, ada)).to.deep.equal([100n * XP, 0n, 0n]);
      await networkHelpers.time.increase(YEAR);
      await expect(as(ada).withdraw(AGENT, ada)).to.be.revertedWithCustomError(reputation, "Reputation_NothingPending");
    });

    it("takes what has waited long enough too", async () => {
      const { ada, as, backing, availableAt } = await networkHelpers.loadFixture(backed);
      await networkHelpers.time.increaseTo(availableAt + YEAR);
      await as(ada).relock(AGENT, 39n * XP);
      expect(await backing(AGENT, ada)).to.deep.equal([99n * XP, XP, availableAt]);
    });
  });

  describe("withdraw", () => {
    it("refuses to pay Reputation itself", async () => {
      const { reputation, ada, as, availableAt } = await networkHelpers.loadFixture(backed);
      await networkHelpers.time.increaseTo(availableAt);
      await expect(as(ada).withdraw(AGENT, reputation)).to.be.revertedWithCustomError(
        reputation,
        "Reputation_RecipientIsReputation",
      );
    });

    it("fails in the token for the zero address, and keeps it waiting", async () => {
      const { xp, ada, as, backing, availableAt } = await networkHelpers.loadFixture(backed);
      await networkHelpers.time.increaseTo(availableAt);
      await expect(as(ada).withdraw(AGENT, ZeroAddress))
        .to.be.revertedWithCustomError(xp, "ERC20InvalidReceiver")
        .withArgs(ZeroAddress);
      expect(await backing(AGENT, ada)).to.deep.equal([60n * XP, 40n * XP, availableAt]);
    });

    it("refuses where nothing waits", async () => {
      const { reputation, ben, as } = await networkHelpers.loadFixture(backed);
      await expect(as(ben).withdraw(AGENT, ben))
        .to.be.revertedWithCustomError(reputation, "Reputation_NothingPending")
        .withArgs(AGENT, ben.address);
      expect(await reputation.withdrawable(AGENT, ben)).to.equal(0n);
    });

    it("refuses in the last second of the wait and pays in the next", async () => {
      const { reputation, xp, ada, as, asked } = await networkHelpers.loadFixture(backed);
      const last = asked + 7n * DAY - 1n;
      await networkHelpers.time.increaseTo(last - 1n);
      await networkHelpers.time.setNextBlockTimestamp(last);
      await expect(as(ada).withdraw(AGENT, ada))
        .to.be.revertedWithCustomError(reputation, "Reputation_StillWaiting")
        .withArgs(AGENT, ada.address, last + 1n, last);
      await networkHelpers.mine();
      expect(await networkHelpers.time.latest()).to.equal(Number(last));
      expect(await reputation.withdrawable(AGENT, ada)).to.equal(0n);
      await networkHelpers.time.setNextBlockTimestamp(last + 1n);
      await as(ada).withdraw(AGENT, ada);
      expect(await networkHelpers.time.latest()).to.equal(Number(last + 1n));
      expect(await xp.balanceOf(ada)).to.equal(999_940n * XP);
    });

    it("pays all of it anywhere, once, and tells", async () => {
      const { reputation, xp, ada, stranger, as, backing, bonus, availableAt } =
        await networkHelpers.loadFixture(backed);
      await networkHelpers.time.increaseTo(availableAt);
      expect(await reputation.withdrawable(AGENT, ada)).to.equal(40n * XP);
      expect(await as(ada).withdraw.staticCall(AGENT, stranger)).to.equal(40n * XP);
      await expect(as(ada).withdraw(AGENT, stranger))
        .to.emit(reputation, "Withdrawn")
        .withArgs(AGENT, ada.address, stranger.address, 40n * XP);
      expect(await xp.balanceOf(stranger)).to.equal(40n * XP);
      expect(await backing(AGENT, ada)).to.deep.equal([60n * XP, 0n, 0n]);
      expect(await bonus(AGENT), "only what is locked counts").to.equal(lockBonus(160n * XP));
      await expect(as(ada).withdraw(AGENT, stranger)).to.be.revertedWithCustomError(
        reputation,
        "Reputation_NothingPending",
      );
    });

    it("pays a hundred years later too", async () => {
      const { xp, ada, as, availableAt } = await networkHelpers.loadFixture(backed);
      await networkHelpers.time.increaseTo(availableAt + 100n * YEAR);
      await as(ada).withdraw(AGENT, ada);
      expect(await xp.balanceOf(ada)).to.equal(999_940n * XP);
    });

    it("pays each backer their own, whatever the others do", async () => {
      const { reputation, xp, ada, ben, cleo, as } = await networkHelpers.loadFixture(backed);
      await as(cleo).lock(AGENT, 7n);
      for (const [backer, amount] of [
        [ada, 60n * XP],
        [ben, 100n * XP],
        [cleo, 7n],
      ] as const) {
        await as(backer).unlock(AGENT, amount);
      }
      await networkHelpers.time.increase(7n * DAY);
      for (const backer of [cleo, ada, ben]) {
        await as(backer).withdraw(AGENT, backer);
        expect(await xp.balanceOf(backer)).to.equal(1_000_000n * XP);
      }
      expect(await xp.balanceOf(reputation)).to.equal(0n);
      expect(await reputation.lockedTo(AGENT)).to.equal(0n);
    });
  });

  describe("trustOf", () => {
    it("refuses an agent that was never registered", async () => {
      const { reputation } = await networkHelpers.loadFixture(deploy);
      for (const view of ["trustOf", "partsOf"] as const) {
        await expect(reputation.getFunction(view)(UNKNOWN_AGENT))
          .to.be.revertedWithCustomError(reputation, "Reputation_UnknownAgent")
          .withArgs(UNKNOWN_AGENT);
      }
    });

    it("is the source's formula, line by line", async () => {
      const { reputation, agents, ada, birth, as } = await networkHelpers.loadFixture(deploy);
      const agent = { success_rate: 0.94, locked_xp: 250, age_in_days: 146 };
      await agents.setVolumes(AGENT, 9_400_000_000n, 10_000_000_000n);
      await as(ada).lock(AGENT, BigInt(agent.locked_xp) * XP);
      await networkHelpers.time.increaseTo(birth + BigInt(agent.age_in_days) * DAY);
      const [success, bonus, age] = await reputation.partsOf(AGENT);
      const is = (part: bigint, score: number) => {
        expect(Math.abs(Number(part) / 1e18 - score), `${part} is not ${score}`).to.be.lessThan(1e-12);
      };

      // "base_score = agent.success_rate * 50 # Max 50"
      const base_score = agent.success_rate * 50;
      is(success, base_score);
      expect(success).to.equal(47n * XP);
      // "xp_bonus = min(30, log10(xp_locked) * 10) # Max 30"
      const xp_bonus = Math.min(30, Math.log10(agent.locked_xp) * 10);
      is(bonus, xp_bonus);
      expect(bonus).to.equal(23_979400086720376095n);
      // "time_bonus = min(20, age_days / 18.25) # Max 20"
      const time_bonus = Math.min(20, agent.age_in_days / 18.25);
      is(age, time_bonus);
      expect(age).to.equal(8n * XP);
      // "return base_score + xp_bonus + time_bonus # Max 100"
      is(await reputation.trustOf(AGENT), base_score + xp_bonus + time_bonus);
      expect(await reputation.trustOf(AGENT)).to.equal(78_979400086720376095n);
    });

    it("is the sum of its parts, to the model's last wei", async () => {
      const { reputation, agents, ada, birth, as } = await networkHelpers.loadFixture(deploy);
      let xpLocked = 0n;
      let now = birth;
      for (let round = 0; round < 25; round++) {
        const settled = roll("settled", round) >> (roll("width", round) % 200n);
        const accepted = roll("accepted", round) % (settled + 1n);
        const amount = 1n + (roll("lock", round) % 10n ** (roll("digits", round) % 21n));
        now += 1n + (roll("wait", round) % (30n * DAY));
        await agents.setVolumes(AGENT, accepted, settled);
        await networkHelpers.time.setNextBlockTimestamp(now);
        await as(ada).lock(AGENT, amount);
        xpLocked += amount;
        const inputs = { accepted, settled, xpLocked, age: now - birth };
        const { success, bonus, age } = trustParts(inputs);
        const replay = `round ${round} with XONOMY_SEED=${SEED}`;
        expect([...(await reputation.partsOf(AGENT))], replay).to.deep.equal([success, bonus, age]);
        expect(await reputation.trustOf(AGENT), replay).to.equal(trustScore(inputs));
      }
    });

    it("is 0 without work, 50 without failure, and exact between them up to the largest numbers there are", async () => {
      const { reputation, agents } = await networkHelpers.loadFixture(deploy);
      for (const [accepted, settled, expected] of [
        [0n, 0n, 0n],
        [0n, 1n, 0n],
        [1n, 1n, MAX_SUCCESS_WAD],
        [1n, 2n, 25n * XP],
        [1n, 3n, 16_666666666666666666n],
        [2n, 3n, 33_333333333333333333n],
        [0n, MaxUint256, 0n],
        [1n, MaxUint256, 0n],
        [MaxUint256, MaxUint256, MAX_SUCCESS_WAD],
        [MaxUint256 - 1n, MaxUint256, MAX_SUCCESS_WAD - 1n],
        [MaxUint256 / 2n, MaxUint256, 25n * XP - 1n],
        [2n ** 96n - 2n, 2n ** 96n - 1n, MAX_SUCCESS_WAD - 1n],
      ] as const) {
        await agents.setVolumes(AGENT, accepted, settled);
        expect((await reputation.partsOf(AGENT)).successWad, `${accepted} of ${settled}`).to.equal(expected);
        expect(successPart(accepted, settled)).to.equal(expected);
      }
    });

    it("stays at 50 where a market answers more accepted than settled", async () => {
      const { reputation, agents } = await networkHelpers.loadFixture(deploy);
      for (const [accepted, settled, expected] of [
        [2n, 1n, MAX_SUCCESS_WAD],
        [MaxUint256, 1n, MAX_SUCCESS_WAD],
        [MaxUint256, 0n, 0n],
      ] as const) {
        await agents.setVolumes(AGENT, accepted, settled);
        expect((await reputation.partsOf(AGENT)).successWad).to.equal(expected);
      }
    });

    it("is 0 at once, a second's worth after one, 20 less a second's worth before 365 days, and 20 ever after", async () => {
      const { reputation, agents, birth } = await networkHelpers.loadFixture(deploy);
      let now = birth + 200n * YEAR;
      for (const [age, expected] of [
        [0n, 0n],
        [1n, 634195839675n], // 1e18 / 1,576,800, rounded down
        [1_576_800n, XP],
        [YEAR - 1n, 19_999999365804160324n],
        [YEAR, 20n * XP],
        [YEAR + 1n, 20n * XP],
        [100n * YEAR, 20n * XP],
      ] as const) {
        await networkHelpers.time.setNextBlockTimestamp(++now);
        await agents.register(AGENT, now - age);
        expect((await reputation.partsOf(AGENT)).ageWad, `${age} seconds`).to.equal(expected);
        expect(ageBonus(age)).to.equal(expected);
      }
    });

    it("is exactly 100 for an agent that has everything, and 0 for a new one", async () => {
      const { reputation, agents, ada, ben, birth, as } = await networkHelpers.loadFixture(deploy);
      await agents.setVolumes(AGENT, 10n ** 30n, 10n ** 30n);
      await as(ada).lock(AGENT, 600n * XP);
      await as(ben).lock(AGENT, 400n * XP);
      await networkHelpers.time.increaseTo(birth + YEAR);
      expect(await reputation.trustOf(AGENT)).to.equal(100n * XP);
      await as(ada).lock(AGENT, 500_000n * XP);
      await networkHelpers.time.increase(50n * YEAR);
      expect(await reputation.trustOf(AGENT)).to.equal(100n * XP);
      const now = (await networkHelpers.time.latest()) + 1;
      await networkHelpers.time.setNextBlockTimestamp(now);
      await agents.register(UNKNOWN_AGENT, now);
      expect(await reputation.trustOf(UNKNOWN_AGENT)).to.equal(0n);
    });
  });

  describe("bonusFor", () => {
    /** Amounts of every size from one wei to the most that can exist, and the neighbours of each turn. */
    function amounts(count: number): bigint[] {
      const random = Array.from({ length: count }, (_, index) => {
        const digits = roll("bonus digits", index) % 4n;
        return XP * 10n ** digits + (roll("bonus", index) % (9n * XP * 10n ** digits));
      });
      const turns = [1n, 2n, 4n, 8n, 10n, 16n, 20n, 100n, 128n, 1_000n, 100_000_000n].flatMap((whole) =>
        [-2n, -1n, 0n, 1n, 2n].map((step) => whole * XP + step),
      );
      return [...random, ...turns].sort((one, other) => (one < other ? -1 : 1));
    }

    it("is zero below one XP", async () => {
      const { reputation } = await networkHelpers.loadFixture(deploy);
      for (const xpLocked of [0n, 1n, XP / 2n, XP - 1n]) {
        expect(await reputation.bonusFor(xpLocked)).to.equal(0n);
        expect(realLockBonus(xpLocked)).to.equal(0n);
      }
    });

    it("is exactly 0, 10, 20 and 30 at powers of ten, and less a wei of XP before each", async () => {
      const { reputation } = await networkHelpers.loadFixture(deploy);
      for (const [whole, points] of [
        [1n, 0n],
        [10n, 10n],
        [100n, 20n],
        [1_000n, 30n],
        [10_000n, 30n],
      ] as const) {
        expect(await reputation.bonusFor(whole * XP)).to.equal(points * XP);
        expect(realLockBonus(whole * XP)).to.equal(points * XP);
      }
      expect(await reputation.bonusFor(10n * XP - 1n)).to.equal(10n * XP - 1n);
      expect(await reputation.bonusFor(100n * XP - 1n)).to.equal(20n * XP - 1n);
      expect(await reputation.bonusFor(1_000n * XP - 1n)).to.equal(MAX_BONUS_WAD - 1n);
      expect(await reputation.bonusFor(MaxUint256)).to.equal(MAX_BONUS_WAD);
    });

    it("equals the model to the last wei, and is the real logarithm rounded down or one unit less", async () => {
      const { reputation } = await networkHelpers.loadFixture(deploy);
      const below = { none: 0, one: 0 };
      for (const xpLocked of amounts(effort(300, 1_500))) {
        const bonus = await reputation.bonusFor(xpLocked);
        const replay = `${xpLocked} wei with XONOMY_SEED=${SEED}`;
        expect(bonus, replay).to.equal(lockBonus(xpLocked));
        const real = realLockBonus(xpLocked);
        expect(bonus === real || bonus === real - 1n, `${bonus} is not ${real} for ${replay}`).to.equal(true);
        below[bonus === real ? "none" : "one"]++;
      }
      expect(below.none, "most are the real number rounded down").to.be.greaterThan(2 * below.one);
    });

    it("never falls where there is more XP", async () => {
      const { reputation } = await networkHelpers.loadFixture(deploy);
      let last = 0n;
      for (const xpLocked of amounts(effort(80, 300)).flatMap((one) => [one, one + 1n])) {
        const bonus = await reputation.bonusFor(xpLocked);
        expect(bonus >= last, `it falls at ${xpLocked}; XONOMY_SEED=${SEED}`).to.equal(true);
        last = bonus;
      }
    });
  });

  it("agrees with the model over months of random calls, to the wei and to the second", async () => {
    const { reputation, xp, ada, ben, cleo, birth, as, backing } = await networkHelpers.loadFixture(deploy);
    const model = new ReputationModel();
    const backers = [ada, ben, cleo];
    const done = { lock: 0, unlock: 0, relock: 0, withdraw: 0, refused: 0 };
    let now = birth;
    const everythingDone = () => Math.min(...Object.values(done)) >= 1;
    for (let step = 0; step < effort(90, 240) || (step < 1_000 && !everythingDone()); step++) {
      const dice = roll("step", step);
      const agentId = dice % 2n === 0n ? AGENT : OTHER_AGENT;
      const backer = backers[Number((dice >> 8n) % 3n)] ?? ada;
      const { address } = backer;
      const locked = model.locked(agentId, address);
      const pending = model.pending(agentId, address);
      const portion = (of: bigint) => (dice % 5n === 0n ? of : 1n + ((dice >> 64n) % of));
      // often the very second at which a wait ends, or the one before
      const due = model.availableAt(agentId, address);
      const target = (dice >> 16n) % 4n;
      now = target < 2n && due - target > now ? due - target : now + 1n + ((dice >> 24n) % (3n * DAY));
      await networkHelpers.time.setNextBlockTimestamp(now);
      const turn = step % 5;
      if (turn === 1 && locked > 0n) {
        await as(backer).unlock(agentId, portion(locked));
        model.unlock(agentId, address, portion(locked), now);
        done.unlock++;
      } else if (turn === 2 && pending > 0n) {
        await as(backer).relock(agentId, portion(pending));
        model.relock(agentId, address, portion(pending), now);
        done.relock++;
      } else if (turn >= 2 && pending > 0n) {
        if (model.withdrawable(agentId, address, now) > 0n) {
          await as(backer).withdraw(agentId, backer);
          model.withdraw(agentId, address, now);
          done.withdraw++;
        } else {
          await expect(as(backer).withdraw(agentId, backer))
            .to.be.revertedWithCustomError(reputation, "Reputation_StillWaiting")
            .withArgs(agentId, address, due, now);
          expect(() => model.withdraw(agentId, address, now)).to.throw(RangeError);
          await networkHelpers.mine(); // a refusal leaves no block behind
          done.refused++;
        }
      } else {
        const amount = 1n + ((dice >> 64n) % (900n * XP));
        await as(backer).lock(agentId, amount);
        model.lock(agentId, address, amount, now);
        done.lock++;
      }
      const replay = `step ${step} with XONOMY_SEED=${SEED}`;
      expect(await backing(agentId, backer), replay).to.deep.equal([
        model.locked(agentId, address),
        model.pending(agentId, address),
        model.availableAt(agentId, address),
      ]);
      expect(await reputation.withdrawable(agentId, backer), replay).to.equal(
        model.withdrawable(agentId, address, now),
      );
      expect(await reputation.lockedTo(agentId), replay).to.equal(model.lockedTo(agentId));
      const { bonusWad, ageWad } = await reputation.partsOf(agentId);
      expect(bonusWad, replay).to.equal(lockBonus(model.lockedTo(agentId)));
      expect(ageWad, replay).to.equal(ageBonus(now - birth));
      expect(await xp.balanceOf(reputation), replay).to.equal(model.balance());
    }
    for (const agentId of [AGENT, OTHER_AGENT]) {
      for (const backer of backers) {
        const locked = model.locked(agentId, backer.address);
        if (locked > 0n) await as(backer).unlock(agentId, locked);
      }
    }
    await networkHelpers.time.increase(UNLOCK_DELAY);
    for (const agentId of [AGENT, OTHER_AGENT]) {
      for (const backer of backers) {
        if ((await reputation.withdrawable(agentId, backer)) > 0n) await as(backer).withdraw(agentId, backer);
      }
    }
    for (const backer of backers) expect(await xp.balanceOf(backer)).to.equal(1_000_000n * XP);
    expect(everythingDone(), `${JSON.stringify(done)} with XONOMY_SEED=${SEED}`).to.equal(true);
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    it("does not depend on how many backers and agents there are", async () => {
      const { ada, ben, cleo, as } = await networkHelpers.loadFixture(backed);
      const few = await gasOf(as(ben).unlock(AGENT, XP));
      for (const agentId of [AGENT, OTHER_AGENT]) {
        for (const backer of [ada, ben, cleo]) await as(backer).lock(agentId, 2n * XP);
      }
      const many = await gasOf(as(ben).unlock(AGENT, XP));
      const apart = many > few ? many - few : few - many;
      expect(apart < 500n, `${few} and ${many} differ by more than two logarithms may`).to.equal(true);
    });

    it("keeps within its budget", async () => {
      const { reputation, ada, ben, stranger, as } = await networkHelpers.loadFixture(deploy);
      const costs: [name: string, gas: bigint, budget: bigint][] = [
        ["lock first", await gasOf(as(ada).lock(AGENT, 250n * XP)), 120_000n],
        ["lock again", await gasOf(as(ada).lock(AGENT, 250n * XP)), 68_000n],
        ["lock as the second backer", await gasOf(as(ben).lock(AGENT, 250n * XP)), 85_000n],
        ["unlock", await gasOf(as(ada).unlock(AGENT, 300n * XP)), 45_000n],
        ["relock", await gasOf(as(ada).relock(AGENT, 100n * XP)), 45_000n],
        ["trustOf", await reputation.trustOf.estimateGas(AGENT), 36_000n],
      ];
      await networkHelpers.time.increase(UNLOCK_DELAY);
      costs.push(["withdraw to an account without XP", await gasOf(as(ada).withdraw(AGENT, stranger)), 64_000n]);
      await as(ada).unlock(AGENT, XP);
      await networkHelpers.time.increase(UNLOCK_DELAY);
      costs.push(["withdraw", await gasOf(as(ada).withdraw(AGENT, ada)), 47_000n]);
      if (hre.globalOptions.coverage) return;
      for (const [name, gas, budget] of costs) expect(gas, name).to.be.below(budget);
    });
  });
});
