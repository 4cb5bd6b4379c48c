import { emptyTask, task } from "hardhat/config";

import { JSON_FLAG, STORE } from "../support/options.js";

const CSV = {
  name: "csv",
  description: "The list: a CSV file of address,amount with amounts in wei",
  defaultValue: "",
} as const;
const ALLOCATION = {
  name: "allocation",
  description: "Wei of XME that the amounts may add up to (15 % of XME's supply)",
  defaultValue: "",
} as const;

/** `hardhat airdrop …`: from a list of accounts to the proofs that they claim with. No chain is needed. */
export const airdropTasks = [
  emptyTask("airdrop", "Builds, checks and reads the airdrop's proofs").build(),
  task(["airdrop", "build"], "Turns a list into a root and a proof store")
    .addOption(CSV)
    .addOption({ name: "out", description: "Where the proof store goes", defaultValue: "" })
    .addOption(ALLOCATION)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./build-action.js"))
    .build(),
  task(["airdrop", "proof"], "Prints what an account needs to claim")
    .addOption(STORE)
    .addOption({ name: "account", description: "The address that the list gives XME to", defaultValue: "" })
    .addFlag(JSON_FLAG)
    .setAction(() => import("./proof-action.js"))
    .build(),
  task(["airdrop", "verify"], "Builds the tree of a list again and says whether a store equals it, or where not")
    .addOption(CSV)
    .addOption(STORE)
    .addOption(ALLOCATION)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./verify-action.js"))
    .build(),
  task(["airdrop", "sample"], "Writes a random list for trials, the same for the same seed")
    .addOption({ name: "rows", description: "How many rows, up to 10000000", defaultValue: "1000" })
    .addOption({ name: "seed", description: "Any text", defaultValue: "xonomy" })
    .addOption({ name: "out", description: "Where the list goes", defaultValue: "" })
    .addFlag({ name: "testAccounts", description: "Use the accounts of the local chains' test mnemonic" })
    .addFlag(JSON_FLAG)
    .setAction(() => import("./sample-action.js"))
    .build(),
];
