// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What user growth asks of node staking
interface INodeStaking {
    /// @notice XMEX that `account` put into all its delegations and has not asked back, without what they earned.
    /// @dev In wei.
    function delegatedPrincipalOf(address account) external view returns (uint256);
}
