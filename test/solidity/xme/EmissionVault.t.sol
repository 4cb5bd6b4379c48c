// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {EmissionVault} from "../../../contracts/xme/EmissionVault.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {Test} from "../support/Test.sol";

uint256 constant STREAMS = 8;
uint256 constant ALLOCATION = 9e28;
uint256 constant EIGHT_YEARS = 252_288_000;
uint256 constant START = 1_800_000_000;

/// @dev The bound that the source names, as a person would draw it.
function emissionLine(uint256 timestamp) pure returns (uint256) {
    uint256 elapsed = timestamp > START ? timestamp - START : 0;
    return elapsed > EIGHT_YEARS ? ALLOCATION : (ALLOCATION * elapsed) / EIGHT_YEARS;
}

/// @dev Eight shares that sum to 10,000, often with zeros among them.
function sharesFromSeed(uint256 seed) pure returns (uint16[STREAMS] memory sharesBps) {
    uint256 left = 10_000;
    for (uint256 i = 0; i < STREAMS - 1; i++) {
        uint256 dice = uint256(keccak256(abi.encode(seed, i)));
        uint256 share = dice % 3 == 0 ? 0 : (dice >> 8) % (left + 1);
        sharesBps[i] = uint16(share);
        left -= share;
    }
    sharesBps[STREAMS - 1] = uint16(left);
}

/// @dev What every vault test stands on: the real token and access manager, a funded vault, and this contract as governance.
abstract contract EmissionVaultSetUp {
    XMEX internal xmex;
    EmissionVault internal vault;

    function _deployVault(uint256 start, uint16[STREAMS] memory sharesBps) internal {
        xmex = new XMEX();
        vault = new EmissionVault(xmex, address(new AccessManager(address(this))), start, sharesBps);
        xmex.transfer(address(vault), ALLOCATION);
    }
}

/// @notice Fuzz tests of the vault: whatever the shares and the times, the line holds and nothing is lost between the streams.
contract EmissionVaultTest is Test, EmissionVaultSetUp {
    function setUp() external {
        vm.warp(START);
        _deployVault(START, sharesFromSeed(1));
    }

    function testFuzz_UnlocksTheLineToLessThanOneWeiPerBasisPoint(uint256 timestamp) external view {
        timestamp = bound(timestamp, 0, START + 2 * EIGHT_YEARS);
        uint256 unlocked = vault.unlockedAt(timestamp);
        vm.assertLe(unlocked, emissionLine(timestamp), "unlocked lies above the line");
        vm.assertLt(emissionLine(timestamp) - unlocked, 10_000, "unlocked lies too far below the line");
    }

    function testFuzz_AccruesEachPeriodByTheShareInForce(uint256[4] memory seeds, uint32[4] memory seconds_) external {
        uint256[STREAMS] memory expected;
        uint16[STREAMS] memory sharesBps = vault.shares();
        for (uint256 period = 0; period < seeds.length; period++) {
            uint256 before = vault.unlocked();
            vm.warp(block.timestamp + (seconds_[period] % 200_000_000));
            uint256 released = vault.unlocked() - before;
            for (uint256 i = 0; i < STREAMS; i++) expected[i] += (released * sharesBps[i]) / 10_000;
            sharesBps = sharesFromSeed(seeds[period]);
            vault.setShares(sharesBps);
        }
        uint256 sum = 0;
        for (uint256 i = 0; i < STREAMS; i++) {
            vm.assertEq(
                vault.accrued(i),
                expected[i],
                "a stream accrued another amount than its shares of the periods"
            );
            sum += vault.accrued(i);
        }
        vm.assertEq(sum, vault.unlocked(), "the streams do not sum to what is unlocked");
    }

    function testFuzz_AfterEightYearsExactlyNinetyBillionCanLeave(
        uint256[3] memory seeds,
        uint32[3] memory seconds_
    ) external {
        for (uint256 i = 0; i < STREAMS; i++) vault.setDrawer(i, address(this));
        for (uint256 period = 0; period < seeds.length; period++) {
            vm.warp(block.timestamp + (seconds_[period] % EIGHT_YEARS));
            vault.drawAvailable(seeds[period] % STREAMS, address(1));
            vault.setShares(sharesFromSeed(seeds[period]));
        }
        vm.warp(START + EIGHT_YEARS);
        for (uint256 i = 0; i < STREAMS; i++) vault.drawAvailable(i, address(1));
        vm.assertEq(xmex.balanceOf(address(1)), ALLOCATION, "not all of it could leave");
        vm.assertEq(xmex.balanceOf(address(vault)), 0, "something is stranded");
    }

    function testFuzz_RefusesAnyOtherSum(uint16[STREAMS] memory sharesBps) external {
        uint256 sumBps = 0;
        for (uint256 i = 0; i < STREAMS; i++) sumBps += sharesBps[i];
        vm.assume(sumBps != 10_000);
        vm.expectRevert(abi.encodeWithSelector(EmissionVault.EmissionVault_ShareSumNot100Percent.selector, sumBps));
        vault.setShares(sharesBps);
    }

    function testFuzz_RefusesOneWeiMoreThanAvailable(uint32 elapsed, uint256 excess) external {
        vault.setDrawer(0, address(this));
        vm.warp(START + elapsed);
        uint256 available = vault.available(0);
        excess = bound(excess, 1, type(uint256).max - available);
        vm.expectRevert(
            abi.encodeWithSelector(
                EmissionVault.EmissionVault_AboveAvailable.selector,
                uint256(0),
                available + excess,
                available
            )
        );
        vault.draw(0, address(1), available + excess);
        vault.draw(0, address(1), available);
        vm.assertEq(xmex.balanceOf(address(1)), available, "the last wei could not be drawn");
    }

    function testFuzz_WhatComesBackCanLeaveOnceMoreAndNotTwice(uint32 elapsed, uint128 returned) external {
        uint256 amount = bound(returned, 0, xmex.balanceOf(address(this)));
        vault.setDrawer(3, address(this));
        vm.warp(START + elapsed);
        uint256 available = vault.available(3);
        xmex.approve(address(vault), amount);
        vault.returnTo(3, amount);
        vm.assertEq(vault.available(3), available + amount, "the return was not credited in full");
        vm.assertEq(vault.drawAvailable(3, address(1)), available + amount, "what came back could not leave");
        vm.assertEq(vault.drawAvailable(3, address(1)), 0, "it left twice");
        vm.assertEq(vault.netDrawn(3), int256(vault.accrued(3)), "the net is above the accrual");
    }
}

