// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {XRank} from "../../../contracts/rank/XRank.sol";

/// @notice A contract that burns through XRANK and answers every question asked of it with the same bytes; with none, it reverts.
contract RankCaller {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    /// @notice Burns `amount` of `user`'s tokens.
    function burn(XRank token, address user, uint256 amount) external {
        token.burn(user, amount);
    }

    // solhint-disable-next-line no-complex-fallback
    fallback(bytes calldata) external returns (bytes memory) {
        // solhint-disable-next-line reason-string
        if (_answer.length == 0) revert();
        return _answer;
    }
}
