/**
 * Reference model of `NodeStaking`: X.me Dual-Token Economic Model Whitepaper, sections 7.1 to 7.5 and 2.3, delegated staking of XMEX with a
 * commission for the operator, a price that compounds, and a dividend in XME. Equal to the contract to the wei.
 *
 * Amounts in wei of XMEX or XME unless a name says gwei, times in seconds, months counted from the Unix epoch, commissions in basis points. It
 * keeps the price of every month that ever began and the story of every position apart, where the contract keeps packed slots and a
 * sparse list of prices.
 */

import { STREAM_SCALE, StreamModel, streamEarned } from "../common/streams.js";

/** Seconds of a month. Source section 7.3: "monthly"; choice: thirty days. */
export const NODE_MONTH = 30n * 86_400n;

/** Fewest pool shares that income is divided by. Choice: a thousand XMEX. */
export const NODE_MINIMUM_SHARES = 1_000n * 10n ** 18n;

/** Largest commission. Choice: 20 %. */
export const NODE_MAX_COMMISSION_BPS = 2_000n;

/** Smallest bond of an open node, in wei of XME. Choice: a thousand XME. */
export const NODE_MIN_BOND = 1_000n * 10n ** 18n;

/** XMEX that an XME of bond carries at level 0. Choice: as many as there are for each XME. */
export const NODE_CAP_PER_BOND = 100n;

/** Highest level. Choice: five doublings. */
export const NODE_MAX_LEVEL = 5n;

/** Shortest and longest wait that governance can set, and the first one. Source section 7.2: "a short cooling-off period". */
export const NODE_UNBONDING = { shortest: 86_400n, longest: 30n * 86_400n, first: 7n * 86_400n } as const;

const DAY = 86_400n;

/** XME streams in these. */
export const GWEI = 10n ** 9n;

/** Principal is counted in these: thousandths of XMEX. */
export const PRINCIPAL_UNIT = 10n ** 15n;

/** What a call is refused with; `reason` is the contract's error without its prefix. */
export class NodeRefusal extends Error {
  constructor(readonly reason: string) {
    super(`NodeStaking_${reason}`);
    this.name = "NodeRefusal";
  }
}

/** A node as the contract's `nodeOf` tells it. */
export interface NodeState {
  operator: string;
  isOpen: boolean;
  level: bigint;
  bond: bigint;
  bondLeaving: bigint;
  bondAvailableAt: bigint;
  commissionBps: bigint;
  nextCommissionBps: bigint;
  nextCommissionMonth: bigint;
  delegated: bigint;
  cap: bigint;
  capLeft: bigint;
  shares: bigint;
  commissionShares: bigint;
  commission: bigint;
  commissionXme: bigint;
}

/** The pool of all delegations as the contract's `poolState` tells it. */
export interface NodePoolState {
  /** Wei × 1e27 of a pool share. */
  price: bigint;
  shares: bigint;
  /** What one pool share has earned in XME since the beginning, gwei × 1e27. */
  xmeGrowth: bigint;
  xmexActive: bigint;
  xmexNext: bigint;
  xmeActive: bigint;
  xmeNext: bigint;
}

/** What one account has at one node. */
export interface NodePosition {
  shares: bigint;
  /** What one node share had earned in XME, gwei × 1e27, when the account was last settled. */
  xmeGrowth: bigint;
  /** Thousandths of XMEX. */
  principal: bigint;
  /** Seconds, of the last delegation; zero without shares. */
  delegatedAt: bigint;
}

/** What one account has beside its positions. */
export interface NodeAccount {
  xmeOwedGwei: bigint;
  unbonding: bigint;
  availableAt: bigint;
}

interface ModelNode {
  operator: string;
  isOpen: boolean;
  level: bigint;
  bond: bigint;
  bondLeaving: bigint;
  bondAvailableAt: bigint;
  commissionBps: bigint;
  change: { month: bigint; commissionBps: bigint } | undefined;
  poolShares: bigint;
  shares: bigint;
  price: bigint;
  commissionShares: bigint;
  commissionXmeGwei: bigint;
  xmeGrowth: bigint;
  poolXmeGrowth: bigint;
  pot: bigint;
}

