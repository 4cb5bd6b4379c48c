// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Stream, Streams} from "../../../contracts/common/Streams.sol";
import {HOLDERS, StreamsPool} from "../../harness/common/StreamsPool.sol";
import {StreamsCalls} from "../../harness/common/StreamsCalls.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant MONTH = 30 days;
uint256 constant TEN_YEARS = 3_650 days;
uint256 constant MINIMUM = 1e21;
uint256 constant ALL_XMEX = 1e29;
uint256 constant LIMIT = 1 << 104;

/// @dev What one segment may round by for everybody together, in wei: one that comes later, and what growth or the claims on it leave.
function segmentBound(uint256 units) pure returns (uint256) {
    return 2 + units / 1e27;
}

/// @notice Fuzz tests of the library: any stream, any time, any units.
contract StreamsTest is Test {
    StreamsCalls private _calls = new StreamsCalls();

    function testFuzz_LosesNoWeiAndBlocksNobody(
        uint256[2] memory amounts,
        uint256[2] memory times,
        uint256 length,
        uint256 units,
        uint256 minimum
    ) external pure {
        Stream memory stream = _stream(amounts, times[0]);
        uint256 held = uint256(stream.active) + stream.next;
        length = bound(length, 1, type(uint40).max);
        units = bound(units, 0, type(uint128).max);
        minimum = bound(minimum, 1, type(uint256).max);
        uint256 timestamp = bound(times[1], stream.last, type(uint40).max);
        (Stream memory now_, uint256 growth, uint256 growthAfter) = Streams.advanced(
            stream,
            timestamp,
            length,
            units,
            minimum
        );
        uint256 claimable = Streams.earned(units, growth) + Streams.earned(units, growthAfter);
        uint256 kept = uint256(now_.active) + now_.next;
        vm.assertEq(now_.last, timestamp, "the stream does not stand at the time it was advanced to");
        vm.assertLe(claimable + kept, held, "more is promised than there was");
        vm.assertLe(held - claimable - kept, 2, "more than a wei a segment is lost");
        if (units == 0) vm.assertEq(kept, held, "nobody held units and yet something was earned");
    }

    function testFuzz_TakesAnyUnitsAndMinimum(uint256[2] memory amounts, uint256 units, uint256 minimum) external pure {
        Stream memory stream = _stream(amounts, START);
        (Stream memory now_, uint256 growth, uint256 growthAfter) = Streams.advanced(
            stream,
            type(uint40).max,
            MONTH,
            units,
            minimum
        );
        vm.assertLe(uint256(now_.active) + now_.next, uint256(stream.active) + stream.next, "wei came from nowhere");
        vm.assertLe(growth, uint256(stream.active) * 1e27, "growth is above all income for one unit");
        vm.assertLe(growthAfter, uint256(stream.next) * 1e27, "growth is above all income for one unit");
    }

    function testFuzz_GrowsByNoMoreThanAmountForTheMinimum(
        uint256[2] memory amounts,
        uint32 seconds_,
        uint256 units,
        uint256 minimum
    ) external pure {
        Stream memory stream = _stream(amounts, START);
        minimum = bound(minimum, 1, ALL_XMEX);
        units = bound(units, 0, ALL_XMEX);
        (, uint256 growth, uint256 growthAfter) = Streams.advanced(stream, START + seconds_, MONTH, units, minimum);
        uint256 divisor = units > minimum ? units : minimum;
        vm.assertLe(growth, (uint256(stream.active) * 1e27) / divisor, "the first bucket grew too fast");
        vm.assertLe(growthAfter, (uint256(stream.next) * 1e27) / divisor, "the second bucket grew too fast");
        if (units != 0 && seconds_ >= 2 * MONTH) {
            vm.assertEq(growth, (uint256(stream.active) * 1e27) / divisor, "the first bucket did not stream out");
            vm.assertEq(growthAfter, (uint256(stream.next) * 1e27) / divisor, "the second bucket did not stream out");
        }
    }

    function testFuzz_StreamsInProportionToTheSecondsOfEachBucket(uint256[2] memory amounts, uint256 at) external pure {
        uint256 begin = (START / MONTH) * MONTH;
        Stream memory stream = _stream(amounts, begin);
        uint256 elapsed = bound(at, 1, 2 * MONTH);
        (Stream memory now_, uint256 growth, uint256 growthAfter) = Streams.advanced(
            stream,
            begin + elapsed,
            MONTH,
            1e27,
            1
        );
        // With 1e27 units growth is in wei.
        uint256 first = elapsed < MONTH ? elapsed : MONTH;
        uint256 second = elapsed - first;
        vm.assertEq(growth, (uint256(stream.active) * first) / MONTH, "the first bucket streams unevenly");
        vm.assertEq(growthAfter, (uint256(stream.next) * second) / MONTH, "the second bucket streams unevenly");
        vm.assertEq(
            now_.active,
            elapsed < MONTH ? stream.active - growth : stream.next - growthAfter,
            "what still streams is not what has not streamed"
        );
        vm.assertEq(now_.next, elapsed < MONTH ? stream.next : 0, "something waits that should stream");
    }

    function testFuzz_TouchedEachSecondItPaysTheSameToLessThanTheBound(
        uint256[2] memory amounts,
        uint256 length,
        uint256 seconds_,
        uint256 units
    ) external pure {
        Stream memory often = _stream(amounts, START);
        Stream memory rarely = often;
        length = bound(length, 1, 40);
        seconds_ = bound(seconds_, 1, 100);
        units = bound(units, MINIMUM, ALL_XMEX);
        (, uint256 growth, uint256 growthAfter) = Streams.advanced(rarely, START + seconds_, length, units, MINIMUM);
        uint256 total = 0;
        for (uint256 i = 1; i <= seconds_; i++) {
            uint256 more;
            uint256 moreAfter;
            (often, more, moreAfter) = Streams.advanced(often, START + i, length, units, MINIMUM);
            total += more + moreAfter;
        }
        // Each second is a segment, and two more are those of the single call.
        uint256 slack = (seconds_ + 2) * segmentBound(units);
        vm.assertApproxEqAbs(
            Streams.earned(units, total),
            Streams.earned(units, growth + growthAfter),
            slack,
            "touching every second changes what is earned by more than the bound"
        );
    }

    function testFuzz_WhatNobodyEarnedGoesToTheNextStaker(
        uint256[2] memory amounts,
        uint256 idle,
        uint256 units
    ) external pure {
        Stream memory stream = _stream(amounts, START);
        uint256 held = uint256(stream.active) + stream.next;
        uint256 timestamp = START + bound(idle, 0, 10 * TEN_YEARS);
        units = bound(units, MINIMUM, ALL_XMEX);
        (stream, , ) = Streams.advanced(stream, timestamp, MONTH, 0, MINIMUM);
        vm.assertEq(uint256(stream.active) + stream.next, held, "idle time cost something");
        uint256 growth;
        uint256 growthAfter;
        (stream, growth, growthAfter) = Streams.advanced(stream, timestamp + 2 * MONTH, MONTH, units, MINIMUM);
        uint256 earned = Streams.earned(units, growth + growthAfter);
        vm.assertApproxEqAbs(earned + stream.next, held, 2, "the next staker did not get it all");
        vm.assertLe(stream.next, 2 * (units / 1e27 + 1), "more than the rounding waits");
    }

    function testFuzz_RefusesWhatTheBucketsCannotHoldTogether(uint256[2] memory amounts, uint256 amount) external {
        Stream memory stream = _stream(amounts, START);
        uint256 held = uint256(stream.active) + stream.next;
        amount = bound(amount, 0, type(uint256).max - held);
        if (held + amount < LIMIT) {
            Stream memory after_ = _calls.added(stream, amount);
            vm.assertEq(uint256(after_.active) + after_.next, held + amount, "the income is not there");
            vm.assertEq(after_.active, stream.active, "the income streams at once");
        } else {
            vm.expectRevert(
                abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, uint8(104), held + amount)
            );
            _calls.added(stream, amount);
        }
    }

    /// @dev All XMEX past one wei staked, called in the last second of each month so that it streams again in the next: the worst that a
    ///      minimum of 1e21 units allows.
    function test_TakesTwoHundredAndEightyYearsToReachTwoToThe128() external pure {
        Stream memory stream = Stream({
            last: uint40((START / MONTH + 1) * MONTH - 1),
            active: 0,
            next: uint104(ALL_XMEX)
        });
        uint256 accumulator = 0;
        uint256 months = 0;
        while (accumulator < 1 << 128) {
            months++;
            uint256 growth;
            uint256 growthAfter;
            (stream, growth, growthAfter) = Streams.advanced(stream, stream.last + MONTH, MONTH, 1, MINIMUM);
            accumulator += growth + growthAfter;
            // Whoever holds the wei gives back what it earned.
            Streams.add(stream, ALL_XMEX - stream.active - stream.next);
        }
        vm.assertGt(months * MONTH, 279 * 365 days, "2^128 is reached earlier");
        vm.assertLt(months * MONTH, 281 * 365 days, "2^128 is reached later");
    }

    /// @dev With a minimum of one, one wei staked takes all, and one segment can grow the accumulator by almost 2^194.
    function test_GrowsByAlmostTwoToThe194PastOneWeiWithAMinimumOfOne() external pure {
        Stream memory stream = Stream({last: uint40(START), active: 0, next: uint104(LIMIT - 1)});
        (Stream memory now_, , uint256 growthAfter) = Streams.advanced(stream, START + 2 * MONTH, MONTH, 1, 1);
        vm.assertGt(growthAfter, 1 << 193, "growth is smaller than the library says");
        vm.assertLt(growthAfter, 1 << 194, "growth is greater than the library says");
        vm.assertEq(Streams.earned(1, growthAfter), LIMIT - 1, "one wei does not get all");
        vm.assertEq(uint256(now_.active) + now_.next, 0, "something waits");
    }

    /// @dev Two amounts that fit together, as `add` lets them.
    function _stream(uint256[2] memory amounts, uint256 last) private pure returns (Stream memory stream) {
        amounts[0] = _bound(amounts[0], LIMIT - 1);
        stream.last = uint40(_bound(last, type(uint40).max));
        stream.active = uint104(amounts[0]);
        stream.next = uint104(_bound(amounts[1], LIMIT - 1 - amounts[0]));
    }

    function _bound(uint256 value, uint256 high) private pure returns (uint256) {
        return value <= high ? value : value % (high + 1);
    }
}

