// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {XP} from "../../../contracts/xp/XP.sol";
import {Test} from "../support/Test.sol";

uint256 constant MAX_SUPPLY = 1e26;
uint256 constant WEEK = 604_800;
uint256 constant START = 1_800_000_003;

/// @notice Fuzz tests of the token: whatever is minted and burned, and however long nothing is, each epoch keeps its own sums.
contract XPTest is Test {
    XP private _xp;

    function setUp() external {
        vm.warp(START);
        _xp = new XP(address(new AccessManager(address(this))));
    }

    function testFuzz_EveryMomentLiesInOneEpoch(uint40 elapsed) external {
        vm.warp(START + elapsed);
        uint256 epoch = _xp.currentEpoch();
        vm.assertGe(epoch, 1, "there is an epoch before the first");
        vm.assertLe(_xp.epochStart(epoch), block.timestamp, "the running epoch has not begun");
        vm.assertGt(_xp.epochStart(epoch + 1), block.timestamp, "the next epoch has begun");
        vm.assertEq(_xp.epochStart(epoch + 1) - _xp.epochStart(epoch), WEEK, "an epoch is no week");
    }

    function testFuzz_KeepsTheBurnsOfEachEpochOverIdleOnes(
        uint8[10] memory weeks_,
        uint64[10] memory amounts
    ) external {
        _xp.mint(address(this), MAX_SUPPLY);
        uint256[] memory expected = new uint256[](2_600);
        uint256 epoch = 1;
        uint256 total = 0;
        for (uint256 i = 0; i < weeks_.length; i++) {
            // Often the same epoch again, at times years later.
            uint256 passed = weeks_[i] % 3 == 0 ? 0 : weeks_[i];
            epoch += passed;
            vm.warp(block.timestamp + passed * WEEK);
            _xp.burn(amounts[i]);
            expected[epoch] += amounts[i];
            total += amounts[i];
        }
        for (uint256 i = 0; i <= epoch + 1; i++) {
            vm.assertEq(_xp.burnedIn(i), expected[i], "an epoch has the burns of another");
        }
        vm.assertEq(_xp.totalBurned(), total, "the epochs do not sum to the total");
    }

    function testFuzz_WhatIsBurnedInAnEpochIsAvailableInTheNextAndNotBefore(
        uint64 before,
        uint64 first,
        uint64 second,
        uint8 idleWeeks
    ) external {
        _xp.mint(address(this), MAX_SUPPLY);
        _xp.burn(before);
        vm.warp(START + (1 + uint256(idleWeeks)) * WEEK);
        _xp.burn(first);
        vm.assertEq(_burnedBeforeNow(), before, "a burn of this epoch is available in it");
        vm.warp(block.timestamp + WEEK - 1);
        _xp.burn(second);
        vm.assertEq(_burnedBeforeNow(), before, "a burn of the epoch's last second is available in it");
        vm.warp(block.timestamp + 1);
        uint256 all = uint256(before) + first + second;
        vm.assertEq(_burnedBeforeNow(), all, "what was burned is not available in the next epoch");
        vm.warp(block.timestamp + uint256(idleWeeks) * WEEK);
        vm.assertEq(_burnedBeforeNow(), all, "idle epochs changed it");
    }

    function testFuzz_NeverMintsAboveTheMaximum(uint256 first, uint256 burned, uint256 second) external {
        first = bound(first, 0, MAX_SUPPLY);
        _xp.mint(address(this), first);
        burned = bound(burned, 0, first);
        _xp.burn(burned);
        uint256 room = MAX_SUPPLY - first + burned;
        second = bound(second, room + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(XP.XP_SupplyExceeded.selector, second, room));
        _xp.mint(address(this), second);
        _xp.mint(address(this), room);
        vm.assertEq(_xp.totalSupply(), MAX_SUPPLY, "what was burned could not be minted again");
        vm.assertEq(_xp.totalMinted(), first + room, "a mint was not counted");
        vm.assertEq(_xp.mintedIn(1), first + room, "a mint was not counted in its epoch");
    }

    function testFuzz_NobodyWithoutTheRoleMints(address stranger, uint256 amount) external {
        vm.assume(stranger != address(this));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        _xp.mint(stranger, amount);
    }

    function _burnedBeforeNow() private view returns (uint256) {
        return _xp.totalBurned() - _xp.burnedIn(_xp.currentEpoch());
    }
}

