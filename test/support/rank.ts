import { expect } from "chai";
import type { Log, Result } from "ethers";
import { network } from "hardhat";

import { DAY, RankModel, RankRefusal, TOKEN, type Address, type RankEvent } from "../../src/rank/index.js";
import type { XRank } from "../../typechain-types/index.js";
import { setCounters } from "./rankState.js";

const connection = await network.create();
export const { ethers } = connection;
export const { networkHelpers } = connection;
const { time } = networkHelpers;

export { DAY, TOKEN, type Address };

/** A custom error with its arguments, as the contract reverted with it. */
export interface Refusal {
  readonly error: string;
  readonly values: readonly unknown[];
}

type Calls = {
  claimRank: [term: bigint];
  claimMintReward: [];
  claimMintRewardAndShare: [other: Address, pct: bigint];
  claimMintRewardAndStake: [pct: bigint, term: bigint];
  stake: [amount: bigint, term: bigint];
  withdraw: [];
  transfer: [to: Address, amount: bigint];
  transferFrom: [from: Address, to: Address, amount: bigint];
  approve: [spender: Address, amount: bigint];
  increaseAllowance: [spender: Address, addedValue: bigint];
  decreaseAllowance: [spender: Address, subtractedValue: bigint];
};

export type Method = keyof Calls;

/** Any call, its arguments matching its method. */
export type Call = { [M in Method]: [method: M, ...args: Calls[M]] }[Method];

function inModel(model: RankModel, sender: Address, now: bigint, call: Call): RankEvent[] {
  switch (call[0]) {
    case "claimRank":
      return model.claimRank(sender, call[1], now);
    case "claimMintReward":
      return model.claimMintReward(sender, now);
    case "claimMintRewardAndShare":
      return model.claimMintRewardAndShare(sender, call[1], call[2], now);
    case "claimMintRewardAndStake":
      return model.claimMintRewardAndStake(sender, call[1], call[2], now);
    case "stake":
      return model.stake(sender, call[1], call[2], now);
    case "withdraw":
      return model.withdraw(sender, now);
    case "transfer":
      return model.transfer(sender, call[1], call[2]);
    case "transferFrom":
      return model.transferFrom(sender, call[1], call[2], call[3]);
    case "approve":
      return model.approve(sender, call[1], call[2]);
    case "increaseAllowance":
      return model.increaseAllowance(sender, call[1], call[2]);
    case "decreaseAllowance":
      return model.decreaseAllowance(sender, call[1], call[2]);
  }
}

function revertData(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("data" in cause && typeof cause.data === "string") return cause.data;
  }
  throw error;
}

/**
 * XRANK on a chain beside its reference model. Every call goes to both, in a block whose time the test decides, and both must agree: on the events, on
 * the custom error with its values, and, whenever it is looked at, on the whole state.
 */
export class RankPair {
  #now: bigint;

  private constructor(
    readonly token: XRank,
    readonly model: RankModel,
    readonly accounts: readonly Address[],
    now: bigint,
  ) {
    this.#now = now;
  }

  /** Deploys XRANK, or, with a later `firstRank`, XRANK with its counter moved on. */
  static async deploy(firstRank = 1n): Promise<RankPair> {
    const genesis = BigInt(await time.latest()) + 10n;
    await time.setNextBlockTimestamp(genesis);
    const accounts = (await ethers.getSigners()).map((signer) => signer.address as Address);
    if (firstRank === 1n) {
      const token = await ethers.deployContract("XRank");
      return new RankPair(token, new RankModel(genesis), accounts, genesis);
    }
    const token = await ethers.deployContract("XRank");
    await setCounters(networkHelpers, token, { rank: firstRank });
    return new RankPair(token, new RankModel(genesis, firstRank), accounts, genesis);
  }

  /** The time of the last block, in Unix seconds. */
  get now(): bigint {
    return this.#now;
  }

  account(index: number): Address {
    const account = this.accounts[index];
    if (account === undefined) throw new RangeError(`There is no account ${index}.`);
    return account;
  }

  /** The next block will be `days` and `seconds` later than if nothing was waited for. */
  wait(days: bigint, seconds = 0n): void {
    this.#now += days * DAY + seconds;
  }

  /** The next block will have exactly this time. */
  waitUntil(timestamp: bigint): void {
    this.#now = timestamp - 1n;
  }

