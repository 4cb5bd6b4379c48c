import type { HardhatEthers } from "@nomicfoundation/hardhat-ethers/types";

import type { XpContracts } from "../../src/deployment/contracts.js";
import type { XpParameters } from "../../src/deployment/xp-parameters.js";
import { formatAmount, formatCount } from "../../src/format.js";
import type { Address } from "../../src/xp/agents.js";
import { BASE_FEE_BPS, jobShares, jobBond, type JobOutcome } from "../../src/xp/jobs.js";
import { fundedBy, INITIAL_KAPPA } from "../../src/xp/redistribution.js";
import { feeOn, SOURCE_TIERS } from "../../src/xp/tiers.js";
import {
  type Agent,
  type AgentWeek,
  combine,
  Flywheel,
  type FlywheelChain,
  type Pair,
  type Person,
  total,
} from "./flywheel.js";
import { figure, type Cell, type Figure, type Story, type Unit } from "./story.js";

const ONE_XP = 10n ** 18n;
const DOLLAR = 10n ** 6n;
const CENT = DOLLAR / 100n;
const HOUR = 3_600n;
const DAY = 24n * HOUR;

/** The source's price: "At $0.02/XP". */
const PRICE = 2n * CENT;
/** The source's Diamond. */
const DIAMOND = 5n;
const FLEET_VOLUME = 25_000_000n * DOLLAR;
/** The last week of the bootstrap is the 52nd; what was not claimed in the first six can be burned in this one. */
const MUCH_LATER = 59n;

/** Everybody of the story, by name. */
interface Cast {
  readonly sarah: Agent;
  readonly ada: Agent;
  readonly linus: Agent;
  readonly grace: Agent;
  readonly studios: readonly Agent[];
  readonly fleet: readonly Agent[];
  readonly bruno: Agent;
  readonly globex: Agent;
  readonly clients: readonly Person[];
}

/** Agents that share a row of a table: they may have several owners. */
interface Group {
  readonly name: string;
  readonly agents: readonly Agent[];
}

/** What a group did in a week, and what it earned. */
interface Week {
  readonly group: string;
  readonly epoch: bigint;
  readonly volume: Pair;
  readonly fees: Pair;
  readonly xp: Pair;
}

/** A flywheel with its people, on the way through the chapters. */
interface Telling {
  readonly story: Story;
  readonly wheel: Flywheel;
  readonly cast: Cast;
  /** Everything that was claimed so far. */
  readonly weeks: Week[];
  /** What everybody got from the faucet. */
  readonly given: ReadonlyMap<Person, bigint>;
  /** What people paid for the XP that they burned. */
  readonly costs: Map<Person, Pair>;
}

/** The XP flywheel: a month of small agents, a market, a month of a large fleet, and a week in which ten million XP come back. */
export async function tellXp(
  story: Story,
  contracts: XpContracts,
  parameters: XpParameters,
  { ethers, provider }: FlywheelChain & { readonly ethers: HardhatEthers },
): Promise<void> {
  const wheel = await Flywheel.begin(contracts, parameters, { provider });
  const signers = await ethers.getSigners();
  const { cast, given } = await gather(
    wheel,
    signers.map(({ address }) => address as Address),
  );
  const telling: Telling = { story, wheel, cast, weeks: [], given, costs: new Map() };
  await tellSmallAgents(telling);
  await tellMarket(telling);
  await tellFleet(telling);
  await tellTenMillion(telling);
}

// ------------------------------------------------------------------- people

async function gather(
  wheel: Flywheel,
  addresses: readonly Address[],
): Promise<{ cast: Cast; given: ReadonlyMap<Person, bigint> }> {
  const given = new Map<Person, bigint>();
  const free = addresses.slice(10);
  async function person(name: string, dollars: bigint): Promise<Person> {
    const address = free.shift();
    if (address === undefined) throw new Error(`The chain has ${addresses.length} accounts, too few for the story.`);
    const someone = { name, address };
    await wheel.faucet(someone, dollars * DOLLAR);
    given.set(someone, dollars * DOLLAR);
    return someone;
  }
  /** Agents have dollars for their bonds. */
  const agent = async (name: string, dollars: bigint): Promise<Agent> =>
    wheel.register(await person(name, dollars), `https://agents.example/${name.toLowerCase().replace(" ", "-")}`);

  const sarah = await agent("Sarah", 1_000n);
  const ada = await agent("Ada", 1_000n);
  const linus = await agent("Linus", 1_000n);
  const grace = await agent("Grace", 1_000n);
  const bruno = await agent("Bruno", 10_000n);
  const globex = await agent("Globex", 1_000_000n);
  const studios: Agent[] = [];
  for (const name of ["North", "East", "South", "West"]) studios.push(await agent(`Studio ${name}`, 5_000_000n));
  const megacorp = await person("MegaCorp", 5_000_000n);
  const fleet: Agent[] = [];
  for (const number of [1, 2, 3, 4]) {
    fleet.push(await wheel.register(megacorp, `https://agents.example/megacorp-${number}`));
  }
  const clients: Person[] = [];
  for (let number = 1; number <= 10; number++) clients.push(await person(`client ${number}`, 100_000_000n));
  return { cast: { sarah, ada, linus, grace, studios, fleet, bruno, globex, clients }, given };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`There is no item ${index} in a list of ${list.length}.`);
  return item;
}

