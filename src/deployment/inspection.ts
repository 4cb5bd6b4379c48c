import { rm } from "node:fs/promises";

import type { Authority, AuthorityTable } from "./authority.js";
import type { RpcProvider } from "./chains.js";
import { allRecords } from "./contracts.js";
import { ExplainedError } from "./explained-error.js";
import { type Address, type DeploymentFolder, readJson, writeJson } from "./folder.js";
import { readConfirmed } from "./journal.js";
import type { Plan } from "./plan.js";

interface Reference {
  readonly start: number;
  readonly length: number;
}

/** What is read here of an artifact. Uniswap's own say nothing of their immutables. */
interface DeployedArtifact {
  readonly deployedBytecode: string;
  readonly immutableReferences?: Readonly<Record<string, readonly Reference[]>>;
}

/** What a rehearsal says of rights over an economy's contracts, in sentences. */
interface Expected {
  readonly contracts: readonly string[];
  readonly lines: readonly string[];
}

/** By the name of the economy's module. */
type ExpectedRights = Readonly<Record<string, Expected>>;

/**
 * Writes down what rights will be compared with: those of the economies that get something now. Of the others governance may have changed
 * the rights since they stood.
 */
export async function expectRights(folder: DeploymentFolder, { steps, rights }: Plan): Promise<void> {
  const modules = new Set(steps.map(({ future }) => moduleAndName(future)[0]));
  const expected = [...modules].map((module) => {
    const contracts = contractsOf(module);
    return [module, { contracts, lines: [...linesOf(rights, contracts)] }] as const;
  });
  await writeJson(folder.expectedRightsFile, { ...readExpected(folder), ...Object.fromEntries(expected) });
}

function readExpected(folder: DeploymentFolder): ExpectedRights {
  return (readJson(folder.expectedRightsFile) ?? {}) as ExpectedRights;
}

/** Ignition's id of a future: its module and its name there. */
function moduleAndName(future: string): readonly [module: string, name: string] {
  const [module = "", name = ""] = future.split("#");
  return [module, name];
}

function contractsOf(module: string): readonly string[] {
  return allRecords().flatMap(({ future }) => {
    const [itsModule, name] = moduleAndName(future);
    return itsModule === module ? [name] : [];
  });
}

/**
 * Looks at the chain once more, after all is done: that every transaction on record is in it and did not fail, that every contract has the
 * code of its build, and that everybody has the rights that they had in the rehearsal, nobody more. What is expected of rights is on record
 * until it was found so, whichever run comes to look.
 * @param readRights reads the chain's; asked only where rights were not looked at yet
 * @returns whether rights were compared
 * @throws ExplainedError with everything that differs.
 */
export async function inspect(
  folder: DeploymentFolder,
  addresses: ReadonlyMap<string, Address>,
  provider: RpcProvider,
  readRights: () => Promise<AuthorityTable>,
): Promise<boolean> {
  // What another run left unfinished is not to be compared yet.
  const expected = Object.entries(readExpected(folder));
  const complete = expected.filter(([module, { contracts }]) =>
    contracts.every((name) => addresses.has(`${module}#${name}`)),
  );
  const found = complete.length > 0 ? await readRights() : undefined;
  const differences = [
    ...(await failedTransactions(folder, provider)),
    ...(await foreignCode(folder, addresses, provider)),
    ...(found ? complete.flatMap(([, one]) => differingRights(one, found)) : []),
  ];
  if (differences.length === 0) {
    const left = expected.filter((one) => !complete.includes(one));
    if (left.length > 0) await writeJson(folder.expectedRightsFile, Object.fromEntries(left));
    else await rm(folder.expectedRightsFile, { force: true });
    return complete.length > 0;
  }
  throw new ExplainedError(
    `Every step is done, but the chain is not as it should be: ${differences.slice(0, 12).join("; ")}` +
      `${differences.length > 12 ? `; and ${String(differences.length - 12)} more` : ""}. Do not use this deployment before that is ` +
      `explained; \`hardhat roles\` shows who may do what.`,
  );
}

async function failedTransactions(folder: DeploymentFolder, provider: RpcProvider): Promise<readonly string[]> {
  const receipts = await Promise.all(
    readConfirmed(folder).map(async ({ future, hash }) => {
      const receipt = (await provider.request({ method: "eth_getTransactionReceipt", params: [hash] })) as {
        readonly status?: string;
      } | null;
      if (receipt === null) return [`the chain has lost the transaction ${hash} of ${future}`];
      return receipt.status === "0x0" ? [`the transaction ${hash} of ${future} failed`] : [];
    }),
  );
  return receipts.flat();
}

async function foreignCode(
  folder: DeploymentFolder,
  addresses: ReadonlyMap<string, Address>,
  provider: RpcProvider,
): Promise<readonly string[]> {
  const ours = allRecords().filter(({ foreign }) => foreign === undefined);
  const looked = await Promise.all(
    ours.map(async ({ future, contract }) => {
      const address = addresses.get(future);
      if (address === undefined) return [];
      const artifact = readJson(folder.artifactFile(future)) as DeployedArtifact | undefined;
      if (!artifact) return [`${folder.artifactFile(future)} is missing`];
      const code = (await provider.request({ method: "eth_getCode", params: [address, "latest"] })) as string;
      return hasCode(code, artifact) ? [] : [`${future} at ${address} does not have the code of ${contract}`];
    }),
  );
  return looked.flat();
}

/** Whether code is that of a build, whatever its immutables were set to. */
export function hasCode(code: string, { deployedBytecode, immutableReferences = {} }: DeployedArtifact): boolean {
  const places = Object.values(immutableReferences).flat();
  const plain = (text: string): string => {
    const bytes = Buffer.from(text.slice(2), "hex");
    for (const { start, length } of places) bytes.fill(0, start, start + length);
    return bytes.toString("hex");
  };
  return plain(code) === plain(deployedBytecode);
}

function differingRights({ lines, contracts }: Expected, found: AuthorityTable): readonly string[] {
  const [should, is] = [new Set(lines), linesOf(found, contracts)];
  return [
    ...[...is].filter((line) => !should.has(line)).map((line) => `unforeseen: ${line}`),
    ...[...should].filter((line) => !is.has(line)).map((line) => `missing: ${line}`),
  ];
}

function linesOf({ rights, open }: AuthorityTable, contracts: readonly string[]): ReadonlySet<string> {
  const reserved = ({ holder, role, contract, function: signature, delay }: Authority): string =>
    `${holder} may call ${contract}.${signature} as ${role}${delay === 0n ? "" : ` after ${String(delay)} s`}`;
  const free = [...open].flatMap(([contract, signatures]) =>
    contracts.includes(contract) ? signatures.map((signature) => `anybody may call ${contract}.${signature}`) : [],
  );
  return new Set([...rights.filter(({ contract }) => contracts.includes(contract)).map(reserved), ...free]);
}
