import { ZeroAddress } from "ethers";

import type { Address } from "../../src/deployment/folder.js";
import { formatCount } from "../../src/format.js";
import { CHECK_IN, CONTRIBUTION, type GrowthPrivileges, INVITATION } from "../../src/xme/growth.js";
import type { UserGrowth } from "../../typechain-types/index.js";
import { readToken } from "../support/allowance.js";
import { formatMoment, givenAddress } from "../support/inputs.js";
import { carryOut, type Outcome, type Token } from "../support/outcome.js";
import { callOf } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { counted, dateOf, DAY, GROWTH_WORDS, xmex } from "./words.js";

const signing = (session: Session): UserGrowth => session.deployment.xme.userGrowth.connect(signerOf(session));
const tokenOf = async (session: Session): Promise<Token> =>
  readToken(session, await session.deployment.xme.xmex.getAddress());
const accountIn = ({ account }: Session, option: string, text: string): Address =>
  text === "" ? account : givenAddress(option, text, "give the address that it is about");

/** Checks the account in for today: `hardhat growth check-in`. */
export async function checkIn(session: Session): Promise<Outcome> {
  const growth = signing(session);
  const call = callOf(growth, GROWTH_WORDS, growth.checkIn);
  return carryOut(session, call, { token: await tokenOf(session) }, async ([streak, gained]) => {
    const { points } = await growth.previewCheckIn(session.account);
    const level = await growth.levelAt(points);
    return [
      `${counted(gained, "point")} for ${session.account}, which has ${formatCount(points)} then, at level ${String(level)}.`,
      `${counted(streak, "day")} in a row; each adds a point to the next check-in, up to ${String(CHECK_IN.maxStreakBonus)}.`,
    ];
  });
}

/** Turns what social mining credited into points: `hardhat growth collect`. */
export async function collect(session: Session, { for: text }: { readonly for: string }): Promise<Outcome> {
  const owner = accountIn(session, "for", text);
  const growth = signing(session);
  const call = callOf(growth, GROWTH_WORDS, growth.collectContribution, owner);
  return carryOut(session, call, { token: await tokenOf(session), account: owner }, (gained) => [
    `${counted(gained, "point")} for ${owner}, for ${formatCount(gained * CONTRIBUTION.xmexPerPoint)} XMEX that social mining credited. The XMEX stay what they are.`,
  ]);
}

/** Names who invited the account: `hardhat growth accept`. */
export async function accept(session: Session, { inviter: text }: { readonly inviter: string }): Promise<Outcome> {
  const inviter = givenAddress("inviter", text, "give the address of who invited you");
  const growth = signing(session);
  const call = callOf(growth, GROWTH_WORDS, growth.acceptInvitation, inviter);
  return carryOut(session, call, { token: await tokenOf(session) }, async () => {
    const { inviterReward, inviteeReward } = await growth.rewards();
    return [
      `${inviter} is named as who invited ${session.account}, once for ever.`,
      `${xmex(inviteeReward)} for you and ${xmex(inviterReward)} for the inviter are promised, once you have checked in on ${counted(INVITATION.days, "day")} and claimed from social ` +
        "mining; `hardhat growth complete` pays them then.",
    ];
  });
}

/** Pays both sides of an invitation that is due: `hardhat growth complete`. */
export async function complete(session: Session, { invitee: text }: { readonly invitee: string }): Promise<Outcome> {
  const invitee = accountIn(session, "invitee", text);
  const growth = signing(session);
  const call = callOf(growth, GROWTH_WORDS, growth.completeInvitation, invitee);
  return carryOut(session, call, { token: await tokenOf(session), account: invitee }, async () => {
    const { inviter, inviterReward, inviteeReward } = await growth.invitationOf(invitee);
    return [
      `${xmex(inviteeReward)} and ${counted(INVITATION.inviteePoints, "point")} to ${invitee}, and ${xmex(inviterReward)} and ${counted(INVITATION.inviterPoints, "point")} to ${inviter}, who invited it.`,
    ];
  });
}

/** Where an account stands; days counted from the Unix epoch, multipliers in percent, rewards in wei. */
export interface GrowthStatus {
  readonly network: string;
  readonly time: bigint;
  readonly account: Address;
  readonly points: bigint;
  readonly level: bigint;
  readonly effectiveLevel: bigint;
  readonly stakeTier: bigint;
  readonly idleDays: bigint;
  /** The next level's threshold; zero at the last. */
  readonly nextAt: bigint;
  readonly streak: bigint;
  readonly daysCheckedIn: bigint;
  readonly lastDay: bigint;
  /** Days without a check-in until the next level is taken; zero where none can be. */
  readonly daysToLoss: bigint;
  readonly protectedUntil: bigint;
  readonly acceleratedUntil: bigint;
  readonly collectable: bigint;
  readonly privileges: GrowthPrivileges;
  readonly invitation: {
    readonly inviter: string;
    readonly inviterReward: bigint;
    readonly inviteeReward: bigint;
    readonly isCompleted: boolean;
  };
  readonly rewards: { readonly inviter: bigint; readonly invitee: bigint };
}

