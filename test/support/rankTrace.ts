import { MaxUint256, ZeroAddress } from "ethers";

import { CAST, NO_DATA, SPENDERS, SUCCESS } from "./rankDuel.js";
import type { Account, Call, Kind, Mint, Outcome, RankDuel, State } from "./rankDuel.js";
import type { Random } from "./rankRandom.js";

const DAY = 86_400n;
const HOUR = 3_600n;
const WHOLE = 10n ** 18n;
/** The longest stake, in days: XEN's MAX_TERM_END. */
const MAX_STAKE_TERM = 1_000n;
/** XEN's TERM_AMPLIFIER_THRESHOLD: up to this rank a mint lasts 100 days at most. */
const LONG_TERM_THRESHOLD = 5_000n;
/** The first day on which XEN's late penalty has reached its last step. */
const LAST_PENALTY_DAY = 7;
/** Blocks after which reentrant redeemers get another call to make. */
const REENTRY_CHANGE = 10;
/** A number of days whose seconds do not fit 256 bits. */
const OVERFLOWING_TERM = MaxUint256 / DAY + 1n;

/** A block still to be made: when, and the calls in it. */
interface Plan {
  readonly timestamp: bigint;
  readonly calls: readonly Call[];
}

/** What a planner may look at. */
interface Scene {
  readonly state: State;
  readonly now: bigint;
  readonly random: Random;
  readonly actors: readonly string[];
  readonly maxTermDays: bigint;
  /** Whether mints that are seven or more days late may be claimed. */
  readonly withLastPenalty: boolean;
}

type Planner = (scene: Scene) => Plan | undefined;

/** One way in which one function can end, and how to bring it about. */
interface Cell {
  readonly fn: string;
  readonly cause: string;
  /** Full days late, for a mint claimed with success. */
  readonly daysLate?: number;
  /** How often the cell was reached, where its way is too wide to say so. */
  readonly reached?: (coverage: Coverage) => number;
  readonly plan: Planner;
}

function some<T>(scene: Scene, list: readonly T[]): T | undefined {
  return list.length === 0 ? undefined : scene.random.pick(list);
}

function indices(scene: Scene, accept: (account: Account, index: number) => boolean): number[] {
  return scene.state.accounts.flatMap((account, i) => (accept(account, i) ? [i] : []));
}

function account(scene: Scene, index: number): Account {
  const found = scene.state.accounts[index];
  if (found === undefined) throw new RangeError(`there is no actor ${index}`);
  return found;
}

function addressOf(scene: Scene, index: number): string {
  const found = scene.actors[index];
  if (found === undefined) throw new RangeError(`there is no actor ${index}`);
  return found;
}

const hasMint = ({ mint }: Account): boolean => mint.rank > 0n;
const hasStake = ({ stake }: Account): boolean => stake.amount > 0n;

/** A block soon, mostly the next second. */
function soon({ now, random }: Scene): bigint {
  return now + (random.once(4n) ? random.between(1n, 7_200n) : 1n);
}

function at(timestamp: bigint, actor: number, fn: string, ...args: readonly (bigint | string)[]): Plan {
  return { timestamp, calls: [{ actor, fn, args }] };
}

/** A call by an actor of whom only the given is asked; undefined when there is none. */
function by(
  accept: (account: Account, scene: Scene, index: number) => boolean,
  fn: string,
  args: (scene: Scene, index: number) => readonly (bigint | string)[],
): Planner {
  return (scene) => {
    const actor = some(
      scene,
      indices(scene, (one, i) => accept(one, scene, i)),
    );
    return actor === undefined ? undefined : at(soon(scene), actor, fn, ...args(scene, actor));
  };
}

const anyone = (): boolean => true;

function mintTerm({ random, maxTermDays }: Scene): bigint {
  if (random.once(6n)) return maxTermDays;
  return random.once(3n) ? random.between(1n, maxTermDays) : random.between(1n, 6n);
}

function stakeTerm({ random }: Scene): bigint {
  if (random.once(12n)) return MAX_STAKE_TERM;
  return random.once(5n) ? random.between(1n, MAX_STAKE_TERM) : random.between(1n, 20n);
}

function excessiveTerm({ random }: Scene, most: bigint): bigint {
  return random.once(2n) ? most + 1n : random.magnitude(most + 1n, OVERFLOWING_TERM - 1n);
}

function overflowingTerm({ random }: Scene): bigint {
  return random.once(2n) ? OVERFLOWING_TERM : random.between(OVERFLOWING_TERM, MaxUint256);
}

