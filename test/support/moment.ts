import type { NetworkConnection } from "hardhat/types/network";

const DAY = 86_400;
/** Days, weeks of seven days and months of thirty are counted from 1970 in the contracts, and end all at once after so many seconds. */
const CALENDAR = 210 * DAY;
/** Noon of the third day. */
const PLACE = 2.5 * DAY;

/**
 * Where tests of what is counted by days, weeks and months begin, whatever the date is: no end of one of them is near, so that none falls between
 * two lines of a test, and what is to come some days later comes in the same week or month on every day on which the tests run.
 * @param now Unix seconds
 * @returns the next noon of the third day of a week that began with a month
 */
export function quietMoment(now: number): number {
  return Math.ceil((now + 1 - PLACE) / CALENDAR) * CALENDAR + PLACE;
}

/** Goes to such a moment on an in-process chain. */
export async function beginQuietly({ networkHelpers: { time } }: NetworkConnection): Promise<void> {
  await time.increaseTo(quietMoment(await time.latest()));
}
