// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IUniswapV3Pool, IUniswapV3SwapCallback} from "../../../contracts/common/interfaces/IUniswapV3.sol";
import {TickMath} from "../../../contracts/xme/TickMath.sol";

/// @title BuybackTicks, which asks Uniswap V3 itself what tick a price has
/// @notice Shows the prices of `TickMath`, and moves an empty pool to them, so that the pool says which ticks they have.
contract BuybackTicks is IUniswapV3SwapCallback {
    /// @notice The price of `tick`.
    function priceOf(int256 tick) external pure returns (uint160) {
        return TickMath.sqrtPriceX96At(tick);
    }

    /// @notice The ticks that `pool`, which must be empty, has at the prices of `ticks`, and at the next lower prices.
    function ask(
        IUniswapV3Pool pool,
        int256[] calldata ticks
    ) external returns (int24[] memory at, int24[] memory below) {
        (at, below) = (new int24[](ticks.length), new int24[](ticks.length));
        for (uint256 i = 0; i < ticks.length; i++) {
            uint160 price = TickMath.sqrtPriceX96At(ticks[i]);
            at[i] = _move(pool, price);
            below[i] = _move(pool, price - 1);
        }
    }

    /// @notice Pays nothing, because an empty pool asks for nothing.
    function uniswapV3SwapCallback(int256, int256, bytes calldata) external {}

    function _move(IUniswapV3Pool pool, uint160 price) private returns (int24 tick) {
        (uint160 found, , , , , , ) = pool.slot0();
        if (price != found) pool.swap(address(this), price < found, type(int256).max, price, "");
        (, tick, , , , , ) = pool.slot0();
    }
}
