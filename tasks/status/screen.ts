import { currencyOf, inCurrency } from "../../src/deployment/chains.js";
import { formatAmount, formatCount } from "../../src/format.js";
import { standingInWords } from "../gov/proposals.js";
import { formatMoment } from "../support/inputs.js";
import { percent, printable } from "../support/text.js";
import { titled } from "./attention.js";
import { ECONOMY_NAMES } from "./names.js";
import type { PoolState } from "./pool.js";
import type { Proposals } from "./proposals.js";
import type { RankState } from "./rank.js";
import type { Holder, Right, Roles } from "./roles.js";
import type { Snapshot } from "./snapshot.js";
import { amount, brief, entry, minute, partOf, short, when, WIDTH, wrapped } from "./words.js";
import type { XeState } from "./xe.js";
import type { XmeState } from "./xme.js";
import type { XpState } from "./xp.js";

/** Proposals of a governor that are shown; the rest is counted. */
const PROPOSALS = 4;

/** @returns the one screen of `hardhat status` */
export function describeSnapshot(s: Snapshot): string {
  const { rank, xme, xp, xe } = s;
  const titles = new Map(s.roles.holders.map(({ address, name }) => [address, name]));
  const who = (address: string): string => {
    const name = titles.get(address as `0x${string}`);
    return name === undefined || name === address ? short(address) : name;
  };
  return [
    ...wrapped(
      `Deployment "${s.deployment}" on network "${s.network}", chain ${String(s.chainId)}, in block ${formatCount(s.block)} of ${formatMoment(s.time)}`,
      WIDTH,
    ),
    ...(rank ? ["", ...rankLines(rank)] : []),
    ...(xme ? ["", ...xmeLines(xme, s, who)] : []),
    ...(xp ? ["", ...xpLines(xp, s.time)] : []),
    ...(xe ? ["", ...xeLines(xe, s.time)] : []),
    ...roleLines(s.roles, s.time),
    "",
    ...attentionLines(s.attention),
  ].join("\n");
}

function rankLines(r: RankState): readonly string[] {
  const { example } = r;
  return [
    ECONOMY_NAMES.rank,
    ...entry(
      "supply",
      `${amount(r.supply)} XRANK`,
      `${amount(r.staked)} more staked in ${counted(r.activeStakes, "stake")}`,
      `${counted(r.ranks, "rank")} taken, ${counted(r.activeMinters, "mint")} open`,
    ),
    ...entry(
      "now",
      `amplifier ${formatCount(r.amplifier)}, early adopters ${percent(r.earlyAdopterPerMille * 10n)}, terms to ${formatCount(r.maxTerm)} d, stakes ${String(r.apy)} % a year`,
    ),
    ...entry(
      "a rank",
      `taken now earns ${amount(example.reward)} XRANK in ${formatCount(example.term)} d, if ${formatCount(example.crowd)} are taken after it`,
    ),
  ];
}

