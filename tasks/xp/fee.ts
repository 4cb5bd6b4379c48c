import { BASE_FEE_BPS } from "../../src/xp/tiers.js";
import type { Flywheel } from "./flywheel.js";
import { moduleAt } from "./modules.js";

/** What an account pays now, in basis points, and until when if that was bought. */
export interface Fee {
  readonly bps: bigint;
  /** In seconds; undefined where no tier runs that gives this fee. */
  readonly until: bigint | undefined;
}

/** Reads what the market charges an account, where a tier may have been bought from fee tiers that were replaced. */
export async function readFee({ modules, recorded }: Flywheel, account: string, time: bigint): Promise<Fee> {
  const bps = (await modules.live.feeTiers?.feeBpsOf(account)) ?? BASE_FEE_BPS;
  let until: bigint | undefined;
  for (
    let tiers = modules.live.feeTiers;
    tiers;
    tiers = await moduleAt(recorded, "feeTiers", await tiers.predecessor())
  ) {
    const { feeBps, end } = await tiers.boughtTierOf(account);
    if (time < end && feeBps === bps && (until === undefined || until < end)) until = end;
  }
  return { bps, until };
}
