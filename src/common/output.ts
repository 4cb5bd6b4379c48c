/**
 * What a command may write over: nothing that somebody could miss.
 */

import { lstatSync, statSync } from "node:fs";

import { ExplainedError } from "../deployment/explained-error.js";
import { holdsStore } from "../merkle/store.js";

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

/**
 * @param out where a store is to go: a free path, or an earlier store
 * @param input the file that it is built from
 * @param what that file is called
 * @throws ExplainedError when `out` is that file, by whatever name, or anything else that is no store
 */
export function checkStorePath(out: string, input: string, what: string): void {
  if (isSameFile(out, input)) {
    throw new ExplainedError(`${out} is the ${what} itself, and the store would replace it: give another --out.`);
  }
  const there = statSync(out, { throwIfNoEntry: false });
  if (there === undefined || (there.isFile() && isStore(out))) return;
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
