/**
 * Reference model of `EmissionVault`: X.me Dual-Token Economic Model Whitepaper, section 8, 90 % of XMEX "over the next eight years".
 * Amounts in wei of XMEX, times in seconds, shares in basis points. It keeps every change it ever saw and adds everything up again for
 * each answer, where the contract keeps only sums.
 */

/** XMEX, in wei, that the vault releases in all. Source section 8: 90 % of 100 billion. */
export const EMISSION_ALLOCATION = 90_000_000_000n * 10n ** 18n;

/** Seconds that the release takes. Source section 8: eight years; choice: of 365 days. */
export const EMISSION_DURATION = 8n * 365n * 86_400n;

/** Streams of the vault. Choice: a small fixed number. */
export const EMISSION_STREAMS = 8;

/**
 * Which module draws from which stream, and with what share the suite starts. Choice: the source says that 90 % are "ecosystem
 * incentives" for contribution; most of it pays contribution itself, a fifth delegated staking (section 7.3, "incentive pool
 * distribution"), a tenth each growth and the holders of votes. Streams 4 to 7 are free.
 */
export const EMISSION_STREAM = { socialMining: 0, userGrowth: 1, nodes: 2, votes: 3 } as const;

/** One hundred percent. */
export const TOTAL_SHARE_BPS = 10_000n;

/**
 * The line that a person would draw: 9e28 × elapsed / 8 years, the bound that nothing may cross.
 *
 * @param elapsed seconds since the start; negative before it
 * @returns wei of XMEX, rounded down
 */
export function emissionLine(elapsed: bigint): bigint {
  if (elapsed <= 0n) return 0n;
  return elapsed >= EMISSION_DURATION ? EMISSION_ALLOCATION : (EMISSION_ALLOCATION * elapsed) / EMISSION_DURATION;
}

/**
 * What is unlocked: the line rounded down to a whole number of wei for each basis point, so that shares divide it without a rest.
 *
 * @param elapsed seconds since the start; negative before it
 * @returns wei of XMEX, below `emissionLine` by less than 10,000 wei
 */
export function emissionUnlocked(elapsed: bigint): bigint {
  const line = emissionLine(elapsed);
  return line - (line % TOTAL_SHARE_BPS);
}

interface ShareChange {
  at: bigint;
  sharesBps: readonly bigint[];
}

/** Everything that ever happened to a vault, and what follows from it. */
export class EmissionModel {
  readonly #start: bigint;
  readonly #changes: ShareChange[];
  readonly #drawn: bigint[] = Array.from({ length: EMISSION_STREAMS }, () => 0n);
  readonly #returned: bigint[] = Array.from({ length: EMISSION_STREAMS }, () => 0n);

  /**
   * @param start seconds, the vault's start
   * @param sharesBps first shares, one for each stream
   * @throws RangeError where the shares do not sum to 100 %
   */
  constructor(start: bigint, sharesBps: readonly bigint[]) {
    this.#start = start;
    this.#changes = [{ at: start, sharesBps: requireShares(sharesBps) }];
  }

  /** Shares what unlocks after `at` by `sharesBps`; `at` in seconds, never before an earlier change. */
  setShares(at: bigint, sharesBps: readonly bigint[]): void {
    this.#changes.push({ at, sharesBps: requireShares(sharesBps) });
  }

  /** Wei of XMEX unlocked for all streams by `at`, in seconds. */
  unlocked(at: bigint): bigint {
    return emissionUnlocked(at - this.#start);
  }

  /**
   * The sum over all periods of constant shares of share × what unlocked in the period; no period has a rest.
   *
   * @param stream 0 to 7
   * @param at seconds, not before the last change
   * @returns wei of XMEX, exact
   */
  accrued(stream: number, at: bigint): bigint {
    let total = 0n;
    this.#changes.forEach((change, position) => {
      const until = this.#changes[position + 1]?.at ?? at;
      total += ((change.sharesBps[stream] ?? 0n) * (this.unlocked(until) - this.unlocked(change.at))) / TOTAL_SHARE_BPS;
    });
    return total;
  }

  /** Wei of XMEX drawn from `stream` less what it got back; negative where it got back more. */
  netDrawn(stream: number): bigint {
    return (this.#drawn[stream] ?? 0n) - (this.#returned[stream] ?? 0n);
  }

  /** Wei of XMEX that `stream` can pay at `at`, in seconds. */
  available(stream: number, at: bigint): bigint {
    return this.accrued(stream, at) - this.netDrawn(stream);
  }

  /** @throws RangeError where `amount`, in wei, is more than the stream can pay at `at` */
  draw(stream: number, at: bigint, amount: bigint): void {
    const available = this.available(stream, at);
    if (amount > available) throw new RangeError(`stream ${stream} has ${available} wei, not ${amount}`);
    this.#drawn[stream] = (this.#drawn[stream] ?? 0n) + amount;
  }

  /** Credits `amount` wei of XMEX to `stream`. */
  returnTo(stream: number, amount: bigint): void {
    this.#returned[stream] = (this.#returned[stream] ?? 0n) + amount;
  }
}

function requireShares(sharesBps: readonly bigint[]): readonly bigint[] {
  const sum = sharesBps.reduce((total, share) => total + share, 0n);
  if (sharesBps.length !== EMISSION_STREAMS || sum !== TOTAL_SHARE_BPS || sharesBps.some((share) => share < 0n)) {
    throw new RangeError(`${EMISSION_STREAMS} shares must sum to ${TOTAL_SHARE_BPS} basis points, not ${sum}`);
  }
  return [...sharesBps];
}
