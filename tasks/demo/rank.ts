import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkHelpers } from "@nomicfoundation/hardhat-network-helpers/types";
import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";

import { amplifier, DAY, penaltyPct, RankModel, type RankEvent } from "../../src/rank/index.js";
import type { XRank } from "../../typechain-types/index.js";
import { someAddress } from "./accounts.js";
import { figure, type Cell, type Story } from "./story.js";

type Address = `0x${string}`;

/** What a wallet does once its mint is mature. */
type Ending =
  | { kind: "mint"; daysLate: bigint }
  | { kind: "share"; percent: bigint }
  | { kind: "mintAndStake"; percent: bigint; stakeDays: bigint; early: boolean }
  | { kind: "stake"; percent: bigint; stakeDays: bigint; early: boolean };

interface Member {
  name: string;
  signer: HardhatEthersSigner;
  address: Address;
  joinsOnDay: bigint;
  term: bigint;
  ending: Ending;
}

interface Step {
  at: bigint;
  run: (now: bigint) => Promise<void>;
}

const COHORT = 60;
const TERMS = [7n, 30n, 100n, 60n, 14n, 1n, 90n, 45n] as const;

/** Each penalty once, then everything else in turn. */
function endingOf(member: number): Ending {
  if (member < 8) return { kind: "mint", daysLate: BigInt(member) };
  if (member === 8) return { kind: "mint", daysLate: 300n };
  switch (member % 5) {
    case 0:
      return { kind: "share", percent: BigInt(10 + member) };
    case 1:
      return { kind: "mintAndStake", percent: 80n, stakeDays: 365n, early: false };
    case 2:
      return { kind: "stake", percent: 100n, stakeDays: 1_000n, early: false };
    case 3:
      return { kind: "stake", percent: 50n, stakeDays: 200n, early: true };
    default:
      return { kind: "mint", daysLate: 0n };
  }
}

/**
 * XRANK with a cohort of sixty wallets that join over half a year. Each call goes to the chain and to the model with the
 * block's time; every figure of the tables stands beside the model's.
 */
