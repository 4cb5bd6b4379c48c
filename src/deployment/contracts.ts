import type { Contract } from "ethers";

import type {
  AccessManager,
  AdSettlement,
  AgentRegistry,
  Ascension,
  AssetFace,
  Badge,
  BuybackBurner,
  ContentRegistry,
  DualAssetLedger,
  EmissionVault,
  EpochRedistributor,
  FeeTiers,
  Genesis,
  IUniswapV3Factory,
  IUniswapV3Pool,
  IUniswapV3PositionManager,
  LiquiditySeeder,
  MerkleAirdrop,
  NodeStaking,
  PlatformItems,
  PolicyRegistry,
  PoolOpener,
  PublicSale,
  Reputation,
  ServiceMarket,
  SocialMining,
  Spending,
  SpendingCatalogue,
  TestDollar,
  TierRouter,
  TimelockController,
  UserGrowth,
  Vesting,
  VotingXME,
  XeGovernor,
  XME,
  XMEX,
  XmeGovernor,
  XP,
  XPMarket,
  XRank,
} from "../../typechain-types/index.js";

/** The economies that can be deployed, each alone or all as the suite. */
export const ECONOMIES = ["rank", "xme", "xp", "xe"] as const;
export type Economy = (typeof ECONOMIES)[number];

/** Contracts of XRANK. */
export interface RankContracts {
  readonly xrank: XRank;
}

/** Contracts of X.me, and of the Uniswap V3 that its pool is in. */
export interface XmeContracts {
  readonly timelock: TimelockController;
  readonly accessManager: AccessManager;
  readonly genesis: Genesis;
  readonly xme: XME;
  readonly xmex: XMEX;
  readonly teamVesting: Vesting;
  readonly privateSaleVesting: Vesting;
  readonly publicSale: PublicSale;
  readonly airdrop: MerkleAirdrop;
  readonly emissionVault: EmissionVault;
  readonly liquiditySeeder: LiquiditySeeder;
  readonly votes: VotingXME;
  readonly governor: XmeGovernor;
  readonly policyRegistry: PolicyRegistry;
  readonly nodes: NodeStaking;
  readonly buybackBurner: BuybackBurner;
  readonly badge: Badge;
  readonly adSettlement: AdSettlement;
  readonly socialMining: SocialMining;
  readonly userGrowth: UserGrowth;
  readonly contentRegistry: ContentRegistry;
  readonly spendingCatalogue: SpendingCatalogue;
  readonly platformItems: PlatformItems;
  readonly spending: Spending;
  readonly ascension: Ascension;
  readonly pool: IUniswapV3Pool;
  readonly uniswapFactory: IUniswapV3Factory;
  readonly positionManager: IUniswapV3PositionManager;
}

/** Contracts of the XP flywheel, what it is paid in, and the Uniswap V3 that its pool is in. */
export interface XpContracts {
  readonly accessManager: AccessManager;
  readonly xp: XP;
  readonly agentRegistry: AgentRegistry;
  /** The test dollar, or the token that the parameters name: that one has no `faucet`. */
  readonly paymentToken: TestDollar;
  readonly serviceMarket: ServiceMarket;
  readonly feeTiers: FeeTiers;
  readonly reputation: Reputation;
  readonly redistributor: EpochRedistributor;
  readonly xpMarket: XPMarket;
  readonly poolOpener: PoolOpener;
  readonly tierRouter: TierRouter;
  readonly pool: IUniswapV3Pool;
  readonly uniswapFactory: IUniswapV3Factory;
  readonly positionManager: IUniswapV3PositionManager;
  /** Uniswap's SwapRouter, with its methods by name through `getFunction`; only where Uniswap was deployed too. */
  readonly swapRouter?: Contract;
}

/** Contracts of XE. */
export interface XeContracts {
  readonly timelock: TimelockController;
  readonly accessManager: AccessManager;
  readonly ledger: DualAssetLedger;
  /** XE as an ERC-20 token. */
  readonly xe: AssetFace;
  /** XUSD as an ERC-20 token. */
  readonly xusd: AssetFace;
  readonly governor: XeGovernor;
}

/** Every economy's contracts, by economy and name. */
export interface EconomyContracts {
  readonly rank: RankContracts;
  readonly xme: XmeContracts;
  readonly xp: XpContracts;
  readonly xe: XeContracts;
}

/** Where a contract is on record: Ignition's future id and the name of its ABI. */
export interface ContractRecord {
  readonly future: string;
  readonly contract: string;
  /** True for what the economy uses but did not make. */
  readonly foreign?: true;
  /** True for what only some deployments have. */
  readonly optional?: true;
}

type ContractIndex = {
  readonly [E in Economy]: { readonly [C in keyof EconomyContracts[E]]-?: ContractRecord };
};