function xmeLines(x: XmeState, { time, chainId }: Snapshot, who: (address: string) => string): readonly string[] {
  const { supply, treasury, governance: g } = x;
  return [
    `${ECONOMY_NAMES.xme}, governed by holders of vXME through a timelock of ${brief(g.timelockDelay)}` +
      (time < g.sunset ? `; guardian until ${minute(g.sunset)}` : ""),
    ...entry(
      "supply",
      `${amount(supply.xme)} XME, ${amount(supply.burnedXme)} burned`,
      `${amount(supply.xmex)} XMEX, ${amount(supply.burnedXmex)} burned`,
    ),
    ...entry(
      "treasury",
      `${amount(treasury.xme)} XME`,
      `${amount(treasury.xmex)} XMEX`,
      `${amount(treasury.ether)} ${currencyOf(chainId)}`,
    ),
    ...emissionLines(x.emission, who),
    ...saleLines(x, time, chainId),
    ...entry("pool", ...poolParts(x.pool, ["XME", "XMEX"], 18)),
    ...entry(
      "staking",
      `${amount(x.votes.staked)} XME vote, ${amount(x.votes.streams)} XMEX to them this month`,
      `${amount(x.nodes.delegated)} XMEX at ${counted(x.nodes.nodes, "node")}, unbonding ${brief(x.nodes.unbondingPeriod)}`,
    ),
    ...miningLines(x, time),
    ...entry(
      "spending",
      `${amount(x.spending.thisWeek)} XMEX consumed this week, ${amount(x.spending.lastWeek)} last`,
      `ads: ${counted(x.ads.count, "campaign")}${statesIn(x.ads.states)}, ${amount(x.ads.escrow)} XME in escrow`,
    ),
    ...entry(
      "ascension",
      `round ${formatCount(x.ascension.round)}: ${amount(x.ascension.deposits)} XMEX for ${amount(x.ascension.budget)} XME`,
      `${amount(x.ascension.free)} XME free`,
    ),
    ...x.buybacks
      .filter(({ left }) => left > 0n)
      .flatMap((plan) =>
        entry(
          "buyback",
          `plan ${formatCount(plan.plan)}: ${amount(plan.left, plan.decimals)} ${plan.symbol} left until ${when(plan.end, time)}`,
        ),
      ),
    ...proposalLines(g.proposals, time, `a quorum is ${amount(g.quorum)} vXME`),
    ...(x.policies.length === 0
      ? []
      : entry(
          "policies",
          x.policies.map(({ policy, version }) => `${printable(policy)} v${String(version)}`).join(", "),
        )),
  ];
}

function emissionLines(e: XmeState["emission"], who: (address: string) => string): readonly string[] {
  const streams = e.streams.filter(({ shareBps, drawer, accrued }) => shareBps + accrued > 0n || drawer !== undefined);
  return [
    ...entry(
      "emission",
      `line ${amount(e.line)} XMEX, ${partOf(e.line, e.allocation)} of all`,
      `${amount(e.released)} released, ${partOf(e.released, e.line)}`,
      `${amount(e.available)} to be drawn`,
    ),
    ...streams.flatMap(({ stream, shareBps, accrued, netDrawn, available, drawer }) =>
      entry(
        `  ${String(stream)}`,
        `${percent(shareBps)} to ${drawer === undefined ? "nobody" : who(drawer)}`,
        `${amount(netDrawn)} of ${amount(accrued)} released, ${partOf(netDrawn, accrued)}`,
        `${amount(available)} to be drawn`,
      ),
    ),
  ];
}

function saleLines({ sale, airdrop, vesting }: XmeState, time: bigint, chainId: bigint): readonly string[] {
  const window =
    time < sale.opens
      ? `opens ${when(sale.opens, time)}`
      : `${time < sale.closes ? "closes" : "closed"} ${when(sale.closes, time)}`;
  return [
    ...entry(
      "sale",
      `${amount(sale.sold)} XME sold at ${inCurrency(chainId, sale.price)}, ${amount(sale.unsold)} left`,
      window,
    ),
    ...entry(
      "airdrop",
      airdrop.claimed === undefined
        ? `over since ${minute(airdrop.deadline)}, and the rest went back`
        : `${amount(airdrop.claimed)} of ${amount(airdrop.allocation)} XME claimed`,
      airdrop.claimed === undefined
        ? ""
        : `${time < airdrop.deadline ? "ends" : "ended"} ${when(airdrop.deadline, time)}`,
    ),
    ...entry(
      "vesting",
      ...vesting.map(
        ({ wallet, allocated, vested, released }) =>
          `${wallet.replace("-sale", "")} ${amount(vested)} of ${amount(allocated)} vested, ${amount(released)} released`,
      ),
    ),
  ];
}

function miningLines({ mining }: XmeState, time: bigint): readonly string[] {
  const last = mining.epochs.find(({ epoch }) => epoch === mining.lastPublished);
  const struck = mining.epochs.filter(({ state }) => state.startsWith("struck")).map(({ epoch }) => String(epoch));
  return entry(
    "mining",
    `epoch ${String(mining.epoch)}, over ${when(mining.endsAt, time)}`,
    last === undefined
      ? "no root lately"
      : `root of ${String(last.epoch)}: ${last.state}, ${amount(last.credited)} of ${amount(last.budget)} XMEX credited`,
    struck.length === 0 ? "" : `struck: ${struck.join(", ")}`,
  );
}

