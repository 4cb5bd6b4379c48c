// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AssetId} from "./AssetId.sol";
import {BlockType} from "./types/BlockType.sol";
import {LedgerBlock} from "./types/LedgerBlock.sol";

/// @title Canonical encoding of the ledger's blocks
/// @notice How a block becomes the 125 bytes that its hash is of.
/// @dev Source, "Asset encoding": "an 8-byte field in the block's canonical binary encoding"; the rest of the encoding is a choice. Big-endian,
///      without gaps: type (1) ‖ account (20) ‖ asset (8) ‖ previous (32) ‖ link (32) ‖ balance (32). The same bytes come from `src/xe/block.ts`;
///      `test/vectors/xe-blocks.json` holds examples for other languages.
library Blocks {
    /// @dev The 125 bytes of `block_`, valid or not.
    function encode(LedgerBlock memory block_) internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                block_.blockType,
                block_.account,
                block_.asset,
                block_.previous,
                block_.link,
                block_.balance
            );
    }

    /// @dev Whether blocks of this type are ever in this asset. Source, "Asset rules by block type", and `BlockType` for the choices.
    function isInItsAsset(LedgerBlock memory block_) internal pure returns (bool) {
        BlockType blockType = block_.blockType;
        if (blockType == BlockType.Send || blockType == BlockType.Receive) return AssetId.isValid(block_.asset);
        return block_.asset == (blockType == BlockType.LeaseSettle ? AssetId.XE : AssetId.XUSD);
    }

    /// @dev keccak256 of the 125 bytes.
    function hash(LedgerBlock memory block_) internal pure returns (bytes32) {
        return keccak256(encode(block_));
    }
}
