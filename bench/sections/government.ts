/** X.me's government: its governor beside OpenZeppelin's, the badge, and the buyback beside Uniswap's router and a burn. */

import { id, Interface, MaxUint256, ZeroAddress, ZeroHash } from "ethers";

import { fullRange, TICK_SPACINGS, uniswapAbi, uniswapArtifact, type UniswapPart } from "../../src/uniswap/index.js";
import { fairSqrtPrice } from "../../src/xme/buyback.js";
import { TIMELOCK_DELAY, VOTING_DELAY, VOTING_PERIOD } from "../../src/xme/governance.js";
import type { BenchChain, Call, Measured, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import type { GasSection } from "../report.js";
import { compareAll, inSequence, Rows, type Scene } from "./compare.js";

const TOKEN = 10n ** 18n;
const MILLION = 1_000_000n * TOKEN;
const HOUR = 3_600n;
const DAY = 24n * HOUR;
const FOR = 1;

const call = (from: Hex, to: Target, method: string, ...args: unknown[]): Call => ({ from, to, method, args });

/** Who is on the stage. */
interface Cast {
  /** Holds all tokens at first, and deploys. */
  readonly owner: Hex;
  /** Has votes enough to propose, and not for the quorum. */
  readonly proposer: Hex;
  /** Has votes enough for the quorum. */
  readonly voter: Hex;
  /** Has most of the votes. */
  readonly majority: Hex;
  /** Calls what anybody may. */
  readonly anybody: Hex;
}

function castOf(chain: BenchChain): Cast {
  const [owner, proposer, voter, majority, anybody] = chain.accounts;
  if (!owner || !proposer || !voter || !majority || !anybody) throw new Error("X.me's government needs five accounts.");
  return { owner, proposer, voter, majority, anybody };
}

/** A governor with its timelock and what it may spend. */
interface Contestant {
  readonly governor: Target;
  readonly timelock: Target;
  readonly xme: Target;
}

const STAKES = { proposer: 5n * MILLION, voter: 30n * MILLION, majority: 225n * MILLION } as const;

/** Gives `governor` its timelock, and the timelock a treasury. */
async function install(
  chain: BenchChain,
  xme: Target,
  governorOf: (timelock: Target) => Promise<Target>,
): Promise<Contestant> {
  const { owner } = castOf(chain);
  const timelock = await chain.deploy("TimelockController", [TIMELOCK_DELAY, [], [], owner]);
  const governor = await governorOf(timelock);
  for (const role of ["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"]) {
    await chain.send(call(owner, timelock, "grantRole", await chain.read(timelock, role), governor.address));
  }
  await chain.send(call(owner, xme, "transfer", timelock.address, 100n * MILLION));
  return { governor, timelock, xme };
}

/** The way of one proposal: a transfer of XME out of the treasury to a holder. */
function proposalOf(chain: BenchChain, { governor, xme }: Contestant) {
  const { proposer, voter, majority, anybody } = castOf(chain);
  const description = "Pay the community fund one million XME for the second quarter of the year";
  const calls = [[xme.address], [0n], [xme.interface.encodeFunctionData("transfer", [anybody, MILLION])]] as const;
  const propose = call(proposer, governor, "propose", ...calls, description);
  const vote = async (who: Hex): Promise<Call> => {
    const proposalId = await chain.read(governor, "hashProposal", [...calls, id(description)]);
    return call(who, governor, "castVote", proposalId, FOR);
  };
  const queue = call(anybody, governor, "queue", ...calls, id(description));
  const execute = call(anybody, governor, "execute", ...calls, id(description));
  /** Brings the proposal to its vote and casts those of `voters`. */
  const votedBy = async (...voters: readonly Hex[]): Promise<void> => {
    await chain.send(propose);
    chain.wait(VOTING_DELAY);
    for (const who of voters) await chain.send(await vote(who));
  };
  const queued = async (): Promise<void> => {
    await votedBy(voter, majority);
    chain.wait(VOTING_PERIOD);
    await chain.send(queue);
  };
  return { propose, vote, queue, execute, votedBy, queued };
}

function scenesOf(chain: BenchChain): Scene<Contestant>[] {
  const { proposer, voter, majority } = castOf(chain);
  const vote =
    (who: Hex, ...before: readonly Hex[]): Scene<Contestant>["play"] =>
    async (contestant) => {
      const proposal = proposalOf(chain, contestant);
      await proposal.votedBy(...before);
      return chain.measure(await proposal.vote(who));
    };
  return [
    {
      call: "propose",
      given: "one call, described in 73 bytes",
      play: (contestant) => chain.measure(proposalOf(chain, contestant).propose),
    },
    { call: "castVote", given: "the first on a proposal, below the quorum", play: vote(proposer) },
    { call: "castVote", given: "the one that reaches the quorum", play: vote(voter, proposer) },
    { call: "castVote", given: "a later one", play: vote(majority, proposer, voter) },
    {
      call: "queue",
      given: "after the vote",
      play: async (contestant) => {
        const proposal = proposalOf(chain, contestant);
        await proposal.votedBy(voter, majority);
        chain.wait(VOTING_PERIOD);
        return chain.measure(proposal.queue);
      },
    },
    {
      call: "execute",
      given: "after the delay, a transfer to a holder of XME",
      play: async (contestant) => {
        const proposal = proposalOf(chain, contestant);
        await proposal.queued();
        chain.wait(TIMELOCK_DELAY);
        return chain.measure(proposal.execute);
      },
    },
  ];
}

/** Measures the governor's calls, and the badge's, on a chain of its own. */
export async function governorSection(chain: BenchChain): Promise<GasSection> {
  const { owner, proposer, voter, majority, anybody } = castOf(chain);
  const xme = await chain.deploy("XME");
  const xmex = await chain.deploy("XMEX");
  const votes = await chain.deploy("VotingXME", [xme.address, xmex.address, ZeroAddress, 0]);
  const wrapped = await chain.deployBench("BenchWrappedVotes", [xme.address]);
  for (const [who, amount] of [
    [proposer, STAKES.proposer],
    [voter, STAKES.voter],
    [majority, STAKES.majority],
  ] as const) {
    await chain.send(call(owner, xme, "transfer", who, 2n * amount));
    for (const spender of [votes, wrapped]) await chain.send(call(who, xme, "approve", spender.address, MaxUint256));
    await chain.send(call(who, votes, "stake", amount));
    await chain.send(call(who, wrapped, "delegate", who));
    await chain.send(call(who, wrapped, "depositFor", who, amount));
  }
  await chain.send(call(owner, xme, "transfer", anybody, TOKEN));
  const sunset = chain.now + 365n * DAY;
  const ours = await install(chain, xme, (timelock) =>
    chain.deploy("XmeGovernor", [votes.address, timelock.address, owner, sunset]),
  );
  const theirs = await install(chain, xme, (timelock) =>
    chain.deployBench("BenchGovernor", [wrapped.address, timelock.address]),
  );
  const rows = new Rows(chain);
  rows.rows.push(...(await compareAll(chain, [ours, theirs], scenesOf(chain))));

  const manager = await chain.deploy("AccessManager", [owner]);
  const badge = await chain.deploy("Badge", [votes.address, manager.address]);
  const mint = call(proposer, badge, "mint");
  await rows.add("Badge mint", "the first of a holder of vXME", [() => chain.measure(mint), undefined]);
  await rows.add("Badge burn", "one's own", [
    async () => {
      await chain.send(mint);
      return chain.measure(call(proposer, badge, "burn"));
    },
    undefined,
  ]);
  return {
    id: "governor",
    title: "Governor beside OpenZeppelin's",
    note:
      "OpenZeppelin's is its Governor with the settings, counting, quorum fraction and timelock that its wizard chooses; ours adds the least quorum, the " +
      "extension after a late one, expiry and the guardian. Ours counts vXME, the peer ERC20Wrapper with ERC20Votes: three accounts with 5, 30 and " +
      "225 million votes each of their own, a quorum of 10.4 million.",
    peers: ["OpenZeppelin Governor"],
    rows: rows.rows,
  };
}

const POOL_FEE = 3_000;
const OBSERVATIONS = 150;
const SLICE = 100_000n * TOKEN;

/** Measures the buyback on a chain of its own. */
export async function buybackSection(chain: BenchChain): Promise<GasSection> {
  const { owner, voter: trader, anybody } = castOf(chain);
  const part = (name: UniswapPart, args: readonly unknown[] = []): Promise<Target> => {
    const { bytecode, abi } = uniswapArtifact(name);
    return chain.deployCode(bytecode, abi as never, args);
  };
  const xme = await chain.deploy("XME");
  const xmex = await chain.deploy("XMEX");
  const factory = await part("factory");
  const wrappedEther = await chain.deploy("GenesisWrappedEther");
  const positions = await part("positionManager", [factory.address, wrappedEther.address, ZeroAddress]);
  const router = await part("router", [factory.address, wrappedEther.address]);
  const manager = await chain.deploy("AccessManager", [owner]);
  const treasury = await chain.deploy("TimelockController", [0, [owner], [owner], ZeroAddress]);
  const burner = await chain.deploy("BuybackBurner", [xme.address, factory.address, treasury.address, manager.address]);

  // A pool at its fair price, with liquidity over its whole range, that has been quiet for an hour.
  const xmexIsToken0 = BigInt(xmex.address) < BigInt(xme.address);
  const [token0, token1] = xmexIsToken0 ? [xmex, xme] : [xme, xmex];
  const amounts = { [xmex.address]: 5_000n * MILLION, [xme.address]: 50n * MILLION };
  for (const token of [xme, xmex]) await chain.send(call(owner, token, "approve", positions.address, MaxUint256));
  await chain.send(
    call(
      owner,
      positions,
      "createAndInitializePoolIfNecessary",
      token0.address,
      token1.address,
      POOL_FEE,
      fairSqrtPrice(xmexIsToken0),
    ),
  );
  const address = (await chain.read(factory, "getPool", [xme.address, xmex.address, POOL_FEE])) as Hex;
  const pool: Target = { address, interface: new Interface(uniswapAbi("pool")) };
  await chain.send(call(owner, pool, "increaseObservationCardinalityNext", OBSERVATIONS));
  const { tickLower, tickUpper } = fullRange(TICK_SPACINGS.get(BigInt(POOL_FEE)) ?? 0n);
  await chain.send(
    call(owner, positions, "mint", {
      token0: token0.address,
      token1: token1.address,
      fee: POOL_FEE,
      tickLower,
      tickUpper,
      amount0Desired: amounts[token0.address],
      amount1Desired: amounts[token1.address],
      amount0Min: 0n,
      amount1Min: 0n,
      recipient: owner,
      deadline: MaxUint256,
    }),
  );
  for (const token of [xme, xmex]) await chain.send(call(owner, token, "transfer", trader, 10n * MILLION));
  await chain.send(call(trader, xmex, "approve", router.address, MaxUint256));
  await chain.send(call(owner, xmex, "transfer", treasury.address, 100n * MILLION));
  const approve = xmex.interface.encodeFunctionData("approve", [burner.address, MaxUint256]);
  await chain.send(call(owner, treasury, "schedule", xmex.address, 0, approve, ZeroHash, ZeroHash, 0));
  await chain.send(call(owner, treasury, "execute", xmex.address, 0, approve, ZeroHash, ZeroHash));
  chain.wait(HOUR);

  const start = (): Call =>
    call(owner, burner, "startPlan", xmex.address, POOL_FEE, 10n * MILLION, SLICE, DAY, chain.now + 60n * DAY);
  const slice = call(anybody, burner, "execute", 1);
  const byHand = (): readonly Call[] => [
    call(trader, router, "exactInputSingle", {
      tokenIn: xmex.address,
      tokenOut: xme.address,
      fee: POOL_FEE,
      recipient: trader,
      deadline: MaxUint256,
      amountIn: SLICE,
      amountOutMinimum: 0n,
      sqrtPriceLimitX96: 0n,
    }),
    call(trader, xme, "burn", 990n * TOKEN),
  ];
  const rows = new Rows(chain);
  await rows.add("startPlan", "the first plan of a pool", [() => chain.measure(start()), undefined]);
  await chain.send(start());
  await rows.add("execute", "the first slice of a plan", [
    () => chain.measure(slice),
    () => inSequence(chain, byHand()),
  ]);
  const nextDay = (way: () => Promise<Measured>) => async (): Promise<Measured> => {
    chain.wait(DAY);
    return way();
  };
  await chain.send(slice);
  await rows.add("execute", "a slice of the next day", [
    nextDay(() => chain.measure(slice)),
    nextDay(() => inSequence(chain, byHand())),
  ]);
  await rows.add("close", "at the end, with something left", [
    async () => {
      chain.wait(60n * DAY);
      return chain.measure(call(anybody, burner, "close", 1));
    },
    undefined,
  ]);
  return {
    id: "buyback",
    title: "Buyback beside Uniswap's SwapRouter and a burn",
    note:
      "A slice of 100,000 XMEX in a genuine pool of XMEX and XME with 5 billion XMEX in it. Beside it stand the two transactions that somebody would send who " +
      "does it by hand, exactInputSingle and burn; a slice also looks at the price of the last half hour and at what the pool bears.",
    peers: ["SwapRouter + burn"],
    rows: rows.rows,
  };
}
