// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title XMEX, the utility token of X.me
/// @notice A hundred billion XMEX exist from the first day; holders may burn theirs, and nobody can ever create more.
/// @dev X.me Dual-Token Economic Model Whitepaper, sections 3 and 5. There is no owner, no role, no pause and no mint function: what the
///      platform pays out over eight years is released by the emission vault, which holds nine tenths of the supply, and is not minted.
contract XMEX is ERC20, ERC20Permit, ERC20Burnable {
    /// @notice All the XMEX that will ever exist, with 18 decimals.
    /// @dev Source section 8: "XMEX Total Supply: 100 Billion (Initial Total)". Choice: "initial total" is read as the total, because the
    ///      source names no later issue, and a supply that nobody can raise needs no trust.
    uint256 public constant INITIAL_SUPPLY = 100_000_000_000e18;

    /// @dev Everything belongs to whoever deploys the token: `Genesis`, which shares it out by its constant table.
    constructor() ERC20("X.me Utility Token", "XMEX") ERC20Permit("X.me Utility Token") {
        _mint(msg.sender, INITIAL_SUPPLY);
    }
}
