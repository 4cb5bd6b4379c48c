/**
 * A progress bar on one line of a terminal; nothing at all in a pipe.
 */

/** Told how far a step has come, some hundred times a step. `Phase` is the union of a run's steps, in their order. */
export type OnProgress<Phase extends string> = (phase: Phase, done: number, total: number) => void;

const WIDTH = 30;
/** Milliseconds between two drawings: smooth to the eye, cheap to the run. */
const INTERVAL = 100;

/** The part of a terminal that the bar needs. */
export interface BarTarget {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface ProgressBar {
  /** Undefined where nothing is to be shown. */
  onProgress: OnProgress<string> | undefined;
  /** Removes the bar, before anything else is printed. */
  clear: () => void;
}

/**
 * @param target such as process.stderr
 * @param now milliseconds that never go back
 */
export function progressBar(target: BarTarget, now: () => number = () => performance.now()): ProgressBar {
  if (target.isTTY !== true) return { onProgress: undefined, clear: () => undefined };
  let phase: string | undefined;
  let next = 0;
  let isDrawn = false;
  return {
    onProgress: (current, done, total) => {
      if (current === phase && now() < next) return;
      phase = current;
      next = now() + INTERVAL;
      isDrawn = true;
      const part = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(part * WIDTH);
      const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
      target.write(`\r\u001b[K${current.padEnd(24)} ${bar} ${String(Math.floor(part * 100)).padStart(3)} %`);
    },
    clear: () => {
      if (isDrawn) target.write("\r\u001b[K");
      isDrawn = false;
    },
  };
}
