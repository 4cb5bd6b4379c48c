/**
 * The canonical encoding of the ledger's blocks, byte for byte that of `contracts/xe/Blocks.sol`: 125 bytes, big-endian, without gaps, type (1) ‖
 * account (20) ‖ asset (8) ‖ previous (32) ‖ link (32) ‖ balance (32). The asset's eight bytes are the source's; the rest is a choice.
 */

import { AbiCoder, concat, dataSlice, getAddress, isHexString, keccak256, toBeHex, zeroPadValue } from "ethers";

import { type Asset, decodeAsset, EncodingError, isValidAssetId, XE, XUSD } from "./asset.js";
import type { LeaseTerms } from "./lease.js";

/** What a block does, by its first byte. The first six are the source's. */
export const BlockType = {
  Send: 1,
  Receive: 2,
  Claim: 3,
  Lease: 4,
  LeaseAccept: 5,
  LeaseSettle: 6,
  LeaseCancel: 7,
  LeaseObject: 8,
  LeaseBond: 9,
  Mint: 10,
} as const;
export type BlockTypeName = keyof typeof BlockType;
export type BlockTypeCode = (typeof BlockType)[BlockTypeName];

/** 0x and 64 hexadecimal digits. */
export type Hash = `0x${string}`;
/** 0x and 40 hexadecimal digits. */
export type Address = `0x${string}`;

/** One block of an account's chain. */
export interface LedgerBlock {
  readonly blockType: BlockTypeCode;
  readonly account: Address;
  readonly asset: Asset;
  /** Hash of the account's block before this one. */
  readonly previous: Hash;
  /** What the block is about: see `BlockType.sol`. */
  readonly link: Hash;
  /** The account's balance of the asset after the block, in wei. */
  readonly balance: bigint;
}

/** Bytes of a block. */
export const BLOCK_SIZE = 125;

/** Where each field begins, and its bytes. */
const FIELDS = {
  blockType: [0, 1],
  account: [1, 20],
  asset: [21, 8],
  previous: [29, 32],
  link: [61, 32],
  balance: [93, 32],
} as const;

const NAMES = new Map<number, BlockTypeName>(
  Object.entries(BlockType).map(([name, code]) => [code, name as BlockTypeName]),
);
const MAX_BALANCE = 2n ** 256n - 1n;

/** @returns the one asset that blocks of a type have ("Asset rules by block type"); undefined where they have either */
export function assetOfType(code: BlockTypeCode): Asset | undefined {
  if (code === BlockType.Send || code === BlockType.Receive) return undefined;
  return code === BlockType.LeaseSettle ? XE : XUSD;
}

/** @returns the name of a type; undefined for a byte that is none */
export function blockTypeName(code: number): BlockTypeName | undefined {
  return NAMES.get(code);
}

/**
 * @returns the block's 125 bytes
 * @throws EncodingError for a field that no block can have
 */
export function encodeBlock(block: LedgerBlock): `0x${string}` {
  const { blockType, account, asset, previous, link, balance } = block;
  checkType(blockType);
  checkAsset(asset, blockType);
  if (balance < 0n || balance > MAX_BALANCE) {
    throw new EncodingError(`The balance ${String(balance)} is out of range: it is 32 bytes without a sign.`);
  }
  if (!isHexString(account, 20)) throw new EncodingError(`The account ${account} is not 20 bytes long.`);
  for (const [field, hash] of Object.entries({ previous, link })) {
    if (!isHexString(hash, 32)) throw new EncodingError(`The field "${field}" is ${hash}, and not 32 bytes long.`);
  }
  return concat([
    toBeHex(blockType, 1),
    account,
    asset,
    previous,
    link,
    toBeHex(balance, 32),
  ]).toLowerCase() as `0x${string}`;
}

/**
 * @param bytes 0x and 250 hexadecimal digits
 * @returns the block that they are the encoding of
 * @throws EncodingError that says which byte is wrong, for anything that `encodeBlock` does not write
 */
export function decodeBlock(bytes: string): LedgerBlock {
  if (!isHexString(bytes)) throw new EncodingError("These are no bytes: a block is 0x and 250 hexadecimal digits.");
  const size = (bytes.length - 2) / 2;
  if (size !== BLOCK_SIZE) throw new EncodingError(`A block is 125 bytes long, and not ${String(size)}.`);
  const field = (name: keyof typeof FIELDS): `0x${string}` => {
    const [at, length] = FIELDS[name];
    return dataSlice(bytes, at, at + length).toLowerCase() as `0x${string}`;
  };
  const [blockType, asset] = [Number(field("blockType")), field("asset")];
  checkType(blockType);
  checkAsset(asset, blockType);
  return {
    blockType,
    account: getAddress(field("account")) as Address,
    asset,
    previous: field("previous"),
    link: field("link"),
    balance: BigInt(field("balance")),
  };
}

/** @returns the keccak256 of the block's 125 bytes */
export function hashBlock(block: LedgerBlock): Hash {
  return keccak256(encodeBlock(block)) as Hash;
}

/** @returns what the first block of an account's chain names as the block before it */
export function genesisOf(chainId: bigint, ledger: Address, account: Address): Hash {
  const encoded = AbiCoder.defaultAbiCoder().encode(["uint256", "address", "address"], [chainId, ledger, account]);
  return keccak256(encoded) as Hash;
}

/**
 * @returns the link of a send: its destination, right-aligned
 * @throws EncodingError for a destination that is not 20 bytes long
 */
export function sendLink(to: Address): Hash {
  if (!isHexString(to, 20)) throw new EncodingError(`The destination ${to} is not 20 bytes long.`);
  return zeroPadValue(to, 32).toLowerCase() as Hash;
}

/** @returns the destination that the link of a send is; of another link, what its last 20 bytes would be */
export function destinationOf(link: Hash): Address {
  return getAddress(dataSlice(link, 12)) as Address;
}

/**
 * @param provider who alone may accept; the zero address where anybody may
 * @param cost in wei
 * @returns the link of a lease's first block
 */
export function leaseLink({ vCpus, memoryMB, diskGB, duration }: LeaseTerms, provider: Address, cost: bigint): Hash {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ["uint256", "uint256", "uint256", "uint256", "address", "uint256"],
    [vCpus, memoryMB, diskGB, duration, provider, cost],
  );
  return keccak256(encoded) as Hash;
}

function checkType(code: number): asserts code is BlockTypeCode {
  if (NAMES.has(code)) return;
  throw new EncodingError(`There is no block of type ${String(code)}: types go from 1 to ${String(NAMES.size)}.`);
}

function checkAsset(asset: Asset, type: BlockTypeCode): void {
  const required = assetOfType(type);
  if (isValidAssetId(asset)) {
    if (required === undefined || asset.toLowerCase() === required) return;
    const name = NAMES.get(type) ?? "";
    throw new EncodingError(
      `A block of type ${name} is in ${decodeAsset(required)}, and never in ${decodeAsset(asset)}.`,
    );
  }
  let name: string;
  try {
    name = decodeAsset(asset);
  } catch {
    name = asset;
  }
  const looksValid = name === "XE" || name === "XUSD" ? ", left-aligned and padded with zeros" : "";
  throw new EncodingError(`There is no asset ${asset}: it has to be XE or XUSD${looksValid}.`);
}
