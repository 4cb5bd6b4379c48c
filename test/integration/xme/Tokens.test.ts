import { expect } from "chai";
import { network } from "hardhat";

import { XME_SUPPLY, XMEX_SUPPLY } from "../../../src/xme/genesis.js";
import { PERMIT_TYPES } from "../../support/permit.js";
import { accounts, addressOf } from "../../support/xmeGenesis.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

/** Every function that the tokens may have: ERC-20 with its metadata, ERC-2612 with its domain, burning, and the constant. */
const FUNCTIONS = [
  "DOMAIN_SEPARATOR()",
  "INITIAL_SUPPLY()",
  "allowance(address,address)",
  "approve(address,uint256)",
  "balanceOf(address)",
  "burn(uint256)",
  "burnFrom(address,uint256)",
  "decimals()",
  "eip712Domain()",
  "name()",
  "nonces(address)",
  "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
  "symbol()",
  "totalSupply()",
  "transfer(address,uint256)",
  "transferFrom(address,address,uint256)",
];

const CASES = [
  { contract: "XME", name: "X.me Governance Token", supply: XME_SUPPLY, other: "X.me Utility Token" },
  { contract: "XMEX", name: "X.me Utility Token", supply: XMEX_SUPPLY, other: "X.me Governance Token" },
] as const;

for (const { contract, name, supply, other } of CASES) {
  describe(contract, () => {
    async function deployed() {
      const people = await accounts(connection);
      // Both have the functions of XME.
      const address = await (await ethers.deployContract(contract as string)).getAddress();
      const token = await ethers.getContractAt("XME", address);
      return { ...people, token };
    }

    async function signed(overrides: { readonly domainName?: string; readonly deadline?: bigint } = {}) {
      const world = await networkHelpers.loadFixture(deployed);
      const { token, deployer, alice } = world;
      const { chainId } = await ethers.provider.getNetwork();
      const deadline = overrides.deadline ?? 2n ** 40n;
      const value = 12_345n;
      const domain = {
        name: overrides.domainName ?? name,
        version: "1",
        chainId,
        verifyingContract: await addressOf(token),
      };
      const message = { owner: deployer.address, spender: alice.address, value, nonce: 0n, deadline };
      return { ...world, domain, message, value, deadline };
    }

    describe("when the token is deployed", () => {
      it("should have the name, the symbol and the 18 decimals of the source", async () => {
        const { token } = await networkHelpers.loadFixture(deployed);
        expect([await token.name(), await token.symbol(), await token.decimals()]).to.deep.equal([name, contract, 18n]);
      });

      it("should give the whole supply to whoever deployed it", async () => {
        const { token, deployer } = await networkHelpers.loadFixture(deployed);
        expect(await token.totalSupply()).to.equal(supply);
        expect(await token.INITIAL_SUPPLY()).to.equal(supply);
        expect(await token.balanceOf(deployer)).to.equal(supply);
      });

      it("should have no function beyond ERC-20, permit and burn", async () => {
        const token = await ethers.getContractFactory(contract as string);
        const functions: string[] = [];
        token.interface.forEachFunction((fragment) => functions.push(fragment.format("sighash")));
        expect(functions.sort()).to.deep.equal(FUNCTIONS);
      });
    });

    describe("when a holder burns", () => {
      it("given the balance suffices, should lower the balance and the supply by the amount", async () => {
        const { token, deployer } = await networkHelpers.loadFixture(deployed);
        await token.burn(supply - 1n);
        expect(await token.totalSupply()).to.equal(1n);
        expect(await token.balanceOf(deployer)).to.equal(1n);
      });

      it("given the balance does not suffice, should refuse", async () => {
        const { token, deployer } = await networkHelpers.loadFixture(deployed);
        await expect(token.burn(supply + 1n))
          .to.be.revertedWithCustomError(token, "ERC20InsufficientBalance")
          .withArgs(deployer.address, supply, supply + 1n);
      });
    });

    describe("when somebody burns for a holder", () => {
      it("given an allowance, should use the allowance up and lower the supply", async () => {
        const { token, deployer, alice } = await networkHelpers.loadFixture(deployed);
        await token.approve(alice, 10n);
        await token.connect(alice).burnFrom(deployer, 7n);
        expect(await token.allowance(deployer, alice)).to.equal(3n);
        expect(await token.totalSupply()).to.equal(supply - 7n);
        expect(await token.balanceOf(deployer)).to.equal(supply - 7n);
      });

      it("given no allowance, should refuse", async () => {
        const { token, deployer, alice } = await networkHelpers.loadFixture(deployed);
        await expect(token.connect(alice).burnFrom(deployer, 1n))
          .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
          .withArgs(alice.address, 0n, 1n);
      });
    });

    describe("when a permit is used", () => {
      it("given the holder signed it, should set the allowance, whoever sends it", async () => {
        const { token, deployer, alice, attacker, domain, message, value, deadline } = await signed();
        const { v, r, s } = ethers.Signature.from(await deployer.signTypedData(domain, PERMIT_TYPES, message));
        await token.connect(attacker).permit(deployer, alice, value, deadline, v, r, s);
        expect(await token.allowance(deployer, alice)).to.equal(value);
        expect(await token.nonces(deployer)).to.equal(1n);
      });

      it("given the holder signed it, should refuse the same signature a second time", async () => {
        const { token, deployer, alice, domain, message, value, deadline } = await signed();
        const { v, r, s } = ethers.Signature.from(await deployer.signTypedData(domain, PERMIT_TYPES, message));
        await token.permit(deployer, alice, value, deadline, v, r, s);
        await expect(token.permit(deployer, alice, value, deadline, v, r, s)).to.be.revertedWithCustomError(
          token,
          "ERC2612InvalidSigner",
        );
      });

      it("given the deadline has passed, should refuse", async () => {
        const deadline = BigInt(await networkHelpers.time.latest()) - 1n;
        const { token, deployer, alice, domain, message, value } = await signed({ deadline });
        const { v, r, s } = ethers.Signature.from(await deployer.signTypedData(domain, PERMIT_TYPES, message));
        await expect(token.permit(deployer, alice, value, deadline, v, r, s))
          .to.be.revertedWithCustomError(token, "ERC2612ExpiredSignature")
          .withArgs(deadline);
      });

      it("given somebody else signed it, should refuse", async () => {
        const { token, deployer, alice, attacker, domain, message, value, deadline } = await signed();
        const { v, r, s } = ethers.Signature.from(await attacker.signTypedData(domain, PERMIT_TYPES, message));
        await expect(token.permit(deployer, alice, value, deadline, v, r, s))
          .to.be.revertedWithCustomError(token, "ERC2612InvalidSigner")
          .withArgs(attacker.address, deployer.address);
      });

      it("given it was signed for the other token, should refuse", async () => {
        const { token, deployer, alice, domain, message, value, deadline } = await signed({ domainName: other });
        const { v, r, s } = ethers.Signature.from(await deployer.signTypedData(domain, PERMIT_TYPES, message));
        await expect(token.permit(deployer, alice, value, deadline, v, r, s)).to.be.revertedWithCustomError(
          token,
          "ERC2612InvalidSigner",
        );
      });
    });
  });
}
