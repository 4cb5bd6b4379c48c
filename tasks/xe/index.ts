import { emptyTask, task } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

const ID = { name: "id", description: "The lease, as `xe leases` shows it", defaultValue: "" } as const;

/** `hardhat xe …`: XE and XUSD, and the compute that is leased with them. */
export const xeTasks = [
  emptyTask("xe", "XE/XUSD: send, receive, lease compute, check the ledger").build(),
  sendingTask(
    ["xe", "send"],
    "Sends XE or XUSD to an account, where it is pending until it is received",
    "--asset XUSD --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --amount 12.5",
  )
    .addOption({ name: "asset", description: "XE or XUSD", defaultValue: "" })
    .addOption({ name: "to", description: "The address that it is sent to", defaultValue: "" })
    .addOption({ name: "amount", description: "How many, such as 12.5", defaultValue: "" })
    .setAction(() => import("./actions/send.js"))
    .build(),
  sendingTask(["xe", "receive"], "Receives what was sent to an account", "")
    .addOption({ name: "for", description: "Whose it is (the account)", defaultValue: "" })
    .addOption({
      name: "source",
      description: "The block that sent it (all that is pending, up to 50)",
      defaultValue: "",
    })
    .setAction(() => import("./actions/receive.js"))
    .build(),
  sendingTask(["xe", "claim"], "Claims 100 XUSD from the faucet, once in 24 hours", "")
    .setAction(() => import("./actions/claim.js"))
    .build(),
  sendingTask(
    ["xe", "lease"],
    "Opens a lease of compute and pays for it in XUSD",
    "--vcpus 4 --memory 8192 --disk 100 --duration 3d",
  )
    .addOption({ name: "vcpus", description: "How many virtual CPUs", defaultValue: "0" })
    .addOption({ name: "memory", description: "How much memory, in MB", defaultValue: "0" })
    .addOption({ name: "disk", description: "How much disk, in GB", defaultValue: "0" })
    .addOption({ name: "duration", description: "For how long, such as 12h or 30d", defaultValue: "" })
    .addOption({ name: "provider", description: "Who alone may accept it (anybody)", defaultValue: "" })
    .addOption({ name: "maxCost", description: "How many XUSD to pay at most (what it costs now)", defaultValue: "" })
    .setAction(() => import("./actions/lease.js"))
    .build(),
  viewTask(["xe", "leases"], "Lists the leases that are not over", "--all")
    .addOption({ ...ACCOUNT, description: `${ACCOUNT.description}: whose leases (everybody's)` })
    .addFlag({ name: "all", description: "Those that are over too" })
    .setAction(() => import("./actions/leases.js"))
    .build(),
  sendingTask(
    ["xe", "accept"],
    "Accepts a lease as its provider, with a stake of XUSD",
    "--id 0x5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c",
  )
    .addOption(ID)
    .setAction(() => import("./actions/accept.js"))
    .build(),
  sendingTask(
    ["xe", "cancel"],
    "Takes the payment for a lease back that nobody has accepted",
    "--id 0x5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c",
  )
    .addOption(ID)
    .setAction(() => import("./actions/cancel.js"))
    .build(),
  sendingTask(
    ["xe", "object"],
    "Objects to a lease before its term ends, with a bond of XUSD",
    "--id 0x5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c",
  )
    .addOption(ID)
    .setAction(() => import("./actions/object.js"))
    .build(),
  sendingTask(
    ["xe", "rule"],
    "Rules on an objection, as the arbiter",
    "--id 0x5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c --uphold",
  )
    .addOption(ID)
    .addFlag({ name: "uphold", description: "The consumer is right: the stake is burned" })
    .addFlag({ name: "reject", description: "The provider is right: it gets the bond" })
    .setAction(() => import("./actions/rule.js"))
    .build(),
  sendingTask(
    ["xe", "lapse"],
    "Gives the bond of an objection back that the arbiter did not rule on in seven days",
    "--id 0x5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c",
  )
    .addOption(ID)
    .setAction(() => import("./actions/lapse.js"))
    .build(),
  sendingTask(
    ["xe", "settle"],
    "Settles a lease whose term is over: XE and the stake for its provider",
    "--id 0x5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c",
  )
    .addOption(ID)
    .setAction(() => import("./actions/settle.js"))
    .build(),
  sendingTask(["xe", "votes"], "Shows an account's votes, or lets its XUSD count for a delegate", "--delegate me")
    .addOption({
      name: "delegate",
      description: "An address, `me` or `nobody` (only shows)",
      defaultValue: "",
    })
    .setAction(() => import("./actions/votes.js"))
    .build(),
  viewTask(
    ["xe", "chain"],
    "Rebuilds an account's chain from logs alone, and says whether it ends at the head on chain",
    "0",
  )
    .addPositionalArgument({ ...ACCOUNT, description: `${ACCOUNT.description} (the first)` })
    .setAction(() => import("./actions/chain.js"))
    .build(),
  viewTask(["xe", "status"], "Shows the ledger, and what an account has and can receive", "--account 0")
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/status.js"))
    .build(),
  task(["xe", "vectors"], "Prints test vectors of blocks and asset identifiers, for implementations in other languages")
    .addFlag({ name: "write", description: "Write test/vectors/xe-blocks.json" })
    .setAction(() => import("./actions/vectors.js"))
    .build(),
];
