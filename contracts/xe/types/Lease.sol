// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {LeaseState} from "./LeaseState.sol";

/// @dev Two slots. `cost` in whole XUSD, `duration` in seconds. `provider` is who may accept, zero for anybody, and from the acceptance on who
///      did. `endsAt` is when the term ends, zero before the acceptance, and `since` when the lease got into its state, both in seconds.
struct Lease {
    address consumer;
    uint56 cost;
    uint32 duration;
    LeaseState state;
    address provider;
    uint48 endsAt;
    uint48 since;
}

/// @dev What a consumer asks for: whole virtual CPUs, memory in MB, disk in GB, and the term in seconds.
struct LeaseTerms {
    uint256 vCpus;
    uint256 memoryMB;
    uint256 diskGB;
    uint256 duration;
}

/// @dev Prices in thousandths of one XUSD per hour: of one vCPU, of one GB of memory, of one GB of disk. One slot.
struct LeaseRates {
    uint32 perVCpu;
    uint32 perMemoryGB;
    uint32 perDiskGB;
}
