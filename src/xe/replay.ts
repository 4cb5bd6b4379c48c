/**
 * Rebuilds accounts' chains from the ledger's events alone: every hash and every balance is computed anew, and the first block that does not fit
 * is named. Amounts in wei.
 */

import { Interface, isHexString, type Log, type LogDescription } from "ethers";

import { type LogFilter, type LogProvider, LogReader } from "../chain/logs.js";
import { type Asset, isValidAssetId, XE, XUSD } from "./asset.js";
import {
  type Address,
  assetOfType,
  BlockType,
  type BlockTypeCode,
  blockTypeName,
  destinationOf,
  genesisOf,
  type Hash,
  hashBlock,
  leaseLink,
  sendLink,
} from "./block.js";
import { type LeaseTerms, stakeOf, termsRefusal, UNIT } from "./lease.js";
import { CLAIM_AMOUNT } from "./ledger.js";

/** The ledger's events that a chain is rebuilt from. */
export const REPLAYED_EVENTS = new Interface([
  "event BlockAdded(address indexed account, bytes32 indexed hash, bytes32 indexed link, uint8 blockType, bytes8 asset, uint256 balance)",
  "event LeaseOpened(bytes32 indexed id, address indexed consumer, address indexed provider, uint256 vCpus, uint256 memoryMB, uint256 diskGB, uint256 duration, uint256 cost)",
]);

/** Which ledger, on which chain. */
export interface LedgerPlace {
  readonly chainId: bigint;
  readonly ledger: Address;
}

/** `BlockAdded` as a log has it. */
export interface BlockEvent {
  readonly account: Address;
  readonly hash: Hash;
  readonly link: Hash;
  readonly blockType: number;
  readonly asset: Asset;
  readonly balance: bigint;
  /** Why the ledger cannot have written this log, where it can be seen from the log itself. */
  readonly damage?: string;
}

/** `LeaseOpened` as a log has it; `cost` in wei. */
export interface LeaseEvent {
  readonly id: Hash;
  readonly consumer: Address;
  readonly provider: Address;
  readonly terms: LeaseTerms;
  readonly cost: bigint;
}

/** A block that fits, and what it did. */
export interface ReplayedBlock extends BlockEvent {
  /** Its number in the chain of its account, from 1. */
  readonly number: number;
  readonly previous: Hash;
  /** What the account has more of the block's asset than before; negative for what left it. */
  readonly change: bigint;
  /** XUSD that came back with it: the stake of a lease that it settled. */
  readonly stakeReturned: bigint;
}

/** The first block that does not fit, and why. */
export interface Misfit {
  /** Its number in the chain of its account, from 1. */
  readonly number: number;
  /** As the log says it. */
  readonly hash: Hash;
  /** What is wrong, in a sentence. */
  readonly reason: string;
}

/** An account's chain as far as its events fit together. */
export interface ReplayedChain {
  readonly account: Address;
  readonly blocks: readonly ReplayedBlock[];
  /** The hash of the last block that fits; zero before the first. */
  readonly head: Hash;
  readonly xe: bigint;
  readonly xusd: bigint;
  /** Undefined where all blocks fit. */
  readonly misfit: Misfit | undefined;
}

/** What the blocks of all accounts say about a lease. */
export interface LeaseLife {
  /** Who accepted it first; undefined where nobody did. */
  readonly provider: Address | undefined;
  readonly cancelled: boolean;
  /** Blocks of bonds put up. */
  readonly objections: number;
  /** Blocks of bonds paid out, to the consumer or to the provider. */
  readonly bonds: number;
}

/** What blocks of other accounts have to say about those of one. */
export interface Witnesses {
  /** The change that the block with this hash was to its account, and its asset; undefined where no such send is known. */
  send(source: Hash): { readonly to: Address; readonly asset: Asset; readonly amount: bigint } | undefined;
  lease(id: Hash): LeaseEvent | undefined;
  lifeOf(id: Hash): LeaseLife;
}

const NOBODY: Address = "0x0000000000000000000000000000000000000000";
const NO_HASH: Hash = `0x${"00".repeat(32)}`;

/**
 * Rebuilds one account's chain from its events, in the order of the chain. What blocks say of times, rates and rulings is in no block, so it is not
 * looked at; that a chain is the ledger's is known where its head is the one on chain.
 *
 * @param witnesses tell what was sent and leased, by other accounts too
 */
