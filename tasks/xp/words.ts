import { type ErrorDescription, formatUnits, getAddress, toUtf8String, ZeroAddress } from "ethers";

import { formatCount } from "../../src/format.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Wording, Words } from "../support/send.js";
import { percent, quoted } from "../support/text.js";

export { percent, quoted };

/** How the payment token is counted. */
export interface PaymentUnits {
  readonly symbol: string;
  readonly decimals: number;
}

/** @returns base units as XP */
export function xp(amount: bigint): string {
  return tokens(amount, "XP");
}

/** @returns base units of the payment token, such as "12.500000 TUSD" */
export function paid(amount: bigint, { symbol, decimals }: PaymentUnits): string {
  return tokens(amount, symbol, decimals);
}

/** @returns what is known of an agent: as the text that it is, or as bytes where it is none */
export function shownFact(bytes: string): string {
  if (bytes === "0x") return "nothing";
  try {
    return quoted(toUtf8String(bytes));
  } catch {
    return bytes;
  }
}

/** @returns a price of one XP to the last digit, such as "0.02 TUSD" */
export function price(units: bigint, { symbol, decimals }: PaymentUnits): string {
  return `${formatUnits(units, decimals)} ${symbol}`.replace(".0 ", " ");
}

/** @returns trust in points, such as "63.20" */
export function points(wad: bigint): string {
  const hundredths = wad / 10n ** 16n;
  return `${String(hundredths / 100n)}.${String(hundredths % 100n).padStart(2, "0")}`;
}

/** States of a job, in the contract's order. */
export const JOB_STATES = [
  "open",
  "cancelled",
  "accepted",
  "delivered",
  "rejected",
  "settled",
  "refunded",
  "ruled for the agent",
  "ruled for the client",
  "split",
] as const;
export type JobStateName = (typeof JOB_STATES)[number];

/** @returns the contract's number of a state as its name */
export function jobState(state: unknown): JobStateName {
  return JOB_STATES[Number(state)] ?? "open";
}

type Arguments = ErrorDescription["args"];
const n = (a: Arguments, i: number): bigint => a[i] as bigint;
const t = (a: Arguments, i: number): string => String(a[i]);
const id = (a: Arguments, i: number): string => formatCount(n(a, i));
const see = (a: Arguments): string => `see \`hardhat xp job --job ${t(a, 0)}\``;

/** What OpenZeppelin's parts say, in whichever contract. */
const COMMON: Wording<ErrorDescription> = {
  AccessManagedUnauthorized: (a) => `${t(a, 0)} has not the role for this: \`hardhat roles\` shows who has.`,
  AccessManagedRequiredDelay: (a) =>
    `${t(a, 0)} has to schedule this at the access manager ${formatDuration(n(a, 1))} before it may do it.`,
  ReentrancyGuardReentrantCall: () => "The contract is in the middle of another call: run the command again.",
  SafeCastOverflowedUintDowncast: (a) =>
    `${t(a, 1)} is more than the contract can keep (${t(a, 0)} bits): give a lower number.`,
  SafeCastOverflowedUintToInt: (a) => `${t(a, 0)} is more than the contract can count: give a lower number.`,
  SafeCastOverflowedIntToUint: (a) => `The pool answered with ${t(a, 0)}, where only a payment makes sense.`,
};

