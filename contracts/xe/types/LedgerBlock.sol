// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {BlockType} from "./BlockType.sol";

/// @dev One block of an account's chain. `balance` is the account's, in wei, of `asset` after the block. `previous` is the hash of the account's
///      block before, and before the first a hash of chain id, ledger and account.
struct LedgerBlock {
    BlockType blockType;
    address account;
    bytes8 asset;
    bytes32 previous;
    bytes32 link;
    uint256 balance;
}
