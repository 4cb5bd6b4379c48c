import { expect } from "chai";
import { network } from "hardhat";

import { XE } from "../../src/xe/asset.js";
import { BlockType, decodeBlock, encodeBlock, EncodingErrorOf, type Hash } from "./support.js";

const ZEROS: Hash = `0x${"00".repeat(32)}`;
const block = {
  blockType: BlockType.Claim,
  account: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  asset: XE,
  previous: ZEROS,
  link: ZEROS,
  balance: 0n,
} as const;

/** Source, "Asset rules by block type": claim, lease and lease_accept require XUSD, lease_settle XE. */
describe("review of XE's codec", () => {
  it("should encode no claim in XE", () => {
    expect(() => encodeBlock(block)).to.throw(EncodingErrorOf);
  });
  it("should decode none", () => {
    const bytes = `0x03${"70997970c51812dc3a010c7d01b50e0d17dc79c8"}${XE.slice(2)}${"00".repeat(96)}`;
    expect(() => decodeBlock(bytes)).to.throw(EncodingErrorOf);
  });
  it("nor should the contract", async () => {
    const { ethers } = await network.create();
    const [owner] = await ethers.getSigners();
    const manager = await ethers.deployContract("AccessManager", [owner]);
    const ledger = await ethers.deployContract("DualAssetLedger", [manager, false, owner, 1n]);
    const told = await ledger.encodeBlock(block).then(
      () => "encoded",
      () => "refused",
    );
    expect(told).to.equal("refused");
  });
});
