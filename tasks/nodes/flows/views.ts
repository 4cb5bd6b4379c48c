import { eventsOf } from "../../../src/chain/events.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../../src/format.js";
import { formatDuration, formatMoment, wholeNumber } from "../../support/inputs.js";
import { chainTime, type Session } from "../../support/session.js";
import { percent, quoted } from "../../support/text.js";
import { inTurns } from "../../support/turns.js";
import { givenNode, nodesOf, reading, type Staking, stakingOf } from "../staking.js";
import { MONTH, monthStart, shares as inShares, xme, xmex } from "../words.js";

const SCALE = 10n ** 27n;

/** A node; amounts in wei, times in seconds. */
export interface NodeStatus {
  readonly node: bigint;
  readonly operator: Address;
  readonly open: boolean;
  readonly level: bigint;
  readonly bond: bigint;
  readonly bondLeaving: bigint;
  readonly bondAvailableAt: bigint;
  readonly commissionBps: bigint;
  /** Undefined where no change is announced. */
  readonly nextCommission: { readonly bps: bigint; readonly from: bigint } | undefined;
  readonly delegated: bigint;
  readonly cap: bigint;
  readonly capLeft: bigint;
  readonly shares: bigint;
  readonly commission: bigint;
  readonly commissionXme: bigint;
}

async function readNode({ nodes }: Pick<Staking, "nodes">, node: bigint): Promise<NodeStatus> {
  const found = await nodes.nodeOf(node);
  return {
    node,
    operator: found.operator as Address,
    open: found.isOpen,
    level: found.level,
    bond: found.bond,
    bondLeaving: found.bondLeaving,
    bondAvailableAt: found.bondAvailableAt,
    commissionBps: found.commissionBps,
    nextCommission:
      found.nextCommissionMonth === 0n
        ? undefined
        : { bps: found.nextCommissionBps, from: found.nextCommissionMonth * MONTH },
    delegated: found.delegated,
    cap: found.cap,
    capLeft: found.capLeft,
    shares: found.shares,
    commission: found.commission,
    commissionXme: found.commissionXme,
  };
}

/** The latest nodes. */
export interface NodeList {
  readonly network: string;
  readonly nodes: readonly NodeStatus[];
  readonly looked: bigint;
  readonly count: bigint;
}

/** Lists the latest nodes, those that are open unless all are wanted: `hardhat nodes list`. */
export async function readNodes(session: Session, { last, all }: { last: string; all: boolean }): Promise<NodeList> {
  const most = wholeNumber("last", last, "write how many of the latest to look at");
  const staking = await stakingOf(session);
  const count = await staking.nodes.nodeCount();
  const looked = count < most ? count : most;
  const ids = Array.from({ length: Number(looked) }, (_, i) => count - BigInt(i));
  const found = await inTurns(ids, (id) => readNode(staking, id));
  const { networkName: network } = session.connection;
  return { network, nodes: all ? found : found.filter(({ open }) => open), looked, count };
}

export function describeNodes({ nodes, looked, count }: NodeList): string {
  const columns = [
    { title: "node", align: "right" },
    { title: "operator", align: "left" },
    { title: "level", align: "right" },
    { title: "bond", align: "right" },
    { title: "commission", align: "right" },
    { title: "delegated", align: "right" },
    { title: "room", align: "right" },
  ] as const;
  const rows = nodes.map((node) => [
    formatCount(node.node),
    node.operator,
    formatCount(node.level),
    xme(node.bond),
    `${percent(node.commissionBps)}${node.nextCommission ? `, soon ${percent(node.nextCommission.bps)}` : ""}`,
    xmex(node.delegated),
    node.open ? xmex(node.capLeft) : "closed",
  ]);
  const scope = `of the latest ${formatCount(looked)} of ${formatCount(count)} nodes`;
  return nodes.length === 0
    ? `None ${scope} is open.`
    : `${renderTable(columns, rows)}\n${formatCount(nodes.length)} ${scope}.`;
}

/** A node as it is shown alone. */
export interface ShownNode extends NodeStatus {
  readonly network: string;
  readonly time: bigint;
  /** Undefined where the network's node has forgotten what was told. */
  readonly uri: string | undefined;
}

