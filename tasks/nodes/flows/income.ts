import { ZeroAddress } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { carryOutSpending } from "../../support/allowance.js";
import { tokenAmount } from "../../support/inputs.js";
import { carryOut, type Outcome, tokens } from "../../support/outcome.js";
import { chainTime, type Session } from "../../support/session.js";
import { signedStaking, type Staking, stakingCall } from "../staking.js";
import { MONTH, monthStart, xmex } from "../words.js";

/** In which month what arrives now streams. */
async function nextMonth(session: Session): Promise<string> {
  const month = (await chainTime(session)) / MONTH + 1n;
  return `from ${monthStart(month)} to ${monthStart(month + 1n)}`;
}

/** Gives income to all delegators: `hardhat nodes income`. */
export async function giveIncome(
  session: Session,
  { token: symbol, amount: text }: { token: string; amount: string },
): Promise<Outcome> {
  if (symbol !== "XME" && symbol !== "XMEX") {
    throw new ExplainedError(`--token is ${symbol === "" ? "missing" : `"${symbol}"`}: choose XME or XMEX.`);
  }
  const amount = tokenAmount("amount", text, symbol);
  const staking = await signedStaking(session);
  const { nodes } = staking;
  const [token, add] = symbol === "XME" ? [staking.xme, nodes.addXmeIncome] : [staking.xmex, nodes.addXmexIncome];
  return carryOutSpending(
    session,
    { token, spender: nodes, amount, takesPermits: false },
    () => stakingCall(staking, add, amount),
    { token },
    async () => {
      const [{ shares, xmexNext, xmeNext }, when] = await Promise.all([nodes.poolState(), nextMonth(session)]);
      const next = (symbol === "XME" ? xmeNext : xmexNext) + amount;
      return [
        `${tokens(amount, symbol)} from ${session.account} to all delegators, second by second ${when}: ${tokens(next, symbol)} with what waits for ` +
          "that month already.",
        symbol === "XME"
          ? "Delegators claim it with `hardhat nodes claim`."
          : "It compounds: delegations are worth more without a transaction.",
        ...(shares === 0n ? ["Nobody delegates now: income waits for a month in which somebody does."] : []),
      ];
    },
  );
}

/** XMEX that the emission vault has for delegators now. @throws ExplainedError if it has none for this contract */
async function drawable(session: Session, { nodes }: Staking): Promise<bigint> {
  const { emissionVault } = session.deployment.xme;
  const [vaultAddress, stream, address] = await Promise.all([
    nodes.vault(),
    nodes.emissionStream(),
    nodes.getAddress(),
  ]);
  if (vaultAddress === ZeroAddress) throw new ExplainedError("Node staking has no emission vault to draw from.");
  const vault = emissionVault.attach(vaultAddress) as typeof emissionVault;
  const [drawer, available] = await Promise.all([vault.drawerOf(stream), vault.available(stream)]);
  if (drawer !== address) {
    throw new ExplainedError(
      `Stream ${String(stream)} of the emission vault is drawn by ${drawer === ZeroAddress ? "nobody" : drawer}, not by node staking: governance names the drawer.`,
    );
  }
  if (available === 0n) throw new ExplainedError("The emission vault has nothing for delegators now: wait.");
  return available;
}

/** Draws what the emission vault has for delegators: `hardhat nodes collect`. Anybody may. */
export async function collect(session: Session): Promise<Outcome> {
  const staking = await signedStaking(session);
  const available = await drawable(session, staking);
  const address = String(staking.nodes.target) as typeof session.account;
  const call = stakingCall(staking, staking.nodes.collectIncome);
  return carryOut(session, call, { token: staking.xmex, account: address }, async () => [
    `At least ${xmex(available)} from the emission vault to all delegators, second by second ${await nextMonth(session)}.`,
  ]);
}
