import { ZeroAddress } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { formatCount } from "../../../src/format.js";
import { duration, formatDuration, formatMoment, givenMoment, required, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { givenRecipient } from "../../support/recipient.js";
import { callOf } from "../../support/send.js";
import { chainTime, type Session } from "../../support/session.js";
import { quoted } from "../../support/text.js";
import { givenCategory, givenPrice, reading, signedShop } from "../shop.js";
import { CATALOGUE_WORDS, ITEM_WORDS, xmex } from "../words.js";

const STAYS = "What was bought stays; a purchase that is on its way at another price is refused, or pays less.";

/** Prices a plan of the account's own, or of the platform: `hardhat spend plan`, for creators and for the catalogue's keeper. */
export async function setPlan(
  session: Session,
  { plan, price: text, period: time, platform }: { plan: string; price: string; period: string; platform: boolean },
): Promise<Outcome> {
  const number = wholeNumber("plan", plan, "write any number; the same one again changes that plan");
  const price = givenPrice("price", text);
  const period = duration("period", time);
  const shop = await signedShop(session);
  const { catalogue } = shop;
  const method = platform ? catalogue.setPlatformPlan : catalogue.setPlan;
  const call = callOf(catalogue, CATALOGUE_WORDS, method, number, price, period);
  const whose = platform ? "the platform" : session.account;
  return carryOut(session, call, { token: shop.xmex }, () => [
    price === 0n
      ? `Plan ${formatCount(number)} of ${whose} is closed; who has paid stays a member.`
      : `Plan ${formatCount(number)} of ${whose} costs ${xmex(price)} for ${formatDuration(period)} from now on. ${STAYS}`,
  ]);
}

/** Sells hot spots: `hardhat spend hot-spots`, for the catalogue's keeper. */
export async function setHotSpots(
  session: Session,
  { price: text, slots: count }: { price: string; slots: string },
): Promise<Outcome> {
  const price = givenPrice("price", text);
  const slots = wholeNumber("slots", count, "write how many a day has");
  const shop = await signedShop(session);
  const call = callOf(shop.catalogue, CATALOGUE_WORDS, shop.catalogue.setHotSpots, price, slots);
  return carryOut(session, call, { token: shop.xmex }, () => [
    price === 0n || slots === 0n
      ? "Hot spots are not sold from now on."
      : `A day has ${formatCount(slots)} hot spots for ${xmex(price)} each from now on. ${STAYS}`,
  ]);
}

/** Offers an AI service: `hardhat spend set-service`, for the catalogue's keeper. */
export async function setService(
  session: Session,
  { service, price: text, hold: held }: { service: string; price: string; hold: string },
): Promise<Outcome> {
  const number = wholeNumber("service", service, "write any number; the same one again changes that service");
  const [price, hold] = [givenPrice("price", text), givenPrice("hold", held)];
  const shop = await signedShop(session);
  const call = callOf(shop.catalogue, CATALOGUE_WORDS, shop.catalogue.setService, number, price, hold);
  return carryOut(session, call, { token: shop.xmex }, () => [
    price === 0n
      ? `Service ${formatCount(number)} is not sold from now on.`
      : `A unit of service ${formatCount(number)} costs ${xmex(price)} from now on. ${STAYS}`,
    hold === 0n ? "Holding XMEX is not enough for it." : `Holding ${xmex(hold)} is enough for a request.`,
  ]);
}

/** What an item is listed with, as it is written. */
export interface ItemInput {
  readonly category: string;
  readonly seller: string;
  readonly price: string;
  readonly supply: string;
  readonly soulbound: boolean;
  readonly start: string;
  readonly end: string;
  readonly period: string;
  readonly uri: string;
}

/** Lists a new item: `hardhat spend list-item`, for the catalogue's keeper. */
export async function listItem(session: Session, input: ItemInput): Promise<Outcome> {
  const { seller, soulbound } = input;
  const category = givenCategory(input.category);
  const price = givenPrice("price", input.price);
  const supply = wholeNumber("supply", input.supply, "write how many there can ever be");
  const period = input.period === "" ? 0n : duration("period", input.period);
  const uri = required("uri", input.uri, "write where the item is described");
  const end = givenMoment("end", input.end);
  const start = input.start === "" ? await chainTime(session) : givenMoment("start", input.start);
  const shop = await signedShop(session);
  const terms = {
    category,
    seller: seller === "" ? ZeroAddress : givenRecipient(session, "seller", seller, "give the address that is paid"),
    price,
    supply,
    soulbound,
    start,
    end,
    period,
    uri,
  };
  const call = callOf(shop.items, ITEM_WORDS, shop.items.list, terms);
  return carryOut(session, call, { token: shop.xmex }, (id) => [
    `Item ${formatCount(id)} is sold for ${xmex(price)} each, ${formatCount(supply)} in all, from ${formatMoment(start)} until ${formatMoment(end)}, by ` +
      `${seller === "" ? "the platform" : terms.seller}; it is described at ${quoted(uri)}.`,
    `It ${soulbound ? "stays with who buys it" : "can change hands"}${period === 0n ? "" : ` and lasts ${formatDuration(period)}`}. Supply, seller, start and ` +
      "period can never change; price and end can.",
  ]);
}

/** Changes price and end of an item's sale: `hardhat spend sale`, for the catalogue's keeper. */
export async function setSale(
  session: Session,
  { item, price: text, end: until, close }: { item: string; price: string; end: string; close: boolean },
): Promise<Outcome> {
  const id = wholeNumber("item", item, "write the item's number; `hardhat spend catalogue` shows them");
  if (close && until !== "")
    throw new ExplainedError("--close and --end say different things: give one of them alone.");
  if (!close && until === "" && text === "") {
    throw new ExplainedError("Nothing would change: give --price, --end, or --close to end the sale now.");
  }
  const shop = await signedShop(session);
  const [{ terms }, now] = await Promise.all([reading(shop, () => shop.items.itemOf(id)), chainTime(session)]);
  const price = text === "" ? terms.price : givenPrice("price", text);
  const end = close ? now : until === "" ? terms.end : givenMoment("end", until);
  const call = callOf(shop.items, ITEM_WORDS, shop.items.setSale, id, price, end);
  return carryOut(session, call, { token: shop.xmex }, () => [
    `Item ${formatCount(id)} costs ${xmex(price)} instead of ${xmex(terms.price)}, and is sold until ${formatMoment(end)} instead of ` +
      `${formatMoment(terms.end)}. ${STAYS}`,
  ]);
}
