import { expect } from "chai";
import { ZeroAddress, id, type AddressLike, type ContractTransactionResponse } from "ethers";
import hre, { network } from "hardhat";

import {
  BOOTSTRAP_EPOCHS,
  CLIENT_FEE_FLOOR,
  CLIENT_TARGET,
  EXPIRY_EPOCHS,
  INITIAL_KAPPA,
  MAX_XP_SUPPLY,
  PRIOR_VOLUME,
  RATE_ONE,
  RedistributionModel,
  batchedWeeks,
  failureShiftJobs,
  failureShiftTable,
  failureShifts,
  fundedBy,
  type SettledJob,
} from "../../../src/xp/redistribution.js";
import type { EpochRedistributor } from "../../../typechain-types/index.js";
import { effort } from "../../support/effort.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const WEEK = 7n * 86_400n;
const XP = 10n ** 18n;
const DOLLAR = 10n ** 6n;
const TRUST = 50n * 10n ** 18n;
const MINTER = 1n;
const MAX_UINT96 = 2n ** 96n - 1n;
/** What the market gives a record, by the working of `ServiceMarket`. */
const RECORD_GAS = 400_000n;
const SEED = seedOfThisRun();

/** The clients of the tests: accounts that do nothing but be counted. */
const client = (number: number | bigint) => ethers.getAddress(`0x${id(`client ${number}`).slice(-40)}`);

/** A job as the market tells of it; what is not said is that of ten thousand dollars at 2.5 %. */
function job(agent: bigint, rest: Partial<Omit<SettledJob, "agent">> = {}): SettledJob {
  return { agent, client: client(1), volume: 10_000n * DOLLAR, fee: 250n * DOLLAR, trustWad: TRUST, ...rest };
}

/** A job of `dollars` at 2.5 %. */
const jobOf = (agent: bigint, dollars: bigint, rest: Partial<Omit<SettledJob, "agent">> = {}) =>
  job(agent, { volume: dollars * DOLLAR, fee: (dollars * DOLLAR) / 40n, ...rest });

/** A job of `dollars` that failed. */
const failureOf = (agent: bigint, dollars: bigint) => job(agent, { volume: dollars * DOLLAR, fee: 0n });

const harnessJob = ({ agent, ...rest }: SettledJob) => ({ agentId: agent, ...rest });

