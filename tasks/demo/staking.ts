import { id } from "ethers";

import { formatAmount, formatCount } from "../../src/format.js";
import { AD_SETTLEMENT_WINDOW, AdSettlementModel, type AdRow, DEFAULT_AD_SPLIT } from "../../src/xme/ads.js";
import { EMISSION_STREAM } from "../../src/xme/emission.js";
import { NODE_MONTH, NODE_UNBONDING, NodeRefusal, PRINCIPAL_UNIT } from "../../src/xme/nodes.js";
import { DIVIDEND_MONTH, UNSTAKE_DELAY } from "../../src/xme/votes.js";
import { Refusals } from "./government.js";
import { figure, type Cell } from "./story.js";
import type { Person, XmeWorld } from "./world.js";

const ONE = 10n ** 18n;
const MILLION = 1_000_000n * ONE;
const DAY = 86_400n;

/** What Dan shares of his grant with everybody who has vXME. */
const INCOME = 6n * MILLION;
/** What Eli advertises for. */
const CAMPAIGN = { budget: 200_000n * ONE, pricePerThousand: 50n * ONE, lasts: 20n * DAY } as const;
/** The tiers of the badge, as it is deployed. */
const BADGES = [
  { name: "Supporter", minimum: 1_000n * ONE, privileges: [] },
  { name: "Insider", minimum: 10_000n * ONE, privileges: ["beta access"] },
  { name: "Patron", minimum: 100_000n * ONE, privileges: ["beta access", "creator line"] },
] as const;

/** Somebody who runs a node. */
interface Operator {
  readonly person: Person;
  /** The node's number. */
  readonly node: number;
  readonly bond: bigint;
  /** Basis points. */
  readonly commission: bigint;
}

/** XMEX that somebody delegates to a node. */
interface Delegation {
  readonly person: Person;
  readonly node: number;
  readonly amount: bigint;
}

interface Cast {
  readonly anybody: Person;
  readonly miner: Person;
  readonly dan: Person;
  readonly eli: Person;
  readonly creators: readonly [Person, Person];
  readonly settlers: readonly [Person, Person];
  readonly operators: readonly [Operator, Operator];
  readonly delegations: readonly Delegation[];
}

/** What came into the node staking and has not gone out, in wei; without what the emission vault gave. */
interface Ledger {
  xme: bigint;
  xmex: bigint;
}

/** The chapter on its way. */
interface Telling {
  readonly world: XmeWorld;
  readonly cast: Cast;
  readonly ads: AdSettlementModel;
  readonly refusals: Refusals;
  readonly ledger: Ledger;
  /** What becomes of what an advertiser pays. */
  readonly spending: Cell[][];
  /** The beginning of the month with this number, in seconds; the first is the one in which everything is set up. */
  readonly begin: (month: bigint) => bigint;
}

/** Dividends of vXME over two months, two nodes with their delegators, a campaign that pays them, and badges. */
export async function tellStaking(world: XmeWorld): Promise<void> {
  const { story, xme } = world;
  story.chapter(
    "X.me: staking, nodes, advertising",
    "What comes in during one month streams evenly over the next, second by second, to whoever has staked or delegated by then.",
    "XMEX is for those with votes and for those who delegate to a node, whose operator keeps a commission. An advertiser pays in XME:",
    "half for whoever made what is looked at, a fifth for delegators, a fifth to be burned, a tenth for the treasury.",
  );
  const now = await world.now();
  const first = (now / NODE_MONTH + 1n) * NODE_MONTH;
  if (NODE_MONTH !== DIVIDEND_MONTH) throw new Error("Both stakings count the same months.");
  const telling: Telling = {
    world,
    cast: gather(world),
    ads: new AdSettlementModel(await xme.adSettlement.getAddress(), DEFAULT_AD_SPLIT),
    refusals: new Refusals(world),
    ledger: { xme: 0n, xmex: 0n },
    spending: [],
    begin: (month) => first + (month - 1n) * NODE_MONTH,
  };
  await world.goTo(first);
  await openNodes(telling);
  await shareIncome(telling);
  await advertise(telling);
  await tellTwoMonths(telling);
  await tellLeaving(telling);
  await tellBadges(telling);
  telling.refusals.tell("And who was refused");
  await tellHoldings(telling);
}

