import { type Artifact, buildModule } from "@nomicfoundation/ignition-core";
import poolArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json" with { type: "json" };
import { ZeroAddress } from "ethers";

import { deployedUniswap, type UniswapModule } from "./uniswap.js";

const pool: Artifact = poolArtifact;

/**
 * X.me's tokens, their genesis and everybody who receives from it.
 *
 * The order leaves the deployer with nothing at any step: the timelock starts without an administrator beside itself, the
 * AccessManager is born with the timelock as its administrator, genesis holds all tokens until the recipients stand, and
 * `allocate` is the deployer's only right, used up by its one call. So there is no role to renounce.
 *
 * Executing a scheduled proposal is open to everybody (choice): after the delay nobody should be able to hold it up, and
 * what is executed was decided when it was scheduled.
 */
export function xmeOn(uniswap: UniswapModule) {
  return buildModule("Xme", (m) => {
    const { uniswapFactory, positionManager } = m.useModule(uniswap);

    const team = m.getParameter<string>("teamBeneficiary");
    const privateBuyers = m.getParameter<string>("privateSaleBeneficiary");
    const fee = m.getParameter<bigint>("poolFee");

    const timelock = m.contract("TimelockController", [
      m.getParameter<bigint>("timelockDelay"),
      m.getParameter<string[]>("proposers"),
      [ZeroAddress],
      ZeroAddress,
    ]);
    const accessManager = m.contract("AccessManager", [timelock]);
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

    const allocate = m.call(genesis, "allocate", [
      { publicSale, airdrop, teamVesting, privateSaleVesting, liquiditySeeder, emissionVault },
    ]);
    const opened = m.staticCall(uniswapFactory, "getPool", [xme, xmex, fee], 0, { after: [allocate] });
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
      pool: m.contractAt("UniswapV3Pool", pool, opened),
    };
  });
}

/** X.me, on whichever Uniswap. */
export type XmeModule = ReturnType<typeof xmeOn>;

export default xmeOn(deployedUniswap);
