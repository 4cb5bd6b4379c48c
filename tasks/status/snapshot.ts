import { ZeroAddress } from "ethers";

import { pinnedTo } from "../../src/chain/pinned.js";
import type { AccountNames } from "../../src/deployment/authority.js";
import { mayCarryValue } from "../../src/deployment/chains.js";
import { type ContractRecord, CONTRACTS, ECONOMIES, type Economy } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { deployCommand, type Deployment } from "../../src/deployment/open.js";
import type { Session } from "../support/session.js";
import { attentionTo } from "./attention.js";
import { History } from "./history.js";
import { type RankState, readRank } from "./rank.js";
import { readRoles, roleSources, type Roles } from "./roles.js";
import { readXe, type XeState, xeSources } from "./xe.js";
import { readXme, type XmeState, xmeSources } from "./xme.js";
import { readXp, type XpState } from "./xp.js";

/** Where a deployment stood in one block. */
export interface Standings {
  readonly network: string;
  readonly chainId: bigint;
  /** The deployment's folder under deployments/. */
  readonly deployment: string;
  readonly block: number;
  /** Of that block, in seconds. */
  readonly time: bigint;
  /** Economies that were begun, and not all of whose contracts stand. */
  readonly incomplete: readonly Economy[];
  /** Economies that stand as a whole, and that nobody has found to be as their rehearsal was. */
  readonly uncompared: readonly Economy[];
  /** Whether what is there may be worth something. */
  readonly mayCarryValue: boolean;
  readonly rank?: RankState;
  readonly xme?: XmeState;
  readonly xp?: XpState;
  readonly xe?: XeState;
  readonly roles: Roles;
  /** Who deployed, where that is on record. */
  readonly deployer: Address | undefined;
}

export interface Snapshot extends Standings {
  /** What needs somebody's attention, in sentences. */
  readonly attention: readonly string[];
}

export interface SnapshotOptions {
  /** One economy, or "suite" for all that stand. */
  readonly economy: string;
  readonly deployment: string;
  readonly deployer?: Address | undefined;
  readonly accounts?: AccountNames;
  /** Economies that the deployment's folder says were begun and not ended. */
  readonly unfinished?: readonly Economy[];
}

const ALL = "suite";

/** Reads all of a deployment, or one of its economies, as it stands in the latest block: `hardhat status`. */
export async function readSnapshot(session: Session, options: SnapshotOptions): Promise<Snapshot> {
  const { connection, deployment } = session;
  const chosen = chosenOf(deployment, options);
  const provider = connection.ethers.provider;
  const head = await provider.getBlock("latest");
  if (!head) throw new ExplainedError(`Network "${connection.networkName}" has no block yet.`);
  const then = pinnedTo(provider, head.number);
  const pinned: Session = {
    ...session,
    account: ZeroAddress as Address,
    signer: undefined,
    connection: { networkName: connection.networkName, ethers: { ...connection.ethers, provider: then } },
    deployment: deployment.connect(then),
  };
  const standings = await readStandings(pinned, chosen, head.number, BigInt(head.timestamp), options);
  const after = await provider.getBlock(head.number);
  if (after?.hash !== head.hash) {
    throw new ExplainedError(
      `The chain replaced block ${String(head.number)} while it was read: run the command again.`,
    );
  }
  return { ...standings, attention: attentionTo(standings) };
}

/** @throws ExplainedError if there is no such economy, or none that stands */
function chosenOf(deployment: Deployment, { economy, deployment: id }: SnapshotOptions): readonly Economy[] {
  if (economy !== ALL) {
    if (!(ECONOMIES as readonly string[]).includes(economy)) {
      throw new ExplainedError(`--economy is "${economy}": use one of ${[...ECONOMIES, ALL].join(", ")}.`);
    }
    // Reading one that does not stand says how to deploy it.
    const one = economy as Economy;
    return deployment[one] ? [one] : [];
  }
  const standing = ECONOMIES.filter((one) => deployment.has(one));
  if (standing.length > 0) return standing;
  const begun = ECONOMIES.filter((one) => isBegun(deployment, one));
  throw new ExplainedError(
    `No economy of this deployment on network "${deployment.networkName}" is complete: ` +
      (begun.length === 0
        ? "nothing of one stands."
        : `${begun.map((one) => `\`${deployCommand(one, deployment.networkName, id)}\``).join(" and ")} goes on.`),
  );
}

async function readStandings(
  session: Session,
  chosen: readonly Economy[],
  block: number,
  time: bigint,
  { deployment: id, deployer, accounts = new Map(), unfinished = [] }: SnapshotOptions,
): Promise<Standings> {
  const { connection, deployment } = session;
  const has = (economy: Economy): boolean => chosen.includes(economy);
  const sources = [
    ...(has("xme") ? xmeSources(session) : []),
    ...(has("xe") ? xeSources(session) : []),
    ...roleSources(session, chosen),
  ];
  const history = await History.read(connection.ethers.provider, sources, deployment.startBlock, block);
  const [rank, xme, xp, xe, roles] = await Promise.all([
    has("rank") ? readRank(session) : undefined,
    has("xme") ? readXme(session, history, time) : undefined,
    has("xp") ? readXp(session) : undefined,
    has("xe") ? readXe(session, history, time) : undefined,
    readRoles(session, chosen, history, time, accounts),
  ]);
  return {
    network: connection.networkName,
    chainId: deployment.chainId,
    deployment: id,
    block,
    time,
    incomplete: ECONOMIES.filter((economy) => isBegun(deployment, economy) && !deployment.has(economy)),
    uncompared: unfinished.filter((economy) => deployment.has(economy)),
    mayCarryValue: mayCarryValue(deployment.chainId),
    ...(rank ? { rank } : {}),
    ...(xme ? { xme } : {}),
    ...(xp ? { xp } : {}),
    ...(xe ? { xe } : {}),
    roles,
    deployer,
  };
}

/** Whether any contract of an economy's own is on record. */
function isBegun({ addresses }: Deployment, economy: Economy): boolean {
  const records = Object.values(CONTRACTS[economy]) as readonly ContractRecord[];
  return records.some(({ future, foreign }) => foreign !== true && addresses.has(future));
}
