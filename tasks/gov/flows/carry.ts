import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { revertDataOf } from "../../../src/deployment/revert.js";
import { formatDuration, formatMoment } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import type { Call } from "../../support/send.js";
import type { Session } from "../../support/session.js";
import type { Intended } from "../book.js";
import { type Government, governmentCall, requireEther, signedGovernment, tryFromTreasury } from "../government.js";
import { capital, requireState, see, termsOf } from "../proposals.js";

interface ProposalInput {
  readonly id: string;
}

async function toldOf({ book }: Government, calls: readonly Intended[]): Promise<readonly string[]> {
  const told = await Promise.all(calls.map((call) => book.describe(call)));
  return told.map((words, i) => `${String(i + 1)}. ${capital(words)}.`);
}

/** Queues what was decided: `hardhat gov queue`. Anybody may. */
export async function queue(session: Session, { id }: ProposalInput): Promise<Outcome> {
  const government = signedGovernment(session);
  const { governor } = government;
  const seen = await see(government, id);
  requireState(seen, ["succeeded"], "queued");
  const call = governmentCall(government, governor, [], governor.queue, ...termsOf(seen.proposal));
  return carryOut(session, call, { token: government.vxme }, async () => {
    const [delay, grace] = await Promise.all([session.deployment.xme.timelock.getMinDelay(), governor.GRACE_PERIOD()]);
    return [
      `Queued: ${seen.name}.`,
      ...(await toldOf(government, seen.proposal.calls)),
      `It can be executed from about ${formatMoment(seen.time + delay)} on, for ${formatDuration(grace)}.`,
    ];
  });
}

/** Carries out what was decided: `hardhat gov execute`. Anybody may. */
export async function execute(session: Session, { id }: ProposalInput): Promise<Outcome> {
  const government = signedGovernment(session);
  const { governor } = government;
  const seen = await see(government, id);
  const { proposal, standing, time } = seen;
  requireState(seen, ["queued"], "executed");
  if (time < standing.eta) {
    throw new ExplainedError(
      `${capital(seen.name)} can be executed from ${formatMoment(standing.eta)} on, and the chain's time is ${formatMoment(time)}: wait.`,
    );
  }
  await requireEther(government, proposal.calls);
  const call = governmentCall(government, governor, proposal.calls, governor.execute, ...termsOf(proposal));
  return carryOut(session, namingTheCall(government, proposal.calls, call), { token: government.vxme }, async () => [
    `Carried out, all of it or nothing: ${seen.name}.`,
    ...(await toldOf(government, proposal.calls)),
  ]);
}

/** The same call, which says where it is refused which of the calls that it carries out was. */
function namingTheCall<R>(government: Government, calls: readonly Intended[], call: Call<R>): Call<R> {
  const probe = async (): Promise<R> => {
    const refused: unknown[] = [];
    const probed = await call.probe().catch((error: unknown) => void refused.push(error));
    if (refused.length === 0) return probed as R;
    // Without a cause, or what the governor passes on would be explained in place of the call.
    const words = await refusedCall(government, calls, revertDataOf(refused[0]));
    throw words === undefined ? refused[0] : new ExplainedError(words);
  };
  return { ...call, probe };
}

/** @returns the first of the calls that the treasury is refused in the same way */
async function refusedCall(
  government: Government,
  calls: readonly Intended[],
  data: string | undefined,
): Promise<string | undefined> {
  for (const [i, call] of calls.entries()) {
    const trial = await tryFromTreasury(government, call);
    if (!trial || (trial.data !== undefined && trial.data !== data)) continue;
    return `Call ${String(i + 1)}, ${await government.book.describe(call)}, is refused now. ${trial.refusal}`;
  }
  return undefined;
}

/** Cancels a proposal for ever: `hardhat gov cancel`. The guardian may, until the sunset. */
export async function cancel(session: Session, { id }: ProposalInput): Promise<Outcome> {
  const government = signedGovernment(session);
  const { governor } = government;
  const seen = await see(government, id);
  const [guardian, sunset] = await Promise.all([governor.guardian(), governor.sunset()]);
  if (seen.time >= sunset) {
    throw new ExplainedError(`The sunset was at ${formatMoment(sunset)}: nobody can cancel a proposal any more.`);
  }
  if (session.account !== guardian) {
    throw new ExplainedError(
      `Only the guardian, ${guardian}, can cancel a proposal, and not ${session.account}: choose it with --account.`,
    );
  }
  requireState(seen, ["pending", "active", "defeated", "succeeded", "queued"], "cancelled");
  const call = governmentCall(government, governor, [], governor.cancel, ...termsOf(seen.proposal));
  return carryOut(session, call, { token: government.vxme }, async () => [
    `Cancelled for ever: ${seen.name}; what it asked for can be proposed anew under another title.`,
    ...(await toldOf(government, seen.proposal.calls)),
  ]);
}
