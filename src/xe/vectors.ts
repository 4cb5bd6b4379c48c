import { MaxUint256, toBeHex, ZeroAddress } from "ethers";

import { type Asset, decodeAsset, encodeAsset, XE, XUSD } from "./asset.js";
import {
  type Address,
  assetOfType,
  BlockType,
  type BlockTypeCode,
  encodeBlock,
  genesisOf,
  type Hash,
  hashBlock,
  leaseLink,
  type LedgerBlock,
  sendLink,
} from "./block.js";
import { costOf, LEASE_LIMITS, type LeaseTerms, stakeOf, UNIT } from "./lease.js";

const CHAIN = 31_337n;
const LEDGER: Address = "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0";
const ADA: Address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const BEN: Address = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const LARGEST: Address = `0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF`;
const ONES: Hash = `0x${"ff".repeat(32)}`;
const ZEROS: Hash = `0x${"00".repeat(32)}`;

const TERMS: readonly LeaseTerms[] = [
  { vCpus: 4n, memoryMB: 8_192n, diskGB: 100n, duration: 259_200n },
  { vCpus: 1n, memoryMB: 0n, diskGB: 0n, duration: 3_600n },
  {
    vCpus: LEASE_LIMITS.vCpus,
    memoryMB: LEASE_LIMITS.memoryMB,
    diskGB: LEASE_LIMITS.diskGB,
    duration: LEASE_LIMITS.maxDuration,
  },
];

/** The assets that blocks of a type can have. */
function assetsOf(type: BlockTypeCode): readonly Asset[] {
  const required = assetOfType(type);
  return required === undefined ? [XE, XUSD] : [required];
}

function linkOf(type: BlockTypeCode): Hash {
  if (type === BlockType.Send) return sendLink(BEN);
  if (type === BlockType.Claim || type === BlockType.Mint) return ZEROS;
  const [terms] = TERMS as readonly [LeaseTerms];
  return leaseLink(terms, BEN, costOf(terms) * UNIT);
}

function blocks(): readonly { readonly name: string; readonly block: LedgerBlock }[] {
  const previous = genesisOf(CHAIN, LEDGER, ADA);
  const ordinary = Object.entries(BlockType).flatMap(([name, blockType]) =>
    assetsOf(blockType).map((asset) => ({
      name: `${name} of ${asset === XE ? "XE" : "XUSD"}`,
      block: { blockType, account: ADA, asset, previous, link: linkOf(blockType), balance: 1_234_567_890n * 10n ** 9n },
    })),
  );
  const extreme = (
    [
      ["nothing but zeros where zeros may be", ZeroAddress as Address, ZEROS, ZEROS, 0n],
      ["nothing but ones where ones may be", LARGEST, ONES, ONES, MaxUint256],
      ["a balance of one wei", ADA, previous, sendLink(ADA), 1n],
      ["the largest balance of the ledger", ADA, previous, sendLink(LARGEST), 2n ** 120n - 1n],
    ] as const
  ).flatMap(([name, account, before, link, balance]) =>
    [XE, XUSD].map((asset) => ({
      name: `${name}, of ${asset === XE ? "XE" : "XUSD"}`,
      block: { blockType: BlockType.Send, account, asset, previous: before, link, balance },
    })),
  );
  return [...ordinary, ...extreme];
}

/** Encodings that are none, and what is wrong with them. */
function invalid(): readonly { readonly name: string; readonly encoding: string }[] {
  const [first] = blocks();
  if (!first) throw new Error("There are no blocks.");
  const valid = encodeBlock(first.block);
  const withAsset = (asset: string): string => `${valid.slice(0, 2 + 42)}${asset}${valid.slice(2 + 58)}`;
  return [
    { name: "no bytes", encoding: "0x" },
    { name: "a byte less", encoding: valid.slice(0, -2) },
    { name: "a byte more", encoding: `${valid}00` },
    { name: "half a byte less", encoding: valid.slice(0, -1) },
    { name: "no hexadecimal digits", encoding: `${valid.slice(0, -2)}zz` },
    { name: "without 0x", encoding: valid.slice(2) },
    { name: "type 0", encoding: `0x00${valid.slice(4)}` },
    { name: "type 11", encoding: `0x0b${valid.slice(4)}` },
    { name: "type 255", encoding: `0xff${valid.slice(4)}` },
    { name: "an asset of zeros", encoding: withAsset("0000000000000000") },
    { name: '"XE" padded with a space', encoding: withAsset("5845200000000000") },
    { name: '"XE" with a last byte of one', encoding: withAsset("5845000000000001") },
    { name: '"XE" right-aligned', encoding: withAsset("0000000000005845") },
    { name: '"xe"', encoding: withAsset("7865000000000000") },
    { name: '"XUSD" padded with spaces', encoding: withAsset("5855534420202020") },
    { name: '"XUSD" right-aligned', encoding: withAsset("0000000058555344") },
    { name: '"XUSDT"', encoding: withAsset("5855534454000000") },
    { name: "an asset that is no UTF-8", encoding: withAsset("fffe000000000000") },
    ...Object.entries(BlockType).flatMap(([name, code]) =>
      [XE, XUSD]
        .filter((asset) => !assetsOf(code).includes(asset))
        .map((asset) => ({
          name: `${name} of ${decodeAsset(asset)}`,
          encoding: `0x${toBeHex(code, 1).slice(2)}${withAsset(asset.slice(2)).slice(4)}`,
        })),
    ),
  ];
}

const plain = ({ vCpus, memoryMB, diskGB, duration }: LeaseTerms) => ({
  vCpus: vCpus.toString(),
  memoryMB: memoryMB.toString(),
  diskGB: diskGB.toString(),
  duration: duration.toString(),
});

/**
 * Test vectors for an implementation in any language, as `test/vectors/xe-blocks.json` holds them. Numbers that JSON might round are decimal
 * strings.
 */
export function xeVectors(): object {
  return {
    about:
      "Blocks of the XE/XUSD ledger: 125 bytes, big-endian: type (1), account (20), asset (8), previous (32), link (32), balance (32); hash = keccak256.",
    assets: ["XE", "XUSD"].map((name) => ({ name, id: encodeAsset(name) })),
    otherNames: ["", "xe", "XE ", "ABCDEFGH", "X\0E"].map((name) => ({ name, id: encodeAsset(name) })),
    blockTypes: BlockType,
    genesis: [
      { chainId: CHAIN, ledger: LEDGER, account: ADA },
      { chainId: 1n, ledger: LEDGER, account: ADA },
      { chainId: MaxUint256, ledger: LARGEST, account: ZeroAddress as Address },
    ].map(({ chainId, ledger, account }) => ({
      chainId: chainId.toString(),
      ledger,
      account,
      previous: genesisOf(chainId, ledger, account),
    })),
    leases: TERMS.flatMap((terms) =>
      [ZeroAddress as Address, BEN].map((provider) => {
        const cost = costOf(terms);
        const link = leaseLink(terms, provider, cost * UNIT);
        return { ...plain(terms), provider, cost: cost.toString(), stake: stakeOf(cost).toString(), link };
      }),
    ),
    blocks: blocks().map(({ name, block }) => ({
      name,
      block: { ...block, balance: block.balance.toString() },
      encoding: encodeBlock(block),
      hash: hashBlock(block),
    })),
    invalid: invalid(),
  };
}

/** The file's content. */
export function xeVectorsFile(): string {
  return `${JSON.stringify(xeVectors(), undefined, 2)}\n`;
}
