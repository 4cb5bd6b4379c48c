import { task } from "hardhat/config";

import { described } from "./support/define.js";
import { ACCOUNT } from "./support/options.js";

/** `hardhat deploy`: an economy or the suite, to any network, once. */
export const deployTask = task(
  "deploy",
  described(
    "deploy",
    "Deploys an economy or the suite, or goes on with a deployment that was interrupted",
    "--economy xp --network sepolia --dry-run",
  ),
)
  .addOption({ name: "economy", description: "rank, xme, xp, xe, or suite for all", defaultValue: "suite" })
  .addOption({
    name: "parameters",
    description: "Parameter file (ignition/parameters/default.json on local chains, <network>.json elsewhere)",
    defaultValue: "",
  })
  .addOption(ACCOUNT)
  .addOption({
    name: "deployment",
    description: "Folder under deployments/ (the network's name)",
    defaultValue: "",
  })
  .addOption({
    name: "track",
    description:
      "Hash of a transaction that an earlier run sent but could not record, where it cannot be found without",
    defaultValue: "",
  })
  .addFlag({
    name: "dryRun",
    description:
      "Send and write nothing: print what would be deployed, the gas, its cost now, and who will have which right",
  })
  .addFlag({ name: "yes", description: "Do not ask for confirmation on public networks" })
  .addFlag({ name: "json", description: "Print one JSON document" })
  .setAction(() => import("./deploy-action.js"))
  .build();
