// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {EmissionVault} from "../../../contracts/xme/EmissionVault.sol";
import {UserGrowth} from "../../../contracts/xme/UserGrowth.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {INodeStaking} from "../../../contracts/xme/interfaces/INodeStaking.sol";
import {ISocialMining} from "../../../contracts/xme/interfaces/ISocialMining.sol";
import {GrowthAccount, GrowthAccounts, StoredGrowth} from "../../../contracts/xme/types/GrowthAccount.sol";
import {Test} from "../support/Test.sol";

uint256 constant BEGIN = 20_300;
/// @dev After so many calls every random life walks the whole way once.
uint256 constant WALK = 15;

/// @dev Social mining and node staking that say what they are told to.
contract ToldSources is ISocialMining, INodeStaking {
    mapping(address account => uint256 xmexInWhole) public creditedOf;
    mapping(address account => bool) public hasClaimed;
    mapping(address account => uint256) public delegatedPrincipalOf;

    function credit(address account, uint256 xmexInWhole) external {
        creditedOf[account] += xmexInWhole;
        hasClaimed[account] = true;
    }

    function delegate(address account, uint256 principal) external {
        delegatedPrincipalOf[account] = principal;
    }
}

/// @dev What every test of user growth stands on: real token, vault and access manager, and this contract as governance and shop.
abstract contract UserGrowthSetUp is Test {
    XMEX internal xmex;
    EmissionVault internal vault;
    UserGrowth internal growth;
    ToldSources internal sources;
    AccessManager internal manager;

    address internal constant ADA = address(0xada);
    address internal constant BEN = address(0xbe4);

    function _deploy() internal {
        vm.warp(BEGIN * 1 days);
        xmex = new XMEX();
        manager = new AccessManager(address(this));
        uint16[8] memory sharesBps;
        sharesBps[1] = 10_000;
        vault = new EmissionVault(xmex, address(manager), block.timestamp, sharesBps);
        sources = new ToldSources();
        growth = new UserGrowth(xmex, vault, 1, sources, sources, 50e18, 30e18, address(manager));
        vault.setDrawer(1, address(growth));
        xmex.transfer(address(vault), 9e28);
    }

    function _today() internal view returns (uint256) {
        return block.timestamp / 1 days;
    }

    function _checkIn(address account) internal {
        vm.prank(account);
        growth.checkIn();
    }

    function _threshold(uint256 level) internal view returns (uint256) {
        return level == 1 ? 0 : growth.thresholdOf(level);
    }

    /// @dev Points without a check-in.
    function _give(address account, uint256 points) internal {
        sources.credit(account, points * 10);
        while (growth.previewContribution(account) != 0) growth.collectContribution(account);
    }
}

