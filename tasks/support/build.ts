import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

/** How often a build is tried in all. Choice: as many commands as somebody begins at one moment. */
const ATTEMPTS = 4;

/**
 * Compiles what has changed since the last time. Commands that begin at one moment write Hardhat's list of what is compiled to one draft, and
 * whoever comes last finds it gone: that one builds again, which finds all done.
 */
export async function build({ tasks }: Pick<HardhatRuntimeEnvironment, "tasks">): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await tasks.getTask("build").run({ quiet: true, noTests: true });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !isDraftGone(error)) throw error;
    }
  }
}

function isDraftGone(error: unknown): boolean {
  return error instanceof Error && error.name === "FileNotFoundError" && error.message.includes("compile-cache.json");
}
