// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

using MiningAccounts for StoredMiner global;
using MiningAccounts for MiningAccount global;
using MiningAccounts for StoredLedger global;

/// @dev One slot, from the lowest bit: 53 bits of claims, 16 of the newest epoch claimed, 16 of the day of the last payment, 67 of credit, 67 of what
///      was paid on that day, both in gwei, and 37 of what was ever credited, in whole XMEX.
struct StoredMiner {
    uint256 word;
}

/// @dev One slot, from the lowest bit, 64 bits each: budget and what was credited of it, in gwei, points in all and points claimed.
struct StoredLedger {
    uint256 word;
}

/// @notice What social mining knows of one account; amounts in gwei of XMEX unless they say otherwise.
struct MiningAccount {
    /// Bit i is set where the epoch `newestEpoch` − i was claimed.
    uint256 claims;
    /// The latest epoch that was claimed; zero where none was.
    uint256 newestEpoch;
    /// The day, counted from the Unix epoch, of the last payment; zero where there was none.
    uint256 lastPaidDay;
    /// Credited and not paid yet.
    uint256 credit;
    /// Paid on that day.
    uint256 paid;
    /// Ever credited, in whole XMEX; each claim counts rounded down.
    uint256 creditedInWhole;
}

/// @dev An epoch's money: `budget` in gwei is zero until it is drawn.
struct EpochLedger {
    uint256 budget;
    uint256 credited;
    uint256 totalPoints;
    uint256 claimedPoints;
}

/// @title How social mining lays its state into slots
/// @notice Reads and writes whole slots, so that a claim writes one for the account and one for the epoch.
/// @dev Choice: packed by hand because the compiler writes a packed struct field by field. Every field that a caller could widen is checked.
library MiningAccounts {
    uint256 private constant _MASK_16 = type(uint16).max;
    uint256 private constant _MASK_53 = 2 ** 53 - 1;
    uint256 private constant _MASK_64 = type(uint64).max;
    uint256 private constant _MASK_67 = 2 ** 67 - 1;

    /// @notice Thrown when an amount does not fit its place, which takes more than all XMEX.
    error MiningAccounts_ValueTooWide();

    function read(StoredMiner storage stored) internal view returns (MiningAccount memory account) {
        uint256 word = stored.word;
        account.claims = word & _MASK_53;
        account.newestEpoch = (word >> 53) & _MASK_16;
        account.lastPaidDay = (word >> 69) & _MASK_16;
        account.credit = (word >> 85) & _MASK_67;
        account.paid = (word >> 152) & _MASK_67;
        account.creditedInWhole = word >> 219;
    }

    function store(StoredMiner storage stored, MiningAccount memory account) internal {
        _require(((account.credit | account.paid) >> 67) | (account.creditedInWhole >> 37));
        stored.word =
            account.claims |
            (account.newestEpoch << 53) |
            (account.lastPaidDay << 69) |
            (account.credit << 85) |
            (account.paid << 152) |
            (account.creditedInWhole << 219);
    }

    function read(StoredLedger storage stored) internal view returns (EpochLedger memory ledger) {
        uint256 word = stored.word;
        ledger.budget = word & _MASK_64;
        ledger.credited = (word >> 64) & _MASK_64;
        ledger.totalPoints = (word >> 128) & _MASK_64;
        ledger.claimedPoints = word >> 192;
    }

    function store(StoredLedger storage stored, EpochLedger memory ledger) internal {
        _require((ledger.budget | ledger.credited | ledger.totalPoints | ledger.claimedPoints) >> 64);
        stored.word =
            ledger.budget |
            (ledger.credited << 64) |
            (ledger.totalPoints << 128) |
            (ledger.claimedPoints << 192);
    }

    /// @dev False also for an epoch so long before the newest that it is not remembered; it can no longer be claimed.
    function hasClaimedIn(MiningAccount memory account, uint256 epoch) internal pure returns (bool) {
        if (epoch > account.newestEpoch) return false;
        return (account.claims >> (account.newestEpoch - epoch)) & 1 != 0;
    }

    /// @dev Remembers the claim of `epoch`. An epoch can be claimed in the 52 weeks after it, so one that is 53 before another claimed one, and pushed
    ///      out here, cannot be claimed any more, and one that can is 51 before the newest at most.
    function rememberClaim(MiningAccount memory account, uint256 epoch) internal pure {
        if (epoch > account.newestEpoch) {
            account.claims = ((account.claims << (epoch - account.newestEpoch)) & _MASK_53) | 1;
            account.newestEpoch = epoch;
        } else {
            account.claims |= 1 << (account.newestEpoch - epoch);
        }
    }

    function _require(uint256 excess) private pure {
        if (excess != 0) revert MiningAccounts_ValueTooWide();
    }
}