function xpLines(x: XpState, time: bigint): readonly string[] {
  const { supply, epoch, market, orders, token } = x;
  const units = (value: bigint): string => `${amount(value, token.decimals)} ${printable(token.symbol)}`;
  return [
    ECONOMY_NAMES.xp,
    ...entry(
      "supply",
      `${amount(supply.xp)} XP of at most ${amount(supply.max)}`,
      `${amount(supply.burned)} burnt of ${amount(supply.minted)} ever made`,
    ),
    ...entry(
      "epoch",
      `${formatCount(epoch.epoch)} until ${when(epoch.ends, time)}`,
      `pot ${amount(epoch.pool ?? 0n)} XP, ${amount(epoch.released)} so far`,
      `fees ${units(epoch.fees)}`,
    ),
    ...entry(
      "tiers",
      x.tiers.length === 0
        ? "none"
        : x.tiers
            .map(({ price, feeBps }, i) =>
              i === 0 ? `fee ${percent(feeBps)} for ${amount(price)} XP` : `${percent(feeBps)} for ${amount(price)}`,
            )
            .join(", "),
    ),
    ...entry("pool", ...poolParts(x.pool, ["XP", printable(token.symbol)], token.decimals)),
    ...entry(
      "market",
      `${counted(market.jobs, "job")}${statesIn(market.states)}, ${counted(x.agents, "agent")}`,
      `${units(market.feesOwed)} of fees to pass on`,
      `${counted(BigInt(orders.asks), "ask")} of ${amount(orders.offered)} XP, ${counted(BigInt(orders.bids), "bid")} for ${amount(orders.wanted)} XP` +
        (orders.looked < orders.count
          ? ` in the latest ${formatCount(orders.looked)} of ${formatCount(orders.count)} orders`
          : ""),
    ),
  ];
}

function xeLines(x: XeState, time: bigint): readonly string[] {
  const { supply, held, leases, governance: g, rates } = x;
  return [
    `${ECONOMY_NAMES.xe}, governed by holders of XUSD through a timelock of ${brief(g.timelockDelay)}`,
    ...entry(
      "supply",
      `${amount(supply.xe)} XE`,
      `${amount(supply.xusd)} XUSD`,
      `${amount(held.xe)} XE and ${amount(held.xusd)} XUSD pending or in escrow`,
    ),
    ...entry(
      "leases",
      `${counted(BigInt(leases.count), "lease")}${statesIn(leases.states)}`,
      `${amount(leases.stakes)} XUSD at stake`,
    ),
    ...entry(
      "rates",
      `an hour ${milli(rates.perVCpu)} a vCPU, ${milli(rates.perMemoryGB)} a GB of memory, ${milli(rates.perDiskGB)} of disk`,
      x.faucet ? "faucet open" : "no faucet",
    ),
    ...proposalLines(g.proposals, time, `a quorum is ${amount(g.quorum)} XUSD`),
  ];
}

function milli(thousandths: bigint): string {
  return `${formatAmount(thousandths, 3, 3)} XUSD`;
}

/** What a pool says: its price beside the average and the opening price, and what there is on both sides. */
function poolParts(
  { price, average, opening, depth }: PoolState,
  [base, quote]: readonly [string, string],
  decimals: number,
): readonly string[] {
  const at = (value: bigint): string => {
    const whole = 10n ** BigInt(decimals);
    return formatAmount(value, decimals, value >= 100n * whole ? 2 : decimals > 6 ? 6 : decimals);
  };
  const aside = [
    ...(opening === undefined ? [] : [`opened at ${at(opening)}`]),
    ...(price === undefined ? [] : [average === undefined ? "30 min not yet known" : `30 min ${at(average)}`]),
  ].join(", ");
  return [
    `${price === undefined ? "no liquidity" : `${at(price)} ${quote}`}${aside === "" ? "" : ` (${aside})`}`,
    `${amount(depth.base)} ${base} and ${amount(depth.quote, decimals)} ${quote}`,
  ];
}

