import { type ErrorDescription, type LogDescription, toUtf8String, ZeroAddress } from "ethers";

import { formatCount } from "../../src/format.js";
import { VOTES_WORDS, vxme, xme, xmex } from "../stake/words.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import type { Wording, Words } from "../support/send.js";
import { percent, printable, quoted } from "../support/text.js";

/** States of a proposal, in the governor's order. */
export const PROPOSAL_STATES = [
  "pending",
  "active",
  "cancelled",
  "defeated",
  "succeeded",
  "queued",
  "expired",
  "executed",
] as const;
export type ProposalStateName = (typeof PROPOSAL_STATES)[number];

/** @returns the governor's number of a state as its name */
export function proposalState(state: unknown): ProposalStateName {
  return PROPOSAL_STATES[Number(state)] ?? "pending";
}

/** What a vote may be, in the governor's order. */
export const SUPPORTS = ["against", "for", "abstain"] as const;
export type Support = (typeof SUPPORTS)[number];

/** @returns the governor's number of a vote as a word */
export function supportName(support: unknown): Support {
  return SUPPORTS[Number(support)] ?? "abstain";
}

/** @returns a number that nobody wants to read whole, such as "7312…0921" */
export function shortened(id: bigint): string {
  const digits = String(id);
  return digits.length <= 12 ? digits : `${digits.slice(0, 4)}…${digits.slice(-4)}`;
}

