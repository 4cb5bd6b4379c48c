import { AbiCoder, id, keccak256, MaxUint256, ZeroAddress } from "ethers";

import { formatAmount } from "../../src/format.js";
import { epochBounds, type LogBehaviour, type LogRow } from "../../src/mining/index.js";
import { ASCENSION_ROUND } from "../../src/xme/ascension.js";
import { ContentRefusal } from "../../src/xme/content.js";
import { EMISSION_STREAM } from "../../src/xme/emission.js";
import { CLAIM_WINDOW, MINING_WEEK, MiningRefusal } from "../../src/xme/mining.js";
import { GROWTH_PERKS, type GrowthPerk } from "../../src/xme/spending.js";
import { Community, type Count, OFFERS, type PeopleTelling, weekName, weekOf } from "./community.js";
import { DECISION_COLUMNS, enact } from "./decisions.js";
import { Refusals } from "./government.js";
import { buyEverything, distribute, lookAtMemberships, tellTotals } from "./market.js";
import { figure, type Cell, type Figure } from "./story.js";
import type { Person, XmeWorld } from "./world.js";

const ONE = 10n ** 18n;
const HOUR = 3_600n;
const DAY = 24n * HOUR;

/** XME that the treasury gives the channel from XMEX to XME. */
const FUNDED = 1_000_000n * ONE;
/** What a day of acceleration, a day of protection, and each of the two privileges cost. */
const GROWTH_PRICES = [
  ["acceleration", 0n, 20n * ONE],
  ["protection", 0n, 10n * ONE],
  ["privilege", 0n, 500n * ONE],
  ["privilege", 1n, 500n * ONE],
] as const satisfies readonly (readonly [GrowthPerk, bigint, bigint])[];
const POEM = "what Lia wrote";
const DRAWING = "what Max drew";

/** Three weeks of a small community: what it contributes, is paid, and spends; and what becomes of the rest a year later. */
export async function tellPeople(world: XmeWorld): Promise<void> {
  const { story } = world;
  story.chapter(
    "X.me: its people",
    "The day of the deployment once more. Five people check in, create, look and invite for three weeks. Each week a log is counted together with",
    "what the chain saw, and whoever contributed is paid out of the week's budget, a part of it each day. What they spend is shared among creators,",
    "stakers, voters, treasury and emission, or burned; what is consumed makes the next week's budget larger.",
  );
  const community = await Community.open(world);
  try {
    const decided = await decide(world, community);
    story.table("Votes put growth on sale and give ascension XME to pay with", DECISION_COLUMNS, decided);
    const first = (await weekOf(world)) + 1n;
    const [lia, max, nia, oli, pam] = ["Lia", "Max", "Nia", "Oli", "Pam"].map((name, i) =>
      world.person(46 + i, name),
    ) as [Person, Person, Person, Person, Person];
    const cast = { lia, max, nia, oli, pam };
    const refusals = new Refusals(world);
    const telling = { world, community, cast, refusals, first };
    await tellWeeks({ ...telling, growth: [], claims: [], withdrawals: [], memberships: [] });
  } finally {
    community.close();
  }
}

/** Fifteen buy and stake XME, and vote. */
async function decide(world: XmeWorld, { ascension, spending }: Community): Promise<readonly Cell[][]> {
  const { xme, parameters, citizens } = world;
  const { walletCap, price, opens } = parameters.sale;
  await world.goTo(opens);
  for (const citizen of citizens) {
    const value = (walletCap * price) / ONE;
    await world.send(citizen, xme.publicSale.buy.populateTransaction(citizen.address, walletCap, walletCap, { value }));
    await world.stake(citizen, walletCap);
  }
  const { spendingCatalogue } = xme;
  const deeds = await Promise.all([
    ...GROWTH_PRICES.map(([perk, privilege, cost]) =>
      spendingCatalogue.setGrowthPrice.populateTransaction(GROWTH_PERKS.indexOf(perk), privilege, cost),
    ),
    xme.xme.approve.populateTransaction(await xme.ascension.getAddress(), FUNDED),
    xme.ascension.fund.populateTransaction(FUNDED),
  ]);
  const title = "Growth is for sale, and ascension has XME to pay";
  const { rows } = await enact(world, title, deeds, world.person(0, "anybody"));
  world.treasury.xme -= FUNDED;
  ascension.fund(FUNDED);
  for (const [perk, privilege, cost] of GROWTH_PRICES) spending.setGrowthPrice(perk, privilege, cost);
  return rows;
}

