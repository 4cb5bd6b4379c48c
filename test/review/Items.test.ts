import { expect } from "chai";
import { ZeroAddress } from "ethers";
import hre, { network } from "hardhat";

import { SPENDING_CATEGORIES, SPENDING_MAX_PERIOD, SPENDING_MIN_PERIOD } from "../../src/xme/spending.js";
import {
  COLLECTIBLE,
  DAY,
  GOODS,
  GOODS_TERMS,
  MINTER_ROLE,
  TICKET,
  XMEX,
  deploySpending,
} from "../support/spending.js";

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

describe("Review: items", () => {
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


  it("RED: an end that has passed closes the sale, also of one that has not begun", async () => {
    const { lists } = await networkHelpers.loadFixture(ready);
    const t = await latest();
    await lists.list({ ...GOODS_TERMS, start: t + 100_000n, end: t + 200_000n });
    await lists.setSale(1n, GOODS_TERMS.price, t - 1n);
  });
});