// ------------------------------------------------------------------ figures

function show({ chain, model }: Pair, unit: Unit): Figure {
  return figure(chain, model, unit);
}

const dollars = (pair: Pair): Figure => show(pair, "dollars");
const xp = (pair: Pair): Figure => show(pair, "tokens");
const price = (pair: Pair): Figure => show(pair, "price");
const count = (pair: Pair): Figure => show(pair, "count");
const points = (pair: Pair): Figure => show(pair, "points");

/** @throws where the chain does not say what the source does: such an example would be none. */
function example(what: string, source: bigint, { chain, model }: Pair, unit: "dollars" | "tokens"): Cell[] {
  const one = unit === "dollars" ? DOLLAR : ONE_XP;
  if (chain !== source * one) throw new Error(`${what}: the source says ${source}, the chain ${chain}.`);
  return [what, formatCount(source), figure(chain, model, unit)];
}

function difference([minuend = 0n, ...subtrahends]: readonly bigint[]): bigint {
  return subtrahends.reduce((rest, value) => rest - value, minuend);
}

/** Dollars for one whole XP. */
function perWhole([spent = 0n, amount = 1n]: readonly bigint[]): bigint {
  return (spent * ONE_XP) / amount;
}

// -------------------------------------------------------------------- weeks

/** Claims for everybody what a week brought, and keeps it for the tables. */
async function harvest({ wheel, weeks }: Telling, groups: readonly Group[], epoch: bigint): Promise<void> {
  for (const { name, agents } of groups) {
    const owners = new Set(agents.map(({ owner }) => owner));
    const done: AgentWeek[] = [];
    for (const owner of owners) {
      done.push(
        ...(await wheel.claim(
          agents.filter((agent) => agent.owner === owner),
          epoch,
        )),
      );
    }
    if (done.length === 0) continue;
    const sum = (of: "volume" | "fees" | "xp"): Pair => total(done.map((week) => week[of]));
    weeks.push({ group: name, epoch, volume: sum("volume"), fees: sum("fees"), xp: sum("xp") });
  }
}

/** What a group did in the weeks from `first` to `last`. */
function sumOf({ weeks }: Telling, group: string, first: bigint, last: bigint) {
  const own = weeks.filter((week) => week.group === group && week.epoch >= first && week.epoch <= last);
  const sum = (of: "volume" | "fees" | "xp"): Pair => total(own.map((week) => week[of]));
  return { volume: sum("volume"), fees: sum("fees"), xp: sum("xp") };
}

function weekRows({ weeks }: Telling, first: bigint, last: bigint): Cell[][] {
  return weeks
    .filter(({ epoch }) => epoch >= first && epoch <= last)
    .map(({ group, epoch, volume, fees, xp: earned }) => [
      `${epoch}`,
      group,
      dollars(volume),
      dollars(fees),
      xp(earned),
    ]);
}

// ------------------------------------------------------------- small agents

