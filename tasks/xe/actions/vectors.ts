import { join } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { writeFile } from "node:fs/promises";

import { xeVectorsFile } from "../../../src/xe/vectors.js";

/** Prints the test vectors of blocks, or writes the committed file anew. */
export default async function vectors(
  { write }: { readonly write: boolean },
  hre: HardhatRuntimeEnvironment,
): Promise<Result<string, Error>> {
  const content = xeVectorsFile();
  if (write) {
    const file = join(hre.config.paths.root, "test", "vectors", "xe-blocks.json");
    await writeFile(file, content);
    console.log(`Written to ${file}.`);
  } else {
    process.stdout.write(content);
  }
  return { success: true, value: content };
}
