// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice The four counters of XRANK in one slot, so that each user action writes them once.
/// @dev From the lowest bit: 40 bits the next rank, 40 open mints, 40 open stakes, 136 base units staked.
/// Open mints never exceed the ranks given, so the first needs no check of its own; the other widths are checked when they grow.
type Counters is uint256;

using {globalRank, activeMinters, activeStakes, totalXenStaked} for Counters global;
using {withMintOpened, withMintEnded, withStakeOpened, withStakeEnded} for Counters global;

uint256 constant RANK_BITS = 40;
uint256 constant MAX_RANK = (1 << RANK_BITS) - 1;
uint256 constant MAX_STAKES = (1 << 40) - 1;
uint256 constant MAX_STAKED = (1 << 136) - 1;

uint256 constant MINTERS_OFFSET = RANK_BITS;
uint256 constant STAKES_OFFSET = MINTERS_OFFSET + RANK_BITS;
uint256 constant STAKED_OFFSET = STAKES_OFFSET + 40;

/// @notice All ranks up to `maximum` are given: no new mint can be opened, open ones can still be ended.
error Counters_RanksExhausted(uint256 maximum);
/// @notice As many stakes as can be counted, `maximum`, are open: a new one has to wait for one to end.
error Counters_StakesExhausted(uint256 maximum);
/// @notice `totalXenStaked` and `amount` together exceed the `maximum` that can be counted.
error Counters_StakedAboveMaximum(uint256 totalXenStaked, uint256 amount, uint256 maximum);

/// @dev Takes values within their widths.
function packCounters(uint256 rank, uint256 minters, uint256 stakes, uint256 staked) pure returns (Counters) {
    return Counters.wrap(rank | (minters << MINTERS_OFFSET) | (stakes << STAKES_OFFSET) | (staked << STAKED_OFFSET));
}

function globalRank(Counters self) pure returns (uint256) {
    return Counters.unwrap(self) & MAX_RANK;
}

function activeMinters(Counters self) pure returns (uint256) {
    return (Counters.unwrap(self) >> MINTERS_OFFSET) & MAX_RANK;
}

function activeStakes(Counters self) pure returns (uint256) {
    return (Counters.unwrap(self) >> STAKES_OFFSET) & MAX_STAKES;
}

function totalXenStaked(Counters self) pure returns (uint256) {
    return Counters.unwrap(self) >> STAKED_OFFSET;
}

/// @dev One rank given, one mint more. The last rank is never given, so that the next one always has its width.
function withMintOpened(Counters self) pure returns (Counters) {
    if (globalRank(self) == MAX_RANK) revert Counters_RanksExhausted(MAX_RANK);
    unchecked {
        return Counters.wrap(Counters.unwrap(self) + 1 + (1 << MINTERS_OFFSET));
    }
}

/// @dev One mint less; the caller has one open.
function withMintEnded(Counters self) pure returns (Counters) {
    unchecked {
        return Counters.wrap(Counters.unwrap(self) - (1 << MINTERS_OFFSET));
    }
}

/// @dev One stake of `amount` more.
function withStakeOpened(Counters self, uint256 amount) pure returns (Counters) {
    uint256 staked = totalXenStaked(self);
    unchecked {
        if (amount > MAX_STAKED - staked) revert Counters_StakedAboveMaximum(staked, amount, MAX_STAKED);
        if (activeStakes(self) == MAX_STAKES) revert Counters_StakesExhausted(MAX_STAKES);
        return Counters.wrap(Counters.unwrap(self) + (1 << STAKES_OFFSET) + (amount << STAKED_OFFSET));
    }
}

/// @dev One stake of `amount` less; the caller has it open.
function withStakeEnded(Counters self, uint256 amount) pure returns (Counters) {
    unchecked {
        return Counters.wrap(Counters.unwrap(self) - (1 << STAKES_OFFSET) - (amount << STAKED_OFFSET));
    }
}
