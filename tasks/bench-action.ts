import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { runBench } from "../bench/run.js";
import { answer } from "./support/answer.js";

interface Arguments {
  only: string;
  timings: boolean;
  write: boolean;
  json: boolean;
}

export default async function benchAction({ only, timings, write, json }: Arguments, hre: HardhatRuntimeEnvironment) {
  return answer(
    json,
    async () => {
      await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
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
}
