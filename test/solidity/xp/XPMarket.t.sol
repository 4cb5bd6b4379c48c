// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {TestDollar} from "../../../contracts/xp/TestDollar.sol";
import {Order} from "../../../contracts/xp/types/Order.sol";
import {XP} from "../../../contracts/xp/XP.sol";
import {XPMarket} from "../../../contracts/xp/XPMarket.sol";
import {Test} from "../support/Test.sol";

uint256 constant TRADERS = 4;
uint256 constant XP_EACH = 20_000_000e18;
uint256 constant DOLLARS_EACH = 100_000_000e6;

/// @dev What XP costs as a person would reckon it: the whole units, and one more for what is over.
function fairPayment(uint256 xpAmount, uint256 price) pure returns (uint256) {
    uint256 over = (xpAmount * price) % 1e18;
    return (xpAmount * price) / 1e18 + (over == 0 ? 0 : 1);
}

/// @dev What every test of the market stands on: real XP, the test dollar, and traders who have allowed both.
abstract contract XPMarketSetUp is Test {
    XP internal xp;
    TestDollar internal dollar;
    XPMarket internal market;

    function _deployMarket() internal {
        xp = new XP(address(new AccessManager(address(this))));
        dollar = new TestDollar();
        market = new XPMarket(xp, dollar);
    }

    function _fund(address trader) internal {
        xp.mint(trader, XP_EACH);
        dollar.faucet(trader, DOLLARS_EACH);
        vm.startPrank(trader);
        xp.approve(address(market), type(uint256).max);
        dollar.approve(address(market), type(uint256).max);
        vm.stopPrank();
    }
}

