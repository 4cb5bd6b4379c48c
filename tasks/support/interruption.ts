import { constants } from "node:os";

/** What ends a process and leaves it time for a sentence. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What there is to tell of, the newest last. */
const pending = new Set<{ readonly sentence: string }>();

function tell(signal: NodeJS.Signals): void {
  process.stderr.write(`\n${[...pending].map(({ sentence }) => sentence).join("\n")}\n`);
  process.exit(128 + constants.signals[signal]);
}

/**
 * Runs a body that must not end unnoticed: whoever stops the process meanwhile (Ctrl-C, a terminal that closes) reads a sentence on stderr.
 * @param sentence what was done so far, and what to look at
 */
export async function unlessStopped<T>(sentence: string, body: () => Promise<T>): Promise<T> {
  const entry = { sentence };
  if (pending.size === 0) for (const signal of SIGNALS) process.on(signal, tell);
  pending.add(entry);
  try {
    return await body();
  } finally {
    pending.delete(entry);
    if (pending.size === 0) for (const signal of SIGNALS) process.off(signal, tell);
  }
}