function registryWords(): Words {
  return {
    refusals: {
      AgentRegistry_ReservedKey: (a) =>
        `The metadata key ${quoted(t(a, 0))} is the wallet's, which only its consent sets: use \`hardhat xp wallet\`.`,
      AgentRegistry_WalletIsZero: (a) =>
        `The zero address cannot be the wallet of agent ${id(a, 0)}: add --unset to leave it without one.`,
      AgentRegistry_ConsentExpired: (a) =>
        `The wallet's consent ran out at ${formatMoment(n(a, 0))}, and the chain's time is ${formatMoment(n(a, 1))}: let it sign again.`,
      AgentRegistry_DeadlineTooFar: (a) =>
        `The wallet's consent runs to ${formatMoment(n(a, 0))}, later than the ${formatMoment(n(a, 1))} allowed: let it sign again.`,
      AgentRegistry_NoConsent: (a) =>
        `${t(a, 1)} has not signed that it becomes the wallet of agent ${id(a, 0)} while ${t(a, 2)} owns it, until ` +
        `${formatMoment(n(a, 3))}: let it sign with \`hardhat xp consent\`.`,
      ERC721NonexistentToken: (a) =>
        `There is no agent ${id(a, 0)}: register one with \`hardhat xp register\`, or give another --agent.`,
      ERC721InsufficientApproval: (a) =>
        `${t(a, 0)} neither owns agent ${id(a, 1)} nor is approved for it: choose its owner with --account.`,
      ERC721InvalidReceiver: (a) => `${t(a, 0)} cannot receive an agent.`,
      ERC721InvalidOwner: (a) => `${t(a, 0)} cannot own agents.`,
    },
    events: {
      // A registration tells of itself.
      Transfer: (a) =>
        t(a, 0) === ZeroAddress ? undefined : `Agent ${id(a, 2)} belongs to ${t(a, 1)} now, and not to ${t(a, 0)}.`,
      Registered: (a) => `Agent ${id(a, 0)} was registered for ${t(a, 2)}.`,
      URIUpdated: (a) => `Agent ${id(a, 0)} has its registration file at ${quoted(t(a, 1))} now.`,
      MetadataSet: (a) =>
        t(a, 2) === "agentWallet"
          ? t(a, 3) === "0x"
            ? `Agent ${id(a, 0)} has no wallet now: its owner receives what it earns.`
            : `Agent ${id(a, 0)} has the wallet ${getAddress(t(a, 3))}.`
          : `Agent ${id(a, 0)} has the metadata ${quoted(t(a, 2))} = ${shownFact(t(a, 3))}.`,
    },
  };
}