function percent({ random }: Scene): bigint {
  return random.once(4n) ? 100n : random.between(1n, 100n);
}

function excessivePercent({ random }: Scene): bigint {
  return random.once(2n) ? 101n : random.magnitude(102n, MaxUint256);
}

/** Part of what an actor holds: one wei, all, or anything between. */
function partOf({ random }: Scene, held: bigint): bigint {
  if (held <= 1n || random.once(5n)) return held;
  return random.magnitude(1n, held);
}

/** More than an actor holds, by one wei or by a lot. */
function beyond({ random }: Scene, held: bigint): bigint {
  return random.once(2n) ? held + 1n : random.magnitude(held + 1n, MaxUint256);
}

function anyAddress(scene: Scene): string {
  return scene.random.pick(scene.actors);
}

/** One of the actors that can be allowed to spend. */
function anySpender(scene: Scene): string {
  return scene.random.pick(scene.actors.slice(-SPENDERS));
}

function amountOf({ random }: Scene): bigint {
  return random.once(6n) ? MaxUint256 : random.magnitude(1n, 10n ** 9n * WHOLE);
}

/** The block in which a mint is `daysLate` full days late (from the last penalty day on: that day or any later), if still ahead. */
function latenessBlock({ now, random }: Scene, maturity: bigint, daysLate: number): bigint | undefined {
  const open = maturity + BigInt(daysLate) * DAY + (daysLate === 0 ? 1n : 0n);
  const end =
    daysLate >= LAST_PENALTY_DAY
      ? (open > now ? open : now + 1n) + random.between(0n, 3n) * random.between(0n, 40n * DAY)
      : maturity + BigInt(daysLate + 1) * DAY - 1n;
  const first = open > now ? open : now + 1n;
  if (first > end) return undefined;
  const way = random.between(0n, 2n);
  return way === 0n ? first : way === 1n ? end : random.between(first, end);
}

type MintCall = "claimMintReward" | "claimMintRewardAndShare" | "claimMintRewardAndStake";

/** Among the actors that have what is asked, one whose mint can be claimed that late with the least waiting. */
function claimable(
  scene: Scene,
  daysLate: number,
  accept: (account: Account) => boolean,
): { actor: number; timestamp: bigint } | undefined {
  const candidates = indices(scene, (one) => hasMint(one) && accept(one)).flatMap((actor) => {
    const timestamp = latenessBlock(scene, account(scene, actor).mint.maturityTs, daysLate);
    return timestamp === undefined ? [] : [{ actor, timestamp }];
  });
  const inOrder = candidates.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  return some(scene, inOrder.slice(0, 2));
}

function claimLate(
  fn: MintCall,
  daysLate: number,
  accept: (account: Account) => boolean,
  args: (scene: Scene, index: number) => readonly (bigint | string)[],
): Planner {
  return (scene) => {
    const found = claimable(scene, daysLate, accept);
    return found && at(found.timestamp, found.actor, fn, ...args(scene, found.actor));
  };
}

/** Whether a mint is mature, and not so late that it must be left alone. */
function isDue({ now, withLastPenalty }: Scene, { maturityTs }: Mint): boolean {
  return maturityTs <= now && (withLastPenalty || now + DAY < maturityTs + BigInt(LAST_PENALTY_DAY) * DAY);
}

/** A mint that is mature now or soon, claimed with arguments that must be refused. */
function claimRefused(
  fn: MintCall,
  accept: (account: Account) => boolean,
  args: (scene: Scene, index: number) => readonly (bigint | string)[],
): Planner {
  return (scene) => {
    const mature = indices(scene, (one) => hasMint(one) && accept(one) && isDue(scene, one.mint));
    const actor = some(scene, mature);
    if (actor !== undefined) return at(soon(scene), actor, fn, ...args(scene, actor));
    return claimLate(fn, 0, accept, args)(scene);
  };
}

/** A mint claimed before it may be, often in the very second of its maturity. */
function claimEarly(fn: MintCall, args: (scene: Scene, index: number) => readonly (bigint | string)[]): Planner {
  return (scene) => {
    const { random, now } = scene;
    const early = indices(scene, (one) => hasMint(one) && one.mint.maturityTs > now);
    const soonest = early
      .sort((a, b) => (account(scene, a).mint.maturityTs < account(scene, b).mint.maturityTs ? -1 : 1))
      .slice(0, 2);
    const actor = some(scene, soonest);
    if (actor === undefined) return undefined;
    const maturity = account(scene, actor).mint.maturityTs;
    return at(random.once(2n) ? maturity : now + 1n, actor, fn, ...args(scene, actor));
  };
}

