import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { runBench } from "../bench/run.js";
import { aboveLimits, slowRows } from "../bench/report.js";
import { ExplainedError } from "../src/deployment/explained-error.js";
import { answer } from "./support/answer.js";
import { build } from "./support/build.js";

interface Arguments {
  only: string;
  timings: boolean;
  write: boolean;
  json: boolean;
}

export default async function benchAction({ only, timings, write, json }: Arguments, hre: HardhatRuntimeEnvironment) {
  const result = await answer(
    json,
    async () => {
      await build(hre);
      const progress = (text: string): void => {
        if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
      };
      try {
        return await runBench(hre, { only, timings, write, progress });
      } finally {
        progress("");
      }
    },
    ({ text }) => text,
  );
  // The figures are shown, and written, before the run fails: whoever looks for the reason needs them.
  const above = result.success ? [...aboveLimits(result.value.gas), ...slowRows(result.value.timings ?? [])] : [];
  if (above.length === 0) return result;
  console.error(above.join("\n"));
  return { success: false, error: new ExplainedError(above.join("\n")) } as const;
}
