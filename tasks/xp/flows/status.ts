import { eventsOf } from "../../../src/chain/events.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount } from "../../../src/format.js";
import { formatMoment } from "../../support/inputs.js";
import { chainTime, type Session } from "../../support/session.js";
import { readFee } from "../fee.js";
import { type Flywheel, flywheelOf, inTurns } from "../flywheel.js";
import { isAt } from "../modules.js";
import { paid, type PaymentUnits, percent, xp } from "../words.js";

/** XP that an account has behind an agent in a reputation that the market does not ask any more; in wei. */
export interface LeftBehind {
  readonly reputation: Address;
  readonly agent: bigint;
  readonly locked: bigint;
  readonly pending: bigint;
}

/** What an account has in the flywheel; amounts in base units, times in seconds. */
export interface AccountStatus {
  readonly network: string;
  readonly time: bigint;
  readonly account: Address;
  readonly xp: bigint;
  readonly payment: bigint;
  /** What the market owes it. */
  readonly credit: bigint;
  readonly agents: bigint;
  readonly feeBps: bigint;
  readonly until: bigint | undefined;
  /** What it has in the reputation with which the deployment began, where that was replaced. */
  readonly left: readonly LeftBehind[];
  /** How the market differs from the deployment's record. */
  readonly notes: readonly string[];
  readonly token: PaymentUnits;
}

/** Reads what an account has: `hardhat xp status`. */
export async function readStatus(session: Session): Promise<AccountStatus> {
  const { account, connection } = session;
  const flywheel = await flywheelOf(session);
  const { xpToken, payment, serviceMarket, agentRegistry, modules } = flywheel;
  const time = await chainTime(session);
  const [ofXp, ofPayment, credit, agents, fee, left] = await Promise.all([
    xpToken.balanceOf(account),
    payment.balanceOf(account),
    serviceMarket.creditOf(account),
    agentRegistry.balanceOf(account),
    readFee(flywheel, account, time),
    leftBehind(session, flywheel),
  ]);
  return {
    network: connection.networkName,
    time,
    account,
    xp: ofXp,
    payment: ofPayment,
    credit,
    agents,
    feeBps: fee.bps,
    until: fee.until,
    left,
    notes: modules.notes,
    token: { symbol: payment.symbol, decimals: payment.decimals },
  };
}

/** Where an account has XP locked or waiting in the deployment's own reputation, once the market asks another. */
async function leftBehind(
  { account, deployment }: Session,
  { modules, recorded: { reputation } }: Flywheel,
): Promise<readonly LeftBehind[]> {
  const { reputation: live } = modules.live;
  if (live && isAt(live, reputation.target)) return [];
  // A reputation keeps no list of an account's agents, but it told of each.
  const told = await eventsOf(reputation, reputation.filters.Locked(undefined, account), deployment.startBlock);
  const agents = [...new Set(told.map(({ args }) => args.agentId))];
  const found = await inTurns(agents, async (agent) => {
    const { locked, pending } = await reputation.backingOf(agent, account);
    return { reputation: String(reputation.target) as Address, agent, locked, pending };
  });
  return found.filter(({ locked, pending }) => locked + pending !== 0n);
}

export function describeStatus(s: AccountStatus): string {
  return [
    `${s.account} on network "${s.network}" at ${formatMoment(s.time)}`,
    `holds    ${xp(s.xp)} and ${paid(s.payment, s.token)}`,
    `credit   ${paid(s.credit, s.token)} at the market${s.credit === 0n ? "" : ", which `hardhat xp withdraw` takes out"}`,
    `agents   ${formatCount(s.agents)}`,
    `fee      ${percent(s.feeBps)}${s.until === undefined ? "" : `, with a tier until ${formatMoment(s.until)}`}`,
    ...s.left.map(
      ({ reputation, agent, locked, pending }) =>
        `left     ${xp(locked)} locked to agent ${formatCount(agent)} and ${xp(pending)} waiting there, in a reputation that was replaced: ` +
        `\`hardhat xp unlock\` and \`hardhat xp take\` with --reputation ${reputation}`,
    ),
    ...s.notes,
  ].join("\n");
}