/**
 * XMEX, in wei, that a node's delegations may be worth after a new one.
 *
 * @param bond wei of XME
 * @param level 0 to `NODE_MAX_LEVEL`
 * @returns whole hundreds of XMEX, rounded down
 */
export function nodeCap(bond: bigint, level: bigint): bigint {
  const unit = NODE_CAP_PER_BOND * 10n ** 18n;
  const inHundreds = (bond * 2n ** level) / 10n ** 18n;
  return (inHundreds < 2n ** 32n ? inHundreds : 2n ** 32n - 1n) * unit;
}

/** Every node, delegator and stream of one `NodeStaking`. Each method takes the time of the call, never before an earlier one. */
export class NodesModel {
  readonly xmex = new StreamModel(NODE_MONTH, NODE_MINIMUM_SHARES);
  /** In gwei. */
  readonly xme = new StreamModel(NODE_MONTH, NODE_MINIMUM_SHARES);
  /** Wei of XME that wait to become a gwei. */
  xmeRest = 0n;
  /** All pool shares. */
  shares = 0n;
  unbondingPeriod: bigint = NODE_UNBONDING.first;
  readonly #draw: (at: bigint) => bigint;
  readonly #priceAtMonth = new Map<bigint, bigint>();
  readonly #nodes: ModelNode[] = [];
  readonly #positions = new Map<string, NodePosition>();
  readonly #accounts = new Map<string, NodeAccount>();

  /**
   * @param start seconds, when the contract was made
   * @param draw what the emission vault gives at a time, in wei of XMEX; called where the contract draws
   */
  constructor(start: bigint, draw: (at: bigint) => bigint = () => 0n) {
    this.xmex.last = start;
    this.xme.last = start;
    this.#draw = draw;
  }

  /** What a pool share is worth, in wei × 1e27, at the last call. */
  get price(): bigint {
    return STREAM_SCALE + this.xmex.accumulator;
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  isOpen(nodeId: number): boolean {
    return this.#known(nodeId).isOpen;
  }

  /** Wei of XME that operators have bonded, leaving or not. */
  bonds(): bigint {
    return this.#nodes.reduce((sum, node) => sum + node.bond + node.bondLeaving, 0n);
  }

  /** The price when `month` began; of a month that the pool has not been advanced to, undefined. */
  priceAtMonth(month: bigint): bigint | undefined {
    return this.#priceAtMonth.get(month);
  }

  position(nodeId: number, account: string): NodePosition {
    const key = `${nodeId} ${account}`;
    let position = this.#positions.get(key);
    if (position === undefined)
      this.#positions.set(key, (position = { shares: 0n, xmeGrowth: 0n, principal: 0n, delegatedAt: 0n }));
    return position;
  }

  account(account: string): NodeAccount {
    let found = this.#accounts.get(account);
    if (found === undefined) {
      this.#accounts.set(account, (found = { xmeOwedGwei: 0n, unbonding: 0n, availableAt: 0n }));
    }
    return found;
  }

  /** Wei of XMEX that `account` has put in and not asked back, at all nodes. */
  principalOf(account: string): bigint {
    let sum = 0n;
    for (let nodeId = 1; nodeId <= this.nodeCount; nodeId++) sum += this.position(nodeId, account).principal;
    return sum * PRINCIPAL_UNIT;
  }

  /** Seconds, from which `account` can leave a node that is closed: an unbonding period from the end of the day of its last delegation. */
  leavableAt(nodeId: number, account: string): bigint {
    const { shares, delegatedAt } = this.position(nodeId, account);
    if (shares === 0n) return 0n;
    const intoDay = delegatedAt % DAY;
    return delegatedAt + (intoDay === 0n ? 0n : DAY - intoDay) + this.unbondingPeriod;
  }

  /** Advances everything that a call of the contract advances first, and draws where a month began. */
  touch(at: bigint): void {
    const before = this.xmex.last / NODE_MONTH;
    const old = this.price;
    const { growth } = this.xmex.advance(at, this.shares);
    this.xme.advance(at, this.shares);
    const month = at / NODE_MONTH;
    for (let begun = before + 1n; begun <= month; begun++) {
      this.#priceAtMonth.set(begun, begun === before + 1n ? old + growth : this.price);
    }
    if (month > before) this.xmex.add(this.#draw(at));
  }

  openNode(at: bigint, operator: string, bond: bigint, commissionBps: bigint): number {
    if (commissionBps > NODE_MAX_COMMISSION_BPS) throw new NodeRefusal("CommissionTooHigh");
    if (bond < NODE_MIN_BOND) throw new NodeRefusal("BondTooSmall");
    this.touch(at);
    return this.#nodes.push({
      operator,
      isOpen: true,
      level: 0n,
      bond,
      bondLeaving: 0n,
      bondAvailableAt: 0n,
      commissionBps,
      change: undefined,
      poolShares: 0n,
      shares: 0n,
      price: this.price,
      commissionShares: 0n,
      commissionXmeGwei: 0n,
      xmeGrowth: 0n,
      poolXmeGrowth: this.xme.accumulator,
      pot: 0n,
    });
  }

