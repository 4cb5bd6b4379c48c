import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { answer } from "../../support/answer.js";
import { type SessionArguments, withSession } from "../../support/session.js";
import { checkChain, type CheckedChain, describeChain, verdict } from "../chain.js";

export default async function chain(
  input: SessionArguments,
  hre: HardhatRuntimeEnvironment,
): Promise<Result<CheckedChain, Error>> {
  return verdict(await answer(input.json, () => withSession(hre, input, checkChain), describeChain));
}
