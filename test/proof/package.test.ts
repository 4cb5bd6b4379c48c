import { execFile } from "node:child_process";
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, delimiter, dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { expect } from "chai";
import { ContractFactory, type InterfaceAbi, JsonRpcProvider } from "ethers";
import hre from "hardhat";

import { abiName, readAbis } from "../../scripts/package/abis.mjs";
import { writeAddresses } from "../../scripts/package/addresses.mjs";
import { npmEnvironment } from "../../scripts/setup.mjs";
import { deploy } from "../../src/deployment/deploy.js";
import { type Address, DeploymentFolder } from "../../src/deployment/folder.js";
import { XRank__factory } from "../../typechain-types/index.js";
import { type Anvil, startAnvil } from "../support/anvil.js";

const run = promisify(execFile);
const { root, artifacts } = hre.config.paths;
const SEPOLIA = 11_155_111;
/** anvil's first account. */
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/** What the user of the examples has beside the package; all else comes with it. */
const BESIDE = ["viem", "hardhat", "solc"];

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly exports: Readonly<Record<string, string>>;
};

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

interface CompiledContract {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

function readJsonFile(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** The page's examples, by the file that each names in its first line. */
function examples(): ReadonlyMap<string, string> {
  const page = readFileSync(join(root, "docs", "package.md"), "utf8");
  const blocks = [...page.matchAll(/```(?:ts|solidity)\n\/\/ (\S+)\n(.*?)```/gs)];
  return new Map(blocks.map(([, file = "", code = ""]) => [file, code]));
}

/** What no user could mean: each line with an `@ts-expect-error` is one that must not compile. */
const REFUSED = `
import type { JsonRpcProvider } from "ethers";
import { createPublicClient, http } from "viem";
import { xRankAbi } from "xonomy/abi";
import { xRankAbi as alone } from "xonomy/abi/XRank";
import { XRank__factory } from "xonomy/ethers";
import { deployments, type DeploymentId } from "xonomy/deployments";

export async function refused(provider: JsonRpcProvider): Promise<void> {
  const client = createPublicClient({ transport: http() });
  const { xrank } = deployments.sepolia.contracts.rank;
  const address: \`0x\${string}\` = xrank;
  const rank: bigint = await client.readContract({ address, abi: xRankAbi, functionName: "globalRank" });
  const mint = await client.readContract({ address, abi: alone, functionName: "getUserMint" });
  const term: bigint = mint.term;
  // @ts-expect-error there is no such function
  await client.readContract({ address, abi: xRankAbi, functionName: "globalRanks" });
  // @ts-expect-error a balance is an account's
  await client.readContract({ address, abi: xRankAbi, functionName: "balanceOf", args: [rank] });
  // @ts-expect-error the answer is a bigint
  const wrong: string = await client.readContract({ address, abi: xRankAbi, functionName: "globalRank" });
  const contract = XRank__factory.connect(address, provider);
  // @ts-expect-error there is no such function
  await contract.globalRanks();
  // @ts-expect-error a term is a number of days
  await contract.claimRank(true);
  // @ts-expect-error there is no such deployment
  const id: DeploymentId = "nowhere";
  void [term, wrong, id];
}
`;

describe("the package", () => {
  const project = mkdtempSync(join(tmpdir(), "xonomy-package-"));
  const installed = join(project, "node_modules", "xonomy");
  const inProject = (file: string): string => join(project, file);
  let anvil: Anvil;
  let packed: Packed;
  let xrank: Address;

  /** Runs npm as the user who runs the tests would, under this Node. */
  async function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`;
    const { stdout } = await run("npm", args, {
      cwd,
      env: { ...npmEnvironment(process.env), PATH, ...env },
      maxBuffer: 16 * 2 ** 20,
      shell: process.platform === "win32",
    });
    return stdout;
  }

  /** Runs a file of the project under this Node; this project's Hardhat must not tell it which configuration to read. */
  async function node(file: string, ...args: readonly string[]): Promise<string> {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("HARDHAT_"));
    const env = { ...Object.fromEntries(own), RPC_URL: anvil.url };
    return (await run(process.execPath, [inProject(file), ...args], { cwd: project, env })).stdout;
  }

  before(async function () {
    this.timeout(300_000);
    anvil = await startAnvil("--chain-id", String(SEPOLIA));
    const override = { url: anvil.url, accounts: [KEY] };
    const connection = await hre.network.create({ network: "sepolia", override });
    const directory = inProject("deployments/sepolia");
    const { deployment } = await deploy(hre, connection, { economy: "rank", directory });
    xrank = (await deployment.rank.xrank.getAddress()) as Address;
    await recordMore(directory);

    // The contracts are compiled, or this test would not run: what comes of them is packed as it is.
    const env = { XONOMY_COMPILED: "1", XONOMY_DEPLOYMENTS: inProject("deployments") };
    const told = await npm(root, ["pack", "--json", "--pack-destination", project], env);
    [packed] = JSON.parse(told.slice(told.indexOf("[\n"))) as [Packed];
    writeFileSync(inProject("package.json"), '{ "name": "user", "private": true, "type": "module" }\n');
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
    await npm(project, ["install", ...flags, `./${packed.filename}`]);
    for (const name of BESIDE) {
      symlinkSync(join(root, "node_modules", name), inProject(`node_modules/${name}`), "junction");
    }
    for (const [file, code] of [...examples(), ["refused.ts", REFUSED] as const]) {
      mkdirSync(dirname(inProject(file)), { recursive: true });
      writeFileSync(inProject(file), code);
    }
  });

  after(async () => {
    await anvil?.stop();
    rmSync(project, { recursive: true, force: true });
  });

  /** A second deployment, with half of X.me; one on a local chain; one that never came to a contract; and one that never came to its end. */
  async function recordMore(directory: string): Promise<void> {
    const first = new DeploymentFolder(directory);
    const chain = first.readChain();
    if (chain === undefined) throw new Error("The deployment says which chain it is on");
    const addresses = { ...first.readWholeAddresses(), "Xme#XME": xrank, "Xme#XMEX": xrank };
    for (const [id, chainId, recorded] of [
      ["second", chain.chainId, addresses],
      ["local", 31_337n, addresses],
      ["begun", chain.chainId, {}],
      ["unfinished", chain.chainId, first.readWholeAddresses()],
    ] as const) {
      const folder = new DeploymentFolder(join(dirname(directory), id));
      await folder.writeChain({ ...chain, network: id, chainId }, false);
      writeFileSync(folder.addressesFile, JSON.stringify(recorded));
    }
    // As long as this file is there, the end of XRANK's deployment was not found to be as it should be.
    const unfinished = new DeploymentFolder(join(dirname(directory), "unfinished"));
    writeFileSync(unfinished.expectedFile, JSON.stringify({ Rank: { contracts: [], rights: [], wiring: {} } }));
  }

  describe("npm pack", () => {
    const paths = (): string[] => packed.files.map(({ path }) => path);

    it("should take along what others use, with the license and the README, and nothing else", () => {
      const allowed =
        /^(LICENSE|README\.md|package\.json|contracts\/.*\.sol|dist\/.*\.(js|d\.ts)(\.map)?|dist\/src\/mining\/rules\.sql|src\/.*\.(ts|sql))$/;
      expect(paths().filter((path) => !allowed.test(path))).to.deep.equal([]);
      expect(paths()).to.include.members(["LICENSE", "README.md", "package.json"]);
      expect(paths().filter((path) => /(^|\/)(test|harness|bench|tasks|docs|ignition)\//.test(path))).to.deep.equal([]);
      const sources = globSync("contracts/**/*.sol", { cwd: root }).map((file) => file.replaceAll("\\", "/"));
      expect(paths().filter((path) => path.endsWith(".sol"))).to.have.members(sources);
    });

    it("should make a package of less than 2 megabytes", () => {
      expect(packed.size).to.be.within(500_000, 2_000_000);
      expect(packed.unpackedSize).to.be.below(10_000_000);
    });

    it("should leave no trace of the machine that it ran on", () => {
      const traces = [root, project, homedir()].filter((path) => path.length > 1);
      const named = paths().filter((path) => {
        const text = readFileSync(join(installed, path), "utf8");
        return traces.some((trace) => text.includes(trace));
      });
      expect(named).to.deep.equal([]);
    });

    it("should put a source beside each map, and nothing but such sources", () => {
      const maps = paths().filter((path) => path.endsWith(".map"));
      const mapped = maps.flatMap((path) => {
        const { sources } = readJsonFile(join(installed, path)) as { sources: readonly string[] };
        return sources.map((source) => posix.join(posix.dirname(path), source));
      });
      const sources = paths().filter((path) => /^src\/.*\.ts$/.test(path));
      expect([...new Set(mapped)]).to.have.members(sources);
      expect(sources).to.include("src/rank/model.ts");
    });

    it("should leave to those who import it only what they need at run time", () => {
      const there = globSync("node_modules/{*,@*/*}", { cwd: project }).map((path) => path.replaceAll("\\", "/"));
      const names = there.map((path) => path.slice("node_modules/".length)).filter((name) => !/^@[^/]*$/.test(name));
      expect(names).to.include.members(["ethers", "@openzeppelin/contracts", "abdk-libraries-solidity", "hash-wasm"]);
      const tools = /hardhat|anvil|duckdb|typechain|^typescript$|mocha|chai|dotenv|xen-crypto|pglite|sourcify/;
      expect(names.filter((name) => tools.test(name) && !BESIDE.includes(name))).to.deep.equal([]);
    });
  });

  describe("docs/package.md", () => {
    it("should name every entry point of the package", () => {
      const page = readFileSync(join(root, "docs", "package.md"), "utf8");
      const entries = Object.keys(manifest.exports)
        .filter((name) => name !== "./package.json")
        .map((name) => posix.join("xonomy", name).replace("xonomy/abi/*", "xonomy/abi/XRank"));
      const named = page.replace("`xonomy/contracts/…/*.sol`", "`xonomy/contracts/*`");
      expect(entries.filter((entry) => !named.includes(`\`${entry}\``))).to.deep.equal([]);
    });
  });

  describe("a typed ABI", () => {
    it("should exist for each contract that is deployed or called, under wagmi's name for it", async () => {
      const all = (await import(pathToFileURL(join(installed, "dist/abi/index.js")).href)) as Record<string, unknown>;
      const abis = readAbis(artifacts);
      expect(Object.keys(all)).to.have.members([...abis.keys()].map(abiName));
      const names = ["XRank", "XMEX", "VotingXME", "XPMarket", "IUniswapV3Pool", "IERC5192", "TimelockController"];
      expect([...abis.keys()]).to.include.members(names);
      expect(names.map(abiName)).to.deep.equal([
        "xRankAbi",
        "xmexAbi",
        "votingXmeAbi",
        "xpMarketAbi",
        "iUniswapV3PoolAbi",
        "ierc5192Abi",
        "timelockControllerAbi",
      ]);
    });

    it("should be the compiler's, in its values and in its types", async () => {
      for (const file of globSync("{contracts,@openzeppelin}/**/*.sol/*.json", { cwd: artifacts })) {
        const { abi } = readJsonFile(join(artifacts, file)) as { abi: readonly unknown[] };
        if (abi.length === 0) continue;
        const module = join(installed, "dist", "abi", basename(file, ".json"));
        const own = (await import(pathToFileURL(`${module}.js`).href)) as Record<string, unknown>;
        expect(JSON.stringify(own), file).to.equal(JSON.stringify({ [abiName(basename(file, ".json"))]: abi }));
        const type = /: (readonly \[.*\]);\n$/s.exec(readFileSync(`${module}.d.ts`, "utf8"))?.[1] ?? "";
        expect(JSON.stringify(valueOfType(type)), file).to.equal(JSON.stringify(abi));
      }
    });

    /** The one value that has a type of literals, all of it readonly. */
    function valueOfType(type: string): unknown {
      const strings: string[] = [];
      const bare = type.replace(/"[^"]*"/g, (string) => `"${String(strings.push(string) - 1)}"`);
      expect(bare).to.not.match(/(?<!readonly )\[|[{;] (?!readonly |\})/);
      const json = bare
        .replaceAll("readonly ", "")
        .replaceAll(";", ",")
        .replace(/,(\s*\])/g, "$1");
      return JSON.parse(json.replace(/"(\d+)"/g, (_, index: string) => strings[Number(index)] ?? "")) as unknown;
    }
  });

  describe("the addresses", () => {
    const load = async (folder: string): Promise<unknown> =>
      ((await import(pathToFileURL(join(folder, "deployments.js")).href)) as { deployments: unknown }).deployments;

    it("should be those of each economy that was deployed to its end, by id, and none of a local chain", async () => {
      const { genesisHash, startBlock } = readJsonFile(inProject("deployments/sepolia/chain.json")) as {
        genesisHash: string;
        startBlock: number;
      };
      const contracts = { rank: { xrank } };
      const recorded = { chainId: SEPOLIA, genesisHash, startBlock, contracts };
      expect(await load(join(installed, "dist"))).to.deep.equal({
        second: { network: "second", ...recorded },
        sepolia: { network: "sepolia", ...recorded },
      });
    });

    it("should be empty", async () => {
      const out = inProject("nothing");
      mkdirSync(out);
      await writeAddresses(inProject("no-deployments"), out, join(installed, "dist", "src", "deployment"));
      expect(await load(out)).to.deep.equal({});
      expect(readFileSync(join(out, "deployments.d.ts"), "utf8")).to.match(/const deployments: \{\s*\};/);
    });
  });

  describe("a project that installs the package", () => {
    let compiled: { readonly checked: readonly string[]; readonly problems: string };
    /** Modules by the name under which the package offers them. */
    let modules: readonly string[];

    before(async function () {
      this.timeout(300_000);
      modules = Object.entries(manifest.exports)
        .filter(([, target]) => target.endsWith(".js"))
        .flatMap(([name, target]) => {
          const [folder = "", isPattern] = target.split("*");
          const files = isPattern === undefined ? [] : readdirSync(join(installed, folder));
          const stems = files.filter((file) => file.endsWith(".js")).map((file) => file.slice(0, -3));
          return isPattern === undefined ? [name] : stems.map((stem) => name.replace("*", stem));
        })
        .map((name) => posix.join("xonomy", name));
      const imports = modules.map((name, index) => `import * as m${String(index)} from "${name}";\n`).join("");
      const all = modules.map((_, index) => `m${String(index)}`).join(", ");
      writeFileSync(
        inProject("all.ts"),
        `${imports}const all: object[] = [${all}];\n` +
          "console.log(all.filter((each) => Object.keys(each).length > 0).length);\n",
      );
      const sources = readdirSync(project).filter((file) => file.endsWith(".ts") && file !== "hardhat.config.ts");
      const { stdout } = await run(process.execPath, [join(root, "test/support/typeCheck.mjs"), project, ...sources]);
      compiled = JSON.parse(stdout) as typeof compiled;
    });

    it("should compile the examples of docs/package.md, and find no fault in the package's types", () => {
      const { checked, problems } = compiled;
      expect(checked).to.include.members(["viem.ts", "ethers.ts", "folder.ts", "model.ts", "airdrop.ts", "all.ts"]);
      const declared = checked.filter((file) => /^node_modules\/xonomy\/dist\/.*\.d\.ts$/.test(file));
      expect(declared.length).to.be.above(200);
      expect(problems).to.equal("");
    });

    it("should be refused what a contract does not have", () => {
      expect(compiled.checked).to.include("refused.ts");
      expect(compiled.problems).to.not.include("refused.ts");
      expect(REFUSED.match(/@ts-expect-error/g)).to.have.lengthOf(6);
    });

    it("should find every module that the package names, and load it", async () => {
      expect(modules.length).to.be.above(100);
      expect(modules).to.include.members(["xonomy/abi", "xonomy/abi/XRank", "xonomy/xme/sale", "xonomy/mining"]);
      expect(Number(await node("out/all.js"))).to.equal(modules.length);
    });

    it("should take the models, ABIs and addresses into a browser", () => {
      const dist = join(installed, "dist");
      const seen = new Set<string>();
      const visit = (file: string): void => {
        if (seen.has(file)) return;
        seen.add(file);
        for (const [, from = ""] of readFileSync(file, "utf8").matchAll(
          /^(?:import|export)\b[^"']* from ["']([^"']+)["']/gm,
        )) {
          if (from.startsWith(".")) visit(join(dirname(file), from));
          else expect(["ethers"], `${file} imports ${from}`).to.include(from);
        }
      };
      const entries = globSync("{deployments,abi/*,src/{rank,xe,xme,xp}/*}.js", { cwd: dist });
      expect(entries.length).to.be.above(80);
      for (const entry of entries) visit(join(dist, entry));
    });

    it("should run each example, with what the chain says", async () => {
      const names = [...examples().keys()].filter((file) => /^[^/]*\.ts$/.test(file) && file !== "hardhat.config.ts");
      writeFileSync(
        inProject("out/examples.js"),
        `for (const name of ${JSON.stringify(names)}) await import("./" + name.replace(/ts$/, "js"));\n`,
      );
      const lines = (await node("out/examples.js")).trimEnd().split("\n");
      expect(lines).to.have.lengthOf(8);
      expect(lines.slice(0, 3)).to.deep.equal([
        "The next rank is 1.",
        "Who claims now can wait up to 100 days.",
        `XRANK is at ${xrank}.`,
      ]);
      expect(lines[3]).to.equal("Amplifier: 3000 on chain, 3000 in the model.");
      expect(lines[4]).to.equal("Longest term: 8640000 seconds on chain, 8640000 in the model.");
      expect(lines.slice(5, 7)).to.deep.equal([
        "A first rank gives 99000 XRANK after thirty days.",
        "XMEX unlocked after a year: 11250000000.",
      ]);
      expect(lines[7]).to.match(/^The root of 1 row is 0x[0-9a-f]{64}\.$/);
    });

    it("should be told to install DuckDB where counting needs it", async () => {
      writeFileSync(
        inProject("count.mjs"),
        `import { generateLog } from "xonomy/mining";
const log = { rows: 10, accounts: 2, contents: 2, seed: "trial", epoch: 0n, out: "log.csv" };
await generateLog(log).catch((error) => console.log(error.name, error.message));\n`,
      );
      expect(await node("count.mjs")).to.match(
        /^ExplainedError Counting takes DuckDB, .*`npm install @duckdb\/node-api`/,
      );
    });

    it("should build on the Solidity sources", async () => {
      await node("node_modules/hardhat/dist/src/cli.js", "build", "--quiet");
      const { abi, bytecode } = readJsonFile(
        inProject("artifacts/contracts/RankClaimer.sol/RankClaimer.json"),
      ) as CompiledContract;
      const provider = new JsonRpcProvider(anvil.url, undefined, { cacheTimeout: -1 });
      try {
        const claimer = await new ContractFactory(abi, bytecode, await provider.getSigner(0)).deploy(xrank);
        await claimer.waitForDeployment();
        await (await claimer.getFunction("claim").send(7n)).wait();
        const address = await claimer.getAddress();
        expect(await claimer.getFunction("xrank").staticCall()).to.equal(xrank);
        expect((await XRank__factory.connect(xrank, provider).userMints(address)).rank).to.equal(1n);
      } finally {
        provider.destroy();
      }
    }).timeout(240_000);
  });
});
