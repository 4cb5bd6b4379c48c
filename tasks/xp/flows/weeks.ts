import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { formatCount } from "../../../src/format.js";
import { formatDuration, formatMoment, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { recipientOf } from "../../support/recipient.js";
import { chainTime, type Session } from "../../support/session.js";
import { flywheelCall, flywheelOf, givenAgent, reading, signedFlywheel } from "../flywheel.js";
import { isAt } from "../modules.js";
import { claimableOf, keeperOf } from "../weeks.js";
import { paid, type PaymentUnits, xp } from "../words.js";

/** A redistributor to look into beside those that the market leads to, as it was given; nothing for none. */
interface WeekInput {
  readonly redistributor?: string;
}

function givenEpoch(text: string): bigint {
  return wholeNumber("epoch", text, "write the week's number, such as 1; `hardhat xp epoch` tells the running one's");
}

/** Claims that fit one transaction. Choice: some five million gas. */
const MOST_CLAIMS = 80;

/** Takes the XP that an agent earned, in one week or in all: `hardhat xp claim`. */
export async function claim(
  session: Session,
  { agent, epoch: epochText, to, redistributor: named }: { agent: string; epoch: string; to: string } & WeekInput,
): Promise<Outcome> {
  const agentId = givenAgent(agent);
  const recipient = recipientOf(session, to);
  const flywheel = await signedFlywheel(session, { redistributor: named });
  const { xpToken } = flywheel;
  const holding = { token: xpToken, account: recipient };
  if (epochText !== "") {
    const epoch = givenEpoch(epochText);
    const keeper = await keeperOf(flywheel, epoch);
    const call = flywheelCall(flywheel, keeper, keeper.claim, agentId, epoch, recipient);
    return carryOut(session, call, holding, (amount) => [
      `${xp(amount)} that agent ${formatCount(agentId)} earned in epoch ${formatCount(epoch)}, to ${recipient}.`,
    ]);
  }
  await reading(flywheel, () => flywheel.agentRegistry.ownerOf(agentId));
  const claimable = await claimableOf(flywheel, agentId);
  const [first] = claimable;
  if (!first) {
    throw new ExplainedError(
      `Agent ${formatCount(agentId)} has nothing to claim: it has been paid, earned nothing, or its week is not over yet.`,
    );
  }
  // One transaction, so one redistributor: the one that keeps the oldest week.
  const { redistributor } = first;
  const taken = claimable.filter((each) => isAt(redistributor, each.redistributor.target)).slice(0, MOST_CLAIMS);
  const claims = taken.map(({ epoch }) => ({ agentId, epoch }));
  const call = flywheelCall(flywheel, redistributor, redistributor.claimMany, claims, recipient);
  return carryOut(session, call, holding, (total) => [
    ...taken.map(
      ({ epoch, amount }) => `${xp(amount)} that agent ${formatCount(agentId)} earned in epoch ${formatCount(epoch)}.`,
    ),
    `${xp(total)} in all, to ${recipient}.`,
    ...(taken.length < claimable.length ? [`${weeksOf(claimable.length - taken.length)} the same command again.`] : []),
  ]);
}

function weeksOf(count: number): string {
  return count === 1 ? "One more week needs" : `${formatCount(count)} more weeks need`;
}

/** Burns what nobody claimed for a week long over: `hardhat xp expire`. Anybody may. */
export async function expire(
  session: Session,
  { epoch: text, redistributor: named }: { epoch: string } & WeekInput,
): Promise<Outcome> {
  const epoch = givenEpoch(text);
  const flywheel = await signedFlywheel(session, { redistributor: named });
  const keeper = await keeperOf(flywheel, epoch);
  const call = flywheelCall(flywheel, keeper, keeper.expire, epoch);
  return carryOut(session, call, { token: flywheel.xpToken }, (burned) => [
    `${xp(burned)} that nobody claimed for epoch ${formatCount(epoch)} are burned, and are in the next pool.`,
  ]);
}

/** Creates what the last week released: `hardhat xp finalise`. Anybody may, and nobody needs to. */
export async function finalise(session: Session, { redistributor: named }: WeekInput = {}): Promise<Outcome> {
  const flywheel = await signedFlywheel(session, { redistributor: named });
  const { modules, xp: token, xpToken } = flywheel;
  const current = await token.currentEpoch();
  // A successor that recorded nothing yet names its predecessor's.
  const open = [...new Set(await Promise.all(modules.redistributors.map((each) => each.openEpoch())))];
  const over = open.find((epoch) => epoch !== 0n && epoch < current);
  if (over === undefined) {
    const running = open.find((epoch) => epoch !== 0n);
    throw new ExplainedError(
      running === undefined
        ? "Nothing waits to be finalised."
        : `Epoch ${formatCount(running)} is still running: wait for epoch ${formatCount(running + 1n)}.`,
    );
  }
  const keeper = await keeperOf(flywheel, over);
  const call = flywheelCall(flywheel, keeper, keeper.finalise);
  return carryOut(session, call, { token: xpToken }, async () => [
    `${xp(await keeper.pendingRelease())} are created for the agents of epoch ${formatCount(over)}.`,
  ]);
}

const EPOCH_STATES = ["nothing recorded", "running", "final", "expired"] as const;

/** A week of the flywheel; XP in wei, fees in base units, times in seconds. */
export interface EpochStatus {
  readonly network: string;
  readonly time: bigint;
  readonly epoch: bigint;
  readonly current: bigint;
  readonly begins: bigint;
  readonly ends: bigint;
  readonly state: (typeof EPOCH_STATES)[number] | "over, not final";
  /** What it can release, or could when it was open; undefined once it is final, which keeps what it released alone. */
  readonly pool: bigint | undefined;
  /** XP for each whole unit of fee, at the most. */
  readonly kappa: bigint;
  readonly fees: bigint;
  /** What it released, or would if it ended now. */
  readonly released: bigint;
  /** What of it nobody has claimed. */
  readonly unclaimed: bigint;
  readonly burned: bigint;
  readonly minted: bigint;
  readonly supply: bigint;
  /** How the market, and who keeps this week, differ from the deployment's record. */
  readonly notes: readonly string[];
  readonly token: PaymentUnits;
}

/** Reads a week, the running one unless another is asked for: `hardhat xp epoch`. */
export async function readEpoch(
  session: Session,
  { epoch: text, redistributor: named }: { epoch: string } & WeekInput,
): Promise<EpochStatus> {
  const given = text === "" ? undefined : givenEpoch(text);
  const flywheel = await flywheelOf(session, { redistributor: named });
  const { modules, xp: token, payment } = flywheel;
  const current = await token.currentEpoch();
  const epoch = given ?? current;
  if (epoch === 0n || epoch > current) {
    throw new ExplainedError(
      `--epoch is ${String(epoch)}: weeks count from 1, and it is week ${formatCount(current)} now.`,
    );
  }
  const redistributor = await keeperOf(flywheel, epoch);
  const [time, begins, length, account, sums, burned, minted, supply, most, runningPool, kappa, unit] =
    await Promise.all([
      chainTime(session),
      token.epochStart(epoch),
      token.EPOCH_LENGTH(),
      redistributor.accountOf(epoch),
      redistributor.sumsOf(epoch),
      token.burnedIn(epoch),
      token.mintedIn(epoch),
      token.totalSupply(),
      token.MAX_SUPPLY(),
      redistributor.runningPool(),
      redistributor.kappa(),
      redistributor.paymentUnit(),
    ]);
  const stored = Number(account.state);
  const final = stored >= 2;
  const opened = stored !== 0;
  const records = modules.live.redistributor !== undefined && epoch === current;
  const pool = final ? undefined : opened ? account.remaining : records ? runningPool : 0n;
  const rate = opened ? account.kappa : kappa;
  const cap = (rate * sums.fees) / unit;
  // Whoever else minted since the pool was fixed left less room than the pool supposes.
  const released = pool === undefined ? account.released : least(pool, cap, most - supply);
  const keeperNote = modules.known.find(({ contract }) => isAt(contract, redistributor.target))?.note;
  return {
    network: session.connection.networkName,
    time,
    epoch,
    current,
    begins,
    ends: begins + length,
    state: stored === 1 && epoch < current ? "over, not final" : (EPOCH_STATES[stored] ?? "nothing recorded"),
    pool,
    kappa: rate,
    fees: sums.fees,
    released,
    unclaimed: final ? account.remaining : released,
    burned,
    minted,
    supply,
    notes: [...new Set([...(opened && keeperNote !== undefined ? [keeperNote] : []), ...modules.notes])],
    token: { symbol: payment.symbol, decimals: payment.decimals },
  };
}

function least(...amounts: readonly bigint[]): bigint {
  return amounts.reduce((a, b) => (a < b ? a : b));
}

export function describeEpoch(e: EpochStatus): string {
  const running = e.epoch === e.current;
  return [
    `Epoch ${formatCount(e.epoch)} on network "${e.network}" at ${formatMoment(e.time)}: ${e.state}`,
    running
      ? `time     since ${formatMoment(e.begins)}; the next begins at ${formatMoment(e.ends)}, in ${formatDuration(e.ends - e.time)}`
      : `time     ${formatMoment(e.begins)} to ${formatMoment(e.ends)}; it is epoch ${formatCount(e.current)} now`,
    ...(e.pool === undefined ? [] : [`pool     ${xp(e.pool)}`]),
    `fees     ${paid(e.fees, e.token)}, each ${e.token.symbol} of which releases at most ${xp(e.kappa)}`,
    e.pool === undefined
      ? `released ${xp(e.released)}, of which ${xp(e.unclaimed)} are left`
      : `release  ${xp(e.released)}${running ? " if it ended now" : ""}`,
    `burned   ${xp(e.burned)} ${running ? "so far, for the next pools" : "in that week"}`,
    `supply   ${xp(e.supply)} now; ${xp(e.minted)} were created in this epoch`,
    ...e.notes,
  ].join("\n");
}
