import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";
import { type SessionArguments, withSession } from "../support/session.js";
import { describeOutcome, claim } from "./flows.js";

type Arguments = SessionArguments & { term: string; json: boolean };

export default async function claimAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, (session) => claim(session, input)), describeOutcome);
}
