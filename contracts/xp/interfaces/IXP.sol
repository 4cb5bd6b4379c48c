// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title What the other contracts of the flywheel ask of XP
interface IXP is IERC20 {
    /// @notice Creates `amount` of XP for `to`.
    function mint(address to, uint256 amount) external;

    /// @notice Destroys `amount` of your XP.
    function burn(uint256 amount) external;

    /// @notice Destroys `amount` of the XP of `account`, which must have allowed you to.
    function burnFrom(address account, uint256 amount) external;

    /// @notice The time, in seconds, at which epoch 1 began.
    function start() external view returns (uint256);

    /// @notice The epoch of this moment, counted from 1.
    function currentEpoch() external view returns (uint256);

    /// @notice XP, in wei, that will ever exist at one time.
    function MAX_SUPPLY() external view returns (uint256);

    /// @notice XP, in wei, created so far.
    function totalMinted() external view returns (uint256);

    /// @notice XP, in wei, destroyed so far.
    function totalBurned() external view returns (uint256);

    /// @notice XP, in wei, destroyed in `epoch`.
    function burnedIn(uint256 epoch) external view returns (uint256);
}
