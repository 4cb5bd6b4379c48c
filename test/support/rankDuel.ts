import { AbiCoder, Interface, toBeHex, type LogDescription } from "ethers";
import type { network } from "hardhat";

import { xenInterface } from "./xen.js";

/** A connection to an in-process chain. */
export type Connection = Awaited<ReturnType<typeof network.create>>;

/** How an actor behaves as the caller of `burn`; the order is that of `XRankActor.Kind`. */
export const KINDS = [
  "stranger",
  "unsupporting",
  "garbling",
  "redeemer",
  "refusingRedeemer",
  "reentrantRedeemer",
] as const;
export type Kind = (typeof KINDS)[number];

/** A call that one actor makes to both tokens. */
export interface Call {
  readonly actor: number;
  readonly fn: string;
  readonly args: readonly (bigint | string)[];
}

/** A mint as XEN's `userMints` gives it; `rank` is zero where there is none. */
export interface Mint {
  readonly user: bigint;
  readonly term: bigint;
  readonly maturityTs: bigint;
  readonly rank: bigint;
  readonly amplifier: bigint;
  readonly eaaRate: bigint;
}

/** A stake as XEN's `userStakes` gives it; `amount` is zero where there is none. */
export interface Stake {
  readonly term: bigint;
  readonly maturityTs: bigint;
  readonly amount: bigint;
  readonly apy: bigint;
}

export interface Account {
  readonly balance: bigint;
  readonly burned: bigint;
  readonly mint: Mint;
  readonly stake: Stake;
  /** What the account allows each actor that can spend for others. */
  readonly allowances: readonly bigint[];
}

/** Everything that the lens reads of the peer. */
export interface State {
  readonly genesisTs: bigint;
  readonly globalRank: bigint;
  readonly activeMinters: bigint;
  readonly activeStakes: bigint;
  readonly totalXenStaked: bigint;
  readonly totalSupply: bigint;
  readonly amplifier: bigint;
  readonly eaaRate: bigint;
  readonly apy: bigint;
  readonly maxTerm: bigint;
  readonly accounts: readonly Account[];
}

/** How a call ended in the peer. */
export interface Outcome {
  readonly call: Call;
  /** `SUCCESS`, or why it reverted. */
  readonly cause: string;
  readonly events: readonly LogDescription[];
  /** Whether the call that a redeemer made from inside the burn callback succeeded; undefined where there was none. */
  readonly reentered: boolean | undefined;
  readonly state: State;
}

/** The name of the error that the token under test must give where the peer reverted with `cause`. */
export type ErrorMapping = (fn: string, cause: string) => string;

/** The cause of a call that did not revert. */
export const SUCCESS = "success";

/** The gas that each transaction gets; the chain of a duel must allow as much in a block. */
const GAS = "0x3b9aca00";

/** The cause of a revert without any data: a failed `require` without text, or a callee that answered nothing usable. */
export const NO_DATA = "no data";

const builtIn = new Interface([
  "error Error(string)",
  "error Panic(uint256)",
  "error XRankActor_Refused(address user, uint256 amount)",
]);

interface RawLog {
  readonly address: string;
  readonly topics: string[];
  readonly data: string;
}

/** The duel's report of one call, as ethers decodes it. */
interface CalledEvent {
  readonly peerSuccess: boolean;
  readonly peerResult: string;
  readonly oursSuccess: boolean;
  readonly oursResult: string;
  readonly previews: readonly [string, string];
  readonly peerState: string;
  readonly oursState: string;
  readonly peerOwn: string;
  readonly oursOwn: string;
}

interface RawReceipt {
  readonly status: string;
  readonly logs: RawLog[];
}

/** Puts a revert into words: XEN's text, `Panic(17)`, the name of a custom error, or "no data". */
export function causeOf(data: string, abi: Interface): string {
  if (data === "0x") return NO_DATA;
  const error = builtIn.parseError(data) ?? abi.parseError(data);
  if (error === null) return `unknown error ${data}`;
  if (error.name === "Error") return String(error.args[0]);
  if (error.name === "Panic") return `Panic(${String(error.args[0])})`;
  return error.name;
}

