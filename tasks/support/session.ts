import { getAddress, isAddress, type Signer, ZeroAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { explain } from "../../src/deployment/explain.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { type Deployment, openDeployment } from "../../src/deployment/open.js";
import { deploymentDirectory } from "./directory.js";

/** A deployment and the account that uses it. */
export interface Session {
  readonly connection: Pick<NetworkConnection, "ethers" | "networkName">;
  readonly deployment: Deployment;
  readonly account: Address;
  /** Undefined when the account is only looked at. */
  readonly signer: Signer | undefined;
  /** Told what is to be expected, in sentences, before anything is sent. */
  readonly announce: (expected: readonly string[]) => void;
}

/** What every task that uses a deployment takes. */
export interface SessionArguments {
  readonly account: string;
  readonly deployment: string;
  readonly json: boolean;
}

/**
 * Opens the deployment of the network that was chosen on the command line.
 * @param body what to do with it; failures of network and node that it meets are explained as well
 */
export async function withSession<T>(
  hre: HardhatRuntimeEnvironment,
  {
    account = "",
    deployment: id,
    json,
  }: Partial<Pick<SessionArguments, "account">> & Omit<SessionArguments, "account">,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const network = hre.globalOptions.network ?? "default";
  try {
    const connection = await hre.network.create();
    const deployment = await openDeployment(connection, {
      directory: deploymentDirectory(hre, connection.networkName, id),
    });
    // With --json the one document at the end holds what was expected.
    const announce = (expected: readonly string[]): void => {
      if (!json) console.log(`${expected.join("\n")}\n`);
    };
    return await body({ ...(await sessionOf(connection, deployment, account)), announce });
  } catch (error) {
    throw explain(error, { network });
  }
}

/**
 * @param account an index among the network's accounts, or an address; the first account if empty
 * @returns a session that announces nothing
 * @throws ExplainedError if there is no such account
 */
export async function sessionOf(
  connection: Session["connection"],
  deployment: Deployment,
  account: string,
): Promise<Session> {
  const signers = await connection.ethers.getSigners();
  const announce = (): void => undefined;
  if (account === "" && signers.length === 0) {
    return { connection, deployment, account: ZeroAddress as Address, signer: undefined, announce };
  }
  if (/^\d{0,6}$/.test(account)) {
    const signer = signers[Number(account)];
    if (!signer) {
      throw new ExplainedError(
        signers.length === 0
          ? `Network "${connection.networkName}" has no account of yours: set its key (see .env.example).`
          : `--account is ${account}, but network "${connection.networkName}" has ${String(signers.length)} accounts, counted from 0.`,
      );
    }
    return { connection, deployment, account: signer.address as Address, signer, announce };
  }
  if (!isAddress(account)) {
    throw new ExplainedError(
      `--account is "${account}": write an index such as 0, or an address with its checksum or in lower case.`,
    );
  }
  const address = getAddress(account) as Address;
  const own = signers.find((signer) => signer.address === address);
  return { connection, deployment, account: address, signer: own, announce };
}

/** @throws ExplainedError if nobody here can sign for the session's account. */
export function signerOf({ signer, account, connection }: Session): Signer {
  if (!signer) {
    throw new ExplainedError(
      `Network "${connection.networkName}" has no key of ${account}, so nothing can be sent for it: choose one of its own ` +
        `accounts with --account, or set that key.`,
    );
  }
  return signer;
}

/** @returns the time of the latest block, in seconds. */
export async function chainTime({ connection }: Pick<Session, "connection">): Promise<bigint> {
  const block = await connection.ethers.provider.getBlock("latest");
  if (!block) throw new ExplainedError(`Network "${connection.networkName}" has no block yet.`);
  return BigInt(block.timestamp);
}
