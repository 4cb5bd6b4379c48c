import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { ExplainedError } from "../../src/deployment/explained-error.js";

/**
 * @param id what --deployment says, empty if it was not given
 * @returns the folder of a network's deployment
 * @throws ExplainedError if `id` is not a plain folder name, or that of something else
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
  if (/\.(lock|draft)$/.test(id)) {
    throw new ExplainedError(
      `--deployment is "${id}": names that end so are those of marks beside the folders; use another.`,
    );
  }
  const directory = join(hre.config.paths.root, "deployments", id === "" ? network : id);
  if (existsSync(directory) && !statSync(directory).isDirectory()) {
    throw new ExplainedError(
      `${directory} is a file, and a deployment is a folder: move it away, or give another --deployment.`,
    );
  }
  return directory;
}
