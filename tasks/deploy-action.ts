import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { isLocalChain } from "../src/deployment/chains.js";
import { DEPLOYABLE, type Deployable, deploy, type DeployOptions, planDeployment } from "../src/deployment/deploy.js";
import { explain } from "../src/deployment/explain.js";
import { ExplainedError } from "../src/deployment/explained-error.js";
import type { Address } from "../src/deployment/folder.js";
import type { Plan } from "../src/deployment/plan.js";
import { renderTable } from "../src/format.js";
import { costOf, describeRoles, describeSteps, linesToConfirm } from "./deploy-plan.js";
import { answer } from "./support/answer.js";
import { build } from "./support/build.js";
import { confirmAtTerminal, personAt } from "./support/confirm.js";
import { deploymentDirectory } from "./support/directory.js";

interface Arguments {
  economy: string;
  parameters: string;
  account: string;
  deployment: string;
  track: string;
  dryRun: boolean;
  yes: boolean;
  json: boolean;
}

/** What a run did, or would do. */
type Outcome =
  | {
      readonly network: string;
      readonly chainId: bigint;
      readonly folder: string | undefined;
      readonly transactions: number;
      readonly contracts: ReadonlyMap<string, Address>;
      readonly isCompared: boolean;
    }
  | { readonly network: string; readonly plan: Plan | undefined };

export default async function deployAction(input: Arguments, hre: HardhatRuntimeEnvironment) {
  const { economy, parameters, account, deployment: id, track, dryRun, yes, json } = input;
  return answer(
    json,
    async (): Promise<Outcome> => {
      if (!(DEPLOYABLE as readonly string[]).includes(economy)) {
        throw new ExplainedError(`--economy is "${economy}": use one of ${DEPLOYABLE.join(", ")}.`);
      }
      if (dryRun && track !== "") {
        throw new ExplainedError("--track writes to the journal, and --dry-run writes nothing: give one of them.");
      }
      await build(hre);
      const network = hre.globalOptions.network ?? "default";
      const connection = await hre.network.create().catch((error: unknown) => {
        throw explain(error, { network });
      });
      const inProcess = connection.networkConfig.type === "edr-simulated";
      const directory = inProcess ? undefined : deploymentDirectory(hre, connection.networkName, id);
      const options: DeployOptions = {
        economy: economy as Deployable,
        parameters: parameters === "" ? undefined : parameters,
        account,
        track: track === "" ? undefined : track,
        directory,
        confirm: yes ? undefined : (plan) => confirm(connection, plan, json),
        onProgress: json
          ? undefined
          : (line) => {
              console.log(line);
            },
      };
      if (dryRun) return { network: connection.networkName, plan: await planDeployment(hre, connection, options) };
      const { deployment, transactions, isCompared } = await deploy(hre, connection, options);
      return {
        network: connection.networkName,
        chainId: deployment.chainId,
        folder: directory,
        transactions: transactions.length,
        contracts: deployment.addresses,
        isCompared,
      };
    },
    describe,
  );
}

/** @throws ExplainedError unless whoever deploys to a public network wants what is going to happen */
async function confirm({ networkName: network }: NetworkConnection, plan: Plan, json: boolean): Promise<void> {
  if (isLocalChain(plan.chainId)) return;
  const question = { network, lines: linesToConfirm(plan), question: "Deploy it?" };
  await confirmAtTerminal(question, json ? undefined : personAt());
}

function describe(outcome: Outcome): string {
  if ("plan" in outcome) return describePlan(outcome.network, outcome.plan);
  const { network, chainId, folder, transactions, contracts, isCompared } = outcome;
  return [
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
      : `Every transaction is in the chain, every contract has the code of this build${isCompared ? ", contracts know each other as in the rehearsal, and nobody has another right than there" : ""}. ` +
        `Addresses, ABIs, compiler input and journal are in ${folder}.`,
  ].join("\n");
}

function describePlan(network: string, plan: Plan | undefined): string {
  if (!plan) return `Everything stands already on network "${network}": nothing would be sent.`;
  return [
    "",
    describeSteps(plan),
    ...costOf(plan),
    "",
    describeRoles(plan),
    "",
    "Nothing was sent, and nothing was written. Run the same command without --dry-run to deploy.",
  ].join("\n");
}
