// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ABDKMath64x64} from "abdk-libraries-solidity/ABDKMath64x64.sol";

import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IReputation} from "./interfaces/IReputation.sol";
import {IServiceMarket} from "./interfaces/IServiceMarket.sol";
import {IXP} from "./interfaces/IXP.sol";

/// @title Reputation, XP locked to agents and the trust that comes of it
/// @notice Lock XP to an agent to raise its trust score; you alone can take it back, seven days after you ask for it.
/// @dev XP Flywheel, "Locking XP for Reputation" and "Trust Score Calculation". Trust, from 0 to 100 with 18 decimals, is the sum of three parts:
///      up to 50 for the share of its work that the agent did well, up to 30 for the XP locked to it, up to 20 for its age.
///
///      Choice: anybody may back any agent, because the source locks "to agent" and says not whose XP it is. Each backer takes back only their
///      own. What is locked stays with the agent when it changes hands, and stays its backers'; neither the agent's owner nor anybody else can
///      touch it, and it is never slashed.
///
///      Logarithm: bonus = ⌊10 × log10(locked XP)⌋ in units of 1e-18. Choice: 0 below one XP, where the source's formula falls below zero.
///      The amount is first divided by the power of ten below it, 1, 10 or 100 XP, and only the rest, from 1 to less than 10, goes through
///      ABDK's 64.64 binary logarithm; so powers of ten are exact: 0 at 1 XP, 10 at 10, 20 at 100, 30 at 1,000 and above. Every step rounds
///      down and keeps order, so more XP never means less trust; the result is the real number rounded down, or one unit of 1e-18 less. It is
///      worked out when the agent's lock changes, so that reading trust costs no logarithm.
///
///      Limits, in the open: trust says how much was at stake and for how long, not whose it was; XP counts fully from the second it is locked,
///      but leaves only seven days after it stopped counting. XP sent here by a plain transfer is locked to no agent and stays for ever.
///
///      Invariants: XP balance ≥ Σ locked + Σ pending, equal where nobody sent XP here outright; an agent's lock = Σ its backers' locks;
///      0 ≤ trust ≤ 100e18. The token is XP, which has no fees and no callbacks, so state is written before it moves and no guard is needed.
contract Reputation is IReputation {
    using ABDKMath64x64 for int128;
    using SafeCast for uint256;
    using SafeERC20 for IXP;

    /// @dev What one account has behind one agent, in one slot; amounts in wei of XP, below 2^87 together.
    struct Backing {
        uint96 locked;
        uint96 pending;
        uint40 availableAt;
    }

    /// @dev What all backers together have behind one agent, in one slot.
    struct Lock {
        uint128 xp;
        uint128 bonusWad;
    }

    /// @notice The time, in seconds, from asking XP back to taking it.
    /// @dev Source, "Dual Use of XP": "unlock: 7-day waiting period".
    uint256 public constant UNLOCK_DELAY = 7 days;

    /// @notice The most trust, with 18 decimals, that success gives.
    /// @dev Source, "Trust Score Calculation": "base_score = agent.success_rate * 50 # Max 50".
    uint256 public constant MAX_SUCCESS_WAD = 50e18;

    /// @notice The most trust, with 18 decimals, that locked XP gives.
    /// @dev Source, "Trust Score Calculation": "xp_bonus = min(30, log10(xp_locked) * 10) # Max 30".
    uint256 public constant MAX_BONUS_WAD = 30e18;

    /// @notice The most trust, with 18 decimals, that age gives.
    /// @dev Source, "Trust Score Calculation": "time_bonus = min(20, age_days / 18.25) # Max 20".
    uint256 public constant MAX_AGE_WAD = 20e18;

    /// @notice The age, in seconds, that gives one point of trust.
    /// @dev Source, "Trust Score Calculation": "age_days / 18.25"; twenty points take exactly 365 days.
    uint256 public constant SECONDS_PER_POINT = 18.25 days;

    /// @dev 10 × log10(2), rounded down to 36 decimals: the bonus, in WAD of WAD, for doubling what is locked.
    uint256 private constant _TEN_LOG10_OF_TWO = 3_010299956639811952_137388947244930267;

    uint256 private constant _ONE_XP = 1e18;

    /// @notice The token that is locked: XP.
    IXP public immutable xp;

    /// @notice Where agents are registered, which knows their age.
    IAgentRegistry public immutable registry;

    /// @notice Where agents work, which knows their success.
    IServiceMarket public immutable market;

    mapping(uint256 agentId => Lock) private _locks;
    mapping(uint256 agentId => mapping(address backer => Backing)) private _backings;

    /// @notice `backer` locked `amount` of XP to `agentId`.
    event Locked(uint256 indexed agentId, address indexed backer, uint256 amount);

    /// @notice `backer` asked `amount` of XP back from `agentId`, and can take it, with all that waited there already, from `availableAt` on.
    event UnlockStarted(uint256 indexed agentId, address indexed backer, uint256 amount, uint256 availableAt);

    /// @notice `backer` locked `amount` of XP to `agentId` again, of what was waiting there.
    event Relocked(uint256 indexed agentId, address indexed backer, uint256 amount);

    /// @notice `backer` took `amount` of XP, all that was waiting at `agentId`, to `to`.
    event Withdrawn(uint256 indexed agentId, address indexed backer, address indexed to, uint256 amount);

    /// @notice Thrown at construction when XP's address holds no contract.
    error Reputation_XpHasNoCode(address xp);

    /// @notice Thrown at construction when the registry's address holds no contract.
    error Reputation_RegistryHasNoCode(address registry);

    /// @notice Thrown at construction when the service market's address holds no contract.
    error Reputation_MarketHasNoCode(address market);

    /// @notice Thrown for an agent that was never registered.
    error Reputation_UnknownAgent(uint256 agentId);

    /// @notice Thrown when no XP is named.
    error Reputation_AmountIsZero(uint256 agentId);

    /// @notice Thrown when more is asked back than `backer` has locked to `agentId`.
    error Reputation_AboveLocked(uint256 agentId, address backer, uint256 amount, uint256 locked);

    /// @notice Thrown when more is locked again than `backer` has waiting at `agentId`.
    error Reputation_AbovePending(uint256 agentId, address backer, uint256 amount, uint256 pending);

    /// @notice Thrown when `backer` has nothing waiting at `agentId`; start with `unlock`.
    error Reputation_NothingPending(uint256 agentId, address backer);

    /// @notice Thrown when XP is taken before `availableAt`.
    error Reputation_StillWaiting(uint256 agentId, address backer, uint256 availableAt, uint256 blockTime);

    /// @notice Thrown when XP would be taken to this contract itself, where it would be nobody's.
    error Reputation_RecipientIsReputation();

    /// @dev All three are fixed for ever; a successor of any of them needs a new Reputation, and XP locked here can always be taken back.
    ///      Reverts with `Reputation_XpHasNoCode`, `Reputation_RegistryHasNoCode` and `Reputation_MarketHasNoCode`.
    constructor(IXP xp_, IAgentRegistry registry_, IServiceMarket market_) {
        if (address(xp_).code.length == 0) revert Reputation_XpHasNoCode(address(xp_));
        if (address(registry_).code.length == 0) revert Reputation_RegistryHasNoCode(address(registry_));
        if (address(market_).code.length == 0) revert Reputation_MarketHasNoCode(address(market_));
        xp = xp_;
        registry = registry_;
        market = market_;
    }

    /// @notice Locks `amount` of your XP to `agentId`; only you can take it back, seven days after you ask for it with `unlock`.
    /// @dev In wei. Needs an allowance. What is waiting there already goes on waiting. Cost: two cold slots here, one of the registry, a logarithm
    ///      below 1,000 XP, and the token's transfer.
    ///      Reverts with `Reputation_AmountIsZero`, `Reputation_UnknownAgent`, `SafeCastOverflowedUintDowncast` above 96 bits and the token's own
    ///      errors.
    function lock(uint256 agentId, uint256 amount) external {
        _lock(agentId, amount);
    }

    /// @notice Locks `amount` of your XP to `agentId` as `lock` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly `amount`. Somebody else may have used it already, which does no harm: only the
    ///      allowance counts. Reverts as `lock`.
    function lockWithPermit(uint256 agentId, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(address(xp)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _lock(agentId, amount);
    }

    /// @notice Asks `amount` of your XP back from `agentId`: it stops counting now, can be taken in seven days, and starts the wait anew for all
    ///         of yours that waits there.
    /// @dev In wei. Always open to the backer. Cost: two cold slots and a logarithm below 1,000 XP.
    ///      Reverts with `Reputation_AmountIsZero` and `Reputation_AboveLocked`.
    function unlock(uint256 agentId, uint256 amount) external {
        if (amount == 0) revert Reputation_AmountIsZero(agentId);
        Backing storage backing = _backings[agentId][msg.sender];
        uint256 locked = backing.locked;
        if (amount > locked) revert Reputation_AboveLocked(agentId, msg.sender, amount, locked);

        uint256 availableAt = block.timestamp + UNLOCK_DELAY;
        backing.locked = (locked - amount).toUint96();
        backing.pending = (backing.pending + amount).toUint96();
        backing.availableAt = availableAt.toUint40();
        _setLock(agentId, _locks[agentId].xp - amount);
        emit UnlockStarted(agentId, msg.sender, amount, availableAt);
    }

    /// @notice Locks `amount` of your XP that waits at `agentId` to it again; it counts from now on.
    /// @dev In wei, whether the wait is over or not; the rest goes on waiting as before. Cost: as `unlock`.
    ///      Reverts with `Reputation_AmountIsZero` and `Reputation_AbovePending`.
    function relock(uint256 agentId, uint256 amount) external {
        if (amount == 0) revert Reputation_AmountIsZero(agentId);
        Backing storage backing = _backings[agentId][msg.sender];
        uint256 pending = backing.pending;
        if (amount > pending) revert Reputation_AbovePending(agentId, msg.sender, amount, pending);

        backing.locked = (backing.locked + amount).toUint96();
        backing.pending = (pending - amount).toUint96();
        if (amount == pending) backing.availableAt = 0;
        _setLock(agentId, _locks[agentId].xp + amount);
        emit Relocked(agentId, msg.sender, amount);
    }

    /// @notice Takes all of your XP that has waited seven days at `agentId` to `to`.
    /// @dev Returns the `amount`, in wei, that `withdrawable` says in the same block. Possible from the second `availableAt` on, for ever.
    ///      Cost: one cold slot and the token's transfer.
    ///      Reverts with `Reputation_RecipientIsReputation`, `Reputation_NothingPending`, `Reputation_StillWaiting` and the token's own errors.
    function withdraw(uint256 agentId, address to) external returns (uint256 amount) {
        if (to == address(this)) revert Reputation_RecipientIsReputation();
        Backing storage backing = _backings[agentId][msg.sender];
        amount = backing.pending;
        uint256 availableAt = backing.availableAt;
        if (amount == 0) revert Reputation_NothingPending(agentId, msg.sender);
        if (block.timestamp < availableAt) {
            revert Reputation_StillWaiting(agentId, msg.sender, availableAt, block.timestamp);
        }

        backing.pending = 0;
        backing.availableAt = 0;
        emit Withdrawn(agentId, msg.sender, to, amount);
        xp.safeTransfer(to, amount);
    }

    /// @inheritdoc IReputation
    /// @dev The sum of `partsOf`. Cost: one slot here, one of the registry, those of `volumesOf`. Reverts with `Reputation_UnknownAgent`.
    function trustOf(uint256 agentId) external view returns (uint256) {
        (uint256 successWad, uint256 bonusWad, uint256 ageWad) = partsOf(agentId);
        return successWad + bonusWad + ageWad;
    }

    /// @notice What the trust score of `agentId` is made of, with 18 decimals each: up to 50 for success, 30 for locked XP, 20 for age.
    /// @dev Success is by volume, ⌊50e18 × accepted / settled⌋, and 0 before the first settled job; age is ⌊1e18 × seconds / 1,576,800⌋. Each part
    ///      rounds down and is bounded here, whatever the registry and the market answer. Reverts with `Reputation_UnknownAgent`.
    function partsOf(uint256 agentId) public view returns (uint256 successWad, uint256 bonusWad, uint256 ageWad) {
        uint256 registeredAt = _registeredAt(agentId);
        (uint256 accepted, uint256 settled) = market.volumesOf(agentId);
        if (settled != 0) successWad = Math.mulDiv(MAX_SUCCESS_WAD, Math.min(accepted, settled), settled);
        bonusWad = _locks[agentId].bonusWad;
        ageWad = Math.min(MAX_AGE_WAD, ((block.timestamp - registeredAt) * 1e18) / SECONDS_PER_POINT);
    }

    /// @notice The trust, with 18 decimals, that `xpLocked` wei of XP locked to an agent give it.
    /// @dev ⌊10 × log10(XP)⌋ in WAD, at least 0 and at most 30e18; exact at powers of ten, else at most one unit below the real number rounded
    ///      down; never falls where `xpLocked` rises.
    function bonusFor(uint256 xpLocked) public pure returns (uint256) {
        if (xpLocked < _ONE_XP) return 0;
        if (xpLocked >= 1_000 * _ONE_XP) return MAX_BONUS_WAD;
        (uint256 powerOfTen, uint256 bonusThere) = (_ONE_XP, 0);
        if (xpLocked >= 100 * _ONE_XP) {
            (powerOfTen, bonusThere) = (100 * _ONE_XP, 20e18);
        } else if (xpLocked >= 10 * _ONE_XP) {
            (powerOfTen, bonusThere) = (10 * _ONE_XP, 10e18);
        }
        int128 doublings = ABDKMath64x64.divu(xpLocked, powerOfTen).log_2();
        return bonusThere + doublings.mulu(_TEN_LOG10_OF_TWO) / 1e18;
    }

    /// @notice XP, in wei, that all backers together have locked to `agentId`, without what waits to be taken back.
    function lockedTo(uint256 agentId) external view returns (uint256) {
        return _locks[agentId].xp;
    }

    /// @notice What `backer` has at `agentId`, in wei of XP: what is `locked`, and what is `pending` until it can be taken, in seconds, from
    ///         `availableAt` on.
    /// @dev `availableAt` is zero where nothing is pending.
    function backingOf(
        uint256 agentId,
        address backer
    ) external view returns (uint256 locked, uint256 pending, uint256 availableAt) {
        Backing storage backing = _backings[agentId][backer];
        return (backing.locked, backing.pending, backing.availableAt);
    }

    /// @notice XP, in wei, that `backer` can take from `agentId` now.
    function withdrawable(uint256 agentId, address backer) external view returns (uint256) {
        Backing storage backing = _backings[agentId][backer];
        return block.timestamp < backing.availableAt ? 0 : backing.pending;
    }

    function _lock(uint256 agentId, uint256 amount) private {
        if (amount == 0) revert Reputation_AmountIsZero(agentId);
        _registeredAt(agentId);
        Backing storage backing = _backings[agentId][msg.sender];
        backing.locked = (backing.locked + uint256(amount.toUint96())).toUint96();
        _setLock(agentId, _locks[agentId].xp + amount);
        emit Locked(agentId, msg.sender, amount);
        xp.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _setLock(uint256 agentId, uint256 xpLocked) private {
        _locks[agentId] = Lock({xp: xpLocked.toUint128(), bonusWad: bonusFor(xpLocked).toUint128()});
    }

    function _registeredAt(uint256 agentId) private view returns (uint256 registeredAt) {
        registeredAt = registry.registeredAt(agentId);
        if (registeredAt == 0) revert Reputation_UnknownAgent(agentId);
    }
}
