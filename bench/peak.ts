/** The memory of a measurement. */

import { readFileSync } from "node:fs";

/**
 * @returns the highest resident memory of this process, in units of 2^20 bytes. Linux hands its `maxRSS` down to a child, so that it is never less
 *   than the parent had when it started this one: there the kernel is asked for what this program itself held.
 */
export function peakMegabytes(): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) / 1024;
  } catch {
    // There is no such file but on Linux.
  }
  return process.resourceUsage().maxRSS / 1024; // in kilobytes on every system
}
