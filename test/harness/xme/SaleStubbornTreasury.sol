// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice A treasury that takes no currency until it is told to.
contract SaleStubbornTreasury {
    bool public takes;

    error SaleStubbornTreasury_NotNow();

    receive() external payable {
        if (!takes) revert SaleStubbornTreasury_NotNow();
    }

    function relent() external {
        takes = true;
    }
}
