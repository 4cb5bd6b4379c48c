import { eventsOf } from "../../../src/chain/events.js";
import { inCurrency } from "../../../src/deployment/chains.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../../src/format.js";
import { vxme, xme, xmex } from "../../stake/words.js";
import { formatDuration, formatMoment, wholeNumber } from "../../support/inputs.js";
import { chainTime, type Session } from "../../support/session.js";
import { inTurns } from "../../xp/flywheel.js";
import { printable, quoted } from "../../support/text.js";
import type { Intended } from "../book.js";
import { type Government, governmentOf, tryFromTreasury } from "../government.js";
import {
  allProposals,
  capital,
  type Proposal,
  readStanding,
  see,
  type Seen,
  type Standing,
  standingInWords,
} from "../proposals.js";
import { foreignLines, shortened, type Support, supportName, titleOf } from "../words.js";

/** A proposal, where it stands, and its calls in words. */
export interface ProposalStatus extends Standing {
  /** Which it is in the order of all, from 1; unknown where one alone was asked for by its id. */
  readonly number: number | undefined;
  readonly id: bigint;
  readonly title: string;
  readonly description: string;
  readonly proposer: Address;
  readonly calls: readonly (Intended & { readonly words: string })[];
}

/** The governor's rules and what it governs; amounts in wei, times in seconds. */
export interface GovernmentStatus {
  readonly network: string;
  readonly chainId: bigint;
  readonly time: bigint;
  readonly governor: Address;
  readonly treasury: { readonly address: Address; readonly xme: bigint; readonly xmex: bigint; readonly ether: bigint };
  readonly supply: bigint;
  readonly quorum: bigint;
  readonly proposalThreshold: bigint;
  readonly votingDelay: bigint;
  readonly votingPeriod: bigint;
  readonly lateQuorumExtension: bigint;
  readonly timelockDelay: bigint;
  readonly gracePeriod: bigint;
  /** Undefined once the sunset is past. */
  readonly guardian: Address | undefined;
  readonly sunset: bigint;
  readonly proposalCount: number;
  /** The latest, the newest first. */
  readonly proposals: readonly ProposalStatus[];
}

/** One proposal, and who voted how on it. */
export interface ProposalView {
  readonly network: string;
  readonly time: bigint;
  readonly proposal: ProposalStatus;
  readonly ballots: readonly Ballot[];
  /** Why its calls would be refused if the treasury made them now, one by one; only for what can still be carried out. */
  readonly doubts: readonly string[];
}

export interface Ballot {
  readonly voter: Address;
  readonly support: Support;
  readonly weight: bigint;
  readonly reason: string;
}

/** Reads the government with its latest proposals, or one proposal: `hardhat gov status`. */
export async function readGovernment(
  session: Session,
  { id, last }: { readonly id: string; readonly last: string },
): Promise<GovernmentStatus | ProposalView> {
  const government = governmentOf(session);
  return id === "" ? readAll(government, Number(wholeNumber("last", last))) : readOne(government, id);
}

async function statusOf(
  { book }: Government,
  { proposal, standing }: Pick<Seen, "proposal" | "standing">,
  number: number | undefined,
): Promise<ProposalStatus> {
  const { id, proposer, description } = proposal;
  const calls = await Promise.all(proposal.calls.map(async (call) => ({ ...call, words: await book.describe(call) })));
  return { number, id, title: titleOf(description), description, proposer, calls, ...standing };
}

async function readAll(government: Government, last: number): Promise<GovernmentStatus> {
  const { governor, votes, book, session } = government;
  const { connection, deployment } = session;
  const { timelock, xme: xmeToken, xmex: xmexToken } = deployment.xme;
  const [time, all] = await Promise.all([chainTime(session), allProposals(government)]);
  const address = book.treasury;
  const [supply, quorum, threshold, delay, period, extension, wait, grace, guardian, sunset, held] = await Promise.all([
    votes.totalSupply(),
    governor.quorum(time - 1n),
    governor.proposalThreshold(),
    governor.votingDelay(),
    governor.votingPeriod(),
    governor.lateQuorumVoteExtension(),
    timelock.getMinDelay(),
    governor.GRACE_PERIOD(),
    governor.guardian() as Promise<Address>,
    governor.sunset(),
    Promise.all([
      xmeToken.balanceOf(address),
      xmexToken.balanceOf(address),
      connection.ethers.provider.getBalance(address),
    ]),
  ]);
  const numbered = all.map((proposal, i): readonly [number, Proposal] => [i + 1, proposal]);
  const shown = last === 0 ? [] : numbered.slice(-last).reverse();
  return {
    network: connection.networkName,
    chainId: deployment.chainId,
    time,
    governor: (await governor.getAddress()) as Address,
    treasury: { address, xme: held[0], xmex: held[1], ether: held[2] },
    supply,
    quorum,
    proposalThreshold: threshold,
    votingDelay: delay,
    votingPeriod: period,
    lateQuorumExtension: extension,
    timelockDelay: wait,
    gracePeriod: grace,
    guardian: time < sunset ? guardian : undefined,
    sunset,
    proposalCount: all.length,
    proposals: await inTurns(shown, async ([number, proposal]) =>
      statusOf(government, { proposal, standing: await readStanding(government, proposal.id, time) }, number),
    ),
  };
}

