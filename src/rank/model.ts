/** XRANK as a state machine on exact integers: the contract's oracle in the tests, and a simulator for anybody's what-if. */

import {
  amplifier,
  apy,
  DAY,
  eaaRate,
  MAX_RANK,
  MAX_STAKE_TERM,
  MAX_STAKED,
  MAX_STAKES,
  maxTerm,
  mintReward,
  stakeReward,
  type Mint,
  type Stake,
} from "./formulas.js";

export type Address = `0x${string}`;

export const ZERO_ADDRESS: Address = "0x0000000000000000000000000000000000000000";

const MAX_UINT256 = (1n << 256n) - 1n;

/** An event of the contract, with its arguments in their order. */
export type RankEvent =
  | { readonly name: "Transfer"; readonly args: readonly [from: Address, to: Address, value: bigint] }
  | { readonly name: "Approval"; readonly args: readonly [owner: Address, spender: Address, value: bigint] }
  | { readonly name: "RankClaimed"; readonly args: readonly [user: Address, term: bigint, rank: bigint] }
  | { readonly name: "MintClaimed"; readonly args: readonly [user: Address, rewardAmount: bigint] }
  | { readonly name: "Staked"; readonly args: readonly [user: Address, amount: bigint, term: bigint] }
  | { readonly name: "Withdrawn"; readonly args: readonly [user: Address, amount: bigint, reward: bigint] };

/** A call that the contract refuses: `error` is its custom error (or `Panic`), `values` that error's arguments. */
export class RankRefusal extends Error {
  override readonly name = "RankRefusal";

  constructor(
    readonly error: string,
    readonly values: readonly (bigint | Address)[],
  ) {
    super(`${error}(${values.join(", ")})`);
  }
}

/** A proof-of-burn contract as `burn` sees it. */
export interface Redeemer {
  readonly address: Address;
  /** what it answers to `supportsInterface` for `IBurnRedeemable` */
  readonly supported: boolean;
  /** its callback; it may call the model again, and what it throws undoes the burn */
  readonly onTokenBurned?: (user: Address, amount: bigint) => readonly RankEvent[];
}

interface State {
  globalRank: bigint;
  activeMinters: bigint;
  activeStakes: bigint;
  totalXenStaked: bigint;
  totalSupply: bigint;
  readonly balances: Map<string, bigint>;
  /** owner → spender → base units */
  readonly allowances: Map<string, Map<string, bigint>>;
  readonly mints: Map<string, Mint>;
  readonly stakes: Map<string, Stake>;
  readonly burns: Map<string, bigint>;
}

const key = (account: Address): string => account.toLowerCase();

/**
 * The whole contract. Each method is one call by `sender` at the block time `now`: it returns the events in their order, or throws a `RankRefusal` and
 * changes nothing. `permit` is `approve` by the owner, once the signature holds. Calls must come in the order of time.
 */
export class RankModel {
  #state: State;

