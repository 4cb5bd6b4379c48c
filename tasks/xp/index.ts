import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

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
  task(["xp", "register"], "Registers an agent, owned and paid to the account")
    .addOption({ name: "uri", description: "Where its registration file is (none yet)", defaultValue: "" })
    .addOption({
      name: "metadata",
      description: `What else is to be known, as JSON such as '{"model":"small"}'; texts, or bytes beginning with 0x`,
      defaultValue: "",
    })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/register.js"))
    .build(),
  task(["xp", "agent"], "Shows an agent: owner, wallet, age, trust, work, fee, this week, what it can claim")
    .addOption(AGENT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/agent.js"))
    .build(),
  task(["xp", "uri"], "Moves an agent's registration file")
    .addOption(AGENT)
    .addOption({ name: "uri", description: "Where it is from now on (nowhere)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/uri.js"))
    .build(),
  task(["xp", "metadata"], "Sets what is publicly known of an agent under a key")
    .addOption(AGENT)
    .addOption({ name: "key", description: "Under which name", defaultValue: "" })
    .addOption({ name: "value", description: "A text, or bytes beginning with 0x (nothing)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/metadata.js"))
    .build(),
  task(["xp", "wallet"], "Makes another wallet receive what an agent earns, with that wallet's consent, or none")
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
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/wallet.js"))
    .build(),
  task(["xp", "consent"], "Signs that the account becomes an agent's wallet; sends nothing")
    .addOption(AGENT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/consent.js"))
    .build(),
  task(["xp", "transfer"], "Gives an agent away, with the XP that was not claimed for it")
    .addOption(AGENT)
    .addOption({ name: "to", description: "Who is to own it", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/transfer.js"))
    .build(),
];

/** `hardhat xp …` for jobs, in the order of their life. */
const jobTasks = [
  task(["xp", "faucet"], "Gives test dollars, where jobs are paid in them")
    .addOption({ name: "amount", description: "How many, such as 1000", defaultValue: "" })
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/faucet.js"))
    .build(),
  task(["xp", "open"], "Opens a job and puts its payment in escrow")
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
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/open.js"))
    .build(),
  task(["xp", "cancel"], "Takes back a job that nobody accepted")
    .addOption(JOB)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/cancel.js"))
    .build(),
  task(["xp", "accept"], "Accepts a job for an agent, and posts the bond")
    .addOption(JOB)
    .addOption(AGENT)
    .addOption({ name: "maxFee", description: "Highest fee to accept, in percent (the one shown)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/accept.js"))
    .build(),
  task(["xp", "deliver"], "Says that a job is done")
    .addOption(JOB)
    .addOption({ name: "result", description: "What was done, or the Keccak-256 hash of it", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/deliver.js"))
    .build(),
  task(["xp", "settle"], "Pays for a delivery: the client at once, anybody after the review")
    .addOption(JOB)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/settle.js"))
    .build(),
  task(["xp", "reject"], "Rejects a delivery, and posts a bond for the arbiter's ruling")
    .addOption(JOB)
    .addOption({ name: "reason", description: "What is wrong, or the Keccak-256 hash of it", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/reject.js"))
    .build(),
  task(["xp", "rule"], "Rules on a rejected delivery, for the arbiter")
    .addOption(JOB)
    .addOption({ name: "winner", description: "agent or client", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/rule.js"))
    .build(),
  task(["xp", "split"], "Ends a job on which the arbiter did not rule in time")
    .addOption(JOB)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/split.js"))
    .build(),
  task(["xp", "refund"], "Ends a job that was not delivered in time")
    .addOption(JOB)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/refund.js"))
    .build(),
  task(["xp", "withdraw"], "Takes out all that the market owes the account")
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/withdraw.js"))
    .build(),
  task(["xp", "collect"], "Sends the treasury the fees that wait for it")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/collect.js"))
    .build(),
  task(["xp", "job"], "Shows a job: its state, who may do what until when, and where the money goes")
    .addOption(JOB)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/job.js"))
    .build(),
  task(["xp", "jobs"], "Lists the latest jobs that wait for somebody")
    .addOption(LAST)
    .addFlag({ name: "all", description: "Those that have ended too" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/jobs.js"))
    .build(),
];

/** `hardhat xp …` for fee tiers. */
const tierTasks = [
  task(["xp", "tiers"], "Shows what XP burned for a lower fee buys and saves, and what the account pays")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/tiers.js"))
    .build(),
  task(["xp", "quote"], "Reckons with a tier: burn, saving, and XP's price between its floor and its ceiling")
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
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/quote.js"))
    .build(),
  task(["xp", "burn"], "Burns XP for a tier: 30 days of a lower fee")
    .addOption(TIER)
    .addOption({ name: "maxBurn", description: "The most XP to burn (what is shown)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/burn.js"))
    .build(),
  task(["xp", "buy-and-burn"], "Buys what a tier costs on Uniswap and burns it, in one transaction")
    .addOption(TIER)
    .addOption({
      name: "maxPayment",
      description: "The most to pay (what is shown, and the slippage)",
      defaultValue: "",
    })
    .addOption(SLIPPAGE)
    .addOption({ name: "validFor", description: "How long the transaction may wait, such as 20m", defaultValue: "20m" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/buy-and-burn.js"))
    .build(),
];

/** `hardhat xp …` for the weeks in which XP is earned. */
const weekTasks = [
  task(["xp", "claim"], "Takes the XP that an agent earned, of one week or of all that are over")
    .addOption(AGENT)
    .addOption({ name: "epoch", description: "The week's number (all)", defaultValue: "" })
    .addOption(TO)
    .addOption(REDISTRIBUTOR)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/claim.js"))
    .build(),
  task(["xp", "expire"], "Burns what nobody claimed for a week in the 52 after it")
    .addOption({ name: "epoch", description: "The week's number", defaultValue: "" })
    .addOption(REDISTRIBUTOR)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/expire.js"))
    .build(),
  task(["xp", "finalise"], "Creates the XP of the last week with work; jobs and claims do it too")
    .addOption(REDISTRIBUTOR)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/finalise.js"))
    .build(),
  task(["xp", "epoch"], "Shows a week: its pool, fees, what it releases, what was burned, when the next begins")
    .addOption({ name: "epoch", description: "The week's number (the running one)", defaultValue: "" })
    .addOption(REDISTRIBUTOR)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/epoch.js"))
    .build(),
];

/** `hardhat xp …` for reputation. */
const reputationTasks = [
  task(["xp", "lock"], "Locks XP to an agent, for its trust")
    .addOption(AGENT)
    .addOption(XP_AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/lock.js"))
    .build(),
  task(["xp", "unlock"], "Asks locked XP back: it can be taken in seven days")
    .addOption(AGENT)
    .addOption(XP_AMOUNT)
    .addOption(REPUTATION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/unlock.js"))
    .build(),
  task(["xp", "relock"], "Locks XP again that waits to be taken")
    .addOption(AGENT)
    .addOption(XP_AMOUNT)
    .addOption(REPUTATION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/relock.js"))
    .build(),
  task(["xp", "take"], "Takes the XP that has waited seven days")
    .addOption(AGENT)
    .addOption(TO)
    .addOption(REPUTATION)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/take.js"))
    .build(),
];

/** `hardhat xp …` for trade, from hand to hand and on Uniswap. */
const tradeTasks = [
  task(["xp", "orders"], "Lists the open orders, the best first")
    .addOption(LAST)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/orders.js"))
    .build(),
  task(["xp", "ask"], "Offers XP for sale at a price")
    .addOption(XP_AMOUNT)
    .addOption(ORDER_PRICE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/ask.js"))
    .build(),
  task(["xp", "bid"], "Offers money for XP at a price")
    .addOption(XP_AMOUNT)
    .addOption(ORDER_PRICE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/bid.js"))
    .build(),
  task(["xp", "fill"], "Takes an order, whole or in part: buys from an ask, sells to a bid")
    .addOption(ORDER)
    .addOption({ ...XP_AMOUNT, description: "How many XP of it, such as 12.5 (all that is left)" })
    .addOption({
      name: "limit",
      description: "The most to pay, or the least to get, for all of the amount, in the payment token (what is shown)",
      defaultValue: "",
    })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/fill.js"))
    .build(),
  task(["xp", "cancel-order"], "Takes back an order and all that it still holds")
    .addOption(ORDER)
    .addOption(TO)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/cancel-order.js"))
    .build(),
  task(["xp", "sell"], "Sells XP in the Uniswap pool")
    .addOption(XP_AMOUNT)
    .addOption(SLIPPAGE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/sell.js"))
    .build(),
  task(["xp", "buy"], "Buys XP in the Uniswap pool")
    .addOption(XP_AMOUNT)
    .addOption(SLIPPAGE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/buy.js"))
    .build(),
];

/** `hardhat xp …`: everything that a user of the XP flywheel does. */
export const xpTasks = [
  emptyTask("xp", "The XP flywheel: agents, jobs, fee tiers, weekly XP, reputation, trade").build(),
  task(["xp", "status"], "Shows what an account has: balances, credit, agents, fee")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/status.js"))
    .build(),
  ...agentTasks,
  ...jobTasks,
  ...tierTasks,
  ...weekTasks,
  ...reputationTasks,
  ...tradeTasks,
];
