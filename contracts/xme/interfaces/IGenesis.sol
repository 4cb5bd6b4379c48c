// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice What a recipient may ask the contract that made the tokens.
interface IGenesis {
    /// @notice The governance token that this genesis deployed.
    function xme() external view returns (IERC20);

    /// @notice The utility token that this genesis deployed.
    function xmex() external view returns (IERC20);

    /// @notice The timelock that is the treasury.
    function timelock() external view returns (address);
}
