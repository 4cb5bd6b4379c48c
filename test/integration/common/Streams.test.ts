import { expect } from "chai";
import { network } from "hardhat";

import {
  STREAM_LIMIT,
  STREAM_SCALE,
  StreamModel,
  StreamOracle,
  streamEarned,
  type Fraction,
  type StreamState,
} from "../../../src/common/streams.js";
import type { StreamsCalls, StreamsPool } from "../../../typechain-types/index.js";
import { effort } from "../../support/effort.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers } = await network.create();

const DAY = 86_400n;
const MONTH = 30n * DAY;
const TEN_YEARS = 3_650n * DAY;
const START = 1_800_000_000n;
const TOKEN = 10n ** 18n;
const MINIMUM = 1_000n * TOKEN;
const ALL_XMEX = 100_000_000_000n * TOKEN;
const HOLDERS = [0n, 1n, 2n, 3n];
const SETTINGS = [
  { length: MONTH, minimum: MINIMUM },
  { length: MONTH, minimum: 1n },
  { length: 7n, minimum: MINIMUM },
  { length: 1n, minimum: 1n },
];
const BY_HAND = [
  { length: 100n, minimum: 1n },
  { length: 100n, minimum: 10n },
];
const TRACES = effort(10, 24);
const STEPS = 40;

const seed = seedOfThisRun();

/** One call of the pool: the stream is advanced, then a holder's units change, then income arrives. */
interface Step {
  timestamp: bigint;
  holder: bigint;
  units: bigint;
  changesUnits: boolean;
  income: bigint;
}

const stake = (timestamp: bigint, holder: bigint, units: bigint): Step => ({
  timestamp,
  holder,
  units,
  changesUnits: true,
  income: 0n,
});
const income = (timestamp: bigint, amount: bigint): Step => ({
  timestamp,
  holder: 0n,
  units: 0n,
  changesUnits: false,
  income: amount,
});
const touch = (timestamp: bigint): Step => income(timestamp, 0n);

const firstSecondAfter = (timestamp: bigint, length: bigint): bigint => timestamp - (timestamp % length) + length;

/** The pool by the exact model: what `StreamsPool` must show after each step. */
class PoolModel {
  readonly stream: StreamModel;
  units = 0n;
  readonly #holders = HOLDERS.map(() => ({ units: 0n, settledAt: 0n, earned: 0n }));

  constructor(length: bigint, minimum: bigint) {
    this.stream = new StreamModel(length, minimum);
  }

  do(step: Step) {
    const grown = this.stream.advance(step.timestamp, this.units);
    const holder = this.#holders[Number(step.holder)];
    if (step.changesUnits && holder) {
      holder.earned = this.earned(step.holder);
      holder.settledAt = this.stream.accumulator;
      this.units += step.units - holder.units;
      holder.units = step.units;
    }
    this.stream.add(step.income);
    return grown;
  }

  earned(holder: bigint): bigint {
    const held = this.#holders[Number(holder)];
    return held ? held.earned + streamEarned(held.units, this.stream.accumulator - held.settledAt) : 0n;
  }
}

function replay(oracle: StreamOracle, step: Step): void {
  oracle.touch(step.timestamp);
  if (step.changesUnits) oracle.setUnits(step.timestamp, String(step.holder), step.units);
  oracle.addIncome(step.timestamp, step.income);
}

/** |actual − exact| < bound */
function isWithin(actual: bigint, exact: Fraction, bound: Fraction): boolean {
  const off = actual * exact.denominator - exact.numerator;
  return (off < 0n ? -off : off) * bound.denominator < bound.numerator * exact.denominator;
}

