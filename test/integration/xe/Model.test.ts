import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { revertDataOf } from "../../../src/deployment/revert.js";
import {
  type Asset,
  encodeAsset,
  EncodingError,
  isValidAsset,
  isValidAssetId,
  XE,
  XUSD,
} from "../../../src/xe/asset.js";
import {
  type Address,
  BlockType,
  type BlockTypeName,
  blockTypeName,
  type Hash,
  sendLink,
} from "../../../src/xe/block.js";
import {
  costOf,
  DEFAULT_RATES,
  LEASE_LIMITS,
  type LeaseTerms,
  MAX_RATE,
  RULING_PERIOD,
  stakeOf,
  UNIT,
} from "../../../src/xe/lease.js";
import { LedgerModel, LedgerRefusal } from "../../../src/xe/ledger.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const LEDGER: Address = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
const ADA: Address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const BEN: Address = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const NOBODY = ZeroAddress as Address;
const NO_HASH: Hash = `0x${"00".repeat(32)}`;
const HOUR = 3_600n;
const DAY = 24n * HOUR;
/** 19 XUSD, and a stake of 3: see the worked costs. */
const TERMS: LeaseTerms = { vCpus: 4n, memoryMB: 8_192n, diskGB: 100n, duration: 3n * DAY };

const terms = (vCpus: bigint, memoryMB: bigint, diskGB: bigint, duration: bigint): LeaseTerms => ({
  vCpus,
  memoryMB,
  diskGB,
  duration,
});

