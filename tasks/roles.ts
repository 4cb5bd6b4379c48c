import { task } from "hardhat/config";

import { described } from "./support/define.js";
import { DEPLOYMENT, JSON_FLAG } from "./support/options.js";

/** `hardhat roles`: who may do what in a deployment. */
export const rolesTask = task(
  "roles",
  described("roles", "Shows who may call what: contract, function, role, holder, delay", "--network localhost"),
)
  .addOption(DEPLOYMENT)
  .addFlag(JSON_FLAG)
  .addFlag({
    name: "write",
    description: "Write docs/roles.md from a fresh deployment of the suite on the in-process chain",
  })
  .setAction(() => import("./roles-action.js"))
  .build();
