// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {PublicSale} from "../../../contracts/xme/PublicSale.sol";
import {XME} from "../../../contracts/xme/XME.sol";
import {Test} from "../support/Test.sol";

uint256 constant FUNDED = 1_000_000e18;
uint128 constant PRICE = 123_456_789_012_345;
uint128 constant CAP = 90_000e18;
uint256 constant OPENS = 1_800_000_000;
uint256 constant CLOSES = OPENS + 60 days;

/// @notice Fuzz tests of the sale's arithmetic: rounding never favours the buyer, and a quote is what a purchase does.
contract PublicSaleTest is Test {
    address private constant _TREASURY = address(0x7EA5);

    XME private _xme;

    function setUp() external {
        vm.warp(OPENS);
        _xme = new XME();
    }

    /// @dev The sale's change comes back here.
    receive() external payable {}

    function testFuzz_CostIsTheSmallestThatCoversTheXme(uint128 price, uint256 xmeWanted) external {
        PublicSale sale = _sale(price, type(uint128).max);
        (uint256 xmeOut, uint256 cost) = sale.quote(address(1), bound(xmeWanted, 1, type(uint128).max));
        vm.assertGe(cost * 1e18, xmeOut * sale.price(), "the buyer pays less than the price");
        vm.assertLt((cost - 1) * 1e18, xmeOut * sale.price(), "the buyer pays a wei too much");
    }

    function testFuzz_BuyingInPartsIsNeverCheaper(uint128 price, uint256 first, uint256 second) external {
        PublicSale sale = _sale(price, type(uint128).max);
        first = bound(first, 1, FUNDED / 2);
        second = bound(second, 1, FUNDED / 2);
        (, uint256 costOfFirst) = sale.quote(address(1), first);
        (, uint256 costOfSecond) = sale.quote(address(1), second);
        (, uint256 costOfBoth) = sale.quote(address(1), first + second);
        vm.assertGe(costOfFirst + costOfSecond, costOfBoth, "two purchases cost less than one");
    }

    function testFuzz_BuyDoesWhatQuoteSaysAndReturnsTheChange(uint96 price, uint256 xmeWanted, uint96 extra) external {
        PublicSale sale = _sale(price, CAP);
        xmeWanted = bound(xmeWanted, 1, CAP);
        (uint256 xmeOut, uint256 cost) = sale.quote(address(1), xmeWanted);
        vm.deal(address(this), cost + extra);

        (uint256 boughtOut, uint256 paid) = sale.buy{value: cost + extra}(address(1), xmeWanted, xmeWanted);

        vm.assertEq(boughtOut, xmeOut, "another amount than quoted");
        vm.assertEq(paid, cost, "another cost than quoted");
        vm.assertEq(_xme.balanceOf(address(1)), xmeOut, "the beneficiary did not get it");
        vm.assertEq(sale.roomOf(address(1)), CAP - xmeOut, "the cap did not count it");
        vm.assertEq(address(sale).balance, cost, "the sale kept another amount than the cost");
        vm.assertEq(address(this).balance, extra, "the change did not come back");
    }

    function testFuzz_RefusesEachValueBelowTheCost(uint96 price, uint256 xmeWanted, uint256 missing) external {
        PublicSale sale = _sale(price, CAP);
        xmeWanted = bound(xmeWanted, 1, CAP);
        (, uint256 cost) = sale.quote(address(1), xmeWanted);
        missing = bound(missing, 1, cost);
        vm.deal(address(this), cost);
        vm.expectRevert(abi.encodeWithSelector(PublicSale.PublicSale_PaymentTooLow.selector, cost - missing, cost));
        sale.buy{value: cost - missing}(address(1), xmeWanted, 0);
    }

    function testFuzz_RefusesEachAmountAboveTheCap(uint256 before, uint256 excess) external {
        PublicSale sale = _sale(1, CAP);
        vm.deal(address(this), 1 ether);
        before = bound(before, 1, CAP);
        sale.buy{value: 1 ether}(address(1), before, 0);
        excess = bound(excess, 1, type(uint256).max - CAP);
        vm.expectRevert(
            abi.encodeWithSelector(
                PublicSale.PublicSale_AboveWalletCap.selector,
                address(1),
                CAP - before + excess,
                CAP - before
            )
        );
        sale.quote(address(1), CAP - before + excess);
    }

    function testFuzz_SellsInTheWindowOnly(uint64 time) external {
        PublicSale sale = _sale(PRICE, CAP);
        vm.warp(time);
        if (time < OPENS) {
            vm.expectRevert(abi.encodeWithSelector(PublicSale.PublicSale_NotStarted.selector, OPENS));
        } else if (time >= CLOSES) {
            vm.expectRevert(abi.encodeWithSelector(PublicSale.PublicSale_Ended.selector, CLOSES));
        }
        sale.quote(address(1), 1);
    }

    function _sale(uint128 price, uint128 cap) private returns (PublicSale sale) {
        sale = new PublicSale(_xme, _TREASURY, price == 0 ? 1 : price, cap, OPENS, CLOSES);
        _xme.transfer(address(sale), FUNDED);
    }
}

