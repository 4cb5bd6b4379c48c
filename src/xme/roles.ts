/**
 * Roles of X.me's access manager beside its administrator, the timelock, by the number that they have on chain. Source section 8 knows "governance"
 * alone; choice: a role for whatever cannot wait for a vote, each of which may do one thing.
 */
export const XME_ROLE = {
  /** Settles reports of impressions: `AdSettlement.settle`. */
  settler: 1n,
  /** Publishes who contributed what in a week: `SocialMining.publish`. */
  publisher: 2n,
  /** Strikes a false root in its 72 hours: `SocialMining.strike`. */
  striker: 3n,
  /** Gives what was bought of growth: `UserGrowth.accelerate`, `protect`, `unlockPrivilege`. `Spending` has it. */
  growthSeller: 4n,
  /** Keeps the platform's offers: `SpendingCatalogue.setPlatformPlan`, `setHotSpots`, `setService`, `PlatformItems.list`, `setSale`. */
  catalogue: 5n,
  /** Gives bought items: `PlatformItems.mint`. `Spending` has it. */
  minter: 6n,
} as const;
