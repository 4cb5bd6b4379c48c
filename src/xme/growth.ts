/**
 * Reference model of `UserGrowth`: X.me Dual-Token Economic Model Whitepaper, sections 5.1, 6 and 7.4, check-ins, invitations, levels and privileges.
 * Days and weeks are counted from the Unix epoch, in UTC; amounts are in wei of XMEX unless a name says otherwise. The source gives no number, so
 * each one here is a choice.
 *
 * The first half is what anybody needs who computes levels from the contract's events: tables, tiers, and `afterGrowthEvent` with `levelOn`. The
 * second half, `GrowthModel`, goes through an account's life day by day, where the contract keeps one slot and a closed form.
 */

/** Seconds of a day of UTC. */
export const GROWTH_DAY = 86_400n;

/** Levels; everybody begins at the first. */
export const GROWTH_LEVELS = 10n;

/** Points from which an account has each level, from the first on. */
export const GROWTH_THRESHOLDS = [0n, 100n, 300n, 700n, 1_500n, 3_000n, 6_000n, 12_000n, 25_000n, 50_000n] as const;

/** Percent of a check-in's points by level. Source section 6.3: "faster upgrade speed". */
export const GROWTH_PERCENTS = [100n, 105n, 110n, 115n, 120n, 130n, 140n, 150n, 175n, 200n] as const;

/** Percent of social mining's points by effective level. Source section 6.3: "higher incentive multipliers". */
export const INCENTIVE_PERCENTS = [100n, 110n, 120n, 135n, 150n, 170n, 195n, 225n, 260n, 300n] as const;

/** Percent of an advanced task's points, beside the above. Source section 6.3: "increased reward weights for high-value tasks". */
export const HIGH_VALUE_PERCENTS = [100n, 100n, 110n, 125n, 150n, 175n, 200n, 230n, 265n, 300n] as const;

/** Percent of the daily limit. Source section 6.3: "higher daily incentive claim limits". */
export const DAILY_LIMIT_PERCENTS = [100n, 120n, 150n, 200n, 250n, 300n, 400n, 500n, 700n, 1_000n] as const;

/** Percent of the first distribution of content. Source section 6.3: "fairer initial distribution weights". */
export const EXPOSURE_PERCENTS = [100n, 100n, 105n, 110n, 115n, 120n, 125n, 130n, 140n, 150n] as const;

/** Who tests what is new first. Source section 6.3: "priority participation in platform recommendation mechanism testing". */
export const TEST_PRIORITIES = [0n, 0n, 0n, 1n, 1n, 1n, 2n, 2n, 3n, 3n] as const;

/** Effective level from which advanced tasks are unlocked. */
export const ADVANCED_TASKS_LEVEL = 4n;

/** Delegated XMEX, in wei, of each stake tier above none. */
export const STAKE_TIERS = [1_000n * 10n ** 18n, 10_000n * 10n ** 18n, 100_000n * 10n ** 18n] as const;

/** What an account can unlock for good. */
export const GROWTH_PRIVILEGE = { advancedTasks: 0n, testing: 1n } as const;

/** Points of a check-in, and the most that days in a row add. */
export const CHECK_IN = { points: 10n, maxStreakBonus: 10n } as const;

/** Idle days that take a level. */
export const IDLE_DAYS_PER_LEVEL = 30n;

/** What an invitation needs and brings. */
export const INVITATION = {
  days: 3n,
  inviterPoints: 100n,
  inviteePoints: 50n,
  maxReward: 1_000n * 10n ** 18n,
} as const;

/** Whole XMEX that bring a point, and the most points of one call. */
export const CONTRIBUTION = { xmexPerPoint: 10n, maxPoints: 1_000n } as const;

/** The furthest, in days, that protection or acceleration can be bought ahead. */
export const MAX_PAID_DAYS = 365n;

/**
 * The rewards that the suite starts with, in wei. Choice: as much for who comes as for who brings, some days of a check-in's worth.
 */
export const DEFAULT_INVITATION_REWARDS = { inviter: 50n * 10n ** 18n, invitee: 50n * 10n ** 18n } as const;

