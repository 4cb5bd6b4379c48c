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
   * What `xp` wei of XP of the order cost or bring now. A bid lets go of what it holds above what the rest of it may still have to pay.
   *
   * @throws RangeError where the order is not open, or has less left
   */
  preview(orderId: bigint, xp: bigint): bigint {
    const { side, price, remaining, held } = this.order(orderId);
    if (xp <= 0n || xp > remaining) throw new RangeError(`${xp} wei of XP of ${remaining}`);
    return side === "ask" ? paymentFor(xp, price) : held.payment - paymentFor(remaining - xp, price);
  }

  /**
   * Trades `xp` wei of XP between the maker and `taker`.
   *
   * @returns the payment
   * @throws RangeError as `preview`, and where maker and taker are the same
   */
  fill(orderId: bigint, taker: string, xp: bigint): bigint {
    const order = this.order(orderId);
    const payment = this.preview(orderId, xp);
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
    return payment;
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
