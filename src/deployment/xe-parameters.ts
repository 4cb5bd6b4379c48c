import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import { formatUnits, ZeroAddress } from "ethers";

import { mayCarryValue } from "./chains.js";
import type { ExplainedError } from "./explained-error.js";
import type { Address } from "./folder.js";
import type { ParameterEnvironment, ParameterFile } from "./parameters.js";
import { account, amount, duration, either, flag, object, Place } from "./readers.js";

/** Seconds; choice: nothing on chain bounds the delay. In less than a day nobody can answer to what was decided. */
const MIN_TIMELOCK_DELAY = 86_400n;
/** Seconds; choice: what waits for longer than 30 days cannot answer to anything, not even to shorten its own delay. */
const MAX_TIMELOCK_DELAY = 2_592_000n;
/** The most XUSD, in wei, that `DualAssetLedger` ever mints. */
const MAX_MINTED = 2n ** 120n - 1n;

/** Everything that XE's deployment takes from outside. Amounts in wei of XUSD, times in seconds. */
export interface XeParameters {
  readonly timelock: { readonly delay: bigint };
  readonly governance: {
    /** The votes that a quorum is at least, however little XUSD there is. */
    readonly minQuorum: bigint;
    /** The votes that an account needs to propose. */
    readonly proposalThreshold: bigint;
  };
  /** Who rules on objections to leases. */
  readonly arbiter: Address;
  /** Whether anybody may claim XUSD, for ever. */
  readonly faucet: boolean;
  /** The XUSD that there is from the beginning, and whose it is. */
  readonly initial: "none" | { readonly recipient: Address; readonly amount: bigint };
}

const xeReader = object({
  timelock: object({ delay: duration }),
  governance: object({ minQuorum: amount("XUSD"), proposalThreshold: amount("XUSD") }),
  arbiter: account,
  faucet: flag,
  initial: either("none", object({ recipient: account, amount: amount("XUSD") })),
});

/**
 * Interprets and checks the part of a parameter file that XE's deployment uses.
 *
 * An open faucet gives anybody any amount of XUSD and of votes, so it is for local chains and testnets. Without it XUSD comes from governance
 * alone, which needs XUSD to decide anything: the initial amount has to reach the quorum.
 * @throws ExplainedError with the file, the path of the field, its value and what to write instead.
 */
export function readXeParameters(file: ParameterFile, { chainId, ...environment }: ParameterEnvironment): XeParameters {
  const top = new Place({ ...environment, file: file.path }).at("xe");
  const given = file.content.xe;
  const read = xeReader(given, top);
  const { timelock, governance, arbiter, faucet, initial } = read;
  const refuse = (path: readonly string[], advice: string): ExplainedError => {
    const value = path.reduce((part, key) => (part as Record<string, unknown>)[key], given);
    return path.reduce((place, key) => place.at(key), top).refuse(value, advice);
  };
  const { deployer } = environment;

  if (timelock.delay < MIN_TIMELOCK_DELAY) throw refuse(["timelock", "delay"], "XE's timelock waits at least 1 day");
  if (timelock.delay > MAX_TIMELOCK_DELAY) throw refuse(["timelock", "delay"], "XE's timelock waits at most 30 days");
  const { minQuorum, proposalThreshold } = governance;
  if (minQuorum === 0n) {
    throw refuse(["governance", "minQuorum"], "without votes anybody would decide everything; write more than zero");
  }
  if (minQuorum > MAX_MINTED) {
    throw refuse(["governance", "minQuorum"], `there are never more than ${xusd(MAX_MINTED)}; write less`);
  }
  if (proposalThreshold === 0n) {
    throw refuse(["governance", "proposalThreshold"], "anybody could propose without end; write more than zero");
  }
  if (proposalThreshold > minQuorum) {
    throw refuse(
      ["governance", "proposalThreshold"],
      `a quorum is ${xusd(minQuorum)}, and whoever has that may propose; write no more`,
    );
  }
  if (arbiter === deployer) {
    throw refuse(["arbiter"], `${deployer} deploys, and the deployer keeps no role; name another account`);
  }
  if (faucet && mayCarryValue(chainId)) {
    throw refuse(
      ["faucet"],
      `the faucet is for local chains and testnets, since with it anybody gets any number of votes, and chain ${String(chainId)} is ` +
        "not known as one; write false",
    );
  }
  if (initial !== "none") {
    if (initial.recipient === deployer) {
      throw refuse(
        ["initial", "recipient"],
        `${deployer} deploys, and the deployer holds nothing afterwards; name another account`,
      );
    }
    if (initial.amount === 0n) {
      throw refuse(["initial", "amount"], 'nothing would be minted; write more, or "none" as xe.initial');
    }
    if (initial.amount > MAX_MINTED) {
      throw refuse(["initial", "amount"], `there are never more than ${xusd(MAX_MINTED)}; write less`);
    }
  }
  if (!faucet && (initial === "none" || initial.amount < minQuorum)) {
    throw refuse(
      initial === "none" ? ["initial"] : ["initial", "amount"],
      `without a faucet there is no XUSD but this and what governance mints, and nothing can be decided with less than the quorum, ` +
        `${xusd(minQuorum)}; write at least that`,
    );
  }
  return read;
}

/** An amount as a person writes it, without the ".0" of ethers. */
function xusd(wei: bigint): string {
  return `${formatUnits(wei, 18).replace(/\.0$/, "")} XUSD`;
}

/** The same parameters under the names that Ignition's module knows them by. */
export function xeToIgnition({ timelock, governance, arbiter, faucet, initial }: XeParameters): DeploymentParameters {
  return {
    Xe: {
      timelockDelay: timelock.delay,
      minQuorum: governance.minQuorum,
      proposalThreshold: governance.proposalThreshold,
      arbiter,
      faucet,
      initialRecipient: initial === "none" ? ZeroAddress : initial.recipient,
      initialAmount: initial === "none" ? 0n : initial.amount,
    },
  };
}
