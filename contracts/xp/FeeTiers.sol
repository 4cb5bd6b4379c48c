// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IFeeTiers} from "./interfaces/IFeeTiers.sol";
import {IXP} from "./interfaces/IXP.sol";

/// @title Fee tiers, a lower fee for burned XP
/// @notice Burn XP, and the jobs that your agents accept in the next thirty days pay a lower fee.
/// @dev XP Flywheel, "Fee Tier System", and "Burning for discounts": "Reduced fees", "30 days", "Must own agents". The table is governance's to
///      change; the source's, which a deployment starts with, in percent, XP and dollars:
///
///          Basic     2.5          0  starting out             –
///          Bronze    2.0     10,000  100K+ volume           500
///          Silver    1.5     50,000  500K+ volume         5,000
///          Gold      1.0    250,000    2M+ volume        30,000
///          Platinum  0.5  1,000,000   10M+ volume       200,000
///          Diamond   0.25 5,000,000   50M+ volume     1,125,000
///
///      The source contradicts it once: "large_operator_economics" gets the fee of 0.25 %, "90% discount", for 1,000,000 XP, which buys 0.5 % in
///      the table. The table wins: it is the system, the other a sample marked illustrative, and the source's fleet pays the table's 5,000,000.
///      Choice: the volume is guidance, not a condition, since that fleet takes Diamond with half of Diamond's volume.
///      Choice: renewing adds 30 days at the full price, to at most 60 days ahead, so that nobody stores a fee for years; upgrading takes effect
///      at once, for 30 days, and credits what was burned for the time given up; there is no downgrade, which would be paid for nothing.
///
///      A tier belongs to the account, not to its agents, and an agent has to be there only at the burn. So whoever holds agents of others, if only
///      for the transaction that accepts a job, pools one tier for them: the market cannot tell a fleet from a pool.
///
///      Governance can change any price and fee, for burns after the change. What was bought keeps its fee to its end, also when this contract is
///      replaced: the replacement names it as `predecessor` and never charges more than it. Time is not carried over: what is bought there is
///      bought anew, without credit for what runs here. An empty table closes the sale, as it should once there is a replacement.
///      The number of a tier means what the table says at that moment, so a change can come first: `maxFeeBps` bounds what it gives then, and
///      `maxBurn` what it takes.
///
///      Invariants: XP burned here = Σ (price − credit); a tier's end is never more than 60 days ahead; an active tier's fee never rises.
contract FeeTiers is IFeeTiers, AccessManaged {
    using SafeCast for uint256;

    /// @dev `price` in wei of XP for 30 days, `feeBps` in basis points of a job's payment.
    struct Tier {
        uint96 price;
        uint16 feeBps;
    }

    /// @dev One slot. `prepaid` is the XP, in wei, burned for the time from `since` to `end`; active while the time is before `end`.
    struct BoughtTier {
        uint16 feeBps;
        uint40 since;
        uint40 end;
        uint96 prepaid;
    }

    /// @dev `burn` and `credit` in wei of XP; `grossSaving`, `cost` and `ceilingPrice` in units of the payment token, the last for one whole XP;
    ///      `feeBps` in basis points.
    struct Quote {
        uint256 burn;
        uint256 credit;
        uint256 grossSaving;
        uint256 ceilingPrice;
        uint256 cost;
        bool worthwhile;
        uint256 end;
        uint256 feeBps;
    }

    /// @notice The fee, in basis points, of everybody without a tier.
    /// @dev Source, "Fee Tier System": "Basic 2.5%".
    uint256 public constant BASE_FEE_BPS = 250;

    /// @notice The time, in seconds, that one price buys.
    /// @dev Source, "Burning for discounts": "duration: 30 days".
    uint256 public constant DURATION = 30 days;

    /// @notice The furthest, in seconds, that the end of a tier ever lies ahead.
    /// @dev Choice: twice the duration, so that nobody has to be there in the very hour of a renewal.
    uint256 public constant MAX_AHEAD = 60 days;

    /// @notice The most tiers that a table can have.
    /// @dev Choice: three times the source's five, so that a change of the table has a bounded cost.
    uint256 public constant MAX_TIERS = 16;

    uint256 private constant _TOTAL_BPS = 10_000;
    uint256 private constant _ONE_XP = 1e18;

    /// @notice The token that is burned: XP.
    IXP public immutable xp;

    /// @notice The registry in which a buyer must own an agent.
    IAgentRegistry public immutable registry;

    /// @notice The contract that this one replaced, whose tiers keep their fees to their ends; zero where there is none.
    IFeeTiers public immutable predecessor;

    /// @notice The number of tiers for sale; they are numbered from 1, and 0 is Basic.
    uint256 public tierCount;

    /// @dev A price of zero marks a tier that does not exist, so that a burn reads one slot here.
    mapping(uint256 tier => Tier) private _tiers;

    mapping(address account => BoughtTier) private _bought;

    /// @notice From now on `table` is for sale, from tier 1 on.
    event TableChanged(Tier[] table);

    /// @notice XP was burned for `tier`, so that `account` pays `feeBps` from now to `end`.
    /// @dev `burned` and `credit`, which sum to the tier's price, and `prepaid`, which stands for the time from now to `end`, in wei of XP.
    event TierBought(
        address indexed account,
        uint256 indexed tier,
        uint256 feeBps,
        uint256 burned,
        uint256 credit,
        uint256 prepaid,
        uint256 end
    );

    /// @notice Thrown at construction when the address of XP holds no contract.
    error FeeTiers_XPHasNoCode(address xp);

    /// @notice Thrown at construction when the registry's address holds no contract.
    error FeeTiers_RegistryHasNoCode(address registry);

    /// @notice Thrown at construction when a predecessor is named whose address holds no contract.
    error FeeTiers_PredecessorHasNoCode(address predecessor);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error FeeTiers_AuthorityHasNoCode(address authority);

    /// @notice Thrown when a table has more than `maximum` tiers.
    error FeeTiers_TooManyTiers(uint256 count, uint256 maximum);

    /// @notice Thrown when `tier` of a table does not cost more than the one before it, or nothing.
    error FeeTiers_PriceNotAbovePrevious(uint256 tier, uint256 price, uint256 previousPrice);

    /// @notice Thrown when the fee of `tier` in a table is not below that of the one before it, or of Basic.
    error FeeTiers_FeeNotBelowPrevious(uint256 tier, uint256 feeBps, uint256 previousFeeBps);

    /// @notice Thrown when `tier` of a table has no fee at all.
    /// @dev The market takes an answer of nothing for none, and charges Basic's fee.
    error FeeTiers_FeeIsZero(uint256 tier);

    /// @notice Thrown when `tier` is not for sale; tiers are numbered from 1 to `count`.
    error FeeTiers_UnknownTier(uint256 tier, uint256 count);

    /// @notice Thrown when `account` owns no agent.
    error FeeTiers_NoAgent(address account);

    /// @notice Thrown when the tier's fee, `feeBps`, is above `currentFeeBps`, what the account pays already.
    error FeeTiers_Downgrade(uint256 feeBps, uint256 currentFeeBps);

    /// @notice Thrown when a renewal would reach to `end`, further ahead than `latest`.
    error FeeTiers_TooFarAhead(uint256 end, uint256 latest);

    /// @notice Thrown when the tier's fee, `feeBps`, is above `maxFeeBps`, the most that the buyer accepts.
    error FeeTiers_FeeAboveMaximum(uint256 feeBps, uint256 maxFeeBps);

    /// @notice Thrown when the tier takes `burned`, more than the buyer accepts.
    error FeeTiers_AboveMaxBurn(uint256 burned, uint256 maxBurn);

    /// @dev `predecessor_` is zero for the first fee tiers of a market, `initialAuthority` the flywheel's access manager.
    ///      Reverts with `FeeTiers_XPHasNoCode`, `FeeTiers_RegistryHasNoCode`, `FeeTiers_PredecessorHasNoCode`,
    ///      `FeeTiers_AuthorityHasNoCode` and the errors of `setTable`.
    constructor(
        IXP xp_,
        IAgentRegistry registry_,
        IFeeTiers predecessor_,
        address initialAuthority,
        Tier[] memory table_
    ) AccessManaged(initialAuthority) {
        if (address(xp_).code.length == 0) revert FeeTiers_XPHasNoCode(address(xp_));
        if (address(registry_).code.length == 0) revert FeeTiers_RegistryHasNoCode(address(registry_));
        if (address(predecessor_) != address(0) && address(predecessor_).code.length == 0) {
            revert FeeTiers_PredecessorHasNoCode(address(predecessor_));
        }
        if (initialAuthority.code.length == 0) revert FeeTiers_AuthorityHasNoCode(initialAuthority);
        xp = xp_;
        registry = registry_;
        predecessor = predecessor_;
        _setTable(table_);
    }

    /// @notice Burns your XP, at most `maxBurn`, for `tier` if its fee is `maxFeeBps` or less: for 30 days, for 30 more where you have that fee, or
    ///         at once in place of a dearer one.
    /// @dev `maxFeeBps` in basis points, `maxBurn` in wei of XP; returns what was `burned`, which is what `quote` says in the same block. Needs an
    ///      allowance, and an agent.
    ///      The credit of an upgrade, ⌊prepaid × time left ÷ time prepaid⌋, rounds down and ends at the price: what is left above it is lost.
    ///      It falls with every second, so `maxBurn` needs some room above an earlier quote.
    ///      Cost: four cold slots, one more with a predecessor, two calls, and the burn.
    ///      Reverts with `FeeTiers_NoAgent`, `FeeTiers_FeeAboveMaximum`, `FeeTiers_AboveMaxBurn`, the errors of `quote` and those of XP.
    function burnForTier(uint256 tier, uint256 maxFeeBps, uint256 maxBurn) external returns (uint256 burned) {
        return _burnForTier(msg.sender, tier, maxFeeBps, maxBurn);
    }

    /// @notice Burns your XP, at most `maxBurn`, for `tier` at `maxFeeBps` or less as `burnForTier` does, with a signature in place of an allowance.
    /// @dev The permit is for `maxBurn`, to this contract, until `deadline`. One that fails is passed over, since anybody could have sent it
    ///      before, on purpose too; then the allowance decides.
    ///      Reverts as `burnForTier`.
    function burnForTierWithPermit(
        uint256 tier,
        uint256 maxFeeBps,
        uint256 maxBurn,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 burned) {
        try IERC20Permit(address(xp)).permit(msg.sender, address(this), maxBurn, deadline, v, r, s) {} catch {}
        return _burnForTier(msg.sender, tier, maxFeeBps, maxBurn);
    }

    /// @notice Burns XP of the caller, at most `maxBurn`, for `tier` of `account` at `maxFeeBps` or less; only the tier router may, for whoever
    ///         calls it.
    /// @dev Not open to anybody, because an upgrade ends the tier that `account` has. Otherwise as `burnForTier`.
    ///      Reverts with `AccessManagedUnauthorized` and as `burnForTier`.
    function burnForTierFor(
        address account,
        uint256 tier,
        uint256 maxFeeBps,
        uint256 maxBurn
    ) external restricted returns (uint256 burned) {
        return _burnForTier(account, tier, maxFeeBps, maxBurn);
    }

    /// @inheritdoc IFeeTiers
    /// @dev The lowest of `BASE_FEE_BPS`, the tier bought here and what the predecessor says. Cost: one cold slot, and as much in each predecessor.
    function feeBpsOf(address account) external view returns (uint256) {
        return _feeBpsOf(account, _bought[account]);
    }

    /// @notice The tier that `account` bought here last, with the fee, the time since which and until which XP is prepaid, and how much of it.
    /// @dev All zero where there is none; over once the time has reached `end`. Times in seconds, `prepaid` in wei of XP.
    function boughtTierOf(address account) external view returns (BoughtTier memory) {
        return _bought[account];
    }

    /// @notice The tiers for sale, from tier 1 on, each with its price and fee.
    /// @dev Prices in wei of XP.
    function table() external view returns (Tier[] memory tiers) {
        tiers = new Tier[](tierCount);
        for (uint256 i = 0; i < tiers.length; i++) tiers[i] = _tiers[i + 1];
    }

    /// @notice What `tier` takes from `account` now and saves it in 30 days with `volume`, and whether that pays at `xpPrice`.
    /// @dev `volume` and `xpPrice`, of one whole XP, in units of the payment token. `burn` and `credit` are those of `burnForTier` in the same
    ///      block, `feeBps` the fee that it gives and `end` the time to which the tier then runs; whether `account` owns an agent is not looked at.
    ///      `grossSaving` is ⌊volume × (2.5 % − fee)⌋, against Basic. `ceilingPrice` is ⌊grossSaving ÷ burn⌋, the source's "Natural ceiling:
    ///      Can't exceed burn discount value", and the largest number where nothing is burned. `cost`, burn × xpPrice, rounds up, and
    ///      `worthwhile` says that it is below the saving.
    ///      Reverts with `FeeTiers_UnknownTier`, `FeeTiers_Downgrade` and `FeeTiers_TooFarAhead`.
    function quote(
        address account,
        uint256 tier,
        uint256 volume,
        uint256 xpPrice
    ) external view returns (Quote memory result) {
        BoughtTier memory next;
        (result.burn, result.credit, next) = _terms(account, tier);
        result.end = next.end;
        result.feeBps = next.feeBps;
        result.grossSaving = Math.mulDiv(volume, BASE_FEE_BPS - next.feeBps, _TOTAL_BPS);
        result.ceilingPrice =
            result.burn == 0 ? type(uint256).max : Math.mulDiv(result.grossSaving, _ONE_XP, result.burn);
        result.cost = Math.mulDiv(result.burn, xpPrice, _ONE_XP, Math.Rounding.Ceil);
        result.worthwhile = result.cost < result.grossSaving;
    }

    /// @notice Puts `newTable` up for sale in place of the present one; only governance may.
    /// @dev Prices rise strictly from above zero, fees fall strictly from below `BASE_FEE_BPS` and stay above zero; an empty table ends the sale.
    ///      What was bought keeps its fee to its end. Cost: one cold slot a tier, at most sixteen, and one more.
    ///      Reverts with `AccessManagedUnauthorized`, `FeeTiers_TooManyTiers`, `FeeTiers_PriceNotAbovePrevious`,
    ///      `FeeTiers_FeeIsZero` and `FeeTiers_FeeNotBelowPrevious`.
    function setTable(Tier[] calldata newTable) external restricted {
        _setTable(newTable);
    }

    function _burnForTier(
        address account,
        uint256 tier,
        uint256 maxFeeBps,
        uint256 maxBurn
    ) private returns (uint256 burned) {
        if (registry.balanceOf(account) == 0) revert FeeTiers_NoAgent(account);
        uint256 credit;
        BoughtTier memory next;
        (burned, credit, next) = _terms(account, tier);
        if (next.feeBps > maxFeeBps) revert FeeTiers_FeeAboveMaximum(next.feeBps, maxFeeBps);
        if (burned > maxBurn) revert FeeTiers_AboveMaxBurn(burned, maxBurn);
        _bought[account] = next;
        emit TierBought(account, tier, next.feeBps, burned, credit, next.prepaid, next.end);
        if (burned != 0) xp.burnFrom(msg.sender, burned);
    }

    /// @dev What `tier` takes from `account` now, what it credits, and what `account` then has.
    function _terms(
        address account,
        uint256 tier
    ) private view returns (uint256 burned, uint256 credit, BoughtTier memory next) {
        Tier memory wanted = _tiers[tier];
        if (wanted.price == 0) revert FeeTiers_UnknownTier(tier, tierCount);
        BoughtTier memory current = _bought[account];
        uint256 currentFeeBps = _feeBpsOf(account, current);
        if (wanted.feeBps > currentFeeBps) revert FeeTiers_Downgrade(wanted.feeBps, currentFeeBps);

        uint256 end = block.timestamp + DURATION;
        uint256 prepaid = wanted.price;
        if (_isActive(current)) {
            uint256 unused =
                (uint256(current.prepaid) * (current.end - block.timestamp)) / (current.end - current.since);
            if (wanted.feeBps == current.feeBps) {
                end = current.end + DURATION;
                uint256 latest = block.timestamp + MAX_AHEAD;
                if (end > latest) revert FeeTiers_TooFarAhead(end, latest);
                prepaid += unused;
            } else {
                credit = Math.min(wanted.price, unused);
            }
        }
        burned = wanted.price - credit;
        next = BoughtTier(wanted.feeBps, uint40(block.timestamp), uint40(end), prepaid.toUint96());
    }

    function _feeBpsOf(address account, BoughtTier memory bought) private view returns (uint256 feeBps) {
        feeBps = _isActive(bought) ? bought.feeBps : BASE_FEE_BPS;
        if (address(predecessor) != address(0)) feeBps = Math.min(feeBps, predecessor.feeBpsOf(account));
    }

    function _isActive(BoughtTier memory bought) private view returns (bool) {
        return block.timestamp < bought.end;
    }

    function _setTable(Tier[] memory newTable) private {
        if (newTable.length > MAX_TIERS) revert FeeTiers_TooManyTiers(newTable.length, MAX_TIERS);
        uint256 previousPrice = 0;
        uint256 previousFeeBps = BASE_FEE_BPS;
        for (uint256 i = 0; i < newTable.length; i++) {
            Tier memory tier = newTable[i];
            if (tier.price <= previousPrice) {
                revert FeeTiers_PriceNotAbovePrevious(i + 1, tier.price, previousPrice);
            }
            if (tier.feeBps == 0) revert FeeTiers_FeeIsZero(i + 1);
            if (tier.feeBps >= previousFeeBps) {
                revert FeeTiers_FeeNotBelowPrevious(i + 1, tier.feeBps, previousFeeBps);
            }
            previousPrice = tier.price;
            previousFeeBps = tier.feeBps;
            _tiers[i + 1] = tier;
        }
        for (uint256 tier = tierCount; tier > newTable.length; tier--) delete _tiers[tier];
        tierCount = newTable.length;
        emit TableChanged(newTable);
    }
}
