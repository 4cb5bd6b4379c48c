/**
 * The chain's facts of an epoch, read from any node: blocks, events and three views that past epochs' answers never change in. Nothing is asked of
 * a state that is gone, so that a node without an archive will do.
 */

import { type Block, type EventFragment, getAddress, Interface, type Log, type Provider, ZeroAddress } from "ethers";

import { LogReader } from "../chain/logs.js";
import { ExplainedError } from "../deployment/explained-error.js";
import { formatCount } from "../format.js";
import type { Hex } from "../merkle/index.js";
import {
  afterGrowthEvent,
  type GrowthEvent,
  growthPrivileges,
  type GrowthRecord,
  lastDayOfEpoch,
  levelOn,
  NO_GROWTH,
  stakeTier,
} from "../xme/growth.js";
import { STRIKE_WINDOW } from "../xme/mining.js";
import { PRINCIPAL_UNIT } from "../xme/nodes.js";
import { DAY_SECONDS, epochBounds } from "./behaviours.js";
import type { PublishedEpoch } from "./build.js";
import type { CheckIn, CompletedInvitation, EpochFacts, Multiplier, RegisteredContent } from "./facts.js";

/** What is asked of a node; any provider of ethers has it. */
export type ChainProvider = Pick<Provider, "call" | "getBlock" | "getLogs">;

/** Where the contracts are. */
export interface ChainAddresses {
  readonly socialMining: string;
  readonly contentRegistry: string;
  /** Taken where `SocialMining` named none by the epoch's end; what it named goes before. */
  readonly userGrowth?: string | undefined;
}

/** How a chain is read. */
export interface ChainOptions {
  /** Number of a block before which none of the contracts existed; 0 unless given. */
  readonly fromBlock?: number;
  /** Blocks that must lie on the epoch's last; 64 unless given. */
  readonly confirmations?: number;
  /** Blocks whose events are asked for first; 2,000 unless given. It falls where a node refuses, and grows where it does not. */
  readonly range?: number;
}

/**
 * Blocks on an epoch's last one, unless another number is given. Choice: two epochs of Ethereum's consensus, after which it calls a block final.
 */
export const CONFIRMATIONS = 64;

/** Blocks that are asked for at once. */
const AT_ONCE = 25;

/** The facts of an epoch, with what they were read from. */
export interface ChainFacts extends EpochFacts {
  /** Number of the epoch's first block; one more than `lastBlock` where the epoch has none. */
  readonly firstBlock: number;
  /** Number and hash of the last block before the epoch's end. */
  readonly lastBlock: number;
  readonly lastHash: Hex;
  /** The `UserGrowth` and the `NodeStaking` that levels and stakes were read from: those named at the epoch's end. */
  readonly userGrowth: string;
  readonly nodeStaking: string;
}

/** What `SocialMining` says of an epoch's root; times in Unix seconds. */
export interface PublishedRoot extends PublishedEpoch {
  readonly epoch: bigint;
  /** Where its publisher says that the log lies. Text of somebody else. */
  readonly uri: string;
  readonly publishedAt: bigint;
  /** When it was struck, so that it pays nothing; undefined where it stands. */
  readonly struckAt: bigint | undefined;
  /** When strikes end and claims begin. */
  readonly claimableFrom: bigint;
}

