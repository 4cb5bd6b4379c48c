/** The XP Flywheel: what each call of agents, clients, backers, traders and large operators costs, and that a crowd changes nothing. */

import { parseUnits, ZeroAddress, ZeroHash, MaxUint256 } from "ethers";

import { BASE_FEE_BPS, SOURCE_TIERS } from "../../src/xp/tiers.js";
import { fullRange, TICK_SPACINGS, uniswapArtifact } from "../../src/uniswap/index.js";
import type { BenchChain, Call, Measured, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import type { GasRow, GasSection } from "../report.js";
import { compare, compareAll, type Scene } from "./compare.js";

const HOUR = 3_600n;
const DAY = 24n * HOUR;
const WEEK = 7n * DAY;
const XP = 10n ** 18n;
const DOLLAR = 10n ** 6n;
const POOL_FEE = 3_000;
const OBSERVATIONS = 150;
/** 0.02 dollars for one XP, the source's price. */
const PRICE = 20_000n;
const PAYMENT = 1_000n * DOLLAR;
const MINTER = 1n;
const ARBITER = 2n;
const ROUTER = 3n;

/** The most that the design allows. */
const LIMITS = { settle: 140_000n, claim: 65_000n, renewal: 75_000n } as const;

/** Who is on the stage. */
interface Cast {
  /** Governs, mints what the stage needs, and arbitrates. */
  readonly admin: Hex;
  readonly client: Hex;
  readonly otherClient: Hex;
  /** Owns agent 1, holds XP and has a credit in the market. */
  readonly owner: Hex;
  /** Owns agent 2 and holds no XP. */
  readonly newcomer: Hex;
  readonly backer: Hex;
  readonly buyer: Hex;
  readonly treasury: Hex;
}

/** The whole flywheel on a real Uniswap V3, wired as it is deployed. */
interface Flywheel {
  readonly xp: Target;
  readonly dollar: Target;
  readonly registry: Target;
  readonly market: Target;
  readonly tiers: Target;
  readonly reputation: Target;
  readonly redistributor: Target;
  readonly orders: Target;
  readonly router: Target;
  readonly swapRouter: Target;
}

function castOf(chain: BenchChain): Cast {
  const [admin, client, otherClient, owner, newcomer, backer, buyer, treasury] = chain.accounts;
  if (!admin || !client || !otherClient || !owner || !newcomer || !backer || !buyer || !treasury) {
    throw new Error("The flywheel needs eight accounts.");
  }
  return { admin, client, otherClient, owner, newcomer, backer, buyer, treasury };
}

/** Deploys and wires everything; the admin may mint XP and arbitrate. */
async function deployFlywheel(chain: BenchChain): Promise<Flywheel> {
  const { admin, treasury } = castOf(chain);
  const part = (name: Parameters<typeof uniswapArtifact>[0], args: readonly unknown[] = []): Promise<Target> => {
    const { bytecode, abi } = uniswapArtifact(name);
    return chain.deployCode(bytecode, abi as never, args);
  };
  const manager = await chain.deploy("AccessManager", [admin]);
  const xp = await chain.deploy("XP", [manager.address]);
  const registry = await chain.deploy("AgentRegistry");
  const dollar = await chain.deploy("TestDollar");
  const market = await chain.deploy("ServiceMarket", [
    dollar.address,
    registry.address,
    xp.address,
    treasury,
    manager.address,
  ]);
  const tiers = await chain.deploy("FeeTiers", [
    xp.address,
    registry.address,
    ZeroAddress,
    manager.address,
    SOURCE_TIERS.map(({ price, feeBps }) => ({ price, feeBps })),
  ]);
  const reputation = await chain.deploy("Reputation", [xp.address, registry.address, market.address]);
  const redistributor = await chain.deploy("EpochRedistributor", [
    xp.address,
    market.address,
    registry.address,
    ZeroAddress,
    dollar.address,
    manager.address,
  ]);
  const orders = await chain.deploy("XPMarket", [xp.address, dollar.address]);
  const factory = await part("factory");
  const wrapped = await chain.deploy("GenesisWrappedEther");
  const positions = await part("positionManager", [factory.address, wrapped.address, ZeroAddress]);
  const swapRouter = await part("router", [factory.address, wrapped.address]);
  await chain.deploy("PoolOpener", [factory.address, xp.address, dollar.address, PRICE, POOL_FEE, OBSERVATIONS]);
  const router = await chain.deploy("TierRouter", [
    xp.address,
    dollar.address,
    tiers.address,
    factory.address,
    POOL_FEE,
  ]);

  const govern = (to: Target, method: string, ...args: unknown[]): Promise<void> =>
    chain.send({ from: admin, to, method, args });
  const role = async (id: bigint, target: Target, method: string, holders: readonly Hex[]): Promise<void> => {
    await govern(
      manager,
      "setTargetFunctionRole",
      target.address,
      [target.interface.getFunction(method)?.selector],
      id,
    );
    for (const holder of holders) await govern(manager, "grantRole", id, holder, 0n);
  };
  await role(MINTER, xp, "mint", [redistributor.address, admin]);
  await role(ARBITER, market, "rule", [admin]);
  await role(ROUTER, tiers, "burnForTierFor", [router.address]);
  await govern(market, "setFeeTiers", tiers.address);
  await govern(market, "setReputation", reputation.address);
  await govern(market, "setRedistributor", redistributor.address);

  // A pool with liquidity over its whole range, at the opening price.
  const amounts = { [xp.address]: 400_000n * XP, [dollar.address]: 8_000n * DOLLAR };
  await govern(xp, "mint", admin, 400_000n * XP);
  await govern(dollar, "faucet", admin, 8_000n * DOLLAR);
  await govern(xp, "approve", positions.address, MaxUint256);
  await govern(dollar, "approve", positions.address, MaxUint256);
  const [token0, token1] = BigInt(xp.address) < BigInt(dollar.address) ? [xp, dollar] : [dollar, xp];
  const { tickLower, tickUpper } = fullRange(TICK_SPACINGS.get(BigInt(POOL_FEE)) ?? 0n);
  await govern(positions, "mint", {
    token0: token0.address,
    token1: token1.address,
    fee: POOL_FEE,
    tickLower,
    tickUpper,
    amount0Desired: amounts[token0.address],
    amount1Desired: amounts[token1.address],
    amount0Min: 0n,
    amount1Min: 0n,
    recipient: admin,
    deadline: MaxUint256,
  });
  return { xp, dollar, registry, market, tiers, reputation, redistributor, orders, router, swapRouter };
}

/** The calls of a job, each sent by whom it is for. */
function jobsOf(chain: BenchChain, { market }: Flywheel) {
  let jobs = 0n;
  const call = (from: Hex, method: string, ...args: unknown[]): Call => ({ from, to: market, method, args });
  const open = (client: Hex, agent: bigint): Call =>
    call(client, "open", agent, PAYMENT, 0n, chain.now + DAY, DAY, ZeroHash);
  const accept = (owner: Hex, job: bigint, agent: bigint): Call => call(owner, "accept", job, agent, 250n);
  const deliver = (owner: Hex, job: bigint): Call => call(owner, "deliver", job, ZeroHash);
  /** Brings a job to where it has been delivered, or as far as asked. @returns its number */
  async function begin(client: Hex, owner: Hex, agent: bigint, until: "open" | "accepted" | "delivered" = "delivered") {
    await chain.send(open(client, agent));
    jobs = (await chain.read(market, "jobCount")) as bigint;
    if (until === "open") return jobs;
    await chain.send(accept(owner, jobs, agent));
    if (until === "accepted") return jobs;
    await chain.send(deliver(owner, jobs));
    return jobs;
  }
  return { call, open, accept, deliver, begin };
}

/**
 * A flywheel that turns: two agents have each finished a job of this week for the client, everybody has dollars and, but for the
 * newcomer, XP, and has allowed the contracts to take them without limit.
 */
async function begin(chain: BenchChain): Promise<Flywheel> {
  const cast = castOf(chain);
  const { admin, client, otherClient, owner, newcomer, backer, buyer } = cast;
  const wheel = await deployFlywheel(chain);
  const { xp, dollar, registry, market, tiers, reputation, orders, router, swapRouter } = wheel;
  for (const who of [owner, backer, buyer]) {
    await chain.send({ from: admin, to: xp, method: "mint", args: [who, 200_000n * XP] });
    for (const spender of [tiers, reputation, orders]) {
      await chain.send({ from: who, to: xp, method: "approve", args: [spender.address, MaxUint256] });
    }
  }
  for (const who of [client, otherClient, owner, newcomer, backer, buyer]) {
    await chain.send({ from: who, to: dollar, method: "faucet", args: [who, 1_000_000n * DOLLAR] });
    for (const spender of [market, orders, router, swapRouter]) {
      await chain.send({ from: who, to: dollar, method: "approve", args: [spender.address, MaxUint256] });
    }
  }
  for (const who of [owner, newcomer]) await chain.send({ from: who, to: registry, method: "register()" });
  await chain.send({ from: backer, to: reputation, method: "lock", args: [1n, 500n * XP] });
  const jobs = jobsOf(chain, wheel);
  for (const [who, agent] of [
    [owner, 1n],
    [newcomer, 2n],
  ] as const) {
    const job = await jobs.begin(client, who, agent);
    await chain.send(jobs.call(client, "settle", job));
  }
  return wheel;
}

/** One scene of the flywheel. */
type Play = (wheel: Flywheel) => Promise<Measured>;

function scenesOf(chain: BenchChain): Scene<Flywheel>[] {
  const { admin, client, otherClient, owner, newcomer, backer, buyer } = castOf(chain);
  const scene = (call: string, given: string, play: Play, limit?: bigint): Scene<Flywheel> => ({
    call,
    given,
    play,
    ...(limit === undefined ? {} : { limit }),
  });
  const tell = (from: Hex, to: Target, method: string, ...args: unknown[]): Promise<void> =>
    chain.send({ from, to, method, args });
  const measure = (from: Hex, to: Target, method: string, ...args: unknown[]): Promise<Measured> =>
    chain.measure({ from, to, method, args });
  const claim = (who: Hex, agent: bigint, finalised: boolean): Play => {
    return async ({ redistributor }) => {
      chain.wait(WEEK);
      if (finalised) await tell(admin, redistributor, "finalise");
      return measure(who, redistributor, "claim", agent, 1n, who);
    };
  };
  const lastOrder = async ({ orders }: Flywheel): Promise<bigint> => (await chain.read(orders, "orderCount")) as bigint;

  return [
    scene("register", "without URI", ({ registry }) => measure(buyer, registry, "register()")),
    scene("register", "with a URI of 53 bytes", ({ registry }) =>
      measure(buyer, registry, "register(string)", "ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG"),
    ),
    scene("open", "for one agent", (wheel) => chain.measure(jobsOf(chain, wheel).open(client, 1n))),
    scene("open", "for any agent", (wheel) => chain.measure(jobsOf(chain, wheel).open(client, 0n))),
    scene("cancel", "by the client", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      const job = await jobs.begin(client, owner, 1n, "open");
      return chain.measure(jobs.call(client, "cancel", job));
    }),
    scene("accept", "by an owner without a tier", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      const job = await jobs.begin(client, owner, 1n, "open");
      return chain.measure(jobs.accept(owner, job, 1n));
    }),
    scene("deliver", "by the owner", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      const job = await jobs.begin(client, owner, 1n, "accepted");
      return chain.measure(jobs.deliver(owner, job));
    }),
    scene(
      "settle",
      "by a client met before",
      async (wheel) => {
        const jobs = jobsOf(chain, wheel);
        return chain.measure(jobs.call(client, "settle", await jobs.begin(client, owner, 1n)));
      },
      LIMITS.settle,
    ),
    scene("settle", "by a client met for the first time", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      return chain.measure(jobs.call(otherClient, "settle", await jobs.begin(otherClient, owner, 1n)));
    }),
    scene("settle", "an agent's first in the week, by a client met in an earlier one", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      chain.wait(WEEK);
      await chain.send(jobs.call(client, "settle", await jobs.begin(client, newcomer, 2n)));
      return chain.measure(jobs.call(client, "settle", await jobs.begin(client, owner, 1n)));
    }),
    scene("settle", "the first of a week, which ends the one before and opens its own", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      chain.wait(WEEK);
      return chain.measure(jobs.call(client, "settle", await jobs.begin(client, owner, 1n)));
    }),
    scene("refund", "by anybody, after the deadline", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      const job = await jobs.begin(client, owner, 1n, "accepted");
      chain.wait(DAY + HOUR);
      return chain.measure(jobs.call(buyer, "refund", job));
    }),
    scene("reject", "by the client", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      return chain.measure(jobs.call(client, "reject", await jobs.begin(client, owner, 1n), ZeroHash));
    }),
    scene("rule", "for the agent", async (wheel) => {
      const jobs = jobsOf(chain, wheel);
      const job = await jobs.begin(client, owner, 1n);
      await chain.send(jobs.call(client, "reject", job, ZeroHash));
      return chain.measure(jobs.call(admin, "rule", job, true));
    }),
    scene("withdraw", "a payee's whole credit, to a holder", ({ market }) => measure(owner, market, "withdraw", owner)),
    scene("claim", "to an owner who holds XP", claim(owner, 1n, true), LIMITS.claim),
    scene("claim", "to an owner without XP", claim(newcomer, 2n, true)),
    scene("claim", "the first of a week without later work, which ends it", claim(owner, 1n, false)),
    scene("burnForTier", "the first of an account, Bronze", ({ tiers }) =>
      measure(owner, tiers, "burnForTier", 1n, BASE_FEE_BPS, MaxUint256),
    ),
    scene(
      "burnForTier",
      "a renewal, in a week that saw burns",
      async ({ tiers, xp }) => {
        await tell(owner, tiers, "burnForTier", 1n, BASE_FEE_BPS, MaxUint256);
        chain.wait(25n * DAY);
        await tell(buyer, xp, "burn", XP);
        return measure(owner, tiers, "burnForTier", 1n, BASE_FEE_BPS, MaxUint256);
      },
      LIMITS.renewal,
    ),
    scene("burnForTier", "a renewal, the first burn of a week", async ({ tiers }) => {
      await tell(owner, tiers, "burnForTier", 1n, BASE_FEE_BPS, MaxUint256);
      chain.wait(25n * DAY);
      return measure(owner, tiers, "burnForTier", 1n, BASE_FEE_BPS, MaxUint256);
    }),
    scene("burnForTier", "an upgrade to Silver", async ({ tiers }) => {
      await tell(owner, tiers, "burnForTier", 1n, BASE_FEE_BPS, MaxUint256);
      chain.wait(DAY);
      return measure(owner, tiers, "burnForTier", 2n, BASE_FEE_BPS, MaxUint256);
    }),
    scene("lock", "the first of a backer, 100 XP", ({ reputation }) =>
      measure(owner, reputation, "lock", 1n, 100n * XP),
    ),
    scene("lock", "a further 100 XP", ({ reputation }) => measure(backer, reputation, "lock", 1n, 100n * XP)),
    scene("unlock", "a part", ({ reputation }) => measure(backer, reputation, "unlock", 1n, 100n * XP)),
    scene("relock", "a part of what waits", async ({ reputation }) => {
      await tell(backer, reputation, "unlock", 1n, 100n * XP);
      return measure(backer, reputation, "relock", 1n, 50n * XP);
    }),
    scene("withdraw", "unlocked XP after seven days", async ({ reputation }) => {
      await tell(backer, reputation, "unlock", 1n, 100n * XP);
      chain.wait(WEEK);
      return measure(backer, reputation, "withdraw", 1n, backer);
    }),
    scene("ask", "1,000 XP", ({ orders }) => measure(owner, orders, "ask", 1_000n * XP, PRICE)),
    scene("bid", "for 1,000 XP", ({ orders }) => measure(buyer, orders, "bid", 1_000n * XP, PRICE)),
    scene("fill", "a part of an ask, by a holder", async (wheel) => {
      await tell(owner, wheel.orders, "ask", 1_000n * XP, PRICE);
      return measure(buyer, wheel.orders, "fill", await lastOrder(wheel), 400n * XP, MaxUint256);
    }),
    scene("fill", "the whole of an ask, by a holder", async (wheel) => {
      await tell(owner, wheel.orders, "ask", 1_000n * XP, PRICE);
      return measure(buyer, wheel.orders, "fill", await lastOrder(wheel), 1_000n * XP, MaxUint256);
    }),
    scene("fill", "a part of a bid, by a holder", async (wheel) => {
      await tell(buyer, wheel.orders, "bid", 1_000n * XP, PRICE);
      return measure(owner, wheel.orders, "fill", await lastOrder(wheel), 400n * XP, 0n);
    }),
    scene("cancel", "an ask", async (wheel) => {
      await tell(owner, wheel.orders, "ask", 1_000n * XP, PRICE);
      return measure(owner, wheel.orders, "cancel", await lastOrder(wheel), owner);
    }),
  ];
}

