import { SourcifyChain } from "@ethereum-sourcify/lib-sourcify";

import type { RpcProvider } from "../deployment/chains.js";
import type { Address, Hash } from "../deployment/folder.js";

/** A transaction as a node tells of it. */
export interface MinedTransaction {
  readonly hash: Hash;
  readonly from: Address;
  readonly nonce: string;
  readonly to: Address | null;
  readonly input: `0x${string}`;
  readonly value: string;
  readonly gas: string;
  readonly blockNumber: string;
}

/** @returns a mined transaction, or undefined if the node knows of none under that hash */
export async function readTransaction(provider: RpcProvider, hash: Hash): Promise<MinedTransaction | undefined> {
  const found = (await provider.request({ method: "eth_getTransactionByHash", params: [hash] })) as
    (Omit<MinedTransaction, "blockNumber"> & { readonly blockNumber: string | null }) | null;
  return found === null || found.blockNumber === null ? undefined : { ...found, blockNumber: found.blockNumber };
}

type Transaction = Awaited<ReturnType<SourcifyChain["getTx"]>>;
type Receipt = Awaited<ReturnType<SourcifyChain["getTxReceipt"]>>;

/**
 * A chain that lib-sourcify asks through the connection that Hardhat has: any network of the configuration, with its headers and its
 * retries. lib-sourcify has a copy of ethers of its own and would take no other's objects for its own, so what it reads of them is
 * all that they have here.
 */
export class ConnectedChain extends SourcifyChain {
  constructor(
    readonly provider: RpcProvider,
    name: string,
    chainId: bigint,
  ) {
    // A chain that is not supported is one to which lib-sourcify opens no connections itself.
    super({ name, chainId: Number(chainId), supported: false, rpcs: [] });
  }

  override getBytecode = async (address: string): Promise<string> =>
    (await this.provider.request({ method: "eth_getCode", params: [address, "latest"] })) as string;

  override getTx = async (hash: string): Promise<Transaction> => {
    const { from, input, blockNumber } = await this.#transaction(hash);
    return { from, data: input, blockNumber: Number(blockNumber) } as unknown as Transaction;
  };

  override getContractCreationBytecodeAndReceipt = async (address: string, hash: string) => {
    const { input } = await this.#transaction(hash);
    const { contractAddress, transactionIndex } = (await this.provider.request({
      method: "eth_getTransactionReceipt",
      params: [hash],
    })) as { contractAddress: string | null; transactionIndex: string };
    if (contractAddress?.toLowerCase() !== address.toLowerCase()) {
      throw new Error(`Transaction ${hash} created ${String(contractAddress)}, not ${address}`);
    }
    return { creationBytecode: input, txReceipt: { index: Number(transactionIndex) } as unknown as Receipt };
  };

  async #transaction(hash: string) {
    const found = await readTransaction(this.provider, hash as Hash);
    if (!found) throw new Error(`There is no transaction ${hash}`);
    return found;
  }
}
