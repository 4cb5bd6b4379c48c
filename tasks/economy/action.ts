import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { type SessionArguments, withSession } from "../support/session.js";
import { type EconomyInput, printEconomy, type ShownEconomy, showEconomy } from "./flows.js";

export default function economy(
  input: EconomyInput & Omit<SessionArguments, "account">,
  hre: HardhatRuntimeEnvironment,
): Promise<Result<ShownEconomy, Error>> {
  return printEconomy(input.json, () => withSession(hre, input, (session) => showEconomy(session, input)));
}
