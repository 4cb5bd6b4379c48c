import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";
import { type SessionArguments, withSession } from "../support/session.js";
import { describeOutcome, share } from "./flows.js";

type Arguments = SessionArguments & { to: string; percent: string; json: boolean };

export default async function shareAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, (session) => share(session, input)), describeOutcome);
}
