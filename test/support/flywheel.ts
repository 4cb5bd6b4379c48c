import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type ContractTransactionReceipt, type ContractTransactionResponse, MaxUint256, ZeroHash } from "ethers";
import hre, { network } from "hardhat";

import { deploy } from "../../src/deployment/deploy.js";
import type { Address } from "../../src/xp/agents.js";
import { epochAt } from "../../src/xp/epochs.js";
import { BASE_FEE_BPS, DEFAULT_BOND_BPS, jobBond, jobFee } from "../../src/xp/jobs.js";
import { RedistributionModel } from "../../src/xp/redistribution.js";
import { trustScore } from "../../src/xp/trust.js";
import { type Agent, Flywheel, type Person } from "../../tasks/demo/flywheel.js";

const DOLLAR = 10n ** 6n;
const DAY = 86_400n;
/** Accounts that the local deployment's parameters give a part. */
const ADMIN = 1;
const ARBITER = 4;
/** The first account that has none. */
const FIRST = 10;
/** More than any call here takes, so that none needs an estimate. */
const PLENTY_OF_GAS = 3_000_000n;

/** A call sent with options, answered with what was mined. */
type Send = (overrides: { gasLimit: bigint }) => Promise<ContractTransactionResponse>;

/**
 * The XP flywheel as its own module deploys it, all of it real, on a chain in memory on which several blocks may have one time: so that agents can
 * be the same to the second.
 */
export async function deployFlywheel() {
  const connection = await network.create({
    network: "default",
    override: { accounts: { count: 80 }, allowBlocksWithSameTimestamp: true },
  });
  const { deployment, xp: parameters } = await deploy(hre, connection, { economy: "xp" });
  if (parameters === undefined) throw new Error("the flywheel has parameters");
  const signers = await connection.ethers.getSigners();
  return { connection, contracts: deployment.xp, parameters, signers };
}

type Deployed = Awaited<ReturnType<typeof deployFlywheel>>;

/** One telling on that chain, from the day of the deployment: its people, the driver with the models, and what the driver has no call for. */
export class Stage {
  readonly wheel: Flywheel;
  readonly contracts: Deployed["contracts"];
  readonly connection: Deployed["connection"];
  readonly admin: HardhatEthersSigner;
  readonly arbiter: HardhatEthersSigner;
  /** Everybody who was called so far. */
  readonly people: Person[] = [];
  readonly #signers: Map<string, HardhatEthersSigner>;
  readonly #free: HardhatEthersSigner[];
  #last = 0n;
  #since = 0n;

  private constructor({ connection, contracts, signers }: Deployed, wheel: Flywheel) {
    this.connection = connection;
    this.contracts = contracts;
    this.wheel = wheel;
    const [admin, arbiter] = [signers[ADMIN], signers[ARBITER]];
    if (!admin || !arbiter) throw new Error("too few accounts");
    this.admin = admin;
    this.arbiter = arbiter;
    this.#signers = new Map(signers.map((signer) => [signer.address, signer]));
    this.#free = signers.slice(FIRST);
  }

  /** @param deployed a chain as it was when the flywheel had just been deployed */
  static async begin(deployed: Deployed): Promise<Stage> {
    const { contracts, parameters, connection } = deployed;
    return new Stage(deployed, await Flywheel.begin(contracts, parameters, { provider: connection.provider }));
  }

  /** The next account, with whole dollars from the faucet. */
  async person(name: string, dollars: bigint): Promise<Person> {
    const signer = this.#free.shift();
    if (!signer) throw new Error(`there is no account left for ${name}`);
    const person = { name, address: signer.address as Address };
    this.people.push(person);
    for (let rest = dollars; rest > 0n; rest -= 100_000_000n) {
      await this.wheel.faucet(person, (rest < 100_000_000n ? rest : 100_000_000n) * DOLLAR);
    }
    return person;
  }

  /** The next account, as the owner of a new agent. */
  async agent(name: string, dollars: bigint): Promise<Agent> {
    return this.wheel.register(await this.person(name, dollars), `https://agents.example/${name}`);
  }

  signerOf({ address }: { readonly address: string }): HardhatEthersSigner {
    const signer = this.#signers.get(address);
    if (!signer) throw new Error(`${address} is no account of the chain`);
    return signer;
  }

