import type { Address } from "../../src/deployment/folder.js";
import { formatCount } from "../../src/format.js";
import type { Ascension } from "../../typechain-types/index.js";
import { carryOutSpending, readToken } from "../support/allowance.js";
import { formatMoment, givenAddress, tokenAmount } from "../support/inputs.js";
import { carryOut, type Outcome } from "../support/outcome.js";
import { attempt, callOf } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { ASCENSION_WORDS, overAt, rate, xme, xmex } from "./words.js";

function signing(session: Session): Ascension {
  return session.deployment.xme.ascension.connect(signerOf(session));
}

/** Locks XMEX for ever for a share of this week's XME: `hardhat ascend deposit`. */
export async function deposit(
  session: Session,
  { amount: text, min }: { amount: string; min: string },
): Promise<Outcome> {
  const amount = tokenAmount("amount", text, "XMEX");
  const asked = min === "" ? undefined : tokenAmount("min", min, "XME");
  const channel = signing(session);
  // What is promised now is asked for, so that a round that begins meanwhile on other terms takes nothing.
  const least = asked ?? (await attempt(channel, ASCENSION_WORDS.refusals, async () => channel.previewDeposit(amount)));
  const token = await readToken(session, await channel.xmex());
  return carryOutSpending(
    session,
    { token, spender: channel, amount },
    (permit) =>
      permit
        ? callOf(
            channel,
            ASCENSION_WORDS,
            channel.depositWithPermit,
            amount,
            least,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : callOf(channel, ASCENSION_WORDS, channel.deposit, amount, least),
    { token },
    async (guaranteed) => {
      const [round, { maxRateWad, budget, deposits }] = await Promise.all([
        channel.currentRound(),
        channel.presentRound(),
      ]);
      return [
        `${xmex(amount)} are locked for ever in round ${formatCount(round)}: nobody can give them back.`,
        `They bring ${xme(guaranteed)} at least and ${xme((amount * maxRateWad) / 10n ** 18n)} at most: their part of ${xme(budget)}, which all deposits ` +
          `of the week share, ${xmex(deposits + amount)} with yours so far.`,
        `\`hardhat ascend claim\` pays from ${overAt(round)} on; it can wait as long as you like.`,
      ];
    },
  );
}

/** Pays what rounds that are over have brought: `hardhat ascend claim`. */
export async function claim(session: Session, { for: text }: { for: string }): Promise<Outcome> {
  const owner = text === "" ? session.account : givenAddress("for", text, "give the address that is paid");
  const channel = signing(session);
  const call = callOf(channel, ASCENSION_WORDS, channel.claim, owner);
  return carryOut(session, call, { token: "XME", account: owner }, (amount) => [
    `${xme(amount)}, all that its rounds that are over have brought, to ${owner}.`,
  ]);
}

/** Gives XME to rounds to come: `hardhat ascend fund`. */
export async function fund(session: Session, { amount: text }: { amount: string }): Promise<Outcome> {
  const amount = tokenAmount("amount", text, "XME");
  const channel = signing(session);
  const token = await readToken(session, await channel.xme());
  return carryOutSpending(
    session,
    { token, spender: channel, amount },
    (permit) =>
      permit
        ? callOf(
            channel,
            ASCENSION_WORDS,
            channel.fundWithPermit,
            amount,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : callOf(channel, ASCENSION_WORDS, channel.fund, amount),
    { token },
    async () => [
      `${xme(amount)} for rounds to come, which have ${xme((await channel.free()) + amount)} then. Nobody can take it back, and a round that has begun ` +
        "gets none of it.",
    ],
  );
}

/** The channel and an account in it; amounts in wei, rates with 18 decimals, times in seconds. */
export interface AscensionStatus {
  readonly network: string;
  readonly time: bigint;
  readonly account: Address;
  readonly round: bigint;
  /** Whether somebody has deposited in it. */
  readonly begun: boolean;
  readonly budget: bigint;
  readonly deposits: bigint;
  readonly capacity: bigint;
  readonly paid: bigint;
  readonly maxRateWad: bigint;
  readonly floorRateWad: bigint;
  readonly free: bigint;
  readonly position: {
    readonly round: bigint;
    readonly deposits: bigint;
    readonly guaranteed: bigint;
    readonly claimable: bigint;
  };
}

/** Reads this week's round and what an account has in it: `hardhat ascend status`. */
export async function readAscension(session: Session): Promise<AscensionStatus> {
  const { account, connection, deployment } = session;
  const { ascension } = deployment.xme;
  const [time, round, present, openBudget, free, position] = await Promise.all([
    chainTime(session),
    ascension.currentRound(),
    ascension.presentRound(),
    ascension.openBudget(),
    ascension.free(),
    ascension.positionOf(account),
  ]);
  const { budget, deposits, capacity, paid, maxRateWad, floorRateWad } = present;
  return {
    network: connection.networkName,
    time,
    account,
    round,
    begun: openBudget !== 0n,
    budget,
    deposits,
    capacity,
    paid,
    maxRateWad,
    floorRateWad,
    free,
    position: {
      round: position.round,
      deposits: position.deposits,
      guaranteed: position.guaranteed,
      claimable: position.claimable,
    },
  };
}

export function describeAscension(a: AscensionStatus): string {
  const { position: own } = a;
  const state = a.begun
    ? "has begun"
    : a.budget === 0n
      ? "cannot begin without a budget"
      : "begins with its first deposit";
  return [
    `Ascension on network "${a.network}" at ${formatMoment(a.time)}`,
    `round     ${formatCount(a.round)} ${state}, and is over at ${overAt(a.round)}`,
    `budget    ${xme(a.budget)}, and ${xme(a.free)} ${a.begun ? "are free for later rounds" : "are free for rounds in all"}`,
    `rates     at most ${rate(a.maxRateWad)}, at least ${rate(a.floorRateWad)}`,
    `deposits  ${xmex(a.deposits)}, and room for ${xmex(a.capacity - a.deposits)}; as it stands they are paid ${xme(a.paid)}`,
    `account   ${a.account}`,
    own.deposits === 0n
      ? "locked    nothing in a round that it has not claimed"
      : `locked    ${xmex(own.deposits)} in round ${formatCount(own.round)}, for ${xme(own.guaranteed)} or more`,
    `owed      ${xme(own.claimable)}${own.claimable === 0n ? "" : ", which `hardhat ascend claim` pays"}`,
  ].join("\n");
}
