import { ExplainedError } from "./explained-error.js";
import { type DeploymentFolder, readJson, writeJson } from "./folder.js";
import type { InterpretedParameters } from "./interpreted.js";
import type { XpParameters } from "./xp-parameters.js";

/** The parts of a parameter file. */
export type Section = "uniswap" | "xme" | "xp" | "xe";

/** Whom XP answers to: X.me's timelock, or whom the parameters name. */
export type XpGovernanceKind = "timelock" | "parameters";

/** What a deployment was begun with, so that a later run interprets the same file in the same way. */
export interface Beginning {
  readonly start: bigint;
  readonly given: Readonly<Partial<Record<Section, unknown>>>;
  /** Whom XP answers to, once it was begun. */
  readonly governance?: XpGovernanceKind | undefined;
}

interface StoredBeginning {
  readonly start: string;
  readonly given: Beginning["given"];
  readonly interpreted?: { readonly xp?: Pick<XpParameters, "governance"> };
}

export function readBeginning(folder: DeploymentFolder): Beginning | undefined {
  const stored = readJson(folder.parametersFile) as StoredBeginning | undefined;
  if (!stored) return undefined;
  const { start, given, interpreted } = stored;
  const governance = interpreted?.xp?.governance;
  return {
    start: BigInt(start),
    given,
    governance: governance === undefined ? undefined : governance === "timelock" ? "timelock" : "parameters",
  };
}

export async function writeBeginning(
  folder: DeploymentFolder,
  { start, given }: Beginning,
  resolved: InterpretedParameters & { readonly uniswap?: unknown },
): Promise<void> {
  const stored = readJson(folder.parametersFile) as StoredBeginning | undefined;
  const interpreted = { ...stored?.interpreted, ...(readable(resolved) as object) };
  await writeJson(folder.parametersFile, { start: String(start), given, interpreted });
}

/** JSON has no bigint: numbers are written as text. */
function readable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)));
}

export function checkUnchanged(before: unknown, now: unknown, path: string, folder: string | undefined): void {
  if (typeof before === "object" && before !== null && typeof now === "object" && now !== null) {
    const [old, current] = [before as Record<string, unknown>, now as Record<string, unknown>];
    for (const key of new Set([...Object.keys(old), ...Object.keys(current)])) {
      checkUnchanged(old[key], current[key], `${path}.${key}`, folder);
    }
  } else if (before !== now) {
    throw new ExplainedError(
      `${path} is ${JSON.stringify(now) ?? "missing"}, but the deployment in ${folder ?? "memory"} was begun with ` +
        `${JSON.stringify(before) ?? "nothing there"}: restore it, or give another folder with --deployment to start anew.`,
    );
  }
}