const MINING = new Interface([
  "function firstEpoch() view returns (uint256)",
  "function weightsAt(uint256 epoch) view returns (uint16[13])",
  "function epochOf(uint256 epoch) view returns (tuple(bytes32 root, uint256 totalPoints, uint256 claimedPoints, uint256 budget, uint256 credited, uint256 publishedAt, uint256 struckAt, uint256 claimableFrom, uint256 claimableUntil))",
  "event SourcesChanged(address indexed growth, address indexed consumption, uint256 week)",
  "event RootPublished(uint256 indexed epoch, bytes32 indexed root, uint256 totalPoints, bytes32 logHash, string uri, uint256 claimableFrom)",
  "event RootStruck(uint256 indexed epoch, bytes32 indexed root)",
]);
const GROWTH = new Interface([
  "event CheckedIn(address indexed account, uint256 day, uint256 streak, uint256 points)",
  "event PointsAdded(address indexed account, uint256 day, uint256 amount, uint256 points, uint256 idleDays)",
  "event Protected(address indexed account, uint256 day, uint256 until, uint256 idleDays)",
  "event PrivilegeUnlocked(address indexed account, uint256 indexed privilege)",
  "event InvitationCompleted(address indexed invitee, address indexed inviter, uint256 inviterReward, uint256 inviteeReward)",
  "event SourcesChanged(address indexed mining, address indexed staking)",
]);
const CONTENT = new Interface([
  "event ContentRegistered(uint256 indexed contentId, address indexed creator, bytes32 contentHash, uint256 time, uint256 royaltyBps)",
]);
const STAKING = new Interface([
  "event Delegated(uint256 indexed nodeId, address indexed account, uint256 amount, uint256 shares)",
  "event Undelegated(uint256 indexed nodeId, address indexed account, uint256 shares, uint256 amount, uint256 availableAt)",
  "event ClosedNodeLeft(uint256 indexed nodeId, address indexed account, address indexed to, uint256 shares, uint256 amount)",
]);

/** Arguments of the events above by their names. */
type Arguments = Readonly<Record<string, string | bigint>>;

interface ChainEvent {
  readonly name: string;
  readonly args: Arguments;
  readonly log: Log;
}

/** Blocks by their numbers, both included. */
interface BlockRange {
  readonly from: number;
  readonly to: number;
}

const textOf = (args: Arguments, name: string): string => args[name] as string;
const numberOf = (args: Arguments, name: string): bigint => args[name] as bigint;

/** Unix seconds as people write them. */
function moment(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().replace("T", " ").replace(".000Z", " UTC");
}

function contradiction(what: string): ExplainedError {
  return new ExplainedError(
    `The node's answers contradict each other: ${what}. It lacks events, or the chain was reorganised while it was read: run the command again, ` +
      `and with another RPC URL if that does not help.`,
  );
}

/** What an account staked; thousandths of XMEX. */
interface Stake {
  now: bigint;
  /** The least of it since the epoch began. */
  least: bigint;
}

/**
 * Delegated principals as `NodeStaking` keeps them, from its events alone. A delegation says its amount and its shares, and what is given back says
 * its shares, which is all that the contract reckons a principal by: so this is exact.
 */
class Stakes {
  readonly byAccount = new Map<string, Stake>();
  readonly #positions = new Map<string, { shares: bigint; principal: bigint }>();

  /** @param isInEpoch whether the epoch had begun, from when on the least counts */
  take({ name, args }: ChainEvent, isInEpoch: boolean): void {
    const [node, account, shares] = [numberOf(args, "nodeId"), textOf(args, "account"), numberOf(args, "shares")];
    const key = `${String(node)} ${account}`;
    const position = this.#positions.get(key) ?? { shares: 0n, principal: 0n };
    const before = position.principal;
    if (name === "Delegated") {
      position.shares += shares;
      position.principal += numberOf(args, "amount") / PRINCIPAL_UNIT;
    } else {
      const left = position.shares - shares;
      if (left < 0n || shares === 0n) {
        throw contradiction(`${account} gave back more of node ${String(node)} than its delegations brought`);
      }
      position.principal = (position.principal * left) / position.shares;
      position.shares = left;
    }
    if (position.shares === 0n) this.#positions.delete(key);
    else this.#positions.set(key, position);

    const stake = this.byAccount.get(account) ?? { now: 0n, least: 0n };
    stake.now += position.principal - before;
    if (!isInEpoch || stake.now < stake.least) stake.least = stake.now;
    if (stake.now === 0n && stake.least === 0n && !isInEpoch) this.byAccount.delete(account);
    else this.byAccount.set(account, stake);
  }

  /** @returns the smallest principal that an account had at any time of the epoch, in wei of XMEX */
  leastOf(account: string): bigint {
    return (this.byAccount.get(account)?.least ?? 0n) * PRINCIPAL_UNIT;
  }
}

