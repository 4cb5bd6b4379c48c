/**
 * Every formula of XRANK on exact integers. Sources: "Whats XEN Tokenomics?", and XEN Crypto's code where that page is silent.
 * Terms are in days, times in Unix seconds, percentages in whole percent, the EAA in tenths of a percent, tokens in base units of 1e-18
 * unless "whole tokens" is said.
 */

import { div, fromUInt, log2, mul, toUInt } from "./fixed-point.js";

/** Base units in a whole token. */
export const TOKEN = 10n ** 18n;

/** Seconds in a day. */
export const DAY = 86_400n;

/** Highest global rank that the contract's 40 bits hold; this one is never given. */
export const MAX_RANK = (1n << 40n) - 1n;

/** Most stakes that may be open at once: the contract counts them in 40 bits. */
export const MAX_STAKES = (1n << 40n) - 1n;

/** Most base units that may be staked at once: the contract counts them in 136 bits. */
export const MAX_STAKED = (1n << 136n) - 1n;

/** The longest stake, in days ("The maximum stake time is 1,000 days"). */
export const MAX_STAKE_TERM = 1_000n;

/** Full days from the deployment at `genesis` to `now`. */
function daysSince(genesis: bigint, now: bigint): bigint {
  if (now < genesis) throw new RangeError(`The time ${now} is before the deployment at ${genesis}.`);
  return (now - genesis) / DAY;
}

/** AMP: 3,000 on the first day, one less each full day, "until it reaches the plateau of 1". */
export function amplifier(genesis: bigint, now: bigint): bigint {
  const days = daysSince(genesis, now);
  return days < 2_999n ? 3_000n - days : 1n;
}

/** EAA in tenths of a percent: 100, one less at each full 100,000 of the global rank, not below zero. */
export function eaaRate(globalRank: bigint): bigint {
  const steps = globalRank / 100_000n;
  return steps < 100n ? 100n - steps : 0n;
}

/** APY in percent: 20, one less each full 90 days, "to arrive at 2%". */
export function apy(genesis: bigint, now: bigint): bigint {
  const steps = daysSince(genesis, now) / 90n;
  return steps < 18n ? 20n - steps : 2n;
}

/**
 * The longest mint term in days: 100 while the global rank is at most 5,000, then 100 + ⌊15 · log2(global rank)⌋. At most 1,000, by XEN's code:
 * ranks of 40 bits never get there.
 */
export function maxTerm(globalRank: bigint): bigint {
  if (globalRank <= 5_000n) return 100n;
  const extended = 100n + toUInt(mul(log2(fromUInt(globalRank)), fromUInt(15n)));
  return extended < 1_000n ? extended : 1_000n;
}

const PENALTIES = [0n, 1n, 3n, 8n, 17n, 35n, 72n] as const;

/** The percentage of a mint reward that is lost `daysLate` full days after maturity, as the source's table has it: 99 from the seventh day on. */
export function penaltyPct(daysLate: bigint): bigint {
  if (daysLate < 0n) throw new RangeError(`A mint cannot be ${daysLate} days late.`);
  return PENALTIES[Number(daysLate < 7n ? daysLate : 7n)] ?? 99n;
}

/**
 * The mint reward in whole tokens before the penalty: log2(`rankDelta`) × `amp` × `term` × `eaa` / 1,000 in 64.64 fixed point, rounded down at the end.
 * `eaa` is 1,000 plus the EAA in tenths of a percent. Throws a `FixedPointError` where the contract reverts.
 */
export function grossReward(rankDelta: bigint, amp: bigint, term: bigint, eaa: bigint): bigint {
  const product = mul(mul(mul(log2(fromUInt(rankDelta)), fromUInt(amp)), fromUInt(term)), fromUInt(eaa));
  return toUInt(div(product, fromUInt(1_000n)));
}

/** What was fixed when a rank was claimed. */
export interface Mint {
  readonly rank: bigint;
  /** days */
  readonly term: bigint;
  /** Unix seconds; the mint can be ended after it */
  readonly maturityTs: bigint;
  readonly amplifier: bigint;
  /** tenths of a percent */
  readonly eaaRate: bigint;
}

/**
 * The reward, in base units, of a mature `mint` that is ended at `now` with the global rank at `globalRank`. The rank delta is at least 2; the penalty
 * is taken off in whole tokens and what is left is rounded down.
 */
export function mintReward(mint: Mint, globalRank: bigint, now: bigint): bigint {
  const passed = globalRank - mint.rank;
  const gross = grossReward(passed > 2n ? passed : 2n, mint.amplifier, mint.term, 1_000n + mint.eaaRate);
  const penalty = penaltyPct((now - mint.maturityTs) / DAY);
  return ((gross * (100n - penalty)) / 100n) * TOKEN;
}

/** What was fixed when a stake was begun. */
export interface Stake {
  /** base units */
  readonly amount: bigint;
  /** days */
  readonly term: bigint;
  /** Unix seconds; the yield is paid after it */
  readonly maturityTs: bigint;
  /** percent a year */
  readonly apy: bigint;
}

/**
 * The yield of `stake`, in base units, when it is ended at `now`: amount × APY × term / (100 × 365), nothing until maturity has passed. The rate is
 * rounded down to a millionth of a percent before it is applied, the product is rounded down again, as XEN's code does.
 */
export function stakeReward(stake: Stake, now: bigint): bigint {
  if (now <= stake.maturityTs) return 0n;
  const rate = (stake.apy * stake.term * 1_000_000n) / 365n;
  return (stake.amount * rate) / 100_000_000n;
}