function proposalLines({ count, open }: Proposals, time: bigint, quorum: string): readonly string[] {
  const shown = open.slice(-PROPOSALS).reverse();
  const rest = open.length - shown.length;
  return [
    ...entry("proposals", `${formatCount(open.length)} open of ${formatCount(count)}`, quorum),
    ...shown.flatMap((proposal) =>
      entry(
        `  ${String(proposal.number)}`,
        `${titled(proposal)} ${proposal.state}`,
        `${amount(proposal.votes.for)} for, ${amount(proposal.votes.against)} against, ${amount(proposal.votes.abstain)} abstain`,
        standingInWords(proposal, time),
      ),
    ),
    ...(rest > 0 ? entry("", `and ${formatCount(rest)} older`) : []),
  ];
}

/** Rights that stand elsewhere on the screen: with the streams, and with vesting. */
const SHOWN_ELSEWHERE = /^(drawer of stream \d+|owner)$/;

function roleLines({ holders }: Roles, time: bigint): readonly string[] {
  const shown = holders
    .map((holder) => ({ ...holder, rights: holder.rights.filter(({ role }) => !SHOWN_ELSEWHERE.test(role)) }))
    .filter(({ rights }) => rights.length > 0);
  if (shown.length === 0) return [];
  const width = Math.max(...shown.map((holder) => titleOf(holder).length)) + 4;
  return [
    "",
    "Who can do what (all of it: `hardhat roles`)",
    ...shown.flatMap((holder) =>
      wrapped(rightsOf(holder, time), WIDTH - width).map(
        (line, i) => `${(i === 0 ? `  ${titleOf(holder)}` : "").padEnd(width)}${line}`,
      ),
    ),
  ];
}

function titleOf({ name, address, isOurs }: Holder): string {
  if (isOurs || address === undefined) return name;
  return name === address ? short(address) : `${name} ${short(address)}`;
}

/** All rights of a holder: those for functions one by one, the others by the contracts that they are the same of. */
function rightsOf({ rights }: Holder, time: bigint): string {
  const condition = ({ delay, from }: Right): string =>
    `${delay === 0n ? "" : ` after ${brief(delay)}`}${from === 0n ? "" : ` from ${when(from, time)} on`}`;
  const plain = rights.filter(({ may }) => may.length === 0);
  const atOne = grouped(
    plain,
    (right) => right.at + condition(right),
    ({ role }) => role,
  );
  const byRoles = grouped(
    [...atOne],
    ([, roles]) => roles.join(", "),
    ([at]) => at,
  );
  return [
    ...rights
      .filter(({ may }) => may.length > 0)
      .map((right) => `${right.role}: ${joined(right.may)}${condition(right)}`),
    ...[...byRoles].map(([roles, at]) => `${roles} of ${at.join(", ")}`),
  ].join("; ");
}

function grouped<T>(
  values: readonly T[],
  keyOf: (value: T) => string,
  partOfGroup: (value: T) => string,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), partOfGroup(value)]);
  return groups;
}

/** A function by its name, several of one contract by their number. */
function joined(functions: readonly string[]): string {
  const byContract = grouped(
    functions,
    (one) => one.split(".")[0] ?? "",
    (one) => one.split(".")[1] ?? "",
  );
  return [...byContract]
    .map(([contract, names]) =>
      names.length === 1 ? `${contract}.${names.join()}` : `${String(names.length)} of ${contract}`,
    )
    .join(", ");
}

function attentionLines(attention: readonly string[]): readonly string[] {
  if (attention.length === 0) return ["Nothing needs attention."];
  return [
    "Needs attention",
    ...attention.flatMap((line) => wrapped(line, WIDTH - 4).map((part, i) => `${i === 0 ? "  ! " : "    "}${part}`)),
  ];
}

function statesIn(states: Readonly<Partial<Record<string, number>>>): string {
  const told = Object.entries(states).map(([state, count]) => `${formatCount(count ?? 0)} ${state}`);
  return told.length === 0 ? "" : ` (${told.join(", ")})`;
}

function counted(count: bigint, what: string): string {
  return `${formatCount(count)} ${what}${count === 1n ? "" : "s"}`;
}
