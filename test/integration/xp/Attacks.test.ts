import { expect } from "chai";
import { MaxUint256, ZeroHash } from "ethers";
import hre, { network } from "hardhat";

import { deploy } from "../../../src/deployment/deploy.js";
import { type Address, signConsent } from "../../../src/xp/agents.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const XP = 10n ** 18n;
const DOLLAR = 10n ** 6n;
const DAY = 86_400n;
const MINTER = 1n;
const DIAMOND = 5n;

/** The 54th week: all XP may exist, so that what is handed out here leaves the pool enough. */
const EPOCH = 54n;

/** The flywheel as it is deployed alone, a year on; the administrator also mints, which stands for weeks of work. */
async function ready() {
  const { deployment } = await deploy(hre, connection, { economy: "xp" });
  const [, admin, pool, member, client] = await ethers.getSigners();
  if (!admin || !pool || !member || !client) throw new Error("the chain has too few accounts");
  const { xp, accessManager, agentRegistry: registry, serviceMarket: market, paymentToken: dollar } = deployment.xp;
  await networkHelpers.time.increase((EPOCH - 1n) * 7n * DAY);
  await accessManager.connect(admin).grantRole(MINTER, admin, 0n);
  for (const who of [admin, pool, member, client]) {
    await xp.connect(admin).mint(who, 5_000_000n * XP);
    await dollar.connect(who).faucet(who, 2_000_000n * DOLLAR);
    await dollar.connect(who).approve(market, MaxUint256);
    await xp.connect(who).approve(deployment.xp.feeTiers, MaxUint256);
    await xp.connect(who).approve(deployment.xp.reputation, MaxUint256);
  }
  /** Opens a job for any agent. @returns its number */
  async function open(by: typeof client, payment: bigint, minTrust = 0n): Promise<bigint> {
    const now = BigInt(await networkHelpers.time.latest());
    await market.connect(by).open(0n, payment, minTrust, now + DAY, DAY, ZeroHash);
    return market.jobCount();
  }
  return { ...deployment.xp, registry, market, dollar, admin, pool, member, client, open };
}

describe("What docs/xp.md says of attacks on the flywheel", () => {
  it("lets an account with a tier lend its fee for the acceptance of a job, without keeping agent, payment or XP", async () => {
    const { feeTiers, registry, market, redistributor, xp, pool, member, client, open } =
      await networkHelpers.loadFixture(ready);
    await registry.connect(pool)["register()"](); // agent 1, so that the pool may buy a tier
    await feeTiers.connect(pool).burnForTier(DIAMOND, 25n, MaxUint256);
    await registry.connect(member)["register()"]();
    const job = await open(client, 1_000_000n * DOLLAR);

    await registry.connect(member).transferFrom(member, pool, 2n);
    const deadline = BigInt(await networkHelpers.time.latest()) + 60n;
    const { chainId } = await ethers.provider.getNetwork();
    const consent = await signConsent(
      member,
      { chainId, registry: (await registry.getAddress()) as Address },
      { agentId: 2n, newWallet: member.address as Address, owner: pool.address as Address, deadline },
    );
    await registry.connect(pool).setAgentWallet(2n, member, deadline, consent);
    await market.connect(pool).accept(job, 2n, 25n);
    await registry.connect(pool).transferFrom(pool, member, 2n);

    await market.connect(member).deliver(job, ZeroHash);
    await market.connect(client).settle(job);
    expect((await market.jobOf(job)).feeBps).to.equal(25n);
    expect(await market.creditOf(member)).to.equal((1_000_000n - 2_500n + 50_000n) * DOLLAR);
    expect(await market.creditOf(pool)).to.equal(0n);
    await networkHelpers.time.increase(7n * DAY);
    const before = await xp.balanceOf(member);
    await redistributor.connect(member).claim(2n, EPOCH, member);
    expect((await xp.balanceOf(member)) - before).to.be.within(1n, 2_500n * 20n * XP);
  });

  it("lets a fresh agent buy eighty points of trust with a job of one unit and a thousand XP, and give the XP back", async () => {
    const { registry, market, reputation, member, client, pool, open } = await networkHelpers.loadFixture(ready);
    const wanted = await open(client, 10_000n * DOLLAR, 80n);
    await registry.connect(member)["register()"]();
    await expect(market.connect(member).accept(wanted, 1n, 250n)).to.be.revertedWithCustomError(
      market,
      "ServiceMarket_TrustTooLow",
    );
    const dust = await open(pool, 1n); // a second address of the same person
    await market.connect(member).accept(dust, 1n, 250n);
    await market.connect(member).deliver(dust, ZeroHash);
    await market.connect(pool).settle(dust);
    await reputation.connect(member).lock(1n, 1_000n * XP);
    await market.connect(member).accept(wanted, 1n, 250n);
    await reputation.connect(member).unlock(1n, 1_000n * XP);
    expect((await market.jobOf(wanted)).agentId).to.equal(1n);
    expect((await reputation.trustOf(1n)) / XP).to.equal(50n);
  });

  it("lets the treasury pay an agent of its own and get the fee back", async () => {
    const {
      registry,
      market,
      redistributor,
      dollar,
      xp,
      admin: treasury,
      member,
      open,
    } = await networkHelpers.loadFixture(ready);
    expect(await market.treasury()).to.equal(treasury.address);
    await registry.connect(member)["register()"]();
    const held = async () => (await dollar.balanceOf(treasury)) + (await dollar.balanceOf(member));
    const before = await held();
    const job = await open(treasury, 1_000_000n * DOLLAR);
    await market.connect(member).accept(job, 1n, 250n);
    await market.connect(member).deliver(job, ZeroHash);
    await market.connect(treasury).settle(job);
    await market.connect(member).withdraw(member);
    await market.connect(member).collectFees();
    expect(await held()).to.equal(before);
    await networkHelpers.time.increase(7n * DAY);
    const had = await xp.balanceOf(member);
    await redistributor.connect(member).claim(1n, EPOCH, member);
    expect(await xp.balanceOf(member)).to.be.greaterThan(had + 250_000n * XP);
  });
});
