import type { ContractTransaction, Interface } from "ethers";

import { formatAmount } from "../../src/format.js";
import { BuybackPlan, MIN_BUYBACK_INTERVAL, ORACLE_WINDOW, type PlanTerms } from "../../src/xme/buyback.js";
import { EMISSION_STREAM } from "../../src/xme/emission.js";
import { quorum } from "../../src/xme/governance.js";
import { PoolModel } from "../../src/xme/pool.js";
import { Decision, DECISION_COLUMNS, type Deed } from "./decisions.js";
import { meanTick } from "./pool.js";
import { figure, type Cell } from "./story.js";
import { bornAt, type Person, type XmeWorld } from "./world.js";

const ONE = 10n ** 18n;
const MILLION = 1_000_000n * ONE;
const MINUTE = 60n;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;
/** X.me's settler of advertising, in its access manager. */
const SETTLER = 1n;

/** A share for each of the emission's streams, in basis points. */
export type Shares = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** 5 % from mining to the voters. */
const NEW_SHARES: Shares = [5_500n, 1_000n, 2_000n, 1_500n, 0n, 0n, 0n, 0n];
/** What Dan gets for his workshop. */
const GRANT = { xme: MILLION / 2n, xmex: 20n * MILLION, ether: 10n * ONE } as const;
/** A buyback: each slice may be larger than what the pool bears, so that the pool decides. */
const BUYBACK = { total: 24n * MILLION, slice: 9n * MILLION, interval: HOUR, lasts: 60n * DAY } as const;
/** XME that Eli sells to the pool at a bad time. */
const SOLD = 100_000n * ONE;
/** XME that the two who want to run nodes keep. */
const KEPT = 400_000n * ONE;

/** Who tried what, and with which error it was refused. */
export class Refusals {
  readonly rows: Cell[][] = [];
  readonly #world: Pick<XmeWorld, "story" | "refusal">;

  constructor(world: Pick<XmeWorld, "story" | "refusal">) {
    this.#world = world;
  }

  /** Tries a call of `contract` now; the figure is one where it is refused with the error that it should be refused with. */
  async add(
    who: Person,
    what: string,
    contract: { readonly interface: Interface },
    call: Promise<ContractTransaction>,
    expected: string,
  ): Promise<void> {
    const name = await this.#world.refusal(who, contract, call);
    this.rows.push([who.name, what, name ?? "not refused", figure(name === expected ? 1n : 0n, 1n, "count")]);
  }

  tell(title: string): void {
    this.#world.story.table(title, ["who", "tries to", "refused with", "refused"], this.rows);
  }
}

/** Everything that is decided in this chapter. */
interface Decisions {
  readonly emission: Decision;
  readonly settler: Decision;
  readonly buyback: Decision;
  readonly grant: Decision;
  readonly greed: Decision;
  readonly mistake: Decision;
}

/** Everybody of this chapter who does not vote. */
interface Cast {
  readonly deployer: Person;
  readonly guardian: Person;
  readonly stranger: Person;
  readonly miner: Person;
  readonly settlers: readonly [Person, Person];
  readonly dan: Person;
  readonly eli: Person;
}

/** Votes, proposals and what they change, everybody who is refused, and a buyback slice by slice. */
export async function tellGovernment(world: XmeWorld): Promise<void> {
  const { story, xme } = world;
  story.chapter(
    "X.me: government",
    "Who stakes XME has votes. Who has a million of them may propose anything that the treasury can do; a day later it is written down who",
    "has how many votes, and the vote is open for a week. What is carried waits two days, and then anybody may carry it out.",
    "Nobody else can change anything: not who deployed it all, not the guardian, who may only cancel, and not the greatest holder.",
  );
  const cast: Cast = {
    deployer: world.person(0, "the deployer"),
    guardian: world.person(1, "the guardian"),
    stranger: world.person(8, "a stranger"),
    miner: world.person(9, "mining's drawer"),
    settlers: [world.person(5, "the settler"), world.person(6, "the new settler")],
    dan: world.person(23, "Dan"),
    eli: world.person(24, "Eli"),
  };
  const refusals = new Refusals(world);
  await gatherVotes(world);
  const endOfPlan = (await world.now()) + BUYBACK.lasts;
  const decisions = await decide(world, cast, refusals, endOfPlan);

  await tryEverything(world, cast, refusals);
  refusals.tell("Who tried to do without a vote what the votes did, and what else was refused");
  await tellOutcome(world, cast);
  await tellBuyback(world, cast, endOfPlan);
  story.table(
    "After the chapter",
    ["what", "XME"],
    [
      ["in existence", figure(await xme.xme.totalSupply(), world.supply)],
      ["in the treasury", figure(await xme.xme.balanceOf(await xme.timelock.getAddress()), world.treasury.xme)],
    ],
  );
  story.note(
    `"${decisions.mistake.title}" was cancelled by the guardian; after its sunset it will try that once more.`,
  );
}

