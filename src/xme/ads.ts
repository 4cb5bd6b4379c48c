/**
 * Reference model of `AdSettlement`: X.me Dual-Token Economic Model Whitepaper, section 4.1, "Advertisers can use XME governance tokens for
 * advertising settlement". Amounts in wei of XME, times in seconds, shares in basis points. It keeps everything that ever happened to a
 * campaign and adds it up again for each answer, where the contract keeps only sums; prices stay in wei where the contract keeps steps.
 */

/** Seconds after a campaign's end in which it can be settled, and after which the rest returns. Choice: X.me's seven days. */
export const AD_SETTLEMENT_WINDOW = 7n * 86_400n;

/** The longest, in seconds, that a campaign may run. Choice: half a year. */
export const AD_MAX_DURATION = 180n * 86_400n;

/** The furthest, in seconds, that a campaign's start may lie ahead. Choice: a season and more. */
export const AD_MAX_START_DISTANCE = 180n * 86_400n;

/** Prices are whole numbers of this many wei for a thousand impressions. Choice: a millionth of an XME, so that no part is ever rounded. */
export const AD_PRICE_STEP = 10n ** 12n;

/** The highest price, in wei for a thousand impressions. Choice: what 40 bits of steps hold. */
export const AD_MAX_PRICE_PER_THOUSAND = (2n ** 40n - 1n) * AD_PRICE_STEP;

/** The most reports that a campaign takes. Choice: what 24 bits hold. */
export const AD_MAX_REPORTS = 2n ** 24n - 1n;

const TOTAL_BPS = 10_000n;
const ZERO_ADDRESS = "0x0000000000000000000000000000000000000000";

/** How costs are shared, in basis points that sum to 10,000. */
export interface AdSplit {
  readonly creatorsBps: bigint;
  readonly delegatorsBps: bigint;
  readonly burnBps: bigint;
  readonly treasuryBps: bigint;
}

/** What an advertiser asks for, as the contract's `create` takes it. */
export interface AdTerms {
  readonly budget: bigint;
  readonly pricePerThousand: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly splitVersion: bigint;
}

/** Impressions of one creator's content in one report. */
export interface AdRow {
  readonly creator: string;
  readonly impressions: bigint;
}

/** What a report costs, and the four parts of it. */
export interface AdParts {
  readonly cost: bigint;
  readonly creators: bigint;
  readonly delegators: bigint;
  readonly burned: bigint;
  readonly treasury: bigint;
}

/** A campaign as the contract shows it. */
export interface AdCampaign extends AdTerms {
  readonly advertiser: string;
  readonly spent: bigint;
  readonly reports: bigint;
}

/** A call that the contract refuses: the name of its error without `AdSettlement_`, and the values that it carries. */
export class AdRefusal extends Error {
  constructor(
    readonly error: string,
    readonly values: readonly (bigint | string)[] = [],
  ) {
    super(`${error}(${values.join(", ")})`);
    this.name = "AdRefusal";
  }
}

/**
 * What impressions cost: the price is for a thousand of them, and a price in whole steps leaves no rest.
 *
 * @param impressions how many were served
 * @param pricePerThousand wei for a thousand, a multiple of `AD_PRICE_STEP`
 * @returns wei of XME, exact
 * @throws RangeError where the price is not in steps
 */
export function adCost(impressions: bigint, pricePerThousand: bigint): bigint {
  return exactly(impressions * pricePerThousand, 1_000n);
}

/**
 * What each part gets of a cost.
 *
 * @param cost wei of XME, of whole impressions
 * @throws RangeError where a part would not be whole, which no cost by a price in steps makes
 */
export function adParts(cost: bigint, split: AdSplit): AdParts {
  const part = (bps: bigint) => exactly(cost * bps, TOTAL_BPS);
  return {
    cost,
    creators: part(split.creatorsBps),
    delegators: part(split.delegatorsBps),
    burned: part(split.burnBps),
    treasury: part(split.treasuryBps),
  };
}

