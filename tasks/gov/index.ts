import { emptyTask } from "hardhat/config";

import { sendingTask, signingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

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
  sendingTask(
    ["gov", "propose"],
    'Proposes the calls of a JSON file, such as [{"contract": "votes", "function": "…", "args": []}]',
    "--file calls.json --title 'Votes earn more'",
  )
    .addOption({
      name: "file",
      description: "JSON file with the calls, and a title and a description if it likes",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addFlag(ANYWAY)
    .setAction(() => import("./actions/propose.js"))
    .build(),
  sendingTask(
    ["gov", "propose", "shares"],
    "Proposes how the emission of XMEX is shared out among the streams",
    "--shares 60,10,20,10",
  )
    .addOption({
      name: "shares",
      description: "Percent for each stream from 0 on, such as 60,10,20,10",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addFlag(ANYWAY)
    .setAction(() => import("./actions/propose-shares.js"))
    .build(),
  sendingTask(
    ["gov", "propose", "drawer"],
    "Proposes which contract draws from a stream of the XMEX emission",
    "--stream 4 --drawer nobody",
  )
    .addOption({ name: "stream", description: "The stream's number", defaultValue: "" })
    .addOption({
      name: "drawer",
      description: "Address or contract of the deployment that draws, or nobody",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addFlag(ANYWAY)
    .setAction(() => import("./actions/propose-drawer.js"))
    .build(),
  sendingTask(
    ["gov", "propose", "spend"],
    "Proposes to send tokens of the treasury, or the chain's currency, to somebody",
    "--token XME --amount 12.5 --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  )
    .addOption({
      name: "token",
      description: "XME, XMEX, the chain's currency (ETH, or POL on Polygon), or a token's address",
      defaultValue: "",
    })
    .addOption({ name: "amount", description: "How many, such as 12.5", defaultValue: "" })
    .addOption({
      name: "to",
      description: "Who receives them: an address, or a contract of the deployment",
      defaultValue: "",
    })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addFlag(ANYWAY)
    .setAction(() => import("./actions/propose-spend.js"))
    .build(),
  sendingTask(
    ["gov", "propose", "buyback"],
    "Proposes a plan that buys XME with tokens of the treasury and burns it",
    "--total 1000000 --slice 10000",
  )
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
    .addFlag(ANYWAY)
    .setAction(() => import("./actions/propose-buyback.js"))
    .build(),
  sendingTask(
    ["gov", "propose", "role"],
    "Proposes who has a role of the access manager, and what the role may call: replaces a module",
    "--role settler --grant 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
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
    .addFlag(ANYWAY)
    .setAction(() => import("./actions/propose-role.js"))
    .build(),
  sendingTask(
    ["gov", "propose", "policy"],
    "Proposes the next version of a policy for what runs off-chain",
    "--policy recommendation --text policy.md --uri https://example.org/policy.md",
  )
    .addOption({ name: "policy", description: "Its name, such as recommendation", defaultValue: "" })
    .addOption({ name: "text", description: "File with the text, for its hash", defaultValue: "" })
    .addOption({ name: "uri", description: "Where everybody finds that text", defaultValue: "" })
    .addOption(TITLE)
    .addOption(DESCRIPTION)
    .addFlag(ANYWAY)
    .setAction(() => import("./actions/propose-policy.js"))
    .build(),
];

/** `hardhat gov …` for a proposal that was made. */
const proposalTasks = [
  sendingTask(
    ["gov", "vote"],
    "Votes on a proposal, with all votes of the account or by somebody's signature",
    "--id 1 --support for",
  )
    .addOption(ID)
    .addOption(SUPPORT)
    .addOption(REASON)
    .addOption({
      name: "signature",
      description: "What `gov sign-vote` printed, or the file with it: sends that vote (votes itself)",
      defaultValue: "",
    })
    .setAction(() => import("./actions/vote.js"))
    .build(),
  signingTask(["gov", "sign-vote"], "Signs a vote for somebody else to send; sends nothing", "--id 1 --support for")
    .addOption(ID)
    .addOption(SUPPORT)
    .addOption(REASON)
    .addOption({
      name: "voter",
      description: "A contract that takes the signature for its own by ERC-1271 (the account)",
      defaultValue: "",
    })
    .setAction(() => import("./actions/sign-vote.js"))
    .build(),
  sendingTask(["gov", "queue"], "Queues what was decided in the timelock", "--id 1")
    .addOption(ID)
    .setAction(() => import("./actions/queue.js"))
    .build(),
  sendingTask(["gov", "execute"], "Carries out what was decided and has waited", "--id 1")
    .addOption(ID)
    .setAction(() => import("./actions/execute.js"))
    .build(),
  sendingTask(["gov", "cancel"], "Cancels a proposal for ever, for the guardian until the sunset", "--id 1")
    .addOption(ID)
    .setAction(() => import("./actions/cancel.js"))
    .build(),
  viewTask(
    ["gov", "status"],
    "Shows the government and its latest proposals, or one proposal with its calls and votes",
    "--last 5",
  )
    .addOption({ ...ID, description: "The one proposal to show (the latest)" })
    .addOption({ name: "last", description: "How many of the latest to show", defaultValue: "20" })
    .setAction(() => import("./actions/status.js"))
    .build(),
];

/** `hardhat gov …` for what governance has decided. */
const decidedTasks = [
  viewTask(["gov", "policy"], "Shows what was decided about what runs off-chain", "")
    .addOption({
      name: "policy",
      description: "The policy's name (all, each with its latest version)",
      defaultValue: "",
    })
    .addOption({ name: "number", description: "Which of its versions (all)", defaultValue: "" })
    .setAction(() => import("./actions/policy.js"))
    .build(),
  emptyTask(["gov", "buyback"], "Buybacks of XME that were decided").build(),
  viewTask(["gov", "buyback", "status"], "Shows the buyback plans, what is left to them, and the next slice", "")
    .addOption({ ...PLAN, description: "The one plan to show (all)" })
    .setAction(() => import("./actions/buyback-status.js"))
    .build(),
  sendingTask(["gov", "buyback", "execute"], "Runs a slice that is due: buys XME and burns it", "--plan 1")
    .addOption(PLAN)
    .setAction(() => import("./actions/buyback-execute.js"))
    .build(),
  sendingTask(["gov", "buyback", "close"], "Sends what a plan did not spend back to the treasury", "--plan 1")
    .addOption(PLAN)
    .setAction(() => import("./actions/buyback-close.js"))
    .build(),
  emptyTask(["gov", "badge"], "Badges, which staked XME shows of its holder").build(),
  viewTask(["gov", "badge", "status"], "Shows an account's badge, and what badges are worth", "--account 0")
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/badge-status.js"))
    .build(),
  sendingTask(["gov", "badge", "mint"], "Mints the account's badge, which can never be transferred", "")
    .setAction(() => import("./actions/badge-mint.js"))
    .build(),
  sendingTask(["gov", "badge", "burn"], "Burns the account's badge", "")
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
