/**
 * Reference model of `VotingXME`: X.me Dual-Token Economic Model Whitepaper, section 4.1, "Community members can obtain vXME (voting power) by
 * staking XME" and "holders can receive XMEX rewards (staking rewards)". Amounts in wei, times in seconds.
 *
 * It keeps every change of stake and delegate and counts votes anew for each answer, where the contract keeps checkpoints; dividends build on
 * `StreamModel`.
 */
import { StreamModel, streamEarned } from "../common/streams.js";

/** Seconds over which the XMEX of one month streams in the next. Choice: 30 days, counted from the Unix epoch. */
export const DIVIDEND_MONTH = 30n * 86_400n;

/** Seconds from asking XME back to taking it. Choice: as long as a vote of the governor is open. */
export const UNSTAKE_DELAY = 7n * 86_400n;

/** The least vXME, in wei, by which XMEX is divided. Choice: a millionth of all XME. */
export const MIN_UNITS = 1_000n * 10n ** 18n;

/** XMEX on its way to holders. */
export interface Distribution {
  /** Wei that stream until the month ends. */
  active: bigint;
  /** Wei that stream in the month after it, before what the vault would give. */
  next: bigint;
  /** Wei a second, rounded down. */
  perSecond: bigint;
  /** Seconds, when this month ends. */
  endsAt: bigint;
}

interface Account {
  staked: bigint;
  pending: bigint;
  availableAt: bigint;
  owed: bigint;
  settledAt: bigint;
  delegate: string | undefined;
}

interface Change {
  at: bigint;
  account: string;
  staked: bigint;
  delegate: string | undefined;
}

/** Everything that ever happened to a `VotingXME`, and what follows from it. Times never run back. */
export class VotingModel {
  readonly #stream = new StreamModel(DIVIDEND_MONTH, MIN_UNITS);
  readonly #accounts = new Map<string, Account>();
  readonly #changes: Change[] = [];
  readonly #draw: (at: bigint) => bigint;
  #xmeHeld = 0n;
  #xmexHeld = 0n;

  /**
   * @param createdAt seconds
   * @param draw what the emission vault gives at a time: wei of XMEX, which it counts as drawn; nothing where it is left out
   */
  constructor(createdAt: bigint, draw: (at: bigint) => bigint = () => 0n) {
    this.#stream.last = createdAt;
    this.#draw = draw;
  }

  /** @throws RangeError for nothing */
  stake(account: string, amount: bigint, at: bigint): void {
    requireUpTo(amount, amount);
    this.#settle(account, at);
    this.#give(account, amount, at);
    this.#xmeHeld += amount;
  }

  /** @throws RangeError for nothing, or for more than is staked */
  requestUnstake(account: string, amount: bigint, at: bigint): void {
    requireUpTo(amount, this.staked(account));
    const holder = this.#settle(account, at);
    holder.staked -= amount;
    holder.pending += amount;
    holder.availableAt = at + UNSTAKE_DELAY;
    this.#note(account, holder, at);
  }

  /** @throws RangeError for nothing, or for more than is pending */
  restake(account: string, amount: bigint, at: bigint): void {
    requireUpTo(amount, this.pending(account));
    const holder = this.#settle(account, at);
    holder.pending -= amount;
    if (holder.pending === 0n) holder.availableAt = 0n;
    this.#give(account, amount, at);
  }

  /**
   * @returns the wei of XME taken
   * @throws RangeError where nothing can be taken yet
   */
  withdraw(account: string, at: bigint): bigint {
    const amount = this.withdrawable(account, at);
    requireUpTo(amount, amount);
    const holder = this.#account(account);
    holder.pending = 0n;
    holder.availableAt = 0n;
    this.#xmeHeld -= amount;
    return amount;
  }

  /**
   * @returns the wei of XMEX taken
   * @throws RangeError where nothing is earned
   */
  claim(account: string, at: bigint): bigint {
    const amount = this.earned(account, at);
    requireUpTo(amount, amount);
    this.#settle(account, at).owed = 0n;
    this.#xmexHeld -= amount;
    return amount;
  }

  /** Lets `amount` wei of XMEX arrive. */
  addIncome(amount: bigint, at: bigint): void {
    this.advance(at);
    this.#stream.add(amount);
    this.#xmexHeld += amount;
  }

