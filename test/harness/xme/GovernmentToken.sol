// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title GovernmentToken, a token that calls itself whatever it likes
/// @notice Has the symbol that it is made with, and gives all of itself to its maker.
contract GovernmentToken is ERC20 {
    constructor(string memory symbol_) ERC20("Government Token", symbol_) {
        _mint(msg.sender, 1e27);
    }
}
