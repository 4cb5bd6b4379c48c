// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {EpochWork} from "./EpochWork.sol";

using {add, remove, shareOf} for EpochSums global;

/// @dev The sums over all agents of one epoch that their shares are measured by, in two slots; units as in `EpochWork`. Where all fees of
///      an epoch fit 96 bits, so do the others theirs: a rate is at most 1e12 and ten clients count at most.
struct EpochSums {
    uint96 fees;
    uint136 feesByTrust;
    uint136 feesBySuccess;
    uint104 feesByClients;
}

/// @dev The part of what is released, in percent, that is shared by fees paid.
///      Source, "XP Distribution Formula": transaction_volume 0.40. Choice: a fee stands for its volume, so that volume cannot be pretended.
uint256 constant FEES_PERCENT = 40;

/// @dev The part, in percent, that is shared by fees × success. Source, "XP Distribution Formula": success_rate 0.30.
uint256 constant SUCCESS_PERCENT = 30;

/// @dev The part, in percent, that is shared by fees × clients. Source, "XP Distribution Formula": unique_interactions 0.20.
uint256 constant CLIENTS_PERCENT = 20;

/// @dev The part, in percent, that is shared by fees × trust. Source, "XP Distribution Formula": reputation_score 0.10.
uint256 constant TRUST_PERCENT = 10;

/// @dev Counts what an agent did.
function add(EpochSums memory self, EpochWork memory work, uint256 priorVolume) pure {
    self.fees += work.fees;
    self.feesByTrust += work.feesByTrust;
    self.feesBySuccess += uint136(work.feesBySuccess(priorVolume));
    self.feesByClients += uint104(work.feesByClients());
}

/// @dev Takes out again what an agent did so far, before more of it is counted.
function remove(EpochSums memory self, EpochWork memory work, uint256 priorVolume) pure {
    self.fees -= work.fees;
    self.feesByTrust -= work.feesByTrust;
    self.feesBySuccess -= uint136(work.feesBySuccess(priorVolume));
    self.feesByClients -= uint104(work.feesByClients());
}

/// @dev The agent's share, in wei, of `released`: four parts, each shared out by its own weight and each rounded down, so that the shares of
///      all agents never exceed it. A part that nobody has a weight in pays nothing. No product exceeds 2^230.
function shareOf(
    EpochSums memory self,
    EpochWork memory work,
    uint256 released,
    uint256 priorVolume
) pure returns (uint256) {
    return
        part(released * FEES_PERCENT, work.fees, self.fees) +
        part(released * SUCCESS_PERCENT, work.feesBySuccess(priorVolume), self.feesBySuccess) +
        part(released * CLIENTS_PERCENT, work.feesByClients(), self.feesByClients) +
        part(released * TRUST_PERCENT, work.feesByTrust, self.feesByTrust);
}

/// @dev ⌊`hundredfold` × `weight` / (100 × `sum`)⌋; zero where the sum is.
function part(uint256 hundredfold, uint256 weight, uint256 sum) pure returns (uint256) {
    return sum == 0 ? 0 : (hundredfold * weight) / (100 * sum);
}
