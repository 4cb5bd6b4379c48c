// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {BuybackBurner} from "../../../contracts/xme/BuybackBurner.sol";
import {TickMath} from "../../../contracts/xme/TickMath.sol";
import {XME} from "../../../contracts/xme/XME.sol";
import {IUniswapV3Factory, IUniswapV3Pool} from "../../../contracts/common/interfaces/IUniswapV3.sol";
import {BuybackPool} from "../../harness/xme/BuybackPool.sol";
import {BuybackToken} from "../../harness/xme/BuybackToken.sol";
import {Test} from "../support/Test.sol";

uint256 constant BUYBACK_START = 1_800_000_000;
uint256 constant WINDOW = 1_800;

/// @dev A factory of stand-in pools: one for each token and fee.
contract BuybackPools {
    mapping(IERC20 token => mapping(uint24 fee => BuybackPool)) private _pools;

    function open(IERC20 token, IERC20 xme, uint24 fee) external returns (BuybackPool pool) {
        pool = new BuybackPool(token, xme);
        _pools[token][fee] = pool;
    }

    function getPool(address token, address, uint24 fee) external view returns (BuybackPool) {
        return _pools[IERC20(token)][fee];
    }
}

/// @dev What every test stands on: XME, its burner, this contract as treasury and as governance.
abstract contract BuybackBurnerSetUp {
    XME internal xme;
    BuybackPools internal pools;
    AccessManager internal manager;
    BuybackBurner internal burner;

    function _deployBurner() internal {
        xme = new XME();
        pools = new BuybackPools();
        manager = new AccessManager(address(this));
        burner = new BuybackBurner(xme, IUniswapV3Factory(address(pools)), address(this), address(manager));
    }

    /// @dev Says that a pool has been at `meanTick` with `meanLiquidity` for the window, and is at `spotTick` with `liquidity` now.
    function _state(
        BuybackPool pool,
        int24 meanTick,
        int24 spotTick,
        uint128 meanLiquidity,
        uint128 liquidity
    ) internal {
        pool.setState(TickMath.sqrtPriceX96At(spotTick), spotTick, liquidity);
        uint160 inverse = uint160((WINDOW << 128) / meanLiquidity);
        pool.setOracle([int56(0), int56(meanTick) * int56(int256(WINDOW))], [uint160(0), inverse], false);
    }
}

