import { AirdropStore, parseAddress } from "../../src/airdrop/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { sending } from "../support/command.js";
import { required } from "../support/inputs.js";
import { carryOut, type Outcome, tokens } from "../support/outcome.js";
import { callOf } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";
import { AIRDROP_WORDS } from "./words.js";

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
  const call = callOf(airdrop, AIRDROP_WORDS, airdrop.claim, index, account, amount, proof);
  return carryOut(session, call, { token: "XME", account }, () => [`${tokens(amount, "XME")} to ${account}.`]);
}

export default sending(claimAirdrop);
