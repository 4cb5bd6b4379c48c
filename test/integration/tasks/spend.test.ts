import { join } from "node:path";

import { expect } from "chai";
import {
  type BaseContract,
  type ErrorFragment,
  type EventFragment,
  id,
  MaxUint256,
  parseEther,
  ZeroAddress,
} from "ethers";
import hre from "hardhat";

import { openDeployment } from "../../../src/deployment/open.js";
import { contentCommitment, contentIdOf } from "../../../src/xme/content.js";
import * as buyers from "../../../tasks/spend/flows/buyers.js";
import * as sellers from "../../../tasks/spend/flows/sellers.js";
import {
  describeBuyer,
  describeCatalogue,
  describeShares,
  readBuyer,
  readCatalogue,
  readShares,
} from "../../../tasks/spend/flows/views.js";
import { spendTasks } from "../../../tasks/spend/index.js";
import { CATALOGUE_WORDS, ITEM_WORDS, SPENDING_WORDS } from "../../../tasks/spend/words.js";
import { type Session, sessionOf } from "../../../tasks/support/session.js";
import { mined, rpc } from "../../support/anvil.js";
import { act, deployed, expectAnnouncedFirst, type Recorded, recorded, refusal } from "../../support/tasks.js";
import { actor, asTreasury, giveXmex } from "../../support/xmeTasks.js";

const HASH = id("what was written") as `0x${string}`;
const CONTENT = String(contentIdOf(HASH));
const ITEM = {
  category: "collectible",
  seller: "",
  price: "3",
  supply: "5",
  soulbound: true,
  start: "",
  end: "2200-01-01",
  period: "30d",
  uri: "ipfs://item",
} as const;
const ANY = { maxPrice: "" };

/** Refusals that only governance, deployers and other contracts meet, and events of governance. */
const NOT_OF_USERS =
  /HasNoCode|InvalidReceiver|SplitSum|AccessManaged(InvalidAuthority|RequiredDelay)|FailedCall|AddressEmptyCode|SafeERC20|Checkpoint|ERC1155|Soulbound/;
const NOT_TOLD =
  /SplitChanged|ReceiverChanged|GrowthShopChanged|AuthorityUpdated|GrowthPriceChanged|Transfer|Approval|URI/;