async function tellWeeks(telling: PeopleTelling): Promise<void> {
  const { world, community, cast, first, refusals } = telling;
  const { story } = world;
  const everybody = Object.values(cast);
  await community.offer(cast.lia);
  for (const person of everybody) await community.approve(person);
  const poem = await contribute(telling);
  await lookAtGrowth(telling, "week 1 ends");

  const one = await count(telling, first, logOfFirst(telling, poem));
  await community.publish(first, one.root, one.total.chain, one.logHash);
  const drawing = await spendAll(telling, one, poem);
  await lookAtGrowth(telling, "week 2 ends");

  const two = await count(telling, first + 1n, logOfSecond(telling, poem, drawing));
  await distribute(telling, first + 1n, "What Max spent in week 2 is sent on by anybody's call in week 3");
  await tellLie(telling, two);
  await lookAtGrowth(telling, "week 3 ends");

  const three = await count(telling, first + 2n, logOfThird(telling, poem, drawing));
  await community.publish(first + 2n, three.root, three.total.chain, three.logHash);
  await payLast(telling, three);
  await distribute(telling, first + 2n, "and what was spent in week 3, in week 4");
  story.table(
    "What claims bring: a share of the week's budget by points, of which a day pays at most 1,000 XMEX by level, or a ninetieth",
    ["week", "who", "points", "credited", "paid at once", "waits"],
    telling.claims,
  );
  story.table(
    "What waits is paid day by day, when anybody calls",
    ["day", "who", "paid", "waits"],
    telling.withdrawals,
  );
  story.table(
    "Memberships of Max: that of the platform lasts a week, runs out and is renewed",
    ["when", "of", "paid until", "is a member"],
    telling.memberships,
  );
  await tellDecay(telling);
  refusals.tell("Who was refused");
  await tellReturns(telling);
  await tellTotals(telling);
}

// ------------------------------------------------------------------ a week of each

function hourOf({ first }: PeopleTelling, week: bigint, day: bigint, hour: bigint): bigint {
  return (first + week - 1n) * MINING_WEEK + day * DAY + hour * HOUR;
}

/** The first week: a poem, a thief, an invitation, and check-ins. */
async function contribute(telling: PeopleTelling): Promise<bigint> {
  const { world, community, cast, refusals } = telling;
  const { lia, max, nia, oli, pam } = cast;
  const { contentRegistry } = world.xme;
  await world.goTo(hourOf(telling, 1n, 0n, 6n));
  await community.commit(lia, POEM);
  await world.goTo((await world.now()) + 60n);
  // Oli sees the call that reveals the poem, and sends the same before it.
  const [mine, his] = [community.secret(lia, POEM), community.secret(oli, POEM)];
  const terms = { uri: "ipfs://content", unlockPrice: 0n, royaltyBps: 500n };
  const steal = async (what: string, salt: `0x${string}`): Promise<void> => {
    const at = await world.now();
    await refusals.add(
      oli,
      what,
      contentRegistry,
      contentRegistry.register.populateTransaction(mine.hash, salt, terms.uri, terms.unlockPrice, terms.royaltyBps),
      contentRefusal(() => community.content.register(at, oli.address, mine.hash, salt, terms)),
    );
  };
  await steal("register Lia's poem before her, with what she reveals", mine.salt);
  const poem = await community.register(lia, POEM, 1_000n * ONE);
  await community.commit(oli, POEM);
  await world.goTo((await world.now()) + 60n);
  await steal("register it after her, with a commitment of his own", his.salt);
  const record = community.content.content(poem);
  world.story.table(
    "Lia's poem is hers: she committed to it before she showed it",
    ["what", "count"],
    [
      ["its creator is Lia", agrees(await contentRegistry.creatorOf(poem), record.creator)],
      [
        "registered contents of hers",
        figure(await contentRegistry.balanceOf(lia.address), community.content.balanceOf(lia.address), "count"),
      ],
      [
        "and of Oli's",
        figure(await contentRegistry.balanceOf(oli.address), community.content.balanceOf(oli.address), "count"),
      ],
    ],
  );
  for (let day = 0n; day < 7n; day++) {
    await world.goTo(hourOf(telling, 1n, day, 8n));
    if (day === 3n) await community.acceptInvitation(nia, lia);
    const present = day < 3n ? [lia, max, oli, pam] : [lia, max, nia, pam];
    for (const who of present) await community.checkIn(who);
  }
  return poem;
}

