import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { isDeepStrictEqual } from "node:util";

import type { CompilationTarget, SolidityOutput } from "@ethereum-sourcify/lib-sourcify";
import type { ArtifactManager } from "hardhat/types/artifacts";

import { compile, installedCompiler } from "../compiler/solc.js";
import { BUILD_ANEW, readBuildFile, readingOnce } from "../deployment/builds.js";
import { ExplainedError } from "../deployment/explained-error.js";
import type { RecordedBuild } from "./record.js";

/** What is read of the compiler's output; the rest of it would only take time. */
const OUTPUTS = [
  "abi",
  "metadata",
  "userdoc",
  "devdoc",
  "evm.bytecode.object",
  "evm.bytecode.linkReferences",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.linkReferences",
  "evm.deployedBytecode.immutableReferences",
];

const outputs = new Map<string, Promise<SolidityOutput>>();

/**
 * Compiles a deployment's recorded input with npm's solc, the same input once in a process, and of it only `targets`: the other contracts
 * of a build take minutes and say nothing about what is deployed.
 * @throws ExplainedError if another compiler is installed, or if the sources do not compile
 */
export function compileBuild(
  build: RecordedBuild,
  targets: readonly CompilationTarget[],
  onProgress: (line: string) => void = () => undefined,
): Promise<SolidityOutput> {
  checkCompiler(build);
  const text = JSON.stringify(narrowed(build.input, targets));
  const key = createHash("sha256").update(text).digest("hex");
  const known = outputs.get(key);
  if (known) return known;
  const output = turns.take(() => run(text, targets, onProgress));
  outputs.set(key, output);
  return output;
}

function checkCompiler({ solcLongVersion }: RecordedBuild): void {
  const installed = installedCompiler();
  if (solcLongVersion === installed) return;
  throw new ExplainedError(
    `The deployment was compiled with solc ${solcLongVersion}, but ${installed} is installed: check out the commit that it was ` +
      `deployed from, and install what its lockfile says.`,
  );
}

function narrowed(input: RecordedBuild["input"], targets: readonly CompilationTarget[]): RecordedBuild["input"] {
  const outputSelection: Record<string, Record<string, string[]>> = {};
  for (const { path, name } of targets) outputSelection[path] = { ...outputSelection[path], [name]: OUTPUTS };
  return { ...input, settings: { ...input.settings, outputSelection } };
}

async function run(
  input: string,
  targets: readonly CompilationTarget[],
  onProgress: (line: string) => void,
): Promise<SolidityOutput> {
  const names = targets.map(({ name }) => name).join(", ");
  onProgress(`Compiling ${names} …`);
  const began = performance.now();
  const output = JSON.parse(await compile(input)) as SolidityOutput & { errors?: readonly CompilerMessage[] };
  const fatal = output.errors?.find(({ severity }) => severity === "error");
  if (fatal) {
    throw new ExplainedError(
      `The deployment's recorded sources do not compile (${(fatal.formattedMessage ?? fatal.message).trim()}): restore its ` +
        `build-info folder from version control.`,
    );
  }
  onProgress(`Compiled ${names} in ${((performance.now() - began) / 1_000).toFixed(0)} s.`);
  return output;
}

interface CompilerMessage {
  readonly severity: string;
  readonly message: string;
  readonly formattedMessage?: string;
}

/** Lets a number of tasks run side by side: each compilation takes a processor and a gigabyte of memory. */
class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

const turns = new Turns(availableParallelism());

/** The part of Hardhat's artifacts that finds a build by its id. */
export type Builds = Pick<ArtifactManager, "getBuildInfoPath" | "getBuildInfoOutputPath">;

const readInput = readingOnce(async (file) => (await readBuildFile(file, BUILD_ANEW)) as RecordedBuild);
const readOutput = readingOnce(
  async (file) => ((await readBuildFile(file, BUILD_ANEW)) as { output: SolidityOutput }).output,
);

/** @returns what the checkout's own build of the very same input gave, or undefined if it has none */
export async function builtOutput(builds: Builds, build: RecordedBuild): Promise<SolidityOutput | undefined> {
  const [inputFile, outputFile] = await Promise.all([
    builds.getBuildInfoPath(build.id),
    builds.getBuildInfoOutputPath(build.id),
  ]);
  if (inputFile === undefined || outputFile === undefined) return undefined;
  const { input, solcLongVersion } = await readInput(inputFile);
  if (solcLongVersion !== build.solcLongVersion || !isDeepStrictEqual(input, build.input)) return undefined;
  return readOutput(outputFile);
}
