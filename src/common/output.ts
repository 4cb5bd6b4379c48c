/**
 * What a command may write over: nothing that somebody could miss.
 */

import { lstatSync, statSync } from "node:fs";

import { ExplainedError } from "../deployment/explained-error.js";
import { holdsStore, MerkleStore } from "../merkle/store.js";

/** What the leaves of one kind of proof store are. */
export interface StoreKind {
  /** Whose they are, such as "an airdrop's". */
  readonly owner: string;
  /** Solidity types of a leaf's values. */
  readonly types: readonly string[];
  /** By which of them a proof is looked up. */
  readonly keyColumn: number;
}

/** Whether a store is of a kind. */
export function isOfKind({ encoding, keyColumn }: MerkleStore, kind: StoreKind): boolean {
  return encoding.types.join() === kind.types.join() && keyColumn === kind.keyColumn;
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function isStore(path: string): boolean {
  try {
    return holdsStore(path);
  } catch {
    return false; // What can't be read can't be told to be a store.
  }
}

/** The types of a store's leaves where it is whole and of another kind: one that is damaged, or of an older version, may go. */
function otherTypes(path: string, kind: StoreKind): readonly string[] | undefined {
  let opened: MerkleStore;
  try {
    opened = MerkleStore.open(path);
  } catch {
    return undefined;
  }
  using store = opened;
  return isOfKind(store, kind) ? undefined : store.encoding.types;
}

/**
 * @param out where a store is to go: a free path, or an earlier store of the same kind
 * @param input the file that it is built from
 * @param what that file is called
 * @throws ExplainedError when `out` is that file, by whatever name, or anything else that is no such store
 */
export function checkStorePath(out: string, input: string, what: string, kind: StoreKind): void {
  if (isSameFile(out, input)) {
    throw new ExplainedError(`${out} is the ${what} itself, and the store would replace it: give another --out.`);
  }
  const there = statSync(out, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (there.isFile() && isStore(out)) {
    const types = otherTypes(out, kind);
    if (types === undefined) return;
    throw new ExplainedError(
      `${out} holds leaves (${types.join(", ")}), not ${kind.owner}, so it is not replaced: give another --out, or move it away first.`,
    );
  }
  throw new ExplainedError(
    `${out} exists and is no proof store, so it is not replaced: give another --out, or move it away first.`,
  );
}

/**
 * @param out where a list is to go
 * @throws ExplainedError when there is anything
 */
export function checkFreePath(out: string): void {
  if (lstatSync(out, { throwIfNoEntry: false }) === undefined) return;
  throw new ExplainedError(`${out} exists, and a sample replaces nothing: give another --out, or move it away first.`);
}