  /** Mines an empty block at the next time, so that views see it. */
  async mine(): Promise<void> {
    await time.increaseTo(++this.#now);
  }

  /** Takes the chain's time over after transactions that were not sent from here. */
  async catchUp(): Promise<void> {
    this.#now = BigInt(await time.latest());
  }

  /** Makes `call` from `account`: chain and model must agree on its events, or on the error that it is refused with. */
  async tries(account: Address, ...call: Call): Promise<readonly RankEvent[] | Refusal> {
    const expected = this.#expected(account, call);
    if (expected instanceof RankRefusal) {
      const refusal = this.decode(await this.#sendToFail(account, call));
      expect(refusal).to.deep.equal({ error: expected.error, values: expected.values });
      return refusal;
    }
    const hash = await this.#send(account, call);
    const receipt = await ethers.provider.getTransactionReceipt(hash);
    expect(receipt?.logs.map((log) => this.#event(log))).to.deep.equal(
      expected.map(({ name, args }) => [name, ...args]),
    );
    return expected;
  }

  /** Makes `call` from `account`, which must succeed, and returns the events. */
  async does(account: Address, ...call: Call): Promise<readonly RankEvent[]> {
    const outcome = await this.tries(account, ...call);
    if ("error" in outcome) throw new Error(`${call.join(" ")} was refused: ${outcome.error}.`);
    return outcome;
  }

  /** Makes `call` from `account`, which must be refused, and returns the error. */
  async isRefused(account: Address, ...call: Call): Promise<Refusal> {
    const outcome = await this.tries(account, ...call);
    if (!("error" in outcome)) throw new Error(`${call.join(" ")} was not refused.`);
    return outcome;
  }

  /** The custom error or panic in the revert data of a call to this token. */
  decode(data: string): Refusal {
    const error = this.token.interface.parseError(data);
    if (!error) throw new Error(`${data} is no error of XRank.`);
    return { error: error.name, values: values(error.args) };
  }

  /** Compares counters, supply and everything that belongs to each account with the model. */
  async expectSameState(accounts: readonly Address[]): Promise<void> {
    const { token, model } = this;
    expect(
      await Promise.all([
        token.globalRank(),
        token.activeMinters(),
        token.activeStakes(),
        token.totalXenStaked(),
        token.totalSupply(),
      ]),
    ).to.deep.equal([
      model.globalRank,
      model.activeMinters,
      model.activeStakes,
      model.totalXenStaked,
      model.totalSupply,
    ]);
    for (const account of accounts) {
      const [balance, burns, mint, stake] = await Promise.all([
        token.balanceOf(account),
        token.userBurns(account),
        token.userMints(account),
        token.userStakes(account),
      ]);
      expect([balance, burns]).to.deep.equal([model.balanceOf(account), model.burnsOf(account)]);
      const m = model.mintOf(account);
      expect(values(mint as unknown as Result)).to.deep.equal(
        m ? [account, m.term, m.maturityTs, m.rank, m.amplifier, m.eaaRate] : [ethers.ZeroAddress, 0n, 0n, 0n, 0n, 0n],
      );
      const s = model.stakeOf(account);
      expect(values(stake as unknown as Result)).to.deep.equal(
        s ? [s.term, s.maturityTs, s.amount, s.apy] : [0n, 0n, 0n, 0n],
      );
    }
  }

  #expected(account: Address, call: Call): RankEvent[] | RankRefusal {
    try {
      return inModel(this.model, account, this.#now + 1n, call);
    } catch (error) {
      if (error instanceof RankRefusal) return error;
      throw error;
    }
  }

  /** The name and the arguments of an event in the token's logs. */
  #event(log: Log): unknown[] {
    const event = this.token.interface.parseLog(log);
    if (!event) throw new Error("The log is no event of XRank.");
    return [event.name, ...values(event.args)];
  }

  async #send(from: Address, [method, ...args]: Call): Promise<string> {
    await time.setNextBlockTimestamp(++this.#now);
    const to = await this.token.getAddress();
    const interface_ = this.token.interface as { encodeFunctionData(name: string, args: readonly unknown[]): string };
    const data = interface_.encodeFunctionData(method, args);
    const params = [{ from, to, data, gas: "0xf4240" }];
    return (await connection.provider.request({ method: "eth_sendTransaction", params })) as string;
  }

  async #sendToFail(from: Address, call: Call): Promise<string> {
    try {
      await this.#send(from, call);
    } catch (error) {
      return revertData(error);
    }
    throw new Error(`${call.join(" ")} was not refused.`);
  }
}

function values(result: Result): unknown[] {
  return Array.from(result) as unknown[];
}
