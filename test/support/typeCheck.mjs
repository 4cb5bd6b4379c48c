// Compiles the TypeScript of a project that imports the package, and prints what the compiler finds in it and in the package's declarations: like
// `tsc` without `skipLibCheck`, but for what others declare. A process of its own, since tsx makes the compiler slow.
//
// Arguments: the project's folder, and its files.

import { join, relative, sep } from "node:path";

import ts from "typescript";

const [project = ".", ...files] = process.argv.slice(2);
const program = ts.createProgram(
  files.map((file) => join(project, file)),
  {
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: ["node"],
    typeRoots: [join(project, "node_modules", "@types")],
    rootDir: project,
    outDir: join(project, "out"),
  },
);
// Typechain's classes are as alike as their contracts: those of two economies stand for all.
const own = program.getSourceFiles().filter(({ fileName }) => {
  const path = relative(project, fileName).replaceAll(sep, "/");
  return !/^\.\.|^node_modules\/(?!xonomy\/)|typechain-types\/.*\/(xme|xp|@openzeppelin)\//.test(path);
});
const problems = [
  ...program.getOptionsDiagnostics(),
  ...program.getGlobalDiagnostics(),
  ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ...program.emit().diagnostics,
];
const host = ts.createCompilerHost(program.getCompilerOptions());
const checked = own.map(({ fileName }) => relative(project, fileName).replaceAll(sep, "/"));
process.stdout.write(JSON.stringify({ checked, problems: ts.formatDiagnostics(problems, host) }));
