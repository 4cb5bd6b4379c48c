import { formatUnits, ZeroAddress } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import type { VotingXME } from "../../typechain-types/index.js";
import { carryOutSpending, readToken } from "../support/allowance.js";
import { formatMoment, givenAddress, tokenAmount } from "../support/inputs.js";
import { carryOut, type Outcome, type Token } from "../support/outcome.js";
import { recipientOf } from "../support/recipient.js";
import { callOf } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { VOTES_WORDS, vxme, xme, xmex } from "./words.js";

const DAY = 86_400n;

function signing(session: Session): VotingXME {
  return session.deployment.xme.votes.connect(signerOf(session));
}

/** The vXME that a command is about. */
export function vxmeOf({ deployment }: Pick<Session, "deployment">): Token {
  const { votes } = deployment.xme;
  return { symbol: "vXME", decimals: 18, balanceOf: (account) => votes.balanceOf(account) };
}

/** What a change of an account's stake does to the votes of whom it delegates to. */
async function votesChange(session: Session, change: bigint): Promise<string> {
  const { account, deployment } = session;
  const { votes } = deployment.xme;
  const [delegate, staked] = await Promise.all([votes.delegates(account), votes.balanceOf(account)]);
  const voter = delegate === ZeroAddress && staked === 0n && change > 0n ? account : delegate;
  if (voter === ZeroAddress) {
    return `Nobody votes with it: \`hardhat stake delegate\` says who does. The stake becomes ${vxme(staked + change)}.`;
  }
  const before = await votes.getVotes(voter);
  return `${voter} has ${vxme(before + change)} of votes then, instead of ${vxme(before)}.`;
}

/** Stakes XME for votes and dividends: `hardhat stake add`. */
export async function stake(session: Session, { amount: text }: { amount: string }): Promise<Outcome> {
  const amount = tokenAmount("amount", text, "XME");
  const votes = signing(session);
  const token = await readToken(session, await votes.xme());
  return carryOutSpending(
    session,
    { token, spender: votes, amount },
    (permit) =>
      permit
        ? callOf(votes, VOTES_WORDS, votes.stakeWithPermit, amount, permit.deadline, permit.v, permit.r, permit.s)
        : callOf(votes, VOTES_WORDS, votes.stake, amount),
    { token: vxmeOf(session) },
    async () => [
      `${xme(amount)} for as much vXME. ${await votesChange(session, amount)}`,
      "Only you can take it back, seven days after you ask for it with `hardhat stake request`; votes count from the next second on.",
    ],
  );
}

/** Asks XME back: `hardhat stake request`. */
export async function requestUnstake(session: Session, { amount: text }: { amount: string }): Promise<Outcome> {
  const amount = tokenAmount("amount", text, "XME");
  const votes = signing(session);
  const call = callOf(votes, VOTES_WORDS, votes.requestUnstake, amount);
  return carryOut(session, call, { token: vxmeOf(session) }, async () => {
    const [delay, now, [pending]] = await Promise.all([
      votes.UNSTAKE_DELAY(),
      chainTime(session),
      votes.pendingUnstake(session.account),
    ]);
    return [
      `${xme(amount)} stop voting and earning. ${await votesChange(session, -amount)}`,
      `${xme(pending + amount)} can be taken with \`hardhat stake withdraw\` from about ${formatMoment(now + delay)} on` +
        `${pending === 0n ? "." : `: the wait of the ${xme(pending)} that wait already starts anew.`}`,
    ];
  });
}

/** Stakes XME again that waits: `hardhat stake restake`. */
export async function restake(session: Session, { amount: text }: { amount: string }): Promise<Outcome> {
  const amount = tokenAmount("amount", text, "XME");
  const votes = signing(session);
  const call = callOf(votes, VOTES_WORDS, votes.restake, amount);
  return carryOut(session, call, { token: vxmeOf(session) }, async () => {
    const [pending, availableAt] = await votes.pendingUnstake(session.account);
    return [
      `${xme(amount)} vote and earn again. ${await votesChange(session, amount)}`,
      pending === amount
        ? "Nothing is left waiting."
        : `${xme(pending - amount)} go on waiting, until ${formatMoment(availableAt)}.`,
    ];
  });
}

