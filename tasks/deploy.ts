import { task } from "hardhat/config";

/** `hardhat deploy`: an economy or the suite, to any network, once. */
export const deployTask = task("deploy", "Deploys an economy, or goes on with a deployment that was interrupted")
  .addOption({ name: "economy", description: "rank, xme, xp, xe, or suite for all", defaultValue: "suite" })
  .addOption({
    name: "parameters",
    description: "Parameter file (ignition/parameters/default.json on local chains, <network>.json elsewhere)",
    defaultValue: "",
  })
  .addOption({
    name: "deployment",
    description: "Folder under deployments/ (the network's name)",
    defaultValue: "",
  })
  .addOption({
    name: "track",
    description: "Hash of a transaction that an earlier run sent but could not record",
    defaultValue: "",
  })
  .addFlag({ name: "json", description: "Print one JSON document" })
  .setAction(() => import("./deploy-action.js"))
  .build();