/**
 * The pace: what of a budget may be spent by `at`.
 *
 * @returns wei of XME, rounded down before the end and exact from then on
 */
export function adReached(budget: bigint, start: bigint, end: bigint, at: bigint): bigint {
  if (at <= start) return 0n;
  return at >= end ? budget : (budget * (at - start)) / (end - start);
}

interface History {
  readonly advertiser: string;
  readonly pricePerThousand: bigint;
  readonly splitVersion: bigint;
  start: bigint;
  end: bigint;
  /** What was escrowed, and what went back. */
  readonly escrowed: bigint[];
  readonly returned: bigint[];
  readonly reports: (readonly AdRow[])[];
}

/** Everything that ever happened to a settlement, and what follows from it. Each action throws `AdRefusal` where the contract refuses it. */
export class AdSettlementModel {
  readonly #address: string;
  readonly #splits: AdSplit[] = [];
  readonly #campaigns: History[] = [];
  readonly #withdrawn = new Map<string, bigint>();
  #paid = { delegators: 0n, burned: 0n, treasury: 0n };

  /**
   * @param address the contract's own, which can be no creator
   * @param split the first, version 1
   */
  constructor(address: string, split: AdSplit) {
    this.#address = address;
    this.setSplit(split);
  }

  /** Shares the campaigns created from now on by `split`, and answers its version. */
  setSplit(split: AdSplit): bigint {
    const sum = split.creatorsBps + split.delegatorsBps + split.burnBps + split.treasuryBps;
    if (sum !== TOTAL_BPS) throw new AdRefusal("SplitSumNot100Percent", [sum]);
    this.#splits.push(split);
    return this.splitVersion;
  }

  /** The version of the split that new campaigns get. */
  get splitVersion(): bigint {
    return BigInt(this.#splits.length);
  }

  /** The number of campaigns, which is the last one's. */
  get campaignCount(): bigint {
    return BigInt(this.#campaigns.length);
  }

  /** Creates a campaign at `at` and answers its number. */
  create(at: bigint, advertiser: string, terms: AdTerms): bigint {
    const { budget, pricePerThousand, end, splitVersion } = terms;
    if (budget === 0n) throw new AdRefusal("AmountIsZero");
    if (pricePerThousand === 0n) throw new AdRefusal("PriceIsZero");
    if (pricePerThousand > AD_MAX_PRICE_PER_THOUSAND) {
      throw new AdRefusal("PriceTooHigh", [pricePerThousand, AD_MAX_PRICE_PER_THOUSAND]);
    }
    if (pricePerThousand % AD_PRICE_STEP !== 0n) {
      throw new AdRefusal("PriceNotInSteps", [pricePerThousand, AD_PRICE_STEP]);
    }
    const start = terms.start > at ? terms.start : at;
    if (start - at > AD_MAX_START_DISTANCE) throw new AdRefusal("StartTooFar", [start, at + AD_MAX_START_DISTANCE]);
    if (end <= start) throw new AdRefusal("EndNotAfterStart", [start, end]);
    if (end - start > AD_MAX_DURATION) throw new AdRefusal("TooLong", [start, end, AD_MAX_DURATION]);
    if (splitVersion !== this.splitVersion) throw new AdRefusal("SplitNotCurrent", [splitVersion, this.splitVersion]);
    this.#campaigns.push({
      advertiser,
      pricePerThousand,
      splitVersion,
      start,
      end,
      escrowed: [budget],
      returned: [],
      reports: [],
    });
    return this.campaignCount;
  }

  /** Adds `amount` to the budget of a campaign at `at`. */
  topUp(at: bigint, campaignId: bigint, amount: bigint): void {
    if (amount === 0n) throw new AdRefusal("AmountIsZero");
    this.#running(campaignId, at).escrowed.push(amount);
  }

  /** Ends a campaign at `at`, and answers what goes back at once. */
  stop(at: bigint, campaignId: bigint, caller: string): bigint {
    const { advertiser } = this.#campaign(campaignId);
    if (caller !== advertiser) throw new AdRefusal("NotAdvertiser", [campaignId, caller, advertiser]);
    const returned = this.previewStop(at, campaignId);
    const campaign = this.#campaign(campaignId);
    campaign.returned.push(returned);
    if (at < campaign.start) campaign.start = at;
    campaign.end = at;
    return returned;
  }

