import { writeFile } from "node:fs/promises";

import type { Result } from "hardhat/types/utils";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import { formatCount, renderTable } from "../../src/format.js";
import {
  consumptionOf,
  type EconomyReport,
  type Flow,
  outputOf,
  readEconomy,
  spentOf,
  totalOf,
  type WeekFlow,
} from "../../src/xme/economy.js";
import { EMISSION_STREAM } from "../../src/xme/emission.js";
import { SPENDING_CATEGORIES, SPENDING_PARTS, SPENDING_WEEK } from "../../src/xme/spending.js";
import { answer } from "../support/answer.js";
import { formatMoment, wholeNumber } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Session } from "../support/session.js";

export interface EconomyInput {
  readonly weeks: string;
  readonly csv: string;
}

/** The latest weeks, and all of them together. */
export interface ShownEconomy extends EconomyReport {
  readonly network: string;
  readonly total: Flow;
  /** Where the weeks were written to; empty if nowhere. */
  readonly csv: string;
}

const xmex = (amount: bigint): string => tokens(amount, "XMEX");

const STREAM_NAMES = new Map<number, string>([
  [EMISSION_STREAM.socialMining, "social mining"],
  [EMISSION_STREAM.userGrowth, "user growth"],
  [EMISSION_STREAM.nodes, "delegators of nodes"],
  [EMISSION_STREAM.votes, "holders of vXME"],
]);

/** Reads output and consumption of all weeks, and shows the latest: `hardhat economy`. */
export async function showEconomy(session: Session, { weeks: text, csv }: EconomyInput): Promise<ShownEconomy> {
  const shown = wholeNumber("weeks", text, "write how many of the latest weeks to show, such as 8");
  if (shown === 0n) throw new ExplainedError("--weeks is 0: write how many of the latest weeks to show, such as 8.");
  const { deployment, connection } = session;
  const report = await readEconomy(deployment.xme, connection.ethers.provider, deployment.startBlock);
  const count = BigInt(report.weeks.length);
  const weeks = report.weeks.slice(Number(count > shown ? count - shown : 0n));
  if (csv !== "") {
    try {
      await writeFile(csv, csvOf(weeks), { flag: "wx" });
    } catch (error) {
      throw new ExplainedError(`--csv is "${csv}": no new file can be written there; choose another name.`, {
        cause: error,
      });
    }
  }
  return { ...report, network: connection.networkName, total: totalOf(report.weeks), weeks, csv };
}

/** @returns a line for each figure of each week that is not zero */
export function csvOf(weeks: readonly WeekFlow[]): string {
  const lines = weeks.flatMap(({ week, ...flow }) =>
    figuresOf(flow, "").map(([name, wei]) => `${week},${name},${wei}`),
  );
  return `${["week,figure,wei", ...lines].join("\n")}\n`;
}

function figuresOf(value: unknown, name: string): readonly (readonly [string, bigint])[] {
  if (typeof value === "bigint") return value === 0n ? [] : [[name, value]];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) =>
    figuresOf(inner, name === "" ? key : `${name}.${key}`),
  );
}

/** @returns what the events and the contracts say differently, if they do */
export function disagreement({ checks }: Pick<ShownEconomy, "checks">): ExplainedError | undefined {
  const differing = checks.filter(({ agrees }) => !agrees);
  if (differing.length === 0) return undefined;
  const said = differing.map(
    ({ what, events, contract }) => `${what}: ${xmex(events)} by events, ${xmex(contract)} by the contract`,
  );
  return new ExplainedError(
    `Events and contracts disagree (${said.join("; ")}): ask a node that has all logs from the deployment's block on.`,
  );
}

/** Prints what was read, also where events and contracts disagree, which is a failure. */
export async function printEconomy(
  json: boolean,
  read: () => Promise<ShownEconomy>,
): Promise<Result<ShownEconomy, Error>> {
  const result = await answer(json, read, describeEconomy);
  const error = result.success ? disagreement(result.value) : undefined;
  if (!error) return result;
  console.error(error.message);
  return { success: false, error };
}

export function describeEconomy(report: ShownEconomy): string {
  const { weeks, total, checks } = report;
  const right = (title: string) => ({ title, align: "right" }) as const;
  const row = (name: string, flow: Flow): string[] => [
    name,
    xmex(outputOf(flow)),
    xmex(flow.mining.credited),
    xmex(flow.mining.paid),
    xmex(spentOf(flow)),
    xmex(consumptionOf(flow)),
    xmex(flow.burned),
    xmex(flow.locked),
  ];
  const streams = total.drawn.flatMap((drawn, stream) => {
    const returned = total.returned[stream] ?? 0n;
    const name = STREAM_NAMES.get(stream);
    return drawn === 0n && returned === 0n
      ? []
      : [
          [
            `${String(stream)}${name === undefined ? "" : `, ${name}`}`,
            xmex(drawn),
            xmex(returned),
            xmex(drawn - returned),
          ],
        ];
  });
  const categories = SPENDING_CATEGORIES.flatMap((category) => {
    const { spent, purchases, parts } = total.spending[category];
    return spent === 0n
      ? []
      : [
          [
            category,
            formatCount(purchases),
            xmex(spent),
            xmex(parts.creator),
            ...SPENDING_PARTS.map((part) => xmex(parts[part])),
          ],
        ];
  });
  const differing = checks.filter(({ agrees }) => !agrees);
  return [
    `Output and consumption of XMEX on network "${report.network}" up to block ${formatCount(report.block)}, ${formatMoment(report.time)}`,
    "",
    renderTable(
      [
        { title: "week from", align: "left" },
        ...["output", "credited", "paid", "spent", "consumed", "burned", "ascended"].map(right),
      ],
      [
        ...weeks.map((flow) => row(formatMoment(flow.week * SPENDING_WEEK).slice(0, 10), flow)),
        row("since the deployment", total),
      ],
    ),
    "",
    streams.length === 0
      ? "The emission vault has given nothing yet."
      : renderTable([{ title: "stream", align: "left" }, ...["drawn", "returned", "output"].map(right)], streams),
    `To invitations went ${xmex(total.growth)}; beside emission and spending, delegators were given ${xmex(total.income.delegators)} and holders of vXME ` +
      `${xmex(total.income.voters)}.`,
    "",
    categories.length === 0
      ? "Nothing was spent yet."
      : renderTable(
          [{ title: "category", align: "left" }, ...["purchases", "spent", "creator", ...SPENDING_PARTS].map(right)],
          categories,
        ),
    "Output is what left the emission vault less what came back; consumed is what was burned, for buyback or to the treasury. Ads are paid in XME.",
    "",
    differing.length === 0
      ? `Checked: all ${formatCount(checks.length)} sums of events agree with the contracts.`
      : `Checked: ${formatCount(differing.length)} of ${formatCount(checks.length)} sums of events disagree with the contracts.`,
    ...(report.csv === "" ? [] : [`The weeks shown are in ${report.csv}.`]),
  ].join("\n");
}
