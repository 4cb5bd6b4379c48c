// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IBurnableToken} from "../../../contracts/rank/interfaces/IBurnableToken.sol";
import {IBurnRedeemable} from "../../../contracts/rank/interfaces/IBurnRedeemable.sol";

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