export function replayChain(
  { chainId, ledger }: LedgerPlace,
  account: Address,
  events: readonly BlockEvent[],
  witnesses: Witnesses,
): ReplayedChain {
  const balances = new Map<Asset, bigint>([
    [XE, 0n],
    [XUSD, 0n],
  ]);
  const blocks: ReplayedBlock[] = [];
  const done = new Map<string, number>();
  let previous = genesisOf(chainId, ledger, account);
  let misfit: Misfit | undefined;
  for (const event of events) {
    const number = blocks.length + 1;
    const misfits = (reason: string): Misfit => ({ number, hash: event.hash, reason });
    const fit = fitting(event, account, previous, balances, done, witnesses);
    if (typeof fit === "string") {
      misfit = misfits(fit);
      break;
    }
    balances.set(event.asset, event.balance);
    balances.set(XUSD, (balances.get(XUSD) ?? 0n) + fit.stakeReturned);
    blocks.push({ ...event, number, previous, ...fit });
    previous = event.hash;
  }
  return {
    account,
    blocks,
    head: blocks.at(-1)?.hash ?? NO_HASH,
    xe: balances.get(XE) ?? 0n,
    xusd: balances.get(XUSD) ?? 0n,
    misfit,
  };
}

/** What a block did, or why it does not fit. */
function fitting(
  event: BlockEvent,
  account: Address,
  previous: Hash,
  balances: ReadonlyMap<Asset, bigint>,
  done: Map<string, number>,
  witnesses: Witnesses,
): Pick<ReplayedBlock, "change" | "stakeReturned"> | string {
  const { blockType, asset, link, balance, hash, damage } = event;
  if (damage !== undefined) return damage;
  const name = blockTypeName(blockType);
  if (name === undefined) return `there is no block of type ${String(blockType)}`;
  if (event.account !== account) return `it is a block of ${event.account}`;
  if (!isValidAssetId(asset)) return `there is no asset ${asset}`;
  const type = blockType as BlockTypeCode;
  const required = assetOfType(type);
  if (required !== undefined && required !== asset) return `a block of the type ${name} is never in this asset`;
  const computed = hashBlock({ blockType: type, account, asset, previous, link, balance });
  if (computed !== hash) return `its hash is ${computed} by what it says and by the block before it`;

  const change = balance - (balances.get(asset) ?? 0n);
  const lease = witnesses.lease(link);
  const expected = expectedChange(type, event, change, done, witnesses);
  if (typeof expected === "string") return expected;
  if (change !== expected) {
    return `it changes the balance by ${String(change)} wei, and a block of the type ${name} for what it links to by ${String(expected)}`;
  }
  const stakeReturned = type === BlockType.LeaseSettle && lease ? stakeOf(lease.cost / UNIT) * UNIT : 0n;
  return { change, stakeReturned };
}

/** By how much a block has to change its balance, or why it cannot be. */
function expectedChange(
  type: BlockTypeCode,
  { link, hash, asset, account }: BlockEvent,
  change: bigint,
  done: Map<string, number>,
  witnesses: Witnesses,
): bigint | string {
  switch (type) {
    case BlockType.Send:
      if (sendLink(destinationOf(link)) !== link) return "its link is no address";
      return change < 0n ? change : "it sends nothing";
    case BlockType.Receive: {
      const sent = witnesses.send(link);
      if (!sent) return `nothing was sent by the block ${link}`;
      if (sent.to !== account) return `what ${link} sent goes to ${sent.to}`;
      if (sent.asset !== asset) return `what ${link} sent is in another asset`;
      if (sent.amount <= 0n) return `the block ${link} sent nothing`;
      return count(type, link, done) === 1 ? sent.amount : `what ${link} sent was received before`;
    }
    case BlockType.Claim:
      return link === NO_HASH ? CLAIM_AMOUNT : "its link is not zero";
    case BlockType.Mint:
      if (link !== NO_HASH) return "its link is not zero";
      return change > 0n ? change : "it mints nothing";
    case BlockType.Lease: {
      const lease = witnesses.lease(hash);
      if (!lease) return "no lease was opened by it";
      if (lease.consumer !== account) return `the lease is one of ${lease.consumer}`;
      if (leaseLink(lease.terms, lease.provider, lease.cost) !== link)
        return "its link is not the hash of the lease's terms";
      if (termsRefusal(lease.terms) !== undefined) return "no lease can have such terms";
      if (lease.cost <= 0n || lease.cost % UNIT !== 0n) return "the lease's cost is not in whole XUSD";
      return -lease.cost;
    }
    default:
      return expectedOfLease(type, { account, link }, done, witnesses);
  }
}

/** How many blocks of its type the chain has that link there, with this one. */
function count(type: BlockTypeCode, link: Hash, done: Map<string, number>): number {
  const key = `${String(type)} ${link}`;
  const times = (done.get(key) ?? 0) + 1;
  done.set(key, times);
  return times;
}

