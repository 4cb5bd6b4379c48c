/**
 * Reference model of `BuybackBurner`: X.me Dual-Token Economic Model Whitepaper, section 4.1, "the right to vote on 'Buyback and Burn' plans",
 * and a search for somebody who could earn by a slice. Amounts in smallest units, times in seconds, prices √(token1 per token0) × 2^96.
 */
import { fullRange, sqrtPriceAtTick, squareRoot, TICK_SPACINGS } from "../uniswap/math.js";
import { PoolModel, type PoolMean } from "./pool.js";

const Q96 = 1n << 96n;
const MILLION = 1_000_000n;
const WAD = 10n ** 18n;

/** Seconds over which the price and the liquidity of a pool are averaged (choice). */
export const ORACLE_WINDOW = 1_800n;

/** The furthest, in ticks, that the price may lie from its average (choice: 0.3 %). */
export const MAX_TICK_DEVIATION = 30n;

/** Seconds between two slices of a pool, at least (choice: the window of the average). */
export const MIN_BUYBACK_INTERVAL = ORACLE_WINDOW;

/** Seconds that a plan may take, and its interval, at most (choice: a year). */
export const MAX_BUYBACK_DURATION = 365n * 86_400n;

/** Why a slice is refused, by the name of the contract's error after `BuybackBurner_`. */
export type SliceRefusal =
  "NothingLeft" | "Ended" | "NotDue" | "OracleTooShort" | "PriceOffAverage" | "TooLittleLiquidity" | "BoughtTooLittle";

/** What the next slice would be. */
export interface SliceTerms {
  readonly amountIn: bigint;
  readonly sqrtPriceLimitX96: bigint;
  readonly minXme: (amount: bigint) => bigint;
}

/**
 * The terms of a slice, from the state of its pool; a price off its average, or liquidity for no slice at all, refuse it.
 *
 * @param wanted the least of the plan's slice and of what is left to it
 */
export function sliceTerms(
  pool: Pick<PoolModel, "sqrtPriceX96" | "tick" | "liquidity" | "fee">,
  mean: PoolMean,
  tokenIsToken0: boolean,
  wanted: bigint,
): SliceTerms | SliceRefusal {
  const distance = pool.tick - mean.tick;
  if (distance > MAX_TICK_DEVIATION || -distance > MAX_TICK_DEVIATION) return "PriceOffAverage";
  const liquidity = pool.liquidity < mean.liquidity ? pool.liquidity : mean.liquidity;
  const most = largestSlice(pool.sqrtPriceX96, liquidity, pool.fee, tokenIsToken0);
  const amountIn = most < wanted ? most : wanted;
  if (amountIn === 0n) return "TooLittleLiquidity";

  const moved = 2n * MILLION + pool.fee;
  const worst = sqrtPriceAtTick(tokenIsToken0 ? mean.tick - MAX_TICK_DEVIATION : mean.tick + MAX_TICK_DEVIATION + 1n);
  const [numerator, denominator] = tokenIsToken0 ? [worst, Q96] : [Q96, worst];
  const share = (MILLION - pool.fee) * (2n * MILLION - pool.fee);
  return {
    amountIn,
    sqrtPriceLimitX96: tokenIsToken0
      ? (pool.sqrtPriceX96 * 2n * MILLION) / moved
      : (pool.sqrtPriceX96 * moved) / (2n * MILLION),
    minXme: (amount) => {
      const once = divideUp(amount * numerator, denominator);
      return divideUp(divideUp(once * numerator, denominator) * share, 2n * MILLION * MILLION);
    },
  };
}

/**
 * Half of fee × virtual reserve of the token paid in, rounded down: twice that is where a sandwich begins to pay, and up to this the price
 * moves by no more than the fee.
 */
export function largestSlice(sqrtPriceX96: bigint, liquidity: bigint, fee: bigint, tokenIsToken0: boolean): bigint {
  const reserve = tokenIsToken0 ? (liquidity * Q96) / sqrtPriceX96 : (liquidity * sqrtPriceX96) / Q96;
  return (reserve * fee) / (2n * MILLION);
}