/** @returns the first line of a proposal's description, without the signs of a heading */
export function titleOf(description: string): string {
  const [first = ""] = description.trim().split("\n");
  return first.replace(/^#+\s*/, "").trim();
}

/** @returns the same as it can be printed */
export function quotedTitle(description: string): string {
  return quoted(titleOf(description));
}

/** @returns what somebody else wrote in one line and in quotation marks, all of it */
export function inQuotes(text: string): string {
  return `"${printable(text)}"`;
}

/** @returns the same of several lines, as lines */
export function foreignLines(text: string): readonly string[] {
  return text.split(/\r?\n/).map(printable);
}

/** @returns the states that a bitmap of OpenZeppelin's names */
function statesIn(bitmap: unknown): string {
  const bits = BigInt(String(bitmap));
  return PROPOSAL_STATES.filter((_, i) => (bits >> BigInt(i)) & 1n).join(" or ");
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);
const proposal = (a: Arguments, i = 0): string => `Proposal ${shortened(n(a, i))}`;
const plan = (a: Arguments): string => `plan ${formatCount(n(a, 0))}`;

/** @returns a character of a name that the chain refuses, as one can see it */
function character(byte: unknown): string {
  const text = t([byte] as unknown as Arguments, 0);
  return /^0x[2-7][0-9a-e]$/i.test(text) ? quoted(toUtf8String(text)) : text;
}

/** What OpenZeppelin's parts say, in whichever contract. */
const COMMON: Wording<ErrorDescription> = {
  AccessManagedUnauthorized: (a) =>
    `${t(a, 0)} has not the role for this: only what governance decides, or whom it gave the role, may; \`hardhat roles\` shows who.`,
  AccessManagedRequiredDelay: (a) =>
    `${t(a, 0)} has to schedule this at the access manager ${formatDuration(n(a, 1))} before it may do it.`,
  AccessManagedInvalidAuthority: (a) => `${t(a, 0)} is no contract, so it cannot be the authority.`,
  ReentrancyGuardReentrantCall: () => "The contract is in the middle of another call: run the command again.",
  SafeCastOverflowedUintDowncast: (a) =>
    `${t(a, 1)} is more than the contract can keep (${t(a, 0)} bits): give a lower number.`,
  SafeCastOverflowedIntDowncast: (a) =>
    `${t(a, 1)} is more than the contract can keep (${t(a, 0)} bits): give a lower number.`,
  SafeCastOverflowedUintToInt: (a) => `${t(a, 0)} is more than the contract can count: give a lower number.`,
  SafeCastOverflowedIntToUint: (a) => `The pool answered with ${t(a, 0)}, where only a payment makes sense.`,
  FailedCall: () => "One of the calls fails and does not say why: look at its target and arguments.",
  InsufficientBalance: (a) => `The contract holds ${t(a, 0)} wei, less than the ${t(a, 1)} needed.`,
  AddressEmptyCode: (a) => `There is no contract at ${t(a, 0)}.`,
  SafeERC20FailedOperation: (a) => `The token ${t(a, 0)} refuses to be moved as asked for.`,
  PlainText_LengthOutOfRange: (a) =>
    `A text has ${t(a, 0)} characters, and from 1 to ${t(a, 1)} are allowed: give another.`,
  PlainText_UnfitCharacter: (a) =>
    `The character ${character(a[0])} at position ${t(a, 1)} is not allowed: names and addresses here are plain printable ASCII.`,
};

function voteCast(a: LogDescription["args"]): string {
  const what = `${t(a, 0)} voted ${supportName(a[2])} on ${proposal(a, 1).toLowerCase()} with ${vxme(n(a, 3))}`;
  return t(a, 4) === "" ? `${what}.` : `${what}, and said why: ${quoted(t(a, 4))}`;
}

const GOVERNOR: Words = {
  refusals: {
    ...COMMON,
    GovernorInsufficientProposerVotes: (a) =>
      `${t(a, 0)} had ${vxme(n(a, 1))} of votes a second ago, and a proposal takes ${vxme(n(a, 2))}: stake more with \`hardhat stake add\`, ` +
      "let others delegate to it, or wait for the next block if that was done just now.",
    GovernorRestrictedProposer: (a) => `The description says who alone may propose this, and it is not ${t(a, 0)}.`,
    GovernorInvalidProposalLength: (a) =>
      `A proposal has at least one call, and as many targets as calls and values, not ${t(a, 0)}, ${t(a, 1)} and ${t(a, 2)}.`,
    GovernorNonexistentProposal: (a) =>
      `There is no proposal ${t(a, 0)}: \`hardhat gov status\` lists those there are.`,
    GovernorUnexpectedProposalState: (a) =>
      statesIn(a[2]) === ""
        ? `The same was proposed before and is ${proposalState(a[1])}, as proposal ${t(a, 0)}: change its title to propose it anew.`
        : `${proposal(a)} is ${proposalState(a[1])}, and has to be ${statesIn(a[2])} for this: see \`hardhat gov status\`.`,
    GovernorAlreadyCastVote: (a) => `${t(a, 0)} has voted on this proposal already, and a vote cannot be changed.`,
    GovernorInvalidSignature: (a) =>
      `The signature is not ${t(a, 0)}'s for this vote, or was used already: let it sign again with \`hardhat gov sign-vote\`.`,
    GovernorInvalidVoteType: () => "A vote is for, against or abstain: give another --support.",
    GovernorInvalidVoteParams: () => "A vote takes no parameters here.",
    GovernorUnableToCancel: (a) =>
      `${t(a, 1)} cannot cancel ${proposal(a).toLowerCase()}: only the guardian can, until the sunset, from which on nobody can.`,
    GovernorOnlyExecutor: (a) => `Only a proposal can do this to the governor, not ${t(a, 0)}.`,
    GovernorAlreadyQueuedProposal: (a) => `${proposal(a)} is queued already.`,
    GovernorProposalQueueingFailed: (a) => `${proposal(a)} was not queued by the timelock.`,
    GovernorProposalQueueingNotRequired: (a) => `${proposal(a)} needs no queueing.`,
    GovernorDisabledDeposit: () => "The governor takes no payments and no collectibles: the treasury is the timelock.",
    GovernorPreventLateQuorumVoteExtensionTooLarge: (a) =>
      `A late quorum extends a vote by at most ${formatDuration(n(a, 1))}, not ${formatDuration(n(a, 0))}: give less.`,
    InvalidAccountNonce: (a) => `The signature is not the next one of ${t(a, 0)}: let it sign again.`,
  },
  events: {
    ProposalCreated: (a) =>
      `Proposal ${t(a, 0)} was made: ${quotedTitle(t(a, 8))}; voting is open from ${formatMoment(n(a, 6))} to ${formatMoment(n(a, 7))}.`,
    VoteCast: voteCast,
    VoteCastWithParams: voteCast,
    ProposalQueued: (a) => `${proposal(a)} is queued, and can be executed from ${formatMoment(n(a, 1))} on.`,
    ProposalExecuted: (a) => `${proposal(a)} was carried out.`,
    ProposalCanceled: (a) => `${proposal(a)} is cancelled for ever.`,
    ProposalExtended: (a) =>
      `The quorum came late: voting on ${proposal(a).toLowerCase()} goes on until ${formatMoment(n(a, 1))}.`,
    LateQuorumVoteExtensionSet: (a) =>
      `A vote goes on for ${formatDuration(n(a, 1))} after a late quorum now, instead of ${formatDuration(n(a, 0))}.`,
    TimelockChange: (a) => `The governor decides over the timelock ${t(a, 1)} now, instead of ${t(a, 0)}.`,
  },
};

const TIMELOCK: Words = {
  refusals: {
    ...COMMON,
    TimelockUnexpectedOperationState: (a) =>
      `The timelock does not have ${t(a, 0)} in the state needed: it is not due yet, or was carried out or cancelled.`,
    TimelockInsufficientDelay: (a) =>
      `The timelock's delay is ${formatDuration(n(a, 1))}, more than the ${formatDuration(n(a, 0))} given.`,
    TimelockUnauthorizedCaller: (a) => `Only the timelock can do this to itself, by a proposal, not ${t(a, 0)}.`,
    TimelockUnexecutedPredecessor: (a) => `What comes before it in the timelock, ${t(a, 0)}, was not carried out.`,
    TimelockInvalidOperationLength: (a) =>
      `The timelock got ${t(a, 0)} targets, ${t(a, 1)} calls and ${t(a, 2)} values, which do not belong together.`,
    AccessControlUnauthorizedAccount: (a) => `${t(a, 0)} has not the timelock's role ${t(a, 1)}.`,
    AccessControlBadConfirmation: () => "A role of the timelock can be given up by its holder alone.",
  },
  events: {
    MinDelayChange: (a) =>
      `The timelock waits ${formatDuration(n(a, 1))} from now on, instead of ${formatDuration(n(a, 0))}.`,
    RoleGranted: (a) => `${t(a, 1)} has the timelock's role ${t(a, 0)} now.`,
    RoleRevoked: (a) => `${t(a, 1)} has the timelock's role ${t(a, 0)} no more.`,
    RoleAdminChanged: (a) => `The timelock's role ${t(a, 0)} is given by ${t(a, 2)} now.`,
  },
};

const MANAGER: Words = {
  refusals: {
    ...COMMON,
    AccessManagerUnauthorizedAccount: (a) =>
      `${t(a, 0)} has not the role ${t(a, 1)} at the access manager: \`hardhat roles\` shows who has.`,
    AccessManagerUnauthorizedCall: (a) =>
      `${t(a, 0)} may not call ${t(a, 2)} of ${t(a, 1)}: \`hardhat roles\` shows who may.`,
    AccessManagerLockedRole: (a) => `Role ${t(a, 0)} belongs to the access manager itself: it cannot be changed.`,
    AccessManagerLockedFunction: (a) => `Function ${t(a, 0)} of the access manager itself cannot be mapped.`,
    AccessManagerInvalidInitialAdmin: (a) => `${t(a, 0)} cannot be the first administrator.`,
    AccessManagerBadConfirmation: () => "A role can be given up by its holder alone.",
    AccessManagerAlreadyScheduled: (a) => `${t(a, 0)} is scheduled already.`,
    AccessManagerNotScheduled: (a) => `${t(a, 0)} is not scheduled.`,
    AccessManagerNotReady: (a) => `${t(a, 0)} is scheduled, and not due yet.`,
    AccessManagerExpired: (a) => `${t(a, 0)} was scheduled, and is too late now.`,
    AccessManagerUnauthorizedConsume: (a) => `${t(a, 0)} did not ask for a scheduled call.`,
    AccessManagerUnauthorizedCancel: (a) => `${t(a, 0)} may not cancel what ${t(a, 1)} scheduled.`,
  },
  events: {
    RoleGranted: (a) => {
      const delay = n(a, 2) === 0n ? "" : `, to act ${formatDuration(n(a, 2))} after it says so`;
      return a[4] === true
        ? `${t(a, 1)} has role ${t(a, 0)} from ${formatMoment(n(a, 3))} on${delay}.`
        : `${t(a, 1)} keeps role ${t(a, 0)}${delay}.`;
    },
    RoleRevoked: (a) => `${t(a, 1)} has role ${t(a, 0)} no more.`,
    RoleLabel: (a) => `Role ${t(a, 0)} is called ${inQuotes(t(a, 1))}.`,
    RoleAdminChanged: (a) => `Role ${t(a, 0)} is given by role ${t(a, 1)} now.`,
    RoleGuardianChanged: (a) => `What role ${t(a, 0)} schedules can be cancelled by role ${t(a, 1)} now.`,
    RoleGrantDelayChanged: (a) =>
      `Role ${t(a, 0)} is given with a delay of ${formatDuration(n(a, 1))} from ${formatMoment(n(a, 2))} on.`,
    TargetFunctionRoleUpdated: (a) => `Role ${t(a, 2)} may call ${t(a, 1)} of ${t(a, 0)} now.`,
    TargetClosed: (a) => `${t(a, 0)} is ${a[1] === true ? "closed to all roles" : "open to its roles"} now.`,
    TargetAdminDelayUpdated: (a) =>
      `Changes of who may call ${t(a, 0)} wait ${formatDuration(n(a, 1))} from ${formatMoment(n(a, 2))} on.`,
  },
};

const VAULT: Words = {
  refusals: {
    ...COMMON,
    EmissionVault_ShareSumNot100Percent: (a) =>
      `The shares of the streams sum to ${percent(n(a, 0))}, and have to sum to 100 %: give others.`,
    EmissionVault_UnknownStream: (a) => `There is no stream ${t(a, 0)}: \`hardhat vault status\` shows them.`,
    EmissionVault_NotDrawer: (a) => `${t(a, 1)} does not draw from stream ${t(a, 0)}: ${t(a, 2)} does.`,
    EmissionVault_RecipientIsVault: () => "What the vault sent to itself would be nobody's: give another address.",
    EmissionVault_AboveAvailable: (a) =>
      `Stream ${t(a, 0)} has ${xmex(n(a, 2))} now, less than ${xmex(n(a, 1))}: give a lower amount.`,
  },
  events: {
    SharesChanged: (a) => `The streams of XMEX have these shares from now on: ${shareList(a[0] as readonly bigint[])}.`,
    DrawerChanged: (a) =>
      `Stream ${t(a, 0)} is drawn from by ${t(a, 2) === ZeroAddress ? "nobody" : t(a, 2)} now, instead of ` +
      `${t(a, 1) === ZeroAddress ? "nobody" : t(a, 1)}.`,
    Drawn: (a) => `${xmex(n(a, 3))} of stream ${t(a, 0)} went to ${t(a, 2)}.`,
    Returned: (a) => `${xmex(n(a, 2))} came back to stream ${t(a, 0)} from ${t(a, 1)}.`,
  },
};

const BUYBACK: Words = {
  refusals: {
    ...COMMON,
    BuybackBurner_TokenIsXme: () => "A buyback pays with another token than XME: give another --token.",
    BuybackBurner_NoPool: (a) =>
      `Uniswap has no pool of ${t(a, 0)} and XME with a fee of ${percent(n(a, 1) / 100n)}: give another --token or --fee.`,
    BuybackBurner_PoolHasPlan: (a) =>
      `The pool has plan ${t(a, 1)} already, which is neither spent nor over: wait for its end, or cancel it by a proposal.`,
    BuybackBurner_SliceOutOfRange: (a) =>
      `A slice is above zero and at most the total, ${formatCount(n(a, 1))} units, not ${formatCount(n(a, 0))}: give another --slice.`,
    BuybackBurner_IntervalOutOfRange: (a) =>
      `Slices lie from ${formatDuration(n(a, 1))} to ${formatDuration(n(a, 2))} apart, not ${formatDuration(n(a, 0))}: give another --interval.`,
    BuybackBurner_EndOutOfRange: (a) =>
      `A plan ends after ${formatMoment(n(a, 1))} and by ${formatMoment(n(a, 2))}, not at ${formatMoment(n(a, 0))}: give another --duration.`,
    BuybackBurner_WrongAmountReceived: (a) =>
      `${t(a, 0)} brought ${formatCount(n(a, 1))} units of ${formatCount(n(a, 2))}: a token that takes a fee on transfers is refused.`,
    BuybackBurner_UnknownPlan: (a) => `There is no ${plan(a)}: \`hardhat gov buyback status\` lists those there are.`,
    BuybackBurner_NothingLeft: (a) => `Nothing is left to ${plan(a)}: it is spent, cancelled or closed.`,
    BuybackBurner_Ended: (a) =>
      `The end of ${plan(a)} came at ${formatMoment(n(a, 1))}: \`hardhat gov buyback close\` sends what is left back.`,
    BuybackBurner_NotEnded: (a) => `The end of ${plan(a)} comes at ${formatMoment(n(a, 1))}: wait.`,
    BuybackBurner_NotDue: (a) => `The next slice of ${plan(a)} is due at ${formatMoment(n(a, 1))}: wait.`,
    BuybackBurner_OracleTooShort: (a) =>
      `The pool ${t(a, 0)} does not remember its price of ${formatDuration(n(a, 1))} ago: wait, or raise its observations.`,
    BuybackBurner_PriceOffAverage: (a) =>
      `The price lies at tick ${t(a, 0)}, more than ${t(a, 2)} from its average at ${t(a, 1)}: wait until it is calm.`,
    BuybackBurner_TooLittleLiquidity: (a) =>
      `The pool ${t(a, 0)} has too little liquidity for any slice: wait for more.`,
    BuybackBurner_PaidTooMuch: (a) =>
      `The pool asked for ${formatCount(n(a, 0))} units, more than the slice of ${formatCount(n(a, 1))}.`,
    BuybackBurner_BoughtTooLittle: (a) =>
      `The pool gives ${xme(n(a, 0))}, less than the ${xme(n(a, 1))} that the average price asks for: wait, and try again.`,
    BuybackBurner_NotPool: (a) => `${t(a, 0)} is not the pool that is swapped in.`,
    TickMath_TickOutOfRange: (a) => `The price, at tick ${t(a, 0)}, is beyond all that a pool can have.`,
  },
  events: {
    PlanStarted: (a) =>
      `Plan ${t(a, 0)} started: it may spend ${formatCount(n(a, 3))} units of ${t(a, 1)}, ${formatCount(n(a, 4))} every ` +
      `${formatDuration(n(a, 5))} at most, until ${formatMoment(n(a, 6))}.`,
    SliceBurned: (a) => `A slice of ${plan(a)} bought and burned ${xme(n(a, 3))}.`,
    PlanCancelled: (a) => `Plan ${t(a, 0)} was cancelled, and what was left to it went back to the treasury.`,
    PlanClosed: (a) => `Plan ${t(a, 0)} is over, and what was left to it went back to the treasury.`,
  },
};

const POLICY: Words = {
  refusals: {
    ...COMMON,
    PolicyRegistry_HashIsZero: (a) => `The policy ${inQuotes(t(a, 0))} needs the hash of its text, which is not zero.`,
    PolicyRegistry_UnknownPolicy: (a) =>
      `There is no policy ${inQuotes(t(a, 0))}: \`hardhat gov policy\` lists those there are.`,
    PolicyRegistry_UnknownVersion: (a) =>
      n(a, 2) === 0n
        ? `There is no policy ${inQuotes(t(a, 0))}: \`hardhat gov policy\` lists those there are.`
        : `The policy ${inQuotes(t(a, 0))} has versions 1 to ${t(a, 2)}, not ${t(a, 1)}: give another --number.`,
    PolicyRegistry_IndexOutOfRange: (a) =>
      `There are ${t(a, 1)} policies, counted from 0, and none with number ${t(a, 0)}.`,
  },
  events: {
    PolicyPublished: (a) =>
      `Version ${t(a, 1)} of the policy ${inQuotes(t(a, 2))} is at ${inQuotes(t(a, 4))}, with the hash ${t(a, 3)}.`,
  },
};

const BADGE: Words = {
  refusals: {
    ...COMMON,
    Badge_AlreadyMinted: (a) => `${t(a, 0)} has its badge already: \`hardhat gov badge status\` shows it.`,
    Badge_BelowLowestTier: (a) =>
      `${t(a, 0)} has ${vxme(n(a, 1))}, and a badge takes ${vxme(n(a, 2))}: stake more with \`hardhat stake add\`.`,
    Badge_Soulbound: () => "A badge cannot be transferred, so nobody can be allowed to.",
    Badge_TierCountOutOfRange: (a) => `A table has from 1 to ${t(a, 1)} tiers, not ${t(a, 0)}: give another.`,
    Badge_TooManyEntitlements: (a) =>
      `A tier names at most ${t(a, 2)} privileges, and tier ${t(a, 0)} names ${t(a, 1)}: give fewer.`,
    Badge_MinimumNotAscending: (a) =>
      `Each tier takes more vXME than the one before, and tier ${t(a, 0)} takes ${vxme(n(a, 2))} after ${vxme(n(a, 1))}: give more.`,
    ERC721NonexistentToken: () => "The account has no badge: mint one with `hardhat gov badge mint`.",
  },
  events: {
    Transfer: (a) =>
      t(a, 0) === ZeroAddress ? `${t(a, 1)} has its badge now.` : `The badge of ${t(a, 0)} was burned.`,
    TiersChanged: (a) => {
      const tiers = [...(a[0] as readonly { name: string; minimum: bigint }[])];
      return `From now on badges are worth: ${tiers.map(({ name, minimum }) => `${inQuotes(name)} for ${vxme(minimum)}`).join(", ")}.`;
    },
  },
};

/** What governance alone asks of the settlement of advertising. */
const ADS: Words = {
  refusals: {
    ...COMMON,
    AdSettlement_SplitSumNot100Percent: (a) =>
      `The parts of the split sum to ${percent(n(a, 0))}, and have to sum to 100 %: give others.`,
    AdSettlement_IncomeHasNoCode: (a) => `There is no contract at ${t(a, 0)} that could take the delegators' part.`,
  },
  events: {},
};

/** What governance alone asks of the nodes. */
const NODES: Words = {
  refusals: {
    ...COMMON,
    NodeStaking_UnknownNode: (a) => `There is no node ${t(a, 0)}.`,
    NodeStaking_NodeIsClosed: (a) => `Node ${t(a, 0)} is closed.`,
    NodeStaking_LevelTooHigh: (a) => `A node's level is at most ${t(a, 1)}, not ${t(a, 0)}: give a lower one.`,
    NodeStaking_UnbondingPeriodOutOfRange: (a) =>
      `Unbonding takes from ${formatDuration(n(a, 1))} to ${formatDuration(n(a, 2))}, not ${formatDuration(n(a, 0))}: give another.`,
  },
  events: {},
};

/** A token of X.me, where the treasury moves it. */
function tokenWords(amount: (units: bigint) => string): Words {
  return {
    refusals: {
      ERC20InsufficientBalance: (a) =>
        `${t(a, 0)} holds ${amount(n(a, 1))}, which is less than the ${amount(n(a, 2))} needed.`,
      ERC20InsufficientAllowance: (a) =>
        `${t(a, 0)} may take ${amount(n(a, 1))}, and ${amount(n(a, 2))} are needed: let a call before it approve them.`,
      ERC20InvalidReceiver: (a) => `${t(a, 0)} cannot receive this: give another address.`,
      ERC20InvalidSpender: (a) => `${t(a, 0)} cannot be allowed anything: give another address.`,
    },
    events: {
      Transfer: (a) =>
        t(a, 1) === ZeroAddress
          ? `${amount(n(a, 2))} of ${t(a, 0)} were burned.`
          : `${amount(n(a, 2))} went from ${t(a, 0)} to ${t(a, 1)}.`,
      Approval: (a) => `${t(a, 1)} may take ${amount(n(a, 2))} of ${t(a, 0)}.`,
    },
  };
}

/** @returns shares of streams, such as "0: 60 %, 1: 40 %"; those without one are left out */
export function shareList(sharesBps: readonly bigint[]): string {
  return [...sharesBps].flatMap((bps, i) => (bps === 0n ? [] : [`${String(i)}: ${percent(bps)}`])).join(", ");
}

/** How X.me's contracts read in what governance does, by the name of their ABI. */
export const GOV_WORDS: Readonly<Record<string, Words>> = {
  XmeGovernor: GOVERNOR,
  TimelockController: TIMELOCK,
  AccessManager: MANAGER,
  VotingXME: { ...VOTES_WORDS, refusals: { ...COMMON, ...VOTES_WORDS.refusals } },
  EmissionVault: VAULT,
  BuybackBurner: BUYBACK,
  PolicyRegistry: POLICY,
  Badge: BADGE,
  AdSettlement: ADS,
  NodeStaking: NODES,
  XME: tokenWords(xme),
  XMEX: tokenWords(xmex),
};
