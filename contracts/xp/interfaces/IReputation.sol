// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What the service market asks of reputation
interface IReputation {
    /// @notice The trust score of `agentId`, from 0 to 100 with 18 decimals.
    function trustOf(uint256 agentId) external view returns (uint256);
}