function marketWords(units: PaymentUnits): Words {
  const pay = (a: Arguments, i: number): string => paid(n(a, i), units);
  const unlessNone = (a: Arguments, i: number, whom: string): string =>
    n(a, i) === 0n ? "" : `${pay(a, i)} to ${whom}`;
  return {
    refusals: {
      ...COMMON,
      ServiceMarket_PaymentOutOfRange: (a) =>
        `A job pays more than nothing and at most ${pay(a, 1)}, not ${pay(a, 0)}: give another --payment.`,
      ServiceMarket_TrustOutOfRange: (a) =>
        `Trust ends at ${t(a, 1)} points, not ${t(a, 0)}: give a lower --min-trust.`,
      ServiceMarket_OpenUntilOutOfRange: (a) =>
        `A job is open to acceptance from now, ${formatMoment(n(a, 1))}, to ${formatMoment(n(a, 2))} at the latest: give a shorter --open-for.`,
      ServiceMarket_DeliverWithinOutOfRange: (a) =>
        `An agent gets from ${formatDuration(n(a, 1))} to ${formatDuration(n(a, 2))} to deliver, not ${formatDuration(n(a, 0))}: give another ` +
        `--deliver-within.`,
      ServiceMarket_AgentOutOfRange: (a) => `There is no agent ${id(a, 0)}: a job can name agents up to ${id(a, 1)}.`,
      ServiceMarket_OwnAgent: (a) =>
        `${t(a, 1)} is the client, and would own, run or be paid by agent ${id(a, 0)}: nobody hires their own agent.`,
      ServiceMarket_UnknownJob: (a) => `There is no job ${id(a, 0)}: \`hardhat xp jobs\` lists those there are.`,
      ServiceMarket_WrongState: (a) => `Job ${id(a, 0)} is ${jobState(a[1])}, which does not allow this: ${see(a)}.`,
      ServiceMarket_TooLate: (a) =>
        `The time to do this with job ${id(a, 0)} was over after ${formatMoment(n(a, 1))}: ${see(a)}.`,
      ServiceMarket_TooEarly: (a) =>
        `Only after ${formatMoment(n(a, 1))} is this with job ${id(a, 0)} open to everybody: wait, or ${see(a)}.`,
      ServiceMarket_NotClient: (a) =>
        `${t(a, 1)} is not the client of job ${id(a, 0)}: choose the client with --account.`,
      ServiceMarket_NotAgent: (a) =>
        `${t(a, 1)} neither owns agent ${id(a, 0)} nor is approved for it: choose its owner with --account.`,
      ServiceMarket_OtherAgentWanted: (a) => `Job ${id(a, 0)} is for agent ${id(a, 2)}, not for agent ${id(a, 1)}.`,
      ServiceMarket_FeeAboveMaximum: (a) =>
        `The agent's fee is ${percent(n(a, 0))}, above the ${percent(n(a, 1))} allowed: give a higher --max-fee, or burn XP for a tier.`,
      ServiceMarket_TrustUnknown: (a) => `The job asks for trust, and nobody can tell that of agent ${id(a, 0)} now.`,
      ServiceMarket_TrustTooLow: (a) =>
        `The job asks for ${points(n(a, 2))} points of trust, and agent ${id(a, 0)} has ${points(n(a, 1))}: lock XP to it, or choose another job.`,
      ServiceMarket_TooLittleGas: (a) =>
        `${id(a, 0)} gas were left where ${id(a, 1)} are needed: let the wallet give a higher gas limit.`,
      ServiceMarket_WrongAmountReceived: (a) =>
        `${units.symbol} did not bring the ${pay(a, 0)} asked for: a token that takes a fee on transfers is refused.`,
      ServiceMarket_NothingToWithdraw: (a) => `${t(a, 0)} has no credit at the market.`,
      ServiceMarket_InvalidRecipient: (a) => `What goes to ${t(a, 0)} would be lost: give another --to.`,
      ServiceMarket_NothingToCollect: () => "No fees wait for the treasury.",
    },
    events: {
      JobOpened: (a) =>
        `Job ${id(a, 0)} is open ${n(a, 2) === 0n ? "to any agent" : `to agent ${id(a, 2)}`} until ${formatMoment(n(a, 5))}, with ${pay(a, 3)} in escrow.`,
      JobCancelled: (a) => `Job ${id(a, 0)} was cancelled, and ${pay(a, 2)} credited to ${t(a, 1)}.`,
      JobAccepted: (a) =>
        `Agent ${id(a, 1)} accepted job ${id(a, 0)} with a bond of ${pay(a, 5)} and a fee of ${percent(n(a, 4))}; it has to deliver by ` +
        `${formatMoment(n(a, 6))}, and ${t(a, 2)} is paid.`,
      JobDelivered: (a) =>
        `Job ${id(a, 0)} was delivered (${t(a, 2)}); the client may reject it until ${formatMoment(n(a, 3))}.`,
      JobRejected: (a) =>
        `The client rejected job ${id(a, 0)} with a bond of ${pay(a, 2)}; the arbiter may rule until ${formatMoment(n(a, 3))}.`,
      JobEnded: (a) =>
        `Job ${id(a, 0)} ended: ${jobState(a[2])}. Credited: ` +
        `${[unlessNone(a, 3, "the agent's side"), unlessNone(a, 4, "the client"), unlessNone(a, 5, "the treasury")].filter(Boolean).join(", ")}.`,
      RecordFailed: (a) =>
        `The redistributor did not record job ${id(a, 0)}, which so earns no XP; the money is not affected.`,
      Withdrawn: (a) => `${pay(a, 2)} went to ${t(a, 1)}.`,
      FeesCollected: (a) => `${pay(a, 1)} of fees went to the treasury, ${t(a, 0)}.`,
    },
  };
}

