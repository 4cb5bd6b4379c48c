import { MaxUint256 } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address } from "../../../src/deployment/folder.js";
import { revertDataOf } from "../../../src/deployment/revert.js";
import { formatCount, renderTable } from "../../../src/format.js";
import { BASE_FEE_BPS, grossSaving, SOURCE_TIERS, type SourceTier } from "../../../src/xp/tiers.js";
import { carryOutSpending } from "../../support/allowance.js";
import { basisPoints, duration, formatMoment, tokenAmount, wholeNumber } from "../../support/inputs.js";
import type { Outcome } from "../../support/outcome.js";
import { chainTime, type Session } from "../../support/session.js";
import { readFee } from "../fee.js";
import { type Flywheel, flywheelCall, flywheelOf, reading, signedFlywheel } from "../flywheel.js";
import { type Depth, depthOf, type PoolPrices, readOrders, readPool } from "../prices.js";
import { paid, type PaymentUnits, percent, price, xp } from "../words.js";

const ONE_XP = 10n ** 18n;

function givenTier(text: string): bigint {
  return wholeNumber("tier", text, "write the tier's number, such as 1; `hardhat xp tiers` shows them");
}

/** A tier for sale, with the source's guidance where it is a tier of the source's; amounts in base units. */
export interface TierRow {
  readonly tier: bigint;
  readonly name: string;
  readonly feeBps: bigint;
  readonly burn: bigint;
  readonly volume: bigint | undefined;
  readonly saving: bigint | undefined;
}

/** The table of tiers, and what an account has of it. */
export interface TierTable {
  readonly network: string;
  readonly account: Address;
  readonly tiers: readonly TierRow[];
  readonly feeBps: bigint;
  /** Undefined where no tier runs. */
  readonly until: bigint | undefined;
  /** How the market differs from the deployment's record. */
  readonly notes: readonly string[];
  readonly token: PaymentUnits;
}

function sourceTier(terms: { readonly price: bigint; readonly feeBps: bigint }): SourceTier | undefined {
  return SOURCE_TIERS.find(({ price: burn, feeBps }) => burn === terms.price && feeBps === terms.feeBps);
}

/** Reads the tiers for sale: `hardhat xp tiers`. */
export async function readTiers(session: Session): Promise<TierTable> {
  const { account, connection } = session;
  const flywheel = await flywheelOf(session);
  const { feeTiers, payment, modules } = flywheel;
  const [table, fee] = await Promise.all([
    feeTiers.table(),
    chainTime(session).then((time) => readFee(flywheel, account, time)),
  ]);
  const unit = 10n ** BigInt(payment.decimals);
  const rows = table.map((row, i): TierRow => {
    const source = sourceTier(row);
    const volume = source && source.volume * unit;
    return {
      tier: BigInt(i + 1),
      name: source?.name ?? `Tier ${String(i + 1)}`,
      feeBps: row.feeBps,
      burn: row.price,
      volume,
      saving: volume === undefined ? undefined : grossSaving(volume, row.feeBps),
    };
  });
  const basic = { tier: 0n, name: "Basic", feeBps: BASE_FEE_BPS, burn: 0n, volume: undefined, saving: undefined };
  return {
    network: connection.networkName,
    account,
    tiers: [basic, ...rows],
    feeBps: fee.bps,
    until: fee.until,
    notes: modules.notes,
    token: { symbol: payment.symbol, decimals: payment.decimals },
  };
}

export function describeTiers({ account, network, tiers, feeBps, until, notes, token }: TierTable): string {
  const columns = [
    { title: "tier", align: "right" },
    { title: "name", align: "left" },
    { title: "fee", align: "right" },
    { title: "burned", align: "right" },
    { title: "volume of about", align: "right" },
    { title: "saves there", align: "right" },
  ] as const;
  const amount = (value: bigint | undefined): string => (value === undefined ? "–" : paid(value, token));
  const rows = tiers.map(({ tier, name, feeBps: fee, burn, volume, saving }) => [
    formatCount(tier),
    name,
    percent(fee),
    xp(burn),
    amount(volume),
    amount(saving),
  ]);
  return [
    `Tiers on network "${network}": XP burned buys 30 days; a volume and a saving are those of 30 days, and guidance.`,
    "",
    renderTable(columns, rows),
    "",
    `${account} pays ${percent(feeBps)}${until === undefined ? "" : `, and has its tier until ${formatMoment(until)}`}.`,
    ...notes,
  ].join("\n");
}

