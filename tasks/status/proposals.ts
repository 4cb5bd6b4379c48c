import type { BaseContract, Result } from "ethers";

import type { Address } from "../../src/deployment/folder.js";
import { type Governing, readStanding, type Standing } from "../gov/proposals.js";
import { titleOf } from "../gov/words.js";
import { inTurns } from "../support/turns.js";
import type { History } from "./history.js";

/** A proposal that something can still become of. */
export interface OpenProposal extends Standing {
  /** Which it is in the order of all, from 1. */
  readonly number: number;
  readonly id: bigint;
  readonly title: string;
  readonly proposer: Address;
}

/** What a governor has been asked to decide. */
export interface Proposals {
  readonly count: number;
  readonly open: readonly OpenProposal[];
}

/** Proposals whose state is asked for: an older one is decided and done unless that many were made in some weeks. */
const LATEST = 50;
const OPEN = new Set(["pending", "active", "succeeded", "queued"]);

/** The event that a governor tells of proposals by. */
export const PROPOSED = "ProposalCreated";

export async function readProposals(
  governor: BaseContract & Governing["governor"],
  history: History,
  time: bigint,
): Promise<Proposals> {
  const made = history.of(governor, PROPOSED).map(({ args }, i) => proposalOf(args, i + 1));
  const seen = await inTurns(made.slice(-LATEST), async (proposal) => ({
    ...proposal,
    ...(await readStanding({ governor }, proposal.id, time)),
  }));
  return { count: made.length, open: seen.filter(({ state }) => OPEN.has(state)) };
}

function proposalOf(args: Result, number: number): Pick<OpenProposal, "number" | "id" | "title" | "proposer"> {
  const { proposalId, proposer, description } = args.toObject() as {
    proposalId: bigint;
    proposer: Address;
    description: string;
  };
  return { number, id: proposalId, title: titleOf(description), proposer };
}