const GWEI = 10n ** 9n;

function entry(table: readonly bigint[], level: bigint): bigint {
  const value = table[Number(level) - 1];
  if (value === undefined) throw new RangeError(`there is no level ${level}`);
  return value;
}

/** What an account is entitled to, as the contract's `privilegesOf` tells it. Multipliers in percent. */
export interface GrowthPrivileges {
  growthPercent: bigint;
  incentivePercent: bigint;
  highValuePercent: bigint;
  dailyLimitPercent: bigint;
  exposurePercent: bigint;
  testPriority: bigint;
  advancedTasksUnlocked: boolean;
}

/** @returns the level, from 1, that points make */
export function growthLevel(points: bigint): bigint {
  return BigInt(GROWTH_THRESHOLDS.filter((threshold) => points >= threshold).length);
}

/** @returns the tier, 0 to 3, that delegated XMEX in wei makes */
export function stakeTier(principal: bigint): bigint {
  return BigInt(STAKE_TIERS.filter((needed) => principal >= needed).length);
}

/** @returns the level that privileges follow, ten at most */
export function effectiveLevel(level: bigint, tier: bigint): bigint {
  return level + tier < GROWTH_LEVELS ? level + tier : GROWTH_LEVELS;
}

/**
 * @param level the level alone, which growth follows
 * @param tier the stake tier; all else follows level and tier together
 * @param unlocked one bit for each privilege that was unlocked for good
 */
export function growthPrivileges(level: bigint, tier = 0n, unlocked = 0n): GrowthPrivileges {
  const effective = effectiveLevel(level, tier);
  const has = (privilege: bigint) => (unlocked >> privilege) % 2n === 1n;
  const testPriority = entry(TEST_PRIORITIES, effective);
  return {
    growthPercent: entry(GROWTH_PERCENTS, level),
    incentivePercent: entry(INCENTIVE_PERCENTS, effective),
    highValuePercent: entry(HIGH_VALUE_PERCENTS, effective),
    dailyLimitPercent: entry(DAILY_LIMIT_PERCENTS, effective),
    exposurePercent: entry(EXPOSURE_PERCENTS, effective),
    testPriority: testPriority === 0n && has(GROWTH_PRIVILEGE.testing) ? 1n : testPriority,
    advancedTasksUnlocked: effective >= ADVANCED_TASKS_LEVEL || has(GROWTH_PRIVILEGE.advancedTasks),
  };
}

/** What the contract's events leave of an account, as far as its level needs it. */
export interface GrowthRecord {
  readonly points: bigint;
  /** The day that idle days were counted to; zero for an account without events. */
  readonly countedTo: bigint;
  /** Idle days until then that have not cost a level yet. */
  readonly idleDays: bigint;
  /** The first day that is not protected. */
  readonly protectedUntil: bigint;
  /** One bit for each privilege that was unlocked for good. */
  readonly privileges: bigint;
}

/** An account before its first event. */
export const NO_GROWTH: GrowthRecord = { points: 0n, countedTo: 0n, idleDays: 0n, protectedUntil: 0n, privileges: 0n };

/** The contract's events that change a record, with their arguments. */
export type GrowthEvent =
  | { readonly name: "CheckedIn"; readonly day: bigint; readonly points: bigint }
  | { readonly name: "PointsAdded"; readonly day: bigint; readonly points: bigint; readonly idleDays: bigint }
  | { readonly name: "Protected"; readonly day: bigint; readonly until: bigint; readonly idleDays: bigint }
  | { readonly name: "PrivilegeUnlocked"; readonly privilege: bigint };

/** @returns the record after one more event of its account; events come in the order of the chain */
export function afterGrowthEvent(record: GrowthRecord, event: GrowthEvent): GrowthRecord {
  switch (event.name) {
    case "CheckedIn":
      return { ...record, points: event.points, countedTo: event.day, idleDays: 0n };
    case "PointsAdded":
      return { ...record, points: event.points, countedTo: event.day, idleDays: event.idleDays };
    case "Protected":
      return { ...record, protectedUntil: event.until, countedTo: event.day, idleDays: event.idleDays };
    case "PrivilegeUnlocked":
      return { ...record, privileges: record.privileges | (1n << event.privilege) };
  }
}

