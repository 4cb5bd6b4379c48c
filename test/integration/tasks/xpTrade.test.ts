import { expect } from "chai";
import { parseEther } from "ethers";

import { SOURCE_TIERS } from "../../../src/xp/tiers.js";
import { formatMoment } from "../../../tasks/support/inputs.js";
import type { Session } from "../../../tasks/support/session.js";
import * as jobs from "../../../tasks/xp/flows/jobs.js";
import * as tiers from "../../../tasks/xp/flows/tiers.js";
import * as trade from "../../../tasks/xp/flows/trade.js";
import { drafted } from "../../support/sendingTasks.js";
import { deployed, expectAnnouncedFirst, refusal } from "../../support/tasks.js";
import { actor, dollars, fillPool, giveXp, JOB, startWork } from "../../support/xpTasks.js";

const QUOTE = { tier: "4", volume: "", price: "", monthlyCost: "50", monthlyXp: "5000", last: "1000" };
const BUY = { tier: "1", maxPayment: "", slippage: "1", validFor: "20m" };

describe("hardhat xp: tiers and trade", () => {
  const local = deployed("xp", 7);
  before(() => startWork(local()));

  const noncesOf = (...sessions: readonly Session[]): Promise<readonly (number | undefined)[]> =>
    Promise.all(sessions.map(async ({ signer }) => signer?.getNonce()));
  const supply = (): Promise<bigint> => local().deployment.xp.xp.totalSupply();

  describe("tiers", () => {
    it("should show the source's table with its savings, and what the account pays", async () => {
      const { session } = local();
      const table = await tiers.readTiers(session);
      expect(table.tiers.slice(1).map(({ name, feeBps, burn }) => ({ name, feeBps, price: burn }))).to.deep.equal(
        SOURCE_TIERS.map(({ name, feeBps, price }) => ({ name, feeBps, price })),
      );
      expect(table.tiers.map(({ saving }) => saving)).to.deep.equal([
        undefined,
        ...["500", "5000", "30000", "200000", "1125000"].map(dollars),
      ]);
      expect(table).to.include({ feeBps: 250n, until: undefined });
      expect(tiers.describeTiers(table)).to.match(/pays 2\.5 %\.$/);
      await giveXp(local(), session.account, "10000");
      await tiers.burn(session, { tier: "1", maxBurn: "" });
      expect(tiers.describeTiers(await tiers.readTiers(session))).to.match(/pays 2 %, and has its tier until \d{4}-/);
    });
  });

  describe("quote", () => {
    it("should tell the source's ceiling and floor where XP has no price yet", async () => {
      const quote = await tiers.readQuote(local().session, QUOTE);
      // The source: savings of 200,000 for 1,000,000 XP, at most $0.20; 50 for 5,000 XP, at least $0.01.
      expect(quote).to.include({
        volume: dollars("10000000"),
        burn: parseEther("1000000"),
        saving: dollars("200000"),
        ceiling: dollars("0.2"),
        floor: dollars("0.01"),
        price: undefined,
        cost: undefined,
        worthwhile: undefined,
      });
      expect(tiers.describeQuote(quote))
        .to.contain("ceiling  0.2 TUSD")
        .and.contain("floor    0.01 TUSD")
        .and.contain("market   none in the pool and none from orders, for all that is burned")
        .and.contain("cost     unknown: nobody sells all of it in one place")
        .and.contain("orders   nobody sells any of it")
        .and.match(/pool {5}not all of it in one purchase: The tier takes 1,000,000 XP, and the pool has 0 XP/);
    });

    it("should reckon with what all that is burned costs in the pool, beside the source's ceiling and floor", async () => {
      const { session, other, time } = local();
      await fillPool(local());
      await giveXp(local(), other.account, "2000");
      await trade.ask(other, { amount: "1000", price: "0.03" });
      await trade.ask(other, { amount: "1000", price: "0.015" });
      await time.increase(1_900);
      const bronze = await tiers.readQuote(session, { ...QUOTE, tier: "1" });
      // 10,000 XP at 0.02, a fiftieth of the pool's half million, and a fee of 0.3 %.
      const { cost = 0n, price: unit = 0n } = bronze;
      expect(cost > dollars("204") && cost < dollars("205")).to.equal(true);
      expect(unit).to.equal((cost + 9_999n) / 10_000n);
      expect(bronze).to.include({ worthwhile: true });
      expect(bronze.pool).to.include({ payment: cost, available: parseEther("10000"), spot: dollars("0.02") });
      expect(bronze.orders).to.include({
        payment: dollars("45"),
        available: parseEther("2000"),
        looked: 2n,
        count: 2n,
      });
      // One tick of the pool is a hundredth of a percent.
      const average = bronze.pool.average ?? 0n;
      expect(average >= dollars("0.019996") && average <= dollars("0.02")).to.equal(true);
      // The source: 0.20 is the ceiling, and what costs more is not worth while.
      const dear = await tiers.readQuote(session, { ...QUOTE, price: "0.2" });
      expect(dear).to.include({ price: dollars("0.2"), cost: dollars("200000"), worthwhile: false });
      expect(tiers.describeQuote(bronze))
        .to.match(/cost {5}204\.\d+ TUSD, 0\.0204\d+ TUSD for one XP: worth while, 295\.\d+ TUSD ahead/)
        .and.match(/pool {5}204\.\d+ TUSD for all of it in one purchase/)
        .and.contain("orders   45 TUSD for 2,000 XP of it, and no more")
        .and.match(/market {3}0\.0204\d+ TUSD in the pool and none from orders/)
        .and.contain("spot     0.02 TUSD in the pool now");
    });

    it("should reckon with the orders, the cheapest first, where the pool is empty, and with other volumes, costs and earnings", async () => {
      const { session, other } = local();
      await giveXp(local(), other.account, "20000");
      await giveXp(local(), session.account, "10000");
      await trade.ask(other, { amount: "8000", price: "0.04" });
      await trade.ask(other, { amount: "4000", price: "0.02" });
      const input = { ...QUOTE, tier: "1", volume: "100000", monthlyCost: "30", monthlyXp: "1000" };
      const quote = await tiers.readQuote(session, input);
      // 4,000 at 0.02 and 6,000 at 0.04.
      expect(quote).to.include({ price: dollars("0.032"), cost: dollars("320"), worthwhile: true });
      expect(quote).to.include({ saving: dollars("500"), floor: dollars("0.03") });
      expect(tiers.describeQuote(quote))
        .to.contain("orders   320 TUSD for all of it: `hardhat xp orders`")
        .and.contain("market   none in the pool and 0.032 TUSD from orders");
      // Nobody can fill an order of their own.
      await trade.ask(session, { amount: "10000", price: "0.001" });
      expect(await tiers.readQuote(session, input)).to.include({ cost: dollars("320") });
      expect(await tiers.readQuote(other, input)).to.include({ cost: dollars("10") });
      const latest = await tiers.readQuote(session, { ...input, last: "2" });
      expect(latest).to.include({ price: undefined, cost: undefined, worthwhile: undefined });
      expect(tiers.describeQuote(latest)).to.contain(
        "orders   80 TUSD for 4,000 XP of it, and no more, among the latest 2 of 3 orders",
      );
    });

    it("should not let an order that is too small to matter decide", async () => {
      const { session, other, deployment } = local();
      const { xp, xpMarket } = deployment.xp;
      await giveXp(local(), other.account, "20000");
      const input = { ...QUOTE, tier: "1", volume: "100000" };
      const dust = async (): Promise<void> => {
        if (!other.signer) throw new Error("the other is an account of the chain");
        await xp.connect(other.signer).approve(xpMarket, 1n);
        await xpMarket.connect(other.signer).ask(1n, 1n);
      };
      // Alone it is no price: one wei at the lowest price that there is.
      await dust();
      expect(await tiers.readQuote(session, input)).to.include({ price: undefined, cost: undefined });
      // 500 is all that the tier saves: not worth while, and to the last unit not made so, or dearer, by dust.
      await trade.ask(other, { amount: "10000", price: "0.05" });
      const before = await tiers.readQuote(session, input);
      expect(before).to.include({ price: dollars("0.05"), cost: dollars("500"), worthwhile: false });
      await dust();
      expect(await tiers.readQuote(session, input)).to.include({
        price: before.price,
        cost: before.cost,
        worthwhile: false,
      });
      await trade.ask(other, { amount: "9999", price: "0.049999" });
      await dust();
      expect(await tiers.readQuote(session, input)).to.include({ cost: dollars("499.990001"), worthwhile: true });
    });

    it("should say so when tier or numbers are wrong", async () => {
      const { session } = local();
      const quoting = (input: object): Promise<string> => refusal(tiers.readQuote(session, { ...QUOTE, ...input }));
      expect(await quoting({ tier: "" })).to.match(/^--tier is missing/);
      expect(await quoting({ tier: "6" })).to.match(/^There is no tier 6: choose one from 1 to 5/);
      expect(await quoting({ tier: "0" })).to.match(/^There is no tier 0/);
      expect(await quoting({ monthlyXp: "0" })).to.match(/^--monthly-xp is zero/);
      expect(await quoting({ last: "all" })).to.match(/^--last is "all"/);
      expect(await quoting({ volume: "much" })).to.match(/^--volume is "much": write how many TUSD/);
    });
  });

  describe("burn", () => {
    it("should burn in one transaction what was announced: first, renewed, upgraded with the credit", async () => {
      const { session, other } = local();
      await giveXp(local(), session.account, "80000");
      const nonce = (await session.signer?.getNonce()) ?? 0;
      const first = await tiers.burn(session, { tier: "1", maxBurn: "" });
      expect(await session.signer?.getNonce()).to.equal(nonce + 1);
      expect(first.expected[0]).to.equal("10,000 XP burned for ever.");
      expect(first.balance).to.equal(parseEther("70000"));
      const renewed = await tiers.burn(session, { tier: "1", maxBurn: "10000" });
      expect(renewed.balance).to.equal(parseEther("60000"));
      const upgraded = await tiers.burn(session, { tier: "2", maxBurn: "" });
      // Nearly all of the 20,000 is credited; by the second it melts.
      expect(upgraded.balance).to.be.within(parseEther("29999") + 1n, parseEther("30000"));
      expect(upgraded.expected[0]).to.match(/^30,000\.\d+ XP burned for ever, after a credit of 19,999\.\d+ XP/);
      await jobs.open(other, JOB);
      const accepted = await jobs.accept(session, { job: "1", agent: "1", maxFee: "" });
      expect(accepted.expected[1]).to.contain("after a fee of 1.5 %, 15 TUSD.");
    });

    it("should say what does not allow it, and send nothing", async () => {
      const { session } = local();
      const burning = (input: object, who = session): Promise<string> =>
        refusal(tiers.burn(who, { tier: "1", maxBurn: "", ...input }));
      expect(await burning({})).to.match(/ holds 0 XP, and 10,000 XP are needed\.$/);
      await giveXp(local(), session.account, "120000");
      const nonce = await session.signer?.getNonce();
      expect(await burning({ maxBurn: "9999.5" })).to.match(
        /^The tier takes 10,000 XP, more than the 9,999\.500000 XP/,
      );
      expect(await burning({}, await actor(local(), "9"))).to.match(/owns no agent, which a tier needs/);
      expect(await session.signer?.getNonce()).to.equal(nonce);
      await tiers.burn(session, { tier: "2", maxBurn: "" });
      expect(await burning({})).to.match(/^The tier's fee, 2 %, is above the 1\.5 % that the account pays already/);
      await tiers.burn(session, { tier: "2", maxBurn: "" });
      expect(await burning({ tier: "2" })).to.match(/^Renewed now, the tier would last until/);
    });
  });

  describe("buy-and-burn", () => {
    it("should buy exactly what the tier costs and burn it, in one transaction", async () => {
      const { session } = local();
      await fillPool(local());
      const [before, nonce] = [await supply(), (await session.signer?.getNonce()) ?? 0];
      const done = await tiers.buyAndBurn(session, BUY);
      expect(await session.signer?.getNonce()).to.equal(nonce + 1);
      expect(before - (await supply())).to.equal(parseEther("10000"));
      const spent = dollars("10000") - (done.balance ?? 0n);
      // 10,000 XP at 0.02, a fiftieth of the pool's half million, and a fee of 0.3 %.
      expect(spent > dollars("204") && spent < dollars("205")).to.equal(true);
      expect(done.expected[0]).to.match(/^204\.\d+ TUSD to the pool for 10,000 XP, and at most 206\.\d+ TUSD, until/);
      expect(done.transaction.events).to.have.length(2);
    });

    it("should say what does not allow it, and send nothing", async () => {
      const { session } = local();
      const buying = (input: object): Promise<string> => refusal(tiers.buyAndBurn(session, { ...BUY, ...input }));
      expect(await buying({})).to.match(/^The tier takes 10,000 XP, and the pool has 0 XP/);
      await fillPool(local());
      const nonce = await session.signer?.getNonce();
      expect(await buying({ maxPayment: "200" })).to.match(/^The pool asks for 204\.\d+ TUSD, more than the 200 TUSD/);
      expect(await buying({ tier: "4" })).to.match(/^The tier takes 1,000,000 XP, and the pool has 499,999\.\d+ XP/);
      expect(await buying({ tier: "3" })).to.match(/ holds 10,000 TUSD, and 10,\d{3}\.\d+ TUSD are needed\.$/);
      expect(await buying({ validFor: "soon" })).to.match(/^--valid-for is "soon"/);
      expect(await buying({ slippage: "a lot" })).to.match(/^--slippage is "a lot"/);
      expect(await session.signer?.getNonce()).to.equal(nonce);
    });
  });

  describe("ask, bid, fill, cancel-order, orders", () => {
    it("should trade at the order's price, in one transaction each", async () => {
      const { session, other } = local();
      await giveXp(local(), session.account, "1000");
      const [mine = 0, theirs = 0] = await noncesOf(session, other);
      const asked = await trade.ask(session, { amount: "1000", price: "0.02" });
      expect(asked.balance).to.equal(0n);
      expect(asked.expected[0]).to.match(/^1,000 XP held by the market .* 0\.02 TUSD for one XP, 20 TUSD in all\.$/);
      const part = await trade.fill(other, { order: "1", amount: "100", limit: "" });
      expect(part).to.include({ token: "XP", balance: parseEther("100") });
      expect(part.expected[0]).to.equal("100 XP bought for 2 TUSD, at most 2 TUSD.");
      const bidden = await trade.bid(other, { amount: "50", price: "0.019" });
      expect(bidden.expected[0]).to.match(/^0\.950000 TUSD held by the market/);
      await trade.cancelOrder(session, { order: "1", to: "" });
      // More than is left: what is left is sold.
      const sold = await trade.fill(session, { order: "2", amount: "51", limit: "" });
      expect(sold.balance).to.equal(dollars("10000") + dollars("2") + dollars("0.95"));
      expect(sold.expected[0]).to.equal("50 XP sold for 0.950000 TUSD, at least 0.949999 TUSD.");
      expect(sold.expected[1]).to.match(/; 0 XP are left of it\.$/);
      expect(await noncesOf(session, other)).to.deep.equal([mine + 3, theirs + 2]);
    });

    it("should give back what an order still holds, to whom the maker says", async () => {
      const { session, other } = local();
      await trade.bid(other, { amount: "50", price: "0.02" });
      expect(await refusal(trade.cancelOrder(session, { order: "1", to: "" }))).to.match(
        /^Order 1 is of 0x.*choose its maker/,
      );
      const back = await trade.cancelOrder(other, { order: "1", to: session.account });
      expect(back).to.include({ account: session.account, balance: dollars("10001") });
      expect(await refusal(trade.cancelOrder(other, { order: "1", to: "" }))).to.match(
        /^Order 1 was taken whole or cancelled/,
      );
    });

    it("should list what is open, the best first", async () => {
      const { session, other } = local();
      await giveXp(local(), session.account, "1000");
      const listed = async (last = "200"): Promise<string> =>
        trade.describeBook(await trade.readBook(session, { last }));
      expect(await listed()).to.equal("None of the latest 0 of 0 orders is open.");
      for (const price of ["0.03", "0.02", "0.025"]) await trade.ask(session, { amount: "10", price });
      for (const price of ["0.01", "0.015"]) await trade.bid(other, { amount: "10", price });
      await trade.cancelOrder(session, { order: "3", to: "" });
      const book = await trade.readBook(session, { last: "200" });
      expect(book.asks.map(({ order }) => order)).to.deep.equal([2n, 1n]);
      expect(book.bids.map(({ order }) => order)).to.deep.equal([5n, 4n]);
      expect(await listed()).to.match(/4 of the latest 5 of 5 orders are open\.$/);
      expect(await listed("1")).to.match(/1 of the latest 1 of 5 orders are open\.$/);
    });

    it("should say what does not allow it, and send nothing", async () => {
      const { session, other } = local();
      await giveXp(local(), session.account, "10");
      await trade.ask(session, { amount: "10", price: "0.02" });
      const nonces = await noncesOf(session, other);
      const asking = (input: object): Promise<string> =>
        refusal(trade.ask(session, { amount: "1", price: "0.02", ...input }));
      const filling = (input: object, who = other): Promise<string> =>
        refusal(trade.fill(who, { order: "1", amount: "10", limit: "", ...input }));
      expect(await asking({})).to.match(/ holds 0 XP, and 1 XP are needed\.$/);
      expect(await asking({ amount: "0" })).to.match(/^An order is for more than nothing/);
      expect(await asking({ price: "0" })).to.match(/^A price is above zero and at most/);
      expect(await asking({ price: "0.0200001" })).to.match(/^--price is "0\.0200001".*at most 6 decimals/);
      expect(await refusal(trade.bid(other, { amount: "100000000", price: "1" }))).to.match(
        /and 100,000,000 TUSD are needed/,
      );
      expect(await filling({ order: "2" })).to.match(/^There is no order 2/);
      expect(await filling({ amount: "0" })).to.match(/^An amount of zero takes nothing/);
      expect(await filling({ limit: "0.19" })).to.match(
        /^It costs 0\.200000 TUSD, more than the 0\.190000 TUSD allowed/,
      );
      // A limit is for all that is wanted, of which half is left.
      expect(await filling({ amount: "20", limit: "0.39" })).to.match(
        /^It costs 0\.200000 TUSD, more than the 0\.195000 TUSD allowed/,
      );
      expect(await filling({}, session)).to.match(/^Order 1 is the account's own/);
      expect(await noncesOf(session, other)).to.deep.equal(nonces);
    });
  });

  describe("sell and buy", () => {
    it("should swap in one transaction, and tell what the pool took and gave", async () => {
      const { session, other } = local();
      await fillPool(local());
      await giveXp(local(), session.account, "1000");
      const nonce = (await session.signer?.getNonce()) ?? 0;
      const { expected } = await drafted(session, session.account, (keyless) =>
        trade.sell(keyless, { amount: "1", slippage: "1", validFor: "7d" }),
      );
      const now = await session.connection.ethers.provider.getBlock("latest");
      expect(expected.at(-1)).to.equal(
        `The router refuses it after ${formatMoment(BigInt(now?.timestamp ?? 0) + 604_800n)}.`,
      );
      const sold = await trade.sell(session, { amount: "1000", slippage: "1", validFor: "30m" });
      expect(await session.signer?.getNonce()).to.equal(nonce + 1);
      const [, got] =
        /^The pool took 1,000 XP and gave (19\.\d{6}) TUSD\.$/.exec(sold.transaction.events[0] ?? "") ?? [];
      expect(sold.balance).to.equal(dollars("10000") + dollars(got ?? "0"));
      expect(sold.expected[0]).to.contain(`1,000 XP sold for ${got ?? ""} TUSD, and at least 19.74`);
      const bought = await trade.buy(other, { amount: "1000", slippage: "0.5", validFor: "30m" });
      expect(bought.balance).to.equal(parseEther("1000"));
      expect(bought.transaction.events[0]).to.match(/^The pool took 20\.0\d+ TUSD and gave 1,000 XP\.$/);
    });

    it("should say what does not allow it, and send nothing", async () => {
      const { session, other, deployment } = local();
      await giveXp(local(), session.account, "100000");
      const selling = (input: object): Promise<string> =>
        refusal(trade.sell(session, { amount: "1", slippage: "1", validFor: "30m", ...input }));
      const buying = (input: object): Promise<string> =>
        refusal(trade.buy(other, { amount: "1", slippage: "1", validFor: "30m", ...input }));
      expect(await selling({})).to.match(/^The pool has no liquidity: trade with `hardhat xp orders`/);
      await fillPool(local());
      const nonces = await noncesOf(session, other);
      expect(await selling({ amount: "50000" })).to.match(/^For this amount the pool's price goes beyond the bound/);
      expect(await buying({ amount: "50000" })).to.match(/^For this amount the pool's price goes beyond the bound/);
      expect(await buying({ amount: "600000", slippage: "100" })).to.match(
        /^For this amount the pool's price goes beyond/,
      );
      expect(await selling({ amount: "100001" })).to.match(/ holds 100,000 XP, and 100,001 XP are needed/);
      expect(await selling({ amount: "0" })).to.match(/^An amount of zero sells nothing/);
      expect(await buying({ amount: "0" })).to.match(/^An amount of zero buys nothing/);
      expect(await selling({ slippage: "101" })).to.match(/^--slippage is "101"/);
      expect(await selling({ validFor: "0m" })).to.match(
        /^--valid-for is no time at all: write how long the swap may wait/,
      );
      expect(await buying({ validFor: "soon" })).to.match(
        /^--valid-for is "soon": write a whole number and d, h, m or s/,
      );
      const { swapRouter, ...without } = deployment.xp;
      expect(swapRouter).not.to.equal(undefined);
      const routerless = Object.create(deployment, { xp: { value: without } }) as typeof deployment;
      expect(
        await refusal(
          trade.sell({ ...session, deployment: routerless }, { amount: "1", slippage: "1", validFor: "30m" }),
        ),
      ).to.match(/^This deployment knows no router of Uniswap's/);
      expect(await noncesOf(session, other)).to.deep.equal(nonces);
    });

    it("should say so when the pool's liquidity ends before the amount", async () => {
      await fillPool(local(), 600n);
      const more = { amount: "1000000", slippage: "100", validFor: "30m" };
      expect(await refusal(trade.buy(local().other, more))).to.equal(
        "The pool cannot give this much: give a lower --amount.",
      );
    });
  });

  it("should announce each step before it sends it", async () => {
    const { session, other } = local();
    await fillPool(local());
    await giveXp(local(), session.account, "20000");
    await expectAnnouncedFirst(session, (s) => tiers.burn(s, { tier: "1", maxBurn: "" }));
    await expectAnnouncedFirst(session, (s) => tiers.buyAndBurn(s, BUY));
    await expectAnnouncedFirst(session, (s) => trade.ask(s, { amount: "1", price: "0.02" }));
    await expectAnnouncedFirst(other, (s) => trade.bid(s, { amount: "1", price: "0.02" }));
    await trade.ask(session, { amount: "1", price: "0.02" });
    await expectAnnouncedFirst(other, (s) => trade.fill(s, { order: "1", amount: "", limit: "" }));
    await expectAnnouncedFirst(session, (s) => trade.cancelOrder(s, { order: "1", to: "" }));
    await expectAnnouncedFirst(session, (s) => trade.sell(s, { amount: "1", slippage: "1", validFor: "30m" }));
    await expectAnnouncedFirst(other, (s) => trade.buy(s, { amount: "1", slippage: "1", validFor: "30m" }));
  });
});