/// @notice Fuzz tests of user growth: levels follow days and points alone, and nobody can be made poorer than the days make them.
contract UserGrowthTest is UserGrowthSetUp {
    StoredGrowth private _stored;

    function setUp() external {
        _deploy();
    }

    /// @dev One day after the other, protected or not, in place of the closed form.
    function testFuzz_IdlenessIsWhatDayByDayGivesUnderAnyProtection(
        uint256 points,
        uint8[6] memory waits,
        uint8[6] memory protections
    ) external {
        _give(ADA, bound(points, 1, 60_000));
        uint256 left = growth.accountOf(ADA).points;
        uint256 idle = 0;
        uint256 protectedUntil = 0;
        for (uint256 i = 0; i < waits.length; i++) {
            for (uint256 day = _today(); day < _today() + (waits[i] % 100); day++) {
                if (day < protectedUntil) continue;
                idle++;
                if (idle % 30 == 0) left = _oneLevelLess(left);
            }
            vm.warp(block.timestamp + (waits[i] % 100) * 1 days);
            UserGrowth.Standing memory standing = growth.standingOf(ADA);
            vm.assertEq(standing.points, left, "points are not what the days left");
            vm.assertEq(standing.level, growth.levelAt(left), "the level is not what the days left");
            vm.assertEq(standing.idleDays, idle, "other days were idle");
            uint256 days_ = protections[i] % 40;
            uint256 from = protectedUntil > _today() ? protectedUntil : _today();
            if (days_ == 0 || from + days_ > _today() + 365) continue;
            growth.protect(ADA, days_);
            protectedUntil = from + days_;
        }
        (, uint256 gained, uint256 points_) = growth.previewCheckIn(ADA);
        vm.assertEq(points_ - gained, left, "a check-in does not begin with what the days left");
        _checkIn(ADA);
        vm.assertEq(growth.standingOf(ADA).idleDays, 0, "still idle after a check-in");
        vm.assertGe(growth.standingOf(ADA).level, growth.levelAt(left), "a check-in lost a level");
    }

    function _oneLevelLess(uint256 points) private view returns (uint256) {
        uint256 level = growth.levelAt(points);
        return level == 1 ? points : _threshold(level - 1);
    }

    function testFuzz_AThirdPartyTakesNothingThatIsNotGone(uint256 points, uint16 idle, uint256 more) external {
        _give(ADA, bound(points, 1, 60_000));
        _checkIn(ADA);
        vm.warp(block.timestamp + uint256(idle % 400) * 1 days);
        UserGrowth.Standing memory before = growth.standingOf(ADA);
        sources.credit(ADA, bound(more, 10, 100_000));
        growth.collectContribution(ADA);
        UserGrowth.Standing memory standing = growth.standingOf(ADA);
        vm.assertGt(standing.points, before.points, "points were taken");
        vm.assertGe(standing.level, before.level, "a level was taken");
        vm.assertEq(standing.idleDays, before.idleDays % 30, "idle days were made up");
    }

    function testFuzz_StakeAtTheLookTakesNothing(uint256 points, uint16 idle, uint256 principal) external {
        _give(ADA, bound(points, 1, 60_000));
        _checkIn(ADA);
        uint256 level = growth.standingOf(ADA).level;
        vm.warp(block.timestamp + uint256(idle) * 1 days);
        sources.delegate(ADA, bound(principal, 1_000e18, 1e29));
        UserGrowth.Standing memory standing = growth.standingOf(ADA);
        vm.assertEq(standing.level, level, "a level was taken in spite of stake");
        uint256 most = standing.level + 3 > 10 ? 10 : standing.level + 3;
        vm.assertTrue(standing.effectiveLevel > level || level == 10, "stake gave no level");
        vm.assertLe(standing.effectiveLevel, most, "stake gave more than three levels, or an eleventh");
    }

    function testFuzz_CheckInsBringTenToTwentyTimesThePercent(uint256 points, uint8[12] memory waits) external {
        _give(ADA, bound(points, 1, 60_000));
        uint256 streak = 0;
        for (uint256 i = 0; i < waits.length; i++) {
            uint256 wait = waits[i] % 4 == 0 ? 2 : 1;
            vm.warp(block.timestamp + wait * 1 days);
            streak = wait == 1 && i != 0 ? streak + 1 : 1;
            uint256 percent = growth.privilegesOf(ADA).growthPercent;
            uint256 before = growth.accountOf(ADA).points;
            _checkIn(ADA);
            uint256 bonus = streak > 11 ? 10 : streak - 1;
            uint256 gained = growth.accountOf(ADA).points - before;
            vm.assertEq(gained, ((10 + bonus) * percent) / 100, "a check-in brought something else");
            vm.assertEq(growth.accountOf(ADA).streak, streak, "the streak is another");
        }
    }

    function testFuzz_InvitationsPayOnceWhatWasPromised(uint40 inviter, uint40 invitee, uint256 later) external {
        uint256 inviterReward = bound(inviter, 0, 1e12) * 1 gwei;
        uint256 inviteeReward = bound(invitee, 0, 1e12) * 1 gwei;
        growth.setRewards(inviterReward, inviteeReward);
        for (uint256 i = 0; i < 3; i++) {
            vm.warp(block.timestamp + 1 days);
            _checkIn(ADA);
            _checkIn(BEN);
        }
        vm.prank(BEN);
        growth.acceptInvitation(ADA);
        growth.setRewards(1e18, 2e18);
        sources.credit(BEN, 1);
        vm.warp(block.timestamp + bound(later, 0, 3_000 days));
        growth.completeInvitation(BEN);
        vm.assertEq(xmex.balanceOf(ADA), inviterReward, "the inviter got something else");
        vm.assertEq(xmex.balanceOf(BEN), inviteeReward, "the invitee got something else");
        vm.expectRevert(abi.encodeWithSelector(UserGrowth.UserGrowth_AlreadyCompleted.selector, BEN));
        growth.completeInvitation(BEN);
        vm.prank(BEN);
        vm.expectRevert(abi.encodeWithSelector(UserGrowth.UserGrowth_AlreadyInvited.selector, BEN, ADA));
        growth.acceptInvitation(ADA);
    }

    function testFuzz_ContributionIsCollectedOnceHoweverItIsCut(uint256[5] memory credits) external {
        uint256 total = 0;
        for (uint256 i = 0; i < credits.length; i++) {
            uint256 more = bound(credits[i], 0, 20_000);
            total += more;
            sources.credit(ADA, more);
            uint256 expected = growth.previewContribution(ADA);
            if (expected == 0) continue;
            vm.assertEq(growth.collectContribution(ADA), expected, "the preview is wrong");
        }
        while (growth.previewContribution(ADA) != 0) growth.collectContribution(ADA);
        vm.assertEq(growth.accountOf(ADA).points, total / 10, "points are not a tenth of the credit");
    }

    function testFuzz_AccountSurvivesItsSlot(GrowthAccount memory account) external {
        account.points %= 2 ** 48;
        account.lastDay %= 2 ** 16;
        account.streak %= 2 ** 16;
        account.daysCheckedIn %= 2 ** 16;
        account.countedTo %= 2 ** 16;
        account.idleDays %= 2 ** 16;
        account.protectedUntil %= 2 ** 16;
        account.acceleratedUntil %= 2 ** 16;
        account.contribution %= 2 ** 40;
        account.privileges %= 2 ** 8;
        _stored.store(account);
        vm.assertEq(keccak256(abi.encode(_stored.read())), keccak256(abi.encode(account)), "an account changed");
    }

    function store(GrowthAccount memory account) external {
        _stored.store(account);
    }

    function test_RefusesEachValueThatIsTooWide() external {
        for (uint256 i = 0; i < 2; i++) {
            GrowthAccount memory account;
            account.points = i == 0 ? 2 ** 48 : 0;
            account.contribution = i == 1 ? 2 ** 40 : 0;
            vm.expectRevert(GrowthAccounts.GrowthAccounts_ValueTooWide.selector);
            this.store(account);
        }
    }
}

