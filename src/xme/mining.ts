/**
 * Reference model of `SocialMining`: X.me Dual-Token Economic Model Whitepaper, sections 5.1, 6.2 and 8, weekly budgets shared by points. Amounts
 * in wei of XMEX unless a name says gwei, times in seconds, epochs and weeks counted from the Unix epoch. It keeps every root, claim and payment
 * that ever was and adds them up again for each answer, where the contract keeps one slot for an account and one for an epoch.
 */

/** Seconds of an epoch. Choice: a week. */
export const MINING_WEEK = 7n * 86_400n;

/** Seconds from publication in which a root can be struck. Choice: three days. */
export const STRIKE_WINDOW = 72n * 3_600n;

/** Seconds from the end of an epoch in which its root can be published. Choice: four weeks. */
export const PUBLISHING_WINDOW = 4n * MINING_WEEK;

/** Seconds from a strike in which another root can be published. Choice: a week. */
export const REPUBLISHING_WINDOW = MINING_WEEK;

/** Seconds from the end of an epoch in which it can be claimed. Choice: 52 weeks. */
export const CLAIM_WINDOW = 52n * MINING_WEEK;

/** A day's payment is one in so many of the credit at least. Choice: a ninetieth. */
export const LEAST_DAILY_PART = 90n;

/** The highest percent of the daily limit. Choice: ten times the limit. */
export const MAX_LIMIT_PERCENT = 1_000n;

/** Everything is counted in these, in wei. */
export const MINING_UNIT = 10n ** 9n;

/** What can be earned with, in the order of the weights. Choice: section 5.1 names them; a task is "following suggested assessments". */
export const BEHAVIOURS = [
  "view",
  "like",
  "comment",
  "share",
  "follow",
  "create",
  "bookmark",
  "task",
  "check-in",
  "invite",
  "view received",
  "like received",
  "bookmark received",
] as const;

/** One of them. */
export type Behaviour = (typeof BEHAVIOURS)[number];

/** What bounds a week's budget. */
export interface MiningParameters {
  readonly weeklyCap: bigint;
  readonly weeklyFloor: bigint;
  readonly consumptionRatioBps: bigint;
}

/**
 * The bounds that the suite starts with, in wei. Choice: the cap below what the stream accrues in a week with the first shares, the floor a fifth
 * of it, and half of what is consumed comes back as incentive.
 */
export const DEFAULT_MINING_PARAMETERS: MiningParameters = {
  weeklyCap: 100_000_000n * 10n ** 18n,
  weeklyFloor: 20_000_000n * 10n ** 18n,
  consumptionRatioBps: 5_000n,
};

/** The first daily limit, in wei. Choice: a thousand XMEX. */
export const DEFAULT_DAILY_LIMIT = 1_000n * 10n ** 18n;

/** The first weights. Choice: the more a behaviour takes and gives, the more it weighs (section 6.2, "contribute differently to the ecosystem"). */
export const DEFAULT_WEIGHTS: readonly bigint[] = [1n, 2n, 5n, 8n, 3n, 50n, 3n, 20n, 10n, 100n, 1n, 2n, 3n];

/** @returns the epoch, or week, of a time in seconds */
export function miningEpoch(at: bigint): bigint {
  return at / MINING_WEEK;
}

/**
 * What the budget of a week is at most.
 *
 * @param consumed wei of XMEX consumed in the week before
 * @returns wei, rounded down to a gwei
 */
export function plannedBudget(
  { weeklyCap, weeklyFloor, consumptionRatioBps }: MiningParameters,
  consumed: bigint,
): bigint {
  const wanted = weeklyFloor + (consumed * consumptionRatioBps) / 10_000n;
  return inWholeGwei(wanted < weeklyCap ? wanted : weeklyCap);
}

/**
 * What a budget is at least: the longer ago its week, the shorter of the plan it may be.
 *
 * @param planned wei, whole gwei
 * @param age seconds since the week's end, less than none before it
 * @returns wei, rounded up to a gwei
 */
export function leastBudget(planned: bigint, age: bigint): bigint {
  if (age <= 0n) return planned;
  if (age >= CLAIM_WINDOW) return 0n;
  // what may be missing, rounded down
  return planned - inWholeGwei((planned * age) / CLAIM_WINDOW);
}

/**
 * What an account is credited of a budget.
 *
 * @returns wei, rounded down to a gwei
 */