describe("XE's model", () => {
  describe("asset encoding", () => {
    it("should be the source's table", () => {
      for (const [name, bytes] of [
        ["XE", "58 45 00 00 00 00 00 00"],
        ["XUSD", "58 55 53 44 00 00 00 00"],
      ] as const) {
        expect(encodeAsset(name)).to.equal(`0x${bytes.replaceAll(" ", "")}`);
        // "left-aligned UTF-8, zero-padded to 8 bytes"
        expect(Buffer.concat([Buffer.from(name), Buffer.alloc(8)], 8).toString("hex")).to.equal(
          bytes.replaceAll(" ", ""),
        );
        expect(isValidAsset(name)).to.equal(true);
      }
      expect([XE, XUSD]).to.deep.equal([encodeAsset("XE"), encodeAsset("XUSD")]);
    });

    it("should refuse names that are no text, and identifiers written otherwise", () => {
      expect(() => encodeAsset("\ud800")).to.throw(EncodingError, "whole characters");
      expect(() => encodeAsset("123456789")).to.throw(EncodingError, "9 bytes long");
      for (const asset of ["0X5845000000000000", "5845000000000000", "0x58450000000000", "0x584500000000000000", ""]) {
        expect(isValidAssetId(asset), asset).to.equal(false);
      }
      for (const to of ["0x12", "0x", `${BEN}00`] as Address[]) {
        expect(() => sendLink(to)).to.throw(EncodingError, "not 20 bytes long");
      }
    });
  });

  describe("cost formula", () => {
    it("should charge the source's rates: 20, 10 and 1 milli-XUSD", () => {
      expect(DEFAULT_RATES).to.deep.equal({ perVCpu: 20n, perMemoryGB: 10n, perDiskGB: 1n });
      // A thousand hours of one unit of each cost as many XUSD as an hour costs milli-XUSD.
      const thousand = 1_000n * HOUR;
      expect(costOf(terms(1n, 0n, 0n, thousand))).to.equal(20n);
      expect(costOf(terms(0n, 1_024n, 0n, thousand))).to.equal(10n);
      expect(costOf(terms(0n, 0n, 1n, thousand))).to.equal(1n);
      expect(costOf(terms(1n, 1_024n, 1n, thousand))).to.equal(31n);
    });

    it("should round memory up to GB, the term up to hours, and the cost up to XUSD", () => {
      const thousand = 1_000n * HOUR;
      for (const [memoryMB, cost] of [
        [1n, 10n],
        [1_023n, 10n],
        [1_024n, 10n],
        [1_025n, 20n],
        [2_048n, 20n],
        [2_049n, 30n],
      ] as const) {
        expect(costOf(terms(0n, memoryMB, 0n, thousand)), String(memoryMB)).to.equal(cost);
      }
      for (const [duration, cost] of [
        [1n, 20n],
        [HOUR - 1n, 20n],
        [HOUR, 20n],
        [HOUR + 1n, 40n],
        [2n * HOUR, 40n],
        [2n * HOUR + 1n, 60n],
      ] as const) {
        expect(costOf(terms(1_000n, 0n, 0n, duration)), String(duration)).to.equal(cost);
      }
      for (const [diskGB, cost] of [
        [999n, 1n],
        [1_000n, 1n],
        [1_001n, 2n],
        [2_000n, 2n],
        [2_001n, 3n],
      ] as const) {
        expect(costOf(terms(0n, 0n, diskGB, HOUR)), String(diskGB)).to.equal(cost);
      }
    });

    it("should cost, and stake, what was worked out by hand", () => {
      for (const [asked, cost, stake] of [
        // (4 × 20 + 8 × 10 + 100 × 1) × 72 = 18,720 milli
        [TERMS, 19n, 3n],
        // (1 × 20 + 1 × 10 + 10 × 1) × 1 = 40 milli
        [terms(1n, 512n, 10n, HOUR), 1n, 1n],
        // (2 × 20 + 4 × 10 + 50 × 1) × 24 = 3,120 milli
        [terms(2n, 4_096n, 50n, DAY), 4n, 1n],
        // (16 × 20 + 64 × 10 + 1,000 × 1) × 720 = 1,411,200 milli
        [terms(16n, 65_536n, 1_000n, 30n * DAY), 1_412n, 282n],
        // (4,096 × 20 + 65,536 × 10 + 4,194,304 × 1) × 8,760 = 43,200,675,840 milli
        [terms(4_096n, 67_108_864n, 4_194_304n, 365n * DAY), 43_200_676n, 8_640_135n],
      ] as const) {
        expect(costOf(asked)).to.equal(cost);
        expect(stakeOf(cost)).to.equal(stake);
      }
      const { vCpus, memoryMB, diskGB, maxDuration } = LEASE_LIMITS;
      const rates = { perVCpu: MAX_RATE, perMemoryGB: MAX_RATE, perDiskGB: MAX_RATE };
      const most = costOf(terms(vCpus, memoryMB, diskGB, maxDuration), rates);
      // (4,096 + 65,536 + 4,194,304) × 1,000,000 × 8,760 / 1,000
      expect(most).to.equal(37_352_079_360_000n);
      expect(most < 2n ** 56n).to.equal(true);
    });

    it("should be at least 1, and the stake too", () => {
      const free = { perVCpu: 0n, perMemoryGB: 0n, perDiskGB: 0n };
      expect(costOf(TERMS, free)).to.equal(1n);
      expect(costOf(terms(0n, 0n, 0n, 0n))).to.equal(1n);
      expect([1n, 4n, 5n, 9n, 10n, 14n, 15n].map(stakeOf)).to.deep.equal([1n, 1n, 1n, 1n, 2n, 2n, 3n]);
    });

    it("should be the least whole amount that covers resources and hours, at any rates", () => {
      const seed = seedOfThisRun();
      const random = new Random(seed);
      for (let i = 0; i < 2_000; i++) {
        const rates = {
          perVCpu: random.magnitude(1n, MAX_RATE),
          perMemoryGB: random.magnitude(1n, MAX_RATE),
          perDiskGB: random.magnitude(1n, MAX_RATE),
        };
        const { vCpus, memoryMB, diskGB, maxDuration } = LEASE_LIMITS;
        const asked = terms(
          random.between(0n, vCpus),
          random.between(0n, memoryMB),
          random.between(0n, diskGB),
          random.magnitude(1n, maxDuration),
        );
        const told = `XONOMY_SEED=${seed}, step ${String(i)}`;
        // Whole GB and hours by taking what is missing to the next whole one, and not by adding before a division.
        const gb = (asked.memoryMB + ((1_024n - (asked.memoryMB % 1_024n)) % 1_024n)) / 1_024n;
        const hours = (asked.duration + ((HOUR - (asked.duration % HOUR)) % HOUR)) / HOUR;
        const milli = (asked.vCpus * rates.perVCpu + gb * rates.perMemoryGB + asked.diskGB * rates.perDiskGB) * hours;
        const cost = costOf(asked, rates);
        expect(cost >= 1n && cost * 1_000n >= milli, told).to.equal(true);
        expect(cost === 1n || (cost - 1n) * 1_000n < milli, told).to.equal(true);
        const stake = stakeOf(cost);
        expect(stake >= 1n && (stake === 1n || stake * 5n <= cost) && (stake + 1n) * 5n > cost, told).to.equal(true);
      }
    });
  });

  /** A model in which everything that makes a block has happened. */
  function lived(): { readonly model: LedgerModel; readonly id: Hash } {
    const model = new LedgerModel({
      chainId: 1n,
      ledger: LEDGER,
      faucet: true,
      at: 1n,
      recipient: ADA,
      amount: 500n * UNIT,
    });
    const [ada, ben] = [(at: bigint) => ({ from: ADA, at }), (at: bigint) => ({ from: BEN, at })];
    model.claim(ben(2n));
    model.receivePending(ben(3n), BEN, model.send(ada(3n), XUSD, BEN, 7n));
    model.cancelLease(ada(4n), model.lease(ada(4n), TERMS, NOBODY, MaxUint256).id);
    const { id } = model.lease(ada(5n), TERMS, BEN, MaxUint256);
    const { endsAt } = model.acceptLease(ben(6n), id);
    model.objectToLease(ada(7n), id);
    model.rule({ from: NOBODY, at: 8n }, id, false);
    model.objectToLease(ada(9n), id);
    model.lapseObjection({ at: 9n + RULING_PERIOD }, id);
    model.settleLease({ at: endsAt + RULING_PERIOD }, id);
    const last = endsAt + RULING_PERIOD + 1n;
    model.receivePending(ada(last), ADA, model.send(ben(last), XE, ADA, UNIT));
    model.transfer({ at: last }, XE, ADA, BEN, 1n);
    model.transfer({ at: last }, XUSD, ADA, BEN, 1n);
    return { model, id };
  }

  describe("asset rules by block type", () => {
    /** Source, the table; the last four are choices. */
    const REQUIRED: Readonly<Record<BlockTypeName, readonly Asset[]>> = {
      Send: [XE, XUSD],
      Receive: [XE, XUSD],
      Claim: [XUSD],
      Lease: [XUSD],
      LeaseAccept: [XUSD],
      LeaseSettle: [XE],
      LeaseCancel: [XUSD],
      LeaseObject: [XUSD],
      LeaseBond: [XUSD],
      Mint: [XUSD],
    };

    it("should give every type the asset that the source's table requires", () => {
      const had = new Map<string, Set<Asset>>();
      for (const { block } of lived().model.blocks) {
        const name = blockTypeName(block.blockType) ?? "none";
        had.set(name, (had.get(name) ?? new Set()).add(block.asset));
      }
      for (const [name, assets] of Object.entries(REQUIRED)) {
        expect([...(had.get(name) ?? [])].sort(), name).to.deep.equal([...assets].sort());
      }
      expect(had.size).to.equal(Object.keys(BlockType).length);
      const { model } = lived();
      // "Must match the send": a receive is in the asset of the block that it links to.
      const byHash = new Map(model.blocks.map(({ block, hash }) => [hash, block]));
      for (const { block } of model.blocks) {
        if (block.blockType === BlockType.Receive) expect(byHash.get(block.link)?.asset).to.equal(block.asset);
      }
    });

    it("should change one asset in a block, and both in a settlement alone", () => {
      const { model, id } = lived();
      for (const account of model.accounts) {
        const last = new Map<Asset, bigint>();
        for (const { asset, balance } of model.chainOf(account)) last.set(asset, balance);
        const settled = model.chainOf(account).findIndex(({ blockType }) => blockType === BlockType.LeaseSettle);
        for (const asset of [XE, XUSD]) {
          const after = model
            .chainOf(account)
            .slice(settled + 1)
            .some((block) => block.asset === asset);
          const back = settled >= 0 && asset === XUSD && !after ? stakeOf(19n) * UNIT : 0n;
          expect(model.balanceOf(account, asset), account).to.equal((last.get(asset) ?? 0n) + back);
        }
      }
      expect(model.leases.get(id)?.state).to.equal("settled");
    });
  });

  describe("lease economics", () => {
    it("should debit cost and stake, credit emission, and return the stake", () => {
      const model = new LedgerModel({
        chainId: 1n,
        ledger: LEDGER,
        faucet: false,
        at: 1n,
        recipient: ADA,
        amount: 50n * UNIT,
      });
      model.transfer({ at: 2n }, XUSD, ADA, BEN, 10n * UNIT);
      const has = () => [ADA, BEN].map((who) => [XE, XUSD].map((asset) => model.balanceOf(who, asset) / UNIT));
      // "Debits: -cost XUSD"
      const { id, cost } = model.lease({ from: ADA, at: 3n }, TERMS, NOBODY, MaxUint256);
      expect(cost).to.equal(19n * UNIT);
      expect(has()).to.deep.equal([
        [0n, 21n],
        [0n, 10n],
      ]);
      expect(model.heldOf(XUSD)).to.equal(cost);
      // "Debits: -stake XUSD (cost/5)"
      const { endsAt } = model.acceptLease({ from: BEN, at: 4n }, id);
      expect(has()).to.deep.equal([
        [0n, 21n],
        [0n, 7n],
      ]);
      expect([model.heldOf(XUSD), model.supplyOf(XUSD), model.supplyOf(XE)]).to.deep.equal([3n * UNIT, 31n * UNIT, 0n]);
      expect(() => model.settleLease({ at: endsAt - 1n }, id)).to.throw(LedgerRefusal, "TermNotOver");
      // "Credits: +emission XE" and "Side effect: +stake XUSD returned"; "The XE emission at settlement equals the cost."
      expect(model.settleLease({ at: endsAt }, id)).to.deep.equal({ emission: cost, stake: 3n * UNIT });
      expect(has()).to.deep.equal([
        [0n, 21n],
        [19n, 10n],
      ]);
      expect([model.heldOf(XUSD), model.supplyOf(XUSD), model.supplyOf(XE)]).to.deep.equal([0n, 31n * UNIT, cost]);
      expect(() => model.settleLease({ at: endsAt }, id)).to.throw(LedgerRefusal, "WrongLeaseState");
    });
  });

  describe("delegation weight", () => {
    it("should count XUSD alone, for whoever is delegated to", () => {
      const { model } = lived();
      const at = 10_000_000n;
      for (const from of [ADA, BEN]) model.delegate({ from, at }, BEN);
      const all = () => model.balanceOf(ADA, XUSD) + model.balanceOf(BEN, XUSD);
      expect(model.votesOf(BEN)).to.equal(all());
      expect(model.balanceOf(BEN, XE) > 0n).to.equal(true);
      const before = model.votesOf(BEN);
      model.send({ from: BEN, at: at + 1n }, XE, ADA, UNIT);
      expect(model.votesOf(BEN)).to.equal(before);
      model.send({ from: BEN, at: at + 2n }, XUSD, ADA, 3n);
      expect(model.votesOf(BEN)).to.equal(before - 3n);
      expect(model.pastVotesOf(BEN, at + 1n)).to.equal(before);
      expect(model.pastVotesOf(BEN, at - 1n)).to.equal(0n);
      expect(model.votesOf(ADA)).to.equal(0n);
    });
  });

  describe("refusals", () => {
    it("should name the first of two faults, as the contract does", async () => {
      const [owner, ada, ben] = (await ethers.getSigners()) as [
        HardhatEthersSigner,
        HardhatEthersSigner,
        HardhatEthersSigner,
      ];
      const manager = await ethers.deployContract("AccessManager", [owner]);
      const ledger = await ethers.deployContract("DualAssetLedger", [manager, false, ada, 30n * UNIT]);
      const address = (await ledger.getAddress()) as Address;
      const [who, other] = [ada.address as Address, ben.address as Address];
      const { chainId } = await ethers.provider.getNetwork();
      let at = BigInt(await networkHelpers.time.latest());
      const model = new LedgerModel({
        chainId,
        ledger: address,
        faucet: false,
        at,
        recipient: who,
        amount: 30n * UNIT,
      });
      await ledger.connect(ada).lease(TERMS, other, MaxUint256);
      at = BigInt(await networkHelpers.time.latest());
      const { id } = model.lease({ from: who, at }, TERMS, other, MaxUint256);
      expect(await ledger.headOf(who)).to.equal(id);
      const none: Hash = `0x${"ab".repeat(32)}`;
      const wrong: Asset = "0x5845000000000001";
      const [asAda, asBen] = [ledger.connect(ada), ledger.connect(ben)];
      const [sender, second] = [
        { from: who, at: at + 1n },
        { from: other, at: at + 1n },
      ];
      const { vCpus, memoryMB, diskGB } = LEASE_LIMITS;
      const huge = terms(vCpus + 1n, memoryMB + 1n, diskGB + 1n, 0n);
      const nothing = terms(0n, 0n, 0n, 0n);
      for (const [error, call, deed] of [
        ["UnknownAsset", () => asAda.send.staticCall(wrong, address, 0n), () => model.send(sender, wrong, address, 0n)],
        ["AmountIsZero", () => asAda.send.staticCall(XE, address, 0n), () => model.send(sender, XE, address, 0n)],
        ["InvalidDestination", () => asAda.send.staticCall(XE, address, 1n), () => model.send(sender, XE, address, 1n)],
        ["InvalidDestination", () => asAda.send.staticCall(XE, NOBODY, 1n), () => model.send(sender, XE, NOBODY, 1n)],
        ["BalanceTooLow", () => asAda.send.staticCall(XE, who, 1n), () => model.send(sender, XE, who, 1n)],
        [
          "NothingPending",
          () => asAda.receivePending.staticCall(who, none),
          () => model.receivePending(sender, who, none),
        ],
        ["NoFaucet", () => asAda.claim.staticCall(), () => model.claim(sender)],
        ["TooManyVCpus", () => asAda.lease.staticCall(huge, who, 0n), () => model.lease(sender, huge, who, 0n)],
        [
          "TooMuchMemory",
          () => asAda.lease.staticCall({ ...huge, vCpus }, who, 0n),
          () => model.lease(sender, { ...huge, vCpus }, who, 0n),
        ],
        [
          "TooMuchDisk",
          () => asAda.lease.staticCall({ ...huge, vCpus, memoryMB }, who, 0n),
          () => model.lease(sender, { ...huge, vCpus, memoryMB }, who, 0n),
        ],
        ["NothingLeased", () => asAda.lease.staticCall(nothing, who, 0n), () => model.lease(sender, nothing, who, 0n)],
        [
          "DurationOutOfRange",
          () => asAda.lease.staticCall({ ...nothing, vCpus }, who, 0n),
          () => model.lease(sender, { ...nothing, vCpus }, who, 0n),
        ],
        [
          "CostAboveMaximum",
          () => asBen.lease.staticCall(TERMS, who, 19n * UNIT - 1n),
          () => model.lease(second, TERMS, who, 19n * UNIT - 1n),
        ],
        [
          "BalanceTooLow",
          () => asBen.lease.staticCall(TERMS, who, 19n * UNIT),
          () => model.lease(second, TERMS, who, 19n * UNIT),
        ],
        ["WrongLeaseState", () => asBen.cancelLease.staticCall(none), () => model.cancelLease(second, none)],
        ["NotConsumer", () => asBen.cancelLease.staticCall(id), () => model.cancelLease(second, id)],
        ["WrongLeaseState", () => asAda.acceptLease.staticCall(none), () => model.acceptLease(sender, none)],
        ["NotProvider", () => asAda.acceptLease.staticCall(id), () => model.acceptLease(sender, id)],
        ["BalanceTooLow", () => asBen.acceptLease.staticCall(id), () => model.acceptLease(second, id)],
        ["WrongLeaseState", () => asBen.objectToLease.staticCall(id), () => model.objectToLease(second, id)],
        ["WrongLeaseState", () => asBen.lapseObjection.staticCall(id), () => model.lapseObjection(second, id)],
        ["WrongLeaseState", () => asBen.settleLease.staticCall(id), () => model.settleLease(second, id)],
        ["WrongLeaseState", () => ledger.rule.staticCall(id, true), () => model.rule(sender, id, true)],
        ["AmountIsZero", () => ledger.mint.staticCall(NOBODY, 0n), () => model.mint(sender, NOBODY, 0n)],
        [
          "InvalidDestination",
          () => ledger.mint.staticCall(NOBODY, 2n ** 120n),
          () => model.mint(sender, NOBODY, 2n ** 120n),
        ],
        ["MintedTooMuch", () => ledger.mint.staticCall(who, 2n ** 120n), () => model.mint(sender, who, 2n ** 120n)],
        [
          "RateTooHigh",
          () => ledger.setRates.staticCall({ perVCpu: 1_000_001n, perMemoryGB: 1_000_003n, perDiskGB: 1_000_002n }),
          () => {
            model.setRates({ perVCpu: 1_000_001n, perMemoryGB: 1_000_003n, perDiskGB: 1_000_002n });
          },
        ],
      ] as const) {
        let refusal: unknown;
        try {
          deed();
        } catch (caught) {
          refusal = caught;
        }
        if (!(refusal instanceof LedgerRefusal)) throw new Error(`The model does not refuse with ${error}.`);
        expect(refusal.error).to.equal(error);
        const failure: unknown = await call().then(
          () => undefined,
          (caught: unknown) => caught,
        );
        const said = ledger.interface.parseError(revertDataOf(failure) ?? "0x");
        expect(said?.name).to.equal(`DualAssetLedger_${error}`);
        expect([...(said?.args ?? [])].map(String), error).to.deep.equal(refusal.values.map(String));
      }
      expect(model.headOf(who)).to.equal(await ledger.headOf(who));
      expect(model.headOf(other)).to.equal(NO_HASH);
    });
  });
});
