// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What the service market and a successor ask of the redistributor
interface IEpochRedistributor {
    /// @notice Credits a settled job to `agentId` in the running epoch.
    /// @dev `volume` and `fee` in units of the payment token; `fee` is zero exactly where the job failed; `trustWad` from 0 to 100e18.
    function record(uint256 agentId, address client, uint256 volume, uint256 fee, uint256 trustWad) external;

    /// @notice Mints what the last recorded epoch releases, once that epoch is over; does nothing before or a second time.
    function finalise() external;
}
