import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { expect } from "chai";
import hre from "hardhat";

const { root } = hre.config.paths;
const COMMAND = join(root, "node_modules", "hardhat", "dist", "src", "cli.js");
const CHAI = import.meta.resolve("chai");

/** Tests that fail with bigints in what Mocha has to tell of them. */
const FAILING = `
  import { expect } from ${JSON.stringify(CHAI)};

  describe("Comparisons", () => {
    it("of two bigints", () => {
      expect(101n).to.equal(102n);
    });
    it("of a bigint and a string", () => {
      expect(103n).to.equal("104");
    });
    it("of a bigint and nothing", () => {
      expect(105n, "the balance").to.equal(undefined);
    });
    it("of a list and its part", () => {
      expect([106n]).to.include(107n);
    });
    it("of what is deep down", () => {
      expect({ of: [108n] }).to.deep.equal([{ of: new Map([["one", 109n]]) }]);
    });
  });

  describe("Errors", () => {
    it("of a contract", () => {
      throw Object.assign(new Error("TooMuch(110, 111)"), { args: [110n, 111n], data: { value: 110n } });
    });
    context("before the first test", () => {
      before(() => {
        throw Object.assign(new Error("TooLittle(112)"), { args: [112n] });
      });
      it("never begins", () => {});
    });
  });
`;

const PASSING = `
  import { expect } from ${JSON.stringify(CHAI)};

  describe("The other file", () => {
    it("finds JSON as it is", () => {
      expect(() => JSON.stringify({ amount: 1n })).to.throw(TypeError, "BigInt");
    });
  });
`;

describe("Reporting", () => {
  let folder: string;
  let report: string;
  let code: number | null;

  /** What is told of the failure that is listed under these titles. */
  const failure = (...titles: string[]): string => {
    const listed = report.slice(report.indexOf(" failing"));
    const parts = listed.split(/\n {2}\d+\) /).filter((part) => titles.every((title) => part.includes(title)));
    if (parts.length !== 1) throw new Error(`"${titles.join(" ")}" is told of ${parts.length} times in:\n${report}`);
    return parts[0] ?? "";
  };

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "xonomy-reporting-"));
    const files = Object.entries({ failing: FAILING, passing: PASSING }).map(([name, content]) => {
      const file = join(folder, `${name}.test.mjs`);
      writeFileSync(file, content);
      return file;
    });
    // As from a shell: neither this process' own part in a run nor what the run measures goes on in the child.
    const own = /^(HARDHAT_|HH_|MOCHA_|NODE_OPTIONS$|NODE_ENV$)/;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
    const child = spawn(process.execPath, [COMMAND, "test", "mocha", "--no-compile", ...files], {
      cwd: root,
      env: { ...env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exit = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    report = (await Promise.all([text(child.stdout), text(child.stderr)])).join("");
    code = await exit;
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("names a failed comparison of bigints, with both values", () => {
    expect(failure("Comparisons", "of two bigints"))
      .to.contain("expected 101n to equal 102n")
      .and.match(/-101n\s+\+102n/);
    expect(failure("Comparisons", "of a bigint and a string")).to.contain("expected 103n to equal '104'");
    expect(failure("Comparisons", "of a bigint and nothing")).to.contain(
      "the balance: expected 105n to equal undefined",
    );
    expect(failure("Comparisons", "of a list and its part")).to.contain("expected [ 106n ] to include 107n");
    expect(failure("Comparisons", "of what is deep down")).to.contain("108n").and.contain("109n");
    for (const title of ["of two bigints", "of a bigint and a string", "of what is deep down"]) {
      expect(failure(title), "the file and its line").to.match(/failing\.test\.mjs:\d+:\d+/);
    }
  });

  it("names an error that carries bigints, thrown by a test or before the first", () => {
    expect(failure("Errors", "of a contract")).to.contain("TooMuch(110, 111)");
    expect(failure("Errors", '"before all" hook')).to.contain("TooLittle(112)");
  });

  it("counts every failure once, and lets the other file pass", () => {
    expect(report)
      .to.match(/\b1 passing\b/)
      .and.match(/\b7 failing\b/);
    expect(report).not.to.contain("serialize");
    expect(report).to.contain("✔ finds JSON as it is");
    expect(code).to.equal(1);
  });
});
