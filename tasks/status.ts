import { task } from "hardhat/config";

import { described } from "./support/define.js";
import { DEPLOYMENT, JSON_FLAG } from "./support/options.js";

/** `hardhat status`: a live deployment on one screen. */
export const statusTask = task(
  "status",
  described(
    "status",
    "Shows a deployment on one screen: what stands, who can do what, what needs attention",
    "--network localhost",
  ),
)
  .addOption({ name: "economy", description: "rank, xme, xp, xe, or suite for all that stand", defaultValue: "suite" })
  .addOption(DEPLOYMENT)
  .addFlag(JSON_FLAG)
  .setAction(() => import("./status/action.js"))
  .build();
