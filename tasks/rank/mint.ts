import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";
import { type SessionArguments, withSession } from "../support/session.js";
import { describeOutcome, mint } from "./flows.js";

type Arguments = SessionArguments & { stakePercent: string; stakeTerm: string; json: boolean };

export default async function mintAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, (session) => mint(session, input)), describeOutcome);
}
