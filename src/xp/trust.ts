/**
 * Reference model of `Reputation`: XP Flywheel, "Trust Score Calculation" and "Locking XP for Reputation". Amounts in wei of XP, times in
 * seconds, trust in WAD. It keeps every movement it ever saw and adds them up again for each answer, where the contract keeps only sums.
 */

import { log2 } from "../rank/fixed-point.js";

/** One whole XP, in wei, and one point of trust. */
const WAD = 10n ** 18n;

/** Seconds from asking XP back to taking it. Source, "Dual Use of XP": "7-day waiting period". */
export const UNLOCK_DELAY = 7n * 86_400n;

/** Most trust, in WAD, from success. Source: "agent.success_rate * 50 # Max 50". */
export const MAX_SUCCESS_WAD = 50n * WAD;

/** Most trust, in WAD, from locked XP. Source: "min(30, log10(xp_locked) * 10) # Max 30". */
export const MAX_BONUS_WAD = 30n * WAD;

/** Most trust, in WAD, from age. Source: "min(20, age_days / 18.25) # Max 20". */
export const MAX_AGE_WAD = 20n * WAD;

/** 10 × log10(2) with 36 decimals, rounded down. */
const TEN_LOG10_OF_TWO = 3_010299956639811952_137388947244930267n;

/** The three parts of a trust score, in WAD. */
export interface TrustParts {
  readonly success: bigint;
  readonly bonus: bigint;
  readonly age: bigint;
}

/** What a trust score is made from. */
export interface TrustInputs {
  /** Lifetime volume of accepted jobs, in any unit. */
  readonly accepted: bigint;
  /** Lifetime volume of accepted and failed jobs, in the same unit. */
  readonly settled: bigint;
  /** Wei of XP. */
  readonly xpLocked: bigint;
  /** Seconds since registration. */
  readonly age: bigint;
}

/**
 * 50 × success rate by volume.
 *
 * @returns WAD, rounded down; 0 where nothing was settled
 */
export function successPart(accepted: bigint, settled: bigint): bigint {
  if (accepted < 0n || accepted > settled) throw new RangeError(`${accepted} accepted of ${settled} settled`);
  return settled === 0n ? 0n : (MAX_SUCCESS_WAD * accepted) / settled;
}

/**
 * min(30, 10 × log10(locked XP)), 0 below one XP, bit for bit as the contract computes it: the digits before the point of the logarithm are
 * counted, so that powers of ten are exact, and those behind it come from the 64.64 binary logarithm of what is left.
 *
 * @param xpLocked wei of XP
 * @returns WAD, rounded down
 */
export function lockBonus(xpLocked: bigint): bigint {
  if (xpLocked < WAD) return 0n;
  const tens = BigInt((xpLocked / WAD).toString().length - 1);
  if (tens >= 3n) return MAX_BONUS_WAD;
  const rest = (xpLocked << 64n) / (WAD * 10n ** tens);
  return tens * 10n * WAD + ((log2(rest) * TEN_LOG10_OF_TWO) >> 64n) / WAD;
}

/**
 * The real number behind `lockBonus`, rounded down once: the decimals of the logarithm one after the other, each by raising what is left to the
 * tenth power, with eighty digits to spare.
 *
 * @param xpLocked wei of XP
 * @returns WAD, the largest not above 10 × log10(locked XP)
 */
export function realLockBonus(xpLocked: bigint): bigint {
  if (xpLocked < WAD) return 0n;
  if (xpLocked >= 1_000n * WAD) return MAX_BONUS_WAD;
  const one = 10n ** 100n;
  let rest = xpLocked * (one / WAD);
  let digits = 0n;
  for (let decimals = 0; decimals < 20; decimals++) {
    let digit = 0n;
    for (; rest >= 10n * one; rest /= 10n) digit++;
    digits = digits * 10n + digit;
    rest = rest ** 10n / one ** 9n;
  }
  return digits;
}

/**
 * min(20, days / 18.25).
 *
 * @param age seconds since registration
 * @returns WAD, rounded down
 */
export function ageBonus(age: bigint): bigint {
  const year = 365n * 86_400n;
  return age >= year ? MAX_AGE_WAD : (MAX_AGE_WAD * age) / year;
}