async function tellSmallAgents(telling: Telling): Promise<void> {
  const { story, wheel, cast } = telling;
  const { sarah, ada, linus, grace, studios, clients } = cast;
  story.chapter(
    "XP: a month of small agents",
    "Agents register and work for clients who pay in test dollars; Basic costs 2.5 %, and each week's XP is shared among those who worked.",
    "Four studios stand for many more: each does what hundreds of Sarahs would. Jobs are opened, accepted, delivered and settled one by one.",
  );
  const groups: Group[] = [
    { name: "Sarah", agents: [sarah] },
    { name: "Ada", agents: [ada] },
    { name: "Linus", agents: [linus] },
    { name: "Grace", agents: [grace] },
    { name: "four studios", agents: studios },
  ];
  const [quitter, grumbler, doubter, picky] = [at(clients, 5), at(clients, 6), at(clients, 7), at(clients, 8)];
  const ended: Cell[][] = [];
  const end = (what: string, outcome: JobOutcome, jobId: bigint, paid: Readonly<Record<string, bigint>>): void => {
    const { payment, bondBps, feeBps } = wheel.jobs.job(jobId);
    const shares = jobShares(outcome, payment, jobBond(payment, bondBps), feeBps);
    ended.push([
      what,
      formatAmount(payment, 6, 0),
      dollars({ chain: paid.toPayee ?? 0n, model: shares.toPayee }),
      dollars({ chain: paid.toClient ?? 0n, model: shares.toClient }),
      dollars({ chain: paid.toTreasury ?? 0n, model: shares.toTreasury }),
    ]);
  };

  let refused = "";
  let disputed = 0n;
  for (const week of [1n, 2n, 3n, 4n]) {
    if (week > 1n) {
      wheel.goTo(week, HOUR);
      await harvest(telling, groups, week - 1n);
    }
    await workSmall(telling);
    await wheel.work(linus, at(clients, 0), 2_000n * DOLLAR);
    await wheel.work(grace, at(clients, 1), 2_000n * DOLLAR);
    for (const [i, studio] of studios.entries()) await wheel.work(studio, at(clients, i), 875_000n * DOLLAR);

    if (week === 1n) {
      const job = await wheel.open({ client: quitter, agent: linus, payment: 1_000n * DOLLAR });
      await wheel.accept(job, linus);
      wheel.wait(3n * DAY);
      end("Linus does not deliver: refunded", "Refunded", job, await wheel.refund(job, quitter));
    }
    if (week === 2n) {
      await wheel.lock(grace, 500n * ONE_XP);
      const job = await wheel.open({ client: grumbler, agent: grace, payment: 2_000n * DOLLAR });
      await wheel.accept(job, grace);
      await wheel.deliver(job, grace);
      await wheel.reject(job, grumbler);
      wheel.wait(DAY);
      end("Grace's work is rejected: ruled for her", "RuledForAgent", job, await wheel.rule(job, true));
    }
    if (week === 3n) {
      disputed = await wheel.open({ client: doubter, agent: linus, payment: 1_000n * DOLLAR });
      await wheel.accept(disputed, linus);
      await wheel.deliver(disputed, linus);
      await wheel.reject(disputed, doubter);
    }
    if (week === 4n) {
      wheel.wait(DAY);
      end("Linus's is rejected, the arbiter silent: split", "Split", disputed, await wheel.split(disputed, doubter));
      const job = await wheel.open({ client: picky, payment: 4_000n * DOLLAR, minTrust: 75n });
      refused = await wheel.refusalOf(job, linus);
      await wheel.accept(job, grace);
      await wheel.deliver(job, grace);
      await wheel.settle(job, picky);
    }
  }
  wheel.goTo(5n, HOUR);
  await harvest(telling, groups, 4n);

  story.table(
    "Each week's work, and the XP claimed for it",
    ["week", "who", "volume", "fee", "XP earned"],
    weekRows(telling, 1n, 4n),
  );
  story.note(
    "Nobody gets more than 20 XP for a dollar of fee. Sarah and Ada have more clients than most and reach it; who has one, or fails, gets less.",
  );
  story.table(
    "Jobs that ended otherwise",
    ["what", "payment", "to the agent", "to the client", "to the treasury"],
    ended,
  );

  const [adas, sarahs] = [sumOf(telling, "Ada", 1n, 4n), sumOf(telling, "Sarah", 1n, 4n)];
  story.table(
    "The source's small operators: the four weeks together",
    ["what", "source", "value"],
    [
      example("Ada: volume in dollars", 10_000n, adas.volume, "dollars"),
      example("Ada: fees in dollars", 250n, adas.fees, "dollars"),
      example("Ada: XP earned", 5_000n, adas.xp, "tokens"),
      example("Sarah: volume in dollars", 15_000n, sarahs.volume, "dollars"),
      example("Sarah: fees in dollars", 375n, sarahs.fees, "dollars"),
      example("Sarah: XP earned", 7_500n, sarahs.xp, "tokens"),
    ],
  );
  await tellTrust(telling, "Trust after a month", [sarah, ada, linus, grace]);
  story.note(`Grace locked 500 XP. A job that asked for 75 points was hers; Linus was refused it: ${refused}.`);
}

/** A week of the source's two small operators: a quarter of Sarah's 15,000 for three clients, and of Ada's 10,000 for two. */
async function workSmall({ wheel, cast: { sarah, ada, clients } }: Telling): Promise<void> {
  for (const client of clients.slice(0, 3)) await wheel.work(sarah, client, 1_250n * DOLLAR);
  for (const client of clients.slice(3, 5)) await wheel.work(ada, client, 1_250n * DOLLAR);
}

async function tellTrust({ story, wheel }: Telling, title: string, agents: readonly Agent[]): Promise<void> {
  const rows: Cell[][] = [];
  for (const agent of agents) {
    const { success, bonus, age, whole, locked } = await wheel.trustOf(agent);
    rows.push([agent.owner.name, xp(locked), points(success), points(bonus), points(age), points(whole)]);
  }
  story.table(title, ["who", "XP locked", "success, of 50", "XP, of 30", "age, of 20", "trust"], rows);
}

