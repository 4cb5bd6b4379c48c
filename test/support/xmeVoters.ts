import { parseEther } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";

import type { Deployment } from "../../src/deployment/open.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";

const DAY = 86_400;

/** XME that each voter of an electorate stakes: all that the sale of the local parameters gives one wallet. */
export const STAKE = parseEther("1000000");

/** Voters that a quorum of 10,000,000 vXME takes. */
export const QUORUM_OF_VOTERS = 10;

/**
 * Voters that buy as much XME in the public sale as a wallet may, and stake it; their votes count by the time this returns.
 * @param count how many; a quorum takes ten of them
 * @param first index of the first one's account; those after it are the others'
 */
export async function electorate(
  connection: NetworkConnection,
  deployment: Deployment,
  count: number,
  first = 7,
): Promise<readonly Session[]> {
  const { publicSale, xme, votes } = deployment.xme;
  const voters: Session[] = [];
  const cost = (STAKE * (await publicSale.price())) / 10n ** 18n;
  for (let i = 0; i < count; i++) {
    const voter = await sessionOf(connection, deployment, String(first + i));
    if (!voter.signer) throw new Error("voters are accounts of the chain");
    await publicSale.connect(voter.signer).buy(voter.account, STAKE, STAKE, { value: cost });
    await xme.connect(voter.signer).approve(votes, STAKE);
    await votes.connect(voter.signer).stake(STAKE);
    voters.push(voter);
  }
  await connection.networkHelpers.time.increase(2);
  return voters;
}

/** Moves on to where votes on a proposal are taken. */
export async function openVoting(
  { networkHelpers: { time } }: NetworkConnection,
  { xme }: Deployment,
  id: bigint,
): Promise<void> {
  const opens = (await xme.governor.proposalSnapshot(id)) + 1n;
  if (BigInt(await time.latest()) < opens) await time.increaseTo(opens);
}

/** Has everybody vote for a proposal, and moves on to where it can be queued. */
export async function pass(
  connection: NetworkConnection,
  deployment: Deployment,
  voters: readonly Session[],
  id: bigint,
): Promise<void> {
  const { governor } = deployment.xme;
  await openVoting(connection, deployment, id);
  for (const { signer } of voters) {
    if (!signer) throw new Error("voters are accounts of the chain");
    await governor.connect(signer).castVote(id, 1n);
  }
  await connection.networkHelpers.time.increaseTo((await governor.proposalDeadline(id)) + 1n);
}

/** The timelock's delay, and a little. */
export const DELAY = 2 * DAY + 60;
