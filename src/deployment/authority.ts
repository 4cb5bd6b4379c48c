import {
  type BaseContract,
  type ErrorDescription,
  type FunctionFragment,
  getAddress,
  type Interface,
  type LogDescription,
  type ParamType,
  ZeroAddress,
} from "ethers";

import { LogReader } from "../chain/logs.js";
import { readChainState, type RpcProvider } from "./chains.js";
import { type ContractRecord, CONTRACTS, ECONOMIES } from "./contracts.js";
import type { Address } from "./folder.js";
import type { Deployment } from "./open.js";
import { isRevert, revertDataOf } from "./revert.js";

/** One right: who may call what, as which role, after how long. */
export interface Authority {
  readonly contract: string;
  /** Signature of the function. */
  readonly function: string;
  readonly role: string;
  /** Who holds the role; "anybody" and "nobody" are holders too. */
  readonly holder: string;
  readonly address: Address | undefined;
  /** Seconds between deciding and doing. */
  readonly delay: bigint;
}

/** All authority over a deployment. */
export interface AuthorityTable {
  readonly rights: readonly Authority[];
  /** State-changing functions without any check of the caller's identity, by contract: they act for or on the caller. */
  readonly open: ReadonlyMap<string, readonly string[]>;
}

/** Names for accounts that are not contracts of the deployment. */
export type AccountNames = ReadonlyMap<Address, string>;

/** An account that no deployment gives any right to: the last address of the range that precompiles are taken from. */
const STRANGER = getAddress("0x000000000000000000000000000000000000ffff") as Address;
const ADMIN_ROLE = 0n;
const PUBLIC_ROLE = 2n ** 64n - 1n;