export function creditFor(budget: bigint, points: bigint, totalPoints: bigint): bigint {
  return inWholeGwei((budget * points) / totalPoints);
}

/**
 * What an account may have been paid by the end of a day.
 *
 * @param owed wei of credit, with what was paid on the day
 * @param limit wei of the daily limit
 * @param percent what the level makes of it
 * @returns wei, the limit rounded down to a gwei, or the ninetieth rounded up, never above `owed`
 */
export function payableInDay(owed: bigint, limit: bigint, percent: bigint): bigint {
  const bounded = inWholeGwei((limit * percent) / 100n);
  const part = LEAST_DAILY_PART * MINING_UNIT;
  const least = ((owed + part - MINING_UNIT) / part) * MINING_UNIT;
  const most = bounded > least ? bounded : least;
  return most < owed ? most : owed;
}

/** A call that the contract refuses: the name of its error without `SocialMining_`, and the values that it carries. */
export class MiningRefusal extends Error {
  constructor(
    readonly error: string,
    readonly values: readonly (bigint | string)[] = [],
  ) {
    super(`${error}(${values.join(", ")})`);
    this.name = "MiningRefusal";
  }
}

/** What social mining asks of others, at the moment of a call. */
export interface MiningSources {
  /** Wei that the stream can pay at a time; zero where somebody else draws from it. */
  available(at: bigint): bigint;
  draw(at: bigint, amount: bigint): void;
  returnTo(amount: bigint): void;
  /** Wei consumed in a week, final once it is over. */
  consumedIn(week: bigint): bigint;
  /** Percent of the daily limit, 100 to 1,000. */
  limitPercentOf(account: string): bigint;
}

interface Claim {
  readonly account: string;
  readonly points: bigint;
}

interface ModelEpoch {
  root: string | undefined;
  totalPoints: bigint;
  publishedAt: bigint;
  struckAt: bigint | undefined;
  budget: bigint;
  returned: bigint;
  readonly claims: Claim[];
}

interface Payment {
  readonly account: string;
  readonly day: bigint;
  readonly amount: bigint;
}

interface Change<T> {
  readonly from: bigint;
  readonly value: T;
}

/** An epoch as the contract's `epochOf` tells it. */
export interface MiningEpoch {
  root: string | undefined;
  totalPoints: bigint;
  claimedPoints: bigint;
  budget: bigint;
  credited: bigint;
}

/** Every epoch and account of one `SocialMining`. Each method takes the time of the call, never before an earlier one. */
export class MiningModel {
  readonly firstEpoch: bigint;
  readonly #sources: MiningSources;
  readonly #parameters: Change<MiningParameters>[];
  readonly #weights: Change<readonly bigint[]>[];
  readonly #epochs = new Map<bigint, ModelEpoch>();
  readonly #payments: Payment[] = [];
  dailyLimit: bigint;

  constructor(
    at: bigint,
    sources: MiningSources,
    parameters: MiningParameters,
    dailyLimit: bigint,
    weights: readonly bigint[],
  ) {
    this.firstEpoch = miningEpoch(at);
    this.#sources = sources;
    this.#parameters = [{ from: this.firstEpoch, value: parameters }];
    this.#weights = [{ from: this.firstEpoch, value: weights }];
    this.dailyLimit = dailyLimit;
  }

  /** Bounds budgets from the next epoch on. */
  setParameters(at: bigint, parameters: MiningParameters): void {
    this.#parameters.push({ from: miningEpoch(at) + 1n, value: parameters });
  }

  /** Weighs behaviours from the next epoch on. */
  setWeights(at: bigint, weights: readonly bigint[]): void {
    this.#weights.push({ from: miningEpoch(at) + 1n, value: weights });
  }

