// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IUniswapV3Pool, IUniswapV3SwapCallback} from "../../../contracts/common/interfaces/IUniswapV3.sol";

/// @title BuybackPool, a pool and its factory that say and do what they are told
/// @notice Stands where a pool of Uniswap V3 would, to bring about what a genuine one does rarely or never.
contract BuybackPool is IUniswapV3Pool {
    IERC20 public immutable token;
    IERC20 public immutable xme;
    uint160 public sqrtPriceX96;
    int24 public tick;
    uint128 public liquidity;
    int56[2] public tickCumulatives;
    uint160[2] public secondsPerLiquidity;
    bool public forgetful;
    uint256 public takes;
    uint256 public gives;
    uint256 public asks = 1;
    bool public touches;
    bool public lastZeroForOne;
    int256 public lastAmount;
    uint160 public lastLimit;

    constructor(IERC20 token_, IERC20 xme_) {
        token = token_;
        xme = xme_;
    }

    /// @notice Says that the price is `sqrtPriceX96_` at `tick_`, with `liquidity_`.
    function setState(uint160 sqrtPriceX96_, int24 tick_, uint128 liquidity_) external {
        (sqrtPriceX96, tick, liquidity) = (sqrtPriceX96_, tick_, liquidity_);
    }

    /// @notice Says that the sums grew from the first to the second of each pair in the window, or that it forgot them.
    function setOracle(int56[2] calldata ticks, uint160[2] calldata inverses, bool forgetful_) external {
        (tickCumulatives, secondsPerLiquidity, forgetful) = (ticks, inverses, forgetful_);
    }

    /// @notice Takes `takes_` in the next swaps, asking `asks_` times, and gives `gives_`.
    function setSwap(uint256 takes_, uint256 gives_, uint256 asks_) external {
        (takes, gives, asks) = (takes_, gives_, asks_);
    }

    /// @notice Moves nothing of the token before it asks in the next swaps, so that the token can call somebody meanwhile.
    function setTouches(bool touches_) external {
        touches = touches_;
    }

    /// @notice The factory's part: this pool, whatever the tokens and the fee.
    function getPool(address, address, uint24) external view returns (address) {
        return address(this);
    }

    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256, int256) {
        (lastZeroForOne, lastAmount, lastLimit) = (zeroForOne, amountSpecified, sqrtPriceLimitX96);
        xme.transfer(recipient, gives);
        if (touches) token.transfer(address(this), 0);
        (int256 amount0, int256 amount1) = zeroForOne
            ? (int256(takes), -int256(gives))
            : (-int256(gives), int256(takes));
        for (uint256 i = 0; i < asks; i++) {
            IUniswapV3SwapCallback(msg.sender).uniswapV3SwapCallback(amount0, amount1, data);
        }
        return (amount0, amount1);
    }

    function observe(
        uint32[] calldata secondsAgos
    ) external view returns (int56[] memory ticks, uint160[] memory inverses) {
        require(!forgetful && secondsAgos.length == 2 && secondsAgos[0] == 1800 && secondsAgos[1] == 0, "OLD");
        (ticks, inverses) = (new int56[](2), new uint160[](2));
        for (uint256 i = 0; i < 2; i++) (ticks[i], inverses[i]) = (tickCumulatives[i], secondsPerLiquidity[i]);
    }

    function slot0() external view returns (uint160, int24, uint16, uint16, uint16, uint8, bool) {
        return (sqrtPriceX96, tick, 0, 1, 1, 0, true);
    }

    function initialize(uint160) external {}

    function increaseObservationCardinalityNext(uint16) external {}
}