// ------------------------------------------------------------------- market

async function tellMarket(telling: Telling): Promise<void> {
  const { story, wheel, cast, given, costs } = telling;
  const { sarah, ada, linus, grace, studios, fleet, bruno, globex } = cast;
  const [north, east, south, west] = [at(studios, 0), at(studios, 1), at(studios, 2), at(studios, 3)];
  const megacorp = at(fleet, 0).owner;
  story.chapter(
    "XP: sold, bought and burned",
    "Who needs cash sells: to a bid, by an ask, or to the Uniswap V3 pool, whose liquidity one of the studios provides from what it earned.",
    "MegaCorp bids for what Diamond costs. Bruno, who has one agent, lets the router buy exactly what Bronze costs and burn it.",
  );
  for (const { owner } of [sarah, ada, linus, grace, ...studios]) await wheel.withdraw(owner);

  const sold: Cell[][] = [];
  async function sell(where: string, seller: Person, amount: bigint, trade: Promise<Pair>): Promise<Pair> {
    const got = await trade;
    sold.push([
      seller.name,
      where,
      formatAmount(amount, 18, 0),
      dollars(got),
      price(combine([got], ([value = 0n]) => perWhole([value, amount]))),
    ]);
    return got;
  }
  const ask = await wheel.offer("ask", north.owner, 250_000n * ONE_XP, (25n * CENT) / 10n);
  await sell("own ask", north.owner, 1_000n * ONE_XP, wheel.fill(ask, globex.owner, 1_000n * ONE_XP));
  const provided = await wheel.provide(north.owner, 1_000_000n * ONE_XP);
  await sell("Uniswap", grace.owner, 1_000n * ONE_XP, wheel.swap(grace.owner, 1_000n * ONE_XP));
  await sell("Uniswap", linus.owner, 2_000n * ONE_XP, wheel.swap(linus.owner, 2_000n * ONE_XP));
  await sell("Uniswap", west.owner, 50_000n * ONE_XP, wheel.swap(west.owner, 50_000n * ONE_XP));
  for (const agent of [linus, globex]) await wheel.lock(agent, 1_000n * ONE_XP);
  const beforeBid = await wheel.dollarsOf(megacorp);
  const bid = await wheel.offer("bid", megacorp, 5_000_000n * ONE_XP, PRICE);
  const toBid = (seller: Agent, whole: bigint): Promise<Pair> =>
    sell("MegaCorp's bid", seller.owner, whole * ONE_XP, wheel.fill(bid, seller.owner, whole * ONE_XP));
  const sarahsCash = await toBid(sarah, 7_500n);
  const adasCash = await toBid(ada, 5_000n);
  await toBid(east, 1_700_000n);
  await toBid(south, 1_700_000n);
  await toBid(west, 1_587_500n);
  const bought = {
    xp: await wheel.xpOf(megacorp),
    cost: combine([beforeBid, await wheel.dollarsOf(megacorp)], difference),
  };
  story.table(
    "Studio North gives the pool what others trade with, over its whole range",
    ["what", "XP", "dollars", "liquidity"],
    [["provided", xp(provided.xp), dollars(provided.payment), count(provided.liquidity)]],
  );

  story.table("Who sold XP, where and for how much", ["who", "to", "XP", "dollars", "for one XP"], sold);

  const sarahs = sumOf(telling, "Sarah", 1n, 4n);
  const growth = combine([await wheel.dollarsOf(sarah.owner)], ([held = 0n]) => held - (given.get(sarah.owner) ?? 0n));
  story.table(
    "The source's sellers and its buyer",
    ["what", "source", "value"],
    [
      example("Ada: dollars for her XP", 100n, adasCash, "dollars"),
      example("Sarah: XP sold", 7_500n, combine([sarahs.xp, await wheel.xpOf(sarah.owner)], difference), "tokens"),
      example("Sarah: dollars for it", 150n, sarahsCash, "dollars"),
      example(
        "Sarah: volume and dollars for XP, the source's total income",
        15_150n,
        total([sarahs.volume, sarahsCash]),
        "dollars",
      ),
      ["Sarah: what she has more in hand, after the fee of 375", "–", dollars(growth)],
      example("MegaCorp: XP bought", 5_000_000n, bought.xp, "tokens"),
      example("MegaCorp: dollars for it", 100_000n, bought.cost, "dollars"),
    ],
  );

  await tellQuotes(telling, megacorp);
  const burns: Cell[][] = [];
  const diamond = await wheel.burnForTier(megacorp, DIAMOND);
  burns.push([
    megacorp.name,
    "Diamond",
    "bid at 0.02",
    xp(diamond),
    dollars(bought.cost),
    count(await wheel.feeOf(megacorp)),
  ]);
  const bronze = await wheel.buyAndBurn(bruno.owner, 1n);
  burns.push([
    bruno.owner.name,
    "Bronze",
    "Uniswap, in one call",
    xp(bronze.burned),
    dollars(bronze.payment),
    count(await wheel.feeOf(bruno.owner)),
  ]);
  story.table(
    "Burned for thirty days of a lower fee",
    ["who", "tier", "bought by", "XP burned", "dollars paid", "fee in basis points"],
    burns,
  );
  costs.set(megacorp, bought.cost);
  costs.set(bruno.owner, bronze.payment);
}

