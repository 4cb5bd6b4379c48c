import type { XRank } from "../../typechain-types/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { formatCount } from "../../src/format.js";
import { formatMoment, tokenAmount, wholeNumber } from "../support/inputs.js";
import { carryOut, type Outcome } from "../support/outcome.js";
import { givenRecipient } from "../support/recipient.js";
import { callOf } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { days, RANK_EVENTS, RANK_REFUSALS, xrank } from "./words.js";

const DAY = 86_400n;

/** What the chain's clock and the contract say about an account. */
export interface RankStatus {
  readonly network: string;
  readonly account: Address;
  readonly time: bigint;
  readonly balance: bigint;
  readonly mint:
    | {
        readonly rank: bigint;
        readonly term: bigint;
        readonly maturity: bigint;
        readonly amplifier: bigint;
        readonly earlyAdopterPerMille: bigint;
        /** Base units that ending it now would give; undefined before maturity. */
        readonly reward: bigint | undefined;
        readonly penaltyPercent: bigint;
      }
    | undefined;
  readonly stake:
    | {
        readonly amount: bigint;
        readonly term: bigint;
        readonly maturity: bigint;
        readonly apy: bigint;
        /** Base units beside the amount that withdrawing now would give. */
        readonly reward: bigint;
      }
    | undefined;
  readonly economy: {
    readonly globalRank: bigint;
    readonly activeMinters: bigint;
    readonly activeStakes: bigint;
    readonly staked: bigint;
    readonly supply: bigint;
    readonly amplifier: bigint;
    readonly apy: bigint;
    readonly maxTerm: bigint;
  };
}

const WORDS = { refusals: RANK_REFUSALS, events: RANK_EVENTS };
const XRANK = { token: "XRANK" } as const;

function signing(session: Session): XRank {
  return session.deployment.rank.xrank.connect(signerOf(session));
}

/** Takes a rank: `hardhat rank claim`. */
export async function claim(session: Session, { term: text }: { term: string }): Promise<Outcome> {
  const term = wholeNumber("term", text, "write a whole number of days, such as 100");
  const contract = signing(session);
  return carryOut(session, callOf(contract, WORDS, contract.claimRank, term), XRANK, async () => {
    const [rank, amplifier, eaa, now] = await Promise.all([
      contract.globalRank(),
      contract.getCurrentAMP(),
      contract.getCurrentEAAR(),
      chainTime(session),
    ]);
    const crowds = [1_000n, 100_000n];
    const rewards = await Promise.all(
      crowds.map((crowd) => contract.getGrossReward(crowd, amplifier, term, 1_000n + eaa)),
    );
    return [
      `Rank ${formatCount(rank)} with an amplifier of ${formatCount(amplifier)} and ${formatCount(eaa)} ‰ for early adopters.`,
      `Mature after about ${formatMoment(now + term * DAY)}; from then on each full day of delay costs more, up to 99 %.`,
      `Worth ${crowds.map((crowd, i) => `${xrank((rewards[i] ?? 0n) * 10n ** 18n)} once ${formatCount(crowd)} more ranks are taken`).join(", ")}.`,
    ];
  });
}

/** What ending the mint now gives, in base units and in words. */
async function expectedReward(session: Session): Promise<{ reward: bigint; line: string }> {
  const { account, deployment } = session;
  const { xrank: contract } = deployment.rank;
  const [reward, [, , maturity], now] = await Promise.all([
    contract.previewMintReward(account),
    contract.userMints(account),
    chainTime(session),
  ]);
  const late = (now - maturity) / DAY;
  const penalty = await contract.penaltyPct(late);
  return {
    reward,
    line: `A reward of ${xrank(reward)}, ${penalty === 0n ? "without penalty" : `after a penalty of ${String(penalty)} % for ${days(late)} of delay`}.`,
  };
}

/** Ends a mint, and stakes a part of it if asked to: `hardhat rank mint`. */
export async function mint(
  session: Session,
  { stakePercent, stakeTerm }: { stakePercent: string; stakeTerm: string },
): Promise<Outcome> {
  const contract = signing(session);
  if (stakePercent === "" && stakeTerm === "") {
    const call = callOf(contract, WORDS, contract.claimMintReward);
    return carryOut(session, call, XRANK, async () => [(await expectedReward(session)).line]);
  }
  const percent = wholeNumber("stake-percent", stakePercent, "write a whole number from 1 to 100");
  const term = wholeNumber("stake-term", stakeTerm, "write a whole number of days, such as 300");
  const call = callOf(contract, WORDS, contract.claimMintRewardAndStake, percent, term);
  return carryOut(session, call, XRANK, async () => {
    const [{ reward, line }, apy] = await Promise.all([expectedReward(session), contract.getCurrentAPY()]);
    const staked = (reward * percent) / 100n;
    return [line, `${xrank(staked)} of it staked for ${days(term)} at ${String(apy)} % a year, the rest to you.`];
  });
}

/** Ends a mint and gives a part to somebody: `hardhat rank share`. */
export async function share(
  session: Session,
  { to, percent: text }: { to: string; percent: string },
): Promise<Outcome> {
  const other = givenRecipient(session, "to", to, "give the address to share with");
  const percent = wholeNumber("percent", text, "write a whole number from 1 to 100");
  const contract = signing(session);
  const call = callOf(contract, WORDS, contract.claimMintRewardAndShare, other, percent);
  return carryOut(session, call, XRANK, async () => {
    const { reward, line } = await expectedReward(session);
    const shared = (reward * percent) / 100n;
    return [line, `${xrank(shared)} of it to ${other}, ${xrank(reward - shared)} to you.`];
  });
}

