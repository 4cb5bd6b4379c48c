import { createHash } from "node:crypto";

import type { RpcProvider } from "./chains.js";
import { type Address, type DeploymentFolder, type Hash, readJson, writeJson } from "./folder.js";

/** Hashes of contracts' code, by Ignition's future id. */
type Codes = Readonly<Record<string, Hash>>;

/**
 * SHA-256 of the code's bytes, and not keccak256 as the chain has it: nothing but this project compares it, each command does, and for the code of
 * all economies the one takes a millisecond and the other a good part of a second (choice).
 */
function hashOf(code: string): Hash {
  return `0x${createHash("sha256")
    .update(Buffer.from(code.slice(2), "hex"))
    .digest("hex")}`;
}

function readCodes(folder: DeploymentFolder): Codes {
  const advice =
    "restore it from version control, or delete it, and the next `hardhat deploy` of this deployment that ends well writes it anew";
  return (readJson(folder.codesFile, advice) ?? {}) as Codes;
}

/**
 * Writes down by which code the contracts of a deployment will be known again. That code stays as long as the chain does: no contract of ours is a
 * proxy or destroys itself, nor is one of Uniswap's, and a payment token that is a proxy keeps its own code when what is behind it changes.
 */
export async function recordCodes(
  folder: DeploymentFolder,
  addresses: ReadonlyMap<string, Address>,
  provider: RpcProvider,
): Promise<void> {
  const known = readCodes(folder);
  const unknown = [...addresses].filter(([future]) => known[future] === undefined);
  if (unknown.length === 0) return;
  const found = await Promise.all(
    unknown.map(async ([future, address]) => {
      const code = (await provider.request({ method: "eth_getCode", params: [address, "latest"] })) as string;
      // One of many nodes behind a URL may not have the last block yet.
      return code === "0x" ? [] : [[future, hashOf(code)] as const];
    }),
  );
  await writeJson(folder.codesFile, { ...known, ...Object.fromEntries(found.flat()) });
}

/** Takes back what is on record of steps that are still to be done, such as where the folder is an older copy: what they make may be another. */
export async function forgetCodes(folder: DeploymentFolder, futures: readonly string[]): Promise<void> {
  const known = Object.entries(readCodes(folder));
  const kept = known.filter(([future]) => !futures.includes(future));
  if (kept.length < known.length) await writeJson(folder.codesFile, Object.fromEntries(kept));
}

/** @returns the futures whose contract has another code than is on record; folders that were written before these records have none */
export function foreignCodes(folder: DeploymentFolder, codes: ReadonlyMap<string, string>): readonly string[] {
  const known = readCodes(folder);
  return [...codes].flatMap(([future, code]) =>
    known[future] === undefined || known[future] === hashOf(code) ? [] : [future],
  );
}