/// @dev Many hands on one vault: modules draw and return, governance changes shares and drawers, strangers try, time passes.
contract EmissionVaultHandler is Test {
    EmissionVault private _vault;
    XMEX private _xmex;

    mapping(uint256 stream => address drawer) private _drawers;
    uint256[STREAMS] public lastAccrued;
    uint256 public donated;
    uint256 public calls;
    uint256 public draws;
    uint256 public returns_;
    uint256 public changes;
    uint256 public refusals;
    bool public accrualFell;
    bool public refusedDrawPassed;

    constructor(EmissionVault vault_, XMEX xmex_) {
        _vault = vault_;
        _xmex = xmex_;
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + 20 days);
        uint256 turn = calls++ % 4;
        if (turn == 0) _drawAvailable(seed % STREAMS);
        if (turn == 1) _returnTo(seed % STREAMS, seed);
        if (turn == 2) _setShares(seed);
        if (turn == 3) _drawTooMuch(seed % STREAMS, seed);
        for (uint256 i = 0; i < STREAMS; i++) {
            uint256 accrued = _vault.accrued(i);
            if (accrued < lastAccrued[i]) accrualFell = true;
            lastAccrued[i] = accrued;
        }
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 240 days));
    }

    function draw(uint256 stream, uint256 amount) external thenOneMore(amount) {
        stream = stream % STREAMS;
        address drawer = _drawerOf(stream);
        amount = bound(amount, 0, _vault.available(stream));
        vm.prank(drawer);
        _vault.draw(stream, drawer, amount);
        draws++;
    }

    function drawAvailable(uint256 stream) external thenOneMore(stream) {
        _drawAvailable(stream % STREAMS);
    }

    function drawTooMuch(uint256 stream, uint256 excess) external thenOneMore(excess) {
        _drawTooMuch(stream % STREAMS, excess);
    }

    function drawAsStranger(uint256 stream, address stranger) external thenOneMore(stream) {
        stream = stream % STREAMS;
        if (stranger == _drawerOf(stream)) return;
        vm.prank(stranger);
        try _vault.drawAvailable(stream, stranger) {
            refusedDrawPassed = true;
        } catch {
            refusals++;
        }
    }

    function returnTo(uint256 stream, uint256 amount) external thenOneMore(amount) {
        _returnTo(stream % STREAMS, amount);
    }

    function donate(uint256 amount) external thenOneMore(amount) {
        amount = bound(amount, 0, _xmex.balanceOf(address(this)) / 1_000);
        donated += amount;
        _xmex.transfer(address(_vault), amount);
    }

    function setShares(uint256 seed) external thenOneMore(seed) {
        _setShares(seed);
    }

    function setDrawer(uint256 stream, uint256 seed) external thenOneMore(seed) {
        _setDrawer(stream % STREAMS, seed);
    }

    function _drawAvailable(uint256 stream) private {
        address drawer = _drawerOf(stream);
        vm.prank(drawer);
        _vault.drawAvailable(stream, address(this));
        draws++;
    }

    function _drawTooMuch(uint256 stream, uint256 excess) private {
        address drawer = _drawerOf(stream);
        uint256 available = _vault.available(stream);
        excess = bound(excess, 1, ALLOCATION);
        vm.prank(drawer);
        try _vault.draw(stream, address(this), available + excess) {
            refusedDrawPassed = true;
        } catch {
            refusals++;
        }
    }

    function _returnTo(uint256 stream, uint256 amount) private {
        amount = bound(amount, 0, _xmex.balanceOf(address(this)));
        _xmex.approve(address(_vault), amount);
        _vault.returnTo(stream, amount);
        returns_++;
    }

    function _setShares(uint256 seed) private {
        _vault.setShares(sharesFromSeed(seed));
        changes++;
    }

    function _drawerOf(uint256 stream) private returns (address) {
        if (_drawers[stream] == address(0)) _setDrawer(stream, stream);
        return _drawers[stream];
    }

    function _setDrawer(uint256 stream, uint256 seed) private {
        _drawers[stream] = address(uint160(uint256(keccak256(abi.encode("drawer", stream, seed % 4)))));
        _vault.setDrawer(stream, _drawers[stream]);
    }
}

