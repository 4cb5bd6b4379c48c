import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

const ID = {
  name: "id",
  description: "The proposal's number, as `gov status` counts them, or its whole id",
  defaultValue: "",
} as const;
const TITLE = {
  name: "title",
  description: "What it is called, in one line (what it does)",
  defaultValue: "",
} as const;
const DESCRIPTION = {
  name: "description",
  description: "The reasons, in Markdown, or @ and a file with them (none)",
  defaultValue: "",
} as const;
const ANYWAY = {
  name: "anyway",
  description: "Propose it also if the treasury could not do it now",
} as const;
const SUPPORT = { name: "support", description: "for, against or abstain", defaultValue: "" } as const;
const REASON = { name: "reason", description: "Why, for everybody to read (nothing)", defaultValue: "" } as const;
const PLAN = { name: "plan", description: "The plan's number", defaultValue: "" } as const;

/** `hardhat gov propose …`. */
const proposeTasks = [
  task(
    ["gov", "propose"],
    'Proposes the calls of a JSON file, such as [{"contract": "votes", "function": "…", "args": []}]',
  )
    .addOption({
      name: "file",
      description: "JSON file with the calls, and a title and a description if it likes",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(ANYWAY)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/propose.js"))
    .build(),
  task(["gov", "propose", "shares"], "Proposes how the emission of XMEX is shared out among the streams")
    .addOption({
      name: "shares",
      description: "Percent for each stream from 0 on, such as 60,10,20,10",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(ANYWAY)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/propose-shares.js"))
    .build(),
  task(["gov", "propose", "drawer"], "Proposes which contract draws from a stream of the XMEX emission")
    .addOption({ name: "stream", description: "The stream's number", defaultValue: "" })
    .addOption({
      name: "drawer",
      description: "Address or contract of the deployment that draws, or nobody",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(ANYWAY)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/propose-drawer.js"))
    .build(),
  task(["gov", "propose", "spend"], "Proposes to send tokens or ether of the treasury to somebody")
    .addOption({ name: "token", description: "XME, XMEX, ETH, or a token's address", defaultValue: "" })
    .addOption({ name: "amount", description: "How many, such as 12.5", defaultValue: "" })
    .addOption({
      name: "to",
      description: "Who receives them: an address, or a contract of the deployment",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(ANYWAY)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/propose-spend.js"))
    .build(),
  task(["gov", "propose", "buyback"], "Proposes a plan that buys XME with tokens of the treasury and burns it")
    .addOption({ name: "token", description: "What it pays with: XMEX, or a token's address", defaultValue: "XMEX" })
    .addOption({ name: "fee", description: "Fee of the Uniswap pool to buy in, in percent", defaultValue: "0.3" })
    .addOption({ name: "total", description: "How many of that token in all, such as 1000000", defaultValue: "" })
    .addOption({ name: "slice", description: "How many of it at once, at most", defaultValue: "" })
    .addOption({
      name: "interval",
      description: "How long between two slices, at least, such as 1h or 1d",
      defaultValue: "1d",
    })
    .addOption({
      name: "duration",
      description: "How long it runs from the first moment that it can start, such as 90d",
      defaultValue: "90d",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(ANYWAY)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/propose-buyback.js"))
    .build(),
  task(
    ["gov", "propose", "role"],
    "Proposes who has a role of the access manager, and what the role may call: replaces a module",
  )
    .addOption({
      name: "manager",
      description: "The access manager: accessManager, or xp.accessManager where XP is governed here too",
      defaultValue: "accessManager",
    })
    .addOption({ name: "role", description: "The role's name or number", defaultValue: "" })
    .addOption({
      name: "grant",
      description: "Who gets it: an address, or a contract of the deployment (nobody)",
      defaultValue: "",
    })
    .addOption({ name: "revoke", description: "Who loses it (nobody)", defaultValue: "" })
    .addOption({
      name: "delay",
      description: "How long the new holder waits between saying and doing",
      defaultValue: "0s",
    })
    .addOption({
      name: "target",
      description: "A contract that the role may call functions of (none)",
      defaultValue: "",
    })
    .addOption({
      name: "functions",
      description: "Those functions, by name or signature, with commas between them",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(ANYWAY)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/propose-role.js"))
    .build(),
  task(["gov", "propose", "policy"], "Proposes the next version of a policy for what runs off-chain")
    .addOption({ name: "policy", description: "Its name, such as recommendation", defaultValue: "" })
    .addOption({ name: "text", description: "File with the text, for its hash", defaultValue: "" })
    .addOption({ name: "uri", description: "Where everybody finds that text", defaultValue: "" })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(ANYWAY)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/propose-policy.js"))
    .build(),
];

/** `hardhat gov …` for a proposal that was made. */
const proposalTasks = [
  task(["gov", "vote"], "Votes on a proposal, with all votes of the account or by somebody's signature")
    .addOption(ID)
    .addOption(SUPPORT)
    .addOption(REASON)
    .addOption({
      name: "signature",
      description: "What `gov sign-vote` printed, or the file with it: sends that vote (votes itself)",
      defaultValue: "",
    })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/vote.js"))
    .build(),
  task(["gov", "sign-vote"], "Signs a vote for somebody else to send; sends nothing")
    .addOption(ID)
    .addOption(SUPPORT)
    .addOption(REASON)
    .addOption({
      name: "voter",
      description: "A contract that takes the signature for its own by ERC-1271 (the account)",
      defaultValue: "",
    })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/sign-vote.js"))
    .build(),
  task(["gov", "queue"], "Queues what was decided in the timelock")
    .addOption(ID)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/queue.js"))
    .build(),
  task(["gov", "execute"], "Carries out what was decided and has waited")
    .addOption(ID)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/execute.js"))
    .build(),
  task(["gov", "cancel"], "Cancels a proposal for ever, for the guardian until the sunset")
    .addOption(ID)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/cancel.js"))
    .build(),
  task(["gov", "status"], "Shows the government and its latest proposals, or one proposal with its calls and votes")
    .addOption({ ...ID, description: "The one proposal to show (the latest)" })
    .addOption({ name: "last", description: "How many of the latest to show", defaultValue: "20" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/status.js"))
    .build(),
];

/** `hardhat gov …` for what governance has decided. */
const decidedTasks = [
  task(["gov", "policy"], "Shows what was decided about what runs off-chain")
    .addOption({
      name: "policy",
      description: "The policy's name (all, each with its latest version)",
      defaultValue: "",
    })
    .addOption({ name: "number", description: "Which of its versions (all)", defaultValue: "" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/policy.js"))
    .build(),
  emptyTask(["gov", "buyback"], "Buybacks of XME that were decided").build(),
  task(["gov", "buyback", "status"], "Shows the buyback plans, what is left to them, and the next slice")
    .addOption({ ...PLAN, description: "The one plan to show (all)" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/buyback-status.js"))
    .build(),
  task(["gov", "buyback", "execute"], "Runs a slice that is due: buys XME and burns it")
    .addOption(PLAN)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/buyback-execute.js"))
    .build(),
  task(["gov", "buyback", "close"], "Sends what a plan did not spend back to the treasury")
    .addOption(PLAN)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/buyback-close.js"))
    .build(),
  emptyTask(["gov", "badge"], "Badges, which staked XME shows of its holder").build(),
  task(["gov", "badge", "status"], "Shows an account's badge, and what badges are worth")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/badge-status.js"))
    .build(),
  task(["gov", "badge", "mint"], "Mints the account's badge, which can never be transferred")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/badge-mint.js"))
    .build(),
  task(["gov", "badge", "burn"], "Burns the account's badge")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/badge-burn.js"))
    .build(),
];

/** `hardhat gov …`: X.me governed by those who stake XME. */
export const govTasks = [
  emptyTask("gov", "X.me's government: propose, vote, queue, execute").build(),
  ...proposeTasks,
  ...proposalTasks,
  ...decidedTasks,
];
