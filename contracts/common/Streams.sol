// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice Income on its way to stakers: what streams in the bucket of `last`, and what will stream in the bucket after it.
/// @dev One slot. `last` in seconds, the amounts in wei of the token; 2^104 wei are two hundred times all XMEX.
struct Stream {
    uint40 last;
    uint104 active;
    uint104 next;
}

/// @title Income that streams evenly, bucket after bucket, to whoever holds units at each second
/// @notice Shares income among units by one accumulator, at a cost that neither the number of holders nor idle time can raise.
/// @dev Choice, the whole mechanism: the sources say what is shared, not how.
///
///      Time is cut into buckets of equal length. Income that arrives in one bucket streams evenly over the next, so that income cannot be
///      stretched, delayed or caught by anybody who sends a wei or stakes for a second. The accumulator grows by what each unit earns, in
///      wei × `SCALE`; a holder earned ⌊units × growth / SCALE⌋ since the holder was last settled.
///
///      Whoever uses this library keeps the accumulator and the number of units, advances the stream before either the units or the income
///      change, and passes the same length and minimum each time. Then:
///
///      - Nothing is lost: what came in = ⌈units × growth / SCALE⌉ of every segment, which units earned, plus `active`, plus `next`, to the wei.
///        What is streamed while nobody holds units, the part that a stake below `minimum` does not earn, and every rounding go to the bucket
///        after the present one. Of what units earned, holders can claim all but less than one wei a segment and one wei each time that one
///        of them is settled.
///      - Nothing is paid twice: growth rounds down, what holders can claim of a segment, ⌈units × growth / SCALE⌉, is taken off before the rest
///        goes on, and each holder's claim rounds down.
///      - Nothing overflows and nobody is blocked: the two buckets never hold more than `add` let in, and the growth of a segment is at most
///        amount × SCALE / minimum. With a minimum of 1e21 units and all hundred billion XMEX streaming every month past a single wei staked,
///        2^128 is reached after 280 years. With a minimum of one unit, one segment past one wei staked can grow it by almost 2^194, so that
///        the accumulator needs 256 bits, and whoever stakes that wei first gets all there is.
///      - A unit staked late earns its own seconds only; a second belongs to exactly one segment.
///      - Calling more often wins nothing and costs nobody: what anybody can claim lies off the exact proportion by less than 1 + max(1, units / SCALE)
///        wei for each segment and one wei for each settlement, wherever the segments were cut. Income that comes along with a call changes
///        nothing before the next bucket. While units are below the minimum, calls also decide when that which nobody earned streams again,
///        in the bucket after the call, and still not who held units in a second.
///
///      However long nobody called, two segments are all there can be: the rest of the bucket of `last`, and the bucket after it, in which what
///      was waiting streams out. Buckets further on had nothing to stream.
library Streams {
    using Math for uint256;
    using SafeCast for uint256;

    /// @dev Growth of the accumulator is in wei per unit times this. Choice: 1e27 leaves a rounding of less than units / 1e27 wei a segment.
    uint256 internal constant SCALE = 1e27;

    /// @dev The stream as it stands at `timestamp`, and what its accumulator grew by: `growth` in the bucket of `last`, `growthAfter` in the one
    ///      after it. So the accumulator at the first boundary passed is the old one plus `growth`, and at each later one the new one.
    ///      `timestamp` in seconds, never before `last`; `length` of a bucket in seconds; `units` held since `last`; `minimum` units by which
    ///      income is divided at least, above zero.
    function advanced(
        Stream memory stream,
        uint256 timestamp,
        uint256 length,
        uint256 units,
        uint256 minimum
    ) internal pure returns (Stream memory now_, uint256 growth, uint256 growthAfter) {
        uint256 active;
        uint256 next;
        (active, next, growth, growthAfter) = advanced(
            stream.last,
            stream.active,
            stream.next,
            timestamp,
            length,
            units,
            minimum
        );
        now_ = Stream(timestamp.toUint40(), active.toUint104(), next.toUint104());
    }

    /// @dev The same for whoever keeps a stream in slots of another layout: `active` and `next` are what the buckets hold at `timestamp`, of
    ///      `activeBefore` and `nextBefore` at `last`, together no more than before.
    function advanced(
        uint256 last,
        uint256 activeBefore,
        uint256 nextBefore,
        uint256 timestamp,
        uint256 length,
        uint256 units,
        uint256 minimum
    ) internal pure returns (uint256 active, uint256 next, uint256 growth, uint256 growthAfter) {
        if (timestamp == last) return (activeBefore, nextBefore, 0, 0);
        uint256 unearned;
        uint256 end = (last / length + 1) * length;
        if (timestamp < end) {
            uint256 streamed = (activeBefore * (timestamp - last)) / (end - last);
            active = activeBefore - streamed;
            (growth, unearned) = _share(streamed, units, minimum);
            next = nextBefore + unearned;
        } else {
            (growth, unearned) = _share(activeBefore, units, minimum);
            uint256 streamed = timestamp < end + length ? (nextBefore * (timestamp - end)) / length : nextBefore;
            active = nextBefore - streamed;
            uint256 more;
            (growthAfter, more) = _share(streamed, units, minimum);
            next = unearned + more;
        }
    }

    /// @dev Adds `amount` of income, in wei, to the bucket after the one that `stream` was advanced to. Reverts with OpenZeppelin's
    ///      `SafeCastOverflowedUintDowncast` where the two buckets together would hold 2^104 wei, which is more than there is of either token:
    ///      all of it may once have to wait in one bucket, and `advanced` must never fail.
    function add(Stream memory stream, uint256 amount) internal pure {
        uint256 held = uint256(stream.active) + stream.next;
        stream.next = (held + amount).toUint104() - stream.active;
    }

    /// @dev What `units` earned, in wei, while the accumulator grew by `growth`; rounds down.
    function earned(uint256 units, uint256 growth) internal pure returns (uint256) {
        return units.mulDiv(growth, SCALE);
    }

    /// @dev What each unit gets of `amount`, rounded down, and what nobody earned of it.
    function _share(
        uint256 amount,
        uint256 units,
        uint256 minimum
    ) private pure returns (uint256 growth, uint256 unearned) {
        if (amount == 0 || units == 0) return (0, amount);
        growth = (amount * SCALE) / units.max(minimum);
        unearned = amount - (units * growth).ceilDiv(SCALE);
    }
}
