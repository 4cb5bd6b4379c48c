import {
  type BaseContract,
  type ErrorDescription,
  type ErrorFragment,
  type EventFragment,
  type FunctionFragment,
  getAddress,
  Interface,
  isAddress,
  type LogDescription,
  MaxUint256,
  type ParamType,
  type Result,
  ZeroAddress,
} from "ethers";

import { eventsOf } from "../../src/chain/events.js";
import { inCurrency } from "../../src/deployment/chains.js";
import { CONTRACTS, type ContractRecord, type Economy } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { spelled } from "../../src/deployment/refusal.js";
import { formatCount } from "../../src/format.js";
import type { AccessManager } from "../../typechain-types/index.js";
import { readToken, type SpendableToken } from "../support/allowance.js";
import { formatDuration, formatMoment } from "../support/inputs.js";
import { tokens } from "../support/outcome.js";
import type { Speaker, Wording, Words } from "../support/send.js";
import type { Session } from "../support/session.js";
import { percent, printable } from "../support/text.js";
import { GOV_WORDS, inQuotes, shareList } from "./words.js";

/** What governance has the treasury call: a contract, wei of the chain's currency, and the call's data. */
export interface Intended {
  readonly target: Address;
  readonly value: bigint;
  readonly data: string;
}

/** A contract of the deployment. */
export interface Entry {
  /** How proposal files call it, such as "emissionVault", or "xp.xpMarket". */
  readonly key: string;
  /** How sentences call it, such as "EmissionVault". */
  readonly label: string;
  /** The name of its ABI. */
  readonly kind: string;
  readonly address: Address;
  readonly contract: BaseContract;
}

/** The role of an access manager that everybody has. */
const PUBLIC_ROLE = 2n ** 64n - 1n;

/** Economies in the order in which a name alone is looked up. */
const ORDER: readonly Economy[] = ["xme", "xp", "rank"];

/** The contracts of a deployment by name and address, and how calls of them read. */
export class Book {
  readonly entries: readonly Entry[];
  readonly #session: Session;
  readonly #byAddress: ReadonlyMap<string, Entry>;
  readonly #byKey: ReadonlyMap<string, Entry>;
  readonly #tokens = new Map<string, Promise<SpendableToken | undefined>>();
  readonly #roles = new Map<Address, Promise<ReadonlyMap<bigint, string>>>();

