/** Roles of XE's access manager beside its administrator, the timelock, by the number that they have on chain. */
export const XE_ROLE = {
  /** Rules on objections: `DualAssetLedger.rule`. */
  arbiter: 1n,
} as const;
