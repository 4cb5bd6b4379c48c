/**
 * Reference model of `FeeTiers`: XP Flywheel, "Fee Tier System". Amounts of XP in wei, fees in basis points, times in seconds. It keeps every
 * purchase of every account and follows them again from the first for each answer, where the contract keeps one position.
 */

const DAY = 86_400n;
const TOTAL_BPS = 10_000n;
const ONE_XP = 10n ** 18n;

/** Basis points that everybody without a tier pays. Source: "Basic 2.5%". */
export const BASE_FEE_BPS = 250n;

/** Seconds that one price buys. Source: "duration: 30 days". */
export const TIER_DURATION = 30n * DAY;

/** Seconds that the end of a tier lies ahead at most. Choice: twice the duration. */
export const TIER_MAX_AHEAD = 60n * DAY;

/** The most tiers of a table. Choice: three times the source's five. */
export const MAX_TIERS = 16;

/** What `quote` shows as the ceiling where nothing is burned, so that every price pays. */
export const NO_CEILING = 2n ** 256n - 1n;

/** A tier as the contract holds it. */
export interface Tier {
  /** Wei of XP for 30 days. */
  readonly price: bigint;
  /** Basis points of a job's payment. */
  readonly feeBps: bigint;
}

/** A row of the source's table, with its guidance, which no contract knows. */
export interface SourceTier extends Tier {
  readonly name: string;
  /** Whole dollars of volume in 30 days from which the source recommends the tier. */
  readonly volume: bigint;
  /** Whole dollars that the source says are saved there. */
  readonly saving: bigint;
}

/** The source's table, tier 1 first; what is below it is Basic. A deployment starts with it. */
export const SOURCE_TIERS: readonly SourceTier[] = [
  { name: "Bronze", feeBps: 200n, price: 10_000n * ONE_XP, volume: 100_000n, saving: 500n },
  { name: "Silver", feeBps: 150n, price: 50_000n * ONE_XP, volume: 500_000n, saving: 5_000n },
  { name: "Gold", feeBps: 100n, price: 250_000n * ONE_XP, volume: 2_000_000n, saving: 30_000n },
  { name: "Platinum", feeBps: 50n, price: 1_000_000n * ONE_XP, volume: 10_000_000n, saving: 200_000n },
  { name: "Diamond", feeBps: 25n, price: 5_000_000n * ONE_XP, volume: 50_000_000n, saving: 1_125_000n },
];

/** What an account has: the fee, and the XP in wei that is prepaid for the seconds from `since` to `end`, which is the first one without it. */
export interface BoughtTier {
  readonly feeBps: bigint;
  readonly since: bigint;
  readonly end: bigint;
  readonly prepaid: bigint;
}

/** What a purchase takes and gives. */
export interface TierTerms {
  /** Wei of XP burned. */
  readonly burn: bigint;
  /** Wei of XP, burned before, that count again. */
  readonly credit: bigint;
  /** What the account has afterwards. */
  readonly bought: BoughtTier;
}

/** The contract's `quote`: XP in wei, the rest in units of the payment token, `ceilingPrice` for one whole XP. */
export interface TierQuote {
  readonly burn: bigint;
  readonly credit: bigint;
  readonly grossSaving: bigint;
  readonly ceilingPrice: bigint;
  readonly cost: bigint;
  readonly worthwhile: boolean;
  readonly end: bigint;
  readonly feeBps: bigint;
}

/** Why a table is not put up for sale: the contract's error without its prefix. */
export type TableRefusal = "TooManyTiers" | "PriceNotAbovePrevious" | "FeeIsZero" | "FeeNotBelowPrevious";

/** Why a tier is not sold: the contract's error without its prefix. */
export type TierRefusal = "UnknownTier" | "Downgrade" | "TooFarAhead";

/** A purchase that the contract would refuse too. */
export class TierRefused extends Error {
  override readonly name = "TierRefused";
  readonly reason: TierRefusal;

  constructor(reason: TierRefusal) {
    super(`FeeTiers refuses the purchase: ${reason}`);
    this.reason = reason;
  }
}

/**
 * What is wrong with a table: a market takes a fee of nothing for no answer, so a tier cannot have it.
 *
 * @param table tier 1 first
 * @returns the contract's refusal and the tier that it names, or how many there are; undefined where the table is good
 */
export function tableRefusal(
  table: readonly Tier[],
): { readonly reason: TableRefusal; readonly at: bigint } | undefined {
  if (table.length > MAX_TIERS) return { reason: "TooManyTiers", at: BigInt(table.length) };
  const basic = { price: 0n, feeBps: BASE_FEE_BPS };
  const wrong = table.map(({ price, feeBps }, row): TableRefusal | undefined => {
    const previous = table[row - 1] ?? basic;
    if (price <= previous.price) return "PriceNotAbovePrevious";
    if (feeBps === 0n) return "FeeIsZero";
    return feeBps < previous.feeBps ? undefined : "FeeNotBelowPrevious";
  });
  const row = wrong.findIndex((reason) => reason !== undefined);
  const reason = wrong[row];
  return reason && { reason, at: BigInt(row + 1) };
}

function checked(table: readonly Tier[]): readonly Tier[] {
  const refusal = tableRefusal(table);
  if (refusal) throw new RangeError(`FeeTiers refuses the table: ${refusal.reason} at ${refusal.at}`);
  return [...table];
}

