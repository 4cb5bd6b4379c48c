import type { ErrorDescription, LogDescription } from "ethers";

import { AirdropStore, parseAddress } from "../../src/airdrop/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { sending } from "../support/command.js";
import { formatMoment, required } from "../support/inputs.js";
import { carryOut, type Outcome, tokens } from "../support/outcome.js";
import { callOf, type Wording } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";

/** The airdrop's refusals to claimants, each with what to do. */
export const AIRDROP_REFUSALS: Wording<ErrorDescription> = {
  MerkleAirdrop_Ended: (a) => `The airdrop ended at ${formatMoment(a[0] as bigint)}: nothing can be claimed any more.`,
  MerkleAirdrop_AlreadyClaimed: (a) => `Row ${String(a[0])} of the list was claimed already: nothing more is due.`,
  MerkleAirdrop_InvalidProof: (a) =>
    `The airdrop does not know ${String(a[1])} with ${tokens(a[2] as bigint, "XME")}: give the store that its root was built from.`,
};

const AIRDROP_EVENTS: Wording<LogDescription> = {
  Claimed: (a) => `${String(a[1])} received ${tokens(a[2] as bigint, "XME")} (row ${String(a[0])}).`,
};

/** Claims for an address on the list; the XME go to it, whoever sends. */
export async function claimAirdrop(
  session: Session,
  { store: path, to }: { store: string; to: string },
): Promise<Outcome> {
  const recipient = to === "" ? session.account : parseAddress(to);
  const airdrop = session.deployment.xme.airdrop.connect(signerOf(session));
  using store = AirdropStore.open(required("store", path));
  const root = await airdrop.merkleRoot();
  if (store.root !== root) {
    throw new ExplainedError(
      `${path} was built for the root ${store.root}, but the airdrop's is ${root}: give the store of the deployed list.`,
    );
  }
  const found = store.proofOf(recipient);
  if (!found) throw new ExplainedError(`${recipient} is not on the list: check --to.`);
  const { index, account, amount, proof } = found;
  const words = { refusals: AIRDROP_REFUSALS, events: AIRDROP_EVENTS };
  const call = callOf(airdrop, words, airdrop.claim, index, account, amount, proof);
  return carryOut(session, call, { token: "XME", account }, () => [`${tokens(amount, "XME")} to ${account}.`]);
}

export default sending(claimAirdrop);
