// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {AdSettlement} from "../../../contracts/xme/AdSettlement.sol";
import {IXmeIncome} from "../../../contracts/xme/interfaces/IIncome.sol";
import {XME} from "../../../contracts/xme/XME.sol";
import {AdIncome} from "../../harness/xme/AdIncome.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant SUPPLY = 1e27;
uint256 constant STEP = 1e12;
uint256 constant HIGHEST_STEPS = 2 ** 40 - 1;
uint256 constant HALF_YEAR = 180 days;
address constant TREASURY = address(0x7EA5);

/// @dev Four parts that sum to 10,000, often with zeros among them.
function splitFromSeed(uint256 seed) pure returns (AdSettlement.AdSplit memory) {
    uint256[3] memory parts;
    uint256 left = 10_000;
    for (uint256 i = 0; i < 3; i++) {
        uint256 dice = uint256(keccak256(abi.encode(seed, i)));
        parts[i] = dice % 4 == 0 ? 0 : (dice >> 8) % (left + 1);
        left -= parts[i];
    }
    return AdSettlement.AdSplit(uint16(parts[0]), uint16(parts[1]), uint16(parts[2]), uint16(left));
}

function creatorAt(uint256 index) pure returns (address) {
    return address(uint160(0xC0DE00 + (index % 4)));
}

/// @dev What every test stands on: the real token and access manager, and this contract as governance and settler.
abstract contract AdSettlementSetUp is Test {
    XME internal xme;
    AccessManager internal manager;
    AdIncome internal income;
    AdSettlement internal ads;

    function _deployAds(AdSettlement.AdSplit memory split) internal {
        vm.warp(START);
        xme = new XME();
        manager = new AccessManager(address(this));
        income = new AdIncome(xme);
        ads = new AdSettlement(xme, TREASURY, income, split, address(manager));
        xme.approve(address(ads), type(uint256).max);
    }

    /// @dev Begins now and lasts for `duration` seconds.
    function _create(uint256 budget, uint256 priceSteps, uint256 duration) internal returns (uint256 campaignId) {
        return
            ads.create(
                AdSettlement.CampaignTerms({
                    budget: budget,
                    pricePerThousand: priceSteps * STEP,
                    start: 0,
                    end: block.timestamp + duration,
                    splitVersion: ads.splitVersion(),
                    brief: 0
                })
            );
    }

    function _row(address creator, uint256 impressions) internal pure returns (AdSettlement.Row[] memory rows) {
        rows = new AdSettlement.Row[](1);
        rows[0] = AdSettlement.Row(creator, uint64(impressions));
    }
}