/** Ada and Ben sell what they have to Mira; then everybody stakes, and Noor lets Otto vote for her. */
async function gatherVotes(world: XmeWorld): Promise<void> {
  const { xme, parameters } = world;
  const { walletCap } = parameters.sale;
  const mira = world.citizen("Mira");
  for (const seller of [world.person(20, "Ada"), world.person(21, "Ben")]) {
    await world.send(seller, xme.xme.transfer.populateTransaction(mira.address, walletCap));
  }
  for (const citizen of world.citizens) await world.stake(citizen, firstStake(citizen, walletCap));
  const [noor, otto] = [world.citizen("Noor"), world.citizen("Otto")];
  const delegated = await world.send(noor, xme.votes.delegate.populateTransaction(otto.address));
  world.votes.delegate(noor.address, otto.address, delegated);
}

function firstStake({ name }: Person, walletCap: bigint): bigint {
  if (name === "Mira") return 3n * walletCap;
  if (name === "Zoe") return walletCap / 2n;
  return name === "Vera" || name === "Wim" ? walletCap - KEPT : walletCap;
}

/** What is told of each citizen. */
const REMARKS: Readonly<Record<string, string>> = {
  Mira: "bought Ada's and Ben's too",
  Noor: "lets Otto vote for her",
  Otto: "votes for Noor too",
  Vera: "keeps some for a node",
  Wim: "keeps some for a node",
  Zoe: "stakes half of it after the snapshot",
  Anna: "asks half back after the snapshot",
};

async function tellVotes(world: XmeWorld, decision: Decision): Promise<void> {
  const { story, xme } = world;
  const { snapshot } = await decision.times();
  const rows: Cell[][] = [];
  for (const { name, address } of world.citizens) {
    rows.push([
      name,
      REMARKS[name] ?? "stakes all",
      figure(await xme.votes.balanceOf(address), world.votes.staked(address), "votes"),
      figure(await xme.votes.getPastVotes(address, snapshot), world.votes.votes(address, snapshot), "votes"),
    ]);
  }
  const then = world.votes.supplyAt(snapshot);
  rows.push([
    "all",
    "",
    figure(await xme.votes.totalSupply(), world.votes.supply(), "votes"),
    figure(await xme.votes.getPastTotalSupply(snapshot), then, "votes"),
  ]);
  story.table(
    "Who holds vXME once the vote is open, and who had how many votes at its snapshot",
    ["who", "how", "vXME", "votes"],
    rows,
  );
  story.table(
    "What a proposal needs, for it or abstaining: four percent of all votes, and ten million at least",
    ["what", "votes"],
    [["quorum", figure(await xme.governor.quorum(snapshot), quorum(then), "votes")]],
  );
}