/** Growth of one account, with its last check-in, by which a missing one is noticed. */
interface Grower {
  record: GrowthRecord;
  day: bigint;
  streak: bigint;
}

/** Growth records of all accounts: the one thing here that grows with their number, by some hundred bytes each. */
class Growers {
  readonly byAccount = new Map<string, Grower>();

  take({ name, args }: ChainEvent): void {
    const account = textOf(args, "account");
    const known = this.byAccount.get(account) ?? { record: NO_GROWTH, day: 0n, streak: 0n };
    if (name === "CheckedIn") {
      const [day, streak] = [numberOf(args, "day"), numberOf(args, "streak")];
      if (day <= known.day) throw contradiction(`${account} checked in on day ${String(day)} twice, or not in order`);
      if (streak !== (day === known.day + 1n ? known.streak + 1n : 1n)) {
        throw contradiction(`a check-in of ${account} before day ${String(day)} is missing`);
      }
      known.day = day;
      known.streak = streak;
    }
    known.record = afterGrowthEvent(known.record, { name, ...args } as unknown as GrowthEvent);
    this.byAccount.set(account, known);
  }
}

/** Reads epochs of one `SocialMining` from a node. */
export class MiningChain {
  readonly #provider: ChainProvider;
  readonly #mining: string;
  readonly #content: string;
  readonly #growth: string | undefined;
  readonly #fromBlock: number;
  readonly #confirmations: number;
  readonly #reader: LogReader;

  /**
   * @param provider answers from any node of the chain; limits on how many blocks or events it answers with are found out
   * @param addresses in any spelling
   */
  constructor(
    provider: ChainProvider,
    { socialMining, contentRegistry, userGrowth }: ChainAddresses,
    { fromBlock = 0, confirmations = CONFIRMATIONS, range }: ChainOptions = {},
  ) {
    this.#provider = provider;
    this.#mining = getAddress(socialMining);
    this.#content = getAddress(contentRegistry);
    this.#growth = userGrowth === undefined ? undefined : getAddress(userGrowth);
    this.#fromBlock = fromBlock;
    this.#confirmations = confirmations;
    this.#reader = new LogReader(provider, range);
  }

