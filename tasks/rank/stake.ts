import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";
import { type SessionArguments, withSession } from "../support/session.js";
import { describeOutcome, stake } from "./flows.js";

type Arguments = SessionArguments & { amount: string; term: string; json: boolean };

export default async function stakeAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, (session) => stake(session, input)), describeOutcome);
}
