/**
 * Reference model of X.me's genesis: who gets what, when it vests, and how the pool opens.
 * Source: X.me Dual-Token Economic Model Whitepaper, section 8, "Token Allocation & Release". Amounts are in smallest units (18 decimals),
 * times in seconds.
 */
import {
  amountsForLiquidity,
  fullRange,
  liquidityForAmounts,
  sqrtPriceAtTick,
  sqrtPriceOfAmounts,
  tickAtSqrtPrice,
  TICK_SPACINGS,
} from "../uniswap/math.js";
import type { Address } from "../uniswap/types.js";

const WAD = 10n ** 18n;

/** "XME Total Supply: 1 Billion (Fixed)". */
export const XME_SUPPLY = 1_000_000_000n * WAD;

/** "XMEX Total Supply: 100 Billion (Initial Total)", read as the total. */
export const XMEX_SUPPLY = 100_000_000_000n * WAD;

/** Everyone who receives tokens at genesis. */
export type AllocationRecipient =
  "treasury" | "publicSale" | "airdrop" | "teamVesting" | "privateSaleVesting" | "liquiditySeeder" | "emissionVault";

/** One line of the table: `percent` of the whole supply of `token` goes to `recipient`. */
export interface Allocation {
  readonly token: "XME" | "XMEX";
  readonly recipient: AllocationRecipient;
  readonly percent: bigint;
  readonly amount: bigint;
}

/** Section 8's table for XME; its 90 % for XMEX, whose open tenth is split evenly between treasury and pool (choice). */
export const ALLOCATIONS: readonly Allocation[] = [
  xmeShare("treasury", 25n),
  xmeShare("publicSale", 25n),
  xmeShare("airdrop", 15n),
  xmeShare("teamVesting", 15n),
  xmeShare("privateSaleVesting", 10n),
  xmeShare("liquiditySeeder", 10n),
  xmexShare("emissionVault", 90n),
  xmexShare("treasury", 5n),
  xmexShare("liquiditySeeder", 5n),
];

/** What `recipient` gets of `token`; zero where the table has no such line. */
export function allocationOf(token: Allocation["token"], recipient: AllocationRecipient): bigint {
  return ALLOCATIONS.find((line) => line.token === token && line.recipient === recipient)?.amount ?? 0n;
}

/** The account years of this economy: 365 days (choice). */
export const YEAR = 365n * 24n * 60n * 60n;

/** A schedule that releases nothing before its cliff and everything at its end, both counted from the start. */
export interface VestingSchedule {
  readonly cliff: bigint;
  readonly duration: bigint;
}

/** Team and advisers: one-year cliff, four years. Private sale: half a year, two years. Both are choices; the source has no schedule. */
export const VESTING_SCHEDULES = {
  teamVesting: { cliff: YEAR, duration: 4n * YEAR },
  privateSaleVesting: { cliff: YEAR / 2n, duration: 2n * YEAR },
} as const satisfies Record<string, VestingSchedule>;

/**
 * What has vested of `total` when `elapsed` seconds have passed since the start: nothing before the cliff, then in proportion to the time
 * passed, rounded down, at most everything.
 */
export function vestedAmount(schedule: VestingSchedule, total: bigint, elapsed: bigint): bigint {
  if (elapsed < schedule.cliff) return 0n;
  if (elapsed >= schedule.duration) return total;
  return (total * elapsed) / schedule.duration;
}

/** The pool's fee where the parameters name none: 0.3 % in millionths (choice: Uniswap's tier for pairs that are not pegged to each other). */
export const DEFAULT_POOL_FEE = 3_000n;

/** The opening price where the parameters name none: 100 XMEX for one XME times 1e18, the ratio of the supplies (choice). */
export const DEFAULT_OPENING_PRICE_WAD = 100n * WAD;

/** The bounds of the opening price, in XMEX for one XME times 1e18; the seeder refuses any other (choice). */
export const OPENING_PRICE_BOUNDS = { minimum: 10n ** 6n, maximum: 10n ** 30n } as const;

/** The pool as the seeder opens it. */
export interface OpeningPool {
  readonly xmeIsToken0: boolean;
  readonly sqrtPriceX96: bigint;
  readonly tick: bigint;
  readonly tickLower: bigint;
  readonly tickUpper: bigint;
  readonly liquidity: bigint;
  readonly xmeIn: bigint;
  readonly xmexIn: bigint;
  readonly xmeLeft: bigint;
  readonly xmexLeft: bigint;
}

/**
 * The full-range position that the seeder mints from `xmeAmount` and `xmexAmount` at `priceWad` (XMEX for one XME times 1e18), and what is
 * left of either. Uniswap orders a pool's tokens by address, so the addresses decide which way round the price is kept.
 * Rounding: price and liquidity down, what goes in up.
 *
 * @throws for a price out of bounds or a fee that Uniswap V3 does not have.
 */
export function openingPool(parameters: {
  readonly xme: Address;
  readonly xmex: Address;
  readonly priceWad: bigint;
  readonly fee: bigint;
  readonly xmeAmount: bigint;
  readonly xmexAmount: bigint;
}): OpeningPool {
  const { xme, xmex, priceWad, fee, xmeAmount, xmexAmount } = parameters;
  const tickSpacing = TICK_SPACINGS.get(fee);
  if (tickSpacing === undefined)
    throw new RangeError(`Uniswap V3 has no pools with a fee of ${String(fee)} millionths`);
  const { minimum, maximum } = OPENING_PRICE_BOUNDS;
  if (priceWad < minimum || priceWad > maximum) {
    throw new RangeError(`opening price ${String(priceWad)} × 10^-18 is not between 10^-12 and 10^12 XMEX for one XME`);
  }
  const xmeIsToken0 = BigInt(xme) < BigInt(xmex);
  const sqrtPriceX96 = xmeIsToken0 ? sqrtPriceOfAmounts(priceWad, WAD) : sqrtPriceOfAmounts(WAD, priceWad);
  const { tickLower, tickUpper } = fullRange(tickSpacing);
  const range = {
    sqrtPriceX96,
    sqrtLowerX96: sqrtPriceAtTick(tickLower),
    sqrtUpperX96: sqrtPriceAtTick(tickUpper),
  };
  const [held0, held1] = xmeIsToken0 ? [xmeAmount, xmexAmount] : [xmexAmount, xmeAmount];
  const liquidity = liquidityForAmounts(range, held0, held1);
  const { amount0, amount1 } = amountsForLiquidity(range, liquidity);
  const [xmeIn, xmexIn] = xmeIsToken0 ? [amount0, amount1] : [amount1, amount0];
  return {
    xmeIsToken0,
    sqrtPriceX96,
    tick: tickAtSqrtPrice(sqrtPriceX96),
    tickLower,
    tickUpper,
    liquidity,
    xmeIn,
    xmexIn,
    xmeLeft: xmeAmount - xmeIn,
    xmexLeft: xmexAmount - xmexIn,
  };
}

function xmeShare(recipient: AllocationRecipient, percent: bigint): Allocation {
  return { token: "XME", recipient, percent, amount: (XME_SUPPLY * percent) / 100n };
}

function xmexShare(recipient: AllocationRecipient, percent: bigint): Allocation {
  return { token: "XMEX", recipient, percent, amount: (XMEX_SUPPLY * percent) / 100n };
}
