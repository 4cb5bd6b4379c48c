import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type AirdropProof, AirdropStore, buildAirdrop } from "../../src/airdrop/index.js";

/** A list on its way to a chain: what its tree came to, and the proof of each row. */
export interface Airdrop {
  root: `0x${string}`;
  proofs: AirdropProof[];
}

/**
 * Does what an operator does: builds the proof store of a list, then looks up each account's proof in it.
 *
 * @param csv path of the list
 */
export async function airdropOf(csv: string): Promise<Airdrop> {
  const folder = await mkdtemp(join(tmpdir(), "xonomy-airdrop-"));
  try {
    const out = join(folder, "airdrop.store");
    const { root } = await buildAirdrop({ csv, out });
    using store = AirdropStore.open(out);
    const proofs = Array.from({ length: store.rows }, (_, rank) => store.at(rank));
    // The list's own order, in which neighbours share a word of the bitmap.
    proofs.sort((one, other) => Number(one.index - other.index));
    return { root, proofs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