async function readOne(government: Government, id: string): Promise<ProposalView> {
  const { session } = government;
  const seen = await see(government, id);
  const { proposal, standing, time } = seen;
  const open = ["pending", "active", "succeeded", "queued"].includes(standing.state);
  const trials = open ? await trialsOf(government, proposal.calls) : [];
  return {
    network: session.connection.networkName,
    time,
    proposal: await statusOf(government, seen, /^\d{1,6}$/.test(id) ? Number(id) : undefined),
    ballots: await ballotsOn(government, proposal),
    doubts: trials,
  };
}

async function trialsOf(government: Government, calls: readonly Intended[]): Promise<readonly string[]> {
  const doubts = await Promise.all(
    calls.map(async (call, i) => {
      const trial = await tryFromTreasury(government, call);
      return trial
        ? [`Call ${String(i + 1)} would be refused now${i === 0 ? "" : ", without those before it"}: ${trial.refusal}`]
        : [];
    }),
  );
  return doubts.flat();
}

async function ballotsOn({ governor }: Government, { id, block }: Proposal): Promise<readonly Ballot[]> {
  const [plain, extended] = await Promise.all([
    eventsOf(governor, governor.filters.VoteCast(), block),
    eventsOf(governor, governor.filters.VoteCastWithParams(), block),
  ]);
  return [...plain, ...extended]
    .filter(({ args }) => args.proposalId === id)
    .sort((a, b) => a.blockNumber - b.blockNumber || a.index - b.index)
    .map(({ args: { voter, support, weight, reason } }) => ({
      voter: voter as Address,
      support: supportName(support),
      weight,
      reason,
    }));
}

function countOf({ votes, quorum }: Standing): string {
  const count = `${vxme(votes.for)} for, ${vxme(votes.against)} against, ${vxme(votes.abstain)} abstaining`;
  if (quorum === undefined) return count;
  const reached = votes.for + votes.abstain;
  return `${count}; the quorum of ${vxme(quorum)} ${reached >= quorum ? "is reached" : `needs ${vxme(quorum - reached)} more`}`;
}

function describeOne({ network, time, proposal: p, ballots, doubts }: ProposalView): string {
  return [
    `Proposal ${p.number === undefined ? "" : `${String(p.number)}, `}${String(p.id)} on network "${network}" at ${formatMoment(time)}`,
    ...foreignLines(p.description).map((line) => `  ${line}`.trimEnd()),
    "",
    `state    ${p.state}: ${standingInWords(p, time)}`,
    `votes    ${countOf(p)}`,
    `voting   from ${formatMoment(p.snapshot)} to ${formatMoment(p.deadline)}`,
    `by       ${p.proposer}`,
    "",
    ...p.calls.map(({ words }, i) => `${String(i + 1)}. ${capital(words)}.`),
    ...doubts,
    "",
    ...(ballots.length === 0
      ? ["Nobody has voted."]
      : ballots.map(
          ({ voter, support, weight, reason }) =>
            `${voter} voted ${support} with ${vxme(weight)}${reason === "" ? "" : `: ${quoted(reason)}`}`,
        )),
  ].join("\n");
}

function describeAll(g: GovernmentStatus): string {
  return [
    `X.me's governor on network "${g.network}" at ${formatMoment(g.time)}`,
    `treasury ${g.treasury.address} holds ${xme(g.treasury.xme)}, ${xmex(g.treasury.xmex)} and ${inCurrency(g.chainId, g.treasury.ether)}`,
    `propose  with ${vxme(g.proposalThreshold)} of votes`,
    `vote     ${formatDuration(g.votingDelay)} later, for ${formatDuration(g.votingPeriod)}, or ${formatDuration(g.lateQuorumExtension)} from a late quorum`,
    `quorum   ${vxme(g.quorum)} for or abstaining, of ${vxme(g.supply)} in all, and more for than against`,
    `execute  ${formatDuration(g.timelockDelay)} after queueing; ${formatDuration(g.gracePeriod)} to queue, and as long to execute`,
    g.guardian === undefined
      ? `guardian none any more: since the sunset at ${formatMoment(g.sunset)} nobody can cancel`
      : `guardian ${g.guardian} may cancel until the sunset at ${formatMoment(g.sunset)}, and nobody after it`,
    "",
    ...(g.proposalCount === 0
      ? ["Nothing was proposed yet."]
      : [
          renderTable(
            [
              { title: "number", align: "right" },
              { title: "id", align: "left" },
              { title: "title", align: "left" },
              { title: "state", align: "left" },
              { title: "for", align: "right" },
              { title: "against", align: "right" },
              { title: "abstain", align: "right" },
              { title: "where it stands", align: "left" },
            ],
            g.proposals.map((p) => [
              String(p.number),
              shortened(p.id),
              titleCell(p.title),
              p.state,
              vxme(p.votes.for),
              vxme(p.votes.against),
              vxme(p.votes.abstain),
              standingInWords(p, g.time),
            ]),
          ),
          ...g.proposals.flatMap((p) => ["", `${String(p.number)}: ${p.calls.map(({ words }) => words).join("; ")}.`]),
          "",
          `The latest ${formatCount(g.proposals.length)} of ${formatCount(g.proposalCount)}; --id shows one of them whole.`,
        ]),
  ].join("\n");
}

function titleCell(title: string): string {
  const line = printable(title);
  return line.length > 48 ? `${line.slice(0, 47)}…` : line;
}

export function describeGovernment(status: GovernmentStatus | ProposalView): string {
  return "ballots" in status ? describeOne(status) : describeAll(status);
}
