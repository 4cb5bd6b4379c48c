import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

import { MaxUint256 } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Hash } from "../../src/deployment/folder.js";
import { formatCount } from "../../src/format.js";
import { contentIdOf } from "../../src/xme/content.js";
import { hashOf, refuse } from "./words.js";

/** What every command takes that is about one content. */
export interface ContentOptions {
  readonly file: string;
  readonly hash: string;
}

/** A content as it was named on the command line. */
export interface GivenContent {
  readonly hash: Hash;
  /** The token's number, the hash itself. */
  readonly id: bigint;
  /** What was hashed, in a sentence; nothing where the hash was given. */
  readonly told: readonly string[];
}

/**
 * Hashes a file as it is read, so that its size does not matter.
 * @returns the SHA-256 hash of its bytes, and how many there are
 */
export async function hashFile(path: string): Promise<{ readonly hash: Hash; readonly bytes: number }> {
  const sha256 = createHash("sha256");
  let bytes = 0;
  try {
    if (!(await stat(path)).isFile()) throw new ExplainedError(`${path} is no file: give the --file of your content.`);
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
      sha256.update(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new ExplainedError(
      `${path} could not be read (${(error as Error).message}): give the --file of your content.`,
      { cause: error },
    );
  }
  if (bytes === 0) throw new ExplainedError(`${path} is empty, which is nobody's content: give another --file.`);
  return { hash: `0x${sha256.digest("hex")}`, bytes };
}

/** @throws ExplainedError unless exactly one of file and hash is given, and can be used */
export async function givenContent({ file, hash }: ContentOptions): Promise<GivenContent> {
  if ((file === "") === (hash === "")) {
    throw new ExplainedError(
      file === ""
        ? "--file or --hash is missing: give the file of the content, or its hash."
        : "--file and --hash say the same in two ways: give one of them alone.",
    );
  }
  if (file !== "") {
    const { hash: made, bytes } = await hashFile(file);
    return {
      hash: made,
      id: contentIdOf(made),
      told: [`${file}, ${formatCount(bytes)} bytes, has the SHA-256 hash ${made}.`],
    };
  }
  const number = /^(?:0x[0-9a-fA-F]{64}|\d{1,78})$/.test(hash) ? BigInt(hash) : MaxUint256 + 1n;
  if (number > MaxUint256) {
    throw new ExplainedError(`--hash is "${hash}": write 0x and 64 hexadecimal digits, or the token's number.`);
  }
  if (number === 0n) refuse("ContentRegistry_HashIsZero");
  return { hash: hashOf(number), id: number, told: [] };
}
