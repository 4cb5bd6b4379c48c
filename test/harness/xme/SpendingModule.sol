// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IXmexIncome} from "../../../contracts/xme/interfaces/IIncome.sol";

/// @notice A module for income, or a vault, that takes its part, or behaves as badly as it is told, for tests of spending.
contract SpendingModule is IXmexIncome {
    enum Mood {
        Takes,
        Refuses,
        BurnsGas,
        TakesHalf,
        TakesNothing,
        AnswersTooMuch,
        TakesAndRefuses,
        CallsBack
    }

    IERC20 private immutable _XMEX;

    Mood public mood;
    uint256 public received;
    uint256 public lastStream;
    uint256 public gasGiven;

    /// @notice Whether a call back was refused, and with what.
    bytes public refusal;
    address private _callback;
    bytes private _data;

    /// @notice Thrown when it was told to refuse.
    error Refused();

    constructor(IERC20 xmex) {
        _XMEX = xmex;
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function callBack(address target, bytes calldata data) external {
        (mood, _callback, _data) = (Mood.CallsBack, target, data);
    }

    function addXmexIncome(uint256 amount) external {
        gasGiven = gasleft();
        _take(amount);
    }

    function returnTo(uint256 stream, uint256 amount) external {
        gasGiven = gasleft();
        lastStream = stream;
        _take(amount);
    }

    function _take(uint256 amount) private {
        if (mood == Mood.Refuses) revert Refused();
        if (mood == Mood.TakesNothing) return;
        if (mood == Mood.BurnsGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (mood == Mood.AnswersTooMuch) {
            assembly ("memory-safe") {
                revert(0, 200000)
            }
        }
        if (mood == Mood.CallsBack) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool done, bytes memory answer) = _callback.call(_data);
            refusal = done ? bytes("done") : answer;
        }
        if (mood == Mood.TakesHalf) amount /= 2;
        received += amount;
        _XMEX.transferFrom(msg.sender, address(this), amount);
        if (mood == Mood.TakesAndRefuses) revert Refused();
    }
}
