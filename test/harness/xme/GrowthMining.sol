// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ISocialMining} from "../../../contracts/xme/interfaces/ISocialMining.sol";

/// @notice Social mining that has credited what it is told to.
contract GrowthMining is ISocialMining {
    mapping(address account => uint256 xmexInWhole) public creditedOf;
    mapping(address account => bool) public hasClaimed;

    function credit(address account, uint256 xmexInWhole) external {
        creditedOf[account] = xmexInWhole;
        hasClaimed[account] = true;
    }

    function forget(address account) external {
        hasClaimed[account] = false;
    }
}
