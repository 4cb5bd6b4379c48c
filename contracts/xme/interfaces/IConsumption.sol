// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What social mining asks of spending
interface IConsumption {
    /// @notice XMEX consumed in the week `week`: what was burned, set aside for buyback or sent to the treasury.
    /// @dev In wei; weeks of seven days are counted from the Unix epoch. Final once the week is over.
    function consumedIn(uint256 week) external view returns (uint256 xmex);
}
