import { viewTask } from "../support/define.js";

/** `hardhat economy`: output and consumption of XMEX. */
export const economyTasks = [
  viewTask(
    "economy",
    "Tells output and consumption of XMEX by week and category, from events, checked against the contracts",
    "--weeks 4 --csv weeks.csv",
  )
    .addOption({ name: "weeks", description: "How many of the latest weeks to show", defaultValue: "8" })
    .addOption({ name: "csv", description: "A file to write those weeks to, amounts in wei (none)", defaultValue: "" })
    .setAction(() => import("./action.js"))
    .build(),
];
