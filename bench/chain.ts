/**
 * A fresh in-process chain on which every figure comes out the same on any machine: fixed accounts, fixed addresses, and a
 * clock that only this file moves.
 */

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { EthereumProvider } from "hardhat/types/providers";
import { ContractFactory, Interface, type InterfaceAbi } from "ethers";

import { benchJob } from "./compile.js";
import { countCold, gasFloor, type Hex, type Step, touchedBy } from "./floor.js";
import { prebuilt } from "./prebuilt.js";

/** When every chain of the bench begins. Choice: any fixed moment; a whole day makes times easy to read. */
const GENESIS = "2026-01-01T00:00:00Z";

/** Seconds between two transactions that nothing is waited for between. */
const BLOCK_TIME = 12n;

/** Gas of each transaction's limit: what is not used does not count. */
const GAS_LIMIT = 30_000_000n;

/** A contract on the chain, with the interface to call it by. */
export interface Target {
  readonly address: Hex;
  readonly interface: Interface;
}

/** What a transaction used, as its receipt says (refunds taken off), and the least it could have used. */
export interface Measured {
  readonly gas: bigint;
  readonly floor: bigint;
}

/** What to call. */
export interface Call {
  readonly from: Hex;
  readonly to: Target;
  readonly method: string;
  readonly args?: readonly unknown[];
  /** Wei sent along. */
  readonly value?: bigint;
}

interface Receipt {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly contractAddress: Hex | null;
  readonly blockNumber: Hex;
  readonly logs: readonly { readonly topics: readonly Hex[]; readonly data: Hex }[];
}

interface Block {
  readonly timestamp: Hex;
  readonly miner: Hex;
  readonly transactions: readonly Hex[];
}

const quantity = (value: bigint): Hex => `0x${value.toString(16)}`;

/** One chain; a section of the bench starts its own. */
export class BenchChain {
  readonly #provider: EthereumProvider;
  readonly #hre: HardhatRuntimeEnvironment;
  readonly #close: () => Promise<void>;
  readonly accounts: readonly Hex[];
  #now: bigint;

  private constructor(
    hre: HardhatRuntimeEnvironment,
    connection: { provider: EthereumProvider; close: () => Promise<void> },
    accounts: readonly Hex[],
    now: bigint,
  ) {
    this.#hre = hre;
    this.#provider = connection.provider;
    this.#close = () => connection.close();
    this.accounts = accounts;
    this.#now = now;
  }

  /** Starts a chain at the genesis time with Hardhat's well-known accounts. */
  static async start(hre: HardhatRuntimeEnvironment): Promise<BenchChain> {
    const connection = await hre.network.create({ network: "default", override: { initialDate: GENESIS } });
    const accounts = (await connection.provider.request({ method: "eth_accounts" })) as Hex[];
    const block = (await connection.provider.request({
      method: "eth_getBlockByNumber",
      params: ["latest", false],
    })) as Block;
    return new BenchChain(hre, connection, accounts, BigInt(block.timestamp));
  }

  /** The time of the latest block, in seconds. */
  get now(): bigint {
    return this.#now;
  }

  /** An account by its place in Hardhat's list. */
  account(index: number): Hex {
    const account = this.accounts[index];
    if (account === undefined) throw new Error(`The chain has ${this.accounts.length} accounts, not number ${index}.`);
    return account;
  }

  /** Lets `seconds` pass before the next transaction. */
  wait(seconds: bigint): void {
    this.#now += seconds;
  }

  /** Deploys a contract of this project by its name. */
  async deploy(
    name: string,
    args: readonly unknown[] = [],
    libraries: Readonly<Record<string, Hex>> = {},
  ): Promise<Target> {
    const artifact = await this.#hre.artifacts.readArtifact(name);
    let bytecode: string = artifact.bytecode;
    for (const places of Object.values(artifact.linkReferences)) {
      for (const [library, offsets] of Object.entries(places)) {
        const address = libraries[library];
        if (address === undefined) throw new Error(`${name} is linked with ${library}: give its address.`);
        for (const { start, length } of offsets) {
          const at = 2 + start * 2;
          bytecode = `${bytecode.slice(0, at)}${address.slice(2)}${bytecode.slice(at + length * 2)}`;
        }
      }
    }
    return this.deployCode(bytecode, artifact.abi, args);
  }

