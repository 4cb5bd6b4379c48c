// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What social mining asks of user growth
interface IUserGrowth {
    /// @notice What `account` can be paid in a day, in percent of the daily limit of everybody.
    /// @dev 100 at least.
    function dailyLimitPercentOf(address account) external view returns (uint256);
}
