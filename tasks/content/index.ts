import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

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
  sendingTask(
    ["content", "commit"],
    "Hides a content in a commitment, so that nobody can register it before you",
    "--file photo.jpg",
  )
    .addOption(FILE)
    .addOption(HASH)
    .addOption(SALT_FILE)
    .setAction(() => import("./actions/commit.js"))
    .build(),
  sendingTask(
    ["content", "register"],
    "Registers a content for ever, a minute to a day after it was committed to",
    "--file photo.jpg --price 12.5 --royalty 5 --uri https://example.org/photo.json",
  )
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
    .setAction(() => import("./actions/register.js"))
    .build(),
  sendingTask(
    ["content", "set-price"],
    "Changes what unlocks your content from now on",
    "--file photo.jpg --price 12.5",
  )
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "price", description: `${PRICE}, or 0`, defaultValue: "" })
    .setAction(() => import("./actions/set-price.js"))
    .build(),
  sendingTask(
    ["content", "set-uri"],
    "Moves the document that describes your content",
    "--file photo.jpg --uri https://example.org/photo.json",
  )
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "uri", description: URI, defaultValue: "" })
    .addFlag({ name: "none", description: "Or that there is none" })
    .setAction(() => import("./actions/set-uri.js"))
    .build(),
  sendingTask(
    ["content", "transfer"],
    "Gives a content to a new owner; you stay its creator",
    "--file photo.jpg --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  )
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "to", description: "The address of the new owner", defaultValue: "" })
    .setAction(() => import("./actions/transfer.js"))
    .build(),
  viewTask(["content", "show"], "Shows a content: creator, owner, price, royalty, document", "--file photo.jpg")
    .addOption(FILE)
    .addOption(HASH)
    .setAction(() => import("./actions/show.js"))
    .build(),
  viewTask(["content", "list"], "Lists contents, of an account or of everybody", "--account 0")
    .addOption({ ...ACCOUNT, description: `${ACCOUNT.description}: what it owns or created (everybody)` })
    .addOption({ name: "last", description: "How many of the latest to look at", defaultValue: "200" })
    .setAction(() => import("./actions/list.js"))
    .build(),
  viewTask(["content", "status"], "Shows what an account has committed to and not registered yet", "--account 0")
    .addOption(SALT_FILE)
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/status.js"))
    .build(),
];
