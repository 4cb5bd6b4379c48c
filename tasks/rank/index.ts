import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

/** `hardhat rank …`: everything that a user of XRANK does. */
export const rankTasks = [
  emptyTask("rank", "XRANK: claim a rank, mint, share, stake, withdraw").build(),
  sendingTask(["rank", "claim"], "Takes the next rank and starts the wait for its reward", "--term 100")
    .addOption({ name: "term", description: "Days to wait", defaultValue: "" })
    .setAction(() => import("./claim.js"))
    .build(),
  sendingTask(
    ["rank", "mint"],
    "Ends a mint after its term, and stakes a part of the reward if asked to",
    "--stake-percent 40 --stake-term 300",
  )
    .addOption({ name: "stakePercent", description: "Percent of the reward to stake", defaultValue: "" })
    .addOption({ name: "stakeTerm", description: "Days to stake it for", defaultValue: "" })
    .setAction(() => import("./mint.js"))
    .build(),
  sendingTask(
    ["rank", "share"],
    "Ends a mint after its term and gives a part of the reward to somebody",
    "--to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --percent 25",
  )
    .addOption({ name: "to", description: "Address to share with", defaultValue: "" })
    .addOption({ name: "percent", description: "Percent of the reward to share", defaultValue: "" })
    .setAction(() => import("./share.js"))
    .build(),
  sendingTask(["rank", "stake"], "Locks XRANK for a yield", "--amount 12.5 --term 300")
    .addOption({ name: "amount", description: "How many XRANK, such as 12.5", defaultValue: "" })
    .addOption({ name: "term", description: "Days to lock them", defaultValue: "" })
    .setAction(() => import("./stake.js"))
    .build(),
  sendingTask(["rank", "withdraw"], "Ends a stake: with its yield after the term, without it before", "")
    .addFlag({ name: "early", description: "Give the yield up and withdraw before the term ends" })
    .setAction(() => import("./withdraw.js"))
    .build(),
  viewTask(["rank", "status"], "Shows an account's mint, stake and balance, and the economy", "--account 0")
    .addOption(ACCOUNT)
    .setAction(() => import("./status.js"))
    .build(),
];
