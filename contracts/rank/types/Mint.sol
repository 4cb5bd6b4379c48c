// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice An open mint in one slot; zero where there is none.
/// @dev From the lowest bit: 40 bits rank, 40 maturity in Unix seconds, 16 term in days, 16 AMP, 8 EAA in tenths of a percent.
/// Ranks start at 1, so a mint is never zero.
type Mint is uint256;

using {exists, rank, maturityTs, term, amplifier, eaaRate} for Mint global;

Mint constant NO_MINT = Mint.wrap(0);

/// @dev Takes values within their widths: a rank that `Counters` gave, a term of at most 1,000, AMP of at most 3,000, EAA of at most 100.
function packMint(
    uint256 rank_,
    uint256 maturityTs_,
    uint256 term_,
    uint256 amplifier_,
    uint256 eaaRate_
) pure returns (Mint) {
    return Mint.wrap(rank_ | (maturityTs_ << 40) | (term_ << 80) | (amplifier_ << 96) | (eaaRate_ << 112));
}

function exists(Mint self) pure returns (bool) {
    return Mint.unwrap(self) != 0;
}

function rank(Mint self) pure returns (uint256) {
    return uint40(Mint.unwrap(self));
}

function maturityTs(Mint self) pure returns (uint256) {
    return uint40(Mint.unwrap(self) >> 40);
}

function term(Mint self) pure returns (uint256) {
    return uint16(Mint.unwrap(self) >> 80);
}

function amplifier(Mint self) pure returns (uint256) {
    return uint16(Mint.unwrap(self) >> 96);
}

function eaaRate(Mint self) pure returns (uint256) {
    return uint8(Mint.unwrap(self) >> 112);
}
