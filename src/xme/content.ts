/**
 * Reference model of `ContentRegistry`: X.me Dual-Token Economic Model Whitepaper, section 5.3, "Content published by creators will be hashed
 * on-chain, becoming digital assets they own". Prices in wei of XMEX, times in seconds, royalties in basis points. It keeps what happened to
 * each content, in order, and answers from the last of it.
 */

import { AbiCoder, keccak256, sha256 } from "ethers";

/** The least age, in seconds, of a commitment that can be revealed. Choice: a minute, as the registrar of ENS has it. */
export const CONTENT_MIN_COMMITMENT_AGE = 60n;

/** The greatest age, in seconds, of a commitment that can be revealed. Choice: a day, as the registrar of ENS has it. */
export const CONTENT_MAX_COMMITMENT_AGE = 86_400n;

/** The highest royalty, in basis points. Choice: 10 %. */
export const CONTENT_MAX_ROYALTY_BPS = 1_000n;

/** Unlock prices are whole numbers of this many wei of XMEX. Choice: a gwei. */
export const CONTENT_PRICE_STEP = 10n ** 9n;

/** The highest unlock price, in wei of XMEX. Choice: what 64 bits of steps hold. */
export const CONTENT_MAX_UNLOCK_PRICE = (2n ** 64n - 1n) * CONTENT_PRICE_STEP;

/** The most characters of a document's URI. Choice: as for policies. */
export const CONTENT_MAX_URI_LENGTH = 256;

const TOTAL_BPS = 10_000n;
const URI_CHARACTER = /[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/;

type Hex = `0x${string}`;

/**
 * The hash that X.me registers a file by. Choice: SHA-256, for which every system has a program; the registry takes any.
 *
 * @param file all of its bytes
 */
export function contentHashOf(file: Uint8Array): Hex {
  return sha256(file) as Hex;
}

/**
 * The number of the token for a hash, which logs write in decimal: the hash itself.
 *
 * @throws RangeError where it is no hash of 32 bytes, or zero, which stands for no content
 */
export function contentIdOf(hash: string): bigint {
  if (!/^0x[0-9a-fA-F]{64}$/.test(hash)) throw new RangeError(`${hash} is no hash of 32 bytes`);
  const id = BigInt(hash);
  if (id === 0n) throw new RangeError("A hash of zero stands for no content");
  return id;
}

/** What a commitment binds: the hash, who may register it, the salt that hides it, and where. */
export interface ContentSecret {
  readonly hash: Hex;
  readonly account: string;
  readonly salt: Hex;
  readonly chainId: bigint;
  readonly registry: string;
}

/** The commitment, computed here so that nobody is told what it hides. */
export function contentCommitment({ hash, account, salt, chainId, registry }: ContentSecret): Hex {
  const types = ["bytes32", "address", "bytes32", "uint256", "address"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [hash, account, salt, chainId, registry])) as Hex;
}

/**
 * What of a sale's price is its creator's.
 *
 * @returns rounded down, in the unit of the price
 */
export function contentRoyalty(salePrice: bigint, royaltyBps: bigint): bigint {
  return (salePrice * royaltyBps) / TOTAL_BPS;
}

/** A call that the registry refuses: the name of its error, and the values that it carries. */
export class ContentRefusal extends Error {
  constructor(
    readonly error: string,
    readonly values: readonly (bigint | string)[] = [],
  ) {
    super(`${error}(${values.join(", ")})`);
    this.name = "ContentRefusal";
  }
}

/** What a registration says beside hash and salt. */
export interface ContentTerms {
  readonly uri: string;
  readonly unlockPrice: bigint;
  readonly royaltyBps: bigint;
}

/** A content as the registry shows it. */
export interface ContentRecord extends ContentTerms {
  readonly hash: Hex;
  readonly creator: string;
  readonly owner: string;
  readonly registeredAt: bigint;
}

/** Everything that ever happened to a registry. Each action throws `ContentRefusal` where the contract refuses it. */
export class ContentRegistryModel {
  readonly #chainId: bigint;
  readonly #address: string;
  readonly #commitments: { readonly account: string; readonly commitment: Hex; readonly time: bigint }[] = [];
  readonly #revealed: { readonly account: string; readonly commitment: Hex; readonly time: bigint }[] = [];
  readonly #history = new Map<bigint, ContentRecord[]>();

  /** @param address the contract's own, which commitments name */
  constructor(chainId: bigint, address: string) {
    this.#chainId = chainId;
    this.#address = address;
  }

  /** How many contents are registered. */
  get count(): number {
    return this.#history.size;
  }

  commit(now: bigint, account: string, commitment: Hex): void {
    this.#commitments.push({ account, commitment, time: now });
  }

