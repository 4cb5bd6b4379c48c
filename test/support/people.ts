import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import { type ContractTransactionReceipt, MaxUint256, ZeroAddress, getAddress, id } from "ethers";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import { deploy } from "../../src/deployment/deploy.js";
import { epochBounds, type LogRow, readRules } from "../../src/mining/index.js";
import { type ModelFacts, modelPoints } from "../../src/mining/model.js";
import { AscensionModel, DEFAULT_ASCENSION_TERMS } from "../../src/xme/ascension.js";
import { contentCommitment, contentIdOf } from "../../src/xme/content.js";
import { EMISSION_STREAM, EmissionModel } from "../../src/xme/emission.js";
import {
  DEFAULT_INVITATION_REWARDS,
  type GrowthEvent,
  GrowthModel,
  type GrowthRecord,
  NO_GROWTH,
  afterGrowthEvent,
  growthPrivileges,
  lastDayOfEpoch,
  levelOn,
  stakeTier,
} from "../../src/xme/growth.js";
import {
  DEFAULT_DAILY_LIMIT,
  DEFAULT_MINING_PARAMETERS,
  DEFAULT_WEIGHTS,
  MINING_WEEK,
  MiningModel,
  miningEpoch,
} from "../../src/xme/mining.js";
import {
  DEFAULT_SPENDING_SPLITS,
  GROWTH_PERKS,
  SPENDING_CATEGORIES,
  SPENDING_CATEGORY,
  SPENDING_PARTS,
  type SpendingCategory,
  SpendingModel,
  type SpendingPart,
  type SpendingParts,
} from "../../src/xme/spending.js";
import { type Call, callOf, decided, drafted, proposalOf } from "./government.js";
import { beginQuietly } from "./moment.js";
import { DELAY, electorate, pass } from "./xmeVoters.js";

export const DAY = 86_400n;
export const HOUR = 3_600n;
export const TOKEN = 10n ** 18n;

/** Accounts: those that the local parameters give roles, then ten voters, then everybody else. */
const ACCOUNTS = 30;
const [FIRST_VOTER, VOTERS] = [9, 10];

/** XMEX that Dan delegates, for the second stake tier. */
const DELEGATED = 10_000n * TOKEN;
/** XME that the treasury gives the channel from XMEX to XME: enough for four weeks. */
export const FUNDED = 1_000_000n * TOKEN;
/** What a day of acceleration, a day of protection, and each of the two privileges cost. */
const GROWTH_PRICES = [2n, 1n, 50n, 50n].map((price) => price * TOKEN) as [bigint, bigint, bigint, bigint];

/** What the platform sells, by its keeper's word. */
export const OFFERS = {
  plan: { number: 1n, price: 20n * TOKEN, period: 30n * DAY },
  hotSpots: { price: 5n * TOKEN, slots: 3n },
  service: { number: 1n, price: TOKEN / 2n, hold: 100n * TOKEN },
  /** Price of one of each item. */
  item: 3n * TOKEN,
} as const;

/** A list of points that a publisher posts. */
export interface PointsList {
  readonly tree: StandardMerkleTree<[string, bigint]>;
  readonly total: bigint;
  readonly points: ReadonlyMap<string, bigint>;
}

/** The list that OpenZeppelin's own library makes of points by account. */
export function listOf(points: ReadonlyMap<string, bigint>): PointsList {
  const rows = [...points].map(([account, value]): [string, bigint] => [getAddress(account), value]);
  return {
    tree: StandardMerkleTree.of(rows, ["address", "uint256"]),
    total: rows.reduce((sum, [, value]) => sum + value, 0n),
    points: new Map(rows),
  };
}

/**
 * X.me as `hardhat deploy` leaves it, with its default parameters, and a quorum of staked XME beside it: the people of these tests do
 * everything by real accounts, and what is governance's by votes of the real governor.
 */
