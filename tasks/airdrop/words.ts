import { formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Words } from "../support/send.js";

/** How the airdrop reads: its refusals, each with what to do, and its events. */
export const AIRDROP_WORDS: Words = {
  refusals: {
    MerkleAirdrop_Ended: (a) =>
      `The airdrop ended at ${formatMoment(a[0] as bigint)}: nothing can be claimed any more.`,
    MerkleAirdrop_AlreadyClaimed: (a) => `Row ${String(a[0])} of the list was claimed already: nothing more is due.`,
    MerkleAirdrop_InvalidProof: (a) =>
      `The airdrop does not know ${String(a[1])} with ${tokens(a[2] as bigint, "XME")}: give the store that its root was built from.`,
    MerkleAirdrop_NotEnded: (a) =>
      `The airdrop can be claimed until ${formatMoment(a[0] as bigint)}, and what is not claimed stays in it until then: wait.`,
  },
  events: {
    Claimed: (a) => `${String(a[1])} received ${tokens(a[2] as bigint, "XME")} (row ${String(a[0])}).`,
    UnclaimedSwept: (a) => `${tokens(a[0] as bigint, "XME")} that nobody claimed went to the treasury.`,
  },
};
