import { lstatSync } from "node:fs";

import { FunctionFragment, id, type ParamType } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import { writeFileAtomically } from "../../src/merkle/atomic-file.js";
import type { ArgumentValue, Draft, DraftedCall } from "./drafted.js";

/** A type of JSON. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

interface SafeInput {
  readonly internalType: string;
  readonly name: string;
  readonly type: string;
  readonly components?: readonly SafeInput[];
  readonly [key: string]: Json;
}

/** A batch of transactions as Safe's Transaction Builder reads it, version 1.0 of that format. */
export interface SafeBatch {
  readonly version: "1.0";
  readonly chainId: string;
  /** Milliseconds. */
  readonly createdAt: number;
  readonly meta: {
    readonly name: string;
    readonly description: string;
    readonly txBuilderVersion: string;
    readonly createdFromSafeAddress: string;
    readonly createdFromOwnerAddress: string;
    readonly checksum: string;
  };
  readonly transactions: readonly {
    readonly to: string;
    readonly value: string;
    readonly data: string;
    readonly contractMethod: {
      readonly inputs: readonly SafeInput[];
      readonly name: string;
      readonly payable: boolean;
    } | null;
    readonly contractInputsValues: Readonly<Record<string, string>> | null;
  }[];
}

/** The version of the Transaction Builder whose files these are like. */
const BUILDER_VERSION = "1.18.2";

/** Writes JSON as the Transaction Builder does before it hashes it: keys sorted, and named before their values. */
function serialized(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(serialized).join(",")}]`;
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  const entries = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${JSON.stringify(entries.map(([key]) => key))}${entries.map(([, value]) => `${serialized(value)},`).join("")}}`;
}

/** @returns the checksum of a batch that has none yet; its name, which may be changed, does not count */
function checksumOf(batch: Omit<SafeBatch, "meta"> & { readonly meta: Omit<SafeBatch["meta"], "checksum"> }): string {
  return id(serialized({ ...batch, meta: { ...batch.meta, name: null } }));
}

function inputOf({ baseType, name, type, components, arrayChildren }: ParamType): SafeInput {
  const parts = baseType === "array" ? arrayChildren?.components : components;
  return { internalType: type, name, type, ...(parts ? { components: parts.map(inputOf) } : {}) };
}

/** As its form has it: texts, and what has parts as JSON. */
function fieldOf(value: ArgumentValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function transactionOf({ to, value, data, abi, arguments: values }: DraftedCall): SafeBatch["transactions"][number] {
  const call = { to, value: value.toString(), data };
  if (abi === undefined) return { ...call, contractMethod: null, contractInputsValues: null };
  const fragment = FunctionFragment.from(abi);
  return {
    ...call,
    contractMethod: { inputs: fragment.inputs.map(inputOf), name: fragment.name, payable: fragment.payable },
    contractInputsValues: Object.fromEntries(values.map(({ name, value: one }) => [name, fieldOf(one)])),
  };
}

/** @param createdAt in milliseconds */
export function safeBatch({ chainId, account, expected, calls }: Draft, name: string, createdAt: number): SafeBatch {
  const batch = {
    version: "1.0" as const,
    chainId: chainId.toString(),
    createdAt,
    meta: {
      name,
      description: expected.join(" "),
      txBuilderVersion: BUILDER_VERSION,
      createdFromSafeAddress: account,
      createdFromOwnerAddress: "",
    },
    transactions: calls.map(transactionOf),
  };
  return { ...batch, meta: { ...batch.meta, checksum: checksumOf(batch) } };
}

/** @throws ExplainedError where there is anything at the path */
export function checkSafePath(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  throw new ExplainedError(
    `--safe is "${path}", which exists and is not replaced: give another path, or move it away.`,
  );
}

/** Writes a batch, whole or not at all. */
export async function writeSafeBatch(path: string, batch: SafeBatch): Promise<void> {
  await writeFileAtomically(path, [Buffer.from(`${JSON.stringify(batch, undefined, 2)}\n`)]);
}
