// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title IStakingToken
/// @notice A token whose holders lock an amount for a number of days and get it back with a yield.
/// @dev The signatures are XEN Crypto's, so the ERC-165 interface id is XEN's as well.
interface IStakingToken {
    /// @notice `user` locked `amount` base units for `term` days.
    event Staked(address indexed user, uint256 amount, uint256 term);

    /// @notice `user` got the staked `amount` back together with `reward`, both in base units.
    event Withdrawn(address indexed user, uint256 amount, uint256 reward);

    /// @notice Locks `amount` for `term` days.
    function stake(uint256 amount, uint256 term) external;

    /// @notice Ends the caller's stake.
    function withdraw() external;
}
