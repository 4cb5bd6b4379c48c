import { MaxUint256 } from "ethers";

import { formatCount } from "../../../src/format.js";
import { carryOutSpending } from "../../support/allowance.js";
import { basisPoints, formatDuration, formatMoment, required, tokenAmount } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { recipientOf } from "../../support/recipient.js";
import { chainTime, type Session } from "../../support/session.js";
import { percent, quoted } from "../../support/text.js";
import {
  freeAt,
  givenNode,
  givenPart,
  type Part,
  payingCall,
  reading,
  sharesWorth,
  signedStaking,
  type Staking,
  stakingCall,
  waitLine,
} from "../staking.js";
import { MONTH, monthStart, xme, xmex } from "../words.js";

const WHOLE = 10n ** 18n;
/** The contract's largest cap, in hundreds of XMEX: four times all that there are. */
const LARGEST_CAP = 2n ** 32n - 1n;

/** What a bond carries: each whole XME `CAP_PER_BOND` XMEX at level 0, and twice as many with each level. */
async function capOf({ nodes }: Staking, bond: bigint, level: bigint): Promise<bigint> {
  const hundreds = (bond << level) / WHOLE;
  return (hundreds < LARGEST_CAP ? hundreds : LARGEST_CAP) * (await nodes.CAP_PER_BOND()) * WHOLE;
}

interface NodeInput {
  readonly node: string;
}