export async function deployPeople() {
  const connection = await hre.network.create({ network: "default", override: { accounts: { count: ACCOUNTS } } });
  await beginQuietly(connection);
  const { deployment, xme: parameters } = await deploy(hre, connection, { economy: "xme" });
  if (!parameters) throw new Error("X.me was deployed, so its parameters are known");
  const voters = await electorate(connection, deployment, VOTERS, FIRST_VOTER);
  const signers = await connection.ethers.getSigners();
  const named = (index: number): HardhatEthersSigner => {
    const signer = signers[index];
    if (!signer) throw new Error(`there is no account ${index}`);
    return signer;
  };
  const roles = { deployer: named(0), publisher: named(6), striker: named(7), keeper: named(8) };
  const first = FIRST_VOTER + VOTERS;
  const people = { ada: named(first), ben: named(first + 1), cleo: named(first + 2), dan: named(first + 3) };
  const others = { eva: named(first + 4), operator: named(first + 5), anybody: named(first + 6) };
  return { connection, deployment, parameters, voters, ...roles, ...people, ...others };
}

/** A transaction on its way. */
interface Sending {
  wait(): Promise<ContractTransactionReceipt | null>;
}

/** Something that happened at a time, for the models to be told. */
interface Told {
  readonly at: bigint;
  readonly action: (models: People) => unknown;
}

/** Acts in a deployment, and in the models of all its modules beside it: each asks the others as the contracts do. */
export class People {
  readonly emission: EmissionModel;
  readonly mining: MiningModel;
  readonly growth: GrowthModel;
  readonly spending: SpendingModel;
  readonly ascension: AscensionModel;
  /** The second of what the models were told last. */
  #at = 0n;
  readonly #history: Told[] = [];

