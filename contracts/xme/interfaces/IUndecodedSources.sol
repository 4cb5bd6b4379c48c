// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title The sources of social mining, asked without believing in the shape of their answers
/// @dev The compiler decodes an answer it knows of and reverts in the caller where it is malformed, outside of any `try`. Called through this
///      interface a source may answer anything: the caller looks at the size first and decodes what can be decoded.
interface IUndecodedSources {
    /// @notice The percent of the daily limit of `account`, see `IUserGrowth`.
    function dailyLimitPercentOf(address account) external view;

    /// @notice The XMEX consumed in `week`, see `IConsumption`.
    function consumedIn(uint256 week) external view;
}
