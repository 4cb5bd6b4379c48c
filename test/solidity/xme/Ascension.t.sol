// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Ascension} from "../../../contracts/xme/Ascension.sol";
import {XME} from "../../../contracts/xme/XME.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {Test} from "../support/Test.sol";

uint256 constant WEEK = 7 days;
uint256 constant START = 3_000 * WEEK + 1 hours;
uint256 constant STEP = 1e9;
uint256 constant XME_SUPPLY = 1e27;
uint256 constant XMEX_SUPPLY = 1e29;
uint256 constant ACTORS = 4;

/// @dev After so many calls every random life walks the whole way once.
uint256 constant WALK = 15;

function actorAt(uint256 index) pure returns (address) {
    return address(uint160(0xA5CE00 + (index % ACTORS)));
}

/// @dev What every test stands on: the real tokens and access manager, and this contract as governance.
abstract contract AscensionSetUp is Test {
    XME internal xme;
    XMEX internal xmex;
    AccessManager internal manager;
    Ascension internal channel;

    function _deployChannel(uint256 baseBudget, uint256 maxRateWad, uint256 floorRateWad) internal {
        vm.warp(START);
        xme = new XME();
        xmex = new XMEX();
        manager = new AccessManager(address(this));
        channel = new Ascension(xme, xmex, Ascension.Terms(baseBudget, maxRateWad, floorRateWad), address(manager));
        xme.approve(address(channel), type(uint256).max);
    }

    function _equip(address actor, uint256 amount) internal {
        xmex.transfer(actor, amount);
        vm.prank(actor);
        xmex.approve(address(channel), type(uint256).max);
    }

    function _depositFor(address actor, uint256 amount) internal returns (uint256 guaranteed) {
        vm.prank(actor);
        return channel.deposit(amount, 0);
    }

    /// @dev Rates in steps from any two numbers: the floor at most the maximum, and often equal.
    function _rates(uint256 one, uint256 other) internal pure returns (uint256 maxRate, uint256 floorRate) {
        floorRate = one % 3 == 0 ? bound(one, 1, 1e9) : bound(one, 1, 1e8);
        maxRate = other % 4 == 0 ? floorRate : bound(other, floorRate, 1e9);
    }
}

