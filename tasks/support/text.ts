import { formatUnits } from "ethers";

export { printable, quoted } from "../../src/format.js";

/** @returns such as "2.5 %" */
export function percent(bps: bigint): string {
  return `${formatUnits(bps, 2).replace(/\.0$/, "")} %`;
}
