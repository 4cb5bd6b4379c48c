// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @dev Where a lease stands. `Open` waits for a provider, `Running` was accepted, `Objected` waits for the arbiter; the last three are final.
enum LeaseState {
    None,
    Open,
    Running,
    Objected,
    Settled,
    Cancelled,
    Upheld
}