const shareArgs = (scene: Scene): readonly (bigint | string)[] => [anyAddress(scene), percent(scene)];
const stakeArgs = (scene: Scene): readonly (bigint | string)[] => [percent(scene), stakeTerm(scene)];
const noArgs = (): readonly (bigint | string)[] => [];
const withoutStake = (one: Account): boolean => !hasStake(one);

function mintCells(): Cell[] {
  const calls = [
    { fn: "claimMintReward", args: noArgs, accept: anyone },
    { fn: "claimMintRewardAndShare", args: shareArgs, accept: anyone },
    { fn: "claimMintRewardAndStake", args: stakeArgs, accept: withoutStake },
  ] as const;
  return calls.flatMap(({ fn, args, accept }): Cell[] => [
    ...Array.from({ length: LAST_PENALTY_DAY + 1 }, (_unused, daysLate) => ({
      fn,
      cause: SUCCESS,
      daysLate,
      plan: claimLate(fn, daysLate, accept, args),
    })),
    { fn, cause: "CRank: No mint exists", plan: by((one) => !hasMint(one), fn, args) },
    { fn, cause: "CRank: Mint maturity not reached", plan: claimEarly(fn, args) },
  ]);
}

/** A stake ended early, in the very second of its maturity (still early), or as soon as it is mature. */
function withdrawal(when: "early" | "at maturity" | "mature"): Planner {
  return (scene) => {
    const { now } = scene;
    const maturityOf = (actor: number): bigint => account(scene, actor).stake.maturityTs;
    const soonest = indices(scene, (one) => hasStake(one) && (when === "mature" || one.stake.maturityTs > now))
      .sort((a, b) => (maturityOf(a) < maturityOf(b) ? -1 : 1))
      .slice(0, 2);
    const actor = some(scene, soonest);
    if (actor === undefined) return undefined;
    const maturity = maturityOf(actor);
    if (when === "early") return at(now + 1n, actor, "withdraw");
    if (when === "at maturity") return at(maturity, actor, "withdraw");
    return at(maturity >= now ? maturity + 1n : soon(scene), actor, "withdraw");
  };
}

/** A burn by an actor of one kind; where it needs one, the allowance is given in the same block. */
function burn(
  kind: Kind,
  amounts: (scene: Scene, balance: bigint) => { readonly allowed: bigint | undefined; readonly burned: bigint },
): Planner {
  return (scene) => {
    const burner = some(
      scene,
      indices(scene, (_account, i) => CAST[i] === kind),
    );
    const holder = some(
      scene,
      indices(scene, ({ balance }) => balance > 1n),
    );
    if (burner === undefined || holder === undefined) return undefined;
    const { allowed, burned } = amounts(scene, account(scene, holder).balance);
    const approval: Call = { actor: holder, fn: "approve", args: [addressOf(scene, burner), allowed ?? 0n] };
    const call: Call = { actor: burner, fn: "burn", args: [addressOf(scene, holder), burned] };
    return { timestamp: soon(scene), calls: allowed === undefined ? [call] : [approval, call] };
  };
}

const affordable = (scene: Scene, balance: bigint): { allowed: bigint; burned: bigint } => {
  // half at most, so that a reentrant redeemer can burn as much again
  const burned = partOf(scene, balance / 2n);
  return { allowed: scene.random.once(4n) ? MaxUint256 : burned * 2n, burned };
};

/** `transferFrom` with the allowance given in the same block, so that it alone decides. */
function transferFrom(
  amounts: (scene: Scene, balance: bigint) => { readonly allowed: bigint; readonly moved: bigint; readonly to: string },
): Planner {
  return (scene) => {
    const holder = some(
      scene,
      indices(scene, ({ balance }) => balance > 0n),
    );
    const spender = some(
      scene,
      indices(scene, (_account, i) => i !== holder && i >= CAST.length - SPENDERS),
    );
    if (holder === undefined || spender === undefined) return undefined;
    const { allowed, moved, to } = amounts(scene, account(scene, holder).balance);
    return {
      timestamp: soon(scene),
      calls: [
        { actor: holder, fn: "approve", args: [addressOf(scene, spender), allowed] },
        { actor: spender, fn: "transferFrom", args: [addressOf(scene, holder), to, moved] },
      ],
    };
  };
}

