import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

const FILE = { name: "file", description: "The content, a file", defaultValue: "" } as const;
const HASH = { name: "hash", description: "Or its hash, or the number of its token", defaultValue: "" } as const;
const URI = { name: "uri", description: "Where it is described (nowhere)", defaultValue: "" } as const;
const SALT_FILE = {
  name: "saltFile",
  description: "Where the salt of the commitment is kept (in the deployment's folder)",
  defaultValue: "",
} as const;

/** `hardhat content …`: the hash of a content as a token of its creator, and what it costs to unlock. */
export const contentTasks = [
  emptyTask("content", "X.me's registry of contents: commit, register, price").build(),
  task(["content", "commit"], "Commits to a content, so that nobody can register it before you")
    .addOption(FILE)
    .addOption(HASH)
    .addOption(SALT_FILE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/commit.js"))
    .build(),
  task(["content", "register"], "Registers a content a minute to a day after it was committed to")
    .addOption(FILE)
    .addOption(HASH)
    .addOption(SALT_FILE)
    .addOption(URI)
    .addOption({ name: "price", description: "How many XMEX unlock it, such as 12.5 (nothing)", defaultValue: "" })
    .addOption({
      name: "royalty",
      description: "Percent of each sale for you, for good, at most 10 (0)",
      defaultValue: "",
    })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/register.js"))
    .build(),
  task(["content", "set-price"], "Changes what your content costs to unlock")
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "price", description: "How many XMEX, such as 12.5; 0 for nothing", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/set-price.js"))
    .build(),
  task(["content", "set-uri"], "Moves the document that describes your content")
    .addOption(FILE)
    .addOption(HASH)
    .addOption(URI)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/set-uri.js"))
    .build(),
  task(["content", "transfer"], "Gives your content to somebody else")
    .addOption(FILE)
    .addOption(HASH)
    .addOption({ name: "to", description: "The new owner", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/transfer.js"))
    .build(),
  task(["content", "show"], "Shows a content")
    .addOption(FILE)
    .addOption(HASH)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/show.js"))
    .build(),
  task(["content", "list"], "Shows what an account created or owns")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/list.js"))
    .build(),
  task(["content", "status"], "Shows what an account has committed to, and when it can register it")
    .addOption(SALT_FILE)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/status.js"))
    .build(),
];
