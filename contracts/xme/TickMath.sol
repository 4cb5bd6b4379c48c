// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title Tick arithmetic of Uniswap V3, as far as a time-weighted price needs it
/// @notice Turns a tick of Uniswap V3 into the price that Uniswap V3 itself gives it.
/// @dev Uniswap V3's own library is for an older compiler, and exact to the wei only if each factor is rounded as there: this is its function
///      `getSqrtRatioAtTick`, to be compared with what a pool says.
library TickMath {
    /// @dev The largest tick; its negative is the smallest. Uniswap V3: TickMath.MAX_TICK.
    int24 internal constant MAX_TICK = 887_272;

    /// @notice Thrown for a tick beyond those that Uniswap V3 has prices for.
    error TickMath_TickOutOfRange(int256 tick);

    /// @dev √1.0001^`tick` × 2^96: each factor √1.0001^(−2^i) × 2^128 rounds down, the result up, so that the tick of the result is `tick`.
    ///      `unchecked`: each product is below 2^256, because both factors are at most 2^128, and no divisor is zero.
    ///      Reverts with `TickMath_TickOutOfRange`.
    function sqrtPriceX96At(int256 tick) internal pure returns (uint160 sqrtPriceX96) {
        if (tick > MAX_TICK || tick < -MAX_TICK) revert TickMath_TickOutOfRange(tick);
        unchecked {
            uint256 distance = uint256(tick < 0 ? -tick : tick);
            uint256 ratio = distance & 0x1 == 0 ? 1 << 128 : 0xfffcb933bd6fad37aa2d162d1a594001;
            if (distance & 0x2 != 0) ratio = (ratio * 0xfff97272373d413259a46990580e213a) >> 128;
            if (distance & 0x4 != 0) ratio = (ratio * 0xfff2e50f5f656932ef12357cf3c7fdcc) >> 128;
            if (distance & 0x8 != 0) ratio = (ratio * 0xffe5caca7e10e4e61c3624eaa0941cd0) >> 128;
            if (distance & 0x10 != 0) ratio = (ratio * 0xffcb9843d60f6159c9db58835c926644) >> 128;
            if (distance & 0x20 != 0) ratio = (ratio * 0xff973b41fa98c081472e6896dfb254c0) >> 128;
            if (distance & 0x40 != 0) ratio = (ratio * 0xff2ea16466c96a3843ec78b326b52861) >> 128;
            if (distance & 0x80 != 0) ratio = (ratio * 0xfe5dee046a99a2a811c461f1969c3053) >> 128;
            if (distance & 0x100 != 0) ratio = (ratio * 0xfcbe86c7900a88aedcffc83b479aa3a4) >> 128;
            if (distance & 0x200 != 0) ratio = (ratio * 0xf987a7253ac413176f2b074cf7815e54) >> 128;
            if (distance & 0x400 != 0) ratio = (ratio * 0xf3392b0822b70005940c7a398e4b70f3) >> 128;
            if (distance & 0x800 != 0) ratio = (ratio * 0xe7159475a2c29b7443b29c7fa6e889d9) >> 128;
            if (distance & 0x1000 != 0) ratio = (ratio * 0xd097f3bdfd2022b8845ad8f792aa5825) >> 128;
            if (distance & 0x2000 != 0) ratio = (ratio * 0xa9f746462d870fdf8a65dc1f90e061e5) >> 128;
            if (distance & 0x4000 != 0) ratio = (ratio * 0x70d869a156d2a1b890bb3df62baf32f7) >> 128;
            if (distance & 0x8000 != 0) ratio = (ratio * 0x31be135f97d08fd981231505542fcfa6) >> 128;
            if (distance & 0x10000 != 0) ratio = (ratio * 0x9aa508b5b7a84e1c677de54f3e99bc9) >> 128;
            if (distance & 0x20000 != 0) ratio = (ratio * 0x5d6af8dedb81196699c329225ee604) >> 128;
            if (distance & 0x40000 != 0) ratio = (ratio * 0x2216e584f5fa1ea926041bedfe98) >> 128;
            if (distance & 0x80000 != 0) ratio = (ratio * 0x48a170391f7dc42444e8fa2) >> 128;
            if (tick > 0) ratio = type(uint256).max / ratio;
            sqrtPriceX96 = uint160((ratio + type(uint32).max) >> 32);
        }
    }
}
