/** X.me's two stakings: for votes beside OpenZeppelin's wrapped votes, for nodes, and both beside Synthetix's StakingRewards. */

import { MaxUint256 } from "ethers";

import type { BenchChain, Call, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import { deployStakingRewards } from "../peers.js";
import type { GasRow, GasSection } from "../report.js";
import { compare, inSequence, Rows } from "./compare.js";

const TOKEN = 10n ** 18n;
const DAY = 86_400n;
const WEEK = 7n * DAY;
/** What both stakings call a month. */
const MONTH = 30n * DAY;
const STREAM = 0;

/** The most that the design allows. */
const LIMITS = {
  firstStake: 260_000n,
  nextStake: 135_000n,
  claimDividends: 70_000n,
  firstDelegation: 125_000n,
  nextDelegation: 90_000n,
} as const;

/** Who is on the stage. */
interface Cast {
  /** Holds all tokens at first, governs, gives income. */
  readonly owner: Hex;
  /** Has staked and holds both tokens. */
  readonly holder: Hex;
  /** Has staked, and holds none of what stakings pay. */
  readonly other: Hex;
  /** Holds both tokens and has never called. */
  readonly newcomer: Hex;
  /** As the newcomer, and has said who votes for it. */
  readonly prepared: Hex;
  /** Has nothing. */
  readonly empty: Hex;
  /** Operates the nodes. */
  readonly operator: Hex;
}

function castOf(chain: BenchChain): Cast {
  const [owner, holder, other, newcomer, prepared, empty, operator] = chain.accounts;
  if (!owner || !holder || !other || !newcomer || !prepared || !empty || !operator) {
    throw new Error("X.me's stakings need seven accounts.");
  }
  return { owner, holder, other, newcomer, prepared, empty, operator };
}

const call = (from: Hex, to: Target, method: string, ...args: unknown[]): Call => ({ from, to, method, args });

/** The tokens, the emission and its authority. */
interface Ground {
  readonly xme: Target;
  readonly xmex: Target;
  readonly manager: Target;
  readonly vault: Target;
}

/** Both tokens, the vault with a tenth of the emission in its first stream, and the cast with what it needs of both. */
async function deployGround(chain: BenchChain): Promise<Ground> {
  const { owner, holder, newcomer, prepared, operator } = castOf(chain);
  const xme = await chain.deploy("XME");
  const xmex = await chain.deploy("XMEX");
  const manager = await chain.deploy("AccessManager", [owner]);
  const vault = await chain.deploy("EmissionVault", [
    xmex.address,
    manager.address,
    chain.now,
    [1_000, 9_000, 0, 0, 0, 0, 0, 0],
  ]);
  await chain.send(call(owner, xmex, "transfer", vault.address, 90_000_000_000n * TOKEN));
  for (const who of [holder, newcomer, prepared, operator]) {
    for (const token of [xme, xmex]) await chain.send(call(owner, token, "transfer", who, 10n * BOND));
  }
  return { xme, xmex, manager, vault };
}

/** Everybody lets `spender` take all of `token`. */
async function allow(chain: BenchChain, token: Target, spender: Target): Promise<void> {
  const { owner, holder, other, newcomer, prepared, operator } = castOf(chain);
  for (const who of [owner, holder, other, newcomer, prepared, operator]) {
    await chain.send(call(who, token, "approve", spender.address, MaxUint256));
  }
}

/** What the holder has staked, and what the other has. */
const SMALL = 10_000n * TOKEN;
const VOTES = 50_000_000n * TOKEN;
const DELEGATED = 500_000_000n * TOKEN;

/** StakingRewards with the same two stakers, and periods as long as a month. */
async function beginRewards(chain: BenchChain, stake: Target, paid: Target, large: bigint): Promise<Target> {
  const { owner, holder, other } = castOf(chain);
  const rewards = await deployStakingRewards(chain, owner, paid, stake);
  await chain.send(call(owner, rewards, "setRewardsDuration", MONTH));
  await allow(chain, stake, rewards);
  await chain.send(call(holder, rewards, "stake", SMALL));
  await chain.send(call(other, rewards, "stake", large));
  return rewards;
}

/** Lets time pass until a month begins. */
function nextMonth(chain: BenchChain): void {
  chain.wait(MONTH - (chain.now % MONTH));
}

/** What a month brings to StakingRewards. */
function reward({ owner }: Cast, rewards: Target, paid: Target, amount: bigint): readonly Call[] {
  return [call(owner, paid, "transfer", rewards.address, amount), call(owner, rewards, "notifyRewardAmount", amount)];
}

/** Staking for votes with its peers, all with the same two stakers. */
interface Voting extends Ground {
  readonly votes: Target;
  readonly wrapped: Target;
  readonly rewards: Target;
}

const XMEX_INCOME = 1_000_000n * TOKEN;
const XME_INCOME = 10_000n * TOKEN;

/**
 * A staking for votes under way, in its third month: what was drawn and given in the second streams now, and what was drawn and given
 * in this one streams in the next. The peers stand as they would beside it.
 */
async function beginVoting(chain: BenchChain): Promise<Voting> {
  const cast = castOf(chain);
  const { owner, holder, other, prepared } = cast;
  const ground = await deployGround(chain);
  const { xme, xmex, vault } = ground;
  const votes = await chain.deploy("VotingXME", [xme.address, xmex.address, vault.address, STREAM]);
  await chain.send(call(owner, vault, "setDrawer", STREAM, votes.address));
  await chain.send(call(owner, xme, "transfer", other, 4n * VOTES));
  const wrapped = await chain.deployBench("BenchWrappedVotes", [xme.address]);
  for (const spender of [votes, wrapped]) await allow(chain, xme, spender);
  await chain.send(call(owner, xmex, "approve", votes.address, MaxUint256));
  for (const [who, staked] of [
    [holder, SMALL],
    [other, VOTES],
  ] as const) {
    await chain.send(call(who, votes, "stake", staked));
    await chain.send(call(who, wrapped, "delegate", who));
    await chain.send(call(who, wrapped, "depositFor", who, staked));
  }
  for (const token of [votes, wrapped]) await chain.send(call(prepared, token, "delegate", prepared));
  const rewards = await beginRewards(chain, xme, xmex, VOTES);
  for (let month = 0; month < 2; month++) {
    nextMonth(chain);
    await chain.send(call(owner, votes, "addXmexIncome", XMEX_INCOME));
    for (const one of reward(cast, rewards, xmex, XMEX_INCOME)) await chain.send(one);
  }
  chain.wait(DAY);
  // Both have called in this stream before, so that nobody's first slot for what is earned falls into a later row.
  for (const who of [holder, other]) {
    await chain.send(call(who, votes, "stake", TOKEN));
    await chain.send(call(who, wrapped, "depositFor", who, TOKEN));
    await chain.send(call(who, rewards, "stake", TOKEN));
  }
  chain.wait(DAY);
  return { ...ground, votes, wrapped, rewards };
}

/** Measures staking for votes on a chain of its own. */
export async function votesSection(chain: BenchChain): Promise<GasSection> {
  const cast = castOf(chain);
  const { owner, holder, other, newcomer, prepared, empty } = cast;
  const { votes, wrapped, rewards, xmex } = await beginVoting(chain);
  const rows = new Rows(chain);
  const amount = 5_000n * TOKEN;
  const once = (one: Call) => () => chain.measure(one);
  const after =
    (before: readonly Call[], one: Call, wait = 0n) =>
    async () => {
      for (const each of before) await chain.send(each);
      chain.wait(wait);
      return chain.measure(one);
    };
  const stake = (who: Hex): Call => call(who, votes, "stake", amount);
  const deposit = (who: Hex): Call => call(who, wrapped, "depositFor", who, amount);
  const request = call(holder, votes, "requestUnstake", amount);
  const withdraw = (to: Hex): Call => call(holder, votes, "withdraw", to);

  await rows.add(
    "stake",
    "the first, for votes of one's own",
    [
      once(stake(newcomer)),
      () => inSequence(chain, [deposit(newcomer), call(newcomer, wrapped, "delegate", newcomer)]),
      once(call(newcomer, rewards, "stake", amount)),
    ],
    LIMITS.firstStake,
  );
  await rows.add(
    "stake",
    "the first, by an account that delegated to itself before",
    [once(stake(prepared)), once(deposit(prepared)), undefined],
    LIMITS.firstStake,
  );
  await rows.add(
    "stake",
    "the second",
    [
      after([stake(newcomer)], stake(newcomer)),
      after([call(newcomer, wrapped, "delegate", newcomer), deposit(newcomer)], deposit(newcomer)),
      after([call(newcomer, rewards, "stake", amount)], call(newcomer, rewards, "stake", amount)),
    ],
    LIMITS.nextStake,
  );
  await rows.add(
    "stake",
    "a later one",
    [once(stake(holder)), once(deposit(holder)), once(call(holder, rewards, "stake", amount))],
    LIMITS.nextStake,
  );
  await rows.add("stake", "a later one, the first call of a month, which draws", [
    after([], stake(holder), MONTH),
    undefined,
    undefined,
  ]);
  await rows.add(
    "claim",
    "to a holder of XMEX",
    [once(call(holder, votes, "claim", holder)), undefined, once(call(holder, rewards, "getReward"))],
    LIMITS.claimDividends,
  );
  await rows.add("claim", "to an account without XMEX", [
    once(call(other, votes, "claim", other)),
    undefined,
    once(call(other, rewards, "getReward")),
  ]);
  await rows.add("claim", "the first call of a month, which draws", [
    after([], call(holder, votes, "claim", holder), MONTH),
    undefined,
    undefined,
  ]);
  await rows.add("delegate", "from oneself to another staker", [
    once(call(holder, votes, "delegate", other)),
    once(call(holder, wrapped, "delegate", other)),
    undefined,
  ]);
  await rows.add("requestUnstake", "half, the first of an account", [once(request), undefined, undefined]);
  await rows.add("withdraw", "after seven days, to a holder of XME", [
    after([request], withdraw(holder), WEEK),
    undefined,
    undefined,
  ]);
  await rows.add("requestUnstake, withdraw", "the two together, beside one transaction", [
    async () => {
      const asked = await chain.measure(request);
      chain.wait(WEEK);
      const taken = await chain.measure(withdraw(holder));
      return { gas: asked.gas + taken.gas, floor: asked.floor + taken.floor };
    },
    once(call(holder, wrapped, "withdrawTo", holder, amount)),
    once(call(holder, rewards, "withdraw", amount)),
  ]);
  await rows.add("restake", "a part of what waits", [
    after([request], call(holder, votes, "restake", amount / 2n)),
    undefined,
    undefined,
  ]);
  await rows.add("addXmexIncome", "beside a transfer and notifyRewardAmount", [
    once(call(owner, votes, "addXmexIncome", XMEX_INCOME)),
    undefined,
    () => inSequence(chain, reward(cast, rewards, xmex, XMEX_INCOME)),
  ]);
  await rows.add("advance", "the first call of a month, which draws", [
    after([], call(empty, votes, "advance"), MONTH),
    undefined,
    undefined,
  ]);
  return {
    id: "votes",
    title: "Staking XME for votes beside OpenZeppelin's wrapped votes and Synthetix's StakingRewards",
    note:
      "Ours does what the two peers do each for itself: it counts votes and pays dividends. All three stake the same XME; ours and StakingRewards pay " +
      "the same XMEX. Two accounts have staked twice in each; it is two days into their third month, in which streams what the emission vault and an income " +
      "of 1,000,000 XMEX brought in the second, and allowances are unlimited. OpenZeppelin's is ERC20Wrapper with ERC20Votes, which needs depositFor and delegate for the " +
      "votes that our first stake brings at once.",
    peers: ["ERC20Wrapper + ERC20Votes", "StakingRewards"],
    rows: rows.rows,
  };
}

/** Node staking with its peer, both with the same two delegators. */
interface Nodes extends Ground {
  readonly staking: Target;
  readonly rewards: Target;
}

/** Of each node, at a level that carries eight times as much as the lowest. */
const BOND = 1_000_000n * TOKEN;
const LEVEL = 3;
const NODES = [1n, 2n, 3n] as const;

/**
 * Node staking under way, in its third month, with three nodes: XMEX from the vault and from others and XME stream, and more of both waits
 * for the next month.
 */
async function beginNodes(chain: BenchChain): Promise<Nodes> {
  const cast = castOf(chain);
  const { owner, holder, other, operator } = cast;
  const ground = await deployGround(chain);
  const { xme, xmex, manager, vault } = ground;
  const staking = await chain.deploy("NodeStaking", [
    xme.address,
    xmex.address,
    vault.address,
    STREAM,
    manager.address,
  ]);
  await chain.send(call(owner, vault, "setDrawer", STREAM, staking.address));
  await chain.send(call(owner, xmex, "transfer", other, 3n * DELEGATED));
  for (const token of [xme, xmex]) await allow(chain, token, staking);
  for (const node of NODES) {
    await chain.send(call(operator, staking, "openNode", BOND, 1_000, "ipfs://node"));
    await chain.send(call(owner, staking, "setLevel", node, LEVEL));
    await chain.send(call(holder, staking, "delegate", node, SMALL));
  }
  await chain.send(call(other, staking, "delegate", 1, DELEGATED));
  const rewards = await beginRewards(chain, xmex, xme, DELEGATED);
  for (let month = 0; month < 2; month++) {
    nextMonth(chain);
    await chain.send(call(owner, staking, "addXmexIncome", XMEX_INCOME));
    await chain.send(call(owner, staking, "addXmeIncome", XME_INCOME));
    for (const one of reward(cast, rewards, xme, XME_INCOME)) await chain.send(one);
  }
  chain.wait(DAY);
  // All have called in this stream before, so that nobody's first slot for what is earned falls into a later row.
  for (const node of NODES) await chain.send(call(holder, staking, "delegate", node, TOKEN));
  await chain.send(call(other, staking, "delegate", 1, TOKEN));
  for (const who of [holder, other]) await chain.send(call(who, rewards, "stake", TOKEN));
  chain.wait(DAY);
  return { ...ground, staking, rewards };
}

/** Measures node staking on a chain of its own. */
export async function nodesSection(chain: BenchChain): Promise<GasSection> {
  const cast = castOf(chain);
  const { owner, holder, other, newcomer, empty, operator } = cast;
  const { staking, rewards, xme } = await beginNodes(chain);
  const rows = new Rows(chain);
  const amount = 5_000n * TOKEN;
  const once = (one: Call) => () => chain.measure(one);
  const after =
    (before: readonly Call[], one: Call, wait = 0n) =>
    async () => {
      for (const each of before) await chain.send(each);
      chain.wait(wait);
      return chain.measure(one);
    };
  const delegate = (who: Hex): Call => call(who, staking, "delegate", 1, amount);
  const undelegate = call(holder, staking, "undelegate", 1, amount);
  const withdraw = call(holder, staking, "withdraw", holder);
  const claim = (who: Hex, nodes: readonly bigint[]): Call => call(who, staking, "claimXme", nodes, who);

  await rows.add(
    "delegate",
    "the first of an account",
    [once(delegate(newcomer)), once(call(newcomer, rewards, "stake", amount))],
    LIMITS.firstDelegation,
  );
  await rows.add(
    "delegate",
    "the second",
    [
      after([delegate(newcomer)], delegate(newcomer)),
      after([call(newcomer, rewards, "stake", amount)], call(newcomer, rewards, "stake", amount)),
    ],
    LIMITS.nextDelegation,
  );
  await rows.add(
    "delegate",
    "a later one",
    [once(delegate(holder)), once(call(holder, rewards, "stake", amount))],
    LIMITS.nextDelegation,
  );
  await rows.add("delegate", "a later one, the first call of a month, which draws", [
    after([], delegate(holder), MONTH),
    undefined,
  ]);
  await rows.add("undelegate", "half, the first of an account", [once(undelegate), undefined]);
  await rows.add("withdraw", "after seven days, to a holder of XMEX", [after([undelegate], withdraw, WEEK), undefined]);
  await rows.add("undelegate, withdraw", "the two together, beside one transaction", [
    async () => {
      const asked = await chain.measure(undelegate);
      chain.wait(WEEK);
      const taken = await chain.measure(withdraw);
      return { gas: asked.gas + taken.gas, floor: asked.floor + taken.floor };
    },
    once(call(holder, rewards, "withdraw", amount)),
  ]);
  await rows.add("claimXme", "of one node, to a holder of XME", [
    once(claim(holder, [1n])),
    once(call(holder, rewards, "getReward")),
  ]);
  await rows.add("claimXme", "of one node, to an account without XME", [
    once(claim(other, [1n])),
    once(call(other, rewards, "getReward")),
  ]);
  await rows.add("claimXme", "of three nodes, to a holder of XME", [once(claim(holder, NODES)), undefined]);
  await rows.add("addXmexIncome", "in a month that has had some", [
    once(call(owner, staking, "addXmexIncome", XMEX_INCOME)),
    undefined,
  ]);
  await rows.add("addXmeIncome", "beside a transfer and notifyRewardAmount", [
    once(call(owner, staking, "addXmeIncome", XME_INCOME)),
    () => inSequence(chain, reward(cast, rewards, xme, XME_INCOME)),
  ]);
  await rows.add("collectIncome", "the first call of a month, which draws", [
    after([], call(empty, staking, "collectIncome"), MONTH),
    undefined,
  ]);
  await rows.add("openNode", "with a description of 53 bytes", [
    once(call(operator, staking, "openNode", BOND, 1_000, "ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG")),
    undefined,
  ]);
  await rows.add("addBond", "to a node that there is", [
    once(call(operator, staking, "addBond", 1, 1_000n * TOKEN)),
    undefined,
  ]);
  await rows.add("removeBond", "a part", [once(call(operator, staking, "removeBond", 1, 1_000n * TOKEN)), undefined]);
  await rows.add("setCommission", "for next month", [
    once(call(operator, staking, "setCommission", 1, 500)),
    undefined,
  ]);
  await rows.add("undelegateCommission", "all", [
    once(call(operator, staking, "undelegateCommission", 1, MaxUint256)),
    undefined,
  ]);
  await rows.add("closeNode", "with two delegators and a commission", [
    once(call(operator, staking, "closeNode", 1)),
    undefined,
  ]);
  await rows.add("leaveClosedNode", "after an unbonding period, to a holder of XMEX", [
    after([call(operator, staking, "closeNode", 1)], call(holder, staking, "leaveClosedNode", 1, holder), WEEK + DAY),
    undefined,
  ]);
  return {
    id: "nodes",
    title: "Delegating XMEX to nodes beside Synthetix's StakingRewards",
    note:
      "Both stake the same XMEX and pay the same XME; ours also divides it among nodes, pays XMEX that compounds, and takes a commission for the " +
      "operator. Three nodes, two delegators who have called before in the same month; it is two days into their third month, XMEX from the emission vault and from an income of " +
      "1,000,000 and XME from one of 10,000 stream, more of both waits, and allowances are unlimited.",
    peers: ["StakingRewards"],
    rows: rows.rows,
  };
}

/** Accounts that stake or delegate, and months in which nobody called. */
const STAKERS = [10, 1_000] as const;
const DELEGATORS = [10, 10_000] as const;
const IDLE_MONTHS = [1n, 36n] as const;
/** Accounts that one transaction of the crowd makes. */
const BATCH = 50;

/** One call that must cost the same however many there are. */
interface Play {
  readonly name: string;
  readonly which: string;
  readonly call: Call;
  readonly limit?: bigint;
}

const counted = (count: number | bigint, one: string, more: string): string =>
  `${count.toLocaleString("en")} ${BigInt(count) === 1n ? one : more}`;

/** Measures the calls of one staking in crowds of every size, which `grow` makes, and after idleness of every length. */
async function scaleRows(
  chain: BenchChain,
  plays: readonly Play[],
  crowds: { readonly sizes: readonly number[]; readonly who: string; readonly grow: (size: number) => Promise<void> },
  somebody: Call,
): Promise<GasRow[]> {
  const rows: GasRow[] = [];
  const add = async ({ name, which, call: one, limit }: Play, given: string, before: readonly Call[] = []) => {
    const play = async () => {
      for (const each of before) await chain.send(each);
      return chain.measure(one);
    };
    const scene = { call: name, given: `${which}, ${given}`, play, ...(limit === undefined ? {} : { limit }) };
    rows.push(await compare(chain, [undefined], scene));
  };
  for (const size of crowds.sizes) {
    await chain.aside(async () => {
      await crowds.grow(size);
      for (const play of plays) await add(play, counted(size, "", crowds.who));
    });
  }
  for (const idle of IDLE_MONTHS) {
    await chain.aside(async () => {
      chain.wait((idle + 1n) * MONTH);
      const before = `${counted(idle, "idle month", "idle months")} before`;
      for (const play of plays) {
        const { name, which, call: one } = play;
        await add({ name, which, call: one }, `the first call of a month, ${before}`);
        await add(play, `after somebody else's, ${before}`, [somebody]);
      }
    });
  }
  return rows.sort((one, other) => one.call.localeCompare(other.call));
}

/** Measures both stakings in crowds of every size and after idleness of every length, on a chain of its own. */
export async function xmeScaleSection(chain: BenchChain): Promise<GasSection> {
  const { owner, holder, newcomer, empty } = castOf(chain);
  const amount = 5_000n * TOKEN;
  /** Lets accounts made for it stake or delegate one token each. */
  const grow = async (code: Target, token: Target, method: string, args: readonly unknown[], count: number) => {
    await chain.send(call(owner, token, "transfer", code.address, BigInt(count) * TOKEN));
    for (let made = 0; made < count; made += BATCH) {
      await chain.send(call(owner, code, method, ...args, Math.min(BATCH, count - made), TOKEN));
    }
  };

  const ofVotes = await chain.aside(async () => {
    const { votes, xme } = await beginVoting(chain);
    const code = await chain.deploy("VotesCrowd");
    const plays: readonly Play[] = [
      { name: "stake", which: "the first", call: call(newcomer, votes, "stake", amount), limit: LIMITS.firstStake },
      { name: "stake", which: "a later one", call: call(holder, votes, "stake", amount), limit: LIMITS.nextStake },
      { name: "claim", which: "all", call: call(holder, votes, "claim", holder), limit: LIMITS.claimDividends },
      { name: "requestUnstake", which: "half", call: call(holder, votes, "requestUnstake", amount) },
    ];
    const crowds = {
      sizes: STAKERS,
      who: "stakers",
      grow: (size: number) => grow(code, xme, "stake", [votes.address], size - 2),
    };
    return scaleRows(chain, plays, crowds, call(empty, votes, "advance"));
  });
  const ofNodes = await chain.aside(async () => {
    const { staking, xmex } = await beginNodes(chain);
    const code = await chain.deploy("NodePassersby");
    const delegate = (who: Hex): Call => call(who, staking, "delegate", 1, amount);
    const plays: readonly Play[] = [
      { name: "delegate", which: "the first", call: delegate(newcomer), limit: LIMITS.firstDelegation },
      { name: "delegate", which: "a later one", call: delegate(holder), limit: LIMITS.nextDelegation },
      { name: "undelegate", which: "half", call: call(holder, staking, "undelegate", 1, amount) },
      { name: "claimXme", which: "of one node", call: call(holder, staking, "claimXme", [1], holder) },
    ];
    const crowds = {
      sizes: DELEGATORS,
      who: "delegators",
      grow: (size: number) => grow(code, xmex, "delegate", [staking.address, 1], size - 2),
    };
    return scaleRows(chain, plays, crowds, call(empty, staking, "collectIncome"));
  });
  return {
    id: "xme-scale",
    title: "X.me's stakings: crowds and idle months",
    note:
      "The same calls with more accounts that have staked, or delegated to the same node, and after months in which nobody called. The measured accounts are the " +
      "same in every row. The first call of a month draws from the emission vault.",
    peers: [],
    rows: [...ofVotes, ...ofNodes],
  };
}
