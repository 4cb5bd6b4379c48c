// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @dev What is claimed: that which one agent earned in one epoch.
struct EpochClaim {
    uint256 agentId;
    uint256 epoch;
}
