import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { answer } from "../support/answer.js";

import { type SessionArguments, withSession } from "../support/session.js";
import { describeSale, readSale } from "./flows.js";

type Arguments = SessionArguments & { json: boolean };

export default async function statusAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(input.json, () => withSession(hre, input, readSale), describeSale);
}