/** The second week: the first is paid, an invitation is completed, and Max buys something of everything. */
async function spendAll(telling: PeopleTelling, one: Count, poem: bigint): Promise<bigint> {
  const { world, community, cast, first, refusals, growth } = telling;
  const { lia, max, nia, pam } = cast;
  const { userGrowth } = world.xme;
  let drawing = 0n;
  for (let day = 0n; day < 7n; day++) {
    await world.goTo(hourOf(telling, 2n, day, 8n));
    for (const who of day < 2n ? [lia, max, nia, pam] : [lia, max, nia]) await community.checkIn(who);
    if (day === 1n) {
      await community.commit(max, DRAWING);
      await world.goTo((await world.now()) + 60n);
      drawing = await community.register(max, DRAWING, 0n);
      const early = world.xme.socialMining.claim.populateTransaction(first, lia.address, one.pointsOf(lia).chain, [
        ...one.proofOf(lia),
      ]);
      await refusals.add(
        lia,
        "be paid while the list can still be struck",
        world.xme.socialMining,
        early,
        await miningRefusal(telling, (at) => community.mining.claim(at, first, lia.address, 1n, true)),
      );
    }
    if (day === 3n) {
      await claimAll(telling, first, one, [lia, max, nia, pam]);
      const bonus = await community.completeInvitation(nia, lia);
      world.story.table(
        "Lia brought Nia, who has checked in on three days and been paid: both are rewarded from the stream of growth",
        ["who", "XMEX"],
        [
          [lia.name, bonus.inviter],
          [nia.name, bonus.invitee],
        ],
      );
      for (const who of [lia, max, pam]) {
        const call = userGrowth.collectContribution.populateTransaction(who.address);
        await community.act(community.anybody, call, (at) => community.growth.collectContribution(at, who.address));
        growth.push(await standing(telling, "contribution counts", who));
      }
    }
    if (day >= 4n) for (const who of [lia, max]) await withdraw(telling, `week 2, day ${day + 1n}`, who);
    if (day === 4n) await buyEverything(telling, poem);
  }
  return drawing;
}