function gather(world: XmeWorld): Cast {
  const [vera, wim] = [world.citizen("Vera"), world.citizen("Wim")];
  const [gus, hana, ines, jon] = ["Gus", "Hana", "Ines", "Jon"].map((name, i) => world.person(40 + i, name)) as [
    Person,
    Person,
    Person,
    Person,
  ];
  return {
    anybody: world.person(0, "anybody"),
    miner: world.person(9, "mining's drawer"),
    dan: world.person(23, "Dan"),
    eli: world.person(24, "Eli"),
    creators: [world.person(44, "Kim"), world.person(45, "Leo")],
    settlers: [world.person(5, "the settler of before"), world.person(6, "the new settler")],
    operators: [
      { person: vera, node: 1, bond: 400_000n * ONE, commission: 500n },
      { person: wim, node: 2, bond: 300_000n * ONE, commission: 1_000n },
    ],
    delegations: [
      { person: gus, node: 1, amount: 20n * MILLION },
      { person: hana, node: 1, amount: 15n * MILLION },
      { person: ines, node: 2, amount: 12n * MILLION },
      { person: jon, node: 1, amount: 4n * MILLION },
      { person: jon, node: 2, amount: 4n * MILLION },
    ],
  };
}

/** Who delegates, each once, and where. */
function delegators({ delegations }: Cast): { readonly person: Person; readonly nodes: readonly number[] }[] {
  const people = [...new Set(delegations.map(({ person }) => person))];
  return people.map((person) => ({
    person,
    nodes: delegations.filter((one) => one.person === person).map(({ node }) => node),
  }));
}

/** The reason for which the model refuses something, as the contract's error. */
function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof NodeRefusal) return error.message;
    throw error;
  }
  return "the model refuses nothing";
}

// -------------------------------------------------------------------- nodes

/** Two nodes, and five delegations of XMEX that mining's drawer has paid out. */
async function openNodes({ world, cast, refusals, ledger }: Telling): Promise<void> {
  const { story, xme, emission, nodes: model } = world;
  const { nodes, emissionVault } = xme;
  const staking = await nodes.getAddress();
  const { anybody, miner, operators, delegations } = cast;
  const opened: Cell[][] = [];
  for (const { person, node, bond, commission } of operators) {
    await world.send(person, xme.xme.approve.populateTransaction(staking, bond));
    const uri = `https://nodes.example/${person.name.toLowerCase()}`;
    const at = await world.send(person, nodes.openNode.populateTransaction(bond, commission, uri));
    const number = model.openNode(at, person.address, bond, commission);
    if (number !== node) throw new Error(`${person.name}'s node is number ${number}, not ${node}.`);
    ledger.xme += bond;
    const [shown, state] = [await nodes.nodeOf(node), model.node(at, node)];
    opened.push([
      `${person.name}'s`,
      figure(shown.bond, state.bond),
      figure(shown.commissionBps, state.commissionBps, "count"),
      figure(shown.cap, state.cap),
    ]);
  }
  story.table(
    "Two citizens open nodes: a hundred XMEX may be delegated for each XME of bond",
    ["node", "bond in XME", "commission in basis points", "XMEX that it may carry"],
    opened,
  );

  const rows: Cell[][] = [];
  for (const { person, node, amount } of delegations) {
    const { socialMining } = EMISSION_STREAM;
    const pay = emissionVault.draw.populateTransaction(socialMining, person.address, amount);
    emission.draw(socialMining, await world.send(miner, pay), amount);
    await world.send(person, xme.xmex.approve.populateTransaction(staking, amount));
    const at = await world.send(person, nodes.delegate.populateTransaction(node, amount));
    const shares = model.delegate(at, node, person.address, amount);
    ledger.xmex += amount;
    rows.push([
      person.name,
      operatorOf(cast, node).name,
      figure(await nodes.sharesOf(node, person.address), shares),
      figure(await nodes.principalOf(node, person.address), amount),
      figure(await nodes.worthOf(node, person.address), model.valueOf(at, node, person.address)),
    ]);
  }
  story.table(
    "Four delegate what they have been paid for mining",
    ["who", "to", "shares", "XMEX put in", "worth"],
    rows,
  );
  const [gus] = delegations;
  if (gus === undefined) throw new Error("Nobody delegates.");
  const now = await world.now();
  await refusals.add(
    gus.person,
    "delegate more than the bond carries",
    nodes,
    nodes.delegate.populateTransaction(1n, 5n * MILLION),
    refusalOf(() => model.delegate(now, 1, gus.person.address, 5n * MILLION)),
  );
  const drawn = model.xmex.next;
  const at = await world.send(anybody, nodes.collectIncome.populateTransaction());
  model.collectIncome(at);
  const pool = await nodes.poolState();
  story.table(
    "Anybody has the nodes' part of the emission drawn, which streams next month",
    ["what", "XMEX"],
    [["for next month", figure(pool.xmexNext, model.pool(at).xmexNext)]],
  );
  if (model.xmex.next <= drawn) throw new Error("The vault had nothing for the nodes.");
}

