import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { expect } from "chai";
import hre from "hardhat";

import { formatAmount, formatCount, renderTable } from "../../../src/format.js";
import { figure, Story } from "../../../tasks/demo/story.js";

interface ToldFigure {
  chain: string;
  model: string;
  equal: boolean;
}

interface ToldStory {
  chapters: { title: string; tables: { title: string; columns: string[]; rows: (string | ToldFigure)[][] }[] }[];
  figures: number;
  differences: string[];
}

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

describe("The demo", function () {
  this.timeout(180_000);
  let told: ToldStory;

  before(() => {
    const cli = join(hre.config.paths.root, "node_modules/hardhat/dist/src/cli.js");
    const flags = hre.globalOptions.coverage ? ["--coverage"] : [];
    const result = spawnSync(process.execPath, [cli, ...flags, "demo", "--json"], {
      cwd: hre.config.paths.root,
      encoding: "utf8",
      maxBuffer: 64 * 2 ** 20,
    });
    expect(result.stderr).to.equal("");
    expect(result.status).to.equal(0);
    told = JSON.parse(result.stdout) as ToldStory;
  });

  function rowsOf(title: RegExp): (string | ToldFigure)[][] {
    const table = told.chapters.flatMap(({ tables }) => tables).find((one) => title.test(one.title));
    if (table === undefined) throw new Error(`The story has no table ${String(title)}.`);
    return table.rows;
  }

  it("tells every chapter, and nothing but JSON", () => {
    expect(told.chapters.map(({ title }) => title)).to.deep.equal([
      "A chain in memory",
      "XRANK: free to mint, for those who wait",
      "X.me: genesis",
      "X.me: the public sale",
      "X.me: the airdrop",
      "X.me: vesting and emission",
    ]);
  });

  it("compares at least two hundred figures with the models, and none differs", () => {
    expect(told.figures).to.be.at.least(200);
    expect(told.differences).to.deep.equal([]);
    const figures = told.chapters.flatMap(({ tables }) => tables.flatMap(({ rows }) => rows.flat()));
    expect(figures.filter((cell) => typeof cell === "object" && cell.equal)).to.have.length(told.figures);
  });

  it("shows every late penalty, shares, and stakes to the end and withdrawn early", () => {
    const penalties = rowsOf(/^Minted, on time and late/).map(
      (row) => `${String(row[2])}: ${(row[3] as ToldFigure).chain}`,
    );
    expect(penalties).to.include.members([
      "0: 0",
      "1: 1",
      "2: 3",
      "3: 8",
      "4: 17",
      "5: 35",
      "6: 72",
      "7: 99",
      "300: 99",
    ]);
    expect(rowsOf(/shared with a friend/).length).to.be.at.least(5);
    const yields = rowsOf(/^Staked/).map((row) => [String(row[1]), BigInt((row[5] as ToldFigure).chain)] as const);
    expect(yields.some(([when, reward]) => when === "to the end" && reward > 0n)).to.equal(true);
    expect(yields.some(([when, reward]) => when.startsWith("early") && reward === 0n)).to.equal(true);
  });

  it("hits the cap of a wallet and the cap of the sale", () => {
    const outcomes = rowsOf(/^Purchases/).map((row) => row[2]);
    expect(outcomes).to.include.members([
      "refused: WalletCapReached",
      "in part: the cap",
      "in part: the last XME",
      "refused: SoldOut",
    ]);
    expect((rowsOf(/^The sale at its end/)[0]?.[1] as ToldFigure).chain).to.equal(
      (250_000_000n * 10n ** 18n).toString(),
    );
  });

  it("pays an airdrop of at least a thousand addresses", () => {
    expect(BigInt((rowsOf(/^and its accounts/)[0]?.[1] as ToldFigure).chain) >= 1_000n).to.equal(true);
  });

  it("shows vesting at 6, 12 and 24 months and emission up to its last year", () => {
    expect(rowsOf(/^Vesting/).map((row) => row[1])).to.include.members(["6", "12", "24"]);
    const last = rowsOf(/^Emission/).find((row) => row[0] === "year 8");
    expect((last?.[2] as ToldFigure).chain).to.equal((90_000_000_000n * 10n ** 18n).toString());
  });
});
