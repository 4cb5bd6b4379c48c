import { formatEther } from "ethers";

import { foreignCodes } from "./codes.js";
import { ExplainedError } from "./explained-error.js";
import type { ChainRecord, DeploymentFolder, Hash } from "./folder.js";

/** The part of an EIP-1193 provider that reading a chain needs. */
export interface RpcProvider {
  request(call: { readonly method: string; readonly params?: unknown[] }): Promise<unknown>;
}

/**
 * Chain ids that only development nodes use: 31337 (Hardhat, Anvil) and 1337 (Geth's and Ganache's default).
 * Every other chain counts as public, a fork of a public chain under its own id included.
 */
export const LOCAL_CHAIN_IDS: ReadonlySet<bigint> = new Set([31_337n, 1_337n]);

/** @returns whether `chainId` is that of a throw-away development chain. */
export function isLocalChain(chainId: bigint): boolean {
  return LOCAL_CHAIN_IDS.has(chainId);
}

/**
 * Chain ids of testnets, whose currency is worth nothing: Ethereum's Sepolia, Holesky and Hoodi, and those of Optimism, Base,
 * Arbitrum, Polygon, Scroll and Linea. Any other public chain is taken to carry value.
 */
export const TESTNET_CHAIN_IDS: ReadonlySet<bigint> = new Set([
  11_155_111n,
  17_000n,
  560_048n,
  11_155_420n,
  84_532n,
  421_614n,
  80_002n,
  534_351n,
  59_141n,
]);

/** @returns whether what is deployed to `chainId` may be worth something: it is neither a local chain nor a known testnet. */
export function mayCarryValue(chainId: bigint): boolean {
  return !isLocalChain(chainId) && !TESTNET_CHAIN_IDS.has(chainId);
}

/** Chain ids whose currency is not ether, by its symbol, each chain's with its testnet's. */
const CURRENCIES: ReadonlyMap<bigint, string> = new Map([
  // Polygon
  [137n, "POL"],
  [80_002n, "POL"],
  // BNB Smart Chain
  [56n, "BNB"],
  [97n, "BNB"],
  // Avalanche
  [43_114n, "AVAX"],
  [43_113n, "AVAX"],
  // Gnosis
  [100n, "XDAI"],
  [10_200n, "XDAI"],
  // Celo
  [42_220n, "CELO"],
  // Mantle
  [5_000n, "MNT"],
  [5_003n, "MNT"],
  // Sonic, and Fantom before it
  [146n, "S"],
  [250n, "FTM"],
  // Cronos
  [25n, "CRO"],
  // Moonbeam
  [1_284n, "GLMR"],
  // Berachain
  [80_094n, "BERA"],
]);

/** @returns the symbol of what a chain's gas is paid in; that of any other than these is called ether. */
export function currencyOf(chainId: bigint): string {
  return CURRENCIES.get(chainId) ?? "ETH";
}

/** @returns an amount of a chain's currency, such as "0.5 ETH". */
export function inCurrency(chainId: bigint, wei: bigint): string {
  return `${formatEther(wei)} ${currencyOf(chainId)}`;
}

/** Chain ids that take a fee for layer 1 beside that for gas: Optimism's and Base's, and their testnets'. */
const LAYER_1_FEES: ReadonlySet<bigint> = new Set([10n, 8_453n, 11_155_420n, 84_532n]);

/** @returns whether a transaction costs more than its gas, by a fee that is known only once it is signed. */
export function takesLayer1Fee(chainId: bigint): boolean {
  return LAYER_1_FEES.has(chainId);
}

/** The most gas that a transaction can have, by EIP-7825. */
export const MOST_GAS = 16_777_216n;

/** Chain ids that count what data costs on layer 1 as gas: Arbitrum's One and Nova, and their testnet's. */
const LAYER_1_GAS: ReadonlySet<bigint> = new Set([42_161n, 42_170n, 421_614n]);

/** @returns whether a transaction takes gas that only the chain itself can estimate. */
export function countsLayer1AsGas(chainId: bigint): boolean {
  return LAYER_1_GAS.has(chainId);
}

/** What identifies the chain behind a provider, and how far it has come. */
export interface ChainState {
  readonly chainId: bigint;
  readonly genesisHash: Hash;
  readonly blockNumber: number;
  /** Timestamp of the latest block, in seconds. */
  readonly timestamp: bigint;
}

interface RpcBlock {
  readonly hash: Hash;
  readonly number: string;
  readonly timestamp: string;
}

/**
 * Reads id, genesis block and latest block in one go.
 * @throws ExplainedError if the node does not have the genesis block
 */
