import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type ContractTransaction, id, MaxUint256, ZeroAddress } from "ethers";

import { buildEpoch, epochBounds, LOG_HEADER, type LogRow, proofOf, readRules } from "../../src/mining/index.js";
import { type ModelFacts, modelPoints } from "../../src/mining/model.js";
import { AscensionModel, DEFAULT_ASCENSION_TERMS } from "../../src/xme/ascension.js";
import { contentCommitment, contentIdOf, ContentRegistryModel } from "../../src/xme/content.js";
import { EMISSION_STREAM } from "../../src/xme/emission.js";
import {
  afterGrowthEvent,
  DEFAULT_INVITATION_REWARDS,
  type GrowthEvent,
  GrowthModel,
  type GrowthRecord,
  growthPrivileges,
  lastDayOfEpoch,
  levelOn,
  NO_GROWTH,
} from "../../src/xme/growth.js";
import {
  DEFAULT_DAILY_LIMIT,
  DEFAULT_MINING_PARAMETERS,
  DEFAULT_WEIGHTS,
  MiningModel,
  miningEpoch,
} from "../../src/xme/mining.js";
import {
  DEFAULT_SPENDING_SPLITS,
  SPENDING_CATEGORY,
  type SpendingCategory,
  SpendingModel,
} from "../../src/xme/spending.js";
import type { Refusals } from "./government.js";
import { type Cell, type Figure, figure } from "./story.js";
import { bornAt, type Person, type XmeWorld } from "./world.js";

const ONE = 10n ** 18n;
const DAY = 86_400n;

/** What the platform sells, by its keeper's word. */
export const OFFERS = {
  plan: { number: 1n, price: 2_000n * ONE, period: 7n * DAY },
  hotSpots: { price: 1_500n * ONE, slots: 3n },
  service: { number: 1n, price: 50n * ONE, hold: 100n * ONE },
  /** Price of one of each item. */
  item: 300n * ONE,
} as const;

/** Numbers of the items, in the order in which they are listed. */
export const ITEMS = ["goods", "collectible", "ticket"] as const satisfies readonly SpendingCategory[];

/** Who contributed what in a week: counted by DuckDB, and by the model of its rules. */
export interface Count {
  readonly root: string;
  readonly total: Figure;
  /** Points of an account. */
  readonly pointsOf: (person: Person) => Figure;
  /** How many accounts have any. */
  readonly accounts: Figure;
  readonly proofOf: (person: Person) => readonly string[];
  readonly logHash: string;
}

/** What the models have seen happen, for the model of the rules to be counted from. */
interface Seen {
  readonly checkIns: { account: string; time: bigint }[];
  readonly invitations: { inviter: string; invitee: string; time: bigint }[];
  readonly contents: { content: bigint; creator: string; time: bigint }[];
}

/** Acts in X.me, and in the models of all that its people use: each asks the others as the contracts do. */
export class Community {
  readonly mining: MiningModel;
  readonly growth: GrowthModel;
  readonly spending: SpendingModel;
  readonly ascension: AscensionModel;
  readonly content: ContentRegistryModel;
  readonly publisher: Person;
  readonly striker: Person;
  readonly keeper: Person;
  readonly anybody: Person;
  readonly #folder = mkdtempSync(join(tmpdir(), "xonomy-demo-"));
  readonly #seen: Seen = { checkIns: [], invitations: [], contents: [] };
  /** The second of what the models were told last. */
  #at = 0n;

