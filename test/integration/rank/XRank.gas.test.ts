import { expect } from "chai";
import hre, { network } from "hardhat";

import { endow, setCounters } from "../../support/rankState.js";

const { ethers, networkHelpers } = await network.create();
const { loadFixture, time } = networkHelpers;

const DAY = 86_400;
const token = 10n ** 18n;

/**
 * Gas of each user action with a supply above zero, as the receipt counts it (refunds taken off), and the most that it may be.
 * Instrumented code costs more, so a coverage run takes the figures without holding them against the limits.
 */
describe("XRank gas", () => {
  const limited = !hre.globalOptions.coverage;

  async function deploy() {
    const [alice, bob, carol, dave] = await ethers.getSigners();
    if (!alice || !bob || !carol || !dave) throw new Error("The test needs four accounts.");
    const rank = await ethers.deployContract("XRank");
    // somebody else keeps supply, counters and stakes above zero
    await rank.connect(dave).claimRank(1);
    await endow(networkHelpers, rank, dave.address, 1_000n * token);
    await rank.connect(dave).stake(500n * token, 1_000);
    await setCounters(networkHelpers, rank, { rank: 6_000n, minters: 1n, stakes: 1n, staked: 500n * token });
    return { rank, alice, bob, carol };
  }

  type Transaction = { wait: () => Promise<{ gasUsed: bigint } | null> };

  async function expectAtMost(limit: bigint, call: Promise<Transaction>) {
    const receipt = await (await call).wait();
    const used = receipt?.gasUsed ?? 0n;
    if (process.env.SHOW_GAS !== undefined) console.log(`      ${used.toLocaleString()} of ${limit.toLocaleString()}`);
    expect(used > 21_000n).to.equal(true);
    if (limited) expect(used, "gas used").to.be.lessThanOrEqual(limit);
  }

  async function matureMint() {
    const state = await loadFixture(deploy);
    await state.rank.connect(state.alice).claimRank(100);
    await time.increase(100 * DAY + 1);
    return state;
  }

  async function matureMintOfHolder() {
    const state = await matureMint();
    await endow(networkHelpers, state.rank, state.alice.address, token);
    return state;
  }

  it("claims a rank for up to 100 days within 56,000", async () => {
    const { rank, alice } = await loadFixture(deploy);
    await expectAtMost(56_000n, rank.connect(alice).claimRank(100));
  });

  it("claims a rank for more than 100 days within 62,000", async () => {
    const { rank, alice } = await loadFixture(deploy);
    await expectAtMost(62_000n, rank.connect(alice).claimRank(280));
  });

  it("mints to a holder within 52,000", async () => {
    const { rank, alice } = await matureMintOfHolder();
    await expectAtMost(52_000n, rank.connect(alice).claimMintReward());
  });

  it("mints to an empty balance within 69,000", async () => {
    const { rank, alice } = await matureMint();
    await expectAtMost(69_000n, rank.connect(alice).claimMintReward());
  });

  it("mints and shares with two holders within 58,000", async () => {
    const { rank, alice, bob } = await matureMintOfHolder();
    await endow(networkHelpers, rank, bob.address, token);
    await expectAtMost(58_000n, rank.connect(alice).claimMintRewardAndShare(bob.address, 50));
  });

  it("mints and shares all with an empty balance within 70,000", async () => {
    const { rank, alice, bob } = await matureMintOfHolder();
    await expectAtMost(70_000n, rank.connect(alice).claimMintRewardAndShare(bob.address, 100));
  });

  it("mints to a holder and stakes within 90,000", async () => {
    const { rank, alice } = await matureMintOfHolder();
    await expectAtMost(90_000n, rank.connect(alice).claimMintRewardAndStake(50, 1_000));
  });

  it("mints and stakes all within 72,000", async () => {
    const { rank, alice } = await matureMint();
    await expectAtMost(72_000n, rank.connect(alice).claimMintRewardAndStake(100, 1_000));
  });

  it("stakes within 75,000", async () => {
    const { rank, alice } = await matureMintOfHolder();
    await expectAtMost(75_000n, rank.connect(alice).stake(token / 2n, 1_000));
  });

  it("withdraws to a holder within 46,000", async () => {
    const { rank, alice } = await matureMintOfHolder();
    await rank.connect(alice).stake(token / 2n, 100);
    await time.increase(100 * DAY + 1);
    await expectAtMost(46_000n, rank.connect(alice).withdraw());
  });

  it("withdraws to an empty balance within 63,000", async () => {
    const { rank, alice } = await matureMintOfHolder();
    await rank.connect(alice).stake(token, 100);
    await time.increase(100 * DAY + 1);
    await expectAtMost(63_000n, rank.connect(alice).withdraw());
  });

  it("fits the limits on code and on init code", async () => {
    const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("XRank");
    if (limited) {
      expect(ethers.dataLength(deployedBytecode)).to.be.lessThanOrEqual(24_576);
      expect(ethers.dataLength(bytecode)).to.be.lessThanOrEqual(49_152);
    }
  });
});
