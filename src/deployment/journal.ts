import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";

import { getAddress } from "ethers";

import { ExplainedError } from "./explained-error.js";
import { type Address, type DeploymentFolder, writeWhole } from "./folder.js";

/** What is read here of a line of Ignition's journal. */
interface JournalLine {
  readonly type: string;
  readonly futureId?: string;
  readonly from?: Address;
  readonly nonce?: number;
}

/** How far earlier runs came with a future. */
export interface FutureProgress {
  /**
   * "begun": no transaction was made up yet; "requested": one was; "prepared": it got a nonce and was sent, or was just about to
   * be; "sent": its hash is on record.
   */
  readonly stage: "begun" | "requested" | "prepared" | "sent";
  /** Undefined for futures that send nothing. */
  readonly sender: Address | undefined;
  readonly nonce: number | undefined;
}

/**
 * Takes away the last line if a kill left half of it, and the whole journal if nothing else was in it. Whatever that line would
 * have said either has not happened yet or can be asked of the chain.
 * @throws ExplainedError if any other line is damaged.
 */
export async function mendJournal({ journalFile, path }: DeploymentFolder): Promise<void> {
  if (!existsSync(journalFile)) return;
  const lines = readFileSync(journalFile, "utf8").split("\n");
  const written = lines.filter((line) => line !== "");
  const whole = isWhole(written.at(-1)) ? written : written.slice(0, -1);
  const damaged = lines.findIndex((line) => line !== "" && line !== written.at(-1) && !isWhole(line));
  if (damaged >= 0) {
    throw new ExplainedError(
      `Line ${String(damaged + 1)} of ${journalFile} is not JSON: restore the file from version control or move ${path} away.`,
    );
  }
  if (whole.length === 0) await rm(journalFile);
  else if (whole.length < written.length) await writeWhole(journalFile, `${whole.join("\n")}\n`);
}

function isWhole(line: string | undefined): boolean {
  if (line === undefined) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** @returns how far each future came that the journal says was begun. */
export function readProgress({ journalFile }: DeploymentFolder): ReadonlyMap<string, FutureProgress> {
  const progress = new Map<string, FutureProgress>();
  for (const line of readFileSync(journalFile, "utf8").split("\n")) {
    if (line === "") continue;
    const { type, futureId = "", from: sender, nonce } = JSON.parse(line) as JournalLine;
    if (type.endsWith("_EXECUTION_STATE_INITIALIZE")) {
      progress.set(futureId, { stage: "begun", sender, nonce: undefined });
      continue;
    }
    const before = progress.get(futureId);
    if (!before) continue;
    switch (type) {
      case "NETWORK_INTERACTION_REQUEST":
      case "ONCHAIN_INTERACTION_REPLACED_BY_USER":
        progress.set(futureId, { ...before, stage: "requested", nonce: undefined });
        break;
      case "TRANSACTION_PREPARE_SEND":
        // One that was sent already and is sent again for a higher fee stays known by its first hash.
        if (before.stage !== "sent") progress.set(futureId, { ...before, stage: "prepared", nonce });
        break;
      case "TRANSACTION_SEND":
        progress.set(futureId, { ...before, stage: "sent", nonce });
        break;
      case "WIPE_APPLY":
        progress.delete(futureId);
    }
  }
  return progress;
}

/** @returns who deployed, as far as the journal tells: all transactions of a deployment are of one account */
export function readSender(folder: DeploymentFolder): Address | undefined {
  if (!existsSync(folder.journalFile)) return undefined;
  const sent = [...readProgress(folder).values()].find(({ sender }) => sender !== undefined);
  return sent?.sender === undefined ? undefined : (getAddress(sent.sender) as Address);
}