/** Six proposals in the same fortnight: four are carried and carried out, one fails, one is cancelled. */
async function decide(world: XmeWorld, cast: Cast, refusals: Refusals, endOfPlan: bigint): Promise<Decisions> {
  const { story, xme, citizens, parameters } = world;
  const { governor, timelock } = xme;
  const mira = world.citizen("Mira");
  const decisions = await propose(world, cast, endOfPlan);
  const { emission, settler, buyback, grant, greed, mistake } = decisions;
  const all = [emission, settler, buyback, grant, greed, mistake];
  const told = new Map<Decision, Cell[][]>(all.map((decision) => [decision, []]));
  const tell = async (after: string, ...some: readonly Decision[]): Promise<void> => {
    for (const decision of some) told.get(decision)?.push(await decision.row(after));
  };
  await tell("proposed", ...all);

  await world.goTo(await mistake.opening());
  await changeStakes(world);
  await tellVotes(world, emission);
  const named = (...names: readonly string[]): Person[] => citizens.filter(({ name }) => names.includes(name));
  const others = (...names: readonly string[]): Person[] => citizens.filter(({ name }) => !names.includes(name));
  await emission.vote("for", ...others("Noor", "Sven", "Tara", "Udo"));
  await emission.vote("against", ...named("Sven", "Tara"));
  await emission.vote("abstain", ...named("Udo"));
  await settler.vote("for", ...others("Noor"));
  await buyback.vote("for", ...others("Noor", "Mira", "Xenia"));
  await buyback.vote("against", ...named("Mira", "Xenia"));
  await greed.vote("for", mira);
  await mistake.vote("for", ...named("Quim", "Rosa", "Sven", "Tara", "Udo", "Vera", "Wim", "Xenia", "Yan", "Otto"));
  await mistake.vote("abstain", mira);
  // Too few votes for the grant, until its last hour.
  await grant.vote("for", ...named("Mira", "Otto", "Pia", "Quim", "Rosa", "Sven"));
  await tell("voted on", ...all);
  await world.goTo((await grant.times()).deadline - HOUR);
  await grant.vote("for", ...named("Xenia", "Yan"));
  await tell("the last hour", grant);

  await mistake.closeVoting();
  const carried = [emission, settler, buyback, mistake];
  await tell("the vote", ...carried, greed);
  for (const decision of carried) await decision.queue(cast.stranger);
  await tell("queued", ...carried);
  await refusals.add(
    mira,
    "carry out her defeated proposal",
    governor,
    governor.execute.populateTransaction(...greed.decided),
    "GovernorUnexpectedProposalState",
  );
  await refusals.add(
    cast.stranger,
    "carry out a decision before its two days are over",
    timelock,
    governor.execute.populateTransaction(...emission.decided),
    "TimelockUnexpectedOperationState",
  );
  await refusals.add(
    mira,
    "cancel a proposal of her own",
    governor,
    governor.cancel.populateTransaction(...emission.decided),
    "GovernorUnableToCancel",
  );
  await mistake.cancel(cast.guardian);
  await tell("cancelled", mistake);

  await grant.closeVoting();
  await tell("the vote", grant);
  await grant.queue(cast.stranger);
  await tell("queued", grant);
  for (const decision of [emission, settler, buyback]) {
    await decision.waitForDelay();
    const at = await decision.execute(cast.stranger);
    if (decision !== emission) continue;
    world.emission.setShares(at, NEW_SHARES);
    world.nameDrawer(EMISSION_STREAM.socialMining, cast.miner.address);
  }
  world.treasury.xmex -= BUYBACK.total;
  await tell("executed", emission, settler, buyback);
  await refusals.add(
    world.citizen("Quim"),
    "carry out what the guardian cancelled",
    governor,
    governor.execute.populateTransaction(...mistake.decided),
    "GovernorUnexpectedProposalState",
  );
  await grant.waitForDelay();
  await grant.execute(cast.stranger);
  world.treasury.xme -= GRANT.xme;
  world.treasury.xmex -= GRANT.xmex;
  world.treasury.ether -= GRANT.ether;
  await tell("executed", grant);

  const { delay } = parameters.timelock;
  story.note(`Times are counted from genesis on. What is carried waits ${delay / DAY} days in the timelock.`);
  for (const [{ title }, rows] of told) story.table(`"${title}"`, DECISION_COLUMNS, rows);
  story.note(
    "Too few had voted on the grant; in the vote's last hour enough came, and so the vote went on for two days after that.",
  );
  return decisions;
}

