// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice An authority that answers nothing and takes all the gas that it gets.
contract EpochGasEater {
    fallback() external {
        while (true) {}
    }
}
