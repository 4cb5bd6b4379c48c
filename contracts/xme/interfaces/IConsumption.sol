// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What social mining asks of spending
interface IConsumption {
    /// @notice XMEX, in wei, that the spends of the week `week` took out of circulation.
    /// @dev Only what was burned, for buyback, or to the treasury. Weeks of seven days are counted from the Unix epoch; final once the week is over.
    function consumedIn(uint256 week) external view returns (uint256 xmex);
}
