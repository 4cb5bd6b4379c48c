/**
 * Reference model of `Ascension`: X.me Dual-Token Economic Model Whitepaper, section 5.2, "Value Ascension Channel". Amounts in wei, times in
 * seconds, rates in XME for an XMEX with 18 decimals. It keeps every funding, round, deposit and claim and adds them up again for each answer,
 * where the contract keeps a slot for a round and a slot for an account, and settles late.
 */

/** The length of a round, in seconds. Choice: a week, counted from the Unix epoch. */
export const ASCENSION_ROUND = 7n * 86_400n;

/** The most weeks whose budgets a round has. Choice: four. */
export const ASCENSION_MAX_WEEKS = 4n;

/** Deposits are whole numbers of this many wei of XMEX. Choice: a gwei. */
export const ASCENSION_DEPOSIT_STEP = 10n ** 9n;

/** Rates are whole numbers of this, with 18 decimals. Choice: a billionth of an XME for an XMEX, so that deposits × rate is whole. */
export const ASCENSION_RATE_STEP = 10n ** 9n;

/** The highest rate, with 18 decimals. Choice: one for one. */
export const ASCENSION_MAX_RATE_WAD = 10n ** 18n;

/** The highest base budget, in wei of XME. Source section 8: all there is. */
export const ASCENSION_MAX_BASE_BUDGET = 10n ** 27n;

const WAD = 10n ** 18n;

/** What rounds offer that begin while it is in force. */
export interface AscensionTerms {
  readonly baseBudget: bigint;
  readonly maxRateWad: bigint;
  readonly floorRateWad: bigint;
}

/**
 * The terms that the suite starts with, for governance to change. Choice: a quarter of a million XME a week, which is a year's nineteenth of the
 * treasury that funds rounds; at most an XME for a hundred XMEX, because there is a hundred times as much XMEX (section 8), so that nobody gets more
 * than an even share of all; and at least a tenth of that, at which a full round locks 250 million XMEX, somewhat more than a week's whole emission.
 */
export const DEFAULT_ASCENSION_TERMS: AscensionTerms = {
  baseBudget: 250_000n * WAD,
  maxRateWad: WAD / 100n,
  floorRateWad: WAD / 1_000n,
};

/** A round as the contract shows it; `paid` is what it pays with these deposits. */
export interface AscensionRound {
  readonly budget: bigint;
  readonly deposits: bigint;
  readonly maxRateWad: bigint;
  readonly floorRateWad: bigint;
  readonly capacity: bigint;
  readonly paid: bigint;
}

/** A call that the contract refuses: the name of its error without `Ascension_`, and the values that it carries. */
export class AscensionRefusal extends Error {
  constructor(
    readonly error: string,
    readonly values: readonly (bigint | string)[] = [],
  ) {
    super(`${error}(${values.join(", ")})`);
    this.name = "AscensionRefusal";
  }
}

/** The number of the round at a time: weeks since the Unix epoch. */
export function ascensionRoundAt(now: bigint): bigint {
  return now / ASCENSION_ROUND;
}

/**
 * The budget of a round that begins.
 *
 * @param free wei of XME that rounds can have
 * @param weeks how many weeks after the last round it begins, at least one
 */
export function ascensionBudget(free: bigint, baseBudget: bigint, weeks: bigint): bigint {
  return min(free, baseBudget * min(ASCENSION_MAX_WEEKS, weeks));
}

/** The most XMEX that a budget takes in at the floor rate: rounded down to whole steps, so that the floor holds. */
export function ascensionCapacity(budget: bigint, floorRateWad: bigint): bigint {
  const wei = (budget * WAD) / floorRateWad;
  return wei - (wei % ASCENSION_DEPOSIT_STEP);
}

/** What a round pays in all: never above the maximum rate, exact. */
export function ascensionPaid(budget: bigint, deposits: bigint, maxRateWad: bigint): bigint {
  return min(budget, (deposits * maxRateWad) / WAD);
}

/** What a deposit brings at least: exact. */
export function ascensionGuarantee(amount: bigint, floorRateWad: bigint): bigint {
  return (amount * floorRateWad) / WAD;
}

/** What a deposit brings of what its round pays: rounded down. */
export function ascensionShare(paid: bigint, deposit: bigint, deposits: bigint): bigint {
  return deposits === 0n ? 0n : (paid * deposit) / deposits;
}

interface Begun {
  readonly round: bigint;
  readonly budget: bigint;
  readonly terms: AscensionTerms;
  readonly deposits: { readonly account: string; readonly amount: bigint }[];
}

/** Everything that ever happened to a channel, and what follows from it. Each action throws `AscensionRefusal` where the contract refuses it. */
export class AscensionModel {
  readonly #before: bigint;
  readonly #funded: bigint[] = [];
  readonly #rounds: Begun[] = [];
  readonly #claims: { readonly account: string; readonly amount: bigint }[] = [];
  #terms: AscensionTerms;

  /** @param now the time of deployment, whose week is the first that has a budget */
  constructor(now: bigint, terms: AscensionTerms) {
    this.#before = ascensionRoundAt(now) - 1n;
    this.#terms = this.setTerms(terms);
  }

  get terms(): AscensionTerms {
    return this.#terms;
  }

