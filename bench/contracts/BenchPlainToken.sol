// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title BenchPlainToken, OpenZeppelin's ERC-20 with nothing added
contract BenchPlainToken is ERC20 {
    constructor(uint256 supply) ERC20("Plain Token", "PLAIN") {
        _mint(msg.sender, supply);
    }
}
