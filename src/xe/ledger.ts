/**
 * Reference model of `DualAssetLedger`: all accounts, their chains of blocks, what is pending, leases, the faucet and the votes. Amounts in wei,
 * times in seconds. It keeps every block and adds balances up in plain maps, where the contract packs slots and keeps heads alone.
 */

import { getCreateAddress } from "ethers";

import { type Asset, isValidAssetId, XE, XUSD } from "./asset.js";
import {
  type Address,
  BlockType,
  type BlockTypeCode,
  genesisOf,
  type Hash,
  hashBlock,
  type LedgerBlock,
  leaseLink,
  sendLink,
} from "./block.js";
import {
  costOf,
  DEFAULT_RATES,
  type LeaseRates,
  type LeaseTerms,
  MAX_RATE,
  RULING_PERIOD,
  stakeOf,
  termsRefusal,
  UNIT,
} from "./lease.js";

/** What the faucet gives, in wei of XUSD. Source: "Faucet: mints 100 XUSD". */
export const CLAIM_AMOUNT = 100n * UNIT;

/** Seconds between two claims. Source: "rate limited to once per 24h per account". */
export const CLAIM_INTERVAL = 86_400n;

/** The most XUSD ever minted, in wei. Choice: what a balance of 120 bits holds. */
export const MAX_MINTED = 2n ** 120n - 1n;

const NOBODY: Address = "0x0000000000000000000000000000000000000000";
const NO_HASH: Hash = `0x${"00".repeat(32)}`;

/** A call that the contract refuses: the name of its error, without `DualAssetLedger_` where it has that, and the values that it carries. */
export class LedgerRefusal extends Error {
  constructor(
    readonly error: string,
    readonly values: readonly (bigint | string)[] = [],
  ) {
    super(`${error}(${values.join(", ")})`);
    this.name = "LedgerRefusal";
  }
}

/** States of a lease, in the order in which the contract counts them. */
export const LEASE_STATES = ["none", "open", "running", "objected", "settled", "cancelled", "upheld"] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

/** A lease as the contract keeps it; `cost` in whole XUSD. */
export interface ModelLease {
  readonly id: Hash;
  readonly consumer: Address;
  readonly cost: bigint;
  readonly duration: bigint;
  readonly terms: LeaseTerms;
  state: LeaseState;
  provider: Address;
  endsAt: bigint;
  since: bigint;
}

/** A movement as a face announces it. */
export interface FaceTransfer {
  readonly asset: Asset;
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}

interface Holder {
  readonly blocks: LedgerBlock[];
  head: Hash;
  readonly balances: Map<Asset, bigint>;
  delegate: Address;
  claimedAt: bigint;
}

/** A number's values by the second from which they hold. */
type History = { readonly at: bigint; readonly value: bigint }[];

/** Who calls, and when. */
export interface Sender {
  readonly from: Address;
  /** The block's time, in seconds. */
  readonly at: bigint;
}

/** Where a ledger is, and how it began. */
export interface LedgerBirth {
  readonly chainId: bigint;
  readonly ledger: Address;
  readonly faucet: boolean;
  readonly at: bigint;
  /** Who got the initial amount, and how much; nobody and nothing unless given. */
  readonly recipient?: Address;
  readonly amount?: bigint;
}

export class LedgerModel {
  rates: LeaseRates = DEFAULT_RATES;
  /** Wei of XUSD ever minted. */
  minted = 0n;
  /** Wei of XUSD ever burned. */
  burned = 0n;
  /** Wei of XE ever minted. */
  emitted = 0n;
  /** All blocks, in the order in which they were added. */
  readonly blocks: { readonly block: LedgerBlock; readonly hash: Hash }[] = [];
  /** All movements, in the order in which the faces announce them. */
  readonly transfers: FaceTransfer[] = [];
  readonly leases = new Map<Hash, ModelLease>();
  readonly #birth: LedgerBirth;
  readonly #holders = new Map<Address, Holder>();
  readonly #pending = new Map<string, { readonly asset: Asset; readonly amount: bigint }>();
  readonly #votes = new Map<Address, History>();
  readonly #supply: History = [];

