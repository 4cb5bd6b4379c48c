// Prints which state-changing functions of which contracts the commands under tasks/ use, by the types of typechain's classes: those that are
// called or handed on as `contract.method`, and those that are encoded as a part of another call. The story under tasks/demo is no command.
// A process of its own, since tsx makes the compiler slow.
//
// Argument: the project's folder. Output: an object of lists by the contract's name; overloaded functions with their types.

import { join, relative, sep } from "node:path";

import ts from "typescript";

const [project = "."] = process.argv.slice(2);
const { config } = ts.readConfigFile(join(project, "tsconfig.json"), (file) => ts.sys.readFile(file));
const { fileNames, options } = ts.parseJsonConfigFileContent({ ...config, include: ["tasks"] }, ts.sys, project);
const program = ts.createProgram(fileNames, options);
const checker = program.getTypeChecker();

/** @type {Record<string, Set<string>>} */
const used = {};

/**
 * @param {ts.Expression} object
 * @param {string} method
 */
function note(object, method) {
  const type = checker.getTypeAtLocation(object);
  for (const each of type.isUnion() ? type.types : [type]) {
    const contract = each.symbol?.name.replace(/Interface$/, "");
    if (contract !== undefined) (used[contract] ??= new Set()).add(method);
  }
}

/** @param {ts.Node} node */
function visit(node) {
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
    const name = ts.isPropertyAccessExpression(node)
      ? node.name.text
      : ts.isStringLiteralLike(node.argumentExpression)
        ? node.argumentExpression.text
        : undefined;
    const type = checker.typeToString(checker.getTypeAtLocation(node), undefined, ts.TypeFormatFlags.NoTruncation);
    if (name !== undefined && /^TypedContractMethod<.*"(nonpayable|payable)">$/s.test(type))
      note(node.expression, name);
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const [first] = node.arguments;
    if (node.expression.name.text === "encodeFunctionData" && first && ts.isStringLiteralLike(first)) {
      note(node.expression.expression, first.text);
    }
  }
  ts.forEachChild(node, visit);
}

for (const file of program.getSourceFiles()) {
  const path = relative(project, file.fileName).replaceAll(sep, "/");
  if (path.startsWith("tasks/") && !path.startsWith("tasks/demo/")) visit(file);
}
const lists = Object.entries(used).map(([contract, methods]) => [contract, [...methods].sort()]);
process.stdout.write(JSON.stringify(Object.fromEntries(lists)));