/// @notice Fuzz tests of the market: whatever the parts, prices and amounts, both sides come out to the wei and to the unit.
contract XPMarketTest is XPMarketSetUp {
    /// @dev An order of which somebody took a part, mostly a wei, after the whole was `shown` to cost so much; `payment` is fair for what is left.
    struct PartTaken {
        uint256 orderId;
        uint256 whole;
        uint256 left;
        uint256 shown;
        uint256 payment;
    }

    address private constant _MAKER = address(0xA11CE);

    function setUp() external {
        _deployMarket();
        _fund(_MAKER);
        _fund(address(this));
    }

    function testFuzz_PartsOfABidSumToWhatItHeld(uint256 xpAmount, uint256 price, uint256[6] memory parts) external {
        (xpAmount, price) = _terms(xpAmount, price);
        vm.prank(_MAKER);
        uint256 orderId = market.bid(xpAmount, price);
        uint256 held = dollar.balanceOf(address(market));
        vm.assertEq(held, fairPayment(xpAmount, price), "the bid holds another amount");
        uint256 left = xpAmount;
        for (uint256 i = 0; i < parts.length && left != 0; i++) {
            uint256 part = i == parts.length - 1 ? left : bound(parts[i], 1, left);
            (, uint256 preview) = market.previewFill(orderId, part);
            (uint256 filled, uint256 payment) = market.fill(orderId, part, 0);
            left -= part;
            vm.assertEq(filled, part, "another part was taken");
            vm.assertEq(payment, preview, "the preview said another payment");
            vm.assertGe(payment, (part * price) / 1e18, "a part pays less than its price rounded down");
            vm.assertLe(payment, fairPayment(part, price), "a part pays more than its price rounded up");
            vm.assertEq(dollar.balanceOf(address(market)), fairPayment(left, price), "the rest is not covered exactly");
        }
        vm.assertEq(dollar.balanceOf(address(this)), DOLLARS_EACH + held, "the parts are not the whole");
        vm.assertEq(xp.balanceOf(_MAKER), XP_EACH + xpAmount, "the maker got other XP than it bid for");
    }

    function testFuzz_PartsOfAnAskCostTheirPriceRoundedUp(
        uint256 xpAmount,
        uint256 price,
        uint256[6] memory parts
    ) external {
        (xpAmount, price) = _terms(xpAmount, price);
        vm.prank(_MAKER);
        uint256 orderId = market.ask(xpAmount, price);
        uint256 left = xpAmount;
        for (uint256 i = 0; i < parts.length && left != 0; i++) {
            uint256 part = i == parts.length - 1 ? left : bound(parts[i], 1, left);
            (, uint256 payment) = market.fill(orderId, part, fairPayment(part, price));
            left -= part;
            vm.assertEq(payment, fairPayment(part, price), "a part costs another payment");
            vm.assertEq(xp.balanceOf(address(market)), left, "the rest is not there");
        }
        uint256 earned = dollar.balanceOf(_MAKER) - DOLLARS_EACH;
        vm.assertGe(earned, fairPayment(xpAmount, price), "parts bring less than the whole");
        vm.assertEq(xp.balanceOf(address(this)), XP_EACH + xpAmount, "the buyer got other XP than it paid for");
    }

    function testFuzz_WhatWasTakenAndWhatComesBackAreTheWhole(
        uint256 xpAmount,
        uint256 price,
        uint256 part,
        bool isBid
    ) external {
        (xpAmount, price) = _terms(xpAmount, price);
        vm.prank(_MAKER);
        uint256 orderId = isBid ? market.bid(xpAmount, price) : market.ask(xpAmount, price);
        part = bound(part, 0, xpAmount - 1);
        uint256 payment = 0;
        if (part != 0) (, payment) = market.fill(orderId, part, isBid ? 0 : type(uint256).max);
        (, uint256 preview) = market.previewCancel(orderId);
        vm.prank(_MAKER);
        uint256 back = market.cancel(orderId, address(1));
        vm.assertEq(back, preview, "the preview said another amount");
        vm.assertEq(
            isBid ? back + payment : back + part,
            isBid ? fairPayment(xpAmount, price) : xpAmount,
            "not all of it"
        );
        vm.assertEq(isBid ? dollar.balanceOf(address(1)) : xp.balanceOf(address(1)), back, "it gave another amount");
        vm.assertEq(xp.balanceOf(address(market)) + dollar.balanceOf(address(market)), 0, "something stayed");
    }

    function testFuzz_RefusesAUnitBeyondTheLimit(uint256 xpAmount, uint256 price, uint256 part, bool isBid) external {
        (xpAmount, price) = _terms(xpAmount, price);
        vm.prank(_MAKER);
        uint256 orderId = isBid ? market.bid(xpAmount, price) : market.ask(xpAmount, price);
        part = bound(part, 1, xpAmount);
        (, uint256 payment) = market.previewFill(orderId, part);
        uint256 limit = isBid ? payment + 1 : payment - 1;
        bytes4 reason =
            isBid ? XPMarket.XPMarket_PaymentBelowLimit.selector : XPMarket.XPMarket_PaymentAboveLimit.selector;
        vm.expectRevert(abi.encodeWithSelector(reason, orderId, payment, limit));
        market.fill(orderId, part, limit);
        market.fill(orderId, part, payment);
    }

    function testFuzz_NoFillBeforeStopsOneOfTheWhole(
        uint256 xpAmount,
        uint256 price,
        uint256 dust,
        bool isBid
    ) external {
        PartTaken memory taken = _takePart(xpAmount, price, dust, isBid);
        (uint256 previewFilled, uint256 previewPayment) = market.previewFill(taken.orderId, taken.whole);
        uint256 before = dollar.balanceOf(address(this));
        (uint256 filled, uint256 paid) = market.fill(taken.orderId, taken.whole, taken.shown);
        vm.assertEq(filled, taken.left, "not all that was left was taken");
        vm.assertEq(paid, taken.payment, "the rest costs another payment than its price, rounded up");
        vm.assertEq(filled, previewFilled, "the preview said another part");
        vm.assertEq(paid, previewPayment, "the preview said another payment");
        uint256 moved = isBid ? dollar.balanceOf(address(this)) - before : before - dollar.balanceOf(address(this));
        vm.assertEq(moved, taken.payment, "another payment was made");
        vm.expectRevert(abi.encodeWithSelector(XPMarket.XPMarket_OrderClosed.selector, taken.orderId));
        market.fill(taken.orderId, taken.whole, taken.shown);
    }

    function testFuzz_TheRestIsHeldToItsPartOfTheLimit(
        uint256 xpAmount,
        uint256 price,
        uint256 dust,
        bool isBid,
        uint256 limit
    ) external {
        PartTaken memory taken = _takePart(xpAmount, price, dust, isBid);
        limit = limit % 4 == 0 ? bound(limit, taken.shown - 1, taken.shown + 1) : bound(limit, 0, 3 * taken.shown);
        // Cross-multiplied: a buyer pays less than a unit above the limit's price for what is left, a seller gets more than a unit below it.
        bool within =
            isBid
                ? (taken.payment + 1) * taken.whole > limit * taken.left
                : (taken.payment - 1) * taken.whole < limit * taken.left;
        // solhint-disable-next-line avoid-low-level-calls
        (bool passed, ) = address(market).call(abi.encodeCall(XPMarket.fill, (taken.orderId, taken.whole, limit)));
        vm.assertEq(passed, within, "the limit for the whole does not hold in proportion");
    }

    function testFuzz_MakesNoOrderOutOfRange(uint256 xpAmount, uint256 price, uint256 turn, bool isBid) external {
        bytes memory reason;
        turn = turn % 3;
        if (turn == 0) {
            xpAmount = xpAmount % 5 == 0 ? 0 : bound(xpAmount, uint256(type(uint88).max) + 1, type(uint256).max);
            reason = _outOfRange(XPMarket.XPMarket_XpOutOfRange.selector, xpAmount, type(uint88).max);
        } else if (turn == 1) {
            xpAmount = bound(xpAmount, 1, type(uint88).max);
            price = price % 5 == 0 ? 0 : bound(price, uint256(type(uint128).max) + 1, type(uint256).max);
            reason = _outOfRange(XPMarket.XPMarket_PriceOutOfRange.selector, price, type(uint128).max);
        } else {
            xpAmount = bound(xpAmount, 1e18, type(uint88).max);
            price = bound(price, (uint256(type(uint96).max) * 1e18) / xpAmount + 1, type(uint128).max);
            uint256 payment = fairPayment(xpAmount, price);
            reason = _outOfRange(XPMarket.XPMarket_PaymentAboveMaximum.selector, payment, type(uint96).max);
        }
        vm.expectRevert(reason);
        if (isBid) market.bid(xpAmount, price);
        else market.ask(xpAmount, price);
        vm.assertEq(market.orderCount(), 0, "an order was made");
    }

    function _takePart(
        uint256 xpAmount,
        uint256 price,
        uint256 dust,
        bool isBid
    ) private returns (PartTaken memory taken) {
        (taken.whole, price) = _terms(xpAmount, price);
        vm.assume(taken.whole > 1);
        vm.prank(_MAKER);
        taken.orderId = isBid ? market.bid(taken.whole, price) : market.ask(taken.whole, price);
        (, taken.shown) = market.previewFill(taken.orderId, taken.whole);
        dust = dust % 3 != 0 ? 1 : bound(dust, 1, taken.whole - 1);
        market.fill(taken.orderId, dust, isBid ? 0 : type(uint256).max);
        taken.left = taken.whole - dust;
        taken.payment = fairPayment(taken.left, price);
    }

    function _outOfRange(bytes4 selector, uint256 value, uint256 maximum) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, value, maximum);
    }

    /// @dev From a wei to ten million XP, from next to nothing to what a maker can pay.
    function _terms(uint256 xpAmount, uint256 price) private pure returns (uint256, uint256) {
        xpAmount = xpAmount % 3 == 0 ? bound(xpAmount, 1, 1_000) : bound(xpAmount, 1, XP_EACH / 2);
        price = bound(price, 1, (DOLLARS_EACH * 1e18) / xpAmount);
        if (price > type(uint128).max) price = type(uint128).max;
        return (xpAmount, price);
    }
}

