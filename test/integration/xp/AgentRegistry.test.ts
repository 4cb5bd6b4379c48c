import { IDENTITY_REGISTRY_ABI, SDK } from "agent0-sdk";
import { expect } from "chai";
import {
  type BaseContract,
  type BaseWallet,
  ContractFactory,
  type ContractTransactionResponse,
  HDNodeWallet,
  Interface,
  type InterfaceAbi,
  JsonRpcProvider,
  NonceManager,
  Signature,
  TypedDataEncoder,
  ZeroAddress,
  hexlify,
  id,
  toBeHex,
  toUtf8Bytes,
} from "ethers";
import hre, { network } from "hardhat";

import {
  type Address,
  CONSENT_TYPES,
  MAX_CONSENT_DELAY,
  WALLET_KEY,
  type WalletConsent,
  agentName,
  consentDomain,
  parseAgentName,
  registryName,
  signConsent,
} from "../../../src/xp/agents.js";
import type { AgentRegistry } from "../../../typechain-types/index.js";
import { type Anvil, startAnvil } from "../../support/anvil.js";

const { ethers, networkHelpers } = await network.create();

const SECONDS_OF_2_DAYS = 172_800n;
const URI = "ipfs://agent";
const NOBODY = 99n;

/** Functions of the deployed ERC-8004 identity registries, version 2.0.0, less what only their proxies and their owner need. */
const DEPLOYED_FUNCTIONS = {
  "register()": "0x1aa3a008",
  "register(string)": "0xf2c298be",
  "register(string,(string,bytes)[])": "0x8ea42286",
  "setAgentURI(uint256,string)": "0x0af28bd3",
  "getMetadata(uint256,string)": "0xcb4799f2",
  "setMetadata(uint256,string,bytes)": "0x466648da",
  "getAgentWallet(uint256)": "0x00339509",
  "setAgentWallet(uint256,address,uint256,bytes)": "0x2d1ef5ae",
  "unsetAgentWallet(uint256)": "0x3fddcf19",
  "isAuthorizedOrOwner(address,uint256)": "0xd95e72be",
  "getVersion()": "0x0d8e6e2c",
  "eip712Domain()": "0x84b0196e",
  "name()": "0x06fdde03",
  "symbol()": "0x95d89b41",
  "tokenURI(uint256)": "0xc87b56dd",
  "balanceOf(address)": "0x70a08231",
  "ownerOf(uint256)": "0x6352211e",
  "approve(address,uint256)": "0x095ea7b3",
  "getApproved(uint256)": "0x081812fc",
  "setApprovalForAll(address,bool)": "0xa22cb465",
  "isApprovedForAll(address,address)": "0xe985e9c5",
  "transferFrom(address,address,uint256)": "0x23b872dd",
  "safeTransferFrom(address,address,uint256)": "0x42842e0e",
  "safeTransferFrom(address,address,uint256,bytes)": "0xb88d4fde",
  "supportsInterface(bytes4)": "0x01ffc9a7",
};

/** Their events, by topic. */
const DEPLOYED_EVENTS = {
  "Registered(uint256,string,address)": "0xca52e62c367d81bb2e328eb795f7c7ba24afb478408a26c0e201d155c449bc4a",
  "MetadataSet(uint256,string,string,bytes)": "0x2c149ed548c6d2993cd73efe187df6eccabe4538091b33adbd25fafdb8a1468b",
  "URIUpdated(uint256,string,address)": "0x3a2c7fffc2cba7582c690e3b82c453ea02a308326a98a3ad7576c606336409fb",
  "Transfer(address,address,uint256)": "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
  "Approval(address,address,uint256)": "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925",
  "ApprovalForAll(address,address,bool)": "0x17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31",
  "MetadataUpdate(uint256)": "0xf8e1a15aba9398e019f0b49df1a4fde98ee17ae345cb5f6b5e2c27f5033e8ce7",
};

/** The three ways to register. */
const FORMS: readonly (readonly [string, ...unknown[]])[] = [
  ["register()"],
  ["register(string)", URI],
  ["register(string,(string,bytes)[])", URI, []],
];

/** What a contract does with an agent that arrives. */
const ON_ARRIVAL = { accept: 0, answerWrong: 1, refuse: 2, passOn: 3, registerAgain: 4 };

const bytesOf = (text: string) => hexlify(toUtf8Bytes(text));
const addressOf = async (contract: BaseContract) => (await contract.getAddress()) as Address;