/** Reads where an account stands: `hardhat growth status`. */
export async function readGrowth(session: Session): Promise<GrowthStatus> {
  const { account, connection, deployment } = session;
  const growth = deployment.xme.userGrowth;
  const [time, kept, standing, granted, collectable, invitation, rewards, levels, perLevel] = await Promise.all([
    chainTime(session),
    growth.accountOf(account),
    growth.standingOf(account),
    growth.privilegesOf(account),
    growth.previewContribution(account),
    growth.invitationOf(account),
    growth.rewards(),
    growth.LEVELS(),
    growth.IDLE_DAYS_PER_LEVEL(),
  ]);
  const { points, level, effectiveLevel, stakeTier, idleDays } = standing;
  const today = time / DAY;
  const sheltered = kept.protectedUntil > today ? kept.protectedUntil - today : 0n;
  return {
    network: connection.networkName,
    time,
    account,
    points,
    level,
    effectiveLevel,
    stakeTier,
    idleDays,
    nextAt: level === levels ? 0n : await growth.thresholdOf(level + 1n),
    streak: kept.lastDay + 1n >= today ? kept.streak : 0n,
    daysCheckedIn: kept.daysCheckedIn,
    lastDay: kept.lastDay,
    daysToLoss: level === 1n || stakeTier > 0n ? 0n : perLevel - (idleDays % perLevel) + sheltered,
    protectedUntil: kept.protectedUntil,
    acceleratedUntil: kept.acceleratedUntil,
    collectable,
    privileges: {
      growthPercent: granted.growthPercent,
      incentivePercent: granted.incentivePercent,
      highValuePercent: granted.highValuePercent,
      dailyLimitPercent: granted.dailyLimitPercent,
      exposurePercent: granted.exposurePercent,
      testPriority: granted.testPriority,
      advancedTasksUnlocked: granted.advancedTasksUnlocked,
    },
    invitation: {
      inviter: invitation.inviter,
      inviterReward: invitation.inviterReward,
      inviteeReward: invitation.inviteeReward,
      isCompleted: invitation.isCompleted,
    },
    rewards: { inviter: rewards.inviterReward, invitee: rewards.inviteeReward },
  };
}

function describeKeeping({ level, stakeTier, idleDays, daysToLoss }: GrowthStatus): string {
  if (level === 1n) return "the first level cannot be taken";
  if (stakeTier > 0n) return "nothing is taken while this much is delegated to nodes";
  return `idle for ${counted(idleDays, "day")}: ${counted(daysToLoss, "day")} more without a check-in take a level, protected days included`;
}

function describeInvitation({ invitation: i, rewards }: GrowthStatus): string {
  if (i.inviter === ZeroAddress) {
    return `none accepted; one that is accepted now promises ${xmex(rewards.invitee)}, and ${xmex(rewards.inviter)} to who invited`;
  }
  return i.isCompleted
    ? `by ${i.inviter}, completed and paid`
    : `by ${i.inviter}: ${xmex(i.inviteeReward)}, and ${xmex(i.inviterReward)} to who invited, once \`hardhat growth complete\` is due`;
}

export function describeGrowth(g: GrowthStatus): string {
  const { privileges: p } = g;
  const today = g.time / DAY;
  const until = (day: bigint): string => (day > today ? `before ${dateOf(day)}` : "not bought");
  return [
    `User growth on network "${g.network}" at ${formatMoment(g.time)}`,
    `account     ${g.account}`,
    `level       ${String(g.level)} with ${counted(g.points, "point")}${g.nextAt === 0n ? ", the last" : `; ${formatCount(g.nextAt - g.points)} more bring level ${String(g.level + 1n)}`}`,
    `privileges  of level ${String(g.effectiveLevel)}${g.stakeTier === 0n ? "" : `, with ${String(g.stakeTier)} for what is delegated to nodes`}`,
    `kept        ${describeKeeping(g)}`,
    `check-ins   on ${counted(g.daysCheckedIn, "day")}${g.lastDay === 0n ? "" : `, last on ${dateOf(g.lastDay)}`}; ${formatCount(g.streak)} in a row`,
    `bought      protection ${until(g.protectedUntil)}, acceleration ${until(g.acceleratedUntil)}`,
    `mining      counts ${String(p.incentivePercent)} %, advanced tasks ${p.advancedTasksUnlocked ? `${String(p.highValuePercent)} % beside that` : "are locked"}; a day pays ${String(p.dailyLimitPercent)} %`,
    `growth      a check-in counts ${String(p.growthPercent)} %, new content is shown to ${String(p.exposurePercent)} % of the usual first audience, ` +
      `test priority ${String(p.testPriority)} (higher is asked first)`,
    `collect     ${counted(g.collectable, "point")} of what social mining credited`,
    `invitation  ${describeInvitation(g)}`,
  ].join("\n");
}