/** The third week: a list that lies is struck, and the right one is paid; a membership is renewed; ascension. */
async function tellLie(telling: PeopleTelling, two: Count): Promise<void> {
  const { world, community, cast, first, refusals } = telling;
  const { lia, max, nia, oli, pam } = cast;
  const { socialMining, spending } = world.xme;
  const week = first + 1n;
  const lie = 1_000_000n;
  const leaf = keccak256(AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [oli.address, lie]));
  const stages: Cell[][] = [];
  const look = async (when: string): Promise<void> => {
    const { root, totalPoints } = await socialMining.epochOf(week);
    const expected = community.mining.epoch(week);
    const none = `0x${"0".repeat(64)}`;
    stages.push([
      when,
      agrees(root, expected.root ?? none),
      agrees(root, two.root, expected.root === two.root),
      figure(totalPoints, expected.totalPoints, "count"),
    ]);
  };
  await community.publish(week, keccak256(leaf), lie, id("a lie"));
  await look("a list of Oli alone");
  for (let day = 0n; day < 7n; day++) {
    await world.goTo(hourOf(telling, 3n, day, 8n));
    for (const who of [lia, max, nia]) await community.checkIn(who);
    if (day === 1n) {
      await community.strike(week);
      await look("struck a day later");
      const call = socialMining.claim.populateTransaction(week, oli.address, lie, []);
      await refusals.add(
        oli,
        "claim all by the list that was struck",
        socialMining,
        call,
        await miningRefusal(telling, (at) => community.mining.claim(at, week, oli.address, lie, true)),
      );
      await community.publish(week, two.root, two.total.chain, two.logHash);
      await look("the right list");
    }
    if (day === 4n) {
      await world.goTo(hourOf(telling, 3n, day, 12n));
      const call = socialMining.claim.populateTransaction(week, oli.address, lie, []);
      await refusals.add(
        oli,
        "claim all by the right list",
        socialMining,
        call,
        await miningRefusal(telling, (at) => community.mining.claim(at, week, oli.address, lie, false)),
      );
      await claimAll(telling, week, two, [lia, max, nia, pam]);
    }
    if (day === 5n) {
      const { plan } = OFFERS;
      await lookAtMemberships(telling, "run out", telling.memberships);
      await community.spend(
        max,
        spending.renewMembership.populateTransaction(ZeroAddress, plan.number, MaxUint256, plan.period),
        (at, by) => community.spending.renewMembership(at, by, undefined, plan.number, MaxUint256, plan.period),
      );
      await lookAtMemberships(telling, "renewed", telling.memberships);
      await community.spend(nia, spending.tip.populateTransaction(lia.address, 5_000n * ONE), (at, by) => {
        community.spending.tip(at, by, lia.address, 5_000n * ONE);
      });
      await deposit(telling);
    }
  }
  world.story.table(
    "The list of week 2: somebody has the publisher's key and posts one that pays Oli everything; it is struck in time",
    ["in the contract", "what the model has", "the right one", "points in all"],
    stages,
  );
}

/** Lia and Max give XMEX for ever. */
async function deposit({ world, community, cast }: PeopleTelling): Promise<void> {
  const { ascension } = world.xme;
  const { floorRateWad } = community.ascension.terms;
  const rows: Cell[][] = [];
  for (const [who, amount] of [
    [cast.lia, 20_000n * ONE],
    [cast.max, 5_000n * ONE],
  ] as const) {
    const least = (amount * floorRateWad) / ONE;
    const offered = await ascension.previewDeposit(amount);
    const call = ascension.deposit.populateTransaction(amount, least);
    const guaranteed = await community.act(who, call, (at) =>
      community.ascension.deposit(at, who.address, amount, least),
    );
    rows.push([who.name, formatAmount(amount, 18, 0), figure(offered, guaranteed)]);
  }
  world.story.table(
    "Ascension: who gives XMEX, and what that brings in XME at least",
    ["who", "XMEX", "XME at least"],
    rows,
  );
}

/** After the weeks: the last is paid, and the round of ascension. */
async function payLast(telling: PeopleTelling, three: Count): Promise<void> {
  const { world, community, cast, first } = telling;
  const { lia, max, nia } = cast;
  const { ascension, xme, xmex } = world.xme;
  const round = ((first + 2n) * MINING_WEEK) / ASCENSION_ROUND;
  const rows: Cell[][] = [];
  for (const who of [lia, max]) {
    const before = await xme.balanceOf(who.address);
    const call = ascension.claim.populateTransaction(who.address);
    const brought = await community.act(community.anybody, call, (at) => community.ascension.claim(at, who.address));
    rows.push([`${who.name} gets XME`, figure((await xme.balanceOf(who.address)) - before, brought)]);
  }
  const [shown, expected] = [await ascension.roundOf(round), community.ascension.roundOf(round)];
  const now = await world.now();
  const rate = (paid: bigint, deposits: bigint): bigint => (paid * ONE) / deposits;
  rows.push(
    ["the round's budget in XME", figure(shown.budget, expected.budget)],
    [
      "XMEX in it, locked for ever",
      figure(await xmex.balanceOf(await ascension.getAddress()), community.ascension.locked),
    ],
    ["XME for an XMEX", figure(rate(shown.paid, shown.deposits), rate(expected.paid, expected.deposits))],
    ["the highest rate, which it hit", figure(rate(shown.paid, shown.deposits), expected.maxRateWad)],
    ["XME free for rounds to come", figure(await ascension.free(), community.ascension.free(now))],
  );
  world.story.table(
    "Ascension: the round is over, and so few gave that each gets the most there is",
    ["what", "amount"],
    rows,
  );
  await world.goTo(hourOf(telling, 4n, 3n, 12n));
  await claimAll(telling, first + 2n, three, [lia, max, nia]);
}

