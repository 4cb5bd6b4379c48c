/**
 * Two reference models of `Streams`, income that streams evenly, bucket after bucket, to whoever holds units at each second.
 *
 * `StreamModel` is the contract to the wei: it walks from boundary to boundary, where the contract knows that two segments are enough. Models
 * of contracts that use the library build on it. `StreamOracle` is what a person would reckon: no accumulator, no rounding, each holder paid
 * for every stretch of time by exact fractions; it says how far the contract may be off.
 *
 * Amounts in wei of the token, times and lengths in seconds, units as the user of the library counts them.
 */

/** Growth of the accumulator is in wei per unit times this. */
export const STREAM_SCALE = 10n ** 27n;

/** The two buckets of a stream never hold this many wei together: 2^104. */
export const STREAM_LIMIT = 2n ** 104n;

/** What the contract stores of a stream. */
export interface StreamState {
  /** Seconds, when the stream was last advanced. */
  last: bigint;
  /** Wei that still stream in the bucket of `last`. */
  active: bigint;
  /** Wei that will stream in the bucket after it. */
  next: bigint;
}

/** What the accumulator grew by: in the bucket of `last`, and after it. Their sum is all of it. */
export interface StreamGrowth {
  /** In the bucket that the stream stood in: old accumulator + `growth` is the accumulator at the first boundary passed. */
  growth: bigint;
  /** In the bucket after that; zero where no boundary was passed. */
  growthAfter: bigint;
}

/**
 * @param units held
 * @param growth of the accumulator since
 * @returns wei that the units earned, rounded down
 */
export function streamEarned(units: bigint, growth: bigint): bigint {
  return (units * growth) / STREAM_SCALE;
}

/**
 * A stream and its accumulator, equal to the contract's to the wei. As with the library, advance it before units or income change:
 *
 *     stream.advance(now, units);
 *     stream.add(amount);
 *     streamEarned(held, stream.accumulator - accumulatorWhenSettled);
 */
export class StreamModel implements StreamState {
  last = 0n;
  active = 0n;
  next = 0n;
  /** Wei per unit, times `STREAM_SCALE`, since the beginning. */
  accumulator = 0n;

  /**
   * @param length seconds of a bucket
   * @param minimum units by which income is divided at least
   * @throws RangeError where either is below one
   */
  constructor(
    readonly length: bigint,
    readonly minimum: bigint,
  ) {
    if (length < 1n || minimum < 1n)
      throw new RangeError(`length ${length} and minimum ${minimum} must be one or more`);
  }

  /** The stream as it would stand at `timestamp`, with `units` held since `last`; this one stays as it is. For previews. */
  at(timestamp: bigint, units: bigint): StreamModel {
    const copy = new StreamModel(this.length, this.minimum);
    copy.last = this.last;
    copy.active = this.active;
    copy.next = this.next;
    copy.accumulator = this.accumulator;
    copy.advance(timestamp, units);
    return copy;
  }

  /**
   * Streams up to `timestamp`.
   *
   * @param timestamp seconds, never before `last`
   * @param units held by all since `last`
   * @returns what the accumulator grew by, which is already in `accumulator`
   * @throws RangeError for a time before `last`
   */
  advance(timestamp: bigint, units: bigint): StreamGrowth {
    if (timestamp < this.last) throw new RangeError(`the stream stands at ${this.last}, later than ${timestamp}`);
    const grown: StreamGrowth = { growth: 0n, growthAfter: 0n };
    let part: keyof StreamGrowth = "growth";
    let unearned = 0n;
    while (this.last < timestamp) {
      if (this.active === 0n && this.next === 0n && part === "growthAfter") {
        this.last = timestamp;
        break;
      }
      const end = this.last - (this.last % this.length) + this.length;
      const stop = timestamp < end ? timestamp : end;
      const streamed = (this.active * (stop - this.last)) / (end - this.last);
      const growth = this.#growthOf(streamed, units);
      grown[part] += growth;
      unearned += streamed - ceilDiv(units * growth, STREAM_SCALE);
      this.active -= streamed;
      this.last = stop;
      if (stop === end) {
        this.active = this.next;
        this.next = 0n;
        part = "growthAfter";
      }
    }
    this.next += unearned;
    this.accumulator += grown.growth + grown.growthAfter;
    return grown;
  }

  /**
   * Adds income to the bucket after the one that the stream was advanced to.
   *
   * @param amount wei
   * @throws RangeError where the two buckets would hold more than they can, or for less than nothing
   */
  add(amount: bigint): void {
    if (amount < 0n || this.active + this.next + amount >= STREAM_LIMIT) {
      throw new RangeError(`${amount} wei do not fit beside ${this.active + this.next}`);
    }
    this.next += amount;
  }

