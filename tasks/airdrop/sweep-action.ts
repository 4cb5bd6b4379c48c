import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { sending } from "../support/command.js";
import { carryOut, type Outcome, tokens } from "../support/outcome.js";
import { callOf } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";
import { AIRDROP_WORDS } from "./words.js";

/** Sends the treasury what nobody claimed: `hardhat airdrop sweep`. Anybody may, once the airdrop is over. */
export async function sweepAirdrop(session: Session): Promise<Outcome> {
  const airdrop = session.deployment.xme.airdrop.connect(signerOf(session));
  const call = callOf(airdrop, AIRDROP_WORDS, airdrop.sweepUnclaimed);
  const treasury = (await airdrop.treasury()) as Address;
  return carryOut(session, call, { token: "XME", account: treasury }, (amount) => {
    if (amount === 0n) throw new ExplainedError("The airdrop holds no XME: all were claimed, or swept already.");
    return [`${tokens(amount, "XME")} that nobody claimed to the treasury, ${treasury}.`];
  });
}

export default sending(sweepAirdrop);
