import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";
import { type SessionArguments, withSession } from "../support/session.js";
import { describeOutcome, withdraw } from "./flows.js";

type Arguments = SessionArguments & { early: boolean; json: boolean };

export default async function withdrawAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, (session) => withdraw(session, input)), describeOutcome);
}