  addBond(nodeId: number, operator: string, amount: bigint): void {
    if (amount === 0n) throw new NodeRefusal("AmountIsZero");
    this.#openOf(nodeId, operator).bond += amount;
  }

  removeBond(at: bigint, nodeId: number, operator: string, amount: bigint): void {
    if (amount === 0n) throw new NodeRefusal("AmountIsZero");
    const node = this.#openOf(nodeId, operator);
    if (amount > node.bond) throw new NodeRefusal("AboveBond");
    if (node.bond - amount < NODE_MIN_BOND) throw new NodeRefusal("BondTooSmall");
    node.bond -= amount;
    node.bondLeaving += amount;
    node.bondAvailableAt = at + this.unbondingPeriod;
  }

  withdrawBond(at: bigint, nodeId: number, operator: string): bigint {
    const node = this.#ownedBy(nodeId, operator);
    const amount = node.bondLeaving;
    requireDue(at, amount, node.bondAvailableAt);
    node.bondLeaving = 0n;
    node.bondAvailableAt = 0n;
    return amount;
  }

  setCommission(at: bigint, nodeId: number, operator: string, commissionBps: bigint): void {
    if (commissionBps > NODE_MAX_COMMISSION_BPS) throw new NodeRefusal("CommissionTooHigh");
    const node = this.#openOf(nodeId, operator);
    this.touch(at);
    this.#settle(node);
    node.change = { month: at / NODE_MONTH + 1n, commissionBps };
  }

  undelegateCommission(at: bigint, nodeId: number, operator: string, poolShares: bigint | "all"): bigint {
    const node = this.#openOf(nodeId, operator);
    const settled = this.#seen(node, at);
    const taken = poolShares === "all" ? settled.commissionShares : poolShares;
    if (taken === 0n) throw new NodeRefusal("AmountIsZero");
    if (taken > settled.commissionShares) throw new NodeRefusal("AboveShares");
    this.touch(at);
    this.#settle(node);
    const amount = this.#worth(taken);
    node.commissionShares -= taken;
    this.shares -= taken;
    this.#startUnbonding(at, operator, amount);
    return amount;
  }

  /** @returns wei of XMEX for the delegators, and of commission for the operator */
  closeNode(at: bigint, nodeId: number, operator: string): { delegated: bigint; commission: bigint } {
    const node = this.#openOf(nodeId, operator);
    this.touch(at);
    this.#settle(node);
    const delegated = this.#worth(node.poolShares);
    const commission = this.#worth(node.commissionShares);
    this.shares -= node.poolShares + node.commissionShares;
    node.pot = delegated;
    node.poolShares = 0n;
    node.commissionShares = 0n;
    node.isOpen = false;
    node.change = undefined;
    node.bondLeaving += node.bond;
    node.bond = 0n;
    node.bondAvailableAt = at + this.unbondingPeriod;
    this.#startUnbonding(at, operator, commission);
    return { delegated, commission };
  }

