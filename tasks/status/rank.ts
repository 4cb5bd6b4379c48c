import { readStatus, type RankStatus } from "../rank/flows.js";
import type { Session } from "../support/session.js";

/** A rank whose worth is told: so many days to wait, and so many ranks taken after it. */
const EXAMPLE = { term: 100n, crowd: 1_000n } as const;

/** XRANK; amounts in wei, terms in days. */
export interface RankState extends Readonly<RankStatus["economy"]> {
  /** Ranks that were ever taken. */
  readonly ranks: bigint;
  /** What early adopters get on top now, in thousandths. */
  readonly earlyAdopterPerMille: bigint;
  /** What a rank that is taken now earns in `term` days once `crowd` more are taken. */
  readonly example: { readonly term: bigint; readonly crowd: bigint; readonly reward: bigint };
}

export async function readRank(session: Session): Promise<RankState> {
  const { xrank } = session.deployment.rank;
  const [{ economy }, earlyAdopterPerMille, first] = await Promise.all([
    readStatus(session),
    xrank.getCurrentEAAR(),
    xrank.GENESIS_RANK(),
  ]);
  const term = EXAMPLE.term < economy.maxTerm ? EXAMPLE.term : economy.maxTerm;
  const { crowd } = EXAMPLE;
  const whole = await xrank.getGrossReward(crowd, economy.amplifier, term, 1_000n + earlyAdopterPerMille);
  return {
    ...economy,
    ranks: economy.globalRank - first,
    earlyAdopterPerMille,
    example: { term, crowd, reward: whole * 10n ** 18n },
  };
}