/** By how much a block that is about a lease changes its balance, or why it cannot be. */
function expectedOfLease(
  type: BlockTypeCode,
  { account, link }: Pick<BlockEvent, "account" | "link">,
  done: Map<string, number>,
  witnesses: Witnesses,
): bigint | string {
  const lease = witnesses.lease(link);
  if (!lease) return `there is no lease ${link}`;
  const { provider, cancelled, objections, bonds } = witnesses.lifeOf(link);
  const stake = stakeOf(lease.cost / UNIT) * UNIT;
  const notConsumer = lease.consumer === account ? undefined : `the lease ${link} is one of ${lease.consumer}`;
  const notProvider = provider === account ? undefined : `the lease ${link} was accepted by ${provider ?? "nobody"}`;
  const times = count(type, link, done);
  switch (type) {
    case BlockType.LeaseAccept:
      if (lease.provider !== NOBODY && lease.provider !== account) return `the lease ${link} is for ${lease.provider}`;
      if (cancelled) return `the lease ${link} was cancelled`;
      return notProvider ?? (times === 1 ? -stake : `the lease ${link} was accepted before`);
    case BlockType.LeaseSettle:
      if (notProvider !== undefined) return notProvider;
      if (objections !== bonds)
        return `the lease ${link} has ${String(objections)} objections and ${String(bonds)} ends of them`;
      return times === 1 ? lease.cost : `the lease ${link} was settled before`;
    case BlockType.LeaseCancel:
      if (notConsumer !== undefined) return notConsumer;
      if (provider !== undefined) return `the lease ${link} was accepted by ${provider}`;
      return times === 1 ? lease.cost : `the lease ${link} was taken back before`;
    case BlockType.LeaseObject:
      if (notConsumer !== undefined) return notConsumer;
      if (provider === undefined) return `nobody accepted the lease ${link}`;
      return times <= bonds + 1 ? -stake : `the objection before it to the lease ${link} never ended`;
    default:
      if (notConsumer !== undefined && notProvider !== undefined) return notConsumer;
      // The consumer's own chain says how many objections there were by then.
      if (
        times > (notConsumer === undefined ? (done.get(`${String(BlockType.LeaseObject)} ${link}`) ?? 0) : objections)
      ) {
        return `the lease ${link} has no objection that it could be the end of`;
      }
      return stake;
  }
}

/**
 * @returns what a log says; null where it is another event's; undefined where it is not, to the last bit, how the ledger would have written it:
 * decoding alone would pass over bits of the padding
 */
