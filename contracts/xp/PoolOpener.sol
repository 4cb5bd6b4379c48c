// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IUniswapV3Factory, IUniswapV3Pool} from "../common/interfaces/IUniswapV3.sol";

/// @title Pool opener, which prepares the market place of XP
/// @notice Made one Uniswap V3 pool of XP and the payment token, gave it a first price and room for its oracle, and can do nothing more.
/// @dev XP Flywheel, "Market Dynamics": the market is a "DEX or OTC". That it is Uniswap V3, the price, the fee and the room are choices.
///
///      Everything happens in the constructor: one transaction of the deployment, that needs to know neither which of the two tokens has the
///      lower address nor whether somebody was faster. Nobody has XP yet, so the pool stays without liquidity, and the price of a
///      pool without liquidity binds nobody: anybody can move it, for nothing. So a pool that somebody else made is used as it is,
///      whatever price they gave it, and no one can hinder the deployment; who brings the first liquidity sets the price that counts.
///
///      The oracle: a pool remembers one observation unless somebody pays for more. With n, it can tell the average price over at least
///      n blocks with trades, so 150 are half an hour of blocks of 12 seconds, even if there is a trade in each. Room costs 22,000 gas each.
contract PoolOpener {
    /// @notice The highest opening price, in units of the payment token for one whole XP.
    /// @dev Choice: far above any price that makes sense, and `price × 2^192 / 1e18` stays below 2^256.
    uint256 public constant MAX_OPENING_PRICE = 1e36;

    /// @notice The pool.
    IUniswapV3Pool public immutable pool;

    /// @notice The pool stands at `sqrtPriceX96`, with room for `observations`; `found` says whether somebody else had given it its price.
    event PoolOpened(address indexed pool, uint160 sqrtPriceX96, uint16 observations, bool found);

    /// @notice Thrown at construction when an address that must be a contract holds none.
    error PoolOpener_NoCode(address account);

    /// @notice Thrown at construction when the price is zero or above the maximum.
    error PoolOpener_PriceOutOfBounds(uint256 openingPrice, uint256 maximum);

    /// @notice Thrown at construction when the factory has no pools with this fee.
    error PoolOpener_FeeNotOffered(uint24 fee);

    /// @dev `openingPrice` in units of the payment token for 1e18 wei of XP, `fee` in millionths.
    ///      Cost: 4.6 million gas for a new pool, and 22,000 for each observation.
    ///      Reverts with `PoolOpener_NoCode`, `PoolOpener_PriceOutOfBounds` and `PoolOpener_FeeNotOffered`.
    constructor(
        IUniswapV3Factory factory,
        IERC20 xp,
        IERC20 paymentToken,
        uint256 openingPrice,
        uint24 fee,
        uint16 observations
    ) {
        _requireCode(address(factory));
        _requireCode(address(xp));
        _requireCode(address(paymentToken));
        if (openingPrice == 0 || openingPrice > MAX_OPENING_PRICE) {
            revert PoolOpener_PriceOutOfBounds(openingPrice, MAX_OPENING_PRICE);
        }
        if (factory.feeAmountTickSpacing(fee) == 0) revert PoolOpener_FeeNotOffered(fee);

        address pool_ = factory.getPool(address(xp), address(paymentToken), fee);
        if (pool_ == address(0)) pool_ = factory.createPool(address(xp), address(paymentToken), fee);
        pool = IUniswapV3Pool(pool_);

        (uint160 sqrtPriceX96, , , , , , ) = pool.slot0();
        bool found = sqrtPriceX96 != 0;
        if (!found) {
            sqrtPriceX96 = _sqrtPriceX96(openingPrice, address(xp) < address(paymentToken));
            pool.initialize(sqrtPriceX96);
        }
        pool.increaseObservationCardinalityNext(observations);
        emit PoolOpened(pool_, sqrtPriceX96, observations, found);
    }

    /// @dev ⌊√(token1 per token0) × 2^96⌋; the root of a floor is the floor of the root, so the only rounding is one step of 2^-96 down.
    function _sqrtPriceX96(uint256 openingPrice, bool xpIsToken0) private pure returns (uint160) {
        uint256 ratioX192 =
            xpIsToken0 ? Math.mulDiv(openingPrice, 1 << 192, 1e18) : Math.mulDiv(1e18, 1 << 192, openingPrice);
        return uint160(Math.sqrt(ratioX192));
    }

    function _requireCode(address account) private view {
        if (account.code.length == 0) revert PoolOpener_NoCode(account);
    }
}
