/**
 * Reference model of `Spending`, with `SpendingCatalogue` and `PlatformItems`: X.me Dual-Token Economic Model Whitepaper, sections 5.2 and 6.4.
 * Amounts in wei of XMEX, times in seconds, shares in basis points. It keeps every purchase, every split and every delivery that ever was, and adds
 * them up again for each answer, where the contracts keep only sums.
 */

/** What XMEX is spent on, in the order of the contract's numbers. Source section 5.2; choice: ten categories. */
export const SPENDING_CATEGORIES = [
  "unlock",
  "membership",
  "tip",
  "boost",
  "hotSpot",
  "aiService",
  "goods",
  "collectible",
  "ticket",
  "growth",
] as const;

export type SpendingCategory = (typeof SPENDING_CATEGORIES)[number];

/** The number of a category in the contract. */
export const SPENDING_CATEGORY = Object.fromEntries(
  SPENDING_CATEGORIES.map((name, index) => [name, BigInt(index)]),
) as Readonly<Record<SpendingCategory, bigint>>;

/** Where what no creator gets goes, in the order of the contract's numbers. */
export const SPENDING_PARTS = ["burn", "buyback", "delegators", "voters", "emission", "treasury"] as const;

export type SpendingPart = (typeof SPENDING_PARTS)[number];

/** The number of a part in the contract. */
export const SPENDING_PART = Object.fromEntries(SPENDING_PARTS.map((name, index) => [name, BigInt(index)])) as Readonly<
  Record<SpendingPart, bigint>
>;

/** What is sold of user growth, in the order of the contract's numbers. */
export const GROWTH_PERKS = ["acceleration", "protection", "privilege"] as const;

export type GrowthPerk = (typeof GROWTH_PERKS)[number];

/** Seconds of a week, which counts from the Unix epoch. Choice: as social mining's epochs. */
export const SPENDING_WEEK = 7n * 86_400n;

/** The shortest and the longest, in seconds, that a plan or an item with a period lasts. Choice: a day and ten years. */
export const SPENDING_MIN_PERIOD = 86_400n;
export const SPENDING_MAX_PERIOD = 3_650n * 86_400n;

/** How many weeks ahead a boost, and how many days ahead a hot spot can be bought. Choice. */
export const BOOST_WEEKS_AHEAD = 4n;
export const HOT_SPOT_DAYS_AHEAD = 7n;

/** The most hot spots of a day. Choice: bounds what reading a day costs. */
export const MAX_HOT_SPOTS = 100n;

const DAY = 86_400n;
const GWEI = 10n ** 9n;
const TOTAL_BPS = 10_000n;

/** How what is spent is shared, in basis points that sum to 10,000. */
export interface SpendingSplit {
  readonly creatorBps: bigint;
  readonly burnBps: bigint;
  readonly buybackBps: bigint;
  readonly delegatorsBps: bigint;
  readonly votersBps: bigint;
  readonly emissionBps: bigint;
  readonly treasuryBps: bigint;
}

/** The parts of an amount, in the order of the contract's answer. */
export type SpendingParts = Readonly<Record<"creator" | SpendingPart, bigint>>;

/** One purchase. Without a creator the platform sold it. */
export interface Spend {
  readonly at: bigint;
  readonly category: SpendingCategory;
  readonly payer: string;
  readonly amount: bigint;
  readonly creator: string | undefined;
}

/** An item as the catalogue lists it. */
export interface SpendingItem {
  readonly category: SpendingCategory;
  readonly seller: string | undefined;
  readonly price: bigint;
  readonly supply: bigint;
  readonly soulbound: boolean;
  readonly start: bigint;
  readonly end: bigint;
  readonly period: bigint;
}

/** A call that the contracts refuse: the name of the error, with its contract's, and the values that it carries. */
export class SpendingRefusal extends Error {
  constructor(
    readonly error: string,
    readonly values: readonly (bigint | string)[] = [],
  ) {
    super(`${error}(${values.join(", ")})`);
    this.name = "SpendingRefusal";
  }
}

/** The week that a time lies in. */
export function spendingWeek(at: bigint): bigint {
  return at / SPENDING_WEEK;
}