/// @notice Fuzz tests of a slice: it never passes what the pool bears, and what an honest pool gives is never refused.
contract BuybackBurnerTest is Test, BuybackBurnerSetUp {
    uint24[4] private _fees = [100, 500, 3_000, 10_000];

    function setUp() external {
        vm.warp(BUYBACK_START);
        _deployBurner();
    }

    function testFuzz_ASliceIsAtMostHalfOfTheFeeOfTheLesserReserve(
        uint256 feeSeed,
        int24 tick,
        uint128 meanLiquidity,
        uint128 liquidity,
        uint128 wanted
    ) external {
        tick = int24(int256(bound(uint256(uint24(tick)), 0, 400_000)) - 200_000);
        meanLiquidity = uint128(bound(meanLiquidity, 1e12, 1e30));
        liquidity = uint128(bound(liquidity, 1e12, 1e30));
        wanted = uint128(bound(wanted, 1, 1e36));
        (BuybackPool pool, uint256 fee, bool tokenIsToken0) = _plan(feeSeed, wanted);
        _state(pool, tick, tick, meanLiquidity, liquidity);
        uint256 least = Math.min(liquidity, (WINDOW << 128) / uint160((WINDOW << 128) / meanLiquidity));
        uint256 price = TickMath.sqrtPriceX96At(tick);
        uint256 reserve = tokenIsToken0 ? Math.mulDiv(least, 1 << 96, price) : Math.mulDiv(least, price, 1 << 96);

        (uint256 amountIn, uint256 minXme, bytes memory refusal) = burner.preview(1);
        if (reserve * fee < 2e6) {
            vm.assertEq(
                refusal,
                abi.encodeWithSelector(BuybackBurner.BuybackBurner_TooLittleLiquidity.selector, pool, least),
                "a slice of nothing was not refused"
            );
            return;
        }
        vm.assertLe(amountIn * 2e6, reserve * fee, "a slice is above what the pool bears");
        vm.assertTrue(
            amountIn == wanted || (amountIn + 1) * 2e6 > reserve * fee,
            "a slice is below both what is wanted and what the pool bears"
        );
        vm.assertGt(minXme, 0, "a slice could be given away");
    }

    function testFuzz_WhatAnHonestPoolGivesIsNeverRefused(
        uint256 feeSeed,
        int24 tick,
        uint256 deviation,
        uint128 liquidity,
        uint256 inside
    ) external {
        tick = int24(int256(bound(uint256(uint24(tick)), 0, 200_000)) - 100_000);
        int24 spot = tick + int24(int256(bound(deviation, 0, 60))) - 30;
        liquidity = uint128(bound(liquidity, 1e22, 1e27));
        (BuybackPool pool, uint256 fee, bool tokenIsToken0) = _plan(feeSeed, 1e36);
        _state(pool, tick, spot, liquidity, liquidity);
        // Anywhere between the price of the tick and that of the next one.
        uint160 low = TickMath.sqrtPriceX96At(spot);
        uint160 price = uint160(bound(inside, low, TickMath.sqrtPriceX96At(spot + 1)));
        pool.setState(price, spot, liquidity);

        (uint256 amountIn, ) = burner.quoteSlice(1);
        (uint256 bought, uint160 end) = _constantLiquiditySwap(liquidity, price, fee, amountIn, tokenIsToken0);
        pool.setSwap(amountIn, bought, 1);
        xme.transfer(address(pool), bought);
        uint256 supply = xme.totalSupply();
        (uint256 paid, uint256 burned) = burner.execute(1);
        vm.assertEq(paid, amountIn, "it paid another amount");
        vm.assertEq(burned, bought, "it burned another amount");
        vm.assertEq(supply - xme.totalSupply(), bought, "the supply fell by another amount");
        vm.assertTrue(
            tokenIsToken0 ? pool.lastLimit() <= end : pool.lastLimit() >= end,
            "the price limit would have cut an honest slice"
        );
    }

    function testFuzz_WhatIsLessThanAllOfItsTolerancesIsRefused(
        uint256 feeSeed,
        int24 tick,
        uint128 liquidity
    ) external {
        tick = int24(int256(bound(uint256(uint24(tick)), 0, 200_000)) - 100_000);
        liquidity = uint128(bound(liquidity, 1e22, 1e27));
        (BuybackPool pool, uint256 fee, bool tokenIsToken0) = _plan(feeSeed, 1e36);
        _state(pool, tick, tick, liquidity, liquidity);
        (uint256 amountIn, uint256 minXme) = burner.quoteSlice(1);
        uint256 price = TickMath.sqrtPriceX96At(tick);
        (uint256 numerator, uint256 denominator) = tokenIsToken0
            ? (price, uint256(1) << 96)
            : (uint256(1) << 96, price);
        uint256 fair = Math.mulDiv(Math.mulDiv(amountIn, numerator, denominator), numerator, denominator);
        // The fee, half of it for the slice's own way, and 31 ticks of 0.01 %: together never more than this.
        vm.assertGe(minXme, (fair * (1e6 - fee - fee / 2 - 3_100)) / 1e6, "the least is too little");
        pool.setSwap(amountIn, minXme - 1, 1);
        xme.transfer(address(pool), minXme);
        vm.expectRevert(
            abi.encodeWithSelector(BuybackBurner.BuybackBurner_BoughtTooLittle.selector, minXme - 1, minXme)
        );
        burner.execute(1);
        pool.setSwap(amountIn, minXme, 1);
        burner.execute(1);
    }

    function testFuzz_PricesRiseWithTheirTicks(int24 tick) external pure {
        tick = int24(int256(bound(uint256(uint24(tick)), 0, 2 * 887_272 - 1)) - 887_272);
        uint256 price = TickMath.sqrtPriceX96At(tick);
        uint256 next = TickMath.sqrtPriceX96At(tick + 1);
        // √1.0001 is 1.00004999875…, and a price near the lower end has but ten digits.
        vm.assertApproxEqAbs(
            (next * 1e18) / price,
            1_000_049_998_750_062_496,
            1e18 / price + 1e9,
            "a step is not the root of 1.0001"
        );
    }

    function testFuzz_PricesOfATickAndItsNegativeAreInverse(uint256 tick) external pure {
        int256 signed = int256(bound(tick, 0, 400_000));
        uint256 product = Math.mulDiv(TickMath.sqrtPriceX96At(signed), TickMath.sqrtPriceX96At(-signed), 1 << 96);
        vm.assertApproxEqAbs(product, 1 << 96, 1 << 62, "two prices are not inverse");
    }

    /// @dev A plan that pays with a token of either order, in a pool with one of the fees.
    function _plan(
        uint256 feeSeed,
        uint256 wanted
    ) private returns (BuybackPool pool, uint256 fee, bool tokenIsToken0) {
        BuybackToken token = new BuybackToken(18);
        uint24 fee_ = _fees[feeSeed % 4];
        pool = pools.open(token, xme, fee_);
        _state(pool, 0, 0, 1e18, 1e18);
        token.approve(address(burner), wanted);
        burner.startPlan(token, fee_, wanted, wanted, 1 days, block.timestamp + 30 days);
        return (pool, fee_, address(token) < address(xme));
    }

    /// @dev What Uniswap V3 gives where the liquidity is the same all the way, and the price that it leaves.
    function _constantLiquiditySwap(
        uint256 liquidity,
        uint256 price,
        uint256 fee,
        uint256 amountIn,
        bool tokenIsToken0
    ) private pure returns (uint256 bought, uint160 end) {
        uint256 net = (amountIn * (1e6 - fee)) / 1e6;
        if (tokenIsToken0) {
            uint256 scaled = liquidity << 96;
            end = uint160(Math.mulDiv(scaled, price, scaled + net * price, Math.Rounding.Ceil));
            bought = Math.mulDiv(liquidity, price - end, 1 << 96);
        } else {
            end = uint160(price + Math.mulDiv(net, 1 << 96, liquidity));
            bought = Math.mulDiv(liquidity << 96, end - price, end) / price;
        }
    }
}

