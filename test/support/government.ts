import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import {
  type BaseContract,
  type ContractTransactionResponse,
  ContractFactory,
  MaxUint256,
  ZeroHash,
  id,
  toBeHex,
} from "ethers";

import { uniswapArtifact, uniswapContract, type Address } from "../../src/uniswap/index.js";
import { attackRange, fairSqrtPrice } from "../../src/xme/buyback.js";
import { EMISSION_ALLOCATION } from "../../src/xme/emission.js";
import {
  PROPOSAL_STATES,
  SUPPORT,
  TIMELOCK_DELAY,
  type CastVote,
  type ProposalFacts,
  type ProposalState,
  type Support,
  proposalState,
  proposalTimes,
  quorum,
  tally,
} from "../../src/xme/governance.js";
import { PoolModel } from "../../src/xme/pool.js";
import { VotingModel } from "../../src/xme/votes.js";
import { addressOf, type Connection } from "./xmeGenesis.js";

export const DAY = 86_400n;
export const TOKEN = 10n ** 18n;
export const MILLION = 1_000_000n * TOKEN;
export const TREASURY_XME = 250n * MILLION;
export const TREASURY_XMEX = 5_000n * MILLION;
export const SUNSET_DELAY = 2n * 365n * DAY;

/** The stream of the emission vault that vXME draws, and the one that stays without a drawer at first. */
export const VOTES_STREAM = 3n;
export const NODES_STREAM = 2n;

/** The role of `AccessManager` that may settle advertising. */
export const SETTLER_ROLE = 1n;

export const POOL_FEE = 3_000n;
const POOL_DEPTH = 4_000n * MILLION;

export type Shares = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
export const FIRST_SHARES: Shares = [4_000n, 500n, 2_500n, 2_000n, 1_000n, 0n, 0n, 0n];

export const FIRST_SPLIT = { creatorsBps: 6_000n, delegatorsBps: 2_000n, burnBps: 1_000n, treasuryBps: 1_000n };

/** A proposal as the governor takes it. */
export interface Proposal {
  readonly targets: string[];
  readonly values: bigint[];
  readonly calldatas: string[];
  readonly description: string;
}

/** One call to a contract. */
export interface Call {
  readonly target: string;
  readonly data: string;
}

/** A proposal of `calls`, without ether. */
export function proposalOf(description: string, calls: readonly Call[]): Proposal {
  return {
    targets: calls.map(({ target }) => target),
    values: calls.map(() => 0n),
    calldatas: calls.map(({ data }) => data),
    description,
  };
}

/** The call of `name` with `args` to `contract`. */
export function callOf(contract: BaseContract, name: string, args: readonly unknown[]): Call {
  return { target: contract.target as string, data: contract.interface.encodeFunctionData(name, args) };
}

/** The arguments of queue, execute and cancel. */
export function decided({ targets, values, calldatas, description }: Proposal) {
  return [targets, values, calldatas, id(description)] as const;
}

/** The arguments of propose. */
export function drafted({ targets, values, calldatas, description }: Proposal) {
  return [targets, values, calldatas, description] as const;
}

export function numberOfState(state: ProposalState): bigint {
  return BigInt(PROPOSAL_STATES.indexOf(state));
}

/** The set of states that OpenZeppelin's errors name as those expected. */
export function bitmap(...states: ProposalState[]): string {
  return toBeHex(
    states.reduce((bits, state) => bits | (1n << numberOfState(state)), 0n),
    32,
  );
}

/** `value` in a form in which a failed comparison can be reported from one process to another, which a bigint cannot. */
function readable(value: unknown): unknown {
  if (value instanceof Map) return readable([...(value as Map<unknown, unknown>)]);
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part)));
}

/** Expects that `actual` and `expected`, of whatever bigints they consist, are deeply the same. */
export function expectSame(actual: unknown, expected: unknown, note?: string): void {
  expect(readable(actual), note).to.deep.equal(readable(expected));
}

/** What somebody staked at the beginning, and when. */
interface FirstStake {
  readonly account: string;
  readonly amount: bigint;
  readonly at: bigint;
}

/**
 * X.me's government as it stands after deployment, in one process and out of real contracts: the governor is the timelock's only proposer,
 * canceller and executor, the timelock the only administrator, and the deployer has renounced everything. Nobody has staked.
 */