function operatorOf({ operators }: Cast, node: number): Person {
  const found = operators.find((one) => one.node === node);
  if (found === undefined) throw new Error(`Nobody operates node ${node}.`);
  return found.person;
}

// ---------------------------------------------------------------- dividends

/** What streams to voters next month: what the vault had for them, and what Dan gives. */
async function shareIncome({ world, cast: { dan } }: Telling): Promise<void> {
  const { story, xme } = world;
  const { votes } = xme;
  await world.send(dan, xme.xmex.approve.populateTransaction(await votes.getAddress(), INCOME));
  const before = await votes.distribution();
  const at = await world.send(dan, votes.addXmexIncome.populateTransaction(INCOME));
  world.votes.addIncome(INCOME, at);
  const [shown, model] = [await votes.distribution(), world.votes.distribution(at)];
  const drawn = shown.next - before.next - INCOME;
  story.table(
    `Dan gives ${formatAmount(INCOME, 18, 0)} XMEX of his grant to all who have votes; his call, the month's first, also draws their part of the emission`,
    ["what", "XMEX"],
    [
      ["still to stream this month", figure(shown.active, model.active)],
      ["to stream next month", figure(shown.next, model.next)],
      ["that the vault has given voters so far", figure(...(await drawnBy(world, EMISSION_STREAM.votes)))],
    ],
  );
  if (drawn <= 0n) throw new Error("The vault had nothing for the voters.");
}

async function drawnBy({ xme, emission }: XmeWorld, stream: number): Promise<[bigint, bigint]> {
  return [await xme.emissionVault.netDrawn(stream), emission.netDrawn(stream)];
}

/** What happens in the middle of the second month; everything else happens by itself. */
async function changeStakes(telling: Telling): Promise<void> {
  const { world, cast } = telling;
  const { xme, nodes: model } = world;
  const quim = world.citizen("Quim");
  const half = 500_000n * ONE;
  const asked = await world.send(quim, xme.votes.requestUnstake.populateTransaction(half));
  world.votes.requestUnstake(quim.address, half, asked);
  await world.stake(cast.eli, 50_000n * ONE);
  await world.stake(cast.dan, 5_000n * ONE);
  const [, { person: wim, node }] = cast.operators;
  const raised = await world.send(wim, xme.nodes.setCommission.populateTransaction(node, 2_000n));
  model.setCommission(raised, node, wim.address, 2_000n);
  const [, hana] = delegators(cast);
  if (hana === undefined) throw new Error("Too few delegate.");
  const part = model.position(1, hana.person.address).shares / 10n;
  const left = await world.send(hana.person, xme.nodes.undelegate.populateTransaction(1n, part));
  model.undelegate(left, 1, hana.person.address, part);
  await payDelegators(telling, "delegators get in month 3, for the second");
}

