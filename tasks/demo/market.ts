import { type ContractTransaction, id, MaxUint256, ZeroAddress } from "ethers";

import { EMISSION_STREAM } from "../../src/xme/emission.js";
import { MINING_WEEK } from "../../src/xme/mining.js";
import {
  GROWTH_PERKS,
  SPENDING_CATEGORIES,
  SPENDING_CATEGORY,
  SPENDING_PARTS,
  type SpendingCategory,
  type SpendingPart,
} from "../../src/xme/spending.js";
import { OFFERS, type PeopleTelling, weekOf } from "./community.js";
import { figure, type Cell, type Figure } from "./story.js";

const ONE = 10n ** 18n;
const DAY = 86_400n;

/** Lia's own plan. */
const PLAN = { number: 7n, price: 4_000n * ONE, period: 30n * DAY } as const;

/** Words for the categories. */
const WORDS: Readonly<Record<SpendingCategory, string>> = {
  unlock: "unlocking",
  membership: "membership",
  tip: "tips",
  boost: "boosts",
  hotSpot: "hot spots",
  aiService: "AI services",
  goods: "goods",
  collectible: "collectibles",
  ticket: "tickets",
  growth: "growth",
};

/** Something in each category by Max, for Lia where somebody sells it. */
export async function buyEverything(telling: PeopleTelling, poem: bigint): Promise<void> {
  const { world, community, cast, memberships } = telling;
  const { lia, max } = cast;
  const { spending: model } = community;
  const { spendingCatalogue, spending } = world.xme;
  const { plan, service } = OFFERS;
  const most = MaxUint256;
  const setPlan = spendingCatalogue.setPlan.populateTransaction(PLAN.number, PLAN.price, PLAN.period);
  await community.act(lia, setPlan, () => {
    model.setPlan(lia.address, PLAN.number, PLAN.price, PLAN.period);
  });
  const week = await weekOf(world);
  const day = (await world.now()) / DAY;
  const odd = 3n * ONE + 10n ** 9n;
  const bought: Cell[][] = [];
  const buy = async (
    category: SpendingCategory,
    what: string,
    call: Promise<ContractTransaction>,
    told: (at: bigint, by: string) => unknown,
  ): Promise<void> => {
    bought.push([what, WORDS[category], await community.spend(max, call, told)]);
  };
  await buy("unlock", "reads Lia's poem", spending.unlock.populateTransaction(poem, most), (at, by) =>
    model.unlock(at, by, poem, most),
  );
  await buy(
    "membership",
    "a week with the platform",
    spending.renewMembership.populateTransaction(ZeroAddress, plan.number, most, plan.period),
    (at, by) => model.renewMembership(at, by, undefined, plan.number, most, plan.period),
  );
  await buy(
    "membership",
    "a month with Lia",
    spending.renewMembership.populateTransaction(lia.address, PLAN.number, most, PLAN.period),
    (at, by) => model.renewMembership(at, by, lia.address, PLAN.number, most, PLAN.period),
  );
  await buy("tip", "tips Lia", spending.tip.populateTransaction(lia.address, 7_000n * ONE), (at, by) => {
    model.tip(at, by, lia.address, 7_000n * ONE);
  });
  await buy("tip", "tips her poem an odd amount", spending.tipContent.populateTransaction(poem, odd), (at, by) => {
    model.tipContent(at, by, poem, odd);
  });
  await buy(
    "boost",
    "boosts it next week",
    spending.boost.populateTransaction(poem, week + 1n, 20_000n * ONE),
    (at, by) => {
      model.boost(at, by, poem, week + 1n, 20_000n * ONE);
    },
  );
  await buy("hotSpot", "a hot spot for it today", spending.recommend.populateTransaction(poem, day, most), (at, by) =>
    model.recommend(at, by, poem, day, most),
  );
  await buy(
    "aiService",
    "five answers of a service",
    spending.useService.populateTransaction(service.number, 5n, id("a request"), most),
    (at, by) => model.useService(at, by, service.number, 5n, most),
  );
  for (const [number, category, what] of [
    [1n, "goods", "goods"],
    [2n, "collectible", "two collectibles of Lia's"],
    [3n, "ticket", "three tickets"],
  ] as const) {
    await buy(category, what, spending.buy.populateTransaction(number, number, most), (at, by) =>
      model.buy(at, by, number, number, most),
    );
  }
  for (const [perk, value, what] of [
    ["acceleration", 3n, "three days of faster growth"],
    ["protection", 60n, "sixty days of protection"],
    ["privilege", 0n, "advanced tasks"],
  ] as const) {
    await buy(
      "growth",
      what,
      spending.buyGrowth.populateTransaction(GROWTH_PERKS.indexOf(perk), value, most),
      (at, by) => {
        model.buyGrowth(at, by, perk, value, most);
        if (perk === "acceleration") community.growth.accelerate(at, by, value);
        else if (perk === "protection") community.growth.protect(at, by, value);
        else community.growth.unlockPrivilege(by, value);
      },
    );
  }
  world.story.table("What Max buys of what he was paid", ["what", "category", "XMEX"], bought);
  await lookAtMemberships(telling, "bought", memberships);

  const rows: Cell[][] = [];
  for (const category of SPENDING_CATEGORIES) {
    const { creator, burned, buyback, delegators, voters, emission, treasury } = await spending.partsIn(
      week,
      SPENDING_CATEGORY[category],
    );
    const expected = model.partsIn(week, category);
    const { spent } = model.spentIn(week, category);
    const parts = [creator, burned, buyback, delegators, voters, emission, treasury];
    rows.push([
      WORDS[category],
      figure((await spending.spentIn(week, SPENDING_CATEGORY[category])).spent, spent),
      figure(creator, expected.creator),
      ...SPENDING_PARTS.map((part, i) => figure(parts[i + 1] ?? 0n, expected[part])),
      figure(
        parts.reduce((sum, part) => sum + part, 0n),
        spent,
      ),
    ]);
  }
  world.story.table(
    "How each category is shared; the parts are the price, to the last wei",
    ["category", "spent", "creator", "burned", "buyback", "delegators", "voters", "emission", "treasury", "parts"],
    rows,
  );
}