/** Takes XME after the wait: `hardhat stake withdraw`. */
export async function withdraw(session: Session, { to }: { to: string }): Promise<Outcome> {
  const recipient = recipientOf(session, to);
  const votes = signing(session);
  const call = callOf(votes, VOTES_WORDS, votes.withdraw, recipient);
  return carryOut(session, call, { token: "XME", account: recipient }, (amount) => [
    `${xme(amount)} that waited, to ${recipient}.`,
  ]);
}

/** Takes the dividends: `hardhat stake claim`. */
export async function claim(session: Session, { to }: { to: string }): Promise<Outcome> {
  const recipient = recipientOf(session, to);
  const votes = signing(session);
  const token = await readToken(session, await votes.xmex());
  const call = callOf(votes, VOTES_WORDS, votes.claim, recipient);
  return carryOut(session, call, { token, account: recipient }, (amount) => [
    `At least ${xmex(amount)} of dividends, to ${recipient}.`,
  ]);
}

/** Chooses who votes: `hardhat stake delegate`. */
export async function delegate(session: Session, { to }: { to: string }): Promise<Outcome> {
  const { account } = session;
  const chosen = to === "nobody" ? ZeroAddress : to === "" ? account : givenDelegate(to);
  const votes = signing(session);
  const [before, staked] = await Promise.all([votes.delegates(account), votes.balanceOf(account)]);
  if (before === chosen) {
    throw new ExplainedError(
      chosen === ZeroAddress
        ? `Nobody votes for ${account} already: nothing is to be changed.`
        : `${chosen} votes for ${account} already: nothing is to be changed.`,
    );
  }
  const call = callOf(votes, VOTES_WORDS, votes.delegate, chosen);
  return carryOut(session, call, { token: vxmeOf(session) }, () => [
    `The votes of ${vxme(staked)} go ${before === ZeroAddress ? "" : `from ${before} `}to ` +
      `${chosen === ZeroAddress ? "nobody: they count for no proposal and no quorum" : chosen}, also those of what is staked later.`,
    "Stake and dividends stay with the account; proposals whose snapshot is over count the votes as they were.",
  ]);
}

function givenDelegate(to: string): Address {
  const address = givenAddress("to", to, "give the address that votes, or nobody");
  if (address !== ZeroAddress) return address;
  throw new ExplainedError("--to is the zero address, with which nobody votes: write nobody if that is meant.");
}

/** Draws a month's emission where nobody stakes, claims or gives anything in it: `hardhat stake advance`. Anybody may. */
export async function advance(session: Session): Promise<Outcome> {
  const votes = signing(session);
  const call = callOf(votes, VOTES_WORDS, votes.advance);
  return carryOut(session, call, { token: vxmeOf(session) }, async () => {
    const { emissionVault: vault } = session.deployment.xme;
    const stream = await votes.emissionStream();
    const [drawer, available] = await Promise.all([vault.drawerOf(stream), vault.available(stream)]);
    return [
      "The dividends are brought up to now.",
      drawer === votes.target
        ? `If nobody has staked, asked back, claimed or given income in this month yet, ${xmex(available)} of emission are drawn for all holders, and ` +
          "stream in the month after it; otherwise nothing is drawn before the next month."
        : "No emission is drawn: governance has named no drawer of its stream, or another one.",
    ];
  });
}

/** Gives XMEX to all holders: `hardhat stake income`. */
export async function addIncome(session: Session, { amount: text }: { amount: string }): Promise<Outcome> {
  const amount = tokenAmount("amount", text, "XMEX");
  const votes = signing(session);
  const token = await readToken(session, await votes.xmex());
  if (amount === 0n) throw new ExplainedError("An amount of zero gives nothing: give a higher --amount.");
  return carryOutSpending(
    session,
    { token, spender: votes, amount, takesPermits: false },
    () => callOf(votes, VOTES_WORDS, votes.addXmexIncome, amount),
    { token },
    async () => {
      const { endsAt } = await votes.distribution();
      return [
        `${xmex(amount)} for all holders of vXME: it streams to them from ${formatMoment(endsAt)} on, for 30 days. Nobody gives it back.`,
      ];
    },
  );
}

