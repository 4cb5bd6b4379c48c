import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

/** `hardhat ascend …`: XMEX that are locked for ever for XME. */
export const ascendTasks = [
  emptyTask("ascend", "X.me's channel from XMEX to XME: deposit, claim").build(),
  task(["ascend", "deposit"], "Locks XMEX for ever in this week's round, for a share of its XME")
    .addOption({ name: "amount", description: "How many XMEX, such as 12.5", defaultValue: "" })
    .addOption({
      name: "min",
      description: "How many XME it has to bring at least (what is promised now)",
      defaultValue: "",
    })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./deposit.js"))
    .build(),
  task(["ascend", "claim"], "Pays all XME that rounds that are over have brought")
    .addOption({ name: "for", description: "Whom it pays (the account)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./claim.js"))
    .build(),
  task(["ascend", "fund"], "Gives XME to rounds to come, for good")
    .addOption({ name: "amount", description: "How many XME, such as 12.5", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./fund.js"))
    .build(),
  task(["ascend", "status"], "Shows this week's round, and what an account has locked and is owed")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./status.js"))
    .build(),
];
