// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What user growth asks of node staking
interface INodeStaking {
    /// @notice XMEX that `account` put into all its delegations and has not asked back, without what they earned.
    /// @dev In wei. It may have come in this second, and stop counting in this one, but it cannot be taken before an unbonding period is over: what is
    ///      to reward stake by its duration must ask for that.
    function delegatedPrincipalOf(address account) external view returns (uint256);
}
