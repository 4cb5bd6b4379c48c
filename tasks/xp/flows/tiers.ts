import { MaxUint256 } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../../src/format.js";
import { BASE_FEE_BPS, grossSaving, SOURCE_TIERS, type SourceTier } from "../../../src/xp/tiers.js";
import { carryOutSpending } from "../../support/allowance.js";
import { basisPoints, duration, formatMoment, tokenAmount, wholeNumber } from "../../support/inputs.js";
import type { Outcome } from "../../support/outcome.js";
import { chainTime, type Session } from "../../support/session.js";
import { type Flywheel, flywheelCall, flywheelOf, reading, signedFlywheel } from "../flywheel.js";
import { type MarketPrices, readPrices } from "../prices.js";
import { paid, type PaymentUnits, percent, price, xp } from "../words.js";

const ONE_XP = 10n ** 18n;

/** Orders that the best price is looked for in. */
const ORDERS_LOOKED_AT = 200n;

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
  /** Undefined where no tier bought here runs. */
  readonly until: bigint | undefined;
  readonly token: PaymentUnits;
}

function sourceTier(terms: { readonly price: bigint; readonly feeBps: bigint }): SourceTier | undefined {
  return SOURCE_TIERS.find(({ price: burn, feeBps }) => burn === terms.price && feeBps === terms.feeBps);
}

/** Reads the tiers for sale: `hardhat xp tiers`. */
export async function readTiers(session: Session): Promise<TierTable> {
  const { account, connection } = session;
  const { feeTiers, payment } = await flywheelOf(session);
  const [table, feeBps, bought, time] = await Promise.all([
    feeTiers.table(),
    feeTiers.feeBpsOf(account),
    feeTiers.boughtTierOf(account),
    chainTime(session),
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
    feeBps,
    until: time < bought.end ? bought.end : undefined,
    token: { symbol: payment.symbol, decimals: payment.decimals },
  };
}

export function describeTiers({ account, network, tiers, feeBps, until, token }: TierTable): string {
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
  ].join("\n");
}

export interface QuoteInput {
  readonly tier: string;
  readonly volume: string;
  readonly price: string;
  readonly monthlyCost: string;
  readonly monthlyXp: string;
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
  readonly market: MarketPrices;
  /** The price that cost and worth are reckoned with; undefined where XP has none. */
  readonly price: bigint | undefined;
  readonly cost: bigint | undefined;
  readonly worthwhile: boolean | undefined;
  /** What the router would pay the pool for all of it; a sentence where it could not. */
  readonly router: { readonly payment: bigint } | { readonly refusal: string };
  readonly token: PaymentUnits;
}

/** Reckons with a tier: `hardhat xp quote`. */
export async function readQuote(session: Session, input: QuoteInput): Promise<TierQuote> {
  const { account, connection } = session;
  const tier = givenTier(input.tier);
  const flywheel = await flywheelOf(session);
  const { feeTiers, payment: token } = flywheel;
  const given = (option: string, text: string): bigint => tokenAmount(option, text, token.symbol, token.decimals);
  const monthlyCost = given("monthly-cost", input.monthlyCost);
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
      : given("volume", input.volume);
  const market = await readPrices(session, flywheel, ORDERS_LOOKED_AT);
  const xpPrice = input.price === "" ? (market.spot ?? market.bestAsk) : given("price", input.price);
  const quote = await reading(flywheel, () => feeTiers.quote(account, tier, volume, xpPrice ?? 0n));
  return {
    network: connection.networkName,
    account,
    tier,
    feeBps: terms.feeBps,
    volume,
    burn: quote.burn,
    credit: quote.credit,
    end: quote.end,
    saving: quote.grossSaving,
    ceiling: quote.ceilingPrice === MaxUint256 ? undefined : quote.ceilingPrice,
    floor: (monthlyCost * ONE_XP) / monthlyXp,
    monthlyCost,
    monthlyXp,
    market,
    price: xpPrice,
    cost: xpPrice === undefined ? undefined : quote.cost,
    worthwhile: xpPrice === undefined ? undefined : quote.worthwhile,
    router: await routerQuote(flywheel, account, tier).catch((error: unknown) => {
      if (error instanceof ExplainedError) return { refusal: error.message };
      throw error;
    }),
    token: { symbol: token.symbol, decimals: token.decimals },
  };
}

async function routerQuote(flywheel: Flywheel, account: Address, tier: bigint): Promise<{ payment: bigint }> {
  const { tierRouter } = flywheel;
  const { payment } = await reading(flywheel, () => tierRouter.quoteBuyAndBurn.staticCall(account, tier));
  return { payment };
}

export function describeQuote(q: TierQuote): string {
  const pay = (amount: bigint): string => paid(amount, q.token);
  const at = (value: bigint | undefined, none: string): string => (value === undefined ? none : price(value, q.token));
  const { market } = q;
  return [
    `Tier ${formatCount(q.tier)} for ${q.account}: a fee of ${percent(q.feeBps)} until ${formatMoment(q.end)}, for a volume of ${pay(q.volume)}`,
    `burn     ${xp(q.burn)}${q.credit === 0n ? "" : `, after a credit of ${xp(q.credit)}`}`,
    `saving   ${pay(q.saving)} of fees, against Basic`,
    q.cost === undefined
      ? "cost     unknown: XP has no price here; give one with --price"
      : `cost     ${pay(q.cost)} at ${at(q.price, "")} for one XP: ${q.worthwhile === true ? `worth while, ${pay(q.saving - q.cost)} ahead` : "not worth while"}`,
    "payment" in q.router
      ? `DEX      ${pay(q.router.payment)} for all of it in one purchase, with \`hardhat xp buy-and-burn\``
      : `DEX      not now: ${q.router.refusal}`,
    "",
    `The price of one XP, in ${q.token.symbol}:`,
    `ceiling  ${at(q.ceiling, "none: nothing is burned")}, where the saving is used up: saving / XP needed`,
    `market   ${at(market.spot, "none")} in the pool now, ${at(market.average, "none")} there over the last 30 minutes, ${at(market.bestAsk, "none")} the best ask`,
    `floor    ${at(q.floor, "")}, what earning it costs: ${pay(q.monthlyCost)} a month / ${xp(q.monthlyXp)} a month`,
  ].join("\n");
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
