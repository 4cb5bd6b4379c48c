// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What reputation asks of the service market
interface IServiceMarket {
    /// @notice Payments, in units of the payment token, of all jobs that `agentId` ever finished: those `accepted`, and all that were `settled`.
    function volumesOf(uint256 agentId) external view returns (uint256 accepted, uint256 settled);
}