describe("AgentRegistry", () => {
  /** A registry, in which `owner` has agent 1 and `other` agent 2; `approved` may act for agent 1, `operator` for all of the owner's. */
  async function agents() {
    const [deployer, owner, other, approved, operator, stranger] = await ethers.getSigners();
    if (!deployer || !owner || !other || !approved || !operator || !stranger) throw new Error("too few accounts");
    const registry = await ethers.deployContract("AgentRegistry");
    const owned = registry.connect(owner);
    await owned["register(string)"](URI);
    await registry.connect(other)["register()"]();
    await owned.approve(approved, 1n);
    await owned.setApprovalForAll(operator, true);
    const wallet = ethers.Wallet.createRandom();
    const place = { chainId: (await ethers.provider.getNetwork()).chainId, registry: await addressOf(registry) };
    /** The time of the next block: the last one is as old as the fixture, which on a busy machine is minutes. */
    const next = async (): Promise<bigint> => {
      const block: { timestamp: string } = await ethers.provider.send("eth_getBlockByNumber", ["pending", false]);
      return BigInt(block.timestamp);
    };
    /** A consent of `wallet` to agent 1 that runs one minute, with what a test wants otherwise. */
    const consent = async (change: Partial<WalletConsent> = {}): Promise<WalletConsent> => ({
      agentId: 1n,
      newWallet: wallet.address as Address,
      owner: owner.address as Address,
      deadline: (await next()) + 60n,
      ...change,
    });
    /** Sends the consent with its signature; `signed` is what was signed where it differs from what is sent. */
    const send = async (sent: WalletConsent, signed = sent, signer: Parameters<typeof signConsent>[0] = wallet) =>
      owned.setAgentWallet(sent.agentId, sent.newWallet, sent.deadline, await signConsent(signer, place, signed));
    const refused = async (call: Promise<unknown>, { agentId, newWallet, owner, deadline }: WalletConsent) =>
      expect(call)
        .to.be.revertedWithCustomError(registry, "AgentRegistry_NoConsent")
        .withArgs(agentId, newWallet, owner, deadline);
    return { registry, owned, owner, other, approved, operator, stranger, wallet, place, consent, send, refused };
  }

  /** As `agents`, with a contract whose key is `wallet`. */
  async function withContract() {
    const world = await agents();
    const contract = await ethers.deployContract("AgentWallet", [world.wallet.address]);
    const address = await addressOf(contract);
    const calls: Interface = world.registry.interface;
    const call = (name: string, ...values: unknown[]) =>
      contract.execute(world.registry, calls.encodeFunctionData(name, values));
    return { ...world, contract, address, call };
  }

  /** That a function refuses whoever may not act for agent 1, and everybody where there is no agent. */
  async function expectOwnersOnly(call: (registry: AgentRegistry, agentId: bigint) => Promise<unknown>) {
    const { registry, owned, other, stranger } = await networkHelpers.loadFixture(agents);
    for (const caller of [other, stranger]) {
      await expect(call(registry.connect(caller), 1n))
        .to.be.revertedWithCustomError(registry, "ERC721InsufficientApproval")
        .withArgs(caller.address, 1n);
    }
    await expectNoSuchAgent(call, owned);
  }

  async function expectNoSuchAgent(
    call: (registry: AgentRegistry, agentId: bigint) => Promise<unknown>,
    by: AgentRegistry,
  ) {
    for (const agentId of [0n, NOBODY]) {
      await expect(call(by, agentId)).to.be.revertedWithCustomError(by, "ERC721NonexistentToken").withArgs(agentId);
    }
  }

  /** Names of the registry's events of a transaction, in order. */
  async function eventsOf(registry: AgentRegistry, sent: ContractTransactionResponse): Promise<string[]> {
    const logs = (await sent.wait())?.logs ?? [];
    return logs.map((log) => registry.interface.parseLog(log)?.name ?? "unknown");
  }

  async function expectWallet(registry: AgentRegistry, agentId: bigint, wallet: string) {
    expect(await registry.getAgentWallet(agentId)).to.equal(wallet);
    expect(await registry.getMetadata(agentId, WALLET_KEY)).to.equal(
      wallet === ZeroAddress ? "0x" : wallet.toLowerCase(),
    );
  }

  describe("constructor", () => {
    it("has a name, the domain of the deployed registries, and no agent", async () => {
      const { place } = await networkHelpers.loadFixture(agents);
      const fresh = await ethers.deployContract("AgentRegistry");
      expect(await fresh.name()).to.equal("Xonomy Agent");
      expect(await fresh.symbol()).to.equal("AGENT");
      expect(await fresh.getVersion()).to.equal("2.0.0");
      expect(await fresh.MAX_CONSENT_DELAY()).to.equal(MAX_CONSENT_DELAY);
      const [, name, version, chainId, verifyingContract] = await fresh.eip712Domain();
      const expected = ["ERC8004IdentityRegistry", "1", place.chainId, await fresh.getAddress()];
      expect([name, version, chainId, verifyingContract]).to.deep.equal(expected);
      expect(await fresh.registeredAt(1n)).to.equal(0n);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("AgentRegistry");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("interface", () => {
    it("has every function of the deployed registries, by selector", async () => {
      const { registry } = await networkHelpers.loadFixture(agents);
      const ours = new Map<string, string>();
      registry.interface.forEachFunction((one) => ours.set(one.format("sighash"), one.selector));
      for (const [signature, selector] of Object.entries(DEPLOYED_FUNCTIONS)) {
        expect(ours.get(signature), signature).to.equal(selector);
      }
      const own = [...ours.keys()].filter((signature) => !(signature in DEPLOYED_FUNCTIONS));
      expect(own).to.have.members(["MAX_CONSENT_DELAY()", "DOMAIN_SEPARATOR()", "registeredAt(uint256)"]);
    });

    it("has every event of the deployed registries, by topic", async () => {
      const { registry } = await networkHelpers.loadFixture(agents);
      const ours = new Map<string, string>();
      registry.interface.forEachEvent((one) => ours.set(one.format("sighash"), one.topicHash));
      for (const [signature, topic] of Object.entries(DEPLOYED_EVENTS)) {
        expect(ours.get(signature), signature).to.equal(topic);
      }
    });

    it("says that it is ERC-721 with metadata and announces changes of it", async () => {
      const { registry } = await networkHelpers.loadFixture(agents);
      for (const [interfaceId, has] of [
        ["0x01ffc9a7", true], // ERC-165
        ["0x80ac58cd", true], // ERC-721
        ["0x5b5e139f", true], // ERC-721, metadata
        ["0x49064906", true], // ERC-4906
        ["0x780e9d63", false], // ERC-721, enumerable
        ["0xffffffff", false],
      ] as const) {
        expect(await registry.supportsInterface(interfaceId), interfaceId).to.equal(has);
      }
    });

    it("lets nobody change anything by a function beyond the standard's", async () => {
      const { registry } = await networkHelpers.loadFixture(agents);
      const changing: string[] = [];
      registry.interface.forEachFunction((one) => {
        if (!one.constant) changing.push(one.format("sighash"));
        expect(one.payable, one.name).to.equal(false);
      });
      expect(changing.sort()).to.deep.equal(
        [
          "approve(address,uint256)",
          "register()",
          "register(string)",
          "register(string,(string,bytes)[])",
          "safeTransferFrom(address,address,uint256)",
          "safeTransferFrom(address,address,uint256,bytes)",
          "setAgentURI(uint256,string)",
          "setAgentWallet(uint256,address,uint256,bytes)",
          "setApprovalForAll(address,bool)",
          "setMetadata(uint256,string,bytes)",
          "transferFrom(address,address,uint256)",
          "unsetAgentWallet(uint256)",
        ].sort(),
      );
    });
  });

  describe("register", () => {
    it("numbers agents from 1, and makes the caller owner and wallet from this second on", async () => {
      const { registry, owner, other, stranger } = await networkHelpers.loadFixture(agents);
      expect(await registry.ownerOf(1n)).to.equal(owner.address);
      expect(await registry.ownerOf(2n)).to.equal(other.address);
      const now = BigInt(await networkHelpers.time.latest()) + 1_000n;
      await networkHelpers.time.setNextBlockTimestamp(now);
      expect(await registry.connect(stranger)["register()"].staticCall()).to.equal(3n);
      const sent = await registry.connect(stranger)["register()"]();
      await expect(sent).to.emit(registry, "Transfer").withArgs(ZeroAddress, stranger.address, 3n);
      await expect(sent).to.emit(registry, "Registered").withArgs(3n, "", stranger.address);
      await expect(sent)
        .to.emit(registry, "MetadataSet")
        .withArgs(3n, WALLET_KEY, WALLET_KEY, stranger.address.toLowerCase());
      expect(await eventsOf(registry, sent)).to.deep.equal(["Transfer", "Registered", "MetadataSet"]);
      expect(await registry.ownerOf(3n)).to.equal(stranger.address);
      expect(await registry.balanceOf(stranger)).to.equal(1n);
      expect(await registry.registeredAt(3n)).to.equal(now);
      expect(await registry.tokenURI(3n)).to.equal("");
      await expectWallet(registry, 3n, stranger.address);
    });

    it("shows a URI, and tells in the order of the deployed registries", async () => {
      const { registry, stranger } = await networkHelpers.loadFixture(agents);
      const long = `data:application/json;base64,${"A".repeat(400)}`;
      const sent = await registry.connect(stranger)["register(string)"](long);
      await expect(sent).to.emit(registry, "Registered").withArgs(3n, long, stranger.address);
      expect(await eventsOf(registry, sent)).to.deep.equal(["Transfer", "MetadataUpdate", "Registered", "MetadataSet"]);
      expect(await registry.tokenURI(3n)).to.equal(long);
      await expectWallet(registry, 3n, stranger.address);
    });

    it("takes an empty URI as none", async () => {
      const { registry, stranger } = await networkHelpers.loadFixture(agents);
      const sent = await registry.connect(stranger)["register(string,(string,bytes)[])"]("", []);
      await expect(sent).to.emit(registry, "Registered").withArgs(3n, "", stranger.address);
      expect(await eventsOf(registry, sent)).to.deep.equal(["Transfer", "Registered", "MetadataSet"]);
      expect(await registry.tokenURI(3n)).to.equal("");
    });

    it("shows each value of the metadata and tells of each", async () => {
      const { registry, stranger } = await networkHelpers.loadFixture(agents);
      const metadata = [
        { metadataKey: "colour", metadataValue: bytesOf("red") },
        { metadataKey: "empty", metadataValue: "0x" },
      ];
      const sent = await registry.connect(stranger)["register(string,(string,bytes)[])"](URI, metadata);
      for (const { metadataKey, metadataValue } of metadata) {
        await expect(sent).to.emit(registry, "MetadataSet").withArgs(3n, metadataKey, metadataKey, metadataValue);
        expect(await registry.getMetadata(3n, metadataKey)).to.equal(metadataValue);
      }
      const events = ["Transfer", "MetadataUpdate", "Registered", "MetadataSet", "MetadataSet", "MetadataSet"];
      expect(await eventsOf(registry, sent)).to.deep.equal(events);
      expect(await registry.getMetadata(1n, "colour")).to.equal("0x");
      await expectWallet(registry, 3n, stranger.address);
    });

    it("keeps the later of two values under one key", async () => {
      const { owned } = await networkHelpers.loadFixture(agents);
      const values = ["red", "blue"].map((value) => ({ metadataKey: "colour", metadataValue: bytesOf(value) }));
      await owned["register(string,(string,bytes)[])"](URI, values);
      expect(await owned.getMetadata(3n, "colour")).to.equal(bytesOf("blue"));
    });

    it("refuses the reserved key, wherever it stands", async () => {
      const { registry, owned, stranger } = await networkHelpers.loadFixture(agents);
      const harmless = { metadataKey: "agentwallet", metadataValue: "0x01" };
      const reserved = { metadataKey: WALLET_KEY, metadataValue: stranger.address };
      for (const metadata of [[reserved], [harmless, reserved], [reserved, harmless]]) {
        await expect(owned["register(string,(string,bytes)[])"](URI, metadata))
          .to.be.revertedWithCustomError(registry, "AgentRegistry_ReservedKey")
          .withArgs(WALLET_KEY);
      }
      await owned["register(string,(string,bytes)[])"](URI, [harmless]);
      expect(await registry.getMetadata(3n, "agentwallet")).to.equal("0x01");
    });

    it("has written everything when it asks a contract to receive", async () => {
      const { registry, contract, address, call } = await networkHelpers.loadFixture(withContract);
      const colour = bytesOf("red");
      const metadata = [{ metadataKey: "colour", metadataValue: colour }];
      const sent = await call("register(string,(string,bytes)[])", URI, metadata);
      expect(await contract.arrivals()).to.equal(1n);
      const now = await networkHelpers.time.latest();
      expect([...(await contract.seen())]).to.deep.equal([address, address, BigInt(now), URI, colour, 1n]);
      await expect(sent).to.emit(registry, "Registered").withArgs(3n, URI, address);
      await expectWallet(registry, 3n, address);

      for (const form of FORMS) await call(...form);
      expect(await contract.arrivals(), "every form asks").to.equal(4n);
    });

    it("refuses a contract that cannot receive, and one that will not", async () => {
      const { registry, contract, address, call } = await networkHelpers.loadFixture(withContract);
      for (const form of FORMS) {
        await contract.treatArrivals(ON_ARRIVAL.answerWrong, ZeroAddress);
        await expect(call(...form))
          .to.be.revertedWithCustomError(registry, "ERC721InvalidReceiver")
          .withArgs(address);
        await contract.treatArrivals(ON_ARRIVAL.refuse, ZeroAddress);
        await expect(call(...form))
          .to.be.revertedWithCustomError(contract, "AgentWallet_Refused")
          .withArgs(3n);
      }
      expect(await registry.balanceOf(address)).to.equal(0n);
      expect(await registry.registeredAt(3n)).to.equal(0n);
    });

    it("leaves no wallet behind where the contract passes the agent on at once", async () => {
      const { registry, contract, stranger, call } = await networkHelpers.loadFixture(withContract);
      await contract.treatArrivals(ON_ARRIVAL.passOn, stranger);
      for (const form of FORMS) {
        await call(...form);
      }
      for (const agentId of [3n, 4n, 5n]) {
        expect(await registry.ownerOf(agentId)).to.equal(stranger.address);
        await expectWallet(registry, agentId, ZeroAddress);
      }
    });

    it("numbers rightly where the contract registers again at once", async () => {
      const { registry, contract, address, stranger, call } = await networkHelpers.loadFixture(withContract);
      await contract.treatArrivals(ON_ARRIVAL.registerAgain, ZeroAddress);
      const sent = await call("register(string)", URI);
      await expect(sent).to.emit(registry, "Registered").withArgs(3n, URI, address);
      for (const agentId of [3n, 4n, 5n]) await expectWallet(registry, agentId, address);
      expect(await registry.balanceOf(address)).to.equal(3n);
      expect(await registry.tokenURI(3n)).to.equal(URI);
      expect(await registry.tokenURI(5n)).to.equal("");
      expect(await registry.connect(stranger)["register()"].staticCall()).to.equal(6n);
    });
  });

  describe("setAgentURI", () => {
    it("refuses where there is no such agent, and whoever is neither owner nor approved", async () => {
      await expectOwnersOnly((registry, agentId) => registry.setAgentURI(agentId, "ipfs://other"));
    });

    it("shows the new one and tells who moved it, for the owner and who is approved", async () => {
      const { registry, owner, approved, operator } = await networkHelpers.loadFixture(agents);
      for (const [position, caller] of [owner, approved, operator].entries()) {
        const uri = `ipfs://moved/${String(position)}`;
        const sent = await registry.connect(caller).setAgentURI(1n, uri);
        await expect(sent).to.emit(registry, "URIUpdated").withArgs(1n, uri, caller.address);
        await expect(sent).to.emit(registry, "MetadataUpdate").withArgs(1n);
        expect(await registry.tokenURI(1n)).to.equal(uri);
      }
      await registry.connect(owner).setAgentURI(1n, "");
      expect(await registry.tokenURI(1n)).to.equal("");
      await expectWallet(registry, 1n, owner.address);
    });
  });

  describe("setMetadata", () => {
    it("refuses where there is no such agent, and whoever is neither owner nor approved", async () => {
      await expectOwnersOnly((registry, agentId) => registry.setMetadata(agentId, "colour", "0x01"));
    });

    it("refuses the reserved key", async () => {
      const { registry, owner, owned, stranger } = await networkHelpers.loadFixture(agents);
      for (const value of ["0x", stranger.address]) {
        await expect(owned.setMetadata(1n, WALLET_KEY, value))
          .to.be.revertedWithCustomError(registry, "AgentRegistry_ReservedKey")
          .withArgs(WALLET_KEY);
      }
      await expectWallet(registry, 1n, owner.address);
    });

    it("replaces and clears values, of that agent and key alone, for the owner and who is approved", async () => {
      const { registry, owned, other, owner, approved, operator } = await networkHelpers.loadFixture(agents);
      await owned.setMetadata(1n, "size", "0x05");
      await registry.connect(other).setMetadata(2n, "colour", "0x07");
      for (const [caller, value] of [
        [owner, "0x01"],
        [approved, hexlify(new Uint8Array(40).fill(9))],
        [operator, "0x02"],
        [owner, "0x"],
      ] as const) {
        await expect(registry.connect(caller).setMetadata(1n, "colour", value))
          .to.emit(registry, "MetadataSet")
          .withArgs(1n, "colour", "colour", value);
        expect(await registry.getMetadata(1n, "colour")).to.equal(value);
      }
      expect(await registry.getMetadata(1n, "size")).to.equal("0x05");
      expect(await registry.getMetadata(2n, "colour")).to.equal("0x07");
      await expectWallet(registry, 1n, owner.address);
    });

    it("keeps long keys and values, and the empty key", async () => {
      const { owned } = await networkHelpers.loadFixture(agents);
      const value = hexlify(new Uint8Array(1_000).map((_, i) => i % 251));
      for (const key of ["", "ключ".repeat(50)]) {
        await owned.setMetadata(1n, key, value);
        expect(await owned.getMetadata(1n, key)).to.equal(value);
      }
    });
  });

  describe("setAgentWallet", () => {
    it("refuses where there is no such agent, and whoever is neither owner nor approved, the wallet itself too", async () => {
      const { stranger, place, consent } = await networkHelpers.loadFixture(agents);
      const own = await consent({ newWallet: stranger.address as Address });
      const signature = await signConsent(stranger, place, own);
      await expectOwnersOnly((by, agentId) => by.setAgentWallet(agentId, own.newWallet, own.deadline, signature));
    });

    it("refuses the zero address, whatever the signature", async () => {
      const { registry, owned, consent, send } = await networkHelpers.loadFixture(agents);
      const sent = await consent({ newWallet: ZeroAddress as Address });
      for (const call of [() => send(sent), () => owned.setAgentWallet(1n, ZeroAddress, sent.deadline, "0x")]) {
        await expect(call()).to.be.revertedWithCustomError(registry, "AgentRegistry_WalletIsZero").withArgs(1n);
      }
    });

    it("refuses a deadline that has passed or lies more than five minutes ahead, and takes the two edges", async () => {
      const { registry, consent, send, wallet } = await networkHelpers.loadFixture(agents);
      let now = BigInt(await networkHelpers.time.latest());
      const at = async (deadline: bigint) => {
        await networkHelpers.time.setNextBlockTimestamp(now);
        return send(await consent({ deadline }));
      };
      for (const deadline of [0n, (now += 10n) - 1n]) {
        await expect(at(deadline))
          .to.be.revertedWithCustomError(registry, "AgentRegistry_ConsentExpired")
          .withArgs(deadline, now);
        now += 10n;
      }
      for (const offset of [MAX_CONSENT_DELAY + 1n, 2n ** 255n]) {
        await expect(at(now + offset))
          .to.be.revertedWithCustomError(registry, "AgentRegistry_DeadlineTooFar")
          .withArgs(now + offset, now + MAX_CONSENT_DELAY);
        now += 10n;
      }
      for (const offset of [0n, MAX_CONSENT_DELAY]) {
        await expect(at(now + offset)).to.emit(registry, "MetadataSet");
        await expectWallet(registry, 1n, wallet.address);
        now += 10n;
      }
    });

    it("sets the wallet, shows it as metadata and tells, whoever of owner and approved calls", async () => {
      const { registry, owner, approved, operator, place, consent } = await networkHelpers.loadFixture(agents);
      for (const caller of [owner, approved, operator]) {
        const wallet = ethers.Wallet.createRandom();
        const sent = await consent({ newWallet: wallet.address as Address });
        const signature = await signConsent(wallet, place, sent);
        await expect(registry.connect(caller).setAgentWallet(1n, wallet, sent.deadline, signature))
          .to.emit(registry, "MetadataSet")
          .withArgs(1n, WALLET_KEY, WALLET_KEY, wallet.address.toLowerCase());
        await expectWallet(registry, 1n, wallet.address);
      }
      await expectWallet(registry, 2n, await registry.ownerOf(2n));
    });

    it("refuses the signature of anybody else, and none", async () => {
      const { registry, owned, owner, stranger, consent, send, refused } = await networkHelpers.loadFixture(agents);
      const sent = await consent();
      for (const signer of [owner, stranger]) await refused(send(sent, sent, signer), sent);
      for (const signature of ["0x", "0x00", hexlify(new Uint8Array(65)), hexlify(new Uint8Array(64).fill(1))]) {
        await refused(owned.setAgentWallet(1n, sent.newWallet, sent.deadline, signature), sent);
      }
      await expectWallet(registry, 1n, owner.address);
    });

    it("refuses a consent to another agent, wallet, owner or deadline, to another registry or chain", async () => {
      const { registry, owned, owner, stranger, wallet, place, consent, send, refused } =
        await networkHelpers.loadFixture(agents);
      const sent = await consent();
      for (const change of [
        { agentId: 2n },
        { newWallet: stranger.address as Address },
        { owner: stranger.address as Address },
        { deadline: sent.deadline - 1n },
      ]) {
        await refused(send(sent, { ...sent, ...change }), sent);
      }
      for (const elsewhere of [
        { ...place, chainId: 1n },
        { ...place, registry: stranger.address as Address },
      ]) {
        const signature = await signConsent(wallet, elsewhere, sent);
        await refused(owned.setAgentWallet(1n, wallet, sent.deadline, signature), sent);
      }
      await expectWallet(registry, 1n, owner.address);
    });

    it("refuses the other form of the same signature", async () => {
      const { registry, owned, wallet, place, consent, refused } = await networkHelpers.loadFixture(agents);
      const sent = await consent();
      const { r, s, v, compactSerialized, serialized } = Signature.from(await signConsent(wallet, place, sent));
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const mirrored = `${r}${toBeHex(order - BigInt(s), 32).slice(2)}${toBeHex(55 - v, 1).slice(2)}`;
      for (const other of [mirrored, compactSerialized, `${serialized}00`]) {
        await refused(owned.setAgentWallet(1n, wallet, sent.deadline, other), sent);
      }
      await owned.setAgentWallet(1n, wallet, sent.deadline, serialized);
      await expectWallet(registry, 1n, wallet.address);
    });

    it("takes the same consent again until its deadline: an honest limit", async () => {
      const { registry, owned, wallet, place, consent } = await networkHelpers.loadFixture(agents);
      const sent = await consent();
      const signature = await signConsent(wallet, place, sent);
      const again = () => owned.setAgentWallet(1n, wallet, sent.deadline, signature);
      await again();
      await owned.unsetAgentWallet(1n);
      await again();
      await expectWallet(registry, 1n, wallet.address);
      await networkHelpers.time.increaseTo(sent.deadline + 1n);
      await expect(again()).to.be.revertedWithCustomError(registry, "AgentRegistry_ConsentExpired");
    });

    it("asks a contract by ERC-1271", async () => {
      const { registry, address, consent, send } = await networkHelpers.loadFixture(withContract);
      const sent = await consent({ newWallet: address });
      await expect(send(sent))
        .to.emit(registry, "MetadataSet")
        .withArgs(1n, WALLET_KEY, WALLET_KEY, address.toLowerCase());
      await expectWallet(registry, 1n, address);
    });

    it("refuses a contract that says no, answers something else or knows no ERC-1271", async () => {
      const { registry, contract, address, owner, stranger, consent, send, refused } =
        await networkHelpers.loadFixture(withContract);
      const sent = await consent({ newWallet: address });
      await refused(send(sent, sent, stranger), sent);
      await refused(send(sent, { ...sent, agentId: 2n }), sent);
      for (const answer of ["0x00000000", "0xffffffff", "0x1626ba7f"]) {
        await contract.answerSignatures(answer);
        await refused(send(sent), sent);
      }
      const ignorant = await consent({ newWallet: await addressOf(registry) });
      await refused(send(ignorant), ignorant);
      await expectWallet(registry, 1n, owner.address);
    });

    it("takes the key's signature of an account that delegates by EIP-7702, whatever its code answers", async () => {
      const { registry, contract, address, wallet, consent, send, refused, stranger } =
        await networkHelpers.loadFixture(withContract);
      const sent = await consent();
      for (const code of [await addressOf(registry), address]) {
        await contract.answerSignatures("0xffffffff");
        await networkHelpers.setCode(wallet.address, `0xef0100${code.slice(2)}`);
        await refused(send(sent, sent, stranger), sent);
        await send(sent);
        await expectWallet(registry, 1n, wallet.address);
      }
    });
  });

  describe("unsetAgentWallet", () => {
    it("refuses where there is no such agent, and whoever is neither owner nor approved", async () => {
      await expectOwnersOnly((registry, agentId) => registry.unsetAgentWallet(agentId));
    });

    it("leaves no wallet, for the owner and who is approved, and is no error where there is none", async () => {
      const { registry, owner, approved, operator, consent, send } = await networkHelpers.loadFixture(agents);
      for (const caller of [owner, approved, operator, owner]) {
        if (caller !== owner) await send(await consent());
        await expect(registry.connect(caller).unsetAgentWallet(1n))
          .to.emit(registry, "MetadataSet")
          .withArgs(1n, WALLET_KEY, WALLET_KEY, "0x");
        await expectWallet(registry, 1n, ZeroAddress);
      }
      expect(await registry.registeredAt(1n)).to.be.greaterThan(0n);
    });
  });

  describe("transfer", () => {
    it("leaves no wallet, in whichever way the agent moves", async () => {
      const { registry, owner, owned, approved, operator, stranger, place, consent } =
        await networkHelpers.loadFixture(agents);
      const moves = [
        () => owned.transferFrom(owner, stranger, 1n),
        () => owned["safeTransferFrom(address,address,uint256)"](owner, stranger, 1n),
        () => owned["safeTransferFrom(address,address,uint256,bytes)"](owner, stranger, 1n, "0x01"),
        () => registry.connect(approved).transferFrom(owner, stranger, 1n),
        () => registry.connect(operator).transferFrom(owner, stranger, 1n),
        () => owned.transferFrom(owner, owner, 1n),
      ];
      for (const move of moves) {
        const wallet = ethers.Wallet.createRandom();
        const sent = await consent({ newWallet: wallet.address as Address });
        await owned.setAgentWallet(1n, wallet, sent.deadline, await signConsent(wallet, place, sent));
        await owned.approve(approved, 1n);
        await expectWallet(registry, 1n, wallet.address);
        const moved = await move();
        await expect(moved).to.emit(registry, "MetadataSet").withArgs(1n, WALLET_KEY, WALLET_KEY, "0x");
        expect(await eventsOf(registry, moved)).to.deep.equal(["Transfer", "MetadataSet"]);
        await expectWallet(registry, 1n, ZeroAddress);
        if ((await registry.ownerOf(1n)) === stranger.address) {
          await registry.connect(stranger).transferFrom(stranger, owner, 1n);
        }
        await expectWallet(registry, 1n, ZeroAddress);
      }
      await expectWallet(registry, 2n, await registry.ownerOf(2n));
    });

    it("keeps number, age, URI and other metadata", async () => {
      const { registry, owner, owned, stranger } = await networkHelpers.loadFixture(agents);
      await owned.setMetadata(1n, "colour", "0x01");
      const registered = await registry.registeredAt(1n);
      await networkHelpers.time.increase(SECONDS_OF_2_DAYS);
      await owned.transferFrom(owner, stranger, 1n);
      expect(await registry.registeredAt(1n)).to.equal(registered);
      expect(await registry.tokenURI(1n)).to.equal(URI);
      expect(await registry.getMetadata(1n, "colour")).to.equal("0x01");
      expect(await registry.balanceOf(owner)).to.equal(0n);
      expect(await registry.balanceOf(stranger)).to.equal(1n);
    });

    it("refuses a consent under the old owner under the new one, and takes a new one", async () => {
      const { registry, owner, owned, stranger, wallet, place, consent } = await networkHelpers.loadFixture(agents);
      const old = await consent();
      const signature = await signConsent(wallet, place, old);
      await owned.transferFrom(owner, stranger, 1n);
      const now = registry.connect(stranger);
      const renewed = await consent({ owner: stranger.address as Address });
      await expect(now.setAgentWallet(1n, wallet, old.deadline, signature))
        .to.be.revertedWithCustomError(registry, "AgentRegistry_NoConsent")
        .withArgs(1n, wallet.address, stranger.address, old.deadline);
      await now.setAgentWallet(1n, wallet, renewed.deadline, await signConsent(wallet, place, renewed));
      await expectWallet(registry, 1n, wallet.address);
    });

    it("refuses an operator of the old owner under the new one", async () => {
      const { registry, owner, owned, approved, operator, stranger } = await networkHelpers.loadFixture(agents);
      await owned.transferFrom(owner, stranger, 1n);
      for (const caller of [owner, approved, operator]) {
        await expect(registry.connect(caller).unsetAgentWallet(1n))
          .to.be.revertedWithCustomError(registry, "ERC721InsufficientApproval")
          .withArgs(caller.address, 1n);
      }
    });
  });

  describe("views", () => {
    it("show nothing where there is no such agent, or refuse where ERC-721 does", async () => {
      const { registry, owned, stranger } = await networkHelpers.loadFixture(agents);
      for (const agentId of [0n, NOBODY, 2n ** 256n - 1n]) {
        expect(await registry.registeredAt(agentId)).to.equal(0n);
        expect(await registry.getMetadata(agentId, "colour")).to.equal("0x");
        await expectWallet(registry, agentId, ZeroAddress);
      }
      await expectNoSuchAgent((by, agentId) => by.ownerOf(agentId), owned);
      await expectNoSuchAgent((by, agentId) => by.tokenURI(agentId), owned);
      await expectNoSuchAgent((by, agentId) => by.isAuthorizedOrOwner(stranger, agentId), owned);
      await expectNoSuchAgent((by, agentId) => by.isAuthorizedOrOwner(ZeroAddress, agentId), owned);
      expect(await registry.balanceOf(stranger)).to.equal(0n);
      await expect(registry.balanceOf(ZeroAddress))
        .to.be.revertedWithCustomError(registry, "ERC721InvalidOwner")
        .withArgs(ZeroAddress);
    });

    it("say of everybody whether they may act for an agent", async () => {
      const { registry, owner, other, approved, operator, stranger, wallet, consent, send } =
        await networkHelpers.loadFixture(agents);
      await send(await consent());
      for (const [account, first, second] of [
        [owner.address, true, false],
        [approved.address, true, false],
        [operator.address, true, false],
        [other.address, false, true],
        [stranger.address, false, false],
        [wallet.address, false, false],
        [ZeroAddress, false, false],
      ] as const) {
        expect(await registry.isAuthorizedOrOwner(account, 1n), account).to.equal(first);
        expect(await registry.isAuthorizedOrOwner(account, 2n), account).to.equal(second);
      }
    });
  });

  describe("src/xp/agents", () => {
    it("hashes a consent as the registry does", async () => {
      const { registry, place, consent } = await networkHelpers.loadFixture(agents);
      expect(TypedDataEncoder.hashDomain(consentDomain(place))).to.equal(await registry.DOMAIN_SEPARATOR());
      const type = "AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)";
      expect(TypedDataEncoder.from(CONSENT_TYPES).encodeType("AgentWalletSet")).to.equal(type);
      const { agentId, newWallet, owner, deadline } = await consent();
      const struct = ethers.AbiCoder.defaultAbiCoder().encode(
        ["bytes32", "uint256", "address", "address", "uint256"],
        [id(type), agentId, newWallet, owner, deadline],
      );
      const digest = ethers.solidityPackedKeccak256(
        ["string", "bytes32", "bytes32"],
        ["\x19\x01", await registry.DOMAIN_SEPARATOR(), ethers.keccak256(struct)],
      );
      const message = { agentId, newWallet, owner, deadline };
      expect(TypedDataEncoder.hash(consentDomain(place), CONSENT_TYPES, message)).to.equal(digest);
    });

    it("names agents and registries as ERC-8004 does, and reads the names back", () => {
      const registry = "0x8004A169FB4a3325136EB29fA0ceB6D2e539a432";
      expect(registryName({ chainId: 1n, registry })).to.equal(`eip155:1:${registry}`);
      expect(agentName(31_337n, 7n)).to.equal("31337:7");
      const largest = 2n ** 256n - 1n;
      expect(parseAgentName(agentName(1n, largest))).to.deep.equal({ chainId: 1n, agentId: largest });
      for (const name of ["", "7", "1:", ":7", "1:7:2", "1:-7", "1:0x7", " 1:7", "eip155:1:7"]) {
        expect(() => parseAgentName(name), name).to.throw(RangeError, `"${name}" names no agent`);
      }
    });
  });

  /** The client talks to a node over HTTP and keeps its own keys, so this registry stands on a chain of its own. */
  describe("an existing ERC-8004 client, agent0-sdk", () => {
    const CHAIN_ID = 31_337;
    const [alice, bob, paid] = [0, 1, 2].map((index) =>
      HDNodeWallet.fromPhrase(
        "test test test test test test test test test test test junk",
        undefined,
        `m/44'/60'/0'/0/${String(index)}`,
      ),
    ) as [HDNodeWallet, HDNodeWallet, HDNodeWallet];
    let anvil: Anvil;
    let provider: JsonRpcProvider;
    let registry: string;

    before(async () => {
      anvil = await startAnvil();
      provider = new JsonRpcProvider(anvil.url, CHAIN_ID, { staticNetwork: true, cacheTimeout: -1 });
      registry = await deploy("AgentRegistry");
    });

    after(async () => {
      provider.destroy();
      await anvil.stop();
    });

    async function deploy(name: string, ...values: unknown[]): Promise<string> {
      const { abi, bytecode } = await hre.artifacts.readArtifact(name);
      const deployer = new NonceManager(HDNodeWallet.createRandom().connect(provider));
      await provider.send("anvil_setBalance", [await deployer.getAddress(), toBeHex(10n ** 18n)]);
      const contract = await new ContractFactory(abi as InterfaceAbi, bytecode, deployer).deploy(...values);
      await contract.waitForDeployment();
      return contract.getAddress();
    }

    /** The client as its users configure it: a chain, a node, a key, and where the registry is. */
    function client(wallet?: BaseWallet): SDK {
      return new SDK({
        chainId: CHAIN_ID,
        rpcUrl: anvil.url,
        registryOverrides: { [CHAIN_ID]: { IDENTITY: registry } },
        ...(wallet && { privateKey: wallet.privateKey }),
      });
    }

    async function registered(owner: BaseWallet) {
      const sdk = client(owner);
      const agent = sdk.createAgent("Sarah", "Sentiment analysis");
      await (await agent.registerOnChain()).waitMined();
      return { sdk, agent, name: agent.agentId ?? "" };
    }

    /** The wallet of an agent as somebody finds it who only knows its name. */
    const walletOf = async (name: string) => (await client().loadAgent(name)).getWallet();

    it("finds every function and event that it knows, but for its own slip", async () => {
      const { abi } = await hre.artifacts.readArtifact("AgentRegistry");
      const ours = new Interface(abi as InterfaceAbi);
      const known = new Interface(IDENTITY_REGISTRY_ABI as InterfaceAbi);
      let count = 0;
      known.forEachFunction((one) => {
        // The client's own slip, in a function that it never calls: ERC-721 has the two arguments the other way round.
        if (one.format() === "approve(uint256,address)") return;
        const shape = (form: typeof one) => [form.selector, form.stateMutability, form.outputs.map(({ type }) => type)];
        expect(shape(ours.getFunction(one.selector) ?? expect.fail(one.format())), one.name).to.deep.equal(shape(one));
        count++;
      });
      known.forEachEvent((one) => {
        const shape = (form: typeof one) => form.inputs.map(({ type, indexed }) => [type, indexed]);
        expect(shape(ours.getEvent(one.topicHash) ?? expect.fail(one.format())), one.name).to.deep.equal(shape(one));
        count++;
      });
      expect(count).to.be.at.least(18);
    });

    it("registers an agent and reads it back", async () => {
      const sdk = client(alice);
      const agent = sdk.createAgent("Sarah", "Sentiment analysis", "https://example.org/sarah.png");
      agent.setMetadata({ colour: "red" }).setActive(true);
      await (await agent.registerOnChain()).waitMined();
      const { chainId, agentId } = parseAgentName(agent.agentId ?? "");
      expect(chainId).to.equal(BigInt(CHAIN_ID));
      expect(agentId).to.equal(1n);

      const reader = client();
      expect(reader.isReadOnly).to.equal(true);
      const found = await reader.loadAgent(agentName(chainId, agentId));
      expect(found.name).to.equal("Sarah");
      expect(found.description).to.equal("Sentiment analysis");
      expect(found.image).to.equal("https://example.org/sarah.png");
      expect(found.agentURI).to.match(/^data:application\/json;base64,/);
      expect(await found.getWallet(), "whoever registered is the wallet").to.equal(alice.address);
      expect(await reader.getAgentOwner(agent.agentId ?? "")).to.equal(alice.address);
      expect(await reader.isAgentOwner(agent.agentId ?? "", bob.address)).to.equal(false);
      const value = await reader.chainClient.readContract({
        address: registry,
        abi: IDENTITY_REGISTRY_ABI,
        functionName: "getMetadata",
        args: [agentId, "colour"],
      });
      expect(value).to.equal(bytesOf("red"));
    });

    it("registers without a file and adds it later", async () => {
      const sdk = client(bob);
      const hash = await sdk.chainClient.writeContract({
        address: registry,
        abi: IDENTITY_REGISTRY_ABI,
        functionName: "register",
        args: [],
      });
      const { logs } = await sdk.chainClient.waitForTransaction({ hash });
      const name = agentName(BigInt(CHAIN_ID), BigInt(logs[0]?.topics[3] ?? 0));
      const agent = await sdk.loadAgent(name);
      expect(agent.agentURI).to.equal(undefined);
      agent.updateInfo("Bob's", "Added later");
      await (await agent.registerOnChain()).waitMined();
      const found = await client().loadAgent(name);
      expect([found.name, found.description]).to.deep.equal(["Bob's", "Added later"]);
      const { registrations } = JSON.parse(
        Buffer.from(found.agentURI?.replace(/^[^,]*,/, "") ?? "", "base64").toString(),
      ) as { registrations: { agentRegistry: string }[] };
      const place = { chainId: BigInt(CHAIN_ID), registry: registry as Address };
      expect(registrations[0]?.agentRegistry, "the client names the registry as we do").to.equal(registryName(place));
    });

    it("sets a wallet with its consent, and unsets it", async () => {
      const { agent, name } = await registered(alice);
      expect(await walletOf(name)).to.equal(alice.address);
      const sent = await agent.setWallet(paid.address, { newWalletPrivateKey: paid.privateKey });
      await sent?.waitMined();
      expect(await walletOf(name)).to.equal(paid.address);
      await (await agent.unsetWallet())?.waitMined();
      expect(await walletOf(name)).to.equal(undefined);
      const own = await agent.setWallet(alice.address);
      await own?.waitMined();
      expect(await walletOf(name), "one's own key signs without being asked for").to.equal(alice.address);
    });

    it("does not set a wallet that did not consent", async () => {
      const { agent, name } = await registered(alice);
      const failure = await agent.setWallet(paid.address, { signature: await bob.signMessage("yes") }).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(String(failure)).to.include("setAgentWallet");
      expect(String(failure)).to.include(id("AgentRegistry_NoConsent(uint256,address,address,uint256)").slice(0, 10));
      expect(await walletOf(name)).to.equal(alice.address);
    });

    it("sets a wallet that is a contract", async () => {
      const { agent, name, sdk } = await registered(alice);
      const safe = await deploy("AgentWallet", paid.address);
      const deadline = Number(await sdk.chainClient.getBlockTimestamp("latest")) + 60;
      const signature = await signConsent(
        paid,
        { chainId: BigInt(CHAIN_ID), registry: registry as Address },
        {
          agentId: parseAgentName(name).agentId,
          newWallet: safe as Address,
          owner: alice.address as Address,
          deadline: BigInt(deadline),
        },
      );
      await (await agent.setWallet(safe, { signature, deadline }))?.waitMined();
      expect(await walletOf(name)).to.equal(safe);
    });

    it("loses the wallet on transfer", async () => {
      const { agent, name } = await registered(alice);
      await (await agent.setWallet(paid.address, { newWalletPrivateKey: paid.privateKey }))?.waitMined();
      expect(await walletOf(name)).to.equal(paid.address);
      await (await agent.transfer(bob.address)).waitMined();
      expect(await client().getAgentOwner(name)).to.equal(bob.address);
      expect(await walletOf(name)).to.equal(undefined);
      const taken = await client(bob).loadAgent(name);
      await (await taken.setWallet(paid.address, { newWalletPrivateKey: paid.privateKey }))?.waitMined();
      expect(await walletOf(name), "and the new owner asks for a new consent").to.equal(paid.address);
    });
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    it("does not depend on the number of agents", async () => {
      const { registry, owner, owned, stranger } = await networkHelpers.loadFixture(agents);
      const register = await gasOf(owned["register()"]());
      for (let count = 0; count < 40; count++) await registry.connect(stranger)["register()"]();
      expect(await gasOf(owned["register()"]())).to.equal(register);
      const move = await gasOf(owned.transferFrom(owner, stranger, 3n));
      expect(await gasOf(owned.transferFrom(owner, stranger, 44n))).to.equal(move);
    });

    it("registers, sets a wallet and transfers within its budget", async () => {
      const { registry, owner, owned, stranger, other, consent, send } = await networkHelpers.loadFixture(agents);
      const gas = {
        firstAgent: await gasOf(registry.connect(stranger)["register()"]()),
        nextAgent: await gasOf(registry.connect(stranger)["register()"]()),
        setWallet: await gasOf(send(await consent())),
        unsetWallet: await gasOf(owned.unsetAgentWallet(1n)),
        setWalletAnew: await gasOf(send(await consent())),
        transfer: await gasOf(owned.transferFrom(owner, other, 1n)),
      };
      const read = (await registry.getAgentWallet.estimateGas(2n)) - 21_000n;
      if (hre.globalOptions.coverage) return;
      expect(gas.firstAgent, "the first agent of an account").to.be.below(104_000n);
      expect(gas.nextAgent, "a further one").to.be.below(87_000n);
      expect(gas.setWallet, "a wallet in place of another").to.be.below(42_000n);
      expect(gas.setWalletAnew, "a wallet where there was none").to.be.below(42_000n);
      expect(gas.unsetWallet, "no wallet").to.be.below(35_000n);
      expect(gas.transfer, "to an account with agents").to.be.below(47_000n);
      expect(read, "a wallet read: one cold slot and the call's own bytes").to.be.below(4_000n);
    });
  });
});
