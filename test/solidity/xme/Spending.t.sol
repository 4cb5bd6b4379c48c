// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {EmissionVault} from "../../../contracts/xme/EmissionVault.sol";
import {PlatformItems} from "../../../contracts/xme/PlatformItems.sol";
import {Spending} from "../../../contracts/xme/Spending.sol";
import {SpendingCatalogue} from "../../../contracts/xme/SpendingCatalogue.sol";
import {GrowthPerk} from "../../../contracts/xme/types/GrowthPerk.sol";
import {SpendingCategory} from "../../../contracts/xme/types/SpendingCategory.sol";
import {
    SpendingPart,
    SpendingParts,
    SpendingSplit,
    SpendingSplits
} from "../../../contracts/xme/types/SpendingSplit.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {SpendingContent} from "../../harness/xme/SpendingContent.sol";
import {SpendingGrowth} from "../../harness/xme/SpendingGrowth.sol";
import {SpendingModule} from "../../harness/xme/SpendingModule.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant SUPPLY = 1e29;
uint256 constant STREAM = 3;
uint256 constant CONTENT = 5;
uint256 constant PLAN = 1;
uint256 constant SERVICE = 8;
uint256 constant PARTS = 6;
address constant TREASURY = address(0x7EA5);
address constant BUYBACK = address(0xB44B);
address constant CREATOR = address(0xC0DE);

/// @dev Seven parts that sum to 10,000, often with zeros among them.
function splitFromSeed(uint256 seed) pure returns (SpendingSplit memory split) {
    uint16[6] memory parts;
    uint256 left = 10_000;
    for (uint256 i = 0; i < 6; i++) {
        uint256 dice = uint256(keccak256(abi.encode(seed, i)));
        uint256 part = dice % 4 == 0 ? 0 : (dice >> 8) % (left + 1);
        parts[i] = uint16(part);
        left -= part;
    }
    // The order is shuffled by the seed, or the last parts would nearly always be small.
    uint256 first = seed % 6;
    split.creatorBps = parts[first];
    split.burnBps = parts[(first + 1) % 6];
    split.buybackBps = parts[(first + 2) % 6];
    split.delegatorsBps = parts[(first + 3) % 6];
    split.votersBps = parts[(first + 4) % 6];
    split.emissionBps = parts[(first + 5) % 6];
    split.treasuryBps = uint16(left);
}

function hasCreatorAlways(SpendingCategory category) pure returns (bool) {
    return category == SpendingCategory.Unlock || category == SpendingCategory.Tip;
}

function mayHaveCreator(SpendingCategory category) pure returns (bool) {
    return
        hasCreatorAlways(category) ||
        category == SpendingCategory.Membership ||
        category == SpendingCategory.Goods ||
        category == SpendingCategory.Collectible ||
        category == SpendingCategory.Ticket;
}