/** A pair of actors whose allowance passes a test. */
function allowance(
  fn: "increaseAllowance" | "decreaseAllowance",
  accept: (allowed: bigint) => boolean,
  amount: (scene: Scene, allowed: bigint) => bigint,
): Planner {
  return (scene) => {
    const pairs = scene.state.accounts.flatMap(({ allowances }, owner) =>
      allowances.flatMap((allowed, i) =>
        accept(allowed) ? [{ owner, spender: CAST.length - SPENDERS + i, allowed }] : [],
      ),
    );
    const pair = some(scene, pairs);
    if (pair === undefined) return undefined;
    return at(soon(scene), pair.owner, fn, addressOf(scene, pair.spender), amount(scene, pair.allowed));
  };
}

/** Every way in which every function of XEN can end. */
const CELLS: readonly Cell[] = [
  {
    fn: "claimRank",
    cause: SUCCESS,
    plan: by(
      (one) => !hasMint(one),
      "claimRank",
      (scene) => [mintTerm(scene)],
    ),
  },
  { fn: "claimRank", cause: "CRank: Term less than min", plan: by(anyone, "claimRank", () => [0n]) },
  {
    fn: "claimRank",
    cause: "CRank: Term more than current max term",
    plan: by(anyone, "claimRank", (scene) => [excessiveTerm(scene, scene.maxTermDays)]),
  },
  { fn: "claimRank", cause: "Panic(17)", plan: by(anyone, "claimRank", (scene) => [overflowingTerm(scene)]) },
  {
    fn: "claimRank",
    cause: "CRank: Mint already in progress",
    plan: by(hasMint, "claimRank", (scene) => [mintTerm(scene)]),
  },

  ...mintCells(),
  {
    fn: "claimMintRewardAndShare",
    cause: "CRank: Cannot share with zero address",
    plan: claimRefused("claimMintRewardAndShare", anyone, (scene) => [ZeroAddress, percent(scene)]),
  },
  {
    fn: "claimMintRewardAndShare",
    cause: "CRank: Cannot share zero percent",
    plan: claimRefused("claimMintRewardAndShare", anyone, (scene) => [anyAddress(scene), 0n]),
  },
  {
    fn: "claimMintRewardAndShare",
    cause: "CRank: Cannot share 100+ percent",
    plan: claimRefused("claimMintRewardAndShare", anyone, (scene) => [anyAddress(scene), excessivePercent(scene)]),
  },
  {
    fn: "claimMintRewardAndStake",
    cause: "CRank: Cannot share >100 percent",
    plan: claimRefused("claimMintRewardAndStake", anyone, (scene) => [excessivePercent(scene), stakeTerm(scene)]),
  },
  {
    fn: "claimMintRewardAndStake",
    cause: "XEN: Below min stake",
    plan: claimRefused("claimMintRewardAndStake", anyone, (scene) => [0n, stakeTerm(scene)]),
  },
  {
    fn: "claimMintRewardAndStake",
    cause: "XEN: Below min stake term",
    plan: claimRefused("claimMintRewardAndStake", anyone, (scene) => [percent(scene), 0n]),
  },
  {
    fn: "claimMintRewardAndStake",
    cause: "XEN: Above max stake term",
    plan: claimRefused("claimMintRewardAndStake", anyone, (scene) => [
      percent(scene),
      excessiveTerm(scene, MAX_STAKE_TERM),
    ]),
  },
  {
    fn: "claimMintRewardAndStake",
    cause: "Panic(17)",
    plan: claimRefused("claimMintRewardAndStake", anyone, (scene) => [percent(scene), overflowingTerm(scene)]),
  },
  {
    fn: "claimMintRewardAndStake",
    cause: "XEN: stake exists",
    plan: claimRefused("claimMintRewardAndStake", hasStake, stakeArgs),
  },

  {
    fn: "stake",
    cause: SUCCESS,
    plan: by(
      (one) => one.balance > 0n && !hasStake(one),
      "stake",
      (scene, i) => [partOf(scene, account(scene, i).balance), stakeTerm(scene)],
    ),
  },
  {
    fn: "stake",
    cause: "XEN: not enough balance",
    plan: by(anyone, "stake", (scene, i) => [beyond(scene, account(scene, i).balance), stakeTerm(scene)]),
  },
  { fn: "stake", cause: "XEN: Below min stake", plan: by(anyone, "stake", (scene) => [0n, stakeTerm(scene)]) },
  {
    fn: "stake",
    cause: "XEN: Below min stake term",
    plan: by(
      ({ balance }) => balance > 0n,
      "stake",
      (scene, i) => [partOf(scene, account(scene, i).balance), 0n],
    ),
  },
  {
    fn: "stake",
    cause: "XEN: Above max stake term",
    plan: by(
      ({ balance }) => balance > 0n,
      "stake",
      (scene, i) => [partOf(scene, account(scene, i).balance), excessiveTerm(scene, MAX_STAKE_TERM)],
    ),
  },
  {
    fn: "stake",
    cause: "Panic(17)",
    plan: by(
      ({ balance }) => balance > 0n,
      "stake",
      (scene, i) => [partOf(scene, account(scene, i).balance), overflowingTerm(scene)],
    ),
  },
  {
    fn: "stake",
    cause: "XEN: stake exists",
    plan: by(
      (one) => one.balance > 0n && hasStake(one),
      "stake",
      (scene, i) => [partOf(scene, account(scene, i).balance), stakeTerm(scene)],
    ),
  },

  { fn: "withdraw", cause: SUCCESS, plan: withdrawal("early") },
  {
    fn: "withdraw",
    cause: SUCCESS,
    reached: ({ stakesAtMaturity }) => stakesAtMaturity,
    plan: withdrawal("at maturity"),
  },
  { fn: "withdraw", cause: SUCCESS, reached: ({ rewarded }) => rewarded, plan: withdrawal("mature") },
  { fn: "withdraw", cause: "XEN: no stake exists", plan: by(withoutStake, "withdraw", noArgs) },

  { fn: "burn", cause: SUCCESS, plan: burn("redeemer", affordable) },
  { fn: "burn", cause: SUCCESS, plan: burn("reentrantRedeemer", affordable) },
  { fn: "burn", cause: "XRankActor_Refused", plan: burn("refusingRedeemer", affordable) },
  { fn: "burn", cause: NO_DATA, plan: burn("stranger", affordable) },
  { fn: "burn", cause: NO_DATA, plan: burn("garbling", affordable) },
  { fn: "burn", cause: "Burn: not a supported contract", plan: burn("unsupporting", affordable) },
  {
    fn: "burn",
    cause: "Burn: Below min limit",
    plan: burn("redeemer", (_scene, balance) => ({ allowed: balance, burned: 0n })),
  },
  {
    fn: "burn",
    cause: "ERC20: insufficient allowance",
    plan: burn("redeemer", (scene, balance) => {
      const allowed = partOf(scene, balance - 1n);
      return { allowed, burned: allowed + 1n };
    }),
  },
  {
    fn: "burn",
    cause: "ERC20: burn amount exceeds balance",
    plan: burn("redeemer", (scene, balance) => ({ allowed: MaxUint256, burned: beyond(scene, balance) })),
  },

  {
    fn: "transfer",
    cause: SUCCESS,
    plan: by(anyone, "transfer", (scene, i) => [anyAddress(scene), partOf(scene, account(scene, i).balance)]),
  },
  {
    fn: "transfer",
    cause: "ERC20: transfer to the zero address",
    plan: by(anyone, "transfer", (scene, i) => [ZeroAddress, partOf(scene, account(scene, i).balance)]),
  },
  {
    fn: "transfer",
    cause: "ERC20: transfer amount exceeds balance",
    plan: by(anyone, "transfer", (scene, i) => [anyAddress(scene), beyond(scene, account(scene, i).balance)]),
  },

  {
    fn: "transferFrom",
    cause: SUCCESS,
    plan: transferFrom((scene, balance) => {
      const moved = partOf(scene, balance);
      return { allowed: scene.random.once(3n) ? MaxUint256 : moved, moved, to: anyAddress(scene) };
    }),
  },
  {
    fn: "transferFrom",
    cause: "ERC20: insufficient allowance",
    plan: transferFrom((scene, balance) => {
      const allowed = partOf(scene, balance) - 1n;
      return { allowed, moved: allowed + 1n, to: anyAddress(scene) };
    }),
  },
  {
    fn: "transferFrom",
    cause: "ERC20: transfer amount exceeds balance",
    plan: transferFrom((scene, balance) => ({
      allowed: MaxUint256,
      moved: beyond(scene, balance),
      to: anyAddress(scene),
    })),
  },
  {
    fn: "transferFrom",
    cause: "ERC20: transfer to the zero address",
    plan: transferFrom((scene, balance) => ({ allowed: balance, moved: partOf(scene, balance), to: ZeroAddress })),
  },
  {
    fn: "transferFrom",
    cause: "ERC20: approve from the zero address",
    plan: by(anyone, "transferFrom", (scene) => [ZeroAddress, anyAddress(scene), 0n]),
  },

  {
    fn: "approve",
    cause: SUCCESS,
    plan: by(anyone, "approve", (scene) => [anySpender(scene), amountOf(scene)]),
  },
  {
    fn: "approve",
    cause: "ERC20: approve to the zero address",
    plan: by(anyone, "approve", (scene) => [ZeroAddress, amountOf(scene)]),
  },
  {
    fn: "increaseAllowance",
    cause: SUCCESS,
    plan: allowance(
      "increaseAllowance",
      (allowed) => allowed < MaxUint256,
      (scene, allowed) => scene.random.magnitude(1n, MaxUint256 - allowed),
    ),
  },
  {
    fn: "increaseAllowance",
    cause: "Panic(17)",
    plan: allowance(
      "increaseAllowance",
      (allowed) => allowed > 0n,
      (scene, allowed) => scene.random.between(MaxUint256 - allowed + 1n, MaxUint256),
    ),
  },
  {
    fn: "increaseAllowance",
    cause: "ERC20: approve to the zero address",
    plan: by(anyone, "increaseAllowance", (scene) => [ZeroAddress, amountOf(scene)]),
  },
  {
    fn: "decreaseAllowance",
    cause: SUCCESS,
    plan: allowance("decreaseAllowance", (allowed) => allowed > 0n, partOf),
  },
  {
    fn: "decreaseAllowance",
    cause: "ERC20: decreased allowance below zero",
    plan: allowance("decreaseAllowance", (allowed) => allowed < MaxUint256, beyond),
  },
  {
    fn: "decreaseAllowance",
    cause: "ERC20: approve to the zero address",
    plan: by(anyone, "decreaseAllowance", () => [ZeroAddress, 0n]),
  },
];

