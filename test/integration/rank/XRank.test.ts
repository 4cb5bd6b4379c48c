import { expect } from "chai";

import {
  FixedPointError,
  grossReward,
  MAX_RANK,
  MAX_STAKED,
  MAX_STAKES,
  ZERO_ADDRESS,
  type RankEvent,
} from "../../../src/rank/index.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import { endow, setCounters } from "../../support/rankState.js";
import { DAY, ethers, networkHelpers, RankPair, TOKEN, type Address, type Refusal } from "../../support/rank.js";

/** A pair with four people in it. */
async function start(firstRank = 1n) {
  const pair = await RankPair.deploy(firstRank);
  return {
    pair,
    token: pair.token,
    alice: pair.account(0),
    bob: pair.account(1),
    carol: pair.account(2),
    dave: pair.account(3),
  };
}

/** Alice's mint of `term` days is claimable in the next block: one second after its maturity. */
async function startMature(term = 100n) {
  const state = await start();
  await state.pair.does(state.alice, "claimRank", term);
  state.pair.wait(term);
  return state;
}

/** Alice holds her reward of 330,000 tokens: log2(2) × 3,000 × 100 × 1.1. */
async function startHolding() {
  const state = await startMature();
  await state.pair.does(state.alice, "claimMintReward");
  expect(state.pair.model.balanceOf(state.alice)).to.equal(330_000n * TOKEN);
  return state;
}

function error(name: string, ...values: unknown[]): Refusal {
  return { error: name, values };
}

function event(name: RankEvent["name"], ...args: unknown[]) {
  return { name, args };
}

