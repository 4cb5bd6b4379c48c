import { buildModule } from "@nomicfoundation/ignition-core";

import rank from "./rank.js";
import { xmeOnExistingUniswap, xmeWithUniswap } from "./xme.js";

function suiteOf(xme: typeof xmeWithUniswap | typeof xmeOnExistingUniswap) {
  return buildModule("Suite", (m) => ({ ...m.useModule(rank), ...m.useModule(xme) }));
}

/** All economies, with a Uniswap of their own, for local chains. */
export const suiteWithUniswap = suiteOf(xmeWithUniswap);

/** All economies on the Uniswap that the chain has. */
export const suiteOnExistingUniswap = suiteOf(xmeOnExistingUniswap);

export default suiteWithUniswap;
