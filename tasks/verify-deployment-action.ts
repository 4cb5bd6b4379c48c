import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { explain } from "../src/deployment/explain.js";
import { ExplainedError } from "../src/deployment/explained-error.js";
import { renderTable } from "../src/format.js";
import { type Explorer, EXPLORERS, type PublishedContract, publishSources } from "../src/verification/explorers.js";
import { answer } from "./support/answer.js";
import { build } from "./support/build.js";
import { deploymentDirectory } from "./support/directory.js";
import { connectToLook } from "./support/session.js";
import { economiesOf } from "./support/economies.js";

interface Arguments {
  explorer: string;
  economy: string;
  deployment: string;
  json: boolean;
}

interface Published {
  readonly network: string;
  readonly contracts: readonly PublishedContract[];
  readonly verified: boolean;
}

export default async function verifyDeploymentAction(
  { explorer, economy, deployment: id, json }: Arguments,
  hre: HardhatRuntimeEnvironment,
): Promise<Result<Published, Error>> {
  const answered = await answer(
    json,
    async (): Promise<Published> => {
      const [explorers, economies] = [explorersOf(explorer), economiesOf(economy)];
      await build(hre);
      const network = hre.globalOptions.network ?? "default";
      try {
        const connection = await connectToLook(hre);
        const contracts = await onStandardError(() =>
          publishSources(hre, connection, {
            directory: deploymentDirectory(hre, connection.networkName, id),
            economies,
            explorers,
            onProgress: (line) => {
              console.log(line);
            },
          }),
        );
        return { network, contracts, verified: contracts.every(({ failure }) => failure === undefined) };
      } catch (error) {
        throw explain(error, { network });
      }
    },
    describe,
  );
  if (!answered.success || answered.value.verified) return answered;
  // The table is printed already, and says what is wrong: all that is left is the exit code.
  return { success: false, error: new Error("Not every contract could be verified.") };
}

/** @throws ExplainedError if there is none of that name */
function explorersOf(explorer: string): readonly Explorer[] {
  if (explorer === "all") return EXPLORERS;
  const known = EXPLORERS.find((name) => name === explorer);
  if (known) return [known];
  throw new ExplainedError(`--explorer is "${explorer}": use one of ${EXPLORERS.join(", ")}, or all.`);
}

/** The plugin tells of its work on standard output, which is for the table or the JSON document at the end. */
async function onStandardError<T>(body: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = console.error;
  try {
    return await body();
  } finally {
    console.log = log;
  }
}

function describe({ network, contracts, verified }: Published): string {
  const failures = contracts.flatMap(({ explorer, economy, name, failure }) =>
    failure === undefined ? [] : [`  ${explorer}, ${economy}.${name}: ${failure}`],
  );
  return [
    renderTable(
      ["contract", "address", "explorer", "source"].map((title) => ({ title, align: "left" as const })),
      contracts.map(({ economy, name, address, explorer, failure }) => [
        `${economy}.${name}`,
        address,
        explorer,
        failure === undefined ? "verified" : "failed",
      ]),
    ),
    "",
    ...(failures.length === 0 ? [] : ["What failed:", ...failures, ""]),
    verified
      ? `Every contract on network "${network}" is verified.`
      : "Run the same command again for those that failed: what is verified stays so.",
  ].join("\n");
}