  constructor(birth: LedgerBirth) {
    this.#birth = birth;
    const { recipient = NOBODY, amount = 0n, at } = birth;
    if (amount !== 0n) this.#mint(recipient, amount, BlockType.Mint, at);
  }

  /** Every account that has a block or chose a delegate. */
  get accounts(): readonly Address[] {
    return [...this.#holders.keys()];
  }

  /** Wei of an asset in existence. */
  supplyOf(asset: Asset): bigint {
    return asset === XE ? this.emitted : this.minted - this.burned;
  }

  /** Wei of an asset that are pending or in escrow, counted anew: sends, open costs, stakes and bonds. */
  heldOf(asset: Asset): bigint {
    let held = 0n;
    for (const sent of this.#pending.values()) if (sent.asset === asset) held += sent.amount;
    if (asset === XE) return held;
    for (const { state, cost } of this.leases.values()) {
      if (state === "open") held += cost * UNIT;
      if (state === "running") held += stakeOf(cost) * UNIT;
      if (state === "objected") held += 2n * stakeOf(cost) * UNIT;
    }
    return held;
  }

  /** Wei of an asset that an account has; the ledger's own are what is held. */
  balanceOf(account: Address, asset: Asset): bigint {
    if (!isValidAssetId(asset)) throw new LedgerRefusal("UnknownAsset", [asset]);
    if (account === this.#birth.ledger) return this.heldOf(asset);
    return this.#holders.get(account)?.balances.get(asset) ?? 0n;
  }

  /** The hash of an account's last block; zero before the first. */
  headOf(account: Address): Hash {
    return this.#holders.get(account)?.head ?? NO_HASH;
  }

  /** An account's blocks. */
  chainOf(account: Address): readonly LedgerBlock[] {
    return this.#holders.get(account)?.blocks ?? [];
  }

  delegateOf(account: Address): Address {
    return this.#holders.get(account)?.delegate ?? NOBODY;
  }

  /** Wei of XUSD of all who delegate to an account, counted anew. */
  votesOf(delegate: Address): bigint {
    let votes = 0n;
    for (const holder of this.#holders.values()) {
      if (holder.delegate === delegate) votes += holder.balances.get(XUSD) ?? 0n;
    }
    return delegate === NOBODY ? 0n : votes;
  }

  /** The votes of an account at the end of a second that is over. */
  pastVotesOf(delegate: Address, at: bigint): bigint {
    return valueAt(this.#votes.get(delegate) ?? [], at);
  }

  /** Wei of XUSD in existence at the end of a second that is over. */
  pastSupply(at: bigint): bigint {
    return valueAt(this.#supply, at);
  }

  /** What a send left for an account; nothing where it was received. */
  pendingOf(to: Address, source: Hash): { readonly asset: Asset; readonly amount: bigint } | undefined {
    return this.#pending.get(`${to} ${source}`);
  }

  /** The time from which an account can claim again; zero before its first claim. */
  claimableAt(account: Address): bigint {
    const claimedAt = this.#holders.get(account)?.claimedAt ?? 0n;
    return claimedAt === 0n ? 0n : claimedAt + CLAIM_INTERVAL;
  }

  /** `DualAssetLedger.send`. @returns the hash of the block */
  send({ from, at }: Sender, asset: Asset, to: Address, amount: bigint): Hash {
    if (!isValidAssetId(asset)) throw new LedgerRefusal("UnknownAsset", [asset]);
    if (amount === 0n) throw new LedgerRefusal("AmountIsZero");
    this.#checkDestination(to);
    const hash = this.#take(from, asset, amount, BlockType.Send, sendLink(to), at);
    this.#pending.set(`${to} ${hash}`, { asset, amount });
    return hash;
  }

  /** `DualAssetLedger.receivePending`. @returns the hash of the block */
  receivePending({ at }: Sender, to: Address, source: Hash): Hash {
    const sent = this.pendingOf(to, source);
    if (!sent) throw new LedgerRefusal("NothingPending", [to, source]);
    this.#pending.delete(`${to} ${source}`);
    return this.#give(to, sent.asset, sent.amount, BlockType.Receive, source, at);
  }

  /** `AssetFace.transfer`, of whoever may move what `owner` has. */
  transfer({ at }: Pick<Sender, "at">, asset: Asset, owner: Address, to: Address, amount: bigint): void {
    if (to === NOBODY || this.#isOwn(to)) throw new LedgerRefusal("ERC20InvalidReceiver", [to]);
    if (amount !== 0n) {
      const balance = this.balanceOf(owner, asset);
      if (amount > balance) throw new LedgerRefusal("ERC20InsufficientBalance", [owner, balance, amount]);
      const source = this.#append(owner, BlockType.Send, asset, sendLink(to), balance - amount);
      this.#append(to, BlockType.Receive, asset, source, this.balanceOf(to, asset) + amount);
      this.#recount(at, this.delegateOf(owner), this.delegateOf(to));
    }
    this.transfers.push({ asset, from: owner, to, amount });
  }

  /** `DualAssetLedger.claim`. @returns the hash of the block */
  claim({ from, at }: Sender): Hash {
    if (!this.#birth.faucet) throw new LedgerRefusal("NoFaucet");
    const availableAt = this.claimableAt(from);
    if (at < availableAt) throw new LedgerRefusal("ClaimTooEarly", [from, availableAt, at]);
    const hash = this.#mint(from, CLAIM_AMOUNT, BlockType.Claim, at);
    this.#holder(from).claimedAt = at;
    return hash;
  }

  /** `DualAssetLedger.mint`, by whoever may. @returns the hash of the block */
  mint({ at }: Pick<Sender, "at">, to: Address, amount: bigint): Hash {
    if (amount === 0n) throw new LedgerRefusal("AmountIsZero");
    return this.#mint(to, amount, BlockType.Mint, at);
  }

  /** `DualAssetLedger.setRates`, by whoever may. */
  setRates(rates: LeaseRates): void {
    const highest = [rates.perVCpu, rates.perMemoryGB, rates.perDiskGB].reduce((a, b) => (a > b ? a : b));
    if (highest > MAX_RATE) throw new LedgerRefusal("RateTooHigh", [highest, MAX_RATE]);
    this.rates = rates;
  }

  /** `delegate` of ERC-5805; the zero address is nobody. */
  delegate({ from, at }: Sender, to: Address): void {
    const holder = this.#holder(from);
    const before = holder.delegate;
    holder.delegate = to;
    this.#recount(at, before, to);
  }

  /** `DualAssetLedger.quoteLease`, in wei. */
  quote(terms: LeaseTerms): { readonly cost: bigint; readonly stake: bigint } {
    const refused = termsRefusal(terms);
    if (refused) throw new LedgerRefusal(...refused);
    const cost = costOf(terms, this.rates);
    return { cost: cost * UNIT, stake: stakeOf(cost) * UNIT };
  }

  /** `DualAssetLedger.lease`. @returns the lease's id and its cost, in wei */
  lease(
    { from, at }: Sender,
    terms: LeaseTerms,
    provider: Address,
    maxCost: bigint,
  ): { readonly id: Hash; readonly cost: bigint } {
    const { cost } = this.quote(terms);
    if (cost > maxCost) throw new LedgerRefusal("CostAboveMaximum", [cost, maxCost]);
    const id = this.#take(from, XUSD, cost, BlockType.Lease, leaseLink(terms, provider, cost), at);
    const { duration } = terms;
    this.leases.set(id, {
      id,
      consumer: from,
      cost: cost / UNIT,
      duration,
      terms,
      state: "open",
      provider,
      endsAt: 0n,
      since: at,
    });
    return { id, cost };
  }

  /** `DualAssetLedger.cancelLease`. @returns what came back, in wei */
  cancelLease({ from, at }: Sender, id: Hash): bigint {
    const lease = this.#leaseIn(id, "open");
    this.#checkConsumer(lease, from);
    enter(lease, "cancelled", at);
    this.#give(from, XUSD, lease.cost * UNIT, BlockType.LeaseCancel, id, at);
    return lease.cost * UNIT;
  }

  /** `DualAssetLedger.acceptLease`. @returns the stake, in wei, and when the term ends */
  acceptLease({ from, at }: Sender, id: Hash): { readonly stake: bigint; readonly endsAt: bigint } {
    const lease = this.#leaseIn(id, "open");
    if (lease.provider !== NOBODY && lease.provider !== from) {
      throw new LedgerRefusal("NotProvider", [id, from, lease.provider]);
    }
    const stake = stakeOf(lease.cost) * UNIT;
    this.#take(from, XUSD, stake, BlockType.LeaseAccept, id, at);
    enter(lease, "running", at);
    lease.provider = from;
    lease.endsAt = at + lease.duration;
    this.#burn(lease.cost * UNIT, at);
    return { stake, endsAt: lease.endsAt };
  }

  /** `DualAssetLedger.objectToLease`. @returns the bond, in wei, and until when the arbiter can rule */
  objectToLease({ from, at }: Sender, id: Hash): { readonly bond: bigint; readonly rulingEndsAt: bigint } {
    const lease = this.#leaseIn(id, "running");
    this.#checkConsumer(lease, from);
    if (at >= lease.endsAt) throw new LedgerRefusal("TermIsOver", [id, lease.endsAt, at]);
    const bond = stakeOf(lease.cost) * UNIT;
    this.#take(from, XUSD, bond, BlockType.LeaseObject, id, at);
    enter(lease, "objected", at);
    return { bond, rulingEndsAt: at + RULING_PERIOD };
  }

  /** `DualAssetLedger.rule`, by whoever may. */
  rule({ from, at }: Sender, id: Hash, upheld: boolean): void {
    const lease = this.#leaseIn(id, "objected");
    if (from === lease.consumer || from === lease.provider) throw new LedgerRefusal("PartyCannotRule", [id, from]);
    const rulingEndsAt = lease.since + RULING_PERIOD;
    if (at >= rulingEndsAt) throw new LedgerRefusal("RulingIsOver", [id, rulingEndsAt, at]);
    const bond = stakeOf(lease.cost) * UNIT;
    enter(lease, upheld ? "upheld" : "running", at);
    this.#give(upheld ? lease.consumer : lease.provider, XUSD, bond, BlockType.LeaseBond, id, at);
    if (upheld) this.#burn(bond, at);
  }

  /** `DualAssetLedger.lapseObjection`. @returns the bond, in wei */
  lapseObjection({ at }: Pick<Sender, "at">, id: Hash): bigint {
    const lease = this.#leaseIn(id, "objected");
    const rulingEndsAt = lease.since + RULING_PERIOD;
    if (at < rulingEndsAt) throw new LedgerRefusal("RulingOpen", [id, rulingEndsAt, at]);
    const bond = stakeOf(lease.cost) * UNIT;
    enter(lease, "running", at);
    this.#give(lease.consumer, XUSD, bond, BlockType.LeaseBond, id, at);
    return bond;
  }

  /** `DualAssetLedger.settleLease`. @returns XE and XUSD that the provider gets, in wei */
  settleLease({ at }: Pick<Sender, "at">, id: Hash): { readonly emission: bigint; readonly stake: bigint } {
    const lease = this.leases.get(id);
    if (lease?.state !== "running" && lease?.state !== "objected") {
      throw new LedgerRefusal("WrongLeaseState", [id, BigInt(LEASE_STATES.indexOf(lease?.state ?? "none"))]);
    }
    if (at < lease.endsAt) throw new LedgerRefusal("TermNotOver", [id, lease.endsAt, at]);
    if (lease.state === "objected") this.lapseObjection({ at }, id);
    enter(lease, "settled", at);
    const { provider, cost } = lease;
    const [emission, stake] = [cost * UNIT, stakeOf(cost) * UNIT];
    this.emitted += emission;
    const { balances } = this.#holder(provider);
    balances.set(XUSD, (balances.get(XUSD) ?? 0n) + stake);
    this.#append(provider, BlockType.LeaseSettle, XE, id, this.balanceOf(provider, XE) + emission);
    this.#recount(at, this.delegateOf(provider));
    this.transfers.push({ asset: XE, from: NOBODY, to: provider, amount: emission });
    this.transfers.push({ asset: XUSD, from: this.#birth.ledger, to: provider, amount: stake });
    return { emission, stake };
  }

  #holder(account: Address): Holder {
    let holder = this.#holders.get(account);
    if (!holder) {
      holder = { blocks: [], head: NO_HASH, balances: new Map(), delegate: NOBODY, claimedAt: 0n };
      this.#holders.set(account, holder);
    }
    return holder;
  }

  #append(account: Address, blockType: BlockTypeCode, asset: Asset, link: Hash, balance: bigint): Hash {
    const holder = this.#holder(account);
    const { chainId, ledger } = this.#birth;
    const previous = holder.head === NO_HASH ? genesisOf(chainId, ledger, account) : holder.head;
    const block: LedgerBlock = { blockType, account, asset, previous, link, balance };
    const hash = hashBlock(block);
    holder.head = hash;
    holder.balances.set(asset, balance);
    holder.blocks.push(block);
    this.blocks.push({ block, hash });
    return hash;
  }

  #take(from: Address, asset: Asset, amount: bigint, blockType: BlockTypeCode, link: Hash, at: bigint): Hash {
    const balance = this.balanceOf(from, asset);
    if (amount > balance) throw new LedgerRefusal("BalanceTooLow", [from, asset, balance, amount]);
    const hash = this.#append(from, blockType, asset, link, balance - amount);
    if (asset === XUSD) this.#recount(at, this.delegateOf(from));
    this.transfers.push({ asset, from, to: this.#birth.ledger, amount });
    return hash;
  }

  #give(to: Address, asset: Asset, amount: bigint, blockType: BlockTypeCode, link: Hash, at: bigint): Hash {
    const hash = this.#append(to, blockType, asset, link, this.balanceOf(to, asset) + amount);
    if (asset === XUSD) this.#recount(at, this.delegateOf(to));
    this.transfers.push({ asset, from: this.#birth.ledger, to, amount });
    return hash;
  }

  #mint(to: Address, amount: bigint, blockType: BlockTypeCode, at: bigint): Hash {
    this.#checkDestination(to);
    const available = MAX_MINTED - this.minted;
    if (amount > available) throw new LedgerRefusal("MintedTooMuch", [amount, available]);
    this.minted += amount;
    this.#supply.push({ at, value: this.supplyOf(XUSD) });
    const hash = this.#append(to, blockType, XUSD, NO_HASH, this.balanceOf(to, XUSD) + amount);
    this.#recount(at, this.delegateOf(to));
    this.transfers.push({ asset: XUSD, from: NOBODY, to, amount });
    return hash;
  }

  #burn(amount: bigint, at: bigint): void {
    this.burned += amount;
    this.#supply.push({ at, value: this.supplyOf(XUSD) });
    this.transfers.push({ asset: XUSD, from: this.#birth.ledger, to: NOBODY, amount });
  }

  /** Notes how many votes delegates have from now on. */
  #recount(at: bigint, ...delegates: readonly Address[]): void {
    for (const delegate of new Set(delegates)) {
      if (delegate === NOBODY) continue;
      const history = this.#votes.get(delegate) ?? [];
      history.push({ at, value: this.votesOf(delegate) });
      this.#votes.set(delegate, history);
    }
  }

  #leaseIn(id: Hash, state: LeaseState): ModelLease {
    const lease = this.leases.get(id);
    if (lease?.state !== state) {
      throw new LedgerRefusal("WrongLeaseState", [id, BigInt(LEASE_STATES.indexOf(lease?.state ?? "none"))]);
    }
    return lease;
  }

  #checkConsumer({ id, consumer }: ModelLease, from: Address): void {
    if (from !== consumer) throw new LedgerRefusal("NotConsumer", [id, from, consumer]);
  }

  #checkDestination(to: Address): void {
    if (to === NOBODY || this.#isOwn(to)) throw new LedgerRefusal("InvalidDestination", [to]);
  }

  /** The ledger and its faces, which are the first two contracts that it creates. */
  #isOwn(to: Address): boolean {
    const { ledger } = this.#birth;
    return to === ledger || [1, 2].some((nonce) => to === getCreateAddress({ from: ledger, nonce }));
  }
}

function enter(lease: ModelLease, state: LeaseState, at: bigint): void {
  lease.state = state;
  lease.since = at;
}

function valueAt(history: History, at: bigint): bigint {
  return history.findLast((entry) => entry.at <= at)?.value ?? 0n;
}