  constructor(session: Session) {
    const { deployment } = session;
    this.#session = session;
    this.entries = ORDER.filter((economy) => deployment.has(economy)).flatMap((economy) =>
      (Object.entries(CONTRACTS[economy]) as [string, ContractRecord][]).flatMap(
        ([name, { future, contract: kind }]) => {
          const address = deployment.addresses.get(future);
          if (address === undefined) return [];
          const label = future.split("#")[1] ?? future;
          const key = economy === "xme" ? name : `${economy}.${name}`;
          return [
            { key, label, kind, address: getAddress(address) as Address, contract: deployment.contract(economy, name) },
          ];
        },
      ),
    );
    this.#byAddress = new Map([...this.entries].reverse().map((entry) => [entry.address, entry]));
    this.#byKey = new Map(
      [...this.entries]
        .reverse()
        .flatMap((entry) => [
          [entry.key.replace(/^.*\./, ""), entry] as const,
          [entry.key, entry] as const,
          [entry.key.includes(".") ? entry.key : `xme.${entry.key}`, entry] as const,
        ]),
    );
  }

  get treasury(): Address {
    return this.named("timelock").address;
  }

  /** @returns a contract that every deployment of X.me has */
  named(key: string): Entry {
    const entry = this.#byKey.get(key);
    if (!entry) throw new ExplainedError(`The deployment has no contract "${key}".`);
    return entry;
  }

  at(address: string): Entry | undefined {
    return this.#byAddress.get(getAddress(address));
  }

  /** @returns the contract of a name or an address, as a person wrote it; undefined where it is neither */
  find(text: string): { readonly address: Address; readonly entry: Entry | undefined } | undefined {
    const entry = this.#byKey.get(text);
    if (entry) return { address: entry.address, entry };
    if (!isAddress(text)) return undefined;
    const address = getAddress(text) as Address;
    return { address, entry: this.at(address) };
  }

  /** @returns an address as people call it */
  who(address: string): string {
    if (address === ZeroAddress) return "nobody";
    if (getAddress(address) === this.treasury) return "the treasury";
    return this.at(address)?.label ?? getAddress(address);
  }

  /**
   * Any token can call itself XME, so one that is no part of the deployment is called by its address too.
   * @returns the token at an address; undefined where there is none
   */
  async token(address: string): Promise<SpendableToken | undefined> {
    const key = getAddress(address);
    const known = this.#tokens.get(key) ?? this.#readToken(key).catch(() => undefined);
    this.#tokens.set(key, known);
    return known;
  }

  /** @returns what jobs and orders of XP are paid in, where the deployment has XP */
  async #paymentToken(): Promise<SpendableToken | undefined> {
    const entry = this.#byKey.get("xp.paymentToken");
    return entry && this.token(entry.address);
  }

  async #readToken(address: string): Promise<SpendableToken> {
    const token = await readToken(this.#session, address);
    return this.at(address) ? token : { ...token, symbol: `${token.symbol} (${address})` };
  }

  /** @returns what the roles of an access manager are called */
  async roles(manager: Address): Promise<ReadonlyMap<bigint, string>> {
    const known = this.#roles.get(manager) ?? this.#readRoles(manager);
    this.#roles.set(manager, known);
    return known;
  }

  async #readRoles(manager: Address): Promise<ReadonlyMap<bigint, string>> {
    const names = new Map([
      [0n, "admin"],
      [PUBLIC_ROLE, "public"],
    ]);
    const contract = this.at(manager)?.contract as AccessManager | undefined;
    if (!contract) return names;
    const labelled = await eventsOf(contract, contract.filters.RoleLabel(), this.#session.deployment.startBlock);
    for (const { args } of labelled) names.set(args.roleId, args.label);
    return names;
  }

  async role(manager: Address, roleId: bigint): Promise<string> {
    const name = (await this.roles(manager)).get(roleId);
    return name === undefined ? `role ${String(roleId)}` : `role ${String(roleId)} (${printable(name)})`;
  }

  /** @returns everybody whose refusals and events may be met when these calls are carried out, in words */
  speakers(calls: readonly Intended[]): readonly Speaker[] {
    const targets = new Set(calls.map(({ target }) => target));
    const own = this.entries.filter(({ kind, address }) => kind in GOV_WORDS || targets.has(address));
    const unique = own.filter((entry, i) => own.findIndex(({ address }) => address === entry.address) === i);
    const spoken = unique.flatMap(({ kind, contract }) => {
      const words = GOV_WORDS[kind];
      return words ? [{ contract, words }] : [];
    });
    // What no sentence was written for is told as its name and values say it.
    const rest = unique.map(({ kind, label, contract }) => ({
      contract,
      words: plainWords(label, contract, GOV_WORDS[kind]),
    }));
    return [...spoken, ...rest];
  }

  /**
   * @param caller who calls, where that is not the treasury itself
   * @returns what a call does, in words that name the deployment's contracts and count its tokens
   */
  async describe(call: Intended, caller = this.treasury, depth = 0): Promise<string> {
    const paid = inCurrency(this.#session.deployment.chainId, call.value);
    const value = call.value === 0n ? "" : `, with ${paid}`;
    if (call.data === "0x") return `${paid} from ${this.who(caller)} to ${this.who(call.target)}`;
    const decoded = await this.#decode(call);
    if (!decoded) return `${this.who(call.target)}, with the data ${call.data}${value}`;
    const { kind, label, fragment, args } = decoded;
    const phrase = PHRASES[`${kind}.${fragment.name}`];
    const inner = depth < 4 ? NESTED[`${kind}.${fragment.name}`]?.(args, call.target, caller) : undefined;
    if (inner) {
      const within = await Promise.all(inner.calls.map((nested) => this.describe(nested, inner.caller, depth + 1)));
      return `${label}.${fragment.name}: ${within.join("; ")}${value}`;
    }
    if (phrase) return `${await phrase(args, this, call.target, this.who(caller))}${value}`;
    const money = { chainId: this.#session.deployment.chainId, payment: await this.#paymentToken() };
    const values = fragment.inputs.map((input, i) => {
      const unit = unitOf(kind, fragment.name, input);
      const value = unit ? unit(args[i] as bigint, money) : this.#value(input, args[i]);
      return `${input.name === "" ? String(i + 1) : input.name} ${value}`;
    });
    return `${label}.${fragment.name}(${values.join(", ")})${value}`;
  }

  async #decode({
    target,
    data,
  }: Intended): Promise<
    | { readonly kind: string; readonly label: string; readonly fragment: FunctionFragment; readonly args: Result }
    | undefined
  > {
    const entry = this.at(target);
    const abis = entry ? [entry.contract.interface] : [];
    try {
      for (const abi of abis) {
        const parsed = abi.parseTransaction({ data });
        if (parsed)
          return { kind: entry?.kind ?? "", label: entry?.label ?? "", fragment: parsed.fragment, args: parsed.args };
      }
      const parsed = ERC20.parseTransaction({ data });
      const token = parsed && (await this.token(target));
      if (parsed && token) return { kind: "ERC20", label: token.symbol, fragment: parsed.fragment, args: parsed.args };
    } catch {
      // The data begin like a function's and go on otherwise: they are shown as they are.
    }
    return undefined;
  }

  #value(type: ParamType, value: unknown): string {
    if (type.isArray())
      return `[${[...(value as Result)].map((one) => this.#value(type.arrayChildren, one)).join(", ")}]`;
    if (type.isTuple()) {
      const parts = type.components.map((part, i) => `${part.name} ${this.#value(part, (value as Result)[i])}`);
      return `{${parts.join(", ")}}`;
    }
    if (type.type === "address") return this.who(String(value));
    if (type.type === "string") return inQuotes(String(value));
    if (type.type === "bytes4") return this.selector(String(value));
    return typeof value === "bigint" ? formatCount(value) : String(value);
  }

  /** @returns the function of a selector, if a contract of the deployment has it */
  selector(selector: string): string {
    for (const { contract } of this.entries) {
      const fragment = contract.interface.getFunction(selector);
      if (fragment) return fragment.name;
    }
    return selector;
  }
}