/**
 * What each part gets of an amount.
 *
 * @param amount wei of XMEX, whole gwei
 * @param hasCreator whether somebody sold it; otherwise the creator's part is the treasury's
 * @throws RangeError where a part would not be whole, which no amount of whole gwei makes
 */
export function spendingParts(amount: bigint, split: SpendingSplit, hasCreator: boolean): SpendingParts {
  const part = (bps: bigint) => {
    const product = amount * bps;
    if (product % TOTAL_BPS !== 0n) throw new RangeError(`${product} is no multiple of ${TOTAL_BPS}`);
    return product / TOTAL_BPS;
  };
  return {
    creator: hasCreator ? part(split.creatorBps) : 0n,
    burn: part(split.burnBps),
    buyback: part(split.buybackBps),
    delegators: part(split.delegatorsBps),
    voters: part(split.votersBps),
    emission: part(split.emissionBps),
    treasury: part(split.treasuryBps) + (hasCreator ? 0n : part(split.creatorBps)),
  };
}

interface SplitChange {
  readonly category: SpendingCategory;
  readonly fromWeek: bigint;
  readonly split: SpendingSplit;
}

interface Delivery {
  readonly part: SpendingPart;
  readonly amount: bigint;
}

/** Everything that ever happened in spending, and what follows from it. Each action throws `SpendingRefusal` where the contracts refuse it. */
export class SpendingModel {
  readonly #splits: SplitChange[] = [];
  readonly #spends: (Spend & { distributed: boolean })[] = [];
  readonly #offered: Delivery[] = [];
  readonly #taken: Delivery[] = [];
  readonly #contents = new Map<bigint, { owner: string; creator: string; price: bigint }>();
  readonly #plans = new Map<string, { price: bigint; period: bigint }>();
  readonly #memberships: { key: string; member: string; at: bigint; period: bigint }[] = [];
  readonly #unlocked: { contentId: bigint; account: string }[] = [];
  readonly #boosts: { contentId: bigint; week: bigint; amount: bigint }[] = [];
  readonly #hotSpots: { day: bigint; contentId: bigint }[] = [];
  readonly #services = new Map<bigint, { price: bigint; hold: bigint }>();
  readonly #uses: { service: bigint; account: string; units: bigint }[] = [];
  readonly #items: (SpendingItem & { bought: { account: string; amount: bigint; at: bigint }[] })[] = [];
  readonly #growthPrices = new Map<string, bigint>();
  #hotSpotOffer = { price: 0n, slots: 0n };

  /**
   * @param at when it is deployed
   * @param splits the first ones
   */
  constructor(at: bigint, splits: Readonly<Record<SpendingCategory, SpendingSplit>>) {
    for (const category of SPENDING_CATEGORIES) this.#change(category, spendingWeek(at), splits[category]);
  }

  /** Shares what is spent on `category` by `split` from the week after `at` on. */
  setSplit(at: bigint, category: SpendingCategory, split: SpendingSplit): void {
    this.#change(category, spendingWeek(at) + 1n, split);
  }

  /** The split of a week: the one that was set last, of those that hold from it or before it. */
  splitAt(category: SpendingCategory, week: bigint): SpendingSplit {
    const changes = this.#splits.filter((change) => change.category === category && change.fromWeek <= week);
    const latest = changes.reduce((newest, { fromWeek }) => (fromWeek > newest ? fromWeek : newest), 0n);
    const found = changes.findLast(({ fromWeek }) => fromWeek === latest);
    if (!found) throw new RangeError(`No split of ${category} in week ${week}`);
    return found.split;
  }

  /** Makes a content known as its registry would. */
  setContent(contentId: bigint, owner: string, creator: string, price: bigint): void {
    this.#contents.set(contentId, { owner, creator, price });
  }

  /** Sells a plan of a creator, or of the platform. */
  setPlan(creator: string | undefined, plan: bigint, price: bigint, period: bigint): void {
    if (period < SPENDING_MIN_PERIOD || period > SPENDING_MAX_PERIOD) {
      throw new SpendingRefusal("SpendingCatalogue_PeriodOutOfRange", [
        period,
        SPENDING_MIN_PERIOD,
        SPENDING_MAX_PERIOD,
      ]);
    }
    this.#requireCatalogueGwei(price);
    this.#plans.set(`${creator ?? ""} ${plan}`, { price, period });
  }

