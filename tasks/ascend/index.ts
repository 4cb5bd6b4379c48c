import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

/** `hardhat ascend …`: XMEX that are locked for ever for XME. */
export const ascendTasks = [
  emptyTask("ascend", "X.me's channel from XMEX to XME: deposit, claim").build(),
  sendingTask(
    ["ascend", "deposit"],
    "Locks XMEX for ever in this week's round, for a share of its XME",
    "--amount 12.5",
  )
    .addOption({ name: "amount", description: "How many XMEX, such as 12.5", defaultValue: "" })
    .addOption({
      name: "min",
      description: "How many XME it has to bring at least (what is promised now)",
      defaultValue: "",
    })
    .setAction(() => import("./deposit.js"))
    .build(),
  sendingTask(["ascend", "claim"], "Pays all XME that rounds that are over have brought", "")
    .addOption({ name: "for", description: "Whom it pays (the account)", defaultValue: "" })
    .setAction(() => import("./claim.js"))
    .build(),
  sendingTask(["ascend", "fund"], "Gives XME to rounds to come, for good", "--amount 12.5")
    .addOption({ name: "amount", description: "How many XME, such as 12.5", defaultValue: "" })
    .setAction(() => import("./fund.js"))
    .build(),
  viewTask(["ascend", "status"], "Shows this week's round, and what an account has locked and is owed", "--account 0")
    .addOption(ACCOUNT)
    .setAction(() => import("./status.js"))
    .build(),
];
