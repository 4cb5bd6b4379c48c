import { type Log, type Result, zeroPadValue } from "ethers";

import { LogReader } from "../../../src/chain/logs.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../../src/format.js";
import { GROWTH_PERKS, SPENDING_CATEGORIES, SPENDING_CATEGORY } from "../../../src/xme/spending.js";
import { formatDuration, formatMoment } from "../../support/inputs.js";
import { chainTime, type Session } from "../../support/session.js";
import { quoted } from "../../support/text.js";
import { inTurns } from "../../support/turns.js";
import { givenCategory, givenPrice, reading, type Shop, shopOf } from "../shop.js";
import {
  categoryOption,
  contentName,
  DAY,
  ownerOf,
  type Shares,
  sharesIn,
  type SplitBps,
  splitIn,
  WEEK,
  xmex,
} from "../words.js";

type Source = Shop["spending"] | Shop["catalogue"];

/** @returns the arguments of all events of a name, by whoever is in the topics */
async function eventsOf<T>(
  { connection, deployment }: Session,
  contract: Source,
  name: string,
  topics: readonly (string | null)[] = [],
): Promise<readonly T[]> {
  const { provider } = connection.ethers;
  const event = contract.interface.getEvent(name as never);
  const filter = { address: await contract.getAddress(), topics: [event?.topicHash ?? "", ...topics] };
  const found: Log[] = [];
  const head = await provider.getBlockNumber();
  for await (const { logs } of new LogReader(provider).read(filter, deployment.startBlock, head)) found.push(...logs);
  return found.map((log) => contract.interface.parseLog(log)?.args.toObject() as T);
}

/** @returns each of them once, by a key */
function once<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  return [...new Map(values.map((value) => [key(value), value])).values()];
}

const topicOf = (account: Address): string => zeroPadValue(account, 32);

/** What is for sale now; amounts in wei of XMEX, times and periods in seconds. */
export interface CatalogueStatus {
  readonly network: string;
  readonly time: bigint;
  readonly plans: readonly { creator: Address; plan: bigint; price: bigint; period: bigint }[];
  readonly hotSpots: { readonly price: bigint; readonly slots: bigint; readonly takenToday: bigint };
  readonly services: readonly { service: bigint; price: bigint; hold: bigint }[];
  readonly items: readonly {
    item: bigint;
    category: bigint;
    seller: Address;
    price: bigint;
    supply: bigint;
    minted: bigint;
    soulbound: boolean;
    start: bigint;
    end: bigint;
    period: bigint;
    uri: string;
  }[];
  readonly growth: readonly { perk: string; privilege: bigint; price: bigint }[];
}

/** Reads what is for sale: `hardhat spend catalogue`. */
export async function readCatalogue(session: Session): Promise<CatalogueStatus> {
  const shop = await shopOf(session);
  const { catalogue, items, spending } = shop;
  const [time, plans, services, growth, hotSpots, count] = await Promise.all([
    chainTime(session),
    eventsOf<{ creator: Address; plan: bigint }>(session, catalogue, "PlanChanged"),
    eventsOf<{ service: bigint }>(session, catalogue, "ServiceChanged"),
    eventsOf<{ perk: bigint; privilege: bigint }>(session, catalogue, "GrowthPriceChanged"),
    catalogue.hotSpots(),
    items.itemCount(),
  ]);
  const offers = {
    plans: await inTurns(
      once(plans, ({ creator, plan }) => `${creator} ${String(plan)}`),
      async ({ creator, plan }) => {
        const [price, period] = await catalogue.planOf(creator, plan);
        return { creator, plan, price, period };
      },
    ),
    services: await inTurns(
      once(services, ({ service }) => String(service)),
      async ({ service }) => {
        const [price, hold] = await catalogue.serviceOf(service);
        return { service, price, hold };
      },
    ),
    growth: await inTurns(
      once(growth, ({ perk, privilege }) => `${String(perk)} ${String(privilege)}`),
      async ({ perk, privilege }) => ({
        perk: GROWTH_PERKS[Number(perk)] ?? String(perk),
        privilege,
        price: await catalogue.growthPriceOf(perk, privilege),
      }),
    ),
    items: await inTurns(
      Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1)),
      async (item) => {
        const [{ category, seller, price, supply, soulbound, start, end, period, uri }, minted] =
          await items.itemOf(item);
        return { item, category, seller: seller as Address, price, supply, minted, soulbound, start, end, period, uri };
      },
    ),
  };
  return {
    network: session.connection.networkName,
    time,
    plans: offers.plans.filter(({ price }) => price !== 0n),
    services: offers.services.filter(({ price, hold }) => price !== 0n || hold !== 0n),
    growth: offers.growth.filter(({ price }) => price !== 0n),
    items: offers.items.filter(({ end, minted, supply }) => end > time && minted < supply),
    hotSpots: {
      price: hotSpots.price,
      slots: hotSpots.slots,
      takenToday: BigInt((await spending.hotSpotsOf(time / DAY)).length),
    },
  };
}

