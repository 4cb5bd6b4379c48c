import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { DEPLOYABLE, type Deployable, deploy } from "../src/deployment/deploy.js";
import { explain } from "../src/deployment/explain.js";
import { ExplainedError } from "../src/deployment/explained-error.js";
import { renderTable } from "../src/format.js";
import { answer } from "./support/answer.js";
import { deploymentDirectory } from "./support/directory.js";

interface Arguments {
  economy: string;
  parameters: string;
  deployment: string;
  track: string;
  json: boolean;
}

export default async function deployAction(
  { economy, parameters, deployment: id, track, json }: Arguments,
  hre: HardhatRuntimeEnvironment,
) {
  return answer(
    json,
    async () => {
      if (!(DEPLOYABLE as readonly string[]).includes(economy)) {
        throw new ExplainedError(`--economy is "${economy}": use one of ${DEPLOYABLE.join(", ")}.`);
      }
      await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
      const network = hre.globalOptions.network ?? "default";
      const connection = await hre.network.create().catch((error: unknown) => {
        throw explain(error, { network });
      });
      const inProcess = connection.networkConfig.type === "edr-simulated";
      const directory = inProcess ? undefined : deploymentDirectory(hre, connection.networkName, id);
      const { deployment, transactions } = await deploy(hre, connection, {
        economy: economy as Deployable,
        parameters: parameters === "" ? undefined : parameters,
        track: track === "" ? undefined : track,
        directory,
        onProgress: json
          ? undefined
          : (line) => {
              console.log(line);
            },
      });
      return {
        network: connection.networkName,
        chainId: deployment.chainId,
        folder: directory,
        transactions: transactions.length,
        contracts: deployment.addresses,
      };
    },
    ({ network, chainId, folder, transactions, contracts }) =>
      [
        "",
        renderTable(
          [
            { title: "contract", align: "left" },
            { title: "address", align: "left" },
          ],
          [...contracts],
        ),
        "",
        `${transactions === 0 ? "Everything stood already: no transaction was sent" : `${String(transactions)} transaction${transactions === 1 ? "" : "s"}`} on network "${network}" (chain ${String(chainId)}).`,
        folder === undefined
          ? "This chain ends with the command: nothing was written. To keep it, run `hardhat node` and add --network localhost."
          : `Addresses, ABIs, compiler input and journal are in ${folder}.`,
      ].join("\n"),
  );
}
