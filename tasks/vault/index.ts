import { emptyTask } from "hardhat/config";

import { viewTask } from "../support/define.js";

/** `hardhat vault …`: the emission of XMEX. */
export const vaultTasks = [
  emptyTask("vault", "The emission of XMEX").build(),
  viewTask(["vault", "status"], "Shows what is unlocked, and each stream's share, accrual and drawer", "")
    .setAction(() => import("./status.js"))
    .build(),
];
