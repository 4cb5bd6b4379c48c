import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

/** `hardhat vesting …`: the wallets of the team and of the private buyers. */
export const vestingTasks = [
  emptyTask("vesting", "The vesting wallets of the team and of the private buyers").build(),
  task(["vesting", "release"], "Pays what has vested to the wallet's owner; anybody may")
    .addOption({ name: "wallet", description: "team or private-sale", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./release.js"))
    .build(),
  task(["vesting", "status"], "Shows both wallets: schedule, vested, released")
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./status.js"))
    .build(),
];
