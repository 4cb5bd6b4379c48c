// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What user growth asks of node staking
interface INodeStaking {
    /// @notice XMEX that `account` put into all its delegations and has not asked back, without what they earned.
    /// @dev In wei. It may have come in this second, and whoever operates a node can close it and leave it in the same one: what is to reward stake
    ///      must ask for its duration, or for something that takes time beside it.
    function delegatedPrincipalOf(address account) external view returns (uint256);
}
