import { task } from "hardhat/config";

import { described } from "./support/define.js";
import { DEPLOYMENT, JSON_FLAG } from "./support/options.js";

/** `hardhat verify-deployment`: the sources of a whole deployment for block explorers, by the official plugin. */
export const verifyDeploymentTask = task(
  "verify-deployment",
  described(
    "verify-deployment",
    "Gives block explorers the sources of every contract of a deployment (hardhat verify for each)",
    "--explorer blockscout --network sepolia",
  ),
)
  .addOption({ name: "explorer", description: "etherscan, blockscout, sourcify or all", defaultValue: "sourcify" })
  .addOption({ name: "economy", description: "rank, xme, xp or xe (all that are deployed)", defaultValue: "" })
  .addOption(DEPLOYMENT)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./verify-deployment-action.js"))
  .build();
