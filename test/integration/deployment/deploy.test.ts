import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";

import { expect } from "chai";
import { type BaseContract, getAddress, getCreateAddress, HDNodeWallet, Mnemonic, ZeroAddress } from "ethers";
import { move } from "@nomicfoundation/hardhat-utils/fs";
import hre from "hardhat";
import { configVariable } from "hardhat/config";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { NetworkConnection } from "hardhat/types/network";

import { startOf } from "../../../src/common/interruption.js";
import { readAuthority } from "../../../src/deployment/authority.js";
import { customChainId, customNetworkPlugin } from "../../../src/deployment/custom-network.js";
import {
  deploy,
  DEPLOYABLE,
  type DeployOptions,
  type DeployOutcome,
  planDeployment,
} from "../../../src/deployment/deploy.js";
import { explain } from "../../../src/deployment/explain.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { type Address, DeploymentFolder } from "../../../src/deployment/folder.js";
import { readProgress, readSender } from "../../../src/deployment/journal.js";
import { alone, numbersHere } from "../../../src/deployment/lock.js";
import { openDeployment } from "../../../src/deployment/open.js";
import { recoverTransactions } from "../../../src/deployment/recovery.js";
import type { Plan } from "../../../src/deployment/plan.js";
import { deployUniswapV3, sqrtPriceOfAmounts, uniswapContract } from "../../../src/uniswap/index.js";
import { readRecord } from "../../../src/verification/record.js";
import { DEFAULT_ASCENSION_TERMS } from "../../../src/xme/ascension.js";
import { DEFAULT_INVITATION_REWARDS } from "../../../src/xme/growth.js";
import { DEFAULT_DAILY_LIMIT, DEFAULT_MINING_PARAMETERS, DEFAULT_WEIGHTS } from "../../../src/xme/mining.js";
import { XME_ROLE } from "../../../src/xme/roles.js";
import { DEFAULT_SPENDING_SPLITS, SPENDING_CATEGORIES, SPENDING_CATEGORY } from "../../../src/xme/spending.js";
import { XE_ROLE } from "../../../src/xe/roles.js";
import { SOURCE_TIERS } from "../../../src/xp/tiers.js";
import { build } from "../../../tasks/support/build.js";
import { costOf, describeSteps, linesToConfirm } from "../../../tasks/deploy-plan.js";
import { deploymentDirectory } from "../../../tasks/support/directory.js";
import { freshRights, generatedPart, rightsOnRecord, rolesMarkdown } from "../../../tasks/roles-action.js";
import { type Anvil, mined, rpc, startAnvil } from "../../support/anvil.js";
import { effort } from "../../support/effort.js";
import { linesOfWiring } from "../../support/kills.js";
import { type Fate, type Proxy, type RpcCall, sendsTransaction, startProxy } from "../../support/proxy.js";
import { recordedOn } from "../../support/tasks.js";

const { config, network } = hre;
/** Roles of the flywheel's AccessManager. */
const [MINTER, ARBITER, ROUTER] = [1n, 2n, 3n];
const SETTLER = XME_ROLE.settler;
const DAY = 86_400n;
/** Twenty-five contracts, their roles in five calls, genesis' allocation and room for the pool's oracle. */
const XME_TRANSACTIONS = 30;
/** The most gas that a transaction can have, by EIP-7825. */
const MOST_GAS = 2n ** 24n;
/** Four contracts, the ledger's two faces with it, and their roles in four calls. */
const XE_TRANSACTIONS = 8;
/** Five for Uniswap, twelve for the flywheel. */
const XP_TRANSACTIONS = 17;
/** XRANK is one. */
const SUITE_TRANSACTIONS = 1 + XP_TRANSACTIONS + XME_TRANSACTIONS + XE_TRANSACTIONS;
const COMMAND = join(config.paths.root, "node_modules", "hardhat", "dist", "src", "cli.js");

/** What `hardhat.config.ts` says of a chain by the variable's text. */
function chainIdOf(text: string): { readonly chainId?: number } {
  const chainId = customChainId(text);
  return chainId === undefined ? {} : { chainId };
}

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

/** What somebody reads of what fails, explained or not. */
async function failure(action: Promise<unknown>): Promise<string> {
  return action.then(
    () => "nothing failed",
    (error: unknown) => String(error),
  );
}

async function nonceOf(url: string): Promise<number> {
  const [deployer] = (await rpc(url, "eth_accounts")) as [string];
  return Number(await rpc(url, "eth_getTransactionCount", deployer, "pending"));
}

interface JournalLine {
  readonly type: string;
  readonly futureId?: string;
  readonly hash?: string;
  readonly text: string;
}