/** A life of a pool: stakes of one wei to everything, nobody at all, income of one wei to everything, seconds at boundaries, idle decades. */
function randomSteps(random: Random, length: bigint, least: bigint): Step[] {
  let timestamp = START;
  return Array.from({ length: STEPS }, () => {
    const boundary = firstSecondAfter(timestamp, length);
    const jumps = [
      0n,
      1n,
      random.between(1n, length),
      boundary - 1n - timestamp,
      boundary - timestamp,
      boundary + 1n - timestamp,
      boundary + length - timestamp,
      boundary + length + 1n - timestamp,
      random.magnitude(1n, TEN_YEARS),
    ];
    timestamp += random.pick(jumps);
    return {
      timestamp,
      holder: random.pick(HOLDERS),
      units: random.pick([least, least + 1n, MINIMUM, ALL_XMEX / 4n, random.magnitude(least + 1n, ALL_XMEX / 4n)]),
      changesUnits: random.once(2n),
      income: random.pick([0n, 1n, random.magnitude(1n, ALL_XMEX), ALL_XMEX]),
    };
  });
}

describe("Streams", () => {
  const pools = new Map<string, StreamsPool>();
  let calls: StreamsCalls;

  // Nothing that a test does is kept, so all share these.
  before(async () => {
    calls = await ethers.deployContract("StreamsCalls");
    for (const { length, minimum } of [...SETTINGS, ...BY_HAND]) {
      pools.set(`${length}/${minimum}`, await ethers.deployContract("StreamsPool", [length, minimum]));
    }
  });

  /** What a new pool shows after each of `steps`; nothing is kept. */
  async function run(length: bigint, minimum: bigint, steps: Step[]) {
    const pool = pools.get(`${length}/${minimum}`);
    if (!pool) throw new Error(`no pool has buckets of ${length} s and a minimum of ${minimum}`);
    return pool.run.staticCall(steps);
  }

  /** What each holder has earned after the last of `steps`. */
  async function earnedBy(length: bigint, minimum: bigint, steps: Step[]): Promise<bigint[]> {
    return [...((await run(length, minimum, steps)).at(-1)?.earned ?? [])];
  }

  function state({ last, active, next }: StreamState): StreamState {
    return { last, active, next };
  }

  describe("advanced", () => {
    it("changes nothing in the second that the stream stands at", async () => {
      const stream = { last: START, active: 7n, next: 9n };
      const [after, growth, growthAfter] = await calls.advanced(stream, START, MONTH, 5n, 1n);
      expect(state(after)).to.deep.equal(stream);
      expect([growth, growthAfter]).to.deep.equal([0n, 0n]);
    });

    it("refuses a time before the one that the stream stands at", async () => {
      await expect(
        calls.advanced({ last: START, active: 7n, next: 9n }, START - 1n, MONTH, 5n, 1n),
      ).to.be.revertedWithPanic(0x11);
    });

    it("refuses a time that 40 bits cannot hold", async () => {
      await expect(calls.advanced({ last: START, active: 7n, next: 9n }, 2n ** 40n, MONTH, 5n, 1n))
        .to.be.revertedWithCustomError(calls, "SafeCastOverflowedUintDowncast")
        .withArgs(40n, 2n ** 40n);
    });

    it("streams the income of one bucket evenly over the next, as reckoned by hand", async () => {
      // 1,000 wei arrive in the bucket 0 to 99, so 10 wei stream in each second from 100 to 199.
      const steps = [stake(20n, 0n, 1n), income(50n, 1_000n), touch(100n), touch(101n), touch(135n)];
      const [, arrived, begun, second, later] = await run(100n, 1n, steps);
      expect(arrived && state(arrived.stream)).to.deep.equal({ last: 50n, active: 0n, next: 1_000n });
      expect(begun && state(begun.stream)).to.deep.equal({ last: 100n, active: 1_000n, next: 0n });
      expect(begun?.earned[0]).to.equal(0n);
      expect(second?.earned[0]).to.equal(10n);
      expect(later && state(later.stream)).to.deep.equal({ last: 135n, active: 650n, next: 0n });
      expect(later?.accumulator).to.equal(350n * STREAM_SCALE);
    });

    it("gives late stake its own seconds only, and a leaver those before it left", async () => {
      // 10 wei a second: 60 s alone, 20 s beside four times as much, 20 s for those who stayed.
      const steps = [
        stake(20n, 0n, 1n),
        income(50n, 1_000n),
        stake(160n, 1n, 4n),
        stake(180n, 0n, 0n),
        stake(200n, 2n, 1_000n),
      ];
      expect(await earnedBy(100n, 1n, [...steps, touch(500n)])).to.deep.equal([600n + 40n, 160n + 200n, 0n, 0n]);
    });

    it("says what the accumulator was at each boundary that it passed", async () => {
      const stream = { last: 150n, active: 500n, next: 800n };
      const expected: [bigint, bigint, bigint][] = [
        [199n, 490n, 0n],
        [200n, 500n, 0n],
        [201n, 500n, 8n],
        [299n, 500n, 792n],
        [300n, 500n, 800n],
        [301n, 500n, 800n],
        [TEN_YEARS, 500n, 800n],
      ];
      for (const [timestamp, growth, growthAfter] of expected) {
        const advanced = await calls.advanced(stream, timestamp, 100n, 1n, 1n);
        expect([advanced.growth, advanced.growthAfter], `at ${timestamp}`).to.deep.equal([
          growth * STREAM_SCALE,
          growthAfter * STREAM_SCALE,
        ]);
        expect(advanced.now_.active + advanced.now_.next).to.equal(1_300n - growth - growthAfter);
      }
    });

    it("keeps what streams past nobody for the bucket after the call, after ten idle years too", async () => {
      for (const idle of [1n, 60n, 100n, 149n, 150n, 151n, 250n, TEN_YEARS]) {
        const returns = 150n + idle;
        const boundary = firstSecondAfter(returns, 100n);
        const steps = [income(50n, 1_000n), touch(150n), stake(returns, 0n, 1n)];
        const snapshots = await run(100n, 1n, [...steps, touch(boundary + 50n), touch(boundary + 100n)]);
        const [, , staked, , over] = snapshots;
        const { active, next } = staked?.stream ?? { active: 0n, next: 0n };
        expect(active + next, `after ${idle} s`).to.equal(1_000n);
        // Half has streamed past nobody by 150: the other half streams up to 200, or it all comes together up to 300, or it waits.
        expect(active).to.equal(idle < 50n ? (200n - returns) * 10n : idle < 150n ? (300n - returns) * 5n : 0n);
        expect(over?.earned[0]).to.equal(1_000n);
      }
    });

    it("lets a stake below the minimum earn its part, and keeps the rest", async () => {
      const steps = [stake(20n, 0n, 1n), income(50n, 1_000n), touch(200n)];
      const [, , after] = await run(100n, 10n, steps);
      expect(after?.earned[0]).to.equal(100n);
      expect(after && state(after.stream)).to.deep.equal({ last: 200n, active: 0n, next: 900n });
      const [, , full] = await run(100n, 10n, [stake(20n, 0n, 10n), ...steps.slice(1)]);
      expect(full?.earned[0]).to.equal(1_000n);
    });
  });

  describe("add", () => {
    it("lets the income wait in the next bucket, and leaves the present one as it is", async () => {
      for (const amount of [0n, 1n, ALL_XMEX]) {
        expect(state(await calls.added({ last: START, active: 5n, next: 7n }, amount))).to.deep.equal({
          last: START,
          active: 5n,
          next: 7n + amount,
        });
      }
    });

    it("refuses what the two buckets could not hold together, by one wei", async () => {
      const full = STREAM_LIMIT - 1n;
      for (const [active, next] of [
        [0n, 0n],
        [5n, 7n],
        [full - 7n, 7n],
        [full, 0n],
        [0n, full],
      ] as const) {
        const stream = { last: START, active, next };
        const room = full - active - next;
        expect(state(await calls.added(stream, room))).to.deep.equal({ last: START, active, next: next + room });
        await expect(calls.added(stream, room + 1n))
          .to.be.revertedWithCustomError(calls, "SafeCastOverflowedUintDowncast")
          .withArgs(104n, STREAM_LIMIT);
      }
    });
  });

  describe("earned", () => {
    it("is units times growth, rounded down, whatever their size", async () => {
      expect(await calls.scale()).to.equal(STREAM_SCALE);
      for (const [units, growth] of [
        [0n, STREAM_SCALE],
        [1n, STREAM_SCALE - 1n],
        [1n, STREAM_SCALE],
        [3n, STREAM_SCALE - 1n],
        [ALL_XMEX, 2n ** 194n],
        [2n ** 128n, 2n ** 210n],
      ] as const) {
        expect(await calls.earned(units, growth)).to.equal(streamEarned(units, growth));
      }
    });
  });

  describe("a pool", () => {
    it("equals the model to the wei after every step of random lives", async () => {
      const random = new Random(seed);
      for (let trace = 0; trace < TRACES; trace++) {
        const { length, minimum } = random.pick(SETTINGS);
        const steps = randomSteps(random, length, 0n);
        const model = new PoolModel(length, minimum);
        (await run(length, minimum, steps)).forEach((snapshot, index) => {
          const step = steps[index];
          if (!step) throw new Error("more answers than steps");
          const why = `seed ${seed}, trace ${trace}, step ${index}`;
          const { growth, growthAfter } = model.do(step);
          expect([snapshot.growth, snapshot.growthAfter], why).to.deep.equal([growth, growthAfter]);
          expect(state(snapshot.stream), why).to.deep.equal(state(model.stream));
          expect(snapshot.accumulator, why).to.equal(model.stream.accumulator);
          expect([...snapshot.earned], why).to.deep.equal(HOLDERS.map((holder) => model.earned(holder)));
        });
      }
    });

    it("pays everybody the exact proportion but for the bound, and strands less than a wei a segment and settlement", async () => {
      const random = new Random(seed ^ 1n);
      let paid = 0n;
      for (let trace = 0; trace < TRACES; trace++) {
        const { length, minimum } = random.pick(SETTINGS);
        const steps = randomSteps(random, length, 0n);
        const oracle = new StreamOracle(length, minimum);
        let cameIn = 0n;
        let roundings = BigInt(HOLDERS.length);
        // Reading what one has earned now is one more settlement.
        const settlements = HOLDERS.map(() => 1n);
        (await run(length, minimum, steps)).forEach((snapshot, index) => {
          const step = steps[index];
          if (!step) throw new Error("more answers than steps");
          const why = `seed ${seed}, trace ${trace}, step ${index}`;
          replay(oracle, step);
          cameIn += step.income;
          roundings += step.changesUnits ? 3n : 2n;
          if (step.changesUnits) settlements[Number(step.holder)] = (settlements[Number(step.holder)] ?? 0n) + 1n;
          snapshot.earned.forEach((earned, holder) => {
            const exact = oracle.earned(String(holder));
            if (!isWithin(earned, exact, oracle.bound(settlements[holder] ?? 0n))) {
              expect.fail(`${why}: holder ${holder} has ${earned}, not ${exact.numerator / exact.denominator}`);
            }
          });
          const exactly = HOLDERS.reduce((sum, holder) => sum + oracle.earned(String(holder)).numerator, 0n);
          const { numerator, denominator } = oracle.waiting();
          const { denominator: wei } = oracle.earned("0");
          expect(exactly * denominator + numerator * wei === cameIn * wei * denominator, why).to.equal(true);
          const { active, next } = snapshot.stream;
          const claimable = snapshot.earned.reduce((sum, earned) => sum + earned, 0n);
          const stranded = cameIn - claimable - active - next;
          expect(stranded >= 0n, `${why}: more is promised than came in`).to.equal(true);
          expect(stranded < roundings, `${why}: ${stranded} wei are stranded`).to.equal(true);
          paid += claimable;
        });
      }
      expect(paid > 0n).to.equal(true);
    });

    it("gives everybody the same but for the bound, however often it is touched between", async () => {
      const random = new Random(seed ^ 2n);
      for (let trace = 0; trace < TRACES / 2; trace++) {
        const length = random.pick([MONTH, 7n]);
        const minimum = MINIMUM;
        const stays = HOLDERS.map((holder) => stake(START, holder, minimum));
        const steps = [...stays, ...randomSteps(random, length, minimum)];
        const oracle = new StreamOracle(length, minimum);
        const touched = steps.flatMap((step, index) => {
          const from = steps[index - 1]?.timestamp ?? step.timestamp;
          const boundary = firstSecondAfter(from, length);
          return [from, from + 1n, boundary - 1n, boundary, boundary + 1n, boundary + length, step.timestamp - 1n]
            .filter((timestamp) => timestamp >= from && timestamp < step.timestamp)
            .sort((a, b) => (a < b ? -1 : 1))
            .map((timestamp) => touch(timestamp))
            .concat(step);
        });
        for (const step of touched) replay(oracle, step);
        const rare = await earnedBy(length, minimum, steps);
        const often = await earnedBy(length, minimum, touched);
        rare.forEach((earned, holder) => {
          const exact = oracle.earned(String(holder));
          const bound = oracle.bound(BigInt(steps.length) + 1n);
          const why = `seed ${seed}, trace ${trace}, holder ${holder}`;
          expect(isWithin(earned, exact, bound), `${why}, touched rarely`).to.equal(true);
          expect(isWithin(often[holder] ?? -1n, exact, bound), `${why}, touched often`).to.equal(true);
        });
      }
    });

    it("lets a wei of income in every second neither stretch nor delay a stream", async () => {
      const amount = 10n ** 9n + 7n;
      const before = [stake(20n, 0n, 7n), stake(20n, 1n, 4n), income(50n, amount)];
      const dust = Array.from({ length: 150 }, (_, second) => income(51n + BigInt(second), 1n));
      const alone = await run(100n, 1n, [...before, ...dust.map(({ timestamp }) => touch(timestamp))]);
      const dusted = await run(100n, 1n, [...before, ...dust]);
      const untouched = await earnedBy(100n, 1n, [...before, touch(200n)]);
      dust.forEach(({ timestamp }, index) => {
        const [without, with_] = [alone[index + 3], dusted[index + 3]];
        // The 49 wei that came in the first bucket stream beside the income in the second; nothing else changes.
        const beside = timestamp > 100n ? 49n : 0n;
        without?.earned.forEach((earned, holder) => {
          const more = (with_?.earned[holder] ?? -1n) - earned;
          expect(more >= 0n && more <= beside, `at ${timestamp} a holder has ${more} wei more`).to.equal(true);
        });
      });
      const end = alone.at(-1);
      untouched.forEach((earned, holder) => {
        const lost = earned - (end?.earned[holder] ?? 0n);
        expect(lost >= 0n && lost <= 100n, `${lost} wei came late in a hundred touches`).to.equal(true);
      });
      expect(dusted.at(-1)?.stream.active).to.equal(100n + (end?.stream.active ?? 0n));
    });
  });

  describe("the model", () => {
    it("previews without moving", () => {
      const model = new StreamModel(100n, 1n);
      model.advance(50n, 0n);
      model.add(1_000n);
      expect(model.at(150n, 2n).accumulator).to.equal(250n * STREAM_SCALE);
      expect(state(model)).to.deep.equal({ last: 50n, active: 0n, next: 1_000n });
      expect(model.accumulator).to.equal(0n);
    });

    it("refuses what the library refuses, and buckets or minimums of nothing", () => {
      const model = new StreamModel(100n, 1n);
      model.advance(50n, 0n);
      model.add(STREAM_LIMIT - 1n);
      expect(() => model.add(1n)).to.throw(RangeError, "do not fit");
      expect(() => model.add(-1n)).to.throw(RangeError, "do not fit");
      expect(() => model.advance(49n, 0n)).to.throw(RangeError, "later than 49");
      expect(() => new StreamModel(0n, 1n)).to.throw(RangeError, "one or more");
      expect(() => new StreamModel(1n, 0n)).to.throw(RangeError, "one or more");
    });
  });

  it("fits one slot", async () => {
    const pool = await ethers.deployContract("StreamsPool", [100n, 1n]);
    await pool.run([stake(1_050n, 0n, 10n), income(1_070n, 1_000n), income(1_150n, 3n)]);
    const slot = BigInt(await ethers.provider.getStorage(pool, 2n));
    expect(slot).to.equal(1_150n | (500n << 40n) | (3n << 144n));
  });
});
