import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

const CAMPAIGN = { name: "campaign", description: "The campaign's number", defaultValue: "" } as const;
const FILE = { name: "file", description: "A CSV file of creator,impressions", defaultValue: "" } as const;
const TO = { name: "to", description: "Who receives it (the account)", defaultValue: "" } as const;
const LAST = { name: "last", description: "How many of the latest to look at", defaultValue: "200" } as const;

/** `hardhat ads …` for advertisers, in the order of a campaign's life. */
const campaignTasks = [
  sendingTask(
    ["ads", "create"],
    "Creates a campaign, and puts its budget in escrow",
    "--budget 1000 --price 0.5 --days 30",
  )
    .addOption({ name: "budget", description: "How many XME it may spend, such as 1000", defaultValue: "" })
    .addOption({ name: "price", description: "XME for a thousand impressions, such as 0.5", defaultValue: "" })
    .addOption({
      name: "start",
      description: "When it starts, such as 2027-01-31 or 2027-01-31T12:00:00Z (now)",
      defaultValue: "",
    })
    .addOption({ name: "end", description: "When it ends, written in the same way", defaultValue: "" })
    .addOption({ name: "days", description: "In place of the end, for how many days it runs", defaultValue: "" })
    .addOption({
      name: "brief",
      description: "What is advertised, or the Keccak-256 hash of it (nothing)",
      defaultValue: "",
    })
    .setAction(() => import("./actions/create.js"))
    .build(),
  sendingTask(["ads", "topup"], "Adds XME to a campaign's budget", "--campaign 1 --amount 12.5")
    .addOption(CAMPAIGN)
    .addOption({ name: "amount", description: "How many XME, such as 12.5", defaultValue: "" })
    .setAction(() => import("./actions/topup.js"))
    .build(),
  sendingTask(["ads", "stop"], "Ends a campaign now, and takes back what its pace has not reached", "--campaign 1")
    .addOption(CAMPAIGN)
    .setAction(() => import("./actions/stop.js"))
    .build(),
  sendingTask(["ads", "refund"], "Sends what a campaign did not spend back to its advertiser", "--campaign 1")
    .addOption(CAMPAIGN)
    .setAction(() => import("./actions/refund.js"))
    .build(),
];

/** `hardhat ads …` for reports, and for whoever is paid by them. */
const reportTasks = [
  sendingTask(["ads", "settle"], "Settles a report of impressions, for the settler", "--campaign 1 --file report.csv")
    .addOption(CAMPAIGN)
    .addOption(FILE)
    .addOption({ name: "uri", description: "Where the file can be had (nowhere)", defaultValue: "" })
    .addOption({ name: "report", description: "The report's number (the next one)", defaultValue: "" })
    .setAction(() => import("./actions/settle.js"))
    .build(),
  sendingTask(["ads", "withdraw"], "Takes out all XME that the account was credited for impressions", "")
    .addOption(TO)
    .setAction(() => import("./actions/withdraw.js"))
    .build(),
  sendingTask(["ads", "distribute"], "Burns what is to be burned, and sends the treasury its part", "")
    .setAction(() => import("./actions/distribute.js"))
    .build(),
  sendingTask(["ads", "pay-delegators"], "Gives delegators their part as income", "")
    .setAction(() => import("./actions/pay-delegators.js"))
    .build(),
];

/** `hardhat ads …` that only look. */
const viewTasks = [
  viewTask(["ads", "split"], "Shows how costs are shared, and what waits to be passed on", "")
    .setAction(() => import("./actions/split.js"))
    .build(),
  viewTask(["ads", "list"], "Lists the latest campaigns that have XME in escrow", "--all")
    .addOption(LAST)
    .addFlag({ name: "all", description: "Those that are over too" })
    .setAction(() => import("./actions/list.js"))
    .build(),
  viewTask(["ads", "show"], "Shows a campaign: its terms, what it can spend, and its reports", "--campaign 1")
    .addOption(CAMPAIGN)
    .setAction(() => import("./actions/show.js"))
    .build(),
  viewTask(["ads", "credit"], "Shows what an account was credited for impressions", "--account 0")
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/credit.js"))
    .build(),
  viewTask(
    ["ads", "verify-report"],
    "Compares a file with a report that was settled: its hash, and each creator's credit",
    "--campaign 1 --report 1 --file report.csv",
  )
    .addOption(CAMPAIGN)
    .addOption({ name: "report", description: "The report's number", defaultValue: "" })
    .addOption(FILE)
    .setAction(() => import("./actions/verify-report.js"))
    .build(),
];

/** `hardhat ads …`: campaigns that are paid in XME, and who is paid by them. */
export const adTasks = [
  emptyTask("ads", "Advertising paid in XME: campaigns, reports, credit").build(),
  ...campaignTasks,
  ...reportTasks,
  ...viewTasks,
];
