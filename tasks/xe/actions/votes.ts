import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { answer } from "../../support/answer.js";
import { describeOutcome, type Outcome } from "../../support/outcome.js";
import { type SessionArguments, withSession } from "../../support/session.js";
import { delegate } from "../flows.js";
import { describeVotes, readVotes, type VotesStatus } from "../views.js";

type Answer = Outcome | VotesStatus;

/** Shows votes, or delegates where it is told to whom. */
export default function votes(
  input: SessionArguments & { readonly delegate: string },
  hre: HardhatRuntimeEnvironment,
): Promise<Result<Answer, Error>> {
  return answer<Answer>(
    input.json,
    () =>
      withSession<Answer>(hre, input, (session) =>
        input.delegate === "" ? readVotes(session) : delegate(session, input),
      ),
    (value) => ("transaction" in value ? describeOutcome(value) : describeVotes(value)),
  );
}
