import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";

import { withSession } from "../support/session.js";
import { describeVesting, readVesting } from "./flows.js";

type Arguments = { deployment: string; json: boolean };

export default async function statusAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, readVesting), describeVesting);
}
