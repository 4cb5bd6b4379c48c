import { expect } from "chai";
import {
  type ContractTransactionResponse,
  ZeroAddress,
  ZeroHash,
  id,
  toBeHex,
  toUtf8Bytes,
  zeroPadValue,
} from "ethers";
import hre, { network } from "hardhat";

import {
  CONTENT_MAX_COMMITMENT_AGE,
  CONTENT_MAX_ROYALTY_BPS,
  CONTENT_MAX_UNLOCK_PRICE,
  CONTENT_MAX_URI_LENGTH,
  CONTENT_MIN_COMMITMENT_AGE,
  CONTENT_PRICE_STEP,
  ContentRefusal,
  ContentRegistryModel,
  contentCommitment,
  contentHashOf,
  contentIdOf,
  contentRoyalty,
} from "../../../src/xme/content.js";

const { ethers, networkHelpers } = await network.create();

type Hex = `0x${string}`;
type Account = Awaited<ReturnType<typeof ethers.getSigners>>[number];

const XMEX = 10n ** 18n;
const GWEI = CONTENT_PRICE_STEP;
const MIN_AGE = CONTENT_MIN_COMMITMENT_AGE;
const MAX_AGE = CONTENT_MAX_COMMITMENT_AGE;
const HASH = id("a song") as Hex;
const CONTENT = BigInt(HASH);
const SALT = id("salt") as Hex;
const URI = "ipfs://bafkreisong";
const PRICE = 25n * XMEX;
const ROYALTY = 500n;

