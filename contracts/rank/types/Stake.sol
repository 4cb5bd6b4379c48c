// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice An open stake in one slot; zero where there is none.
/// @dev From the lowest bit: 136 bits amount in base units, 40 maturity in Unix seconds, 16 term in days, 8 yearly yield in percent.
/// Amounts are above zero, so a stake is never zero.
type Stake is uint256;

using {exists, amount, maturityTs, term, apy} for Stake global;

Stake constant NO_STAKE = Stake.wrap(0);

/// @dev Takes values within their widths: an amount that `Counters` accepted, a term of at most 1,000, a yield of at most 20.
function packStake(uint256 amount_, uint256 maturityTs_, uint256 term_, uint256 apy_) pure returns (Stake) {
    return Stake.wrap(amount_ | (maturityTs_ << 136) | (term_ << 176) | (apy_ << 192));
}

function exists(Stake self) pure returns (bool) {
    return Stake.unwrap(self) != 0;
}

function amount(Stake self) pure returns (uint256) {
    return uint136(Stake.unwrap(self));
}

function maturityTs(Stake self) pure returns (uint256) {
    return uint40(Stake.unwrap(self) >> 136);
}

function term(Stake self) pure returns (uint256) {
    return uint16(Stake.unwrap(self) >> 176);
}

function apy(Stake self) pure returns (uint256) {
    return uint8(Stake.unwrap(self) >> 192);
}