/** Buys what a tier costs and burns it: ours in one transaction, the peer's way in two, Uniswap's router and then the burn. */
async function buyAndBurnRow(chain: BenchChain, wheel: Flywheel): Promise<GasRow> {
  const { owner } = castOf(chain);
  const { router, swapRouter, tiers, xp, dollar } = wheel;
  const price = SOURCE_TIERS[0]?.price ?? 0n;
  const ours = (): Promise<Measured> =>
    chain.measure({ from: owner, to: router, method: "buyAndBurn", args: [1n, BASE_FEE_BPS, MaxUint256, MaxUint256] });
  const theirs = async (): Promise<Measured> => {
    const swap = await chain.measure({
      from: owner,
      to: swapRouter,
      method: "exactOutputSingle",
      args: [
        {
          tokenIn: dollar.address,
          tokenOut: xp.address,
          fee: POOL_FEE,
          recipient: owner,
          deadline: MaxUint256,
          amountOut: price,
          amountInMaximum: parseUnits("1000", 6),
          sqrtPriceLimitX96: 0n,
        },
      ],
    });
    const burn = await chain.measure({
      from: owner,
      to: tiers,
      method: "burnForTier",
      args: [1n, BASE_FEE_BPS, MaxUint256],
    });
    return { gas: swap.gas + burn.gas, floor: swap.floor + burn.floor };
  };
  return compare(chain, [ours, theirs], {
    call: "buyAndBurn",
    given: "Bronze, the first of an account",
    play: (way) => way(),
  });
}

