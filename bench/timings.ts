/** What the bench times: the building of the airdrop's tree. */

import { benchMerkle } from "./merkle.js";
import type { TimingRow } from "./report.js";

/** Takes about a minute, most of it the peer's. */
export async function measureTimings(): Promise<TimingRow[]> {
  const rows = await benchMerkle();
  return rows.map(({ name, leaves, ours, peer, peakMegabytes }) => ({
    work: name,
    leaves,
    ours,
    peakMegabytes,
    ...(peer === undefined ? {} : { peer: { name: "StandardMerkleTree", seconds: peer } }),
  }));
}