/// @dev Many people who check in or forget to, invite each other, mine, stake, and buy what is sold, while days and months pass.
contract UserGrowthHandler is UserGrowthSetUp {
    uint256 private constant _ACTORS = 6;

    uint256 public calls;
    uint256 public checkIns;
    uint256 public invitations;
    uint256 public collections;
    uint256 public sales;
    uint256 public demotions;
    uint256 public promised;
    bool public previewWasWrong;
    bool public secondPassed;
    bool public wasUndone;

    mapping(address account => uint256) public checkInsOf;
    mapping(address account => uint256) public invitationsOf;
    mapping(address account => uint256) public soldUntil;

    constructor(XMEX xmex_, EmissionVault vault_, UserGrowth growth_, ToldSources sources_) {
        (xmex, vault, growth, sources) = (xmex_, vault_, growth_, sources_);
    }

    /// @dev After each call of the runner, one more in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + (seed % 2 days));
        if (calls == WALK) _walk();
        uint256 turn = calls++ % 5;
        if (turn == 0) _checkInAs(seed);
        if (turn == 1) _collectFor(seed);
        if (turn == 2) _sell(seed, seed >> 64);
        if (turn == 3) _invite(seed, seed >> 64);
        if (turn == 4) _stake(seed, seed >> 64);
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 45 days));
    }

    function checkInForDays(uint256 actor, uint256 days_) external thenOneMore(days_) {
        for (uint256 i = 0; i < days_ % 5; i++) {
            vm.warp(block.timestamp + 1 days);
            _checkInAs(actor);
            _checkInAs(actor + 1);
        }
    }

    function checkInTwice(uint256 actor) external thenOneMore(actor) {
        _checkInAs(actor);
        vm.prank(actorOf(actor));
        try growth.checkIn() {
            secondPassed = true;
        } catch {}
    }

    function mine(uint256 actor, uint256 amount) external thenOneMore(amount) {
        sources.credit(actorOf(actor), bound(amount, 1, 50_000));
        _collectFor(actor);
    }

    function invite(uint256 inviter, uint256 invitee) external thenOneMore(invitee) {
        _invite(inviter, invitee);
    }

    function stake(uint256 actor, uint256 principal) external thenOneMore(principal) {
        _stake(actor, principal);
    }

    function buy(uint256 actor, uint256 days_) external thenOneMore(days_) {
        _sell(actor, days_);
    }

    function actorOf(uint256 index) public pure returns (address) {
        return address(uint160(0xac7000 + (index % _ACTORS)));
    }

    function actors() external pure returns (uint256) {
        return _ACTORS;
    }

    /// @dev Two newcomers: one grows, idles and falls, is protected, invites the other, who checks in, claims and completes.
    function _walk() private {
        address inviter = address(0x1471);
        address invitee = address(0x1472);
        _give(inviter, 800);
        collections++;
        for (uint256 i = 0; i < 3; i++) {
            vm.warp(block.timestamp + 1 days);
            _checkInOf(inviter);
        }
        growth.protect(inviter, 20);
        sales++;
        vm.warp(block.timestamp + 19 days);
        _expectLevel(inviter, 4);
        vm.warp(block.timestamp + 31 days);
        _expectLevel(inviter, 3);
        _checkInOf(inviter);
        _expectLevel(inviter, 3);
        demotions++;
        vm.prank(invitee);
        growth.acceptInvitation(inviter);
        for (uint256 i = 0; i < 3; i++) {
            vm.warp(block.timestamp + 1 days);
            _checkInOf(invitee);
        }
        sources.credit(invitee, 10);
        _complete(invitee);
    }

    function _expectLevel(address account, uint256 level) private {
        if (growth.standingOf(account).level != level) wasUndone = true;
    }

    function _checkInAs(uint256 actor) private {
        _checkInOf(actorOf(actor));
    }

    function _checkInOf(address account) private {
        UserGrowth.Standing memory before = growth.standingOf(account);
        uint256 stored = growth.levelAt(growth.accountOf(account).points);
        try growth.previewCheckIn(account) returns (uint256 streak, uint256 gained, uint256 points) {
            vm.prank(account);
            (uint256 didStreak, uint256 didGain) = growth.checkIn();
            if (didStreak != streak || didGain != gained) previewWasWrong = true;
            UserGrowth.Standing memory standing = growth.standingOf(account);
            if (standing.points != points || points != before.points + gained) previewWasWrong = true;
            if (standing.idleDays != 0 || standing.level < before.level) wasUndone = true;
            if (before.level < stored) {
                demotions++;
                if (before.points != growth.thresholdOf(before.level)) wasUndone = true;
            }
            checkIns++;
            checkInsOf[account]++;
        } catch {
            vm.prank(account);
            try growth.checkIn() {
                previewWasWrong = true;
            } catch {}
        }
    }

    function _collectFor(uint256 actor) private {
        address account = actorOf(actor);
        uint256 expected = growth.previewContribution(account);
        if (expected == 0) return;
        uint256 before = growth.standingOf(account).points;
        if (growth.collectContribution(account) != expected) previewWasWrong = true;
        if (growth.standingOf(account).points != before + expected) previewWasWrong = true;
        collections++;
    }

    function _sell(uint256 actor, uint256 days_) private {
        address account = actorOf(actor);
        days_ = 1 + (days_ % 60);
        UserGrowth.Standing memory before = growth.standingOf(account);
        if (growth.accountOf(account).protectedUntil + days_ <= _today() + 365) growth.protect(account, days_);
        if (growth.accountOf(account).acceleratedUntil + days_ <= _today() + 365) growth.accelerate(account, days_);
        UserGrowth.Standing memory standing = growth.standingOf(account);
        if (standing.level != before.level || standing.idleDays != before.idleDays) wasUndone = true;
        sales++;
    }

    function _invite(uint256 inviter, uint256 invitee) private {
        address account = actorOf(invitee);
        if (growth.invitationOf(account).inviter == address(0)) {
            vm.prank(account);
            try growth.acceptInvitation(actorOf(inviter)) {} catch {}
        }
        try growth.previewInvitation(account) {
            _complete(account);
        } catch {}
    }

    function _complete(address invitee) private {
        (uint256 inviterReward, uint256 inviteeReward) = growth.previewInvitation(invitee);
        address inviter = growth.invitationOf(invitee).inviter;
        uint256 inviterBefore = xmex.balanceOf(inviter);
        uint256 inviteeBefore = xmex.balanceOf(invitee);
        growth.completeInvitation(invitee);
        if (xmex.balanceOf(inviter) - inviterBefore != inviterReward) previewWasWrong = true;
        if (xmex.balanceOf(invitee) - inviteeBefore != inviteeReward) previewWasWrong = true;
        invitations++;
        invitationsOf[invitee]++;
        promised += inviterReward + inviteeReward;
        try growth.completeInvitation(invitee) {
            secondPassed = true;
        } catch {}
    }

    function _stake(uint256 actor, uint256 principal) private {
        sources.delegate(actorOf(actor), principal % 3 == 0 ? 0 : principal % 2e23);
    }
}

