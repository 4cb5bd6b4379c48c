/**
 * Reference model of `XmeGovernor`: X.me Dual-Token Economic Model Whitepaper, sections 2.4 and 4.1. Votes in wei of vXME, times in seconds.
 * It keeps every fact about a proposal and works everything out again for each answer, where the contract keeps sums and one deadline.
 */

const DAY = 86_400n;
const VXME = 10n ** 18n;

/** Seconds from a proposal to its snapshot. Choice: a day. */
export const VOTING_DELAY = DAY;

/** Seconds from the snapshot to the end of the vote. Choice: a week. */
export const VOTING_PERIOD = 7n * DAY;

/** Seconds that a vote goes on for at least once its quorum is reached. Choice: two days. */
export const LATE_QUORUM_EXTENSION = 2n * DAY;

/** Seconds for queuing after the vote, and again for executing after the delay. Choice: two weeks. */
export const GRACE_PERIOD = 14n * DAY;

/** Seconds that what was decided waits in X.me's timelock. Choice: two days; the timelock's own number. */
export const TIMELOCK_DELAY = 2n * DAY;

/** Votes, in wei, that an account needs to propose. Choice: a million. */
export const PROPOSAL_THRESHOLD = 1_000_000n * VXME;

/** Part of all vXME, in basis points, that a quorum is at least. Choice: 4 %. */
export const QUORUM_BPS = 400n;

/** Votes, in wei, that a quorum is at least. Choice: ten million. */
export const MIN_QUORUM = 10_000_000n * VXME;

/** Furthest, in seconds, that the sunset may lie ahead at construction. Choice: four years of 365 days. */
export const MAX_SUNSET_DISTANCE = 4n * 365n * DAY;

/** The states of a proposal; the position of each is its number on-chain. */
export const PROPOSAL_STATES = [
  "pending",
  "active",
  "canceled",
  "defeated",
  "succeeded",
  "queued",
  "expired",
  "executed",
] as const;

export type ProposalState = (typeof PROPOSAL_STATES)[number];

/** What a vote may be; the position of each is its number on-chain. */
export const SUPPORT = ["against", "for", "abstain"] as const;

export type Support = (typeof SUPPORT)[number];

/** One vote that was cast: when, for what, with how many wei of vXME. */
export interface CastVote {
  readonly at: bigint;
  readonly support: Support;
  readonly weight: bigint;
}

/** Everything that ever happened to a proposal. Times in seconds; undefined for what did not happen. */
export interface ProposalFacts {
  readonly proposedAt: bigint;
  /** Wei of vXME in existence at the snapshot; before it the number changes nothing. */
  readonly supply: bigint;
  /** In the order in which they were cast. */
  readonly votes: readonly CastVote[];
  readonly queuedAt?: bigint;
  /** The timelock's delay when it was queued. */
  readonly delay?: bigint;
  readonly executedAt?: bigint;
  readonly canceledAt?: bigint;
}

/** Where the phases of a proposal end, in seconds; each is the last second of its phase but `eta`, which is the first of the next. */
export interface ProposalTimes {
  readonly snapshot: bigint;
  readonly deadline: bigint;
  /** From when it can be executed; undefined until it is queued. */
  readonly eta: bigint | undefined;
  /** Until when it can be queued or, once it is queued, executed. */
  readonly expiry: bigint;
}

/** How the votes stand, in wei. */
export interface Tally {
  readonly against: bigint;
  readonly for: bigint;
  readonly abstain: bigint;
}

/**
 * @param supply wei of vXME in existence at the snapshot
 * @returns wei of vXME that "for" and "abstain" need together: 4 % rounded up, at least ten million
 */
export function quorum(supply: bigint): bigint {
  const part = (supply * QUORUM_BPS + 9_999n) / 10_000n;
  return part > MIN_QUORUM ? part : MIN_QUORUM;
}

/** The votes cast by `at`, in seconds, together. */
export function tally(votes: readonly CastVote[], at: bigint): Tally {
  const sum = (support: Support) =>
    votes.reduce((total, vote) => (vote.support === support && vote.at <= at ? total + vote.weight : total), 0n);
  return { against: sum("against"), for: sum("for"), abstain: sum("abstain") };
}

/** Whether `votes` decide in favour where `needed` is the quorum: quorum reached, and strictly more "for" than "against". */
export function isCarried(votes: Tally, needed: bigint): boolean {
  return votes.for + votes.abstain >= needed && votes.for > votes.against;
}

/** The times of all phases of a proposal as they stand at `at`, in seconds. */
export function proposalTimes(facts: ProposalFacts, at: bigint): ProposalTimes {
  const snapshot = facts.proposedAt + VOTING_DELAY;
  const deadline = deadlineOf(facts, at);
  const { queuedAt, delay = 0n } = facts;
  const eta = queuedAt === undefined || queuedAt > at ? undefined : queuedAt + delay;
  return { snapshot, deadline, eta, expiry: (eta ?? deadline) + GRACE_PERIOD };
}

/** Where a proposal stands at `at`, in seconds, with what happened by then. */
export function proposalState(facts: ProposalFacts, at: bigint): ProposalState {
  if (hasHappened(facts.executedAt, at)) return "executed";
  if (hasHappened(facts.canceledAt, at)) return "canceled";
  const { snapshot, deadline, eta, expiry } = proposalTimes(facts, at);
  if (at <= snapshot) return "pending";
  if (at <= deadline) return "active";
  if (!isCarried(tally(facts.votes, at), quorum(facts.supply))) return "defeated";
  if (at > expiry) return "expired";
  return eta === undefined ? "succeeded" : "queued";
}

/** Whether a proposal can be executed at `at`, in seconds: queued, the delay over, the grace period not. */
export function isExecutable(facts: ProposalFacts, at: bigint): boolean {
  const { eta } = proposalTimes(facts, at);
  return eta !== undefined && at >= eta && proposalState(facts, at) === "queued";
}

/** The end of the vote; the vote that reaches the quorum moves it where less than the extension is left. */
function deadlineOf(facts: ProposalFacts, at: bigint): bigint {
  const planned = facts.proposedAt + VOTING_DELAY + VOTING_PERIOD;
  const needed = quorum(facts.supply);
  let counted = 0n;
  for (const vote of facts.votes) {
    if (vote.at > at) break;
    if (vote.support !== "against") counted += vote.weight;
    if (counted >= needed) {
      const extended = vote.at + LATE_QUORUM_EXTENSION;
      return extended > planned ? extended : planned;
    }
  }
  return planned;
}

function hasHappened(time: bigint | undefined, at: bigint): boolean {
  return time !== undefined && time <= at;
}
