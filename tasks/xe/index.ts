import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

const ID = { name: "id", description: "The lease, as `xe leases` shows it", defaultValue: "" } as const;

/** `hardhat xe …`: XE and XUSD, and the compute that is leased with them. */
export const xeTasks = [
  emptyTask("xe", "XE/XUSD: send, receive, lease compute, check the ledger").build(),
  task(["xe", "send"], "Sends XE or XUSD to an account, where it is pending until it is received")
    .addOption({ name: "asset", description: "XE or XUSD", defaultValue: "" })
    .addOption({ name: "to", description: "The address that it is sent to", defaultValue: "" })
    .addOption({ name: "amount", description: "How many, such as 12.5", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/send.js"))
    .build(),
  task(["xe", "receive"], "Receives what was sent to an account")
    .addOption({ name: "for", description: "Whose it is (the account)", defaultValue: "" })
    .addOption({
      name: "source",
      description: "The block that sent it (all that is pending, up to 50)",
      defaultValue: "",
    })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/receive.js"))
    .build(),
  task(["xe", "claim"], "Claims 100 XUSD from the faucet, once in 24 hours")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/claim.js"))
    .build(),
  task(["xe", "lease"], "Opens a lease of compute and pays for it in XUSD")
    .addOption({ name: "vcpus", description: "How many virtual CPUs", defaultValue: "0" })
    .addOption({ name: "memory", description: "How much memory, in MB", defaultValue: "0" })
    .addOption({ name: "disk", description: "How much disk, in GB", defaultValue: "0" })
    .addOption({ name: "duration", description: "For how long, such as 12h or 30d", defaultValue: "" })
    .addOption({ name: "provider", description: "Who alone may accept it (anybody)", defaultValue: "" })
    .addOption({ name: "maxCost", description: "How many XUSD to pay at most (what it costs now)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/lease.js"))
    .build(),
  task(["xe", "leases"], "Lists the leases that are not over")
    .addOption({ ...ACCOUNT, description: `${ACCOUNT.description}: whose leases (everybody's)` })
    .addFlag({ name: "all", description: "Those that are over too" })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/leases.js"))
    .build(),
  task(["xe", "accept"], "Accepts a lease as its provider, with a stake of XUSD")
    .addOption(ID)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/accept.js"))
    .build(),
  task(["xe", "cancel"], "Takes the payment for a lease back that nobody has accepted")
    .addOption(ID)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/cancel.js"))
    .build(),
  task(["xe", "object"], "Objects to a lease before its term ends, with a bond of XUSD")
    .addOption(ID)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/object.js"))
    .build(),
  task(["xe", "rule"], "Rules on an objection, as the arbiter")
    .addOption(ID)
    .addFlag({ name: "uphold", description: "The consumer is right: the stake is burned" })
    .addFlag({ name: "reject", description: "The provider is right: it gets the bond" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/rule.js"))
    .build(),
  task(["xe", "lapse"], "Gives the bond of an objection back that the arbiter did not rule on in seven days")
    .addOption(ID)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/lapse.js"))
    .build(),
  task(["xe", "settle"], "Settles a lease whose term is over: XE and the stake for its provider")
    .addOption(ID)
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/settle.js"))
    .build(),
  task(["xe", "votes"], "Shows an account's votes, or lets its XUSD count for a delegate")
    .addOption({
      name: "delegate",
      description: "An address, `me` or `nobody` (only shows)",
      defaultValue: "",
    })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/votes.js"))
    .build(),
  task(["xe", "chain"], "Rebuilds an account's chain from logs alone, and says whether it ends at the head on chain")
    .addPositionalArgument({ ...ACCOUNT, description: `${ACCOUNT.description} (the first)` })
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/chain.js"))
    .build(),
  task(["xe", "status"], "Shows the ledger, and what an account has and can receive")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/status.js"))
    .build(),
  task(["xe", "vectors"], "Prints test vectors of blocks and asset identifiers, for implementations in other languages")
    .addFlag({ name: "write", description: "Write test/vectors/xe-blocks.json" })
    .setAction(() => import("./actions/vectors.js"))
    .build(),
];
