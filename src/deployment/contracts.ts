import type { XRank } from "../../typechain-types/index.js";

/** The economies that can be deployed, each alone or all as the suite. */
export const ECONOMIES = ["rank"] as const;
export type Economy = (typeof ECONOMIES)[number];

/** Contracts of XRANK. */
export interface RankContracts {
  readonly xrank: XRank;
}

/** Every economy's contracts, by economy and name. */
export interface EconomyContracts {
  readonly rank: RankContracts;
}

/** Where a contract is on record: Ignition's future id and the name of its ABI. */
export interface ContractRecord {
  readonly future: string;
  readonly contract: string;
}

type ContractIndex = {
  readonly [E in Economy]: { readonly [C in keyof EconomyContracts[E]]: ContractRecord };
};

/** The one place that ties the names that library users see to Ignition's records. */
export const CONTRACTS: ContractIndex = {
  rank: { xrank: { future: "Rank#XRank", contract: "XRank" } },
};