  /** Settles report number `report` of a campaign at `at`, and answers its parts. */
  settle(at: bigint, campaignId: bigint, report: bigint, rows: readonly AdRow[]): AdParts {
    const { reports } = this.#campaign(campaignId);
    const next = BigInt(reports.length) + 1n;
    if (report !== next) throw new AdRefusal("NotNextReport", [campaignId, report, next]);
    const parts = this.quote(at, campaignId, rows);
    reports.push(rows);
    return parts;
  }

  /** Sends back what a campaign has not spent at `at`, and answers how much. */
  refund(at: bigint, campaignId: bigint): bigint {
    const campaign = this.#campaign(campaignId);
    const closedAt = campaign.end + AD_SETTLEMENT_WINDOW;
    if (at < closedAt) throw new AdRefusal("SettlementOpen", [campaignId, closedAt]);
    const amount = this.refundable(at, campaignId);
    if (amount === 0n) throw new AdRefusal("NothingToRefund", [campaignId]);
    campaign.returned.push(amount);
    return amount;
  }

  /** Takes all of a creator's credit, and answers how much. */
  withdraw(creator: string): bigint {
    const amount = this.creditOf(creator);
    if (amount === 0n) throw new AdRefusal("NothingToWithdraw", [creator]);
    this.#withdrawn.set(creator, (this.#withdrawn.get(creator) ?? 0n) + amount);
    return amount;
  }

  /** Burns and pays the treasury, and answers how much of each. */
  distribute(): { burned: bigint; toTreasury: bigint } {
    const { toBurn, toTreasury } = this.pending();
    this.#paid.burned += toBurn;
    this.#paid.treasury += toTreasury;
    return { burned: toBurn, toTreasury };
  }

  /** Pays the delegators' part, and answers how much. */
  payDelegators(hasIncome: boolean): bigint {
    if (!hasIncome) throw new AdRefusal("NoIncome");
    const { delegators } = this.pending();
    this.#paid.delegators += delegators;
    return delegators;
  }

  /** What a report costs at `at`, and its parts. */
  quote(at: bigint, campaignId: bigint, rows: readonly AdRow[]): AdParts {
    const { start, end, pricePerThousand, splitVersion } = this.campaign(campaignId);
    const closedAt = end + AD_SETTLEMENT_WINDOW;
    if (at < start) throw new AdRefusal("NotStarted", [campaignId, start]);
    if (at >= closedAt) throw new AdRefusal("SettlementClosed", [campaignId, closedAt]);
    if (rows.length === 0) throw new AdRefusal("NoRows", [campaignId]);
    rows.forEach(({ creator, impressions }, row) => {
      if (creator === ZERO_ADDRESS || creator === this.#address) {
        throw new AdRefusal("InvalidCreator", [BigInt(row), creator]);
      }
      if (impressions === 0n) throw new AdRefusal("NoImpressions", [BigInt(row), creator]);
    });
    const cost = sum(rows.map(({ impressions }) => adCost(impressions, pricePerThousand)));
    const spendable = this.spendable(at, campaignId);
    if (cost > spendable) throw new AdRefusal("AboveSpendable", [campaignId, cost, spendable]);
    return adParts(cost, this.split(splitVersion));
  }

  /** Wei that reports of a campaign can cost at `at`. */
  spendable(at: bigint, campaignId: bigint): bigint {
    const { budget, spent, start, end } = this.campaign(campaignId);
    return at < end + AD_SETTLEMENT_WINDOW ? adReached(budget, start, end, at) - spent : 0n;
  }

  /** Wei that `stop` at `at` would send back at once. */
  previewStop(at: bigint, campaignId: bigint): bigint {
    this.#running(campaignId, at);
    const { budget, start, end } = this.campaign(campaignId);
    return budget - adReached(budget, start, end, at);
  }