  /**
   * The facts of an epoch that is over and final. Lists are read from the node as they are asked for, and each is followed by a look whether the
   * epoch's last block is still the same.
   *
   * Multipliers stand for whoever has more than 100 % or advanced tasks. A level is that of `UserGrowth`'s events up to the epoch's last block, with
   * what idleness took by its last day. The stake tier is that of the smallest principal that the account had delegated at any time of the epoch, by
   * `NodeStaking`'s events; what comes and goes within the epoch therefore counts for nothing.
   *
   * @param epoch number of the week since the Unix epoch
   * @throws ExplainedError when the epoch is before the first, not over or not final yet, when there is no such contract, when the node refuses
   *   even one block's events, or when its answers contradict each other; the last two also while the lists are read
   */
  async factsOf(epoch: bigint): Promise<ChainFacts> {
    const first = (await this.#view(MINING, this.#mining, "firstEpoch", [])) as bigint;
    if (epoch < first) {
      throw new ExplainedError(
        `Epoch ${String(epoch)} is before ${String(first)}, the first of SocialMining at ${this.#mining}: give a later one.`,
      );
    }
    const { firstBlock, last } = await this.#blocksOf(epoch);
    const all = { from: this.#fromBlock, to: last.number };
    const userGrowth = await this.#growthAt(all);
    const nodeStaking = await this.#stakingAt(userGrowth, all);
    const weights = (await this.#view(MINING, this.#mining, "weightsAt", [epoch])) as bigint[];
    const within = { from: firstBlock, to: last.number };
    return {
      epoch,
      weights: [...weights],
      checkIns: this.#checkIns(epoch, userGrowth, within, last),
      invitations: this.#invitations(userGrowth, within, last),
      contents: this.#contents(epoch, all, last),
      multipliers: this.#multipliers(epoch, { userGrowth, nodeStaking, firstBlock }, all, last),
      firstBlock,
      lastBlock: last.number,
      lastHash: last.hash as Hex,
      userGrowth,
      nodeStaking,
    };
  }

  /**
   * @returns what was published last for an epoch, also where it was struck; undefined where nothing was
   * @throws ExplainedError when there is no such contract, or the node's answers contradict each other
   */
  async publishedRoot(epoch: bigint): Promise<PublishedRoot | undefined> {
    const known = (await this.#view(MINING, this.#mining, "epochOf", [epoch])) as {
      readonly root: Hex;
      readonly totalPoints: bigint;
      readonly publishedAt: bigint;
      readonly struckAt: bigint;
    };
    const isStruck = known.publishedAt === 0n;
    if (isStruck && known.struckAt === 0n) return undefined;
    const head = await this.#head();
    // Blocks of one second, or the 72 hours before a strike.
    const [earliest, latest] = isStruck
      ? [known.struckAt - STRIKE_WINDOW, known.struckAt]
      : [known.publishedAt, known.publishedAt];
    const [from, after] = [
      await this.#firstFrom(earliest, head.number),
      await this.#firstFrom(latest + 1n, head.number),
    ];
    let found: ChainEvent | undefined;
    let struck: ChainEvent | undefined;
    const named = { epoch };
    for await (const event of this.#events(
      this.#mining,
      MINING,
      ["RootPublished", "RootStruck"],
      { from, to: after - 1 },
      named,
    )) {
      if (event.name === "RootPublished") found = event;
      else struck = event;
    }
    const root = isStruck ? struck?.args["root"] : known.root;
    if (found === undefined || found.args["root"] !== root) {
      throw contradiction(`the publication of epoch ${String(epoch)} is not among the events of its time`);
    }
    const { args, log } = found;
    const publishedAt = BigInt((await this.#block(log.blockNumber)).timestamp);
    return {
      epoch,
      root: root as Hex,
      totalPoints: numberOf(args, "totalPoints"),
      logHash: textOf(args, "logHash") as Hex,
      uri: textOf(args, "uri"),
      publishedAt,
      struckAt: isStruck ? known.struckAt : undefined,
      claimableFrom: numberOf(args, "claimableFrom"),
    };
  }

  async *#checkIns(epoch: bigint, userGrowth: string, range: BlockRange, last: Block): AsyncGenerator<CheckIn> {
    for await (const events of this.#chunks(userGrowth, GROWTH, ["CheckedIn"], range)) {
      const times = await this.#timesOf(events);
      for (const { args, log } of events) {
        const time = times.get(log.blockNumber) as bigint;
        if (numberOf(args, "day") !== time / DAY_SECONDS) {
          throw contradiction(
            `a check-in of epoch ${String(epoch)} in block ${String(log.blockNumber)} is of another day`,
          );
        }
        yield { account: textOf(args, "account"), time };
      }
    }
    await this.#confirm(last);
  }

  async *#invitations(userGrowth: string, range: BlockRange, last: Block): AsyncGenerator<CompletedInvitation> {
    for await (const events of this.#chunks(userGrowth, GROWTH, ["InvitationCompleted"], range)) {
      const times = await this.#timesOf(events);
      for (const { args, log } of events) {
        const time = times.get(log.blockNumber) as bigint;
        yield { inviter: textOf(args, "inviter"), invitee: textOf(args, "invitee"), time };
      }
    }
    await this.#confirm(last);
  }

  async *#contents(epoch: bigint, range: BlockRange, last: Block): AsyncGenerator<RegisteredContent> {
    const { ends } = epochBounds(epoch);
    for await (const { args } of this.#events(this.#content, CONTENT, ["ContentRegistered"], range)) {
      const time = numberOf(args, "time");
      if (time >= ends) throw contradiction(`a content was registered after the blocks of epoch ${String(epoch)}`);
      yield { content: numberOf(args, "contentId"), creator: textOf(args, "creator"), time };
    }
    await this.#confirm(last);
  }

  async *#multipliers(
    epoch: bigint,
    { userGrowth, nodeStaking, firstBlock }: Pick<ChainFacts, "userGrowth" | "nodeStaking" | "firstBlock">,
    range: BlockRange,
    last: Block,
  ): AsyncGenerator<Multiplier> {
    const growers = new Growers();
    const stakes = new Stakes();
    const changes = ["CheckedIn", "PointsAdded", "Protected", "PrivilegeUnlocked"];
    for await (const event of this.#events(userGrowth, GROWTH, changes, range)) growers.take(event);
    const moves = ["Delegated", "Undelegated", "ClosedNodeLeft"];
    for await (const event of this.#events(nodeStaking, STAKING, moves, range)) {
      stakes.take(event, event.log.blockNumber >= firstBlock);
    }
    await this.#confirm(last);
    const day = lastDayOfEpoch(epoch);
    const multiplierOf = (account: string): Multiplier[] => {
      const record = growers.byAccount.get(account)?.record ?? NO_GROWTH;
      const tier = stakeTier(stakes.leastOf(account));
      const granted = growthPrivileges(levelOn(record, day, tier), tier, record.privileges);
      const { incentivePercent, highValuePercent, advancedTasksUnlocked } = granted;
      const isEverybodys = incentivePercent === 100n && highValuePercent === 100n && !advancedTasksUnlocked;
      return isEverybodys ? [] : [{ account, incentivePercent, highValuePercent, advancedTasksUnlocked }];
    };
    for (const account of growers.byAccount.keys()) yield* multiplierOf(account);
    // Whoever stakes has a tier before the first check-in.
    for (const account of stakes.byAccount.keys()) if (!growers.byAccount.has(account)) yield* multiplierOf(account);
  }

  /** The `UserGrowth` that `SocialMining` named last in these blocks, or else the one that was given. */
  async #growthAt(range: BlockRange): Promise<string> {
    let named = ZeroAddress;
    for await (const { args } of this.#events(this.#mining, MINING, ["SourcesChanged"], range)) {
      named = textOf(args, "growth");
    }
    if (named !== ZeroAddress) return named;
    if (this.#growth !== undefined) return this.#growth;
    throw new ExplainedError(
      `SocialMining at ${this.#mining} named no UserGrowth by the end of the epoch: give the address of the one whose events count.`,
    );
  }

  /** The `NodeStaking` that `UserGrowth` named last in these blocks. It names one when it is made. */
  async #stakingAt(userGrowth: string, range: BlockRange): Promise<string> {
    let named: string | undefined;
    for await (const { args } of this.#events(userGrowth, GROWTH, ["SourcesChanged"], range)) {
      named = textOf(args, "staking");
    }
    if (named !== undefined) return named;
    throw contradiction(`UserGrowth at ${userGrowth} has no event from when it was made`);
  }

