import { getAddress, isAddress } from "ethers";

import type { XRank } from "../../typechain-types/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { formatCount } from "../../src/format.js";
import { formatMoment, tokenAmount, wholeNumber } from "../support/inputs.js";
import { attempt, send, type Sent } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { days, RANK_EVENTS, RANK_REFUSALS, xrank } from "./words.js";

const DAY = 86_400n;

/** What a command of XRANK did: what was to be expected, what was sent, what is there now. */
export interface RankOutcome {
  readonly network: string;
  readonly account: Address;
  /** In words, with figures from the contract's previews. */
  readonly expected: readonly string[];
  readonly transaction: Sent;
  /** Base units that the account holds afterwards. */
  readonly balance: bigint;
}

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

async function outcome(session: Session, expected: readonly string[], transaction: Sent): Promise<RankOutcome> {
  const { account, connection, deployment } = session;
  const balance = await deployment.rank.xrank.balanceOf(account);
  return { network: connection.networkName, account, expected, transaction, balance };
}

function signing(session: Session): XRank {
  return session.deployment.rank.xrank.connect(signerOf(session));
}

/** Takes a rank: `hardhat rank claim`. */
export async function claim(session: Session, { term: text }: { term: string }): Promise<RankOutcome> {
  const term = wholeNumber("term", text, "write a whole number of days, such as 100");
  const contract = signing(session);
  // First, because the figures below only make sense for a term that is allowed.
  await attempt(contract, RANK_REFUSALS, () => contract.claimRank.staticCall(term));
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
  const expected = [
    `Rank ${formatCount(rank)} with an amplifier of ${formatCount(amplifier)} and ${formatCount(eaa)} ‰ for early adopters.`,
    `Mature after about ${formatMoment(now + term * DAY)}; from then on each full day of delay costs more, up to 99 %.`,
    `Worth ${crowds.map((crowd, i) => `${xrank((rewards[i] ?? 0n) * 10n ** 18n)} once ${formatCount(crowd)} more ranks are taken`).join(", ")}.`,
  ];
  return outcome(session, expected, await send(contract, contract.claimRank, [term], RANK_REFUSALS, RANK_EVENTS));
}

async function expectedReward(session: Session): Promise<{ reward: bigint; lines: string[] }> {
  const { deployment, account } = session;
  const { xrank: contract } = deployment.rank;
  const reward = await attempt(contract, RANK_REFUSALS, () => contract.previewMintReward(account));
  const [[, , maturity], now] = await Promise.all([contract.userMints(account), chainTime(session)]);
  const late = (now - maturity) / DAY;
  const penalty = await contract.penaltyPct(late);
  return {
    reward,
    lines: [
      `A reward of ${xrank(reward)}, ${penalty === 0n ? "without penalty" : `after a penalty of ${String(penalty)} % for ${days(late)} of delay`}.`,
    ],
  };
}

/** Ends a mint, and stakes a part of it if asked to: `hardhat rank mint`. */
export async function mint(
  session: Session,
  { stakePercent, stakeTerm }: { stakePercent: string; stakeTerm: string },
): Promise<RankOutcome> {
  const contract = signing(session);
  const { reward, lines } = await expectedReward(session);
  if (stakePercent === "" && stakeTerm === "") {
    return outcome(session, lines, await send(contract, contract.claimMintReward, [], RANK_REFUSALS, RANK_EVENTS));
  }
  const percent = wholeNumber("stake-percent", stakePercent, "write a whole number from 1 to 100");
  const term = wholeNumber("stake-term", stakeTerm, "write a whole number of days, such as 300");
  const staked = (reward * percent) / 100n;
  const apy = await contract.getCurrentAPY();
  const expected = [
    ...lines,
    `${xrank(staked)} of it staked for ${days(term)} at ${String(apy)} % a year, the rest to you.`,
  ];
  const sent = await send(contract, contract.claimMintRewardAndStake, [percent, term], RANK_REFUSALS, RANK_EVENTS);
  return outcome(session, expected, sent);
}

/** Ends a mint and gives a part to somebody: `hardhat rank share`. */
export async function share(
  session: Session,
  { to, percent: text }: { to: string; percent: string },
): Promise<RankOutcome> {
  if (!isAddress(to)) {
    throw new ExplainedError(
      to === ""
        ? "--to is missing: give the address to share with."
        : `--to is "${to}": write an address with its checksum or in lower case.`,
    );
  }
  const percent = wholeNumber("percent", text, "write a whole number from 1 to 100");
  const contract = signing(session);
  const { reward, lines } = await expectedReward(session);
  const shared = (reward * percent) / 100n;
  const other = getAddress(to);
  const expected = [...lines, `${xrank(shared)} of it to ${other}, ${xrank(reward - shared)} to you.`];
  const sent = await send(contract, contract.claimMintRewardAndShare, [other, percent], RANK_REFUSALS, RANK_EVENTS);
  return outcome(session, expected, sent);
}

/** Locks tokens for a yield: `hardhat rank stake`. */
export async function stake(
  session: Session,
  { amount: text, term: termText }: { amount: string; term: string },
): Promise<RankOutcome> {
  const amount = tokenAmount("amount", text, "XRANK");
  const term = wholeNumber("term", termText, "write a whole number of days, such as 300");
  const contract = signing(session);
  const [apy, now] = await Promise.all([contract.getCurrentAPY(), chainTime(session)]);
  // The contract's own two divisions, so that the figure is what a withdrawal after the term will pay.
  const reward = (amount * ((apy * term * 1_000_000n) / 365n)) / 100_000_000n;
  const expected = [
    `${xrank(amount)} locked until about ${formatMoment(now + term * DAY)} at ${String(apy)} % a year.`,
    `Withdrawn after that it brings ${xrank(reward)}; before that, nothing.`,
  ];
  return outcome(session, expected, await send(contract, contract.stake, [amount, term], RANK_REFUSALS, RANK_EVENTS));
}

/** Ends a stake: `hardhat rank withdraw`. */
export async function withdraw(session: Session, { early }: { early: boolean }): Promise<RankOutcome> {
  const { account } = session;
  const contract = signing(session);
  const reward = await attempt(contract, RANK_REFUSALS, () => contract.previewStakeReward(account));
  const [[, maturity, amount], now] = await Promise.all([contract.userStakes(account), chainTime(session)]);
  if (now <= maturity && !early) {
    throw new ExplainedError(
      `The stake of ${xrank(amount)} is mature after ${formatMoment(maturity)}: withdrawn now it brings no yield; wait, or add ` +
        `--early to give the yield up.`,
    );
  }
  const expected = [`${xrank(amount)} back and ${xrank(reward)} of yield.`];
  return outcome(session, expected, await send(contract, contract.withdraw, [], RANK_REFUSALS, RANK_EVENTS));
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

/** What a person reads after a transaction. */
export function describeOutcome({ account, expected, transaction, balance, network }: RankOutcome): string {
  const { hash, block, gasUsed, events } = transaction;
  return [
    ...expected,
    "",
    ...events,
    "",
    `Transaction ${hash} in block ${formatCount(block)} on network "${network}", ${formatCount(gasUsed)} gas.`,
    `${account} now holds ${xrank(balance)}.`,
  ].join("\n");
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
