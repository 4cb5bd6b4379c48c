import { expect } from "chai";

import { formatAmount, formatCount, renderTable } from "../../../src/format.js";
import { sqrtPriceOfAmounts, swapExactOutput } from "../../../src/uniswap/index.js";
import { meanTick, XpPoolModel } from "../../../tasks/demo/pool.js";
import { figure, Story } from "../../../tasks/demo/story.js";

describe("Story", () => {
  it("refuses a table that belongs to no chapter", () => {
    expect(() => {
      new Story(() => undefined).table("t", ["a"], [["b"]]);
    }).to.throw("A table needs a chapter");
  });

  it("counts figures that agree, shows both sides and marks them equal", () => {
    const printed: string[] = [];
    const story = new Story((text) => printed.push(text));
    story.chapter("One", "prose");
    story.table("t", ["who", "tokens"], [["Ada", figure(5n * 10n ** 18n, 5n * 10n ** 18n)]]);
    expect(story.figures).to.equal(1);
    expect(story.differences).to.deep.equal([]);
    expect(printed.at(-1)).to.match(/Ada\s+5\.00\s+5\.00\s+=/);
  });

  it("marks a figure that differs, however small the difference, and names its place and both numbers", () => {
    const printed: string[] = [];
    const story = new Story((text) => printed.push(text));
    story.chapter("One");
    story.table("t", ["who", "tokens"], [["Ada", figure(10n ** 18n, 10n ** 18n + 1n)]]);
    expect(story.differences).to.deep.equal([
      "t, Ada, tokens: the chain says 1000000000000000000, the model 1000000000000000001",
    ]);
    expect(printed.at(-1)).to.match(/1\.00\s+1\.00\s+≠/);
  });

  it("shows dollars, prices and points with the decimals that they have", () => {
    const printed: string[] = [];
    const story = new Story((text) => printed.push(text));
    story.chapter("One");
    story.table(
      "t",
      ["what", "value"],
      [
        ["dollars", figure(1_234_567_899n, 1_234_567_899n, "dollars")],
        ["price", figure(18_042n, 18_042n, "price")],
        ["points", figure(785_200n * 10n ** 14n, 785_200n * 10n ** 14n, "points")],
      ],
    );
    expect(printed.at(-1)).to.match(/dollars\s+1,234\.56\s/);
    expect(printed.at(-1)).to.match(/price\s+0\.018042\s/);
    expect(printed.at(-1)).to.match(/points\s+78\.52\s/);
  });

  it("shows where a proposal stands by its word, votes as whole tokens, and times as days and hours, or that there is none", () => {
    const printed: string[] = [];
    const story = new Story((text) => printed.push(text));
    story.chapter("One");
    story.table(
      "t",
      ["what", "value"],
      [
        ["state", figure(5n, 7n, "state")],
        ["unknown", figure(9n, 9n, "state")],
        ["votes", figure(12_345n * 10n ** 18n, 12_345n * 10n ** 18n, "votes")],
        ["time", figure(8n * 86_400n + 3n * 3_600n + 62n, 0n, "moment")],
      ],
    );
    expect(printed.at(-1)).to.match(/state\s+queued\s+executed\s+≠/);
    expect(printed.at(-1)).to.match(/unknown\s+state 9\s/);
    expect(printed.at(-1)).to.match(/votes\s+12,345\s/);
    expect(printed.at(-1)).to.match(/time\s+day 8, 03:01:02\s+–\s+≠/);
  });

  it("gives the whole story as JSON with amounts as decimal strings", () => {
    const story = new Story(() => undefined);
    story.chapter("One", "prose");
    story.table("t", ["who", "count"], [["Ada", figure(1n, 2n, "count")]]);
    story.note("note");
    expect(JSON.parse(JSON.stringify(story))).to.deep.equal({
      chapters: [
        {
          title: "One",
          prose: ["prose", "note"],
          tables: [
            {
              title: "t",
              columns: ["who", "count"],
              rows: [["Ada", { chain: "1", model: "2", equal: false, unit: "count" }]],
            },
          ],
        },
      ],
      figures: 1,
      differences: ["t, Ada, count: the chain says 1, the model 2"],
    });
  });
});

