import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { answer } from "./answer.js";
import { describeOutcome, type Outcome } from "./outcome.js";
import { type Session, type SessionArguments, withSession } from "./session.js";

type Action<A, T> = (input: A, hre: HardhatRuntimeEnvironment) => Promise<Result<T, Error>>;

/** @returns the action of a command that sends a transaction. */
export function sending<A>(
  flow: (session: Session, input: A) => Promise<Outcome>,
): Action<A & SessionArguments, Outcome> {
  return (input, hre) =>
    answer(input.json, () => withSession(hre, input, (session) => flow(session, input)), describeOutcome);
}

/** @returns the action of a command that looks at a deployment; those that look at no account lack `--account`. */
export function showing<T, A = object>(
  read: (session: Session, input: A) => Promise<T>,
  describe: (value: T) => string,
): Action<A & Omit<SessionArguments, "account"> & Partial<SessionArguments>, T> {
  return (input, hre) => answer(input.json, () => withSession(hre, input, (session) => read(session, input)), describe);
}
