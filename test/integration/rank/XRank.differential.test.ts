import { expect } from "chai";
import { FunctionFragment, ZeroAddress, type Interface } from "ethers";

import { openArena, type Arena } from "../../support/rankArena.js";
import { causeOf, NO_DATA } from "../../support/rankDuel.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";
import { playTrace, type Coverage, type TraceOptions } from "../../support/rankTrace.js";
import { xenInterface, type XenVariant } from "../../support/xen.js";

const FIXED_SEED = 0x58454en;
const FRESH_SEED = seedOfThisRun();
const LEAST = 10;

/** Plays a trace and says how to replay it where the two tokens come apart. */
async function play(arena: Arena, seed: bigint, options: TraceOptions): Promise<Coverage> {
  try {
    return await playTrace(arena.duel, new Random(seed), options);
  } catch (cause) {
    const replay = seed === FRESH_SEED ? `XONOMY_SEED=${seed} replays it` : "the seed is fixed";
    throw new Error(`XRANK and XEN come apart (${replay}): ${(cause as Error).message}`, { cause });
  }
}

async function xrankInterface({ connection }: Arena): Promise<Interface> {
  return (await connection.ethers.getContractFactory("XRank")).interface;
}

describe("XRANK beside XEN Crypto", function () {
  this.timeout(600_000);

  before(() => {
    console.log(`    fresh seed: XONOMY_SEED=${FRESH_SEED}`);
  });

  describe("interface", () => {
    it("has every function and event of XEN with the same signature, results and mutability", async () => {
      const ours = await xrankInterface(await openArena({ kind: "XENCrypto", amplifier: 3_000 }));
      for (const fragment of xenInterface.fragments) {
        if (FunctionFragment.isFragment(fragment)) {
          const same = ours.getFunction(fragment.selector);
          const types = (one: FunctionFragment | null): string[] =>
            one === null ? [] : [one.stateMutability, ...one.outputs.map(({ type }) => type)];
          expect(types(same), fragment.format()).to.deep.equal(types(fragment));
        } else if (fragment.type === "event") {
          expect(ours.getEvent(fragment.format("sighash"))?.format("full"), fragment.format()).to.equal(
            fragment.format("full"),
          );
        }
      }
    });

    it("has the same constants, its authors apart", async () => {
      const { connection, peer, ours } = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
      const constants = xenInterface.fragments.filter(
        (one): one is FunctionFragment =>
          FunctionFragment.isFragment(one) && /^[A-Z_]+$/.test(one.name) && one.name !== "AUTHORS",
      );
      expect(constants).to.have.length(20);
      for (const { name } of [...constants, { name: "decimals" }]) {
        const data = xenInterface.encodeFunctionData(name);
        const [theirs, its] = [
          await connection.ethers.provider.call({ to: peer, data }),
          await connection.ethers.provider.call({ to: ours, data }),
        ];
        expect(its, name).to.equal(theirs);
      }
    });
  });

  describe("given the same calls in the same block as XEN Crypto", () => {
    it("ends every call as XEN does, through every function, cause of revert, penalty day, amplifier and yield", async () => {
      const arena = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
      const coverage = await play(arena, FIXED_SEED, { blocks: 600, days: 3_500n });

      expect(coverage.shortcomings(LEAST), "ways that functions should have ended in").to.deep.equal([]);
      expect(coverage.successes).to.be.at.least(1_000);
      for (const [fn, days] of coverage.daysLate) {
        for (const [day, count] of days.entries()) expect(count, `${fn}, ${day} days late`).to.be.at.least(1);
      }
      expect([...coverage.amplifiers]).to.include.members([3_000n, 1n]);
      expect([...coverage.apys]).to.include.members([20n, 2n]);
      expect(coverage.rewarded, "stakes ended with a reward").to.be.at.least(LEAST);
      expect(coverage.unrewarded, "stakes ended without one").to.be.at.least(LEAST);
      expect(coverage.mintsAtMaturity, "mints refused in the second of their maturity").to.be.at.least(1);
      expect(coverage.stakesAtMaturity, "stakes ended in the second of their maturity").to.be.at.least(1);
      expect(coverage.reentered, "calls from inside the burn callback").to.be.at.least(1);
      expect(coverage.reentryRefused, "calls refused inside the burn callback").to.be.at.least(1);
    });

    it("ends every call as XEN does with a fresh seed", async () => {
      const arena = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
      const coverage = await play(arena, FRESH_SEED, { blocks: 120, days: 3_100n });

      expect(coverage.successes).to.be.at.least(100);
    });

    it("ends every call as XEN's untouched Optimism build does once both amplifiers are one", async () => {
      const arena = await openArena({ kind: "XENCrypto", amplifier: 300 });
      await arena.connection.networkHelpers.time.increase(2_999 * 86_400);
      const coverage = await play(arena, FIXED_SEED, { blocks: 45, days: 300n });

      expect([...coverage.amplifiers]).to.deep.equal([1n]);
      expect(coverage.successes).to.be.at.least(50);
    });

    it("refuses the burn of a wallet, as XEN does", async () => {
      const arena = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
      const { connection, peer, ours } = arena;
      const [wallet] = await connection.ethers.getSigners();
      const data = xenInterface.encodeFunctionData("burn", [wallet?.address ?? ZeroAddress, 1n]);
      const abi = await xrankInterface(arena);
      const refusal = async (to: string): Promise<string> => {
        try {
          await connection.ethers.provider.call({ to, data, from: wallet?.address ?? ZeroAddress });
        } catch (error) {
          return causeOf((error as { data: string }).data, abi);
        }
        throw new Error("the burn was not refused");
      };

      expect(await refusal(peer)).to.equal(NO_DATA);
      expect(await refusal(ours)).to.equal("XRank_CallerNotBurnRedeemable");
    });
  });

  describe("given many ranks", () => {
    it("gives five thousand users the same positions and lengthens the longest term at the same rank", async () => {
      const arena = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
      const { connection, peer, ours, duel } = arena;
      const crowd = await connection.ethers.deployContract("XRankCrowd");
      for (let joined = 0n; joined < 4_994n; joined += 227n) {
        const receipt = await (await crowd.join(peer, ours, 100n, 227n, { gasLimit: 500_000_000n })).wait();
        const events = (token: string): string[] =>
          (receipt?.logs ?? [])
            .filter(({ address }) => address === token)
            .map(({ topics, data }) => `${topics.join()} ${data}`);
        expect(events(peer)).to.have.length(227);
        expect(events(ours)).to.deep.equal(events(peer));
      }
      const coverage = await play(arena, FIXED_SEED, { blocks: 50, days: 200n });

      expect(duel.state.globalRank > 5_001n, "ranks beyond the threshold").to.equal(true);
      // 100 + ⌊15 · log2(5001)⌋ days
      expect(duel.state.maxTerm).to.equal(284n * 86_400n);
      expect(
        [...coverage.terms].some((term) => term > 100n),
        "a term above 100 days",
      ).to.equal(true);
    });

    it("lowers the early adopter rate at the same rank, 100,000", async () => {
      const arena = await openArena({ kind: "from rank", rank: 99_990n });
      const coverage = await play(arena, FIXED_SEED, { blocks: 45, days: 400n });

      expect([...coverage.eaaRates]).to.deep.equal([100n, 99n]);
    });

    it("keeps the early adopter rate at zero from the same rank on, 10,000,000", async () => {
      const [last, beyond] = await Promise.all([
        openArena({ kind: "from rank", rank: 9_999_990n }),
        openArena({ kind: "from rank", rank: 10_099_990n }),
      ]);

      expect([...(await play(last, FIXED_SEED, { blocks: 40, days: 400n })).eaaRates]).to.deep.equal([1n, 0n]);
      expect([...(await play(beyond, FIXED_SEED, { blocks: 40, days: 400n })).eaaRates]).to.deep.equal([0n]);
    });
  });

  describe("given XEN's rank-offset variants", () => {
    const variants: readonly XenVariant[] = ["XENCrypto5001", "XENCrypto100001", "XENCrypto25mm1"];
    for (const name of variants) {
      it(`ends every call as ${name} does`, async () => {
        const arena = await openArena({ kind: "variant", name });
        const coverage = await play(arena, FIXED_SEED, { blocks: 45, days: 30n, withLastPenalty: false });

        expect(coverage.successes).to.be.at.least(50);
        expect(
          [...coverage.terms].some((term) => term > 100n),
          "a term above 100 days",
        ).to.equal(true);
      });
    }

    it("tells apart a variant that leaves nothing after seven days from XEN, which leaves one percent", async () => {
      const { duel } = await openArena({ kind: "variant", name: "XENCrypto5001" });
      const now = await duel.now();
      await duel.run(now + 1n, [{ actor: 0, fn: "claimRank", args: [100n] }]);
      const claim = duel.run(now + 1n + 107n * 86_400n, [{ actor: 0, fn: "claimMintReward", args: [] }]);

      // log2(2) × 3,000 × 100 days × 1.1, and one percent of it
      await claim.then(
        () => expect.fail("the two came to the same"),
        (error: Error) => expect(error.message).to.contain(`${(3_300n * 10n ** 18n).toString(16)}`),
      );
    });
  });
});
