import { type BaseContract, isError, ZeroAddress } from "ethers";

import type { XpContracts } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { revertDataOf } from "../../src/deployment/revert.js";
import { formatCount } from "../../src/format.js";
import { BASE_FEE_BPS } from "../../src/xp/tiers.js";
import { givenAddress } from "../support/inputs.js";
import { percent } from "./words.js";

/** The contracts that governance can replace at the market, by the names of the deployment. */
export const MODULES = ["feeTiers", "reputation", "redistributor"] as const;
export type ModuleName = (typeof MODULES)[number];
type Module<M extends ModuleName> = XpContracts[M];
type Redistributor = Module<"redistributor">;

/** What people call a module, what it means that there is none, and what is left of one that the market does not ask. */
const TOLD: Readonly<Record<ModuleName, { readonly what: string; readonly without: string; readonly left: string }>> = {
  feeTiers: {
    what: "fee tiers",
    without: `everybody pays ${percent(BASE_FEE_BPS)}, and no tier is for sale`,
    left: "what was bought there counts only where those asked name it as their predecessor",
  },
  reputation: {
    what: "reputation",
    without: "nobody has any trust, and no XP can be locked for it",
    left: "XP that is locked there gives no trust",
  },
  redistributor: {
    what: "redistributor",
    without: "jobs that end now earn no XP",
    left: "it pays for the weeks that it recorded",
  },
};

/** A module that calls may go to. */
export interface KnownModule {
  readonly name: ModuleName;
  readonly contract: BaseContract;
  /** What to know of it, where it is not what the market asks or not what the deployment's record would make one expect. */
  readonly note: string | undefined;
}

/** What the market asks now, which may have been replaced since the deployment was recorded. */
export interface Modules {
  /** Undefined where the market asks nobody, or a contract that these commands do not know. */
  readonly live: { readonly [M in ModuleName]: Module<M> | undefined };
  /** Why there is no live one, in a sentence, for each that is undefined. */
  readonly missing: Readonly<Partial<Record<ModuleName, string>>>;
  /** Every redistributor there is to claim from, the latest first: the one that waits, the live one, and whom they replaced. */
  readonly redistributors: readonly Redistributor[];
  /** All that are in sight: live, recorded, named and replaced ones. */
  readonly known: readonly KnownModule[];
  /** How the market differs from the deployment's record, in sentences; none where nothing was replaced. */
  readonly notes: readonly string[];
}

/** Modules that a command names, as its options were given. */
export interface NamedModules {
  readonly reputation?: string | undefined;
  readonly redistributor?: string | undefined;
}

/** A view that only this module has, beside the `xp` that all three have. */
const ONLY_ITS_OWN: { readonly [M in ModuleName]: (contract: Module<M>) => Promise<bigint> } = {
  feeTiers: (contract) => contract.tierCount(),
  reputation: (contract) => contract.UNLOCK_DELAY(),
  redistributor: (contract) => contract.openEpoch(),
};

/** @returns the module at an address; undefined where there is none, or none of this XP */
export async function moduleAt<M extends ModuleName>(
  contracts: XpContracts,
  name: M,
  address: string,
): Promise<Module<M> | undefined> {
  if (address === ZeroAddress) return undefined;
  const recorded: Module<M> = contracts[name];
  if (isAt(recorded, address)) return recorded;
  const contract = recorded.attach(address) as Module<M>;
  try {
    const [xp] = await Promise.all([contract.xp(), ONLY_ITS_OWN[name](contract)]);
    return isAt(contracts.xp, xp) ? contract : undefined;
  } catch (error) {
    // It reverts, or answers with something else: whatever it is, it is no such module.
    const answered = isError(error, "BAD_DATA") || revertDataOf(error) !== undefined || /revert/i.test(String(error));
    if (answered) return undefined;
    throw error;
  }
}

/** Whether a contract is the one at an address. */
export function isAt({ target }: { readonly target: unknown }, address: unknown): boolean {
  return String(target).toLowerCase() === String(address).toLowerCase();
}

async function namedModule<M extends ModuleName>(
  contracts: XpContracts,
  name: M,
  text: string | undefined,
): Promise<Module<M> | undefined> {
  if (text === undefined || text === "") return undefined;
  const address = givenAddress(name, text, "write the address of a contract");
  const module = await moduleAt(contracts, name, address);
  if (module) return module;
  throw new ExplainedError(`--${name} is ${address}: there is no ${TOLD[name].what} of this deployment's XP.`);
}