  parametersAt(epoch: bigint): MiningParameters {
    return valueAt(this.#parameters, epoch) ?? { weeklyCap: 0n, weeklyFloor: 0n, consumptionRatioBps: 0n };
  }

  weightsAt(epoch: bigint): readonly bigint[] {
    return valueAt(this.#weights, epoch) ?? BEHAVIOURS.map(() => 0n);
  }

  /** Publishes a root. */
  publish(at: bigint, epoch: bigint, root: string, totalPoints: bigint): void {
    if (epoch < this.firstEpoch) throw new MiningRefusal("BeforeFirstEpoch", [epoch, this.firstEpoch]);
    if (at < endOf(epoch)) throw new MiningRefusal("EpochNotOver", [epoch, endOf(epoch)]);
    const closedAt = this.publishableUntil(epoch);
    if (at >= closedAt) throw new MiningRefusal("PublishingClosed", [epoch, closedAt]);
    const present = this.#epoch(epoch);
    if (present.root !== undefined) throw new MiningRefusal("AlreadyPublished", [epoch, present.root]);
    if (totalPoints === 0n) throw new MiningRefusal("PointsAreZero");
    present.root = root;
    present.totalPoints = totalPoints;
    present.publishedAt = at;
  }

  /** When no root of an epoch can be published any more. */
  publishableUntil(epoch: bigint): bigint {
    const closes = endOf(epoch) + PUBLISHING_WINDOW;
    const struckAt = this.#epoch(epoch).struckAt;
    const again = struckAt === undefined ? closes : struckAt + REPUBLISHING_WINDOW;
    return again > closes ? again : closes;
  }

  /** Strikes a root. */
  strike(at: bigint, epoch: bigint): void {
    const struck = this.#published(epoch);
    const closedAt = struck.publishedAt + STRIKE_WINDOW;
    if (at >= closedAt) throw new MiningRefusal("StrikingClosed", [epoch, closedAt]);
    struck.root = undefined;
    struck.totalPoints = 0n;
    struck.struckAt = at;
  }

  /** What the budget of an epoch is at most, in wei. */
  planned(epoch: bigint): bigint {
    return plannedBudget(this.parametersAt(epoch), this.#sources.consumedIn(epoch - 1n));
  }

  /** The budget of an epoch less what went back, or what it would be if it were drawn now, in wei. */
  budget(at: bigint, epoch: bigint): bigint {
    const { budget, returned } = this.#epoch(epoch);
    if (budget - returned !== 0n) return budget - returned;
    if (at >= endOf(epoch) + CLAIM_WINDOW) return 0n;
    const available = inWholeGwei(this.#sources.available(at));
    const planned = this.planned(epoch);
    if (available >= planned) return planned;
    return available < this.leastBudget(at, epoch) ? 0n : available;
  }

  /** What the stream must have at a time for the budget of an epoch to be drawn, in wei. */
  leastBudget(at: bigint, epoch: bigint): bigint {
    return leastBudget(this.planned(epoch), at - endOf(epoch));
  }

  /** Draws the budget of an epoch, and answers it. */
  drawBudget(at: bigint, epoch: bigint): bigint {
    if (this.#claimable(at, epoch).isDrawn) throw new MiningRefusal("AlreadyDrawn", [epoch]);
    return this.#draw(at, epoch);
  }

  /** Claims for an account, and answers what was credited and paid. */
  claim(
    at: bigint,
    epoch: bigint,
    account: string,
    points: bigint,
    isListed: boolean,
  ): { credited: bigint; paid: bigint; drawn: bigint } {
    const { isDrawn } = this.#claimable(at, epoch);
    const claimed = this.#epoch(epoch);
    if (claimed.claims.some((claim) => claim.account === account)) {
      throw new MiningRefusal("AlreadyClaimed", [epoch, account]);
    }
    if (!isListed) throw new MiningRefusal("InvalidProof", [epoch, account, points]);
    const left = claimed.totalPoints - this.epoch(epoch).claimedPoints;
    if (points > left) throw new MiningRefusal("AboveTotalPoints", [epoch, points, left]);
    const drawn = isDrawn ? 0n : this.#draw(at, epoch);
    claimed.claims.push({ account, points });
    return { credited: creditFor(claimed.budget, points, claimed.totalPoints), paid: this.#pay(at, account), drawn };
  }

  /** Pays an account, and answers what. */
  withdraw(at: bigint, account: string): bigint {
    const amount = this.#pay(at, account);
    if (amount === 0n) throw new MiningRefusal("NothingToWithdraw", [account]);
    return amount;
  }

  /** Sends what was not credited of an epoch back to its stream, and answers how much. */
  returnUnclaimed(at: bigint, epoch: bigint): bigint {
    const expiresAt = endOf(epoch) + CLAIM_WINDOW;
    if (at < expiresAt) throw new MiningRefusal("NotExpired", [epoch, expiresAt]);
    const { budget, credited } = this.epoch(epoch);
    if (budget === credited) throw new MiningRefusal("NothingToReturn", [epoch]);
    this.#epoch(epoch).returned += budget - credited;
    this.#sources.returnTo(budget - credited);
    return budget - credited;
  }

  /** What `withdraw` would pay. */
  payable(at: bigint, account: string): bigint {
    const paid = this.paidOn(at / 86_400n, account);
    const most = payableInDay(this.creditOf(account) + paid, this.dailyLimit, this.#sources.limitPercentOf(account));
    return most > paid ? most - paid : 0n;
  }

  /** What an account was paid on a day. */
  paidOn(day: bigint, account: string): bigint {
    return sum(this.#payments.filter((one) => one.account === account && one.day === day).map(({ amount }) => amount));
  }

  /** What an account was credited and not paid. */
  creditOf(account: string): bigint {
    return (
      sum(this.#creditsOf(account)) -
      sum(this.#payments.filter((one) => one.account === account).map(({ amount }) => amount))
    );
  }

  /** Whole XMEX ever credited to an account, each claim rounded down. */
  creditedOf(account: string): bigint {
    return sum(this.#creditsOf(account).map((credited) => credited / 10n ** 18n));
  }

  hasClaimed(account: string): boolean {
    return this.#creditsOf(account).length !== 0;
  }

  /** An epoch as the contract shows it. */
  epoch(epoch: bigint): MiningEpoch {
    const { root, totalPoints, budget, returned, claims } = this.#epoch(epoch);
    return {
      root,
      totalPoints,
      claimedPoints: sum(claims.map(({ points }) => points)),
      budget: budget - returned,
      credited: sum(claims.map(({ points }) => creditFor(budget, points, totalPoints))),
    };
  }

  /** What the contract holds where nobody sent any to it outright. */
  balance(): bigint {
    const held = [...this.#epochs.values()].map(({ budget, returned }) => budget - returned);
    return sum(held) - sum(this.#payments.map(({ amount }) => amount));
  }

  #draw(at: bigint, epoch: bigint): bigint {
    const budget = this.budget(at, epoch);
    this.#epoch(epoch).budget = budget;
    this.#sources.draw(at, budget);
    return budget;
  }

  #pay(at: bigint, account: string): bigint {
    const amount = this.payable(at, account);
    if (amount !== 0n) this.#payments.push({ account, day: at / 86_400n, amount });
    return amount;
  }

  #claimable(at: bigint, epoch: bigint): { isDrawn: boolean } {
    const expiredAt = endOf(epoch) + CLAIM_WINDOW;
    if (at >= expiredAt) throw new MiningRefusal("Expired", [epoch, expiredAt]);
    if (this.#epoch(epoch).budget !== 0n) return { isDrawn: true };
    const closesAt = this.#published(epoch).publishedAt + STRIKE_WINDOW;
    if (at < closesAt) throw new MiningRefusal("StrikingOpen", [epoch, closesAt]);
    if (this.budget(at, epoch) === 0n) throw new MiningRefusal("NoBudget", [epoch]);
    return { isDrawn: false };
  }

  #published(epoch: bigint): ModelEpoch {
    const known = this.#epoch(epoch);
    if (known.root === undefined) throw new MiningRefusal("NotPublished", [epoch]);
    return known;
  }

  #creditsOf(account: string): bigint[] {
    return [...this.#epochs.values()].flatMap(({ budget, totalPoints, claims }) =>
      claims.filter((claim) => claim.account === account).map(({ points }) => creditFor(budget, points, totalPoints)),
    );
  }

  #epoch(epoch: bigint): ModelEpoch {
    const known = this.#epochs.get(epoch);
    if (known) return known;
    const empty: ModelEpoch = {
      root: undefined,
      totalPoints: 0n,
      publishedAt: 0n,
      struckAt: undefined,
      budget: 0n,
      returned: 0n,
      claims: [],
    };
    this.#epochs.set(epoch, empty);
    return empty;
  }
}

function endOf(epoch: bigint): bigint {
  return (epoch + 1n) * MINING_WEEK;
}

/** The value in force: that of the last change that applies by then. */
function valueAt<T>(changes: readonly Change<T>[], epoch: bigint): T | undefined {
  return changes.filter(({ from }) => from <= epoch).at(-1)?.value;
}

function inWholeGwei(amount: bigint): bigint {
  return amount - (amount % MINING_UNIT);
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