interface Dividend {
  readonly held: Cell;
  readonly month2: Cell;
  month3?: Cell;
  claimed?: Cell;
}

/** Two months in which income streams: the second with half of what somebody had, and with two who came later. */
async function tellTwoMonths(telling: Telling): Promise<void> {
  const { world, cast, ads, spending, begin } = telling;
  const { story, xme, votes: model } = world;
  const { votes, adSettlement } = xme;
  const holders = [...world.citizens, cast.eli, cast.dan];
  const earned = async ({ address }: Person): Promise<Cell> =>
    figure(await votes.earned(address), model.earned(address, await world.now()));
  const nodeRows: Cell[][] = [];
  const streams: Cell[][] = [];
  const lookAtStreams = async (when: string): Promise<void> => {
    const [shown, expected] = [await votes.distribution(), model.distribution(await world.now())];
    streams.push([
      when,
      figure(shown.active, expected.active),
      figure(shown.perSecond, expected.perSecond),
      figure(shown.next, expected.next),
    ]);
  };

  await world.goTo(begin(2n));
  await lookAtNodes(telling, "month 2 begins", nodeRows);
  await lookAtStreams("month 2 begins");
  await world.goTo(begin(2n) + NODE_MONTH / 2n);
  await changeStakes(telling);
  await lookAtStreams("its middle, after calls");
  const left = await xme.xme.balanceOf(await adSettlement.getAddress());
  spending.push(["left in the contract", figure(left, ads.balance())]);
  story.table("What becomes of Eli's money", ["what", "XME"], spending);
  await world.goTo(begin(3n));
  await lookAtNodes(telling, "month 3 begins", nodeRows);
  await lookAtStreams("month 3 begins");
  const dividends = new Map<Person, Dividend>();
  for (const holder of holders) {
    const held = figure(await votes.balanceOf(holder.address), model.staked(holder.address), "votes");
    dividends.set(holder, { held, month2: await earned(holder) });
  }
  // The first call of the month would draw for the one after it; those who earn need not call.
  await world.goTo(begin(4n));
  await lookAtNodes(telling, "month 4 begins", nodeRows);
  await lookAtStreams("month 4 begins");
  for (const [holder, dividend] of dividends) {
    dividend.month3 = await earned(holder);
    const before = await xme.xmex.balanceOf(holder.address);
    const at = await world.send(holder, votes.claim.populateTransaction(holder.address));
    const claimed = model.claim(holder.address, at);
    dividend.claimed = figure((await xme.xmex.balanceOf(holder.address)) - before, claimed);
  }
  story.table(
    "XMEX on its way to those who have votes: a month's first call draws what the next one pays",
    ["when", "still to stream", "in a second", "next month"],
    streams,
  );
  story.table(
    "Dividends of two months. Quim asks half back in the middle of the first, and Eli and Dan stake then: each second counts for itself",
    ["who", "vXME", "earned after the first", "earned after the second", "claimed then"],
    [...dividends].map(([{ name }, { held, month2, month3 = "", claimed = "" }]) => [
      name,
      held,
      month2,
      month3,
      claimed,
    ]),
  );
  story.table(
    "The nodes in the same months. In month 2 Wim asks for 20 % instead of 10 %, which counts from month 3 on, and Hana asks a tenth back",
    ["when", "node", "delegations worth", "commission, basis points", "commission in XMEX", "and in XME"],
    nodeRows,
  );
}

async function lookAtNodes({ world, cast }: Telling, when: string, rows: Cell[][]): Promise<void> {
  const { xme, nodes: model } = world;
  for (const { person, node } of cast.operators) {
    const now = await world.now();
    const [shown, state] = [await xme.nodes.nodeOf(node), model.node(now, node)];
    rows.push([
      when,
      `${person.name}'s`,
      figure(shown.delegated, state.delegated),
      figure(
        shown.nextCommissionMonth === 0n ? shown.commissionBps : shown.nextCommissionBps,
        state.nextCommissionMonth === 0n ? state.commissionBps : state.nextCommissionBps,
        "count",
      ),
      figure(shown.commission, state.commission),
      figure(shown.commissionXme, state.commissionXme),
    ]);
  }
}

