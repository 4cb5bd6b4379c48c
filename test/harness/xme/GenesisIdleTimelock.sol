// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title GenesisIdleTimelock, a timelock that gave up its administration
/// @notice Without itself among its administrators no proposal can change its roles. The real one gets there by a proposal after its delay.
contract GenesisIdleTimelock is TimelockController {
    constructor(uint256 minDelay) TimelockController(minDelay, new address[](0), new address[](0), address(0)) {
        _revokeRole(DEFAULT_ADMIN_ROLE, address(this));
    }
}
