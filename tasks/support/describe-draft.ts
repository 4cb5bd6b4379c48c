import { inCurrency } from "../../src/deployment/chains.js";
import type { Argument, ArgumentValue, Draft, DraftedCall } from "./drafted.js";
import { printable } from "./text.js";

function shown(value: ArgumentValue): string {
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}

function argumentLines(values: readonly Argument[], indent: string): string[] {
  return values.map(({ name, type, value }) => `${indent}${name === "" ? type : name} = ${shown(value)}`);
}

function callLines(call: DraftedCall, chainId: bigint, number: number, of: number): string[] {
  const { to, contract, value, data, function: called, carries } = call;
  return [
    "",
    of === 1 ? "The call" : `Call ${String(number)} of ${String(of)}`,
    `  to        ${to}${contract === undefined ? "" : `, ${contract}`}`,
    `  value     ${String(value)}${value === 0n ? "" : ` wei, which are ${inCurrency(chainId, value)}`}`,
    ...(called === undefined
      ? []
      : [`  function  ${called}`, ...argumentLines(carries.length > 0 ? [] : call.arguments, " ".repeat(12))]),
    ...carries.flatMap(({ function: inner, arguments: values }) => [
      `            ${inner ?? "a call that its contract does not know"}`,
      ...argumentLines(values, " ".repeat(14)),
    ]),
    `  data      ${data}`,
  ];
}

/** What a person reads in place of a transaction. */
export function describeDraft({ network, chainId, account, expected, tried, calls, safe }: Draft): string {
  const many = calls.length > 1;
  return [
    ...expected,
    ...calls.flatMap((call, i) => callLines(call, chainId, i + 1, calls.length)),
    "",
    `Nothing was sent. ${many ? "The calls are" : "The call is"} for ${account} to make on network "${network}" (chain ${String(chainId)})${many ? ", in this order" : ""}.`,
    tried
      ? `${many ? "Tried one after the other, they are" : "Tried from there, it is"} not refused as the chain is now.`
      : "The last could not be tried, since it needs those before it and the network's node tries calls one by one only.",
    ...(safe === undefined ? [] : [`Written to ${safe}, for the Transaction Builder of a Safe at that address.`]),
  ].join("\n");
}