// -------------------------------------------------------------- advertising

/** A campaign of twenty days with two reports, and who gets what of it. */
async function advertise(telling: Telling): Promise<void> {
  const { world, cast, ads, refusals, spending } = telling;
  const { story, xme } = world;
  const { adSettlement } = xme;
  const { anybody, eli, creators, settlers } = cast;
  const [kim, leo] = creators;
  const { budget, pricePerThousand, lasts } = CAMPAIGN;
  const end = (await world.now()) + lasts;
  const terms = { budget, pricePerThousand, start: 0n, end, splitVersion: 1n };
  await world.send(eli, xme.xme.approve.populateTransaction(await adSettlement.getAddress(), budget));
  const heldByEli = await xme.xme.balanceOf(eli.address);
  const created = await world.send(eli, adSettlement.create.populateTransaction({ ...terms, brief: id("shoes") }));
  ads.create(created, eli.address, terms);

  const rows: Cell[][] = [];
  async function settle(impressions: readonly [bigint, bigint]): Promise<void> {
    const seen: AdRow[] = [
      { creator: kim.address, impressions: impressions[0] },
      { creator: leo.address, impressions: impressions[1] },
    ];
    const report = (await adSettlement.campaignOf(1n)).reports + 1n;
    const call = adSettlement.settle.populateTransaction(1n, report, seen, id(`report ${report}`), "");
    if (report === 1n) {
      const what = "settle a report after losing the role";
      await refusals.add(settlers[0], what, adSettlement, call, "AccessManagedUnauthorized");
    }
    ads.settle(await world.send(settlers[1], call), 1n, report, seen);
    const [pending, model] = [await adSettlement.pending(), ads.pending()];
    const credits = await Promise.all(creators.map(({ address }) => adSettlement.creditOf(address)));
    rows.push([
      `${report}`,
      formatCount(impressions[0] + impressions[1]),
      figure((await adSettlement.campaignOf(1n)).spent, ads.campaign(1n).spent),
      figure(sum(credits), sum(creators.map(({ address }) => ads.creditOf(address)))),
      figure(pending.delegators, model.delegators),
      figure(pending.toBurn, model.toBurn),
      figure(pending.toTreasury, model.toTreasury),
    ]);
  }
  await world.goTo(created + 8n * DAY);
  await settle([900_000n, 400_000n]);
  await payDelegators(telling, "delegators get in month 2, for the first report");
  await world.goTo(end + DAY);
  await settle([1_200_000n, 777_777n]);
  story.table(
    `Eli advertises for ${formatAmount(budget, 18, 0)} XME, at ${formatAmount(pricePerThousand, 18, 0)} for a thousand views; what waits to be paid after each report (delegators get theirs after each)`,
    ["report", "views", "spent", "to creators", "to delegators", "to be burned", "to the treasury"],
    rows,
  );

  const treasury = await xme.timelock.getAddress();
  const [supply, paidSoFar] = [await xme.xme.totalSupply(), await xme.xme.balanceOf(treasury)];
  await world.send(anybody, adSettlement.distribute.populateTransaction());
  const { burned, toTreasury } = ads.distribute();
  world.supply -= burned;
  world.treasury.xme += toTreasury;
  spending.push(
    ["burned", figure(supply - (await xme.xme.totalSupply()), burned)],
    ["the treasury gets", figure((await xme.xme.balanceOf(treasury)) - paidSoFar, toTreasury)],
  );
  for (const creator of creators) {
    const before = await xme.xme.balanceOf(creator.address);
    await world.send(creator, adSettlement.withdraw.populateTransaction(creator.address));
    const credit = ads.withdraw(creator.address);
    spending.push([`${creator.name} takes`, figure((await xme.xme.balanceOf(creator.address)) - before, credit)]);
  }
  await world.goTo(end + AD_SETTLEMENT_WINDOW);
  const refunded = ads.refund(await world.send(anybody, adSettlement.refund.populateTransaction(1n)), 1n);
  const paidByEli = heldByEli - (await xme.xme.balanceOf(eli.address));
  spending.push(["Eli has paid, with what came back a week after the end", figure(paidByEli, budget - refunded)]);
}