/** The order in which the lens gives what it reads; each is a word. */
const GLOBALS = [
  "genesisTs",
  "globalRank",
  "activeMinters",
  "activeStakes",
  "totalXenStaked",
  "totalSupply",
  "amplifier",
  "eaaRate",
  "apy",
  "maxTerm",
] as const;
const ACCOUNT = [
  "balance",
  "burned",
  "mint.user",
  "mint.term",
  "mint.maturityTs",
  "mint.rank",
  "mint.amplifier",
  "mint.eaaRate",
  "stake.term",
  "stake.maturityTs",
  "stake.amount",
  "stake.apy",
] as const;

/** Takes the answer of the lens apart. */
function wordsOf(answer: string): bigint[] {
  return (answer.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
}

/** Puts names to the words of the lens. */
function stateOf(words: readonly bigint[], actors: number, spenders: number): State {
  let position = 0;
  const next = (): bigint => {
    const value = words[position];
    if (value === undefined) throw new Error(`the lens gave ${words.length} words only`);
    position += 1;
    return value;
  };
  const [genesisTs, globalRank, activeMinters, activeStakes, totalXenStaked] = [next(), next(), next(), next(), next()];
  const [totalSupply, amplifier, eaaRate, apy, maxTerm] = [next(), next(), next(), next(), next()];
  const accounts = Array.from({ length: actors }, () => ({
    balance: next(),
    burned: next(),
    mint: {
      user: next(),
      term: next(),
      maturityTs: next(),
      rank: next(),
      amplifier: next(),
      eaaRate: next(),
    },
    stake: { term: next(), maturityTs: next(), amount: next(), apy: next() },
    allowances: Array.from({ length: spenders }, next),
  }));
  return {
    genesisTs,
    globalRank,
    activeMinters,
    activeStakes,
    totalXenStaked,
    totalSupply,
    amplifier,
    eaaRate,
    apy,
    maxTerm,
    accounts,
  };
}

/** The words in which two states differ, by name. */
function difference(peer: readonly bigint[], ours: readonly bigint[], actors: number, spenders: number): string {
  const names = [
    ...GLOBALS,
    ...Array.from({ length: actors }, (_unused, i) => [
      ...ACCOUNT.map((name) => `actor ${i} ${name}`),
      ...Array.from({ length: spenders }, (_none, j) => `actor ${i} allowance of actor ${actors - spenders + j}`),
    ]).flat(),
  ];
  return names
    .flatMap((name, i) => (peer[i] === ours[i] ? [] : [`  ${name}: peer ${peer[i]}, ours ${ours[i]}`]))
    .join("\n");
}
/** The actors of every duel. The last six can be allowed to spend for all; approvals of others are not watched, so none are made. */
export const CAST: readonly Kind[] = [
  "stranger",
  "stranger",
  "stranger",
  "stranger",
  "unsupporting",
  "garbling",
  "redeemer",
  "refusingRedeemer",
  "reentrantRedeemer",
];
export const SPENDERS = 6;

/** The token under test. */
export interface Contender {
  readonly address: string;
  readonly abi: Interface;
  /** The error that it must give for each of the peer's. */
  readonly expected: ErrorMapping;
  /** Whether it has `previewMintReward` and `previewStakeReward`, to be compared with what the calls then do. */
  readonly hasPreviews: boolean;
}

/** Two tokens that are given the same calls in the same transactions, and whatever they say compared after each. */
export class RankDuel {
  private constructor(
    private readonly connection: Connection,
    private readonly from: string,
    readonly address: string,
    readonly actors: readonly string[],
    readonly peer: string,
    private readonly ours: Contender,
    private readonly abi: { readonly duel: Interface; readonly actor: Interface },
    /** The state of both tokens after the last call. */
    public state: State,
  ) {}

  /**
   * @param peer the token that is right by definition
   * @param withMaxTerm whether the peer has `getCurrentMaxTerm`
   */
  static async create(connection: Connection, peer: string, ours: Contender, withMaxTerm = true): Promise<RankDuel> {
    const { ethers } = connection;
    const [signer] = await ethers.getSigners();
    if (signer === undefined) throw new Error("the chain has no funded account");
    const lens = await ethers.deployContract("XRankLens");
    const duel = await ethers.deployContract("XRankDuel", [
      peer,
      ours.address,
      await lens.getAddress(),
      withMaxTerm,
      CAST.map((kind) => KINDS.indexOf(kind)),
      SPENDERS,
    ]);
    const actors = [...((await duel.getFunction("actors").staticCall()) as string[])];
    const answer = (await duel.getFunction("peerState").staticCall()) as string;
    return new RankDuel(
      connection,
      signer.address,
      (await duel.getAddress()).toLowerCase(),
      actors,
      peer.toLowerCase(),
      { ...ours, address: ours.address.toLowerCase() },
      { duel: duel.interface, actor: (await ethers.getContractFactory("XRankActor")).interface },
      stateOf(wordsOf(answer), actors.length, SPENDERS),
    );
  }

  /** The time of the last block. */
  async now(): Promise<bigint> {
    const block = await this.request<{ timestamp: string }>("eth_getBlockByNumber", ["latest", false]);
    return BigInt(block.timestamp);
  }

  /** Sets, in a block at `timestamp`, the call that the reentrant redeemer makes from inside its next callbacks. */
  async setReentry(timestamp: bigint, call: Omit<Call, "actor">): Promise<void> {
    const reentry = xenInterface.encodeFunctionData(call.fn, [...call.args]);
    await this.request("evm_setNextBlockTimestamp", [Number(timestamp)]);
    const redeemer = this.actors[CAST.indexOf("reentrantRedeemer")] ?? "";
    await this.send(redeemer, this.abi.actor.encodeFunctionData("setReentry", [reentry]));
  }

  /**
   * Makes `calls` in one block at `timestamp` and compares results, errors, previews, events and the whole state after each.
   * @throws an error that tells the first difference
   */
  async run(timestamp: bigint, calls: readonly Call[]): Promise<Outcome[]> {
    const encoded = calls.map(({ actor, fn, args }) => ({
      actor,
      data: xenInterface.encodeFunctionData(fn, [...args]),
    }));
    await this.request("evm_setNextBlockTimestamp", [Number(timestamp)]);
    const receipt = await this.send(this.address, this.abi.duel.encodeFunctionData("run", [encoded]));

    const outcomes: Outcome[] = [];
    let before: RawLog[] = [];
    for (const log of receipt.logs) {
      if (log.address !== this.address) {
        before.push(log);
        continue;
      }
      const call = calls[outcomes.length];
      if (call === undefined) throw new Error("the duel reported more calls than were made");
      outcomes.push(this.compare(call, log, before));
      before = [];
    }
    if (outcomes.length !== calls.length) throw new Error("the duel reported fewer calls than were made");
    return outcomes;
  }

  private compare(call: Call, log: RawLog, logs: readonly RawLog[]): Outcome {
    const { peerSuccess, peerResult, oursSuccess, oursResult, previews, peerState, oursState, peerOwn, oursOwn } =
      this.abi.duel.decodeEventLog("Called", log.data, log.topics) as unknown as CalledEvent;
    const cause = peerSuccess ? SUCCESS : causeOf(peerResult, xenInterface);
    const ourCause = oursSuccess ? SUCCESS : causeOf(oursResult, this.ours.abi);
    const fail = (what: string): Error =>
      new Error(`${call.fn}(${call.args.join(", ")}) by actor ${call.actor}: ${what}`);

    const expected = peerSuccess ? SUCCESS : this.ours.expected(call.fn, cause);
    if (ourCause !== expected) {
      throw fail(`the peer ended with "${cause}", so ours should end with "${expected}" but ends with "${ourCause}"`);
    }
    if (peerSuccess && peerResult !== oursResult) {
      throw fail(`the peer returns ${peerResult}, ours ${oursResult}`);
    }
    const peerLogs = eventsOf(this.peer, logs);
    const ourLogs = eventsOf(this.ours.address, logs);
    if (peerLogs.join("\n") !== ourLogs.join("\n")) {
      throw fail(`the peer's events are\n  ${peerLogs.join("\n  ")}\nours\n  ${ourLogs.join("\n  ")}`);
    }
    if (oursState !== "0x") {
      const differing = difference(wordsOf(peerState), wordsOf(oursState), this.actors.length, SPENDERS);
      throw fail(`the states differ afterwards:\n${differing}`);
    }
    if (peerOwn !== oursOwn) {
      throw fail(`the peer tells the caller of its mint and stake\n  ${peerOwn}\nours\n  ${oursOwn}`);
    }
    this.state = stateOf(wordsOf(peerState), this.actors.length, SPENDERS);
    this.checkOwn(call.actor, peerOwn, fail);
    const events = logs
      .filter(({ address }) => address === this.peer)
      .flatMap((one) => xenInterface.parseLog(one) ?? []);
    if (this.ours.hasPreviews) checkPreviews(call.fn, oursSuccess, oursResult, previews, events, fail);
    const reentry = logs
      .filter(({ topics }) => topics[1] === topicOf(this.peer))
      .map((one) => this.abi.actor.parseLog(one))
      .find((one) => one?.name === "Reentered");
    return { call, cause, events, reentered: reentry?.args[1] as boolean | undefined, state: this.state };
  }

  /** What a token tells a caller about itself is what it tells everybody. */
  private checkOwn(actor: number, own: string, fail: (what: string) => Error): void {
    const account = this.state.accounts[actor];
    if (account === undefined) throw fail("there is no such actor");
    const { mint, stake } = account;
    const coder = AbiCoder.defaultAbiCoder();
    const words = (values: readonly bigint[]): string =>
      coder.encode(
        values.map(() => "uint256"),
        values,
      );
    const everybody = coder.encode(
      ["bytes", "bytes"],
      [
        words([mint.user, mint.term, mint.maturityTs, mint.rank, mint.amplifier, mint.eaaRate]),
        words([stake.term, stake.maturityTs, stake.amount, stake.apy]),
      ],
    );
    if (own !== everybody) throw fail(`the caller is told ${own}, everybody ${everybody}`);
  }

  private async send(to: string, data: string): Promise<RawReceipt> {
    const hash = await this.request<string>("eth_sendTransaction", [{ from: this.from, to, data, gas: GAS }]);
    const receipt = await this.request<RawReceipt>("eth_getTransactionReceipt", [hash]);
    if (receipt.status !== "0x1") throw new Error("the transaction that makes the calls failed itself");
    return receipt;
  }

  private async request<T>(method: string, params: unknown[]): Promise<T> {
    return (await this.connection.provider.request({ method, params })) as T;
  }
}

/** A lower-case address as the topic of an event. */
function topicOf(address: string): string {
  return `0x${address.slice(2).padStart(64, "0")}`;
}

/** The events of a token and those of the actors about that token, in their order, without the token's address. */
function eventsOf(token: string, logs: readonly RawLog[]): string[] {
  const topic = topicOf(token);
  return logs
    .filter(({ address, topics }) => address === token || topics[1] === topic)
    .map(({ address, topics, data }) =>
      JSON.stringify([address === token ? "token" : address, topics.filter((one) => one !== topic), data]),
    );
}

/** A preview is equal to what the call then does in the same block, also where that is a refusal. */
function checkPreviews(
  fn: string,
  success: boolean,
  result: string,
  [mintPreview, stakePreview]: readonly [string, string],
  events: readonly LogDescription[],
  fail: (what: string) => Error,
): void {
  const compared = {
    claimMintReward: [mintPreview, "MintClaimed", 1],
    withdraw: [stakePreview, "Withdrawn", 2],
  } as const;
  if (!(fn in compared)) return;
  const [preview, event, argument] = compared[fn as keyof typeof compared];
  const happened = success ? toBeHex(events.find(({ name }) => name === event)?.args[argument] as bigint, 32) : result;
  if (preview !== happened) throw fail(`the preview was ${preview}, then came ${happened}`);
}