/// @dev What every test stands on: the real tokens, catalogue and access manager, with this contract as governance, catalogue's keeper and payer.
abstract contract SpendingSetUp is Test {
    XMEX internal xmex;
    AccessManager internal manager;
    SpendingContent internal content;
    SpendingCatalogue internal catalogue;
    PlatformItems internal items;
    SpendingGrowth internal growth;
    SpendingModule internal delegators;
    SpendingModule internal voters;
    SpendingModule internal emission;
    Spending internal spending;

    function _deploySpending(SpendingSplit memory split) internal {
        vm.warp(START);
        xmex = new XMEX();
        manager = new AccessManager(address(this));
        content = new SpendingContent();
        catalogue = new SpendingCatalogue(address(manager));
        items = new PlatformItems(address(manager));
        growth = new SpendingGrowth();
        delegators = new SpendingModule(xmex);
        voters = new SpendingModule(xmex);
        emission = new SpendingModule(xmex);
        SpendingSplit[10] memory splits;
        for (uint256 i = 0; i < 10; i++) splits[i] = split;
        spending = new Spending(
            xmex,
            content,
            catalogue,
            items,
            growth,
            STREAM,
            Spending.Receivers(BUYBACK, delegators, voters, EmissionVault(address(emission)), TREASURY),
            splits,
            address(manager)
        );
        manager.grantRole(manager.ADMIN_ROLE(), address(spending), 0);
        xmex.approve(address(spending), type(uint256).max);
        content.register(CONTENT, CREATOR, 1 gwei);
    }

    function _week() internal view returns (uint256) {
        return block.timestamp / 1 weeks;
    }

    function _moduleOf(SpendingPart part) internal view returns (SpendingModule) {
        if (part == SpendingPart.Delegators) return delegators;
        return part == SpendingPart.Voters ? voters : emission;
    }

    /// @dev Spends exactly `price` on any category as this contract, which sets the price first; with a creator only where there can be one.
    function _spend(SpendingCategory category, uint256 price, bool hasCreator) internal {
        if (category == SpendingCategory.Unlock) {
            uint256 contentId = uint256(keccak256(abi.encode(price, gasleft())));
            content.register(contentId, CREATOR, price);
            spending.unlock(contentId, price);
        } else if (category == SpendingCategory.Membership) {
            if (hasCreator) vm.prank(CREATOR);
            if (hasCreator) catalogue.setPlan(PLAN, price, 1 days);
            else catalogue.setPlatformPlan(PLAN, price, 1 days);
            spending.renewMembership(hasCreator ? CREATOR : address(0), PLAN, price, 1 days);
        } else if (category == SpendingCategory.Tip) {
            spending.tip(CREATOR, price);
        } else if (category == SpendingCategory.Boost) {
            spending.boost(CONTENT, _week(), price);
        } else if (category == SpendingCategory.HotSpot) {
            catalogue.setHotSpots(price, 100);
            spending.recommend(CONTENT, block.timestamp / 1 days, price);
        } else if (category == SpendingCategory.AiService) {
            catalogue.setService(SERVICE, price, 0);
            spending.useService(SERVICE, 1, 0, price);
        } else if (category == SpendingCategory.Growth) {
            catalogue.setGrowthPrice(GrowthPerk.Protection, 0, price);
            spending.buyGrowth(GrowthPerk.Protection, 1, price);
        } else {
            spending.buy(_list(category, price, hasCreator), 1, price);
        }
    }

    function _list(SpendingCategory category, uint256 price, bool hasCreator) internal returns (uint256) {
        return
            items.list(
                PlatformItems.ItemTerms({
                    category: category,
                    seller: hasCreator ? CREATOR : address(0),
                    price: price,
                    supply: 1,
                    soulbound: false,
                    start: 0,
                    end: type(uint40).max,
                    period: 0,
                    uri: "ipfs://item"
                })
            );
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return this.onERC1155Received.selector;
    }

    /// @dev What each part of `price` must be by `split`, in the order of the parts: computed from the split alone.
    function _expected(
        SpendingSplit memory split,
        uint256 price,
        bool hasCreator
    ) internal pure returns (uint256[6] memory parts, uint256 toCreator) {
        uint256 unit = price / 10_000;
        parts[0] = unit * split.burnBps;
        parts[1] = unit * split.buybackBps;
        parts[2] = unit * split.delegatorsBps;
        parts[3] = unit * split.votersBps;
        parts[4] = unit * split.emissionBps;
        parts[5] = unit * split.treasuryBps;
        if (hasCreator) toCreator = unit * split.creatorBps;
        else parts[5] += unit * split.creatorBps;
    }

    /// @dev What each part's receiver has got so far.
    function _delivered() internal view returns (uint256[6] memory parts) {
        parts[0] = SUPPLY - xmex.totalSupply();
        parts[1] = xmex.balanceOf(BUYBACK);
        parts[2] = xmex.balanceOf(address(delegators));
        parts[3] = xmex.balanceOf(address(voters));
        parts[4] = xmex.balanceOf(address(emission));
        parts[5] = xmex.balanceOf(TREASURY);
    }
}

