import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre, { network } from "hardhat";

const { ethers, networkHelpers } = await network.create();

const VXME = 10n ** 18n;

interface Tier {
  readonly name: string;
  readonly minimum: bigint;
  readonly entitlements: string[];
}

/** The table that a deployment starts with. */
const TIERS: Tier[] = [
  { name: "Supporter", minimum: 1_000n * VXME, entitlements: [] },
  { name: "Insider", minimum: 10_000n * VXME, entitlements: ["beta access"] },
  { name: "Patron", minimum: 100_000n * VXME, entitlements: ["beta access", "creator line"] },
];

interface Metadata {
  readonly name: string;
  readonly description: string;
  readonly image: string;
  readonly attributes: readonly { readonly trait_type: string; readonly value: string }[];
}

const JSON_URI = "data:application/json;base64,";
const SVG_URI = "data:image/svg+xml;base64,";

function decoded(uri: string, prefix: string): string {
  expect(uri.slice(0, prefix.length)).to.equal(prefix);
  return Buffer.from(uri.slice(prefix.length), "base64").toString("utf8");
}

/**
 * Reads an SVG of elements, quoted attributes and text, and fails on anything else.
 * @returns the text of the picture, one line for each element that has any
 */
function textOf(svg: string): string[] {
  const open: string[] = [];
  const texts: string[] = [];
  let rest = svg;
  while (rest !== "") {
    const token = /^(?:<(\w+)((?: [\w-]+='[^'<&]*')*)(\/?)>|<\/(\w+)>|([^<>&]+))/.exec(rest);
    if (!token) throw new Error(`not well-formed from here on: ${rest.slice(0, 60)}`);
    const [all, opened, , empty, closed, text] = token;
    if (opened !== undefined && empty === "") open.push(opened);
    if (closed !== undefined && open.pop() !== closed) throw new Error(`${closed} closes nothing`);
    if (text !== undefined) texts.push(text);
    rest = rest.slice(all.length);
    if (open.length === 0 && rest !== "") throw new Error("more than one root");
  }
  if (open.length !== 0) throw new Error(`${open.join()} is never closed`);
  return texts;
}

describe("Badge", () => {
  async function deploy() {
    const [governance, ada, ben, stranger] = await ethers.getSigners();
    if (!governance || !ada || !ben || !stranger) throw new Error("too few accounts");
    const vXme = await ethers.deployContract("GovernorTestVotes", [false]);
    const manager = await ethers.deployContract("AccessManager", [governance]);
    const badge = await ethers.deployContract("Badge", [vXme, manager]);
    /** Makes `amount` what `account` holds. */
    const hold = async (account: string, amount: bigint) => {
      const held = await vXme.balanceOf(account);
      if (amount > held) await vXme.mint(account, amount - held);
      else await vXme.burn(account, held - amount);
    };
    const metadata = async (account: string): Promise<Metadata> =>
      JSON.parse(decoded(await badge.tokenURI(BigInt(account)), JSON_URI)) as Metadata;
    return { governance, ada, ben, stranger, vXme, manager, badge, hold, metadata };
  }

  /** Ada has a badge and 10,000 vXME. */
  async function minted() {
    const world = await deploy();
    const { ada, badge, hold } = world;
    await hold(ada.address, 10_000n * VXME);
    await badge.connect(ada).mint();
    return { ...world, tokenId: BigInt(ada.address) };
  }

  const plainTiers = (tiers: readonly (readonly unknown[])[]) =>
    tiers.map(([name, minimum, entitlements]) => ({ name, minimum, entitlements: [...(entitlements as string[])] }));

  describe("constructor", () => {
    it("refuses vXME without code", async () => {
      const { badge, stranger, manager } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("Badge", [stranger, manager]))
        .to.be.revertedWithCustomError(badge, "Badge_VotingXmeHasNoCode")
        .withArgs(stranger.address);
    });

    it("refuses an authority without code", async () => {
      const { badge, stranger, vXme } = await networkHelpers.loadFixture(deploy);
      await expect(ethers.deployContract("Badge", [vXme, stranger]))
        .to.be.revertedWithCustomError(badge, "Badge_AuthorityHasNoCode")
        .withArgs(stranger.address);
    });

    it("shows vXME, authority, limits and the first table, and announces the table", async () => {
      const { badge, vXme, manager } = await networkHelpers.loadFixture(deploy);
      expect(await badge.vXme()).to.equal(vXme.target);
      expect(await badge.authority()).to.equal(manager.target);
      expect(await badge.name()).to.equal("X.me Badge");
      expect(await badge.symbol()).to.equal("BADGE");
      expect(await badge.MAX_TIERS()).to.equal(8n);
      expect(await badge.MAX_ENTITLEMENTS()).to.equal(8n);
      expect(await badge.MAX_LABEL_LENGTH()).to.equal(32n);
      expect(plainTiers(await badge.tiers())).to.deep.equal(TIERS);
      const announced = await badge.queryFilter(badge.filters.TiersChanged());
      expect(announced.map(({ args }) => plainTiers(args.tiers))).to.deep.equal([TIERS]);
    });

    it("says which interfaces it has", async () => {
      const { badge } = await networkHelpers.loadFixture(deploy);
      for (const [interfaceId, has] of [
        ["0x01ffc9a7", true],
        ["0x80ac58cd", true],
        ["0x5b5e139f", true],
        ["0xb45a3c0e", true],
        ["0xffffffff", false],
      ] as const) {
        expect(await badge.supportsInterface(interfaceId), interfaceId).to.equal(has);
      }
    });

    it("fits the limits of code size", async () => {
      const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact("Badge");
      if (hre.globalOptions.coverage) return;
      expect((deployedBytecode.length - 2) / 2).to.be.at.most(24_576);
      expect((bytecode.length - 2) / 2).to.be.at.most(49_152);
    });
  });

  describe("mint", () => {
    it("refuses a caller who holds one wei less than the lowest tier needs", async () => {
      const { badge, ada, hold } = await networkHelpers.loadFixture(deploy);
      for (const held of [0n, 1_000n * VXME - 1n]) {
        await hold(ada.address, held);
        await expect(badge.connect(ada).mint())
          .to.be.revertedWithCustomError(badge, "Badge_BelowLowestTier")
          .withArgs(ada.address, held, 1_000n * VXME);
      }
      await hold(ada.address, 1_000n * VXME);
      await badge.connect(ada).mint();
    });

    it("refuses a second badge, also without vXME", async () => {
      const { badge, ada, hold } = await networkHelpers.loadFixture(minted);
      for (const held of [100_000n * VXME, 0n]) {
        await hold(ada.address, held);
        await expect(badge.connect(ada).mint())
          .to.be.revertedWithCustomError(badge, "Badge_AlreadyMinted")
          .withArgs(ada.address);
      }
    });

    it("mints the badge that is the caller's address, locked, and tells", async () => {
      const { badge, ada, ben, hold } = await networkHelpers.loadFixture(deploy);
      const tokenId = BigInt(ada.address);
      await hold(ada.address, 1_000n * VXME);
      expect(await badge.tokenIdOf(ada)).to.equal(tokenId);
      expect(await badge.connect(ada).mint.staticCall()).to.equal(tokenId);
      const mint = badge.connect(ada).mint();
      await expect(mint).to.emit(badge, "Transfer").withArgs(ZeroAddress, ada.address, tokenId);
      await expect(mint).to.emit(badge, "Locked").withArgs(tokenId);
      expect(await badge.ownerOf(tokenId)).to.equal(ada.address);
      expect(await badge.balanceOf(ada)).to.equal(1n);
      expect(await badge.balanceOf(ben)).to.equal(0n);
    });
  });

  describe("burn", () => {
    it("refuses a caller without a badge", async () => {
      const { badge, ben } = await networkHelpers.loadFixture(minted);
      await expect(badge.connect(ben).burn())
        .to.be.revertedWithCustomError(badge, "ERC721NonexistentToken")
        .withArgs(BigInt(ben.address));
    });

    it("destroys the caller's badge, without any vXME too, and lets it be minted again", async () => {
      const { badge, ada, hold, tokenId } = await networkHelpers.loadFixture(minted);
      await hold(ada.address, 0n);
      await expect(badge.connect(ada).burn()).to.emit(badge, "Transfer").withArgs(ada.address, ZeroAddress, tokenId);
      await expect(badge.ownerOf(tokenId)).to.be.revertedWithCustomError(badge, "ERC721NonexistentToken");
      expect(await badge.balanceOf(ada)).to.equal(0n);
      await hold(ada.address, 1_000n * VXME);
      await badge.connect(ada).mint();
      expect(await badge.ownerOf(tokenId)).to.equal(ada.address);
    });
  });

  describe("a transfer", () => {
    it("is refused in every form, by anybody, to anybody", async () => {
      const { badge, ada, ben, governance, tokenId } = await networkHelpers.loadFixture(minted);
      for (const caller of [ada, ben, governance]) {
        for (const to of [ada, ben]) {
          const asCaller = badge.connect(caller);
          for (const transfer of [
            asCaller.transferFrom(ada, to, tokenId),
            asCaller["safeTransferFrom(address,address,uint256)"](ada, to, tokenId),
            asCaller["safeTransferFrom(address,address,uint256,bytes)"](ada, to, tokenId, "0x12"),
          ]) {
            await expect(transfer).to.be.revertedWithCustomError(badge, "Badge_Soulbound").withArgs(tokenId);
          }
        }
      }
      await expect(badge.connect(ada).transferFrom(ada, ZeroAddress, tokenId)).to.be.revertedWithCustomError(
        badge,
        "ERC721InvalidReceiver",
      );
      await expect(badge.connect(ben).transferFrom(ada, ben, BigInt(ben.address)))
        .to.be.revertedWithCustomError(badge, "ERC721NonexistentToken")
        .withArgs(BigInt(ben.address));
      expect(await badge.ownerOf(tokenId)).to.equal(ada.address);
    });
  });

  describe("an approval", () => {
    it("is refused in every form", async () => {
      const { badge, ada, ben, tokenId } = await networkHelpers.loadFixture(minted);
      for (const approval of [
        badge.connect(ada).approve(ben, tokenId),
        badge.connect(ada).setApprovalForAll(ben, true),
        badge.connect(ada).setApprovalForAll(ben, false),
      ]) {
        await expect(approval).to.be.revertedWithCustomError(badge, "Badge_Soulbound").withArgs(tokenId);
      }
      expect(await badge.getApproved(tokenId)).to.equal(ZeroAddress);
      expect(await badge.isApprovedForAll(ada, ben)).to.equal(false);
    });
  });

  describe("tierOf", () => {
    it("is what the vXME of now reaches, at every edge", async () => {
      const { badge, ben, hold } = await networkHelpers.loadFixture(deploy);
      for (const [held, tier] of [
        [0n, 0n],
        [1_000n * VXME - 1n, 0n],
        [1_000n * VXME, 1n],
        [10_000n * VXME - 1n, 1n],
        [10_000n * VXME, 2n],
        [100_000n * VXME - 1n, 2n],
        [100_000n * VXME, 3n],
        [10n ** 27n, 3n],
      ] as const) {
        await hold(ben.address, held);
        expect(await badge.tierOf(ben), `${held} wei`).to.equal(tier);
      }
    });

    it("follows what is unstaked after the badge was minted", async () => {
      const { badge, ada, hold } = await networkHelpers.loadFixture(minted);
      for (const [held, tier] of [
        [100_000n * VXME, 3n],
        [10_000n * VXME - 1n, 1n],
        [0n, 0n],
        [10_000n * VXME, 2n],
      ] as const) {
        await hold(ada.address, held);
        expect(await badge.tierOf(ada)).to.equal(tier);
      }
    });
  });

  describe("isActive and locked", () => {
    it("refuses a badge that does not exist", async () => {
      const { badge, ben, hold } = await networkHelpers.loadFixture(minted);
      await hold(ben.address, 100_000n * VXME);
      for (const tokenId of [BigInt(ben.address), 0n, 2n ** 256n - 1n]) {
        for (const view of ["isActive", "locked", "ownerOf"] as const) {
          await expect(badge.getFunction(view)(tokenId))
            .to.be.revertedWithCustomError(badge, "ERC721NonexistentToken")
            .withArgs(tokenId);
        }
      }
    });

    it("is active only while enough is held, and locked always", async () => {
      const { badge, ada, hold, tokenId } = await networkHelpers.loadFixture(minted);
      for (const [held, active] of [
        [10_000n * VXME, true],
        [1_000n * VXME, true],
        [1_000n * VXME - 1n, false],
        [0n, false],
        [1_000n * VXME, true],
      ] as const) {
        await hold(ada.address, held);
        expect(await badge.isActive(tokenId), `${held} wei`).to.equal(active);
        expect(await badge.locked(tokenId)).to.equal(true);
      }
    });
  });

  describe("entitlementsOf and hasEntitlement", () => {
    it("says none for an account without a badge, whatever it holds", async () => {
      const { badge, ben, hold } = await networkHelpers.loadFixture(minted);
      await hold(ben.address, 100_000n * VXME);
      expect([...(await badge.entitlementsOf(ben))]).to.deep.equal([]);
      expect(await badge.hasEntitlement(ben, "beta access")).to.equal(false);
      expect([...(await badge.entitlementsOf(ZeroAddress))]).to.deep.equal([]);
    });

    it("says those of the tier of now, letter by letter", async () => {
      const { badge, ada, hold } = await networkHelpers.loadFixture(minted);
      for (const [held, entitlements] of [
        [10_000n * VXME, ["beta access"]],
        [100_000n * VXME, ["beta access", "creator line"]],
        [1_000n * VXME, []],
        [0n, []],
      ] as const) {
        await hold(ada.address, held);
        expect([...(await badge.entitlementsOf(ada))]).to.deep.equal(entitlements);
        for (const one of ["beta access", "creator line"]) {
          expect(await badge.hasEntitlement(ada, one)).to.equal(entitlements.includes(one as never));
        }
      }
      await hold(ada.address, 100_000n * VXME);
      for (const other of ["Beta access", "beta access ", "beta", ""]) {
        expect(await badge.hasEntitlement(ada, other), other).to.equal(false);
      }
    });
  });

  describe("tokenURI", () => {
    it("refuses a badge that does not exist", async () => {
      const { badge, ben } = await networkHelpers.loadFixture(minted);
      await expect(badge.tokenURI(BigInt(ben.address)))
        .to.be.revertedWithCustomError(badge, "ERC721NonexistentToken")
        .withArgs(BigInt(ben.address));
    });

    it("is a JSON document with tier, privileges and a well-formed picture", async () => {
      const { ada, hold, metadata } = await networkHelpers.loadFixture(minted);
      const colours = new Set<string>();
      for (const { name, minimum, entitlements } of TIERS) {
        await hold(ada.address, minimum);
        const shown = await metadata(ada.address);
        expect(shown.name).to.equal(`X.me Badge: ${name}`);
        expect(shown.description).to.match(/cannot be transferred/);
        expect(shown.attributes).to.deep.equal([
          { trait_type: "Tier", value: name },
          { trait_type: "Active", value: "yes" },
          ...entitlements.map((value) => ({ trait_type: "Entitlement", value })),
        ]);
        const svg = decoded(shown.image, SVG_URI);
        expect(textOf(svg)).to.deep.equal(["X.me", name, ada.address]);
        colours.add(/stroke='(hsl[^']*)'/.exec(svg)?.[1] ?? "none");
      }
      expect([...colours]).to.deep.equal(["hsl(40,70%,60%)", "hsl(80,70%,60%)", "hsl(120,70%,60%)"]);
    });

    it("shows at once that it is inactive", async () => {
      const { ada, hold, metadata } = await networkHelpers.loadFixture(minted);
      await hold(ada.address, 1_000n * VXME - 1n);
      const shown = await metadata(ada.address);
      expect(shown.name).to.equal("X.me Badge: Inactive");
      expect(shown.attributes).to.deep.equal([
        { trait_type: "Tier", value: "Inactive" },
        { trait_type: "Active", value: "no" },
      ]);
      const svg = decoded(shown.image, SVG_URI);
      expect(textOf(svg)).to.deep.equal(["X.me", "Inactive", ada.address]);
      expect(svg).to.include("stroke='#6b7280'");
    });

    it("stays well-formed for every name that a tier may have", async () => {
      const { badge, ada, metadata } = await networkHelpers.loadFixture(minted);
      const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
        (letter) => !`"&'<>\\`.includes(letter),
      );
      for (let from = 0; from < letters.length; from += 30) {
        const name = `[${letters.slice(from, from + 30).join("")}]`;
        await badge.setTiers([{ name, minimum: 1n, entitlements: [name] }]);
        const shown = await metadata(ada.address);
        expect(shown.attributes[0]?.value).to.equal(name);
        expect(shown.attributes[2]?.value).to.equal(name);
        expect(textOf(decoded(shown.image, SVG_URI))[1]).to.equal(name);
      }
    });
  });

  describe("setTiers", () => {
    const tier = (minimum: bigint, name = "tier", entitlements: string[] = []) => ({ name, minimum, entitlements });
    const many = (length: number) => Array.from({ length }, (_, i) => tier(BigInt(i) + 1n));

    it("refuses everybody but governance", async () => {
      const { badge, ada } = await networkHelpers.loadFixture(minted);
      await expect(badge.connect(ada).setTiers(TIERS))
        .to.be.revertedWithCustomError(badge, "AccessManagedUnauthorized")
        .withArgs(ada.address);
    });

    it("refuses an empty table and one too long, and takes eight tiers", async () => {
      const { badge } = await networkHelpers.loadFixture(minted);
      for (const length of [0, 9]) {
        await expect(badge.setTiers(many(length)))
          .to.be.revertedWithCustomError(badge, "Badge_TierCountOutOfRange")
          .withArgs(length, 8n);
      }
      await badge.setTiers(many(8));
      expect(plainTiers(await badge.tiers())).to.deep.equal(many(8));
    });

    it("refuses minima that do not ascend from above zero", async () => {
      const { badge } = await networkHelpers.loadFixture(minted);
      for (const [minima, position, previous, minimum] of [
        [[0n], 1n, 0n, 0n],
        [[0n, 1n], 1n, 0n, 0n],
        [[5n, 5n], 2n, 5n, 5n],
        [[5n, 6n, 4n], 3n, 6n, 4n],
      ] as const) {
        await expect(badge.setTiers(minima.map((each) => tier(each))))
          .to.be.revertedWithCustomError(badge, "Badge_MinimumNotAscending")
          .withArgs(position, previous, minimum);
      }
      expect(plainTiers(await badge.tiers()), "a refusal changes nothing").to.deep.equal(TIERS);
    });

    it("refuses a tier that names too many privileges, and takes eight", async () => {
      const { badge } = await networkHelpers.loadFixture(minted);
      const names = (length: number) => Array.from({ length }, (_, i) => `privilege ${i}`);
      await expect(badge.setTiers([tier(1n), tier(2n, "tier", names(9))]))
        .to.be.revertedWithCustomError(badge, "Badge_TooManyEntitlements")
        .withArgs(2n, 9n, 8n);
      await badge.setTiers([tier(1n), tier(2n, "tier", names(8))]);
      expect(plainTiers(await badge.tiers())[1]?.entitlements).to.deep.equal(names(8));
    });

    it("refuses names that are not plain text, of tiers and privileges", async () => {
      const { badge } = await networkHelpers.loadFixture(minted);
      const refused = (name: string) => [[tier(1n, name)], [tier(1n, "tier", ["fine", name])]];
      for (const name of ["", "x".repeat(33)]) {
        for (const table of refused(name)) {
          await expect(badge.setTiers(table))
            .to.be.revertedWithCustomError(badge, "PlainText_LengthOutOfRange")
            .withArgs(name.length, 32n);
        }
      }
      for (const [name, character, position] of [
        ['a"b', "0x22", 1n],
        ["</text>", "0x3c", 0n],
        ["a&b", "0x26", 1n],
        ["it's", "0x27", 2n],
        ["a\\b", "0x5c", 1n],
        ["line\nbreak", "0x0a", 4n],
        ["Zoë", "0xc3", 2n],
        [" a", "0x20", 0n],
      ] as const) {
        for (const table of refused(name)) {
          await expect(badge.setTiers(table))
            .to.be.revertedWithCustomError(badge, "PlainText_UnfitCharacter")
            .withArgs(character, position);
        }
      }
    });

    it("replaces the whole table for all badges at once, and tells", async () => {
      const { badge, ada, tokenId } = await networkHelpers.loadFixture(minted);
      const table = [tier(20_000n * VXME, "Gold", ["vault tour"]), tier(30_000n * VXME, "Platinum", ["dinner"])];
      await badge.setTiers(table);
      const announced = await badge.queryFilter(badge.filters.TiersChanged());
      expect(announced.map(({ args }) => plainTiers(args.tiers))).to.deep.equal([TIERS, table]);
      expect(plainTiers(await badge.tiers())).to.deep.equal(table);
      expect(await badge.isActive(tokenId), "10,000 are not enough any more").to.equal(false);
      await badge.setTiers([tier(1n, "All", ["beta access"])]);
      expect(await badge.tierOf(ada)).to.equal(1n);
      expect(await badge.hasEntitlement(ada, "beta access")).to.equal(true);
      expect([...(await badge.entitlementsOf(ada))], "nothing is left of the old table").to.deep.equal(["beta access"]);
    });
  });
});