export function describeCatalogue(c: CatalogueStatus): string {
  const { hotSpots } = c;
  const rows = [
    ...c.plans.map(({ creator, plan, price, period }) => [
      "membership",
      `plan ${formatCount(plan)} of ${ownerOf(creator)}`,
      xmex(price),
      `for ${formatDuration(period)}`,
    ]),
    ...(hotSpots.price === 0n
      ? []
      : [
          [
            "hotSpot",
            "a day",
            xmex(hotSpots.price),
            `${formatCount(hotSpots.takenToday)} of ${formatCount(hotSpots.slots)} taken today`,
          ],
        ]),
    ...c.services.map(({ service, price, hold }) => [
      "aiService",
      `service ${formatCount(service)}`,
      price === 0n ? "not sold" : xmex(price),
      hold === 0n ? "a unit" : `a unit, or by holding ${xmex(hold)}`,
    ]),
    ...c.items.map(({ item, category, price, supply, minted, soulbound, start, end, period, uri }) => [
      categoryOption(category),
      `item ${formatCount(item)}, ${quoted(uri)}`,
      xmex(price),
      `${formatCount(supply - minted)} of ${formatCount(supply)} left${soulbound ? ", soulbound" : ""}` +
        `${period === 0n ? "" : `, lasts ${formatDuration(period)}`}${start > c.time ? `, from ${formatMoment(start)}` : ""}, until ${formatMoment(end)}`,
    ]),
    ...c.growth.map(({ perk, privilege, price }) => [
      "growth",
      perk === "privilege" ? `privilege ${formatCount(privilege)}` : `a day of ${perk}`,
      xmex(price),
      perk === "privilege" ? "for good" : "",
    ]),
  ];
  const columns = ["category", "what", "price", "terms"].map((title) => ({
    title,
    align: title === "price" ? ("right" as const) : ("left" as const),
  }));
  return [
    `For sale on network "${c.network}" at ${formatMoment(c.time)}`,
    "",
    rows.length === 0 ? "The platform and its creators sell nothing by price now." : renderTable(columns, rows),
    "Content is unlocked at its owner's price, and tips and boosts are any amount.",
  ].join("\n");
}

/** How prices are shared. */
export interface SharesStatus {
  readonly network: string;
  readonly week: bigint;
  readonly categories: readonly {
    readonly category: string;
    readonly split: SplitBps;
    readonly nextSplit: SplitBps;
    /** In wei of XMEX, this week so far. */
    readonly spent: bigint;
    readonly distributed: bigint;
    /** The parts of the price that was asked about; undefined where none was. */
    readonly parts: { readonly sold: Shares; readonly platform: Shares } | undefined;
  }[];
}

/** Reads how a price is shared: `hardhat spend show`. */
export async function readShares(
  session: Session,
  { category: name, price: text }: { category: string; price: string },
): Promise<SharesStatus> {
  const all = SPENDING_CATEGORIES.map((_, index) => BigInt(index));
  const chosen = name === "" ? all : [givenCategory(name)];
  const price = text === "" ? undefined : givenPrice("price", text);
  const shop = await shopOf(session);
  const { spending } = shop;
  const week = (await chainTime(session)) / WEEK;
  const plain = <T extends object>(result: T): T => (result as unknown as Result).toObject() as T;
  const categories = await inTurns(chosen, async (category) => {
    const [split, nextSplit, { spent, distributed }] = await Promise.all([
      spending.splitAt(category, week),
      spending.splitAt(category, week + 1n),
      spending.spentIn(week, category),
    ]);
    const parts =
      price === undefined
        ? undefined
        : await reading(shop, async () => ({
            sold: plain(await spending.previewParts(category, price, true)),
            platform: plain(await spending.previewParts(category, price, false)),
          }));
    return {
      category: categoryOption(category),
      split: plain(split),
      nextSplit: plain(nextSplit),
      spent,
      distributed,
      parts,
    };
  });
  return { network: session.connection.networkName, week, categories };
}

export function describeShares({ network, week, categories }: SharesStatus): string {
  const said = categories.flatMap(({ category, split, nextSplit, spent, distributed, parts }) => {
    const [now, next] = [splitIn(split), splitIn(nextSplit)];
    return [
      "",
      `${category}: ${now}`,
      ...(now === next ? [] : [`  from next week on: ${next}`]),
      `  ${xmex(spent)} were spent this week, of which ${xmex(distributed)} are distributed`,
      ...(parts === undefined
        ? []
        : [`  sold by somebody: ${sharesIn(parts.sold)}`, `  sold by the platform: ${sharesIn(parts.platform)}`]),
    ];
  });
  return [
    `How XMEX that is spent is shared on network "${network}" in the week from ${formatMoment(week * WEEK)}; without a creator or seller, that part is the ` +
      "treasury's",
    ...said,
  ].join("\n");
}

