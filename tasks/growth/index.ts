import { emptyTask, task } from "hardhat/config";

import { ACCOUNT, DEPLOYMENT, JSON_FLAG } from "../support/options.js";

/** `hardhat growth …`: levels that are earned day by day, and what they give. */
export const growthTasks = [
  emptyTask("growth", "User growth: check in, levels, invitations").build(),
  task(["growth", "check-in"], "Checks the account in for today (UTC)")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/check-in.js"))
    .build(),
  task(["growth", "collect"], "Turns what social mining credited into growth points; the XMEX stay")
    .addOption({ name: "for", description: "Whose it is (the account's)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/collect.js"))
    .build(),
  task(["growth", "accept"], "Names who invited the account, once for ever")
    .addOption({ name: "inviter", description: "The address of who invited you", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/accept.js"))
    .build(),
  task(["growth", "complete"], "Pays both sides of an invitation that is due")
    .addOption({ name: "invitee", description: "Who was invited (the account)", defaultValue: "" })
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/complete.js"))
    .build(),
  task(["growth", "status"], "Shows level, points, what idleness threatens, and what the level gives")
    .addOption(ACCOUNT)
    .addOption(DEPLOYMENT)
    .addFlag(JSON_FLAG)
    .setAction(() => import("./actions/status.js"))
    .build(),
];
