// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {
    Counters,
    Counters_RanksExhausted,
    Counters_StakedAboveMaximum,
    Counters_StakesExhausted,
    packCounters
} from "../../../contracts/rank/types/Counters.sol";
import {Mint, NO_MINT, packMint} from "../../../contracts/rank/types/Mint.sol";
import {NO_STAKE, Stake, packStake} from "../../../contracts/rank/types/Stake.sol";
import {Test} from "../support/Test.sol";

/// @notice What is packed comes out again, and no counter ever runs into its neighbour.
contract RankTypesTest is Test {
    function openMint(Counters counters) external pure returns (Counters) {
        return counters.withMintOpened();
    }

    function openStake(Counters counters, uint256 amount) external pure returns (Counters) {
        return counters.withStakeOpened(amount);
    }

    function testFuzz_MintComesOutAsItWentIn(
        uint40 rank,
        uint40 maturityTs,
        uint16 term,
        uint16 amp,
        uint8 eaa
    ) external pure {
        Mint mint = packMint(rank, maturityTs, term, amp, eaa);
        vm.assertEq(mint.rank(), rank, "rank");
        vm.assertEq(mint.maturityTs(), maturityTs, "maturity");
        vm.assertEq(mint.term(), term, "term");
        vm.assertEq(mint.amplifier(), amp, "AMP");
        vm.assertEq(mint.eaaRate(), eaa, "EAA");
        vm.assertTrue(mint.exists() || uint256(rank) + maturityTs + term + amp + eaa == 0, "exists");
        vm.assertFalse(NO_MINT.exists(), "the empty mint");
    }

    function testFuzz_StakeComesOutAsItWentIn(uint136 amount, uint40 maturityTs, uint16 term, uint8 apy) external pure {
        Stake stake = packStake(amount, maturityTs, term, apy);
        vm.assertEq(stake.amount(), amount, "amount");
        vm.assertEq(stake.maturityTs(), maturityTs, "maturity");
        vm.assertEq(stake.term(), term, "term");
        vm.assertEq(stake.apy(), apy, "APY");
        vm.assertTrue(stake.exists() || uint256(amount) + maturityTs + term + apy == 0, "exists");
        vm.assertFalse(NO_STAKE.exists(), "the empty stake");
    }

    function testFuzz_CountersChangeOneByOne(
        uint40 rank,
        uint40 minters,
        uint40 stakes,
        uint136 staked,
        uint136 amount
    ) external pure {
        rank = uint40(bound(rank, 1, type(uint40).max - 1));
        minters = uint40(bound(minters, 0, rank - 1));
        stakes = uint40(bound(stakes, 0, type(uint40).max - 1));
        amount = uint136(bound(amount, 0, type(uint136).max - staked));
        Counters counters = packCounters(rank, minters, stakes, staked);
        check(counters, rank, minters, stakes, staked);
        check(counters.withMintOpened(), uint256(rank) + 1, uint256(minters) + 1, stakes, staked);
        check(counters.withMintOpened().withMintEnded(), uint256(rank) + 1, minters, stakes, staked);
        check(counters.withStakeOpened(amount), rank, minters, uint256(stakes) + 1, uint256(staked) + amount);
        check(counters.withStakeOpened(amount).withStakeEnded(amount), rank, minters, stakes, staked);
    }

    function testFuzz_TheLastRankIsNeverGiven(uint40 minters, uint40 stakes, uint136 staked) external {
        Counters counters = packCounters(type(uint40).max, minters, stakes, staked);
        vm.expectRevert(abi.encodeWithSelector(Counters_RanksExhausted.selector, uint256(type(uint40).max)));
        this.openMint(counters);
    }

    function testFuzz_AStakeTooManyIsRefused(uint40 rank, uint40 minters, uint136 staked, uint136 amount) external {
        amount = uint136(bound(amount, 0, type(uint136).max - staked));
        Counters counters = packCounters(rank, minters, type(uint40).max, staked);
        vm.expectRevert(abi.encodeWithSelector(Counters_StakesExhausted.selector, uint256(type(uint40).max)));
        this.openStake(counters, amount);
    }

    function testFuzz_AnAmountTooLargeIsRefused(uint40 rank, uint40 stakes, uint136 staked, uint256 amount) external {
        amount = bound(amount, uint256(type(uint136).max) - staked + 1, type(uint256).max);
        Counters counters = packCounters(rank, 0, stakes, staked);
        vm.expectRevert(
            abi.encodeWithSelector(
                Counters_StakedAboveMaximum.selector,
                uint256(staked),
                amount,
                uint256(type(uint136).max)
            )
        );
        this.openStake(counters, amount);
    }

    function check(Counters counters, uint256 rank, uint256 minters, uint256 stakes, uint256 staked) private pure {
        vm.assertEq(counters.globalRank(), rank, "rank");
        vm.assertEq(counters.activeMinters(), minters, "minters");
        vm.assertEq(counters.activeStakes(), stakes, "stakes");
        vm.assertEq(counters.totalXenStaked(), staked, "staked");
    }
}