/** One deployed contract, as the survey sees it. */
interface Subject {
  readonly name: string;
  readonly address: Address;
  readonly interface: Interface;
  /** Calls a getter and returns its first result. */
  read(getter: string, ...args: unknown[]): Promise<unknown>;
  /** Every log of an event, with its arguments by name, oldest first. */
  logs(event: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

interface Holder {
  readonly role: string;
  readonly address: Address | undefined;
  /** Said instead of a name, where there is no address to name. */
  readonly note?: string;
  /** Seconds that the holder waits by this contract's rule. */
  readonly delay?: bigint;
}

interface Survey {
  /** The chain's time, in seconds. */
  readonly now: bigint;
  readonly subjects: readonly Subject[];
  readonly subjectAt: ReadonlyMap<Address, Subject>;
}

/** Reads who holds the right that a refusal speaks of. */
type Gate = (
  subject: Subject,
  fragment: FunctionFragment,
  refusal: ErrorDescription,
  survey: Survey,
) => Promise<readonly Holder[]>;

/** Every error by which a contract of this project says "not you", and where it says who instead. */
const GATES: Readonly<Record<string, Gate>> = {
  async AccessManagedUnauthorized(subject, fragment, _, { subjectAt, now }) {
    const manager = subjectAt.get((await subject.read("authority")) as Address);
    // Whoever governs that one governs this: more cannot be told from here.
    if (!manager) return [{ role: "authority", address: (await subject.read("authority")) as Address }];
    if (fragment.name === "setAuthority") return [{ role: "authority", address: manager.address }];
    const role = (await manager.read("getTargetFunctionRole", subject.address, fragment.selector)) as bigint;
    const holders = await managerHolders(manager, role, now);
    // A closed target refuses everybody, whatever role they hold.
    const closed = (await manager.read("isTargetClosed", subject.address)) as boolean;
    const [{ role: name } = { role: "" }] = holders;
    return closed ? [{ role: name, address: undefined, note: "nobody (closed)" }] : holders;
  },
  AccessManagerUnauthorizedAccount: (manager, _, refusal, { now }) =>
    managerHolders(manager, refusal.args[1] as bigint, now),
  async AccessControlUnauthorizedAccount(subject, _, refusal) {
    const id = refusal.args[1] as string;
    return accessControlHolders(subject, id);
  },
  async OwnableUnauthorizedAccount(subject, fragment) {
    const pending = fragment.name === "acceptOwnership";
    const holder = (await subject.read(pending ? "pendingOwner" : "owner")) as Address;
    return [
      {
        role: pending ? "next owner" : "owner",
        ...(holder === ZeroAddress ? { address: undefined, note: "nobody" } : { address: holder }),
      },
    ];
  },
  TimelockUnauthorizedCaller: (subject) => Promise.resolve([{ role: "itself", address: subject.address }]),
  async GovernorOnlyExecutor(subject) {
    return [{ role: "executor", address: (await subject.read("timelock")) as Address }];
  },
  async GovernorUnableToCancel(subject, _, __, { now }) {
    const sunset = (await subject.read("sunset")) as bigint;
    if (now >= sunset) return [{ role: "guardian", address: undefined, note: "nobody (sunset)" }];
    return [{ role: "guardian, until the sunset", address: (await subject.read("guardian")) as Address }];
  },
  async Genesis_NotDeployer(subject, _, refusal) {
    const used = (await subject.read("allocated")) as boolean;
    return [{ role: "deployer, once", ...(used ? usedUp : { address: refusal.args[1] as Address }) }];
  },
  async LiquiditySeeder_NotGenesis(subject) {
    const used = (await subject.read("seeded")) as boolean;
    return [{ role: "genesis, once", ...(used ? usedUp : { address: (await subject.read("genesis")) as Address }) }];
  },
  async DualAssetLedger_NotAFace(subject) {
    const faces = await Promise.all(["xe", "xusd"].map((face) => subject.read(face)));
    return faces.map((address) => ({ role: "face", address: address as Address }));
  },
  async AssetFace_NotLedger(subject) {
    return [{ role: "ledger", address: (await subject.read("ledger")) as Address }];
  },
  async EpochRedistributor_NotMarket(subject) {
    return [{ role: "market", address: (await subject.read("market")) as Address }];
  },
  async TierRouter_NotPool(subject) {
    return [{ role: "pool", address: (await subject.read("pool")) as Address }];
  },
  BuybackBurner_NotPool: () =>
    Promise.resolve([{ role: "pool, in a slice", address: undefined, note: "the plan's pool" }]),
  async EmissionVault_NotDrawer(subject) {
    const count = Number(await subject.read("STREAMS"));
    const drawers = await Promise.all(Array.from({ length: count }, (_, stream) => subject.read("drawerOf", stream)));
    const named = drawers.flatMap((drawer, stream) =>
      drawer === ZeroAddress ? [] : [{ role: `drawer of stream ${String(stream)}`, address: drawer as Address }],
    );
    return named.length > 0 ? named : [{ role: "drawer of a stream", address: undefined, note: "nobody" }];
  },
};

const usedUp = { address: undefined, note: "nobody (used up)" } as const;

/** Holders of an AccessManager's role, those to come included: it cannot list them, its logs can. */
async function managerHolders(manager: Subject, role: bigint, now: bigint): Promise<readonly Holder[]> {
  if (role === PUBLIC_ROLE) return [{ role: "public", address: undefined, note: "anybody" }];
  const labels = await manager.logs("RoleLabel");
  const label = labels.filter((log) => log.roleId === role).at(-1)?.label;
  const name = role === ADMIN_ROLE ? "admin" : typeof label === "string" ? label : `role ${String(role)}`;
  const accounts = new Set(
    (await manager.logs("RoleGranted")).filter((log) => log.roleId === role).map((log) => log.account),
  );
  const holders: Holder[] = [];
  for (const account of accounts as Set<Address>) {
    const [since, delay] = (await manager.read("getAccess", role, account)) as [bigint, bigint];
    const held = since > now ? `${name}, from ${new Date(Number(since) * 1_000).toISOString()}` : name;
    if (since !== 0n) holders.push({ role: held, address: account, delay });
  }
  return holders.length > 0 ? holders : [{ role: name, address: undefined, note: "nobody" }];
}

/** A right that no refusal tells of. */
type Beyond = Holder & { readonly function: string };

function signaturesOf({ interface: abi }: Subject, names: readonly string[]): readonly string[] {
  return names.map((name) => abi.getFunction(name)?.format("sighash") ?? name);
}

/**
 * Roles that others than the administrator may give, or whose guardian may cancel: none in a deployment of this project, but whoever
 * deployed it, or governs it, could have made some.
 */
async function entrustedRoles(manager: Subject, now: bigint): Promise<readonly Beyond[]> {
  const entrusted: Beyond[] = [];
  for (const { event, getter, title, functions } of [
    {
      event: "RoleAdminChanged",
      getter: "getRoleAdmin",
      title: "administrator",
      functions: ["grantRole", "revokeRole"],
    },
    { event: "RoleGuardianChanged", getter: "getRoleGuardian", title: "guardian", functions: ["cancel"] },
  ]) {
    for (const role of new Set((await manager.logs(event)).map((log) => log.roleId as bigint))) {
      const keeper = (await manager.read(getter, role)) as bigint;
      if (keeper === ADMIN_ROLE) continue;
      for (const holder of await managerHolders(manager, keeper, now)) {
        for (const signature of signaturesOf(manager, functions)) {
          entrusted.push({ ...holder, role: `${title} of role ${String(role)}`, function: signature });
        }
      }
    }
  }
  return entrusted;
}

/** What an AccessManager makes its administrators wait for, by target and by role: nothing in a deployment of this project. */
async function delayedChanges(manager: Subject, { now, subjectAt }: Survey): Promise<readonly Beyond[]> {
  const delayed: Beyond[] = [];
  const add = async (names: readonly string[], keeper: bigint, role: string, delay: (own: bigint) => bigint) => {
    for (const { delay: own = 0n, ...holder } of await managerHolders(manager, keeper, now)) {
      for (const signature of signaturesOf(manager, names)) {
        delayed.push({ ...holder, role, delay: delay(own), function: signature });
      }
    }
  };
  for (const target of new Set((await manager.logs("TargetAdminDelayUpdated")).map((log) => log.target as Address))) {
    const delay = (await manager.read("getTargetAdminDelay", target)) as bigint;
    if (delay === 0n) continue;
    const name = subjectAt.get(target)?.name ?? target;
    await add(
      ["setTargetFunctionRole", "setTargetClosed", "updateAuthority"],
      ADMIN_ROLE,
      `admin, for ${name}`,
      (own) => (own > delay ? own : delay),
    );
  }
  for (const role of new Set((await manager.logs("RoleGrantDelayChanged")).map((log) => log.roleId as bigint))) {
    const delay = (await manager.read("getRoleGrantDelay", role)) as bigint;
    if (delay === 0n) continue;
    const keeper = (await manager.read("getRoleAdmin", role)) as bigint;
    await add(["grantRole"], keeper, `administrator of role ${String(role)}`, (own) => own + delay);
  }
  return delayed;
}

/** Roles of OpenZeppelin's AccessControl that its contracts here use, by the getter of their id. */
const ACCESS_CONTROL_ROLES = ["DEFAULT_ADMIN_ROLE", "PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const;

async function accessControlHolders(subject: Subject, id: string): Promise<readonly Holder[]> {
  let name = id;
  for (const getter of ACCESS_CONTROL_ROLES) {
    if ((await subject.read(getter)) === id)
      name = getter
        .replace(/_ROLE$/, "")
        .replaceAll("_", " ")
        .toLowerCase();
  }
  const accounts = new Set(
    (await subject.logs("RoleGranted")).filter((log) => log.role === id).map((log) => log.account),
  );
  const holders: Holder[] = [];
  for (const account of accounts as Set<Address>) {
    if (!((await subject.read("hasRole", id, account)) as boolean)) continue;
    holders.push(
      account === ZeroAddress ? { role: name, address: undefined, note: "anybody" } : { role: name, address: account },
    );
  }
  return holders.length > 0 ? holders : [{ role: name, address: undefined, note: "nobody" }];
}

/**
 * Surveys a deployment's contracts: every state-changing function is called, without effect, as a stranger; the refusals tell
 * which are reserved and for which role, and the chain tells who holds it. So a function cannot be forgotten here.
 * @param names of accounts, such as the deployer's and the beneficiaries'
 * @throws Error if a contract refuses a stranger by an error that this survey does not know.
 */
export async function readAuthority(
  deployment: Deployment,
  provider: RpcProvider,
  names: AccountNames = new Map(),
): Promise<AuthorityTable> {
  const subjects = subjectsOf(deployment);
  const { timestamp: now } = await readChainState(provider);
  const survey: Survey = { now, subjects, subjectAt: new Map(subjects.map((subject) => [subject.address, subject])) };
  const timelocks = subjects.filter((subject) => subject.interface.hasFunction("getMinDelay"));
  const timelockDelays = new Map<Address, bigint>();
  for (const timelock of timelocks)
    timelockDelays.set(timelock.address, (await timelock.read("getMinDelay")) as bigint);
  const foreign = foreignNames(deployment);
  const named = (address: Address): string =>
    survey.subjectAt.get(address)?.name ?? foreign.get(address) ?? names.get(address) ?? address;

  const rights: Authority[] = [];
  const open = new Map<string, string[]>();
  const add = (subject: Subject, signature: string, { role, address, note, delay = 0n }: Holder): void => {
    rights.push({
      contract: subject.name,
      function: signature,
      role,
      holder: note ?? (address === undefined ? "nobody" : named(address)),
      address,
      delay: delay + (address === undefined ? 0n : (timelockDelays.get(address) ?? 0n)),
    });
  };
  for (const subject of subjects) {
    for (const fragment of changingFunctions(subject.interface)) {
      const refusal = await refusalOf(subject, fragment, provider);
      const gate = refusal && GATES[refusal.name];
      if (!gate) {
        if (refusal && [...refusal.args].includes(STRANGER)) checkHarmless(subject, fragment, refusal);
        open.set(subject.name, [...(open.get(subject.name) ?? []), fragment.format("sighash")]);
        continue;
      }
      for (const holder of await gate(subject, fragment, refusal, survey)) {
        add(subject, fragment.format("sighash"), holder);
      }
    }
    if (!subject.interface.hasFunction("getRoleGuardian")) continue;
    for (const { function: signature, ...holder } of [
      ...(await entrustedRoles(subject, now)),
      ...(await delayedChanges(subject, survey)),
    ]) {
      add(subject, signature, holder);
    }
  }
  for (const timelock of timelocks) {
    const execution = await openExecution(timelock, timelockDelays.get(timelock.address) ?? 0n);
    rights.push(...execution);
    const executing = new Set(execution.map((right) => right.function));
    open.set(
      timelock.name,
      (open.get(timelock.name) ?? []).filter((signature) => !executing.has(signature)),
    );
  }
  return { rights, open };
}

/** An open executor role refuses nobody, so no refusal tells of it; it is a right all the same. */
async function openExecution(timelock: Subject, delay: bigint): Promise<readonly Authority[]> {
  const role = (await timelock.read("EXECUTOR_ROLE")) as string;
  if (!((await timelock.read("hasRole", role, ZeroAddress)) as boolean)) return [];
  return changingFunctions(timelock.interface)
    .filter(({ name }) => name.startsWith("execute"))
    .map((fragment) => ({
      contract: timelock.name,
      function: fragment.format("sighash"),
      role: "executor",
      holder: "anybody",
      address: undefined,
      delay,
    }));
}

/** Refusals that name the caller without being about who the caller is. */
const HARMLESS = new Set([
  "ERC20InsufficientBalance",
  "ERC20InsufficientAllowance",
  "ERC1155MissingApprovalForAll",
  "AccessControlBadConfirmation",
  "AccessManagerBadConfirmation",
  "AccessManagerUnauthorizedCall",
  "AccessManagerUnauthorizedConsume",
  "AccessManagerUnauthorizedCancel",
  "GovernorInsufficientProposerVotes",
  "AdSettlement_NothingToWithdraw",
  "Badge_BelowLowestTier",
  "FeeTiers_NoAgent",
  "NodeStaking_NothingToTake",
  "Reputation_NothingPending",
  "ServiceMarket_NothingToWithdraw",
  "VotingXME_NothingEarned",
  "VotingXME_NothingPending",
  "XRank_NoMint",
  "XRank_NoStake",
  "XRank_CallerNotBurnRedeemable",
]);

function checkHarmless(subject: Subject, fragment: FunctionFragment, refusal: ErrorDescription): void {
  if (HARMLESS.has(refusal.name)) return;
  throw new Error(
    `${subject.name}.${fragment.name} refuses a stranger with ${refusal.signature}, which the survey of authority does not know: ` +
      `add it to GATES with who is let in, or to HARMLESS if it is not about who calls.`,
  );
}

function subjectsOf(deployment: Deployment): Subject[] {
  return ECONOMIES.filter((economy) => deployment.has(economy)).flatMap((economy) =>
    (Object.entries(CONTRACTS[economy]) as [string, ContractRecord][]).flatMap(([key, { future, foreign }]) => {
      if (foreign) return [];
      const contract = deployment.contract(economy, key);
      return [
        {
          name: nameOf(future),
          address: deployment.addresses.get(future) as Address,
          interface: contract.interface,
          read: async (getter: string, ...args: unknown[]) =>
            contract.getFunction(getter).staticCall(...args) as Promise<unknown>,
          logs: eventsOf(contract, deployment.startBlock),
        },
      ];
    }),
  );
}

/** All that a contract logged, read once, in ranges that the node accepts. */
function eventsOf(contract: BaseContract, startBlock: number): Subject["logs"] {
  let reading: Promise<readonly LogDescription[]> | undefined;
  const read = async (): Promise<readonly LogDescription[]> => {
    const provider = contract.runner?.provider;
    if (!provider) throw new Error("A deployment's contracts are attached to a provider");
    const address = await contract.getAddress();
    const events: LogDescription[] = [];
    const reader = new LogReader(provider);
    for await (const { logs } of reader.read({ address }, startBlock, await provider.getBlockNumber()))
      events.push(...logs.flatMap((log) => contract.interface.parseLog(log) ?? []));
    return events;
  };
  return async (name) =>
    (await (reading ??= read()))
      .filter((event) => event.name === name)
      .map(({ args }) => args.toObject() as Record<string, unknown>);
}

/** Names of what the deployment uses without having made it. */
function foreignNames({ addresses }: Deployment): AccountNames {
  const records = Object.values(CONTRACTS).flatMap((economy) => Object.values(economy) as ContractRecord[]);
  return new Map(
    records.flatMap(({ future, foreign }) => {
      const address = addresses.get(future);
      return foreign && address !== undefined ? [[address, nameOf(future)] as const] : [];
    }),
  );
}

/** What follows the module in Ignition's id of a future. */
function nameOf(future: string): string {
  return future.split("#")[1] ?? future;
}

function changingFunctions(abi: Interface): FunctionFragment[] {
  const fragments: FunctionFragment[] = [];
  abi.forEachFunction((fragment) => {
    if (!fragment.constant) fragments.push(fragment);
  });
  return fragments;
}

async function refusalOf(
  subject: Subject,
  fragment: FunctionFragment,
  provider: RpcProvider,
): Promise<ErrorDescription | undefined> {
  const data = subject.interface.encodeFunctionData(fragment, fragment.inputs.map(emptyValue));
  try {
    await provider.request({ method: "eth_call", params: [{ from: STRANGER, to: subject.address, data }, "latest"] });
    return undefined;
  } catch (error) {
    const revert = revertDataOf(error);
    // A node that does not answer has not let anybody in.
    if (revert === undefined && !isRevert(error)) throw error;
    return (revert && subject.interface.parseError(revert)) ?? undefined;
  }
}

/** The zero of an ABI type. */
function emptyValue(type: ParamType): unknown {
  if (type.isArray())
    return Array.from({ length: Math.max(type.arrayLength, 0) }, () => emptyValue(type.arrayChildren));
  if (type.isTuple()) return type.components.map(emptyValue);
  if (type.type === "address") return ZeroAddress;
  if (type.type === "bool") return false;
  if (type.type === "string") return "";
  if (type.type === "bytes") return "0x";
  const width = /^bytes(\d+)$/.exec(type.type)?.[1];
  return width === undefined ? 0n : `0x${"00".repeat(Number(width))}`;
}
