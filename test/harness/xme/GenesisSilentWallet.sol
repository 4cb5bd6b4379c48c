// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title GenesisSilentWallet, a smart wallet that accepts any call
/// @notice Every question succeeds, and gets no answer: what a deployer hits who names a multisig wallet for a share.
contract GenesisSilentWallet {
    fallback() external payable {}

    receive() external payable {}
}