  /** @returns node shares */
  delegate(at: bigint, nodeId: number, account: string, amount: bigint): bigint {
    if (amount === 0n) throw new NodeRefusal("AmountIsZero");
    const node = this.#open(nodeId);
    const { price } = this.pool(at);
    const settled = this.#seen(node, at);
    const poolShares = (amount * STREAM_SCALE) / price;
    if (poolShares === 0n) throw new NodeRefusal("AmountTooSmall");
    if (((settled.poolShares + poolShares) * price) / STREAM_SCALE > nodeCap(node.bond, node.level)) {
      throw new NodeRefusal("AboveCap");
    }
    this.touch(at);
    this.#settle(node);
    this.#settleXme(nodeId, node, account);
    const shares = node.shares === 0n ? poolShares : (poolShares * node.shares) / node.poolShares;
    const position = this.position(nodeId, account);
    position.shares += shares;
    position.principal += amount / PRINCIPAL_UNIT;
    position.delegatedAt = at;
    node.poolShares += poolShares;
    node.shares += shares;
    this.shares += poolShares;
    return shares;
  }

  /** @returns wei of XMEX, to be taken when they have waited */
  undelegate(at: bigint, nodeId: number, account: string, shares: bigint | "all"): bigint {
    const node = this.#open(nodeId);
    const position = this.position(nodeId, account);
    const given = shares === "all" ? position.shares : shares;
    if (given === 0n) throw new NodeRefusal("AmountIsZero");
    if (given > position.shares) throw new NodeRefusal("AboveShares");
    const settled = this.#seen(node, at);
    const isPart = given < position.shares;
    if (isPart && (settled.poolShares * given) / settled.shares === 0n) throw new NodeRefusal("AmountTooSmall");
    this.touch(at);
    this.#settle(node);
    this.#settleXme(nodeId, node, account);
    const poolShares = (node.poolShares * given) / node.shares;
    const amount = this.#worth(poolShares);
    takeOut(position, given);
    node.poolShares -= poolShares;
    node.shares -= given;
    this.shares -= poolShares;
    this.#startUnbonding(at, account, amount);
    return amount;
  }

  withdraw(at: bigint, account: string): bigint {
    const found = this.account(account);
    const amount = found.unbonding;
    requireDue(at, amount, found.availableAt);
    found.unbonding = 0n;
    found.availableAt = 0n;
    return amount;
  }

  leaveClosedNode(at: bigint, nodeId: number, account: string): bigint {
    const node = this.#known(nodeId);
    if (node.isOpen) throw new NodeRefusal("NodeIsOpen");
    const position = this.position(nodeId, account);
    requireDue(at, position.shares, this.leavableAt(nodeId, account));
    this.#settleXme(nodeId, node, account);
    const amount = (node.pot * position.shares) / node.shares;
    node.pot -= amount;
    node.shares -= position.shares;
    takeOut(position, position.shares);
    return amount;
  }

  /** @returns wei of XME */
  claimXme(at: bigint, account: string, nodeIds: readonly number[]): bigint {
    if (this.xmeOwed(at, account, nodeIds) === 0n) throw new NodeRefusal("NothingToTake");
    this.touch(at);
    const found = this.account(account);
    for (const nodeId of nodeIds) {
      const node = this.#known(nodeId);
      this.#settle(node);
      this.#settleXme(nodeId, node, account);
      if (node.operator === account) {
        found.xmeOwedGwei += node.commissionXmeGwei;
        node.commissionXmeGwei = 0n;
      }
    }
    const amount = found.xmeOwedGwei * GWEI;
    found.xmeOwedGwei = 0n;
    return amount;
  }

  /** Wei of XME that a claim would bring; changes nothing. */
  xmeOwed(at: bigint, account: string, nodeIds: readonly number[]): bigint {
    let owed = this.account(account).xmeOwedGwei;
    for (const nodeId of new Set(nodeIds)) {
      const node = this.#seen(this.#known(nodeId), at);
      const position = this.position(nodeId, account);
      owed += streamEarned(position.shares, node.xmeGrowth - position.xmeGrowth);
      if (node.operator === account) owed += node.commissionXmeGwei;
    }
    return owed * GWEI;
  }

  addXmexIncome(at: bigint, amount: bigint): void {
    if (amount === 0n) throw new NodeRefusal("AmountIsZero");
    this.touch(at);
    this.xmex.add(amount);
  }

