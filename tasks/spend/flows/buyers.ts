import { ZeroAddress } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { formatCount } from "../../../src/format.js";
import { GROWTH_PERKS, SPENDING_CATEGORY } from "../../../src/xme/spending.js";
import { formatDuration, formatMoment, givenAddress, required, textHash, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { givenRecipient } from "../../support/recipient.js";
import { callOf } from "../../support/send.js";
import { chainTime, type Session } from "../../support/session.js";
import { givenCategory, givenContent, givenPrice, purchase, reading, signedShop } from "../shop.js";
import { categoryName, contentName, DAY, ownerOf, sharesIn, SPENDING_WORDS, WEEK, xmex } from "../words.js";

interface MaxPrice {
  readonly maxPrice: string;
}

/** Unlocks a content for good: `hardhat spend unlock`. */
export async function unlock(
  session: Session,
  { content, maxPrice }: { content: string } & MaxPrice,
): Promise<Outcome> {
  const id = givenContent(content);
  const shop = await signedShop(session);
  const { spending } = shop;
  const price = await reading(shop, () => spending.quoteUnlock(id, session.account));
  const lines = (costs: string): string[] => [`${costs} to unlock ${contentName(id)} for good.`];
  const bought = { category: SPENDING_CATEGORY.unlock, price, hasCreator: true, maxPrice, lines };
  return purchase(session, shop, bought, spending.unlock, id, price);
}

/** Pays for one more period of a plan: `hardhat spend membership`. */
export async function renewMembership(
  session: Session,
  { creator, plan, maxPrice }: { creator: string; plan: string } & MaxPrice,
): Promise<Outcome> {
  const seller = creator === "" ? ZeroAddress : givenAddress("creator", creator, "give the creator's address");
  const number = wholeNumber("plan", plan, "write the plan's number; `hardhat spend catalogue` shows them");
  const shop = await signedShop(session);
  const { spending, catalogue } = shop;
  const [[price, until], [, period]] = await reading(shop, () =>
    Promise.all([spending.quoteMembership(seller, number, session.account), catalogue.planOf(seller, number)]),
  );
  const lines = (costs: string): string[] => [
    `${costs} for ${formatDuration(period)} of plan ${formatCount(number)} of ${ownerOf(seller)}, until about ${formatMoment(until)}.`,
  ];
  const hasCreator = seller !== ZeroAddress;
  const bought = { category: SPENDING_CATEGORY.membership, price, hasCreator, maxPrice, lines };
  return purchase(session, shop, bought, spending.renewMembership, seller, number, price, period);
}

/** Tips an account, or the creator of a content: `hardhat spend tip`. */
export async function tip(
  session: Session,
  { to, content, amount: text }: { to: string; content: string; amount: string },
): Promise<Outcome> {
  if ((to === "") === (content === "")) {
    throw new ExplainedError(
      "A tip is for an address or for the creator of a content: give one of --to and --content.",
    );
  }
  const amount = givenPrice("amount", text);
  const shop = await signedShop(session);
  const { spending } = shop;
  const bought = { category: SPENDING_CATEGORY.tip, price: amount, hasCreator: true };
  if (content !== "") {
    const id = givenContent(content);
    const creator = await reading(shop, () => session.deployment.xme.contentRegistry.creatorOf(id));
    const lines = (costs: string): string[] => [`${costs} for ${creator}, the creator of ${contentName(id)}.`];
    return purchase(session, shop, { ...bought, lines }, spending.tipContent, id, amount);
  }
  const creator = givenRecipient(session, "to", to, "give the address that is tipped");
  const lines = (costs: string): string[] => [`${costs} as a tip for ${creator}.`];
  return purchase(session, shop, { ...bought, lines }, spending.tip, creator, amount);
}

/** Boosts a content in a week: `hardhat spend boost`. */
export async function boost(
  session: Session,
  { content, weeksAhead, amount: text }: { content: string; weeksAhead: string; amount: string },
): Promise<Outcome> {
  const id = givenContent(content);
  const ahead = wholeNumber("weeks-ahead", weeksAhead, "write 0 for this week, up to 4");
  const amount = givenPrice("amount", text);
  const shop = await signedShop(session);
  const { spending } = shop;
  const week = (await chainTime(session)) / WEEK + ahead;
  const there = await spending.boostOf(id, week);
  const lines = (costs: string): string[] => [
    `${costs} to boost ${contentName(id)} in the week from ${formatMoment(week * WEEK)}, which makes ${xmex(there + amount)}.`,
  ];
  const bought = { category: SPENDING_CATEGORY.boost, price: amount, hasCreator: false, lines };
  return purchase(session, shop, bought, spending.boost, id, week, amount);
}

/** Takes the next hot spot of a day: `hardhat spend recommend`. */
export async function recommend(
  session: Session,
  { content, daysAhead, maxPrice }: { content: string; daysAhead: string } & MaxPrice,
): Promise<Outcome> {
  const id = givenContent(content);
  const ahead = wholeNumber("days-ahead", daysAhead, "write 0 for today, up to 7");
  const shop = await signedShop(session);
  const { spending } = shop;
  const day = (await chainTime(session)) / DAY + ahead;
  const [price, slot] = await reading(shop, () => spending.quoteHotSpot(day));
  const lines = (costs: string): string[] => [
    `${costs} for hot spot ${String(slot + 1n)} of ${formatMoment(day * DAY).slice(0, 10)}, for ${contentName(id)}.`,
  ];
  const bought = { category: SPENDING_CATEGORY.hotSpot, price, hasCreator: false, maxPrice, lines };
  return purchase(session, shop, bought, spending.recommend, id, day, price);
}

interface ServiceInput {
  readonly service: string;
  readonly request: string;
}

const givenService = (text: string): bigint =>
  wholeNumber("service", text, "write the service's number; `hardhat spend catalogue` shows them");
const givenRequest = (text: string): string =>
  textHash("request", text, "write what is asked, whose hash is announced, or that hash");

/** Pays for units of an AI service: `hardhat spend service`. */
export async function useService(
  session: Session,
  { service, units: text, request, maxPrice }: ServiceInput & { units: string } & MaxPrice,
): Promise<Outcome> {
  const number = givenService(service);
  const units = wholeNumber("units", text, "write how many units");
  if (units >= 2n ** 32n) throw new ExplainedError(`--units is ${text}: write at most ${String(2n ** 32n - 1n)}.`);
  const hash = givenRequest(request);
  const shop = await signedShop(session);
  const { spending } = shop;
  const price = await reading(shop, () => spending.quoteService(number, units));
  const lines = (costs: string): string[] => [
    `${costs} for ${formatCount(units)} units of service ${formatCount(number)}, for request ${hash}.`,
  ];
  const bought = { category: SPENDING_CATEGORY.aiService, price, hasCreator: false, maxPrice, lines };
  return purchase(session, shop, bought, spending.useService, number, units, hash, price);
}

/** Asks an AI service by what the account holds: `hardhat spend ask`. */
export async function askService(session: Session, { service, request }: ServiceInput): Promise<Outcome> {
  const number = givenService(service);
  const hash = givenRequest(request);
  const shop = await signedShop(session);
  const call = callOf(shop.spending, SPENDING_WORDS, shop.spending.requestService, number, hash);
  return carryOut(session, call, { token: shop.xmex }, async () => {
    const [, hold] = await shop.catalogue.serviceOf(number);
    return [
      `Service ${formatCount(number)} is asked for request ${hash}; holding ${xmex(hold)} is enough, and nothing is paid.`,
    ];
  });
}

/** Buys items: `hardhat spend buy`. */
export async function buy(
  session: Session,
  { item, amount: text, maxPrice }: { item: string; amount: string } & MaxPrice,
): Promise<Outcome> {
  const id = wholeNumber("item", item, "write the item's number; `hardhat spend catalogue` shows them");
  const amount = wholeNumber("amount", text, "write how many of the item");
  const shop = await signedShop(session);
  const { spending, items } = shop;
  const [[price, category, seller], [, until]] = await reading(shop, () =>
    Promise.all([items.offerOf(id, amount), items.quote(id, amount, session.account)]),
  );
  const lines = (costs: string): string[] => [
    `${costs} for ${formatCount(amount)} of item ${formatCount(id)} (${categoryName(category)})` +
      `${until === 0n ? "" : `, which lasts until about ${formatMoment(until)}`}.`,
  ];
  const bought = { category, price, hasCreator: seller !== ZeroAddress, maxPrice, lines };
  return purchase(session, shop, bought, spending.buy, id, amount, price);
}

/** Buys growth: `hardhat spend growth`. */
export async function buyGrowth(
  session: Session,
  { perk: name, days, privilege, maxPrice }: { perk: string; days: string; privilege: string } & MaxPrice,
): Promise<Outcome> {
  const names = GROWTH_PERKS as readonly string[];
  const advice = `choose one of ${names.join(", ")}`;
  const perk = names.indexOf(required("perk", name, advice));
  if (perk < 0) throw new ExplainedError(`--perk is "${name}": ${advice}.`);
  const forGood = name === "privilege";
  const value = forGood
    ? wholeNumber("privilege", privilege, "write the privilege's number; `hardhat spend catalogue` shows them")
    : wholeNumber("days", days, "write how many days");
  const shop = await signedShop(session);
  const { spending } = shop;
  const price = await reading(shop, () => spending.quoteGrowth(perk, value));
  const what = forGood ? `the privilege ${formatCount(value)}, for good` : `${formatCount(value)} days of ${name}`;
  const lines = (costs: string): string[] => [`${costs} for ${what}.`];
  const bought = { category: SPENDING_CATEGORY.growth, price, hasCreator: false, maxPrice, lines };
  return purchase(session, shop, bought, spending.buyGrowth, perk, value, price);
}

/** Sends on what was spent in a week: `hardhat spend distribute`. */
export async function distribute(
  session: Session,
  { category: name, week: text }: { category: string; week: string },
): Promise<Outcome> {
  const category = givenCategory(name);
  const present = (await chainTime(session)) / WEEK;
  const week =
    text === ""
      ? present - 1n
      : wholeNumber("week", text, "write the week's number; `hardhat economy --json` shows them");
  const shop = await signedShop(session);
  const { spending } = shop;
  const due = await reading(shop, () => spending.previewDistribute(week, category));
  if ([...due].every((part) => part === 0n)) {
    throw new ExplainedError(
      `Nothing of ${categoryName(category)} in the week from ${formatMoment(week * WEEK)} is left to distribute.`,
    );
  }
  const call = callOf(spending, SPENDING_WORDS, spending.distribute, week, category);
  return carryOut(session, call, { token: shop.xmex }, (parts) => [
    `Of ${categoryName(category)} in the week from ${formatMoment(week * WEEK)}, with all that waits: ${sharesIn(parts)}.`,
  ]);
}
