import { buildModule } from "@nomicfoundation/ignition-core";

import rank from "./rank.js";
import { deployedUniswap, type UniswapModule } from "./uniswap.js";
import xe from "./xe.js";
import { xmeOn } from "./xme.js";
import { xpOn, type XpGround } from "./xp.js";

/** What the suite stands on. */
export interface SuiteGround extends Pick<XpGround, "paymentToken"> {
  readonly uniswap: UniswapModule;
  /** Whether X.me's timelock governs XP too, which it does unless XP was there before it. */
  readonly governed: boolean;
}

/** All economies, on one Uniswap. */
export function suiteOn({ uniswap, paymentToken, governed }: SuiteGround) {
  const xme = xmeOn(uniswap);
  const xp = xpOn({ uniswap, paymentToken, xme: governed ? xme : undefined });
  return buildModule("Suite", (m) => ({
    ...m.useModule(rank),
    ...prefixed("xme", m.useModule(xme)),
    ...prefixed("xp", m.useModule(xp)),
    ...prefixed("xe", m.useModule(xe)),
  }));
}

/** The same results under names that begin with their economy: some have an access manager, or a pool, too. */
function prefixed<P extends string, T extends object>(prefix: P, results: T) {
  type Prefixed = { [K in keyof T & string as `${P}${Capitalize<K>}`]: T[K] };
  return Object.fromEntries(
    Object.entries(results).map(([name, result]) => [
      `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      result,
    ]),
  ) as Prefixed;
}

export default suiteOn({ uniswap: deployedUniswap, paymentToken: "deployed", governed: true });
