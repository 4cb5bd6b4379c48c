import { join } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { answer } from "../support/answer.js";
import { sending } from "../support/command.js";
import { deploymentDirectory } from "../support/directory.js";
import { type Session, type SessionArguments, withSession } from "../support/session.js";
import type { ContentOutcome } from "./flows.js";
import type { SaltPlace } from "./salts.js";

/** What a command line says, before it is known where the salts are. */
type Unplaced<A> = Omit<A, "salts"> & Pick<SessionArguments, "deployment">;

/** Salts are in the deployment's folder unless a file is named. */
function placed<A extends SaltPlace>(input: Unplaced<A>, session: Session, hre: HardhatRuntimeEnvironment): A {
  const folder = deploymentDirectory(hre, session.connection.networkName, input.deployment);
  return { ...input, salts: join(folder, "content-salts") } as unknown as A;
}

/** @returns the action of a command that sends and needs salts. */
export function sendingSalted<A extends SaltPlace>(flow: (session: Session, input: A) => Promise<ContentOutcome>) {
  return sending<Unplaced<A>, ContentOutcome>((session, input, hre) => flow(session, placed(input, session, hre)));
}

/** @returns the action of a command that looks at salts. */
export function showingSalted<T, A extends SaltPlace>(
  read: (session: Session, input: A) => Promise<T>,
  describe: (value: T) => string,
): (input: Omit<A, "salts"> & SessionArguments, hre: HardhatRuntimeEnvironment) => Promise<Result<T, Error>> {
  return (input, hre) =>
    answer(
      input.json,
      () => withSession(hre, input, (session) => read(session, placed(input, session, hre))),
      describe,
    );
}
