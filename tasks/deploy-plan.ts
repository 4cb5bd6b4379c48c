import type { Authority } from "../src/deployment/authority.js";
import { countsLayer1AsGas, inCurrency, takesLayer1Fee } from "../src/deployment/chains.js";
import { gwei, type Plan } from "../src/deployment/plan.js";
import { formatDuration } from "../src/deployment/readers.js";
import { formatCount, renderTable } from "../src/format.js";

/** Said where contracts have no roles at all, as XRANK has none. */
const NO_RIGHTS = "Nobody will have a right that others do not have.";

/** @returns what would be deployed and what it costs, for a person */
export function describeSteps({ steps, gas }: Plan): string {
  if (steps.length === 0)
    return "Every transaction was sent already: what is left is to wait for the last of them, and to look at the chain.";
  const contracts = steps.filter(({ future }) => !isCall(future)).length;
  return [
    renderTable(
      [
        { title: "transaction", align: "left" },
        { title: "gas", align: "right" },
      ],
      steps.map(({ future, gas: { used } }) => [future, formatCount(used)]),
    ),
    "",
    `${steps.length === 1 ? "1 transaction" : `${formatCount(steps.length)} transactions`}, ${formatCount(contracts)} of them ${contracts === 1 ? "a contract" : "contracts"}: ` +
      `${formatCount(gas)} gas, as measured by a rehearsal on a simulated chain.`,
  ].join("\n");
}

/** @returns what a deployment costs, in sentences */
export function costOf({ gas, gasPrice, cost, reserve, deployer, balance, chainId, network }: Plan): readonly string[] {
  const missing = reserve > balance ? `, ${inCurrency(chainId, reserve - balance)} less` : "";
  return [
    `${formatCount(gas)} gas at ${gwei(gasPrice)} gwei, the price on network "${network}" now: ${inCurrency(chainId, cost)}.`,
    ...(takesLayer1Fee(chainId)
      ? ["This chain takes a fee for layer 1 beside that, which is in none of these sums."]
      : []),
    ...(countsLayer1AsGas(chainId)
      ? [
          "This chain counts what data costs on layer 1 as gas, which a simulated chain cannot measure: it comes to more than that.",
        ]
      : []),
    `The account must hold ${inCurrency(chainId, reserve)}, because limits are above what is used and the price may rise while it ` +
      `runs; ${deployer} holds ${inCurrency(chainId, balance)}${missing}.`,
  ];
}

/** @returns what whoever deploys to a public network says yes to, in lines */
export function linesToConfirm(plan: Plan): readonly string[] {
  const rights =
    plan.standing.rights.rights.length === 0
      ? NO_RIGHTS
      : "Who will have which right is what the same command shows with --dry-run; at the end the chain is compared with it.";
  return [describeSteps(plan), ...costOf(plan), rights, ""];
}

/** Future ids of calls name a function, or a step, in lower case. */
function isCall(future: string): boolean {
  const name = future.split("#")[1] ?? future;
  return name.includes(".") || /^[a-z]/.test(name);
}

/** @returns every role that will exist, with who holds it and what it may call, or that there is none */
export function describeRoles({
  standing: {
    rights: { rights },
  },
}: Plan): string {
  if (rights.length === 0) return NO_RIGHTS;
  const rows = new Map<string, { readonly first: Authority; readonly functions: string[] }>();
  for (const right of rights) {
    const key = [right.contract, right.role, right.holder, right.delay].join();
    const name = right.function.replace(/\(.*/, "");
    const row = rows.get(key);
    if (row) row.functions.push(name);
    else rows.set(key, { first: right, functions: [name] });
  }
  const table = renderTable(
    ["contract", "role", "holder", "delay", "may call"].map((title) => ({ title, align: "left" as const })),
    [...rows.values()].map(({ first, functions }) => [
      first.contract,
      first.role,
      first.holder,
      first.delay === 0n ? "none" : formatDuration(first.delay),
      functions.join(", "),
    ]),
  );
  return `Who will have which right:\n\n${table}`;
}