describe("EpochRedistributor", () => {
  async function deploy(decimals = 6n) {
    const [governance, alice, bob, carol, stranger] = await ethers.getSigners();
    if (!governance || !alice || !bob || !carol || !stranger) throw new Error("too few accounts");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const xp = await ethers.deployContract("XP", [manager]);
    const market = await ethers.deployContract("EpochMarket");
    const registry = await ethers.deployContract("EpochRegistry");
    const token = await ethers.deployContract("EpochToken", [decimals]);
    const start = await xp.start();
    await manager.setTargetFunctionRole(xp, [xp.interface.getFunction("mint").selector], MINTER);

    const successor = async (predecessor: AddressLike) => {
      const next = await ethers.deployContract("EpochRedistributor", [
        xp,
        market,
        registry,
        predecessor,
        token,
        manager,
      ]);
      await manager.grantRole(MINTER, next, 0n);
      return next;
    };
    const redistributor = await successor(ZeroAddress);
    for (const owner of [alice, bob, carol]) await registry.registerMany(owner, 4n); // 1–4, 5–8, 9–12

    const toEpoch = (epoch: bigint) => networkHelpers.time.increaseTo(start + (epoch - 1n) * WEEK);
    const recordIn = (target: EpochRedistributor, ...jobs: SettledJob[]) =>
      market.recordMany(target, jobs.map(harnessJob));
    const record = (...jobs: SettledJob[]) => recordIn(redistributor, ...jobs);
    return {
      ...{ governance, alice, bob, carol, stranger, manager, xp, market, registry, token, start },
      ...{ redistributor, successor, toEpoch, record, recordIn },
    };
  }

  const ready = () => deploy();

  /** Epoch 2; in the first, agents of three owners worked: 1 and 5 the same, 9 twice as much with failures. */
  async function worked() {
    const world = await deploy();
    const jobs = [
      jobOf(1n, 10_000n),
      jobOf(5n, 10_000n, { client: client(2) }),
      jobOf(9n, 15_000n),
      jobOf(9n, 5_000n, { client: client(3), trustWad: 90n * XP }),
      failureOf(9n, 4_000n),
    ];
    const model = new RedistributionModel(6n);
    for (const each of jobs) model.record(1n, each);
    await world.record(...jobs);
    await world.toEpoch(2n);
    return { ...world, model };
  }

  /** Epoch 55: everything that may exist does, and ten million of it were burned the week before. */
  async function burnedTenMillion() {
    const world = await deploy();
    await world.toEpoch(53n);
    await world.record(jobOf(1n, 200_000_000n));
    await world.toEpoch(54n);
    await world.redistributor.connect(world.alice).claim(1n, 53n, world.alice);
    await world.xp.connect(world.alice).burn(10_000_000n * XP);
    await world.toEpoch(55n);
    return world;
  }

  describe("constructor", () => {
    it("refuses an address without code for each of its contracts, and none for the predecessor", async () => {
      const { redistributor, xp, market, registry, token, manager, stranger } = await networkHelpers.loadFixture(ready);
      const right = [xp, market, registry, redistributor, token, manager] as const;
      for (let wrong = 0; wrong < right.length; wrong++) {
        const given = right.map((each, position) => (position === wrong ? stranger : each));
        await expect(ethers.deployContract("EpochRedistributor", given))
          .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_HasNoCode")
          .withArgs(stranger.address);
      }
    });

    it("refuses a payment token without decimals or with more than 18", async () => {
      const { redistributor, xp, market, registry, manager } = await networkHelpers.loadFixture(ready);
      const deployWith = (token: AddressLike) =>
        ethers.deployContract("EpochRedistributor", [xp, market, registry, ZeroAddress, token, manager]);
      await expect(deployWith(manager))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NoDecimals")
        .withArgs(await manager.getAddress());
      await expect(deployWith(await ethers.deployContract("EpochToken", [19n])))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_TooManyDecimals")
        .withArgs(19n, 18n);
      for (const decimals of [0n, 18n]) {
        const taken = await deployWith(await ethers.deployContract("EpochToken", [decimals]));
        expect(await taken.paymentUnit()).to.equal(10n ** decimals);
      }
    });

    it("shows what it was given and the model's constants, and announces κ", async () => {
      const { redistributor, xp, market, registry, manager } = await networkHelpers.loadFixture(ready);
      expect(await redistributor.xp()).to.equal(await xp.getAddress());
      expect(await redistributor.market()).to.equal(await market.getAddress());
      expect(await redistributor.registry()).to.equal(await registry.getAddress());
      expect(await redistributor.predecessor()).to.equal(ZeroAddress);
      expect(await redistributor.authority()).to.equal(await manager.getAddress());
      expect(await redistributor.paymentUnit()).to.equal(DOLLAR);
      expect(await redistributor.kappa()).to.equal(INITIAL_KAPPA);
      expect(await redistributor.BOOTSTRAP_EPOCHS()).to.equal(BOOTSTRAP_EPOCHS);
      expect(await redistributor.EXPIRY_EPOCHS()).to.equal(EXPIRY_EPOCHS);
      expect(await redistributor.PRIOR_VOLUME()).to.equal(PRIOR_VOLUME);
      expect(await redistributor.CLIENT_FEE_FLOOR()).to.equal(CLIENT_FEE_FLOOR);
      expect(await redistributor.CLIENT_TARGET()).to.equal(CLIENT_TARGET);
      await expect(redistributor.deploymentTransaction())
        .to.emit(redistributor, "KappaChanged")
        .withArgs(0n, INITIAL_KAPPA);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("EpochRedistributor");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("fundedBy", () => {
    it("equals the model in every epoch, grows by less each week and stays a hundred million after the year", async () => {
      const { redistributor } = await networkHelpers.loadFixture(ready);
      let [before, growth] = [0n, MAX_XP_SUPPLY];
      for (let epoch = 1n; epoch <= 54n; epoch++) {
        const funded = await redistributor.fundedBy(epoch);
        expect(funded).to.equal(fundedBy(epoch));
        if (epoch <= 52n) expect(funded - before > 0n && funded - before < growth, `epoch ${epoch}`).to.equal(true);
        [before, growth] = [funded, funded - before];
      }
      expect(await redistributor.fundedBy(1n)).to.equal((MAX_XP_SUPPLY * 104n) / 2_756n);
      for (const epoch of [52n, 53n, 10_000n, 2n ** 255n]) {
        expect(await redistributor.fundedBy(epoch)).to.equal(MAX_XP_SUPPLY);
      }
    });
  });

  describe("record", () => {
    it("refuses everybody but the market", async () => {
      const { redistributor, governance, alice } = await networkHelpers.loadFixture(ready);
      for (const caller of [governance, alice]) {
        await expect(redistributor.connect(caller).record(1n, alice, 1n, 1n, 0n))
          .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NotMarket")
          .withArgs(caller.address);
      }
    });

    it("refuses trust above 100, and takes 100", async () => {
      const { redistributor, record } = await networkHelpers.loadFixture(ready);
      await expect(record(job(1n, { trustWad: 100n * XP + 1n })))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_TrustAboveMaximum")
        .withArgs(100n * XP + 1n, 100n * XP);
      await record(job(1n, { trustWad: 100n * XP }));
      expect((await redistributor.workOf(1n, 1n)).feesByTrust).to.equal(250n * DOLLAR * RATE_ONE);
    });

    it("refuses volume or fees that do not fit, changes nothing, and lets the market go on", async () => {
      const { redistributor, market, record, toEpoch, alice, xp } = await networkHelpers.loadFixture(ready);
      await record(job(1n, { volume: MAX_UINT96 - 10n, fee: MAX_UINT96 - 5n, trustWad: 100n * XP }));
      const sums = await redistributor.sumsOf(1n);
      for (const volume of [11n, MAX_UINT96, 2n ** 256n - 1n]) {
        await expect(record(job(1n, { volume, fee: 0n })))
          .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_TooMuchVolume")
          .withArgs(1n, MAX_UINT96 - 10n, volume);
      }
      for (const fee of [6n, MAX_UINT96, 2n ** 256n - 1n]) {
        await expect(record(job(2n, { volume: 1n, fee })))
          .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_TooMuchFees")
          .withArgs(1n, MAX_UINT96 - 5n, fee);
        const refused = [redistributor, harnessJob(job(2n, { volume: 1n, fee })), RECORD_GAS] as const;
        expect((await market.settle.staticCall(...refused)).taken).to.equal(false);
        await market.settle(...refused);
      }
      expect([...(await redistributor.sumsOf(1n))]).to.deep.equal([...sums]);
      await record(job(1n, { volume: 10n, fee: 5n, trustWad: 100n * XP }));
      for (const agent of [3n, 4n]) await record(job(agent, { volume: MAX_UINT96, fee: 0n }));
      expect((await redistributor.sumsOf(1n)).fees).to.equal(MAX_UINT96);
      expect((await redistributor.sumsOf(1n)).feesByTrust).to.equal(MAX_UINT96 * RATE_ONE);

      await toEpoch(2n);
      const all = await redistributor.previewClaim(1n, 1n);
      await record(job(2n));
      await redistributor.connect(alice).claim(1n, 1n, alice);
      expect(await xp.balanceOf(alice)).to.equal(all);
      expect(fundedBy(1n) - all < 4n, "one agent has all but the rest of four divisions").to.equal(true);
    });

    it("opens the epoch with its pool and κ at the first job, and announces the job", async () => {
      const { redistributor, record, toEpoch } = await networkHelpers.loadFixture(ready);
      await toEpoch(7n);
      expect(await redistributor.openEpoch()).to.equal(0n);
      expect(await redistributor.runningPool()).to.equal(fundedBy(7n));
      const { agent, volume, fee, trustWad } = job(1n);
      await expect(record(job(1n)))
        .to.emit(redistributor, "EpochOpened")
        .withArgs(7n, fundedBy(7n), INITIAL_KAPPA)
        .and.to.emit(redistributor, "Recorded")
        .withArgs(7n, agent, client(1), volume, fee, trustWad);
      await expect(record(job(2n))).not.to.emit(redistributor, "EpochOpened");
      expect([...(await redistributor.accountOf(7n))]).to.deep.equal([0n, fundedBy(7n), INITIAL_KAPPA, 1n]);
      expect(await redistributor.openEpoch()).to.equal(7n);
      expect(await redistributor.runningPool()).to.equal(fundedBy(7n));
    });

    it("puts what was burned before the epoch into its pool, and not what was burned in it", async () => {
      const { redistributor, record, toEpoch, xp, alice, model } = await networkHelpers.loadFixture(worked);
      await redistributor.connect(alice).claim(1n, 1n, alice);
      await xp.connect(alice).burn(1_000n * XP);
      const released = model.epochs()[0]?.released ?? 0n;
      await expect(record(job(5n)))
        .to.emit(redistributor, "EpochOpened")
        .withArgs(2n, fundedBy(2n) - released, INITIAL_KAPPA);
      await xp.connect(alice).burn(500n * XP);
      await toEpoch(3n);
      expect(await redistributor.runningPool()).to.equal(fundedBy(3n) - released - 5_000n * XP + 1_500n * XP);
      await expect(record(job(5n)))
        .to.emit(redistributor, "EpochOpened")
        .withArgs(3n, fundedBy(3n) - released - 5_000n * XP + 1_500n * XP, INITIAL_KAPPA);
    });

    it("leaves no pool, and releases nothing, where others minted more than may exist by then", async () => {
      const { redistributor, record, toEpoch, xp, manager, governance, alice } =
        await networkHelpers.loadFixture(ready);
      await manager.grantRole(MINTER, governance, 0n);
      await xp.mint(governance, fundedBy(2n) + 1n);
      expect(await redistributor.runningPool()).to.equal(0n);
      await expect(record(job(1n)))
        .to.emit(redistributor, "EpochOpened")
        .withArgs(1n, 0n, INITIAL_KAPPA);
      await toEpoch(2n);
      await expect(redistributor.finalise()).to.emit(redistributor, "EpochFinalised").withArgs(1n, 0n, 0n);
      expect(await redistributor.previewClaim(1n, 1n)).to.equal(0n);
      await expect(redistributor.connect(alice).claim(1n, 1n, alice)).to.be.revertedWithCustomError(
        redistributor,
        "EpochRedistributor_NothingToClaim",
      );
      await toEpoch(3n);
      expect(await redistributor.runningPool()).to.equal(fundedBy(3n) - fundedBy(2n) - 1n);
    });

    it("counts a client once its fees reach the floor, in as many jobs as it takes, and ten at most", async () => {
      const { redistributor, record, toEpoch } = await networkHelpers.loadFixture(ready);
      const clients = async (epoch = 1n) => (await redistributor.workOf(1n, epoch)).clients;
      const pay = (number: number, fee: bigint) => record(job(1n, { client: client(number), volume: fee * 40n, fee }));
      await pay(1, DOLLAR - 1n);
      expect(await clients()).to.equal(0n);
      await pay(1, 1n);
      expect(await clients()).to.equal(1n);
      await pay(1, 1_000n * DOLLAR);
      expect(await clients()).to.equal(1n);
      await record(job(1n, { client: client(2), fee: 0n }));
      expect(await clients(), "a failed job's client does not count").to.equal(1n);
      for (let number = 2; number <= 10; number++) {
        await pay(number, DOLLAR);
        expect(await clients()).to.equal(BigInt(number));
      }
      await pay(11, DOLLAR);
      expect(await clients()).to.equal(CLIENT_TARGET);
      const { fees, feesByClients } = await redistributor.sumsOf(1n);
      expect(feesByClients).to.equal(fees * CLIENT_TARGET);
      await toEpoch(2n);
      await pay(1, DOLLAR - 1n);
      expect(await clients(2n), "the floor is an epoch's").to.equal(0n);
      await pay(1, 1n);
      expect(await clients(2n)).to.equal(1n);
      await record(job(2n));
      expect((await redistributor.workOf(2n, 2n)).clients, "a client is counted for each agent").to.equal(1n);
    });

    it("lowers an agent's success for all its fees when a later job of the epoch fails", async () => {
      const { redistributor, record } = await networkHelpers.loadFixture(ready);
      await record(jobOf(1n, 10_000n), jobOf(5n, 10_000n, { client: client(2) }));
      const equal = await redistributor.estimateOf(1n);
      expect(await redistributor.estimateOf(5n)).to.equal(equal);
      expect((await redistributor.sumsOf(1n)).feesBySuccess).to.equal(2n * 250n * DOLLAR * ((10n * RATE_ONE) / 11n));
      await record(failureOf(1n, 9_000n));
      expect((await redistributor.workOf(1n, 1n)).settledVolume).to.equal(19_000n * DOLLAR);
      expect((await redistributor.sumsOf(1n)).feesBySuccess).to.equal(
        250n * DOLLAR * (RATE_ONE / 2n + (10n * RATE_ONE) / 11n),
      );
      expect((await redistributor.estimateOf(1n)) < equal).to.equal(true);
    });

    it("gives trust at the time of each fee: raising it before the last job wins nothing for earlier ones", async () => {
      const { redistributor, record, toEpoch } = await networkHelpers.loadFixture(ready);
      const late = [jobOf(1n, 9_000n, { trustWad: 20n * XP }), jobOf(1n, 1_000n, { trustWad: 100n * XP })];
      await record(...late, jobOf(5n, 10_000n, { trustWad: 28n * XP }));
      const [raised, steady] = [await redistributor.workOf(1n, 1n), await redistributor.workOf(5n, 1n)];
      expect(raised.feesByTrust, "0.9 × 20 + 0.1 × 100 is 28").to.equal(steady.feesByTrust);
      await toEpoch(2n);
      expect(await redistributor.previewClaim(1n, 1n)).to.equal(await redistributor.previewClaim(5n, 1n));
    });

    it("finalises the epoch before that had any job, once, before it fixes the pool", async () => {
      const { redistributor, record, toEpoch, xp, model } = await networkHelpers.loadFixture(worked);
      const released = model.epochs()[0]?.released ?? 0n;
      await toEpoch(30n);
      expect(await redistributor.pendingRelease()).to.equal(released);
      expect(await redistributor.runningPool()).to.equal(fundedBy(30n) - released);
      await expect(record(job(1n), job(1n)))
        .to.emit(redistributor, "EpochFinalised")
        .withArgs(1n, fundedBy(1n), released)
        .and.to.emit(redistributor, "EpochOpened")
        .withArgs(30n, fundedBy(30n) - released, INITIAL_KAPPA);
      expect(await xp.totalMinted()).to.equal(released);
      expect(await xp.balanceOf(redistributor)).to.equal(released);
      await toEpoch(31n);
      await record(job(1n));
      expect(await xp.totalMinted()).to.equal(released + 10_000n * XP);
    });
  });

  describe("finalise", () => {
    it("does nothing where nothing was recorded", async () => {
      const { redistributor, toEpoch, xp } = await networkHelpers.loadFixture(ready);
      await toEpoch(3n);
      await expect(redistributor.finalise()).not.to.emit(redistributor, "EpochFinalised");
      expect(await redistributor.pendingRelease()).to.equal(0n);
      expect(await xp.totalSupply()).to.equal(0n);
    });

    it("does nothing in the last second of the epoch, mints in the first of the next, and not a second time", async () => {
      const { redistributor, record, start, xp, stranger } = await networkHelpers.loadFixture(ready);
      await record(job(1n));
      await networkHelpers.time.increaseTo(start + WEEK - 2n);
      await expect(redistributor.finalise()).not.to.emit(redistributor, "EpochFinalised");
      expect(await redistributor.openEpoch()).to.equal(1n);
      expect(await redistributor.pendingRelease()).to.equal(0n);
      expect(await networkHelpers.time.latest()).to.equal(Number(start + WEEK - 1n));
      await expect(redistributor.connect(stranger).finalise())
        .to.emit(redistributor, "EpochFinalised")
        .withArgs(1n, fundedBy(1n), 5_000n * XP);
      expect(await networkHelpers.time.latest()).to.equal(Number(start + WEEK));
      expect([...(await redistributor.accountOf(1n))]).to.deep.equal([5_000n * XP, 5_000n * XP, INITIAL_KAPPA, 2n]);
      expect(await redistributor.openEpoch()).to.equal(0n);
      expect(await redistributor.pendingRelease()).to.equal(0n);
      await expect(redistributor.finalise()).not.to.emit(redistributor, "EpochFinalised");
      expect(await xp.totalMinted()).to.equal(5_000n * XP);
    });

    it("releases nothing for an epoch of failed jobs only, and leaves its pool to the next", async () => {
      const { redistributor, record, toEpoch, alice } = await networkHelpers.loadFixture(ready);
      await record(failureOf(1n, 10_000n), failureOf(5n, 1n));
      await toEpoch(2n);
      await expect(redistributor.finalise()).to.emit(redistributor, "EpochFinalised").withArgs(1n, fundedBy(1n), 0n);
      await expect(redistributor.connect(alice).claim(1n, 1n, alice))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NothingToClaim")
        .withArgs(1n, 1n);
      expect(await redistributor.runningPool()).to.equal(fundedBy(2n));
    });

    it("releases no more than the pool", async () => {
      const { redistributor, record, toEpoch } = await networkHelpers.loadFixture(ready);
      await record(jobOf(1n, 40_000_000n));
      await toEpoch(2n);
      await expect(redistributor.finalise())
        .to.emit(redistributor, "EpochFinalised")
        .withArgs(1n, fundedBy(1n), fundedBy(1n));
    });

    it("releases no more than what may still exist, where others minted while the epoch was open", async () => {
      const { redistributor, record, toEpoch, xp, manager, governance } = await networkHelpers.loadFixture(ready);
      await record(job(1n));
      await manager.grantRole(MINTER, governance, 0n);
      await xp.mint(governance, MAX_XP_SUPPLY - 3n);
      await toEpoch(2n);
      expect(await redistributor.pendingRelease()).to.equal(3n);
      await expect(redistributor.finalise()).to.emit(redistributor, "EpochFinalised").withArgs(1n, fundedBy(1n), 3n);
      expect(await xp.totalSupply()).to.equal(MAX_XP_SUPPLY);
    });

    it("goes on where XP refuses to mint: that epoch releases nothing, and the next pools have it", async () => {
      const { redistributor, record, toEpoch, xp, manager, alice, model } = await networkHelpers.loadFixture(worked);
      await manager.revokeRole(MINTER, redistributor);
      const owed = model.epochs()[0]?.released ?? 0n;
      await expect(record(job(1n)))
        .to.emit(redistributor, "ReleaseRefused")
        .withArgs(1n, owed)
        .and.to.emit(redistributor, "EpochFinalised")
        .withArgs(1n, fundedBy(1n), 0n)
        .and.to.emit(redistributor, "EpochOpened")
        .withArgs(2n, fundedBy(2n), INITIAL_KAPPA);
      expect([...(await redistributor.accountOf(1n))]).to.deep.equal([0n, 0n, INITIAL_KAPPA, 2n]);
      expect(await redistributor.previewClaim(1n, 1n)).to.equal(0n);
      await expect(redistributor.connect(alice).claim(1n, 1n, alice)).to.be.revertedWithCustomError(
        redistributor,
        "EpochRedistributor_NothingToClaim",
      );
      await manager.grantRole(MINTER, redistributor, 0n);
      await toEpoch(3n);
      await redistributor.connect(alice).claim(1n, 2n, alice);
      expect(await xp.balanceOf(alice)).to.equal(5_000n * XP);
      expect(await redistributor.runningPool()).to.equal(fundedBy(3n) - 5_000n * XP);
      await toEpoch(60n);
      await expect(redistributor.expire(1n)).to.emit(redistributor, "EpochExpired").withArgs(1n, 0n);
    });

    it("goes on, within what the market gives, where refusing to mint takes all the gas there is", async () => {
      const { redistributor, market, manager, xp, toEpoch, alice } = await networkHelpers.loadFixture(worked);
      await manager.updateAuthority(xp, await ethers.deployContract("EpochGasEater"));
      const costliest = [redistributor, harnessJob(job(2n, { client: client(9) })), RECORD_GAS] as const;
      const { taken, gasUsed } = await market.settle.staticCall(...costliest);
      expect(taken).to.equal(true);
      if (!hre.globalOptions.coverage) expect(gasUsed).to.be.below((RECORD_GAS * 9n) / 10n);
      await expect(market.settle(...costliest))
        .to.emit(redistributor, "ReleaseRefused")
        .and.to.emit(redistributor, "EpochOpened")
        .withArgs(2n, fundedBy(2n), INITIAL_KAPPA);
      await toEpoch(3n);
      await expect(redistributor.connect(alice).claim(2n, 2n, alice)).to.be.revertedWithCustomError(
        redistributor,
        "EpochRedistributor_NothingToClaim",
      );
      expect(await xp.totalSupply()).to.equal(0n);
    });

    it("cannot be starved of the gas for minting: with too little of it, it reverts and changes nothing", async () => {
      const { redistributor, record, market, alice, xp, model } = await networkHelpers.loadFixture(worked);
      const needed = (150_000n * 64n) / 63n + 10_000n;
      const refused: string[] = [];
      for (let gasLimit = 40_000n; gasLimit <= 180_000n; gasLimit += 5_000n) {
        await redistributor.finalise
          .staticCall({ gasLimit })
          .then(() => expect.fail(`finalised with ${gasLimit} of gas`))
          .catch((error: { data?: string }) => refused.push(error.data ?? ""));
      }
      const named = refused.filter((data) => data.length > 2).map((data) => redistributor.interface.parseError(data));
      expect(named.length, "the rest ran out before the check").to.be.at.least(20);
      for (const error of named) {
        expect(error?.name).to.equal("EpochRedistributor_TooLittleGas");
        expect(error?.args[1]).to.equal(needed);
        expect((error?.args[0] as bigint) < needed).to.equal(true);
      }
      for (const gas of [60_000n, 120_000n, 170_000n]) {
        expect((await market.settle.staticCall(redistributor, harnessJob(job(1n)), gas)).taken).to.equal(false);
        await market.settle(redistributor, harnessJob(job(1n)), gas);
      }
      expect(await redistributor.openEpoch()).to.equal(1n);
      await redistributor.finalise({ gasLimit: 300_000n });
      await redistributor.connect(alice).claim(1n, 1n, alice);
      expect(await xp.balanceOf(alice)).to.equal(model.earned(1n, 1n));
      await record(job(1n));
    });
  });

  describe("claim", () => {
    it("refuses everybody but the agent's owner and who is approved for it", async () => {
      const { redistributor, registry, bob, governance, stranger } = await networkHelpers.loadFixture(worked);
      for (const caller of [bob, governance, stranger]) {
        await expect(redistributor.connect(caller).claim(1n, 1n, caller))
          .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NotAuthorized")
          .withArgs(1n, caller.address);
      }
      await expect(redistributor.claim(99n, 1n, stranger))
        .to.be.revertedWithCustomError(registry, "ERC721NonexistentToken")
        .withArgs(99n);
    });

    it("refuses to pay the redistributor itself, or nobody", async () => {
      const { redistributor, xp, alice } = await networkHelpers.loadFixture(worked);
      const asAlice = redistributor.connect(alice);
      const claims = [{ agentId: 1n, epoch: 1n }];
      await expect(asAlice.claim(1n, 1n, redistributor)).to.be.revertedWithCustomError(
        redistributor,
        "EpochRedistributor_RecipientIsRedistributor",
      );
      await expect(asAlice.claimMany(claims, redistributor)).to.be.revertedWithCustomError(
        redistributor,
        "EpochRedistributor_RecipientIsRedistributor",
      );
      await expect(asAlice.claim(1n, 1n, ZeroAddress)).to.be.revertedWithCustomError(xp, "ERC20InvalidReceiver");
      expect((await redistributor.previewClaim(1n, 1n)) > 0n).to.equal(true);
    });

    it("refuses while the epoch runs, to its last second", async () => {
      const { redistributor, record, start, alice } = await networkHelpers.loadFixture(ready);
      await record(job(1n));
      await networkHelpers.time.increaseTo(start + WEEK - 2n);
      await expect(redistributor.connect(alice).claim(1n, 1n, alice))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_EpochNotOver")
        .withArgs(1n, 1n);
      await networkHelpers.time.setNextBlockTimestamp(start + WEEK);
      await redistributor.connect(alice).claim(1n, 1n, alice);
    });

    it("refuses an agent that did nothing, an epoch without a job, and one still to come", async () => {
      const { redistributor, alice } = await networkHelpers.loadFixture(worked);
      for (const [agent, epoch] of [
        [2n, 1n],
        [1n, 2n],
        [1n, 0n],
        [1n, 2n ** 256n - 1n],
      ] as const) {
        expect(await redistributor.previewClaim(agent, epoch)).to.equal(0n);
        await expect(redistributor.connect(alice).claim(agent, epoch, alice))
          .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NothingToClaim")
          .withArgs(agent, epoch);
      }
    });

    it("pays what the preview says, finalises where it is the first, tells, and frees what the agent held", async () => {
      const { redistributor, xp, alice, stranger, model } = await networkHelpers.loadFixture(worked);
      const earned = model.earned(1n, 1n);
      expect(await redistributor.previewClaim(1n, 1n)).to.equal(earned);
      expect(await redistributor.connect(alice).claim.staticCall(1n, 1n, stranger)).to.equal(earned);
      await expect(redistributor.connect(alice).claim(1n, 1n, stranger))
        .to.emit(redistributor, "EpochFinalised")
        .and.to.emit(redistributor, "Claimed")
        .withArgs(1n, 1n, stranger.address, earned);
      expect(await xp.balanceOf(stranger)).to.equal(earned);
      expect((await redistributor.accountOf(1n)).remaining).to.equal((model.epochs()[0]?.released ?? 0n) - earned);
      expect([...(await redistributor.workOf(1n, 1n))]).to.deep.equal([0n, 0n, 0n, 0n, 0n]);
      expect(await redistributor.previewClaim(5n, 1n), "what others get stays").to.equal(model.earned(5n, 1n));
    });

    it("refuses a second time", async () => {
      const { redistributor, alice } = await networkHelpers.loadFixture(worked);
      await redistributor.connect(alice).claim(1n, 1n, alice);
      expect(await redistributor.previewClaim(1n, 1n)).to.equal(0n);
      await expect(redistributor.connect(alice).claim(1n, 1n, alice))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NothingToClaim")
        .withArgs(1n, 1n);
    });

    it("pays the owner of now where the agent was transferred, and refuses the one before", async () => {
      const { redistributor, registry, xp, alice, bob, model } = await networkHelpers.loadFixture(worked);
      await registry.connect(alice).transferFrom(alice, bob, 1n);
      await expect(redistributor.connect(alice).claim(1n, 1n, alice))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NotAuthorized")
        .withArgs(1n, alice.address);
      await redistributor.connect(bob).claim(1n, 1n, bob);
      expect(await xp.balanceOf(bob)).to.equal(model.earned(1n, 1n));
    });

    it("lets an approved account and an operator of all claim", async () => {
      const { redistributor, registry, xp, alice, bob, carol, stranger, model } =
        await networkHelpers.loadFixture(worked);
      await registry.connect(alice).approve(stranger, 1n);
      await registry.connect(bob).setApprovalForAll(carol, true);
      await redistributor.connect(stranger).claim(1n, 1n, alice);
      await redistributor.connect(carol).claim(5n, 1n, bob);
      expect(await xp.balanceOf(alice)).to.equal(model.earned(1n, 1n));
      expect(await xp.balanceOf(bob)).to.equal(model.earned(5n, 1n));
    });

    it("never pays more than κ × fees, and keeps what that withholds", async () => {
      const { redistributor, record, toEpoch, alice, bob } = await networkHelpers.loadFixture(ready);
      await record(jobOf(1n, 10_000n), failureOf(5n, 100_000n), jobOf(5n, 10_000n, { trustWad: 0n }));
      await toEpoch(2n);
      const good = await redistributor.connect(alice).claim.staticCall(1n, 1n, alice);
      const bad = await redistributor.connect(bob).claim.staticCall(5n, 1n, bob);
      expect(good).to.equal(5_000n * XP);
      expect(bad < 5_000n * XP).to.equal(true);
      await redistributor.connect(alice).claim(1n, 1n, alice);
      await redistributor.connect(bob).claim(5n, 1n, bob);
      expect((await redistributor.accountOf(1n)).remaining).to.equal(10_000n * XP - good - bad);
    });

    it("pays nothing for a score that nobody has", async () => {
      const { redistributor, record, toEpoch } = await networkHelpers.loadFixture(ready);
      await record(jobOf(1n, 20n, { trustWad: 0n }));
      await toEpoch(2n);
      expect(await redistributor.previewClaim(1n, 1n), "fees and success, no client and no trust").to.equal(7n * XP);
    });
  });

  describe("claimMany", () => {
    it("does nothing for an empty list", async () => {
      const { redistributor, xp, alice } = await networkHelpers.loadFixture(worked);
      expect(await redistributor.connect(alice).claimMany.staticCall([], alice)).to.equal(0n);
      await expect(redistributor.connect(alice).claimMany([], alice)).not.to.emit(xp, "Transfer");
    });

    it("refuses all where one is in the list twice, is somebody else's, or has nothing", async () => {
      const { redistributor, xp, alice } = await networkHelpers.loadFixture(worked);
      const own = { agentId: 1n, epoch: 1n };
      const asAlice = redistributor.connect(alice);
      await expect(asAlice.claimMany([own, own], alice))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NothingToClaim")
        .withArgs(1n, 1n);
      await expect(asAlice.claimMany([own, { agentId: 5n, epoch: 1n }], alice))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NotAuthorized")
        .withArgs(5n, alice.address);
      await expect(asAlice.claimMany([own, { agentId: 2n, epoch: 1n }], alice))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NothingToClaim")
        .withArgs(2n, 1n);
      expect(await xp.balanceOf(alice)).to.equal(0n);
    });

    it("pays the sum of several agents and epochs at once", async () => {
      const { redistributor, record, toEpoch, xp, alice, model } = await networkHelpers.loadFixture(worked);
      for (const each of [jobOf(1n, 100n), jobOf(2n, 4_000n)]) {
        model.record(2n, each);
        await record(each);
      }
      await toEpoch(3n);
      const claims = [
        { agentId: 2n, epoch: 2n },
        { agentId: 1n, epoch: 1n },
        { agentId: 1n, epoch: 2n },
      ];
      const sum = claims.reduce((total, { agentId, epoch }) => total + model.earned(agentId, epoch), 0n);
      expect(await redistributor.connect(alice).claimMany.staticCall(claims, alice)).to.equal(sum);
      await expect(redistributor.connect(alice).claimMany(claims, alice))
        .to.emit(redistributor, "Claimed")
        .withArgs(1n, 2n, alice.address, model.earned(1n, 2n));
      expect(await xp.balanceOf(alice)).to.equal(sum);
    });
  });

  describe("expire", () => {
    it("refuses an epoch without a job", async () => {
      const { redistributor, toEpoch } = await networkHelpers.loadFixture(worked);
      await toEpoch(60n);
      for (const epoch of [0n, 2n, 2n ** 256n - 1n]) {
        await expect(redistributor.expire(epoch))
          .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NothingRecorded")
          .withArgs(epoch);
      }
    });

    it("refuses to the end of the 52nd epoch after it, and pays claims until it is called", async () => {
      const { redistributor, start, alice, bob, model, xp, stranger } = await networkHelpers.loadFixture(worked);
      await redistributor.connect(alice).claim(1n, 1n, alice);
      await networkHelpers.time.setNextBlockTimestamp(start + 53n * WEEK - 1n);
      await expect(redistributor.expire(1n))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_NotYetExpired")
        .withArgs(1n, 54n);
      await networkHelpers.time.setNextBlockTimestamp(start + 53n * WEEK);
      await redistributor.connect(bob).claim(5n, 1n, bob);
      const left = (model.epochs()[0]?.released ?? 0n) - model.earned(1n, 1n) - model.earned(5n, 1n);
      expect(await redistributor.expire.staticCall(1n)).to.equal(left);
      await expect(redistributor.connect(stranger).expire(1n))
        .to.emit(redistributor, "EpochExpired")
        .withArgs(1n, left);
      expect(await xp.totalBurned()).to.equal(left);
      expect(await xp.balanceOf(redistributor)).to.equal(0n);
    });

    it("refuses claims and a second time afterwards, and has returned the rest to the pool", async () => {
      const { redistributor, toEpoch, xp, carol } = await networkHelpers.loadFixture(worked);
      await toEpoch(54n);
      expect(await redistributor.runningPool()).to.equal(MAX_XP_SUPPLY - (await redistributor.pendingRelease()));
      await redistributor.expire(1n);
      expect(await redistributor.previewClaim(9n, 1n)).to.equal(0n);
      await expect(redistributor.connect(carol).claim(9n, 1n, carol))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_EpochExpired")
        .withArgs(1n);
      await expect(redistributor.expire(1n))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_EpochExpired")
        .withArgs(1n);
      expect(await xp.totalSupply()).to.equal(0n);
      await toEpoch(55n);
      expect(await redistributor.runningPool()).to.equal(MAX_XP_SUPPLY);
    });
  });

  describe("previewClaim, estimateOf and runningPool", () => {
    it("say nothing can be claimed of a running epoch, and what it would be if it ended now", async () => {
      const { redistributor, record, toEpoch } = await networkHelpers.loadFixture(ready);
      expect(await redistributor.estimateOf(1n)).to.equal(0n);
      await record(jobOf(1n, 4_000n), jobOf(5n, 4_000n, { client: client(2) }));
      expect(await redistributor.previewClaim(1n, 1n)).to.equal(0n);
      expect(await redistributor.estimateOf(1n)).to.equal(2_000n * XP);
      await record(jobOf(1n, 4_000n, { trustWad: 0n }));
      const estimate = await redistributor.estimateOf(5n);
      await toEpoch(2n);
      expect(await redistributor.previewClaim(5n, 1n)).to.equal(estimate);
      expect(await redistributor.estimateOf(5n)).to.equal(0n);
    });
  });

  describe("setKappa", () => {
    it("refuses everybody but governance", async () => {
      const { redistributor, alice } = await networkHelpers.loadFixture(ready);
      await expect(redistributor.connect(alice).setKappa(1n))
        .to.be.revertedWithCustomError(redistributor, "AccessManagedUnauthorized")
        .withArgs(alice.address);
    });

    it("refuses more than a thousand XP", async () => {
      const { redistributor } = await networkHelpers.loadFixture(ready);
      await expect(redistributor.setKappa(1_000n * XP + 1n))
        .to.be.revertedWithCustomError(redistributor, "EpochRedistributor_KappaAboveMaximum")
        .withArgs(1_000n * XP + 1n, 1_000n * XP);
      await redistributor.setKappa(1_000n * XP);
      expect(await redistributor.kappa()).to.equal(1_000n * XP);
    });

    it("holds for epochs opened after it, and leaves the open one its own", async () => {
      const { redistributor, record, toEpoch } = await networkHelpers.loadFixture(ready);
      await record(job(1n));
      await expect(redistributor.setKappa(40n * XP))
        .to.emit(redistributor, "KappaChanged")
        .withArgs(INITIAL_KAPPA, 40n * XP);
      await record(job(1n));
      await toEpoch(2n);
      expect(await redistributor.previewClaim(1n, 1n)).to.equal(10_000n * XP);
      await record(job(1n));
      await redistributor.setKappa(0n);
      await toEpoch(3n);
      expect(await redistributor.previewClaim(1n, 2n)).to.equal(10_000n * XP);
      await record(job(1n));
      await toEpoch(4n);
      expect(await redistributor.previewClaim(1n, 3n)).to.equal(0n);
    });
  });

  describe("a successor", () => {
    it("finalises its predecessor before it fixes its first pool, so that nothing is minted twice", async () => {
      const { redistributor, successor, recordIn, toEpoch, xp, model, alice } =
        await networkHelpers.loadFixture(worked);
      const next = await successor(redistributor);
      const released = model.epochs()[0]?.released ?? 0n;
      expect(await next.openEpoch()).to.equal(1n);
      expect(await next.pendingRelease()).to.equal(released);
      expect(await next.runningPool()).to.equal(fundedBy(2n) - released);
      await expect(recordIn(next, jobOf(1n, 1_000n)))
        .to.emit(redistributor, "EpochFinalised")
        .withArgs(1n, fundedBy(1n), released)
        .and.to.emit(next, "EpochOpened")
        .withArgs(2n, fundedBy(2n) - released, INITIAL_KAPPA);
      expect(await xp.totalMinted()).to.equal(released);
      await toEpoch(3n);
      await redistributor.connect(alice).claim(1n, 1n, alice);
      await next.connect(alice).claim(1n, 2n, alice);
      expect(await xp.balanceOf(alice)).to.equal(model.earned(1n, 1n) + 500n * XP);
      expect((await xp.totalSupply()) <= fundedBy(2n)).to.equal(true);
    });

    it("refuses to record in an epoch that its predecessor still records, and starts with the next", async () => {
      const { redistributor, successor, record, recordIn, toEpoch, xp } = await networkHelpers.loadFixture(ready);
      await record(jobOf(1n, 40_000_000n));
      const next = await successor(redistributor);
      await expect(recordIn(next, jobOf(1n, 40_000_000n)))
        .to.be.revertedWithCustomError(next, "EpochRedistributor_PredecessorStillOpen")
        .withArgs(1n);
      await record(job(5n));
      await toEpoch(2n);
      await recordIn(next, jobOf(1n, 40_000_000n));
      await toEpoch(3n);
      await next.finalise();
      expect(await xp.totalSupply()).to.equal(fundedBy(2n));
    });

    it("reaches through predecessors that never recorded anything", async () => {
      const { redistributor, successor, record, recordIn, toEpoch, xp } = await networkHelpers.loadFixture(ready);
      await record(job(1n));
      const last = await successor(await successor(await successor(redistributor)));
      await expect(recordIn(last, job(1n)))
        .to.be.revertedWithCustomError(last, "EpochRedistributor_PredecessorStillOpen")
        .withArgs(1n);
      await toEpoch(2n);
      expect(await last.pendingRelease()).to.equal(5_000n * XP);
      await expect(last.finalise())
        .to.emit(redistributor, "EpochFinalised")
        .withArgs(1n, fundedBy(1n), 5_000n * XP);
      expect(await last.openEpoch()).to.equal(0n);
      await recordIn(last, job(1n));
      expect((await last.accountOf(2n)).remaining).to.equal(fundedBy(2n) - 5_000n * XP);
      await last.finalise();
      expect(await xp.totalMinted()).to.equal(5_000n * XP);
    });

    it("goes on where its predecessor lost the right to mint too early", async () => {
      const { redistributor, successor, recordIn, manager, toEpoch } = await networkHelpers.loadFixture(worked);
      const next = await successor(redistributor);
      await manager.revokeRole(MINTER, redistributor);
      await expect(recordIn(next, job(1n)))
        .to.emit(redistributor, "ReleaseRefused")
        .and.to.emit(next, "EpochOpened")
        .withArgs(2n, fundedBy(2n), INITIAL_KAPPA);
      await manager.grantRole(MINTER, redistributor, 0n);
      await toEpoch(3n);
      await expect(redistributor.finalise()).not.to.emit(redistributor, "EpochFinalised");
    });
  });

  describe("the source's examples", () => {
    for (const decimals of [6n, 18n]) {
      it(`pay 5,000 XP for 250 of fees and 7,500 for 375, with a token of ${decimals} decimals`, async () => {
        const { redistributor, record, toEpoch, alice, bob, xp } = await deploy(decimals);
        const unit = 10n ** decimals;
        await record(job(1n, { volume: 10_000n * unit, fee: 250n * unit }));
        await toEpoch(2n);
        await redistributor.connect(alice).claim(1n, 1n, alice);
        expect(await xp.balanceOf(alice)).to.equal(5_000n * XP);
        await record(job(5n, { volume: 15_000n * unit, fee: 375n * unit }));
        await toEpoch(3n);
        await redistributor.connect(bob).claim(5n, 2n, bob);
        expect(await xp.balanceOf(bob)).to.equal(7_500n * XP);
      });
    }

    it("pay out ten million XP burned in a week in the next, when that brings 500,000 of fees", async () => {
      const { redistributor, record, toEpoch, alice, bob, xp } = await networkHelpers.loadFixture(burnedTenMillion);
      expect(await xp.totalSupply()).to.equal(90_000_000n * XP);
      expect(await xp.burnedIn(54n)).to.equal(10_000_000n * XP);
      expect(await redistributor.runningPool()).to.equal(10_000_000n * XP);
      await record(jobOf(1n, 10_000_000n), jobOf(5n, 10_000_000n, { client: client(2) }));
      await toEpoch(56n);
      await redistributor.connect(alice).claim(1n, 55n, alice);
      await redistributor.connect(bob).claim(5n, 55n, bob);
      expect(await xp.balanceOf(bob)).to.equal(5_000_000n * XP);
      expect((await redistributor.accountOf(55n)).remaining).to.equal(0n);
      expect(await xp.totalSupply()).to.equal(MAX_XP_SUPPLY);
      expect(await redistributor.runningPool()).to.equal(0n);
    });

    it("leave to later weeks what the fees do not reach, and give no more than was burned for more fees", async () => {
      const { redistributor, record, toEpoch } = await networkHelpers.loadFixture(burnedTenMillion);
      await record(jobOf(1n, 19_999_960n));
      await toEpoch(56n);
      expect(await redistributor.pendingRelease()).to.equal(9_999_980n * XP);
      expect(await redistributor.runningPool()).to.equal(20n * XP);
      await record(jobOf(1n, 400_000_000n));
      await toEpoch(57n);
      expect(await redistributor.pendingRelease()).to.equal(20n * XP);
    });
  });

  describe("what cannot be gained", () => {
    it("is anything by a crowd of dust clients", async () => {
      const { redistributor, record } = await networkHelpers.loadFixture(ready);
      await record(jobOf(1n, 10_000n), jobOf(5n, 9_960n));
      const dust = Array.from({ length: 39 }, (_, number) =>
        job(5n, { client: client(100 + number), volume: 40n * (DOLLAR - 1n), fee: DOLLAR - 1n }),
      );
      const without = new RedistributionModel(6n);
      for (const each of [jobOf(1n, 10_000n), jobOf(5n, 9_960n)]) without.record(1n, each);
      const same = dust.map((each) => ({ ...each, client: client(1) }));
      for (const each of same) without.record(1n, each);
      await record(...dust);
      expect((await redistributor.workOf(5n, 1n)).clients).to.equal(1n);
      for (const agent of [1n, 5n]) expect(await redistributor.estimateOf(agent)).to.equal(without.earned(agent, 1n));
    });

    it("is little for the small by moving failures to a second identity: the table, and the chain says the same", async () => {
      const shifts = failureShifts();
      expect(shifts.length).to.equal(15);
      for (const { acceptedVolume, failedVolume, success, xp, gainBps } of shifts) {
        expect(success.together).to.equal((acceptedVolume * RATE_ONE) / (acceptedVolume + failedVolume + PRIOR_VOLUME));
        expect(success.apart).to.equal((acceptedVolume * RATE_ONE) / (acceptedVolume + PRIOR_VOLUME));
        for (const market of ["proven", "small"] as const) {
          expect(xp[market].apart > xp[market].together, "it does win something").to.equal(true);
          // the part that grows most is trust's, by failed / accepted
          expect(gainBps[market] * acceptedVolume < 10_000n * failedVolume, "is bounded").to.equal(true);
        }
      }
      const gains = shifts.map(({ gainBps }) => [gainBps.proven, gainBps.small]);
      expect(gains, "grows with the volume in prior volumes, and with the failures").to.deep.equal([
        ...[
          [141n, 136n],
          [291n, 283n],
          [774n, 791n],
        ],
        ...[
          [214n, 352n],
          [450n, 767n],
          [1_333n, 2_608n],
        ],
        ...[
          [373n, 700n],
          [781n, 1_521n],
          [2_268n, 5_125n],
        ],
        ...[
          [411n, 774n],
          [859n, 1_681n],
          [2_474n, 5_646n],
        ],
        ...[
          [415n, 778n],
          [867n, 1_690n],
          [2_495n, 5_677n],
        ],
      ]);
      expect(failureShiftTable().split("\n").slice(2, 5)).to.deep.equal([
        "| 100 | 11 | 9.00 % | 9.09 % | 1.41 % | 1.36 % |",
        "| 100 | 25 | 8.88 % | 9.09 % | 2.91 % | 2.83 % |",
        "| 100 | 100 | 8.33 % | 9.09 % | 7.74 % | 7.91 % |",
      ]);

      const named: Readonly<Record<string, string>> = { "a client": client(1), "another client": client(2) };
      for (const failing of [1n, 2n] as const) {
        for (const market of ["proven", "small"] as const) {
          const { redistributor, record } = await networkHelpers.loadFixture(ready);
          const jobs = failureShiftJobs(10_000n, 10_000n, failing, market);
          await record(...jobs.map((each) => ({ ...each, client: named[each.client] ?? client(3) })));
          const both = (await redistributor.estimateOf(1n)) + (await redistributor.estimateOf(2n));
          expect(both).to.equal(shifts[8]?.xp[market][failing === 1n ? "together" : "apart"]);
        }
      }
    });

    it("can be by settling in one week what was done in four: the model's number, which the page quotes", () => {
      const { weekly, together, gainBps } = batchedWeeks();
      expect([weekly / XP, together / XP, gainBps]).to.deep.equal([658n, 892n, 3_563n]);
    });

    it("is anything by claiming late, early or in another order, or lost by idle epochs between", async () => {
      const random = new Random(SEED);
      const outcomes: bigint[][] = [];
      for (const idle of [0n, 40n]) {
        for (const shuffled of [false, true]) {
          const { redistributor, record, toEpoch, alice, bob, carol, xp } = await networkHelpers.loadFixture(ready);
          const owner = (agent: bigint) => (agent <= 4n ? alice : agent <= 8n ? bob : carol);
          const model = new RedistributionModel(6n);
          const pairs: [bigint, bigint][] = [];
          for (const round of [0n, 1n, 2n]) {
            const epoch = 52n + round * (idle + 1n);
            await toEpoch(epoch);
            for (const agent of [1n, 2n, 5n, 9n]) {
              const one = jobOf(agent, 1_000n * (agent + round), {
                client: client(agent * round),
                trustWad: agent * XP,
              });
              await record(one);
              model.record(epoch, one);
              pairs.push([agent, epoch]);
            }
            if (!shuffled && round > 0n) {
              for (const [agent, past] of pairs.filter(([, past]) => past < epoch).splice(-4)) {
                await redistributor.connect(owner(agent)).claim(agent, past, owner(agent));
              }
            }
          }
          await toEpoch(200n);
          const left = shuffled ? random.shuffled(pairs) : pairs.slice(-4);
          for (const [agent, epoch] of left) {
            await redistributor.connect(owner(agent)).claim(agent, epoch, owner(agent));
          }
          const balances: bigint[] = [];
          for (const holder of [alice, bob, carol]) balances.push(await xp.balanceOf(holder));
          expect(balances[1], `XONOMY_SEED=${SEED}`).to.equal(
            pairs.reduce((total, [agent, epoch]) => (agent === 5n ? total + model.earned(agent, epoch) : total), 0n),
          );
          outcomes.push(balances);
        }
      }
      const [first = [], ...others] = outcomes;
      expect(Math.min(...first.map((balance) => Number(balance / XP)))).to.be.above(1_000);
      for (const other of others) expect(other, `XONOMY_SEED=${SEED}`).to.deep.equal(first);
    });
  });

  describe("a random history", () => {
    for (const decimals of [6n, 18n, 0n]) {
      it(`equals the model to the wei, with a token of ${decimals} decimals (XONOMY_SEED=${SEED})`, async () => {
        const random = new Random(SEED + decimals);
        const unit = 10n ** decimals;
        const world = await deploy(decimals);
        const { alice, bob, carol, xp, toEpoch, recordIn, successor, start } = world;
        const holders = [alice, bob, carol];
        const owner = (agent: bigint) => holders[Number((agent - 1n) / 4n)] ?? alice;
        const model = new RedistributionModel(decimals);
        let current = world.redistributor;
        /** Which contract recorded an epoch. */
        const recorder = new Map<bigint, EpochRedistributor>();
        const done = { jobs: 0, failures: 0, claims: 0, refusals: 0, burns: 0, expiries: 0, kappas: 0, successors: 0 };
        let epoch = 1n;

        const check = async (step: string) => {
          const minted = model.epochs(epoch - 1n).reduce((total, { released }) => total + released, 0n);
          expect((await xp.totalMinted()) + (await current.pendingRelease()), `minted ${step}`).to.equal(minted);
          expect((await xp.totalSupply()) + (await current.pendingRelease()), `supply ${step}`).to.equal(
            model.supply(epoch),
          );
          expect(model.supply(epoch) <= fundedBy(epoch) && fundedBy(epoch) <= MAX_XP_SUPPLY, step).to.equal(true);
          const running = model.epochs().find((each) => each.epoch === epoch);
          expect(await current.runningPool(), `pool ${step}`).to.equal(running?.pool ?? model.pool(epoch));
          for (const each of model.epochs()) {
            const target = recorder.get(each.epoch) ?? current;
            const { released, remaining, kappa, state } = await target.accountOf(each.epoch);
            expect(kappa, `κ ${step}`).to.equal(each.kappa);
            if (state === 1n) expect(remaining, `pool of ${each.epoch} ${step}`).to.equal(each.pool);
            if (state !== 1n) expect(released, `released of ${each.epoch} ${step}`).to.equal(each.released);
            if (state !== 1n) expect(remaining, `remaining of ${each.epoch}`).to.equal(model.remaining(each.epoch));
          }
          if (running === undefined) return;
          let clients = 0n;
          for (const agent of model.agents(epoch)) {
            expect(await current.estimateOf(agent), `estimate ${step}`).to.equal(model.earned(agent, epoch));
            const own = model.work(agent, epoch);
            const work = await current.workOf(agent, epoch);
            expect([...work], `work of ${agent} ${step}`).to.deep.equal([
              ...[own.fees, own.acceptedVolume, own.clients, own.settledVolume, own.feesByTrust],
            ]);
            clients += own.fees * own.clients;
          }
          expect((await current.sumsOf(epoch)).feesByClients, `sums ${step}`).to.equal(clients);
        };

        const step: Record<string, () => Promise<void>> = {
          async work() {
            const jobs = Array.from({ length: Number(random.between(1n, 8n)) }, () => {
              const failed = random.once(5n);
              const volume = random.magnitude(1n, 2_000_000n * unit);
              const fee = failed ? 0n : (volume * random.pick([250n, 150n, 25n]) + 9_999n) / 10_000n;
              done[failed ? "failures" : "jobs"]++;
              const trustWad = random.between(0n, 100n * XP);
              return { agent: random.between(1n, 12n), client: client(random.between(1n, 14n)), volume, fee, trustWad };
            });
            for (const each of jobs) model.record(epoch, each);
            recorder.set(epoch, current);
            await recordIn(current, ...jobs);
          },
          async wait() {
            epoch += random.once(4n) ? random.between(2n, 30n) : 1n;
            await toEpoch(epoch);
          },
          async claim() {
            const past = model
              .epochs(epoch - 1n)
              .flatMap((each) => model.agents(each.epoch).map((agent) => ({ agent, past: each.epoch })));
            if (past.length === 0) return;
            const { agent, past: of } = random.pick(past);
            const [target, holder] = [recorder.get(of) ?? current, owner(agent)];
            const claimable = model.claimable(agent, of);
            expect(await target.previewClaim(agent, of)).to.equal(claimable);
            const before = await xp.balanceOf(holder);
            if (claimable === 0n) {
              await expect(target.connect(holder).claim(agent, of, holder)).to.be.revert(ethers);
              expect(() => model.claim(epoch, agent, of)).to.throw(RangeError);
              done.refusals++;
              return;
            }
            await target.connect(holder).claim(agent, of, holder);
            expect((await xp.balanceOf(holder)) - before).to.equal(model.claim(epoch, agent, of));
            done.claims++;
            await expect(target.connect(holder).claim(agent, of, holder)).to.be.revertedWithCustomError(
              target,
              "EpochRedistributor_NothingToClaim",
            );
            done.refusals++;
          },
          async burn() {
            const holder = random.pick(holders);
            const balance = await xp.balanceOf(holder);
            if (balance === 0n) return;
            const amount = random.once(3n) ? balance : random.between(1n, balance);
            await xp.connect(holder).burn(amount);
            model.burn(epoch, amount);
            done.burns++;
          },
          async expire() {
            const old = model.epochs().filter((each) => each.epoch + EXPIRY_EPOCHS < epoch);
            for (const each of old) {
              const target = recorder.get(each.epoch) ?? current;
              if ((await target.accountOf(each.epoch)).state === 3n) continue;
              await target.expire(each.epoch);
              model.expire(epoch, each.epoch);
              done.expiries++;
              return;
            }
          },
          async kappa() {
            const kappa = random.pick([20n, 20n, 25n, 3n, 1_000n, 0n]) * XP;
            await current.setKappa(kappa);
            model.setKappa(kappa);
            done.kappas++;
          },
          async replace() {
            current = await successor(current);
            model.replace();
            epoch += 1n;
            await toEpoch(epoch);
            done.successors++;
          },
        };
        const plan = [
          ...Array.from({ length: 5 }, () => "work"),
          ...Array.from({ length: 4 }, () => "claim"),
          ...["wait", "wait", "wait", "burn", "burn", "expire"],
        ];
        const everythingDone = () => done.jobs >= 30 && Math.min(...Object.values(done)) >= 1;
        for (let number = 1; number <= effort(42, 100) || (number <= 1_000 && !everythingDone()); number++) {
          const name = number % 33 === 0 ? "replace" : number % 20 === 0 ? "kappa" : random.pick(plan);
          await step[name]?.();
          if (number % 3 === 0) await check(`after step ${number}, ${name}`);
        }
        await current.finalise();
        epoch += EXPIRY_EPOCHS + 2n;
        await toEpoch(epoch);
        for (const each of model.epochs()) {
          const target = recorder.get(each.epoch) ?? current;
          if ((await target.accountOf(each.epoch)).state === 3n) continue;
          await target.expire(each.epoch);
          model.expire(epoch, each.epoch);
          done.expiries++;
        }
        await check("at the end");
        for (const target of new Set(recorder.values())) expect(await xp.balanceOf(target)).to.equal(0n);
        expect(BigInt(await networkHelpers.time.latest()) > start + epoch * WEEK - WEEK).to.equal(true);
        expect(everythingDone(), JSON.stringify(done)).to.equal(true);
      });
    }
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    /** Gas of a claim to an owner who holds XP, of an epoch of `agents` that is final, `idle` epochs later; and of the job after them. */
    async function costsAfter(agents: bigint, idle: bigint) {
      const { redistributor, market, registry, record, toEpoch, alice } = await networkHelpers.loadFixture(ready);
      await registry.registerMany(alice, agents);
      await record(jobOf(1n, 1_000n), jobOf(2n, 1_000n));
      for (let done = 0n; done < agents; done += 100n) {
        const batch = Array.from({ length: Number(agents - done < 100n ? agents - done : 100n) }, (_, position) =>
          jobOf(13n + done + BigInt(position), 1_000n, { client: client(7) }),
        );
        await record(...batch);
      }
      await toEpoch(2n);
      await redistributor.connect(alice).claim(2n, 1n, alice);
      await toEpoch(2n + idle);
      const claim = await gasOf(redistributor.connect(alice).claim(1n, 1n, alice));
      await record(job(1n), job(5n));
      await toEpoch(3n + idle + idle);
      const opening = await market.settle.staticCall(redistributor, harnessJob(job(1n)), RECORD_GAS);
      return { claim, opening: opening.gasUsed };
    }

    it("of a claim is flat in the agents of the epoch and the idle epochs since, and within its budget", async () => {
      const costs: Awaited<ReturnType<typeof costsAfter>>[] = [];
      for (const [agents, idle] of [
        [10n, 1n],
        [10n, 100n],
        [10n, 500n],
        [1_000n, 1n],
      ] as const) {
        costs.push(await costsAfter(agents, idle));
      }
      if (hre.globalOptions.coverage) return;
      const text = costs.map(({ claim, opening }) => `claim ${claim}, opening ${opening}`).join("; ");
      expect(new Set(costs.map(({ claim }) => claim)).size, text).to.equal(1);
      expect(new Set(costs.map(({ opening }) => opening)).size, text).to.equal(1);
      expect(costs[0]?.claim, text).to.be.at.most(65_000n);
      if (process.env["XONOMY_GAS"] !== undefined) console.log(text);
    });

    it("of a record is within its budget, the worst far within what the market gives", async () => {
      const { redistributor, market, record, toEpoch, successor } = await networkHelpers.loadFixture(ready);
      const cost = async (target: EpochRedistributor, one: SettledJob) => {
        const settled = await market.settle.staticCall(target, harnessJob(one), RECORD_GAS);
        expect(settled.taken).to.equal(true);
        return settled.gasUsed;
      };
      const first = await cost(redistributor, job(1n));
      await record(job(1n), job(5n));
      const met = await cost(redistributor, job(1n));
      const failed = await cost(redistributor, failureOf(1n, 100n));
      const another = await cost(redistributor, job(1n, { client: client(2) }));
      const newcomer = await cost(redistributor, job(2n, { client: client(2) }));
      await toEpoch(2n);
      const again = await cost(redistributor, job(1n));
      const worst = await cost(redistributor, job(9n, { client: client(9) }));
      const next = await successor(redistributor);
      const replaced = await cost(next, job(9n, { client: client(9) }));
      if (hre.globalOptions.coverage) return;
      const costs = { first, met, failed, another, newcomer, again, worst, replaced };
      if (process.env["XONOMY_GAS"] !== undefined) console.log(costs);
      expect(met, "a client met before").to.be.at.most(60_000n);
      expect(failed, "a failed job").to.be.at.most(60_000n);
      expect(another, "a client met for the first time").to.be.at.most(62_000n);
      for (const cost_ of [first, worst, replaced]) expect(cost_).to.be.at.most((RECORD_GAS * 3n) / 4n);
    });
  });
});