  /**
   * @param genesis the deployment's block time, in Unix seconds
   * @param firstRank the first rank given; 1 in the contract, later in some tests
   */
  constructor(
    readonly genesis: bigint,
    firstRank = 1n,
  ) {
    this.#state = {
      globalRank: firstRank,
      activeMinters: 0n,
      activeStakes: 0n,
      totalXenStaked: 0n,
      totalSupply: 0n,
      balances: new Map(),
      allowances: new Map(),
      mints: new Map(),
      stakes: new Map(),
      burns: new Map(),
    };
  }

  /** The next rank to be given. */
  get globalRank(): bigint {
    return this.#state.globalRank;
  }

  /** Open mints. */
  get activeMinters(): bigint {
    return this.#state.activeMinters;
  }

  /** Open stakes. */
  get activeStakes(): bigint {
    return this.#state.activeStakes;
  }

  /** Sum of all open stakes, in base units. */
  get totalXenStaked(): bigint {
    return this.#state.totalXenStaked;
  }

  /** All tokens there are, in base units; staked ones are burned and do not count. */
  get totalSupply(): bigint {
    return this.#state.totalSupply;
  }

  balanceOf(account: Address): bigint {
    return this.#state.balances.get(key(account)) ?? 0n;
  }

  allowance(owner: Address, spender: Address): bigint {
    return this.#state.allowances.get(key(owner))?.get(key(spender)) ?? 0n;
  }

  /** The open mint of `account`, if any. */
  mintOf(account: Address): Mint | undefined {
    return this.#state.mints.get(key(account));
  }

  /** The open stake of `account`, if any. */
  stakeOf(account: Address): Stake | undefined {
    return this.#state.stakes.get(key(account));
  }

  /** What `account` has burned through proof-of-burn contracts, in base units. */
  burnsOf(account: Address): bigint {
    return this.#state.burns.get(key(account)) ?? 0n;
  }

  claimRank(sender: Address, term: bigint, now: bigint): RankEvent[] {
    const state = this.#state;
    const rank = state.globalRank;
    if (term < 1n) throw new RankRefusal("XRank_TermBelowMinimum", [term, 1n]);
    const maximum = maxTerm(rank);
    if (term > maximum) throw new RankRefusal("XRank_TermAboveMaximum", [term, maximum]);
    const open = this.mintOf(sender);
    if (open) throw new RankRefusal("XRank_MintInProgress", [sender, open.rank, open.maturityTs]);
    if (rank === MAX_RANK) throw new RankRefusal("Counters_RanksExhausted", [MAX_RANK]);

    state.mints.set(key(sender), {
      rank,
      term,
      maturityTs: now + term * DAY,
      amplifier: amplifier(this.genesis, now),
      eaaRate: eaaRate(rank),
    });
    state.globalRank += 1n;
    state.activeMinters += 1n;
    return [{ name: "RankClaimed", args: [sender, term, rank] }];
  }

  claimMintReward(sender: Address, now: bigint): RankEvent[] {
    const reward = this.previewMintReward(sender, now);
    this.#endMint(sender);
    return [this.#mint(sender, reward), { name: "MintClaimed", args: [sender, reward] }];
  }

  claimMintRewardAndShare(sender: Address, other: Address, pct: bigint, now: bigint): RankEvent[] {
    if (key(other) === ZERO_ADDRESS) throw new RankRefusal("XRank_ShareWithZeroAddress", []);
    if (pct === 0n) throw new RankRefusal("XRank_ShareOfZeroPercent", []);
    if (pct > 100n) throw new RankRefusal("XRank_ShareAbove100Percent", [pct]);
    const reward = this.previewMintReward(sender, now);
    const shared = (reward * pct) / 100n;
    this.#endMint(sender);
    return [
      this.#mint(sender, reward - shared),
      this.#mint(other, shared),
      { name: "MintClaimed", args: [sender, reward] },
    ];
  }

  claimMintRewardAndStake(sender: Address, pct: bigint, term: bigint, now: bigint): RankEvent[] {
    if (pct > 100n) throw new RankRefusal("XRank_StakeAbove100Percent", [pct]);
    const reward = this.previewMintReward(sender, now);
    const staked = (reward * pct) / 100n;
    this.#requireStakeable(sender, staked, term);
    this.#endMint(sender);
    return [
      this.#mint(sender, reward - staked),
      { name: "MintClaimed", args: [sender, reward] },
      this.#openStake(sender, staked, term, now),
    ];
  }

  stake(sender: Address, amount: bigint, term: bigint, now: bigint): RankEvent[] {
    this.#requireBalance(sender, amount);
    this.#requireStakeable(sender, amount, term);
    return [this.#burn(sender, amount), this.#openStake(sender, amount, term, now)];
  }

  withdraw(sender: Address, now: bigint): RankEvent[] {
    const reward = this.previewStakeReward(sender, now);
    const state = this.#state;
    const amount = this.stakeOf(sender)?.amount ?? 0n;
    state.stakes.delete(key(sender));
    state.activeStakes -= 1n;
    state.totalXenStaked -= amount;
    return [this.#mint(sender, amount + reward), { name: "Withdrawn", args: [sender, amount, reward] }];
  }

  /** `redeemer` burns `amount` of `user`'s tokens. A callback that throws undoes everything it did, too. */
  burn(redeemer: Redeemer, user: Address, amount: bigint): RankEvent[] {
    if (amount === 0n) throw new RankRefusal("XRank_BurnNotAboveMinimum", [amount, 0n]);
    if (!redeemer.supported) throw new RankRefusal("XRank_CallerNotBurnRedeemable", [redeemer.address]);
    const before = this.#copy();
    try {
      const events = this.#spendAllowance(user, redeemer.address, amount);
      events.push(this.#burn(user, amount));
      this.#state.burns.set(key(user), this.burnsOf(user) + amount);
      events.push(...(redeemer.onTokenBurned?.(user, amount) ?? []));
      return events;
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  transfer(sender: Address, to: Address, amount: bigint): RankEvent[] {
    if (key(to) === ZERO_ADDRESS) throw new RankRefusal("ERC20InvalidReceiver", [ZERO_ADDRESS]);
    this.#requireBalance(sender, amount);
    this.#add(sender, -amount);
    this.#add(to, amount);
    return [{ name: "Transfer", args: [sender, to, amount] }];
  }

  transferFrom(sender: Address, from: Address, to: Address, amount: bigint): RankEvent[] {
    const before = this.#copy();
    try {
      return [...this.#spendAllowance(from, sender, amount), ...this.transfer(from, to, amount)];
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  approve(sender: Address, spender: Address, amount: bigint): RankEvent[] {
    if (key(sender) === ZERO_ADDRESS) throw new RankRefusal("ERC20InvalidApprover", [ZERO_ADDRESS]);
    if (key(spender) === ZERO_ADDRESS) throw new RankRefusal("ERC20InvalidSpender", [ZERO_ADDRESS]);
    const { allowances } = this.#state;
    const given = allowances.get(key(sender)) ?? new Map<string, bigint>();
    allowances.set(key(sender), given.set(key(spender), amount));
    return [{ name: "Approval", args: [sender, spender, amount] }];
  }

  increaseAllowance(sender: Address, spender: Address, addedValue: bigint): RankEvent[] {
    const sum = this.allowance(sender, spender) + addedValue;
    if (sum > MAX_UINT256) throw new RankRefusal("Panic", [0x11n]);
    return this.approve(sender, spender, sum);
  }

  decreaseAllowance(sender: Address, spender: Address, subtractedValue: bigint): RankEvent[] {
    const current = this.allowance(sender, spender);
    if (current < subtractedValue) {
      throw new RankRefusal("XRank_AllowanceBelowDecrease", [spender, current, subtractedValue]);
    }
    return this.approve(sender, spender, current - subtractedValue);
  }

  /** What `claimMintReward` would give `account` at `now`, in base units. */
  previewMintReward(account: Address, now: bigint): bigint {
    const mint = this.mintOf(account);
    if (!mint) throw new RankRefusal("XRank_NoMint", [account]);
    if (now <= mint.maturityTs) throw new RankRefusal("XRank_MintNotMature", [mint.maturityTs, now]);
    return mintReward(mint, this.#state.globalRank, now);
  }

  /** The yield that `withdraw` would give `account` at `now` beside the staked amount, in base units. */
  previewStakeReward(account: Address, now: bigint): bigint {
    const stake = this.stakeOf(account);
    if (!stake) throw new RankRefusal("XRank_NoStake", [account]);
    return stakeReward(stake, now);
  }

  #endMint(account: Address): void {
    this.#state.mints.delete(key(account));
    this.#state.activeMinters -= 1n;
  }

  #requireStakeable(account: Address, amount: bigint, term: bigint): void {
    const { activeStakes, totalXenStaked } = this.#state;
    if (amount === 0n) throw new RankRefusal("XRank_StakeNotAboveMinimum", [amount, 0n]);
    if (term < 1n) throw new RankRefusal("XRank_StakeTermBelowMinimum", [term, 1n]);
    if (term > MAX_STAKE_TERM) throw new RankRefusal("XRank_StakeTermAboveMaximum", [term, MAX_STAKE_TERM]);
    const open = this.stakeOf(account);
    if (open) throw new RankRefusal("XRank_StakeExists", [account, open.amount, open.maturityTs]);
    if (amount > MAX_STAKED - totalXenStaked) {
      throw new RankRefusal("Counters_StakedAboveMaximum", [totalXenStaked, amount, MAX_STAKED]);
    }
    if (activeStakes === MAX_STAKES) throw new RankRefusal("Counters_StakesExhausted", [MAX_STAKES]);
  }

  #openStake(account: Address, amount: bigint, term: bigint, now: bigint): RankEvent {
    const state = this.#state;
    state.stakes.set(key(account), { amount, term, maturityTs: now + term * DAY, apy: apy(this.genesis, now) });
    state.activeStakes += 1n;
    state.totalXenStaked += amount;
    return { name: "Staked", args: [account, amount, term] };
  }

  #requireBalance(account: Address, amount: bigint): void {
    const balance = this.balanceOf(account);
    if (balance < amount) throw new RankRefusal("ERC20InsufficientBalance", [account, balance, amount]);
  }

  #spendAllowance(owner: Address, spender: Address, amount: bigint): RankEvent[] {
    const current = this.allowance(owner, spender);
    if (current === MAX_UINT256) return [];
    if (current < amount) throw new RankRefusal("ERC20InsufficientAllowance", [spender, current, amount]);
    return this.approve(owner, spender, current - amount);
  }

  #mint(account: Address, amount: bigint): RankEvent {
    this.#add(account, amount);
    this.#state.totalSupply += amount;
    return { name: "Transfer", args: [ZERO_ADDRESS, account, amount] };
  }

  #burn(account: Address, amount: bigint): RankEvent {
    this.#requireBalance(account, amount);
    this.#add(account, -amount);
    this.#state.totalSupply -= amount;
    return { name: "Transfer", args: [account, ZERO_ADDRESS, amount] };
  }

  #add(account: Address, amount: bigint): void {
    this.#state.balances.set(key(account), this.balanceOf(account) + amount);
  }

  #copy(): State {
    return structuredClone(this.#state);
  }
}
