// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title GovernmentLender, flash loans for nothing
/// @notice Lends all that it has for the length of one call (ERC-3156), without a fee, and takes it back or reverts.
contract GovernmentLender is IERC3156FlashLender {
    error GovernmentLender_NotAccepted(IERC3156FlashBorrower borrower);

    function flashLoan(
        IERC3156FlashBorrower borrower,
        address token,
        uint256 amount,
        bytes calldata data
    ) external returns (bool) {
        IERC20(token).transfer(address(borrower), amount);
        bytes32 accepted = borrower.onFlashLoan(msg.sender, token, amount, 0, data);
        if (accepted != keccak256("ERC3156FlashBorrower.onFlashLoan")) revert GovernmentLender_NotAccepted(borrower);
        IERC20(token).transferFrom(address(borrower), address(this), amount);
        return true;
    }

    function maxFlashLoan(address token) external view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function flashFee(address, uint256) external pure returns (uint256) {
        return 0;
    }
}
