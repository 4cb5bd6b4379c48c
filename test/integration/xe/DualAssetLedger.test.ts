import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { type ContractTransactionResponse, MaxUint256, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import { XE, XUSD } from "../../../src/xe/asset.js";
import {
  type Address,
  BlockType,
  genesisOf,
  type Hash,
  hashBlock,
  leaseLink,
  sendLink,
} from "../../../src/xe/block.js";
import { costOf, LEASE_LIMITS, type LeaseTerms, MAX_RATE, stakeOf } from "../../../src/xe/lease.js";
import { MAX_MINTED } from "../../../src/xe/ledger.js";
import type { AssetFace } from "../../../typechain-types/index.js";

const { ethers, networkHelpers } = await network.create();

const UNIT = 10n ** 18n;
const HOUR = 3_600n;
const DAY = 24n * HOUR;
const WEEK = 7n * DAY;
const INITIAL = 1_000_000n * UNIT;
/** 4 vCPUs, 8 GB and 100 GB for three days: (80 + 80 + 100) × 72 = 18,720 milli, so 19 XUSD, and a stake of 3. */
const TERMS: LeaseTerms = { vCpus: 4n, memoryMB: 8_192n, diskGB: 100n, duration: 3n * DAY };
const COST = 19n * UNIT;
const STAKE = 3n * UNIT;
/** Identifiers that look like an asset and are none. */
const MISPADDED = [
  "0x5845000000000001",
  "0x5845000000000020",
  "0x0000000000005845",
  "0x0058450000000000",
  "0x5855534400000001",
  "0x5855534420202020",
  "0x7865000000000000",
  "0x5855534453000000",
  "0x0000000000000000",
];

const State = { None: 0n, Open: 1n, Running: 2n, Objected: 3n, Settled: 4n, Cancelled: 5n, Upheld: 6n } as const;

type Account = HardhatEthersSigner;

describe("DualAssetLedger", () => {
  const latest = async () => BigInt(await networkHelpers.time.latest());
  const nextAt = (at: bigint) => networkHelpers.time.setNextBlockTimestamp(at);

  async function deployed() {
    const [owner, ada, ben, cy, arbiter] = (await ethers.getSigners()) as [Account, Account, Account, Account, Account];
    const manager = await ethers.deployContract("AccessManager", [owner]);
    const ledger = await ethers.deployContract("DualAssetLedger", [manager, true, owner, INITIAL]);
    await manager.setTargetFunctionRole(ledger, [ledger.interface.getFunction("rule").selector], 1n);
    await manager.grantRole(1n, arbiter, 0n);
    const face = async (address: string) => (await ethers.getContractAt("AssetFace", address)) as unknown as AssetFace;
    const [xe, xusd] = [await face(await ledger.xe()), await face(await ledger.xusd())];
    for (const who of [ada, ben]) await xusd.transfer(who, 1_000n * UNIT);
    return { owner, ada, ben, cy, arbiter, manager, ledger, xe, xusd };
  }
  const fixture = () => networkHelpers.loadFixture(deployed);
  type World = Awaited<ReturnType<typeof deployed>>;

  const headOf = async ({ ledger }: World, who: Account) => (await ledger.headOf(who)) as Hash;
  const xusdOf = async ({ ledger }: World, who: { address: string } | string) =>
    ledger.balanceOf(typeof who === "string" ? who : who.address, XUSD);
  const held = async (world: World) => xusdOf(world, await world.ledger.getAddress());

  /** Opens a lease of Ada's and returns its id. */
  async function open(world: World, terms: LeaseTerms = TERMS, provider: string = ZeroAddress): Promise<Hash> {
    await world.ledger.connect(world.ada).lease(terms, provider, MaxUint256);
    return headOf(world, world.ada);
  }

  /** The same, accepted by Ben; with the time that its term ends. */
  async function running(world: World, terms: LeaseTerms = TERMS) {
    const id = await open(world, terms);
    await world.ledger.connect(world.ben).acceptLease(id);
    const { endsAt } = await world.ledger.leaseOf(id);
    return { id, endsAt };
  }

  async function objected(world: World, terms: LeaseTerms = TERMS) {
    const { id, endsAt } = await running(world, terms);
    await world.ledger.connect(world.ada).objectToLease(id);
    const rulingEndsAt = (await latest()) + WEEK;
    return { id, endsAt, rulingEndsAt };
  }

  const stateOf = async ({ ledger }: World, id: Hash) => (await ledger.leaseOf(id)).state;
  const settledAsset = async ({ ledger }: World) =>
    [await ledger.totalSupply(XE), await ledger.totalSupply(XUSD)] as const;

  describe("constructor", () => {
    it("should refuse an authority without code", async () => {
      const { ada, ledger } = await fixture();
      await expect(ethers.deployContract("DualAssetLedger", [ada, true, ada, 1n]))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_AuthorityHasNoCode")
        .withArgs(ada.address);
    });

    it("should refuse an initial amount for nobody, or of more than can be minted", async () => {
      const { manager, ledger, ada } = await fixture();
      await expect(ethers.deployContract("DualAssetLedger", [manager, true, ZeroAddress, 1n]))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_InvalidDestination")
        .withArgs(ZeroAddress);
      await expect(ethers.deployContract("DualAssetLedger", [manager, true, ada, MAX_MINTED + 1n]))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_MintedTooMuch")
        .withArgs(MAX_MINTED + 1n, MAX_MINTED);
    });

    it("should mint the initial amount as a block, and nothing where it is zero", async () => {
      const { manager, owner, ledger, xusd } = await fixture();
      expect(await ledger.totalSupply(XUSD)).to.equal(INITIAL);
      expect(await ledger.xusdMinted()).to.equal(INITIAL);
      const [first] = await ledger.queryFilter(ledger.filters.BlockAdded(owner));
      expect(first?.args.slice(2)).to.deep.equal([ZeroHash, BigInt(BlockType.Mint), XUSD, INITIAL]);
      expect((await xusd.queryFilter(xusd.filters.Transfer(ZeroAddress)))[0]?.args.slice(0, 3)).to.deep.equal([
        ZeroAddress,
        owner.address,
        INITIAL,
      ]);
      const empty = await ethers.deployContract("DualAssetLedger", [manager, false, ZeroAddress, 0n]);
      expect(await empty.totalSupply(XUSD)).to.equal(0n);
      expect(await empty.faucet()).to.equal(false);
    });

    it("should begin with the source's rates: 20, 10 and 1 milli-XUSD an hour", async () => {
      const { ledger } = await fixture();
      const { perVCpu, perMemoryGB, perDiskGB } = await ledger.rates();
      expect([perVCpu, perMemoryGB, perDiskGB]).to.deep.equal([20n, 10n, 1n]);
      await expect(ledger.deploymentTransaction()).to.emit(ledger, "RatesSet").withArgs(20n, 10n, 1n);
    });
  });

  describe("asset encoding", () => {
    it('should be, as in the source, 58 45 00 … for "XE" and 58 55 53 44 00 … for "XUSD"', async () => {
      const codec = await ethers.deployContract("AssetCodec");
      expect(await codec.encode("XE")).to.equal("0x5845000000000000");
      expect(await codec.encode("XUSD")).to.equal("0x5855534400000000");
      expect([XE, XUSD]).to.deep.equal(["0x5845000000000000", "0x5855534400000000"]);
    });

    it('should trim trailing zeros, as "when decoding, trailing zero bytes are trimmed"', async () => {
      const codec = await ethers.deployContract("AssetCodec");
      expect(await codec.decode("0x5845000000000000")).to.equal("XE");
      expect(await codec.decode("0x5855534400000000")).to.equal("XUSD");
      expect(await codec.decode("0x5800450000000000")).to.equal("X\0E");
      expect(await codec.decode("0x5845200000000000")).to.equal("XE ");
      expect(await codec.decode("0x0000000000000000")).to.equal("");
      expect(await codec.decode("0x4142434445464748")).to.equal("ABCDEFGH");
      expect(await codec.encode("ABCDEFGH")).to.equal("0x4142434445464748");
      await expect(codec.encode("ABCDEFGHI"))
        .to.be.revertedWithCustomError(codec, "AssetId_NameTooLong")
        .withArgs("ABCDEFGHI");
    });

    it('should accept "XE" and "XUSD" alone, as `IsValidAsset` does', async () => {
      const { ledger } = await fixture();
      const codec = await ethers.deployContract("AssetCodec");
      for (const name of ["XE", "XUSD"]) expect(await ledger.isValidAsset(name), name).to.equal(true);
      for (const name of [
        "",
        "xe",
        "xusd",
        "XE ",
        "XE\0",
        "XE".padEnd(8, "\0"),
        "XUSD".padEnd(8, "\0"),
        "XUSDT",
        "BTC",
        "X".repeat(40),
      ]) {
        expect(await ledger.isValidAsset(name), name).to.equal(false);
      }
      for (const asset of MISPADDED) expect(await codec.isValid(asset), asset).to.equal(false);
    });

    it("should be refused everywhere when it is not in the allowlist, also when it differs in its padding only", async () => {
      const { ledger, ada } = await fixture();
      for (const asset of MISPADDED) {
        const block = { blockType: 1, account: ada, asset, previous: ZeroHash, link: ZeroHash, balance: 0n };
        for (const call of [
          () => ledger.connect(ada).send(asset, ada, 1n),
          () => ledger.balanceOf(ada, asset),
          () => ledger.totalSupply(asset),
          () => ledger.encodeBlock(block),
        ]) {
          await expect(call()).to.be.revertedWithCustomError(ledger, "DualAssetLedger_UnknownAsset").withArgs(asset);
        }
      }
    });
  });

  describe("send", () => {
    it("should refuse zero, the zero address, the ledger itself, its faces, and more than there is", async () => {
      const { ledger, ada, ben } = await fixture();
      const from = ledger.connect(ada);
      await expect(from.send(XUSD, ben, 0n)).to.be.revertedWithCustomError(ledger, "DualAssetLedger_AmountIsZero");
      for (const to of [ZeroAddress, await ledger.getAddress(), await ledger.xe(), await ledger.xusd()]) {
        await expect(from.send(XUSD, to, 1n))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_InvalidDestination")
          .withArgs(to);
      }
      await expect(from.send(XUSD, ben, 1_000n * UNIT + 1n))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_BalanceTooLow")
        .withArgs(ada.address, XUSD, 1_000n * UNIT, 1_000n * UNIT + 1n);
      await expect(from.send(XE, ben, 1n))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_BalanceTooLow")
        .withArgs(ada.address, XE, 0n, 1n);
    });

    it("should debit the asset alone, leave it pending, and tell in a block and a Transfer", async () => {
      const world = await fixture();
      const { ledger, ada, ben, xusd } = world;
      const address = (await ledger.getAddress()) as Address;
      const previous = await headOf(world, ada);
      const expected = hashBlock({
        blockType: BlockType.Send,
        account: ada.address as Address,
        asset: XUSD,
        previous,
        link: sendLink(ben.address as Address),
        balance: 900n * UNIT,
      });
      expect(await ledger.connect(ada).send.staticCall(XUSD, ben, 100n * UNIT)).to.equal(expected);
      const sent = ledger.connect(ada).send(XUSD, ben, 100n * UNIT);
      await expect(sent)
        .to.emit(ledger, "BlockAdded")
        .withArgs(ada.address, expected, sendLink(ben.address as Address), BlockType.Send, XUSD, 900n * UNIT);
      await expect(sent)
        .to.emit(xusd, "Transfer")
        .withArgs(ada.address, address, 100n * UNIT);
      expect(await headOf(world, ada)).to.equal(expected);
      expect(await xusdOf(world, ada)).to.equal(900n * UNIT);
      expect(await xusdOf(world, ben)).to.equal(1_000n * UNIT);
      expect(await held(world)).to.equal(100n * UNIT);
      expect(await ledger.pendingOf(ben, expected)).to.deep.equal([XUSD, 100n * UNIT]);
      expect(await ledger.balanceOf(ada, XE)).to.equal(0n);
    });

    it('"A send of 100 XE updates the XE balance; the XUSD balance is unaffected", nor can both be in one block', async () => {
      const world = await fixture();
      const { ledger, ada, ben, cy } = world;
      // 100 vCPUs for three days cost 144 XUSD, and Ben earns as much in XE.
      const { id, endsAt } = await running(world, { ...TERMS, vCpus: 100n, memoryMB: 0n, diskGB: 0n });
      await networkHelpers.time.increaseTo(endsAt);
      await ledger.settleLease(id);
      const before = await xusdOf(world, ben);
      await ledger.connect(ben).send(XE, cy, 100n * UNIT);
      expect([await ledger.balanceOf(ben, XE), await xusdOf(world, ben)]).to.deep.equal([44n * UNIT, before]);
      await ledger.connect(ben).send(XUSD, cy, UNIT);
      expect([await ledger.balanceOf(ben, XE), await xusdOf(world, ben)]).to.deep.equal([44n * UNIT, before - UNIT]);
      // Also in one transaction each asset has a block of its own.
      const sends = [XE, XUSD].map((asset) => ledger.interface.encodeFunctionData("send", [asset, ada.address, 3n]));
      const receipt = await (await ledger.connect(ben).multicall(sends)).wait();
      const blocks = await ledger.queryFilter(ledger.filters.BlockAdded(ben), receipt?.blockNumber);
      expect(blocks.map(({ args }) => [args.asset, args.balance])).to.deep.equal([
        [XE, 44n * UNIT - 3n],
        [XUSD, before - UNIT - 3n],
      ]);
    });

    it("should begin a chain with chain id, ledger and account", async () => {
      const { ledger, ada, xusd, cy } = await fixture();
      const { chainId } = await ethers.provider.getNetwork();
      const address = (await ledger.getAddress()) as Address;
      const genesis = genesisOf(chainId, address, cy.address as Address);
      expect(await ledger.genesisOf(cy)).to.equal(genesis);
      expect(await ledger.headOf(cy)).to.equal(ZeroHash);
      await xusd.connect(ada).transfer(cy, UNIT);
      const source = await ledger.headOf(ada);
      const first = hashBlock({
        blockType: BlockType.Receive,
        account: cy.address as Address,
        asset: XUSD,
        previous: genesis,
        link: source as Hash,
        balance: UNIT,
      });
      expect(await ledger.headOf(cy)).to.equal(first);
    });
  });

  describe("receivePending", () => {
    it("should refuse what is not pending for that account, or was received", async () => {
      const world = await fixture();
      const { ledger, ada, ben, cy } = world;
      await ledger.connect(ada).send(XUSD, ben, UNIT);
      const source = await headOf(world, ada);
      for (const [to, hash] of [
        [cy, source],
        [ben, ZeroHash],
        [ada, source],
      ] as const) {
        await expect(ledger.receivePending(to, hash))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_NothingPending")
          .withArgs(to.address, hash);
      }
      await ledger.receivePending(ben, source);
      await expect(ledger.receivePending(ben, source))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_NothingPending")
        .withArgs(ben.address, source);
      expect(await ledger.pendingOf(ben, source), "nothing is left of it").to.deep.equal(["0x0000000000000000", 0n]);
    });

    it('should credit the destination in the asset of the send, "automatically determined by the pending send\'s asset"', async () => {
      const world = await fixture();
      const { ledger, ada, ben, cy, xe, xusd } = world;
      const { id, endsAt } = await running(world);
      await nextAt(endsAt);
      await ledger.settleLease(id);
      await ledger.connect(ben).send(XE, ada, 7n * UNIT);
      const source = await headOf(world, ben);
      const before = await xusdOf(world, ada);
      const hash = await ledger.receivePending.staticCall(ada, source);
      const received = ledger.connect(cy).receivePending(ada, source);
      await expect(received)
        .to.emit(xe, "Transfer")
        .withArgs(await ledger.getAddress(), ada.address, 7n * UNIT);
      await expect(received).to.not.emit(xusd, "Transfer");
      expect(await ledger.balanceOf(ada, XE)).to.equal(7n * UNIT);
      expect(await xusdOf(world, ada)).to.equal(before);
      expect(await ledger.balanceOf(ledger, XE)).to.equal(0n);
      const [last] = (await ledger.queryFilter(ledger.filters.BlockAdded(ada))).slice(-1);
      expect(last?.args.slice(2)).to.deep.equal([source, BigInt(BlockType.Receive), XE, 7n * UNIT]);
      expect(await headOf(world, ada)).to.equal(hash);
    });

    it("should receive in any order, from oneself, and for a contract, by anybody", async () => {
      const world = await fixture();
      const { ledger, ada, manager, cy } = world;
      const sources: Hash[] = [];
      for (const to of [ada.address, await manager.getAddress(), ada.address]) {
        await ledger.connect(ada).send(XUSD, to, UNIT);
        sources.push(await headOf(world, ada));
      }
      const [first, second, third] = sources as [Hash, Hash, Hash];
      await ledger.connect(cy).receivePending(ada, third);
      await ledger.connect(cy).receivePending(manager, second);
      await ledger.connect(cy).receivePending(ada, first);
      expect(await xusdOf(world, ada)).to.equal(999n * UNIT);
      expect(await xusdOf(world, await manager.getAddress())).to.equal(UNIT);
      expect(await held(world)).to.equal(0n);
    });

    it("should leave everybody's next block valid whatever dust comes", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      await ledger.connect(ben).send(XUSD, ada, 1n);
      const dust = await headOf(world, ben);
      expect(await ledger.pendingOf(ada, dust)).to.deep.equal([XUSD, 1n]);
      // Ada's send is signed, and somebody receives dust for her before it is mined.
      await ledger.receivePending(ada, dust);
      await ledger.connect(ada).send(XUSD, ben, 1n);
      expect(await xusdOf(world, ada)).to.equal(1_000n * UNIT);
    });
  });

  describe("claim", () => {
    it("should refuse where there is no faucet", async () => {
      const { manager, ada } = await fixture();
      const dry = await ethers.deployContract("DualAssetLedger", [manager, false, ZeroAddress, 0n]);
      await expect(dry.connect(ada).claim()).to.be.revertedWithCustomError(dry, "DualAssetLedger_NoFaucet");
    });

    it('"mints 100 XUSD (rate limited to once per 24h per account)"', async () => {
      const world = await fixture();
      const { ledger, cy, ada, xusd } = world;
      expect(await ledger.claimableAt(cy)).to.equal(0n);
      const hash = await ledger.connect(cy).claim.staticCall();
      const claimed = ledger.connect(cy).claim();
      await expect(claimed)
        .to.emit(xusd, "Transfer")
        .withArgs(ZeroAddress, cy.address, 100n * UNIT);
      await claimed;
      expect(await headOf(world, cy)).to.equal(hash);
      const at = await latest();
      expect(await ledger.claimableAt(cy)).to.equal(at + DAY);
      expect(await xusdOf(world, cy)).to.equal(100n * UNIT);
      expect(await ledger.totalSupply(XUSD)).to.equal(INITIAL + 100n * UNIT);
      await nextAt(at + DAY - 1n);
      await expect(ledger.connect(cy).claim())
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_ClaimTooEarly")
        .withArgs(cy.address, at + DAY, at + DAY - 1n);
      await nextAt(at + DAY);
      await ledger.connect(cy).claim();
      await ledger.connect(ada).claim();
      expect(await xusdOf(world, cy)).to.equal(200n * UNIT);
      const [, second] = await ledger.queryFilter(ledger.filters.BlockAdded(cy));
      expect(second?.args.slice(2)).to.deep.equal([ZeroHash, BigInt(BlockType.Claim), XUSD, 200n * UNIT]);
      await nextAt(at + 5n * DAY);
      await ledger.connect(cy).claim();
      expect(await ledger.claimableAt(cy), "claims left out are not saved up").to.equal(at + 6n * DAY);
    });
  });

  describe("mint", () => {
    it("should refuse all but governance, zero, nobody, the ledger, and more than can ever be", async () => {
      const { ledger, ada, owner } = await fixture();
      await expect(ledger.connect(ada).mint(ada, 1n))
        .to.be.revertedWithCustomError(ledger, "AccessManagedUnauthorized")
        .withArgs(ada.address);
      await expect(ledger.mint(ada, 0n)).to.be.revertedWithCustomError(ledger, "DualAssetLedger_AmountIsZero");
      for (const to of [ZeroAddress, await ledger.getAddress()]) {
        await expect(ledger.mint(to, 1n))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_InvalidDestination")
          .withArgs(to);
      }
      const room = MAX_MINTED - INITIAL;
      for (const amount of [room + 1n, MaxUint256]) {
        await expect(ledger.mint(owner, amount))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_MintedTooMuch")
          .withArgs(amount, room);
      }
      await ledger.mint(owner, room);
      expect(await ledger.balanceOf(owner, XUSD)).to.equal(MAX_MINTED - 2_000n * UNIT);
      await expect(ledger.connect(ada).claim())
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_MintedTooMuch")
        .withArgs(100n * UNIT, 0n);
    });

    it("should count what was burned as minted for ever, so that XE always has room", async () => {
      const world = await fixture();
      const { ledger } = world;
      await running(world);
      expect(await ledger.totalSupply(XUSD)).to.equal(INITIAL - COST);
      expect(await ledger.xusdMinted()).to.equal(INITIAL);
      const room = MAX_MINTED - INITIAL;
      await expect(ledger.mint(world.cy, room + 1n))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_MintedTooMuch")
        .withArgs(room + 1n, room);
      const hash = await ledger.mint.staticCall(world.cy, UNIT);
      await ledger.mint(world.cy, UNIT);
      expect(await headOf(world, world.cy)).to.equal(hash);
      expect(await ledger.xusdMinted()).to.equal(INITIAL + UNIT);
      expect(await xusdOf(world, world.cy)).to.equal(UNIT);
    });
  });

  describe("setRates", () => {
    it("should refuse all but governance, and rates above the highest", async () => {
      const { ledger, ada } = await fixture();
      const rates = { perVCpu: 1n, perMemoryGB: 1n, perDiskGB: 1n };
      await expect(ledger.connect(ada).setRates(rates)).to.be.revertedWithCustomError(
        ledger,
        "AccessManagedUnauthorized",
      );
      for (const name of ["perVCpu", "perMemoryGB", "perDiskGB"]) {
        await expect(ledger.setRates({ ...rates, [name]: MAX_RATE + 1n }))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_RateTooHigh")
          .withArgs(MAX_RATE + 1n, MAX_RATE);
      }
      await expect(ledger.setRates({ perVCpu: MAX_RATE, perMemoryGB: MAX_RATE, perDiskGB: MAX_RATE })).to.emit(
        ledger,
        "RatesSet",
      );
    });

    it("should change what later leases cost, and nothing of those there are", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      const id = await open(world);
      const doubled = { perVCpu: 40n, perMemoryGB: 20n, perDiskGB: 2n };
      await expect(ledger.setRates(doubled)).to.emit(ledger, "RatesSet").withArgs(40n, 20n, 2n);
      expect((await ledger.quoteLease(TERMS)).cost).to.equal(costOf(TERMS, doubled) * UNIT);
      await ledger.connect(ben).acceptLease(id);
      expect(await xusdOf(world, ben)).to.equal(1_000n * UNIT - STAKE);
      expect((await ledger.leaseOf(id)).cost).to.equal(19n);
      expect(await xusdOf(world, ada)).to.equal(1_000n * UNIT - COST);
    });

    it('should never make a lease cost less than 1, nor a stake: "minimum 1", "min 1"', async () => {
      const world = await fixture();
      const { ledger } = world;
      await ledger.setRates({ perVCpu: 0n, perMemoryGB: 0n, perDiskGB: 0n });
      expect(await ledger.quoteLease(TERMS)).to.deep.equal([UNIT, UNIT]);
    });
  });

  describe("quoteLease", () => {
    /** Source, table "Cost formula" and the formula above it, by hand. */
    const ROWS: readonly (readonly [string, LeaseTerms, bigint])[] = [
      [
        "vCPU: 20 milli-XUSD per vCPU per hour: 50 for an hour",
        { vCpus: 50n, memoryMB: 0n, diskGB: 0n, duration: HOUR },
        1n,
      ],
      [
        "51 vCPUs for an hour, 1,020 milli, are rounded up",
        { vCpus: 51n, memoryMB: 0n, diskGB: 0n, duration: HOUR },
        2n,
      ],
      [
        "Memory: 10 milli-XUSD per GB per hour: 100 GB",
        { vCpus: 0n, memoryMB: 102_400n, diskGB: 0n, duration: HOUR },
        1n,
      ],
      [
        "a MB more is a GB more: ceil(memoryMB / 1024)",
        { vCpus: 0n, memoryMB: 102_401n, diskGB: 0n, duration: HOUR },
        2n,
      ],
      ["Disk: 1 milli-XUSD per GB per hour: 1,000 GB", { vCpus: 0n, memoryMB: 0n, diskGB: 1_000n, duration: HOUR }, 1n],
      ["and 1,001 GB", { vCpus: 0n, memoryMB: 0n, diskGB: 1_001n, duration: HOUR }, 2n],
      [
        "a second more is an hour more: ceil(duration / 3600)",
        { vCpus: 50n, memoryMB: 0n, diskGB: 0n, duration: HOUR + 1n },
        2n,
      ],
      ["the least of all", { vCpus: 0n, memoryMB: 0n, diskGB: 1n, duration: HOUR }, 1n],
      ["all three", TERMS, 19n],
      ["25 XUSD, so that cost / 5 is whole", { vCpus: 50n, memoryMB: 0n, diskGB: 0n, duration: 25n * HOUR }, 25n],
    ];

    it("should follow the source's formula, rates, rounding and minimum", async () => {
      const { ledger } = await fixture();
      for (const [what, terms, cost] of ROWS) {
        expect(costOf(terms), what).to.equal(cost);
        const stake = cost / 5n > 1n ? cost / 5n : 1n;
        expect(stakeOf(cost), what).to.equal(stake);
        expect(await ledger.quoteLease(terms), what).to.deep.equal([cost * UNIT, stake * UNIT]);
      }
      expect(stakeOf(25n)).to.equal(5n);
      expect(stakeOf(29n)).to.equal(5n);
      expect(stakeOf(4n)).to.equal(1n);
    });

    it("should refuse extremes with the limit that they exceed, and take each limit itself", async () => {
      const { ledger } = await fixture();
      const least = { vCpus: 1n, memoryMB: 1n, diskGB: 1n, duration: HOUR };
      for (const [field, error, limit] of [
        ["vCpus", "DualAssetLedger_TooManyVCpus", LEASE_LIMITS.vCpus],
        ["memoryMB", "DualAssetLedger_TooMuchMemory", LEASE_LIMITS.memoryMB],
        ["diskGB", "DualAssetLedger_TooMuchDisk", LEASE_LIMITS.diskGB],
      ] as const) {
        for (const value of [limit + 1n, 2n ** 255n, MaxUint256]) {
          await expect(ledger.quoteLease({ ...least, [field]: value }))
            .to.be.revertedWithCustomError(ledger, error)
            .withArgs(value, limit);
        }
        await ledger.quoteLease({ ...least, [field]: limit });
      }
      const { minDuration, maxDuration } = LEASE_LIMITS;
      for (const duration of [0n, minDuration - 1n, maxDuration + 1n, MaxUint256]) {
        await expect(ledger.quoteLease({ ...least, duration }))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_DurationOutOfRange")
          .withArgs(duration, minDuration, maxDuration);
      }
      await expect(
        ledger.quoteLease({ vCpus: 0n, memoryMB: 0n, diskGB: 0n, duration: HOUR }),
      ).to.be.revertedWithCustomError(ledger, "DualAssetLedger_NothingLeased");
    });

    it("should cost at its highest what a lease can keep", async () => {
      const world = await fixture();
      const { ledger, ada } = world;
      const highest = { perVCpu: MAX_RATE, perMemoryGB: MAX_RATE, perDiskGB: MAX_RATE };
      await ledger.setRates(highest);
      const { vCpus, memoryMB, diskGB, maxDuration } = LEASE_LIMITS;
      const terms = { vCpus, memoryMB, diskGB, duration: maxDuration };
      const cost = costOf(terms, highest);
      expect(cost).to.equal(37_352_079_360_000n);
      expect((await ledger.quoteLease(terms)).cost).to.equal(cost * UNIT);
      await ledger.mint(ada, cost * UNIT);
      await ledger.connect(ada).lease(terms, ZeroAddress, MaxUint256);
      expect((await ledger.leaseOf(await headOf(world, ada))).cost).to.equal(cost);
    });
  });

  describe("lease", () => {
    it("should refuse to charge more than the consumer wants, or has", async () => {
      const world = await fixture();
      const { ledger, ada, cy } = world;
      await expect(ledger.connect(ada).lease(TERMS, ZeroAddress, COST - 1n))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_CostAboveMaximum")
        .withArgs(COST, COST - 1n);
      await expect(ledger.connect(cy).lease(TERMS, ZeroAddress, COST))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_BalanceTooLow")
        .withArgs(cy.address, XUSD, 0n, COST);
      await expect(
        ledger.connect(ada).lease({ ...TERMS, vCpus: MaxUint256 }, ZeroAddress, COST),
      ).to.be.revertedWithCustomError(ledger, "DualAssetLedger_TooManyVCpus");
    });

    it('should "debit: -cost XUSD" as quoted, keep it, and commit to terms, provider and cost', async () => {
      const world = await fixture();
      const { ledger, ada, ben, xusd } = world;
      const link = leaseLink(TERMS, ben.address as Address, COST);
      expect(await ledger.leaseLink(TERMS, ben, COST)).to.equal(link);
      const quoted = await ledger.quoteLease(TERMS);
      expect(quoted).to.deep.equal([COST, STAKE]);
      const { id, cost } = await ledger.connect(ada).lease.staticCall(TERMS, ben, COST);
      expect(cost).to.equal(quoted.cost);
      const leased = ledger.connect(ada).lease(TERMS, ben, COST);
      await expect(leased)
        .to.emit(ledger, "BlockAdded")
        .withArgs(ada.address, id, link, BlockType.Lease, XUSD, 1_000n * UNIT - COST);
      await expect(leased)
        .to.emit(ledger, "LeaseOpened")
        .withArgs(id, ada.address, ben.address, TERMS.vCpus, TERMS.memoryMB, TERMS.diskGB, TERMS.duration, COST);
      await expect(leased)
        .to.emit(xusd, "Transfer")
        .withArgs(ada.address, await ledger.getAddress(), COST);
      expect(await ledger.leaseOf(id)).to.deep.equal([
        ada.address,
        19n,
        TERMS.duration,
        State.Open,
        ben.address,
        0n,
        await latest(),
      ]);
      expect(await held(world)).to.equal(COST);
      expect(await ledger.totalSupply(XUSD)).to.equal(INITIAL);
    });

    it("should give two equal leases two ids", async () => {
      const world = await fixture();
      const [one, two] = [await open(world), await open(world)];
      expect(one).to.not.equal(two);
      expect(await held(world)).to.equal(2n * COST);
    });
  });

  describe("cancelLease", () => {
    it("should refuse anybody but the consumer, and any state but open", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      const id = await open(world);
      await expect(ledger.connect(ben).cancelLease(id))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_NotConsumer")
        .withArgs(id, ben.address, ada.address);
      await ledger.connect(ada).cancelLease(id);
      for (const [which, state] of [
        [id, State.Cancelled],
        [ZeroHash, State.None],
        [(await running(world)).id, State.Running],
      ] as const) {
        await expect(ledger.connect(ada).cancelLease(which))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
          .withArgs(which, state);
      }
    });

    it("should give all of the cost back", async () => {
      const world = await fixture();
      const { ledger, ada, xusd } = world;
      const id = await open(world);
      expect(await ledger.connect(ada).cancelLease.staticCall(id)).to.equal(COST);
      const cancelled = ledger.connect(ada).cancelLease(id);
      await expect(cancelled).to.emit(ledger, "LeaseCancelled").withArgs(id, COST);
      await expect(cancelled)
        .to.emit(xusd, "Transfer")
        .withArgs(await ledger.getAddress(), ada.address, COST);
      const [last] = (await ledger.queryFilter(ledger.filters.BlockAdded(ada))).slice(-1);
      expect(last?.args.slice(2)).to.deep.equal([id, BigInt(BlockType.LeaseCancel), XUSD, 1_000n * UNIT]);
      expect(await stateOf(world, id)).to.equal(State.Cancelled);
      expect((await ledger.leaseOf(id)).since).to.equal(await latest());
      expect(await held(world)).to.equal(0n);
    });
  });

  describe("acceptLease", () => {
    it("should refuse any state but open, another provider than the one named, and who has no stake", async () => {
      const world = await fixture();
      const { ledger, ada, ben, cy } = world;
      const named = await open(world, TERMS, ben.address);
      await expect(ledger.connect(cy).acceptLease(named))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_NotProvider")
        .withArgs(named, cy.address, ben.address);
      const id = await open(world);
      await expect(ledger.connect(cy).acceptLease(id))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_BalanceTooLow")
        .withArgs(cy.address, XUSD, 0n, STAKE);
      await ledger.connect(ada).cancelLease(id);
      for (const [which, state] of [
        [id, State.Cancelled],
        [ZeroHash, State.None],
        [(await running(world)).id, State.Running],
      ] as const) {
        await expect(ledger.connect(ben).acceptLease(which))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
          .withArgs(which, state);
      }
    });

    it('should "debit: -stake XUSD (cost/5)", burn the cost and begin the term', async () => {
      const world = await fixture();
      const { ledger, ben, xusd } = world;
      const id = await open(world, TERMS, ben.address);
      const at = (await latest()) + 100n;
      await nextAt(at);
      expect(await ledger.connect(ben).acceptLease.staticCall(id, { blockTag: "pending" })).to.deep.equal([
        STAKE,
        at + TERMS.duration,
      ]);
      const accepted = ledger.connect(ben).acceptLease(id);
      await expect(accepted)
        .to.emit(ledger, "LeaseAccepted")
        .withArgs(id, ben.address, STAKE, COST, at + TERMS.duration);
      const address = await ledger.getAddress();
      await expect(accepted).to.emit(xusd, "Transfer").withArgs(ben.address, address, STAKE);
      await expect(accepted).to.emit(xusd, "Transfer").withArgs(address, ZeroAddress, COST);
      const [last] = (await ledger.queryFilter(ledger.filters.BlockAdded(ben))).slice(-1);
      expect(last?.args.slice(2)).to.deep.equal([id, BigInt(BlockType.LeaseAccept), XUSD, 1_000n * UNIT - STAKE]);
      expect(await ledger.leaseOf(id)).to.deep.equal([
        world.ada.address,
        19n,
        TERMS.duration,
        State.Running,
        ben.address,
        at + TERMS.duration,
        at,
      ]);
      expect(await held(world)).to.equal(STAKE);
      expect(await settledAsset(world)).to.deep.equal([0n, INITIAL - COST]);
    });
  });

  describe("settleLease", () => {
    it("should refuse one second early, and any state but running", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      const { id, endsAt } = await running(world);
      await nextAt(endsAt - 1n);
      await expect(ledger.connect(ben).settleLease(id))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_TermNotOver")
        .withArgs(id, endsAt, endsAt - 1n);
      await nextAt(endsAt);
      await ledger.connect(ben).settleLease(id);
      const open_ = await open(world);
      const cancelled = await open(world);
      await ledger.connect(ada).cancelLease(cancelled);
      for (const [which, state] of [
        [id, State.Settled],
        [ZeroHash, State.None],
        [open_, State.Open],
        [cancelled, State.Cancelled],
      ] as const) {
        for (const call of [() => ledger.settleLease(which), () => ledger.previewSettle(which)]) {
          await expect(call())
            .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
            .withArgs(which, state);
        }
      }
    });

    it('should "credit: +emission XE" equal to the cost, with the "side effect: +stake XUSD returned"', async () => {
      const world = await fixture();
      const { ledger, ada, ben, cy, xe, xusd } = world;
      const { id, endsAt } = await running(world);
      await nextAt(endsAt);
      const settled = ledger.connect(cy).settleLease(id);
      await expect(settled).to.emit(ledger, "LeaseSettled").withArgs(id, ben.address, COST, STAKE);
      await expect(settled).to.emit(xe, "Transfer").withArgs(ZeroAddress, ben.address, COST);
      await expect(settled)
        .to.emit(xusd, "Transfer")
        .withArgs(await ledger.getAddress(), ben.address, STAKE);
      const blocks = await ledger.queryFilter(ledger.filters.BlockAdded());
      const last = blocks.at(-1);
      expect(last?.args.slice(0)).to.deep.equal([
        ben.address,
        await headOf(world, ben),
        id,
        BigInt(BlockType.LeaseSettle),
        XE,
        COST,
      ]);
      expect(await ledger.balanceOf(ben, XE)).to.equal(COST);
      expect(await xusdOf(world, ben)).to.equal(1_000n * UNIT);
      expect(await xusdOf(world, ada)).to.equal(1_000n * UNIT - COST);
      expect(await held(world)).to.equal(0n);
      expect(await settledAsset(world)).to.deep.equal([COST, INITIAL - COST]);
      expect(await ledger.xusdMinted()).to.equal(INITIAL);
      expect((await ledger.leaseOf(id)).since).to.equal(endsAt);
    });

    it("should give what previewSettle says in the same second", async () => {
      const world = await fixture();
      const { ledger } = world;
      const { id, endsAt } = await running(world);
      await networkHelpers.time.increaseTo(endsAt);
      expect(await ledger.previewSettle(id)).to.deep.equal([COST, STAKE]);
      expect(await ledger.settleLease.staticCall(id)).to.deep.equal([COST, STAKE]);
    });

    it("should let one account be consumer and provider", async () => {
      const world = await fixture();
      const { ledger, ada } = world;
      const id = await open(world);
      await ledger.connect(ada).acceptLease(id);
      await ledger.connect(ada).objectToLease(id);
      await networkHelpers.time.increase(WEEK);
      await ledger.settleLease(id);
      expect(await xusdOf(world, ada)).to.equal(1_000n * UNIT - COST);
      expect(await ledger.balanceOf(ada, XE)).to.equal(COST);
      expect(await held(world)).to.equal(0n);
    });
  });

  describe("objectToLease", () => {
    it("should refuse anybody but the consumer, any state but running, and the end of the term", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      const { id, endsAt } = await running(world);
      await expect(ledger.connect(ben).objectToLease(id))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_NotConsumer")
        .withArgs(id, ben.address, ada.address);
      const waiting = await open(world);
      await expect(ledger.connect(ada).objectToLease(waiting))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
        .withArgs(waiting, State.Open);
      await nextAt(endsAt);
      await expect(ledger.connect(ada).objectToLease(id))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_TermIsOver")
        .withArgs(id, endsAt, endsAt);
    });

    it("should refuse a consumer who has no bond left", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      const { id } = await running(world);
      await ledger.connect(ada).send(XUSD, ben, 1_000n * UNIT - COST - STAKE + 1n);
      await expect(ledger.connect(ada).objectToLease(id))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_BalanceTooLow")
        .withArgs(ada.address, XUSD, STAKE - 1n, STAKE);
    });

    it("should hold a bond as high as the stake, until the last second of the term, and only once at a time", async () => {
      const world = await fixture();
      const { ledger, ada, xusd } = world;
      const { id, endsAt } = await running(world);
      await nextAt(endsAt - 1n);
      expect(await ledger.connect(ada).objectToLease.staticCall(id, { blockTag: "pending" })).to.deep.equal([
        STAKE,
        endsAt - 1n + WEEK,
      ]);
      const object = ledger.connect(ada).objectToLease(id);
      await expect(object)
        .to.emit(ledger, "LeaseObjected")
        .withArgs(id, STAKE, endsAt - 1n + WEEK);
      await expect(object)
        .to.emit(xusd, "Transfer")
        .withArgs(ada.address, await ledger.getAddress(), STAKE);
      const [last] = (await ledger.queryFilter(ledger.filters.BlockAdded(ada))).slice(-1);
      expect(last?.args.slice(2)).to.deep.equal([
        id,
        BigInt(BlockType.LeaseObject),
        XUSD,
        1_000n * UNIT - COST - STAKE,
      ]);
      expect(await stateOf(world, id)).to.equal(State.Objected);
      expect((await ledger.leaseOf(id)).since).to.equal(endsAt - 1n);
      expect(await held(world)).to.equal(2n * STAKE);
      await expect(ledger.connect(ada).objectToLease(id))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
        .withArgs(id, State.Objected);
    });
  });

  describe("stakeOf", () => {
    it("should be what accepting and objecting take, whatever the rates are then, and of no lease nothing", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      const id = await open(world);
      expect(await ledger.stakeOf(id)).to.equal(STAKE);
      await ledger.setRates({ perVCpu: MAX_RATE, perMemoryGB: 0n, perDiskGB: 0n });
      await ledger.connect(ben).acceptLease(id);
      expect(await xusdOf(world, ben)).to.equal(1_000n * UNIT - STAKE);
      await ledger.connect(ada).objectToLease(id);
      expect(await xusdOf(world, ada)).to.equal(1_000n * UNIT - COST - STAKE);
      expect(await ledger.stakeOf(id)).to.equal(STAKE);
      await expect(ledger.stakeOf(ZeroHash))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
        .withArgs(ZeroHash, State.None);
    });
  });

  describe("rule", () => {
    it("should refuse an arbiter that is the lease's consumer or provider", async () => {
      const world = await fixture();
      const { ledger, manager, ada, ben } = world;
      const { id } = await objected(world);
      for (const party of [ada, ben]) {
        await manager.grantRole(1n, party, 0n);
        for (const upheld of [true, false]) {
          await expect(ledger.connect(party).rule(id, upheld))
            .to.be.revertedWithCustomError(ledger, "DualAssetLedger_PartyCannotRule")
            .withArgs(id, party.address);
        }
      }
    });

    it("should refuse all but the arbiter, any state but objected, and the end of the seven days", async () => {
      const world = await fixture();
      const { ledger, ada, owner, arbiter } = world;
      const { id, rulingEndsAt } = await objected(world);
      for (const who of [ada, owner]) {
        await expect(ledger.connect(who).rule(id, true))
          .to.be.revertedWithCustomError(ledger, "AccessManagedUnauthorized")
          .withArgs(who.address);
      }
      await expect(ledger.connect(arbiter).rule(ZeroHash, true))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
        .withArgs(ZeroHash, State.None);
      await nextAt(rulingEndsAt);
      await expect(ledger.connect(arbiter).rule(id, true))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_RulingIsOver")
        .withArgs(id, rulingEndsAt, rulingEndsAt);
    });

    it("upheld, should give the bond back, burn the stake, and end the lease without XE", async () => {
      const world = await fixture();
      const { ledger, ada, ben, arbiter, xusd, xe } = world;
      const { id, rulingEndsAt } = await objected(world);
      await nextAt(rulingEndsAt - 1n);
      const ruled = ledger.connect(arbiter).rule(id, true);
      await expect(ruled).to.emit(ledger, "LeaseRuled").withArgs(id, true, STAKE);
      const address = await ledger.getAddress();
      await expect(ruled).to.emit(xusd, "Transfer").withArgs(address, ada.address, STAKE);
      await expect(ruled).to.emit(xusd, "Transfer").withArgs(address, ZeroAddress, STAKE);
      await expect(ruled).to.not.emit(xe, "Transfer");
      expect(await xusdOf(world, ada)).to.equal(1_000n * UNIT - COST);
      expect(await xusdOf(world, ben)).to.equal(1_000n * UNIT - STAKE);
      expect(await stateOf(world, id)).to.equal(State.Upheld);
      expect((await ledger.leaseOf(id)).since).to.equal(rulingEndsAt - 1n);
      expect(await held(world)).to.equal(0n);
      expect(await settledAsset(world)).to.deep.equal([0n, INITIAL - COST - STAKE]);
      const [last] = (await ledger.queryFilter(ledger.filters.BlockAdded(ada))).slice(-1);
      expect(last?.args.slice(2)).to.deep.equal([id, BigInt(BlockType.LeaseBond), XUSD, 1_000n * UNIT - COST]);
      for (const call of [
        () => ledger.settleLease(id),
        () => ledger.lapseObjection(id),
        () => ledger.connect(arbiter).rule(id, false),
        () => ledger.connect(ada).objectToLease(id),
        () => ledger.connect(ada).cancelLease(id),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
          .withArgs(id, State.Upheld);
      }
    });

    it("rejected, should give the bond to the provider, and let the lease go on and be objected to again", async () => {
      const world = await fixture();
      const { ledger, ada, ben, arbiter, xusd } = world;
      const { id, endsAt } = await objected(world);
      const ruled = ledger.connect(arbiter).rule(id, false);
      await expect(ruled).to.emit(ledger, "LeaseRuled").withArgs(id, false, STAKE);
      await expect(ruled)
        .to.emit(xusd, "Transfer")
        .withArgs(await ledger.getAddress(), ben.address, STAKE);
      expect(await xusdOf(world, ben)).to.equal(1_000n * UNIT);
      expect(await stateOf(world, id)).to.equal(State.Running);
      expect((await ledger.leaseOf(id)).since).to.equal(await latest());
      const [last] = (await ledger.queryFilter(ledger.filters.BlockAdded(ben))).slice(-1);
      expect(last?.args.slice(2)).to.deep.equal([id, BigInt(BlockType.LeaseBond), XUSD, 1_000n * UNIT]);
      await ledger.connect(ada).objectToLease(id);
      expect(await held(world)).to.equal(2n * STAKE);
      await ledger.connect(arbiter).rule(id, false);
      await nextAt(endsAt);
      await expect(ledger.connect(ada).objectToLease(id), "a ruling does not prolong the term")
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_TermIsOver")
        .withArgs(id, endsAt, endsAt);
      await nextAt(endsAt);
      await ledger.settleLease(id);
      expect(await xusdOf(world, ben)).to.equal(1_000n * UNIT + 2n * STAKE);
      expect(await xusdOf(world, ada)).to.equal(1_000n * UNIT - COST - 2n * STAKE);
      expect(await ledger.balanceOf(ben, XE)).to.equal(COST);
      expect(await held(world)).to.equal(0n);
    });
  });

  describe("silence of the arbiter", () => {
    it("should keep the bond until seven days are over, and settle nothing before", async () => {
      const world = await fixture();
      const { ledger } = world;
      const { id, endsAt, rulingEndsAt } = await objected(world);
      await networkHelpers.time.increaseTo(endsAt);
      await nextAt(rulingEndsAt - 1n);
      await expect(ledger.lapseObjection(id))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_RulingOpen")
        .withArgs(id, rulingEndsAt, rulingEndsAt - 1n);
      await expect(ledger.previewSettle(id)).to.be.revertedWithCustomError(ledger, "DualAssetLedger_RulingOpen");
      await expect(ledger.lapseObjection(ZeroHash))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
        .withArgs(ZeroHash, State.None);
    });

    it("should give the bond back by anybody's call, and let the lease go on", async () => {
      const world = await fixture();
      const { ledger, ada, cy, xusd } = world;
      const { id, rulingEndsAt } = await objected(world, { ...TERMS, duration: 30n * DAY });
      const bond = await held(world);
      await nextAt(rulingEndsAt);
      expect(await ledger.lapseObjection.staticCall(id, { blockTag: "pending" })).to.equal(bond / 2n);
      const lapsed = ledger.connect(cy).lapseObjection(id);
      await expect(lapsed)
        .to.emit(ledger, "LeaseObjectionLapsed")
        .withArgs(id, bond / 2n);
      await expect(lapsed)
        .to.emit(xusd, "Transfer")
        .withArgs(await ledger.getAddress(), ada.address, bond / 2n);
      const [last] = (await ledger.queryFilter(ledger.filters.BlockAdded(ada))).slice(-1);
      expect(last?.args.slice(2)).to.deep.equal([id, BigInt(BlockType.LeaseBond), XUSD, await xusdOf(world, ada)]);
      expect(await stateOf(world, id)).to.equal(State.Running);
      expect((await ledger.leaseOf(id)).since).to.equal(rulingEndsAt);
      await expect(ledger.settleLease(id)).to.be.revertedWithCustomError(ledger, "DualAssetLedger_TermNotOver");
      await ledger.connect(ada).objectToLease(id);
      expect(await stateOf(world, id)).to.equal(State.Objected);
    });

    it("should be over with the settlement, which gives the bond back first", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      const { id, rulingEndsAt } = await objected(world);
      await nextAt(rulingEndsAt);
      const settled = ledger.settleLease(id);
      await expect(settled).to.emit(ledger, "LeaseObjectionLapsed").withArgs(id, STAKE);
      await expect(settled).to.emit(ledger, "LeaseSettled").withArgs(id, ben.address, COST, STAKE);
      expect(await xusdOf(world, ada)).to.equal(1_000n * UNIT - COST);
      expect(await held(world)).to.equal(0n);
    });
  });

  describe("states of a lease", () => {
    it("should allow each call in its own states alone", async () => {
      const world = await fixture();
      const { ledger, ada, ben, arbiter } = world;
      const [upheld, settled] = [await objected(world), await running(world)];
      await ledger.connect(arbiter).rule(upheld.id, true);
      await networkHelpers.time.increaseTo(settled.endsAt);
      await ledger.settleLease(settled.id);
      const cancelled = await open(world);
      await ledger.connect(ada).cancelLease(cancelled);
      const leases: readonly (readonly [keyof typeof State, Hash])[] = [
        ["None", ZeroHash as Hash],
        ["Open", await open(world)],
        ["Running", (await running(world)).id],
        ["Objected", (await objected(world)).id],
        ["Settled", settled.id],
        ["Cancelled", cancelled],
        ["Upheld", upheld.id],
      ];
      const [asAda, asBen, asArbiter] = [ledger.connect(ada), ledger.connect(ben), ledger.connect(arbiter)];
      const calls: readonly (readonly [string, (id: Hash) => Promise<unknown>, readonly (keyof typeof State)[]])[] = [
        ["cancelLease", (id) => asAda.cancelLease.staticCall(id), ["Open"]],
        ["acceptLease", (id) => asBen.acceptLease.staticCall(id), ["Open"]],
        ["objectToLease", (id) => asAda.objectToLease.staticCall(id), ["Running"]],
        ["rule, upheld", (id) => asArbiter.rule.staticCall(id, true), ["Objected"]],
        ["rule, rejected", (id) => asArbiter.rule.staticCall(id, false), ["Objected"]],
        ["lapseObjection", (id) => ledger.lapseObjection.staticCall(id), ["Objected"]],
        ["settleLease", (id) => ledger.settleLease.staticCall(id), ["Running", "Objected"]],
        ["previewSettle", (id) => ledger.previewSettle(id), ["Running", "Objected"]],
      ];
      for (const [name, id] of leases) {
        expect(await stateOf(world, id), name).to.equal(State[name]);
        for (const [what, call, allowed] of calls) {
          if (allowed.includes(name)) continue;
          await expect(call(id), `${what}, ${name}`)
            .to.be.revertedWithCustomError(ledger, "DualAssetLedger_WrongLeaseState")
            .withArgs(id, State[name]);
        }
      }
    });
  });

  describe("votes", () => {
    it('should be XUSD alone: "XE balances are excluded"', async () => {
      const world = await fixture();
      const { ledger, ben, cy, xe } = world;
      await ledger.connect(ben).delegate(ben);
      const { id, endsAt } = await running(world);
      expect(await ledger.getVotes(ben)).to.equal(1_000n * UNIT - STAKE);
      await nextAt(endsAt);
      await ledger.settleLease(id);
      expect(await ledger.getVotes(ben)).to.equal(1_000n * UNIT);
      await xe.connect(ben).transfer(cy, UNIT);
      await ledger.connect(ben).send(XE, cy, UNIT);
      expect(await ledger.getVotes(ben)).to.equal(1_000n * UNIT);
    });

    it("should follow every way that XUSD comes and goes, and count for nobody while pending or in escrow", async () => {
      const world = await fixture();
      const { ledger, ada, ben, cy, arbiter, xusd } = world;
      await ledger.connect(ada).delegate(cy);
      await ledger.connect(ben).delegate(ben);
      const votes = async () => [await ledger.getVotes(cy), await ledger.getVotes(ben)] as const;
      let [adas, bens] = [1_000n * UNIT, 1_000n * UNIT];
      const check = async (what: string) => {
        expect(await votes(), what).to.deep.equal([adas, bens]);
      };
      await check("delegated");
      await ledger.connect(ada).claim();
      adas += 100n * UNIT;
      await check("claim");
      await ledger.mint(ben, UNIT);
      bens += UNIT;
      await check("mint");
      await xusd.connect(ada).transfer(ben, UNIT);
      [adas, bens] = [adas - UNIT, bens + UNIT];
      await check("transfer");
      await ledger.connect(ada).send(XUSD, ben, UNIT);
      adas -= UNIT;
      await check("send");
      await ledger.receivePending(ben, await headOf(world, ada));
      bens += UNIT;
      await check("receive");
      const cancelled = await open(world);
      adas -= COST;
      await check("lease");
      await ledger.connect(ada).cancelLease(cancelled);
      adas += COST;
      await check("cancel");
      const { id } = await objected(world, { ...TERMS, duration: 30n * DAY });
      const [cost, stake] = [188n * UNIT, 37n * UNIT];
      [adas, bens] = [adas - cost - stake, bens - stake];
      await check("accept and object");
      await ledger.connect(arbiter).rule(id, true);
      adas += stake;
      await check("upheld");
      await ledger.connect(ada).delegate(ZeroAddress);
      adas = 0n;
      await check("delegated to nobody");
      await xusd.connect(ada).transfer(ben, UNIT);
      bens += UNIT;
      await check("transfer of who does not delegate");
      await xusd.connect(ben).transfer(ada, UNIT);
      bens -= UNIT;
      await check("transfer to who does not delegate");
    });

    it("should not move between two who trust the same account, and be told of once", async () => {
      const { ledger, ada, ben, cy, xusd } = await fixture();
      await ledger.connect(ada).delegate(cy);
      await ledger.connect(ben).delegate(cy);
      const moved: Promise<ContractTransactionResponse> = xusd.connect(ada).transfer(ben, UNIT);
      await expect(moved).to.not.emit(ledger, "DelegateVotesChanged");
      expect(await ledger.getVotes(cy)).to.equal(2_000n * UNIT);
    });

    it("should remember votes and supply by the second", async () => {
      const { ledger, ada } = await fixture();
      await ledger.connect(ada).delegate(ada);
      const at = await latest();
      await networkHelpers.time.increase(100);
      await ledger.connect(ada).claim();
      const later = await latest();
      await networkHelpers.time.increase(100);
      await networkHelpers.mine();
      expect(await ledger.getPastVotes(ada, at - 1n)).to.equal(0n);
      expect(await ledger.getPastVotes(ada, at)).to.equal(1_000n * UNIT);
      expect(await ledger.getPastVotes(ada, later)).to.equal(1_100n * UNIT);
      expect(await ledger.getPastTotalSupply(later - 1n)).to.equal(INITIAL);
      expect(await ledger.getPastTotalSupply(later)).to.equal(INITIAL + 100n * UNIT);
      const now = await latest();
      await expect(ledger.getPastTotalSupply(now)).to.be.revertedWithCustomError(ledger, "ERC5805FutureLookup");
      expect(await ledger.clock()).to.equal(now);
      expect(await ledger.CLOCK_MODE()).to.equal("mode=timestamp");
    });

    it("should be delegated by a signature, once", async () => {
      const { ledger, ada, ben, cy } = await fixture();
      const { chainId } = await ethers.provider.getNetwork();
      const domain = { name: "XE Ledger", version: "1", chainId, verifyingContract: await ledger.getAddress() };
      const types = {
        Delegation: [
          { name: "delegatee", type: "address" },
          { name: "nonce", type: "uint256" },
          { name: "expiry", type: "uint256" },
        ],
      };
      const signed = await ada.signTypedData(domain, types, { delegatee: ben.address, nonce: 0n, expiry: MaxUint256 });
      const { v, r, s } = ethers.Signature.from(signed);
      await ledger.connect(cy).delegateBySig(ben, 0n, MaxUint256, v, r, s);
      expect(await ledger.getVotes(ben)).to.equal(1_000n * UNIT);
      await expect(ledger.delegateBySig(ben, 0n, MaxUint256, v, r, s)).to.be.revertedWithCustomError(
        ledger,
        "InvalidAccountNonce",
      );
    });
  });

  describe("multicall", () => {
    it("should do several things of one account in one transaction, or none", async () => {
      const world = await fixture();
      const { ledger, ada, ben } = world;
      const encode = ledger.interface.encodeFunctionData.bind(ledger.interface);
      const send = encode("send", [XUSD, ben.address, UNIT]);
      await ledger.connect(ada).multicall([encode("claim"), send, encode("delegate", [ada.address])]);
      expect(await xusdOf(world, ada)).to.equal(1_099n * UNIT);
      expect(await ledger.getVotes(ada)).to.equal(1_099n * UNIT);
      await expect(ledger.connect(ada).multicall([send, encode("claim")])).to.be.revertedWithCustomError(
        ledger,
        "DualAssetLedger_ClaimTooEarly",
      );
      expect(await xusdOf(world, ada)).to.equal(1_099n * UNIT);
    });
  });

  describe("encodeBlock", () => {
    it("should refuse no type, and encode 125 bytes", async () => {
      const { ledger, ada } = await fixture();
      const block = { blockType: 0, account: ada, asset: XE, previous: ZeroHash, link: ZeroHash, balance: MaxUint256 };
      await expect(ledger.encodeBlock(block))
        .to.be.revertedWithCustomError(ledger, "DualAssetLedger_UnknownBlockType")
        .withArgs(0n);
      const { encoding, hash } = await ledger.encodeBlock({ ...block, blockType: BlockType.Send });
      expect(encoding).to.have.length(2 + 250);
      expect(hash).to.equal(ethers.keccak256(encoding));
    });
  });
});
