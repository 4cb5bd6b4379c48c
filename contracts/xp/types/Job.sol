// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice Where a job stands; the last five are final.
/// @dev Open → Cancelled or Accepted; Accepted → Delivered or Refunded; Delivered → Settled or Rejected; Rejected → RuledForAgent, RuledForClient
///      or Split.
enum JobState {
    Open,
    Cancelled,
    Accepted,
    Delivered,
    Rejected,
    Settled,
    Refunded,
    RuledForAgent,
    RuledForClient,
    Split
}

/// @notice A job as callers see it. A cancelled one has kept nothing but its state.
struct Job {
    /// Where it stands.
    JobState state;
    /// Who opened it and pays.
    address client;
    /// Units of the payment token in escrow, or that were.
    uint256 payment;
    /// The agent that accepted it; before that the only one that may, or zero for any.
    uint256 agentId;
    /// The trust, in whole points, that an agent needed to accept it.
    uint256 minTrust;
    /// The last second, in seconds, in which it could be accepted.
    uint256 openUntil;
    /// Seconds that the agent has, or had, from acceptance to delivery.
    uint256 deliverWithin;
    /// The bond of each side, in units of the payment token.
    uint256 bond;
    /// Who gets all that the agent's side earns; zero until acceptance.
    address payee;
    /// The fee, in basis points of what the payee gets of the payment; zero until acceptance.
    uint256 feeBps;
    /// The last second of the running window: to accept, to deliver, to review or to rule; of a final job, when it ended.
    uint256 until;
    /// Whether that window is over, so that anybody may now call what follows silence.
    bool overdue;
}

/// @notice What an agent takes on by accepting a job.
struct JobAcceptance {
    /// Units of the payment token that the caller posts.
    uint256 bond;
    /// The fee in basis points.
    uint256 feeBps;
    /// The fee, in units of the payment token, when the job is settled or ruled for the agent.
    uint256 fee;
    /// Who gets all that the agent's side earns.
    address payee;
    /// The payment less the fee: what the job brings, beside the bond that comes back.
    uint256 net;
    /// The last second, in seconds, in which it can be delivered.
    uint256 deadline;
}

/// @notice How the money of a job is shared out in one outcome, in units of the payment token.
struct JobShares {
    uint256 toPayee;
    uint256 toClient;
    uint256 toTreasury;
}

/// @notice How the money of an accepted job is shared out in each outcome.
struct JobOutcomes {
    /// Delivered and accepted, by the client or by silence.
    JobShares settled;
    /// Not delivered in time.
    JobShares refunded;
    /// Rejected, and the arbiter found for the agent.
    JobShares ruledForAgent;
    /// Rejected, and the arbiter found for the client.
    JobShares ruledForClient;
    /// Rejected, and the arbiter stayed silent.
    JobShares split;
}