export interface QuoteInput {
  readonly tier: string;
  readonly volume: string;
  readonly price: string;
  readonly monthlyCost: string;
  readonly monthlyXp: string;
  /** How many of the latest orders to look at. */
  readonly last: string;
}

/** What a tier takes and saves, beside what XP is worth; amounts and prices in base units, prices for one XP. */
export interface TierQuote {
  readonly network: string;
  readonly account: Address;
  readonly tier: bigint;
  readonly feeBps: bigint;
  readonly volume: bigint;
  readonly burn: bigint;
  readonly credit: bigint;
  readonly end: bigint;
  readonly saving: bigint;
  /** The price at which the saving is used up; undefined where nothing is burned, so that every price pays. */
  readonly ceiling: bigint | undefined;
  /** What earning one XP costs. */
  readonly floor: bigint;
  readonly monthlyCost: bigint;
  readonly monthlyXp: bigint;
  /** What the pool has of what is burned, and what it says XP costs. */
  readonly pool: Depth &
    PoolPrices & { /** Why it is not to be had in one purchase. */ readonly refusal: string | undefined };
  /** What the open orders have of it, among the latest that were looked at. */
  readonly orders: Depth & { readonly looked: bigint; readonly count: bigint };
  /** What one XP costs where all that is burned is bought in the cheaper of the two, or as given; undefined where neither has all of it. */
  readonly price: bigint | undefined;
  readonly cost: bigint | undefined;
  readonly worthwhile: boolean | undefined;
  /** How the market differs from the deployment's record. */
  readonly notes: readonly string[];
  readonly token: PaymentUnits;
}

/** Reckons with a tier: `hardhat xp quote`. */
export async function readQuote(session: Session, input: QuoteInput): Promise<TierQuote> {
  const { account, connection } = session;
  const tier = givenTier(input.tier);
  const flywheel = await flywheelOf(session);
  const { feeTiers, payment: token, modules } = flywheel;
  const amountOf = (option: string, text: string): bigint => tokenAmount(option, text, token.symbol, token.decimals);
  const monthlyCost = amountOf("monthly-cost", input.monthlyCost);
  const monthlyXp = tokenAmount("monthly-xp", input.monthlyXp, "XP");
  if (monthlyXp === 0n)
    throw new ExplainedError("--monthly-xp is zero: write how many XP an operator earns in a month.");
  await reading(flywheel, () => feeTiers.quote(account, tier, 0n, 0n));
  const terms = (await feeTiers.table())[Number(tier) - 1];
  if (!terms) throw new ExplainedError(`There is no tier ${String(tier)}: \`hardhat xp tiers\` shows them.`);
  const guidance = sourceTier(terms)?.volume;
  const volume =
    input.volume === "" && guidance !== undefined
      ? guidance * 10n ** BigInt(token.decimals)
      : amountOf("volume", input.volume);
  const last = wholeNumber("last", input.last);
  const given = input.price === "" ? undefined : amountOf("price", input.price);
  const [quote, { spot, average }, book] = await Promise.all([
    reading(flywheel, () => feeTiers.quote(account, tier, volume, given ?? 0n)),
    readPool(session, flywheel),
    readOrders(flywheel, last),
  ]);
  const { burn: needed, grossSaving: saving } = quote;
  const orders = { ...depthOf(book.orders, needed, account), looked: book.looked, count: book.count };
  const pool = { ...(await poolDepth(flywheel, account, tier, needed)), spot, average };
  const cost = given === undefined ? cheapest(needed, [pool, orders]) : quote.cost;
  return {
    network: connection.networkName,
    account,
    tier,
    feeBps: terms.feeBps,
    volume,
    burn: needed,
    credit: quote.credit,
    end: quote.end,
    saving,
    ceiling: quote.ceilingPrice === MaxUint256 ? undefined : quote.ceilingPrice,
    floor: (monthlyCost * ONE_XP) / monthlyXp,
    monthlyCost,
    monthlyXp,
    pool,
    orders,
    price: given ?? unitPrice(cost, needed),
    cost,
    worthwhile: cost === undefined ? undefined : cost < saving,
    notes: modules.notes,
    token: { symbol: token.symbol, decimals: token.decimals },
  };
}

