import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { getAddress } from "ethers";

import { ExplainedError } from "./explained-error.js";
import { type Address, DeploymentFolder, type Hash, writeWhole } from "./folder.js";

/** What is read here of a line of Ignition's journal. */
interface JournalLine {
  readonly type: string;
  readonly futureId?: string;
  readonly from?: Address;
  readonly nonce?: number;
  readonly networkInteraction?: {
    readonly id: number;
    readonly type: string;
    readonly to?: Address;
    readonly data: Hash;
    readonly value?: { readonly value: string };
  };
  readonly transaction?: { readonly hash: Hash };
  readonly hash?: Hash;
  readonly receipt?: { readonly blockNumber: number };
}

/** How far earlier runs came with a future. */
export interface FutureProgress {
  /**
   * "begun": no transaction was made up yet; "requested": one was; "prepared": it got a nonce and was sent, or was just about to
   * be; "sent": its hash is on record; "confirmed": the chain has it.
   */
  readonly stage: "begun" | "requested" | "prepared" | "sent" | "confirmed";
  /** Undefined for futures that send nothing. */
  readonly sender: Address | undefined;
  readonly nonce: number | undefined;
  /** What is to be sent; undefined before that is known, and for futures that send nothing. */
  readonly request: { readonly to: Address | undefined; readonly data: Hash; readonly value: bigint } | undefined;
  /** Ignition's number of that request. */
  readonly interaction: number | undefined;
  /** Every transaction that was sent for it: more than one where the fee was raised. */
  readonly hashes: readonly Hash[];
  /** The block that has it, once it is confirmed. */
  readonly block: number | undefined;
}

const BEGUN = {
  stage: "begun",
  nonce: undefined,
  request: undefined,
  interaction: undefined,
  hashes: [],
  block: undefined,
} as const;

/**
 * Takes away the last line if a kill left half of it, and the whole journal if nothing else was in it. Whatever that line would
 * have said either has not happened yet or can be asked of the chain.
 * @throws ExplainedError if any other line is damaged.
 */
export async function mendJournal(folder: DeploymentFolder): Promise<void> {
  if (!folder.isStarted) return;
  const { whole, isTorn } = readLines(folder);
  if (whole.length === 0) await rm(folder.journalFile);
  else if (isTorn) await writeWhole(folder.journalFile, `${whole.map(({ text }) => text).join("\n")}\n`);
}

interface WholeLine {
  readonly text: string;
  readonly read: unknown;
}

/** The lines of a journal that are there as a whole, and whether a kill left half of another at its end. */
function readLines({ journalFile, path }: DeploymentFolder): { readonly whole: readonly WholeLine[]; isTorn: boolean } {
  const lines = [...readFileSync(journalFile, "utf8").split("\n").entries()].filter(([, text]) => text !== "");
  const whole: WholeLine[] = [];
  for (const [number, text] of lines) {
    try {
      whole.push({ text, read: JSON.parse(text) as unknown });
    } catch {
      if (number === lines.at(-1)?.[0]) return { whole, isTorn: true };
      throw new ExplainedError(
        `Line ${String(number + 1)} of ${journalFile} is not JSON: restore the file from version control or move ${path} away.`,
      );
    }
  }
  return { whole, isTorn: false };
}

/**
 * @returns what the lines of a journal say, without half a line that a kill left at its end: that is put right when the deployment goes on
 * @throws ExplainedError if any other line is damaged
 */
export function readJournal<Line>(folder: DeploymentFolder): readonly Line[] {
  return readLines(folder).whole.map(({ read }) => read as Line);
}

/** @returns how far each future came that the journal says was begun. */
export function readProgress(folder: DeploymentFolder): ReadonlyMap<string, FutureProgress> {
  const progress = new Map<string, FutureProgress>();
  for (const read of readJournal<JournalLine>(folder)) {
    const { type, futureId = "" } = read;
    if (type.endsWith("_EXECUTION_STATE_INITIALIZE")) {
      progress.set(futureId, { ...BEGUN, sender: read.from });
      continue;
    }
    const before = progress.get(futureId);
    if (!before) continue;
    if (type === "WIPE_APPLY") progress.delete(futureId);
    else progress.set(futureId, { ...before, ...stepOf(read, before) });
  }
  return progress;
}

/** What a line of the journal changes in how far a future has come. */
function stepOf(
  { type, nonce, networkInteraction, transaction, receipt }: JournalLine,
  before: FutureProgress,
): Partial<FutureProgress> {
  switch (type) {
    case "NETWORK_INTERACTION_REQUEST": {
      if (networkInteraction?.type !== "ONCHAIN_INTERACTION") return { ...BEGUN, stage: "requested" };
      const { to, data, value, id } = networkInteraction;
      const request = { to, data, value: BigInt(value?.value ?? 0) };
      return { ...BEGUN, stage: "requested", request, interaction: id };
    }
    case "ONCHAIN_INTERACTION_REPLACED_BY_USER":
      return { stage: "requested", nonce: undefined, hashes: [] };
    case "TRANSACTION_PREPARE_SEND":
      // One that was sent already and is sent again for a higher fee stays known by its first hash.
      return before.stage === "sent" ? {} : { stage: "prepared", nonce };
    case "TRANSACTION_SEND":
      return { stage: "sent", nonce, hashes: [...before.hashes, ...(transaction ? [transaction.hash] : [])] };
    case "TRANSACTION_CONFIRM":
      return { stage: "confirmed", block: receipt?.blockNumber };
    default:
      return {};
  }
}

/** @returns the module of a future, which is how Ignition's ids begin */
export function moduleNamed(future: string): string {
  return future.split("#")[0] ?? "";
}

/** @returns who deployed first, as far as the journal tells; an economy beside that may be somebody else's */
export function readSender(folder: DeploymentFolder): Address | undefined {
  if (!folder.isStarted) return undefined;
  const sent = [...readProgress(folder).values()].find(({ sender }) => sender !== undefined);
  return sent?.sender === undefined ? undefined : (getAddress(sent.sender) as Address);
}

/** @returns how many transactions the journal says the chain has had, whatever a kill left of its last line */
export function countConfirmed({ journalFile }: DeploymentFolder): number {
  return readFileSync(journalFile, "utf8").split('"type":"TRANSACTION_CONFIRM"').length - 1;
}

/** @returns the transactions that the journal says the chain has, of steps that stand */
export function readConfirmed(folder: DeploymentFolder): readonly { readonly future: string; readonly hash: Hash }[] {
  const confirmed: { future: string; hash: Hash }[] = [];
  for (const { type, futureId = "", hash } of readJournal<JournalLine>(folder)) {
    if (type === "TRANSACTION_CONFIRM" && hash !== undefined) confirmed.push({ future: futureId, hash });
    // What failed is begun anew, and its transaction counts no more.
    if (type === "WIPE_APPLY")
      confirmed.splice(0, confirmed.length, ...confirmed.filter(({ future }) => future !== futureId));
  }
  return confirmed;
}

/** @returns whether a deployment beside the one in a folder has a transaction on record */
export function isRecordedBeside(path: string, hash: Hash): boolean {
  const beside = dirname(path);
  if (!existsSync(beside)) return false;
  return readdirSync(beside)
    .filter((name) => name !== basename(path))
    .map((name) => new DeploymentFolder(join(beside, name)).journalFile)
    .some((file) => existsSync(file) && readFileSync(file, "utf8").includes(hash));
}