/// @notice Fuzz tests of the settlement: whatever price, split and time, nothing is rounded but the pace, and nothing is lost.
contract AdSettlementTest is AdSettlementSetUp {
    function setUp() external {
        _deployAds(splitFromSeed(1));
    }

    function testFuzz_KeepsTheTermsToTheWeiAndTheSecond(
        uint96 budget,
        uint40 priceSteps,
        uint256 wait,
        uint256 duration
    ) external {
        AdSettlement.CampaignTerms memory terms;
        terms.budget = bound(budget, 1, SUPPLY);
        terms.pricePerThousand = bound(priceSteps, 1, HIGHEST_STEPS) * STEP;
        terms.start = block.timestamp + bound(wait, 0, HALF_YEAR);
        terms.end = terms.start + bound(duration, 1, HALF_YEAR);
        terms.splitVersion = 1;
        AdSettlement.Campaign memory kept = ads.campaignOf(ads.create(terms));
        vm.assertEq(kept.advertiser, address(this), "advertiser");
        vm.assertEq(kept.budget, terms.budget, "budget");
        vm.assertEq(kept.pricePerThousand, terms.pricePerThousand, "price");
        vm.assertEq(kept.start, terms.start, "start");
        vm.assertEq(kept.end, terms.end, "end");
        vm.assertEq(kept.splitVersion, 1, "split");
        vm.assertEq(kept.spent + kept.reports, 0, "spent before the first report");
        vm.assertEq(xme.balanceOf(address(ads)), terms.budget, "escrow");
    }

    function testFuzz_LetsThePaceBeSpentAndNotOneImpressionMore(
        uint256 budget,
        uint256 duration,
        uint256 elapsed,
        uint256 priceSteps
    ) external {
        budget = bound(budget, 1, SUPPLY);
        duration = bound(duration, 1, HALF_YEAR);
        elapsed = bound(elapsed, 0, duration + 7 days - 1);
        priceSteps = bound(priceSteps, 1, HIGHEST_STEPS);
        uint256 campaignId = _create(budget, priceSteps, duration);
        vm.warp(block.timestamp + elapsed);
        uint256 spendable = ads.spendable(campaignId);
        if (elapsed > duration) elapsed = duration;
        vm.assertLe(spendable * duration, budget * elapsed, "more can be spent than the pace has reached");
        vm.assertGt((spendable + 1) * duration, budget * elapsed, "less can be spent than the pace has reached");

        uint256 most = spendable / (priceSteps * 1e9);
        vm.expectRevert(
            abi.encodeWithSelector(
                AdSettlement.AdSettlement_AboveSpendable.selector,
                campaignId,
                (most + 1) * priceSteps * 1e9,
                spendable
            )
        );
        ads.settle(campaignId, 1, _row(creatorAt(0), most + 1), 0, "");
        if (most != 0) ads.settle(campaignId, 1, _row(creatorAt(0), most), 0, "");
        vm.assertEq(ads.campaignOf(campaignId).spent, most * priceSteps * 1e9, "the last impression was not paid");
    }

    function testFuzz_AStopLeavesExactlyThePaceAndNothingInTheEnd(
        uint256 budget,
        uint256 duration,
        uint256 elapsed,
        uint256 part
    ) external {
        budget = bound(budget, 1, SUPPLY);
        duration = bound(duration, 1, HALF_YEAR);
        elapsed = bound(elapsed, 0, duration - 1);
        uint256 campaignId = _create(budget, 1, duration);
        vm.warp(block.timestamp + elapsed);
        uint256 reached = ads.spendable(campaignId);
        uint256 preview = ads.previewStop(campaignId);
        vm.assertEq(ads.stop(campaignId), preview, "the preview is wrong");
        vm.assertEq(preview, budget - reached, "another amount came back than the pace left");
        vm.assertEq(ads.spendable(campaignId), reached, "a stop changed what can be spent");

        uint256 impressions = bound(part, 0, reached / 1e9);
        if (impressions != 0) ads.settle(campaignId, 1, _row(creatorAt(1), impressions), 0, "");
        vm.warp(block.timestamp + 7 days);
        uint256 rest = reached - impressions * 1e9;
        if (rest != 0) vm.assertEq(ads.refund(campaignId), rest, "another rest");
        ads.distribute();
        ads.payDelegators();
        vm.assertEq(xme.balanceOf(address(ads)), ads.creditOf(creatorAt(1)), "something is stranded");
    }

    function testFuzz_CostsPriceTimesImpressionsSharedWithoutARest(
        uint256 seed,
        uint256 priceSteps,
        uint32[3] memory impressions
    ) external {
        AdSettlement.AdSplit memory split = splitFromSeed(seed);
        ads.setSplit(split);
        priceSteps = bound(priceSteps, 1, 7e7);
        uint256 campaignId = _create(SUPPLY, priceSteps, 1);
        vm.warp(block.timestamp + 1);
        AdSettlement.Row[] memory rows = new AdSettlement.Row[](3);
        uint256 sum = 0;
        for (uint256 i = 0; i < 3; i++) {
            rows[i] = AdSettlement.Row(creatorAt(i), uint64(bound(impressions[i], 1, type(uint32).max)));
            sum += rows[i].impressions;
        }
        AdSettlement.Parts memory parts = ads.settle(campaignId, 1, rows, 0, "");
        vm.assertEq(parts.cost * 1_000, sum * priceSteps * STEP, "the cost is not price times impressions");
        vm.assertEq(parts.creators * 10_000, parts.cost * split.creatorsBps, "the creators' part has a rest");
        vm.assertEq(parts.delegators * 10_000, parts.cost * split.delegatorsBps, "the delegators' part has a rest");
        vm.assertEq(parts.burned * 10_000, parts.cost * split.burnBps, "the burned part has a rest");
        vm.assertEq(parts.treasury * 10_000, parts.cost * split.treasuryBps, "the treasury's part has a rest");
        for (uint256 i = 0; i < 3; i++) {
            uint256 part = rows[i].impressions * priceSteps * STEP * split.creatorsBps;
            vm.assertEq(ads.creditOf(creatorAt(i)) * 1_000 * 10_000, part, "a row is credited something else");
        }
        (uint256 delegators, uint256 toBurn, uint256 toTreasury) = ads.pending();
        vm.assertEq(delegators, parts.delegators, "the delegators' part is not set aside");
        vm.assertEq(toBurn, parts.burned, "the burned part is not set aside");
        vm.assertEq(toTreasury, parts.treasury, "the treasury's part is not set aside");
    }

    function testFuzz_DoesWhatTheQuoteSays(uint256 seed, uint64[3] memory impressions, uint256 elapsed) external {
        ads.setSplit(splitFromSeed(seed));
        uint256 campaignId = _create(SUPPLY, 1 + (seed % 1e6), 10 days);
        vm.warp(block.timestamp + bound(elapsed, 0, 18 days));
        AdSettlement.Row[] memory rows = new AdSettlement.Row[](3);
        for (uint256 i = 0; i < 3; i++) {
            rows[i] = AdSettlement.Row(creatorAt((seed >> 8) + i), impressions[i] >> (seed % 60));
        }
        // solhint-disable-next-line avoid-low-level-calls
        (bool quoted, bytes memory quote) = address(ads).staticcall(
            abi.encodeCall(AdSettlement.quote, (campaignId, rows))
        );
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory answer) = address(ads).call(
            abi.encodeCall(AdSettlement.settle, (campaignId, 1, rows, 0, ""))
        );
        vm.assertEq(done, quoted, "one is refused and the other is not");
        vm.assertEq(keccak256(answer), keccak256(quote), "they answer differently");
    }

    function testFuzz_ItDoesNotMatterHowImpressionsAreCut(uint256 seed, uint32 whole, uint256 cut) external {
        ads.setSplit(splitFromSeed(seed));
        uint256 impressions = bound(whole, 2, type(uint32).max);
        cut = bound(cut, 1, impressions - 1);
        uint256 priceSteps = 1 + (seed % 1e8);
        uint256 one = _create(SUPPLY / 2, priceSteps, 1);
        uint256 two = _create(SUPPLY / 2, priceSteps, 1);
        vm.warp(block.timestamp + 1);
        AdSettlement.Parts memory entire = ads.settle(one, 1, _row(creatorAt(0), impressions), 0, "");
        AdSettlement.Parts memory first = ads.settle(two, 1, _row(creatorAt(1), cut), 0, "");
        AdSettlement.Parts memory second = ads.settle(two, 2, _row(creatorAt(1), impressions - cut), 0, "");
        vm.assertEq(first.cost + second.cost, entire.cost, "cost");
        vm.assertEq(first.delegators + second.delegators, entire.delegators, "delegators");
        vm.assertEq(first.burned + second.burned, entire.burned, "burned");
        vm.assertEq(first.treasury + second.treasury, entire.treasury, "treasury");
        vm.assertEq(ads.creditOf(creatorAt(0)), ads.creditOf(creatorAt(1)), "creators");
    }

    function testFuzz_RefusesAnyOtherSplit(AdSettlement.AdSplit memory split) external {
        uint256 sumBps = uint256(split.creatorsBps) + split.delegatorsBps + split.burnBps + split.treasuryBps;
        vm.assume(sumBps != 10_000);
        vm.expectRevert(abi.encodeWithSelector(AdSettlement.AdSettlement_SplitSumNot100Percent.selector, sumBps));
        ads.setSplit(split);
    }

    function testFuzz_NobodyWithoutTheRoleSettles(address stranger, uint64 impressions) external {
        vm.assume(stranger != address(this));
        uint256 campaignId = _create(SUPPLY, 1, 1);
        vm.warp(block.timestamp + 1);
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        ads.settle(campaignId, 1, _row(stranger, impressions), 0, "");
    }
}