/** Mira proposes everything but what Quim does. */
async function propose(world: XmeWorld, cast: Cast, endOfPlan: bigint): Promise<Decisions> {
  const { xme, parameters } = world;
  const { emissionVault, accessManager, buybackBurner } = xme;
  const [mira, quim] = [world.citizen("Mira"), world.citizen("Quim")];
  const { miner, dan, settlers } = cast;
  const burner = await buybackBurner.getAddress();
  const xmex = await xme.xmex.getAddress();
  const make = async (by: Person, title: string, ...deeds: readonly Promise<Deed>[]): Promise<Decision> =>
    Decision.propose(world, by, title, await Promise.all(deeds));
  const pay = async (to: string, value: bigint): Promise<Deed> => ({ to, value, data: "0x" });

  return {
    emission: await make(
      mira,
      "Mining gets another drawer, and the voters five percent of its emission",
      emissionVault.setDrawer.populateTransaction(EMISSION_STREAM.socialMining, miner.address),
      emissionVault.setShares.populateTransaction(NEW_SHARES),
    ),
    settler: await make(
      mira,
      "Advertising gets another settler",
      accessManager.revokeRole.populateTransaction(SETTLER, settlers[0].address),
      accessManager.grantRole.populateTransaction(SETTLER, settlers[1].address, 0n),
    ),
    buyback: await make(
      mira,
      "Buy back and burn XME for 24 million XMEX",
      xme.xmex.approve.populateTransaction(burner, BUYBACK.total),
      buybackBurner.startPlan.populateTransaction(
        xmex,
        parameters.pool.fee,
        BUYBACK.total,
        BUYBACK.slice,
        BUYBACK.interval,
        endOfPlan,
      ),
    ),
    grant: await make(
      mira,
      "Dan, who came too late to the sale, gets money for a workshop",
      xme.xme.transfer.populateTransaction(dan.address, GRANT.xme),
      xme.xmex.transfer.populateTransaction(dan.address, GRANT.xmex),
      pay(dan.address, GRANT.ether),
    ),
    greed: await make(
      mira,
      "All XME of the treasury for Mira",
      xme.xme.transfer.populateTransaction(mira.address, world.treasury.xme),
    ),
    mistake: await make(
      quim,
      "A hundred ether to an address that turns out to be wrong",
      pay("0x000000000000000000000000000000000000dEaD", 100n * ONE),
    ),
  };
}

/** What changes after a snapshot changes nothing about its votes. */
async function changeStakes(world: XmeWorld): Promise<void> {
  const half = world.parameters.sale.walletCap / 2n;
  await world.stake(world.citizen("Zoe"), half);
  const anna = world.citizen("Anna");
  const at = await world.send(anna, world.xme.votes.requestUnstake.populateTransaction(half));
  world.votes.requestUnstake(anna.address, half, at);
}

/** The same calls that proposals make, by others. */
async function tryEverything(world: XmeWorld, cast: Cast, refusals: Refusals): Promise<void> {
  const { xme, parameters } = world;
  const { emissionVault, accessManager, buybackBurner, timelock, governor } = xme;
  const xmex = await xme.xmex.getAddress();
  const addressOfXme = await xme.xme.getAddress();
  const mira: Person = { ...world.citizen("Mira"), name: "Mira, the greatest holder" };
  const nothing = `0x${"00".repeat(32)}`;
  for (const who of [cast.deployer, cast.guardian, mira, cast.stranger]) {
    await refusals.add(
      who,
      "share out the emission",
      emissionVault,
      emissionVault.setShares.populateTransaction(NEW_SHARES),
      "AccessManagedUnauthorized",
    );
    await refusals.add(
      who,
      "name a settler",
      accessManager,
      accessManager.grantRole.populateTransaction(SETTLER, who.address, 0n),
      "AccessManagerUnauthorizedAccount",
    );
    const { total, slice, interval } = BUYBACK;
    const end = (await world.now()) + DAY;
    await refusals.add(
      who,
      "start a buyback",
      buybackBurner,
      buybackBurner.startPlan.populateTransaction(xmex, parameters.pool.fee, total, slice, interval, end),
      "AccessManagedUnauthorized",
    );
    const { data } = await xme.xme.transfer.populateTransaction(who.address, ONE);
    await refusals.add(
      who,
      "pay from the treasury",
      timelock,
      timelock.schedule.populateTransaction(addressOfXme, 0n, data, nothing, nothing, parameters.timelock.delay),
      "AccessControlUnauthorizedAccount",
    );
  }
  for (const who of [cast.deployer, cast.guardian, cast.stranger]) {
    await refusals.add(
      who,
      "propose without votes",
      governor,
      governor.propose.populateTransaction([addressOfXme], [0n], ["0x"], `${who.name} proposes`),
      "GovernorInsufficientProposerVotes",
    );
  }
}

