import { task } from "hardhat/config";

/** `hardhat roles`: who may do what in a deployment. */
export const rolesTask = task("roles", "Shows who may call what: contract, function, role, holder, delay")
  .addOption({ name: "deployment", description: "Folder under deployments/ (the network's name)", defaultValue: "" })
  .addFlag({ name: "json", description: "Print one JSON document" })
  .addFlag({
    name: "write",
    description: "Write docs/roles.md from a fresh deployment of the suite on the in-process chain",
  })
  .setAction(() => import("./roles-action.js"))
  .build();