  /** First and last second of the last commitment that is not revealed, or zeros. */
  revealableBetween(account: string, commitment: Hex): readonly [bigint, bigint] {
    const time = this.#committedAt(account, commitment);
    return time === undefined ? [0n, 0n] : [time + CONTENT_MIN_COMMITMENT_AGE, time + CONTENT_MAX_COMMITMENT_AGE];
  }

  register(now: bigint, account: string, hash: Hex, salt: Hex, terms: ContentTerms): bigint {
    if (BigInt(hash) === 0n) throw new ContentRefusal("ContentRegistry_HashIsZero");
    const id = contentIdOf(hash);
    const [first] = this.#history.get(id) ?? [];
    if (first) throw new ContentRefusal("ContentRegistry_AlreadyRegistered", [id, first.creator]);
    if (terms.royaltyBps > CONTENT_MAX_ROYALTY_BPS) {
      throw new ContentRefusal("ContentRegistry_RoyaltyTooHigh", [terms.royaltyBps, CONTENT_MAX_ROYALTY_BPS]);
    }
    const commitment = contentCommitment({
      hash,
      account,
      salt,
      chainId: this.#chainId,
      registry: this.#address,
    });
    const time = this.#committedAt(account, commitment);
    if (time === undefined) throw new ContentRefusal("ContentRegistry_NotCommitted", [account, commitment]);
    const [from, until] = [time + CONTENT_MIN_COMMITMENT_AGE, time + CONTENT_MAX_COMMITMENT_AGE];
    if (now < from) throw new ContentRefusal("ContentRegistry_CommitmentTooYoung", [commitment, from, now]);
    if (now > until) throw new ContentRefusal("ContentRegistry_CommitmentExpired", [commitment, until, now]);
    requirePrice(terms.unlockPrice);
    requireUri(terms.uri);
    this.#revealed.push({ account, commitment, time });
    this.#history.set(id, [{ hash, creator: account, owner: account, registeredAt: now, ...terms }]);
    return id;
  }

  setUnlockPrice(caller: string, id: bigint, unlockPrice: bigint): void {
    const owned = this.#ownedBy(caller, id);
    requirePrice(unlockPrice);
    this.#history.get(id)?.push({ ...owned, unlockPrice });
  }

  setTokenURI(caller: string, id: bigint, uri: string): void {
    const owned = this.#ownedBy(caller, id);
    requireUri(uri);
    this.#history.get(id)?.push({ ...owned, uri });
  }

  /** A transfer by the owner itself. */
  transfer(caller: string, id: bigint, to: string): void {
    const content = this.content(id);
    if (content.owner !== caller) throw new ContentRefusal("ERC721InsufficientApproval", [caller, id]);
    this.#history.get(id)?.push({ ...content, owner: to });
  }

  content(id: bigint): ContentRecord {
    const last = this.#history.get(id)?.at(-1);
    if (!last) throw new ContentRefusal("ERC721NonexistentToken", [id]);
    return last;
  }

  /** How many contents an account owns. */
  balanceOf(account: string): bigint {
    return BigInt([...this.#history.values()].filter((records) => records.at(-1)?.owner === account).length);
  }

  #ownedBy(caller: string, id: bigint): ContentRecord {
    const content = this.content(id);
    if (content.owner !== caller) throw new ContentRefusal("ContentRegistry_NotOwner", [id, caller, content.owner]);
    return content;
  }

  #committedAt(account: string, commitment: Hex): bigint | undefined {
    const mine = (one: { account: string; commitment: Hex }) =>
      one.account === account && one.commitment === commitment;
    const time = this.#commitments.findLast(mine)?.time;
    const revealed = this.#revealed.findLast(mine)?.time;
    return time === revealed ? undefined : time;
  }
}

function requirePrice(unlockPrice: bigint): void {
  if (unlockPrice > CONTENT_MAX_UNLOCK_PRICE) {
    throw new ContentRefusal("ContentRegistry_PriceTooHigh", [unlockPrice, CONTENT_MAX_UNLOCK_PRICE]);
  }
  if (unlockPrice % CONTENT_PRICE_STEP !== 0n) {
    throw new ContentRefusal("ContentRegistry_PriceNotInSteps", [unlockPrice, CONTENT_PRICE_STEP]);
  }
}

function requireUri(uri: string): void {
  if (uri.length > CONTENT_MAX_URI_LENGTH) {
    throw new ContentRefusal("PlainText_LengthOutOfRange", [BigInt(uri.length), BigInt(CONTENT_MAX_URI_LENGTH)]);
  }
  const at = [...uri].findIndex((character) => !URI_CHARACTER.test(character));
  if (at === -1) return;
  const character = `0x${uri.charCodeAt(at).toString(16).padStart(2, "0")}`;
  throw new ContentRefusal("PlainText_UnfitCharacter", [character, BigInt(at)]);
}