async function tellOutcome(world: XmeWorld, { miner, settlers, dan }: Cast): Promise<void> {
  const { story, xme, treasury } = world;
  const { emissionVault, accessManager, buybackBurner, timelock } = xme;
  const address = await timelock.getAddress();
  const shares = await emissionVault.shares();
  const drawer = await emissionVault.drawerOf(EMISSION_STREAM.socialMining);
  const maySettle = async ({ address: account }: Person): Promise<bigint> =>
    (await accessManager.hasRole(SETTLER, account)).isMember ? 1n : 0n;
  story.table(
    "What the four decisions changed: rights",
    ["what", "count"],
    [
      ["basis points of the emission for mining", figure(shares[0] ?? 0n, NEW_SHARES[0], "count")],
      ["basis points of the emission for voters", figure(shares[3] ?? 0n, NEW_SHARES[3], "count")],
      ["mining's drawer is who was named", figure(drawer === miner.address ? 1n : 0n, 1n, "count")],
      ["the settler may settle advertising", figure(await maySettle(settlers[0]), 0n, "count")],
      ["the new settler may", figure(await maySettle(settlers[1]), 1n, "count")],
    ],
  );
  const { provider } = world.connection.ethers;
  story.table(
    "and money",
    ["what", "amount"],
    [
      ["XMEX waits in the buyback", figure((await buybackBurner.plan(1n)).left, BUYBACK.total)],
      ["XME that Dan has", figure(await xme.xme.balanceOf(dan.address), GRANT.xme)],
      ["XMEX that Dan has", figure(await xme.xmex.balanceOf(dan.address), GRANT.xmex)],
      ["XME in the treasury", figure(await xme.xme.balanceOf(address), treasury.xme)],
      ["XMEX in the treasury", figure(await xme.xmex.balanceOf(address), treasury.xmex)],
      ["ether in the treasury", figure(await provider.getBalance(address), treasury.ether)],
    ],
  );
}