/** What a plan is started with. */
export interface PlanTerms {
  readonly total: bigint;
  readonly slice: bigint;
  readonly interval: bigint;
  readonly end: bigint;
}

/** What a slice paid and burned. */
export interface SliceOutcome {
  readonly paid: bigint;
  readonly burned: bigint;
}

/** One plan, on a pool of which it is the only one; what it buys it buys from the model of that pool. */
export class BuybackPlan {
  readonly terms: PlanTerms;
  readonly #pool: PoolModel;
  readonly #tokenIsToken0: boolean;
  #left: bigint;
  #lastSlice: bigint | undefined;

  constructor(pool: PoolModel, tokenIsToken0: boolean, terms: PlanTerms) {
    this.#pool = pool;
    this.#tokenIsToken0 = tokenIsToken0;
    this.terms = terms;
    this.#left = terms.total;
  }

  get left(): bigint {
    return this.#left;
  }

  /** Seconds; zero before the first slice. */
  get dueAt(): bigint {
    return this.#lastSlice === undefined ? 0n : this.#lastSlice + this.terms.interval;
  }

  /** The terms of the slice at the time `at`, or why there is none. */
  quote(at: bigint): SliceTerms | SliceRefusal {
    if (this.#left === 0n) return "NothingLeft";
    if (at >= this.terms.end) return "Ended";
    if (at < this.dueAt) return "NotDue";
    const mean = this.#pool.mean(at, ORACLE_WINDOW);
    if (mean === undefined) return "OracleTooShort";
    const wanted = this.terms.slice < this.#left ? this.terms.slice : this.#left;
    return sliceTerms(this.#pool, mean, this.#tokenIsToken0, wanted);
  }

  /** Runs the slice at the time `at`, or says why not; a refusal changes nothing. */
  execute(at: bigint): SliceOutcome | SliceRefusal {
    const terms = this.quote(at);
    if (typeof terms === "string") return terms;
    const trial = this.#pool.copy();
    const { paid, received } = trial.swap(at, this.#tokenIsToken0, terms.amountIn, terms.sqrtPriceLimitX96);
    if (received < terms.minXme(paid)) return "BoughtTooLittle";
    this.#pool.swap(at, this.#tokenIsToken0, terms.amountIn, terms.sqrtPriceLimitX96);
    this.#left -= paid;
    this.#lastSlice = at;
    return { paid, burned: received };
  }
}

/** How an attack is laid out in time: what is bought before the slice is bought in its transaction, or in the block before. */
export type AttackTiming = "one transaction" | "two blocks";

/** What is sold after the slice: exactly what was bought before it, or all that the pool takes above the fair price, from stock too. */
export type AttackExit = "what was bought" | "down to the fair price";

/** One try to earn by a slice. */
export interface Attack {
  readonly fee: bigint;
  /** Virtual reserve of the token that the plan pays with. */
  readonly depth: bigint;
  readonly tokenIsToken0: boolean;
  readonly timing: AttackTiming;
  /** What XME is bought for before the slice. */
  readonly capital: bigint;
  /** Liquidity that comes just before the slice and leaves just after it, in thousandths of what the pool has. */
  readonly providedPermille: bigint;
  readonly exit: AttackExit;
  /** Where it is there, the slice is this, bought without any guard. */
  readonly unguarded?: bigint;
}

/** What a try came to. */
export interface AttackOutcome {
  readonly refusal: SliceRefusal | undefined;
  readonly tokenGained: bigint;
  readonly xmeGained: bigint;
  /** Both gains, in the plan's token at the price that was fair before. */
  readonly profit: bigint;
  readonly slice: SliceOutcome;
}

/** The fair price in the search, in units of the plan's token for one of XME. */
export const FAIR_PRICE = 100n;

/** Seconds between two blocks in the search. */
export const BLOCK_TIME = 12n;

/** The fair price in the form of a pool. */
export function fairSqrtPrice(tokenIsToken0: boolean): bigint {
  return tokenIsToken0 ? Q96 / 10n : Q96 * 10n;
}

/** The range of every position in the search: the widest. */
export function attackRange(fee: bigint): { readonly tickLower: bigint; readonly tickUpper: bigint } {
  const spacing = TICK_SPACINGS.get(fee);
  if (spacing === undefined) throw new RangeError(`Uniswap V3 offers no fee of ${fee} millionths`);
  return fullRange(spacing);
}

/** The pool that an attack finds: at its fair price, and undisturbed for an hour. */
export function attackedPool({ fee, depth, tokenIsToken0 }: Pick<Attack, "fee" | "depth" | "tokenIsToken0">): {
  readonly pool: PoolModel;
  readonly at: bigint;
} {
  const pool = new PoolModel(fee, fairSqrtPrice(tokenIsToken0), 0n);
  const { tickLower, tickUpper } = attackRange(fee);
  pool.changeLiquidity(0n, tickLower, tickUpper, depth / 10n);
  return { pool, at: 2n * ORACLE_WINDOW };
}

/** Tries `attack` on a copy of a pool, which is at its fair price; the time is that of the first purchase. */
export function tryAttack(attack: Attack, found = attackedPool(attack)): AttackOutcome {
  const { fee, tokenIsToken0, timing, capital, providedPermille, exit } = attack;
  const { at } = found;
  const pool = found.pool.copy();
  const { tickLower, tickUpper } = attackRange(fee);
  const bought = pool.swap(at, tokenIsToken0, capital);
  const then = timing === "two blocks" ? at + BLOCK_TIME : at;
  const provided = (pool.liquidity * providedPermille) / 1_000n;
  const before = pool.feeGrowthX128;
  const given = pool.changeLiquidity(then, tickLower, tickUpper, provided);

  const slice =
    attack.unguarded === undefined ? guardedSlice(pool, then, tokenIsToken0) : unguardedSlice(attack, pool, then);
  if (typeof slice === "string") {
    return { refusal: slice, tokenGained: 0n, xmeGained: 0n, profit: 0n, slice: { paid: 0n, burned: 0n } };
  }
  const after = pool.feeGrowthX128;
  const taken = pool.changeLiquidity(then, tickLower, tickUpper, -provided);
  const earned = (side: 0 | 1): bigint => ((after[side] - before[side]) * provided) >> 128n;
  const fair = fairSqrtPrice(tokenIsToken0);
  const aboveFair = tokenIsToken0 ? pool.sqrtPriceX96 < fair : pool.sqrtPriceX96 > fair;
  const sold =
    exit === "what was bought"
      ? pool.swap(then, !tokenIsToken0, bought.received)
      : aboveFair
        ? pool.swap(then, !tokenIsToken0, STOCK, fair)
        : { paid: 0n, received: 0n };

  const kept0 = earned(0) - taken.amount0 - given.amount0;
  const kept1 = earned(1) - taken.amount1 - given.amount1;
  const [keptToken, keptXme] = tokenIsToken0 ? [kept0, kept1] : [kept1, kept0];
  const tokenGained = sold.received - bought.paid + keptToken;
  const xmeGained = bought.received - sold.paid + keptXme;
  return { refusal: undefined, tokenGained, xmeGained, profit: tokenGained + FAIR_PRICE * xmeGained, slice };
}

/** More XME than any pool of the search takes. */
const STOCK = 1n << 120n;

/** A plan that would pay with more than any pool of the search bears, so that the guard alone decides. */
function guardedSlice(pool: PoolModel, at: bigint, tokenIsToken0: boolean): SliceOutcome | SliceRefusal {
  const terms = { total: STOCK, slice: STOCK, interval: MIN_BUYBACK_INTERVAL, end: at + 1n };
  return new BuybackPlan(pool, tokenIsToken0, terms).execute(at);
}

function unguardedSlice({ tokenIsToken0, unguarded = 0n }: Attack, pool: PoolModel, at: bigint): SliceOutcome {
  const { paid, received } = pool.swap(at, tokenIsToken0, unguarded);
  return { paid, burned: received };
}

/** The best of many tries on one kind of pool in one way. */
export interface SandwichRow {
  readonly fee: bigint;
  readonly depth: bigint;
  readonly timing: AttackTiming;
  readonly providedPermille: bigint;
  readonly tries: number;
  /** Tries in which the slice was refused. */
  readonly refused: number;
  /** The try that earned most, refused ones apart. */
  readonly best: Attack;
  readonly outcome: AttackOutcome;
  /** What providing the same liquidity earns without moving the price; the fee that any liquidity earns, and zero without. */
  readonly provision: bigint;
  /** What the best try earned above that. */
  readonly profit: bigint;
}

/** Depths of the search, in the plan's token: a pool of ten thousand dollars' size, and X.me's own at genesis. */
export const SANDWICH_DEPTHS: readonly bigint[] = [1_000_000n * WAD, 5_000_000_000n * WAD];

/** Capital of the search, in millionths of the depth; 1,500 move the price by 30 ticks. */
export const SANDWICH_CAPITALS_PPM: readonly bigint[] = [
  1n,
  3n,
  10n,
  30n,
  100n,
  200n,
  300n,
  400n,
  500n,
  600n,
  700n,
  800n,
  900n,
  1_000n,
  1_100n,
  1_200n,
  1_300n,
  1_400n,
  1_450n,
  1_490n,
  1_500n,
  1_510n,
  1_550n,
  1_700n,
  2_000n,
  5_000n,
  20_000n,
  100_000n,
  1_000_000n,
];

/** Liquidity just for the slice, in thousandths of the pool's own. */
export const SANDWICH_PROVISIONS_PERMILLE: readonly bigint[] = [0n, 500n, 9_000n, 1_000_000n];

const TIMINGS: readonly AttackTiming[] = ["one transaction", "two blocks"];
const EXITS: readonly AttackExit[] = ["what was bought", "down to the fair price"];

/** Searches over capital, depth, fee, order of the tokens, timing, provided liquidity and exit for a way to earn by a slice. */
export function sandwichTable(unguardedSlices?: bigint): readonly SandwichRow[] {
  const rows: SandwichRow[] = [];
  for (const fee of TICK_SPACINGS.keys()) {
    for (const depth of SANDWICH_DEPTHS) {
      for (const timing of TIMINGS) {
        for (const providedPermille of SANDWICH_PROVISIONS_PERMILLE) {
          rows.push(bestOf({ fee, depth, timing, providedPermille }, unguardedSlices));
        }
      }
    }
  }
  return rows;
}

function bestOf(
  kind: Pick<Attack, "fee" | "depth" | "timing" | "providedPermille">,
  unguardedSlices: bigint | undefined,
): SandwichRow {
  let [tries, refused] = [0, 0];
  let row: Omit<SandwichRow, "tries" | "refused"> | undefined;
  for (const tokenIsToken0 of [true, false]) {
    const unguarded = (unguardedSlices ?? 0n) * ((kind.depth * kind.fee) / (2n * MILLION));
    const guard = unguardedSlices === undefined ? {} : { unguarded };
    for (const exit of EXITS) {
      const still = tryAttack({ ...kind, tokenIsToken0, exit: "what was bought", capital: 0n, ...guard });
      for (const ppm of SANDWICH_CAPITALS_PPM) {
        const best = { ...kind, tokenIsToken0, exit, capital: (kind.depth * ppm) / MILLION, ...guard };
        const outcome = tryAttack(best);
        tries++;
        if (outcome.refusal !== undefined) {
          refused++;
          continue;
        }
        const provision = still.profit;
        const profit = outcome.profit - provision;
        if (row === undefined || profit > row.profit) row = { ...kind, best, outcome, provision, profit };
      }
    }
  }
  if (row === undefined) throw new Error("every try was refused");
  return { ...row, tries, refused };
}

/** The table in Markdown: profits in millionths of what the slice paid, with the sign that a loss has. */
export function formatSandwichTable(rows: readonly SandwichRow[]): string {
  const lines = rows.map(
    ({ fee, depth, timing, providedPermille, tries, refused, best, outcome, provision, profit }) => [
      percent(fee),
      (depth / WAD).toLocaleString("en-US"),
      timing,
      providedPermille === 0n ? "none" : `${Number(providedPermille) / 1_000} ×`,
      tries.toString(),
      refused.toString(),
      `${((best.capital * MILLION) / depth).toLocaleString("en-US")} ppm`,
      signed(provision, outcome.slice.paid),
      signed(profit, outcome.slice.paid),
    ],
  );
  return markdown(
    [
      "Pool's fee",
      "Depth",
      "Bought before",
      "Liquidity for the slice",
      "Tries",
      "Refused",
      "Best capital of depth",
      "Providing alone, ppm of slice",
      "Best attack above that, ppm of slice",
    ],
    lines,
  );
}

/** Somebody who has provided a part of a pool's own liquidity for half an hour, moves the price before a slice and takes it back after. */
export interface ProviderTry {
  readonly fee: bigint;
  /** Virtual reserve of the token that the plan pays with. */
  readonly depth: bigint;
  readonly tokenIsToken0: boolean;
  /** The provider's part of the liquidity, in thousandths. */
  readonly ownedPermille: bigint;
  /** What the plan wants, in thousandths of the most that the pool bears. */
  readonly slicePermille: bigint;
  /** What XME is bought for before the slice. */
  readonly capital: bigint;
}

/**
 * What such a provider gains, with the fees of the own liquidity, in millionths of the slice and above what doing nothing before it would gain.
 * Moving the price costs the fees that others' liquidity earns by it, and gains by the slice what the own liquidity sells it.
 *
 * @returns undefined where the slice is refused
 */
export function providerGainPpm(attempt: ProviderTry): bigint | undefined {
  const [moved, still] = [tryProviding(attempt), tryProviding({ ...attempt, capital: 0n })];
  if (moved === undefined || still === undefined) return undefined;
  return ((moved.profit - still.profit) * MILLION) / still.paid;
}

function tryProviding({ fee, depth, tokenIsToken0, ownedPermille, slicePermille, capital }: ProviderTry) {
  const { pool, at } = attackedPool({ fee, depth, tokenIsToken0 });
  const fair = fairSqrtPrice(tokenIsToken0);
  const owned = (pool.liquidity * ownedPermille) / 1_000n;
  const slice = (largestSlice(fair, pool.liquidity, fee, tokenIsToken0) * slicePermille) / 1_000n;
  const bought = pool.swap(at, tokenIsToken0, capital);
  const terms = { total: slice, slice, interval: MIN_BUYBACK_INTERVAL, end: at + 1n };
  const outcome = new BuybackPlan(pool, tokenIsToken0, terms).execute(at);
  if (typeof outcome === "string") return undefined;
  // At the price from before, the position is worth what it was, and what it earned besides.
  const sold = pool.swap(at, !tokenIsToken0, STOCK, fair);
  const earned = (side: 0 | 1): bigint => (pool.feeGrowthX128[side] * owned) >> 128n;
  const [tokenEarned, xmeEarned] = tokenIsToken0 ? [earned(0), earned(1)] : [earned(1), earned(0)];
  const tokenGained = sold.received - bought.paid + tokenEarned;
  const xmeGained = bought.received - sold.paid + xmeEarned;
  return { profit: tokenGained + FAIR_PRICE * xmeGained, paid: outcome.paid };
}

/** Somebody who raises the price of a pool that nobody else trades in, holds it, has slices buy at it, and sells all that they bought. */
export interface PatientRow {
  readonly fee: bigint;
  /** By how much the price is raised, in millionths of it. */
  readonly raisedPpm: bigint;
  readonly slices: number;
  /** What raising it takes, in millionths of the depth. */
  readonly capitalPpm: bigint;
  /** What the manipulator gains, in millionths of the capital, where nobody else trades in all that time. */
  readonly gainPpm: bigint;
  /** What the manipulator loses, in millionths of the capital, as soon as somebody sells the pool back to its fair price. */
  readonly lossToArbitragePpm: bigint;
  /** XME that the plan got less than for the same at the fair price, in millionths. */
  readonly overpaidPpm: bigint;
}

/** What a patient manipulator pays and earns in a pool without arbitrage, for each fee. */
export function patientTable(
  raises: readonly bigint[] = [10_000n, 100_000n, 500_000n],
  counts: readonly number[] = [1, 2, 4, 8, 16],
): readonly PatientRow[] {
  return [...TICK_SPACINGS.keys()].flatMap((fee) =>
    raises.flatMap((raisedPpm) => counts.map((slices) => tryPatience(fee, raisedPpm, slices))),
  );
}

function tryPatience(fee: bigint, raisedPpm: bigint, slices: number): PatientRow {
  const depth = 1_000_000n * WAD;
  const { pool, at } = attackedPool({ fee, depth, tokenIsToken0: false });
  const fair = fairSqrtPrice(false);
  const raised = squareRoot((fair * fair * (MILLION + raisedPpm)) / MILLION);
  const bought = pool.swap(at, false, STOCK, raised);
  const plan = new BuybackPlan(pool, false, {
    total: STOCK,
    slice: STOCK,
    interval: MIN_BUYBACK_INTERVAL,
    end: at + MAX_BUYBACK_DURATION,
  });
  let [paid, burned, now] = [0n, 0n, at];
  for (let slice = 0; slice < slices; slice++) {
    now += MIN_BUYBACK_INTERVAL;
    const outcome = plan.execute(now);
    if (typeof outcome === "string") throw new Error(`a slice in a pool that nobody trades in was refused: ${outcome}`);
    paid += outcome.paid;
    burned += outcome.burned;
  }
  const sold = pool.swap(now, true, bought.received);
  return {
    fee,
    raisedPpm,
    slices,
    capitalPpm: (bought.paid * MILLION) / depth,
    gainPpm: ((sold.received - bought.paid) * MILLION) / bought.paid,
    lossToArbitragePpm: ((bought.paid - FAIR_PRICE * bought.received) * MILLION) / bought.paid,
    overpaidPpm: ((paid - FAIR_PRICE * burned) * MILLION) / paid,
  };
}

/** The table in Markdown. */
export function formatPatientTable(rows: readonly PatientRow[]): string {
  return markdown(
    [
      "Pool's fee",
      "Price raised by",
      "Slices",
      "Capital of depth",
      "Gain, of capital, if nobody else trades",
      "Loss, of capital, to the first who does",
      "The plan overpaid",
    ],
    rows.map((row) => [
      percent(row.fee),
      percent(row.raisedPpm),
      row.slices.toString(),
      percent(row.capitalPpm),
      percent(row.gainPpm),
      percent(row.lossToArbitragePpm),
      percent(row.overpaidPpm),
    ]),
  );
}

function percent(ppm: bigint): string {
  // Adding zero takes the sign from a zero.
  return `${(Math.round(Number(ppm) / 100) / 100 + 0).toLocaleString("en-US")} %`;
}

function signed(amount: bigint, whole: bigint): string {
  const ppm = Number((amount * 1_000_000n * MILLION) / whole) / 1_000_000;
  return ppm.toLocaleString("en-US", { maximumSignificantDigits: 4 });
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---:")), ...rows.map(line)].join("\n");
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