  /** Streams up to `at` and, where a month has begun since the last call, draws from the vault for the month after. */
  advance(at: bigint): void {
    const begun = at / DIVIDEND_MONTH !== this.#stream.last / DIVIDEND_MONTH;
    this.#stream.advance(at, this.supply());
    if (!begun) return;
    const drawn = this.#draw(at);
    this.#stream.add(drawn);
    this.#xmexHeld += drawn;
  }

  /** Lets `delegatee` vote with what `account` has staked; nobody where it is left out. */
  delegate(account: string, delegatee: string | undefined, at: bigint): void {
    const holder = this.#account(account);
    holder.delegate = delegatee;
    this.#note(account, holder, at);
  }

  /** Wei of vXME that `account` holds. */
  staked(account: string): bigint {
    return this.#accounts.get(account)?.staked ?? 0n;
  }

  /** Wei of XME that `account` waits for, or could take. */
  pending(account: string): bigint {
    return this.#accounts.get(account)?.pending ?? 0n;
  }

  /** Seconds, from which `account` can take what is pending; zero where nothing is. */
  availableAt(account: string): bigint {
    return this.#accounts.get(account)?.availableAt ?? 0n;
  }

  /** Wei of XME that `account` can take at `at`. */
  withdrawable(account: string, at: bigint): bigint {
    return at < this.availableAt(account) ? 0n : this.pending(account);
  }

  /** Who votes with what `account` has staked. */
  delegateOf(account: string): string | undefined {
    return this.#accounts.get(account)?.delegate;
  }

  /** Wei of XMEX that `account` has earned by `at` and not claimed. */
  earned(account: string, at: bigint): bigint {
    const holder = this.#accounts.get(account);
    if (!holder) return 0n;
    const { accumulator } = this.#stream.at(at, this.supply());
    return holder.owed + streamEarned(holder.staked, accumulator - holder.settledAt);
  }

  /** What streams at `at` and after it. */
  distribution(at: bigint): Distribution {
    const { active, next } = this.#stream.at(at, this.supply());
    const endsAt = at - (at % DIVIDEND_MONTH) + DIVIDEND_MONTH;
    return { active, next, perSecond: active / (endsAt - at), endsAt };
  }

  /** Wei of vXME of all. */
  supply(): bigint {
    return [...this.#accounts.values()].reduce((sum, { staked }) => sum + staked, 0n);
  }

  /** Wei of vXME that vote by `delegatee` after all that happened up to and in the second `at`. */
  votes(delegatee: string, at: bigint): bigint {
    return this.#sumOf(this.#standing(at).filter(({ delegate }) => delegate === delegatee));
  }

  /** Wei of vXME of all after all that happened up to and in the second `at`. */
  supplyAt(at: bigint): bigint {
    return this.#sumOf(this.#standing(at));
  }

  /** Wei of XME that came in and has not gone out. */
  xmeHeld(): bigint {
    return this.#xmeHeld;
  }

  /** Wei of XMEX that came in and has not gone out. */
  xmexHeld(): bigint {
    return this.#xmexHeld;
  }

  /** A first stake gives an account without a delegate itself. */
  #give(account: string, amount: bigint, at: bigint): void {
    const holder = this.#account(account);
    if (holder.staked === 0n) holder.delegate ??= account;
    holder.staked += amount;
    this.#note(account, holder, at);
  }

  #settle(account: string, at: bigint): Account {
    const owed = this.earned(account, at);
    this.advance(at);
    const holder = this.#account(account);
    holder.owed = owed;
    holder.settledAt = this.#stream.accumulator;
    return holder;
  }

  #account(account: string): Account {
    const known = this.#accounts.get(account);
    if (known) return known;
    const { accumulator: settledAt } = this.#stream;
    const fresh = { staked: 0n, pending: 0n, availableAt: 0n, owed: 0n, settledAt, delegate: undefined };
    this.#accounts.set(account, fresh);
    return fresh;
  }

  #note(account: string, { staked, delegate }: Account, at: bigint): void {
    this.#changes.push({ at, account, staked, delegate });
  }

  /** The last change of each account up to `at`. */
  #standing(at: bigint): Change[] {
    const last = new Map(this.#changes.filter((one) => one.at <= at).map((one) => [one.account, one]));
    return [...last.values()];
  }

  #sumOf(changes: readonly Change[]): bigint {
    return changes.reduce((sum, { staked }) => sum + staked, 0n);
  }
}

function requireUpTo(amount: bigint, maximum: bigint): void {
  if (amount <= 0n || amount > maximum) throw new RangeError(`${amount} wei must be above zero and at most ${maximum}`);
}