  /** The epoch's blocks. @throws ExplainedError when the last one is not known, or not final */
  async #blocksOf(epoch: bigint): Promise<{ firstBlock: number; last: Block }> {
    const { starts, ends } = epochBounds(epoch);
    const head = await this.#head();
    if (BigInt(head.timestamp) < ends) {
      throw new ExplainedError(
        `Epoch ${String(epoch)} ends at ${moment(ends)}, and the chain's latest block is of ${moment(BigInt(head.timestamp))}: wait until it is over.`,
      );
    }
    const next = await this.#firstFrom(ends, head.number);
    const firstBlock = await this.#firstFrom(starts, head.number);
    const [last, after] = [await this.#block(next - 1), await this.#block(next)];
    if (after.parentHash !== last.hash || BigInt(last.timestamp) >= ends || BigInt(after.timestamp) < ends) {
      throw contradiction(`blocks ${String(last.number)} and ${String(after.number)} do not follow each other`);
    }
    const confirmations = head.number - last.number;
    if (confirmations < this.#confirmations) {
      throw new ExplainedError(
        `Epoch ${String(epoch)} ends with block ${formatCount(last.number)}, on which ${formatCount(confirmations)} blocks lie, and ` +
          `${formatCount(this.#confirmations)} are asked for so that it is final: wait for more.`,
      );
    }
    return { firstBlock, last };
  }

  async #head(): Promise<Block> {
    const head = await this.#provider.getBlock("latest");
    if (head === null) throw contradiction("it knows no latest block");
    if (head.number >= this.#fromBlock) return head;
    throw contradiction(
      `its latest block is ${String(head.number)}, and the contracts are as old as block ${String(this.#fromBlock)}`,
    );
  }