/// @notice Fuzz tests of spending: whatever the price, category and split, the parts are the price, and each goes where it belongs, once.
contract SpendingTest is SpendingSetUp {
    function setUp() external {
        _deploySpending(splitFromSeed(1));
    }

    function testFuzz_PartsOfEverySpendAreThePriceToTheWei(
        uint256 seed,
        uint256 price,
        uint8 kind,
        bool wants
    ) external {
        SpendingCategory category = SpendingCategory(kind % 10);
        SpendingSplit memory split = splitFromSeed(seed);
        price = bound(price, 1, type(uint64).max) * 1 gwei;
        bool hasCreator = hasCreatorAlways(category) || (wants && mayHaveCreator(category));
        spending.setSplit(category, split);
        vm.warp(START + 1 weeks);

        uint256 before = xmex.balanceOf(address(this));
        _spend(category, price, hasCreator);
        (uint256[6] memory parts, uint256 toCreator) = _expected(split, price, hasCreator);
        vm.assertEq(before - xmex.balanceOf(address(this)), price, "the payer paid something else");
        vm.assertEq(xmex.balanceOf(CREATOR), toCreator, "the creator got something else");
        vm.assertEq(xmex.balanceOf(address(spending)), price - toCreator, "something else came here");

        spending.distribute(_week(), category);
        uint256[6] memory delivered = _delivered();
        uint256 sum = toCreator;
        for (uint256 i = 0; i < PARTS; i++) {
            vm.assertEq(delivered[i], parts[i], "a part is something else");
            sum += delivered[i];
        }
        vm.assertEq(sum, price, "the parts do not sum to the price");
        vm.assertEq(xmex.balanceOf(address(spending)), 0, "something stayed");
        vm.assertEq(spending.consumedIn(_week()), parts[0] + parts[1] + parts[5], "something else counts as consumed");
    }

    function testFuzz_PreviewsSayWhatHappens(uint256 seed, uint256 price, uint8 kind, bool wants) external {
        SpendingCategory category = SpendingCategory(kind % 10);
        spending.setSplit(category, splitFromSeed(seed));
        vm.warp(START + 1 weeks);
        price = bound(price, 1, type(uint64).max) * 1 gwei;
        bool hasCreator = hasCreatorAlways(category) || (wants && mayHaveCreator(category));
        SpendingParts memory parts = spending.previewParts(category, price, hasCreator);
        _spend(category, price, hasCreator);
        vm.assertEq(xmex.balanceOf(CREATOR), parts.creator, "the creator's part");
        vm.assertEq(
            keccak256(abi.encode(spending.partsIn(_week(), category))),
            keccak256(abi.encode(parts)),
            "the week's parts are others"
        );
        SpendingParts memory offered = spending.previewDistribute(_week(), category);
        vm.assertEq(
            keccak256(abi.encode(spending.distribute(_week(), category))),
            keccak256(abi.encode(offered)),
            "something else was offered"
        );
        parts.creator = 0;
        vm.assertEq(keccak256(abi.encode(offered)), keccak256(abi.encode(parts)), "the previews differ");
    }

    function testFuzz_ItDoesNotMatterHowSpendsAreCutOrWhenTheyAreDistributed(
        uint256 seed,
        uint64 whole,
        uint256 cut,
        bool between
    ) external {
        spending.setSplit(SpendingCategory.Tip, splitFromSeed(seed));
        spending.setSplit(SpendingCategory.Boost, splitFromSeed(seed));
        vm.warp(START + 1 weeks);
        uint256 total = bound(whole, 2, type(uint64).max);
        cut = bound(cut, 1, total - 1);
        spending.tip(CREATOR, total * 1 gwei);
        spending.distribute(_week(), SpendingCategory.Tip);
        uint256[6] memory one = _delivered();
        uint256 creator = xmex.balanceOf(CREATOR);

        spending.tip(CREATOR, cut * 1 gwei);
        if (between) spending.distribute(_week(), SpendingCategory.Tip);
        spending.tip(CREATOR, (total - cut) * 1 gwei);
        vm.warp(START + 5 weeks);
        spending.distribute(START / 1 weeks + 1, SpendingCategory.Tip);
        uint256[6] memory both = _delivered();
        for (uint256 i = 0; i < PARTS; i++) vm.assertEq(both[i], 2 * one[i], "a part differs");
        vm.assertEq(xmex.balanceOf(CREATOR), 2 * creator, "the creator's part differs");
        vm.assertEq(xmex.balanceOf(address(spending)), 0, "something stayed");
    }

    function testFuzz_AModuleGetsWhatItTakesAndTheRestWaits(
        uint256 seed,
        uint64 amount,
        uint8 kind,
        uint8 mood
    ) external {
        spending.setSplit(SpendingCategory.Boost, splitFromSeed(seed));
        vm.warp(START + 1 weeks);
        uint256 price = bound(amount, 1, type(uint64).max) * 1 gwei;
        SpendingPart part = SpendingPart(2 + (kind % 3));
        SpendingModule module = _moduleOf(part);
        module.setMood(SpendingModule.Mood(mood % 7));
        _spend(SpendingCategory.Boost, price, false);
        (uint256[6] memory parts, ) = _expected(splitFromSeed(seed), price, false);
        spending.distribute(_week(), SpendingCategory.Boost);
        uint256 taken = _delivered()[uint256(part)];
        vm.assertEq(taken + spending.waitingFor(part), parts[uint256(part)], "something was lost");
        vm.assertEq(spending.waitingFor(part), xmex.balanceOf(address(spending)), "the others did not get theirs");
        vm.assertEq(xmex.allowance(address(spending), address(module)), 0, "an allowance is left");
        module.setMood(SpendingModule.Mood.Takes);
        spending.distribute(0, SpendingCategory.Ticket);
        vm.assertEq(_delivered()[uint256(part)], parts[uint256(part)], "what waited was not given");
        vm.assertEq(xmex.balanceOf(address(spending)), 0, "something stayed");
    }

    function testFuzz_ASplitHoldsFromTheWeekAfterItUntilTheNext(
        uint8[12] memory waits,
        uint256 seed,
        uint8 looked
    ) external {
        uint256 first = _week();
        uint256[12] memory from;
        for (uint256 i = 0; i < 12; i++) {
            vm.warp(block.timestamp + uint256(waits[i] % 4) * 1 weeks);
            from[i] = _week() + 1;
            spending.setSplit(SpendingCategory.Goods, splitFromSeed(seed ^ i));
        }
        uint256 week = first + (looked % 50);
        SpendingSplit memory expected = splitFromSeed(1);
        for (uint256 i = 0; i < 12; i++) if (from[i] <= week) expected = splitFromSeed(seed ^ i);
        vm.assertEq(
            keccak256(abi.encode(spending.splitAt(SpendingCategory.Goods, week))),
            keccak256(abi.encode(expected)),
            "another split holds"
        );
    }

    function testFuzz_ASplitIsPackedAndUnpackedWhole(SpendingSplit memory split) external pure {
        SpendingSplit memory again = SpendingSplits.unpack(SpendingSplits.pack(split));
        vm.assertEq(keccak256(abi.encode(again)), keccak256(abi.encode(split)), "a part was lost");
    }

    function testFuzz_AMembershipLastsFromTheLaterOfNowAndItsEnd(
        uint32[6] memory waits,
        uint32[6] memory periods
    ) external {
        uint256 until = 0;
        for (uint256 i = 0; i < 6; i++) {
            vm.warp(block.timestamp + (waits[i] % 400 days));
            uint256 period = bound(periods[i], 1 days, 3_650 days);
            catalogue.setPlatformPlan(PLAN, 1 gwei, period);
            until = (until > block.timestamp ? until : block.timestamp) + period;
            (, uint256 quoted) = spending.quoteMembership(address(0), PLAN, address(this));
            (, uint256 answered) = spending.renewMembership(address(0), PLAN, 1 gwei, period);
            vm.assertEq(quoted, until, "the quote is wrong");
            vm.assertEq(answered, until, "the answer is wrong");
            vm.assertEq(spending.membershipUntil(address(0), PLAN, address(this)), until, "another end is kept");
        }
    }

    function testFuzz_RefusesAnyAmountThatIsNotWholeGwei(uint256 amount) external {
        vm.assume(amount % 1 gwei != 0);
        bytes memory refusal = abi.encodeWithSelector(Spending.Spending_NotWholeGwei.selector, amount);
        vm.expectRevert(refusal);
        spending.tip(CREATOR, amount);
        uint256 week = _week();
        vm.expectRevert(refusal);
        spending.boost(CONTENT, week, amount);
        content.setPrice(CONTENT, amount);
        vm.expectRevert(refusal);
        spending.unlock(CONTENT, type(uint256).max);
    }

    function testFuzz_RefusesAnyOtherSplit(SpendingSplit memory split, uint8 kind) external {
        uint256 sumBps = uint256(split.creatorBps) + split.burnBps + split.buybackBps + split.delegatorsBps;
        sumBps += uint256(split.votersBps) + split.emissionBps + split.treasuryBps;
        vm.assume(sumBps != 10_000);
        SpendingCategory category = SpendingCategory(kind % 10);
        vm.expectRevert(abi.encodeWithSelector(Spending.Spending_SplitSumNot100Percent.selector, category, sumBps));
        spending.setSplit(category, split);
    }

    function testFuzz_NobodyButGovernanceGoverns(address stranger, uint256 seed) external {
        vm.assume(stranger != address(this) && stranger != address(spending));
        bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
        vm.startPrank(stranger);
        vm.expectRevert(refusal);
        spending.setSplit(SpendingCategory.Tip, splitFromSeed(seed));
        vm.expectRevert(refusal);
        spending.setReceiver(SpendingPart.Treasury, stranger);
        vm.expectRevert(refusal);
        spending.setGrowthShop(growth);
        vm.expectRevert(refusal);
        catalogue.setHotSpots(1 gwei, 1);
        vm.expectRevert(refusal);
        items.mint(stranger, 1, 1);
        vm.stopPrank();
    }
}

