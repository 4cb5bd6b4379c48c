import type { XpContracts } from "../../src/deployment/contracts.js";
import { type Flywheel, inTurns } from "./flywheel.js";

type Redistributor = XpContracts["redistributor"];

/** What an agent can claim of one week, and from whom. */
export interface Claimable {
  readonly epoch: bigint;
  /** XP in wei. */
  readonly amount: bigint;
  readonly redistributor: Redistributor;
}

/** @returns what an agent can claim now, the oldest week first, also from redistributors that were replaced */
export async function claimableOf(
  { agentRegistry, modules, xp: token }: Flywheel,
  agentId: bigint,
): Promise<readonly Claimable[]> {
  const [registeredAt, start, length, current] = await Promise.all([
    agentRegistry.registeredAt(agentId),
    token.start(),
    token.EPOCH_LENGTH(),
    token.currentEpoch(),
  ]);
  const since = registeredAt < start ? 0n : (registeredAt - start) / length;
  const epochs = Array.from({ length: Number(current - 1n - since) }, (_, i) => since + 1n + BigInt(i));
  const places = epochs.flatMap((epoch) => modules.redistributors.map((redistributor) => ({ epoch, redistributor })));
  const found = await inTurns(places, async ({ epoch, redistributor }) => ({
    epoch,
    redistributor,
    amount: await redistributor.previewClaim(agentId, epoch),
  }));
  return found.filter(({ amount }) => amount !== 0n);
}

/**
 * Finds who keeps a week: the redistributor that recorded jobs in it, of which a week has one at the most.
 * @returns where nobody did, the one that records jobs now, or would
 */
export async function keeperOf({ modules, recorded }: Flywheel, epoch: bigint): Promise<Redistributor> {
  for (const redistributor of modules.redistributors) {
    const { state } = await redistributor.accountOf(epoch);
    if (state !== 0n) return redistributor;
  }
  return modules.live.redistributor ?? recorded.redistributor;
}
