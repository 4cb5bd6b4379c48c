import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

const CONTENT = { name: "content", description: "The content's number, or its hash", defaultValue: "" } as const;
const PLAN = { name: "plan", description: "The plan's number", defaultValue: "" } as const;
const SERVICE = { name: "service", description: "The service's number", defaultValue: "" } as const;
const REQUEST = { name: "request", description: "What is asked, or its Keccak-256 hash", defaultValue: "" } as const;
const ITEM = { name: "item", description: "The item's number", defaultValue: "" } as const;
const AMOUNT = { name: "amount", description: "How many XMEX, such as 12.5", defaultValue: "" } as const;
const PRICE = { name: "price", description: "How many XMEX, such as 12.5", defaultValue: "" } as const;
const UNIT_PRICE = { name: "price", description: "XMEX for a unit (0 for not sold)", defaultValue: "0" } as const;
const MAX_PRICE = { name: "maxPrice", description: "The most XMEX to pay (its price now)", defaultValue: "" } as const;
const CATEGORY = { name: "category", description: "What it was spent on, such as tip", defaultValue: "" } as const;

/** `hardhat spend …` for whoever spends. */
const buyerTasks = [
  sendingTask(["spend", "unlock"], "Unlocks a content for the account, for good", "--content 1")
    .addOption(CONTENT)
    .addOption(MAX_PRICE)
    .setAction(() => import("./actions/unlock.js"))
    .build(),
  sendingTask(["spend", "membership"], "Pays for one more period of a plan", "--plan 1")
    .addOption({ name: "creator", description: "Whose plan it is (the platform)", defaultValue: "" })
    .addOption(PLAN)
    .addOption(MAX_PRICE)
    .setAction(() => import("./actions/membership.js"))
    .build(),
  sendingTask(
    ["spend", "tip"],
    "Tips an account, or the creator of a content",
    "--to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --amount 12.5",
  )
    .addOption({ name: "to", description: "Who is tipped", defaultValue: "" })
    .addOption({ name: "content", description: "Or the content whose creator is tipped", defaultValue: "" })
    .addOption(AMOUNT)
    .setAction(() => import("./actions/tip.js"))
    .build(),
  sendingTask(["spend", "boost"], "Boosts a content in a week", "--content 1 --weeks-ahead 1 --amount 12.5")
    .addOption(CONTENT)
    .addOption({ name: "weeksAhead", description: "How many weeks from this one, up to 4", defaultValue: "0" })
    .addOption(AMOUNT)
    .setAction(() => import("./actions/boost.js"))
    .build(),
  sendingTask(["spend", "recommend"], "Takes the next hot spot of a day for a content", "--content 1 --days-ahead 2")
    .addOption(CONTENT)
    .addOption({ name: "daysAhead", description: "How many days from today, up to 7", defaultValue: "0" })
    .addOption(MAX_PRICE)
    .setAction(() => import("./actions/recommend.js"))
    .build(),
  sendingTask(["spend", "service"], "Pays for units of an AI service", "--service 1 --units 3 --request 'Draw a cat'")
    .addOption(SERVICE)
    .addOption({ name: "units", description: "How many units", defaultValue: "1" })
    .addOption(REQUEST)
    .addOption(MAX_PRICE)
    .setAction(() => import("./actions/service.js"))
    .build(),
  sendingTask(
    ["spend", "ask"],
    "Asks an AI service by the XMEX that the account holds, and pays nothing",
    "--service 1 --request 'Draw a cat'",
  )
    .addOption(SERVICE)
    .addOption(REQUEST)
    .setAction(() => import("./actions/ask.js"))
    .build(),
  sendingTask(["spend", "buy"], "Buys an item: goods, collectible or ticket", "--item 1 --amount 2")
    .addOption(ITEM)
    .addOption({ name: "amount", description: "How many of it", defaultValue: "1" })
    .addOption(MAX_PRICE)
    .setAction(() => import("./actions/buy.js"))
    .build(),
  sendingTask(
    ["spend", "growth"],
    "Buys days of acceleration or protection, or a privilege",
    "--perk acceleration --days 7",
  )
    .addOption({ name: "perk", description: "acceleration, protection or privilege", defaultValue: "" })
    .addOption({ name: "days", description: "How many days", defaultValue: "" })
    .addOption({ name: "privilege", description: "Or the number of the privilege", defaultValue: "" })
    .addOption(MAX_PRICE)
    .setAction(() => import("./actions/growth.js"))
    .build(),
  sendingTask(["spend", "distribute"], "Sends what was spent in a week where it goes; anybody may", "--category tip")
    .addOption(CATEGORY)
    .addOption({ name: "week", description: "Its number, counted from 1970 (last week)", defaultValue: "" })
    .setAction(() => import("./actions/distribute.js"))
    .build(),
];

