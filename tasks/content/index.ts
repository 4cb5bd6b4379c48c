import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

const FILE = {
  name: "file",
  description: "The content, whose bytes are hashed by SHA-256",
  defaultValue: "",
} as const;
const HASH = { name: "hash", description: "Or its hash, or the number of its token", defaultValue: "" } as const;
const SALT_FILE = {
  name: "saltFile",
  description: "Where its salt is kept (in the deployment's folder)",
  defaultValue: "",
} as const;
const PRICE = "How many XMEX unlock it, such as 12.5";
const URI = "Where the document is that describes it";

/** `hardhat content …`: the hash of a content as a token of its creator. */
export const contentTasks = [
  emptyTask("content", "X.me's registry of contents: commit, register, transfer").build(),
  task(["content", "commit"], "Hides a content in a commitment, so that nobody can register it before you")
    .addOption(FILE)
    .addOption(HASH)
    .addOption(SALT_FILE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/commit.js"))
    .build(),
  task(["content", "register"], "Registers a content for ever, a minute to a day after it was committed to")
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "price", description: `${PRICE} (nothing)`, defaultValue: "" })
    .addOption({
      name: "royalty",
      description: "Percent of each sale for you, for good, at most 10 (none)",
      defaultValue: "",
    })
    .addOption({ name: "uri", description: `${URI} (nowhere)`, defaultValue: "" })
    .addOption(SALT_FILE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/register.js"))
    .build(),
  task(["content", "set-price"], "Changes what unlocks your content from now on")
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "price", description: `${PRICE}, or 0`, defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/set-price.js"))
    .build(),
  task(["content", "set-uri"], "Moves the document that describes your content")
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "uri", description: URI, defaultValue: "" })
    .addFlag({ name: "none", description: "Or that there is none" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/set-uri.js"))
    .build(),
  task(["content", "transfer"], "Gives a content to a new owner; you stay its creator")
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "to", description: "The address of the new owner", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/transfer.js"))
    .build(),
  task(["content", "show"], "Shows a content: creator, owner, price, royalty, document")
    .addOption(FILE)
    .addOption(HASH)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/show.js"))
    .build(),
  task(["content", "list"], "Lists contents, of an account or of everybody")
    .addOption({ ...ACCOUNT, description: `${ACCOUNT.description}: what it owns or created (everybody)` })
    .addOption({ name: "last", description: "How many of the latest to look at", defaultValue: "200" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/list.js"))
    .build(),
  task(["content", "status"], "Shows what an account has committed to and not registered yet")
    .addOption(SALT_FILE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/status.js"))
    .build(),
];
