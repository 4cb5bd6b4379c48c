import { type Contract, type ContractTransaction, type Interface, MaxUint256, toQuantity, ZeroHash } from "ethers";

import type { XpContracts } from "../../src/deployment/contracts.js";
import { revertDataOf } from "../../src/deployment/revert.js";
import type { XpParameters } from "../../src/deployment/xp-parameters.js";
import { fullRange, TICK_SPACINGS, uniswapContract } from "../../src/uniswap/index.js";
import type { Address } from "../../src/xp/agents.js";
import { epochAt, epochStart, XPSupplyModel } from "../../src/xp/epochs.js";
import { JobRefusal, jobBond, JobsModel } from "../../src/xp/jobs.js";
import { OrderBookModel, type Side } from "../../src/xp/orders.js";
import { RedistributionModel } from "../../src/xp/redistribution.js";
import { BASE_FEE_BPS, FeeTiersModel } from "../../src/xp/tiers.js";
import { ReputationModel, type TrustParts, trustParts, trustScore } from "../../src/xp/trust.js";
import { meanTick, XpPoolModel, priceOfXp, priceOfXpAtTick } from "./pool.js";

/** A number that the chain says and that the models say. */
export interface Pair {
  readonly chain: bigint;
  readonly model: bigint;
}

/** Somebody of the story. */
export interface Person {
  readonly name: string;
  readonly address: Address;
}

/** An agent of the story. */
export interface Agent {
  readonly id: bigint;
  readonly owner: Person;
  readonly registeredAt: bigint;
}

/** A job as a client asks for it. */
export interface Order {
  readonly client: Person;
  /** The agent that shall do it; any where it is left out. */
  readonly agent?: Agent;
  readonly payment: bigint;
  /** Whole points. */
  readonly minTrust?: bigint;
}

/** What an agent did in an epoch, and what it earned. */
export interface AgentWeek {
  readonly agent: Agent;
  readonly epoch: bigint;
  readonly volume: Pair;
  readonly fees: Pair;
  readonly xp: Pair;
}

/** What the story needs of the chain. */
export interface FlywheelChain {
  readonly provider: { request(call: { method: string; params: unknown[] }): Promise<unknown> };
}

interface Mined {
  readonly at: bigint;
  /** The numbers among the arguments of the first event of this name. */
  argumentsOf(from: { readonly interface: Interface }, event: string): Promise<Readonly<Record<string, bigint>>>;
  /** The same of all events of this name. */
  allOf(from: { readonly interface: Interface }, event: string): Promise<readonly Readonly<Record<string, bigint>>[]>;
}

type Call = (at: bigint) => Promise<ContractTransaction>;

interface RawLog {
  readonly topics: string[];
  readonly data: string;
}

const DAY = 86_400n;
/** Seconds between two calls that follow each other. */
const PAUSE = 60n;
/** More than any call here takes, so that none needs an estimate. A settlement asks for room for its hooks. */
const GAS = toQuantity(3_000_000);
/** What an agent takes on at the most: anything. */
const ANY_FEE = 250n;

/** Balances that are kept by adding up movements. */
class Ledger {
  readonly #balances = new Map<Address, bigint>();

  move(account: Address, amount: bigint): void {
    this.#balances.set(account, this.of(account) + amount);
  }

  of(account: Address): bigint {
    return this.#balances.get(account) ?? 0n;
  }
}

/**
 * The flywheel on a chain, and beside it every model of it: each call goes to both, with the block's time. The models hear of times, people
 * and amounts wanted, never of what the chain answered.
 */
export class Flywheel {
  readonly jobs = new JobsModel();
  readonly redistribution = new RedistributionModel(6n);
  readonly tiers = new FeeTiersModel();
  readonly reputation = new ReputationModel();
  readonly book = new OrderBookModel();
  readonly supply: XPSupplyModel;
  readonly pool: XpPoolModel;
  /** What everybody should hold, as the models say. */
  readonly purses = { xp: new Ledger(), dollars: new Ledger() };