  addXmeIncome(at: bigint, amount: bigint): void {
    if (amount === 0n) throw new NodeRefusal("AmountIsZero");
    this.touch(at);
    this.xmeRest += amount;
    this.xme.add(this.xmeRest / GWEI);
    this.xmeRest %= GWEI;
  }

  collectIncome(at: bigint): void {
    this.touch(at);
    this.xmex.add(this.#draw(at));
  }

  setLevel(nodeId: number, level: bigint): void {
    if (level > NODE_MAX_LEVEL) throw new NodeRefusal("LevelTooHigh");
    this.#open(nodeId).level = level;
  }

  /** The node as it stands at a time, which changes nothing. */
  node(at: bigint, nodeId: number): NodeState {
    const node = this.#seen(this.#known(nodeId), at);
    const { price } = this.pool(at);
    const delegated = node.isOpen ? (node.poolShares * price) / STREAM_SCALE : node.pot;
    const cap = node.isOpen ? nodeCap(node.bond, node.level) : 0n;
    return {
      operator: node.operator,
      isOpen: node.isOpen,
      level: node.level,
      bond: node.bond,
      bondLeaving: node.bondLeaving,
      bondAvailableAt: node.bondAvailableAt,
      commissionBps: node.commissionBps,
      nextCommissionBps: node.change?.commissionBps ?? node.commissionBps,
      nextCommissionMonth: node.change?.month ?? 0n,
      delegated,
      cap,
      capLeft: cap > delegated ? cap - delegated : 0n,
      shares: node.shares,
      commissionShares: node.commissionShares,
      commission: (node.commissionShares * price) / STREAM_SCALE,
      commissionXme: node.commissionXmeGwei * GWEI,
    };
  }

  /** Wei of XMEX that the shares of `account` at a node are worth. */
  valueOf(at: bigint, nodeId: number, account: string): bigint {
    const node = this.#seen(this.#known(nodeId), at);
    const { shares } = this.position(nodeId, account);
    if (shares === 0n) return 0n;
    if (!node.isOpen) return (node.pot * shares) / node.shares;
    const { price } = this.pool(at);
    return (((node.poolShares * shares) / node.shares) * price) / STREAM_SCALE;
  }

  /** The pool as it stands at a time, which changes nothing. */
  pool(at: bigint): NodePoolState {
    const xmex = this.xmex.at(at, this.shares);
    const xme = this.xme.at(at, this.shares);
    return {
      price: STREAM_SCALE + xmex.accumulator,
      shares: this.shares,
      xmeGrowth: xme.accumulator,
      xmexActive: xmex.active,
      xmexNext: xmex.next,
      xmeActive: xme.active * GWEI,
      xmeNext: xme.next * GWEI + this.xmeRest,
    };
  }

  /** Wei that the contract must hold at a time: all that anybody can still ask for, the pool rounded up, and what has not streamed. */
  liabilities(at: bigint): { xmex: bigint; xme: bigint } {
    const pool = this.pool(at);
    let xmex = (pool.shares * pool.price + STREAM_SCALE - 1n) / STREAM_SCALE + pool.xmexActive + pool.xmexNext;
    let gwei = 0n;
    let xme = pool.xmeActive + pool.xmeNext;
    for (const account of this.#accounts.values()) {
      xmex += account.unbonding;
      gwei += account.xmeOwedGwei;
    }
    this.#nodes.forEach((node) => {
      xmex += node.pot;
      xme += node.bond + node.bondLeaving;
      const growth = node.isOpen ? pool.xmeGrowth - node.poolXmeGrowth : 0n;
      gwei += node.commissionXmeGwei + streamEarned(node.commissionShares, growth);
    });
    for (const [key, position] of this.#positions) {
      const node = this.#nodes[Number(key.split(" ")[0]) - 1];
      if (node === undefined || position.shares === 0n) continue;
      const growth = node.isOpen ? pool.xmeGrowth - node.poolXmeGrowth : 0n;
      const nodeGrowth = node.xmeGrowth + (node.poolShares * growth) / node.shares;
      gwei += streamEarned(position.shares, nodeGrowth - position.xmeGrowth);
    }
    return { xmex, xme: xme + gwei * GWEI };
  }

  #known(nodeId: number): ModelNode {
    const node = this.#nodes[nodeId - 1];
    if (node === undefined) throw new NodeRefusal("UnknownNode");
    return node;
  }

  #open(nodeId: number): ModelNode {
    const node = this.#known(nodeId);
    if (!node.isOpen) throw new NodeRefusal("NodeIsClosed");
    return node;
  }

  #ownedBy(nodeId: number, operator: string): ModelNode {
    const node = this.#known(nodeId);
    if (node.operator !== operator) throw new NodeRefusal("NotOperator");
    return node;
  }

  #openOf(nodeId: number, operator: string): ModelNode {
    this.#ownedBy(nodeId, operator);
    return this.#open(nodeId);
  }

  #worth(poolShares: bigint): bigint {
    return (poolShares * this.price) / STREAM_SCALE;
  }

  #startUnbonding(at: bigint, account: string, amount: bigint): void {
    if (amount === 0n) return;
    const found = this.account(account);
    found.unbonding += amount;
    found.availableAt = at + this.unbondingPeriod;
  }

  #settle(node: ModelNode): void {
    settleNode(node, this.xmex.last, this.price, this.xme.accumulator, (month) => {
      const price = this.#priceAtMonth.get(month);
      if (price === undefined) throw new RangeError(`month ${month} has not begun`);
      return price;
    });
  }

  /** A copy of the node as a call at `at` would find it. */
  #seen(node: ModelNode, at: bigint): ModelNode {
    const copy = { ...node };
    const before = this.xmex.last / NODE_MONTH;
    const stream = this.xmex.at(this.xmex.last, this.shares);
    const old = this.price;
    const { growth } = stream.advance(at, this.shares);
    const price = STREAM_SCALE + stream.accumulator;
    settleNode(copy, at, price, this.xme.at(at, this.shares).accumulator, (month) => {
      if (month <= before) return this.#priceAtMonth.get(month) ?? old;
      return month === before + 1n ? old + growth : price;
    });
    return copy;
  }

  #settleXme(nodeId: number, node: ModelNode, account: string): void {
    const position = this.position(nodeId, account);
    this.account(account).xmeOwedGwei += streamEarned(position.shares, node.xmeGrowth - position.xmeGrowth);
    position.xmeGrowth = node.xmeGrowth;
  }
}