  /** Wei that `refund` at `at` would send back. */
  refundable(at: bigint, campaignId: bigint): bigint {
    const { budget, spent, end } = this.campaign(campaignId);
    return at < end + AD_SETTLEMENT_WINDOW ? 0n : budget - spent;
  }

  /** A campaign as the contract shows it. */
  campaign(campaignId: bigint): AdCampaign {
    const { escrowed, returned, reports, ...terms } = this.#campaign(campaignId);
    return {
      ...terms,
      budget: sum(escrowed) - sum(returned),
      spent: sum(reports.flat().map(({ impressions }) => adCost(impressions, terms.pricePerThousand))),
      reports: BigInt(reports.length),
    };
  }

  /** What was ever escrowed for a campaign, and where it went; what is neither returned nor in a part is escrowed still. */
  account(campaignId: bigint): { escrowed: bigint; returned: bigint; parts: AdParts } {
    const { escrowed, returned } = this.#campaign(campaignId);
    const { spent, splitVersion } = this.campaign(campaignId);
    return { escrowed: sum(escrowed), returned: sum(returned), parts: adParts(spent, this.split(splitVersion)) };
  }

  /** The split with the number `version`. */
  split(version: bigint): AdSplit {
    const split = this.#splits[Number(version) - 1];
    if (!split) throw new AdRefusal("UnknownSplit", [version]);
    return split;
  }

  /** Wei that a creator has earned and not withdrawn. */
  creditOf(creator: string): bigint {
    const earned = this.#campaigns.flatMap(({ reports, pricePerThousand, splitVersion }) =>
      reports
        .flat()
        .filter((row) => row.creator === creator)
        .map(({ impressions }) => adParts(adCost(impressions, pricePerThousand), this.split(splitVersion)).creators),
    );
    return sum(earned) - (this.#withdrawn.get(creator) ?? 0n);
  }

  /** Wei that wait to be paid to delegators, burned, and paid to the treasury. */
  pending(): { delegators: bigint; toBurn: bigint; toTreasury: bigint } {
    const parts = this.#campaigns.map((_, index) => this.account(BigInt(index) + 1n).parts);
    return {
      delegators: sum(parts.map(({ delegators }) => delegators)) - this.#paid.delegators,
      toBurn: sum(parts.map(({ burned }) => burned)) - this.#paid.burned,
      toTreasury: sum(parts.map(({ treasury }) => treasury)) - this.#paid.treasury,
    };
  }

  /** Wei of XME that the contract holds where nobody sent any to it outright: all that came in less all that left. */
  balance(): bigint {
    const inside = this.#campaigns.map(({ escrowed, returned }) => sum(escrowed) - sum(returned));
    const { delegators, burned, treasury } = this.#paid;
    return sum(inside) - sum([...this.#withdrawn.values()]) - delegators - burned - treasury;
  }

  #campaign(campaignId: bigint): History {
    const campaign = this.#campaigns[Number(campaignId) - 1];
    if (!campaign) throw new AdRefusal("UnknownCampaign", [campaignId]);
    return campaign;
  }

  #running(campaignId: bigint, at: bigint): History {
    const campaign = this.#campaign(campaignId);
    if (at >= campaign.end) throw new AdRefusal("Ended", [campaignId, campaign.end]);
    return campaign;
  }
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function exactly(product: bigint, divisor: bigint): bigint {
  if (product % divisor !== 0n) throw new RangeError(`${product} is no multiple of ${divisor}`);
  return product / divisor;
}

/**
 * The split that the suite starts with. Choice: the source names who benefits, not how much. Half goes to those whose content is looked at, a
 * fifth each to delegators (section 7.3, "reflow of platform commercial revenue") and to burning (section 4.1), a tenth to the treasury.
 */
export const DEFAULT_AD_SPLIT: AdSplit = {
  creatorsBps: 5_000n,
  delegatorsBps: 2_000n,
  burnBps: 2_000n,
  treasuryBps: 1_000n,
};
