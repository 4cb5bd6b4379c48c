import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";
import { describeXmeOutcome } from "../support/outcome.js";
import { type SessionArguments, withSession } from "../support/session.js";
import { release } from "./flows.js";

type Arguments = SessionArguments & { wallet: string; json: boolean };

export default async function releaseAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, (session) => release(session, input)), describeXmeOutcome);
}
