// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IUniswapV3Pool, IUniswapV3SwapCallback} from "../../../contracts/common/interfaces/IUniswapV3.sol";

/// @title GenesisPoolMover, who spoils the price of an empty pool
/// @notice Moves the price of a pool without liquidity wherever it likes, for nothing: what anybody can do before the pool opens.
contract GenesisPoolMover is IUniswapV3SwapCallback {
    /// @notice Moves the empty `pool` to `sqrtPriceX96`.
    function move(IUniswapV3Pool pool, uint160 sqrtPriceX96) external {
        (uint160 found, , , , , , ) = pool.slot0();
        pool.swap(address(this), sqrtPriceX96 < found, type(int256).max, sqrtPriceX96, "");
    }

    /// @notice Pays nothing.
    function uniswapV3SwapCallback(int256, int256, bytes calldata) external {}
}
