/** The numbers of `XeGovernor`. Votes in wei of XUSD, times in seconds. */

const DAY = 86_400n;

/** Seconds from a proposal to its snapshot. Choice: a day. */
export const VOTING_DELAY = DAY;

/** Seconds from the snapshot to the end of the vote. Choice: a week. */
export const VOTING_PERIOD = 7n * DAY;

/** Seconds that a vote goes on for at least once its quorum is reached. Choice: two days. */
export const LATE_QUORUM_EXTENSION = 2n * DAY;

/** Seconds for queuing after the vote, and again for executing after the delay. Choice: two weeks. */
export const GRACE_PERIOD = 14n * DAY;

/** Part of all XUSD, in basis points, that a quorum is at least. Choice: 4 %. */
export const QUORUM_BPS = 400n;

/**
 * The votes that a quorum takes.
 * @param supply all XUSD at the snapshot, in wei
 * @param minQuorum the deployment's floor, in wei
 */
export function quorum(supply: bigint, minQuorum: bigint): bigint {
  const part = (supply * QUORUM_BPS + 9_999n) / 10_000n;
  return part > minQuorum ? part : minQuorum;
}
