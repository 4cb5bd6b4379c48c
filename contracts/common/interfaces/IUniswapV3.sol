// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice The functions of Uniswap V3's factory that the economies call.
interface IUniswapV3Factory {
    /// @notice The pool of `tokenA` and `tokenB`, in either order, with this `fee`; zero where there is none.
    function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);

    /// @notice Creates the pool of `tokenA` and `tokenB` with this `fee`, still without a price.
    function createPool(address tokenA, address tokenB, uint24 fee) external returns (address pool);

    /// @notice The distance of usable ticks in pools with this `fee`; zero where the factory does not offer it.
    function feeAmountTickSpacing(uint24 fee) external view returns (int24 tickSpacing);
}

/// @notice The functions of a Uniswap V3 pool that the economies call or show.
interface IUniswapV3Pool {
    /// @notice The state of the pool's price: `sqrtPriceX96` is the square root of token1 per token0, times 2^96; zero before `initialize`.
    function slot0()
        external
        view
        returns (
            uint160 sqrtPriceX96,
            int24 tick,
            uint16 observationIndex,
            uint16 observationCardinality,
            uint16 observationCardinalityNext,
            uint8 feeProtocol,
            bool unlocked
        );

    /// @notice The liquidity in force at the pool's present price.
    function liquidity() external view returns (uint128);

    /// @notice The pool's oracle: for each of `secondsAgos`, the sum of the tick, and that of 2^128 / liquidity, over all seconds until then.
    function observe(
        uint32[] calldata secondsAgos
    ) external view returns (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidityCumulativeX128s);

    /// @notice Gives a pool without a price its first one; anybody may.
    function initialize(uint160 sqrtPriceX96) external;

    /// @notice Makes the pool's oracle keep at least `observationCardinalityNext` observations from now on; whoever calls pays for the room.
    function increaseObservationCardinalityNext(uint16 observationCardinalityNext) external;

    /// @notice Swaps until `amountSpecified` is used up or the price reaches `sqrtPriceLimitX96`, and asks the caller for the payment through a callback.
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// @notice What a Uniswap V3 pool calls back on whoever swaps.
interface IUniswapV3SwapCallback {
    /// @notice The pool asks for `amount0Delta` and `amount1Delta` where they are positive.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;
}

/// @notice The functions of Uniswap V3's NonfungiblePositionManager that the economies call.
interface IUniswapV3PositionManager {
    struct MintParams {
        address token0;
        address token1;
        uint24 fee;
        int24 tickLower;
        int24 tickUpper;
        uint256 amount0Desired;
        uint256 amount1Desired;
        uint256 amount0Min;
        uint256 amount1Min;
        address recipient;
        uint256 deadline;
    }

    /// @notice The factory whose pools it serves.
    function factory() external view returns (address);

    /// @notice Takes tokens from the caller, adds them to a pool and gives the position, an ERC-721 token, to `recipient`.
    function mint(
        MintParams calldata params
    ) external payable returns (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);
}
