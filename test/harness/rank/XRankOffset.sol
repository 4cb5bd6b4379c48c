// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {XRank} from "../../../contracts/rank/XRank.sol";
import {packCounters} from "../../../contracts/rank/types/Counters.sol";

/// @notice XRANK as it would be if the first rank it gives were another: the counterpart of XEN's rank-offset test contracts.
contract XRankOffset is XRank {
    constructor(uint256 firstRank) {
        _counters = packCounters(firstRank, 0, 0, 0);
    }
}