// ---------------------------------------------------------------------- being paid

async function count(telling: PeopleTelling, week: bigint, log: readonly LogRow[]): Promise<Count> {
  const { world, community, cast, first } = telling;
  await world.goTo((week + 1n) * MINING_WEEK + 6n * HOUR);
  const counted = await community.count(week, log);
  const name = weekName(first, week);
  world.story.table(
    `Points of ${name}: DuckDB's from the log and the chain's events, beside those of the rules' model`,
    ["who", "points"],
    [
      ...Object.values(cast).map((who): Cell[] => [who.name, counted.pointsOf(who)]),
      ["all", counted.total],
      ["how many have any", counted.accounts],
    ],
  );
  return counted;
}

async function claimAll(telling: PeopleTelling, week: bigint, counted: Count, who: readonly Person[]): Promise<void> {
  for (const person of who) {
    const { credited, paid, waits } = await telling.community.claim(week, counted, person);
    telling.claims.push([weekName(telling.first, week), person.name, counted.pointsOf(person), credited, paid, waits]);
  }
}

async function withdraw(telling: PeopleTelling, when: string, who: Person): Promise<void> {
  const { paid, waits } = await telling.community.withdraw(who);
  telling.withdrawals.push([when, who.name, paid, waits]);
}

// --------------------------------------------------------------------------- growth

async function standing({ world, community }: PeopleTelling, when: string, who: Person): Promise<Cell[]> {
  const { userGrowth } = world.xme;
  const [shown, now] = [await userGrowth.standingOf(who.address), await community.look()];
  const expected = community.growth.standing(now, who.address);
  return [
    when,
    who.name,
    figure(shown.points, expected.points, "count"),
    figure(shown.level, expected.level, "count"),
    figure(shown.idleDays, expected.idleDays, "count"),
    figure(
      await userGrowth.dailyLimitPercentOf(who.address),
      community.growth.privileges(now, who.address).dailyLimitPercent,
      "count",
    ),
  ];
}

async function lookAtGrowth(telling: PeopleTelling, when: string): Promise<void> {
  for (const who of Object.values(telling.cast) as Person[]) telling.growth.push(await standing(telling, when, who));
}

/** Everybody stays away; Max has paid for sixty days of protection. */
async function tellDecay(telling: PeopleTelling): Promise<void> {
  const { world, community, cast, growth } = telling;
  for (const [when, days] of [
    ["a month later", 29n],
    ["three months later", 95n],
  ] as const) {
    await world.goTo(hourOf(telling, 4n, days, 0n));
    await lookAtGrowth(telling, when);
  }
  await community.checkIn(cast.pam);
  growth.push(await standing(telling, "Pam checks in", cast.pam));
  world.story.table(
    "Levels rise by what people do, and fall by one for each 30 days that they are away; Max has paid for sixty that do not count",
    ["when", "who", "points", "level", "idle days", "percent of the daily limit"],
    growth,
  );
}

// --------------------------------------------------------------------------- the end

/** A year later what nobody claimed goes back, and what rounding kept. */
async function tellReturns({ world, community, first }: PeopleTelling): Promise<void> {
  const { socialMining, emissionVault, xmex } = world.xme;
  const stream = EMISSION_STREAM.socialMining;
  await world.goTo((first + 3n) * MINING_WEEK + CLAIM_WINDOW);
  const rows: Cell[][] = [];
  for (const week of [first, first + 1n, first + 2n]) {
    const before = await emissionVault.netDrawn(stream);
    const { budget } = await socialMining.epochOf(week);
    const drawn = community.mining.epoch(week).budget;
    const call = socialMining.returnUnclaimed.populateTransaction(week);
    const returned = await community.act(community.anybody, call, (at) => community.mining.returnUnclaimed(at, week));
    const { credited } = await socialMining.epochOf(week);
    rows.push([
      weekName(first, week),
      figure(budget, drawn),
      figure(credited, community.mining.epoch(week).credited),
      figure(before - (await emissionVault.netDrawn(stream)), returned),
    ]);
  }
  world.story.table(
    "A year later: what nobody claimed, as Oli in week 1, goes back to the stream, and so does what rounding kept",
    ["week", "budget", "credited", "back to the stream"],
    rows,
  );
  const now = await world.now();
  world.story.table(
    "What is where in the end",
    ["what", "XMEX"],
    [
      ["in the stream of mining", figure(await emissionVault.available(stream), world.emission.available(stream, now))],
      [
        "in the stream of growth",
        figure(
          await emissionVault.available(EMISSION_STREAM.userGrowth),
          world.emission.available(EMISSION_STREAM.userGrowth, now),
        ),
      ],
      [
        "held for who has credit left",
        figure(await xmex.balanceOf(await socialMining.getAddress()), community.mining.balance()),
      ],
    ],
  );
}

