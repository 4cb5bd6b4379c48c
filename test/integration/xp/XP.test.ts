import { expect } from "chai";
import hre, { network } from "hardhat";

import { EPOCH_LENGTH, XPSupplyModel, XP_MAX_SUPPLY, epochAt, epochStart } from "../../../src/xp/epochs.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const MINTER = 1n;
const ONE = 10n ** 18n;
const WEEK = 604_800n;
const NEVER = 2n ** 40n;

describe("XP", () => {
  async function deployed() {
    const [governance, minter, alice, bob, stranger] = await ethers.getSigners();
    if (!governance || !minter || !alice || !bob || !stranger) throw new Error("too few accounts");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const xp = await ethers.deployContract("XP", [manager]);
    const start = BigInt(await networkHelpers.time.latest());
    await manager.setTargetFunctionRole(xp, [xp.interface.getFunction("mint").selector], MINTER);
    await manager.grantRole(MINTER, minter, 0n);
    return { governance, minter, alice, bob, stranger, manager, xp, start };
  }

  /** Half of all that can exist is there, Alice's, minted in epoch 1. */
  async function half() {
    const world = await deployed();
    await world.xp.connect(world.minter).mint(world.alice, XP_MAX_SUPPLY / 2n);
    return world;
  }

  const at = (time: bigint) => networkHelpers.time.setNextBlockTimestamp(time);

  describe("constructor", () => {
    it("refuses an authority without code", async () => {
      const { xp, stranger } = await networkHelpers.loadFixture(deployed);
      await expect(ethers.deployContract("XP", [stranger]))
        .to.be.revertedWithCustomError(xp, "XP_AuthorityHasNoCode")
        .withArgs(stranger.address);
    });

    it("shows names, authority, maximum and start, and creates nothing", async () => {
      const { xp, manager, start } = await networkHelpers.loadFixture(deployed);
      expect([await xp.name(), await xp.symbol(), await xp.decimals()]).to.deep.equal(["Xonomy XP", "XP", 18n]);
      expect(await xp.authority()).to.equal(await manager.getAddress());
      expect(await xp.MAX_SUPPLY()).to.equal(100_000_000n * ONE);
      expect(await xp.MAX_SUPPLY()).to.equal(XP_MAX_SUPPLY);
      expect(await xp.EPOCH_LENGTH()).to.equal(WEEK);
      expect(await xp.EPOCH_LENGTH()).to.equal(EPOCH_LENGTH);
      expect(await xp.start()).to.equal(start);
      expect([await xp.totalSupply(), await xp.totalMinted(), await xp.totalBurned()]).to.deep.equal([0n, 0n, 0n]);
    });
  });

  describe("the clock", () => {
    it("counts epochs from 1, each from its first second to the next one's", async () => {
      const { xp, start } = await networkHelpers.loadFixture(deployed);
      expect(await xp.currentEpoch()).to.equal(1n);
      expect(await xp.epochStart(1n)).to.equal(start);
      for (const [elapsed, epoch] of [
        [WEEK - 1n, 1n],
        [WEEK, 2n],
        [2n * WEEK - 1n, 2n],
        [2n * WEEK, 3n],
        [52n * WEEK - 1n, 52n],
        [5_000n * WEEK, 5_001n],
      ] as const) {
        await networkHelpers.time.increaseTo(start + elapsed);
        expect(await xp.currentEpoch(), `${elapsed} s after the start`).to.equal(epoch);
        expect(epochAt(start, start + elapsed)).to.equal(epoch);
        expect(await xp.epochStart(epoch)).to.equal(start + (epoch - 1n) * WEEK);
        expect(epochStart(start, epoch)).to.equal(await xp.epochStart(epoch));
      }
      await expect(xp.epochStart(0n)).to.be.revertedWithPanic(0x11n);
    });

    it("cannot be moved by anybody: no function writes it", async () => {
      const { xp } = await networkHelpers.loadFixture(deployed);
      const writing: string[] = [];
      xp.interface.forEachFunction(({ name, stateMutability }) => {
        if (stateMutability !== "view" && stateMutability !== "pure") writing.push(name);
      });
      expect(writing.sort()).to.deep.equal(
        ["approve", "burn", "burnFrom", "mint", "permit", "setAuthority", "transfer", "transferFrom"].sort(),
      );
    });
  });

  describe("mint", () => {
    it("refuses anybody without the role, governance too once the role is mapped", async () => {
      const { xp, governance, stranger } = await networkHelpers.loadFixture(deployed);
      for (const caller of [governance, stranger]) {
        await expect(xp.connect(caller).mint(caller, 1n))
          .to.be.revertedWithCustomError(xp, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses one wei above the maximum, whoever may mint, and takes the last one", async () => {
      const { xp, minter, bob } = await networkHelpers.loadFixture(half);
      const room = XP_MAX_SUPPLY / 2n;
      await expect(xp.connect(minter).mint(bob, room + 1n))
        .to.be.revertedWithCustomError(xp, "XP_SupplyExceeded")
        .withArgs(room + 1n, room);
      await expect(xp.connect(minter).mint(bob, 2n ** 256n - 1n))
        .to.be.revertedWithCustomError(xp, "XP_SupplyExceeded")
        .withArgs(2n ** 256n - 1n, room);
      await xp.connect(minter).mint(bob, room);
      expect(await xp.totalSupply()).to.equal(XP_MAX_SUPPLY);
      await expect(xp.connect(minter).mint(bob, 1n))
        .to.be.revertedWithCustomError(xp, "XP_SupplyExceeded")
        .withArgs(1n, 0n);
    });

    it("refuses the zero address", async () => {
      const { xp, minter } = await networkHelpers.loadFixture(deployed);
      await expect(xp.connect(minter).mint(ethers.ZeroAddress, 1n))
        .to.be.revertedWithCustomError(xp, "ERC20InvalidReceiver")
        .withArgs(ethers.ZeroAddress);
    });

    it("creates XP and counts it in its epoch, more than once", async () => {
      const { xp, minter, alice, bob, start } = await networkHelpers.loadFixture(half);
      await at(start + 3n * WEEK);
      await expect(xp.connect(minter).mint(bob, 5n))
        .to.emit(xp, "Transfer")
        .withArgs(ethers.ZeroAddress, bob.address, 5n);
      await xp.connect(minter).mint(alice, 7n);
      expect(await xp.balanceOf(bob)).to.equal(5n);
      expect(await xp.mintedIn(1n)).to.equal(XP_MAX_SUPPLY / 2n);
      for (const idle of [0n, 2n, 3n, 5n]) expect(await xp.mintedIn(idle)).to.equal(0n);
      expect(await xp.mintedIn(4n)).to.equal(12n);
      expect(await xp.totalMinted()).to.equal(XP_MAX_SUPPLY / 2n + 12n);
    });

    it("can create again what was burned", async () => {
      const { xp, minter, alice } = await networkHelpers.loadFixture(half);
      await xp.connect(alice).burn(XP_MAX_SUPPLY / 2n);
      await xp.connect(minter).mint(alice, XP_MAX_SUPPLY);
      expect(await xp.totalSupply()).to.equal(XP_MAX_SUPPLY);
      expect(await xp.totalMinted()).to.equal((XP_MAX_SUPPLY * 3n) / 2n);
    });
  });

  describe("burn and burnFrom", () => {
    it("fail in the token above the balance or the allowance, and count nothing", async () => {
      const { xp, alice, bob } = await networkHelpers.loadFixture(half);
      const balance = XP_MAX_SUPPLY / 2n;
      await expect(xp.connect(alice).burn(balance + 1n))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientBalance")
        .withArgs(alice.address, balance, balance + 1n);
      await xp.connect(alice).approve(bob, 9n);
      await expect(xp.connect(bob).burnFrom(alice, 10n))
        .to.be.revertedWithCustomError(xp, "ERC20InsufficientAllowance")
        .withArgs(bob.address, 9n, 10n);
      expect(await xp.totalBurned()).to.equal(0n);
    });

    it("destroy XP and count it in the running epoch", async () => {
      const { xp, alice, bob } = await networkHelpers.loadFixture(half);
      await expect(xp.connect(alice).burn(30n))
        .to.emit(xp, "Transfer")
        .withArgs(alice.address, ethers.ZeroAddress, 30n);
      await xp.connect(alice).approve(bob, 9n);
      await xp.connect(bob).burnFrom(alice, 4n);
      expect(await xp.allowance(alice, bob)).to.equal(5n);
      expect(await xp.balanceOf(alice)).to.equal(XP_MAX_SUPPLY / 2n - 34n);
      expect(await xp.totalSupply()).to.equal(XP_MAX_SUPPLY / 2n - 34n);
      expect(await xp.totalBurned()).to.equal(34n);
      expect(await xp.burnedIn(1n)).to.equal(34n);
    });

    it("count nothing for a transfer, and cannot be imitated by one to the zero address", async () => {
      const { xp, alice, bob } = await networkHelpers.loadFixture(half);
      await xp.connect(alice).transfer(bob, 30n);
      expect(await xp.totalBurned()).to.equal(0n);
      await expect(xp.connect(alice).transfer(ethers.ZeroAddress, 1n))
        .to.be.revertedWithCustomError(xp, "ERC20InvalidReceiver")
        .withArgs(ethers.ZeroAddress);
    });

    it("keep the last second of an epoch apart from the first of the next", async () => {
      const { xp, alice, start } = await networkHelpers.loadFixture(half);
      await at(start + WEEK - 1n);
      await xp.connect(alice).burn(1n);
      await at(start + WEEK);
      await xp.connect(alice).burn(20n);
      expect([await xp.burnedIn(1n), await xp.burnedIn(2n)]).to.deep.equal([1n, 20n]);
    });

    it("keep the burns of each epoch over idle ones, before and after the next burn", async () => {
      const { xp, alice, start } = await networkHelpers.loadFixture(half);
      await xp.connect(alice).burn(1n);
      await networkHelpers.time.increaseTo(start + 100n * WEEK);
      expect(await xp.burnedIn(1n)).to.equal(1n);
      expect(await xp.burnedIn(101n)).to.equal(0n);
      await xp.connect(alice).burn(0n);
      expect(await xp.burnedIn(1n)).to.equal(1n);
      await networkHelpers.time.increaseTo(start + 101n * WEEK);
      await xp.connect(alice).burn(20n);
      await networkHelpers.time.increaseTo(start + 900n * WEEK);
      await xp.connect(alice).burn(300n);
      for (const [epoch, burned] of [
        [0n, 0n],
        [1n, 1n],
        [2n, 0n],
        [101n, 0n],
        [102n, 20n],
        [103n, 0n],
        [901n, 300n],
        [902n, 0n],
        [2n ** 32n + 901n, 0n],
        [2n ** 256n - 1n, 0n],
      ] as const) {
        expect(await xp.burnedIn(epoch), `epoch ${epoch}`).to.equal(burned);
      }
      expect(await xp.totalBurned()).to.equal(321n);
    });
  });

  it("has what was burned in week 1 available in week 2, and not before: the source's ten million", async () => {
    const { xp, alice, start } = await networkHelpers.loadFixture(half);
    const available = async () => (await xp.totalBurned()) - (await xp.burnedIn(await xp.currentEpoch()));
    await xp.connect(alice).burn(10_000_000n * ONE);
    expect(await available()).to.equal(0n);
    await networkHelpers.time.increaseTo(start + WEEK - 1n);
    expect(await available()).to.equal(0n);
    await networkHelpers.time.increaseTo(start + WEEK);
    expect(await available()).to.equal(10_000_000n * ONE);
    await xp.connect(alice).burn(ONE);
    expect(await available()).to.equal(10_000_000n * ONE);
  });

  it("takes a permit, once", async () => {
    const { xp, alice, bob } = await networkHelpers.loadFixture(half);
    const { chainId } = await ethers.provider.getNetwork();
    const domain = { name: "Xonomy XP", version: "1", chainId, verifyingContract: await xp.getAddress() };
    const message = { owner: alice.address, spender: bob.address, value: 5n, nonce: 0n, deadline: NEVER };
    const { v, r, s } = ethers.Signature.from(await alice.signTypedData(domain, PERMIT_TYPES, message));
    await xp.permit(alice, bob, 5n, NEVER, v, r, s);
    await xp.connect(bob).burnFrom(alice, 5n);
    expect(await xp.burnedIn(1n)).to.equal(5n);
    await expect(xp.permit(alice, bob, 5n, NEVER, v, r, s)).to.be.revertedWithCustomError(xp, "ERC2612InvalidSigner");
  });

  it(`agrees with the model over years of random mints and burns; replay with XONOMY_SEED=${SEED}`, async () => {
    const { xp, minter, alice, bob, start } = await networkHelpers.loadFixture(deployed);
    const random = new Random(SEED);
    const model = new XPSupplyModel(start);
    const done = { mint: 0, refused: 0, burn: 0, burnFrom: 0 };
    await xp.connect(alice).approve(bob, 2n ** 256n - 1n);
    let now = BigInt(await networkHelpers.time.latest());
    const asMinter = xp.connect(minter);
    for (let step = 0; step < 120; step++) {
      now += random.once(4n) ? random.between(WEEK, 60n * WEEK) : random.between(1n, WEEK / 2n);
      await at(now);
      const what = random.between(0n, 3n);
      if (what === 0n) {
        const amount = random.between(0n, XP_MAX_SUPPLY - model.totalSupply());
        await asMinter.mint(alice, amount);
        model.mint(now, amount);
        done.mint++;
      } else if (what === 1n) {
        const room = XP_MAX_SUPPLY - model.totalSupply();
        const excess = random.magnitude(1n, 10n ** 30n);
        await expect(asMinter.mint(alice, room + excess))
          .to.be.revertedWithCustomError(xp, "XP_SupplyExceeded")
          .withArgs(room + excess, room);
        expect(() => {
          model.mint(now, room + excess);
        }).to.throw(RangeError);
        await networkHelpers.mine(); // a refusal leaves no block behind
        done.refused++;
      } else {
        const amount = random.between(0n, model.totalSupply()) / random.magnitude(1n, 10n ** 12n);
        await (what === 2n ? xp.connect(alice).burn(amount) : xp.connect(bob).burnFrom(alice, amount));
        model.burn(now, amount);
        done[what === 2n ? "burn" : "burnFrom"]++;
      }
      const epoch = epochAt(start, now);
      const why = `step ${step}, epoch ${epoch}, XONOMY_SEED=${SEED}`;
      expect(await xp.currentEpoch(), why).to.equal(epoch);
      expect(await xp.totalSupply(), why).to.equal(model.totalSupply());
      expect(await xp.totalMinted(), why).to.equal(model.totalMinted());
      expect(await xp.totalBurned(), why).to.equal(model.totalBurned());
      expect((await xp.totalBurned()) - (await xp.burnedIn(epoch)), why).to.equal(model.burnedBefore(epoch));
      for (const some of [epoch, epoch - 1n, random.between(0n, epoch), random.between(0n, epoch)]) {
        expect(await xp.burnedIn(some), `burned in ${some}, ${why}`).to.equal(model.burnedIn(some));
        expect(await xp.mintedIn(some), `minted in ${some}, ${why}`).to.equal(model.mintedIn(some));
      }
    }
    expect(Math.min(...Object.values(done)), JSON.stringify(done)).to.be.at.least(8);
  });

  it("burns at a cost that idle epochs do not change", async () => {
    const gas: bigint[] = [];
    for (const idle of [1n, 100n, 500n]) {
      const { xp, alice, start } = await half();
      await xp.connect(alice).burn(1n);
      await networkHelpers.time.increaseTo(start + idle * WEEK);
      const receipt = await (await xp.connect(alice).burn(2n)).wait();
      gas.push(receipt?.gasUsed ?? 0n);
    }
    if (hre.globalOptions.coverage) return;
    expect(new Set(gas).size, gas.join(", ")).to.equal(1);
    expect(gas[0], "the first burn of an epoch, after one with a mint and burns").to.be.below(50_000n);
  });
});
