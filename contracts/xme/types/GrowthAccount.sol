// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

using GrowthAccounts for StoredGrowth global;
using GrowthAccounts for GrowthAccount global;

/// @dev One slot, from the lowest bit: 48 bits of points, 16 each of the last check-in, streak, days checked in, the day that idleness was counted to,
///      idle days until then, the end of protection and that of acceleration, 40 of collected contribution and 8 of privileges.
struct StoredGrowth {
    uint256 word;
}

/// @notice All that is known of one account's growth; days are counted from the Unix epoch.
struct GrowthAccount {
    /// Growth points, before any level that idleness takes.
    uint256 points;
    /// The day of the last check-in; zero where there was none.
    uint256 lastDay;
    /// Check-ins on days in a row, the last one included.
    uint256 streak;
    /// Days with a check-in since the beginning.
    uint256 daysCheckedIn;
    /// The day that idle days were counted to; zero for an account that never did anything.
    uint256 countedTo;
    /// Idle days until then that have not cost a level yet.
    uint256 idleDays;
    /// The first day that is not protected.
    uint256 protectedUntil;
    /// The first day on which a check-in does not count twice.
    uint256 acceleratedUntil;
    /// XMEX, in whole, of social mining that became growth points.
    uint256 contribution;
    /// One bit for each privilege that was unlocked for good.
    uint256 privileges;
}

/// @title How user growth lays an account into one slot
/// @notice Reads and writes the whole slot, so that a check-in reads it once and writes it once.
/// @dev Choice: packed by hand because the compiler writes a packed struct field by field. Days fit 16 bits until the year 2149; points and collected
///      contribution are checked, the rest cannot be wider by what it counts.
library GrowthAccounts {
    uint256 private constant _MASK_16 = type(uint16).max;
    uint256 private constant _MASK_40 = type(uint40).max;
    uint256 private constant _MASK_48 = type(uint48).max;

    /// @notice Thrown when points or collected contribution do not fit their place, which takes more XMEX than there is.
    error GrowthAccounts_ValueTooWide();

    function read(StoredGrowth storage stored) internal view returns (GrowthAccount memory account) {
        uint256 word = stored.word;
        account.points = word & _MASK_48;
        account.lastDay = (word >> 48) & _MASK_16;
        account.streak = (word >> 64) & _MASK_16;
        account.daysCheckedIn = (word >> 80) & _MASK_16;
        account.countedTo = (word >> 96) & _MASK_16;
        account.idleDays = (word >> 112) & _MASK_16;
        account.protectedUntil = (word >> 128) & _MASK_16;
        account.acceleratedUntil = (word >> 144) & _MASK_16;
        account.contribution = (word >> 160) & _MASK_40;
        account.privileges = (word >> 200) & type(uint8).max;
    }

    function store(StoredGrowth storage stored, GrowthAccount memory account) internal {
        if ((account.points >> 48) | (account.contribution >> 40) != 0) revert GrowthAccounts_ValueTooWide();
        stored.word =
            account.points |
            (account.lastDay << 48) |
            (account.streak << 64) |
            (account.daysCheckedIn << 80) |
            (account.countedTo << 96) |
            (account.idleDays << 112) |
            (account.protectedUntil << 128) |
            (account.acceleratedUntil << 144) |
            (account.contribution << 160) |
            (account.privileges << 200);
    }

    /// @dev Days that were not protected, up to `day` and with it, since the last check-in of `account` or, where it has none, since it was first
    ///      counted, but for those that have cost a level for good.
    function idleOn(GrowthAccount memory account, uint256 day) internal pure returns (uint256) {
        if (account.countedTo == 0) return 0;
        uint256 from = account.countedTo > account.protectedUntil ? account.countedTo : account.protectedUntil;
        return day > from ? account.idleDays + day - from : account.idleDays;
    }
}
