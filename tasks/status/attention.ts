import { inCurrency } from "../../src/deployment/chains.js";
import { deployCommand } from "../../src/deployment/open.js";
import { formatCount } from "../../src/format.js";
import { EMISSION_STREAM } from "../../src/xme/emission.js";
import { printable } from "../support/text.js";
import { ECONOMY_NAMES } from "./names.js";
import type { OpenProposal, Proposals } from "./proposals.js";
import type { Standings } from "./snapshot.js";
import { amount, brief, partOf, short, when } from "./words.js";
import type { XeState } from "./xe.js";
import type { XmeState } from "./xme.js";
import type { XpState } from "./xp.js";

const DAY = 86_400n;

/** Days of a stream's share that may wait undrawn. Choice: what is drawn streams on by months, so more than one of them lies idle. */
const UNDRAWN_DAYS = 35n;
/** Streams that go to many at once, for whom one transaction draws all there is, and which that is. Of the others only what is earned is drawn. */
const DRAWN_FOR_ALL: ReadonlyMap<number, string> = new Map([
  [EMISSION_STREAM.nodes, "`hardhat nodes collect`"],
  [EMISSION_STREAM.votes, "`hardhat stake advance`"],
]);
/** Seconds after its end from which an epoch without a root is told of. Choice: three days to count and publish. */
const PUBLISHING_TIME = 3n * DAY;
/** Seconds before the end of a vote from which a missing quorum is told of. Choice: two days. */
const CLOSING = 2n * DAY;
/** Part of what genesis gave the treasury below which it is low. Choice: one in a hundred. */
const LOW = 100n;

/** @returns what needs somebody's attention, in sentences: only what is so in this block */
export function attentionTo(standings: Standings): readonly string[] {
  const { time, chainId, incomplete, uncompared, xme, xp, xe, roles, deployer } = standings;
  return [
    ...incomplete.map(
      (economy) =>
        `${ECONOMY_NAMES[economy]} is not complete: the \`hardhat deploy\` that began it goes on where it stopped.`,
    ),
    ...uncompared.map(
      (economy) =>
        `${ECONOMY_NAMES[economy]} was not found to be as its rehearsal was: do not use it before ` +
        `\`${deployCommand(economy, standings.network, standings.deployment)}\` says that it is.`,
    ),
    ...(xme ? ofXme(xme, time, chainId) : []),
    ...(xp ? ofXp(xp) : []),
    ...(xe ? ofXe(xe, time, standings.mayCarryValue) : []),
    ...roles.strayed.map(
      ({ contract, authority }) =>
        `${contract} answers to ${short(authority)}, which is no part of this deployment: its roles are not those below.`,
    ),
    ...roles.closed.map((contract) => `What is restricted in ${contract} is closed to everybody.`),
    ...roles.holders.flatMap(({ address, rights }) =>
      address !== undefined && address === deployer
        ? [
            `The deployer ${short(address)} still has a role: ${rights.map(({ role, at }) => `${role} of ${at}`).join(", ")}.`,
          ]
        : [],
    ),
  ];
}

function ofXme(xme: XmeState, time: bigint, chainId: bigint): readonly string[] {
  const { allocated, governance, treasury, pool } = xme;
  return [
    ...(allocated ? [] : ["X.me's genesis has handed out no token yet: the `hardhat deploy` that began it goes on."]),
    ...ofProposals("X.me", governance.proposals, time, "hardhat gov"),
    ...(time < governance.sunset
      ? [
          `X.me's guardian ${short(governance.guardian)} can cancel any proposal until ${when(governance.sunset, time)}.`,
        ]
      : []),
    ...ofMining(xme, time),
    ...ofEmission(xme),
    ...ofSaleAndAirdrop(xme, time, chainId),
    ...xme.buybacks.flatMap(({ plan, next, end, left }) =>
      next !== undefined
        ? [`A slice of buyback plan ${String(plan)} is due: \`hardhat gov buyback execute --plan ${String(plan)}\`.`]
        : left > 0n && end <= time
          ? [
              `Buyback plan ${String(plan)} is over with money left: \`hardhat gov buyback close --plan ${String(plan)}\`.`,
            ]
          : [],
    ),
    ...(pool.price === undefined
      ? ["X.me's pool has no liquidity: anybody can move its price for nothing."]
      : pool.average === undefined
        ? ["X.me's pool does not remember half an hour of prices yet: no buyback can run."]
        : []),
    ...(
      [
        ["XME", treasury.xme, treasury.firstXme],
        ["XMEX", treasury.xmex, treasury.firstXmex],
      ] as const
    ).flatMap(([symbol, held, first]) =>
      held * LOW < first && xme.allocated
        ? [`X.me's treasury is low: ${amount(held)} ${symbol}, ${partOf(held, first)} of what genesis gave it.`]
        : [],
    ),
  ];
}

