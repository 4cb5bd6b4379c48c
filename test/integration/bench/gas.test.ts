import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { expect } from "chai";
import hre from "hardhat";

import { benchJob } from "../../../bench/compile.js";
import { GAS_SECTION_IDS, measureGas } from "../../../bench/gas.js";
import { stakingRewardsJob } from "../../../bench/peers.js";
import { hashOf, readPrebuilt } from "../../../bench/prebuilt.js";
import { measuredPart } from "../../../bench/render.js";
import type { CodeSize, GasRow, GasSection } from "../../../bench/report.js";
import { gasPage } from "../../../bench/run.js";
import { codeSizes } from "../../../bench/sizes.js";
import { effort } from "../../support/effort.js";

/** The page's parts by their headings. */
function partsOf(page: string): ReadonlyMap<string, string> {
  const parts = page.split(/^(?=## )/m).filter((part) => part.trim() !== "");
  return new Map(parts.map((part) => [part.split("\n")[0] ?? "", part.trim()]));
}

/** Contracts of `bench/contracts/`. */
const BENCH_CONTRACTS = readdirSync(join(hre.config.paths.root, "bench/contracts")).map((file) =>
  basename(file, ".sol"),
);

/**
 * Every row of docs/gas.md, measured again. Instrumented code costs more and is larger, so a coverage run measures the rows
 * without holding them against anything.
 */
describe("Gas", () => {
  const plain = !hre.globalOptions.coverage;
  // Crowds take longer than all the rest: `npm run bench` and `npm run fuzz` measure them.
  const measured = GAS_SECTION_IDS.filter((id) => effort(!id.endsWith("-scale"), true));
  const sections = new Map<string, GasSection>();
  let sizes: readonly CodeSize[];

  // One by one, so that each has the time of a test.
  for (const id of measured) {
    before(`measures ${id}`, async () => {
      sections.set(id, await measureGas(hre, id));
    });
  }

  before("measures code", async () => {
    sizes = await codeSizes(hre);
  });

  function rowsOf(id: string): readonly GasRow[] {
    const rows = sections.get(id)?.rows ?? [];
    expect(rows.length, `rows of ${id}`).to.be.greaterThan(0);
    return rows;
  }

  const allRows = (): readonly GasRow[] => measured.flatMap(rowsOf);

  it("is in docs/gas.md to the last unit", async () => {
    const written = partsOf(measuredPart(await readFile(join(hre.config.paths.root, "docs/gas.md"), "utf8")));
    const again = partsOf(gasPage([...sections.values()], sizes));
    expect(again.size).to.equal(measured.length + 1);
    expect(written.size).to.equal(GAS_SECTION_IDS.length + 1);
    for (const [title, part] of again) {
      const message = `docs/gas.md is not current: run \`npm run bench -- --write\` (${title})`;
      if (plain) expect(written.get(title)?.split("\n"), message).to.deep.equal(part.split("\n"));
    }
  });

  it("has a limit of the design for each call that the design names", () => {
    const limits = new Set(
      allRows()
        .filter(({ limit }) => limit !== undefined)
        .map(({ call, limit }) => `${call} ${limit?.toString()}`),
    );
    expect([...limits].sort()).to.deep.equal([
      "acceptLease 110000",
      "burnForTier 75000",
      "checkIn 35000",
      "claim 65000",
      "claim 70000",
      "claim of 1,000,000 110000",
      "claimMintReward 52000",
      "claimMintReward 69000",
      "claimMintRewardAndStake 90000",
      "claimRank 56000",
      "claimRank 62000",
      "delegate 125000",
      "delegate 90000",
      "lease 150000",
      "renewMembership 110000",
      "settle 140000",
      "settleLease 130000",
      "stake 135000",
      "stake 260000",
      "stake 75000",
      "tip 95000",
      "transfer 95000",
      "withdraw 46000",
      "withdraw 63000",
    ]);
  });

  it("stays within each limit of the design", () => {
    for (const { call, given, ours, limit } of allRows()) {
      if (plain && limit !== undefined) expect(ours.gas <= limit, `${call}, ${given}: ${ours.gas}`).to.equal(true);
    }
  });

  it("claims an airdrop for less than Uniswap's distributor at the same depth", () => {
    for (const { given, call, ours, peers } of rowsOf("airdrop")) {
      const [uniswap] = peers;
      if (uniswap === undefined) throw new Error(`${call}, ${given}: the distributor was not measured.`);
      if (plain) expect(ours.gas < uniswap, `${call}, ${given}: ${ours.gas} and ${uniswap}`).to.equal(true);
    }
  });

  it("costs less than XEN Crypto in every call that mints or stakes", () => {
    const rows = rowsOf("rank").filter(({ call }) => /^(claim|stake|withdraw)/.test(call));
    expect(rows.length).to.be.greaterThan(15);
    for (const { given, call, ours, peers } of rows) {
      const [xen] = peers;
      if (xen === undefined) throw new Error(`${call}, ${given}: XEN Crypto was not measured.`);
      if (plain) expect(ours.gas < xen, `${call}, ${given}: ${ours.gas} and ${xen}`).to.equal(true);
    }
  });

  it("pays the dividends of votes for less than Synthetix's StakingRewards", () => {
    const rows = rowsOf("votes").filter(({ call, peers }) => call === "claim" && peers.at(-1) !== undefined);
    expect(rows.length).to.equal(2);
    for (const { given, call, ours, peers } of rows) {
      const rewards = peers.at(-1) ?? 0n;
      if (plain) expect(ours.gas < rewards, `${call}, ${given}: ${ours.gas} and ${rewards}`).to.equal(true);
    }
  });

  /** The gas of the rows of a section that differ by nothing but a size, by what they have in common. */
  function kindsOf(section: string, size: RegExp): Map<string, bigint[]> {
    const kinds = new Map<string, bigint[]>();
    for (const { call, given, ours } of rowsOf(section)) {
      const kind = `${call}, ${given.replace(size, "$1")}`;
      kinds.set(kind, [...(kinds.get(kind) ?? []), ours.gas]);
    }
    return kinds;
  }

  if (effort(false, true)) {
    it("settles and claims for the same in a crowd of any size and after idleness of any length", () => {
      const kinds = kindsOf("xp-scale", /[\d,]+ (agents|idle week)s?/);
      expect([...kinds.values()].map((gas) => gas.length)).to.deep.equal([3, 3, 3, 3, 3]);
      for (const [kind, gas] of kinds) if (plain) expect(new Set(gas).size, kind).to.equal(1);
    });

    it("stakes, delegates, claims and leaves for the same in a crowd of any size and after idleness of any length", () => {
      const kinds = kindsOf("xme-scale", /[\d,]+ (stakers|delegators|idle month)s?/);
      expect(kinds.size).to.equal(24);
      for (const [kind, gas] of kinds) {
        expect(gas.length, kind).to.equal(2);
        if (plain) expect(new Set(gas).size, kind).to.equal(1);
      }
    });

    it("measures peers whose code is on record by the code that their compiler gives", async () => {
      const jobs = [
        await stakingRewardsJob(),
        ...(await Promise.all(BENCH_CONTRACTS.map((name) => benchJob(hre, name)))),
      ];
      for (const job of jobs) {
        const { abi, bytecode } = await job.compile();
        const known = readPrebuilt(job.contract);
        expect([known?.abi, known?.bytecode], job.contract).to.deep.equal([abi, bytecode]);
        expect(
          known?.hash,
          `${job.contract} is compiled from something else: run \`npm run bench -- --write\``,
        ).to.equal(hashOf(job));
      }
    }).timeout(300_000);
  }

  it("lies above the floor in every row", () => {
    for (const { given, call, ours } of allRows()) {
      expect(ours.floor >= 21_000n && ours.floor < ours.gas, `${call}, ${given}`).to.equal(true);
    }
  });
});
