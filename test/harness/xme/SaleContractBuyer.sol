// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {PublicSale} from "../../../contracts/xme/PublicSale.sol";

/// @notice A wallet that is a contract: it buys, and treats its change as it is told to.
contract SaleContractBuyer {
    enum OnChange {
        Take,
        Refuse,
        BuyAgain,
        WithdrawProceeds,
        SweepUnsold
    }

    OnChange public onChange;
    bytes4 public answerToReentry;

    error SaleContractBuyer_NoChange();

    receive() external payable {
        _treatChange();
    }

    function buy(PublicSale sale, uint256 xmeWanted, OnChange onChange_) external payable {
        onChange = onChange_;
        sale.buy{value: msg.value}(address(this), xmeWanted, xmeWanted);
    }

    /// @dev What the sale answers to a call from within its own payment of change is kept in `answerToReentry`.
    function _treatChange() private {
        PublicSale sale = PublicSale(payable(msg.sender));
        if (onChange == OnChange.Refuse) revert SaleContractBuyer_NoChange();
        if (onChange == OnChange.BuyAgain) {
            _reenter(sale, abi.encodeCall(PublicSale.buy, (address(this), 1, 0)), msg.value);
        } else if (onChange == OnChange.WithdrawProceeds) {
            _reenter(sale, abi.encodeCall(PublicSale.withdrawProceeds, ()), 0);
        } else if (onChange == OnChange.SweepUnsold) {
            _reenter(sale, abi.encodeCall(PublicSale.sweepUnsold, ()), 0);
        }
    }

    function _reenter(PublicSale sale, bytes memory data, uint256 value) private {
        (bool success, bytes memory answer) = address(sale).call{value: value}(data);
        answerToReentry = success ? bytes4(0) : bytes4(answer);
    }
}
