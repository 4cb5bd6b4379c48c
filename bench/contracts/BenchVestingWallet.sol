// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {VestingWalletCliff} from "@openzeppelin/contracts/finance/VestingWalletCliff.sol";

/// @title BenchVestingWallet, OpenZeppelin's vesting wallet with a cliff and nothing added
contract BenchVestingWallet is VestingWalletCliff {
    constructor(
        address beneficiary,
        uint64 start,
        uint64 cliffSeconds,
        uint64 durationSeconds
    ) VestingWallet(beneficiary, start, durationSeconds) VestingWalletCliff(cliffSeconds) {}
}
