import {
  type ArgumentType,
  type Artifact,
  buildModule,
  type CallableContractFuture,
  type ContractFuture,
} from "@nomicfoundation/ignition-core";
import poolArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json" with { type: "json" };
import { id } from "ethers";

import { DEFAULT_AD_SPLIT } from "../../src/xme/ads.js";
import { DEFAULT_ASCENSION_TERMS } from "../../src/xme/ascension.js";
import { EMISSION_STREAM } from "../../src/xme/emission.js";
import { DEFAULT_INVITATION_REWARDS } from "../../src/xme/growth.js";
import { DEFAULT_DAILY_LIMIT, DEFAULT_MINING_PARAMETERS, DEFAULT_WEIGHTS } from "../../src/xme/mining.js";
import { XME_ROLE } from "../../src/xme/roles.js";
import { DEFAULT_SPENDING_SPLITS, SPENDING_CATEGORIES } from "../../src/xme/spending.js";
import { deployedUniswap, type UniswapModule } from "./uniswap.js";

const pool: Artifact = poolArtifact;

/** What roles may call, by signature. */
const SETTLE = ["settle(uint256,uint256,(address,uint64)[],bytes32,string)"];
const PUBLISH = ["publish(uint256,bytes32,uint64,string,bytes32)"];
const STRIKE = ["strike(uint256)"];
const SELL_GROWTH = ["accelerate(address,uint256)", "protect(address,uint256)", "unlockPrivilege(address,uint256)"];
const SET_OFFERS = [
  "setPlatformPlan(uint256,uint256,uint256)",
  "setHotSpots(uint256,uint256)",
  "setService(uint256,uint256,uint256)",
];
const LIST_ITEMS = [
  "list((uint8,address,uint256,uint256,bool,uint256,uint256,uint256,string))",
  "setSale(uint256,uint256,uint256)",
];
const MINT_ITEMS = ["mint(address,uint256,uint256)"];
/** OpenZeppelin's first administrator of an AccessControl. */
const NO_ROLE = `0x${"00".repeat(32)}`;

/**
 * X.me's tokens, their genesis, everybody who receives from it, and the governance that owns what it did not give away.
 *
 * The governor counts a token that genesis makes, and the timelock obeys the governor, so timelock and AccessManager are born with the
 * deployer as administrator. There is nothing to take then: genesis holds every token until `allocate`, the last step, and `allocate`
 * refuses as long as the deployer has a role of either. The AccessManager's roles change hands in one transaction; the timelock's are
 * the governor's alone, executing included, so that a decision that nobody carried out in time stays undone.
 */
