// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {XME} from "../../../contracts/xme/XME.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {IGenesis} from "../../../contracts/xme/interfaces/IGenesis.sol";
import {ISeederRecipient} from "../../../contracts/xme/interfaces/IRecipients.sol";

/// @title GenesisStepByStep, a genesis that a test takes apart
/// @notice Makes the real tokens but sends them, and starts a seeder, when the test says so. It reaches the states that `Genesis` rules out:
///         somebody holds tokens before the pool opens.
contract GenesisStepByStep is IGenesis {
    using SafeERC20 for IERC20;

    IERC20 public immutable xme;
    IERC20 public immutable xmex;
    address public immutable timelock;

    constructor(address timelock_) {
        xme = new XME();
        xmex = new XMEX();
        timelock = timelock_;
    }

    /// @notice Sends `xmeAmount` and `xmexAmount` to `to`.
    function fund(address to, uint256 xmeAmount, uint256 xmexAmount) external {
        xme.safeTransfer(to, xmeAmount);
        xmex.safeTransfer(to, xmexAmount);
    }

    /// @notice Starts `seeder`.
    function seed(ISeederRecipient seeder) external {
        seeder.seed();
    }
}
