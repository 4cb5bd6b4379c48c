import { relative } from "node:path";
import { isDeepStrictEqual } from "node:util";

import type { SolidityOutputContract } from "@ethereum-sourcify/lib-sourcify";

import { type DeploymentFolder, readJson } from "../deployment/folder.js";
import { uniswapArtifact, type UniswapPart } from "../uniswap/index.js";
import { describeDifference, differences } from "./difference.js";
import type { RecordedContract } from "./record.js";

/** What the files of a deployment's folder should say of a contract. */
export interface Sayings {
  /** Of its artifact, by the artifact's fields. */
  readonly artifact: Readonly<Record<string, unknown>>;
  /** What NatSpec says of it; undefined where no file should tell that. */
  readonly documentation: unknown;
}

/** @returns what the compiler says of a contract, in the fields of Hardhat's artifacts */
export function compiledSayings(
  { contract, artifact: { inputSourceName = "" } }: RecordedContract,
  { abi, evm, userdoc, devdoc }: SolidityOutputContract,
): Sayings {
  const { bytecode, deployedBytecode } = evm;
  return {
    artifact: {
      contractName: contract,
      sourceName: inputSourceName.replace(/^project\//, "").replace(/^npm\/((?:@[^/]+\/)?[^/@]+)@[^/]+\//, "$1/"),
      abi,
      bytecode: `0x${bytecode.object}`,
      deployedBytecode: `0x${deployedBytecode.object}`,
      linkReferences: bytecode.linkReferences ?? {},
      deployedLinkReferences: deployedBytecode.linkReferences ?? {},
      immutableReferences: deployedBytecode.immutableReferences ?? {},
    },
    documentation: { userdoc, devdoc },
  };
}

const UNISWAP_PARTS: Readonly<Record<string, UniswapPart>> = {
  UniswapV3Factory: "factory",
  UniswapV3Pool: "pool",
  NonfungiblePositionManager: "positionManager",
  SwapRouter: "router",
};

/** @returns what Uniswap's npm package says of a contract of Uniswap's, undefined for any other */
export function publishedSayings({ contract }: RecordedContract): Sayings | undefined {
  const part = UNISWAP_PARTS[contract];
  return part && { artifact: { ...uniswapArtifact(part) }, documentation: undefined };
}

/** Fields that Hardhat's artifacts did not always have, and that Uniswap's lack in part. */
const OPTIONAL: readonly string[] = ["linkReferences", "deployedLinkReferences", "immutableReferences"];

/**
 * Compares what a deployment's folder says of a contract with what that comes from. Every command encodes and decodes with the recorded ABI, so
 * one that was altered makes it do something else than the contract that is proven. The plain ABI and the documentation are written at a
 * deployment's end, the latter only where its build is there: a file that is missing says nothing wrong.
 * @returns what differs, by file, in words
 * @throws ExplainedError if a file is not JSON
 */
export function differingRecords(
  folder: DeploymentFolder,
  { future, contract, artifact }: RecordedContract,
  { artifact: said, documentation }: Sayings,
): readonly string[] {
  const fields = Object.entries(said).filter(([field]) => field in artifact || !OPTIONAL.includes(field));
  const compared = [
    ...fields.map(([field, should]) => ({ file: folder.artifactFile(future), field, found: artifact[field], should })),
    { file: folder.abiFile(contract), field: "", found: readJson(folder.abiFile(contract)), should: said.abi },
    { file: folder.docFile(contract), field: "", found: readJson(folder.docFile(contract)), should: documentation },
  ];
  return compared.flatMap(({ file, field, found, should }) => {
    if (should === undefined || (field === "" && found === undefined)) return [];
    const [first, ...more] = differingPlaces(found, plain(should), field);
    if (first === undefined) return [];
    return [`${relative(folder.path, file)}: ${first}${more.length === 0 ? "" : `, and ${String(more.length)} more`}`];
  });
}

/** As JSON has it, in which what is undefined is not. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** @returns where two JSON values differ, in words; where lists differ in length, that alone */
function differingPlaces(found: unknown, should: unknown, place: string): readonly string[] {
  if (isDeepStrictEqual(found, should)) return [];
  if (Array.isArray(found) && Array.isArray(should)) {
    if (found.length !== should.length) {
      return [`${place || "the list"} has ${String(found.length)} entries instead of ${String(should.length)}`];
    }
    return should.flatMap((entry: unknown, i) => differingPlaces(found[i], entry, `${place}[${String(i)}]`));
  }
  if (isObject(found) && isObject(should)) {
    const keys = new Set([...Object.keys(should), ...Object.keys(found)]);
    return [...keys].flatMap((key) => differingPlaces(found[key], should[key], place === "" ? key : `${place}.${key}`));
  }
  if (isBytes(found) && isBytes(should)) {
    const whole = { name: place, start: 0, length: should.length / 2 - 1 };
    return differences(found, should, [whole]).map(describeDifference);
  }
  return [`${place || "it"} is ${shown(found)} instead of ${shown(should)}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBytes(value: unknown): value is string {
  return typeof value === "string" && /^0x([0-9a-f]{2})*$/.test(value);
}

const MOST_CHARACTERS = 60;

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