/** What the treasury does with any token. */
export const ERC20 = new Interface([
  "function transfer(address to, uint256 value)",
  "function approve(address spender, uint256 value)",
]);

/** @param caller whose tokens and allowances it is about */
type Phrase = (args: Result, book: Book, target: Address, caller: string) => string | Promise<string>;

const sent: Phrase = async (a, book, target, caller) =>
  `${await amountOf(book, target, a[1])} from ${caller} to ${book.who(String(a[0]))}`;
const approved: Phrase = async (a, book, target, caller) =>
  a[1] === MaxUint256
    ? `${book.who(String(a[0]))} may take any amount of ${(await book.token(target))?.symbol ?? target} from ${caller}`
    : `${book.who(String(a[0]))} may take ${await amountOf(book, target, a[1])} from ${caller}`;
const burned: Phrase = async (a, book, target, caller) => `${await amountOf(book, target, a[0])} of ${caller} burned`;

async function amountOf(book: Book, token: string, units: unknown): Promise<string> {
  const known = await book.token(token);
  return known
    ? tokens(units as bigint, known.symbol, known.decimals)
    : `${formatCount(units as bigint)} units of ${token}`;
}

/** Calls that a sentence says better than names and values, by ABI and function. */
const PHRASES: Readonly<Record<string, Phrase>> = {
  "ERC20.transfer": sent,
  "XME.transfer": sent,
  "XMEX.transfer": sent,
  "TestDollar.transfer": sent,
  "XP.transfer": sent,
  "ERC20.approve": approved,
  "XME.approve": approved,
  "XMEX.approve": approved,
  "TestDollar.approve": approved,
  "XP.approve": approved,
  "XME.burn": burned,
  "XMEX.burn": burned,
  "EmissionVault.setShares": (a) =>
    `XMEX emission shared out anew among streams: ${shareList(a[0] as readonly bigint[])}`,
  "EmissionVault.setDrawer": (a, book) =>
    `stream ${String(a[0])} of the XMEX emission is drawn from by ${book.who(String(a[1]))}`,
  "AccessManager.grantRole": async (a, book, manager) =>
    `${book.who(String(a[1]))} gets ${await book.role(manager, a[0] as bigint)}` +
    `${a[2] === 0n ? "" : `, to act ${formatDuration(a[2] as bigint)} after it says so`}`,
  "AccessManager.revokeRole": async (a, book, manager) =>
    `${book.who(String(a[1]))} loses ${await book.role(manager, a[0] as bigint)}`,
  "AccessManager.setTargetFunctionRole": async (a, book, manager) =>
    `${a[2] === PUBLIC_ROLE ? "anybody" : await book.role(manager, a[2] as bigint)} may call ${[...(a[1] as Result)].map((s) => book.selector(String(s))).join(", ")} of ${book.who(String(a[0]))}`,
  "AccessManager.setTargetClosed": (a, book) =>
    `${book.who(String(a[0]))} is ${a[1] === true ? "closed to all roles" : "open to its roles"}`,
  "BuybackBurner.startPlan": async (a, book) => {
    const [total, slice] = await Promise.all([amountOf(book, String(a[0]), a[2]), amountOf(book, String(a[0]), a[3])]);
    return (
      `a buyback that burns XME for ${total}, ${slice} every ${formatDuration(a[4] as bigint)} at most, in the pool with a fee of ` +
      `${percent((a[1] as bigint) / 100n)}, until ${formatMoment(a[5] as bigint)}`
    );
  },
  "BuybackBurner.cancelPlan": (a) =>
    `buyback plan ${String(a[0])} is cancelled, and what is left goes back to the treasury`,
  "PolicyRegistry.publish": (a) =>
    `the next version of the policy ${inQuotes(String(a[0]))} is the text at ${inQuotes(String(a[2]))} with the hash ${String(a[1])}`,
  "Badge.setTiers": (a) => {
    const tiers = [...(a[0] as readonly { name: string; minimum: bigint; entitlements: Result }[])];
    const told = tiers.map(
      ({ name, minimum, entitlements }) =>
        `${inQuotes(name)} for ${tokens(minimum, "vXME")} with ${entitlements.length === 0 ? "no privileges" : [...entitlements].map((e) => inQuotes(String(e))).join(" and ")}`,
    );
    return `badges are worth: ${told.join(", ")}`;
  },
  "TimelockController.updateDelay": (a) => `the timelock waits ${formatDuration(a[0] as bigint)} from then on`,
};

