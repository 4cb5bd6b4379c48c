import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

const NODE = { name: "node", description: "The node's number", defaultValue: "" } as const;
const XME_AMOUNT = { name: "amount", description: "How many XME, such as 12.5", defaultValue: "" } as const;
const XMEX_AMOUNT = { name: "amount", description: "How many XMEX, such as 12.5", defaultValue: "" } as const;
const PART_AMOUNT = { name: "amount", description: "How many XMEX at least, such as 12.5", defaultValue: "" } as const;
const ALL = { name: "all", description: "Or all of them" } as const;
const TO = { name: "to", description: "Who receives it (the account)", defaultValue: "" } as const;
const LAST = { name: "last", description: "How many of the latest to look at", defaultValue: "200" } as const;

/** `hardhat nodes …` for operators, in the order of a node's life. */
const operatorTasks = [
  task(["nodes", "open"], "Opens a node with a bond of XME, operated by the account")
    .addOption({ name: "bond", description: "How many XME to bond, such as 1000", defaultValue: "" })
    .addOption({
      name: "commission",
      description: "Percent of what delegations earn in XMEX that goes to you, such as 5",
      defaultValue: "",
    })
    .addOption({ name: "uri", description: "Where the node is described (nowhere)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/open.js"))
    .build(),
  task(["nodes", "bond"], "Adds XME to a node's bond, which lifts its cap")
    .addOption(NODE)
    .addOption(XME_AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/bond.js"))
    .build(),
  task(["nodes", "unbond"], "Asks XME of a node's bond back, and starts their wait")
    .addOption(NODE)
    .addOption(XME_AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/unbond.js"))
    .build(),
  task(["nodes", "withdraw-bond"], "Takes the XME that have left a node's bond")
    .addOption(NODE)
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/withdraw-bond.js"))
    .build(),
  task(["nodes", "commission"], "Announces a node's commission from next month on")
    .addOption(NODE)
    .addOption({ name: "percent", description: "The new commission in percent, such as 5", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/commission.js"))
    .build(),
  task(["nodes", "commission-take"], "Turns a node's commission into XMEX, and starts their wait")
    .addOption(NODE)
    .addOption(PART_AMOUNT)
    .addOption({ name: "shares", description: "Or how many shares of the pool", defaultValue: "" })
    .addFlag(ALL)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/commission-take.js"))
    .build(),
  task(["nodes", "describe"], "Says where a node is described")
    .addOption(NODE)
    .addOption({ name: "uri", description: "Where it is from now on", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/describe.js"))
    .build(),
  task(["nodes", "close"], "Closes a node for good, and starts the wait for its bond")
    .addOption(NODE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/close.js"))
    .build(),
];

/** `hardhat nodes …` for delegators, in the order of a delegation's life. */
const delegatorTasks = [
  task(["nodes", "delegate"], "Delegates XMEX to a node")
    .addOption(NODE)
    .addOption(XMEX_AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/delegate.js"))
    .build(),
  task(["nodes", "undelegate"], "Asks XMEX back from a node, and starts their wait")
    .addOption(NODE)
    .addOption(PART_AMOUNT)
    .addOption({ name: "shares", description: "Or how many shares of the node", defaultValue: "" })
    .addFlag(ALL)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/undelegate.js"))
    .build(),
  task(["nodes", "withdraw"], "Takes all XMEX that have waited")
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/withdraw.js"))
    .build(),
  task(["nodes", "leave"], "Takes all XMEX out of a node that was closed")
    .addOption(NODE)
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/leave.js"))
    .build(),
  task(["nodes", "claim"], "Takes the XME that delegations have earned")
    .addOption({
      name: "nodes",
      description: "Numbers of the nodes, such as 1,2 (all of the account's)",
      defaultValue: "",
    })
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/claim.js"))
    .build(),
];

/** `hardhat nodes …` for income, which anybody may bring. */
const incomeTasks = [
  task(["nodes", "income"], "Gives XME or XMEX, which stream to all delegators next month")
    .addOption({ name: "token", description: "XME or XMEX", defaultValue: "" })
    .addOption({ name: "amount", description: "How many, such as 12.5", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/income.js"))
    .build(),
  task(["nodes", "collect"], "Draws what the emission vault has for delegators, which streams next month")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/collect.js"))
    .build(),
];

/** `hardhat nodes …` that only look. */
const viewTasks = [
  task(["nodes", "list"], "Lists the latest nodes that are open")
    .addOption(LAST)
    .addFlag({ name: "all", description: "Those that are closed too" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/list.js"))
    .build(),
  task(["nodes", "show"], "Shows a node: its operator, bond, commission, cap, delegations, and where it is described")
    .addOption(NODE)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/show.js"))
    .build(),
  task(["nodes", "position"], "Shows what an account has at each node, what is unbonding, and what it can claim")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/position.js"))
    .build(),
  task(["nodes", "status"], "Shows the pool of all delegations: its price, and what streams this month and the next")
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
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
