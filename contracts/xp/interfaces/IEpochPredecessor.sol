// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IEpochRedistributor} from "./IEpochRedistributor.sol";

/// @title What a successor asks of the redistributor that it replaces
interface IEpochPredecessor is IEpochRedistributor {
    /// @notice The epoch that is recorded and not finalised, over or not; zero where there is none.
    function openEpoch() external view returns (uint256);

    /// @notice XP, in wei, that finalising would mint now.
    function pendingRelease() external view returns (uint256);
}
