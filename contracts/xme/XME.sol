// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title XME, the governance token of X.me
/// @notice A fixed billion XME exists from the first day; holders may burn theirs, and nobody can ever create more.
/// @dev X.me Dual-Token Economic Model Whitepaper, sections 3 and 4. It carries no votes itself: staking it one to one for vXME does.
///      There is no owner, no role, no pause and no mint function; the supply is `INITIAL_SUPPLY` less all that was burned.
contract XME is ERC20, ERC20Permit, ERC20Burnable {
    /// @notice All the XME that will ever exist, with 18 decimals.
    /// @dev Source section 8: "XME Total Supply: 1 Billion (Fixed)".
    uint256 public constant INITIAL_SUPPLY = 1_000_000_000e18;

    /// @dev Everything belongs to whoever deploys the token: `Genesis`, which shares it out by its constant table.
    constructor() ERC20("X.me Governance Token", "XME") ERC20Permit("X.me Governance Token") {
        _mint(msg.sender, INITIAL_SUPPLY);
    }
}
