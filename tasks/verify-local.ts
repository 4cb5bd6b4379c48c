import { task } from "hardhat/config";

import { described } from "./support/define.js";
import { DEPLOYMENT, JSON_FLAG } from "./support/options.js";

/** `hardhat verify-local`: whether what is on chain is this source, without asking any service. */
export const verifyLocalTask = task(
  "verify-local",
  described(
    "verify-local",
    "Proves that a deployment's contracts are this source: runtime and creation code, immutables, constructor arguments",
    "--network localhost",
  ),
)
  .addOption({ name: "economy", description: "rank, xme, xp or xe (all that are deployed)", defaultValue: "" })
  .addOption(DEPLOYMENT)
  .addFlag({
    name: "built",
    description: "Take the checkout's build of the same input instead of compiling it again: seconds, not minutes",
  })
  .addFlag(JSON_FLAG)
  .setAction(() => import("./verify-local-action.js"))
  .build();