function journalLines({ journalFile }: DeploymentFolder): readonly JournalLine[] {
  const written = readFileSync(journalFile, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return written.map((text) => ({ ...(JSON.parse(text) as Omit<JournalLine, "text">), text }));
}

/** Every number of whole lines, first alone and then with half of the next line behind. */
function cuts(lines: number): readonly (readonly [count: number, torn: boolean])[] {
  return Array.from({ length: lines + 1 }, (_, count) => [
    [count, false] as const,
    ...(count < lines ? [[count, true] as const] : []),
  ]).flat();
}

/** Leaves the folder as a kill does that comes after `count` lines, or in the middle of the next. */
function cutJournal(folder: DeploymentFolder, lines: readonly JournalLine[], count: number, torn: boolean): void {
  const half = torn ? lines[count]?.text.slice(0, 40) : undefined;
  // Ignition begins a line with its line break.
  const kept = [...lines.slice(0, count).map(({ text }) => text), ...(half === undefined ? [] : [half])];
  writeFileSync(folder.journalFile, kept.map((text) => `\n${text}`).join(""));
  rmSync(folder.addressesFile, { force: true });
}

describe("hardhat deploy", () => {
  const scratch = mkdtempSync(join(tmpdir(), "xonomy-deploy-"));
  let folders = 0;
  /** One that has no other beside it: a chain that went back has the same transactions again. */
  const newFolder = (): string => join(mkdtempSync(join(scratch, String(++folders))), "alone");
  const running: Anvil[] = [];

  async function anvil(...args: string[]): Promise<string> {
    const started = await startAnvil(...args);
    running.push(started);
    return started.url;
  }

  let shared: { readonly url: string; snapshot: unknown } | undefined;

  /** An anvil that the tests which need none of their own use in turn, without anything in it. */
  async function emptyChain(): Promise<string> {
    if (shared) await rpc(shared.url, "evm_revert", shared.snapshot);
    const url = shared?.url ?? (await anvil());
    shared = { url, snapshot: await rpc(url, "evm_snapshot") };
    return url;
  }

  const proxies: Proxy[] = [];

  /** A connection to a chain, or to whatever stands in its place by then, on which things happen. */
  async function proxied(
    chain: string | (() => string),
    fateOf: (call: RpcCall) => Fate | Promise<Fate>,
  ): Promise<string> {
    const proxy = await startProxy(chain, fateOf);
    proxies.push(proxy);
    return proxy.url;
  }

  /** Runs the command as a person does, without a terminal, in a folder that is gone afterwards. */
  async function run(url: string, ...args: string[]) {
    const id = `run-by-test-${String(process.pid)}`;
    const child = spawn(process.execPath, [COMMAND, "deploy", "--network", "localhost", "--deployment", id, ...args], {
      cwd: config.paths.root,
      env: {
        ...process.env,
        LOCALHOST_RPC_URL: url,
        HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
        HARDHAT_NO_TYPECHAIN: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      const [output, complaint, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "exit") as Promise<[number]>,
      ]);
      return { code, output, complaint };
    } finally {
      rmSync(join(config.paths.root, "deployments", id), { recursive: true, force: true });
    }
  }

  async function deployTo(url: string, directory: string, options: Partial<DeployOptions> = {}) {
    const connection = await network.create({ network: "localhost", override: { url } });
    return deploy(hre, connection, { economy: "suite", directory, ...options });
  }

  /** Deploys Uniswap V3 from an account that deploys nothing else. */
  async function bringUniswap({ ethers }: Pick<NetworkConnection, "ethers">) {
    const signer = (await ethers.getSigners())[5];
    if (signer === undefined) throw new Error("The chain has no sixth account.");
    const wrapped = await ethers.deployContract("GenesisWrappedEther", signer);
    const uniswap = await deployUniswapV3(signer, { wrappedEther: (await wrapped.getAddress()) as Address });
    return { ...uniswap, signer };
  }

  /** The default parameters, on a Uniswap that the chain has. */
  function parametersWithUniswap(name: string, uniswap: { factory: string; positionManager: string }): string {
    return parametersWith(name, { uniswap });
  }

  /** The default parameters, with some of X.me's, XP's and XE's and the Uniswap replaced. */
  function parametersWith(
    name: string,
    { uniswap, xme: xmes, xp, xe }: { uniswap?: object; xme?: object; xp?: object; xe?: object },
  ): string {
    const folder = join(config.paths.ignition, "parameters");
    const defaults = JSON.parse(readFileSync(join(folder, "default.json"), "utf8")) as {
      uniswap: unknown;
      xme: { airdrop: { csv: string } };
      xp: object;
      xe: object;
    };
    const { xme } = defaults;
    const airdrop = { ...xme.airdrop, csv: join(folder, xme.airdrop.csv) };
    const file = join(scratch, `${name}.json`);
    const content = {
      uniswap: uniswap ?? defaults.uniswap,
      xme: { ...xme, airdrop, ...xmes },
      xp: { ...defaults.xp, ...xp },
      xe: { ...defaults.xe, ...xe },
    };
    writeFileSync(file, JSON.stringify(content));
    return file;
  }

  after(async () => {
    await Promise.all([...running, ...proxies].map((started) => started.stop()));
    rmSync(scratch, { recursive: true });
  });

  context("given the in-process chain", () => {
    let suite: Awaited<ReturnType<typeof deploySuite>> | undefined;

    async function deploySuite() {
      const connection = await network.create();
      return { connection, ...(await deploy(hre, connection, { economy: "suite" })) };
    }

    /** The suite on a chain of its own, for tests that say nothing of how it came there, each in the state that the one before left. */
    const suiteThatStands = async () => (suite ??= await deploySuite());

    it("should deploy the suite and write nothing", async () => {
      const before = readdirSync(join(config.paths.root, "deployments"));
      suite = await deploySuite();
      const { deployment, transactions } = suite;
      expect(transactions).to.have.length(SUITE_TRANSACTIONS);
      expect(await deployment.rank.xrank.symbol()).to.equal("XRANK");
      expect(await deployment.xme.genesis.allocated()).to.equal(true);
      expect(await deployment.xp.xp.currentEpoch()).to.equal(1n);
      expect(await deployment.xe.ledger.xusd()).to.equal(await deployment.xe.xusd.getAddress());
      expect(readdirSync(join(config.paths.root, "deployments"))).to.deep.equal(before);
    });

    it("should leave the deployer with no right and no token", async () => {
      const { connection, deployment } = await suiteThatStands();
      const [account = ""] = (await connection.provider.request({ method: "eth_accounts" })) as string[];
      const deployer = getAddress(account) as Address;
      const rightsOfDeployer = async () => {
        const { rights } = await readAuthority(deployment, connection.provider, new Map([[deployer, "deployer"]]));
        return rights.filter(({ holder, address }) => holder === "deployer" || address === deployer);
      };
      expect(await rightsOfDeployer()).to.deep.equal([]);

      const { accessManager, timelock, xme, xmex, teamVesting, privateSaleVesting, positionManager } = deployment.xme;
      for (const role of ["DEFAULT_ADMIN_ROLE", "PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const) {
        expect(await timelock.hasRole(await timelock[role](), deployer), role).to.equal(false);
      }
      expect((await accessManager.hasRole(await accessManager.ADMIN_ROLE(), deployer)).isMember).to.equal(false);
      for (const role of Object.values(XME_ROLE)) {
        expect((await accessManager.hasRole(role, deployer)).isMember, `role ${String(role)}`).to.equal(false);
      }
      for (const wallet of [teamVesting, privateSaleVesting]) expect(await wallet.owner()).not.to.equal(deployer);
      const governance = await deployment.xme.governor.getAddress();
      for (const role of ["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const) {
        const id = await timelock[role]();
        expect(await timelock.hasRole(id, governance), role).to.equal(true);
        expect(await timelock.hasRole(id, ZeroAddress), `${role} of everybody`).to.equal(false);
      }
      const { xp, paymentToken, agentRegistry } = deployment.xp;
      const { xe, xusd } = deployment.xe;
      for (const token of [xme, xmex, deployment.rank.xrank, xp, paymentToken, agentRegistry, xe, xusd])
        expect(await token.balanceOf(deployer)).to.equal(0n);
      const factory = uniswapContract(
        "factory",
        (await deployment.xme.uniswapFactory.getAddress()) as Address,
        connection.ethers.provider,
      );
      expect(await factory.getFunction("owner")(), "owner of the local Uniswap").to.equal(ZeroAddress);
      const flywheel = deployment.xp.accessManager;
      for (const role of [await flywheel.ADMIN_ROLE(), MINTER, ARBITER, ROUTER]) {
        expect((await flywheel.hasRole(role, deployer)).isMember, `role ${String(role)}`).to.equal(false);
      }
      expect((await flywheel.hasRole(await flywheel.ADMIN_ROLE(), timelock)).isMember).to.equal(true);
      expect(await deployment.xp.serviceMarket.treasury()).to.equal(await timelock.getAddress());
      const positions = new connection.ethers.Contract(
        await positionManager.getAddress(),
        ["function balanceOf(address) view returns (uint256)"],
        connection.ethers.provider,
      );
      expect(await positions.getFunction("balanceOf")(deployer)).to.equal(0n);
      expect(await positions.getFunction("balanceOf")(await timelock.getAddress())).to.equal(1n);

      // What is looked for would be found.
      const { impersonateAccount, setBalance } = connection.networkHelpers;
      await impersonateAccount(await timelock.getAddress());
      await setBalance(await timelock.getAddress(), 10n ** 18n);
      const treasury = await connection.ethers.getSigner(await timelock.getAddress());
      await accessManager.connect(treasury).grantRole(SETTLER, deployer, 0n);
      await timelock.connect(treasury).grantRole(await timelock.EXECUTOR_ROLE(), deployer);
      expect(
        (await rightsOfDeployer()).map(({ contract, function: name, holder }) => [contract, name, holder]),
      ).to.deep.equal([
        ["TimelockController", "execute(address,uint256,bytes,bytes32,bytes32)", "deployer"],
        ["TimelockController", "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)", "deployer"],
        ["AdSettlement", "settle(uint256,uint256,(address,uint64)[],bytes32,string)", "deployer"],
      ]);
    });

    it("should send no transaction that takes more gas than one can have", async () => {
      const { connection, transactions } = await suiteThatStands();
      for (const { future, hash } of transactions) {
        const receipt = await connection.ethers.provider.getTransactionReceipt(hash);
        expect((receipt?.gasUsed ?? MOST_GAS) < MOST_GAS, future).to.equal(true);
      }
    });

    it("should join X.me's people: drawers, sources, receivers, roles and what they begin with", async () => {
      const connection = await network.create();
      const { deployment, transactions, xme: parameters } = await deploy(hre, connection, { economy: "xme" });
      const { socialMining, userGrowth, spending, spendingCatalogue, platformItems, contentRegistry, ascension } =
        deployment.xme;
      const { accessManager, emissionVault, nodes, votes, timelock, adSettlement, xme, xmex } = deployment.xme;
      const addressesOf = (...contracts: readonly { getAddress(): Promise<string> }[]) =>
        Promise.all(contracts.map((contract) => contract.getAddress()));
      const [mining = "", growth = "", sink = "", treasury = ""] = await addressesOf(
        socialMining,
        userGrowth,
        spending,
        timelock,
      );

      const drawers = await Promise.all([0, 1, 2, 3, 4].map((stream) => emissionVault.drawerOf(stream)));
      expect(drawers).to.deep.equal([...(await addressesOf(socialMining, userGrowth, nodes, votes)), ZeroAddress]);
      const epoch = await socialMining.currentEpoch();
      expect([await socialMining.growth(), await socialMining.consumptionAt(epoch)]).to.deep.equal([growth, sink]);
      expect([await userGrowth.mining(), await userGrowth.staking()]).to.deep.equal([
        mining,
        ...(await addressesOf(nodes)),
      ]);
      expect([await spending.content(), await spending.catalogue(), await spending.items()]).to.deep.equal(
        await addressesOf(contentRegistry, spendingCatalogue, platformItems),
      );
      expect(await spending.growthShop()).to.equal(growth);
      expect(await spending.emissionStream()).to.equal(await socialMining.emissionStream());
      const receivers = await Promise.all([1, 2, 3, 4, 5].map((part) => spending.receiverOf(part)));
      expect(receivers).to.deep.equal([treasury, ...(await addressesOf(nodes, votes, emissionVault)), treasury]);
      expect([await ascension.xme(), await ascension.xmex()]).to.deep.equal(await addressesOf(xme, xmex));

      const { weeklyCap, weeklyFloor, consumptionRatioBps } = await socialMining.parametersAt(epoch);
      expect({ weeklyCap, weeklyFloor, consumptionRatioBps }).to.deep.equal(DEFAULT_MINING_PARAMETERS);
      expect(await socialMining.weightsAt(epoch)).to.deep.equal(DEFAULT_WEIGHTS);
      expect(await socialMining.dailyLimit()).to.equal(DEFAULT_DAILY_LIMIT);
      const { inviter, invitee } = DEFAULT_INVITATION_REWARDS;
      expect(await userGrowth.rewards()).to.deep.equal([inviter, invitee]);
      const { baseBudget, maxRateWad, floorRateWad } = await ascension.terms();
      expect({ baseBudget, maxRateWad, floorRateWad }).to.deep.equal(DEFAULT_ASCENSION_TERMS);
      for (const category of SPENDING_CATEGORIES) {
        const split = await spending.splitAt(SPENDING_CATEGORY[category], epoch);
        expect([...split], category).to.deep.equal(Object.values(DEFAULT_SPENDING_SPLITS[category]));
      }

      const { publisher, striker, catalogue } = parameters?.community ?? {};
      const roles = [
        [XME_ROLE.settler, "settler", parameters?.governance.settler],
        [XME_ROLE.publisher, "publisher", publisher],
        [XME_ROLE.striker, "striker", striker],
        [XME_ROLE.growthSeller, "growth seller", sink],
        [XME_ROLE.catalogue, "catalogue", catalogue],
        [XME_ROLE.minter, "minter", sink],
      ] as const;
      const [deployer] = await connection.ethers.getSigners();
      const granted = await accessManager.queryFilter(accessManager.filters.RoleGranted());
      expect(granted.map(({ args }) => [args.roleId, args.account])).to.deep.equal([
        [0n, deployer?.address],
        ...roles.map(([role, , holder]) => [role, holder]),
        [0n, treasury],
      ]);
      const labels = await accessManager.queryFilter(accessManager.filters.RoleLabel());
      expect(labels.map(({ args }) => [args.roleId, args.label])).to.deep.equal(
        roles.map(([role, label]) => [role, label]),
      );
      const restricted: readonly BaseContract[] = [
        adSettlement,
        socialMining,
        userGrowth,
        spendingCatalogue,
        platformItems,
      ];
      const mapped = await accessManager.queryFilter(accessManager.filters.TargetFunctionRoleUpdated());
      const named = mapped.map(({ args: { target, selector, roleId } }) => {
        const known = restricted.find((contract) => contract.target === target);
        if (known) return [roleId, known.interface.getFunction(selector)?.name];
        return [roleId, target, selector];
      });
      expect(named).to.deep.equal([
        [XME_ROLE.settler, "settle"],
        [XME_ROLE.publisher, "publish"],
        [XME_ROLE.striker, "strike"],
        [XME_ROLE.growthSeller, "accelerate"],
        [XME_ROLE.growthSeller, "protect"],
        [XME_ROLE.growthSeller, "unlockPrivilege"],
        [XME_ROLE.catalogue, "setPlatformPlan"],
        [XME_ROLE.catalogue, "setHotSpots"],
        [XME_ROLE.catalogue, "setService"],
        [XME_ROLE.catalogue, "list"],
        [XME_ROLE.catalogue, "setSale"],
        [XME_ROLE.minter, "mint"],
      ]);
      expect(transactions.at(-2)?.future, "everything stands before").to.equal("Xme#Genesis.allocate");
    });

    it("should show what governance closed, made wait for longer, or gave for later", async () => {
      const connection = await network.create();
      const { networkHelpers, provider } = connection;
      const { deployment } = await deploy(hre, connection, { economy: "xme" });
      const { accessManager, timelock, adSettlement, badge } = deployment.xme;
      await networkHelpers.impersonateAccount(await timelock.getAddress());
      await networkHelpers.setBalance(await timelock.getAddress(), 10n ** 18n);
      const manager = accessManager.connect(await connection.ethers.getSigner(await timelock.getAddress()));
      const [settles, sets] = ["settle", "setTiers"] as const;
      const rowsNow = async () => {
        const { rights } = await readAuthority(deployment, provider);
        return (contract: string, name: string) =>
          rights
            .filter((right) => right.contract === contract && right.function.startsWith(`${name}(`))
            .map(({ role, holder, delay }) => ({ role, holder, delay }));
      };
      let rowsOf = await rowsNow();
      const [, , , , , settler] = (await connection.ethers.getSigners()).map(({ address }) => address);
      const wait = await timelock.getMinDelay();
      const admin = { holder: "TimelockController", delay: wait };
      expect(rowsOf("AdSettlement", settles)).to.deep.equal([{ role: "settler", holder: settler, delay: 0n }]);

      await manager.setTargetClosed(adSettlement, true);
      rowsOf = await rowsNow();
      expect(rowsOf("AdSettlement", settles)).to.deep.equal([
        { role: "settler", holder: "nobody (closed)", delay: 0n },
      ]);
      expect(rowsOf("AdSettlement", "setAuthority")).to.deep.equal([
        { role: "authority", holder: "AccessManager", delay: 0n },
      ]);
      expect(rowsOf("Badge", sets)).to.deep.equal([{ role: "admin", ...admin }]);
      await manager.setTargetClosed(adSettlement, false);

      await manager.setTargetAdminDelay(badge, DAY);
      await manager.setGrantDelay(SETTLER, 2n * DAY);
      await networkHelpers.time.increase(6n * DAY);
      rowsOf = await rowsNow();
      for (const name of ["setTargetFunctionRole", "setTargetClosed", "updateAuthority"]) {
        expect(rowsOf("AccessManager", name), name).to.deep.equal([
          { role: "admin", ...admin },
          { role: "admin, for Badge", holder: admin.holder, delay: wait + DAY },
        ]);
      }
      expect(rowsOf("AccessManager", "grantRole")).to.deep.equal([
        { role: "admin", ...admin },
        { role: "administrator of role 1", holder: admin.holder, delay: wait + 2n * DAY },
      ]);

      await manager.grantRole(SETTLER, badge, 0n);
      const [since] = await accessManager.getAccess(SETTLER, badge);
      rowsOf = await rowsNow();
      expect(rowsOf("AdSettlement", settles)).to.deep.equal([
        { role: "settler", holder: settler, delay: 0n },
        { role: `settler, from ${new Date(Number(since) * 1_000).toISOString()}`, holder: "Badge", delay: 0n },
      ]);
    });

    it("should open the pool in the chain's own Uniswap when the parameters name it", async () => {
      const connection = await network.create();
      const { factory, positionManager, signer } = await bringUniswap(connection);
      const parameters = parametersWithUniswap("own-uniswap", { factory, positionManager });

      const { deployment } = await deploy(hre, connection, { economy: "suite", parameters });
      expect(await deployment.xme.uniswapFactory.getAddress()).to.equal(factory);
      expect(await deployment.xme.positionManager.getAddress()).to.equal(positionManager);
      expect(await deployment.xme.pool.getAddress()).to.equal(
        await uniswapContract("factory", factory, signer).getFunction("getPool")(
          await deployment.xme.xme.getAddress(),
          await deployment.xme.xmex.getAddress(),
          3_000n,
        ),
      );
      expect(await deployment.xme.liquiditySeeder.seeded()).to.equal(true);
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

    it("should deploy one economy alone, and the rest beside it later, on one Uniswap and under XP's own administrator", async () => {
      const alone = await deployTo(url, directory, { economy: "rank" });
      expect(alone.transactions.map(({ future }) => future)).to.deep.equal(["Rank#XRank"]);
      expect(alone.deployment.has("xme")).to.equal(false);
      expect(alone.deployment.has("xp")).to.equal(false);

      const beside = await deployTo(url, directory, { economy: "xp" });
      expect(beside.transactions).to.have.length(XP_TRANSACTIONS);
      expect(beside.deployment.has("xme")).to.equal(false);

      const { deployment, transactions, xp } = await deployTo(url, directory);
      expect(transactions).to.have.length(XME_TRANSACTIONS + XE_TRANSACTIONS);
      expect(await deployment.rank.xrank.getAddress()).to.equal(await alone.deployment.rank.xrank.getAddress());
      expect(await deployment.xp.xp.getAddress()).to.equal(await beside.deployment.xp.xp.getAddress());
      expect(await deployment.xme.uniswapFactory.getAddress()).to.equal(
        await beside.deployment.xp.uniswapFactory.getAddress(),
      );
      const [, admin] = (await rpc(url, "eth_accounts")) as string[];
      expect(await deployment.xp.serviceMarket.treasury()).to.equal(getAddress(admin ?? ""));
      expect(xp?.governance).to.deep.equal({ admin: getAddress(admin ?? ""), treasury: getAddress(admin ?? "") });
    });

    it("should record addresses, ABIs, documentation, compiler input, journal and the chain's identity", () => {
      expect(readdirSync(directory)).to.include.members([
        "abis",
        "artifacts",
        "build-info",
        "chain.json",
        "codes.json",
        "deployed_addresses.json",
        "docs",
        "journal.jsonl",
        "parameters.json",
      ]);
      expect(readFileSync(join(directory, ".gitignore"), "utf8"), "a local chain's folder is not committed").to.equal(
        "*\n",
      );
      const abi = JSON.parse(readFileSync(join(directory, "abis", "XRank.json"), "utf8")) as { name?: string }[];
      expect(abi.map(({ name }) => name)).to.include("claimRank");
      const documentation = JSON.parse(readFileSync(join(directory, "docs", "XRank.json"), "utf8")) as {
        userdoc: { methods: Record<string, { notice: string }> };
        devdoc: { methods: Record<string, { details: string }> };
      };
      expect(documentation.userdoc.methods["claimRank(uint256)"]?.notice).to.match(
        /^Takes the next rank .* `term` days/,
      );
      expect(documentation.devdoc.methods["claimRank(uint256)"]?.details).to.contain("XRank_TermBelowMinimum");
      const documented = readdirSync(join(directory, "docs"));
      expect(documented).to.include.members(["AccessManager.json", "AssetFace.json", "Genesis.json", "Vesting.json"]);
      expect(documented, "Uniswap's is not ours to write").not.to.include("UniswapV3Factory.json");
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
      expect(await opened.xe.governor.token()).to.equal(await opened.xe.ledger.getAddress());
      expect(await opened.xe.xe.symbol()).to.equal("XE");
      expect(await opened.xp.tierRouter.pool()).to.equal(await opened.xp.pool.getAddress());
      expect(await opened.xp.swapRouter?.getFunction("factory")()).to.equal(
        await opened.xp.uniswapFactory.getAddress(),
      );
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

  context("given a running anvil that has a Uniswap V3", () => {
    let url: string;
    let connection: NetworkConnection;
    let uniswap: { readonly factory: Address; readonly positionManager: Address };

    before(async () => {
      url = await anvil();
      connection = await network.create({ network: "localhost", override: { url } });
      const { factory, positionManager } = await bringUniswap(connection);
      uniswap = { factory, positionManager };
    });

    it("should say which of the addresses it is given are not that Uniswap's, and send nothing", async () => {
      const { factory, positionManager } = uniswap;
      const nobody = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
      const cases: readonly [{ factory: string; positionManager: string }, RegExp][] = [
        [{ factory: nobody, positionManager }, /factory is "0x90F7\w+": network "localhost" has no contract there/],
        [{ factory, positionManager: nobody }, /positionManager is "0x90F7\w+": network "localhost" has no contract/],
        [{ factory, positionManager: factory }, /positionManager is "0x\w+": the contract there names no factory/],
        [
          { factory: positionManager, positionManager },
          new RegExp(
            `positionManager is "${positionManager}": the factory it names is ${factory}; write the manager of`,
          ),
        ],
      ];
      for (const [index, [addresses, expected]] of cases.entries()) {
        const directory = newFolder();
        const parameters = parametersWithUniswap(`wrong-uniswap-${String(index)}`, addresses);
        const message = await refusal(deployTo(url, directory, { parameters }));
        expect(message).to.match(expected);
        expect(message).to.contain(`${parameters}: uniswap.`);
        expect(existsSync(directory)).to.equal(false);
      }
      expect(await nonceOf(url)).to.equal(0);
    });

    it("should open the pool there and record it, without counting Uniswap's own deployment as a cost", async () => {
      const directory = newFolder();
      const parameters = parametersWithUniswap("live-uniswap", uniswap);
      const [deployer] = (await rpc(url, "eth_accounts")) as [string];
      const needed = async (file?: string): Promise<bigint> => {
        await rpc(url, "anvil_setBalance", deployer, "0x1");
        const message = await refusal(deployTo(url, newFolder(), { economy: "xme", parameters: file }));
        await rpc(url, "anvil_setBalance", deployer, "0x21e19e0c9bab2400000");
        return BigInt(/\((\d+) gas at/.exec(message)?.[1] ?? message);
      };
      expect((await needed()) - (await needed(parameters))).to.be.greaterThan(8_000_000n);

      const { deployment, transactions } = await deployTo(url, directory, { economy: "xme", parameters });
      expect(transactions.map(({ future }) => future).filter((future) => future.includes("Uniswap"))).to.deep.equal([
        "Xme#UniswapV3Pool.increaseObservationCardinalityNext",
      ]);
      expect(await deployment.xme.uniswapFactory.getAddress()).to.equal(uniswap.factory);
      expect(await deployment.xme.liquiditySeeder.seeded()).to.equal(true);
      const opened = await openDeployment(connection, { directory });
      expect((await opened.xme.pool.slot0()).unlocked).to.equal(true);
      expect((await deployTo(url, directory, { economy: "xme", parameters })).transactions).to.deep.equal([]);
    });
  });

  context("given XP alone", () => {
    const NOBODY = "0x00000000000000000000000000000000005AFE5A";

    /** Who may do what, without addresses. */
    async function rightsOf({ deployment }: DeployOutcome, { provider }: Pick<NetworkConnection, "provider">) {
      const { rights } = await readAuthority(deployment, provider);
      return rights.map(({ address: _, ...right }) => right);
    }

    let connection: NetworkConnection;
    let outcome: DeployOutcome;

    before(async () => {
      connection = await network.create();
      outcome = await deploy(hre, connection, { economy: "xp" });
    });

    it("should answer to whom the parameters name, with every hook set and every role named", async () => {
      const { deployment, transactions } = outcome;
      const signers = await connection.ethers.getSigners();
      const [deployer, admin, , , arbiter] = signers.map(({ address }) => address);
      expect(transactions).to.have.length(XP_TRANSACTIONS);
      expect(deployment.has("xme")).to.equal(false);
      const { accessManager, serviceMarket, feeTiers, reputation, redistributor, tierRouter } = deployment.xp;
      expect(await serviceMarket.treasury()).to.equal(admin);
      expect(await serviceMarket.feeTiers()).to.equal(await feeTiers.getAddress());
      expect(await serviceMarket.reputation()).to.equal(await reputation.getAddress());
      expect(await serviceMarket.redistributor()).to.equal(await redistributor.getAddress());
      const holders = [
        [0n, admin],
        [MINTER, await redistributor.getAddress()],
        [ARBITER, arbiter],
        [ROUTER, await tierRouter.getAddress()],
      ] as const;
      for (const [role, holder] of holders) {
        expect((await accessManager.hasRole(role, holder ?? "")).isMember, String(role)).to.equal(true);
        expect((await accessManager.hasRole(role, deployer ?? "")).isMember, String(role)).to.equal(false);
      }
      const granted = await accessManager.queryFilter(accessManager.filters.RoleGranted());
      expect(granted.map(({ args }) => args.account).sort()).to.deep.equal(
        [deployer, ...holders.map(([, holder]) => holder)].sort(),
      );
      const labels = await accessManager.queryFilter(accessManager.filters.RoleLabel());
      expect(labels.map(({ args }) => [args.roleId, args.label])).to.deep.equal([
        [MINTER, "minter"],
        [ARBITER, "arbiter"],
        [ROUTER, "router"],
      ]);
      const tiers = await feeTiers.table();
      expect(tiers.map(({ price, feeBps }) => ({ price, feeBps }))).to.deep.equal(
        SOURCE_TIERS.map(({ price, feeBps }) => ({ price, feeBps })),
      );
      expect((await rightsOf(outcome, connection)).some(({ holder }) => holder === deployer)).to.equal(false);
    });

    it("should show whom else the administrator lets give a role or cancel, whatever was granted so far", async () => {
      const { accessManager } = outcome.deployment.xp;
      const snapshot = await connection.networkHelpers.takeSnapshot();
      const [, admin] = await connection.ethers.getSigners();
      const arbiter = (await rightsOf(outcome, connection)).find(({ role }) => role === "arbiter")?.holder;
      await accessManager.connect(admin).setRoleAdmin(MINTER, 2n ** 64n - 1n);
      await accessManager.connect(admin).setRoleGuardian(ROUTER, ARBITER);
      const entrusted = (await rightsOf(outcome, connection)).filter(({ role }) => / of role /.test(role));
      expect(entrusted.map((right) => [right.contract, right.function, right.role, right.holder])).to.deep.equal([
        ["FlywheelAccessManager", "grantRole(uint64,address,uint32)", "administrator of role 1", "anybody"],
        ["FlywheelAccessManager", "revokeRole(uint64,address)", "administrator of role 1", "anybody"],
        ["FlywheelAccessManager", "cancel(address,address,bytes)", "guardian of role 3", arbiter],
      ]);
      await snapshot.restore();
    });

    it("should call nobody the deployer but who deployed it, whoever asks", async () => {
      const url = await emptyChain();
      const directory = newFolder();
      await deployTo(url, directory, { economy: "xp" });
      const phrase = Mnemonic.fromPhrase(`${"test ".repeat(11)}junk`);
      const { privateKey, address } = HDNodeWallet.fromMnemonic(phrase, "m/44'/60'/0'/0/1");
      const asking = await network.create({ network: "localhost", override: { url, accounts: [privateKey] } });
      const { rights } = await rightsOnRecord(asking, directory);
      const own = rights.filter((right) => right.address === address);
      expect(own).to.not.be.empty;
      for (const { holder } of own) expect(holder).to.equal("XP's administrator");
    });

    it("should open its pool at the price, with the fee and the room for its oracle that the parameters give", async () => {
      const { pool, xp, paymentToken, tierRouter, swapRouter, uniswapFactory } = outcome.deployment.xp;
      const { sqrtPriceX96, observationCardinalityNext } = await pool.slot0();
      const xpFirst = BigInt(await xp.getAddress()) < BigInt(await paymentToken.getAddress());
      const [whole, price] = [10n ** 18n, 20_000n];
      expect(sqrtPriceX96).to.equal(xpFirst ? sqrtPriceOfAmounts(price, whole) : sqrtPriceOfAmounts(whole, price));
      expect(observationCardinalityNext).to.equal(150n);
      expect(await tierRouter.pool()).to.equal(await pool.getAddress());
      expect(await uniswapFactory.getPool(xp, paymentToken, 3_000n)).to.equal(await pool.getAddress());
      expect(await swapRouter?.getFunction("factory")()).to.equal(await uniswapFactory.getAddress());
    });

    it("should be paid in the token of the chain that the parameters name, whatever its decimals", async () => {
      const connection = await network.create();
      const token = await connection.ethers.deployContract("RouterToken", (await connection.ethers.getSigners())[5]);
      const paymentToken = await token.getAddress();
      const parameters = parametersWith("own-token", {
        xp: { paymentToken, pool: { openingPrice: "0.5 RTR for 1 XP", fee: "1 %", observations: 2 } },
      });
      const { deployment, transactions, xp } = await deploy(hre, connection, { economy: "xp", parameters });
      expect(xp?.pool.openingPrice).to.equal(5n * 10n ** 17n);
      expect(transactions.map(({ future }) => future)).not.to.include("Xp#PaymentToken");
      expect(await deployment.xp.serviceMarket.token()).to.equal(paymentToken);
      expect(await deployment.xp.paymentToken.symbol()).to.equal("RTR");
    });

    it("should end the same, with nothing left to the deployer, wherever it was interrupted", async () => {
      const expected = await rightsOf(outcome, connection);
      const last = "Xp#FlywheelAccessManager.multicall";
      for (const place of ["half of them", "last step"] as const) {
        const chain = await emptyChain();
        const live = await network.create({ network: "localhost", override: { url: chain } });
        const folder = new DeploymentFolder(newFolder());
        const { transactions } = await deployTo(chain, folder.path, { economy: "xp" });
        const lines = journalLines(folder);
        const sends = lines.flatMap(({ type }, index) => (type === "TRANSACTION_SEND" ? [index] : []));
        const wanted =
          place === "last step"
            ? lines.findIndex(({ futureId, type }) => futureId === last && type === "TRANSACTION_SEND")
            : (sends[Math.floor(sends.length / 2)] ?? 0);
        const [deployer] = (await rpc(chain, "eth_accounts")) as [Address];
        // anvil puts transactions that arrive together into one block, so the cut falls where a block begins.
        let kept = sends.length;
        while (kept > sends.indexOf(wanted)) {
          await rpc(chain, "anvil_rollback", 1);
          kept = Number(await rpc(chain, "eth_getTransactionCount", deployer, "latest"));
        }
        if (place === "last step") expect(kept).to.equal(sends.length - 1);
        expect(kept).to.be.greaterThan(0);
        cutJournal(folder, lines, sends[kept] ?? 0, true);

        const resumed = await deployTo(chain, folder.path, { economy: "xp" });
        expect(resumed.transactions, place).to.have.length(transactions.length - kept);
        expect(await rightsOf(resumed, live), place).to.deep.equal(expected);
        expect((await resumed.deployment.xp.accessManager.hasRole(0n, deployer)).isMember).to.equal(false);
        expect((await deployTo(chain, folder.path, { economy: "xp" })).transactions, place).to.deep.equal([]);
      }
    });

    it("should go to a testnet with an administrator of any kind, and with the test dollar", async () => {
      const connection = await network.create({ network: "default", override: { chainId: 11_155_111 } });
      const { factory, positionManager } = await bringUniswap(connection);
      const people = { admin: NOBODY, treasury: NOBODY, arbiter: NOBODY };
      const parameters = parametersWith("testnet", { uniswap: { factory, positionManager }, xp: people });
      const { deployment } = await deploy(hre, connection, { economy: "xp", parameters });
      expect((await deployment.xp.accessManager.hasRole(0n, NOBODY)).isMember).to.equal(true);
      expect(await deployment.xp.paymentToken.symbol()).to.equal("TUSD");
      expect(deployment.xp.swapRouter).to.equal(undefined);
    });

    it("should go to a network with value only under a contract, and only with a token of that network", async () => {
      const connection = await network.create({ network: "default", override: { chainId: 1 } });
      const { factory, positionManager, signer } = await bringUniswap(connection);
      const token = await connection.ethers.deployContract("TestDollar", signer);
      const paymentToken = await token.getAddress();
      const attempt = (name: string, xp: object) => {
        const people = { admin: factory, treasury: factory, arbiter: NOBODY, paymentToken };
        const parameters = parametersWith(name, { uniswap: { factory, positionManager }, xp: { ...people, ...xp } });
        return deploy(hre, connection, { economy: "xp", parameters });
      };
      expect(await refusal(attempt("plain-admin", { admin: NOBODY }))).to.match(
        /: xp\.admin is "0x0+5AFE5A": network "default" has no contract there, and where XP has value no single key may govern it; write/,
      );
      expect(await refusal(attempt("plain-treasury", { treasury: NOBODY }))).to.match(
        /: xp\.treasury is "0x0+5AFE5A": network "default" has no contract there, .* no single key may get the fees/,
      );
      const delegated = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
      await connection.provider.request({
        method: "hardhat_setCode",
        params: [delegated, `0xef0100${factory.slice(2)}`],
      });
      expect(await refusal(attempt("delegated-admin", { admin: delegated }))).to.match(
        /: xp\.admin is "0x90F79.* no contract/,
      );
      expect(await refusal(attempt("worthless", { paymentToken: "deploy" }))).to.match(
        /: xp\.paymentToken is "deploy": the test dollar is for local chains and testnets, and chain 1 is not known as one/,
      );
      expect(await refusal(attempt("no-token", { paymentToken: NOBODY }))).to.match(
        /: xp\.paymentToken is "0x0+5AFE5A": network "default" has no contract there/,
      );
      expect(await refusal(attempt("misfit", { paymentToken: factory }))).to.match(
        /: xp\.paymentToken is "0x\w{40}": the contract there names no symbol and decimals/,
      );
      const { deployment } = await attempt("accepted", {});
      expect((await deployment.xp.accessManager.hasRole(0n, factory)).isMember).to.equal(true);
    });
  });

  context("given XE alone", () => {
    it("should answer to holders of XUSD through its own timelock, with the arbiter's role named and nothing left to the deployer", async () => {
      const connection = await network.create();
      const outcome = await deploy(hre, connection, { economy: "xe" });
      const { deployment, transactions, xe: parameters } = outcome;
      expect(transactions).to.have.length(XE_TRANSACTIONS);
      expect([deployment.has("rank"), deployment.has("xme"), deployment.has("xp")]).to.deep.equal([
        false,
        false,
        false,
      ]);
      expect([...deployment.addresses.keys()].sort()).to.deep.equal(
        ["DualAssetLedger", "XE", "XUSD", "XeAccessManager", "XeGovernor", "XeTimelock"].map((name) => `Xe#${name}`),
      );
      const { ledger, xe, xusd, governor, timelock, accessManager } = deployment.xe;
      if (parameters === undefined || parameters.initial === "none") throw new Error("XE begins with XUSD here");
      const { governance, arbiter, initial } = parameters;
      expect(await ledger.authority()).to.equal(await accessManager.getAddress());
      expect([await ledger.xe(), await ledger.xusd()]).to.deep.equal([await xe.getAddress(), await xusd.getAddress()]);
      expect([await xe.symbol(), await xusd.symbol()]).to.deep.equal(["XE", "XUSD"]);
      expect(await ledger.faucet()).to.equal(true);
      expect(await xusd.balanceOf(initial.recipient)).to.equal(initial.amount);
      expect(await xusd.totalSupply()).to.equal(initial.amount);
      expect(await governor.token()).to.equal(await ledger.getAddress());
      expect(await governor.timelock()).to.equal(await timelock.getAddress());
      expect(await governor.minQuorum()).to.equal(governance.minQuorum);
      expect(await governor.proposalThreshold()).to.equal(governance.proposalThreshold);
      expect(await timelock.getMinDelay()).to.equal(parameters.timelock.delay);

      const [deployer = ""] = (await connection.ethers.getSigners()).map(({ address }) => address);
      const rule = ledger.interface.getFunction("rule").selector;
      expect(await accessManager.getTargetFunctionRole(ledger, rule)).to.equal(XE_ROLE.arbiter);
      const granted = await accessManager.queryFilter(accessManager.filters.RoleGranted());
      expect(granted.map(({ args }) => [args.roleId, args.account])).to.deep.equal([
        [0n, deployer],
        [XE_ROLE.arbiter, arbiter],
        [0n, await timelock.getAddress()],
      ]);
      // What docs/operators.md takes for a proof that the deployer did nothing in between.
      const own = await timelock.getAddress();
      const given = await timelock.queryFilter(timelock.filters.RoleGranted());
      expect(given.map(({ args }) => args.account)).to.deep.equal([
        own,
        deployer,
        ...Array.from({ length: 2 }, () => governor.target),
      ]);
      expect(await timelock.queryFilter(timelock.filters.CallScheduled())).to.deep.equal([]);
      const minted = await xusd.queryFilter(xusd.filters.Transfer(ZeroAddress));
      expect(minted.map(({ args }) => args.value)).to.deep.equal([initial.amount]);
      const labels = await accessManager.queryFilter(accessManager.filters.RoleLabel());
      expect(labels.map(({ args }) => [args.roleId, args.label])).to.deep.equal([[XE_ROLE.arbiter, "arbiter"]]);
      const { rights } = await readAuthority(deployment, connection.provider);
      expect(rights.filter(({ address }) => address === deployer)).to.deep.equal([]);
      const of = (contract: string, name: string) =>
        rights
          .filter((right) => right.contract === contract && right.function.startsWith(`${name}(`))
          .map(({ role, holder, delay }) => ({ role, holder, delay }));
      const admin = { role: "admin", holder: "XeTimelock", delay: parameters.timelock.delay };
      expect(of("DualAssetLedger", "rule")).to.deep.equal([{ role: "arbiter", holder: arbiter, delay: 0n }]);
      for (const name of ["mint", "setRates"]) expect(of("DualAssetLedger", name), name).to.deep.equal([admin]);
      expect(of("DualAssetLedger", "transferByFace")).to.deep.equal(
        ["XE", "XUSD"].map((holder) => ({ role: "face", holder, delay: 0n })),
      );
      expect(of("XUSD", "announce")).to.deep.equal([{ role: "ledger", holder: "DualAssetLedger", delay: 0n }]);
      expect(of("XeTimelock", "cancel")).to.deep.equal([{ role: "canceller", holder: "nobody", delay: 0n }]);
      for (const name of ["schedule", "execute"]) {
        expect(
          of("XeTimelock", name).map(({ holder }) => holder),
          name,
        ).to.deep.equal(["XeGovernor"]);
      }
    });
  });

  context("given several accounts", () => {
    const accountsOf = async (url: string) =>
      ((await rpc(url, "eth_accounts")) as string[]).map((account) => getAddress(account) as Address);

    it("should deploy from the one that is asked for, and rehearse from it, whoever else the parameters name", async () => {
      const url = await emptyChain();
      const [first = ZeroAddress, , , fourth = ZeroAddress] = await accountsOf(url);
      const directory = newFolder();
      const options = {
        economy: "xe" as const,
        directory,
        parameters: parametersWith("first", { xe: { arbiter: first } }),
      };
      const live = await network.create({ network: "localhost", override: { url } });
      const plan = await planDeployment(hre, live, { ...options, account: fourth });
      expect(plan?.deployer).to.equal(fourth);
      const named = plan?.standing.rights.rights.filter(({ holder }) => /deployer|arbiter/.test(holder));
      expect(named?.map(({ role, holder, address }) => [role, holder, address])).to.deep.equal([
        ["arbiter", "XE's arbiter", first],
      ]);
      const { isCompared, transactions } = await deployTo(url, directory, { ...options, account: "3" });
      expect(isCompared).to.equal(true);
      const senders = await Promise.all(
        transactions.map(async ({ hash }) => (await live.ethers.provider.getTransaction(hash))?.from),
      );
      expect(new Set(senders)).to.deep.equal(new Set([fourth]));
    });

    it("should go on from the one that began, refuse another while a step is to come, and need none where nothing is", async () => {
      const url = await emptyChain();
      const [first = "", second = "", third = ""] = await accountsOf(url);
      const folder = new DeploymentFolder(newFolder());
      const parameters = parametersWith("third", { xe: { arbiter: first, initial: "none" } });
      const options = { economy: "xe" as const, directory: folder.path, parameters };
      let sends = 0;
      const stopping = await proxied(url, (call) =>
        sendsTransaction(call) && ++sends > 3 ? { refused: "out of order" } : "passes",
      );
      expect(await failure(deployTo(stopping, folder.path, { ...options, account: third }))).to.contain("out of order");
      const confirmed = [...readProgress(folder).values()].filter(({ stage }) => stage === "confirmed");
      expect(confirmed).to.have.length(3);

      const { privateKey } = HDNodeWallet.fromMnemonic(
        Mnemonic.fromPhrase(`${"test ".repeat(11)}junk`),
        "m/44'/60'/0'/0/1",
      );
      const anothers = await network.create({ network: "localhost", override: { url, accounts: [privateKey] } });
      const refused = (signer: string) =>
        `The deployment in ${folder.path} was begun by ${third}, and what is left of it must come from that account, but network "localhost" ` +
        `signs for ${signer} here: set the key of ${third}, or give another folder with --deployment to start anew. Nothing was sent.`;
      expect(await refusal(planDeployment(hre, anothers, options))).to.equal(refused(second));
      expect(await refusal(deploy(hre, anothers, options))).to.equal(refused(second));
      expect(await refusal(deployTo(url, folder.path, { ...options, account: "0" }))).to.equal(refused(first));

      const { isCompared } = await deployTo(url, folder.path, options);
      expect(isCompared).to.equal(true);
      expect(await planDeployment(hre, anothers, options)).to.equal(undefined);
      expect((await deploy(hre, anothers, options)).transactions).to.deep.equal([]);
      // An economy beside it may come from somebody else.
      expect((await deploy(hre, anothers, { ...options, economy: "rank" })).transactions).to.have.length(1);
    });

    it("should tell contracts of the account's from those that it rehearses", async () => {
      const url = await emptyChain();
      const [deployer = ZeroAddress] = await accountsOf(url);
      const directory = newFolder();
      const { deployment } = await deployTo(url, directory, { economy: "xe" });
      const timelock = (await deployment.xe.timelock.getAddress()) as Address;
      expect(timelock).to.equal(getCreateAddress({ from: deployer, nonce: 1 }));
      // The rehearsal, too, makes a contract of this account's second transaction: it is another one.
      const people = { admin: timelock, treasury: timelock, arbiter: timelock };
      const options = { economy: "xp" as const, directory, parameters: parametersWith("own-timelock", { xp: people }) };
      const live = await network.create({ network: "localhost", override: { url } });
      const plan = await planDeployment(hre, live, options);
      const admins = plan?.standing.rights.rights.filter(({ role }) => role === "admin") ?? [];
      expect(new Set(admins.map(({ holder }) => holder))).to.deep.equal(new Set(["XP's administrator"]));
      const outcome = await deployTo(url, directory, options);
      expect(outcome.isCompared).to.equal(true);
      expect((await outcome.deployment.xp.accessManager.hasRole(0n, timelock)).isMember).to.equal(true);
    });

    it("should go on with what several accounts began by one economy at a time", async () => {
      const url = await emptyChain();
      const [first = "", second = ""] = await accountsOf(url);
      const directory = newFolder();
      const parameters = parametersWith("several", { xe: { arbiter: second } });
      await deployTo(url, directory, { economy: "rank", account: second });
      await deployTo(url, directory, { economy: "xe", parameters });
      const sentence =
        `What the deployment in ${directory} has of this is of several accounts (${second}, ${first}), and Ignition goes on with those of one ` +
        `alone: deploy one economy at a time with --economy. Nothing was sent.`;
      expect(await refusal(deployTo(url, directory, { economy: "suite" }))).to.equal(sentence);
      for (const economy of ["rank", "xe"] as const)
        expect((await deployTo(url, directory, { economy, parameters })).transactions).to.deep.equal([]);
    });

    it("should go on however the journal spells the account", async () => {
      const url = await emptyChain();
      const [first = ""] = await accountsOf(url);
      for (const spelled of [first, first.toLowerCase()]) {
        const folder = new DeploymentFolder(newFolder());
        await deployTo(url, folder.path, { economy: "rank" });
        const journal = readFileSync(folder.journalFile, "utf8");
        const other = journal.replaceAll(new RegExp(first, "gi"), spelled);
        expect(other).to.contain(`"from":"${spelled}"`);
        writeFileSync(folder.journalFile, other);
        expect((await deployTo(url, folder.path, { economy: "rank" })).transactions).to.deep.equal([]);
      }
    });

    it("should leave it to another one to send again what is lost of its own", async () => {
      const chain = await anvil("--no-mining");
      const [, second = ""] = await accountsOf(chain);
      const folder = new DeploymentFolder(newFolder());
      let sends = 0;
      const url = await proxied(chain, (call) =>
        sendsTransaction(call) && ++sends > 1 ? { refused: "out of order" } : "passes",
      );
      const ends = failure(deployTo(url, folder.path, { economy: "rank", account: second }));
      for (let lost: string | undefined; lost === undefined; await wait(50)) {
        if (folder.isStarted) [lost] = [...readProgress(folder).values()].flatMap(({ hashes }) => hashes);
        if (lost !== undefined) await rpc(chain, "anvil_dropTransaction", lost);
      }
      await rpc(chain, "evm_mine");
      await rpc(chain, "evm_setAutomine", true);
      expect(await ends).to.contain("out of order");

      const parameters = parametersWith("anothers", { xe: { arbiter: second } });
      const { transactions } = await deployTo(chain, folder.path, { economy: "xe", parameters });
      expect(transactions.filter(({ future }) => !future.startsWith("Xe#"))).to.deep.equal([]);
      expect(await rpc(chain, "eth_getTransactionCount", second, "pending")).to.equal("0x0");
      const said: string[] = [];
      const report = { onProgress: (line: string) => said.push(line) };
      await deployTo(chain, folder.path, { economy: "rank", ...report });
      expect(said.join("\n")).to.contain("(sent again with its nonce 0: the network had forgotten it)");
      expect(await rpc(chain, "eth_getTransactionCount", second, "pending")).to.equal("0x1");
    });

    it("should let another one begin where nothing was sent, and none where something was that is not on record", async () => {
      const chain = await emptyChain();
      const [first = "", second = ""] = await accountsOf(chain);
      const declined = await proxied(chain, (call) =>
        sendsTransaction(call) ? { refused: "User denied", code: 4_001 } : "passes",
      );
      const unsent = newFolder();
      expect(await refusal(deployTo(declined, unsent, { economy: "rank" }))).to.contain("said no");
      expect((await deployTo(chain, unsent, { economy: "rank", account: second })).transactions).to.have.length(1);

      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      cutJournal(folder, journalLines(folder), 4, false);
      expect(await refusal(deployTo(chain, folder.path, { economy: "rank", account: second }))).to.contain(
        ` was begun by ${first}, and what is left of it must come from that account`,
      );
      expect((await deployTo(chain, folder.path, { economy: "rank" })).transactions).to.deep.equal([]);
    });

    it("should say which there are when it is asked for one that is none of them", async () => {
      const url = await emptyChain();
      const from = (account: string) => refusal(deployTo(url, newFolder(), { economy: "rank", account }));
      expect(await from("10")).to.equal(
        '--account is 10, but network "localhost" has 10 accounts, counted from 0: choose one of these.',
      );
      expect(await from(ZeroAddress)).to.equal(
        `--account is ${ZeroAddress}, but network "localhost" has 10 accounts, counted from 0: choose one of these.`,
      );
      expect(await from("first")).to.equal(
        '--account is "first": write an index such as 0, or an address with its checksum or in lower case.',
      );
      expect(await nonceOf(url)).to.equal(0);
    });
  });

  context("given a public network", () => {
    it("should bring the suite to it, under X.me's governor, with a rehearsal before, and have nothing to add when XP is asked for alone", async () => {
      const connection = await network.create({ network: "default", override: { chainId: 11_155_111 } });
      const { factory, positionManager } = await bringUniswap(connection);
      const people = (await connection.ethers.getSigners()).map(({ address }) => address);
      const [, guardian, team, privateSale, settler, , publisher, striker, catalogue] = people;
      const parameters = parametersWith("public-suite", {
        uniswap: { factory, positionManager },
        xme: {
          governance: { guardian, sunset: "start + 365 days", settler },
          community: { publisher, striker, catalogue },
          beneficiaries: { team, privateSale },
        },
        xp: { admin: guardian, treasury: guardian, arbiter: settler },
        xe: { arbiter: settler, initial: "none" },
      });
      const directory = newFolder();
      const { deployment, transactions } = await deploy(hre, connection, { economy: "suite", parameters, directory });
      expect(transactions).to.have.length(SUITE_TRANSACTIONS - 5);
      const { governor, timelock, votes } = deployment.xme;
      expect(await governor.timelock()).to.equal(await timelock.getAddress());
      expect(await governor.token()).to.equal(await votes.getAddress());
      expect(await governor.guardian()).to.equal(guardian);
      expect(await deployment.xp.serviceMarket.treasury()).to.equal(await timelock.getAddress());

      const again = await deploy(hre, connection, { economy: "xp", parameters, directory });
      expect(again.transactions).to.deep.equal([]);
      expect(again.xp?.governance, "the timelock stays").to.equal("timelock");
    });

    it("should say that local accounts are none of it, and send nothing", async () => {
      const connection = await network.create({ network: "default", override: { chainId: 11_155_111 } });
      const { factory, positionManager } = await bringUniswap(connection);
      const parameters = parametersWithUniswap("public-local", { factory, positionManager });
      expect(await refusal(deploy(hre, connection, { economy: "xme", parameters }))).to.match(
        /xme\.governance\.guardian is "local account 1": local accounts exist on local chains only; write an address/,
      );
    });
  });

  context("given a running hardhat node", () => {
    const manners = {
      "that mines at once": { auto: true, interval: 0 },
      "that mines at times": { auto: false, interval: 1_000 },
    };
    for (const [name, mining] of Object.entries(manners)) {
      it(`should deploy to one ${name}`, async () => {
        const server = await network.createServer({ network: "node", override: { mining } }, "127.0.0.1", 0);
        const { port } = await server.listen();
        const url = `http://127.0.0.1:${String(port)}`;
        try {
          const directory = newFolder();
          const { deployment, transactions } = await deployTo(url, directory, { economy: "xe" });
          expect(transactions).to.have.length(XE_TRANSACTIONS);
          expect(await deployment.xe.ledger.xusd()).to.equal(await deployment.xe.xusd.getAddress());
          expect((await deployTo(url, directory, { economy: "xe" })).transactions).to.deep.equal([]);
        } finally {
          await server.close();
        }
      });
    }
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
      const child = spawn(
        process.execPath,
        [COMMAND, "deploy", "--economy", "xp", "--network", "localhost", "--deployment", id],
        {
          cwd: config.paths.root,
          env: {
            ...process.env,
            LOCALHOST_RPC_URL: url,
            HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
            HARDHAT_NO_TYPECHAIN: "true",
          },
          stdio: ["ignore", "ignore", "pipe"],
        },
      );
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
      await runAndKill(5);
      expect(folder.readAddresses().size).to.equal(0);
      // Then it is mined, the second batch is sent, and again the run is killed.
      await rpc(url, "evm_mine");
      await runAndKill(9);
      expect(folder.readAddresses().size).to.equal(5);

      await rpc(url, "evm_mine");
      await rpc(url, "evm_setAutomine", true);
      const { deployment, transactions } = await deployTo(url, directory, { economy: "xp" });
      expect(transactions).to.have.length(XP_TRANSACTIONS - 9);
      expect((await deployment.xp.pool.slot0()).unlocked).to.equal(true);

      const undisturbed = await deploy(hre, await network.create(), { economy: "xp" });
      expect([...deployment.addresses].sort()).to.deep.equal([...undisturbed.deployment.addresses].sort());
    });

    it("should go on from wherever the journal ends, be it in the middle of a line", async () => {
      const chain = await emptyChain();
      let before = await rpc(chain, "evm_snapshot");
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      const lines = journalLines(folder);
      expect(lines.map(({ type }) => type)).to.deep.equal([
        "DEPLOYMENT_INITIALIZE",
        "DEPLOYMENT_EXECUTION_STATE_INITIALIZE",
        "NETWORK_INTERACTION_REQUEST",
        "TRANSACTION_PREPARE_SEND",
        "TRANSACTION_SEND",
        "TRANSACTION_CONFIRM",
        "DEPLOYMENT_EXECUTION_STATE_COMPLETE",
      ]);
      const send = lines.findIndex(({ type }) => type === "TRANSACTION_SEND");
      const addresses = folder.readAddresses();

      async function resume(count: number, torn: boolean): Promise<number> {
        cutJournal(folder, lines, count, torn);
        const resumed = await deployTo(chain, folder.path, { economy: "rank" });
        expect(await resumed.deployment.rank.xrank.globalRank()).to.equal(1n);
        expect(folder.readAddresses()).to.deep.equal(addresses);
        expect(await nonceOf(chain)).to.equal(1);
        return resumed.transactions.length;
      }

      for (const [count, torn] of cuts(lines.length)) {
        const place = `after ${String(count)} lines${torn ? " and a half" : ""}`;
        // Sent before the kill. Where not even the nonce was written down, no kill leaves the journal so.
        if (count >= send) {
          expect(await resume(count, torn), `${place}, sent`).to.equal(0);
        }
        // Not sent.
        if (count <= send) {
          expect(await rpc(chain, "evm_revert", before)).to.equal(true);
          before = await rpc(chain, "evm_snapshot");
          expect(await resume(count, torn), `${place}, not sent`).to.equal(1);
        }
      }
    });

    it("should go on when the kill fell before the last and only once possible step was sent", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "xme" });
      const addresses = folder.readAddresses();
      const lines = journalLines(folder);
      const begun = lines.findIndex(({ futureId }) => futureId === "Xme#Genesis.allocate") + 1;
      const send = lines.findIndex(
        ({ futureId, type }) => futureId === "Xme#Genesis.allocate" && type === "TRANSACTION_SEND",
      );
      expect(send).to.equal(begun + 2);
      const last = ["Xme#Genesis.allocate", "Xme#UniswapV3Pool.increaseObservationCardinalityNext"];
      const places = cuts(send).filter(([kept, half]) => kept >= begun && half);
      expect(places).to.have.length(2);
      for (const [count, torn] of effort(places.slice(-1), places)) {
        await rpc(chain, "anvil_rollback", last.length);
        cutJournal(folder, lines, count, torn);
        const { deployment, transactions } = await deployTo(chain, folder.path, { economy: "xme" });
        expect(transactions.map(({ future }) => future)).to.deep.equal(last);
        expect(await deployment.xme.genesis.allocated()).to.equal(true);
        expect(folder.readAddresses()).to.deep.equal(addresses);
      }
    });

    it("should write down again the addresses that the kill left half written", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      const whole = folder.readAddresses();
      writeFileSync(folder.addressesFile, readFileSync(folder.addressesFile, "utf8").slice(0, 9));
      expect(() => folder.readAddresses()).to.throw(
        ExplainedError,
        /a run of `hardhat deploy` was stopped while it wrote it\. Give that command again as it was given/,
      );
      expect((await deployTo(chain, folder.path, { economy: "rank" })).transactions).to.deep.equal([]);
      expect(folder.readAddresses()).to.deep.equal(whole);
    });

    it("should write builds and artifacts down again where they were left half written", async () => {
      const chain = await emptyChain();
      const directory = newFolder();
      const folder = new DeploymentFolder(directory);
      await deployTo(chain, directory, { economy: "rank" });
      const artifact = folder.artifactFile("Rank#XRank");
      const { buildInfoId } = JSON.parse(readFileSync(artifact, "utf8")) as { readonly buildInfoId: string };
      const build = join(directory, "build-info", `${buildInfoId}.json`);
      const whole = readFileSync(build, "utf8");
      // Ignition writes both before a step's first line in the journal, and a build again for each contract that is of it.
      writeFileSync(build, whole.slice(0, 1_000));
      const next = folder.artifactFile("Xe#XeAccessManager");
      writeFileSync(next, "{");
      expect(await refusal(readRecord(folder))).to.match(
        /build-info\/solc-.*\.json is not JSON \(.*\): a run of `hardhat deploy` was stopped while it wrote it\. Give that command again/,
      );
      await deployTo(chain, directory, { economy: "xe" });
      expect(JSON.parse(readFileSync(next, "utf8"))).to.include({ contractName: "AccessManager", buildInfoId });
      expect(readFileSync(build, "utf8")).to.equal(whole);
      expect((await readRecord(folder)).contracts).to.have.length(7);
    });

    it("should be read without the half line at the journal's end", async () => {
      const chain = await emptyChain();
      const [deployer] = (await rpc(chain, "eth_accounts")) as [string];
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      const [before, sender] = [await readRecord(folder), readSender(folder)];
      expect(sender).to.equal(getAddress(deployer));
      appendFileSync(folder.journalFile, '\n{"type":"TRANSACTION_CON');
      expect(readSender(folder)).to.equal(sender);
      expect(await readRecord(folder)).to.deep.equal(before);
    });

    it("should name the line of the journal that is damaged, when it is not the last", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      const damaged = readFileSync(folder.journalFile, "utf8").replace('"TRANSACTION_SEND"', "");
      writeFileSync(folder.journalFile, damaged);
      expect(await refusal(deployTo(chain, folder.path, { economy: "rank" }))).to.match(
        /^Line 6 of .*journal\.jsonl is not JSON: restore the file from version control or move .* away\.$/,
      );
      expect(readFileSync(folder.journalFile, "utf8")).to.equal(damaged);
    });

    it("should find by its nonce what was sent but not recorded, and not send it twice", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      const { transactions } = await deployTo(chain, folder.path, { economy: "rank" });
      const addresses = folder.readAddresses();
      // The journal as a kill between broadcast and record leaves it, and blocks of other people since.
      cutJournal(folder, journalLines(folder), 4, false);
      await rpc(chain, "anvil_mine", "0x40");
      const said: string[] = [];
      const resumed = await deployTo(chain, folder.path, { economy: "rank", onProgress: (line) => said.push(line) });
      expect(said).to.include(
        `Rank#XRank  ${String(transactions[0]?.hash)}  (sent by an earlier run, found by its nonce 0)`,
      );
      expect(resumed.transactions).to.deep.equal([]);
      expect(folder.readAddresses()).to.deep.equal(addresses);
      expect(await nonceOf(chain)).to.equal(1);
    });

    it("should read the blocks themselves where the node does not remember how much an account had sent", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      cutJournal(folder, journalLines(folder), 4, false);
      await rpc(chain, "anvil_mine", "0x10");
      const forgetful = await proxied(chain, ({ method, params }) =>
        method === "eth_getTransactionCount" && Number(params[1]) < 8 ? { refused: "missing trie node" } : "passes",
      );
      const { transactions } = await deployTo(forgetful, folder.path, { economy: "rank" });
      expect(transactions).to.deep.equal([]);
      expect(await nonceOf(chain)).to.equal(1);
    });

    it("should wait for what was sent but not recorded while it is not mined, and say so when it never is", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      const before = await rpc(chain, "evm_snapshot");
      await deployTo(chain, folder.path, { economy: "rank" });
      const lines = journalLines(folder);
      cutJournal(folder, lines, 4, false);
      const { data } = JSON.parse(lines[2]?.text ?? "").networkInteraction as { data: string };
      await rpc(chain, "evm_revert", before);
      await rpc(chain, "evm_setAutomine", false);
      try {
        const [from] = (await rpc(chain, "eth_accounts")) as [string];
        await rpc(chain, "eth_sendTransaction", { from, data, gas: "0x400000" });
        const waiting = { economy: "rank", patience: 200 } as const;
        expect(await refusal(deployTo(chain, folder.path, waiting))).to.match(
          /^An earlier run was stopped between sending a transaction and recording it, and the one that 0x\w{40} sent with nonce 0 is not mined yet: run the same command again once it is, or give its hash with --track <hash> --network localhost\.$/,
        );
        const mining = wait(300).then(() => rpc(chain, "evm_mine"));
        const { transactions } = await deployTo(chain, folder.path, { economy: "rank" });
        await mining;
        expect(transactions).to.deep.equal([]);
      } finally {
        await rpc(chain, "evm_setAutomine", true);
      }
    });

    it("should do the step anew when another transaction took its nonce", async () => {
      const chain = await emptyChain();
      const before = await rpc(chain, "evm_snapshot");
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      cutJournal(folder, journalLines(folder), 4, false);
      await rpc(chain, "evm_revert", before);
      const [deployer, other] = (await rpc(chain, "eth_accounts")) as [string, string];
      await mined(chain, { from: deployer, to: other, value: "0x1" });

      const { deployment, transactions } = await deployTo(chain, folder.path, { economy: "rank" });
      expect(await deployment.rank.xrank.globalRank()).to.equal(1n);
      expect(transactions).to.have.length(1);
      expect(await nonceOf(chain)).to.equal(2);
    });

    /** XRANK deployed and undone on the chain, as far on record as a kill after `lines` of the journal leaves it. */
    async function killedUnseen(lines: number) {
      const chain = await emptyChain();
      const before = await rpc(chain, "evm_snapshot");
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      const written = journalLines(folder);
      const { data } = JSON.parse(written[2]?.text ?? "").networkInteraction as { data: string };
      cutJournal(folder, written, lines, false);
      await rpc(chain, "evm_revert", before);
      const [from, other] = (await rpc(chain, "eth_accounts")) as [string, string];
      const { provider } = await network.create({ network: "localhost", override: { url: chain } });
      const said: string[] = [];
      const recover = (times: { readonly doubt?: number; readonly confirmations?: number }) =>
        recoverTransactions(folder, {
          ...{
            provider,
            network: "localhost",
            startBlock: 0,
            patience: 20_000,
            doubt: 0,
            confirmations: 1,
            again: undefined,
            isOthers: () => false,
            concerns: () => true,
            ...times,
          },
          report: (line) => said.push(line),
        });
      return { chain, folder, from, other, creation: { from, data, gas: "0x400000" }, said, recover };
    }

    it("should leave to another deployment of the account what that one has on record", async () => {
      const chain = await emptyChain();
      const before = await rpc(chain, "evm_snapshot");
      const killed = new DeploymentFolder(newFolder());
      await deployTo(chain, killed.path, { economy: "rank" });
      cutJournal(killed, journalLines(killed), 4, false);
      await rpc(chain, "evm_revert", before);
      const anew = await deployTo(chain, join(killed.path, "..", "anew"), { economy: "rank" });

      const plan = await planDeployment(hre, await network.create({ network: "localhost", override: { url: chain } }), {
        economy: "rank",
        directory: killed.path,
      });
      expect(plan?.steps.map(({ future }) => future)).to.deep.equal(["Rank#XRank"]);
      const { deployment, transactions } = await deployTo(chain, killed.path, { economy: "rank" });
      expect(transactions).to.have.length(1);
      expect(deployment.rank.xrank.target).not.to.equal(anew.deployment.rank.xrank.target);
      expect(await nonceOf(chain)).to.equal(2);
    });

    it("should go on when somebody sent from the account between the kill and the next run", async () => {
      const chain = await emptyChain();
      const before = await rpc(chain, "evm_snapshot");
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "xe" });
      const lines = journalLines(folder);
      const sent = lines.findIndex(({ type }) => type === "TRANSACTION_SEND");
      cutJournal(folder, lines, sent + 1, false);
      const creation = [...readProgress(folder).values()].find(({ request }) => request !== undefined)?.request?.data;
      await rpc(chain, "evm_revert", before);
      const [from, to] = (await rpc(chain, "eth_accounts")) as [string, string];
      const { hash } = await mined(chain, { from, data: creation, gas: "0x800000" });
      const known = readFileSync(folder.journalFile, "utf8").replace(
        /("transaction":\{"fees":.*?"hash":")0x\w{64}/,
        `$1${hash}`,
      );
      writeFileSync(folder.journalFile, known);
      await mined(chain, { from, to, value: "0x1" });
      const { transactions } = await deployTo(chain, folder.path, { economy: "xe", patience: 5_000 });
      expect(transactions).to.have.length(XE_TRANSACTIONS - 1);
      expect(await nonceOf(chain)).to.equal(XE_TRANSACTIONS + 1);
    });

    it("should take a step for unsent only when the node has not shown it for a while", async () => {
      const { chain, folder, creation, said, recover } = await killedUnseen(4);
      const recovering = recover({ doubt: 10_000 });
      await wait(300);
      const hash = (await rpc(chain, "eth_sendTransaction", creation)) as string;
      await recovering;
      expect(said).to.deep.equal([`Rank#XRank  ${hash}  (sent by an earlier run, found by its nonce 0)`]);
      expect((await deployTo(chain, folder.path, { economy: "rank" })).transactions).to.deep.equal([]);
    });

    it("should know its own transaction when somebody raised its fee", async () => {
      const { chain, folder, creation } = await killedUnseen(5);
      const raised = { ...creation, maxFeePerGas: "0x1bf08eb000", maxPriorityFeePerGas: "0x1bf08eb000" };
      await mined(chain, raised);
      expect((await deployTo(chain, folder.path, { economy: "rank" })).transactions).to.deep.equal([]);
      expect(await nonceOf(chain)).to.equal(1);
    });

    it("should do no step twice that a node holds back behind one that is lost", async () => {
      const chain = await emptyChain();
      const before = await rpc(chain, "evm_snapshot");
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "xe" });
      // As it is where blocks come later than both were sent.
      const lines = journalLines(folder).filter(
        ({ type }) => !/TRANSACTION_CONFIRM|DEPLOYMENT_EXECUTION_STATE_COMPLETE/.test(type),
      );
      const prepared = lines.flatMap(({ type }, i) => (type === "TRANSACTION_PREPARE_SEND" ? [i] : []));
      cutJournal(folder, lines, (prepared[1] ?? 0) + 1, false);
      const [first, second] = [...readProgress(folder).values()].filter(({ nonce }) => nonce !== undefined);
      expect([first?.stage, first?.nonce, second?.stage, second?.nonce]).to.deep.equal(["sent", 0, "prepared", 1]);
      await rpc(chain, "evm_revert", before);
      const [from] = (await rpc(chain, "eth_accounts")) as [string];
      await rpc(chain, "eth_sendTransaction", { from, data: second?.request?.data, gas: "0x800000", nonce: "0x1" });
      expect(await nonceOf(chain)).to.equal(0);

      const said: string[] = [];
      await deployTo(chain, folder.path, { economy: "xe", onProgress: (line) => said.push(line) });
      expect(await nonceOf(chain)).to.equal(XE_TRANSACTIONS);
      expect(said.join("\n")).to.match(/sent again with its nonce 0[^]*found by its nonce 1/);
    });

    it("should give a nonce up only when what took it has some blocks on it", async () => {
      const { chain, folder, from, other, said, recover } = await killedUnseen(4);
      await mined(chain, { from, to: other, value: "0x1" });
      let isDone = false;
      const recovering = recover({ confirmations: 3 }).then(() => (isDone = true));
      await rpc(chain, "evm_mine");
      while (said.length === 0 && !isDone) await wait(20);
      await wait(300);
      expect(isDone).to.equal(false);
      expect(readProgress(folder).get("Rank#XRank")?.stage).to.equal("prepared");
      await rpc(chain, "evm_mine");
      await recovering;
      expect(said).to.have.length(2);
      expect(said[0]).to.match(/^Another transaction, 0x\w{64}, has the nonce 0: waiting for 3 blocks …$/);
      expect((await deployTo(chain, folder.path, { economy: "rank" })).transactions).to.have.length(1);
    });

    it("should look again for what was not mined in the time of an earlier run", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      const addresses = folder.readAddresses();
      cutJournal(folder, journalLines(folder), 5, false);
      const timeout = { futureId: "Rank#XRank", networkInteractionId: 1, type: "ONCHAIN_INTERACTION_TIMEOUT" };
      appendFileSync(folder.journalFile, `\n${JSON.stringify(timeout)}`);
      expect((await deployTo(chain, folder.path, { economy: "rank" })).transactions).to.deep.equal([]);
      expect(folder.readAddresses()).to.deep.equal(addresses);
    });
  });

  context("given a connection on which things happen", () => {
    let undisturbed: readonly string[];

    before(async () => {
      const { deployment } = await deploy(hre, await network.create(), { economy: "xp" });
      undisturbed = await linesOfWiring(deployment);
      expect(undisturbed.length).to.be.greaterThan(25);
    });

    it("should end complete, having sent nothing twice, when calls or their answers are lost", async () => {
      const chain = await emptyChain();
      let sends = 0;
      const fates: Readonly<Record<number, Fate>> = {
        1: "lost after",
        4: "lost before",
        9: "lost after",
        13: "lost after",
      };
      const url = await proxied(chain, (call) => (sendsTransaction(call) ? (fates[++sends] ?? "passes") : "passes"));
      const said: string[] = [];
      const directory = newFolder();
      const { deployment } = await deployTo(url, directory, {
        economy: "xp",
        onProgress: (line) => said.push(line),
      });
      // The order in which independent contracts come changes, and with it their addresses.
      expect(await linesOfWiring(deployment)).to.deep.equal(undisturbed);
      expect(await nonceOf(chain)).to.equal(XP_TRANSACTIONS);
      expect(sends).to.equal(XP_TRANSACTIONS + 1);
      expect(said.filter((line) => line.includes("found by its nonce"))).to.have.length(3);
      expect(said.filter((line) => line.includes("going on as soon as"))).not.to.deep.equal([]);
    });

    it("should go on when somebody uses the account's nonce in the middle of a run", async () => {
      const chain = await emptyChain();
      const [from, to] = (await rpc(chain, "eth_accounts")) as [string, string];
      let sends = 0;
      const url = await proxied(chain, async (call): Promise<Fate> => {
        if (sendsTransaction(call) && ++sends === 6) await mined(chain, { from, to, value: "0x1" });
        return "passes";
      });
      const said: string[] = [];
      const { deployment } = await deployTo(url, newFolder(), { economy: "xp", onProgress: (line) => said.push(line) });
      expect(await linesOfWiring(deployment)).to.deep.equal(undisturbed);
      expect(await nonceOf(chain)).to.equal(XP_TRANSACTIONS + 1);
      expect(said.join("\n")).to.contain("took its nonce 5: it is sent anew");
    });

    it("should send again, with the same nonce, what the network has forgotten", async () => {
      const chain = await anvil("--no-mining");
      const directory = newFolder();
      const folder = new DeploymentFolder(directory);
      const said: string[] = [];
      const deploying = deployTo(chain, directory, { economy: "xp", onProgress: (line) => said.push(line) });
      /** What Ignition waits for, once it has sent all that it can, beginning with a nonce. */
      const batch = async (from: number) => {
        for (let before = 0; ;) {
          const sent = folder.isStarted
            ? [...readProgress(folder).values()].filter(({ stage }) => stage === "sent")
            : [];
          if (sent.length > 0 && sent.length === before && sent.every(({ nonce = -1 }) => nonce >= from)) {
            return sent.toSorted((a, b) => (a.nonce ?? 0) - (b.nonce ?? 0));
          }
          before = sent.length;
          await wait(200);
        }
      };
      const first = await batch(0);
      await rpc(chain, "evm_mine");
      const lost = (await batch(first.length)).at(-1);
      await rpc(chain, "anvil_dropTransaction", lost?.hashes[0]);
      await rpc(chain, "evm_mine");
      await rpc(chain, "evm_setAutomine", true);
      const { deployment, transactions } = await deploying;
      expect(transactions, "one was sent twice").to.have.length(XP_TRANSACTIONS + 1);
      expect(said.join("\n")).to.contain(
        `(sent again with its nonce ${String(lost?.nonce)}: the network had forgotten it)`,
      );
      expect(await linesOfWiring(deployment)).to.deep.equal(undisturbed);
      expect(await nonceOf(chain)).to.equal(XP_TRANSACTIONS);
    });

    it("should read rights from a node that limits the blocks of an answer", async () => {
      const chain = await emptyChain();
      await rpc(chain, "anvil_mine", "0x80");
      const asked: number[] = [];
      const url = await proxied(chain, ({ method, params }) => {
        if (method !== "eth_getLogs") return "passes";
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
        asked.push(Number(toBlock) - Number(fromBlock) + 1);
        return (asked.at(-1) ?? 0) > 8 ? { refused: "query exceeds max block range 8" } : "passes";
      });
      const directory = newFolder();
      await deployTo(url, directory, { economy: "xp" });
      expect(asked.some((blocks) => blocks > 8)).to.equal(true);
      expect(asked.filter((blocks) => blocks <= 8)).not.to.deep.equal([]);
      const connection = await network.create({ network: "localhost", override: { url } });
      const { rights, unfinished } = await rightsOnRecord(connection, directory);
      expect(rights).not.to.deep.equal([]);
      expect(unfinished).to.deep.equal([]);
      writeFileSync(new DeploymentFolder(directory).expectedFile, '{"Xp": {}}');
      expect((await rightsOnRecord(connection, directory)).unfinished).to.deep.equal(["xp"]);
    });

    it("should go on when an HTTP status comes in place of an answer, having sent nothing twice", async () => {
      for (const status of [500, 524]) {
        const chain = await emptyChain();
        let sends = 0;
        const url = await proxied(chain, (call) => (sendsTransaction(call) && ++sends === 1 ? { status } : "passes"));
        const said: string[] = [];
        await deployTo(url, newFolder(), { economy: "rank", onProgress: (line) => said.push(line) });
        expect(await nonceOf(chain), String(status)).to.equal(sends);
        expect(said.join("\n")).to.contain("found by its nonce");
        expect(said.join("\n")).to.contain("The connection to the network was lost; going on as soon as");
      }
    });

    it("should stop where whoever signs declines, say so, and go on with the next run", async () => {
      const chain = await emptyChain();
      const directory = newFolder();
      const declines = await proxied(chain, (call) =>
        sendsTransaction(call) ? { refused: "User denied transaction signature.", code: 4_001 } : "passes",
      );
      expect(await refusal(deployTo(declines, directory, { economy: "rank" }))).to.match(
        /^Whoever signs on network "localhost" said no, so nothing was sent by this step: run the command again/,
      );
      expect(await nonceOf(chain)).to.equal(0);
      await deployTo(chain, directory, { economy: "rank" });
      expect(await nonceOf(chain)).to.be.greaterThan(0);
    });

    it("should say that the network does not answer once that has lasted too long", async () => {
      const chain = await emptyChain();
      let sends = 0;
      const url = await proxied(chain, (call) => {
        if (sendsTransaction(call)) sends++;
        return sends > 2 ? "lost before" : "passes";
      });
      const directory = newFolder();
      expect(await refusal(deployTo(url, directory, { economy: "xp", patience: 300 }))).to.contain("does not answer");
      const { transactions } = await deployTo(chain, directory, { economy: "xp" });
      expect(transactions).to.have.length(XP_TRANSACTIONS - 2);
    });
  });

  context("given a run that stopped in the middle", () => {
    const directory = newFolder();
    const list = join(scratch, "list.csv");
    let url: string;
    let parameters: string;
    let sends = 0;

    before(async () => {
      url = await anvil();
      cpSync(join(config.paths.ignition, "parameters", "airdrop-local.csv"), list);
      parameters = parametersWith("stopped", { xme: { airdrop: { csv: list, deadline: "start + 180 days" } } });
    });

    it("should say that the account can no longer pay, where that stopped it", async () => {
      const poor = await proxied(url, (call): Fate => {
        if (sendsTransaction(call)) sends++;
        return call.method === "eth_estimateGas" && sends === 5
          ? { refused: "insufficient funds for gas * price + value: balance 1, tx cost 2" }
          : "passes";
      });
      expect(await refusal(deployTo(poor, directory, { economy: "xme", parameters }))).to.match(
        /^The account that deploys can no longer pay on network "localhost": fund it and run the same command again, .* --dry-run says how much/,
      );
      expect(await nonceOf(url)).to.equal(5);
    });

    it("should refuse another list for the airdrop than it was begun with", async () => {
      const rows = readFileSync(list, "utf8").split("\n");
      const [address = ""] = rows[1]?.split(",") ?? [];
      writeFileSync(list, rows.toSpliced(1, 1, `${address},1`).join("\n"));
      expect(await refusal(deployTo(url, directory, { economy: "xme", parameters }))).to.match(
        /list\.csv changed since the deployment in .* was begun, whose root is 0x\w{64}: restore the list/,
      );
    });

    it("should send nothing more when a date has passed that a step still to come needs", async () => {
      // What the list says is on record: without it the deployment goes on.
      rmSync(list);
      await rpc(url, "evm_increaseTime", Number(800n * DAY));
      await rpc(url, "evm_mine");
      expect(await refusal(deployTo(url, directory, { economy: "xme", parameters }))).to.match(
        /^X\.me's deployment in .* can no longer be completed: xme\.governance\.sunset is 20\d\d-.*Z, it is 20.*Z on the chain, and Xme#XmeGovernor is still to come and would fail\. This run sent nothing\./,
      );
      expect(await nonceOf(url)).to.equal(5);
    });
  });

  context("given a chain that mines every second", () => {
    it("should wait for five confirmations where the chain is a public one, and cost by the price that was told", async () => {
      const chain = await anvil("--block-time", "1", "--chain-id", "80002");
      const directory = newFolder();
      let plan: Plan | undefined;
      const { deployment, transactions } = await deployTo(chain, directory, {
        economy: "rank",
        confirm: async (told) => {
          plan = await Promise.resolve(told);
        },
      });
      const paid = (await rpc(chain, "eth_getTransactionReceipt", transactions[0]?.hash)) as {
        effectiveGasPrice: string;
      };
      expect(BigInt(paid.effectiveGasPrice), "the price").to.equal(plan?.gasPrice);
      expect(plan?.highestPrice).to.equal(plan?.gasPrice);
      expect(await deployment.rank.xrank.globalRank()).to.equal(1n);
      const { receipt } = JSON.parse(
        journalLines(new DeploymentFolder(directory)).find(({ type }) => type === "TRANSACTION_CONFIRM")?.text ?? "",
      ) as { receipt: { blockNumber: number } };
      expect(Number(await rpc(chain, "eth_blockNumber"))).to.be.at.least(receipt.blockNumber + 4);
    });
  });

  context("given a node that restarts", () => {
    it("should go on with the chain that it kept", async () => {
      const state = join(scratch, "anvil-state.json");
      let node = await startAnvil("--state", state);
      let restarted = false;
      let sends = 0;
      const url = await proxied(
        () => node.url,
        async (call): Promise<Fate> => {
          if (sendsTransaction(call) && ++sends === 7 && !restarted) {
            restarted = true;
            await node.stop("SIGTERM");
            node = await startAnvil("--state", state);
          }
          return "passes";
        },
      );
      try {
        const { deployment, transactions } = await deployTo(url, newFolder(), { economy: "xp" });
        expect(restarted).to.equal(true);
        expect(transactions.length).to.be.at.least(XP_TRANSACTIONS);
        expect((await deployment.xp.pool.slot0()).unlocked).to.equal(true);
      } finally {
        await node.stop();
      }
    });
  });

  context("given the end of a deployment", () => {
    it("should say what the chain has that the rehearsal had not", async () => {
      const chain = await emptyChain();
      const directory = newFolder();
      const folder = new DeploymentFolder(directory);
      await deployTo(chain, directory, { economy: "xp" });
      const { deployment } = await deployTo(chain, directory, { economy: "xp" });
      const tiers = await deployment.xp.feeTiers.getAddress();
      const code = (await rpc(chain, "eth_getCode", tiers, "latest")) as string;
      const middle = code.length / 2 - ((code.length / 2) % 2);
      await rpc(
        chain,
        "anvil_setCode",
        tiers,
        `${code.slice(0, middle)}${code.slice(middle, middle + 2) === "00" ? "01" : "00"}${code.slice(middle + 2)}`,
      );
      expect(await refusal(deployTo(chain, directory, { economy: "xp" }))).to.contain(
        `records Xp#FeeTiers at ${tiers}, but that address has other code than when it was deployed`,
      );
      // Where no code is on record the artifact tells, and what governance did since explains neither that nor a lost transaction.
      rmSync(folder.codesFile);
      const advice =
        "Do not use this deployment before that is explained. Code and transactions do not change: the chain was reset or rolled back, " +
        "another one is behind the network's URL, its node does not tell the truth, or the folder's files were changed (`hardhat verify-local` " +
        "shows that). Use a node that has this deployment, restore the folder from version control, or move " +
        `${directory} away (or delete it) to start anew.`;
      expect(await refusal(deployTo(chain, directory, { economy: "xp" }))).to.equal(
        `Every step is done, but the chain is not as it should be: Xp#FeeTiers at ${tiers} does not have the code of FeeTiers. ${advice}`,
      );
      expect(existsSync(folder.codesFile), "what is not as it should be is no record").to.equal(false);
      await rpc(chain, "anvil_setCode", tiers, code);
      const confirmed = journalLines(folder).filter(({ type }) => type === "TRANSACTION_CONFIRM");
      const { hash = "", futureId = "" } = confirmed[0] ?? {};
      const forgetful = await proxied(chain, ({ method, params }) =>
        method === "eth_getTransactionReceipt" && params[0] === hash ? { answered: null } : "passes",
      );
      expect(await refusal(deployTo(forgetful, directory, { economy: "xp" }))).to.equal(
        `Every step is done, but the chain is not as it should be: the chain has lost the transaction ${hash} of ${futureId}. ${advice}`,
      );

      // What is expected of a contract is on record while its economy has not been found so: here as if it knew another manager.
      writeFileSync(
        folder.expectedFile,
        JSON.stringify({
          Xp: { contracts: [], rights: [], wiring: { "xp.xp.authority()": "Xp#FeeTiers", "xp.xp.gone()": "Xp#XP" } },
        }),
      );
      expect(await refusal(deployTo(chain, directory, { economy: "xp" }))).to.contain(
        "xp.xp.authority() gives Xp#FlywheelAccessManager and not Xp#FeeTiers; xp.xp.gone() gives nothing and not Xp#XP.",
      );
      rmSync(folder.expectedFile);

      // The last step is done anew, and meanwhile the administrator has let somebody in.
      const [, administrator] = (await rpc(chain, "eth_accounts")) as string[];
      const manager = deployment.xp.accessManager;
      const stranger = getAddress(`0x${"77".repeat(20)}`);
      const data = manager.interface.encodeFunctionData("grantRole", [MINTER, stranger, 0]);
      await mined(chain, { from: administrator, to: await manager.getAddress(), data });
      expect((await deployTo(chain, directory, { economy: "xp" })).transactions, "governance may").to.deep.equal([]);
      const lines = journalLines(folder);
      cutJournal(
        folder,
        lines,
        lines.findLastIndex(({ type }) => type === "TRANSACTION_SEND"),
        false,
      );
      // The second time nothing is left to be done, and it is not forgotten.
      for (let time = 0; time < 2; time++) {
        expect(await refusal(deployTo(chain, directory, { economy: "xp" }))).to.contain(
          `unforeseen: ${stranger} may call XP.mint(address,uint256) as minter`,
        );
      }
      const revocation = manager.interface.encodeFunctionData("revokeRole", [MINTER, stranger]);
      await mined(chain, { from: administrator, to: await manager.getAddress(), data: revocation });
      expect((await deployTo(chain, directory, { economy: "xp" })).transactions).to.deep.equal([]);
      expect(existsSync(folder.expectedFile)).to.equal(false);
    });
  });

  context("given another run on the same folder", () => {
    it("should send nothing while that lives, and go on once it was killed", async () => {
      const chain = await emptyChain();
      const directory = newFolder();
      const mark = `${directory}.lock`;
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
      const here = { host: hostname(), numbers: numbersHere() };
      const other = { ...here, pid: child.pid, since: "2026-01-01T00:00:00.000Z" };
      try {
        writeFileSync(mark, JSON.stringify(other));
        expect(await refusal(deployTo(chain, directory, { economy: "rank" }))).to.equal(
          `Another run (process ${String(child.pid)} on ${hostname()}, since 2026-01-01T00:00:00.000Z) is deploying to ${directory}: wait until ` +
            `it has ended, or give another folder with --deployment. If there is no such run any more, delete ${mark}.`,
        );
        expect(existsSync(directory)).to.equal(false);
        expect(existsSync(mark)).to.equal(true);
      } finally {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      const { transactions } = await deployTo(chain, directory, { economy: "rank" });
      expect(transactions).to.have.length(1);
      expect(existsSync(mark)).to.equal(false);

      // Of a run of another machine, of another container or before a reboot only the mark's age tells.
      for (const elsewhere of [
        { host: "elsewhere.example", numbers: "elsewhere.example" },
        { numbers: `${hostname()} another-boot pid:[1]` },
        { numbers: undefined },
      ]) {
        const its = { ...other, ...elsewhere };
        writeFileSync(mark, JSON.stringify(its));
        expect(await refusal(deployTo(chain, directory, { economy: "rank" }))).to.contain(`on ${its.host}, since`);
        const longAgo = Date.now() / 1_000 - 60;
        utimesSync(mark, longAgo, longAgo);
        expect((await deployTo(chain, directory, { economy: "rank" })).transactions).to.deep.equal([]);
        expect(existsSync(mark)).to.equal(false);
      }
    });

    it("should go on where another process has the number of the run that was killed by now", async () => {
      const chain = await emptyChain();
      const directory = newFolder();
      const mark = `${directory}.lock`;
      const refused = async (since: number, age: number) => {
        writeFileSync(
          mark,
          JSON.stringify({ pid: process.ppid, numbers: numbersHere(), since: new Date(since).toISOString() }),
        );
        const sign = (Date.now() - age) / 1_000;
        utimesSync(mark, sign, sign);
        return (await refusal(deployTo(chain, directory, { economy: "rank" }))).startsWith("Another run (process ");
      };
      const began = await startOf(process.ppid);
      if (began === undefined) {
        // Where the system does not say when a process began, such as on Windows, it may be the run.
        expect(await refused(0, 3_600_000)).to.equal(true);
        return;
      }
      expect(began).to.be.within(Date.now() - 24 * 3_600_000, Date.now());
      // It may be the run: it stood still for long, or the clock was put ahead.
      expect(await refused(began + 1_000, 3_600_000)).to.equal(true);
      expect(await refused(began - 3_600_000, 1_000)).to.equal(true);

      writeFileSync(
        mark,
        JSON.stringify({ pid: process.ppid, numbers: numbersHere(), since: new Date(began - 3_600_000).toISOString() }),
      );
      const longAgo = Date.now() / 1_000 - 60;
      utimesSync(mark, longAgo, longAgo);
      expect((await deployTo(chain, directory, { economy: "rank" })).transactions).to.have.length(1);
      expect(existsSync(mark)).to.equal(false);
      expect(await startOf(2 ** 30)).to.equal(undefined);
    });

    it("should let one go on of several that find a dead mark at the same moment", async () => {
      const directory = newFolder();
      for (let round = 0; round < 5; round++) {
        writeFileSync(
          `${directory}.lock`,
          JSON.stringify({ pid: 2 ** 30, numbers: numbersHere(), since: "2026-01-01T00:00:00.000Z" }),
        );
        let inside = 0;
        const runs = Array.from({ length: 6 }, () =>
          alone(directory, async () => {
            inside++;
            await wait(150);
            return inside;
          }),
        );
        const ended = await Promise.allSettled(runs);
        expect(
          ended.filter(({ status }) => status === "fulfilled").map((one) => (one as { value?: number }).value),
        ).to.deep.equal([1]);
        expect(existsSync(`${directory}.lock`)).to.equal(false);
      }
    });
  });

  context("given a step that failed on chain", () => {
    it("should do it anew, and count the transaction that failed no more", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "rank" });
      // A transaction that is mined and fails stands where that of the step would be.
      const lines = journalLines(folder);
      const [from] = (await rpc(chain, "eth_accounts")) as [string];
      const { hash: failed, blockNumber } = await mined(chain, { from, data: "0xfe", gas: "0x20000" });
      const sent = JSON.parse(lines[4]?.text ?? "") as { transaction: object };
      const broken = [
        ...lines.slice(0, 3).map(({ text }) => text),
        JSON.stringify({ futureId: "Rank#XRank", networkInteractionId: 1, nonce: 1, type: "TRANSACTION_PREPARE_SEND" }),
        JSON.stringify({ ...sent, nonce: 1, transaction: { ...sent.transaction, hash: failed } }),
        JSON.stringify({
          futureId: "Rank#XRank",
          hash: failed,
          networkInteractionId: 1,
          receipt: {
            blockHash: `0x${"1".repeat(64)}`,
            blockNumber,
            logs: [],
            status: "FAILURE",
          },
          type: "TRANSACTION_CONFIRM",
        }),
        JSON.stringify({
          futureId: "Rank#XRank",
          result: { type: "REVERTED_TRANSACTION", txHash: failed },
          type: "DEPLOYMENT_EXECUTION_STATE_COMPLETE",
        }),
      ];
      writeFileSync(folder.journalFile, broken.map((text) => `\n${text}`).join(""));
      rmSync(folder.addressesFile);
      const { transactions } = await deployTo(chain, folder.path, { economy: "rank" });
      expect(transactions).to.have.length(1);
      expect((await deployTo(chain, folder.path, { economy: "rank" })).transactions).to.deep.equal([]);
    });
  });

  context("given a node that refuses a question about rights", () => {
    it("should not take that for a right of everybody", async () => {
      const chain = await emptyChain();
      const directory = newFolder();
      await deployTo(chain, directory, { economy: "xp" });
      let calls = 0;
      const url = await proxied(chain, ({ method }) =>
        method === "eth_call" && ++calls === 40 ? { refused: "daily request count exceeded" } : "passes",
      );
      const connection = await network.create({ network: "localhost", override: { url } });
      let failure: unknown;
      await rightsOnRecord(connection, directory).catch((error: unknown) => (failure = error));
      expect(calls).to.be.at.least(40);
      expect(String(failure)).to.contain("daily request count exceeded");
    });
  });

  context("given a plan", () => {
    it("should tell what would be deployed, what it costs and who may do what, and write and send nothing", async () => {
      const chain = await emptyChain();
      const directory = newFolder();
      const tip = 30_000_000_000n;
      const url = await proxied(chain, ({ method }) =>
        method === "eth_maxPriorityFeePerGas" ? { answered: `0x${tip.toString(16)}` } : "passes",
      );
      const connection = await network.create({ network: "localhost", override: { url } });
      const plan = await planDeployment(hre, connection, { economy: "xp", directory });
      expect(existsSync(directory)).to.equal(false);
      expect(await nonceOf(chain)).to.equal(0);

      const balance = async (): Promise<bigint> =>
        BigInt((await rpc(chain, "eth_getBalance", plan?.deployer, "latest")) as string);
      expect(plan?.balance).to.equal(await balance());
      if (plan === undefined) throw new Error("Everything stands already.");
      const rollupsFee = "This chain takes a fee for layer 1 beside that, which is in none of these sums.";
      expect(costOf(plan)).not.to.include(rollupsFee);
      expect(costOf({ ...plan, chainId: 84_532n })).to.include(rollupsFee);
      const rollupsGas =
        "This chain counts what data costs on layer 1 as gas, which a simulated chain cannot measure: it comes to more than that.";
      expect(costOf(plan)).not.to.include(rollupsGas);
      for (const chainId of [42_161n, 42_170n, 421_614n])
        expect(costOf({ ...plan, chainId }))
          .to.include(rollupsGas)
          .and.not.to.include(rollupsFee);
      expect(linesToConfirm(plan), "what is asked about").to.deep.equal([
        describeSteps(plan),
        ...costOf(plan),
        "Who will have which right is what the same command shows with --dry-run; at the end the chain is compared with it.",
        "",
      ]);
      const { standing } = plan;
      expect(
        linesToConfirm({ ...plan, standing: { ...standing, rights: { ...standing.rights, rights: [] } } }),
      ).to.include("Nobody will have a right that others do not have.");
      const { deployment, transactions } = await deployTo(url, directory, { economy: "xp" });
      expect(plan.steps.map(({ future }) => future).sort()).to.deep.equal(
        transactions.map(({ future }) => future).sort(),
      );
      let [used, limits, paid] = [0n, 0n, 0n];
      for (const { hash } of transactions) {
        const ask = (method: string) => rpc(chain, method, hash) as Promise<Record<string, string>>;
        const [receipt, sent] = [await ask("eth_getTransactionReceipt"), await ask("eth_getTransactionByHash")];
        const read = (quantity = "") => BigInt(quantity);
        if (used === 0n) expect(read(sent.maxFeePerGas), "the first bid").to.equal(plan.highestPrice);
        used += read(receipt.gasUsed);
        limits += read(sent.gas);
        paid += read(receipt.gasUsed) * read(receipt.effectiveGasPrice);
      }
      // Addresses and times differ, and with them the zero bytes that are paid for less.
      const near = (told: bigint, seen: bigint, parts: bigint) => expect(told).to.be.closeTo(seen, seen / parts);
      near(plan.gas, used, 1_000n);
      near(plan.reserve, limits * plan.highestPrice, 1_000n);
      // The base fee, a small part of the price here, falls from block to block.
      near(plan.cost, paid, 20n);
      expect(plan.cost > used * tip).to.equal(true);
      const { rights } = await readAuthority(deployment, connection.provider);
      expect(
        plan.standing.rights.rights.map(({ contract, function: signature, role }) => [contract, signature, role]),
      ).to.deep.equal(rights.map(({ contract, function: signature, role }) => [contract, signature, role]));
      expect(await planDeployment(hre, connection, { economy: "xp", directory })).to.equal(undefined);
    });

    it("should count only what is left, and leave the folder of a run that was stopped as it is", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      await deployTo(chain, folder.path, { economy: "xe" });
      const lines = journalLines(folder);
      const sends = [...lines.entries()].filter(([, { type }]) => type === "TRANSACTION_SEND").map(([index]) => index);
      expect(sends).to.have.length(XE_TRANSACTIONS);
      const connection = await network.create({ network: "localhost", override: { url: chain } });
      for (const count of [3, XE_TRANSACTIONS]) {
        cutJournal(folder, lines, (sends[count - 1] ?? 0) + 1, true);
        const written = readFileSync(folder.journalFile, "utf8");
        const plan = await planDeployment(hre, connection, { economy: "xe", directory: folder.path });
        expect(plan?.steps, `${String(count)} sent`).to.have.length(XE_TRANSACTIONS - count);
        expect(readFileSync(folder.journalFile, "utf8")).to.equal(written);
      }
      // Nothing is left that has to be paid, or agreed to.
      await rpc(chain, "anvil_setBalance", ((await rpc(chain, "eth_accounts")) as [string])[0], "0x1");
      const confirm = () => Promise.reject(new Error("There was nothing to ask."));
      const { transactions } = await deployTo(chain, folder.path, { economy: "xe", confirm });
      expect(transactions).to.deep.equal([]);
    });

    it("should tell what is missing where the account holds too little, and print it as a command", async () => {
      const chain = await emptyChain();
      const [deployer] = (await rpc(chain, "eth_accounts")) as [string];
      await rpc(chain, "anvil_setBalance", deployer, "0x1");
      try {
        const { code, output } = await run(chain, "--dry-run", "--economy", "xe");
        expect(code).to.equal(0);
        expect(output).to.match(/Xe#DualAssetLedger +7,\d{3},\d{3}\n/);
        expect(output).to.match(/8 transactions, 4 of them contracts: [\d,]+ gas, as measured/);
        expect(output).to.match(/holds 0\.000000000000000001 ETH, 0\.\d+ ETH less\./);
        expect(output).to.match(/DualAssetLedger +arbiter +XE's arbiter +none +rule\n/);
        expect(output).to.match(/\nWho will have which right:\n\ncontract +role /);
        expect(output).to.contain("Nothing was sent, and nothing was written.");
        const free = await run(chain, "--dry-run", "--economy", "rank");
        expect(free.output).to.match(/\n1 transaction, 1 of them a contract: [\d,]+ gas, as measured/);
        expect(free.output).to.match(/\n\nNobody will have a right that others do not have\.\n\nNothing was sent/);
      } finally {
        await rpc(chain, "anvil_setBalance", deployer, "0x21e19e0c9bab2400000");
      }
    });

    it("should cost what the docs say", async () => {
      const page = readFileSync(join(config.paths.root, "docs", "operators.md"), "utf8");
      const connection = await network.create({ network: "default" });
      for (const economy of DEPLOYABLE) {
        const plan = await planDeployment(hre, connection, { economy });
        const uniswap = plan?.steps.filter(({ future }) => future.startsWith("Uniswap#")) ?? [];
        const [, transactions, gas, ofUniswap] =
          new RegExp(`^\\| ${economy} +\\| +(\\d+) \\| +([\\d,]+) \\| +([\\d,]+) \\|$`, "m").exec(page) ?? [];
        const figure = (text = ""): number => Number(text.replaceAll(",", ""));
        expect(figure(transactions), economy).to.equal(plan?.steps.length);
        expect(new Set(plan?.steps.map(({ future }) => future)).size, economy).to.equal(plan?.steps.length);
        expect(figure(gas), economy).to.be.closeTo(Number(plan?.gas), 50_000);
        const sum = uniswap.reduce((total, step) => total + step.gas.used, 0n);
        expect(figure(ofUniswap), economy).to.be.closeTo(Number(sum), 50_000);
      }
    });

    it("should ask before it sends to a public network, print that it cannot and nothing else, fail, and take --yes for an answer", async () => {
      const chain = await anvil("--chain-id", "84532");
      const refused = await run(chain, "--economy", "rank");
      expect(refused.code).to.equal(1);
      expect(refused.output, "what it came to").to.equal("Rehearsing on a simulated chain …\n");
      expect(refused.complaint, "that sentence alone").to.match(
        /^Nothing was signed or sent: network "localhost" is public, .* --yes if that is meant\.\n$/,
      );
      expect(await nonceOf(chain)).to.equal(0);
      const { code, output } = await run(chain, "--economy", "rank", "--yes");
      expect(code).to.equal(0);
      expect(output).to.contain("Every transaction is in the chain, every contract has the code of this build");
      expect(await nonceOf(chain)).to.equal(1);
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

    it("should say so when a step needs more gas than a block has", async () => {
      const small = await anvil("--gas-limit", "5000000");
      const sentence = await refusal(deployTo(small, newFolder(), { economy: "xe" }));
      expect(sentence).to.match(
        /^A block of network "localhost" has 5,000,000 gas, and Xe#DualAssetLedger needs [5-9],\d{3},\d{3}\. Nothing was sent: deploy to a network with larger blocks, or start the node with a higher limit\.$/,
      );
      expect(await nonceOf(small)).to.equal(0);
      const { transactions } = await deployTo(small, newFolder(), { economy: "rank" });
      expect(transactions).not.to.deep.equal([]);
    });

    it("should say so when the chain does not know the instructions of the contracts, and only then", async () => {
      const old = await anvil("--hardfork", "shanghai");
      const sentence =
        'The chain of network "localhost" does not know the instructions that the contracts use (PUSH0, MCOPY, TSTORE and TLOAD, which ' +
        "Ethereum has since Cancun). Nothing was sent: deploy to a network that has them.";
      expect(await refusal(deployTo(old, newFolder(), { economy: "rank" }))).to.equal(sentence);
      expect(await nonceOf(old)).to.equal(0);

      const chain = await emptyChain();
      const creates = ({ method, params }: RpcCall) =>
        method === "eth_call" && (params[0] as { to?: string }).to === undefined;
      let refusals = 0;
      const busy = await proxied(chain, (call) =>
        creates(call) && ++refusals === 1 ? { refused: "too many requests" } : "passes",
      );
      expect((await deployTo(busy, newFolder(), { economy: "rank" })).transactions).to.have.length(1);
      expect(refusals).to.equal(4);
    });

    it("should say so when the node does not have the first block", async () => {
      const pruned = await proxied(await emptyChain(), ({ method, params }) =>
        method === "eth_getBlockByNumber" && params[0] === "0x0" ? { answered: null } : "passes",
      );
      expect(await refusal(deployTo(pruned, newFolder(), { economy: "rank" }))).to.equal(
        "The node does not have block 0 of chain 31337, by which a chain that was reset is told from the one before: use a node that has.",
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

    it("should say what to write when the network is unknown or its URL cannot be called", async () => {
      const connecting = (name: string, override?: { url: string }) =>
        network.create({ network: name, ...(override ? { override } : {}) }).catch((error: unknown) => {
          throw explain(error, { network: name });
        });
      expect(await refusal(connecting("nowhere"))).to.equal(
        'There is no network "nowhere": write one of those under `networks` in hardhat.config.ts after --network, such as localhost, or ' +
          "add it there.",
      );
      for (const url of ["localhost:8545", "ftp://127.0.0.1"]) {
        expect(await refusal(connecting("localhost", { url }))).to.match(
          /^Network "localhost" cannot be used: its URL must begin with http:\/\/ or https:\/\/, such as/,
        );
      }
    });

    it("should say so when what answers at the URL is no JSON-RPC or says a status alone, or the key is none", async () => {
      let status = 200;
      const server = createServer((_, response) => {
        response.writeHead(status).end("<html>");
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const page = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      try {
        for (status of [200, 401, 404, 501]) {
          expect(await refusal(deployTo(page, newFolder(), { economy: "rank" })), String(status)).to.match(
            /^What answers at the URL of network "localhost" is no JSON-RPC, or not for you: correct the URL/,
          );
        }
        for (status of [500, 524]) {
          expect(await refusal(deployTo(page, newFolder(), { economy: "rank" }))).to.match(
            new RegExp(`^Network "localhost" does not answer, but says status ${String(status)}: check its URL`),
          );
        }
      } finally {
        server.close();
      }
      const accounts = [configVariable("XONOMY_TEST_KEY")];
      try {
        for (const key of ["11".repeat(31), "00".repeat(32), "ff".repeat(32)]) {
          process.env.XONOMY_TEST_KEY = `0x${key}`;
          const connection = await network.create({ network: "localhost", override: { url, accounts } });
          expect(await refusal(deploy(hre, connection, { economy: "rank", directory: newFolder() })), key).to.match(
            /^A key of network "localhost" is none: a private key is 0x and 64 hexadecimal digits, .* Correct it in \.env/,
          );
        }
      } finally {
        delete process.env.XONOMY_TEST_KEY;
      }
    });

    it("should say so when the chain id of the custom network is none, and hinder no other network", async () => {
      const configured = (id: string) => {
        const networks = { custom: { type: "http", url, ...chainIdOf(id) }, other: { type: "http", url } } as const;
        return createHardhatRuntimeEnvironment({ plugins: [customNetworkPlugin(id)], networks });
      };
      for (const id of ["abc", "0", "0x1", "1e3", "-1", "99999999999999999999"]) {
        const environment = await configured(id);
        expect(await refusal(environment.network.create("custom")), id).to.equal(
          `CUSTOM_CHAIN_ID is "${id}": write a chain's number in digits, such as 11155111, or leave it out.`,
        );
        await (await environment.network.create("other")).close();
      }
      for (const [id, chainId] of [
        ["", undefined],
        ["31337", 31_337],
      ] as const) {
        const { networkConfig } = await (await configured(id)).network.create("custom");
        expect(networkConfig.chainId, id).to.equal(chainId);
      }
    });

    it("should build once more when another command wrote the list of what is compiled at the same moment", async () => {
      const list = join(scratch, "compile-cache.json");
      const drafts = ["first", "second"].map((name) => join(scratch, `${name}-compile-cache.json.tmp`));
      let builds = 0;
      const buildingInTheWay = {
        tasks: {
          getTask: () => ({
            run: async () => {
              builds++;
              // As Hardhat writes it, where somebody else has just moved the draft away.
              await move(drafts[Math.min(builds, 2) - 1] ?? "", list);
            },
          }),
        },
      } as unknown as Pick<typeof hre, "tasks">;
      writeFileSync(drafts[1] ?? "", "{}");
      await build(buildingInTheWay);
      expect(builds).to.equal(2);
      const failed = await failure(build(buildingInTheWay));
      expect(failed).to.contain("FileNotFoundError");
      expect(builds).to.equal(6);
    });

    it("should say so when the folder cannot be one", () => {
      const named = (id: string) => () => deploymentDirectory(hre, "localhost", id);
      for (const id of ["x.lock", "../x", "a b"])
        expect(named(id), id).to.throw(ExplainedError, `--deployment is "${id}": `);
      expect(named("README.md")).to.throw(ExplainedError, /README\.md is a file, and a deployment is a folder/);
      expect(named("x.locks")()).to.equal(join(config.paths.root, "deployments", "x.locks"));
    });

    it("should say what is wrong with the transaction that it is told to track", async () => {
      const hash = `0x${"ab".repeat(32)}`;
      const [deployer, other] = (await rpc(url, "eth_accounts")) as [string, string];
      const directory = newFolder();
      const track = (hash: string) => refusal(deployTo(url, directory, { economy: "rank", track: hash }));
      expect(await track("0x12")).to.equal(
        '--track is "0x12": write the hash of a transaction, 0x and 64 hexadecimal digits.',
      );
      expect(await track(hash)).to.contain(
        `--track is for a deployment that was interrupted, but ${directory} holds none`,
      );
      expect(
        await refusal(network.create().then((own) => deploy(hre, own, { economy: "rank", track: hash }))),
      ).to.match(/^--track is for a deployment that was interrupted, but the in-process chain ends/);

      const chain = await emptyChain();
      const { transactions } = await deployTo(chain, directory, { economy: "rank" });
      const tracked = (hash: string | undefined) =>
        refusal(deployTo(chain, directory, { economy: "rank", track: hash ?? "" }));
      expect(await tracked(hash)).to.contain(`Network "localhost" knows no transaction ${hash}: check the hash`);
      expect(await tracked(transactions[0]?.hash)).to.contain("is on record already");
      const { hash: foreign } = await mined(chain, { from: other, to: deployer, value: "0x1" });
      expect(await tracked(foreign)).to.contain("is none that this deployment misses");
    });

    it("should say that a parameter file which is named does not exist, even where XRANK needs none", async () => {
      const parameters = join(scratch, "none.json");
      expect(await refusal(deployTo(url, newFolder(), { economy: "rank", parameters }))).to.contain(parameters);
      expect(await nonceOf(url)).to.equal(0);
    });

    it("should record once the transaction that it is told to track, whatever interrupts it then", async () => {
      const chain = await emptyChain();
      const folder = new DeploymentFolder(newFolder());
      const { transactions } = await deployTo(chain, folder.path, { economy: "xe" });
      const lines = journalLines(folder);
      const first = lines.findIndex(({ type }) => type === "TRANSACTION_SEND");
      cutJournal(folder, lines, first, false);
      await rpc(chain, "anvil_rollback", XE_TRANSACTIONS - 1);
      const track = transactions[0]?.hash;
      let sends = 0;
      const breaking = await proxied(chain, (call) =>
        sendsTransaction(call) && ++sends === 1 ? "lost before" : "passes",
      );
      const said: string[] = [];
      await deployTo(breaking, folder.path, { economy: "xe", track, onProgress: (line) => said.push(line) });
      expect(said.filter((line) => line === `Recorded transaction ${String(track)}.`)).to.have.length(1);
      expect(said.join("\n")).to.contain("going on as soon as that has passed");
      expect(await nonceOf(chain)).to.equal(XE_TRANSACTIONS);
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

    it("should say so when the chain was reset to the same first block and used since, whoever asks", async () => {
      const FIRST = ["--timestamp", "1795000000"];
      const id = `reset-by-test-${String(process.pid)}`;
      const directory = join(config.paths.root, "deployments", id);
      after(() => {
        rmSync(directory, { recursive: true, force: true });
      });
      const folder = new DeploymentFolder(directory);
      const before = await startAnvil(...FIRST);
      running.push(before);
      const { deployment } = await deployTo(before.url, directory, { economy: "rank" });
      // Folders that were written before the code was on record are taken as they are, and have it from then on.
      const codes = readFileSync(folder.codesFile, "utf8");
      rmSync(folder.codesFile);
      expect((await deployTo(before.url, directory, { economy: "rank" })).transactions).to.deep.equal([]);
      expect(readFileSync(folder.codesFile, "utf8")).to.equal(codes);
      await before.stop();

      const started = await startAnvil(...FIRST);
      running.push(started);
      const later = started.url;
      await deployTo(later, newFolder(), { economy: "xe" });
      const xrank = await deployment.rank.xrank.getAddress();
      const sentence =
        `The deployment in ${directory} records Rank#XRank at ${xrank}, but that address has other code than when it was deployed: the chain ` +
        "was reset and used since, or it is not the chain of the deployment; choose a node that has that, or move " +
        `${directory} away (or delete it) to start anew, or give another folder with --deployment.`;
      const nonce = await nonceOf(later);
      const connection = await network.create({ network: "localhost", override: { url: later } });
      for (const ask of [
        () => deployTo(later, directory, { economy: "rank" }),
        () => deployTo(later, directory),
        () => planDeployment(hre, connection, { economy: "xe", directory }),
        () => openDeployment(connection, { directory }),
        () => rightsOnRecord(connection, directory),
      ]) {
        expect(await refusal(ask())).to.equal(sentence);
      }
      for (const command of [["status"], ["rank", "status"], ["rank", "claim", "--term", "1"]]) {
        const { code, complaint } = await recordedOn(started, id).run(command);
        expect([code, complaint]).to.deep.equal([1, `${sentence}\n`]);
      }
      expect(await nonceOf(later)).to.equal(nonce);
      rmSync(folder.codesFile);
      expect((await openDeployment(connection, { directory })).has("rank")).to.equal(true);
      writeFileSync(folder.codesFile, codes.slice(1));
      expect(await refusal(openDeployment(connection, { directory }))).to.match(
        /codes\.json is not JSON .*, or delete it/,
      );
    });

    it("should find out in the rehearsal what would revert, and send nothing", async () => {
      const nonce = await nonceOf(url);
      const file = join(scratch, "reverting.json");
      const source = readFileSync(join(config.paths.ignition, "parameters", "default.json"), "utf8");
      // The ledger's own address, where tokens would stay for ever: no check of the parameters alone can know.
      const [deployer] = (await rpc(url, "eth_accounts")) as [string];
      const ledger = getCreateAddress({ from: deployer, nonce: nonce + 2 });
      const trapped = source.replace('"recipient": "local account 1"', `"recipient": "${ledger}"`);
      expect(trapped).not.to.equal(source);
      writeFileSync(file, trapped);
      const directory = newFolder();
      expect(await refusal(deployTo(url, directory, { economy: "xe", parameters: file }))).to.match(
        /^The deployment stopped: Xe#DualAssetLedger failed \(DualAssetLedger refuses this as "invalid destination" \(\w+ 0x\w{40}\)\); this was the rehearsal on a simulated chain, nothing was sent: put the cause right and run the same command again\.$/,
      );
      expect(existsSync(directory)).to.equal(false);
      expect(await nonceOf(url)).to.equal(nonce);
    });

    it("should name the file when a record of the deployment is damaged, or lacks what is called", async () => {
      const directory = newFolder();
      const folder = new DeploymentFolder(directory);
      await deployTo(url, directory, { economy: "rank" });
      const connection = await network.create({ network: "localhost", override: { url } });
      const artifact = folder.artifactFile("Rank#XRank");
      const kept = readFileSync(artifact, "utf8");
      writeFileSync(artifact, kept.slice(0, 1_000));
      const sentence = `${artifact} is not JSON: restore it from version control, or move its folder away to start anew.`;
      expect(await refusal(deployTo(url, directory, { economy: "rank" }))).to.equal(sentence);
      expect(await refusal(planDeployment(hre, connection, { economy: "xe", directory }))).to.equal(sentence);
      writeFileSync(artifact, "{}");
      const empty = await openDeployment(connection, { directory });
      expect(() => empty.rank.xrank).to.throw(ExplainedError, `${artifact} has no ABI`);
      writeFileSync(
        artifact,
        kept.replaceAll('"claimRank"', '"claimRenk"').replaceAll('"RankClaimed"', '"RenkClaimed"'),
      );
      const opened = await openDeployment(connection, { directory });
      const signer = (await connection.ethers.getSigners())[0];
      if (signer === undefined) throw new Error("The chain has no account.");
      const { xrank } = opened.rank;
      for (const [kind, name, use] of [
        ["function", "claimRank", () => xrank.claimRank.staticCall(1n)],
        ["function", "claimRank", () => xrank.connect(signer).claimRank(1n)],
        ["function", "claimRank", () => xrank.interface.encodeFunctionData("claimRank", [1n])],
        ["function", "claimRank", () => opened.connect(signer).rank.xrank.claimRank(1n)],
        ["event", "RankClaimed", () => xrank.filters.RankClaimed()],
      ] as const) {
        expect(use).to.throw(ExplainedError, `${artifact} has no ${kind} "${name}" in its ABI`);
      }
      expect(xrank.interface.getFunction("0x12345678" as never), "what a chain has may be of anything").to.equal(null);
      // Test runners and printers ask these of any object, and no contract has them.
      for (const asked of ["$$typeof", "@@iterator", "asymmetricMatch", "catch", "constructor", "toJSON"])
        expect(() => (xrank as unknown as Record<string, unknown>)[asked], asked).not.to.throw();
      expect(await xrank.globalRank()).to.equal(1n);
    });

    it("should say which command deploys what is not deployed", async () => {
      const connection = await network.create({ network: "localhost", override: { url } });
      const none = newFolder();
      expect(await refusal(openDeployment(connection, { directory: none }))).to.equal(
        `There is no deployment in ${none}: run \`hardhat deploy --network localhost --deployment ${basename(none)}\` first, or name ` +
          "the folder of another with --deployment.",
      );
      expect(await refusal(openDeployment(connection, { directory: join(scratch, "localhost") }))).to.contain(
        "run `hardhat deploy --network localhost` first",
      );
      const directory = newFolder();
      const { deployment } = await deployTo(url, directory, { economy: "rank" });
      const abi = new DeploymentFolder(directory).artifactFile("Rank#XRank");
      const kept = readFileSync(abi, "utf8");
      rmSync(abi);
      expect(await refusal(openDeployment(connection, { directory }))).to.equal(
        `${abi} is missing: restore the folder from version control.`,
      );
      // Read when the contract is first used, and once.
      writeFileSync(abi, kept.slice(1));
      const opened = await openDeployment(connection, { directory });
      expect(() => opened.rank.xrank).to.throw(ExplainedError, `${abi} is not JSON`);
      writeFileSync(abi, kept);
      expect(opened.rank.xrank).to.equal(opened.rank.xrank);
      expect(opened.contractAt(String(opened.rank.xrank.target).toLowerCase())).to.equal(opened.rank.xrank);
      expect(opened.contractAt(`0x${"77".repeat(20)}`)).to.equal(undefined);
      const missing =
        'The economy "xme" is not deployed on network "localhost": run `hardhat deploy --economy xme --network localhost --deployment ' +
        `${basename(directory)}\` first.`;
      for (const one of [deployment, opened, opened.connect(connection.ethers.provider)])
        expect(() => one.xme).to.throw(ExplainedError, missing);
    });
  });
});
