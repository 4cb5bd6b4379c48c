// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

using {feesBySuccess, feesByClients} for EpochWork global;

/// @dev What one agent did in one epoch, in two slots; fees and volumes in units of the payment token. `clients` is the number of distinct
///      clients whose fees reached the floor, counted no further than the target. `feesByTrust` is Σ fee × trust, trust as a part of 1e12.
///      An agent's fees are part of an epoch's, which 96 bits hold, so 136 hold them times 1e12.
struct EpochWork {
    uint96 fees;
    uint96 acceptedVolume;
    uint32 clients;
    uint96 settledVolume;
    uint136 feesByTrust;
}

/// @dev What one is as a rate: success and trust have twelve decimals.
uint256 constant RATE_ONE = 1e12;

/// @dev Fees × ⌊accepted volume × 1e12 / (settled volume + `priorVolume`)⌋: the rate rounds down, the product is exact.
function feesBySuccess(EpochWork memory self, uint256 priorVolume) pure returns (uint256) {
    return self.fees * ((self.acceptedVolume * RATE_ONE) / (self.settledVolume + priorVolume));
}

/// @dev Fees × clients that count; exact.
function feesByClients(EpochWork memory self) pure returns (uint256) {
    return uint256(self.fees) * self.clients;
}
