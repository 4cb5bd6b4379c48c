import { emptyTask } from "hardhat/config";

import { sendingTask, viewTask } from "../support/define.js";
import { ACCOUNT } from "../support/options.js";

/** `hardhat growth …`: levels that are earned day by day, and what they give. */
export const growthTasks = [
  emptyTask("growth", "User growth: check in, levels, invitations").build(),
  sendingTask(["growth", "check-in"], "Checks the account in for today (UTC)", "")
    .setAction(() => import("./actions/check-in.js"))
    .build(),
  sendingTask(["growth", "collect"], "Turns what social mining credited into growth points; the XMEX stay", "")
    .addOption({ name: "for", description: "Whose it is (the account's)", defaultValue: "" })
    .setAction(() => import("./actions/collect.js"))
    .build(),
  sendingTask(
    ["growth", "accept"],
    "Names who invited the account, once for ever",
    "--inviter 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  )
    .addOption({ name: "inviter", description: "The address of who invited you", defaultValue: "" })
    .setAction(() => import("./actions/accept.js"))
    .build(),
  sendingTask(["growth", "complete"], "Pays both sides of an invitation that is due", "")
    .addOption({ name: "invitee", description: "Who was invited (the account)", defaultValue: "" })
    .setAction(() => import("./actions/complete.js"))
    .build(),
  viewTask(
    ["growth", "status"],
    "Shows level, points, what idleness threatens, and what the level gives",
    "--account 0",
  )
    .addOption(ACCOUNT)
    .setAction(() => import("./actions/status.js"))
    .build(),
];