/** What a tier saves, and between which bounds a price of XP makes sense. */
async function tellQuotes(telling: Telling, megacorp: Person): Promise<void> {
  const { story, wheel, cast } = telling;
  const { feeTiers, redistributor } = wheel.contracts;
  const [{ spot, mean: hour }, { mean: week }] = [await wheel.prices(HOUR), await wheel.prices(7n * DAY)];
  async function quote(account: Person, tier: bigint, volume: bigint) {
    const chain = await feeTiers.quote(account.address, tier, volume, spot.chain);
    const model = wheel.tiers.quote(account.address, tier, wheel.now, volume, spot.model);
    const both = (of: "burn" | "grossSaving" | "ceilingPrice" | "cost"): Pair => ({
      chain: chain[of],
      model: model[of],
    });
    return {
      burn: both("burn"),
      saving: both("grossSaving"),
      ceiling: both("ceilingPrice"),
      cost: both("cost"),
      worthwhile: { chain: chain.worthwhile ? 1n : 0n, model: model.worthwhile ? 1n : 0n },
    };
  }

  const savings: Cell[][] = [];
  for (const [i, { name, feeBps, volume, saving }] of SOURCE_TIERS.entries()) {
    const quoted = await quote(megacorp, BigInt(i + 1), volume * DOLLAR);
    const [label, , ...saved] = example(name, saving, quoted.saving, "dollars");
    savings.push([
      label ?? name,
      `${formatAmount(feeBps, 2, 2)} %`,
      formatCount(volume),
      xp(quoted.burn),
      formatCount(saving),
      ...saved,
    ]);
  }
  story.table(
    "The source's tiers, each at its volume",
    ["tier", "fee", "volume", "XP burned", "source", "dollars saved"],
    savings,
  );

  const ceilings: Cell[][] = [];
  for (const [account, tier, volume] of [
    [megacorp, 4n, 10_000_000n],
    [megacorp, DIAMOND, 25_000_000n],
    [cast.bruno.owner, 1n, 100_000n],
    [cast.bruno.owner, 3n, 100_000n],
  ] as const) {
    const { saving, ceiling, cost, worthwhile } = await quote(account, tier, volume * DOLLAR);
    ceilings.push([
      account.name,
      at(SOURCE_TIERS, Number(tier) - 1).name,
      formatCount(volume),
      dollars(saving),
      price(ceiling),
      dollars(cost),
      count(worthwhile),
    ]);
  }
  story.table(
    "What `quote` says: the ceiling is the price of XP above which a tier costs more than it saves",
    ["who", "tier", "volume", "saves", "ceiling", "XP at the pool's price", "pays (1) or not (0)"],
    ceilings,
  );

  const earned = sumOf(telling, "Ada", 1n, 4n).xp;
  const source = await quote(megacorp, 4n, 10_000_000n * DOLLAR);
  const kappa = { chain: await redistributor.kappa(), model: INITIAL_KAPPA };
  const bronze = await wheel.quoteBuyAndBurn(cast.bruno.owner, 1n);
  story.table(
    "The market between the source's floor and its ceiling",
    ["dollars for one XP", "is"],
    [
      [
        "floor: 50 of costs for Ada's 5,000 XP",
        price(combine([earned], ([amount = 0n]) => perWhole([50n * DOLLAR, amount]))),
      ],
      ["the pool now", price(spot)],
      ["the pool, on average over the last hour", price(hour)],
      ["the pool, on average over seven days", price(week)],
      ["Bronze out of the pool, as the router quotes it", price(combine([bronze.payment, bronze.burned], perWhole))],
      ["lowest ask", price(await wheel.bestAsk())],
      [
        "above this, paying fees is a cheaper way to get XP",
        price(combine([kappa], ([k = 0n]) => (DOLLAR * ONE_XP) / k)),
      ],
      ["ceiling: 200,000 saved by 1,000,000 XP", price(source.ceiling)],
    ],
  );
}

// -------------------------------------------------------------------- fleet