  readonly contracts: XpContracts;
  readonly #parameters: XpParameters;
  readonly #chain: FlywheelChain;
  readonly #start: bigint;
  readonly #xpFirst: boolean;
  readonly #oracle: Contract;
  readonly #allowed = new Set<string>();
  readonly #agents = new Map<bigint, Agent>();
  readonly #minted = new Set<bigint>();
  #now: bigint;

  private constructor(
    contracts: XpContracts,
    parameters: XpParameters,
    chain: FlywheelChain,
    { start, now, xpFirst, pool }: { start: bigint; now: bigint; xpFirst: boolean; pool: Address },
  ) {
    this.contracts = contracts;
    this.#parameters = parameters;
    this.#chain = chain;
    this.#start = start;
    this.#now = now;
    this.#xpFirst = xpFirst;
    const { openingPrice: price, fee } = parameters.pool;
    this.supply = new XPSupplyModel(start);
    this.pool = new XpPoolModel({ xpFirst, price, fee, at: now });
    this.#oracle = uniswapContract("pool", pool, contracts.pool.runner ?? never("The contracts have no connection."));
    this.jobs.arbiters.add(parameters.arbiter);
  }

  /** The flywheel as it was deployed, at the chain's latest block. */
  static async begin(contracts: XpContracts, parameters: XpParameters, chain: FlywheelChain): Promise<Flywheel> {
    const [xp, token, pool] = await Promise.all(
      [contracts.xp, contracts.paymentToken, contracts.pool].map((contract) => contract.getAddress()),
    );
    const block = (await chain.provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] })) as {
      timestamp: string;
    };
    return new Flywheel(contracts, parameters, chain, {
      start: await contracts.xp.start(),
      now: BigInt(block.timestamp),
      xpFirst: BigInt(xp ?? 0) < BigInt(token ?? 0),
      pool: pool as Address,
    });
  }

  /** The latest block's time, in seconds. */
  get now(): bigint {
    return this.#now;
  }

  get epoch(): bigint {
    return epochAt(this.#start, this.#now);
  }

  /** Lets the next call happen at the beginning of `epoch`, or `seconds` after it. */
  goTo(epoch: bigint, seconds = 0n): void {
    this.#waitUntil(epochStart(this.#start, epoch) + seconds);
  }

  /** Lets the next call happen `seconds` after the last. */
  wait(seconds: bigint): void {
    this.#waitUntil(this.#now + seconds);
  }

  // ------------------------------------------------------------------ money

  /** Test dollars from the faucet. */
  async faucet(to: Person, amount: bigint): Promise<void> {
    await this.#send(to, () => this.contracts.paymentToken.faucet.populateTransaction(to.address, amount));
    this.purses.dollars.move(to.address, amount);
  }

  async dollarsOf({ address }: Person): Promise<Pair> {
    return { chain: await this.contracts.paymentToken.balanceOf(address), model: this.purses.dollars.of(address) };
  }

  async xpOf({ address }: Person): Promise<Pair> {
    return { chain: await this.contracts.xp.balanceOf(address), model: this.purses.xp.of(address) };
  }

  // ------------------------------------------------------------------- jobs

  async register(owner: Person, uri: string): Promise<Agent> {
    const mined = await this.#send(owner, () =>
      this.contracts.agentRegistry["register(string)"].populateTransaction(uri),
    );
    const id = BigInt(this.jobs.agents.size + 1);
    const { agentId } = await mined.argumentsOf(this.contracts.agentRegistry, "Registered");
    if (agentId !== id) throw new Error(`The registry says ${String(agentId)} where ${id} is the next agent.`);
    this.jobs.agents.set(id, { owner: owner.address });
    return { id, owner, registeredAt: mined.at };
  }

  /** Opens, accepts, delivers and settles a job. */
  async work(agent: Agent, client: Person, payment: bigint): Promise<void> {
    const job = await this.open({ client, agent, payment });
    await this.accept(job, agent);
    await this.deliver(job, agent);
    await this.settle(job, client);
  }

  /** @returns the job's number */
  async open({ client, agent, payment, minTrust = 0n }: Order): Promise<bigint> {
    await this.#allow(client, "paymentToken", "serviceMarket");
    const agentId = agent?.id ?? 0n;
    const deliverWithin = 2n * DAY;
    const { at } = await this.#send(client, (time) =>
      this.contracts.serviceMarket.open.populateTransaction(
        agentId,
        payment,
        minTrust,
        time + DAY,
        deliverWithin,
        ZeroHash,
      ),
    );
    this.purses.dollars.move(client.address, -payment);
    return this.jobs.open(at, client.address, { agentId, payment, minTrust, openUntil: at + DAY, deliverWithin });
  }

  async accept(jobId: bigint, agent: Agent): Promise<void> {
    const { owner, id } = agent;
    await this.#allow(owner, "paymentToken", "serviceMarket");
    const { at } = await this.#send(owner, () =>
      this.contracts.serviceMarket.accept.populateTransaction(jobId, id, ANY_FEE),
    );
    this.#tell(agent, at);
    this.jobs.accept(at, owner.address, jobId, id, ANY_FEE);
    this.purses.dollars.move(owner.address, -this.#bondOf(jobId));
  }

  /** @returns the reason for which the chain and the model both refuse the agent, without the contract's name */
  async refusalOf(jobId: bigint, agent: Agent): Promise<string> {
    const { owner, id } = agent;
    const { serviceMarket } = this.contracts;
    const call = { ...(await serviceMarket.accept.populateTransaction(jobId, id, ANY_FEE)), from: owner.address };
    const answer = this.#chain.provider.request({ method: "eth_call", params: [call, "latest"] });
    const refused = await answer.then(
      () => undefined,
      (error: unknown) => serviceMarket.interface.parseError(revertDataOf(error) ?? "0x")?.name,
    );
    this.#tell(agent, this.now);
    try {
      this.jobs.accept(this.now, owner.address, jobId, id, ANY_FEE);
    } catch (error) {
      if (error instanceof JobRefusal && refused === `ServiceMarket_${error.reason}`) return error.reason;
    }
    throw new Error(`The chain answers ${String(refused)} to ${owner.name}, the model something else.`);
  }

  async deliver(jobId: bigint, { owner }: Agent): Promise<void> {
    const { at } = await this.#send(owner, () =>
      this.contracts.serviceMarket.deliver.populateTransaction(jobId, ZeroHash),
    );
    this.jobs.deliver(at, owner.address, jobId);
  }

  async reject(jobId: bigint, client: Person): Promise<void> {
    const { at } = await this.#send(client, () =>
      this.contracts.serviceMarket.reject.populateTransaction(jobId, ZeroHash),
    );
    this.jobs.reject(at, client.address, jobId);
    this.purses.dollars.move(client.address, -this.#bondOf(jobId));
  }

  async settle(jobId: bigint, by: Person): Promise<void> {
    const { at } = await this.#send(by, () => this.contracts.serviceMarket.settle.populateTransaction(jobId));
    this.#end(jobId, at, true, () => {
      this.jobs.settle(at, by.address, jobId);
    });
  }

  /** @returns how the chain shared out the money of a job that was not delivered */
  async refund(jobId: bigint, by: Person): Promise<Readonly<Record<string, bigint>>> {
    const mined = await this.#send(by, () => this.contracts.serviceMarket.refund.populateTransaction(jobId));
    this.#end(jobId, mined.at, false, () => {
      this.jobs.refund(mined.at, by.address, jobId);
    });
    return mined.argumentsOf(this.contracts.serviceMarket, "JobEnded");
  }

  /** The arbiter's word. @returns how the chain shared out the money */
  async rule(jobId: bigint, forAgent: boolean): Promise<Readonly<Record<string, bigint>>> {
    const { arbiter } = this.#parameters;
    const mined = await this.#send({ name: "arbiter", address: arbiter }, () =>
      this.contracts.serviceMarket.rule.populateTransaction(jobId, forAgent),
    );
    this.#end(jobId, mined.at, forAgent, () => {
      this.jobs.rule(mined.at, arbiter, jobId, forAgent);
    });
    return mined.argumentsOf(this.contracts.serviceMarket, "JobEnded");
  }

  /** After the arbiter's silence. @returns how the chain shared out the money */
  async split(jobId: bigint, by: Person): Promise<Readonly<Record<string, bigint>>> {
    const mined = await this.#send(by, () => this.contracts.serviceMarket.split.populateTransaction(jobId));
    this.#end(jobId, mined.at, false, () => {
      this.jobs.split(mined.at, by.address, jobId);
    });
    return mined.argumentsOf(this.contracts.serviceMarket, "JobEnded");
  }

  /** Takes all that the market owes `person`. */
  async withdraw(person: Person): Promise<void> {
    await this.#send(person, () => this.contracts.serviceMarket.withdraw.populateTransaction(person.address));
    this.purses.dollars.move(person.address, this.jobs.withdraw(person.address));
  }

  /** Sends the treasury its fees; @returns how many */
  async collectFees(by: Person): Promise<Pair> {
    const mined = await this.#send(by, () => this.contracts.serviceMarket.collectFees.populateTransaction());
    const { amount = 0n } = await mined.argumentsOf(this.contracts.serviceMarket, "FeesCollected");
    return { chain: amount, model: this.jobs.collectFees() };
  }

  // ------------------------------------------------------------------ weeks

  /**
   * Reads what agents of one owner did in an epoch that is over, and claims what they earned there.
   *
   * @returns one entry for each agent that did anything
   */
  async claim(agents: readonly Agent[], epoch: bigint): Promise<AgentWeek[]> {
    const { redistributor } = this.contracts;
    const [first] = agents;
    if (first === undefined) return [];
    const { owner } = first;
    const works = await Promise.all(agents.map(({ id }) => redistributor.workOf(id, epoch)));
    const claims = agents
      .filter(({ id }) => this.redistribution.claimable(id, epoch) > 0n)
      .map(({ id }) => ({ agentId: id, epoch }));
    const paid = new Map<bigint, Pair>();
    if (claims.length > 0) {
      const mined = await this.#send(owner, () => redistributor.claimMany.populateTransaction(claims, owner.address));
      this.#finalise(mined.at);
      for (const { agentId = 0n, amount = 0n } of await mined.allOf(redistributor, "Claimed")) {
        const model = this.redistribution.claim(epochAt(this.#start, mined.at), agentId, epoch);
        this.purses.xp.move(owner.address, model);
        paid.set(agentId, { chain: amount, model });
      }
    }
    return agents.flatMap((agent, i) => {
      const [work, model] = [works[i], this.redistribution.work(agent.id, epoch)];
      if (work === undefined || work.settledVolume + model.settledVolume === 0n) return [];
      return {
        agent,
        epoch,
        volume: { chain: work.acceptedVolume, model: model.acceptedVolume },
        fees: { chain: work.fees, model: model.fees },
        xp: paid.get(agent.id) ?? { chain: 0n, model: 0n },
      };
    });
  }

  /** Burns what nobody claimed for `epoch` in a year; @returns how much */
  async expire(epoch: bigint, by: Person): Promise<Pair> {
    const { redistributor } = this.contracts;
    const mined = await this.#send(by, () => redistributor.expire.populateTransaction(epoch));
    this.#finalise(mined.at);
    const model = this.redistribution.expire(epochAt(this.#start, mined.at), epoch);
    this.supply.burn(mined.at, model);
    const { burned = 0n } = await mined.argumentsOf(redistributor, "EpochExpired");
    return { chain: burned, model };
  }

  // ------------------------------------------------------------------ trust

  async lock(agent: Agent, amount: bigint): Promise<void> {
    const { owner, id } = agent;
    await this.#allow(owner, "xp", "reputation");
    const { at } = await this.#send(owner, () => this.contracts.reputation.lock.populateTransaction(id, amount));
    this.reputation.lock(id, owner.address, amount, at);
    this.purses.xp.move(owner.address, -amount);
  }

  async unlock({ owner, id }: Agent, amount: bigint): Promise<void> {
    const { at } = await this.#send(owner, () => this.contracts.reputation.unlock.populateTransaction(id, amount));
    this.reputation.unlock(id, owner.address, amount, at);
  }

  async unlocked({ owner, id }: Agent): Promise<void> {
    const { at } = await this.#send(owner, () =>
      this.contracts.reputation.withdraw.populateTransaction(id, owner.address),
    );
    this.purses.xp.move(owner.address, this.reputation.withdraw(id, owner.address, at));
  }

  /** The parts of an agent's trust, and their sum, as of the latest block. */
  async trustOf(agent: Agent): Promise<Record<keyof TrustParts | "whole" | "locked", Pair>> {
    const { reputation } = this.contracts;
    const [{ successWad, bonusWad, ageWad }, whole, locked] = await Promise.all([
      reputation.partsOf(agent.id),
      reputation.trustOf(agent.id),
      reputation.lockedTo(agent.id),
    ]);
    const inputs = this.#trustInputs(agent, this.now);
    const parts = trustParts(inputs);
    return {
      success: { chain: successWad, model: parts.success },
      bonus: { chain: bonusWad, model: parts.bonus },
      age: { chain: ageWad, model: parts.age },
      whole: { chain: whole, model: trustScore(inputs) },
      locked: { chain: locked, model: inputs.xpLocked },
    };
  }

  // ------------------------------------------------------------ peer to peer

  /** @returns the order's number */
  async offer(side: Side, maker: Person, amount: bigint, price: bigint): Promise<bigint> {
    await this.#allow(maker, side === "ask" ? "xp" : "paymentToken", "xpMarket");
    const { xpMarket } = this.contracts;
    await this.#send(maker, () =>
      side === "ask"
        ? xpMarket.ask.populateTransaction(amount, price)
        : xpMarket.bid.populateTransaction(amount, price),
    );
    return this.#trade([maker], () => this.book.make(side, maker.address, amount, price));
  }

  /** Takes `amount` of an order; @returns the payment */
  async fill(orderId: bigint, taker: Person, amount: bigint): Promise<Pair> {
    const { side, maker } = this.book.order(orderId);
    await this.#allow(taker, side === "bid" ? "xp" : "paymentToken", "xpMarket");
    const limit = side === "bid" ? 0n : MaxUint256;
    const mined = await this.#send(taker, () =>
      this.contracts.xpMarket.fill.populateTransaction(orderId, amount, limit),
    );
    const { payment = 0n } = await mined.argumentsOf(this.contracts.xpMarket, "OrderFilled");
    const people = [taker, { name: "maker", address: maker as Address }];
    const { payment: model } = this.#trade(people, () => this.book.fill(orderId, taker.address, amount));
    return { chain: payment, model };
  }

  /** The lowest price that XP is for sale at. */
  async bestAsk(): Promise<Pair> {
    const { xpMarket } = this.contracts;
    const prices: bigint[] = [];
    for (let orderId = await xpMarket.orderCount(); orderId > 0n; orderId--) {
      const order = await xpMarket.orderOf(orderId).catch(() => undefined);
      if (order !== undefined && !order.isBid) prices.push(order.price);
    }
    const asks = this.book.open.map((orderId) => this.book.order(orderId)).filter(({ side }) => side === "ask");
    return { chain: lowest(prices), model: lowest(asks.map(({ price }) => price)) };
  }

  // ---------------------------------------------------------------- Uniswap

  /** Gives the pool liquidity over its whole range; @returns what it took of both */
  async provide(person: Person, xpAmount: bigint): Promise<{ xp: Pair; payment: Pair; liquidity: Pair }> {
    const { positionManager, xp, paymentToken } = this.contracts;
    await this.#allow(person, "xp", "positionManager");
    await this.#allow(person, "paymentToken", "positionManager");
    const { openingPrice, fee } = this.#parameters.pool;
    const wanted = { xp: xpAmount, payment: (xpAmount * openingPrice) / 10n ** 18n };
    const tokens = [await xp.getAddress(), await paymentToken.getAddress()];
    const amounts = [wanted.xp, wanted.payment];
    const [token0 = "", token1 = ""] = this.#xpFirst ? tokens : tokens.reverse();
    const [amount0Desired = 0n, amount1Desired = 0n] = this.#xpFirst ? amounts : amounts.reverse();
    const before = await this.#holdings(person);
    const { at } = await this.#send(person, (deadline) =>
      positionManager.mint.populateTransaction({
        token0,
        token1,
        fee,
        ...fullRange(TICK_SPACINGS.get(fee) ?? never("The pool's fee has no tick spacing.")),
        amount0Desired,
        amount1Desired,
        amount0Min: 0n,
        amount1Min: 0n,
        recipient: person.address,
        deadline,
      }),
    );
    const after = await this.#holdings(person);
    const taken = this.pool.provide(at, wanted);
    this.purses.xp.move(person.address, -taken.xp);
    this.purses.dollars.move(person.address, -taken.payment);
    return {
      xp: { chain: before.xp - after.xp, model: taken.xp },
      payment: { chain: before.dollars - after.dollars, model: taken.payment },
      liquidity: { chain: await this.contracts.pool.liquidity(), model: this.pool.liquidity },
    };
  }

  /** Sells XP to the pool through Uniswap's router; @returns the test dollars */
  async swap(seller: Person, amount: bigint): Promise<Pair> {
    const { swapRouter, xp, paymentToken } = this.contracts;
    if (swapRouter === undefined) throw new Error("The deployment has no Uniswap router.");
    await this.#allow(seller, "xp", "swapRouter");
    const [tokenIn, tokenOut] = [await xp.getAddress(), await paymentToken.getAddress()];
    const before = await this.#holdings(seller);
    const { at } = await this.#send(seller, (deadline) =>
      swapRouter.getFunction("exactInputSingle").populateTransaction({
        tokenIn,
        tokenOut,
        fee: this.#parameters.pool.fee,
        recipient: seller.address,
        deadline,
        amountIn: amount,
        amountOutMinimum: 1n,
        sqrtPriceLimitX96: 0n,
      }),
    );
    const model = this.pool.sell(at, amount);
    this.purses.xp.move(seller.address, -amount);
    this.purses.dollars.move(seller.address, model);
    return { chain: (await this.#holdings(seller)).dollars - before.dollars, model };
  }

  /** Test dollars for one XP in the pool now, and on average over the last `seconds`. */
  async prices(seconds: bigint): Promise<{ spot: Pair; mean: Pair }> {
    const [{ sqrtPriceX96 }, [cumulatives]] = (await Promise.all([
      this.contracts.pool.slot0(),
      this.#oracle.getFunction("observe")([seconds, 0n]),
    ])) as [{ sqrtPriceX96: bigint }, [bigint[]]];
    const [before = 0n, after = 0n] = cumulatives;
    return {
      spot: { chain: priceOfXp(sqrtPriceX96, this.#xpFirst), model: this.pool.price },
      mean: {
        chain: priceOfXpAtTick(meanTick(after - before, seconds), this.#xpFirst),
        model: this.pool.meanPrice(this.now, seconds),
      },
    };
  }

  // ------------------------------------------------------------------ tiers

  /** Burns XP that `account` has for a tier; @returns what was burned */
  async burnForTier(account: Person, tier: bigint): Promise<Pair> {
    const { feeTiers } = this.contracts;
    await this.#allow(account, "xp", "feeTiers");
    const mined = await this.#send(account, () =>
      feeTiers.burnForTier.populateTransaction(tier, BASE_FEE_BPS, MaxUint256),
    );
    const { burned = 0n } = await mined.argumentsOf(feeTiers, "TierBought");
    const model = this.#burnFor(account, tier, mined.at);
    this.purses.xp.move(account.address, -model);
    return { chain: burned, model };
  }

  /** Buys what a tier costs from the pool and burns it, in one call; @returns what was paid and burned */
  async buyAndBurn(account: Person, tier: bigint): Promise<{ payment: Pair; burned: Pair }> {
    const { tierRouter } = this.contracts;
    await this.#allow(account, "paymentToken", "tierRouter");
    const mined = await this.#send(account, (at) =>
      tierRouter.buyAndBurn.populateTransaction(tier, BASE_FEE_BPS, MaxUint256, at),
    );
    const { payment = 0n, burned = 0n } = await mined.argumentsOf(tierRouter, "BoughtAndBurned");
    const burn = this.#burnFor(account, tier, mined.at);
    const paid = this.pool.buy(mined.at, burn);
    this.purses.dollars.move(account.address, -paid);
    return { payment: { chain: payment, model: paid }, burned: { chain: burned, model: burn } };
  }

  /** What the router asks for a tier now; @returns the payment, and the XP that it would burn */
  async quoteBuyAndBurn({ address }: Person, tier: bigint): Promise<{ payment: Pair; burned: Pair }> {
    const [payment, burned] = await this.contracts.tierRouter.quoteBuyAndBurn.staticCall(address, tier);
    const { burn } = this.tiers.terms(address, tier, this.now);
    return {
      payment: { chain: payment, model: this.pool.cost(burn) },
      burned: { chain: burned, model: burn },
    };
  }

  /** Basis points that `account` pays, as of the latest block. */
  async feeOf({ address }: Person): Promise<Pair> {
    return {
      chain: await this.contracts.feeTiers.feeBpsOf(address),
      model: this.tiers.feeBpsOf(address, this.now),
    };
  }

  // --------------------------------------------------------------- internal

  #waitUntil(at: bigint): void {
    if (at <= this.#now) throw new Error(`${at} is not after ${this.#now}.`);
    this.#now = at - PAUSE;
  }

  async #send(from: Person, call: Call): Promise<Mined> {
    const { provider } = this.#chain;
    const at = this.#now + PAUSE;
    const { to, data } = await call(at);
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(at)] });
    // A node of Hardhat answers with an error where the call reverts.
    const sent = { from: from.address, to, data, gas: GAS };
    const hash = await provider.request({ method: "eth_sendTransaction", params: [sent] });
    this.#now = at;
    const allOf: Mined["allOf"] = async (contract, event) => {
      const receipt = await provider.request({ method: "eth_getTransactionReceipt", params: [hash] });
      return (receipt as { logs: RawLog[] }).logs
        .map((log) => contract.interface.parseLog(log))
        .filter((log) => log?.name === event)
        .map((log) => log?.args.toObject() as Record<string, bigint>);
    };
    return {
      at,
      allOf,
      argumentsOf: async (contract, event) =>
        (await allOf(contract, event))[0] ?? never(`There is no ${event} in the receipt.`),
    };
  }

  async #allow(
    owner: Person,
    token: "xp" | "paymentToken",
    spender: "serviceMarket" | "reputation" | "xpMarket" | "feeTiers" | "tierRouter" | "positionManager" | "swapRouter",
  ): Promise<void> {
    const key = `${owner.address} ${token} ${spender}`;
    if (this.#allowed.has(key)) return;
    this.#allowed.add(key);
    const address = (await this.contracts[spender]?.getAddress()) ?? never(`The deployment has no ${spender}.`);
    await this.#send(owner, () => this.contracts[token].approve.populateTransaction(address, MaxUint256));
  }

  async #holdings({ address }: Person): Promise<{ xp: bigint; dollars: bigint }> {
    const { xp, paymentToken } = this.contracts;
    const [held, dollars] = await Promise.all([xp.balanceOf(address), paymentToken.balanceOf(address)]);
    return { xp: held, dollars };
  }

  /** Lets the purses follow what the order book moves between these people. */
  #trade<T>(people: readonly Person[], act: () => T): T {
    const before = people.map(({ address }) => this.book.purse(address));
    const result = act();
    people.forEach(({ address }, i) => {
      const { xp, payment } = this.book.purse(address);
      this.purses.xp.move(address, xp - (before[i]?.xp ?? 0n));
      this.purses.dollars.move(address, payment - (before[i]?.payment ?? 0n));
    });
    return result;
  }

  #burnFor({ address }: Person, tier: bigint, at: bigint): bigint {
    const { burn } = this.tiers.burnForTier(address, tier, at);
    this.supply.burn(at, burn);
    this.redistribution.burn(epochAt(this.#start, at), burn);
    return burn;
  }

  #bondOf(jobId: bigint): bigint {
    const { payment, bondBps } = this.jobs.job(jobId);
    return jobBond(payment, bondBps);
  }

  #trustInputs({ id, registeredAt }: Agent, at: bigint) {
    return { ...this.jobs.volumesOf(id), xpLocked: this.reputation.lockedTo(id), age: at - registeredAt };
  }

  /** Tells the jobs what they ask the hooks when an agent accepts. */
  #tell(agent: Agent, at: bigint): void {
    this.#agents.set(agent.id, agent);
    this.jobs.feeBps.set(agent.owner.address, this.tiers.feeBpsOf(agent.owner.address, at));
    this.jobs.trustWad.set(agent.id, trustScore(this.#trustInputs(agent, at)));
  }

  /** Ends a job, with the trust that counts it already, and lets the redistributor know. */
  #end(jobId: bigint, at: bigint, accepted: boolean, act: () => void): void {
    const { agentId, payment } = this.jobs.job(jobId);
    const agent = this.#agents.get(agentId) ?? never(`Nobody accepted job ${jobId}.`);
    const inputs = this.#trustInputs(agent, at);
    const counted = {
      ...inputs,
      accepted: inputs.accepted + (accepted ? payment : 0n),
      settled: inputs.settled + payment,
    };
    this.jobs.trustWad.set(agentId, trustScore(counted));
    const known = this.jobs.records.length;
    act();
    for (const { agentId: id, ...record } of this.jobs.records.slice(known)) {
      this.#finalise(at);
      this.redistribution.record(epochAt(this.#start, at), { agent: id, ...record });
    }
  }

  /** Mints, in the model of the supply, what epochs that are over release. */
  #finalise(at: bigint): void {
    for (const { epoch, released } of this.redistribution.epochs(epochAt(this.#start, at) - 1n)) {
      if (this.#minted.has(epoch)) continue;
      this.#minted.add(epoch);
      this.supply.mint(at, released);
    }
  }
}

/** Both sides of all pairs, added up. */
export function total(pairs: readonly Pair[]): Pair {
  return combine(pairs, (values) => values.reduce((sum, value) => sum + value, 0n));
}

/** What a formula makes of the chain's numbers, and of the models'. */
export function combine(pairs: readonly Pair[], formula: (values: bigint[]) => bigint): Pair {
  return { chain: formula(pairs.map(({ chain }) => chain)), model: formula(pairs.map(({ model }) => model)) };
}

function lowest(values: readonly bigint[]): bigint {
  return values.reduce((least, value) => (value < least ? value : least), values[0] ?? 0n);
}

function never(message: string): never {
  throw new Error(message);
}