  /** Sells hot spots. */
  setHotSpots(price: bigint, slots: bigint): void {
    if (slots > MAX_HOT_SPOTS) throw new SpendingRefusal("SpendingCatalogue_TooManyHotSpots", [slots, MAX_HOT_SPOTS]);
    this.#requireCatalogueGwei(price);
    this.#hotSpotOffer = { price, slots };
  }

  /** Sells an AI service by the unit, and gives it to those who hold enough. */
  setService(service: bigint, price: bigint, hold: bigint): void {
    this.#requireCatalogueGwei(price);
    this.#requireCatalogueGwei(hold);
    this.#services.set(service, { price, hold });
  }

  /** Sells a day of a perk, or a privilege. */
  setGrowthPrice(perk: GrowthPerk, privilege: bigint, price: bigint): void {
    this.#requireCatalogueGwei(price);
    this.#growthPrices.set(`${perk} ${privilege}`, price);
  }

  /** Lists an item, and answers its number. */
  list(item: SpendingItem): bigint {
    this.#items.push({ ...item, bought: [] });
    return BigInt(this.#items.length);
  }

  /** Unlocks a content, and answers the price. */
  unlock(at: bigint, payer: string, contentId: bigint, maxPrice: bigint): bigint {
    if (this.isUnlocked(contentId, payer)) throw new SpendingRefusal("Spending_AlreadyUnlocked", [contentId, payer]);
    const { owner, price } = this.#content(contentId);
    this.#requirePrice("unlock", contentId, price);
    this.#requireGwei(price);
    this.#requireAtMost(price, maxPrice);
    this.#unlocked.push({ contentId, account: payer });
    this.#spend(at, "unlock", payer, price, owner);
    return price;
  }

  /** Renews a membership, and answers its price and until when it lasts. */
  renewMembership(
    at: bigint,
    payer: string,
    creator: string | undefined,
    plan: bigint,
    maxPrice: bigint,
    minPeriod: bigint,
  ): { price: bigint; until: bigint } {
    const key = `${creator ?? ""} ${plan}`;
    const { price, period } = this.#plans.get(key) ?? { price: 0n, period: 0n };
    this.#requirePrice("membership", plan, price);
    this.#requireAtMost(price, maxPrice);
    if (period < minPeriod) throw new SpendingRefusal("Spending_PeriodTooShort", [period, minPeriod]);
    this.#memberships.push({ key, member: payer, at, period });
    this.#spend(at, "membership", payer, price, creator);
    return { price, until: this.membershipUntil(creator, plan, payer) };
  }

  /** Tips an account. */
  tip(at: bigint, payer: string, creator: string | undefined, amount: bigint): void {
    if (creator === undefined) throw new SpendingRefusal("Spending_InvalidCreator", [`0x${"0".repeat(40)}`]);
    this.#requireAmount(amount);
    this.#spend(at, "tip", payer, amount, creator);
  }

  /** Tips the creator of a content. */
  tipContent(at: bigint, payer: string, contentId: bigint, amount: bigint): void {
    this.tip(at, payer, this.#content(contentId).creator, amount);
  }

  /** Boosts a content in a week. */
  boost(at: bigint, payer: string, contentId: bigint, week: bigint, amount: bigint): void {
    const first = spendingWeek(at);
    const last = first + BOOST_WEEKS_AHEAD;
    if (week < first || week > last) throw new SpendingRefusal("Spending_WeekOutOfRange", [week, first, last]);
    this.#requireAmount(amount);
    this.#content(contentId);
    this.#boosts.push({ contentId, week, amount });
    this.#spend(at, "boost", payer, amount, undefined);
  }

  /** Takes the next hot spot of a day, and answers its price and number. */
  recommend(
    at: bigint,
    payer: string,
    contentId: bigint,
    day: bigint,
    maxPrice: bigint,
  ): { price: bigint; slot: bigint } {
    const first = at / DAY;
    const last = first + HOT_SPOT_DAYS_AHEAD;
    if (day < first || day > last) throw new SpendingRefusal("Spending_DayOutOfRange", [day, first, last]);
    const { price, slots } = this.#hotSpotOffer;
    this.#requirePrice("hotSpot", day, price);
    const slot = BigInt(this.hotSpots(day).length);
    if (slot >= slots) throw new SpendingRefusal("Spending_NoHotSpotLeft", [day, slots]);
    this.#requireAtMost(price, maxPrice);
    this.#content(contentId);
    this.#hotSpots.push({ day, contentId });
    this.#spend(at, "hotSpot", payer, price, undefined);
    return { price, slot };
  }

  /** Pays for units of an AI service, and answers the price. */
  useService(at: bigint, payer: string, service: bigint, units: bigint, maxPrice: bigint): bigint {
    const each = this.#services.get(service)?.price ?? 0n;
    this.#requirePrice("aiService", service, each);
    if (units === 0n) throw new SpendingRefusal("Spending_AmountIsZero");
    const price = each * units;
    this.#requireAtMost(price, maxPrice);
    this.#uses.push({ service, account: payer, units });
    this.#spend(at, "aiService", payer, price, undefined);
    return price;
  }

  /** Asks an AI service by what is held. */
  requestService(account: string, service: bigint, balance: bigint): void {
    const hold = this.#services.get(service)?.hold ?? 0n;
    this.#requirePrice("aiService", service, hold);
    if (balance < hold) throw new SpendingRefusal("Spending_HoldsTooLittle", [account, balance, hold]);
    this.#uses.push({ service, account, units: 0n });
  }

  /** Buys items, and answers the price and until when they last, zero for good. */
  buy(at: bigint, payer: string, itemId: bigint, amount: bigint, maxPrice: bigint): { price: bigint; until: bigint } {
    const item = this.#items[Number(itemId) - 1];
    if (!item) throw new SpendingRefusal("PlatformItems_UnknownItem", [itemId]);
    if (amount === 0n) throw new SpendingRefusal("PlatformItems_AmountIsZero");
    const left = item.supply - sum(item.bought.map((one) => one.amount));
    if (amount > left) throw new SpendingRefusal("PlatformItems_AboveSupply", [itemId, amount, left]);
    if (at < item.start || at >= item.end) {
      throw new SpendingRefusal("PlatformItems_OutsideSale", [itemId, item.start, item.end]);
    }
    const price = item.price * amount;
    this.#requireAtMost(price, maxPrice);
    item.bought.push({ account: payer, amount, at });
    this.#spend(at, item.category, payer, price, item.seller);
    return { price, until: this.lastsUntil(itemId, payer) };
  }

  /** Buys growth, and answers the price. */
  buyGrowth(at: bigint, payer: string, perk: GrowthPerk, value: bigint, maxPrice: bigint): bigint {
    const forGood = perk === "privilege";
    let price = this.#growthPrices.get(`${perk} ${forGood ? value : 0n}`) ?? 0n;
    this.#requirePrice("growth", BigInt(GROWTH_PERKS.indexOf(perk)), price);
    if (!forGood) {
      if (value === 0n) throw new SpendingRefusal("Spending_AmountIsZero");
      price *= value;
    }
    this.#requireAtMost(price, maxPrice);
    this.#spend(at, "growth", payer, price, undefined);
    return price;
  }

  /**
   * Sends on what was spent in a week and category, and all that waits, and answers what was offered.
   *
   * @param takes what of an offered amount each part's receiver takes
   */
  distribute(
    week: bigint,
    category: SpendingCategory,
    takes: (part: SpendingPart, offered: bigint) => bigint,
  ): SpendingParts {
    const offered = this.previewDistribute(week, category);
    const fresh = this.#spendsOf(week, category).filter(({ distributed }) => !distributed);
    for (const part of SPENDING_PARTS) {
      const waited = this.waitingFor(part);
      this.#offered.push({ part, amount: offered[part] - waited });
      this.#taken.push({ part, amount: offered[part] === 0n ? 0n : takes(part, offered[part]) });
    }
    for (const spend of fresh) spend.distributed = true;
    return offered;
  }

  /** What `distribute` would offer. */
  previewDistribute(week: bigint, category: SpendingCategory): SpendingParts {
    const fresh = this.#spendsOf(week, category).filter(({ distributed }) => !distributed);
    const parts = this.#share(fresh);
    const with_ = (part: SpendingPart) => parts[part] + this.waitingFor(part);
    return {
      creator: 0n,
      burn: with_("burn"),
      buyback: with_("buyback"),
      delegators: with_("delegators"),
      voters: with_("voters"),
      emission: with_("emission"),
      treasury: with_("treasury"),
    };
  }

  /** What of a part was distributed and not taken. */
  waitingFor(part: SpendingPart): bigint {
    const of = (deliveries: Delivery[]) => sum(deliveries.filter((one) => one.part === part).map((one) => one.amount));
    return of(this.#offered) - of(this.#taken);
  }

  /** What of a part was ever taken, or burned. */
  delivered(part: SpendingPart): bigint {
    return sum(this.#taken.filter((one) => one.part === part).map(({ amount }) => amount));
  }

  /** What creators got, each as often as they were paid. */
  receivedBy(creator: string): bigint {
    return sum(this.#spends.filter((spend) => spend.creator === creator).map((spend) => this.#share([spend]).creator));
  }

  /** What an account has paid. */
  paidBy(payer: string): bigint {
    return sum(this.#spends.filter((spend) => spend.payer === payer).map(({ amount }) => amount));
  }

  /** What was spent in a week on a category, and how much of it has been distributed. */
  spentIn(week: bigint, category: SpendingCategory): { spent: bigint; distributed: bigint } {
    const spends = this.#spendsOf(week, category);
    return {
      spent: sum(spends.map(({ amount }) => amount)),
      distributed: sum(spends.filter(({ distributed }) => distributed).map(({ amount }) => amount)),
    };
  }

  /** The parts of what was spent in a week on a category. */
  partsIn(week: bigint, category: SpendingCategory): SpendingParts {
    return this.#share(this.#spendsOf(week, category));
  }

  /** What a week took out of circulation: burned, for buyback, and the treasury's, in all categories. */
  consumedIn(week: bigint): bigint {
    return sum(
      SPENDING_CATEGORIES.map((category) => {
        const { burn, buyback, treasury } = this.partsIn(week, category);
        return burn + buyback + treasury;
      }),
    );
  }

  /** What the contract holds where nobody sent it anything outright: all that was spent, less what creators got and receivers took. */
  balance(): bigint {
    const creators = sum(this.#spends.map((spend) => this.#share([spend]).creator));
    return sum(this.#spends.map(({ amount }) => amount)) - creators - sum(this.#taken.map(({ amount }) => amount));
  }

  isUnlocked(contentId: bigint, account: string): boolean {
    return this.#unlocked.some((one) => one.contentId === contentId && one.account === account);
  }

  membershipUntil(creator: string | undefined, plan: bigint, member: string): bigint {
    const key = `${creator ?? ""} ${plan}`;
    return extended(this.#memberships.filter((one) => one.key === key && one.member === member));
  }

  boostOf(contentId: bigint, week: bigint): bigint {
    return sum(this.#boosts.filter((one) => one.contentId === contentId && one.week === week).map((one) => one.amount));
  }

  hotSpots(day: bigint): bigint[] {
    return this.#hotSpots.filter((one) => one.day === day).map(({ contentId }) => contentId);
  }

  serviceUse(service: bigint, account: string): { units: bigint; requests: bigint } {
    const uses = this.#uses.filter((one) => one.service === service && one.account === account);
    return {
      units: sum(uses.map(({ units }) => units)),
      requests: BigInt(uses.filter(({ units }) => units === 0n).length),
    };
  }

  /** How many of an item an account has bought. */
  itemsOf(itemId: bigint, account: string): bigint {
    const bought = this.#items[Number(itemId) - 1]?.bought ?? [];
    return sum(bought.filter((one) => one.account === account).map(({ amount }) => amount));
  }

  lastsUntil(itemId: bigint, account: string): bigint {
    const { period = 0n, bought = [] } = this.#items[Number(itemId) - 1] ?? {};
    if (period === 0n) return 0n;
    const own = bought.filter((one) => one.account === account);
    return extended(own.map(({ at, amount }) => ({ at, period: period * amount })));
  }

  #change(category: SpendingCategory, fromWeek: bigint, split: SpendingSplit): void {
    const sumBps = sum(Object.values(split) as bigint[]);
    if (sumBps !== TOTAL_BPS) {
      throw new SpendingRefusal("Spending_SplitSumNot100Percent", [SPENDING_CATEGORY[category], sumBps]);
    }
    this.#splits.push({ category, fromWeek, split });
  }

  #spend(at: bigint, category: SpendingCategory, payer: string, amount: bigint, creator: string | undefined): void {
    this.#spends.push({ at, category, payer, amount, creator, distributed: false });
  }

  #spendsOf(week: bigint, category: SpendingCategory) {
    return this.#spends.filter((spend) => spendingWeek(spend.at) === week && spend.category === category);
  }

  #share(spends: readonly Spend[]): SpendingParts {
    const each = spends.map(({ at, category, amount, creator }) =>
      spendingParts(amount, this.splitAt(category, spendingWeek(at)), creator !== undefined),
    );
    const of = (part: keyof SpendingParts) => sum(each.map((parts) => parts[part]));
    return {
      creator: of("creator"),
      burn: of("burn"),
      buyback: of("buyback"),
      delegators: of("delegators"),
      voters: of("voters"),
      emission: of("emission"),
      treasury: of("treasury"),
    };
  }

  #content(contentId: bigint) {
    const content = this.#contents.get(contentId);
    if (!content) throw new SpendingRefusal("ERC721NonexistentToken", [contentId]);
    return content;
  }

  #requirePrice(category: SpendingCategory, subject: bigint, price: bigint): void {
    if (price === 0n) throw new SpendingRefusal("Spending_NotForSale", [SPENDING_CATEGORY[category], subject]);
  }

  #requireAmount(amount: bigint): void {
    if (amount === 0n) throw new SpendingRefusal("Spending_AmountIsZero");
    this.#requireGwei(amount);
  }

  #requireGwei(amount: bigint): void {
    if (amount % GWEI !== 0n) throw new SpendingRefusal("Spending_NotWholeGwei", [amount]);
  }

  #requireCatalogueGwei(amount: bigint): void {
    if (amount % GWEI !== 0n) throw new SpendingRefusal("SpendingCatalogue_NotWholeGwei", [amount]);
  }

  #requireAtMost(price: bigint, maxPrice: bigint): void {
    if (price > maxPrice) throw new SpendingRefusal("Spending_AboveMaxPrice", [price, maxPrice]);
  }
}