export async function deployGovernment(connection: Connection) {
  const { ethers, networkHelpers } = connection;
  const [deployer, guardian, ada, ben, cleo, whale, settler, outsider, advertiser] = await ethers.getSigners();
  if (!deployer || !guardian || !ada || !ben || !cleo || !whale || !settler || !outsider || !advertiser) {
    throw new Error("too few accounts");
  }
  const now = async () => BigInt(await networkHelpers.time.latest());

  const xme = await ethers.deployContract("XME");
  const xmex = await ethers.deployContract("XMEX");
  const timelock = await ethers.deployContract("TimelockController", [TIMELOCK_DELAY, [], [], deployer]);
  const manager = await ethers.deployContract("AccessManager", [deployer]);
  const start = await now();
  const vault = await ethers.deployContract("EmissionVault", [xmex, manager, start, FIRST_SHARES]);
  const voting = await ethers.deployContract("VotingXME", [xme, xmex, vault, VOTES_STREAM]);
  const born = await now();
  const sunset = born + SUNSET_DELAY;
  const governor = await ethers.deployContract("XmeGovernor", [voting, timelock, guardian, sunset]);
  const policies = await ethers.deployContract("PolicyRegistry", [manager]);
  const badge = await ethers.deployContract("Badge", [voting, manager]);
  const noIncome = ethers.ZeroAddress;
  const ads = await ethers.deployContract("AdSettlement", [xme, timelock, noIncome, FIRST_SPLIT, manager]);
  const market = await openMarket(connection, deployer, xme, xmex);
  const burner = await ethers.deployContract("BuybackBurner", [xme, market.factory, timelock, manager]);

  await xme.transfer(timelock, TREASURY_XME);
  await xmex.transfer(timelock, TREASURY_XMEX);
  await xmex.transfer(vault, EMISSION_ALLOCATION);
  for (const [holder, amount] of [
    [ada, 40n],
    [ben, 40n],
    [cleo, 40n],
    [whale, 300n],
    [outsider, 40n],
    [advertiser, 10n],
  ] as const) {
    await xme.transfer(holder, amount * MILLION);
    await xme.connect(holder).approve(voting, MaxUint256);
  }

  await vault.setDrawer(VOTES_STREAM, voting);
  await manager.setTargetFunctionRole(ads, [ads.interface.getFunction("settle").selector], SETTLER_ROLE);
  await manager.grantRole(SETTLER_ROLE, settler, 0n);
  for (const role of ["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const) {
    await timelock.grantRole(await timelock.getFunction(role)(), governor);
  }
  await timelock.renounceRole(ZeroHash, deployer);
  await manager.grantRole(0n, timelock, 0n);
  await manager.renounceRole(0n, deployer);

  const firstStakes: FirstStake[] = [];
  return {
    ...{ deployer, guardian, ada, ben, cleo, whale, settler, outsider, advertiser },
    ...{ xme, xmex, timelock, manager, start, vault, voting, born, sunset, governor, policies, badge, ads, burner },
    ...{ market, firstStakes, now },
  };
}

export type Deployed = Awaited<ReturnType<typeof deployGovernment>>;

/** As `deployGovernment`; Ada has 12 million votes, Ben 6, Cleo 3, and `whale` 300 million XME of which it has staked nothing. */
export async function deploySettledGovernment(connection: Connection): Promise<Deployed> {
  const world = await deployGovernment(connection);
  const { voting, ada, ben, cleo, now } = world;
  for (const [holder, amount] of [
    [ada, 12n * MILLION],
    [ben, 6n * MILLION],
    [cleo, 3n * MILLION],
  ] as const) {
    await voting.connect(holder).stake(amount);
    world.firstStakes.push({ account: holder.address, amount, at: await now() });
  }
  await connection.networkHelpers.time.increase(1n);
  return world;
}

/** A pool of Uniswap V3 for XMEX and XME at the fair price, with liquidity over its whole range. */
async function openMarket(
  { ethers, networkHelpers }: Connection,
  deployer: HardhatEthersSigner,
  xme: BaseContract & { transfer(to: BaseContract, amount: bigint): Promise<unknown> },
  xmex: BaseContract & { transfer(to: BaseContract, amount: bigint): Promise<unknown> },
) {
  const now = async () => BigInt(await networkHelpers.time.latest());
  const { abi, bytecode } = uniswapArtifact("factory");
  const created = await new ContractFactory(abi as never, bytecode, deployer).deploy();
  const factory = uniswapContract("factory", (await created.getAddress()) as Address, deployer);
  const [xmexAddress, xmeAddress] = [await addressOf(xmex), await addressOf(xme)];
  const tokenIsToken0 = BigInt(xmexAddress) < BigInt(xmeAddress);
  await (await factory.getFunction("createPool").send(xmexAddress, xmeAddress, POOL_FEE)).wait();
  const address = (await factory.getFunction("getPool").staticCall(xmexAddress, xmeAddress, POOL_FEE)) as Address;
  const pool = uniswapContract("pool", address, deployer);
  await (await pool.getFunction("initialize").send(fairSqrtPrice(tokenIsToken0))).wait();
  const openedAt = await now();
  await (await pool.getFunction("increaseObservationCardinalityNext").send(150n)).wait();
  const maker = await ethers.deployContract("BuybackAttacker", [xmexAddress, xmeAddress, address]);
  await xmex.transfer(maker, (POOL_DEPTH * 11n) / 10n);
  await xme.transfer(maker, (POOL_DEPTH * 11n) / 1_000n);
  const { tickLower, tickUpper } = attackRange(POOL_FEE);
  await maker.provide(tickLower, tickUpper, POOL_DEPTH / 10n);
  const filledAt = await now();
  /** The model of the pool as nobody has traded in it yet. */
  const model = () => {
    const fresh = new PoolModel(POOL_FEE, fairSqrtPrice(tokenIsToken0), openedAt);
    fresh.changeLiquidity(filledAt, tickLower, tickUpper, POOL_DEPTH / 10n);
    return fresh;
  };
  return { factory, address, tokenIsToken0, model };
}

/** A proposal that was made, and every fact about it but the supply, which the model of votes knows. */
export interface Decision {
  readonly proposal: Proposal;
  readonly proposalId: bigint;
  readonly snapshot: bigint;
  facts: Omit<ProposalFacts, "supply">;
}

/**
 * Governs a `world` that was just loaded: everything that is done by these functions is told to the models of votes and of governance too,
 * and after every step of a decision the contracts are compared with them.
 */
export function govern({ networkHelpers }: Connection, world: Deployed) {
  const { governor, voting, ada, ben, outsider, now } = world;
  const votes = new VotingModel(world.born);
  for (const { account, amount, at } of world.firstStakes) votes.stake(account, amount, at);

  /** Moves to the second `time`, in which the next transaction happens. */
  const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);
  /** Lets the second `time` be now. */
  const reach = async (time: bigint) => {
    if ((await now()) < time) await networkHelpers.time.increaseTo(time);
  };

  const stake = async (holder: HardhatEthersSigner, amount: bigint) => {
    await voting.connect(holder).stake(amount);
    votes.stake(holder.address, amount, await now());
  };
  const requestUnstake = async (holder: HardhatEthersSigner, amount: bigint) => {
    await voting.connect(holder).requestUnstake(amount);
    votes.requestUnstake(holder.address, amount, await now());
  };
  const restake = async (holder: HardhatEthersSigner, amount: bigint) => {
    await voting.connect(holder).restake(amount);
    votes.restake(holder.address, amount, await now());
  };
  const delegate = async (holder: HardhatEthersSigner, delegatee: string) => {
    await voting.connect(holder).delegate(delegatee);
    votes.delegate(holder.address, delegatee, await now());
  };

  const factsOf = ({ snapshot, facts }: Decision): ProposalFacts => ({ ...facts, supply: votes.supplyAt(snapshot) });

  /** Holds every answer of the governor about `decision` against the models. */
  const agree = async (decision: Decision, note = decision.proposal.description) => {
    const { proposalId, snapshot } = decision;
    const facts = factsOf(decision);
    const time = await now();
    const times = proposalTimes(facts, time);
    const state = proposalState(facts, time);
    const counted = tally(facts.votes, time);
    expect(PROPOSAL_STATES[Number(await governor.state(proposalId))], `${note}: state`).to.equal(state);
    expect(await governor.proposalSnapshot(proposalId), `${note}: snapshot`).to.equal(times.snapshot);
    expect(await governor.proposalDeadline(proposalId), `${note}: deadline`).to.equal(times.deadline);
    expect(await governor.proposalEta(proposalId), `${note}: eta`).to.equal(times.eta ?? 0n);
    expect(await governor.proposalExpiry(proposalId), `${note}: expiry`).to.equal(times.expiry);
    expectSame(
      [...(await governor.proposalVotes(proposalId))],
      [counted.against, counted.for, counted.abstain],
      `${note}: votes`,
    );
    if (time > snapshot) expect(await governor.quorum(snapshot), `${note}: quorum`).to.equal(quorum(facts.supply));
    return state;
  };

  const timesOf = async (decision: Decision) => proposalTimes(factsOf(decision), await now());

  const propose = async (proposal: Proposal, by = ada): Promise<Decision> => {
    await governor.connect(by).propose(...drafted(proposal));
    const proposedAt = await now();
    const decision: Decision = {
      proposal,
      proposalId: await governor.hashProposal(...decided(proposal)),
      snapshot: proposalTimes({ proposedAt, supply: 0n, votes: [] }, proposedAt).snapshot,
      facts: { proposedAt, votes: [] },
    };
    expect(await agree(decision)).to.equal("pending");
    return decision;
  };

  /** Notes a vote of `voter` that was counted in the latest block, with the weight that the model gives it. */
  const counted = async (decision: Decision, voter: string, support: Support): Promise<CastVote> => {
    const weight = votes.votes(voter, decision.snapshot);
    const cast = { at: await now(), support, weight };
    decision.facts = { ...decision.facts, votes: [...decision.facts.votes, cast] };
    expect(await governor.getVotes(voter, decision.snapshot), `votes of ${voter}`).to.equal(weight);
    expect(await governor.hasVoted(decision.proposalId, voter)).to.equal(true);
    await agree(decision);
    return cast;
  };

  const vote = async (decision: Decision, voter: HardhatEthersSigner, support: Support) => {
    await governor.connect(voter).castVote(decision.proposalId, SUPPORT.indexOf(support));
    return counted(decision, voter.address, support);
  };

  /** Every vote of Ada and Ben for it in the first second of the vote. */
  const carry = async (decision: Decision) => {
    await reach(decision.snapshot);
    await vote(decision, ada, "for");
    await vote(decision, ben, "for");
  };

  /** Queues in the first second after the vote, or now where that is over. */
  const queue = async (decision: Decision) => {
    await reach((await timesOf(decision)).deadline);
    await governor.connect(outsider).queue(...decided(decision.proposal));
    decision.facts = { ...decision.facts, queuedAt: await now(), delay: await world.timelock.getMinDelay() };
    expect(await agree(decision)).to.equal("queued");
    return queuedFor(decision);
  };

  /** From when on what is queued can be executed. */
  const queuedFor = async (decision: Decision) => {
    const { eta } = await timesOf(decision);
    if (eta === undefined) throw new Error(`"${decision.proposal.description}" is not queued`);
    return eta;
  };

  /** Executes in the first second in which that is possible, or now where that is over. */
  const execute = async (decision: Decision): Promise<ContractTransactionResponse> => {
    await reach((await queuedFor(decision)) - 1n);
    const response = await governor.connect(outsider).execute(...decided(decision.proposal));
    decision.facts = { ...decision.facts, executedAt: await now() };
    expect(await agree(decision)).to.equal("executed");
    return response;
  };

  const cancel = async (decision: Decision, by = world.guardian): Promise<ContractTransactionResponse> => {
    const response = await governor.connect(by).cancel(...decided(decision.proposal));
    decision.facts = { ...decision.facts, canceledAt: await now() };
    expect(await agree(decision)).to.equal("canceled");
    return response;
  };

  /** Proposes, carries, queues. */
  const enqueue = async (proposal: Proposal, by = ada) => {
    const decision = await propose(proposal, by);
    await carry(decision);
    await queue(decision);
    return decision;
  };

  /** Proposes, carries, queues and executes. */
  const enact = async (proposal: Proposal) => execute(await enqueue(proposal));

  /** Expects that `call` is refused because `decision` is `current` and not one of `expected`. */
  const unexpected = async (
    call: Promise<unknown>,
    { proposalId, proposal }: Decision,
    current: ProposalState,
    expected: string,
  ) => {
    await expect(call, proposal.description)
      .to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState")
      .withArgs(proposalId, numberOfState(current), expected);
  };

  return {
    ...world,
    ...{ votes, at, reach, stake, requestUnstake, restake, delegate, factsOf, timesOf, agree, propose, counted, vote },
    ...{ carry, queue, queuedFor, execute, cancel, enqueue, enact, unexpected },
  };
}

export type Government = ReturnType<typeof govern>;

/** A call that only a proposal may make, and how it is refused from anybody else. */
export interface Refused {
  readonly call: Call;
  readonly by: BaseContract;
  readonly error: string;
  readonly args: (caller: string) => readonly unknown[];
}

/** `call` to a contract whose function is `restricted`. */
export function restricted(contract: BaseContract, call: Call): Refused {
  return { call, by: contract, error: "AccessManagedUnauthorized", args: (caller) => [caller] };
}
