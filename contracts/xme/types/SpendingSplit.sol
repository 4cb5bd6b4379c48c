// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice Where the part of a spend goes that no creator gets.
enum SpendingPart {
    Burn,
    Buyback,
    Delegators,
    Voters,
    Emission,
    Treasury
}

/// @notice How the spends of a category are shared, in basis points that sum to 10,000.
struct SpendingSplit {
    /// Whose content, membership or item it is; the treasury's where it is nobody's.
    uint16 creatorBps;
    /// Burned.
    uint16 burnBps;
    /// Set aside to buy XME back.
    uint16 buybackBps;
    /// Income of those who delegate XMEX to nodes.
    uint16 delegatorsBps;
    /// Income of those who hold vXME.
    uint16 votersBps;
    /// Back to a stream of the emission vault.
    uint16 emissionBps;
    /// The treasury's.
    uint16 treasuryBps;
}

/// @notice The parts that an amount is shared in, in wei of XMEX; they sum to it exactly.
struct SpendingParts {
    uint256 creator;
    uint256 burned;
    uint256 buyback;
    uint256 delegators;
    uint256 voters;
    uint256 emission;
    uint256 treasury;
}

/// @title How a split is packed, and how it shares an amount
/// @notice Seven parts of sixteen bits each fit the value of a checkpoint, so that looking a split up reads one slot.
/// @dev From the lowest bit, in the order of `SpendingSplit`.
library SpendingSplits {
    /// @dev What the parts of a split sum to: one hundred percent in basis points.
    uint256 internal constant TOTAL_BPS = 10_000;

    uint256 private constant _MASK = type(uint16).max;

    function sumBps(SpendingSplit memory split) internal pure returns (uint256) {
        return
            uint256(split.creatorBps) +
            split.burnBps +
            split.buybackBps +
            split.delegatorsBps +
            split.votersBps +
            split.emissionBps +
            split.treasuryBps;
    }

    function pack(SpendingSplit memory split) internal pure returns (uint208) {
        return
            split.creatorBps |
            (uint208(split.burnBps) << 16) |
            (uint208(split.buybackBps) << 32) |
            (uint208(split.delegatorsBps) << 48) |
            (uint208(split.votersBps) << 64) |
            (uint208(split.emissionBps) << 80) |
            (uint208(split.treasuryBps) << 96);
    }

    function unpack(uint208 packed) internal pure returns (SpendingSplit memory split) {
        split.creatorBps = uint16(packed);
        split.burnBps = uint16(packed >> 16);
        split.buybackBps = uint16(packed >> 32);
        split.delegatorsBps = uint16(packed >> 48);
        split.votersBps = uint16(packed >> 64);
        split.emissionBps = uint16(packed >> 80);
        split.treasuryBps = uint16(packed >> 96);
    }

    /// @dev The creator's part of `amount`, in wei; exact where the amount is a multiple of 10,000 wei.
    function creatorPart(uint208 packed, uint256 amount) internal pure returns (uint256) {
        return (amount / TOTAL_BPS) * (packed & _MASK);
    }

    /// @dev The parts of `platforms`, spent without a creator, whose part is the treasury's, and of `creators`, spent with one, both in wei. Exact where
    ///      both are multiples of 10,000 wei.
    function share(
        uint208 packed,
        uint256 platforms,
        uint256 creators
    ) internal pure returns (SpendingParts memory parts) {
        uint256 unit = (platforms + creators) / TOTAL_BPS;
        parts.creator = creatorPart(packed, creators);
        parts.burned = unit * ((packed >> 16) & _MASK);
        parts.buyback = unit * ((packed >> 32) & _MASK);
        parts.delegators = unit * ((packed >> 48) & _MASK);
        parts.voters = unit * ((packed >> 64) & _MASK);
        parts.emission = unit * ((packed >> 80) & _MASK);
        parts.treasury = unit * ((packed >> 96) & _MASK) + creatorPart(packed, platforms);
    }
}
