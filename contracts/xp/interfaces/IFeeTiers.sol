// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What the service market and a successor ask of the fee tiers
interface IFeeTiers {
    /// @notice The fee, in basis points of a job's payment, that `account` pays now.
    function feeBpsOf(address account) external view returns (uint256);
}
