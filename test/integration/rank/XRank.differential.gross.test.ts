import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { FixedPointError } from "../../../src/rank/fixed-point.js";
import { grossReward } from "../../../src/rank/formulas.js";
import { openArena } from "../../support/rankArena.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

/** rankDelta, amplifier, term and eaa. */
type Input = readonly [bigint, bigint, bigint, bigint];

const SEED = seedOfThisRun();
/** The simulated chain takes a quarter of a millisecond for each logarithm; small batches are cheapest. */
const BATCH = 40;
const REFUSED = MaxUint256;

/** 0, 1, 2, the largest numbers there are, and 2^k with its neighbours up to 2^64. */
const RANK_DELTAS = [
  ...new Set([
    0n,
    1n,
    2n,
    ...Array.from({ length: 64 }, (_unused, i) => 2n ** BigInt(i + 1)).flatMap((power) => [
      power - 1n,
      power,
      power + 1n,
    ]),
    2n ** 128n,
    MaxUint256,
  ]),
];
/** Both ends of AMP, of the term and of 1,000 plus the EAA. */
const ENDS: readonly (readonly [bigint, bigint, bigint])[] = [
  [3_000n, 100n, 1_100n],
  [3_000n, 1n, 1_000n],
  [1n, 1_000n, 1_100n],
  [1n, 1n, 1_000n],
];

function modelled([rankDelta, amplifier, term, eaa]: Input): bigint {
  try {
    return grossReward(rankDelta, amplifier, term, eaa);
  } catch (error) {
    if (error instanceof FixedPointError) return REFUSED;
    throw error;
  }
}

describe("XRANK's gross reward beside XEN Crypto's and the model's", function () {
  this.timeout(600_000);

  /** Asks XEN, XRANK and the model, and says how many of the inputs were answered. */
  async function compare(inputs: readonly Input[]): Promise<number> {
    const { connection, peer, ours } = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
    const gross = await connection.ethers.deployContract("XRankGross");
    let answered = 0;
    for (let start = 0; start < inputs.length; start += BATCH) {
      const batch = inputs.slice(start, start + BATCH);
      const [differing, results] = await gross.compare(
        peer,
        ours,
        batch.map((input): [bigint, bigint, bigint, bigint] => [...input]),
      );
      expect(differing, `XRANK is not XEN at ${batch[Number(differing)]?.join()}; XONOMY_SEED=${SEED}`).to.equal(
        BigInt(batch.length),
      );
      for (const [i, input] of batch.entries()) {
        expect(modelled(input), `the model is not XEN at ${input.join()}; XONOMY_SEED=${SEED}`).to.equal(results[i]);
      }
      answered += results.filter((result) => result !== REFUSED).length;
    }
    return answered;
  }

  it("is the same at every edge of the rank difference, with all else at both ends", async () => {
    const inputs = RANK_DELTAS.flatMap((rankDelta) => ENDS.map((ends): Input => [rankDelta, ...ends]));

    // all but 0 and what is 2^63 or more
    const answerable = RANK_DELTAS.filter((rankDelta) => rankDelta > 0n && rankDelta < 2n ** 63n).length;
    expect(await compare(inputs)).to.equal(answerable * ENDS.length);
  });

  it("is refused by all where an argument or the product is beyond 64.64 fixed point", async () => {
    const largest = 2n ** 63n - 1n;
    const refused: Input[] = [
      ...[2n ** 63n, 2n ** 64n, MaxUint256].flatMap((tooLarge): Input[] => [
        [tooLarge, 1n, 1n, 1_000n],
        [2n, tooLarge, 1n, 1_000n],
        [2n, 1n, tooLarge, 1_000n],
        [2n, 1n, 1n, tooLarge],
      ]),
      [4n, 2n ** 62n, 1n, 1n],
      [2n, 2n ** 32n, 2n ** 31n, 1n],
      [2n, 2n ** 21n, 2n ** 21n, 2n ** 21n],
      [0n, 1n, 1n, 1n],
    ];
    const answered: Input[] = [
      [2n, largest, 1n, 1n],
      [2n, 1n, largest, 1n],
      [2n, 1n, 1n, largest],
      [2n, 2n ** 32n, 2n ** 30n, 1n],
      [largest, 0n, 1n, 1n],
      [2n, 0n, 0n, 0n],
    ];

    expect(await compare(refused)).to.equal(0);
    expect(await compare(answered)).to.equal(answered.length);
  });

  it("is the same for random inputs of every magnitude", async () => {
    const random = new Random(SEED);
    const inputs = Array.from({ length: 2_000 }, (): Input => {
      const wild = random.once(4n);
      return [
        random.magnitude(1n, 2n ** 64n),
        wild ? random.magnitude(1n, 2n ** 40n) : random.between(1n, 3_000n),
        wild ? random.magnitude(1n, 2n ** 40n) : random.between(1n, 1_000n),
        random.between(1_000n, 1_100n),
      ];
    });

    expect(await compare(inputs)).to.be.greaterThan(1_000);
  });
});
