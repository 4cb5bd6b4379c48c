import { task } from "hardhat/config";

import { DEPLOYMENT, JSON_FLAG } from "../support/options.js";

/** `hardhat economy`: output and consumption of XMEX. */
export const economyTasks = [
  task(
    "economy",
    "Tells output and consumption of XMEX by week and category, from events, checked against the contracts",
  )
    .addOption({ name: "weeks", description: "How many of the latest weeks to show", defaultValue: "8" })
    .addOption({ name: "csv", description: "A file to write those weeks to, amounts in wei (none)", defaultValue: "" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./action.js"))
    .build(),
];