  /** Sends what the driver has no call for, a second after what came last; @returns its time and what was mined */
  async also(send: Send): Promise<{ at: bigint; receipt: ContractTransactionReceipt }> {
    this.#since = this.wheel.now === this.#last ? this.#since + 1n : 1n;
    this.#last = this.wheel.now;
    const at = this.wheel.now + this.#since;
    return { at, receipt: await this.sendAt(at, send) };
  }

  async sendAt(at: bigint, send: Send, gasLimit = PLENTY_OF_GAS): Promise<ContractTransactionReceipt> {
    await this.connection.provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(at)] });
    const receipt = await (await send({ gasLimit })).wait();
    if (!receipt) throw new Error("a node that mines at once has a receipt");
    return receipt;
  }

  /** A transfer of an agent, on the chain and in the model of the jobs; @returns the agent as it then is */
  async transfer(agent: Agent, to: Person): Promise<Agent> {
    const registry = this.contracts.agentRegistry.connect(this.signerOf(agent.owner));
    await this.also((overrides) => registry.transferFrom(agent.owner.address, to.address, agent.id, overrides));
    this.wheel.jobs.agents.set(agent.id, { owner: to.address });
    return { ...agent, owner: to };
  }

  /** Destroys XP for nothing, on the chain and in the models. */
  async burn(who: Person, amount: bigint): Promise<void> {
    const { at } = await this.also((overrides) =>
      this.contracts.xp.connect(this.signerOf(who)).burn(amount, overrides),
    );
    this.wheel.supply.burn(at, amount);
    this.wheel.redistribution.burn(await this.epochAt(at), amount);
    this.wheel.purses.xp.move(who.address, -amount);
  }

  /** What nobody accepted goes back. */
  async cancel(jobId: bigint, by: Person): Promise<void> {
    const market = this.contracts.serviceMarket.connect(this.signerOf(by));
    const { at } = await this.also((overrides) => market.cancel(jobId, overrides));
    this.wheel.jobs.cancel(at, by.address, jobId);
  }

  async epochAt(at: bigint): Promise<bigint> {
    return epochAt(await this.contracts.xp.start(), at);
  }

  /** What `look` sees once the chain's next block has the time `at`; afterwards all is as before. */
  async peek<T>(at: bigint, look: () => Promise<T>): Promise<T> {
    return this.aside(async () => {
      await this.connection.networkHelpers.time.increaseTo(at);
      return look();
    });
  }

  /** Does something and undoes it on the chain; the models must not be told. */
  async aside<T>(act: () => Promise<T>): Promise<T> {
    const snapshot = await this.connection.networkHelpers.takeSnapshot();
    try {
      return await act();
    } finally {
      await snapshot.restore();
    }
  }
}

/** An agent that `Bench` sends to work. */
export interface Worker {
  readonly id: bigint;
  readonly owner: Person;
}

/**
 * Jobs of which every step has the same time, so that agents of equal age and equal work are equal in everything, and beside them the model of what they
 * earn. For what depends on nothing else.
 */
export class Bench {
  /** What the agents earn. */
  model = new RedistributionModel(6n);
  readonly #stage: Stage;
  readonly #registeredAt: bigint;
  /** What the model was told, so that it can forget the last of it. */
  #told: ((model: RedistributionModel) => void)[] = [];
  #volumes = new Map<bigint, { accepted: bigint; settled: bigint }>();
  #locked = new Map<bigint, bigint>();
  readonly #start: bigint;

  private constructor(stage: Stage, registeredAt: bigint, start: bigint) {
    this.#stage = stage;
    this.#registeredAt = registeredAt;
    this.#start = start;
  }

  /** Registers one agent for each owner, all in the same second, and lets everybody pay the market. */
  static async begin(stage: Stage, owners: readonly Person[], clients: readonly Person[]) {
    const { agentRegistry, paymentToken, serviceMarket } = stage.contracts;
    const at = stage.wheel.now + 1n;
    const workers: Worker[] = [];
    for (const owner of owners) {
      const registry = agentRegistry.connect(stage.signerOf(owner));
      await stage.sendAt(at, (overrides) => registry["register()"](overrides));
      workers.push({ id: BigInt(workers.length + 1), owner });
    }
    for (const person of new Set([...owners, ...clients])) {
      const token = paymentToken.connect(stage.signerOf(person));
      await stage.sendAt(at, (overrides) => token.approve(serviceMarket, MaxUint256, overrides));
    }
    return { bench: new Bench(stage, at, await stage.contracts.xp.start()), workers };
  }