/** What numbers may be of that no ABI names. */
interface Money {
  readonly chainId: bigint;
  /** What jobs and orders of XP are paid in. */
  readonly payment: SpendableToken | undefined;
}

/** Puts a number of the chain into words. */
type Unit = (value: bigint, money: Money) => string;

const of =
  (symbol: string): Unit =>
  (value) =>
    value === MaxUint256 ? `any amount of ${symbol}` : tokens(value, symbol);

const inPayment: Unit = (value, { payment }) =>
  payment ? tokens(value, payment.symbol, payment.decimals) : `${formatCount(value)} units of the payment token`;
const inOwnCurrency: Unit = (value, { chainId }) => inCurrency(chainId, value);
const inDays: Unit = (value) => `${formatCount(value)} ${value === 1n ? "day" : "days"}`;
const inPercent: Unit = (value) => `${formatCount(value)} %`;

const MOMENTS = /^(deadline|end|expiry|openUntil|when)$/;
const DURATIONS = /^(period|minPeriod|interval|delay|newDelay|deliverWithin|newVoteExtension)$/;

/** What counts tokens of 18 decimals, by ABI, or by ABI and function where that is another token, and by argument. */
const UNITS: Readonly<Record<string, Readonly<Record<string, Unit>>>> = {
  AdSettlement: { amount: of("XME") },
  Ascension: { amount: of("XMEX"), minXmeOut: of("XME") },
  "Ascension.fund": { amount: of("XME") },
  "Ascension.fundWithPermit": { amount: of("XME") },
  ContentRegistry: { unlockPrice: of("XMEX") },
  EmissionVault: { amount: of("XMEX") },
  EpochRedistributor: { newKappa: of("XP") },
  FeeTiers: { maxBurn: of("XP") },
  MerkleAirdrop: { amount: of("XME") },
  NodeStaking: { amount: of("XME"), bond: of("XME") },
  "NodeStaking.addXmexIncome": { amount: of("XMEX") },
  "NodeStaking.delegate": { amount: of("XMEX") },
  "NodeStaking.delegateWithPermit": { amount: of("XMEX") },
  PlatformItems: { price: of("XMEX") },
  PublicSale: { xmeWanted: of("XME"), minXmeOut: of("XME") },
  Reputation: { amount: of("XP") },
  ServiceMarket: { payment: inPayment },
  SocialMining: { limit: of("XMEX") },
  Spending: { amount: of("XMEX"), maxPrice: of("XMEX") },
  "Spending.buy": { amount: formatCount, maxPrice: of("XMEX") },
  SpendingCatalogue: { price: of("XMEX"), hold: of("XMEX") },
  UserGrowth: { inviterReward: of("XMEX"), inviteeReward: of("XMEX") },
  TestDollar: { amount: inPayment, value: inPayment },
  TierRouter: { maxPayment: inPayment },
  TimelockController: { value: inOwnCurrency },
  VotingXME: { amount: of("XME") },
  "VotingXME.addXmexIncome": { amount: of("XMEX") },
  XME: { value: of("XME") },
  XMEX: { value: of("XMEX") },
  XP: { amount: of("XP"), value: of("XP") },
  XPMarket: {
    xpAmount: of("XP"),
    price: (value, money) => `${inPayment(value, money)} for 1 XP`,
    limit: inPayment,
  },
  XRank: {
    amount: of("XRANK"),
    value: of("XRANK"),
    addedValue: of("XRANK"),
    subtractedValue: of("XRANK"),
    term: inDays,
    pct: inPercent,
  },
};