describe("ContentRegistry", () => {
  async function ready() {
    const [deployer, creator, buyer, thief, stranger] = await ethers.getSigners();
    if (!deployer || !creator || !buyer || !thief || !stranger) throw new Error("too few accounts");
    const registry = await ethers.deployContract("ContentRegistry");
    const { chainId } = await ethers.provider.getNetwork();
    const address = await registry.getAddress();
    const commitmentOf = (account: Account, hash = HASH, salt = SALT) =>
      contentCommitment({ hash, account: account.address, salt, chainId, registry: address });
    return {
      deployer,
      creator,
      buyer,
      thief,
      stranger,
      registry,
      address,
      chainId,
      commitmentOf,
      asCreator: registry.connect(creator),
      asThief: registry.connect(thief),
    };
  }

  const latest = async () => BigInt(await networkHelpers.time.latest());
  const nextAt = (at: bigint) => networkHelpers.time.setNextBlockTimestamp(at);
  const nextSecond = async (seconds = 100n) => {
    const at = (await latest()) + seconds;
    await nextAt(at);
    return at;
  };

  /** The creator has committed to the song, at `committed`. */
  async function committed() {
    const world = await ready();
    const time = await nextSecond();
    await world.asCreator.commit(world.commitmentOf(world.creator));
    return { ...world, time };
  }

  /** The song is registered, at `registered`, with document, price and royalty. */
  async function registered() {
    const world = await committed();
    await nextAt(world.time + MIN_AGE);
    await world.asCreator.register(HASH, SALT, URI, PRICE, ROYALTY);
    return { ...world, registeredAt: world.time + MIN_AGE };
  }

  /** The song is sold: the buyer owns it. */
  async function sold() {
    const world = await registered();
    await world.asCreator.transferFrom(world.creator, world.buyer, CONTENT);
    return world;
  }

  type World = Awaited<ReturnType<typeof ready>>;

  const refusesNonexistent = (world: World, call: Promise<unknown>, content: bigint) =>
    expect(call).to.be.revertedWithCustomError(world.registry, "ERC721NonexistentToken").withArgs(content);

  describe("constructor", () => {
    it("shows its names, its numbers and nobody above it", async () => {
      const { registry, deployer } = await networkHelpers.loadFixture(ready);
      expect(await registry.name()).to.equal("X.me Content");
      expect(await registry.symbol()).to.equal("CONTENT");
      expect(await registry.MIN_COMMITMENT_AGE()).to.equal(MIN_AGE);
      expect(await registry.MAX_COMMITMENT_AGE()).to.equal(MAX_AGE);
      expect(await registry.MAX_ROYALTY_BPS()).to.equal(CONTENT_MAX_ROYALTY_BPS);
      expect(await registry.PRICE_STEP()).to.equal(GWEI);
      expect(await registry.MAX_UNLOCK_PRICE()).to.equal(CONTENT_MAX_UNLOCK_PRICE);
      expect(await registry.MAX_URI_LENGTH()).to.equal(BigInt(CONTENT_MAX_URI_LENGTH));
      expect(await registry.balanceOf(deployer)).to.equal(0n);
      for (const name of ["owner", "authority", "hasRole", "pause", "burn"]) {
        expect(registry.interface.hasFunction(name), name).to.equal(false);
      }
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("ContentRegistry");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("commit", () => {
    it("keeps the time and tells", async () => {
      const { registry, asCreator, creator, commitmentOf } = await networkHelpers.loadFixture(ready);
      const commitment = commitmentOf(creator);
      expect(await registry.commitmentOf(HASH, creator, SALT)).to.equal(commitment);
      const time = await nextSecond();
      await expect(asCreator.commit(commitment))
        .to.emit(registry, "Committed")
        .withArgs(creator.address, commitment, time);
      expect([...(await registry.revealableBetween(creator, commitment))]).to.deep.equal([
        time + MIN_AGE,
        time + MAX_AGE,
      ]);
    });

    it("begins the age anew when it is made once more", async () => {
      const { registry, asCreator, creator, commitmentOf, time } = await networkHelpers.loadFixture(committed);
      await nextAt(time + MIN_AGE);
      await asCreator.commit(commitmentOf(creator));
      await nextAt(time + MIN_AGE + 1n);
      await expect(asCreator.register(HASH, SALT, "", 0n, 0n))
        .to.be.revertedWithCustomError(registry, "ContentRegistry_CommitmentTooYoung")
        .withArgs(commitmentOf(creator), time + 2n * MIN_AGE, time + MIN_AGE + 1n);
    });

    it("keeps the commitments of each account apart", async () => {
      const { registry, asCreator, asThief, creator, thief, commitmentOf, time } =
        await networkHelpers.loadFixture(committed);
      const commitment = commitmentOf(creator);
      await nextAt(time + MIN_AGE - 1n);
      await asThief.commit(commitment);
      expect((await registry.revealableBetween(thief, commitment))[0]).to.equal(time + 2n * MIN_AGE - 1n);
      expect((await registry.revealableBetween(creator, commitment))[0]).to.equal(time + MIN_AGE);
      await nextAt(time + MIN_AGE);
      await asCreator.register(HASH, SALT, URI, PRICE, ROYALTY);
      expect(await registry.creatorOf(CONTENT)).to.equal(creator.address);
    });
  });

  describe("register", () => {
    it("refuses a hash of zero", async () => {
      const { registry, asCreator, creator, commitmentOf } = await networkHelpers.loadFixture(ready);
      await asCreator.commit(commitmentOf(creator, ZeroHash as Hex));
      await networkHelpers.time.increase(MIN_AGE);
      await expect(asCreator.register(ZeroHash, SALT, "", 0n, 0n))
        .to.be.revertedWithCustomError(registry, "ContentRegistry_HashIsZero")
        .withArgs();
      await expect(registry.contentIdOf(ZeroHash))
        .to.be.revertedWithCustomError(registry, "ContentRegistry_HashIsZero")
        .withArgs();
    });

    it("refuses what is registered already, from its creator and everybody else, and says whose it is", async () => {
      const { registry, creator, buyer, thief, commitmentOf } = await networkHelpers.loadFixture(sold);
      for (const account of [creator, buyer, thief]) {
        await registry.connect(account).commit(commitmentOf(account));
      }
      await networkHelpers.time.increase(MIN_AGE);
      for (const account of [creator, buyer, thief]) {
        await expect(registry.connect(account).register(HASH, SALT, "", 0n, 0n))
          .to.be.revertedWithCustomError(registry, "ContentRegistry_AlreadyRegistered")
          .withArgs(CONTENT, creator.address);
      }
    });

    it("refuses a royalty above 10 %, by a basis point", async () => {
      const { registry, asCreator, time } = await networkHelpers.loadFixture(committed);
      await networkHelpers.time.increaseTo(time + MIN_AGE);
      for (const royalty of [CONTENT_MAX_ROYALTY_BPS + 1n, 65_536n, 2n ** 256n - 1n]) {
        await expect(asCreator.register(HASH, SALT, "", 0n, royalty))
          .to.be.revertedWithCustomError(registry, "ContentRegistry_RoyaltyTooHigh")
          .withArgs(royalty, CONTENT_MAX_ROYALTY_BPS);
      }
      await asCreator.register(HASH, SALT, "", 0n, CONTENT_MAX_ROYALTY_BPS);
      expect((await registry.contentOf(CONTENT)).royaltyBps).to.equal(CONTENT_MAX_ROYALTY_BPS);
    });

    it("refuses another account, hash and salt than was committed to", async () => {
      const { registry, creator, thief, commitmentOf, time } = await networkHelpers.loadFixture(committed);
      await networkHelpers.time.increaseTo(time + MIN_AGE);
      for (const [account, hash, salt] of [
        [thief, HASH, SALT],
        [creator, id("another") as Hex, SALT],
        [creator, HASH, id("another") as Hex],
      ] as const) {
        await expect(registry.connect(account).register(hash, salt, "", 0n, 0n))
          .to.be.revertedWithCustomError(registry, "ContentRegistry_NotCommitted")
          .withArgs(account.address, commitmentOf(account, hash, salt));
      }
    });

    it("refuses a commitment made for another registry or another chain", async () => {
      const { registry, asCreator, creator, chainId, address, commitmentOf } = await networkHelpers.loadFixture(ready);
      const secret = { hash: HASH, account: creator.address, salt: SALT, chainId, registry: address };
      await asCreator.commit(contentCommitment({ ...secret, chainId: chainId + 1n }));
      await asCreator.commit(contentCommitment({ ...secret, registry: creator.address }));
      await networkHelpers.time.increase(MIN_AGE);
      await expect(asCreator.register(HASH, SALT, "", 0n, 0n))
        .to.be.revertedWithCustomError(registry, "ContentRegistry_NotCommitted")
        .withArgs(creator.address, commitmentOf(creator));
    });

    it("keeps nothing of a commitment that has been revealed", async () => {
      const { registry, creator, commitmentOf } = await networkHelpers.loadFixture(registered);
      expect([...(await registry.revealableBetween(creator, commitmentOf(creator)))]).to.deep.equal([0n, 0n]);
    });

    it("refuses a commitment younger than a minute, by a second", async () => {
      const { registry, asCreator, creator, commitmentOf, time } = await networkHelpers.loadFixture(committed);
      for (const at of [time + 1n, time + MIN_AGE - 1n]) {
        await nextAt(at);
        await expect(asCreator.register(HASH, SALT, "", 0n, 0n))
          .to.be.revertedWithCustomError(registry, "ContentRegistry_CommitmentTooYoung")
          .withArgs(commitmentOf(creator), time + MIN_AGE, at);
      }
      await nextAt(time + MIN_AGE);
      await asCreator.register(HASH, SALT, "", 0n, 0n);
      expect(await registry.ownerOf(CONTENT)).to.equal(creator.address);
    });

    it("refuses commitment and registration in one batch", async () => {
      const { registry, asCreator, creator, commitmentOf } = await networkHelpers.loadFixture(ready);
      const commitment = commitmentOf(creator);
      const at = await nextSecond();
      await expect(
        asCreator.multicall([
          registry.interface.encodeFunctionData("commit", [commitment]),
          registry.interface.encodeFunctionData("register", [HASH, SALT, "", 0n, 0n]),
        ]),
      )
        .to.be.revertedWithCustomError(registry, "ContentRegistry_CommitmentTooYoung")
        .withArgs(commitment, at + MIN_AGE, at);
    });

    it("refuses a commitment older than a day, by a second, until it is made again", async () => {
      const { registry, asCreator, creator, commitmentOf, time } = await networkHelpers.loadFixture(committed);
      await nextAt(time + MAX_AGE + 1n);
      await expect(asCreator.register(HASH, SALT, "", 0n, 0n))
        .to.be.revertedWithCustomError(registry, "ContentRegistry_CommitmentExpired")
        .withArgs(commitmentOf(creator), time + MAX_AGE, time + MAX_AGE + 1n);
      await nextAt(time + MAX_AGE + 2n);
      await asCreator.commit(commitmentOf(creator));
      await nextAt(time + 2n * MAX_AGE + 2n);
      await asCreator.register(HASH, SALT, "", 0n, 0n);
      expect(await registry.ownerOf(CONTENT)).to.equal(creator.address);
    });

    it("refuses a price or a URI out of range, and the commitment stays", async () => {
      const { registry, asCreator, creator, commitmentOf, time } = await networkHelpers.loadFixture(committed);
      await networkHelpers.time.increaseTo(time + MIN_AGE);
      await expect(asCreator.register(HASH, SALT, "", PRICE + 1n, 0n))
        .to.be.revertedWithCustomError(registry, "ContentRegistry_PriceNotInSteps")
        .withArgs(PRICE + 1n, GWEI);
      await expect(asCreator.register(HASH, SALT, "two words", 0n, 0n))
        .to.be.revertedWithCustomError(registry, "PlainText_UnfitCharacter")
        .withArgs("0x20", 3n);
      expect((await registry.revealableBetween(creator, commitmentOf(creator)))[0]).to.equal(time + MIN_AGE);
      expect(await registry.isRegistered(CONTENT)).to.equal(false);
    });

    it("registers, mints and tells", async () => {
      const { registry, asCreator, creator, time } = await networkHelpers.loadFixture(committed);
      const at = time + MIN_AGE;
      await nextAt(at);
      expect(
        await asCreator.register.staticCall(HASH, SALT, URI, PRICE, ROYALTY, { blockTag: "pending" }),
        "its number",
      ).to.equal(CONTENT);
      await nextAt(at);
      const registration = asCreator.register(HASH, SALT, URI, PRICE, ROYALTY);
      await expect(registration)
        .to.emit(registry, "ContentRegistered")
        .withArgs(CONTENT, creator.address, HASH, at, ROYALTY);
      await expect(registration).to.emit(registry, "Transfer").withArgs(ZeroAddress, creator.address, CONTENT);
      await expect(registration).to.emit(registry, "UnlockPriceChanged").withArgs(CONTENT, creator.address, PRICE);
      await expect(registration).to.emit(registry, "DocumentMoved").withArgs(CONTENT, creator.address, URI);
      await expect(registration).to.emit(registry, "MetadataUpdate").withArgs(CONTENT);
      expect([...(await registry.contentOf(CONTENT))]).to.deep.equal([
        HASH,
        creator.address,
        creator.address,
        at,
        PRICE,
        ROYALTY,
        URI,
      ]);
      expect(await registry.contentIdOf(HASH)).to.equal(CONTENT);
      expect(await registry.isRegistered(CONTENT)).to.equal(true);
      expect(await registry.creatorOf(CONTENT)).to.equal(creator.address);
      expect(await registry.ownerOf(CONTENT)).to.equal(creator.address);
      expect(await registry.balanceOf(creator)).to.equal(1n);
      expect(await registry.unlockPriceOf(CONTENT)).to.equal(PRICE);
      expect(await registry.tokenURI(CONTENT)).to.equal(URI);
    });

    it("stores neither price nor document where there are none", async () => {
      const { registry, asCreator, time } = await networkHelpers.loadFixture(committed);
      await networkHelpers.time.increaseTo(time + MIN_AGE);
      const receipt = await (await asCreator.register(HASH, SALT, "", 0n, 0n)).wait();
      expect(receipt?.logs.length, "Transfer and ContentRegistered").to.equal(2);
      expect(await registry.unlockPriceOf(CONTENT)).to.equal(0n);
      expect(await registry.tokenURI(CONTENT)).to.equal("");
    });

    it("registers a batch in one transaction", async () => {
      const { registry, asCreator, creator, commitmentOf } = await networkHelpers.loadFixture(ready);
      const hashes = ["one", "two", "three"].map((text) => id(text) as Hex);
      const { interface: abi } = registry;
      await asCreator.multicall(hashes.map((hash) => abi.encodeFunctionData("commit", [commitmentOf(creator, hash)])));
      await networkHelpers.time.increase(MIN_AGE);
      await asCreator.multicall(
        hashes.map((hash) => abi.encodeFunctionData("register", [hash, SALT, URI, PRICE, ROYALTY])),
      );
      expect(await registry.balanceOf(creator)).to.equal(3n);
      for (const hash of hashes) expect(await registry.creatorOf(hash)).to.equal(creator.address);
      await expect(
        asCreator.multicall([
          abi.encodeFunctionData("setUnlockPrice", [hashes[0] ?? "", 0n]),
          abi.encodeFunctionData("setUnlockPrice", [CONTENT, 0n]),
        ]),
        "all or nothing",
      )
        .to.be.revertedWithCustomError(registry, "ERC721NonexistentToken")
        .withArgs(CONTENT);
      expect(await registry.unlockPriceOf(hashes[0] ?? "")).to.equal(PRICE);
    });

    it("asks no receiver", async () => {
      const { registry, address, chainId } = await networkHelpers.loadFixture(ready);
      const account = await ethers.deployContract("ContentSilentAccount");
      const accountAddress = await account.getAddress();
      const commitment = contentCommitment({
        hash: HASH,
        account: accountAddress,
        salt: SALT,
        chainId,
        registry: address,
      });
      await account.send(registry, registry.interface.encodeFunctionData("commit", [commitment]));
      await networkHelpers.time.increase(MIN_AGE);
      await account.send(registry, registry.interface.encodeFunctionData("register", [HASH, SALT, "", 0n, 0n]));
      expect(await registry.ownerOf(CONTENT)).to.equal(accountAddress);
    });

    it("refuses the copy of a thief who reads the reveal before it is in a block, also with a commitment copied before", async () => {
      const { registry, asCreator, asThief, creator, thief, commitmentOf, time } =
        await networkHelpers.loadFixture(committed);
      await nextAt(time + 1n);
      await asThief.commit(commitmentOf(creator)); // all that could be read until now
      await nextAt(time + MIN_AGE + 1n);
      await expect(asThief.register(HASH, SALT, "", 0n, 0n), "the reveal, copied")
        .to.be.revertedWithCustomError(registry, "ContentRegistry_NotCommitted")
        .withArgs(thief.address, commitmentOf(thief));
      await nextAt(time + MIN_AGE + 2n);
      await asThief.commit(commitmentOf(thief)); // the fastest that the thief can be
      await nextAt(time + 2n * MIN_AGE + 1n);
      await expect(asThief.register(HASH, SALT, "", 0n, 0n), "a commitment made since")
        .to.be.revertedWithCustomError(registry, "ContentRegistry_CommitmentTooYoung")
        .withArgs(commitmentOf(thief), time + 2n * MIN_AGE + 2n, time + 2n * MIN_AGE + 1n);
      await nextAt(time + 2n * MIN_AGE + 2n);
      await asCreator.register(HASH, SALT, URI, PRICE, ROYALTY); // nearly a minute after it was first sent
      await expect(asThief.register(HASH, SALT, "", 0n, 0n))
        .to.be.revertedWithCustomError(registry, "ContentRegistry_AlreadyRegistered")
        .withArgs(CONTENT, creator.address);
    });

    it("stays its creator's whatever others commit", async () => {
      const { registry, asCreator, creator, thief, stranger, buyer, commitmentOf, time } =
        await networkHelpers.loadFixture(committed);
      for (const account of [thief, stranger, buyer]) {
        await registry.connect(account).commit(commitmentOf(creator));
        await registry.connect(account).commit(commitmentOf(account, HASH, id("guess") as Hex));
      }
      await networkHelpers.time.increaseTo(time + MAX_AGE - 1n);
      await asCreator.register(HASH, SALT, URI, PRICE, ROYALTY);
      expect(await registry.creatorOf(CONTENT)).to.equal(creator.address);
    });
  });

  describe("setUnlockPrice", () => {
    it("refuses what does not exist", async () => {
      const world = await networkHelpers.loadFixture(ready);
      await refusesNonexistent(world, world.asCreator.setUnlockPrice(CONTENT, PRICE), CONTENT);
    });

    it("refuses the creator who sold it, and whom the owner approved", async () => {
      const { registry, creator, buyer, thief, stranger } = await networkHelpers.loadFixture(sold);
      await registry.connect(buyer).approve(thief, CONTENT);
      await registry.connect(buyer).setApprovalForAll(stranger, true);
      for (const caller of [creator, thief, stranger]) {
        await expect(registry.connect(caller).setUnlockPrice(CONTENT, 0n))
          .to.be.revertedWithCustomError(registry, "ContentRegistry_NotOwner")
          .withArgs(CONTENT, caller.address, buyer.address);
      }
    });

    it("refuses a price above the highest or not a whole number of gwei, and takes the edges", async () => {
      const { registry, asCreator } = await networkHelpers.loadFixture(registered);
      for (const price of [1n, GWEI - 1n, GWEI + 1n, CONTENT_MAX_UNLOCK_PRICE - 1n]) {
        await expect(asCreator.setUnlockPrice(CONTENT, price))
          .to.be.revertedWithCustomError(registry, "ContentRegistry_PriceNotInSteps")
          .withArgs(price, GWEI);
      }
      for (const price of [CONTENT_MAX_UNLOCK_PRICE + 1n, CONTENT_MAX_UNLOCK_PRICE + GWEI, 2n ** 256n - 1n]) {
        await expect(asCreator.setUnlockPrice(CONTENT, price))
          .to.be.revertedWithCustomError(registry, "ContentRegistry_PriceTooHigh")
          .withArgs(price, CONTENT_MAX_UNLOCK_PRICE);
      }
      for (const price of [GWEI, CONTENT_MAX_UNLOCK_PRICE]) {
        await asCreator.setUnlockPrice(CONTENT, price);
        expect(await registry.unlockPriceOf(CONTENT)).to.equal(price);
      }
    });

    it("costs what the owner sets from now on, or nothing", async () => {
      const { registry, buyer } = await networkHelpers.loadFixture(sold);
      for (const price of [3n * XMEX, 0n]) {
        await expect(registry.connect(buyer).setUnlockPrice(CONTENT, price))
          .to.emit(registry, "UnlockPriceChanged")
          .withArgs(CONTENT, buyer.address, price);
        expect(await registry.unlockPriceOf(CONTENT)).to.equal(price);
      }
    });
  });

  describe("setTokenURI", () => {
    it("refuses what does not exist and anybody but the owner", async () => {
      const world = await networkHelpers.loadFixture(sold);
      const { registry, creator, buyer, stranger } = world;
      const unknown = BigInt(id("unknown"));
      await refusesNonexistent(world, registry.setTokenURI(unknown, URI), unknown);
      await registry.connect(buyer).setApprovalForAll(stranger, true);
      for (const caller of [creator, stranger]) {
        await expect(registry.connect(caller).setTokenURI(CONTENT, "ipfs://else"))
          .to.be.revertedWithCustomError(registry, "ContentRegistry_NotOwner")
          .withArgs(CONTENT, caller.address, buyer.address);
      }
    });

    it("refuses more than 256 characters and what is no URI, and takes 256", async () => {
      const { registry, asCreator } = await networkHelpers.loadFixture(registered);
      await expect(asCreator.setTokenURI(CONTENT, `x:${"a".repeat(255)}`))
        .to.be.revertedWithCustomError(registry, "PlainText_LengthOutOfRange")
        .withArgs(257n, 256n);
      for (const [uri, character, position] of [
        ['ipfs://"', "0x22", 7n],
        ["ipfs://a\nb", "0x0a", 8n],
        ["<svg>", "0x3c", 0n],
      ] as const) {
        await expect(asCreator.setTokenURI(CONTENT, uri))
          .to.be.revertedWithCustomError(registry, "PlainText_UnfitCharacter")
          .withArgs(character, position);
      }
      const longest = `x:${"a".repeat(254)}`;
      await asCreator.setTokenURI(CONTENT, longest);
      expect(await registry.tokenURI(CONTENT)).to.equal(longest);
    });

    it("leads where the owner moves it, or nowhere", async () => {
      const { registry, buyer } = await networkHelpers.loadFixture(sold);
      for (const uri of ["https://x.me/song?take=2", ""]) {
        const move = registry.connect(buyer).setTokenURI(CONTENT, uri);
        await expect(move).to.emit(registry, "DocumentMoved").withArgs(CONTENT, buyer.address, uri);
        await expect(move).to.emit(registry, "MetadataUpdate").withArgs(CONTENT);
        expect(await registry.tokenURI(CONTENT)).to.equal(uri);
      }
    });
  });

  describe("a transfer", () => {
    it("takes price and document along and leaves the creator and the royalty", async () => {
      const { registry, creator, buyer, registeredAt } = await networkHelpers.loadFixture(sold);
      expect([...(await registry.contentOf(CONTENT))]).to.deep.equal([
        HASH,
        creator.address,
        buyer.address,
        registeredAt,
        PRICE,
        ROYALTY,
        URI,
      ]);
      expect(await registry.creatorOf(CONTENT)).to.equal(creator.address);
      expect([...(await registry.royaltyInfo(CONTENT, 100n))]).to.deep.equal([creator.address, 5n]);
    });

    it("is possible for whom the owner approved, and for nobody else", async () => {
      const { registry, creator, buyer, thief, stranger } = await networkHelpers.loadFixture(sold);
      for (const caller of [creator, thief]) {
        await expect(registry.connect(caller).transferFrom(buyer, caller, CONTENT))
          .to.be.revertedWithCustomError(registry, "ERC721InsufficientApproval")
          .withArgs(caller.address, CONTENT);
      }
      await registry.connect(buyer).approve(stranger, CONTENT);
      await registry.connect(stranger).transferFrom(buyer, thief, CONTENT);
      expect(await registry.ownerOf(CONTENT)).to.equal(thief.address);
      expect(await registry.getApproved(CONTENT), "an approval that outlives the transfer").to.equal(ZeroAddress);
    });

    it("asks a receiver only where it is safe", async () => {
      const { registry, asCreator, creator } = await networkHelpers.loadFixture(registered);
      const account = await ethers.deployContract("ContentSilentAccount");
      const to = await account.getAddress();
      await expect(asCreator["safeTransferFrom(address,address,uint256)"](creator, to, CONTENT))
        .to.be.revertedWithCustomError(registry, "ERC721InvalidReceiver")
        .withArgs(to);
      await asCreator.transferFrom(creator, to, CONTENT);
      expect(await registry.ownerOf(CONTENT)).to.equal(to);
    });
  });

  describe("royaltyInfo", () => {
    it("is the creator's part, rounded down, of any price", async () => {
      const { registry, creator } = await networkHelpers.loadFixture(sold);
      for (const price of [0n, 1n, 19n, 20n, 39n, 10n ** 18n + 19n, 2n ** 256n - 1n]) {
        expect([...(await registry.royaltyInfo(CONTENT, price))], `of ${price}`).to.deep.equal([
          creator.address,
          contentRoyalty(price, ROYALTY),
        ]);
      }
    });

    it("is refused for what does not exist", async () => {
      const world = await networkHelpers.loadFixture(ready);
      await refusesNonexistent(world, world.registry.royaltyInfo(CONTENT, 1n), CONTENT);
    });
  });

  describe("views", () => {
    it("refuse what does not exist", async () => {
      const world = await networkHelpers.loadFixture(registered);
      const { registry } = world;
      for (const content of [0n, CONTENT + 1n]) {
        expect(await registry.isRegistered(content)).to.equal(false);
        for (const view of ["contentOf", "creatorOf", "ownerOf", "unlockPriceOf", "tokenURI"] as const) {
          await refusesNonexistent(world, registry[view](content), content);
        }
      }
    });

    it("tell when a commitment can be revealed", async () => {
      const { registry, creator, thief, commitmentOf, time } = await networkHelpers.loadFixture(committed);
      const commitment = commitmentOf(creator);
      expect([...(await registry.revealableBetween(creator, commitment))]).to.deep.equal([
        time + MIN_AGE,
        time + MAX_AGE,
      ]);
      expect([...(await registry.revealableBetween(thief, commitment))]).to.deep.equal([0n, 0n]);
    });
  });

  it("supports the interfaces that it has and nothing else", async () => {
    const { registry } = await networkHelpers.loadFixture(ready);
    const supported = {
      "ERC-165": "0x01ffc9a7",
      "ERC-721": "0x80ac58cd",
      "ERC-721 metadata": "0x5b5e139f",
      "ERC-2981": "0x2a55205a",
      "ERC-4906": "0x49064906",
    };
    for (const [name, interfaceId] of Object.entries(supported)) {
      expect(await registry.supportsInterface(interfaceId), name).to.equal(true);
    }
    for (const interfaceId of ["0xffffffff", "0x00000000", "0x780e9d63", "0xb45a3c0e", "0x4e2312e0"]) {
      expect(await registry.supportsInterface(interfaceId), interfaceId).to.equal(false);
    }
  });

  describe("content that is nobody's but its owner's", () => {
    const changing = [
      "approve(address,uint256)",
      "commit(bytes32)",
      "multicall(bytes[])",
      "register(bytes32,bytes32,string,uint256,uint256)",
      "safeTransferFrom(address,address,uint256)",
      "safeTransferFrom(address,address,uint256,bytes)",
      "setApprovalForAll(address,bool)",
      "setTokenURI(uint256,string)",
      "setUnlockPrice(uint256,uint256)",
      "transferFrom(address,address,uint256)",
    ];

    it("has no function that changes state but the ones known here, and takes no ether", async () => {
      const { registry } = await networkHelpers.loadFixture(ready);
      const found: string[] = [];
      registry.interface.forEachFunction((one) => {
        if (!one.constant) found.push(one.format("sighash"));
        expect(one.payable, one.name).to.equal(false);
      });
      expect(found.sort()).to.deep.equal(changing);
      expect(registry.interface.fallback ?? null).to.equal(null);
      expect(registry.interface.receive).to.equal(false);
    });

    it("is not changed by anybody but its owner, by any of them", async () => {
      const world = await networkHelpers.loadFixture(sold);
      const { registry, deployer, creator, buyer, thief, commitmentOf } = world;
      const state = async () =>
        JSON.stringify(
          [
            ...(await registry.contentOf(CONTENT)),
            await registry.getApproved(CONTENT),
            await registry.isApprovedForAll(buyer, thief),
            await registry.balanceOf(buyer),
          ],
          (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
        );
      const before = await state();
      for (const caller of [deployer, creator, thief]) {
        const to = caller.address;
        const from = buyer.address;
        const abi = registry.interface;
        const attempts: Record<string, string> = {
          "approve(address,uint256)": abi.encodeFunctionData("approve", [to, CONTENT]),
          "commit(bytes32)": abi.encodeFunctionData("commit", [commitmentOf(caller)]),
          "register(bytes32,bytes32,string,uint256,uint256)": abi.encodeFunctionData("register", [
            HASH,
            SALT,
            "ipfs://mine",
            0n,
            0n,
          ]),
          "safeTransferFrom(address,address,uint256)": abi.encodeFunctionData(
            "safeTransferFrom(address,address,uint256)",
            [from, to, CONTENT],
          ),
          "safeTransferFrom(address,address,uint256,bytes)": abi.encodeFunctionData(
            "safeTransferFrom(address,address,uint256,bytes)",
            [from, to, CONTENT, "0x"],
          ),
          "setApprovalForAll(address,bool)": abi.encodeFunctionData("setApprovalForAll", [to, true]),
          "setTokenURI(uint256,string)": abi.encodeFunctionData("setTokenURI", [CONTENT, "ipfs://mine"]),
          "setUnlockPrice(uint256,uint256)": abi.encodeFunctionData("setUnlockPrice", [CONTENT, 0n]),
          "transferFrom(address,address,uint256)": abi.encodeFunctionData("transferFrom", [from, to, CONTENT]),
        };
        for (const data of Object.values(attempts)) {
          attempts[`multicall(bytes[]) ${data.slice(0, 10)}`] = abi.encodeFunctionData("multicall", [[data]]);
        }
        const names = new Set(Object.keys(attempts).map((name) => name.replace(/ .*/, "")));
        expect([...names].sort(), "every function is tried").to.deep.equal(changing);
        let refused = 0;
        for (const [name, data] of Object.entries(attempts)) {
          await networkHelpers.time.increase(MIN_AGE);
          const sent = await caller
            .sendTransaction({ to: world.address, data, gasLimit: 1_000_000n })
            .catch(() => null);
          if (!sent) refused++;
          expect(await state(), `${name} by ${to}`).to.equal(before);
        }
        // A commitment, and an approval for one's own tokens, are anybody's to give, also in a batch.
        expect(refused).to.equal(Object.keys(attempts).length - 4);
      }
    });

    it("has no code that destroys it", async () => {
      const { address } = await networkHelpers.loadFixture(ready);
      if (hre.globalOptions.coverage) return;
      const code = Buffer.from((await ethers.provider.getCode(address)).slice(2), "hex");
      const end = code.length - 2 - code.readUInt16BE(code.length - 2); // behind it lies the compiler's metadata
      const counts = new Map<number, number>();
      for (let at = 0; at < end; at++) {
        const opcode = code[at] ?? 0;
        counts.set(opcode, (counts.get(opcode) ?? 0) + 1);
        if (opcode >= 0x60 && opcode <= 0x7f) at += opcode - 0x5f;
      }
      const [CREATE, CALL, CALLCODE, RETURN, DELEGATECALL, CREATE2, SELFDESTRUCT] = [
        0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xff,
      ] as const;
      expect(counts.get(RETURN), "code was read").to.be.greaterThan(0);
      expect(counts.get(DELEGATECALL), "a batch calls this contract itself").to.equal(1);
      expect(counts.get(CALL), "a safe transfer asks its receiver").to.equal(1);
      for (const opcode of [CREATE, CALLCODE, CREATE2, SELFDESTRUCT]) {
        expect(counts.get(opcode) ?? 0, toBeHex(opcode)).to.equal(0);
      }
    });
  });

  it("hashes a file by SHA-256 for X.me's tools, and numbers it so", () => {
    const hash = contentHashOf(toUtf8Bytes("abc"));
    expect(hash).to.equal("0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-4
    expect(contentIdOf(hash)).to.equal(BigInt(hash));
    expect(() => contentIdOf(ZeroHash)).to.throw(RangeError, "no content");
    expect(() => contentIdOf("0x12")).to.throw(RangeError, "0x12 is no hash of 32 bytes");
  });

  it("agrees with the model over random calls", async () => {
    const { registry, address, chainId, deployer, creator, buyer, thief, stranger } =
      await networkHelpers.loadFixture(ready);
    const model = new ContentRegistryModel(chainId, address);
    const accounts = [deployer, creator, buyer, thief, stranger];
    const hashes = Array.from({ length: 40 }, (_, number) => zeroPadValue(toBeHex(number), 32) as Hex);
    const salts = [SALT, id("other salt") as Hex];
    const uris = ["", URI, "https://x.me/a?b=c&d", "two words", `x:${"a".repeat(300)}`];
    const prices = [0n, GWEI, PRICE, PRICE + 1n, CONTENT_MAX_UNLOCK_PRICE, CONTENT_MAX_UNLOCK_PRICE + GWEI];
    const royalties = [0n, 1n, ROYALTY, CONTENT_MAX_ROYALTY_BPS, CONTENT_MAX_ROYALTY_BPS + 1n];
    const secrets: { account: Account; hash: Hex; salt: Hex }[] = [];
    const done = new Map<string, number>();
    const refused = new Map<string, number>();
    const count = (map: Map<string, number>, what: string) => map.set(what, (map.get(what) ?? 0) + 1);
    let now = await latest();

    async function attempt(what: string, predict: () => unknown, call: () => Promise<ContractTransactionResponse>) {
      try {
        predict();
      } catch (error) {
        if (!(error instanceof ContentRefusal)) throw error;
        await expect(call(), what)
          .to.be.revertedWithCustomError(registry, error.error)
          .withArgs(...error.values);
        await networkHelpers.mine(); // a refusal leaves no block behind
        count(refused, error.error);
        return;
      }
      await call();
      count(done, what);
    }

    for (let step = 0; step < 500; step++) {
      const dice = BigInt(id(`content step ${step}`));
      const pick = <Item>(from: bigint, list: readonly Item[]): Item => {
        const item = list[Number((dice >> from) % BigInt(list.length))];
        if (item === undefined) throw new Error("an empty list");
        return item;
      };
      const hidden = secrets
        .filter(({ hash }) => hash !== ZeroHash && ownerOf(model, BigInt(hash)) === undefined)
        .slice(-2);
      const recent = hidden.length > 0 && pick(104n, [true, true, false]) ? pick(112n, hidden) : undefined;
      const account = recent?.account ?? pick(8n, accounts);
      // Mostly content that is registered already, for its owners to change.
      const existing = hashes.filter((one) => ownerOf(model, BigInt(one)) !== undefined);
      const hash = recent?.hash ?? pick(16n, existing.length > 0 && pick(120n, [true, false]) ? existing : hashes);
      const salt = recent?.salt ?? pick(24n, salts);
      const content = BigInt(hash);
      const caller = registry.connect(account);
      const commitment = contentCommitment({ hash, account: account.address, salt, chainId, registry: address });
      const [from, until] = model.revealableBetween(account.address, commitment);
      now += pick(32n, [1n, 5n, 20n, 40n, 3_600n]);
      const edge = pick(40n, [now, from - 1n, from - 1n, from, from, from, until, until + 1n]);
      const known = from !== 0n;
      if (known && edge >= now) now = edge;
      await nextAt(now);
      const held = ownerOf(model, content);
      const owner = accounts.find(({ address }) => address === held);
      const by = owner && pick(48n, [true, true, true, false]) ? owner : account;
      const kind =
        known && pick(56n, [true, true, true, false])
          ? "register"
          : pick(64n, ["commit", "price", "uri", "move", "register"]);
      if (kind === "commit") {
        secrets.push({ account, hash, salt });
        await attempt(
          "commit",
          () => {
            model.commit(now, account.address, commitment);
          },
          () => caller.commit(commitment),
        );
      } else if (kind === "register") {
        const odd = pick(72n, [true, false, false, false]);
        const terms = {
          uri: odd ? pick(80n, uris) : URI,
          unlockPrice: odd ? pick(88n, prices) : PRICE,
          royaltyBps: odd ? pick(96n, royalties) : ROYALTY,
        };
        await attempt(
          "register",
          () => model.register(now, account.address, hash, salt, terms),
          () => caller.register(hash, salt, terms.uri, terms.unlockPrice, terms.royaltyBps),
        );
      } else if (kind === "price") {
        const price = pick(80n, prices);
        await attempt(
          "price",
          () => {
            model.setUnlockPrice(by.address, content, price);
          },
          () => registry.connect(by).setUnlockPrice(content, price),
        );
      } else if (kind === "uri") {
        const uri = pick(80n, uris);
        await attempt(
          "uri",
          () => {
            model.setTokenURI(by.address, content, uri);
          },
          () => registry.connect(by).setTokenURI(content, uri),
        );
      } else {
        const to = pick(80n, accounts);
        await attempt(
          "move",
          () => {
            model.transfer(by.address, content, to.address);
          },
          () => registry.connect(by).transferFrom(held ?? by.address, to, content),
        );
      }
      now = await latest();
      expect([...(await registry.revealableBetween(account, commitment))], `commitment at step ${step}`).to.deep.equal([
        ...model.revealableBetween(account.address, commitment),
      ]);
      if (ownerOf(model, content) === undefined) {
        expect(await registry.isRegistered(content)).to.equal(false);
        continue;
      }
      const { creator: first, owner: last, registeredAt, unlockPrice, royaltyBps, uri } = model.content(content);
      expect([...(await registry.contentOf(content))], `content at step ${step}`).to.deep.equal([
        hash,
        first,
        last,
        registeredAt,
        unlockPrice,
        royaltyBps,
        uri,
      ]);
      expect(await registry.balanceOf(account)).to.equal(model.balanceOf(account.address));
    }
    const seen = `${JSON.stringify([...done])} ${JSON.stringify([...refused])}`;
    expect(model.count, seen).to.be.greaterThan(8);
    for (const what of ["commit", "register", "price", "uri", "move"]) {
      expect(done.get(what) ?? 0, `${what}: ${seen}`).to.be.at.least(9);
    }
    for (const error of [
      "ContentRegistry_AlreadyRegistered",
      "ContentRegistry_CommitmentExpired",
      "ContentRegistry_CommitmentTooYoung",
      "ContentRegistry_HashIsZero",
      "ContentRegistry_NotCommitted",
      "ContentRegistry_NotOwner",
      "ContentRegistry_PriceNotInSteps",
      "ContentRegistry_PriceTooHigh",
      "ContentRegistry_RoyaltyTooHigh",
      "ERC721InsufficientApproval",
      "ERC721NonexistentToken",
      "PlainText_LengthOutOfRange",
      "PlainText_UnfitCharacter",
    ]) {
      expect(refused.get(error) ?? 0, `${error}: ${seen}`).to.be.at.least(1);
    }
  });

  describe("cost", () => {
    const gasOf = async (sent: Promise<ContractTransactionResponse>) => (await (await sent).wait())?.gasUsed ?? 0n;

    it("does not depend on how much is registered", async () => {
      const { asCreator, creator, commitmentOf } = await networkHelpers.loadFixture(registered);
      const gas: bigint[] = [];
      for (let number = 0; number < 12; number++) {
        const hash = id(`work ${number}`) as Hex;
        await asCreator.commit(commitmentOf(creator, hash));
        await networkHelpers.time.increase(MIN_AGE);
        gas.push(await gasOf(asCreator.register(hash, SALT, URI, PRICE, ROYALTY)));
      }
      if (hre.globalOptions.coverage) return;
      const calldata = 100n; // a byte of a hash that is zero or is not
      const sorted = [...gas].sort((one, two) => Number(one - two));
      expect((sorted.at(-1) ?? 0n) - (sorted[0] ?? 0n), gas.join(", ")).to.be.at.most(calldata);
    });

    it("stays within its budget", async () => {
      const { registry, asCreator, creator, buyer, commitmentOf } = await networkHelpers.loadFixture(registered);
      const bare = id("bare") as Hex;
      const commit = await gasOf(asCreator.commit(commitmentOf(creator, bare)));
      await networkHelpers.time.increase(MIN_AGE);
      const register = await gasOf(asCreator.register(bare, SALT, "", 0n, ROYALTY));
      const full = id("full") as Hex;
      await asCreator.commit(commitmentOf(creator, full));
      await networkHelpers.time.increase(MIN_AGE);
      const registerFull = await gasOf(asCreator.register(full, SALT, URI, PRICE, ROYALTY));
      const price = await gasOf(asCreator.setUnlockPrice(CONTENT, XMEX));
      const transfer = await gasOf(asCreator.transferFrom(creator, buyer, CONTENT));
      const creatorOf = (await registry.creatorOf.estimateGas(CONTENT)) - 21_000n;
      if (hre.globalOptions.coverage) return;
      expect(commit, "a commitment").to.be.below(48_000n);
      expect(register, "a registration without document and price").to.be.below(82_000n);
      expect(registerFull, "a registration with a document in one slot and a price").to.be.below(136_000n);
      expect(price, "another price").to.be.below(33_500n);
      expect(transfer, "a first transfer").to.be.below(62_000n);
      expect(creatorOf, "to ask for a creator").to.be.below(3_800n);
    });
  });
});

function ownerOf(model: ContentRegistryModel, content: bigint): string | undefined {
  try {
    return model.content(content).owner;
  } catch {
    return undefined;
  }
}