export async function readChainState(provider: RpcProvider): Promise<ChainState> {
  const [chainId, genesis, latest] = await Promise.all([
    provider.request({ method: "eth_chainId" }),
    provider.request({ method: "eth_getBlockByNumber", params: ["0x0", false] }),
    provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] }),
  ]);
  if (genesis === null) {
    throw new ExplainedError(
      `The node does not have block 0 of chain ${BigInt(chainId as string).toString()}, by which a chain that was reset is told from the ` +
        `one before: use a node that has.`,
    );
  }
  const block = latest as RpcBlock;
  return {
    chainId: BigInt(chainId as string),
    genesisHash: (genesis as RpcBlock).hash,
    blockNumber: Number(block.number),
    timestamp: BigInt(block.timestamp),
  };
}

/** PUSH0 as operand of TSTORE, TLOAD and MCOPY, then a contract without code: what the compiler may use beside older instructions. */
const NEWEST_INSTRUCTIONS = "0x5f5f5d5f5c505f5f5f5e5f5ff3";
/** STOP, which every EVM knows. */
const OLDEST_INSTRUCTION = "0x00";

/**
 * Contracts run where the EVM knows their instructions; elsewhere the first one that needs one would fail once others are paid for.
 * @throws ExplainedError if the chain is older than Ethereum's Cancun
 */
export async function checkInstructions(provider: RpcProvider, network: string): Promise<void> {
  const runs = (data: string): Promise<boolean> =>
    provider.request({ method: "eth_call", params: [{ data }, "latest"] }).then(
      () => true,
      () => false,
    );
  if (await runs(NEWEST_INSTRUCTIONS)) return;
  // A node that creates no contract in a call tells nothing of instructions, nor does one that had another reason to refuse, which passes.
  if (!(await runs(OLDEST_INSTRUCTION)) || (await runs(NEWEST_INSTRUCTIONS))) return;
  throw new ExplainedError(
    `The chain of network "${network}" does not know the instructions that the contracts use (PUSH0, MCOPY, TSTORE and TLOAD, which ` +
      `Ethereum has since Cancun). Nothing was sent: deploy to a network that has them.`,
  );
}

/** @returns the time that the next block would have, in seconds: that of the latest one can be long ago where nobody sends anything */
export async function nextTimestamp(provider: RpcProvider): Promise<bigint> {
  const ask = (block: string) => provider.request({ method: "eth_getBlockByNumber", params: [block, false] });
  // Not every node has a pending block to show.
  const [pending, latest] = await Promise.all([ask("pending").catch(() => null), ask("latest")]);
  return BigInt(((pending ?? latest) as RpcBlock).timestamp);
}

/**
 * Refuses to use a deployment's records on a chain that they are not of.
 * @param code "any" for whoever compares the code with what it should be, and says what differs
 * @throws ExplainedError if the id differs, if the genesis block differs (the chain was reset), if an address on record has no code (the
 * chain was rolled back), or if it has another's (a chain that begins with the same block each time was reset, and used since).
 */
export async function checkSameChain(
  folder: DeploymentFolder,
  record: ChainRecord,
  state: ChainState,
  provider: RpcProvider,
  code: "recorded" | "any" = "recorded",
): Promise<void> {
  const anew = `move ${folder.path} away (or delete it) to start anew, or give another folder with --deployment`;
  if (record.chainId !== state.chainId) {
    throw new ExplainedError(
      `The deployment in ${folder.path} is on chain ${String(record.chainId)}, but the network answers as chain ` +
        `${String(state.chainId)}: choose the network it belongs to ("${record.network}"), or ${anew}.`,
    );
  }
  if (record.genesisHash !== state.genesisHash) {
    throw new ExplainedError(
      `The chain was reset since the deployment in ${folder.path} (its first block was ${record.genesisHash}, now it is ` +
        `${state.genesisHash}): ${anew}.`,
    );
  }
  const addresses = [...folder.readAddresses()];
  const codes = new Map(
    await Promise.all(
      addresses.map(async ([future, address]) => {
        const found = await provider.request({ method: "eth_getCode", params: [address, "latest"] });
        return [future, found as string] as const;
      }),
    ),
  );
  const lost = addresses.find(([future]) => codes.get(future) === "0x");
  if (lost) {
    throw new ExplainedError(
      `The deployment in ${folder.path} records ${lost[0]} at ${lost[1]}, but that address has no code: the chain was ` +
        `rolled back; ${anew}.`,
    );
  }
  if (code === "any") return;
  const foreign = new Set(foreignCodes(folder, codes));
  const other = addresses.find(([future]) => foreign.has(future));
  if (other) {
    throw new ExplainedError(
      `The deployment in ${folder.path} records ${other[0]} at ${other[1]}, but that address has other code than when it was deployed: the ` +
        `chain was reset and used since, or it is not the chain of the deployment; choose a node that has that, or ${anew}.`,
    );
  }
}
