/**
 * Reference model of `PublicSale`. Amounts of XME in wei of XME, payments in wei of the chain's currency, times in seconds.
 */

const ONE_XME = 10n ** 18n;

/** What a sale fixes at construction. */
export interface SaleTerms {
  /** Wei of the chain's currency for one whole XME. */
  price: bigint;
  /** Most XME, in wei, for each wallet. */
  walletCap: bigint;
  /** First second of the sale. */
  start: bigint;
  /** First second after the sale. */
  end: bigint;
}

/** What one purchase gives. */
export interface SaleFill {
  /** Wei of XME. */
  xmeOut: bigint;
  /** Wei of the chain's currency. */
  cost: bigint;
}

/** Why a purchase is refused: the contract's error without its prefix. */
export type SaleRefusal =
  | "NotStarted"
  | "Ended"
  | "NothingWanted"
  | "NotFunded"
  | "SoldOut"
  | "WalletCapReached"
  | "BelowMinimum"
  | "PaymentTooLow";

/**
 * The smallest whole number of wei that is worth at least the XME it buys.
 *
 * @param xme wei of XME
 * @param price wei of the chain's currency for one whole XME
 * @returns wei of the chain's currency, rounded up
 */
export function saleCost(xme: bigint, price: bigint): bigint {
  const exact = xme * price;
  const cost = exact / ONE_XME;
  return cost * ONE_XME === exact ? cost : cost + 1n;
}

/**
 * The most XME that a payment covers.
 *
 * @param value wei of the chain's currency
 * @param price wei of the chain's currency for one whole XME
 * @returns wei of XME, rounded down, so that `saleCost` of it is never above `value`
 */
export function saleAmountFor(value: bigint, price: bigint): bigint {
  return (value * ONE_XME) / price;
}

/** A sale with its buyers. */
export class SaleModel {
  readonly terms: SaleTerms;
  readonly #bought = new Map<string, bigint>();
  #funded: bigint;
  #sold = 0n;
  #raised = 0n;

  /** @param funded wei of XME that the sale received */
  constructor(terms: SaleTerms, funded: bigint) {
    this.terms = terms;
    this.#funded = funded;
  }

  /** Wei of XME sold. */
  get sold(): bigint {
    return this.#sold;
  }

  /** Wei of XME left. */
  get remaining(): bigint {
    return this.#funded - this.#sold;
  }

  /** Wei of the chain's currency paid, change apart. */
  get raised(): bigint {
    return this.#raised;
  }

  /** Wei of XME that `beneficiary` got. */
  bought(beneficiary: string): bigint {
    return this.#bought.get(beneficiary) ?? 0n;
  }

  /** Wei of XME that the cap leaves `beneficiary`, whoever bought what it has. */
  room(beneficiary: string): bigint {
    return this.terms.walletCap - this.bought(beneficiary);
  }

  /** What a purchase at `now` would give, the least of `wanted`, room and rest, or why it is refused. */
  quote(beneficiary: string, wanted: bigint, now: bigint): SaleFill | SaleRefusal {
    if (now < this.terms.start) return "NotStarted";
    if (now >= this.terms.end) return "Ended";
    if (wanted === 0n) return "NothingWanted";
    if (this.remaining === 0n) return this.#sold === 0n ? "NotFunded" : "SoldOut";
    if (this.room(beneficiary) === 0n) return "WalletCapReached";
    const xmeOut = [this.room(beneficiary), this.remaining].reduce((least, one) => (one < least ? one : least), wanted);
    return { xmeOut, cost: saleCost(xmeOut, this.terms.price) };
  }

  /** Buys, or says why not; `value` is what the buyer sends, of which all above the cost comes back. */
  buy(beneficiary: string, wanted: bigint, minimum: bigint, value: bigint, now: bigint): SaleFill | SaleRefusal {
    const fill = this.quote(beneficiary, wanted, now);
    if (typeof fill === "string") return fill;
    if (fill.xmeOut < minimum) return "BelowMinimum";
    if (value < fill.cost) return "PaymentTooLow";
    this.#bought.set(beneficiary, this.bought(beneficiary) + fill.xmeOut);
    this.#sold += fill.xmeOut;
    this.#raised += fill.cost;
    return fill;
  }
}
