/**
 * What a run of the bench says: gas rows, code sizes, timings.
 */

import type { Measured } from "./chain.js";

/** One call in one state, ours beside the peers. */
export interface GasRow {
  readonly call: string;
  /** What was the case before the call. */
  readonly given: string;
  readonly ours: Measured;
  /** Gas of each peer of the section, `undefined` where it has no such call. */
  readonly peers: readonly (bigint | undefined)[];
  /** The most that ours may use, where the design sets a limit. */
  readonly limit?: bigint;
}

/** Rows that share their peers. */
export interface GasSection {
  readonly id: string;
  readonly title: string;
  /** What a reader must know to trust the rows. */
  readonly note: string;
  readonly peers: readonly string[];
  readonly rows: readonly GasRow[];
}

/** The rows that use more than their limit, each as a sentence; there are none where the design is kept to. */
export function aboveLimits(sections: readonly GasSection[]): readonly string[] {
  return sections.flatMap(({ id, rows }) =>
    rows
      .filter(({ ours, limit }) => limit !== undefined && ours.gas > limit)
      .map(
        ({ call, given, ours, limit }) =>
          `${id}: ${call}, ${given}, uses ${ours.gas.toString()} gas and may use ${String(limit)}.`,
      ),
  );
}

/** What a contract brings to the chain, in bytes. */
export interface CodeSize {
  readonly contract: string;
  readonly runtime: number;
  /** Without constructor arguments. */
  readonly creation: number;
}

/** The most that a chain takes, in bytes: EIP-170 and EIP-3860. */
export const CODE_LIMITS = { runtime: 24_576, creation: 49_152 } as const;

/** Work that was timed, ours beside the peer's. */
export interface TimingRow {
  readonly work: string;
  /** How many rows the list has. */
  readonly leaves: number;
  /** Wall-clock seconds. */
  readonly ours: number;
  /** Wall-clock seconds of the peer and its highest resident memory, where they were measured. */
  readonly peer?: { readonly name: string; readonly seconds: number; readonly peakMegabytes?: number };
  /** The highest resident memory of our process, in units of 2^20 bytes. */
  readonly peakMegabytes: number;
  /** The most that the design gives it, where it names any, on a machine of two cores. */
  readonly limit?: { readonly seconds?: number; readonly peakMegabytes?: number };
}

/** What took longer, or held more, than its limit, each as a sentence. */
export function slowRows(timings: readonly TimingRow[]): readonly string[] {
  return timings.flatMap(({ work, leaves, ours, peakMegabytes, limit = {} }) => {
    const { seconds = Infinity, peakMegabytes: megabytes = Infinity } = limit;
    const what = `timings: ${work} of ${String(leaves)} leaves`;
    return [
      ...(ours > seconds ? [`${what} takes ${ours.toFixed(2)} s and may take ${String(seconds)}.`] : []),
      ...(peakMegabytes > megabytes
        ? [`${what} holds ${peakMegabytes.toFixed(0)} MiB and may hold ${String(megabytes)}.`]
        : []),
    ];
  });
}

/** Everything that a run measured. */
export interface Report {
  readonly gas: readonly GasSection[];
  readonly sizes?: readonly CodeSize[];
  readonly timings?: readonly TimingRow[];
}
