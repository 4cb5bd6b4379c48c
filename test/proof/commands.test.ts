import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";
import { FunctionFragment, Interface } from "ethers";
import hre from "hardhat";

import { allRecords } from "../../src/deployment/contracts.js";

describe("every function that changes something", () => {
  const ERC20_FUNCTIONS = ["approve", "permit", "transfer", "transferFrom"];
  const ERC721_FUNCTIONS = ["safeTransferFrom(address,address,uint256,bytes)", "transferFrom"];
  const RECEIVER_HOOKS = ["onERC721Received", "onERC1155Received", "onERC1155BatchReceived"];
  const OF_GOVERNOR = ["relay", "setLateQuorumVoteExtension", "updateTimelock"];

  /** Functions that no command sends, with the reason why a person needs none. */
  const UNSENT: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    "governance alone calls them, by a proposal of any calls (`hardhat gov propose`), or the administrator of XP that its parameters name":
      {
        TimelockController: [
          ...["cancel", "execute", "executeBatch", "grantRole", "renounceRole", "revokeRole"],
          ...["schedule", "scheduleBatch", "updateDelay"],
        ],
        AccessManager: [
          ...[
            "cancel",
            "consumeScheduledOp",
            "execute",
            "grantRole",
            "labelRole",
            "multicall",
            "renounceRole",
            "revokeRole",
          ],
          ...["schedule", "setGrantDelay", "setRoleAdmin", "setRoleGuardian", "setTargetAdminDelay", "setTargetClosed"],
          ...["setTargetFunctionRole", "updateAuthority"],
        ],
        EmissionVault: ["setAuthority", "setDrawer", "setShares"],
        XmeGovernor: OF_GOVERNOR,
        PolicyRegistry: ["publish", "setAuthority"],
        NodeStaking: ["setAuthority", "setLevel", "setUnbondingPeriod"],
        BuybackBurner: ["cancelPlan", "setAuthority", "startPlan"],
        Badge: ["setAuthority", "setTiers"],
        AdSettlement: ["setAuthority", "setIncome", "setSplit"],
        SocialMining: ["setAuthority", "setDailyLimit", "setParameters", "setSources", "setWeights"],
        UserGrowth: ["setAuthority", "setRewards", "setSources"],
        SpendingCatalogue: ["setAuthority", "setGrowthPrice"],
        PlatformItems: ["setAuthority"],
        Spending: ["setAuthority", "setGrowthShop", "setReceiver", "setSplit"],
        Ascension: ["setAuthority", "setTerms"],
        XP: ["setAuthority"],
        ServiceMarket: [
          "setAuthority",
          "setBondBps",
          "setFeeTiers",
          "setRedistributor",
          "setReputation",
          "setTreasury",
        ],
        FeeTiers: ["setAuthority", "setTable"],
        EpochRedistributor: ["setAuthority", "setKappa"],
        DualAssetLedger: ["mint", "setAuthority", "setRates"],
        XeGovernor: OF_GOVERNOR,
      },
    "every token of its standard has them, and wallets send them": {
      XRank: [...ERC20_FUNCTIONS, "decreaseAllowance", "increaseAllowance"],
      XME: [...ERC20_FUNCTIONS, "burn", "burnFrom"],
      XMEX: [...ERC20_FUNCTIONS, "burn", "burnFrom"],
      XP: [...ERC20_FUNCTIONS, "burn", "burnFrom"],
      TestDollar: ERC20_FUNCTIONS,
      AssetFace: ERC20_FUNCTIONS,
      Badge: ["safeTransferFrom(address,address,uint256)", ...ERC721_FUNCTIONS],
      ContentRegistry: [...ERC721_FUNCTIONS, "approve", "setApprovalForAll"],
      AgentRegistry: [...ERC721_FUNCTIONS, "approve", "setApprovalForAll"],
      PlatformItems: ["burn", "safeBatchTransferFrom", "safeTransferFrom", "setApprovalForAll"],
    },
    "a contract calls them": {
      XRank: ["burn"],
      LiquiditySeeder: ["seed"],
      EmissionVault: ["draw", "drawAvailable"],
      TimelockController: RECEIVER_HOOKS,
      XmeGovernor: RECEIVER_HOOKS,
      XeGovernor: RECEIVER_HOOKS,
      BuybackBurner: ["uniswapV3SwapCallback"],
      UserGrowth: ["accelerate", "protect", "unlockPrivilege"],
      PlatformItems: ["mint"],
      XP: ["mint"],
      FeeTiers: ["burnForTierFor"],
      EpochRedistributor: ["record"],
      TierRouter: ["uniswapV3SwapCallback"],
      DualAssetLedger: ["transferByFace"],
      AssetFace: ["announce"],
    },
    "`hardhat deploy` calls them, once": { Genesis: ["allocate"] },
    "a command does the same in another way: by itself and not with a signature, one call at a time, or without what nothing reads":
      {
        Vesting: ["release()"],
        VotingXME: ["delegateBySig"],
        XmeGovernor: ["castVoteWithReasonAndParams"],
        SocialMining: ["multicall"],
        UserGrowth: ["multicall"],
        ContentRegistry: ["multicall"],
        DualAssetLedger: ["delegateBySig"],
      },
    "XE has no commands to vote with: wallets and sites for OpenZeppelin's Governor have": {
      XeGovernor: [
        ...["castVote", "castVoteBySig", "castVoteWithReason", "castVoteWithReasonAndParams"],
        ...["castVoteWithReasonAndParamsBySig", "execute", "propose", "queue"],
      ],
    },
  };

  it("should be sent by a command, or be listed with the reason why not", async function () {
    this.timeout(300_000);
    const { root } = hre.config.paths;
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(root, "test/support/sentFunctions.mjs"),
      root,
    ]);
    const sent = JSON.parse(stdout) as Readonly<Record<string, readonly string[]>>;
    const listed = (contract: string): readonly string[] => Object.values(UNSENT).flatMap((by) => by[contract] ?? []);
    const own = new Set(
      allRecords().flatMap(({ contract, foreign }) => (foreign && contract !== "TestDollar" ? [] : [contract])),
    );
    const [unexplained, needless]: [string[], string[]] = [[], []];
    let count = 0;
    for (const contract of own) {
      const { abi } = await hre.artifacts.readArtifact(contract);
      const functions = new Interface(abi).fragments.filter(FunctionFragment.isFunction);
      const names = functions.flatMap((one) => {
        if (one.constant) return [];
        const isOverloaded = functions.filter(({ name }) => name === one.name).length > 1;
        return [isOverloaded ? one.format("sighash") : one.name];
      });
      const isSent = (name: string): boolean => sent[contract]?.includes(name) === true;
      const explained = listed(contract);
      unexplained.push(
        ...names.filter((name) => !isSent(name) && !explained.includes(name)).map((n) => `${contract}.${n}`),
      );
      // What a command sends after all, and what no contract has.
      needless.push(
        ...explained.filter((name) => isSent(name) || !names.includes(name)).map((n) => `${contract}.${n}`),
      );
      count += names.filter(isSent).length;
    }
    expect(unexplained).to.deep.equal([]);
    expect(needless).to.deep.equal([]);
    expect(
      Object.values(UNSENT)
        .flatMap((by) => Object.keys(by))
        .filter((contract) => !own.has(contract)),
    ).to.deep.equal([]);
    expect(count).to.be.above(150);
  });
});
