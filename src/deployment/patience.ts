import { setTimeout as wait } from "node:timers/promises";

import type { RpcProvider } from "./chains.js";
import { hindranceOf } from "./explain.js";

/** Milliseconds for which a deployment waits for what passes by itself, counted anew whenever one of its transactions is confirmed. Choice. */
export const PATIENCE = 180_000;

export interface PatienceOptions {
  readonly provider: RpcProvider;
  readonly patience: number;
  readonly report: (line: string) => void;
  /** How far the run has come; undefined while nothing of it is on record, when every failure ends it. */
  readonly progress: () => number | undefined;
}

/**
 * Runs something that can be run again and then goes on, again and again while only such things hinder it as pass by themselves: a lost
 * connection, a node that is starting, transactions of the same account that somebody sent meanwhile.
 */
export async function persist<T>(run: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { provider, patience, report, progress } = options;
  const pause = Math.min(1_000, patience);
  let [reached, until] = [progress(), Date.now() + patience];
  for (let said = ""; ;) {
    try {
      return await run();
    } catch (error) {
      const hindrance = hindranceOf(error);
      const now = progress();
      if (hindrance === undefined || now === undefined) throw error;
      if (now !== reached) [reached, until] = [now, Date.now() + patience];
      if (hindrance !== said) report(`${hindrance}; going on as soon as that has passed …`);
      said = hindrance;
      do {
        if (Date.now() >= until) throw error;
        await wait(pause);
      } while (!(await answers(provider)));
    }
  }
}

async function answers(provider: RpcProvider): Promise<boolean> {
  try {
    await provider.request({ method: "eth_blockNumber" });
    return true;
  } catch {
    return false;
  }
}
