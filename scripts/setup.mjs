// Brings a clone to the point where Hardhat can run: a new enough Node, and complete dependencies.
// Plain JavaScript for whatever Node is there, with no dependency of its own.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The Node that is fetched when the one at hand is older than Hardhat's minimum; npm has it for every platform that Hardhat runs on. */
const PINNED_NODE = "26.10.0";
/** Hardhat's minimum. */
const MINIMUM_NODE = "22.13.0";

/** A failure that one sentence explains; printed without a stack. */
export class SetupError extends Error {}

/**
 * @param {string} version such as "22.13.1"
 * @returns {boolean} whether Hardhat runs on it
 */
export function isSupportedNode(version) {
  const have = version.replace(/^v/, "").split(".").map(Number);
  const need = MINIMUM_NODE.split(".").map(Number);
  for (let i = 0; i < need.length; i++) {
    const difference = (have[i] ?? 0) - (need[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * The platform's binary package behind the npm package `node`, which needs no install script.
 *
 * @param {string} platform as `process.platform`
 * @param {string} arch as `process.arch`
 */
export function nodePackageName(platform, arch) {
  const prefix = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
  return `${prefix}-${platform === "win32" ? "win" : platform}-${arch}`;
}

/**
 * Packages that the lockfile asks for on this platform and that `node_modules` lacks or has in another version.
 * npm writes `node_modules/.package-lock.json` last, so an interrupted install never has a complete one.
 *
 * @param {string} root the project's folder
 * @param {{ platform: string, arch: string, libc: "glibc" | "musl" | undefined }} host
 * @returns {string[]} their paths, such as "node_modules/hardhat"
 */
export function missingPackages(root, host) {
  /** @typedef {{ version?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockEntry */
  /** @type {(path: string) => Record<string, LockEntry>} */
  const packagesOf = (path) => {
    try {
      return JSON.parse(readFileSync(join(root, path), "utf8")).packages ?? {};
    } catch {
      return {};
    }
  };
  const wanted = packagesOf("package-lock.json");
  const installed = packagesOf("node_modules/.package-lock.json");
  return Object.entries(wanted)
    .filter(([path, entry]) => path !== "" && fits(entry.os, host.platform) && fits(entry.cpu, host.arch))
    .filter(([, entry]) => host.libc === undefined || fits(entry.libc, host.libc))
    .filter(([, entry]) => !entry.optional || entry.os !== undefined || entry.cpu !== undefined)
    .filter(
      ([path, entry]) => installed[path]?.version !== entry.version || !existsSync(join(root, path, "package.json")),
    )
    .map(([path]) => path);
}

/**
 * @param {string[] | undefined} allowed npm's `os`, `cpu` or `libc` list
 * @param {string} value
 */
function fits(allowed, value) {
  if (allowed === undefined) return true;
  if (allowed.includes(`!${value}`)) return false;
  return allowed.includes(value) || allowed.every((entry) => entry.startsWith("!"));
}

/** @returns {{ platform: string, arch: string, libc: "glibc" | "musl" | undefined }} */
function thisHost() {
  /** @type {any} */
  const report = process.platform === "linux" ? process.report.getReport() : undefined;
  const libc = report === undefined ? undefined : report.header.glibcVersionRuntime ? "glibc" : "musl";
  return { platform: process.platform, arch: process.arch, libc };
}

/** @returns {string[]} the arguments that make `node` run npm */
function npmCommand() {
  const candidates = [
    process.env.npm_execpath,
    join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js"),
    join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const found = candidates.find((path) => path !== undefined && /npm-cli\.(c|m)?js$/.test(path) && existsSync(path));
  if (found === undefined) throw new SetupError("npm was not found: start this through npm, as in `npm test`.");
  return [found];
}

/**
 * The environment for an npm inside `npm test`: what the user configured (registry, proxy, certificates) stays, what the
 * outer npm says of itself and of this package goes.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function npmEnvironment(env) {
  const own =
    /^npm_(config_(local_prefix|prefix|global|location|workspaces?|dry_run|json)$|package_|lifecycle_|command$)/i;
  return Object.fromEntries(Object.entries(env).filter(([key]) => !own.test(key)));
}

/**
 * @param {string} node the Node that runs npm
 * @param {string[]} args
 * @param {string} cwd
 * @returns {string | undefined} npm's own words where it failed, in one line
 */
function npm(node, args, cwd) {
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  const PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  const result = spawnSync(node, [...npmCommand(), ...args, ...flags, ...patience], {
    cwd,
    env: { ...npmEnvironment(process.env), PATH },
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (result.status === 0) return undefined;
  return firstComplaint(result.stderr ?? "") ?? `npm ended with ${result.signal ?? `code ${String(result.status)}`}`;
}

/**
 * @param {string} stderr what npm wrote
 * @returns {string | undefined} its first sentence, without npm's prefix and error code
 */
export function firstComplaint(stderr) {
  const lines = stderr.split(/\r?\n/).map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim());
  return lines.find((line) => line !== "" && !/^(code|errno|syscall|path|npm warn)\b/i.test(line));
}

/**
 * @param {string} root
 * @returns {string} path of a Node that Hardhat runs on
 */
function ensureNode(root) {
  if (isSupportedNode(process.versions.node)) return process.execPath;
  const prefix = join(root, ".toolchain", "node");
  const name = nodePackageName(process.platform, process.arch);
  const binary = join(prefix, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (runs(binary)) return binary;
  process.stderr.write(
    `Node ${process.versions.node} is older than Hardhat's minimum; fetching Node ${PINNED_NODE} …\n`,
  );
  // Whatever is there is incomplete or of another version, and npm would take it for installed.
  rmSync(prefix, { recursive: true, force: true });
  mkdirSync(prefix, { recursive: true });
  const args = ["install", "--prefix", prefix, "--no-save", "--no-package-lock", "--force", `${name}@${PINNED_NODE}`];
  const complaint = npm(process.execPath, args, prefix);
  if (complaint !== undefined || !runs(binary)) {
    throw new SetupError(
      `Node ${process.versions.node} is too old, and Node ${PINNED_NODE} ` +
        `${complaint === undefined ? "was fetched but does not run here" : `could not be fetched (${complaint})`}: ` +
        `install Node ${MINIMUM_NODE} or newer, then run the same command again.`,
    );
  }
  return binary;
}

/** @param {string} binary */
function runs(binary) {
  if (!existsSync(binary)) return false;
  const result = spawnSync(binary, ["--version"], { encoding: "utf8" });
  return result.status === 0 && result.stdout.trim() === `v${PINNED_NODE}`;
}

/**
 * @param {string} root
 * @param {string} node
 * @param {string[]} entryPoints files that are about to be run
 */
function ensureDependencies(root, node, entryPoints) {
  const host = thisHost();
  const missing = () => [...missingPackages(root, host), ...entryPoints.filter((path) => !existsSync(path))];
  if (missing().length > 0) {
    process.stderr.write("Installing the dependencies of package-lock.json (once, about a minute) …\n");
    const complaint = npm(node, ["ci"], root);
    const left = missing();
    if (complaint !== undefined || left.length > 0) {
      const why = complaint ?? `${left.length} are missing afterwards, first ${left[0]}`;
      throw new SetupError(
        `The dependencies could not be installed (${why}): check the network and the free disk space, then run the same command again.`,
      );
    }
  }
}

/**
 * Does whatever set-up is still missing; costs a few file reads when nothing is.
 *
 * @param {string} root the project's folder
 * @param {string[]} [entryPoints] files of packages that are about to be run
 * @returns {string} path of the Node to run Hardhat with
 * @throws {SetupError} one sentence that says what to do
 */
export function setUp(root, entryPoints = []) {
  const node = ensureNode(root);
  ensureDependencies(root, node, entryPoints);
  return node;
}