/** Measures every call of the flywheel on a chain of its own. */
export async function xpSection(chain: BenchChain): Promise<GasSection> {
  const wheel = await begin(chain);
  const rows = await compareAll<Flywheel>(chain, [wheel, undefined], scenesOf(chain));
  return {
    id: "xp",
    title: "XP Flywheel",
    note:
      "Jobs of 1,000 test dollars with a bond of 50; agents have worked for the client in the same week, payees and treasury have credit, " +
      "allowances are unlimited. No such market is published ready to run beside it; next to buyAndBurn stand the two transactions that " +
      "it replaces, exactOutputSingle of Uniswap's SwapRouter and burnForTier.",
    peers: ["SwapRouter + burnForTier"],
    rows: [...rows, await buyAndBurnRow(chain, wheel)],
  };
}

/** Agents in the week, and weeks without work before it. */
const CROWDS = [10, 1_000, 50_000] as const;
const IDLE_WEEKS = [1n, 100n, 500n] as const;
/** Agents that one transaction of the crowd records. */
const BATCH = 250;

/**
 * Lets `size` agents more have worked in the running week: the redistributor is told of a job of each, by the market. What the market
 * would do for each of them besides does not touch what settle and claim read.
 */
async function crowd(chain: BenchChain, { market, redistributor }: Flywheel, size: number): Promise<void> {
  const { client } = castOf(chain);
  const crowdCode = await chain.deploy("BenchCrowd");
  const stand: Target = { address: market.address, interface: crowdCode.interface };
  await chain.withCodeOf(crowdCode.address, market.address, async () => {
    for (let first = 0; first < size; first += BATCH) {
      const count = Math.min(BATCH, size - first);
      await chain.send({
        from: client,
        to: stand,
        method: "record",
        args: [redistributor.address, 1_000_000 + first, count, client, PAYMENT, PAYMENT / 40n, 50n * XP],
      });
    }
  });
}

