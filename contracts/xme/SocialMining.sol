// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {EmissionVault} from "./EmissionVault.sol";
import {IConsumption} from "./interfaces/IConsumption.sol";
import {ISocialMining} from "./interfaces/ISocialMining.sol";
import {IUndecodedSources} from "./interfaces/IUndecodedSources.sol";
import {IUserGrowth} from "./interfaces/IUserGrowth.sol";
import {EpochLedger, MiningAccount, StoredLedger, StoredMiner} from "./types/MiningAccount.sol";

/// @title Social mining, where what people do on X.me is paid in XMEX
/// @notice Each week's budget of XMEX is shared by the points that everybody earned in it, as a published list that anybody can check says.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 5.1: "quantifying every user behavior on X.me—viewing, liking, commenting, sharing,
///      creating—into contribution values and rewarding them with XMEX tokens"; section 6.2: "different types of behaviors contribute differently
///      to the ecosystem, so the incentives obtained will also vary"; section 8: "On-Demand Release Allocation", "flexibly adjust incentive
///      parameters".
///
///      An epoch is a week of seven days counted from the Unix epoch (choice), so it begins on Thursday, 00:00 UTC. Its points are computed from
///      the log of behaviours, the events of the chain and the weights that this contract holds for the epoch; anybody can compute them again. A
///      publisher posts the root of (account, points), the sum of the points, and where the log lies with its hash. For 72 hours a striker
///      can strike it, and then another may be published. After that the budget is drawn from the emission vault, by anybody or with the first
///      claim, and each account is credited ⌊budget × points ÷ total⌋ once. Credit is paid as fast as the daily limit allows and never expires.
///      52 weeks after the epoch its claims end, and what was not credited goes back to the stream of the vault that it came from.
///
///      Budget = min(what the stream has, weekly cap, weekly floor + ratio × XMEX consumed in the week before). Parameters, weights and where
///      consumption is read apply from the week after they are set, and a week that is over is final, so all but the first term is fixed when the
///      epoch begins; the first is taken when the budget is drawn. Whoever reads the log cannot move what it is worth. While the stream has less than
///      the other two ask for, the budget waits: it may be short of them by as large a part as has passed of the 52 weeks (choice), so that
///      nobody fixes it at next to nothing while the stream is empty, and what the stream does not get is not waited for in vain.
///
///      A false root. What is struck pays nothing, ever. One that nobody struck pays its budget at most, whatever its leaves sum to: points claimed
///      never exceed the published total, and each account claims once in an epoch. Publisher and striker are roles; the striker's has no end.
///
///      The daily limit. In a day of UTC an account is paid the base limit × the percent that its growth level gives, or one ninetieth of its
///      credit where that is more, so that no credit takes longer than some months to halve. User growth is asked only where the base limit does not
///      suffice; if it fails, spends its gas or answers anything but 100 to 1,000, it counts as 100. Likewise a source of consumption that
///      fails counts as zero. Neither can stop a claim, and a caller who leaves too little gas for the answer is refused.
///
///      Amounts are whole gwei of XMEX, 1e-9 XMEX, so that they pack (choice). Every division rounds down and what it leaves stays in the budget, but the
///      ninetieth, which rounds up so that the last gwei leaves too.
///
///      Choices: a root can be published within four weeks of its epoch's end, so that claims have 48 weeks; one that was struck within a week of the
///      strike too, or a false root at the last moment would cost everybody the week. What an epoch has not drawn stays in the stream.
///
///      Limits, in the open: what people did is known to the log alone, and the chain cannot check it. A publisher whom no striker contradicts can
///      give a week's budget to whom it likes; one that publishes nothing leaves the week unpaid; a striker can strike every root in its 72
///      hours. Where the stream has less than budgets ask for, epochs take what is there in the order in which they are drawn, late or short by what
///      their age allows, so the cap should stay below what the stream accrues in a week. Governance can name another drawer for the stream:
///      then what is credited here is still paid, and what is not drawn is not. Claims before the newest 53 epochs of an account are forgotten,
///      which none can be repeated in.
///
///      Invariants: for each epoch points claimed ≤ total and credited ≤ budget; in each day paid ≤ limit; XMEX balance ≥ Σ credit + Σ
///      (budget − credited) of the epochs not returned, equal where nobody sent XMEX here outright; a struck root pays nothing.
///
///      XMEX is a plain ERC-20 without fees and callbacks, the vault calls nobody but XMEX, and sources are asked by static calls, so no guard is needed.
contract SocialMining is AccessManaged, Multicall, ISocialMining {
    using Checkpoints for Checkpoints.Trace160;
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    // ------------------------------------------------------------------ types

    /// @dev What bounds a week's budget: cap and floor in wei of XMEX, whole gwei; the ratio in basis points of what was consumed. It may exceed 10,000,
    ///      but then spending on oneself pays for who has so many of the points that it brings back more than it takes.
    struct Parameters {
        uint256 weeklyCap;
        uint256 weeklyFloor;
        uint256 consumptionRatioBps;
    }

    /// @dev An epoch as it is shown: amounts in wei of XMEX, times in seconds, zero where nothing happened. `budget` is zero until it is drawn; once
    ///      the rest has gone back it is what was credited. `claimableFrom` is when strikes end, `claimableUntil` when claims do.
    struct Epoch {
        bytes32 root;
        uint256 totalPoints;
        uint256 claimedPoints;
        uint256 budget;
        uint256 credited;
        uint256 publishedAt;
        uint256 struckAt;
        uint256 claimableFrom;
        uint256 claimableUntil;
    }

    /// @dev When an epoch's root was published, zero where it has none, and when the last one was struck. A claim does not read it.
    struct Publication {
        uint40 publishedAt;
        uint40 struckAt;
    }

    /// @dev What a payment reads: one slot. The base limit in gwei.
    struct DailyLimit {
        IUserGrowth growth;
        uint64 base;
    }

    // -------------------------------------------------------------- constants

    /// @notice The length, in seconds, of an epoch.
    /// @dev Source section 5.1: "distributed regularly". Choice: a week.
    uint256 public constant WEEK = 7 days;

    /// @notice The number of behaviours that have a weight.
    /// @dev Choice: given 0 view, 1 like, 2 comment, 3 share, 4 follow, 5 create, 6 bookmark, 7 task, 8 check-in, 9 invite; and received on one's own
    ///      content 10 view, 11 like, 12 bookmark. Source section 5.1 names all but the task, which is "following suggested assessments".
    uint256 public constant BEHAVIOURS = 13;

    /// @notice The time, in seconds, from publication in which a root can be struck.
    /// @dev Choice: three days, so that a weekend does not hide a false root.
    uint256 public constant STRIKE_WINDOW = 72 hours;

    /// @notice The time, in seconds, from the end of an epoch in which its root can be published.
    /// @dev Choice: four weeks, so that claims have 48.
    uint256 public constant PUBLISHING_WINDOW = 4 weeks;

    /// @notice The time, in seconds, from a strike in which another root can be published, also where the first window has passed.
    /// @dev Choice: a week.
    uint256 public constant REPUBLISHING_WINDOW = 1 weeks;

    /// @notice The time, in seconds, from the end of an epoch in which it can be claimed.
    /// @dev Choice: 52 weeks.
    uint256 public constant CLAIM_WINDOW = 52 weeks;

    /// @notice The part of its credit that an account is paid in a day at least: one in so many.
    /// @dev Choice: a ninetieth, so that no limit keeps a large credit for years.
    uint256 public constant LEAST_DAILY_PART = 90;

    /// @notice The highest percent of the daily limit that user growth can give.
    /// @dev Choice: ten times the limit; more is no answer.
    uint256 public constant MAX_LIMIT_PERCENT = 1_000;

    /// @notice The gas that user growth gets for its answer.
    /// @dev Choice: eight times what it needs with cold slots.
    uint256 public constant GROWTH_GAS = 100_000;

    /// @notice The gas that the source of consumption gets for its answer.
    /// @dev Choice: twice what `Spending` needs to sum ten categories in cold slots after years of changed splits; it is asked once an epoch.
    uint256 public constant CONSUMPTION_GAS = 700_000;

    /// @dev What a call still needs after a source has answered: two slots and a transfer to a new holder.
    uint256 private constant _GAS_RESERVE = 80_000;

    /// @dev Amounts are counted in these, in wei.
    uint256 private constant _GWEI = 1 gwei;

    uint256 private constant _BPS = 10_000;
    uint256 private constant _PERCENT = 100;
    uint256 private constant _WORD = 32;

    // ------------------------------------------------------------- immutables

    /// @notice The token that is mined: XMEX.
    IERC20 public immutable xmex;

    /// @notice The emission vault that budgets are drawn from.
    EmissionVault public immutable vault;

    /// @notice The vault's stream that is for social mining.
    uint256 public immutable emissionStream;

    /// @notice The first epoch that can be published: the week of construction.
    uint256 public immutable firstEpoch;

    // ---------------------------------------------------------------- storage

    DailyLimit private _dailyLimit;

    /// @dev Parameters by the epoch that they apply from: 64 bits of cap and 64 of floor, in gwei, and 16 of ratio.
    Checkpoints.Trace208 private _parameters;

    /// @dev Weights by the epoch that they apply from, 16 bits each.
    Checkpoints.Trace208 private _weights;

    /// @dev The source of consumption by the week from which it is the one.
    Checkpoints.Trace160 private _consumption;

    mapping(uint256 epoch => bytes32) private _roots;
    mapping(uint256 epoch => StoredLedger) private _ledgers;
    mapping(uint256 epoch => Publication) private _publications;
    mapping(address account => StoredMiner) private _miners;

    // ----------------------------------------------------------------- events

    /// @notice `root` was published for `epoch` with `totalPoints` in all; the log lies at `uri` and has the hash `logHash`.
    event RootPublished(
        uint256 indexed epoch,
        bytes32 indexed root,
        uint256 totalPoints,
        bytes32 logHash,
        string uri,
        uint256 claimableFrom
    );

    /// @notice `root` of `epoch` was struck and pays nothing.
    event RootStruck(uint256 indexed epoch, bytes32 indexed root);

    /// @notice `budget` of XMEX was drawn for `epoch`.
    event BudgetDrawn(uint256 indexed epoch, uint256 budget);

    /// @notice `account` was credited `credited` of XMEX for its `points` in `epoch`, and paid `paid` of all its credit.
    event Claimed(uint256 indexed epoch, address indexed account, uint256 points, uint256 credited, uint256 paid);

    /// @notice `account` was paid `amount` of its credit.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice What nobody claimed of the budget of `epoch`, and what was rounded away, `amount` of XMEX, went back to the stream.
    event UnclaimedReturned(uint256 indexed epoch, uint256 amount);

    /// @notice Budgets are bounded by `parameters` from `fromEpoch` on.
    event ParametersChanged(uint256 indexed fromEpoch, Parameters parameters);

    /// @notice Behaviours weigh `weights` from `fromEpoch` on.
    event WeightsChanged(uint256 indexed fromEpoch, uint16[BEHAVIOURS] weights);

    /// @notice An account is paid `limit` of XMEX in a day, before what its growth level adds.
    event DailyLimitChanged(uint256 limit);

    /// @notice Levels are now read from `growth`, and consumption from `consumption`, first for the week `week`.
    event SourcesChanged(address indexed growth, address indexed consumption, uint256 week);

    // ----------------------------------------------------------------- errors

    /// @notice Thrown at construction when XMEX's address holds no contract.
    error SocialMining_TokenHasNoCode(address token);

    /// @notice Thrown at construction when the vault's address holds no contract.
    error SocialMining_VaultHasNoCode(address vault);

    /// @notice Thrown at construction when the vault releases another token than XMEX.
    error SocialMining_VaultTokenMismatch(address vaultToken, address xmex);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error SocialMining_AuthorityHasNoCode(address authority);

    /// @notice Thrown when a source is named that holds no contract.
    error SocialMining_SourceHasNoCode(address source);

    /// @notice Thrown when an amount is not a whole number of gwei of XMEX.
    error SocialMining_NotInGwei(uint256 amount);

    /// @notice Thrown when a weekly cap is zero, below the floor, or above what fits.
    error SocialMining_CapOutOfRange(uint256 weeklyCap, uint256 lowest, uint256 highest);

    /// @notice Thrown when a ratio is above what fits.
    error SocialMining_RatioTooHigh(uint256 consumptionRatioBps, uint256 highest);

    /// @notice Thrown when a daily limit is zero or above what fits.
    error SocialMining_DailyLimitOutOfRange(uint256 limit, uint256 highest);

    /// @notice Thrown when no behaviour would have a weight.
    error SocialMining_WeightsAreZero();

    /// @notice Thrown when an epoch before the first one is published.
    error SocialMining_BeforeFirstEpoch(uint256 epoch, uint256 first);

    /// @notice Thrown when an epoch is published that is not over.
    error SocialMining_EpochNotOver(uint256 epoch, uint256 endsAt);

    /// @notice Thrown when an epoch is published at `closedAt` or later.
    error SocialMining_PublishingClosed(uint256 epoch, uint256 closedAt);

    /// @notice Thrown when an epoch has a root that was not struck.
    error SocialMining_AlreadyPublished(uint256 epoch, bytes32 root);

    /// @notice Thrown when the root to be published is zero.
    error SocialMining_RootIsZero();

    /// @notice Thrown when the points to be published sum to zero.
    error SocialMining_PointsAreZero();

    /// @notice Thrown when an epoch has no root, or only one that was struck.
    error SocialMining_NotPublished(uint256 epoch);

    /// @notice Thrown when a root is struck at `closedAt` or later.
    error SocialMining_StrikingClosed(uint256 epoch, uint256 closedAt);

    /// @notice Thrown when an epoch is drawn or claimed before `closesAt`, while its root can still be struck.
    error SocialMining_StrikingOpen(uint256 epoch, uint256 closesAt);

    /// @notice Thrown when an epoch is drawn a second time.
    error SocialMining_AlreadyDrawn(uint256 epoch);

    /// @notice Thrown when an epoch's budget would be zero or too short now; it can be drawn when there is XMEX for it.
    error SocialMining_NoBudget(uint256 epoch);

    /// @notice Thrown when an epoch is drawn or claimed at `expiredAt` or later.
    error SocialMining_Expired(uint256 epoch, uint256 expiredAt);

    /// @notice Thrown when `account` has claimed `epoch` already.
    error SocialMining_AlreadyClaimed(uint256 epoch, address account);

    /// @notice Thrown when `account` and `points` are not in the list of `epoch`, or the proof is another's.
    error SocialMining_InvalidProof(uint256 epoch, address account, uint256 points);

    /// @notice Thrown when more points would be claimed than the list was published with.
    error SocialMining_AboveTotalPoints(uint256 epoch, uint256 points, uint256 left);

    /// @notice Thrown when `account` has no credit, or was paid today all that it can be.
    error SocialMining_NothingToWithdraw(address account);

    /// @notice Thrown when the rest of an epoch is returned before `expiresAt`, while it can still be claimed.
    error SocialMining_NotExpired(uint256 epoch, uint256 expiresAt);

    /// @notice Thrown when nothing of an epoch's budget is left to return.
    error SocialMining_NothingToReturn(uint256 epoch);

    /// @notice Thrown when the call has too little gas for a source to answer.
    error SocialMining_TooLittleGas(uint256 gasLeft, uint256 needed);

    /// @dev `emissionStream_` is one of the vault's streams, and governance makes this contract its drawer. `parameters`, `weights` and
    ///      `dailyLimit_`, in wei, apply from the present epoch on. Sources are named later. `initialAuthority` is X.me's access manager, where publisher
    ///      and striker get the roles that `publish` and `strike` are mapped to.
    ///      Reverts with `SocialMining_TokenHasNoCode`, `SocialMining_VaultHasNoCode`, `SocialMining_VaultTokenMismatch`,
    ///      `SocialMining_AuthorityHasNoCode`, the vault's `EmissionVault_UnknownStream`, and as `setParameters`, `setWeights` and `setDailyLimit`.
    constructor(
        IERC20 xmex_,
        EmissionVault vault_,
        uint256 emissionStream_,
        Parameters memory parameters,
        uint256 dailyLimit_,
        uint16[BEHAVIOURS] memory weights,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        if (address(xmex_).code.length == 0) revert SocialMining_TokenHasNoCode(address(xmex_));
        if (address(vault_).code.length == 0) revert SocialMining_VaultHasNoCode(address(vault_));
        address vaultToken = address(vault_.token());
        if (vaultToken != address(xmex_)) revert SocialMining_VaultTokenMismatch(vaultToken, address(xmex_));
        if (initialAuthority.code.length == 0) revert SocialMining_AuthorityHasNoCode(initialAuthority);
        vault_.drawerOf(emissionStream_);
        xmex = xmex_;
        vault = vault_;
        emissionStream = emissionStream_;
        firstEpoch = currentEpoch();
        _setParameters(firstEpoch, parameters);
        _setWeights(firstEpoch, weights);
        _setDailyLimit(dailyLimit_);
    }

    // ------------------------------------------------------ publishing, striking

    /// @notice Publishes `root` as the list of `epoch`, whose points sum to `totalPoints`, computed from the log at `uri`; only a publisher may.
    /// @dev The tree is OpenZeppelin's `StandardMerkleTree` with leaves (address account, uint256 points). `uri` and `logHash` are only announced.
    ///      Cost: three cold slots. Reverts with `AccessManagedUnauthorized`, `SocialMining_BeforeFirstEpoch`, `SocialMining_EpochNotOver`,
    ///      `SocialMining_PublishingClosed`, `SocialMining_AlreadyPublished`, `SocialMining_RootIsZero` and `SocialMining_PointsAreZero`.
    function publish(
        uint256 epoch,
        bytes32 root,
        uint64 totalPoints,
        string calldata uri,
        bytes32 logHash
    ) external restricted {
        if (epoch < firstEpoch) revert SocialMining_BeforeFirstEpoch(epoch, firstEpoch);
        if (epoch >= currentEpoch()) revert SocialMining_EpochNotOver(epoch, _endOf(epoch));
        uint256 closedAt = publishableUntil(epoch);
        if (block.timestamp >= closedAt) revert SocialMining_PublishingClosed(epoch, closedAt);
        if (_roots[epoch] != 0) revert SocialMining_AlreadyPublished(epoch, _roots[epoch]);
        if (root == 0) revert SocialMining_RootIsZero();
        if (totalPoints == 0) revert SocialMining_PointsAreZero();

        _roots[epoch] = root;
        EpochLedger memory ledger;
        ledger.totalPoints = totalPoints;
        _ledgers[epoch].store(ledger);
        _publications[epoch].publishedAt = uint40(block.timestamp);
        emit RootPublished(epoch, root, totalPoints, logHash, uri, block.timestamp + STRIKE_WINDOW);
    }

    /// @notice Strikes the root of `epoch`, so that it pays nothing and another can be published; only a striker may.
    /// @dev Possible for 72 hours from publication, in which nothing can be drawn or claimed. Cost: three cold slots.
    ///      Reverts with `AccessManagedUnauthorized`, `SocialMining_NotPublished` and `SocialMining_StrikingClosed`.
    function strike(uint256 epoch) external restricted {
        uint256 closedAt = _claimableFrom(epoch);
        if (block.timestamp >= closedAt) revert SocialMining_StrikingClosed(epoch, closedAt);
        emit RootStruck(epoch, _roots[epoch]);
        _roots[epoch] = 0;
        EpochLedger memory none;
        _ledgers[epoch].store(none);
        _publications[epoch] = Publication(0, uint40(block.timestamp));
    }

    // ---------------------------------------------------- from budget to account

    /// @notice Draws the budget of `epoch` from the emission vault, so that it can be claimed; anybody may.
    /// @dev Returns the `budget`, in wei, that `budgetOf` says in the same block; the first claim does the same. Reverts with `SocialMining_Expired`,
    ///      `SocialMining_AlreadyDrawn`, `SocialMining_NotPublished`, `SocialMining_StrikingOpen`, `SocialMining_NoBudget` and
    ///      `SocialMining_TooLittleGas`.
    function drawBudget(uint256 epoch) external returns (uint256 budget) {
        (EpochLedger memory ledger, bool isDrawn) = _claimable(epoch);
        if (isDrawn) revert SocialMining_AlreadyDrawn(epoch);
        _ledgers[epoch].store(ledger);
        _draw(epoch, ledger.budget);
        return ledger.budget * _GWEI;
    }

    /// @notice Credits `account` its part of the budget of `epoch` for its `points`, and pays it what its daily limit allows; anybody may.
    /// @dev Returns what was `credited` for the epoch and `paid` of all credit, in wei, as `previewClaim` says in the same block. The credit rounds
    ///      down to a gwei. Cost: four cold slots, a pair of hashes and one for each level of the tree, and a transfer; the first claim of an epoch
    ///      draws too. Reverts with `SocialMining_Expired`, `SocialMining_NotPublished`, `SocialMining_StrikingOpen`, `SocialMining_NoBudget`,
    ///      `SocialMining_AlreadyClaimed`, `SocialMining_InvalidProof`, `SocialMining_AboveTotalPoints` and `SocialMining_TooLittleGas`.
    function claim(
        uint256 epoch,
        address account,
        uint256 points,
        bytes32[] calldata proof
    ) external returns (uint256 credited, uint256 paid) {
        (EpochLedger memory ledger, bool isDrawn) = _claimable(epoch);
        MiningAccount memory miner = _miners[account].read();
        credited = _credit(epoch, account, points, proof, ledger, miner);
        paid = _pay(account, miner);
        _ledgers[epoch].store(ledger);
        _miners[account].store(miner);
        emit Claimed(epoch, account, points, credited, paid);
        if (!isDrawn) _draw(epoch, ledger.budget);
        if (paid != 0) xmex.safeTransfer(account, paid);
    }

    /// @notice Pays `account` what its daily limit allows of its credit; anybody may.
    /// @dev Returns the `amount`, in wei, that `previewWithdraw` says in the same block. Credit does not expire, and this needs neither vault nor root.
    ///      Reverts with `SocialMining_NothingToWithdraw` and `SocialMining_TooLittleGas`.
    function withdraw(address account) external returns (uint256 amount) {
        MiningAccount memory miner = _miners[account].read();
        amount = _pay(account, miner);
        if (amount == 0) revert SocialMining_NothingToWithdraw(account);
        _miners[account].store(miner);
        emit Withdrawn(account, amount);
        xmex.safeTransfer(account, amount);
    }

    /// @notice Gives back to the stream what was not credited of the budget of `epoch`, from 52 weeks after its end on; anybody may.
    /// @dev Returns the `amount`, in wei: what nobody claimed and what every claim rounded away.
    ///      Reverts with `SocialMining_NotExpired` and `SocialMining_NothingToReturn`.
    function returnUnclaimed(uint256 epoch) external returns (uint256 amount) {
        uint256 expiresAt = _expiryOf(epoch);
        if (block.timestamp < expiresAt) revert SocialMining_NotExpired(epoch, expiresAt);
        EpochLedger memory ledger = _ledgers[epoch].read();
        amount = (ledger.budget - ledger.credited) * _GWEI;
        if (amount == 0) revert SocialMining_NothingToReturn(epoch);
        ledger.budget = ledger.credited;
        _ledgers[epoch].store(ledger);
        emit UnclaimedReturned(epoch, amount);
        xmex.forceApprove(address(vault), amount);
        vault.returnTo(emissionStream, amount);
    }

    // ------------------------------------------------------ views and previews

    /// @notice The number of the present epoch: weeks of seven days since the Unix epoch.
    function currentEpoch() public view returns (uint256) {
        return block.timestamp / WEEK;
    }

    /// @notice `epoch` as it stands.
    function epochOf(uint256 epoch) external view returns (Epoch memory) {
        EpochLedger memory ledger = _ledgers[epoch].read();
        Publication memory publication = _publications[epoch];
        return
            Epoch({
                root: _roots[epoch],
                totalPoints: ledger.totalPoints,
                claimedPoints: ledger.claimedPoints,
                budget: ledger.budget * _GWEI,
                credited: ledger.credited * _GWEI,
                publishedAt: publication.publishedAt,
                struckAt: publication.struckAt,
                claimableFrom: publication.publishedAt == 0 ? 0 : publication.publishedAt + STRIKE_WINDOW,
                claimableUntil: _expiryOf(epoch)
            });
    }

    /// @notice The time, in seconds, from which no root of `epoch` can be published any more.
    /// @dev Four weeks after the epoch's end, or a week after the last strike where that is later.
    function publishableUntil(uint256 epoch) public view returns (uint256) {
        uint256 struckAt = _publications[epoch].struckAt;
        uint256 closesAt = _endOf(epoch) + PUBLISHING_WINDOW;
        return struckAt == 0 ? closesAt : Math.max(closesAt, struckAt + REPUBLISHING_WINDOW);
    }

    /// @notice XMEX, in wei, that the budget of `epoch` is at most, whatever the stream has; fixed once the epoch has begun.
    /// @dev min(cap, floor + ratio × consumed in the week before), rounded down to a gwei. Reverts with `SocialMining_TooLittleGas`.
    function plannedBudgetOf(uint256 epoch) external view returns (uint256) {
        return _plannedBudget(epoch) * _GWEI;
    }

    /// @notice XMEX, in wei, that the stream must have now for the budget of `epoch` to be drawn.
    /// @dev Of what is planned, as large a part as is left of the 52 weeks, rounded up to a gwei; all of it before the epoch's end, and nothing once
    ///      claims have ended. Reverts with `SocialMining_TooLittleGas`.
    function leastBudgetOf(uint256 epoch) external view returns (uint256) {
        return _leastBudget(epoch, _plannedBudget(epoch)) * _GWEI;
    }

    /// @notice XMEX, in wei, that is the budget of `epoch`, or would be if it were drawn now; zero where it could not be.
    /// @dev Rounded down to a gwei. What was drawn, less what has gone back. Reverts with `SocialMining_TooLittleGas`.
    function budgetOf(uint256 epoch) external view returns (uint256) {
        uint256 drawn = _ledgers[epoch].read().budget;
        return (drawn == 0 && block.timestamp < _expiryOf(epoch) ? _budget(epoch) : drawn) * _GWEI;
    }

    /// @notice What `claim` would credit and pay `account` for its `points` in `epoch` now, in wei of XMEX.
    /// @dev Equal to what the call does in the same block, and refuses what it refuses.
    function previewClaim(
        uint256 epoch,
        address account,
        uint256 points,
        bytes32[] calldata proof
    ) external view returns (uint256 credited, uint256 paid) {
        (EpochLedger memory ledger, ) = _claimable(epoch);
        MiningAccount memory miner = _miners[account].read();
        credited = _credit(epoch, account, points, proof, ledger, miner);
        paid = _pay(account, miner);
    }

    /// @notice What `withdraw` would pay `account` now, in wei of XMEX; zero where it would refuse.
    /// @dev Reverts with `SocialMining_TooLittleGas`.
    function previewWithdraw(address account) external view returns (uint256 amount) {
        return _pay(account, _miners[account].read());
    }

    /// @notice XMEX, in wei, that `account` was credited and has not been paid.
    function creditOf(address account) external view returns (uint256) {
        return _miners[account].read().credit * _GWEI;
    }

    /// @inheritdoc ISocialMining
    function creditedOf(address account) external view returns (uint256 xmexInWhole) {
        return _miners[account].read().creditedInWhole;
    }

    /// @inheritdoc ISocialMining
    function hasClaimed(address account) external view returns (bool) {
        return _miners[account].read().newestEpoch != 0;
    }

    /// @notice Whether `account` has claimed `epoch`; false also for one 53 or more before its newest claim, which cannot be claimed any more.
    function hasClaimedIn(address account, uint256 epoch) external view returns (bool) {
        return _miners[account].read().hasClaimedIn(epoch);
    }

    /// @notice All that is kept of `account`, in the units that it is kept in.
    function accountOf(address account) external view returns (MiningAccount memory) {
        return _miners[account].read();
    }

    /// @notice What bounds the budget of `epoch`; for one that has not begun, as far as it is decided.
    function parametersAt(uint256 epoch) public view returns (Parameters memory) {
        uint256 word = _parameters.upperLookupRecent(epoch.toUint48());
        return
            Parameters({
                weeklyCap: uint64(word) * _GWEI,
                weeklyFloor: uint64(word >> 64) * _GWEI,
                consumptionRatioBps: word >> 128
            });
    }

    /// @notice What each behaviour weighs in `epoch`; for one that has not begun, as far as it is decided.
    function weightsAt(uint256 epoch) external view returns (uint16[BEHAVIOURS] memory weights) {
        uint256 word = _weights.upperLookupRecent(epoch.toUint48());
        for (uint256 i = 0; i < BEHAVIOURS; i++) weights[i] = uint16(word >> (16 * i));
    }

    /// @notice XMEX, in wei, that an account is paid in a day, before what its growth level adds.
    function dailyLimit() external view returns (uint256) {
        return _dailyLimit.base * _GWEI;
    }

    /// @notice The module that levels are read from; zero where there is none, and then everybody has 100 percent.
    function growth() external view returns (IUserGrowth) {
        return _dailyLimit.growth;
    }

    /// @notice The module that the consumption of `week` is read from; zero where there is none, and then it is zero.
    function consumptionAt(uint256 week) public view returns (IConsumption) {
        return IConsumption(address(_consumption.upperLookupRecent(week.toUint96())));
    }

    // ------------------------------------------------------------- governance

    /// @notice Bounds budgets by `parameters` from the next epoch on; only governance may.
    /// @dev Takes the place of a change made in the same week. A ratio above 10,000 lets spending on oneself pay, see `Parameters`.
    ///      Reverts with `AccessManagedUnauthorized`, `SocialMining_NotInGwei`, `SocialMining_CapOutOfRange` and `SocialMining_RatioTooHigh`.
    function setParameters(Parameters calldata parameters) external restricted {
        _setParameters(currentEpoch() + 1, parameters);
    }

    /// @notice Weighs behaviours by `weights` from the next epoch on; only governance may.
    /// @dev Takes the place of a change made in the same week. Reverts with `AccessManagedUnauthorized` and `SocialMining_WeightsAreZero`.
    function setWeights(uint16[BEHAVIOURS] calldata weights) external restricted {
        _setWeights(currentEpoch() + 1, weights);
    }

    /// @notice Pays an account `limit` of XMEX in a day, before what its growth level adds; only governance may.
    /// @dev In wei, whole gwei. Applies at once, for it moves only when credit is paid.
    ///      Reverts with `AccessManagedUnauthorized`, `SocialMining_NotInGwei` and `SocialMining_DailyLimitOutOfRange`.
    function setDailyLimit(uint256 limit) external restricted {
        _setDailyLimit(limit);
    }

    /// @notice Reads levels from `growth_` at once, and the consumption of this week and later ones from `consumption_`; only governance may.
    /// @dev Either may be zero. The present epoch's budget counts the week before, so consumption too changes budgets from the next epoch on.
    ///      Reverts with `AccessManagedUnauthorized` and `SocialMining_SourceHasNoCode`.
    function setSources(IUserGrowth growth_, IConsumption consumption_) external restricted {
        _requireSource(address(growth_));
        _requireSource(address(consumption_));
        uint256 week = currentEpoch();
        _dailyLimit.growth = growth_;
        _consumption.push(week.toUint96(), uint160(address(consumption_)));
        emit SourcesChanged(address(growth_), address(consumption_), week);
    }

    // -------------------------------------------------------------- internals

    function _setParameters(uint256 fromEpoch, Parameters memory parameters) private {
        uint256 floor = _inGwei(parameters.weeklyFloor);
        uint256 cap = _inGwei(parameters.weeklyCap);
        uint256 ratio = parameters.consumptionRatioBps;
        if (cap == 0 || cap < floor || cap > type(uint64).max) {
            revert SocialMining_CapOutOfRange(
                parameters.weeklyCap,
                Math.max(parameters.weeklyFloor, _GWEI),
                type(uint64).max * _GWEI
            );
        }
        if (ratio > type(uint16).max) revert SocialMining_RatioTooHigh(ratio, type(uint16).max);
        _parameters.push(fromEpoch.toUint48(), uint208(cap | (floor << 64) | (ratio << 128)));
        emit ParametersChanged(fromEpoch, parameters);
    }

    function _setWeights(uint256 fromEpoch, uint16[BEHAVIOURS] memory weights) private {
        uint256 word = 0;
        for (uint256 i = 0; i < BEHAVIOURS; i++) word |= uint256(weights[i]) << (16 * i);
        if (word == 0) revert SocialMining_WeightsAreZero();
        _weights.push(fromEpoch.toUint48(), uint208(word));
        emit WeightsChanged(fromEpoch, weights);
    }

    function _setDailyLimit(uint256 limit) private {
        uint256 base = _inGwei(limit);
        if (base == 0 || base > type(uint64).max) {
            revert SocialMining_DailyLimitOutOfRange(limit, type(uint64).max * _GWEI);
        }
        _dailyLimit.base = uint64(base);
        emit DailyLimitChanged(limit);
    }

    function _draw(uint256 epoch, uint256 budget) private {
        emit BudgetDrawn(epoch, budget * _GWEI);
        vault.draw(emissionStream, address(this), budget * _GWEI);
    }

    /// @dev The money of an epoch that can be claimed, with the budget that it has or would have if it were drawn now.
    function _claimable(uint256 epoch) private view returns (EpochLedger memory ledger, bool isDrawn) {
        uint256 expiresAt = _expiryOf(epoch);
        if (block.timestamp >= expiresAt) revert SocialMining_Expired(epoch, expiresAt);
        ledger = _ledgers[epoch].read();
        if (ledger.budget != 0) return (ledger, true);
        uint256 closesAt = _claimableFrom(epoch);
        if (block.timestamp < closesAt) revert SocialMining_StrikingOpen(epoch, closesAt);
        ledger.budget = _budget(epoch);
        if (ledger.budget == 0) revert SocialMining_NoBudget(epoch);
    }

    /// @dev Credits the account in memory, once, and answers what in wei. Rounds down to a gwei.
    function _credit(
        uint256 epoch,
        address account,
        uint256 points,
        bytes32[] calldata proof,
        EpochLedger memory ledger,
        MiningAccount memory miner
    ) private view returns (uint256) {
        if (miner.hasClaimedIn(epoch)) revert SocialMining_AlreadyClaimed(epoch, account);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, points))));
        if (!MerkleProof.verifyCalldata(proof, _roots[epoch], leaf)) {
            revert SocialMining_InvalidProof(epoch, account, points);
        }
        uint256 left = ledger.totalPoints - ledger.claimedPoints;
        if (points > left) revert SocialMining_AboveTotalPoints(epoch, points, left);

        uint256 credited = (ledger.budget * points) / ledger.totalPoints;
        ledger.claimedPoints += points;
        ledger.credited += credited;
        miner.rememberClaim(epoch);
        miner.credit += credited;
        credited *= _GWEI;
        miner.creditedInWhole += credited / 1e18;
        return credited;
    }

    /// @dev Pays the account in memory what today's limit leaves of its credit, and answers what in wei. The limit rounds down, the least part up.
    function _pay(address account, MiningAccount memory miner) private view returns (uint256) {
        uint256 today = block.timestamp / 1 days;
        uint256 paid = miner.lastPaidDay == today ? miner.paid : 0;
        uint256 owed = miner.credit + paid;
        uint256 limit = _dailyLimit.base;
        if (owed > limit) {
            limit = Math.max((limit * _limitPercentOf(account)) / _PERCENT, Math.ceilDiv(owed, LEAST_DAILY_PART));
            if (owed < limit) limit = owed;
        } else {
            limit = owed;
        }
        if (limit <= paid) return 0;
        miner.credit = owed - limit;
        miner.paid = limit;
        miner.lastPaidDay = today;
        return (limit - paid) * _GWEI;
    }

    /// @dev What user growth says, where it says anything from 100 to 1,000.
    function _limitPercentOf(address account) private view returns (uint256 percent) {
        address source = address(_dailyLimit.growth);
        if (!_canAsk(source, GROWTH_GAS)) return _PERCENT;
        try IUndecodedSources(source).dailyLimitPercentOf{gas: GROWTH_GAS}(account) {
            percent = _answer();
        } catch {}
        if (percent < _PERCENT || percent > MAX_LIMIT_PERCENT) percent = _PERCENT;
    }

    /// @dev XMEX, in wei, that was consumed in `week`; zero where its source does not say. More than there is of XMEX is no answer.
    function _consumedIn(uint256 week) private view returns (uint256 consumed) {
        address source = address(consumptionAt(week));
        if (!_canAsk(source, CONSUMPTION_GAS)) return 0;
        try IUndecodedSources(source).consumedIn{gas: CONSUMPTION_GAS}(week) {
            consumed = _answer();
        } catch {}
        if (consumed > type(uint128).max) consumed = 0;
    }

    /// @dev A call gets at most 63/64 of what is left, and silently so; a caller who could starve a source could choose the outcome.
    function _canAsk(address source, uint256 gas_) private view returns (bool) {
        if (source == address(0)) return false;
        uint256 needed = gas_ + gas_ / 63 + _GAS_RESERVE;
        if (gasleft() < needed) revert SocialMining_TooLittleGas(gasleft(), needed);
        return source.code.length != 0;
    }

    /// @dev What the call just made answered, where it is one word, and else zero. Nothing else is copied, however long it is.
    function _answer() private pure returns (uint256) {
        return LowLevelCall.returnDataSize() == _WORD ? abi.decode(LowLevelCall.returnData(), (uint256)) : 0;
    }

    /// @dev In gwei, rounded down. Nothing where governance has named another drawer, or while the stream has too little.
    function _budget(uint256 epoch) private view returns (uint256) {
        if (vault.drawerOf(emissionStream) != address(this)) return 0;
        uint256 available = vault.available(emissionStream) / _GWEI;
        uint256 planned = _plannedBudget(epoch);
        return available < _leastBudget(epoch, planned) ? 0 : Math.min(available, planned);
    }

    /// @dev In gwei, rounded up.
    function _leastBudget(uint256 epoch, uint256 planned) private view returns (uint256) {
        uint256 left = Math.min(Math.saturatingSub(_expiryOf(epoch), block.timestamp), CLAIM_WINDOW);
        return Math.ceilDiv(planned * left, CLAIM_WINDOW);
    }

    /// @dev In gwei, rounded down.
    function _plannedBudget(uint256 epoch) private view returns (uint256) {
        Parameters memory parameters = parametersAt(epoch);
        uint256 consumed = epoch == 0 ? 0 : _consumedIn(epoch - 1);
        uint256 wanted = parameters.weeklyFloor + (consumed * parameters.consumptionRatioBps) / _BPS;
        return Math.min(parameters.weeklyCap, wanted) / _GWEI;
    }

    /// @dev When the root can be struck no more and the budget be drawn.
    function _claimableFrom(uint256 epoch) private view returns (uint256) {
        uint256 publishedAt = _publications[epoch].publishedAt;
        if (publishedAt == 0) revert SocialMining_NotPublished(epoch);
        return publishedAt + STRIKE_WINDOW;
    }

    function _endOf(uint256 epoch) private pure returns (uint256) {
        return (epoch + 1) * WEEK;
    }

    function _expiryOf(uint256 epoch) private pure returns (uint256) {
        return _endOf(epoch) + CLAIM_WINDOW;
    }

    function _requireSource(address source) private view {
        if (source != address(0) && source.code.length == 0) revert SocialMining_SourceHasNoCode(source);
    }

    function _inGwei(uint256 amount) private pure returns (uint256) {
        if (amount % _GWEI != 0) revert SocialMining_NotInGwei(amount);
        return amount / _GWEI;
    }
}
