import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { answer } from "../../support/answer.js";
import type { SessionArguments } from "../../support/session.js";
import { type AddressInput, build, type Built, type CountInput, describeBuilt, withGround } from "../pipeline.js";

type Input = AddressInput & CountInput & Omit<SessionArguments, "account">;

export default function buildAction(input: Input, hre: HardhatRuntimeEnvironment): Promise<Result<Built, Error>> {
  return answer(input.json, () => withGround(hre, input, (ground) => build(ground, input)), describeBuilt);
}