/** The three parts of an agent's trust. */
export function trustParts({ accepted, settled, xpLocked, age }: TrustInputs): TrustParts {
  return { success: successPart(accepted, settled), bonus: lockBonus(xpLocked), age: ageBonus(age) };
}

/**
 * "return base_score + xp_bonus + time_bonus # Max 100".
 *
 * @returns WAD, 0 to 100e18
 */
export function trustScore(inputs: TrustInputs): bigint {
  const { success, bonus, age } = trustParts(inputs);
  return success + bonus + age;
}

interface Movement {
  readonly kind: "lock" | "unlock" | "relock" | "withdraw";
  readonly agentId: bigint;
  readonly backer: string;
  readonly amount: bigint;
  readonly at: bigint;
}

/** Every movement of XP to and from agents, and what follows from them. */
export class ReputationModel {
  readonly #movements: Movement[] = [];

  /** Wei of XP that `backer` has locked to `agentId`. */
  locked(agentId: bigint, backer: string): bigint {
    return this.#sum(agentId, backer, { lock: 1n, unlock: -1n, relock: 1n, withdraw: 0n });
  }

  /** Wei of XP that `backer` waits for, or could take, at `agentId`. */
  pending(agentId: bigint, backer: string): bigint {
    return this.#sum(agentId, backer, { lock: 0n, unlock: 1n, relock: -1n, withdraw: -1n });
  }

  /** Seconds: the time from which `backer` can take what is pending at `agentId`; 0 where nothing is. */
  availableAt(agentId: bigint, backer: string): bigint {
    if (this.pending(agentId, backer) === 0n) return 0n;
    const last = this.#of(agentId, backer).findLast(({ kind }) => kind === "unlock");
    return last ? last.at + UNLOCK_DELAY : 0n;
  }

  /** Wei of XP that `backer` can take from `agentId` at `at`. */
  withdrawable(agentId: bigint, backer: string, at: bigint): bigint {
    return at >= this.availableAt(agentId, backer) ? this.pending(agentId, backer) : 0n;
  }

  /** Wei of XP locked to `agentId` by all. */
  lockedTo(agentId: bigint): bigint {
    const backers = new Set(this.#movements.filter((one) => one.agentId === agentId).map(({ backer }) => backer));
    return [...backers].reduce((sum, backer) => sum + this.locked(agentId, backer), 0n);
  }

  /** Wei of XP that came in and has not gone out. */
  balance(): bigint {
    return this.#movements.reduce((sum, { kind, amount }) => {
      if (kind === "lock") return sum + amount;
      return kind === "withdraw" ? sum - amount : sum;
    }, 0n);
  }

  /** @throws RangeError for nothing */
  lock(agentId: bigint, backer: string, amount: bigint, at: bigint): void {
    this.#add({ kind: "lock", agentId, backer, amount, at }, amount);
  }

  /** @throws RangeError for nothing, or for more than is locked */
  unlock(agentId: bigint, backer: string, amount: bigint, at: bigint): void {
    this.#add({ kind: "unlock", agentId, backer, amount, at }, this.locked(agentId, backer));
  }

  /** @throws RangeError for nothing, or for more than is pending */
  relock(agentId: bigint, backer: string, amount: bigint, at: bigint): void {
    this.#add({ kind: "relock", agentId, backer, amount, at }, this.pending(agentId, backer));
  }

  /**
   * @returns the wei of XP taken
   * @throws RangeError where nothing can be taken yet
   */
  withdraw(agentId: bigint, backer: string, at: bigint): bigint {
    const amount = this.withdrawable(agentId, backer, at);
    this.#add({ kind: "withdraw", agentId, backer, amount, at }, amount);
    return amount;
  }

  #add(movement: Movement, maximum: bigint): void {
    const { kind, amount } = movement;
    if (amount <= 0n || amount > maximum) throw new RangeError(`cannot ${kind} ${amount} wei of ${maximum}`);
    this.#movements.push(movement);
  }

  #of(agentId: bigint, backer: string): Movement[] {
    return this.#movements.filter((one) => one.agentId === agentId && one.backer === backer);
  }

  #sum(agentId: bigint, backer: string, signs: Readonly<Record<Movement["kind"], bigint>>): bigint {
    return this.#of(agentId, backer).reduce((sum, { kind, amount }) => sum + signs[kind] * amount, 0n);
  }
}