describe("hardhat spend", () => {
  const local = deployed("xme", 10);
  const keeper = (): Promise<Session> => actor(local(), "8");

  before(async () => {
    const { session, other, connection, deployment, time } = local();
    const { contentRegistry, spendingCatalogue } = deployment.xme;
    await giveXmex(local(), session.account, "1000");
    await asTreasury(local(), async (treasury) => {
      await spendingCatalogue.connect(treasury).setGrowthPrice(0, 0, parseEther("2"));
      await spendingCatalogue.connect(treasury).setGrowthPrice(2, 0, parseEther("50"));
    });
    const salt = id("salt") as `0x${string}`;
    const { chainId } = await connection.ethers.provider.getNetwork();
    const registry = await contentRegistry.getAddress();
    const commitment = contentCommitment({ hash: HASH, account: other.account, salt, chainId, registry });
    if (!other.signer) throw new Error("the account is one of the chain's");
    await contentRegistry.connect(other.signer).commit(commitment);
    await time.increase(60);
    await contentRegistry.connect(other.signer).register(HASH, salt, "ipfs://content", parseEther("10"), 500n);
    await sellers.setPlan(await keeper(), { plan: "1", price: "20", period: "30d", platform: true });
    await sellers.setPlan(other, { plan: "7", price: "40", period: "10d", platform: false });
    await sellers.setHotSpots(await keeper(), { price: "5", slots: "1" });
    await sellers.setService(await keeper(), { service: "1", price: "0.5", hold: "100" });
    await sellers.listItem(await keeper(), ITEM);
    await sellers.listItem(await keeper(), {
      ...ITEM,
      category: "goods",
      seller: other.account,
      soulbound: false,
      period: "",
    });
  });

  it("should buy in every category in one transaction, at the price that was announced, and tell where it goes", async () => {
    const { session, other, deployment } = local();
    const { spending, xmex } = deployment.xme;
    const first = await buyers.unlock(session, { content: HASH, maxPrice: "10" });
    expect(first.allowances).to.deep.equal([]);
    expect(first.expected[0]).to.equal(`10 XMEX to unlock content ${HASH} for good.`);
    expect(first.expected[1]).to.match(/^Of the 10 XMEX: [\d.]+ XMEX to the creator or seller, .*burned/);
    expect(first.transaction.events).to.have.length(1);
    expect(first.transaction.events[0]).to.match(/spent 10 XMEX on unlocked content, of which [\d.]+ XMEX went to 0x/);
    expect(await spending.isUnlocked(CONTENT, session.account)).to.equal(true);
    expect((await xmex.balanceOf(other.account)) > 0n).to.equal(true);
    expect(first.balance).to.equal(parseEther("990"));

    const done = [
      await buyers.renewMembership(session, { creator: "", plan: "1", ...ANY }),
      await buyers.renewMembership(session, { creator: other.account, plan: "7", ...ANY }),
      await buyers.tip(session, { to: other.account, content: "", amount: "7" }),
      await buyers.tip(session, { to: "", content: CONTENT, amount: "3.000000001" }),
      await buyers.boost(session, { content: CONTENT, weeksAhead: "1", amount: "4" }),
      await buyers.recommend(session, { content: CONTENT, daysAhead: "0", ...ANY }),
      await buyers.useService(session, { service: "1", units: "4", request: "a question", ...ANY }),
      await buyers.buy(session, { item: "1", amount: "2", ...ANY }),
      await buyers.buy(session, { item: "2", amount: "1", ...ANY }),
      await buyers.buyGrowth(session, { perk: "acceleration", days: "3", privilege: "", ...ANY }),
      await buyers.buyGrowth(session, { perk: "privilege", days: "", privilege: "0", ...ANY }),
    ];
    const prices = ["20", "40", "7", "3.000000001", "4", "5", "2", "6", "3", "6", "50"].map(parseEther);
    let { balance = 0n } = first;
    for (const [i, { balance: left, allowances, transaction }] of done.entries()) {
      balance -= prices[i] ?? 0n;
      expect(left, `after purchase ${String(i)}`).to.equal(balance);
      expect(allowances).to.deep.equal([]);
      expect(transaction.events.length, `events of purchase ${String(i)}`).to.be.above(0);
    }
    const asked = await buyers.askService(session, { service: "1", request: HASH });
    expect(asked.transaction.events).to.deep.equal([
      `${session.account} asked service 1 by the XMEX that it holds, for request ${HASH}.`,
    ]);
    expect(asked.balance).to.equal(balance);
  });

  it("should tell what is for sale, how a price is shared, and what the account has bought", async () => {
    const { session, other } = local();
    expect(describeBuyer(await readBuyer(session))).to.contain("It has spent nothing.");
    await buyers.unlock(session, { content: CONTENT, ...ANY });
    await buyers.renewMembership(session, { creator: other.account, plan: "7", ...ANY });
    await buyers.buy(session, { item: "1", amount: "2", ...ANY });
    await buyers.recommend(session, { content: CONTENT, daysAhead: "0", ...ANY });
    await buyers.useService(session, { service: "1", units: "4", request: "a question", ...ANY });
    await buyers.buyGrowth(session, { perk: "acceleration", days: "3", privilege: "", ...ANY });
    const bought = await readBuyer(session);
    expect(bought.unlocked).to.deep.equal([BigInt(CONTENT)]);
    expect(bought.memberships[0]).to.include({ creator: other.account, plan: 7n });
    expect(bought.items[0]).to.include({ item: 1n, held: 2n });
    expect(bought.services).to.deep.equal([{ service: 1n, units: 4n, requests: 0n }]);
    expect(bought.growth).to.deep.equal([{ perk: "acceleration", value: 3n }]);
    expect(bought.spent.find(({ category }) => category === "collectible")).to.include({ amount: parseEther("6") });
    expect(describeBuyer(bought))
      .to.match(/\nmembership {2}plan 7 of 0x\w{40}, until \d{4}-/)
      .and.match(/\nitem {8}2 of item 1, until /)
      .and.contain("\ngrowth      3 days of acceleration");

    const offers = await readCatalogue(session);
    expect(offers.hotSpots).to.deep.equal({ price: parseEther("5"), slots: 1n, takenToday: 1n });
    const text = describeCatalogue(offers);
    expect(text)
      .to.match(/plan 1 of the platform +20 XMEX {2}for 30 days/)
      .and.match(/plan 7 of 0x\w{40} +40 XMEX/);
    expect(text).to.contain("3 of 5 left, soulbound, lasts 30 days").and.contain("a unit, or by holding 100 XMEX");
    expect(text)
      .to.match(/growth +a day of acceleration +2 XMEX/)
      .and.match(/privilege 0 +50 XMEX {2}for good/);

    const [tips] = (await readShares(session, { category: "tip", price: "100" })).categories;
    const sold = Object.values(tips?.parts?.sold ?? {}).reduce((sum: bigint, part: bigint) => sum + part, 0n);
    expect(sold).to.equal(parseEther("100"));
    const all = await readShares(session, { category: "", price: "" });
    expect(all.categories).to.have.length(10);
    expect(describeShares(all)).to.match(
      /\nunlock: [\d.]+ % to the creator or seller, .*\n {2}10 XMEX were spent this week/,
    );
    await asTreasury(local(), async (treasury) => {
      const split = {
        creatorBps: 10_000n,
        burnBps: 0n,
        buybackBps: 0n,
        delegatorsBps: 0n,
        votersBps: 0n,
        emissionBps: 0n,
      };
      await session.deployment.xme.spending.connect(treasury).setSplit(2, { ...split, treasuryBps: 0n });
    });
    expect(describeShares(await readShares(session, { category: "tip", price: "5" }))).to.contain(
      "from next week on: 100 % to the creator or seller\n",
    );
  });

  it("should let the keeper and creators price what they sell, and nobody else", async () => {
    const { session, other, deployment } = local();
    const { spendingCatalogue, platformItems } = deployment.xme;
    const closed = await sellers.setPlan(other, { plan: "7", price: "0", period: "10d", platform: false });
    expect(closed.transaction.events).to.deep.equal([`Plan 7 of ${other.account} is closed.`]);
    const priced = await sellers.setSale(await keeper(), { item: "1", price: "4", end: "", close: false });
    expect(priced.expected[0]).to.match(/^Item 1 costs 4 XMEX instead of 3 XMEX, and is sold until 2200-01-01/);
    await sellers.setSale(await keeper(), { item: "1", price: "", end: "", close: true });
    expect(await refusal(buyers.buy(session, { item: "1", amount: "1", ...ANY }))).to.match(
      /^Item 1 is sold from .* only\.$/,
    );
    expect((await platformItems.itemOf(1)).terms.price).to.equal(parseEther("4"));
    await sellers.listItem(await keeper(), { ...ITEM, start: "2199-01-01" });
    const item = String(await platformItems.itemCount());
    await sellers.setSale(await keeper(), { item, price: "", end: "", close: true });
    expect(await refusal(buyers.buy(session, { item, amount: "1", ...ANY }))).to.equal(
      `The sale of item ${item} was called off before it began.`,
    );
    await sellers.setHotSpots(await keeper(), { price: "0", slots: "0" });
    expect((await spendingCatalogue.hotSpots()).price).to.equal(0n);
    const unsold = await sellers.setService(await keeper(), { service: "1", price: "0", hold: "0" });
    expect(unsold.expected).to.deep.equal(["Service 1 is not sold from now on.", "Holding XMEX is not enough for it."]);
    for (const flow of [
      () => sellers.setPlan(session, { plan: "1", price: "1", period: "30d", platform: true }),
      () => sellers.setHotSpots(session, { price: "1", slots: "1" }),
      () => sellers.setService(session, { service: "1", price: "1", hold: "0" }),
      () => sellers.listItem(session, ITEM),
      () => sellers.setSale(session, { item: "1", price: "1", end: "", close: false }),
    ]) {
      expect(await refusal(flow())).to.match(
        /is not the keeper of the platform's catalogue: choose who is with --account/,
      );
    }
  });

  it("should distribute what was spent, and say so when nothing is left", async () => {
    const { session, later } = local();
    expect(await refusal(buyers.distribute(session, { category: "tip", week: "" }))).to.match(
      /^Nothing of tips in the week/,
    );
    await buyers.tip(session, { to: session.account, content: "", amount: "100" });
    await later(7);
    const sent = await buyers.distribute(session, { category: "tip", week: "" });
    expect(sent.expected[0]).to.match(/^Of tips in the week from .*, with all that waits: .*burned/);
    expect(sent.transaction.events.some((line) => /^[\d.]+ XMEX were burned\.$/.test(line))).to.equal(true);
    expect(await refusal(buyers.distribute(session, { category: "tip", week: "" }))).to.match(
      /is left to distribute\.$/,
    );
  });

  context("when price, amount, number, time or account are wrong", () => {
    it("should say so, and send nothing", async () => {
      const { session, other, connection, deployment } = local();
      await buyers.unlock(session, { content: CONTENT, ...ANY });
      await buyers.recommend(session, { content: CONTENT, daysAhead: "0", ...ANY });
      const away = await sessionOf(connection, deployment, "0x000000000000000000000000000000000000dEaD");
      const boss = await keeper();
      const nonces = (): Promise<unknown> =>
        Promise.all([session, other, boss].map(async ({ signer }) => signer?.getNonce()));
      const before = await nonces();
      const plan = { creator: "", plan: "1" };
      const list = (part: Partial<Record<keyof typeof ITEM, string | boolean>>) =>
        sellers.listItem(boss, { ...ITEM, ...part } as sellers.ItemInput);
      const refused: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
        [() => buyers.unlock(session, { content: CONTENT, ...ANY }), /has unlocked content 0x\w+ already, for good/],
        [() => buyers.unlock(session, { content: "5", ...ANY }), /^There is no content 0x0+5 in the registry/],
        [() => buyers.unlock(session, { content: "x", ...ANY }), /^--content is "x"/],
        [() => buyers.renewMembership(session, { ...plan, maxPrice: "19" }), /^It costs 20 XMEX, more than 19 XMEX/],
        [
          () => buyers.renewMembership(session, { ...plan, plan: "9", ...ANY }),
          /^This is not for sale \(memberships, number 9\)/,
        ],
        [() => buyers.tip(session, { to: "", content: "", amount: "1" }), /give one of --to and --content/],
        [() => buyers.tip(session, { to: other.account, content: "", amount: "0" }), /^An amount of zero buys nothing/],
        [() => buyers.tip(session, { to: other.account, content: "", amount: "0.0000000001" }), /at most 9 decimals/],
        [() => buyers.tip(session, { to: ZeroAddress, content: "", amount: "1" }), /cannot be paid as a creator/],
        [() => buyers.tip(session, { to: other.account, content: "", amount: "5000" }), /and 5,000 XMEX are needed/],
        [
          () => buyers.boost(session, { content: CONTENT, weeksAhead: "5", amount: "1" }),
          /for this week and the 4 after it/,
        ],
        [
          () => buyers.recommend(session, { content: CONTENT, daysAhead: "0", ...ANY }),
          /^All 1 hot spots of that day are taken/,
        ],
        [
          () => buyers.recommend(session, { content: CONTENT, daysAhead: "8", ...ANY }),
          /today and the 7 days after it/,
        ],
        [
          () => buyers.useService(session, { service: "2", units: "1", request: "q", ...ANY }),
          /^This is not for sale \(AI/,
        ],
        [
          () => buyers.useService(session, { service: "1", units: "4294967296", request: "q", ...ANY }),
          /^--units is 4294967296/,
        ],
        [() => buyers.askService(other, { service: "1", request: "q" }), /holds [\d.]+ XMEX, less than the 100 XMEX/],
        [() => buyers.buy(session, { item: "9", amount: "1", ...ANY }), /^There is no item 9/],
        [() => buyers.buy(session, { item: "1", amount: "6", ...ANY }), /^Of item 1 5 are left, less than 6/],
        [() => buyers.buyGrowth(session, { perk: "luck", days: "1", privilege: "", ...ANY }), /^--perk is "luck"/],
        [() => buyers.buyGrowth(session, { perk: "acceleration", days: "0", privilege: "", ...ANY }), /amount of zero/],
        [() => buyers.distribute(session, { category: "fun", week: "" }), /^--category is "fun": choose one of unlock/],
        [
          () => sellers.setPlan(other, { plan: "1", price: "1", period: "1h", platform: false }),
          /not between 1 day and 3650 days/,
        ],
        [() => sellers.setHotSpots(boss, { price: "1", slots: "101" }), /^A day has at most 100 hot spots, not 101/],
        [() => sellers.setSale(boss, { item: "1", price: "", end: "", close: false }), /^Nothing would change/],
        [() => sellers.setSale(boss, { item: "1", price: "", end: "2027-01-01", close: true }), /say different things/],
        [() => list({ soulbound: false }), /add --soulbound/],
        [() => list({ category: "tip" }), /^There are no items of tips/],
        [() => list({ supply: "0" }), /give a higher --supply/],
        [() => list({ price: "0" }), /An item has a price/],
        [() => list({ end: "2001-01-01" }), /give a later --end/],
        [() => list({ uri: "a b" }), /unfit/],
        [() => buyers.tip(away, { to: other.account, content: "", amount: "1" }), /has no key of 0x0+dEaD/],
        [() => sellers.setHotSpots(away, { price: "1", slots: "1" }), /has no key of 0x0+dEaD/],
      ];
      for (const [flow, sentence] of refused) expect(await refusal(flow())).to.match(sentence);
      expect(await nonces()).to.deep.equal(before);
    });
  });

  it("should have a sentence for every refusal and event that users meet", () => {
    const { spending, spendingCatalogue, platformItems } = local().deployment.xme;
    const unworded: string[] = [];
    const speakers: readonly (readonly [BaseContract, typeof SPENDING_WORDS])[] = [
      [spending, SPENDING_WORDS],
      [spendingCatalogue, CATALOGUE_WORDS],
      [platformItems, ITEM_WORDS],
    ];
    for (const [contract, words] of speakers) {
      contract.interface.fragments.forEach((fragment) => {
        const { type, name, inputs } = fragment as ErrorFragment | EventFragment;
        if (type !== "error" && type !== "event") return;
        if ((type === "error" ? NOT_OF_USERS : NOT_TOLD).test(name)) return;
        const sentence = (type === "error" ? words.refusals : words.events)[name];
        if (!sentence) return void unworded.push(name);
        for (const number of [0n, 1n, 2n ** 40n, MaxUint256]) {
          const values = inputs.map(({ baseType }) => {
            if (baseType === "address") return `0x${"12".repeat(20)}`;
            return baseType.startsWith("uint") ? number : baseType === "tuple" ? { uri: "ipfs://\u001b" } : "text";
          });
          expect(sentence(values as never), name)
            .to.match(/^\S.*\.$/)
            .and.not.match(/undefined|NaN|\[object/);
        }
      });
    }
    expect(unworded).to.deep.equal([]);
  });

  it("should announce each step before it sends it", async () => {
    const { session, other, later } = local();
    await expectAnnouncedFirst(session, (s) => buyers.unlock(s, { content: CONTENT, ...ANY }));
    await expectAnnouncedFirst(session, (s) => buyers.tip(s, { to: other.account, content: "", amount: "1" }));
    await expectAnnouncedFirst(session, (s) => buyers.buy(s, { item: "1", amount: "1", ...ANY }));
    await expectAnnouncedFirst(session, (s) => buyers.askService(s, { service: "1", request: "q" }));
    await expectAnnouncedFirst(await keeper(), (s) => sellers.listItem(s, ITEM));
    await buyers.tip(session, { to: other.account, content: "", amount: "1" });
    await later(7);
    await expectAnnouncedFirst(session, (s) => buyers.distribute(s, { category: "tip", week: "" }));
  });

  context("given a recorded deployment", () => {
    let chain: Recorded;

    before(async () => {
      chain = await recorded("xme");
    });
    after(() => chain.remove());

    it("should work from the command line, with --json for machines, and so should `hardhat economy`", async function () {
      this.timeout(240_000);
      const [catalogue, refused, economy] = await Promise.all([
        chain.run(["spend", "catalogue"]),
        chain.run(["spend", "tip", "--amount", "5", "--json"]),
        chain.run(["economy", "--weeks", "2"]),
      ]);
      expect(catalogue.output).to.contain("The platform and its creators sell nothing by price now.");
      expect(refused.code).to.equal(1);
      expect((JSON.parse(refused.output) as { error: string }).error).to.match(/give one of --to and --content\.$/);
      expect(economy.output).to.match(/Checked: all \d+ sums of events agree with the contracts\./);
      expect(economy.code).to.equal(0);
    });

    it("should list an item by the example that `hardhat spend list-item --help` prints", async () => {
      const { description } = spendTasks.find(({ id: name }) => name.join(" ") === "spend list-item") ?? {
        description: "",
      };
      const example = String(description).split(" Example: hardhat ")[1]?.replace(" --network localhost", "") ?? "";
      const { output, code } = await chain.run([...example.split(" "), "--account", "8"]);
      expect(code, output).to.equal(0);
      expect(output)
        .to.contain("Item 1 is sold for 12.500000 XMEX each, 100 in all, from ")
        .and.contain(" until 2030-01-31 ");
    });

    it("should have in every command the options that it reads", async function () {
      this.timeout(120_000);
      const done: string[] = [];
      const run = async (name: string, given: Readonly<Record<string, string | boolean>> = {}): Promise<string> => {
        done.push(`spend ${name}`);
        return act(chain, spendTasks, `spend ${name}`, given);
      };
      const { url } = chain.anvil;
      const connection = await hre.network.create({ network: "localhost", override: { url } });
      const { xme } = await openDeployment(connection, {
        directory: join(hre.config.paths.root, "deployments", chain.id),
      });
      const treasury = await xme.timelock.getAddress();
      await rpc(url, "anvil_setBalance", treasury, "0x8ac7230489e80000");
      await rpc(url, "anvil_impersonateAccount", treasury);
      const buyer = (await connection.ethers.getSigners())[9]?.address ?? "";
      const data = xme.xmex.interface.encodeFunctionData("transfer", [buyer, parseEther("500")]);
      await mined(url, { from: treasury, to: await xme.xmex.getAddress(), data });
      const [boss, who] = [{ account: "8" }, { account: "9" }];
      await run("plan", { ...boss, plan: "1", price: "20", period: "30d", platform: true });
      await run("hot-spots", { ...boss, price: "5", slots: "3" });
      await run("set-service", { ...boss, service: "1", price: "0.5", hold: "100" });
      await run("list-item", { ...boss, ...ITEM });
      await run("sale", { ...boss, item: "1", price: "4" });
      await run("membership", { ...who, plan: "1" });
      await run("tip", { ...who, to: treasury, amount: "3" });
      await run("service", { ...who, service: "1", request: "a question" });
      await run("ask", { ...who, service: "1", request: "a question" });
      await run("buy", { ...who, item: "1" });
      const none = /There is no content/;
      expect(await refusal(run("unlock", { ...who, content: "1" }))).to.match(none);
      expect(await refusal(run("boost", { ...who, content: "1", amount: "1" }))).to.match(none);
      expect(await refusal(run("recommend", { ...who, content: "1" }))).to.match(none);
      expect(await refusal(run("growth", { ...who, perk: "protection", days: "1" }))).to.match(/not for sale/);
      const { timestamp } = (await connection.ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
      await run("distribute", { ...who, category: "tip", week: String(Math.floor(timestamp / 604_800)) });
      expect(await run("catalogue")).to.contain("plan 1 of the platform");
      expect(await run("show", { category: "tip", price: "1" })).to.contain("sold by the platform");
      expect(await run("status", who)).to.contain("1 of item 1");
      const all = spendTasks.map(({ id: name }) => name.join(" ")).filter((name) => name !== "spend");
      expect(all).to.have.members([...new Set(done)]);
    });
  });
});
