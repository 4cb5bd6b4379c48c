import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

const CAMPAIGN = { name: "campaign", description: "The campaign's number", defaultValue: "" } as const;
const FILE = { name: "file", description: "A CSV file of creator,impressions", defaultValue: "" } as const;
const TO = { name: "to", description: "Who receives it (the account)", defaultValue: "" } as const;
const LAST = { name: "last", description: "How many of the latest to look at", defaultValue: "200" } as const;

/** `hardhat ads …` for advertisers, in the order of a campaign's life. */
const campaignTasks = [
  task(["ads", "create"], "Creates a campaign, and puts its budget in escrow")
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
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/create.js"))
    .build(),
  task(["ads", "topup"], "Adds XME to a campaign's budget")
    .addOption(CAMPAIGN)
    .addOption({ name: "amount", description: "How many XME, such as 12.5", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/topup.js"))
    .build(),
  task(["ads", "stop"], "Ends a campaign now, and takes back what its pace has not reached")
    .addOption(CAMPAIGN)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/stop.js"))
    .build(),
  task(["ads", "refund"], "Sends what a campaign did not spend back to its advertiser")
    .addOption(CAMPAIGN)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/refund.js"))
    .build(),
];

/** `hardhat ads …` for reports, and for whoever is paid by them. */
const reportTasks = [
  task(["ads", "settle"], "Settles a report of impressions, for the settler")
    .addOption(CAMPAIGN)
    .addOption(FILE)
    .addOption({ name: "uri", description: "Where the file can be had (nowhere)", defaultValue: "" })
    .addOption({ name: "report", description: "The report's number (the next one)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/settle.js"))
    .build(),
  task(["ads", "withdraw"], "Takes out all XME that the account was credited for impressions")
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/withdraw.js"))
    .build(),
  task(["ads", "distribute"], "Burns what is to be burned, and sends the treasury its part")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/distribute.js"))
    .build(),
  task(["ads", "pay-delegators"], "Gives delegators their part as income")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/pay-delegators.js"))
    .build(),
];

/** `hardhat ads …` that only look. */
const viewTasks = [
  task(["ads", "split"], "Shows how costs are shared, and what waits to be passed on")
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/split.js"))
    .build(),
  task(["ads", "list"], "Lists the latest campaigns that have XME in escrow")
    .addOption(LAST)
    .addFlag({ name: "all", description: "Those that are over too" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/list.js"))
    .build(),
  task(["ads", "show"], "Shows a campaign: its terms, what it can spend, and its reports")
    .addOption(CAMPAIGN)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/show.js"))
    .build(),
  task(["ads", "credit"], "Shows what an account was credited for impressions")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/credit.js"))
    .build(),
  task(["ads", "verify-report"], "Compares a file with a report that was settled: its hash, and each creator's credit")
    .addOption(CAMPAIGN)
    .addOption({ name: "report", description: "The report's number", defaultValue: "" })
    .addOption(FILE)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
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
