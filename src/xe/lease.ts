/**
 * What a lease of compute costs. Source, "Cost formula", in whole XUSD; "min 1" where nothing would be due.
 */

/** What a consumer asks for. */
export interface LeaseTerms {
  readonly vCpus: bigint;
  readonly memoryMB: bigint;
  readonly diskGB: bigint;
  /** In seconds. */
  readonly duration: bigint;
}

/** Prices in thousandths of one XUSD per hour. */
export interface LeaseRates {
  readonly perVCpu: bigint;
  readonly perMemoryGB: bigint;
  readonly perDiskGB: bigint;
}

/** Source, table "Cost formula": "dummy values for development". */
export const DEFAULT_RATES: LeaseRates = { perVCpu: 20n, perMemoryGB: 10n, perDiskGB: 1n };

/** Wei of one XUSD or XE. */
export const UNIT = 10n ** 18n;

/** The most of one lease. Choice: more than a machine has; a term of an hour to a year. */
export const LEASE_LIMITS = {
  vCpus: 4_096n,
  memoryMB: 64n * 1_024n * 1_024n,
  diskGB: 4n * 1_024n * 1_024n,
  minDuration: 3_600n,
  maxDuration: 365n * 86_400n,
} as const;

/** The highest rate, in thousandths of one XUSD per hour. Choice: 1,000 XUSD. */
export const MAX_RATE = 1_000_000n;

/** Seconds that the arbiter has for an objection. Choice: seven days. */
export const RULING_PERIOD = 7n * 86_400n;

const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
const atLeastOne = (units: bigint): bigint => (units > 1n ? units : 1n);

/**
 * Source: perHourMilli = vCPUs × 20 + ceil(memoryMB / 1024) × 10 + diskGB × 1; hours = ceil(duration / 3600); cost = ceil(perHourMilli × hours /
 * 1000), minimum 1.
 *
 * @returns whole XUSD; of any terms, also of those that no lease can have
 */
export function costOf({ vCpus, memoryMB, diskGB, duration }: LeaseTerms, rates: LeaseRates = DEFAULT_RATES): bigint {
  const perHourMilli = vCpus * rates.perVCpu + ceilDiv(memoryMB, 1_024n) * rates.perMemoryGB + diskGB * rates.perDiskGB;
  return atLeastOne(ceilDiv(perHourMilli * ceilDiv(duration, 3_600n), 1_000n));
}

/**
 * Source: "The provider's stake is cost / 5 (min 1)", rounded down.
 *
 * @param cost in whole XUSD
 * @returns whole XUSD; a bond is as high
 */
export function stakeOf(cost: bigint): bigint {
  return atLeastOne(cost / 5n);
}

/** @returns the first limit that terms exceed, as the contract's error without `DualAssetLedger_` and its values */
export function termsRefusal({
  vCpus,
  memoryMB,
  diskGB,
  duration,
}: LeaseTerms): readonly [error: string, values: readonly bigint[]] | undefined {
  const { minDuration, maxDuration } = LEASE_LIMITS;
  if (vCpus > LEASE_LIMITS.vCpus) return ["TooManyVCpus", [vCpus, LEASE_LIMITS.vCpus]];
  if (memoryMB > LEASE_LIMITS.memoryMB) return ["TooMuchMemory", [memoryMB, LEASE_LIMITS.memoryMB]];
  if (diskGB > LEASE_LIMITS.diskGB) return ["TooMuchDisk", [diskGB, LEASE_LIMITS.diskGB]];
  if (vCpus + memoryMB + diskGB === 0n) return ["NothingLeased", []];
  if (duration < minDuration || duration > maxDuration) {
    return ["DurationOutOfRange", [duration, minDuration, maxDuration]];
  }
  return undefined;
}