/// @dev Many hands on one settlement: advertisers, a settler who errs and repeats itself, creators, governance, and time passing.
contract AdSettlementHandler is Test {
    AdSettlement private _ads;
    XME private _xme;
    IXmeIncome private _income;

    /// @dev What was escrowed for each campaign and what came back, as this contract counts it.
    mapping(uint256 campaignId => uint256) public escrowed;
    mapping(uint256 campaignId => uint256) public returned;

    /// @dev Sums of what the splits of the campaigns send to each.
    uint256 public toCreators;
    uint256 public toDelegators;
    uint256 public toBurn;
    uint256 public toTreasury;

    uint256 public withdrawn;
    uint256 public donated;
    uint256 public calls;
    uint256 public reports;
    uint256 public stops;
    uint256 public refunds;
    uint256 public payments;
    uint256 public refusals;
    bool public refusedPassed;

    constructor(AdSettlement ads_, XME xme_, IXmeIncome income_) {
        _ads = ads_;
        _xme = xme_;
        _income = income_;
        xme_.approve(address(ads_), type(uint256).max);
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + 12 hours);
        uint256 turn = calls++ % 8;
        if (turn == 0 || turn == 4) _create(seed);
        if (turn == 1 || turn == 5) _settle(_recent(seed), seed);
        if (turn == 2) _settleTooMuch(_recent(seed), seed);
        if (turn == 3) _repeat(_recent(seed), seed);
        if (turn == 6) _pay();
        if (turn == 7) _withdraw(seed);
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 8 days));
        _refundTheFirst();
    }

    function create(uint256 seed) external thenOneMore(seed) {
        _create(seed);
    }

    function topUp(uint256 seed, uint256 amount) external thenOneMore(seed) {
        uint256 campaignId = _recent(seed);
        amount = bound(amount, 1, 1e24);
        try _ads.topUp(campaignId, amount) {
            escrowed[campaignId] += amount;
            if (block.timestamp >= _ads.campaignOf(campaignId).end) refusedPassed = true;
        } catch {
            if (block.timestamp < _ads.campaignOf(campaignId).end) refusedPassed = true;
            refusals++;
        }
    }

    function stop(uint256 seed) external thenOneMore(seed) {
        uint256 campaignId = _recent(seed);
        bool runs = block.timestamp < _ads.campaignOf(campaignId).end;
        try _ads.stop(campaignId) returns (uint256 amount) {
            returned[campaignId] += amount;
            stops++;
            if (!runs) refusedPassed = true;
        } catch {
            if (runs) refusedPassed = true;
            refusals++;
        }
    }

    function settle(uint256 seed, uint256 dice) external thenOneMore(seed) {
        _settle(_recent(seed), dice);
    }

    function settleTooMuch(uint256 seed, uint256 excess) external thenOneMore(seed) {
        _settleTooMuch(_recent(seed), excess);
    }

    function refundAny(uint256 seed) external thenOneMore(seed) {
        _refund(_any(seed));
    }

    function withdraw(uint256 seed) external thenOneMore(seed) {
        _withdraw(seed);
    }

    function donate(uint256 amount) external thenOneMore(amount) {
        amount = bound(amount, 0, 1e20);
        donated += amount;
        _xme.transfer(address(_ads), amount);
    }

    function setSplit(uint256 seed) external thenOneMore(seed) {
        AdSettlement.AdSplit memory split = splitFromSeed(seed);
        if (split.creatorsBps != 0 && split.delegatorsBps != 0) _ads.setSplit(split);
    }

    function setIncome(uint256 seed) external thenOneMore(seed) {
        _ads.setIncome(seed % 3 == 0 ? IXmeIncome(address(0)) : _income);
    }

    function _create(uint256 seed) private {
        seed = uint256(keccak256(abi.encode(seed, calls)));
        uint256 budget = seed % 7 == 0 ? 1 + (seed >> 200) : 1e18 + ((seed >> 8) % 1e24);
        uint256 campaignId = _ads.create(
            AdSettlement.CampaignTerms({
                budget: budget,
                pricePerThousand: (1 + (seed % 1e9)) * STEP,
                start: block.timestamp + ((seed >> 40) % 2 days),
                end: block.timestamp + 2 days + ((seed >> 80) % 10 days),
                splitVersion: _ads.splitVersion(),
                brief: 0
            })
        );
        escrowed[campaignId] = budget;
    }

    function _settle(uint256 campaignId, uint256 dice) private {
        AdSettlement.Campaign memory campaign = _ads.campaignOf(campaignId);
        uint256 perImpression = campaign.pricePerThousand / 1_000;
        uint256 most = _ads.spendable(campaignId) / perImpression;
        if (most < 2) return;
        uint256 impressions = bound(dice, 2, most < type(uint64).max ? most : type(uint64).max);
        AdSettlement.Row[] memory rows = new AdSettlement.Row[](2);
        rows[0] = AdSettlement.Row(creatorAt(dice), uint64(1 + ((dice >> 8) % (impressions - 1))));
        rows[1] = AdSettlement.Row(creatorAt(dice >> 16), uint64(impressions - rows[0].impressions));
        _ads.settle(campaignId, campaign.reports + 1, rows, 0, "");

        AdSettlement.AdSplit memory split = _ads.splitOf(campaign.splitVersion);
        uint256 unit = (impressions * perImpression) / 10_000;
        toCreators += unit * split.creatorsBps;
        toDelegators += unit * split.delegatorsBps;
        toBurn += unit * split.burnBps;
        toTreasury += unit * split.treasuryBps;
        reports++;
    }

    function _settleTooMuch(uint256 campaignId, uint256 excess) private {
        AdSettlement.Campaign memory campaign = _ads.campaignOf(campaignId);
        uint256 most = _ads.spendable(campaignId) / (campaign.pricePerThousand / 1_000);
        excess = bound(excess, 1, 1e9);
        _expectRefused(campaignId, campaign.reports + 1, most + excess);
    }

    /// @dev The last report once more, which was settled already where there is one.
    function _repeat(uint256 campaignId, uint256 seed) private {
        _expectRefused(campaignId, _ads.campaignOf(campaignId).reports, 1 + (seed % 10));
    }

    function _expectRefused(uint256 campaignId, uint256 report, uint256 impressions) private {
        AdSettlement.Row[] memory rows = new AdSettlement.Row[](1);
        rows[0] = AdSettlement.Row(creatorAt(impressions), uint64(impressions));
        try _ads.settle(campaignId, report, rows, 0, "") {
            refusedPassed = true;
        } catch {
            refusals++;
        }
    }

    /// @dev The oldest campaign that has something left and is over.
    function _refundTheFirst() private {
        uint256 count = _ads.campaignCount();
        for (uint256 campaignId = 1; campaignId <= count; campaignId++) {
            if (_ads.refundable(campaignId) != 0) return _refund(campaignId);
        }
    }

    function _refund(uint256 campaignId) private {
        bool over = block.timestamp >= _ads.campaignOf(campaignId).end + 7 days;
        try _ads.refund(campaignId) returns (uint256 amount) {
            returned[campaignId] += amount;
            refunds++;
            if (!over) refusedPassed = true;
        } catch {
            refusals++;
        }
    }

    function _pay() private {
        _ads.distribute();
        if (address(_ads.income()) == address(0)) {
            try _ads.payDelegators() {
                refusedPassed = true;
            } catch {
                refusals++;
            }
            _ads.setIncome(_income);
        }
        if (_ads.payDelegators() != 0) payments++;
    }

    function _withdraw(uint256 seed) private {
        for (uint256 i = 0; i < 4; i++) {
            address creator = creatorAt((seed % 4) + i);
            if (_ads.creditOf(creator) == 0) continue;
            vm.prank(creator);
            withdrawn += _ads.withdraw(address(this));
            return;
        }
    }

    function _any(uint256 seed) private returns (uint256) {
        if (_ads.campaignCount() == 0) _create(seed);
        return 1 + (seed % _ads.campaignCount());
    }

    /// @dev One of the last four campaigns, which are mostly open.
    function _recent(uint256 seed) private returns (uint256) {
        if (_ads.campaignCount() == 0) _create(seed);
        uint256 last = _ads.campaignCount();
        return last - (seed % (last < 4 ? last : 4));
    }
}