/** Slice after slice by whoever comes, until nothing is left; each is bought and burned in one transaction. */
async function tellBuyback(world: XmeWorld, { eli }: Cast, end: bigint): Promise<void> {
  const { story, xme, parameters, opening, connection } = world;
  const { buybackBurner: burner } = xme;
  const { fee } = parameters.pool;
  const born = await bornAt(connection, await xme.pool.getAddress());
  const pool = new PoolModel(fee, opening.sqrtPriceX96, born);
  pool.changeLiquidity(born, opening.tickLower, opening.tickUpper, opening.liquidity);
  const terms: PlanTerms = { total: BUYBACK.total, slice: BUYBACK.slice, interval: BUYBACK.interval, end };
  const plan = new BuybackPlan(pool, !opening.xmeIsToken0, terms);
  const before = world.supply;
  const rows: Cell[][] = [];

  async function slice(who: Person, when: string): Promise<void> {
    const call = burner.execute.populateTransaction(1n);
    const { left } = await burner.plan(1n);
    const supply = await xme.xme.totalSupply();
    const now = await world.now();
    const expected = plan.quote(now);
    const off = figure(await ticksOffAverage(world), pool.tick - (pool.mean(now, ORACLE_WINDOW)?.tick ?? 0n), "count");
    let [outcome, paid, burned] = ["burned", 0n, 0n];
    if (typeof expected === "string") {
      const name = await world.refusal(who, burner, call);
      outcome =
        name === `BuybackBurner_${expected}` ? `refused: ${expected}` : `refused: ${String(name)}, not ${expected}`;
    } else {
      const at = await world.send(who, call);
      const done = plan.execute(at);
      if (typeof done === "string") throw new Error(`The model refuses the slice that the chain took: ${done}.`);
      ({ paid, burned } = done);
      world.supply -= burned;
    }
    const rest = await xme.xme.totalSupply();
    rows.push([
      who.name,
      when,
      off,
      outcome,
      figure(left - (await burner.plan(1n)).left, paid),
      figure(supply - rest, burned),
      figure(rest, world.supply),
    ]);
  }

  await slice(world.citizen("Rosa"), "at once");
  await world.goTo((await world.now()) + 10n * MINUTE);
  await slice(world.citizen("Sven"), "ten minutes later");
  await world.goTo(plan.dueAt);
  await slice(world.citizen("Sven"), "when it is due");
  await world.goTo(plan.dueAt);
  const sale = await sellToPool(world, pool, eli, SOLD);
  await slice(world.citizen("Tara"), "after Eli's sale");
  await world.goTo((await world.now()) + MIN_BUYBACK_INTERVAL);
  await slice(world.citizen("Tara"), "half an hour later");
  await world.goTo(plan.dueAt);
  await slice(world.citizen("Udo"), "when it is due");
  await world.goTo(plan.dueAt);
  await slice(world.citizen("Vera"), "when it would be due");

  story.table(
    `The buyback: at most ${formatAmount(BUYBACK.slice, 18, 0)} XMEX an hour, and no more than the pool bears; the XME bought is burned`,
    ["who", "when", "ticks off average", "outcome", "XMEX paid", "XME burned", "XME in existence"],
    rows,
  );
  story.note(
    `Before Tara's first try Eli had sold ${formatAmount(SOLD, 18, 0)} XME to the pool, so that the price was off its average of half an hour.`,
  );
  const { sqrtPriceX96, tick } = await xme.pool.slot0();
  story.table(
    "The pool and the plan after that",
    ["what", "value"],
    [
      ["√price × 2^96", figure(sqrtPriceX96, pool.sqrtPriceX96, "count")],
      ["tick", figure(tick, pool.tick, "count")],
    ],
  );
  story.table(
    "and what it came to",
    ["what", "amount"],
    [
      ["XMEX that Eli got for his XME", sale],
      ["XMEX left to the plan", figure((await burner.plan(1n)).left, plan.left)],
      ["XME that the burner keeps", figure(await xme.xme.balanceOf(await burner.getAddress()), 0n)],
      ["XME burned in all", figure(before - (await xme.xme.totalSupply()), before - world.supply)],
    ],
  );
}

/** How far the pool's price is from its average of half an hour, in ticks of a hundredth of a percent. */
async function ticksOffAverage({ xme: { pool } }: XmeWorld): Promise<bigint> {
  const [[then = 0n, now = 0n]] = await pool.observe([ORACLE_WINDOW, 0n]);
  const { tick } = await pool.slot0();
  return tick - meanTick(now - then, ORACLE_WINDOW);
}

/** Somebody sells XME to the pool through Uniswap's router; @returns the XMEX for it */
async function sellToPool(world: XmeWorld, pool: PoolModel, seller: Person, amount: bigint): Promise<Cell> {
  const { xme, router, opening, parameters } = world;
  if (router === undefined) throw new Error("The deployment has no Uniswap router.");
  const [tokenIn, tokenOut] = [await xme.xme.getAddress(), await xme.xmex.getAddress()];
  await world.send(seller, xme.xme.approve.populateTransaction(await router.getAddress(), amount));
  const before = await xme.xmex.balanceOf(seller.address);
  const at = await world.send(
    seller,
    router.getFunction("exactInputSingle").populateTransaction({
      tokenIn,
      tokenOut,
      fee: parameters.pool.fee,
      recipient: seller.address,
      deadline: (await world.now()) + HOUR,
      amountIn: amount,
      amountOutMinimum: 1n,
      sqrtPriceLimitX96: 0n,
    }),
  );
  const { received } = pool.swap(at, opening.xmeIsToken0, amount);
  return figure((await xme.xmex.balanceOf(seller.address)) - before, received);
}
