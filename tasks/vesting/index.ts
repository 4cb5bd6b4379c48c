import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";

const WALLET = { name: "wallet", description: "team or private-sale", defaultValue: "" } as const;

/** `hardhat vesting …`: the wallets of the team and of the private buyers. */
export const vestingTasks = [
  emptyTask("vesting", "The vesting wallets of the team and of the private buyers").build(),
  sendingTask(["vesting", "release"], "Pays what has vested to the wallet's owner; anybody may", "--wallet team")
    .addOption(WALLET)
    .setAction(() => import("./release.js"))
    .build(),
  sendingTask(
    ["vesting", "offer"],
    "Offers a wallet to another owner, who has to accept it; the owner's",
    "--wallet team --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  )
    .addOption(WALLET)
    .addOption({ name: "to", description: "The address that is to own it, or nobody", defaultValue: "" })
    .setAction(() => import("./offer.js"))
    .build(),
  sendingTask(["vesting", "accept"], "Takes over a wallet that was offered to the account", "--wallet team")
    .addOption(WALLET)
    .setAction(() => import("./accept.js"))
    .build(),
  viewTask(["vesting", "status"], "Shows both wallets: owner, schedule, vested, released", "")
    .setAction(() => import("./status.js"))
    .build(),
];
