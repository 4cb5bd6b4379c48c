// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20 as OpenZeppelinERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20 as SoladyERC20} from "solady/src/tokens/ERC20.sol";

/// @title BenchPlainToken, OpenZeppelin's ERC-20 with nothing added
contract BenchPlainToken is OpenZeppelinERC20 {
    constructor(uint256 supply) OpenZeppelinERC20("Plain Token", "PLAIN") {
        _mint(msg.sender, supply);
    }
}

/// @title BenchPermitToken, OpenZeppelin's ERC-20 with its Permit
contract BenchPermitToken is ERC20Permit {
    constructor(uint256 supply) OpenZeppelinERC20("Permit Token", "PERMIT") ERC20Permit("Permit Token") {
        _mint(msg.sender, supply);
    }
}

/// @title BenchSoladyToken, Solady's ERC-20, which has Permit built in
contract BenchSoladyToken is SoladyERC20 {
    constructor(uint256 supply) {
        _mint(msg.sender, supply);
    }

    function name() public pure override returns (string memory) {
        return "Solady Token";
    }

    function symbol() public pure override returns (string memory) {
        return "SOLADY";
    }
}
