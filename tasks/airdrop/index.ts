import { emptyTask } from "hardhat/config";

import { fileTask } from "../support/define.js";
import { STORE } from "../support/options.js";

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
  fileTask(["airdrop", "build"], "Turns a list into a root and a proof store", "--csv list.csv --out airdrop.store")
    .addOption(CSV)
    .addOption({ name: "out", description: "Where the proof store goes", defaultValue: "" })
    .addOption(ALLOCATION)
    .setAction(() => import("./build-action.js"))
    .build(),
  fileTask(
    ["airdrop", "proof"],
    "Prints what an account needs to claim",
    "--store airdrop.store --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  )
    .addOption(STORE)
    .addOption({ name: "account", description: "The address that the list gives XME to", defaultValue: "" })
    .setAction(() => import("./proof-action.js"))
    .build(),
  fileTask(
    ["airdrop", "verify"],
    "Builds the tree of a list again and says whether a store equals it, or where not",
    "--csv list.csv --store airdrop.store",
  )
    .addOption(CSV)
    .addOption(STORE)
    .addOption(ALLOCATION)
    .setAction(() => import("./verify-action.js"))
    .build(),
  fileTask(
    ["airdrop", "sample"],
    "Writes a random list for trials, the same for the same seed",
    "--rows 1000 --out list.csv",
  )
    .addOption({ name: "rows", description: "How many rows, up to 10000000", defaultValue: "1000" })
    .addOption({ name: "seed", description: "Any text", defaultValue: "xonomy" })
    .addOption({ name: "out", description: "Where the list goes", defaultValue: "" })
    .addFlag({ name: "testAccounts", description: "Use the accounts of the local chains' test mnemonic" })
    .setAction(() => import("./sample-action.js"))
    .build(),
];
