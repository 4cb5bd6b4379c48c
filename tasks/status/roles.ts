import { type BaseContract, id, ZeroAddress, ZeroHash } from "ethers";

import type { AccountNames } from "../../src/deployment/authority.js";
import { CONTRACTS, type Economy } from "../../src/deployment/contracts.js";
import type { Address } from "../../src/deployment/folder.js";
import type { AccessManager, TimelockController } from "../../typechain-types/index.js";
import type { Session } from "../support/session.js";
import { printable } from "../support/text.js";
import type { History, Source } from "./history.js";

/** A role of somebody. */
export interface Right {
  readonly role: string;
  /** The contract that keeps the role. */
  readonly at: string;
  /** What the role is for, where the chain says so: "AdSettlement.settle". */
  readonly may: readonly string[];
  /** Seconds between saying so and doing, by the rule of who keeps the role. */
  readonly delay: bigint;
  /** From when on; zero where it is so already. */
  readonly from: bigint;
}

/** Somebody, and all roles that it has. */
export interface Holder {
  /** Undefined where anybody has the role. */
  readonly address: Address | undefined;
  readonly name: string;
  /** Whether it is a contract of the deployment. */
  readonly isOurs: boolean;
  readonly rights: readonly Right[];
}

const MANAGER_EVENTS = ["RoleGranted", "RoleLabel", "TargetFunctionRoleUpdated", "TargetClosed"] as const;
const ADMIN_ROLE = 0n;
const PUBLIC_ROLE = 2n ** 64n - 1n;
const TIMELOCK_ROLES: ReadonlyMap<string, string> = new Map([
  [ZeroHash, "admin"],
  ...["PROPOSER", "EXECUTOR", "CANCELLER"].map((name) => [id(`${name}_ROLE`), name.toLowerCase()] as const),
]);

interface Keepers {
  readonly managers: readonly AccessManager[];
  readonly timelocks: readonly TimelockController[];
}

function keepersOf({ deployment }: Session, economies: readonly Economy[]): Keepers {
  const has = (economy: Economy): boolean => economies.includes(economy);
  return {
    managers: [
      ...(has("xme") ? [deployment.xme.accessManager] : []),
      ...(has("xp") ? [deployment.xp.accessManager] : []),
      ...(has("xe") ? [deployment.xe.accessManager] : []),
    ],
    timelocks: [...(has("xme") ? [deployment.xme.timelock] : []), ...(has("xe") ? [deployment.xe.timelock] : [])],
  };
}

export function roleSources(session: Session, economies: readonly Economy[]): readonly Source[] {
  const { managers, timelocks } = keepersOf(session, economies);
  return [
    ...managers.map((contract) => ({ contract, events: MANAGER_EVENTS })),
    ...timelocks.map((contract) => ({ contract, events: ["RoleGranted"] })),
  ];
}

/** A right before it is put under the name of who has it. */
interface Held extends Right {
  readonly holder: string;
}

export interface Roles {
  readonly holders: readonly Holder[];
  /** Contracts whose restricted functions are closed to everybody. */
  readonly closed: readonly string[];
  /** Contracts that answer to another authority than the deployment's AccessManagers, and to which: their roles are not among these. */
  readonly strayed: readonly { readonly contract: string; readonly authority: string }[];
}

/** What an AccessManager governs can be given to another, and then everything that is said of roles here is said of the wrong one. */
async function strayedFrom(
  { deployment }: Session,
  economies: readonly Economy[],
  managers: readonly AccessManager[],
  nameAt: (contract: BaseContract) => string,
): Promise<Roles["strayed"]> {
  const own = new Set(managers.map(({ target }) => String(target).toLowerCase()));
  const governed = economies.flatMap((economy) =>
    Object.keys(CONTRACTS[economy])
      .map((name) => deployment.contract(economy, name) as BaseContract | undefined)
      .filter((contract): contract is BaseContract => contract?.interface.hasFunction("authority()") === true),
  );
  const found = await Promise.all(
    governed.map(async (contract) => ({
      contract: nameAt(contract),
      authority: (await contract.getFunction("authority()").staticCall()) as string,
    })),
  );
  return found.filter(({ authority }) => !own.has(authority.toLowerCase()));
}

/**
 * Reads who has which role: accounts that were ever given one from the events, whether they have it still from the contracts, which cannot list
 * them. What `hardhat roles` finds out by calling every function is not asked for here.
 */
export async function readRoles(
  session: Session,
  economies: readonly Economy[],
  history: History,
  time: bigint,
  accounts: AccountNames,
): Promise<Roles> {
  const { deployment } = session;
  const labels = new Map(
    [...deployment.addresses].map(([future, address]) => [address.toLowerCase(), future.split("#")[1] ?? future]),
  );
  const people = new Map([...accounts].map(([address, name]) => [address.toLowerCase(), name]));
  const labelOf = (address: string): string | undefined => labels.get(address.toLowerCase());
  const nameAt = (contract: BaseContract): string => labelOf(String(contract.target)) ?? String(contract.target);
  const { managers, timelocks } = keepersOf(session, economies);
  const held = (
    await Promise.all([
      ...managers.map((manager) => managed(manager, history, time, { at: nameAt(manager), labelOf, session })),
      ...timelocks.map((timelock) => controlled(timelock, history, nameAt(timelock))),
      economies.includes("xme") ? ofXme(session, time) : [],
    ])
  ).flat();
  const holders = new Map<string, Held[]>();
  for (const right of held) {
    const key = right.holder.toLowerCase();
    holders.set(key, [...(holders.get(key) ?? []), right]);
  }
  return {
    holders: [...holders.values()].map((rights) => {
      const address = rights[0]?.holder ?? ZeroAddress;
      const name = labelOf(address) ?? people.get(address.toLowerCase());
      return {
        address: address === ZeroAddress ? undefined : (address as Address),
        name: address === ZeroAddress ? "anybody" : (name ?? address),
        isOurs: labelOf(address) !== undefined,
        rights: rights.map(({ role, at, may, delay, from }) => ({ role, at, may, delay, from })),
      };
    }),
    strayed: await strayedFrom(session, economies, managers, nameAt),
    closed: managers.flatMap((manager) => closedBy(manager, history, labelOf)),
  };
}

