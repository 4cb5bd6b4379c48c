import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

const LOG = { name: "log", description: "The epoch's log, a Parquet or CSV file", defaultValue: "" } as const;
const STORE = {
  name: "store",
  description: "The epoch's proof store, with its manifest beside it as <store>.json",
  defaultValue: "",
} as const;
const EPOCH = {
  name: "epoch",
  description: "Number of a week since 1970 (the last that is over)",
  defaultValue: "",
} as const;
const THE_EPOCH = { name: "epoch", description: "Number of a week since 1970", defaultValue: "" } as const;
const CONFIRMATIONS = {
  name: "confirmations",
  description: "How many blocks must lie on the epoch's last one (64)",
  defaultValue: "",
} as const;
const MINING = {
  name: "mining",
  description: "Address of SocialMining, where there is no record of the deployment",
  defaultValue: "",
} as const;
const CONTENT = {
  name: "content",
  description: "Address of ContentRegistry, beside --mining",
  defaultValue: "",
} as const;
const TO = { name: "to", description: "Whom it pays (the account)", defaultValue: "" } as const;

/** `hardhat mining …`: from a log and the chain to a root, from a root to XMEX. */
export const miningTasks = [
  emptyTask("mining", "Social mining: count a week's contribution, publish, verify, claim").build(),
  viewTask(
    ["mining", "build"],
    "Counts a log with the chain's events, and writes the proof store and its manifest; sends nothing",
    "--log week.parquet --store week.store",
  )
    .addOption(LOG)
    .addOption({ name: "store", description: "Where the proof store goes", defaultValue: "" })
    .addOption(EPOCH)
    .addOption(CONFIRMATIONS)
    .addOption(MINING)
    .addOption(CONTENT)
    .setAction(() => import("./actions/build.js"))
    .build(),
  viewTask(
    ["mining", "verify"],
    "Counts an epoch again from its log and the chain, and says equal, or which accounts differ",
    "--log week.parquet --store week.store",
  )
    .addOption(LOG)
    .addOption(STORE)
    .addOption({ ...EPOCH, description: "Number of a week since 1970 (the store's, or the last that is over)" })
    .addOption(CONFIRMATIONS)
    .addOption(MINING)
    .addOption(CONTENT)
    .setAction(() => import("./actions/verify.js"))
    .build(),
  sendingTask(
    ["mining", "publish"],
    "Counts an epoch again, and publishes the store's root if nothing differs; a publisher's",
    "--log week.parquet --store week.store --uri https://example.org/week.parquet",
  )
    .addOption(LOG)
    .addOption(STORE)
    .addOption({ name: "uri", description: "Where others find the log", defaultValue: "" })
    .addOption(CONFIRMATIONS)
    .setAction(() => import("./actions/publish.js"))
    .build(),
  sendingTask(
    ["mining", "strike"],
    "Takes away a root that does not come of its log; a striker's, within 72 hours",
    "--epoch 2900",
  )
    .addOption(THE_EPOCH)
    .setAction(() => import("./actions/strike.js"))
    .build(),
  sendingTask(
    ["mining", "claim"],
    "Credits an account its part of an epoch's budget, and pays what today allows",
    "--store week.store",
  )
    .addOption(STORE)
    .addOption(TO)
    .setAction(() => import("./actions/claim.js"))
    .build(),
  sendingTask(["mining", "withdraw"], "Pays an account more of what it was credited, as far as today allows", "")
    .addOption(TO)
    .setAction(() => import("./actions/withdraw.js"))
    .build(),
  sendingTask(
    ["mining", "draw"],
    "Draws an epoch's budget from the emission, as its first claim does too; anybody may",
    "--epoch 2900",
  )
    .addOption(THE_EPOCH)
    .setAction(() => import("./actions/draw.js"))
    .build(),
  sendingTask(
    ["mining", "return"],
    "Sends back to the stream what nobody claimed of an epoch in its year",
    "--epoch 2900",
  )
    .addOption(THE_EPOCH)
    .setAction(() => import("./actions/return.js"))
    .build(),
  viewTask(["mining", "status"], "Shows the latest epochs, and what an account was credited and is owed", "--weeks 4")
    .addOption({ name: "weeks", description: "How many of the latest epochs", defaultValue: "8" })
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/status.js"))
    .build(),
];