  setTerms(terms: AscensionTerms): AscensionTerms {
    const { baseBudget, maxRateWad, floorRateWad } = terms;
    if (baseBudget > ASCENSION_MAX_BASE_BUDGET) {
      throw new AscensionRefusal("BaseBudgetTooHigh", [baseBudget, ASCENSION_MAX_BASE_BUDGET]);
    }
    if (floorRateWad === 0n || floorRateWad > maxRateWad || maxRateWad > ASCENSION_MAX_RATE_WAD) {
      throw new AscensionRefusal("RatesOutOfRange", [maxRateWad, floorRateWad, ASCENSION_MAX_RATE_WAD]);
    }
    for (const rate of [maxRateWad, floorRateWad]) {
      if (rate % ASCENSION_RATE_STEP !== 0n) {
        throw new AscensionRefusal("RateNotInSteps", [rate, ASCENSION_RATE_STEP]);
      }
    }
    return (this.#terms = terms);
  }

  fund(amount: bigint): void {
    if (amount === 0n) throw new AscensionRefusal("AmountIsZero");
    this.#funded.push(amount);
  }

  /** What a deposit brings at least. */
  previewDeposit(now: bigint, amount: bigint): bigint {
    if (amount === 0n) throw new AscensionRefusal("AmountIsZero");
    if (amount % ASCENSION_DEPOSIT_STEP !== 0n) {
      throw new AscensionRefusal("AmountNotInSteps", [amount, ASCENSION_DEPOSIT_STEP]);
    }
    const round = ascensionRoundAt(now);
    const { budget, capacity, deposits, floorRateWad } = this.presentRound(now);
    if (budget === 0n) throw new AscensionRefusal("NoBudget", [round, this.free(now), this.#terms.baseBudget]);
    const left = capacity - deposits;
    if (amount > left) throw new AscensionRefusal("AboveCapacity", [round, amount, left]);
    return ascensionGuarantee(amount, floorRateWad);
  }

  deposit(now: bigint, account: string, amount: bigint, minXmeOut: bigint): bigint {
    const guaranteed = this.previewDeposit(now, amount);
    const round = ascensionRoundAt(now);
    if (guaranteed < minXmeOut) throw new AscensionRefusal("BelowMinimum", [round, guaranteed, minXmeOut]);
    let begun = this.#begun(round);
    if (!begun) {
      begun = { round, budget: this.presentRound(now).budget, terms: this.#terms, deposits: [] };
      this.#rounds.push(begun);
    }
    begun.deposits.push({ account, amount });
    return guaranteed;
  }

  claim(now: bigint, account: string): bigint {
    const amount = this.claimable(now, account);
    if (amount === 0n) throw new AscensionRefusal("NothingToClaim", [account]);
    this.#claims.push({ account, amount });
    return amount;
  }

  /** What rounds that are over brought an account, less what it claimed. */
  claimable(now: bigint, account: string): bigint {
    const brought = this.#over(now).map((begun) => {
      const mine = sum(begun.deposits.filter((one) => one.account === account).map(({ amount }) => amount));
      const { paid, deposits } = show(begun);
      return ascensionShare(paid, mine, deposits);
    });
    return sum(brought) - sum(this.#claims.filter((one) => one.account === account).map(({ amount }) => amount));
  }

  /** The round of now as it has begun, or would begin. */
  presentRound(now: bigint): AscensionRound {
    const round = ascensionRoundAt(now);
    const begun = this.#begun(round);
    if (begun) return show(begun);
    const weeks = round - (this.#rounds.at(-1)?.round ?? this.#before);
    const terms = this.#terms;
    return show({ round, budget: ascensionBudget(this.free(now), terms.baseBudget, weeks), terms, deposits: [] });
  }

  /** A round that has begun, or zeros. */
  roundOf(round: bigint): AscensionRound {
    const begun = this.#begun(round);
    if (begun) return show(begun);
    return { budget: 0n, deposits: 0n, maxRateWad: 0n, floorRateWad: 0n, capacity: 0n, paid: 0n };
  }

  /** What was funded and neither paid nor is set aside for a round that is open. */
  free(now: bigint): bigint {
    return sum(this.#funded) - this.reserved(now) - this.openBudget(now);
  }

  openBudget(now: bigint): bigint {
    return this.#begun(ascensionRoundAt(now))?.budget ?? 0n;
  }

  /** What all rounds that are over pay, claimed or not. */
  reserved(now: bigint): bigint {
    return sum(this.#over(now).map((begun) => show(begun).paid));
  }

  /** What is claimed of it. */
  get claimed(): bigint {
    return sum(this.#claims.map(({ amount }) => amount));
  }

  /** XMEX locked for ever. */
  get locked(): bigint {
    return sum(this.#rounds.map((begun) => show(begun).deposits));
  }

  #begun(round: bigint): Begun | undefined {
    return this.#rounds.find((begun) => begun.round === round);
  }

  #over(now: bigint): Begun[] {
    return this.#rounds.filter(({ round }) => round < ascensionRoundAt(now));
  }
}

function show({ budget, terms: { maxRateWad, floorRateWad }, deposits: all }: Begun): AscensionRound {
  const deposits = sum(all.map(({ amount }) => amount));
  return {
    budget,
    deposits,
    maxRateWad,
    floorRateWad,
    capacity: ascensionCapacity(budget, floorRateWad),
    paid: ascensionPaid(budget, deposits, maxRateWad),
  };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function min(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