/** What waits for a step that anybody may take, and votes that are about to fail. */
function ofProposals(whose: string, { open }: Proposals, time: bigint, command: string | undefined): readonly string[] {
  const how = (step: string, { number }: OpenProposal): string =>
    command === undefined ? `the governor's \`${step}\`` : `\`${command} ${step} --id ${String(number)}\``;
  return open.flatMap((proposal) => {
    const { state, eta, expiry, deadline, votes, quorum } = proposal;
    const name = `${whose}'s proposal ${String(proposal.number)}, ${titled(proposal)},`;
    if (state === "succeeded") {
      return [`${name} is decided and waits to be queued, until ${when(expiry, time)}: ${how("queue", proposal)}.`];
    }
    if (state === "queued" && eta <= time) {
      return [`${name} is ready in the timelock, until ${when(expiry, time)}: ${how("execute", proposal)}.`];
    }
    const missing = (quorum ?? 0n) - votes.for - votes.abstain;
    if (state === "active" && deadline - time <= CLOSING && missing > 0n) {
      return [`${name} closes ${when(deadline, time)}, and its quorum lacks ${amount(missing)} votes.`];
    }
    return [];
  });
}

/** @returns a proposal's title, short enough for a line and harmless for the terminal */
export function titled({ title }: Pick<OpenProposal, "title">): string {
  const line = printable(title);
  return `"${line.length > 40 ? `${line.slice(0, 39)}…` : line}"`;
}

function ofMining({ mining }: XmeState, time: bigint): readonly string[] {
  const length = mining.endsAt / (mining.epoch + 1n);
  return mining.epochs.flatMap(({ epoch, root }, i) => {
    const [ended, until] = [(epoch + 1n) * length, mining.publishableUntil[i] ?? 0n];
    if (BigInt(root) !== 0n || time < ended + PUBLISHING_TIME) return [];
    return [
      time < until
        ? `Epoch ${String(epoch)} of social mining ended ${brief(time - ended)} ago and has no root: it takes one until ${when(until, time)}.`
        : `Epoch ${String(epoch)} of social mining had no root in time: nobody is paid for it.`,
    ];
  });
}

function ofEmission({ emission }: XmeState): readonly string[] {
  const { allocation, start, end, streams } = emission;
  return streams.flatMap(({ stream, shareBps, available, drawer }) => {
    if (shareBps === 0n) return [];
    const share = `stream ${String(stream)}, ${partOf(shareBps, 10_000n)} of the emission`;
    if (drawer === undefined) return [`Nobody draws ${share}: it waits until governance names a drawer.`];
    const command = DRAWN_FOR_ALL.get(stream);
    const aDay = (allocation * shareBps * DAY) / (10_000n * (end - start));
    const days = available / aDay;
    if (command === undefined || days < UNDRAWN_DAYS) return [];
    return [`${formatCount(days)} days of ${share}, are not released: ${amount(available)} XMEX wait for ${command}.`];
  });
}

function ofSaleAndAirdrop({ sale, airdrop }: XmeState, time: bigint, chainId: bigint): readonly string[] {
  return [
    ...(time >= sale.closes && sale.unsold > 0n
      ? [`The sale is over, and ${amount(sale.unsold)} XME that nobody bought wait: \`hardhat sale sweep\`.`]
      : []),
    ...(time >= sale.closes && sale.proceeds > 0n
      ? [
          `The sale is over, and ${inCurrency(chainId, sale.proceeds)} wait for the treasury: \`hardhat sale withdraw\`.`,
        ]
      : []),
    ...(time >= airdrop.deadline && airdrop.held > 0n
      ? [`The airdrop is over, and ${amount(airdrop.held)} XME that nobody claimed wait: \`hardhat airdrop sweep\`.`]
      : []),
  ];
}

function ofXp({ pool, notes, market }: XpState): readonly string[] {
  return [
    ...(pool.price === undefined ? ["XP's pool has no liquidity: anybody can move its price for nothing."] : []),
    ...(market.overdue === 0
      ? []
      : [`${counted(market.overdue, "job")} overdue: \`hardhat xp jobs\` shows what waits for whom.`]),
    ...notes,
  ];
}

function ofXe({ leases, governance, supply, faucet }: XeState, time: bigint, isOfValue: boolean): readonly string[] {
  const late = leases.rulings.filter((end) => end <= time).length;
  const soonest = leases.rulings.filter((end) => end > time).sort((a, b) => Number(a - b))[0];
  return [
    ...ofProposals("XE", governance.proposals, time, undefined),
    ...(leases.due === 0
      ? []
      : [`${counted(leases.due, "lease")} over and not settled: \`hardhat xe settle\` pays the provider.`]),
    ...(soonest === undefined
      ? []
      : [
          `${counted(leases.rulings.length - late, "objection")} waiting for XE's arbiter, who can rule on the first until ${when(soonest, time)}.`,
        ]),
    ...(late === 0
      ? []
      : [`${counted(late, "objection")} not ruled on in time: \`hardhat xe lapse\` gives the bond back.`]),
    ...(supply.xusd < governance.minQuorum && !faucet
      ? [
          `There are ${amount(supply.xusd)} XUSD, less than a quorum of ${amount(governance.minQuorum)}: XE can decide nothing.`,
        ]
      : []),
    ...(faucet && isOfValue ? ["XE's faucet gives anybody votes on a chain that may carry value."] : []),
  ];
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what} is` : `${formatCount(count)} ${what}s are`;
}
