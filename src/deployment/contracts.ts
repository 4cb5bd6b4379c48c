import type {
  AccessManager,
  EmissionVault,
  Genesis,
  IUniswapV3Factory,
  IUniswapV3Pool,
  IUniswapV3PositionManager,
  LiquiditySeeder,
  MerkleAirdrop,
  PublicSale,
  TimelockController,
  Vesting,
  XME,
  XMEX,
  XRank,
} from "../../typechain-types/index.js";

/** The economies that can be deployed, each alone or all as the suite. */
export const ECONOMIES = ["rank", "xme"] as const;
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
  readonly pool: IUniswapV3Pool;
  readonly uniswapFactory: IUniswapV3Factory;
  readonly positionManager: IUniswapV3PositionManager;
}

/** Every economy's contracts, by economy and name. */
export interface EconomyContracts {
  readonly rank: RankContracts;
  readonly xme: XmeContracts;
}

/** Where a contract is on record: Ignition's future id and the name of its ABI. */
export interface ContractRecord {
  readonly future: string;
  readonly contract: string;
  /** True for what the economy uses but did not make. */
  readonly foreign?: true;
}

type ContractIndex = {
  readonly [E in Economy]: { readonly [C in keyof EconomyContracts[E]]: ContractRecord };
};

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
    pool: { future: "Xme#UniswapV3Pool", contract: "UniswapV3Pool", foreign: true },
    uniswapFactory: { future: "Uniswap#UniswapV3Factory", contract: "UniswapV3Factory", foreign: true },
    positionManager: {
      future: "Uniswap#NonfungiblePositionManager",
      contract: "NonfungiblePositionManager",
      foreign: true,
    },
  },
};