/// @dev Governance, strangers and pools that give more or less, on plans of two tokens in three pools, over months.
contract BuybackBurnerHandler is Test {
    BuybackBurner private _burner;
    XME private _xme;
    BuybackToken[2] private _tokens;
    BuybackPool[3] private _poolsOfPlans;
    IERC20[3] private _tokenOf;
    uint24[3] private _feeOf;

    mapping(IUniswapV3Pool pool => uint256 time) private _lastSlice;
    mapping(uint256 planId => uint256 amount) public total;
    mapping(uint256 planId => uint256 amount) public spent;
    mapping(uint256 planId => uint256 amount) public returned;
    mapping(IERC20 token => uint256 amount) public donated;
    uint256 public burnedInAll;
    uint256 public slices;
    uint256 public parts;
    uint256 public returns_;
    uint256 public refusals;
    uint256 public calls;
    bool public tooSoon;
    bool public wrongRefusalPassed;

    constructor(BuybackBurner burner_, XME xme_, BuybackToken[2] memory tokens_, BuybackPool[3] memory pools_) {
        (_burner, _xme, _tokens, _poolsOfPlans) = (burner_, xme_, tokens_, pools_);
        for (uint256 i = 0; i < 3; i++) _tokenOf[i] = pools_[i].token();
        (_feeOf[0], _feeOf[1], _feeOf[2]) = (500, 3_000, 3_000);
    }

    /// @dev After each call the handler starts what is missing, tries a slice of each pool, and lets time pass.
    modifier thenOneMore(uint256 seed) {
        _;
        calls++;
        for (uint256 i = 0; i < 3; i++) {
            _start(i, seed >> (8 * i));
            _execute(i, uint256(keccak256(abi.encode(seed, i))));
        }
        if (calls % 5 == 0) _cancel(seed % 3);
        vm.warp(block.timestamp + 3 hours);
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 20 days));
    }

    function executeTwice(uint256 which, uint256 seed) external thenOneMore(seed) {
        _execute(which % 3, seed);
        _execute(which % 3, seed >> 16);
    }

    function cancel(uint256 which) external thenOneMore(which) {
        _cancel(which % 3);
    }

    function close(uint256 which) external thenOneMore(which) {
        uint256 planId = _burner.lastPlanOf(_poolsOfPlans[which % 3]);
        if (planId == 0) return;
        BuybackBurner.Plan memory plan = _burner.plan(planId);
        bool allowed = plan.left != 0 && block.timestamp >= plan.end;
        try _burner.close(planId) returns (uint256 amount) {
            if (!allowed) wrongRefusalPassed = true;
            returned[planId] += amount;
            returns_++;
        } catch {
            if (allowed) wrongRefusalPassed = true;
            refusals++;
        }
    }

    function donate(uint256 which, uint256 amount) external thenOneMore(amount) {
        BuybackToken token = _tokens[which % 2];
        amount = bound(amount, 0, 1e20);
        donated[token] += amount;
        token.transfer(address(_burner), amount);
    }

    function _start(uint256 which, uint256 seed) private {
        uint256 amount = bound(seed, 1e20, 1e24);
        uint256 interval = 30 minutes + (seed % 1 days);
        uint256 end = block.timestamp + 1 + (seed % 40 days);
        try _burner.startPlan(_tokenOf[which], _feeOf[which], amount, 1 + (seed % amount), interval, end) returns (
            uint256 planId
        ) {
            total[planId] = amount;
        } catch {
            refusals++;
        }
    }

    /// @dev The pool takes up to a tenth more than the slice, and gives what suffices or a little less.
    function _execute(uint256 which, uint256 seed) private {
        BuybackPool pool = _poolsOfPlans[which];
        uint256 planId = _burner.lastPlanOf(pool);
        if (planId == 0) return;
        (uint256 amountIn, uint256 minXme, ) = _burner.preview(planId);
        uint256 takes = (amountIn * (seed % 12)) / 10;
        if (takes > amountIn && seed % 3 != 0) takes = amountIn;
        uint256 gives = ((seed >> 8) % 4 == 0) ? minXme / 2 : minXme + ((seed >> 16) % 1e18);
        pool.setSwap(takes, gives, 1);
        try _burner.execute(planId) returns (uint256 paid, uint256 burned) {
            if (_lastSlice[pool] != 0 && block.timestamp < _lastSlice[pool] + 30 minutes) tooSoon = true;
            if (paid > amountIn || burned != gives) wrongRefusalPassed = true;
            _lastSlice[pool] = block.timestamp;
            spent[planId] += paid;
            burnedInAll += burned;
            slices++;
            if (paid < amountIn) parts++;
        } catch {
            refusals++;
        }
    }

    function _cancel(uint256 which) private {
        uint256 planId = _burner.lastPlanOf(_poolsOfPlans[which]);
        if (planId == 0) return;
        try _burner.cancelPlan(planId) returns (uint256 amount) {
            returned[planId] += amount;
            returns_++;
        } catch {
            refusals++;
        }
    }
}

