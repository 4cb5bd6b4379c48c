// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Stream, Streams} from "../../../contracts/common/Streams.sol";

uint256 constant HOLDERS = 4;

/// @notice The least that a user of `Streams` keeps: one accumulator and holders whose units change, at times that the test names.
contract StreamsPool {
    using Streams for Stream;

    struct Step {
        uint256 timestamp;
        uint256 holder;
        uint256 units;
        bool changesUnits;
        uint256 income;
    }

    struct Snapshot {
        Stream stream;
        uint256 growth;
        uint256 growthAfter;
        uint256 accumulator;
        uint256 units;
        uint256[HOLDERS] earned;
    }

    struct Holder {
        uint256 units;
        uint256 settledAt;
        uint256 earned;
    }

    uint256 public immutable length;
    uint256 public immutable minimum;

    uint256 public accumulator;
    uint256 public units;
    Stream private _stream;
    Holder[HOLDERS] private _holders;

    constructor(uint256 length_, uint256 minimum_) {
        length = length_;
        minimum = minimum_;
    }

    /// @dev Does all steps in turn and shows what stood after each.
    function run(Step[] calldata steps) external returns (Snapshot[] memory snapshots) {
        snapshots = new Snapshot[](steps.length);
        for (uint256 i = 0; i < steps.length; i++) {
            Step calldata step = steps[i];
            (snapshots[i].growth, snapshots[i].growthAfter) = touch(step.timestamp);
            if (step.changesUnits) setUnits(step.timestamp, step.holder, step.units);
            if (step.income != 0) addIncome(step.timestamp, step.income);
            snapshots[i].stream = _stream;
            snapshots[i].accumulator = accumulator;
            snapshots[i].units = units;
            for (uint256 holder = 0; holder < HOLDERS; holder++) snapshots[i].earned[holder] = earned(holder);
        }
    }

    function touch(uint256 timestamp) public returns (uint256 growth, uint256 growthAfter) {
        (_stream, growth, growthAfter) = _stream.advanced(timestamp, length, units, minimum);
        accumulator += growth + growthAfter;
    }

    function addIncome(uint256 timestamp, uint256 amount) public {
        touch(timestamp);
        Stream memory stream_ = _stream;
        stream_.add(amount);
        _stream = stream_;
    }

    function setUnits(uint256 timestamp, uint256 holder, uint256 units_) public {
        touch(timestamp);
        Holder storage held = _holders[holder];
        held.earned = earned(holder);
        held.settledAt = accumulator;
        units = units - held.units + units_;
        held.units = units_;
    }

    /// @dev Everything that `holder` earned up to the last touch.
    function earned(uint256 holder) public view returns (uint256) {
        Holder storage held = _holders[holder];
        return held.earned + Streams.earned(held.units, accumulator - held.settledAt);
    }

    function unitsOf(uint256 holder) external view returns (uint256) {
        return _holders[holder].units;
    }

    function stream() external view returns (Stream memory) {
        return _stream;
    }
}