/// @notice Design section 7, invariant 6: Σ (drawn − returned) ≤ 9e28 × min(t, 8 years) / 8 years, and for each stream ≤ accrued.
contract EmissionVaultInvariantTest is Test, EmissionVaultSetUp {
    EmissionVaultHandler private _handler;

    function setUp() external {
        vm.warp(START);
        xmex = new XMEX();
        AccessManager manager = new AccessManager(address(this));
        vault = new EmissionVault(xmex, address(manager), START, sharesFromSeed(2));
        _handler = new EmissionVaultHandler(vault, xmex);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        xmex.transfer(address(vault), ALLOCATION);
        xmex.transfer(address(_handler), 1e27);
        targetContract(address(_handler));
    }

    function invariant_NothingLeavesAboveTheLine() external view {
        int256 net = 0;
        for (uint256 i = 0; i < STREAMS; i++) net += vault.netDrawn(i);
        vm.assertTrue(net <= int256(emissionLine(block.timestamp)), "more has left than the line allows");
    }

    function invariant_NoStreamIsDrawnAboveItsAccrual() external view {
        for (uint256 i = 0; i < STREAMS; i++) {
            vm.assertTrue(vault.netDrawn(i) <= int256(vault.accrued(i)), "a stream is drawn above its accrual");
        }
        vm.assertFalse(_handler.refusedDrawPassed(), "a refused draw went through");
    }

    function invariant_StreamsSumToWhatIsUnlocked() external view {
        uint256 sum = 0;
        for (uint256 i = 0; i < STREAMS; i++) sum += vault.accrued(i);
        vm.assertEq(sum, vault.unlocked(), "the streams do not sum to what is unlocked");
        vm.assertFalse(_handler.accrualFell(), "an accrual fell");
    }

    function invariant_BalanceIsAllocationLessNetDrawn() external view {
        int256 net = 0;
        uint256 available = 0;
        for (uint256 i = 0; i < STREAMS; i++) {
            net += vault.netDrawn(i);
            available += vault.available(i);
        }
        uint256 balance = xmex.balanceOf(address(vault));
        vm.assertEq(int256(balance), int256(ALLOCATION + _handler.donated()) - net, "XMEX left by another way");
        vm.assertGe(balance, available, "the balance does not cover what can be drawn");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.draws(), 0, "nothing was drawn");
        vm.assertGt(_handler.returns_(), 0, "nothing was returned");
        vm.assertGt(_handler.changes(), 0, "no share was changed");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
        vm.assertGt(vault.unlocked(), emissionLine(START + 19 days * _handler.calls()), "hardly any time passed");
    }
}
