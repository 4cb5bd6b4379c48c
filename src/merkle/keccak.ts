/**
 * keccak256 for millions of short inputs: one WebAssembly instance, initialised when this module loads, nothing asynchronous afterwards.
 */

import { createKeccak } from "hash-wasm";

/** Bytes of a hash. */
export const HASH_SIZE = 32;

const hasher = await createKeccak(256);

/** @returns the keccak256 of `input`, in a buffer of its own */
export function keccak256(input: Uint8Array): Uint8Array {
  hasher.init();
  hasher.update(input);
  return hasher.digest("binary");
}
