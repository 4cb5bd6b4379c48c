import { appendFile, readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

import { getAddress } from "ethers";

import type { RpcProvider } from "./chains.js";
import { ExplainedError } from "./explained-error.js";
import { type Address, type DeploymentFolder, type Hash, writeWhole } from "./folder.js";
import type { SentTransaction } from "./ignition.js";
import { type FutureProgress, readProgress } from "./journal.js";

/** What is read here of a transaction as a node gives it. */
interface RpcTransaction {
  readonly hash: Hash;
  readonly from: Address;
  readonly to: Address | null;
  readonly nonce: string;
  readonly blockNumber: string;
  readonly input: Hash;
  readonly value: string;
  readonly gasPrice?: string;
  readonly maxFeePerGas?: string;
  readonly maxPriorityFeePerGas?: string;
}

export interface RecoveryOptions {
  readonly provider: RpcProvider;
  readonly network: string;
  /** No transaction of the deployment is in this block or an older one. */
  readonly startBlock: number;
  /** Milliseconds to wait for a transaction that is not mined yet. */
  readonly patience: number;
  /** Milliseconds for which a transaction that was, or was about to be, sent is looked for before it is taken for unsent, or for lost. */
  readonly doubt: number;
  /** Told what is sent again because it was sent and is lost; without it nothing is sent. */
  readonly again: ((transaction: SentTransaction) => void) | undefined;
  /** Blocks, its own included, that another transaction must have before its nonce is given up. */
  readonly confirmations: number;
  /** Whether another deployment has a transaction on record. */
  readonly isOthers: (hash: Hash) => boolean;
  /** Whether a step is of this run's modules, or of its account: other accounts' nonces are nothing to it, nor can it send for them. */
  readonly concerns: (future: string, sender: Address) => boolean;
  readonly report: (line: string) => void;
}

/** Blocks that are read one by one where a node does not know how many transactions an account had sent in the past. */
const MOST_BLOCKS_READ = 5_000;

/**
 * Finds the transactions that an earlier run sent without living to write them down: each has a nonce on record, and the chain tells
 * what took that nonce. Ours is recorded as if it had been when it was sent; where another one took the nonce, the step will be done anew.
 * What is on record as sent, and the node has forgotten, is sent again with the same nonce, so that only one of the two can be mined.
 * Ignition would count nonces on from the highest that it has sent, and wait for ever for those that are lost.
 * @returns the lowest nonce of a transaction that is lost and was not sent again: of what comes above it nobody can tell whether it was sent,
 * since a node holds that back and does not count it; undefined if none is
 * @throws ExplainedError if such a transaction is not mined in time, or cannot be found by the node's means.
 */
export async function recoverTransactions(
  folder: DeploymentFolder,
  options: RecoveryOptions,
): Promise<number | undefined> {
  await forgetTimeouts(folder);
  let mined = options.startBlock;
  const lost: Lost[] = [];
  for (const [future, progress] of readProgress(folder)) {
    if (progress.block !== undefined) mined = Math.max(mined, progress.block);
    if (progress.stage === "confirmed" || progress.sender === undefined || progress.nonce === undefined) continue;
    if (!options.concerns(future, progress.sender)) continue;
    const { sender, nonce } = progress;
    if (await anyIsKnown(options.provider, progress.hashes)) continue;
    const use = await useOf(options, sender, nonce, progress.stage);
    if (use === "free" && progress.stage === "sent" && progress.request) {
      lost.push({ future, progress, sender, nonce, request: progress.request });
    }
    if (use !== "mined") continue;
    const found = await findForGood(options, progress, sender, nonce, mined + 1);
    if (isOurs(found, progress, options)) {
      await recordSent(folder, future, progress, found);
      options.report(`${future}  ${found.hash}  (sent by an earlier run, found by its nonce ${String(nonce)})`);
    } else if (progress.hashes.length === 0) {
      await recordReplaced(folder, future, progress);
      options.report(`${future}  another transaction, ${found.hash}, took its nonce ${String(nonce)}: it is sent anew`);
    }
  }
  await confirmOvertaken(folder, options);
  if (lost.length === 0) return undefined;
  if (!options.again) return Math.min(...lost.map(({ nonce }) => nonce));
  await sendAgain(folder, lost, options, options.again);
  // What was held back above them is pending or mined now, and is found.
  return recoverTransactions(folder, { ...options, again: undefined });
}

/** A transaction that is on record as sent, and that nobody has. */
interface Lost {
  readonly future: string;
  readonly progress: FutureProgress;
  readonly sender: Address;
  readonly nonce: number;
  readonly request: NonNullable<FutureProgress["request"]>;
}

async function sendAgain(
  folder: DeploymentFolder,
  lost: readonly Lost[],
  { provider, report }: RecoveryOptions,
  onSent: (transaction: SentTransaction) => void,
): Promise<void> {
  for (const { future, progress, sender, nonce, request } of lost.toSorted((a, b) => a.nonce - b.nonce)) {
    const { to, data, value } = request;
    const hex = (number: bigint | number): string => `0x${number.toString(16)}`;
    const transaction = {
      from: sender,
      ...(to === undefined ? {} : { to }),
      data,
      value: hex(value),
      nonce: hex(nonce),
    };
    const hash = (await provider.request({ method: "eth_sendTransaction", params: [transaction] })) as Hash;
    const sent = (await provider.request({
      method: "eth_getTransactionByHash",
      params: [hash],
    })) as RpcTransaction | null;
    const gasPrice = (await provider.request({ method: "eth_gasPrice" })) as string;
    await recordSent(folder, future, progress, sent ?? { hash, gasPrice });
    onSent({ future, hash });
    report(`${future}  ${hash}  (sent again with its nonce ${String(nonce)}: the network had forgotten it)`);
  }
}

interface RpcReceipt {
  readonly blockHash: Hash;
  readonly blockNumber: string;
  readonly contractAddress: Address | null;
  readonly status: string;
  readonly logs: readonly {
    readonly address: Address;
    readonly logIndex: string;
    readonly data: Hash;
    readonly topics: readonly Hash[];
  }[];
}

/**
 * Writes down that the chain has what it has, where it already has something later of the same run, and where it has it for good. Ignition
 * counts nonces on from the highest that it waits for: were that one overtaken, by a step or by somebody else, it would count nonces that are
 * used, and never go on.
 */
async function confirmOvertaken(
  folder: DeploymentFolder,
  { provider, confirmations, concerns }: RecoveryOptions,
): Promise<void> {
  const progress = [...readProgress(folder)].filter(([future, { sender }]) => sender && concerns(future, sender));
  const last = Math.max(...progress.map(([, { nonce = -1, stage }]) => (stage === "confirmed" ? nonce : -1)));
  for (const [futureId, { stage, nonce = 0, interaction, hashes }] of progress) {
    if (stage !== "sent") continue;
    for (const hash of hashes) {
      const found = (await provider.request({
        method: "eth_getTransactionReceipt",
        params: [hash],
      })) as RpcReceipt | null;
      if (found === null) continue;
      const latest = Number(await provider.request({ method: "eth_blockNumber" }));
      if (nonce > last && latest - Number(found.blockNumber) + 1 < confirmations) continue;
      const { blockHash, blockNumber, contractAddress, status, logs } = found;
      const receipt = {
        blockHash,
        blockNumber: Number(blockNumber),
        ...(contractAddress === null ? {} : { contractAddress: getAddress(contractAddress) }),
        logs: logs.map(({ address, logIndex, data, topics }) => ({
          address: getAddress(address),
          data,
          logIndex: Number(logIndex),
          topics,
        })),
        status: status === "0x0" ? "FAILURE" : "SUCCESS",
      };
      const line = { futureId, hash, networkInteractionId: interaction, receipt, type: "TRANSACTION_CONFIRM" };
      await appendFile(folder.journalFile, `\n${JSON.stringify(line)}`);
      break;
    }
  }
}

/** Whatever was not mined in the time of an earlier run is looked at again: it may have been mined since, and it can be waited for. */
async function forgetTimeouts({ journalFile }: DeploymentFolder): Promise<void> {
  const lines = (await readFile(journalFile, "utf8")).split("\n");
  const kept = lines.filter((line) => !line.includes('"type":"ONCHAIN_INTERACTION_TIMEOUT"'));
  if (kept.length < lines.length) await writeWhole(journalFile, kept.join("\n"));
}

async function anyIsKnown(provider: RpcProvider, hashes: readonly Hash[]): Promise<boolean> {
  const found = await Promise.all(
    hashes.map((hash) => provider.request({ method: "eth_getTransactionByHash", params: [hash] })),
  );
  return found.some((transaction) => transaction !== null);
}

async function transactionCount(provider: RpcProvider, account: Address, block: string): Promise<number> {
  return Number(await provider.request({ method: "eth_getTransactionCount", params: [account, block] }));
}

/** Who has a nonce: a transaction of the chain; one of the node's pool, for which it is waited unless ours is on record; or nobody. */
async function useOf(
  { provider, network, patience, doubt, again, report }: RecoveryOptions,
  sender: Address,
  nonce: number,
  stage: FutureProgress["stage"],
): Promise<"mined" | "pending" | "free"> {
  const until = Date.now() + patience;
  const isDoubtful = stage === "prepared" || (stage === "sent" && again !== undefined);
  const certain = Date.now() + (isDoubtful ? doubt : 0);
  for (let said = false; ;) {
    if ((await transactionCount(provider, sender, "latest")) > nonce) return "mined";
    if ((await transactionCount(provider, sender, "pending")) <= nonce) {
      if (Date.now() >= certain) return "free";
      await wait(Math.min(2_000, doubt));
      continue;
    }
    // Of one whose hash is on record Ignition tells whether it was replaced, and waits.
    if (stage === "sent") return "pending";
    if (!said) report(`Waiting for the transaction of ${sender} with nonce ${String(nonce)} to be mined …`);
    said = true;
    if (Date.now() > until) {
      throw new ExplainedError(
        `An earlier run was stopped between sending a transaction and recording it, and the one that ${sender} sent with nonce ` +
          `${String(nonce)} is not mined yet: run the same command again once it is, or give its hash with --track <hash> ` +
          `--network ${network}.`,
      );
    }
    await wait(Math.min(500, patience));
  }
}

/** Waits while another transaction than the step's has a nonce and a few blocks could still take it from that one. */
async function findForGood(
  options: RecoveryOptions,
  progress: FutureProgress,
  sender: Address,
  nonce: number,
  from: number,
): Promise<RpcTransaction> {
  const { provider, network, patience, confirmations, report } = options;
  const until = Date.now() + patience;
  for (let said = false; ; said = true) {
    const found = await findTransaction(options, sender, nonce, from);
    const latest = Number(await provider.request({ method: "eth_blockNumber" }));
    if (isOurs(found, progress, options) || latest - Number(found.blockNumber) + 1 >= confirmations) return found;
    if (!said) {
      report(
        `Another transaction, ${found.hash}, has the nonce ${String(nonce)}: waiting for ${String(confirmations)} blocks …`,
      );
    }
    if (Date.now() > until) {
      throw new ExplainedError(
        `Transaction ${found.hash} of ${sender} took the nonce ${String(nonce)} of a step of this deployment on network "${network}", and ` +
          `is not in ${String(confirmations)} blocks yet: run the same command again once it is.`,
      );
    }
    await wait(Math.min(2_000, patience));
  }
}

/** The mined transaction of an account with a nonce, which the chain has used. */
async function findTransaction(
  options: RecoveryOptions,
  sender: Address,
  nonce: number,
  from: number,
): Promise<RpcTransaction> {
  const { provider, network } = options;
  const latest = Number(await provider.request({ method: "eth_blockNumber" }));
  const known = await blockOf(provider, sender, nonce, from, latest);
  const [first, last] = known === undefined ? [from, Math.min(latest, from + MOST_BLOCKS_READ)] : [known, known];
  for (let number = first; number <= last; number++) {
    const block = (await provider.request({
      method: "eth_getBlockByNumber",
      params: [`0x${number.toString(16)}`, true],
    })) as { readonly transactions: readonly RpcTransaction[] } | null;
    const found = block?.transactions.find(
      (one) => one.from.toLowerCase() === sender.toLowerCase() && Number(one.nonce) === nonce,
    );
    if (found) return found;
  }
  throw new ExplainedError(
    `An earlier run was stopped between sending a transaction and recording it, and the node does not tell which one ${sender} sent with ` +
      `nonce ${String(nonce)}: find it on a block explorer and run the same command with --track <its hash> --network ${network}.`,
  );
}

/** The block after which the account had used the nonce; undefined where the node does not remember so far back. */
async function blockOf(
  provider: RpcProvider,
  sender: Address,
  nonce: number,
  from: number,
  latest: number,
): Promise<number | undefined> {
  let [low, high] = [from, latest];
  try {
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((await transactionCount(provider, sender, `0x${middle.toString(16)}`)) > nonce) high = middle;
      else low = middle + 1;
    }
    return low;
  } catch {
    return undefined;
  }
}

