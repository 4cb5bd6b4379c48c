// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IEpochRedistributor} from "../../../contracts/xp/interfaces/IEpochRedistributor.sol";

/// @notice A market that settles whatever it is told to, and goes on where the redistributor refuses.
contract EpochMarket {
    struct Job {
        uint256 agentId;
        address client;
        uint256 volume;
        uint256 fee;
        uint256 trustWad;
    }

    /// @notice Records one job and passes on why it was refused.
    function record(IEpochRedistributor redistributor, Job calldata job) external {
        redistributor.record(job.agentId, job.client, job.volume, job.fee, job.trustWad);
    }

    /// @notice Records many, each of which must be taken.
    function recordMany(IEpochRedistributor redistributor, Job[] calldata jobs) external {
        for (uint256 i = 0; i < jobs.length; i++) {
            redistributor.record(jobs[i].agentId, jobs[i].client, jobs[i].volume, jobs[i].fee, jobs[i].trustWad);
        }
    }

    /// @notice Records one as a settlement does, with `gas_` and no more, and says whether it was taken and at what cost.
    function settle(
        IEpochRedistributor redistributor,
        Job calldata job,
        uint256 gas_
    ) external returns (bool taken, uint256 gasUsed) {
        gasUsed = gasleft();
        try redistributor.record{gas: gas_}(job.agentId, job.client, job.volume, job.fee, job.trustWad) {
            taken = true;
        } catch {
            taken = false;
        }
        gasUsed -= gasleft();
    }
}