const OPEN_MINT: Planner = by(
  (one) => !hasMint(one),
  "claimRank",
  (scene) => [mintTerm(scene)],
);
const OPEN_STAKE: Planner = by(
  (one) => one.balance > 0n && !hasStake(one),
  "stake",
  (scene, i) => [partOf(scene, account(scene, i).balance), stakeTerm(scene)],
);
/** What can be done at any time by whoever holds tokens. */
const MOVES = CELLS.filter(
  ({ fn, cause }) => cause === SUCCESS && /^(transfer|approve|increase|decrease|burn)/.test(fn),
);
/** Whether the time of the block decides how the call ends. */
const waitsForItsTime = ({ fn, cause }: Cell): boolean =>
  (MINT_CALLS.some((name) => name === fn) && cause !== "CRank: No mint exists") ||
  (fn === "withdraw" && cause === SUCCESS);
const END_STAKE: Planner = by(hasStake, "withdraw", noArgs);

/** A way for a function to end, without how late a mint was. */
function nameOf({ fn, cause }: { readonly fn: string; readonly cause: string }): string {
  return `${fn}: ${cause}`;
}

/** Every way in which every function can end. */
const WAYS: readonly string[] = [...new Set(CELLS.map(nameOf))];
const MINT_CALLS = ["claimMintReward", "claimMintRewardAndShare", "claimMintRewardAndStake"] as const;

