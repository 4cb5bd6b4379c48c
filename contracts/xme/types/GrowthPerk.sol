// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice What is sold of user growth; source section 5.2: "accelerate growth, protect levels, unlock privileges".
enum GrowthPerk {
    Acceleration,
    Protection,
    Privilege
}
