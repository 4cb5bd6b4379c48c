// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IXmeIncome} from "./interfaces/IIncome.sol";

/// @title Advertising settlement in XME
/// @notice Advertisers put XME in escrow for a campaign; what its impressions cost is shared between creators, delegators, burning and the treasury.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 4.1, "Commercial Value Scenarios": "Advertisers can use XME governance tokens for
///      advertising settlement". A settler, whom governance appoints, reports how many impressions each creator's content served, in batches.
///      A campaign pays its fixed price for each, never more than its budget, and by its fixed split; seven days after its end what was not
///      spent goes back to the advertiser. A change of the split applies to campaigns created after it, and an advertiser names the split that
///      it accepts, so that no change can come in front of it.
///
///      Pace (choice): at any moment no more is spent than the budget × the part of the campaign's time that has passed, the field's "even
///      delivery". So a settler whose key was stolen cannot empty all budgets at once, and an advertiser who sees false reports keeps, by `stop`,
///      all that the campaign had not reached. The platform has to serve no faster than that.
///
///      Exactness: the price is a whole number of millionths of XME for a thousand impressions, so an impression costs a multiple of 1e9 wei,
///      which 10,000 basis points divide. Costs and parts are never rounded, the four parts sum to the cost to the wei, and it makes no difference how
///      impressions are cut into rows and reports. Only the pace is rounded, down, and only until the end.
///
///      One report, once (choice): the reports of a campaign are numbered without gaps, and a settlement names its number, so one that is sent
///      twice, or out of order, is refused. A number costs nothing to keep, where a hash that is remembered costs a new slot for each report and
///      would still let the same impressions in under another one. Anybody can check a report against `reportHash`.
///
///      Limits, in the open: the settler is believed in what it counts, in whose content it was, and in that it was served between start and end.
///      The worst it can do is to spend each budget, at the campaign's pace and up to seven days after its end, on false impressions of creators
///      of its choice, or to report nothing, and then creators get nothing; it can neither exceed price, pace or budget nor change the split,
///      and never reaches what was credited. Governance can have another settler, another split for new campaigns, and another module for the
///      delegators' part, also for what waits here for it. XME sent here by a plain transfer belongs to no campaign and stays for ever.
///
///      Invariants: balance ≥ Σ (budget − spent) + Σ credits + pending parts, equal where nobody sent XME here outright; for each campaign
///      spent ≤ pace ≤ budget, and escrowed = creators' + delegators' + burned + treasury's + returned once it is refunded.
///
///      The token is XME, which has no fees and no callbacks, so state is written before it moves; the only foreign call is to the module for
///      the delegators' part, in `payDelegators`, which nobody else's action waits for and which is guarded against being entered again.
contract AdSettlement is AccessManaged, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    // ------------------------------------------------------------------ types

    /// @dev How the cost of a campaign is shared, in basis points that sum to 10,000: one slot.
    struct AdSplit {
        uint16 creatorsBps;
        uint16 delegatorsBps;
        uint16 burnBps;
        uint16 treasuryBps;
    }

    /// @dev What an advertiser asks for: `budget` in wei of XME, `pricePerThousand` in wei of XME for a thousand impressions, times in seconds, the
    ///      version of the split that it accepts, and a hash of its creatives and wishes, which is only announced.
    struct CampaignTerms {
        uint256 budget;
        uint256 pricePerThousand;
        uint256 start;
        uint256 end;
        uint256 splitVersion;
        bytes32 brief;
    }

    /// @dev A campaign as it is shown: what is escrowed for it less what went back, what of it is spent, and its terms.
    struct Campaign {
        address advertiser;
        uint256 budget;
        uint256 spent;
        uint256 pricePerThousand;
        uint256 start;
        uint256 end;
        uint256 splitVersion;
        uint256 reports;
    }

    /// @dev Impressions of one creator's content in one report.
    struct Row {
        address creator;
        uint64 impressions;
    }

    /// @dev What a report costs, in wei of XME, and the four parts that it is shared in.
    struct Parts {
        uint256 cost;
        uint256 creators;
        uint256 delegators;
        uint256 burned;
        uint256 treasury;
    }

    /// @dev A campaign as it is stored, in two slots: a settlement reads the first and writes only the second. Amounts in wei of XME, of which
    ///      there are less than 2^90, the price in units of `PRICE_STEP`.
    struct StoredCampaign {
        address advertiser;
        uint40 start;
        uint24 duration;
        uint32 splitVersion;
        uint96 budget;
        uint96 spent;
        uint40 priceSteps;
        uint24 reports;
    }

    /// @dev What waits to be given on, in units of `_PART_UNIT`, of which all XME is less than 2^74: one slot, because a settlement writes all three.
    struct Pending {
        uint80 delegators;
        uint80 burned;
        uint80 treasury;
    }

    // -------------------------------------------------------------- constants

    /// @notice The time, in seconds, after the end of a campaign in which what was served can still be settled, and after which the rest returns.
    /// @dev Choice: the seven days that every waiting period of X.me has.
    uint256 public constant SETTLEMENT_WINDOW = 7 days;

    /// @notice The longest, in seconds, that a campaign may run.
    /// @dev Choice: half a year; a longer one is two campaigns. It also fits 24 bits.
    uint256 public constant MAX_DURATION = 180 days;

    /// @notice The furthest, in seconds, that the start of a campaign may lie ahead.
    /// @dev Choice: far enough to book a season ahead, near enough that a time typed in milliseconds is refused.
    uint256 public constant MAX_START_DISTANCE = 180 days;

    /// @notice The step, in wei of XME for a thousand impressions, that a price is a whole number of.
    /// @dev Choice: a millionth of an XME, finer than anybody prices, so that price × impressions ÷ 1,000 × basis points ÷ 10,000 never has a rest.
    uint256 public constant PRICE_STEP = 1e12;

    /// @notice The highest price, in wei of XME for a thousand impressions: some 1,099,511 XME.
    /// @dev Choice: what 40 bits of steps hold.
    uint256 public constant MAX_PRICE_PER_THOUSAND = type(uint40).max * PRICE_STEP;

    /// @notice What the parts of a split sum to: one hundred percent in basis points.
    uint256 public constant TOTAL_BPS = 10_000;

    /// @dev What one impression costs, in wei, for each step of the price.
    uint256 private constant _COST_PER_STEP = PRICE_STEP / 1_000;

    /// @dev What every part is a multiple of, in wei: a basis point of what an impression costs at the lowest price.
    uint256 private constant _PART_UNIT = _COST_PER_STEP / TOTAL_BPS;

    // ------------------------------------------------------------- immutables

    /// @notice The token that campaigns are paid in: XME.
    ERC20Burnable public immutable xme;

    /// @notice The account that the treasury's part goes to.
    address public immutable treasury;

    // ---------------------------------------------------------------- storage

    /// @notice The module that takes the delegators' part as their XME dividends; zero while there is none, and then the part waits here.
    IXmeIncome public income;

    /// @dev Shares its slot with the version, which counts from 1, and the module: to create a campaign takes the first two.
    uint64 private _campaignCount;
    uint32 private _splitVersion;

    Pending private _pending;

    mapping(uint256 campaignId => StoredCampaign) private _campaigns;
    mapping(uint256 version => AdSplit) private _splits;

    /// @notice XME, in wei, that each creator has earned and not withdrawn.
    mapping(address creator => uint256 xme) public creditOf;

    // ----------------------------------------------------------------- events

    /// @notice `advertiser` put `budget` of XME in escrow for the new campaign `campaignId`, which pays `pricePerThousand` from `start` to `end`.
    event CampaignCreated(
        uint256 indexed campaignId,
        address indexed advertiser,
        uint256 budget,
        uint256 pricePerThousand,
        uint256 start,
        uint256 end,
        uint256 indexed splitVersion,
        bytes32 brief
    );

    /// @notice `payer` added `amount` of XME to the budget of `campaignId`.
    event BudgetRaised(uint256 indexed campaignId, address indexed payer, uint256 amount);

    /// @notice The advertiser ended `campaignId` at `end` and got `returned` of XME back at once, all that its pace had not reached.
    event CampaignStopped(uint256 indexed campaignId, uint256 end, uint256 returned);

    /// @notice The settler counted `impressions` for `creator` in `campaignId`, which credited `amount` of XME.
    event Credited(uint256 indexed campaignId, address indexed creator, uint256 impressions, uint256 amount);

    /// @notice Report number `report` of `campaignId` was settled for `parts`; the whole report lies at `uri` and has the hash `reportHash`.
    event Settled(uint256 indexed campaignId, uint256 indexed report, Parts parts, bytes32 reportHash, string uri);

    /// @notice What `campaignId` had not spent, `amount` of XME, went back to `advertiser`.
    event Refunded(uint256 indexed campaignId, address indexed advertiser, uint256 amount);

    /// @notice `creator` took `amount` of XME, all that was credited, to `to`.
    event Withdrawn(address indexed creator, address indexed to, uint256 amount);

    /// @notice What waited to be burned, `burned` of XME, was burned, and `toTreasury` of XME went to the treasury.
    event Distributed(uint256 burned, uint256 toTreasury);

    /// @notice The delegators' part, `amount` of XME, went to `income`, which shares it out.
    event DelegatorsPaid(address indexed income, uint256 amount);

    /// @notice Campaigns created from now on are shared by `split`, which has the number `version`.
    event SplitChanged(uint256 indexed version, AdSplit split);

    /// @notice `income` took the place of `previousIncome` as the module that the delegators' part goes to.
    event IncomeChanged(address indexed previousIncome, address indexed income);

    // ----------------------------------------------------------------- errors

    /// @notice Thrown at construction when XME's address holds no contract.
    error AdSettlement_XmeHasNoCode(address xme);

    /// @notice Thrown at construction for a treasury that is zero, or this contract.
    error AdSettlement_InvalidTreasury(address treasury);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error AdSettlement_AuthorityHasNoCode(address authority);

    /// @notice Thrown when the module named for the delegators' part holds no contract.
    error AdSettlement_IncomeHasNoCode(address income);

    /// @notice Thrown when the parts of a split do not sum to 10,000 basis points.
    error AdSettlement_SplitSumNot100Percent(uint256 sumBps);

    /// @notice Thrown when the split has changed since the advertiser looked; look at the `current` one and try again.
    error AdSettlement_SplitNotCurrent(uint256 version, uint256 current);

    /// @notice Thrown for a split that was never set.
    error AdSettlement_UnknownSplit(uint256 version);

    /// @notice Thrown for a budget, or an addition to it, of zero.
    error AdSettlement_AmountIsZero();

    /// @notice Thrown for a price of zero.
    error AdSettlement_PriceIsZero();

    /// @notice Thrown for a price that is not a whole number of steps.
    error AdSettlement_PriceNotInSteps(uint256 pricePerThousand, uint256 step);

    /// @notice Thrown for a price above `highest`.
    error AdSettlement_PriceTooHigh(uint256 pricePerThousand, uint256 highest);

    /// @notice Thrown when the start lies after `latest`.
    error AdSettlement_StartTooFar(uint256 start, uint256 latest);

    /// @notice Thrown when the campaign would have no time to run.
    error AdSettlement_EndNotAfterStart(uint256 start, uint256 end);

    /// @notice Thrown when the campaign would run longer than `longest` seconds.
    error AdSettlement_TooLong(uint256 start, uint256 end, uint256 longest);

    /// @notice Thrown for a campaign that was never created.
    error AdSettlement_UnknownCampaign(uint256 campaignId);

    /// @notice Thrown when anybody but the advertiser stops a campaign.
    error AdSettlement_NotAdvertiser(uint256 campaignId, address caller, address advertiser);

    /// @notice Thrown when a campaign that has ended would be stopped or get more budget.
    error AdSettlement_Ended(uint256 campaignId, uint256 end);

    /// @notice Thrown when a campaign is settled before its start.
    error AdSettlement_NotStarted(uint256 campaignId, uint256 start);

    /// @notice Thrown when a campaign is settled at `closedAt` or later.
    error AdSettlement_SettlementClosed(uint256 campaignId, uint256 closedAt);

    /// @notice Thrown when a campaign is refunded before `closedAt`.
    error AdSettlement_SettlementOpen(uint256 campaignId, uint256 closedAt);

    /// @notice Thrown when a report has another number than the `next` one of its campaign, as when it is sent twice.
    error AdSettlement_NotNextReport(uint256 campaignId, uint256 report, uint256 next);

    /// @notice Thrown for a report without rows.
    error AdSettlement_NoRows(uint256 campaignId);

    /// @notice Thrown when row number `row`, counted from 0, names a creator who could not be paid: zero, or this contract.
    error AdSettlement_InvalidCreator(uint256 row, address creator);

    /// @notice Thrown when row number `row`, counted from 0, has no impressions.
    error AdSettlement_NoImpressions(uint256 row, address creator);

    /// @notice Thrown when a report costs more than the budget and the pace of its campaign leave.
    error AdSettlement_AboveSpendable(uint256 campaignId, uint256 cost, uint256 spendable);

    /// @notice Thrown when a campaign has nothing left to refund.
    error AdSettlement_NothingToRefund(uint256 campaignId);

    /// @notice Thrown when `creator` has nothing to withdraw.
    error AdSettlement_NothingToWithdraw(address creator);

    /// @notice Thrown when XME would be withdrawn to this contract itself, where it would be nobody's.
    error AdSettlement_RecipientIsSettlement();

    /// @notice Thrown when the delegators' part is to be paid while no module takes it; it waits.
    error AdSettlement_NoIncome();

    /// @notice Thrown when the module left `left` of the delegators' part untaken; all of it waits.
    error AdSettlement_IncomeNotTaken(address income, uint256 left);

    /// @dev `income_` may be zero, and governance names it later; `initialAuthority` is X.me's access manager, where the settler gets the role that
    ///      `settle` is mapped to. `split` becomes version 1.
    ///      Reverts with `AdSettlement_XmeHasNoCode`, `AdSettlement_InvalidTreasury`, `AdSettlement_IncomeHasNoCode`,
    ///      `AdSettlement_AuthorityHasNoCode` and `AdSettlement_SplitSumNot100Percent`.
    constructor(
        ERC20Burnable xme_,
        address treasury_,
        IXmeIncome income_,
        AdSplit memory split,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        if (address(xme_).code.length == 0) revert AdSettlement_XmeHasNoCode(address(xme_));
        if (treasury_ == address(0) || treasury_ == address(this)) revert AdSettlement_InvalidTreasury(treasury_);
        if (initialAuthority.code.length == 0) revert AdSettlement_AuthorityHasNoCode(initialAuthority);
        xme = xme_;
        treasury = treasury_;
        if (address(income_) != address(0)) _setIncome(income_);
        _setSplit(split);
    }

    // --------------------------------------------------- advertisers' actions

    /// @notice Puts XME in escrow for a campaign by `terms`; what its impressions do not use up comes back seven days after its end.
    /// @dev Returns the `campaignId`, which counts from 1. A start that has passed, or zero, means now. Nothing in the terms ever changes, apart
    ///      from more budget by `topUp` and an earlier end by `stop`. Needs an allowance for the budget. Cost: two new slots and one more here, then
    ///      the token's transfer.
    ///      Reverts with `AdSettlement_AmountIsZero`, `AdSettlement_PriceIsZero`, `AdSettlement_PriceNotInSteps`, `AdSettlement_PriceTooHigh`,
    ///      `AdSettlement_StartTooFar`, `AdSettlement_EndNotAfterStart`, `AdSettlement_TooLong`, `AdSettlement_SplitNotCurrent`,
    ///      `SafeCastOverflowedUintDowncast` for a budget above 96 bits and the token's own errors.
    function create(CampaignTerms calldata terms) external returns (uint256 campaignId) {
        return _create(terms);
    }

    /// @notice Creates a campaign by `terms` as `create` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly the budget. Somebody else may have used it already, which does no harm: only the
    ///      allowance counts. Reverts as `create`.
    function createWithPermit(
        CampaignTerms calldata terms,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 campaignId) {
        _permit(terms.budget, deadline, v, r, s);
        return _create(terms);
    }

    /// @notice Adds `amount` of your XME to the budget of `campaignId`, which has not ended; what is left of it goes back to the advertiser alone.
    /// @dev In wei; open to anybody. The pace counts the whole budget from the start. Needs an allowance. Cost: two cold slots here, then the
    ///      token's transfer.
    ///      Reverts with `AdSettlement_AmountIsZero`, `AdSettlement_UnknownCampaign`, `AdSettlement_Ended`, `SafeCastOverflowedUintDowncast`
    ///      for a budget above 96 bits and the token's own errors.
    function topUp(uint256 campaignId, uint256 amount) external {
        _topUp(campaignId, amount);
    }

    /// @notice Adds `amount` of your XME to the budget of `campaignId` as `topUp` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly `amount`, as in `createWithPermit`. Reverts as `topUp`.
    function topUpWithPermit(
        uint256 campaignId,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        _permit(amount, deadline, v, r, s);
        _topUp(campaignId, amount);
    }

    /// @notice Ends your campaign `campaignId` now: what its pace has not reached comes back at once, and the rest seven days later.
    /// @dev Returns what came back, in wei, which `previewStop` says in the same block: never nothing, and before the start the whole budget. What was
    ///      served can be settled for seven days more. Cost: two cold slots here, then the token's transfer.
    ///      Reverts with `AdSettlement_UnknownCampaign`, `AdSettlement_NotAdvertiser` and `AdSettlement_Ended`.
    function stop(uint256 campaignId) external returns (uint256 returned) {
        StoredCampaign storage stored = _campaign(campaignId);
        StoredCampaign memory campaign = stored;
        address advertiser = campaign.advertiser;
        if (msg.sender != advertiser) revert AdSettlement_NotAdvertiser(campaignId, msg.sender, advertiser);
        returned = _unreached(campaignId, campaign);

        uint256 start = block.timestamp < campaign.start ? block.timestamp : campaign.start;
        stored.start = uint40(start);
        stored.duration = uint24(block.timestamp - start);
        stored.budget = campaign.budget - uint96(returned);
        emit CampaignStopped(campaignId, block.timestamp, returned);
        IERC20(xme).safeTransfer(advertiser, returned);
    }

    /// @notice Sends what `campaignId` has not spent back to its advertiser, from seven days after its end on; anybody may call this.
    /// @dev Returns the `amount`, in wei, that `refundable` says in the same block. Cost: two cold slots here, then the token's transfer.
    ///      Reverts with `AdSettlement_UnknownCampaign`, `AdSettlement_SettlementOpen` and `AdSettlement_NothingToRefund`.
    function refund(uint256 campaignId) external returns (uint256 amount) {
        StoredCampaign storage stored = _campaign(campaignId);
        StoredCampaign memory campaign = stored;
        uint256 closedAt = _closedAt(campaign);
        if (block.timestamp < closedAt) revert AdSettlement_SettlementOpen(campaignId, closedAt);
        amount = campaign.budget - campaign.spent;
        if (amount == 0) revert AdSettlement_NothingToRefund(campaignId);

        stored.budget = campaign.spent;
        emit Refunded(campaignId, campaign.advertiser, amount);
        IERC20(xme).safeTransfer(campaign.advertiser, amount);
    }

    // ------------------------------------------------------------- settlement

    /// @notice Settles report number `report` of `campaignId`: credits creators for the impressions in `rows` and sets the other parts aside; only
    ///         the settler may.
    /// @dev `report` is one more than the reports settled so far, of which a campaign takes 16,777,215; `reportHash` and `uri` are only announced.
    ///      Impressions × price, exactly, and shared by the campaign's split exactly. A creator may have several rows. Possible from the start until
    ///      seven days after the end, that second excluded. Returns what `quote` says in the same block. Cost: four cold slots here, the access
    ///      manager's, and one for each creator.
    ///      Reverts with `AccessManagedUnauthorized`, `AdSettlement_NotNextReport`, the errors of `quote`, and with `SafeCastOverflowedUintDowncast`
    ///      for the report after the last.
    function settle(
        uint256 campaignId,
        uint256 report,
        Row[] calldata rows,
        bytes32 reportHash,
        string calldata uri
    ) external restricted returns (Parts memory parts) {
        StoredCampaign storage stored = _campaign(campaignId);
        StoredCampaign memory campaign = stored;
        uint256 next = uint256(campaign.reports) + 1;
        if (report != next) revert AdSettlement_NotNextReport(campaignId, report, next);
        uint256 impressions;
        (parts, impressions) = _price(campaignId, campaign, rows);

        stored.spent = campaign.spent + uint96(parts.cost);
        stored.reports = report.toUint24();
        _setAside(parts);
        _credit(campaignId, rows, parts.creators / impressions);
        emit Settled(campaignId, report, parts, reportHash, uri);
    }

    /// @notice Takes all XME that was credited to you to `to`.
    /// @dev Returns the `amount`, in wei, that `creditOf` says; it waits for ever. Cost: one cold slot here, then the token's transfer.
    ///      Reverts with `AdSettlement_RecipientIsSettlement`, `AdSettlement_NothingToWithdraw` and the token's own errors.
    function withdraw(address to) external returns (uint256 amount) {
        if (to == address(this)) revert AdSettlement_RecipientIsSettlement();
        amount = creditOf[msg.sender];
        if (amount == 0) revert AdSettlement_NothingToWithdraw(msg.sender);
        creditOf[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        IERC20(xme).safeTransfer(to, amount);
    }

    /// @notice Burns what is to be burned and sends the treasury its part; anybody may call this at any time.
    /// @dev Returns both amounts, in wei, that `pending` says in the same block; where they are zero, nothing happens. Cost: one cold slot here,
    ///      then the token's burn and transfer.
    function distribute() external returns (uint256 burned, uint256 toTreasury) {
        (, burned, toTreasury) = pending();
        if (burned == 0 && toTreasury == 0) return (0, 0);
        (_pending.burned, _pending.treasury) = (0, 0);
        emit Distributed(burned, toTreasury);
        if (burned != 0) xme.burn(burned);
        if (toTreasury != 0) IERC20(xme).safeTransfer(treasury, toTreasury);
    }

    /// @notice Gives the delegators' part to the module that shares it out as their XME dividends; anybody may call this at any time.
    /// @dev Returns the `amount`, in wei, that `pending` says in the same block; where it is zero, nothing happens. A module that refuses, or does not
    ///      take all of it by the allowance that it is given, makes only this call fail, and the part waits here for it or for its successor.
    ///      Cost: two cold slots here, the allowance, then the module's own.
    ///      Reverts with `AdSettlement_NoIncome`, `AdSettlement_IncomeNotTaken`, `ReentrancyGuardReentrantCall` and the module's own errors.
    function payDelegators() external nonReentrant returns (uint256 amount) {
        IXmeIncome income_ = income;
        if (address(income_) == address(0)) revert AdSettlement_NoIncome();
        (amount, , ) = pending();
        if (amount == 0) return 0;
        _pending.delegators = 0;
        emit DelegatorsPaid(address(income_), amount);
        IERC20(xme).forceApprove(address(income_), amount);
        income_.addXmeIncome(amount);
        uint256 left = xme.allowance(address(this), address(income_));
        if (left != 0) revert AdSettlement_IncomeNotTaken(address(income_), left);
    }

    // ----------------------------------------------------- views and previews

    /// @notice What settling `rows` for `campaignId` costs now, and the parts that it is shared in.
    /// @dev In wei, exact. Reverts with `AdSettlement_UnknownCampaign`, `AdSettlement_NotStarted`, `AdSettlement_SettlementClosed`,
    ///      `AdSettlement_NoRows`, `AdSettlement_InvalidCreator`, `AdSettlement_NoImpressions` and `AdSettlement_AboveSpendable`.
    function quote(uint256 campaignId, Row[] calldata rows) external view returns (Parts memory parts) {
        (parts, ) = _price(campaignId, _campaign(campaignId), rows);
    }

    /// @notice XME, in wei, that reports of `campaignId` can cost now.
    /// @dev Budget × time passed ÷ time from start to end, rounded down, less what is spent; all that is left once it has ended, and zero before the
    ///      start and once settlement is closed. Reverts with `AdSettlement_UnknownCampaign`.
    function spendable(uint256 campaignId) external view returns (uint256) {
        StoredCampaign memory campaign = _campaign(campaignId);
        return block.timestamp < _closedAt(campaign) ? _reached(campaign) - campaign.spent : 0;
    }

    /// @notice XME, in wei, that `stop` would send back to the advertiser of `campaignId` at once.
    /// @dev Reverts with `AdSettlement_UnknownCampaign` and `AdSettlement_Ended`.
    function previewStop(uint256 campaignId) external view returns (uint256) {
        return _unreached(campaignId, _campaign(campaignId));
    }

    /// @notice XME, in wei, that `refund` would send back to the advertiser of `campaignId` now.
    /// @dev Reverts with `AdSettlement_UnknownCampaign`.
    function refundable(uint256 campaignId) external view returns (uint256) {
        StoredCampaign memory campaign = _campaign(campaignId);
        return block.timestamp < _closedAt(campaign) ? 0 : campaign.budget - campaign.spent;
    }

    /// @notice The campaign `campaignId`: its advertiser, its terms, what of its budget is spent, and how many reports were settled.
    /// @dev Amounts in wei of XME; the budget is without what went back, so that after a refund it equals what is spent.
    ///      Reverts with `AdSettlement_UnknownCampaign`.
    function campaignOf(uint256 campaignId) external view returns (Campaign memory) {
        StoredCampaign memory campaign = _campaign(campaignId);
        return
            Campaign({
                advertiser: campaign.advertiser,
                budget: campaign.budget,
                spent: campaign.spent,
                pricePerThousand: campaign.priceSteps * PRICE_STEP,
                start: campaign.start,
                end: _endOf(campaign),
                splitVersion: campaign.splitVersion,
                reports: campaign.reports
            });
    }

    /// @notice The number of campaigns ever created, which is also the last one's number.
    function campaignCount() external view returns (uint256) {
        return _campaignCount;
    }

    /// @notice The number of the split that new campaigns get.
    function splitVersion() external view returns (uint256) {
        return _splitVersion;
    }

    /// @notice The split with the number `version`, in basis points, in force or not.
    /// @dev Never changes. Reverts with `AdSettlement_UnknownSplit`.
    function splitOf(uint256 version) external view returns (AdSplit memory) {
        if (version == 0 || version > _splitVersion) revert AdSettlement_UnknownSplit(version);
        return _splits[version];
    }

    /// @notice XME, in wei, that waits here: the delegators' part, what is to be burned, and the treasury's part.
    function pending() public view returns (uint256 delegators, uint256 toBurn, uint256 toTreasury) {
        Pending memory waiting = _pending;
        return (waiting.delegators * _PART_UNIT, waiting.burned * _PART_UNIT, waiting.treasury * _PART_UNIT);
    }

    // ------------------------------------------------------------- governance

    /// @notice Shares what campaigns created from now on cost by `split`, in basis points; only governance may.
    /// @dev Returns the `version` of the new split; campaigns keep the one that they were created with. Two cold slots.
    ///      Reverts with `AccessManagedUnauthorized` and `AdSettlement_SplitSumNot100Percent`.
    function setSplit(AdSplit calldata split) external restricted returns (uint256 version) {
        return _setSplit(split);
    }

    /// @notice Makes `newIncome` the module that the delegators' part goes to, also what waits here already; only governance may.
    /// @dev Zero means none: the part waits. One cold slot.
    ///      Reverts with `AccessManagedUnauthorized` and `AdSettlement_IncomeHasNoCode`.
    function setIncome(IXmeIncome newIncome) external restricted {
        _setIncome(newIncome);
    }

    // -------------------------------------------------------------- internals

    function _permit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
        try IERC20Permit(address(xme)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
    }

    function _create(CampaignTerms calldata terms) private returns (uint256 campaignId) {
        if (terms.budget == 0) revert AdSettlement_AmountIsZero();
        uint256 priceSteps = _requirePrice(terms.pricePerThousand);
        uint256 start = _requireTimes(terms.start, terms.end);
        uint256 current = _splitVersion;
        if (terms.splitVersion != current) revert AdSettlement_SplitNotCurrent(terms.splitVersion, current);

        campaignId = ++_campaignCount;
        _campaigns[campaignId] = StoredCampaign({
            advertiser: msg.sender,
            start: uint40(start),
            duration: uint24(terms.end - start),
            splitVersion: uint32(current),
            budget: terms.budget.toUint96(),
            spent: 0,
            priceSteps: uint40(priceSteps),
            reports: 0
        });
        emit CampaignCreated(
            campaignId,
            msg.sender,
            terms.budget,
            terms.pricePerThousand,
            start,
            terms.end,
            current,
            terms.brief
        );
        IERC20(xme).safeTransferFrom(msg.sender, address(this), terms.budget);
    }

    function _requirePrice(uint256 pricePerThousand) private pure returns (uint256 priceSteps) {
        if (pricePerThousand == 0) revert AdSettlement_PriceIsZero();
        if (pricePerThousand > MAX_PRICE_PER_THOUSAND) {
            revert AdSettlement_PriceTooHigh(pricePerThousand, MAX_PRICE_PER_THOUSAND);
        }
        if (pricePerThousand % PRICE_STEP != 0) revert AdSettlement_PriceNotInSteps(pricePerThousand, PRICE_STEP);
        return pricePerThousand / PRICE_STEP;
    }

    function _requireTimes(uint256 wantedStart, uint256 end) private view returns (uint256 start) {
        start = wantedStart < block.timestamp ? block.timestamp : wantedStart;
        uint256 latest = block.timestamp + MAX_START_DISTANCE;
        if (start > latest) revert AdSettlement_StartTooFar(start, latest);
        if (end <= start) revert AdSettlement_EndNotAfterStart(start, end);
        if (end - start > MAX_DURATION) revert AdSettlement_TooLong(start, end, MAX_DURATION);
    }

    function _topUp(uint256 campaignId, uint256 amount) private {
        if (amount == 0) revert AdSettlement_AmountIsZero();
        StoredCampaign storage campaign = _campaign(campaignId);
        _requireNotEnded(campaignId, campaign);
        campaign.budget = (campaign.budget + uint256(amount.toUint96())).toUint96();
        emit BudgetRaised(campaignId, msg.sender, amount);
        IERC20(xme).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev No sum or product here leaves 256 bits: 2^64 impressions × 2^40 steps × 1e9 wei for each row.
    function _price(
        uint256 campaignId,
        StoredCampaign memory campaign,
        Row[] calldata rows
    ) private view returns (Parts memory parts, uint256 impressions) {
        if (block.timestamp < campaign.start) revert AdSettlement_NotStarted(campaignId, campaign.start);
        uint256 closedAt = _closedAt(campaign);
        if (block.timestamp >= closedAt) revert AdSettlement_SettlementClosed(campaignId, closedAt);
        if (rows.length == 0) revert AdSettlement_NoRows(campaignId);
        for (uint256 i = 0; i < rows.length; i++) {
            Row calldata row = rows[i];
            if (row.creator == address(0) || row.creator == address(this)) {
                revert AdSettlement_InvalidCreator(i, row.creator);
            }
            if (row.impressions == 0) revert AdSettlement_NoImpressions(i, row.creator);
            impressions += row.impressions;
        }
        uint256 cost = impressions * campaign.priceSteps * _COST_PER_STEP;
        uint256 free = _reached(campaign) - campaign.spent;
        if (cost > free) revert AdSettlement_AboveSpendable(campaignId, cost, free);
        parts = _share(cost, _splits[campaign.splitVersion]);
    }

    /// @dev Exact: a cost is a multiple of 1e9 wei.
    function _share(uint256 cost, AdSplit memory split) private pure returns (Parts memory parts) {
        parts.cost = cost;
        parts.creators = (cost * split.creatorsBps) / TOTAL_BPS;
        parts.delegators = (cost * split.delegatorsBps) / TOTAL_BPS;
        parts.burned = (cost * split.burnBps) / TOTAL_BPS;
        parts.treasury = cost - parts.creators - parts.delegators - parts.burned;
    }

    /// @dev Exact: every part is a multiple of the unit.
    function _setAside(Parts memory parts) private {
        Pending memory waiting = _pending;
        waiting.delegators += uint80(parts.delegators / _PART_UNIT);
        waiting.burned += uint80(parts.burned / _PART_UNIT);
        waiting.treasury += uint80(parts.treasury / _PART_UNIT);
        _pending = waiting;
    }

    /// @dev The creators' part is exact for each impression too, so what the rows are credited sums to it.
    function _credit(uint256 campaignId, Row[] calldata rows, uint256 perImpression) private {
        for (uint256 i = 0; i < rows.length; i++) {
            Row calldata row = rows[i];
            uint256 amount = row.impressions * perImpression;
            creditOf[row.creator] += amount;
            emit Credited(campaignId, row.creator, row.impressions, amount);
        }
    }

    function _setSplit(AdSplit memory split) private returns (uint256 version) {
        uint256 sumBps = uint256(split.creatorsBps) + split.delegatorsBps + split.burnBps + split.treasuryBps;
        if (sumBps != TOTAL_BPS) revert AdSettlement_SplitSumNot100Percent(sumBps);
        version = ++_splitVersion;
        _splits[version] = split;
        emit SplitChanged(version, split);
    }

    function _setIncome(IXmeIncome newIncome) private {
        if (address(newIncome) != address(0) && address(newIncome).code.length == 0) {
            revert AdSettlement_IncomeHasNoCode(address(newIncome));
        }
        emit IncomeChanged(address(income), address(newIncome));
        income = newIncome;
    }

    /// @dev What the pace has reached of the budget, spent or not; rounds down. Never below what is spent, because neither budget nor time falls
    ///      without `stop`, which leaves both at what the pace has reached.
    function _reached(StoredCampaign memory campaign) private view returns (uint256) {
        uint256 start = campaign.start;
        if (block.timestamp <= start) return 0;
        uint256 elapsed = block.timestamp - start;
        uint256 duration = campaign.duration;
        return elapsed >= duration ? campaign.budget : (campaign.budget * elapsed) / duration;
    }

    function _unreached(uint256 campaignId, StoredCampaign memory campaign) private view returns (uint256) {
        _requireNotEnded(campaignId, campaign);
        return campaign.budget - _reached(campaign);
    }

    function _requireNotEnded(uint256 campaignId, StoredCampaign memory campaign) private view {
        uint256 end = _endOf(campaign);
        if (block.timestamp >= end) revert AdSettlement_Ended(campaignId, end);
    }

    function _closedAt(StoredCampaign memory campaign) private pure returns (uint256) {
        return _endOf(campaign) + SETTLEMENT_WINDOW;
    }

    function _endOf(StoredCampaign memory campaign) private pure returns (uint256) {
        return uint256(campaign.start) + campaign.duration;
    }

    function _campaign(uint256 campaignId) private view returns (StoredCampaign storage campaign) {
        campaign = _campaigns[campaignId];
        if (campaign.advertiser == address(0)) revert AdSettlement_UnknownCampaign(campaignId);
    }
}