/** What both economies with a pool use of Uniswap V3. */
const UNISWAP = {
  uniswapFactory: { future: "Uniswap#UniswapV3Factory", contract: "UniswapV3Factory", foreign: true },
  positionManager: {
    future: "Uniswap#NonfungiblePositionManager",
    contract: "NonfungiblePositionManager",
    foreign: true,
  },
} as const;

/** The one place that ties the names that library users see to Ignition's records. */
export const CONTRACTS: ContractIndex = {
  rank: { xrank: { future: "Rank#XRank", contract: "XRank" } },
  xme: {
    timelock: { future: "Xme#TimelockController", contract: "TimelockController" },
    accessManager: { future: "Xme#AccessManager", contract: "AccessManager" },
    genesis: { future: "Xme#Genesis", contract: "Genesis" },
    xme: { future: "Xme#XME", contract: "XME" },
    xmex: { future: "Xme#XMEX", contract: "XMEX" },
    teamVesting: { future: "Xme#TeamVesting", contract: "Vesting" },
    privateSaleVesting: { future: "Xme#PrivateSaleVesting", contract: "Vesting" },
    publicSale: { future: "Xme#PublicSale", contract: "PublicSale" },
    airdrop: { future: "Xme#MerkleAirdrop", contract: "MerkleAirdrop" },
    emissionVault: { future: "Xme#EmissionVault", contract: "EmissionVault" },
    liquiditySeeder: { future: "Xme#LiquiditySeeder", contract: "LiquiditySeeder" },
    votes: { future: "Xme#VotingXME", contract: "VotingXME" },
    governor: { future: "Xme#XmeGovernor", contract: "XmeGovernor" },
    policyRegistry: { future: "Xme#PolicyRegistry", contract: "PolicyRegistry" },
    nodes: { future: "Xme#NodeStaking", contract: "NodeStaking" },
    buybackBurner: { future: "Xme#BuybackBurner", contract: "BuybackBurner" },
    badge: { future: "Xme#Badge", contract: "Badge" },
    adSettlement: { future: "Xme#AdSettlement", contract: "AdSettlement" },
    socialMining: { future: "Xme#SocialMining", contract: "SocialMining" },
    userGrowth: { future: "Xme#UserGrowth", contract: "UserGrowth" },
    contentRegistry: { future: "Xme#ContentRegistry", contract: "ContentRegistry" },
    spendingCatalogue: { future: "Xme#SpendingCatalogue", contract: "SpendingCatalogue" },
    platformItems: { future: "Xme#PlatformItems", contract: "PlatformItems" },
    spending: { future: "Xme#Spending", contract: "Spending" },
    ascension: { future: "Xme#Ascension", contract: "Ascension" },
    pool: { future: "Xme#UniswapV3Pool", contract: "UniswapV3Pool", foreign: true },
    ...UNISWAP,
  },
  xp: {
    accessManager: { future: "Xp#FlywheelAccessManager", contract: "AccessManager" },
    xp: { future: "Xp#XP", contract: "XP" },
    agentRegistry: { future: "Xp#AgentRegistry", contract: "AgentRegistry" },
    paymentToken: { future: "Xp#PaymentToken", contract: "TestDollar", foreign: true },
    serviceMarket: { future: "Xp#ServiceMarket", contract: "ServiceMarket" },
    feeTiers: { future: "Xp#FeeTiers", contract: "FeeTiers" },
    reputation: { future: "Xp#Reputation", contract: "Reputation" },
    redistributor: { future: "Xp#EpochRedistributor", contract: "EpochRedistributor" },
    xpMarket: { future: "Xp#XPMarket", contract: "XPMarket" },
    poolOpener: { future: "Xp#PoolOpener", contract: "PoolOpener" },
    tierRouter: { future: "Xp#TierRouter", contract: "TierRouter" },
    pool: { future: "Xp#UniswapV3Pool", contract: "UniswapV3Pool", foreign: true },
    ...UNISWAP,
    swapRouter: { future: "Uniswap#SwapRouter", contract: "SwapRouter", foreign: true, optional: true },
  },
  xe: {
    timelock: { future: "Xe#XeTimelock", contract: "TimelockController" },
    accessManager: { future: "Xe#XeAccessManager", contract: "AccessManager" },
    ledger: { future: "Xe#DualAssetLedger", contract: "DualAssetLedger" },
    xe: { future: "Xe#XE", contract: "AssetFace" },
    xusd: { future: "Xe#XUSD", contract: "AssetFace" },
    governor: { future: "Xe#XeGovernor", contract: "XeGovernor" },
  },
};

/** @returns every record of every economy; what two economies use is named by both. */
export function allRecords(): readonly ContractRecord[] {
  return Object.values(CONTRACTS).flatMap((records) => Object.values(records) as ContractRecord[]);
}