/** @returns whether a call reads as a sentence of its own, or as the calls that it carries */
export function isPhrased(kind: string, name: string): boolean {
  return `${kind}.${name}` in PHRASES || `${kind}.${name}` in NESTED;
}

/** @returns how a number among a call's arguments reads; undefined where it is a count, or no number */
export function unitOf(kind: string, name: string, { name: argument, type }: ParamType): Unit | undefined {
  if (!/^uint\d+$/.test(type)) return undefined;
  const unit = UNITS[`${kind}.${name}`]?.[argument] ?? UNITS[kind]?.[argument];
  if (unit) return unit;
  if (MOMENTS.test(argument)) return formatMoment;
  if (DURATIONS.test(argument)) return formatDuration;
  return argument.endsWith("Bps") ? percent : undefined;
}

/** Calls that a call carries, and who makes them. */
interface Carried {
  readonly caller: Address;
  readonly calls: readonly Intended[];
}

/** Calls that carry others, which are what counts. */
const NESTED: Readonly<Record<string, (args: Result, target: Address, caller: Address) => Carried>> = {
  "AccessManager.execute": (a, manager) => ({
    caller: manager,
    calls: [{ target: String(a[0]) as Address, value: 0n, data: String(a[1]) }],
  }),
  "AccessManager.multicall": (a, manager, caller) => ({
    caller,
    calls: [...(a[0] as Result)].map((data) => ({ target: manager, value: 0n, data: String(data) })),
  }),
  "XmeGovernor.relay": (a, governor) => ({
    caller: governor,
    calls: [{ target: String(a[0]) as Address, value: a[1] as bigint, data: String(a[2]) }],
  }),
};

/** Sentences for what has none of its own. */
function plainWords(label: string, contract: BaseContract, spoken: Words | undefined): Words {
  const refusals: Record<string, Wording<ErrorDescription>[string]> = {};
  const events: Record<string, Wording<LogDescription>[string]> = {};
  const values = (inputs: readonly ParamType[], args: readonly unknown[]): string =>
    inputs.map(({ name }, i) => `${name === "" ? String(i + 1) : name} ${shown(args[i])}`).join(", ");
  contract.interface.fragments.forEach((fragment) => {
    if (fragment.type === "error") {
      const { name, inputs } = fragment as ErrorFragment;
      if (spoken?.refusals[name]) return;
      refusals[name] = (args) =>
        `${label} refuses: ${spelled(name)}${inputs.length === 0 ? "" : ` (${values(inputs, args)})`}.`;
    } else if (fragment.type === "event") {
      const { name, inputs } = fragment as EventFragment;
      if (spoken?.events[name] ?? QUIET.has(name)) return;
      events[name] = (args) =>
        `${label} tells: ${spelled(name)}${inputs.length === 0 ? "" : ` (${values(inputs, args)})`}.`;
    }
  });
  return { refusals, events };
}

/** Events that repeat what another one tells. */
const QUIET = new Set([
  "CallExecuted",
  "CallScheduled",
  "CallSalt",
  "Cancelled",
  "Locked",
  "Swap",
  "Approval",
  "Transfer",
  "OperationExecuted",
  "OperationScheduled",
]);

function shown(value: unknown): string {
  if (typeof value === "string") return /^0x[0-9a-f]*$/i.test(value) ? value : inQuotes(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return String(value);
}