/** Pays what reports have brought for delegators, which streams to them in the month after this one. */
async function payDelegators({ world, cast, ads, ledger, spending }: Telling, what: string): Promise<void> {
  const { xme, nodes: model } = world;
  const at = await world.send(cast.anybody, xme.adSettlement.payDelegators.populateTransaction());
  const amount = ads.payDelegators(true);
  model.addXmeIncome(at, amount);
  ledger.xme += amount;
  spending.push([what, figure((await xme.nodes.poolState()).xmeNext, model.pool(at).xmeNext)]);
}

// ------------------------------------------------------------------ leaving

/** Everybody claims, some leave at once and some with a wait, and one node closes. */
async function tellLeaving(telling: Telling): Promise<void> {
  const { world, cast, refusals, ledger } = telling;
  const { story, xme, nodes: model } = world;
  const { nodes } = xme;
  const [{ person: vera }, { person: wim }] = cast.operators;
  const standing: Cell[][] = [];
  for (const { person, node } of cast.delegations) {
    const [worth, put] = [await nodes.worthOf(node, person.address), await nodes.principalOf(node, person.address)];
    const expected = model.valueOf(await world.now(), node, person.address);
    const kept = model.position(node, person.address).principal * PRINCIPAL_UNIT;
    standing.push([
      person.name,
      operatorOf(cast, node).name,
      figure(put, kept),
      figure(worth, expected),
      figure(worth - put, expected - kept),
    ]);
  }
  story.table("What the delegations have become", ["who", "with", "XMEX put in", "worth", "earned"], standing);

  story.note(
    "So few delegate here that each gets much: the nodes' fifth of the emission is the same however many share it.",
  );

  const claims: Cell[][] = [];
  const claimants = [
    ...delegators(cast),
    ...cast.operators.map(({ person, node }) => ({ person, nodes: [node] as readonly number[] })),
  ];
  for (const { person, nodes: ids } of claimants) {
    const before = await xme.xme.balanceOf(person.address);
    const at = await world.send(person, nodes.claimXme.populateTransaction([...ids], person.address));
    const claimed = model.claimXme(at, person.address, ids);
    ledger.xme -= claimed;
    claims.push([
      person.name,
      person === vera || person === wim ? "commission" : "delegator",
      figure((await xme.xme.balanceOf(person.address)) - before, claimed),
    ]);
  }
  story.table("XME of advertising that each claims", ["who", "as", "XME"], claims);

  const [gus, hana, ines, jon] = delegators(cast).map(({ person }) => person);
  if (gus === undefined || hana === undefined || ines === undefined || jon === undefined)
    throw new Error("Too few delegate.");
  const quarter = model.position(1, gus.address).shares / 4n;
  const gusAsked = await world.send(gus, nodes.undelegate.populateTransaction(1n, quarter));
  model.undelegate(gusAsked, 1, gus.address, quarter);
  for (const node of [1, 2]) {
    const { shares } = model.position(node, jon.address);
    const at = await world.send(jon, nodes.undelegate.populateTransaction(node, shares));
    model.undelegate(at, node, jon.address, "all");
  }
  const all = 2n ** 256n - 1n;
  const veraAsked = await world.send(vera, nodes.undelegateCommission.populateTransaction(1n, all));
  model.undelegateCommission(veraAsked, 1, vera.address, "all");
  const closed = await world.send(wim, nodes.closeNode.populateTransaction(2n));
  model.closeNode(closed, 2, wim.address);

  const now = await world.now();
  await refusals.add(
    gus,
    "take it without the wait of a week",
    nodes,
    nodes.withdraw.populateTransaction(gus.address),
    refusalOf(() => model.withdraw(now, gus.address)),
  );
  await refusals.add(
    gus,
    "delegate to a node that is closed",
    nodes,
    nodes.delegate.populateTransaction(2n, ONE),
    refusalOf(() => model.delegate(now, 2, gus.address, ONE)),
  );

  const rows: Cell[][] = [];
  async function take(
    person: Person,
    how: string,
    token: "xme" | "xmex",
    from: Cell,
    call: Parameters<XmeWorld["send"]>[1],
    modelled: (at: bigint) => bigint,
  ): Promise<void> {
    const contract = token === "xme" ? xme.xme : xme.xmex;
    const before = await contract.balanceOf(person.address);
    const amount = modelled(await world.send(person, call));
    ledger[token] -= amount;
    rows.push([
      person.name,
      how,
      token.toUpperCase(),
      from,
      figure((await contract.balanceOf(person.address)) - before, amount),
    ]);
  }
  await take(
    ines,
    "at once: Wim has closed his node",
    "xmex",
    world.moment(await nodes.leavableAt(2n, ines.address), model.leavableAt(2, ines.address)),
    nodes.leaveClosedNode.populateTransaction(2n, ines.address),
    (at) => model.leaveClosedNode(at, 2, ines.address),
  );
  await world.goTo(closed + NODE_UNBONDING.first);
  for (const [person, how] of [
    [gus, "a quarter, after a week"],
    [hana, "a tenth, asked for in month 2"],
    [jon, "all of both nodes, after a week"],
    [vera, "her commission, after a week"],
    [wim, "his commission, after a week"],
  ] as const) {
    const { availableAt } = await nodes.unbondingOf(person.address);
    const from = world.moment(availableAt, model.account(person.address).availableAt);
    await take(person, how, "xmex", from, nodes.withdraw.populateTransaction(person.address), (at) =>
      model.withdraw(at, person.address),
    );
  }
  const { bondAvailableAt } = await nodes.nodeOf(2n);
  const from = world.moment(bondAvailableAt, model.node(await world.now(), 2).bondAvailableAt);
  await take(
    wim,
    "his bond, after a week",
    "xme",
    from,
    nodes.withdrawBond.populateTransaction(2n, wim.address),
    (at) => model.withdrawBond(at, 2, wim.address),
  );
  story.table("Who leaves, and with what", ["who", "how", "token", "can be taken from", "amount"], rows);
}