/// @notice XME in the settlement is always budgets, credits and pending parts, and each budget goes where its split and its rest send it.
contract AdSettlementInvariantTest is AdSettlementSetUp {
    AdSettlementHandler private _handler;

    function setUp() external {
        _deployAds(AdSettlement.AdSplit(5_001, 2_499, 1_500, 1_000));
        _handler = new AdSettlementHandler(ads, xme, income);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        xme.transfer(address(_handler), SUPPLY);
        targetContract(address(_handler));
    }

    function invariant_BalanceIsBudgetsCreditsPendingPartsAndDonations() external view {
        (uint256 delegators, uint256 toBurn, uint256 toTreasury) = ads.pending();
        uint256 owed = delegators + toBurn + toTreasury + _credits() + _handler.donated();
        for (uint256 campaignId = ads.campaignCount(); campaignId != 0; campaignId--) {
            AdSettlement.Campaign memory campaign = ads.campaignOf(campaignId);
            owed += campaign.budget - campaign.spent;
        }
        vm.assertEq(xme.balanceOf(address(ads)), owed, "the balance is something else");
    }

    function invariant_NoCampaignIsSpentAboveItsPaceAndItsBudgetIsAccountedFor() external view {
        for (uint256 campaignId = ads.campaignCount(); campaignId != 0; campaignId--) {
            AdSettlement.Campaign memory campaign = ads.campaignOf(campaignId);
            vm.assertLe(campaign.spent, campaign.budget, "spent above the budget");
            if (block.timestamp < campaign.end) {
                uint256 elapsed = block.timestamp < campaign.start ? 0 : block.timestamp - campaign.start;
                uint256 duration = campaign.end - campaign.start;
                vm.assertLe(campaign.spent * duration, campaign.budget * elapsed, "spent above the pace");
            }
            uint256 returned = _handler.returned(campaignId);
            vm.assertEq(campaign.budget + returned, _handler.escrowed(campaignId), "a budget is not accounted for");
        }
    }

    function invariant_WhatWasSpentIsWhereTheSplitsSendIt() external view {
        (uint256 delegators, uint256 toBurn, uint256 toTreasury) = ads.pending();
        uint256 burned = SUPPLY - xme.totalSupply();
        uint256 spent = 0;
        for (uint256 campaignId = ads.campaignCount(); campaignId != 0; campaignId--) {
            spent += ads.campaignOf(campaignId).spent;
        }
        vm.assertEq(_credits() + _handler.withdrawn(), _handler.toCreators(), "creators");
        vm.assertEq(delegators + income.received(), _handler.toDelegators(), "delegators");
        vm.assertEq(toBurn + burned, _handler.toBurn(), "burning");
        vm.assertEq(toTreasury + xme.balanceOf(TREASURY), _handler.toTreasury(), "treasury");
        uint256 sent = _handler.toCreators() + _handler.toDelegators() + _handler.toBurn() + _handler.toTreasury();
        vm.assertEq(spent, sent, "the parts do not sum to what was spent");
    }

    function invariant_NoRefusedCallWentThrough() external view {
        vm.assertFalse(_handler.refusedPassed(), "a refused call went through, or the other way round");
    }

    function afterInvariant() external view {
        vm.assertGt(ads.campaignCount(), 3, "hardly a campaign was created");
        vm.assertGt(_handler.reports(), 0, "nothing was settled");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
        vm.assertGt(_handler.payments(), 0, "delegators were never paid");
        vm.assertGt(_handler.withdrawn(), 0, "nothing was withdrawn");
    }

    function _credits() private view returns (uint256 sum) {
        for (uint256 i = 0; i < 4; i++) sum += ads.creditOf(creatorAt(i));
    }
}
