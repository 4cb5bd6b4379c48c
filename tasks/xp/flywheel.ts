import { type BaseContract, Contract, type ContractTransactionResponse } from "ethers";

import type { XpContracts } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { readToken, type SpendableToken } from "../support/allowance.js";
import { wholeNumber } from "../support/inputs.js";
import { type Call, callOf, explaining, type Speaker } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";
import { isAt, type ModuleName, type Modules, type NamedModules, readModules } from "./modules.js";
import { wordsIn } from "./words.js";

export { inTurns } from "../support/turns.js";

/**
 * The contracts of a deployment, connected to who signs where there is one, their tokens, and how they read. `feeTiers` and `reputation` are
 * what the market asks now, not what the deployment began with, unless the command names another; reading one of them where there is none is
 * refused in a sentence, and so is the router where it buys from fee tiers that were replaced.
 */
export interface Flywheel extends Omit<XpContracts, "redistributor"> {
  readonly modules: Modules;
  /** As the deployment began. */
  readonly recorded: XpContracts;
  readonly payment: SpendableToken;
  readonly xpToken: SpendableToken;
  readonly words: ReturnType<typeof wordsIn>;
  /** Those that are heard in every call; a token's own movements are told by whoever moves it. */
  readonly speakers: readonly Speaker[];
}

/** Contracts that the flows call. */
const CALLED = [
  "agentRegistry",
  "serviceMarket",
  "feeTiers",
  "redistributor",
  "reputation",
  "xpMarket",
  "tierRouter",
  "paymentToken",
  "xp",
] as const;

/** Contracts that are heard in every call, beside the modules that are in sight. */
const HEARD = ["agentRegistry", "serviceMarket", "xpMarket", "tierRouter", "swapRouter"] as const;

/** @param named modules that a command names in place of those that the market asks */
export async function flywheelOf(session: Session, named: NamedModules = {}): Promise<Flywheel> {
  const { signer, deployment } = session;
  const connected = signer
    ? Object.fromEntries(CALLED.map((name) => [name, deployment.xp[name].connect(signer)] as const))
    : {};
  const recorded = { ...deployment.xp, ...connected } as XpContracts;
  const [payment, xpToken, { modules, reputation }] = await Promise.all([
    recorded.serviceMarket.token().then((address) => readToken(session, address)),
    recorded.xp.getAddress().then((address) => readToken(session, address)),
    readModules(recorded, named),
  ]);
  const words = wordsIn(payment);
  const speakers = [
    ...HEARD.flatMap((name) => {
      const contract = recorded[name] as BaseContract | undefined;
      return contract ? [{ contract, words: words[name] }] : [];
    }),
    ...modules.known.map(({ name, contract }) => ({ contract, words: words[name] })),
  ];
  return {
    ...recorded,
    get feeTiers() {
      return present(modules, "feeTiers");
    },
    get reputation() {
      return reputation ?? present(modules, "reputation");
    },
    get tierRouter() {
      const { feeTiers, tierRouter } = recorded;
      if (isAt(present(modules, "feeTiers"), feeTiers.target)) return tierRouter;
      throw new ExplainedError(
        `The tier router buys from the fee tiers ${String(feeTiers.target)}, which the market does not ask any more: buy XP with ` +
          "`hardhat xp buy`, then burn it with `hardhat xp burn`.",
      );
    },
    modules,
    recorded,
    payment,
    xpToken,
    words,
    speakers,
  };
}

/** @throws ExplainedError if the market asks none, or none that is known here */
function present<M extends ModuleName>({ live, missing }: Modules, name: M): XpContracts[M] {
  const module = live[name];
  if (module) return module as XpContracts[M];
  throw new ExplainedError(missing[name] ?? `The market asks no ${name}.`);
}

/** The same for a flow that sends. @throws ExplainedError if nobody here can sign for the account. */
export async function signedFlywheel(session: Session, named: NamedModules = {}): Promise<Flywheel> {
  signerOf(session);
  return flywheelOf(session, named);
}

type Method<A extends unknown[], R> = {
  (...args: A): Promise<ContractTransactionResponse>;
  staticCall(...args: A): Promise<R>;
};

/** @returns a call of one of the flywheel's contracts, in which all of them are heard */
export function flywheelCall<A extends unknown[], R>(
  { speakers, modules }: Flywheel,
  contract: BaseContract,
  method: Method<A, R>,
  ...args: A
): Call<R> {
  const own = speakers.find((speaker) => speaker.contract.target === contract.target);
  const beyond = speakers.filter((speaker) => speaker !== own);
  const note = modules.known.find((module) => isAt(module.contract, contract.target))?.note;
  const notes = note === undefined ? [] : [note];
  return { ...callOf(contract, own?.words ?? { refusals: {}, events: {} }, method, ...args), beyond, notes };
}

/** Reads a view that the contracts may refuse. */
export function reading<T>({ speakers }: Flywheel, view: () => Promise<T>): Promise<T> {
  return explaining(speakers, view);
}

/** @returns the number of an agent as it was given */
export function givenAgent(text: string): bigint {
  return wholeNumber("agent", text, "write the agent's number, such as 1");
}

/** @returns a contract of which only a part is known */
export function partOf(session: Session, address: string, abi: readonly string[]): Contract {
  return new Contract(address, abi, session.connection.ethers.provider);
}
