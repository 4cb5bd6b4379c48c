// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IUniswapV3Factory, IUniswapV3Pool, IUniswapV3SwapCallback} from "../common/interfaces/IUniswapV3.sol";
import {FeeTiers} from "./FeeTiers.sol";
import {IXP} from "./interfaces/IXP.sol";

/// @title Tier router, from money to a lower fee in one transaction
/// @notice Buys exactly the XP that a fee tier costs you on Uniswap, and burns it for that tier.
/// @dev XP Flywheel, "Large Operators (The Buyers)": "Buy and burn XP for discount".
///
///      It asks the fee tiers what the caller would burn now, has the XP/payment pool of Uniswap V3 send exactly that much here, pays the pool
///      straight from the caller in the pool's callback, and burns the XP for the caller. Exact output means that there is no change: neither
///      token is ever left here after a call. It trusts the pool, which is the factory's own for the two tokens and the fee, and the
///      fee tiers; both are fixed at construction. It holds the router's role at the access manager, or the fee tiers refuse it.
///
///      Limits, in the open: what anybody sends here by a plain transfer counts for nothing and stays for ever. Whoever buys through a pool
///      that others see coming is bounded by `maxPayment` alone: set it from `quoteBuyAndBurn`, not at will. `maxFeeBps` bounds what the
///      payment is for, should another tier have got the number first.
///
///      Invariants: the balances of both tokens here are the same before and after every call; a caller pays what the pool took, at most
///      `maxPayment`, and the fee tiers burned all that the pool gave.
contract TierRouter is IUniswapV3SwapCallback, ReentrancyGuardTransient {
    using Bytes for bytes;
    using SafeCast for int256;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev What the callback must know of the purchase that the pool asks it to pay.
    struct Purchase {
        address payer;
        uint256 needed;
        uint256 maxPayment;
    }

    /// @dev Uniswap V3 TickMath: no pool's price ever reaches the ends, so neither limit binds.
    uint160 private constant LOWEST_LIMIT = 4_295_128_740;
    uint160 private constant HIGHEST_LIMIT = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;

    /// @notice The token that is bought and burned.
    IXP public immutable xp;

    /// @notice The token that is paid with.
    IERC20 public immutable paymentToken;

    /// @notice Where tiers are bought.
    FeeTiers public immutable feeTiers;

    /// @notice The Uniswap V3 pool of the two tokens.
    IUniswapV3Pool public immutable pool;

    /// @dev Uniswap orders the two tokens of a pool by their addresses.
    bool private immutable _paymentIsToken0;

    /// @notice `account` paid `payment` for `burned` of XP, which was burned for `tier`.
    event BoughtAndBurned(address indexed account, uint256 indexed tier, uint256 payment, uint256 burned);

    /// @notice Thrown at construction when an address that must be a contract holds none.
    error TierRouter_NoCode(address account);

    /// @notice Thrown at construction when the factory has no pool of the two tokens with this fee.
    error TierRouter_NoPool(address xp, address paymentToken, uint24 fee);

    /// @notice Thrown when the call comes after its deadline.
    error TierRouter_DeadlinePassed(uint256 deadline, uint256 time);

    /// @notice Thrown when the pool asks for more than the caller was willing to pay.
    error TierRouter_PaymentAboveMaximum(uint256 payment, uint256 maxPayment);

    /// @notice Thrown when the pool runs out of XP before it has given what the tier costs.
    error TierRouter_NotEnoughLiquidity(uint256 needed, uint256 available);

    /// @notice Thrown when the tier's cost changed while it was being paid, which takes a payment token that lets its holder call others meanwhile.
    error TierRouter_CostChanged(uint256 bought, uint256 burned);

    /// @notice Thrown when anybody but the pool asks to be paid.
    error TierRouter_NotPool(address caller);

    /// @notice Thrown to come back from a swap that only asked for its price, and never seen outside.
    error TierRouter_Quote(uint256 payment);

    /// @dev The pool must stand. Reverts with `TierRouter_NoCode` and `TierRouter_NoPool`.
    constructor(IXP xp_, IERC20 paymentToken_, FeeTiers feeTiers_, IUniswapV3Factory factory, uint24 fee) {
        _requireCode(address(xp_));
        _requireCode(address(paymentToken_));
        _requireCode(address(feeTiers_));
        _requireCode(address(factory));
        address pool_ = factory.getPool(address(xp_), address(paymentToken_), fee);
        if (pool_ == address(0)) revert TierRouter_NoPool(address(xp_), address(paymentToken_), fee);

        xp = xp_;
        paymentToken = paymentToken_;
        feeTiers = feeTiers_;
        pool = IUniswapV3Pool(pool_);
        _paymentIsToken0 = address(paymentToken_) < address(xp_);
        // Nothing is ever left here, so this allows the fee tiers only what they burn in a purchase; unlimited saves a write each time.
        xp_.approve(address(feeTiers_), type(uint256).max);
    }

    /// @notice Buys exactly the XP that `tier` costs you now, for at most `maxPayment`, and burns it for you if the tier's fee is `maxFeeBps` or
    ///         less, until `deadline`.
    /// @dev `maxFeeBps` in basis points; `maxPayment` in units of the payment token, of which you must have allowed this contract as much as the
    ///      pool asks; `deadline` is a time in seconds. Where your credit covers the tier, nothing is bought. Returns what was paid and burned.
    ///      Cost: beside the tier's own burn, one swap of Uniswap V3 and no storage here: 156,000 gas for a renewal, 206,000 for a first tier.
    ///      Reverts with `TierRouter_DeadlinePassed`, `TierRouter_PaymentAboveMaximum`, `TierRouter_NotEnoughLiquidity`,
    ///      `TierRouter_CostChanged`, and with the errors of the fee tiers and of the payment token.
    function buyAndBurn(
        uint256 tier,
        uint256 maxFeeBps,
        uint256 maxPayment,
        uint256 deadline
    ) external nonReentrant returns (uint256 payment, uint256 burned) {
        return _buyAndBurn(tier, maxFeeBps, maxPayment, deadline);
    }

    /// @notice Allows this contract `maxPayment` by your signature `v`, `r`, `s`, then does as `buyAndBurn` does with `tier` and
    ///         `maxFeeBps` until `deadline`.
    /// @dev The signature is one of ERC-2612 for `maxPayment` with the same `deadline`. One that is refused is passed over, so that nobody
    ///      hinders the purchase by using the signature first; what is allowed already must then suffice.
    ///      Reverts as `buyAndBurn` does.
    function buyAndBurnWithPermit(
        uint256 tier,
        uint256 maxFeeBps,
        uint256 maxPayment,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint256 payment, uint256 burned) {
        try
            IERC20Permit(address(paymentToken)).permit(msg.sender, address(this), maxPayment, deadline, v, r, s)
        {} catch {}
        return _buyAndBurn(tier, maxFeeBps, maxPayment, deadline);
    }

    /// @notice What `account` would pay the pool now for `tier`, and the XP that it would burn; to be called without a transaction.
    /// @dev Equal to what `buyAndBurn` does in the same block. It runs the swap and undoes it, so a contract may call it too, for the gas
    ///      of a swap. Returns units of the payment token and wei of XP.
    ///      Reverts with `TierRouter_NotEnoughLiquidity` and with the errors of the fee tiers and of the pool.
    function quoteBuyAndBurn(address account, uint256 tier) external returns (uint256 payment, uint256 burned) {
        burned = feeTiers.quote(account, tier, 0, 0).burn;
        if (burned == 0) return (0, 0);
        try
            pool.swap(
                address(this),
                _paymentIsToken0,
                -burned.toInt256(),
                _priceLimit(),
                _encode(address(0), burned, 0)
            )
        {
            // Never comes here: the callback lets no swap without a payer end.
        } catch (bytes memory reason) {
            if (bytes4(reason) != TierRouter_Quote.selector) LowLevelCall.bubbleRevert(reason);
            payment = abi.decode(reason.slice(4), (uint256));
        }
    }

    /// @notice The pool asks for its payment here, as `amount0Delta` or `amount1Delta`, and gets it from the buyer that `data` names.
    /// @dev A pool calls back only whoever swaps, so the data is this contract's own. Reverts with `TierRouter_NotPool`,
    ///      `TierRouter_NotEnoughLiquidity`, `TierRouter_PaymentAboveMaximum`, `TierRouter_Quote` and the payment token's errors.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
        if (msg.sender != address(pool)) revert TierRouter_NotPool(msg.sender);
        Purchase memory purchase = abi.decode(data, (Purchase));
        (int256 owed, int256 given) = _paymentIsToken0 ? (amount0Delta, amount1Delta) : (amount1Delta, amount0Delta);
        uint256 payment = owed.toUint256();
        uint256 received = (-given).toUint256();

        if (received < purchase.needed) revert TierRouter_NotEnoughLiquidity(purchase.needed, received);
        if (purchase.payer == address(0)) revert TierRouter_Quote(payment);
        if (payment > purchase.maxPayment) revert TierRouter_PaymentAboveMaximum(payment, purchase.maxPayment);
        paymentToken.safeTransferFrom(purchase.payer, msg.sender, payment);
    }

    function _buyAndBurn(
        uint256 tier,
        uint256 maxFeeBps,
        uint256 maxPayment,
        uint256 deadline
    ) private returns (uint256 payment, uint256 burned) {
        if (block.timestamp > deadline) revert TierRouter_DeadlinePassed(deadline, block.timestamp);
        uint256 needed = feeTiers.quote(msg.sender, tier, 0, 0).burn;
        if (needed > 0) payment = _buy(needed, maxPayment);
        burned = feeTiers.burnForTierFor(msg.sender, tier, maxFeeBps, needed);
        if (burned != needed) revert TierRouter_CostChanged(needed, burned);
        emit BoughtAndBurned(msg.sender, tier, payment, burned);
    }

    /// @dev The callback has checked and made the payment by the time that the swap ends.
    function _buy(uint256 needed, uint256 maxPayment) private returns (uint256 payment) {
        bytes memory data = _encode(msg.sender, needed, maxPayment);
        (int256 amount0, int256 amount1) = pool.swap(
            address(this),
            _paymentIsToken0,
            -needed.toInt256(),
            _priceLimit(),
            data
        );
        return (_paymentIsToken0 ? amount0 : amount1).toUint256();
    }

    function _priceLimit() private view returns (uint160) {
        return _paymentIsToken0 ? LOWEST_LIMIT : HIGHEST_LIMIT;
    }

    function _encode(address payer, uint256 needed, uint256 maxPayment) private pure returns (bytes memory) {
        return abi.encode(Purchase({payer: payer, needed: needed, maxPayment: maxPayment}));
    }

    function _requireCode(address account) private view {
        if (account.code.length == 0) revert TierRouter_NoCode(account);
    }
}
