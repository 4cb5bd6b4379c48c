// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

import {EmissionVault} from "./EmissionVault.sol";
import {IGrowthShop} from "./interfaces/IGrowthShop.sol";
import {INodeStaking} from "./interfaces/INodeStaking.sol";
import {ISocialMining} from "./interfaces/ISocialMining.sol";
import {IUserGrowth} from "./interfaces/IUserGrowth.sol";
import {GrowthAccount, StoredGrowth} from "./types/GrowthAccount.sol";

/// @title User growth, from the first check-in to the tenth level
/// @notice Daily check-ins, invitations and contribution bring growth points; points make levels, and levels give privileges.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 6: "a complete growth incentive system"; section 5.1: "completing daily check-ins",
///      "inviting users … rewards both the inviter and the invitee"; section 5.2: "accelerate growth, protect levels, unlock privileges"; sections 6.3 and
///      7.4: growth, incentive, and distribution and exposure privileges. The source gives no number: each one here is a choice.
///
///      Points. A check-in, once a day of UTC, brings 10 points and one more for each day in a row before it, up to 20, × the growth percent of the
///      level, rounded down, and twice that while accelerated. XMEX that social mining credited brings a point for each ten. A completed invitation
///      brings points to both sides. Points only ever fall by idleness.
///
///      Levels. Ten, at fixed thresholds. Each 30 idle days take one level, down to the first. Idle are the days since the last check-in that
///      were not protected; what they took is computed in one step, however many there are. Whoever delegates enough to node staking when an
///      account is looked at is not taken anything (section 7.4, "level retention/demotion protection"). When an account next gets points the levels
///      are taken for good: its points become the threshold of the level that is left, so that the check-in does not undo it.
///
///      Privileges follow from the effective level: the level and up to three more for delegated stake, ten at most (section 7.4, "user level growth
///      bonuses"). Only growth itself follows from the level alone, so that a check-in asks nobody. What the platform reads off-chain (incentive
///      multiplier, weight of advanced tasks, exposure, test priority) is governed there; the tables are here, and every change of an account is an
///      event, so that anybody can compute anybody's level at any time.
///
///      Invitations. An account names the one that invited it, once for ever, before its first claim of social mining. When it has checked in
///      on three days and made a claim, anybody completes the invitation: both sides get the XMEX that was promised when it was accepted, straight
///      from the emission vault, and growth points.
///
///      Choices: growth points cannot be moved or bought, only the pace of check-ins; protection keeps levels and not streaks; the two privileges that
///      can be unlocked for good are advanced tasks (0) and test priority of at least 1 (1); acceleration doubles check-ins and nothing else.
///
///      Limits, in the open: accounts are free, so a person can invite herself; what that costs is a claim of social mining and three days for each, and
///      rewards are governed and come from a stream of their own. Stake protects when it is looked at: who delegates a day before coming back keeps
///      the level, at the price of an unbonding period, which no node spares it. Anybody may complete an invitation or collect a contribution for another, which takes
///      at that moment what everybody sees that idleness took. Anybody may also claim from social mining for another, so who was invited should
///      say so before the first list that names her can be claimed. A successor of social mining has to go on counting where it stood. If social
///      mining or node staking fails, what needs its answer fails until governance names another; a check-in needs none before 30 idle days.
///
///      Invariants: one check-in a day; an invitation pays once; contribution collected ≤ XMEX credited; protected, accelerated and privileged is only
///      who was sold it. This contract holds no XMEX, and nobody's account costs more for anybody else's.
///
///      It calls the vault, which calls XMEX alone, and two views; state is written before, so no guard is needed.
contract UserGrowth is AccessManaged, Multicall, IUserGrowth, IGrowthShop {
    // ------------------------------------------------------------------ types

    /// @dev An invitation as it is shown: rewards in wei of XMEX, as promised when it was accepted.
    struct Invitation {
        address inviter;
        uint256 inviterReward;
        uint256 inviteeReward;
        bool isCompleted;
    }

    /// @dev The same as it is stored: one slot, rewards in gwei of XMEX.
    struct StoredInvitation {
        address inviter;
        uint40 inviterReward;
        uint40 inviteeReward;
        bool isCompleted;
    }

    /// @dev What accepting an invitation promises, in gwei of XMEX: one slot.
    struct Rewards {
        uint40 inviter;
        uint40 invitee;
    }

    /// @dev Where an account stands today: points and level with what idleness took, the idle days since, and the level that privileges follow.
    struct Standing {
        uint256 points;
        uint256 level;
        uint256 idleDays;
        uint256 stakeTier;
        uint256 effectiveLevel;
    }

    /// @dev What an account is entitled to: multipliers in percent, 100 being everybody's; a higher test priority comes first.
    struct Privileges {
        uint256 growthPercent;
        uint256 incentivePercent;
        uint256 highValuePercent;
        uint256 dailyLimitPercent;
        uint256 exposurePercent;
        uint256 testPriority;
        bool advancedTasksUnlocked;
    }

    // -------------------------------------------------------------- constants

    /// @notice The number of levels; everybody begins at the first.
    /// @dev Source section 6.1: "phased growth path". Choice: ten.
    uint256 public constant LEVELS = 10;

    /// @notice Points that every check-in brings before anything multiplies them.
    uint256 public constant CHECK_IN_POINTS = 10;

    /// @notice The most points that days in a row add to a check-in, one for each day before it.
    uint256 public constant MAX_STREAK_BONUS = 10;

    /// @notice The idle days that take a level.
    /// @dev Choice: a month of thirty days, as everywhere in X.me.
    uint256 public constant IDLE_DAYS_PER_LEVEL = 30;

    /// @notice The days with a check-in that an inviter needs, and an invitee too before the invitation is completed.
    /// @dev Choice: three, which no single visit makes.
    uint256 public constant INVITATION_DAYS = 3;

    /// @notice Growth points for the inviter of a completed invitation.
    uint256 public constant INVITER_POINTS = 100;

    /// @notice Growth points for the invitee of a completed invitation.
    uint256 public constant INVITEE_POINTS = 50;

    /// @notice The highest reward, in wei of XMEX, for either side of an invitation.
    /// @dev Choice: a thousand XMEX, a hundred-millionth of all; it also fits 40 bits of gwei.
    uint256 public constant MAX_REWARD = 1_000e18;

    /// @notice Whole XMEX credited by social mining that bring one growth point.
    uint256 public constant XMEX_PER_POINT = 10;

    /// @notice The most growth points that one call collects of a contribution; the rest is there for the next.
    uint256 public constant MAX_COLLECTED_POINTS = 1_000;

    /// @notice The furthest, in days, that protection or acceleration can be bought ahead.
    /// @dev Choice: a year.
    uint256 public constant MAX_PAID_DAYS = 365;

    /// @notice The number of privileges that can be unlocked for good.
    uint256 public constant PRIVILEGES = 2;

    /// @notice The effective level from which advanced tasks are unlocked.
    uint256 public constant ADVANCED_TASKS_LEVEL = 4;

    /// @notice Delegated XMEX, in wei, that gives the first stake tier and protects from demotion; each further tier takes ten times as much.
    /// @dev Choice: 1,000, 10,000 and 100,000 XMEX.
    uint256 public constant STAKE_TIER = 1_000e18;

    /// @notice The number of stake tiers above none.
    uint256 public constant STAKE_TIERS = 3;

    uint256 private constant _ADVANCED_TASKS = 0;
    uint256 private constant _TESTING = 1;
    uint256 private constant _PERCENT = 100;
    uint256 private constant _GWEI = 1 gwei;

    /// @dev Tables of ten entries of 16 bits, the first level's lowest. Choice: the first levels take days, the tenth years; half of each multiplier lies
    ///      in the upper third, so that "high-contribution users … receive more returns" (source section 6.3).
    uint256 private constant _THRESHOLDS =
        (100 << 16) |
            (300 << 32) |
            (700 << 48) |
            (1_500 << 64) |
            (3_000 << 80) |
            (6_000 << 96) |
            (12_000 << 112) |
            (25_000 << 128) |
            (50_000 << 144);

    /// @dev Source section 6.3: "faster upgrade speed".
    uint256 private constant _GROWTH =
        100 |
            (105 << 16) |
            (110 << 32) |
            (115 << 48) |
            (120 << 64) |
            (130 << 80) |
            (140 << 96) |
            (150 << 112) |
            (175 << 128) |
            (200 << 144);

    /// @dev Source section 6.3: "higher incentive multipliers".
    uint256 private constant _INCENTIVE =
        100 |
            (110 << 16) |
            (120 << 32) |
            (135 << 48) |
            (150 << 64) |
            (170 << 80) |
            (195 << 96) |
            (225 << 112) |
            (260 << 128) |
            (300 << 144);

    /// @dev Source section 6.3: "increased reward weights for high-value tasks".
    uint256 private constant _HIGH_VALUE =
        100 |
            (100 << 16) |
            (110 << 32) |
            (125 << 48) |
            (150 << 64) |
            (175 << 80) |
            (200 << 96) |
            (230 << 112) |
            (265 << 128) |
            (300 << 144);

    /// @dev Source section 6.3: "higher daily incentive claim limits".
    uint256 private constant _DAILY_LIMIT =
        100 |
            (120 << 16) |
            (150 << 32) |
            (200 << 48) |
            (250 << 64) |
            (300 << 80) |
            (400 << 96) |
            (500 << 112) |
            (700 << 128) |
            (1_000 << 144);

    /// @dev Source section 6.3: "fairer initial distribution weights".
    uint256 private constant _EXPOSURE =
        100 |
            (100 << 16) |
            (105 << 32) |
            (110 << 48) |
            (115 << 64) |
            (120 << 80) |
            (125 << 96) |
            (130 << 112) |
            (140 << 128) |
            (150 << 144);

    /// @dev Source section 6.3: "priority participation in platform recommendation mechanism testing".
    uint256 private constant _TEST_PRIORITY =
        (1 << 48) | (1 << 64) | (1 << 80) | (2 << 96) | (2 << 112) | (3 << 128) | (3 << 144);

    // ------------------------------------------------------------- immutables

    /// @notice The token that invitations are rewarded in: XMEX.
    IERC20 public immutable xmex;

    /// @notice The emission vault that rewards are drawn from.
    EmissionVault public immutable vault;

    /// @notice The vault's stream that is for user growth.
    uint256 public immutable emissionStream;

    // ---------------------------------------------------------------- storage

    /// @notice The social mining that says what an account was credited.
    ISocialMining public mining;

    /// @notice The node staking that says what an account delegates.
    INodeStaking public staking;

    Rewards private _rewards;

    mapping(address account => StoredGrowth) private _accounts;
    mapping(address invitee => StoredInvitation) private _invitations;

    // ----------------------------------------------------------------- events

    /// @notice `account` checked in on `day`, the last of `streak` days in a row, and has `points`; it is not idle any more.
    event CheckedIn(address indexed account, uint256 day, uint256 streak, uint256 points);

    /// @notice `account` got `amount` of points on `day` by another way than a check-in, has `points` and was idle for `idleDays`.
    event PointsAdded(address indexed account, uint256 day, uint256 amount, uint256 points, uint256 idleDays);

    /// @notice `account` has turned `contribution` of whole XMEX from social mining into growth points so far.
    event ContributionCollected(address indexed account, uint256 contribution);

    /// @notice `invitee` named `inviter` as the one that invited it, for `inviterReward` and `inviteeReward` of XMEX.
    event InvitationAccepted(
        address indexed invitee,
        address indexed inviter,
        uint256 inviterReward,
        uint256 inviteeReward
    );

    /// @notice The invitation of `invitee` by `inviter` was completed, and paid `inviterReward` and `inviteeReward` of XMEX.
    event InvitationCompleted(
        address indexed invitee,
        address indexed inviter,
        uint256 inviterReward,
        uint256 inviteeReward
    );

    /// @notice The check-ins of `account` count twice before the day `until`.
    event Accelerated(address indexed account, uint256 until);

    /// @notice No day of `account` before `until` is idle, counted from `day`, by when `idleDays` were.
    event Protected(address indexed account, uint256 day, uint256 until, uint256 idleDays);

    /// @notice `account` has the privilege `privilege` for good.
    event PrivilegeUnlocked(address indexed account, uint256 indexed privilege);

    /// @notice Invitations accepted from now on promise `inviterReward` and `inviteeReward` of XMEX.
    event RewardsChanged(uint256 inviterReward, uint256 inviteeReward);

    /// @notice Credits are now read from `mining` and delegations from `staking`.
    event SourcesChanged(address indexed mining, address indexed staking);

    // ----------------------------------------------------------------- errors

    /// @notice Thrown at construction when XMEX's address holds no contract.
    error UserGrowth_TokenHasNoCode(address token);

    /// @notice Thrown at construction when the vault's address holds no contract.
    error UserGrowth_VaultHasNoCode(address vault);

    /// @notice Thrown at construction when the vault releases another token than XMEX.
    error UserGrowth_VaultTokenMismatch(address vaultToken, address xmex);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error UserGrowth_AuthorityHasNoCode(address authority);

    /// @notice Thrown when a source is named that holds no contract.
    error UserGrowth_SourceHasNoCode(address source);

    /// @notice Thrown when a reward is not a whole number of gwei of XMEX.
    error UserGrowth_NotInGwei(uint256 amount);

    /// @notice Thrown when a reward is above what is allowed.
    error UserGrowth_RewardTooHigh(uint256 reward, uint256 highest);

    /// @notice Thrown when `account` has checked in on `day` already.
    error UserGrowth_AlreadyCheckedIn(address account, uint256 day);

    /// @notice Thrown when `account` has no contribution that makes a point.
    error UserGrowth_NothingToCollect(address account);

    /// @notice Thrown when an account names itself.
    error UserGrowth_InviterIsInvitee(address account);

    /// @notice Thrown when `invitee` has named `inviter` already.
    error UserGrowth_AlreadyInvited(address invitee, address inviter);

    /// @notice Thrown when `account` has checked in on fewer days than are needed.
    error UserGrowth_TooFewDays(address account, uint256 daysCheckedIn, uint256 needed);

    /// @notice Thrown when `account` has claimed from social mining already, and so needs no invitation.
    error UserGrowth_HasClaimed(address account);

    /// @notice Thrown when `account` has not claimed from social mining yet.
    error UserGrowth_HasNotClaimed(address account);

    /// @notice Thrown when `invitee` has named nobody.
    error UserGrowth_NotInvited(address invitee);

    /// @notice Thrown when the invitation of `invitee` was completed already.
    error UserGrowth_AlreadyCompleted(address invitee);

    /// @notice Thrown when the stream has less than both rewards; the invitation can be completed when it has more.
    error UserGrowth_StreamCannotPay(uint256 amount, uint256 available);

    /// @notice Thrown for no days.
    error UserGrowth_DaysAreZero();

    /// @notice Thrown when protection or acceleration would reach past the day `latest`.
    error UserGrowth_TooManyDays(address account, uint256 until, uint256 latest);

    /// @notice Thrown for a privilege that cannot be unlocked.
    error UserGrowth_UnknownPrivilege(uint256 privilege);

    /// @notice Thrown when `account` has the privilege for good already.
    error UserGrowth_AlreadyUnlocked(address account, uint256 privilege);

    /// @notice Thrown for a level that does not exist; levels are numbered from 1 to 10.
    error UserGrowth_UnknownLevel(uint256 level);

    /// @dev `emissionStream_` is one of the vault's streams, and governance makes this contract its drawer. Rewards in wei. `initialAuthority` is X.me's
    ///      access manager, where spending gets the role that `accelerate`, `protect` and `unlockPrivilege` are mapped to.
    ///      Reverts with `UserGrowth_TokenHasNoCode`, `UserGrowth_VaultHasNoCode`, `UserGrowth_VaultTokenMismatch`,
    ///      `UserGrowth_AuthorityHasNoCode`, `UserGrowth_SourceHasNoCode`, `UserGrowth_NotInGwei`, `UserGrowth_RewardTooHigh` and the vault's
    ///      `EmissionVault_UnknownStream`.
    constructor(
        IERC20 xmex_,
        EmissionVault vault_,
        uint256 emissionStream_,
        ISocialMining mining_,
        INodeStaking staking_,
        uint256 inviterReward,
        uint256 inviteeReward,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        if (address(xmex_).code.length == 0) revert UserGrowth_TokenHasNoCode(address(xmex_));
        if (address(vault_).code.length == 0) revert UserGrowth_VaultHasNoCode(address(vault_));
        address vaultToken = address(vault_.token());
        if (vaultToken != address(xmex_)) revert UserGrowth_VaultTokenMismatch(vaultToken, address(xmex_));
        if (initialAuthority.code.length == 0) revert UserGrowth_AuthorityHasNoCode(initialAuthority);
        vault_.drawerOf(emissionStream_);
        xmex = xmex_;
        vault = vault_;
        emissionStream = emissionStream_;
        _setSources(mining_, staking_);
        _setRewards(inviterReward, inviteeReward);
    }

    // ----------------------------------------------------------------- growing

    /// @notice Checks you in for today, once in a day of UTC.
    /// @dev Returns the `streak` and what it `gained`, as `previewCheckIn` says in the same block. Cost: one slot; from 30 idle days on another call.
    ///      Reverts with `UserGrowth_AlreadyCheckedIn`.
    function checkIn() external returns (uint256 streak, uint256 gained) {
        StoredGrowth storage stored = _accounts[msg.sender];
        GrowthAccount memory account = stored.read();
        gained = _checkIn(msg.sender, account);
        stored.store(account);
        streak = account.streak;
        emit CheckedIn(msg.sender, account.lastDay, streak, account.points);
    }

    /// @notice Turns what social mining has credited to `account` since the last time into growth points; anybody may.
    /// @dev Returns what it `gained`: a point for each ten whole XMEX, at most 1,000; the rest is kept for the next call.
    ///      Reverts with `UserGrowth_NothingToCollect`.
    function collectContribution(address account) external returns (uint256 gained) {
        StoredGrowth storage stored = _accounts[account];
        GrowthAccount memory growth = stored.read();
        gained = _collectable(account, growth);
        if (gained == 0) revert UserGrowth_NothingToCollect(account);
        growth.contribution += gained * XMEX_PER_POINT;
        emit ContributionCollected(account, growth.contribution);
        _addPoints(account, growth, gained);
        stored.store(growth);
    }

    // ------------------------------------------------------------- invitations

    /// @notice Names `inviter` as the one that invited you, once for ever.
    /// @dev Promises both sides the rewards of this moment. Reverts with `UserGrowth_InviterIsInvitee`, `UserGrowth_AlreadyInvited`,
    ///      `UserGrowth_TooFewDays` and `UserGrowth_HasClaimed`.
    function acceptInvitation(address inviter) external {
        if (inviter == msg.sender) revert UserGrowth_InviterIsInvitee(inviter);
        address named = _invitations[msg.sender].inviter;
        if (named != address(0)) revert UserGrowth_AlreadyInvited(msg.sender, named);
        _requireDays(inviter);
        if (mining.hasClaimed(msg.sender)) revert UserGrowth_HasClaimed(msg.sender);

        Rewards memory promised = _rewards;
        _invitations[msg.sender] = StoredInvitation(inviter, promised.inviter, promised.invitee, false);
        emit InvitationAccepted(msg.sender, inviter, promised.inviter * _GWEI, promised.invitee * _GWEI);
    }

    /// @notice Completes the invitation of `invitee`, which pays it and its inviter their rewards; anybody may.
    /// @dev Pays what `previewInvitation` says in the same block, straight from the emission vault. Reverts with `UserGrowth_NotInvited`,
    ///      `UserGrowth_AlreadyCompleted`, `UserGrowth_TooFewDays`, `UserGrowth_HasNotClaimed` and `UserGrowth_StreamCannotPay`.
    function completeInvitation(address invitee) external {
        Invitation memory invitation = _requireDue(invitee);
        address inviter = invitation.inviter;
        _invitations[invitee].isCompleted = true;
        emit InvitationCompleted(invitee, inviter, invitation.inviterReward, invitation.inviteeReward);
        GrowthAccount memory growth = _accounts[inviter].read();
        _addPoints(inviter, growth, INVITER_POINTS);
        _accounts[inviter].store(growth);
        growth = _accounts[invitee].read();
        _addPoints(invitee, growth, INVITEE_POINTS);
        _accounts[invitee].store(growth);
        if (invitation.inviterReward != 0) vault.draw(emissionStream, inviter, invitation.inviterReward);
        if (invitation.inviteeReward != 0) vault.draw(emissionStream, invitee, invitation.inviteeReward);
    }

    // --------------------------------------------------------- what is bought

    /// @notice Lets the check-ins of `account` count twice for `days_` days more; only who sells it may.
    /// @dev From today, or from the end of what was bought before.
    ///      Reverts with `AccessManagedUnauthorized`, `UserGrowth_DaysAreZero` and `UserGrowth_TooManyDays`.
    function accelerate(address account, uint256 days_) external restricted {
        GrowthAccount memory growth = _accounts[account].read();
        growth.acceleratedUntil = _extended(account, growth.acceleratedUntil, days_);
        _accounts[account].store(growth);
        emit Accelerated(account, growth.acceleratedUntil);
    }

    /// @notice Counts no day of `account` as idle for `days_` days more; only who sells it may.
    /// @dev From today, or from the end of what was bought before. What idleness took before today stays taken.
    ///      Reverts with `AccessManagedUnauthorized`, `UserGrowth_DaysAreZero` and `UserGrowth_TooManyDays`.
    function protect(address account, uint256 days_) external restricted {
        GrowthAccount memory growth = _accounts[account].read();
        uint256 today = _today();
        growth.idleDays = growth.idleOn(today);
        growth.countedTo = today;
        growth.protectedUntil = _extended(account, growth.protectedUntil, days_);
        _accounts[account].store(growth);
        emit Protected(account, today, growth.protectedUntil, growth.idleDays);
    }

    /// @notice Gives `account` the privilege `privilege` for good; only who sells it may.
    /// @dev 0 is advanced tasks, 1 a test priority of at least 1.
    ///      Reverts with `AccessManagedUnauthorized`, `UserGrowth_UnknownPrivilege` and `UserGrowth_AlreadyUnlocked`.
    function unlockPrivilege(address account, uint256 privilege) external restricted {
        if (privilege >= PRIVILEGES) revert UserGrowth_UnknownPrivilege(privilege);
        GrowthAccount memory growth = _accounts[account].read();
        if (_isUnlocked(growth, privilege)) revert UserGrowth_AlreadyUnlocked(account, privilege);
        growth.privileges |= 1 << privilege;
        _accounts[account].store(growth);
        emit PrivilegeUnlocked(account, privilege);
    }

    // ------------------------------------------------------ views and previews

    /// @notice The present day, counted from the Unix epoch.
    function currentDay() external view returns (uint256) {
        return _today();
    }

    /// @notice All that is kept of `account`, as it was when it last changed.
    function accountOf(address account) external view returns (GrowthAccount memory) {
        return _accounts[account].read();
    }

    /// @notice Where `account` stands today.
    /// @dev Cost: one slot here, and node staking's.
    function standingOf(address account) external view returns (Standing memory) {
        return _standing(account, _accounts[account].read());
    }

    /// @notice What `account` is entitled to today.
    /// @dev By its effective level, its growth by its level alone, and what it unlocked for good. Cost as `standingOf`.
    function privilegesOf(address account) external view returns (Privileges memory privileges) {
        GrowthAccount memory growth = _accounts[account].read();
        Standing memory standing = _standing(account, growth);
        privileges = privilegesAt(standing.effectiveLevel);
        privileges.growthPercent = _entry(_GROWTH, standing.level);
        if (_isUnlocked(growth, _ADVANCED_TASKS)) privileges.advancedTasksUnlocked = true;
        if (_isUnlocked(growth, _TESTING)) privileges.testPriority = Math.max(privileges.testPriority, 1);
    }

    /// @inheritdoc IUserGrowth
    function dailyLimitPercentOf(address account) external view returns (uint256) {
        return _entry(_DAILY_LIMIT, _standing(account, _accounts[account].read()).effectiveLevel);
    }

    /// @notice What the level `level` entitles to; growth follows from the level alone, all else from the effective one.
    /// @dev Reverts with `UserGrowth_UnknownLevel`.
    function privilegesAt(uint256 level) public pure returns (Privileges memory) {
        _requireLevel(level);
        return
            Privileges({
                growthPercent: _entry(_GROWTH, level),
                incentivePercent: _entry(_INCENTIVE, level),
                highValuePercent: _entry(_HIGH_VALUE, level),
                dailyLimitPercent: _entry(_DAILY_LIMIT, level),
                exposurePercent: _entry(_EXPOSURE, level),
                testPriority: _entry(_TEST_PRIORITY, level),
                advancedTasksUnlocked: level >= ADVANCED_TASKS_LEVEL
            });
    }

    /// @notice The points from which an account has the level `level`.
    /// @dev Reverts with `UserGrowth_UnknownLevel`.
    function thresholdOf(uint256 level) external pure returns (uint256) {
        _requireLevel(level);
        return _entry(_THRESHOLDS, level);
    }

    /// @notice The level that `points` make.
    function levelAt(uint256 points) external pure returns (uint256) {
        return _levelAt(points);
    }

    /// @notice What a check-in of `account` would bring now: its `streak`, what it `gained`, and the `points` after it.
    /// @dev Equal to what the call does in the same block, and refuses what it refuses.
    function previewCheckIn(address account) external view returns (uint256 streak, uint256 gained, uint256 points) {
        GrowthAccount memory growth = _accounts[account].read();
        gained = _checkIn(account, growth);
        return (growth.streak, gained, growth.points);
    }

    /// @notice The growth points that `collectContribution` would bring `account` now; zero where it would refuse.
    function previewContribution(address account) external view returns (uint256) {
        return _collectable(account, _accounts[account].read());
    }

    /// @notice What completing the invitation of `invitee` would pay now, in wei of XMEX.
    /// @dev Equal to what the call does in the same block, and refuses what it refuses.
    function previewInvitation(address invitee) external view returns (uint256 inviterReward, uint256 inviteeReward) {
        Invitation memory invitation = _requireDue(invitee);
        return (invitation.inviterReward, invitation.inviteeReward);
    }

    /// @notice The invitation that `invitee` accepted; all zero where it accepted none.
    function invitationOf(address invitee) public view returns (Invitation memory) {
        StoredInvitation memory stored = _invitations[invitee];
        return
            Invitation({
                inviter: stored.inviter,
                inviterReward: stored.inviterReward * _GWEI,
                inviteeReward: stored.inviteeReward * _GWEI,
                isCompleted: stored.isCompleted
            });
    }

    /// @notice What accepting an invitation promises now, in wei of XMEX.
    function rewards() external view returns (uint256 inviterReward, uint256 inviteeReward) {
        return (_rewards.inviter * _GWEI, _rewards.invitee * _GWEI);
    }

    // ------------------------------------------------------------- governance

    /// @notice Lets invitations accepted from now on promise `inviterReward` and `inviteeReward` of XMEX; only governance may.
    /// @dev In wei, whole gwei. Reverts with `AccessManagedUnauthorized`, `UserGrowth_NotInGwei` and `UserGrowth_RewardTooHigh`.
    function setRewards(uint256 inviterReward, uint256 inviteeReward) external restricted {
        _setRewards(inviterReward, inviteeReward);
    }

    /// @notice Reads credits from `mining_` and delegations from `staking_` from now on; only governance may.
    /// @dev Reverts with `AccessManagedUnauthorized` and `UserGrowth_SourceHasNoCode`.
    function setSources(ISocialMining mining_, INodeStaking staking_) external restricted {
        _setSources(mining_, staking_);
    }

    // -------------------------------------------------------------- internals

    function _setRewards(uint256 inviterReward, uint256 inviteeReward) private {
        _rewards = Rewards(_rewardInGwei(inviterReward), _rewardInGwei(inviteeReward));
        emit RewardsChanged(inviterReward, inviteeReward);
    }

    function _setSources(ISocialMining mining_, INodeStaking staking_) private {
        if (address(mining_).code.length == 0) revert UserGrowth_SourceHasNoCode(address(mining_));
        if (address(staking_).code.length == 0) revert UserGrowth_SourceHasNoCode(address(staking_));
        mining = mining_;
        staking = staking_;
        emit SourcesChanged(address(mining_), address(staking_));
    }

    /// @dev In memory: takes what idleness took, then counts today's check-in, rounded down.
    function _checkIn(address account, GrowthAccount memory growth) private view returns (uint256 gained) {
        uint256 today = _today();
        if (growth.lastDay == today) revert UserGrowth_AlreadyCheckedIn(account, today);
        _settle(account, growth);
        growth.idleDays = 0;
        growth.streak = growth.lastDay + 1 == today ? growth.streak + 1 : 1;
        growth.lastDay = today;
        growth.daysCheckedIn += 1;

        gained = CHECK_IN_POINTS + Math.min(growth.streak - 1, MAX_STREAK_BONUS);
        gained = (gained * _entry(_GROWTH, _levelAt(growth.points))) / _PERCENT;
        if (today < growth.acceleratedUntil) gained *= 2;
        growth.points += gained;
    }

    function _addPoints(address account, GrowthAccount memory growth, uint256 amount) private {
        _settle(account, growth);
        growth.points += amount;
        emit PointsAdded(account, growth.countedTo, amount, growth.points, growth.idleDays);
    }

    /// @dev In memory: counts idle days to today, and takes the levels that they cost, with the days. At the first level there is none to take, and
    ///      nobody is asked. Stake takes nothing away and leaves the days as they are.
    function _settle(address account, GrowthAccount memory growth) private view {
        uint256 today = _today();
        uint256 idle = growth.idleOn(today);
        if (idle >= IDLE_DAYS_PER_LEVEL) {
            uint256 level = _levelAt(growth.points);
            if (level == 1 || _stakeTierOf(account) == 0) {
                uint256 left = _levelLeft(level, idle);
                if (left != level) growth.points = _entry(_THRESHOLDS, left);
                idle %= IDLE_DAYS_PER_LEVEL;
            }
        }
        growth.idleDays = idle;
        growth.countedTo = today;
    }

    function _standing(address account, GrowthAccount memory growth) private view returns (Standing memory standing) {
        standing.stakeTier = _stakeTierOf(account);
        standing.idleDays = growth.idleOn(_today());
        standing.points = growth.points;
        standing.level = _levelAt(growth.points);
        if (standing.stakeTier == 0) {
            uint256 left = _levelLeft(standing.level, standing.idleDays);
            if (left != standing.level) standing.points = _entry(_THRESHOLDS, left);
            standing.level = left;
        }
        standing.effectiveLevel = Math.min(standing.level + standing.stakeTier, LEVELS);
    }

    /// @dev Closed form: a level for each 30 days, down to the first.
    function _levelLeft(uint256 level, uint256 idleDays) private pure returns (uint256) {
        uint256 lost = idleDays / IDLE_DAYS_PER_LEVEL;
        return lost < level ? level - lost : 1;
    }

    function _levelAt(uint256 points) private pure returns (uint256 level) {
        level = 1;
        unchecked {
            while (level < LEVELS && points >= _entry(_THRESHOLDS, level + 1)) level++;
        }
    }

    /// @dev Levels are 1 to 10.
    function _entry(uint256 table, uint256 level) private pure returns (uint256) {
        unchecked {
            return uint16(table >> (16 * (level - 1)));
        }
    }

    function _stakeTierOf(address account) private view returns (uint256 tier) {
        uint256 principal = staking.delegatedPrincipalOf(account);
        for (uint256 needed = STAKE_TIER; tier < STAKE_TIERS && principal >= needed; needed *= 10) tier++;
    }

    function _isUnlocked(GrowthAccount memory growth, uint256 privilege) private pure returns (bool) {
        return (growth.privileges >> privilege) & 1 != 0;
    }

    function _collectable(address account, GrowthAccount memory growth) private view returns (uint256) {
        uint256 credited = mining.creditedOf(account);
        if (credited <= growth.contribution) return 0;
        return Math.min((credited - growth.contribution) / XMEX_PER_POINT, MAX_COLLECTED_POINTS);
    }

    /// @dev The first day that is no longer covered when `days_` are added to what ends, or has ended, at `until`.
    function _extended(address account, uint256 until, uint256 days_) private view returns (uint256) {
        if (days_ == 0) revert UserGrowth_DaysAreZero();
        uint256 today = _today();
        uint256 latest = today + MAX_PAID_DAYS;
        uint256 from = Math.max(today, until);
        if (days_ > latest - from) revert UserGrowth_TooManyDays(account, Math.saturatingAdd(from, days_), latest);
        return from + days_;
    }

    /// @dev The invitation, which can be completed now.
    function _requireDue(address invitee) private view returns (Invitation memory invitation) {
        invitation = invitationOf(invitee);
        if (invitation.inviter == address(0)) revert UserGrowth_NotInvited(invitee);
        if (invitation.isCompleted) revert UserGrowth_AlreadyCompleted(invitee);
        _requireDays(invitee);
        if (!mining.hasClaimed(invitee)) revert UserGrowth_HasNotClaimed(invitee);
        uint256 amount = invitation.inviterReward + invitation.inviteeReward;
        if (amount == 0) return invitation;
        uint256 available = vault.drawerOf(emissionStream) == address(this) ? vault.available(emissionStream) : 0;
        if (amount > available) revert UserGrowth_StreamCannotPay(amount, available);
    }

    function _requireDays(address account) private view {
        uint256 daysCheckedIn = _accounts[account].read().daysCheckedIn;
        if (daysCheckedIn < INVITATION_DAYS) revert UserGrowth_TooFewDays(account, daysCheckedIn, INVITATION_DAYS);
    }

    function _requireLevel(uint256 level) private pure {
        if (level == 0 || level > LEVELS) revert UserGrowth_UnknownLevel(level);
    }

    function _rewardInGwei(uint256 reward) private pure returns (uint40) {
        if (reward % _GWEI != 0) revert UserGrowth_NotInGwei(reward);
        if (reward > MAX_REWARD) revert UserGrowth_RewardTooHigh(reward, MAX_REWARD);
        return uint40(reward / _GWEI);
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
