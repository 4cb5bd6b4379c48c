import { join } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { answer } from "../support/answer.js";
import { deploymentDirectory } from "../support/directory.js";
import { type Session, type SessionArguments, withSession } from "../support/session.js";
import type { SaltPlace } from "./salts.js";

/** @returns the action of a command that needs salts, which are in the deployment's folder unless a file is named. */
export function salted<T, A extends SaltPlace>(
  flow: (session: Session, input: A) => Promise<T>,
  describe: (value: T) => string,
): (input: Omit<A, "salts"> & SessionArguments, hre: HardhatRuntimeEnvironment) => Promise<Result<T, Error>> {
  return (input, hre) =>
    answer(
      input.json,
      () =>
        withSession(hre, input, (session) => {
          const folder = deploymentDirectory(hre, session.connection.networkName, input.deployment);
          return flow(session, { ...input, salts: join(folder, "content-salts") } as unknown as A);
        }),
      describe,
    );
}