async function tellFleet(telling: Telling): Promise<void> {
  const { story, wheel, cast, costs } = telling;
  const { sarah, ada, linus, grace, fleet, bruno, globex, clients } = cast;
  const megacorp = at(fleet, 0).owner;
  story.chapter(
    "XP: a month of a large fleet",
    "MegaCorp's four agents do 25,000,000 of work at 0.25 %, Bruno's one 100,000 at 2 %. What they burned is in the pool of the week after,",
    "and goes to those who work then.",
  );
  const groups: Group[] = [
    { name: "Sarah", agents: [sarah] },
    { name: "Ada", agents: [ada] },
    { name: "Bruno", agents: [bruno] },
    { name: "MegaCorp's fleet", agents: fleet },
  ];
  for (const week of [5n, 6n, 7n, 8n]) {
    if (week > 5n) {
      wheel.goTo(week, HOUR);
      await harvest(telling, groups, week - 1n);
    }
    await workSmall(telling);
    await wheel.work(bruno, at(clients, 2), 25_000n * DOLLAR);
    for (const [i, agent] of fleet.entries()) await wheel.work(agent, at(clients, 4 + i), FLEET_VOLUME / 16n);
    if (week === 5n) await wheel.unlock(grace, 500n * ONE_XP);
    if (week === 7n) await wheel.unlocked(grace);
  }
  wheel.goTo(9n, HOUR);
  await harvest(telling, groups, 8n);
  story.table(
    "The month after: each week's work, and the XP claimed for it",
    ["week", "who", "volume", "fee", "XP earned"],
    weekRows(telling, 5n, 8n),
  );

  const base = await wheel.contracts.feeTiers.BASE_FEE_BPS();
  const paidAndSaved = ["MegaCorp's fleet", "Bruno"].map((group) => {
    const { volume, fees } = sumOf(telling, group, 5n, 8n);
    const owner = group === "Bruno" ? bruno.owner : megacorp;
    const cost = costs.get(owner) ?? { chain: 0n, model: 0n };
    const basic = { chain: (volume.chain * base) / 10_000n, model: feeOn(volume.model, BASE_FEE_BPS) };
    const gross = combine([basic, fees], difference);
    return { group, volume, fees, cost, basic, gross, saved: combine([gross, cost], difference) };
  });
  story.table(
    "Who paid and who saved",
    ["who", "volume", "fee at 2.5 %", "fee paid", "XP cost", "saved"],
    paidAndSaved.map(({ group, volume, basic, fees, cost, saved }) => [
      group,
      dollars(volume),
      dollars(basic),
      dollars(fees),
      dollars(cost),
      dollars(saved),
    ]),
  );
  const [mega, small] = [at(paidAndSaved, 0), at(paidAndSaved, 1)];
  story.table(
    "The source's large operator",
    ["what", "source", "value"],
    [
      example("MegaCorp: volume in dollars", 25_000_000n, mega.volume, "dollars"),
      example("MegaCorp: fees at Basic", 625_000n, mega.basic, "dollars"),
      example("MegaCorp: fees at Diamond", 62_500n, mega.fees, "dollars"),
      example("MegaCorp: dollars for XP", 100_000n, mega.cost, "dollars"),
      example("MegaCorp: saved in all", 462_500n, mega.saved, "dollars"),
      example("Bruno: saved by Bronze, before its price", 500n, small.gross, "dollars"),
    ],
  );
  story.note(
    "A lower fee earns less XP too, because XP follows fees: at Basic the fleet could have earned about ten times as much.",
  );

  const upgrade = await wheel.buyAndBurn(bruno.owner, 2n);
  story.table(
    "Two days before its end Bruno turns Bronze into Silver: what is left of Bronze counts",
    ["who", "price", "XP burned", "dollars paid", "fee in basis points"],
    [
      [
        "Bruno",
        formatAmount(at(SOURCE_TIERS, 1).price, 18, 0),
        xp(upgrade.burned),
        dollars(upgrade.payment),
        count(await wheel.feeOf(bruno.owner)),
      ],
    ],
  );
  await tellTrust(
    telling,
    "Trust after two months: Grace took her XP back, Linus locked some of his, Globex some that it bought",
    [sarah, linus, grace, globex, at(fleet, 0)],
  );
  await tellEpochs(telling);
  await tellMoney(telling);
}

/** Pool and release of every epoch that is final: what the chain logged, and what the model says. */
async function epochsOf({ wheel }: Telling) {
  const { redistributor } = wheel.contracts;
  const logged = await redistributor.queryFilter(redistributor.filters.EpochFinalised());
  const model = wheel.redistribution.epochs(wheel.epoch - 1n);
  return logged.map(({ args: { epoch, pool, released } }) => {
    const known = model.find((one) => one.epoch === epoch);
    return {
      epoch,
      pool: { chain: pool, model: known?.pool ?? 0n },
      released: { chain: released, model: known?.released ?? 0n },
    };
  });
}