/// @dev Many hands on one spending: payers of everything, modules in every mood, governance that changes splits and receivers, and time passing.
contract SpendingHandler is SpendingSetUp {
    /// @dev What each part should have got in all, and creators, by the splits as this contract remembers them.
    uint256[6] public shared;
    uint256 public toCreators;
    uint256 public donated;

    uint256 public firstWeek;
    uint256 public calls;
    uint256 public spends;
    uint256 public distributions;
    uint256 public refusals;
    uint256 public replaced;
    uint256 public waited;
    bool public refusedPassed;

    mapping(uint256 week => mapping(SpendingCategory category => SpendingSplit)) private _remembered;
    mapping(uint256 week => mapping(SpendingCategory category => uint256)) public spentIn;
    mapping(uint256 week => uint256) public consumedIn;
    SpendingSplit[10] private _next;

    /// @dev All modules that ever were receivers, the present ones included.
    SpendingModule[] public modules;

    constructor() {
        SpendingSplit memory split = splitFromSeed(7);
        _deploySpending(split);
        firstWeek = _week();
        for (uint256 i = 0; i < 10; i++) {
            _next[i] = split;
            _remembered[firstWeek][SpendingCategory(i)] = split;
        }
        modules.push(delegators);
        modules.push(voters);
        modules.push(emission);
    }

    function subject() external view returns (Spending, XMEX) {
        return (spending, xmex);
    }

    function moduleCount() external view returns (uint256) {
        return modules.length;
    }

    /// @dev What the modules of `part`, in office or replaced, have got.
    function takenBy(SpendingPart part) external view returns (uint256 sum) {
        for (uint256 i = uint256(part) - 2; i < modules.length; i += 3) sum += modules[i].received();
    }

    /// @dev After each call the handler makes two more of its own, in turn, so that even a short run walks the whole way, and time passes.
    modifier thenMore(uint256 seed) {
        _;
        if (calls == 0) _walk();
        _pass(12 hours);
        seed = uint256(keccak256(abi.encode(seed, calls)));
        _pay(SpendingCategory(calls % 10), seed);
        uint256 turn = calls++ % 6;
        if (turn == 0) _setSplit(seed);
        if (turn == 1) _distribute(seed);
        if (turn == 2) _setMood(seed);
        if (turn == 3) _replace(seed);
        if (turn == 4) _distribute(seed >> 8);
        if (turn == 5) _payTooMuch(seed);
    }

    function wait_(uint256 seconds_) external thenMore(seconds_) {
        _pass(bound(seconds_, 0, 6 days));
    }

    function pay(uint8 kind, uint256 seed) external thenMore(seed) {
        _pay(SpendingCategory(kind % 10), seed);
    }

    function distribute(uint256 seed) external thenMore(seed) {
        _distribute(seed);
    }

    function distributeTwice(uint256 seed) external thenMore(seed) {
        _distribute(seed);
        _distribute(seed);
    }

    function setSplit(uint256 seed) external thenMore(seed) {
        _setSplit(seed);
    }

    function setMood(uint256 seed) external thenMore(seed) {
        _setMood(seed);
    }

    function donate(uint256 amount) external thenMore(amount) {
        amount = bound(amount, 0, 1e20);
        donated += amount;
        xmex.transfer(address(spending), amount);
    }

    function leaveNobody(uint256 seed) external thenMore(seed) {
        SpendingPart part = SpendingPart(1 + (seed % 4));
        address before = spending.receiverOf(part);
        spending.setReceiver(part, address(0));
        _distribute(seed);
        spending.setReceiver(part, before);
    }

    /// @dev The whole way once: everything is bought, modules refuse, what waits goes to others, and the next week has another split.
    function _walk() private {
        for (uint256 i = 0; i < 10; i++) _pay(SpendingCategory(i), 2 * i + 1);
        delegators.setMood(SpendingModule.Mood.BurnsGas);
        emission.setMood(SpendingModule.Mood.TakesHalf);
        for (uint256 i = 0; i < 10; i++) _distribute(3 + (i << 16));
        _replace(0);
        _setSplit(12);
        _pass(1 weeks);
        _pay(SpendingCategory.Tip, 5);
        _distribute(3 + (2 << 16));
    }

    /// @dev Time passes week by week, so that each week's splits are remembered.
    function _pass(uint256 seconds_) private {
        uint256 end = block.timestamp + seconds_;
        while (_week() < end / 1 weeks) {
            vm.warp((_week() + 1) * 1 weeks);
            for (uint256 i = 0; i < 10; i++) _remembered[_week()][SpendingCategory(i)] = _next[i];
        }
        vm.warp(end);
    }

    function _pay(SpendingCategory category, uint256 seed) private {
        uint256 price = (1 + (seed % 1e15)) * 1 gwei;
        bool hasCreator = hasCreatorAlways(category) || (seed & 1 == 1 && mayHaveCreator(category));
        if (category == SpendingCategory.HotSpot && spending.hotSpotsOf(block.timestamp / 1 days).length >= 100) return;
        _spend(category, price, hasCreator);
        spends++;
        uint256 week = _week();
        (uint256[6] memory parts, uint256 toCreator) = _expected(_remembered[week][category], price, hasCreator);
        for (uint256 i = 0; i < PARTS; i++) shared[i] += parts[i];
        toCreators += toCreator;
        spentIn[week][category] += price;
        consumedIn[week] += parts[0] + parts[1] + parts[5];
    }

    function _payTooMuch(uint256 seed) private {
        _refused(abi.encodeCall(Spending.tip, (CREATOR, (1 + (seed % 1e12)) * 1 gwei + 1)));
        _refused(abi.encodeCall(Spending.tip, (CREATOR, 2 * SUPPLY)));
        _refused(abi.encodeCall(Spending.unlock, (CONTENT, 1 gwei - 1)));
        _refused(abi.encodeCall(Spending.boost, (CONTENT, _week() - 1, 1 gwei)));
    }

    function _refused(bytes memory call) private {
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = address(spending).call(call);
        if (done) refusedPassed = true;
        else refusals++;
    }

    function _distribute(uint256 seed) private {
        uint256 weeks_ = _week() - firstWeek + 1;
        uint256 week = seed % 3 == 0 ? _week() : firstWeek + (seed % weeks_);
        spending.distribute(week, SpendingCategory((seed >> 16) % 10));
        distributions++;
        for (uint256 i = 2; i < 5; i++) if (spending.waitingFor(SpendingPart(i)) != 0) waited++;
    }

    function _setSplit(uint256 seed) private {
        uint256 category = seed % 10;
        _next[category] = splitFromSeed(seed);
        spending.setSplit(SpendingCategory(category), _next[category]);
    }

    function _setMood(uint256 seed) private {
        SpendingModule module = SpendingModule(spending.receiverOf(SpendingPart(2 + (seed % 3))));
        module.setMood(seed % 2 == 0 ? SpendingModule.Mood.Takes : SpendingModule.Mood((seed >> 8) % 7));
    }

    /// @dev All three at once, so that modules of a part stand three apart.
    function _replace(uint256 seed) private {
        if (seed % 3 != 0) return;
        for (uint256 i = 2; i < 5; i++) {
            SpendingModule module = new SpendingModule(xmex);
            modules.push(module);
            spending.setReceiver(SpendingPart(i), address(module));
        }
        replaced++;
    }
}