/// @dev Many hands on one pool: they stake and leave, income of a wei or of all there is arrives, years or seconds pass.
contract StreamsHandler is Test {
    StreamsPool private _pool;
    uint256 private immutable _length;

    uint256 public clock = START;
    uint256 public cameIn;
    uint256 public calls;
    uint256 public touches;
    uint256 public settlements;
    uint256 public stakes;
    uint256 public departures;
    uint256 public lonelySeconds;
    uint256 public boundarySeconds;
    bool public blocked;
    bool public fell;
    bool public paidTooEarly;

    uint256 private _lastAccumulator;
    uint256[HOLDERS] private _lastEarned;

    constructor(StreamsPool pool) {
        _pool = pool;
        _length = pool.length();
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind.
    modifier thenOneMore(uint256 seed) {
        _;
        uint256 turn = calls++ % 6;
        if (turn == 0) _wait(seed);
        if (turn == 1) _stake(seed % HOLDERS, seed >> 8);
        if (turn == 2) _addIncome(seed);
        if (turn == 3) _toBoundary(seed);
        if (turn == 4) _leave(seed % HOLDERS);
        if (turn == 5 && calls % 12 == 0) {
            _everybodyLeaves();
            _wait(seed);
        }
        _watch();
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        _wait(seconds_);
    }

    function toBoundary(uint256 offset) external thenOneMore(offset) {
        _toBoundary(offset);
    }

    function stake(uint256 holder, uint256 units) external thenOneMore(units) {
        _stake(holder % HOLDERS, units);
    }

    function leave(uint256 holder) external thenOneMore(holder) {
        _leave(holder % HOLDERS);
    }

    function everybodyLeaves(uint256 seed) external thenOneMore(seed) {
        _everybodyLeaves();
    }

    function addIncome(uint256 amount) external thenOneMore(amount) {
        _addIncome(amount);
    }

    function _wait(uint256 seconds_) private {
        uint256[5] memory longest = [uint256(1), 1 hours, _length, 2 * _length + 1, TEN_YEARS];
        _passes(bound(seconds_ >> 8, 1, longest[seconds_ % 5]));
    }

    function _toBoundary(uint256 offset) private {
        _passes((clock / _length + 1) * _length - clock + (offset % 3) - (clock % _length == _length - 1 ? 0 : 1));
        boundarySeconds++;
    }

    function _passes(uint256 seconds_) private {
        if (_pool.units() == 0) lonelySeconds += seconds_;
        clock += seconds_;
        _touch();
    }

    function _touch() private {
        touches++;
        try _pool.touch(clock) {} catch {
            blocked = true;
        }
    }

    function _stake(uint256 holder, uint256 units) private {
        uint256[4] memory most = [uint256(1), MINIMUM, 1e27, ALL_XMEX / HOLDERS];
        _setUnits(holder, bound(units >> 8, 1, most[units % 4]));
        stakes++;
    }

    function _everybodyLeaves() private {
        for (uint256 i = 0; i < HOLDERS; i++) _leave(i);
    }

    function _leave(uint256 holder) private {
        _setUnits(holder, 0);
        departures++;
    }

    function _setUnits(uint256 holder, uint256 units) private {
        touches++;
        settlements++;
        uint256 before = _pool.earned(holder);
        try _pool.setUnits(clock, holder, units) {} catch {
            blocked = true;
        }
        // All time up to `clock` has been paid, so a change of units alone may pay nobody anything.
        if (_pool.earned(holder) != before) paidTooEarly = true;
    }

    function _addIncome(uint256 amount) private {
        uint256[4] memory most = [uint256(1), 1e9, 1e24, ALL_XMEX];
        Stream memory stream = _pool.stream();
        uint256 elsewhere = ALL_XMEX - stream.active - stream.next;
        amount = bound(amount >> 8, 1, most[amount % 4]);
        if (amount > elsewhere) amount = elsewhere;
        touches++;
        try _pool.addIncome(clock, amount) {
            cameIn += amount;
        } catch {
            blocked = true;
        }
    }

    function _watch() private {
        if (_pool.accumulator() < _lastAccumulator) fell = true;
        _lastAccumulator = _pool.accumulator();
        for (uint256 i = 0; i < HOLDERS; i++) {
            uint256 earned = _pool.earned(i);
            if (earned < _lastEarned[i]) fell = true;
            _lastEarned[i] = earned;
        }
    }
}

/// @notice The library in use: no wei is lost, nobody is blocked, and what nobody earned reaches whoever stakes next.
contract StreamsInvariantTest is Test {
    StreamsPool private _pool;
    StreamsHandler private _handler;

    function setUp() external {
        _pool = new StreamsPool(MONTH, MINIMUM);
        _handler = new StreamsHandler(_pool);
        targetContract(address(_handler));
    }

    function invariant_WhatCameInIsEarnedOrOnItsWay() external view {
        uint256 accounted = _accounted();
        vm.assertLe(accounted, _handler.cameIn(), "more is promised than came in");
        vm.assertLe(
            _handler.cameIn() - accounted,
            2 * _handler.touches() + _handler.settlements() + HOLDERS,
            "more than a wei a segment and settlement is stranded"
        );
    }

    function invariant_NobodyIsBlockedAndNothingFalls() external view {
        vm.assertFalse(_handler.blocked(), "a call was refused");
        vm.assertFalse(_handler.fell(), "what somebody earned fell");
        vm.assertFalse(_handler.paidTooEarly(), "a change of units paid somebody");
        vm.assertLt(_pool.accumulator(), 1 << 128, "the accumulator does not fit 128 bits");
    }

    function invariant_TheNextStakerGetsAllThatWaits() external view {
        Stream memory stream = _pool.stream();
        uint256 waits = uint256(stream.active) + stream.next;
        uint256 timestamp = stream.last + TEN_YEARS;
        (stream, , ) = Streams.advanced(stream, timestamp, MONTH, 0, MINIMUM);
        (, uint256 growth, uint256 growthAfter) = Streams.advanced(stream, timestamp + 2 * MONTH, MONTH, 1e27, MINIMUM);
        vm.assertEq(Streams.earned(1e27, growth + growthAfter), waits, "the next staker does not get all that waits");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.stakes(), 0, "nobody staked");
        vm.assertGt(_handler.departures(), 0, "nobody left");
        vm.assertGt(_handler.cameIn(), 0, "nothing came in");
        vm.assertGt(_handler.boundarySeconds(), 0, "no boundary was met");
        vm.assertGt(_handler.lonelySeconds(), 0, "the pool was never without units");
        vm.assertGt(_pool.accumulator(), 0, "nothing was earned");
    }

    function _accounted() private view returns (uint256 sum) {
        Stream memory stream = _pool.stream();
        sum = uint256(stream.active) + stream.next;
        for (uint256 i = 0; i < HOLDERS; i++) sum += _pool.earned(i);
    }
}