async function tellEpochs(telling: Telling): Promise<void> {
  const { story, wheel, weeks } = telling;
  const { redistributor, xp: token } = wheel.contracts;
  const epochs = await epochsOf(telling);
  const pools: Cell[][] = [];
  const paid: Cell[][] = [];
  for (const [i, { epoch, pool, released }] of epochs.entries()) {
    const before = epochs[i - 1];
    const burned = { chain: await token.burnedIn(epoch - 1n), model: wheel.supply.burnedIn(epoch - 1n) };
    const funded = {
      chain: (await redistributor.fundedBy(epoch)) - (await redistributor.fundedBy(epoch - 1n)),
      model: fundedBy(epoch) - fundedBy(epoch - 1n),
    };
    const left = before
      ? combine([before.pool, before.released], difference)
      : { chain: (await redistributor.accountOf(epoch - 1n)).remaining, model: wheel.redistribution.pool(epoch - 1n) };
    pools.push([`${epoch}`, xp(burned), xp(funded), xp(left), xp(pool)]);
    const { remaining } = await redistributor.accountOf(epoch);
    paid.push([
      `${epoch}`,
      xp(pool),
      xp(released),
      xp(total(weeks.filter((week) => week.epoch === epoch).map(({ xp: earned }) => earned))),
      xp({ chain: remaining, model: wheel.redistribution.remaining(epoch) }),
    ]);
  }
  story.table(
    "Burned in one week, in the pool of the next",
    ["week", "burned the week before", "new, in the first year", "left of the pool before", "pool"],
    pools,
  );
  story.table(
    "What became of each pool: 20 XP for a dollar of fees are released, the rest stays",
    ["week", "pool", "released", "claimed", "kept by the caps"],
    paid,
  );
}

/** Everything that the contracts hold, and what the treasury got. */
async function tellMoney({ story, wheel, cast }: Telling): Promise<void> {
  const { paymentToken, serviceMarket, xpMarket, reputation, redistributor, xp: token } = wheel.contracts;
  const collected = await wheel.collectFees(cast.sarah.owner);
  const held = wheel.book.held();
  const kept = wheel.redistribution.epochs(wheel.epoch - 1n).map(({ epoch }) => wheel.redistribution.remaining(epoch));
  story.table(
    "Where the money is",
    ["what", "value"],
    [
      ["fees collected for the treasury, dollars", dollars(collected)],
      [
        "service market: credits not yet withdrawn, dollars",
        dollars({ chain: await paymentToken.balanceOf(serviceMarket), model: wheel.jobs.balance }),
      ],
      ["XP market: dollars", dollars({ chain: await paymentToken.balanceOf(xpMarket), model: held.payment })],
      ["XP market: XP for sale", xp({ chain: await token.balanceOf(xpMarket), model: held.xp })],
      ["locked to agents, XP", xp({ chain: await token.balanceOf(reputation), model: wheel.reputation.balance() })],
      [
        "redistributor, XP",
        xp({ chain: await token.balanceOf(redistributor), model: kept.reduce((sum, rest) => sum + rest, 0n) }),
      ],
    ],
  );
}

// -------------------------------------------------------------- ten million

