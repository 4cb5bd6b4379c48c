/**
 * Asset identifiers of the XE/XUSD ledger. Source, "Asset encoding": "an 8-byte field … left-aligned UTF-8, zero-padded to 8 bytes".
 */

import { hexlify, toUtf8Bytes, toUtf8String } from "ethers";

/** Eight bytes as hexadecimal digits. */
export type Asset = `0x${string}`;

/** Source, "Valid assets": the allowlist. */
export const ASSET_NAMES = ["XE", "XUSD"] as const;
export type AssetName = (typeof ASSET_NAMES)[number];

/** Bytes of an identifier. */
export const ASSET_SIZE = 8;

/** Source, table "Asset encoding": 58 45 00 00 00 00 00 00. */
export const XE: Asset = "0x5845000000000000";

/** Source, table "Asset encoding": 58 55 53 44 00 00 00 00. */
export const XUSD: Asset = "0x5855534400000000";

/** Bytes that are no block or no identifier of the ledger. */
export class EncodingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "EncodingError";
  }
}

/**
 * @param name of an asset, valid or not
 * @returns its identifier, left-aligned and padded with zeros
 * @throws EncodingError if the name does not fit into eight bytes, or has half of a character
 */
export function encodeAsset(name: string): Asset {
  if (/\p{Cs}/u.test(name)) throw new EncodingError("An asset's name has to be of whole characters.");
  const bytes = toUtf8Bytes(name);
  if (bytes.length > ASSET_SIZE) {
    throw new EncodingError(`"${name}" is ${String(bytes.length)} bytes long: an asset's name has at most eight.`);
  }
  const padded = new Uint8Array(ASSET_SIZE);
  padded.set(bytes);
  return hexlify(padded) as Asset;
}

/**
 * Source: "When decoding, trailing zero bytes are trimmed to recover the original string."
 * @param asset eight bytes, valid or not
 * @returns the name; zeros within it stay
 * @throws EncodingError if these are not eight bytes of UTF-8
 */
export function decodeAsset(asset: Asset): string {
  if (!/^0x[0-9a-fA-F]{16}$/.test(asset)) {
    throw new EncodingError(`${asset} is no asset identifier: it has to be 0x and 16 hexadecimal digits.`);
  }
  try {
    return toUtf8String(asset.replace(/(?:00)+$/, ""));
  } catch {
    throw new EncodingError(`${asset} is no asset identifier: its bytes are no UTF-8.`);
  }
}

/** Source: `IsValidAsset`. */
export function isValidAsset(name: string): name is AssetName {
  return (ASSET_NAMES as readonly string[]).includes(name);
}

/** @returns whether eight bytes are one of the two identifiers; one that differs in its padding only is none */
export function isValidAssetId(asset: string): boolean {
  return asset === XE || asset === XUSD;
}
