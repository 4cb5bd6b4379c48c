import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import { AbiCoder, getAddress, keccak256, toUtf8Bytes } from "ethers";
import hre, { network } from "hardhat";

import { measureMerkle, type MerkleMeasurement } from "../../../bench/merkle.js";
import {
  AIRDROP_ALLOCATION,
  AirdropListError,
  type AirdropProof,
  AirdropStore,
  mnemonicAccounts,
  progressBar,
  readAirdropList,
  sampleList,
  verifyAirdrop,
  writeSampleList,
} from "../../../src/airdrop/index.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import {
  BATCH_SIZE,
  buildTree,
  hashRows,
  LeafEncoding,
  MerkleStore,
  writeFileAtomically,
  writeStore,
} from "../../../src/merkle/index.js";
import { AIRDROP_LEAF_ENCODING } from "../../../src/xme/airdrop.js";
import { effort } from "../../support/effort.js";

const TYPES = [...AIRDROP_LEAF_ENCODING];
const LOCAL_LIST = "ignition/parameters/airdrop-local.csv";
const XME = 10n ** 18n;

const account = (name: string): string => getAddress(keccak256(toUtf8Bytes(name)).slice(0, 42));
const [ALICE, BOB, CAROL] = [account("alice"), account("bob"), account("carol")];

