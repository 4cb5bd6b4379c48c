// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {XRank} from "../../../contracts/rank/XRank.sol";
import {packCounters} from "../../../contracts/rank/types/Counters.sol";

/// @notice XRANK whose counters and balances a test may set, to reach states that take years or billions of users.
contract XRankState is XRank {
    /// @notice Sets all four counters.
    function setCounters(uint40 rank, uint40 minters, uint40 stakes, uint136 staked) external {
        _counters = packCounters(rank, minters, stakes, staked);
    }

    /// @notice Gives `account` `amount` out of nothing.
    function endow(address account, uint256 amount) external {
        _mint(account, amount);
    }
}