/** `hardhat spend …` for creators and for the keeper of the platform's catalogue. */
const sellerTasks = [
  sendingTask(
    ["spend", "plan"],
    "Prices a plan of the account, or of the platform; a price of 0 closes it",
    "--plan 1 --price 12.5 --period 30d",
  )
    .addOption(PLAN)
    .addOption(PRICE)
    .addOption({ name: "period", description: "How long it lasts, such as 30d", defaultValue: "" })
    .addFlag({ name: "platform", description: "It is the platform's, for the catalogue's keeper" })
    .setAction(() => import("./actions/plan.js"))
    .build(),
  sendingTask(["spend", "hot-spots"], "Sells hot spots of a day, for the catalogue's keeper", "--price 12.5 --slots 5")
    .addOption(PRICE)
    .addOption({ name: "slots", description: "How many a day has", defaultValue: "" })
    .setAction(() => import("./actions/hot-spots.js"))
    .build(),
  sendingTask(["spend", "set-service"], "Offers an AI service, for the catalogue's keeper", "--service 1 --price 0.5")
    .addOption(SERVICE)
    .addOption(UNIT_PRICE)
    .addOption({ name: "hold", description: "How many XMEX are enough to hold (0 for none)", defaultValue: "0" })
    .setAction(() => import("./actions/set-service.js"))
    .build(),
  sendingTask(
    ["spend", "list-item"],
    "Lists a new item, which needs all but seller, start, period and soulbound, for the catalogue's keeper",
    "--category goods --price 12.5 --supply 100 --end 2030-01-31 --uri https://example.org/item.json",
  )
    .addOption({ name: "category", description: "goods, collectible or ticket", defaultValue: "" })
    .addOption({ name: "seller", description: "Who is paid (the platform)", defaultValue: "" })
    .addOption(PRICE)
    .addOption({ name: "supply", description: "How many there can ever be", defaultValue: "" })
    .addFlag({ name: "soulbound", description: "It stays with who buys it" })
    .addOption({ name: "start", description: "When the sale starts, such as 2027-01-31 (now)", defaultValue: "" })
    .addOption({ name: "end", description: "When it ends, which has to be said, such as 2030-01-31", defaultValue: "" })
    .addOption({ name: "period", description: "How long it lasts, such as 30d (for good)", defaultValue: "" })
    .addOption({ name: "uri", description: "Where it is described", defaultValue: "" })
    .setAction(() => import("./actions/list-item.js"))
    .build(),
  sendingTask(
    ["spend", "sale"],
    "Changes price or end of an item's sale, for the catalogue's keeper",
    "--item 1 --price 10",
  )
    .addOption(ITEM)
    .addOption({ name: "price", description: "The new price in XMEX (as it is)", defaultValue: "" })
    .addOption({ name: "end", description: "The new end (as it is)", defaultValue: "" })
    .addFlag({ name: "close", description: "End the sale now" })
    .setAction(() => import("./actions/sale.js"))
    .build(),
];

/** `hardhat spend …` that only look. */
const viewTasks = [
  viewTask(["spend", "catalogue"], "Shows what is for sale, and at what price", "")
    .setAction(() => import("./actions/catalogue.js"))
    .build(),
  viewTask(
    ["spend", "show"],
    "Shows how what is spent is shared, and what was spent this week",
    "--category tip --price 12.5",
  )
    .addOption({ name: "category", description: "Of which category, such as tip (all)", defaultValue: "" })
    .addOption({ name: "price", description: "Share this many XMEX (none)", defaultValue: "" })
    .setAction(() => import("./actions/show.js"))
    .build(),
  viewTask(["spend", "status"], "Shows what an account has bought, and until when", "--account 0")
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/status.js"))
    .build(),
];

/** `hardhat spend …`: what XMEX buys. */
export const spendTasks = [
  emptyTask("spend", "What XMEX buys: content, memberships, tips, reach, AI services, items, growth").build(),
  ...buyerTasks,
  ...sellerTasks,
  ...viewTasks,
];
