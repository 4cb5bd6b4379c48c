// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IXmeIncome} from "../../../contracts/xme/interfaces/IIncome.sol";

/// @notice A module that takes all XME that it is given.
contract AdIncome is IXmeIncome {
    IERC20 public immutable xme;
    uint256 public received;

    constructor(IERC20 xme_) {
        xme = xme_;
    }

    function addXmeIncome(uint256 amount) external {
        received += amount;
        xme.transferFrom(msg.sender, address(this), amount);
    }
}
