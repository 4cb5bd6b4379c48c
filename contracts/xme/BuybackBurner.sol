// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {IUniswapV3Factory, IUniswapV3Pool, IUniswapV3SwapCallback} from "../common/interfaces/IUniswapV3.sol";
import {TickMath} from "./TickMath.sol";
import {XME} from "./XME.sol";

/// @title Buyback burner, which buys XME as its holders voted and burns it
/// @notice Spends what governance set aside for a plan, slice by slice on Uniswap, and burns all the XME that it buys; anybody may run a slice that is due.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 4.1: holders "have the right to vote on 'Buyback and Burn' plans, creating value for
///      all holders through deflation"; section 6.4: "Fees collected by the platform and consumed XMEX are used for buyback and burn".
///
///      A plan is a total of one token, spent in slices through one Uniswap V3 pool of that token and XME, at least an interval apart, until an
///      end. Governance starts and cancels it, anybody executes it, and nobody is paid for that (choice: holders gain by every burn; a reward
///      would invite to run it where it buys least).
///
///      Why a slice cannot be sandwiched: whoever buys before a slice and sells after it pays the pool's fee twice, and gains twice the share that
///      the slice has of the pool's virtual reserve of the token, so a slice of fee × reserve is where that begins to pay. A slice is at most half
///      of it (choice): the price then moves by no more than the fee, so that even selling into the slice alone pays nothing at a price that was
///      fair before. The reserve is computed from the lesser of the liquidity now and its harmonic mean over the last half hour, so liquidity
///      that comes just for the slice does not enlarge it, and liquidity that left makes it smaller. The price now must lie within 30 ticks,
///      0.3 %, of the time-weighted one of that half hour; the swap stops where a pool of constant liquidity would have filled the slice, and what
///      comes out is held against the time-weighted price. What a swap leaves of a slice stays with the plan.
///
///      No catching up: a slice is due `interval` after the last slice of the same pool, whichever plan bought that. What was not run in time is
///      not run twice later; the plan takes longer, and what is left at the end goes back. One plan for each pool is open at a time, or two
///      slices at once would be one of twice the size.
///
///      Limits, in the open: the guard is a price of half an hour, not a fair price. Who holds the price of a pool for so long, against
///      everybody that trades there, has the plan buy at that price; who provides more than half of the liquidity at the price for so long,
///      which a narrow range makes cheap, pays most fees back to itself, and earns by moving the price before a slice and back after it, so
///      that the slice pays up to 30 ticks too much; for a slice of half that size it takes three quarters. Liquidity with a gap within 30
///      ticks does as much. Such pools are for governance to avoid: it chooses pool and slice. A buyback that is announced raises the price
///      also before it runs. Anybody may run a slice when it buys little, which costs the plan one interval. A pool that remembers too little
///      is refused until it remembers half an hour: anybody can raise its observations, and somebody who trades in each block can make it
///      forget, for as long as they pay for it.
///      A token that takes a fee on transfer is refused as it comes in; a token that changes balances by itself must not be used.
///      What anybody sends here by a plain transfer belongs to no plan and stays for ever.
///
///      Invariants: for each token the balance here is at least the sum of what is left to its plans; a plan never spends more than its total;
///      two slices of a pool lie at least `MIN_INTERVAL` apart; the supply of XME falls by exactly what is bought, and no XME that was bought stays here.
contract BuybackBurner is AccessManaged, ReentrancyGuardTransient, IUniswapV3SwapCallback {
    using SafeCast for int256;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev Three slots: `token`, `end` and `interval`; `pool`, `poolFee`, `tokenIsToken0` and `lastSlice`; `sliceAmount` and `left`. A slice reads
    ///      three and writes two. `lastSlice` is that of the pool: a new plan takes it over from the one before it.
    struct Plan {
        IERC20 token;
        uint48 end;
        uint48 interval;
        IUniswapV3Pool pool;
        uint24 poolFee;
        bool tokenIsToken0;
        uint48 lastSlice;
        uint128 sliceAmount;
        uint128 left;
    }

    /// @dev What the next slice of a plan would be, from the state of its pool.
    struct Slice {
        uint256 amountIn;
        uint160 sqrtPriceLimitX96;
        uint160 sqrtWorstPriceX96;
        int256 spotTick;
        int256 meanTick;
    }

    /// @notice The time, in seconds, over which the price and the liquidity of a pool are averaged.
    /// @dev Choice: half an hour, 150 blocks of 12 seconds; holding a price for so long leaves it to everybody's arbitrage.
    uint32 public constant ORACLE_WINDOW = 30 minutes;

    /// @notice The furthest, in ticks, that the price may lie from its average, on either side.
    /// @dev Choice: 30 ticks are 0.3 %, the fee of a common pool, within which a price is not worth correcting.
    uint256 public constant MAX_TICK_DEVIATION = 30;

    /// @notice The shortest interval, in seconds, between two slices of a pool.
    /// @dev Choice: the window of the average, so that a slice never counts on a price from before the last one.
    uint256 public constant MIN_INTERVAL = ORACLE_WINDOW;

    /// @notice The longest that a plan may take, in seconds, and the longest interval.
    /// @dev Choice: holders decide anew at least once a year.
    uint256 public constant MAX_DURATION = 365 days;

    /// @dev One hundred percent of Uniswap's fees.
    uint256 private constant _MILLION = 1_000_000;

    /// @notice The token that is bought and burned.
    XME public immutable xme;

    /// @notice Uniswap V3's factory, whose pools are trusted.
    IUniswapV3Factory public immutable factory;

    /// @notice The account that funds plans and gets back what they leave.
    address public immutable treasury;

    /// @notice The number of plans ever started; they are numbered from 1.
    uint256 public planCount;

    /// @notice The last plan that was started for `pool`, open or not; zero where there was none.
    mapping(IUniswapV3Pool pool => uint256 planId) public lastPlanOf;

    mapping(uint256 planId => Plan) private _plans;

    /// @dev The pool that may ask for the payment of the swap that runs; nobody outside of one.
    address private transient _payee;

    /// @notice Plan `planId` may spend `total` of `token` in `pool`, by `sliceAmount` every `interval` seconds at most, until `end`.
    event PlanStarted(
        uint256 indexed planId,
        IERC20 indexed token,
        IUniswapV3Pool indexed pool,
        uint256 total,
        uint256 sliceAmount,
        uint256 interval,
        uint256 end
    );

    /// @notice `caller` ran a slice of plan `planId`: it paid `paid`, burned `burned` of XME and has `left`; ticks are the price's and the average's.
    event SliceBurned(
        uint256 indexed planId,
        address indexed caller,
        uint256 paid,
        uint256 burned,
        uint256 left,
        int256 spotTick,
        int256 meanTick
    );

    /// @notice Governance cancelled plan `planId`, and `returned` went back to the treasury.
    event PlanCancelled(uint256 indexed planId, uint256 returned);

    /// @notice Plan `planId` came to its end, and `returned` went back to the treasury.
    event PlanClosed(uint256 indexed planId, uint256 returned);

    /// @notice Thrown at construction when an address that must be a contract holds none.
    error BuybackBurner_NoCode(address account);

    /// @notice Thrown when a plan would pay with XME.
    error BuybackBurner_TokenIsXme();

    /// @notice Thrown when the factory has no pool of `token` and XME with the fee `poolFee`.
    error BuybackBurner_NoPool(IERC20 token, uint24 poolFee);

    /// @notice Thrown when the pool has a plan that is neither spent nor over.
    error BuybackBurner_PoolHasPlan(IUniswapV3Pool pool, uint256 planId);

    /// @notice Thrown when a slice is zero or above the total.
    error BuybackBurner_SliceOutOfRange(uint256 sliceAmount, uint256 total);

    /// @notice Thrown when an interval is shorter than `minimum` or longer than `maximum` seconds.
    error BuybackBurner_IntervalOutOfRange(uint256 interval, uint256 minimum, uint256 maximum);

    /// @notice Thrown when a plan would end by `blockTime`, or after `latest`.
    error BuybackBurner_EndOutOfRange(uint256 end, uint256 blockTime, uint256 latest);

    /// @notice Thrown when another amount came in than was sent, as with a token that takes a fee on transfer.
    error BuybackBurner_WrongAmountReceived(IERC20 token, uint256 received, uint256 expected);

    /// @notice Thrown for a plan that was never started.
    error BuybackBurner_UnknownPlan(uint256 planId);

    /// @notice Thrown when a plan has nothing left, because it is spent, cancelled or closed.
    error BuybackBurner_NothingLeft(uint256 planId);

    /// @notice Thrown when a plan is to be executed at or after its end.
    error BuybackBurner_Ended(uint256 planId, uint256 end);

    /// @notice Thrown when a plan is to be closed before its end.
    error BuybackBurner_NotEnded(uint256 planId, uint256 end);

    /// @notice Thrown when the next slice is not due before `due`.
    error BuybackBurner_NotDue(uint256 planId, uint256 due);

    /// @notice Thrown when the pool does not remember its price for `window` seconds: it is too young, or its observations are too few.
    error BuybackBurner_OracleTooShort(IUniswapV3Pool pool, uint256 window);

    /// @notice Thrown when the price lies further than `maximum` ticks from its average.
    error BuybackBurner_PriceOffAverage(int256 spotTick, int256 meanTick, uint256 maximum);

    /// @notice Thrown when the pool has too little liquidity for even the smallest slice.
    error BuybackBurner_TooLittleLiquidity(IUniswapV3Pool pool, uint256 liquidity);

    /// @notice Thrown when a swap would pay more of the plan's token than the slice.
    error BuybackBurner_PaidTooMuch(uint256 paid, uint256 amountIn);

    /// @notice Thrown when a swap gives less XME than the average price, the fee and the tolerance allow.
    error BuybackBurner_BoughtTooLittle(uint256 bought, uint256 minimum);

    /// @notice Thrown when anybody but the pool of the running swap asks to be paid.
    error BuybackBurner_NotPool(address caller);

    /// @dev `initialAuthority` is X.me's access manager, `treasury_` its timelock. Reverts with `BuybackBurner_NoCode`.
    constructor(
        XME xme_,
        IUniswapV3Factory factory_,
        address treasury_,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        _requireCode(address(xme_));
        _requireCode(address(factory_));
        _requireCode(treasury_);
        _requireCode(initialAuthority);
        xme = xme_;
        factory = factory_;
        treasury = treasury_;
    }

    /// @notice Runs the slice of plan `planId` that is due: buys XME with it and burns all of it; anybody may.
    /// @dev Pays the least of the plan's slice, of what is left to it and of what the pool bears, less what the swap's price limit leaves; the
    ///      next slice is due `interval` from now. Returns what was `paid`, in units of the plan's token, and `burned`, in wei of XME; called without a
    ///      transaction, it says exactly what it would do now. Choice: no deadline, because whoever calls it has nothing at stake.
    ///      The state is written before anything moves, and the guard covers tokens that call others.
    ///      Cost: three cold slots here, one swap of Uniswap V3 and a search of its oracle.
    ///      Reverts with `BuybackBurner_UnknownPlan`, `BuybackBurner_NothingLeft`, `BuybackBurner_Ended`, `BuybackBurner_NotDue`,
    ///      `BuybackBurner_OracleTooShort`, `BuybackBurner_PriceOffAverage`, `BuybackBurner_TooLittleLiquidity`, `BuybackBurner_PaidTooMuch`,
    ///      `BuybackBurner_BoughtTooLittle`, and with the errors of the pool and of the token. Amounts of a few wei give no XME and are refused.
    function execute(uint256 planId) external nonReentrant returns (uint256 paid, uint256 burned) {
        Plan storage plan_ = _existing(planId);
        Slice memory next = _nextSlice(planId, plan_);
        uint256 left = plan_.left - next.amountIn;
        plan_.left = uint128(left);
        plan_.lastSlice = uint48(block.timestamp);

        (paid, burned) = _buy(plan_, next);
        if (paid < next.amountIn) {
            left += next.amountIn - paid;
            plan_.left = uint128(left);
        }
        xme.burn(burned);
        emit SliceBurned(planId, msg.sender, paid, burned, left, next.spotTick, next.meanTick);
    }

    /// @notice Sends what is left to plan `planId` back to the treasury once its end has come; anybody may.
    /// @dev Windows never overlap: a plan is executed before `end` and closed from `end` on. Returns the amount `returned`.
    ///      Reverts with `BuybackBurner_UnknownPlan`, `BuybackBurner_NotEnded`, `BuybackBurner_NothingLeft` and the token's errors.
    function close(uint256 planId) external nonReentrant returns (uint256 returned) {
        Plan storage plan_ = _existing(planId);
        if (block.timestamp < plan_.end) revert BuybackBurner_NotEnded(planId, plan_.end);
        returned = _takeLeft(planId, plan_);
        emit PlanClosed(planId, returned);
        plan_.token.safeTransfer(treasury, returned);
    }

    /// @notice The pool asks for its payment here, as `amount0Delta` or `amount1Delta`, and gets it in the token that `data` names.
    /// @dev Only the pool of the running swap may ask, and once; a pool calls back only whoever swaps, so the data is this contract's own.
    ///      Reverts with `BuybackBurner_NotPool` and the token's errors.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
        if (msg.sender != _payee) revert BuybackBurner_NotPool(msg.sender);
        _payee = address(0);
        IERC20 token = abi.decode(data, (IERC20));
        token.safeTransfer(msg.sender, (amount0Delta > 0 ? amount0Delta : amount1Delta).toUint256());
    }

    /// @notice Plan `planId` as it stands.
    /// @dev Reverts with `BuybackBurner_UnknownPlan`.
    function plan(uint256 planId) external view returns (Plan memory) {
        return _existing(planId);
    }

    /// @notice The time, in seconds, from which the next slice of plan `planId` may be run.
    /// @dev `interval` after the pool's last slice, and never later for having been missed; zero where the pool has had none.
    ///      Reverts with `BuybackBurner_UnknownPlan`.
    function dueAt(uint256 planId) external view returns (uint256) {
        return _dueAt(_existing(planId));
    }

    /// @notice What the slice of plan `planId` that is due would pay now, at most, and the least XME that it would accept for it.
    /// @dev `amountIn` in units of the plan's token, rounded down; `minXme` in wei of XME, rounded up. It stands against `execute` in the same block,
    ///      which pays less only where the liquidity ends. Reverts as `execute` does for everything that can be known before the swap.
    function quoteSlice(uint256 planId) public view returns (uint256 amountIn, uint256 minXme) {
        Plan storage plan_ = _existing(planId);
        Slice memory next = _nextSlice(planId, plan_);
        return (next.amountIn, _minXme(plan_, next, next.amountIn));
    }

    /// @notice As `quoteSlice` for plan `planId`, with the error in `refusal` where the slice would be refused.
    /// @dev `refusal` is empty where the slice can be run, and the encoded custom error with its values otherwise. Never reverts itself.
    function preview(uint256 planId) external view returns (uint256 amountIn, uint256 minXme, bytes memory refusal) {
        try this.quoteSlice(planId) returns (uint256 amountIn_, uint256 minXme_) {
            (amountIn, minXme) = (amountIn_, minXme_);
        } catch (bytes memory reason) {
            refusal = reason;
        }
    }

    /// @notice Starts a plan that spends `total` of `token` in the pool with `poolFee`, by `sliceAmount` every `interval` seconds at most, until `end`;
    ///         only governance may.
    /// @dev `total` and `sliceAmount` in units of the token, `poolFee` in millionths, `end` a time in seconds. Takes `total` from the treasury, which must
    ///      have allowed it: a proposal approves and starts in one batch. The pool must remember half an hour already; for a pool with trades, give it
    ///      room for as many observations as half an hour has blocks. The first slice is due at once, or `interval` after the pool's last slice.
    ///      Returns the plan's number. Cost: six new slots, the transfer.
    ///      Reverts with `AccessManagedUnauthorized`, `BuybackBurner_TokenIsXme`, `BuybackBurner_SliceOutOfRange`,
    ///      `BuybackBurner_IntervalOutOfRange`, `BuybackBurner_EndOutOfRange`, `BuybackBurner_NoPool`, `BuybackBurner_PoolHasPlan`,
    ///      `BuybackBurner_OracleTooShort`, `BuybackBurner_WrongAmountReceived`, `SafeCastOverflowedUintDowncast` and the token's errors.
    function startPlan(
        IERC20 token,
        uint24 poolFee,
        uint256 total,
        uint256 sliceAmount,
        uint256 interval,
        uint256 end
    ) external restricted nonReentrant returns (uint256 planId) {
        if (address(token) == address(xme)) revert BuybackBurner_TokenIsXme();
        if (sliceAmount == 0 || sliceAmount > total) revert BuybackBurner_SliceOutOfRange(sliceAmount, total);
        if (interval < MIN_INTERVAL || interval > MAX_DURATION) {
            revert BuybackBurner_IntervalOutOfRange(interval, MIN_INTERVAL, MAX_DURATION);
        }
        if (end <= block.timestamp || end > block.timestamp + MAX_DURATION) {
            revert BuybackBurner_EndOutOfRange(end, block.timestamp, block.timestamp + MAX_DURATION);
        }
        IUniswapV3Pool pool = IUniswapV3Pool(factory.getPool(address(token), address(xme), poolFee));
        if (address(pool) == address(0)) revert BuybackBurner_NoPool(token, poolFee);
        uint256 previous = lastPlanOf[pool];
        Plan storage before = _plans[previous];
        if (before.left != 0 && block.timestamp < before.end) revert BuybackBurner_PoolHasPlan(pool, previous);
        _observe(pool);

        planId = ++planCount;
        lastPlanOf[pool] = planId;
        _plans[planId] = Plan({
            token: token,
            end: uint48(end),
            interval: uint48(interval),
            pool: pool,
            poolFee: poolFee,
            tokenIsToken0: address(token) < address(xme),
            lastSlice: before.lastSlice,
            sliceAmount: sliceAmount.toUint128(),
            left: total.toUint128()
        });
        emit PlanStarted(planId, token, pool, total, sliceAmount, interval, end);

        uint256 balanceBefore = token.balanceOf(address(this));
        token.safeTransferFrom(treasury, address(this), total);
        uint256 received = token.balanceOf(address(this)) - balanceBefore;
        if (received != total) revert BuybackBurner_WrongAmountReceived(token, received, total);
    }

    /// @notice Ends plan `planId` and sends what is left to it back to the treasury; only governance may.
    /// @dev Returns the amount `returned`, in units of the plan's token.
    ///      Reverts with `AccessManagedUnauthorized`, `BuybackBurner_UnknownPlan`, `BuybackBurner_NothingLeft` and the token's errors.
    function cancelPlan(uint256 planId) external restricted nonReentrant returns (uint256 returned) {
        Plan storage plan_ = _existing(planId);
        returned = _takeLeft(planId, plan_);
        emit PlanCancelled(planId, returned);
        plan_.token.safeTransfer(treasury, returned);
    }

    function _takeLeft(uint256 planId, Plan storage plan_) private returns (uint256 returned) {
        returned = plan_.left;
        if (returned == 0) revert BuybackBurner_NothingLeft(planId);
        plan_.left = 0;
    }

    /// @dev Counts what left and what came by the balances, not by what the pool says, so a plan can never live on another's tokens.
    function _buy(Plan storage plan_, Slice memory next) private returns (uint256 paid, uint256 bought) {
        (IERC20 token, IUniswapV3Pool pool) = (plan_.token, plan_.pool);
        uint256 tokenBefore = token.balanceOf(address(this));
        uint256 xmeBefore = xme.balanceOf(address(this));
        _payee = address(pool);
        pool.swap(
            address(this),
            plan_.tokenIsToken0,
            next.amountIn.toInt256(),
            next.sqrtPriceLimitX96,
            abi.encode(token)
        );
        paid = tokenBefore - token.balanceOf(address(this));
        bought = xme.balanceOf(address(this)) - xmeBefore;
        if (paid > next.amountIn) revert BuybackBurner_PaidTooMuch(paid, next.amountIn);
        uint256 minimum = _minXme(plan_, next, paid);
        if (bought < minimum) revert BuybackBurner_BoughtTooLittle(bought, minimum);
    }

    /// @dev What can be known of the next slice before it is run; reverts with the reason where it cannot be.
    function _nextSlice(uint256 planId, Plan storage plan_) private view returns (Slice memory next) {
        uint256 left = plan_.left;
        if (left == 0) revert BuybackBurner_NothingLeft(planId);
        if (block.timestamp >= plan_.end) revert BuybackBurner_Ended(planId, plan_.end);
        uint256 due = _dueAt(plan_);
        if (block.timestamp < due) revert BuybackBurner_NotDue(planId, due);

        (IUniswapV3Pool pool, uint256 fee, bool tokenIsToken0) = (plan_.pool, plan_.poolFee, plan_.tokenIsToken0);
        uint256 meanLiquidity;
        (next.meanTick, meanLiquidity) = _observe(pool);
        uint160 sqrtPriceX96;
        (sqrtPriceX96, next.spotTick, , , , , ) = pool.slot0();
        if (SignedMath.abs(next.spotTick - next.meanTick) > MAX_TICK_DEVIATION) {
            revert BuybackBurner_PriceOffAverage(next.spotTick, next.meanTick, MAX_TICK_DEVIATION);
        }

        uint256 liquidity = Math.min(pool.liquidity(), meanLiquidity);
        uint256 reserve =
            tokenIsToken0
                ? Math.mulDiv(liquidity, 1 << 96, sqrtPriceX96)
                : Math.mulDiv(liquidity, sqrtPriceX96, 1 << 96);
        next.amountIn = Math.min(Math.min(plan_.sliceAmount, left), (reserve * fee) / (2 * _MILLION));
        if (next.amountIn == 0) revert BuybackBurner_TooLittleLiquidity(pool, liquidity);

        // A tick is the price rounded down, so a price within the deviation ends below the next tick above it, and at the last one below it.
        int256 deviation = int256(MAX_TICK_DEVIATION);
        uint256 moved = 2 * _MILLION + fee;
        if (tokenIsToken0) {
            next.sqrtPriceLimitX96 = Math.mulDiv(sqrtPriceX96, 2 * _MILLION, moved).toUint160();
            next.sqrtWorstPriceX96 = TickMath.sqrtPriceX96At(next.meanTick - deviation);
        } else {
            next.sqrtPriceLimitX96 = Math.mulDiv(sqrtPriceX96, moved, 2 * _MILLION).toUint160();
            next.sqrtWorstPriceX96 = TickMath.sqrtPriceX96At(next.meanTick + deviation + 1);
        }
    }

    /// @dev The tick's mean over the window, rounded down as Uniswap rounds it, and the harmonic mean of the liquidity, rounded down.
    ///      The sums wrap around by design; the mean of a tick is one. Reverts with `BuybackBurner_OracleTooShort`.
    function _observe(IUniswapV3Pool pool) private view returns (int256 meanTick, uint256 meanLiquidity) {
        uint32[] memory secondsAgos = new uint32[](2);
        secondsAgos[0] = ORACLE_WINDOW;
        try pool.observe(secondsAgos) returns (int56[] memory ticks, uint160[] memory inverses) {
            unchecked {
                int256 sum = ticks[1] - ticks[0];
                int256 window = int256(uint256(ORACLE_WINDOW));
                meanTick = sum / window;
                if (sum < 0 && sum % window != 0) meanTick--;
                meanLiquidity = (uint256(ORACLE_WINDOW) << 128) / (inverses[1] - inverses[0]);
            }
        } catch {
            revert BuybackBurner_OracleTooShort(pool, ORACLE_WINDOW);
        }
    }

    /// @dev The least XME for `amount` of the token: the time-weighted price at the worst that the deviation allows, less the fee, less half
    ///      of it once more, which is the most that a slice moves the mean of its own price. Rounds up, against whoever moved the price.
    function _minXme(Plan storage plan_, Slice memory next, uint256 amount) private view returns (uint256) {
        (uint256 price, uint256 one) = (next.sqrtWorstPriceX96, 1 << 96);
        (uint256 numerator, uint256 denominator) = plan_.tokenIsToken0 ? (price, one) : (one, price);
        uint256 atPrice = Math.mulDiv(amount, numerator, denominator, Math.Rounding.Ceil);
        atPrice = Math.mulDiv(atPrice, numerator, denominator, Math.Rounding.Ceil);
        uint256 fee = plan_.poolFee;
        uint256 share = (_MILLION - fee) * (2 * _MILLION - fee);
        return Math.mulDiv(atPrice, share, 2 * _MILLION * _MILLION, Math.Rounding.Ceil);
    }

    function _dueAt(Plan storage plan_) private view returns (uint256) {
        uint256 lastSlice = plan_.lastSlice;
        return lastSlice == 0 ? 0 : lastSlice + plan_.interval;
    }

    function _existing(uint256 planId) private view returns (Plan storage plan_) {
        plan_ = _plans[planId];
        if (address(plan_.token) == address(0)) revert BuybackBurner_UnknownPlan(planId);
    }

    function _requireCode(address account) private view {
        if (account.code.length == 0) revert BuybackBurner_NoCode(account);
    }
}
