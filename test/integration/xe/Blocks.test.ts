import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { keccak256, MaxUint256, ZeroHash } from "ethers";
import hre, { network } from "hardhat";

import {
  type Asset,
  ASSET_NAMES,
  decodeAsset,
  encodeAsset,
  EncodingError,
  isValidAsset,
  XE,
  XUSD,
} from "../../../src/xe/asset.js";
import {
  type Address,
  assetOfType,
  BLOCK_SIZE,
  BlockType,
  type BlockTypeCode,
  blockTypeName,
  decodeBlock,
  destinationOf,
  encodeBlock,
  genesisOf,
  type Hash,
  hashBlock,
  leaseLink,
  type LedgerBlock,
  sendLink,
} from "../../../src/xe/block.js";
import { costOf, LEASE_LIMITS, stakeOf, termsRefusal } from "../../../src/xe/lease.js";
import { LEASE_STATES } from "../../../src/xe/ledger.js";
import { xeVectorsFile } from "../../../src/xe/vectors.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers } = await network.create();

interface Vectors {
  readonly assets: readonly { readonly name: string; readonly id: Asset }[];
  readonly otherNames: readonly { readonly name: string; readonly id: Asset }[];
  readonly blockTypes: Readonly<Record<string, number>>;
  readonly genesis: readonly {
    readonly chainId: string;
    readonly ledger: Address;
    readonly account: Address;
    readonly previous: Hash;
  }[];
  readonly leases: readonly ({
    readonly provider: Address;
    readonly cost: string;
    readonly stake: string;
    readonly link: Hash;
  } & Readonly<Record<"vCpus" | "memoryMB" | "diskGB" | "duration", string>>)[];
  readonly blocks: readonly {
    readonly name: string;
    readonly block: Omit<LedgerBlock, "balance"> & { readonly balance: string };
    readonly encoding: Hash;
    readonly hash: Hash;
  }[];
  readonly invalid: readonly { readonly name: string; readonly encoding: string }[];
}

const file = join(hre.config.paths.root, "test", "vectors", "xe-blocks.json");
const vectors = JSON.parse(await readFile(file, "utf8")) as Vectors;

/** The encoding a third time, by hand: big-endian, without gaps. */
function byHand({ blockType, account, asset, previous, link, balance }: LedgerBlock): string {
  const bytes = Buffer.alloc(125);
  bytes.writeUInt8(blockType, 0);
  const put = (hex: string, at: number): void => void Buffer.from(hex.slice(2), "hex").copy(bytes, at);
  put(account, 1);
  put(asset, 21);
  put(previous, 29);
  put(link, 61);
  put(`0x${balance.toString(16).padStart(64, "0")}`, 93);
  return `0x${bytes.toString("hex")}`;
}

const blockOf = ({ block }: Vectors["blocks"][number]): LedgerBlock => ({ ...block, balance: BigInt(block.balance) });

