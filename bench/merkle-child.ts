/**
 * One measurement in a process of its own, so that start-up, compilation of this code and peak memory are counted.
 * Arguments: what to measure, then paths. Prints one JSON document.
 */

import { readFileSync, writeSync } from "node:fs";

import { buildAirdrop } from "../src/airdrop/build.js";
import { AIRDROP_ENCODING, AIRDROP_ALLOCATION, readAirdropList } from "../src/airdrop/list.js";
import { AIRDROP_LEAF_ENCODING } from "../src/xme/airdrop.js";
import { hashRows } from "../src/merkle/encoding.js";
import { buildTree, rootOf } from "../src/merkle/tree.js";
import { toHex } from "../src/merkle/bytes.js";
import { peakMegabytes } from "./peak.js";

const [what, csv = "", out = ""] = process.argv.slice(2);

/** Seconds that `body` takes, and what it returns. */
async function timed<T>(body: () => T | Promise<T>): Promise<{ seconds: number; value: T }> {
  const start = performance.now();
  const value = await body();
  return { seconds: (performance.now() - start) / 1000, value };
}

async function measure(): Promise<{ seconds: number; root: string }> {
  if (what === "store") {
    const { seconds, value } = await timed(() => buildAirdrop({ csv, out }));
    return { seconds, root: value.root };
  }
  if (what === "tree") {
    const { rows } = readAirdropList(csv, AIRDROP_ALLOCATION);
    const { seconds, value } = await timed(() => buildTree(hashRows(rows, AIRDROP_ENCODING.size)));
    return { seconds, root: toHex(rootOf(value)) };
  }
  const { StandardMerkleTree } = await import("@openzeppelin/merkle-tree");
  const lines = readFileSync(csv, "utf8").trimEnd().split("\n").slice(1);
  const values = lines.map((line, index) => [BigInt(index), ...line.split(",")]);
  const { seconds, value } = await timed(() => StandardMerkleTree.of(values, [...AIRDROP_LEAF_ENCODING]));
  return { seconds, root: value.root };
}

const result = await measure();
// In microseconds.
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
writeSync(1, JSON.stringify({ ...result, cpuSeconds, peakMegabytes: peakMegabytes() }));