// ------------------------------------------------------------------- badges

/** What a badge says is read from the picture's document, and not only from the contract's answer. */
async function tellBadges({ world, cast, refusals }: Telling): Promise<void> {
  const { story, xme, votes: model } = world;
  const { badge, votes } = xme;
  const mira = world.citizen("Mira");
  const { dan, eli } = cast;
  const cleo = world.person(22, "Cleo");
  const rows: Cell[][] = [];
  async function look({ name, address }: Person, when: string): Promise<void> {
    const said = documentOf(await badge.tokenURI(await badge.tokenIdOf(address)));
    const staked = model.staked(address);
    const tier = BADGES.filter(({ minimum }) => staked >= minimum).length;
    const expected = BADGES[tier - 1] ?? { name: "Inactive", privileges: [] };
    const agrees = said.name === `X.me Badge: ${expected.name}` && same(said.privileges, expected.privileges);
    rows.push([
      name,
      when,
      said.name,
      said.privileges.join(", ") || "–",
      figure(await votes.balanceOf(address), staked, "votes"),
      figure(await badge.tierOf(address), BigInt(tier), "count"),
      figure(agrees ? 1n : 0n, 1n, "count"),
    ]);
  }
  for (const person of [mira, eli, dan]) {
    await world.send(person, badge.mint.populateTransaction());
    await look(person, "minted");
  }
  const half = model.staked(dan.address);
  const at = await world.send(dan, votes.requestUnstake.populateTransaction(half));
  model.requestUnstake(dan.address, half, at);
  await look(dan, "asks all back");
  await refusals.add(
    cleo,
    "have a badge for nothing staked",
    badge,
    badge.mint.populateTransaction(),
    "Badge_BelowLowestTier",
  );
  const given = badge["safeTransferFrom(address,address,uint256)"].populateTransaction(
    mira.address,
    cleo.address,
    await badge.tokenIdOf(mira.address),
  );
  await refusals.add(mira, "give her badge away", badge, given, "Badge_Soulbound");
  const moved = votes.transfer.populateTransaction(cleo.address, ONE);
  await refusals.add(mira, "give vXME away", votes, moved, "VotingXME_NotTransferable");
  await refusals.add(
    dan,
    "take his XME without the wait of a week",
    votes,
    votes.withdraw.populateTransaction(dan.address),
    "VotingXME_StillWaiting",
  );
  story.table(
    "Badges show what is staked, and cannot be given away",
    ["who", "when", "the badge says", "and allows", "vXME", "tier", "says what it should"],
    rows,
  );

  const anna = world.citizen("Anna");
  await world.goTo(at + UNSTAKE_DELAY);
  const taken: Cell[][] = [];
  for (const person of [anna, world.citizen("Quim"), dan]) {
    const before = await xme.xme.balanceOf(person.address);
    const { availableAt } = await votes.pendingUnstake(person.address);
    const from = world.moment(availableAt, model.availableAt(person.address));
    const time = await world.send(person, votes.withdraw.populateTransaction(person.address));
    const amount = model.withdraw(person.address, time);
    taken.push([person.name, from, figure((await xme.xme.balanceOf(person.address)) - before, amount)]);
  }
  story.table(
    "XME that comes back to those who asked for it, a week later",
    ["who", "can be taken from", "XME"],
    taken,
  );
}

