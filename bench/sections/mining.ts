/**
 * Counting an epoch of social mining: from a log in Parquet and the chain's facts to root and proof store, each measurement in a fresh process.
 */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { formatCount } from "../../src/format.js";
import { generateLog } from "../../src/mining/generate.js";
import type { TimingRow } from "../report.js";

/** The community whose log is counted. */
export const MINING_SAMPLE = { epoch: 2961n, seed: "bench" } as const;

/** One measurement of one program in a fresh process. */
export interface MiningMeasurement {
  /** Wall time of the step alone. */
  seconds: number;
  /** Wall time of the whole process, start-up included. */
  processSeconds: number;
  /** Processor time of the whole process, which says the same on a busy machine. */
  cpuSeconds: number;
  /** Highest resident memory of the process, in units of 2^20 bytes. */
  peakMegabytes: number;
  root: `0x${string}`;
}

const CHILD = fileURLToPath(new URL("../mining-child.ts", import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/**
 * Runs one measurement in a fresh process.
 * @param what "store": from the log to the proof store; "tree": leaf hashes and tree alone; "peer": `StandardMerkleTree.of`
 * @param log path of the log, for "store"
 * @param out path of the store, for "store"
 */
export async function measureMining(
  what: "store" | "tree" | "peer",
  accounts: number,
  log = "",
  out = "",
): Promise<MiningMeasurement> {
  const start = performance.now();
  const args = ["--import", TSX, CHILD, what, String(accounts), log, out];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const measured = JSON.parse(stdout) as Omit<MiningMeasurement, "processSeconds">;
  return { ...measured, processSeconds: (performance.now() - start) / 1000 };
}

/** Accounts and rows of a log, generated, counted and removed again. */
export async function measureLog(accounts: number, rows: number): Promise<MiningMeasurement> {
  const folder = mkdtempSync(join(tmpdir(), "xonomy-mining-"));
  try {
    const log = join(folder, "log.parquet");
    await generateLog({ ...MINING_SAMPLE, accounts, rows, out: log });
    return await measureMining("store", accounts, log, join(folder, "store"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A log to be made and counted. */
interface LogSize {
  readonly accounts: number;
  readonly rows: number;
  /** For all of it, and for the tree alone. */
  readonly limit?: { readonly seconds: number; readonly treeSeconds: number; readonly peakMegabytes: number };
}

/**
 * Sizes of the logs. Choice: what a large platform has in a week, which is to be counted while somebody waits, and ten times its accounts, which
 * only have to be counted. 2,861 times 2^20 bytes are 3 GB.
 */
const LOGS: readonly LogSize[] = [
  { accounts: 1_000_000, rows: 20_000_000, limit: { seconds: 60, treeSeconds: 10, peakMegabytes: 2_861 } },
  { accounts: 10_000_000, rows: 50_000_000 },
];

/**
 * @param peerAccounts sizes at which both build the tree. Choice: one that takes seconds, and that of the first log, at which the peer takes minutes
 * @throws Error when the two roots differ
 */
export async function miningTimings(
  logs: readonly LogSize[] = LOGS,
  peerAccounts: readonly number[] = [20_000, 1_000_000],
): Promise<TimingRow[]> {
  const rows: TimingRow[] = [];
  const addTree = async (accounts: number, seconds?: number): Promise<void> => {
    const tree = await measureMining("tree", accounts);
    const peer = peerAccounts.includes(accounts) ? await measureMining("peer", accounts) : undefined;
    if (peer !== undefined && peer.root !== tree.root) {
      throw new Error(`The trees of ${String(accounts)} leaves differ: ${tree.root} and the peer's ${peer.root}.`);
    }
    rows.push({
      work: "leaf hashes and tree of (account, points)",
      leaves: accounts,
      ours: tree.seconds,
      peakMegabytes: tree.peakMegabytes,
      ...(seconds === undefined ? {} : { limit: { seconds } }),
      ...(peer === undefined
        ? {}
        : { peer: { name: "StandardMerkleTree", seconds: peer.seconds, peakMegabytes: peer.peakMegabytes } }),
    });
  };
  const isLogs = (size: number): boolean => logs.some(({ accounts }) => accounts === size);
  for (const size of peerAccounts) if (!isLogs(size)) await addTree(size);
  for (const { accounts, rows: count, limit } of logs) {
    await addTree(accounts, limit?.treeSeconds);
    const store = await measureLog(accounts, count);
    rows.push({
      work: `log of ${formatCount(count)} rows to proof store, fresh process`,
      leaves: accounts,
      ours: store.processSeconds,
      peakMegabytes: store.peakMegabytes,
      ...(limit === undefined ? {} : { limit: { seconds: limit.seconds, peakMegabytes: limit.peakMegabytes } }),
    });
  }
  return rows;
}