describe("formatAmount", () => {
  it("groups digits and cuts the places after the point", () => {
    expect(formatAmount(1_234_567_999_999_999_999_999_999n)).to.equal("1,234,567.99");
    expect(formatAmount(1_500_000n, 6, 1)).to.equal("1.5");
  });

  it("shows amounts below one, negative ones and whole ones", () => {
    expect(formatAmount(5n, 18, 18)).to.equal("0.000000000000000005");
    expect(formatAmount(-1_234n * 10n ** 18n)).to.equal("-1,234.00");
    expect(formatAmount(0n)).to.equal("0.00");
    expect(formatCount(1_000_000)).to.equal("1,000,000");
    expect(formatCount(999n)).to.equal("999");
  });
});

describe("renderTable", () => {
  it("aligns words to the left and numbers to the right", () => {
    const text = renderTable(
      [
        { title: "who", align: "left" },
        { title: "tokens", align: "right" },
      ],
      [
        ["Ada", "1.00"],
        ["Benjamin", "1,000.00"],
      ],
    );
    expect(text.split("\n")).to.deep.equal([
      "who         tokens",
      "────────  ────────",
      "Ada           1.00",
      "Benjamin  1,000.00",
    ]);
  });
});

describe("XpPoolModel", () => {
  const XP = 10n ** 18n;
  const open = (xpFirst: boolean): XpPoolModel => new XpPoolModel({ xpFirst, price: 20_000n, fee: 3_000n, at: 1_000n });
  const million = { xp: 1_000_000n * 10n ** 18n, payment: 20_000n * 10n ** 6n };

  it("opens at its price, takes both tokens, and buys and sells alike whichever token has the lower address", () => {
    const [first, second] = [open(true), open(false)].map((pool) => {
      const opening = pool.price;
      const taken = pool.provide(1_500n, million);
      const sold = pool.sell(2_000n, 50_000n * 10n ** 18n);
      const cost = pool.cost(10_000n * 10n ** 18n);
      expect(pool.buy(3_000n, 10_000n * 10n ** 18n)).to.equal(cost);
      return [opening, taken.payment, sold, cost, pool.price];
    });
    expect(first?.map((amount, i) => amount - (second?.[i] ?? 0n)).every((gap) => gap >= -1n && gap <= 1n)).to.equal(
      true,
    );
    expect(first?.[0]).to.be.within(19_999n, 20_000n);
    expect(first?.[2]).to.be.within(949_000_000n, 950_000_000n);
  });

  it("weighs each price by the time that it was in force", () => {
    for (const pool of [open(true), open(false)]) {
      pool.provide(1_500n, million);
      pool.sell(2_000n, 50_000n * 10n ** 18n);
      const [before, after] = [pool.meanPrice(2_000n, 500n), pool.meanPrice(3_000n, 1_000n)];
      expect(before - 20_000n).to.be.within(-2n, 2n);
      expect(after - pool.price).to.be.within(-2n, 2n);
      // Of prices that are no further apart than these the geometric mean is a little below the arithmetic one.
      const even = pool.meanPrice(3_000n, 2_000n);
      expect(even).to.be.within((before + after) / 2n - 30n, (before + after) / 2n);
    }
  });

  it("asks what Uniswap's arithmetic of a single range asks, and sells no more than it holds", () => {
    for (const xpFirst of [true, false]) {
      const pool = open(xpFirst);
      pool.provide(1_500n, million);
      const sqrtPriceX96 = xpFirst ? sqrtPriceOfAmounts(20_000n, XP) : sqrtPriceOfAmounts(XP, 20_000n);
      for (const amountOut of [1n, XP, 1_234n * XP + 5n]) {
        const swap = { liquidity: pool.liquidity, sqrtPriceX96, fee: 3_000n, zeroForOne: !xpFirst, amountOut };
        expect(pool.cost(amountOut)).to.equal(swapExactOutput(swap).amountIn);
      }
      const before = pool.price;
      expect(() => pool.cost(1_000_001n * XP)).to.throw(RangeError, "holds no more than 9");
      expect(pool.price).to.equal(before);
    }
  });

  it("knows no mean of a time before it opened", () => {
    expect(() => open(true).meanPrice(2_000n, 1_001n)).to.throw(RangeError, "younger than 1001 seconds");
  });

  it("rounds a mean tick down, below zero too", () => {
    expect([meanTick(7n, 2n), meanTick(-7n, 2n), meanTick(-8n, 2n), meanTick(0n, 2n)]).to.deep.equal([
      3n,
      -4n,
      -4n,
      0n,
    ]);
  });
});
