import { id as keccak } from "ethers";

import { eventsOf } from "../../src/chain/events.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { formatCount } from "../../src/format.js";
import { formatDuration, formatMoment, required } from "../support/inputs.js";
import { chainTime } from "../support/session.js";
import type { Intended } from "./book.js";
import type { Government } from "./government.js";
import { type ProposalStateName, proposalState, quotedTitle, shortened } from "./words.js";

/** A proposal as it was made. */
export interface Proposal {
  readonly id: bigint;
  readonly proposer: Address;
  readonly calls: readonly Intended[];
  readonly description: string;
  /** The block in which it was made. */
  readonly block: number;
}

/** The four things by which the governor knows a proposal. */
export type ProposalTerms = [targets: string[], values: bigint[], calldatas: string[], descriptionHash: string];

export function termsOf({ calls, description }: Pick<Proposal, "calls" | "description">): ProposalTerms {
  return [
    calls.map(({ target }) => target),
    calls.map(({ value }) => value),
    calls.map(({ data }) => data),
    keccak(description),
  ];
}

/** Where a proposal stands; votes in wei of vXME, times in seconds. */
export interface Standing {
  readonly state: ProposalStateName;
  readonly snapshot: bigint;
  readonly deadline: bigint;
  /** From when it can be executed; zero until it is queued. */
  readonly eta: bigint;
  readonly expiry: bigint;
  readonly votes: { readonly against: bigint; readonly for: bigint; readonly abstain: bigint };
  /** What "for" and "abstain" need together; unknown until the snapshot is over. */
  readonly quorum: bigint | undefined;
}

/** Any governor that answers as X.me's does, XE's among them. */
export interface Governing {
  readonly governor: Pick<
    Government["governor"],
    "state" | "proposalSnapshot" | "proposalDeadline" | "proposalEta" | "proposalExpiry" | "proposalVotes" | "quorum"
  >;
}

export async function readStanding({ governor }: Governing, id: bigint, time: bigint): Promise<Standing> {
  const [state, snapshot, deadline, eta, expiry, votes] = await Promise.all([
    governor.state(id),
    governor.proposalSnapshot(id),
    governor.proposalDeadline(id),
    governor.proposalEta(id),
    governor.proposalExpiry(id),
    governor.proposalVotes(id),
  ]);
  return {
    state: proposalState(state),
    snapshot,
    deadline,
    eta,
    expiry,
    votes: { against: votes.againstVotes, for: votes.forVotes, abstain: votes.abstainVotes },
    quorum: snapshot < time ? await governor.quorum(snapshot) : undefined,
  };
}

/** @returns every proposal, in the order in which they were made */
export async function allProposals(government: Government): Promise<readonly Proposal[]> {
  return proposalsBetween(government, government.session.deployment.startBlock);
}

/** @param to the last block; the latest unless given */
async function proposalsBetween({ governor }: Government, from: number, to?: number): Promise<readonly Proposal[]> {
  const made = await eventsOf(governor, governor.filters.ProposalCreated(), from, to);
  return made.map(({ args, blockNumber: block }) => {
    const [id, proposer, targets, values, , calldatas, , , description] = args;
    const calls = targets.map((target, i) => ({
      target: target as Address,
      value: values[i] ?? 0n,
      data: calldatas[i] ?? "0x",
    }));
    return { id, proposer: proposer as Address, calls, description, block };
  });
}

/** Digits of a number that counts proposals; those of an id are some seventy. */
const ORDINAL = /^\d{1,6}$/;

/**
 * Finds a proposal with all its calls, which the governor keeps the hash of alone.
 * @param text its id, or which it is in the order of all proposals, from 1
 */
export async function findProposal(government: Government, text: string): Promise<Proposal> {
  const advice = "write a proposal's number, as `hardhat gov status` shows it";
  if (!/^\d{1,78}$/.test(required("id", text, advice))) throw new ExplainedError(`--id is "${text}": ${advice}.`);
  if (ORDINAL.test(text)) {
    const all = await allProposals(government);
    const found = all[Number(text) - 1];
    if (found) return found;
    throw new ExplainedError(
      all.length === 0
        ? "Nothing was ever proposed: make a proposal with `hardhat gov propose`."
        : `There is no proposal ${text}: they are counted from 1 to ${formatCount(all.length)}; \`hardhat gov status\` lists them.`,
    );
  }
  const id = BigInt(text);
  const { governor } = government;
  const [snapshot, delay] = await Promise.all([governor.proposalSnapshot(id), governor.votingDelay()]);
  if (snapshot === 0n)
    throw new ExplainedError(`There is no proposal ${text}: \`hardhat gov status\` lists those there are.`);
  const [first, last] = await blocksAt(government, snapshot - delay);
  const found = (await proposalsBetween(government, first, last)).find((proposal) => proposal.id === id);
  if (found) return found;
  throw new ExplainedError(`The node does not tell with which calls proposal ${text} was made: use another node.`);
}

/** @returns the first and the last block of a second, found by halving: on a node that limits the blocks of an answer, far faster than all events */
async function blocksAt({ session }: Government, time: bigint): Promise<readonly [number, number]> {
  const { provider } = session.connection.ethers;
  const firstFrom = async (moment: bigint): Promise<number> => {
    let [low, high] = [session.deployment.startBlock, (await provider.getBlockNumber()) + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const block = await provider.getBlock(middle);
      if (block && BigInt(block.timestamp) < moment) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const first = await firstFrom(time);
  return [first, Math.max(first, (await firstFrom(time + 1n)) - 1)];
}

/** What a person may do with a proposal in each state. */
export function standingInWords({ state, snapshot, deadline, eta, expiry }: Standing, time: bigint): string {
  const within = (moment: bigint): string =>
    moment <= time ? formatMoment(moment) : `${formatMoment(moment)}, in ${formatDuration(moment - time)}`;
  switch (state) {
    case "pending":
      return `voting opens after ${within(snapshot)}`;
    case "active":
      return `voting is open until ${within(deadline)}`;
    case "succeeded":
      return `decided, and to be queued until ${within(expiry)}`;
    case "queued":
      return time < eta
        ? `queued, and to be executed from ${within(eta)}, until ${formatMoment(expiry)}`
        : `queued, and to be executed until ${within(expiry)}`;
    case "expired":
      return `${eta === 0n ? "not queued" : "not executed"} in time, which was until ${formatMoment(expiry)}`;
    case "defeated":
      return `defeated: voting closed at ${formatMoment(deadline)}`;
    case "executed":
      return "carried out";
    case "cancelled":
      return "cancelled by the guardian, or with the timelock that it was queued in";
  }
}

/** A proposal, where it stands, and when that was. */
export interface Seen {
  readonly proposal: Proposal;
  readonly standing: Standing;
  readonly time: bigint;
  /** How sentences call it. */
  readonly name: string;
}

export async function see(government: Government, text: string): Promise<Seen> {
  const proposal = await findProposal(government, text);
  const time = await chainTime(government.session);
  const standing = await readStanding(government, proposal.id, time);
  return { proposal, standing, time, name: `proposal ${shortened(proposal.id)}, ${quotedTitle(proposal.description)}` };
}

/** @throws ExplainedError that says where the proposal stands, if that does not allow what is wanted */
export function requireState({ name, standing, time }: Seen, wanted: readonly ProposalStateName[], what: string): void {
  if (wanted.includes(standing.state)) return;
  throw new ExplainedError(`${capital(name)} cannot be ${what} now: ${standingInWords(standing, time)}.`);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
