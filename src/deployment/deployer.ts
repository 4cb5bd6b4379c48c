import { getAddress, isAddress } from "ethers";

import type { RpcProvider } from "./chains.js";
import { ExplainedError } from "./explained-error.js";
import type { Address, DeploymentFolder } from "./folder.js";
import { moduleNamed, readProgress } from "./journal.js";

/** The account of a deployment. */
export interface Deployer {
  readonly address: Address;
  /** The same as the network spells it, or the journal: Ignition takes another spelling for another account. */
  readonly spelled: Address;
  /** Whether the network signs for it; where everything stands, nobody has to. */
  readonly signs: boolean;
  /** What the network signs for that was asked for, or comes first. */
  readonly own: Address;
}

/**
 * Who deploys: who began it, since every step of a deployment is of one account, or else the account that is asked for.
 * @param account an index among the network's accounts, or an address; the first one if empty
 * @param modules whose steps on record say who began
 * @throws ExplainedError if the network has no such account
 */
export async function chooseDeployer(
  { provider, networkName: network }: { readonly provider: RpcProvider; readonly networkName: string },
  account: string,
  folder: DeploymentFolder | undefined,
  modules: readonly string[],
): Promise<Deployer> {
  const given = (await provider.request({ method: "eth_accounts" })) as readonly Address[];
  const accounts = given.map((one) => getAddress(one) as Address);
  const own = ownAccount(accounts, account, network);
  const senders = folder ? sendersOf(folder, modules) : new Map<Address, Address>();
  if (folder && senders.size > 1) {
    throw new ExplainedError(
      `What the deployment in ${folder.path} has of this is of several accounts (${[...senders.keys()].join(", ")}), and Ignition goes on with ` +
        `those of one alone: deploy one economy at a time with --economy. Nothing was sent.`,
    );
  }
  const [began] = senders;
  if (began === undefined) return { address: own, spelled: given[accounts.indexOf(own)] ?? own, signs: true, own };
  const [address, spelled] = began;
  return { address, spelled, signs: accounts.includes(address) && (account === "" || own === address), own };
}

/** @throws ExplainedError if a step is still to come, and the network would send it from another account than the steps before */
export function checkSigns({ address, own, signs }: Deployer, network: string, folder: string | undefined): void {
  if (signs) return;
  throw new ExplainedError(
    `The deployment in ${folder ?? "memory"} was begun by ${address}, and what is left of it must come from that account, but network ` +
      `"${network}" signs for ${own} here: set the key of ${address}, or give another folder with --deployment to start anew. ` +
      `Nothing was sent.`,
  );
}

function ownAccount(accounts: readonly Address[], account: string, network: string): Address {
  const [first] = accounts;
  if (first === undefined) {
    throw new ExplainedError(
      `Network "${network}" has no account to deploy from: give it a key under \`accounts\` in hardhat.config.ts.`,
    );
  }
  if (account === "") return first;
  if (!/^\d{1,6}$/.test(account) && !isAddress(account)) {
    throw new ExplainedError(
      `--account is "${account}": write an index such as 0, or an address with its checksum or in lower case.`,
    );
  }
  const chosen = isAddress(account) ? accounts.find((one) => one === getAddress(account)) : accounts[Number(account)];
  if (chosen !== undefined) return chosen;
  const many =
    accounts.length === 1 ? `only the account ${first}` : `${String(accounts.length)} accounts, counted from 0`;
  throw new ExplainedError(`--account is ${account}, but network "${network}" has ${many}: choose one of these.`);
}

/** Who sent steps of modules, as far as the journal tells, and how it spells them. What was not sent may come from another one. */
function sendersOf(folder: DeploymentFolder, modules: readonly string[]): ReadonlyMap<Address, Address> {
  const senders = new Map<Address, Address>();
  if (!folder.isStarted) return senders;
  for (const [future, { stage, sender }] of readProgress(folder)) {
    if (!modules.includes(moduleNamed(future)) || sender === undefined) continue;
    if (stage === "sent" || stage === "confirmed") senders.set(getAddress(sender) as Address, sender);
  }
  return senders;
}