/** The least that all of `needed` costs in one place; undefined where none has all of it. */
function cheapest(needed: bigint, places: readonly Depth[]): bigint | undefined {
  if (needed === 0n) return 0n;
  const costs = places.flatMap((place) => wholeCost(place, needed) ?? []);
  return costs.length === 0 ? undefined : costs.reduce(smaller);
}

/** What all of `needed` costs in a place; undefined where it has less, since the price of a part says nothing of the whole. */
function wholeCost({ available, payment }: Depth, needed: bigint): bigint | undefined {
  return available < needed ? undefined : payment;
}

/** What one XP costs where `amount` costs `cost`, rounded up; undefined where nothing is bought. */
function unitPrice(cost: bigint | undefined, amount: bigint): bigint | undefined {
  return cost === undefined || amount === 0n ? undefined : (cost * ONE_XP + amount - 1n) / amount;
}

/** What the pool has of what a tier burns: what the router would pay for all of it, or how much there is. */
async function poolDepth(
  flywheel: Flywheel,
  account: Address,
  tier: bigint,
  needed: bigint,
): Promise<Depth & { readonly refusal: string | undefined }> {
  try {
    const { payment } = await routerQuote(flywheel, account, tier);
    return { available: needed, payment, refusal: undefined };
  } catch (error) {
    if (!(error instanceof ExplainedError)) throw error;
    const data = revertDataOf(error.cause);
    const refused = data === undefined ? null : flywheel.recorded.tierRouter.interface.parseError(data);
    const available = refused?.name === "TierRouter_NotEnoughLiquidity" ? (refused.args.available as bigint) : 0n;
    return { available, payment: undefined, refusal: error.message };
  }
}

async function routerQuote(flywheel: Flywheel, account: Address, tier: bigint): Promise<{ payment: bigint }> {
  const { tierRouter } = flywheel;
  const { payment } = await reading(flywheel, () => tierRouter.quoteBuyAndBurn.staticCall(account, tier));
  return { payment };
}

export function describeQuote(q: TierQuote): string {
  const pay = (amount: bigint): string => paid(amount, q.token);
  const at = (value: bigint | undefined, none: string): string => (value === undefined ? none : price(value, q.token));
  const whole = (place: Depth): string => at(unitPrice(wholeCost(place, q.burn), q.burn), "none");
  return [
    `Tier ${formatCount(q.tier)} for ${q.account}: a fee of ${percent(q.feeBps)} until ${formatMoment(q.end)}, for a volume of ${pay(q.volume)}`,
    `burn     ${xp(q.burn)}${q.credit === 0n ? "" : `, after a credit of ${xp(q.credit)}`}`,
    `saving   ${pay(q.saving)} of fees, against Basic`,
    q.cost === undefined
      ? "cost     unknown: nobody sells all of it in one place; give a price with --price"
      : `cost     ${pay(q.cost)}${q.price === undefined ? "" : `, ${price(q.price, q.token)} for one XP`}: ` +
        (q.worthwhile === true ? `worth while, ${pay(q.saving - q.cost)} ahead` : "not worth while"),
    q.pool.refusal === undefined
      ? `pool     ${pay(q.pool.payment ?? 0n)} for all of it in one purchase, with \`hardhat xp buy-and-burn\``
      : `pool     not all of it in one purchase: ${q.pool.refusal}`,
    ordersLine(q),
    "",
    `The price of one XP, in ${q.token.symbol}:`,
    `ceiling  ${at(q.ceiling, "none: nothing is burned")}, where the saving is used up: saving / XP needed`,
    `market   ${whole(q.pool)} in the pool and ${whole(q.orders)} from orders, for all that is burned`,
    ...(q.pool.spot === undefined
      ? []
      : [
          `spot     ${price(q.pool.spot, q.token)} in the pool now, ${at(q.pool.average, "none")} there over the last 30 minutes: what next to nothing costs`,
        ]),
    `floor    ${at(q.floor, "")}, what earning it costs: ${pay(q.monthlyCost)} a month / ${xp(q.monthlyXp)} a month`,
    ...q.notes,
  ].join("\n");
}

