/** A small deterministic generator (SplitMix64): the same seed gives the same trace on every machine. */
export class Random {
  private state: bigint;

  constructor(seed: bigint) {
    this.state = BigInt.asUintN(64, seed);
  }

  /** The next 64 random bits. */
  word(): bigint {
    this.state = BigInt.asUintN(64, this.state + 0x9e3779b97f4a7c15n);
    let mixed = this.state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: bigint, high: bigint): bigint {
    if (high < low) throw new RangeError(`no number lies between ${low} and ${high}`);
    const wide = (this.word() << 192n) | (this.word() << 128n) | (this.word() << 64n) | this.word();
    return low + (wide % (high - low + 1n));
  }

  /** A whole number from `low` ≥ 1 to `high` whose order of magnitude, in bits, is evenly spread. */
  magnitude(low: bigint, high: bigint): bigint {
    const bits = this.between(BigInt(low.toString(2).length), BigInt(high.toString(2).length));
    const floor = 1n << (bits - 1n);
    return this.between(floor > low ? floor : low, floor * 2n - 1n < high ? floor * 2n - 1n : high);
  }

  /** True once in `times` on average. */
  once(times: bigint): boolean {
    return this.between(1n, times) === 1n;
  }

  /** One element of a list that has any. */
  pick<T>(list: readonly T[]): T {
    const chosen = list[Number(this.between(0n, BigInt(list.length) - 1n))];
    if (chosen === undefined) throw new RangeError("nothing to pick from");
    return chosen;
  }

  /** The list in random order; the list itself stays as it is. */
  shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((value) => ({ value, key: this.word() }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ value }) => value);
  }
}

/**
 * The seed of this run: that of the environment variable XONOMY_SEED, so that a failure can be replayed, or else a fresh one.
 * @returns 64 bits, to be printed with every failure
 */
export function seedOfThisRun(): bigint {
  const given = process.env["XONOMY_SEED"];
  if (given === undefined || given === "") {
    return crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
  }
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(given)) {
    throw new Error(`XONOMY_SEED is "${given}"; give a whole number such as 12345 or 0xc0ffee`);
  }
  return BigInt.asUintN(64, BigInt(given));
}