/** A badge as a wallet reads it. */
interface BadgeDocument {
  readonly name: string;
  readonly privileges: readonly string[];
}

function documentOf(uri: string): BadgeDocument {
  const encoded = uri.replace("data:application/json;base64,", "");
  const { name, attributes } = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as {
    readonly name: string;
    readonly attributes: readonly { readonly trait_type: string; readonly value: string }[];
  };
  const privileges = attributes.filter((one) => one.trait_type === "Entitlement").map(({ value }) => value);
  return { name, privileges };
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, i) => word === other[i]);
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

// ----------------------------------------------------------------- holdings

/** All that came in and has not gone out is there, and it is enough for everybody. */
async function tellHoldings({ world, ledger }: Telling): Promise<void> {
  const { story, xme, votes, nodes, emission } = world;
  const [staking, voting] = [await xme.nodes.getAddress(), await xme.votes.getAddress()];
  const drawn = emission.netDrawn(EMISSION_STREAM.nodes);
  const owed = nodes.liabilities(await world.now());
  const now = await world.now();
  const held = { xme: await xme.xme.balanceOf(staking), xmex: await xme.xmex.balanceOf(staking) };
  story.table(
    "What both stakings hold: all that came in and has not gone out",
    ["what", "amount"],
    [
      ["XME staked for votes", figure(await xme.xme.balanceOf(voting), votes.xmeHeld())],
      ["XMEX for those who have votes", figure(await xme.xmex.balanceOf(voting), votes.xmexHeld())],
      ["XME that nodes have bonded", figure(held.xme, ledger.xme)],
      ["XMEX delegated, and for delegators", figure(held.xmex, ledger.xmex + drawn)],
      [
        "XMEX that streams to voters next month",
        figure((await xme.votes.distribution()).next, votes.distribution(now).next),
      ],
      [
        "XMEX that streams to delegators next month",
        figure((await xme.nodes.poolState()).xmexNext, nodes.pool(now).xmexNext),
      ],
      ["XME in existence", figure(await xme.xme.totalSupply(), world.supply)],
    ],
  );
  story.table(
    "and it is enough",
    ["what", "count"],
    [
      ["the nodes hold the XME that all may ask for", figure(held.xme >= owed.xme ? 1n : 0n, 1n, "count")],
      ["and the XMEX", figure(held.xmex >= owed.xmex ? 1n : 0n, 1n, "count")],
    ],
  );
}
