// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IEmissionRecipient} from "../../../contracts/xme/interfaces/IRecipients.sol";

/// @title GenesisLesserVault, an emission vault of another economy
/// @notice Serves the right token but releases less than genesis gives. The real vault's amount is a constant, so it cannot play this part.
contract GenesisLesserVault is IEmissionRecipient {
    uint256 public constant ALLOCATION = 80_000_000_000e18;

    IERC20 public immutable token;

    constructor(IERC20 token_) {
        token = token_;
    }
}
