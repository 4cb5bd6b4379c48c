/**
 * One measurement in a process of its own, so that start-up, compilation of this code and peak memory are counted.
 * Arguments: what to measure, how many accounts, then paths. Prints one JSON document.
 */

import { writeSync } from "node:fs";

import { buildTree, hashRows, rootOf, toHex } from "../src/merkle/index.js";
import { buildEpoch, MINING_ENCODING, MINING_LEAF_ENCODING, sampleFacts } from "../src/mining/index.js";
import { peakMegabytes } from "./peak.js";
import { MINING_SAMPLE } from "./sections/mining.js";

const [what, count = "", log = "", out = ""] = process.argv.slice(2);
const accounts = Number(count);

/** Leaf number `i`, whatever it says. */
const leaf = (i: number): [`0x${string}`, bigint] => [
  `0x${(i + 1).toString(16).padStart(8, "0")}${"ab".repeat(16)}`,
  BigInt(i + 1) * 10_000n,
];

/** Seconds that `body` takes, and the root that it returns. */
async function timed(body: () => string | Promise<string>): Promise<{ seconds: number; root: string }> {
  const start = performance.now();
  const root = await body();
  return { seconds: (performance.now() - start) / 1000, root };
}

async function measure(): Promise<{ seconds: number; root: string }> {
  if (what === "store") {
    const facts = sampleFacts({ ...MINING_SAMPLE, accounts });
    return timed(async () => (await buildEpoch({ log, facts, out })).root);
  }
  if (what === "tree") {
    const rows = new Uint8Array(accounts * MINING_ENCODING.size);
    for (let i = 0; i < accounts; i++) MINING_ENCODING.write(leaf(i), rows, i * MINING_ENCODING.size);
    return timed(() => toHex(rootOf(buildTree(hashRows(rows, MINING_ENCODING.size)))));
  }
  const { StandardMerkleTree } = await import("@openzeppelin/merkle-tree");
  const values = Array.from({ length: accounts }, (_, i) => leaf(i));
  return timed(() => StandardMerkleTree.of(values, [...MINING_LEAF_ENCODING]).root);
}

const result = await measure();
// In microseconds.
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
writeSync(1, JSON.stringify({ ...result, cpuSeconds, peakMegabytes: peakMegabytes() }));
