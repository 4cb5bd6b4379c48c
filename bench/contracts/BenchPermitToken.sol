// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title BenchPermitToken, OpenZeppelin's ERC-20 with its Permit
contract BenchPermitToken is ERC20Permit {
    constructor(uint256 supply) ERC20("Permit Token", "PERMIT") ERC20Permit("Permit Token") {
        _mint(msg.sender, supply);
    }
}
