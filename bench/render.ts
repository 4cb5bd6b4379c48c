/** A report as text: aligned tables for a terminal, Markdown for the pages under `docs/`. */

import { type Column, formatCount, renderTable } from "../src/format.js";
import { CODE_LIMITS, type CodeSize, type GasSection, type Report, type TimingRow } from "./report.js";

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

/** How many times `part` is of `whole`, such as "0.31×"; two places, rounded to nearest. */
export function ratio(part: bigint | number, whole: bigint | number): string {
  return `${(Number(part) / Number(whole)).toFixed(2)}×`;
}

/** Ours, then each peer and what part of it ours is, then the floor and how far above it ours is. */
export function gasTable({ peers, rows }: GasSection): Table {
  const limited = rows.some(({ limit }) => limit !== undefined);
  return {
    columns: [
      left("call"),
      left("given"),
      right("ours"),
      ...peers.flatMap((peer) => [right(peer), right("ours/peer")]),
      right("floor"),
      right("ours/floor"),
      ...(limited ? [right("limit")] : []),
    ],
    rows: rows.map(({ call, given, ours, peers: theirs, limit }) => [
      call,
      given,
      formatCount(ours.gas),
      ...theirs.flatMap((gas) => (gas === undefined ? ["–", "–"] : [formatCount(gas), ratio(ours.gas, gas)])),
      formatCount(ours.floor),
      ratio(ours.gas, ours.floor),
      ...(limited ? [limit === undefined ? "–" : formatCount(limit)] : []),
    ]),
  };
}

/** Bytes of each contract and how much of what a chain takes that is. */
function sizesTable(sizes: readonly CodeSize[]): Table {
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
  return {
    columns: [
      left("contract"),
      right("runtime code"),
      right(`of ${formatCount(CODE_LIMITS.runtime)}`),
      right("creation code"),
      right(`of ${formatCount(CODE_LIMITS.creation)}`),
    ],
    rows: sizes.map(({ contract, runtime, creation }) => [
      contract,
      formatCount(runtime),
      percent(runtime, CODE_LIMITS.runtime),
      formatCount(creation),
      percent(creation, CODE_LIMITS.creation),
    ]),
  };
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function mebibytes(value: number): string {
  return `${formatCount(Math.round(value))} MiB`;
}

/** What was timed; the peer only where it was measured. */
function timingsTable(timings: readonly TimingRow[]): Table {
  return {
    columns: [
      left("work"),
      right("leaves"),
      right("ours"),
      left("peer"),
      right("peer's"),
      right("ours/peer"),
      right("peak memory"),
      right("peer's memory"),
    ],
    rows: timings.map(({ work, leaves, ours, peer, peakMegabytes }) => [
      work,
      formatCount(leaves),
      seconds(ours),
      peer?.name ?? "–",
      peer === undefined ? "–" : seconds(peer.seconds),
      peer === undefined ? "–" : ratio(ours, peer.seconds),
      mebibytes(peakMegabytes),
      peer?.peakMegabytes === undefined ? "–" : mebibytes(peer.peakMegabytes),
    ]),
  };
}

/** A Markdown table, its columns padded as prettier pads them. */
export function markdownTable({ columns, rows }: Table): string {
  const widths = columns.map(({ title }, i) => Math.max(3, title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ align }, i) => {
      const [cell, width] = [cells[i] ?? "", widths[i] ?? 0];
      return align === "right" ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = columns.map(({ align }, i) => {
    const width = widths[i] ?? 0;
    return align === "right" ? `${"-".repeat(width - 1)}:` : "-".repeat(width);
  });
  return [line(columns.map(({ title }) => title)), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** A section as `docs/gas.md` holds it. */
export function gasMarkdown(section: GasSection): string {
  return `## ${section.title}\n\n${section.note}\n\n${markdownTable(gasTable(section))}`;
}

/** The code sizes as `docs/gas.md` holds them. */
export function sizesMarkdown(sizes: readonly CodeSize[]): string {
  const note = "In bytes; creation code without constructor arguments. The limits are those of EIP-170 and EIP-3860.";
  return `## Code sizes\n\n${note}\n\n${markdownTable(sizesTable(sizes))}`;
}

/** The timings as `docs/performance.md` holds them. */
export function timingsMarkdown(timings: readonly TimingRow[], machine: string): string {
  return `${machine}\n\n${markdownTable(timingsTable(timings))}`;
}

/** A whole report for a terminal. */
export function renderReport({ gas, sizes, timings }: Report, machine: string): string {
  const parts = gas.map((section) => [section.title, table(gasTable(section)), section.note]);
  if (sizes !== undefined) parts.push(["Code sizes", table(sizesTable(sizes)), "Bytes."]);
  if (timings !== undefined) parts.push(["Building the airdrop's tree", table(timingsTable(timings)), machine]);
  return parts.map((part) => part.join("\n\n")).join("\n\n\n");
}

function table({ columns, rows }: Table): string {
  return renderTable(columns, rows);
}

const BEGIN = "<!-- measured: written by `npm run bench -- --write` -->";
const END = "<!-- /measured -->";

/**
 * @param page with one pair of markers
 * @returns what stands between them, without the blank lines around it
 * @throws where a marker is missing
 */
export function measuredPart(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`The page has no pair of markers "${BEGIN}" and "${END}" to write between: put them back.`);
  }
  return page.slice(begin + BEGIN.length, end).trim();
}

/** The page with `part` in place of what stood between the markers. */
export function withMeasuredPart(page: string, part: string): string {
  measuredPart(page);
  return `${page.slice(0, page.indexOf(BEGIN) + BEGIN.length)}\n\n${part}\n\n${page.slice(page.indexOf(END))}`;
}
