import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";

import hre from "hardhat";

import type { Economy } from "../../src/deployment/contracts.js";
import { deploy } from "../../src/deployment/deploy.js";
import type { Address } from "../../src/deployment/folder.js";
import { openDeployment } from "../../src/deployment/open.js";
import { Consent, personAt } from "../../tasks/support/confirm.js";
import { type Draft, Drafted } from "../../tasks/support/drafted.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";
import { AskingSigner, KeylessSigner } from "../../tasks/support/signers.js";
import { type Anvil, rpc, startAnvil } from "./anvil.js";
import { type Recorded, recorded, recordedOn } from "./tasks.js";

const { config, network } = hre;

const folderOf = (id: string): string => join(config.paths.root, "deployments", id);

function connect({ url }: Anvil) {
  return network.create({ network: "localhost", override: { url } });
}

const timeOf = async ({ url }: Anvil): Promise<number> =>
  Number(((await rpc(url, "eth_getBlockByNumber", "pending", false)) as { readonly timestamp: string }).timestamp);

/** Deployments on a public chain. */
export interface PublicChain {
  readonly anvil: Anvil;
  readonly deployments: readonly Recorded[];
  /** @param deployment its place among `deployments` */
  session(deployment: number, account: string): Promise<Session>;
  /** Goes on as another chain, with the same state and records. */
  become(chainId: bigint): Promise<void>;
  remove(): Promise<void>;
}

function changeRecord(id: string, changes: object): void {
  const file = join(folderOf(id), "chain.json");
  const record = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...record, ...changes }));
}

/**
 * Deploys economies to a local chain, whose state then goes on as a public one: a deployment to that would wait five blocks for each
 * of its steps.
 */
export async function publicChain(chainId: number, ...economies: readonly Economy[]): Promise<PublicChain> {
  const [local, anvil] = await Promise.all([recorded("xme"), startAnvil("--chain-id", String(chainId))]);
  const ids = economies.map((economy, i) => `${economy}-${String(i)}-public-by-test-${String(process.pid)}`);
  const connection = await connect(local.anvil);
  for (const [i, economy] of economies.entries()) {
    const directory = folderOf(ids[i] as string);
    if (economy === "xme") cpSync(folderOf(local.id), directory, { recursive: true });
    else await deploy(hre, connection, { economy, directory });
  }
  await rpc(anvil.url, "anvil_loadState", await rpc(local.anvil.url, "anvil_dumpState"));
  const ahead = (await timeOf(local.anvil)) - (await timeOf(anvil));
  if (ahead > 0) await rpc(anvil.url, "evm_increaseTime", ahead);
  await local.remove();
  const { hash } = (await rpc(anvil.url, "eth_getBlockByNumber", "0x0", false)) as { hash: string };
  for (const id of ids) changeRecord(id, { chainId, genesisHash: hash });
  const deployments = ids.map((id) => recordedOn(anvil, id));
  return {
    async become(other) {
      await rpc(anvil.url, "anvil_setChainId", Number(other));
      for (const id of ids) changeRecord(id, { chainId: Number(other) });
    },
    anvil,
    deployments,
    async session(deployment, account) {
      const there = await connect(anvil);
      const directory = folderOf(ids[deployment] as string);
      return sessionOf(there, await openDeployment(there, { directory }), account);
    },
    async remove() {
      for (const deployment of deployments) await deployment.remove();
    },
  };
}

/** A terminal at which somebody answers each question in turn; after the last the input ends. */
export function terminal(...answers: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  const left = [...answers];
  let shown = "";
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    if (!chunk.toString().endsWith("[y/N] ")) return;
    const answer = left.shift();
    if (answer === undefined) input.end();
    else input.write(`${answer}\n`);
  });
  return { person: personAt({ input, output }), shown: () => shown };
}

/** A session in which somebody is asked before anything is signed. */
export function asked(session: Session, ...answers: readonly string[]) {
  const { person, shown } = terminal(...answers);
  const consent = new Consent("baseSepolia", person);
  const told: string[] = [];
  const asking: Session = {
    ...session,
    consent,
    signer: session.signer && new AskingSigner(session.signer, consent),
    announce: (lines) => void told.push(...lines),
  };
  return { asking, shown, told };
}

/** The calls that a flow would make for an account whose key nobody has. */
export async function drafted(
  session: Session,
  account: string,
  flow: (session: Session) => Promise<unknown>,
): Promise<Draft> {
  const signer = new KeylessSigner(account, session.connection.ethers.provider);
  const keyless: Session = { ...session, account: account as Address, signer, isDrafting: true };
  const failure = await flow(keyless).catch((error: unknown) => error);
  if (failure instanceof Drafted) return failure.draft;
  throw failure;
}
