import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";
import { describeXmeOutcome } from "../support/outcome.js";
import { type SessionArguments, withSession } from "../support/session.js";
import { buy } from "./flows.js";

type Arguments = SessionArguments & { amount: string; to: string; atLeast: string; json: boolean };

export default async function buyAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, (session) => buy(session, input)), describeXmeOutcome);
}
