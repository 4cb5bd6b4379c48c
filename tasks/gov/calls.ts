import { readFileSync } from "node:fs";

import { FunctionFragment, getAddress, Interface, isAddress, type ParamType } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import type { Book, Intended } from "./book.js";

/** A proposal as a person wrote it: what it is called, why, and its calls. */
export interface Draft {
  readonly title: string;
  readonly description: string;
  readonly calls: readonly Intended[];
  /** The calls as they can be tried now, where that is otherwise. */
  readonly trials?: readonly Intended[];
  /** Errors of later calls that are mistakes, and not what a call before them or time could mend. */
  readonly mistakes?: readonly string[];
}

const CALL_ADVICE = 'write {"contract": "emissionVault", "function": "setDrawer", "args": [3, "0x…"]}';

/** @returns what a file holds */
export function readText(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ExplainedError(`--${option} is "${file}", which cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** @returns a JSON document */
export function parseJson(option: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ExplainedError(`--${option} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads a proposal's file: a list of calls, or an object with `calls`, and `title` and `description` if it likes. What another command
 * printed with --calldata and --json will do as well, and so will a file for a Safe.
 * @param chainId of the deployment
 * @throws ExplainedError that names the call and the argument that is wrong
 */
export function readDraft(book: Book, file: string, chainId: bigint): Draft {
  const document = parseJson("file", readText("file", file));
  const written = isRecord(document) ? document : { calls: document };
  const { title = "", description = "", calls = written.transactions } = written;
  checkOrigin(book, written, chainId);
  if (!Array.isArray(calls) || calls.length === 0) {
    throw new ExplainedError(
      `--file has no calls: write a list of them, or {"title": …, "calls": […]}; for a call, ${CALL_ADVICE}.`,
    );
  }
  if (typeof title !== "string" || typeof description !== "string") {
    throw new ExplainedError("--file has a title or a description that is no text: write texts.");
  }
  return { title, description, calls: calls.map((call: unknown, i) => readCall(book, call, `Call ${String(i + 1)}`)) };
}

/** @throws ExplainedError where calls that a command wrote down are another chain's, or another account's than the treasury */
function checkOrigin(book: Book, written: Readonly<Record<string, unknown>>, chainId: bigint): void {
  const { chainId: chain, account, meta } = written;
  if (chain !== undefined && String(chain) !== String(chainId)) {
    throw new ExplainedError(
      `--file has calls for chain ${String(chain)}, and this deployment is on chain ${String(chainId)}.`,
    );
  }
  const from = account ?? (isRecord(meta) ? meta.createdFromSafeAddress : undefined);
  if (from === undefined || from === "" || isSame(String(from), book.treasury)) return;
  throw new ExplainedError(
    `--file has calls for ${String(from)} to make, and a proposal's are the treasury's: write them anew with --account ${book.treasury}.`,
  );
}

/** Reads a call that a command wrote down: whom to call with which data. */
function readWrittenCall(call: Readonly<Record<string, unknown>>, to: string, where: string): Intended {
  const { data } = call;
  if (!isAddress(to)) throw misfit(`${where}, to`, to, "an address with its checksum or in lower case");
  if (typeof data !== "string" || !/^0x([0-9a-f]{2})*$/i.test(data))
    throw misfit(`${where}, data`, data, "bytes such as 0x1234");
  const value = wholeNumber(call.value ?? 0, 256, false, `${where}, value (wei)`);
  return { target: getAddress(to) as Address, value, data };
}

const FIELDS = new Set(["contract", "function", "args", "value"]);

function readCall(book: Book, call: unknown, where: string): Intended {
  if (isRecord(call) && typeof call.to === "string") return readWrittenCall(call, call.to, where);
  if (!isRecord(call) || typeof call.contract !== "string") {
    throw new ExplainedError(`${where} names no contract: ${CALL_ADVICE}.`);
  }
  const unknown = Object.keys(call).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) {
    throw new ExplainedError(`${where} has a field "${unknown}": it can have ${[...FIELDS].join(", ")}.`);
  }
  const found = book.find(call.contract);
  if (!found) {
    throw new ExplainedError(
      `${where} is to "${call.contract}": write an address, or one of ${book.entries.map(({ key }) => key).join(", ")}.`,
    );
  }
  const value = call.value === undefined ? 0n : wholeNumber(call.value, 256, false, `${where}, value (wei)`);
  const args: unknown = call.args ?? [];
  if (!Array.isArray(args)) throw new ExplainedError(`${where} has arguments that are no list: ${CALL_ADVICE}.`);
  const { address: target, entry } = found;
  if (call.function === undefined && args.length === 0 && value > 0n) return { target, value, data: "0x" };
  if (typeof call.function !== "string") throw new ExplainedError(`${where} names no function: ${CALL_ADVICE}.`);
  const fragment = functionOf(call.function, entry, where);
  return { target, value, data: encode(book, fragment, args, `${where}, ${fragment.name}`) };
}

function functionOf(text: string, entry: ReturnType<Book["at"]>, where: string): FunctionFragment {
  if (!entry) {
    try {
      if (text.includes("(")) return FunctionFragment.from(text.startsWith("function ") ? text : `function ${text}`);
    } catch {
      // Said below.
    }
    throw new ExplainedError(
      `${where} has the function "${text}": of a contract that is not the deployment's, write its signature, such as transfer(address,uint256).`,
    );
  }
  const changing: FunctionFragment[] = [];
  entry.contract.interface.forEachFunction((fragment) => {
    if (!fragment.constant) changing.push(fragment);
  });
  const wanted = text.replace(/\s/g, "");
  const fitting = changing.filter((fragment) => fragment.name === wanted || fragment.format("sighash") === wanted);
  const [only, ...others] = fitting;
  if (only && others.length === 0) return only;
  const signatures = (all: readonly FunctionFragment[]): string => all.map((one) => one.format("sighash")).join(", ");
  throw new ExplainedError(
    only
      ? `${where} has the function "${text}", of which ${entry.label} has several: write one of ${signatures(fitting)}.`
      : `${where} has the function "${text}", and ${entry.label} has none such that changes anything: write one of ${signatures(changing)}.`,
  );
}

/** Encodes a call. @throws ExplainedError that names the argument that does not fit */
function encode(book: Book, fragment: FunctionFragment, args: readonly unknown[], where: string): string {
  if (args.length !== fragment.inputs.length) {
    throw new ExplainedError(
      `${where}: ${fragment.format("sighash")} takes ${String(fragment.inputs.length)} arguments, not ${String(args.length)}.`,
    );
  }
  const values = fragment.inputs.map((input, i) =>
    read(book, input, args[i], `${where}, ${input.name === "" ? `argument ${String(i + 1)}` : input.name}`),
  );
  return new Interface([fragment]).encodeFunctionData(fragment, values);
}

/** Reads a value of an ABI's type from JSON. */
function read(book: Book, type: ParamType, value: unknown, where: string): unknown {
  if (type.isArray()) {
    const length = type.arrayLength;
    if (!Array.isArray(value) || (length >= 0 && value.length !== length)) {
      throw misfit(where, value, length >= 0 ? `a list of ${String(length)}` : "a list");
    }
    return value.map((one: unknown, i) => read(book, type.arrayChildren, one, `${where}[${String(i)}]`));
  }
  if (type.isTuple()) {
    const names = type.components.map(({ name }) => name);
    const parts = Array.isArray(value)
      ? (value as unknown[])
      : isRecord(value)
        ? names.map((name) => value[name])
        : undefined;
    if (parts?.length !== names.length) throw misfit(where, value, `an object with ${names.join(", ")}`);
    return type.components.map((part, i) => read(book, part, parts[i], `${where}.${part.name}`));
  }
  if (type.type === "bool") {
    if (typeof value === "boolean") return value;
    throw misfit(where, value, "true or false");
  }
  if (type.type === "string") {
    if (typeof value === "string") return value;
    throw misfit(where, value, "a text");
  }
  if (type.type === "address") {
    const found = typeof value === "string" ? book.find(value) : undefined;
    if (found) return found.address;
    throw misfit(where, value, "an address with its checksum or in lower case, or a contract of the deployment");
  }
  const [, unsigned, width] = /^(u?)int(\d+)$/.exec(type.type) ?? [];
  if (width !== undefined) return wholeNumber(value, Number(width), unsigned === "", where);
  const size = /^bytes(\d*)$/.exec(type.type)?.[1] ?? "";
  const digits = size === "" ? "([0-9a-f]{2})*" : `[0-9a-f]{${String(2 * Number(size))}}`;
  if (typeof value === "string" && new RegExp(`^0x${digits}$`, "i").test(value)) return value;
  throw misfit(
    where,
    value,
    size === "" ? "bytes such as 0x1234" : `0x and ${String(2 * Number(size))} hexadecimal digits`,
  );
}

function wholeNumber(value: unknown, bits: number, signed: boolean, where: string): bigint {
  const whole =
    typeof value === "number"
      ? Number.isSafeInteger(value)
      : typeof value === "string" && /^(-?\d{1,78}|0x[0-9a-f]{1,64})$/i.test(value);
  const most = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
  const number = whole ? BigInt(value as string | number) : undefined;
  if (number !== undefined && number <= most && number >= (signed ? -most - 1n : 0n)) return number;
  throw misfit(
    where,
    value,
    `a whole number ${signed ? "" : "from 0 "}of at most ${String(bits)} bits, in quotes where it is large`,
  );
}

function misfit(where: string, value: unknown, expected: string): ExplainedError {
  return new ExplainedError(`${where} is ${JSON.stringify(value) ?? "missing"}: write ${expected}.`);
}

/** @returns a call of one of the deployment's contracts, whose arguments are known to fit */
export function callTo(book: Book, key: string, name: string, args: readonly unknown[], value = 0n): Intended {
  const { address, contract } = book.named(key);
  return { target: address, value, data: contract.interface.encodeFunctionData(name, args) };
}

/** @returns the address of a contract or an account, as it was given after an option */
export function givenContract(book: Book, option: string, text: string, advice: string): Address {
  if (text === "") throw new ExplainedError(`--${option} is missing: ${advice}.`);
  const found = book.find(text);
  if (found) return found.address;
  throw new ExplainedError(
    `--${option} is "${text}": write an address with its checksum or in lower case, or a contract of the deployment, such as votes.`,
  );
}

/** @returns the selector of a contract's function that was given by name or signature */
export function selectorFrom(book: Book, target: Address, text: string): string {
  return functionOf(text, book.at(target), "--functions").selector;
}

/** @returns whether two addresses are one */
export function isSame(one: string, other: string): boolean {
  return isAddress(one) && isAddress(other) && getAddress(one) === getAddress(other);
}