export async function tellRank(
  story: Story,
  xrank: XRank,
  connection: { ethers: HardhatEthers; networkHelpers: NetworkHelpers<string> },
): Promise<void> {
  const { ethers, networkHelpers } = connection;
  const genesis = await xrank.genesisTs();
  const model = new RankModel(genesis);
  const signers = await ethers.getSigners();
  const members = Array.from({ length: COHORT }, (_, i): Member => {
    const signer = signers[i + 10];
    if (signer === undefined)
      throw new Error(`The chain has ${signers.length} accounts; the cohort needs ${COHORT + 10}.`);
    return {
      name: `wallet ${i + 1}`,
      signer,
      address: signer.address as Address,
      joinsOnDay: BigInt(i) * 3n,
      term: TERMS[i % TERMS.length] ?? 7n,
      ending: endingOf(i),
    };
  });

  story.chapter(
    "XRANK: free to mint, for those who wait",
    `${COHORT} wallets join, one every three days. Each claims a rank, waits its term, and then mints on time or late,`,
    "shares, or stakes. The more people came after you, and the longer you waited, the more you get.",
  );

  const joined: Cell[][] = [];
  const minted: Cell[][] = [];
  const shared: Cell[][] = [];
  const staked: Cell[][] = [];
  const steps: Step[] = [];
  const plan = (at: bigint, run: Step["run"]): void => {
    steps.push({ at, run });
  };

  /** Sends a call at the planned time and gives the model the time of the block that it was mined in. */
  async function both(
    call: Promise<ContractTransactionResponse>,
    simulate: (now: bigint) => RankEvent[],
  ): Promise<{ receipt: ContractTransactionReceipt; events: RankEvent[]; now: bigint }> {
    const receipt = await (await call).wait();
    if (receipt === null) throw new Error("The chain gave no receipt.");
    const now = BigInt((await receipt.getBlock()).timestamp);
    return { receipt, events: simulate(now), now };
  }

  /** The amount of an event with this name: what the chain logged, and what the model says. */
  function amountOf(
    name: "MintClaimed" | "Staked" | "Withdrawn",
    position: 1 | 2,
    outcome: { receipt: ContractTransactionReceipt; events: RankEvent[] },
  ): { chain: bigint; model: bigint } {
    const log = outcome.receipt.logs
      .map((entry) => xrank.interface.parseLog(entry))
      .find((entry) => entry?.name === name);
    const event = outcome.events.find((entry) => entry.name === name);
    return { chain: log?.args[position] as bigint, model: event?.args[position] as bigint };
  }

  function end(member: Member): Step["run"] {
    const { name, address, ending } = member;
    const contract = xrank.connect(member.signer);
    switch (ending.kind) {
      case "mint":
        return async () => {
          const outcome = await both(contract.claimMintReward(), (now) => model.claimMintReward(address, now));
          const reward = amountOf("MintClaimed", 1, outcome);
          minted.push([
            name,
            `${member.term}`,
            `${ending.daysLate}`,
            figure(await xrank.penaltyPct(ending.daysLate), penaltyPct(ending.daysLate), "count"),
            figure(reward.chain, reward.model),
          ]);
        };
      case "share": {
        const friend = someAddress();
        return async () => {
          const outcome = await both(contract.claimMintRewardAndShare(friend, ending.percent), (now) =>
            model.claimMintRewardAndShare(address, friend, ending.percent, now),
          );
          const reward = amountOf("MintClaimed", 1, outcome);
          shared.push([
            name,
            `${ending.percent} %`,
            figure(reward.chain, reward.model),
            figure(await xrank.balanceOf(address), model.balanceOf(address)),
            figure(await xrank.balanceOf(friend), model.balanceOf(friend)),
          ]);
        };
      }
      case "mintAndStake":
        return async () => {
          const outcome = await both(contract.claimMintRewardAndStake(ending.percent, ending.stakeDays), (now) =>
            model.claimMintRewardAndStake(address, ending.percent, ending.stakeDays, now),
          );
          planWithdrawal(member, ending, outcome);
        };
      case "stake":
        return async () => {
          await both(contract.claimMintReward(), (now) => model.claimMintReward(address, now));
          const amount = (model.balanceOf(address) * ending.percent) / 100n;
          const outcome = await both(contract.stake(amount, ending.stakeDays), (now) =>
            model.stake(address, amount, ending.stakeDays, now),
          );
          planWithdrawal(member, ending, outcome);
        };
    }
  }

  function planWithdrawal(
    member: Member,
    ending: { stakeDays: bigint; early: boolean },
    outcome: { receipt: ContractTransactionReceipt; events: RankEvent[]; now: bigint },
  ): void {
    const amount = amountOf("Staked", 1, outcome);
    const days = ending.early ? ending.stakeDays / 2n : ending.stakeDays;
    plan(outcome.now + days * DAY + 60n, async () => {
      const { apy } = await xrank.userStakes(member.address);
      const modelApy = model.stakeOf(member.address)?.apy ?? 0n;
      const withdrawal = await both(xrank.connect(member.signer).withdraw(), (now) =>
        model.withdraw(member.address, now),
      );
      const reward = amountOf("Withdrawn", 2, withdrawal);
      staked.push([
        member.name,
        ending.early ? `early, day ${days}` : "to the end",
        `${ending.stakeDays}`,
        figure(apy, modelApy, "count"),
        figure(amount.chain, amount.model),
        figure(reward.chain, reward.model),
      ]);
    });
  }

  for (const member of members) {
    const contract = xrank.connect(member.signer);
    const joins = genesis + member.joinsOnDay * DAY + 3_600n;
    plan(joins, async () => {
      const { receipt, now } = await both(contract.claimRank(member.term), (at) =>
        model.claimRank(member.address, member.term, at),
      );
      const mint = await xrank.userMints(member.address);
      if (joined.length < 5 || member === members.at(-1)) {
        joined.push([
          member.name,
          `${member.joinsOnDay}`,
          `${member.term}`,
          figure(mint.rank, model.mintOf(member.address)?.rank ?? 0n, "count"),
          figure(mint.amplifier, amplifier(genesis, now), "count"),
          receipt.gasUsed.toString(),
        ]);
      }
      const late = member.ending.kind === "mint" ? member.ending.daysLate : 0n;
      plan(now + (member.term + late) * DAY + 60n, end(member));
    });
  }

  // A step may plan others, later than itself.
  for (;;) {
    const next = steps.reduce<Step | undefined>(
      (first, step) => (!first || step.at < first.at ? step : first),
      undefined,
    );
    if (next === undefined) break;
    steps.splice(steps.indexOf(next), 1);
    const latest = BigInt(await networkHelpers.time.latest());
    await networkHelpers.time.setNextBlockTimestamp(next.at > latest ? next.at : latest + 1n);
    await next.run(next.at);
  }

  story.table(
    `The cohort joins (first five and last of ${COHORT})`,
    ["who", "day", "term in days", "rank", "AMP", "gas"],
    joined,
  );
  story.table(
    "Minted, on time and late (a full day late costs 1 %, a week 99 %, and the last percent never expires)",
    ["who", "term in days", "days late", "penalty in %", "XRANK minted"],
    minted.sort((one, other) => Number(one[2]) - Number(other[2])),
  );
  story.table("Minted and shared with a friend", ["who", "share", "XRANK minted", "kept", "given"], shared);
  story.table(
    "Staked: burned at the start, minted back at the end, the yield only for those who stay",
    ["who", "withdrawn", "term in days", "APY in %", "XRANK staked", "yield"],
    staked,
  );
  const last = BigInt(await networkHelpers.time.latest());
  story.table(
    `XRANK on day ${(last - genesis) / DAY}`,
    ["what", "value"],
    [
      ["supply", figure(await xrank.totalSupply(), model.totalSupply)],
      ["still staked", figure(await xrank.totalXenStaked(), model.totalXenStaked)],
    ],
  );
  story.table(
    "and its counters",
    ["what", "count"],
    [
      ["next rank", figure(await xrank.globalRank(), model.globalRank, "count")],
      ["open mints", figure(await xrank.activeMinters(), model.activeMinters, "count")],
      ["open stakes", figure(await xrank.activeStakes(), model.activeStakes, "count")],
    ],
  );
  const everyone = [...members.map(({ address }) => address)];
  const held = await Promise.all(everyone.map((address) => xrank.balanceOf(address)));
  const differing = everyone.filter((address, i) => held[i] !== model.balanceOf(address)).length;
  story.table(
    "All sixty balances against the model",
    ["what", "value", "balances that differ"],
    [
      [
        "sum of the cohort's balances",
        figure(
          held.reduce((sum, balance) => sum + balance, 0n),
          everyone.reduce((sum, address) => sum + model.balanceOf(address), 0n),
        ),
        figure(BigInt(differing), 0n, "count"),
      ],
    ],
  );
}
