// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IGenesis} from "./interfaces/IGenesis.sol";
import {ISeederRecipient} from "./interfaces/IRecipients.sol";
import {
    IUniswapV3Factory,
    IUniswapV3Pool,
    IUniswapV3PositionManager,
    IUniswapV3SwapCallback
} from "../common/interfaces/IUniswapV3.sol";

/// @title LiquiditySeeder, which opens the XME/XMEX pool
/// @notice Puts the liquidity share of both tokens into a Uniswap V3 pool at a price fixed beforehand; the timelock owns the position.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 8, "Liquidity Provision". That it is a Uniswap V3 pool of the two tokens, its
///      price, fee and range are choices.
///
///      Why nobody can spoil the opening: anybody may create the pool, and give it any price, even before the tokens exist. Therefore
///      `Genesis.allocate` calls `seed` in the transaction in which the first tokens leave genesis, before anybody else receives one. Until
///      then nobody owns a single token, so a pool that somebody made has a price but no liquidity, and the price of an empty pool can be
///      moved to where it belongs by a swap that takes and gives nothing. `seed` does that, and its swap callback refuses to pay. The price
///      is then exactly the opening price, in the same transaction as the deposit, so no tolerance and no minimum amounts are needed.
///      If it fails all the same, `allocate` is undone as a whole, and works again with a new seeder, for a pool with another fee.
///
///      Full range (choice): the pool can never run out of one side, needs no one to tend it, and what governance buys back later has
///      liquidity at every price. The side of which there is too much for the opening price goes to the timelock (choice).
contract LiquiditySeeder is ISeederRecipient, IUniswapV3SwapCallback {
    using SafeERC20 for IERC20;

    /// @notice The lowest opening price, in XMEX for one XME times 1e18.
    /// @dev Choice: a millionth of a millionth; nothing near it makes sense, and the square root stays exact to 2^-76 of itself.
    uint256 public constant MIN_OPENING_PRICE_WAD = 1e6;

    /// @notice The highest opening price, in XMEX for one XME times 1e18.
    /// @dev Choice: a million millions; `price × 2^192` stays far below 2^256.
    uint256 public constant MAX_OPENING_PRICE_WAD = 1e30;

    /// @notice The closest that the usable ticks of the pool may be.
    /// @dev Choice: the smallest of Uniswap's fees of 0.05 % and more. At a distance of 1, moving the price of a pool that somebody opened
    ///      at the far end would take 28 million gas, more than one transaction may use (EIP-7825: 2^24).
    int24 public constant MIN_TICK_SPACING = 10;

    /// @dev Uniswap V3 TickMath: the largest tick; `MAX_TICK` and its negative bound every position.
    int24 private constant MAX_TICK = 887_272;

    /// @notice The contract that made the tokens, and the only one that may call `seed`.
    IGenesis public immutable genesis;

    /// @notice Uniswap's position manager, which mints the position.
    IUniswapV3PositionManager public immutable positionManager;

    /// @notice The governance token.
    IERC20 public immutable xme;

    /// @notice The utility token.
    IERC20 public immutable xmex;

    /// @notice The timelock, which gets the position and what is left of either token.
    address public immutable treasury;

    /// @notice The price at which the pool opens, in XMEX for one XME times 1e18.
    uint256 public immutable openingPriceWad;

    /// @notice The same price as Uniswap keeps it: ⌊√(token1 per token0) × 2^96⌋.
    uint160 public immutable openingSqrtPriceX96;

    /// @notice The fee of the pool in millionths.
    uint24 public immutable fee;

    /// @notice The lower end of the position: the lowest tick that the pool can use.
    int24 public immutable tickLower;

    /// @notice The upper end of the position: the highest tick that the pool can use.
    int24 public immutable tickUpper;

    /// @notice Whether the pool has been opened.
    bool public seeded;

    /// @notice The pool is open: `xmeIn` and `xmexIn` are in it as position `tokenId`, `xmeLeft` and `xmexLeft` went to the treasury.
    event Seeded(
        address indexed pool,
        uint256 indexed tokenId,
        uint128 liquidity,
        uint256 xmeIn,
        uint256 xmexIn,
        uint256 xmeLeft,
        uint256 xmexLeft
    );

    /// @notice Somebody had opened the pool at `sqrtPriceX96Found`; it was empty, and now stands at the opening price.
    event PriceCorrected(address indexed pool, uint160 sqrtPriceX96Found, uint160 openingSqrtPriceX96);

    /// @notice Thrown at construction when the price is not between the two bounds.
    error LiquiditySeeder_PriceOutOfBounds(uint256 openingPriceWad, uint256 minimum, uint256 maximum);

    /// @notice Thrown at construction when the factory has no pools with this fee.
    error LiquiditySeeder_FeeNotOffered(uint24 fee);

    /// @notice Thrown at construction when the usable ticks of pools with this fee are so close that somebody could hinder the opening.
    error LiquiditySeeder_TickSpacingTooSmall(uint24 fee, int24 tickSpacing, int24 minimum);

    /// @notice Thrown at construction when the address of genesis or of the position manager holds no contract.
    error LiquiditySeeder_NoCode(address account);

    /// @notice Thrown when anybody but genesis calls `seed`.
    error LiquiditySeeder_NotGenesis(address caller);

    /// @notice Thrown by a second `seed`.
    error LiquiditySeeder_AlreadySeeded();

    /// @notice Thrown when a pool that somebody else opened holds liquidity between its price and the opening price.
    error LiquiditySeeder_PoolNotEmpty(int256 amount0, int256 amount1);

    /// @dev `openingPriceWad_` is XMEX for one XME times 1e18; both tokens have 18 decimals, so it is the ratio of the smallest units too.
    ///      Reverts with `LiquiditySeeder_NoCode`, `LiquiditySeeder_PriceOutOfBounds`, `LiquiditySeeder_FeeNotOffered` and
    ///      `LiquiditySeeder_TickSpacingTooSmall`.
    constructor(IGenesis genesis_, IUniswapV3PositionManager positionManager_, uint256 openingPriceWad_, uint24 fee_) {
        if (address(genesis_).code.length == 0) revert LiquiditySeeder_NoCode(address(genesis_));
        if (address(positionManager_).code.length == 0) revert LiquiditySeeder_NoCode(address(positionManager_));
        if (openingPriceWad_ < MIN_OPENING_PRICE_WAD || openingPriceWad_ > MAX_OPENING_PRICE_WAD) {
            revert LiquiditySeeder_PriceOutOfBounds(openingPriceWad_, MIN_OPENING_PRICE_WAD, MAX_OPENING_PRICE_WAD);
        }
        int24 spacing = IUniswapV3Factory(positionManager_.factory()).feeAmountTickSpacing(fee_);
        if (spacing == 0) revert LiquiditySeeder_FeeNotOffered(fee_);
        if (spacing < MIN_TICK_SPACING) revert LiquiditySeeder_TickSpacingTooSmall(fee_, spacing, MIN_TICK_SPACING);

        genesis = genesis_;
        positionManager = positionManager_;
        xme = genesis_.xme();
        xmex = genesis_.xmex();
        treasury = genesis_.timelock();
        openingPriceWad = openingPriceWad_;
        fee = fee_;
        tickUpper = (MAX_TICK / spacing) * spacing;
        tickLower = -tickUpper;
        // At most 2^40 × 2^192: the root of a floor is the floor of the root, so the only rounding is one step of 2^-96 down.
        uint256 ratioX192 =
            _xmeIsToken0()
                ? Math.mulDiv(openingPriceWad_, 1 << 192, 1e18)
                : Math.mulDiv(1e18, 1 << 192, openingPriceWad_);
        openingSqrtPriceX96 = uint160(Math.sqrt(ratioX192));
    }

    /// @notice Opens the pool with all the XME and XMEX held here and sends what it does not take to the treasury; only once, only genesis.
    /// @dev Everything foreign that it calls is Uniswap; `seeded` is set first, and the tokens have no hooks. What went in and what was left
    ///      add up to all that was here. Cost: creating the pool is about 4.5 million gas; moving the price of an empty pool that somebody
    ///      opened costs at most one step for each 256 usable ticks: 4 million for ticks as close as `MIN_TICK_SPACING`.
    ///      Reverts with `LiquiditySeeder_NotGenesis`, `LiquiditySeeder_AlreadySeeded` and `LiquiditySeeder_PoolNotEmpty`.
    function seed() external {
        if (msg.sender != address(genesis)) revert LiquiditySeeder_NotGenesis(msg.sender);
        if (seeded) revert LiquiditySeeder_AlreadySeeded();
        seeded = true;

        IUniswapV3Pool pool = _openPool();

        bool xmeFirst = _xmeIsToken0();
        (IERC20 token0, IERC20 token1) = xmeFirst ? (xme, xmex) : (xmex, xme);
        uint256 held0 = token0.balanceOf(address(this));
        uint256 held1 = token1.balanceOf(address(this));
        token0.forceApprove(address(positionManager), held0);
        token1.forceApprove(address(positionManager), held1);
        (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1) = positionManager.mint(
            IUniswapV3PositionManager.MintParams({
                token0: address(token0),
                token1: address(token1),
                fee: fee,
                tickLower: tickLower,
                tickUpper: tickUpper,
                amount0Desired: held0,
                amount1Desired: held1,
                // The price was checked a moment ago in this transaction, so the amounts cannot come out differently.
                amount0Min: 0,
                amount1Min: 0,
                recipient: treasury,
                deadline: block.timestamp
            })
        );

        uint256 left0 = _sendRest(token0);
        uint256 left1 = _sendRest(token1);
        if (xmeFirst) emit Seeded(address(pool), tokenId, liquidity, amount0, amount1, left0, left1);
        else emit Seeded(address(pool), tokenId, liquidity, amount1, amount0, left1, left0);
    }

    /// @notice The pool asks for payment here, and gets none: an empty pool needs none.
    /// @dev Holds no state and moves nothing, so it does not matter who calls. Reverts with `LiquiditySeeder_PoolNotEmpty` unless both
    ///      amounts are zero, which undoes the swap.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external pure {
        if (amount0Delta != 0 || amount1Delta != 0) revert LiquiditySeeder_PoolNotEmpty(amount0Delta, amount1Delta);
    }

    /// @dev The pool at the opening price: created and initialised where it was not, moved where somebody opened it elsewhere.
    function _openPool() private returns (IUniswapV3Pool pool) {
        IUniswapV3Factory factory = IUniswapV3Factory(positionManager.factory());
        pool = IUniswapV3Pool(factory.getPool(address(xme), address(xmex), fee));
        if (address(pool) == address(0)) pool = IUniswapV3Pool(factory.createPool(address(xme), address(xmex), fee));

        (uint160 found, , , , , , ) = pool.slot0();
        if (found == 0) {
            pool.initialize(openingSqrtPriceX96);
        } else if (found != openingSqrtPriceX96) {
            // A swap ends when its amount is used up or its price limit is reached. The callback refuses any use of the amount, so only the
            // limit is left, and the price is exact.
            pool.swap(address(this), openingSqrtPriceX96 < found, 1, openingSqrtPriceX96, "");
            emit PriceCorrected(address(pool), found, openingSqrtPriceX96);
        }
    }

    /// @dev Clears the allowance and sends the balance of `token` to the treasury.
    function _sendRest(IERC20 token) private returns (uint256 left) {
        token.forceApprove(address(positionManager), 0);
        left = token.balanceOf(address(this));
        if (left > 0) token.safeTransfer(treasury, left);
    }

    /// @dev Uniswap orders the two tokens of a pool by their addresses.
    function _xmeIsToken0() private view returns (bool) {
        return address(xme) < address(xmex);
    }
}
