import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

/** `hardhat rank …`: everything that a user of XRANK does. */
export const rankTasks = [
  emptyTask("rank", "XRANK: claim a rank, mint, share, stake, withdraw").build(),
  task(["rank", "claim"], "Takes the next rank and starts the wait for its reward")
    .addOption({ name: "term", description: "Days to wait", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./claim.js"))
    .build(),
  task(["rank", "mint"], "Ends a mint after its term, and stakes a part of the reward if asked to")
    .addOption({ name: "stakePercent", description: "Percent of the reward to stake", defaultValue: "" })
    .addOption({ name: "stakeTerm", description: "Days to stake it for", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./mint.js"))
    .build(),
  task(["rank", "share"], "Ends a mint after its term and gives a part of the reward to somebody")
    .addOption({ name: "to", description: "Address to share with", defaultValue: "" })
    .addOption({ name: "percent", description: "Percent of the reward to share", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./share.js"))
    .build(),
  task(["rank", "stake"], "Locks XRANK for a yield")
    .addOption({ name: "amount", description: "How many XRANK, such as 12.5", defaultValue: "" })
    .addOption({ name: "term", description: "Days to lock them", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./stake.js"))
    .build(),
  task(["rank", "withdraw"], "Ends a stake: with its yield after the term, without it before")
    .addFlag({ name: "early", description: "Give the yield up and withdraw before the term ends" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./withdraw.js"))
    .build(),
  task(["rank", "status"], "Shows an account's mint, stake and balance, and the economy")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./status.js"))
    .build(),
];