export async function lookAtMemberships(
  { world, community, cast, first }: PeopleTelling,
  when: string,
  rows: Cell[][],
): Promise<void> {
  const { lia, max } = cast;
  const now = await world.now();
  const begin = first * MINING_WEEK;
  for (const [of, creator, number] of [
    ["the platform", undefined, OFFERS.plan.number],
    [lia.name, lia.address, PLAN.number],
  ] as const) {
    const until = await world.xme.spending.membershipUntil(creator ?? ZeroAddress, number, max.address);
    const expected = community.spending.membershipUntil(creator, number, max.address);
    rows.push([
      `${when}, day ${(now - begin) / DAY}`,
      of,
      figure(until - begin, expected - begin, "moment"),
      figure(until > now ? 1n : 0n, expected > now ? 1n : 0n, "count"),
    ]);
  }
}

/** Sends on all categories of a week, by anybody, and compares what reached whom. */
export async function distribute({ world, community }: PeopleTelling, week: bigint, title: string): Promise<void> {
  const { spending, xmex, nodes, votes, emissionVault, timelock } = world.xme;
  const { anybody } = community;
  const { socialMining: stream, nodes: ofNodes, votes: ofVotes } = EMISSION_STREAM;
  const [staking, voting, treasury] = await Promise.all([nodes, votes, timelock].map((one) => one.getAddress()));
  if (staking === undefined || voting === undefined || treasury === undefined) throw new Error("X.me is not whole.");
  // A staking may draw its emission in the same call; what is above that comes from spending.
  const look = async (): Promise<readonly bigint[]> => [
    -(await xmex.totalSupply()),
    await xmex.balanceOf(treasury),
    (await xmex.balanceOf(staking)) - (await emissionVault.netDrawn(ofNodes)),
    (await xmex.balanceOf(voting)) - (await emissionVault.netDrawn(ofVotes)),
    -(await emissionVault.netDrawn(stream)),
  ];
  const before = await look();
  const sums: Record<SpendingPart, bigint> = {
    burn: 0n,
    buyback: 0n,
    delegators: 0n,
    voters: 0n,
    emission: 0n,
    treasury: 0n,
  };
  for (const category of SPENDING_CATEGORIES) {
    const call = spending.distribute.populateTransaction(week, SPENDING_CATEGORY[category]);
    const parts = await community.act(anybody, call, (at) => {
      const offered = community.spending.distribute(week, category, (_, amount) => amount);
      if (offered.delegators > 0n) world.nodes.addXmexIncome(at, offered.delegators);
      if (offered.voters > 0n) world.votes.addIncome(offered.voters, at);
      return offered;
    });
    for (const part of SPENDING_PARTS) sums[part] += parts[part];
  }
  world.emission.returnTo(stream, sums.emission);
  const after = await look();
  const names = [
    "burned",
    "to the treasury, with what buys back",
    "to delegators",
    "to holders of vXME",
    "back to the stream of mining",
  ];
  const expected = [sums.burn, sums.buyback + sums.treasury, sums.delegators, sums.voters, sums.emission];
  const held = await xmex.balanceOf(await spending.getAddress());
  const now = await world.now();
  world.story.table(
    title,
    ["what", "XMEX"],
    [
      ...names.map((name, i): Cell[] => [name, figure((after[i] ?? 0n) - (before[i] ?? 0n), expected[i] ?? 0n)]),
      ["left in the contract", figure(held, community.spending.balance())],
      [
        "to stream to delegators next month, with their emission",
        figure((await nodes.poolState()).xmexNext, world.nodes.pool(now).xmexNext),
      ],
      [
        "and to holders of vXME, with theirs",
        figure((await votes.distribution()).next, world.votes.distribution(now).next),
      ],
    ],
  );
}

/** XMEX that came to be and went, week by week. */
export async function tellTotals({ world, community, first }: PeopleTelling): Promise<void> {
  const { socialMining, spending } = world.xme;
  const { mining, spending: model } = community;
  const weeks = [first, first + 1n, first + 2n];
  const over = async (name: string, of: (week: bigint) => Promise<Figure>): Promise<Cell[]> => {
    const cells = await Promise.all(weeks.map(of));
    const sum = (side: "chain" | "model"): bigint => cells.reduce((total, cell) => total + cell[side], 0n);
    return [name, ...cells, figure(sum("chain"), sum("model"))];
  };
  const rows: Cell[][] = [
    await over("output: budget, by last week's consumption", async (week) =>
      figure(await socialMining.plannedBudgetOf(week), mining.planned(week)),
    ),
    await over("output: credited to people", async (week) =>
      figure((await socialMining.epochOf(week)).credited, mining.epoch(week).credited),
    ),
  ];
  for (const category of SPENDING_CATEGORIES) {
    rows.push(
      await over(`spent on ${WORDS[category]}`, async (week) =>
        figure((await spending.spentIn(week, SPENDING_CATEGORY[category])).spent, model.spentIn(week, category).spent),
      ),
    );
  }
  rows.push(
    await over("consumption: burned, or the treasury's", async (week) =>
      figure(await spending.consumedIn(week), model.consumedIn(week)),
    ),
  );
  world.story.table("Output and consumption of XMEX", ["what", "week 1", "week 2", "week 3", "all three"], rows);
}