/// @notice Fuzz tests of the channel: whatever budget, rates and deposits, the floor holds, the maximum holds, and nothing is lost.
contract AscensionTest is AscensionSetUp {
    function setUp() external {
        _deployChannel(1e24, 1e16, 1e15);
        for (uint256 i = 0; i < ACTORS; i++) _equip(actorAt(i), XMEX_SUPPLY / ACTORS);
    }

    function testFuzz_KeepsTermsToTheWeiAndRefusesAnyOther(
        uint256 baseBudget,
        uint256 maxRateWad,
        uint256 floorRateWad
    ) external {
        if (baseBudget % 2 == 0) baseBudget = bound(baseBudget, 0, XME_SUPPLY);
        if (maxRateWad % 4 != 0) {
            (maxRateWad, floorRateWad) = _rates(maxRateWad, floorRateWad);
            (maxRateWad, floorRateWad) = (maxRateWad * STEP, floorRateWad * STEP);
        }
        bool inRange =
            baseBudget <= XME_SUPPLY &&
                floorRateWad != 0 &&
                floorRateWad <= maxRateWad &&
                maxRateWad <= 1e18 &&
                floorRateWad % STEP == 0 &&
                maxRateWad % STEP == 0;
        Ascension.Terms memory terms = Ascension.Terms(baseBudget, maxRateWad, floorRateWad);
        Ascension.Terms memory before = channel.terms();
        try channel.setTerms(terms) {
            vm.assertTrue(inRange, "terms out of range were taken");
            before = terms;
        } catch {
            vm.assertFalse(inRange, "terms in range were refused");
        }
        vm.assertEq(keccak256(abi.encode(channel.terms())), keccak256(abi.encode(before)), "other terms");
    }

    function testFuzz_BeginsWithTheBudgetsOfTheWeeks(uint256 funded, uint256 baseBudget, uint256 idle) external {
        funded = bound(funded, 2e15, XME_SUPPLY);
        baseBudget = bound(baseBudget, 1e15, XME_SUPPLY);
        idle = bound(idle, 1, 2_000);
        channel.setTerms(Ascension.Terms(baseBudget, 1e9, 1e9));
        channel.fund(funded);
        _depositFor(actorAt(0), 1 gwei);
        uint256 first = baseBudget < funded ? baseBudget : funded;
        vm.assertEq(channel.openBudget(), first, "the week of construction has one budget");

        vm.warp(block.timestamp + idle * WEEK);
        uint256 left = funded - 1;
        vm.assertEq(channel.free(), left, "a wei was paid, for a gwei at a billionth");
        uint256 wanted = baseBudget * (idle < 4 ? idle : 4);
        _depositFor(actorAt(1), 1 gwei);
        vm.assertEq(channel.openBudget(), wanted < left ? wanted : left, "other weeks");
        vm.assertEq(channel.free() + channel.openBudget() + channel.reserved(), funded, "XME is lost");
    }

    function testFuzz_TakesExactlyWhatTheFloorCanBePaidFor(uint256 funded, uint256 floorRate) external {
        funded = bound(funded, 1, XME_SUPPLY);
        floorRate = bound(floorRate, 1, 1e9);
        channel.setTerms(Ascension.Terms(XME_SUPPLY, 1e18, floorRate * STEP));
        channel.fund(funded);
        uint256 units = channel.presentRound().capacity / STEP;
        vm.assertLe(units * floorRate, funded, "more than the floor can be paid for");
        vm.assertGt((units + 1) * floorRate, funded, "less than the floor can be paid for");
        vm.assume(units < XMEX_SUPPLY / STEP / ACTORS);
        if (units != 0) {
            vm.assertEq(_depositFor(actorAt(0), units * STEP), units * floorRate, "another promise");
        }
        vm.prank(actorAt(1));
        vm.expectRevert(
            abi.encodeWithSelector(Ascension.Ascension_AboveCapacity.selector, channel.currentRound(), STEP, 0)
        );
        channel.deposit(STEP, 0);
    }

    function testFuzz_PaysBetweenFloorAndMaximum(
        uint256 funded,
        uint256 floorSeed,
        uint256 maxSeed,
        uint256[4] memory parts
    ) external {
        (uint256 maxRate, uint256 floorRate) = _rates(floorSeed, maxSeed);
        funded = bound(funded, 10 * floorRate, XME_SUPPLY);
        channel.setTerms(Ascension.Terms(XME_SUPPLY, maxRate * STEP, floorRate * STEP));
        channel.fund(funded);
        uint256 capacity = channel.presentRound().capacity / STEP;
        uint256 most = XMEX_SUPPLY / STEP / ACTORS;
        uint256 deposits = 0;
        for (uint256 i = 0; i < ACTORS; i++) {
            uint256 left = capacity - deposits - (ACTORS - 1 - i);
            parts[i] = bound(parts[i], 1, left < most ? left : most);
            uint256 guaranteed = _depositFor(actorAt(i), parts[i] * STEP);
            vm.assertEq(guaranteed, parts[i] * floorRate, "another promise");
            deposits += parts[i];
        }
        uint256 round = channel.currentRound();
        vm.warp(block.timestamp + WEEK);
        uint256 paid = channel.roundOf(round).paid;
        vm.assertEq(paid, deposits * maxRate < funded ? deposits * maxRate : funded, "another sum");
        uint256 sum = 0;
        for (uint256 i = 0; i < ACTORS; i++) {
            uint256 share = channel.claim(actorAt(i));
            vm.assertEq(xme.balanceOf(actorAt(i)), share, "it was not paid");
            vm.assertGe(share, parts[i] * floorRate, "less than the floor");
            vm.assertLe(share, parts[i] * maxRate, "more than the maximum");
            vm.assertLe(share * deposits, paid * parts[i], "rounded up");
            vm.assertGt((share + 1) * deposits, paid * parts[i], "rounded down by more than a wei");
            sum += share;
        }
        vm.assertLe(sum, paid, "more than the budget");
        vm.assertLt(paid - sum, ACTORS, "more dust than a wei for each");
        if (paid < funded) vm.assertEq(sum, paid, "at the maximum rate nothing is rounded");
        vm.assertEq(xme.balanceOf(address(channel)), channel.free() + paid - sum, "XME is lost");
        vm.assertEq(xmex.balanceOf(address(channel)), deposits * STEP, "XMEX left");
    }

    /// @dev Two like the others: one deposits at once and claims at the end, the other deposits in two parts and claims each week.
    function testFuzz_ItDoesNotMatterHowADepositIsCut(uint256 amount, uint256 cut, uint256 other) external {
        amount = bound(amount, 2, 1e18);
        cut = bound(cut, 1, amount - 1);
        other = bound(other, 1, 1e18);
        channel.setTerms(Ascension.Terms(1e25, 1e16, 1e12));
        channel.fund(1e26);
        (address whole, address parted) = (actorAt(0), actorAt(1));
        uint256 sum = 0;
        for (uint256 week = 0; week < 3; week++) {
            _depositFor(whole, amount * STEP);
            _depositFor(parted, cut * STEP);
            _depositFor(actorAt(2), other * STEP);
            _depositFor(parted, (amount - cut) * STEP);
            vm.warp(block.timestamp + WEEK);
            sum += channel.claim(parted);
        }
        vm.assertEq(channel.claim(whole), sum, "it matters");
    }

    function testFuzz_DoesWhatThePreviewSays(uint256 funded, uint256 seed, uint256 amount, uint256 idle) external {
        (uint256 maxRate, uint256 floorRate) = _rates(seed, seed >> 64);
        channel.setTerms(Ascension.Terms((seed >> 128) % 1e25, maxRate * STEP, floorRate * STEP));
        if (funded % 8 != 0) channel.fund(bound(funded, 1, XME_SUPPLY));
        if (amount % 4 != 0) amount = bound(amount, 0, 1e20) * STEP;
        vm.warp(block.timestamp + bound(idle, 0, 400 days));
        // solhint-disable-next-line avoid-low-level-calls
        (bool previewed, bytes memory preview) = address(channel).staticcall(
            abi.encodeCall(Ascension.previewDeposit, (amount))
        );
        xmex.approve(address(channel), 0);
        vm.startPrank(actorAt(0));
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory answer) = address(channel).call(abi.encodeCall(Ascension.deposit, (amount, 0)));
        vm.stopPrank();
        if (amount <= XMEX_SUPPLY / ACTORS) {
            vm.assertEq(done, previewed, "one is refused and the other is not");
            vm.assertEq(keccak256(answer), keccak256(preview), "they answer differently");
        } else {
            vm.assertFalse(done, "more XMEX than there is");
        }
    }

    function testFuzz_NobodyButGovernanceSetsTerms(address stranger) external {
        vm.assume(stranger != address(this));
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        channel.setTerms(Ascension.Terms(1, STEP, STEP));
    }
}

