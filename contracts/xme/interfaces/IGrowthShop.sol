// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What spending sells of user growth
interface IGrowthShop {
    /// @notice Doubles what check-ins bring `account` for `days_` days more.
    function accelerate(address account, uint256 days_) external;

    /// @notice Counts no day of `account` as idle for `days_` days more.
    function protect(address account, uint256 days_) external;

    /// @notice Gives `account` the privilege `privilege` for good.
    function unlockPrivilege(address account, uint256 privilege) external;
}
