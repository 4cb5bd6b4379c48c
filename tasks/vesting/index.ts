import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";

/** `hardhat vesting …`: the wallets of the team and of the private buyers. */
export const vestingTasks = [
  emptyTask("vesting", "The vesting wallets of the team and of the private buyers").build(),
  sendingTask(["vesting", "release"], "Pays what has vested to the wallet's owner; anybody may", "--wallet team")
    .addOption({ name: "wallet", description: "team or private-sale", defaultValue: "" })
    .setAction(() => import("./release.js"))
    .build(),
  viewTask(["vesting", "status"], "Shows both wallets: schedule, vested, released", "")
    .setAction(() => import("./status.js"))
    .build(),
];