describe("XRank", () => {
  describe("constructor", () => {
    it("is called X Rank, XRANK, with 18 decimals", async () => {
      const { token } = await start();
      expect([await token.name(), await token.symbol(), await token.decimals()]).to.deep.equal([
        "X Rank",
        "XRANK",
        18n,
      ]);
    });

    it("starts with no supply, no positions and the first rank at 1", async () => {
      const { pair, token, alice } = await start();
      await pair.expectSameState([alice]);
      expect([await token.globalRank(), await token.totalSupply()]).to.deep.equal([1n, 0n]);
    });

    it("starts its clock at its own block", async () => {
      const { pair, token } = await start();
      expect(await token.genesisTs()).to.equal(pair.now);
    });

    it("has XEN's constants", async () => {
      const { token } = await start();
      const constants = {
        SECONDS_IN_DAY: 86_400n,
        DAYS_IN_YEAR: 365n,
        GENESIS_RANK: 1n,
        MIN_TERM: 86_399n,
        MAX_TERM_START: 8_640_000n,
        MAX_TERM_END: 86_400_000n,
        TERM_AMPLIFIER: 15n,
        TERM_AMPLIFIER_THRESHOLD: 5_000n,
        REWARD_AMPLIFIER_START: 3_000n,
        REWARD_AMPLIFIER_END: 1n,
        EAA_PM_START: 100n,
        EAA_PM_STEP: 1n,
        EAA_RANK_STEP: 100_000n,
        WITHDRAWAL_WINDOW_DAYS: 7n,
        MAX_PENALTY_PCT: 99n,
        XEN_MIN_STAKE: 0n,
        XEN_MIN_BURN: 0n,
        XEN_APY_START: 20n,
        XEN_APY_DAYS_STEP: 90n,
        XEN_APY_END: 2n,
        AUTHORS: "Xonomy, after XEN Crypto by @MrJackLevin @lbelyaev faircrypto.org",
      };
      for (const [name, value] of Object.entries(constants)) {
        expect(await token.getFunction(name).staticCall(), name).to.equal(value);
      }
    });
  });

  /** Each quotes its sentence of "Whats XEN Tokenomics?". */
  describe("source's numbers", () => {
    it("has AMP at 3,000, one less a day, to the plateau of 1", async () => {
      // "amplifying rewards by 3,000 and decreasing by 1 every day until it reaches the plateau of 1"
      const { pair, token } = await start();
      const genesis = pair.now;
      for (const [days, amplifier] of [
        [0n, 3_000n],
        [1n, 2_999n],
        [1_000n, 2_000n],
        [2_998n, 2n],
        [2_999n, 1n],
        [3_000n, 1n],
        [36_500n, 1n],
      ] as const) {
        pair.waitUntil(genesis + days * DAY + 1n);
        await pair.mine();
        expect(await token.getCurrentAMP(), `after ${days} days`).to.equal(amplifier);
        pair.waitUntil(genesis + (days + 1n) * DAY - 1n);
        await pair.mine();
        expect(await token.getCurrentAMP(), `at the end of day ${days}`).to.equal(amplifier);
      }
    });

    it("has EAA at 10 %, 0.1 % less for each 100,000 ranks, to zero", async () => {
      // "EAA starts from 10% and decreases in a linear fashion by 0.1% per each 100,000 increase in Global Rank"
      for (const [rank, perMille] of [
        [1n, 100n],
        [99_999n, 100n],
        [100_000n, 99n],
        [199_999n, 99n],
        [200_000n, 98n],
        [5_000_000n, 50n],
        [9_999_999n, 1n],
        [10_000_000n, 0n],
        [25_000_000n, 0n],
      ] as const) {
        const { token } = await start(rank);
        expect(await token.getCurrentEAAR(), `at rank ${rank}`).to.equal(perMille);
      }
    });

    it("has terms up to 100 days until 5,000 ranks and 15 days more for each doubling above", async () => {
      // "maximum term of 100 days. Once the 5,000 mark is passed": 100 + log2(cRg) * 15
      for (const [rank, days] of [
        [1n, 100n],
        [5_000n, 100n],
        [5_001n, 284n],
        [8_191n, 294n],
        [8_192n, 295n],
        [16_384n, 310n],
        [1n << 20n, 400n],
      ] as const) {
        const { token } = await start(rank);
        expect(await token.getCurrentMaxTerm(), `at rank ${rank}`).to.equal(days * DAY);
      }
    });

    it("has a longest term beyond 550 days", async () => {
      // "The maximum Free Mint Term can exceed 550 days."
      const { token } = await start(1n << 31n);
      expect(await token.getCurrentMaxTerm()).to.equal(565n * DAY);
    });

    it("has penalties of 0, 1, 3, 8, 17, 35, 72 and 99 percent", async () => {
      // "0 days = 0% / 1 = 1% / 2 = 3% / 3 = 8% / 4 = 17% / 5 = 35% / 6 = 72% / 7 = 99%"
      const { token } = await start();
      const days = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 1n << 255n];
      const penalties = await Promise.all(days.map((late) => token.penaltyPct(late)));
      expect(penalties).to.deep.equal([0n, 1n, 3n, 8n, 17n, 35n, 72n, 99n, 99n, 99n]);
    });

    it("has APY at 20 %, one less each 90 days, to 2 %", async () => {
      // "the APY starts at 20% and declines by 1% every 90 days to arrive at 2%. Once it reaches 2%, it remains fixed."
      const { pair, token } = await start();
      const genesis = pair.now;
      for (const [days, apy] of [
        [89n, 20n],
        [90n, 19n],
        [179n, 19n],
        [180n, 18n],
        [1_619n, 3n],
        [1_620n, 2n],
        [1_710n, 2n],
        [36_500n, 2n],
      ] as const) {
        pair.waitUntil(genesis + days * DAY);
        await pair.mine();
        expect(await token.getCurrentAPY(), `after ${days} days`).to.equal(apy);
      }
    });

    it("pays log2 of the rank delta × term × AMP × (1 + EAA)", async () => {
      // "Ru = log2(cRg − cRu) * T * AMP(ts0) * (1 + EAA(cRu))": 10 × 100 × 3,000 × 1.1
      const { token } = await start();
      expect(await token.getGrossReward(1_024n, 3_000n, 100n, 1_100n)).to.equal(3_300_000n);
      expect(await token.getGrossReward(1_000n, 3_000n, 100n, 1_100n)).to.equal(3_288_708n);
    });

    it("pays amount × APY × term / (100 × 365) for a stake", async () => {
      // "Ru = Su * APY * t / 100 * 365": 3,000 for a year at 20 % bring 600
      const { pair, alice } = await startMature(1n);
      await pair.does(alice, "claimMintReward");
      await pair.does(alice, "stake", 3_000n * TOKEN, 365n);
      pair.wait(365n);
      expect(await pair.does(alice, "withdraw")).to.deep.include(
        event("Withdrawn", alice, 3_000n * TOKEN, 600n * TOKEN),
      );
    });

    it("rounds the rate of a stake down to a millionth of a percent", async () => {
      const { pair, alice } = await startMature(1n);
      await pair.does(alice, "claimMintReward");
      await pair.does(alice, "stake", 3_000n * TOKEN, 100n);
      pair.wait(100n);
      // 20 % × 100 / 365 = 5.479452 %
      expect(await pair.does(alice, "withdraw")).to.deep.include(
        event("Withdrawn", alice, 3_000n * TOKEN, 164_383_560_000_000_000_000n),
      );
    });
  });

  describe("claimRank", () => {
    describe("when the term is zero", () => {
      it("reverts with the shortest term", async () => {
        const { pair, alice } = await start();
        expect(await pair.isRefused(alice, "claimRank", 0n)).to.deep.equal(error("XRank_TermBelowMinimum", 0n, 1n));
      });
    });

    describe("when the term is above 100 days and the global rank is at most 5,000", () => {
      it("reverts with the longest term", async () => {
        const { pair, alice } = await start(5_000n);
        for (const term of [101n, (1n << 256n) - 1n]) {
          const refusal = await pair.isRefused(alice, "claimRank", term);
          expect(refusal).to.deep.equal(error("XRank_TermAboveMaximum", term, 100n));
        }
      });
    });

    describe("when the term is above the longest term of a later global rank", () => {
      it("reverts with that longest term", async () => {
        const { pair, alice } = await start(5_001n);
        const refusal = await pair.isRefused(alice, "claimRank", 285n);
        expect(refusal).to.deep.equal(error("XRank_TermAboveMaximum", 285n, 284n));
      });
    });

    describe("given that the caller has a mint", () => {
      it("reverts with that mint's rank and maturity", async () => {
        const { pair, alice } = await start();
        await pair.does(alice, "claimRank", 5n);
        const maturity = pair.now + 5n * DAY;
        const refusal = await pair.isRefused(alice, "claimRank", 7n);
        expect(refusal).to.deep.equal(error("XRank_MintInProgress", alice, 1n, maturity));
      });

      it("reverts after its maturity, too", async () => {
        const { pair, alice } = await startMature();
        const refusal = await pair.isRefused(alice, "claimRank", 1n);
        expect(refusal).to.deep.equal(error("XRank_MintInProgress", alice, 1n, pair.now - 1n));
      });
    });

    describe("given that the last rank was reached", () => {
      it("reverts, and open mints can be ended", async () => {
        const { pair, alice, bob } = await start(MAX_RANK - 1n);
        await pair.does(alice, "claimRank", 1n);
        expect(await pair.isRefused(bob, "claimRank", 1n)).to.deep.equal(error("Counters_RanksExhausted", MAX_RANK));
        pair.wait(1n);
        await pair.does(alice, "claimMintReward");
        await pair.expectSameState([alice, bob]);
      });
    });

    describe("when the term is allowed", () => {
      it("gives the next rank and emits RankClaimed", async () => {
        const { pair, alice, bob } = await start();
        expect(await pair.does(alice, "claimRank", 100n)).to.deep.equal([event("RankClaimed", alice, 100n, 1n)]);
        expect(await pair.does(bob, "claimRank", 1n)).to.deep.equal([event("RankClaimed", bob, 1n, 2n)]);
        expect(await pair.token.globalRank()).to.equal(3n);
      });

      it("fixes term, maturity, AMP and EAA", async () => {
        const { pair, token, alice } = await start(200_000n);
        pair.wait(10n);
        await pair.does(alice, "claimRank", 30n);
        const claimed = pair.now;
        await pair.expectSameState([alice]);
        expect(Array.from(await token.userMints(alice))).to.deep.equal([
          alice,
          30n,
          claimed + 30n * DAY,
          200_000n,
          2_990n,
          98n,
        ]);
      });

      it("accepts a term of exactly the longest", async () => {
        const { pair, alice, bob } = await start(5_000n);
        await pair.does(alice, "claimRank", 100n);
        await pair.does(bob, "claimRank", 284n);
        await pair.expectSameState([alice, bob]);
      });

      it("counts the mint", async () => {
        const { pair, alice } = await start();
        await pair.does(alice, "claimRank", 1n);
        expect(await pair.token.activeMinters()).to.equal(1n);
      });
    });
  });

  describe("claimMintReward", () => {
    describe("given that the caller has no mint", () => {
      it("reverts", async () => {
        const { pair, alice } = await start();
        expect(await pair.isRefused(alice, "claimMintReward")).to.deep.equal(error("XRank_NoMint", alice));
      });
    });

    describe("given that the mint is not mature", () => {
      it("reverts before its maturity", async () => {
        const { pair, alice } = await start();
        await pair.does(alice, "claimRank", 1n);
        const maturity = pair.now + DAY;
        const refusal = await pair.isRefused(alice, "claimMintReward");
        expect(refusal).to.deep.equal(error("XRank_MintNotMature", maturity, pair.now));
      });

      it("reverts in the second of its maturity", async () => {
        const { pair, alice } = await start();
        await pair.does(alice, "claimRank", 1n);
        const maturity = pair.now + DAY;
        pair.waitUntil(maturity);
        const refusal = await pair.isRefused(alice, "claimMintReward");
        expect(refusal).to.deep.equal(error("XRank_MintNotMature", maturity, maturity));
        await pair.does(alice, "claimMintReward");
      });
    });

    describe("given that the mint is mature", () => {
      it("mints the reward, emits Transfer and MintClaimed, and ends the mint", async () => {
        const { pair, alice } = await startMature();
        const reward = 330_000n * TOKEN;
        expect(await pair.does(alice, "claimMintReward")).to.deep.equal([
          event("Transfer", ZERO_ADDRESS, alice, reward),
          event("MintClaimed", alice, reward),
        ]);
        await pair.expectSameState([alice]);
        expect(await pair.token.activeMinters()).to.equal(0n);
        expect(pair.model.mintOf(alice)).to.equal(undefined);
      });

      it("uses the AMP and EAA of the claim and the global rank of now", async () => {
        const { pair, alice, bob, carol, dave } = await start(99_999n);
        await pair.does(alice, "claimRank", 100n);
        pair.wait(50n);
        for (const follower of [bob, carol, dave]) await pair.does(follower, "claimRank", 1n);
        pair.wait(51n);
        // log2(4) × 3,000 × 100 × 1.1, though AMP is 2,899 and EAA 9.9 % by now; one day late costs 1 %
        expect(await pair.does(alice, "claimMintReward")).to.deep.include(
          event("MintClaimed", alice, ((660_000n * 99n) / 100n) * TOKEN),
        );
      });

      it("counts at least two ranks when nobody followed", async () => {
        const { pair, alice } = await startMature(1n);
        // log2(2) × 3,000 × 1 × 1.1
        expect(await pair.does(alice, "claimMintReward")).to.deep.include(event("MintClaimed", alice, 3_300n * TOKEN));
      });

      it("takes the penalty of each day late", async () => {
        const { pair } = await start();
        const cohort = pair.accounts.slice(0, 8);
        for (const account of cohort) await pair.does(account, "claimRank", 100n);
        for (const [daysLate, penalty] of [0n, 1n, 3n, 8n, 17n, 35n, 72n, 99n].entries()) {
          const account = pair.account(daysLate);
          const mint = pair.model.mintOf(account);
          if (mint === undefined) throw new Error("The account has no mint.");
          const gross = await pair.token.getGrossReward(mint.rank === 8n ? 2n : 9n - mint.rank, 3_000n, 100n, 1_100n);
          // the first second of that day
          pair.waitUntil(mint.maturityTs + BigInt(daysLate) * DAY + (daysLate === 0 ? 1n : 0n));
          expect(await pair.does(account, "claimMintReward")).to.deep.include(
            event("MintClaimed", account, ((gross * (100n - penalty)) / 100n) * TOKEN),
          );
        }
        await pair.expectSameState(cohort);
      });

      it("still pays the remaining percent ten years late", async () => {
        // "The user can always return to mint his remaining 1% even after the 7 day period passed."
        const { pair, alice } = await startMature();
        pair.wait(3_650n);
        expect(await pair.does(alice, "claimMintReward")).to.deep.include(event("MintClaimed", alice, 3_300n * TOKEN));
      });

      it("mints nothing where the penalty takes less than a whole token", async () => {
        const { pair, alice } = await start();
        pair.wait(3_000n);
        await pair.does(alice, "claimRank", 1n);
        pair.wait(8n);
        // log2(2) × 1 × 1 × 1.1 is one whole token, and 1 % of it none
        expect(await pair.does(alice, "claimMintReward")).to.deep.equal([
          event("Transfer", ZERO_ADDRESS, alice, 0n),
          event("MintClaimed", alice, 0n),
        ]);
      });

      it("lets the caller claim the next rank", async () => {
        const { pair, alice } = await startMature();
        await pair.does(alice, "claimMintReward");
        expect(await pair.does(alice, "claimRank", 1n)).to.deep.equal([event("RankClaimed", alice, 1n, 2n)]);
      });
    });
  });

  describe("claimMintRewardAndShare", () => {
    describe("when the other is the zero address", () => {
      it("reverts", async () => {
        const { pair, alice } = await startMature();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndShare", ZERO_ADDRESS, 50n);
        expect(refusal).to.deep.equal(error("XRank_ShareWithZeroAddress"));
      });
    });

    describe("when the percentage is zero", () => {
      it("reverts", async () => {
        const { pair, alice, bob } = await startMature();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndShare", bob, 0n);
        expect(refusal).to.deep.equal(error("XRank_ShareOfZeroPercent"));
      });
    });

    describe("when the percentage is above 100", () => {
      it("reverts with the percentage", async () => {
        const { pair, alice, bob } = await startMature();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndShare", bob, 101n);
        expect(refusal).to.deep.equal(error("XRank_ShareAbove100Percent", 101n));
      });
    });

    describe("given that the caller has no mint", () => {
      it("reverts", async () => {
        const { pair, alice, bob } = await start();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndShare", bob, 50n);
        expect(refusal).to.deep.equal(error("XRank_NoMint", alice));
      });
    });

    describe("given that the mint is not mature", () => {
      it("reverts", async () => {
        const { pair, alice, bob } = await start();
        await pair.does(alice, "claimRank", 1n);
        const maturity = pair.now + DAY;
        const refusal = await pair.isRefused(alice, "claimMintRewardAndShare", bob, 50n);
        expect(refusal).to.deep.equal(error("XRank_MintNotMature", maturity, pair.now));
      });
    });

    describe("given that the mint is mature", () => {
      it("mints both parts, own part first", async () => {
        const { pair, alice, bob } = await startMature();
        expect(await pair.does(alice, "claimMintRewardAndShare", bob, 30n)).to.deep.equal([
          event("Transfer", ZERO_ADDRESS, alice, 231_000n * TOKEN),
          event("Transfer", ZERO_ADDRESS, bob, 99_000n * TOKEN),
          event("MintClaimed", alice, 330_000n * TOKEN),
        ]);
        await pair.expectSameState([alice, bob]);
      });

      it("mints an empty own part when all is shared", async () => {
        const { pair, alice, bob } = await startMature();
        expect(await pair.does(alice, "claimMintRewardAndShare", bob, 100n)).to.deep.equal([
          event("Transfer", ZERO_ADDRESS, alice, 0n),
          event("Transfer", ZERO_ADDRESS, bob, 330_000n * TOKEN),
          event("MintClaimed", alice, 330_000n * TOKEN),
        ]);
      });

      it("gives both parts to a caller who shares with itself", async () => {
        const { pair, alice } = await startMature();
        await pair.does(alice, "claimMintRewardAndShare", alice, 1n);
        expect(await pair.token.balanceOf(alice)).to.equal(330_000n * TOKEN);
      });
    });
  });

  describe("claimMintRewardAndStake", () => {
    describe("when the percentage is above 100", () => {
      it("reverts with the percentage", async () => {
        const { pair, alice } = await startMature();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndStake", 101n, 1n);
        expect(refusal).to.deep.equal(error("XRank_StakeAbove100Percent", 101n));
      });
    });

    describe("given that the caller has no mint", () => {
      it("reverts", async () => {
        const { pair, alice } = await start();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndStake", 50n, 1n);
        expect(refusal).to.deep.equal(error("XRank_NoMint", alice));
      });
    });

    describe("given that the mint is not mature", () => {
      it("reverts", async () => {
        const { pair, alice } = await start();
        await pair.does(alice, "claimRank", 1n);
        const maturity = pair.now + DAY;
        const refusal = await pair.isRefused(alice, "claimMintRewardAndStake", 50n, 1n);
        expect(refusal).to.deep.equal(error("XRank_MintNotMature", maturity, pair.now));
      });
    });

    describe("when the percentage is zero", () => {
      it("reverts with the staked part", async () => {
        const { pair, alice } = await startMature();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndStake", 0n, 1n);
        expect(refusal).to.deep.equal(error("XRank_StakeNotAboveMinimum", 0n, 0n));
      });
    });

    describe("when the stake's term is zero", () => {
      it("reverts with the shortest term", async () => {
        const { pair, alice } = await startMature();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndStake", 50n, 0n);
        expect(refusal).to.deep.equal(error("XRank_StakeTermBelowMinimum", 0n, 1n));
      });
    });

    describe("when the stake's term is above 1,000 days", () => {
      it("reverts with the longest term", async () => {
        const { pair, alice } = await startMature();
        const refusal = await pair.isRefused(alice, "claimMintRewardAndStake", 50n, 1_001n);
        expect(refusal).to.deep.equal(error("XRank_StakeTermAboveMaximum", 1_001n, 1_000n));
      });
    });

    describe("given that the caller has a stake", () => {
      it("reverts with that stake", async () => {
        const { pair, alice } = await startHolding();
        await pair.does(alice, "stake", 5n, 1_000n);
        const maturity = pair.now + 1_000n * DAY;
        await pair.does(alice, "claimRank", 1n);
        pair.wait(1n);
        const refusal = await pair.isRefused(alice, "claimMintRewardAndStake", 50n, 1n);
        expect(refusal).to.deep.equal(error("XRank_StakeExists", alice, 5n, maturity));
      });
    });

    describe("given that the mint is mature and no stake is open", () => {
      it("mints the own part and stakes the rest without minting it", async () => {
        const { pair, alice } = await startMature();
        expect(await pair.does(alice, "claimMintRewardAndStake", 40n, 1_000n)).to.deep.equal([
          event("Transfer", ZERO_ADDRESS, alice, 198_000n * TOKEN),
          event("MintClaimed", alice, 330_000n * TOKEN),
          event("Staked", alice, 132_000n * TOKEN, 1_000n),
        ]);
        await pair.expectSameState([alice]);
        expect(await pair.token.totalSupply()).to.equal(198_000n * TOKEN);
        expect(await pair.token.totalXenStaked()).to.equal(132_000n * TOKEN);
      });

      it("stakes all at 100 percent", async () => {
        const { pair, alice } = await startMature();
        await pair.does(alice, "claimMintRewardAndStake", 100n, 1n);
        await pair.expectSameState([alice]);
        expect(await pair.token.totalSupply()).to.equal(0n);
      });
    });
  });

  describe("stake", () => {
    describe("when the amount is above the balance", () => {
      it("reverts with the balance", async () => {
        const { pair, alice } = await startHolding();
        const balance = 330_000n * TOKEN;
        // XEN checks the balance before everything else
        const refusal = await pair.isRefused(alice, "stake", balance + 1n, 0n);
        expect(refusal).to.deep.equal(error("ERC20InsufficientBalance", alice, balance, balance + 1n));
      });
    });

    describe("when the amount is zero", () => {
      it("reverts with the minimum", async () => {
        const { pair, alice } = await startHolding();
        const refusal = await pair.isRefused(alice, "stake", 0n, 1n);
        expect(refusal).to.deep.equal(error("XRank_StakeNotAboveMinimum", 0n, 0n));
      });
    });

    describe("when the term is zero", () => {
      it("reverts with the shortest term", async () => {
        const { pair, alice } = await startHolding();
        const refusal = await pair.isRefused(alice, "stake", 1n, 0n);
        expect(refusal).to.deep.equal(error("XRank_StakeTermBelowMinimum", 0n, 1n));
      });
    });

    describe("when the term is above 1,000 days", () => {
      it("reverts with the longest term", async () => {
        const { pair, alice } = await startHolding();
        for (const term of [1_001n, (1n << 256n) - 1n]) {
          const refusal = await pair.isRefused(alice, "stake", 1n, term);
          expect(refusal).to.deep.equal(error("XRank_StakeTermAboveMaximum", term, 1_000n));
        }
      });
    });

    describe("given that the caller has a stake", () => {
      it("reverts with that stake", async () => {
        const { pair, alice } = await startHolding();
        await pair.does(alice, "stake", 7n, 10n);
        const maturity = pair.now + 10n * DAY;
        const refusal = await pair.isRefused(alice, "stake", 1n, 1n);
        expect(refusal).to.deep.equal(error("XRank_StakeExists", alice, 7n, maturity));
      });
    });

    describe("given that no more can be counted", () => {
      async function startFull(stakes: bigint, staked: bigint) {
        const token = await ethers.deployContract("XRank");
        const [alice] = await ethers.getSigners();
        if (!alice) throw new Error("The test needs an account.");
        await endow(networkHelpers, token, alice.address, 10n);
        await setCounters(networkHelpers, token, { rank: 1n, stakes, staked });
        return token;
      }

      it("reverts when all stakes are counted", async () => {
        const token = await startFull(MAX_STAKES, 0n);
        await expect(token.stake(10n, 1n))
          .to.be.revertedWithCustomError(token, "Counters_StakesExhausted")
          .withArgs(MAX_STAKES);
      });

      it("reverts when the sum is full", async () => {
        const token = await startFull(0n, MAX_STAKED - 9n);
        await expect(token.stake(10n, 1n))
          .to.be.revertedWithCustomError(token, "Counters_StakedAboveMaximum")
          .withArgs(MAX_STAKED - 9n, 10n, MAX_STAKED);
        await token.stake(9n, 1n);
        expect(await token.totalXenStaked()).to.equal(MAX_STAKED);
      });
    });

    describe("when all is well", () => {
      it("burns the amount and emits Transfer and Staked", async () => {
        const { pair, alice } = await startHolding();
        expect(await pair.does(alice, "stake", 30_000n * TOKEN, 1_000n)).to.deep.equal([
          event("Transfer", alice, ZERO_ADDRESS, 30_000n * TOKEN),
          event("Staked", alice, 30_000n * TOKEN, 1_000n),
        ]);
        await pair.expectSameState([alice]);
        expect(await pair.token.totalSupply()).to.equal(300_000n * TOKEN);
      });

      it("fixes amount, term, maturity and APY", async () => {
        const { pair, token, alice } = await startHolding();
        await pair.does(alice, "stake", 3n, 400n);
        const maturity = pair.now + 400n * DAY;
        expect(Array.from(await token.userStakes(alice))).to.deep.equal([400n, maturity, 3n, 19n]);
        expect([await token.activeStakes(), await token.totalXenStaked()]).to.deep.equal([1n, 3n]);
      });
    });
  });

  describe("withdraw", () => {
    describe("given that the caller has no stake", () => {
      it("reverts", async () => {
        const { pair, alice } = await startHolding();
        expect(await pair.isRefused(alice, "withdraw")).to.deep.equal(error("XRank_NoStake", alice));
      });
    });

    describe("given that the stake is not mature", () => {
      it("gives back the amount alone", async () => {
        // "ending the stake too early will incur a loss of the APY rewards"
        const { pair, alice } = await startHolding();
        await pair.does(alice, "stake", 100n * TOKEN, 100n);
        pair.wait(99n);
        expect(await pair.does(alice, "withdraw")).to.deep.equal([
          event("Transfer", ZERO_ADDRESS, alice, 100n * TOKEN),
          event("Withdrawn", alice, 100n * TOKEN, 0n),
        ]);
        await pair.expectSameState([alice]);
      });

      it("gives no yield in the second of its maturity", async () => {
        const { pair, alice } = await startHolding();
        await pair.does(alice, "stake", 100n * TOKEN, 100n);
        pair.waitUntil(pair.now + 100n * DAY);
        expect(await pair.does(alice, "withdraw")).to.deep.include(event("Withdrawn", alice, 100n * TOKEN, 0n));
      });
    });

    describe("given that the stake is mature", () => {
      it("gives back the amount with its yield", async () => {
        const { pair, alice } = await startHolding();
        await pair.does(alice, "stake", 100n * TOKEN, 365n);
        pair.wait(365n);
        // 19 % of a year
        expect(await pair.does(alice, "withdraw")).to.deep.equal([
          event("Transfer", ZERO_ADDRESS, alice, 119n * TOKEN),
          event("Withdrawn", alice, 100n * TOKEN, 19n * TOKEN),
        ]);
        await pair.expectSameState([alice]);
        expect([await pair.token.activeStakes(), await pair.token.totalXenStaked()]).to.deep.equal([0n, 0n]);
      });

      it("uses the APY of the start", async () => {
        const { pair, alice } = await startHolding();
        await pair.does(alice, "stake", 100n * TOKEN, 730n);
        pair.wait(4_000n);
        expect(await pair.does(alice, "withdraw")).to.deep.include(
          event("Withdrawn", alice, 100n * TOKEN, 38n * TOKEN),
        );
      });
    });
  });

  describe("burn", () => {
    const burnRedeemable = "0x543746b1";

    const amount = 1_000n * TOKEN;

    async function startBurning(supported = burnRedeemable) {
      const state = await startHolding();
      const redeemer = await ethers.deployContract("RankRedeemer", [await state.token.getAddress(), supported]);
      await state.pair.catchUp();
      return { ...state, redeemer, address: (await redeemer.getAddress()) as Address };
    }

    async function deployCaller(answer: string) {
      const caller = await ethers.deployContract("RankCaller", [answer]);
      return { caller, address: await caller.getAddress() };
    }

    it("keeps the interface id that XEN's burners answer to", () => {
      expect(ethers.dataSlice(ethers.id("onTokenBurned(address,uint256)"), 0, 4)).to.equal(burnRedeemable);
    });

    describe("when the amount is zero", () => {
      it("reverts with the minimum", async () => {
        const { token, redeemer } = await startBurning();
        await expect(redeemer.redeem(0n, 0n))
          .to.be.revertedWithCustomError(token, "XRank_BurnNotAboveMinimum")
          .withArgs(0n, 0n);
      });
    });

    describe("when the caller is a wallet", () => {
      it("reverts with the caller", async () => {
        const { token, alice } = await startBurning();
        await expect(token.burn(alice, 1n))
          .to.be.revertedWithCustomError(token, "XRank_CallerNotBurnRedeemable")
          .withArgs(alice);
      });
    });

    describe("when the caller does not support IBurnRedeemable", () => {
      it("reverts where it says no", async () => {
        const { token, redeemer, address } = await startBurning("0x01ffc9a7");
        await expect(redeemer.redeem(1n, 0n))
          .to.be.revertedWithCustomError(token, "XRank_CallerNotBurnRedeemable")
          .withArgs(address);
      });

      for (const [answer, why] of [
        ["0x", "knows no ERC-165"],
        [ethers.toBeHex(2, 32), "answers something that is no boolean"],
        [ethers.dataSlice(ethers.toBeHex(1, 32), 1), "answers less than a word"],
      ] as const) {
        it(`reverts where it ${why}`, async () => {
          const { token, alice } = await startBurning();
          const { caller, address } = await deployCaller(answer);
          await token.approve(address, 1n);
          await expect(caller.burn(await token.getAddress(), alice, 1n))
            .to.be.revertedWithCustomError(token, "XRank_CallerNotBurnRedeemable")
            .withArgs(address);
        });
      }
    });

    describe("given that the allowance is too small", () => {
      it("reverts with the allowance", async () => {
        const { pair, token, alice, redeemer, address } = await startBurning();
        await pair.does(alice, "approve", address, amount - 1n);
        await expect(redeemer.redeem(amount, 0n))
          .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
          .withArgs(address, amount - 1n, amount);
      });
    });

    describe("given that the balance is too small", () => {
      it("reverts with the balance", async () => {
        const { pair, token, alice, redeemer, address } = await startBurning();
        const balance = pair.model.balanceOf(alice);
        await pair.does(alice, "approve", address, balance + 1n);
        await expect(redeemer.redeem(balance + 1n, 0n))
          .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
          .withArgs(alice, balance, balance + 1n);
      });
    });

    describe("when the callback reverts", () => {
      it("reverts with the callback's error and undoes the burn", async () => {
        const { pair, alice, redeemer, address } = await startBurning();
        await pair.does(alice, "approve", address, amount);
        await redeemer.refuse();
        await expect(redeemer.redeem(amount, 0n))
          .to.be.revertedWithCustomError(redeemer, "RankRedeemer_Refused")
          .withArgs(alice, amount);
        const refusing = {
          address,
          supported: true,
          onTokenBurned: () => {
            throw new Error("refused");
          },
        };
        expect(() => pair.model.burn(refusing, alice, amount)).to.throw("refused");
        await pair.expectSameState([alice]);
        expect(await pair.token.allowance(alice, address)).to.equal(amount);
      });
    });

    describe("when all is well", () => {
      it("spends the allowance, burns, records, then calls back", async () => {
        const { pair, token, alice, redeemer, address } = await startBurning();
        await pair.does(alice, "approve", address, 3n * amount);
        const receipt = await (await redeemer.redeem(amount, 0n)).wait();
        const events = pair.model.burn({ address, supported: true }, alice, amount);
        expect(events).to.deep.equal([
          event("Approval", alice, address, 2n * amount),
          event("Transfer", alice, ZERO_ADDRESS, amount),
        ]);
        expect(receipt?.logs.map((log) => token.interface.parseLog(log)?.name)).to.deep.equal(["Approval", "Transfer"]);
        await pair.expectSameState([alice]);
        expect(await token.userBurns(alice)).to.equal(amount);
        expect([
          await redeemer.lastUser(),
          await redeemer.lastAmount(),
          await redeemer.lastBurns(),
          await redeemer.lastBalance(),
        ]).to.deep.equal([alice, amount, amount, 329_000n * TOKEN]);
      });

      it("lets the callback burn again within the allowance", async () => {
        const { pair, token, alice, redeemer, address } = await startBurning();
        await pair.does(alice, "approve", address, 2n * amount);
        await expect(redeemer.redeem(amount, 2n))
          .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
          .withArgs(address, 0n, amount);
        await redeemer.redeem(amount, 1n);
        const inner = { address, supported: true };
        pair.model.burn({ ...inner, onTokenBurned: () => pair.model.burn(inner, alice, amount) }, alice, amount);
        await pair.expectSameState([alice]);
        expect([await token.userBurns(alice), await redeemer.callbacks()]).to.deep.equal([2n * amount, 2n]);
      });

      for (const [answer, how] of [
        [ethers.toBeHex(1, 32), "with a well-formed yes"],
        [ethers.concat([ethers.toBeHex(1, 32), ethers.toBeHex(2, 32)]), "with more words after a yes"],
      ] as const) {
        it(`accepts a caller that answers ${how}`, async () => {
          const { pair, token, alice } = await startBurning();
          const { caller, address } = await deployCaller(answer);
          await pair.catchUp();
          await pair.does(alice, "approve", address as Address, 5n);
          await caller.burn(await token.getAddress(), alice, 5n);
          expect(await token.userBurns(alice)).to.equal(5n);
        });
      }
    });
  });

  describe("allowances", () => {
    const maximum = (1n << 256n) - 1n;

    it("adds to an allowance and emits Approval", async () => {
      const { pair, token, alice, bob } = await start();
      await pair.does(alice, "approve", bob, 5n);
      expect(await pair.does(alice, "increaseAllowance", bob, 3n)).to.deep.equal([event("Approval", alice, bob, 8n)]);
      expect(await token.allowance(alice, bob)).to.equal(8n);
    });

    it("reverts when the sum overflows", async () => {
      const { pair, alice, bob } = await start();
      await pair.does(alice, "approve", bob, maximum);
      expect(await pair.isRefused(alice, "increaseAllowance", bob, 1n)).to.deep.equal(error("Panic", 0x11n));
    });

    it("takes from an allowance and emits Approval", async () => {
      const { pair, token, alice, bob } = await start();
      await pair.does(alice, "approve", bob, 5n);
      expect(await pair.does(alice, "decreaseAllowance", bob, 5n)).to.deep.equal([event("Approval", alice, bob, 0n)]);
      expect(await token.allowance(alice, bob)).to.equal(0n);
    });

    it("reverts with the allowance when more is taken", async () => {
      const { pair, alice, bob } = await start();
      await pair.does(alice, "approve", bob, 5n);
      const refusal = await pair.isRefused(alice, "decreaseAllowance", bob, 6n);
      expect(refusal).to.deep.equal(error("XRank_AllowanceBelowDecrease", bob, 5n, 6n));
    });

    it("reverts for the zero address", async () => {
      const { pair, alice } = await start();
      for (const method of ["approve", "increaseAllowance", "decreaseAllowance"] as const) {
        const refusal = await pair.isRefused(alice, method, ZERO_ADDRESS, 0n);
        expect(refusal).to.deep.equal(error("ERC20InvalidSpender", ZERO_ADDRESS));
      }
    });

    it("emits Approval when an allowance is spent, as XEN does", async () => {
      const { pair, alice, bob, carol } = await startHolding();
      await pair.does(alice, "approve", bob, 5n);
      expect(await pair.does(bob, "transferFrom", alice, carol, 2n)).to.deep.equal([
        event("Approval", alice, bob, 3n),
        event("Transfer", alice, carol, 2n),
      ]);
    });

    it("leaves an unlimited allowance as it is", async () => {
      const { pair, token, alice, bob, carol } = await startHolding();
      await pair.does(alice, "approve", bob, maximum);
      expect(await pair.does(bob, "transferFrom", alice, carol, 2n)).to.deep.equal([
        event("Transfer", alice, carol, 2n),
      ]);
      expect(await token.allowance(alice, bob)).to.equal(maximum);
    });
  });

  describe("permit", () => {
    async function startPermit(value = 7n) {
      const { pair, token } = await start();
      const owner = ethers.Wallet.createRandom();
      const spender = pair.account(1);
      const deadline = pair.now + 3_600n;
      const domain = {
        name: "X Rank",
        version: "1",
        chainId: (await ethers.provider.getNetwork()).chainId,
        verifyingContract: await token.getAddress(),
      };
      const message = { owner: owner.address, spender, value, nonce: 0n, deadline };
      const { v, r, s } = ethers.Signature.from(await owner.signTypedData(domain, PERMIT_TYPES, message));
      return { pair, token, owner, spender, value, deadline, v, r, s };
    }

    it("sets an allowance by signature", async () => {
      const { token, owner, spender, value, deadline, v, r, s } = await startPermit();
      await expect(token.permit(owner.address, spender, value, deadline, v, r, s))
        .to.emit(token, "Approval")
        .withArgs(owner.address, spender, value);
      expect(await token.allowance(owner.address, spender)).to.equal(value);
      expect(await token.nonces(owner.address)).to.equal(1n);
    });

    it("reverts after the deadline", async () => {
      const { pair, token, owner, spender, value, deadline, v, r, s } = await startPermit();
      pair.waitUntil(deadline + 1n);
      await pair.mine();
      await expect(token.permit(owner.address, spender, value, deadline, v, r, s))
        .to.be.revertedWithCustomError(token, "ERC2612ExpiredSignature")
        .withArgs(deadline);
    });

    it("reverts for another signer", async () => {
      const { token, owner, spender, value, deadline, v, r, s } = await startPermit();
      await expect(token.permit(owner.address, spender, value + 1n, deadline, v, r, s)).to.be.revertedWithCustomError(
        token,
        "ERC2612InvalidSigner",
      );
    });

    it("reverts when used twice", async () => {
      const { token, owner, spender, value, deadline, v, r, s } = await startPermit();
      await token.permit(owner.address, spender, value, deadline, v, r, s);
      await expect(token.permit(owner.address, spender, value, deadline, v, r, s)).to.be.revertedWithCustomError(
        token,
        "ERC2612InvalidSigner",
      );
    });
  });

  describe("views", () => {
    it("returns zeros for an account with nothing open", async () => {
      const { token, alice, bob } = await start();
      expect(Array.from(await token.userMints(bob))).to.deep.equal([ZERO_ADDRESS, 0n, 0n, 0n, 0n, 0n]);
      expect(Array.from(await token.userStakes(bob))).to.deep.equal([0n, 0n, 0n, 0n]);
      expect(Array.from(await token.getUserMint({ from: alice }))).to.deep.equal([ZERO_ADDRESS, 0n, 0n, 0n, 0n, 0n]);
      expect(Array.from(await token.getUserStake({ from: alice }))).to.deep.equal([0n, 0n, 0n, 0n]);
    });

    it("returns the caller's own positions", async () => {
      const { pair, token, alice } = await startHolding();
      await pair.does(alice, "stake", 9n, 2n);
      await pair.does(alice, "claimRank", 3n);
      expect(Array.from(await token.getUserMint({ from: alice }))).to.deep.equal(
        Array.from(await token.userMints(alice)),
      );
      expect(Array.from(await token.getUserStake({ from: alice }))).to.deep.equal(
        Array.from(await token.userStakes(alice)),
      );
      expect((await token.getUserMint({ from: alice })).user).to.equal(alice);
      expect((await token.getUserStake({ from: alice })).amount).to.equal(9n);
    });

    it("previews exactly what a mint gives", async () => {
      const { pair, token, alice, bob } = await startMature();
      await pair.does(bob, "claimRank", 1n);
      pair.wait(3n);
      await pair.mine();
      const preview = await token.previewMintReward(alice);
      expect(preview).to.equal(303_600n * TOKEN);
      expect(await pair.does(alice, "claimMintReward")).to.deep.include(event("MintClaimed", alice, preview));
    });

    it("previews exactly what a withdrawal gives", async () => {
      const { pair, token, alice } = await startHolding();
      await pair.does(alice, "stake", 100n * TOKEN, 365n);
      expect(await token.previewStakeReward(alice)).to.equal(0n);
      pair.wait(365n);
      await pair.mine();
      const preview = await token.previewStakeReward(alice);
      expect(preview).to.equal(19n * TOKEN);
      expect(await pair.does(alice, "withdraw")).to.deep.include(event("Withdrawn", alice, 100n * TOKEN, preview));
    });

    it("refuses to preview what the call would refuse", async () => {
      const { pair, token, alice } = await start();
      for (const [preview, refusal] of [
        [token.previewMintReward(alice), "XRank_NoMint"],
        [token.previewStakeReward(alice), "XRank_NoStake"],
      ] as const) {
        await expect(preview).to.be.revertedWithCustomError(token, refusal).withArgs(alice);
      }
      await pair.does(alice, "claimRank", 1n);
      await expect(token.previewMintReward(alice)).to.be.revertedWithCustomError(token, "XRank_MintNotMature");
    });

    it("refuses a gross reward that fixed point cannot hold", async () => {
      const { token } = await start();
      const limit = 1n << 63n;
      for (const [delta, amplifier, term, eaa] of [
        [0n, 1n, 1n, 1n],
        [limit, 1n, 1n, 1n],
        [2n, limit, 1n, 1n],
        [2n, 1n, limit, 1n],
        [2n, 1n, 1n, limit],
        [2n, 1n << 32n, 1n << 31n, 1n],
      ] as const) {
        await expect(token.getGrossReward(delta, amplifier, term, eaa)).to.be.revertedWithoutReason(ethers);
        expect(() => grossReward(delta, amplifier, term, eaa)).to.throw(FixedPointError);
      }
      expect(await token.getGrossReward(2n, limit - 1n, 1n, 1n)).to.equal(grossReward(2n, limit - 1n, 1n, 1n));
      expect(await token.getGrossReward(1n, 3_000n, 100n, 1_100n)).to.equal(0n);
    });
  });
});
