import { rm } from "node:fs/promises";

import type { Authority, AuthorityTable } from "./authority.js";
import type { RpcProvider } from "./chains.js";
import { allRecords, type ContractRecord, CONTRACTS, ECONOMIES } from "./contracts.js";
import { ExplainedError } from "./explained-error.js";
import { type Address, type DeploymentFolder, readJson, writeJson } from "./folder.js";
import { readConfirmed } from "./journal.js";
import type { Wiring } from "./wiring.js";

interface Reference {
  readonly start: number;
  readonly length: number;
}

/** What is read here of an artifact. Uniswap's own say nothing of their immutables. */
interface DeployedArtifact {
  readonly deployedBytecode: string;
  readonly immutableReferences?: Readonly<Record<string, readonly Reference[]>>;
}

/** What a rehearsal shows of an economy's contracts. */
interface Expected {
  readonly contracts: readonly string[];
  /** Who may do what, in sentences. */
  readonly rights: readonly string[];
  /** Which contract of the deployment each getter of an address gives. */
  readonly wiring: Readonly<Record<string, string>>;
}

/** By the name of the economy's module. */
type Expectations = Readonly<Record<string, Expected>>;

/** What is looked at on a chain to which all was deployed. */
export interface Standing {
  /** Who may do what. */
  readonly rights: AuthorityTable;
  /** Which contracts know which others. */
  readonly wiring: Wiring;
}

/**
 * Writes down what rights and wiring will be compared with: those of the economies that have steps which were not seen to be done before,
 * also where a run that was killed has sent them. Those of the others governance may have changed since they stood.
 * @param open the ids of these steps
 */
export async function expectStanding(
  folder: DeploymentFolder,
  { open, standing }: { readonly open: readonly string[]; readonly standing: Standing },
): Promise<void> {
  const modules = new Set(open.map((future) => moduleAndName(future)[0]));
  const expected = [...modules].map((module) => {
    const contracts = contractsOf(module);
    const rights = [...linesOf(standing.rights, contracts)];
    return [module, { contracts, rights, wiring: Object.fromEntries(linksOf(standing.wiring, module)) }] as const;
  });
  await writeJson(folder.expectedFile, { ...readExpected(folder), ...Object.fromEntries(expected) });
}

function readExpected(folder: DeploymentFolder): Expectations {
  return (readJson(folder.expectedFile) ?? {}) as Expectations;
}

/** The links from an economy's contracts to contracts; other addresses are the parameters', and no two chains have to share them. */
function linksOf(wiring: Wiring, module: string): Wiring {
  const getters = new Set(
    ECONOMIES.flatMap((economy) =>
      Object.entries(CONTRACTS[economy] as Readonly<Record<string, ContractRecord>>)
        .filter(([, { future }]) => moduleAndName(future)[0] === module)
        .map(([name]) => `${economy}.${name}.`),
    ),
  );
  return wiring.filter(
    ([getter, value]) => value.includes("#") && getters.has(getter.slice(0, getter.lastIndexOf(".") + 1)),
  );
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
 * code of its build, knows the contracts that it knew in the rehearsal, and that everybody has the rights that they had there, nobody more.
 * What is expected of rights and wiring is on record until it was found so, whichever run comes to look.
 * @param look reads the chain's, for comparing those of modules; asked only where they were not looked at yet
 * @returns whether rights and wiring were compared
 * @throws ExplainedError with everything that differs.
 */
export async function inspect(
  folder: DeploymentFolder,
  addresses: ReadonlyMap<string, Address>,
  provider: RpcProvider,
  look: (modules: readonly string[]) => Promise<Standing>,
): Promise<boolean> {
  // What another run left unfinished is not to be compared yet.
  const expected = Object.entries(readExpected(folder));
  const complete = expected.filter(([module, { contracts }]) =>
    contracts.every((name) => addresses.has(`${module}#${name}`)),
  );
  const found = complete.length > 0 ? await look(complete.map(([module]) => module)) : undefined;
  const ofRecord = [
    ...(await failedTransactions(folder, provider)),
    ...(await foreignCode(folder, addresses, provider)),
  ];
  const ofStanding = found
    ? complete.flatMap(([, one]) => [
        ...differingRights(one, found.rights),
        ...differingLinks(one, found.wiring, addresses),
      ])
    : [];
  const differences = [...ofRecord, ...ofStanding];
  if (differences.length === 0) {
    const left = expected.filter((one) => !complete.includes(one));
    if (left.length > 0) await writeJson(folder.expectedFile, Object.fromEntries(left));
    else await rm(folder.expectedFile, { force: true });
    return complete.length > 0;
  }
  const advice = [
    "Do not use this deployment before that is explained",
    ...(ofStanding.length > 0
      ? [
          "`hardhat roles` shows who may do what. Whoever can explain rights and links, such as by what governance did since, deletes " +
            folder.expectedFile,
        ]
      : []),
    // Code and transactions stay as they are, whatever governance does.
    ...(ofRecord.length > 0 ? [explanationOf(folder)] : []),
  ];
  throw new ExplainedError(
    `Every step is done, but the chain is not as it should be: ${differences.slice(0, 12).join("; ")}` +
      `${differences.length > 12 ? `; and ${String(differences.length - 12)} more` : ""}. ${advice.join(". ")}.`,
  );
}

function explanationOf({ path }: DeploymentFolder): string {
  return (
    `Code and transactions do not change: the chain was reset or rolled back, another one is behind the network's URL, its node does not tell ` +
    `the truth, or the folder's files were changed (\`hardhat verify-local\` shows that). Use a node that has this deployment, restore the folder ` +
    `from version control, or move ${path} away (or delete it) to start anew`
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

function differingRights({ rights: lines, contracts }: Expected, found: AuthorityTable): readonly string[] {
  const [should, is] = [new Set(lines), linesOf(found, contracts)];
  return [
    ...[...is].filter((line) => !should.has(line)).map((line) => `unforeseen: ${line}`),
    ...[...should].filter((line) => !is.has(line)).map((line) => `missing: ${line}`),
  ];
}

/** A contract that only the rehearsal's chain needed, because the live one has its like, is not looked for. */
function differingLinks(
  { wiring }: Expected,
  found: Wiring,
  addresses: ReadonlyMap<string, Address>,
): readonly string[] {
  const given = new Map(found);
  return Object.entries(wiring).flatMap(([getter, should]) => {
    const is = given.get(getter) ?? "nothing";
    return is === should || !addresses.has(should) ? [] : [`${getter} gives ${is} and not ${should}`];
  });
}

function linesOf({ rights, open }: AuthorityTable, contracts: readonly string[]): ReadonlySet<string> {
  const reserved = ({ holder, role, contract, function: signature, delay }: Authority): string =>
    `${holder} may call ${contract}.${signature} as ${role}${delay === 0n ? "" : ` after ${String(delay)} s`}`;
  const free = [...open].flatMap(([contract, signatures]) =>
    contracts.includes(contract) ? signatures.map((signature) => `anybody may call ${contract}.${signature}`) : [],
  );
  return new Set([...rights.filter(({ contract }) => contracts.includes(contract)).map(reserved), ...free]);
}
