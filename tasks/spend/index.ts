import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

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
  task(["spend", "unlock"], "Unlocks a content for the account, for good")
    .addOption(CONTENT)
    .addOption(MAX_PRICE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/unlock.js"))
    .build(),
  task(["spend", "membership"], "Pays for one more period of a plan")
    .addOption({ name: "creator", description: "Whose plan it is (the platform)", defaultValue: "" })
    .addOption(PLAN)
    .addOption(MAX_PRICE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/membership.js"))
    .build(),
  task(["spend", "tip"], "Tips an account, or the creator of a content")
    .addOption({ name: "to", description: "Who is tipped", defaultValue: "" })
    .addOption({ name: "content", description: "Or the content whose creator is tipped", defaultValue: "" })
    .addOption(AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/tip.js"))
    .build(),
  task(["spend", "boost"], "Boosts a content in a week")
    .addOption(CONTENT)
    .addOption({ name: "weeksAhead", description: "How many weeks from this one, up to 4", defaultValue: "0" })
    .addOption(AMOUNT)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/boost.js"))
    .build(),
  task(["spend", "recommend"], "Takes the next hot spot of a day for a content")
    .addOption(CONTENT)
    .addOption({ name: "daysAhead", description: "How many days from today, up to 7", defaultValue: "0" })
    .addOption(MAX_PRICE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/recommend.js"))
    .build(),
  task(["spend", "service"], "Pays for units of an AI service")
    .addOption(SERVICE)
    .addOption({ name: "units", description: "How many units", defaultValue: "1" })
    .addOption(REQUEST)
    .addOption(MAX_PRICE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/service.js"))
    .build(),
  task(["spend", "ask"], "Asks an AI service by the XMEX that the account holds, and pays nothing")
    .addOption(SERVICE)
    .addOption(REQUEST)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/ask.js"))
    .build(),
  task(["spend", "buy"], "Buys an item: goods, collectible or ticket")
    .addOption(ITEM)
    .addOption({ name: "amount", description: "How many of it", defaultValue: "1" })
    .addOption(MAX_PRICE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/buy.js"))
    .build(),
  task(["spend", "growth"], "Buys days of acceleration or protection, or a privilege")
    .addOption({ name: "perk", description: "acceleration, protection or privilege", defaultValue: "" })
    .addOption({ name: "days", description: "How many days", defaultValue: "" })
    .addOption({ name: "privilege", description: "Or the number of the privilege", defaultValue: "" })
    .addOption(MAX_PRICE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/growth.js"))
    .build(),
  task(["spend", "distribute"], "Sends what was spent in a week where it goes; anybody may")
    .addOption(CATEGORY)
    .addOption({ name: "week", description: "Its number, counted from 1970 (last week)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/distribute.js"))
    .build(),
];

/** `hardhat spend …` for creators and for the keeper of the platform's catalogue. */
const sellerTasks = [
  task(["spend", "plan"], "Prices a plan of the account, or of the platform; a price of 0 closes it")
    .addOption(PLAN)
    .addOption(PRICE)
    .addOption({ name: "period", description: "How long it lasts, such as 30d", defaultValue: "" })
    .addFlag({ name: "platform", description: "It is the platform's, for the catalogue's keeper" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/plan.js"))
    .build(),
  task(["spend", "hot-spots"], "Sells hot spots of a day, for the catalogue's keeper")
    .addOption(PRICE)
    .addOption({ name: "slots", description: "How many a day has", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/hot-spots.js"))
    .build(),
  task(["spend", "set-service"], "Offers an AI service, for the catalogue's keeper")
    .addOption(SERVICE)
    .addOption(UNIT_PRICE)
    .addOption({ name: "hold", description: "How many XMEX are enough to hold (0 for none)", defaultValue: "0" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/set-service.js"))
    .build(),
  task(["spend", "list-item"], "Lists a new item, for the catalogue's keeper")
    .addOption({ name: "category", description: "goods, collectible or ticket", defaultValue: "" })
    .addOption({ name: "seller", description: "Who is paid (the platform)", defaultValue: "" })
    .addOption(PRICE)
    .addOption({ name: "supply", description: "How many there can ever be", defaultValue: "" })
    .addFlag({ name: "soulbound", description: "It stays with who buys it" })
    .addOption({ name: "start", description: "When the sale starts, such as 2027-01-31 (now)", defaultValue: "" })
    .addOption({ name: "end", description: "When it ends, written in the same way", defaultValue: "" })
    .addOption({ name: "period", description: "How long it lasts, such as 30d (for good)", defaultValue: "" })
    .addOption({ name: "uri", description: "Where it is described", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/list-item.js"))
    .build(),
  task(["spend", "sale"], "Changes price or end of an item's sale, for the catalogue's keeper")
    .addOption(ITEM)
    .addOption({ name: "price", description: "The new price in XMEX (as it is)", defaultValue: "" })
    .addOption({ name: "end", description: "The new end (as it is)", defaultValue: "" })
    .addFlag({ name: "close", description: "End the sale now" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/sale.js"))
    .build(),
];

/** `hardhat spend …` that only look. */
const viewTasks = [
  task(["spend", "catalogue"], "Shows what is for sale, and at what price")
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/catalogue.js"))
    .build(),
  task(["spend", "show"], "Shows how what is spent is shared, and what was spent this week")
    .addOption({ name: "category", description: "Of which category, such as tip (all)", defaultValue: "" })
    .addOption({ name: "price", description: "Share this many XMEX (none)", defaultValue: "" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/show.js"))
    .build(),
  task(["spend", "status"], "Shows what an account has bought, and until when")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
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