/** Opens a node: `hardhat nodes open`. */
export async function open(
  session: Session,
  { bond: bondText, commission, uri }: { bond: string; commission: string; uri: string },
): Promise<Outcome> {
  const bond = tokenAmount("bond", bondText, "XME");
  const commissionBps = basisPoints("commission", commission);
  const staking = await signedStaking(session);
  const { nodes } = staking;
  return carryOutSpending(
    session,
    { token: staking.xme, spender: nodes, amount: bond },
    (permit) =>
      permit
        ? stakingCall(
            staking,
            nodes.openNodeWithPermit,
            bond,
            commissionBps,
            uri,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : stakingCall(staking, nodes.openNode, bond, commissionBps, uri),
    { token: staking.xme },
    async (nodeId) => [
      `Node ${formatCount(nodeId)} or a later number, operated by ${session.account} for good, with a commission of ${percent(commissionBps)} of what ` +
        "delegations earn in XMEX.",
      `A bond of ${xme(bond)}, which carries delegations worth up to ${xmex(await capOf(staking, bond, 0n))}; what is asked back of it can be taken ` +
        `${formatDuration(await nodes.unbondingPeriod())} later.`,
    ],
  );
}

/** Adds to a bond: `hardhat nodes bond`. */
export async function addBond(
  session: Session,
  { node, amount: text }: NodeInput & { readonly amount: string },
): Promise<Outcome> {
  const nodeId = givenNode(node);
  const amount = tokenAmount("amount", text, "XME");
  const staking = await signedStaking(session);
  const { nodes } = staking;
  return carryOutSpending(
    session,
    { token: staking.xme, spender: nodes, amount },
    (permit) =>
      permit
        ? stakingCall(staking, nodes.addBondWithPermit, nodeId, amount, permit.deadline, permit.v, permit.r, permit.s)
        : stakingCall(staking, nodes.addBond, nodeId, amount),
    { token: staking.xme },
    async () => {
      const { bond, level, cap } = await nodes.nodeOf(nodeId);
      return [
        `${xme(amount)} more for the bond of node ${formatCount(nodeId)}, which is ${xme(bond + amount)} then.`,
        `It carries delegations worth up to ${xmex(await capOf(staking, bond + amount, level))}, in place of ${xmex(cap)}.`,
      ];
    },
  );
}

/** Asks a part of a bond back: `hardhat nodes unbond`. */
export async function removeBond(
  session: Session,
  { node, amount: text }: NodeInput & { readonly amount: string },
): Promise<Outcome> {
  const nodeId = givenNode(node);
  const amount = tokenAmount("amount", text, "XME");
  const staking = await signedStaking(session);
  const { nodes } = staking;
  const call = stakingCall(staking, nodes.removeBond, nodeId, amount);
  return carryOut(session, call, { token: staking.xme }, async () => {
    const { bond, bondLeaving, level, cap } = await nodes.nodeOf(nodeId);
    const left = bond - amount;
    return [
      `${xme(amount)} leave the bond of node ${formatCount(nodeId)}, which keeps ${xme(left)} and carries delegations worth up to ` +
        `${xmex(await capOf(staking, left, level))}, in place of ${xmex(cap)}; nobody is forced out.`,
      `${bondLeaving === 0n ? "They" : `With the ${xme(bondLeaving)} that are leaving already, whose wait starts anew, they`} can be taken from about ` +
        `${formatMoment(await freeAt(session, staking))} on with \`hardhat nodes withdraw-bond\`.`,
    ];
  });
}

/** Takes what has left a bond: `hardhat nodes withdraw-bond`. */
export async function withdrawBond(
  session: Session,
  { node, to }: NodeInput & { readonly to: string },
): Promise<Outcome> {
  const nodeId = givenNode(node);
  const recipient = recipientOf(session, to);
  const staking = await signedStaking(session);
  const call = payingCall(staking, staking.xme, staking.nodes.withdrawBond, nodeId, recipient);
  return carryOut(session, call, { token: staking.xme, account: recipient }, (amount) => [
    `${xme(amount)}, all that has left the bond of node ${formatCount(nodeId)}, to ${recipient}.`,
  ]);
}

/** Announces another commission: `hardhat nodes commission`. */
export async function setCommission(
  session: Session,
  { node, percent: text }: NodeInput & { readonly percent: string },
): Promise<Outcome> {
  const nodeId = givenNode(node);
  const commissionBps = basisPoints("percent", text);
  const staking = await signedStaking(session);
  const { nodes } = staking;
  const call = stakingCall(staking, nodes.setCommission, nodeId, commissionBps);
  return carryOut(session, call, { token: staking.xmex }, async () => {
    const [now, found] = await Promise.all([chainTime(session), nodes.nodeOf(nodeId)]);
    return [
      `The commission of node ${formatCount(nodeId)} is ${percent(commissionBps)} from ${monthStart(now / MONTH + 1n)} on, and ` +
        `${percent(found.commissionBps)} until then.`,
      ...(found.nextCommissionMonth === 0n
        ? []
        : [`This takes the place of the ${percent(found.nextCommissionBps)} that were announced.`]),
    ];
  });
}

/** Says where a node is described: `hardhat nodes describe`. */
export async function describe(
  session: Session,
  { node, uri }: NodeInput & { readonly uri: string },
): Promise<Outcome> {
  const nodeId = givenNode(node);
  required("uri", uri, "write where the node is described, such as https://… or ipfs://…");
  const staking = await signedStaking(session);
  const call = stakingCall(staking, staking.nodes.describeNode, nodeId, uri);
  return carryOut(session, call, { token: staking.xme }, () => [
    `Node ${formatCount(nodeId)} is described at ${quoted(uri)} from now on.`,
  ]);
}

/** Closes a node for good: `hardhat nodes close`. */
export async function close(session: Session, { node }: NodeInput): Promise<Outcome> {
  const nodeId = givenNode(node);
  const staking = await signedStaking(session);
  const { nodes } = staking;
  const call = stakingCall(staking, nodes.closeNode, nodeId);
  return carryOut(session, call, { token: staking.xme }, async () => {
    const [{ bond, bondLeaving, commission, commissionXme, delegated }, free, [unbonding], period] = await Promise.all([
      nodes.nodeOf(nodeId),
      freeAt(session, staking),
      nodes.unbondingOf(session.account),
      nodes.unbondingPeriod(),
    ]);
    const from = `from about ${formatMoment(free)} on`;
    return [
      `Node ${formatCount(nodeId)} is closed for good: its delegations, worth at least ${xmex(delegated)}, stop earning and can be taken with ` +
        `\`hardhat nodes leave\`, by each delegator from ${formatDuration(period)} after the day of its last delegation on.`,
      `The bond, ${xme(bond + bondLeaving)}${bondLeaving === 0n ? "" : " with what is leaving already, whose wait starts anew"}, can be taken ${from} ` +
        "with `hardhat nodes withdraw-bond`.",
      ...(commission === 0n
        ? []
        : [
            `The commission, at least ${xmex(commission)}, can be taken ${from} with \`hardhat nodes withdraw\`` +
              `${unbonding === 0n ? "" : `, with the ${xmex(unbonding)} that are unbonding already, whose wait starts anew`}.`,
          ]),
      ...(commissionXme === 0n
        ? []
        : [`What the commission earned, at least ${xme(commissionXme)}, can be claimed with \`hardhat nodes claim\`.`]),
    ];
  });
}

/** Turns commission into XMEX: `hardhat nodes commission-take`. */
export async function takeCommission(session: Session, { node, ...options }: NodeInput & Part): Promise<Outcome> {
  const nodeId = givenNode(node);
  const part = givenPart(options);
  const staking = await signedStaking(session);
  const { nodes } = staking;
  const [{ commissionShares, commission }, { price }] = await reading(staking, () =>
    Promise.all([nodes.nodeOf(nodeId), nodes.poolState()]),
  );
  const all = { shares: commissionShares, worth: commission };
  const poolShares =
    part.amount === undefined
      ? (part.shares ?? MaxUint256)
      : sharesWorth(part.amount, { ...all, of: all, price, name: `The commission of node ${formatCount(nodeId)}` });
  const call = stakingCall(staking, nodes.undelegateCommission, nodeId, poolShares);
  return carryOut(session, call, { token: staking.xmex }, async (amount) => {
    const [[unbonding], free] = await Promise.all([nodes.unbondingOf(session.account), freeAt(session, staking)]);
    return [
      `${xmex(amount)} of commission of node ${formatCount(nodeId)} stop earning.`,
      waitLine(amount, unbonding, free),
    ];
  });
}
