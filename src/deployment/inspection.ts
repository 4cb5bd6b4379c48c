import type { Authority, AuthorityTable } from "./authority.js";
import type { RpcProvider } from "./chains.js";
import { allRecords } from "./contracts.js";
import { ExplainedError } from "./explained-error.js";
import { type Address, type DeploymentFolder, readJson } from "./folder.js";
import { readConfirmed } from "./journal.js";

interface Reference {
  readonly start: number;
  readonly length: number;
}

/** What is read here of an artifact. Uniswap's own say nothing of their immutables. */
interface DeployedArtifact {
  readonly deployedBytecode: string;
  readonly immutableReferences?: Readonly<Record<string, readonly Reference[]>>;
}

/** The rights that the rehearsal ended with, and how to read those of the chain. */
export interface Rehearsed {
  readonly rehearsed: AuthorityTable;
  readonly read: () => Promise<AuthorityTable>;
  /** The contracts to look at: of an economy that stood before, governance may have changed the rights. */
  readonly contracts: ReadonlySet<string>;
}

/**
 * Looks at the chain once more, after all is done: that every transaction on record is in it and did not fail, that every contract has the
 * code of its build, and that everybody has the rights that they had in the rehearsal, nobody more.
 * @param rights undefined where this run had nothing left to do
 * @throws ExplainedError with everything that differs.
 */
export async function inspect(
  folder: DeploymentFolder,
  addresses: ReadonlyMap<string, Address>,
  provider: RpcProvider,
  rights?: Rehearsed,
): Promise<void> {
  const differences = [
    ...(await failedTransactions(folder, provider)),
    ...(await foreignCode(folder, addresses, provider)),
    ...(rights ? differingRights(rights, await rights.read()) : []),
  ];
  if (differences.length === 0) return;
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

function differingRights({ rehearsed, contracts }: Rehearsed, found: AuthorityTable): readonly string[] {
  const [should, is] = [linesOf(rehearsed, contracts), linesOf(found, contracts)];
  return [
    ...[...is].filter((line) => !should.has(line)).map((line) => `unforeseen: ${line}`),
    ...[...should].filter((line) => !is.has(line)).map((line) => `missing: ${line}`),
  ];
}

function linesOf({ rights, open }: AuthorityTable, contracts: ReadonlySet<string>): ReadonlySet<string> {
  const reserved = ({ holder, role, contract, function: signature, delay }: Authority): string =>
    `${holder} may call ${contract}.${signature} as ${role}${delay === 0n ? "" : ` after ${String(delay)} s`}`;
  const free = [...open].flatMap(([contract, signatures]) =>
    contracts.has(contract) ? signatures.map((signature) => `anybody may call ${contract}.${signature}`) : [],
  );
  return new Set([...rights.filter(({ contract }) => contracts.has(contract)).map(reserved), ...free]);
}