/** @returns the idle days of an account on a day, not before its last event, that have not cost a level for good */
export function idleDaysOn(record: GrowthRecord, day: bigint): bigint {
  if (record.countedTo === 0n) return 0n;
  const from = record.countedTo > record.protectedUntil ? record.countedTo : record.protectedUntil;
  return record.idleDays + (day > from ? day - from : 0n);
}

/**
 * The level of an account on a day: that of its points, less one for each 30 idle days.
 *
 * @param day not before the record's last event
 * @param tier the stake tier; any above none protects
 */
export function levelOn(record: GrowthRecord, day: bigint, tier: bigint): bigint {
  const level = growthLevel(record.points);
  const lost = tier === 0n ? idleDaysOn(record, day) / IDLE_DAYS_PER_LEVEL : 0n;
  return lost < level ? level - lost : 1n;
}

/** @returns the last day of an epoch of social mining, whose end levels are read at */
export function lastDayOfEpoch(epoch: bigint): bigint {
  return epoch * 7n + 6n;
}

/** A call that the contract refuses: the name of its error without `UserGrowth_`, and the values that it carries. */
export class GrowthRefusal extends Error {
  constructor(
    readonly error: string,
    readonly values: readonly (bigint | string)[] = [],
  ) {
    super(`${error}(${values.join(", ")})`);
    this.name = "GrowthRefusal";
  }
}

/** What user growth asks of others, at the moment of a call. */
export interface GrowthSources {
  /** Whole XMEX ever credited by social mining. */
  creditedOf(account: string): bigint;
  hasClaimed(account: string): boolean;
  /** Wei of XMEX delegated. */
  principalOf(account: string): bigint;
  /** Wei of XMEX that the stream can pay at a time. */
  available(at: bigint): bigint;
  draw(at: bigint, amount: bigint): void;
}

/** Where an account stands, as the contract's `standingOf` tells it. */
export interface GrowthStanding {
  points: bigint;
  level: bigint;
  idleDays: bigint;
  stakeTier: bigint;
  effectiveLevel: bigint;
}

/** An account as the contract's `accountOf` tells it, without what only its closed form needs. */
export interface GrowthLife {
  points: bigint;
  checkIns: Set<bigint>;
  lastDay: bigint;
  /** The day that the life was walked to; undefined before the first event. */
  walkedTo: bigint | undefined;
  idleDays: bigint;
  protectedDays: Set<bigint>;
  acceleratedDays: Set<bigint>;
  contribution: bigint;
  privileges: bigint;
}

interface ModelInvitation {
  inviter: string;
  inviterReward: bigint;
  inviteeReward: bigint;
  isCompleted: boolean;
}

/** Every account of one `UserGrowth`. Each method takes the time of the call, in seconds, never before an earlier one. */
export class GrowthModel {
  readonly #sources: GrowthSources;
  readonly #lives = new Map<string, GrowthLife>();
  readonly #invitations = new Map<string, ModelInvitation>();
  #rewards: { inviter: bigint; invitee: bigint };

  constructor(sources: GrowthSources, inviterReward: bigint, inviteeReward: bigint) {
    this.#sources = sources;
    this.#rewards = rewards(inviterReward, inviteeReward);
  }

  setRewards(inviterReward: bigint, inviteeReward: bigint): void {
    this.#rewards = rewards(inviterReward, inviteeReward);
  }

  /** Counts a check-in. */
  checkIn(at: bigint, account: string): { streak: bigint; gained: bigint; points: bigint } {
    const day = at / GROWTH_DAY;
    const life = this.life(account);
    if (life.checkIns.has(day)) throw new GrowthRefusal("AlreadyCheckedIn", [account, day]);
    this.#settle(day, account, life);
    life.idleDays = 0n;
    life.checkIns.add(day);
    life.lastDay = day;
    const streak = this.streakOf(account);
    const before = streak - 1n;
    const bonus = before < CHECK_IN.maxStreakBonus ? before : CHECK_IN.maxStreakBonus;
    const once = ((CHECK_IN.points + bonus) * entry(GROWTH_PERCENTS, growthLevel(life.points))) / 100n;
    const gained = life.acceleratedDays.has(day) ? 2n * once : once;
    life.points += gained;
    return { streak, gained, points: life.points };
  }