function tierWords(): Words {
  return {
    refusals: {
      ...COMMON,
      FeeTiers_UnknownTier: (a) =>
        n(a, 1) === 0n
          ? "No tiers are for sale here any more."
          : `There is no tier ${t(a, 0)}: choose one from 1 to ${t(a, 1)}; \`hardhat xp tiers\` shows them.`,
      FeeTiers_NoAgent: (a) =>
        `${t(a, 0)} owns no agent, which a tier needs: register one with \`hardhat xp register\`.`,
      FeeTiers_Downgrade: (a) =>
        `The tier's fee, ${percent(n(a, 0))}, is above the ${percent(n(a, 1))} that the account pays already: choose a higher --tier, or wait ` +
        `until that one ends.`,
      FeeTiers_TooFarAhead: (a) =>
        `Renewed now, the tier would last until ${formatMoment(n(a, 0))}, and ${formatMoment(n(a, 1))} is the latest: wait.`,
      FeeTiers_FeeAboveMaximum: (a) =>
        `The tier's fee is ${percent(n(a, 0))} now, above the ${percent(n(a, 1))} that was shown: look at \`hardhat xp tiers\` again.`,
      FeeTiers_AboveMaxBurn: (a) =>
        `The tier takes ${xp(n(a, 0))}, more than the ${xp(n(a, 1))} allowed: give a higher --max-burn.`,
    },
    events: {
      TierBought: (a) =>
        `${t(a, 0)} has tier ${t(a, 1)}, a fee of ${percent(n(a, 2))}, until ${formatMoment(n(a, 6))}, for ${xp(n(a, 3))} burned` +
        `${n(a, 4) === 0n ? "" : ` and a credit of ${xp(n(a, 4))}`}.`,
    },
  };
}

function redistributorWords(units: PaymentUnits): Words {
  return {
    refusals: {
      ...COMMON,
      EpochRedistributor_NotAuthorized: (a) =>
        `${t(a, 1)} neither owns agent ${id(a, 0)} nor is approved for it: choose its owner with --account.`,
      EpochRedistributor_RecipientIsRedistributor: () =>
        "XP that goes to the redistributor would be lost: give another --to.",
      EpochRedistributor_NothingToClaim: (a) =>
        `Agent ${id(a, 0)} has nothing to claim for epoch ${id(a, 1)}: it earned nothing then, or was paid.`,
      EpochRedistributor_EpochNotOver: (a) =>
        `Epoch ${id(a, 0)} is not over: it is epoch ${id(a, 1)} now; wait for the next.`,
      EpochRedistributor_EpochExpired: (a) => `Epoch ${id(a, 0)} has expired: what was left of it is burned.`,
      EpochRedistributor_NotYetExpired: (a) =>
        `Epoch ${id(a, 0)} can be claimed from until epoch ${id(a, 1)}: wait for that one.`,
      EpochRedistributor_NothingRecorded: (a) => `No job ended in epoch ${id(a, 0)}: there is nothing to expire.`,
      EpochRedistributor_PredecessorStillOpen: (a) =>
        `The redistributor before this one still records epoch ${id(a, 0)}: wait for the next epoch.`,
      EpochRedistributor_TooLittleGas: (a) =>
        `${id(a, 0)} gas were left where ${id(a, 1)} are needed: let the wallet give a higher gas limit.`,
    },
    events: {
      EpochOpened: (a) =>
        `Epoch ${id(a, 0)} opened with a pool of ${xp(n(a, 1))}, of which each ${units.symbol} of fee releases up to ${xp(n(a, 2))}.`,
      Recorded: (a) =>
        n(a, 4) === 0n
          ? `Counted in epoch ${id(a, 0)} for agent ${id(a, 1)}: a failed job of ${paid(n(a, 3), units)}.`
          : `Counted in epoch ${id(a, 0)} for agent ${id(a, 1)}: a volume of ${paid(n(a, 3), units)} and a fee of ${paid(n(a, 4), units)}, at ` +
            `${points(n(a, 5))} points of trust.`,
      EpochFinalised: (a) => `Epoch ${id(a, 0)} is final: ${xp(n(a, 2))} of its pool of ${xp(n(a, 1))} were released.`,
      ReleaseRefused: (a) =>
        `XP refused to create ${xp(n(a, 1))} for epoch ${id(a, 0)}, which so pays nothing; the next pool has them.`,
      Claimed: (a) => `Agent ${id(a, 0)} was paid ${xp(n(a, 3))} for epoch ${id(a, 1)}, to ${t(a, 2)}.`,
      EpochExpired: (a) =>
        `Epoch ${id(a, 0)} expired: ${xp(n(a, 1))} that nobody claimed were burned and are in the next pool.`,
    },
  };
}