/// @notice XMEX in spending is always what was not distributed and what waits; each part gets what its splits say, once.
contract SpendingInvariantTest is Test {
    SpendingHandler private _handler;
    Spending private _spending;
    XMEX private _xmex;

    function setUp() external {
        _handler = new SpendingHandler();
        (_spending, _xmex) = _handler.subject();
        targetContract(address(_handler));
    }

    function invariant_BalanceIsWhatIsNotDistributedAndWhatWaits() external view {
        (uint256[6] memory due, ) = _undistributed();
        uint256 owed = _handler.donated();
        for (uint256 i = 0; i < PARTS; i++) owed += due[i] + _spending.waitingFor(SpendingPart(i));
        vm.assertEq(_xmex.balanceOf(address(_spending)), owed, "the balance is something else");
    }

    function invariant_EachPartGetsWhatItsSplitsSayOnce() external view {
        (uint256[6] memory due, ) = _undistributed();
        uint256[6] memory got;
        got[0] = SUPPLY - _xmex.totalSupply();
        got[1] = _xmex.balanceOf(BUYBACK);
        for (uint256 i = 2; i < 5; i++) got[i] = _handler.takenBy(SpendingPart(i));
        got[5] = _xmex.balanceOf(TREASURY);
        for (uint256 i = 0; i < PARTS; i++) {
            uint256 sum = got[i] + due[i] + _spending.waitingFor(SpendingPart(i));
            vm.assertEq(sum, _handler.shared(i), "a part got more or less");
        }
        vm.assertEq(_xmex.balanceOf(CREATOR), _handler.toCreators(), "creators got more or less");
    }

    function invariant_SumsAndConsumptionAreWhatWasSpent() external view {
        uint256 last = block.timestamp / 1 weeks;
        for (uint256 week = _handler.firstWeek(); week <= last; week++) {
            uint256 consumed = 0;
            for (uint256 i = 0; i < 10; i++) {
                SpendingCategory category = SpendingCategory(i);
                (uint256 spent, uint256 distributed) = _spending.spentIn(week, category);
                vm.assertEq(spent, _handler.spentIn(week, category), "another sum was spent");
                vm.assertLe(distributed, spent, "more was distributed than spent");
                SpendingParts memory parts = _spending.partsIn(week, category);
                consumed += parts.burned + parts.buyback + parts.treasury;
                uint256 sum = parts.creator + parts.burned + parts.buyback + parts.delegators;
                sum += parts.voters + parts.emission + parts.treasury;
                vm.assertEq(sum, spent, "the parts do not sum to what was spent");
            }
            vm.assertEq(_spending.consumedIn(week), consumed, "consumption is not its parts");
            vm.assertEq(consumed, _handler.consumedIn(week), "something else was consumed");
        }
    }

    function invariant_NoModuleKeepsAnAllowanceAndNoRefusedCallWentThrough() external view {
        for (uint256 i = _handler.moduleCount(); i != 0; i--) {
            address module = address(_handler.modules(i - 1));
            vm.assertEq(_xmex.allowance(address(_spending), module), 0, "an allowance is left");
        }
        vm.assertFalse(_handler.refusedPassed(), "a refused call went through");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.spends(), 9, "hardly anything was spent");
        vm.assertGt(_handler.distributions(), 3, "hardly anything was distributed");
        vm.assertGt(_handler.refusals(), 3, "nothing was refused");
        vm.assertGt(_handler.waited(), 0, "nothing ever waited");
        vm.assertGt(_handler.replaced(), 0, "no module was replaced");
        vm.assertGt(_handler.toCreators(), 0, "no creator was paid");
        vm.assertGt(_xmex.balanceOf(TREASURY), 0, "the treasury got nothing");
        vm.assertGt(block.timestamp / 1 weeks, _handler.firstWeek(), "no week passed");
    }

    /// @dev The parts of all weeks and categories that were not distributed, from the contract's own previews, which count what waits as well.
    function _undistributed() private view returns (uint256[6] memory due, uint256 pairs) {
        uint256 last = block.timestamp / 1 weeks;
        uint256[6] memory waiting;
        for (uint256 i = 0; i < PARTS; i++) waiting[i] = _spending.waitingFor(SpendingPart(i));
        for (uint256 week = _handler.firstWeek(); week <= last; week++) {
            for (uint256 i = 0; i < 10; i++) {
                SpendingParts memory parts = _spending.previewDistribute(week, SpendingCategory(i));
                due[0] += parts.burned;
                due[1] += parts.buyback - waiting[1];
                due[2] += parts.delegators - waiting[2];
                due[3] += parts.voters - waiting[3];
                due[4] += parts.emission - waiting[4];
                due[5] += parts.treasury;
                pairs++;
            }
        }
    }
}
