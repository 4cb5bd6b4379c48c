import { AbiCoder, type BaseContract, type Contract } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { revertDataOf } from "../../../src/deployment/revert.js";
import { formatCount, renderTable } from "../../../src/format.js";
import { carryOutSpending, type Permit } from "../../support/allowance.js";
import { basisPoints, duration, formatMoment, tokenAmount, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { recipientOf } from "../../support/recipient.js";
import type { Call } from "../../support/send.js";
import { chainTime, type Session, signerOf } from "../../support/session.js";
import { type Flywheel, flywheelCall, flywheelOf, partOf, reading, signedFlywheel } from "../flywheel.js";
import { type OpenOrder, readOrders, readPool } from "../prices.js";
import { BEYOND_BOUND, paid, type PaymentUnits, poolWords, price, xp } from "../words.js";

const ONE_XP = 10n ** 18n;

function givenOrder(text: string): bigint {
  return wholeNumber("order", text, "write the order's number, such as 1; `hardhat xp orders` lists them");
}

interface OrderInput {
  readonly amount: string;
  readonly price: string;
}

/** Offers XP for sale: `hardhat xp ask`. */
export async function ask(session: Session, input: OrderInput): Promise<Outcome> {
  const amount = tokenAmount("amount", input.amount, "XP");
  const flywheel = await signedFlywheel(session);
  const { xpMarket: market, payment, xpToken } = flywheel;
  const unitPrice = tokenAmount("price", input.price, payment.symbol, payment.decimals);
  return carryOutSpending(
    session,
    { token: xpToken, spender: market, amount },
    (permit) =>
      permit
        ? flywheelCall(
            flywheel,
            market,
            market.askWithPermit,
            amount,
            unitPrice,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : flywheelCall(flywheel, market, market.ask, amount, unitPrice),
    { token: xpToken },
    async () => [
      `${xp(amount)} held by the market for whoever pays ${price(unitPrice, payment)} for one XP, ${paid(await market.previewBid(amount, unitPrice), payment)} in all.`,
      "Price and side never change; `hardhat xp cancel-order` takes back what is not sold.",
    ],
  );
}

/** Offers money for XP: `hardhat xp bid`. */
export async function bid(session: Session, input: OrderInput): Promise<Outcome> {
  const amount = tokenAmount("amount", input.amount, "XP");
  const flywheel = await signedFlywheel(session);
  const { xpMarket: market, payment: token } = flywheel;
  const unitPrice = tokenAmount("price", input.price, token.symbol, token.decimals);
  const cost = await reading(flywheel, () => market.previewBid(amount, unitPrice));
  return carryOutSpending(
    session,
    { token, spender: market, amount: cost },
    (permit) =>
      permit
        ? flywheelCall(
            flywheel,
            market,
            market.bidWithPermit,
            amount,
            unitPrice,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : flywheelCall(flywheel, market, market.bid, amount, unitPrice),
    { token },
    () => [
      `${paid(cost, token)} held by the market for whoever sells up to ${xp(amount)} at ${price(unitPrice, token)} for one XP.`,
      "Price and side never change; `hardhat xp cancel-order` takes back what is not spent.",
    ],
  );
}

/** Takes an order, whole or in part: `hardhat xp fill`. */
export async function fill(
  session: Session,
  { order: orderText, amount: amountText, limit: limitText }: { order: string; amount: string; limit: string },
): Promise<Outcome> {
  const orderId = givenOrder(orderText);
  const flywheel = await signedFlywheel(session);
  const { xpMarket: market, payment, xpToken } = flywheel;
  const { isBid, remaining, price: unitPrice } = await reading(flywheel, () => market.orderOf(orderId));
  const wanted = amountText === "" ? remaining : tokenAmount("amount", amountText, "XP");
  const preview = await reading(flywheel, () => market.previewFill(orderId, wanted));
  // A given limit is for all that is wanted, what is shown for what is left.
  const amount = limitText === "" ? preview.filled : wanted;
  // A bid pays a unit less where another part of it is taken first.
  const least = preview.payment === 0n ? 0n : preview.payment - 1n;
  const limit =
    limitText === ""
      ? isBid
        ? least
        : preview.payment
      : tokenAmount("limit", limitText, payment.symbol, payment.decimals);
  const [token, most] = isBid ? ([xpToken, amount] as const) : ([payment, limit] as const);
  return carryOutSpending(
    session,
    { token, spender: market, amount: most },
    (permit) =>
      permit
        ? flywheelCall(
            flywheel,
            market,
            market.fillWithPermit,
            orderId,
            amount,
            limit,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : flywheelCall(flywheel, market, market.fill, orderId, amount, limit),
    { token: isBid ? payment : xpToken },
    ({ filled, payment: paidNow }) => [
      isBid
        ? `${xp(filled)} sold for ${paid(paidNow, payment)}, at least ${paid(limit, payment)}.`
        : `${xp(filled)} bought for ${paid(paidNow, payment)}, at most ${paid(limit, payment)}.`,
      `The order's price is ${price(unitPrice, payment)} for one XP; ${xp(remaining - filled)} are left of it.`,
      `Where somebody takes a part first, what is left by then is ${isBid ? "sold" : "bought"}, and the bound counts in proportion.`,
    ],
  );
}

/** Takes back an order: `hardhat xp cancel-order`. */
export async function cancelOrder(session: Session, { order, to }: { order: string; to: string }): Promise<Outcome> {
  const orderId = givenOrder(order);
  const recipient = recipientOf(session, to);
  const flywheel = await signedFlywheel(session);
  const { xpMarket: market, payment, xpToken } = flywheel;
  const { isBid } = await reading(flywheel, () => market.orderOf(orderId));
  const call = flywheelCall(flywheel, market, market.cancel, orderId, recipient);
  return carryOut(session, call, { token: isBid ? payment : xpToken, account: recipient }, (amount) => [
    `${isBid ? paid(amount, payment) : xp(amount)}, all that the order holds, to ${recipient}.`,
  ]);
}

/** The open orders; amounts in base units, prices in payment units for one XP. */
export interface OrderBook {
  readonly network: string;
  readonly asks: readonly OpenOrder[];
  readonly bids: readonly OpenOrder[];
  readonly looked: bigint;
  readonly count: bigint;
  readonly token: PaymentUnits;
}

/** Lists open orders, the best first: `hardhat xp orders`. */
export async function readBook(session: Session, { last }: { last: string }): Promise<OrderBook> {
  const most = wholeNumber("last", last, "write how many of the latest to look at");
  const flywheel = await flywheelOf(session);
  const { orders, looked, count } = await readOrders(flywheel, most);
  const rising = (a: OpenOrder, b: OpenOrder): number => (a.price === b.price ? 0 : a.price < b.price ? -1 : 1);
  const { symbol, decimals } = flywheel.payment;
  return {
    network: session.connection.networkName,
    asks: orders.filter(({ sells }) => sells).sort(rising),
    bids: orders.filter(({ sells }) => !sells).sort((a, b) => rising(b, a)),
    looked,
    count,
    token: { symbol, decimals },
  };
}

export function describeBook({ asks, bids, looked, count, token }: OrderBook): string {
  const scope = `of the latest ${formatCount(looked)} of ${formatCount(count)} orders`;
  if (asks.length + bids.length === 0) return `None ${scope} is open.`;
  const columns = [
    { title: "order", align: "right" },
    { title: "side", align: "left" },
    { title: "for one XP", align: "right" },
    { title: "left", align: "right" },
    { title: "maker", align: "left" },
  ] as const;
  const rows = [...asks, ...bids].map(({ order, sells, price: unitPrice, remaining, maker }) => [
    formatCount(order),
    sells ? "sells" : "buys",
    price(unitPrice, token),
    xp(remaining),
    maker,
  ]);
  return `${renderTable(columns, rows)}\n${formatCount(rows.length)} ${scope} are open.`;
}

interface SwapInput {
  readonly amount: string;
  readonly slippage: string;
  /** How long the swap may wait to be mined, such as "30m". */
  readonly validFor: string;
}

/** @throws ExplainedError if a swap would be too late at once */
function validity({ validFor }: SwapInput): bigint {
  const seconds = duration("valid-for", validFor);
  if (seconds > 0n) return seconds;
  throw new ExplainedError(
    "--valid-for is no time at all: write how long the swap may wait, such as 30m, or 7d for a multisig.",
  );
}

/** Uniswap's router, and the pool's price to hold it to. */
async function swapPlace(
  session: Session,
  flywheel: Flywheel,
  seconds: bigint,
): Promise<{ router: Contract; fee: bigint; spot: bigint; deadline: bigint }> {
  if (!flywheel.swapRouter) {
    throw new ExplainedError(
      "This deployment knows no router of Uniswap's: trade on Uniswap's own site, or with `hardhat xp orders` and `hardhat xp fill`.",
    );
  }
  const [{ fee, spot }, now] = await Promise.all([readPool(session, flywheel), chainTime(session)]);
  if (spot === undefined) {
    throw new ExplainedError("The pool has no liquidity: trade with `hardhat xp orders` and `hardhat xp fill`.");
  }
  const router = flywheel.swapRouter.connect(signerOf(session)) as Contract;
  return { router, fee, spot, deadline: now + seconds };
}

/** @returns what the last of the router's calls moved */
function amountIn(results: readonly string[]): bigint {
  return AbiCoder.defaultAbiCoder().decode(["uint256"], results.at(-1) ?? "0x")[0] as bigint;
}

/** A swap through the router: in one transaction with the permit, since the router takes several calls at once. */
function swapCall(
  session: Session,
  { speakers, pool, payment, xpToken }: Flywheel,
  router: Contract,
  token: { readonly address: string },
  swap: { readonly method: string; readonly parameters: object },
  permit: Permit | undefined,
  most: bigint,
  deadline: bigint,
): Call<bigint> {
  const own = speakers.find(({ contract }) => contract.target === router.target);
  const data = router.interface.encodeFunctionData(swap.method, [swap.parameters]);
  const calls = permit
    ? [
        router.interface.encodeFunctionData("selfPermit", [
          token.address,
          most,
          permit.deadline,
          permit.v,
          permit.r,
          permit.s,
        ]),
        data,
      ]
    : [data];
  const multicall = router.getFunction("multicall");
  const swapped = partOf(session, String(pool.target), [
    "event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)",
  ]);
  return {
    beyond: [{ contract: swapped, words: poolWords(payment, BigInt(xpToken.address) < BigInt(payment.address)) }],
    contract: router as BaseContract,
    words: own?.words ?? { refusals: {}, events: {} },
    notes: untilWhen(session, deadline),
    decode: (returnData) =>
      amountIn(router.interface.decodeFunctionResult(multicall.fragment, returnData)[0] as string[]),
    probe: async () => {
      try {
        return amountIn((await multicall.staticCall(calls)) as string[]);
      } catch (error) {
        // The router says nothing where the pool ran out.
        if (revertDataOf(error) !== undefined || !/revert/i.test(String(error))) throw error;
        throw new ExplainedError("The pool cannot give this much: give a lower --amount.", { cause: error });
      }
    },
    transact: () => multicall.send(calls),
  };
}

/** Who makes the call for others has to know until when they can. */
function untilWhen({ isDrafting = false }: Session, deadline: bigint): readonly string[] {
  return isDrafting ? [`The router refuses it after ${formatMoment(deadline)}.`] : [];
}

/** Sells XP in the pool: `hardhat xp sell`. */
export async function sell(session: Session, input: SwapInput): Promise<Outcome> {
  const amount = tokenAmount("amount", input.amount, "XP");
  if (amount === 0n) throw new ExplainedError("An amount of zero sells nothing: give a higher --amount.");
  const slippage = basisPoints("slippage", input.slippage);
  const seconds = validity(input);
  const flywheel = await signedFlywheel(session);
  const { xpToken, payment } = flywheel;
  const { router, fee, spot, deadline } = await swapPlace(session, flywheel, seconds);
  const atSpot = (amount * spot * (1_000_000n - fee)) / (ONE_XP * 1_000_000n);
  const least = (atSpot * (10_000n - slippage)) / 10_000n;
  const parameters = {
    tokenIn: xpToken.address,
    tokenOut: payment.address,
    fee,
    recipient: session.account,
    deadline,
    amountIn: amount,
    amountOutMinimum: least,
    sqrtPriceLimitX96: 0n,
  };
  return carryOutSpending(
    session,
    { token: xpToken, spender: router, amount, deadline },
    (permit) =>
      swapCall(
        session,
        flywheel,
        router,
        xpToken,
        { method: "exactInputSingle", parameters },
        permit,
        amount,
        deadline,
      ),
    { token: payment },
    (received) => [
      `${xp(amount)} sold for ${paid(received, payment)}, and at least ${paid(least, payment)}; the pool's price is ${price(spot, payment)} before.`,
    ],
  );
}

/** Buys XP in the pool: `hardhat xp buy`. */
export async function buy(session: Session, input: SwapInput): Promise<Outcome> {
  const amount = tokenAmount("amount", input.amount, "XP");
  if (amount === 0n) throw new ExplainedError("An amount of zero buys nothing: give a higher --amount.");
  const slippage = basisPoints("slippage", input.slippage);
  const seconds = validity(input);
  const flywheel = await signedFlywheel(session);
  const { xpToken, payment } = flywheel;
  const { router, fee, spot, deadline } = await swapPlace(session, flywheel, seconds);
  const atSpot = (amount * spot * 1_000_000n) / (ONE_XP * (1_000_000n - fee)) + 1n;
  const bound = (atSpot * (10_000n + slippage)) / 10_000n;
  const balance = await payment.balanceOf(session.account);
  const most = balance >= atSpot && balance < bound ? balance : bound;
  const parameters = {
    tokenIn: payment.address,
    tokenOut: xpToken.address,
    fee,
    recipient: session.account,
    deadline,
    amountOut: amount,
    amountInMaximum: most,
    sqrtPriceLimitX96: 0n,
  };
  return carryOutSpending(
    session,
    { token: payment, spender: router, amount: most, deadline, unmoved: { text: "STF", meaning: BEYOND_BOUND } },
    (permit) =>
      swapCall(session, flywheel, router, payment, { method: "exactOutputSingle", parameters }, permit, most, deadline),
    { token: xpToken },
    (spent) => [
      `${xp(amount)} bought for ${paid(spent, payment)}, and at most ${paid(most, payment)}; the pool's price is ${price(spot, payment)} before.`,
    ],
  );
}