  private constructor(
    readonly world: Awaited<ReturnType<typeof deployPeople>>,
    private readonly born: Readonly<Record<"mining" | "spending" | "ascension", bigint>>,
  ) {
    const { emission } = world.parameters;
    this.emission = new EmissionModel(emission.start, emission.sharesBps);
    this.spending = new SpendingModel(born.spending, DEFAULT_SPENDING_SPLITS);
    const stream = (number: number) => ({
      available: (at: bigint) => this.emission.available(number, at),
      draw: (at: bigint, amount: bigint) => {
        this.emission.draw(number, at, amount);
      },
      returnTo: (amount: bigint) => {
        this.emission.returnTo(number, amount);
      },
    });
    const { inviter, invitee } = DEFAULT_INVITATION_REWARDS;
    const { dan } = world;
    this.growth = new GrowthModel(
      {
        ...stream(EMISSION_STREAM.userGrowth),
        creditedOf: (account) => this.mining.creditedOf(account),
        hasClaimed: (account) => this.mining.hasClaimed(account),
        principalOf: (account) => (account === dan.address ? DELEGATED : 0n),
      },
      inviter,
      invitee,
    );
    this.mining = new MiningModel(
      born.mining,
      {
        ...stream(EMISSION_STREAM.socialMining),
        consumedIn: (week) => this.spending.consumedIn(week),
        limitPercentOf: (account) => this.growth.privileges(this.#at, account).dailyLimitPercent,
      },
      DEFAULT_MINING_PARAMETERS,
      DEFAULT_DAILY_LIMIT,
      DEFAULT_WEIGHTS,
    );
    this.ascension = new AscensionModel(born.ascension, DEFAULT_ASCENSION_TERMS);
  }

  /**
   * Sells growth and funds ascension by a proposal, has Dan delegate to a node and the keeper offer what the platform sells, and goes to the first
   * hour of the next week.
   */
  static async settle(world: Awaited<ReturnType<typeof deployPeople>>): Promise<People> {
    const { deployment, connection, keeper, dan, ada, ben, operator } = world;
    const { xme, xmex, nodes, publicSale, socialMining, ascension } = deployment.xme;
    const { spendingCatalogue, platformItems, spending } = deployment.xme;
    const birthOf = async (event: Promise<readonly { readonly blockNumber: number }[]>): Promise<bigint> => {
      const block = await connection.ethers.provider.getBlock((await event)[0]?.blockNumber ?? 0);
      return BigInt(block?.timestamp ?? 0);
    };
    const people = new People(world, {
      mining: await birthOf(socialMining.queryFilter(socialMining.filters.WeightsChanged())),
      spending: await birthOf(spending.queryFilter(spending.filters.SplitChanged())),
      ascension: await birthOf(ascension.queryFilter(ascension.filters.TermsChanged())),
    });

    const bond = 1_000n * TOKEN;
    const cost = (bond * (await publicSale.price())) / TOKEN;
    await publicSale.connect(operator).buy(operator, bond, bond, { value: cost });
    await xme.connect(operator).approve(nodes, MaxUint256);
    await nodes.connect(operator).openNode(bond, 500n, "https://node.example");

    const [acceleration, protection, tasks, testing] = GROWTH_PRICES;
    const sell = (perk: number, privilege: number, price: bigint): Call =>
      callOf(spendingCatalogue, "setGrowthPrice", [perk, privilege, price]);
    await people.enact("Growth is for sale, and ascension has XME to pay", [
      sell(0, 0, acceleration),
      sell(1, 0, protection),
      sell(2, 0, tasks),
      sell(2, 1, testing),
      callOf(xme, "approve", [ascension.target, FUNDED]),
      callOf(ascension, "fund", [FUNDED]),
      callOf(xmex, "transfer", [dan.address, DELEGATED]),
    ]);
    people.tell(0n, (models) => {
      models.ascension.fund(FUNDED);
      models.spending.setGrowthPrice("acceleration", 0n, acceleration);
      models.spending.setGrowthPrice("protection", 0n, protection);
      models.spending.setGrowthPrice("privilege", 0n, tasks);
      models.spending.setGrowthPrice("privilege", 1n, testing);
    });
    await xmex.connect(dan).approve(nodes, MaxUint256);
    await nodes.connect(dan).delegate(1n, DELEGATED);

    const { plan, hotSpots, service, item } = OFFERS;
    const offers = spendingCatalogue.connect(keeper);
    await offers.setPlatformPlan(plan.number, plan.price, plan.period);
    await offers.setHotSpots(hotSpots.price, hotSpots.slots);
    await offers.setService(service.number, service.price, service.hold);
    people.tell(0n, (models) => {
      models.spending.setPlan(undefined, plan.number, plan.price, plan.period);
      models.spending.setHotSpots(hotSpots.price, hotSpots.slots);
      models.spending.setService(service.number, service.price, service.hold);
    });
    for (const [category, seller] of [
      ["goods", undefined],
      ["collectible", ada.address],
      ["ticket", undefined],
    ] as const) {
      const terms = { price: item, supply: 100n, soulbound: false, start: 0n, end: 2n ** 40n - 1n, period: 0n };
      await platformItems.connect(keeper).list({
        ...terms,
        category: SPENDING_CATEGORY[category],
        seller: seller ?? ZeroAddress,
        uri: `ipfs://${category}`,
      });
      people.tell(0n, (models) => models.spending.list({ ...terms, category, seller }));
    }
    for (const payer of [ada, ben]) {
      await xmex.connect(payer).approve(spending, MaxUint256);
      await xmex.connect(payer).approve(ascension, MaxUint256);
    }
    await people.goTo(miningEpoch(await people.now()) + 1n, 0n, 1n);
    return people;
  }

  /** The same on a chain that was put back to this moment: models that were told the same. */
  again(): People {
    const people = new People(this.world, this.born);
    for (const { at, action } of this.#history) people.tell(at, action);
    return people;
  }

  /** Tells the models what happened, and answers what they say. */
  tell<T>(at: bigint, action: (models: People) => T): T {
    this.#history.push({ at, action });
    this.#at = at;
    return action(this);
  }

  get connection(): NetworkConnection {
    return this.world.connection;
  }

  get contracts() {
    return this.world.deployment.xme;
  }

  async now(): Promise<bigint> {
    return BigInt(await this.connection.networkHelpers.time.latest());
  }

  /** Goes to an hour of a day of a week; the next block is a second later. */
  async goTo(week: bigint, day: bigint, hour = 0n): Promise<void> {
    await this.connection.networkHelpers.time.increaseTo(week * MINING_WEEK + day * DAY + hour * HOUR);
  }

  /** Waits for a transaction, and answers it with its second, in which models are told of it. */
  async sent(sending: Promise<Sending>) {
    const receipt = await (await sending).wait();
    if (!receipt) throw new Error("the chain mines each transaction at once");
    return { receipt, at: BigInt((await receipt.getBlock()).timestamp) };
  }

  /** Proposes, votes for, queues and executes calls. Answers when they were executed. */
  async enact(title: string, calls: readonly Call[]): Promise<bigint> {
    const { connection, deployment, voters, anybody } = this.world;
    const { governor } = deployment.xme;
    const [proposer] = voters;
    if (!proposer?.signer) throw new Error("voters are accounts of the chain");
    const proposal = proposalOf(title, calls);
    await governor.connect(proposer.signer).propose(...drafted(proposal));
    await pass(connection, deployment, voters, await governor.hashProposal(...decided(proposal)));
    await governor.connect(anybody).queue(...decided(proposal));
    await connection.networkHelpers.time.increase(DELAY);
    const { at } = await this.sent(governor.connect(anybody).execute(...decided(proposal)));
    return at;
  }

  // ------------------------------------------------------------------ what people do

  async checkIn(who: HardhatEthersSigner): Promise<void> {
    const { userGrowth } = this.contracts;
    const expected = await userGrowth.previewCheckIn(who);
    const { at } = await this.sent(userGrowth.connect(who).checkIn());
    const { streak, gained, points } = this.tell(at, (models) => models.growth.checkIn(at, who.address));
    expect([...expected].map(String), `check-in of ${who.address}`).to.deep.equal([streak, gained, points].map(String));
    await this.agreeOn(who);
  }

  /** Commits to a content, and registers it when it may be. */
  async register(who: HardhatEthersSigner, text: string, unlockPrice: bigint): Promise<bigint> {
    const { contentRegistry } = this.contracts;
    const [hash, salt] = [id(text), id(`salt of ${text}`)] as [`0x${string}`, `0x${string}`];
    const { chainId } = await this.connection.ethers.provider.getNetwork();
    const registry = await contentRegistry.getAddress();
    const commitment = contentCommitment({ hash, account: who.address, salt, chainId, registry });
    await contentRegistry.connect(who).commit(commitment);
    await this.connection.networkHelpers.time.increase(60n);
    await contentRegistry.connect(who).register(hash, salt, "ipfs://content", unlockPrice, 500n);
    const content = contentIdOf(hash);
    this.tell(0n, (models) => {
      models.spending.setContent(content, who.address, who.address, unlockPrice);
    });
    return content;
  }

  async acceptInvitation(invitee: HardhatEthersSigner, inviter: HardhatEthersSigner): Promise<void> {
    const { at } = await this.sent(this.contracts.userGrowth.connect(invitee).acceptInvitation(inviter));
    this.tell(at, (models) => {
      models.growth.acceptInvitation(invitee.address, inviter.address);
    });
  }

  /** Completes an invitation, by anybody, and compares what both sides got. */
  async completeInvitation(invitee: HardhatEthersSigner, inviter: HardhatEthersSigner): Promise<void> {
    const { userGrowth, xmex } = this.contracts;
    const before = [await xmex.balanceOf(inviter), await xmex.balanceOf(invitee)] as const;
    const { at } = await this.sent(userGrowth.connect(this.world.anybody).completeInvitation(invitee));
    const paid = this.tell(at, (models) => models.growth.completeInvitation(at, invitee.address));
    expect(paid.inviter).to.equal(inviter.address);
    expect((await xmex.balanceOf(inviter)) - before[0], "the inviter's reward").to.equal(paid.inviterReward);
    expect((await xmex.balanceOf(invitee)) - before[1], "the invitee's reward").to.equal(paid.inviteeReward);
    for (const who of [inviter, invitee]) await this.agreeOn(who);
  }

  /** Compares where an account stands. */
  async agreeOn({ address }: { readonly address: string }): Promise<void> {
    const standing = await this.contracts.userGrowth.standingOf(address);
    const expected = this.growth.standing(await this.now(), address);
    expect(
      [standing.points, standing.level, standing.idleDays, standing.stakeTier, standing.effectiveLevel].map(String),
      `standing of ${address}`,
    ).to.deep.equal(
      [expected.points, expected.level, expected.idleDays, expected.stakeTier, expected.effectiveLevel].map(String),
    );
  }

  // -------------------------------------------------------- from what they did to their pay

  /** The facts of an epoch, all read from the chain; levels are rebuilt from events alone, up to the epoch's last day. */
  async factsOf(epoch: bigint): Promise<ModelFacts> {
    const { userGrowth, contentRegistry, socialMining, nodes } = this.contracts;
    const { starts, ends } = epochBounds(epoch);
    const { provider } = this.connection.ethers;
    const timeOf = async (block: number): Promise<bigint> => BigInt((await provider.getBlock(block))?.timestamp ?? 0);
    const records = new Map<string, GrowthRecord>();
    const checkIns: ModelFacts["checkIns"][number][] = [];
    const invitations: ModelFacts["invitations"][number][] = [];
    for (const log of await provider.getLogs({ address: await userGrowth.getAddress(), fromBlock: 0 })) {
      const time = await timeOf(log.blockNumber);
      const event = userGrowth.interface.parseLog(log);
      if (!event || time >= ends) continue;
      const args = event.args.toObject() as Readonly<Record<"account" | "invitee" | "inviter", string>>;
      if (event.name === "InvitationCompleted" && time >= starts) {
        invitations.push({ inviter: args.inviter, invitee: args.invitee, time });
      }
      if (event.name === "CheckedIn" && time >= starts) checkIns.push({ account: args.account, time });
      if (["CheckedIn", "PointsAdded", "Protected", "PrivilegeUnlocked"].includes(event.name)) {
        const told = { ...args, name: event.name } as unknown as GrowthEvent;
        records.set(args.account, afterGrowthEvent(records.get(args.account) ?? NO_GROWTH, told));
      }
    }
    const registered = await contentRegistry.queryFilter(contentRegistry.filters.ContentRegistered());
    const contents = registered
      .map(({ args }) => ({ content: args.contentId, creator: args.creator, time: args.time }))
      .filter(({ time }) => time < ends);
    // Whoever delegates here does so from before the first week on, and all the time.
    const multipliers = await Promise.all(
      [...records].map(async ([account, record]) => {
        const tier = stakeTier(await nodes.delegatedPrincipalOf(account));
        const level = levelOn(record, lastDayOfEpoch(epoch), tier);
        const granted = growthPrivileges(level, tier, record.privileges);
        const { incentivePercent, highValuePercent, advancedTasksUnlocked } = granted;
        return { account, incentivePercent, highValuePercent, advancedTasksUnlocked };
      }),
    );
    const weights = [...(await socialMining.weightsAt(epoch))];
    return { epoch, weights, checkIns, invitations, contents, multipliers };
  }

  /** Counts an epoch's log with the chain's facts. */
  async count(epoch: bigint, log: readonly LogRow[]): Promise<PointsList> {
    return listOf(modelPoints(log, await this.factsOf(epoch), readRules().values));
  }

  async publish(epoch: bigint, { tree, total }: PointsList, uri = "ipfs://log"): Promise<void> {
    const { socialMining } = this.contracts;
    const { publisher } = this.world;
    const { at, receipt } = await this.sent(
      socialMining.connect(publisher).publish(epoch, tree.root, total, uri, id(uri)),
    );
    this.tell(at, (models) => {
      models.mining.publish(at, epoch, tree.root, total);
    });
    expect(receipt.logs).to.have.length(1);
  }

  async strike(epoch: bigint): Promise<void> {
    const { at } = await this.sent(this.contracts.socialMining.connect(this.world.striker).strike(epoch));
    this.tell(at, (models) => {
      models.mining.strike(at, epoch);
    });
  }

  /** Claims for an account, by anybody, with what the contract foresaw, what the model says and what arrived compared. */
  async claim(epoch: bigint, { tree, points }: PointsList, { address }: { readonly address: string }) {
    const { socialMining, xmex } = this.contracts;
    const value = points.get(address);
    if (value === undefined) throw new Error(`${address} is not in the list`);
    const proof = tree.getProof([address, value]);
    const args = [epoch, address, value, proof] as const;
    const before = await xmex.balanceOf(address);
    const { at } = await this.sent(socialMining.connect(this.world.anybody).claim(...args));
    const { credited, paid } = this.tell(at, (models) => models.mining.claim(at, epoch, address, value, true));
    const [claimed] = await socialMining.queryFilter(socialMining.filters.Claimed(epoch, address));
    expect([claimed?.args.credited, claimed?.args.paid].map(String), `claim of ${address}`).to.deep.equal(
      [credited, paid].map(String),
    );
    expect((await xmex.balanceOf(address)) - before, `paid to ${address}`).to.equal(paid);
    return { credited, paid };
  }

  async withdraw({ address }: { readonly address: string }): Promise<bigint> {
    const { socialMining, xmex } = this.contracts;
    const before = await xmex.balanceOf(address);
    const { at } = await this.sent(socialMining.connect(this.world.anybody).withdraw(address));
    const paid = this.tell(at, (models) => models.mining.withdraw(at, address));
    expect((await xmex.balanceOf(address)) - before, `paid to ${address}`).to.equal(paid);
    return paid;
  }

  // ---------------------------------------------------------------------- what they spend

  /** Spends, and tells the model when. */
  async spend(sending: Promise<Sending>, spent: (models: People, at: bigint) => unknown): Promise<void> {
    const { at } = await this.sent(sending);
    this.tell(at, (models) => spent(models, at));
  }

  async buyGrowth(who: HardhatEthersSigner, perk: (typeof GROWTH_PERKS)[number], value: bigint): Promise<void> {
    const call = this.contracts.spending.connect(who).buyGrowth(GROWTH_PERKS.indexOf(perk), value, MaxUint256);
    await this.spend(call, ({ spending, growth }, at) => {
      spending.buyGrowth(at, who.address, perk, value, MaxUint256);
      if (perk === "acceleration") growth.accelerate(at, who.address, value);
      else if (perk === "protection") growth.protect(at, who.address, value);
      else growth.unlockPrivilege(who.address, value);
    });
  }

  /** Something in each category by `payer`, for `creator` where somebody sells it. */
  async spendOnEverything(payer: HardhatEthersSigner, creator: HardhatEthersSigner, content: bigint): Promise<void> {
    const { spendingCatalogue, spending: contract } = this.contracts;
    const [by, to, most] = [payer.address, creator.address, MaxUint256];
    const spending = contract.connect(payer);
    const { plan, service } = OFFERS;
    await spendingCatalogue.connect(creator).setPlan(7n, 2n * plan.price, plan.period);
    this.tell(0n, (models) => {
      models.spending.setPlan(to, 7n, 2n * plan.price, plan.period);
    });

    await this.spend(spending.unlock(content, most), (models, at) => models.spending.unlock(at, by, content, most));
    for (const [seller, number] of [
      [undefined, plan.number],
      [to, 7n],
    ] as const) {
      const call = spending.renewMembership(seller ?? ZeroAddress, number, most, plan.period);
      await this.spend(call, (models, at) =>
        models.spending.renewMembership(at, by, seller, number, most, plan.period),
      );
    }
    await this.spend(spending.tip(to, 7n * TOKEN), (models, at) => {
      models.spending.tip(at, by, to, 7n * TOKEN);
    });
    const odd = 3n * TOKEN + 10n ** 9n;
    await this.spend(spending.tipContent(content, odd), (models, at) => {
      models.spending.tipContent(at, by, content, odd);
    });
    const week = miningEpoch(await this.now());
    await this.spend(spending.boost(content, week + 1n, 40n * TOKEN), (models, at) => {
      models.spending.boost(at, by, content, week + 1n, 40n * TOKEN);
    });
    const day = (await this.now()) / DAY;
    await this.spend(spending.recommend(content, day, most), (models, at) =>
      models.spending.recommend(at, by, content, day, most),
    );
    await this.spend(spending.useService(service.number, 5n, id("a request"), most), (models, at) =>
      models.spending.useService(at, by, service.number, 5n, most),
    );
    for (const item of [1n, 2n, 3n]) {
      await this.spend(spending.buy(item, item, most), (models, at) => models.spending.buy(at, by, item, item, most));
    }
    await this.buyGrowth(payer, "acceleration", 3n);
    await this.buyGrowth(payer, "protection", 60n);
    await this.buyGrowth(payer, "privilege", 0n);
  }

  /**
   * Distributes a week's spends of a category, by anybody, and compares what reached whom with the model.
   * @returns the parts
   */
  async distribute(week: bigint, category: SpendingCategory): Promise<SpendingParts> {
    const { spending, xmex, nodes, votes, emissionVault, timelock } = this.contracts;
    const { receipt, at } = await this.sent(
      spending.connect(this.world.anybody).distribute(week, SPENDING_CATEGORY[category]),
    );
    const parts = this.tell(at, (models) => {
      const offered = models.spending.distribute(week, category, (_, amount) => amount);
      models.emission.returnTo(EMISSION_STREAM.socialMining, offered.emission);
      return offered;
    });
    const received = new Map<string, bigint>();
    for (const log of receipt.logs) {
      if (log.address !== xmex.target) continue;
      const event = xmex.interface.parseLog(log);
      if (event?.name !== "Transfer" || event.args.from !== spending.target) continue;
      const to = String(event.args.to);
      received.set(to, (received.get(to) ?? 0n) + (event.args.value as bigint));
    }
    const expected = new Map<string, bigint>();
    const add = (to: unknown, part: SpendingPart) => {
      const sum = (expected.get(String(to)) ?? 0n) + parts[part];
      if (sum !== 0n) expected.set(String(to), sum);
    };
    add(ZeroAddress, "burn");
    add(nodes.target, "delegators");
    add(votes.target, "voters");
    add(emissionVault.target, "emission");
    for (const part of ["buyback", "treasury"] as const) add(timelock.target, part);
    const sorted = (amounts: ReadonlyMap<string, bigint>) =>
      [...amounts].map(([to, amount]) => `${to} ${amount}`).sort();
    expect(sorted(received), `${category} of week ${week}`).to.deep.equal(sorted(expected));
    return parts;
  }

  /** Compares all that is held and owed with the models. */
  async agree(): Promise<void> {
    const { xmex, xme, socialMining, spending, emissionVault, ascension } = this.contracts;
    const now = await this.now();
    this.#at = now;
    const week = miningEpoch(now);
    const checks: [string, bigint, bigint][] = [
      ["held for credits", await xmex.balanceOf(socialMining), this.mining.balance()],
      ["held for receivers", await xmex.balanceOf(spending), this.spending.balance()],
      ["consumed this week", await spending.consumedIn(week), this.spending.consumedIn(week)],
      ["consumed last week", await spending.consumedIn(week - 1n), this.spending.consumedIn(week - 1n)],
      ["planned for this week", await socialMining.plannedBudgetOf(week), this.mining.planned(week)],
      ["XMEX locked for ever", await xmex.balanceOf(ascension), this.ascension.locked],
      ["free in ascension", await ascension.free(), this.ascension.free(now)],
      ["held by ascension", await xme.balanceOf(ascension), FUNDED - this.ascension.claimed],
    ];
    for (const stream of [EMISSION_STREAM.socialMining, EMISSION_STREAM.userGrowth]) {
      const available = await emissionVault.available(stream);
      checks.push([`in stream ${stream}`, available, this.emission.available(stream, now)]);
    }
    for (const category of SPENDING_CATEGORIES) {
      const split = await spending.partsIn(week, SPENDING_CATEGORY[category]);
      const parts = this.spending.partsIn(week, category);
      checks.push([`${category} for creators`, split.creator, parts.creator]);
      const { burned, buyback, delegators, voters, emission, treasury } = split;
      for (const [i, part] of SPENDING_PARTS.entries()) {
        const amount = [burned, buyback, delegators, voters, emission, treasury][i] ?? 0n;
        checks.push([`${category} for ${part}`, amount, parts[part]]);
      }
    }
    for (const [what, actual, expected] of checks) expect(actual, what).to.equal(expected);
    for (const { address } of [this.world.ada, this.world.ben, this.world.cleo, this.world.dan]) {
      expect(await socialMining.creditOf(address), `credit of ${address}`).to.equal(this.mining.creditOf(address));
    }
  }
}