/** XME by the shares as they were; then the commission, each stretch at the rate that was in force. A closed node stands still. */
function settleNode(
  node: ModelNode,
  at: bigint,
  price: bigint,
  xmeGrowth: bigint,
  priceWhenBegan: (month: bigint) => bigint,
): void {
  if (!node.isOpen) return;
  const growth = xmeGrowth - node.poolXmeGrowth;
  if (node.shares > 0n) node.xmeGrowth += (node.poolShares * growth) / node.shares;
  node.commissionXmeGwei += streamEarned(node.commissionShares, growth);
  node.poolXmeGrowth = xmeGrowth;
  const charge = (until: bigint) => {
    const earned = (node.poolShares * (until - node.price)) / STREAM_SCALE;
    const fee = (earned * node.commissionBps) / 10_000n;
    const feeShares = (fee * STREAM_SCALE) / until;
    node.poolShares -= feeShares;
    node.commissionShares += feeShares;
    node.price = until;
  };
  if (node.change !== undefined && node.change.month <= at / NODE_MONTH) {
    charge(priceWhenBegan(node.change.month));
    node.commissionBps = node.change.commissionBps;
    node.change = undefined;
  }
  charge(price);
}

function takeOut(position: NodePosition, shares: bigint): void {
  const left = position.shares - shares;
  position.principal = (position.principal * left) / position.shares;
  position.shares = left;
  if (left === 0n) position.delegatedAt = 0n;
}

function requireDue(at: bigint, amount: bigint, availableAt: bigint): void {
  if (amount === 0n) throw new NodeRefusal("NothingToTake");
  if (at < availableAt) throw new NodeRefusal("StillWaiting");
}
