import type { HardhatEthers, HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import type { NetworkHelpers } from "@nomicfoundation/hardhat-network-helpers/types";
import { type Contract, type ContractTransaction, type Interface, toQuantity } from "ethers";

import type { XmeContracts } from "../../src/deployment/contracts.js";
import type { XmeParameters } from "../../src/deployment/parameters.js";
import { revertDataOf } from "../../src/deployment/revert.js";
import { EMISSION_STREAM, EmissionModel } from "../../src/xme/emission.js";
import { allocationOf, openingPool, type OpeningPool, XME_SUPPLY } from "../../src/xme/genesis.js";
import { NodesModel } from "../../src/xme/nodes.js";
import { VotingModel } from "../../src/xme/votes.js";
import { sendFrom } from "./send.js";
import { type Figure, figure, type Story } from "./story.js";

type Address = `0x${string}`;

/** What the story needs of a connection. */
export interface Connection {
  readonly ethers: HardhatEthers;
  readonly networkHelpers: NetworkHelpers<string>;
}

/** Somebody of the story, with an account on the chain. */
export interface Person {
  readonly name: string;
  readonly address: Address;
  readonly signer: HardhatEthersSigner;
}

/** What X.me's treasury holds, as the models say, in wei. */
interface Treasury {
  xme: bigint;
  xmex: bigint;
  ether: bigint;
}

/** Seconds between two transactions that follow each other. */
const BLOCK = 12n;
/** More than any call here takes, so that none needs an estimate. */
const GAS = 3_000_000n;
/** Accounts of the chain that buy in the sale, and stake for votes. */
const FIRST_CITIZEN = 60;
const CITIZENS = [
  "Mira",
  "Noor",
  "Otto",
  "Pia",
  "Quim",
  "Rosa",
  "Sven",
  "Tara",
  "Udo",
  "Vera",
  "Wim",
  "Xenia",
  "Yan",
  "Zoe",
  "Anna",
] as const;

/** X.me on a chain, and beside it the models that several chapters go on with. */
export class XmeWorld {
  /** Beside `EmissionVault`. */
  readonly emission: EmissionModel;
  /** Beside `VotingXME`. */
  readonly votes: VotingModel;
  /** Beside `NodeStaking`. */
  readonly nodes: NodesModel;
  /** The pool as genesis opened it. */
  readonly opening: OpeningPool;
  readonly treasury: Treasury;
  /** Who bought in the sale and can vote. */
  readonly citizens: readonly Person[];
  /** Wei of XME in existence. */
  supply = XME_SUPPLY;
  readonly #drawers = new Map<number, string>();
  readonly #signers: readonly HardhatEthersSigner[];

  private constructor(
    readonly story: Story,
    readonly xme: XmeContracts,
    readonly parameters: XmeParameters,
    readonly connection: Connection,
    /** Uniswap's router; only where Uniswap was deployed too. */
    readonly router: Contract | undefined,
    signers: readonly HardhatEthersSigner[],
    born: { readonly genesis: bigint; readonly votes: bigint; readonly nodes: bigint },
    addresses: Readonly<Record<"xme" | "xmex" | "votes" | "nodes", string>>,
  ) {
    this.#signers = signers;
    this.genesisAt = born.genesis;
    this.citizens = CITIZENS.map((name, i) => this.person(FIRST_CITIZEN + i, name));
    this.emission = new EmissionModel(parameters.emission.start, parameters.emission.sharesBps);
    this.votes = new VotingModel(born.votes, (at) => this.#drawn(EMISSION_STREAM.votes, addresses.votes, at));
    this.nodes = new NodesModel(born.nodes, (at) => this.#drawn(EMISSION_STREAM.nodes, addresses.nodes, at));
    this.#drawers.set(EMISSION_STREAM.votes, addresses.votes);
    this.#drawers.set(EMISSION_STREAM.nodes, addresses.nodes);
    this.opening = openingPool({
      xme: addresses.xme as Address,
      xmex: addresses.xmex as Address,
      priceWad: parameters.pool.openingPriceWad,
      fee: parameters.pool.fee,
      xmeAmount: allocationOf("XME", "liquiditySeeder"),
      xmexAmount: allocationOf("XMEX", "liquiditySeeder"),
    });
    this.treasury = {
      xme: allocationOf("XME", "treasury") + this.opening.xmeLeft,
      xmex: allocationOf("XMEX", "treasury") + this.opening.xmexLeft,
      ether: 0n,
    };
  }

  /** Seconds, when genesis happened. */
  readonly genesisAt: bigint;

  /** X.me as it was deployed, on the day of its deployment. */
  static async begin(
    story: Story,
    xme: XmeContracts,
    parameters: XmeParameters,
    connection: Connection,
    router: Contract | undefined,
  ): Promise<XmeWorld> {
    const [addressOfXme, addressOfXmex, votes, nodes] = await Promise.all(
      [xme.xme, xme.xmex, xme.votes, xme.nodes].map((contract) => contract.getAddress()),
    );
    if (!addressOfXme || !addressOfXmex || !votes || !nodes) throw new Error("X.me was deployed in part only.");
    const born = {
      genesis: await xme.genesis.genesisTime(),
      votes: await bornAt(connection, votes),
      nodes: await bornAt(connection, nodes),
    };
    const signers = await connection.ethers.getSigners();
    return new XmeWorld(story, xme, parameters, connection, router, signers, born, {
      xme: addressOfXme,
      xmex: addressOfXmex,
      votes,
      nodes,
    });
  }

  /** Somebody who has the account with this number. */
  person(index: number, name: string): Person {
    const signer = this.#signers[index];
    if (signer === undefined) throw new Error(`The chain has ${this.#signers.length} accounts, and none for ${name}.`);
    return { name, address: signer.address as Address, signer };
  }

  /** The citizen with this name. */
  citizen(name: (typeof CITIZENS)[number]): Person {
    const found = this.citizens.find((one) => one.name === name);
    if (found === undefined) throw new Error(`There is no citizen called ${name}.`);
    return found;
  }

  /** The latest block's time, in seconds. */
  async now(): Promise<bigint> {
    return BigInt(await this.connection.networkHelpers.time.latest());
  }

  /** Lets the time `at` come, unless it is over. */
  async goTo(at: bigint): Promise<void> {
    if ((await this.now()) < at) await this.connection.networkHelpers.time.increaseTo(at);
  }

  /**
   * Sends a call a block after the last, and lets nothing fail in silence.
   *
   * @returns the time of its block, in seconds
   */
  async send(from: Person, call: Promise<ContractTransaction>): Promise<bigint> {
    const populated = await call;
    const at = (await this.now()) + BLOCK;
    await this.connection.networkHelpers.time.setNextBlockTimestamp(at);
    await sendFrom(this.connection, from.address, populated, GAS);
    return at;
  }

  /** @returns the name of the error with which `contract` refuses a call now; undefined where it does not */
  async refusal(
    from: Person,
    contract: { readonly interface: Interface },
    call: Promise<ContractTransaction>,
  ): Promise<string | undefined> {
    const { to, data } = await call;
    try {
      await this.connection.ethers.provider.send("eth_call", [
        { from: from.address, to, data, gas: toQuantity(GAS) },
        "latest",
      ]);
      return undefined;
    } catch (error) {
      return contract.interface.parseError(revertDataOf(error) ?? "0x")?.name ?? "something else";
    }
  }

  /** Stakes XME for as much vXME. */
  async stake(by: Person, amount: bigint): Promise<void> {
    const { xme, votes } = this.xme;
    await this.send(by, xme.approve.populateTransaction(await votes.getAddress(), amount));
    const at = await this.send(by, votes.stake.populateTransaction(amount));
    this.votes.stake(by.address, amount, at);
  }

  /** A time beside the model's; told from genesis on, and zero is none. */
  moment(chain: bigint, model: bigint): Figure {
    const since = (time: bigint): bigint => (time === 0n ? 0n : time - this.genesisAt);
    return figure(since(chain), since(model), "moment");
  }

  /** Lets the model of the vault know who draws from a stream from now on. */
  nameDrawer(stream: number, drawer: string): void {
    this.#drawers.set(stream, drawer);
  }

  #drawn(stream: number, caller: string, at: bigint): bigint {
    if (this.#drawers.get(stream) !== caller) return 0n;
    const amount = this.emission.available(stream, at);
    this.emission.draw(stream, at, amount);
    return amount;
  }
}

/** The time of the block in which a contract came to be, in seconds: the first in which it has code. */
export async function bornAt({ ethers: { provider } }: Connection, contract: string): Promise<bigint> {
  let [without, having] = [0, await provider.getBlockNumber()];
  while (having - without > 1) {
    const middle = Math.floor((without + having) / 2);
    if ((await provider.getCode(contract, middle)) === "0x") without = middle;
    else having = middle;
  }
  const block = await provider.getBlock(having);
  if (block === null) throw new Error(`The chain has no block ${having}.`);
  return BigInt(block.timestamp);
}
