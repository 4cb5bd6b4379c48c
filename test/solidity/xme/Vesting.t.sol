// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Vesting} from "../../../contracts/xme/Vesting.sol";
import {XME} from "../../../contracts/xme/XME.sol";
import {Test} from "../support/Test.sol";

/// @notice Fuzz tests of the vesting wallet: whatever the terms, it pays in proportion to the time, rounded down, and in the end everything.
contract VestingTest is Test {
    address private constant _BENEFICIARY = address(0xBE9EF1C1A57);
    uint64 private constant _START = 1_800_000_000;

    XME private _xme;

    function setUp() external {
        vm.warp(_START);
        _xme = new XME();
    }

    /// @dev The floor of total × elapsed / duration is the one whole number v with v × duration ≤ total × elapsed < (v + 1) × duration.
    function testFuzz_VestsInProportionToTimeRoundedDown(
        uint64 duration,
        uint64 cliff,
        uint256 total,
        uint64 elapsed
    ) external {
        Vesting wallet;
        (wallet, duration, cliff, total) = _fund(duration, cliff, total);
        elapsed = uint64(bound(elapsed, 0, 2 * uint256(duration)));
        uint256 vested = wallet.vestedAmount(address(_xme), _START + elapsed);
        if (elapsed < cliff) {
            vm.assertEq(vested, 0, "something vested before the cliff");
        } else if (elapsed >= duration) {
            vm.assertEq(vested, total, "something had not vested at the end");
        } else {
            vm.assertLe(vested * duration, total * elapsed, "rounded up");
            vm.assertGt((vested + 1) * duration, total * elapsed, "more than a unit was rounded away");
        }
    }

    function testFuzz_NeverVestsLessLater(
        uint64 duration,
        uint64 cliff,
        uint256 total,
        uint64 first,
        uint64 second
    ) external {
        Vesting wallet;
        (wallet, duration, cliff, total) = _fund(duration, cliff, total);
        first = uint64(bound(first, 0, duration));
        second = uint64(bound(second, first, duration));
        vm.assertLe(
            wallet.vestedAmount(address(_xme), _START + first),
            wallet.vestedAmount(address(_xme), _START + second),
            "vested less at a later time"
        );
    }

    /// @dev The oracle is an untouched twin: releasing on the way changes nothing.
    function testFuzz_ReleasesOnTheWayCostTheOwnerNothing(
        uint64 duration,
        uint64 cliff,
        uint256 total,
        uint64[5] memory steps
    ) external {
        Vesting wallet;
        (wallet, duration, cliff, total) = _fund(duration, cliff, total);
        (Vesting twin, , , ) = _fund(duration, cliff, total);
        uint256 elapsed = 0;
        for (uint256 i = 0; i < steps.length; i++) {
            elapsed += bound(steps[i], 0, duration / 3);
            vm.warp(_START + elapsed);
            wallet.release(address(_xme));
            vm.assertEq(
                _xme.balanceOf(_BENEFICIARY),
                twin.vestedAmount(address(_xme), _START + uint64(elapsed)),
                "the releases do not add up to what vested"
            );
        }
        vm.warp(_START + uint256(duration));
        wallet.release(address(_xme));
        vm.assertEq(_xme.balanceOf(_BENEFICIARY), total, "the end did not pay the rest");
        vm.assertEq(_xme.balanceOf(address(wallet)), 0, "something stayed behind");
    }

    /// @dev A wallet with bounded terms and `total` in it.
    function _fund(
        uint64 duration,
        uint64 cliff,
        uint256 total
    ) private returns (Vesting wallet, uint64 duration_, uint64 cliff_, uint256 total_) {
        duration_ = uint64(bound(duration, 1, 100 * 365 days));
        cliff_ = uint64(bound(cliff, 0, duration_));
        total_ = bound(total, 0, 5e26);
        wallet = new Vesting(_xme, _BENEFICIARY, _START, cliff_, duration_);
        require(_xme.transfer(address(wallet), total_), "fund");
    }
}
