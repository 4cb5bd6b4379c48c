/** Code sizes of all contracts of `contracts/`, from their artifacts. */

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { CodeSize } from "./report.js";

const bytesOf = (code: string): number => (code.length - 2) / 2;

/**
 * @returns every contract under `contracts/` that can be deployed, by its name; interfaces and abstract contracts have no code
 */
export async function codeSizes(hre: HardhatRuntimeEnvironment): Promise<CodeSize[]> {
  const names = [...(await hre.artifacts.getAllFullyQualifiedNames())].filter((name) => name.startsWith("contracts/"));
  const artifacts = await Promise.all(names.sort().map((name) => hre.artifacts.readArtifact(name)));
  return artifacts
    .filter(({ bytecode }) => bytecode !== "0x")
    .map(({ contractName, bytecode, deployedBytecode }) => ({
      contract: contractName,
      runtime: bytesOf(deployedBytecode),
      creation: bytesOf(bytecode),
    }));
}