/** Reads one node: `hardhat nodes show`. */
export async function readShown(session: Session, { node: text }: { node: string }): Promise<ShownNode> {
  const nodeId = givenNode(text);
  const staking = await stakingOf(session);
  const [status, time, uri] = await Promise.all([
    reading(staking, () => readNode(staking, nodeId)),
    chainTime(session),
    uriOf(session, staking, nodeId),
  ]);
  return { ...status, network: session.connection.networkName, time, uri };
}

/** Where a node's operator said last that it is described: only told, never kept. */
async function uriOf({ deployment }: Session, { nodes }: Staking, nodeId: bigint): Promise<string | undefined> {
  const { startBlock } = deployment;
  const [described, opened] = await Promise.all([
    eventsOf(nodes, nodes.filters.NodeDescribed(nodeId), startBlock),
    eventsOf(nodes, nodes.filters.NodeOpened(nodeId), startBlock),
  ]);
  return (described.at(-1) ?? opened.at(-1))?.args.uri;
}

export function describeShown(node: ShownNode): string {
  const { nextCommission: next } = node;
  return [
    `Node ${formatCount(node.node)} on network "${node.network}" is ${node.open ? "open" : "closed"} at ${formatMoment(node.time)}`,
    `operator    ${node.operator}, level ${formatCount(node.level)}`,
    `described   ${node.uri === undefined ? "unknown: the network's node does not tell" : `at ${quoted(node.uri)}`}`,
    `bond        ${xme(node.bond)}` +
      (node.bondLeaving === 0n
        ? ""
        : `, and ${xme(node.bondLeaving)} that can be taken from ${formatMoment(node.bondAvailableAt)} on`),
    `commission  ${percent(node.commissionBps)}${next ? `, and ${percent(next.bps)} from ${formatMoment(next.from)} on` : ""}`,
    node.open
      ? `delegated   ${xmex(node.delegated)} for ${inShares(node.shares)}, with a cap of ${xmex(node.cap)}: room for ${xmex(node.capLeft)}`
      : `delegated   ${xmex(node.delegated)} for ${inShares(node.shares)}, which their owners take with \`hardhat nodes leave\``,
    `earned      ${xmex(node.commission)} of commission and ${xme(node.commissionXme)} on it, not taken yet`,
  ].join("\n");
}

/** What an account has at one node; amounts in wei. */
export interface PositionAt {
  readonly node: bigint;
  readonly open: boolean;
  readonly shares: bigint;
  readonly value: bigint;
  readonly principal: bigint;
  /** The value without the principal, which is counted in thousandths of XMEX. */
  readonly earned: bigint;
  /** Earned there since it was last settled, commission included. */
  readonly xme: bigint;
  /** Of an operator; undefined for anybody else. */
  readonly commission: bigint | undefined;
}

/** What an account has at all nodes; amounts in wei, times in seconds. */
export interface Positions {
  readonly network: string;
  readonly account: Address;
  readonly time: bigint;
  readonly xmeBalance: bigint;
  readonly xmexBalance: bigint;
  readonly positions: readonly PositionAt[];
  /** All of its principal, as user growth asks for it. */
  readonly principal: bigint;
  readonly unbonding: bigint;
  readonly availableAt: bigint;
  /** What `hardhat nodes claim` would pay. */
  readonly xmeOwed: bigint;
}

/** Reads what an account has: `hardhat nodes position`. */
export async function readPositions(session: Session): Promise<Positions> {
  const { account, connection } = session;
  const { nodes, xme: bonded, xmex: delegated } = await stakingOf(session);
  const [ids, settled] = await Promise.all([nodesOf(session, { nodes }), nodes.xmeOwedTo(account, [])]);
  const positions = await inTurns(ids, async (node): Promise<PositionAt> => {
    const [{ operator, isOpen, commission }, shares, value, principal, owed] = await Promise.all([
      nodes.nodeOf(node),
      nodes.sharesOf(node, account),
      nodes.worthOf(node, account),
      nodes.principalOf(node, account),
      nodes.xmeOwedTo(account, [node]),
    ]);
    return {
      node,
      open: isOpen,
      shares,
      value,
      principal,
      earned: value < principal ? 0n : value - principal,
      xme: owed - settled,
      commission: operator === account ? commission : undefined,
    };
  });
  const [time, xmeBalance, xmexBalance, principal, [unbonding, availableAt], xmeOwed] = await Promise.all([
    chainTime(session),
    bonded.balanceOf(account),
    delegated.balanceOf(account),
    nodes.delegatedPrincipalOf(account),
    nodes.unbondingOf(account),
    nodes.xmeOwedTo(account, [...ids]),
  ]);
  const { networkName: network } = connection;
  return {
    network,
    account,
    time,
    xmeBalance,
    xmexBalance,
    positions,
    principal,
    unbonding,
    availableAt,
    xmeOwed,
  };
}