const isMintClaim = ({ fn }: Call): boolean => MINT_CALLS.some((name) => name === fn);

/** What traces did. */
export class Coverage {
  /** How often each function ended in each way. */
  readonly ways = new Map(WAYS.map((name) => [name, 0]));
  /** How often each call that claims a mint succeeded, by full days late; the last counts that day and all later. */
  readonly daysLate = new Map(
    MINT_CALLS.map((fn) => [fn as string, Array.from({ length: LAST_PENALTY_DAY + 1 }, () => 0)]),
  );
  /** What was fixed at the start of mints and stakes. */
  readonly amplifiers = new Set<bigint>();
  readonly eaaRates = new Set<bigint>();
  readonly terms = new Set<bigint>();
  readonly apys = new Set<bigint>();
  /** Stakes that ended with a reward, and without one. */
  rewarded = 0;
  unrewarded = 0;
  /** Mints refused and stakes ended without reward in the very second of their maturity. */
  mintsAtMaturity = 0;
  stakesAtMaturity = 0;
  /** Calls made from inside the burn callback that succeeded, and that did not. */
  reentered = 0;
  reentryRefused = 0;
  calls = 0;
  successes = 0;

  /** Counts one call, made at `timestamp` in the state `before`. */
  add({ call, cause, events, reentered, state }: Outcome, before: State, timestamp: bigint): void {
    this.calls += 1;
    this.ways.set(nameOf({ fn: call.fn, cause }), (this.ways.get(nameOf({ fn: call.fn, cause })) ?? 0) + 1);
    const old = before.accounts[call.actor];
    if (isMintClaim(call) && old?.mint.maturityTs === timestamp) this.mintsAtMaturity += 1;
    if (call.fn === "withdraw" && old?.stake.maturityTs === timestamp) this.stakesAtMaturity += 1;
    if (cause !== SUCCESS) return;
    this.successes += 1;
    if (reentered === true) this.reentered += 1;
    if (reentered === false) this.reentryRefused += 1;
    const days = this.daysLate.get(call.fn);
    if (days !== undefined) {
      const maturity = before.accounts[call.actor]?.mint.maturityTs ?? 0n;
      const late = Math.min(Number((timestamp - maturity) / DAY), LAST_PENALTY_DAY);
      days[late] = (days[late] ?? 0) + 1;
    }
    for (const { name, args } of events) {
      if (name !== "Withdrawn") continue;
      if (args[2] === 0n) this.unrewarded += 1;
      else this.rewarded += 1;
    }
    const { mint, stake } = state.accounts[call.actor] ?? {};
    if (call.fn === "claimRank" && mint !== undefined) {
      this.amplifiers.add(mint.amplifier);
      this.eaaRates.add(mint.eaaRate);
      this.terms.add(mint.term);
    }
    if (stake !== undefined && (call.fn === "stake" || call.fn === "claimMintRewardAndStake")) this.apys.add(stake.apy);
  }

