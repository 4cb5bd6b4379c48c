import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import hre from "hardhat";

import { gasTable, markdownTable, measuredPart, ratio, withMeasuredPart } from "../../../bench/render.js";
import { aboveLimits, type GasSection, slowRows } from "../../../bench/report.js";
import { runBench } from "../../../bench/run.js";

const section: GasSection = {
  id: "example",
  title: "Example",
  note: "A note.",
  peers: ["One", "Another"],
  rows: [
    {
      call: "pay",
      given: "to a holder",
      ours: { gas: 31_000n, floor: 25_000n },
      peers: [100_000n, undefined],
      limit: 32_000n,
    },
    { call: "take", given: "back", ours: { gas: 100_000n, floor: 50_000n }, peers: [50_000n, 200_000n] },
  ],
};

const page = `# Title

Text.

<!-- measured: written by \`npm run bench -- --write\` -->

old

<!-- /measured -->

More text.
`;

describe("Bench report", () => {
  const silent = { timings: false, write: false, progress: (): void => undefined };

  it("shows a dash for gas and ratio where a peer has no such call", () => {
    expect(markdownTable(gasTable(section)).split("\n")).to.deep.equal([
      "| call | given       |    ours |     One | ours/peer | Another | ours/peer |  floor | ours/floor |  limit |",
      "| ---- | ----------- | ------: | ------: | --------: | ------: | --------: | -----: | ---------: | -----: |",
      "| pay  | to a holder |  31,000 | 100,000 |     0.31× |       – |         – | 25,000 |      1.24× | 32,000 |",
      "| take | back        | 100,000 |  50,000 |     2.00× | 200,000 |     0.50× | 50,000 |      2.00× |      – |",
    ]);
  });

  it("names the rows that use more than their limit, and those alone", () => {
    expect(aboveLimits([section])).to.deep.equal([]);
    const rows = section.rows.map((row) => ({ ...row, limit: 31_000n }));
    expect(aboveLimits([section, { ...section, id: "other", rows }])).to.deep.equal([
      "other: take, back, uses 100000 gas and may use 31000.",
    ]);
  });

  it("names the work that takes longer or holds more than its limit, and that alone", () => {
    const row = { work: "counting", leaves: 9, ours: 60, peakMegabytes: 3_000 };
    const limit = { seconds: 60, peakMegabytes: 3_000 };
    expect(slowRows([row, { ...row, limit }, { ...row, limit: { seconds: 60 } }])).to.deep.equal([]);
    expect(slowRows([{ ...row, ours: 60.5, peakMegabytes: 3_001, limit }])).to.deep.equal([
      "timings: counting of 9 leaves takes 60.50 s and may take 60.",
      "timings: counting of 9 leaves holds 3001 MiB and may hold 3000.",
    ]);
  });

  it("gives a ratio with two places", () => {
    expect(ratio(1n, 3n)).to.equal("0.33×");
    expect(ratio(3n, 3n)).to.equal("1.00×");
  });

  it("replaces what stands between the markers and nothing else", () => {
    expect(measuredPart(page)).to.equal("old");
    const written = withMeasuredPart(page, "new");
    expect(measuredPart(written)).to.equal("new");
    expect(written).to.equal(page.replace("old", "new"));
  });

  it("refuses a page without its markers", () => {
    expect(() => withMeasuredPart("# Title\n", "new")).to.throw("has no pair of markers");
  });

  const gasPage = join(hre.config.paths.root, "docs/gas.md");

  async function failureOf(only: string, write: boolean): Promise<string> {
    const failure = await runBench(hre, { ...silent, only, write }).catch((error: unknown) => error);
    return failure instanceof Error ? failure.message : "none";
  }

  it("refuses an unknown part and names those there are", async () => {
    expect(await failureOf("ranks", false)).to.equal(
      '--only is "ranks": use one of rank, tokens, airdrop, emission, sale, vesting, votes, nodes, xme-scale, governor, buyback, mining, people, xp, xp-scale, xe, sizes, timings.',
    );
  });

  it("refuses to write a page of which it measures a part, and writes nothing", async () => {
    const before = await readFile(gasPage, "utf8");
    expect(await failureOf("vesting", true)).to.match(/^--write writes whole pages/);
    expect(await readFile(gasPage, "utf8")).to.equal(before);
  });

  it("measures the part asked for alone", async () => {
    const { gas, sizes, timings, text } = await runBench(hre, { ...silent, only: "vesting" });
    expect(gas.map(({ id }) => id)).to.deep.equal(["vesting"]);
    expect([sizes, timings]).to.deep.equal([undefined, undefined]);
    expect(text)
      .to.match(/^Vesting beside/)
      .and.to.include("ours/floor");
  });
});
