import { expect } from "chai";
import { FunctionFragment, MaxUint256, ZeroAddress, type Interface } from "ethers";

import { effort } from "../../support/effort.js";
import { openArena, type Arena } from "../../support/rankArena.js";
import { CAST, causeOf, NO_DATA, type Call } from "../../support/rankDuel.js";
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

const [UNSUPPORTING, GARBLING, REDEEMER, REFUSING] = (
  ["unsupporting", "garbling", "redeemer", "refusingRedeemer"] as const
).map((kind) => CAST.indexOf(kind)) as [number, number, number, number];

/** Why XEN and why XRANK refuse the same call, which is made without a transaction: to the token itself unless it says whom to call. */
async function endsOf(
  arena: Arena,
  callOf: (token: string) => { readonly from?: string; readonly to?: string; readonly data: string },
): Promise<string[]> {
  const abi = await xrankInterface(arena);
  const refusal = async (token: string): Promise<string> => {
    try {
      await arena.connection.ethers.provider.call({ to: token, ...callOf(token) });
    } catch (error) {
      return causeOf((error as { data: string }).data, abi);
    }
    throw new Error("the call was not refused");
  };
  return [await refusal(arena.peer), await refusal(arena.ours)];
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
      const coverage = await play(
        arena,
        FIXED_SEED,
        effort({ blocks: 300, days: 4_000n }, { blocks: 850, days: 3_500n }),
      );

      expect(coverage.shortcomings(LEAST), "ways that functions should have ended in").to.deep.equal([]);
      expect(coverage.successes).to.be.at.least(effort(400, 1_000));
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
      const coverage = await play(arena, FRESH_SEED, { blocks: effort(40, 120), days: 3_100n });

      expect(coverage.successes).to.be.at.least(effort(25, 100));
    });

    it("ends every call as XEN's untouched Optimism build does once both amplifiers are one", async () => {
      const arena = await openArena({ kind: "XENCrypto", amplifier: 300 });
      await arena.connection.networkHelpers.time.increase(2_999 * 86_400);
      const coverage = await play(arena, FIXED_SEED, { blocks: effort(36, 45), days: 300n });

      expect([...coverage.amplifiers]).to.deep.equal([1n]);
      expect(coverage.successes).to.be.at.least(50);
    });

    it("refuses the burn of a wallet, as XEN does", async () => {
      const arena = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
      const [wallet] = await arena.connection.ethers.getSigners();
      const from = wallet?.address ?? ZeroAddress;
      const burnOf = (amount: bigint): string => xenInterface.encodeFunctionData("burn", [from, amount]);

      expect(await endsOf(arena, () => ({ from, data: burnOf(1n) }))).to.deep.equal([
        NO_DATA,
        "XRank_CallerNotBurnRedeemable",
      ]);
      expect(await endsOf(arena, () => ({ from, data: burnOf(0n) })), "the amount comes first").to.deep.equal([
        "Burn: Below min limit",
        "XRank_BurnNotAboveMinimum",
      ]);
    });

    it("takes for a proof-of-burn contract exactly whom XEN takes for one", async () => {
      const arena = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
      const { ethers } = arena.connection;
      const word = (value: bigint): string => ethers.toBeHex(value, 32);
      const refused = "XRank_CallerNotBurnRedeemable";
      // whoever is taken for one is asked for its allowance next
      const [taken, xenTaken] = ["ERC20InsufficientAllowance", "ERC20: insufficient allowance"];
      for (const [answer, xen, ours] of [
        [word(1n), xenTaken, taken],
        [`${word(1n)}00`, xenTaken, taken],
        [ethers.concat([word(1n), word(0n)]), xenTaken, taken],
        [ethers.concat([word(1n), word(2n), word(3n)]), xenTaken, taken],
        [word(0n), "Burn: not a supported contract", refused],
        [ethers.concat([word(0n), word(1n)]), "Burn: not a supported contract", refused],
        [word(2n), NO_DATA, refused],
        [ethers.concat([word(2n), word(1n)]), NO_DATA, refused],
        [word(MaxUint256), NO_DATA, refused],
        [ethers.dataSlice(word(1n), 1), NO_DATA, refused],
        ["0x01", NO_DATA, refused],
        ["0x", NO_DATA, refused],
      ] as const) {
        const caller = await ethers.deployContract("RankCaller", [answer]);
        const to = await caller.getAddress();
        const ends = await endsOf(arena, (token) => ({
          to,
          data: caller.interface.encodeFunctionData("burn", [token, ZeroAddress, 1n]),
        }));
        expect(ends, `answering ${answer}`).to.deep.equal([xen, ours]);
      }
    });
  });

  describe("given calls that several checks refuse", () => {
    it("refuses each for XEN's first reason", async () => {
      const { duel } = await openArena({ kind: "XENCrypto", amplifier: 3_000 });
      const [nobody, early, mature, staking] = [0, 1, 2, 3];
      const day = 86_400n;
      const begun = (await duel.now()) + 1n;
      const by = (actor: number, fn: string, ...args: Call["args"]): Call => ({ actor, fn, args });
      await duel.run(begun, [by(mature, "claimRank", 1n), by(staking, "claimRank", 1n)]);
      await duel.run(begun + 2n * day, [
        by(staking, "claimMintReward"),
        by(staking, "stake", 5n, 1_000n),
        by(staking, "claimRank", 1n),
        by(early, "claimRank", 100n),
      ]);
      const balance = duel.state.accounts[staking]?.balance ?? 0n;
      const [holder, redeemer, other] = [duel.actors[staking], duel.actors[REDEEMER], duel.actors[nobody]];
      if (holder === undefined || redeemer === undefined || other === undefined) throw new Error("an actor is missing");
      const overflowing = MaxUint256 / day + 1n;

      const cases: readonly (readonly [because: string, ...calls: Call[]])[] = [
        ["CRank: Term less than min", by(early, "claimRank", 0n)],
        [
          "CRank: Term more than current max term",
          by(early, "claimRank", 101n),
          by(mature, "claimRank", MaxUint256 / day),
        ],
        ["Panic(17)", by(early, "claimRank", overflowing)],
        [
          "CRank: Cannot share with zero address",
          ...[nobody, early, mature].flatMap((actor) =>
            [0n, 50n, 101n, MaxUint256].map((pct) => by(actor, "claimMintRewardAndShare", ZeroAddress, pct)),
          ),
        ],
        [
          "CRank: Cannot share zero percent",
          ...[nobody, early].map((actor) => by(actor, "claimMintRewardAndShare", other, 0n)),
        ],
        [
          "CRank: Cannot share 100+ percent",
          ...[nobody, early].flatMap((actor) =>
            [101n, MaxUint256].map((pct) => by(actor, "claimMintRewardAndShare", other, pct)),
          ),
        ],
        [
          "CRank: Cannot share >100 percent",
          ...[nobody, early, mature, staking].flatMap((actor) =>
            [0n, 1n, 1_001n, overflowing].map((term) => by(actor, "claimMintRewardAndStake", 101n, term)),
          ),
        ],
        [
          "CRank: No mint exists",
          ...[0n, 50n].flatMap((pct) =>
            [0n, 1_001n, overflowing].map((term) => by(nobody, "claimMintRewardAndStake", pct, term)),
          ),
          by(nobody, "claimMintRewardAndStake", 0n, 1n),
        ],
        [
          "CRank: Mint maturity not reached",
          ...[0n, 50n].flatMap((pct) =>
            [0n, 1_001n, overflowing].map((term) => by(early, "claimMintRewardAndStake", pct, term)),
          ),
          by(early, "claimMintRewardAndStake", 0n, 1n),
        ],
        [
          "XEN: Below min stake",
          ...[mature, staking].flatMap((actor) =>
            [0n, 1n, 1_001n, overflowing].map((term) => by(actor, "claimMintRewardAndStake", 0n, term)),
          ),
          ...[nobody, staking].flatMap((actor) =>
            [0n, 1n, 1_001n, overflowing].map((term) => by(actor, "stake", 0n, term)),
          ),
        ],
        ["XEN: Below min stake term", by(staking, "claimMintRewardAndStake", 50n, 0n), by(staking, "stake", 1n, 0n)],
        [
          "XEN: Above max stake term",
          by(staking, "claimMintRewardAndStake", 50n, 1_001n),
          by(staking, "stake", 1n, 1_001n),
        ],
        ["Panic(17)", by(staking, "claimMintRewardAndStake", 50n, overflowing), by(staking, "stake", 1n, overflowing)],
        [
          "XEN: not enough balance",
          ...[0n, 1n, 1_001n, overflowing].flatMap((term) => [
            by(nobody, "stake", 1n, term),
            by(staking, "stake", balance + 1n, term),
          ]),
        ],
        [
          "Burn: Below min limit",
          ...[nobody, UNSUPPORTING, GARBLING, REDEEMER].map((actor) => by(actor, "burn", holder, 0n)),
          by(REDEEMER, "burn", ZeroAddress, 0n),
        ],
        ["Burn: not a supported contract", by(UNSUPPORTING, "burn", holder, balance + 1n)],
        [NO_DATA, by(nobody, "burn", holder, balance + 1n), by(GARBLING, "burn", holder, balance + 1n)],
        [
          "ERC20: insufficient allowance",
          by(REDEEMER, "burn", holder, balance + 1n),
          by(REDEEMER, "burn", ZeroAddress, 1n),
          by(REFUSING, "burn", holder, balance + 1n),
          by(nobody, "transferFrom", holder, ZeroAddress, balance + 1n),
          by(nobody, "transferFrom", ZeroAddress, ZeroAddress, 1n),
        ],
        ["ERC20: transfer to the zero address", by(staking, "transfer", ZeroAddress, balance + 1n)],
        ["ERC20: decreased allowance below zero", by(staking, "decreaseAllowance", ZeroAddress, 1n)],
        ["ERC20: approve from the zero address", by(nobody, "transferFrom", ZeroAddress, ZeroAddress, 0n)],
      ];
      const after = begun + 4n * day;
      // a block for each reason: the memory of one long transaction would cost more than all of them
      for (const [because, ...calls] of cases) {
        const outcomes = await duel.run(after, calls);
        expect(outcomes.map(({ call, cause }) => ({ call, cause }))).to.deep.equal(
          calls.map((call) => ({ call, cause: because })),
        );
      }

      // with an allowance the balance is next, and the callback last
      await duel.run(after, [by(staking, "approve", duel.actors[REFUSING] ?? "", MaxUint256)]);
      const [tooMuch, enough] = await duel.run(after, [
        by(REFUSING, "burn", holder, balance + 1n),
        by(REFUSING, "burn", holder, balance),
      ]);
      expect([tooMuch?.cause, enough?.cause]).to.deep.equal([
        "ERC20: burn amount exceeds balance",
        "XRankActor_Refused",
      ]);
    });
  });

  describe("given many ranks", () => {
    it("gives a crowd the same positions and lengthens the longest term at the same rank", async () => {
      // five thousand users, or the last of them
      const first = effort(4_087n, 1n);
      const arena = await openArena(
        first === 1n ? { kind: "XENCrypto", amplifier: 3_000 } : { kind: "from rank", rank: first },
      );
      const { connection, peer, ours, duel } = arena;
      const crowd = await connection.ethers.deployContract("XRankCrowd");
      for (let rank = first; rank < 4_995n; rank += 227n) {
        const receipt = await (await crowd.join(peer, ours, 100n, 227n, { gasLimit: 500_000_000n })).wait();
        const events = (token: string): string[] =>
          (receipt?.logs ?? [])
            .filter(({ address }) => address === token)
            .map(({ topics, data }) => `${topics.join()} ${data}`);
        expect(events(peer)).to.have.length(227);
        expect(events(ours)).to.deep.equal(events(peer));
      }
      const coverage = await play(arena, FIXED_SEED, { blocks: effort(30, 50), days: 200n });

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
      const coverage = await play(arena, FIXED_SEED, { blocks: effort(36, 45), days: 400n });

      expect([...coverage.eaaRates]).to.deep.equal([100n, 99n]);
    });

    it("keeps the early adopter rate at zero from the same rank on, 10,000,000", async () => {
      for (const [rank, rates] of [
        [9_999_990n, [1n, 0n]],
        [10_099_990n, [0n]],
      ] as const) {
        const arena = await openArena({ kind: "from rank", rank });
        const coverage = await play(arena, FIXED_SEED, { blocks: effort(25, 40), days: 400n });

        expect([...coverage.eaaRates]).to.deep.equal(rates);
      }
    });
  });

  describe("given XEN's rank-offset variants", () => {
    const variants: readonly XenVariant[] = ["XENCrypto5001", "XENCrypto100001", "XENCrypto25mm1"];
    for (const name of variants) {
      it(`ends every call as ${name} does`, async () => {
        const arena = await openArena({ kind: "variant", name });
        const coverage = await play(arena, FIXED_SEED, { blocks: effort(30, 45), days: 30n, withLastPenalty: false });

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
