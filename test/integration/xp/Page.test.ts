import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import hre from "hardhat";

import { failureShiftTable, fundedBy, INITIAL_KAPPA, MAX_XP_SUPPLY } from "../../../src/xp/redistribution.js";
import { SOURCE_TIERS } from "../../../src/xp/tiers.js";

const XP = 10n ** 18n;
const count = (value: bigint): string => value.toLocaleString("en");

/** What docs/xp.md says in numbers, held against the models. */
describe("The page of the XP Flywheel", () => {
  let text: string;
  /** Every table row of the page, its cells without padding. */
  let rows: readonly string[];

  const cellsOf = (row: string): string =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim())
      .join("|");

  before(async () => {
    text = await readFile(join(hre.config.paths.root, "docs", "xp.md"), "utf8");
    rows = text
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map(cellsOf);
  });

  it("shows what moving failures wins as the model computes it", () => {
    const expected = failureShiftTable().split("\n").slice(2).map(cellsOf);
    expect(expected).to.have.length(15);
    expect(rows).to.include.members(expected);
  });

  it("shows the source's tiers as they are deployed", () => {
    expect(SOURCE_TIERS).to.have.length(5);
    for (const { name, feeBps, price, volume, saving } of SOURCE_TIERS) {
      const [whole, hundredths] = [feeBps / 100n, feeBps % 100n];
      const fee = hundredths % 10n === 0n ? `${whole}.${hundredths / 10n}` : `${whole}.${hundredths}`;
      expect(rows).to.include(`${name}|${fee} %|${count(price / XP)}|${count(volume)}|${count(saving)}`);
    }
  });

  it("says what washing earns at each price of XP", () => {
    const fees = 1_000n;
    const earned = (fees * INITIAL_KAPPA) / XP;
    for (const cents of [1n, 2n, 5n, 10n]) {
      const worth = (earned * cents) / 100n;
      const result = worth - fees;
      const shown = result > 0n ? `+${count(result)}` : result < 0n ? `−${count(-result)}` : "0";
      expect(rows).to.include(
        `0.${cents.toString().padStart(2, "0")}|${count(fees)}|${count(earned)}|${count(worth)}|${shown}`,
      );
    }
  });

  it("says by how much the bootstrap grows, and that it ends at the maximum", () => {
    const last = fundedBy(52n) - fundedBy(51n);
    expect(text.replace(/\s+/g, " ")).to.include(
      `by ${(Number(fundedBy(1n) / XP) / 1e6).toFixed(2)} million XP in the first week and ${count((last + XP / 2n) / XP)} in the 52nd`,
    );
    expect(fundedBy(52n)).to.equal(MAX_XP_SUPPLY);
    expect(fundedBy(53n)).to.equal(MAX_XP_SUPPLY);
  });
});
