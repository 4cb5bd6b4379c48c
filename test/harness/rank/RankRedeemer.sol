// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IBurnRedeemable} from "../../../contracts/rank/interfaces/IBurnRedeemable.sol";
import {XRank} from "../../../contracts/rank/XRank.sol";

/// @notice A proof-of-burn contract that notes what it saw in its callback and may call the token again from there.
contract RankRedeemer is IERC165, IBurnRedeemable {
    XRank public immutable TOKEN;
    bytes4 private immutable _SUPPORTED;

    /// @notice What the last callback was told and found in the token.
    address public lastUser;
    uint256 public lastAmount;
    uint256 public lastBalance;
    uint256 public lastBurns;
    uint256 public callbacks;

    uint256 private _burnsLeft;
    bool private _refusing;

    error RankRedeemer_Refused(address user, uint256 amount);

    /// @param supported the interface id that it claims to support
    constructor(XRank token, bytes4 supported) {
        TOKEN = token;
        _SUPPORTED = supported;
    }

    /// @notice Makes the next callbacks refuse.
    function refuse() external {
        _refusing = true;
    }

    /// @notice Burns `amount` of the caller's tokens, and as much again `again` times from inside the callbacks.
    function redeem(uint256 amount, uint256 again) external {
        _burnsLeft = again;
        TOKEN.burn(msg.sender, amount);
    }

    function onTokenBurned(address user, uint256 amount) external {
        if (_refusing) revert RankRedeemer_Refused(user, amount);
        (lastUser, lastAmount) = (user, amount);
        (lastBalance, lastBurns) = (TOKEN.balanceOf(user), TOKEN.userBurns(user));
        ++callbacks;
        if (_burnsLeft > 0) {
            --_burnsLeft;
            TOKEN.burn(user, amount);
        }
    }

    function supportsInterface(bytes4 interfaceId) external view returns (bool) {
        return interfaceId == _SUPPORTED;
    }
}
