import { expect } from "chai";
import { ZeroHash, hexlify, id } from "ethers";
import hre, { network } from "hardhat";

import { Random, seedOfThisRun } from "../../support/rankRandom.js";

const { ethers, networkHelpers } = await network.create();

const SEED = seedOfThisRun();
const NAME = "recommendation algorithm";
const HASH = id("how content is recommended");
const URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/policy.md";

/** Every ASCII character by itself; what lies above is not a character of its own. */
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** What means the same in JSON, in XML and on a terminal. */
const PLAIN = new Set(
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"].concat([..." !#$%()*+,-./:;=?@[]^_`{|}~"]),
);

/** RFC 3986, section 2: unreserved, reserved, and the percent sign. */
const IN_URI = new Set(
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"].concat([..."%:/?#[]@!$&'()*+,;="]),
);

describe("PolicyRegistry", () => {
  async function deploy() {
    const [governance, stranger] = await ethers.getSigners();
    if (!governance || !stranger) throw new Error("too few accounts");
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const registry = await ethers.deployContract("PolicyRegistry", [manager]);
    return { governance, stranger, manager, registry };
  }

  /** Two versions of one policy and one of another. */
  async function published() {
    const world = await deploy();
    const { registry } = world;
    const times: bigint[] = [];
    for (const [name, hash, uri] of [
      [NAME, HASH, URI],
      ["treasury policy", id("t"), "https://x.me/t?v=1&w='2'"],
      [NAME, id("second"), "ipfs://second"],
    ] as const) {
      await registry.publish(name, hash, uri);
      times.push(BigInt(await networkHelpers.time.latest()));
    }
    return { ...world, times };
  }

  describe("constructor", () => {
    it("refuses an authority without code", async () => {
      const { registry, stranger } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("PolicyRegistry", [stranger]))
        .to.be.revertedWithCustomError(registry, "PolicyRegistry_AuthorityHasNoCode")
        .withArgs(stranger.address);
    });

    it("shows its authority and limits, and no policy", async () => {
      const { registry, manager } = await networkHelpers.loadFixture(deploy);
      expect(await registry.authority()).to.equal(manager.target);
      expect(await registry.MAX_NAME_LENGTH()).to.equal(64n);
      expect(await registry.MAX_URI_LENGTH()).to.equal(256n);
      expect(await registry.count()).to.equal(0n);
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("PolicyRegistry");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("publish", () => {
    it("refuses everybody but governance", async () => {
      const { registry, stranger } = await networkHelpers.loadFixture(deploy);
      await expect(registry.connect(stranger).publish(NAME, HASH, URI))
        .to.be.revertedWithCustomError(registry, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
    });

    it("refuses an empty name and one too long, and takes one and sixty-four characters", async () => {
      const { registry } = await networkHelpers.loadFixture(deploy);
      for (const length of [0, 65, 200]) {
        await expect(registry.publish("x".repeat(length), HASH, URI))
          .to.be.revertedWithCustomError(registry, "PlainText_LengthOutOfRange")
          .withArgs(length, 64n);
      }
      for (const length of [1, 64]) await registry.publish("x".repeat(length), HASH, URI);
      expect(await registry.count()).to.equal(2n);
    });

    it("refuses every byte in a name but the plain ones, and spaces at the ends", async () => {
      const { registry, governance } = await networkHelpers.loadFixture(deploy);
      for (const character of ASCII) {
        const call = registry.publish.staticCall(`a${character}b`, HASH, URI);
        if (PLAIN.has(character)) expect(await call).to.equal(1n);
        else {
          await expect(call)
            .to.be.revertedWithCustomError(registry, "PlainText_UnfitCharacter")
            .withArgs(hexlify(Uint8Array.of(character.charCodeAt(0))), 1n);
        }
      }
      // Every byte above ASCII, which is how all other letters begin; as raw calldata, since most are no UTF-8.
      for (let byte = 0x80; byte <= 0xff; byte++) {
        const good = registry.interface.encodeFunctionData("publish", ["a~b", HASH, URI]);
        const data = good.replace("617e62", `61${byte.toString(16)}62`);
        await expect(governance.call({ to: registry, data }))
          .to.be.revertedWithCustomError(registry, "PlainText_UnfitCharacter")
          .withArgs(hexlify(Uint8Array.of(byte)), 1n);
      }
      for (const [name, position] of [
        [" a", 0n],
        ["a ", 1n],
        [" ", 0n],
        ["a  ", 2n],
      ] as const) {
        await expect(registry.publish(name, HASH, URI))
          .to.be.revertedWithCustomError(registry, "PlainText_UnfitCharacter")
          .withArgs("0x20", position);
      }
    });

    it("refuses an empty URI and one too long, and takes one and two hundred and fifty-six characters", async () => {
      const { registry } = await networkHelpers.loadFixture(deploy);
      for (const length of [0, 257]) {
        await expect(registry.publish(NAME, HASH, "x".repeat(length)))
          .to.be.revertedWithCustomError(registry, "PlainText_LengthOutOfRange")
          .withArgs(length, 256n);
      }
      for (const length of [1, 256]) await registry.publish(NAME, HASH, "x".repeat(length));
      expect((await registry.policy(NAME)).uri).to.equal("x".repeat(256));
    });

    it("refuses every byte in a URI but those of RFC 3986", async () => {
      const { registry } = await networkHelpers.loadFixture(deploy);
      for (const character of [...ASCII, "é"]) {
        const call = registry.publish.staticCall(NAME, HASH, character);
        if (IN_URI.has(character)) expect(await call).to.equal(1n);
        else {
          await expect(call)
            .to.be.revertedWithCustomError(registry, "PlainText_UnfitCharacter")
            .withArgs(hexlify(new TextEncoder().encode(character).slice(0, 1)), 0n);
        }
      }
    });

    it("refuses to publish without a hash", async () => {
      const { registry } = await networkHelpers.loadFixture(deploy);
      await expect(registry.publish(NAME, ZeroHash, URI))
        .to.be.revertedWithCustomError(registry, "PolicyRegistry_HashIsZero")
        .withArgs(NAME);
      expect(await registry.versionOf(NAME)).to.equal(0n);
    });

    it("makes it the next version, counted from 1 for each name, and tells", async () => {
      const { registry } = await networkHelpers.loadFixture(deploy);
      for (const [name, version] of [
        [NAME, 1n],
        ["treasury policy", 1n],
        [NAME, 2n],
        [NAME, 3n],
      ] as const) {
        expect(await registry.publish.staticCall(name, HASH, URI)).to.equal(version);
        await expect(registry.publish(name, HASH, URI))
          .to.emit(registry, "PolicyPublished")
          .withArgs(name, version, name, HASH, URI);
        expect(await registry.versionOf(name)).to.equal(version);
      }
    });

    it("keeps every version as it was", async () => {
      const { registry, times } = await networkHelpers.loadFixture(published);
      expect([...(await registry.policy(NAME))]).to.deep.equal([2n, id("second"), "ipfs://second", times[2]]);
      expect([...(await registry.policyAt(NAME, 1n))]).to.deep.equal([HASH, URI, times[0]]);
      expect([...(await registry.policyAt(NAME, 2n))]).to.deep.equal([id("second"), "ipfs://second", times[2]]);
      expect([...(await registry.policy("treasury policy"))]).to.deep.equal([
        1n,
        id("t"),
        "https://x.me/t?v=1&w='2'",
        times[1],
      ]);
    });
  });

  describe("policy", () => {
    it("refuses a policy of which no version was published", async () => {
      const { registry } = await networkHelpers.loadFixture(published);
      await expect(registry.policy("Treasury policy"))
        .to.be.revertedWithCustomError(registry, "PolicyRegistry_UnknownPolicy")
        .withArgs("Treasury policy");
    });
  });

  describe("policyAt", () => {
    it("refuses version 0 and all above the latest", async () => {
      const { registry } = await networkHelpers.loadFixture(published);
      for (const [name, version, latest] of [
        [NAME, 0n, 2n],
        [NAME, 3n, 2n],
        [NAME, 2n ** 256n - 1n, 2n],
        ["unknown", 1n, 0n],
      ] as const) {
        await expect(registry.policyAt(name, version))
          .to.be.revertedWithCustomError(registry, "PolicyRegistry_UnknownVersion")
          .withArgs(name, version, latest);
      }
    });
  });

  describe("versionOf", () => {
    it("is zero for an unknown policy", async () => {
      const { registry } = await networkHelpers.loadFixture(published);
      expect(await registry.versionOf("unknown")).to.equal(0n);
      expect(await registry.versionOf("")).to.equal(0n);
    });
  });

  describe("nameAt", () => {
    it("lists names once, in the order of their first versions", async () => {
      const { registry } = await networkHelpers.loadFixture(published);
      expect(await registry.count()).to.equal(2n);
      expect(await registry.nameAt(0n)).to.equal(NAME);
      expect(await registry.nameAt(1n)).to.equal("treasury policy");
    });

    it("refuses an index that is not below the count", async () => {
      const { registry } = await networkHelpers.loadFixture(published);
      for (const index of [2n, 2n ** 256n - 1n]) {
        await expect(registry.nameAt(index))
          .to.be.revertedWithCustomError(registry, "PolicyRegistry_IndexOutOfRange")
          .withArgs(index, 2n);
      }
    });
  });

  it("reads back all that was published, of random versions of random policies", async () => {
    const { registry } = await networkHelpers.loadFixture(deploy);
    const random = new Random(SEED);
    const text = (letters: Set<string>, most: bigint) => {
      const length = Number(random.between(1n, most));
      return Array.from({ length }, () => random.pick([...letters])).join("");
    };
    const inside = new Set([...PLAIN].filter((letter) => letter !== " "));
    const names = Array.from({ length: 6 }, () => text(inside, 64n));
    const book = new Map<string, { hash: string; uri: string; time: bigint }[]>();
    for (let step = 0; step < 40; step++) {
      const name = random.pick(names);
      const [hash, uri] = [id(`${SEED} ${step}`), text(IN_URI, 256n)];
      await registry.publish(name, hash, uri);
      const time = BigInt(await networkHelpers.time.latest());
      book.set(name, [...(book.get(name) ?? []), { hash, uri, time }]);
    }
    expect(await registry.count()).to.equal(book.size);
    let index = 0n;
    for (const [name, versions] of book) {
      expect(await registry.nameAt(index++), `seed ${SEED}`).to.equal(name);
      expect(await registry.versionOf(name)).to.equal(versions.length);
      for (const [before, { hash, uri, time }] of versions.entries()) {
        expect([...(await registry.policyAt(name, before + 1))], `seed ${SEED}`).to.deep.equal([hash, uri, time]);
      }
      expect((await registry.policy(name)).contentHash).to.equal(versions.at(-1)?.hash);
    }
  });
});