function reputationWords(): Words {
  return {
    refusals: {
      ...COMMON,
      Reputation_UnknownAgent: (a) => `There is no agent ${id(a, 0)}: give another --agent.`,
      Reputation_AmountIsZero: () => "An amount of zero does nothing: give a higher --amount.",
      Reputation_AboveLocked: (a) =>
        `${t(a, 1)} has ${xp(n(a, 3))} locked to agent ${id(a, 0)}, less than ${xp(n(a, 2))}: give a lower --amount.`,
      Reputation_AbovePending: (a) =>
        `${t(a, 1)} has ${xp(n(a, 3))} waiting at agent ${id(a, 0)}, less than ${xp(n(a, 2))}: give a lower --amount.`,
      Reputation_NothingPending: (a) =>
        `${t(a, 1)} has nothing waiting at agent ${id(a, 0)}: ask for it with \`hardhat xp unlock\` first.`,
      Reputation_StillWaiting: (a) =>
        `It can be taken from ${formatMoment(n(a, 2))} on, and the chain's time is ${formatMoment(n(a, 3))}: wait.`,
      Reputation_RecipientIsReputation: () =>
        "XP that goes to the reputation contract would be lost: give another --to.",
    },
    events: {
      Locked: (a) => `${t(a, 1)} locked ${xp(n(a, 2))} to agent ${id(a, 0)}.`,
      UnlockStarted: (a) =>
        `${t(a, 1)} asked ${xp(n(a, 2))} back from agent ${id(a, 0)}; all that waits there can be taken from ${formatMoment(n(a, 3))} on.`,
      Relocked: (a) => `${t(a, 1)} locked ${xp(n(a, 2))} to agent ${id(a, 0)} again.`,
      Withdrawn: (a) => `${xp(n(a, 3))} that waited at agent ${id(a, 0)} went to ${t(a, 2)}.`,
    },
  };
}

function orderWords(units: PaymentUnits): Words {
  const pay = (a: Arguments, i: number): string => paid(n(a, i), units);
  return {
    refusals: {
      ...COMMON,
      XPMarket_XpOutOfRange: (a) =>
        `An order is for more than nothing and at most ${xp(n(a, 1))}, not ${xp(n(a, 0))}: give another --amount.`,
      XPMarket_PriceOutOfRange: (a) =>
        `A price is above zero and at most ${price(n(a, 1), units)}, not ${price(n(a, 0), units)}: give another --price.`,
      XPMarket_PaymentAboveMaximum: (a) =>
        `One order costs at most ${pay(a, 1)} in all, not ${pay(a, 0)}: make several.`,
      XPMarket_UnknownOrder: (a) => `There is no order ${id(a, 0)}: \`hardhat xp orders\` lists those that are open.`,
      XPMarket_OrderClosed: (a) =>
        `Order ${id(a, 0)} was taken whole or cancelled: \`hardhat xp orders\` lists those that are open.`,
      XPMarket_NothingWanted: () => "An amount of zero takes nothing: give a higher --amount.",
      XPMarket_OwnOrder: (a) => `Order ${id(a, 0)} is the account's own: cancel it with \`hardhat xp cancel-order\`.`,
      XPMarket_PaymentAboveLimit: (a) =>
        `It costs ${pay(a, 1)}, more than the ${pay(a, 2)} allowed: give a higher --limit.`,
      XPMarket_PaymentBelowLimit: (a) =>
        `It brings ${pay(a, 1)}, less than the ${pay(a, 2)} asked for at least: give a lower --limit.`,
      XPMarket_NotMaker: (a) =>
        `Order ${id(a, 0)} is of ${t(a, 2)}, not of ${t(a, 1)}: choose its maker with --account.`,
      XPMarket_RecipientIsMarket: () => "What goes to the market itself would be lost: give another --to.",
      XPMarket_PaymentFellShort: (a) =>
        `${units.symbol} brought ${pay(a, 2)} of ${pay(a, 1)} to ${t(a, 0)}: a token that takes a fee on transfers is refused.`,
    },
    events: {
      OrderMade: (a) =>
        `Order ${id(a, 0)} ${a[2] === true ? "buys" : "sells"} ${xp(n(a, 3))} at ${price(n(a, 4), units)} for one XP.`,
      OrderFilled: (a) =>
        `${t(a, 2)} ${a[3] === true ? "sold" : "bought"} ${xp(n(a, 4))} for ${pay(a, 5)}; ${xp(n(a, 6))} are left of order ${id(a, 0)}.`,
      OrderCancelled: (a) =>
        `Order ${id(a, 0)} was cancelled, and ${a[3] === true ? pay(a, 4) : xp(n(a, 4))} went to ${t(a, 2)}.`,
    },
  };
}

