// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title XeBlockClock, votes that count blocks
/// @notice Has a clock that is not time, which is all that a governor by time may not have.
contract XeBlockClock {
    function clock() external view returns (uint48) {
        return uint48(block.number);
    }
}