  #growthOf(amount: bigint, units: bigint): bigint {
    if (units === 0n) return 0n;
    return (amount * STREAM_SCALE) / (units < this.minimum ? this.minimum : units);
  }
}

/** A fraction of wei, exact: `numerator / denominator`, not reduced. */
export interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

/**
 * Who earns what, without rounding. Income is an amount for each bucket; in every stretch of time between two calls each holder gets
 * amount × stretch / length × units / max(all units, minimum), and what nobody got goes to the bucket after the call that ends the stretch.
 *
 * All amounts are numerators over one common denominator, so that they stay exact and adding them up stays cheap.
 */
export class StreamOracle {
  readonly #length: bigint;
  readonly #minimum: bigint;
  readonly #units = new Map<string, bigint>();
  #buckets = new Map<bigint, bigint>();
  #earned = new Map<string, bigint>();
  #denominator = 1n;
  #time = 0n;
  #segments = 0n;
  #slack = 0n;

  /**
   * @param length seconds of a bucket
   * @param minimum units by which income is divided at least
   */
  constructor(length: bigint, minimum: bigint) {
    this.#length = length;
    this.#minimum = minimum;
  }

  /** Pays everybody for the time up to `timestamp`, in seconds: what each call of the contract does first. */
  touch(timestamp: bigint): void {
    if (timestamp === this.#time) return;
    const bucketNow = timestamp / this.#length;
    const segments = bucketNow > this.#time / this.#length ? 2n : 1n;
    const total = this.#total();
    this.#segments += segments;
    this.#slack += segments * (total > STREAM_SCALE ? total : STREAM_SCALE);
    let unearned = 0n;
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => (a < b ? -1 : 1))) {
      const begin = bucket * this.#length;
      const from = this.#time > begin ? this.#time : begin;
      const until = timestamp < begin + this.#length ? timestamp : begin + this.#length;
      if (until > from) unearned = this.#stretch(bucket, until - from, unearned);
      if (bucket < bucketNow) this.#buckets.delete(bucket);
    }
    this.#time = timestamp;
    this.#credit(bucketNow + 1n, unearned);
  }

  /** Lets `amount` wei of income arrive at `timestamp`, in seconds. */
  addIncome(timestamp: bigint, amount: bigint): void {
    this.touch(timestamp);
    this.#credit(timestamp / this.#length + 1n, amount * this.#denominator);
  }

  /** Lets `holder` hold `units` from `timestamp`, in seconds, on. */
  setUnits(timestamp: bigint, holder: string, units: bigint): void {
    this.touch(timestamp);
    this.#units.set(holder, units);
  }

  /** Wei that `holder` earned up to the last call, exact. */
  earned(holder: string): Fraction {
    return { numerator: this.#earned.get(holder) ?? 0n, denominator: this.#denominator };
  }

  /** Wei that have come in and that nobody has earned by the last call, exact. */
  waiting(): Fraction {
    let numerator = 0n;
    for (const [bucket, amount] of this.#buckets) {
      const begin = bucket * this.#length;
      const left = begin + this.#length - (this.#time > begin ? this.#time : begin);
      numerator += amount * left;
    }
    return { numerator, denominator: this.#denominator * this.#length };
  }

  /**
   * How far from exact the contract may be for any holder who was settled `settlements` times: less than 1 + max(1, units / 1e27) wei for each
   * segment so far, and one wei for each settlement.
   *
   * In each segment the contract rounds what streams (a wei that comes later), the growth (units / 1e27 wei that stream again) and what units
   * can claim of it (a wei that nobody gets); what is moved so is earned once at most, whoever earns it.
   */
  bound(settlements: bigint): Fraction {
    return {
      numerator: this.#slack + (this.#segments + settlements) * STREAM_SCALE,
      denominator: STREAM_SCALE,
    };
  }

  /** One stretch of time inside `bucket`; returns `unearned` with what nobody got of it. */
  #stretch(bucket: bigint, seconds: bigint, unearned: bigint): bigint {
    const total = this.#total();
    const divisor = total > this.#minimum ? total : this.#minimum;
    const streamed = (this.#buckets.get(bucket) ?? 0n) * seconds;
    const finer = this.#length * divisor;
    this.#denominator *= finer;
    this.#buckets = new Map([...this.#buckets].map(([key, amount]) => [key, amount * finer]));
    this.#earned = new Map(
      [...this.#units].map(([holder, units]) => [holder, (this.#earned.get(holder) ?? 0n) * finer + streamed * units]),
    );
    return unearned * finer + streamed * (divisor - total);
  }

  #total(): bigint {
    return [...this.#units.values()].reduce((sum, units) => sum + units, 0n);
  }

  #credit(bucket: bigint, numerator: bigint): void {
    if (numerator !== 0n) this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0n) + numerator);
  }
}

function ceilDiv(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
