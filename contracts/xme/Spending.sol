// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {EmissionVault} from "./EmissionVault.sol";
import {IConsumption} from "./interfaces/IConsumption.sol";
import {IContentRegistry} from "./interfaces/IContentRegistry.sol";
import {IGrowthShop} from "./interfaces/IGrowthShop.sol";
import {IXmexIncome} from "./interfaces/IIncome.sol";
import {PlatformItems} from "./PlatformItems.sol";
import {SpendingCatalogue} from "./SpendingCatalogue.sol";
import {GrowthPerk} from "./types/GrowthPerk.sol";
import {SpendingCategory} from "./types/SpendingCategory.sol";
import {SpendingPart, SpendingParts, SpendingSplit, SpendingSplits} from "./types/SpendingSplit.sol";

/// @title Spending, where XMEX is consumed
/// @notice Pay XMEX for content, memberships, tips, reach, AI services, items, events and growth; what you bought and where it goes is there to read.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 5.2: "diverse high-frequency consumption scenarios for XMEX", each of which is a function
///      here but the value ascension channel; section 6.4: "Fees collected by the platform and consumed XMEX are used for buyback and burn or
///      redistribution".
///
///      Ten categories, each with a split of seven parts that governance sets: creator, burn, buyback, delegators, holders of vXME, emission, treasury.
///      The creator's part goes from payer to creator at once. The rest comes here, and `distribute` sends it on, at any time and by anybody's call.
///      Choice: a split holds for whole weeks, and a new one for the weeks after the present, so that all spends of a week in a category are shared
///      alike and one slot of sums is enough; a week is seven days, counted from the Unix epoch. Where a purchase has no creator or seller, the
///      creator's part is the treasury's: the platform sold it.
///
///      Exactness: every price is a whole number of gwei of XMEX, which 10,000 basis points divide. Parts are never rounded, they sum to the price
///      to the wei, and it makes no difference how spends are grouped or when they are distributed.
///
///      Nobody is blocked: a user's action calls no receiver but the creator's balance. In `distribute`, a module that refuses, takes less than it
///      is given, burns its gas or is gone leaves its part here, where the next call offers it again, to the same module or to the one that
///      governance named in its place; what the others get does not wait for it.
///
///      Choices, beside those at each number: content is unlocked for good, for one account, and paid to whoever owns it then. A plan of a creator
///      is the creator's own to price. A tip may be given to any account, or to the creator of a content, whoever owns it now. A boost lies on a
///      content in a whole week; hot spots are sold by the day, first come, first served, and anybody may buy for any content. AI services are paid by
///      the unit or open to who holds enough XMEX at the moment of the request. Items are `PlatformItems`; one with a period lasts so long, and
///      buying it again adds to that. Zero is no price: what has none is not for sale.
///
///      Limits, in the open: governance can set any split, also one that gives creators nothing, but not for a week that has begun, and its
///      timelock shows it first; what is sent in the last seconds of a week may be shared by the split of the next. The same XMEX can be shown by
///      several accounts one after the other where holding is enough; the service may look at how long it was held. Who pays their own account,
///      by content or a tip, spends only the parts that are not the creator's; sums of what was spent count it. The catalogue's keeper can change or
///      close the platform's offers at any time, and a creator a plan; a buyer names the most to pay and the shortest period, and what was bought
///      stays. XMEX sent here by a plain transfer belongs to nobody and stays for ever. The platform honours what is recorded here; the chain cannot.
///
///      Invariants: balance ≥ Σ over weeks and categories of what was spent and not distributed, without the creators' parts, + what waits; each wei
///      is distributed once; spent = Σ of the seven parts, for each purchase, week and category. Cost grows with nobody's number: a split is
///      looked up in one step, or logarithmically in the week in which a new one waits.
///
///      XMEX is a plain ERC-20 without fees and callbacks, and state is written before it moves. What calls foreign code that could call back, for
///      items, growth and distribution, is guarded.
contract Spending is AccessManaged, IConsumption, Multicall, ReentrancyGuardTransient {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;
    using SpendingSplits for uint208;
    using SpendingSplits for SpendingSplit;

    // ------------------------------------------------------------------ types

    /// @dev Where parts go at first; all but the treasury may be zero, and then the part waits.
    struct Receivers {
        address buyback;
        IXmexIncome delegators;
        IXmexIncome voters;
        EmissionVault emission;
        address treasury;
    }

    /// @dev What was spent in a week in a category, and how much of it has been distributed, in wei: one slot. There is one for purchases with a
    ///      creator and one for those without. 128 bits hold all XMEX spent three billion times.
    struct Ledger {
        uint128 spent;
        uint128 distributed;
    }

    /// @dev Units paid for, and requests made by holding.
    struct ServiceUse {
        uint128 units;
        uint128 requests;
    }

    // -------------------------------------------------------------- constants

    /// @notice The length, in seconds, of a week.
    /// @dev Choice: counted from the Unix epoch, so that a week begins on Thursday at 00:00 UTC, as social mining's epochs do.
    uint256 public constant WEEK = 1 weeks;

    /// @notice The number of categories.
    /// @dev Source section 5.2 names the scenarios; choice: ten sums for them.
    uint256 public constant CATEGORIES = 10;

    /// @notice How many weeks ahead a boost can be bought.
    /// @dev Choice: this week and the four after it.
    uint256 public constant BOOST_WEEKS_AHEAD = 4;

    /// @notice How many days ahead a hot spot can be bought.
    /// @dev Choice: today and the seven days after it, so that nobody buys a season up.
    uint256 public constant HOT_SPOT_DAYS_AHEAD = 7;

    /// @notice The gas that a module gets to take its part.
    /// @dev Choice: at least twice what node staking and vXME take where a month began and the emission vault pays them.
    uint256 public constant DELIVERY_GAS = 500_000;

    /// @dev What this contract takes between making sure of a module's gas and the call, a cold account's 2,600 included, several times over.
    uint256 private constant _DELIVERY_RESERVE = 10_000;

    uint256 private constant _GWEI = 1 gwei;

    // ------------------------------------------------------------- immutables

    /// @notice The token that is spent: XMEX.
    ERC20Burnable public immutable xmex;

    /// @notice The registry that knows owner, creator and price of content.
    IContentRegistry public immutable content;

    /// @notice The catalogue that knows what memberships, hot spots, AI services and growth cost.
    SpendingCatalogue public immutable catalogue;

    /// @notice The token that bought items are, which knows what they cost.
    PlatformItems public immutable items;

    /// @notice The stream of the emission vault that the emission's part goes back to.
    uint256 public immutable emissionStream;

    // ---------------------------------------------------------------- storage

    /// @notice The module that sells user growth; zero while there is none.
    IGrowthShop public growthShop;

    /// @notice Where each part goes; zero where nothing is named, and then the part waits here.
    mapping(SpendingPart part => address receiver) public receiverOf;

    /// @notice XMEX, in wei, of each part that was distributed and has not been taken.
    mapping(SpendingPart part => uint256 amount) public waitingFor;

    /// @dev Each value is a packed `SpendingSplit`, from the week of its key on.
    mapping(SpendingCategory category => Checkpoints.Trace208) private _splits;

    /// @dev First purchases without a creator, then those with one.
    mapping(uint256 week => mapping(SpendingCategory category => Ledger[2])) private _ledgers;

    /// @notice Whether an account has bought a content.
    mapping(uint256 contentId => mapping(address account => bool)) public isUnlocked;

    /// @notice The time, in seconds, until which a member has paid for a plan of a creator, or of the platform where that is zero.
    mapping(address creator => mapping(uint256 plan => mapping(address member => uint256 time))) public membershipUntil;

    /// @notice XMEX, in wei, that boosts a content in a week.
    mapping(uint256 contentId => mapping(uint256 week => uint256 amount)) public boostOf;

    mapping(uint256 day => uint256[] contentIds) private _hotSpots;

    /// @notice How many units of an AI service an account has paid for, and how many requests it has made by holding XMEX.
    mapping(uint256 service => mapping(address account => ServiceUse)) public serviceUseOf;

    // ----------------------------------------------------------------- events

    /// @notice `payer` spent `amount` of XMEX on `subject`, which counts for `week`; `creator` got `creatorPart` of it at once.
    event Spent(
        address indexed payer,
        SpendingCategory indexed category,
        uint256 indexed subject,
        uint256 week,
        uint256 amount,
        address creator,
        uint256 creatorPart
    );

    /// @notice `member` has paid for `plan` of `creator`, or of the platform where that is zero, until `until`.
    event MembershipRenewed(address indexed creator, uint256 indexed plan, address indexed member, uint256 until);

    /// @notice `payer` boosted `contentId` in `week` by `amount` of XMEX.
    event Boosted(uint256 indexed contentId, uint256 indexed week, address indexed payer, uint256 amount);

    /// @notice `payer` took the hot spot number `slot`, counted from 0, of `day` for `contentId`.
    event HotSpotTaken(uint256 indexed day, uint256 slot, uint256 indexed contentId, address indexed payer);

    /// @notice `account` paid for `units` of `service`, or held enough XMEX where they are zero, for `request`.
    event ServiceRequested(uint256 indexed service, address indexed account, uint256 units, bytes32 indexed request);

    /// @notice `account` bought `amount` of the item `itemId`.
    event ItemBought(uint256 indexed itemId, address indexed account, uint256 amount);

    /// @notice `account` bought `perk`: so many days as `value` says, or the privilege of that number.
    event GrowthBought(address indexed account, GrowthPerk indexed perk, uint256 value);

    /// @notice `spent` of XMEX, all of `week` and `category` that was not distributed yet, was.
    event Distributed(uint256 indexed week, SpendingCategory indexed category, uint256 spent);

    /// @notice `receiver` took `amount` of XMEX of its part, or it was burned where the receiver is zero.
    event Delivered(SpendingPart indexed part, address indexed receiver, uint256 amount);

    /// @notice `receiver` left `amount` of XMEX of its part, which waits here.
    event LeftWaiting(SpendingPart indexed part, address indexed receiver, uint256 amount);

    /// @notice What is spent in `category` in the week `fromWeek` and later is shared by `split`.
    event SplitChanged(SpendingCategory indexed category, uint256 fromWeek, SpendingSplit split);

    /// @notice `part` goes to `receiver` from now on, in place of `previousReceiver`.
    event ReceiverChanged(SpendingPart indexed part, address indexed previousReceiver, address indexed receiver);

    /// @notice `shop` sells user growth from now on, in place of `previousShop`.
    event GrowthShopChanged(address indexed previousShop, address indexed shop);

    // ----------------------------------------------------------------- errors

    /// @notice Thrown when `account` must be a contract and holds none.
    error Spending_HasNoCode(address account);

    /// @notice Thrown when `part` cannot go to `receiver`.
    error Spending_InvalidReceiver(SpendingPart part, address receiver);

    /// @notice Thrown when the parts of a split do not sum to 10,000 basis points.
    error Spending_SplitSumNot100Percent(SpendingCategory category, uint256 sumBps);

    /// @notice Thrown when nothing would be spent or bought.
    error Spending_AmountIsZero();

    /// @notice Thrown when an amount is not a whole number of gwei, 1e9 wei.
    error Spending_NotWholeGwei(uint256 amount);

    /// @notice Thrown when the price is above the most that the payer named.
    error Spending_AboveMaxPrice(uint256 price, uint256 maxPrice);

    /// @notice Thrown when a creator or seller could not be paid: zero, or this contract.
    error Spending_InvalidCreator(address creator);

    /// @notice Thrown when `subject` has no price.
    error Spending_NotForSale(SpendingCategory category, uint256 subject);

    /// @notice Thrown when `account` has bought the content already.
    error Spending_AlreadyUnlocked(uint256 contentId, address account);

    /// @notice Thrown when a period is below the shortest that the payer named.
    error Spending_PeriodTooShort(uint256 period, uint256 minPeriod);

    /// @notice Thrown when a boost is for a week before `first` or after `last`.
    error Spending_WeekOutOfRange(uint256 week, uint256 first, uint256 last);

    /// @notice Thrown when a hot spot is for a day before `first` or after `last`.
    error Spending_DayOutOfRange(uint256 day, uint256 first, uint256 last);

    /// @notice Thrown when all hot spots of a day are taken.
    error Spending_NoHotSpotLeft(uint256 day, uint256 slots);

    /// @notice Thrown when `account` holds less XMEX than a service asks for.
    error Spending_HoldsTooLittle(address account, uint256 balance, uint256 hold);

    /// @notice Thrown when growth is bought while no module sells it.
    error Spending_NoGrowthShop();

    /// @notice Thrown when the call carries too little gas to be sure that a module gets its own.
    error Spending_TooLittleGas(uint256 left, uint256 needed);

    /// @dev `splits` are the first ones, in the order of the categories, from the present week on; `growthShop_` and all receivers but the treasury
    ///      may be zero, and governance names them later. `initialAuthority` is X.me's access manager. To sell what `items_` and `growthShop_` give,
    ///      this contract needs their roles, the minter's and the seller's.
    ///      Reverts with `Spending_HasNoCode`, `Spending_InvalidReceiver` and `Spending_SplitSumNot100Percent`.
    constructor(
        ERC20Burnable xmex_,
        IContentRegistry content_,
        SpendingCatalogue catalogue_,
        PlatformItems items_,
        IGrowthShop growthShop_,
        uint256 emissionStream_,
        Receivers memory receivers,
        SpendingSplit[CATEGORIES] memory splits,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        _requireCode(address(xmex_));
        _requireCode(address(content_));
        _requireCode(address(catalogue_));
        _requireCode(address(items_));
        _requireCode(initialAuthority);
        xmex = xmex_;
        content = content_;
        catalogue = catalogue_;
        items = items_;
        emissionStream = emissionStream_;
        if (address(growthShop_) != address(0)) _setGrowthShop(growthShop_);
        _setReceiver(SpendingPart.Treasury, receivers.treasury);
        if (receivers.buyback != address(0)) _setReceiver(SpendingPart.Buyback, receivers.buyback);
        if (address(receivers.delegators) != address(0)) {
            _setReceiver(SpendingPart.Delegators, address(receivers.delegators));
        }
        if (address(receivers.voters) != address(0)) _setReceiver(SpendingPart.Voters, address(receivers.voters));
        if (address(receivers.emission) != address(0)) {
            _setReceiver(SpendingPart.Emission, address(receivers.emission));
        }
        uint256 week = _week();
        for (uint256 i = 0; i < CATEGORIES; i++) _setSplit(SpendingCategory(i), splits[i], week);
    }

    // ---------------------------------------------------------------- payment

    /// @notice Allows this contract to take `amount` of your XMEX, by your signature, for the purchases that follow in the same transaction.
    /// @dev An ERC-2612 permit for exactly `amount`, to come first in a `multicall`. Somebody else may have used it already, which does no harm: only
    ///      the allowance counts. Never reverts.
    function permit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(address(xmex)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
    }

    // ---------------------------------------------------------------- content

    /// @notice Unlocks the content `contentId` for you for good, at the price of its owner, at most `maxPrice`.
    /// @dev Returns the `price`, in wei of XMEX, that `quoteUnlock` says in the same block. The creator's part goes to the present owner. Needs an
    ///      allowance. Cost: two cold slots here and a split's lookup, the registry's, and the token's two transfers.
    ///      Reverts with the errors of `quoteUnlock`, `Spending_AboveMaxPrice` and the token's own errors.
    function unlock(uint256 contentId, uint256 maxPrice) external returns (uint256 price) {
        address owner;
        (price, owner) = _unlockOffer(contentId, msg.sender);
        _requireAtMost(price, maxPrice);
        isUnlocked[contentId][msg.sender] = true;
        _spend(SpendingCategory.Unlock, contentId, price, owner);
    }

    /// @notice Pays for one more period of `plan` of `creator`, or of the platform where that is zero, at most `maxPrice` for at least `minPeriod`.
    /// @dev Returns the `price`, in wei of XMEX, and the time, in seconds, that it lasts `until`: from the later of now and the end of what was paid
    ///      for, as `quoteMembership` says in the same block. Needs an allowance. Cost: two cold slots here and a split's lookup, the catalogue's, and the
    ///      token's two transfers.
    ///      Reverts with `Spending_NotForSale`, `Spending_AboveMaxPrice`, `Spending_PeriodTooShort` and the token's own errors.
    function renewMembership(
        address creator,
        uint256 plan,
        uint256 maxPrice,
        uint256 minPeriod
    ) external returns (uint256 price, uint256 until) {
        uint256 period;
        (price, period, until) = _membershipOffer(creator, plan, msg.sender);
        _requireAtMost(price, maxPrice);
        if (period < minPeriod) revert Spending_PeriodTooShort(period, minPeriod);
        membershipUntil[creator][plan][msg.sender] = until;
        emit MembershipRenewed(creator, plan, msg.sender, until);
        _spend(SpendingCategory.Membership, plan, price, creator);
    }

    /// @notice Tips `creator` with `amount` of your XMEX.
    /// @dev In wei, whole gwei. The creator's part of it arrives, as `previewParts` says. Needs an allowance. Cost: one cold slot here and a split's
    ///      lookup, then the token's two transfers.
    ///      Reverts with `Spending_InvalidCreator`, `Spending_AmountIsZero`, `Spending_NotWholeGwei`, `SafeCastOverflowedUintDowncast` above 128
    ///      bits and the token's own errors.
    function tip(address creator, uint256 amount) external {
        _tip(creator, 0, amount);
    }

    /// @notice Tips the creator of the content `contentId` with `amount` of your XMEX.
    /// @dev As `tip`, with the creator that the registry names, whoever owns the content now. Reverts as `tip`, and with the registry's errors.
    function tipContent(uint256 contentId, uint256 amount) external {
        _tip(content.creatorOf(contentId), contentId, amount);
    }

    // ------------------------------------------------------------------ reach

    /// @notice Boosts the content `contentId` in the week `week` by `amount` of your XMEX.
    /// @dev In wei, whole gwei; boosts of a content add up, whoever pays. The week counts from the Unix epoch. Needs an allowance. Cost: two cold slots
    ///      here, the registry's, and the token's transfer.
    ///      Reverts with `Spending_WeekOutOfRange`, `Spending_AmountIsZero`, `Spending_NotWholeGwei`, the registry's and the token's own errors.
    function boost(uint256 contentId, uint256 week, uint256 amount) external {
        uint256 first = _week();
        uint256 last = first + BOOST_WEEKS_AHEAD;
        if (week < first || week > last) revert Spending_WeekOutOfRange(week, first, last);
        _requireAmount(amount);
        content.ownerOf(contentId);
        boostOf[contentId][week] += amount;
        emit Boosted(contentId, week, msg.sender, amount);
        _spend(SpendingCategory.Boost, contentId, amount, address(0));
    }

    /// @notice Has the content `contentId` recommended in the next free hot spot of `day`, at most at `maxPrice`.
    /// @dev Returns the `price`, in wei of XMEX, and the `slot`, counted from 0, that `quoteHotSpot` says in the same block. The day counts from the
    ///      Unix epoch. Needs an allowance. Cost: three cold slots here, the catalogue's, the registry's, and the token's transfer.
    ///      Reverts with the errors of `quoteHotSpot`, `Spending_AboveMaxPrice`, the registry's and the token's own errors.
    function recommend(
        uint256 contentId,
        uint256 day,
        uint256 maxPrice
    ) external returns (uint256 price, uint256 slot) {
        (price, slot) = quoteHotSpot(day);
        _requireAtMost(price, maxPrice);
        content.ownerOf(contentId);
        _hotSpots[day].push(contentId);
        emit HotSpotTaken(day, slot, contentId, msg.sender);
        _spend(SpendingCategory.HotSpot, contentId, price, address(0));
    }

    // ------------------------------------------------------------ AI services

    /// @notice Pays for `units` of the AI service `service`, at most `maxPrice`, for your `request`.
    /// @dev Returns the `price`, in wei of XMEX, that `quoteService` says in the same block. The request is only announced, for the service to find
    ///      it. Needs an allowance. Cost: two cold slots here, the catalogue's, and the token's transfer.
    ///      Reverts with `Spending_NotForSale`, `Spending_AmountIsZero`, `Spending_AboveMaxPrice` and the token's own errors.
    function useService(
        uint256 service,
        uint32 units,
        bytes32 request,
        uint256 maxPrice
    ) external returns (uint256 price) {
        price = quoteService(service, units);
        _requireAtMost(price, maxPrice);
        serviceUseOf[service][msg.sender].units += units;
        emit ServiceRequested(service, msg.sender, units, request);
        _spend(SpendingCategory.AiService, service, price, address(0));
    }

    /// @notice Asks the AI service `service` for your `request` by the XMEX that you hold, and pays nothing.
    /// @dev Source section 5.2: "hold or consume". What is held counts at this moment only, staked XMEX does not, and how often is enough is the
    ///      service's to say. Cost: one cold slot here, the catalogue's and the token's.
    ///      Reverts with `Spending_NotForSale` and `Spending_HoldsTooLittle`.
    function requestService(uint256 service, bytes32 request) external {
        (, uint256 hold) = catalogue.serviceOf(service);
        if (hold == 0) revert Spending_NotForSale(SpendingCategory.AiService, service);
        uint256 balance = xmex.balanceOf(msg.sender);
        if (balance < hold) revert Spending_HoldsTooLittle(msg.sender, balance, hold);
        serviceUseOf[service][msg.sender].requests++;
        emit ServiceRequested(service, msg.sender, 0, request);
    }

    // ------------------------------------------------------------------ items

    /// @notice Buys `amount` of the item `itemId`, at most for `maxPrice` in all.
    /// @dev Returns the `price`, in wei of XMEX, and the time, in seconds, that the item lasts `until`, zero where it has no period, as `quote` of
    ///      `PlatformItems` says in the same block. The seller's part goes to it at once; the item arrives last, and a contract is asked whether it
    ///      takes it. Needs an allowance. Cost: one cold slot here, the item token's, and XMEX's two transfers.
    ///      Reverts with the errors of `quote`, `Spending_AboveMaxPrice`, `Spending_InvalidCreator`, `ReentrancyGuardReentrantCall` and the tokens' own
    ///      errors.
    function buy(
        uint256 itemId,
        uint256 amount,
        uint256 maxPrice
    ) external nonReentrant returns (uint256 price, uint256 until) {
        SpendingCategory category;
        address seller;
        (price, category, seller) = items.offerOf(itemId, amount);
        _requireAtMost(price, maxPrice);
        emit ItemBought(itemId, msg.sender, amount);
        _spend(category, itemId, price, seller);
        until = items.mint(msg.sender, itemId, amount);
    }

    // ----------------------------------------------------------------- growth

    /// @notice Buys `perk` for your growth: so many days as `value` says, or the privilege of that number, at most at `maxPrice`.
    /// @dev Returns the `price`, in wei of XMEX, that `quoteGrowth` says in the same block. The growth module gives it last, or refuses, and then
    ///      nothing is paid. Needs an allowance. Cost: two cold slots here, the catalogue's, the token's transfer and the growth module's own.
    ///      Reverts with the errors of `quoteGrowth`, `Spending_AboveMaxPrice`, `ReentrancyGuardReentrantCall`, the token's and the module's own
    ///      errors.
    function buyGrowth(GrowthPerk perk, uint256 value, uint256 maxPrice) external nonReentrant returns (uint256 price) {
        price = quoteGrowth(perk, value);
        _requireAtMost(price, maxPrice);
        emit GrowthBought(msg.sender, perk, value);
        _spend(SpendingCategory.Growth, uint256(perk), price, address(0));
        IGrowthShop shop = growthShop;
        if (perk == GrowthPerk.Acceleration) shop.accelerate(msg.sender, value);
        else if (perk == GrowthPerk.Protection) shop.protect(msg.sender, value);
        else shop.unlockPrivilege(msg.sender, value);
    }

    // ----------------------------------------------------------- distribution

    /// @notice Sends the parts of what was spent in `week` and `category`, and all that waits from before, where they go; anybody may call this.
    /// @dev Returns the parts, in wei of XMEX, that are offered, as `previewDistribute` says in the same block; what a receiver does not take waits in
    ///      `waitingFor` and is offered again by the next call. Where nothing is due, nothing happens. The present week can be distributed too, as
    ///      far as it has come. Cost: at most two cold slots and a checkpoint here, and for each part one or two and the receiver's own.
    ///      Reverts with `Spending_TooLittleGas` and `ReentrancyGuardReentrantCall`.
    function distribute(
        uint256 week,
        SpendingCategory category
    ) external nonReentrant returns (SpendingParts memory parts) {
        uint256 fresh;
        (parts, fresh) = _due(week, category);
        if (fresh != 0) {
            Ledger[2] storage ledgers = _ledgers[week][category];
            ledgers[0].distributed = ledgers[0].spent;
            ledgers[1].distributed = ledgers[1].spent;
            emit Distributed(week, category, fresh);
        }
        _deliver(SpendingPart.Burn, parts.burned);
        _deliver(SpendingPart.Buyback, parts.buyback);
        _deliver(SpendingPart.Delegators, parts.delegators);
        _deliver(SpendingPart.Voters, parts.voters);
        _deliver(SpendingPart.Emission, parts.emission);
        _deliver(SpendingPart.Treasury, parts.treasury);
    }

    // ----------------------------------------------------- previews and views

    /// @notice What unlocking the content `contentId` costs `account` now.
    /// @dev In wei of XMEX. Reverts with `Spending_AlreadyUnlocked`, `Spending_NotForSale`, `Spending_NotWholeGwei`, `Spending_InvalidCreator` and the
    ///      registry's errors.
    function quoteUnlock(uint256 contentId, address account) external view returns (uint256 price) {
        (price, ) = _unlockOffer(contentId, account);
    }

    /// @notice What a period of `plan` of `creator`, or of the platform where that is zero, costs now, and until when `member` has paid then.
    /// @dev In wei of XMEX, and in seconds. Reverts with `Spending_NotForSale`.
    function quoteMembership(
        address creator,
        uint256 plan,
        address member
    ) external view returns (uint256 price, uint256 until) {
        (price, , until) = _membershipOffer(creator, plan, member);
    }

    /// @notice What the next free hot spot of `day` costs now, and which `slot` it is, counted from 0.
    /// @dev In wei of XMEX. Reverts with `Spending_NotForSale`, `Spending_DayOutOfRange` and `Spending_NoHotSpotLeft`.
    function quoteHotSpot(uint256 day) public view returns (uint256 price, uint256 slot) {
        uint256 first = block.timestamp / 1 days;
        uint256 last = first + HOT_SPOT_DAYS_AHEAD;
        if (day < first || day > last) revert Spending_DayOutOfRange(day, first, last);
        uint256 slots;
        (price, slots) = catalogue.hotSpots();
        _requirePrice(SpendingCategory.HotSpot, day, price);
        slot = _hotSpots[day].length;
        if (slot >= slots) revert Spending_NoHotSpotLeft(day, slots);
    }

    /// @notice What `units` of the AI service `service` cost now.
    /// @dev In wei of XMEX. Reverts with `Spending_NotForSale` and `Spending_AmountIsZero`.
    function quoteService(uint256 service, uint32 units) public view returns (uint256 price) {
        (price, ) = catalogue.serviceOf(service);
        _requirePrice(SpendingCategory.AiService, service, price);
        price *= _requireSome(units);
    }

    /// @notice What `perk` costs now: so many days as `value` says, or the privilege of that number.
    /// @dev In wei of XMEX; at most 2^32 − 1 days. Reverts with `Spending_NoGrowthShop`, `Spending_NotForSale`, `Spending_AmountIsZero` and
    ///      `SafeCastOverflowedUintDowncast`.
    function quoteGrowth(GrowthPerk perk, uint256 value) public view returns (uint256 price) {
        if (address(growthShop) == address(0)) revert Spending_NoGrowthShop();
        bool forGood = perk == GrowthPerk.Privilege;
        price = catalogue.growthPriceOf(perk, forGood ? value : 0);
        _requirePrice(SpendingCategory.Growth, uint256(perk), price);
        if (!forGood) price *= _requireSome(value.toUint32());
    }

    /// @notice The parts that `amount`, spent on `category` now, is shared in, with a creator or without.
    /// @dev In wei of XMEX. Reverts with `Spending_AmountIsZero` and `Spending_NotWholeGwei`.
    function previewParts(
        SpendingCategory category,
        uint256 amount,
        bool hasCreator
    ) external view returns (SpendingParts memory parts) {
        _requireAmount(amount);
        return _share(_week(), category, hasCreator ? 0 : amount, hasCreator ? amount : 0);
    }

    /// @notice The parts that `distribute` would offer now for `week` and `category`, with all that waits.
    /// @dev In wei of XMEX; the creators' part was paid and is zero.
    function previewDistribute(
        uint256 week,
        SpendingCategory category
    ) external view returns (SpendingParts memory parts) {
        (parts, ) = _due(week, category);
    }

    /// @notice XMEX that was spent in `week` on `category`, of which `distributed` has been distributed.
    /// @dev In wei, with the creators' parts.
    function spentIn(
        uint256 week,
        SpendingCategory category
    ) external view returns (uint256 spent, uint256 distributed) {
        Ledger memory platforms = _ledgers[week][category][0];
        Ledger memory creators = _ledgers[week][category][1];
        spent = uint256(platforms.spent) + creators.spent;
        distributed = uint256(platforms.distributed) + creators.distributed;
    }

    /// @notice The parts of what was spent in `week` on `category`, distributed or not.
    /// @dev In wei of XMEX; they sum to what was spent.
    function partsIn(uint256 week, SpendingCategory category) public view returns (SpendingParts memory parts) {
        Ledger[2] storage ledgers = _ledgers[week][category];
        return _share(week, category, ledgers[0].spent, ledgers[1].spent);
    }

    /// @inheritdoc IConsumption
    /// @dev Distributed or not. Final once the week is over, because splits change for later weeks only. Cost: two cold slots and a split's lookup for
    ///      each category; below 350,000 gas after a hundred and sixty changes of every split, so whoever asks with bounded gas should give more.
    function consumedIn(uint256 week) external view returns (uint256 xmex_) {
        for (uint256 i = 0; i < CATEGORIES; i++) {
            SpendingParts memory parts = partsIn(week, SpendingCategory(i));
            xmex_ += parts.burned + parts.buyback + parts.treasury;
        }
    }

    /// @notice The split of what is spent on `category` in `week`, past, present or, as far as it is known, to come.
    /// @dev In basis points. Zero before the week of the deployment.
    function splitAt(SpendingCategory category, uint256 week) external view returns (SpendingSplit memory) {
        return SpendingSplits.unpack(_splitAt(category, week));
    }

    /// @notice The contents in the hot spots of `day`, in the order in which they were bought.
    /// @dev The day counts from the Unix epoch.
    function hotSpotsOf(uint256 day) external view returns (uint256[] memory contentIds) {
        return _hotSpots[day];
    }

    // ------------------------------------------------------------- governance

    /// @notice Shares what is spent on `category` from the next week on by `split`, in basis points; only governance may.
    /// @dev Another one in the same week takes its place. Two cold slots.
    ///      Reverts with `AccessManagedUnauthorized` and `Spending_SplitSumNot100Percent`.
    function setSplit(SpendingCategory category, SpendingSplit calldata split) external restricted {
        _setSplit(category, split, _week() + 1);
    }

    /// @notice Sends `part` to `receiver`, also what waits here for it already; only governance may.
    /// @dev Zero means nobody yet, and the part waits; the treasury is never zero. What is burned has no receiver. One cold slot.
    ///      Reverts with `AccessManagedUnauthorized`, `Spending_InvalidReceiver` and, for a module, `Spending_HasNoCode`.
    function setReceiver(SpendingPart part, address receiver) external restricted {
        _setReceiver(part, receiver);
    }

    /// @notice Has growth sold by `shop`; only governance may.
    /// @dev Zero means by nobody. One cold slot. Reverts with `AccessManagedUnauthorized` and `Spending_HasNoCode`.
    function setGrowthShop(IGrowthShop shop) external restricted {
        _setGrowthShop(shop);
    }

    // -------------------------------------------------------------- internals

    /// @dev Comes after whatever the purchase writes. `price` is whole gwei and not zero; without a creator all of it comes here.
    function _spend(SpendingCategory category, uint256 subject, uint256 price, address creator) private {
        if (creator == address(this)) revert Spending_InvalidCreator(creator);
        uint256 week = _week();
        bool hasCreator = creator != address(0);
        uint256 creatorPart = hasCreator ? _splitAt(category, week).creatorPart(price) : 0;
        _ledgers[week][category][hasCreator ? 1 : 0].spent += price.toUint128();
        emit Spent(msg.sender, category, subject, week, price, creator, creatorPart);
        if (creatorPart != 0) IERC20(xmex).safeTransferFrom(msg.sender, creator, creatorPart);
        if (creatorPart != price) IERC20(xmex).safeTransferFrom(msg.sender, address(this), price - creatorPart);
    }

    function _tip(address creator, uint256 contentId, uint256 amount) private {
        _requireCreator(creator);
        _requireAmount(amount);
        _spend(SpendingCategory.Tip, contentId, amount, creator);
    }

    /// @dev Offers `amount`, which holds all that waits for the part, and keeps what is not taken.
    function _deliver(SpendingPart part, uint256 amount) private {
        if (amount == 0) return;
        address receiver = receiverOf[part];
        waitingFor[part] = 0;
        uint256 left = _offer(part, receiver, amount);
        if (left != amount) emit Delivered(part, receiver, amount - left);
        if (left == 0) return;
        waitingFor[part] = left;
        emit LeftWaiting(part, receiver, left);
    }

    /// @dev Returns what was not taken. A module takes by its allowance, of which nothing is left afterwards; what it does not take is all it can
    ///      withhold. An account whose code was another's for a while may have none any more.
    function _offer(SpendingPart part, address receiver, uint256 amount) private returns (uint256 left) {
        if (part == SpendingPart.Burn) {
            xmex.burn(amount);
            return 0;
        }
        if (receiver == address(0)) return amount;
        if (part == SpendingPart.Buyback || part == SpendingPart.Treasury) {
            IERC20(xmex).safeTransfer(receiver, amount);
            return 0;
        }
        if (receiver.code.length == 0) return amount;
        IERC20(xmex).forceApprove(receiver, amount);
        _requireDeliveryGas();
        if (part == SpendingPart.Emission) {
            try EmissionVault(receiver).returnTo{gas: DELIVERY_GAS}(emissionStream, amount) {} catch {}
        } else {
            try IXmexIncome(receiver).addXmexIncome{gas: DELIVERY_GAS}(amount) {} catch {}
        }
        left = xmex.allowance(address(this), receiver);
        if (left != 0) IERC20(xmex).forceApprove(receiver, 0);
    }

    function _setSplit(SpendingCategory category, SpendingSplit memory split, uint256 fromWeek) private {
        uint256 sumBps = split.sumBps();
        if (sumBps != SpendingSplits.TOTAL_BPS) revert Spending_SplitSumNot100Percent(category, sumBps);
        _splits[category].push(uint48(fromWeek), split.pack());
        emit SplitChanged(category, fromWeek, split);
    }

    function _setReceiver(SpendingPart part, address receiver) private {
        if (
            part == SpendingPart.Burn ||
            receiver == address(this) ||
            (part == SpendingPart.Treasury && receiver == address(0))
        ) revert Spending_InvalidReceiver(part, receiver);
        bool isModule = part != SpendingPart.Buyback && part != SpendingPart.Treasury;
        if (isModule && receiver != address(0)) _requireCode(receiver);
        emit ReceiverChanged(part, receiverOf[part], receiver);
        receiverOf[part] = receiver;
    }

    function _setGrowthShop(IGrowthShop shop) private {
        if (address(shop) != address(0)) _requireCode(address(shop));
        emit GrowthShopChanged(address(growthShop), address(shop));
        growthShop = shop;
    }

    function _unlockOffer(uint256 contentId, address account) private view returns (uint256 price, address owner) {
        if (isUnlocked[contentId][account]) revert Spending_AlreadyUnlocked(contentId, account);
        owner = content.ownerOf(contentId);
        _requireCreator(owner);
        price = content.unlockPriceOf(contentId);
        _requirePrice(SpendingCategory.Unlock, contentId, price);
        _requireWholeGwei(price);
    }

    function _membershipOffer(
        address creator,
        uint256 plan,
        address member
    ) private view returns (uint256 price, uint256 period, uint256 until) {
        (price, period) = catalogue.planOf(creator, plan);
        _requirePrice(SpendingCategory.Membership, plan, price);
        until = Math.max(block.timestamp, membershipUntil[creator][plan][member]) + period;
    }

    /// @dev What is to be offered for a week and category, with all that waits, and how much of its spends that distributes.
    function _due(
        uint256 week,
        SpendingCategory category
    ) private view returns (SpendingParts memory parts, uint256 fresh) {
        Ledger memory platforms = _ledgers[week][category][0];
        Ledger memory creators = _ledgers[week][category][1];
        uint256 platformsFresh = platforms.spent - platforms.distributed;
        uint256 creatorsFresh = creators.spent - creators.distributed;
        fresh = platformsFresh + creatorsFresh;
        parts = _share(week, category, platformsFresh, creatorsFresh);
        parts.creator = 0;
        parts.buyback += waitingFor[SpendingPart.Buyback];
        parts.delegators += waitingFor[SpendingPart.Delegators];
        parts.voters += waitingFor[SpendingPart.Voters];
        parts.emission += waitingFor[SpendingPart.Emission];
    }

    /// @dev Exact, for sums of whole gwei. Where nothing was spent, no split is looked up.
    function _share(
        uint256 week,
        SpendingCategory category,
        uint256 platforms,
        uint256 creators
    ) private view returns (SpendingParts memory parts) {
        if (platforms | creators != 0) parts = _splitAt(category, week).share(platforms, creators);
    }

    /// @dev The newest split, but where it is for later.
    function _splitAt(SpendingCategory category, uint256 week) private view returns (uint208 split) {
        Checkpoints.Trace208 storage splits = _splits[category];
        uint48 fromWeek;
        (, fromWeek, split) = splits.latestCheckpoint();
        if (week < fromWeek) split = splits.upperLookupRecent(week.toUint48());
    }

    function _week() private view returns (uint256) {
        return block.timestamp / WEEK;
    }

    function _requireCreator(address creator) private view {
        if (creator == address(0) || creator == address(this)) revert Spending_InvalidCreator(creator);
    }

    /// @dev A call gets at most 63/64 of what is left, and silently so; a caller who could starve a module could have its part wait.
    function _requireDeliveryGas() private view {
        uint256 needed = DELIVERY_GAS + DELIVERY_GAS / 63 + _DELIVERY_RESERVE;
        if (gasleft() < needed) revert Spending_TooLittleGas(gasleft(), needed);
    }

    function _requireCode(address account) private view {
        if (account.code.length == 0) revert Spending_HasNoCode(account);
    }

    function _requirePrice(SpendingCategory category, uint256 subject, uint256 price) private pure {
        if (price == 0) revert Spending_NotForSale(category, subject);
    }

    function _requireAmount(uint256 amount) private pure {
        _requireSome(amount);
        _requireWholeGwei(amount);
    }

    function _requireSome(uint256 amount) private pure returns (uint256) {
        if (amount == 0) revert Spending_AmountIsZero();
        return amount;
    }

    function _requireWholeGwei(uint256 amount) private pure {
        if (amount % _GWEI != 0) revert Spending_NotWholeGwei(amount);
    }

    function _requireAtMost(uint256 price, uint256 maxPrice) private pure {
        if (price > maxPrice) revert Spending_AboveMaxPrice(price, maxPrice);
    }
}
