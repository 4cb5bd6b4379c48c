import { emptyTask } from "hardhat/config";

import { sendingTask, signingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

const AGENT = { name: "agent", description: "The agent's number", defaultValue: "" } as const;
const JOB = { name: "job", description: "The job's number", defaultValue: "" } as const;
const TIER = { name: "tier", description: "The tier's number, from 1", defaultValue: "" } as const;
const ORDER = { name: "order", description: "The order's number", defaultValue: "" } as const;
const XP_AMOUNT = { name: "amount", description: "How many XP, such as 12.5", defaultValue: "" } as const;
const ORDER_PRICE = {
  name: "price",
  description: "How much of the payment token for one XP, such as 0.02",
  defaultValue: "",
} as const;
const TO = { name: "to", description: "Who receives it (the account)", defaultValue: "" } as const;
const SLIPPAGE = {
  name: "slippage",
  description: "Percent beyond the price shown that is still accepted",
  defaultValue: "1",
} as const;
const SWAP_VALIDITY = {
  name: "validFor",
  // Choice: as Uniswap's own interface has it.
  description: "How long the swap may wait to be mined; longer where others make the call, such as 7d",
  defaultValue: "30m",
} as const;
const LAST = { name: "last", description: "How many of the latest to look at", defaultValue: "200" } as const;

const REPUTATION = {
  name: "reputation",
  description: "Address of a reputation that was replaced (the one that the market asks)",
  defaultValue: "",
} as const;
const REDISTRIBUTOR = {
  name: "redistributor",
  description: "Address of one more redistributor to look into (the market's, and whom they replaced)",
  defaultValue: "",
} as const;

/** `hardhat xp …` for agents: who they are and where their money goes. */
const agentTasks = [
  sendingTask(
    ["xp", "register"],
    "Registers an agent, owned and paid to the account",
    "--uri https://example.org/agent.json",
  )
    .addOption({ name: "uri", description: "Where its registration file is (none yet)", defaultValue: "" })
    .addOption({
      name: "metadata",
      description: `What else is to be known, as JSON such as '{"model":"small"}'; texts, or bytes beginning with 0x`,
      defaultValue: "",
    })
    .setAction(() => import("./actions/register.js"))
    .build(),
  viewTask(
    ["xp", "agent"],
    "Shows an agent: owner, wallet, age, trust, work, fee, this week, what it can claim",
    "--agent 1",
  )
    .addOption(AGENT)
    .setAction(() => import("./actions/agent.js"))
    .build(),
  sendingTask(["xp", "uri"], "Moves an agent's registration file", "--agent 1 --uri https://example.org/agent.json")
    .addOption(AGENT)
    .addOption({ name: "uri", description: "Where it is from now on (nowhere)", defaultValue: "" })
    .setAction(() => import("./actions/uri.js"))
    .build(),
  sendingTask(
    ["xp", "metadata"],
    "Sets what is publicly known of an agent under a key",
    "--agent 1 --key model --value small",
  )
    .addOption(AGENT)
    .addOption({ name: "key", description: "Under which name", defaultValue: "" })
    .addOption({ name: "value", description: "A text, or bytes beginning with 0x (nothing)", defaultValue: "" })
    .setAction(() => import("./actions/metadata.js"))
    .build(),
  sendingTask(
    ["xp", "wallet"],
    "Makes another wallet receive what an agent earns, with that wallet's consent, or none",
    "--agent 1 --wallet 2",
  )
    .addOption(AGENT)
    .addOption({
      name: "wallet",
      description: "The new wallet: index among the network's accounts, or an address",
      defaultValue: "",
    })
    .addOption({
      name: "signature",
      description: "Its consent from `xp consent` (signed here where its key is)",
      defaultValue: "",
    })
    .addOption({ name: "deadline", description: "Until when that consent holds, in Unix seconds", defaultValue: "" })
    .addFlag({ name: "unset", description: "Leave the agent without a wallet: its owner is paid" })
    .setAction(() => import("./actions/wallet.js"))
    .build(),
  signingTask(["xp", "consent"], "Signs that the account becomes an agent's wallet; sends nothing", "--agent 1")
    .addOption(AGENT)
    .setAction(() => import("./actions/consent.js"))
    .build(),
  sendingTask(
    ["xp", "transfer"],
    "Gives an agent away, with the XP that was not claimed for it",
    "--agent 1 --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  )
    .addOption(AGENT)
    .addOption({ name: "to", description: "Who is to own it", defaultValue: "" })
    .setAction(() => import("./actions/transfer.js"))
    .build(),
];

/** `hardhat xp …` for jobs, in the order of their life. */
const jobTasks = [
  sendingTask(["xp", "faucet"], "Gives test dollars, where jobs are paid in them", "--amount 1000")
    .addOption({ name: "amount", description: "How many, such as 1000", defaultValue: "" })
    .addOption(TO)
    .setAction(() => import("./actions/faucet.js"))
    .build(),
  sendingTask(
    ["xp", "open"],
    "Opens a job and puts its payment in escrow",
    "--payment 250 --terms 'Translate this page'",
  )
    .addOption({ name: "payment", description: "What it pays, such as 250", defaultValue: "" })
    .addOption({ name: "terms", description: "What is to be done, or the Keccak-256 hash of it", defaultValue: "" })
    .addOption({ ...AGENT, description: "The only agent that may accept it (any)" })
    .addOption({ name: "minTrust", description: "Points of trust that an agent needs, 0 to 100", defaultValue: "0" })
    .addOption({ name: "openFor", description: "How long it can be accepted, such as 12h or 7d", defaultValue: "7d" })
    .addOption({
      name: "deliverWithin",
      description: "How long the agent then has to deliver, such as 12h or 3d",
      defaultValue: "3d",
    })
    .setAction(() => import("./actions/open.js"))
    .build(),
  sendingTask(["xp", "cancel"], "Takes back a job that nobody accepted", "--job 1")
    .addOption(JOB)
    .setAction(() => import("./actions/cancel.js"))
    .build(),
  sendingTask(["xp", "accept"], "Accepts a job for an agent, and posts the bond", "--job 1 --agent 1")
    .addOption(JOB)
    .addOption(AGENT)
    .addOption({ name: "maxFee", description: "Highest fee to accept, in percent (the one shown)", defaultValue: "" })
    .setAction(() => import("./actions/accept.js"))
    .build(),
  sendingTask(["xp", "deliver"], "Says that a job is done", "--job 1 --result 'The page in French'")
    .addOption(JOB)
    .addOption({ name: "result", description: "What was done, or the Keccak-256 hash of it", defaultValue: "" })
    .setAction(() => import("./actions/deliver.js"))
    .build(),
  sendingTask(["xp", "settle"], "Pays for a delivery: the client at once, anybody after the review", "--job 1")
    .addOption(JOB)
    .setAction(() => import("./actions/settle.js"))
    .build(),
  sendingTask(
    ["xp", "reject"],
    "Rejects a delivery, and posts a bond for the arbiter's ruling",
    "--job 1 --reason 'A paragraph is missing'",
  )
    .addOption(JOB)
    .addOption({ name: "reason", description: "What is wrong, or the Keccak-256 hash of it", defaultValue: "" })
    .setAction(() => import("./actions/reject.js"))
    .build(),
  sendingTask(["xp", "rule"], "Rules on a rejected delivery, for the arbiter", "--job 1 --winner agent")
    .addOption(JOB)
    .addOption({ name: "winner", description: "agent or client", defaultValue: "" })
    .setAction(() => import("./actions/rule.js"))
    .build(),
  sendingTask(["xp", "split"], "Ends a job on which the arbiter did not rule in time", "--job 1")
    .addOption(JOB)
    .setAction(() => import("./actions/split.js"))
    .build(),
  sendingTask(["xp", "refund"], "Ends a job that was not delivered in time", "--job 1")
    .addOption(JOB)
    .setAction(() => import("./actions/refund.js"))
    .build(),
  sendingTask(["xp", "withdraw"], "Takes out all that the market owes the account", "")
    .addOption(TO)
    .setAction(() => import("./actions/withdraw.js"))
    .build(),
  sendingTask(["xp", "collect"], "Sends the treasury the fees that wait for it", "")
    .setAction(() => import("./actions/collect.js"))
    .build(),
  viewTask(["xp", "job"], "Shows a job: its state, who may do what until when, and where the money goes", "--job 1")
    .addOption(JOB)
    .setAction(() => import("./actions/job.js"))
    .build(),
  viewTask(["xp", "jobs"], "Lists the latest jobs that wait for somebody", "--all")
    .addOption(LAST)
    .addFlag({ name: "all", description: "Those that have ended too" })
    .setAction(() => import("./actions/jobs.js"))
    .build(),
];

/** `hardhat xp …` for fee tiers. */
const tierTasks = [
  viewTask(["xp", "tiers"], "Shows what XP burned for a lower fee buys and saves, and what the account pays", "")
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/tiers.js"))
    .build(),
  viewTask(
    ["xp", "quote"],
    "Reckons with a tier: burn, saving, and XP's price between its floor and its ceiling",
    "--tier 1",
  )
    .addOption(TIER)
    .addOption({ name: "volume", description: "Volume of 30 days (the source's for the tier)", defaultValue: "" })
    .addOption({
      name: "price",
      description: "What one XP costs (what all that is burned costs in the pool, or from orders)",
      defaultValue: "",
    })
    .addOption({ name: "monthlyCost", description: "What a small operator spends in a month", defaultValue: "50" })
    .addOption({ name: "monthlyXp", description: "XP that a small operator earns in a month", defaultValue: "5000" })
    .addOption({ ...LAST, description: "How many of the latest orders to look at", defaultValue: "1000" })
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/quote.js"))
    .build(),
  sendingTask(["xp", "burn"], "Burns XP for a tier: 30 days of a lower fee", "--tier 1")
    .addOption(TIER)
    .addOption({ name: "maxBurn", description: "The most XP to burn (what is shown)", defaultValue: "" })
    .setAction(() => import("./actions/burn.js"))
    .build(),
  sendingTask(["xp", "buy-and-burn"], "Buys what a tier costs on Uniswap and burns it, in one transaction", "--tier 1")
    .addOption(TIER)
    .addOption({
      name: "maxPayment",
      description: "The most to pay (what is shown, and the slippage)",
      defaultValue: "",
    })
    .addOption(SLIPPAGE)
    .addOption({ name: "validFor", description: "How long the transaction may wait, such as 20m", defaultValue: "20m" })
    .setAction(() => import("./actions/buy-and-burn.js"))
    .build(),
];

/** `hardhat xp …` for the weeks in which XP is earned. */
const weekTasks = [
  sendingTask(["xp", "claim"], "Takes the XP that an agent earned, of one week or of all that are over", "--agent 1")
    .addOption(AGENT)
    .addOption({ name: "epoch", description: "The week's number (all)", defaultValue: "" })
    .addOption(TO)
    .addOption(REDISTRIBUTOR)
    .setAction(() => import("./actions/claim.js"))
    .build(),
  sendingTask(["xp", "expire"], "Burns what nobody claimed for a week in the 52 after it", "--epoch 1")
    .addOption({ name: "epoch", description: "The week's number", defaultValue: "" })
    .addOption(REDISTRIBUTOR)
    .setAction(() => import("./actions/expire.js"))
    .build(),
  sendingTask(["xp", "finalise"], "Creates the XP of the last week with work; jobs and claims do it too", "")
    .addOption(REDISTRIBUTOR)
    .setAction(() => import("./actions/finalise.js"))
    .build(),
  viewTask(
    ["xp", "epoch"],
    "Shows a week: its pool, fees, what it releases, what was burned, when the next begins",
    "--epoch 1",
  )
    .addOption({ name: "epoch", description: "The week's number (the running one)", defaultValue: "" })
    .addOption(REDISTRIBUTOR)
    .setAction(() => import("./actions/epoch.js"))
    .build(),
];

/** `hardhat xp …` for reputation. */
const reputationTasks = [
  sendingTask(["xp", "lock"], "Locks XP to an agent, for its trust", "--agent 1 --amount 12.5")
    .addOption(AGENT)
    .addOption(XP_AMOUNT)
    .setAction(() => import("./actions/lock.js"))
    .build(),
  sendingTask(["xp", "unlock"], "Asks locked XP back: it can be taken in seven days", "--agent 1 --amount 12.5")
    .addOption(AGENT)
    .addOption(XP_AMOUNT)
    .addOption(REPUTATION)
    .setAction(() => import("./actions/unlock.js"))
    .build(),
  sendingTask(["xp", "relock"], "Locks XP again that waits to be taken", "--agent 1 --amount 12.5")
    .addOption(AGENT)
    .addOption(XP_AMOUNT)
    .addOption(REPUTATION)
    .setAction(() => import("./actions/relock.js"))
    .build(),
  sendingTask(["xp", "take"], "Takes the XP that has waited seven days", "--agent 1")
    .addOption(AGENT)
    .addOption(TO)
    .addOption(REPUTATION)
    .setAction(() => import("./actions/take.js"))
    .build(),
];

/** `hardhat xp …` for trade, from hand to hand and on Uniswap. */
const tradeTasks = [
  viewTask(["xp", "orders"], "Lists the open orders, the best first", "")
    .addOption(LAST)
    .setAction(() => import("./actions/orders.js"))
    .build(),
  sendingTask(["xp", "ask"], "Offers XP for sale at a price", "--amount 12.5 --price 0.02")
    .addOption(XP_AMOUNT)
    .addOption(ORDER_PRICE)
    .setAction(() => import("./actions/ask.js"))
    .build(),
  sendingTask(["xp", "bid"], "Offers money for XP at a price", "--amount 12.5 --price 0.02")
    .addOption(XP_AMOUNT)
    .addOption(ORDER_PRICE)
    .setAction(() => import("./actions/bid.js"))
    .build(),
  sendingTask(["xp", "fill"], "Takes an order, whole or in part: buys from an ask, sells to a bid", "--order 1")
    .addOption(ORDER)
    .addOption({ ...XP_AMOUNT, description: "How many XP of it, such as 12.5 (all that is left)" })
    .addOption({
      name: "limit",
      description: "The most to pay, or the least to get, for all of the amount, in the payment token (what is shown)",
      defaultValue: "",
    })
    .setAction(() => import("./actions/fill.js"))
    .build(),
  sendingTask(["xp", "cancel-order"], "Takes back an order and all that it still holds", "--order 1")
    .addOption(ORDER)
    .addOption(TO)
    .setAction(() => import("./actions/cancel-order.js"))
    .build(),
  sendingTask(["xp", "sell"], "Sells XP in the Uniswap pool", "--amount 12.5")
    .addOption(XP_AMOUNT)
    .addOption(SLIPPAGE)
    .addOption(SWAP_VALIDITY)
    .setAction(() => import("./actions/sell.js"))
    .build(),
  sendingTask(["xp", "buy"], "Buys XP in the Uniswap pool", "--amount 12.5")
    .addOption(XP_AMOUNT)
    .addOption(SLIPPAGE)
    .addOption(SWAP_VALIDITY)
    .setAction(() => import("./actions/buy.js"))
    .build(),
];

/** `hardhat xp …`: everything that a user of the XP flywheel does. */
export const xpTasks = [
  emptyTask("xp", "The XP flywheel: agents, jobs, fee tiers, weekly XP, reputation, trade").build(),
  viewTask(["xp", "status"], "Shows what an account has: balances, credit, agents, fee", "--account 0")
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/status.js"))
    .build(),
  ...agentTasks,
  ...jobTasks,
  ...tierTasks,
  ...weekTasks,
  ...reputationTasks,
  ...tradeTasks,
];
