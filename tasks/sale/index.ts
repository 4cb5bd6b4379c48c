import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

/** `hardhat sale …`: the public sale of XME. */
export const saleTasks = [
  emptyTask("sale", "The public sale of XME").build(),
  task(["sale", "buy"], "Buys XME at the sale's price")
    .addOption({ name: "amount", description: "How many XME, such as 12.5", defaultValue: "" })
    .addOption({ name: "atLeast", description: "The fewest XME to accept (any part of the amount)", defaultValue: "" })
    .addOption({ name: "to", description: "Who receives them (the account that pays)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./buy.js"))
    .build(),
  task(["sale", "status"], "Shows the sale's terms and progress, and an account's room in it")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./status.js"))
    .build(),
];
