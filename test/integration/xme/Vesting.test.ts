import { expect } from "chai";
import { network } from "hardhat";

import { allocationOf, VESTING_SCHEDULES, vestedAmount, YEAR, type VestingSchedule } from "../../../src/xme/genesis.js";
import { accounts } from "../../support/xmeGenesis.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const MONTH = YEAR / 12n;
const TEAM = VESTING_SCHEDULES.teamVesting;
const PRIVATE_SALE = VESTING_SCHEDULES.privateSaleVesting;
const TEAM_TOTAL = allocationOf("XME", "teamVesting");
const PRIVATE_SALE_TOTAL = allocationOf("XME", "privateSaleVesting");

describe("Vesting", () => {
  async function walletOf(schedule: VestingSchedule, total: bigint) {
    const people = await accounts(connection);
    const xme = await ethers.deployContract("XME");
    const start = BigInt(await networkHelpers.time.latest()) + 1_000n;
    const wallet = await ethers.deployContract("Vesting", [xme, people.team, start, schedule.cliff, schedule.duration]);
    await xme.transfer(wallet, total);
    const releaseAt = async (elapsed: bigint) => {
      await networkHelpers.time.setNextBlockTimestamp(start + elapsed);
      return wallet.connect(people.alice)["release(address)"](xme);
    };
    const vestedAt = (elapsed: bigint) => wallet["vestedAmount(address,uint64)"](xme, start + elapsed);
    return { ...people, xme, wallet, start, total, releaseAt, vestedAt };
  }

  const teamWallet = () => walletOf(TEAM, TEAM_TOTAL);
  const privateSaleWallet = () => walletOf(PRIVATE_SALE, PRIVATE_SALE_TOTAL);
  /** A total that no time divides. */
  const primeWallet = () => walletOf(TEAM, 1_000_000_007n);

  describe("when it is deployed", () => {
    it("given the beneficiary is zero, should refuse", async () => {
      const xme = await ethers.deployContract("XME");
      const creator = await ethers.getContractFactory("Vesting");
      await expect(creator.deploy(xme, ethers.ZeroAddress, 0n, 0n, 1n))
        .to.be.revertedWithCustomError(creator, "OwnableInvalidOwner")
        .withArgs(ethers.ZeroAddress);
    });

    it("given the token's address holds no contract, should refuse", async () => {
      const { team, alice } = await accounts(connection);
      const creator = await ethers.getContractFactory("Vesting");
      await expect(creator.deploy(alice, team, 0n, 0n, 1n))
        .to.be.revertedWithCustomError(creator, "Vesting_TokenWithoutCode")
        .withArgs(alice.address);
    });

    it("given a cliff after the end, should refuse", async () => {
      const { team } = await accounts(connection);
      const xme = await ethers.deployContract("XME");
      const creator = await ethers.getContractFactory("Vesting");
      await expect(creator.deploy(xme, team, 0n, 11n, 10n))
        .to.be.revertedWithCustomError(creator, "InvalidCliffDuration")
        .withArgs(11n, 10n);
    });

    it("given sound terms, should show token, owner, start, cliff, duration and end", async () => {
      const { wallet, xme, team, start } = await networkHelpers.loadFixture(teamWallet);
      expect(await wallet.token()).to.equal(await xme.getAddress());
      expect(await wallet.owner()).to.equal(team.address);
      expect(await wallet.start()).to.equal(start);
      expect(await wallet.cliff()).to.equal(start + TEAM.cliff);
      expect(await wallet.duration()).to.equal(TEAM.duration);
      expect(await wallet.end()).to.equal(start + TEAM.duration);
    });
  });

  describe("when time passes", () => {
    it("should vest what the model says at every month of the team's schedule", async () => {
      const { vestedAt, total } = await networkHelpers.loadFixture(teamWallet);
      for (let month = 0n; month <= 49n; month++) {
        const elapsed = month * MONTH;
        expect(await vestedAt(elapsed), `month ${String(month)}`).to.equal(vestedAmount(TEAM, total, elapsed));
      }
    });

    it("should vest what the model says at every month of the private sale's schedule", async () => {
      const { vestedAt, total } = await networkHelpers.loadFixture(privateSaleWallet);
      for (let month = 0n; month <= 25n; month++) {
        const elapsed = month * MONTH;
        expect(await vestedAt(elapsed), `month ${String(month)}`).to.equal(vestedAmount(PRIVATE_SALE, total, elapsed));
      }
    });

    it("should vest 0, 25, 50 and 100 percent to the team after 6, 12, 24 and 48 months", async () => {
      const { vestedAt } = await networkHelpers.loadFixture(teamWallet);
      const vested = await Promise.all([6n, 12n, 24n, 48n].map((months) => vestedAt(months * MONTH)));
      const million = 10n ** 24n;
      expect(vested).to.deep.equal([0n, (75n * million) / 2n, 75n * million, 150n * million]);
    });

    it("should vest 25, 50 and 100 percent to the private sale after 6, 12 and 24 months", async () => {
      const { vestedAt } = await networkHelpers.loadFixture(privateSaleWallet);
      const vested = await Promise.all([6n, 12n, 24n].map((months) => vestedAt(months * MONTH)));
      const million = 10n ** 24n;
      expect(vested).to.deep.equal([25n * million, 50n * million, 100n * million]);
    });

    it("should vest nothing one second before the cliff", async () => {
      const { vestedAt } = await networkHelpers.loadFixture(teamWallet);
      expect(await vestedAt(TEAM.cliff - 1n)).to.equal(0n);
      expect(await vestedAt(TEAM.cliff)).to.equal(TEAM_TOTAL / 4n);
    });

    it("should vest everything from the end on, and not a second before", async () => {
      const { vestedAt, total } = await networkHelpers.loadFixture(teamWallet);
      expect(await vestedAt(TEAM.duration - 1n)).to.be.lessThan(total);
      expect(await vestedAt(TEAM.duration)).to.equal(total);
      expect(await vestedAt(100n * TEAM.duration)).to.equal(total);
    });

    it("should round down where the time does not divide the total", async () => {
      const { vestedAt, total } = await networkHelpers.loadFixture(primeWallet);
      const elapsed = TEAM.cliff + 1n;
      // 1,000,000,007 × 31,536,001 / 126,144,000 = 250,000,009.67…
      expect(await vestedAt(elapsed)).to.equal(250_000_009n);
      expect(vestedAmount(TEAM, total, elapsed)).to.equal(250_000_009n);
    });
  });

  describe("when somebody releases", () => {
    it("should pay the owner, whoever calls, exactly what the model says", async () => {
      const { xme, wallet, team, releaseAt, total } = await networkHelpers.loadFixture(teamWallet);
      const elapsed = TEAM.cliff + 1_234_567n;
      const due = vestedAmount(TEAM, total, elapsed);
      await expect(releaseAt(elapsed))
        .to.emit(wallet, "ERC20Released")
        .withArgs(await xme.getAddress(), due);
      expect(await xme.balanceOf(team)).to.equal(due);
      expect(await xme.balanceOf(wallet)).to.equal(total - due);
    });

    it("should pay nothing twice", async () => {
      const { xme, team, releaseAt, total } = await networkHelpers.loadFixture(teamWallet);
      await releaseAt(TEAM.duration);
      await releaseAt(TEAM.duration + 1n);
      expect(await xme.balanceOf(team)).to.equal(total);
    });

    it("given releases at many times, should have paid at each time what one release then would have paid", async () => {
      const { xme, team, releaseAt, total } = await networkHelpers.loadFixture(primeWallet);
      for (let step = 0n; step <= 30n; step++) {
        const elapsed = step * 5_000_011n;
        await releaseAt(elapsed);
        expect(await xme.balanceOf(team), `step ${String(step)}`).to.equal(vestedAmount(TEAM, total, elapsed));
      }
      expect(await xme.balanceOf(team)).to.equal(total);
    });

    it("given tokens sent later, should vest them as if they had been there from the start", async () => {
      const { xme, wallet, team, releaseAt, total } = await networkHelpers.loadFixture(teamWallet);
      await releaseAt(TEAM.cliff);
      await xme.transfer(wallet, total);
      await releaseAt(2n * TEAM.cliff);
      expect(await xme.balanceOf(team)).to.equal(vestedAmount(TEAM, 2n * total, 2n * TEAM.cliff));
    });
  });

  describe("when the owner hands over", () => {
    it("should keep paying the old owner until the new one accepts", async () => {
      const { xme, wallet, team, alice, releaseAt } = await networkHelpers.loadFixture(teamWallet);
      await wallet.connect(team).transferOwnership(alice);
      await releaseAt(TEAM.cliff);
      expect(await xme.balanceOf(team)).to.equal(TEAM_TOTAL / 4n);
      expect(await wallet.owner()).to.equal(team.address);
      expect(await wallet.pendingOwner()).to.equal(alice.address);
    });

    it("should pay the new owner after that", async () => {
      const { xme, wallet, team, alice, releaseAt } = await networkHelpers.loadFixture(teamWallet);
      await wallet.connect(team).transferOwnership(alice);
      await wallet.connect(alice).acceptOwnership();
      await releaseAt(TEAM.cliff);
      expect(await xme.balanceOf(team)).to.equal(0n);
      expect(await xme.balanceOf(alice)).to.equal(TEAM_TOTAL / 4n);
      expect(await wallet.pendingOwner()).to.equal(ethers.ZeroAddress);
    });

    it("given somebody else than the owner offers it, should refuse", async () => {
      const { wallet, attacker } = await networkHelpers.loadFixture(teamWallet);
      await expect(wallet.connect(attacker).transferOwnership(attacker))
        .to.be.revertedWithCustomError(wallet, "OwnableUnauthorizedAccount")
        .withArgs(attacker.address);
    });

    it("given somebody else than the new owner accepts it, should refuse", async () => {
      const { wallet, team, alice, attacker } = await networkHelpers.loadFixture(teamWallet);
      await wallet.connect(team).transferOwnership(alice);
      await expect(wallet.connect(attacker).acceptOwnership())
        .to.be.revertedWithCustomError(wallet, "OwnableUnauthorizedAccount")
        .withArgs(attacker.address);
    });

    it("given the owner wants to renounce, should refuse", async () => {
      const { wallet, team } = await networkHelpers.loadFixture(teamWallet);
      await expect(wallet.connect(team).renounceOwnership()).to.be.revertedWithCustomError(
        wallet,
        "Vesting_OwnerRequired",
      );
    });
  });
});