describe("Airdrop", () => {
  let folder: string;
  let csv: string;
  let out: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "xonomy-airdrop-"));
    csv = join(folder, "list.csv");
    out = join(folder, "store");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Reads a list with that text. */
  function read(text: string | Buffer, allocation?: bigint) {
    writeFileSync(csv, text);
    return readAirdropList(csv, allocation);
  }

  /** The problems that a list with that text is refused for. */
  function problemsOf(text: string | Buffer, allocation?: bigint): string[] {
    try {
      read(text, allocation);
    } catch (error) {
      expect(error).to.be.instanceOf(AirdropListError);
      const { problems, message } = error as AirdropListError;
      expect(message).to.contain("is refused and nothing was written");
      return problems.map(({ line, reason }) => `${String(line)}: ${reason}`);
    }
    throw new Error("the list was accepted");
  }

  const encoded = (rows: [bigint, string, bigint][]): string =>
    rows.map((row) => AbiCoder.defaultAbiCoder().encode(TYPES, row).slice(2)).join("");

  describe("readAirdropList", () => {
    it("numbers the rows in the order of the file and adds them up", () => {
      const list = read(`address,amount\n${BOB},5\n${ALICE},7\n`);
      expect(list.count).to.equal(2);
      expect(list.total).to.equal(12n);
      expect(Buffer.from(list.rows).toString("hex")).to.equal(
        encoded([
          [0n, BOB, 5n],
          [1n, ALICE, 7n],
        ]),
      );
    });

    it("accepts addresses in one case and with their EIP-55 checksum", () => {
      const upper = `0x${BOB.slice(2).toUpperCase()}`;
      const list = read(`address,amount\n${ALICE.toLowerCase()},1\n${upper},2\n${CAROL},3\n`);
      expect(Buffer.from(list.rows).toString("hex")).to.equal(
        encoded([
          [0n, ALICE, 1n],
          [1n, BOB, 2n],
          [2n, CAROL, 3n],
        ]),
      );
      for (let i = 0; i < 200; i++) expect(read(`address,amount\n${account(String(i))},1`).count).to.equal(1);
    });

    it("accepts a byte order mark, CRLF, no line feed at the end and empty lines at the end", () => {
      const plain = read(`address,amount\n${ALICE},1\n${BOB},2\n`);
      for (const text of [
        `\ufeffaddress,amount\n${ALICE},1\n${BOB},2\n`,
        `address,amount\r\n${ALICE},1\r\n${BOB},2\r\n`,
        `\ufeffaddress,amount\r\n${ALICE},1\r\n${BOB},2`,
        `address,amount\n${ALICE},1\n${BOB},2\n\n\n`,
        `address,amount\r\n${ALICE},1\n${BOB},2\r\n\r\n\n`,
      ]) {
        expect(read(text)).to.deep.equal(plain);
      }
    });

    it("reads amounts of every length up to 78 digits as they are", () => {
      const amounts = Array.from({ length: 77 }, (_, i) =>
        BigInt(`${String((i % 9) + 1)}${"9073512864".repeat(8).slice(0, i)}`),
      );
      amounts.push(2n ** 24n - 1n, 2n ** 24n, 2n ** 240n, 2n ** 240n - 1n, 10n ** 76n);
      const rows = amounts.map((amount, i): [bigint, string, bigint] => [BigInt(i), account(String(i)), amount]);
      const text = `address,amount\n${rows.map(([, address, amount]) => `${address},${String(amount)}`).join("\n")}`;
      const list = read(text, 2n ** 256n - 1n);
      expect(Buffer.from(list.rows).toString("hex")).to.equal(encoded(rows));
      expect(list.total).to.equal(amounts.reduce((sum, amount) => sum + amount));
      expect(read(`address,amount\n${ALICE},${String(2n ** 256n - 1n)}`, 2n ** 256n - 1n).total).to.equal(
        2n ** 256n - 1n,
      );
    });

    const swapped = ALICE.replace(/[a-f]/, (letter) => letter.toUpperCase()).replace(/[A-F](?=[^A-F]*$)/, (letter) =>
      letter.toLowerCase(),
    );
    const cases: [string, string, string | RegExp][] = [
      ["a bad checksum", `${swapped},1`, `has a wrong checksum (EIP-55 writes it ${ALICE})`],
      ["too few digits", `${ALICE.slice(0, -1)},1`, "is malformed: write 0x and 40 hex digits"],
      ["too many digits", `${ALICE}0,1`, "is malformed"],
      ["a letter that is no digit", `${ALICE.slice(0, -1)}g,1`, "is malformed"],
      ["no 0x", `${ALICE.slice(2)}00,1`, "is malformed"],
      ["0X", `0X${ALICE.slice(2)},1`, "is malformed"],
      ["a space before the address", ` ${ALICE},1`, "is malformed"],
      ["no address", ",1", 'the address "" is malformed'],
      ["the zero address", `0x${"0".repeat(40)},1`, "the address is zero"],
      ["a duplicate address", `${BOB},1`, `the address ${BOB} is a duplicate of line 3`],
      ["a duplicate in another case", `${BOB.toLowerCase()},1`, `the address ${BOB} is a duplicate of line 3`],
      ["zero", `${ALICE},0`, "the amount is zero"],
      ["a long zero", `${ALICE},000`, "the amount is zero"],
      ["a negative amount", `${ALICE},-5`, 'the amount "-5" is negative'],
      ["a fractional amount", `${ALICE},1.5`, 'the amount "1.5" is fractional: write whole wei'],
      ["a fraction of zero", `${ALICE},0.5`, 'the amount "0.5" is fractional'],
      ["an exponent", `${ALICE},1e18`, 'the amount "1e18" is no whole number'],
      ["a plus sign", `${ALICE},+1`, 'the amount "+1" is no whole number'],
      ["hex", `${ALICE},0x10`, 'the amount "0x10" is no whole number'],
      ["a leading zero", `${ALICE},010`, 'the amount "010" starts with a zero'],
      ["a space behind the amount", `${ALICE},1 `, 'the amount "1 " is no whole number'],
      ["no amount", `${ALICE},`, "the amount is missing"],
      ["an amount of 2^256", `${ALICE},${String(2n ** 256n)}`, "is above 2^256 - 1"],
      ["an amount of 79 digits", `${ALICE},${"1".repeat(79)}`, "is above 2^256 - 1"],
      ["one column", ALICE, "there is one column"],
      ["three columns", `${ALICE},1,000`, "more than two columns"],
      ["quotes", `"${ALICE}","1"`, "there are quotes"],
      ["an empty line between rows", "", "the line is empty: only the end of the file may have empty lines"],
      ["a line without end", `${ALICE},${"1".repeat(5000)}`, "the line is longer than 4096 bytes"],
      ["control characters", `${ALICE},\u001b[2J`, 'the amount "\\u001b[2J" is no whole number'],
    ];
    for (const [name, row, reason] of cases) {
      it(`refuses ${name} by its line number`, () => {
        const problems = problemsOf(`address,amount\n${account("x")},1\n${BOB},1\n${row}\n${CAROL},1\n`);
        expect(problems).to.have.length(1);
        expect(problems[0]).to.match(/^4: /).and.contain(reason);
      });
    }

    it("names all bad rows in the order of their lines, and counts those that it does not show", () => {
      const text = `address,amount\n${ALICE},0\n${BOB},1\n${BOB},2\nx\n${BOB},3\n`;
      expect(problemsOf(text).map((problem) => problem.slice(0, 2))).to.deep.equal(["2:", "4:", "5:", "6:"]);
      writeFileSync(csv, `address,amount\n${"x\n".repeat(12)}`);
      expect(() => readAirdropList(csv)).to.throw(/ wrong\.\n {2}line 2: .*/s);
      writeFileSync(csv, `address,amount\n${`${ALICE},0\n`.repeat(5000)}`);
      expect(() => readAirdropList(csv)).to.throw(
        /5,000 lines are wrong\.\n(?: {2}line .*\n){10} {2}… and 4,990 more$/,
      );
    });

    it("names bad checksums, and leaves their amounts out of the sum, wherever they stand among the blocks that are checked at once", () => {
      const bad = [0, 1, BATCH_SIZE - 1, BATCH_SIZE, 2 * BATCH_SIZE, 2 * BATCH_SIZE + 2];
      const row = (i: number): string => `${bad.includes(i) ? swapped : account(String(i))},1000`;
      const rows = Array.from({ length: 2 * BATCH_SIZE + 3 }, (_, i) => row(i));
      rows[BATCH_SIZE + 7] = `${ALICE},0`;
      const text = `address,amount\n${rows.join("\n")}`;
      const good = BigInt(rows.length - bad.length - 1) * 1000n;
      const expected = [...bad, BATCH_SIZE + 7].sort((a, b) => a - b).map((i) => `${String(i + 2)}: the a`);
      expect(problemsOf(text, good).map((problem) => problem.slice(0, problem.indexOf(": ") + 7))).to.deep.equal(
        expected,
      );
      expect(problemsOf(text, good - 1n)).to.have.length(bad.length + 2);
      const last = 2 * BATCH_SIZE + 1; // the last good row
      expect(problemsOf(text, good - 1n).join("\n")).to.match(new RegExp(`^${String(last + 2)}: with this row`, "m"));
    });

    it("accepts a sum that is the allocation", () => {
      expect(read(`address,amount\n${ALICE},${String(AIRDROP_ALLOCATION - 1n)}\n${BOB},1`).total).to.equal(
        AIRDROP_ALLOCATION,
      );
    });

    it("names the line that crosses the allocation", () => {
      const text = `address,amount\n${ALICE},${String(AIRDROP_ALLOCATION)}\n${BOB},1\n${CAROL},1\n`;
      const problems = problemsOf(text);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.contain(
        `3: with this row the sum of the amounts is above the allocation of ${String(150_000_000n * XME)} wei`,
      );
      expect(problemsOf(`address,amount\n${ALICE},9\n${BOB},2\n`, 10n)[0]).to.match(/^3: /);
      const wide = `address,amount\n${ALICE},${String(2n ** 256n - 1n)}\n${BOB},1\n`;
      expect(problemsOf(wide, 2n ** 256n - 1n)[0]).to.match(/^3: with this row/);
    });

    it("refuses line 1 for a missing, wrong or UTF-16 header, an empty file or no row", () => {
      for (const [text, reason] of [
        ["", "the file is empty"],
        ["\ufeff", "the file is empty"],
        ["\n", "the header is missing"],
        [`${ALICE},1\n`, "the first line is exactly address,amount"],
        [`Address,Amount\n${ALICE},1\n`, "the first line is exactly address,amount"],
        [`address,amount,note\n${ALICE},1,x\n`, "the first line is exactly address,amount"],
        [`"address","amount"\n${ALICE},1\n`, "the first line is exactly address,amount"],
        [Buffer.from(`\ufeffaddress,amount\n${ALICE},1\n`, "utf16le"), "the file is UTF-16: save it as UTF-8"],
        [Buffer.alloc(10_000), "the first line is exactly address,amount"],
        ["address,amount", "no row follows the header"],
        ["address,amount\n\n\n", "no row follows the header"],
      ] as const) {
        const problems = problemsOf(text);
        expect(problems).to.have.length(1);
        expect(problems[0]).to.match(/^1: /).and.contain(reason);
      }
    });

    it("reads lines that cross the borders of the pieces that a file is read in as any other", () => {
      const rows = Array.from(
        { length: 30_000 },
        (_, i) => `0x${String(i + 1).padStart(40, "0")},${"7".repeat((i % 20) + 1)}`,
      );
      const list = read(`address,amount\n${rows.join("\r\n")}`, 2n ** 255n);
      expect(list.count).to.equal(rows.length);
      expect(list.total).to.equal(rows.reduce((sum, row) => sum + BigInt(row.slice(43)), 0n));
    });

    it("says so, given no file or a folder", () => {
      expect(() => readAirdropList(join(folder, "none.csv"))).to.throw(ExplainedError, "could not be opened");
      expect(() => readAirdropList(folder)).to.throw(ExplainedError, /is no file|could not be opened/);
    });
  });

  /** What a command printed and came to. */
  async function run(id: string, options: Record<string, string | boolean>) {
    const [log, error] = [console.log, console.error];
    const printed: string[] = [];
    console.log = console.error = (text: string) => void printed.push(text);
    try {
      const result = (await hre.tasks.getTask(["airdrop", id]).run(options)) as { success: boolean };
      return { success: result.success, text: printed.join("\n") };
    } finally {
      [console.log, console.error] = [log, error];
    }
  }

  const localRows = readFileSync(LOCAL_LIST, "utf8").trimEnd().split("\n").slice(1);
  const localTree = StandardMerkleTree.of(
    localRows.map((line, i) => [BigInt(i), ...line.split(",")]),
    TYPES,
  );

  describe("hardhat airdrop build", () => {
    it("writes StandardMerkleTree's root and prints it as JSON", async () => {
      const { success, text } = await run("build", { csv: LOCAL_LIST, out, json: true });
      expect(success).to.equal(true);
      const total = localRows.reduce((sum, row) => sum + BigInt(row.slice(43)), 0n);
      expect(JSON.parse(text)).to.deep.equal({
        rows: localRows.length,
        total: String(total),
        allocation: String(AIRDROP_ALLOCATION),
        root: localTree.root,
        store: out,
      });
      expect(MerkleStore.open(out)).to.have.property("root", localTree.root);
      expect((await run("build", { csv: LOCAL_LIST, out })).text).to.contain(`root        ${localTree.root}`);
    });

    it("says so, fails, and leaves what was there before, given a bad list or a missing option", async () => {
      await run("build", { csv: LOCAL_LIST, out });
      const before = readFileSync(out);
      writeFileSync(csv, `address,amount\n${ALICE},5\n${BOB},-1\n`);
      for (const [options, reason] of [
        [{ csv, out }, 'line 3: the amount "-1" is negative'],
        [{ csv: LOCAL_LIST, out, allocation: "1" }, "line 2: with this row the sum"],
        [{ csv: LOCAL_LIST, out, allocation: "1.5" }, '--allocation is "1.5": write a whole number in digits alone'],
        [
          { csv: LOCAL_LIST, out, allocation: String(2n ** 256n) },
          "--allocation is above 2^256 − 1, the largest number",
        ],
        [{ csv: LOCAL_LIST }, "--out is missing"],
        [{ out }, "--csv is missing"],
        [{ csv: join(folder, "none"), out }, "could not be opened"],
      ] as const) {
        const { success, text } = await run("build", options);
        expect(success).to.equal(false);
        expect(text).to.contain(reason);
        expect(readdirSync(folder).sort()).to.deep.equal(["list.csv", "store"]);
        expect(readFileSync(out).equals(before)).to.equal(true);
      }
    });

    it("leaves the list alone, given the list by whatever name as the place of the store", async () => {
      const text = `address,amount\n${ALICE},5\n`;
      writeFileSync(csv, text);
      const alias = join(folder, "alias");
      const link = join(folder, "link");
      symlinkSync(csv, alias);
      linkSync(csv, link);
      for (const [from, to] of [
        [csv, csv],
        [csv, alias],
        [alias, csv],
        [csv, link],
        [csv, join(folder, ".", "nowhere", "..", "list.csv")],
      ] as const) {
        const result = await run("build", { csv: from, out: to });
        expect(result.text).to.match(/ is the list itself, and the store would replace it: give another --out\.$/);
        expect(result.success).to.equal(false);
        expect(readFileSync(csv, "utf8")).to.equal(text);
        expect(lstatSync(alias).isSymbolicLink()).to.equal(true);
        expect(readdirSync(folder).sort()).to.deep.equal(["alias", "link", "list.csv"]);
      }
    });

    it("replaces an earlier store, and nothing else that exists", async () => {
      for (const text of ["somebody's work", "XONOMER", ""]) {
        writeFileSync(out, text);
        const { success, text: said } = await run("build", { csv: LOCAL_LIST, out });
        expect(success).to.equal(false);
        expect(said).to.equal(
          `${out} exists and is no proof store, so it is not replaced: give another --out, or move it away first.`,
        );
        expect(readFileSync(out, "utf8")).to.equal(text);
      }
      expect((await run("build", { csv: LOCAL_LIST, out: folder })).text).to.contain("exists and is no proof store");
      expect(readdirSync(folder)).to.deep.equal(["store"]);
      const rows = new Uint8Array(32);
      const tree = buildTree(hashRows(rows, 32));
      await writeStore(out, { encoding: new LeafEncoding(["uint256"]), rows, tree, keyColumn: 0 });
      const another = readFileSync(out);
      expect((await run("build", { csv: LOCAL_LIST, out })).text).to.equal(
        `${out} holds leaves (uint256), not an airdrop's, so it is not replaced: give another --out, or move it away first.`,
      );
      expect(readFileSync(out)).to.deep.equal(another);
      // Cut short or of another version, it is still ours to build again.
      writeFileSync(out, "XONOMERK");
      expect((await run("build", { csv: LOCAL_LIST, out })).success).to.equal(true);
      expect(MerkleStore.open(out)).to.have.property("root", localTree.root);
    });

    it("writes the same bytes, given the same list twice", async () => {
      await run("build", { csv: LOCAL_LIST, out });
      await run("build", { csv: LOCAL_LIST, out: `${out}2` });
      expect(readFileSync(out).equals(readFileSync(`${out}2`))).to.equal(true);
    });
  });

  describe("hardhat airdrop proof", () => {
    it("gives StandardMerkleTree's proof", async () => {
      await run("build", { csv: LOCAL_LIST, out });
      for (const index of [0, 1, 599, localRows.length - 1]) {
        const [address = "", amount = ""] = (localRows[index] ?? "").split(",");
        const { text } = await run("proof", { store: out, account: address.toLowerCase(), json: true });
        const proof = localTree.getProof(index);
        expect(JSON.parse(text)).to.deep.equal({
          index: String(index),
          account: address,
          amount,
          proof,
          root: localTree.root,
        });
      }
    });

    it("says so, given an account that is not listed, a bad address or another store", async () => {
      await run("build", { csv: LOCAL_LIST, out });
      for (const [options, reason] of [
        [{ store: out, account: ALICE }, `${ALICE} is not on the list`],
        [{ store: out, account: swapped(ALICE) }, `has a wrong checksum (EIP-55 writes it ${ALICE})`],
        [{ store: out, account: "alice.eth" }, '"alice.eth" is no address'],
        [{ store: out }, "--account is missing"],
        [{ store: LOCAL_LIST, account: ALICE }, "is no proof store"],
      ] as const) {
        const { success, text } = await run("proof", options);
        expect(success).to.equal(false);
        expect(text).to.contain(reason);
      }
    });

    function swapped(address: string): string {
      return address.replace(/[a-f]/, (letter) => letter.toUpperCase());
    }
  });

  describe("hardhat airdrop verify", () => {
    it("says equal, given the list of the store", async () => {
      await run("build", { csv: LOCAL_LIST, out });
      const { success, text } = await run("verify", { csv: LOCAL_LIST, store: out });
      expect(success).to.equal(true);
      expect(text)
        .to.match(/^Equal: .* holds the 1,200 rows/)
        .and.contain(localTree.root);
    });

    it("says where they differ, given other rows or a damaged store", async () => {
      const rows = [`${ALICE},1`, `${BOB},2`, `${CAROL},3`];
      writeFileSync(csv, ["address,amount", ...rows].join("\n"));
      await run("build", { csv, out });
      const good = readFileSync(out);
      const differencesFor = (lines: string[]): string[] => {
        writeFileSync(csv, ["address,amount", ...lines].join("\n"));
        const { equal, differences } = verifyAirdrop({ csv, store: out });
        expect(equal).to.equal(false);
        return differences.slice(1); // the first is the root
      };
      expect(differencesFor([`${ALICE},1`, `${BOB},5`, `${CAROL},3`])).to.deep.include(
        `${BOB} has row 1 with 5 wei in the list and row 1 with 2 wei in the store`,
      );
      expect(differencesFor(rows.slice(0, 2))).to.deep.equal([
        `${CAROL} is in the store (row 2 with 3 wei) and not in the list`,
      ]);
      const dave = account("dave");
      expect(differencesFor([...rows, `${dave},4`])).to.deep.equal([
        `${dave} is in the list (row 3 with 4 wei) and not in the store`,
      ]);
      const swappedRows = differencesFor([`${BOB},2`, `${ALICE},1`, `${CAROL},3`]);
      expect(swappedRows).to.deep.include(`${BOB} has row 0 with 2 wei in the list and row 1 with 2 wei in the store`);

      writeFileSync(csv, ["address,amount", ...rows].join("\n"));
      for (let position = 512; position < good.length; position += 7) {
        writeFileSync(out, good.with(position, (good[position] ?? 0) ^ 0x80));
        const { equal, differenceCount } = verifyAirdrop({ csv, store: out });
        expect(equal, `byte ${String(position)}`).to.equal(false);
        expect(differenceCount).to.be.greaterThan(0);
      }
      const { success, text } = await run("verify", { csv, store: out });
      expect(success).to.equal(false);
      expect(text).to.match(/^Not equal: .* in \d+ places?\.\n {2}/);
    });
  });

  describe("hardhat airdrop sample", () => {
    it("writes a list that build accepts, the same for the same seed", async () => {
      expect((await run("sample", { rows: "20000", seed: "one", out: csv })).success).to.equal(true);
      await writeSampleList({ rows: 20_000, seed: "one", out });
      expect(readFileSync(csv, "utf8")).to.equal(readFileSync(out, "utf8"));
      expect(readFileSync(csv, "utf8")).not.to.equal([...sampleList(20_000, "two")].join(""));
      const list = readAirdropList(csv);
      expect(list.count).to.equal(20_000);
      expect(list.total > 7_900_000n * XME && list.total <= 8_000_000n * XME).to.equal(true);
    });

    it("has made the list of the local chain", async () => {
      await run("sample", { rows: "1200", seed: "airdrop-local", out: csv, testAccounts: true });
      expect(readFileSync(csv, "utf8")).to.equal(readFileSync(LOCAL_LIST, "utf8"));
      const { ethers } = await network.create();
      const signers = (await ethers.getSigners()).map(({ address }) => address);
      expect(mnemonicAccounts(signers.length)).to.deep.equal(signers);
    });

    it("says so and leaves it alone, given something at its place", async () => {
      writeFileSync(csv, "somebody's work");
      symlinkSync(join(folder, "nowhere"), out);
      for (const place of [csv, out, folder]) {
        const { success, text } = await run("sample", { rows: "3", out: place });
        expect(success).to.equal(false);
        expect(text).to.equal(
          `${place} exists, and a sample replaces nothing: give another --out, or move it away first.`,
        );
      }
      expect(readFileSync(csv, "utf8")).to.equal("somebody's work");
      expect(readdirSync(folder).sort()).to.deep.equal(["list.csv", "store"]);
    });

    it("says so, given a number of rows out of range", async () => {
      for (const rows of ["0", "10000001", "-1", "many", "9".repeat(70)]) {
        const { success, text } = await run("sample", { rows, out: csv, testAccounts: true });
        expect(success).to.equal(false);
        expect(text).to.match(/rows can't be made: ask for 1 to 10,000,000|--rows is ".*": write a whole number/);
      }
      expect(readdirSync(folder)).to.deep.equal([]);
    });
  });

  describe("an interrupted run", () => {
    /** Starts a process that writes without end, and stops it when it is at it. */
    async function interrupt(signal: NodeJS.Signals): Promise<void> {
      const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
      const code = `
        import { writeFileAtomically } from ${module("../../../src/merkle/atomic-file.ts")};
        function* endless() {
          for (;;) {
            yield Buffer.alloc(1000);
            process.stdout.write("written");
          }
        }
        await writeFileAtomically(${JSON.stringify(out)}, endless());`;
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
      const child = spawn(process.execPath, ["--import", tsx, "--input-type=module", "-e", code], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(child.stdout, "data");
      expect(readdirSync(folder)).to.deep.equal([`.store.${String(child.pid)}.partial`]);
      child.kill(signal);
      await once(child, "exit");
    }

    it("leaves nothing when it is asked to stop while it writes", async () => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        await interrupt(signal);
        expect(readdirSync(folder)).to.not.include("store");
        // Windows has no way to ask: there it is a kill.
        if (process.platform !== "win32") expect(readdirSync(folder)).to.deep.equal([]);
      }
    });

    it("leaves no output when it is killed while it writes, and the next run removes the rest", async () => {
      await interrupt("SIGKILL");
      expect(readdirSync(folder)).to.not.include("store");
      await writeFileAtomically(out, [Buffer.from("whole")]);
      expect(readdirSync(folder)).to.deep.equal(["store"]);
    });
  });

  describe("hardhat airdrop build, stopped in mid-run", () => {
    const require = createRequire(import.meta.url);
    const { bin } = require("hardhat/package.json") as { bin: { hardhat: string } };
    const command = join(require.resolve("hardhat/package.json"), "..", bin.hardhat);

    /**
     * Runs the command in a process of its own and stops it as soon as it writes.
     * @returns what is in the folder of its output afterwards, or undefined when the store was there before the signal came
     */
    async function stopped(signal: NodeJS.Signals, folder: string): Promise<string[] | undefined> {
      const options = ["airdrop", "build", "--csv", csv, "--out", join(folder, "store")];
      const child = spawn(process.execPath, [command, ...options], { stdio: "ignore" });
      const exit = once(child, "exit");
      while (child.exitCode === null && readdirSync(folder).length === 0) await setTimeout(1);
      child.kill(signal);
      const [code, cause] = (await exit) as [number | null, NodeJS.Signals | null];
      const left = readdirSync(folder);
      if (left.includes("store")) {
        // On a busy machine the signal may come when it has written everything: then the store is whole.
        AirdropStore.open(join(folder, "store"))[Symbol.dispose]();
        return undefined;
      }
      expect(cause, `exit code ${String(code)}`).to.equal(signal);
      return left;
    }

    async function leftBy(signal: NodeJS.Signals): Promise<string[]> {
      for (let attempt = 0; attempt < 5; attempt++) {
        const left = await stopped(signal, mkdtempSync(join(folder, "out-")));
        if (left !== undefined) return left;
      }
      throw new Error("the command was always done before it could be stopped");
    }

    it("leaves nothing at the path of the store, whatever stops it", async function () {
      this.timeout(180_000);
      await writeSampleList({ rows: effort(100_000, 200_000), seed: "stopped", out: csv });
      const signals = ["SIGKILL", "SIGTERM", "SIGINT"] as const;
      const [killed, ...asked] = await Promise.all(signals.map(leftBy));
      expect(killed).to.satisfy((left: string[]) => left.every((name) => /^\.store\.\d+\.partial$/.test(name)));
      // Windows has no way to ask: there it is a kill.
      if (process.platform !== "win32") expect(asked).to.deep.equal([[], []]);
    });
  });

  describe("progressBar", () => {
    it("draws on one line, at most ten times a second and at each new step, and removes itself, given a terminal", () => {
      let [text, time] = ["", 0];
      const bar = progressBar({ isTTY: true, write: (piece) => (text += piece) }, () => time);
      for (time = 0; time < 1000; time++) bar.onProgress?.("reading the list", time, 1000);
      bar.onProgress?.("building the tree", 1, 2);
      bar.clear();
      expect(text).to.not.contain("\n");
      const drawn = text.split("\r\u001b[K").slice(1);
      expect(drawn).to.have.length(12);
      expect(drawn[5]).to.match(/^reading the list +█{15}░{15} +50 %$/);
      expect(drawn[10]).to.match(/^building the tree +█{15}░{15} +50 %$/);
      expect(drawn[11]).to.equal("");
    });

    it("writes nothing, given a pipe", () => {
      const bar = progressBar({ write: () => expect.fail() });
      expect(bar.onProgress).to.equal(undefined);
      bar.clear();
    });
  });

  describe("a long list", function () {
    const ROWS = effort(100_000, 1_000_000);
    /** What a process may take for them on an idle machine, of which starting up is a good part where they are few. */
    const MOST = effort({ cpuSeconds: 4, megabytes: 500 }, { cpuSeconds: 15, megabytes: 2000 });
    const PROOFS = effort(200, 1000);
    const PROOFS_AT_ONCE = 50;
    /** Given, so that no transaction is run several times over to estimate it: the most that a transaction may take. */
    const CLAIMS_GAS = 2n ** 24n;
    const seed = String(Date.now());
    let place: string;
    let measured: MerkleMeasurement;
    let proofs: AirdropProof[];

    before(async function () {
      this.timeout(300_000);
      place = mkdtempSync(join(tmpdir(), "xonomy-long-"));
      const list = join(place, "list.csv");
      await writeSampleList({ rows: ROWS, seed, out: list });
      measured = await measureMerkle("store", list, join(place, "store"));
    });

    after(() => {
      rmSync(place, { recursive: true, force: true });
    });

    it(`goes from the list to the store within little time and memory in a fresh process (${ROWS.toLocaleString("en")} rows)`, () => {
      expect(measured.peakMegabytes).to.be.lessThan(MOST.megabytes);
      // This machine may be busy, so its clock is asked for less.
      expect(measured.cpuSeconds).to.be.lessThan(MOST.cpuSeconds);
      expect(measured.processSeconds).to.be.lessThan(4 * MOST.cpuSeconds);
    });

    it(`proves any row in under 50 milliseconds, and random rows at all (seed ${seed})`, () => {
      const path = join(place, "store");
      const times: number[] = [];
      proofs = Array.from({ length: PROOFS }, (_, i) => {
        const start = performance.now();
        using store = AirdropStore.open(path);
        const rank = Number(BigInt(keccak256(toUtf8Bytes(`${seed} ${String(i)}`))) % BigInt(ROWS));
        const { account: address } = store.at(rank);
        const proof = store.proofOf(address);
        times.push(performance.now() - start);
        if (proof === undefined) throw new Error(`${address} was not found`);
        expect(proof.root).to.equal(measured.root);
        return proof;
      });
      // The median: a single look-up may meet a pause of a busy machine.
      expect(times.sort((a, b) => a - b)[PROOFS / 2]).to.be.lessThan(50);
      for (const { index, account: address, amount, proof, root } of proofs) {
        expect(StandardMerkleTree.verify(root, TYPES, [index, address, amount], proof)).to.equal(true);
      }
    });

    it("has random proofs accepted by MerkleAirdrop", async () => {
      const { ethers, networkHelpers } = await network.create();
      const [deployer] = await ethers.getSigners();
      const token = await ethers.deployContract("XME");
      const deadline = BigInt(await networkHelpers.time.latest()) + 86_400n;
      const airdrop = await ethers.deployContract("MerkleAirdrop", [token, deployer, measured.root, deadline]);
      const batch = await ethers.deployContract("AirdropClaimBatch");
      await token.transfer(airdrop, AIRDROP_ALLOCATION);

      const distinct = [...new Map(proofs.map((proof) => [proof.index, proof])).values()];
      expect(distinct.length).to.be.greaterThan(PROOFS * 0.99);
      for (let i = 0; i < distinct.length; i += PROOFS_AT_ONCE)
        await batch.claimAll(airdrop, distinct.slice(i, i + PROOFS_AT_ONCE), { gasLimit: CLAIMS_GAS });
      const paid = distinct.reduce((sum, { amount }) => sum + amount, 0n);
      expect(await token.balanceOf(airdrop)).to.equal(AIRDROP_ALLOCATION - paid);
      for (const { account: address, amount } of distinct.slice(0, 20))
        expect(await token.balanceOf(address)).to.equal(amount);

      const unclaimed = { ...(distinct[0] as AirdropProof), index: BigInt(ROWS) };
      await expect(batch.claimAll(airdrop, [unclaimed]))
        .to.be.revertedWithCustomError(airdrop, "MerkleAirdrop_InvalidProof")
        .withArgs(unclaimed.index, unclaimed.account, unclaimed.amount);
    });
  });
});
