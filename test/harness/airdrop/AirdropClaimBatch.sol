// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {MerkleAirdrop} from "../../../contracts/xme/MerkleAirdrop.sol";

/// @notice Claims many rows of an airdrop in one transaction, so that a test of a thousand proofs takes seconds.
contract AirdropClaimBatch {
    struct Row {
        uint256 index;
        address account;
        uint256 amount;
        bytes32[] proof;
    }

    /// @notice Claims each of `rows` from `airdrop`; the first that is refused reverts the batch with the airdrop's own error.
    function claimAll(MerkleAirdrop airdrop, Row[] calldata rows) external {
        for (uint256 i = 0; i < rows.length; ++i) {
            airdrop.claim(rows[i].index, rows[i].account, rows[i].amount, rows[i].proof);
        }
    }
}
