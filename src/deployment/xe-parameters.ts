import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import { formatUnits, ZeroAddress } from "ethers";

import { MAX_MINTED } from "../xe/ledger.js";
import { mayCarryValue } from "./chains.js";
import type { ExplainedError } from "./explained-error.js";
import type { Address } from "./folder.js";
import { MAX_TIMELOCK_DELAY, MIN_TIMELOCK_DELAY, type ParameterEnvironment, type ParameterFile } from "./parameters.js";
import { account, amount, duration, either, flag, object, Place } from "./readers.js";

/** Everything that XE's deployment takes from outside; amounts in wei of XUSD, times in seconds. */
export interface XeParameters {
  /** Whether anybody can claim XUSD, for ever. */
  readonly faucet: boolean;
  /** Who gets XUSD at the deployment, and how much; nobody where it is undefined. */
  readonly initial: { readonly recipient: Address; readonly amount: bigint } | undefined;
  /** Who rules on objections. */
  readonly arbiter: Address;
  readonly timelock: { readonly delay: bigint };
  readonly governor: {
    /** The XUSD that a quorum is at least. */
    readonly minQuorum: bigint;
    /** The votes that it takes to propose. */
    readonly proposalThreshold: bigint;
  };
}

/** What the chain says about itself, which XE's parameters may refer to and must not contradict. */
export interface XeEnvironment extends ParameterEnvironment {
  readonly chainId: bigint;
}

const xeReader = object({
  faucet: flag,
  initial: either("none", object({ recipient: account, amount: amount("XUSD") })),
  arbiter: account,
  timelock: object({ delay: duration }),
  governor: object({ minQuorum: amount("XUSD"), proposalThreshold: amount("XUSD") }),
});

/**
 * Interprets and checks the part of a parameter file that XE's deployment uses.
 * @throws ExplainedError with the file, the path of the field, its value and what to write instead.
 */
export function readXeParameters(file: ParameterFile, environment: XeEnvironment): XeParameters {
  const { chainId, deployer } = environment;
  const top = new Place({ ...environment, file: file.path }).at("xe");
  const given = file.content.xe;
  const parameters = xeReader(given, top);
  const { faucet, initial, arbiter, timelock, governor } = parameters;
  const refuse = (path: readonly string[], advice: string): ExplainedError => {
    const place = path.reduce((at, key) => at.at(key), top);
    const value = path.reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], given);
    return place.refuse(value, advice);
  };

  const keepsNothing = `${deployer} deploys, and the deployer keeps no role and no XUSD; name another account`;
  if (arbiter === deployer) throw refuse(["arbiter"], keepsNothing);
  if (initial !== "none" && initial.recipient === deployer) throw refuse(["initial", "recipient"], keepsNothing);
  if (faucet && mayCarryValue(chainId)) {
    throw refuse(
      ["faucet"],
      `with a faucet anybody gets any number of votes, so it is for local chains and testnets, and chain ${String(chainId)} is not known as one; ` +
        "write false",
    );
  }
  if (timelock.delay < MIN_TIMELOCK_DELAY) throw refuse(["timelock", "delay"], "the timelock waits at least 2 days");
  if (timelock.delay > MAX_TIMELOCK_DELAY) throw refuse(["timelock", "delay"], "the timelock waits at most 30 days");
  const { minQuorum, proposalThreshold } = governor;
  if (minQuorum === 0n) {
    throw refuse(["governor", "minQuorum"], "a quorum has to have a floor; write a higher amount");
  }
  if (proposalThreshold > minQuorum) {
    throw refuse(
      ["governor", "proposalThreshold"],
      "whoever can decide has to be able to propose; write no more than minQuorum",
    );
  }
  const minted = initial === "none" ? 0n : initial.amount;
  if (initial !== "none" && minted === 0n) {
    throw refuse(["initial", "amount"], 'write a higher amount, or "none" for initial');
  }
  if (minted > MAX_MINTED) {
    throw refuse(
      ["initial", "amount"],
      `the ledger mints no more than ${formatUnits(MAX_MINTED, 18)} XUSD; write less`,
    );
  }
  if (!faucet && minted < minQuorum) {
    throw refuse(
      ["governor", "minQuorum"],
      "without a faucet there is no XUSD but the initial amount until a proposal mints some, and no quorum could ever be reached; write no " +
        "more than initial.amount",
    );
  }
  return { faucet, initial: initial === "none" ? undefined : initial, arbiter, timelock, governor };
}

/** The same parameters under the names that Ignition's module knows them by. */
export function xeToIgnition({ faucet, initial, arbiter, timelock, governor }: XeParameters): DeploymentParameters {
  return {
    Xe: {
      faucet,
      initialRecipient: initial?.recipient ?? ZeroAddress,
      initialAmount: initial?.amount ?? 0n,
      arbiter,
      timelockDelay: timelock.delay,
      minQuorum: governor.minQuorum,
      proposalThreshold: governor.proposalThreshold,
    },
  };
}
