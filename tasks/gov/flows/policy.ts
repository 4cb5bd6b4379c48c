import { formatCount, renderTable } from "../../../src/format.js";
import { formatMoment, wholeNumber } from "../../support/inputs.js";
import type { Session } from "../../support/session.js";
import { inTurns } from "../../xp/flywheel.js";
import { type Government, governmentOf, reading } from "../government.js";
import { printable } from "../../support/text.js";
import { inQuotes } from "../words.js";

/** A version of a policy, as it was decided; the time in seconds. */
export interface PolicyVersion {
  readonly policy: string;
  readonly version: bigint;
  readonly hash: string;
  readonly uri: string;
  readonly since: bigint;
}

export interface Policies {
  readonly network: string;
  /** The policy asked for, with all its versions or the one asked for; all policies with their latest version where none was. */
  readonly policy: string | undefined;
  readonly versions: readonly PolicyVersion[];
}

/** Reads what was decided about what runs off-chain: `hardhat gov policy`. */
export async function readPolicies(
  session: Session,
  { policy, number }: { readonly policy: string; readonly number: string },
): Promise<Policies> {
  const government = governmentOf(session);
  const { policyRegistry: registry } = government;
  const network = session.connection.networkName;
  if (policy === "") {
    const names = await inTurns(await numbersTo(registry.count()), (i) => registry.nameAt(i - 1n));
    const versions = await inTurns(names, async (name) => versionOf(government, name, await registry.versionOf(name)));
    return { network, policy: undefined, versions };
  }
  if (number !== "") {
    return { network, policy, versions: [await versionOf(government, policy, wholeNumber("number", number))] };
  }
  await reading(government, () => registry.policy(policy));
  const numbers = await numbersTo(registry.versionOf(policy));
  return { network, policy, versions: await inTurns(numbers, (version) => versionOf(government, policy, version)) };
}

async function numbersTo(count: Promise<bigint>): Promise<readonly bigint[]> {
  return Array.from({ length: Number(await count) }, (_, i) => BigInt(i + 1));
}

async function versionOf(government: Government, policy: string, version: bigint): Promise<PolicyVersion> {
  const { contentHash, uri, updatedAt } = await reading(government, () =>
    government.policyRegistry.policyAt(policy, version),
  );
  return { policy, version, hash: contentHash, uri, since: updatedAt };
}

export function describePolicies({ network, policy, versions }: Policies): string {
  const what =
    policy === undefined
      ? `${formatCount(versions.length)} policies on network "${network}", each with its latest version`
      : `The policy ${inQuotes(policy)} on network "${network}"`;
  if (versions.length === 0) return `Nothing was decided yet about what runs off-chain, on network "${network}".`;
  return [
    `${what}; a text is the one decided if the Keccak-256 hash of its bytes is this.`,
    "",
    renderTable(
      ["policy", "version", "since", "hash", "text"].map((title) => ({
        title,
        align: title === "version" ? ("right" as const) : ("left" as const),
      })),
      versions.map((v) => [
        printable(v.policy),
        formatCount(v.version),
        formatMoment(v.since),
        v.hash,
        printable(v.uri),
      ]),
    ),
  ].join("\n");
}