  /** How often a cell was reached. A day late counts four times: eight of them make one way. */
  reached({ fn, cause, daysLate, reached }: Cell): number {
    if (reached !== undefined) return reached(this);
    if (daysLate === undefined) return this.ways.get(nameOf({ fn, cause })) ?? 0;
    return (this.daysLate.get(fn)?.[daysLate] ?? 0) * 4;
  }

  /** The ways taken less often than `least` times, and ways that nobody has listed, as readable lines. */
  shortcomings(least: number): string[] {
    return [
      ...[...this.ways].filter(([, count]) => count < least).map(([name, count]) => `${name}: ${count} of ${least}`),
      ...[...this.ways.keys()].filter((name) => !WAYS.includes(name)).map((name) => `${name}: not in the table`),
    ];
  }
}

export interface TraceOptions {
  readonly blocks: number;
  /** The day of the token's life to reach; time jumps ahead where the calls alone are too slow. */
  readonly days: bigint;
  /** Whether mints may be claimed seven or more days late. */
  readonly withLastPenalty?: boolean;
}

/** The longest term in days as a peer without `getCurrentMaxTerm` would say it, near enough to plan calls. */
function plannedMaxTerm({ maxTerm, globalRank }: State): bigint {
  if (maxTerm > 0n) return maxTerm / DAY;
  if (globalRank <= LONG_TERM_THRESHOLD) return 100n;
  return 100n + BigInt(Math.floor(15 * Math.log2(Number(globalRank))));
}

/** The call that has been made least so far among those possible now, and not further ahead than `limit`. */
function nextPlan(
  scene: Scene,
  coverage: Coverage,
  tried: Map<Cell, number>,
  cells: readonly Cell[],
  limit = MaxUint256,
): Plan {
  // a cell whose plans keep ending otherwise must not starve the others
  const rank = (cell: Cell): number => coverage.reached(cell) + (tried.get(cell) ?? 0) / 4;
  const ordered = scene.random
    .shuffled(cells)
    .map((cell) => ({ cell, rank: rank(cell) }))
    .sort((a, b) => a.rank - b.rank);
  for (const { cell } of ordered) {
    const plan = cell.plan(scene);
    if (plan === undefined || plan.timestamp > limit) continue;
    tried.set(cell, (tried.get(cell) ?? 0) + 1);
    return plan;
  }
  throw new Error("no call can be planned in this state");
}

/**
 * Calls that share a block with the planned: such as open positions, so that there are enough to end, and such as have been made least.
 * @param due plans the call made least so far among those that do not wait for their time
 */