/// @dev Many hands on one channel: funders, depositors, who also try too much, governance, and time passing.
contract AscensionHandler is Test {
    Ascension private _channel;
    XME private _xme;
    XMEX private _xmex;

    uint256 public funded;
    uint256 public deposited;
    uint256 public claimed;
    uint256 public donatedXme;
    uint256 public donatedXmex;
    uint256[] public rounds;

    /// @dev Sums of what an account's deposits bring at least and at most, by round and over all of them.
    mapping(address actor => uint256) public promised;
    mapping(address actor => uint256) public highest;
    mapping(address actor => uint256) public received;
    mapping(uint256 round => mapping(address actor => uint256)) public promisedIn;

    uint256 public calls;
    uint256 public claims;
    uint256 public shares;
    uint256 public refusals;
    uint256 public fullRounds;
    uint256 public returns_;
    bool public wentWrong;

    constructor(Ascension channel_, XME xme_, XMEX xmex_) {
        _channel = channel_;
        _xme = xme_;
        _xmex = xmex_;
        xme_.approve(address(channel_), type(uint256).max);
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + (seed % 3 days));
        if (calls == WALK) _walk();
        uint256 turn = calls++ % 4;
        if (turn == 0) _fund(seed);
        if (turn == 1) _depositPart(seed, seed >> 64);
        if (turn == 2) _depositTooMuch(seed, seed >> 64);
        if (turn == 3) _claim(actorAt(seed));
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 40 days));
    }

    function fund(uint256 amount) external thenOneMore(amount) {
        _fund(amount);
    }

    function deposit(uint256 seed, uint256 part) external thenOneMore(seed) {
        _depositPart(seed, part);
    }

    function fill(uint256 seed) external thenOneMore(seed) {
        _fill(actorAt(seed));
    }

    function depositTooMuch(uint256 seed, uint256 excess) external thenOneMore(seed) {
        _depositTooMuch(seed, excess);
    }

    function claim(uint256 seed) external thenOneMore(seed) {
        _claim(actorAt(seed));
    }

    function setTerms(uint256 seed) external thenOneMore(seed) {
        uint256 floorRate = 1e6 + (seed % 1e7); // so that no actor runs out of XMEX
        uint256 maxRate = floorRate + ((seed >> 32) % 1e8);
        _channel.setTerms(Ascension.Terms((seed >> 64) % 1e24, maxRate * STEP, floorRate * STEP));
    }

    function donate(uint256 amount) external thenOneMore(amount) {
        amount = bound(amount, 0, 1e20);
        donatedXme += amount;
        donatedXmex += amount;
        _xme.transfer(address(_channel), amount);
        _xmex.transfer(address(_channel), amount);
    }

    function roundCount() external view returns (uint256) {
        return rounds.length;
    }

    /// @dev A funded round at its maximum rate, weeks of nothing, one that is full, claims of both, and a deposit that waits.
    function _walk() private {
        _channel.setTerms(Ascension.Terms(1_000e18, 1e16, 1e15));
        _fund(1e22);
        vm.warp((block.timestamp / WEEK + 1) * WEEK);
        uint256 returned = returns_;
        _deposit(actorAt(0), 12_345 * STEP);
        _deposit(actorAt(1), 54_321e18);
        vm.warp((block.timestamp / WEEK + 3) * WEEK + 1);
        _fill(actorAt(1));
        if (returns_ == returned) wentWrong = true;
        vm.warp((block.timestamp / WEEK + 1) * WEEK);
        _claim(actorAt(0));
        _deposit(actorAt(1), STEP);
        _claim(actorAt(1));
        _claim(actorAt(1));
    }

    function _fund(uint256 amount) private {
        amount = bound(amount, 1, 1e22);
        _channel.fund(amount);
        funded += amount;
    }

    function _depositPart(uint256 seed, uint256 part) private {
        uint256 left = _left();
        if (left == 0) return _expectRefused(actorAt(seed), STEP);
        _deposit(actorAt(seed), bound(part, 1, left) * STEP);
    }

    function _fill(address actor) private {
        uint256 left = _left();
        if (left == 0) return _expectRefused(actor, STEP);
        _deposit(actor, left * STEP);
        fullRounds++;
        _expectRefused(actor, STEP);
    }

    function _depositTooMuch(uint256 seed, uint256 excess) private {
        _expectRefused(actorAt(seed), (_left() + bound(excess, 1, 1e18)) * STEP);
    }

    function _deposit(address actor, uint256 amount) private {
        uint256 round = _channel.currentRound();
        if (_channel.openBudget() == 0) {
            uint256 freeBefore = _channel.free();
            if (rounds.length != 0) {
                Ascension.Round memory last = _channel.roundOf(rounds[rounds.length - 1]);
                if (last.paid < last.budget) returns_++;
            }
            rounds.push(round);
            uint256 offered = _channel.presentRound().budget;
            if (offered > freeBefore) wentWrong = true;
        }
        uint256 preview = _channel.previewDeposit(amount);
        vm.prank(actor);
        if (_channel.deposit(amount, preview) != preview) wentWrong = true;
        Ascension.Round memory present = _channel.roundOf(round);
        promised[actor] += (amount * present.floorRateWad) / 1e18;
        promisedIn[round][actor] += (amount * present.floorRateWad) / 1e18;
        highest[actor] += (amount * present.maxRateWad) / 1e18;
        deposited += amount;
        shares++;
    }

    function _claim(address actor) private {
        uint256 due = _channel.claimable(actor);
        try _channel.claim(actor) returns (uint256 amount) {
            if (amount != due || due == 0) wentWrong = true;
            received[actor] += amount;
            claimed += amount;
            claims++;
        } catch {
            if (due != 0) wentWrong = true;
            refusals++;
        }
    }

    function _expectRefused(address actor, uint256 amount) private {
        vm.prank(actor);
        try _channel.deposit(amount, 0) {
            wentWrong = true;
        } catch {
            refusals++;
        }
    }

    /// @dev What the round of this week can take, in steps.
    function _left() private view returns (uint256) {
        Ascension.Round memory present = _channel.presentRound();
        return (present.capacity - present.deposits) / STEP;
    }
}

