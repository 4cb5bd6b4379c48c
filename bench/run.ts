/** One run of the bench: measures, renders and, if asked, writes the pages under `docs/`. */

import { readFile, writeFile } from "node:fs/promises";
import { arch, cpus, platform, totalmem } from "node:os";
import { join } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { ExplainedError } from "../src/deployment/explained-error.js";
import { GAS_SECTION_IDS, type GasSectionId, measureGas } from "./gas.js";
import { writePrebuilt } from "./prebuilt.js";
import { gasMarkdown, renderReport, sizesMarkdown, timingsMarkdown, withMeasuredPart } from "./render.js";
import type { CodeSize, GasSection, Report, TimingRow } from "./report.js";
import { codeSizes } from "./sizes.js";

/** What to measure and what to do with it. */
export interface BenchOptions {
  /** One part, or everything where it is empty. */
  readonly only: string;
  readonly timings: boolean;
  readonly write: boolean;
  /** Told what is being measured. */
  readonly progress: (text: string) => void;
}

/** A report and the same as text; `machine` says where the timings were taken. */
export interface BenchResult extends Report {
  readonly machine: string;
  readonly text: string;
}

/** The machine that the timings come from. */
function describeMachine(now: Date): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return (
    `Measured on ${now.toISOString().slice(0, 10)}: ${model}, ${processors.length} cores, ` +
    `${memory} GiB of memory, ${platform()} ${arch()}, Node ${process.versions.node}.`
  );
}

/** The measured part of `docs/gas.md`. */
export function gasPage(sections: readonly GasSection[], sizes: readonly CodeSize[]): string {
  return [...sections.map(gasMarkdown), sizesMarkdown(sizes)].join("\n\n");
}

async function rewrite(path: string, part: string): Promise<void> {
  await writeFile(path, withMeasuredPart(await readFile(path, "utf8"), part));
}

/**
 * @throws ExplainedError where the options name no part, or a part where the whole page would be written
 */
export async function runBench(hre: HardhatRuntimeEnvironment, options: BenchOptions): Promise<BenchResult> {
  const { only, write, progress } = options;
  const parts: string[] = [...GAS_SECTION_IDS, "sizes", "timings"];
  if (only !== "" && !parts.includes(only)) {
    throw new ExplainedError(`--only is "${only}": use one of ${parts.join(", ")}.`);
  }
  if (only !== "" && write) {
    throw new ExplainedError("--write writes whole pages: leave --only out, or leave --write out.");
  }
  const wanted = (part: string): boolean => only === "" || only === part;

  const gas: GasSection[] = [];
  for (const id of GAS_SECTION_IDS.filter((id: GasSectionId) => wanted(id))) {
    progress(`Measuring the gas of ${id} …`);
    gas.push(await measureGas(hre, id));
  }
  const sizes = wanted("sizes") ? await codeSizes(hre) : undefined;
  let timings: readonly TimingRow[] | undefined;
  if (wanted("timings") && (options.timings || only === "timings")) {
    progress("Timing the building of trees and the counting of logs, some minutes …");
    const { measureTimings } = await import("./timings.js");
    timings = await measureTimings();
  }

  const machine = describeMachine(new Date());
  const docs = join(hre.config.paths.root, "docs");
  if (write) {
    await writePrebuilt();
    await rewrite(join(docs, "gas.md"), gasPage(gas, sizes ?? []));
    if (timings !== undefined) await rewrite(join(docs, "performance.md"), timingsMarkdown(timings, machine));
  }
  const report: Report = {
    gas,
    ...(sizes === undefined ? {} : { sizes }),
    ...(timings === undefined ? {} : { timings }),
  };
  return { ...report, machine, text: renderReport(report, machine) };
}
