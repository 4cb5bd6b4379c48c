import { getAddress, isAddress, type Signer, ZeroAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { isLocalChain } from "../../src/deployment/chains.js";
import { explain } from "../../src/deployment/explain.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { type Deployment, openDeployment } from "../../src/deployment/open.js";
import { plainRefusal } from "../../src/deployment/refusal.js";
import { revertDataOf } from "../../src/deployment/revert.js";
import { Consent, personAt } from "./confirm.js";
import { deploymentDirectory } from "./directory.js";
import { Drafted } from "./drafted.js";
import { AccountSigner, AskingSigner, KeylessSigner } from "./signers.js";

/** A deployment and the account that uses it. */
export interface Session {
  readonly connection: Pick<NetworkConnection, "ethers" | "networkName">;
  readonly deployment: Deployment;
  readonly account: Address;
  /** Undefined when the account is only looked at. */
  readonly signer: Signer | undefined;
  /** Told what is to be expected, in sentences, before anything is sent. */
  readonly announce: (expected: readonly string[]) => void;
  /** Asks before anything is signed; undefined where nobody is to be asked. */
  readonly consent?: Consent | undefined;
  /** Whether calls are written down, and not sent. */
  readonly isDrafting?: boolean;
  /** Milliseconds for which a network that fails to answer is asked again for a transaction that was sent; three minutes unless given. */
  readonly patience?: number;
}

/** What every task that uses a deployment takes. */
export interface SessionArguments {
  readonly account: string;
  readonly deployment: string;
  readonly json: boolean;
}

/** What every task that sends takes beside that. */
export interface SendingArguments extends SessionArguments {
  readonly yes: boolean;
  readonly calldata: boolean;
  readonly safe: string;
}

/**
 * What a command is about to do: look, sign (and send), which is asked about on public networks unless it was said to go on, or write
 * down what it would send.
 */
export type Purpose = "look" | "sign" | "sign without asking" | "draft";

type Opened = Partial<Pick<SessionArguments, "account">> & Omit<SessionArguments, "account">;

/** @returns a connection to look at the chosen network: it needs no key, so none that is not set stands in the way */
export function connectToLook(hre: HardhatRuntimeEnvironment): Promise<NetworkConnection> {
  const network = hre.globalOptions.network ?? "default";
  const isRemote = hre.config.networks[network]?.type === "http";
  return hre.network.create(isRemote ? { network, override: { accounts: "remote" } } : undefined);
}

/**
 * Opens the deployment of the network that was chosen on the command line.
 * @param body what to do with it; failures of network and node that it meets are explained as well
 */
export async function withSession<T>(
  hre: HardhatRuntimeEnvironment,
  input: Opened,
  body: (session: Session) => Promise<T>,
  purpose: Purpose = "look",
): Promise<T> {
  const network = hre.globalOptions.network ?? "default";
  let deployment: Deployment | undefined;
  try {
    const isKeyless = needsNoKey(input, purpose) && hre.config.networks[network]?.type === "http";
    const connection = await (isKeyless ? connectToLook(hre) : hre.network.create());
    deployment = await openDeployment(connection, {
      directory: deploymentDirectory(hre, connection.networkName, input.deployment),
    });
    const session = isKeyless
      ? watching(connection, deployment, input.account)
      : await sessionOf(connection, deployment, input.account ?? "");
    const ready = prepared(session, purpose, input.json);
    // With --json the one document at the end holds what was expected.
    const announce = input.json ? () => undefined : announcing(ready.consent, process.stdout);
    return await body({ ...ready, announce });
  } catch (error) {
    if (error instanceof Drafted) throw error;
    throw refusedBy(deployment, explain(error, { network }));
  }
}

/** @returns what tells of what is expected: beside the answer and, where that is not seen at a terminal, with the question that follows */
export function announcing(
  consent: Consent | undefined,
  output: Pick<NodeJS.WriteStream, "isTTY">,
  print: (text: string) => void = console.log,
): Session["announce"] {
  return (expected) => {
    if (expected.length === 0) return;
    print(`${expected.join("\n")}\n`);
    if (!output.isTTY) consent?.expect(expected);
  };
}

/** Whether nobody has to sign for the account: then its address is enough, and where there is no account nothing is. */
function needsNoKey({ account }: Opened, purpose: Purpose): boolean {
  if (purpose === "draft") return account !== undefined && isAddress(account);
  return purpose === "look" && (account === undefined || isAddress(account));
}

function watching(connection: Session["connection"], deployment: Deployment, account = ZeroAddress): Session {
  const address = getAddress(account) as Address;
  return { connection, deployment, account: address, signer: undefined, announce: () => undefined };
}

/** @returns the session with a signer that does what the command is about to do */
function prepared(session: Session, purpose: Purpose, json: boolean): Session {
  const { connection, deployment, account, signer } = session;
  if (purpose === "draft") {
    if (account === ZeroAddress) {
      throw new ExplainedError("Who is to make the calls is not known: write --account and an address.");
    }
    const recorder = new KeylessSigner(account, connection.ethers.provider);
    return { ...session, signer: recorder, isDrafting: true };
  }
  if (purpose !== "sign" || isLocalChain(deployment.chainId)) return session;
  const consent = new Consent(connection.networkName, json ? undefined : personAt());
  return { ...session, consent, signer: signer && new AskingSigner(signer, consent) };
}

/**
 * @returns for what a contract refused with an error that none of the contracts in sight knew, or with none at all, a sentence; the error
 * itself otherwise
 */
export function refusedBy(deployment: Deployment | undefined, error: unknown): unknown {
  if (error instanceof ExplainedError || !deployment) return error;
  const data = revertDataOf(error);
  if (data === undefined) {
    if (!(error instanceof Error) || !/execution reverted|transaction reverted/i.test(error.message)) return error;
    return new ExplainedError("A contract refuses, and does not say why.", { cause: error });
  }
  for (const { interface: abi } of deployment.all()) {
    const refusal = abi.parseError(data);
    if (refusal) return new ExplainedError(plainRefusal(refusal), { cause: error });
  }
  return new ExplainedError(
    `A contract refuses with the error ${data.slice(0, 10)}, which no contract of the deployment has.`,
    { cause: error },
  );
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
  const signing = (signer: Signer): Signer => new AccountSigner(signer, connection.ethers.provider);
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
    return { connection, deployment, account: signer.address as Address, signer: signing(signer), announce };
  }
  if (!isAddress(account)) {
    throw new ExplainedError(
      `--account is "${account}": write an index such as 0, or an address with its checksum or in lower case.`,
    );
  }
  const address = getAddress(account) as Address;
  const own = signers.find((signer) => signer.address === address);
  return { connection, deployment, account: address, signer: own && signing(own), announce };
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
