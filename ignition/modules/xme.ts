import { type ArgumentType, type Artifact, buildModule, type ContractFuture } from "@nomicfoundation/ignition-core";
import poolArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json" with { type: "json" };
import { id } from "ethers";

import { DEFAULT_AD_SPLIT } from "../../src/xme/ads.js";
import { EMISSION_STREAM } from "../../src/xme/emission.js";
import { deployedUniswap, type UniswapModule } from "./uniswap.js";

const pool: Artifact = poolArtifact;

/** `AdSettlement.settle`. */
const SETTLE = id("settle(uint256,uint256,(address,uint64)[],bytes32,string)").slice(0, 10);
/** OpenZeppelin's first administrator of an AccessControl. */
const NO_ROLE = `0x${"00".repeat(32)}`;
/** The one role of X.me's AccessManager beside its administrator: what it may call is `AdSettlement.settle`. */
const SETTLER = 1n;

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

    const manage = (name: string, args: ArgumentType[], step: string) =>
      m.encodeFunctionCall(accessManager, name, args, { id: step });
    const drawer = (stream: number, holder: ContractFuture<string>, name: string) =>
      manage(
        "execute",
        [emissionVault, m.encodeFunctionCall(emissionVault, "setDrawer", [BigInt(stream), holder], { id: name })],
        `execute_${name}`,
      );
    const handOver = m.call(accessManager, "multicall", [
      [
        drawer(EMISSION_STREAM.nodes, nodes, "drawer_nodes"),
        drawer(EMISSION_STREAM.votes, votes, "drawer_votes"),
        manage("labelRole", [SETTLER, "settler"], "label_settler"),
        manage("setTargetFunctionRole", [adSettlement, [SETTLE], SETTLER], "map_settler"),
        manage("grantRole", [SETTLER, m.getParameter<string>("settler"), 0n], "grant_settler"),
        manage("grantRole", [0n, timelock, 0n], "grant_admin"),
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
      { after: [handOver, renounced] },
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
      pool: tradedPool,
    };
  });
}

/** X.me, on whichever Uniswap. */
export type XmeModule = ReturnType<typeof xmeOn>;

export default xmeOn(deployedUniswap);