/// @notice Invariants of all plans together.
contract BuybackBurnerInvariantTest is Test, BuybackBurnerSetUp {
    BuybackBurnerHandler private _handler;
    BuybackToken[2] private _tokens;

    function setUp() external {
        vm.warp(BUYBACK_START);
        _deployBurner();
        _tokens = [new BuybackToken(18), new BuybackToken(6)];
        BuybackPool[3] memory opened = [
            pools.open(_tokens[0], xme, 500),
            pools.open(_tokens[0], xme, 3_000),
            pools.open(_tokens[1], xme, 3_000)
        ];
        for (uint256 i = 0; i < 3; i++) {
            _state(opened[i], 0, 0, 1e25, 1e25);
            xme.transfer(address(opened[i]), 1e26);
        }
        // solhint-disable-next-line reentrancy
        _handler = new BuybackBurnerHandler(burner, xme, _tokens, opened);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        for (uint256 i = 0; i < 2; i++) {
            _tokens[i].approve(address(burner), type(uint256).max);
            _tokens[i].transfer(address(_handler), 1e30);
        }
        targetContract(address(_handler));
    }

    function invariant_TheBalanceIsWhatIsLeftToThePlansOfAToken() external view {
        uint256[2] memory left;
        for (uint256 planId = 1; planId <= burner.planCount(); planId++) {
            BuybackBurner.Plan memory plan = burner.plan(planId);
            left[address(plan.token) == address(_tokens[0]) ? 0 : 1] += plan.left;
        }
        for (uint256 i = 0; i < 2; i++) {
            uint256 balance = _tokens[i].balanceOf(address(burner));
            vm.assertEq(balance, left[i] + _handler.donated(_tokens[i]), "a plan lives on another's tokens");
        }
    }

    function invariant_APlanIsSpentReturnedOrLeft() external view {
        for (uint256 planId = 1; planId <= burner.planCount(); planId++) {
            uint256 accounted = _handler.spent(planId) + _handler.returned(planId) + burner.plan(planId).left;
            vm.assertEq(accounted, _handler.total(planId), "a plan is not spent, returned or left");
        }
    }

    function invariant_TheSupplyFallsByWhatIsBought() external view {
        vm.assertEq(xme.INITIAL_SUPPLY() - xme.totalSupply(), _handler.burnedInAll(), "another amount was burned");
        vm.assertEq(xme.balanceOf(address(burner)), 0, "XME that was bought stayed");
    }

    function invariant_SlicesOfAPoolLieHalfAnHourApart() external view {
        vm.assertFalse(_handler.tooSoon(), "two slices of a pool came too close");
        vm.assertFalse(_handler.wrongRefusalPassed(), "something passed or was refused that must not be");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.slices(), 0, "no slice was bought");
        vm.assertGt(_handler.parts(), 0, "no slice was bought in part");
        vm.assertGt(_handler.returns_(), 0, "nothing was returned");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
        vm.assertGt(burner.planCount(), 3, "hardly any plan was started");
    }
}
