/**
 * Reference model of the clock and the counters of `XP`: XP Flywheel, "The Burn-Redistribute Cycle". Amounts in wei of XP, times in seconds.
 * It keeps every mint and burn it ever saw and adds everything up again for each answer, where the contract keeps only sums.
 */

/** XP, in wei, that exists at most at one time. Choice: a hundred million. */
export const XP_MAX_SUPPLY = 100_000_000n * 10n ** 18n;

/** Seconds of an epoch. Source: "Week 1 … Week 2". */
export const EPOCH_LENGTH = 7n * 86_400n;

/**
 * The epoch in which a moment lies; epochs count from 1, and each begins with its first second.
 *
 * @param start seconds, when epoch 1 began
 * @param at seconds, not before the start
 * @throws RangeError before the start
 */
export function epochAt(start: bigint, at: bigint): bigint {
  if (at < start) throw new RangeError(`${at} lies before epoch 1, which began at ${start}`);
  return (at - start) / EPOCH_LENGTH + 1n;
}

/** The first second of `epoch`, counted from 1, where epoch 1 began at `start`. */
export function epochStart(start: bigint, epoch: bigint): bigint {
  return start + (epoch - 1n) * EPOCH_LENGTH;
}

interface Movement {
  readonly at: bigint;
  readonly amount: bigint;
}

/** Everything that was ever minted and burned, and what follows from it. */
export class XPSupplyModel {
  readonly #start: bigint;
  readonly #mints: Movement[] = [];
  readonly #burns: Movement[] = [];

  /** @param start seconds, when XP was deployed and epoch 1 began */
  constructor(start: bigint) {
    this.#start = start;
  }

  /** @throws RangeError where `amount`, in wei, would bring the supply above its maximum */
  mint(at: bigint, amount: bigint): void {
    const room = XP_MAX_SUPPLY - this.totalSupply();
    if (amount > room) throw new RangeError(`there is room for ${room} wei, not for ${amount}`);
    this.#mints.push({ at, amount });
  }

  /** @throws RangeError where `amount`, in wei, is more than exists */
  burn(at: bigint, amount: bigint): void {
    const supply = this.totalSupply();
    if (amount > supply) throw new RangeError(`there are ${supply} wei, not ${amount}`);
    this.#burns.push({ at, amount });
  }

  /** Wei minted so far. */
  totalMinted(): bigint {
    return sum(this.#mints);
  }

  /** Wei burned so far. */
  totalBurned(): bigint {
    return sum(this.#burns);
  }

  /** Wei that exist. */
  totalSupply(): bigint {
    return this.totalMinted() - this.totalBurned();
  }

  /** Wei minted in `epoch`. */
  mintedIn(epoch: bigint): bigint {
    return sum(this.#mints.filter(({ at }) => epochAt(this.#start, at) === epoch));
  }

  /** Wei burned in `epoch`. */
  burnedIn(epoch: bigint): bigint {
    return sum(this.#burns.filter(({ at }) => epochAt(this.#start, at) === epoch));
  }

  /** Wei burned in all epochs before `epoch`: what that epoch can pay out again, as far as nothing was minted for it yet. */
  burnedBefore(epoch: bigint): bigint {
    return sum(this.#burns.filter(({ at }) => at < epochStart(this.#start, epoch)));
  }
}

function sum(movements: readonly Movement[]): bigint {
  return movements.reduce((total, { amount }) => total + amount, 0n);
}
