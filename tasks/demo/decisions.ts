import { type ContractTransaction, id } from "ethers";

import {
  type CastVote,
  PROPOSAL_STATES,
  type ProposalFacts,
  proposalState,
  type ProposalTimes,
  proposalTimes,
  SUPPORT,
  type Support,
  tally,
} from "../../src/xme/governance.js";
import { figure, type Cell } from "./story.js";
import type { Person, XmeWorld } from "./world.js";

/** One call that the treasury shall make, as a contract's `populateTransaction` words it. */
export type Deed = Pick<ContractTransaction, "to" | "data" | "value">;

/** The columns of what `Decision.row` tells. */
export const DECISION_COLUMNS = [
  "after",
  "state",
  "for",
  "against",
  "abstain",
  "vote ends",
  "executable from",
] as const;

/** A proposal on the chain, and everything that happened to it, for the model of the governor. */
export class Decision {
  readonly #world: XmeWorld;
  readonly #deeds: readonly Deed[];
  readonly #number: bigint;
  #facts: ProposalFacts;

  private constructor(
    world: XmeWorld,
    readonly title: string,
    deeds: readonly Deed[],
    number: bigint,
    proposedAt: bigint,
  ) {
    this.#world = world;
    this.#deeds = deeds;
    this.#number = number;
    this.#facts = { proposedAt, supply: 0n, votes: [] };
  }

  static async propose(world: XmeWorld, by: Person, title: string, deeds: readonly Deed[]): Promise<Decision> {
    const { governor } = world.xme;
    const calls = callsOf(deeds);
    const proposedAt = await world.send(by, governor.propose.populateTransaction(...calls, title));
    return new Decision(world, title, deeds, await governor.hashProposal(...calls, id(title)), proposedAt);
  }

  /** What the governor's `queue`, `execute` and `cancel` take. */
  get decided() {
    return [...callsOf(this.#deeds), id(this.title)] as const;
  }

  /** The facts as they are by now; the supply counts from the snapshot on. */
  get facts(): ProposalFacts {
    const { proposedAt } = this.#facts;
    const { snapshot } = proposalTimes(this.#facts, proposedAt);
    return { ...this.#facts, supply: this.#world.votes.supplyAt(snapshot) };
  }

  async times(): Promise<ProposalTimes> {
    return proposalTimes(this.facts, await this.#world.now());
  }

  /** The first second in which votes are taken. */
  async opening(): Promise<bigint> {
    return (await this.times()).snapshot + 1n;
  }

  /** Lets everybody here vote the same. */
  async vote(support: Support, ...voters: readonly Person[]): Promise<void> {
    const { governor } = this.#world.xme;
    const { snapshot } = await this.times();
    for (const voter of voters) {
      const call = governor.castVote.populateTransaction(this.#number, SUPPORT.indexOf(support));
      const at = await this.#world.send(voter, call);
      const cast: CastVote = { at, support, weight: this.#world.votes.votes(voter.address, snapshot) };
      this.#facts = { ...this.#facts, votes: [...this.#facts.votes, cast] };
    }
  }

  async queue(by: Person): Promise<void> {
    const queuedAt = await this.#world.send(by, this.#world.xme.governor.queue.populateTransaction(...this.decided));
    this.#facts = { ...this.#facts, queuedAt, delay: this.#world.parameters.timelock.delay };
  }

  /** @returns the time at which its calls were made, in seconds */
  async execute(by: Person): Promise<bigint> {
    const call = this.#world.xme.governor.execute.populateTransaction(...this.decided);
    const executedAt = await this.#world.send(by, call);
    this.#facts = { ...this.#facts, executedAt };
    return executedAt;
  }

  async cancel(by: Person): Promise<void> {
    const call = this.#world.xme.governor.cancel.populateTransaction(...this.decided);
    this.#facts = { ...this.#facts, canceledAt: await this.#world.send(by, call) };
  }

  /** Lets the vote end, unless it is over. */
  async closeVoting(): Promise<void> {
    await this.#world.goTo((await this.times()).deadline + 1n);
  }

  /** Lets the timelock's delay end, unless it is over. */
  async waitForDelay(): Promise<void> {
    const { eta } = await this.times();
    if (eta === undefined) throw new Error(`"${this.title}" waits for nothing: it is not queued.`);
    await this.#world.goTo(eta);
  }

  /** Where the proposal stands, on the chain and by the model. */
  async row(after: string): Promise<Cell[]> {
    const { governor } = this.#world.xme;
    const now = await this.#world.now();
    const { deadline, eta = 0n } = proposalTimes(this.facts, now);
    const counted = tally(this.facts.votes, now);
    const votes = await governor.proposalVotes(this.#number);
    return [
      after,
      figure(
        await governor.state(this.#number),
        BigInt(PROPOSAL_STATES.indexOf(proposalState(this.facts, now))),
        "state",
      ),
      figure(votes.forVotes, counted.for, "votes"),
      figure(votes.againstVotes, counted.against, "votes"),
      figure(votes.abstainVotes, counted.abstain, "votes"),
      this.#world.moment(await governor.proposalDeadline(this.#number), deadline),
      this.#world.moment(await governor.proposalEta(this.#number), eta),
    ];
  }
}

/**
 * A proposal that nobody is against, from beginning to end.
 *
 * @param whenQueued what happens while it waits
 * @returns the time at which its calls were made, in seconds
 */
export async function enact(
  world: XmeWorld,
  title: string,
  deeds: readonly Deed[],
  by: Person,
  whenQueued: (decision: Decision) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly at: bigint; readonly rows: readonly Cell[][] }> {
  const [first] = world.citizens;
  if (first === undefined) throw new Error("There is nobody to propose anything.");
  const decision = await Decision.propose(world, first, title, deeds);
  const rows = [await decision.row("proposed")];
  await world.goTo(await decision.opening());
  await decision.vote("for", ...world.citizens);
  rows.push(await decision.row("voted on"));
  await decision.closeVoting();
  await decision.queue(by);
  rows.push(await decision.row("queued"));
  await whenQueued(decision);
  await decision.waitForDelay();
  const at = await decision.execute(by);
  rows.push(await decision.row("executed"));
  return { at, rows };
}

function callsOf(deeds: readonly Deed[]): [string[], bigint[], string[]] {
  return [deeds.map(({ to }) => to), deeds.map(({ value = 0n }) => value), deeds.map(({ data }) => data)];
}
