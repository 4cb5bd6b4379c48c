import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { answer } from "../../support/answer.js";
import type { SessionArguments } from "../../support/session.js";
import {
  type AddressInput,
  verify,
  type Verified,
  type CountInput,
  describeVerified,
  withGround,
} from "../pipeline.js";

type Input = AddressInput & CountInput & Omit<SessionArguments, "account">;

export default function verifyAction(input: Input, hre: HardhatRuntimeEnvironment): Promise<Result<Verified, Error>> {
  return answer(input.json, () => withGround(hre, input, (ground) => verify(ground, input)), describeVerified);
}
