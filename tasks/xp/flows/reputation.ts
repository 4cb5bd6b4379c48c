import { formatCount } from "../../../src/format.js";
import { carryOutSpending } from "../../support/allowance.js";
import { formatMoment, tokenAmount } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { recipientOf } from "../../support/recipient.js";
import { chainTime, type Session } from "../../support/session.js";
import { type Flywheel, flywheelCall, givenAgent, signedFlywheel } from "../flywheel.js";
import { isAt } from "../modules.js";
import { points, xp } from "../words.js";

interface AmountInput {
  readonly agent: string;
  readonly amount: string;
}

/** A reputation in place of the one that the market asks, as it was given; nothing for that one. */
interface ReputationInput {
  readonly reputation?: string;
}

/** What a change of the XP locked to an agent does to its trust. */
async function bonusChange({ reputation, modules }: Flywheel, agentId: bigint, change: bigint): Promise<string> {
  const { reputation: live } = modules.live;
  if (!live || !isAt(live, reputation.target)) return `The trust of agent ${formatCount(agentId)} stays as it is.`;
  const locked = await reputation.lockedTo(agentId);
  const [before, after] = await Promise.all([reputation.bonusFor(locked), reputation.bonusFor(locked + change)]);
  return `For ${xp(locked + change)} locked, agent ${formatCount(agentId)} has ${points(after)} of 30 points of trust instead of ${points(before)}.`;
}

/** Locks XP to an agent: `hardhat xp lock`. Anybody may. */
export async function lock(session: Session, { agent, amount: text }: AmountInput): Promise<Outcome> {
  const agentId = givenAgent(agent);
  const amount = tokenAmount("amount", text, "XP");
  const flywheel = await signedFlywheel(session);
  const { reputation, xpToken } = flywheel;
  return carryOutSpending(
    session,
    { token: xpToken, spender: reputation, amount },
    (permit) =>
      permit
        ? flywheelCall(
            flywheel,
            reputation,
            reputation.lockWithPermit,
            agentId,
            amount,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : flywheelCall(flywheel, reputation, reputation.lock, agentId, amount),
    { token: xpToken },
    async () => [
      await bonusChange(flywheel, agentId, amount),
      "Only you can take it back, seven days after you ask for it with `hardhat xp unlock`.",
    ],
  );
}

/** Asks for locked XP: `hardhat xp unlock`. */
export async function unlock(
  session: Session,
  { agent, amount: text, reputation: named }: AmountInput & ReputationInput,
): Promise<Outcome> {
  const agentId = givenAgent(agent);
  const amount = tokenAmount("amount", text, "XP");
  const flywheel = await signedFlywheel(session, { reputation: named });
  const { reputation, xpToken } = flywheel;
  const call = flywheelCall(flywheel, reputation, reputation.unlock, agentId, amount);
  return carryOut(session, call, { token: xpToken }, async () => {
    const [delay, now, { pending }] = await Promise.all([
      reputation.UNLOCK_DELAY(),
      chainTime(session),
      reputation.backingOf(agentId, session.account),
    ]);
    return [
      await bonusChange(flywheel, agentId, -amount),
      `${xp(pending + amount)} can be taken with \`hardhat xp take\` from about ${formatMoment(now + delay)} on` +
        `${pending === 0n ? "." : `: the wait of the ${xp(pending)} that wait there already starts anew.`}`,
    ];
  });
}

/** Locks XP again that was asked for: `hardhat xp relock`. */
export async function relock(
  session: Session,
  { agent, amount: text, reputation: named }: AmountInput & ReputationInput,
): Promise<Outcome> {
  const agentId = givenAgent(agent);
  const amount = tokenAmount("amount", text, "XP");
  const flywheel = await signedFlywheel(session, { reputation: named });
  const { reputation, xpToken } = flywheel;
  const call = flywheelCall(flywheel, reputation, reputation.relock, agentId, amount);
  return carryOut(session, call, { token: xpToken }, async () => [await bonusChange(flywheel, agentId, amount)]);
}

/** Takes XP after the wait: `hardhat xp take`. */
export async function take(
  session: Session,
  { agent, to, reputation: named }: { agent: string; to: string } & ReputationInput,
): Promise<Outcome> {
  const agentId = givenAgent(agent);
  const recipient = recipientOf(session, to);
  const flywheel = await signedFlywheel(session, { reputation: named });
  const { reputation, xpToken } = flywheel;
  const call = flywheelCall(flywheel, reputation, reputation.withdraw, agentId, recipient);
  return carryOut(session, call, { token: xpToken, account: recipient }, (amount) => [
    `${xp(amount)} that waited at agent ${formatCount(agentId)}, to ${recipient}.`,
  ]);
}