/**
 * Whether a transaction does what a step wanted to have done, and is not known to have been done for another deployment of the same account:
 * the first steps of two are alike.
 */
function isOurs(found: RpcTransaction, { request }: FutureProgress, { isOthers }: RecoveryOptions): boolean {
  return (
    request !== undefined &&
    !isOthers(found.hash) &&
    (found.to ?? undefined)?.toLowerCase() === request.to?.toLowerCase() &&
    found.input.toLowerCase() === request.data.toLowerCase() &&
    BigInt(found.value) === request.value
  );
}

/** Writes that a step's nonce went to something else. Ignition would take what is alike for the step's. */
async function recordReplaced(
  { journalFile }: DeploymentFolder,
  futureId: string,
  { interaction }: FutureProgress,
): Promise<void> {
  const line = { futureId, networkInteractionId: interaction, type: "ONCHAIN_INTERACTION_REPLACED_BY_USER" };
  await appendFile(journalFile, `\n${JSON.stringify(line)}`);
}

/** Writes the line that the run which was killed did not come to write. */
async function recordSent(
  { journalFile }: DeploymentFolder,
  futureId: string,
  { interaction, nonce }: FutureProgress,
  {
    hash,
    gasPrice = "0x0",
    maxFeePerGas,
    maxPriorityFeePerGas,
  }: Pick<RpcTransaction, "hash"> & Partial<Pick<RpcTransaction, "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas">>,
): Promise<void> {
  const stored = (wei: string) => ({ _kind: "bigint", value: BigInt(wei).toString() });
  const fees =
    maxFeePerGas === undefined || maxPriorityFeePerGas === undefined
      ? { gasPrice: stored(gasPrice) }
      : { maxFeePerGas: stored(maxFeePerGas), maxPriorityFeePerGas: stored(maxPriorityFeePerGas) };
  const line = {
    futureId,
    networkInteractionId: interaction,
    nonce,
    transaction: { fees, hash },
    type: "TRANSACTION_SEND",
  };
  await appendFile(journalFile, `\n${JSON.stringify(line)}`);
}
