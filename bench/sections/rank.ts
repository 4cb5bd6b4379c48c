/** XRANK against XEN Crypto: every call a user can make. */

import { COUNTERS } from "../../test/support/rankState.js";
import type { BenchChain, Measured, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import { deployXen, deployXen5001 } from "../peers.js";
import type { GasSection } from "../report.js";
import { compareAll, type Scene } from "./compare.js";

const DAY = 86_400n;
const TOKEN = 10n ** 18n;

/** A rank token with its proof-of-burn contract; XRANK and XEN answer to the same calls. */
interface Contestant {
  readonly token: Target;
  readonly burner: Target;
}

/** Limits of the design, section "XRANK", gas. */
const LIMITS = {
  claimRank: 56_000n,
  claimRankAbove100Days: 62_000n,
  mintToHolder: 52_000n,
  mintToEmpty: 69_000n,
  mintAndStake: 90_000n,
  stake: 75_000n,
  withdrawToHolder: 46_000n,
  withdrawToEmpty: 63_000n,
} as const;

/** Who is on the stage: holders have tokens, newcomers have none and never claimed. */
interface Cast {
  readonly alice: Hex;
  readonly bob: Hex;
  readonly dave: Hex;
  readonly erin: Hex;
  readonly frank: Hex;
  readonly crowd: readonly Hex[];
}

function castOf(chain: BenchChain): Cast {
  const account = (index: number): Hex => chain.account(index);
  return {
    alice: account(1),
    bob: account(2),
    dave: account(3),
    erin: account(4),
    frank: account(5),
    crowd: [6, 7, 8, 9, 10, 11].map(account),
  };
}

/**
 * An economy under way: Alice, Bob and Dave hold tokens; Dave has an open mint and an open stake, so supply and counters stay
 * above zero whatever the others do.
 */
async function begin(chain: BenchChain, token: Target): Promise<Contestant> {
  const { alice, bob, dave } = castOf(chain);
  const burner = await chain.deploy("BenchBurner", [token.address]);
  const send = (from: Hex, method: string, ...args: unknown[]): Promise<void> =>
    chain.send({ from, to: token, method, args });
  for (const who of [alice, bob, dave]) await send(who, "claimRank", 1);
  chain.wait(DAY);
  for (const who of [alice, bob, dave]) await send(who, "claimMintReward");
  await send(dave, "stake", 100n * TOKEN, 1_000);
  await send(dave, "claimRank", 100);
  return { token, burner };
}

/** The scenes, each from the state of `begin`. */
function scenesOf(chain: BenchChain): Scene<Contestant>[] {
  const { alice, bob, erin, frank, crowd } = castOf(chain);
  const send = (from: Hex, to: Target, method: string, ...args: unknown[]): Promise<void> =>
    chain.send({ from, to, method, args });
  const measure = (from: Hex, to: Target, method: string, ...args: unknown[]): Promise<Measured> =>
    chain.measure({ from, to, method, args });

  /** Takes a rank for 100 days, lets others follow, and waits to the end of the term and `late` days more. */
  async function mature(token: Target, who: Hex, late = 0n): Promise<void> {
    await send(who, token, "claimRank", 100);
    for (const follower of crowd) await send(follower, token, "claimRank", 30);
    chain.wait((100n + late) * DAY);
  }

  /** Stakes for 100 days; a holder keeps half, the other one stakes everything. */
  async function stake(token: Target, who: Hex, everything: boolean): Promise<void> {
    const balance = (await chain.read(token, "balanceOf", [who])) as bigint;
    await send(who, token, "stake", everything ? balance : balance / 2n, 100);
  }

  const mint = (given: string, who: Hex, late: bigint, limit: bigint): Scene<Contestant> => ({
    call: "claimMintReward",
    given,
    limit,
    play: async ({ token }) => {
      await mature(token, who, late);
      return measure(who, token, "claimMintReward");
    },
  });

  const share = (given: string, who: Hex, other: Hex, pct: number): Scene<Contestant> => ({
    call: "claimMintRewardAndShare",
    given,
    play: async ({ token }) => {
      await mature(token, who);
      return measure(who, token, "claimMintRewardAndShare", other, pct);
    },
  });

  const mintAndStake = (given: string, who: Hex, pct: number, limit?: bigint): Scene<Contestant> => ({
    call: "claimMintRewardAndStake",
    given,
    ...(limit === undefined ? {} : { limit }),
    play: async ({ token }) => {
      await mature(token, who);
      return measure(who, token, "claimMintRewardAndStake", pct, 1_000);
    },
  });

  const withdraw = (given: string, everything: boolean, days: bigint, limit: bigint): Scene<Contestant> => ({
    call: "withdraw",
    given,
    limit,
    play: async ({ token }) => {
      await stake(token, alice, everything);
      chain.wait(days * DAY);
      return measure(alice, token, "withdraw");
    },
  });

  const claimed = (term: number): Scene<Contestant> => ({
    call: "claimRank",
    given: `term of ${term} ${term === 1 ? "day" : "days"}`,
    limit: LIMITS.claimRank,
    play: ({ token }) => measure(erin, token, "claimRank", term),
  });

  return [
    claimed(1),
    claimed(100),
    mint("to a holder", alice, 0n, LIMITS.mintToHolder),
    mint("to an empty balance", erin, 0n, LIMITS.mintToEmpty),
    mint("to a holder, 1 day late", alice, 1n, LIMITS.mintToHolder),
    mint("to a holder, 5 days late", alice, 5n, LIMITS.mintToHolder),
    mint("to a holder, 30 days late", alice, 30n, LIMITS.mintToHolder),
    mint("to an empty balance, 30 days late", erin, 30n, LIMITS.mintToEmpty),
    share("holder shares half with a holder", alice, bob, 50),
    share("holder shares half with an empty balance", alice, frank, 50),
    share("empty balance shares half with an empty balance", erin, frank, 50),
    share("holder gives everything to an empty balance", alice, frank, 100),
    mintAndStake("holder stakes half", alice, 50, LIMITS.mintAndStake),
    mintAndStake("holder stakes everything", alice, 100, LIMITS.mintAndStake),
    mintAndStake("empty balance, stakes half", erin, 50),
    {
      call: "stake",
      given: "half of the balance",
      limit: LIMITS.stake,
      play: async ({ token }) => {
        const balance = (await chain.read(token, "balanceOf", [alice])) as bigint;
        return measure(alice, token, "stake", balance / 2n, 1_000);
      },
    },
    {
      call: "stake",
      given: "the whole balance",
      limit: LIMITS.stake,
      play: async ({ token }) =>
        measure(alice, token, "stake", (await chain.read(token, "balanceOf", [alice])) as bigint, 1_000),
    },
    withdraw("after the term, to a holder", false, 100n, LIMITS.withdrawToHolder),
    withdraw("after the term, to an empty balance", true, 100n, LIMITS.withdrawToEmpty),
    withdraw("early, to a holder", false, 50n, LIMITS.withdrawToHolder),
    withdraw("early, to an empty balance", true, 50n, LIMITS.withdrawToEmpty),
    {
      call: "burn",
      given: "through a contract, the first of a user",
      play: async ({ token, burner }) => {
        await send(alice, token, "approve", burner.address, 3n * TOKEN);
        return measure(alice, burner, "redeem", TOKEN);
      },
    },
    {
      call: "burn",
      given: "through a contract, a later one",
      play: async ({ token, burner }) => {
        await send(alice, token, "approve", burner.address, 3n * TOKEN);
        await send(alice, burner, "redeem", TOKEN);
        return measure(alice, burner, "redeem", TOKEN);
      },
    },
    { call: "transfer", given: "to a holder", play: ({ token }) => measure(alice, token, "transfer", bob, TOKEN) },
    {
      call: "transfer",
      given: "to an empty balance",
      play: ({ token }) => measure(alice, token, "transfer", frank, TOKEN),
    },
    {
      call: "transferFrom",
      given: "to a holder, limited allowance",
      play: async ({ token }) => {
        await send(alice, token, "approve", erin, 3n * TOKEN);
        return measure(erin, token, "transferFrom", alice, bob, TOKEN);
      },
    },
    { call: "approve", given: "for the first time", play: ({ token }) => measure(alice, token, "approve", bob, TOKEN) },
    {
      call: "increaseAllowance",
      given: "of one that there is",
      play: async ({ token }) => {
        await send(alice, token, "approve", bob, TOKEN);
        return measure(alice, token, "increaseAllowance", bob, TOKEN);
      },
    },
    {
      call: "decreaseAllowance",
      given: "of one that there is, not to zero",
      play: async ({ token }) => {
        await send(alice, token, "approve", bob, 3n * TOKEN);
        return measure(alice, token, "decreaseAllowance", bob, TOKEN);
      },
    },
  ];
}

/** The scene that needs a rank above 5,000. */
function longTerm(chain: BenchChain): Scene<Contestant> {
  return {
    call: "claimRank",
    given: "term of 250 days, rank above 5,000",
    limit: LIMITS.claimRankAbove100Days,
    play: ({ token }) => chain.measure({ from: castOf(chain).erin, to: token, method: "claimRank", args: [250] }),
  };
}

/** Measures the section on a chain of its own. */
export async function rankSection(chain: BenchChain): Promise<GasSection> {
  const ours = await begin(chain, await chain.deploy("XRank"));
  const xen = await begin(chain, await deployXen(chain));
  const scenes = scenesOf(chain);
  const rows = await compareAll(chain, [ours, xen], scenes);
  const beyond = await chain.deploy("XRank");
  // The long term is refused where the counters are anywhere else.
  await chain.setSlot(beyond, COUNTERS, 5_001n);
  const late = await compareAll(
    chain,
    [await begin(chain, beyond), await begin(chain, await deployXen5001(chain))],
    [longTerm(chain)],
  );
  return {
    id: "rank",
    title: "XRANK beside XEN Crypto",
    note:
      "Both tokens have supply, open mints and open stakes, and six users took a rank after the one who mints. " +
      "A holder has tokens before the call. The row above 5,000 ranks compares XRANK with its counter set to rank 5,001 with XEN's test contract that begins there.",
    peers: ["XEN Crypto"],
    rows: [...rows.slice(0, 2), ...late, ...rows.slice(2)],
  };
}