  async #block(number: number): Promise<Block> {
    const block = await this.#provider.getBlock(number);
    if (block?.number !== number) throw contradiction(`it does not know block ${String(number)}, which it has told of`);
    return block;
  }

  /** Halves the blocks between. @returns number of the first block of a time or later; one more than `head` where there is none */
  async #firstFrom(time: bigint, head: number): Promise<number> {
    let [low, high] = [this.#fromBlock, head + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (BigInt((await this.#block(middle)).timestamp) >= time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  async #confirm(last: Block): Promise<void> {
    const { hash } = await this.#block(last.number);
    if (hash === last.hash) return;
    throw contradiction(`block ${String(last.number)} was ${String(last.hash)} and is ${String(hash)} now`);
  }

  /** @returns Unix seconds by the numbers of the events' blocks */
  async #timesOf(events: readonly ChainEvent[]): Promise<ReadonlyMap<number, bigint>> {
    const hashes = new Map(events.map(({ log }) => [log.blockNumber, log.blockHash]));
    const times = new Map<number, bigint>();
    const numbers = [...hashes.keys()];
    for (let i = 0; i < numbers.length; i += AT_ONCE) {
      const blocks = await Promise.all(numbers.slice(i, i + AT_ONCE).map((number) => this.#block(number)));
      for (const { number, hash, timestamp } of blocks) {
        if (hash !== hashes.get(number)) throw contradiction(`events of block ${String(number)} are of another one`);
        times.set(number, BigInt(timestamp));
      }
    }
    return times;
  }

  async *#events(
    address: string,
    contract: Interface,
    names: readonly string[],
    range: BlockRange,
    indexed: Arguments = {},
  ): AsyncGenerator<ChainEvent> {
    for await (const events of this.#chunks(address, contract, names, range, indexed)) yield* events;
  }

  /**
   * Events of some kinds in the order of the chain, as many at once as a request brings.
   * @param indexed values of the first argument that all kinds have
   */
  async *#chunks(
    address: string,
    contract: Interface,
    names: readonly string[],
    { from, to }: BlockRange,
    indexed: Arguments = {},
  ): AsyncGenerator<readonly ChainEvent[]> {
    const kinds = names.map((name) => (contract.getEvent(name) as EventFragment).topicHash);
    const values = Object.values(indexed).map((value) => `0x${BigInt(value).toString(16).padStart(64, "0")}`);
    const filter = { address, topics: [kinds, ...values] };
    for await (const { from: first, to: last, logs } of this.#reader.read(filter, from, to)) {
      yield logs.map((log, i): ChainEvent => {
        const known = log.topics[0] === undefined ? null : contract.parseLog(log);
        const isAsked = getAddress(log.address) === address && log.blockNumber >= first && log.blockNumber <= last;
        const before = logs[i - 1];
        const isTwice = before?.blockNumber === log.blockNumber && before.index === log.index;
        if (known === null || !names.includes(known.name) || !isAsked || log.removed || isTwice) {
          throw contradiction(
            `for events of blocks ${String(first)} to ${String(last)} it told one that was not asked for, or one twice`,
          );
        }
        return { name: known.name, args: known.args.toObject() as Arguments, log };
      });
    }
  }

  async #view(contract: Interface, address: string, name: string, args: readonly unknown[]): Promise<unknown> {
    try {
      const answer = await this.#provider.call({ to: address, data: contract.encodeFunctionData(name, args) });
      return contract.decodeFunctionResult(name, answer)[0] as unknown;
    } catch (error) {
      // Another contract reverts, or answers what is no answer; everything else is the node's failure, which is another matter.
      const { code, message } = error as { code?: unknown; message?: string };
      if (code !== "CALL_EXCEPTION" && code !== "BAD_DATA" && !/revert/i.test(message ?? "")) throw error;
      throw new ExplainedError(
        `There is no SocialMining at ${address} on this chain: check the address and the network.`,
        {
          cause: error,
        },
      );
    }
  }
}