  /** Turns credit of social mining into points, and answers how many. */
  collectContribution(at: bigint, account: string): bigint {
    const gained = this.collectable(account);
    if (gained === 0n) throw new GrowthRefusal("NothingToCollect", [account]);
    this.life(account).contribution += gained * CONTRIBUTION.xmexPerPoint;
    this.#add(at / GROWTH_DAY, account, gained);
    return gained;
  }

  /** What `collectContribution` would bring. */
  collectable(account: string): bigint {
    const left = this.#sources.creditedOf(account) - this.life(account).contribution;
    const points = left > 0n ? left / CONTRIBUTION.xmexPerPoint : 0n;
    return points < CONTRIBUTION.maxPoints ? points : CONTRIBUTION.maxPoints;
  }

  /** Names an inviter, for the rewards of this moment. */
  acceptInvitation(invitee: string, inviter: string): void {
    if (inviter === invitee) throw new GrowthRefusal("InviterIsInvitee", [invitee]);
    const named = this.#invitations.get(invitee);
    if (named) throw new GrowthRefusal("AlreadyInvited", [invitee, named.inviter]);
    this.#requireDays(inviter);
    if (this.#sources.hasClaimed(invitee)) throw new GrowthRefusal("HasClaimed", [invitee]);
    const { inviter: inviterReward, invitee: inviteeReward } = this.#rewards;
    this.#invitations.set(invitee, { inviter, inviterReward, inviteeReward, isCompleted: false });
  }

  /** Completes an invitation, and answers what it pays. */
  completeInvitation(at: bigint, invitee: string): { inviter: string; inviterReward: bigint; inviteeReward: bigint } {
    const invitation = this.#invitations.get(invitee);
    if (!invitation) throw new GrowthRefusal("NotInvited", [invitee]);
    if (invitation.isCompleted) throw new GrowthRefusal("AlreadyCompleted", [invitee]);
    this.#requireDays(invitee);
    if (!this.#sources.hasClaimed(invitee)) throw new GrowthRefusal("HasNotClaimed", [invitee]);
    const { inviter, inviterReward, inviteeReward } = invitation;
    const amount = inviterReward + inviteeReward;
    const available = this.#sources.available(at);
    if (amount > available) throw new GrowthRefusal("StreamCannotPay", [amount, available]);
    invitation.isCompleted = true;
    this.#add(at / GROWTH_DAY, inviter, INVITATION.inviterPoints);
    this.#add(at / GROWTH_DAY, invitee, INVITATION.inviteePoints);
    this.#sources.draw(at, amount);
    return { inviter, inviterReward, inviteeReward };
  }

  /** Lets check-ins count twice, and answers the first day on which they do not. */
  accelerate(at: bigint, account: string, days: bigint): bigint {
    return extend(at / GROWTH_DAY, account, this.life(account).acceleratedDays, days);
  }

  /** Protects from idleness, and answers the first day that is not protected. */
  protect(at: bigint, account: string, days: bigint): bigint {
    const life = this.life(account);
    const until = extend(at / GROWTH_DAY, account, life.protectedDays, days);
    this.#walk(at / GROWTH_DAY, life);
    return until;
  }

  unlockPrivilege(account: string, privilege: bigint): void {
    const life = this.life(account);
    if (privilege > GROWTH_PRIVILEGE.testing) throw new GrowthRefusal("UnknownPrivilege", [privilege]);
    if ((life.privileges >> privilege) % 2n === 1n) throw new GrowthRefusal("AlreadyUnlocked", [account, privilege]);
    life.privileges |= 1n << privilege;
  }

  /** Where an account stands at a time. */
  standing(at: bigint, account: string): GrowthStanding {
    const life = this.life(account);
    const day = at / GROWTH_DAY;
    const idleDays = life.idleDays + idleBetween(life, day);
    const tier = stakeTier(this.#sources.principalOf(account));
    const points = tier === 0n ? demoted(life.points, idleDays) : life.points;
    const level = growthLevel(points);
    return { points, level, idleDays, stakeTier: tier, effectiveLevel: effectiveLevel(level, tier) };
  }

  /** What an account is entitled to at a time. */
  privileges(at: bigint, account: string): GrowthPrivileges {
    const { level, stakeTier: tier } = this.standing(at, account);
    return growthPrivileges(level, tier, this.life(account).privileges);
  }

  /** Check-ins on days in a row up to the last one. */
  streakOf(account: string): bigint {
    const { checkIns, lastDay } = this.life(account);
    let day = lastDay;
    while (checkIns.has(day)) day -= 1n;
    return lastDay - day;
  }

  /** The invitation of an account; undefined where it accepted none. */
  invitationOf(invitee: string): Readonly<ModelInvitation> | undefined {
    return this.#invitations.get(invitee);
  }

  /** All that happened to an account. */
  life(account: string): GrowthLife {
    const known = this.#lives.get(account);
    if (known) return known;
    const born: GrowthLife = {
      points: 0n,
      checkIns: new Set(),
      lastDay: 0n,
      walkedTo: undefined,
      idleDays: 0n,
      protectedDays: new Set(),
      acceleratedDays: new Set(),
      contribution: 0n,
      privileges: 0n,
    };
    this.#lives.set(account, born);
    return born;
  }

  #add(day: bigint, account: string, amount: bigint): void {
    const life = this.life(account);
    this.#settle(day, account, life);
    life.points += amount;
  }

  #walk(day: bigint, life: GrowthLife): void {
    life.idleDays += idleBetween(life, day);
    life.walkedTo = day;
  }

  #settle(day: bigint, account: string, life: GrowthLife): void {
    this.#walk(day, life);
    if (growthLevel(life.points) > 1n && stakeTier(this.#sources.principalOf(account)) > 0n) return;
    life.points = demoted(life.points, life.idleDays);
    while (life.idleDays >= IDLE_DAYS_PER_LEVEL) life.idleDays -= IDLE_DAYS_PER_LEVEL;
  }

  #requireDays(account: string): void {
    const days = BigInt(this.life(account).checkIns.size);
    if (days < INVITATION.days) throw new GrowthRefusal("TooFewDays", [account, days, INVITATION.days]);
  }
}

/** A day that passes counts as idle unless it was protected; that of a check-in too, because the next one can still come on the day after. */
function idleBetween(life: GrowthLife, day: bigint): bigint {
  let idle = 0n;
  for (let passed = life.walkedTo ?? day; passed < day; passed++) if (!life.protectedDays.has(passed)) idle++;
  return idle;
}

/** Takes a level at a time. */
function demoted(points: bigint, idleDays: bigint): bigint {
  let left = points;
  for (let idle = idleDays; idle >= IDLE_DAYS_PER_LEVEL; idle -= IDLE_DAYS_PER_LEVEL) {
    const level = growthLevel(left);
    if (level > 1n) left = entry(GROWTH_THRESHOLDS, level - 1n);
  }
  return left;
}

/** Adds days from today on that are not in the set yet, and answers the first day after them. */
function extend(today: bigint, account: string, covered: Set<bigint>, days: bigint): bigint {
  if (days === 0n) throw new GrowthRefusal("DaysAreZero");
  let from = today;
  while (covered.has(from)) from += 1n;
  const until = from + days;
  const latest = today + MAX_PAID_DAYS;
  if (until > latest) throw new GrowthRefusal("TooManyDays", [account, until, latest]);
  for (let day = from; day < until; day++) covered.add(day);
  return until;
}

function rewards(inviter: bigint, invitee: bigint): { inviter: bigint; invitee: bigint } {
  for (const reward of [inviter, invitee]) {
    if (reward % GWEI !== 0n) throw new GrowthRefusal("NotInGwei", [reward]);
    if (reward > INVITATION.maxReward) throw new GrowthRefusal("RewardTooHigh", [reward, INVITATION.maxReward]);
  }
  return { inviter, invitee };
}