  /** A job of `payment`, from its opening to its end within one second; one that fails is rejected, and the arbiter finds for the client. */
  async job(at: bigint, { id, owner }: Worker, client: Person, payment: bigint, accepted = true): Promise<void> {
    const { serviceMarket } = this.#stage.contracts;
    const [hirer, agent] = [client, owner].map((person) => serviceMarket.connect(this.#stage.signerOf(person)));
    if (!hirer || !agent) throw new Error("a job has two sides");
    const step = (send: Send) => this.#stage.sendAt(at, send);
    await step((overrides) => hirer.open(id, payment, 0n, at, DAY, ZeroHash, overrides));
    const jobId = await serviceMarket.jobCount();
    await step((overrides) => agent.accept(jobId, id, BASE_FEE_BPS, overrides));
    await step((overrides) => agent.deliver(jobId, ZeroHash, overrides));
    if (accepted) {
      await step((overrides) => hirer.settle(jobId, overrides));
    } else {
      await step((overrides) => hirer.reject(jobId, ZeroHash, overrides));
      await step((overrides) => serviceMarket.connect(this.#stage.arbiter).rule(jobId, false, overrides));
    }
    const before = this.#volumes.get(id) ?? { accepted: 0n, settled: 0n };
    this.#volumes.set(id, {
      accepted: before.accepted + (accepted ? payment : 0n),
      settled: before.settled + payment,
    });
    const record = {
      agent: id,
      client: client.address,
      volume: payment,
      fee: accepted ? jobFee(payment, BASE_FEE_BPS) : 0n,
      trustWad: accepted ? this.#trustOf(id, at) : 0n,
    };
    this.#tell((model) => {
      model.record(epochAt(this.#start, at), record);
    });
  }

  /** Locks XP of `backer` to an agent. */
  async lock(at: bigint, { id }: Worker, backer: Person, amount: bigint): Promise<void> {
    const signer = this.#stage.signerOf(backer);
    const { xp, reputation } = this.#stage.contracts;
    await this.#stage.sendAt(at, (overrides) => xp.connect(signer).approve(reputation, amount, overrides));
    await this.#stage.sendAt(at, (overrides) => reputation.connect(signer).lock(id, amount, overrides));
    this.#locked.set(id, (this.#locked.get(id) ?? 0n) + amount);
  }

  /** Claims all that one owner's agents earned in `epoch`; @returns what arrived */
  async claim(at: bigint, agents: readonly Worker[], epoch: bigint): Promise<bigint> {
    const [first] = agents;
    if (!first) throw new Error("somebody claims");
    const { xp, redistributor } = this.#stage.contracts;
    const { owner } = first;
    const before = await xp.balanceOf(owner.address);
    const claims = agents.map(({ id }) => ({ agentId: id, epoch }));
    const claimer = redistributor.connect(this.#stage.signerOf(owner));
    await this.#stage.sendAt(at, (overrides) => claimer.claimMany(claims, owner.address, overrides));
    for (const { id } of agents) {
      this.#tell((model) => {
        model.claim(epochAt(this.#start, at), id, epoch);
      });
    }
    return (await xp.balanceOf(owner.address)) - before;
  }

  /** Does something and undoes it, on the chain and in the model. */
  async aside<T>(act: () => Promise<T>): Promise<T> {
    const [told, volumes, locked] = [[...this.#told], new Map(this.#volumes), new Map(this.#locked)];
    try {
      return await this.#stage.aside(act);
    } finally {
      [this.#told, this.#volumes, this.#locked] = [told, volumes, locked];
      this.model = new RedistributionModel(6n);
      for (const tell of told) tell(this.model);
    }
  }

  #tell(what: (model: RedistributionModel) => void): void {
    what(this.model);
    this.#told.push(what);
  }

  #trustOf(id: bigint, at: bigint): bigint {
    const volumes = this.#volumes.get(id) ?? { accepted: 0n, settled: 0n };
    return trustScore({ ...volumes, xpLocked: this.#locked.get(id) ?? 0n, age: at - this.#registeredAt });
  }
}

/** The bond of a job of `payment` at what the market asks from the start. */
export function bondOf(payment: bigint): bigint {
  return jobBond(payment, DEFAULT_BOND_BPS);
}