export function xmeOn(uniswap: UniswapModule) {
  return buildModule("Xme", (m) => {
    const { uniswapFactory, positionManager } = m.useModule(uniswap);

    const team = m.getParameter<string>("teamBeneficiary");
    const privateBuyers = m.getParameter<string>("privateSaleBeneficiary");
    const fee = m.getParameter<bigint>("poolFee");

    const deployer = m.getAccount(0);

    const timelock = m.contract("TimelockController", [m.getParameter<bigint>("timelockDelay"), [], [], deployer]);
    const accessManager = m.contract("AccessManager", [deployer]);
    const genesis = m.contract("Genesis", [timelock, team, privateBuyers]);
    const xme = m.contractAt("XME", m.staticCall(genesis, "xme"));
    const xmex = m.contractAt("XMEX", m.staticCall(genesis, "xmex"));

    const genesisTime = m.staticCall(genesis, "genesisTime");
    const teamVesting = m.contract(
      "Vesting",
      [xme, team, genesisTime, m.staticCall(genesis, "TEAM_CLIFF"), m.staticCall(genesis, "TEAM_DURATION")],
      { id: "TeamVesting" },
    );
    const privateSaleVesting = m.contract(
      "Vesting",
      [
        xme,
        privateBuyers,
        genesisTime,
        m.staticCall(genesis, "PRIVATE_SALE_CLIFF"),
        m.staticCall(genesis, "PRIVATE_SALE_DURATION"),
      ],
      { id: "PrivateSaleVesting" },
    );
    const publicSale = m.contract("PublicSale", [
      xme,
      timelock,
      m.getParameter<bigint>("salePrice"),
      m.getParameter<bigint>("saleWalletCap"),
      m.getParameter<bigint>("saleOpens"),
      m.getParameter<bigint>("saleCloses"),
    ]);
    const airdrop = m.contract("MerkleAirdrop", [
      xme,
      timelock,
      m.getParameter<string>("airdropRoot"),
      m.getParameter<bigint>("airdropDeadline"),
    ]);
    const emissionVault = m.contract("EmissionVault", [
      xmex,
      accessManager,
      m.getParameter<bigint>("emissionStart"),
      m.getParameter<bigint[]>("emissionSharesBps"),
    ]);
    const liquiditySeeder = m.contract("LiquiditySeeder", [
      genesis,
      positionManager,
      m.getParameter<bigint>("poolOpeningPriceWad"),
      fee,
    ]);

    const votes = m.contract("VotingXME", [xme, xmex, emissionVault, BigInt(EMISSION_STREAM.votes)]);
    const governor = m.contract("XmeGovernor", [
      votes,
      timelock,
      m.getParameter<string>("guardian"),
      m.getParameter<bigint>("guardianSunset"),
    ]);
    const policyRegistry = m.contract("PolicyRegistry", [accessManager]);
    const nodes = m.contract("NodeStaking", [xme, xmex, emissionVault, BigInt(EMISSION_STREAM.nodes), accessManager]);
    const buybackBurner = m.contract("BuybackBurner", [xme, uniswapFactory, timelock, accessManager]);
    const badge = m.contract("Badge", [votes, accessManager]);
    const adSettlement = m.contract("AdSettlement", [xme, timelock, nodes, { ...DEFAULT_AD_SPLIT }, accessManager]);

    const socialMining = m.contract("SocialMining", [
      xmex,
      emissionVault,
      BigInt(EMISSION_STREAM.socialMining),
      { ...DEFAULT_MINING_PARAMETERS },
      DEFAULT_DAILY_LIMIT,
      [...DEFAULT_WEIGHTS],
      accessManager,
    ]);
    const userGrowth = m.contract("UserGrowth", [
      xmex,
      emissionVault,
      BigInt(EMISSION_STREAM.userGrowth),
      socialMining,
      nodes,
      DEFAULT_INVITATION_REWARDS.inviter,
      DEFAULT_INVITATION_REWARDS.invitee,
      accessManager,
    ]);
    const contentRegistry = m.contract("ContentRegistry");
    const spendingCatalogue = m.contract("SpendingCatalogue", [accessManager]);
    const platformItems = m.contract("PlatformItems", [accessManager]);
    // What is given back to the emission pays contribution again.
    const spending = m.contract("Spending", [
      xmex,
      contentRegistry,
      spendingCatalogue,
      platformItems,
      userGrowth,
      BigInt(EMISSION_STREAM.socialMining),
      { buyback: timelock, delegators: nodes, voters: votes, emission: emissionVault, treasury: timelock },
      SPENDING_CATEGORIES.map((category) => ({ ...DEFAULT_SPENDING_SPLITS[category] })),
      accessManager,
    ]);
    const ascension = m.contract("Ascension", [xme, xmex, { ...DEFAULT_ASCENSION_TERMS }, accessManager]);

    const manage = (name: string, args: ArgumentType[], step: string) =>
      m.encodeFunctionCall(accessManager, name, args, { id: step });
    const execute = (target: CallableContractFuture<string>, name: string, args: ArgumentType[], step: string) =>
      manage("execute", [target, m.encodeFunctionCall(target, name, args, { id: step })], `execute_${step}`);
    const drawer = (stream: number, holder: ContractFuture<string>, step: string) =>
      execute(emissionVault, "setDrawer", [BigInt(stream), holder], `drawer_${step}`);
    const map = (target: ContractFuture<string>, functions: readonly string[], role: bigint, step: string) =>
      manage(
        "setTargetFunctionRole",
        [target, functions.map((signature) => id(signature).slice(0, 10)), role],
        `map_${step}`,
      );
    const label = (role: bigint, name: string, step: string) => manage("labelRole", [role, name], `label_${step}`);
    const grant = (role: bigint, holder: ArgumentType, step: string) =>
      manage("grantRole", [role, holder, 0n], `grant_${step}`);

    const handOver = m.call(accessManager, "multicall", [
      [
        drawer(EMISSION_STREAM.socialMining, socialMining, "mining"),
        drawer(EMISSION_STREAM.userGrowth, userGrowth, "growth"),
        drawer(EMISSION_STREAM.nodes, nodes, "nodes"),
        drawer(EMISSION_STREAM.votes, votes, "votes"),
        execute(socialMining, "setSources", [userGrowth, spending], "sources_mining"),
        label(XME_ROLE.settler, "settler", "settler"),
        map(adSettlement, SETTLE, XME_ROLE.settler, "settler"),
        grant(XME_ROLE.settler, m.getParameter<string>("settler"), "settler"),
        label(XME_ROLE.publisher, "publisher", "publisher"),
        map(socialMining, PUBLISH, XME_ROLE.publisher, "publisher"),
        grant(XME_ROLE.publisher, m.getParameter<string>("publisher"), "publisher"),
        label(XME_ROLE.striker, "striker", "striker"),
        map(socialMining, STRIKE, XME_ROLE.striker, "striker"),
        grant(XME_ROLE.striker, m.getParameter<string>("striker"), "striker"),
        label(XME_ROLE.growthSeller, "growth seller", "seller"),
        map(userGrowth, SELL_GROWTH, XME_ROLE.growthSeller, "seller"),
        grant(XME_ROLE.growthSeller, spending, "seller"),
        label(XME_ROLE.catalogue, "catalogue", "catalogue"),
        map(spendingCatalogue, SET_OFFERS, XME_ROLE.catalogue, "catalogue"),
        map(platformItems, LIST_ITEMS, XME_ROLE.catalogue, "items"),
        grant(XME_ROLE.catalogue, m.getParameter<string>("catalogue"), "catalogue"),
        label(XME_ROLE.minter, "minter", "minter"),
        map(platformItems, MINT_ITEMS, XME_ROLE.minter, "minter"),
        grant(XME_ROLE.minter, spending, "minter"),
        grant(0n, timelock, "admin"),
        manage("renounceRole", [0n, deployer], "renounce_admin"),
      ],
    ]);
    const granted = ["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"].map((role) =>
      m.call(timelock, "grantRole", [id(role), governor], { id: `grant_${role.toLowerCase()}` }),
    );
    const renounced = m.call(timelock, "renounceRole", [NO_ROLE, deployer], { id: "renounce_role", after: granted });

    const allocate = m.call(
      genesis,
      "allocate",
      [{ publicSale, airdrop, teamVesting, privateSaleVesting, liquiditySeeder, emissionVault }],
      // Nothing is handed out before everything stands, also what nobody else needs.
      { after: [handOver, renounced, policyRegistry, buybackBurner, badge, ascension] },
    );
    const opened = m.staticCall(uniswapFactory, "getPool", [xme, xmex, fee], 0, { after: [allocate] });
    const tradedPool = m.contractAt("UniswapV3Pool", pool, opened);
    // The buyback asks the pool for the mean price of half an hour: a new pool remembers one price only.
    m.call(tradedPool, "increaseObservationCardinalityNext", [m.getParameter<bigint>("poolObservations")]);
    return {
      timelock,
      accessManager,
      genesis,
      xme,
      xmex,
      teamVesting,
      privateSaleVesting,
      publicSale,
      airdrop,
      emissionVault,
      liquiditySeeder,
      uniswapFactory,
      positionManager,
      votes,
      governor,
      policyRegistry,
      nodes,
      buybackBurner,
      badge,
      adSettlement,
      socialMining,
      userGrowth,
      contentRegistry,
      spendingCatalogue,
      platformItems,
      spending,
      ascension,
      pool: tradedPool,
    };
  });
}

/** X.me, on whichever Uniswap. */
export type XmeModule = ReturnType<typeof xmeOn>;

export default xmeOn(deployedUniswap);
