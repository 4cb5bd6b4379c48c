// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {GrowthPerk} from "./types/GrowthPerk.sol";

/// @title The catalogue of what is for sale by price alone
/// @notice Says what memberships, hot spots, AI services and growth cost now; creators set the price of their own memberships here.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 5.2: "purchasing membership services", "hot spot recommendations", "users need to hold or
///      consume a certain amount of XMEX", "accelerate growth, protect levels, unlock privileges". `Spending` reads the offers and keeps what was
///      bought. Content is priced by its owner in the registry, and items where they are listed, in `PlatformItems`.
///
///      Choices: a plan is a creator's own to price, and a creator can have any number of them; the platform's are those of the zero address.
///      Zero is no price: what has none is not for sale. A change holds at once; a buyer names the most to pay, and the shortest period.
///
///      Limits, in the open: whoever has the catalogue's role can set any price of the platform's at any time, and stop every sale of it; it cannot
///      touch a creator's plan, nor anything that was bought.
///
///      Every price is a whole number of gwei of XMEX, so that what is spent can be shared without a rest.
contract SpendingCatalogue is AccessManaged {
    using SafeCast for uint256;

    /// @dev `price` in gwei of XMEX, `period` in seconds.
    struct Plan {
        uint64 price;
        uint32 period;
    }

    /// @dev `price` in gwei of XMEX, `slots` a day.
    struct HotSpots {
        uint64 price;
        uint16 slots;
    }

    /// @dev `price` of a unit, and what it is enough to hold, in gwei of XMEX.
    struct Service {
        uint64 price;
        uint96 hold;
    }

    /// @notice The shortest, in seconds, that a plan lasts.
    /// @dev Choice: a day.
    uint256 public constant MIN_PERIOD = 1 days;

    /// @notice The longest, in seconds, that a plan lasts.
    /// @dev Choice: ten years, near enough that a period typed in milliseconds is refused.
    uint256 public constant MAX_PERIOD = 3_650 days;

    /// @notice The most hot spots that a day can have.
    /// @dev Choice: bounds what reading a day costs; more would be no recommendation.
    uint256 public constant MAX_HOT_SPOTS = 100;

    uint256 private constant _GWEI = 1 gwei;

    HotSpots private _hotSpots;

    mapping(address creator => mapping(uint256 plan => Plan)) private _plans;
    mapping(uint256 service => Service) private _services;
    mapping(GrowthPerk perk => mapping(uint256 privilege => uint64)) private _growthPrices;

    /// @notice A period of `plan` of `creator`, or of the platform where that is zero, costs `price` and lasts `period` from now on.
    event PlanChanged(address indexed creator, uint256 indexed plan, uint256 price, uint256 period);

    /// @notice A day has `slots` hot spots for `price` each from now on.
    event HotSpotsChanged(uint256 price, uint256 slots);

    /// @notice A unit of `service` costs `price` from now on, and holding `hold` of XMEX is enough for a request.
    event ServiceChanged(uint256 indexed service, uint256 price, uint256 hold);

    /// @notice A day of `perk`, or the privilege `privilege`, costs `price` from now on.
    event GrowthPriceChanged(GrowthPerk indexed perk, uint256 indexed privilege, uint256 price);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error SpendingCatalogue_AuthorityHasNoCode(address authority);

    /// @notice Thrown when an amount is not a whole number of gwei, 1e9 wei.
    error SpendingCatalogue_NotWholeGwei(uint256 amount);

    /// @notice Thrown when a period is not within its bounds.
    error SpendingCatalogue_PeriodOutOfRange(uint256 period, uint256 minPeriod, uint256 maxPeriod);

    /// @notice Thrown when a day would have more hot spots than it can.
    error SpendingCatalogue_TooManyHotSpots(uint256 slots, uint256 maxSlots);

    /// @dev `initialAuthority` is X.me's access manager, where the platform's catalogue gets the role that `setPlatformPlan`, `setHotSpots` and
    ///      `setService` are mapped to; prices of growth are governance's. Reverts with `SpendingCatalogue_AuthorityHasNoCode`.
    constructor(address initialAuthority) AccessManaged(initialAuthority) {
        if (initialAuthority.code.length == 0) revert SpendingCatalogue_AuthorityHasNoCode(initialAuthority);
    }

    /// @notice Sells a `period` of your own `plan` for `price`; a price of zero closes it, and who has paid stays a member.
    /// @dev `price` in wei of XMEX, `period` in seconds. A plan is any number. One cold slot.
    ///      Reverts with `SpendingCatalogue_PeriodOutOfRange`, `SpendingCatalogue_NotWholeGwei` and `SafeCastOverflowedUintDowncast`.
    function setPlan(uint256 plan, uint256 price, uint256 period) external {
        _setPlan(msg.sender, plan, price, period);
    }

    /// @notice What a period of `plan` of `creator`, or of the platform where that is zero, costs, and how long it lasts.
    /// @dev In wei of XMEX and in seconds; a price of zero is a plan that is not sold.
    function planOf(address creator, uint256 plan) external view returns (uint256 price, uint256 period) {
        Plan memory offer = _plans[creator][plan];
        return (uint256(offer.price) * _GWEI, offer.period);
    }

    /// @notice What a hot spot costs, and how many a day has.
    /// @dev In wei of XMEX; a price of zero sells none.
    function hotSpots() external view returns (uint256 price, uint256 slots) {
        return (uint256(_hotSpots.price) * _GWEI, _hotSpots.slots);
    }

    /// @notice What a unit of the AI service `service` costs, and the XMEX that it is enough to hold.
    /// @dev Both in wei; zero where it cannot be had this way.
    function serviceOf(uint256 service) external view returns (uint256 price, uint256 hold) {
        Service memory offer = _services[service];
        return (uint256(offer.price) * _GWEI, uint256(offer.hold) * _GWEI);
    }

    /// @notice What a day of `perk`, or the privilege `privilege`, costs.
    /// @dev In wei of XMEX; zero where it is not sold. A day has the privilege 0.
    function growthPriceOf(GrowthPerk perk, uint256 privilege) external view returns (uint256) {
        return uint256(_growthPrices[perk][privilege]) * _GWEI;
    }

    /// @notice Sells a `period` of the platform's own `plan` for `price`; only the catalogue's keeper may.
    /// @dev As `setPlan`. Reverts with `AccessManagedUnauthorized` and as `setPlan`.
    function setPlatformPlan(uint256 plan, uint256 price, uint256 period) external restricted {
        _setPlan(address(0), plan, price, period);
    }

    /// @notice Sells `slots` hot spots a day for `price` each; only the catalogue's keeper may.
    /// @dev In wei of XMEX. One cold slot. Reverts with `AccessManagedUnauthorized`, `SpendingCatalogue_TooManyHotSpots`,
    ///      `SpendingCatalogue_NotWholeGwei` and `SafeCastOverflowedUintDowncast`.
    function setHotSpots(uint256 price, uint256 slots) external restricted {
        if (slots > MAX_HOT_SPOTS) revert SpendingCatalogue_TooManyHotSpots(slots, MAX_HOT_SPOTS);
        _hotSpots = HotSpots(_inGwei(price).toUint64(), uint16(slots));
        emit HotSpotsChanged(price, slots);
    }

    /// @notice Sells the AI service `service` for `price` a unit, and gives it to who holds `hold` of XMEX; only the catalogue's keeper may.
    /// @dev Both in wei; zero where it cannot be had this way. One cold slot. Reverts with `AccessManagedUnauthorized`,
    ///      `SpendingCatalogue_NotWholeGwei` and `SafeCastOverflowedUintDowncast`.
    function setService(uint256 service, uint256 price, uint256 hold) external restricted {
        _services[service] = Service(_inGwei(price).toUint64(), _inGwei(hold).toUint96());
        emit ServiceChanged(service, price, hold);
    }

    /// @notice Sells a day of `perk`, or the privilege `privilege`, for `price`; only governance may.
    /// @dev In wei of XMEX; zero ends the sale. A day has the privilege 0. One cold slot. Reverts with `AccessManagedUnauthorized`,
    ///      `SpendingCatalogue_NotWholeGwei` and `SafeCastOverflowedUintDowncast`.
    function setGrowthPrice(GrowthPerk perk, uint256 privilege, uint256 price) external restricted {
        _growthPrices[perk][privilege] = _inGwei(price).toUint64();
        emit GrowthPriceChanged(perk, privilege, price);
    }

    function _setPlan(address creator, uint256 plan, uint256 price, uint256 period) private {
        if (period < MIN_PERIOD || period > MAX_PERIOD) {
            revert SpendingCatalogue_PeriodOutOfRange(period, MIN_PERIOD, MAX_PERIOD);
        }
        _plans[creator][plan] = Plan(_inGwei(price).toUint64(), uint32(period));
        emit PlanChanged(creator, plan, price, period);
    }

    function _inGwei(uint256 amount) private pure returns (uint256) {
        if (amount % _GWEI != 0) revert SpendingCatalogue_NotWholeGwei(amount);
        return amount / _GWEI;
    }
}
