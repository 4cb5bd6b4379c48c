// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {XRank} from "../../../contracts/rank/XRank.sol";
import {IBurnableToken} from "../../../contracts/rank/interfaces/IBurnableToken.sol";
import {IBurnRedeemable} from "../../../contracts/rank/interfaces/IBurnRedeemable.sol";
import {packCounters} from "../../../contracts/rank/types/Counters.sol";

/// @title BenchRank5001, XRANK that gives 5,001 as its first rank
/// @notice The counterpart of XEN's own XENCrypto5001. Beyond the first rank it is XRANK.
contract BenchRank5001 is XRank {
    constructor() {
        _counters = packCounters(5_001, 0, 0, 0);
    }
}

/// @title BenchBurner, the least that a proof-of-burn contract can be
contract BenchBurner is IERC165, IBurnRedeemable {
    IBurnableToken private immutable _TOKEN;

    constructor(IBurnableToken token) {
        _TOKEN = token;
    }

    function redeem(uint256 amount) external {
        _TOKEN.burn(msg.sender, amount);
    }

    function onTokenBurned(address, uint256) external {}

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IBurnRedeemable).interfaceId || id == type(IERC165).interfaceId;
    }
}
