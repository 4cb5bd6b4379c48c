import { type ArgumentType, type Artifact, buildModule } from "@nomicfoundation/ignition-core";
import poolArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json" with { type: "json" };
import { id, ZeroAddress } from "ethers";

import { SOURCE_TIERS } from "../../src/xp/tiers.js";
import { deployedUniswap, type UniswapModule } from "./uniswap.js";
import type { XmeModule } from "./xme.js";

const pool: Artifact = poolArtifact;

/** Roles of the flywheel's AccessManager, by what its holder may call. Everything else that is restricted is its administrator's. */
const ROLES = {
  /** XP.mint: the redistributor, and each that replaces it. */
  minter: 1n,
  /** ServiceMarket.rule: whom the parameters name. */
  arbiter: 2n,
  /** FeeTiers.burnForTierFor: the tier router. */
  router: 3n,
} as const;

/** What the flywheel stands on. */
export interface XpGround {
  readonly uniswap: UniswapModule;
  /** Whether the payment token is the test dollar, deployed with the rest, or one that the chain has. */
  readonly paymentToken: "deployed" | "existing";
  /** X.me, where its timelock is administrator and treasury; without it the parameters name both. */
  readonly xme?: XmeModule | undefined;
}

/** The selector of a function of any contract. */
function selector(signature: string): string {
  return id(signature).slice(0, 10);
}

/**
 * XP, its contracts, and the pool in which it is traded.
 *
 * The AccessManager is born with the deployer as its administrator, because roles can be given to contracts only once these stand.
 * The last step takes that away again. It is one transaction, so it happens as a whole or not at all: it names and gives the roles,
 * sets the market's hooks, makes the real administrator one and lets the deployer renounce.
 */
export function xpOn({ uniswap, paymentToken: origin, xme }: XpGround) {
  return buildModule("Xp", (m) => {
    const { uniswapFactory, positionManager } = m.useModule(uniswap);
    const timelock = xme && m.useModule(xme).timelock;
    const admin = timelock ?? m.getParameter<string>("admin");
    const treasury = timelock ?? m.getParameter<string>("treasury");
    const arbiter = m.getParameter<string>("arbiter");
    const poolFee = m.getParameter<bigint>("poolFee");
    const deployer = m.getAccount(0);

    const accessManager = m.contract("AccessManager", [deployer], { id: "FlywheelAccessManager" });
    const xp = m.contract("XP", [accessManager]);
    const agentRegistry = m.contract("AgentRegistry");
    const paymentToken =
      origin === "deployed"
        ? m.contract("TestDollar", [], { id: "PaymentToken" })
        : m.contractAt("TestDollar", m.getParameter<string>("paymentToken"), { id: "PaymentToken" });

    const serviceMarket = m.contract("ServiceMarket", [paymentToken, agentRegistry, xp, treasury, accessManager]);
    const feeTiers = m.contract("FeeTiers", [
      xp,
      agentRegistry,
      ZeroAddress,
      accessManager,
      SOURCE_TIERS.map(({ price, feeBps }) => ({ price, feeBps })),
    ]);
    const reputation = m.contract("Reputation", [xp, agentRegistry, serviceMarket]);
    const redistributor = m.contract("EpochRedistributor", [
      xp,
      serviceMarket,
      agentRegistry,
      ZeroAddress,
      paymentToken,
      accessManager,
    ]);
    const xpMarket = m.contract("XPMarket", [xp, paymentToken]);

    const poolOpener = m.contract("PoolOpener", [
      uniswapFactory,
      xp,
      paymentToken,
      m.getParameter<bigint>("poolOpeningPrice"),
      poolFee,
      m.getParameter<bigint>("poolObservations"),
    ]);
    const tierRouter = m.contract("TierRouter", [xp, paymentToken, feeTiers, uniswapFactory, poolFee], {
      after: [poolOpener],
    });

    const manage = (name: string, args: ArgumentType[], step: string) =>
      m.encodeFunctionCall(accessManager, name, args, { id: step });
    const role = (name: keyof typeof ROLES, target: ArgumentType, signature: string, holder: ArgumentType) => [
      manage("labelRole", [ROLES[name], name], `label_${name}`),
      manage("setTargetFunctionRole", [target, [selector(signature)], ROLES[name]], `map_${name}`),
      manage("grantRole", [ROLES[name], holder, 0n], `grant_${name}`),
    ];
    const hook = (setter: string, contract: ArgumentType) =>
      manage(
        "execute",
        [serviceMarket, m.encodeFunctionCall(serviceMarket, setter, [contract], { id: setter })],
        `execute_${setter}`,
      );
    m.call(accessManager, "multicall", [
      [
        ...role("minter", xp, "mint(address,uint256)", redistributor),
        ...role("arbiter", serviceMarket, "rule(uint256,bool)", arbiter),
        ...role("router", feeTiers, "burnForTierFor(address,uint256,uint256,uint256)", tierRouter),
        hook("setFeeTiers", feeTiers),
        hook("setReputation", reputation),
        hook("setRedistributor", redistributor),
        manage("grantRole", [0n, admin, 0n], "grant_admin"),
        manage("renounceRole", [0n, deployer], "renounce_admin"),
      ],
    ]);

    return {
      accessManager,
      xp,
      agentRegistry,
      paymentToken,
      serviceMarket,
      feeTiers,
      reputation,
      redistributor,
      xpMarket,
      poolOpener,
      tierRouter,
      uniswapFactory,
      positionManager,
      pool: m.contractAt("UniswapV3Pool", pool, m.staticCall(poolOpener, "pool")),
    };
  });
}

export default xpOn({ uniswap: deployedUniswap, paymentToken: "deployed" });
