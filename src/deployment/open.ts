import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";

import { type BaseContract, Contract, type ContractRunner, type Interface, type InterfaceAbi } from "ethers";

import { checkSameChain, readChainState, type RpcProvider } from "./chains.js";
import { type ContractRecord, CONTRACTS, ECONOMIES, type Economy, type EconomyContracts } from "./contracts.js";
import { ExplainedError } from "./explained-error.js";
import { type Address, type ChainRecord, DeploymentFolder, readJson } from "./folder.js";
import { RecordedInterface } from "./recorded-interface.js";

/** What opening a deployment needs of a connection: Hardhat's `network.create()` returns one. */
export interface DeploymentConnection {
  readonly networkName: string;
  readonly provider: RpcProvider;
  readonly ethers: { readonly provider: ContractRunner };
}

export interface OpenOptions {
  /** The deployment's folder; `deployments/<network>` under the working directory unless given. */
  readonly directory?: string;
}

/** Looks up the ABI of a recorded contract, or gives the function that reads it when that contract is first used. */
export type AbiReader = (future: string, contract: string) => Promise<InterfaceAbi> | (() => InterfaceAbi | Interface);

/** The contracts of one economy by name, each made when it is first used: parsing the ABIs of all takes a tenth of a second. */
type Attached = Readonly<Record<string, BaseContract>>;

function attached(makers: Readonly<Record<string, () => BaseContract>>): Attached {
  const made = new Map<string, BaseContract>();
  const contracts = {};
  for (const [name, make] of Object.entries(makers)) {
    const get = (): BaseContract => {
      const contract = made.get(name) ?? make();
      made.set(name, contract);
      return contract;
    };
    Object.defineProperty(contracts, name, { enumerable: true, get });
  }
  return contracts;
}

/**
 * The contracts of one deployment, typed, attached to the connection's provider: `deployment.rank.xrank`.
 * To send transactions, `.connect(signer)` them. Reading an economy that is not deployed throws the command that deploys it.
 */
export class Deployment implements EconomyContracts {
  readonly #contracts: Partial<Record<Economy, Attached>>;

  private constructor(
    readonly networkName: string,
    readonly chainId: bigint,
    /** The block at which the deployment began: no log of its contracts is older. */
    readonly startBlock: number,
    /** Addresses by Ignition's future id. */
    readonly addresses: ReadonlyMap<string, Address>,
    contracts: Partial<Record<Economy, Attached>>,
    /** The name of the folder that it is on record in; undefined where it is in none. */
    private readonly id: string | undefined,
  ) {
    this.#contracts = contracts;
  }

  /** Attaches a typed contract to every recorded address. */
  static async attach(
    connection: DeploymentConnection,
    chainId: bigint,
    startBlock: number,
    addresses: ReadonlyMap<string, Address>,
    readAbi: AbiReader,
    id?: string,
  ): Promise<Deployment> {
    const contracts: Partial<Record<Economy, Attached>> = {};
    for (const economy of ECONOMIES) {
      const all = Object.entries(CONTRACTS[economy]) as [string, ContractRecord][];
      const records = all.filter(([, { future, optional }]) => optional !== true || addresses.has(future));
      if (!records.every(([, { future }]) => addresses.has(future))) continue;
      const makers = records.map(async ([name, { future, contract }]) => {
        const abi = await readAbi(future, contract);
        const at = addresses.get(future) as Address;
        const make = () => new Contract(at, typeof abi === "function" ? abi() : abi, connection.ethers.provider);
        return [name, make] as const;
      });
      contracts[economy] = attached(Object.fromEntries(await Promise.all(makers)));
    }
    return new Deployment(connection.networkName, chainId, startBlock, addresses, contracts, id);
  }

  /** @returns the same contracts as another runner sees them, such as a provider for which an earlier block is the latest. */
  connect(runner: ContractRunner): Deployment {
    const contracts = Object.fromEntries(
      Object.entries(this.#contracts).map(([economy, own]) => [
        economy,
        attached(Object.fromEntries(Object.keys(own).map((name) => [name, () => named(own, name).connect(runner)]))),
      ]),
    );
    return new Deployment(this.networkName, this.chainId, this.startBlock, this.addresses, contracts, this.id);
  }

  /** @returns whether every contract of `economy` is on record. */
  has(economy: Economy): boolean {
    return this.#contracts[economy] !== undefined;
  }

  /** @returns a contract by its name, without its type: for code that treats all alike. */
  contract(economy: Economy, name: string): BaseContract {
    return named(this.#economy(economy) as unknown as Attached, name);
  }

  /** @returns every contract on record. */
  all(): readonly BaseContract[] {
    return Object.values(this.#contracts).flatMap((contracts) => Object.values(contracts));
  }

  /** @returns the contract at an address, if it is one of the deployment's. */
  contractAt(address: string): BaseContract | undefined {
    for (const economy of ECONOMIES) {
      const contracts = this.#contracts[economy];
      for (const [name, { future }] of Object.entries(CONTRACTS[economy]) as [string, ContractRecord][]) {
        if (contracts && this.addresses.get(future)?.toLowerCase() === address.toLowerCase())
          return named(contracts, name);
      }
    }
    return undefined;
  }

  get rank(): EconomyContracts["rank"] {
    return this.#economy("rank");
  }

  get xme(): EconomyContracts["xme"] {
    return this.#economy("xme");
  }

  get xp(): EconomyContracts["xp"] {
    return this.#economy("xp");
  }

  get xe(): EconomyContracts["xe"] {
    return this.#economy("xe");
  }

  #economy<E extends Economy>(economy: E): EconomyContracts[E] {
    const contracts = this.#contracts[economy];
    if (!contracts) throw notDeployed(economy, this.networkName, this.id);
    // The ABIs are the artifacts that the typings were generated from; ethers' own type cannot say so.
    return contracts as unknown as EconomyContracts[E];
  }
}

