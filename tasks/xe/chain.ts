import type { Result } from "hardhat/types/utils";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address, Hash } from "../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../src/format.js";
import { encodeAsset } from "../../src/xe/asset.js";
import { BlockType, blockTypeName, destinationOf } from "../../src/xe/block.js";
import { type Misfit, readLedgerLog, type ReplayedBlock } from "../../src/xe/replay.js";
import type { Session } from "../support/session.js";
import { amountOf, xe, xusd } from "./words.js";

/** Where a chain ends, with its balances in wei. */
interface End {
  readonly head: Hash;
  readonly xe: bigint;
  readonly xusd: bigint;
}

/** An account's chain, rebuilt from the ledger's events, beside what the ledger says now. */
export interface CheckedChain {
  readonly network: string;
  readonly account: Address;
  readonly ledger: Address;
  readonly blocks: readonly ReplayedBlock[];
  readonly rebuilt: End;
  readonly onChain: End;
  /** The first block that does not fit; null where all do. */
  readonly misfit: Misfit | null;
  readonly equal: boolean;
}

/** Rebuilds an account's chain from logs alone and compares where it ends: `hardhat xe chain`. */
export async function checkChain({ account, connection, deployment }: Session): Promise<CheckedChain> {
  const { ledger } = deployment.xe;
  const { provider } = connection.ethers;
  const address = (await ledger.getAddress()) as Address;
  if (account === address) {
    throw new ExplainedError(
      `${account} is the ledger itself, which has no chain: its balance is what is pending or in escrow. Give another account.`,
    );
  }
  const to = await provider.getBlockNumber();
  const at = { blockTag: to };
  // Before the logs, whose reading may take longer than a node keeps the state of a block.
  const [head, xeBalance, xusdBalance] = await Promise.all([
    ledger.headOf(account, at),
    ledger.balanceOf(account, encodeAsset("XE"), at),
    ledger.balanceOf(account, encodeAsset("XUSD"), at),
  ]);
  const log = await readLedgerLog(provider, address, { from: deployment.startBlock, to });
  const { chainId } = deployment;
  const { blocks, misfit, ...end } = log.replay({ chainId, ledger: address }, account);
  const rebuilt = { head: end.head, xe: end.xe, xusd: end.xusd };
  const onChain = { head: head as Hash, xe: xeBalance, xusd: xusdBalance };
  const equal =
    misfit === undefined && rebuilt.head === onChain.head && rebuilt.xe === onChain.xe && rebuilt.xusd === onChain.xusd;
  const network = connection.networkName;
  return { network, account, ledger: address, blocks, rebuilt, onChain, misfit: misfit ?? null, equal };
}

/** What a block is about, in a word or two. */
function about({ blockType, link }: ReplayedBlock): string {
  if (blockType === BlockType.Send) return `to ${destinationOf(link)}`;
  return /^0x0+$/.test(link) ? "" : link;
}

function signed(change: bigint, asset: string): string {
  return `${change > 0n ? "+" : ""}${amountOf(change, asset)}`;
}

function describeEnd({ head, xe: ofXe, xusd: ofXusd }: End): string {
  return `${/^0x0+$/.test(head) ? "no block" : `the block ${head}`}, with ${xe(ofXe)} and ${xusd(ofXusd)}`;
}

export function describeChain({ network, account, blocks, rebuilt, onChain, misfit, equal }: CheckedChain): string {
  const rows = blocks.map((block) => [
    formatCount(block.number),
    blockTypeName(block.blockType) ?? "",
    signed(block.change, block.asset) +
      (block.stakeReturned === 0n ? "" : ` and ${signed(block.stakeReturned, "XUSD")}`),
    amountOf(block.balance, block.asset),
    block.hash,
    about(block),
  ]);
  const columns = [
    { title: "block", align: "right" },
    { title: "type", align: "left" },
    { title: "change", align: "right" },
    { title: "after it", align: "right" },
    { title: "hash", align: "left" },
    { title: "link", align: "left" },
  ] as const;
  return [
    `Chain of ${account} on network "${network}"`,
    ...(rows.length === 0 ? [] : [renderTable(columns, rows)]),
    ...(equal ? [`${allFit(blocks.length)}, and the chain ends as the ledger says: ${describeEnd(onChain)}.`] : []),
    ...(misfit === null
      ? []
      : [`Block ${formatCount(misfit.number)}, ${misfit.hash}, does not fit: ${misfit.reason}.`]),
    ...(equal ? [] : [`The logs lead to ${describeEnd(rebuilt)}.`, `The ledger says ${describeEnd(onChain)}.`]),
  ].join("\n");
}

/** How many blocks there are, all of which fit. */
function allFit(count: number): string {
  return count === 1 ? "The one block fits" : `All ${formatCount(count)} blocks fit`;
}

/** Fails where the logs do not lead to what the ledger says, after it has printed both. */
export function verdict(checked: Result<CheckedChain, Error>): Result<CheckedChain, Error> {
  if (!checked.success || checked.value.equal) return checked;
  const error = new ExplainedError(
    "The logs do not lead to where the ledger says that the chain ends: ask another node.",
  );
  console.error(error.message);
  return { success: false, error };
}
