/**
 * What people do on X.me, and what it weighs. Source sections 5.1 and 6.2.
 */

/** The behaviours that have a weight on chain, in the order of the chain's indices. */
export const WEIGHTED_BEHAVIOURS = [
  "view",
  "like",
  "comment",
  "share",
  "follow",
  "create",
  "bookmark",
  "task",
  "check_in",
  "invite",
  "view_received",
  "like_received",
  "bookmark_received",
] as const;

export type WeightedBehaviour = (typeof WEIGHTED_BEHAVIOURS)[number];

/** What a log may hold, and what the subject of each is. */
export const LOG_BEHAVIOURS = {
  view: "content",
  like: "content",
  comment: "content",
  share: "content",
  bookmark: "content",
  follow: "account",
  task: "task",
  advanced_task: "task",
} as const satisfies Record<string, "content" | "account" | "task">;

export type LogBehaviour = keyof typeof LOG_BEHAVIOURS;

/** What comes from the chain's events alone, so that no log can claim it. */
export const CHAIN_BEHAVIOURS = ["check_in", "create", "invite"] as const;

/** Seconds of an epoch: a week of the Unix calendar, so that epochs begin on Thursdays at 00:00 UTC. */
export const EPOCH_SECONDS = 604_800n;

/** Seconds of a UTC day. */
export const DAY_SECONDS = 86_400n;

/** @returns the epoch's first second and the second after its last */
export function epochBounds(epoch: bigint): { starts: bigint; ends: bigint } {
  return { starts: epoch * EPOCH_SECONDS, ends: (epoch + 1n) * EPOCH_SECONDS };
}

/** A row of the log. */
export interface LogRow {
  /** "0x" and 40 digits, in one case or with the EIP-55 checksum. */
  account: string;
  behaviour: LogBehaviour;
  /** A content's id in decimal, an account, or a task's name. */
  subject: string;
  /** Unix seconds. */
  time: bigint;
  /** Seconds; undefined where the behaviour has none. */
  duration: bigint | undefined;
}
