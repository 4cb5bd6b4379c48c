import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import hre from "hardhat";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { deploy } from "../../src/deployment/deploy.js";
import { type Explorer, publishSources } from "../../src/verification/explorers.js";
import { type Anvil, startAnvil } from "../support/anvil.js";
import { type LocalSourcify, startSourcify } from "../support/sourcify.js";
import { refusal } from "../support/tasks.js";

const SEPOLIA = 11_155_111;

describe("hardhat verify-deployment", function () {
  this.timeout(600_000);
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-explorers-"));
  const running: (Anvil | LocalSourcify)[] = [];
  const { log } = console;

  // The plugin tells of its work, which has no place among the tests.
  before(() => {
    console.log = () => undefined;
  });

  after(async () => {
    console.log = log;
    await Promise.all(running.map((started) => started.stop()));
    rmSync(scratch, { recursive: true });
  });

  async function deployedOn(...args: string[]) {
    const anvil = await startAnvil(...args);
    running.push(anvil);
    const connection = await hre.network.create({ network: "localhost", override: { url: anvil.url } });
    const directory = join(scratch, String(running.length));
    await deploy(hre, connection, { economy: "rank", directory });
    return { connection, directory };
  }

  /** Hardhat with another Sourcify server than the public one. */
  function withSourcify(apiUrl: string): HardhatRuntimeEnvironment {
    const verify = { ...hre.config.verify, sourcify: { enabled: true, apiUrl } };
    return Object.create(hre, { config: { value: { ...hre.config, verify } } }) as HardhatRuntimeEnvironment;
  }

  const sourcify: { readonly explorers: readonly Explorer[] } = { explorers: ["sourcify"] };

  context("given a chain that counts as public, and a Sourcify server", () => {
    let chain: Awaited<ReturnType<typeof deployedOn>>;
    let server: LocalSourcify;

    before(async () => {
      chain = await deployedOn("--chain-id", String(SEPOLIA), "--block-time", "1");
      server = await startSourcify(chain.connection.provider);
      running.push(server);
    });

    it("should give it the sources, which the server verifies as exact", async () => {
      const { connection, directory } = chain;
      const [published] = await publishSources(withSourcify(server.url), connection, { directory, ...sourcify });
      expect(published).to.include({ economy: "rank", name: "xrank", explorer: "sourcify", failure: undefined });
      expect([...server.verified.values()]).to.deep.equal([
        {
          match: "exact_match",
          creationMatch: "exact_match",
          runtimeMatch: "exact_match",
          chainId: String(SEPOLIA),
          address: published?.address,
        },
      ]);
    });

    it("when a contract is verified already, it should count that as done", async () => {
      const { connection, directory } = chain;
      const published = await publishSources(withSourcify(server.url), connection, { directory, ...sourcify });
      expect(published.map(({ failure }) => failure)).to.deep.equal([undefined]);
    });

    it("when the server fails, it should say so of that contract", async () => {
      const { connection, directory } = chain;
      const nowhere = withSourcify("http://127.0.0.1:9");
      const published = await publishSources(nowhere, connection, { directory, ...sourcify });
      expect(published.map(({ name }) => name)).to.deep.equal(["xrank"]);
      expect(published[0]?.failure).to.match(/http:\/\/127\.0\.0\.1:9/);
    });
  });

  it("when the chain is a local one, it should point to verify-local", async () => {
    const { connection, directory } = await deployedOn();
    expect(await refusal(publishSources(hre, connection, { directory, ...sourcify }))).to.equal(
      'Network "localhost" is chain 31337, a local one, of which no explorer knows: use `hardhat verify-local`, or start the node ' +
        "with a public chain's id.",
    );
  });

  it("should refuse an explorer that is none", async () => {
    const answered = await hre.tasks
      .getTask("verify-deployment")
      .run({ explorer: "google", economy: "", deployment: "", json: true });
    expect(answered).to.have.nested.property(
      "error.message",
      '--explorer is "google": use one of etherscan, blockscout, sourcify, or all.',
    );
  });
});