function companionsOf(scene: Scene, cells: readonly Cell[], due: () => Plan): Call[] {
  const { random, state } = scene;
  const companions: Call[] = [];
  const mostStake = indices(scene, hasStake).length * 2 > state.accounts.length;
  while (companions.length < 6 && !random.once(3n)) {
    const planner = random.pick([
      OPEN_MINT,
      OPEN_MINT,
      OPEN_MINT,
      mostStake ? END_STAKE : OPEN_STAKE,
      due,
      due,
      due,
      due,
      random.pick(MOVES).plan,
      random.pick(cells).plan,
    ]);
    companions.push(...(planner(scene)?.calls ?? []));
  }
  return companions;
}

/** What a reentrant redeemer calls from inside its callback: anything, for itself, and often the burn of more. */
function reentryOf(scene: Scene): Omit<Call, "actor"> {
  const { random } = scene;
  return random.pick([
    { fn: "burn", args: [anyAddress(scene), random.magnitude(1n, WHOLE)] },
    { fn: "burn", args: [anyAddress(scene), random.magnitude(1n, WHOLE)] },
    { fn: "transferFrom", args: [anyAddress(scene), anyAddress(scene), random.magnitude(1n, WHOLE)] },
    { fn: "transfer", args: [anyAddress(scene), 1n] },
    { fn: "claimRank", args: [mintTerm(scene)] },
    { fn: "stake", args: [1n, stakeTerm(scene)] },
    { fn: "withdraw", args: [] },
    ...(scene.withLastPenalty ? [{ fn: "claimMintRewardAndShare", args: [anyAddress(scene), percent(scene)] }] : []),
  ]);
}

/**
 * Plays random calls, mostly those that have been made least so far, so that every cell is reached, among others that nobody asked for.
 * @param coverage counts what was done; hand the same to several traces to count them together
 * @throws the first difference, with the block and its calls
 */
export async function playTrace(
  duel: RankDuel,
  random: Random,
  options: TraceOptions,
  coverage = new Coverage(),
): Promise<Coverage> {
  const withLastPenalty = options.withLastPenalty ?? true;
  const cells = CELLS.filter(({ daysLate }) => withLastPenalty || (daysLate ?? 0) < LAST_PENALTY_DAY);
  const timeless = cells.filter((cell) => !waitsForItsTime(cell));
  const tried = new Map<Cell, number>();
  // deployments take as long as they take: a full hour makes the same seed play the same trace
  const { genesisTs } = duel.state;
  const start = genesisTs + (((await duel.now()) - genesisTs) / HOUR + 1n) * HOUR;
  let now = start;

  for (let block = 0; block < options.blocks; block += 1) {
    const { state } = duel;
    const common = { state, random, actors: duel.actors, maxTermDays: plannedMaxTerm(state), withLastPenalty };
    if (block % REENTRY_CHANGE === 0) {
      now += 1n;
      await duel.setReentry(now, reentryOf({ ...common, now }));
    }
    const scene: Scene = { ...common, now };
    // the day wanted grows with the square of the blocks, so that early days, with their high amplifiers, get most of them
    const progress = (BigInt(block + 1) * 1_000n) / BigInt(options.blocks);
    const wanted = start + ((options.days * progress * progress) / 1_000_000n) * DAY;
    const ahead = now > wanted + 20n * DAY;
    const limit = ahead ? now + (random.once(8n) ? 20n : 1n) * DAY : wanted + 40n * DAY;

    const plan = nextPlan(scene, coverage, tried, cells, limit);
    const calls = [
      ...plan.calls,
      ...companionsOf(scene, cells, () => nextPlan(scene, coverage, tried, timeless)).filter(
        (call) => withLastPenalty || !isMintClaim(call),
      ),
    ];
    const movable = !calls.some((call) => isMintClaim(call) || call.fn === "withdraw");
    const jump = movable && wanted > plan.timestamp + 3n * DAY ? random.between(0n, wanted - plan.timestamp) : 0n;
    const timestamp = plan.timestamp + jump;
    try {
      let before = state;
      for (const outcome of await duel.run(timestamp, calls)) {
        coverage.add(outcome, before, timestamp);
        before = outcome.state;
      }
    } catch (cause) {
      const told = calls.map(({ actor, fn, args }) => `actor ${actor}: ${fn}(${args.join(", ")})`).join("\n  ");
      const when = `block ${block}, day ${(timestamp - state.genesisTs) / DAY}, rank ${state.globalRank}`;
      throw new Error(`${when}:\n  ${told}\n${(cause as Error).message}`, { cause });
    }
    now = timestamp;
  }
  return coverage;
}