/// @notice Whatever people do, days and points alone make levels, and the stream pays what was promised.
contract UserGrowthInvariantTest is UserGrowthSetUp {
    UserGrowthHandler private _handler;

    function setUp() external {
        _deploy();
        _handler = new UserGrowthHandler(xmex, vault, growth, sources);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        targetContract(address(_handler));
    }

    function invariant_EveryCheckInIsOnADayOfItsOwn() external view {
        for (uint256 i = 0; i < _handler.actors(); i++) {
            address account = _handler.actorOf(i);
            GrowthAccount memory known = growth.accountOf(account);
            vm.assertEq(known.daysCheckedIn, _handler.checkInsOf(account), "days and check-ins differ");
            vm.assertLe(known.daysCheckedIn, _today() - BEGIN + 1, "more check-ins than days");
            vm.assertLe(known.streak, known.daysCheckedIn, "a streak of more than all days");
        }
        vm.assertFalse(_handler.secondPassed(), "something passed a second time");
    }

    function invariant_TheStreamPaysWhatWasPromisedOnce() external view {
        vm.assertEq(vault.netDrawn(1), int256(_handler.promised()), "the stream paid another amount");
        vm.assertEq(xmex.balanceOf(address(growth)), 0, "XMEX was left here");
        for (uint256 i = 0; i < _handler.actors(); i++) {
            vm.assertLe(_handler.invitationsOf(_handler.actorOf(i)), 1, "an invitation paid twice");
        }
    }

    function invariant_ContributionNeverExceedsCredit() external view {
        for (uint256 i = 0; i < _handler.actors(); i++) {
            address account = _handler.actorOf(i);
            vm.assertLe(growth.accountOf(account).contribution, sources.creditedOf(account), "collected too much");
        }
    }

    function invariant_LevelsStayInTheirBoundsAndNothingIsUndone() external view {
        for (uint256 i = 0; i < _handler.actors(); i++) {
            UserGrowth.Standing memory standing = growth.standingOf(_handler.actorOf(i));
            vm.assertGe(standing.level, 1, "below the first level");
            vm.assertLe(standing.effectiveLevel, 10, "above the tenth level");
            vm.assertGe(standing.effectiveLevel, standing.level, "stake took a level");
            vm.assertGe(growth.dailyLimitPercentOf(_handler.actorOf(i)), 100, "a limit below everybody's");
        }
        vm.assertFalse(_handler.wasUndone(), "what idleness took was undone, or more was taken");
        vm.assertFalse(_handler.previewWasWrong(), "a preview was wrong");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.calls(), WALK, "nobody walked the whole way");
        vm.assertGe(_handler.checkIns(), 7, "hardly anybody checked in");
        vm.assertGt(_handler.invitations(), 0, "nobody was invited");
        vm.assertGt(_handler.collections(), 0, "nothing was collected");
        vm.assertGt(_handler.sales(), 0, "nothing was sold");
        vm.assertGt(_handler.demotions(), 0, "nobody lost a level");
        vm.assertGt(_handler.promised(), 0, "nothing was paid");
    }
}
