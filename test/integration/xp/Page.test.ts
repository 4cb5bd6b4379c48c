import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import hre from "hardhat";

import {
  batchedWeeks,
  failureShiftTable,
  fundedBy,
  INITIAL_KAPPA,
  MAX_XP_SUPPLY,
} from "../../../src/xp/redistribution.js";
import { BASE_FEE_BPS, jobBond, jobShares } from "../../../src/xp/jobs.js";
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

  /** The page without its line breaks. */
  const prose = (): string => text.replace(/\s+/g, " ");

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

  it("says what settling four weeks together wins", () => {
    const { weekly, together, gainBps } = batchedWeeks();
    expect(prose()).to.include(
      `${count(weekly / XP)} XP settled weekly, ${count(together / XP)} together, ${gainBps / 100n}.${gainBps % 100n} % more`,
    );
  });

  it("says at which price of XP a fleet's discount is worth nothing", () => {
    const volume = 25_000_000n;
    const diamond = SOURCE_TIERS.find(({ name }) => name === "Diamond");
    if (!diamond) throw new Error("the source has a tier that it calls Diamond");
    const [basic, fee] = [(volume * 250n) / 10_000n, (volume * diamond.feeBps) / 10_000n];
    const kappa = INITIAL_KAPPA / XP;
    const [burned, forgone] = [diamond.price / XP, (basic - fee) * kappa];
    expect(prose()).to.include(`which leaves ${count(basic - fee - (burned * 2n) / 100n - (forgone * 2n) / 100n)}.`);
    expect(prose()).to.include(
      `where the saving of ${count(basic - fee)} equals the price of the ${count(burned)} burned and of the ${count(forgone)} not earned: ` +
        `at 0.0${((basic - fee) * 10_000n) / (burned + forgone)}`,
    );
    expect(prose()).to.include(`the source's own, 0.${((basic - fee) * 10_000n) / burned}.`);
  });

  it("says what each side of a rejected job is left with where the arbiter is silent", () => {
    const payment = 1_000_000n;
    const bond = jobBond(payment, 500n);
    const { toPayee, toClient } = jobShares("Split", payment, bond, BASE_FEE_BPS);
    const percent = (value: bigint) => (Number(value) / 10_000).toString();
    expect(prose()).to.include(
      `still gets ${percent(toPayee)} % and loses its bond of ${percent(bond)} %, which leaves ${percent(toPayee - bond)} %`,
    );
    expect(prose()).to.include(`pays half the payment and its bond, ${percent(payment - toClient + bond)} %`);
  });

  it("says by how much the bootstrap grows, and that it ends at the maximum", () => {
    const last = fundedBy(52n) - fundedBy(51n);
    expect(prose()).to.include(
      `by ${(Number(fundedBy(1n) / XP) / 1e6).toFixed(2)} million XP in the first week and ${count((last + XP / 2n) / XP)} in the 52nd`,
    );
    expect(fundedBy(52n)).to.equal(MAX_XP_SUPPLY);
    expect(fundedBy(53n)).to.equal(MAX_XP_SUPPLY);
  });
});