/** Locks tokens for a yield: `hardhat rank stake`. */
export async function stake(
  session: Session,
  { amount: amountText, term: termText }: { amount: string; term: string },
): Promise<Outcome> {
  const amount = tokenAmount("amount", amountText, "XRANK");
  const term = wholeNumber("term", termText, "write a whole number of days, such as 300");
  const contract = signing(session);
  return carryOut(session, callOf(contract, WORDS, contract.stake, amount, term), XRANK, async () => {
    const [apy, now] = await Promise.all([contract.getCurrentAPY(), chainTime(session)]);
    // The contract's own two divisions, so that the figure is what a withdrawal after the term will pay.
    const reward = (amount * ((apy * term * 1_000_000n) / 365n)) / 100_000_000n;
    return [
      `${xrank(amount)} locked until about ${formatMoment(now + term * DAY)} at ${String(apy)} % a year.`,
      `Withdrawn after that it brings ${xrank(reward)}; before that, nothing.`,
    ];
  });
}

/** Ends a stake: `hardhat rank withdraw`. */
export async function withdraw(session: Session, { early }: { early: boolean }): Promise<Outcome> {
  const { account } = session;
  const contract = signing(session);
  return carryOut(session, callOf(contract, WORDS, contract.withdraw), XRANK, async () => {
    const [reward, [, maturity, amount], now] = await Promise.all([
      contract.previewStakeReward(account),
      contract.userStakes(account),
      chainTime(session),
    ]);
    if (now <= maturity && !early) {
      throw new ExplainedError(
        `The stake of ${xrank(amount)} is mature after ${formatMoment(maturity)}: withdrawn now it brings no yield; wait, or add ` +
          `--early to give the yield up.`,
      );
    }
    return [`${xrank(amount)} back and ${xrank(reward)} of yield.`];
  });
}

/** Reads everything about an account: `hardhat rank status`. */
export async function readStatus(session: Session): Promise<RankStatus> {
  const { account, connection, deployment } = session;
  const { xrank: contract } = deployment.rank;
  const [time, balance, mintInfo, stakeInfo] = await Promise.all([
    chainTime(session),
    contract.balanceOf(account),
    contract.userMints(account),
    contract.userStakes(account),
  ]);
  const [globalRank, activeMinters, activeStakes, staked, supply, amplifier, apy, maxSeconds] = await Promise.all([
    contract.globalRank(),
    contract.activeMinters(),
    contract.activeStakes(),
    contract.totalXenStaked(),
    contract.totalSupply(),
    contract.getCurrentAMP(),
    contract.getCurrentAPY(),
    contract.getCurrentMaxTerm(),
  ]);
  const mature = mintInfo.rank !== 0n && time > mintInfo.maturityTs;
  return {
    network: connection.networkName,
    account,
    time,
    balance,
    mint:
      mintInfo.rank === 0n
        ? undefined
        : {
            rank: mintInfo.rank,
            term: mintInfo.term,
            maturity: mintInfo.maturityTs,
            amplifier: mintInfo.amplifier,
            earlyAdopterPerMille: mintInfo.eaaRate,
            reward: mature ? await contract.previewMintReward(account) : undefined,
            penaltyPercent: mature ? await contract.penaltyPct((time - mintInfo.maturityTs) / DAY) : 0n,
          },
    stake:
      stakeInfo.amount === 0n
        ? undefined
        : {
            amount: stakeInfo.amount,
            term: stakeInfo.term,
            maturity: stakeInfo.maturityTs,
            apy: stakeInfo.apy,
            reward: await contract.previewStakeReward(account),
          },
    economy: { globalRank, activeMinters, activeStakes, staked, supply, amplifier, apy, maxTerm: maxSeconds / DAY },
  };
}

/** What a person reads of an account and of the economy. */
export function describeStatus({
  account,
  network,
  time,
  balance,
  mint: open,
  stake: locked,
  economy,
}: RankStatus): string {
  return [
    `${account} on network "${network}" at ${formatMoment(time)}`,
    `holds    ${xrank(balance)}`,
    open
      ? `mint     rank ${formatCount(open.rank)}, term ${days(open.term)}, amplifier ${formatCount(open.amplifier)}, mature after ` +
        formatMoment(open.maturity) +
        (open.reward === undefined
          ? ""
          : `: ${xrank(open.reward)} now, after a penalty of ${String(open.penaltyPercent)} %`)
      : "mint     none: start one with `hardhat rank claim --term <days>`",
    locked
      ? `stake    ${xrank(locked.amount)} for ${days(locked.term)} at ${String(locked.apy)} % a year, mature after ` +
        `${formatMoment(locked.maturity)}: ${xrank(locked.reward)} of yield now`
      : "stake    none",
    "",
    `economy  next rank ${formatCount(economy.globalRank)}, ${formatCount(economy.activeMinters)} mints and ` +
      `${formatCount(economy.activeStakes)} stakes open, ${xrank(economy.staked)} staked of a supply of ${xrank(economy.supply)}`,
    `today    amplifier ${formatCount(economy.amplifier)}, ${String(economy.apy)} % a year for stakes, terms of at most ` +
      days(economy.maxTerm),
  ].join("\n");
}
