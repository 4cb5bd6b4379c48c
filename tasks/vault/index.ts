import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";

/** `hardhat vault …`: the emission of XMEX. */
export const vaultTasks = [
  emptyTask("vault", "The emission of XMEX").build(),
  sendingTask(
    ["vault", "return"],
    "Gives XMEX to a stream of the emission, which may release them again; anybody may",
    "--stream 0 --amount 12.5",
  )
    .addOption({ name: "stream", description: "The stream's number, as `vault status` shows it", defaultValue: "" })
    .addOption({ name: "amount", description: "How many XMEX, such as 12.5", defaultValue: "" })
    .setAction(() => import("./return.js"))
    .build(),
  viewTask(["vault", "status"], "Shows what is unlocked, and each stream's share, accrual and drawer", "")
    .setAction(() => import("./status.js"))
    .build(),
];
