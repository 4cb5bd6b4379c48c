// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IBurnRedeemable} from "../../../contracts/rank/interfaces/IBurnRedeemable.sol";
import {XRank} from "../../../contracts/rank/XRank.sol";
import {RankRedeemer} from "../../harness/rank/RankRedeemer.sol";
import {XRankState} from "./XRankState.sol";
import {Test} from "../support/Test.sol";
import {XenPeer} from "./XenPeer.sol";

/// @notice Properties of XRANK over random inputs. Amounts are checked against XEN's bytecode and the source's laws (doubling, bounds, tables), never
/// against XRANK's own views.
contract XRankTest is Test {
    uint256 private constant GENESIS = 1_800_000_000;
    address private constant ALICE = address(0xA11CE);
    address private constant BOB = address(0xB0B);

    XRankState private token;
    XenPeer private peer;

    function setUp() external {
        vm.warp(GENESIS);
        token = new XRankState();
        peer = new XenPeer();
    }

    function gross(uint256 rankDelta, uint256 amp, uint256 term, uint256 eaa) external view returns (uint256) {
        return token.getGrossReward(rankDelta, amp, term, eaa);
    }

    /// @dev A power of two has a whole logarithm, so the product has nothing to round but the last division.
    function testFuzz_GrossRewardOfAPowerOfTwoIsExact(
        uint256 power,
        uint256 amp,
        uint256 term,
        uint256 eaa
    ) external view {
        (power, amp, term, eaa) = (
            bound(power, 0, 62),
            bound(amp, 0, 3_000),
            bound(term, 0, 1_000),
            bound(eaa, 1_000, 1_100)
        );
        vm.assertEq(token.getGrossReward(1 << power, amp, term, eaa), (power * amp * term * eaa) / 1_000, "exact");
    }

    /// @dev log2(2x) = log2(x) + 1, and the fraction is the same bit for bit: doubling the ranks that follow adds AMP · term · (1 + EAA), up to the last unit.
    function testFuzz_DoublingTheRankDeltaAddsOneLogarithm(
        uint256 delta,
        uint256 amp,
        uint256 term,
        uint256 eaa
    ) external view {
        (delta, amp, term, eaa) = (
            bound(delta, 1, 1 << 61),
            bound(amp, 1, 3_000),
            bound(term, 1, 1_000),
            bound(eaa, 1_000, 1_100)
        );
        uint256 more = token.getGrossReward(2 * delta, amp, term, eaa) - token.getGrossReward(delta, amp, term, eaa);
        uint256 expected = (amp * term * eaa) / 1_000;
        vm.assertTrue(more == expected || more == expected + 1, "one more in the logarithm");
    }

    function testFuzz_GrossRewardNeverFallsWithTheRankDelta(uint256 delta, uint256 further) external view {
        delta = bound(delta, 1, 1 << 40);
        further = bound(further, delta, 1 << 41);
        vm.assertLe(
            token.getGrossReward(delta, 3_000, 1_000, 1_100),
            token.getGrossReward(further, 3_000, 1_000, 1_100),
            "monotonic"
        );
    }

    function testFuzz_GrossRewardRefusesWhatFixedPointCannotHold(uint256 delta, uint256 excess) external {
        excess = bound(excess, 1 << 63, type(uint256).max);
        delta = bound(delta, 2, (1 << 63) - 1);
        vm.expectRevert();
        this.gross(excess, 1, 1, 1);
        vm.expectRevert();
        this.gross(delta, excess, 1, 1);
        vm.expectRevert();
        this.gross(delta, 1, excess, 1);
        vm.expectRevert();
        this.gross(delta, 1, 1, excess);
        vm.expectRevert();
        this.gross(delta, 1 << 21, 1 << 21, 1 << 21);
    }

    /// @dev The widths of the packed slots rest on this bound: no mint pays more than 92,400,000 whole tokens, so 2^40 of them stay below 2^127 base units.
    function testFuzz_NoMintPaysMoreThanTheBoundOfTheWidths(
        uint40 rank,
        uint256 term,
        uint40 later,
        uint256 start,
        uint256 late
    ) external {
        rank = uint40(bound(rank, 1, type(uint40).max - 1));
        later = uint40(bound(later, uint256(rank) + 1, type(uint40).max));
        vm.warp(GENESIS + bound(start, 0, 4_000 days));
        token.setCounters(rank, 0, 0, 0);
        uint256 longest = token.getCurrentMaxTerm() / 1 days;
        vm.assertLe(longest, 700, "the longest term");
        term = bound(term, 1, longest);
        vm.prank(ALICE);
        token.claimRank(term);
        token.setCounters(later, 1, 0, 0);
        vm.warp(block.timestamp + term * 1 days + bound(late, 1, 30 days));
        vm.prank(ALICE);
        token.claimMintReward();
        vm.assertLe(token.balanceOf(ALICE), 92_400_000 ether, "reward");
        vm.assertLt(uint256(92_400_000 ether) << 40, 1 << 127, "all rewards");
    }

    function testFuzz_TheLongestTermIsTheLongestThatIsAccepted(uint40 rank, uint256 term) external {
        rank = uint40(bound(rank, 1, type(uint40).max - 1));
        token.setCounters(rank, 0, 0, 0);
        uint256 longest = token.getCurrentMaxTerm() / 1 days;
        term = bound(term, 0, longest + 10);
        vm.prank(ALICE);
        if (term == 0) vm.expectRevert(abi.encodeWithSelector(XRank.XRank_TermBelowMinimum.selector, term, 1));
        if (term > longest)
            vm.expectRevert(abi.encodeWithSelector(XRank.XRank_TermAboveMaximum.selector, term, longest));
        token.claimRank(term);
    }

    function testFuzz_TheLongestTermGrowsByFifteenDaysWithEachDoubling(uint256 rank) external {
        rank = bound(rank, 5_001, (1 << 39) - 1);
        token.setCounters(uint40(rank), 0, 0, 0);
        uint256 before = token.getCurrentMaxTerm();
        token.setCounters(uint40(2 * rank), 0, 0, 0);
        vm.assertEq(token.getCurrentMaxTerm(), before + 15 days, "fifteen days");
    }

    function testFuzz_AmplifiersStayInTheirRanges(uint256 passed, uint40 rank) external {
        vm.warp(GENESIS + bound(passed, 0, 40_000 days));
        token.setCounters(rank, 0, 0, 0);
        uint256 amp = token.getCurrentAMP();
        uint256 apy = token.getCurrentAPY();
        vm.assertTrue(amp >= 1 && amp <= 3_000, "AMP");
        vm.assertTrue(apy >= 2 && apy <= 20, "APY");
        vm.assertLe(token.getCurrentEAAR(), 100, "EAA");
    }

    function testFuzz_AmplifiersNeverRise(uint256 passed, uint256 further, uint40 rank, uint40 later) external {
        passed = bound(passed, 0, 4_000 days);
        vm.warp(GENESIS + passed);
        token.setCounters(rank, 0, 0, 0);
        (uint256 amp, uint256 apy, uint256 eaa) = (
            token.getCurrentAMP(),
            token.getCurrentAPY(),
            token.getCurrentEAAR()
        );
        vm.warp(GENESIS + bound(further, passed, 8_000 days));
        token.setCounters(uint40(bound(later, rank, type(uint40).max)), 0, 0, 0);
        vm.assertLe(token.getCurrentAMP(), amp, "AMP");
        vm.assertLe(token.getCurrentAPY(), apy, "APY");
        vm.assertLe(token.getCurrentEAAR(), eaa, "EAA");
    }

    function testFuzz_PenaltyFollowsTheTable(uint256 daysLate) external view {
        uint8[8] memory table = [0, 1, 3, 8, 17, 35, 72, 99];
        vm.assertEq(token.penaltyPct(daysLate), table[daysLate < 7 ? daysLate : 7], "penalty");
        vm.assertEq(
            token.penaltyPct(daysLate % 9),
            table[daysLate % 9 < 7 ? daysLate % 9 : 7],
            "penalty near the table"
        );
    }

    function testFuzz_MintingGivesXensReward(uint256 term, uint40 followers, uint256 late, uint256 start) external {
        vm.warp(GENESIS + bound(start, 0, 3_500 days));
        claimFor(ALICE, term, late, followers);
        uint256 reward = peer.mintReward(token, ALICE);
        vm.assertEq(token.previewMintReward(ALICE), reward, "preview");
        vm.prank(ALICE);
        token.claimMintReward();
        vm.assertEq(token.balanceOf(ALICE), reward, "reward");
        vm.assertEq(token.totalSupply(), reward, "supply");
        vm.assertEq(reward % 1 ether, 0, "whole tokens");
    }

    function testFuzz_SharingSplitsXensReward(uint256 term, uint40 followers, uint256 late, uint256 pct) external {
        pct = bound(pct, 1, 100);
        claimFor(ALICE, term, late, followers);
        uint256 reward = peer.mintReward(token, ALICE);
        vm.assertEq(token.previewMintReward(ALICE), reward, "preview");
        vm.prank(ALICE);
        token.claimMintRewardAndShare(BOB, pct);
        vm.assertEq(token.balanceOf(ALICE) + token.balanceOf(BOB), reward, "nothing is lost");
        vm.assertLe(token.balanceOf(BOB) * 100, reward * pct, "the shared part rounds down");
        vm.assertLt(reward * pct, token.balanceOf(BOB) * 100 + 100, "by less than one unit");
    }

    function testFuzz_StakingTheRewardKeepsXensRewardWhole(
        uint256 term,
        uint40 followers,
        uint256 pct,
        uint256 stakeTerm
    ) external {
        (pct, stakeTerm) = (bound(pct, 1, 100), bound(stakeTerm, 1, 1_000));
        claimFor(ALICE, term, 1, followers);
        uint256 reward = peer.mintReward(token, ALICE);
        vm.assertEq(token.previewMintReward(ALICE), reward, "preview");
        vm.prank(ALICE);
        token.claimMintRewardAndStake(pct, stakeTerm);
        vm.assertEq(token.balanceOf(ALICE) + token.totalXenStaked(), reward, "nothing is lost");
        vm.assertEq(token.totalSupply(), token.balanceOf(ALICE), "the staked part is not minted");
        (, , uint256 amount, ) = token.userStakes(ALICE);
        vm.assertEq(amount, token.totalXenStaked(), "stake");
    }

    function testFuzz_WithdrawingGivesTheSourcesYield(
        uint256 amount,
        uint256 term,
        uint256 start,
        uint256 held
    ) external {
        amount = bound(amount, 1, type(uint136).max);
        term = bound(term, 1, 1_000);
        vm.warp(GENESIS + bound(start, 0, 2_000 days));
        token.endow(ALICE, amount);
        vm.prank(ALICE);
        token.stake(amount, term);
        vm.assertEq(token.totalSupply(), 0, "burned");
        vm.warp(block.timestamp + bound(held, 0, 2_000 days));
        uint256 preview = token.previewStakeReward(ALICE);
        vm.assertTrue(peer.isStakeReward(token, ALICE, preview), "the source's yield");
        vm.prank(ALICE);
        token.withdraw();
        vm.assertEq(token.balanceOf(ALICE), amount + preview, "amount and yield");
        vm.assertEq(token.totalSupply(), amount + preview, "supply");
        vm.assertEq(token.totalXenStaked(), 0, "staked");
        vm.assertEq(token.activeStakes(), 0, "stakes");
    }

    function testFuzz_ProofOfBurnRecordsBeforeItCallsBack(uint256 amount, uint256 again, uint256 left) external {
        (amount, again, left) = (bound(amount, 1, 1e30), bound(again, 0, 3), bound(left, 0, 1e30));
        RankRedeemer redeemer = new RankRedeemer(token, type(IBurnRedeemable).interfaceId);
        uint256 burned = amount * (again + 1);
        token.endow(ALICE, burned + left);
        vm.prank(ALICE);
        token.approve(address(redeemer), burned);
        vm.prank(ALICE);
        redeemer.redeem(amount, again);
        vm.assertEq(token.userBurns(ALICE), burned, "recorded");
        vm.assertEq(token.balanceOf(ALICE), left, "burned");
        vm.assertEq(token.totalSupply(), left, "supply");
        vm.assertEq(token.allowance(ALICE, address(redeemer)), 0, "allowance spent");
        vm.assertEq(redeemer.callbacks(), again + 1, "callbacks");
        vm.assertEq(redeemer.lastBurns(), burned, "the innermost callback saw the record");
        vm.assertEq(redeemer.lastBalance(), left, "the innermost callback saw the balance");
    }

    function testFuzz_ReentrantBurnsStopAtTheAllowance(uint256 amount, uint256 short) external {
        amount = bound(amount, 1, 1e30);
        short = bound(short, 1, amount);
        RankRedeemer redeemer = new RankRedeemer(token, type(IBurnRedeemable).interfaceId);
        token.endow(ALICE, 10 * amount);
        vm.prank(ALICE);
        token.approve(address(redeemer), 2 * amount - short);
        vm.prank(ALICE);
        vm.expectRevert();
        redeemer.redeem(amount, 1);
        vm.assertEq(token.balanceOf(ALICE), 10 * amount, "all undone");
        vm.assertEq(token.userBurns(ALICE), 0, "nothing recorded");
    }

    function testFuzz_PermitSetsTheAllowanceOnce(uint256 key, uint256 value, uint256 validFor) external {
        key = bound(key, 1, type(uint128).max);
        address owner = vm.addr(key);
        uint256 deadline = block.timestamp + bound(validFor, 0, 365 days);
        bytes32 content = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                BOB,
                value,
                0,
                deadline
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), content))
        );
        token.permit(owner, BOB, value, deadline, v, r, s);
        vm.assertEq(token.allowance(owner, BOB), value, "allowance");
        vm.assertEq(token.nonces(owner), 1, "nonce");
        vm.expectRevert();
        token.permit(owner, BOB, value, deadline, v, r, s);
    }

    /// @dev Gives `account` a mint, `followers` ranks after it, and moves `late` (up to nine days, at least a second) past its maturity.
    function claimFor(address account, uint256 term, uint256 late, uint40 followers) private {
        term = bound(term, 1, 100);
        vm.prank(account);
        token.claimRank(term);
        token.setCounters(uint40(bound(followers, 2, type(uint40).max)), 1, 0, 0);
        vm.warp(block.timestamp + term * 1 days + bound(late, 1, 9 days));
    }
}