/// @dev Many traders on one market: they ask, bid, fill, cancel, and try what they must not; others give XP and dollars outright.
contract XPMarketHandler is Test {
    XPMarket private _market;
    XP private _xp;
    TestDollar private _dollar;

    mapping(uint256 orderId => uint256 xp) public bought;
    mapping(uint256 orderId => uint256 payment) public paid;
    mapping(uint256 orderId => uint256 price) public priceOf;
    uint256 public xpDonated;
    uint256 public dollarsDonated;
    uint256 public calls;
    uint256 public asks;
    uint256 public bids;
    uint256 public askFills;
    uint256 public bidFills;
    uint256 public closed;
    uint256 public rests;
    uint256 public cancellations;
    uint256 public refusals;
    bool public refusedCallPassed;

    constructor(XPMarket market_, XP xp_, TestDollar dollar_) {
        _market = market_;
        _xp = xp_;
        _dollar = dollar_;
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind.
    modifier thenOneMore(uint256 seed) {
        _;
        uint256 turn = calls++ % 8;
        seed = uint256(keccak256(abi.encode(seed, calls)));
        if (turn == 0) _make(seed, seed >> 32, seed >> 128, false);
        if (turn == 1) _make(seed, seed >> 32, seed >> 128, true);
        if (turn >= 2 && turn < 6) _fill(seed, seed >> 32, turn == 5);
        if (turn == 6) _refused(seed, seed >> 32);
        if (turn == 7) _cancel(seed);
    }

    function traderOf(uint256 seed) public pure returns (address) {
        return address(uint160(0x7EADE0 + (seed % TRADERS)));
    }

    function make(uint256 seed, uint256 xpAmount, uint256 price, bool isBid) external thenOneMore(seed) {
        _make(seed, xpAmount, price, isBid);
    }

    function fill(uint256 seed, uint256 xpAmount) external thenOneMore(seed) {
        _fill(seed, xpAmount, false);
    }

    function fillWhole(uint256 seed) external thenOneMore(seed) {
        _fill(seed, 0, true);
    }

    function refused(uint256 seed, uint256 excess) external thenOneMore(seed) {
        _refused(seed, excess);
    }

    function cancel(uint256 seed) external thenOneMore(seed) {
        _cancel(seed);
    }

    function donate(uint256 seed, uint256 xpAmount, uint256 dollars) external thenOneMore(seed) {
        xpAmount = bound(xpAmount, 0, 1_000e18);
        dollars = bound(dollars, 0, 1_000e6);
        xpDonated += xpAmount;
        dollarsDonated += dollars;
        _xp.transfer(address(_market), xpAmount);
        _dollar.transfer(address(_market), dollars);
    }

    function _make(uint256 seed, uint256 xpAmount, uint256 price, bool isBid) private {
        address trader = traderOf(seed);
        xpAmount = bound(xpAmount, 1, xpAmount % 4 == 0 ? 1_000 : 100_000e18);
        price = bound(price, 1, price % 4 == 0 ? 3e18 : 10e6);
        if (fairPayment(xpAmount, price) > 1_000_000e6) price = 20_001;
        if (_xp.balanceOf(trader) < xpAmount || _dollar.balanceOf(trader) < fairPayment(xpAmount, price)) return;
        vm.prank(trader);
        uint256 orderId = isBid ? _market.bid(xpAmount, price) : _market.ask(xpAmount, price);
        priceOf[orderId] = price;
        if (isBid) bids++;
        else asks++;
    }

    /// @dev The first open order from a random one on; zero where there is none.
    function _openFrom(uint256 seed) private view returns (uint256 orderId, Order memory order) {
        uint256 count = _market.orderCount();
        for (uint256 i = 0; i < count; i++) {
            orderId = 1 + ((((seed >> 8) % count) + i) % count);
            try _market.orderOf(orderId) returns (Order memory found) {
                return (orderId, found);
            } catch {}
        }
        return (0, order);
    }

    function _fill(uint256 seed, uint256 xpAmount, bool whole) private {
        (uint256 orderId, Order memory order) = _openFrom(seed);
        if (orderId == 0) return;
        address taker = traderOf(seed);
        if (taker == order.maker) taker = traderOf((seed % TRADERS) + 1);
        uint256 wanted = bound(xpAmount, 1, order.remaining);
        // By turns more than is left and just that.
        if (whole)
            wanted = 2 * rests <= closed ? bound(xpAmount, order.remaining + 1, type(uint128).max) : order.remaining;
        uint256 payment;
        (xpAmount, payment) = _market.previewFill(orderId, wanted);
        if (order.isBid ? _xp.balanceOf(taker) < xpAmount : _dollar.balanceOf(taker) < payment) return;
        // Held to the order's own price, for all that is wanted, however much that is.
        uint256 limit = order.isBid ? payment : type(uint256).max;
        if (wanted == xpAmount) limit = payment;
        vm.prank(taker);
        (uint256 filled, uint256 paidNow) = _market.fill(orderId, wanted, limit);
        if (filled != xpAmount || paidNow != payment) refusedCallPassed = true;
        if (wanted > xpAmount) rests++;
        if (order.isBid) {
            bidFills++;
            bought[orderId] += xpAmount;
            paid[orderId] += payment;
        } else {
            askFills++;
        }
        if (xpAmount == order.remaining) closed++;
    }

    function _cancel(uint256 seed) private {
        (uint256 orderId, Order memory order) = _openFrom(seed);
        if (orderId == 0) return;
        vm.prank(order.maker);
        _market.cancel(orderId, order.maker);
        cancellations++;
    }

    /// @dev A stranger's cancel, a fill of one's own, of nothing, beyond the limit, also for the part of it that is left.
    function _refused(uint256 seed, uint256 excess) private {
        (uint256 orderId, Order memory order) = _openFrom(seed);
        if (orderId == 0) return;
        address other = traderOf(seed);
        if (other == order.maker) other = traderOf((seed % TRADERS) + 1);
        uint256 noLimit = order.isBid ? 0 : type(uint256).max;
        excess = bound(excess, 1, 1e30);
        (, uint256 payment) = _market.previewFill(orderId, order.remaining);
        _expectRefusal(other, abi.encodeCall(XPMarket.cancel, (orderId, other)));
        _expectRefusal(order.maker, abi.encodeCall(XPMarket.fill, (orderId, 1, noLimit)));
        _expectRefusal(other, abi.encodeCall(XPMarket.fill, (orderId, 0, noLimit)));
        uint256 limit = order.isBid ? payment + 1 : payment - 1;
        // As much above the price for more than is left: rounded up for a bid's whole unit, rounded down for an ask's.
        uint256 wanted = order.remaining + excess;
        uint256 scaled = limit * wanted;
        scaled = order.isBid ? (scaled + order.remaining - 1) / order.remaining : scaled / order.remaining;
        _expectRefusal(other, abi.encodeCall(XPMarket.fill, (orderId, wanted, scaled)));
        _expectRefusal(other, abi.encodeCall(XPMarket.fill, (orderId, order.remaining, limit)));
        _expectRefusal(other, abi.encodeCall(XPMarket.fill, (_market.orderCount() + 1, 1, noLimit)));
    }

    function _expectRefusal(address caller, bytes memory data) private {
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool passed, ) = address(_market).call(data);
        if (passed) refusedCallPassed = true;
        else refusals++;
    }
}