function parseExactly(log: Pick<Log, "topics" | "data">): LogDescription | null | undefined {
  try {
    const parsed = REPLAYED_EVENTS.parseLog(log);
    if (!parsed) return null;
    const { data, topics } = REPLAYED_EVENTS.encodeEventLog(parsed.fragment, [...parsed.args]);
    const isExact = [data, ...topics].join() === [log.data, ...log.topics].join().toLowerCase();
    return isExact ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** All that the ledger's events say, by account. */
export class LedgerLog implements Witnesses {
  readonly #events = new Map<Address, BlockEvent[]>();
  readonly #strays: BlockEvent[] = [];
  readonly #sends = new Map<Hash, { readonly to: Address; readonly asset: Asset; readonly amount: bigint }>();
  readonly #leases = new Map<Hash, LeaseEvent>();
  readonly #lives = new Map<Hash, LeaseLife>();
  readonly #balances = new Map<string, bigint>();

  /**
   * Takes one of the ledger's logs in, in the order of the chain; what is not needed is left out. A log that is not exactly as the ledger writes it
   * is kept as a block that does not fit, of the account that it still names; a lease's is left out, so that its blocks do not fit.
   */
  add(log: Pick<Log, "topics" | "data">): void {
    const parsed = parseExactly(log);
    if (parsed === undefined) this.#addDamaged(log);
    else if (parsed?.name === "BlockAdded") {
      const [account, hash, link, blockType, asset, balance] = parsed.args as unknown as [
        Address,
        Hash,
        Hash,
        bigint,
        Asset,
        bigint,
      ];
      this.addBlock({ account, hash, link, blockType: Number(blockType), asset, balance });
    } else if (parsed?.name === "LeaseOpened") {
      const [id, consumer, provider, vCpus, memoryMB, diskGB, duration, cost] = parsed.args as unknown as [
        Hash,
        Address,
        Address,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      this.addLease({ id, consumer, provider, terms: { vCpus, memoryMB, diskGB, duration }, cost });
    }
  }

  #addDamaged({ topics }: Pick<Log, "topics">): void {
    const [kind, account, hash = NO_HASH, link = NO_HASH] = topics as readonly Hash[];
    if (kind?.toLowerCase() !== REPLAYED_EVENTS.getEvent("BlockAdded")?.topicHash) return;
    const damage =
      "its log is not as the ledger writes it: bytes are missing, too many, or set where they are always zero";
    const block = { hash, link, blockType: 0, asset: XUSD, balance: 0n, damage };
    // Without an account it might be anybody's.
    if (isHexString(account, 32)) this.#append({ ...block, account: destinationOf(account) });
    else this.#strays.push({ ...block, account: NOBODY });
  }

  #append(event: BlockEvent): void {
    const events = this.#events.get(event.account) ?? [];
    events.push(event);
    this.#events.set(event.account, events);
  }

  addBlock(event: BlockEvent): void {
    const { account, asset, balance, blockType, hash, link } = event;
    this.#append(event);
    const before = this.#balances.get(`${account} ${asset}`) ?? 0n;
    this.#balances.set(`${account} ${asset}`, balance);
    if (blockType === BlockType.Send)
      this.#sends.set(hash, { to: destinationOf(link), asset, amount: before - balance });
    this.#live(event);
    if (blockType !== BlockType.LeaseSettle) return;
    // The stake that comes back has no block of its own.
    const lease = this.#leases.get(link);
    const back = lease ? stakeOf(lease.cost / UNIT) * UNIT : 0n;
    this.#balances.set(`${account} ${XUSD}`, (this.#balances.get(`${account} ${XUSD}`) ?? 0n) + back);
  }

  /** Notes what a block says about the life of the lease that it links to. */
  #live({ account, blockType, link }: BlockEvent): void {
    const life = this.lifeOf(link);
    if (blockType === BlockType.LeaseAccept) this.#lives.set(link, { ...life, provider: life.provider ?? account });
    if (blockType === BlockType.LeaseCancel) this.#lives.set(link, { ...life, cancelled: true });
    if (blockType === BlockType.LeaseObject) this.#lives.set(link, { ...life, objections: life.objections + 1 });
    if (blockType === BlockType.LeaseBond) this.#lives.set(link, { ...life, bonds: life.bonds + 1 });
  }

  addLease(event: LeaseEvent): void {
    this.#leases.set(event.id, event);
  }

  /** Every account that has a block, in the order of their first. */
  get accounts(): readonly Address[] {
    return [...this.#events.keys()];
  }

  /** Blocks in all. */
  get blocks(): number {
    let count = 0;
    for (const events of this.#events.values()) count += events.length;
    return count;
  }

  eventsOf(account: Address): readonly BlockEvent[] {
    return this.#events.get(account) ?? [];
  }

  send(source: Hash): { readonly to: Address; readonly asset: Asset; readonly amount: bigint } | undefined {
    return this.#sends.get(source);
  }

  lease(id: Hash): LeaseEvent | undefined {
    return this.#leases.get(id);
  }

  lifeOf(id: Hash): LeaseLife {
    return this.#lives.get(id) ?? { provider: undefined, cancelled: false, objections: 0, bonds: 0 };
  }

  /** Rebuilds an account's chain. */
  replay(place: LedgerPlace, account: Address): ReplayedChain {
    const chain = replayChain(place, account, this.eventsOf(account), this);
    const [stray] = this.#strays;
    if (chain.misfit !== undefined || stray?.damage === undefined) return chain;
    return { ...chain, misfit: { number: chain.blocks.length + 1, hash: stray.hash, reason: stray.damage } };
  }
}

/** Blocks whose logs are read. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads all that the ledger's events say, from a node that may limit ranges and answers.
 *
 * @param seen told how far it is, by block
 */
export async function readLedgerLog(
  provider: LogProvider,
  ledger: Address,
  { from, to }: BlockRange,
  seen: (block: number) => void = () => undefined,
): Promise<LedgerLog> {
  const topics = ["BlockAdded", "LeaseOpened"].map((name) => REPLAYED_EVENTS.getEvent(name)?.topicHash ?? "");
  const address = ledger.toLowerCase();
  const filter: LogFilter = { address: ledger, topics: [topics] };
  const log = new LedgerLog();
  for await (const chunk of new LogReader(provider).read(filter, from, to)) {
    // A node may answer more than it was asked for.
    for (const entry of chunk.logs) if (entry.address.toLowerCase() === address) log.add(entry);
    seen(chunk.to);
  }
  return log;
}
