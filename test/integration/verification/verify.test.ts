import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import hre from "hardhat";
import type { NetworkConnection } from "hardhat/types/network";

import type { Economy } from "../../../src/deployment/contracts.js";
import { type Deployable, deploy } from "../../../src/deployment/deploy.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { type Address, DeploymentFolder } from "../../../src/deployment/folder.js";
import { deployUniswapV3 } from "../../../src/uniswap/index.js";
import { describeReport } from "../../../src/verification/report.js";
import { verifyDeployment, type VerificationReport, type VerifyOptions } from "../../../src/verification/verify.js";
import { type Anvil, rpc, startAnvil } from "../../support/anvil.js";
import { recordedOn } from "../../support/tasks.js";

const { config, network } = hre;
const { root } = config.paths;
const METADATA = "a264697066735822";

describe("hardhat verify-local", () => {
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-verify-"));
  const running: Anvil[] = [];
  let folders = 0;
  const newFolder = (): string => join(scratch, String(++folders));

  after(async () => {
    await Promise.all(running.map((started) => started.stop()));
    rmSync(scratch, { recursive: true });
  });

  async function anvil(...args: string[]): Promise<string> {
    const started = await startAnvil(...args);
    running.push(started);
    return started.url;
  }

  async function deployTo(url: string, economy: Deployable, directory: string, parameters?: string) {
    const connection = await network.create({ network: "localhost", override: { url } });
    const { deployment } = await deploy(hre, connection, { economy, directory, parameters });
    return { connection, deployment };
  }

  /** The build is this checkout's own, a moment old: nothing is compiled again. `npm run test:verify` does that. */
  function verify(
    connection: NetworkConnection,
    directory: string,
    options: Partial<VerifyOptions> = {},
  ): Promise<VerificationReport> {
    return verifyDeployment(hre, connection, { directory, root, built: true, ...options });
  }

  /** A copy of a deployment's folder where one file says something else. */
  function altered(directory: string, file: string, change: (text: string) => string): string {
    const copy = newFolder();
    cpSync(directory, copy, { recursive: true });
    const before = readFileSync(join(copy, file), "utf8");
    const after = change(before);
    expect(after).to.not.equal(before);
    writeFileSync(join(copy, file), after);
    return copy;
  }

  function contractOf({ contracts }: VerificationReport, full: string) {
    const found = contracts.find(({ economy, name }) => `${economy}.${name}` === full);
    if (!found) throw new Error(`The report has no ${full}`);
    return found;
  }

  function expectProven({ contracts, exact }: VerificationReport): void {
    for (const { own, economy, name, runtime, creation, problems } of contracts) {
      if (own)
        expect([economy, name, runtime, creation, problems]).to.deep.equal([economy, name, "exact", "exact", []]);
    }
    expect(exact).to.equal(true);
  }

  /** Everything but `full` is still proven, so what was found wrong there is not found wrong everywhere. */
  function expectOthersProven({ contracts, exact }: VerificationReport, ...full: readonly string[]): void {
    const wrong = contracts.filter(({ problems }) => problems.length > 0);
    expect(wrong.map(({ economy, name }) => `${economy}.${name}`)).to.deep.equal(full);
    expect(exact).to.equal(false);
  }

  context("given XRANK and XE on a running anvil", () => {
    let url: string;
    let snapshot: unknown;
    let connection: NetworkConnection;
    const directory = newFolder();

    before(async () => {
      url = await anvil();
      await deployTo(url, "rank", directory);
      ({ connection } = await deployTo(url, "xe", directory));
    });

    beforeEach(async () => {
      snapshot = await rpc(url, "evm_snapshot");
    });

    afterEach(() => rpc(url, "evm_revert", snapshot));

    /** Changes the first byte of `part` in the code of the chain, or the one after `skip` more. */
    async function changeByte(address: Address, part: string | undefined, skip = 0): Promise<number> {
      const code = (await rpc(url, "eth_getCode", address, "latest")) as string;
      const start = part === undefined ? 2 : code.indexOf(part);
      if (start < 0) throw new Error(`${part ?? ""} is not in the code of ${address}`);
      const at = start + 2 * skip;
      const byte = (Number.parseInt(code.slice(at, at + 2), 16) ^ 1).toString(16).padStart(2, "0");
      await rpc(url, "anvil_setCode", address, code.slice(0, at) + byte + code.slice(at + 2));
      return (at - 2) / 2;
    }

    /** What verification finds in a copy of the deployment's folder where a file says something else. */
    async function findAltered(file: string, change: (text: string) => string, economies: readonly Economy[]) {
      return verify(connection, altered(directory, file, change), { economies });
    }

    /** A copy of the deployment's folder with another journal. */
    function withJournal(change: (lines: readonly string[]) => readonly string[]): string {
      const copy = newFolder();
      cpSync(directory, copy, { recursive: true });
      const file = join(copy, "journal.jsonl");
      const lines = readFileSync(file, "utf8").split("\n");
      const changed = change(lines.filter((line) => line !== ""));
      writeFileSync(file, changed.map((line) => `\n${line}`).join(""));
      return copy;
    }

    const isConfirmation = (line: string, future: string): boolean =>
      line.includes(`"futureId":"${future}"`) && line.includes('"type":"TRANSACTION_CONFIRM"');

    it("should find runtime and creation code of every contract exact", async () => {
      const report = await verify(connection, directory);
      expectProven(report);
      expect(report.contracts.map(({ economy, contract }) => `${economy} ${contract}`)).to.deep.equal([
        "rank XRank",
        "xe TimelockController",
        "xe AccessManager",
        "xe DualAssetLedger",
        "xe AssetFace",
        "xe AssetFace",
        "xe XeGovernor",
      ]);
    });

    it("should tell immutables and constructor arguments", async () => {
      const report = await verify(connection, directory, { economies: ["xe"] });
      const ledger = contractOf(report, "xe.ledger");
      const [xe, xusd] = [contractOf(report, "xe.xe"), contractOf(report, "xe.xusd")];
      const accessManager = contractOf(report, "xe.accessManager").address;
      expect(ledger.immutables).to.deep.include.members([
        { name: "xe", value: xe.address },
        { name: "xusd", value: xusd.address },
        { name: "faucet", value: "true" },
      ]);
      expect(ledger.constructorArguments.slice(0, 2)).to.deep.equal([
        { name: "initialAuthority", value: accessManager },
        { name: "faucet_", value: "true" },
      ]);
      expect(contractOf(report, "xe.governor").constructorArguments).to.deep.include({
        name: "minQuorum_",
        value: "10000000000000000000000",
      });
      expect([xe.createdBy, xusd.createdBy, ledger.createdBy]).to.deep.equal(["ledger", "ledger", undefined]);
      expect(xe.immutables).to.deep.include({ name: "ledger", value: ledger.address });
    });

    it("when one economy is asked for, it should look at that alone", async () => {
      const report = await verify(connection, directory, { economies: ["rank"] });
      expectProven(report);
      expect(report.contracts.map(({ contract }) => contract)).to.deep.equal(["XRank"]);
    });

    it("when a byte of the code changed, it should say which", async () => {
      const { address } = contractOf(await verify(connection, directory, { economies: ["rank"] }), "rank.xrank");
      const at = await changeByte(address, undefined, 1_000);
      const report = await verify(connection, directory);
      expectOthersProven(report, "rank.xrank");
      const { runtime, creation, problems } = contractOf(report, "rank.xrank");
      expect([runtime, creation]).to.deep.equal(["none", "exact"]);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(new RegExp(`^runtime: code: byte ${String(at)} is .. instead of ..$`));
    });

    it("when a byte of the metadata changed, it should call the match partial", async () => {
      const { address } = contractOf(await verify(connection, directory, { economies: ["rank"] }), "rank.xrank");
      const at = await changeByte(address, METADATA, 20);
      const report = await verify(connection, directory, { economies: ["rank"] });
      const { runtime, creation, problems } = contractOf(report, "rank.xrank");
      expect([runtime, creation]).to.deep.equal(["partial", "exact"]);
      expect(problems[0]).to.match(new RegExp(`^runtime: metadata: byte ${String(at)} is .. instead of ..$`));
      expect(report.exact).to.equal(false);
    });

    it("when an immutable changed, it should name it", async () => {
      const { address } = contractOf(await verify(connection, directory, { economies: ["xe"] }), "xe.governor");
      const quorum = (10_000n * 10n ** 18n).toString(16).padStart(64, "0");
      await changeByte(address, quorum, 31);
      const report = await verify(connection, directory, { economies: ["xe"] });
      expectOthersProven(report, "xe.governor");
      const { runtime, creation, problems } = contractOf(report, "xe.governor");
      expect([runtime, creation]).to.deep.equal(["none", "exact"]);
      expect(problems[0]).to.match(/^runtime: immutable minQuorum: byte \d+ is 01 instead of 00$/);
    });

    it("when a constructor argument is not the journal's, it should name it with both values", async () => {
      const copy = withJournal((lines) =>
        lines.map((line) =>
          line.includes('"futureId":"Xe#XeGovernor"') && line.includes("DEPLOYMENT_EXECUTION_STATE_INITIALIZE")
            ? line.replace('"value":"1000000000000000000000"', '"value":"2000000000000000000000"')
            : line,
        ),
      );
      const report = await verify(connection, copy, { economies: ["xe"] });
      expectOthersProven(report, "xe.governor");
      const { runtime, creation, problems } = contractOf(report, "xe.governor");
      expect([runtime, creation]).to.deep.equal(["exact", "none"]);
      expect(problems).to.deep.equal([
        "constructor argument threshold is 1000000000000000000000 on chain, but 2000000000000000000000 in the journal",
      ]);
    });

    it("when the journal names no creation, it should say so", async () => {
      const copy = withJournal((lines) => lines.filter((line) => !isConfirmation(line, "Xe#XeGovernor")));
      const report = await verify(connection, copy, { economies: ["xe"] });
      expectOthersProven(report, "xe.governor");
      const { creation, problems } = contractOf(report, "xe.governor");
      expect(creation).to.equal("none");
      expect(problems[0]).to.match(/^immutables could not be computed again/);
      expect(problems.at(-1)).to.equal("creation: the journal names no transaction that created it");
    });

    it("when the journal names another transaction, it should say what that made", async () => {
      const copy = withJournal((lines) => {
        const other = lines.find((line) => isConfirmation(line, "Xe#XeTimelock")) ?? "";
        const hash = /"hash":"(0x[0-9a-f]{64})"/.exec(other)?.[1] ?? "";
        return lines.map((line) =>
          isConfirmation(line, "Xe#XeAccessManager")
            ? line.replace(/"hash":"0x[0-9a-f]{64}"/, `"hash":"${hash}"`)
            : line,
        );
      });
      const report = await verify(connection, copy, { economies: ["xe"] });
      const { creation, problems } = contractOf(report, "xe.accessManager");
      expect(creation).to.equal("none");
      expect(problems.at(-1)).to.match(/^creation: Transaction 0x[0-9a-f]{64} created 0x[0-9a-fA-F]{40}, not 0x/);
    });

    it("when a source differs from the checkout's, it should name it", async () => {
      const checkout = newFolder();
      mkdirSync(checkout, { recursive: true });
      symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
      cpSync(join(root, "contracts"), join(checkout, "contracts"), { recursive: true });
      const file = join(checkout, "contracts", "xe", "AssetFace.sol");
      writeFileSync(file, `${readFileSync(file, "utf8")}\n`);
      const report = await verify(connection, directory, { economies: ["rank", "xe"], root: checkout });
      // The ledger makes faces, so their source is a part of its own.
      expectOthersProven(report, "xe.ledger", "xe.xe", "xe.xusd");
      const { runtime, problems } = contractOf(report, "xe.xe");
      expect(runtime).to.equal("exact");
      expect(problems).to.deep.equal(["source: this checkout has another text of project/contracts/xe/AssetFace.sol"]);
    });

    const RANK = "artifacts/Rank#XRank.json";
    const renamed = (text: string): string => text.replaceAll('"claimRank"', '"claimRenk"');

    it("when a byte of a recorded bytecode is another, it should say which, of which file", async () => {
      for (const field of ["bytecode", "deployedBytecode"]) {
        const flipped = (text: string): string =>
          text.replace(
            new RegExp(`("${field}": *"0x.{200})(..)`),
            (_, before: string, byte: string) =>
              `${before}${(Number.parseInt(byte, 16) ^ 1).toString(16).padStart(2, "0")}`,
          );
        const report = await findAltered(RANK, flipped, ["rank"]);
        expectOthersProven(report, "rank.xrank");
        const { runtime, creation, problems } = contractOf(report, "rank.xrank");
        expect([runtime, creation, problems.length]).to.deep.equal(["exact", "exact", 1]);
        expect(problems[0]).to.match(
          new RegExp(`^artifacts/Rank#XRank\\.json: ${field}: byte 100 is .. instead of ..$`),
        );
      }
    });

    it("when a recorded ABI says something else than the source, it should say where", async () => {
      const report = await findAltered(RANK, renamed, ["rank", "xe"]);
      expectOthersProven(report, "rank.xrank");
      const { problems } = contractOf(report, "rank.xrank");
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(
        /^artifacts\/Rank#XRank\.json: abi\[\d+\]\.name is "claimRenk" instead of "claimRank"$/,
      );
      const swapped = await findAltered(
        RANK,
        (text) => text.replace('"name"', '"nome"').replaceAll('"claimMintReward"', '"claimRank"'),
        ["rank"],
      );
      expect(contractOf(swapped, "rank.xrank").problems[0]).to.match(
        /^artifacts\/Rank#XRank\.json: abi\[\d+\].*, and \d more$/,
      );
    });

    it("when the plain ABI or the documentation says something else, it should say where", async () => {
      const abi = await findAltered("abis/XRank.json", renamed, ["rank"]);
      expect(contractOf(abi, "rank.xrank").problems).to.have.length(1);
      expect(contractOf(abi, "rank.xrank").problems[0]).to.match(
        /^abis\/XRank\.json: \[\d+\]\.name is "claimRenk" instead of "claimRank"$/,
      );
      const docs = await findAltered("docs/XRank.json", (text) => text.replace(/"notice": "/, "$&Not: "), ["rank"]);
      expect(contractOf(docs, "rank.xrank").problems).to.have.length(1);
      expect(contractOf(docs, "rank.xrank").problems[0]).to.match(/^docs\/XRank\.json: userdoc\..*notice is "Not: /);
      const short = await findAltered("abis/AccessManager.json", () => "[]", ["xe"]);
      expectOthersProven(short, "xe.accessManager");
      expect(contractOf(short, "xe.accessManager").problems[0]).to.match(
        /^abis\/AccessManager\.json: the list has 0 entries instead of \d+$/,
      );
    });

    it("when an artifact hides or moves immutables, or names another source, it should say so", async () => {
      const moved = await findAltered(RANK, (text) => text.replace(/"start": \d+/, '"start": 7'), ["rank"]);
      expect(contractOf(moved, "rank.xrank").problems[0]).to.match(
        /^artifacts\/Rank#XRank\.json: immutableReferences\.\d+\[0\]\.start is 7 instead of \d+$/,
      );
      const named = await findAltered(RANK, (text) => text.replace('"contracts/rank/', '"contracts/xe/'), ["rank"]);
      expect(contractOf(named, "rank.xrank").problems).to.deep.equal([
        'artifacts/Rank#XRank.json: sourceName is "contracts/xe/XRank.sol" instead of "contracts/rank/XRank.sol"',
      ]);
      const other = await findAltered(
        RANK,
        (text) => text.replace("project/contracts/rank/", "project/contracts/xe/"),
        ["rank"],
      ).catch((error: unknown) => error);
      expect(other).to.be.instanceOf(ExplainedError);
      expect((other as Error).message).to.match(
        /^The artifact of XRank says that it was compiled from project\/contracts\/xe\/XRank\.sol in solc-.*, which has no such contract/,
      );
    });

    it("when what made a contract is not proven, it should say so of both", async () => {
      const copy = withJournal((lines) => lines.filter((line) => !isConfirmation(line, "Xe#DualAssetLedger")));
      const report = await verify(connection, copy, { economies: ["xe"] });
      expect(contractOf(report, "xe.ledger").creation).to.equal("none");
      const { creation, problems } = contractOf(report, "xe.xe");
      expect(creation).to.equal("none");
      expect(problems.at(-1)).to.equal("creation: it was made by ledger, which is not proven");
    });

    it("when another compiler is installed, it should say what to check out", async () => {
      const copy = newFolder();
      cpSync(directory, copy, { recursive: true });
      const builds = join(copy, "build-info");
      for (const name of readdirSync(builds)) {
        const content = readFileSync(join(builds, name), "utf8");
        writeFileSync(
          join(builds, name),
          content.replace(/"solcLongVersion":\s*"[^"]*"/, '"solcLongVersion":"0.8.33+commit.0"'),
        );
      }
      const refusal = await verify(connection, copy, { economies: ["rank"] }).catch((error: unknown) => error);
      expect(refusal).to.be.instanceOf(ExplainedError);
      expect((refusal as Error).message).to.match(
        /^The deployment was compiled with solc 0\.8\.33\+commit\.0, but 0\.8\.34\+commit\.80d5c536 is installed: check out/,
      );
    });
  });

  context("given a Uniswap that stood there before", () => {
    it("should compute the pool's address again on a fork, find ours exact, and name what is not ours", async () => {
      const url = await anvil();
      const { ethers } = await network.create({ network: "localhost", override: { url } });
      const signer = (await ethers.getSigners())[5];
      if (signer === undefined) throw new Error("The chain has no sixth account.");
      const wrapped = await ethers.deployContract("GenesisWrappedEther", signer);
      const { factory, positionManager } = await deployUniswapV3(signer, {
        wrappedEther: (await wrapped.getAddress()) as Address,
      });
      const defaults = join(config.paths.ignition, "parameters", "default.json");
      const content = JSON.parse(readFileSync(defaults, "utf8")) as { xp: object };
      const file = join(scratch, "uniswap.json");
      writeFileSync(file, JSON.stringify({ xp: content.xp, uniswap: { factory, positionManager } }));
      const directory = newFolder();
      const { connection, deployment } = await deployTo(url, "xp", directory, file);
      const report = await verify(connection, directory);
      expectProven(report);
      expect(report.contracts.filter(({ own }) => !own).map(({ name, runtime }) => [name, runtime])).to.deep.equal([
        ["pool", undefined],
        ["uniswapFactory", undefined],
        ["positionManager", undefined],
      ]);
      expect(contractOf(report, "xp.poolOpener").immutables).to.deep.equal([
        { name: "pool", value: await deployment.xp.pool.getAddress() },
      ]);
      const renamed = altered(directory, "artifacts/Xp#UniswapV3Pool.json", (text) =>
        text.replace('"slot0"', '"slot1"'),
      );
      const other = await verify(connection, renamed);
      expectOthersProven(other, "xp.pool");
      expect(contractOf(other, "xp.pool").problems[0]).to.match(
        /^artifacts\/Xp#UniswapV3Pool\.json: abi\[\d+\]\.name is "slot1" instead of "slot0"$/,
      );
      expect(describeReport(other)).to.contain("xp.pool: artifacts/Xp#UniswapV3Pool.json: abi[");
    });

    it("should take the ABI of a payment token that the chain had for what its source says", async () => {
      const url = await anvil();
      const { ethers } = await network.create({ network: "localhost", override: { url } });
      const token = await ethers.deployContract("TestDollar");
      const defaults = join(config.paths.ignition, "parameters", "default.json");
      const content = JSON.parse(readFileSync(defaults, "utf8")) as { xp: object };
      const file = join(scratch, "token.json");
      const paymentToken = await token.getAddress();
      writeFileSync(file, JSON.stringify({ ...content, xp: { ...content.xp, paymentToken } }));
      const directory = newFolder();
      const { connection } = await deployTo(url, "xp", directory, file);
      const report = await verify(connection, directory);
      expectProven(report);
      expect(contractOf(report, "xp.paymentToken")).to.include({ own: false, runtime: undefined });
      const renamed = altered(directory, "artifacts/Xp#PaymentToken.json", (text) =>
        text.replaceAll('"approve"', '"improve"'),
      );
      const other = await verify(connection, renamed);
      expectOthersProven(other, "xp.paymentToken");
      expect(contractOf(other, "xp.paymentToken").problems[0]).to.match(
        /^artifacts\/Xp#PaymentToken\.json: abi\[\d+\]\.name is "improve" instead of "approve"$/,
      );
    });
  });

  context("given a running hardhat node", () => {
    it("should find every contract exact", async () => {
      const server = await network.createServer({ network: "node" }, "127.0.0.1", 0);
      const { port } = await server.listen();
      try {
        const directory = newFolder();
        const { connection } = await deployTo(`http://127.0.0.1:${String(port)}`, "xe", directory);
        expectProven(await verify(connection, directory));
      } finally {
        await server.close();
      }
    });
  });

  context("given the command", () => {
    const id = `verified-by-test-${String(process.pid)}`;
    const directory = join(root, "deployments", id);

    after(() => {
      rmSync(directory, { recursive: true, force: true });
    });

    it("should end with the table and, when a byte changed, fail", async function () {
      this.timeout(600_000);
      const started = await startAnvil();
      running.push(started);
      const { url } = started;
      const { connection, deployment } = await deployTo(url, "rank", directory);
      const address = await deployment.rank.xrank.getAddress();
      const report = await verify(connection, directory);
      const proven = describeReport(report);
      expect(proven).to.match(new RegExp(`^rank\\.xrank  ${address}  exact    exact$`, "m"));
      expect(proven).to.match(
        /1 of 1 contracts .* are this source, as this checkout's own build has it, which was not compiled again\.$/,
      );
      expect(describeReport({ ...report, built: false })).to.match(
        /1 of 1 contracts .* are this source, compiled with solc 0\.8\.34/,
      );
      const { expectedFile } = new DeploymentFolder(directory);
      writeFileSync(expectedFile, JSON.stringify({ Rank: { contracts: [], rights: [], wiring: {} } }));
      const unfinished = await verify(connection, directory);
      rmSync(expectedFile);
      expect([report.unfinished, unfinished.unfinished]).to.deep.equal([[], ["rank"]]);
      expect(describeReport(unfinished)).to.contain(
        "rank was not deployed to its end, or not found to be as it should be then",
      );

      const code = (await rpc(url, "eth_getCode", address, "latest")) as string;
      await rpc(url, "anvil_setCode", address, `${code.slice(0, 2_002)}ff${code.slice(2_004)}`);
      const { output, complaint, code: status } = await recordedOn(started, id).run(["verify-local", "--built"]);
      expect([status, complaint]).to.deep.equal([1, ""]);
      expect(output).to.match(new RegExp(`^rank\\.xrank  ${address}  none     exact$`, "m"));
      expect(output).to.match(/^ {2}rank\.xrank: runtime: code: byte 1000 is ff instead of ..$/m);
      expect(output).to.match(/0 of 1 contracts .* are proven to be this source/);
    });

    it("should refuse an economy that is none", async () => {
      const answered = await hre.tasks
        .getTask("verify-local")
        .run({ economy: "gold", deployment: "", built: true, json: true });
      expect(answered).to.have.nested.property(
        "error.message",
        '--economy is "gold": use one of rank, xme, xp, xe, or leave it out for all.',
      );
    });
  });
});
