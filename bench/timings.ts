/** What the bench times: the building of the airdrop's tree, and the counting of an epoch of social mining. */

import { benchMerkle } from "./merkle.js";
import { miningTimings } from "./sections/mining.js";
import type { TimingRow } from "./report.js";

/** Takes some minutes: a log of fifty million rows is made and counted, and the peer builds a tree of a million leaves. */
export async function measureTimings(): Promise<TimingRow[]> {
  const rows = await benchMerkle();
  const trees = rows.map(({ name, leaves, ours, peer, peakMegabytes, peerMegabytes }) => ({
    work: name,
    leaves,
    ours,
    peakMegabytes,
    ...(peer === undefined
      ? {}
      : {
          peer: {
            name: "StandardMerkleTree",
            seconds: peer,
            ...(peerMegabytes === undefined ? {} : { peakMegabytes: peerMegabytes }),
          },
        }),
  }));
  return [...trees, ...(await miningTimings())];
}