function closedBy(
  manager: AccessManager,
  history: History,
  labelOf: (address: string) => string | undefined,
): readonly string[] {
  const last = new Map(
    history
      .of(manager, "TargetClosed")
      .map(({ args }) => args.toObject() as { target: string; closed: boolean })
      .map(({ target, closed }) => [target, closed]),
  );
  return [...last].flatMap(([target, closed]) => (closed ? [labelOf(target) ?? target] : []));
}

async function managed(
  manager: AccessManager,
  history: History,
  time: bigint,
  place: {
    readonly at: string;
    readonly labelOf: (address: string) => string | undefined;
    readonly session: Session;
  },
): Promise<readonly Held[]> {
  const names = new Map(
    history
      .of(manager, "RoleLabel")
      .map(({ args }) => args.toObject() as { roleId: bigint; label: string })
      .map(({ roleId, label }) => [roleId, printable(label)]),
  );
  const functions = functionsOf(manager, history, place);
  const given = new Map(
    history
      .of(manager, "RoleGranted")
      .map(({ args }) => args.toObject() as { roleId: bigint; account: string })
      .map((grant) => [`${String(grant.roleId)} ${grant.account}`, grant]),
  );
  const rights = await Promise.all(
    [...given.values()].map(async ({ roleId, account }): Promise<readonly Held[]> => {
      const [since, delay] = await manager.getAccess(roleId, account);
      if (since === 0n) return [];
      const role = roleId === ADMIN_ROLE ? "admin" : (names.get(roleId) ?? `role ${String(roleId)}`);
      const may = roleId === ADMIN_ROLE ? [] : (functions.get(roleId) ?? []);
      return [{ holder: account, role, at: place.at, may, delay, from: since > time ? since : 0n }];
    }),
  );
  return rights.flat();
}

/** Which functions were given to which role, as the manager told last of each. */
function functionsOf(
  manager: AccessManager,
  history: History,
  { labelOf, session }: { readonly labelOf: (address: string) => string | undefined; readonly session: Session },
): ReadonlyMap<bigint, readonly string[]> {
  const last = new Map<string, { readonly roleId: bigint; readonly target: string; readonly selector: string }>();
  for (const { args } of history.of(manager, "TargetFunctionRoleUpdated")) {
    const { target, selector, roleId } = args.toObject() as { target: string; selector: string; roleId: bigint };
    last.set(`${target} ${selector}`, { roleId, target, selector });
  }
  const byRole = new Map<bigint, string[]>();
  for (const { roleId, target, selector } of last.values()) {
    if (roleId === ADMIN_ROLE || roleId === PUBLIC_ROLE) continue;
    const name = `${labelOf(target) ?? target}.${functionName(session, target, selector)}`;
    byRole.set(roleId, [...(byRole.get(roleId) ?? []), name]);
  }
  return byRole;
}

function functionName({ deployment }: Session, target: string, selector: string): string {
  const contract = deployment.contractAt(target);
  return contract?.interface.getFunction(selector)?.name ?? selector;
}

async function controlled(timelock: TimelockController, history: History, at: string): Promise<readonly Held[]> {
  const given = new Map(
    history
      .of(timelock, "RoleGranted")
      .map(({ args }) => args.toObject() as { role: string; account: string })
      .map((grant) => [`${grant.role} ${grant.account}`, grant]),
  );
  const rights = await Promise.all(
    [...given.values()].map(async ({ role, account }): Promise<readonly Held[]> => {
      if (!(await timelock.hasRole(role, account))) return [];
      return [{ holder: account, role: TIMELOCK_ROLES.get(role) ?? role, at, may: [], delay: 0n, from: 0n }];
    }),
  );
  return rights.flat();
}

/** Rights in X.me that are no roles: of the guardian, of the vesting wallets' owners and of who draws from the vault. */
async function ofXme({ deployment }: Session, time: bigint): Promise<readonly Held[]> {
  const { governor, teamVesting, privateSaleVesting, emissionVault } = deployment.xme;
  const [guardian, sunset, team, privateSale, streams] = await Promise.all([
    governor.guardian(),
    governor.sunset(),
    teamVesting.owner(),
    privateSaleVesting.owner(),
    emissionVault.STREAMS(),
  ]);
  const drawers = await Promise.all(
    Array.from({ length: Number(streams) }, (_, stream) => emissionVault.drawerOf(stream)),
  );
  const plain = { may: [], delay: 0n, from: 0n } as const;
  const owned = [
    { holder: team, role: "owner", at: "TeamVesting", ...plain },
    { holder: privateSale, role: "owner", at: "PrivateSaleVesting", ...plain },
    ...drawers.map((holder, stream) => ({
      holder,
      role: `drawer of stream ${String(stream)}`,
      at: "EmissionVault",
      ...plain,
    })),
  ].filter(({ holder }) => holder !== ZeroAddress);
  return time < sunset ? [{ holder: guardian, role: "guardian", at: "XmeGovernor", ...plain }, ...owned] : owned;
}