/// @dev Five holders who get, send, burn and let others burn XP, over weeks with and without any of it.
contract XPHandler is Test {
    uint256 private constant _HOLDERS = 5;

    XP private _xp;

    mapping(uint256 epoch => uint256 amount) public minted;
    mapping(uint256 epoch => uint256 amount) public burned;
    uint256 public latestEpoch = 1;
    uint256 public calls;
    uint256 public mints;
    uint256 public burns;
    uint256 public burnsForOthers;
    uint256 public refusals;
    bool public refusedMintPassed;

    constructor(XP xp) {
        _xp = xp;
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        _wait(3 days + (seed % 2 days));
        uint256 turn = calls++ % 4;
        if (turn == 0) _mint(seed, seed / 7);
        if (turn == 1) _burn(seed, seed / 7);
        if (turn == 2) _burnFrom(seed, seed / 3, seed / 7);
        if (turn == 3) _mintTooMuch(seed);
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        _wait(bound(seconds_, 0, 60 days));
    }

    function mint(uint256 holder, uint256 amount) external thenOneMore(amount) {
        _mint(holder, amount);
    }

    function mintTooMuch(uint256 excess) external thenOneMore(excess) {
        _mintTooMuch(excess);
    }

    function send(uint256 from, uint256 to, uint256 amount) external thenOneMore(amount) {
        address sender = _holder(from);
        amount = bound(amount, 0, _xp.balanceOf(sender));
        vm.prank(sender);
        _xp.transfer(_holder(to), amount);
    }

    function burn(uint256 holder, uint256 amount) external thenOneMore(amount) {
        _burn(holder, amount);
    }

    function burnFrom(uint256 holder, uint256 burner, uint256 amount) external thenOneMore(amount) {
        _burnFrom(holder, burner, amount);
    }

    function _wait(uint256 seconds_) private {
        vm.warp(block.timestamp + seconds_);
        latestEpoch = (block.timestamp - START) / WEEK + 1;
    }

    function _mint(uint256 holder, uint256 amount) private {
        amount = bound(amount, 0, (MAX_SUPPLY - _xp.totalSupply()) / 2);
        _xp.mint(_holder(holder), amount);
        minted[latestEpoch] += amount;
        mints++;
    }

    function _mintTooMuch(uint256 excess) private {
        uint256 room = MAX_SUPPLY - _xp.totalSupply();
        excess = bound(excess, 1, type(uint256).max - room);
        try _xp.mint(_holder(0), room + excess) {
            refusedMintPassed = true;
        } catch {
            refusals++;
        }
    }

    function _burn(uint256 holder, uint256 amount) private {
        address owner = _holder(holder);
        amount = bound(amount, 0, _xp.balanceOf(owner));
        vm.prank(owner);
        _xp.burn(amount);
        burned[latestEpoch] += amount;
        burns++;
    }

    function _burnFrom(uint256 holder, uint256 burner, uint256 amount) private {
        address owner = _holder(holder);
        amount = bound(amount, 0, _xp.balanceOf(owner));
        vm.prank(owner);
        _xp.approve(_holder(burner), amount);
        vm.prank(_holder(burner));
        _xp.burnFrom(owner, amount);
        burned[latestEpoch] += amount;
        burnsForOthers++;
    }

    function _holder(uint256 seed) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("holder", seed % _HOLDERS)))));
    }
}

/// @notice Design section 7, invariant 1, as far as the token goes: supply = minted − burned ≤ 1e26, and the epochs sum to both.
contract XPInvariantTest is Test {
    XP private _xp;
    XPHandler private _handler;

    function setUp() external {
        vm.warp(START);
        AccessManager manager = new AccessManager(address(this));
        _xp = new XP(address(manager));
        _handler = new XPHandler(_xp);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        targetContract(address(_handler));
    }

    function invariant_SupplyIsMintedLessBurnedAndBounded() external view {
        vm.assertEq(_xp.totalSupply(), _xp.totalMinted() - _xp.totalBurned(), "XP came or went uncounted");
        vm.assertLe(_xp.totalSupply(), MAX_SUPPLY, "more XP exists than may");
        vm.assertFalse(_handler.refusedMintPassed(), "a mint above the maximum went through");
    }

    function invariant_EachEpochHasItsOwnMintsAndBurns() external view {
        uint256 minted = 0;
        uint256 burned = 0;
        for (uint256 epoch = 0; epoch <= _handler.latestEpoch() + 1; epoch++) {
            vm.assertEq(_xp.mintedIn(epoch), _handler.minted(epoch), "an epoch has the mints of another");
            vm.assertEq(_xp.burnedIn(epoch), _handler.burned(epoch), "an epoch has the burns of another");
            minted += _xp.mintedIn(epoch);
            burned += _xp.burnedIn(epoch);
        }
        vm.assertEq(minted, _xp.totalMinted(), "the epochs do not sum to what was minted");
        vm.assertEq(burned, _xp.totalBurned(), "the epochs do not sum to what was burned");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.mints(), 0, "nothing was minted");
        vm.assertGt(_handler.burns(), 0, "nothing was burned");
        vm.assertGt(_handler.burnsForOthers(), 0, "nothing was burned for others");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
        vm.assertGt(_xp.totalBurned(), 0, "no wei was burned");
        vm.assertGt(_xp.currentEpoch(), (_handler.calls() * 3) / 7, "hardly any time passed");
    }
}