export function describePositions(p: Positions): string {
  const columns = [
    { title: "node", align: "right" },
    { title: "shares", align: "right" },
    { title: "value", align: "right" },
    { title: "principal", align: "right" },
    { title: "earned", align: "right" },
    { title: "and", align: "right" },
    { title: "commission", align: "right" },
  ] as const;
  const rows = p.positions.map((at) => [
    `${formatCount(at.node)}${at.open ? "" : ", closed"}`,
    inShares(at.shares),
    xmex(at.value),
    xmex(at.principal),
    xmex(at.earned),
    xme(at.xme),
    at.commission === undefined ? "–" : xmex(at.commission),
  ]);
  const ready = p.time >= p.availableAt;
  return [
    `${p.account} on network "${p.network}" at ${formatMoment(p.time)}`,
    `holds      ${xme(p.xmeBalance)} and ${xmex(p.xmexBalance)}`,
    `delegated  ${xmex(p.principal)}, without what they earned`,
    p.unbonding === 0n
      ? "unbonding  nothing"
      : `unbonding  ${xmex(p.unbonding)}, which \`hardhat nodes withdraw\` takes ${ready ? "now" : `from ${formatMoment(p.availableAt)} on`}`,
    `owed       ${xme(p.xmeOwed)}${p.xmeOwed === 0n ? "" : ", which `hardhat nodes claim` takes"}`,
    ...(rows.length === 0 ? [] : ["", renderTable(columns, rows)]),
  ].join("\n");
}

/** The pool of all delegations; amounts in wei, times in seconds, the price in wei × 1e27. */
export interface PoolStatus {
  readonly network: string;
  readonly time: bigint;
  readonly nodes: bigint;
  readonly unbondingPeriod: bigint;
  readonly price: bigint;
  readonly shares: bigint;
  readonly delegated: bigint;
  /** When the next month begins. */
  readonly monthEnds: bigint;
  readonly xmexActive: bigint;
  readonly xmexNext: bigint;
  readonly xmeActive: bigint;
  readonly xmeNext: bigint;
}

/** Reads the pool: `hardhat nodes status`. */
export async function readPoolStatus(session: Session): Promise<PoolStatus> {
  const { nodes } = await stakingOf(session);
  const [time, count, unbondingPeriod, { price, shares, xmexActive, xmexNext, xmeActive, xmeNext }] = await Promise.all(
    [chainTime(session), nodes.nodeCount(), nodes.unbondingPeriod(), nodes.poolState()],
  );
  return {
    network: session.connection.networkName,
    time,
    nodes: count,
    unbondingPeriod,
    price,
    shares,
    delegated: (shares * price) / SCALE,
    monthEnds: (time / MONTH + 1n) * MONTH,
    xmexActive,
    xmexNext,
    xmeActive,
    xmeNext,
  };
}

export function describePoolStatus(pool: PoolStatus): string {
  return [
    `Node staking on network "${pool.network}" at ${formatMoment(pool.time)}`,
    `nodes       ${formatCount(pool.nodes)} opened so far`,
    `delegated   ${xmex(pool.delegated)}: ${inShares(pool.shares)} of the pool, each worth ${xmex((pool.price * 10n ** 18n) / SCALE)}`,
    `this month  ${xmex(pool.xmexActive)} and ${xme(pool.xmeActive)} stream until ${formatMoment(pool.monthEnds)}`,
    `next month  ${xmex(pool.xmexNext)} and ${xme(pool.xmeNext)} so far, until ${monthStart(pool.monthEnds / MONTH + 1n)}`,
    `unbonding   takes ${formatDuration(pool.unbondingPeriod)}`,
  ].join("\n");
}
