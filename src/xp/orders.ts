/**
 * Reference model of `XPMarket`: XP Flywheel, "Dual Use of XP", "market: DEX or OTC". XP in wei, payments in units of the payment token, prices
 * in those units for one whole XP. It keeps purses, the market's one for each order, and moves amounts between them.
 */

/** One whole XP, in wei. */
const ONE_XP = 10n ** 18n;

/** The most XP, in wei, that one order can be for: what 88 bits hold. */
export const MAX_ORDER_XP = 2n ** 88n - 1n;

/** The highest price: what 128 bits hold. */
export const MAX_ORDER_PRICE = 2n ** 128n - 1n;

/** The most that one order can cost in all: what 96 bits hold. */
export const MAX_ORDER_PAYMENT = 2n ** 96n - 1n;

/** Which way an order goes: an ask sells XP, a bid buys it. */
export type Side = "ask" | "bid";

/** What an account, or the market for an order, holds. */
export interface Purse {
  readonly xp: bigint;
  readonly payment: bigint;
}

/** An order as the model keeps it. */
export interface ModelOrder {
  readonly side: Side;
  readonly maker: string;
  readonly price: bigint;
  readonly remaining: bigint;
  /** What the market holds for it. */
  readonly held: Purse;
}

/**
 * What a payer owes for `xp` wei of XP at `price`.
 *
 * @returns units of the payment token, rounded up
 */
export function paymentFor(xp: bigint, price: bigint): bigint {
  const exact = xp * price;
  return exact / ONE_XP + (exact % ONE_XP === 0n ? 0n : 1n);
}

/** What a fill comes to: what is taken of an order, in wei of XP, and what is paid for it, in units of the payment token. */
export interface Fill {
  readonly filled: bigint;
  readonly payment: bigint;
}

/**
 * Whether a taker's limit for `wanted` lets a fill through: cross-multiplied, a buyer pays less than a unit above his price for what he gets, a
 * seller gets more than a unit below hers.
 *
 * @param side the order's
 * @param wanted wei of XP, not less than what is filled
 * @param limit units of the payment token, for all that is wanted
 */
export function withinLimit(side: Side, wanted: bigint, limit: bigint, { filled, payment }: Fill): boolean {
  return side === "ask" ? (payment - 1n) * wanted < limit * filled : (payment + 1n) * wanted > limit * filled;
}

/** All orders that were ever made, and the purse of everyone who traded. */
export class OrderBookModel {
  readonly #orders: (ModelOrder | undefined)[] = [];
  readonly #purses = new Map<string, Purse>();

  /** How many orders were made; they are numbered from 1. */
  get count(): bigint {
    return BigInt(this.#orders.length);
  }

  /** The numbers of the orders that are open. */
  get open(): readonly bigint[] {
    return this.#orders.flatMap((order, position) => (order ? [BigInt(position + 1)] : []));
  }

  /** What `account` got less what it gave since the beginning; negative where it gave more. */
  purse(account: string): Purse {
    return this.#purses.get(account) ?? { xp: 0n, payment: 0n };
  }

  /** What the market holds for all orders together. */
  held(): Purse {
    return this.#orders.reduce<Purse>(
      (sum, order) => ({
        xp: sum.xp + (order?.held.xp ?? 0n),
        payment: sum.payment + (order?.held.payment ?? 0n),
      }),
      { xp: 0n, payment: 0n },
    );
  }

  /** @throws RangeError where the order `orderId` is not open */
  order(orderId: bigint): ModelOrder {
    const order = this.#orders[Number(orderId) - 1];
    if (!order) throw new RangeError(`order ${orderId} is not open`);
    return order;
  }

  /**
   * Opens an order and takes from its maker what it must hold.
   *
   * @returns its number
   * @throws RangeError where XP, price or payment are out of range
   */
  make(side: Side, maker: string, xp: bigint, price: bigint): bigint {
    const payment = paymentFor(xp, price);
    if (xp <= 0n || xp > MAX_ORDER_XP) throw new RangeError(`${xp} wei of XP`);
    if (price <= 0n || price > MAX_ORDER_PRICE) throw new RangeError(`a price of ${price}`);
    if (payment > MAX_ORDER_PAYMENT) throw new RangeError(`a payment of ${payment}`);
    const held = side === "ask" ? { xp, payment: 0n } : { xp: 0n, payment };
    this.#move(maker, -held.xp, -held.payment);
    return BigInt(this.#orders.push({ side, maker, price, remaining: xp, held }));
  }

  /**
   * What `wanted` wei of XP of the order cost or bring now, or all that is left where that is less. A bid lets go of what it holds above what
   * the rest of it may still have to pay.
   *
   * @throws RangeError where the order is not open, or nothing is wanted
   */
  preview(orderId: bigint, wanted: bigint): Fill {
    const { side, price, remaining, held } = this.order(orderId);
    if (wanted <= 0n) throw new RangeError(`${wanted} wei of XP`);
    if (wanted >= remaining)
      return { filled: remaining, payment: side === "ask" ? paymentFor(remaining, price) : held.payment };
    const payment = side === "ask" ? paymentFor(wanted, price) : held.payment - paymentFor(remaining - wanted, price);
    return { filled: wanted, payment };
  }

  /**
   * Trades `wanted` wei of XP, or what is left, between the maker and `taker`.
   *
   * @param limit what the taker pays at most, or gets at least, for all that is wanted; none where it is left out
   * @returns what was traded
   * @throws RangeError as `preview`, where maker and taker are the same, and beyond the limit
   */
  fill(orderId: bigint, taker: string, wanted: bigint, limit?: bigint): Fill {
    const order = this.order(orderId);
    const fill = this.preview(orderId, wanted);
    const { filled: xp, payment } = fill;
    if (limit !== undefined && !withinLimit(order.side, wanted, limit, fill)) {
      throw new RangeError(`${payment} for ${xp} wei of XP is beyond ${limit} for ${wanted}`);
    }
    if (taker === order.maker) throw new RangeError(`${taker} made order ${orderId}`);
    const buys = order.side === "ask";
    this.#move(taker, buys ? xp : -xp, buys ? -payment : payment);
    this.#move(order.maker, buys ? 0n : xp, buys ? payment : 0n);
    const remaining = order.remaining - xp;
    const held = {
      xp: order.held.xp - (buys ? xp : 0n),
      payment: order.held.payment - (buys ? 0n : payment),
    };
    this.#orders[Number(orderId) - 1] = remaining === 0n ? undefined : { ...order, remaining, held };
    if (remaining === 0n && (held.xp !== 0n || held.payment !== 0n)) {
      throw new Error(`order ${orderId} is over and still holds ${held.xp} and ${held.payment}`);
    }
    return fill;
  }

  /**
   * Closes the order and gives `to` what it holds.
   *
   * @returns what it held
   * @throws RangeError where it is not open, or `caller` did not make it
   */
  cancel(orderId: bigint, caller: string, to: string): Purse {
    const { maker, held } = this.order(orderId);
    if (caller !== maker) throw new RangeError(`${caller} did not make order ${orderId}`);
    this.#move(to, held.xp, held.payment);
    this.#orders[Number(orderId) - 1] = undefined;
    return held;
  }

  #move(account: string, xp: bigint, payment: bigint): void {
    const purse = this.purse(account);
    this.#purses.set(account, { xp: purse.xp + xp, payment: purse.payment + payment });
  }
}