/// @notice XP balance ≥ Σ remaining of asks; payment balance ≥ Σ ⌈remaining × price⌉ of bids; both equal but for donations.
contract XPMarketInvariantTest is XPMarketSetUp {
    XPMarketHandler private _handler;

    function setUp() external {
        _deployMarket();
        _handler = new XPMarketHandler(market, xp, dollar);
        _fund(address(_handler));
        for (uint256 i = 0; i < TRADERS; i++) _fund(_handler.traderOf(i));
        targetContract(address(_handler));
    }

    function invariant_TheMarketHoldsWhatOrdersHaveLeft() external view {
        uint256 xpLeft = _handler.xpDonated();
        uint256 dollarsLeft = _handler.dollarsDonated();
        uint256 count = market.orderCount();
        for (uint256 orderId = 1; orderId <= count; orderId++) {
            try market.orderOf(orderId) returns (Order memory order) {
                if (order.isBid) dollarsLeft += fairPayment(order.remaining, order.price);
                else xpLeft += order.remaining;
                vm.assertGt(uint256(order.remaining), 0, "an order with nothing left is open");
                vm.assertEq(uint256(order.price), _handler.priceOf(orderId), "a price changed");
            } catch {}
        }
        vm.assertEq(xp.balanceOf(address(market)), xpLeft, "the market's XP is not what asks have left");
        vm.assertEq(dollar.balanceOf(address(market)), dollarsLeft, "the market's dollars are not what bids may pay");
    }

    function invariant_NothingIsCreatedOrLost() external view {
        uint256 allXp = xp.balanceOf(address(market)) + xp.balanceOf(address(_handler));
        uint256 allDollars = dollar.balanceOf(address(market)) + dollar.balanceOf(address(_handler));
        for (uint256 i = 0; i < TRADERS; i++) {
            allXp += xp.balanceOf(_handler.traderOf(i));
            allDollars += dollar.balanceOf(_handler.traderOf(i));
        }
        vm.assertEq(allXp, XP_EACH * (TRADERS + 1), "XP was created or lost");
        vm.assertEq(allDollars, DOLLARS_EACH * (TRADERS + 1), "dollars were created or lost");
    }

    function invariant_NoBidHasPaidAUnitAboveItsPrice() external view {
        uint256 count = market.orderCount();
        for (uint256 orderId = 1; orderId <= count; orderId++) {
            uint256 fair = _handler.bought(orderId) * _handler.priceOf(orderId);
            uint256 paid = _handler.paid(orderId) * 1e18;
            vm.assertTrue(paid < fair + 1e18, "a bid has paid a unit above its price");
            vm.assertTrue(fair < paid + 1e18, "a bid has paid a unit below its price");
        }
    }

    function invariant_NobodyGetsPastLimitMakerOrRest() external view {
        vm.assertFalse(_handler.refusedCallPassed(), "a call went the other way than it should");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.asks(), 0, "nothing was asked");
        vm.assertGt(_handler.bids(), 0, "nothing was bid");
        vm.assertGt(_handler.askFills() + _handler.bidFills(), 0, "nothing was taken");
        vm.assertGt(_handler.closed(), 0, "nothing was taken whole");
        vm.assertGt(_handler.rests(), 0, "nobody wanted more than was left");
        vm.assertGt(_handler.cancellations(), 0, "nothing was cancelled");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
    }
}
