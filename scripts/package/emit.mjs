// The public TypeScript as JavaScript with its types: the sources under src/ that package.json's `exports` lead to, and what they import.

import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import ts from "typescript";

/**
 * @param {string} root the project's folder
 * @returns {string[]} the source files that package.json's `exports` lead to
 */
function entryPoints(root) {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.values(exports)
    .map((target) => /^\.\/dist\/(src\/.*)\.js$/.exec(target)?.[1])
    .filter((source) => source !== undefined)
    .flatMap((source) => globSync(`${source}.ts`, { cwd: root }).sort())
    .map((source) => join(root, source));
}

/**
 * Types are not checked here, which `npm run lint` does: this takes a fraction of the time.
 *
 * @param {string} root the project's folder
 * @param {string} outDir
 * @throws {Error} with the compiler's words
 */
export function emitSources(root, outDir) {
  /** @type {ts.CompilerOptions} */
  const options = {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.Node20,
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    types: ["node"],
    noCheck: true,
    stripInternal: true,
    declaration: true,
    declarationMap: true,
    sourceMap: true,
    newLine: ts.NewLineKind.LineFeed,
    rootDir: root,
    outDir,
  };
  const host = ts.createCompilerHost(options);
  const { readFile } = host;
  // Only names are taken from typechain's types, so the compiler need not read them: they go into the package in a quicker way.
  host.readFile = (file) => (file.endsWith("/typechain-types/index.ts") ? undefined : readFile(file));
  const program = ts.createProgram(entryPoints(root), options, host);
  const { diagnostics } = program.emit(undefined, (file, text) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  });
  const problems = [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(), ...diagnostics];
  if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems, host));
  for (const file of globSync("src/mining/*.sql", { cwd: root })) copyFileSync(join(root, file), join(outDir, file));
}
