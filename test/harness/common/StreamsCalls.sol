// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Stream, Streams} from "../../../contracts/common/Streams.sol";

/// @notice The library's functions one by one, so that a test can give them any stream and see them fail.
contract StreamsCalls {
    function scale() external pure returns (uint256) {
        return Streams.SCALE;
    }

    function advanced(
        Stream memory stream,
        uint256 timestamp,
        uint256 length,
        uint256 units,
        uint256 minimum
    ) external pure returns (Stream memory now_, uint256 growth, uint256 growthAfter) {
        return Streams.advanced(stream, timestamp, length, units, minimum);
    }

    function added(Stream memory stream, uint256 amount) external pure returns (Stream memory) {
        Streams.add(stream, amount);
        return stream;
    }

    function earned(uint256 units, uint256 growth) external pure returns (uint256) {
        return Streams.earned(units, growth);
    }
}