/** What an account has staked, and what streams; amounts in wei, times in seconds. */
export interface StakeStatus {
  readonly network: string;
  readonly time: bigint;
  readonly account: Address;
  readonly xme: bigint;
  readonly staked: bigint;
  /** Votes of the account now, also of what others delegate to it. */
  readonly votes: bigint;
  readonly delegate: Address | undefined;
  readonly pending: bigint;
  readonly availableAt: bigint;
  /** XMEX that can be claimed. */
  readonly earned: bigint;
  readonly supply: bigint;
  readonly distribution: {
    readonly active: bigint;
    readonly next: bigint;
    readonly perSecond: bigint;
    readonly endsAt: bigint;
  };
  /** XMEX that the account will have earned more of what streams this month, if nobody stakes or leaves. */
  readonly estimate: bigint;
  readonly proposalThreshold: bigint;
}

/** Reads what an account has staked: `hardhat stake status`. */
export async function readStake(session: Session): Promise<StakeStatus> {
  const { account, connection, deployment } = session;
  const { votes, xme: token, governor } = deployment.xme;
  const [time, held, staked, ofVotes, delegatee, [pending, availableAt], earned, supply, streams, minimum, threshold] =
    await Promise.all([
      chainTime(session),
      token.balanceOf(account),
      votes.balanceOf(account),
      votes.getVotes(account),
      votes.delegates(account),
      votes.pendingUnstake(account),
      votes.earned(account),
      votes.totalSupply(),
      votes.distribution(),
      votes.MIN_UNITS(),
      governor.proposalThreshold(),
    ]);
  const { active, next, perSecond, endsAt } = streams;
  const units = supply > minimum ? supply : minimum;
  return {
    network: connection.networkName,
    time,
    account,
    xme: held,
    staked,
    votes: ofVotes,
    delegate: delegatee === ZeroAddress ? undefined : (delegatee as Address),
    pending,
    availableAt,
    earned,
    supply,
    distribution: { active, next, perSecond, endsAt },
    estimate: (active * staked) / units,
    proposalThreshold: threshold,
  };
}

export function describeStake(s: StakeStatus): string {
  const { distribution: d } = s;
  const share = s.supply === 0n ? 0n : (s.staked * 1_000_000n) / s.supply;
  const voter =
    s.delegate === undefined
      ? "nobody votes with them: `hardhat stake delegate` says who does"
      : s.delegate === s.account
        ? "it votes with them itself"
        : `${s.delegate} votes with them`;
  return [
    `${s.account} on network "${s.network}" at ${formatMoment(s.time)}`,
    `holds    ${xme(s.xme)}`,
    `staked   ${vxme(s.staked)}, ${formatUnits(share, 4).replace(/\.0$/, "")} % of ${vxme(s.supply)}; ${voter}`,
    `votes    ${vxme(s.votes)}${s.votes >= s.proposalThreshold ? ", enough to propose" : `; a proposal takes ${vxme(s.proposalThreshold)}`}`,
    s.pending === 0n
      ? "waiting  nothing"
      : `waiting  ${xme(s.pending)}, ${s.time < s.availableAt ? `to be taken from ${formatMoment(s.availableAt)} on` : "which `hardhat stake withdraw` takes"}`,
    `earned   ${xmex(s.earned)}${s.earned === 0n ? "" : ", which `hardhat stake claim` takes"}`,
    "",
    `streams  ${xmex(d.active)} to all until ${formatMoment(d.endsAt)}, ${xmex(d.perSecond * DAY)} a day; about ${xmex(s.estimate)} of it to the account`,
    `next     ${xmex(d.next)} in the month after that, and what the emission vault gives`,
  ].join("\n");
}
