// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IEpochRedistributor} from "../../../contracts/xp/interfaces/IEpochRedistributor.sol";

/// @notice Stands in the service market's place for a moment and records a job of each of many agents, so that a crowd exists.
contract BenchCrowd {
    function record(
        IEpochRedistributor redistributor,
        uint256 firstAgent,
        uint256 count,
        address client,
        uint256 volume,
        uint256 fee,
        uint256 trustWad
    ) external {
        for (uint256 i = 0; i < count; i++) redistributor.record(firstAgent + i, client, volume, fee, trustWad);
    }
}
