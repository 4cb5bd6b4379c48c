// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";

/// @notice The part of a rank token that an actor looks at while its burn callback runs.
interface IBurnLedger is IERC20 {
    function userBurns(address user) external view returns (uint256);
}

/// @notice One user of two rank tokens: it repeats any call to either of them, and answers their burn callback in a way chosen once.
contract XRankActor is IERC165 {
    /// @dev What the actor is to `burn`: a contract that knows no ERC-165, one that answers no, one that answers something which
    ///      is no boolean, or a redeemer that takes the callback, refuses it, or calls the token again from inside it.
    enum Kind {
        Stranger,
        Unsupporting,
        Garbling,
        Redeemer,
        RefusingRedeemer,
        ReentrantRedeemer
    }

    /// @dev XEN's `IBurnRedeemable` has this one function, so its selector is the interface id.
    bytes4 private constant BURN_REDEEMABLE = this.onTokenBurned.selector;

    Kind private immutable _KIND;
    bytes private _reentry;

    /// @notice What the callback was told and what the ledger said at that moment.
    event Redeemed(
        address indexed token,
        address user,
        uint256 amount,
        uint256 balance,
        uint256 burned,
        uint256 supply,
        uint256 allowance
    );

    /// @notice How the call made from inside the callback ended.
    event Reentered(address indexed token, bool success);

    /// @notice The burn callback of a refusing redeemer.
    error XRankActor_Refused(address user, uint256 amount);

    constructor(Kind kind) {
        _KIND = kind;
    }

    /// @notice Calls `token` with `data` and hands back how it ended, also when it reverted.
    function act(address token, bytes calldata data) external returns (bool success, bytes memory result) {
        // solhint-disable-next-line avoid-low-level-calls
        return token.call(data);
    }

    /// @notice Sets the call that a reentrant redeemer makes from inside the next callbacks.
    function setReentry(bytes calldata data) external {
        _reentry = data;
    }

    /// @notice XEN's burn callback.
    function onTokenBurned(address user, uint256 amount) external {
        if (_KIND == Kind.RefusingRedeemer) revert XRankActor_Refused(user, amount);
        IBurnLedger token = IBurnLedger(msg.sender);
        emit Redeemed(
            msg.sender,
            user,
            amount,
            token.balanceOf(user),
            token.userBurns(user),
            token.totalSupply(),
            token.allowance(user, address(this))
        );
        bytes memory data = _reentry;
        if (_KIND != Kind.ReentrantRedeemer || data.length == 0) return;
        delete _reentry;
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = msg.sender.call(data);
        emit Reentered(msg.sender, success);
        _reentry = data;
    }

    /// @notice Reads `token` with the actor as the caller.
    function peek(address token, bytes calldata data) external view returns (bytes memory result) {
        (, result) = token.staticcall(data);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external view returns (bool) {
        if (_KIND == Kind.Stranger) {
            assembly ("memory-safe") {
                revert(0, 0)
            }
        }
        if (_KIND == Kind.Garbling) {
            assembly ("memory-safe") {
                mstore(0, 2)
                return(0, 32)
            }
        }
        return _KIND != Kind.Unsupporting && interfaceId == BURN_REDEEMABLE;
    }
}
