import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";

const require = createRequire(import.meta.url);

/** Where npm's compiler is: it comes with every other dependency, so nothing is downloaded at compile time. */
export const solcPath = require.resolve("solc/soljson.js");

/** The compiler holds its thread for minutes, so it gets one of its own, in which JavaScript as plain as this runs without a loader. */
const WORKER = `
const { parentPort, workerData } = require("node:worker_threads");
parentPort.postMessage(require(workerData.solc).compile(workerData.input));
`;

/** The part of npm's solc that is asked here; it comes without types. */
interface Solc {
  version(): string;
}

/** @returns the version of the installed compiler, such as "0.8.34+commit.80d5c536" */
export function installedCompiler(): string {
  return (require("solc") as Solc).version().replace(/\.Emscripten.*$/, "");
}

/**
 * Has npm's solc compile.
 * @param input solc's standard JSON
 * @returns solc's standard JSON, with the errors that it found, if any
 * @throws Error if the compiler's thread ends without an answer
 */
export function compile(input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(WORKER, { eval: true, workerData: { solc: require.resolve("solc"), input } });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => {
      reject(new Error(`The compiler's thread ended with code ${String(code)} and no output.`));
    });
  });
}
