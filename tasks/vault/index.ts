import { emptyTask, task } from "hardhat/config";

import { DEPLOYMENT, JSON_FLAG } from "../support/options.js";

/** `hardhat vault …`: the emission of XMEX. */
export const vaultTasks = [
  emptyTask("vault", "The emission of XMEX").build(),
  task(["vault", "status"], "Shows what is unlocked, and each stream's share, accrual and drawer")
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./status.js"))
    .build(),
];