function routerWords(units: PaymentUnits): Words {
  const pay = (a: Arguments, i: number): string => paid(n(a, i), units);
  return {
    refusals: {
      ...COMMON,
      TierRouter_DeadlinePassed: (a) =>
        `The purchase was good until ${formatMoment(n(a, 0))}, and the chain's time is ${formatMoment(n(a, 1))}: give a longer --valid-for.`,
      TierRouter_PaymentAboveMaximum: (a) =>
        `The pool asks for ${pay(a, 0)}, more than the ${pay(a, 1)} allowed: give a higher --max-payment.`,
      TierRouter_NotEnoughLiquidity: (a) =>
        `The tier takes ${xp(n(a, 0))}, and the pool has ${xp(n(a, 1))}: buy from others with \`hardhat xp orders\` and \`hardhat xp fill\`.`,
      TierRouter_CostChanged: (a) =>
        `The tier's cost changed while it was paid, from ${xp(n(a, 0))} to ${xp(n(a, 1))}: run the command again.`,
      Error: poolReason,
    },
    events: {
      BoughtAndBurned: (a) => `${t(a, 0)} paid ${pay(a, 2)} for ${xp(n(a, 3))}, which were burned for tier ${t(a, 1)}.`,
    },
  };
}

/** Why a swap is refused whose price moved, or moves by itself, too far. */
export const BEYOND_BOUND =
  "For this amount the pool's price goes beyond the bound: give a higher --slippage, or a lower --amount.";

/** Uniswap refuses with texts; STF, that a transfer failed, is left to the token to explain. */
function poolReason(a: Arguments): string | undefined {
  switch (t(a, 0)) {
    case "Too little received":
    case "Too much requested":
      return BEYOND_BOUND;
    case "Transaction too old":
      return "The trade came after its deadline: run the command again.";
    case "SPL":
    case "AS":
      return "The pool cannot trade this amount: give another --amount.";
    default:
      return undefined;
  }
}

function swapWords(): Words {
  return { refusals: { Error: poolReason }, events: {} };
}

/** @param xpIsToken0 whether XP comes first in the pool */
export function poolWords(units: PaymentUnits, xpIsToken0: boolean): Words {
  return {
    refusals: {},
    events: {
      Swap: (a) => {
        const [ofXp, ofPayment] = xpIsToken0 ? [n(a, 2), n(a, 3)] : [n(a, 3), n(a, 2)];
        return ofXp > 0n
          ? `The pool took ${xp(ofXp)} and gave ${paid(-ofPayment, units)}.`
          : `The pool took ${paid(ofPayment, units)} and gave ${xp(-ofXp)}.`;
      },
    },
  };
}

function dollarWords(units: PaymentUnits): Words {
  return {
    refusals: {
      TestDollar_AboveFaucetLimit: (a) =>
        `The faucet gives at most ${paid(n(a, 1), units)} at once, not ${paid(n(a, 0), units)}: give a lower --amount.`,
      ERC20InvalidReceiver: (a) => `${t(a, 0)} cannot receive ${units.symbol}: give another --to.`,
    },
    events: { Transfer: (a) => `${paid(n(a, 2), units)} went to ${t(a, 1)}.` },
  };
}

/** How the flywheel's contracts read, where jobs and XP are paid in `units`. */
export function wordsIn(units: PaymentUnits) {
  return {
    agentRegistry: registryWords(),
    serviceMarket: marketWords(units),
    feeTiers: tierWords(),
    redistributor: redistributorWords(units),
    reputation: reputationWords(),
    xpMarket: orderWords(units),
    tierRouter: routerWords(units),
    swapRouter: swapWords(),
    paymentToken: dollarWords(units),
  } as const satisfies Record<string, Words>;
}
