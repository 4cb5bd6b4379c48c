import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

const NODE = { name: "node", description: "The node's number", defaultValue: "" } as const;
const XME_AMOUNT = { name: "amount", description: "How many XME, such as 12.5", defaultValue: "" } as const;
const XMEX_AMOUNT = { name: "amount", description: "How many XMEX, such as 12.5", defaultValue: "" } as const;
const PART_AMOUNT = { name: "amount", description: "How many XMEX at least, such as 12.5", defaultValue: "" } as const;
const ALL = { name: "all", description: "Or all of them" } as const;
const TO = { name: "to", description: "Who receives it (the account)", defaultValue: "" } as const;
const LAST = { name: "last", description: "How many of the latest to look at", defaultValue: "200" } as const;

/** `hardhat nodes …` for operators, in the order of a node's life. */
const operatorTasks = [
  sendingTask(
    ["nodes", "open"],
    "Opens a node with a bond of XME, operated by the account",
    "--bond 1000 --commission 5",
  )
    .addOption({ name: "bond", description: "How many XME to bond, such as 1000", defaultValue: "" })
    .addOption({
      name: "commission",
      description: "Percent of what delegations earn in XMEX that goes to you, such as 5",
      defaultValue: "",
    })
    .addOption({ name: "uri", description: "Where the node is described (nowhere)", defaultValue: "" })
    .setAction(() => import("./actions/open.js"))
    .build(),
  sendingTask(["nodes", "bond"], "Adds XME to a node's bond, which lifts its cap", "--node 1 --amount 12.5")
    .addOption(NODE)
    .addOption(XME_AMOUNT)
    .setAction(() => import("./actions/bond.js"))
    .build(),
  sendingTask(["nodes", "unbond"], "Asks XME of a node's bond back, and starts their wait", "--node 1 --amount 12.5")
    .addOption(NODE)
    .addOption(XME_AMOUNT)
    .setAction(() => import("./actions/unbond.js"))
    .build(),
  sendingTask(["nodes", "withdraw-bond"], "Takes the XME that have left a node's bond", "--node 1")
    .addOption(NODE)
    .addOption(TO)
    .setAction(() => import("./actions/withdraw-bond.js"))
    .build(),
  sendingTask(["nodes", "commission"], "Announces a node's commission from next month on", "--node 1 --percent 5")
    .addOption(NODE)
    .addOption({ name: "percent", description: "The new commission in percent, such as 5", defaultValue: "" })
    .setAction(() => import("./actions/commission.js"))
    .build(),
  sendingTask(
    ["nodes", "commission-take"],
    "Turns a node's commission into XMEX, and starts their wait",
    "--node 1 --all",
  )
    .addOption(NODE)
    .addOption(PART_AMOUNT)
    .addOption({ name: "shares", description: "Or how many shares of the pool", defaultValue: "" })
    .addFlag(ALL)
    .setAction(() => import("./actions/commission-take.js"))
    .build(),
  sendingTask(["nodes", "describe"], "Says where a node is described", "--node 1 --uri https://example.org/node.json")
    .addOption(NODE)
    .addOption({ name: "uri", description: "Where it is from now on", defaultValue: "" })
    .setAction(() => import("./actions/describe.js"))
    .build(),
  sendingTask(["nodes", "close"], "Closes a node for good, and starts the wait for its bond", "--node 1")
    .addOption(NODE)
    .setAction(() => import("./actions/close.js"))
    .build(),
];

/** `hardhat nodes …` for delegators, in the order of a delegation's life. */
const delegatorTasks = [
  sendingTask(["nodes", "delegate"], "Delegates XMEX to a node", "--node 1 --amount 12.5")
    .addOption(NODE)
    .addOption(XMEX_AMOUNT)
    .setAction(() => import("./actions/delegate.js"))
    .build(),
  sendingTask(["nodes", "undelegate"], "Asks XMEX back from a node, and starts their wait", "--node 1 --amount 12.5")
    .addOption(NODE)
    .addOption(PART_AMOUNT)
    .addOption({ name: "shares", description: "Or how many shares of the node", defaultValue: "" })
    .addFlag(ALL)
    .setAction(() => import("./actions/undelegate.js"))
    .build(),
  sendingTask(["nodes", "withdraw"], "Takes all XMEX that have waited", "")
    .addOption(TO)
    .setAction(() => import("./actions/withdraw.js"))
    .build(),
  sendingTask(["nodes", "leave"], "Takes all XMEX out of a node that was closed", "--node 1")
    .addOption(NODE)
    .addOption(TO)
    .setAction(() => import("./actions/leave.js"))
    .build(),
  sendingTask(["nodes", "claim"], "Takes the XME that delegations have earned", "--nodes 1,2")
    .addOption({
      name: "nodes",
      description: "Numbers of the nodes, such as 1,2 (all of the account's)",
      defaultValue: "",
    })
    .addOption(TO)
    .setAction(() => import("./actions/claim.js"))
    .build(),
];

/** `hardhat nodes …` for income, which anybody may bring. */
const incomeTasks = [
  sendingTask(
    ["nodes", "income"],
    "Gives XME or XMEX, which stream to all delegators next month",
    "--token XMEX --amount 12.5",
  )
    .addOption({ name: "token", description: "XME or XMEX", defaultValue: "" })
    .addOption({ name: "amount", description: "How many, such as 12.5", defaultValue: "" })
    .setAction(() => import("./actions/income.js"))
    .build(),
  sendingTask(["nodes", "collect"], "Draws what the emission vault has for delegators, which streams next month", "")
    .setAction(() => import("./actions/collect.js"))
    .build(),
];

/** `hardhat nodes …` that only look. */
const viewTasks = [
  viewTask(["nodes", "list"], "Lists the latest nodes that are open", "")
    .addOption(LAST)
    .addFlag({ name: "all", description: "Those that are closed too" })
    .setAction(() => import("./actions/list.js"))
    .build(),
  viewTask(
    ["nodes", "show"],
    "Shows a node: its operator, bond, commission, cap, delegations, and where it is described",
    "--node 1",
  )
    .addOption(NODE)
    .setAction(() => import("./actions/show.js"))
    .build(),
  viewTask(
    ["nodes", "position"],
    "Shows what an account has at each node, what is unbonding, and what it can claim",
    "--account 0",
  )
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/position.js"))
    .build(),
  viewTask(
    ["nodes", "status"],
    "Shows the pool of all delegations: its price, and what streams this month and the next",
    "",
  )
    .setAction(() => import("./actions/status.js"))
    .build(),
];

/** `hardhat nodes …`: XMEX that stand behind X.me's nodes, and what they earn. */
export const nodeTasks = [
  emptyTask("nodes", "X.me's nodes: open, bond, delegate, earn, claim").build(),
  ...operatorTasks,
  ...delegatorTasks,
  ...incomeTasks,
  ...viewTasks,
];
