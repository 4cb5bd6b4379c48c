import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";

import { expect } from "chai";
import hre from "hardhat";
import { configVariable } from "hardhat/config";

import { readAuthority } from "../../../src/deployment/authority.js";
import { deploy, type DeployOptions } from "../../../src/deployment/deploy.js";
import { explain } from "../../../src/deployment/explain.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { type Address, DeploymentFolder } from "../../../src/deployment/folder.js";
import { openDeployment } from "../../../src/deployment/open.js";
import { freshRights, generatedPart, rolesMarkdown } from "../../../tasks/roles-action.js";
import { type Anvil, rpc, startAnvil } from "../../support/anvil.js";

const { config, network } = hre;
const COMMAND = join(config.paths.root, "node_modules", "hardhat", "dist", "src", "cli.js");

/** The sentence by which something is refused. */
async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof ExplainedError) return error.message;
    throw error;
  }
  throw new Error("Nothing was refused");
}

async function nonceOf(url: string): Promise<number> {
  const [deployer] = (await rpc(url, "eth_accounts")) as [string];
  return Number(await rpc(url, "eth_getTransactionCount", deployer, "pending"));
}

describe("hardhat deploy", () => {
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-deploy-"));
  let folders = 0;
  const newFolder = (): string => join(scratch, String(++folders));
  const running: Anvil[] = [];

  async function anvil(...args: string[]): Promise<string> {
    const started = await startAnvil(...args);
    running.push(started);
    return started.url;
  }

  async function deployTo(url: string, directory: string, options: Partial<DeployOptions> = {}) {
    const connection = await network.create({ network: "localhost", override: { url } });
    return deploy(hre, connection, { economy: "suite", directory, ...options });
  }

  after(async () => {
    await Promise.all(running.map((started) => started.stop()));
    rmSync(scratch, { recursive: true });
  });

  context("given the in-process chain", () => {
    it("should deploy the suite and write nothing", async () => {
      const before = readdirSync(join(config.paths.root, "deployments"));
      const connection = await network.create();
      const { deployment, transactions } = await deploy(hre, connection, { economy: "suite" });
      expect(transactions).to.have.length(14);
      expect(await deployment.rank.xrank.symbol()).to.equal("XRANK");
      expect(await deployment.xme.genesis.allocated()).to.equal(true);
      expect(readdirSync(join(config.paths.root, "deployments"))).to.deep.equal(before);
    });

    it("should leave the deployer with no right and no token", async () => {
      const connection = await network.create();
      const { deployment } = await deploy(hre, connection, { economy: "suite" });
      const [deployer] = (await connection.provider.request({ method: "eth_accounts" })) as [Address];
      const { rights } = await readAuthority(deployment, connection.provider, new Map([[deployer, "deployer"]]));
      expect(rights.filter(({ holder, address }) => holder === "deployer" || address === deployer)).to.deep.equal([]);

      const { accessManager, timelock, xme, xmex, teamVesting, privateSaleVesting, positionManager } = deployment.xme;
      for (const role of ["DEFAULT_ADMIN_ROLE", "PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const) {
        expect(await timelock.hasRole(await timelock[role](), deployer), role).to.equal(false);
      }
      expect((await accessManager.hasRole(await accessManager.ADMIN_ROLE(), deployer)).isMember).to.equal(false);
      for (const wallet of [teamVesting, privateSaleVesting]) expect(await wallet.owner()).not.to.equal(deployer);
      for (const token of [xme, xmex, deployment.rank.xrank]) expect(await token.balanceOf(deployer)).to.equal(0n);
      const positions = new connection.ethers.Contract(
        await positionManager.getAddress(),
        ["function balanceOf(address) view returns (uint256)"],
        connection.ethers.provider,
      );
      expect(await positions.getFunction("balanceOf")(deployer)).to.equal(0n);
      expect(await positions.getFunction("balanceOf")(await timelock.getAddress())).to.equal(1n);
    });

    it("should give exactly the rights of docs/roles.md", async () => {
      const page = readFileSync(join(config.paths.root, "docs", "roles.md"), "utf8");
      const current = rolesMarkdown(await freshRights(hre));
      expect(generatedPart(page), "run `hardhat roles --write` and read what changed").to.equal(current);
    });
  });

  context("given a running anvil", () => {
    let url: string;
    let emptyChain: unknown;
    const directory = newFolder();

    before(async () => {
      url = await anvil();
      emptyChain = await rpc(url, "evm_snapshot");
    });

    it("should deploy one economy alone, and the rest beside it later", async () => {
      const alone = await deployTo(url, directory, { economy: "rank" });
      expect(alone.transactions.map(({ future }) => future)).to.deep.equal(["Rank#XRank"]);
      expect(alone.deployment.has("xme")).to.equal(false);

      const suite = await deployTo(url, directory);
      expect(suite.transactions).to.have.length(13);
      expect(await suite.deployment.rank.xrank.getAddress()).to.equal(await alone.deployment.rank.xrank.getAddress());
    });

    it("should record addresses, ABIs, compiler input, journal and the chain's identity", () => {
      expect(readdirSync(directory)).to.include.members([
        "abis",
        "artifacts",
        "build-info",
        "chain.json",
        "deployed_addresses.json",
        "journal.jsonl",
        "parameters.json",
      ]);
      expect(readFileSync(join(directory, ".gitignore"), "utf8"), "a local chain's folder is not committed").to.equal(
        "*\n",
      );
      const abi = JSON.parse(readFileSync(join(directory, "abis", "XRank.json"), "utf8")) as { name?: string }[];
      expect(abi.map(({ name }) => name)).to.include("claimRank");
      const [build] = readdirSync(join(directory, "build-info"));
      const input = JSON.parse(readFileSync(join(directory, "build-info", build ?? ""), "utf8")) as { input: object };
      expect(input.input).to.include.keys("language", "settings", "sources");
    });

    it("should open what was recorded as typed contracts", async () => {
      const connection = await network.create({ network: "localhost", override: { url } });
      const opened = await openDeployment(connection, { directory });
      expect(opened.chainId).to.equal(31_337n);
      expect(await opened.rank.xrank.globalRank()).to.equal(1n);
      expect(await opened.xme.publicSale.token()).to.equal(await opened.xme.xme.getAddress());
      expect((await opened.xme.pool.slot0()).unlocked).to.equal(true);
    });

    it("should send no transaction when it is run a second time, and end with the same addresses", async () => {
      const addresses = new DeploymentFolder(directory).readAddresses();
      const [nonce, block] = [await nonceOf(url), await rpc(url, "eth_blockNumber")];
      const { transactions, deployment } = await deployTo(url, directory);
      expect(transactions).to.deep.equal([]);
      expect(deployment.addresses).to.deep.equal(addresses);
      expect(await nonceOf(url)).to.equal(nonce);
      expect(await rpc(url, "eth_blockNumber")).to.equal(block);
    });

    it("should name a parameter that changed since, and send nothing", async () => {
      const file = join(scratch, "changed.json");
      const source = readFileSync(join(config.paths.ignition, "parameters", "default.json"), "utf8");
      writeFileSync(file, source.replace('"1000000 XME"', '"2000000 XME"'));
      const nonce = await nonceOf(url);
      expect(await refusal(deployTo(url, directory, { parameters: file }))).to.match(
        /xme\.sale\.walletCap is "2000000 XME", but .* was begun with "1000000 XME"/,
      );
      expect(await nonceOf(url)).to.equal(nonce);
    });

    it("should name the contract that is gone when the chain was rolled back, and send nothing", async () => {
      await rpc(url, "evm_revert", emptyChain);
      expect(await refusal(deployTo(url, directory))).to.match(
        /records Rank#XRank at 0x\w{40}, but that address has no code: the chain was rolled back; move .* away/,
      );
      expect(await nonceOf(url)).to.equal(0);
    });
  });

  context("given a running hardhat node", () => {
    it("should deploy the suite", async () => {
      const server = await network.createServer({ network: "node" }, "127.0.0.1", 0);
      const { port } = await server.listen();
      try {
        const directory = newFolder();
        const { transactions } = await deployTo(`http://127.0.0.1:${String(port)}`, directory);
        expect(transactions).to.have.length(14);
        expect(existsSync(join(directory, "deployed_addresses.json"))).to.equal(true);
      } finally {
        await server.close();
      }
    });
  });

  context("given a run that was killed with transactions on their way", () => {
    const id = `killed-by-test-${String(process.pid)}`;
    const directory = join(config.paths.root, "deployments", id);
    const folder = new DeploymentFolder(directory);
    const children: ChildProcess[] = [];
    let url: string;

    before(async () => {
      url = await anvil("--no-mining");
    });

    after(() => {
      for (const child of children) child.kill("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    });

    function sent(): number {
      if (!folder.isStarted) return 0;
      return readFileSync(folder.journalFile, "utf8").split('"type":"TRANSACTION_SEND"').length - 1;
    }

    /** Runs the command in a process of its own and kills that once the journal holds `count` sent transactions. */
    async function runAndKill(count: number, whenRunning?: () => Promise<unknown>): Promise<void> {
      const child = spawn(process.execPath, [COMMAND, "deploy", "--network", "localhost", "--deployment", id], {
        cwd: config.paths.root,
        env: { ...process.env, LOCALHOST_RPC_URL: url, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" },
        stdio: ["ignore", "ignore", "pipe"],
      });
      children.push(child);
      let complaint = "";
      child.stderr.on("data", (chunk) => (complaint += String(chunk)));
      const exited = once(child, "exit");
      await whenRunning?.();
      while (sent() < count) {
        if (child.exitCode !== null) throw new Error(`The command ended by itself: ${complaint}`);
        await wait(20);
      }
      child.kill("SIGKILL");
      await exited;
    }

    it("should end complete, with the addresses of a run that was not killed", async () => {
      // The first batch of independent contracts is sent, none is mined.
      await runAndKill(4);
      expect(folder.readAddresses().size).to.equal(0);
      // Then it is mined, the second batch is sent, and again the run is killed.
      await rpc(url, "evm_mine");
      await runAndKill(7);
      expect(folder.readAddresses().size).to.equal(4);

      await rpc(url, "evm_mine");
      await rpc(url, "evm_setAutomine", true);
      const { deployment, transactions } = await deployTo(url, directory);
      expect(transactions).to.have.length(7);
      expect(await deployment.xme.genesis.allocated()).to.equal(true);

      const undisturbed = await deploy(hre, await network.create(), { economy: "suite" });
      expect([...deployment.addresses].sort()).to.deep.equal([...undisturbed.deployment.addresses].sort());
    });

    it("should ask for the hash of a transaction that was sent but not recorded, and go on once it is given", async () => {
      const chain = await anvil();
      const lost = newFolder();
      const { transactions } = await deployTo(chain, lost, { economy: "rank" });
      // The journal as a kill between broadcast and record leaves it.
      const journal = join(lost, "journal.jsonl");
      const lines = readFileSync(journal, "utf8").split("\n");
      const end = lines.findIndex((line) => line.includes('"type":"TRANSACTION_SEND"'));
      writeFileSync(journal, `${lines.slice(0, end).join("\n")}\n`);
      rmSync(join(lost, "deployed_addresses.json"));

      expect(await refusal(deployTo(chain, lost, { economy: "rank" }))).to.match(
        /stopped between sending the transaction for Rank#XRank and recording it: find the transaction that 0x\w{40} sent with nonce 0/,
      );
      const nonce = await nonceOf(chain);
      const resumed = await deployTo(chain, lost, { economy: "rank", track: transactions[0]?.hash });
      expect(await resumed.deployment.rank.xrank.globalRank()).to.equal(1n);
      expect(await nonceOf(chain)).to.equal(nonce);
    });
  });

  context("given something that would fail", () => {
    let url: string;
    before(async () => {
      url = await anvil();
    });

    it("should say so when the network is configured with another chain id", async () => {
      const connection = await network.create({ network: "localhost", override: { url, chainId: 5 } });
      expect(await refusal(deploy(hre, connection, { economy: "rank", directory: newFolder() }))).to.equal(
        'Network "localhost" is configured as chain 5 but its RPC answers as chain 31337: correct its URL, or choose another --network.',
      );
    });

    it("should say so when nobody answers at the network's URL", async () => {
      const gone = await startAnvil();
      await gone.stop();
      expect(await refusal(deployTo(gone.url, newFolder()))).to.match(
        /^Network "localhost" does not answer: start a chain/,
      );
    });

    it("should say which variable of the network's configuration is missing", async () => {
      const url = configVariable("XONOMY_TEST_NEVER_SET");
      const failed = network.create({ network: "localhost", override: { url } }).catch((error: unknown) => {
        throw explain(error, { network: "localhost" });
      });
      expect(await refusal(failed)).to.match(
        /needs the variable XONOMY_TEST_NEVER_SET, which is not set: put it into \.env/,
      );
    });

    it("should print that sentence alone and fail, when it is run as a command", async () => {
      const child = spawn(process.execPath, [COMMAND, "deploy", "--economy", "rank", "--network", "sepolia"], {
        cwd: config.paths.root,
        env: { ...process.env, SEPOLIA_RPC_URL: "" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
      expect(output).to.equal("");
      expect(complaint).to.equal(
        'Network "sepolia" cannot be used: the configuration variable "SEPOLIA_RPC_URL" is not a URL, such as https://…; ' +
          "correct it in .env or in the keystore.\n",
      );
      if (child.exitCode === null) await once(child, "exit");
      expect(child.exitCode).to.equal(1);
    });

    it("should say how much is needed when the deployer cannot pay, and send nothing", async () => {
      const [deployer] = (await rpc(url, "eth_accounts")) as [string];
      await rpc(url, "anvil_setBalance", deployer, "0x2386f26fc10000");
      const directory = newFolder();
      expect(await refusal(deployTo(url, directory))).to.match(
        /^Account 0x\w{40} holds 0\.01 ETH on network "localhost", but the deployment may cost up to 0\.\d+ ETH \(\d+ gas at \d+ gwei\)/,
      );
      expect(existsSync(directory)).to.equal(false);
      await rpc(url, "anvil_setBalance", deployer, "0x21e19e0c9bab2400000");
      expect(await nonceOf(url)).to.equal(0);
    });

    it("should say which folder to move away when the chain was started anew, or is another", async () => {
      const directory = newFolder();
      const folder = new DeploymentFolder(directory);
      await deployTo(url, directory, { economy: "rank" });
      const chain = folder.readChain();
      if (!chain) throw new Error("The chain is on record");

      await folder.writeChain({ ...chain, genesisHash: `0x${"12".repeat(32)}` }, true);
      expect(await refusal(deployTo(url, directory)))
        .to.contain("The chain was reset since")
        .and.contain(`move ${directory} away`);
      await folder.writeChain({ ...chain, chainId: 1n }, true);
      expect(await refusal(deployTo(url, directory))).to.contain(
        "is on chain 1, but the network answers as chain 31337",
      );
      rmSync(folder.chainFile);
      expect(await refusal(deployTo(url, directory))).to.contain("holds a journal but no chain.json");
    });

    it("should refuse to bring X.me to a public network, in one sentence", async () => {
      const connection = await network.create({ network: "default", override: { chainId: 11_155_111 } });
      for (const economy of ["xme", "suite"] as const) {
        expect(await refusal(deploy(hre, connection, { economy }))).to.match(
          /^X\.me is not deployed to public networks such as "default" \(chain 11155111\) until its governor exists/,
        );
      }
      const { deployment } = await deploy(hre, connection, { economy: "rank" });
      expect(await deployment.rank.xrank.globalRank()).to.equal(1n);
    });

    it("should find out in the rehearsal what would revert, and send nothing", async () => {
      const nonce = await nonceOf(url);
      const file = join(scratch, "reverting.json");
      const source = readFileSync(join(config.paths.ignition, "parameters", "default.json"), "utf8");
      // A price that the seeder's constructor refuses and that the parameters' own checks let pass.
      const csv = JSON.stringify(join(config.paths.ignition, "parameters", "airdrop-local.csv"));
      const priced = source.replace("100 XMEX for 1 XME", "10000000000000 XMEX for 1 XME");
      writeFileSync(file, priced.replace('"airdrop-local.csv"', csv));
      expect(await refusal(deployTo(url, newFolder(), { parameters: file }))).to.match(
        /Xme#LiquiditySeeder failed .*LiquiditySeeder_PriceOutOfBounds/,
      );
      expect(await nonceOf(url)).to.equal(nonce);
    });

    it("should say which command deploys what is not deployed", async () => {
      const connection = await network.create({ network: "localhost", override: { url } });
      expect(await refusal(openDeployment(connection, { directory: newFolder() }))).to.equal(
        'Nothing is deployed on network "localhost": run `hardhat deploy --network localhost` first.',
      );
      const directory = newFolder();
      const { deployment } = await deployTo(url, directory, { economy: "rank" });
      expect(() => deployment.xme).to.throw(
        ExplainedError,
        /"xme" is not deployed on network "localhost": run `hardhat deploy --economy xme/,
      );
    });
  });
});
