// The addresses of the deployments on public chains that are on record, as a module.

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { constType } from "./abis.mjs";

/**
 * @typedef {object} Recorded
 * @property {string} network
 * @property {number} chainId
 * @property {string} genesisHash
 * @property {number} startBlock
 * @property {Record<string, Record<string, string>>} contracts
 */

/**
 * @param {string} folder with a folder for each deployment
 * @param {string} emitted where the deployment's reader was compiled to
 * @returns {Promise<Record<string, Recorded>>} those of public chains, by id, each with the economies that were deployed to their end
 */
async function readDeployments(folder, emitted) {
  const load = async (/** @type {string} */ module) => import(pathToFileURL(join(emitted, module)).href);
  const [{ CONTRACTS, ECONOMIES }, { DeploymentFolder }, { isLocalChain }, { unfinishedEconomies }] = await Promise.all(
    ["contracts.js", "folder.js", "chains.js", "open.js"].map(load),
  );
  const ids = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  /** @type {Record<string, Recorded>} */
  const recorded = {};
  for (const id of ids.map(({ name }) => name).sort()) {
    const deployment = new DeploymentFolder(join(folder, id));
    const chain = deployment.readChain();
    if (chain === undefined || isLocalChain(chain.chainId)) continue;
    const addresses = deployment.readAddresses();
    /** @type {Record<string, Record<string, string>>} */
    const contracts = {};
    const unfinished = unfinishedEconomies(deployment);
    for (const economy of ECONOMIES.filter((/** @type {string} */ one) => !unfinished.includes(one))) {
      const records = Object.entries(CONTRACTS[economy]).filter(
        ([, { future, optional }]) => optional !== true || addresses.has(future),
      );
      if (!records.every(([, { future }]) => addresses.has(future))) continue;
      contracts[economy] = Object.fromEntries(records.map(([name, { future }]) => [name, addresses.get(future)]));
    }
    if (Object.keys(contracts).length === 0) continue;
    recorded[id] = {
      network: chain.network,
      chainId: Number(chain.chainId),
      genesisHash: chain.genesisHash,
      startBlock: chain.startBlock,
      contracts,
    };
  }
  return recorded;
}

const TITLE =
  "/** The deployments on public chains, by id: network, chain, the block at which each began, and addresses by economy and contract. */\n";

/**
 * @param {string} folder with a folder for each deployment
 * @param {string} outDir
 * @param {string} emitted where the deployment's reader was compiled to
 */
export async function writeAddresses(folder, outDir, emitted) {
  const recorded = await readDeployments(folder, emitted);
  writeFileSync(
    join(outDir, "deployments.js"),
    `${TITLE}export const deployments = ${JSON.stringify(recorded, undefined, 2)};\n`,
  );
  writeFileSync(
    join(outDir, "deployments.d.ts"),
    `${TITLE}export declare const deployments: ${constType(recorded)};\n` +
      "/** Names a deployment; none exists while none is on record. */\nexport type DeploymentId = keyof typeof deployments;\n",
  );
}