/// @dev A dozen wallets, generous and greedy ones, and everything that may come in by the side door.
contract PublicSaleHandler is Test {
    uint256 private constant _WALLETS = 12;

    PublicSale private _sale;
    XME private _xme;

    mapping(address beneficiary => uint256 xme) public boughtBy;
    uint256 public costs;
    uint256 public sold;
    uint256 public donated;
    uint256 public forced;
    uint256 public withdrawn;
    uint256 public swept;
    uint256 public calls;
    uint256 public purchases;
    uint256 public refusals;
    bool public soldTooMuch;

    constructor(PublicSale sale_, XME xme_) {
        _sale = sale_;
        _xme = xme_;
    }

    /// @dev Change.
    receive() external payable {}

    function wallet(uint256 seed) public pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("wallet", seed % _WALLETS)))));
    }

    function wallets() external pure returns (address[] memory all) {
        all = new address[](_WALLETS);
        for (uint256 i = 0; i < _WALLETS; i++) all[i] = wallet(i);
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets both answers.
    modifier thenOneMore(uint256 seed) {
        _;
        if (calls++ % 2 == 0) _buy(seed >> 8, seed, seed);
        else _buyAboveTheCap(seed >> 8, seed);
    }

    function buy(uint256 seed, uint256 xmeWanted, uint256 extra) external thenOneMore(extra) {
        _buy(seed, xmeWanted, extra);
    }

    function buyAboveTheCap(uint256 seed, uint256 excess) external thenOneMore(excess) {
        _buyAboveTheCap(seed, excess);
    }

    function donateXme(uint256 amount) external thenOneMore(amount) {
        amount = bound(amount, 0, _xme.balanceOf(address(this)) / 100);
        donated += amount;
        _xme.transfer(address(_sale), amount);
    }

    function forceCurrency(uint256 amount) external thenOneMore(amount) {
        amount = bound(amount, 0, 1 ether);
        vm.deal(address(_sale), address(_sale).balance + amount);
        forced += amount;
    }

    function withdrawProceeds(uint256 seed) external thenOneMore(seed) {
        withdrawn += _sale.withdrawProceeds();
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 8 days));
    }

    function sweepUnsold(uint256 seed) external thenOneMore(seed) {
        try _sale.sweepUnsold() returns (uint256 amount) {
            swept += amount;
            if (block.timestamp < CLOSES) soldTooMuch = true;
        } catch {
            refusals++;
        }
    }

    function _buy(uint256 seed, uint256 xmeWanted, uint256 extra) private {
        address beneficiary = wallet(seed);
        uint256 room = CAP - boughtBy[beneficiary];
        if (room == 0 || _sale.remaining() == 0 || block.timestamp >= CLOSES) return;
        xmeWanted = bound(xmeWanted, room / 2 + 1, room);
        (uint256 expected, uint256 cost) = _sale.quote(beneficiary, xmeWanted);
        extra = bound(extra, 0, 1 ether);
        vm.deal(address(this), cost + extra);
        (uint256 xmeOut, uint256 paid) = _sale.buy{value: cost + extra}(beneficiary, xmeWanted, expected);
        if (xmeOut != expected || paid != cost || address(this).balance != extra) soldTooMuch = true;
        boughtBy[beneficiary] += xmeOut;
        sold += xmeOut;
        costs += paid;
        purchases++;
    }

    function _buyAboveTheCap(uint256 seed, uint256 excess) private {
        address beneficiary = wallet(seed);
        uint256 wanted = CAP - boughtBy[beneficiary] + bound(excess, 1, CAP);
        vm.deal(address(this), 1e30);
        try _sale.buy{value: 1e30}(beneficiary, wanted, 0) {
            soldTooMuch = true;
        } catch {
            refusals++;
        }
    }
}

/// @notice What must be true of the sale at every moment.
contract PublicSaleInvariantTest is Test {
    address private constant _TREASURY = address(0x7EA5);

    XME private _xme;
    PublicSale private _sale;
    PublicSaleHandler private _handler;

    function setUp() external {
        vm.warp(OPENS);
        _xme = new XME();
        _sale = new PublicSale(_xme, _TREASURY, PRICE, CAP, OPENS, CLOSES);
        _handler = new PublicSaleHandler(_sale, _xme);
        _xme.transfer(address(_sale), FUNDED);
        _xme.transfer(address(_handler), 1_000e18);
        targetContract(address(_handler));
    }

    function invariant_EachWalletHoldsWhatItBoughtAndNeverAboveTheCap() external view {
        address[] memory wallets = _handler.wallets();
        uint256 sum = 0;
        for (uint256 i = 0; i < wallets.length; i++) {
            uint256 bought = _sale.bought(wallets[i]);
            vm.assertLe(bought, CAP, "a wallet got more than the cap");
            vm.assertEq(bought, _handler.boughtBy(wallets[i]), "the count differs from what was bought");
            vm.assertEq(bought, _xme.balanceOf(wallets[i]), "the wallet does not hold what it bought");
            sum += bought;
        }
        vm.assertEq(_sale.totalSold(), sum, "the total is not the sum of the wallets");
        vm.assertFalse(_handler.soldTooMuch(), "a refusal went through, or a purchase differed from its quote");
    }

    function invariant_XmeIsSoldSweptOrStillHere() external view {
        vm.assertEq(
            _xme.balanceOf(address(_sale)) + _handler.sold() + _handler.swept(),
            FUNDED + _handler.donated(),
            "XME came or went by another way"
        );
        vm.assertEq(_xme.balanceOf(_TREASURY), _handler.swept(), "what was swept went elsewhere");
    }

    function invariant_EveryWeiPaidIsHereOrInTheTreasury() external view {
        vm.assertEq(
            address(_sale).balance + _TREASURY.balance,
            _handler.costs() + _handler.forced(),
            "currency came or went by another way"
        );
        vm.assertEq(_TREASURY.balance, _handler.withdrawn(), "the treasury got another amount");
        vm.assertGe(_handler.costs() * 1e18, _handler.sold() * PRICE, "XME was sold below its price");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.purchases(), 0, "nothing was bought");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
    }
}
