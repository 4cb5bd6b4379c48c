// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @dev The life of an epoch: nothing recorded; recorded, running or over; XP minted and claimable; what was left of it burned.
enum EpochState {
    Unopened,
    Open,
    Final,
    Expired
}

/// @dev One slot. XP in wei: at most 1e26, which 88 bits hold. While the epoch is open `released` is zero and `remaining` is the pool;
///      afterwards `remaining` is what of `released` nobody has claimed. `kappa` in wei of XP for each whole payment unit of fee.
struct EpochAccount {
    uint88 released;
    uint88 remaining;
    uint72 kappa;
    EpochState state;
}