async function tellTenMillion(telling: Telling): Promise<void> {
  const { story, wheel, cast, weeks } = telling;
  const { sarah, ada, linus, studios, fleet, globex, clients } = cast;
  const megacorp = at(fleet, 0).owner;
  story.chapter(
    "XP: ten million burned, ten million earned",
    "More than a year later nothing new comes into the pool but what was burned. In week 60 so much work is done that all of it is paid out",
    "and a hundred million XP exist, the most that ever can. In week 61 two fleets burn 5,000,000 each; in week 62 that is the pool.",
  );
  wheel.goTo(MUCH_LATER, HOUR);
  const expired: Pair[] = [];
  for (const epoch of [1n, 2n, 3n, 4n, 5n, 6n]) expired.push(await wheel.expire(epoch, sarah.owner));

  const everything: Group[] = [
    { name: "four studios", agents: studios },
    { name: "MegaCorp's agent", agents: fleet },
    { name: "Sarah", agents: [sarah] },
    { name: "Ada", agents: [ada] },
  ];
  wheel.goTo(MUCH_LATER + 1n, HOUR);
  for (const [i, studio] of studios.entries()) await wheel.work(studio, at(clients, i), 50_000_000n * DOLLAR);

  wheel.goTo(MUCH_LATER + 2n, HOUR);
  await harvest(telling, everything, MUCH_LATER + 1n);
  const supply = { chain: await wheel.contracts.xp.totalSupply(), model: wheel.supply.totalSupply() };
  const burned: Pair[] = [];
  for (const [buyer, seller] of [
    [megacorp, at(studios, 0)],
    [globex.owner, at(studios, 1)],
  ] as const) {
    const ask = await wheel.offer("ask", seller.owner, 5_000_000n * ONE_XP, PRICE);
    await wheel.fill(ask, buyer, 5_000_000n * ONE_XP);
    burned.push(await wheel.burnForTier(buyer, DIAMOND));
  }
  await wheel.work(sarah, at(clients, 9), 1_250n * DOLLAR);

  wheel.goTo(MUCH_LATER + 3n, HOUR);
  await harvest(telling, everything, MUCH_LATER + 2n);
  for (const [i, studio] of studios.entries()) await wheel.work(studio, at(clients, 4 + i), 6_250_000n * DOLLAR);
  await wheel.work(at(fleet, 0), at(clients, 8), 1_562_500n * DOLLAR);
  await wheel.work(sarah, at(clients, 9), 1_250n * DOLLAR);
  await wheel.work(ada, at(clients, 9), 1_250n * DOLLAR);

  wheel.goTo(MUCH_LATER + 4n, HOUR);
  const { redistributor, xp: token } = wheel.contracts;
  const [full, last] = [MUCH_LATER + 1n, MUCH_LATER + 3n];
  const idle = {
    fees: {
      chain: (await redistributor.workOf(linus.id, last)).fees,
      model: wheel.redistribution.work(linus.id, last).fees,
    },
    xp: {
      chain: await redistributor.previewClaim(linus.id, last),
      model: wheel.redistribution.claimable(linus.id, last),
    },
  };
  await harvest(telling, everything, last);

  const rows: Cell[][] = [];
  for (const { epoch, pool, released } of await epochsOf(telling)) {
    if (epoch < full) continue;
    const before = { chain: await token.burnedIn(epoch - 1n), model: wheel.supply.burnedIn(epoch - 1n) };
    const fees = total(weeks.filter((week) => week.epoch === epoch).map((week) => week.fees));
    rows.push([`${epoch}`, xp(before), dollars(fees), xp(pool), xp(released)]);
  }
  story.table(
    "Three weeks: what was burned before each, and what each could pay out",
    ["week", "burned the week before", "fees", "pool", "released"],
    rows,
  );
  story.note(
    `In week ${MUCH_LATER} what nobody had claimed of the first six weeks was burned. In week ${MUCH_LATER + 2n} Sarah worked and earned no XP: the pool was empty.`,
  );
  const earners = weeks.filter(({ epoch }) => epoch === last);
  const paid = total(earners.map((week) => week.xp));
  const { remaining } = await redistributor.accountOf(last);
  const left = { chain: remaining, model: wheel.redistribution.remaining(last) };
  story.table(
    `Who earned the ten million in week ${last}: those who worked, by what they paid`,
    ["who", "fee", "XP earned"],
    [
      ...earners.map(({ group, fees, xp: earned }) => [group, dollars(fees), xp(earned)]),
      ["Linus, idle", dollars(idle.fees), xp(idle.xp)],
    ],
  );
  story.table(
    "The source's burn-redistribute cycle",
    ["what", "source", "value"],
    [
      example("XP burned in the one week", 10_000_000n, total(burned), "tokens"),
      example("XP paid out in the next, with what rounding keeps", 10_000_000n, total([paid, left]), "tokens"),
    ],
  );
  const minted = { chain: await token.totalMinted(), model: wheel.supply.totalMinted() };
  const gone = { chain: await token.totalBurned(), model: wheel.supply.totalBurned() };
  story.table(
    "XP in all",
    ["what", "XP"],
    [
      [`unclaimed for a year, burned in week ${MUCH_LATER}`, xp(total(expired))],
      [`supply after week ${full}`, xp(supply)],
      ["minted", xp(minted)],
      ["burned", xp(gone)],
      ["supply", xp({ chain: await token.totalSupply(), model: wheel.supply.totalSupply() })],
      [`kept by rounding in week ${last}, in wei`, count(left)],
    ],
  );
  await tellPurses(telling);
}

/** What everybody holds, added up, and how many the chain and the models disagree about. */
async function tellPurses({ story, wheel, given }: Telling): Promise<void> {
  const people = [...given.keys()];
  const held = await Promise.all(
    people.map(async (person) => ({ xp: await wheel.xpOf(person), dollars: await wheel.dollarsOf(person) })),
  );
  const differing = (of: "xp" | "dollars"): Figure =>
    figure(BigInt(held.filter(({ [of]: { chain, model } }) => chain !== model).length), 0n, "count");
  story.table(
    `What all ${people.length} hold, and how many of their balances differ from the models'`,
    ["what", "sum", "balances that differ"],
    [
      ["XP", xp(total(held.map((each) => each.xp))), differing("xp")],
      ["dollars", dollars(total(held.map((each) => each.dollars))), differing("dollars")],
    ],
  );
}
