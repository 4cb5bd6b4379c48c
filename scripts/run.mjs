// Entry of every npm script: sets the clone up if need be, then runs the command under a Node that Hardhat supports.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { setUp, SetupError } from "./setup.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = (/** @type {string} */ path) => join(root, "node_modules", path);
const hardhat = bin("hardhat/dist/src/cli.js");
const prettier = bin("prettier/bin/prettier.cjs");

/**
 * Each command is a list of steps, each step the arguments of `node`; what the user adds goes to the last step.
 *
 * @type {Record<string, { steps: string[][], env?: Record<string, string> }>}
 */
const commands = {
  start: { steps: [[hardhat, "demo"]] },
  // Each simulated transaction takes memory for a trace: what it gives back is kept for the next one for ten seconds, and not for a hundredth,
  // which is a tenth of the tests' time.
  test: { steps: [[hardhat, "test"]], env: { MIMALLOC_PURGE_DELAY: "10000" } },
  "test:verify": {
    steps: [
      [
        hardhat,
        "test",
        "mocha",
        ...["explorers", "verification"].map((name) => join("test", "proof", `${name}.test.ts`)),
      ],
    ],
  },
  "test:demo": { steps: [[hardhat, "test", "mocha", join("test", "proof", "demo.test.ts")]] },
  "test:commands": { steps: [[hardhat, "test", "mocha", join("test", "proof", "commands.test.ts")]] },
  "test:package": { steps: [[hardhat, "test", "mocha", join("test", "proof", "package.test.ts")]] },
  hardhat: { steps: [[hardhat]] },
  compile: { steps: [[hardhat, "build"]] },
  lint: {
    steps: [
      [hardhat, "build", "--quiet"],
      [prettier, "--check", "--log-level=warn", "."],
      [bin("solhint/solhint.js"), "--max-warnings", "0", "contracts/**/*.sol", "test/**/*.sol", "bench/**/*.sol"],
      [bin("eslint/bin/eslint.js"), "--max-warnings", "0", "."],
      [bin("typescript/bin/tsc")],
    ],
  },
  format: { steps: [[prettier, "--write", "--log-level=warn", "."]] },
  coverage: {
    steps: [[hardhat, "test", "--coverage"], [join(root, "scripts", "coverage-check.mjs")]],
    env: { XONOMY_FUZZ: "light" },
  },
  bench: { steps: [[hardhat, "bench"]] },
  "test:kills": { steps: [[hardhat, "test", "mocha", "test/kills/kills.test.ts"]] },
  // Before `npm pack`. Whoever has compiled already says so, as the tests do, and Hardhat is not asked again.
  package: {
    steps: [
      ...(process.env.XONOMY_COMPILED === "1" ? [] : [[hardhat, "build", "--no-tests", "--quiet"]]),
      [join(root, "scripts", "package", "build.mjs")],
    ],
  },
  // All tests, each as long as it can be: files that the user adds go to the tests of their kind, as with `test`.
  fuzz: { steps: [[hardhat, "test"]], env: { XONOMY_FUZZ: "deep" } },
};

/**
 * @param {string} node
 * @param {string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<number>} the exit code
 */
function run(node, args, env) {
  return new Promise((resolve, reject) => {
    const PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
    const child = spawn(node, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env, PATH } });
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => child.kill(signal));
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

const [name = "", ...rest] = process.argv.slice(2);
const command = commands[name];
try {
  if (command === undefined) {
    throw new SetupError(`Unknown command "${name}": use one of ${Object.keys(commands).join(", ")}.`);
  }
  const node = setUp(
    root,
    command.steps.map(([entry = root]) => entry),
  );
  for (const [index, step] of command.steps.entries()) {
    const args = index === command.steps.length - 1 ? [...step, ...rest] : step;
    process.exitCode = await run(node, args, command.env ?? {});
    if (process.exitCode !== 0) break;
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