// ----------------------------------------------------------------------------- logs

type Entry = readonly [who: Person, behaviour: LogBehaviour, subject: bigint | string, hour: bigint, seconds?: bigint];

function logOf(week: bigint, entries: readonly Entry[]): LogRow[] {
  const { starts } = epochBounds(week);
  return entries.map(([{ address }, behaviour, subject, hour, duration]) => ({
    account: address,
    behaviour,
    subject: `${subject}`,
    time: starts + hour * HOUR,
    duration,
  }));
}

function logOfFirst({ cast: { lia, max, nia, oli, pam }, first }: PeopleTelling, poem: bigint): LogRow[] {
  return logOf(first, [
    ...[max, nia, oli, pam].map((who, i): Entry => [who, "view", poem, 30n + BigInt(i), 60n]),
    [max, "like", poem, 31n],
    [max, "comment", poem, 32n],
    [pam, "like", poem, 40n],
    [pam, "bookmark", poem, 41n],
    [nia, "follow", lia.address, 90n],
    [nia, "share", poem, 91n],
    [oli, "task", "read_the_rules", 50n],
    // Nobody earns by looking at what is their own, or by liking it twice.
    [lia, "view", poem, 40n, 600n],
    [lia, "like", poem, 41n],
    [max, "like", poem, 99n],
  ]);
}

function logOfSecond({ cast: { lia, max, nia, pam }, first }: PeopleTelling, poem: bigint, drawing: bigint): LogRow[] {
  return logOf(first + 1n, [
    [lia, "view", drawing, 60n, 30n],
    [nia, "view", drawing, 61n, 20n],
    // A glance.
    [nia, "view", poem, 62n, 2n],
    [lia, "like", drawing, 63n],
    [nia, "bookmark", drawing, 64n],
    [pam, "comment", drawing, 65n],
    [max, "task", "read_the_rules", 70n],
    // Unlocked for Max at the week's end, and not for Nia.
    [max, "advanced_task", "label_a_thousand", 130n],
    [nia, "advanced_task", "label_a_thousand", 131n],
  ]);
}

function logOfThird({ cast: { lia, max, nia }, first }: PeopleTelling, poem: bigint, drawing: bigint): LogRow[] {
  return logOf(first + 2n, [
    [max, "view", poem, 10n, 90n],
    [nia, "like", drawing, 11n],
    [lia, "comment", drawing, 12n],
    [max, "advanced_task", "label_a_thousand", 20n],
    [lia, "advanced_task", "label_a_thousand", 21n],
  ]);
}

// -------------------------------------------------------------------------- support

/** One where two words are the same, or where they shall not be and are not. */
function agrees(one: string, other: string, expected = true): Figure {
  return figure(one === other ? 1n : 0n, expected ? 1n : 0n, "count");
}

/** The error by which the model of contents refuses something. */
function contentRefusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ContentRefusal) return error.error;
    throw error;
  }
  throw new Error("The model refuses nothing.");
}

/** The error by which the model of mining refuses something now. */
async function miningRefusal({ community }: PeopleTelling, act: (at: bigint) => unknown): Promise<string> {
  const now = await community.look();
  try {
    act(now);
  } catch (error) {
    if (error instanceof MiningRefusal) return `SocialMining_${error.error}`;
    throw error;
  }
  throw new Error("The model refuses nothing.");
}
