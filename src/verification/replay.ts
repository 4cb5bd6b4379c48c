import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import type { RpcProvider } from "../deployment/chains.js";
import type { Address, Hash } from "../deployment/folder.js";
import { type MinedTransaction, readTransaction } from "./chain.js";

/** What the deployment's own transactions make when they are run again. */
export interface Replay {
  /** Code by address; "0x" where the transactions made none. */
  readonly codes: ReadonlyMap<Address, string>;
  /** Why some code may be missing. */
  readonly failure: string | undefined;
}

/** Where a deployment began. */
interface Origin {
  readonly chainId: bigint;
  readonly startBlock: number;
}

interface ReplayedTransaction extends MinedTransaction {
  readonly timestamp: string;
}

/** More than any transaction takes, whatever the network counts as gas. */
const GAS = 100_000_000n;
const PLENTY = 10n ** 30n;

/**
 * Runs a deployment's transactions again, on a simulated chain of the same id, from the same accounts and nonces and at the same times,
 * and reads the code that they leave. What constructors computed (immutables) is so computed a second time, by another machine than the
 * one that is asked what is on chain.
 *
 * The chain is empty, unless the deployment rests on something that stood there before, such as a Uniswap: then it is a fork of the
 * network as it was before the deployment began, which asks a node for that block's state.
 */
export async function replay(
  host: Pick<HardhatRuntimeEnvironment, "network">,
  connection: NetworkConnection,
  record: Origin,
  hashes: readonly Hash[],
  addresses: readonly Address[],
): Promise<Replay> {
  const transactions = await readTransactions(connection.provider, hashes);
  const onEmpty = await run(host, record, transactions, addresses);
  const { networkConfig } = connection;
  if ([...onEmpty.codes.values()].every((code) => code !== "0x") || networkConfig.type !== "http") return onEmpty;
  return run(host, record, transactions, addresses, {
    url: await networkConfig.url.getUrl(),
    blockNumber: record.startBlock,
  });
}

async function readTransactions(provider: RpcProvider, hashes: readonly Hash[]): Promise<ReplayedTransaction[]> {
  const found: ReplayedTransaction[] = [];
  for (const hash of hashes) {
    const transaction = await readTransaction(provider, hash);
    if (!transaction) continue;
    const block = (await provider.request({
      method: "eth_getBlockByNumber",
      params: [transaction.blockNumber, false],
    })) as { timestamp: string };
    found.push({ ...transaction, timestamp: block.timestamp });
  }
  return found.sort((a, b) => Number(a.blockNumber) - Number(b.blockNumber) || Number(a.nonce) - Number(b.nonce));
}

async function run(
  host: Pick<HardhatRuntimeEnvironment, "network">,
  { chainId }: Origin,
  transactions: readonly ReplayedTransaction[],
  addresses: readonly Address[],
  forking?: { readonly url: string; readonly blockNumber: number },
): Promise<Replay> {
  const [first] = transactions;
  let failure: string | undefined;
  const connection = await host.network.create({
    network: "default",
    override: {
      chainId: Number(chainId),
      allowBlocksWithSameTimestamp: true,
      blockGasLimit: GAS,
      ...(forking ? { forking } : {}),
      ...(first && !forking ? { initialDate: new Date((Number(first.timestamp) - 1) * 1_000).toISOString() } : {}),
    },
  });
  const { provider } = connection;
  try {
    for (const transaction of transactions) {
      try {
        await repeat(provider, transaction);
      } catch (error) {
        failure ??= `transaction ${transaction.hash} could not be run again: ${(error as Error).message}`;
      }
    }
    const codes = new Map<Address, string>();
    for (const address of addresses) {
      codes.set(address, (await provider.request({ method: "eth_getCode", params: [address, "latest"] })) as string);
    }
    return { codes, failure };
  } catch (error) {
    return { codes: new Map(), failure: (error as Error).message };
  } finally {
    await connection.close();
  }
}

async function repeat(provider: RpcProvider, transaction: ReplayedTransaction): Promise<void> {
  const { from, to, input, value, nonce, timestamp } = transaction;
  const ask = (method: string, ...params: unknown[]): Promise<unknown> => provider.request({ method, params });
  await ask("hardhat_impersonateAccount", from);
  await ask("hardhat_setBalance", from, `0x${PLENTY.toString(16)}`);
  await ask("hardhat_setNonce", from, nonce);
  await ask("evm_setNextBlockTimestamp", timestamp);
  await ask("eth_sendTransaction", {
    from,
    ...(to === null ? {} : { to }),
    data: input,
    value,
    gas: `0x${GAS.toString(16)}`,
  });
}
