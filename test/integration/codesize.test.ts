import { expect } from "chai";
import hre from "hardhat";

import { CODE_LIMITS } from "../../bench/report.js";
import { codeSizes } from "../../bench/sizes.js";

/** Instrumented code is larger, so a coverage run reads the sizes without holding them against the limits. */
describe("Code size", () => {
  it("is known of every contract that is deployed", async () => {
    const names = (await codeSizes(hre)).map(({ contract }) => contract);
    expect(names).to.include.members(["XRank", "XME", "XMEX", "Genesis", "EmissionVault", "PublicSale"]);
    expect(names).to.include.members(["MerkleAirdrop", "Vesting", "LiquiditySeeder"]);
    expect(names).to.include.members(["XP", "TestDollar", "AgentRegistry", "ServiceMarket", "FeeTiers", "TierRouter"]);
    expect(names).to.include.members(["EpochRedistributor", "Reputation", "XPMarket", "PoolOpener"]);
    expect(names).to.include.members(["VotingXME", "XmeGovernor", "PolicyRegistry", "Badge", "BuybackBurner"]);
    expect(names).to.include.members(["AdSettlement", "NodeStaking"]);
    expect(names).to.include.members(["DualAssetLedger", "AssetFace", "XeGovernor"]);
    expect(names, "interfaces have no code").not.to.include("IBurnableToken");
  });

  it("is within 24,576 bytes of runtime code and 49,152 of creation code", async () => {
    for (const { contract, runtime, creation } of await codeSizes(hre)) {
      expect(runtime, `runtime code of ${contract}`).to.be.greaterThan(0);
      expect(creation, `creation code of ${contract}`).to.be.greaterThan(runtime);
      if (hre.globalOptions.coverage) continue;
      expect(runtime, `runtime code of ${contract}`).to.be.at.most(CODE_LIMITS.runtime);
      expect(creation, `creation code of ${contract}`).to.be.at.most(CODE_LIMITS.creation);
    }
  });
});