function ordersLine({ orders, burn: needed, token }: TierQuote): string {
  const scope =
    orders.looked < orders.count
      ? `, among the latest ${formatCount(orders.looked)} of ${formatCount(orders.count)} orders`
      : "";
  const { available, payment = 0n } = orders;
  if (available === 0n) return `orders   nobody sells any of it${scope}`;
  const part = available < needed ? `${xp(available)} of it, and no more` : "all of it";
  return `orders   ${paid(payment, token)} for ${part}${scope}: \`hardhat xp orders\` lists them`;
}

/** Burns XP for a tier: `hardhat xp burn`. */
export async function burn(
  session: Session,
  { tier: tierText, maxBurn }: { tier: string; maxBurn: string },
): Promise<Outcome> {
  const tier = givenTier(tierText);
  const given = maxBurn === "" ? undefined : tokenAmount("max-burn", maxBurn, "XP");
  const flywheel = await signedFlywheel(session);
  const { feeTiers: tiers, xpToken } = flywheel;
  const { burn: needed, credit, feeBps } = await reading(flywheel, () => tiers.quote(session.account, tier, 0n, 0n));
  // An upgrade's credit melts by the second: up to a hundredth of the price more, where a first tier and a renewal cost what they cost.
  const most = given ?? needed + (credit === 0n ? 0n : smaller(credit, (needed + credit) / 100n));
  return carryOutSpending(
    session,
    { token: xpToken, spender: tiers, amount: most },
    (permit) =>
      permit
        ? flywheelCall(
            flywheel,
            tiers,
            tiers.burnForTierWithPermit,
            tier,
            feeBps,
            most,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : flywheelCall(flywheel, tiers, tiers.burnForTier, tier, feeBps, most),
    { token: xpToken },
    (burned) => tierTerms(flywheel, session.account, tier, feeBps, burned),
  );
}

async function tierTerms(
  { feeTiers }: Flywheel,
  account: Address,
  tier: bigint,
  maxFee: bigint,
  burned: bigint,
): Promise<readonly string[]> {
  const { credit, end } = await feeTiers.quote(account, tier, 0n, 0n);
  return [
    `${xp(burned)} burned for ever${credit === 0n ? "" : `, after a credit of ${xp(credit)} for the time given up`}.`,
    `In return, jobs that the account's agents accept until about ${formatMoment(end)} pay a fee of at most ${percent(maxFee)}.`,
  ];
}

export interface BuyAndBurnInput {
  readonly tier: string;
  readonly maxPayment: string;
  readonly slippage: string;
  readonly validFor: string;
}

/** Buys what a tier costs in the pool and burns it, in one transaction: `hardhat xp buy-and-burn`. */
export async function buyAndBurn(session: Session, input: BuyAndBurnInput): Promise<Outcome> {
  const tier = givenTier(input.tier);
  const slippage = basisPoints("slippage", input.slippage);
  const validFor = duration("valid-for", input.validFor);
  const flywheel = await signedFlywheel(session);
  const { feeTiers, tierRouter: router, payment: token } = flywheel;
  const given =
    input.maxPayment === "" ? undefined : tokenAmount("max-payment", input.maxPayment, token.symbol, token.decimals);
  const { account } = session;
  const { payment: quoted } = await routerQuote(flywheel, account, tier);
  const [deadline, balance, { feeBps }] = await Promise.all([
    chainTime(session).then((now) => now + validFor),
    token.balanceOf(account),
    reading(flywheel, () => feeTiers.quote(account, tier, 0n, 0n)),
  ]);
  const bound = quoted + (quoted * slippage) / 10_000n;
  const most = given ?? (balance >= quoted ? smaller(bound, balance) : bound);
  return carryOutSpending(
    session,
    { token, spender: router, amount: most, deadline },
    (permit) =>
      permit
        ? flywheelCall(
            flywheel,
            router,
            router.buyAndBurnWithPermit,
            tier,
            feeBps,
            most,
            deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : flywheelCall(flywheel, router, router.buyAndBurn, tier, feeBps, most, deadline),
    { token },
    async ({ payment, burned }) => [
      `${paid(payment, token)} to the pool for ${xp(burned)}, and at most ${paid(most, token)}, until ${formatMoment(deadline)}.`,
      ...(await tierTerms(flywheel, account, tier, feeBps, burned)),
    ],
  );
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
