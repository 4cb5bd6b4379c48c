// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {AdSettlement} from "../../../contracts/xme/AdSettlement.sol";
import {IXmeIncome} from "../../../contracts/xme/interfaces/IIncome.sol";

/// @notice A module that treats income as it is told to.
contract AdStubbornIncome is IXmeIncome {
    enum OnIncome {
        Refuse,
        LeaveOneWei,
        WithdrawCreditInstead,
        TakeAndReenter
    }

    IERC20 public immutable xme;
    OnIncome public onIncome;
    bytes4 public answerToReentry;

    error AdStubbornIncome_NotNow(uint256 amount);

    constructor(IERC20 xme_, OnIncome onIncome_) {
        xme = xme_;
        onIncome = onIncome_;
    }

    /// @dev What the settlement answers to a call from within its own payment is kept in `answerToReentry`.
    function addXmeIncome(uint256 amount) external {
        AdSettlement settlement = AdSettlement(msg.sender);
        if (onIncome == OnIncome.Refuse) revert AdStubbornIncome_NotNow(amount);
        if (onIncome == OnIncome.LeaveOneWei) xme.transferFrom(msg.sender, address(this), amount - 1);
        if (onIncome == OnIncome.WithdrawCreditInstead) settlement.withdraw(address(this));
        if (onIncome == OnIncome.TakeAndReenter) {
            xme.transferFrom(msg.sender, address(this), amount);
            try settlement.payDelegators() {} catch (bytes memory answer) {
                answerToReentry = bytes4(answer);
            }
        }
    }
}
