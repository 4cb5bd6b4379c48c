import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";
import { network } from "hardhat";

const UNIT = 10n ** 18n;
const DAY = 86_400;
const TERMS = { vCpus: 4n, memoryMB: 8_192n, diskGB: 100n, duration: 3n * 86_400n };

/** Limits of leases' calls, with accounts that delegate; needs the bytecode that is deployed. */
describe("review of XE's gas", () => {
  async function begin() {
    const { ethers, networkHelpers } = await network.create();
    const [owner, ada, ben] = await ethers.getSigners();
    if (!owner || !ada || !ben) throw new Error("no accounts");
    const manager = await ethers.deployContract("AccessManager", [owner]);
    const ledger = await ethers.deployContract("DualAssetLedger", [manager, true, owner, 1_000_000n * UNIT]);
    const xusd = await ethers.getContractAt("AssetFace", await ledger.xusd());
    for (const who of [ada, ben]) {
      await xusd.transfer(who, 1_000n * UNIT);
      await ledger.connect(who).delegate(who);
    }
    const gas = async (sent: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) => (await (await sent).wait())?.gasUsed ?? 0n;
    return { ledger, ada, ben, gas, time: networkHelpers.time };
  }

  it("lease <= 150,000: the first of a ledger, of a consumer who delegates", async () => {
    const { ledger, ada, gas } = await begin();
    const used = await gas(ledger.connect(ada).lease(TERMS, ZeroAddress, MaxUint256) as never);
    console.log("lease", used);
    expect(used <= 150_000n).to.equal(true);
  });

  it("accept <= 110,000: of a provider who delegates", async () => {
    const { ledger, ada, ben, gas } = await begin();
    await ledger.connect(ada).lease(TERMS, ZeroAddress, MaxUint256);
    const used = await gas(ledger.connect(ben).acceptLease(await ledger.headOf(ada)) as never);
    console.log("accept", used);
    expect(used <= 110_000n).to.equal(true);
  });

  it("settle <= 130,000: with a lapsed objection, both delegating", async () => {
    const { ledger, ada, ben, gas, time } = await begin();
    await ledger.connect(ada).lease(TERMS, ZeroAddress, MaxUint256);
    const id = await ledger.headOf(ada);
    await ledger.connect(ben).acceptLease(id);
    await ledger.connect(ada).objectToLease(id);
    await time.increase(8 * DAY);
    const used = await gas(ledger.connect(ben).settleLease(id) as never);
    console.log("settle", used);
    expect(used <= 130_000n).to.equal(true);
  });

  it("settle <= 130,000: without an objection, a provider who delegates", async () => {
    const { ledger, ada, ben, gas, time } = await begin();
    await ledger.connect(ada).lease(TERMS, ZeroAddress, MaxUint256);
    const id = await ledger.headOf(ada);
    await ledger.connect(ben).acceptLease(id);
    await time.increase(8 * DAY);
    const used = await gas(ledger.connect(ben).settleLease(id) as never);
    console.log("settle plain", used);
    expect(used <= 130_000n).to.equal(true);
  });
});
