/**
 * Building the airdrop's tree: ours against OpenZeppelin's `StandardMerkleTree`, each measurement in a fresh process.
 */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { writeSampleList } from "../src/airdrop/generate.js";

/** One measurement of one program in a fresh process. */
export interface MerkleMeasurement {
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

/** A line of the table. */
export interface MerkleBenchRow {
  name: string;
  leaves: number;
  /** Seconds of ours. */
  ours: number;
  /** Seconds of `StandardMerkleTree`, where it was measured. */
  peer: number | undefined;
  /** ours / peer. */
  ratio: number | undefined;
  /** Highest resident memory of our process, in units of 2^20 bytes. */
  peakMegabytes: number;
  /** That of the peer's. */
  peerMegabytes?: number;
}

const CHILD = fileURLToPath(new URL("merkle-child.ts", import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/**
 * Runs one measurement in a fresh process.
 * @param what "store": from the list to the proof store; "tree": leaf hashes and tree alone; "peer": `StandardMerkleTree.of`
 * @param csv path of the list
 * @param out path of the store, for "store"
 */
export async function measureMerkle(
  what: "store" | "tree" | "peer",
  csv: string,
  out = "",
): Promise<MerkleMeasurement> {
  const start = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", TSX, CHILD, what, csv, out]);
  const measured = JSON.parse(stdout) as Omit<MerkleMeasurement, "processSeconds">;
  return { ...measured, processSeconds: (performance.now() - start) / 1000 };
}

/**
 * @param peerLeaves sizes at which both build the tree, each small enough for the peer to finish
 * @param leaves size at which ours goes from the list to the store
 * @throws Error when the two roots differ
 */
export async function benchMerkle(
  peerLeaves: readonly number[] = [20_000, 100_000],
  leaves = 1_000_000,
): Promise<MerkleBenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "xonomy-merkle-"));
  const rows: MerkleBenchRow[] = [];
  try {
    for (const size of [...peerLeaves, leaves]) {
      const csv = join(folder, `${String(size)}.csv`);
      await writeSampleList({ rows: size, seed: "bench", out: csv });
      const tree = await measureMerkle("tree", csv);
      const peer = size === leaves ? undefined : await measureMerkle("peer", csv);
      if (peer !== undefined && peer.root !== tree.root) {
        throw new Error(`The trees of ${String(size)} leaves differ: ${tree.root} and the peer's ${peer.root}.`);
      }
      rows.push({
        name: "leaf hashes and tree",
        leaves: size,
        ours: tree.seconds,
        peer: peer?.seconds,
        ratio: peer && tree.seconds / peer.seconds,
        peakMegabytes: tree.peakMegabytes,
        ...(peer === undefined ? {} : { peerMegabytes: peer.peakMegabytes }),
      });
    }
    const csv = join(folder, `${String(leaves)}.csv`);
    const store = await measureMerkle("store", csv, join(folder, "store"));
    rows.push({
      name: "list to proof store, fresh process",
      leaves,
      ours: store.processSeconds,
      peer: undefined,
      ratio: undefined,
      peakMegabytes: store.peakMegabytes,
    });
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