/**
 * The fee on a payment or on a month of them.
 *
 * @param volume units of the payment token
 * @param feeBps basis points
 * @returns units of the payment token, rounded up as the market rounds
 */
export function feeOn(volume: bigint, feeBps: bigint): bigint {
  return divideUp(volume * feeBps, TOTAL_BPS);
}

/**
 * What a tier saves on a volume, against Basic.
 *
 * @param volume units of the payment token
 * @param feeBps the tier's basis points
 * @returns units of the payment token, rounded down
 */
export function grossSaving(volume: bigint, feeBps: bigint): bigint {
  return (volume * (BASE_FEE_BPS - feeBps)) / TOTAL_BPS;
}

interface Purchase {
  readonly at: bigint;
  readonly tier: Tier;
}

/** A fee tiers contract, everything that was ever bought there, and what follows from it. */
export class FeeTiersModel {
  #table: readonly Tier[];
  readonly #predecessor: FeeTiersModel | undefined;
  readonly #purchases = new Map<string, Purchase[]>();

  /**
   * @param table the tiers for sale, tier 1 first
   * @param predecessor the contract that this one replaced
   * @throws RangeError where the contract refuses the table
   */
  constructor(table: readonly Tier[] = SOURCE_TIERS, predecessor?: FeeTiersModel) {
    this.#table = checked(table);
    this.#predecessor = predecessor;
  }

  /** The tiers for sale, tier 1 first. */
  table(): readonly Tier[] {
    return this.#table;
  }

  /**
   * Sells `table`, tier 1 first, from now on.
   *
   * @throws RangeError where the contract refuses it
   */
  setTable(table: readonly Tier[]): void {
    this.#table = checked(table);
  }

  /** Basis points that `account` pays at `at`, in seconds, not before its last purchase. */
  feeBpsOf(account: string, at: bigint): bigint {
    const bought = this.boughtTierOf(account);
    const own = bought !== undefined && at < bought.end ? bought.feeBps : BASE_FEE_BPS;
    const inherited = this.#predecessor?.feeBpsOf(account, at) ?? BASE_FEE_BPS;
    return own < inherited ? own : inherited;
  }

  /** What `account` bought here last, after all that it bought before; undefined where it bought nothing. */
  boughtTierOf(account: string): BoughtTier | undefined {
    let bought: BoughtTier | undefined;
    for (const { at, tier } of this.#purchases.get(account) ?? []) bought = follow(bought, tier, at).bought;
    return bought;
  }

  /**
   * What `tier` takes from `account` at `at`, in seconds, not before its last purchase.
   *
   * @param tier counted from 1
   * @throws TierRefused where the contract refuses
   */
  terms(account: string, tier: bigint, at: bigint): TierTerms {
    const terms = follow(this.boughtTierOf(account), this.#requireTier(account, tier, at), at);
    if (terms.bought.end > at + TIER_MAX_AHEAD) throw new TierRefused("TooFarAhead");
    return terms;
  }

  /**
   * What the contract's `quote` says.
   *
   * @param tier counted from 1
   * @param at seconds
   * @param volume units of the payment token in 30 days
   * @param xpPrice units of the payment token for one whole XP
   * @throws TierRefused where the contract refuses
   */
  quote(account: string, tier: bigint, at: bigint, volume: bigint, xpPrice: bigint): TierQuote {
    const { burn, credit, bought } = this.terms(account, tier, at);
    const saving = grossSaving(volume, bought.feeBps);
    const cost = divideUp(burn * xpPrice, ONE_XP);
    return {
      burn,
      credit,
      grossSaving: saving,
      ceilingPrice: burn === 0n ? NO_CEILING : (saving * ONE_XP) / burn,
      cost,
      worthwhile: cost < saving,
      end: bought.end,
      feeBps: bought.feeBps,
    };
  }

  /**
   * Buys `tier` for `account` at `at`, in seconds, not before its last purchase.
   *
   * @param tier counted from 1
   * @returns what it took and gave
   * @throws TierRefused where the contract refuses
   */
  burnForTier(account: string, tier: bigint, at: bigint): TierTerms {
    const terms = this.terms(account, tier, at);
    const purchases = this.#purchases.get(account) ?? [];
    this.#purchases.set(account, [...purchases, { at, tier: this.#requireTier(account, tier, at) }]);
    return terms;
  }

  #requireTier(account: string, tier: bigint, at: bigint): Tier {
    const wanted = tier === 0n ? undefined : this.#table[Number(tier - 1n)];
    if (!wanted) throw new TierRefused("UnknownTier");
    if (wanted.feeBps > this.feeBpsOf(account, at)) throw new TierRefused("Downgrade");
    return wanted;
  }
}

/** One purchase after another: a first tier, a renewal where the fee is the same, an upgrade otherwise. */
function follow(before: BoughtTier | undefined, { price, feeBps }: Tier, at: bigint): TierTerms {
  const first = { feeBps, since: at, end: at + TIER_DURATION, prepaid: price };
  if (before === undefined || at >= before.end) return { burn: price, credit: 0n, bought: first };
  // What was used up rounds up, against the account.
  const used = divideUp(before.prepaid * (at - before.since), before.end - before.since);
  const unused = before.prepaid - used;
  if (before.feeBps === feeBps) {
    const renewed = { feeBps, since: at, end: before.end + TIER_DURATION, prepaid: unused + price };
    return { burn: price, credit: 0n, bought: renewed };
  }
  const credit = unused < price ? unused : price;
  return { burn: price - credit, credit, bought: first };
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