/** Measures settle and claim in crowds of every size and after idleness of every length, on a chain of its own. */
export async function xpScaleSection(chain: BenchChain): Promise<GasSection> {
  const { admin, client, owner } = castOf(chain);
  const wheel = await begin(chain);
  const { redistributor } = wheel;
  const jobs = jobsOf(chain, wheel);
  const settle = async (): Promise<Measured> =>
    chain.measure(jobs.call(client, "settle", await jobs.begin(client, owner, 1n)));
  const claim = (): Promise<Measured> =>
    chain.measure({ from: owner, to: redistributor, method: "claim", args: [1n, 1n, owner] });
  const agents = (size: number): string => `${size.toLocaleString("en")} agents in the week`;
  const weeks = (idle: bigint): string => `${idle.toString()} idle ${idle === 1n ? "week" : "weeks"} before`;
  const finalise = (): Promise<void> => chain.send({ from: admin, to: redistributor, method: "finalise" });

  const rows: GasRow[] = [];
  const row = async (call: string, given: string, limit: bigint | undefined, play: () => Promise<Measured>) => {
    rows.push(await compare(chain, [wheel], { call, given, play, ...(limit === undefined ? {} : { limit }) }));
  };
  for (const size of CROWDS) {
    await chain.aside(async () => {
      await crowd(chain, wheel, size - 2);
      await row("settle", agents(size), LIMITS.settle, settle);
      await row("claim", agents(size), LIMITS.claim, async () => {
        chain.wait(WEEK);
        await finalise();
        return claim();
      });
    });
  }
  for (const idle of IDLE_WEEKS) {
    await chain.aside(async () => {
      chain.wait((idle + 1n) * WEEK);
      await row("settle", `the first of a week, ${weeks(idle)}`, undefined, settle);
      await row("claim", `${weeks(idle)}, already minted`, LIMITS.claim, async () => {
        await finalise();
        return claim();
      });
      await row("claim", `${weeks(idle)}, which mints`, undefined, claim);
    });
  }
  return {
    id: "xp-scale",
    title: "XP Flywheel: crowds and idle weeks",
    note:
      "The same calls with more agents in the week, and after weeks in which nobody worked. The crowd is recorded by the redistributor itself, " +
      "as jobs of one client; the measured agent is the same in every row.",
    peers: [],
    rows: rows.sort((a, b) => b.call.localeCompare(a.call)),
  };
}