describe("Blocks of XE's ledger", () => {
  async function ledger() {
    const [owner] = await ethers.getSigners();
    const manager = await ethers.deployContract("AccessManager", [owner]);
    return ethers.deployContract("DualAssetLedger", [manager, false, owner, 1n]);
  }

  it("should have vectors that are current: `hardhat xe vectors --write` writes them", async () => {
    expect(await readFile(file, "utf8")).to.equal(xeVectorsFile());
  });

  it("should have a vector for every type with every asset it can have, and for extremes", () => {
    const had = new Set(vectors.blocks.map(({ block: { blockType, asset } }) => `${blockType} ${asset}`));
    for (const [name, code] of Object.entries(BlockType)) {
      const assets = name === "Send" || name === "Receive" ? [XE, XUSD] : name === "LeaseSettle" ? [XE] : [XUSD];
      for (const asset of assets) expect(had.has(`${code} ${asset}`), `${name} ${asset}`).to.equal(true);
    }
    expect(vectors.blockTypes).to.deep.equal(BlockType);
    const balances = vectors.blocks.map(({ block }) => BigInt(block.balance));
    expect(balances).to.include(0n).and.include(MaxUint256);
  });

  it("should encode and hash as the vectors, the contract and a third hand do", async () => {
    const contract = await ledger();
    for (const vector of vectors.blocks) {
      const block = blockOf(vector);
      expect(encodeBlock(block), vector.name).to.equal(vector.encoding);
      expect(byHand(block), vector.name).to.equal(vector.encoding);
      expect(hashBlock(block), vector.name).to.equal(vector.hash);
      expect((vector.encoding.length - 2) / 2).to.equal(BLOCK_SIZE);
      expect(await contract.encodeBlock(block), vector.name).to.deep.equal([vector.encoding, vector.hash]);
      expect(decodeBlock(vector.encoding), vector.name).to.deep.equal(block);
    }
  });

  it("should encode what random blocks decode to, as the contract does", async () => {
    const contract = await ledger();
    const seed = seedOfThisRun();
    const random = new Random(seed);
    const bytes = (length: number): `0x${string}` => {
      const words = Array.from({ length: 4 }, () => random.word().toString(16).padStart(16, "0")).join("");
      return `0x${words.slice(0, 2 * length)}`;
    };
    for (let i = 0; i < 60; i++) {
      const blockType = Number(random.between(1n, 10n)) as BlockTypeCode;
      const block: LedgerBlock = {
        blockType,
        account: ethers.getAddress(bytes(20)) as Address,
        asset: assetOfType(blockType) ?? random.pick([XE, XUSD]),
        previous: bytes(32),
        link: bytes(32),
        balance: random.magnitude(1n, MaxUint256),
      };
      const told = `XONOMY_SEED=${seed}`;
      const encoding = encodeBlock(block);
      expect(decodeBlock(encoding), told).to.deep.equal(block);
      expect(encoding, told).to.equal(byHand(block));
      if (i < 15) expect(await contract.encodeBlock(block), told).to.deep.equal([encoding, keccak256(encoding)]);
    }
  });

  it("should decode nothing that is no encoding, and say what is wrong", () => {
    const said = new Map<string, string>();
    for (const { name, encoding } of vectors.invalid) {
      try {
        decodeBlock(encoding);
        said.set(name, "decoded");
      } catch (error) {
        if (!(error instanceof EncodingError)) throw error;
        said.set(name, error.message);
      }
    }
    expect(said.get("no bytes")).to.equal("A block is 125 bytes long, and not 0.");
    expect(said.get("a byte less")).to.equal("A block is 125 bytes long, and not 124.");
    expect(said.get("a byte more")).to.equal("A block is 125 bytes long, and not 126.");
    expect(said.get("no hexadecimal digits")).to.match(/^These are no bytes/);
    expect(said.get("without 0x")).to.match(/^These are no bytes/);
    expect(said.get("half a byte less")).to.match(/^A block is 125 bytes long, and not 124\.5/);
    expect(said.get("type 0")).to.equal("There is no block of type 0: types go from 1 to 10.");
    expect(said.get("type 11")).to.match(/^There is no block of type 11/);
    expect(said.get('"XE" padded with a space')).to.match(/^There is no asset 0x5845200000000000/);
    expect(said.get("an asset of zeros")).to.match(/^There is no asset 0x0000000000000000/);
    expect(said.get("Claim of XE")).to.equal("A block of type Claim is in XUSD, and never in XE.");
    expect(said.get("LeaseSettle of XUSD")).to.equal("A block of type LeaseSettle is in XE, and never in XUSD.");
    for (const [name, message] of said) expect(message, name).to.match(/^(A block|These|There is no).*\.$/);
  });

  it("should encode no block that cannot be", () => {
    const [{ block }] = vectors.blocks.map((vector) => ({ block: blockOf(vector) })) as [{ block: LedgerBlock }];
    for (const [change, message] of [
      [{ balance: -1n }, /balance -1 is out of range/],
      [{ balance: 2n ** 256n }, /out of range/],
      [{ account: "0x12" as Address }, /^The account 0x12 is not 20 bytes long/],
      [{ previous: "0x" as Hash }, /^The field "previous"/],
      [{ link: `0x${"0".repeat(63)}` as Hash }, /^The field "link"/],
      [{ asset: "0x58450000000000" as Asset }, /^There is no asset/],
      [{ blockType: 0 as BlockTypeCode }, /^There is no block of type 0/],
    ] as const) {
      expect(() => encodeBlock({ ...block, ...change })).to.throw(EncodingError, message);
    }
  });

  it("should name assets as the vectors and the contract's library do", async () => {
    const codec = await ethers.deployContract("AssetCodec");
    for (const { name, id } of [...vectors.assets, ...vectors.otherNames]) {
      expect(encodeAsset(name), name).to.equal(id);
      expect(decodeAsset(id), name).to.equal(name);
      expect(await codec.encode(name), name).to.equal(id);
      expect(await codec.decode(id), name).to.equal(name);
      expect(await codec.isValid(id), name).to.equal(isValidAsset(name));
    }
    expect(ASSET_NAMES).to.deep.equal(["XE", "XUSD"]);
    expect(() => encodeAsset("ÄÖÜÄÖ")).to.throw(EncodingError, "10 bytes long");
    expect(() => decodeAsset("0x58")).to.throw(EncodingError, "16 hexadecimal digits");
    expect(() => decodeAsset("0xfffe000000000000")).to.throw(EncodingError, "no UTF-8");
  });

  it("should begin chains and link leases and sends as the vectors and the contract do", async () => {
    const contract = await ledger();
    for (const { chainId, ledger: place, account, previous } of vectors.genesis) {
      expect(genesisOf(BigInt(chainId), place, account)).to.equal(previous);
    }
    const [someone = ethers.Wallet.createRandom()] = await ethers.getSigners();
    const { chainId } = await ethers.provider.getNetwork();
    const address = (await contract.getAddress()) as Address;
    expect(await contract.genesisOf(someone)).to.equal(genesisOf(chainId, address, someone.address as Address));
    for (const { provider, cost, stake, link, ...terms } of vectors.leases) {
      const { vCpus, memoryMB, diskGB, duration } = terms;
      const asked = {
        vCpus: BigInt(vCpus),
        memoryMB: BigInt(memoryMB),
        diskGB: BigInt(diskGB),
        duration: BigInt(duration),
      };
      const wei = BigInt(cost) * 10n ** 18n;
      expect(costOf(asked).toString()).to.equal(cost);
      expect(stakeOf(BigInt(cost)).toString()).to.equal(stake);
      expect(leaseLink(asked, provider, wei)).to.equal(link);
      expect(await contract.leaseLink(asked, provider, wei)).to.equal(link);
    }
    const to = someone.address as Address;
    expect(destinationOf(sendLink(to))).to.equal(to);
    expect(sendLink(to)).to.equal(ethers.zeroPadValue(to, 32).toLowerCase());
  });

  it('should have the asset that "asset rules by block type" require, and no other, as in the contract', async () => {
    const contract = await ledger();
    const [owner] = await ethers.getSigners();
    const account = owner?.address as Address;
    for (const [name, blockType] of Object.entries(BlockType)) {
      for (const asset of [XE, XUSD]) {
        const block: LedgerBlock = {
          blockType,
          account,
          asset,
          previous: ZeroHash as Hash,
          link: ZeroHash as Hash,
          balance: 0n,
        };
        const required = assetOfType(blockType) ?? asset;
        if (asset === required) {
          expect(await contract.encodeBlock(block), name).to.deep.equal([encodeBlock(block), hashBlock(block)]);
        } else {
          expect(() => encodeBlock(block), name).to.throw(EncodingError, `A block of type ${name} is in `);
          await expect(contract.encodeBlock(block), name)
            .to.be.revertedWithCustomError(contract, "DualAssetLedger_WrongAsset")
            .withArgs(blockType, asset);
        }
      }
    }
    expect(assetOfType(BlockType.Send) ?? assetOfType(BlockType.Receive)).to.equal(undefined);
    expect([BlockType.Claim, BlockType.Lease, BlockType.LeaseAccept].map(assetOfType)).to.deep.equal([
      XUSD,
      XUSD,
      XUSD,
    ]);
    expect(assetOfType(BlockType.LeaseSettle)).to.equal(XE);
  });

  it("should count types and states of leases as the contract does", () => {
    for (let code = 1; code <= 10; code++) expect(blockTypeName(code)).to.be.a("string");
    expect(blockTypeName(0)).to.equal(undefined);
    expect(blockTypeName(11)).to.equal(undefined);
    expect(LEASE_STATES).to.have.length(7);
  });

  it("should refuse terms beyond the contract's limits, and none within", async () => {
    const contract = await ledger();
    const least = { vCpus: 1n, memoryMB: 0n, diskGB: 0n, duration: 3_600n };
    expect(termsRefusal(least)).to.equal(undefined);
    expect(await contract.MAX_VCPUS()).to.equal(LEASE_LIMITS.vCpus);
    expect(await contract.MAX_MEMORY_MB()).to.equal(LEASE_LIMITS.memoryMB);
    expect(await contract.MAX_DISK_GB()).to.equal(LEASE_LIMITS.diskGB);
    expect(await contract.MIN_DURATION()).to.equal(LEASE_LIMITS.minDuration);
    expect(await contract.MAX_DURATION()).to.equal(LEASE_LIMITS.maxDuration);
    expect(termsRefusal({ ...least, duration: LEASE_LIMITS.maxDuration + 1n })?.[0]).to.equal("DurationOutOfRange");
  });
});
