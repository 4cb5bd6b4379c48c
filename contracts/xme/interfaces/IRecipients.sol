// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IGenesis} from "./IGenesis.sol";

/// @notice A recipient of genesis says which token it is made for.
interface ITokenRecipient {
    /// @notice The token that it holds and hands out.
    function token() external view returns (IERC20);
}

/// @notice A recipient whose remainder goes to the treasury says where that is.
interface ITreasuryBacked {
    /// @notice The address that what is left goes to.
    function treasury() external view returns (address);
}

/// @notice What tells a public sale from any other recipient.
interface ISaleRecipient is ITokenRecipient, ITreasuryBacked {
    /// @notice The time, in seconds, from which nothing is sold any more.
    function end() external view returns (uint256);
}

/// @notice What tells an airdrop from any other recipient.
interface IAirdropRecipient is ITokenRecipient, ITreasuryBacked {
    /// @notice The time, in seconds, from which nothing can be claimed any more.
    function deadline() external view returns (uint256);
}

/// @notice What tells an emission vault from any other recipient.
interface IEmissionRecipient is ITokenRecipient {
    /// @notice All that it will ever release, with 18 decimals.
    // solhint-disable-next-line func-name-mixedcase
    function ALLOCATION() external view returns (uint256);
}

/// @notice What tells a vesting wallet from any other recipient; OpenZeppelin's names.
interface IVestingRecipient is ITokenRecipient {
    /// @notice The account that released tokens go to.
    function owner() external view returns (address);

    /// @notice The time, in seconds, from which tokens vest.
    function start() external view returns (uint256);

    /// @notice The time, in seconds, before which nothing is released.
    function cliff() external view returns (uint256);

    /// @notice The length, in seconds, of the whole schedule.
    function duration() external view returns (uint256);
}

/// @notice The recipient that opens the pool.
interface ISeederRecipient {
    /// @notice The contract that may start it.
    function genesis() external view returns (IGenesis);

    /// @notice Turns all that it holds into the pool's first liquidity.
    function seed() external;
}

/// @notice The one function of a timelock that tells it from any other contract with roles.
interface ITimelock {
    /// @notice The shortest time, in seconds, between scheduling and executing.
    function getMinDelay() external view returns (uint256);
}
