// Makes dist/, the compiled part of the package that `npm pack` packs: it comes from sources and artifacts alone, and always comes out the same.

import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { writeAbis } from "./abis.mjs";
import { writeAddresses } from "./addresses.mjs";
import { emitSources } from "./emit.mjs";
import { writeTypechain } from "./typechain.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const outDir = join(root, "dist");

rmSync(outDir, { recursive: true, force: true });
emitSources(root, outDir);
writeTypechain(join(root, "typechain-types"), join(outDir, "typechain-types"));
writeAbis(join(root, "artifacts"), join(outDir, "abi"));
// The tests have a deployment of their own.
const deployments = process.env.XONOMY_DEPLOYMENTS ?? join(root, "deployments");
await writeAddresses(deployments, outDir, join(outDir, "src", "deployment"));