  /** Deploys a contract of `bench/contracts/`. */
  async deployBench(name: string, args: readonly unknown[] = []): Promise<Target> {
    const { abi, bytecode } = await prebuilt(await benchJob(this.#hre, name));
    return this.deployCode(bytecode, abi, args);
  }

  /** Writes a word of a contract's storage, for states that take too long to reach. */
  async setSlot({ address }: Target, slot: bigint, word: bigint): Promise<void> {
    const value = `0x${word.toString(16).padStart(64, "0")}`;
    await this.#provider.request({ method: "hardhat_setStorageAt", params: [address, quantity(slot), value] });
  }

  /** Deploys creation code of any origin. */
  async deployCode(bytecode: string, abi: InterfaceAbi, args: readonly unknown[] = []): Promise<Target> {
    const factory = new ContractFactory(abi, bytecode);
    const { data } = await factory.getDeployTransaction(...args);
    const { receipt } = await this.#send({ from: this.account(0), data });
    if (receipt.contractAddress === null) throw new Error("The creation transaction made no contract.");
    return { address: receipt.contractAddress, interface: factory.interface };
  }

  /** A contract of this project that another one deployed. */
  async at(name: string, address: Hex): Promise<Target> {
    const { abi } = await this.#hre.artifacts.readArtifact(name);
    return { address, interface: new Interface(abi) };
  }

  /** Sends a call that only prepares the next ones. */
  async send(call: Call): Promise<void> {
    await this.#send(this.#encode(call));
  }

  /** Reads the first value that a view returns. */
  async read(to: Target, method: string, args: readonly unknown[] = []): Promise<unknown> {
    const data = to.interface.encodeFunctionData(method, args);
    const answer = (await this.#request("eth_call", [{ to: to.address, data }, "latest"])) as Hex;
    return to.interface.decodeFunctionResult(method, answer)[0] as unknown;
  }

  /** Sends a call and says what it used and what it had to use at least. */
  async measure(call: Call): Promise<Measured> {
    const request = this.#encode(call);
    const { hash, receipt } = await this.#send(request);
    const number = BigInt(receipt.blockNumber);
    const block = (await this.#request("eth_getBlockByNumber", [receipt.blockNumber, false])) as Block;
    if (block.transactions.length !== 1) {
      throw new Error("A measured transaction must be alone in its block: its slots are read before and after it.");
    }
    const trace = (await this.#request("debug_traceTransaction", [
      hash,
      { disableMemory: true, disableStorage: true },
    ])) as { structLogs: readonly Step[] };
    const touched = touchedBy(trace.structLogs, call.to.address);
    const at = async (account: Hex, slot: Hex, when: bigint): Promise<bigint> =>
      BigInt((await this.#request("eth_getStorageAt", [account, slot, quantity(when)])) as Hex);
    const slots = [];
    for (const { account, slot, written } of touched.slots) {
      const before = await at(account, slot, number - 1n);
      slots.push({ written, before, after: written ? await at(account, slot, number) : before });
    }
    const gas = BigInt(receipt.gasUsed);
    const floor = gasFloor({
      calldata: request.data as Hex,
      slots,
      coldAddresses: countCold(touched.addresses, [call.from, call.to.address, block.miner]),
      logs: receipt.logs.map(({ topics, data }) => ({ topics: topics.length, bytes: data.length / 2 - 1 })),
    });
    if (floor > gas) {
      throw new Error(
        `The floor of ${call.method} is ${floor}, above the ${gas} that it used: its definition is wrong.`,
      );
    }
    return { gas, floor };
  }

  /** Runs `body` and puts the chain and its clock back to where they were. */
  async aside<T>(body: () => Promise<T>): Promise<T> {
    const now = this.#now;
    const snapshot = await this.#request("evm_snapshot", []);
    try {
      return await body();
    } finally {
      await this.#request("evm_revert", [snapshot]);
      this.#now = now;
    }
  }

  /** Runs `body` while `account` has the code of `other`, and gives it back its own. */
  async withCodeOf(other: Hex, account: Hex, body: () => Promise<void>): Promise<void> {
    const codeOf = (address: Hex): Promise<unknown> => this.#request("eth_getCode", [address, "latest"]);
    const own = await codeOf(account);
    await this.#request("hardhat_setCode", [account, await codeOf(other)]);
    try {
      await body();
    } finally {
      await this.#request("hardhat_setCode", [account, own]);
    }
  }

  /** A signature of typed data by one of the chain's accounts. */
  async signTypedData(signer: Hex, typedData: unknown): Promise<Hex> {
    return (await this.#request("eth_signTypedData_v4", [signer, typedData])) as Hex;
  }

  /** Ends the chain. */
  async close(): Promise<void> {
    await this.#close();
  }

  #encode({ from, to, method, args = [], value = 0n }: Call): { from: Hex; to: Hex; data: string; value: Hex } {
    return { from, to: to.address, data: to.interface.encodeFunctionData(method, args), value: quantity(value) };
  }

  async #send(request: object): Promise<{ hash: Hex; receipt: Receipt }> {
    this.#now += BLOCK_TIME;
    await this.#request("evm_setNextBlockTimestamp", [quantity(this.#now)]);
    const hash = (await this.#request("eth_sendTransaction", [{ ...request, gas: quantity(GAS_LIMIT) }])) as Hex;
    const receipt = (await this.#request("eth_getTransactionReceipt", [hash])) as Receipt;
    return { hash, receipt };
  }

  async #request(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#provider.request({ method, params: [...params] });
  }
}
