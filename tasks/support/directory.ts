import { join } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { ExplainedError } from "../../src/deployment/explained-error.js";

/**
 * @param id what --deployment says, empty if it was not given
 * @returns the folder of a network's deployment
 * @throws ExplainedError if `id` is not a plain folder name
 */
export function deploymentDirectory(
  hre: Pick<HardhatRuntimeEnvironment, "config">,
  network: string,
  id: string,
): string {
  if (!/^(?:\w[\w.-]*)?$/.test(id)) {
    throw new ExplainedError(
      `--deployment is "${id}": it names a folder under deployments/; use letters, digits, dots, dashes and underscores.`,
    );
  }
  return join(hre.config.paths.root, "deployments", id === "" ? network : id);
}
