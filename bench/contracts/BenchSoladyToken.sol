// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "solady/src/tokens/ERC20.sol";

/// @title BenchSoladyToken, Solady's ERC-20, which has Permit built in
/// @dev Not among Hardhat's sources: the compiler warns about each block of assembly in Solady, and whoever builds this project has no use for that.
contract BenchSoladyToken is ERC20 {
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
