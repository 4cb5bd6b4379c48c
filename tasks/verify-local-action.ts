import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { explain } from "../src/deployment/explain.js";
import { describeReport } from "../src/verification/report.js";
import { verifyDeployment, type VerificationReport } from "../src/verification/verify.js";
import { answer } from "./support/answer.js";
import { deploymentDirectory } from "./support/directory.js";
import { connectToLook } from "./support/session.js";
import { economiesOf } from "./support/economies.js";

interface Arguments {
  economy: string;
  deployment: string;
  built: boolean;
  json: boolean;
}

export default async function verifyLocalAction(
  { economy, deployment: id, built, json }: Arguments,
  hre: HardhatRuntimeEnvironment,
): Promise<Result<VerificationReport, Error>> {
  const answered = await answer(
    json,
    async () => {
      const economies = economiesOf(economy);
      const network = hre.globalOptions.network ?? "default";
      try {
        const connection = await connectToLook(hre);
        return await verifyDeployment(hre, connection, {
          directory: deploymentDirectory(hre, connection.networkName, id),
          economies,
          root: hre.config.paths.root,
          built,
          onProgress: process.stderr.isTTY
            ? (line) => {
                console.error(line);
              }
            : undefined,
        });
      } catch (error) {
        throw explain(error, { network });
      }
    },
    describeReport,
  );
  if (!answered.success || answered.value.exact) return answered;
  // The report is printed already, and says what is wrong: all that is left is the exit code.
  return { success: false, error: new Error("Not every contract is proven to be this source.") };
}
