import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre, { network } from "hardhat";

import { SPENDING_CATEGORIES, SPENDING_MAX_PERIOD, SPENDING_MIN_PERIOD } from "../../../src/xme/spending.js";
import {
  COLLECTIBLE,
  DAY,
  GOODS,
  GOODS_TERMS,
  MINTER_ROLE,
  TICKET,
  XMEX,
  deploySpending,
} from "../../support/spending.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const GWEI = 10n ** 9n;
const TIME_MAX = 2n ** 40n - 1n;

const termsTuple = (terms: typeof GOODS_TERMS) => [
  terms.category,
  terms.seller,
  terms.price,
  terms.supply,
  terms.soulbound,
  terms.start,
  terms.end,
  terms.period,
  terms.uri,
];

describe("PlatformItems", () => {
  const latest = async () => BigInt(await networkHelpers.time.latest());

  /** The signer `minter` has the role that spending has, to mint as it does. */
  async function ready() {
    const world = await deploySpending(connection);
    const { manager, governance, other, items } = world;
    await manager.connect(governance).grantRole(MINTER_ROLE, other, 0n);
    return { ...world, mints: items.connect(other) };
  }

  /** Three items: goods for all, an identity that stays and lasts, and a ticket that is sold from tomorrow for a day. */
  async function listed() {
    const world = await ready();
    const { lists, creator } = world;
    const tomorrow = (await latest()) + DAY;
    const identity = { ...GOODS_TERMS, category: COLLECTIBLE, soulbound: true, period: 30n * DAY, uri: "ipfs://id" };
    const ticket = {
      ...GOODS_TERMS,
      category: TICKET,
      seller: creator.address,
      start: tomorrow,
      end: tomorrow + DAY,
      supply: 5n,
      soulbound: true,
      uri: "ipfs://ticket",
    };
    await lists.list(GOODS_TERMS);
    await lists.list(identity);
    await lists.list(ticket);
    return { ...world, identity, ticket };
  }

  it("refuses, at construction, an authority without code", async () => {
    const { items, stranger } = await networkHelpers.loadFixture(ready);
    await expect(ethers.deployContract("PlatformItems", [stranger]))
      .to.be.revertedWithCustomError(items, "PlatformItems_AuthorityHasNoCode")
      .withArgs(stranger.address);
  });

  describe("list", () => {
    const refuses = async (changed: Partial<typeof GOODS_TERMS>, error: string, ...values: unknown[]) => {
      const { items, lists } = await networkHelpers.loadFixture(ready);
      await expect(lists.list({ ...GOODS_TERMS, ...changed }))
        .to.be.revertedWithCustomError(items, error)
        .withArgs(...values);
    };

    it("refuses anybody but the catalogue's keeper", async () => {
      const { items, governance, creator } = await networkHelpers.loadFixture(ready);
      for (const caller of [governance, creator]) {
        await expect(items.connect(caller).list(GOODS_TERMS))
          .to.be.revertedWithCustomError(items, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses a category that has no items", async () => {
      for (const name of SPENDING_CATEGORIES) {
        if (["goods", "collectible", "ticket"].includes(name)) continue;
        const category = BigInt(SPENDING_CATEGORIES.indexOf(name));
        await refuses({ category }, "PlatformItems_NotItemCategory", category);
      }
    });

    it("refuses no supply, and more than 40 bits of it", async () => {
      await refuses({ supply: 0n }, "PlatformItems_SupplyIsZero");
      await refuses({ supply: 2n ** 40n }, "SafeCastOverflowedUintDowncast", 40n, 2n ** 40n);
    });

    it("refuses no price, one that is not whole gwei, and one above 64 bits of them", async () => {
      await refuses({ price: 0n }, "PlatformItems_PriceIsZero");
      await refuses({ price: GWEI + 1n }, "PlatformItems_NotWholeGwei", GWEI + 1n);
      await refuses({ price: 2n ** 64n * GWEI }, "SafeCastOverflowedUintDowncast", 64n, 2n ** 64n);
    });

    it("refuses a sale that ends when it starts, and times above 40 bits", async () => {
      await refuses({ start: 5n, end: 5n }, "PlatformItems_EndNotAfterStart", 5n, 5n);
      await refuses({ end: TIME_MAX + 1n }, "SafeCastOverflowedUintDowncast", 40n, TIME_MAX + 1n);
      await refuses({ start: TIME_MAX + 1n, end: TIME_MAX + 2n }, "SafeCastOverflowedUintDowncast", 40n, TIME_MAX + 1n);
    });

    it("refuses a period of what can change hands, and one that is too short or too long", async () => {
      await refuses({ period: DAY }, "PlatformItems_PeriodOfTransferable", DAY);
      for (const period of [1n, SPENDING_MIN_PERIOD - 1n, SPENDING_MAX_PERIOD + 1n, 2n ** 32n + DAY]) {
        const values = [period, SPENDING_MIN_PERIOD, SPENDING_MAX_PERIOD];
        await refuses({ period, soulbound: true }, "PlatformItems_PeriodOutOfRange", ...values);
      }
    });

    it("refuses a description that is no URI", async () => {
      await refuses({ uri: "" }, "PlainText_LengthOutOfRange", 0n, 256n);
      await refuses({ uri: "a".repeat(257) }, "PlainText_LengthOutOfRange", 257n, 256n);
      await refuses({ uri: "ipfs://<" }, "PlainText_UnfitCharacter", "0x3c", 7n);
    });

    it("numbers items from one, keeps their terms, and tells", async () => {
      const { items, lists, creator } = await networkHelpers.loadFixture(ready);
      const widest = {
        category: COLLECTIBLE,
        seller: creator.address,
        price: (2n ** 64n - 1n) * GWEI,
        supply: 2n ** 40n - 1n,
        soulbound: true,
        start: TIME_MAX - 1n,
        end: TIME_MAX,
        period: SPENDING_MAX_PERIOD,
        uri: `ipfs://${"a".repeat(249)}`,
      };
      for (const [index, terms] of [GOODS_TERMS, widest].entries()) {
        const id = BigInt(index) + 1n;
        expect(await lists.list.staticCall(terms)).to.equal(id);
        const sent = lists.list(terms);
        await expect(sent).to.emit(items, "ItemListed").withArgs(id, termsTuple(terms));
        await expect(sent).to.emit(items, "URI").withArgs(terms.uri, id);
        const kept = await items.itemOf(id);
        expect([...kept.terms]).to.deep.equal(termsTuple(terms));
        expect(kept.minted).to.equal(0n);
        expect(await items.uri(id)).to.equal(terms.uri);
      }
      expect(await items.itemCount()).to.equal(2n);
    });
  });

  describe("setSale", () => {
    it("refuses anybody but the catalogue's keeper, and an item that was never listed", async () => {
      const { items, lists, governance } = await networkHelpers.loadFixture(listed);
      await expect(items.connect(governance).setSale(1n, XMEX, 1n))
        .to.be.revertedWithCustomError(items, "AccessManagedUnauthorized")
        .withArgs(governance.address);
      for (const id of [0n, 4n]) {
        await expect(lists.setSale(id, XMEX, TIME_MAX))
          .to.be.revertedWithCustomError(items, "PlatformItems_UnknownItem")
          .withArgs(id);
      }
    });

    it("refuses no price, one that is not whole gwei, and an end to come that is not after the start", async () => {
      const { items, lists, ticket } = await networkHelpers.loadFixture(listed);
      await expect(lists.setSale(3n, 0n, TIME_MAX)).to.be.revertedWithCustomError(items, "PlatformItems_PriceIsZero");
      await expect(lists.setSale(3n, 1n, TIME_MAX))
        .to.be.revertedWithCustomError(items, "PlatformItems_NotWholeGwei")
        .withArgs(1n);
      await expect(lists.setSale(3n, XMEX, ticket.start))
        .to.be.revertedWithCustomError(items, "PlatformItems_EndNotAfterStart")
        .withArgs(ticket.start, ticket.start);
      await expect(lists.setSale(3n, XMEX, TIME_MAX + 1n))
        .to.be.revertedWithCustomError(items, "SafeCastOverflowedUintDowncast")
        .withArgs(40n, TIME_MAX + 1n);
    });

    it("closes a sale that has not begun by an end that has passed, and opens it again with a later one", async () => {
      const { items, lists, ticket } = await networkHelpers.loadFixture(listed);
      const time = (await latest()) + 10n;
      await networkHelpers.time.setNextBlockTimestamp(time);
      await expect(lists.setSale(3n, XMEX, time + 1n))
        .to.be.revertedWithCustomError(items, "PlatformItems_EndNotAfterStart")
        .withArgs(ticket.start, time + 1n);
      await networkHelpers.time.setNextBlockTimestamp(time);
      await expect(lists.setSale(3n, XMEX, time))
        .to.emit(items, "SaleChanged")
        .withArgs(3n, XMEX, time);
      expect((await items.itemOf(3n)).terms.end).to.equal(time);
      for (const then of [ticket.start, ticket.end - 1n]) {
        await networkHelpers.time.increaseTo(then);
        await expect(items.offerOf(3n, 1n))
          .to.be.revertedWithCustomError(items, "PlatformItems_OutsideSale")
          .withArgs(3n, ticket.start, time);
      }
      await lists.setSale(3n, XMEX, ticket.end + DAY);
      expect((await items.offerOf(3n, 1n)).price).to.equal(XMEX);
    });

    it("changes price and end alone, and tells", async () => {
      const { items, lists, ticket } = await networkHelpers.loadFixture(listed);
      const end = ticket.end + 5n;
      await expect(lists.setSale(3n, 7n * XMEX, end))
        .to.emit(items, "SaleChanged")
        .withArgs(3n, 7n * XMEX, end);
      expect([...(await items.itemOf(3n)).terms]).to.deep.equal(termsTuple({ ...ticket, price: 7n * XMEX, end }));
      await lists.setSale(1n, XMEX, 1n);
      await expect(items.offerOf(1n, 1n))
        .to.be.revertedWithCustomError(items, "PlatformItems_OutsideSale")
        .withArgs(1n, 0n, 1n);
    });
  });

  describe("offerOf and quote", () => {
    it("refuse an item that was never listed, and none of one", async () => {
      const { items, payer } = await networkHelpers.loadFixture(listed);
      for (const [id, amount, error, values] of [
        [4n, 1n, "PlatformItems_UnknownItem", [4n]],
        [1n, 0n, "PlatformItems_AmountIsZero", []],
        [1n, 1_001n, "PlatformItems_AboveSupply", [1n, 1_001n, 1_000n]],
        [1n, 2n ** 255n, "PlatformItems_AboveSupply", [1n, 2n ** 255n, 1_000n]],
      ] as const) {
        for (const call of [() => items.offerOf(id, amount), () => items.quote(id, amount, payer)]) {
          await expect((call as () => Promise<unknown>)())
            .to.be.revertedWithCustomError(items, error)
            .withArgs(...values);
        }
      }
    });

    it("refuse before the sale and from its end on, by a second", async () => {
      const { items, ticket } = await networkHelpers.loadFixture(listed);
      const refused = () =>
        expect(items.offerOf(3n, 1n))
          .to.be.revertedWithCustomError(items, "PlatformItems_OutsideSale")
          .withArgs(3n, ticket.start, ticket.end);
      await networkHelpers.time.increaseTo(ticket.start - 1n);
      await refused();
      await networkHelpers.time.increaseTo(ticket.start);
      await items.offerOf(3n, 1n);
      await networkHelpers.time.increaseTo(ticket.end - 1n);
      await items.offerOf(3n, 1n);
      await networkHelpers.time.increaseTo(ticket.end);
      await refused();
    });

    it("say price, category and seller, and until when it lasts", async () => {
      const { items, creator, payer, ticket } = await networkHelpers.loadFixture(listed);
      await networkHelpers.time.increaseTo(ticket.start);
      expect([...(await items.offerOf(1n, 7n))]).to.deep.equal([21n * XMEX, GOODS, ZeroAddress]);
      expect([...(await items.offerOf(3n, 5n))]).to.deep.equal([15n * XMEX, TICKET, creator.address]);
      expect([...(await items.quote(3n, 5n, payer))]).to.deep.equal([15n * XMEX, 0n]);
      expect([...(await items.quote(2n, 2n, payer))]).to.deep.equal([6n * XMEX, (await latest()) + 60n * DAY]);
    });
  });

  describe("mint", () => {
    it("refuses anybody without the minter's role", async () => {
      const { items, governance, keeper } = await networkHelpers.loadFixture(listed);
      for (const caller of [governance, keeper]) {
        await expect(items.connect(caller).mint(caller, 1n, 1n))
          .to.be.revertedWithCustomError(items, "AccessManagedUnauthorized")
          .withArgs(caller.address);
      }
    });

    it("refuses an item that was never listed, none of one, and nobody", async () => {
      const { items, mints, payer } = await networkHelpers.loadFixture(listed);
      await expect(mints.mint(payer, 4n, 1n))
        .to.be.revertedWithCustomError(items, "PlatformItems_UnknownItem")
        .withArgs(4n);
      await expect(mints.mint(payer, 1n, 0n)).to.be.revertedWithCustomError(items, "PlatformItems_AmountIsZero");
      await expect(mints.mint(ZeroAddress, 1n, 1n))
        .to.be.revertedWithCustomError(items, "ERC1155InvalidReceiver")
        .withArgs(ZeroAddress);
    });

    it("mints to the last of the supply, and not one more", async () => {
      const { items, mints, payer, stranger } = await networkHelpers.loadFixture(listed);
      await mints.mint(payer, 3n, 2n);
      await expect(mints.mint(stranger, 3n, 4n))
        .to.be.revertedWithCustomError(items, "PlatformItems_AboveSupply")
        .withArgs(3n, 4n, 3n);
      await mints.mint(stranger, 3n, 3n);
      await items.connect(stranger).burn(3n, 3n);
      await expect(mints.mint(stranger, 3n, 1n))
        .to.be.revertedWithCustomError(items, "PlatformItems_AboveSupply")
        .withArgs(3n, 1n, 0n);
      expect((await items.itemOf(3n)).minted).to.equal(5n);
    });

    it("adds periods to what is left, and begins anew once it is over, and tells", async () => {
      const { items, mints, payer, stranger } = await networkHelpers.loadFixture(listed);
      let until = (await latest()) + 10n + 30n * DAY;
      await networkHelpers.time.setNextBlockTimestamp(until - 30n * DAY);
      await expect(mints.mint(payer, 2n, 1n))
        .to.emit(items, "Extended")
        .withArgs(2n, payer.address, until);
      await networkHelpers.time.setNextBlockTimestamp(until);
      until += 60n * DAY;
      expect(await mints.mint.staticCall(payer, 2n, 2n, { blockTag: "pending" })).to.equal(until);
      await networkHelpers.time.setNextBlockTimestamp(until - 60n * DAY);
      await expect(mints.mint(payer, 2n, 2n))
        .to.emit(items, "Extended")
        .withArgs(2n, payer.address, until);
      await networkHelpers.time.setNextBlockTimestamp(until + 1n);
      await mints.mint(payer, 2n, 1n);
      expect(await items.lastsUntil(2n, payer)).to.equal(until + 1n + 30n * DAY);
      expect(await items.lastsUntil(2n, stranger)).to.equal(0n);
      expect(await items.balanceOf(payer, 2n)).to.equal(4n);
    });

    it("gives an item without a period for good", async () => {
      const { items, mints, payer } = await networkHelpers.loadFixture(listed);
      expect(await mints.mint.staticCall(payer, 1n, 1n)).to.equal(0n);
      await expect(mints.mint(payer, 1n, 1n)).not.to.emit(items, "Extended");
      expect(await items.lastsUntil(1n, payer)).to.equal(0n);
    });

    it("asks a contract last, and refuses one that cannot answer", async () => {
      const { items, mints, xmex } = await networkHelpers.loadFixture(listed);
      await expect(mints.mint(xmex, 1n, 1n))
        .to.be.revertedWithCustomError(items, "ERC1155InvalidReceiver")
        .withArgs(await xmex.getAddress());
      const buyer = await ethers.deployContract("SpendingBuyer");
      await buyer.callBack(items, items.interface.encodeFunctionData("itemOf", [2n]));
      await mints.mint(buyer, 2n, 1n);
      const seen = items.interface.decodeFunctionResult("itemOf", await buyer.answer()) as unknown as {
        minted: bigint;
      };
      expect(seen.minted).to.equal(1n);
      expect(await items.lastsUntil(2n, buyer)).to.equal((await latest()) + 30n * DAY);
    });
  });

  describe("transfers", () => {
    it("move goods, also by an operator and in a batch", async () => {
      const { items, mints, lists, payer, stranger } = await networkHelpers.loadFixture(listed);
      await lists.list(GOODS_TERMS);
      await mints.mint(payer, 1n, 3n);
      await mints.mint(payer, 4n, 3n);
      await items.connect(payer).safeTransferFrom(payer, stranger, 1n, 1n, "0x");
      await items.connect(payer).setApprovalForAll(stranger, true);
      await items.connect(stranger).safeBatchTransferFrom(payer, stranger, [1n, 4n], [2n, 3n], "0x");
      expect(await items.balanceOf(stranger, 1n)).to.equal(3n);
      expect(await items.balanceOf(stranger, 4n)).to.equal(3n);
    });

    it("refuse what is soulbound, also by an operator, in a batch, to oneself and of none", async () => {
      const { items, mints, payer, stranger } = await networkHelpers.loadFixture(listed);
      await mints.mint(payer, 1n, 3n);
      await mints.mint(payer, 2n, 3n);
      await items.connect(payer).setApprovalForAll(stranger, true);
      const own = items.connect(payer);
      for (const call of [
        () => own.safeTransferFrom(payer, stranger, 2n, 1n, "0x"),
        () => own.safeTransferFrom(payer, payer, 2n, 1n, "0x"),
        () => own.safeTransferFrom(payer, stranger, 2n, 0n, "0x"),
        () => own.safeBatchTransferFrom(payer, stranger, [1n, 2n], [1n, 1n], "0x"),
        () => items.connect(stranger).safeTransferFrom(payer, stranger, 2n, 1n, "0x"),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(items, "PlatformItems_Soulbound").withArgs(2n);
      }
      expect(await items.balanceOf(payer, 2n)).to.equal(3n);
    });
  });

  describe("burn", () => {
    it("refuses none, and more than one has", async () => {
      const { items, mints, payer } = await networkHelpers.loadFixture(listed);
      await mints.mint(payer, 1n, 3n);
      await expect(items.connect(payer).burn(1n, 0n)).to.be.revertedWithCustomError(
        items,
        "PlatformItems_AmountIsZero",
      );
      await expect(items.connect(payer).burn(1n, 4n))
        .to.be.revertedWithCustomError(items, "ERC1155InsufficientBalance")
        .withArgs(payer.address, 3n, 4n, 1n);
    });

    it("burns one's own, also what is soulbound", async () => {
      const { items, mints, payer } = await networkHelpers.loadFixture(listed);
      for (const id of [1n, 2n]) {
        await mints.mint(payer, id, 3n);
        await items.connect(payer).burn(id, 2n);
        expect(await items.balanceOf(payer, id)).to.equal(1n);
      }
    });
  });

  it("shows no item that was never listed", async () => {
    const { items } = await networkHelpers.loadFixture(listed);
    for (const id of [0n, 4n]) {
      for (const call of [() => items.itemOf(id), () => items.uri(id)]) {
        await expect((call as () => Promise<unknown>)())
          .to.be.revertedWithCustomError(items, "PlatformItems_UnknownItem")
          .withArgs(id);
      }
    }
  });

  it("says that it is an ERC-1155 with metadata", async () => {
    const { items } = await networkHelpers.loadFixture(ready);
    for (const known of ["0xd9b67a26", "0x0e89341c", "0x01ffc9a7"]) {
      expect(await items.supportsInterface(known)).to.equal(true);
    }
    expect(await items.supportsInterface("0xffffffff")).to.equal(false);
  });

  it("costs no more with many items than with one", async () => {
    const { items, mints, lists, payer } = await networkHelpers.loadFixture(listed);
    const gas: bigint[] = [];
    const mint = async (id: bigint) => (await (await mints.mint(payer, id, 1n)).wait())?.gasUsed ?? 0n;
    await mint(1n);
    gas.push(await mint(1n));
    for (let count = 0; count < 20; count++) await lists.list(GOODS_TERMS);
    await mint(23n);
    gas.push(await mint(23n));
    expect(await items.itemCount()).to.equal(23n);
    if (hre.globalOptions.coverage) return;
    expect(gas[1]).to.equal(gas[0]);
    expect(gas[0], "one more of an item").to.be.below(60_000n);
  });
});
