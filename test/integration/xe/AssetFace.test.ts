import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { MaxUint256, Signature, ZeroAddress } from "ethers";
import { network } from "hardhat";

import { XE, XUSD } from "../../../src/xe/asset.js";
import { BlockType, type Hash } from "../../../src/xe/block.js";
import type { AssetFace } from "../../../typechain-types/index.js";
import { PERMIT_TYPES } from "../../support/permit.js";

const { ethers, networkHelpers } = await network.create();

const UNIT = 10n ** 18n;
const HELD = 1_000n * UNIT;
type Account = HardhatEthersSigner;

/** What every ERC-20 token does, of each of the two. */
for (const [name, asset] of [
  ["XE", XE],
  ["XUSD", XUSD],
] as const) {
  describe(`AssetFace of ${name}`, () => {
    /** Ada and Ben have a thousand; Cy nothing. */
    async function deployed() {
      const [owner, ada, ben, cy] = (await ethers.getSigners()) as [Account, Account, Account, Account];
      const manager = await ethers.deployContract("AccessManager", [owner]);
      const ledger = await ethers.deployContract("DualAssetLedger", [manager, false, owner, 1_000_000n * UNIT]);
      const at = async (address: string) => (await ethers.getContractAt("AssetFace", address)) as unknown as AssetFace;
      const [xe, xusd] = [await at(await ledger.xe()), await at(await ledger.xusd())];
      const face = asset === XE ? xe : xusd;
      if (asset === XE) {
        // 50 vCPUs for 2,000 hours bring 2,000 XE.
        await ledger.lease(
          { vCpus: 50n, memoryMB: 0n, diskGB: 0n, duration: 2_000n * 3_600n },
          ZeroAddress,
          MaxUint256,
        );
        const id = await ledger.headOf(owner);
        await ledger.acceptLease(id);
        await networkHelpers.time.increase(2_000 * 3_600);
        await ledger.settleLease(id);
      }
      for (const who of [ada, ben]) await face.transfer(who, HELD);
      return { owner, ada, ben, cy, ledger, face, other: asset === XE ? xusd : xe };
    }
    const fixture = () => networkHelpers.loadFixture(deployed);

    it("should have the asset's name, symbol, 18 decimals, and the ledger's supply and balances", async () => {
      const { face, ledger, ada, cy } = await fixture();
      expect([await face.name(), await face.symbol(), await face.decimals()]).to.deep.equal([name, name, 18n]);
      expect(await face.asset()).to.equal(asset);
      expect(await face.ledger()).to.equal(await ledger.getAddress());
      expect(await face.totalSupply()).to.equal(await ledger.totalSupply(asset));
      expect(await face.balanceOf(ada)).to.equal(HELD);
      expect(await ledger.balanceOf(ada, asset)).to.equal(HELD);
      expect(await face.balanceOf(cy)).to.equal(0n);
    });

    it("should transfer, return true, tell once, and add a send and a receive", async () => {
      const { face, ledger, ada, cy } = await fixture();
      expect(await face.connect(ada).transfer.staticCall(cy, UNIT)).to.equal(true);
      const sent = face.connect(ada).transfer(cy, UNIT);
      await expect(sent).to.emit(face, "Transfer").withArgs(ada.address, cy.address, UNIT);
      const receipt = await (await sent).wait();
      const transfers = receipt?.logs.filter(
        ({ topics }) => topics[0] === face.interface.getEvent("Transfer").topicHash,
      );
      expect(transfers).to.have.length(1);
      const source = (await ledger.headOf(ada)) as Hash;
      await expect(sent)
        .to.emit(ledger, "BlockAdded")
        .withArgs(ada.address, source, ethers.zeroPadValue(cy.address, 32), BlockType.Send, asset, HELD - UNIT);
      await expect(sent)
        .to.emit(ledger, "BlockAdded")
        .withArgs(cy.address, await ledger.headOf(cy), source, BlockType.Receive, asset, UNIT);
      expect(await ledger.balanceOf(ledger, asset)).to.equal(0n);
      expect(await ledger.pendingOf(cy, source)).to.deep.equal(["0x0000000000000000", 0n]);
    });

    it("should leave the other asset and its balances alone", async () => {
      const { face, other, ada, cy } = await fixture();
      const before = [await other.balanceOf(ada), await other.balanceOf(cy), await other.totalSupply()];
      await expect(face.connect(ada).transfer(cy, UNIT)).to.not.emit(other, "Transfer");
      expect([await other.balanceOf(ada), await other.balanceOf(cy), await other.totalSupply()]).to.deep.equal(before);
    });

    it("should transfer all there is, to oneself too", async () => {
      const { face, ledger, ada, cy } = await fixture();
      const before = await ledger.headOf(ada);
      await expect(face.connect(ada).transfer(ada, HELD))
        .to.emit(face, "Transfer")
        .withArgs(ada.address, ada.address, HELD);
      expect(await face.balanceOf(ada)).to.equal(HELD);
      expect(await ledger.headOf(ada)).to.not.equal(before);
      await face.connect(ada).transfer(cy, HELD);
      expect([await face.balanceOf(ada), await face.balanceOf(cy)]).to.deep.equal([0n, HELD]);
    });

    it("should transfer nothing and tell, as ERC-20 demands, without a block", async () => {
      const { face, ledger, ada, cy } = await fixture();
      const before = await ledger.headOf(ada);
      await expect(face.connect(ada).transfer(cy, 0n)).to.emit(face, "Transfer").withArgs(ada.address, cy.address, 0n);
      await expect(face.connect(cy).transferFrom(ada, cy, 0n))
        .to.emit(face, "Transfer")
        .withArgs(ada.address, cy.address, 0n);
      expect(await ledger.headOf(ada)).to.equal(before);
      expect(await ledger.headOf(cy)).to.equal(ethers.ZeroHash);
    });

    it("should refuse the zero address, the ledger's and the faces' own, and more than there is, in ERC-6093's words", async () => {
      const { face, ledger, ada, ben, cy } = await fixture();
      const from = face.connect(ada);
      for (const amount of [0n, UNIT]) {
        for (const to of [ZeroAddress, await ledger.getAddress(), await ledger.xe(), await ledger.xusd()]) {
          await expect(from.transfer(to, amount))
            .to.be.revertedWithCustomError(face, "ERC20InvalidReceiver")
            .withArgs(to);
        }
      }
      await expect(from.transfer(cy, HELD + 1n))
        .to.be.revertedWithCustomError(face, "ERC20InsufficientBalance")
        .withArgs(ada.address, HELD, HELD + 1n);
      await expect(from.transfer(ada, HELD + 1n)).to.be.revertedWithCustomError(face, "ERC20InsufficientBalance");
      await from.approve(ben, MaxUint256);
      await expect(face.connect(ben).transferFrom(ada, cy, MaxUint256))
        .to.be.revertedWithCustomError(face, "ERC20InsufficientBalance")
        .withArgs(ada.address, HELD, MaxUint256);
    });

    it("should approve, tell, and let the spender move no more than allowed", async () => {
      const { face, ada, ben, cy } = await fixture();
      expect(await face.connect(ada).approve.staticCall(ben, 5n)).to.equal(true);
      await expect(face.connect(ada).approve(ben, 5n)).to.emit(face, "Approval").withArgs(ada.address, ben.address, 5n);
      expect(await face.allowance(ada, ben)).to.equal(5n);
      await expect(face.connect(ben).transferFrom(ada, cy, 6n))
        .to.be.revertedWithCustomError(face, "ERC20InsufficientAllowance")
        .withArgs(ben.address, 5n, 6n);
      expect(await face.connect(ben).transferFrom.staticCall(ada, cy, 5n)).to.equal(true);
      await expect(face.connect(ben).transferFrom(ada, cy, 3n))
        .to.emit(face, "Transfer")
        .withArgs(ada.address, cy.address, 3n);
      expect(await face.allowance(ada, ben)).to.equal(2n);
      await expect(face.connect(ada).approve(ZeroAddress, 1n)).to.be.revertedWithCustomError(
        face,
        "ERC20InvalidSpender",
      );
      await face.connect(ada).approve(ben, MaxUint256);
      await face.connect(ben).transferFrom(ada, cy, 1n);
      expect(await face.allowance(ada, ben), "an allowance of all is none that shrinks").to.equal(MaxUint256);
    });

    it("should take a permit once, in time, and from its signer alone", async () => {
      const { face, ada, ben, cy } = await fixture();
      const { chainId } = await ethers.provider.getNetwork();
      const domain = { name, version: "1", chainId, verifyingContract: await face.getAddress() };
      const deadline = BigInt(await networkHelpers.time.latest()) + 3_600n;
      const permit = { owner: ada.address, spender: ben.address, value: UNIT, nonce: 0n, deadline };
      const { v, r, s } = Signature.from(await ada.signTypedData(domain, PERMIT_TYPES, permit));
      await expect(face.permit(cy, ben, UNIT, deadline, v, r, s)).to.be.revertedWithCustomError(
        face,
        "ERC2612InvalidSigner",
      );
      await expect(face.permit(ada, ben, UNIT, 1n, v, r, s)).to.be.revertedWithCustomError(
        face,
        "ERC2612ExpiredSignature",
      );
      await face.permit(ada, ben, UNIT, deadline, v, r, s);
      expect(await face.allowance(ada, ben)).to.equal(UNIT);
      expect(await face.nonces(ada)).to.equal(1n);
      await expect(face.permit(ada, ben, UNIT, deadline, v, r, s)).to.be.revertedWithCustomError(
        face,
        "ERC2612InvalidSigner",
      );
      await face.connect(ben).transferFrom(ada, cy, UNIT);
      expect(await face.balanceOf(cy)).to.equal(UNIT);
      expect(await face.DOMAIN_SEPARATOR()).to.equal(ethers.TypedDataEncoder.hashDomain(domain));
    });

    it("should let nobody but the ledger announce, and nobody but a face transfer as one", async () => {
      const { face, ledger, ada, ben } = await fixture();
      await expect(face.connect(ada).announce(ada, ben, 1n))
        .to.be.revertedWithCustomError(face, "AssetFace_NotLedger")
        .withArgs(ada.address);
      // Neither what is somebody else's nor one's own.
      for (const [from, to] of [
        [ben, ada],
        [ada, ben],
      ] as const) {
        await expect(ledger.connect(ada).transferByFace(from, to, 1n))
          .to.be.revertedWithCustomError(ledger, "DualAssetLedger_NotAFace")
          .withArgs(ada.address);
      }
      // A face that somebody else created is not listened to.
      const forged = await ethers.deployContract("AssetFace", [name]);
      expect(await forged.ledger()).to.not.equal(await ledger.getAddress());
    });

    it("should show what is sent and received in the ledger as transfers to and from the ledger", async () => {
      const { face, ledger, ada, ben } = await fixture();
      const address = await ledger.getAddress();
      await expect(ledger.connect(ada).send(asset, ben, UNIT))
        .to.emit(face, "Transfer")
        .withArgs(ada.address, address, UNIT);
      expect(await face.balanceOf(ledger)).to.equal(UNIT);
      const source = await ledger.headOf(ada);
      await expect(ledger.receivePending(ben, source)).to.emit(face, "Transfer").withArgs(address, ben.address, UNIT);
      expect(await face.balanceOf(ledger)).to.equal(0n);
    });
  });
}
