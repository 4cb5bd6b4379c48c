import { MaxUint256 } from "ethers";

import { formatCount } from "../../../src/format.js";
import { carryOutSpending } from "../../support/allowance.js";
import { formatDuration, tokenAmount } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { recipientOf } from "../../support/recipient.js";
import type { Session } from "../../support/session.js";
import { percent } from "../../support/text.js";
import {
  freeAt,
  givenNode,
  givenNodes,
  givenPart,
  nodesOf,
  type Part,
  payingCall,
  reading,
  sharesWorth,
  signedStaking,
  stakingCall,
  waitLine,
} from "../staking.js";
import { monthStart, shares as inShares, xme, xmex } from "../words.js";

interface NodeInput {
  readonly node: string;
}
interface ToInput {
  readonly to: string;
}

/** Delegates XMEX to a node: `hardhat nodes delegate`. */
export async function delegate(
  session: Session,
  { node, amount: text }: NodeInput & { readonly amount: string },
): Promise<Outcome> {
  const nodeId = givenNode(node);
  const amount = tokenAmount("amount", text, "XMEX");
  const staking = await signedStaking(session);
  const { nodes } = staking;
  return carryOutSpending(
    session,
    { token: staking.xmex, spender: nodes, amount },
    (permit) =>
      permit
        ? stakingCall(staking, nodes.delegateWithPermit, nodeId, amount, permit.deadline, permit.v, permit.r, permit.s)
        : stakingCall(staking, nodes.delegate, nodeId, amount),
    { token: staking.xmex },
    async (shares) => {
      const [{ commissionBps, nextCommissionBps, nextCommissionMonth }, period] = await Promise.all([
        nodes.nodeOf(nodeId),
        nodes.unbondingPeriod(),
      ]);
      const change =
        nextCommissionMonth === 0n
          ? ""
          : `, and of ${percent(nextCommissionBps)} from ${monthStart(nextCommissionMonth)} on`;
      return [
        `${xmex(amount)} to node ${formatCount(nodeId)} for ${inShares(shares)} of it; they earn from then on, less a commission of ` +
          `${percent(commissionBps)}${change}, of what they earn in XMEX.`,
        `Asked back with \`hardhat nodes undelegate\`, at any time, they can be taken ${formatDuration(period)} later.`,
      ];
    },
  );
}

/** Asks a delegation back, or a part of it: `hardhat nodes undelegate`. */
export async function undelegate(session: Session, { node, ...options }: NodeInput & Part): Promise<Outcome> {
  const nodeId = givenNode(node);
  const part = givenPart(options);
  const { account } = session;
  const staking = await signedStaking(session);
  const { nodes } = staking;
  let shares = part.shares ?? MaxUint256;
  if (part.amount !== undefined) {
    const [{ delegated, shares: all }, { price }, held, worth] = await reading(staking, () =>
      Promise.all([
        nodes.nodeOf(nodeId),
        nodes.poolState(),
        nodes.sharesOf(nodeId, account),
        nodes.worthOf(nodeId, account),
      ]),
    );
    const name = `The delegation of ${account} to node ${formatCount(nodeId)}`;
    shares = sharesWorth(part.amount, { shares: held, worth, of: { shares: all, worth: delegated }, price, name });
  }
  const call = stakingCall(staking, nodes.undelegate, nodeId, shares);
  return carryOut(session, call, { token: staking.xmex }, async (amount) => {
    const [[unbonding], free, held, owed] = await Promise.all([
      nodes.unbondingOf(account),
      freeAt(session, staking),
      nodes.sharesOf(nodeId, account),
      nodes.xmeOwedTo(account, [nodeId]),
    ]);
    const given = shares === MaxUint256 ? held : shares;
    return [
      `${xmex(amount)} for ${inShares(given)} of node ${formatCount(nodeId)}, which stop earning; ${inShares(held - given)} of it stay.`,
      waitLine(amount, unbonding, free),
      ...(owed === 0n ? [] : [`${xme(owed)} that were earned stay to be claimed with \`hardhat nodes claim\`.`]),
    ];
  });
}

/** Takes what has waited for the unbonding period: `hardhat nodes withdraw`. */
export async function withdraw(session: Session, { to }: ToInput): Promise<Outcome> {
  const recipient = recipientOf(session, to);
  const staking = await signedStaking(session);
  const call = payingCall(staking, staking.xmex, staking.nodes.withdraw, recipient);
  return carryOut(session, call, { token: staking.xmex, account: recipient }, (amount) => [
    `${xmex(amount)}, all that has waited, to ${recipient}.`,
  ]);
}

/** Takes everything out of a closed node: `hardhat nodes leave`. */
export async function leave(session: Session, { node, to }: NodeInput & ToInput): Promise<Outcome> {
  const nodeId = givenNode(node);
  const recipient = recipientOf(session, to);
  const staking = await signedStaking(session);
  const call = payingCall(staking, staking.xmex, staking.nodes.leaveClosedNode, nodeId, recipient);
  return carryOut(session, call, { token: staking.xmex, account: recipient }, (amount) => [
    `${xmex(amount)}, all that the account has in the closed node ${formatCount(nodeId)}, to ${recipient} at once.`,
  ]);
}

/** Takes the XME that an account has earned: `hardhat nodes claim`. */
export async function claim(
  session: Session,
  { nodes: text, to }: ToInput & { readonly nodes: string },
): Promise<Outcome> {
  const recipient = recipientOf(session, to);
  const named = text === "" ? undefined : givenNodes(text);
  const staking = await signedStaking(session);
  const { nodes } = staking;
  const ids = named ?? (await nodesOf(session, staking));
  const call = payingCall(staking, staking.xme, nodes.claimXme, [...ids], recipient);
  return carryOut(session, call, { token: staking.xme, account: recipient }, (amount) => [
    `${xme(amount)} to ${recipient}: what the account is owed, with what it earned at ${nodeList(ids)} until now.`,
  ]);
}

function nodeList(ids: readonly bigint[]): string {
  if (ids.length === 0) return "no node";
  return `node${ids.length === 1 ? "" : "s"} ${ids.map(formatCount).join(", ")}`;
}