/**
 * Reads which modules the market asks.
 * @param named modules that nothing else leads to
 * @throws ExplainedError if what a command names is no such module
 */
export async function readModules(
  contracts: XpContracts,
  named: NamedModules,
): Promise<{ readonly modules: Modules; readonly reputation: Module<"reputation"> | undefined }> {
  const { serviceMarket: market } = contracts;
  const [feeTiers, reputation, redistributor, next, ownReputation, ownRedistributor] = await Promise.all([
    market.feeTiers(),
    market.reputation(),
    market.redistributor(),
    market.nextRedistributor(),
    namedModule(contracts, "reputation", named.reputation),
    namedModule(contracts, "redistributor", named.redistributor),
  ]);
  const asked: Readonly<Record<ModuleName, string>> = { feeTiers, reputation, redistributor };
  const [liveTiers, liveReputation, liveRedistributor, successor] = await Promise.all([
    moduleAt(contracts, "feeTiers", feeTiers),
    moduleAt(contracts, "reputation", reputation),
    moduleAt(contracts, "redistributor", redistributor),
    moduleAt(contracts, "redistributor", next.successor),
  ]);
  const live = { feeTiers: liveTiers, reputation: liveReputation, redistributor: liveRedistributor };
  const redistributors = await lineOf(contracts, [
    successor,
    liveRedistributor,
    ownRedistributor,
    contracts.redistributor,
  ]);
  const difference = (name: ModuleName): string | undefined => differenceOf(contracts, name, asked[name], live[name]);
  const standing = (name: ModuleName, contract: BaseContract | undefined): readonly KnownModule[] => {
    if (!contract) return [];
    if (isAt(contract, asked[name])) return [{ name, contract, note: difference(name) }];
    const { what, left } = TOLD[name];
    return [{ name, contract, note: `The market does not ask the ${what} ${String(contract.target)} now: ${left}.` }];
  };
  const modules: Modules = {
    live,
    missing: Object.fromEntries(MODULES.filter((name) => !live[name]).map((name) => [name, difference(name)])),
    redistributors,
    known: [
      ...standing("feeTiers", liveTiers),
      ...standing("feeTiers", contracts.feeTiers),
      ...standing("reputation", liveReputation),
      ...standing("reputation", ownReputation),
      ...standing("reputation", contracts.reputation),
      ...redistributors.flatMap((contract) => standing("redistributor", contract)),
    ].filter(({ contract }, i, all) => all.findIndex((other) => isAt(contract, other.contract.target)) === i),
    notes: [...MODULES.map(difference), successionOf(next)].filter((note) => note !== undefined),
  };
  return { modules, reputation: ownReputation };
}

/** How what the market asks differs from the deployment's record. */
function differenceOf(
  contracts: XpContracts,
  name: ModuleName,
  asked: string,
  live: BaseContract | undefined,
): string | undefined {
  const { what, without } = TOLD[name];
  const recorded = String(contracts[name].target);
  if (asked === ZeroAddress) {
    return (
      `The market asks no ${what} now: ${without}, until its administrator sets one. This deployment began with ` +
      `${recorded}${name === "reputation" ? ": XP locked there comes back with --reputation and that address" : ""}.`
    );
  }
  if (!live) return `The market asks ${asked} as its ${what}, which these commands do not know: use what came with it.`;
  if (isAt(live, recorded)) return undefined;
  return `The market asks the ${what} ${asked}, in place of ${recorded} with which this deployment began.`;
}

function successionOf({
  successor,
  fromEpoch,
}: {
  readonly successor: string;
  readonly fromEpoch: bigint;
}): string | undefined {
  if (fromEpoch === 0n) return undefined;
  return successor === ZeroAddress
    ? `From epoch ${formatCount(fromEpoch)} on the market asks no redistributor: jobs that end then earn no XP.`
    : `From epoch ${formatCount(fromEpoch)} on the market asks the redistributor ${successor}.`;
}

/** Follows redistributors to whom they replaced. */
async function lineOf(
  contracts: XpContracts,
  roots: readonly (Redistributor | undefined)[],
): Promise<readonly Redistributor[]> {
  const line: Redistributor[] = [];
  for (const root of roots) {
    let next = root;
    while (next !== undefined && !line.some((seen) => isAt(seen, next?.target))) {
      line.push(next);
      next = await moduleAt(contracts, "redistributor", await next.predecessor());
    }
  }
  return line;
}