/// @notice XME in the channel is always accounted for, XMEX stays for ever, and every depositor gets between floor and maximum rate.
contract AscensionInvariantTest is AscensionSetUp {
    AscensionHandler private _handler;

    function setUp() external {
        _deployChannel(1_000e18, 1e16, 1e15);
        _handler = new AscensionHandler(channel, xme, xmex);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        xme.transfer(address(_handler), XME_SUPPLY);
        xmex.transfer(address(_handler), XMEX_SUPPLY / 5);
        for (uint256 i = 0; i < ACTORS; i++) _equip(actorAt(i), XMEX_SUPPLY / 5);
        targetContract(address(_handler));
    }

    function invariant_XmeIsFreeSetAsideReservedAndNotClaimedOrGivenOutright() external view {
        uint256 accounted = channel.free() + channel.openBudget() + channel.reserved();
        vm.assertEq(accounted, _handler.funded(), "what was funded is not accounted for");
        uint256 held = accounted - _handler.claimed() + _handler.donatedXme();
        vm.assertEq(xme.balanceOf(address(channel)), held, "the balance is something else");
        uint256 due = _handler.claimed();
        for (uint256 i = 0; i < ACTORS; i++) due += channel.claimable(actorAt(i));
        vm.assertLe(due, channel.reserved(), "more is due than is reserved");
        vm.assertLe(channel.reserved() - due, _handler.shares(), "more dust than a wei for each share");
    }

    function invariant_XmexIsWhatWasDepositedOrGivenOutright() external view {
        uint256 deposits = 0;
        for (uint256 i = _handler.roundCount(); i != 0; i--)
            deposits += channel.roundOf(_handler.rounds(i - 1)).deposits;
        vm.assertEq(deposits, _handler.deposited(), "a deposit is in no round");
        uint256 balance = xmex.balanceOf(address(channel));
        vm.assertEq(balance, deposits + _handler.donatedXmex(), "XMEX came out");
    }

    function invariant_NoRoundPaysOrTakesTooMuch() external view {
        for (uint256 i = _handler.roundCount(); i != 0; i--) {
            Ascension.Round memory round = channel.roundOf(_handler.rounds(i - 1));
            vm.assertLe(round.paid, round.budget, "paid above the budget");
            vm.assertLe(round.paid * 1e18, round.deposits * round.maxRateWad, "paid above the maximum rate");
            vm.assertLe(round.deposits * round.floorRateWad, round.budget * 1e18, "took more than the floor can pay");
        }
    }

    function invariant_NobodyGetsLessThanPromisedOrMoreThanTheMaximum() external view {
        uint256 round = channel.currentRound();
        for (uint256 i = 0; i < ACTORS; i++) {
            address actor = actorAt(i);
            uint256 brought = _handler.received(actor) + channel.claimable(actor);
            vm.assertEq(xme.balanceOf(actor), _handler.received(actor), "it was not paid");
            vm.assertGe(brought + _handler.promisedIn(round, actor), _handler.promised(actor), "less than promised");
            vm.assertLe(brought, _handler.highest(actor), "more than the maximum rate");
        }
    }

    function invariant_NoRefusedCallWentThroughAndPreviewsTellTheTruth() external view {
        vm.assertFalse(_handler.wentWrong(), "a refused call went through, or a preview was wrong");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.calls(), WALK, "nobody walked the whole way");
        vm.assertGe(_handler.roundCount(), 3, "hardly a round began");
        vm.assertGt(_handler.claims(), 1, "hardly anybody claimed");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
        vm.assertGt(_handler.fullRounds(), 0, "no round was full");
        vm.assertGt(_handler.returns_(), 0, "nothing was free again");
    }
}
