import { renderTable } from "../format.js";
import type { NamedValue, VerificationReport, VerifiedContract } from "./verify.js";

const COLUMNS = ["contract", "address", "runtime", "creation", "constructor arguments"] as const;

/** @returns the report as people read it: a table, what is wrong, and the verdict */
export function describeReport(report: VerificationReport): string {
  const { contracts, exact, network, chainId, folder, compiler, unfinished, built } = report;
  const names = namesOf(contracts);
  const own = contracts.filter((contract) => contract.own);
  const problems = contracts.flatMap((contract) =>
    contract.problems.map((problem) => `${fullName(contract)}: ${problem}`),
  );
  return [
    renderTable(
      COLUMNS.map((title) => ({ title, align: "left" as const })),
      contracts.map((contract) => cells(contract, names)),
    ),
    "",
    ...(problems.length === 0 ? [] : ["Not as it should be:", ...problems.map((problem) => `  ${problem}`), ""]),
    ...unfinished.map(
      (economy) =>
        `${economy} was not deployed to its end, or not found to be as it should be then: \`hardhat deploy\` says which; this is of what stands of it.`,
    ),
    `${String(own.filter(({ problems: none }) => none.length === 0).length)} of ${String(own.length)} contracts on network ` +
      `"${network}" (chain ${String(chainId)}), deployment ${folder}, are ${exact ? "" : "proven to be "}this source, ` +
      `${built ? "as this checkout's own build has it, which was not compiled again" : `compiled with solc ${compiler}`}.`,
  ].join("\n");
}

function cells(contract: VerifiedContract, names: ReadonlyMap<string, string>): string[] {
  const { address, own, runtime, constructorArguments } = contract;
  const name = fullName(contract);
  if (!own) return [name, address, "not ours", "not ours", ""];
  return [name, address, runtime ?? "", creationOf(contract), valuesOf(constructorArguments, names)];
}

/** The columns of docs/verification.md's table. */
const PAGE_COLUMNS = ["contract", "runtime", "creation", "immutables", "constructor arguments"] as const;

/** @returns the report as a table in Markdown: names instead of addresses, which differ from chain to chain */
export function reportMarkdown({ contracts }: VerificationReport): string {
  const names = namesOf(contracts);
  const row = (texts: readonly string[]): string => `| ${texts.join(" | ")} |`;
  const code = (values: readonly NamedValue[]): string => {
    const text = valuesOf(values, names);
    return text === "" ? "" : `\`${text}\``;
  };
  return [
    row(PAGE_COLUMNS),
    row(PAGE_COLUMNS.map(() => "---")),
    ...contracts
      .filter(({ own }) => own)
      .map((contract) =>
        row([
          `${fullName(contract)} (${contract.contract})`,
          contract.runtime ?? "",
          creationOf(contract),
          code(contract.immutables),
          code(contract.constructorArguments),
        ]),
      ),
  ].join("\n");
}

function fullName({ economy, name }: VerifiedContract): string {
  return `${economy}.${name}`;
}

function creationOf({ creation, createdBy }: VerifiedContract): string {
  return createdBy === undefined ? (creation ?? "") : `${creation ?? ""}, in ${createdBy}'s`;
}

/** Contracts of the deployment by their addresses; where several economies use one, the first names it. */
function namesOf(contracts: readonly VerifiedContract[]): ReadonlyMap<string, string> {
  const named = contracts.map((contract) => [contract.address.toLowerCase(), fullName(contract)] as const);
  return new Map(named.reverse());
}

/** @returns such as "votes: xe.ledger, minQuorum: 1000"; whole values are in the JSON document */
function valuesOf(values: readonly NamedValue[], names: ReadonlyMap<string, string>): string {
  return values.map(({ name, value }) => `${name}: ${shortened(value, names)}`).join(", ");
}

const MOST_CHARACTERS = 60;

function shortened(value: string, names: ReadonlyMap<string, string>): string {
  const text = value
    .replace(/0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/g, (address) => names.get(address.toLowerCase()) ?? address)
    .replace(/0x[0-9a-fA-F]{20,}/g, (digits) => `${digits.slice(0, 6)}…${digits.slice(-4)}`)
    .replaceAll('"', "");
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
