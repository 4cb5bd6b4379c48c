import { basename } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { DeploymentFolder } from "../../src/deployment/folder.js";
import { readInterpreted } from "../../src/deployment/interpreted.js";
import { readSender } from "../../src/deployment/journal.js";
import { accountNames } from "../../src/deployment/names.js";
import { unfinishedEconomies } from "../../src/deployment/open.js";
import { answer } from "../support/answer.js";
import { deploymentDirectory } from "../support/directory.js";
import { type SessionArguments, withSession } from "../support/session.js";
import { describeSnapshot } from "./screen.js";
import { readSnapshot, type Snapshot } from "./snapshot.js";

interface Arguments extends Omit<SessionArguments, "account"> {
  readonly economy: string;
}

export default function status(
  { economy, ...input }: Arguments,
  hre: HardhatRuntimeEnvironment,
): Promise<Result<Snapshot, Error>> {
  return answer(
    input.json,
    () =>
      withSession(hre, input, (session) => {
        const directory = deploymentDirectory(hre, session.connection.networkName, input.deployment);
        const folder = new DeploymentFolder(directory);
        const deployer = readSender(folder);
        const accounts = accountNames(readInterpreted(folder), deployer);
        return readSnapshot(session, {
          economy,
          deployment: basename(directory),
          deployer,
          accounts,
          unfinished: unfinishedEconomies(folder),
        });
      }),
    describeSnapshot,
  );
}
