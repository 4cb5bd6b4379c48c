import { ErrorDescription, ErrorFragment, type Fragment, Interface, MaxUint256 } from "ethers";

import { formatAmount, formatCount, formatMoment, quoted } from "../format.js";

/** @returns "bond out of range" for "ServiceMarket_BondOutOfRange"; what is all capitals stays so */
export function spelled(name: string): string {
  return name
    .replace(/^.*_/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .map((word) => (/^[A-Z0-9]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(" ");
}

const TIME_NAME = /time|deadline|start|end|until|opens|closes|expir|matur|cliff|at$/i;

function number(value: bigint, name: string): string {
  if (value === MaxUint256) return "2^256 − 1";
  if (TIME_NAME.test(name) && value > 1_000_000_000n && value < 100_000_000_000n) return formatMoment(value);
  // What counts wei is read as whole tokens more easily; which token is not known here.
  if (value >= 10n ** 15n) return `${formatAmount(value, 18, 6)} × 10^18`;
  return value < 0n ? String(value) : formatCount(value);
}

function shown(value: unknown, name: string): string {
  if (typeof value === "bigint") return number(value, name);
  if (Array.isArray(value)) return `[${value.map((one) => shown(one, name)).join(", ")}]`;
  if (typeof value === "string") return /^0x[0-9a-f]*$/i.test(value) ? value : quoted(value);
  return value === true ? "yes" : value === false ? "no" : String(value);
}

const PANICS: Readonly<Record<string, string>> = {
  1: "an assertion of its own",
  17: "a number that would be below zero or too large to hold",
  18: "a division by zero",
  33: "a choice that does not exist",
  50: "an element of a list that does not exist",
};

/** @returns a sentence for a refusal that has none of its own, made of its name and its values */
export function plainRefusal({ name, fragment, args }: Pick<ErrorDescription, "name" | "fragment" | "args">): string {
  if (name === "Error") return `The contract refuses and says ${quoted(String(args[0]))}.`;
  if (name === "Panic") {
    return `The contract stopped at ${PANICS[String(args[0])] ?? `the fault ${String(args[0])}`}: that should not happen, so please report it.`;
  }
  const values = fragment.inputs.map((input, i) => {
    const called = input.name === "" ? `value ${String(i + 1)}` : spelled(input.name);
    return `${called} ${shown(args[i], input.name)}`;
  });
  const [, owner] = /^([A-Za-z0-9]+)_/.exec(name) ?? [];
  return `${owner ?? "The contract"} refuses this as "${spelled(name)}"${values.length === 0 ? "" : ` (${values.join(", ")})`}.`;
}

/** How Ignition tells that a contract refuses: as text alone, once the transaction was tried without effect. */
const TOLD = {
  custom: /^Reverted with custom error (\w+)\((.*)\)$/s,
  unknown: /^Reverted with .*custom error \(signature (0x[0-9a-f]{8})\)$/,
  reason: /^Reverted with reason "(.*)"$/s,
  panic: /^Reverted with panic code (\d+)/,
} as const;

const ERROR = ErrorFragment.from("error Error(string reason)");
const PANIC = ErrorFragment.from("error Panic(uint256 code)");

/**
 * @param text Ignition's, of a step that failed
 * @param known fragments of the contracts that may have refused
 * @returns the same with the refusal in a sentence's words, without its full stop; the text as it is where it tells of no refusal
 */
export function refusalTold(text: string, known: readonly Fragment[]): string {
  const told = text.replace(/^Simulating the transaction failed with error: /, "");
  const refusal = refusalOf(told, known.filter(ErrorFragment.isFragment));
  return refusal === undefined ? text : plainRefusal(refusal).replace(/\.$/, "");
}

type Refusal = Parameters<typeof plainRefusal>[0];

function refusalOf(told: string, known: readonly ErrorFragment[]): Refusal | undefined {
  const [, reason] = TOLD.reason.exec(told) ?? [];
  if (reason !== undefined) return described(ERROR, [reason]);
  const [, panic] = TOLD.panic.exec(told) ?? [];
  if (panic !== undefined) return described(PANIC, [panic]);
  const [, signature] = TOLD.unknown.exec(told) ?? [];
  // The contract that was called passes on what another one said, and Ignition tells no values of that.
  if (signature !== undefined) return nameAlone(known.find(({ selector }) => selector === signature));
  const [, name, values = ""] = TOLD.custom.exec(told) ?? [];
  const fragments = known.filter((fragment) => fragment.name === name);
  for (const fragment of fragments) {
    try {
      return described(fragment, valuesIn(values));
    } catch {
      // Another error of the same name.
    }
  }
  return nameAlone(fragments[0]);
}

function nameAlone(fragment: ErrorFragment | undefined): Refusal | undefined {
  return fragment && described(ErrorFragment.from(`error ${fragment.name}()`), []);
}

/** @returns the values between the parentheses, where texts stand as they are: numbers as texts too, the rest as JSON has it */
function valuesIn(values: string): readonly unknown[] {
  const quote = (value: string): string => JSON.stringify(value.replace(/^"|"$/g, ""));
  return JSON.parse(`[${values.replace(/"[^"]*"|-?\d+/g, quote)}]`) as unknown[];
}

/** @throws where the values are none of the error's */
function described(fragment: ErrorFragment, values: readonly unknown[]): ErrorDescription {
  const abi = new Interface([fragment]);
  const args = abi.decodeErrorResult(fragment, abi.encodeErrorResult(fragment, values));
  return new ErrorDescription(fragment, fragment.selector, args);
}