/** What an account has bought; amounts in wei of XMEX, times in seconds. */
export interface BuyerStatus {
  readonly network: string;
  readonly account: Address;
  readonly time: bigint;
  readonly balance: bigint;
  readonly spent: readonly { category: string; purchases: bigint; amount: bigint }[];
  readonly unlocked: readonly bigint[];
  readonly memberships: readonly { creator: Address; plan: bigint; until: bigint }[];
  readonly items: readonly { item: bigint; held: bigint; until: bigint }[];
  readonly services: readonly { service: bigint; units: bigint; requests: bigint }[];
  readonly growth: readonly { perk: string; value: bigint }[];
}

/** Reads what an account has bought: `hardhat spend status`. */
export async function readBuyer(session: Session): Promise<BuyerStatus> {
  const { account } = session;
  const { spending, items, xmex: token } = await shopOf(session);
  const me = topicOf(account);
  const [time, balance, spends, memberships, asked, grown, count] = await Promise.all([
    chainTime(session),
    token.balanceOf(account),
    eventsOf<{ category: bigint; subject: bigint; amount: bigint }>(session, spending, "Spent", [me]),
    eventsOf<{ creator: Address; plan: bigint }>(session, spending, "MembershipRenewed", [null, null, me]),
    eventsOf<{ service: bigint }>(session, spending, "ServiceRequested", [null, me]),
    eventsOf<{ perk: bigint; value: bigint }>(session, spending, "GrowthBought", [me]),
    items.itemCount(),
  ]);
  const held = await inTurns(
    Array.from({ length: Number(count) }, (_, i) => BigInt(i + 1)),
    async (item) => {
      const [holds, until] = await Promise.all([items.balanceOf(account, item), items.lastsUntil(item, account)]);
      return { item, held: holds, until };
    },
  );
  return {
    network: session.connection.networkName,
    account,
    time,
    balance,
    spent: SPENDING_CATEGORIES.flatMap((category) => {
      const found = spends.filter((spend) => spend.category === SPENDING_CATEGORY[category]);
      const amount = found.reduce((sum, spend) => sum + spend.amount, 0n);
      return found.length === 0 ? [] : [{ category, purchases: BigInt(found.length), amount }];
    }),
    unlocked: spends.filter(({ category }) => category === SPENDING_CATEGORY.unlock).map(({ subject }) => subject),
    memberships: await inTurns(
      once(memberships, ({ creator, plan }) => `${creator} ${String(plan)}`),
      async ({ creator, plan }) => ({ creator, plan, until: await spending.membershipUntil(creator, plan, account) }),
    ),
    items: held.filter((one) => one.held !== 0n),
    services: await inTurns(
      once(asked, ({ service }) => String(service)),
      async ({ service }) => {
        const [units, requests] = await spending.serviceUseOf(service, account);
        return { service, units, requests };
      },
    ),
    growth: grown.map(({ perk, value }) => ({ perk: GROWTH_PERKS[Number(perk)] ?? String(perk), value })),
  };
}

export function describeBuyer(b: BuyerStatus): string {
  const until = (time: bigint): string => `${time > b.time ? "until" : "ended"} ${formatMoment(time)}`;
  const bought = [
    ...b.unlocked.map((id) => `unlocked    ${contentName(id)}`),
    ...b.memberships.map(
      ({ creator, plan, until: end }) => `membership  plan ${formatCount(plan)} of ${ownerOf(creator)}, ${until(end)}`,
    ),
    ...b.items.map(
      ({ item, held, until: end }) =>
        `item        ${formatCount(held)} of item ${formatCount(item)}${end === 0n ? "" : `, ${until(end)}`}`,
    ),
    ...b.services.map(
      ({ service, units, requests }) =>
        `AI service  ${formatCount(service)}: ${formatCount(units)} units paid for, ${formatCount(requests)} requests by holding`,
    ),
    ...b.growth.map(({ perk, value }) =>
      perk === "privilege"
        ? `growth      privilege ${formatCount(value)}`
        : `growth      ${formatCount(value)} days of ${perk}`,
    ),
  ];
  const columns = [
    { title: "category", align: "left" },
    { title: "purchases", align: "right" },
    { title: "spent", align: "right" },
  ] as const;
  return [
    `${b.account} on network "${b.network}" at ${formatMoment(b.time)} holds ${xmex(b.balance)}`,
    ...(b.spent.length === 0
      ? ["It has spent nothing."]
      : [
          "",
          renderTable(
            columns,
            b.spent.map(({ category, purchases, amount }) => [category, formatCount(purchases), xmex(amount)]),
          ),
          "",
        ]),
    ...bought,
  ].join("\n");
}
