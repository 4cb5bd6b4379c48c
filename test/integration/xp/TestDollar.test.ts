import { expect } from "chai";
import { network } from "hardhat";

import { PERMIT_TYPES } from "../../support/permit.js";

const { ethers, networkHelpers } = await network.create();

const MILLION = 10n ** 6n;
const LIMIT = 100n * MILLION * MILLION;

describe("TestDollar", () => {
  async function deployed() {
    const [alice, bob] = await ethers.getSigners();
    if (!alice || !bob) throw new Error("too few accounts");
    return { alice, bob, dollar: await ethers.deployContract("TestDollar") };
  }

  it("has a name, a symbol, six decimals and no supply at first", async () => {
    const { dollar } = await networkHelpers.loadFixture(deployed);
    expect([await dollar.name(), await dollar.symbol()]).to.deep.equal(["Xonomy Test Dollar", "TUSD"]);
    expect(await dollar.decimals()).to.equal(6n);
    expect(await dollar.totalSupply()).to.equal(0n);
  });

  describe("faucet", () => {
    it("gives anybody, for anybody, up to a hundred million at once and as often as asked", async () => {
      const { dollar, alice, bob } = await networkHelpers.loadFixture(deployed);
      expect(await dollar.FAUCET_LIMIT()).to.equal(LIMIT);
      await expect(dollar.connect(bob).faucet(alice, LIMIT)).to.changeTokenBalances(ethers, dollar, [alice], [LIMIT]);
      await expect(dollar.connect(bob).faucet(alice, LIMIT)).to.changeTokenBalances(ethers, dollar, [alice], [LIMIT]);
      await dollar.connect(bob).faucet(bob, 0n);
      expect(await dollar.balanceOf(bob)).to.equal(0n);
      expect(await dollar.totalSupply()).to.equal(2n * LIMIT);
    });

    it("refuses a millionth more", async () => {
      const { dollar, alice } = await networkHelpers.loadFixture(deployed);
      await expect(dollar.faucet(alice, LIMIT + 1n))
        .to.be.revertedWithCustomError(dollar, "TestDollar_AboveFaucetLimit")
        .withArgs(LIMIT + 1n, LIMIT);
    });
  });

  it("takes a permit, once", async () => {
    const { dollar, alice, bob } = await networkHelpers.loadFixture(deployed);
    const { chainId } = await ethers.provider.getNetwork();
    const domain = {
      name: "Xonomy Test Dollar",
      version: "1",
      chainId,
      verifyingContract: await dollar.getAddress(),
    };
    const message = { owner: alice.address, spender: bob.address, value: 5n, nonce: 0n, deadline: 2n ** 40n };
    const { v, r, s } = ethers.Signature.from(await alice.signTypedData(domain, PERMIT_TYPES, message));
    await dollar.connect(bob).permit(alice, bob, 5n, 2n ** 40n, v, r, s);
    expect(await dollar.allowance(alice, bob)).to.equal(5n);
    await expect(dollar.permit(alice, bob, 5n, 2n ** 40n, v, r, s)).to.be.revertedWithCustomError(
      dollar,
      "ERC2612InvalidSigner",
    );
  });
});