  private constructor(
    readonly world: XmeWorld,
    born: Readonly<Record<"mining" | "spending" | "ascension", bigint>>,
    private readonly registry: { readonly chainId: bigint; readonly address: string },
  ) {
    this.publisher = world.person(6, "the publisher");
    this.striker = world.person(7, "the striker");
    this.keeper = world.person(8, "the keeper");
    this.anybody = world.person(0, "anybody");
    const { emission } = world;
    const stream = (number: number) => ({
      available: (at: bigint) => emission.available(number, at),
      draw: (at: bigint, amount: bigint) => {
        emission.draw(number, at, amount);
      },
      returnTo: (amount: bigint) => {
        emission.returnTo(number, amount);
      },
    });
    this.spending = new SpendingModel(born.spending, DEFAULT_SPENDING_SPLITS);
    const { inviter, invitee } = DEFAULT_INVITATION_REWARDS;
    this.growth = new GrowthModel(
      {
        ...stream(EMISSION_STREAM.userGrowth),
        creditedOf: (account) => this.mining.creditedOf(account),
        hasClaimed: (account) => this.mining.hasClaimed(account),
        // Nobody here delegates to a node.
        principalOf: () => 0n,
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
    this.content = new ContentRegistryModel(registry.chainId, registry.address);
  }

  static async open(world: XmeWorld): Promise<Community> {
    const { connection, xme } = world;
    const { chainId } = await connection.ethers.provider.getNetwork();
    const born = {
      mining: await bornAt(connection, await xme.socialMining.getAddress()),
      spending: await bornAt(connection, await xme.spending.getAddress()),
      ascension: await bornAt(connection, await xme.ascension.getAddress()),
    };
    return new Community(world, born, { chainId, address: await xme.contentRegistry.getAddress() });
  }

  /** Removes the logs and stores of this run. */
  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Sends a call, and lets the models know at its second. */
  async act<T>(by: Person, call: Promise<ContractTransaction>, told: (at: bigint) => T): Promise<T> {
    const at = await this.world.send(by, call);
    this.#at = at;
    return told(at);
  }

  /** Sends a call, and compares by how much the XMEX of `whose` grew with what the model answers. */
  async gain(
    whose: Person,
    by: Person,
    call: Promise<ContractTransaction>,
    told: (at: bigint) => bigint,
  ): Promise<Figure> {
    const { xmex } = this.world.xme;
    const before = await xmex.balanceOf(whose.address);
    const model = await this.act(by, call, told);
    return figure((await xmex.balanceOf(whose.address)) - before, model);
  }

  /** Moves the models to the latest block, for what depends on the time alone. */
  async look(): Promise<bigint> {
    this.#at = await this.world.now();
    return this.#at;
  }

  // ---------------------------------------------------------------- growth and content

  async checkIn(who: Person): Promise<void> {
    await this.act(who, this.world.xme.userGrowth.checkIn.populateTransaction(), (at) => {
      this.growth.checkIn(at, who.address);
      this.#seen.checkIns.push({ account: who.address, time: at });
    });
  }

  async acceptInvitation(invitee: Person, inviter: Person): Promise<void> {
    const call = this.world.xme.userGrowth.acceptInvitation.populateTransaction(inviter.address);
    await this.act(invitee, call, () => {
      this.growth.acceptInvitation(invitee.address, inviter.address);
    });
  }

  /** Completes an invitation, by anybody. */
  async completeInvitation(
    invitee: Person,
    inviter: Person,
  ): Promise<{ readonly inviter: Figure; readonly invitee: Figure }> {
    const { userGrowth, xmex } = this.world.xme;
    const [before, ofInvitee] = [await xmex.balanceOf(inviter.address), await xmex.balanceOf(invitee.address)];
    const call = userGrowth.completeInvitation.populateTransaction(invitee.address);
    const paid = await this.act(this.anybody, call, (at) => {
      this.#seen.invitations.push({ inviter: inviter.address, invitee: invitee.address, time: at });
      return this.growth.completeInvitation(at, invitee.address);
    });
    return {
      inviter: figure((await xmex.balanceOf(inviter.address)) - before, paid.inviterReward),
      invitee: figure((await xmex.balanceOf(invitee.address)) - ofInvitee, paid.inviteeReward),
    };
  }

  /** What somebody needs to register a text, by who it is. */
  secret(who: Person, text: string) {
    const [hash, salt] = [id(text), id(`${who.name}'s salt of ${text}`)] as [`0x${string}`, `0x${string}`];
    const { chainId, address: registry } = this.registry;
    return { hash, salt, commitment: contentCommitment({ hash, account: who.address, salt, chainId, registry }) };
  }

  async commit(who: Person, text: string): Promise<void> {
    const { commitment } = this.secret(who, text);
    await this.act(who, this.world.xme.contentRegistry.commit.populateTransaction(commitment), (at) => {
      this.content.commit(at, who.address, commitment);
    });
  }

  /** Reveals a commitment, when it is old enough. */
  async register(who: Person, text: string, unlockPrice: bigint): Promise<bigint> {
    const { hash, salt } = this.secret(who, text);
    const terms = { uri: "ipfs://content", unlockPrice, royaltyBps: 500n };
    const call = this.world.xme.contentRegistry.register.populateTransaction(hash, salt, terms.uri, unlockPrice, 500n);
    return this.act(who, call, (at) => {
      this.content.register(at, who.address, hash, salt, terms);
      const content = contentIdOf(hash);
      this.spending.setContent(content, who.address, who.address, unlockPrice);
      this.#seen.contents.push({ content, creator: who.address, time: at });
      return content;
    });
  }

  // ------------------------------------------------------------------- counting a week

  /** Writes a week's log, has the pipeline count it with the chain's events, and the model with what it saw. */
  async count(epoch: bigint, log: readonly LogRow[]): Promise<Count> {
    const file = join(this.#folder, `${epoch}.csv`);
    const store = join(this.#folder, `${epoch}.store`);
    const line = ({ account, behaviour, subject, time, duration }: LogRow): string =>
      [account, behaviour, subject, `${time}`, duration === undefined ? "" : `${duration}`].join(",");
    writeFileSync(file, `${[LOG_HEADER, ...log.map(line)].join("\n")}\n`);
    const manifest = await buildEpoch({ log: file, facts: await this.#factsOfChain(epoch), out: store });
    const model = modelPoints(log, this.#factsOfModels(epoch), readRules().values);
    const total = [...model.values()].reduce((sum, points) => sum + points, 0n);
    const found = ({ address }: Person) => proofOf(store, address);
    return {
      root: manifest.root,
      logHash: manifest.log.keccak256,
      total: figure(manifest.total, total, "count"),
      accounts: figure(BigInt(manifest.accounts), BigInt(model.size), "count"),
      pointsOf: (person) => figure(found(person)?.points ?? 0n, model.get(person.address.toLowerCase()) ?? 0n, "count"),
      proofOf: (person) => found(person)?.proof ?? [],
    };
  }

  /** The facts of a week as its events tell them: levels are rebuilt from events alone, up to the week's last day. */
  async #factsOfChain(epoch: bigint): Promise<ModelFacts> {
    const { userGrowth, contentRegistry, socialMining } = this.world.xme;
    const { provider } = this.world.connection.ethers;
    const { starts, ends } = epochBounds(epoch);
    const times = new Map<number, bigint>();
    const timeOf = async (block: number): Promise<bigint> => {
      const time = times.get(block) ?? BigInt((await provider.getBlock(block))?.timestamp ?? 0);
      times.set(block, time);
      return time;
    };
    const records = new Map<string, GrowthRecord>();
    const checkIns: ModelFacts["checkIns"][number][] = [];
    const invitations: ModelFacts["invitations"][number][] = [];
    for (const log of await provider.getLogs({ address: await userGrowth.getAddress(), fromBlock: 0 })) {
      const time = await timeOf(log.blockNumber);
      const event = userGrowth.interface.parseLog(log);
      if (event === null || time >= ends) continue;
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
    const multipliers = [...records].map(([account, record]) => {
      const level = levelOn(record, lastDayOfEpoch(epoch), 0n);
      const granted = growthPrivileges(level, 0n, record.privileges);
      const { incentivePercent, highValuePercent, advancedTasksUnlocked } = granted;
      return { account, incentivePercent, highValuePercent, advancedTasksUnlocked };
    });
    const weights = [...(await socialMining.weightsAt(epoch))];
    return { epoch, weights, checkIns, invitations, contents, multipliers };
  }

  /** The same as the models saw it, day by day; to be asked for before anything happens in the next week. */
  #factsOfModels(epoch: bigint): ModelFacts {
    const { starts, ends } = epochBounds(epoch);
    const isOfWeek = ({ time }: { readonly time: bigint }): boolean => time >= starts && time < ends;
    const { checkIns, invitations, contents } = this.#seen;
    const multipliers = [...new Set(checkIns.map(({ account }) => account))].map((account) => {
      const granted = this.growth.privileges(ends - 1n, account);
      const { incentivePercent, highValuePercent, advancedTasksUnlocked } = granted;
      return { account, incentivePercent, highValuePercent, advancedTasksUnlocked };
    });
    return {
      epoch,
      weights: this.mining.weightsAt(epoch),
      checkIns: checkIns.filter(isOfWeek),
      invitations: invitations.filter(isOfWeek),
      contents: contents.filter(({ time }) => time < ends),
      multipliers,
    };
  }

  // ------------------------------------------------------------------------ being paid

  async publish(epoch: bigint, root: string, total: bigint, logHash: string): Promise<void> {
    const { socialMining } = this.world.xme;
    const call = socialMining.publish.populateTransaction(epoch, root, total, "ipfs://log", logHash);
    await this.act(this.publisher, call, (at) => {
      this.mining.publish(at, epoch, root, total);
    });
  }

  async strike(epoch: bigint): Promise<void> {
    await this.act(this.striker, this.world.xme.socialMining.strike.populateTransaction(epoch), (at) => {
      this.mining.strike(at, epoch);
    });
  }

  /** Claims for somebody, by anybody. */
  async claim(
    epoch: bigint,
    counted: Count,
    who: Person,
  ): Promise<Readonly<Record<"credited" | "paid" | "waits", Figure>>> {
    const { socialMining } = this.world.xme;
    const { chain: points } = counted.pointsOf(who);
    const proof = [...counted.proofOf(who)];
    const before = await socialMining.creditOf(who.address);
    let credited = 0n;
    const call = socialMining.claim.populateTransaction(epoch, who.address, points, proof);
    const paid = await this.gain(who, this.anybody, call, (at) => {
      const claimed = this.mining.claim(at, epoch, who.address, points, true);
      ({ credited } = claimed);
      return claimed.paid;
    });
    const after = await socialMining.creditOf(who.address);
    return {
      credited: figure(after + paid.chain - before, credited),
      paid,
      waits: figure(after, this.mining.creditOf(who.address)),
    };
  }

  /** Has anybody take for somebody what a day allows. */
  async withdraw(who: Person): Promise<Readonly<Record<"paid" | "waits", Figure>>> {
    const { socialMining } = this.world.xme;
    const call = socialMining.withdraw.populateTransaction(who.address);
    const paid = await this.gain(who, this.anybody, call, (at) => this.mining.withdraw(at, who.address));
    return { paid, waits: figure(await socialMining.creditOf(who.address), this.mining.creditOf(who.address)) };
  }

  // -------------------------------------------------------------------------- spending

  /** Lets the keeper offer what the platform sells, the collectible being a creator's. */
  async offer(creator: Person): Promise<void> {
    const { spendingCatalogue, platformItems } = this.world.xme;
    const { plan, hotSpots, service, item } = OFFERS;
    const { keeper, spending } = this;
    const { number, price, period } = plan;
    await this.act(keeper, spendingCatalogue.setPlatformPlan.populateTransaction(number, price, period), () => {
      spending.setPlan(undefined, number, price, period);
    });
    await this.act(keeper, spendingCatalogue.setHotSpots.populateTransaction(hotSpots.price, hotSpots.slots), () => {
      spending.setHotSpots(hotSpots.price, hotSpots.slots);
    });
    await this.act(
      keeper,
      spendingCatalogue.setService.populateTransaction(service.number, service.price, service.hold),
      () => {
        spending.setService(service.number, service.price, service.hold);
      },
    );
    for (const category of ITEMS) {
      const seller = category === "collectible" ? creator.address : undefined;
      const terms = { price: item, supply: 100n, soulbound: false, start: 0n, end: 2n ** 40n - 1n, period: 0n };
      const listed = {
        ...terms,
        category: SPENDING_CATEGORY[category],
        seller: seller ?? ZeroAddress,
        uri: `ipfs://${category}`,
      };
      await this.act(keeper, platformItems.list.populateTransaction(listed), () =>
        spending.list({ ...terms, category, seller }),
      );
    }
  }

  /** Pays for something, and compares what it cost with what the model notes. */
  async spend(
    who: Person,
    call: Promise<ContractTransaction>,
    told: (at: bigint, by: string) => unknown,
  ): Promise<Figure> {
    const { chain, model } = await this.gain(who, who, call, (at) => {
      const before = this.spending.paidBy(who.address);
      told(at, who.address);
      return before - this.spending.paidBy(who.address);
    });
    return figure(-chain, -model);
  }

  /** Lets spending and ascension take from somebody. */
  async approve(who: Person): Promise<void> {
    const { xmex, spending, ascension } = this.world.xme;
    for (const spender of [spending, ascension]) {
      await this.world.send(who, xmex.approve.populateTransaction(await spender.getAddress(), MaxUint256));
    }
  }
}

/** The week of a time, as it is numbered in a chapter that begins with `first`. */
export function weekName(first: bigint, week: bigint): string {
  return `week ${week - first + 1n}`;
}

/** @returns the week of the latest block */
export async function weekOf(world: XmeWorld): Promise<bigint> {
  return miningEpoch(await world.now());
}

/** Whom the chapter is about. */
export interface Cast {
  readonly lia: Person;
  readonly max: Person;
  readonly nia: Person;
  readonly oli: Person;
  readonly pam: Person;
}

/** The chapter of the people on its way. */
export interface PeopleTelling {
  readonly world: XmeWorld;
  readonly community: Community;
  readonly cast: Cast;
  readonly refusals: Refusals;
  /** The number of the first week. */
  readonly first: bigint;
  /** How far everybody has come, day by day. */
  readonly growth: Cell[][];
  readonly claims: Cell[][];
  readonly withdrawals: Cell[][];
  readonly memberships: Cell[][];
}
