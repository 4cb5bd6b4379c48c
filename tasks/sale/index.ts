import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

/** `hardhat sale …`: the public sale of XME. */
export const saleTasks = [
  emptyTask("sale", "The public sale of XME").build(),
  sendingTask(["sale", "buy"], "Buys XME at the sale's price", "--amount 12.5")
    .addOption({ name: "amount", description: "How many XME, such as 12.5", defaultValue: "" })
    .addOption({ name: "atLeast", description: "The fewest XME to accept (any part of the amount)", defaultValue: "" })
    .addOption({ name: "to", description: "Who receives them (the account that pays)", defaultValue: "" })
    .setAction(() => import("./buy.js"))
    .build(),
  sendingTask(["sale", "withdraw"], "Sends the treasury what buyers have paid so far; anybody may", "")
    .setAction(() => import("./withdraw.js"))
    .build(),
  sendingTask(["sale", "sweep"], "Sends the treasury what nobody bought, once the sale is over; anybody may", "")
    .setAction(() => import("./sweep.js"))
    .build(),
  viewTask(["sale", "status"], "Shows the sale's terms and progress, and an account's room in it", "")
    .addOption(ACCOUNT)
    .setAction(() => import("./status.js"))
    .build(),
];
