import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";

import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { config as loadEnvironment } from "dotenv";
import { configVariable, defineConfig } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";
import type { CompilerOutput } from "hardhat/types/solidity";

import { compile, solcPath } from "./src/compiler/solc.js";
import { MOST_GAS } from "./src/deployment/chains.js";
import { CUSTOM_NETWORK, customChainId, customNetworkPlugin } from "./src/deployment/custom-network.js";
import { gasRoom } from "./src/deployment/gas-room.js";
import { tasks } from "./tasks/index.js";

loadEnvironment({ quiet: true });

const customChain = process.env.CUSTOM_CHAIN_ID ?? "";

const solc = {
  version: "0.8.34",
  path: solcPath,
  isolated: false,
  settings: {
    evmVersion: "prague",
    viaIR: true,
    optimizer: { enabled: true, runs: 1_000_000 },
    // What `@notice` and `@dev` say, for wallets and auditors; Hardhat adds to this what it needs itself.
    outputSelection: { "*": { "*": ["userdoc", "devdoc", "metadata"] } },
  },
};

/** XE's ledger is one contract by design, and fits under the limit of code size with fewer runs; calls cost the same within a few gas. */
const compact = {
  ...solc,
  settings: { ...solc.settings, optimizer: { enabled: true, runs: 10_000 } },
};

/**
 * Solidity's tests with what they deploy, and what stands beside the contracts in the TypeScript tests, go through the compiler's older
 * code generator without the steps that take more time than the tests then save: it takes a fraction of the time. The contracts are so
 * exercised under both generators, since the TypeScript tests run the bytecode that is deployed.
 */
const legacy = {
  ...solc,
  settings: {
    evmVersion: solc.settings.evmVersion,
    viaIR: false,
    optimizer: {
      enabled: true,
      runs: 200,
      details: {
        peephole: true,
        inliner: true,
        jumpdestRemover: true,
        orderLiterals: false,
        deduplicate: false,
        cse: false,
        constantOptimizer: false,
        yul: false,
      },
    },
  },
};

const solidityUnder = (...folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".sol"))
      .map((file) => `${folder}/${file.replaceAll("\\", "/")}`),
  );

/** X.me's own government, as distinct from its tokens and their distribution. */
const isGovernance = (file: string): boolean =>
  /^(I?VotingXME|Votes|XmeGovernor|Governor|Polic|PlainText|Badge|I?Node|Buyback|TickMath|Ad[A-Z]|IIncome)/.test(
    basename(file),
  );

/** What is compiled like the contracts with which it is compared. */
const isMeasured = (file: string): boolean => /^test\/harness\/bench\//.test(file);

/** What is compiled in one go, apart from everything else, so that some of these can run side by side. */
const flywheel = solidityUnder("contracts/xp");
const governance = solidityUnder("contracts/xme").filter(isGovernance);
const ledger = solidityUnder("contracts/xe");
const harness = solidityUnder("test/harness").filter((file) => !isMeasured(file));
const halfOfTests = [...solidityUnder("test/solidity/xp"), ...solidityUnder("test/solidity/xme").filter(isGovernance)];
const otherHalf = solidityUnder("test/solidity").filter((file) => !halfOfTests.includes(file));

const profile = {
  compilers: [solc],
  overrides: Object.fromEntries([
    ...[...flywheel, ...governance].map((file) => [file, solc] as const),
    ...ledger.map((file) => [file, compact] as const),
    ...[...harness, ...halfOfTests, ...otherHalf].map((file) => [file, legacy] as const),
  ]),
};

/** How hard the Solidity tests fuzz: `npm run fuzz` goes deep, `npm run coverage` is light because instrumented runs eat memory. */
const efforts = {
  light: { fuzz: { runs: 32 }, invariant: { runs: 4, depth: 64 } },
  normal: { fuzz: { runs: 128 }, invariant: { runs: 5, depth: 64 } },
  deep: { fuzz: { runs: 20_000 }, invariant: { runs: 256, depth: 512 } },
};
const effort = process.env.XONOMY_FUZZ ?? "normal";
if (!(effort in efforts)) throw new Error(`XONOMY_FUZZ is "${effort}": use one of ${Object.keys(efforts).join(", ")}.`);

/** @returns who signs on a network: the key of its variable, or whatever answers at its URL, such as a wallet */
function accountsOf(prefix: string): "remote" | [ReturnType<typeof configVariable>] {
  const accounts = process.env[`${prefix}_ACCOUNTS`] ?? "";
  if (accounts === "remote") return "remote";
  // Anything else is looked at as a key that it is not, when the network is used: then it is explained, and hinders nothing else.
  return [configVariable(accounts === "" ? `${prefix}_PRIVATE_KEY` : `${prefix}_ACCOUNTS`)];
}

/** A network that its variables alone make ready: its URL, and its key or that there is none. */
function publicNetwork<C extends "l1" | "op" | "generic">(prefix: string, chainType: C, chainId?: number) {
  const url = configVariable(`${prefix}_RPC_URL`);
  return {
    type: "http" as const,
    chainType,
    url,
    accounts: accountsOf(prefix),
    ...(chainId ? { chainId } : {}),
  };
}

/**
 * A simulated chain that ends with its process is asked whether a transaction passes, and not how little gas it would pass with, which takes
 * many runs of it: a seventh of the tests' time. What does not pass is left to the estimate, which refuses it before it is sent.
 */
