// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IXP} from "./interfaces/IXP.sol";
import {Order} from "./types/Order.sol";

/// @title XP market, where agents sell XP to each other and to whoever burns it
/// @notice Offer XP for sale, or money for XP, at your price; anybody may take your offer, whole or in parts, until you cancel it.
/// @dev XP Flywheel, "Dual Use of XP": "market: DEX or OTC, price: Market-determined"; this is the second of the two, beside the Uniswap pool.
///      An ask holds the XP that it sells, a bid the money that it pays. Price and side of an order never change, so whoever takes it knows
///      what they get whenever their transaction comes through. There are no fees, no matching, no expiry, no admin and no way to stop it.
///
///      A price is in units of the payment token for one whole XP, a dollar with six decimals at two cents is 20,000; nothing here depends on
///      how many decimals that token has.
///
///      Rounding: the payer's side rounds up. Who takes an ask pays ⌈XP × price⌉ for each part. A bid pays in all ⌈XP × price⌉ and holds just that
///      for what is left of it, so each part pays the difference that it makes to what the bid has to hold: the parts sum to the unit to the
///      whole, nothing is left behind, and at every moment a bid has paid less than one unit above its price for what it got.
///
///      Who comes second: a fill for more than is left takes what is left, and its `limit` counts in proportion, so that nobody stops another's fill
///      by taking a wei first. At the order's own price, ⌈XP × price⌉ for an ask and ⌊XP × price⌋ for a bid, a limit refuses nothing, whatever was
///      taken before.
///
///      Whom a token refuses: an ask is paid straight to its maker, so where the payment token refuses that maker, this ask alone cannot be
///      taken, and its maker cancels it. A bid's maker that the token refuses cancels to another address. Nobody else is held up.
///
///      Limits, in the open: an offer at a price that has moved stays open until it is cancelled, and whoever is first may take it; a part so
///      small that it pays nothing is the seller's to refuse, by `limit`. Tokens that take a fee on transfer are refused as they come in and as
///      they are paid out; where a token begins to take one later, a bid can still be cancelled, for what the token then lets through. A token
///      that charges the sender on top, or changes balances by itself, must not be used: the deployment chooses the token once.
///      XP or payment sent here by a plain transfer belongs to no order and stays for ever.
///
///      Invariants: XP balance ≥ Σ remaining of asks; payment balance ≥ Σ ⌈remaining × price⌉ of bids; both equal where nobody sent anything
///      outright. State is written before anything moves, and the guard keeps a payment token that calls back from taking part.
contract XPMarket is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice The most XP, in wei, that one order can be for.
    /// @dev What fits beside the maker in one slot: three times the XP that can exist.
    uint256 public constant MAX_XP = type(uint88).max;

    /// @notice The highest price, in units of the payment token for one whole XP.
    uint256 public constant MAX_PRICE = type(uint128).max;

    /// @notice The most, in units of the payment token, that one order can cost in all.
    /// @dev Amounts of the payment token have 96 bits everywhere in the flywheel: 79 billion whole units with eighteen decimals.
    uint256 public constant MAX_PAYMENT = type(uint96).max;

    /// @notice The most decimals that the payment token can have.
    /// @dev With more, `MAX_PAYMENT` would bind in daily use.
    uint256 public constant MAX_DECIMALS = 18;

    uint256 private constant _ONE_XP = 1e18;

    /// @notice The token for sale: XP.
    IERC20 public immutable xp;

    /// @notice The token that is paid with.
    IERC20 public immutable paymentToken;

    /// @notice How many orders were ever made; they are numbered from 1.
    uint256 public orderCount;

    mapping(uint256 orderId => Order) private _orders;

    /// @notice `maker` offers to buy, where `isBid`, or else to sell `xpAmount` of XP for `price` for one whole XP.
    event OrderMade(
        uint256 indexed orderId,
        address indexed maker,
        bool indexed isBid,
        uint256 xpAmount,
        uint256 price
    );

    /// @notice `taker` bought from `maker`, or where `isBid` sold to `maker`, `xpAmount` of XP for `payment`; `remaining` is left of the order.
    event OrderFilled(
        uint256 indexed orderId,
        address indexed maker,
        address indexed taker,
        bool isBid,
        uint256 xpAmount,
        uint256 payment,
        uint256 remaining
    );

    /// @notice `maker` took back `amount` to `to`, all that the order still held: payment where `isBid`, or else XP.
    event OrderCancelled(
        uint256 indexed orderId,
        address indexed maker,
        address indexed to,
        bool isBid,
        uint256 amount
    );

    /// @notice Thrown at construction when XP's address holds no contract.
    error XPMarket_XpHasNoCode(address xp);

    /// @notice Thrown at construction when the payment token's address holds no contract.
    error XPMarket_PaymentTokenHasNoCode(address paymentToken);

    /// @notice Thrown at construction when XP would be paid with XP.
    error XPMarket_PaymentTokenIsXp();

    /// @notice Thrown at construction for a payment token with more decimals than `maximum`.
    error XPMarket_TooManyDecimals(uint256 decimals, uint256 maximum);

    /// @notice Thrown for an order for no XP, or for more than `maximum`.
    error XPMarket_XpOutOfRange(uint256 xpAmount, uint256 maximum);

    /// @notice Thrown for a price that is zero, or above `maximum`.
    error XPMarket_PriceOutOfRange(uint256 price, uint256 maximum);

    /// @notice Thrown for an order that costs more than `maximum` in all; make several.
    error XPMarket_PaymentAboveMaximum(uint256 payment, uint256 maximum);

    /// @notice Thrown for an order that was never made.
    error XPMarket_UnknownOrder(uint256 orderId);

    /// @notice Thrown for an order that was taken whole or cancelled.
    error XPMarket_OrderClosed(uint256 orderId);

    /// @notice Thrown when no XP of an order is wanted.
    error XPMarket_NothingWanted(uint256 orderId);

    /// @notice Thrown when makers would trade with themselves; cancel instead.
    error XPMarket_OwnOrder(uint256 orderId, address maker);

    /// @notice Thrown when XP costs more than `limit`, the buyer's for as much as is filled.
    error XPMarket_PaymentAboveLimit(uint256 orderId, uint256 payment, uint256 limit);

    /// @notice Thrown when XP brings less than `limit`, the seller's for as much as is filled.
    error XPMarket_PaymentBelowLimit(uint256 orderId, uint256 payment, uint256 limit);

    /// @notice Thrown when anybody but its maker cancels an order.
    error XPMarket_NotMaker(uint256 orderId, address caller, address maker);

    /// @notice Thrown when an order would be cancelled to this contract itself, where what it held would be nobody's.
    error XPMarket_RecipientIsMarket(uint256 orderId);

    /// @notice Thrown when the payment token took something from `payment` on its way to `to`.
    error XPMarket_PaymentFellShort(address to, uint256 payment, uint256 received);

    /// @dev The payment token must say its decimals, for wallets to show a price; no calculation here uses them.
    ///      Reverts with `XPMarket_XpHasNoCode`, `XPMarket_PaymentTokenHasNoCode`, `XPMarket_PaymentTokenIsXp`, `XPMarket_TooManyDecimals`, and
    ///      without a reason for a token that has no decimals to say.
    constructor(IXP xp_, IERC20Metadata paymentToken_) {
        if (address(xp_).code.length == 0) revert XPMarket_XpHasNoCode(address(xp_));
        if (address(paymentToken_).code.length == 0) revert XPMarket_PaymentTokenHasNoCode(address(paymentToken_));
        if (address(paymentToken_) == address(xp_)) revert XPMarket_PaymentTokenIsXp();
        uint256 decimals = paymentToken_.decimals();
        if (decimals > MAX_DECIMALS) revert XPMarket_TooManyDecimals(decimals, MAX_DECIMALS);
        xp = xp_;
        paymentToken = paymentToken_;
    }

    /// @notice Offers `xpAmount` of your XP for sale at `price`, in units of the payment token for one whole XP.
    /// @dev The market holds the XP, in wei, until it is sold or you cancel. Returns the order's number. Needs an allowance of XP.
    ///      Cost: two new slots and the counter, then XP's transfer.
    ///      Reverts with `XPMarket_XpOutOfRange`, `XPMarket_PriceOutOfRange`, `XPMarket_PaymentAboveMaximum` and XP's own errors.
    function ask(uint256 xpAmount, uint256 price) external returns (uint256 orderId) {
        return _ask(xpAmount, price);
    }

    /// @notice Offers `xpAmount` of your XP for sale at `price` as `ask` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit of XP for exactly `xpAmount`. Somebody else may have used it already, which does no harm: only
    ///      the allowance counts. Reverts as `ask`.
    function askWithPermit(
        uint256 xpAmount,
        uint256 price,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 orderId) {
        _tryPermit(xp, xpAmount, deadline, v, r, s);
        return _ask(xpAmount, price);
    }

    /// @notice Offers to buy `xpAmount` of XP at `price`, in units of the payment token for one whole XP, and pays it in advance.
    /// @dev The market holds the payment that `previewBid` says until it is spent or you cancel. Returns the order's number. Needs an allowance of
    ///      the payment token. Cost: two new slots and the counter, then the token's transfer and two looks at the market's balance.
    ///      Reverts with the errors of `previewBid`, `XPMarket_PaymentFellShort` and the payment token's own errors.
    function bid(uint256 xpAmount, uint256 price) external nonReentrant returns (uint256 orderId) {
        return _bid(xpAmount, price);
    }

    /// @notice Offers to buy `xpAmount` of XP at `price` as `bid` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit of the payment token for exactly what `previewBid` says, if that token has permits. Somebody
    ///      else may have used it already, which does no harm: only the allowance counts. Reverts as `bid`.
    function bidWithPermit(
        uint256 xpAmount,
        uint256 price,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint256 orderId) {
        _tryPermit(paymentToken, previewBid(xpAmount, price), deadline, v, r, s);
        return _bid(xpAmount, price);
    }

    /// @notice Takes `xpAmount` of the order `orderId`, or all that is left: from an ask you buy it for at most `limit`, to a bid you sell it for at
    ///         least `limit`, or for the part of `limit` that belongs to what was left.
    /// @dev In wei of XP and units of the payment token. Returns what was `filled`, the smaller of `xpAmount` and what is left, and the `payment` for
    ///      it, as `previewFill` says in the same block. For less than `xpAmount` the limit is ⌈limit × filled / xpAmount⌉ of an ask and
    ///      ⌊limit × filled / xpAmount⌋ of a bid: it is for `xpAmount`, so name what you want, since part of a limit for far more is next to nothing.
    ///      A part of a bid can bring a unit less than `previewFill` said where somebody else was first: ⌊xpAmount × price / 1e18⌋ is always brought.
    ///      Buying needs an allowance of the payment token, which goes straight to the maker; selling one of XP. What an order no longer needs is
    ///      deleted. Cost: two cold slots, then both tokens' transfers and two looks at the balance of who is paid.
    ///      Reverts with the errors of `previewFill`, `XPMarket_OwnOrder`, `XPMarket_PaymentAboveLimit`, `XPMarket_PaymentBelowLimit`,
    ///      `XPMarket_PaymentFellShort` and the tokens' own errors.
    function fill(
        uint256 orderId,
        uint256 xpAmount,
        uint256 limit
    ) external nonReentrant returns (uint256 filled, uint256 payment) {
        return _fill(orderId, xpAmount, limit);
    }

    /// @notice Takes `xpAmount` of the order `orderId`, or what is left, for at most or at least `limit` as `fill` does, with your signature in
    ///         place of an allowance.
    /// @dev For an ask the signature is an ERC-2612 permit of the payment token for exactly `limit`, if that token has permits; for a bid one of
    ///      XP for exactly `xpAmount`. What of it is not paid or sold stays allowed, to this contract, which never takes it unasked. Somebody else
    ///      may have used the signature already, which does no harm: only the allowance counts. Reverts as `fill`.
    function fillWithPermit(
        uint256 orderId,
        uint256 xpAmount,
        uint256 limit,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint256 filled, uint256 payment) {
        if (_orders[orderId].isBid) {
            _tryPermit(xp, xpAmount, deadline, v, r, s);
        } else {
            _tryPermit(paymentToken, limit, deadline, v, r, s);
        }
        return _fill(orderId, xpAmount, limit);
    }

    /// @notice Closes your order `orderId` and sends what it still holds to `to`.
    /// @dev Returns the `amount` that `previewCancel` says in the same block, in wei of XP for an ask, in units of the payment token for a bid.
    ///      Cost: two cold slots, refunded, and one transfer.
    ///      Reverts with `XPMarket_UnknownOrder`, `XPMarket_OrderClosed`, `XPMarket_NotMaker`, `XPMarket_RecipientIsMarket` and the token's own errors.
    function cancel(uint256 orderId, address to) external nonReentrant returns (uint256 amount) {
        Order memory order = orderOf(orderId);
        if (msg.sender != order.maker) revert XPMarket_NotMaker(orderId, msg.sender, order.maker);
        if (to == address(this)) revert XPMarket_RecipientIsMarket(orderId);

        IERC20 token;
        (token, amount) = _held(order);
        delete _orders[orderId];
        emit OrderCancelled(orderId, msg.sender, to, order.isBid, amount);
        token.safeTransfer(to, amount);
    }

    /// @notice The order `orderId`: who made it, how much XP, in wei, is left, whether it buys, and at which price.
    /// @dev Reverts with `XPMarket_UnknownOrder` and `XPMarket_OrderClosed`.
    function orderOf(uint256 orderId) public view returns (Order memory order) {
        order = _orders[orderId];
        if (order.maker != address(0)) return order;
        if (orderId == 0 || orderId > orderCount) revert XPMarket_UnknownOrder(orderId);
        revert XPMarket_OrderClosed(orderId);
    }

    /// @notice What `bid` takes for `xpAmount` of XP at `price`, in units of the payment token; what an ask of that size brings at least.
    /// @dev ⌈xpAmount × price / 1e18⌉: rounds up. Reverts with `XPMarket_XpOutOfRange`, `XPMarket_PriceOutOfRange` and
    ///      `XPMarket_PaymentAboveMaximum`.
    function previewBid(uint256 xpAmount, uint256 price) public pure returns (uint256 payment) {
        if (xpAmount == 0 || xpAmount > MAX_XP) revert XPMarket_XpOutOfRange(xpAmount, MAX_XP);
        if (price == 0 || price > MAX_PRICE) revert XPMarket_PriceOutOfRange(price, MAX_PRICE);
        payment = _cost(xpAmount, price);
        if (payment > MAX_PAYMENT) revert XPMarket_PaymentAboveMaximum(payment, MAX_PAYMENT);
    }

    /// @notice How much of `xpAmount` of the order `orderId` could be taken now, and what that costs the buyer or brings the seller.
    /// @dev `filled` in wei of XP, the smaller of `xpAmount` and what is left; `payment` in units of the payment token: of an ask
    ///      ⌈filled × price / 1e18⌉, of a bid what it holds now less what it must hold afterwards, which is that number or one less.
    ///      Reverts with `XPMarket_UnknownOrder`, `XPMarket_OrderClosed` and `XPMarket_NothingWanted`.
    function previewFill(uint256 orderId, uint256 xpAmount) external view returns (uint256 filled, uint256 payment) {
        return _terms(orderId, orderOf(orderId), xpAmount);
    }

    /// @notice What `cancel` gives back for the order `orderId` now: the `amount`, and of which `token`.
    /// @dev Reverts with `XPMarket_UnknownOrder` and `XPMarket_OrderClosed`.
    function previewCancel(uint256 orderId) external view returns (IERC20 token, uint256 amount) {
        return _held(orderOf(orderId));
    }

    function _ask(uint256 xpAmount, uint256 price) private returns (uint256 orderId) {
        previewBid(xpAmount, price);
        orderId = _make(xpAmount, price, false);
        xp.safeTransferFrom(msg.sender, address(this), xpAmount);
    }

    function _bid(uint256 xpAmount, uint256 price) private returns (uint256 orderId) {
        uint256 payment = previewBid(xpAmount, price);
        orderId = _make(xpAmount, price, true);
        _pay(msg.sender, address(this), payment);
    }

    /// @dev Takes amounts that `previewBid` has accepted.
    function _make(uint256 xpAmount, uint256 price, bool isBid) private returns (uint256 orderId) {
        orderId = ++orderCount;
        _orders[orderId] = Order({maker: msg.sender, remaining: uint88(xpAmount), isBid: isBid, price: uint128(price)});
        emit OrderMade(orderId, msg.sender, isBid, xpAmount, price);
    }

    function _fill(uint256 orderId, uint256 xpAmount, uint256 limit) private returns (uint256 filled, uint256 payment) {
        Order memory order = orderOf(orderId);
        (filled, payment) = _terms(orderId, order, xpAmount);
        if (msg.sender == order.maker) revert XPMarket_OwnOrder(orderId, order.maker);
        if (filled < xpAmount) {
            limit = Math.mulDiv(limit, filled, xpAmount, order.isBid ? Math.Rounding.Floor : Math.Rounding.Ceil);
        }
        if (order.isBid && payment < limit) revert XPMarket_PaymentBelowLimit(orderId, payment, limit);
        if (!order.isBid && payment > limit) revert XPMarket_PaymentAboveLimit(orderId, payment, limit);

        uint256 remaining = order.remaining - filled;
        if (remaining == 0) delete _orders[orderId];
        else _orders[orderId].remaining = uint88(remaining);
        emit OrderFilled(orderId, order.maker, msg.sender, order.isBid, filled, payment, remaining);

        if (order.isBid) {
            xp.safeTransferFrom(msg.sender, order.maker, filled);
            _pay(address(this), msg.sender, payment);
        } else {
            xp.safeTransfer(msg.sender, filled);
            _pay(msg.sender, order.maker, payment);
        }
    }

    /// @dev Moves payment and makes sure that all of it arrives. `from` and `to` are never the same.
    function _pay(address from, address to, uint256 payment) private {
        uint256 before = paymentToken.balanceOf(to);
        if (from == address(this)) paymentToken.safeTransfer(to, payment);
        else paymentToken.safeTransferFrom(from, to, payment);
        uint256 received = Math.saturatingSub(paymentToken.balanceOf(to), before);
        if (received < payment) revert XPMarket_PaymentFellShort(to, payment, received);
    }

    function _tryPermit(IERC20 token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), value, deadline, v, r, s) {} catch {}
    }

    /// @dev What `xpAmount` of an open order comes to: as much as is left of it, and what that costs.
    function _terms(
        uint256 orderId,
        Order memory order,
        uint256 xpAmount
    ) private pure returns (uint256 filled, uint256 payment) {
        if (xpAmount == 0) revert XPMarket_NothingWanted(orderId);
        filled = Math.min(xpAmount, order.remaining);
        payment =
            order.isBid
                ? _cost(order.remaining, order.price) - _cost(order.remaining - filled, order.price)
                : _cost(filled, order.price);
    }

    /// @dev What an open order holds.
    function _held(Order memory order) private view returns (IERC20 token, uint256 amount) {
        if (!order.isBid) return (xp, order.remaining);
        return (paymentToken, _cost(order.remaining, order.price));
    }

    /// @dev Rounds up. 88 and 128 bits cannot overflow.
    function _cost(uint256 xpAmount, uint256 price) private pure returns (uint256) {
        return Math.ceilDiv(xpAmount * price, _ONE_XP);
    }
}
