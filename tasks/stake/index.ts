import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

const XME_AMOUNT = { name: "amount", description: "How many XME, such as 12.5", defaultValue: "" } as const;
const TO = { name: "to", description: "Who receives it (the account)", defaultValue: "" } as const;

/** `hardhat stake …`: XME staked for votes and dividends. */
export const stakeTasks = [
  emptyTask("stake", "XME staked for votes and dividends").build(),
  sendingTask(["stake", "add"], "Stakes XME one to one for votes and a share of XMEX income", "--amount 12.5")
    .addOption(XME_AMOUNT)
    .setAction(() => import("./add.js"))
    .build(),
  sendingTask(
    ["stake", "request"],
    "Asks staked XME back: it can be taken in seven days, and votes no more",
    "--amount 12.5",
  )
    .addOption(XME_AMOUNT)
    .setAction(() => import("./request.js"))
    .build(),
  sendingTask(["stake", "restake"], "Stakes XME again that waits to be taken", "--amount 12.5")
    .addOption(XME_AMOUNT)
    .setAction(() => import("./restake.js"))
    .build(),
  sendingTask(["stake", "withdraw"], "Takes all XME that has waited seven days", "")
    .addOption(TO)
    .setAction(() => import("./withdraw.js"))
    .build(),
  sendingTask(["stake", "claim"], "Takes all XMEX that the stake has earned", "")
    .addOption(TO)
    .setAction(() => import("./claim.js"))
    .build(),
  sendingTask(
    ["stake", "delegate"],
    "Chooses who votes with the stake; stake and dividends stay",
    "--to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  )
    .addOption({ name: "to", description: "Address that votes, or nobody (the account)", defaultValue: "" })
    .setAction(() => import("./delegate.js"))
    .build(),
  sendingTask(
    ["stake", "income"],
    "Gives XMEX to all who have XME staked, over the month after this one",
    "--amount 12.5",
  )
    .addOption({ name: "amount", description: "How many XMEX, such as 12.5", defaultValue: "" })
    .setAction(() => import("./income.js"))
    .build(),
  sendingTask(
    ["stake", "advance"],
    "Draws this month's emission for all who have XME staked, where nothing else did; anybody may",
    "",
  )
    .setAction(() => import("./advance.js"))
    .build(),
  viewTask(["stake", "status"], "Shows an account's stake, votes and earnings, and what streams to all", "--account 0")
    .addOption(ACCOUNT)
    .setAction(() => import("./status.js"))
    .build(),
];
