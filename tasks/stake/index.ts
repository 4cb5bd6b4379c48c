import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

const XME_AMOUNT = { name: "amount", description: "How many XME, such as 12.5", defaultValue: "" } as const;
const TO = { name: "to", description: "Who receives it (the account)", defaultValue: "" } as const;

/** `hardhat stake …`: XME staked for votes and dividends. */
export const stakeTasks = [
  emptyTask("stake", "XME staked for votes and dividends").build(),
  task(["stake", "add"], "Stakes XME one to one for votes and a share of XMEX income")
    .addOption(XME_AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./add.js"))
    .build(),
  task(["stake", "request"], "Asks staked XME back: it can be taken in seven days, and votes no more")
    .addOption(XME_AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./request.js"))
    .build(),
  task(["stake", "restake"], "Stakes XME again that waits to be taken")
    .addOption(XME_AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./restake.js"))
    .build(),
  task(["stake", "withdraw"], "Takes all XME that has waited seven days")
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./withdraw.js"))
    .build(),
  task(["stake", "claim"], "Takes all XMEX that the stake has earned")
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./claim.js"))
    .build(),
  task(["stake", "delegate"], "Chooses who votes with the stake; stake and dividends stay")
    .addOption({ name: "to", description: "Address that votes, or nobody (the account)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./delegate.js"))
    .build(),
  task(["stake", "income"], "Gives XMEX to all who have XME staked, over the month after this one")
    .addOption({ name: "amount", description: "How many XMEX, such as 12.5", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./income.js"))
    .build(),
  task(["stake", "status"], "Shows an account's stake, votes and earnings, and what streams to all")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./status.js"))
    .build(),
];