function named(contracts: Attached, name: string): BaseContract {
  return contracts[name] as BaseContract;
}

/**
 * Opens what `hardhat deploy` recorded for the connection's network.
 * @throws ExplainedError if nothing is deployed there, or if the chain is not the one that the records are of.
 */
export async function openDeployment(connection: DeploymentConnection, options: OpenOptions = {}): Promise<Deployment> {
  const { folder, record } = await findDeployment(connection, options);
  const readAbi: AbiReader = (future) => {
    const file = folder.artifactFile(future);
    if (!existsSync(file)) throw new ExplainedError(`${file} is missing: restore the folder from version control.`);
    return () => RecordedInterface.read(file);
  };
  const { chainId, startBlock } = record;
  return Deployment.attach(connection, chainId, startBlock, folder.readAddresses(), readAbi, basename(folder.path));
}

/**
 * Finds the records of what was deployed to the connection's network.
 * @param code as for `checkSameChain`
 * @throws ExplainedError if nothing is deployed there, or if the chain is not the one that the records are of.
 */
export async function findDeployment(
  connection: DeploymentConnection,
  options: OpenOptions,
  code: "recorded" | "any" = "recorded",
): Promise<{ readonly folder: DeploymentFolder; readonly record: ChainRecord }> {
  const folder = new DeploymentFolder(options.directory ?? resolve("deployments", connection.networkName));
  const record = folder.readChain();
  if (!record) {
    const id = basename(folder.path);
    throw connection.networkName === "default"
      ? notDeployed(undefined, connection.networkName)
      : new ExplainedError(
          `There is no deployment in ${folder.path}: run \`hardhat deploy --network ${connection.networkName}` +
            `${deploymentOption(connection.networkName, id)}\` first, or name the folder of another with --deployment.`,
        );
  }
  const state = await readChainState(connection.provider);
  await checkSameChain(folder, record, state, connection.provider, code);
  return { folder, record };
}

/**
 * Economies of which something is on record, and not all, or whose end was not yet found to be as it should be: `hardhat deploy` takes them
 * there.
 */
export function unfinishedEconomies(folder: DeploymentFolder): readonly Economy[] {
  const addresses = folder.readAddresses();
  const open = new Set(Object.keys((readJson(folder.expectedFile) ?? {}) as object));
  return ECONOMIES.filter((economy) => {
    const own = (Object.values(CONTRACTS[economy]) as ContractRecord[]).filter(({ foreign }) => foreign === undefined);
    const [required, standing] = [
      own.filter(({ optional }) => optional !== true),
      own.filter(({ future }) => addresses.has(future)),
    ];
    const isBegun = standing.length > 0;
    const isWhole = required.every(({ future }) => addresses.has(future));
    return isBegun && (!isWhole || own.some(({ future }) => open.has(future.split("#")[0] ?? "")));
  });
}

function notDeployed(economy: Economy | undefined, network: string, id?: string): ExplainedError {
  const what = economy === undefined ? "Nothing is deployed" : `The economy "${economy}" is not deployed`;
  const command = `hardhat deploy${economy === undefined ? "" : ` --economy ${economy}`}`;
  // The in-process chain lives as long as one command: nothing can have been deployed to it before.
  if (network === "default") {
    return new ExplainedError(
      `${what} on the in-process chain, which ends with each command: run \`hardhat node\` in another terminal, then ` +
        `\`${command} --network localhost\`, and give --network localhost here too.`,
    );
  }
  return new ExplainedError(
    `${what} on network "${network}": run \`${command} --network ${network}${deploymentOption(network, id)}\` first.`,
  );
}

/** @returns the command that goes on with an economy of a deployment. */
export function deployCommand(economy: Economy, network: string, deployment: string): string {
  return `hardhat deploy --economy ${economy} --network ${network}${deploymentOption(network, deployment)}`;
}

/** @returns what chooses a deployment on the command line, nothing where it is the network's own */
function deploymentOption(network: string, id = network): string {
  return id === network ? "" : ` --deployment ${id}`;
}