const withoutEstimates: HardhatPlugin = {
  id: "xonomy-without-estimates",
  hookHandlers: {
    network: async () => ({
      default: async () => ({
        onRequest: async (context, connection, request, next) => {
          if (request.method !== "eth_sendTransaction" || connection.networkName !== "default")
            return next(context, connection, request);
          const [transaction] = request.params as [{ gas?: string }];
          if (transaction.gas !== undefined) return next(context, connection, request);
          const limited = { ...transaction, gas: `0x${MOST_GAS.toString(16)}` };
          try {
            await connection.provider.request({ method: "eth_call", params: [limited, "pending"] });
          } catch {
            return next(context, connection, request);
          }
          return next(context, connection, { ...request, params: [limited] });
        },
      }),
    }),
  },
};

/** The EVM that the compiler targets is the EVM that the simulated chains run. */
const simulated = { type: "edr-simulated", hardfork: "prague" } as const;

/**
 * Hardhat compiles in one go what has one configuration object, and leaves a processor free: this gives each list of files one object
 * instead of one for each file, and uses every processor.
 */
const parallelCompilation: HardhatPlugin = {
  id: "xonomy-parallel-compilation",
  hookHandlers: {
    config: async () => ({
      default: async () => ({
        resolveUserConfig: async (userConfig, resolveVariable, next) => {
          const config = await next(userConfig, resolveVariable);
          for (const { overrides } of Object.values(config.solidity.profiles)) {
            for (const files of [flywheel, governance, ledger, harness, halfOfTests, otherHalf]) {
              const [shared] = files.flatMap((file) => overrides[file] ?? []);
              if (shared) for (const file of files) overrides[file] = shared;
            }
          }
          return config;
        },
      }),
    }),
    solidity: async () => ({
      default: async () => ({
        build: (context, files, options, next) =>
          next(context, files, { concurrency: availableParallelism(), ...options }),
        // Hardhat reads what the compiler answers character by character, which takes it seconds for the many megabytes of each answer.
        invokeSolc: async (context, compiler, input, config, next) =>
          compiler.compilerPath === solcPath
            ? (JSON.parse(await compile(JSON.stringify(input))) as CompilerOutput)
            : next(context, compiler, input, config),
        // OpenZeppelin's transient reentrancy guard clears its slot at the end of each call, which is what warning 2394 asks for; and
        // the sizes that 3860 and 5574 warn of are the older code generator's, not those of what is deployed.
        getCompilationJobErrors: async (context, job, output, next) =>
          (await next(context, job, output)).filter(
            ({ errorCode, formattedMessage }) =>
              !(errorCode === "2394" && formattedMessage?.includes("TransientSlot.sol")) &&
              !(/^(3860|5574)$/.test(errorCode ?? "") && job.solcConfig.settings.viaIR === false),
          ),
      }),
    }),
  },
};

export default defineConfig({
  plugins: [toolbox, parallelCompilation, customNetworkPlugin(customChain), withoutEstimates, gasRoom],
  tasks,
  solidity: {
    // Ignition and verify default to `production`: equal settings make every path produce the same bytecode.
    profiles: { default: profile, production: profile },
    splitTestsCompilation: true,
    npmFilesToBuild: [
      "@openzeppelin/contracts/governance/TimelockController.sol",
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
    ],
  },
  paths: {
    sources: ["contracts", "test/harness"],
    tests: { solidity: "test/solidity", mocha: "test/integration" },
  },
  typechain: { outDir: "typechain-types" },
  networks: {
    default: { ...simulated, chainType: "l1" },
    node: { ...simulated, chainType: "l1" },
    localhost: {
      type: "http",
      chainType: "l1",
      // A configuration variable is looked at only when the network is used: a wrong value then is explained, and hinders nothing else.
      url: process.env.LOCALHOST_RPC_URL ? configVariable("LOCALHOST_RPC_URL") : "http://127.0.0.1:8545",
    },
    sepolia: publicNetwork("SEPOLIA", "l1", 11_155_111),
    baseSepolia: publicNetwork("BASE_SEPOLIA", "op", 84_532),
    arbitrumSepolia: publicNetwork("ARBITRUM_SEPOLIA", "generic", 421_614),
    polygonAmoy: publicNetwork("POLYGON_AMOY", "generic", 80_002),
    [CUSTOM_NETWORK]: publicNetwork("CUSTOM", "generic", customChainId(customChain)),
  },
  test: {
    mocha: {
      timeout: 120_000,
      parallel: true,
      // Some tests wait for blocks and processes more than they compute.
      jobs: availableParallelism() + 1,
      require: [new URL("test/support/mochaWorker.ts", import.meta.url).href],
    },
    solidity: {
      ...efforts[effort as keyof typeof efforts],
      // the peer's prebuilt bytecode, for the tests that compare with it
      fsPermissions: { readFile: ["node_modules/@faircrypto/xen-crypto/build/contracts/XENCrypto.json"] },
    },
  },
  verify: {
    etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") },
    blockscout: { enabled: true },
    // Sourcify's own server, unless another one is named, such as one's own.
    sourcify: {
      enabled: true,
      ...(process.env.SOURCIFY_API_URL ? { apiUrl: process.env.SOURCIFY_API_URL } : {}),
    },
  },
  // Contracts that only tests use say nothing about how well contracts/ is tested.
  coverage: { skipFiles: ["test/harness/**"] },
});
