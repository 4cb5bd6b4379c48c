// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title The views of the market's hooks, declared without their answers
/// @dev The compiler decodes an answer it knows of and reverts in the caller where it is malformed, outside of any `try`. Called through this
///      interface a hook may answer anything: the caller looks at the size first and decodes what can be decoded.
interface IUndecodedHooks {
    /// @notice The fee of `account`, see `IFeeTiers`.
    function feeBpsOf(address account) external view;

    /// @notice The trust score of `agentId`, see `IReputation`.
    function trustOf(uint256 agentId) external view;
}
