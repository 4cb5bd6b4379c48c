/**
 * Salts that hide what accounts commit to. Each content has a file of its own, so that commands which run at the same time do not overwrite each
 * other's, and it is on the disk before anything is sent: whoever loses the salt has to commit again.
 */

import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { isAddress } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import { type Hash, readJson } from "../../src/deployment/folder.js";
import { writeFileAtomically, writeFilesAtomically } from "../../src/merkle/atomic-file.js";
import { contentCommitment, type ContentSecret } from "../../src/xme/content.js";

/** What a salt is for. */
export type Purpose = Omit<ContentSecret, "salt">;

/** A salt that is kept. */
export interface KeptSalt extends ContentSecret {
  readonly commitment: Hash;
  readonly path: string;
}

/** Where salts are. */
export interface SaltPlace {
  /** The deployment's folder of salts, which need not be there yet. */
  readonly salts: string;
  /** The one file to use instead, or none. */
  readonly saltFile: string;
}

function pathOf({ salts, saltFile }: SaltPlace, { hash, account }: Purpose): string {
  return saltFile === "" ? join(salts, `${hash}-${account.toLowerCase()}.json`) : resolve(saltFile);
}

function readSalt(path: string): KeptSalt | undefined {
  let stored;
  try {
    stored = readJson(path);
  } catch (cause) {
    throw unusable(path, cause);
  }
  if (stored === undefined) return undefined;
  const { hash, account, salt, chainId, registry } = (stored ?? {}) as Record<string, unknown>;
  const isWord = (value: unknown): value is Hash => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
  const whole = typeof chainId === "string" && /^\d{1,78}$/.test(chainId);
  if (!isWord(hash) || !isWord(salt) || !isAddress(account) || !isAddress(registry) || !whole) throw unusable(path);
  const secret = { hash, account, salt, chainId: BigInt(chainId), registry };
  return { ...secret, commitment: contentCommitment(secret), path };
}

function unusable(path: string, cause?: unknown): ExplainedError {
  return new ExplainedError(
    `${path} holds no salt that can be used: restore it, or move it away and run \`hardhat content commit\` again.`,
    { cause },
  );
}

function same(a: Purpose, b: Purpose): boolean {
  return (["hash", "account", "chainId", "registry"] as const).every((key) => a[key] === b[key]);
}

/**
 * @returns the salt that is kept for the purpose, undefined where there is none
 * @throws ExplainedError where the file is damaged, or holds the salt of something else
 */
export function findSalt(place: SaltPlace, purpose: Purpose): KeptSalt | undefined {
  const path = pathOf(place, purpose);
  const kept = readSalt(path);
  if (kept && !same(kept, purpose)) {
    throw new ExplainedError(
      `${path} holds the salt of another content, account or chain (${kept.hash} of ${kept.account}): name another file with --salt-file.`,
    );
  }
  return kept;
}

/** Finds the salt of the purpose, or makes one at random, which is on the disk when this returns. */
export async function keepSalt(place: SaltPlace, purpose: Purpose): Promise<{ kept: KeptSalt; isNew: boolean }> {
  const found = findSalt(place, purpose);
  if (found) return { kept: found, isNew: false };
  const path = pathOf(place, purpose);
  const salt: Hash = `0x${randomBytes(32).toString("hex")}`;
  const { hash, account, chainId, registry } = purpose;
  if (place.saltFile === "") await makeFolder(place.salts);
  const text = JSON.stringify({ hash, account, chainId: String(chainId), registry, salt }, undefined, 2);
  await writeFilesAtomically([{ path, chunks: [Buffer.from(`${text}\n`)], mode: 0o600 }]);
  const secret = { ...purpose, salt };
  return { kept: { ...secret, commitment: contentCommitment(secret), path }, isNew: true };
}

/** A deployment's folder may be under version control; salts are nobody else's. */
async function makeFolder(folder: string): Promise<void> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ExplainedError(
      `${folder} could not be made (${(cause as Error).message}): check ${dirname(folder)}, or name a file with --salt-file.`,
      { cause },
    );
  }
  const ignored = join(folder, ".gitignore");
  if (!existsSync(ignored)) await writeFileAtomically(ignored, [Buffer.from("*\n")]);
}

/** @returns all salts that are kept for contents of an account in a registry */
export function saltsOf({ salts, saltFile }: SaltPlace, whose: Omit<Purpose, "hash">): readonly KeptSalt[] {
  const names = existsSync(salts) ? readdirSync(salts).filter((name) => /^0x\w+-0x\w+\.json$/.test(name)) : [];
  const paths = [...names.sort().map((name) => join(salts, name)), ...(saltFile === "" ? [] : [resolve(saltFile)])];
  return paths.flatMap((path) => {
    const kept = readSalt(path);
    return kept && same(kept, { ...whose, hash: kept.hash }) ? [kept] : [];
  });
}