/** Until when purchases in a row last, each from the later of its time and the end of those before it. */
function extended(purchases: readonly { at: bigint; period: bigint }[]): bigint {
  return purchases.reduce((until, { at, period }) => (until > at ? until : at) + period, 0n);
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

const split = (
  creatorBps: bigint,
  burnBps: bigint,
  buybackBps: bigint,
  delegatorsBps: bigint,
  votersBps: bigint,
  emissionBps: bigint,
  treasuryBps: bigint,
): SpendingSplit => ({ creatorBps, burnBps, buybackBps, delegatorsBps, votersBps, emissionBps, treasuryBps });

/**
 * The splits that the suite starts with. Choice: the source names who benefits, not how much. Who made what is bought gets most of it (section 5.3,
 * "value realization"), of a tip nearly all. Of what the platform sells, "consumed XMEX are used for buyback and burn or redistribution"
 * (section 6.4): about half is burned or buys back, and the rest goes to delegators, holders of vXME, emission and treasury. Where a creator's part
 * stands beside a sale that the platform may make itself, that part is then the treasury's.
 */
export const DEFAULT_SPENDING_SPLITS: Readonly<Record<SpendingCategory, SpendingSplit>> = {
  unlock: split(8_000n, 500n, 500n, 400n, 200n, 200n, 200n),
  membership: split(8_000n, 500n, 500n, 400n, 200n, 200n, 200n),
  tip: split(9_500n, 200n, 0n, 200n, 100n, 0n, 0n),
  boost: split(0n, 3_000n, 2_000n, 2_000n, 1_000n, 1_000n, 1_000n),
  hotSpot: split(0n, 3_000n, 2_000n, 2_000n, 1_000n, 1_000n, 1_000n),
  aiService: split(0n, 2_000n, 1_500n, 1_500n, 500n, 1_000n, 3_500n),
  goods: split(5_000n, 1_500n, 1_000n, 1_000n, 500n, 500n, 500n),
  collectible: split(5_000n, 1_500n, 1_000n, 1_000n, 500n, 500n, 500n),
  ticket: split(6_000n, 1_000n, 1_000n, 800n, 400n, 400n, 400n),
  growth: split(0n, 5_000n, 1_500n, 1_000n, 500n, 1_500n, 500n),
};
