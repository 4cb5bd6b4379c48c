import type { Address } from "../../../src/deployment/folder.js";
import { formatCount } from "../../../src/format.js";
import { formatMoment } from "../../support/inputs.js";
import { chainTime, type Session } from "../../support/session.js";
import { flywheelOf } from "../flywheel.js";
import { paid, type PaymentUnits, percent, xp } from "../words.js";

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
  readonly token: PaymentUnits;
}

/** Reads what an account has: `hardhat xp status`. */
export async function readStatus(session: Session): Promise<AccountStatus> {
  const { account, connection } = session;
  const { xpToken, payment, serviceMarket, agentRegistry, feeTiers } = await flywheelOf(session);
  const [time, ofXp, ofPayment, credit, agents, feeBps, bought] = await Promise.all([
    chainTime(session),
    xpToken.balanceOf(account),
    payment.balanceOf(account),
    serviceMarket.creditOf(account),
    agentRegistry.balanceOf(account),
    feeTiers.feeBpsOf(account),
    feeTiers.boughtTierOf(account),
  ]);
  return {
    network: connection.networkName,
    time,
    account,
    xp: ofXp,
    payment: ofPayment,
    credit,
    agents,
    feeBps,
    until: time < bought.end ? bought.end : undefined,
    token: { symbol: payment.symbol, decimals: payment.decimals },
  };
}

export function describeStatus(s: AccountStatus): string {
  return [
    `${s.account} on network "${s.network}" at ${formatMoment(s.time)}`,
    `holds    ${xp(s.xp)} and ${paid(s.payment, s.token)}`,
    `credit   ${paid(s.credit, s.token)} at the market${s.credit === 0n ? "" : ", which `hardhat xp withdraw` takes out"}`,
    `agents   ${formatCount(s.agents)}`,
    `fee      ${percent(s.feeBps)}${s.until === undefined ? "" : `, with a tier until ${formatMoment(s.until)}`}`,
  ].join("\n");
}
