import type { Result } from "hardhat/types/utils";

import { ExplainedError } from "../../src/deployment/explained-error.js";

/** A number or text as JSON can hold it: quantities are texts, since JSON's numbers lose digits. */
function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/**
 * Runs a command's body and prints its answer: text for people, or one JSON document for machines. A failure that explains
 * itself is one sentence on stderr and exit code 1; any other is a defect and keeps its stack on stderr. With --json either
 * is `{"error": …}` on stdout, and exit code 1.
 * @returns what Hardhat turns into the exit code; callers of the task find the value or the error in it.
 */
export async function answer<T>(
  json: boolean,
  body: () => Promise<T>,
  describe: (value: T) => string,
): Promise<Result<T, Error>> {
  try {
    const value = await body();
    console.log(json ? JSON.stringify(value, plain, 2) : describe(value));
    return { success: true, value };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error), { cause: error });
    const explained = failure instanceof ExplainedError;
    if (json) {
      console.log(JSON.stringify({ error: failure.message }, undefined, 2));
      if (!explained) console.error(failure.stack);
    } else {
      if (!explained) throw failure;
      console.error(failure.message);
    }
    return { success: false, error: failure };
  }
}
