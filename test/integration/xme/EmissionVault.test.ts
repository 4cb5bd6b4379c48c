import { expect } from "chai";
import { ZeroAddress, id } from "ethers";
import hre, { network } from "hardhat";

import {
  EMISSION_ALLOCATION,
  EMISSION_DURATION,
  EMISSION_STREAMS,
  EmissionModel,
  emissionLine,
  emissionUnlocked,
} from "../../../src/xme/emission.js";
import type { EmissionVault } from "../../../typechain-types/index.js";

const { ethers, networkHelpers } = await network.create();

const DAY = 86_400n;
const YEAR = 365n * DAY;
const MONTH = 30n * DAY;
const HUNDRED_YEARS = 100n * YEAR;

type Shares = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
const SHARES: Shares = [4_000n, 1_000n, 3_000n, 1_999n, 1n, 0n, 0n, 0n];
const OTHER_SHARES: Shares = [0n, 1_000n, 6_000n, 0n, 0n, 2_500n, 500n, 0n];
const ONLY_FIRST: Shares = [10_000n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
const UNKNOWN = [8n, 2n ** 256n - 1n];

/** Eight shares that sum to 100 %, many of them zero. */
function randomShares(dice: bigint): Shares {
  let left = 10_000n;
  const shares = Array.from({ length: EMISSION_STREAMS }, (_, stream) => {
    const roll = BigInt(id(`${dice} share ${stream}`));
    const share = stream === EMISSION_STREAMS - 1 ? left : roll % 3n === 0n ? 0n : (roll >> 8n) % (left + 1n);
    left -= share;
    return share;
  });
  return shares as Shares;
}

describe("EmissionVault", () => {
  async function deployVault(funded = EMISSION_ALLOCATION, delay = DAY, shares = SHARES) {
    const [deployer, governance, mining, nodes, stranger] = await ethers.getSigners();
    if (!deployer || !governance || !mining || !nodes || !stranger) throw new Error("too few accounts");
    const xmex = await ethers.deployContract("XMEX");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const start = BigInt(await networkHelpers.time.latest()) + delay;
    const vault = await ethers.deployContract("EmissionVault", [xmex, manager, start, shares]);
    await xmex.transfer(vault, funded);
    const governed = vault.connect(governance);
    await governed.setDrawer(0n, mining);
    await governed.setDrawer(2n, nodes);
    return { deployer, governance, mining, nodes, stranger, xmex, manager, start, vault, governed };
  }

  const ready = () => deployVault();
  const unfunded = () => deployVault(0n);

  /** The vault one year into its release. */
  async function yearOld() {
    const world = await deployVault();
    await networkHelpers.time.increaseTo(world.start + YEAR);
    return world;
  }

  describe("constructor", () => {
    it("refuses a token without code", async () => {
      const { vault, stranger, manager, start } = await networkHelpers.loadFixture(ready);
      await expect(ethers.deployContract("EmissionVault", [stranger, manager, start, SHARES]))
        .to.be.revertedWithCustomError(vault, "EmissionVault_TokenHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses an authority without code", async () => {
      const { vault, xmex, stranger, start } = await networkHelpers.loadFixture(ready);
      await expect(ethers.deployContract("EmissionVault", [xmex, stranger, start, SHARES]))
        .to.be.revertedWithCustomError(vault, "EmissionVault_AuthorityHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses a start more than 30 days back or ahead, and takes the two edges", async () => {
      const { vault, xmex, manager } = await networkHelpers.loadFixture(ready);
      const deployAt = async (now: bigint, start: bigint) => {
        await networkHelpers.time.setNextBlockTimestamp(now);
        return ethers.deployContract("EmissionVault", [xmex, manager, start, SHARES]);
      };
      let now = BigInt(await networkHelpers.time.latest());
      for (const start of [-MONTH - 1n, MONTH + 1n]) {
        now += 100n;
        await expect(deployAt(now, now + start))
          .to.be.revertedWithCustomError(vault, "EmissionVault_StartOutOfRange")
          .withArgs(now + start, now, MONTH);
      }
      now += 100n;
      await expect(deployAt(now, 0n)).to.be.revertedWithCustomError(vault, "EmissionVault_StartOutOfRange");
      for (const start of [-MONTH, MONTH]) {
        now += 100n;
        expect(await (await deployAt(now, now + start)).start()).to.equal(now + start);
      }
    });

    it("accrues from a start that lies back, so that the streams sum to what is unlocked", async () => {
      const { vault, start } = await deployVault(EMISSION_ALLOCATION, -20n * DAY);
      const now = BigInt(await networkHelpers.time.latest());
      let sum = 0n;
      for (let stream = 0n; stream < 8n; stream++) sum += await vault.accrued(stream);
      expect(sum).to.equal(await vault.unlocked());
      expect(sum).to.equal(emissionUnlocked(now - start));
      expect(now - start >= 20n * DAY).to.equal(true);
    });

    it("refuses shares that do not sum to 100 %", async () => {
      const { vault, xmex, manager, start } = await networkHelpers.loadFixture(ready);
      for (const first of [9_999n, 10_001n, 0n]) {
        await expect(
          ethers.deployContract("EmissionVault", [xmex, manager, start, [first, 0n, 0n, 0n, 0n, 0n, 0n, 0n]]),
        )
          .to.be.revertedWithCustomError(vault, "EmissionVault_ShareSumNot100Percent")
          .withArgs(first);
      }
    });

    it("shows token, start, shares and authority, and announces the shares", async () => {
      const { vault, xmex, manager, start } = await networkHelpers.loadFixture(ready);
      expect(await vault.token()).to.equal(await xmex.getAddress());
      expect(await vault.authority()).to.equal(await manager.getAddress());
      expect(await vault.start()).to.equal(start);
      expect([...(await vault.shares())]).to.deep.equal(SHARES);
      expect(await vault.ALLOCATION()).to.equal(EMISSION_ALLOCATION);
      expect(await vault.DURATION()).to.equal(EMISSION_DURATION);
      expect(await vault.STREAMS()).to.equal(EMISSION_STREAMS);
      await expect(vault.deploymentTransaction()).to.emit(vault, "SharesChanged").withArgs(SHARES);
    });

    it("names no drawer", async () => {
      const { xmex, manager, start } = await networkHelpers.loadFixture(ready);
      const fresh = await ethers.deployContract("EmissionVault", [xmex, manager, start, SHARES]);
      for (let stream = 0n; stream < 8n; stream++) expect(await fresh.drawerOf(stream)).to.equal(ZeroAddress);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("EmissionVault");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("unlocked", () => {
    it("is zero until the start has come", async () => {
      const { vault, start } = await networkHelpers.loadFixture(ready);
      expect(await vault.unlocked()).to.equal(0n);
      expect(await vault.unlockedAt(0n)).to.equal(0n);
      expect(await vault.unlockedAt(start)).to.equal(0n);
      expect(await vault.unlockedAt(start + 1n)).to.equal(emissionUnlocked(1n));
    });

    it("equals the model in any second of the eight years", async () => {
      const { vault, start } = await networkHelpers.loadFixture(ready);
      for (let point = 0n; point <= 60n; point++) {
        const elapsed = (EMISSION_DURATION * point) / 60n + (BigInt(id(`${point}`)) % 1_000n);
        const unlocked = await vault.unlockedAt(start + elapsed);
        expect(unlocked).to.equal(emissionUnlocked(elapsed));
        expect(emissionLine(elapsed) - unlocked).to.be.within(0n as never, 9_999n as never);
      }
    });

    it("stays ninety billion after eight years", async () => {
      const { vault, start } = await networkHelpers.loadFixture(ready);
      expect(await vault.unlockedAt(start + EMISSION_DURATION - 1n)).to.be.below(EMISSION_ALLOCATION);
      for (const elapsed of [EMISSION_DURATION, EMISSION_DURATION + 1n, HUNDRED_YEARS, 2n ** 200n]) {
        expect(await vault.unlockedAt(start + elapsed)).to.equal(EMISSION_ALLOCATION);
      }
    });
  });

  describe("draw", () => {
    it("refuses a stream that does not exist", async () => {
      const { vault } = await networkHelpers.loadFixture(yearOld);
      for (const stream of UNKNOWN) {
        await expect(vault.draw(stream, vault, 0n))
          .to.be.revertedWithCustomError(vault, "EmissionVault_UnknownStream")
          .withArgs(stream);
        for (const view of ["accrued", "available", "netDrawn", "drawerOf"] as const) {
          await expect(vault.getFunction(view)(stream)).to.be.revertedWithCustomError(
            vault,
            "EmissionVault_UnknownStream",
          );
        }
      }
    });

    it("refuses a stranger, governance, and the drawer of another stream", async () => {
      const { vault, governance, nodes, mining, stranger } = await networkHelpers.loadFixture(yearOld);
      for (const caller of [stranger, governance, nodes]) {
        await expect(vault.connect(caller).draw(0n, caller, 1n))
          .to.be.revertedWithCustomError(vault, "EmissionVault_NotDrawer")
          .withArgs(0n, caller.address, mining.address);
      }
    });

    it("refuses everybody where there is no drawer", async () => {
      const { vault, governance, mining } = await networkHelpers.loadFixture(yearOld);
      for (const caller of [governance, mining]) {
        await expect(vault.connect(caller).draw(1n, caller, 1n))
          .to.be.revertedWithCustomError(vault, "EmissionVault_NotDrawer")
          .withArgs(1n, caller.address, ZeroAddress);
      }
    });

    it("refuses to draw to the vault itself", async () => {
      const { vault, mining } = await networkHelpers.loadFixture(yearOld);
      await expect(vault.connect(mining).draw(0n, vault, 1n))
        .to.be.revertedWithCustomError(vault, "EmissionVault_RecipientIsVault")
        .withArgs(0n);
    });

    it("refuses one wei above what the stream has", async () => {
      const { vault, mining, start } = await networkHelpers.loadFixture(yearOld);
      const available = (emissionUnlocked(YEAR + 10n) * 4n) / 10n;
      await networkHelpers.time.setNextBlockTimestamp(start + YEAR + 10n);
      await expect(vault.connect(mining).draw(0n, mining, available + 1n))
        .to.be.revertedWithCustomError(vault, "EmissionVault_AboveAvailable")
        .withArgs(0n, available + 1n, available);
    });

    it("fails in the token while the vault has not been funded", async () => {
      const { vault, xmex, mining, start } = await networkHelpers.loadFixture(unfunded);
      await networkHelpers.time.increaseTo(start + YEAR);
      await expect(vault.connect(mining).draw(0n, mining, 1n)).to.be.revertedWithCustomError(
        xmex,
        "ERC20InsufficientBalance",
      );
    });

    it("sends an available amount, counts it and tells", async () => {
      const { vault, xmex, mining, stranger } = await networkHelpers.loadFixture(yearOld);
      const amount = 10n ** 27n;
      await expect(vault.connect(mining).draw(0n, stranger, amount))
        .to.emit(vault, "Drawn")
        .withArgs(0n, mining.address, stranger.address, amount);
      expect(await xmex.balanceOf(stranger)).to.equal(amount);
      expect(await xmex.balanceOf(vault)).to.equal(EMISSION_ALLOCATION - amount);
      expect(await vault.netDrawn(0n)).to.equal(amount);
      expect(await vault.available(0n)).to.equal((await vault.accrued(0n)) - amount);
      expect(await vault.netDrawn(2n)).to.equal(0n);
    });

    it("allows zero", async () => {
      const { vault, mining } = await networkHelpers.loadFixture(ready);
      await expect(vault.connect(mining).draw(0n, mining, 0n))
        .to.emit(vault, "Drawn")
        .withArgs(0n, mining.address, mining.address, 0n);
    });
  });

  describe("drawAvailable", () => {
    it("refuses a stream that does not exist, a caller who is not its drawer and the vault as recipient", async () => {
      const { vault, mining } = await networkHelpers.loadFixture(yearOld);
      const asMining = vault.connect(mining);
      await expect(asMining.drawAvailable(8n, mining)).to.be.revertedWithCustomError(
        vault,
        "EmissionVault_UnknownStream",
      );
      await expect(asMining.drawAvailable(2n, mining)).to.be.revertedWithCustomError(vault, "EmissionVault_NotDrawer");
      await expect(asMining.drawAvailable(0n, vault)).to.be.revertedWithCustomError(
        vault,
        "EmissionVault_RecipientIsVault",
      );
    });

    it("does nothing and says zero where nothing is available", async () => {
      const { vault, mining } = await networkHelpers.loadFixture(unfunded);
      expect(await vault.connect(mining).drawAvailable.staticCall(0n, mining)).to.equal(0n);
      await expect(vault.connect(mining).drawAvailable(0n, mining)).not.to.emit(vault, "Drawn");
    });

    it("sends all of it and says how much", async () => {
      const { vault, xmex, mining, start } = await networkHelpers.loadFixture(yearOld);
      const expected = (emissionUnlocked(2n * YEAR) * 4n) / 10n;
      await networkHelpers.time.increaseTo(start + 2n * YEAR - 1n);
      await networkHelpers.time.setNextBlockTimestamp(start + 2n * YEAR);
      await expect(vault.connect(mining).drawAvailable(0n, mining))
        .to.emit(vault, "Drawn")
        .withArgs(0n, mining.address, mining.address, expected);
      expect(await xmex.balanceOf(mining)).to.equal(expected);
      expect(await vault.available(0n)).to.equal(0n);
    });
  });

  describe("returnTo", () => {
    it("refuses a stream that does not exist", async () => {
      const { vault } = await networkHelpers.loadFixture(yearOld);
      await expect(vault.returnTo(8n, 0n)).to.be.revertedWithCustomError(vault, "EmissionVault_UnknownStream");
    });

    it("fails in the token where the caller has not allowed it", async () => {
      const { vault, xmex } = await networkHelpers.loadFixture(yearOld);
      await expect(vault.returnTo(0n, 1n)).to.be.revertedWithCustomError(xmex, "ERC20InsufficientAllowance");
      expect(await vault.netDrawn(0n)).to.equal(0n);
    });

    it("credits what a drawer returns to that stream only", async () => {
      const { vault, xmex, mining } = await networkHelpers.loadFixture(yearOld);
      await vault.connect(mining).draw(0n, mining, 1_000n);
      await xmex.connect(mining).approve(vault, 400n);
      await expect(vault.connect(mining).returnTo(0n, 400n))
        .to.emit(vault, "Returned")
        .withArgs(0n, mining.address, 400n);
      expect(await vault.netDrawn(0n)).to.equal(600n);
      expect(await vault.available(0n)).to.equal((await vault.accrued(0n)) - 600n);
      for (const stream of [1n, 2n, 3n]) expect(await vault.netDrawn(stream)).to.equal(0n);
    });

    it("shows the contract that returns, not who called it", async () => {
      const { governance, manager, vault, xmex, deployer } = await networkHelpers.loadFixture(yearOld);
      // Any contract that makes calls will do; the access manager makes those that it is told to.
      const asManager = async (target: string, data: string) => manager.connect(governance).execute(target, data);
      await xmex.connect(deployer).transfer(manager, 70n);
      const approval = xmex.interface.encodeFunctionData("approve", [await vault.getAddress(), 70n]);
      await asManager(await xmex.getAddress(), approval);
      await expect(asManager(await vault.getAddress(), vault.interface.encodeFunctionData("returnTo", [0n, 70n])))
        .to.emit(vault, "Returned")
        .withArgs(0n, await manager.getAddress(), 70n);
      expect(await vault.netDrawn(0n)).to.equal(-70n);
    });

    it("credits more than was drawn from anybody, and keeps the net at or below the accrual", async () => {
      const { vault, xmex, deployer, nodes } = await networkHelpers.loadFixture(yearOld);
      const gift = 10n ** 27n;
      await xmex.connect(deployer).approve(vault, gift);
      await vault.connect(deployer).returnTo(2n, gift);
      expect(await vault.netDrawn(2n)).to.equal(-gift);
      expect(await vault.available(2n)).to.equal((await vault.accrued(2n)) + gift);
      await vault.connect(nodes).drawAvailable(2n, nodes);
      expect(await vault.netDrawn(2n)).to.equal(await vault.accrued(2n));
      expect(await xmex.balanceOf(nodes)).to.equal((await vault.accrued(2n)) + gift);
    });
  });

  it("credits a plain transfer to no stream", async () => {
    const { vault, xmex, deployer } = await networkHelpers.loadFixture(ready);
    await xmex.connect(deployer).transfer(vault, 10n ** 20n);
    for (let stream = 0n; stream < 8n; stream++) expect(await vault.available(stream)).to.equal(0n);
  });

  describe("setShares", () => {
    it("refuses anybody but governance", async () => {
      const { vault, mining, deployer } = await networkHelpers.loadFixture(ready);
      for (const caller of [mining, deployer]) {
        await expect(vault.connect(caller).setShares(OTHER_SHARES))
          .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses shares that do not sum to 100 %, and changes nothing", async () => {
      const { vault, governed } = await networkHelpers.loadFixture(yearOld);
      await expect(governed.setShares([5_000n, 5_001n, 0n, 0n, 0n, 0n, 0n, 0n]))
        .to.be.revertedWithCustomError(vault, "EmissionVault_ShareSumNot100Percent")
        .withArgs(10_001n);
      expect([...(await vault.shares())]).to.deep.equal(SHARES);
    });

    it("leaves what was accrued and shares what comes", async () => {
      const { vault, governed, start } = await networkHelpers.loadFixture(ready);
      const model = new EmissionModel(start, SHARES);
      await networkHelpers.time.setNextBlockTimestamp(start + YEAR);
      await expect(governed.setShares(OTHER_SHARES)).to.emit(vault, "SharesChanged").withArgs(OTHER_SHARES);
      for (let stream = 0; stream < 8; stream++) {
        expect(await vault.accrued(stream)).to.equal(model.accrued(stream, start + YEAR));
      }
      model.setShares(start + YEAR, OTHER_SHARES);
      await networkHelpers.time.increaseTo(start + 3n * YEAR);
      for (let stream = 0; stream < 8; stream++) {
        expect(await vault.accrued(stream)).to.equal(model.accrued(stream, start + 3n * YEAR));
      }
    });

    it("keeps what a stream without share has accrued drawable", async () => {
      const { vault, governed, mining, xmex, start } = await networkHelpers.loadFixture(ready);
      await networkHelpers.time.setNextBlockTimestamp(start + YEAR);
      await governed.setShares(OTHER_SHARES);
      await networkHelpers.time.increaseTo(start + 9n * YEAR);
      await vault.connect(mining).drawAvailable(0n, mining);
      expect(await xmex.balanceOf(mining)).to.equal((emissionUnlocked(YEAR) * 4n) / 10n);
    });

    it("shares from the start where the start has not come", async () => {
      const { vault, governed, start } = await networkHelpers.loadFixture(ready);
      await governed.setShares(ONLY_FIRST);
      await networkHelpers.time.increaseTo(start + YEAR);
      expect(await vault.accrued(0n)).to.equal(emissionUnlocked(YEAR));
      expect(await vault.accrued(2n)).to.equal(0n);
    });
  });

  describe("setDrawer", () => {
    it("refuses anybody but governance", async () => {
      const { vault, mining, deployer } = await networkHelpers.loadFixture(ready);
      for (const caller of [mining, deployer]) {
        await expect(vault.connect(caller).setDrawer(0n, caller))
          .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses a stream that does not exist", async () => {
      const { vault, governed, mining } = await networkHelpers.loadFixture(ready);
      await expect(governed.setDrawer(8n, mining)).to.be.revertedWithCustomError(vault, "EmissionVault_UnknownStream");
    });

    it("lets the new drawer draw what the old one left, and refuses the old one", async () => {
      const { vault, governed, mining, stranger, xmex } = await networkHelpers.loadFixture(yearOld);
      await vault.connect(mining).draw(0n, mining, 10n ** 27n);
      await expect(governed.setDrawer(0n, stranger))
        .to.emit(vault, "DrawerChanged")
        .withArgs(0n, mining.address, stranger.address);
      await expect(vault.connect(mining).draw(0n, mining, 1n))
        .to.be.revertedWithCustomError(vault, "EmissionVault_NotDrawer")
        .withArgs(0n, mining.address, stranger.address);
      await vault.connect(stranger).drawAvailable(0n, stranger);
      expect(await xmex.balanceOf(mining)).to.equal(10n ** 27n);
      expect((await xmex.balanceOf(stranger)) + 10n ** 27n).to.equal(await vault.accrued(0n));
    });

    it("lets governance name itself and take all that the stream has accrued and not drawn: an honest limit", async () => {
      const { vault, governed, governance, mining, xmex } = await networkHelpers.loadFixture(yearOld);
      await vault.connect(mining).draw(0n, mining, 10n ** 27n);
      await governed.setShares(OTHER_SHARES);
      const kept = await vault.available(0n);
      await networkHelpers.time.increase(DAY);
      expect(await vault.available(0n), "a change of shares alone moves no accrual").to.equal(kept);
      await governed.setDrawer(0n, governance);
      await governed.drawAvailable(0n, governance);
      expect(await xmex.balanceOf(governance)).to.equal(kept);
      expect(await vault.available(0n)).to.equal(0n);
      expect(await xmex.balanceOf(mining)).to.equal(10n ** 27n);
    });

    it("lets governance close the vault to itself and replace the authority, which stops no drawer", async () => {
      const { vault, governance, manager, mining, governed, stranger } = await networkHelpers.loadFixture(yearOld);
      const asManager = manager.connect(governance);
      await asManager.setTargetClosed(vault, true);
      await expect(governed.setDrawer(0n, governance)).to.be.revertedWithCustomError(
        vault,
        "AccessManagedUnauthorized",
      );
      await vault.connect(mining).draw(0n, mining, 1n);
      const successor = await ethers.deployContract("AccessManager", [stranger]);
      await asManager.updateAuthority(vault, successor);
      expect(await vault.authority()).to.equal(await successor.getAddress());
      await vault.connect(stranger).setDrawer(0n, stranger);
      expect(await vault.drawerOf(0n)).to.equal(stranger.address);
    });

    it("closes the stream for the zero address, and loses nothing", async () => {
      const { vault, governed, mining, start } = await networkHelpers.loadFixture(yearOld);
      await governed.setDrawer(0n, ZeroAddress);
      await expect(vault.connect(mining).drawAvailable(0n, mining)).to.be.revertedWithCustomError(
        vault,
        "EmissionVault_NotDrawer",
      );
      await networkHelpers.time.increaseTo(start + 2n * YEAR);
      expect(await vault.available(0n)).to.equal((emissionUnlocked(2n * YEAR) * 4n) / 10n);
    });
  });

  it("agrees with the model over eight years of random calls, to the wei, and releases exactly ninety billion", async () => {
    const { vault, governed, deployer, mining, xmex, start } = await networkHelpers.loadFixture(ready);
    const model = new EmissionModel(start, SHARES);
    for (let stream = 0n; stream < 8n; stream++) await governed.setDrawer(stream, mining);
    await xmex.connect(deployer).approve(vault, 2n ** 256n - 1n);
    const asMining = vault.connect(mining);
    const done = { draw: 0, refused: 0, drawAvailable: 0, returned: 0, shares: 0 };
    let now = start - DAY / 2n;
    for (let step = 0; now < start + EMISSION_DURATION; step++) {
      const dice = BigInt(id(`vault step ${step}`));
      const stream = Number(dice % 8n);
      now += 1n + ((dice >> 8n) % (40n * DAY));
      await networkHelpers.time.setNextBlockTimestamp(now);
      const available = model.available(stream, now);
      switch (Number((dice >> 64n) % 5n)) {
        case 0: {
          const amount = ((dice >> 72n) % (available + 1n)) / (step % 2 === 0 ? 1n : 3n);
          await asMining.draw(stream, deployer, amount);
          model.draw(stream, now, amount);
          done.draw++;
          break;
        }
        case 1:
          await expect(asMining.draw(stream, deployer, available + 1n))
            .to.be.revertedWithCustomError(vault, "EmissionVault_AboveAvailable")
            .withArgs(stream, available + 1n, available);
          expect(() => {
            model.draw(stream, now, available + 1n);
          }).to.throw(RangeError);
          await networkHelpers.mine(); // a refusal leaves no block behind
          done.refused++;
          break;
        case 2:
          await asMining.drawAvailable(stream, deployer);
          model.draw(stream, now, available);
          done.drawAvailable++;
          break;
        case 3: {
          const amount = (dice >> 72n) % 10n ** 27n;
          await vault.connect(deployer).returnTo(stream, amount);
          model.returnTo(stream, amount);
          done.returned++;
          break;
        }
        default: {
          const shares = randomShares(dice);
          await governed.setShares(shares);
          model.setShares(now, shares);
          done.shares++;
        }
      }
      let net = 0n;
      for (let each = 0; each < EMISSION_STREAMS; each++) {
        expect(await vault.accrued(each), `accrued(${each}) at step ${step}`).to.equal(model.accrued(each, now));
        expect(await vault.netDrawn(each), `netDrawn(${each}) at step ${step}`).to.equal(model.netDrawn(each));
        expect(await vault.available(each), `available(${each}) at step ${step}`).to.equal(model.available(each, now));
        net += model.netDrawn(each);
      }
      expect(await vault.unlocked()).to.equal(model.unlocked(now));
      expect(net <= emissionLine(now - start), `above the line at step ${step}`).to.equal(true);
    }
    for (let stream = 0n; stream < 8n; stream++) await asMining.drawAvailable(stream, deployer);
    expect(await xmex.balanceOf(vault)).to.equal(0n);
    let net = 0n;
    for (let stream = 0n; stream < 8n; stream++) net += await vault.netDrawn(stream);
    expect(net).to.equal(EMISSION_ALLOCATION);
    expect(Math.min(...Object.values(done)), JSON.stringify(done)).to.be.at.least(10);
  });

  describe("cost", () => {
    const gasOf = async (draw: ReturnType<EmissionVault["draw"]>) => (await (await draw).wait())?.gasUsed ?? 0n;

    it("does not depend on the streams in use nor on idle years", async () => {
      const gas: bigint[] = [];
      for (const [shares, years] of [
        [SHARES, 1n],
        [SHARES, 7n],
        [ONLY_FIRST, 1n],
        [ONLY_FIRST, 7n],
      ] as const) {
        const { vault, mining, start } = await deployVault(EMISSION_ALLOCATION, DAY, [...shares]);
        await vault.connect(mining).draw(0n, mining, 0n);
        await networkHelpers.time.increaseTo(start + years * YEAR);
        gas.push(await gasOf(vault.connect(mining).draw(0n, mining, 10n ** 18n)));
      }
      if (hre.globalOptions.coverage) return;
      expect(new Set(gas).size, gas.join(", ")).to.equal(1);
    });

    it("draws within its budget", async () => {
      const { vault, mining } = await networkHelpers.loadFixture(yearOld);
      const first = await gasOf(vault.connect(mining).drawAvailable(0n, mining));
      const next = await gasOf(vault.connect(mining).drawAvailable(0n, mining));
      if (hre.globalOptions.coverage) return;
      expect(first, "the first draw of a stream, to an account without XMEX").to.be.below(84_000n);
      expect(next, "a later draw, to an account with XMEX").to.be.below(50_000n);
    });
  });
});
